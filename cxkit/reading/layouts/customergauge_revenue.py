"""CustomerGauge: revenue as it imports it, each amount for a span of days."""

from __future__ import annotations

from cxkit.reading.layouts.base import Found, Head, Layout
from cxkit.source import Trade

_FIRST, _LAST, _AMOUNT = "Revenue Start Date", "Revenue End Date", "Revenue Amount"


def _fits(head: Head) -> bool:
    return len(head.columns((_FIRST, _AMOUNT))) == 2


def _read(head: Head) -> Found:
    span = head.columns((_FIRST, _LAST))
    return Found(
        roles=head.own(customer=("Account Name",), date=(_FIRST,), amount=(_AMOUNT,)),
        trade=Trade(spread=(span[0], span[1])) if len(span) == 2 else None,
    )


LAYOUT = Layout(
    title="CustomerGauge revenue",
    told_by="`Revenue Start Date` and `Revenue Amount`",
    reads="an account's revenue from its first to its last day",
    fits=_fits,
    read=_read,
)
