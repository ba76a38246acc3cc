"""Delimited text, scanned lazily: nothing inferred, and no row lost in silence."""

from __future__ import annotations

import re

import polars as pl

from cxkit.errors import CxError, DataError, RequestError, visible
from cxkit.reading import aligned, layouts
from cxkit.reading.records import examine
from cxkit.reading.sniff import Cells, Table, sniff
from cxkit.reading.text import File, unreadable
from cxkit.result import Input, Note
from cxkit.source import ADDED, BEYOND, LAST, ROW, Ragged, Source


def scan(
    file: File,
    delimiter: str | None = None,
    decimal: str | None = None,
    layout: str | None = None,
) -> Source:
    """The lazy source of a UTF-8 text file.

    Args:
        file: UTF-8, packed at most in a way the engine reads.
        delimiter: as declared; None tries `, ; tab |`.
        decimal: as declared; None looks at the cells of a file with semicolons.
        layout: by name, as declared; None recognises it.
    """
    if layout in (None, layouts.PLAIN) and (cells := aligned.look(file, delimiter)):
        return aligned.source(file, cells, decimal)
    table = sniff(file, delimiter)
    name, found = layouts.recognise(_head(table), layout, file.name)
    header = found.names or table.header
    table = table.under(found.headers, found.names)
    dialect, names = table.dialect, table.names
    notes: tuple[Note, ...] = ()
    if decimal is None and dialect.delimiter == ";" and (cell := _decimal_comma(table.cells)):
        decimal = ","
        example = f"{visible(cell, 12)} → {visible(cell.replace('.', '').replace(',', '.'), 12)}"
        message = f'using delimiter ";" and decimal "," ({example})'
        notes = (Note("decimal", "info", message),)
    source = Source(
        rows=_rows(table),
        columns=names,
        inputs=(Input(file.name),),
        decimal=decimal,
        notes=notes,
        added=ADDED,
        sample=lambda column: _column(table.cells, names.index(column)),
        diagnose=lambda error: diagnose(table, error),
    )
    return layouts.applied(source, name, found, header)


def _head(table: Table) -> layouts.Head:
    names = table.names
    return layouts.Head(
        table.header,
        names,
        table.cells[:2],
        lambda column: _column(table.cells, names.index(column)),
    )


def _rows(table: Table) -> pl.LazyFrame:
    """Every column as text, the row's number, and the two columns that guard against lost rows.

    The header is skipped, not parsed: names are ours. An empty cell is null, quoted or not.
    """
    return pl.scan_csv(
        table.file.path,
        has_header=False,
        skip_lines=table.dialect.skip,
        schema=dict.fromkeys((*table.names, BEYOND), pl.String),
        missing_columns="insert",
        null_values="",
        row_index_name=ROW,
        separator=table.dialect.delimiter,
        eol_char=table.dialect.newline,
        glob=False,
    ).with_columns(pl.col(table.names[-1]).alias(LAST))


_COMMA = r"[-+]?(?:\d+|\d{1,3}(?:\.\d{3})+),\d+"
_POINT = r"[-+]?(?:\d+\.(?:\d{1,2}|\d{4,})|\d{1,3}(?:,\d{3})+\.\d+|0\.\d+|\d{4,}\.\d+)"


def _decimal_comma(cells: Cells) -> str | None:
    """A cell that shows the decimal comma, if no cell shows a decimal point."""
    example = None
    for cell in (cell.strip() for record in cells for cell in record):
        if re.fullmatch(_POINT, cell):
            return None
        if example is None and re.fullmatch(_COMMA, cell):
            example = cell
    return example


def _column(cells: Cells, place: int) -> list[object]:
    return [(record[place] or None) if place < len(record) else None for record in cells]


def diagnose(table: Table, error: Exception) -> CxError:
    """The error behind an engine's failure, or behind a row found too long, naming the line."""
    if isinstance(error, CxError):
        return error
    if isinstance(error, FileNotFoundError):
        return unreadable(table.file.name, error)
    wrong = examine(table.file, table.dialect)
    if wrong:
        return wrong
    if isinstance(error, Ragged):
        message = f"row {error.row + 1:,} has more cells than the header"
        return DataError("unreadable", message)
    return unreadable(table.file.name, error)


def declared_delimiter(text: str | None) -> str | None:
    """A delimiter as the user writes it; `tab` and `\\t` are the tabulator."""
    if text is None:
        return None
    mark = {"tab": "\t", "\\t": "\t"}.get(text.lower(), text)
    if len(mark) == 1 and mark.isascii() and mark not in '"\r\n\0':
        return mark
    message = f'--delimiter must be one character or tab, got "{visible(text)}"'
    raise RequestError("bad-value", message, [("known", '"," ";" tab "|"')])
