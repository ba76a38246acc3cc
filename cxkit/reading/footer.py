"""The lines that Salesforce writes below a report: they are no rows, whatever the report is of."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from cxkit.reading.text import CHUNK, File, spool

SIZE = 8 * 1024  # bytes at the end in which they are looked for
# Lines that stand below reports only.
_TELLING = re.compile(
    r'"?(?:Grand Totals? \([0-9][0-9.,]* records?\)|Confidential Information - Do Not Distribute|'
    r"Copyright (?:©|\(c\)) [0-9-]+ salesforce\.com)",
    re.IGNORECASE,
)
# What may stand among them: sums, blank lines, one cell alone (title, author, company).
_TOTAL = r'"?(?:Grand |Sub)?[Tt]otals?\b(?: \([^"]*\))?"?(?:[,;\t|].*)?'
_BLANK = r"[,;\t|]*"
_ALONE = r'"(?:[^"]|"")*"|[^",;\t|]*'


def without(file: File) -> File:
    """The file, or a private copy that ends where the lines below its report begin.

    Args:
        file: UTF-8; a packed one is left as it is, for its end cannot be looked at cheaply.
    """
    if file.packing:
        return file
    with file.readable():
        size = file.path.stat().st_size
    length = _length(file.tail(min(SIZE, size)), _several(file)) if size else 0
    return file._replace(path=spool(_first(file, size - length))) if length else file


def _several(file: File) -> bool:
    """Whether the header has several cells, so that one alone is no row."""
    start = file.head(CHUNK).removeprefix(codecs.BOM_UTF8).lstrip()
    line = re.sub(rb'"[^"]*"', b"", start.splitlines()[0] if start else b"")
    return re.search(rb"[,;\t|]", line) is not None


def _length(end: bytes, several: bool) -> int:
    """How many of the last bytes are lines below a report; 0 if there are none."""
    others = re.compile(f"{_TOTAL}|{_BLANK}|{_ALONE}" if several else _BLANK)
    lengths: list[int] = []
    telling = 0
    for raw in reversed(end.splitlines(keepends=True)):
        line = raw.decode("utf-8", "replace").strip(" \r\n")
        told = line.count('"') % 2 == 0 and _TELLING.match(line)
        if not told and not (line.count('"') % 2 == 0 and others.fullmatch(line)):
            return sum(lengths) if telling else 0
        lengths.append(len(raw))
        telling = len(lengths) if told else telling
    return sum(lengths[:telling])  # there is no row to tell the others from


def _first(file: File, size: int) -> Iterator[bytes]:
    with file.readable(), file.open() as stream:
        while chunk := stream.read(min(CHUNK, size)):
            size -= len(chunk)
            yield chunk
