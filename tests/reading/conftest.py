"""Files to read, made up on the spot."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from cxkit.engines import collect
from cxkit.errors import CxError
from cxkit.reading import read
from cxkit.reduce import tally
from cxkit.source import Source


@pytest.fixture
def save(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Write a file into an own working folder; its name is what to read."""
    monkeypatch.chdir(tmp_path)

    def write(content: str | bytes, name: str = "survey.csv") -> str:
        data = content if isinstance(content, bytes) else content.encode()
        (tmp_path / name).write_bytes(data)
        return name

    return write


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], str]:
    """Put bytes on standard input."""

    def give(data: bytes) -> str:
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))
        return "-"

    return give


def _cells(source: Source) -> list[tuple[object, ...]]:
    return collect(source.rows.select(source.columns), source).rows()


def _through(source: Source) -> pl.DataFrame:
    return tally(source, {"key": pl.col(source.columns[0])})


@pytest.fixture
def cells() -> Callable[[Source], list[tuple[object, ...]]]:
    """The user's cells, row by row."""
    return _cells


@pytest.fixture
def through() -> Callable[[Source], pl.DataFrame]:
    """A reduction of a source with everything that guards it."""
    return _through


@pytest.fixture
def table() -> Callable[..., list[tuple[object, ...]]]:
    """The header and the cells of what is read."""

    def header_and_cells(data: object, **options: Any) -> list[tuple[object, ...]]:
        source = read(data, **options)
        return [source.columns, *_cells(source)]

    return header_and_cells


@pytest.fixture
def failure() -> Callable[..., CxError]:
    """The error of reading the data through, as an analysis would."""

    def error(data: object, **options: Any) -> CxError:
        with pytest.raises(CxError) as caught:
            _through(read(data, **options))
        return caught.value

    return error


@pytest.fixture(scope="session")
def workbook() -> bytes:
    """A workbook as people keep them: a cover, blank rows, a header twice and one missing."""
    import datetime as dt

    import xlsxwriter

    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    book.add_worksheet("Cover")
    sheet = book.add_worksheet("Q3")
    day = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    sheet.write_row(2, 0, ["id", " score", "when", "score"])
    sheet.write_row(3, 0, [1, 9])
    sheet.write_datetime(3, 2, dt.datetime(2026, 3, 1, 10, 30), day)
    sheet.write(3, 3, 5)
    sheet.write_row(5, 0, [2, 10])
    sheet.write_datetime(5, 2, dt.datetime(2026, 3, 2), day)
    sheet.write(5, 4, "x")
    for row in range(3, 1503):
        sheet.write_row(row + 4, 0, [row, "chín" if row == 1502 else row % 11])
    book.close()
    return target.getvalue()


@pytest.fixture(scope="session")
def empty_workbook() -> bytes:
    """A workbook with a header and nothing below."""
    import xlsxwriter

    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    book.add_worksheet("Q3").write_row(0, 0, ["id", "score"])
    book.close()
    return target.getvalue()
