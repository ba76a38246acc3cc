"""Transactions as CustomerGauge imports them: the layout of its Revenue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import polars as pl

from cxkit.cells.dates import look, settle
from cxkit.engines import collect
from cxkit.errors import DataError, visible
from cxkit.orders.money import UNIT
from cxkit.orders.sales import Sales
from cxkit.orders.transactions import used_rows
from cxkit.result import Ledger, Note
from cxkit.slices import Slice
from cxkit.source import Source

ROWS = 5_000  # in one file
LETTERS = 128  # in one field
COLUMNS = ("Account Name", "Revenue Start Date", "Revenue End Date", "Revenue Amount",
           "Revenue Type", "Description")  # fmt: skip


class Revenue(NamedTuple):
    """Rows in the import layout, the account of the rows, and what was assumed."""

    rows: pl.LazyFrame
    ledger: Ledger
    notes: tuple[Note, ...]


def revenue(source: Source, roles: Mapping[str, str]) -> Revenue:
    """Every transaction with an account, a date and an amount, net of what was given back.

    Args:
        source: the transactions.
        roles: columns by role: `customer` (the account), `date`, `amount` or `quantity` and
            `price`, and perhaps `order`, `currency`.

    Raises:
        DataError: no transaction can be used, several currencies, or a name too long to import.
    """
    end = source.trade.spread[1] if source.trade and source.trade.spread else None
    if source.trade and end:
        source = replace(source, trade=source.trade._replace(spread=None))
    piece = Slice(customer=roles["customer"], date=roles["date"])
    sales = Sales(piece, roles.get("amount"), roles.get("quantity"), roles.get("price"),
                  roles.get("currency"))  # fmt: skip
    scan, found = used_rows(source, sales)
    last = settle(source, end).parsed() if end and look(source, end) else pl.lit(None, pl.Date)
    order = pl.col(roles["order"]) if roles.get("order") else pl.lit(None, pl.String)
    name = pl.col(roles["customer"]).cast(pl.String).str.strip_chars()
    orders = scan.filter(pl.col("cxkit:amount").is_not_null())  # not what continues an order
    rows = orders.select(
        name.alias(COLUMNS[0]),
        pl.col("cxkit:day").alias(COLUMNS[1]),
        pl.coalesce(last, "cxkit:day").alias(COLUMNS[2]),
        _written(pl.col("cxkit:amount")).alias(COLUMNS[3]),
        pl.lit(None, pl.String).alias(COLUMNS[4]),
        order.cast(pl.String).str.slice(0, LETTERS).alias(COLUMNS[5]),
    )
    long = collect(rows.select((pl.col(COLUMNS[0]).str.len_chars() > LETTERS).sum()), source).item()
    if long:
        message = f'{long:,} names in "{visible(roles["customer"])}" have more than {LETTERS} '
        raise DataError("too-long", message + "characters, all that a field of the import holds")
    return Revenue(rows, found.ledger, found.notes)


def _written(steps: pl.Expr) -> pl.Expr:
    """An amount without symbols and thousands: two decimals, or four where there are more."""
    fine = (steps % (UNIT // 100)) != 0
    value = steps.cast(pl.Float64) / UNIT
    return pl.when(fine).then(value.round(4).cast(pl.Decimal(38, 4)).cast(pl.String)).otherwise(
        value.round(2).cast(pl.Decimal(38, 2)).cast(pl.String)
    )  # fmt: skip
