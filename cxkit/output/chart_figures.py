"""Bars of one figure: one a category, from zero, with its interval and its value in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cxkit.output import canvas as paper
from cxkit.output.canvas import MUTED, NAVY, ORANGE, TOTAL, blend
from cxkit.output.chart_bars import (
    BARS,
    PITCH,
    Columns,
    all_bars,
    figures,
    head,
    headings,
    measured,
    row_name,
    why_empty,
)
from cxkit.output.chart_sheet import (
    SIDE,
    Left,
    Row,
    Sheet,
    figure,
    flagged,
    measure,
    told_by,
    with_most,
)
from cxkit.result import Chart
from cxkit.terms import label, phrase

# passives are darker than in a stack, where they stand between two colours
CATEGORIES = {"promoters": NAVY, "passives": "#B9BEC4", "detractors": ORANGE}
COLORS = (NAVY, ORANGE, paper.TEAL, paper.PLUM)
DEEP = 0.30  # height of a bar, in inches


@dataclass(frozen=True)
class _Field:
    """Where bars grow: the columns, and the range of values from the left to the right edge."""

    columns: Columns
    low: float
    high: float

    def x(self, value: float) -> float:
        """The place of a value; one beyond the range stands at the edge."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return self.columns.bar + share * self.columns.width


def in_order(chart: Chart) -> tuple[tuple[Row, ...], Left]:
    """The bars in the order given; of too many those with the greatest base."""
    rows = chart.rows.to_dicts()
    kept, count = with_most(rows, chart.x, chart.size or "n", BARS)
    return tuple(row for row in rows if row[chart.x] in kept), (("chart-cut", count),) * bool(count)


def bars_extra(sheet: Sheet) -> float:
    """The height of all bars."""
    return PITCH * len(all_bars(sheet)) + (0.22 if sheet.chart.target is not None else 0.0)


def bars_subtitle(sheet: Sheet) -> str:
    """The measure by category, and what the strokes are."""
    text = told_by(sheet, sheet.chart.x) if sheet.rows else measure(sheet)
    if sheet.chart.low is None:
        return text
    return f"{text} · {phrase('chart-bars', sheet.lang, {'span': sheet.span_head()})}"


def bars(sheet: Sheet, top: float, bottom: float) -> float:
    """One bar a row in the order given; the figures in columns at the right.

    Returns the lower edge.
    """
    rows = all_bars(sheet)
    columns = measured(sheet, rows, [_name(sheet, row) for row in rows])
    field = _Field(columns, *_range(sheet, rows))
    first = y = _heads(sheet, field, top)
    for position, row in enumerate(rows):
        if row is sheet.chart.total and position:
            sheet.canvas.line([SIDE, sheet.canvas.width - SIDE], [y, y], paper.AXIS)
        _row(sheet, field, row, y + PITCH / 2)
        y += PITCH
    zero = field.x(0.0)
    sheet.canvas.line([zero, zero], [first, y], paper.AXIS, layer=2.5)
    _target(sheet, field, first, y)
    return y


def _name(sheet: Sheet, row: Row) -> str:
    """The name of a bar; promoters, passives and detractors stand in the chart's language."""
    name = row_name(sheet, row)
    return label(category, sheet.lang) if (category := category_of(name)) else name


def category_of(name: object) -> str:
    """`promoters` for `promoter` and `Promoters`; nothing for any other name."""
    word = str(name).lower().removesuffix("s") + "s"
    return word if word in CATEGORIES else ""


def _colors(sheet: Sheet) -> dict[str, str]:
    """The colour of each value of the column that tells bars apart, or of each category."""
    column = sheet.chart.series or sheet.chart.x
    names = [*dict.fromkeys(sheet.name(row, column) for row in sheet.rows)]
    if any(map(category_of, names)):
        return {name: CATEGORIES.get(category_of(name), TOTAL) for name in names}
    if sheet.chart.series is None:
        return dict.fromkeys(names, NAVY)
    return {name: COLORS[min(i, len(COLORS) - 1)] for i, name in enumerate(names)}


