"""Customers over periods: from the first sale to the end of the data, who was active when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from cxkit.errors import DataError
from cxkit.orders.bridge import MONEY, active_at_ends
from cxkit.orders.buckets import by_chunk
from cxkit.orders.respondents import CATEGORIES, Respondents
from cxkit.result import Chart, Note, Result, Table
from cxkit.surveys import groups as side

if TYPE_CHECKING:
    from datetime import date as Day

    import polars as pl

    from cxkit.cells.periods import Calendar, Length
    from cxkit.glossary import Kind
    from cxkit.orders.sales import Purchases, Sales
    from cxkit.slices import Slice
    from cxkit.source import Source

Group = tuple[str | None, ...]
PLACE, AT = "cxkit:place", "cxkit:at"  # of a row's period, and of the row among those of its table


class Timeline(NamedTuple):
    """The periods from the first sale to the last day of the data, without a gap.

    Args:
        calendar: what periods are.
        starts: their first days.
        ends: their last days; of the last one the last day of the data.
        first: the place of the first one that is shown: what came before is history.
        partial: whether the last one is not over.
    """

    calendar: Calendar
    starts: list[Day]
    ends: list[Day]
    first: int
    partial: bool

    @classmethod
    def of(cls, found: Purchases, piece: Slice) -> Timeline:
        """The periods of these sales.

        Raises:
            DataError: those that are asked for begin after the last.
        """
        calendar = piece.calendar
        assert calendar is not None
        assert found.latest is not None
        end = min(found.latest, piece.last_day or found.latest)
        starts: list[Day] = [found.rows["start"].min()]  # type: ignore[list-item]
        while (following := calendar.next(starts[-1])) <= end:
            starts.append(following)
        first = max(len(starts) - piece.last, 0) if piece.last else 0
        if piece.first_day:
            since = calendar.start(piece.first_day)
            first = max(first, sum(start < since for start in starts))
        if first >= len(starts):
            raise DataError("no-rows", f"the data end on {end}, before the periods asked for")
        ends = [*(calendar.end(start) for start in starts[:-1]), end]
        return cls(calendar, starts, ends, first, found.unfinished == starts[-1])

    def placed(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows with `period` (its place, Int16) instead of its first day, `start`."""
        import polars as pl

        starts = pl.Series(self.starts, dtype=pl.Date)
        days = pl.date_range(starts[0], starts[-1], eager=True)
        place = starts.search_sorted(days, "right").cast(pl.Int16) - 1
        since = pl.col("start").to_physical() - starts.to_physical()[0]
        period = pl.lit(place).gather(since).alias("period")
        return by_chunk(rows, lambda part: part.select(pl.all().exclude("start"), period))

    @property
    def over(self) -> int:
        """The place of the last period that is over; −1 if none is."""
        return len(self.starts) - 1 - self.partial

    def label(self, place: int) -> str:
        """The name of a period."""
        return self.calendar.label(self.starts[place])

    def labels(self, places: pl.Series, name: str) -> pl.Series:
        """The names of periods."""
        import polars as pl

        known = {place: self.label(place) for place in places.unique().to_list()}
        return pl.Series(name, [known[place] for place in places.to_list()], dtype=pl.String)


def split(rows: pl.DataFrame, keys: Sequence[str]) -> list[tuple[Group, pl.DataFrame]]:
    """The rows of each group, groups with most customers first, the blank last."""
    if not keys:
        return [((), rows)]
    parts = rows.partition_by(keys, as_dict=True, include_key=False)

    def rank(part: tuple[Group, pl.DataFrame]) -> tuple[bool, int, list[str]]:
        group, own = part
        return None in group, -own["customer"].n_unique(), [name or "" for name in group]

    return sorted(parts.items(), key=rank)


def active_in(
    rows: pl.DataFrame, time: Timeline, within: Length | None, *, merge: bool
) -> pl.DataFrame:
    """Who is active in which period: `customer`, `period` and `amount`, sorted by the first two.

    Args:
        rows: `customer`, `period` (with a window: `day`) and `amount`, sorted by the first two.
        merge: whether there may be several rows of one customer and day, or period.
        within: active is who bought within so long before the period's end; amounts are 0 then.
    """
    import polars as pl

    when = "day" if within else "period"
    if merge:
        rows = rows.group_by("customer", when).agg(pl.col("amount").sum()).sort("customer", when)
    if within is None:
        return rows
    active = active_at_ends(rows, time.ends, within)
    return active.with_columns(pl.lit(0, pl.Int64).alias("amount"))


