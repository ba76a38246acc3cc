"""ReferralHero: subscribers, and who referred them."""

from __future__ import annotations

from cxkit.reading.layouts.base import Found, Head, Layout


def _fits(head: Head) -> bool:
    return len(head.columns(("email", "referrals", "referrer"))) == 3


def _read(head: Head) -> Found:
    roles = head.own(customer=("email",), referrer=("referrer",), date=("date",))
    dates = roles.get("date", ()) if _fits(head) else ()
    return Found(roles=roles, date_formats=dict.fromkeys(dates, "%d/%m/%Y"))


LAYOUT = Layout(
    title="ReferralHero",
    told_by="`email`, `referrals` and `referrer`",
    reads="the subscriber is the customer; dates are day first",
    fits=_fits,
    read=_read,
)
