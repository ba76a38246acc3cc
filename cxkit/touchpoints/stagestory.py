"""What is told of the stages of a journey: the table, the sentence, the chart, the notes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cxkit.errors import visible
from cxkit.result import Change, Chart, Interval, Note, Shown, Table, alpha
from cxkit.surveys import story
from cxkit.surveys.groups import Settings
from cxkit.surveys.story import Phrase
from cxkit.touchpoints.painpoints import Metric, Stages

if TYPE_CHECKING:
    import polars as pl

NAMED = 4  # more of them are counted and not named
DRAWN = 30  # more stages are not drawn


def table(found: Stages, metric: Metric, settings: Settings, channel: str | None) -> Table:
    """The printed table, in the order of the journey; `channel` is the user's column."""
    rows = found.rows
    known = [name for name in ("usage_rate", "impact") if rows[name].count()]
    tested = rows["diff"].count() > 0
    columns: tuple[Shown, ...] = (
        "n",
        *(name for name in known if name == "usage_rate"),
        metric.figure,
        Interval(),
        *((Change(term="rest"), "p_adjusted") if tested else ()),
        metric.share,
        metric.cumulative,
        *(name for name in known if name == "impact"),
    )
    own = {"channel": visible(channel, story.HEADING)} if channel and _renamed(channel) else {}
    return Table(
        keys=("channel", "stage") if channel else ("stage",),
        columns=columns,
        headline=metric.measure.look.headline,
        total=False,
        footnotes=(*metric.footnotes[1:], *_marks(rows, settings)),
        headings=own,
        answer=answer(found.overall, metric),
    )


def _marks(rows: pl.DataFrame, settings: Settings) -> tuple[Phrase, ...]:
    tests = story.tests(rows, period=False)
    if not tests:
        return ()
    values = {"alpha": alpha(settings.confidence), "adjust": settings.adjust, "tests": tests}
    return (("marks-stages", values),)


def answer(overall: pl.DataFrame, metric: Metric) -> Phrase | None:
    """Which stages hold most of the low answers, in one sentence; None if some are withheld."""
    import polars as pl

    if any("suppressed" in flags for flags in overall["flags"].to_list()):
        return None
    few = overall.filter("vital_few").sort(metric.cumulative)
    if few.is_empty():
        return f"journey-none-{metric.name}", {"count": overall.height}
    names = [_name(name) for name in few["stage"].to_list()]
    values = {
        "name": names[0],
        "names": names,
        metric.share: few[metric.share][0],
        metric.cumulative: few.select(pl.col(metric.cumulative).max()).item(),
        "count": len(names),
        "every": overall.height,
    }
    key = "one" if len(names) == 1 else "few" if len(names) <= NAMED else "many"
    return f"journey-{key}-{metric.name}", values


def _name(stage: str | None) -> str:
    return "(blank)" if stage is None else visible(stage, 30)


def _renamed(channel: str) -> bool:
    """Whether the column of channels has another name than ours."""
    return channel.casefold() != "channel"


def chart(
    found: Stages,
    metric: Metric,
    settings: Settings,
    footnotes: Sequence[Phrase],
    channel: str | None,
) -> Chart:
    """A line for each channel over the stages, and a wide one for all of them together.

    Where no stage has enough answers for a line, its bars are drawn, which mark that.
    """
    import polars as pl

    named = found.overall.drop_nulls("stage")  # a blank has no place in the journey
    kept = named.sort(-pl.col("n"), nulls_last=True, maintain_order=True).head(DRAWN)
    kept = kept.sort("order")
    hidden = named.height - kept.height
    cut: tuple[Phrase, ...] = (("journey-cut", {"count": hidden}),) if hidden else ()
    title = finding(found, metric, alpha(settings.confidence))
    below = (*metric.footnotes[1:], *_marks(found.rows, settings), *cut)
    if not _enough(kept, metric):
        return Chart("bars", kept, "stage", metric.figure, "ci_low", "ci_high", finding=title,
                     footnotes=(*footnotes, metric.footnotes[0], *below))  # fmt: skip
    return Chart(
        mark="lines",
        rows=_along(found, kept["stage"], channel),
        x="stage",
        y=metric.figure,
        series="channel" if channel else None,
        x_label=visible(channel, story.HEADING) if channel and _renamed(channel) else None,
        finding=title,
        footnotes=(*footnotes, *below),
    )


