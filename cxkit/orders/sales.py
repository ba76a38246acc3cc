"""Transactions as an analysis asks for them, and as it gets them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as Day
from typing import TYPE_CHECKING, Any

from cxkit.result import Input, Ledger, Note
from cxkit.slices import Slice

if TYPE_CHECKING:
    import polars as pl

ROWS = "rows"  # `--amount rows` counts rows instead of money


@dataclass(frozen=True)
class Sales:
    """Which transactions count, and which columns say what of them.

    Args:
        piece: the slice: dates, periods, conditions, the customer and the count.
        amount: the column of money, or `rows`, or None for quantity × price.
        quantity, price, currency: the columns with these roles, or None.
        gross: whether what takes money back is left out instead of netted.
        history: whether rows before the first period asked for count: as what came before it.
    """

    piece: Slice
    amount: str | None = None
    quantity: str | None = None
    price: str | None = None
    currency: str | None = None
    gross: bool = False
    history: bool = False

    @property
    def counts_rows(self) -> bool:
        """Whether rows are counted instead of money added."""
        return self.amount == ROWS or not (self.amount or (self.quantity and self.price))

    @property
    def columns(self) -> dict[str, None]:
        """The columns that say what a row is, each once, but those of `where`."""
        amount = () if self.amount == ROWS else (self.amount, self.quantity, self.price)
        piece = self.piece
        roles = (piece.customer, piece.date, piece.count, *amount, self.currency)
        return dict.fromkeys(filter(None, roles))

    @property
    def roles(self) -> dict[str, Any]:
        """Which column has which role, as a Result tells it."""
        piece = self.piece
        roles = {
            "customer": piece.customer, "date": piece.date, "amount": self.amount,
            "quantity": self.quantity, "price": self.price, "currency": self.currency,
            "count": piece.count,
        }  # fmt: skip
        if self.counts_rows:
            roles |= {"amount": ROWS, "quantity": None, "price": None, "currency": None}
        return {role: column for role, column in roles.items() if column} | {
            "by": list(piece.columns)
        }

    @property
    def params(self) -> dict[str, Any]:
        """The settings in force, as a Result tells them."""
        piece = self.piece
        return {
            "gross": self.gross,
            "period": piece.period,
            "fiscal_start": piece.fiscal_start,
            "since": piece.since,
            "until": piece.until,
            "last": piece.last,
            "where": list(piece.where),
        }


@dataclass(frozen=True)
class Purchases:
    """Transactions that are used, summed.

    Args:
        rows: a row for each key: `customer` (a 64-bit hash, or the id as text), `day` or `start`
            of the period, the items by name (text), `amount` (in steps of `money.UNIT`) and, but
            for hashes, `n`, the rows that it sums. Sorted by the keys.
        ledger: every row accounted for.
        notes: what reading them has shown.
        inputs: what was read, with its rows.
        currency: the code of the one currency, None if nothing says which.
        latest: the latest day of any row read, None without dates.
        unfinished: the first day of the last period, if the data end before it does.
    """

    rows: pl.DataFrame
    ledger: Ledger
    notes: tuple[Note, ...]
    inputs: tuple[Input, ...]
    currency: str | None = None
    latest: Day | None = None
    unfinished: Day | None = None
