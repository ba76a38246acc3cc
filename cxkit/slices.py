"""Which rows an analysis is about: groups, periods, conditions, and where they begin and end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as Day
from typing import TYPE_CHECKING

from cxkit.cells.periods import Calendar, bound
from cxkit.errors import RequestError, visible
from cxkit.source import Source

if TYPE_CHECKING:
    import polars as pl

    from cxkit.cells.dates import DateColumn
    from cxkit.cells.where import Where

_MONTH_ALONE = "^[0-9]{4}[-/.]?[0-9]{1,2}$"
# Bounds beyond those of dates are as good as these, and calendars end somewhere.
EARLIEST, LATEST = Day(1899, 1, 1), Day(2200, 12, 31)


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
        starts: the only periods that are looked at, by their first days; empty: all.
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
    starts: tuple[Day, ...] = ()

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
        return clamped(bound(self.since, "first", self.fiscal_start)) if self.since else None

    @property
    def last_day(self) -> Day | None:
        return clamped(bound(self.until, "last", self.fiscal_start)) if self.until else None

    def columns_for(self, score: str) -> dict[str, None]:
        """The columns of an analysis that have a role, each once, but those of `where`."""
        roles = (self.date, self.customer, self.count, self.weight, self.cluster)
        return dict.fromkeys(filter(None, (score, *roles, *self.columns)))


def clamped(day: Day) -> Day:
    """The day, or the nearest one that calendars know."""
    return min(max(day, EARLIEST), LATEST)


def check_bounds(where: Slice) -> None:
    """Raise the error of a last period before the first."""
    first, last = where.first_day, where.last_day
    if first and last and last < first:
        message = f"--since {visible(where.since)} is later than --until {visible(where.until)}"
        raise RequestError("bad-value", message)


def months_serve(where: Slice) -> bool:
    """Whether every question about dates is a question about whole months."""
    first, last = where.first_day, where.last_day
    return (
        where.period != "week"
        and where.keep == "all"
        and not (where.customer or where.cluster)  # a second pass works on days
        and (first is None or first.day == 1)
        and (last is None or last == Calendar("month").end(last.replace(day=1)))
    )


def dates_of(source: Source, where: Slice, always: bool = False) -> DateColumn | None:
    """How dates are read; None where no question is about them."""
    if not (where.date and (where.dated or always)):
        return None
    from cxkit.cells.dates import settle

    return settle(source, where.date)


def condition_of(source: Source, where: Slice) -> Where | None:
    """The condition on rows, or None."""
    if not where.where:
        return None
    from cxkit.cells.where import compile_where

    return compile_where(where.where, source)


def unfinished(latest: Day | None, where: Slice) -> Day | None:
    """The first day of the last period, if the data end before it does."""
    calendar = where.calendar
    if latest is None or calendar is None:
        return None
    end = min(latest, where.last_day or latest)
    start = calendar.start(end)
    return start if end < calendar.end(start) else None


def latest_day(table: pl.DataFrame, dates: DateColumn) -> Day | None:
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


def outside(table: pl.DataFrame, where: Slice, *, history: bool = False) -> pl.Expr:
    """Whether `date` lies outside the periods asked for.

    Args:
        table: with `date` and `start` of its period.
        history: whether what lies before them counts all the same.
    """
    import polars as pl

    first, last = where.first_day, where.last_day
    out = pl.lit(False)
    if last is not None:
        out |= pl.col("date") > last
    if history:
        return out
    if first is not None:
        out |= pl.col("date") < first
    calendar = where.calendar
    if where.starts:
        out |= ~pl.col("start").is_in([*where.starts])
    starts = table["start"].drop_nulls()
    if where.last and calendar and len(starts):
        latest: Day = starts.max()  # type: ignore[assignment]
        start = min(latest, calendar.start(last)) if last else latest
        for _ in range(where.last - 1):
            if start <= EARLIEST:
                break
            start = calendar.previous(start)
        out |= pl.col("start") < start
    return out
