"""SPSS files (.sav): typed columns, question texts as labels, value labels, missing codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from cxkit.cells.answers import whole_number
from cxkit.errors import DataError, RequestError, visible
from cxkit.reading.layouts.base import plain_text
from cxkit.reading.sniff import NoRows, unique
from cxkit.reading.text import File, unreadable
from cxkit.result import Note
from cxkit.source import Source

NAME = "spss"
Codes = Mapping[Any, str]


def source(file: File, typed: Callable[[pl.LazyFrame], Source]) -> Source:
    """The source of an SPSS file.

    Codes declared missing are empty. A 0–10 question that was stored as 1–11 and labelled 0–10 is
    read by its labels.

    Args:
        file: not packed.
        typed: makes the source of a typed table.

    Raises:
        RequestError: pyreadstat is not installed.
        DataError: it cannot be read.
    """
    rows, about = _load(file)
    names = dict(zip(rows.columns, unique(rows.columns), strict=True))
    rows.columns = list(names.values())
    if rows.is_empty():
        raise NoRows(file.name)
    values = about.variable_value_labels
    labels = {names[column]: codes for column, codes in values.items() if column in names}
    read, notes = _by_label(rows, labels)
    made = typed(rows.lazy().with_columns(_no_empty_text(rows), **read))
    texts = {names[c]: plain_text(text or "") for c, text in about.column_names_to_labels.items()}
    texts = {column: text for column, text in texts.items() if text not in ("", column)}
    codes = {
        column: {_code(code): label for code, label in found.items()}
        for column, found in labels.items()
        if column not in read
    } | {column: _rest(labels[column]) for column in read}
    inputs = [replace(one, layout=NAME) if one.layout == "plain" else one for one in made.inputs]
    return replace(
        made,
        labels={**made.labels, **texts},
        codes={column: found for column, found in codes.items() if found},
        notes=(*made.notes, *notes),
        inputs=tuple(inputs),
    )


def _load(file: File) -> tuple[pl.DataFrame, Any]:
    try:
        import pyreadstat
    except ImportError:
        raise RequestError(
            "missing-extra",
            ".sav needs the spss extra",
            [("try", 'pip install "cxkit[spss]"')],
        ) from None
    try:
        frame, about = pyreadstat.read_sav(str(file.path), output_format="polars")
    except Exception as error:  # its parser raises errors of many kinds on a damaged file
        raise unreadable(file.name, error) from error
    if not isinstance(frame, pl.DataFrame):
        raise DataError("unreadable", f"{visible(file.name)} cannot be read")
    return frame, about


def _no_empty_text(rows: pl.DataFrame) -> pl.Expr:
    """Text columns with null for no text, as in other files."""
    text = pl.col([column for column, kind in rows.schema.items() if kind == pl.String])
    return pl.when(text.str.strip_chars() != "").then(text)


def _code(code: Any) -> str:
    """A code as the text that its cells become: 1.0 is `1`."""
    return str(int(code)) if isinstance(code, float) and code.is_integer() else str(code).strip()


def _numbers(codes: Codes) -> dict[float, int]:
    """The numbers 0–10 in value labels, by code."""
    found = {code: whole_number(label) for code, label in codes.items() if _numeric(code)}
    return {code: n for code, n in found.items() if n is not None and 0 <= n <= 10}


def _numeric(code: Any) -> bool:
    return isinstance(code, (int, float)) and not isinstance(code, bool)


def _rest(codes: Codes) -> dict[str, str]:
    """The labels that do not hold a number."""
    numbers = _numbers(codes)
    return {_code(code): label for code, label in codes.items() if code not in numbers}


def _by_label(
    rows: pl.DataFrame, labels: Mapping[str, Codes]
) -> tuple[dict[str, pl.Expr], list[Note]]:
    """Columns of 0–10 answers whose codes are not the numbers in their labels, put right."""
    read, notes = {}, []
    for column, codes in labels.items():
        numbers = _numbers(codes)
        shifts = {n - code for code, n in numbers.items()}
        whole = {0, 10} <= set(numbers.values()) and rows.schema[column].is_numeric()
        if not whole or shifts == {0} or len(shifts) != 1:
            continue
        low, high = min(numbers), max(numbers)
        inside = pl.col(column).is_between(low, high)
        moved = pl.when(inside).then(pl.col(column) + shifts.pop()).otherwise(pl.col(column))
        read[column] = moved
        message = (
            f'"{visible(column)}" is stored as {_code(low)}–{_code(high)} and labelled 0–10: '
            "read by its labels"
        )
        notes.append(Note("by-label", "info", message))
    return read, notes
