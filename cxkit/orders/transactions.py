"""The one pass over transactions: who bought when for how much, and every row accounted for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from cxkit.errors import DataError
from cxkit.orders.receipts import Scan
from cxkit.orders.sales import Purchases, Sales
from cxkit.orders.shortcut import shortcut
from cxkit.reduce import USED
from cxkit.source import Source

if TYPE_CHECKING:
    import polars as pl


def read_sales(
    source: Source,
    sales: Sales,
    *,
    items: Mapping[str, str] | None = None,
    groups: Mapping[str, str] | None = None,
    customers: str | None = "hash",
    days: bool = False,
) -> Purchases:
    """Sum transactions by customer, period and item, in one pass over the rows.

    Args:
        source: the transactions.
        sales: which of them, and how they are read.
        items: columns of what is ranked, by the name they get; a row without one is left out.
        groups: columns to group by, by the name they get; a blank is a group of its own.
        customers: `hash` or `text` makes each customer a key; None does not look at customers.
        days: whether the key is the day, instead of the period of the slice.

    Raises:
        RequestError: a column, option or condition that is wrong.
        DataError: no rows, none that is used, no sales at all, or several currencies.
    """
    refuse(source)
    scan = Scan.of(source, sales, dict(items or {}), dict(groups or {}), customers, days)
    found = shortcut(scan)
    if found is None:
        scan, table = scan.run()
        if not table["rows"].sum():
            raise DataError("empty", f"no rows in {source.name}")
        found = scan.understood(table)
    return replace(found, notes=(*found.notes, *scan.currency_notes(), *scan.check_notes()))


def used_rows(source: Source, sales: Sales) -> tuple[pl.LazyFrame, Purchases]:
    """The transactions that are used one by one, with `cxkit:day` and `cxkit:amount` in steps.

    Raises:
        RequestError, DataError: as `read_sales`.
    """
    import polars as pl

    refuse(source)
    scan, table = Scan.of(source, sales, {}, {}, "text", True).run()
    found = scan.understood(table)
    day = scan.dates.parsed() if scan.dates else pl.lit(None, pl.Date)
    rows = scan.source.rows.filter(scan.state() == USED).with_columns(
        day.alias("cxkit:day"), scan.amount(None).alias("cxkit:amount")
    )
    return rows.filter(pl.col("cxkit:day").is_not_null()), found


def refuse(source: Source) -> None:
    """Raise the error of rows that are no sales."""
    for part in (*source.parts, source):
        if not part.trade or not part.trade.refused:
            continue
        message = f"{part.name} holds {part.trade.refused}"
        raise DataError("no-sales", message, [("hint", "export the orders or payments themselves")])