def in_force(answers: Respondents, time: Timeline) -> pl.DataFrame:
    """From which period on a customer is in which category: the first to begin after the answer.

    Returns:
        `customer` (the hash of the key, as sales have it), `period` and `category` (place in
        `respondents.CATEGORIES`), sorted; the latest answer before a period counts in it.
    """
    import polars as pl

    starts = pl.Series(time.starts, dtype=pl.Date)
    rows = answers.rows
    found = rows.select(
        pl.col("customer").hash(),
        starts.search_sorted(rows["day"], "right").cast(pl.Int32).alias("period"),
        pl.col("category").replace_strict(CATEGORIES, range(3), return_dtype=pl.Int8),
    )
    found = found.unique(["customer", "period"], keep="last", maintain_order=True)
    return found.sort("customer", "period")


def usual_gap(rows: pl.DataFrame) -> int | None:
    """The days within which 95% of all next purchases came, of customers who bought on several
    days; null where nobody did.

    Args:
        rows: `customer` and `day`, sorted by both.
    """
    import polars as pl

    gap = (pl.col("day") - pl.col("day").shift()).dt.total_days()
    gaps = rows.select(
        pl.when(pl.col("customer") == pl.col("customer").shift()).then(gap).alias("gap")
    ).filter(pl.col("gap") > 0)
    found = gaps["gap"].quantile(0.95, "higher")
    return None if found is None else int(found)


class Ask(NamedTuple):
    """What is asked: the view, who counts as active, the level of intervals, how many are few."""

    view: str
    within: Length | None
    active_within: str | None
    confidence: float
    min_n: int


@dataclass(frozen=True)
class Study:
    """The sales and their periods, what is asked of them, and the answers of their customers."""

    source: Source
    sales: Sales
    found: Purchases
    ask: Ask
    time: Timeline
    answers: Respondents | None = None

    @property
    def tables(self) -> tuple[tuple[str, ...], ...]:
        """The grouping columns of each table."""
        return self.sales.piece.by

    @property
    def labels(self) -> list[str | None]:
        """What tells several tables apart in the rows."""
        several = len(self.tables) > 1
        return [",".join(table) if several else None for table in self.tables]

    @property
    def currency(self) -> str | None:
        """The currency of money, where money is added."""
        return None if self.sales.counts_rows else self.found.currency

    @property
    def params(self) -> dict[str, Any]:
        """The settings in force, as a Result tells them."""
        ask = self.ask
        own = {
            "view": ask.view,
            "active_within": ask.active_within,
            "min_n": ask.min_n,
            "confidence": ask.confidence,
            "currency": self.currency,
        }
        return own | self.sales.params

    @cached_property
    def whole(self) -> pl.DataFrame:
        """Who was active when, of all groups together."""
        several = bool(self.sales.piece.columns)
        return active_in(self.found.rows, self.time, self.ask.within, merge=several)

    def groups(self, table: Sequence[str]) -> list[tuple[Group, pl.DataFrame]]:
        """Who of each group of a table was active when."""
        if not table:
            return [((), self.whole)]
        columns = self.sales.piece.columns
        parts = split(self.found.rows, [f"by{columns.index(column)}" for column in table])
        several = len(set(table)) < len(columns)
        return [
            (group, active_in(rows, self.time, self.ask.within, merge=several))
            for group, rows in parts
        ]


def stacked(
    study: Study, frames: Sequence[Sequence[tuple[Group, pl.DataFrame]]], taken: Sequence[str]
) -> tuple[pl.DataFrame, dict[str, str]]:
    """The rows of all groups of all tables, and what the grouping columns are called in them.

    Args:
        study: with the tables.
        frames: for each table the rows of its groups, with the `PLACE` of their period.
        taken: names that the grouping columns cannot have.
    """
    import polars as pl

    names = side.column_names(study.sales.piece.columns, ("table", *taken))
    made = []
    for table, label, groups in zip(study.tables, study.labels, frames, strict=True):
        parts = [
            frame.with_columns(table=pl.lit(label, pl.String)).with_columns(
                pl.lit(name, pl.String).alias(names[column])
                for column, name in zip(table, group, strict=True)
            )
            for group, frame in groups
        ]
        whole = pl.concat(parts).with_row_index(AT)
        made.append(whole.sort(PLACE, AT))
    return pl.concat(made, how="diagonal"), names


def result_of(
    study: Study,
    rows: pl.DataFrame,
    summary: dict[str, Any],
    notes: Sequence[Note],
    tables: Sequence[Table],
    charts: Sequence[Chart],
    kinds: Mapping[str, Kind] | None = None,
) -> Result:
    """The result; where rows are counted instead of money, its figures are counts."""
    counted: dict[str, Kind] = {}
    if study.sales.counts_rows:
        counted = dict.fromkeys((*MONEY, "revenue"), "count")
    return Result(
        command="retention",
        view=None if study.ask.view == "periods" else study.ask.view,
        rows=rows,
        summary=summary,
        ledger=study.found.ledger,
        notes=tuple(notes),
        inputs=(*study.found.inputs, *(study.answers.inputs if study.answers else ())),
        columns=study.sales.roles,
        params=study.params,
        tables=tuple(tables),
        charts=tuple(charts),
        kinds=counted | dict(kinds or {}),
    )
