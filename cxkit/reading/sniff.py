"""How a delimited text is written: settled on its head, checked on its head and tail."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from cxkit.errors import DataError, visible
from cxkit.reading import records as careful
from cxkit.reading.records import DELIMITERS, NO_DELIMITER, Dialect, Fault, Record
from cxkit.reading.text import File, decoded
from cxkit.source import ADDED, OUT, tidy

HEAD_RECORDS = 1_000
HEAD = 256 * 1024  # bytes; more while there are fewer records, up to a limit
HEAD_LIMIT = 4 * 2**20
FIRST_RECORD_LIMIT = 256 * 2**20  # one cell may be huge
TAIL = 64 * 1024
TRIED = 200  # records on which delimiters are tried

Cells = list[list[str]]


class Head(NamedTuple):
    """The beginning of a file.

    Args:
        lines: after leading blank ones.
        newline: what ends them.
        first: the number of the first of them.
        size: bytes that were read.
        whole: whether that is the whole file.
        delimiter: as the file itself states it, in Excel's `sep=` line.
    """

    lines: list[str]
    newline: str
    first: int
    size: int
    whole: bool
    delimiter: str | None = None

    def records(self, delimiter: str, limit: int | None = None) -> list[Record | Fault]:
        """Its records, without the last one where the head cuts it off."""
        parsed = careful.records(self.lines, delimiter, self.first)
        found = list(islice(parsed, limit))
        if self.whole or len(found) < 2 or len(found) == limit or isinstance(found[-1], Fault):
            return found
        return found[:-1]


class Table(NamedTuple):
    """What was learned of a file before it is scanned.

    Args:
        file: what was read.
        dialect: how its records are written.
        header: the cells of the first record, as written.
        names: of the columns, in the same order.
        cells: of the records below it, in the head and the tail.
        below: the lines before the record of data, if one or two of them are header too.
        whole: whether these are all records.
    """

    file: File
    dialect: Dialect
    header: tuple[str, ...]
    names: tuple[str, ...]
    cells: Cells
    below: tuple[int, ...] = ()
    whole: bool = True

    def under(self, headers: int, names: tuple[str, ...] | None) -> Table:
        """The table with so many header records, and columns of these names.

        Raises:
            DataError: nothing stands below them.
        """
        more = headers - 1
        if self.whole and len(self.cells) <= more:
            raise NoRows(self.file.name)
        skip = self.below[more - 1] if more else self.dialect.skip
        dialect = self.dialect._replace(skip=skip)
        cells = self.cells[more:]
        return self._replace(dialect=dialect, names=names or self.names, cells=cells, below=())


def sniff(file: File, delimiter: str | None = None) -> Table:
    """Settle how a file is written on its head, and check head and tail.

    Raises:
        DataError: it is empty, has no rows, or its records do not agree.
    """
    head = _head(file)
    mark = delimiter or head.delimiter or _delimiter(head)
    found = head.records(mark)
    if delimiter and (wrong_mark := _other_delimiter(head, found, delimiter)):
        raise wrong_mark
    dialect, header, cells = _shape(found, head, mark)
    wrong = list(careful.faults(found[1:], dialect))
    if wrong:
        raise careful.error(wrong, dialect, "" if head.whole else " near the top")
    if not cells and head.whole:
        raise NoRows(file.name)
    if not head.whole and not file.packing:
        cells += _tail(file, dialect, head.size)
    below = _below(found, dialect)
    return Table(file, dialect, tuple(header), unique(header), cells, below, head.whole)


def outline(file: File, delimiter: str | None = None) -> tuple[Dialect, list[str], Fault | None]:
    """How a file is written, its header and what is wrong with that; also of one `sniff` refuses.

    For whoever is to find all its faults: none of them is raised, but that nothing is there.
    """
    data = file.head(HEAD)
    sound = data.decode("utf-8-sig", "replace").encode()
    head = _lines(file, sound, len(sound) + (len(data) < HEAD))
    mark = delimiter or head.delimiter or _delimiter(head)
    found = head.records(mark)
    first = found[0]
    wrong: Fault | None = Fault(head.first, "unclosed")
    if isinstance(first, Record):
        wrong = careful.fault(first, Dialect(mark, head.newline, len(first.cells)))
        if wrong is None or first.raw.count(head.newline) <= 1:
            dialect, header, _ = _shape(found, head, mark, strict=False)
            return dialect, header, wrong
    header = head.lines[0].rstrip("\r\n").replace('"', "").split(mark)
    return Dialect(mark, head.newline, len(header), False, head.first), header, wrong


# --- the head ---


def _head(file: File) -> Head:
    size, data = HEAD, file.head(HEAD)
    while len(data) == size and _too_small(data, size):
        size *= 4
        data = file.head(size)
    return _lines(file, data, size)


def _too_small(data: bytes, size: int) -> bool:
    ends = max(data.count(b"\n"), data.count(b"\r"))
    return (ends <= HEAD_RECORDS and size < HEAD_LIMIT) or (ends < 2 and size < FIRST_RECORD_LIMIT)


def _lines(file: File, data: bytes, size: int) -> Head:
    """Split at the line end in use outside quotes; leave out leading blank lines and `sep=`."""
    whole = len(data) < size
    text = _text(data, whole)
    newline = _newline(text)
    lines = list(io.StringIO(text, newline=newline))
    if not lines:
        raise is_empty(file.name)
    first = next((i for i, line in enumerate(lines) if line.strip(" \t\r\n,;|")), None)
    if first is None:
        raise NoRows(file.name)
    stated = re.fullmatch(r"sep=([,;|\t])[\r\n]+", lines[first])
    first += bool(stated)
    delimiter = stated[1] if stated else None
    return Head(lines[first:], newline, first + 1, len(data), whole, delimiter)


def _newline(text: str) -> str:
    """CR where no LF stands outside quotes, as old Macs wrote; else LF, CR LF included."""
    if "\r" not in text:
        return "\n"
    bare = re.sub(r'"[^"]*"', "", text)
    return "\r" if "\r" in bare and "\n" not in bare else "\n"


def _text(data: bytes, whole: bool) -> str:
    try:
        return codecs.getincrementaldecoder("utf-8-sig")("strict").decode(data, final=whole)
    except UnicodeDecodeError:
        return "".join(decoded(io.BytesIO(data), "utf-8-sig"))  # raises, naming the line


def _delimiter(head: Head) -> str:
    """The delimiter under which the records agree; else the one that comes closest to it.

    A header without any delimiter is one column, unless the records below agree on more: then it
    is a title above the table, and an error says so.
    """
    best, best_rank = NO_DELIMITER, (False, 0.0, 1)
    header = next(careful.records(head.lines, ","))
    marks = [mark for mark in DELIMITERS if isinstance(header, Record) and mark in header.raw]
    for delimiter in marks or DELIMITERS:
        found = head.records(delimiter, TRIED)
        if isinstance(found[0], Fault):
            continue
        width = len(found[0].cells)
        others = [len(r.cells) if isinstance(r, Record) else 0 for r in found[1:] if _counts(r)]
        if width == 1 and len(others) > 0 and set(others) == {others[0]} and others[0] > 1:
            rank = (False, 1.0, others[0])
        elif width == 1:
            continue
        else:
            near = sum(count in (width, width - 1) for count in others)  # a trailing empty column
            agree = near + others.count(width)
            rank = (True, agree / max(1, 2 * len(others)), width)
        if rank > best_rank:
            best, best_rank = delimiter, rank
    return best


def _other_delimiter(
    head: Head, found: Sequence[Record | Fault], declared: str
) -> DataError | None:
    """The error of a delimiter that the header does not hold, where another one fits all."""
    if not isinstance(found[0], Record) or declared in found[0].raw:
        return None
    mark = _delimiter(head)
    widths = {
        len(item.cells) if isinstance(item, Record) else 0
        for item in head.records(mark, TRIED)
        if _counts(item)
    }
    if mark == NO_DELIMITER or len(widths) != 1 or widths == {1}:
        return None
    message = f"--delimiter: the header holds no {_said(declared)}"
    return DataError("delimiter", message, [("try", f"--delimiter {_said(mark)}, or leave it out")])


def _said(mark: str) -> str:
    return "tab" if mark == "\t" else f'"{mark}"'


def _counts(item: Record | Fault) -> bool:
    return isinstance(item, Fault) or not careful.blank(item)


def _shape(
    found: Sequence[Record | Fault], head: Head, delimiter: str, strict: bool = True
) -> tuple[Dialect, list[str], Cells]:
    """The dialect, the header, and the cells of the other records.

    A last column that is empty throughout, header included, is no column.
    """
    first = found[0]
    dialect = Dialect(delimiter, head.newline)
    if isinstance(first, Fault):
        raise careful.error([first], dialect)
    header = first.cells
    wrong = careful.fault(first, dialect._replace(width=len(header)))
    if wrong and strict:
        raise careful.error([wrong], dialect)
    cells = [item.cells for item in found[1:] if isinstance(item, Record) and _counts(item)]
    trailing = len(header) > 1 and not header[-1].strip()
    trailing = trailing and all(len(row) < len(header) or not row[-1] for row in cells)
    header = header[:-1] if trailing else header
    skip = head.first - 1 + first.raw.count(head.newline)
    return dialect._replace(width=len(header), trailing=trailing, skip=skip), header, cells


def _below(found: Sequence[Record | Fault], dialect: Dialect) -> tuple[int, ...]:
    """The lines up to and with the second record, and the third; blank ones are no records."""
    lines = dialect.skip
    ends: list[int] = []
    for item in found[1:]:
        if isinstance(item, Fault) or len(ends) == 2:
            break
        lines += item.raw.count(dialect.newline)
        if _counts(item):
            ends.append(lines)
    return tuple(ends)


def unique(header: Sequence[str]) -> tuple[str, ...]:
    """Column names: tidy, none empty, no two the same, none of ours."""
    plain = [tidy(name) for name in header]
    known, taken, names = set(plain), {*ADDED, OUT}, []
    counts: dict[str, int] = {}
    for place, name in enumerate(plain, 1):
        stem = chosen = name or f"column {place}"
        count = counts.get(stem, 1)
        while chosen in taken or (chosen != name and chosen in known):
            count += 1
            chosen = f"{stem} ({count})"
        counts[stem] = count
        taken.add(chosen)
        names.append(chosen)
    return tuple(names)


# --- the tail ---


def _tail(file: File, dialect: Dialect, head: int) -> Cells:
    """The cells of the last records; a doubt is settled by reading the whole file carefully."""
    with file.readable():
        size = min(TAIL, file.path.stat().st_size - head)
    data = file.tail(size) if size > 0 else b""
    start = next((i for i, byte in enumerate(data[:4]) if byte & 0xC0 != 0x80), 0)
    try:
        text = data[start:].decode()
        for opening in ("", '"'):  # it begins outside, or inside, a cell in quotes
            cells = _agreeing(opening, text, dialect)
            if cells is not None:
                return cells
    except UnicodeDecodeError:
        pass
    if wrong := careful.examine(file, dialect):
        raise wrong
    return []


def _agreeing(opening: str, text: str, dialect: Dialect) -> Cells | None:
    """The cells of the records after the first, which is cut; None if something is wrong."""
    lines = io.StringIO(opening + text, newline=dialect.newline)
    found = list(careful.records(lines if opening else islice(lines, 1, None), dialect.delimiter))
    found = found[1:] if opening else found
    if any(careful.faults(found, dialect)):
        return None
    return [item.cells for item in found if isinstance(item, Record) and _counts(item)]


# --- nothing there ---


class NoRows(DataError):
    """A table with a header and no row; `name` is the input's."""

    def __init__(self, name: str) -> None:
        self.name = name
        where = "on standard input" if name == "standard input" else f"in {visible(name)}"
        super().__init__("empty", f"no rows {where}")


def is_empty(name: str) -> DataError:
    """The error of nothing at all."""
    if name == "standard input":
        return NoRows(name)
    return DataError("empty", f"{visible(name)} is empty")
