"""WooCommerce: orders as its export extensions write them, a row for an order or for an item."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxkit.reading.layouts.base import Found, Head, Layout, blank, written
from cxkit.source import Check, Trade

if TYPE_CHECKING:
    import polars as pl

_TELLING = ("order_currency", "billing_email", "payment_method", "customer_user")
_ITEMS = ("item_id", "item_name", "item_sku", "item_product_id")  # of a row for each item
_SAME = "cxkit:same-order"  # whether a row's order is that of the row above
_PAID, _CANCELLED = ("processing", "completed"), ("cancelled", "canceled", "trash")
_GIVEN_BACK = "refunded"
_REFUNDED = ("refunded_total",)
_GUEST = {"0", "0.0"}


def _fits(head: Head) -> bool:
    own = head.column("order_total") and head.column("status", "order_status")
    return bool(own and head.columns(_TELLING))


def _read(head: Head) -> Found:
    roles = head.own(
        customer=(*_ids(head), "billing_email", "customer_email", "customer_user"),
        date=("order_date", "date", "date_created", "paid_date"),
        amount=("order_total",),
        order=("order_id", "order_number"),
        currency=("order_currency", "currency"),
    )
    if not _fits(head):
        return Found(roles=roles)
    converted = _without_guests(roles) | _once(head, roles)
    return Found(
        roles=roles, converted=converted, trade=_trade(head, converted), checks=_checks(head, roles)
    )


def _ids(head: Head) -> list[str]:
    """The column of customer ids, if any order is not a guest's."""
    return [column for column in head.columns(("customer_id",)) if set(head.seen(column)) - _GUEST]


def _without_guests(roles: dict[str, tuple[str, ...]]) -> dict[str, pl.Expr]:
    """Guests have the number 0, which is no customer."""
    import polars as pl

    columns = [column for column in roles.get("customer", ()) if column.endswith("id")]
    guest = {column: written(column).is_in(sorted(_GUEST)).fill_null(False) for column in columns}
    return {column: pl.when(~guest[column]).then(pl.col(column)) for column in columns}


def _once(head: Head, roles: dict[str, tuple[str, ...]]) -> dict[str, pl.Expr]:
    """Rows of items repeat the money of their order: it is kept on the first of them."""
    import polars as pl

    order = roles.get("order", ())
    if not order or not head.columns(_ITEMS):
        return {}
    same = (pl.col(order[0]) == pl.col(order[0]).shift(1)).fill_null(False)
    money = head.columns(("order_total", *_REFUNDED))
    return {_SAME: same, **{column: pl.when(~same).then(pl.col(column)) for column in money}}


def _status(head: Head) -> pl.Expr:
    """The status of a row without the prefix that the database gives it."""
    status = head.column("status", "order_status")
    assert status is not None
    return written(status).str.strip_prefix("wc-").fill_null("")


def _trade(head: Head, converted: dict[str, pl.Expr]) -> Trade:
    import polars as pl

    refunds, status = tuple(head.columns(_REFUNDED)), _status(head)
    left_out = {"cancelled": status.is_in(_CANCELLED)}
    if not refunds:
        left_out["voided"] = status == _GIVEN_BACK
    left_out["unpaid"] = ~status.is_in(["", *_PAID, _GIVEN_BACK, *_CANCELLED])
    continues = pl.col(_SAME) if _SAME in converted else None
    return Trade(refunds=refunds, continues=continues, left_out=left_out)


def _checks(head: Head, roles: dict[str, tuple[str, ...]]) -> tuple[Check, ...]:
    found = []
    email = head.column("billing_email", "customer_email")
    customer = roles.get("customer", (email,))[0]
    if email and customer and customer != email:
        guests = "{rows} of guests, who have no customer id; --customer " + email + " counts them"
        found.append(Check("guests", "info", guests, blank(customer) & ~blank(email)))
    if (items := head.column("refund_items")) and not head.columns(_REFUNDED):
        message = "{rows} with refunds of single items, which are not taken off"
        applies = ~blank(items) & _status(head).is_in(_PAID)
        found.append(Check("refunded-items", "warning", message, applies))
    return tuple(found)


LAYOUT = Layout(
    title="WooCommerce",
    told_by="`order_total` and `status`, with `order_currency`, `billing_email` or "
    "`payment_method`",
    reads="orders that are `processing` or `completed`; `refunded` ones are left out as voided, "
    "unless `refunded_total` says how much; `cancelled` ones and all others, which are unpaid, are "
    "left out too; `customer_id` 0 is a guest and no customer; where items have rows, the first "
    "has the order's total",
    fits=_fits,
    read=_read,
)
