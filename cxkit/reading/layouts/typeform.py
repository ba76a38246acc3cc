"""Typeform: a token, the questions, and dates in UTC; three generations of columns at the end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cxkit.reading.layouts.base import Found, Head, Layout, blank, is_one_of
from cxkit.result import Note

if TYPE_CHECKING:
    import polars as pl

_RECALL = re.compile(r"\{\{[^{}]*\}\}")  # an earlier answer that is repeated in a question
_SUBMITTED, _STARTED = "Submit Date (UTC)", "Start Date (UTC)"


def _fits(head: Head) -> bool:
    return head.header[0].strip() == "#" and head.column("Network ID") is not None


def _read(head: Head) -> Found:
    submitted, kind = head.column(_SUBMITTED), head.column("Response Type")
    recalled = {name: _RECALL.sub("…", name) for name in head.names if _RECALL.search(name)}
    roles = head.own(date=(_SUBMITTED, _STARTED))
    note = Note("time-zone", "info", "dates are those of UTC, as the file states")
    return Found(
        labels=recalled,
        roles=roles,
        left_out=_unfinished(submitted, kind),
        notes=(note,) if roles else (),
    )


def _unfinished(submitted: str | None, kind: str | None) -> dict[str, pl.Expr]:
    conditions = [blank(submitted)] if submitted else []
    if kind:
        conditions.append(is_one_of(kind, "started", "partial"))
    if not conditions:
        return {}
    return {"unfinished": conditions[0] if len(conditions) == 1 else conditions[0] | conditions[1]}


LAYOUT = Layout(
    title="Typeform",
    told_by="`#` first, and `Network ID`",
    reads="exports with and without `Response Type` and `Ending`; partial answers left out; "
    "dates in UTC",
    fits=_fits,
    read=_read,
)
