"""Where a journey hurts: the score of each stage, its part of the detractors, what it weighs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cxkit.errors import visible
from cxkit.result import Change, Chart, Interval, Note, Shown, Table, alpha
from cxkit.surveys import groups as side
from cxkit.surveys import ratings, satisfaction, scores, story
from cxkit.surveys.groups import COMPARISON, Settings
from cxkit.surveys.measured import Measure
from cxkit.surveys.ratings import Boxes
from cxkit.surveys.scores import Method
from cxkit.surveys.story import Look, Phrase
from cxkit.surveys.withholding import withheld
from cxkit.touchpoints.impacts import IMPACT
from cxkit.touchpoints.stages import CHANNEL, STAGE

if TYPE_CHECKING:
    import polars as pl

    from cxkit.touchpoints.stages import Staged

VITAL = (4, 5)  # the fewest stages that hold four fifths are the vital few
NAMED = 4  # more of them are counted and not named
DRAWN = 30  # more stages are not drawn


@dataclass(frozen=True)
class Metric:
    """What is measured at each stage.

    Args:
        name: `nps` or `csat`.
        measure: what it makes of counted answers.
        low: how many answers of a group are low, or what they weigh.
        share, cumulative: the columns of their shares.
        footnotes: what is told of the interval and of the answers.
    """

    name: str
    measure: Measure
    low: Callable[[pl.DataFrame], pl.Expr]
    share: str
    cumulative: str
    footnotes: tuple[Phrase, ...]

    @property
    def figure(self) -> str:
        """The column of the main figure."""
        return self.measure.look.figure

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of a row."""
        counts = self.measure.counts[1:]
        figures = (*counts, *self.measure.figures, *COMPARISON, "flags")
        shares = (self.share, self.cumulative, "vital_few")
        return ("stage", "channel", "order", "n", "usage_rate", *figures, *shares, *IMPACT)


def promoters(confidence: float) -> Metric:
    """Net Promoter Scores; low answers are those of detractors."""
    import polars as pl

    how = Method("adjusted-wald", confidence)

    def estimate(groups: pl.DataFrame, keys: Sequence[str]) -> tuple[pl.DataFrame, Any]:
        worth = scores.worth(groups, None)
        return scores.figures(groups, worth, how), lambda places: scores.against(
            groups, worth, None, places, how
        )

    def low(groups: pl.DataFrame) -> pl.Expr:
        return pl.col("w_detractors" if "w_detractors" in groups.columns else "detractors")

    look = Look("nps", ("n", "nps"), ("nps", Interval(), "n"), "bars")
    measure = Measure("journey", scores.COUNTS, scores.FIGURES, scores.classify, estimate, look)
    told: Phrase = ("interval-adjusted-wald", {"confidence": confidence})
    return Metric("nps", measure, low, "detractor_share", "detractor_cum_share", (told,))


def satisfied(boxes: Boxes, confidence: float) -> Metric:
    """Shares of satisfied answers; low answers are those in the bottom boxes."""

    def classify(cells: pl.DataFrame) -> pl.DataFrame:
        return ratings.classify(cells, boxes.scale)

    def estimate(groups: pl.DataFrame, keys: Sequence[str]) -> tuple[pl.DataFrame, Any]:
        found = satisfaction.figures(groups, boxes, confidence)
        return found, lambda places: satisfaction.against(groups, boxes, confidence)

    def low(groups: pl.DataFrame) -> pl.Expr:
        return satisfaction.dissatisfied(groups, boxes)

    look = Look("csat", ("n", "csat"), ("csat", Interval(), "n"), "bars", unit=100)
    counts, figures = ratings.COUNTS, satisfaction.FIGURES
    measure = Measure("journey", counts, figures, classify, estimate, look)
    told: tuple[Phrase, ...] = (
        ("interval-wilson", {"confidence": confidence}),
        ("satisfied-bottom", ratings.told(boxes)),
    )
    return Metric("csat", measure, low, "low_share", "low_cum_share", told)


# --- the rows -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stages:
    """The stages of a journey, measured.

    Args:
        rows: a row for each channel and stage.
        overall: a row for each stage, all channels together.
        whole: the figures of all answers together.
    """

    rows: pl.DataFrame
    overall: pl.DataFrame
    whole: Mapping[str, Any]


def measured_stages(
    metric: Metric, staged: Staged, settings: Settings, impact: pl.DataFrame
) -> Stages:
    """The figures of every stage, in every channel and in all together.

    Args:
        metric: what is measured.
        staged: the answers.
        settings: how stages are compared and shown.
        impact: by stage and channel, from `impacts.impacts`.
    """
    counts = metric.measure.classify(staged.answers.cells)
    keys = [STAGE, CHANNEL] if CHANNEL in counts.columns else [STAGE]
    frames = [side.summed(counts, own) for own in (keys, [STAGE])]
    known = [[CHANNEL]] if CHANNEL in keys else []
    hidden = withheld(frames, [keys, [STAGE]], settings.suppress, known)
    apart, overall = (
        _placed(frame.with_columns(rows), staged)
        for frame, rows in zip(frames, hidden, strict=True)
    )
    channels = [apart]
    if CHANNEL in keys:
        channels = apart.partition_by(CHANNEL, maintain_order=True)
    whole = metric.measure.estimate(side.summed(counts, ()), ())[0].row(0, named=True)
    rows = _told(_rated(channels, metric, settings), staged.usage, impact, metric)
    all_of_them = _told(_rated([overall], metric, settings), None, impact.clear(), metric)
    return Stages(rows, all_of_them, whole)


