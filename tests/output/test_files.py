"""Formats for machines and files: exact, deterministic, and whole or not there at all."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import stat
import string
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import fastexcel
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxkit
from cxkit.errors import RequestError
from cxkit.output import FORMATS, atomic_write, files, format_of, markdown, render, workbook, write
from cxkit.result import Result

Make = Callable[..., Result]
KEYS = "schema version command status inputs columns params ledger summary rows notes".split()  # noqa: SIM905


def text_of(result: Result, format: str) -> str:
    made = render(result, format)
    assert isinstance(made, str)
    return made


def bytes_of(result: Result, format: str) -> bytes:
    made = render(result, format)
    assert isinstance(made, bytes)
    return made


def odd(make: Make) -> Result:
    """NaN, infinity, dates and booleans in rows, summary and settings."""
    result = make("survey")
    rows = result.rows.with_columns(
        pl.Series("ci_low", [math.nan, math.inf, -math.inf, 0.1]),
        pl.Series("day", [date(2026, 7, 1)] * 4),
        pl.lit(True).alias("yes"),
        pl.Series("flags", [["low-n", "partial"], [], None, ["partial"]]),
    )
    summary = {**result.summary, "nps": math.nan, "ci_high": math.inf}
    params = {**result.params, "since": date(2026, 1, 1), "by": (("a", "b"), "c")}
    return replace(result, rows=rows, summary=summary, params=params)


# --- every format ----------------------------------------------------------------------------


@pytest.mark.parametrize("format", FORMATS)
def test_every_result_renders_twice_the_same(result: Result, format: str) -> None:
    made = render(result, format)
    assert made
    assert made == render(result, format)


@settings(max_examples=25, deadline=None)
@given(
    names=st.lists(st.text() | st.none(), min_size=1, max_size=3),
    key=st.text(string.printable, min_size=1).filter(lambda key: key not in ("table", "n")),
)
def test_any_name_renders_in_every_format(make: Make, names: list[Any], key: str) -> None:
    result = make("survey", [(name, 20, 30, 40) for name in names], key=f"g{key}")
    for format in FORMATS:
        assert render(result, format)
    assert [row[f"g{key}"] for row in json.loads(text_of(result, "json"))["rows"]] == names


def test_an_unknown_format_is_a_request_error(make: Make) -> None:
    with pytest.raises(RequestError, match="no format") as caught:
        render(make("survey"), "jsn")
    assert caught.value.hints[0] == ("did you mean", "json")


# --- JSON and NDJSON -------------------------------------------------------------------------


def test_json_has_the_keys_of_the_contract_in_order(result: Result) -> None:
    text = text_of(result, "json")
    told = json.loads(text)
    assert list(told) == KEYS
    assert told["schema"] == "cxkit.nps/1"
    assert told["version"] == cxkit.__version__
    assert told["ledger"]["read"] == told["ledger"]["used"] + sum(
        told["ledger"]["left_out"].values()
    )
    assert list(told["rows"][0]) == result.rows.columns
    assert len(told["rows"]) == result.rows.height
    assert told["notes"] == [
        {"code": "low-n", "kind": "info", "message": "Huế has 12 answers (minimum 30)"}
    ]
    assert text.endswith("}\n")
    assert "Huế has" in text


def test_json_keeps_full_doubles(make: Make) -> None:
    result = make("survey")
    told = json.loads(text_of(result, "json"))
    assert told["rows"] == result.rows.to_dicts()
    assert told["summary"] == dict(result.summary)


def test_json_has_no_nan_and_iso_dates(make: Make) -> None:
    text = text_of(odd(make), "json")
    told = json.loads(text, parse_constant=lambda name: pytest.fail(name))
    assert [row["ci_low"] for row in told["rows"]] == [None, None, None, 0.1]
    assert told["summary"]["nps"] is None
    assert told["rows"][0]["day"] == "2026-07-01"
    assert told["rows"][0]["flags"] == ["low-n", "partial"]
    assert told["params"]["since"] == "2026-01-01"
    assert told["params"]["by"] == [["a", "b"], "c"]


def test_json_of_a_view_names_it(make: Make) -> None:
    told = json.loads(text_of(replace(make("survey"), view="items"), "json"))
    assert told["schema"] == "cxkit.nps.items/1"


def test_json_without_rows_or_notes(make: Make) -> None:
    result = replace(make("survey"), rows=make("survey").rows.clear(), notes=())
    told = json.loads(text_of(result, "json"))
    assert told["rows"] == []
    assert told["notes"] == []


def test_ndjson_is_exactly_the_rows(result: Result) -> None:
    rows = [json.loads(line) for line in text_of(result, "ndjson").split("\n")[:-1]]
    assert rows == json.loads(text_of(result, "json"))["rows"]


# --- CSV -------------------------------------------------------------------------------------


def test_csv_is_exactly_the_rows(make: Make) -> None:
    result = make("survey")
    text = text_of(result, "csv")
    read = list(csv.DictReader(io.StringIO(text)))
    assert list(read[0]) == result.rows.columns
    assert [float(row["nps"]) for row in read] == result.rows["nps"].to_list()
    assert [row["p_adjusted"] for row in read] != [""] * 4
    assert "\r" not in text


def test_csv_nulls_lists_and_dates(make: Make) -> None:
    lines = text_of(odd(make), "csv").splitlines()
    rows = list(csv.DictReader(lines))
    assert [row["flags"] for row in rows] == ["low-n;partial", "", "", "partial"]
    assert [row["ci_low"] for row in rows] == ["", "", "", "0.1"]
    assert rows[0]["day"] == "2026-07-01"
    assert rows[0]["yes"] == "true"
    assert '""' not in lines[2]


def test_csv_leaves_names_as_they_are(make: Make, hostile_names: list[str]) -> None:
    text = text_of(make("hostile"), "csv")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    names = [row["[b]key|<i>"] for row in rows]
    assert names[: len(hostile_names)] == hostile_names
    assert '=HYPERLINK("http://x","y")' in names


# --- Markdown --------------------------------------------------------------------------------

MARKDOWN = """\
NPS +20; 95% CI +15 to +25; n = 1,086; 46% pro · 29% pas · 26% det

