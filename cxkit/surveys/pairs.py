"""Answers in pairs, what was expected beside what was experienced: counted pair by pair.

All pairs crossed would be as many patterns as there are rows. So one pass counts every pair by
itself, and a second one, which knows by then what cells mean, accounts for the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import reduce
from typing import TYPE_CHECKING, Any, NamedTuple

from cxkit.accounts import inputs_of, ledger_of
from cxkit.cells.answers import Scale, understand
from cxkit.cells.weighting import none_above_zero
from cxkit.errors import DataError, visible
from cxkit.reduce import tally
from cxkit.result import Input, Ledger, Note
from cxkit.slices import Slice, check_bounds, condition_of, dates_of
from cxkit.source import ROW, Source
from cxkit.surveys.doubts import cell_notes, check_notes, invalid_notes, judge_scales
from cxkit.surveys.survey import Scan, check_types, dated, lacking, reasons, weight_of
from cxkit.surveys.unanswered import need_answers

if TYPE_CHECKING:
    import polars as pl

SIDES = ("expected", "perceived")
_OWN = "cxkit:"  # before the names of columns that stand beside the user's own


@dataclass(frozen=True)
class Pairs:
    """The complete pairs of answers of a survey, counted.

    Args:
        cells: a row for each pair of columns and of answers: `pair` (its place, from 0),
            `expected`, `perceived` and `n`; with weights `w` and `w2`, the sums of weights and
            of their squares.
        ledger: every row accounted for: one with at least one complete pair is used.
        notes: what reading the answers has shown.
        inputs: what was read, with its rows.
    """

    cells: pl.DataFrame
    ledger: Ledger
    notes: tuple[Note, ...]
    inputs: tuple[Input, ...]


def read_pairs(
    source: Source, pairs: Sequence[tuple[str, str]], where: Slice, scale: Scale, command: str
) -> Pairs:
    """Count the answers of pairs of columns, in two passes over the rows.

    Args:
        source: the survey.
        pairs: the columns of what was expected and of what was experienced.
        where: which rows.
        scale: of all answers.
        command: what they are counted for, for messages.

    Raises:
        RequestError: the last period asked for lies before the first.
        DataError: no rows, no complete pair, answers on another scale, or a type of column that
            cannot be read.
    """
    columns = [column for side in zip(*pairs, strict=True) for column in side]
    check_bounds(where)
    check_types(source, columns, where)
    dates, condition = dates_of(source, where), condition_of(source, where)
    first, *more = columns
    weight = weight_of(source, where)
    asked = _Cells(source, first, where, dates, condition, weight, tuple(more), pairs=tuple(pairs))
    scan, table = asked.run()
    table, _, _ = dated(table, where, scan.dates)
    table = _understood(table, source, pairs, scale)
    notes = judge_scales(_columns(table, pairs), scale, command)
    table = reasons(table, where)
    notes += _invalid(table, pairs, scale)
    known = [_Known.of(column, own) for column, own in _columns(table, pairs)]
    words = {one.name: getattr(scan, one.name) for one in fields(Scan)}
    rows, told = _rows(_Rows(**words, pairs=tuple(pairs), known=tuple(known)), scale)
    cells = _complete(table, scan)
    inputs = inputs_of(source, rows)
    return Pairs(cells, ledger_of(rows), (*notes, *told, *lacking(scan, inputs)), inputs)


# --- pair by pair -------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Cells(Scan):
    """The pass that counts the cells of each pair of columns."""

    pairs: tuple[tuple[str, str], ...] = ()

    def _run(self, cut: str) -> pl.DataFrame:
        """A row for each pair of columns and of cells, and why rows with them are left out."""
        import polars as pl

        read = _alike(self.source, [self.score, *self.more])
        pairs = {
            f"{_OWN}pair:{i}": pl.struct(expected=read[one], perceived=read[other])
            for i, (one, other) in enumerate(self.pairs)
        }
        told = {name: key for name, key in self.keys(cut).items() if name in _TOLD}
        roles = filter(None, (self.where.date, self.where.count, self.where.weight))
        kept = [*dict.fromkeys(roles), *([ROW] if ROW in self.source.added else [])]
        own = {_OWN + name: key for name, key in told.items()}
        wide = self.source.rows.select(*kept, **own, **pairs)
        long = wide.unpivot([*pairs], index=[*kept, *own], variable_name=_PAIR, value_name=_CELL)
        added = tuple(name for name in self.source.added if name == ROW)
        return tally(
            replace(self.source, rows=long, added=added),
            {"pair": pl.col(_PAIR), **{side: pl.col(_CELL).struct.field(side) for side in SIDES}}
            | {name: pl.col(_OWN + name) for name in told},
            count=self.where.count,
            weight=self.weight,
            extra=self.dates.ends(cut) if self.dates else None,  # type: ignore[arg-type]
        ).with_columns(pl.col("pair").str.slice(len(f"{_OWN}pair:")).cast(pl.Int64))


_PAIR, _CELL = f"{_OWN}pair", f"{_OWN}cell"
_TOLD = ("out", "weighed", "day")  # keys that say something about a row, and not what it answers


def _alike(source: Source, columns: Sequence[str]) -> dict[str, pl.Expr]:
    """The columns as one type: their own if they share it, else numbers, else text."""
    import polars as pl

    schema = source.rows.collect_schema()
    kinds = {schema[column] for column in columns}
    if len(kinds) == 1:
        return {column: pl.col(column) for column in columns}
    kind = pl.Float64() if all(one.is_numeric() for one in kinds) else pl.String()
    return {column: pl.col(column).cast(kind) for column in columns}


def _understood(
    table: pl.DataFrame, source: Source, pairs: Sequence[tuple[str, str]], scale: Scale
) -> pl.DataFrame:
    """The tally with `kind` and `score` of both cells; the `kind` of a pair is the worse."""
    import polars as pl

    parts = []
    for i, columns in enumerate(pairs):
        part = table.filter(pair=i)
        for side, column in zip(SIDES, columns, strict=True):
            labels = source.codes.get(column)
            found = understand(
                part[side], low=scale.low, high=scale.high, declared=source.missing, labels=labels
            )
            part = part.with_columns(
                found["kind"].alias(f"{side}_kind"), found["score"].alias(f"{side}_score")
            )
        parts.append(part)
    both = pl.all_horizontal(pl.col(f"{side}_kind") == "valid" for side in SIDES)
    kind = pl.when(both).then(pl.lit("valid")).otherwise(pl.lit("missing"))
    return pl.concat(parts).with_columns(kind.alias("kind"))


def _columns(
    table: pl.DataFrame, pairs: Sequence[tuple[str, str]]
) -> list[tuple[str, pl.DataFrame]]:
    """Each column of answers once, with its cells as `answer`, and their `kind`."""
    import polars as pl

    found: dict[str, pl.DataFrame] = {}
    for place, side in enumerate(SIDES):
        for i, columns in enumerate(pairs):
            own = table.filter(pair=i).with_columns(
                pl.col(side).alias("answer"), pl.col(f"{side}_kind").alias("kind")
            )
            found.setdefault(columns[place], own)
    return [*found.items()]


def _invalid(table: pl.DataFrame, pairs: Sequence[tuple[str, str]], scale: Scale) -> list[Note]:
    """Answers off the scale, by column, of rows that are not left out for something else."""
    import polars as pl

    asked = table.filter(pl.col("reason").is_null() | (pl.col("reason") == "missing"))
    return [
        note._replace(message=f'"{visible(column)}": {note.message}')
        for column, own in _columns(asked, pairs)
        for note in invalid_notes(
            own.with_columns(pl.col("kind").alias("reason")), scale.low, scale.high, several=True
        )
    ]


def _complete(table: pl.DataFrame, scan: Scan) -> pl.DataFrame:
    """Counts by pair and its two scores, of the pairs that are used."""
    import polars as pl

    keys = ["pair", *SIDES]
    sums = ["n", "w", "w2"] if scan.weight else ["n"]
    cells = (
        table.filter(pl.col("reason").is_null())
        .select("pair", *(pl.col(f"{side}_score").alias(side) for side in SIDES), *sums)
        .group_by(keys)
        .agg(pl.col(sums).sum())
        .filter(pl.col("n") > 0)
        .sort(keys)
    )
    if scan.weight:
        cells = scan.weight.restored(cells)
        if not cells["w"].sum():
            raise none_above_zero(scan.weight.column)
    return cells


# --- row by row ---------------------------------------------------------------------------------


class _Known(NamedTuple):
    """What the cells of a column are known to mean: those that are answers, those that are none."""

    column: str
    valid: list[Any]
    missing: list[Any]

    @classmethod
    def of(cls, column: str, own: pl.DataFrame) -> _Known:
        kinds = (own.filter(kind=kind)["answer"] for kind in ("valid", "missing"))
        valid, missing = (cells.drop_nulls().unique().sort().to_list() for cells in kinds)
        return cls(column, valid, missing)


@dataclass(frozen=True)
class _Rows(Scan):
    """The pass that accounts for the rows: has one a complete pair, an answer, a cell at all?"""

    pairs: tuple[tuple[str, str], ...] = ()
    known: tuple[_Known, ...] = ()

    def keys(self, cut: str) -> dict[str, Any]:
        """What a row answers, beside why it is left out; null where every cell is missing."""
        import polars as pl

        read = _alike(self.source, [self.score, *self.more])
        valid = {one.column: read[one.column].is_in(one.valid) for one in self.known}
        said = [~read[one.column].is_in(one.missing) for one in self.known]
        answer = (
            pl.when(_any([valid[one] & valid[other] for one, other in self.pairs]))
            .then(pl.lit("pair"))
            .when(_any([*valid.values()]))
            .then(pl.lit("valid"))
            .when(_any(said))
            .then(pl.lit("invalid"))
        )
        kept = {name: key for name, key in super().keys(cut).items() if name in (*_TOLD, "input")}
        return {"answer": answer} | kept


def _any(conditions: Sequence[pl.Expr]) -> pl.Expr:
    """Whether one of the conditions holds; what is null does not."""
    return reduce(lambda one, other: one | other, (each.fill_null(False) for each in conditions))


def _rows(scan: _Rows, scale: Scale) -> tuple[pl.DataFrame, tuple[Note, ...]]:
    """The rows by what they answer and why they are left out, and notes on these."""
    import polars as pl

    done, table = scan.run()
    if not table["rows"].sum():
        raise DataError("empty", f"no rows in {scan.source.name}")
    table, notes, _ = dated(table, done.where, done.dates)
    one = pl.col("answer").is_in(["pair", "valid"])
    kind = pl.when(one).then(pl.lit("valid")).otherwise(pl.col("answer").fill_null("missing"))
    table = reasons(table.with_columns(kind.alias("kind")), done.where)
    need_answers(done, table)
    alone = pl.col("reason").is_null() & (pl.col("answer") == "valid")
    reason = pl.when(alone).then(pl.lit("incomplete")).otherwise("reason")
    table = table.with_columns(reason.alias("reason"))
    lost = int(table.filter(pl.col("reason") == "incomplete")["n"].sum())
    if not table.filter(pl.col("reason").is_null())["n"].sum():
        message = f"no row answers both columns of a pair: {lost:,} answer one of them only"
        raise DataError("no-pairs", message)
    told = table.filter(pl.col("reason").ne_missing("invalid"))
    notes += cell_notes(told, done.where, done.condition, scale.low, scale.high)
    if lost:
        message = f"{lost:,} row{'' if lost == 1 else 's'} without both answers of a pair left out"
        notes += (Note("incomplete", "info", message),)
    notes += done.condition.notes if done.condition else ()
    return table, notes + check_notes(table, done.checks)