def _placed(groups: pl.DataFrame, staged: Staged) -> pl.DataFrame:
    """Groups with their place: the channel with most answers first, a blank last; then stages."""
    import polars as pl

    places = {name: i for i, name in enumerate(staged.order, 1)}
    order = pl.col(STAGE).replace_strict(
        list(places), list(places.values()), default=None, return_dtype=pl.Int64
    )
    groups = groups.with_columns(order.alias("order"), pl.lit(False).alias("unfinished"))
    by = ["order"]
    if CHANNEL in groups.columns:
        size = pl.col("n").sum().over(CHANNEL)
        groups = groups.with_columns(-size.alias("size"), pl.col(CHANNEL).is_null().alias("blank"))
        by = ["blank", "size", CHANNEL, "order"]
    return groups.sort(by, nulls_last=True)


def _rated(channels: Sequence[pl.DataFrame], metric: Metric, settings: Settings) -> pl.DataFrame:
    """The stages of each channel with their figures, compared with its others, and flagged."""
    import polars as pl

    parts = []
    for groups in channels:
        found, against = metric.measure.estimate(groups, [STAGE])
        found = side.compared(found, None, settings, against)
        parts.append(_shares(found, metric))
    rows = pl.concat(parts)
    if len(parts) > 1:
        rows = rows.with_columns(_adjusted(parts, settings.adjust))
    return rows.with_columns(side.flags(rows, metric.figure, settings.min_n))


def _adjusted(parts: Sequence[pl.DataFrame], method: str) -> pl.Series:
    """P-values adjusted over all channels; the two stages of a channel are one test."""
    import polars as pl

    tests = [(i, 0 if part.height == 2 else k) for i, part in enumerate(parts)
             for k in range(part.height)]  # fmt: skip
    own = list(dict.fromkeys(tests))
    raw = pl.Series([parts[i]["p_value"][k] for i, k in own], dtype=pl.Float64)
    found = dict(zip(own, side.adjusted(raw, False, method).to_list(), strict=True))
    return pl.Series("p_adjusted", [found[test] for test in tests], dtype=pl.Float64)


def _shares(groups: pl.DataFrame, metric: Metric) -> pl.DataFrame:
    """Each stage's part of the low answers of its channel, and the fewest that hold most."""
    import polars as pl

    low = groups.with_row_index("place").with_columns(metric.low(groups).alias("low"))
    total = low["low"].sum()
    shown = low.filter(~pl.col("withheld")).sort(-pl.col("low"), "place")
    running = pl.col("low").cum_sum()
    before = running - pl.col("low")
    part, whole = VITAL
    any_low = pl.when(pl.lit(total > 0))
    shown = shown.select(
        "place",
        any_low.then(pl.col("low") / total).alias(metric.share),
        any_low.then(running / total).alias(metric.cumulative),
        any_low.then(whole * before < part * total).alias("vital_few"),
    )
    return low.join(shown, on="place", how="left", maintain_order="left").drop("place")


def _told(
    rows: pl.DataFrame, usage: pl.DataFrame | None, impact: pl.DataFrame, metric: Metric
) -> pl.DataFrame:
    """The rows under their public names; of those withheld nothing but the names."""
    import polars as pl

    if CHANNEL not in rows.columns:
        rows = rows.with_columns(pl.lit(None, pl.String).alias(CHANNEL))
    users = pl.lit(None, pl.Float64)
    if usage is not None:
        own = [key for key in (STAGE, CHANNEL) if key in usage.columns]
        rows = rows.join(usage, on=own, how="left", nulls_equal=True, maintain_order="left")
        everyone = pl.col("everyone").max().over(CHANNEL)  # of a stage nobody used it is not known
        users = pl.when(everyone > 0).then(pl.col("users").fill_null(0) / everyone)
    rows = rows.join(
        impact, on=[STAGE, CHANNEL], how="left", nulls_equal=True, maintain_order="left"
    )
    rows = rows.with_columns(users.alias("usage_rate")).rename({STAGE: "stage", CHANNEL: "channel"})
    rows = rows.select(*metric.columns, "withheld")
    kept = ("stage", "channel", "order", "flags")
    shown = [name for name in metric.columns if name not in kept]
    return rows.with_columns(pl.when(~pl.col("withheld")).then(pl.col(shown))).drop("withheld")


# --- what people are shown ----------------------------------------------------------------------


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
