"""Records of a delimited text, read slowly and carefully: each with its line, each fault named.

The engine counts rows fast and does not care where they stand; this reader is for the head, the
tail, and for finding out what the engine stumbled over.
"""

from __future__ import annotations

import csv
import functools
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Literal, NamedTuple

from cxkit.errors import CxError, DataError, Hint
from cxkit.reading.text import File, decoded

DELIMITERS = (",", ";", "\t", "|")
NO_DELIMITER = "\x1f"  # stands for itself only: a file of one column
RECORD_LIMIT = 64 * 2**20  # characters; a record beyond this is an unclosed quote
SHOWN = 5  # lines listed in one message
COUNTED = 100_000  # faults counted before giving up

csv.field_size_limit(2**31 - 1)  # comments may be long; our own limit is RECORD_LIMIT


class Record(NamedTuple):
    """The cells of a record, the line it begins at, and its text."""

    line: int
    cells: list[str]
    raw: str


class Fault(NamedTuple):
    """What is wrong with a record.

    `long`, `short`, `quote`, `unclosed`, `endless`, `nul` or `return`.
    """

    line: int
    kind: str
    fields: int = 0
    lines: int = 1


class Dialect(NamedTuple):
    """How the records of one file are written.

    Args:
        delimiter: between cells.
        newline: what ends a record: LF (CR LF too) or CR.
        width: cells in a record.
        trailing: whether records may end in one more delimiter, as the header does.
        skip: lines before the first record of data.
    """

    delimiter: str
    newline: str
    width: int = 1
    trailing: bool = False
    skip: int = 1


class _Unclosed(Exception):
    """A record has no end."""


Plain = Callable[[str], bool]


class _Lines:
    """Hands lines to the parser and remembers those of the record it is in.

    Lines that are whole plain records may be passed over: parsing ten million takes a while.
    """

    def __init__(self, lines: Iterable[str], first: int, plain: Plain | None) -> None:
        self._lines = iter(lines)
        self._plain = plain
        self.kept: list[str] = []
        self.size = 0
        self.line = first

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        if self._plain and not self.kept:
            while self._plain(line):
                self.line += 1
                line = next(self._lines)
        self.kept.append(line)
        self.size += len(line)
        if self.size > RECORD_LIMIT:
            raise _Unclosed
        return line

    def record(self, cells: list[str]) -> Record:
        done = Record(self.line, cells, "".join(self.kept))
        self.line += len(self.kept)
        self.kept, self.size = [], 0
        return done


def records(
    lines: Iterable[str], delimiter: str, line: int = 1, plain: Plain | None = None
) -> Iterator[Record | Fault]:
    """Parse lines, numbered from `line`; a fault that ends the parsing is the last item.

    Args:
        lines: with their ends.
        delimiter: between cells.
        line: the number of the first line.
        plain: says of a line whether it is a sound record by itself, to be passed over.
    """
    source = _Lines(lines, line, plain)
    parser = csv.reader(source, delimiter=delimiter)
    try:
        for cells in parser:
            yield source.record(cells)
    except _Unclosed:
        yield Fault(source.line, "endless")
    except csv.Error:
        yield Fault(source.line, "return")


@functools.cache
def written(delimiter: str) -> re.Pattern[str]:
    """A record as it may be written: whole cells in quotes, or quotes in pairs inside a cell."""
    mark, cell = re.escape(delimiter), _cell(delimiter)
    return re.compile(rf"{cell}(?:{mark}{cell})*+[\r\n]*")


def _cell(delimiter: str) -> str:
    mark = re.escape(delimiter)
    bare = rf'[^"{mark}\r\n]*+'
    return rf'(?:"(?:[^"]++|"")*+"|(?:[^"{mark}\r\n]++"{bare}"{bare}(?:"{bare}"{bare})*+|{bare}))'


def quoting(line: str, delimiter: str) -> Literal["quote", "unclosed"]:
    """What is wrong with the quotes of a line: one inside a cell, or one that opens and no more."""
    sound = re.match(rf"(?:{_cell(delimiter)}{re.escape(delimiter)})*+", line)
    rest = line[sound.end() :] if sound else line
    opens = rest.startswith('"') and not re.match(r'"(?:[^"]++|"")*+"', rest)
    return "unclosed" if opens else "quote"


def blank(record: Record) -> bool:
    """Whether a record is a blank line, or holds empty cells only."""
    return not any(cell.strip() for cell in record.cells)


