"""Numbers in columns made by blanks, without a header: as research data often comes."""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from cxkit.errors import CxError, DataError
from cxkit.reading.records import NO_DELIMITER, Dialect
from cxkit.reading.text import File, unreadable
from cxkit.result import Input, Note
from cxkit.source import ADDED, BEYOND, LAST, ROW, Ragged, Source

Cells = Sequence[Sequence[str]]

LEAST = 3  # columns; a date and its time have fewer
HEAD = 64 * 1024
_NUMBER = re.compile(r"[-+]?[0-9][0-9.:/-]*")
_DAY = re.compile(r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")
_LINE = "cxkit:line"


def look(file: File, delimiter: str | None) -> Cells:
    """The cells of the first lines, if they are numbers in columns made by blanks; else none.

    Args:
        file: UTF-8.
        delimiter: as declared; any but a blank says that it is something else.
    """
    head = file.head(HEAD) if delimiter in (None, " ") else b""
    lines = head.decode("utf-8-sig", "replace").splitlines()
    if len(head) == HEAD:
        lines.pop()  # it may be cut
    cells: list[list[str]] = []
    for line in lines:
        found = line.split()
        if found and (len(found) < LEAST or not all(map(_NUMBER.fullmatch, found))):
            return []
        cells += [found] if found else []
    return cells if len(cells) > 1 and len({*map(len, cells)}) == 1 else []


def outline(file: File, delimiter: str | None) -> tuple[Dialect, list[str], None] | None:
    """As `sniff.outline`, of such a file: each line is one cell, and none is a header."""
    if not look(file, delimiter):
        return None
    return Dialect(NO_DELIMITER, _newline(file), skip=0), [], None


def source(file: File, cells: Cells, decimal: str | None) -> Source:
    """The lazy source of such a file, whose columns are named `column_1` and so on.

    Args:
        file: UTF-8, packed at most in a way the engine reads.
        cells: of its first lines.
        decimal: the decimal mark, as declared.
    """
    names = tuple(f"column_{place}" for place in range(1, len(cells[0]) + 1))
    message = f"no header; columns made by blanks are named {names[0]} … {names[-1]}"
    return Source(
        rows=_rows(file, names),
        columns=names,
        inputs=(Input(file.name),),
        decimal=decimal,
        roles=_roles(names, cells),
        notes=(Note("no-header", "info", message),),
        added=ADDED,
        sample=lambda column: [record[names.index(column)] for record in cells],
        diagnose=lambda error: _diagnose(file, len(names), error),
    )


def _rows(file: File, names: Sequence[str]) -> pl.LazyFrame:
    """Each line is scanned as one cell and split; one of another width is seen in `BEYOND`."""
    line = pl.col(_LINE).str.replace_all(r"\s+", " ").str.strip_chars(" ")
    cells = pl.when(line != "").then(line).str.split(" ")
    found = pl.col(_LINE).list
    scanned = pl.scan_csv(
        file.path,
        has_header=False,
        schema={_LINE: pl.String},
        separator=NO_DELIMITER,
        quote_char=None,
        null_values="",
        row_index_name=ROW,
        eol_char=_newline(file),
        glob=False,
    )
    return scanned.with_columns(cells.alias(_LINE)).select(
        ROW,
        *[found.get(place, null_on_oob=True).alias(name) for place, name in enumerate(names)],
        pl.when(found.len() != len(names)).then(found.join(" ")).alias(BEYOND),
        found.get(len(names) - 1, null_on_oob=True).alias(LAST),
    )


def _newline(file: File) -> str:
    head = file.head(HEAD)
    return "\r" if b"\r" in head and b"\n" not in head else "\n"


def _roles(names: Sequence[str], cells: Cells) -> dict[str, tuple[str, ...]]:
    """Orders of the CDNOW panel: a customer, perhaps another id, day, quantity, amount."""
    columns = list(zip(*cells, strict=True))
    *ids, days, quantities, amounts = range(len(names))
    shaped = (
        0 < len(ids) < 3
        and all(_DAY.fullmatch(cell) for cell in columns[days])
        and all(cell.isdecimal() for place in (*ids, quantities) for cell in columns[place])
        and all(re.fullmatch(r"[0-9]+\.[0-9]{2}", cell) for cell in columns[amounts])
    )
    if not shaped:
        return {}
    found = {"customer": ids[0], "date": days, "quantity": quantities, "amount": amounts}
    return {role: (names[place],) for role, place in found.items()}


def _diagnose(file: File, width: int, error: Exception) -> CxError:
    if isinstance(error, CxError):
        return error
    if isinstance(error, Ragged):
        message = f"line {error.row + 1:,} has not {width} columns, as the first line has"
        return DataError("ragged", message)
    return unreadable(file.name, error)
