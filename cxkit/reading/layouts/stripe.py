"""Stripe: payments, in columns that the user chose; payouts are told from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxkit.reading.layouts.base import Found, Head, Layout, is_one_of, other_than
from cxkit.result import Note
from cxkit.source import Trade

if TYPE_CHECKING:
    import polars as pl

_DATES = ("Created date (UTC)", "Created (UTC)")
_ARRIVAL = "Arrival Date (UTC)"
_CANCELLED = ("canceled", "cancelled")
# A payment that was refunded has its refund in a column of its own.
_PAID = ("paid", "succeeded", "refunded", "partially refunded", "partially_refunded", "disputed")


def _fits(head: Head) -> bool:
    return head.column(*_DATES) is not None and head.column("Amount") is not None


def _read(head: Head) -> Found:
    if head.column(_ARRIVAL):
        return Found(trade=Trade(refused="payouts to a bank account, not sales"))
    roles = head.own(
        customer=("Customer ID", "Customer Email"),
        date=_DATES,
        amount=("Amount",),
        order=("id",),
        currency=("Currency",),
    )
    if not _fits(head):
        return Found(roles=roles)
    note = Note("time-zone", "info", "dates are those of UTC, as the file states")
    refunds = tuple(head.columns(("Amount Refunded",)))
    return Found(roles=roles, trade=Trade(refunds=refunds, left_out=_left_out(head)), notes=(note,))


def _left_out(head: Head) -> dict[str, pl.Expr]:
    """Payments that did not come about, or that wait for money."""
    found: dict[str, pl.Expr] = {}
    if status := head.column("Status"):
        found["cancelled"] = is_one_of(status, *_CANCELLED)
        found["unpaid"] = other_than(status, *_PAID, *_CANCELLED)
    if captured := head.column("Captured"):
        open_ = is_one_of(captured, "false", "no", "0")
        found["unpaid"] = found["unpaid"] | open_ if status else open_
    return found


LAYOUT = Layout(
    title="Stripe",
    told_by="`Created date (UTC)` or `Created (UTC)`, and `Amount`",
    reads="payments of any choice of columns: `Amount` less `Amount Refunded`, in the currency of "
    "the payment; left out are cancelled ones, and unpaid ones (every `Status` but `Paid`, "
    "`Succeeded`, `Refunded` and `Disputed`; not `Captured`); dates in UTC; payouts "
    "(`Arrival Date (UTC)`) are no sales",
    fits=_fits,
    read=_read,
)
