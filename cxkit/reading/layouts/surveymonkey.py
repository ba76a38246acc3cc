"""SurveyMonkey: each question once in the first record, the choices below it in the second."""

from __future__ import annotations

import re
from itertools import groupby

from cxkit.reading.layouts.base import Found, Head, Layout, key, plain_text
from cxkit.reading.sniff import unique

# What the second record says above a question's single or open answer.
_ANSWER = {"response", "openendedresponse"}
# A header cell without a name, as other readers fill it.
_UNNAMED = re.compile(r"|_duplicated_\d+|column[ _]\d+|Unnamed: \d+")
_DATE = "%m/%d/%Y"


def _fits(head: Head) -> bool:
    if key(head.header[0]) != "respondentid":
        return False
    return "collectorid" in map(key, head.header) or _second(head)


def _second(head: Head) -> bool:
    """Whether the second record continues the header: choices, and nothing below the ids."""
    cells = head.record(0)
    if not cells or cells[0].strip():
        return False
    answers = any(key(cell) in _ANSWER for cell in cells)
    return answers or any(
        cell.strip() and _UNNAMED.fullmatch(name.strip())
        for cell, name in zip(cells, head.header, strict=True)
    )


def _read(head: Head) -> Found:
    second = _second(head)
    names = unique(_names(head)) if second else head.names
    was = dict(zip(names, head.names, strict=True))
    named = Head(names, names, (), lambda column: head.sample(was[column]))
    roles = named.own(
        headers=1 + second,
        date=("End Date", "Date Modified", "Start Date", "Date Created"),
        customer=("Email Address",),
    )
    dates = named.columns(("Start Date", "End Date", "Date Created", "Date Modified"))
    return Found(
        headers=1 + second,
        names=names if second else None,
        roles=roles,
        date_formats={} if _day_first(named, dates) else dict.fromkeys(dates, _DATE),
    )


def _names(head: Head) -> list[str]:
    """A name for each column: its question, and its choice where the question has several."""
    pairs = zip(head.header, head.record(0), strict=True)
    blocks: list[tuple[str, str]] = []
    question = ""
    for name, item in pairs:
        blank = _UNNAMED.fullmatch(name.strip())
        question = question if blank else plain_text(name)
        blocks.append((question, plain_text(item)))
    names = []
    for question, block in groupby(blocks, key=lambda pair: pair[0]):
        items = [item for _, item in block]
        alone = len(items) == 1
        names += [
            question if alone or not item or key(item) in _ANSWER else f"{question} - {item}"
            for item in items
        ]
    return names


def _day_first(head: Head, dates: list[str]) -> bool:
    """Whether the sample holds a day that cannot stand second: the file was saved again."""
    cells = (str(cell).strip() for column in dates for cell in head.sample(column) if cell)
    days = (re.match(r"(\d{1,2})[-/.](\d{1,2})[-/.]\d{2,4}", cell) for cell in cells)
    return any(int(day[1]) > 12 >= int(day[2]) for day in days if day)


LAYOUT = Layout(
    title="SurveyMonkey",
    told_by="`Respondent ID` first, with `Collector ID` or a second record of `Response`, "
    "`Open-Ended Response` and choices",
    reads="2 header records; a question is carried on to the columns of its choices: "
    "`question - choice`; dates are month first",
    fits=_fits,
    read=_read,
)
