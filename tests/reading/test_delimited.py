"""Delimited text read right: delimiters, quotes, headers, line ends, decimals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from cxkit.engines import collect
from cxkit.reading import read
from cxkit.source import ADDED, BEYOND, LAST, ROW

Call = Callable[..., Any]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_delimiters(save: Call, mark: str, table: Call) -> None:
    text = "id,score,note\n1,9,a b\n2,,\n".replace(",", mark)
    assert table(save(text)) == [("id", "score", "note"), ("1", "9", "a b"), ("2", None, None)]


def test_other_delimiters_in_cells(save: Call, table: Call) -> None:
    assert table(save("a;b\n1,5;x\n2,5;y\n"))[0] == ("a", "b")
    assert table(save("a,b\n1;5,x|y\n2;5,z|\n"))[1] == ("1;5", "x|y")
    assert table(save("question u,answer\nuu,u\n"))[1] == ("uu", "u")


def test_declared_delimiter(save: Call, table: Call) -> None:
    assert table(save("a:b\n1:2\n"), delimiter=":") == [("a", "b"), ("1", "2")]
    assert table(save("a\tb\n1\t2\n"), delimiter="tab") == [("a", "b"), ("1", "2")]
    assert table(save("sep=|\na|b\n1|2\n")) == [("a", "b"), ("1", "2")]


def test_one_column(save: Call, table: Call) -> None:
    assert table(save("comment\ngood\nso, so\n;\n")) == [
        ("comment",), ("good",), ("so, so",), (";",)
    ]  # fmt: skip


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_and_quotes(save: Call, end: str, table: Call) -> None:
    text = end.join(["", "", "a,b", '1,"x ""y"" z"', f'2,"two{end}lines, here"', '"",""', "3,", ""])
    assert table(save(text)) == [
        ("a", "b"),
        ("1", 'x "y" z'),
        ("2", f"two{end}lines, here"),
        (None, None),
        ("3", None),
    ]


def test_header_over_two_lines(save: Call, table: Call) -> None:
    assert table(save('a,"b\nc"\n1,2\n')) == [("a", "b c"), ("1", "2")]


def test_quotes_in_pairs_inside_a_cell(save: Call, table: Call) -> None:
    assert table(save('a,b\n1,say "hi" now\n2,5" x 7"\n'))[1:] == [
        ("1", 'say "hi" now'), ("2", '5" x 7"')
    ]  # fmt: skip


def test_names(save: Call, cells: Call) -> None:
    header = f"\ufeff id ,score,score,,score (2),{ROW},Gia\u0302i, \n"
    source = read(save(header + "1,2,3,4,5,6,7,8\n"))
    assert source.columns == (
        *("id", "score", "score (3)", "column 4", "score (2)"),
        *(f"{ROW} (2)", "Giâi", "column 8"),
    )
    assert cells(source) == [tuple("12345678")]


def test_trailing_delimiter(save: Call, cells: Call) -> None:
    source = read(save("a,b,\n1,2,\n3,4,\n5,6\n"))
    assert source.columns == ("a", "b")
    assert cells(source) == [("1", "2"), ("3", "4"), ("5", "6")]


def test_blank_lines(save: Call, cells: Call) -> None:
    source = read(save(",,\n \na,b\n1,2\n\n3,4\n\n\n\n")).without_blank_rows()
    assert cells(source) == [("1", "2"), ("3", "4")]


def test_what_is_added(save: Call) -> None:
    source = read(save("a,b\n1,2\n3,\n"))
    assert source.added == ADDED
    frame = collect(source.rows, source)
    assert sorted(frame.columns) == sorted(["a", "b", ROW, BEYOND, LAST])
    assert frame.select(ROW, BEYOND, LAST).rows() == [(0, None, "2"), (1, None, None)]


def test_scan_reads_only_what_is_asked(save: Call) -> None:
    rows = read(save("a,b,c,d\n1,2,3,4\n")).rows
    plan = rows.group_by("b").agg(pl.col(LAST).count()).explain(engine="streaming")
    assert "PROJECT 2/5 COLUMNS" in plan


def test_options_pass_through(save: Call) -> None:
    source = read(save("a\n1\n"), null=("99",), missing_words=["none"], date_format="%d.%m.%Y")
    assert (source.missing, source.date_format) == (("99", "none"), "%d.%m.%Y")


def test_sample_is_head_and_tail(save: Call) -> None:
    body = "".join(f"{i},{'x' * 50}\n" for i in range(20_000))
    sample = read(save("id,note\n" + body)).sample("id")
    assert sample[:2] == ["0", "1"]
    assert sample[-1] == "19999"
    assert 1_000 < len(sample) < 20_000
    assert read(save("a,b\n1,\n,2\n")).sample("a") == ["1", None]


@pytest.mark.parametrize(
    ("text", "decimal", "told"),
    [
        ("a;b\n1;9,5\n", ",", '(9,5 → 9.5)'),
        ("a;b\n1;1.234,50\n", ",", "(1.234,50 → 1234.50)"),
        ("a;b\n1;9,5\n2;9.5\n", None, None),
        ("a;b\n1;9\n", None, None),
        ("a,b\n1,\"9,5\"\n", None, None),
    ],
)  # fmt: skip
def test_decimal(save: Call, text: str, decimal: str | None, told: str | None) -> None:
    source = read(save(text))
    assert source.decimal == decimal
    expected = [f'using delimiter ";" and decimal "," {told}'] if told else []
    assert [note.message for note in source.notes] == expected
    assert read(save(text), decimal=".").decimal == "."
