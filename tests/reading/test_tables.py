"""Tables with types: Parquet, Arrow, JSON, Excel, frames."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

from cxkit.reading import read
from cxkit.source import ROW

Call = Callable[..., Any]

FRAME = pl.DataFrame({"region": ["HN", "HN", None], "score": [9, 10, 3]})


@pytest.mark.parametrize(
    ("write", "name"),
    [
        (pl.DataFrame.write_parquet, "s.parquet"),
        (pl.DataFrame.write_parquet, "s.csv"),
        (pl.DataFrame.write_ipc, "s.feather"),
        (pl.DataFrame.write_json, "s.json"),
        (pl.DataFrame.write_ndjson, "s.ndjson"),
        (pl.DataFrame.write_ndjson, "s[1]*.ndjson"),
        (pl.DataFrame.write_ipc, "s[1]*.arrow"),
    ],
)
def test_files(
    tmp_path: Path, write: Callable[..., None], name: str, cells: Call, through: Call
) -> None:
    write(FRAME, tmp_path / name)
    source = read(tmp_path / name)
    assert source.columns == ("region", "score")
    assert source.added == (ROW,)
    assert source.inputs[0].rows == 3
    assert cells(source) == FRAME.rows()
    assert source.sample("score") == [9, 10, 3]
    assert through(source).select("key", "rows", "first").rows() == [("HN", 2, 0), (None, 1, 2)]


def test_damaged(save: Call, tmp_path: Path, failure: Call) -> None:
    FRAME.write_parquet(tmp_path / "s.parquet")
    whole = (tmp_path / "s.parquet").read_bytes()
    assert failure(save(whole[:-20], "s.parquet")).slug == "unreadable"
    assert failure(save(b"PAR1" + bytes(100), "s.parquet")).slug == "unreadable"
    assert failure(save(b"ARROW1\0\0" + bytes(100), "s.arrow")).slug == "unreadable"
    assert failure(save(b"PK\x03\x04" + bytes(100), "s.xlsx")).slug == "unreadable"


def test_no_rows(tmp_path: Path, failure: Call) -> None:
    FRAME.clear().write_parquet(tmp_path / "s.parquet")
    assert failure(tmp_path / "s.parquet").message == "no rows in s.parquet"
    assert failure(FRAME.clear()).message == "no rows in the data"


def test_json(save: Call, table: Call) -> None:
    text = '\ufeff[{"score": 9, "why": ["a", "b"], "who": {"id": 1}},\n {"score": "n/a", "z": 2.5}]'
    assert table(save(text, "s.json")) == [
        ("score", "why", "who", "z"),
        ("9", "a, b", '{"id":1}', None),
        ("n/a", None, None, 2.5),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[{"a": 1},\n{"a" 2}]', "s.json is not JSON: line 2 cannot be read"),
        ('{"a": 1}\n{"a"', "s.json is not JSON: line 2 cannot be read"),
        ("[1, 2]", "s.json is not an array of JSON objects, or one a line"),
        ("score\n9\n", "s.json is not JSON: line 1 cannot be read"),
        ("[]", "no rows in s.json"),
    ],
)
def test_bad_json(save: Call, text: str, message: str, failure: Call) -> None:
    assert failure(save(text, "s.json")).message == message


def test_excel(save: Call, workbook: bytes, cells: Call) -> None:
    source = read(save(workbook, "s.xlsx"))
    assert source.columns == ("id", "score", "when", "score (2)", "column 5")
    rows = cells(source)
    assert len(rows) == 1502
    assert rows[0] == (1, "9", dt.datetime(2026, 3, 1, 10, 30), 5, None)
    assert rows[1] == (2, "10", dt.datetime(2026, 3, 2, 0, 0), None, "x")
    assert rows[-1][:2] == (1502, "chín")
    assert [note.message for note in source.notes] == ['using sheet "Q3" (not "Cover")']


def test_excel_without_rows(save: Call, empty_workbook: bytes, failure: Call) -> None:
    assert failure(save(empty_workbook, "s.xlsx")).message == "no rows in s.xlsx"


def test_frames(cells: Call) -> None:
    frame = FRAME.rename({"score": ROW})
    source = read(frame)
    assert source.columns == ("region", f"{ROW} (2)")
    assert cells(source) == FRAME.rows()
    assert source.name == "the data"
    assert read(FRAME).inputs[0].rows == 3


def test_lazy_frames_stay_lazy() -> None:
    def explode(frame: pl.DataFrame) -> pl.DataFrame:
        raise AssertionError("collected")

    lazy = FRAME.lazy().map_batches(explode, schema=FRAME.schema)
    assert read(lazy).columns == ("region", "score")
    assert read(FRAME.lazy()).sample("region") == ["HN", "HN", None]


def test_arrow_frames(table: Call, cells: Call) -> None:
    assert table(pa.table({"a": [1, 2]})) == [("a",), (1,), (2,)]

    class Stream:
        def __arrow_c_stream__(self, schema: object = None) -> object:
            return FRAME.__arrow_c_stream__(schema)

    assert cells(read(Stream())) == FRAME.rows()


def test_several_frames(cells: Call) -> None:
    source = read([FRAME, FRAME.with_columns(pl.col("score").cast(pl.String))])
    assert [row[1] for row in cells(source)] == ["9", "10", "3"] * 2
