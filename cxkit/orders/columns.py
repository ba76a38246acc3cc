"""How the columns of transactions are read: which hold money, and in which currency."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cxkit.engines import collect
from cxkit.errors import DataError
from cxkit.orders import money

if TYPE_CHECKING:
    import polars as pl

    from cxkit.cells.where import Where
    from cxkit.orders.money import Money
    from cxkit.orders.sales import Sales
    from cxkit.source import Source

_SAMPLE = 1_000  # rows that are asked for, to judge a column by


def currency_of(source: Source, sales: Sales) -> str | None:
    """The code that the sample of the column of currencies shows first."""
    if sales.currency is None or sales.counts_rows:
        return None
    cells = (
        str(cell).strip().upper() for cell in source.sample(sales.currency) if cell is not None
    )
    return next(filter(None, cells), None)


def amounts(source: Source, sales: Sales) -> list[str]:
    """The columns to be read as money: the amount and what was given back of it, or price and
    quantity, whose marks say as little by themselves."""
    if sales.counts_rows:
        return []
    if not sales.amount:
        return [str(sales.price), str(sales.quantity)]
    refunds = source.trade.refunds if source.trade and not sales.gross else ()
    return [sales.amount, *(one for one in refunds if one in source.columns)]


def settled(source: Source, column: str, currency: str | None, condition: Where | None) -> Money:
    """How a column of money is read: by rows that are asked for, where others cannot be."""
    try:
        return money.settle(source, column, currency)
    except DataError:
        if condition is None:
            raise
        return money.settle(asked(source, condition), column, currency)


def asked(source: Source, condition: Where | None) -> Source:
    """The rows that `--where` asks for, with a sample of these."""
    if condition is None:
        return source
    rows = source.rows.filter(condition.expr)

    def sample(column: str) -> list[object]:
        return collect(rows.select(column).head(_SAMPLE), source)[column].to_list()

    return replace(source, rows=rows, sample=sample)


def code_of(column: str | None) -> pl.Expr:
    """The code of a currency in each row; null where blank."""
    import polars as pl

    cell = pl.col(column).cast(pl.String).str.strip_chars().str.to_uppercase()  # type: ignore[arg-type]
    return pl.when(cell.str.len_bytes() > 0).then(cell)
