"""Shopify: orders with a row for each of their items, and the list of customers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxkit.reading.layouts.base import Found, Head, Layout, blank, is_one_of
from cxkit.source import Trade

if TYPE_CHECKING:
    import polars as pl

# Why the order of a row is left out, on the rows of its further items too; empty if it counts.
_ORDER = "cxkit:order"
_UNPAID = ("pending", "authorized", "expired")


def _fits(head: Head) -> bool:
    return len(head.columns(("Lineitem name", "Financial Status"))) == 2 or _customers(head)


def _customers(head: Head) -> bool:
    return bool(head.column("Total Spent") and head.column("Total Orders", "Orders Count"))


def _read(head: Head) -> Found:
    if _customers(head):
        refused = Trade(refused="a list of customers, not orders")
        return Found(roles=head.own(customer=("Email", "Customer ID")), trade=refused)
    status, total = head.column("Financial Status"), head.column("Total")
    roles = head.own(
        customer=("Email",),
        date=("Created at", "Paid at"),
        amount=("Total",),
        order=("Name",),
        currency=("Currency",),
        quantity=("Lineitem quantity",),
        price=("Lineitem price",),
    )
    if status is None or total is None:
        return Found(roles=roles)
    return Found(
        roles=roles,
        converted={_ORDER: _order(status, total, head.column("Cancelled at"))},
        trade=_trade(head, status, total),
    )


def _order(status: str, total: str, cancelled: str | None) -> pl.Expr:
    """Only an order's first row says what has become of it: it is carried to the rows below."""
    import polars as pl

    said: pl.Expr = (
        pl.when(is_one_of(status, "voided"))
        .then(pl.lit("voided"))
        .when(is_one_of(status, *_UNPAID))
        .then(pl.lit("unpaid"))
        .otherwise(pl.lit(""))
    )
    if cancelled:
        said = pl.when(~blank(cancelled)).then(pl.lit("cancelled")).otherwise(said)
    return pl.when(~_continues(status, total)).then(said).forward_fill()


def _continues(status: str, total: str) -> pl.Expr:
    return blank(status) & blank(total)


def _trade(head: Head, status: str, total: str) -> Trade:
    import polars as pl

    order = pl.col(_ORDER).fill_null("")
    return Trade(
        refunds=tuple(head.columns(("Refunded Amount",))),
        continues=_continues(status, total),
        left_out={reason: order == reason for reason in ("cancelled", "voided", "unpaid")},
    )


LAYOUT = Layout(
    title="Shopify",
    told_by="`Lineitem name` and `Financial Status`; `Total Spent` and `Total Orders` (customers)",
    reads="orders: the amount is `Total` less `Refunded Amount`; rows of further items belong to "
    "the order above; left out are orders with `Cancelled at`, `voided` ones, and unpaid ones "
    "(`pending`, `authorized`, `expired`); a list of customers is no list of sales",
    fits=_fits,
    read=_read,
)
