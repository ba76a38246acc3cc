"""Two waves of a survey, before and after: two periods of one file, or two files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date as Day
from typing import TYPE_CHECKING, Any, NamedTuple

from cxkit.cells.answers import Scale
from cxkit.cells.periods import Calendar, Period, bound
from cxkit.errors import DataError, RequestError, visible
from cxkit.result import Input
from cxkit.slices import Slice, dates_of
from cxkit.source import INPUT, Check, Source
from cxkit.surveys import scores
from cxkit.surveys.survey import Answers, Scan, dated, read_answers

if TYPE_CHECKING:
    import polars as pl

    from cxkit.errors import Hint

WAVE = "wave"  # 0 before, 1 after
PERIODS: tuple[Period, ...] = ("week", "month", "quarter", "year")
TINY = 10  # answers in both waves; smaller groups are taken together
OTHER = "other"
SUMS = ("n", "w", "wy")  # answers, their weights, their weighted scores
_FILE = "cxkit:wave"  # the column that tells two files apart, whatever they are called
_YEAR = {"week": 52, "month": 12, "quarter": 4, "year": 1}  # periods in a year


class Asked(NamedTuple):
    """Which periods are asked for; `partial` takes the unfinished one too."""

    of: str | None
    to: str | None
    partial: bool


@dataclass(frozen=True)
class Waves:
    """The answers of two waves.

    Args:
        answers: counted by wave and, where a group is asked for, by group.
        piece: how they were read.
        wave, group: the columns of its cells that tell waves and groups apart; None without groups.
        values: of the column `wave`, before and after.
        before, after: what the two are called.
        unfinished: the name of the one that is not over.
        hints: for the error of a wave without answers.
    """

    answers: Answers
    piece: Slice
    wave: str
    group: str | None
    values: tuple[Any, Any]
    before: str
    after: str
    unfinished: str | None = None
    hints: tuple[Hint, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns of the cells that are no counts."""
        return tuple(filter(None, (self.wave, self.group, "start")))

    def both(self) -> pl.DataFrame:
        """The two waves in order, under their values and as 0 and 1."""
        import polars as pl

        kind = self.answers.cells.schema[self.wave]
        return pl.DataFrame({self.wave: pl.Series(self.values, dtype=kind), WAVE: [0, 1]})

    def inputs(self, suppress: int | None) -> tuple[Input, ...]:
        """What was read; rows by file would give a withheld file away."""
        if suppress is None or len(self.answers.inputs) < 2:
            return self.answers.inputs
        return tuple(replace(one, rows=None) for one in self.answers.inputs)

    def columns(self, score: str, explain: str | None) -> dict[str, Any]:
        """Which column had which role."""
        piece = self.piece
        roles = {
            "score": score, "date": piece.date if piece.period else None, "count": piece.count,
            "weight": piece.weight, "cluster": piece.cluster, "explain": explain,
        }  # fmt: skip
        return {role: column for role, column in roles.items() if column}


def read_waves(source: Source, score: str, piece: Slice, scale: Scale, asked: Asked) -> Waves:
    """Count the answers of two waves by group.

    Args:
        source: one survey with dates, or two surveys stacked, before and after.
        score: the column of answers.
        piece: which rows; of its groups the first table holds the one asked for.
        scale: of the answers.
        asked: which periods of one survey.

    Raises:
        RequestError: a period that is none, or one asked of two files.
        DataError: no rows, no valid answer, no full period, or answers on another scale.
    """
    if len(source.inputs) == 2:
        return _files(source, score, piece, scale, asked)
    return _periods(source, score, piece, scale, asked)


# --- two files ----------------------------------------------------------------------------------


