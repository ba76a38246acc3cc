"""Any table of text, written by Python's csv module, reads back cell by cell."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxkit.reading import read

Call = Callable[..., Any]

TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0")
    | st.sampled_from(list("\",;\t|\r\n 'é")),
    max_size=8,
)


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    width = draw(st.integers(2, 5))
    rows = draw(st.lists(st.lists(TEXT, min_size=width, max_size=width), min_size=1, max_size=12))
    return [row for row in rows if any(cell.strip() for cell in row)] or [["x"] * width]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=tables(), mark=st.sampled_from([",", ";", "\t", "|"]))
def test_round_trip(
    tmp_path: Path, rows: list[list[str]], mark: str, end: str, quoting: int, cells: Call
) -> None:
    if end == "\n" and quoting == csv.QUOTE_MINIMAL:  # csv writes a bare CR that readers cannot see
        rows = [[cell.replace("\r", "") or "x" for cell in row] for row in rows]
    header = [f"x{i}" for i in range(len(rows[0]))]
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=mark, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
    writer.writerows([header, *rows])
    path = tmp_path / "any.csv"
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    assert cells(read(path)) == [tuple(cell or None for cell in row) for row in rows]
