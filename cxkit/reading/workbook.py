"""Excel workbooks: which sheet, which rows are header, and the types that all rows agree on."""

from __future__ import annotations

import re
import shlex
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any

import polars as pl

from cxkit.errors import CxError, DataError, RequestError, did_you_mean, visible
from cxkit.reading import layouts
from cxkit.reading.sniff import NoRows, unique
from cxkit.reading.text import File, unreadable
from cxkit.result import Note

SHOWN = 5  # sheets named in one message


def load(
    file: File, sheet: str | None, layout: str | None
) -> tuple[pl.DataFrame, layouts.Head, tuple[Note, ...]]:
    """A sheet: that asked for, or the first that has rows.

    Blank rows are left out; rows that its layout takes for header do not decide the types.

    Args:
        file: the workbook.
        sheet: by name or number.
        layout: by name, as declared.

    Returns:
        The rows below the header, what a layout is shown, and which sheet was taken.

    Raises:
        RequestError: there is no such sheet.
        DataError: it cannot be read, or has no rows.
    """
    fastexcel = _quiet()

    try:
        book = fastexcel.read_excel(str(file.path))
        chosen = range(len(book.sheet_names)) if sheet is None else [_place(book, sheet, file)]
        for number in chosen:
            table, head = _sheet(book, number, layout, file.name)
            if not table.is_empty():
                return table, head, _which(book.sheet_names, number) if sheet is None else ()
    except fastexcel.FastExcelError as error:
        raise unreadable(file.name, error) from error
    raise NoRows(file.name)


def _place(book: Any, sheet: str, file: File) -> int:
    """The place of a sheet by its name, or by its number from 1."""
    names: list[str] = book.sheet_names
    if sheet in names:
        return names.index(sheet)
    if re.fullmatch(r"\s*[0-9]{1,9}\s*", sheet) and 1 <= int(sheet) <= len(names):
        return int(sheet) - 1
    close = did_you_mean(sheet, names)
    hints = [("did you mean", " or ".join(_quoted(name) for name in close))] if close else []
    message = f'no sheet "{visible(sheet, 31)}" in {visible(file.name)}'
    hints.append(("sheets", _listed(names)))
    raise RequestError("no-sheet", message, hints, replace=(sheet, close[0]) if close else None)


def _sheet(
    book: Any, number: int, layout: str | None, name: str
) -> tuple[pl.DataFrame, layouts.Head]:
    """A sheet; all its rows decide the types, so that no cell is lost to a guess."""
    first = pl.DataFrame(book.load_sheet(number, header_row=None, n_rows=3, dtypes="string"))
    if first.is_empty():
        return pl.DataFrame(), layouts.Head((), ())
    texts = [[cell or "" for cell in row] for row in first.rows()]
    probe = layouts.Head(tuple(texts[0]), unique(texts[0]), texts[1:])
    headers = layouts.recognise(probe, layout, name)[1].headers
    above = {"header_row": None, "skip_rows": _leading(book, number) + headers}
    table = pl.DataFrame(
        book.load_sheet(
            number,
            schema_sample_rows=None,
            whitespace_as_null=True,
            **(above if headers > 1 else {}),
        )
    )
    header = list(islice(texts[0], table.width))
    header += [""] * (table.width - len(header))
    table.columns = list(unique(header))
    head = layouts.Head(tuple(header), tuple(table.columns), texts[1:], _cells(table, headers))
    return table.filter(~pl.all_horizontal(pl.all().is_null())), head


def _leading(book: Any, number: int) -> int:
    """The blank rows above the header."""
    rows = pl.DataFrame(
        book.load_sheet(number, header_row=None, skip_rows=0, n_rows=1_000, dtypes="string")
    )
    held = rows.select(~pl.all_horizontal(pl.all().is_null())).to_series()
    return held.arg_max() or 0


def _cells(table: pl.DataFrame, headers: int) -> Any:
    """Cells by column, those of the header before them, as in a text file."""
    return lambda column: [None] * (headers - 1) + table[column].head(1_000).to_list()


def _which(names: list[str], number: int) -> tuple[Note, ...]:
    others = names[:number] + names[number + 1 :]
    if not others:
        return ()
    message = f"using sheet {_quoted(names[number])} (not {_listed(others)})"
    return (Note("sheet", "info", message),)


def _quoted(name: str) -> str:
    return f'"{visible(name, 31)}"'


def _listed(names: list[str]) -> str:
    return ", ".join(map(_quoted, names[:SHOWN])) + (", …" if len(names) > SHOWN else "")


def misnamed(file: File) -> CxError:
    """The error of a workbook whose name says that it is something else."""
    fastexcel = _quiet()

    from cxkit.reading.text import unpacked

    target = shlex.quote(visible(str(Path(file.name).with_suffix(".xlsx"))))
    advice = f"rename it to {target}"
    try:
        book = fastexcel.read_excel(unpacked(file).path.read_bytes())
        held = (name for name in book.sheet_names if book.load_sheet(name, header_row=None).height)
        if len(book.sheet_names) > 1 and (name := next(held, None)):
            advice += f", then --sheet {_quoted(name)}"
    except (fastexcel.FastExcelError, OSError):
        pass
    return DataError("not-text", f"{visible(file.name)} is an Excel workbook", [("try", advice)])


def _quiet() -> ModuleType:
    """fastexcel without its log: that a column of mixed kinds becomes text is no news."""
    import logging

    import fastexcel

    logging.getLogger("fastexcel").setLevel(logging.ERROR)
    return fastexcel
