"""Square: payments and refunds, or the items in them; money as text, the zone by name."""

from __future__ import annotations

import re

from cxkit.reading.layouts.base import Found, Head, Layout, is_one_of
from cxkit.source import Trade


def _fits(head: Head) -> bool:
    return len(head.columns(("Gross Sales", "Time Zone"))) == 2


def _read(head: Head) -> Found:
    roles = head.own(
        customer=("Customer ID",),
        date=("Date",),
        amount=("Net Sales",),
        order=("Transaction ID",),
    )
    if not _fits(head):
        return Found(roles=roles)
    dates = roles.get("date", ()) if _month_first(head) else ()
    return Found(roles=roles, trade=_trade(head), date_formats=dict.fromkeys(dates, "%m/%d/%Y"))


def _trade(head: Head) -> Trade:
    kind, status = head.column("Event Type"), head.column("Transaction Status")
    left_out = {}
    if status:
        left_out["cancelled"] = is_one_of(status, "canceled", "cancelled")
        left_out["voided"] = is_one_of(status, "voided")
        left_out["unpaid"] = is_one_of(status, "failed", "pending", "declined")
    return Trade(left_out=left_out, netted={"return": is_one_of(kind, "refund")} if kind else {})


def _month_first(head: Head) -> bool:
    """Whether the zones are American, and no day stands where a month would."""
    zone, date = head.column("Time Zone"), head.column("Date")
    zones = head.seen(zone) if zone else []
    days = head.seen(date) if date else []
    first = [int(match[1]) for day in days if (match := re.match(r"(\d{1,2})[/.-]\d", day))]
    american = bool(zones) and all("US & Canada" in name for name in zones)
    return american and max(first, default=0) <= 12


LAYOUT = Layout(
    title="Square",
    told_by="`Gross Sales` and `Time Zone`",
    reads="payments, or the items sold: the amount is `Net Sales`; refunds (`Event Type`) have "
    "rows of their own; customers are known by `Customer ID` only; dates are month first where "
    "the zones are American",
    fits=_fits,
    read=_read,
)
