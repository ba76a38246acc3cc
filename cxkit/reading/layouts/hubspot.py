"""HubSpot: feedback submissions under their internal names; labels are the portal's own."""

from __future__ import annotations

from cxkit.reading.layouts.base import Found, Head, Layout, mixed

_OWN = ("hs_survey_type", "hs_survey_channel", "hs_survey_name", "hs_survey_id", "hs_sentiment",
        "hs_submission_timestamp", "hs_response_group")  # fmt: skip
_SCORE = ("hs_value", "hs_response_value")


def _fits(head: Head) -> bool:
    return len(head.columns((*_OWN, *_SCORE))) >= 2


def _read(head: Head) -> Found:
    roles = head.own(
        score=_SCORE,
        date=("hs_submission_timestamp", "hs_createdate"),
        customer=("hs_contact_id", "hs_contact_email_rollup"),
        channel=("hs_survey_channel",),
        comment=("hs_content",),
    )
    score = roles.get("score", (None,))[0]
    return Found(roles=roles, mixed=mixed(head, head.column("hs_survey_type"), score))


LAYOUT = Layout(
    title="HubSpot",
    told_by="internal names such as `hs_survey_type` and `hs_value`; exports with translated "
    "labels need their roles named in `cxkit.toml`",
    reads="answers of the type asked for; the others, as `hs_survey_type` tells, are left out",
    fits=_fits,
    read=_read,
)
