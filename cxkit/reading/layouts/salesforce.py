"""Salesforce: opportunities as reports and as the Data Loader give them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxkit.reading.layouts.base import Found, Head, Layout, is_true, is_won
from cxkit.source import Trade

if TYPE_CHECKING:
    import polars as pl

_STAGE = ("StageName", "Stage")  # blanks do not count: `Stage Name` too


def _fits(head: Head) -> bool:
    report = head.column("Opportunity ID", "Opportunity Name")
    known = head.columns((*_STAGE, "Close Date", "Amount", "Account Name"))
    return bool(report and known) or len(head.columns(("StageName", "CloseDate"))) == 2


def _read(head: Head) -> Found:
    roles = head.own(
        customer=("AccountId", "Account Name", "Account.Name"),
        date=("CloseDate",),
        amount=("Amount", "Amount (converted)"),
        order=("Opportunity ID", "Id"),
        currency=("Amount Currency", "Opportunity Currency", "CurrencyIsoCode"),
        owner=("Opportunity Owner", "OwnerId", "Owner.Name"),
        source=("LeadSource",),
    )
    left_out = _left_out(head)
    return Found(roles=roles, trade=Trade(left_out=left_out) if left_out else None)


def _left_out(head: Head) -> dict[str, pl.Expr]:
    """Opportunities that were deleted, and those that are not won."""
    found = {}
    if deleted := head.column("IsDeleted"):
        found["cancelled"] = is_true(deleted)
    won, stage = head.column("IsWon", "Won"), head.column(*_STAGE)
    if won and head.filled(won):
        found["unpaid"] = ~is_true(won)
    elif stage:
        found["unpaid"] = ~is_won(stage)
    return found


LAYOUT = Layout(
    title="Salesforce",
    told_by="`Opportunity Name` or `Opportunity ID` with a stage, date, amount or account; "
    "`StageName` and `CloseDate` (Data Loader)",
    reads="opportunities that are won, by `IsWon` or a stage like `Closed Won`; the others are "
    "left out as unpaid, deleted ones as cancelled; the lines below a report (totals, "
    "confidentiality, copyright) are no rows, whatever the report is of",
    fits=_fits,
    read=_read,
)
