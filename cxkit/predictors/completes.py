"""Several figures of a row, together: patterns of complete answers, or moments of blocks.

A file of up to 30,000 patterns is known by them, and nothing is lost; of more, 200 blocks of rows
keep what correlation and regression ask for. Either is one pass over the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cxkit.accounts import inputs_of, ledger_of
from cxkit.cells.weighting import none_above_zero
from cxkit.engines import collect
from cxkit.errors import DataError, visible
from cxkit.predictors.blocks import read_blocks
from cxkit.predictors.figures import Ends, Figure, code_notes, range_of, scales
from cxkit.predictors.panels import Panel, low_and_high, most_patterns, need_complete
from cxkit.result import Note
from cxkit.slices import Slice, check_bounds, condition_of, dates_of
from cxkit.surveys.doubts import (
    WORDED,
    cell_notes,
    check_notes,
    invalid_notes,
    judge_scale,
)
from cxkit.surveys.survey import Scan, check_types, dated, lacking, reasons, weight_of
from cxkit.surveys.unanswered import need_answers

if TYPE_CHECKING:
    import polars as pl

    from cxkit.source import Source


def read_panel(
    source: Source, figures: Sequence[Figure], where: Slice, kano: bool = False
) -> Panel:
    """Reduce the rows with an answer in every column.

    Args:
        source: the survey.
        figures: how the drivers are read, and the outcome last.
        where: which rows.
        kano: whether dummies of low and high answers are wanted instead of the answers.

    Raises:
        RequestError: the last period asked for lies before the first.
        DataError: no rows, no complete answer, answers on another scale, a bad weight, or a type
            of column that cannot be read.
    """
    check_bounds(where)
    columns = [one.column for one in figures]
    check_types(source, columns, where)
    if _many(source, columns):
        return read_blocks(source, figures, where, kano)
    return _patterns(source, figures, where, kano)


def _many(source: Source, columns: Sequence[str]) -> bool:
    """Whether the first rows alone hold more patterns than are kept."""
    most = most_patterns(len(columns))
    head = collect(source.rows.head(2 * most).select(*dict.fromkeys(columns)), source)
    return head.height > most and head.n_unique() > most


# --- patterns -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Scan(Scan):
    """A scan that keeps answers of different weights apart."""

    def keys(self, cut: str) -> dict[str, Any]:
        keys = super().keys(cut)
        return keys | {"weight": self.weight.value()} if self.weight else keys


def _patterns(source: Source, figures: Sequence[Figure], where: Slice, kano: bool) -> Panel:
    """The panel of a file with few patterns."""
    import polars as pl

    *drivers, outcome = figures
    scan: Scan = _Scan(
        source, outcome.column, where, dates_of(source, where), condition_of(source, where),
        weight_of(source, where), tuple(one.column for one in drivers),
    )  # fmt: skip
    scan, table = scan.run()
    if not table["rows"].sum():
        raise DataError("empty", f"no rows in {source.name}")
    table, doubts = _understood(table, figures)
    table, notes, _ = dated(table, where, scan.dates)
    table = reasons(table, where)
    need_answers(scan, table)
    low, high = (outcome.scale.low, outcome.scale.high) if outcome.scale else (0, 0)
    words = "" if outcome.scale else "a number"
    notes += cell_notes(table, where, scan.condition, low, high, words)
    notes += (*doubts, *_invalid(table, drivers))
    notes += scan.condition.notes if scan.condition else ()
    notes += check_notes(table, scan.checks)
    inputs = inputs_of(source, table)
    notes += lacking(scan, inputs)
    answered = int(table.filter(pl.col("reason").is_null())["n"].sum())
    given = [table[f"value{i}"].unique().drop_nulls().to_list() for i in range(len(figures))]
    table, alone = _complete(table, drivers)
    cells = _merged(table, len(figures), bool(where.weight))
    if where.weight and cells.height and not (cells["n"] * cells["weight"]).sum() > 0:
        raise none_above_zero(where.weight)
    need_complete(int(cells["n"].sum()), answered, alone)
    if cells.height > most_patterns(len(figures)):
        return read_blocks(source, figures, where, kano)
    ends = scales([range_of(table[f"value{i}"], table["n"]) for i in range(len(drivers))])
    kept = _kept(figures, cells, given, ends, kano)
    notes += tuple(kept.pop("notes"))
    return Panel(tuple(figures), **kept, answered=answered, alone=alone, blocks=False,
                 ledger=ledger_of(table), notes=notes, inputs=inputs)  # fmt: skip


def _understood(
    table: pl.DataFrame, figures: Sequence[Figure]
) -> tuple[pl.DataFrame, tuple[Note, ...]]:
    """The tally with `value0 kind0 …`, those of the outcome last, and its `kind`."""
    *drivers, outcome = figures
    last = len(drivers)
    raw = {**{i: f"answer{i + 1}" for i in range(last)}, last: "answer"}
    for i, one in enumerate(figures):
        found = one.understand(table[raw[i]])
        table = table.with_columns(
            found["kind"].alias(f"kind{i}"), found["value"].alias(f"value{i}")
        )
    table = table.with_columns(kind=table[f"kind{last}"])
    if outcome.scale is None:
        return table, ()
    return table, judge_scale(table, outcome.column, outcome.scale.low, outcome.scale.high)


def _invalid(table: pl.DataFrame, drivers: Sequence[Figure]) -> tuple[Note, ...]:
    """Answers of drivers that are no numbers, by column."""
    import polars as pl

    asked = table.filter(pl.col("reason").is_null())
    notes: list[Note] = []
    for i, one in enumerate(drivers):
        own = asked.select("n", "first", answer=f"answer{i + 1}", reason=f"kind{i}")
        notes += [
            note._replace(message=f'"{visible(one.column)}": {note.message}', hints=(WORDED,))
            for note in invalid_notes(own, 0, 0, "a number")
        ]
    return tuple(notes)


def _complete(
    table: pl.DataFrame, drivers: Sequence[Figure]
) -> tuple[pl.DataFrame, dict[str, int]]:
    """The tally with its incomplete rows left out, and how many lack only one driver."""
    import polars as pl

    lacks = [pl.col(f"value{i}").is_null() for i in range(len(drivers))]
    number = pl.sum_horizontal(lacks)
    used = pl.col("reason").is_null()
    lost = table.filter(used).select(
        (pl.col("n").filter((number == 1) & lack)).sum().alias(str(i))
        for i, lack in enumerate(lacks)
    )
    alone = {one.column: int(lost[str(i)].item()) for i, one in enumerate(drivers)}
    reason = pl.when(used & (number > 0)).then(pl.lit("incomplete")).otherwise("reason")
    return table.with_columns(reason.alias("reason")), alone


def _merged(table: pl.DataFrame, columns: int, weighted: bool) -> pl.DataFrame:
    """Complete answers by pattern, and by weight where there are weights."""
    import polars as pl

    keys = [f"value{i}" for i in range(columns)] + ["weight"] * weighted
    return (
        table.filter(pl.col("reason").is_null())
        .group_by(keys)
        .agg(pl.col("n").sum())
        .filter(pl.col("n") > 0)
        .sort(keys)
    )


# --- what the answers tell ----------------------------------------------------------------------


def _kept(
    figures: Sequence[Figure],
    cells: pl.DataFrame,
    given: Sequence[Sequence[float]],
    ends: Sequence[Ends | None],
    kano: bool,
) -> dict[str, Any]:
    """What patterns tell of the answers themselves: fields of `Panel`.

    Scales, like codes for no answer, are judged by all answers of the file, `given`, whatever
    rows are asked for.
    """
    from cxkit.stats.moments import of_patterns

    names = [f"value{i}" for i in range(len(figures))]
    weighted = "weight" in cells.columns
    weight = cells["n"] * (cells["weight"] if weighted else 1.0)
    whole = float(weight.sum())
    tops = [
        None if kano or not end else float((weight * (cells[name] >= end.top)).sum()) / whole
        for name, end in zip(names, ends, strict=False)
    ]
    columns, counts = cells.select(names), []
    if kano:
        lows = low_and_high(figures, ends)
        columns = cells.select(*dummies(names[:-1], lows), names[-1])
        counts = [_counts(cells["n"], columns, i) for i in range(len(lows))]
    own = cells["weight"].to_numpy() if weighted else None
    notes = code_notes({one.column: values for one, values in zip(figures, given, strict=True)
                        if one.scale is None})  # fmt: skip
    parts = of_patterns(columns.to_numpy(), cells["n"].to_numpy(), own)
    return {"parts": parts, "ends": tuple(ends), "tops": tuple(tops), "cells": tuple(counts),
            "n": int(cells["n"].sum()), "notes": notes}  # fmt: skip


def dummies(values: Sequence[str], ends: Sequence[tuple[float, float]]) -> list[pl.Expr]:
    """1 where a driver is low, and 1 where it is high: `low0 high0 low1 …`."""
    import polars as pl

    pairs = [
        ((pl.col(name) <= low).alias(f"low{i}"), (pl.col(name) >= high).alias(f"high{i}"))
        for i, (name, (low, high)) in enumerate(zip(values, ends, strict=True))
    ]
    return [one.cast(pl.Float64) for pair in pairs for one in pair]


def _counts(n: pl.Series, columns: pl.DataFrame, place: int) -> tuple[int, int, int]:
    """How many answers are low, in the middle and high."""
    low, high = (int((n * columns[f"{end}{place}"]).sum()) for end in ("low", "high"))
    return low, int(n.sum()) - low - high, high
