"""SaaSquatch: referrals, with dates in milliseconds since 1970."""

from __future__ import annotations

from cxkit.reading.layouts.base import Found, Head, Layout, from_epoch, key

_REFERRED, _REFERRING = "Referred User - ", "Referring User - "
_IDS = ("User ID", "Email", "Account ID")
_DATES = ("Date Converted", "Date Referral Paid", "Date Referral Started", "Date Created")


def _fits(head: Head) -> bool:
    return _has(head, _REFERRED) and _has(head, _REFERRING)


def _has(head: Head, whose: str) -> bool:
    return bool(head.columns([whose + name for name in _IDS]))


def _read(head: Head) -> Found:
    dates = [name for name in head.names if "date" in key(name)]
    roles = head.own(
        customer=[_REFERRED + name for name in _IDS] if _fits(head) else _IDS[:1],
        referrer=[_REFERRING + name for name in _IDS],
        date=(*_DATES, *dates[:1]) if _fits(head) else _DATES,
    )
    return Found(roles=roles, converted=from_epoch(head, dates))


LAYOUT = Layout(
    title="SaaSquatch",
    told_by="`Referred User - User ID` and `Referring User - User ID`",
    reads="the referred user is the customer; dates in milliseconds",
    fits=_fits,
    read=_read,
)
