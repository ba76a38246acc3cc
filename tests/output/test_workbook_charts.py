"""Charts in a workbook: what they refer to is read back from the cells of the file itself."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import fastexcel
import polars as pl
import pytest
from xlsxwriter.utility import xl_cell_to_rowcol  # type: ignore[import-untyped]

import cxkit
from cxkit.output import workbook_charts
from cxkit.output.canvas import BAND, NAVY, ORANGE, PALE
from cxkit.output.chart import describe, draw
from cxkit.output.chart_bars import BARS
from cxkit.output.workbook import as_workbook
from cxkit.result import Chart, Result

Make = Callable[..., Result]
SHARES = ("detractor_rate", "passive_rate", "promoter_rate")
SPACES = {
    "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "d": "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing",
}


class Book:
    """A workbook that was written: its charts, and what stands in its cells."""

    def __init__(self, result: Result, **options: Any) -> None:
        self.data = as_workbook(result, **options)
        parts = zipfile.ZipFile(io.BytesIO(self.data))
        self.parts = {name: parts.read(name) for name in parts.namelist()}
        self.charts = self._trees("xl/charts/")
        self.drawings = self._trees("xl/drawings/drawing")
        self.images = [self.parts[n] for n in sorted(self.parts) if n.startswith("xl/media/")]

    def _trees(self, start: str) -> list[ElementTree.Element]:
        names = sorted(name for name in self.parts if name.startswith(start))
        return [ElementTree.fromstring(self.parts[name]) for name in names]

    def rows(self, sheet: str) -> list[tuple[Any, ...]]:
        """The cells of a sheet below its headings."""
        return fastexcel.read_excel(self.data).load_sheet(sheet, header_row=1).to_polars().rows()

    def cells(self, reference: str) -> list[Any]:
        """What a reference of a chart points to."""
        found = re.fullmatch(r"'((?:[^']|'')*)'!\$(\w+)\$(\d+)(?::\$(\w+)\$(\d+))?", reference)
        assert found, reference
        name, left, top, right, bottom = found.groups()
        frame = fastexcel.read_excel(self.data).load_sheet(name.replace("''", "'"), header_row=1)
        rows = frame.to_polars().rows()
        first, column = xl_cell_to_rowcol(f"{left}{top}")
        last, other = xl_cell_to_rowcol(f"{right or left}{bottom or top}")
        assert column == other
        return [rows[i - 2][column] for i in range(first, last + 1)]

    def alt_texts(self) -> list[str]:
        return [
            item.attrib["descr"]
            for drawing in self.drawings
            for item in drawing.iterfind(".//d:cNvPr", SPACES)
        ]

    def anchors(self) -> list[tuple[int, int]]:
        """The row and column, from 0, at which charts begin."""
        return [
            (int(place.findtext("d:row", "", SPACES)), int(place.findtext("d:col", "", SPACES)))
            for drawing in self.drawings
            for place in drawing.iterfind(".//d:from", SPACES)
        ]


def series(chart: ElementTree.Element) -> list[tuple[str, str, str]]:
    """The name of each series, the cells of its values and of its categories."""
    return [
        (
            one.findtext("c:tx/c:v", "", SPACES),
            one.findtext("c:val/c:numRef/c:f", "", SPACES),
            one.findtext("c:cat/c:strRef/c:f", "", SPACES),
        )
        for one in chart.iterfind(".//c:ser", SPACES)
    ]


def texts(chart: ElementTree.Element) -> list[str]:
    """The title and the titles of the axes."""
    return ["".join(title.itertext()) for title in chart.iterfind(".//c:title", SPACES)]


def colors(chart: ElementTree.Element) -> list[str]:
    found = [one.find("c:spPr//a:srgbClr", SPACES) for one in chart.iterfind(".//c:ser", SPACES)]
    return [f"#{color.attrib['val']}" for color in found if color is not None]


def stack(rows: pl.DataFrame, key: str = "region", **more: Any) -> Chart:
    drawn = rows.rename({key: "group"})
    return Chart("stack", drawn, "group", "nps", "ci_low", "ci_high", shares=SHARES, **more)


def with_stack(result: Result, key: str = "region", **more: Any) -> Result:
    return replace(result, charts=(stack(result.rows, key, **more),))


@pytest.fixture(scope="module")
def answers() -> pl.DataFrame:
    """Three regions and a blank one, two channels, three quarters: 240 answers."""
    every = range(240)
    return pl.DataFrame({
        "nps": [(i * 7 + i // 9) % 11 for i in every],
        "region": [("N", "S", "N", None, "E")[i % 5] for i in every],
        "channel": [("app", "store", "app")[i % 3] for i in every],
        "date": [f"2026-{1 + i // 30:02d}-15" for i in every],
    })  # fmt: skip


# --- native charts -------------------------------------------------------------------------------


def test_a_stack_refers_to_the_cells_of_its_table(answers: pl.DataFrame) -> None:
    result = cxkit.nps(answers, score="nps", by=["region"])
    book = Book(result)
    (chart,) = book.charts
    assert [name for name, *_ in series(chart)] == ["detractors", "passives", "promoters"]
    for share, (_, values, names) in zip(SHARES, series(chart), strict=True):
        assert book.cells(values) == pytest.approx(result.rows[share].to_list())
        assert book.cells(names) == ["N", "E", "S", "(blank)"]
    assert colors(chart) == [ORANGE, PALE, NAVY]
    down = chart.find(".//c:catAx//c:orientation", SPACES)
    assert down is not None
    assert down.attrib["val"] == "maxMin"  # the first row of the table is the first bar
    assert {one.attrib["val"] for one in chart.iterfind(".//c:ptCount", SPACES)} == {"4"}
    formats = {one.attrib["formatCode"] for one in chart.iterfind(".//c:numFmt", SPACES)}
    assert formats == {"0%", workbook_charts.SMALL}
    assert book.images == []


def test_each_table_has_the_chart_of_its_own_groups(answers: pl.DataFrame) -> None:
    book = Book(cxkit.nps(answers, score="nps", by=["region", "channel"]))
    found = [{name for *_, name in series(chart)} for chart in book.charts]
    assert [book.cells(names.pop()) for names in found] == [
        ["N", "E", "S", "(blank)"],
        ["app", "store"],
    ]


def test_a_trend_refers_to_the_score_and_its_interval(answers: pl.DataFrame) -> None:
    result = cxkit.nps(answers, score="nps", date="date", period="quarter")
    book = Book(result)
    (chart,) = book.charts
    figures = ("nps", "ci_low", "ci_high")
    for figure, (_, values, names) in zip(figures, series(chart), strict=True):
        assert book.cells(values) == pytest.approx(result.rows[figure].to_list())
        assert book.cells(names) == ["2026-Q1", "2026-Q2", "2026-Q3"]
    assert colors(chart) == [NAVY, BAND, BAND]
    assert [one.attrib["formatCode"] for one in chart.iterfind(".//c:numFmt", SPACES)] == [
        "+0;-0;0"
    ]


def test_the_whole_alone_is_a_bar_without_a_name(answers: pl.DataFrame) -> None:
    result = cxkit.nps(answers, score="nps")
    book = Book(result)
    (chart,) = book.charts
    assert [names for *_, names in series(chart)] == ["", "", ""]
    shares = [book.cells(values)[0] for _, values, _ in series(chart)]
    assert shares == pytest.approx([result.summary[share] for share in SHARES])


def test_a_chart_of_some_rows_refers_to_those_only(make: Make) -> None:
    result = make("survey")
    book = Book(replace(result, charts=(stack(result.rows.slice(1, 2)),)))
    _, values, names = series(book.charts[0])[0]
    assert book.cells(names) == ["Hà Nội", "Đà Nẵng"]
    assert book.cells(values) == pytest.approx(result.rows["detractor_rate"].to_list()[1:3])


def test_groups_without_a_figure_are_empty_and_told(make: Make) -> None:
    result = make("hostile")
    book = Book(replace(result, charts=(stack(result.rows.tail(4), "[b]key|<i>"),)))
    (chart,) = book.charts
    _, values, names = series(chart)[0]
    assert book.cells(names) == ["(blank)", "few", "hidden", "empty"]
    assert [value is None for value in book.cells(values)] == [False, False, True, True]
    cached = chart.find(".//c:val/c:numRef/c:numCache", SPACES)
    assert cached is not None
    assert [point.attrib["idx"] for point in cached.iterfind("c:pt", SPACES)] == ["0", "1"]
    assert texts(chart)[1] == "few answers: few · withheld: hidden · no answers: empty"


def test_the_whole_and_the_target_are_told(make: Make) -> None:
    result = make("survey")
    book = Book(with_stack(result, total=result.summary, target=30.0))
    assert texts(book.charts[0])[1] == "all +20 (+15 to +25, n 1,086) · target +30"


def test_charts_speak_vietnamese(make: Make) -> None:
    book = Book(with_stack(make("survey")), lang="vi")
    assert series(book.charts[0])[2][0] != series(Book(with_stack(make("survey"))).charts[0])[2][0]


def test_native_charts_need_no_matplotlib(tmp_path: Any) -> None:
    (tmp_path / "a.csv").write_text("nps,region\n" + "10,N\n3,S\n8,N\n" * 40)
    script = (
        "import sys, cxkit\n"
        "cxkit.write(cxkit.nps('a.csv', by=['region']), 'a.xlsx')\n"
        "print('matplotlib' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout == "False\n"
    assert "xl/charts/chart1.xml" in zipfile.ZipFile(tmp_path / "a.xlsx").namelist()


# --- pictures ------------------------------------------------------------------------------------


def crossed(answers: pl.DataFrame) -> Result:
    return cxkit.nps(answers, score="nps", by=[("region", "channel")])


def test_other_charts_are_the_pictures_that_are_drawn(answers: pl.DataFrame) -> None:
    lines = cxkit.nps(answers, score="nps", by=["channel"], date="date", period="quarter")
    for result in (lines, crossed(answers)):
        book = Book(result)
        assert book.charts == []
        assert book.images == [draw(chart, "png")[0] for chart in result.charts]


def test_a_stack_is_a_picture_unless_the_table_holds_its_rows(make: Make) -> None:
    result = make("survey")
    tuned = result.rows.with_columns(nps=pl.col("nps") + 1)
    none = result.rows.with_columns(pl.lit(None, pl.Float64).alias("nps"))
    cities = [(f"city {i}", 30 + i, 40, 50) for i in range(BARS + 1)]
    many = with_stack(make("survey", cities))
    others = [replace(result, charts=(stack(rows),)) for rows in (tuned, result.rows[::-1], none)]
    for other in (*others, many):
        book = Book(other)
        assert book.charts == []
        assert len(book.images) == 1


def test_doubts_of_a_picture_are_notes(make: Make) -> None:
    result = make("survey")
    rows = result.rows.with_columns(group=pl.lit("日本"), x=pl.lit("1"))
    chart = Chart("bars", rows.head(1), "group", "nps")
    book = Book(replace(result, charts=(chart,)))
    assert "missing-letters" in [row[1] for row in book.rows("Notes")]


# --- all charts ----------------------------------------------------------------------------------


def test_every_chart_has_its_text_alternative(make: Make, answers: pl.DataFrame) -> None:
    for result in (with_stack(make("survey")), crossed(answers)):
        title, sentence = describe(result.charts[0])
        assert "NPS" in sentence
        assert Book(result).alt_texts() == [f"{title}. {sentence}"]


def test_charts_are_the_same_bytes_every_time(make: Make, answers: pl.DataFrame) -> None:
    for result in (with_stack(make("survey")), crossed(answers)):
        assert as_workbook(result) == as_workbook(result)


def test_charts_stand_below_each_other_and_contents_say_where(make: Make) -> None:
    result = make("survey")
    chart = stack(result.rows)
    book = Book(replace(result, charts=(chart, replace(chart, name="again"))))
    (first, left), (second, right) = book.anchors()
    assert (first, left, right) == (7, 0, 0)  # the table ends in row 6
    high = 200 + 30 * 4
    assert second * 20 >= first * 20 + high
    assert [row[3] for row in book.rows("Contents")] == [None, f"A8; A{second + 1}"]


def test_beside_a_long_table_charts_stand_at_its_right(make: Make) -> None:
    cities = [(f"city {i}", 30 + i, 40, 50) for i in range(60)]
    result = make("survey", cities)
    book = Book(replace(result, charts=(stack(result.rows.head(10)),)))
    assert book.anchors() == [(2, result.rows.width + 1)]


def test_a_workbook_without_charts_has_no_column_for_them(make: Make) -> None:
    assert {len(row) for row in Book(make("survey")).rows("Contents")} == {3}


# --- untrusted names -----------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["it's!$A$1", "(x)", "A1", "=1+1", "Sheet1!A1,'b'", "TRUE"])
def test_no_name_of_a_column_bends_a_reference(make: Make, key: str) -> None:
    result = make("survey", key=key)
    book = Book(with_stack(result, key))
    for share, (_, values, names) in zip(SHARES, series(book.charts[0]), strict=True):
        assert book.cells(values) == pytest.approx(result.rows[share].to_list())
        assert book.cells(names) == result.rows[key].to_list()


@pytest.mark.parametrize("title", ["Sheet1!A1", "=Summary!$A$1 leads", '=HYPERLINK("http://x")'])
def test_titles_are_text(make: Make, title: str) -> None:
    book = Book(with_stack(make("survey"), title=title))
    (chart,) = book.charts
    assert chart.find(".//c:title//c:f", SPACES) is None
    assert texts(chart)[0].replace("\u200e", "") == title


def test_a_title_is_no_longer_than_excel_takes(make: Make) -> None:
    book = Book(with_stack(make("survey"), title="A!" * 300))
    assert 100 < len(texts(book.charts[0])[0]) <= 255


@pytest.mark.parametrize("names", [["nan", "12", "inf"], ["=1+1", "a!A1", "'b'"]])
def test_names_of_groups_are_text_and_in_no_formula(make: Make, names: list[str]) -> None:
    result = make("survey", [(name, 30 + i, 40, 50) for i, name in enumerate(names)])
    (chart,) = Book(with_stack(result)).charts
    found = chart.find(".//c:cat", SPACES)
    assert found is not None
    assert [child.tag.rpartition("}")[2] for child in found] == ["strRef"]
    told = [point.findtext("c:v", "", SPACES) for point in found.iterfind(".//c:pt", SPACES)]
    assert [text.replace("\u200e", "") for text in told] == names
    formulas = {formula.text for formula in chart.iterfind(".//c:f", SPACES)}
    assert all(re.fullmatch(r"'region'!\$[A-Z]+\$3:\$[A-Z]+\$5", str(text)) for text in formulas)


# --- the notes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("lang", "words"), [("en", "above"), ("vi", "cao hơn")])
def test_notes_speak_of_columns_not_of_words_that_no_cell_holds(
    make: Make, lang: str, words: str
) -> None:
    book = Book(make("survey"), lang=lang)
    (note,) = [row for row in book.rows("Notes") if row[0] == "method"]
    assert note[1] == "region"
    assert note[2].startswith("diff, p_adjusted: ")
    assert words not in note[2]
    assert "0.05" in note[2].replace(",", ".")
    cells = [str(cell) for row in book.rows("region") for cell in row]
    assert not any(words in cell for cell in cells)
