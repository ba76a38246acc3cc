"""CustomerGauge: responses as it imports them, and as its API gives them."""

from __future__ import annotations

from cxkit.reading.layouts.base import Found, Head, Layout


def _fits(head: Head) -> bool:
    imported = head.columns(("NPS Score", "Response Date"))
    given = head.columns(("CustomerNumber", "NetPromoterScore"))
    return len(imported) == 2 or len(given) == 2


def _read(head: Head) -> Found:
    return Found(
        roles=head.own(
            score=("NPS Score", "NetPromoterScore"),
            date=("Response Date", "DateSurvey", "Date"),
            customer=("CustomerNumber", "Contact Reference", "Email"),
            comment=("Comment",),
        )
    )


LAYOUT = Layout(
    title="CustomerGauge",
    told_by="`NPS Score` and `Response Date`, or `CustomerNumber` and `NetPromoterScore`",
    reads="responses, with comma or semicolon",
    fits=_fits,
    read=_read,
)
