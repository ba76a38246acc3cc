"""Delighted: answers to surveys of several types, and properties of people as columns."""

from __future__ import annotations

from cxkit.reading.layouts.base import Found, Head, Layout, from_epoch, mixed

_PROPERTIES = tuple(
    f"Delighted {name}"
    for name in ("Source", "Link Name", "Page", "Page URL", "Referrer URL", "Device Type",
                 "Operating System", "Browser", "Country")
)  # fmt: skip
_DATES = ("created_at", "responded_at", "response date", "updated_at")


def _fits(head: Head) -> bool:
    if head.columns(_PROPERTIES):
        return True
    return len(head.columns(("survey_type", "score", "permalink", "created_at"))) == 4


def _read(head: Head) -> Found:
    roles = head.own(
        score=("score",),
        date=_DATES,
        customer=("person_email", "email", "person", "person_id"),
        comment=("comment",),
    )
    score = roles.get("score", (None,))[0]
    return Found(
        roles=roles,
        converted=from_epoch(head, head.columns(_DATES)),
        mixed=mixed(head, head.column("survey_type"), score),
    )


LAYOUT = Layout(
    title="Delighted",
    told_by="a property that Delighted adds, such as `Delighted Source`; or the names of its "
    "API (`survey_type`, `score`, `permalink`, `created_at`)",
    reads="answers of the type asked for; the others, as `survey_type` tells, are left out; "
    "dates as text or seconds",
    fits=_fits,
    read=_read,
)
