"""Bars of ranked items, the largest first, with the share of all that they make up together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from cxkit.output import canvas as paper
from cxkit.output import words
from cxkit.output.canvas import INK, MUTED, NAVY, PALE, TOTAL
from cxkit.output.chart_sheet import SIDE, Left, Row, Sheet, figure
from cxkit.output.chart_told import told as told_value
from cxkit.result import Chart
from cxkit.terms import phrase

BARS = 30
VITAL = 0.8
PITCH = 0.34  # height of a bar with its gap, in inches
NAMES = 3.0  # width of the names, in inches
LEAST = 0.025  # width of a bar that can still be seen, in inches
OTHER = "other"  # the flag of the bar of all that is left


@dataclass(frozen=True)
class _Columns:
    """The columns from left to right: where bars may stand, and the field of the line."""

    bar: float
    bar_end: float
    line: float
    line_end: float
    low: float
    high: float
    most: float

    def x(self, value: float) -> float:
        """The place of a value among the bars."""
        return self.bar + (value - self.low) / (self.high - self.low) * (self.bar_end - self.bar)

    def share(self, value: float) -> float:
        """The place of a cumulative share."""
        return self.line + value / self.most * (self.line_end - self.line)


def first_bars(chart: Chart) -> tuple[tuple[Row, ...], Left]:
    """The bars that fit, and the rest in one."""
    count = chart.rows.height
    if count <= BARS:
        return tuple(chart.rows.to_dicts()), ()
    rest = chart.rows.slice(BARS - 1)
    values = [value for value in rest[chart.y].to_list() if value is not None]
    total = sum(values) if all(isinstance(v, int) for v in values) else math.fsum(values)
    last = {chart.line: rest[chart.line][-1]} if chart.line else {}
    other = {chart.x: rest.height, chart.y: total, "flags": [OTHER], **last}
    return (*chart.rows.head(BARS - 1).to_dicts(), other), ()


def extra(sheet: Sheet) -> float:
    """The height of all bars."""
    return PITCH * len(sheet.rows)


def notes(sheet: Sheet) -> list[str]:
    """What the dark bars are."""
    share = words.percent(VITAL, 0, sheet.lang)
    return [phrase("chart-vital", sheet.lang, {"share": share})] if sheet.chart.line else []


def pareto(sheet: Sheet, top: float, bottom: float) -> float:
    """A bar each item with its name and value, and the cumulative share beside; the lower edge."""
    names = [_lines(sheet, row) for row in sheet.rows]
    columns = _columns(sheet, names)
    first = y = top + 0.3
    vital = _vital_few(sheet.chart, sheet.rows)
    for row, name, dark in zip(sheet.rows, names, vital, strict=True):
        _bar(sheet, columns, row, y + PITCH / 2, dark=dark)
        for k, line in enumerate(name):
            base = y + PITCH / 2 + 0.045 + (k - (len(name) - 1) / 2) * 0.145
            sheet.canvas.text(SIDE, base, line, 9)
        y += PITCH
    zero = columns.x(0.0)
    sheet.canvas.line([zero, zero], [first, y], paper.AXIS, layer=2.5)
    if sheet.chart.line:
        _cumulative(sheet, columns, first, y)
    return y


def _vital_few(chart: Chart, rows: Sequence[Row]) -> list[bool]:
    """Whether the items before each make up less than 80 %; the bar of the rest never counts."""
    if chart.line is None:
        return [True] * len(rows)
    shares = [0.0, *(figure(row, chart.line) for row in rows)]
    return [
        share is not None and share < VITAL - 1e-12 and OTHER not in (row.get("flags") or ())
        for share, row in zip(shares, rows, strict=False)
    ]


def _name(chart: Chart, row: Row, lang: str) -> str:
    """The name of an item; a blank and the rest have one too."""
    name = row[chart.x]
    if OTHER in (row.get("flags") or ()):
        return words.sentence("chart-other", {"count": name}, lang)
    return phrase("blank", lang) if name is None else words.clean(name)


def _lines(sheet: Sheet, row: Row) -> list[str]:
    """A name in at most two lines."""
    name = sheet.canvas.clean(_name(sheet.chart, row, sheet.lang)) or '""'
    return sheet.canvas.wrap(name, NAMES, 9, lines=2)


def _columns(sheet: Sheet, names: Sequence[Sequence[str]]) -> _Columns:
    """Names as wide as they need; values stand beside the bars, below zero at their left."""
    c, chart = sheet.canvas, sheet.chart
    bar = SIDE + max(c.measure(line, 9) for name in names for line in name) + 0.12
    values = [figure(row, chart.y) or 0.0 for row in sheet.rows]
    said = [c.measure(_value(sheet, row), 9) + 0.1 for row in sheet.rows]
    left = max((s for s, v in zip(said, values, strict=True) if v < 0), default=0.0)
    right = max((s for s, v in zip(said, values, strict=True) if v >= 0), default=0.0)
    edge = c.width - SIDE
    line = edge - (2.4 if chart.line else 0.0)
    end = line - (0.3 if chart.line else 0.0)
    shares = [figure(row, chart.line) or 0.0 for row in sheet.rows]
    most = max(1.0, *shares)
    low, high = min(0.0, *values), max(0.0, *values)
    if low == high:
        high = 1.0
    return _Columns(bar + left, end - right, line, edge - 0.5, low, high, most)


def _value(sheet: Sheet, row: Row) -> str:
    return "" if figure(row, sheet.chart.y) is None else sheet.said(row[sheet.chart.y])


def _bar(sheet: Sheet, columns: _Columns, row: Row, y: float, *, dark: bool) -> None:
    """From zero to the value, which stands at its end."""
    c, value = sheet.canvas, figure(row, sheet.chart.y)
    if value is None:
        said = phrase("chart-no-answers", sheet.lang)
        c.text(columns.x(0.0) + 0.08, y + 0.045, said, 9, color=MUTED)
        return
    zero = columns.x(0.0)
    wide = max(abs(columns.x(value) - zero), LEAST) if value else 0.0
    left = zero - wide if value < 0 else zero
    if wide:
        c.rect(left, y - 0.12, wide, 0.24, NAVY if dark else PALE)
    x, align = (left - 0.07, "right") if value < 0 else (left + wide + 0.07, "left")
    c.text(x, y + 0.045, _value(sheet, row), 9, color=INK, align=align)


def _cumulative(sheet: Sheet, columns: _Columns, top: float, bottom: float) -> None:
    """The cumulative share at the right: its axis above, its line downwards, its figures beside."""
    c, chart = sheet.canvas, sheet.chart
    name = phrase("chart-cumulative", sheet.lang)
    c.text(columns.line, top - 0.2, name, 9, color=MUTED)
    for share in (VITAL, 0.0, 1.0):
        x, dashed = columns.share(share), share == VITAL
        c.line(
            [x, x], [top, bottom], TOTAL if dashed else paper.GRID, 1.1,
            dash=(0, (4, 3)) if dashed else "-", layer=1.6,
        )  # fmt: skip
        said = words.percent(share, 0, sheet.lang)
        if c.free(c.area(x - 0.03, top - 0.05, said + " ", 8, align="center")):
            c.text(x, top - 0.05, said, 8, color=MUTED, align="center")
    middles = [top + PITCH * (k + 0.5) for k in range(len(sheet.rows))]
    shares = [figure(row, chart.line) for row in sheet.rows]
    xs = [math.nan if share is None else columns.share(share) for share in shares]
    c.line(xs, middles, NAVY, 2, layer=3)
    for x, y, part in zip(xs, middles, shares, strict=True):
        if part is not None:
            c.dots([x], [y], NAVY, size=5)
            said = words.percent(part, 0, sheet.lang)
            c.text(c.width - SIDE, y + 0.045, said, 9, color=INK, align="right")


def told(chart: Chart, rows: tuple[Row, ...], lang: str) -> list[str]:
    """Each bar with its value, and the share of all up to it."""
    parts = []
    for row in rows:
        said = told_value(chart, row, _name(chart, row, lang), lang)
        share = figure(row, chart.line)
        parts.append(said if share is None else f"{said}, {words.percent(share, 0, lang)}")
    return parts
