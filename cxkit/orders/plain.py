"""The quick pass over transactions: one 64-bit key a row, for cells that are written plainly.

Blank cells are plain. A cell that is not is seen by the pass, and makes it worthless: then the
patient one, which understands every cell, reads the rows again. The key of a row is the hash of
its customer, xor that of its group of days: two customers are taken for one with a probability of
about n² / 2^65, 4e-6 for twelve million keys.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Day
from typing import TYPE_CHECKING, NamedTuple

from cxkit.cells.dateforms import FIRST, LAST
from cxkit.cells.keys import Cell
from cxkit.engines import collect
from cxkit.reduce import LONG, SUSPECT, USED, guarded, long_row
from cxkit.source import Source

if TYPE_CHECKING:
    import polars as pl

    from cxkit.cells.dates import DateColumn
    from cxkit.cells.periods import Calendar

ODD = 251  # the state of a row with a cell that is not plain
# Columns that the quick pass adds: what a cell is.
ID, DAY, AMOUNT, _STATE = "cxkit:id", "cxkit:day", "cxkit:amount", "cxkit:state"
_DAYS = (LAST - FIRST).days + 1  # stands for no day, too
_DAY_BITS, _GROUP_BITS = 17, 19
_LEAD = 400  # days that a period may begin before the first
_BEFORE, _AFTER = 1 << 17, 1 << 18  # of a period that is cut by a bound, the days beyond it
_NO_DAY = (1 << _GROUP_BITS) - 1
_SEED = 20_260_715
# Sums of so many amounts, each below so much, have room in 64 bits.
_MANY, ROOM = 1 << 16, 1 << 46


class Sums(NamedTuple):
    """What the pass has found.

    Args:
        rows: `customer`, `group`, `amount`, `n` of the rows that are used or not, in no order.
        groups: `group`, `state`, `day` (one day of it), `latest`, `n`, `rows`.
    """

    rows: pl.DataFrame
    groups: pl.DataFrame


def plain_day(dates: DateColumn) -> Cell | None:
    """The number of days since 1900 in each row; None where only the patterns of dates will do."""
    import polars as pl

    cell = pl.col(dates.name)
    if dates.kind in ("date", "datetime"):
        day = cell if dates.kind == "date" else cell.dt.date()
        number = day.to_physical() - (FIRST - Day(1970, 1, 1)).days
        return Cell(number, ~number.is_between(0, _DAYS - 1))
    if dates.kind != "iso" or not dates.padded:
        return None
    day = cell.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    number = day.to_physical() - (FIRST - Day(1970, 1, 1)).days
    longer = cell.str.slice(10, 1).is_between(pl.lit("0"), pl.lit("9"))
    known = number.is_between(0, _DAYS - 1) & ~longer
    return Cell(number, cell.is_not_null() & ~known.fill_null(False))


@dataclass(frozen=True)
class Periods:
    """Which days are one group: those of a period, on the same side of the bounds.

    Args:
        calendar: of the periods; None makes all days one.
        days: whether each day is its own group.
        first, last: the bounds.
    """

    calendar: Calendar | None
    days: bool
    first: Day | None
    last: Day | None

    def groups(self) -> pl.Series:
        """The group of each day since 1900, and behind them that of no day."""
        import polars as pl

        days = pl.date_range(FIRST, LAST, eager=True)
        numbers = pl.int_range(_DAYS, dtype=pl.Int32, eager=True)
        if self.days:
            begin = numbers
        elif self.calendar is None:
            begin = pl.repeat(0, _DAYS, dtype=pl.Int32, eager=True)
        else:
            unit = "1w" if self.calendar.period == "week" else "1mo"
            starts = self.calendar.starts(days.dt.truncate(unit))
            begin = starts.to_physical() - (FIRST - Day(1970, 1, 1)).days
        group = begin + _LEAD
        if self.first:
            group += (days < self.first).cast(pl.Int32) * _BEFORE
        if self.last:
            group += (days > self.last).cast(pl.Int32) * _AFTER
        return pl.concat([group.cast(pl.Int32), pl.Series([_NO_DAY], dtype=pl.Int32)])


def summed(
    source: Source,
    cells: Mapping[str, Cell],
    state: pl.Expr,
    periods: Periods | None,
    read: Sequence[str],
    *,
    text: bool,
) -> Sums | None:
    """Sum amounts by customer and period, in one streaming pass.

    Args:
        cells: `ID`, `AMOUNT` and `DAY`, if there are dates.
        state: of each row, over those columns; see `totals`.
        periods: which days belong together.
        read: the columns that are read.
        text: whether customers are text, else 64-bit hashes of it. Text goes without periods.

    Returns:
        The sums; None if a cell is not plain.

    Raises:
        DataError: a row is too long or cannot be read.
    """
    import polars as pl

    groups = (periods.groups() if periods else pl.Series([_NO_DAY], dtype=pl.Int32)).rename("group")
    table = collect(_lazy(source, cells, state, groups, read, text), source)
    states = pl.col("code") // (1 << _DAY_BITS)
    found = set(table.select(states.unique()).to_series())
    if SUSPECT in found:
        source = source.without_blank_rows()
        table = collect(_lazy(source, cells, state, groups, (), text), source)
        found = set(table.select(states.unique()).to_series())
    if LONG in found:
        raise long_row(source)
    roomy = pl.col("amount").cast(pl.Float64).abs().sum() < 2.0**62
    few = (pl.col("code") >= 1 << _DAY_BITS) | (pl.col("n") < _MANY)
    if ODD in found or not all(table.select(roomy, few.all()).row(0)):
        return None
    return _told(table, groups, text)


def _lazy(
    source: Source,
    cells: Mapping[str, Cell],
    state: pl.Expr,
    groups: pl.Series,
    read: Sequence[str],
    text: bool,
) -> pl.LazyFrame:
    import polars as pl

    odd = [cell.odd for cell in cells.values() if cell.odd is not None]
    if odd:
        state = (
            pl.when(pl.any_horizontal(odd).fill_null(False))
            .then(pl.lit(ODD, pl.UInt8))
            .otherwise(state)
        )
    state = guarded(source, state, read).cast(pl.Int32)
    day = pl.col(DAY).fill_null(_DAYS) if DAY in cells else pl.lit(len(groups) - 1, pl.Int32)
    used = pl.col(_STATE) == USED
    place = pl.when(pl.col(_STATE) == ODD).then(len(groups) - 1).otherwise(day)
    group = pl.lit(groups).gather(pl.col(DAY)) + pl.col(_STATE) * (1 << _GROUP_BITS)
    if text:
        marks = pl.Series([f"\0{number}" for number in range(256)])
        key = pl.when(used).then(pl.col(ID)).otherwise(pl.lit(marks).gather(pl.col(_STATE)))
    else:
        none = pl.lit(0, pl.UInt64)
        key = pl.when(used).then(pl.col(ID).hash()).otherwise(none) ^ group.hash(_SEED)
    return (
        source.rows.with_columns(cell.value.alias(name) for name, cell in cells.items())
        .with_columns(state.alias(_STATE))
        .with_columns(place.cast(pl.Int32).alias(DAY))
        .select(
            key=key,
            amount=pl.when(used).then(pl.col(AMOUNT)),
            code=pl.col(_STATE) * (1 << _DAY_BITS) + pl.col(DAY),
        )
        .group_by("key")
        .agg(pl.col("amount").sum(), pl.len().alias("n"), pl.col("code").max())
    )


def _told(table: pl.DataFrame, groups: pl.Series, text: bool) -> Sums:
    """What the keys mean."""
    import polars as pl

    code = table.drop_in_place("code").rechunk()
    parts = code.to_frame().select(
        state=pl.col("code") // (1 << _DAY_BITS), day=pl.col("code") % (1 << _DAY_BITS)
    )
    del code
    group = parts.select(
        (pl.lit(groups).gather("day") + pl.col("state") * (1 << _GROUP_BITS)).alias("group")
    ).to_series()
    n = table.drop_in_place("n").rechunk()
    number = (
        pl.when(pl.col("day") < _DAYS).then("day") if len(groups) > 1 else pl.lit(None, pl.Int32)
    )
    latest = (number + (FIRST - Day(1970, 1, 1)).days).cast(pl.Date)
    small = (
        parts.with_columns(group, n)
        .group_by("group")
        .agg(
            pl.col("state").first().cast(pl.UInt8),
            pl.col("day").max(),
            pl.col("n").cast(pl.Int64).sum(),
        )
        .with_columns(rows="n", latest=latest)
    )
    small = small.drop("day").with_columns(day="latest")
    key = table.drop_in_place("key").rechunk()
    if text:
        customer = key
    else:
        customer = (
            pl.DataFrame([key, group])
            .select(pl.col("key") ^ pl.col("group").hash(_SEED))
            .to_series()
        )
    del key
    amount = table.drop_in_place("amount").rechunk()
    rows = pl.DataFrame([customer.rename("customer"), group, amount, n])
    return Sums(rows, small)


def in_order(rows: pl.DataFrame, date: str | None) -> pl.DataFrame:
    """The rows sorted by `customer` and the date, which must be distinct; they are taken apart.

    One whole number is sorted where both fit: in half the time, column by column.
    """
    import polars as pl

    rows = rows.with_columns(pl.col("n").cast(pl.Int64))
    if date is None or rows.schema["customer"] != pl.UInt64:
        return rows.sort("customer", *([date] if date else []), nulls_last=True)
    days = rows[date].to_physical()
    if rows.is_empty() or days.null_count():
        return rows.sort("customer", date, nulls_last=True)
    first, last = int(days.min()), int(days.max())  # type: ignore[arg-type]
    low = 1 << (last - first).bit_length()
    key = rows.select(pl.col("customer") // low * low + (days - first).cast(pl.UInt64)).to_series()
    places = key.arg_sort()
    del key, days
    done = pl.DataFrame([rows.drop_in_place(name).gather(places) for name in rows.columns])
    if done["customer"].is_sorted():
        return done
    return done.sort("customer", date)  # customers whose hashes begin alike
