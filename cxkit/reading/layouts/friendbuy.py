"""Friendbuy: conversions of referred friends, and the statement of credits for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxkit.reading.layouts.base import Found, Head, Layout, is_one_of
from cxkit.source import Trade

if TYPE_CHECKING:
    import polars as pl

_SOURCE = "Credit Source"
# The friend and who referred them, both by e-mail or both by id.
_PAIRS = (
    (("Friend Email", "Friend Email Address"),
     ("Referrer Email", "Referrer Email Address", "Advocate Email", "Advocate Email Address")),
    (("Friend ID", "Friend Customer ID"),
     ("Referrer ID", "Referrer Customer ID", "Advocate ID", "Advocate Customer ID")),
)  # fmt: skip
_TEST = ("Test", "Is Test", "Test Conversion", "Conversion Status")


def _fits(head: Head) -> bool:
    pairs = [pair for pair in _PAIRS if all(head.columns(names) for names in pair)]
    return bool(pairs) or len(head.columns((_SOURCE, "Customer Email", "Friend Email"))) == 3


def _read(head: Head) -> Found:
    if head.column(_SOURCE):
        return _credits(head)
    own = head.own(
        date=("Date", "Conversion Date", "Created At"),
        amount=("Order Amount", "Purchase Amount"),
        order=("Order ID", "Friend Order ID"),
        channel=("Share Channel",),
    )
    return Found(roles={**_pair(head), **own}, left_out=_left_out(head))


def _pair(head: Head) -> dict[str, tuple[str, ...]]:
    found = [head.own(customer=friend, referrer=referrer) for friend, referrer in _PAIRS]
    whole = [own for own in found if len(own) == 2]
    return next(iter(whole), found[0])


def _left_out(head: Head) -> dict[str, pl.Expr]:
    test = head.column(*_TEST)
    return {"test": is_one_of(test, "true", "yes", "1", "test")} if test else {}


def _credits(head: Head) -> Found:
    """Credits belong to whoever referred; only those that name a friend tell of a referral."""
    own = head.own(
        customer=("Friend Email",),
        referrer=("Customer Email", "Customer ID"),
        date=("Date",),
        order=("Friend Order ID",),
    )
    return Found(roles=own, trade=Trade(refused="credits for referring, not sales"))


LAYOUT = Layout(
    title="Friendbuy",
    told_by="`Friend Email` with `Referrer Email` or `Advocate Email`, or their ids; "
    "`Credit Source` with `Customer Email` and `Friend Email` (statement of credits)",
    reads="the friend is the customer; test conversions left out; credits are no sales",
    fits=_fits,
    read=_read,
)
