"""Forsta (Confirmit): system variables beside each client's own questions."""

from __future__ import annotations

from cxkit.reading.layouts.base import Found, Head, Layout, is_one_of

_LOST = ("incomplete", "screened", "quotafull", "error")


def _fits(head: Head) -> bool:
    return len(head.columns(("respid", "responseid"))) == 2


def _read(head: Head) -> Found:
    roles = head.own(date=("interview_end", "lastcomplete", "last_touched", "interview_start"))
    own = head.columns(("respid", "responseid", "interview_end", "interview_start"))
    status = head.column("status") if own else None
    return Found(roles=roles, left_out={"unfinished": is_one_of(status, *_LOST)} if status else {})


LAYOUT = Layout(
    title="Forsta (Confirmit)",
    told_by="`respid` and `responseid`",
    reads="interviews that are not complete, by `status`, left out; questions have the client's "
    "own names: name the roles in `cxkit.toml`",
    fits=_fits,
    read=_read,
)
