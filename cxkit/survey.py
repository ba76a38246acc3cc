"""The one pass over a survey: sliced, tallied, understood, and every row accounted for."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date as Day
from itertools import count
from typing import TYPE_CHECKING, Any

from cxkit import answers
from cxkit.customers import cluster_cells, one_each, repeat_customers
from cxkit.doubts import cell_notes, check_notes, judge_scale, need_answers
from cxkit.errors import DataError, RequestError, visible
from cxkit.periods import Calendar, bound
from cxkit.reduce import tally
from cxkit.result import REASONS, Input, Ledger, Note
from cxkit.source import FILE, INPUT, Check, Source
from cxkit.weighting import none_above_zero

if TYPE_CHECKING:
    import polars as pl

    from cxkit.dates import DateColumn
    from cxkit.weighting import Weight
    from cxkit.where import Where


_MONTH_ALONE = "^[0-9]{4}[-/.]?[0-9]{1,2}$"
# Bounds beyond those of dates are as good as these, and calendars end somewhere.
_EARLIEST, _LATEST = Day(1899, 1, 1), Day(2200, 12, 31)


@dataclass(frozen=True)
class Slice:
    """Which rows an analysis is about, and how they are grouped.

    Args:
        by: the tables asked for, each a tuple of columns; the empty tuple is the whole.
        period: length of the periods, or None.
        date, customer, count: the columns with these roles, or None.
        where: SQL conditions, all of which must hold.
        since, until: first and last period or day, inclusive, as written.
        last: the number of latest periods to keep.
        fiscal_start: the month in which fiscal years begin.
        keep: which answers of a customer count in a period: `all`, `first` or `last`.
        weight, cluster: the columns with these roles, or None.
    """

    by: tuple[tuple[str, ...], ...] = ((),)
    period: str | None = None
    date: str | None = None
    customer: str | None = None
    count: str | None = None
    where: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    last: int | None = None
    fiscal_start: int = 1
    keep: str = "all"
    weight: str | None = None
    cluster: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The grouping columns of all tables, each once."""
        return tuple(dict.fromkeys(column for table in self.by for column in table))

    @property
    def dated(self) -> bool:
        """Whether a row needs a date to be used."""
        return bool(self.period or self.since or self.until or self.last or self.keep != "all")

    @property
    def calendar(self) -> Calendar | None:
        return Calendar(self.period, self.fiscal_start) if self.period else None  # type: ignore[arg-type]

    @property
    def first_day(self) -> Day | None:
        return _clamped(bound(self.since, "first", self.fiscal_start)) if self.since else None

    @property
    def last_day(self) -> Day | None:
        return _clamped(bound(self.until, "last", self.fiscal_start)) if self.until else None

    def columns_for(self, score: str) -> dict[str, None]:
        """The columns of an analysis that have a role, each once, but those of `where`."""
        roles = (self.date, self.customer, self.count, self.weight, self.cluster)
        return dict.fromkeys(filter(None, (score, *roles, *self.columns)))


def _clamped(day: Day) -> Day:
    return min(max(day, _EARLIEST), _LATEST)


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
    source: Source, score: str, where: Slice, *, low: int, high: int, shift: int = 0
) -> Answers:
    """Count the answers of a column by group, period and score, in one pass over the rows.

    Args:
        source: the survey.
        score: the column of answers.
        where: which rows, and how they are grouped.
        low, high: the scale of the answers.
        shift: added to a number before it is judged: −1 for position codes.

    Raises:
        RequestError: the last period asked for lies before the first.
        DataError: no rows, no valid answer, answers on another scale, or a type of column that
            cannot be read.
    """
    _check_bounds(where)
    _check_types(source, score, where)
    scan = Scan(
        source,
        score,
        where,
        _dates(source, where),
        _condition(source, where),
        _weight(source, where),
    )
    scan, table = scan.run()
    if not table["rows"].sum():
        raise DataError("empty", f"no rows in {source.name}")
    table = _understood(table, source, score, low, high, shift)
    table, notes, unfinished = _dated(table, where, scan.dates)
    table = _reasons(table, where)
    notes += judge_scale(table, score, low, high) if not shift else ()
    need_answers(scan, table)
    notes += cell_notes(table, where, scan.condition, low, high)
    notes += scan.condition.notes if scan.condition else ()
    notes += check_notes(table, scan.checks)
    inputs = _inputs(source, table)
    notes += _lacking(scan, inputs)
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
    return Answers(cells, _ledger(table), notes, inputs, unfinished, clusters, labels)


