"""The records of a delimited text, all of them: every fault with its line, and the sound rest.

The reader of `reading.records` stops at the first broken quote, for nothing behind it can be
trusted. This one takes the broken line for a record of its own, and goes on behind it.
"""

from __future__ import annotations

import csv
import io
import re
from array import array
from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal, NamedTuple, cast

from cxkit.reading.records import RECORD_LIMIT, Dialect, plain_line, quoting, written
from cxkit.reading.text import File

Kind = Literal["", "blank", "swallowed", "long", "short", "nul", "bytes", "return", "quote",
               "unclosed"]  # fmt: skip
SOUND = ("", "swallowed")
_RUN = 8192  # sound lines handed on together
_UNDECODED = re.compile("[\udc80-\udcff]")  # how undecodable bytes come out of the decoder


class Piece(NamedTuple):
    """Records that follow each other.

    Args:
        line: where the first of them begins.
        lines: their text. A run of sound records has one in each line; any other piece is one
            record, in one line or several.
        kind: what is wrong, if anything.
        fields: how many cells it has, if that is wrong.
    """

    line: int
    lines: list[str]
    kind: Kind = ""
    fields: int = 0
    run: bool = False


class Lines:
    """The line at which each record begins; only where the count of lines jumps is kept."""

    def __init__(self) -> None:
        self.records = 0
        self._starts, self._lines = array("q"), array("q")

    def add(self, line: int, records: int = 1) -> None:
        """The next records begin at this line, each one line long but the last."""
        if not self._starts or line - self.records != self._lines[-1] - self._starts[-1]:
            self._starts.append(self.records)
            self._lines.append(line)
        self.records += records

    def of(self, record: int) -> int:
        """The line of a record, counted from 0."""
        place = max(bisect_right(self._starts, record) - 1, 0)
        return self._lines[place] + record - self._starts[place] if self._starts else record + 2


@dataclass
class Fault:
    """Faults of one kind: how many, the line and the number of cells of the first."""

    count: int
    line: int
    fields: int


@dataclass
class Structure:
    """What reading all records has shown.

    Args:
        dialect, header: as found out at the top of the file.
        faults: by kind.
        blank: wholly blank lines; they are no rows.
        records: the other records below the header, faulty ones included.
        all_lines: where each record begins, blank ones counted too.
        sound_lines: the same of the sound records only.
    """

    dialect: Dialect
    header: list[str]
    faults: dict[Kind, Fault] = field(default_factory=dict)
    records: int = 0
    all_lines: Lines = field(default_factory=Lines)
    sound_lines: Lines = field(default_factory=Lines)

    @property
    def broken(self) -> bool:
        """Whether some record cannot be read as it stands."""
        return bool(set(self.faults) - {"blank", "swallowed"})

    def add(self, piece: Piece) -> None:
        """Count what a piece holds."""
        n = len(piece.lines) if piece.run else 1
        self.all_lines.add(piece.line, n)
        if piece.kind in SOUND:
            self.sound_lines.add(piece.line, n)
        self.records += 0 if piece.kind == "blank" else n
        if piece.kind:
            self.add_fault(piece.kind, piece.line, piece.fields)

    def add_fault(self, kind: str, line: int, fields: int = 0) -> None:
        """Count a fault; the header's is found by others, and comes last."""
        known = self.faults.setdefault(cast(Kind, kind), Fault(0, line, fields))
        known.count += 1
        known.line = min(known.line, line)


def examine(file: File, dialect: Dialect, header: list[str]) -> Structure:
    """Read a whole file, and count what is wrong with it."""
    structure = Structure(dialect, header)
    for piece in _of_file(file, dialect):
        structure.add(piece)
    return structure


def sound(file: File, structure: Structure) -> Iterator[bytes]:
    """The file without its faulty records and blank lines, as UTF-8."""
    dialect, text = structure.dialect, io.StringIO()
    csv.writer(text, delimiter=dialect.delimiter, lineterminator=dialect.newline).writerow(
        structure.header[: dialect.width]
    )
    yield text.getvalue().encode("utf-8", "replace")
    for piece in _of_file(file, dialect):
        if piece.kind in SOUND:
            yield "".join(piece.lines).encode()


def _of_file(file: File, dialect: Dialect) -> Iterator[Piece]:
    with file.readable(), file.open() as stream:
        lines = io.TextIOWrapper(stream, "utf-8-sig", "surrogateescape", newline=dialect.newline)
        yield from pieces(islice(lines, dialect.skip, None), dialect)


def pieces(lines: Iterable[str], dialect: Dialect) -> Iterator[Piece]:
    """The records of a text, below its header."""
    source, plain = _Source(lines), plain_line(dialect)
    run: list[str] = []
    number = dialect.skip + 1
    while (line := source.next()) is not None:
        blank = not line.strip(dialect.delimiter + " \t\r\n")
        if not blank and plain(line) and not _undecoded(line) and len(run) < _RUN:
            run.append(line)
            continue
        if run:
            yield Piece(number, run, run=True)
            number, run = number + len(run), []
        piece = Piece(number, [line], "blank") if blank else _record(source, line, number, dialect)
        yield piece
        number += len(piece.lines)
    if run:
        yield Piece(number, run, run=True)


def _undecoded(text: str) -> bool:
    return not text.isascii() and bool(_UNDECODED.search(text))


class _Source:
    """Lines that can be given back."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._back: deque[str] = deque()

    def next(self) -> str | None:
        """The next line, or None at the end."""
        return self._back.popleft() if self._back else next(self._lines, None)

    def give_back(self, lines: list[str]) -> None:
        """Lines that are to come again."""
        self._back.extendleft(reversed(lines))


def _record(source: _Source, line: str, number: int, dialect: Dialect) -> Piece:
    """The record that begins with a line; a broken one ends with it."""
    lines, size, quotes = [line], len(line), line.count('"')
    while quotes % 2 and size < RECORD_LIMIT and (more := source.next()) is not None:
        lines.append(more)
        size += len(more)
        quotes += more.count('"')
    kind, fields = _judge(lines, quotes, dialect)
    if len(lines) > 1 and kind and kind != "swallowed":
        source.give_back(lines[1:])
        lines, kind, fields = lines[:1], quoting(lines[0], dialect.delimiter), 0
    return Piece(number, lines, kind, fields)


def _judge(lines: list[str], quotes: int, dialect: Dialect) -> tuple[Kind, int]:
    """What is wrong with a record, and how many cells it has if that is wrong."""
    raw = "".join(lines)
    if "\0" in raw:
        return "nul", 0
    if _undecoded(raw):
        return "bytes", 0
    if quotes % 2:
        return quoting(lines[0], dialect.delimiter), 0
    if quotes and not written(dialect.delimiter).fullmatch(raw):
        return "quote", 0
    try:
        cells = next(csv.reader(lines, delimiter=dialect.delimiter))
    except csv.Error:
        return "return", 0
    found = len(cells)
    if dialect.trailing and found == dialect.width + 1 and not cells[-1]:
        found -= 1
    if found != dialect.width:
        return ("long" if found > dialect.width else "short"), found
    return ("swallowed" if _swallows(lines, dialect) else ""), 0


def _swallows(lines: list[str], dialect: Dialect) -> bool:
    """Whether the lines inside a cell look like rows: its quote may have been closed too late."""
    inner = lines[1:-1]
    return len(inner) > 1 and dialect.width > 2 and all(map(plain_line(dialect), inner))
