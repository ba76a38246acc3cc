"""A measure of a survey, by group and over time: from counted answers to a Result.

What the measures share stands here; what a measure is, each says in a `Measure`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from cxkit.errors import visible
from cxkit.result import Input, Note, Result
from cxkit.source import FILE
from cxkit.surveys import groups as side
from cxkit.surveys import story
from cxkit.surveys.groups import COMPARISON, Settings
from cxkit.surveys.withholding import withheld

if TYPE_CHECKING:
    import polars as pl

    from cxkit.slices import Slice
    from cxkit.surveys.story import Phrase
    from cxkit.surveys.survey import Answers

Against = Callable[["pl.Series | None"], "pl.DataFrame"]


class Measure(NamedTuple):
    """What one measure makes of counted answers.

    Args:
        command: the command's name.
        counts: the columns that are counts, from `n` on.
        figures: the columns that are figures; the main one and its limits are among them.
        classify: counts by group and period from the cells of `survey.Answers`; they add up.
        estimate: of groups named by these keys the figures, and how they differ from others, as
            `groups.compared` asks. With weights or clusters `n_effective` says what the answers
            are worth.
        look: what people are shown of it.
    """

    command: str
    counts: tuple[str, ...]
    figures: tuple[str, ...]
    classify: Callable[[pl.DataFrame], pl.DataFrame]
    estimate: Callable[[pl.DataFrame, Sequence[str]], tuple[pl.DataFrame, Against]]
    look: story.Look

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of a row, behind its groups and its period."""
        return (*self.counts, *self.figures, *COMPARISON, "flags")

    @property
    def drawn(self) -> tuple[str, ...]:
        """These columns, and the shares that only a chart shows."""
        return tuple(dict.fromkeys((*self.columns, *self.look.shares)))


@dataclass(frozen=True)
class Tables:
    """The tables of a request.

    Args:
        asked: one for each element of `by`, in order.
        overall: all groups together by period, where there are groups and periods.
        whole: the figures of all answers together.
    """

    asked: tuple[pl.DataFrame, ...]
    overall: pl.DataFrame | None
    whole: Mapping[str, Any]


def slice_of(by: Sequence[str | tuple[str, ...]], **words: Any) -> Slice:
    """The slice of a request, every element of `by` a tuple of columns."""
    from cxkit.slices import Slice

    tables = tuple((one,) if isinstance(one, str) else tuple(one) for one in by) or ((),)
    return Slice(by=tables, **words)


def level(confidence: float) -> float:
    """A confidence level as a fraction: 95 and 0.95 are the same."""
    return confidence / 100 if confidence > 1 else confidence


def taken(measure: Measure) -> tuple[str, ...]:
    """Names that a user's column cannot have in the result."""
    return ("table", "period", *measure.drawn)


def tables(measure: Measure, answers: Answers, piece: Slice, settings: Settings) -> Tables:
    """Every table of a request, estimated, compared, flagged and withheld."""
    counts = measure.classify(answers.cells)
    asked = [*piece.by, ()] if piece.period and piece.columns else list(piece.by)
    frames = [
        _table(groups, _keys(piece, table), measure, piece, settings)
        for groups, table in zip(
            _grouped(counts, piece, asked, answers, settings.suppress), asked, strict=True
        )
    ]
    whole, _ = measure.estimate(side.summed(counts, ()), ())
    overall = frames[-1] if len(frames) > len(piece.by) else None
    return Tables(tuple(frames[: len(piece.by)]), overall, whole.row(0, named=True))


def _grouped(
    counts: pl.DataFrame,
    piece: Slice,
    asked: Sequence[tuple[str, ...]],
    answers: Answers,
    suppress: int | None,
) -> list[pl.DataFrame]:
    """The groups of all tables asked for, with what is withheld of them."""
    import polars as pl

    unfinished = (pl.col("start") == pl.lit(answers.unfinished, pl.Date)).fill_null(False)
    keys = [_keys(piece, table) for table in asked]
    frames = [
        side.ordered(side.summed(counts, own).with_columns(unfinished.alias("unfinished")))
        for own in keys
    ]
    hidden = withheld(frames, keys, suppress, [["start"]] if piece.period else [])
    if suppress is None:
        return [frame.with_columns(rows) for frame, rows in zip(frames, hidden, strict=True)]
    return [
        side.ordered(frame.with_columns(rows)) for frame, rows in zip(frames, hidden, strict=True)
    ]


def _keys(piece: Slice, table: tuple[str, ...]) -> list[str]:
    return [*(f"by{piece.columns.index(column)}" for column in table), "start"]


def _table(
    groups: pl.DataFrame, keys: Sequence[str], measure: Measure, piece: Slice, settings: Settings
) -> pl.DataFrame:
    """One table: its groups, what they are compared with, their flags."""
    import polars as pl

    groups, against = measure.estimate(groups, keys)
    groups = side.compared(groups, piece.calendar, settings, against)
    groups = groups.with_columns(side.flags(groups, measure.look.figure, settings.min_n))
    shown = [name for name in measure.drawn if name != "flags"]
    return groups.with_columns(pl.when(~pl.col("withheld")).then(pl.col(shown)))


def summary(measure: Measure, found: Tables, settings: Settings) -> dict[str, Any]:
    """The figures of all answers together; of too few none is shown."""
    names = (*measure.counts, *measure.figures)
    few = too_few(found, settings)
    return {name: None if few else found.whole[name] for name in names}


def too_few(found: Tables, settings: Settings) -> bool:
    """Whether the whole is withheld."""
    return settings.suppress is not None and found.whole["n"] < settings.suppress


