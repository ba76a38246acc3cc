"""Cells of cohorts: a row each cohort, a column each age, darker where the rate is higher."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cxkit.output import words
from cxkit.output.canvas import INK, MUTED, blend, mixed
from cxkit.output.chart_sheet import (
    SIDE,
    Left,
    Row,
    Sheet,
    figure,
    flagged,
    is_total,
    measure,
    written,
)
from cxkit.result import Chart
from cxkit.terms import label, phrase

PITCH = 0.33  # height of a row, in inches
COHORTS, AGES = 40, 37  # more are not drawn: three years of months
SHADES = ("#F4F8FC", "#6BACE6", "#2073BC", "#12436D")
DARK = 0.55  # beyond this share of the range the text is white
WIDEST, NARROWEST = 0.62, 0.18  # a cell, in inches
SIZES = (9, 8, 7, 6)


@dataclass(frozen=True)
class _Matrix:
    """Cohorts and ages in drawing order, the rows of their cells, and the rate that is darkest."""

    cohorts: tuple[Any, ...]
    ages: tuple[Any, ...]
    cells: dict[tuple[Any, Any], Row]
    most: float

    def row(self, cohort: Any) -> list[Row]:
        """The cells of a cohort."""
        return [self.cells[cohort, age] for age in self.ages if (cohort, age) in self.cells]


@dataclass(frozen=True)
class _Layout:
    """The edges of the columns, the width of a cell and the size of its text."""

    names: float
    counts: float
    cells: float
    width: float
    size: float


# Rows


def latest(chart: Chart) -> tuple[tuple[Row, ...], Left]:
    """The latest cohorts and the first ages."""
    rows = [row for row in chart.rows.to_dicts() if row[chart.x] is not None]
    cohorts = [*dict.fromkeys(row[_series(chart)] for row in rows if not is_total(row))]
    ages = sorted({row[chart.x] for row in rows})
    kept, first = set(cohorts[-COHORTS:]), set(ages[:AGES])
    drawn = [
        row
        for row in rows
        if row[chart.x] in first and (is_total(row) or row[_series(chart)] in kept)
    ]
    left = (
        ("chart-cut-cohorts", len(cohorts) - len(kept)),
        ("chart-cut-ages", len(ages) - len(first)),
    )
    return tuple(drawn), tuple(one for one in left if one[1])


def _series(chart: Chart) -> str:
    return chart.series or chart.x


def _matrix(chart: Chart, rows: tuple[Row, ...]) -> _Matrix:
    """All rows by cohort and age; the cohort of all together stands last, under the key None."""
    cells = {(_cohort(chart, row), row[chart.x]): row for row in rows}
    cohorts = dict.fromkeys(_cohort(chart, row) for row in rows if not is_total(row))
    cohorts.update(dict.fromkeys(_cohort(chart, row) for row in rows if is_total(row)))
    rates = [(row[chart.x], figure(row, chart.y) or 0.0) for row in rows]
    later = [rate for age, rate in rates if age != 0]
    most = max(later, default=0.0) or max((rate for _, rate in rates), default=0.0)
    return _Matrix((*cohorts,), (*sorted({row[chart.x] for row in rows}),), cells, most or 1.0)


def _cohort(chart: Chart, row: Row) -> tuple[bool, Any]:
    """What tells cohorts apart: all together is not the blank cohort."""
    return is_total(row), row[_series(chart)]


# Picture


def extra(sheet: Sheet) -> float:
    """The height of all rows."""
    return PITCH * len({_cohort(sheet.chart, row) for row in sheet.rows})


def subtitle(sheet: Sheet) -> str:
    """The measure in percent, by cohort."""
    values = {"measure": measure(sheet), "name": label(_series(sheet.chart), sheet.lang)}
    return phrase("chart-cells", sheet.lang, values)


def notes(sheet: Sheet) -> list[str]:
    """From which rate on cells are darkest, and what a star means."""
    matrix = _matrix(sheet.chart, sheet.rows)
    told = []
    if matrix.most != 1:
        said = written(sheet.chart, matrix.most, sheet.lang)
        told.append(phrase("chart-darkest", sheet.lang, {"value": said}))
    if any(flagged(row, "suppressed") for row in sheet.rows):
        told.append(phrase("suppressed", sheet.lang))
    return told


def heatmap(sheet: Sheet, top: float, bottom: float) -> float:
    """A row for each cohort with its customers and a cell for each age; returns the lower edge."""
    matrix = _matrix(sheet.chart, sheet.rows)
    layout = _layout(sheet, matrix)
    y = _heads(sheet, matrix, layout, top)
    for position, cohort in enumerate(matrix.cohorts):
        if cohort[0] and position:
            y += 0.06
        _name(sheet, matrix.row(cohort), layout, y)
        for i, age in enumerate(matrix.ages):
            if row := matrix.cells.get((cohort, age)):
                _cell(sheet, row, (layout.cells + i * layout.width, y), layout, matrix.most)
        y += PITCH
    return y


def _layout(sheet: Sheet, matrix: _Matrix) -> _Layout:
    """Names and counts at the left as wide as they need, cells in what remains."""
    c, room = sheet.canvas, sheet.canvas.width - 2 * SIDE
    rows = [matrix.row(cohort) for cohort in matrix.cohorts]
    counts = max(c.measure(_count(sheet, row), 9) for row in rows)
    if sheet.chart.size:
        counts = max(counts, min(c.measure(label(sheet.chart.size, sheet.lang), 9), 0.8)) + 0.2
    names = max(c.measure(_title(sheet, row), 9.5, is_total(row[0])) for row in rows)
    names = max(names, min(c.measure(label(_series(sheet.chart), sheet.lang), 9), 1.2))
    names = min(names, 2.0, max(room - NARROWEST * len(matrix.ages) - counts - 0.15, 0.6))
    left = SIDE + names + counts + 0.15
    width = min((SIDE + room - left) / len(matrix.ages), WIDEST)
    said = [_said(sheet, row) for row in sheet.rows] + [str(age) for age in matrix.ages]
    size = next((s for s in SIZES if max(c.measure(t, s) for t in said) < width - 0.015), SIZES[-1])
    return _Layout(names, SIDE + names + counts, left, width, size)


def _title(sheet: Sheet, row: list[Row]) -> str:
    return (
        phrase("all", sheet.lang) if is_total(row[0]) else sheet.name(row[0], _series(sheet.chart))
    )


def _count(sheet: Sheet, row: list[Row]) -> str:
    """The customers of a cohort: those of its first age; in brackets where all cells are weak."""
    found = (figure(cell, sheet.chart.size) for cell in row)
    count = next((value for value in found if value is not None), None)
    if count is None:
        return ""
    said = sheet.said(int(count), "n")
    return f"({said})" if all(flagged(cell, "low-n") for cell in row) else said


def _said(sheet: Sheet, row: Row) -> str:
    """A rate in whole percent without the sign; a rate that is withheld is a star."""
    rate = figure(row, sheet.chart.y)
    if rate is None:
        return words.WITHHELD if flagged(row, "suppressed") else ""
    return words.percent(rate, 0, sheet.lang).removesuffix("%")


def _heads(sheet: Sheet, matrix: _Matrix, layout: _Layout, top: float) -> float:
    """The name of the ages over their numbers, and of the columns at the left."""
    c, chart = sheet.canvas, sheet.chart
    name = c.clean(chart.x_label or label(chart.x, sheet.lang))
    c.text(layout.cells, top + 0.12, c.fit(name, 6, 9), 9, color=MUTED)
    y = top + 0.31
    for i, age in enumerate(matrix.ages):
        middle = layout.cells + (i + 0.5) * layout.width
        c.text(middle, y, str(age), layout.size, color=MUTED, align="center")
    head = c.fit(c.clean(label(_series(chart), sheet.lang)), layout.names, 9)
    c.text(SIDE, y, head, 9, color=MUTED)
    if chart.size:
        room = layout.counts - SIDE - layout.names - 0.15
        head = c.fit(c.clean(label(chart.size, sheet.lang)), room, 9)
        c.text(layout.counts, y, head, 9, color=MUTED, align="right")
    return y + 0.08


def _name(sheet: Sheet, row: list[Row], layout: _Layout, y: float) -> None:
    c, bold = sheet.canvas, is_total(row[0])
    ink = MUTED if all(flagged(cell, "low-n") for cell in row) else INK
    base = y + PITCH / 2 + 0.05
    c.text(
        SIDE, base, c.fit(_title(sheet, row), layout.names, 9.5, bold), 9.5, bold=bold, color=ink
    )
    c.text(layout.counts, base, _count(sheet, row), 9, color=MUTED, align="right")


def _cell(
    sheet: Sheet, row: Row, corner: tuple[float, float], layout: _Layout, most: float
) -> None:
    """One rate: darker where it is higher, pale where customers are few, blank where unknown."""
    c, (x, y), rate = sheet.canvas, corner, figure(row, sheet.chart.y)
    share = min(max((rate or 0.0) / most, 0.0), 1.0)
    weak = flagged(row, "low-n")
    if rate is not None:
        color = mixed(SHADES, share)
        c.rect(x, y, layout.width, PITCH, blend(color, 0.65) if weak else color)
    ink = MUTED if rate is None else "white" if share > DARK and not weak else INK
    base = y + PITCH / 2 + 0.36 * layout.size / 72
    c.text(x + layout.width / 2, base, _said(sheet, row), layout.size, color=ink, align="center")


# Words


def told(chart: Chart, rows: tuple[Row, ...], lang: str) -> list[str]:
    """For each age the lowest and the highest rate of the cohorts."""
    matrix = _matrix(chart, rows)
    parts = []
    for age in matrix.ages:
        cells = [row for row in rows if row[chart.x] == age and not is_total(row)]
        rates = sorted(rate for row in cells if (rate := figure(row, chart.y)) is not None)
        if rates:
            said = words.interval("rate", rates[0], rates[-1], lang)
            parts.append(f"{label(chart.x, lang)} {age}: {said}")
    return parts
