"""AskNicely: one file for questions of every type, told apart by `question_type`."""

from __future__ import annotations

from cxkit.reading.layouts.base import Found, Head, Layout, from_epoch, mixed

_SCORE = ("answer", "score")
_DATES = ("responded", "responded_at", "response_date", "created", "sent", "opened")


def _fits(head: Head) -> bool:
    own = head.columns(("response_id", "person_id", "contact_id", "responded", "answer_label"))
    return bool(head.column("question_type") and head.column(*_SCORE) and own)


def _read(head: Head) -> Found:
    roles = head.own(
        score=_SCORE,
        date=_DATES[:3],
        customer=("email", "person_id", "contact_id"),
        comment=("comment",),
    )
    score = roles.get("score", (None,))[0]
    return Found(
        roles=roles,
        converted=from_epoch(head, head.columns(_DATES)),
        mixed=mixed(
            head,
            head.column("question_type"),
            score,
            csat=("csat", "5star", "5-star", "5 star"),
        ),
    )


LAYOUT = Layout(
    title="AskNicely",
    told_by="`question_type`, `answer` or `score`, and an id of the response",
    reads="answers of the type asked for; the others, as `question_type` tells, are left out; "
    "dates as text or seconds",
    fits=_fits,
    read=_read,
)
