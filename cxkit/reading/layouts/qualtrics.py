"""Qualtrics: names, question texts, and import ids, each a header record; the old one of two.

Tools that hand such files on leave out one or both of the further header records. The question
texts are in the language of whoever downloaded the file, so nothing is told by them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cxkit.reading.layouts.base import Found, Head, Layout, is_one_of, key, plain_text, written
from cxkit.result import Note
from cxkit.source import Check

if TYPE_CHECKING:
    import polars as pl

_ID = re.compile(r"""^\s*\{\s*["']ImportId["']\s*:\s*["']([^"']*)["']""")
_ZONE = re.compile(r"""["']timeZone["']\s*:\s*["']([^"']*)["']""")
# Columns of the export itself, by key: as named in the first record, and by import id.
_META = {
    "startdate": (), "enddate": (), "status": ("responsetype",), "ipaddress": (), "progress": (),
    "duration(inseconds)": ("duration",), "finished": (), "recordeddate": (),
    "responseid": ("recordid",), "recipientlastname": (), "recipientfirstname": (),
    "recipientemail": ("emailaddress",), "externalreference": ("externaldatareference",),
    "locationlatitude": (), "locationlongitude": (), "distributionchannel": (),
    "userlanguage": (),
}  # fmt: skip
_KNOWN = {alias: name for name, others in _META.items() for alias in (name, *others)}
_TELLING = {"duration(inseconds)", "recordeddate", "responseid"}
_ENOUGH = 5  # names that tell a Qualtrics file whose import ids are gone
_GROUP = "_NPS_GROUP"
# Status as codes and in English; the number of a code says what its word does.
_STATUS = {
    "0": "ip address", "1": "survey preview", "2": "survey test", "4": "imported", "8": "spam",
    "9": "survey preview spam", "12": "imported spam", "16": "offline",
    "17": "offline survey preview", "32": "ex", "40": "ex spam", "48": "ex offline",
}  # fmt: skip
_PREVIEW = (
    "preview|vorschau|aperçu|vista previa|pré-visualização|anteprima|プレビュー|预览|xem trước"
)
MISSING = ("-99", "-98")  # seen but not answered, as usually coded


def _ids(record: tuple[str, ...]) -> tuple[str, ...]:
    """The import ids of a record; empty if it holds none."""
    found = [_ID.match(cell) for cell in record]
    return tuple(match[1] if match else "" for match in found) if any(found) else ()


def _legacy(head: Head) -> bool:
    return {"V1", "V10"} <= set(head.names) and "responseset" in map(key, head.record(0))


def _named(head: Head) -> bool:
    keys = {_KNOWN[key(name)] for name in head.names if key(name) in _KNOWN}
    return len(keys) >= _ENOUGH and bool(keys & _TELLING)


def _fits(head: Head) -> bool:
    return bool(_ids(head.record(0)) or _ids(head.record(1))) or _legacy(head) or _named(head)


def _read(head: Head) -> Found:
    headers = _headers(head)
    ids = _ids(head.record(0)) or _ids(head.record(1))
    texts = head.record(0) if headers == 3 or (headers == 2 and not ids) else ()
    meta = _meta(head, ids, texts if _legacy(head) else ())
    scores = _scores(head, ids)
    wanted = [meta[name] for name in ("enddate", "recordeddate", "startdate") if name in meta]
    roles = {"date": tuple(wanted[:1]), "score": tuple(score for score, _ in scores)}
    people = (meta.get("externalreference"), meta.get("recipientemail"))
    known = [column for column in people if column and head.filled(column, headers)]
    roles["customer"] = tuple(known[:1])
    return Found(
        headers=headers,
        labels=_labels(head, texts),
        roles={role: columns for role, columns in roles.items() if columns},
        left_out=_left_out(head, headers, meta),
        missing=MISSING,
        checks=(*(_disagree(head, headers, *pair) for pair in scores), *_spam(meta)),
        notes=_zone(head),
    )


def _headers(head: Head) -> int:
    """How many header records there are: up to the import ids, or to the first date."""
    for place in (0, 1):
        if _ids(head.record(place)):
            return place + 2
    if _legacy(head):
        return 2
    dates = [i for i, name in enumerate(head.names) if key(name) in ("startdate", "enddate")]
    first = head.record(0)
    return 2 if dates and first and not any(re.search("[0-9]", first[i]) for i in dates) else 1


def _meta(head: Head, ids: tuple[str, ...], texts: tuple[str, ...]) -> dict[str, str]:
    """Qualtrics' own columns: by import id, else by name, in the old layout by text."""
    written = ids if any(key(id) in _KNOWN for id in ids) else texts or head.names
    found: dict[str, str] = {}
    for name, column in zip(written, head.names, strict=False):
        if key(name) in _KNOWN:
            found.setdefault(_KNOWN[key(name)], column)
    return found


def _labels(head: Head, texts: tuple[str, ...]) -> dict[str, str]:
    pairs = zip(head.names, map(plain_text, texts), strict=False)
    return {name: text for name, text in pairs if text and text != name}


def _scores(head: Head, ids: tuple[str, ...]) -> list[tuple[str, str]]:
    """NPS questions: the column of scores and that of their groups."""
    by_id = dict(zip(ids, head.names, strict=False))
    pairs = []
    for group, id in zip(head.names, ids or head.names, strict=False):
        score: str | None = None
        if group.endswith(_GROUP):
            score = group.removesuffix(_GROUP)
        if score not in head.names and id.endswith(_GROUP):
            score = by_id.get(id.removesuffix(_GROUP))
        if score in head.names:
            pairs.append((str(score), group))
    return pairs


def _status(*codes: str) -> tuple[str, ...]:
    return (*codes, *(_STATUS[code] for code in codes))


def _left_out(head: Head, headers: int, meta: dict[str, str]) -> dict[str, pl.Expr]:
    """Previews, tests and answers that were not finished."""
    found: dict[str, list[pl.Expr]] = {"preview": [], "test": [], "unfinished": []}
    if status := meta.get("status"):
        preview = is_one_of(status, *_status("1", "9", "17"))
        known = {*_status(*_STATUS), *(f"{code}.0" for code in _STATUS)}
        if any(cell.casefold() not in known for cell in head.seen(status, headers)):
            preview |= written(status).str.contains(_PREVIEW).fill_null(False)
        found["preview"].append(preview)
        found["test"].append(is_one_of(status, *_status("2")))
    if channel := meta.get("distributionchannel"):
        found["preview"].append(is_one_of(channel, "preview"))
        found["test"].append(is_one_of(channel, "test"))
    if finished := meta.get("finished"):
        found["unfinished"].append(is_one_of(finished, "0", "false", "no"))
    elif progress := meta.get("progress"):
        found["unfinished"].append(~is_one_of(progress, "100", "100%"))
    return {
        reason: conditions[0] if len(conditions) == 1 else conditions[0] | conditions[1]
        for reason, conditions in found.items()
        if conditions
    }


def _spam(meta: dict[str, str]) -> tuple[Check, ...]:
    if not (status := meta.get("status")):
        return ()
    applies = is_one_of(status, *_status("8", "12", "40"))
    return (Check("spam", "info", "{rows} marked by Qualtrics as possible spam, kept", applies),)


def _disagree(head: Head, headers: int, score: str, group: str) -> Check:
    """Rows in which Qualtrics' own group is not that of the score."""
    import polars as pl

    number = pl.col(score)
    if not all(re.fullmatch("-?[0-9]+", cell) for cell in head.seen(score, headers)):
        number = number.cast(pl.String).str.extract("([0-9]+)", 1)
    number = number.cast(pl.Int64, strict=False)
    of_score = (number >= 7).cast(pl.Int8) + (number >= 9).cast(pl.Int8)
    told = (
        pl.when(is_one_of(group, "detractor", "1"))
        .then(0)
        .when(is_one_of(group, "passive", "2"))
        .then(1)
        .when(is_one_of(group, "promoter", "3"))
        .then(2)
    )
    message = "{rows} in which the group of Qualtrics is not that of the score; the score counts"
    return Check("group-disagrees", "warning", message, told != of_score, column=score)


def _zone(head: Head) -> tuple[Note, ...]:
    cells = (*head.record(0), *head.record(1))
    zones = {match[1] for cell in cells if _ID.match(cell) and (match := _ZONE.search(cell))}
    zones = {"UTC" if zone == "Z" else zone for zone in zones if zone}
    if len(zones) != 1:
        return ()
    return (Note("time-zone", "info", f"dates are those of {zones.pop()}, as the file states"),)


LAYOUT = Layout(
    title="Qualtrics",
    told_by='`{"ImportId":` in record 2 or 3; `V1`…`V10` above `ResponseSet` (old exports); '
    "or five of its own columns, such as `ResponseId`",
    reads="1 to 3 header records, question texts as labels; previews, tests and unfinished "
    "answers left out; `_NPS_GROUP` checked against the score; −99 and −98 are no answers",
    fits=_fits,
    read=_read,
)