# --- the result ---------------------------------------------------------------------------------


def result(
    measure: Measure,
    found: Tables,
    piece: Slice,
    answers: Answers,
    settings: Settings,
    *,
    score: str,
    summary: Mapping[str, Any],
    params: Mapping[str, Any],
    notes: Sequence[Note],
    footnotes: Sequence[Phrase],
) -> Result:
    """The tables stacked, with what people are shown of each.

    Args:
        measure, found, piece, answers, settings: what was asked and found.
        score: the column of answers.
        summary, params: as in the Result.
        notes: on the method, behind those on groups.
        footnotes: what stands under a chart, behind how many answers it shows.
    """
    import polars as pl

    names = side.column_names(piece.columns, taken(measure))
    several = len(piece.by) > 1
    rows = [
        _named(frame, measure, piece, table, several)
        for frame, table in zip(found.asked, piece.by, strict=True)
    ]
    overall = None if found.overall is None else _named(found.overall, measure, piece, (), False)
    stacked = pl.concat(rows, how="diagonal") if several else rows[0]
    period = ["period"] if piece.period else []
    order = ("table", *(names[column] for column in piece.columns), *period, *measure.columns)
    questions = {names[column]: text for column, text in answers.labels.items()}
    on = story.Terms(measure.look, bool(period), settings.confidence, settings.adjust, questions)
    shares = {} if too_few(found, settings) else found.whole
    total = {name: shares.get(name) for name in measure.look.shares} | dict(summary)
    printed, drawn, said = [], [], []
    for frame, table in zip(rows, piece.by, strict=True):
        keys = [names[column] for column in table]
        select = ",".join(table) if several else None
        printed.append(story.table(frame, keys, on, select))
        chart = story.chart(
            frame,
            keys,
            on,
            total=total,
            name=select,
            target=summary.get("target"),
            footnotes=(_answered(summary, answers), *footnotes),
            overall=overall,
        )
        drawn.append(chart)
        said += story.group_notes(frame, keys, min_n=settings.min_n, suppress=settings.suppress)
    return Result(
        command=measure.command,
        rows=stacked.select(order),
        summary=summary,
        ledger=answers.ledger,
        notes=(*answers.notes, *dict.fromkeys(said), *notes),
        inputs=inputs(answers, piece, settings),
        columns=columns(piece, score),
        params=params,
        tables=tuple(printed),
        charts=tuple(drawn),
    )


def _named(
    groups: pl.DataFrame, measure: Measure, piece: Slice, table: tuple[str, ...], several: bool
) -> pl.DataFrame:
    """The rows of one table under their public names."""
    import polars as pl

    names = side.column_names(piece.columns, taken(measure))
    keys = {f"by{piece.columns.index(column)}": names[column] for column in table}
    lead = [pl.lit(",".join(table) if several else None, pl.String).alias("table")]
    period = [side.period_labels(groups["start"], piece.calendar)] if piece.period else []
    return groups.select(
        *lead, *(pl.col(key).alias(name) for key, name in keys.items()), *period, *measure.drawn
    )


def _answered(summary: Mapping[str, Any], answers: Answers) -> Phrase:
    left_out = answers.ledger.read - answers.ledger.used
    return "answers", {"count": summary["n"], "left_out": left_out}


def inputs(answers: Answers, piece: Slice, settings: Settings) -> tuple[Input, ...]:
    """What was read; rows by file would give a withheld file away."""
    if settings.suppress is None or FILE not in piece.columns:
        return answers.inputs
    return tuple(replace(one, rows=None) for one in answers.inputs)


def columns(piece: Slice, score: str | None) -> dict[str, Any]:
    """Which column had which role."""
    roles = {
        "score": score, "date": piece.date, "customer": piece.customer, "count": piece.count,
        "weight": piece.weight, "cluster": piece.cluster,
    }  # fmt: skip
    return {role: column for role, column in roles.items() if column} | {"by": list(piece.columns)}


def params(piece: Slice, settings: Settings, **own: Any) -> dict[str, Any]:
    """The settings in force, those of the measure between those of statistics and of the slice."""
    return {
        "confidence": settings.confidence,
        "min_n": settings.min_n,
        "suppress": settings.suppress,
        "adjust": settings.adjust,
        **own,
        "period": piece.period,
        "fiscal_start": piece.fiscal_start,
        "partial": settings.partial,
        "since": piece.since,
        "until": piece.until,
        "last": piece.last,
        "where": list(piece.where),
        "keep": piece.keep,
    }


def assumptions(n: int | None, worth: float | None, piece: Slice) -> list[Note]:
    """What is taken for granted of answers: what weights make of them, that they are independent.

    Args:
        n: answers; None where that is withheld.
        worth: how many equal, independent ones they are worth.
        piece: the slice.
    """
    notes = _worth(n, worth, piece)
    if piece.keep == "all" and not piece.cluster:
        message = "answers are taken as independent of each other"
        hint = (
            ()
            if piece.customer
            else (("if customers answered twice", "--customer COL --keep last"),)
        )
        notes.append(Note("independent", "info", message, hint))
    return notes


def _worth(n: int | None, worth: float | None, piece: Slice) -> list[Note]:
    words = {"weighted": piece.weight, "clustered": piece.cluster}
    how = " and ".join(f'{word} by "{visible(column)}"' for word, column in words.items() if column)
    if not how or n is None or worth is None:
        return []
    message = f"{how}: {n:,} answers are worth {worth:,.0f} equal, independent ones"
    return [Note("weighted" if piece.weight else "clustered", "info", message)]