| region | n | NPS | 95% CI | det | pas | pro | vs rest | p |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
| TP. Hồ Chí Minh | 412 | +31 | +23 to +38 | 20% | 30% | 50% | +17 (above the rest) | 0.002 |
| Đà Nẵng | 188 | +24 | +13 to +36 | 24% | 28% | 48% | +5 | 0.883 |
| Hà Nội | 365 | +19 | +11 to +27 | 26% | 29% | 45% | −1 | 0.883 |
| Cần Thơ | 121 | −21 | −35 to −6 | 46% | 28% | 26% | −46 (below the rest) | &lt;0.001 |
| all | 1,086 | +20 | +15 to +25 | 26% | 29% | 46% |  |  |

“above” or “below”: differs from the other groups, p &lt; 0.05, Holm-adjusted for 4 tests
"""


def test_markdown_snapshot(make: Make) -> None:
    assert render(make("survey"), "md") == MARKDOWN


def test_markdown_shows_hostile_names_as_text(make: Make) -> None:
    text = text_of(make("hostile"), "md")
    for shown in ("&lt;script&gt;", "a\\|b", "\\[red\\]x", "\\*\\*bold\\*\\*", "\\$\\\\frac\\$"):
        assert f"| {shown}" in text
    assert "<" not in text
    body = [line for line in text.splitlines() if line.startswith("|")]
    assert {line.replace("\\|", "").count("|") for line in body} == {10}


def test_markdown_has_words_for_signs(make: Make) -> None:
    text = text_of(make("hostile"), "md") + text_of(make("periods"), "md")
    assert not set("▲▼▒█*") & set(text.replace("\\*", ""))
    assert "+42 (few answers)" in text
    assert "| withheld | withheld |" in text
    assert "(above the previous period)" in text


def test_markdown_escapes() -> None:
    assert markdown.escape("a|b <i> *x* &amp;") == "a\\|b &lt;i&gt; \\*x\\* &amp;amp;"


# --- Excel -----------------------------------------------------------------------------------


def sheets_of(result: Result) -> fastexcel.ExcelReader:
    return fastexcel.read_excel(bytes_of(result, "xlsx"))


def test_workbook_sheets(make: Make) -> None:
    fixed = ["Cover", "Contents", "Notes", "Summary"]
    assert sheets_of(make("survey")).sheet_names == [*fixed, "region"]
    assert sheets_of(make("two_tables")).sheet_names == [*fixed, "region", "channel"]


def test_workbook_numbers_are_numbers_unrounded(make: Make) -> None:
    result = make("survey")
    frame = sheets_of(result).load_sheet("region", header_row=1).to_polars()
    assert frame.columns == result.rows.columns
    # 16 digits: what Excel keeps
    assert frame["nps"].to_list() == pytest.approx(result.rows["nps"].to_list(), rel=1e-15)
    assert frame["region"].to_list() == result.rows["region"].to_list()
    whole = sheets_of(result).load_sheet("Summary", header_row=1).to_polars()
    assert whole["nps"].item() == pytest.approx(result.summary["nps"], rel=1e-15)


def test_workbook_sheets_of_several_tables_hold_their_own_groups(make: Make) -> None:
    frame = sheets_of(make("two_tables")).load_sheet("channel", header_row=1).to_polars()
    assert "region" not in frame.columns
    assert frame["channel"].to_list() == ["app", "store"]


def test_workbook_has_no_formulas_or_links(make: Make) -> None:
    book = zipfile.ZipFile(io.BytesIO(bytes_of(make("hostile"), "xlsx")))
    parts = {name: book.read(name) for name in book.namelist() if name.endswith((".xml", ".rels"))}
    for name, part in parts.items():
        ElementTree.fromstring(part)
        if name.startswith("xl/worksheets/"):
            assert b"<f>" not in part
            assert b"hyperlink" not in part.lower()
    assert b"=HYPERLINK" in parts["xl/sharedStrings.xml"]
    tables = [ElementTree.fromstring(parts[n]) for n in parts if n.startswith("xl/tables/")]
    names = [table.attrib["displayName"] for table in tables]
    assert len(set(names)) == len(names) == 5
    assert b"2000-01-01T00:00:00Z" in parts["docProps/core.xml"]


def test_workbook_takes_its_date_from_the_environment(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    book = zipfile.ZipFile(io.BytesIO(bytes_of(make("survey"), "xlsx")))
    assert b"2026-01-01T00:00:00Z" in book.read("docProps/core.xml")


def test_workbook_of_odd_values_and_no_rows(make: Make) -> None:
    frame = sheets_of(odd(make)).load_sheet("region", header_row=1).to_polars()
    assert frame["ci_low"].to_list() == [None, None, None, 0.1]
    assert frame["flags"].to_list()[0] == "low-n; partial"
    assert frame["day"].to_list()[0] == datetime(2026, 7, 1)
    empty = replace(make("survey"), rows=make("survey").rows.clear(), tables=())
    assert "nps" in sheets_of(empty).sheet_names


def test_column_names_that_excel_takes_for_one(make: Make) -> None:
    result = make("survey", key="NPS")
    frame = sheets_of(result).load_sheet("NPS", header_row=1).to_polars()
    assert frame.columns[1] == "NPS"
    assert "nps 2" in frame.columns


@given(st.lists(st.text(max_size=40), max_size=8))
def test_sheet_names_are_what_excel_accepts(wanted: list[str]) -> None:
    names = workbook.sheet_names(wanted, ("Cover",))
    assert len({name.casefold() for name in [*names, "cover", "history"]}) == len(wanted) + 2
    for name in names:
        assert 0 < len(name) <= 31
        assert not set(name) & set("[]:*?/\\")
        assert name.strip("'") == name


# --- Parquet ---------------------------------------------------------------------------------


def test_parquet_keeps_lists_and_types(make: Make) -> None:
    result = make("survey")
    assert pl.read_parquet(bytes_of(result, "parquet")).equals(result.rows)
    frame = pl.read_parquet(bytes_of(odd(make), "parquet"))
    assert frame["flags"].to_list()[0] == ["low-n", "partial"]
    assert frame["ci_low"].to_list() == [None, None, None, 0.1]


# --- files -----------------------------------------------------------------------------------


@pytest.mark.parametrize("extension", files.EXTENSIONS)
def test_write_by_extension(make: Make, tmp_path: Path, extension: str) -> None:
    result = make("survey")
    path = tmp_path / f"out.{extension.upper()}"
    assert write(result, path) == 4
    made = render(result, extension)
    assert path.read_bytes() == (made if isinstance(made, bytes) else made.encode())
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_a_format_goes_before_the_extension(make: Make, tmp_path: Path) -> None:
    write(make("survey"), str(tmp_path / "out.txt"), format="table", plain=False, color=True)
    assert (tmp_path / "out.txt").read_text("utf-8") == render(make("survey"), "table")


@pytest.mark.parametrize("name", ["out.html", "out.docx", "out", "out.\x1b[31m", ".csv"])
def test_an_unknown_extension_is_a_request_error(make: Make, tmp_path: Path, name: str) -> None:
    with pytest.raises(RequestError) as caught:
        write(make("survey"), tmp_path / name)
    assert caught.value.slug == "no-format"
    assert "\x1b" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_format_of_knows_charts() -> None:
    assert format_of("a.b/nps.SVG") == "svg"


@pytest.mark.parametrize(
    "target", ["missing/out.csv", "folder", "file/out.csv", "a\x00b", "x" * 300]
)
def test_a_place_that_cannot_be_written(tmp_path: Path, target: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(RequestError) as caught:
        atomic_write(f"{tmp_path}/{target}", b"data")
    assert caught.value.slug == "cannot-write"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["file", "folder"]


def test_a_new_file_has_the_usual_mode(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        atomic_write(tmp_path / "out.csv", b"1")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "out.csv").stat().st_mode) == 0o640


@pytest.mark.parametrize("failure", [KeyboardInterrupt, OSError, MemoryError])
def test_a_failure_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: type[BaseException]
) -> None:
    target = tmp_path / "out.csv"
    target.write_bytes(b"old")

    def fail(*_: object) -> None:
        raise failure

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(RequestError if failure is OSError else failure):
        atomic_write(target, b"new")
    assert target.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.csv"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_bytes(b"old")
    (tmp_path / "link.csv").symlink_to("real.csv")
    atomic_write(tmp_path / "link.csv", b"new")
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_bytes() == b"new"


def test_a_device_stays_a_device() -> None:
    atomic_write(os.devnull, b"data")
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)


def test_names_at_the_limit_of_the_file_system(tmp_path: Path) -> None:
    atomic_write(tmp_path / ("x" * 251 + ".csv"), b"1")


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["region"], ["nps.png"]),
        (["region", "../a b/c"], ["nps.region.png", "nps.a-b-c.png"]),
        (["a/b", "A:b", "a b"], ["nps.a-b.png", "nps.A-b-2.png", "nps.a-b-3.png"]),
        ([None, "..."], ["nps.chart.png", "nps.chart-2.png"]),
    ],
)  # fmt: skip
def test_each_chart_has_its_file(names: list[str | None], expected: list[str]) -> None:
    made = files.chart_files(Path("out/nps.png"), names)
    assert made == [Path("out") / name for name in expected]
