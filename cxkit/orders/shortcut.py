"""The quick way through transactions: taken where every cell is written plainly."""

from __future__ import annotations

from datetime import date as Day
from functools import partial
from typing import TYPE_CHECKING

from cxkit.cells.keys import Cell, plain_id
from cxkit.orders import quick, spans
from cxkit.orders.buckets import by_chunk
from cxkit.reduce import USED
from cxkit.source import INPUT

if TYPE_CHECKING:
    import polars as pl

    from cxkit.orders.receipts import Scan
    from cxkit.orders.sales import Purchases


def shortcut(scan: Scan) -> Purchases | None:
    """The sums where all cells are plain; None if some are not, or if more is asked for."""
    import polars as pl

    if (cells := _cells(scan)) is None:
        return None
    piece = scan.sales.piece
    periods = quick.Periods(piece.calendar, scan.days, piece.first_day, piece.last_day)
    found = quick.summed(
        scan.source,
        cells,
        scan.judged(pl.lit(USED, pl.UInt8), scan.reasons(_read(scan))),
        periods if scan.dates else None,
        list(scan.sales.columns),
        text=scan.customers == "text",
    )
    if found is None or not found.groups["n"].sum():
        return None
    return scan.understood(found.groups, partial(_of_groups, found=found))


def _cells(scan: Scan) -> dict[str, Cell] | None:
    """The columns that the quick pass reads; None if it cannot answer."""
    import polars as pl

    column, added = scan.sales.piece.customer, scan.source.added
    if scan.groups or scan.items or not (scan.customers and column):
        return None
    if scan.sales.piece.count or INPUT in added or spans.PART in added:
        return None
    if scan.customers == "text" and scan.dates:
        return None
    odd = [_unread(scan)] if scan.moneys else []
    if scan.currency:
        odd.append(scan.foreign())
    cells = {
        quick.ID: plain_id(scan.source, column),
        quick.AMOUNT: Cell(scan.amount(None), pl.any_horizontal(odd) if odd else None),
    }
    if scan.dates:
        day = quick.plain_day(scan.source, scan.dates)
        if day is None:
            return None
        cells[quick.DAY] = day
    return cells


def _unread(scan: Scan) -> pl.Expr:
    """Whether a row has a cell that is no amount, or one without room."""
    import polars as pl

    amount = pl.col(quick.AMOUNT)
    if len(scan.moneys) == 1:  # what has been read need not be read again
        (column,) = scan.moneys
        unread = amount.is_null() & pl.col(column).is_not_null()
    else:
        unread = pl.any_horizontal(
            one.value().is_null() & pl.col(column).is_not_null()
            for column, one in scan.moneys.items()
        )
    return unread | (amount.abs() >= quick.BOUND).fill_null(False)


def _read(scan: Scan) -> dict[str, pl.Expr]:
    """What plain cells say of why a row is left out: see `Scan.reasons`."""
    import polars as pl

    name, sales = pl.col(quick.ID), scan.sales
    found = {"no-customer": name.is_null() | (name == "")}
    if scan.moneys:
        columns = (sales.amount,) if sales.amount else (sales.quantity, sales.price)
        found["no-amount"] = pl.any_horizontal(pl.col(str(one)).is_null() for one in columns)
        found["return"] = pl.col(quick.AMOUNT) <= 0
    return found


def _of_groups(used: pl.DataFrame, dates: list[str], *, found: quick.Sums) -> pl.DataFrame:
    """The sums of the quick pass by customer and date, of the groups that are used.

    Args:
        used: the groups, with the date of each.
        dates: the columns that date a row: `day` or `start`, or none.
        found: the sums by customer and group.
    """
    import polars as pl

    rows = found.rows
    if found.groups.filter(state=USED).height != used.height:
        rows = rows.filter(pl.col("group").is_in(used["group"].implode()))
    known = used.select("group", *dates)
    sums = [name for name in ("amount", "n") if name in rows.columns]
    dated = [_looked_up(known, date) for date in dates]
    rows = by_chunk(rows, lambda part: part.select("customer", *dated, *sums))
    if not (known.select(dates).is_duplicated().any() if dates else used.height > 1):
        return rows
    keys = ["customer", *dates]
    return rows.group_by(keys).agg(pl.col(sums).sum()).sort(keys, nulls_last=True)


def _looked_up(known: pl.DataFrame, date: str) -> pl.Expr:
    """The date of each group."""
    import polars as pl

    places = known["group"].to_list()
    dates: list[Day | None] = [None] * (max(places, default=0) + 1)
    for place, day in zip(places, known[date].to_list(), strict=True):
        dates[place] = day
    return pl.lit(pl.Series(dates, dtype=pl.Date)).gather(pl.col("group")).alias(date)
