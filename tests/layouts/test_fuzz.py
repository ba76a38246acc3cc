"""Whatever the bytes: a Source whose rows can be counted, or an error that says why."""

import contextlib
import io
import random
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxkit.engines import collect
from cxkit.errors import CxError
from cxkit.reading import layouts, read
from cxkit.reading.layouts import Head
from cxkit.reading.sniff import unique
from cxkit.reduce import tally
from cxkit.source import Source
from cxkit.terms import LAYOUTS

FILES = sorted((Path(__file__).parent / "files").iterdir())
SAFE = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
FORMATS = st.sampled_from([None, None, None, "plain", *LAYOUTS, "spss"])
PIECES = st.sampled_from(
    [b",", b";", b"\t", b'"', b"\n", b"\r\n", b"\r", b"\0", b"\xff", b"\xef\xbb\xbf", b"#",
     b'{"ImportId":"status"}', b'"{""ImportId"":""QID1_NPS_GROUP""}"', b"_NPS_GROUP", b"V1,V10",
     b"ResponseSet", b"Respondent ID", b"Response", b"Timestamp", b"\xc3", b"", b"9,9,9",
     b" 1 2 3\n", b"  00004 19970101  2   29.33\r\n", b"Grand Totals (1 records)\n", b"\nTotal\n",
     b"Confidential Information - Do Not Distribute\n"]
)  # fmt: skip


def through(path: Path, **options: str | None) -> None:
    """Read a file and count its rows, by what its layout knows of them."""
    with contextlib.suppress(CxError):
        source = read(path, **options)
        checked(source)
        keys = {f"out{i}": out for i, out in enumerate(source.left_out.values())}
        checks = {f"check{i}": check.applies.sum() for i, check in enumerate(source.checks)}
        tally(source, keys, extra=checks)
        tally(source, {f"money{i}": applies for i, applies in enumerate(of_money(source))})
        if source.mixed:
            tally(layouts.asked_of(source, "nps", None), {"a": pl.col(source.mixed.score)})


def of_money(source: Source) -> list[pl.Expr]:
    """Every condition that the layout states on the money in a row."""
    trade = source.trade
    if trade is None:
        return []
    assert {*trade.refunds, *(trade.spread or ())} <= set(source.columns)
    continues = [] if trade.continues is None else [trade.continues]
    return [*trade.left_out.values(), *trade.netted.values(), *continues]


def checked(source: Source) -> None:
    columns = set(source.columns)
    assert len(columns) == len(source.columns)
    assert set(source.labels) <= columns
    assert set(source.date_formats) <= columns
    assert all(set(own) <= columns for own in source.roles.values())
    assert columns <= set(source.rows.collect_schema())
    assert {one.layout for one in source.inputs} <= {"plain", "spss", *LAYOUTS}


@SAFE
@given(data=st.binary(max_size=400), layout=FORMATS)
def test_any_bytes(tmp_path_factory, data, layout):
    path = tmp_path_factory.mktemp("fuzz") / "a.csv"
    path.write_bytes(data)
    through(path, input_format=layout)


@SAFE
@given(pieces=st.lists(PIECES, max_size=40), layout=FORMATS)
def test_any_pieces(tmp_path_factory, pieces, layout):
    path = tmp_path_factory.mktemp("fuzz") / "a.csv"
    path.write_bytes(b"".join(pieces))
    through(path, input_format=layout)


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_mutated_exports(file, tmp_path):
    """Bytes lost, doubled, swapped for others, lines and columns gone, cut anywhere."""
    whole, rng = file.read_bytes(), random.Random(file.name)
    for number in range(25):
        path = tmp_path / f"{number}.csv"
        path.write_bytes(mutated(whole, rng))
        layout = rng.choice([None, None, "plain", *LAYOUTS])
        through(path, input_format=layout)