def _files(source: Source, score: str, piece: Slice, scale: Scale, asked: Asked) -> Waves:
    """The two files as waves; a period cannot be asked of them."""
    import polars as pl

    given: dict[str, object] = {"--period": piece.period, "--of": asked.of, "--to": asked.to}
    given["--partial"] = asked.partial or None
    if named := [option for option, value in given.items() if value is not None]:
        message = f"{' and '.join(named)} cannot go with two files: they are before and after"
        hint = ("for periods", "stack them first: cxkit convert A B -o both.parquet")
        raise RequestError("bad-value", message, [hint])
    before, after = _names(source)
    if len(source.parts) < 2:
        empty = next((one.name for one in source.inputs if one.rows == 0), before)
        raise DataError("empty", f"{visible(empty)} has no rows")
    rows = source.rows.with_columns(pl.col(INPUT).cast(pl.String).alias(_FILE))
    parts = tuple(replace(part, columns=(*part.columns, _FILE)) for part in source.parts)
    told = replace(source, rows=rows, columns=(*source.columns, _FILE), parts=parts)
    by = ((_FILE, *piece.columns),)
    answers = read_answers(told, score, replace(piece, by=by, date=None), scale)
    group = "by1" if piece.columns else None
    return Waves(answers, piece, "by0", group, ("0", "1"), before, after)


def _names(source: Source) -> tuple[str, str]:
    """What the two are called; frames have no names."""
    before, after = (one.name for one in source.inputs)
    if any(note.code == "read-twice" for note in source.notes):
        raise RequestError("bad-value", f"before and after are the same file, {visible(before)}")
    return (before, after) if before != after else ("before", "after")


# --- two periods --------------------------------------------------------------------------------


def _periods(source: Source, score: str, piece: Slice, scale: Scale, asked: Asked) -> Waves:
    """The two periods as waves."""
    if piece.date is None:
        raise _no_date(source)
    piece = replace(piece, period=piece.period or _length(asked, piece.fiscal_start))
    calendar = piece.calendar
    assert calendar is not None
    of = _start(asked.of, "--of", calendar) if asked.of else _last(source, piece, asked.partial)
    to = _other(of, asked.to or "previous", calendar)
    before, after = calendar.label(to), calendar.label(of)
    piece = replace(piece, starts=(to, of))
    answers = read_answers(source, score, piece, scale)
    unfinished = answers.unfinished
    open = calendar.label(unfinished) if unfinished in (to, of) else None
    group = "by0" if piece.columns else None
    hints = (("try", "--of PERIOD --to PERIOD"), ("see", f"cxkit nps FILE --period {piece.period}"))
    return Waves(answers, piece, "start", group, (to, of), before, after, open, hints)


def _no_date(source: Source) -> RequestError:
    listed = ", ".join(visible(name, 30) for name in source.columns[:12])
    hints = [("columns", listed), ("try", "--date COL"), ("or two files", "cxkit compare A B")]
    return RequestError("no-date", "no column is known to be the date", hints)


def _length(asked: Asked, fiscal_start: int) -> Period:
    """The length of the period named by `--of`; a quarter where it names none."""
    for period in PERIODS if asked.of else ():
        calendar = Calendar(period, fiscal_start)
        if _is_period(str(asked.of), calendar):
            return period
    return "quarter"


def _is_period(text: str, calendar: Calendar) -> bool:
    """Whether a text names a whole period of this calendar."""
    first, last = (bound(text, end, calendar.fiscal_start) for end in ("first", "last"))
    return calendar.start(first) == first and calendar.end(first) == last


def _start(text: str, option: str, calendar: Calendar) -> Day:
    """The first day of the period that an option names."""
    first = bound(text, "first", calendar.fiscal_start)
    if not _is_period(text, calendar):
        near = calendar.label(calendar.start(first))
        message = f"{option} {visible(text)} is not a {calendar.period} of the calendar"
        raise RequestError("bad-value", message, [("try", f"{option} {near}")])
    return first


def _other(of: Day, to: str, calendar: Calendar) -> Day:
    """The first day of the period to compare with."""
    if to in ("previous", "year-ago"):
        start = of
        for _ in range(1 if to == "previous" else _YEAR[calendar.period]):
            start = calendar.previous(start)
        return start
    start = _start(to, "--to", calendar)
    if start == of:
        raise RequestError("bad-value", f"--of and --to are both {calendar.label(of)}")
    return start