# --- the pass -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scan:
    """What one pass over the rows needs to know."""

    source: Source
    score: str
    where: Slice
    dates: DateColumn | None
    condition: Where | None
    weight: Weight | None = None

    def keys(self, cut: str) -> dict[str, Any]:
        """The keys of the tally: the answer, the groups, the day and why a row is left out.

        The answer and the day are kept for every row, so that the scale is judged on the whole
        column and the latest day on all rows; groups only for the rows that the condition keeps.
        """
        import polars as pl

        out = self.left_out()
        keys: dict[str, Any] = {"answer": pl.col(self.score)}
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
        extra: dict[str, Any] = {}
        if self.dates:
            extra |= self.dates.ends(cut)  # type: ignore[arg-type]
        for i, cells in enumerate(self.condition.unread.values() if self.condition else ()):
            extra[f"unread{i}"] = cells
        for i, check in enumerate(self.checks):
            extra[f"check{i}"] = check.applies.sum()
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
        table = self._run("month" if self.dates and _months_serve(self.where) else "day")
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


def _dates(source: Source, where: Slice) -> DateColumn | None:
    if not (where.date and where.dated):
        return None
    from cxkit.dates import settle

    return settle(source, where.date)


def _condition(source: Source, where: Slice) -> Where | None:
    if not where.where:
        return None
    from cxkit.where import compile_where

    return compile_where(where.where, source)


def _weight(source: Source, where: Slice) -> Weight | None:
    if where.weight is None:
        return None
    from cxkit.weighting import settle

    return settle(source, where.weight)


def _months_serve(where: Slice) -> bool:
    """Whether every question about dates is a question about whole months."""
    first, last = where.first_day, where.last_day
    return (
        where.period != "week"
        and where.keep == "all"
        and not (where.customer or where.cluster)  # a second pass works on days
        and (first is None or first.day == 1)
        and (last is None or last == Calendar("month").end(last.replace(day=1)))
    )


def _check_bounds(where: Slice) -> None:
    first, last = where.first_day, where.last_day
    if first and last and last < first:
        message = f"--since {visible(where.since)} is later than --until {visible(where.until)}"
        raise RequestError("bad-value", message)


def _check_types(source: Source, score: str, where: Slice) -> None:
    """Raise the error of a column whose type has no text: it cannot be an answer or a group."""
    schema = source.rows.collect_schema()
    for name in filter(None, (score, where.customer, where.cluster, *where.columns)):
        if name in schema and not _has_text(schema[name]):
            kind = str(schema[name]).partition("(")[0].lower()
            message = f'column "{visible(name)}" is a {kind}, which is neither text nor a number'
            raise DataError("bad-type", message)


def _has_text(dtype: pl.DataType) -> bool:
    import polars as pl

    plain = (pl.String, pl.Categorical, pl.Enum, pl.Boolean, pl.Date, pl.Datetime, pl.Time, pl.Null)
    return dtype.is_numeric() or dtype in plain


# --- what the keys mean -------------------------------------------------------------------------


def _understood(
    table: pl.DataFrame, source: Source, score: str, low: int, high: int, shift: int
) -> pl.DataFrame:
    return table.hstack(
        answers.understand(
            table["answer"],
            low=low,
            high=high,
            shift=shift,
            declared=source.missing,
            labels=source.codes.get(score),
        )
    )


