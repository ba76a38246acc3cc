"""HubSpot deals: columns as the user chose them, under English labels or internal names."""

from __future__ import annotations

from cxkit.reading.layouts.base import Found, Head, Layout, is_true, is_won
from cxkit.source import Trade

_NAME, _STAGE = ("Deal Name",), ("Deal Stage",)
_WON = ("Is Closed Won", "hs_is_closed_won")


def _fits(head: Head) -> bool:
    return bool(head.columns(_NAME) and head.columns((*_STAGE, "Close Date", "Pipeline")))


def _read(head: Head) -> Found:
    roles = head.own(
        customer=("Associated Company", "Company Name", "Associated Company IDs",
                  "Associated Contact", "Associated Contact IDs"),
        date=("Close Date",),
        amount=("Amount",),
        order=("Record ID", "Deal ID", "hs_object_id"),
        currency=("Currency", "Deal Currency Code"),
        owner=("Deal owner", "hubspot_owner_id"),
        source=("Original Source", "Original Source Type", "Original Traffic Source",
                "hs_analytics_source"),
    )  # fmt: skip
    won, stage = head.column(*_WON), head.column(*_STAGE)
    if won and head.filled(won):
        return Found(roles=roles, trade=Trade(left_out={"unpaid": ~is_true(won)}))
    if stage:
        return Found(roles=roles, trade=Trade(left_out={"unpaid": ~is_won(stage)}))
    return Found(roles=roles)


LAYOUT = Layout(
    title="HubSpot deals",
    told_by="`Deal Name`, and `Deal Stage`, `Close Date` or `Pipeline`",
    reads="deals that are won, by `Is Closed Won` or a stage like `Closed Won`; the others are "
    "left out as unpaid; stages of other names: `--input-format plain` with `--where`",
    fits=_fits,
    read=_read,
)
