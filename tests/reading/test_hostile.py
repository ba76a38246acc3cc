"""Broken input: each kind gives one clear error, never a table with rows missing."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cxkit.errors import CxError, RequestError
from cxkit.reading import read

Call = Callable[..., Any]

HEADER = "id,score,comment\n"


def lines(count: int, start: int = 1) -> list[str]:
    return [f'{i},{i % 11},"ok, {i}"\n' for i in range(start, start + count)]


@pytest.mark.parametrize(
    ("content", "slug", "message"),
    [
        (b"", "empty", "survey.csv is empty"),
        (b"\n\n\r\n", "empty", "no rows in survey.csv"),
        (b"id,score\n", "empty", "no rows in survey.csv"),
        (b"id,score", "empty", "no rows in survey.csv"),
        (b"id,score\n\n\n", "empty", "no rows in survey.csv"),
        (b"a,b,c\n1,2\n", "ragged", "line 2 has 2 fields, header has 3"),
        (
            b"a,b,c\n1,2,3\n1\n4,5\n",
            "ragged",
            "line 3 has 1 field, header has 3 (2 such lines: 3, 4)",
        ),
        (b"a,b\n1,2,3\n", "ragged", "line 2 has 3 fields, header has 2"),
        (
            b"Report 2026\n\na,b\n1,2\n3,4\n",
            "ragged",
            "line 3 has 2 fields, header has 1 (3 such lines: 3, 4, 5)",
        ),
        (b'a,b\n1,"x\n2,y\n', "ragged", "line 2 has an unclosed quote"),
        (b'a,b\n1,2\n3,x"y\n', "ragged", "line 3 has a quote inside a cell"),
        (b'a,b\n1,"x"y"z"\n', "ragged", "line 2 has a quote inside a cell"),
        (b"a,b\n1,2\r3,4\n5,6\n", "ragged", "line 2 has a carriage return inside it"),
        (b"a,b\n1,2\n3,\x00\n", "not-text", "line 3 holds a NUL byte"),
        (b"a,b\n1,2\n3,Hu\xec\n", "encoding", "not UTF-8 at byte 13 (line 3)"),
        ("a,b\n1,2\n".encode("utf-16-le"), "encoding", "UTF-16 without a byte order mark"),
        (
            bytes(range(256)) * 40,
            "not-text",
            "survey.csv is not text, and no kind of table that is known",
        ),
        (b"%PDF-1.7\n", "not-text", "survey.csv is a PDF document"),
        (
            b"<!DOCTYPE html><table>",
            "not-text",
            "survey.csv is a web page (HTML or XML), not a table",
        ),
    ],
)
def test_one_error(save: Call, content: bytes, slug: str, message: str, failure: Call) -> None:
    error = failure(save(content))
    assert (error.slug, error.message, error.exit_code) == (slug, message, 3)


def test_encoding_names_what_to_try(save: Call, failure: Call) -> None:
    error = failure(save("a\nViệt\n".encode("utf-16-le") + b"\xff\xff"))
    assert error.hints == (("try", "--encoding utf-16-le   (others: utf-16-be)"),)
    error = failure(save(b"a,b\n1,\xea\n"))
    assert error.hints == (("try", "--encoding cp1258   (others: utf-16-le, cp1252)"),)


def test_undecodable_in_the_middle(save: Call, failure: Call) -> None:
    body = [line.encode() for line in lines(60_000)]
    body[30_000] = b"30001,1,Hu\xec\n"
    data = HEADER.encode() + b"".join(body)
    error = failure(save(data))
    assert error.slug == "encoding"
    assert error.message == f"not UTF-8 at byte {data.index(0xEC) + 1} (line 30002)"


def test_missing_suggests(save: Call, failure: Call) -> None:
    save("a\n1\n")
    error = failure("survy.csv")
    assert str(error) == ("error[no-file]: survy.csv does not exist\n  did you mean: survey.csv")
    assert error.replace == ("survy.csv", "survey.csv")
    assert failure("nowhere/x.csv").message == (
        "nowhere/x.csv does not exist: there is no folder nowhere"
    )
    assert failure("survey.csv/x").slug == "no-file"
    assert failure("a\0b").slug == "no-file"
    assert failure("*.tsv").message == "no file matches *.tsv"
    assert failure("\x1b]31mred").message == "]31mred does not exist"


def test_folder(save: Call, tmp_path: Path, failure: Call) -> None:
    (tmp_path / "data").mkdir()
    save("a\n1\n", "data/one.csv")
    error = failure("data")
    assert error.slug == "no-file"
    assert error.message == "data is a folder, not a file"
    assert error.hints == (("files", "one.csv"), ("try", "data/one.csv"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable(save: Call, tmp_path: Path, failure: Call) -> None:
    save("a\n1\n")
    (tmp_path / "survey.csv").chmod(0)
    assert failure("survey.csv").message == "survey.csv cannot be opened: permission denied"


@pytest.mark.parametrize("where", [0, 25_000, 49_999])
@pytest.mark.parametrize("row", ["1,2,3,4", "1,2,3,4,5,6"])
def test_long_row_anywhere(save: Call, where: int, row: str, failure: Call) -> None:
    body = lines(50_000)
    body.insert(where, row + "\n")
    error = failure(save(HEADER + "".join(body)))
    assert error.slug == "ragged"
    assert error.message == f"line {where + 2:,} has {row.count(',') + 1} fields, header has 3"
    assert error.hints == (("hint", 'a cell that holds a "," must stand in quotes'),)


def test_short_row_in_the_tail(save: Call, failure: Call) -> None:
    error = failure(save(HEADER + "".join(lines(50_000)) + "7,8\n"))
    assert error.message == "line 50,002 has 2 fields, header has 3"


@pytest.mark.parametrize("where", [100_000, 199_999])
def test_unclosed_quote(save: Call, where: int, failure: Call) -> None:
    body = lines(200_000)
    body[where] = f'{where},9,"never closed\n'
    error = failure(save(HEADER + "".join(body)))
    assert error.slug == "ragged"
    assert error.message == f"line {where + 2:,} has an unclosed quote"


def test_unclosed_quote_without_other_quotes(save: Call, failure: Call) -> None:
    body = [f"{i},{i % 11},ok\n" for i in range(200_000)]
    body[100_000] = '7,9,"never closed\n'
    assert failure(save(HEADER + "".join(body))).message == "line 100,002 has an unclosed quote"


def test_stray_quote_in_the_middle(save: Call, failure: Call) -> None:
    body = [f"{i},{i % 11},ok\n" for i in range(200_000)]
    body[150_000] = '7,9,5" disk\n'
    assert failure(save(HEADER + "".join(body))).message == "line 150,002 has a quote inside a cell"
    body[150_000] = '7,9,"5" disk\n'
    assert failure(save(HEADER + "".join(body))).slug == "ragged"


def test_nul_in_the_tail(save: Call, failure: Call) -> None:
    data = HEADER + "".join(lines(50_000)) + "1,2,\0\n"
    assert failure(save(data)).message == "line 50,002 holds a NUL byte"


def test_tail_that_begins_inside_a_quoted_cell(save: Call, table: Call) -> None:
    block = "".join(f"{i} said so,\n" for i in range(20_000))
    data = HEADER + "".join(lines(30_000)) + f'1,2,"{block}"\n3,4,end\n'
    source = read(save(data))
    assert source.sample("comment")[-1] == "end"
    assert len(table("survey.csv")) == 30_003


def test_file_gone_after_sniffing(save: Call, tmp_path: Path, through: Call) -> None:
    source = read(save(HEADER + "".join(lines(10))))
    (tmp_path / "survey.csv").unlink()
    with pytest.raises(CxError, match=r"survey\.csv is no longer there"):
        through(source)


def test_not_understood_is_one_clean_line(save: Call) -> None:
    source = read(save("a,b\n1,2\n"))
    error = source.diagnose(pl.exceptions.ComputeError("odd thing\nTraceback: …"))
    assert str(error) == "error[unreadable]: survey.csv cannot be read: odd thing"


def test_excel_named_csv(save: Call, workbook: bytes, failure: Call) -> None:
    error = failure(save(workbook, "my survey.csv"))
    assert error.message == "my survey.csv is an Excel workbook"
    assert error.hints == (("try", "rename it to 'my survey.xlsx', then --sheet \"Q3\""),)


def test_text_named_otherwise(save: Call, failure: Call) -> None:
    assert failure(save("a,b\n1,2\n", "s.xlsx")).message == "s.xlsx is not an Excel workbook"
    assert failure(save("a,b\n1,2\n", "s.parquet")).message == "s.parquet is not a Parquet file"
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    assert failure(save(old, "s.xls")).message == (
        "s.xls is an old (.xls) or a password-protected Excel workbook"
    )


def test_many_columns(save: Call, through: Call) -> None:
    names = [f"c{i}" for i in range(10_000)]
    row = ",".join(str(i % 11) for i in range(10_000))
    started = time.process_time()
    source = read(save(",".join(names) + "\n" + f"{row}\n" * 20))
    assert source.columns == tuple(names)
    assert through(source)["rows"].to_list() == [20]
    assert source.sample("c12") == ["1"] * 20
    assert time.process_time() - started < 10


def test_huge_cell(save: Call, through: Call) -> None:
    big = "x" * 50_000_000
    source = read(save(f'{HEADER}1,9,"{big}"\n2,8,ok\n'))
    assert through(source)["rows"].sum() == 2
    assert [len(str(cell)) for cell in source.sample("comment")] == [50_000_000, 2]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"encoding": "utf-9"}, '--encoding: no encoding "utf-9"'),
        ({"encoding": "base64"}, '--encoding: no encoding "base64"'),
        ({"delimiter": ";;"}, '--delimiter must be one character or tab, got ";;"'),
        ({"decimal": "x"}, '--decimal must be "." or ",", got "x"'),
        ({"input_format": "plane"}, '--input-format: no layout "plane"'),
    ],
)
def test_wrong_options(save: Call, options: dict[str, str], message: str, failure: Call) -> None:
    error = failure(save("a,b\n1,2\n"), **options)
    assert isinstance(error, RequestError)
    assert (error.slug, error.message, error.exit_code) == ("bad-value", message, 2)


def test_neither_path_nor_frame(failure: Call) -> None:
    assert failure(7).message == "the data must be a path or a data frame, not int"
    assert failure([]).message == "there is no file to read"


def test_broken_line_end_in_the_head_of_a_large_file(save: Call, failure: Call) -> None:
    body = lines(50_000)
    body[40] = "1,2,x\ry\n"
    assert (
        failure(save(HEADER + "".join(body))).message == "line 42 has a carriage return inside it"
    )