def _enough(stages: pl.DataFrame, metric: Metric) -> bool:
    """Whether any stage has a figure on enough answers."""
    import polars as pl

    thin = pl.col("flags").list.contains("low-n")
    return not stages.filter(pl.col(metric.figure).is_not_null() & ~thin).is_empty()


def _along(found: Stages, stages: pl.Series, channel: str | None) -> pl.DataFrame:
    """The rows of these stages in the order of the journey; of channels with all together."""
    import polars as pl

    rows = found.rows
    if channel:
        flags = pl.col("flags").list.concat(pl.lit(["total"]))
        rows = pl.concat([rows, found.overall.with_columns(flags)])
    drawn = rows.filter(pl.col("stage").is_in(stages.implode()))
    return drawn.sort("order", nulls_last=True, maintain_order=True)


def finding(found: Stages, metric: Metric, level: float) -> Phrase:
    """The title: the lowest stage, if it is clearly below the others."""
    import polars as pl

    look, whole = metric.measure.look, {metric.figure: found.whole[metric.figure]}
    tested = found.overall.drop_nulls("p_adjusted")
    clear = tested.filter(pl.col("p_adjusted") < level)
    if tested.is_empty():
        return look.finding("whole", whole)
    if clear.is_empty():
        return look.finding("journey-alike", whole)
    lowest = tested.sort(metric.figure, "order").row(0, named=True)
    if lowest["diff"] >= 0 or lowest["p_adjusted"] >= level:
        most = clear.sort(pl.col("diff").abs(), "order", descending=[True, False])
        lowest = most.row(0, named=True)
    name = {"name": _name(lowest["stage"])}
    if lowest["diff"] < 0 and _everywhere(found.rows, lowest["stage"], metric, level):
        return "journey-everywhere", name
    return look.finding("leads" if lowest["diff"] > 0 else "trails", name, lowest["diff"])


def _everywhere(rows: pl.DataFrame, stage: str, metric: Metric, level: float) -> bool:
    """Whether a stage is the lowest of every channel, and clearly so."""
    import polars as pl

    figure = pl.col(metric.figure)
    enough = rows.filter(pl.col("channel").is_not_null() & pl.col("p_adjusted").is_not_null())
    low = enough.with_columns(figure.min().over("channel").alias("least")).filter(stage=stage)
    clear = (figure == pl.col("least")) & (pl.col("diff") < 0) & (pl.col("p_adjusted") < level)
    channels = rows["channel"].drop_nulls().n_unique()
    return low.height == channels > 1 and bool(low.select(clear.all()).item())


def group_notes(found: Stages, settings: Settings) -> list[Note]:
    """What is to be said of stages with few answers, with none, and of those withheld."""
    notes, kinds = [], {"low-n": "fewer than {least} answers: shown in brackets, not tested",
                        "no-data": "no valid answer"}  # fmt: skip
    keys = ["channel", "stage"] if found.rows["channel"].count() else ["stage"]
    rows = found.rows.to_dicts()
    for flag, what in kinds.items():
        names = [story.row_name(row, keys) for row in rows if flag in row["flags"]]
        if names:
            some = ", ".join(names[:5]) + f" and {len(names) - 5} more" * (len(names) > 5)
            message = f"{some}: {what.format(least=settings.min_n)}"
            notes.append(Note(flag, "info", message))
    hidden = sum("suppressed" in row["flags"] for row in rows)
    if hidden:
        message = f"{hidden:,} group{' is' if hidden == 1 else 's are'} withheld: fewer than "
        message += f"{settings.suppress} answers, or the next smallest that would give one away"
        notes.append(Note("suppressed", "info", message))
    return notes
