"""The quick pass over transactions, for cells that are written plainly.

Blank cells are plain. A cell that is not is seen by the pass, whose sums are then of no use: the
thorough one, which understands every cell, reads the rows again. A customer is a 64-bit hash of
the id: two are taken for one with a probability of n² / 2^65, 1e-7 for two million.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Day
from typing import TYPE_CHECKING, NamedTuple

from cxkit.cells.dateforms import FIRST, LAST
from cxkit.cells.keys import Cell
from cxkit.engines import batches, collect
from cxkit.orders.buckets import Buckets
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
# Whole cells that are read as they stand: faster than to cut the day out.
_MOMENTS = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M")
_EPOCH = (FIRST - Day(1970, 1, 1)).days
_DAY_BITS = 17
# Amounts that are each below so much have room in 64 bits if their total, or their number, has.
BOUND = 1 << 46
_TOTAL = 2.0**62
_MANY = 1 << 16  # rows of one customer


class Sums(NamedTuple):
    """What the pass has found.

    Args:
        rows: `customer`, `group`, `amount` of the rows that are used, sorted; of customers as text
            also `n`, how many rows these are.
        groups: `group`, `state`, `day` (the last of it, as `latest`), `n`, `rows`.
    """

    rows: pl.DataFrame
    groups: pl.DataFrame


def plain_day(source: Source, dates: DateColumn) -> Cell | None:
    """The number of days since 1900 in each row; None where only the patterns of dates will do."""
    import polars as pl

    cell, known = pl.col(dates.name), pl.col(DAY).is_between(0, _DAYS - 1)
    written = cell.cast(pl.String)
    if dates.kind in ("date", "datetime"):
        day = cell if dates.kind == "date" else cell.dt.date()
        return Cell(day.to_physical() - _EPOCH, ~known)
    if dates.kind != "iso" or not dates.padded:
        return None
    sample = pl.Series([*source.sample(dates.name)], dtype=pl.String).drop_nulls()
    fitting = (form for form in _MOMENTS if not sample.str.to_date(form, strict=False).has_nulls())
    form = next(fitting, None)
    if form is None:
        known &= ~written.str.slice(10, 1).is_between(pl.lit("0"), pl.lit("9"))  # then it is no day
        written, form = written.str.slice(0, 10), "%Y-%m-%d"
    number = written.str.to_date(form, strict=False, cache=False).to_physical() - _EPOCH
    known &= ~written.str.starts_with("+")  # the engine reads it as a year
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
        """The group of each day since 1900, and behind them that of no day: 0, 1, 2 … in time."""
        import polars as pl

        days = pl.date_range(FIRST, LAST, eager=True)
        begin = days
        if not self.days and self.calendar is None:
            begin = pl.repeat(FIRST, _DAYS, dtype=pl.Date, eager=True)
        elif not self.days and self.calendar:
            unit = "1w" if self.calendar.period == "week" else "1mo"
            begin = self.calendar.starts(days.dt.truncate(unit))
        cuts = begin != begin.shift()
        if self.first:
            cuts |= days == self.first
        if self.last:
            cuts |= days.shift() == self.last
        group = cuts.fill_null(False).cast(pl.Int32).cum_sum()
        return pl.concat([group, pl.Series([int(group[-1]) + 1], dtype=pl.Int32)]).rename("group")


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
        cells: `ID`, `AMOUNT` and `DAY`, if there are dates; whether one is odd may be said over
            those columns.
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

    groups = periods.groups() if periods else pl.Series("group", [0], dtype=pl.Int32)
    add = _by_name if text else _by_hash
    found = add(source, _rows(source, cells, state, read), groups)
    if found is not None and SUSPECT in found.groups["state"]:
        source = source.without_blank_rows()
        found = add(source, _rows(source, cells, state, ()), groups)
    if found is not None and LONG in found.groups["state"]:
        raise long_row(source)
    return None if found is None or ODD in found.groups["state"] else found


def _rows(
    source: Source, cells: Mapping[str, Cell], state: pl.Expr, read: Sequence[str]
) -> pl.LazyFrame:
    """`id`, `amount` and `code` (state and day in one number) of each row.

    Amounts are there of the rows that are used; those that continue an order bring 0.
    """
    import polars as pl

    odd = [cell.odd for cell in cells.values() if cell.odd is not None]
    if odd:
        is_odd = pl.any_horizontal(odd).fill_null(False)
        state = pl.when(is_odd).then(pl.lit(ODD, pl.UInt8)).otherwise(state)
    state = guarded(source, state, read).cast(pl.Int32)
    day = pl.lit(0, pl.Int32)
    if DAY in cells:
        day = pl.when(pl.col(DAY).is_between(0, _DAYS - 1)).then(DAY).otherwise(_DAYS)
    return (
        source.rows.with_columns(cell.value.alias(name) for name, cell in cells.items())
        .with_columns(state.alias(_STATE))
        .select(
            id=pl.col(ID),
            amount=pl.when(pl.col(_STATE) == USED).then(pl.col(AMOUNT).fill_null(0)),
            code=pl.col(_STATE) * (1 << _DAY_BITS) + day.cast(pl.Int32),
        )
    )


def _by_hash(source: Source, rows: pl.LazyFrame, groups: pl.Series) -> Sums | None:
    """The sums by hashes of customers and by group: rows are split by customer, then sorted."""
    import polars as pl

    hashed = rows.select(pl.col("id").hash().alias("customer"), "amount", "code")
    place = pl.lit(groups).gather(pl.col("code")).alias("group")
    counts: list[pl.DataFrame] = []
    rough: list[float] = []

    used = pl.col("code") < 1 << _DAY_BITS

    def prepared(batch: pl.DataFrame) -> pl.DataFrame:
        counts.append(_counted(batch))
        rough.append(float(batch["amount"].cast(pl.Float64).abs().sum()))
        return batch.filter(used).select("customer", "amount", place)

    batch = None
    with Buckets("customer", prepared) as buckets:
        for batch in batches(hashed, source):
            if (batch["code"] >= ODD << _DAY_BITS).any():  # `summed` reads again, or gives up
                return Sums(prepared(batch.clear()), _told([_counted(batch)], groups))
            if 2 * batch.select(used.sum()).item() < batch.height:  # those left out need not wait
                counts.append(_counted(batch.filter(~used)))
                batch = batch.filter(used)
            buckets.add(batch)
        if batch is None:
            return None
        found = Sums(buckets.reduced(_run_sums), _told(counts, groups))
        return found if sum(rough) < _TOTAL else None


def _counted(batch: pl.DataFrame) -> pl.DataFrame:
    """How many rows have which code."""
    import polars as pl

    return batch.group_by("code").agg(n=pl.len().cast(pl.Int64))


def _by_name(source: Source, rows: pl.LazyFrame, groups: pl.Series) -> Sums | None:
    """The sums by the names of customers, where all days are one group."""
    import polars as pl

    state = pl.col("code") // (1 << _DAY_BITS)
    marks = pl.Series([f" {number}" for number in range(256)])  # of rows not used: ids are trimmed
    key = pl.when(state == USED).then("id").otherwise(pl.lit(marks).gather(state))
    sums = rows.group_by(customer=key).agg(
        pl.col("amount").sum(), pl.len().cast(pl.Int64).alias("n"), pl.col("code").max()
    )
    table = collect(sums, source)
    told = _told([table.select("code", "n")], groups)
    found = table.filter(state == USED)
    rough = found["amount"].cast(pl.Float64).abs().sum()
    if rough >= _TOTAL or (found["n"] >= _MANY).any():
        return None
    return Sums(
        found.select("customer", pl.lit(0).alias("group"), "amount", "n").sort("customer"), told
    )


def _told(counts: Sequence[pl.DataFrame], groups: pl.Series) -> pl.DataFrame:
    """What the codes mean: the groups of days, by state."""
    import polars as pl

    code, day = pl.col("code"), pl.col("day")
    number = pl.when(day < _DAYS).then(day) if len(groups) > 1 else pl.lit(None, pl.Int32)
    return (
        pl.concat(counts)
        .select(state=code // (1 << _DAY_BITS), day=code % (1 << _DAY_BITS), n="n")
        .with_columns(pl.lit(groups).gather(day).alias("group"))
        .group_by("group", pl.col("state").cast(pl.UInt8))
        .agg(day.max(), pl.col("n").sum())
        .with_columns(day=(number + _EPOCH).cast(pl.Date), rows="n")
        .with_columns(latest="day")
    )


def _run_sums(rows: pl.DataFrame) -> pl.DataFrame:
    """The sums of each customer and group, sorted.

    With several groups rows are sorted as numbers of 128 bits (the customer, the group, and the
    amount beside its bias), which is several times as fast as hash tables of that many keys.
    """
    import polars as pl

    if rows["group"].min() == rows["group"].max():
        sums = rows.group_by("customer").agg(pl.col("group").first(), pl.col("amount").sum())
        return sums.sort("customer")
    low = pl.col("group").cast(pl.UInt64) * (2 * BOUND) + (pl.col("amount") + BOUND).cast(pl.UInt64)
    high = pl.col("customer").cast(pl.UInt128)
    packed = rows.select(high * 2**64 + low.cast(pl.UInt128)).to_series().sort()
    key = pl.Series("key", packed // (2 * BOUND))
    first = (key != key.shift()).fill_null(True).arg_true()
    end = first.shift(-1, fill_value=len(packed))
    amount = packed.cast(pl.UInt64, wrap_numerical=True) % (2 * BOUND)
    upto = (amount.cast(pl.Int64) - BOUND).cum_sum().gather(end - 1)
    return key.gather(first).to_frame().select(
        customer=(pl.col("key") // (1 << _DAY_BITS)).cast(pl.UInt64),
        group=(pl.col("key") % (1 << _DAY_BITS)).cast(pl.Int32),
        amount=(upto - upto.shift(fill_value=0)).rechunk(),
    )  # fmt: skip
