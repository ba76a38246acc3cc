"""Charts in a workbook: native ones that follow the cells of a table, and pictures of the rest.

A stack or a trend whose rows stand in the table just as they are drawn refers to those cells, so
that it can be edited and follows them. Nothing in it hangs on the place of a row: groups of few
answers are told by name, for a colour would stay where it is when the table is sorted. Any other
chart is the picture that `--chart` draws. All carry their text alternative.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple

from cxkit.output import words
from cxkit.output.canvas import BAND, DPI, INK, LEFT, MUTED, NAVY, ORANGE, PALE
from cxkit.output.chart import describe, draw
from cxkit.output.chart_bars import BARS, share_name
from cxkit.output.chart_sheet import Row, figure, flagged, written
from cxkit.output.chart_told import told
from cxkit.output.grid import confidence
from cxkit.result import Chart, Note, Result
from cxkit.terms import label, phrase

if TYPE_CHECKING:
    import polars as pl
    from xlsxwriter.chart import Chart as Native  # type: ignore[import-untyped]
    from xlsxwriter.workbook import Workbook  # type: ignore[import-untyped]
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

WIDTH, LINE = 768, 20  # pixels: of a chart, and of a row of cells
BELOW = 40  # rows; beside a longer table, charts stand at its right, where they are seen
LONGEST = 200  # letters of a title; Excel takes 255
NAMED = 5  # more groups are not named below a chart
SMALL = '[<0.05]"";0%'  # a share too small for its figure has none


class Held(NamedTuple):
    """The table of a sheet: its rows, the columns that name a row, its value of `table`."""

    rows: pl.DataFrame
    keys: tuple[str, ...] = ()
    select: str | None = None


class Drawing(NamedTuple):
    """A chart of a sheet.

    Args:
        chart: what is drawn.
        title, sentence: its text alternative.
        height: in pixels.
        first: the row of the table that a native chart begins with.
        image: the picture, where the chart is not native.
    """

    chart: Chart
    title: str
    sentence: str
    height: int
    first: int = 0
    image: bytes = b""


class Cells(NamedTuple):
    """The cells of a table that a chart draws: on which sheet, from which row."""

    sheet: str
    row: int
    drawn: pl.DataFrame
    columns: Sequence[str]
    names: Sequence[str]
    key: str | None

    def of(self, column: str) -> dict[str, Any]:
        """A series: the references to its cells, and what stands in them."""
        found = {"values": self._range(column), "values_data": self.drawn[column].to_list()}
        if self.key is None:
            return found
        return {
            **found,
            "categories": self._range(self.key),
            "categories_data": [_as_text(name) for name in self.names],
        }

    def _range(self, column: str) -> str:
        from xlsxwriter.utility import xl_range_abs  # type: ignore[import-untyped]

        place, last = list(self.columns).index(column), self.row + self.drawn.height - 1
        name = self.sheet.replace("'", "''")
        return f"='{name}'!{xl_range_abs(self.row, place, last, place)}"


# --- which chart stands on which sheet -------------------------------------------------------


def drawings(
    result: Result, tables: Sequence[Held], lang: str
) -> tuple[list[list[Drawing]], list[Note]]:
    """The charts of each table, and the doubts of drawing pictures.

    A chart stands by the table of its name or whose rows it draws, else by the first.
    """
    placed: list[list[Drawing]] = [[] for _ in tables]
    notes: list[Note] = []
    for chart in result.charts:
        number, first = _place(chart, tables)
        told_as = describe(chart, lang=lang)
        if first is None:
            image, doubts = draw(chart, "png", lang=lang)
            height = int.from_bytes(image[20:24]) * 96 // DPI  # the header of a PNG
            placed[number].append(Drawing(chart, *told_as, height, image=image))
            notes += doubts
        else:
            high = 200 + 30 * chart.rows.height if chart.mark == "stack" else 400
            placed[number].append(Drawing(chart, *told_as, high, first))
    return placed, list(dict.fromkeys(notes))


def _place(chart: Chart, tables: Sequence[Held]) -> tuple[int, int | None]:
    """The table of a chart, and the row at which the chart begins if it can be native."""
    own = [i for i, held in enumerate(tables) if held.select and held.select == chart.name]
    for i in own or range(len(tables)):
        if (first := _first_row(chart, tables[i])) is not None:
            return i, first
    return (own or [0])[0], None


def _first_row(chart: Chart, held: Held) -> int | None:
    """Where the rows of a chart begin in a table, if they stand there just as they are drawn."""
    fits = {"stack": len(held.keys) < 2, "trend": held.keys == (chart.x,)}.get(chart.mark, False)
    few = chart.mark != "stack" or chart.rows.height <= (BARS if held.keys else 1)
    figures = [name for name in (chart.y, *chart.shares, chart.low, chart.high) if name]
    known = set(figures) <= set(held.rows.columns) and chart.rows[chart.y].count() > 0
    if not (fits and few and known):
        return None
    stand = held.rows.select(*held.keys, *figures).rows()
    drawn = chart.rows.select(*([chart.x] if held.keys else ()), *figures).rows()
    places = range(len(stand) - len(drawn) + 1)
    return next((i for i in places if stand[i : i + len(drawn)] == drawn), None)


def anchors(found: Sequence[Drawing], top: int, height: int, columns: int) -> list[tuple[int, int]]:
    """The cells, row and column, at which charts begin: below a table, or right of a long one.

    Args:
        top: the row of the headings.
        height: the rows of the table.
        columns: its columns.
    """
    row, column = (top + height + 2, 0) if height <= BELOW else (top + 1, columns + 1)
    places = []
    for drawing in found:
        places.append((row, column))
        row += -(-drawing.height // LINE) + 1
    return places


# --- drawing ---------------------------------------------------------------------------------


def insert(
    book: Workbook,
    page: Worksheet,
    held: Held,
    found: Sequence[Drawing],
    places: Sequence[tuple[int, int]],
    *,
    result: Result,
    codes: Mapping[str, str],
    lang: str,
    top: int,
) -> None:
    """Put the charts of a table on its sheet.

    Args:
        held: the table.
        found, places: the charts, and the cells at which they begin.
        codes: the number format of each kind.
        top: the row of the headings.
    """
    for drawing, (row, column) in zip(found, places, strict=True):
        alternative = f"{drawing.title}. {drawing.sentence}"
        options = {"description": alternative, "object_position": 2}  # moves, keeps its size
        if drawing.image:
            image = {"image_data": BytesIO(drawing.image), **options}
            page.insert_image(row, column, "chart.png", image)
            continue
        cells = _cells(page.name, drawing, held, top + 1 + drawing.first, lang)
        if drawing.chart.mark == "stack":
            made = _stack(book, drawing.chart, cells, lang)
        else:
            code = codes.get(result.kind(drawing.chart.y), "General")
            made = _trend(book, drawing.chart, cells, lang, confidence(result), code)
        made.set_title({"name": _said(drawing.title), "name_font": {"size": 12, "color": INK}})
        made.set_size({"width": WIDTH, "height": drawing.height})
        page.insert_chart(row, column, made, options)


def _cells(sheet: str, drawing: Drawing, held: Held, row: int, lang: str) -> Cells:
    key, chart = (held.keys[0] if held.keys else None), drawing.chart
    drawn = held.rows.slice(drawing.first, chart.rows.height)
    names = [] if key is None else [_name(name, lang) for name in drawn[key]]
    return Cells(sheet, row, drawn, held.rows.columns, names, key)


def _stack(book: Workbook, chart: Chart, cells: Cells, lang: str) -> Native:
    """A bar for each row from the top down, the first share at the left."""
    made = book.add_chart({"type": "bar", "subtype": "stacked"})
    middle = len(chart.shares) - 2
    for share, color in zip(chart.shares, [ORANGE, *[PALE] * middle, NAVY], strict=True):
        ink = "#FFFFFF" if color == NAVY else INK
        figures = {"value": True, "num_format": SMALL, "font": {"size": 9, "color": ink}}
        name = _said(share_name(share, lang))
        look = {"fill": {"color": color}, "gap": 45, "data_labels": figures}
        made.add_series({**cells.of(share), "name": name, **look})
    down = {"reverse": True, "crossing": "max", "major_tick_mark": "none"}
    made.set_y_axis({**down, "visible": cells.key is not None, **_line(False)})
    made.set_x_axis(
        {"min": 0, "max": 1, "num_format": "0%", **_foot(chart, cells, lang), **_line(False)}
    )
    made.set_legend({"position": "top"})
    return made


def _trend(
    book: Workbook, chart: Chart, cells: Cells, lang: str, level: float, code: str
) -> Native:
    """A line over periods with a gap where there is no figure, and the ends of its interval."""
    made = book.add_chart({"type": "line"})
    main = {"name": _said(label(chart.y, lang)), "line": {"color": NAVY, "width": 2.25}}
    dots = {"type": "circle", "size": 6, "fill": {"color": NAVY}, "border": {"color": "#FFFFFF"}}
    made.add_series({**cells.of(chart.y), **main, "marker": dots})
    span = label("interval", lang, confidence=words.confidence_label(level, lang))
    ends = [name for name in (chart.low, chart.high) if name]
    for end in ends:
        thin = {"color": BAND, "width": 1, "dash_type": "dash"}
        made.add_series({**cells.of(end), "name": _said(span), "line": thin})
    made.set_x_axis({"label_position": "low", "text_axis": True, **_foot(chart, cells, lang)})
    made.set_y_axis({"num_format": code, **_line(True)})
    made.set_legend({"position": "top", "delete_series": [2] if len(ends) == 2 else []})
    return made


def _line(shown: bool) -> dict[str, Any]:
    """The grid of an axis: thin, or none."""
    grid = {"visible": shown, "line": {"color": "#E3E6E9", "width": 0.75}}
    return {"major_gridlines": grid, "line": {"none": True}}


# --- words -----------------------------------------------------------------------------------


def _foot(chart: Chart, cells: Cells, lang: str) -> dict[str, Any]:
    """The title of the lower axis: the whole, the target, and the rows to take with care."""
    parts = [] if chart.total is None else [told(chart, chart.total, phrase("all", lang), lang)]
    if chart.target is not None:
        parts.append(f"{label('target', lang)} {written(chart, chart.target, lang)}")
    parts += _doubtful(chart, cells, lang)
    font = {"size": 8, "bold": False, "color": MUTED}
    return {"name": _said(" · ".join(parts)), "name_font": font} if parts else {}


def _doubtful(chart: Chart, cells: Cells, lang: str) -> list[str]:
    """Rows of few answers, without a figure, or of a period that is not over, by name."""
    found: dict[str, list[str]] = {}
    for row, name in zip(chart.rows.to_dicts(), cells.names, strict=False):
        if why := _doubt(chart, row):
            found.setdefault(why, []).append(words.fit(name, 40))
    return [
        f"{phrase(why, lang)}: {', '.join(names[:NAMED])}"
        + (f" … (+{len(names) - NAMED})" if len(names) > NAMED else "")
        for why, names in found.items()
    ]


def _doubt(chart: Chart, row: Row) -> str:
    """The phrase that says what is to be known of a row."""
    if figure(row, chart.y) is None:
        return "withheld" if flagged(row, "suppressed") else "chart-no-answers"
    if flagged(row, "low-n"):
        return "few"
    return "partial" if flagged(row, "partial") else ""


def _name(raw: Any, lang: str) -> str:
    return phrase("blank", lang) if raw is None else words.clean(raw)


def _said(text: str) -> str:
    """A text as a chart may hold it, and not taken for a reference, which `a!A1` would be."""
    return re.sub(r"!(?=[$A-Z])", f"!{LEFT}", words.fit(text, LONGEST), count=1)


def _as_text(name: str) -> str:
    """A name that is not taken for a number: `12` and `nan` are names of groups too."""
    try:
        float(name)
    except ValueError:
        return name
    return name + LEFT
