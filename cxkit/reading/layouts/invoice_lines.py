"""Lines of invoices in a table of no vendor, where numbers that begin with C cancel earlier ones.

Not a layout by name: the table stays `plain`.
"""

from __future__ import annotations

import re

from cxkit.reading.layouts.base import Found, Head
from cxkit.source import Trade
from cxkit.terms import ROLES

_CANCELS = "^[Cc][0-9]+$"
_NUMBER = re.compile("[0-9]+")


def read(head: Head) -> Found:
    """What is known of a plain table: which of its rows cancel, if it is one of invoice lines."""
    order, quantity, price = (
        head.column(*ROLES[role].names) for role in ("order", "quantity", "price")
    )
    if order is None or quantity is None or price is None:
        return Found()
    if not any(_NUMBER.fullmatch(cell) for cell in head.seen(order)):
        return Found()  # if all begin with a letter, it is no sign
    import polars as pl

    number = pl.col(order).cast(pl.String).str.strip_chars()
    cancels = number.str.contains(_CANCELS).fill_null(False)
    return Found(trade=Trade(netted={"cancelled": cancels}))
