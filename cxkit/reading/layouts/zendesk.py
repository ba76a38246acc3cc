"""Zendesk: tickets, with the satisfaction that was offered and given."""

from __future__ import annotations

from cxkit.reading.layouts.base import Found, Head, Layout


def _fits(head: Head) -> bool:
    return head.column("Summation column") is not None


def _read(head: Head) -> Found:
    return Found(
        roles=head.own(
            date=("Created at",),
            customer=("Requester email", "Requester id"),
            owner=("Assignee",),
            channel=("Via",),
            csat=("Satisfaction Score",),
            opened=("Created at",),
            closed=("Solved at",),
        )
    )


LAYOUT = Layout(
    title="Zendesk",
    told_by="`Summation column`",
    reads="tickets with their own and custom fields; `Good` and `Bad` are the two "
    "answers of `csat`, `Offered` and `Unoffered` are no answers",
    fits=_fits,
    read=_read,
)