@dataclass(frozen=True)
class _Days(Scan):
    """The pass over the dates alone."""

    def keys(self, cut: str) -> dict[str, Any]:
        """The day or month of each row."""
        assert self.dates is not None
        return {"day": self.dates.key(cut)}  # type: ignore[arg-type]

    @property
    def checks(self) -> tuple[Check, ...]:
        """None: answers are counted in another pass."""
        return ()


def _last(source: Source, piece: Slice, partial: bool) -> Day:
    """The first day of the last period of the file, of the last one that is over."""
    calendar = piece.calendar
    assert calendar is not None
    scan, table = _Days(source, str(piece.date), piece, dates_of(source, piece), None).run()
    table, _, unfinished = dated(table, piece, scan.dates)
    last: Day | None = table["start"].max()  # type: ignore[assignment]
    if last is None:
        if not table["rows"].sum():
            raise DataError("empty", f"no rows in {source.name}")
        raise DataError("no-dates", f'no readable date in "{visible(piece.date)}"')
    return calendar.previous(last) if last == unfinished and not partial else last


# --- groups -------------------------------------------------------------------------------------


def groups(found: Waves) -> pl.DataFrame:
    """The groups in both waves and their parts of the change; those of few answers together.

    Returns:
        `group` (null where blank), `n_before n_after`, `share_before share_after` (0–1; weighted),
        `before after` and `rate_effect mix_effect effect` (points), `n` (both waves) and `tiny`
        (how many groups were taken together), the largest group first, the blank last. Without
        groups one row, whose rate and mix effect are null.
    """
    import polars as pl

    from cxkit.stats.mix import decomposition

    named, tiny = _together(_sides(found))
    rows = named["group"].unique().to_frame()
    for place, when in enumerate(("before", "after")):
        own = named.filter(pl.col(WAVE) == place).group_by("group").agg(pl.col(SUMS).sum())
        score = pl.when(pl.col("w") > 0).then(scores.POINTS * pl.col("wy") / pl.col("w"))
        own = own.select("group", score.alias(when), **{f"{k}_{when}": k for k in ("n", "w")})
        rows = rows.join(own, on="group", how="left", nulls_equal=True)
    rows = rows.with_columns(pl.col("n_before", "n_after", "w_before", "w_after").fill_null(0))
    rows = rows.with_columns(n=pl.col("n_before") + pl.col("n_after"), tiny=pl.lit(tiny))
    rows = rows.sort(pl.col("group").is_null(), -pl.col("n"), "group")
    effects = decomposition(
        rows.select(n_before="w_before", n_after="w_after", score_before="before",
                    score_after="after")
    )  # fmt: skip
    if found.group is None:  # one group has no mix
        effects = effects.with_columns(rate_effect=None, mix_effect=None).cast(pl.Float64)
    return rows.hstack(effects)


def _sides(found: Waves) -> pl.DataFrame:
    """Answers by `group` and wave: `n`, and the sums of weights and of weighted scores −1, 0, 1."""
    import polars as pl

    counts = scores.classify(found.answers.cells).filter(pl.col("n") > 0)
    prefix = "w_" if "w_promoters" in counts.columns else ""
    each = [pl.col(prefix + name).cast(pl.Float64) for name in scores.CLASSES]
    group = pl.lit(None, pl.String) if found.group is None else pl.col(found.group)
    sides = counts.select(
        found.wave, "n", group.alias("group"), w=pl.sum_horizontal(each), wy=each[2] - each[0]
    )
    return sides.join(found.both(), on=found.wave).sort("group", WAVE)


def _together(named: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """The groups of few answers under one name, and how many; one alone stays, and the blank."""
    import polars as pl

    sizes = named.filter(pl.col("group").is_not_null()).group_by("group").agg(pl.col("n").sum())
    tiny = sizes.filter(pl.col("n") < TINY)["group"].sort().to_list()
    if len(tiny) < 2:
        return named, 0
    taken = OTHER in {*sizes["group"]} - {*tiny}
    name = f"{OTHER} (n < {TINY})" if taken else OTHER
    group = pl.when(pl.col("group").is_in(tiny)).then(pl.lit(name)).otherwise("group")
    return named.with_columns(group.alias("group")), len(tiny)
