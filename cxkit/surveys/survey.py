"""The one pass over a survey: sliced, tallied, understood, and every row accounted for."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date as Day
from typing import TYPE_CHECKING, Any

from cxkit.accounts import inputs_of, ledger_of
from cxkit.cells import answers
from cxkit.cells.weighting import none_above_zero
from cxkit.errors import DataError, visible
from cxkit.reduce import tally
from cxkit.result import Input, Ledger, Note
from cxkit.slices import (
    Slice,
    check_bounds,
    condition_of,
    dates_of,
    latest_day,
    months_serve,
    outside,
    unfinished,
)
from cxkit.source import FILE, INPUT, Check, Source
from cxkit.surveys.customers import cluster_cells, one_each, repeat_customers
from cxkit.surveys.doubts import cell_notes, check_notes, judge_scale
from cxkit.surveys.unanswered import need_answers

if TYPE_CHECKING:
    import polars as pl

    from cxkit.cells.dates import DateColumn
    from cxkit.cells.weighting import Weight
    from cxkit.cells.where import Where


@dataclass(frozen=True)
class Answers:
    """The answers of a survey, counted.

    Args:
        cells: a row for each group, period and answer: the grouping columns by name (text, null
            where blank), `start` (the period's first day), `kind` (`valid`, `missing`,
            `invalid`), `score` (null unless valid) and `n`; with weights `w` and `w2`, the sums
            of weights and of their squares.
        clusters: the valid answers by group, period, `cluster` and `score`, with `n` and `w`;
            None without clusters.
        ledger: every row accounted for.
        notes: what reading the answers has shown.
        inputs: what was read, with its rows.
        unfinished: the first day of the last period, if the data end before it does.
        labels: question text by grouping column, where the layout has it.
    """

    cells: pl.DataFrame
    ledger: Ledger
    notes: tuple[Note, ...]
    inputs: tuple[Input, ...]
    unfinished: Day | None = None
    clusters: pl.DataFrame | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


def read_answers(
    source: Source, score: str, where: Slice, scale: answers.Scale, command: str = "nps"
) -> Answers:
    """Count the answers of a column by group, period and score, in one pass over the rows.

    Args:
        source: the survey.
        score: the column of answers.
        where: which rows, and how they are grouped.
        scale: of the answers.
        command: what they are counted for, for messages.

    Raises:
        RequestError: the last period asked for lies before the first.
        DataError: no rows, no valid answer, answers on another scale, or a type of column that
            cannot be read.
    """
    scan, table = scan_of(source, score, where).run()
    return answers_of(scan, table, scale, command)


def scan_of(source: Source, score: str, where: Slice) -> Scan:
    """The pass that `read_answers` takes over the rows; it raises what is wrong with the request.

    Raises:
        RequestError: the last period asked for lies before the first.
        DataError: a type of column that cannot be read.
    """
    check_bounds(where)
    check_types(source, (score,), where)
    dates, condition = dates_of(source, where), condition_of(source, where)
    return Scan(source, score, where, dates, condition, weight_of(source, where))


def answers_of(
    scan: Scan, table: pl.DataFrame, scale: answers.Scale, command: str = "nps"
) -> Answers:
    """What a pass has counted, understood: see `read_answers`."""
    source, score, where = scan.source, scan.score, scan.where
    if not table["rows"].sum():
        raise DataError("empty", f"no rows in {source.name}")
    table, notes, unfinished = judged(scan, table, scale)
    if not (scale.shift or scale.words):
        notes += judge_scale(table, score, scale.low, scale.high, command)
    need_answers(scan, table)
    words = str(scale) if scale.words else ""
    notes += cell_notes(table, where, scan.condition, scale.low, scale.high, words)
    notes += scan.condition.notes if scan.condition else ()
    notes += check_notes(table, scan.checks)
    inputs = inputs_of(source, table)
    notes += lacking(scan, inputs)
    clusters = None
    if where.cluster:
        clusters = _merged(cluster_cells(scan, table), scan, ["cluster", "score"])
    if where.keep != "all":
        table = one_each(scan, table)
    elif where.customer and not where.cluster:
        notes += repeat_customers(scan, table)
    labels = {column: source.labels[column] for column in where.columns if column in source.labels}
    cells = _merged(_kept(table), scan, ["kind", "score"])
    if scan.weight and not cells.filter(kind="valid")["w"].sum():
        raise none_above_zero(scan.weight.column)
    return Answers(cells, ledger_of(table), notes, inputs, unfinished, clusters, labels)


# --- the pass -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scan:
    """What one pass over the rows needs to know.

    Args:
        source: the rows.
        score: the column of answers.
        where: which rows, and how they are grouped.
        dates, condition, weight: how these are read.
        more: further columns of answers, read together with the first.
        also: further aggregations by name.
    """

    source: Source
    score: str
    where: Slice
    dates: DateColumn | None
    condition: Where | None
    weight: Weight | None = None
    more: tuple[str, ...] = ()
    also: Mapping[str, pl.Expr] = field(default_factory=dict)

    def keys(self, cut: str) -> dict[str, Any]:
        """The keys of the tally: the answer, the groups, the day and why a row is left out.

        The answer and the day are kept for every row, so that the scale is judged on the whole
        column and the latest day on all rows; groups only for the rows that the condition keeps.
        """
        import polars as pl

        out = self.left_out()
        keys: dict[str, Any] = {"answer": pl.col(self.score)}
        keys |= {f"answer{i}": pl.col(column) for i, column in enumerate(self.more, 1)}
        if out is not None:
            keys["out"] = out
        if self.weight:
            keys["weighed"] = self.weight.value().is_not_null()
        if INPUT in self.source.added:
            keys["input"] = pl.col(INPUT)
        if self.dates:
            keys["day"] = self.dates.key(cut)  # type: ignore[arg-type]
        inside = {f"by{i}": pl.col(column) for i, column in enumerate(self.where.columns)}
        if out is None:
            return keys | inside
        return keys | {name: pl.when(out.is_null()).then(key) for name, key in inside.items()}

    def left_out(self) -> pl.Expr | None:
        """The reason for which the reader or the condition leaves a row out, null if none does."""
        import polars as pl

        reasons = dict(self.source.left_out)
        if self.condition:
            reasons["where"] = reasons.get("where", False) | ~self.condition.expr
        out: pl.Expr | None = None
        for reason, applies in reversed(reasons.items()):
            out = pl.when(applies).then(pl.lit(reason)).otherwise(out)
        return out

    def extra(self, cut: str) -> dict[str, Any]:
        """Aggregations beside the counts: the ends of each month, and rows to be told of."""
        import polars as pl

        extra: dict[str, Any] = dict(self.also)
        if self.dates:
            extra |= self.dates.ends(cut)  # type: ignore[arg-type]
        for i, cells in enumerate(self.condition.unread.values() if self.condition else ()):
            extra[f"unread{i}"] = cells
        for i, check in enumerate(self.checks):
            extra[f"check{i}"] = check.applies.sum().cast(pl.Int64)
        return extra

    @property
    def checks(self) -> tuple[Check, ...]:
        """What the layout wants counted of these answers."""
        return tuple(one for one in self.source.checks if one.column in (None, self.score))

    def run(self) -> tuple[Scan, pl.DataFrame]:
        """The tally, dates cut to months where months serve, else to days.

        If keys look like dates in another form than the column's, or a month holds days that do
        not exist, the pass is run again with every form: then dates are read more slowly, and
        completely.
        """
        table = self._run("month" if self.dates and months_serve(self.where) else "day")
        ends = [table[end] for end in ("earliest", "latest") if end in table.columns]
        if self.dates and self.dates.needs_day_cut(table["day"], *ends):
            scan = replace(self, dates=self.dates.wide())
            return scan, scan._run("day")
        return self, table

    def _run(self, cut: str) -> pl.DataFrame:
        return tally(
            self.source,
            self.keys(cut),
            count=self.where.count,
            weight=self.weight,
            extra=self.extra(cut),
        )


def weight_of(source: Source, where: Slice) -> Weight | None:
    """How weights are read; None without."""
    if where.weight is None:
        return None
    from cxkit.cells.weighting import settle

    return settle(source, where.weight)


def check_types(source: Source, scores: Sequence[str], where: Slice) -> None:
    """Raise the error of a column whose type has no text: it cannot be an answer or a group."""
    schema = source.rows.collect_schema()
    for name in filter(None, (*scores, where.customer, where.cluster, *where.columns)):
        if name in schema and not _has_text(schema[name]):
            kind = str(schema[name]).partition("(")[0].lower()
            message = f'column "{visible(name)}" is a {kind}, which is neither text nor a number'
            raise DataError("bad-type", message)


def _has_text(dtype: pl.DataType) -> bool:
    import polars as pl

    plain = (pl.String, pl.Categorical, pl.Enum, pl.Boolean, pl.Date, pl.Datetime, pl.Time, pl.Null)
    return dtype.is_numeric() or dtype in plain


# --- what the keys mean -------------------------------------------------------------------------


def judged(
    scan: Scan, table: pl.DataFrame, scale: answers.Scale
) -> tuple[pl.DataFrame, tuple[Note, ...], Day | None]:
    """The tally with what its answers and dates mean, and with `reason`: see `dated`."""
    meaning = answers.understand(
        table["answer"],
        low=scale.low,
        high=scale.high,
        shift=scale.shift,
        declared=scan.source.missing,
        labels=scan.source.codes.get(scan.score),
        words=scale.words,
    )
    table, notes, unfinished = dated(table.hstack(meaning), scan.where, scan.dates)
    return reasons(table, scan.where), notes, unfinished


def dated(
    table: pl.DataFrame, where: Slice, dates: DateColumn | None
) -> tuple[pl.DataFrame, tuple[Note, ...], Day | None]:
    """The tally with `date` and `start` of its period, and the period that is not over."""
    import polars as pl

    if dates is None:
        return table.with_columns(pl.lit(None, pl.Date).alias("start")), (), None
    days, notes = dates.days(table["day"])
    table = table.with_columns(days.alias("date"))
    latest = latest_day(table, dates)
    calendar = where.calendar
    if calendar is None:
        return table.with_columns(pl.lit(None, pl.Date).alias("start")), notes, None
    table = table.with_columns(calendar.starts(days).alias("start"))
    return table, notes, unfinished(latest, where)


def reasons(table: pl.DataFrame, where: Slice) -> pl.DataFrame:
    """The tally with `reason`: the first that applies, null for what is used."""
    import polars as pl

    reason: pl.Expr = pl.when(pl.col("kind") != "valid").then(pl.col("kind"))
    if where.weight:
        reason = pl.coalesce(reason, pl.when(~pl.col("weighed")).then(pl.lit("weight")))
    if where.dated:
        reason = (
            pl.when(pl.col("date").is_null())
            .then(pl.lit("no-date"))
            .when(outside(table, where))
            .then(pl.lit("period"))
            .otherwise(reason)
        )
    if "out" in table.columns:
        reason = pl.coalesce(pl.col("out"), reason)
    return table.with_columns(reason.alias("reason"))


def _kept(table: pl.DataFrame) -> pl.DataFrame:
    """The rows that a group is charged with: its answers, and those missing or invalid."""
    import polars as pl

    return table.filter(pl.col("reason").is_null() | pl.col("reason").is_in(["missing", "invalid"]))


def _merged(table: pl.DataFrame, scan: Scan, keys: list[str]) -> pl.DataFrame:
    """Counts by group, period and further keys; group names as text, equal ones merged."""
    import polars as pl

    groups = [
        group_names(table[f"by{i}"], scan.source.codes.get(name)).alias(f"by{i}")
        for i, name in enumerate(scan.where.columns)
    ]
    keys = [*(group.name for group in groups), "start", *keys]
    sums = ["n", "w", "w2"] if scan.weight else ["n"]
    cells = (
        table.with_columns(groups)
        .group_by(keys)
        .agg(pl.col(sums).sum())
        .filter(pl.col("n") > 0)
        .sort(keys, nulls_last=True)
    )
    return scan.weight.restored(cells) if scan.weight else cells


def group_names(values: pl.Series, labels: Mapping[str, str] | None = None) -> pl.Series:
    """Group keys as text: trimmed, NFC, decoded by value labels; a blank is null."""
    import polars as pl

    labels = labels or {}

    def name(cell: str | None) -> str | None:
        if cell is None:
            return None
        cell = unicodedata.normalize("NFC", cell).strip()
        return labels.get(cell, cell) or None

    texts = answers.text_of(values.fill_nan(None) if values.dtype.is_float() else values)
    distinct = texts.unique().drop_nulls().to_list()
    new = [name(cell) for cell in distinct]
    changed = {old: to for old, to in zip(distinct, new, strict=True) if old != to}
    if not changed:
        return texts
    return texts.replace_strict(
        pl.Series(list(changed), dtype=pl.String),
        pl.Series(list(changed.values()), dtype=pl.String),
        default=texts,
    )


def lacking(scan: Scan, inputs: Sequence[Input]) -> tuple[Note, ...]:
    """A warning for each of several files that has no column of a name that is asked for."""
    asked = scan.where.columns_for(scan.score) | dict.fromkeys(scan.more)
    asked |= dict.fromkeys(scan.condition.columns if scan.condition else ())
    asked.pop(FILE, None)
    having = [one for one in inputs if one.rows != 0]
    notes = []
    for part, one in zip(scan.source.parts, having, strict=False):
        lost = [f'"{visible(name)}"' for name in asked if name not in part.columns]
        if lost:
            columns = f"column{'s' * (len(lost) > 1)} {', '.join(lost)}"
            rows = "its 1 row counts" if one.rows == 1 else f"its {one.rows:,} rows count"
            message = f"{visible(one.name)} has no {columns}: {rows} as blank"
            notes.append(Note("missing-column", "warning", message))
    return tuple(notes)