def _dated(
    table: pl.DataFrame, where: Slice, dates: DateColumn | None
) -> tuple[pl.DataFrame, tuple[Note, ...], Day | None]:
    """The tally with `date` and `start` of its period, and the period that is not over."""
    import polars as pl

    if dates is None:
        return table.with_columns(pl.lit(None, pl.Date).alias("start")), (), None
    days, notes = dates.days(table["day"])
    table = table.with_columns(days.alias("date"))
    latest = _latest(table, dates)
    calendar = where.calendar
    if calendar is None:
        return table.with_columns(pl.lit(None, pl.Date).alias("start")), notes, None
    table = table.with_columns(calendar.starts(days).alias("start"))
    if latest is None:
        return table, notes, None
    end = min(latest, where.last_day or latest)
    start = calendar.start(end)
    return table, notes, start if end < calendar.end(start) else None


def _latest(table: pl.DataFrame, dates: DateColumn) -> Day | None:
    """The latest day of any row read, whatever is left out afterwards."""
    import polars as pl

    known = table.filter(pl.col("date").is_not_null())
    cells = known["latest" if "latest" in known.columns else "day"]
    days, _ = dates.days(cells)
    latest: Day | None = days.max()  # type: ignore[assignment]
    if latest is not None and cells.dtype == pl.String:
        last = cells.filter(days == latest).str.strip_chars()
        if last.str.contains(_MONTH_ALONE).all():
            return Calendar("month").end(latest)  # `2026-05` is all of May
    return latest


def _reasons(table: pl.DataFrame, where: Slice) -> pl.DataFrame:
    """The tally with `reason`: the first that applies, null for what is used."""
    import polars as pl

    reason: pl.Expr = pl.when(pl.col("kind") != "valid").then(pl.col("kind"))
    if where.weight:
        reason = pl.coalesce(reason, pl.when(~pl.col("weighed")).then(pl.lit("weight")))
    if where.dated:
        reason = (
            pl.when(pl.col("date").is_null())
            .then(pl.lit("no-date"))
            .when(_outside(table, where))
            .then(pl.lit("period"))
            .otherwise(reason)
        )
    if "out" in table.columns:
        reason = pl.coalesce(pl.col("out"), reason)
    return table.with_columns(reason.alias("reason"))


def _outside(table: pl.DataFrame, where: Slice) -> pl.Expr:
    """Whether a date lies outside the periods asked for."""
    import polars as pl

    first, last = where.first_day, where.last_day
    outside = pl.lit(False)
    if first is not None:
        outside |= pl.col("date") < first
    if last is not None:
        outside |= pl.col("date") > last
    calendar = where.calendar
    starts = table["start"].drop_nulls()
    if where.last and calendar and len(starts):
        latest: Day = starts.max()  # type: ignore[assignment]
        start = min(latest, calendar.start(last)) if last else latest
        for _ in range(where.last - 1):
            if start <= _EARLIEST:
                break
            start = calendar.previous(start)
        outside |= pl.col("start") < start
    return outside


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


# --- the account --------------------------------------------------------------------------------


def _ledger(table: pl.DataFrame) -> Ledger:
    import polars as pl

    out = table.filter(pl.col("reason").is_not_null()).group_by("reason").agg(pl.col("n").sum())
    left_out = {reason: n for reason, n in out.iter_rows() if n}
    read = int(table["n"].sum())
    return Ledger(read=read, used=read - sum(left_out.values()), left_out=in_order(left_out))


def in_order(left_out: Mapping[str, int]) -> dict[str, int]:
    """Reasons in the order in which they are judged."""
    return {reason: left_out[reason] for reason in REASONS if reason in left_out}


def _inputs(source: Source, table: pl.DataFrame) -> tuple[Input, ...]:
    """The inputs with their numbers of rows."""
    import polars as pl

    if len(source.inputs) == 1:
        return (replace(source.inputs[0], rows=int(table["rows"].sum())),)
    rows = dict(table.group_by("input").agg(pl.col("rows").sum()).iter_rows())
    numbers = count()
    return tuple(
        one if one.rows == 0 else replace(one, rows=rows.get(next(numbers), 0))
        for one in source.inputs
    )


def _lacking(scan: Scan, inputs: Sequence[Input]) -> tuple[Note, ...]:
    """A warning for each of several files that has no column of a name that is asked for."""
    asked = scan.where.columns_for(scan.score)
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