def _range(sheet: Sheet, rows: Sequence[Row]) -> tuple[float, float]:
    """Zero, figures, target and intervals; the wide one of a few answers is cut, unless all are."""
    chart = sheet.chart
    few = all(flagged(row, "low-n") for row in rows)
    found: list[float | None] = [0.0, chart.target]
    for row in rows:
        found.append(figure(row, chart.y))
        if few or not flagged(row, "low-n"):
            found += [figure(row, chart.low), figure(row, chart.high)]
    values = [value for value in found if value is not None]
    low, high = min(values), max(values)
    return (low, high) if low < high else (0.0, 1.0)


def _heads(sheet: Sheet, field: _Field, top: float) -> float:
    """The headings of the columns, the legend if colours have one, and room for the target."""
    headings(sheet, field.columns, top + 0.14)
    if sheet.chart.series not in (None, sheet.chart.x):
        _legend(sheet, field, top + 0.14)
    return top + (0.22 if sheet.chart.target is None else 0.44)


def _legend(sheet: Sheet, field: _Field, y: float) -> None:
    c, x = sheet.canvas, field.columns.bar
    right = field.columns.main - c.measure(label(sheet.chart.y, sheet.lang), 9) - 0.2
    for name, color in _colors(sheet).items():
        category = category_of(name)
        text = c.fit(label(category, sheet.lang) if category else name, 1.6, 9)
        if x + 0.17 + c.measure(text, 9) > right:
            return
        c.rect(x, y - 0.105, 0.12, 0.12, color)
        c.text(x + 0.17, y, text, 9, color=MUTED)
        x += 0.17 + c.measure(text, 9) + 0.2


def _target(sheet: Sheet, field: _Field, top: float, bottom: float) -> None:
    """The target as a dashed line with its value above it."""
    if sheet.chart.target is None:
        return
    c, x = sheet.canvas, field.x(sheet.chart.target)
    text = f"{label('target', sheet.lang)} {sheet.said(sheet.chart.target)}"
    half = c.measure(text, 9) / 2
    c.line([x, x], [top - 0.02, bottom], TOTAL, 1.2, dash=(0, (4, 3)), layer=4.5)
    middle = min(max(x, SIDE + half), c.width - SIDE - half)
    c.text(middle, top - 0.07, text, 9, color=TOTAL, align="center")


def _row(sheet: Sheet, field: _Field, row: Row, y: float) -> None:
    columns, value = field.columns, figure(row, sheet.chart.y)
    n = figure(row, sheet.chart.size or "n")
    head(sheet, columns, row, y, _name(sheet, row), n)
    if value is None:
        said = why_empty(sheet, row)
        x = min(field.x(0.0) + 0.08, columns.main - sheet.canvas.measure(said, 9.5))
        sheet.canvas.text(x, y + 0.05, said, 9.5, color=MUTED)
        return
    _bar(sheet, field, row, y)
    _whisker(sheet, field, row, y)
    figures(sheet, columns, row, y)


def _bar(sheet: Sheet, field: _Field, row: Row, y: float) -> None:
    """From zero to the value; pale where answers are few."""
    left, right = sorted((field.x(0.0), field.x(figure(row, sheet.chart.y) or 0.0)))
    name = sheet.name(row, sheet.chart.series or sheet.chart.x)
    color = TOTAL if row is sheet.chart.total else _colors(sheet)[name]
    if flagged(row, "low-n"):
        color = blend(color, 0.55)
    if right > left:
        sheet.canvas.rect(left, y - DEEP / 2, right - left, DEEP, color)


def _whisker(sheet: Sheet, field: _Field, row: Row, y: float) -> None:
    """The interval, dark with a white rim, so that it is seen on the bar and beside it.

    An end beyond the field has no stroke across: the interval goes on.
    """
    low, high = figure(row, sheet.chart.low), figure(row, sheet.chart.high)
    if low is None or high is None:
        return
    left, right = field.x(low), field.x(high)
    strokes = [([left, right], [y, y])]
    for value, x in ((low, left), (high, right)):
        if field.low <= value <= field.high:
            strokes.append(([x, x], [y - 0.055, y + 0.055]))
    for color, width, layer in (("white", 3.4, 3.0), (TOTAL, 1.3, 3.1)):
        for xs, ys in strokes:
            sheet.canvas.line(xs, ys, color, width, layer=layer)
