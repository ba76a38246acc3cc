"""Medallia: Agent Connect has fixed columns; Experience Cloud has each client's own.

For the latter the roles are named in `cxkit.toml`, as in `examples/medallia`.
"""

from __future__ import annotations

from cxkit.reading.layouts.base import Found, Head, Layout


def _fits(head: Head) -> bool:
    return len(head.columns(("request_id", "star_rating"))) == 2


def _read(head: Head) -> Found:
    return Found(
        roles=head.own(
            date=("response_received_at", "e_responsedate"),
            customer=("request_sent_to",),
            csat=("star_rating",),
            comment=("comments",),
            channel=("channel",),
            owner=("employee_email", "employee_custom_id"),
        )
    )


LAYOUT = Layout(
    title="Medallia",
    told_by="`request_id` and `star_rating` (Agent Connect); Experience Cloud has no fixed "
    "columns: name the roles in `cxkit.toml`",
    reads="dates, channel and employee; stars run from 1 to 5 and are no 0–10 score",
    fits=_fits,
    read=_read,
)