def fault(record: Record, dialect: Dialect) -> Fault | None:
    """What is wrong with a record, if anything. A blank line is not a fault."""
    line, cells, raw = record
    found = len(cells)
    if found == dialect.width and '"' not in raw and "\0" not in raw:
        return None
    lines = raw.rstrip("\r\n").count(dialect.newline) + 1
    if "\0" in raw:
        return Fault(line, "nul")
    if '"' in raw and not written(dialect.delimiter).fullmatch(raw):
        return Fault(line, quoting(raw.split(dialect.newline)[0], dialect.delimiter))
    if dialect.trailing and found == dialect.width + 1 and not cells[-1]:
        return None
    if found == dialect.width or (found <= 1 and blank(record)):
        return None
    return Fault(line, "long" if found > dialect.width else "short", found, lines)


def faults(found: Iterable[Record | Fault], dialect: Dialect) -> Iterator[Fault]:
    """The faults among records; after a broken quote nothing can be trusted, so it is the last."""
    for item in found:
        wrong = item if isinstance(item, Fault) else fault(item, dialect)
        if wrong:
            yield wrong
            if wrong.kind not in {"long", "short"}:
                return


def error(found: Sequence[Fault], dialect: Dialect, within: str = "") -> DataError:
    """The one error for the faults of a file: a broken quote first, for it may cause the rest.

    Args:
        found: at least one fault.
        dialect: what the records should be like.
        within: where the faults were counted, if not in the whole file.
    """
    broken = [wrong for wrong in found if wrong.kind not in {"long", "short"}]
    if broken and (broken[0].line <= found[0].line or broken[0].kind == "nul"):
        return _broken(broken[0])
    first = found[0]
    message = f"line {first.line:,} has {_fields(first.fields)}, header has {dialect.width}"
    ragged = [wrong for wrong in found if wrong.kind in {"long", "short"}]
    if len(ragged) > 1:
        listed = ", ".join(f"{wrong.line}" for wrong in ragged[:SHOWN])
        more = ", …" if len(ragged) > SHOWN else ""
        message += f" ({len(ragged):,} such lines{within}: {listed}{more})"
    return DataError("ragged", message, _why(first, broken, dialect))


def _why(first: Fault, broken: Sequence[Fault], dialect: Dialect) -> list[Hint]:
    unclosed = broken[0].line if broken else first.line if first.lines > 1 else None
    if unclosed is not None:
        return [("hint", f"an unclosed quote at line {unclosed:,}?")]
    if first.kind == "long" and dialect.width == 1:
        return [("hint", "is that the header? the lines above it are to be removed")]
    if first.kind == "long" and dialect.delimiter in DELIMITERS:
        mark = "tab" if dialect.delimiter == "\t" else f'"{dialect.delimiter}"'
        return [("hint", f"a cell that holds a {mark} must stand in quotes")]
    return []


def _broken(wrong: Fault) -> DataError:
    where = f"line {wrong.line:,}"
    if wrong.kind == "nul":
        return DataError(
            "not-text", f"{where} holds a NUL byte", [("hint", "is the file damaged?")]
        )
    if wrong.kind == "return":
        hint = ("hint", "lines of the file end in different ways")
        return DataError("ragged", f"{where} has a carriage return inside it", [hint])
    if wrong.kind == "endless":
        size = f"{RECORD_LIMIT // 2**20} million characters"
        hints = [("hint", "is a quote not closed?")]
        return DataError("ragged", f"{where} begins a record of more than {size}", hints)
    what = "an unclosed quote" if wrong.kind == "unclosed" else "a quote inside a cell"
    hint = ("hint", 'a quote inside a cell is written twice, and the cell in quotes: "5"" disk"')
    return DataError("ragged", f"{where} has {what}", [hint])


def _fields(count: int) -> str:
    return "1 field" if count == 1 else f"{count:,} fields"


def plain_line(dialect: Dialect) -> Plain:
    """Whether a line without quotes has as many cells as it should."""
    mark, marks = dialect.delimiter, dialect.width - 1
    other = "\n" if dialect.newline == "\r" else "\r"

    def plain(line: str) -> bool:
        return (
            line.count(mark) == marks
            and '"' not in line
            and "\0" not in line
            and line.find(other, 0, -2) < 0
        )

    return plain


def examine(file: File, dialect: Dialect) -> CxError | None:
    """Read a whole file carefully; the error of its faults, or None."""
    try:
        with file.readable(), file.open() as stream:
            lines = io.TextIOWrapper(stream, "utf-8-sig", newline=dialect.newline)
            rest = islice(lines, dialect.skip, None)
            found = records(rest, dialect.delimiter, dialect.skip + 1, plain_line(dialect))
            wrong = list(islice(faults(found, dialect), COUNTED))
    except UnicodeDecodeError:
        return _undecodable(file)
    except CxError as failure:
        return failure
    return error(wrong, dialect) if wrong else None


def _undecodable(file: File) -> CxError | None:
    try:
        with file.readable(), file.open() as stream:
            for _ in decoded(stream, "utf-8-sig"):
                pass
    except CxError as failure:
        return failure
    return None
