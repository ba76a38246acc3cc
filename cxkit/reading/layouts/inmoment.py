"""InMoment (Wootric): an e-mail address first, and properties whose names end in their type."""

from __future__ import annotations

from cxkit.reading.layouts.base import Found, Head, Layout

_TYPES = ("_amount", "_date", "_array")


def _fits(head: Head) -> bool:
    typed = any(name.endswith(_TYPES) for name in head.names)
    return head.header[0].strip() == "email" and typed and head.column("score", "nps") is not None


def _read(head: Head) -> Found:
    return Found(
        roles=head.own(
            score=("score", "nps"),
            date=("created_at", "responded_at", "response_date"),
            customer=("email",),
            comment=("text", "comment", "feedback"),
        )
    )


LAYOUT = Layout(
    title="InMoment (Wootric)",
    told_by="`email` first, a property ending in `_amount`, `_date` or `_array`, and `score`",
    reads="answers with the properties of people",
    fits=_fits,
    read=_read,
)