def mutated(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(min(len(changed), 3_000)) if changed else 0
        size = rng.choice([1, 1, 2, 30, 400])
        match rng.randrange(6):
            case 0:
                del changed[at : at + size]
            case 1:
                changed[at:at] = changed[at : at + size]
            case 2:
                changed[at : at + 1] = rng.choice([b'"', b",", b"\n", b"\0", b"\xff", b";", b" "])
            case 3:
                del changed[at:]
            case 4:
                lines = bytes(changed).split(b"\n")
                del lines[rng.randrange(len(lines))]
                changed = bytearray(b"\n".join(lines))
            case _:
                lines = [line.split(b",") for line in bytes(changed).split(b"\n")]
                place = rng.randrange(12)
                for line in lines:
                    del line[place : place + 1]
                changed = bytearray(b"\n".join(b",".join(line) for line in lines))
    return bytes(changed)


CELLS = st.sampled_from(
    ["", " ", "9", "Response", "StartDate", "EndDate", "Status", "Finished", "ResponseId",
     "Progress", "V1", "V10", "ResponseSet", "Q1_NPS_GROUP", "Q1", "_NPS_GROUP", "#",
     "Network ID", "Timestamp", "respid", "responseid", "status", "question_type", "answer",
     "score", "response_id", "survey_type", "Delighted Source", "created_at", "hs_value",
     "hs_survey_type", "email", "x_date", "request_id", "star_rating", "Summation column",
     "Respondent ID", "Collector ID", '{"ImportId":"status"}', '{"ImportId":"QID1_NPS_GROUP"}',
     "Lineitem name", "Financial Status", "Total", "Cancelled at", "voided", "Total Spent",
     "Total Orders", "Created (UTC)", "Amount", "Arrival Date (UTC)", "Captured", "Gross Sales",
     "Time Zone", "Event Type", "Date", "order_total", "order_id", "customer_id", "item_id",
     "billing_email", "0", "Deal Name", "Deal Stage", "Closed Won", "Opportunity Name", "Stage",
     "StageName", "CloseDate", "IsDeleted", "Revenue Start Date", "Revenue Amount", "Friend Email",
     "Referrer Email", "Test", "Credit Source", "Referred User - User ID", "1772704800000",
     "Referring User - User ID", "referrals", "referrer", "date", "InvoiceNo", "Quantity", "Price",
     "C1", "Grand Totals (2 records)", "Confidential Information - Do Not Distribute",
     "2026-01-01", "cxkit:out", "cxkit:row", "{{field:1}}", "<br>", "ｎｐｓ", "{rows}", "{0}"]
)  # fmt: skip


def tables(width: int) -> st.SearchStrategy[list[list[str]]]:
    return st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=6)


@SAFE
@given(rows=st.integers(1, 9).flatmap(tables), layout=FORMATS)
def test_any_head(tmp_path_factory, rows, layout):
    """Cells that layouts look at, in any order, as text, as a workbook and as a frame."""
    import csv

    folder = tmp_path_factory.mktemp("fuzz")
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    (folder / "a.csv").write_text(out.getvalue(), encoding="utf-8")
    through(folder / "a.csv", input_format=layout)
    _workbook(folder / "a.xlsx", rows)
    through(folder / "a.xlsx", input_format=layout)
    frame = pl.DataFrame(rows[1:], schema=list(unique(rows[0])), orient="row")
    through(frame, input_format=layout)


def _workbook(path: Path, rows: list[list[str]]) -> None:
    import xlsxwriter

    book = xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, [float(cell) if cell == "9" else cell for cell in row])
    book.close()


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_layout_takes_any_head(name):
    """Also without records below it, and records that are short or long."""
    one = layouts.layout(name)
    headers = (("",), ("a",), ("#", "Network ID"), ("Timestamp", "x"), ("Respondent ID", ""))
    sales = (
        ("Lineitem name", "Financial Status"), ("Total Spent", "Total Orders"),
        ("Amount", "Status"),
        ("Created (UTC)", "Amount"), ("order_total", "status", "customer_id", "billing_email"),
        ("Gross Sales", "Time Zone"), ("Deal Name", "Pipeline"), ("StageName", "CloseDate"),
        ("Revenue Start Date", "Revenue Amount"), ("Friend ID", "Advocate ID"),
        ("Referred User - Email", "Referring User - Email"), ("email", "referrals", "referrer"),
    )  # fmt: skip
    for header in headers + sales:
        for first in ((), [["x"]], [["", "y", "z"], []]):
            head = Head(header, unique(header), first)
            assert isinstance(one.fits(head), bool)
            one.read(head)


def test_broken_workbooks_and_spss_files(tmp_path):
    _workbook(tmp_path / "whole.xlsx", [["score", "x"], ["9", "y"]])
    rng = random.Random(3)
    bases = [(tmp_path / "whole.xlsx").read_bytes(), b"$FL2@(#) SPSS DATA FILE" + bytes(200)]
    for number in range(60):
        path = tmp_path / f"b{number}.xlsx"
        path.write_bytes(mutated(bases[number % 2], rng))
        through(path)


def test_collects_nothing_it_should_not():
    """What a layout leaves out is a condition, not a list of rows."""
    source = read(next(path for path in FILES if path.name == "qualtrics_text_en.csv"))
    assert all(isinstance(out, pl.Expr) for out in source.left_out.values())
    assert collect(source.rows.select(pl.len()), source).item() == 12
