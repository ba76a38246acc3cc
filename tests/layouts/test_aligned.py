"""Numbers in columns made by blanks."""

import gzip

import polars as pl
import pytest

import cxkit
from cxkit.errors import CxError
from cxkit.reduce import tally

LINES = " 00004 0001 19970101  2   29.33\n 00021 0002 19970113 13  163.34\n"


def test_the_panel(export):
    source = cxkit.read(export("aligned.txt"))
    assert source.columns == tuple(f"column_{place}" for place in range(1, 6))
    assert source.roles == {
        "customer": ("column_1",), "date": ("column_3",), "quantity": ("column_4",),
        "amount": ("column_5",),
    }  # fmt: skip
    assert source.inputs[0].layout == "plain"
    assert [note.code for note in source.notes] == ["no-header"]
    rows = source.rows.select(source.columns).collect().rows()
    assert rows[0] == ("00004", "0001", "19970101", "2", "29.33")
    assert [row[-1] for row in rows] == ["29.33", "29.73", "163.34", "6.79"]


@pytest.mark.parametrize("name", ["a.txt", "a.csv"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends(save, name, end, mark):
    path = save(mark + LINES.replace("\n", end), name)
    for options in ({}, {"delimiter": " "}, {"input_format": "plain"}):
        source = cxkit.read(path, **options)
        found = source.rows.select("column_1", "column_5").collect().rows()
        assert found == [("00004", "29.33"), ("00021", "163.34")]


def test_packed(save):
    source = cxkit.read(save(gzip.compress(LINES.encode()), "a.txt.gz"))
    assert source.rows.collect().height == 2


def test_without_the_id_in_the_sample(save):
    roles = cxkit.read(save("00001 19970101  1   11.77\n00002 19970112  1   12.00\n")).roles
    assert roles["amount"] == ("column_4",)


@pytest.mark.parametrize(
    "text",
    [
        "1 2 3\n4 5 6\n",
        "00001 19971301 1 11.77\n00002 19970112 1 12.00\n",
        "00001 19970101 1 11.7\n00002 19970112 1 12.00\n",
        "00001 19970101 1.5 11.77\n00002 19970112 1 12.00\n",
    ],
)
def test_other_numbers_play_no_part(save, text):
    source = cxkit.read(save(text))
    assert source.roles == {}
    assert len(source.columns) == len(text.split("\n")[0].split())


@pytest.mark.parametrize(
    "text",
    [
        "1 2\n3 4\n",
        "1 2 3\n4 5\n",
        "a b c\n4 5 6\n",
        "1,2 3 4\n5,6 7 8\n",
        "score\n9\n10\n",
    ],
)
def test_anything_else_is_read_as_before(save, text):
    assert not [name for name in cxkit.read(save(text)).columns if name.startswith("column_")]


def test_a_vendor_asked_for_is_not_there(save):
    with pytest.raises(CxError) as caught:
        cxkit.read(save(LINES), input_format="zendesk")
    assert caught.value.slug == "layout"


@pytest.mark.parametrize("wrong", [" 00022 0002 19970113  1\n", " 1 2 19970113 1 2.00 3\n"])
def test_a_line_of_another_width_is_named(save, wrong):
    """Far below the lines that are looked at."""
    source = cxkit.read(save(LINES * 2_000 + wrong + LINES))
    with pytest.raises(CxError) as caught:
        tally(source, {"a": pl.col("column_1")})
    assert str(caught.value) == (
        "error[ragged]: line 4,001 has not 5 columns, as the first line has"
    )


def test_blank_lines_are_no_rows(save):
    table = tally(cxkit.read(save(LINES + "\n   \n" + LINES)), {"a": pl.col("column_1")})
    assert table["rows"].sum() == 4


def test_check_counts_from_the_first_line(export):
    result = cxkit.check(export("aligned.txt"))
    assert (result.summary["rows"], result.summary["columns"]) == (4, 5)
