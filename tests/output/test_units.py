"""Tables of measures other than NPS: shares, means and money in their own units."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import polars as pl

from cxkit.output.markdown import as_markdown
from cxkit.output.table import render_table
from cxkit.output.workbook import as_workbook
from cxkit.result import Change, Interval, Ledger, Result, Table


def csat(**more: Any) -> Result:
    """Two cities, the second with few answers."""
    rows = pl.DataFrame(
        {
            "city": ["Huế", "Vinh"],
            "n": [100, 12],
            "csat": [0.75, 0.5],
            "ci_low": [0.6569553645, 0.25],
            "ci_high": [0.8245478864, 0.75],
            "bottom_rate": [0.1, 0.2],
            "diff": [0.046, None],
            "p_adjusted": [0.01, None],
            "flags": [[], ["low-n"]],
        }
    )
    whole = {"n": 112, "csat": 0.7232, "ci_low": 0.634, "ci_high": 0.798, "bottom_rate": 0.11}
    columns = ("n", "csat", Interval(), "bottom_rate", Change(term="rest"))
    shown = Table(("city",), columns, ("csat", Interval(), "n"), sort="csat")
    return Result("csat", rows, whole, Ledger(112, 112), tables=(shown,),
                  columns={"by": ["city"]}, **{"params": {"min_n": 30}, **more})  # fmt: skip


def money(currency: str | None) -> Result:
    """Revenue by category."""
    rows = pl.DataFrame(
        {
            "category": ["promoter", "detractor"],
            "customers": [4, 4],
            "revenue": [8_911_407.9, -12.5],
            "revenue_mean": [1162.5, 612.5],
            "ci_low": [900.0, 90.25],
            "ci_high": [1_400_000.0, 1200.0],
        }
    )
    columns = ("customers", "revenue", "revenue_mean", Interval())
    shown = Table(("category",), columns, ("revenue_at_risk", "coverage"), total=False)
    return Result("monetize", rows, {"revenue_at_risk": 2450.0, "coverage": 0.87}, Ledger(8, 8),
                  tables=(shown,), params={"currency": currency})  # fmt: skip


def test_a_share_is_written_as_one_with_its_limits_and_differences() -> None:
    lines = render_table(csat()).splitlines()
    assert lines[0] == "CSAT 72%   95% CI 63% to 80%   n = 112"
    assert lines[2].split() == ["city", "n", "CSAT", "95%", "CI", "bottom", "vs", "rest"]
    assert lines[4].split() == ["Huế", "100", "75%", "66%", "to", "82%", "10%", "▲", "+5", "pp"]
    assert lines[-2].split() == ["all", "112", "72%", "63%", "to", "80%", "11%"]


def test_few_answers_put_the_main_figure_in_brackets_and_no_other() -> None:
    vinh = next(line for line in render_table(csat()).splitlines() if line.startswith("Vinh"))
    assert vinh.split() == ["Vinh", "12", "(50%)", "25%", "to", "75%", "20%", "–"]


def test_a_narrow_terminal_keeps_the_main_figure() -> None:
    narrow = render_table(csat(), width=50, plain=False)
    assert "(50%)" in narrow
    blocks = render_table(csat(), width=30, plain=False).replace("\n", " ")
    assert "CSAT 75% (66% to 82%), n 100" in blocks


def test_money_has_the_currency_of_the_file() -> None:
    lines = render_table(money("GBP")).splitlines()
    assert lines[0] == "revenue at risk £2,450   coverage 87%"
    assert lines[4].split() == ["promoter", "4", "£8.91m", "£1,163", "£900.00", "to", "£1.40m"]
    assert lines[5].split() == ["detractor", "4", "−£12.50", "£612.50", "£90.25", "to", "£1,200"]
    assert "£8.91m" in as_markdown(money("GBP"))
    assert "GBP 8.91m" in render_table(money("GBP"), ascii=True)
    assert "8,91 tr" in render_table(money("VND"), lang="vi")
    assert render_table(money(None)).splitlines()[0].startswith("revenue at risk 2,450 ")


def test_a_result_counts_where_others_have_money() -> None:
    rows = pl.DataFrame({"item": ["a", "b"], "value": [1_250_000, 12]})
    shown = Table(("item",), ("value",), ("total",), total=False)
    plain = Result("pareto", rows, {"total": 1_250_012}, Ledger(2, 2), tables=(shown,),
                   view="items", kinds={"value": "count", "total": "count"})  # fmt: skip
    assert plain.main == "value"
    assert render_table(plain).splitlines()[0] == "total = 1,250,012"
    assert "1,250,000" in render_table(plain)


def last_sheet(result: Result) -> dict[str, tuple[float, str]]:
    """The numbers of the first row of the last sheet with their formats, by the column's letter."""
    with ZipFile(BytesIO(as_workbook(result))) as book:
        pages = [name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
        page = book.read(max(pages)).decode()
        styles = book.read("xl/styles.xml").decode()
    codes = dict(re.findall(r'<numFmt numFmtId="(\d+)" formatCode="([^"]*)"', styles))
    codes |= {"1": "0", "4": "#,##0.00", "9": "0%"}  # those every workbook has
    used = re.findall(r'<xf numFmtId="(\d+)"', styles.partition("<cellXfs")[2])
    cells = re.findall(r'<c r="([A-Z])3" s="(\d+)"><v>([^<]*)</v>', page)
    return {letter: (float(raw), codes[used[int(style)]]) for letter, style, raw in cells}


def test_a_workbook_keeps_numbers_whole_and_formats_them() -> None:
    cells = last_sheet(money("GBP"))  # category customers revenue revenue_mean ci_low ci_high
    assert cells["C"] == (8_911_407.9, "#,##0.00")
    assert cells["E"] == (900.0, "#,##0.00")
    cells = last_sheet(csat())  # city n csat ci_low ci_high bottom_rate diff p_adjusted
    assert cells["D"] == (0.6569553645, "0%")
    assert cells["G"] == (0.046, "+0%;-0%;0%")


def test_words_in_rows_follow_the_language() -> None:
    assert "detractor" in render_table(money("EUR"))
    assert "không ủng hộ" in render_table(money("EUR"), lang="vi")
