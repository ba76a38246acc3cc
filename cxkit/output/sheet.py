"""Rows as an Excel workbook for further work: one sheet of data, and one of labels."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from cxkit.errors import RequestError, visible
from cxkit.output.words import is_missing
from cxkit.output.workbook import CELL_LIMIT, ROW_LIMIT, created

if TYPE_CHECKING:
    import polars as pl

COLUMN_LIMIT = 16_384
DIGITS = 10**15  # whole numbers beyond this lose digits in Excel, so they are written as text
_NEVER = ("strings_to_formulas", "strings_to_urls", "strings_to_numbers")


def need_room(rows: int, columns: int) -> None:
    """Raise the error of a table that is larger than a sheet."""
    if rows + 1 > ROW_LIMIT or columns > COLUMN_LIMIT:
        said = f"{rows:,} rows and {columns:,} columns are more than an Excel sheet holds"
        raise RequestError("too-many-rows", said, [("try", "-o FILE.parquet or -o FILE.csv")])


def write_rows(
    path: str | os.PathLike[str],
    rows: pl.DataFrame,
    labels: Sequence[tuple[str, str, str]] = (),
) -> None:
    """Write a workbook: numbers as numbers, dates as dates, text as text and never as a formula.

    Args:
        path: the file.
        rows: at most as many as a sheet holds.
        labels: column, code and label of each; an empty code is the text of the question.
    """
    from xlsxwriter import Workbook  # type: ignore[import-untyped]

    book = Workbook(os.fspath(path), {"constant_memory": True, **dict.fromkeys(_NEVER, False)})
    book.set_properties({"created": created()})
    formats = {
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        "time": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
    }
    try:
        _sheet(book, "Data", rows.columns, rows.iter_rows(), formats)
        if labels:
            _sheet(book, "Labels", ("column", "code", "label"), labels, formats)
    finally:
        book.close()


def _sheet(
    book: Any,
    name: str,
    heads: Sequence[str],
    rows: Iterable[Sequence[Any]],
    formats: Mapping[str, Any],
) -> None:
    page = book.add_worksheet(name)
    page.freeze_panes(1, 0)
    for j, head in enumerate(heads):
        page.write_string(0, j, head)
    for i, row in enumerate(rows, 1):
        for j, raw in enumerate(row):
            if not is_missing(raw):
                _cell(page, i, j, raw, formats, heads)


def _cell(
    page: Any, i: int, j: int, raw: Any, formats: Mapping[str, Any], heads: Sequence[str]
) -> None:
    if isinstance(raw, bool):
        page.write_boolean(i, j, raw)
    elif isinstance(raw, int | float) and abs(raw) < DIGITS:
        page.write_number(i, j, raw)
    elif isinstance(raw, datetime):
        page.write_datetime(i, j, raw.replace(tzinfo=None), formats["time"])
    elif isinstance(raw, date):
        page.write_datetime(i, j, raw, formats["date"])
    else:
        text = str(raw)
        if len(text) > CELL_LIMIT:
            message = f'row {i:,} of "{visible(heads[j])}" has more text than an Excel cell holds'
            raise RequestError("too-long", message, [("try", "-o FILE.parquet or -o FILE.csv")])
        page.write_string(i, j, text)
