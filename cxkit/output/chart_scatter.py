"""Points by performance and importance, in four quadrants: what is to be fixed first."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cxkit.output import canvas as paper
from cxkit.output import words
from cxkit.output.canvas import INK, MUTED, NAVY, ORANGE, RUST, TOTAL, Area, blend
from cxkit.output.chart_funnel import funnel, funnel_notes, told_funnel
from cxkit.output.chart_places import Named, place_names
from cxkit.output.chart_points import Field, axes, known, lines_of, no_room, pair, told_point
from cxkit.output.chart_sheet import Left, Row, Sheet, figure, flagged, told_by
from cxkit.result import Chart
from cxkit.terms import phrase

POINTS = 30  # more points are not drawn
DASH = (0, (4, 3))
STRIP = 0.14  # of the height, free below points that stand on 0


def placed(chart: Chart) -> tuple[tuple[Row, ...], Left]:
    """Points that have both figures; without `curves` the thirty of most importance."""
    rows = [row for row in chart.rows.to_dicts() if known(chart, row)]
    if chart.curves is not None or len(rows) <= POINTS:
        return tuple(rows), ()
    ranked = sorted(range(len(rows)), key=lambda i: (-pair(chart, rows[i])[1], i))
    kept = tuple(rows[i] for i in sorted(ranked[:POINTS]))
    return kept, (("chart-points", len(rows) - len(kept)),)


def cross(chart: Chart, rows: Sequence[Row]) -> tuple[float, float]:
    """The cross-hairs: the total where there is one, else the means of the points."""
    pairs = [pair(chart, row) for row in rows]
    given = figure(chart.total or {}, chart.x), figure(chart.total or {}, chart.y)
    means = (math.fsum(values) / len(pairs) for values in zip(*pairs, strict=True))
    x, y = (mean if value is None else value for value, mean in zip(given, means, strict=True))
    return x, y


def fix_first(chart: Chart, row: Row, middle: tuple[float, float]) -> bool:
    """Whether a point is of low performance and high importance; on a line counts as high."""
    x, y = pair(chart, row)
    return x < middle[0] and y >= middle[1]


# Told


def scatter_subtitle(sheet: Sheet) -> str:
    """The two measures, and what the bars are."""
    text = told_by(sheet, sheet.chart.x, "chart-against")
    if sheet.chart.low is None or sheet.chart.curves is not None:
        return text
    return f"{text} · {phrase('chart-bars', sheet.lang, {'span': sheet.span_head()})}"


def scatter_notes(sheet: Sheet) -> list[str]:
    """What lines and points stand for, and which points are not there."""
    chart, lang = sheet.chart, sheet.lang
    missing = [row for row in chart.rows.to_dicts() if not known(chart, row)]
    told = funnel_notes(sheet)
    if chart.curves is None and chart.total is None:
        told.append(phrase("chart-means", lang))
    if missing:
        names = [sheet.name(row, chart.series) for row in missing]
        told.append(words.sentence("chart-missing", {"names": names}, lang))
    return told


def told_points(chart: Chart, rows: tuple[Row, ...], lang: str) -> list[str]:
    """All points, what is to be fixed first before the others; of a funnel those outside."""
    if chart.curves is not None:
        return told_funnel(chart, rows, lang)
    if not rows:
        return []
    middle = cross(chart, rows)
    first = {id(row): fix_first(chart, row, middle) for row in rows}
    ranked = sorted(rows, key=lambda row: (not first[id(row)], -pair(chart, row)[1]))
    mark = phrase("fix-first", lang)
    return [told_point(chart, row, mark * first[id(row)], lang) for row in ranked]


# Drawn


def scatter(sheet: Sheet, top: float, bottom: float) -> float:
    """Points with their names, in quadrants or in a funnel of limits."""
    if sheet.chart.curves is not None:
        funnel(sheet, top, bottom)
    elif sheet.rows:
        _quadrants(sheet, top, bottom)
    return bottom


def _quadrants(sheet: Sheet, top: float, bottom: float) -> None:
    chart, middle = sheet.chart, cross(sheet.chart, sheet.rows)
    field = _field(sheet, middle, top, bottom)
    _cross_hairs(sheet, field, middle)
    bars = [bar for row in sheet.rows for bar in _interval(sheet, field, row)]
    for row in sheet.rows:
        _point(sheet, field, row, middle)
    _corners(sheet, field)
    first = [row for row in sheet.rows if fix_first(chart, row, middle)]
    rest = [row for row in sheet.rows if not fix_first(chart, row, middle)]
    rest.sort(key=lambda row: -pair(chart, row)[1])
    named = [_named(sheet, field, row, middle) for row in [*first, *rest]]
    x, y = field.x(middle[0]), field.y(middle[1])
    thin = [(x, field.plot.top, x, field.plot.bottom), (field.plot.left, y, field.plot.right, y)]
    no_room(sheet, field, len(place_names(sheet.canvas, named, field.area, bars + thin)))


def _field(sheet: Sheet, middle: tuple[float, float], top: float, bottom: float) -> Field:
    """The axes hold all points, their intervals and the cross-hairs."""
    chart = sheet.chart
    pairs = [pair(chart, row) for row in sheet.rows]
    found = [
        figure(row, column)
        for row in sheet.rows
        if not flagged(row, "low-n")
        for column in (chart.low, chart.high)
    ]
    ys = [y for _, y in pairs] + [end for end in found if end is not None] + [middle[1]]
    xs = [x for x, _ in pairs] + [middle[0]]
    if min(ys) >= 0:  # no tick below 0, where no point is
        high = max(_wider(ys))
        return axes(sheet, _wider(xs), [0.0, *ys, high], (top, bottom), 0.15, below=STRIP)
    return axes(sheet, _wider(xs), _wider(ys), (top, bottom), 0.15)


def _wider(values: list[float], share: float = 0.04) -> list[float]:
    """Values with room beyond them, so that no point stands on an edge."""
    room = share * (max(values) - min(values))
    return [*values, min(values) - room, max(values) + room]


def _cross_hairs(sheet: Sheet, field: Field, middle: tuple[float, float]) -> None:
    """The quadrant to fix first in a light tint, and two dashed lines."""
    c, plot, x, y = sheet.canvas, field.plot, field.x(middle[0]), field.y(middle[1])
    c.rect(plot.left, plot.top, x - plot.left, y - plot.top, blend(ORANGE, 0.92))
    c.line([x, x], [plot.top, plot.bottom], TOTAL, 0.9, dash=DASH, layer=2.2)
    c.line([plot.left, plot.right], [y, y], TOTAL, 0.9, dash=DASH, layer=2.2)


def _interval(sheet: Sheet, field: Field, row: Row) -> list[Area]:
    """The interval of a point as a thin bar."""
    low, high = figure(row, sheet.chart.low), figure(row, sheet.chart.high)
    if low is None or high is None:
        return []
    x, upper, lower = field.x(pair(sheet.chart, row)[0]), field.y(high), field.y(low)
    sheet.canvas.line([x, x], [upper, lower], "#B9BEC4", 1.2, layer=2.6)
    return [(x - 0.01, upper, x + 0.01, lower)]


def _point(sheet: Sheet, field: Field, row: Row, middle: tuple[float, float]) -> None:
    x, y = pair(sheet.chart, row)
    color = ORANGE if fix_first(sheet.chart, row, middle) else NAVY
    color = paper.AXIS if flagged(row, "low-n") else color
    sheet.canvas.dots([field.x(x)], [field.y(y)], color, size=7)


def _corners(sheet: Sheet, field: Field) -> None:
    """The names of the quadrants in their corners."""
    c, plot, lang = sheet.canvas, field.plot, sheet.lang
    left, right, high, low = plot.left + 0.08, plot.right - 0.05, plot.top + 0.17, plot.bottom - 0.1
    c.text(left, high, phrase("fix-first", lang), 9, bold=True, color=RUST)
    c.text(right, high, phrase("keep-up", lang), 9, color=MUTED, align="right")
    c.text(left, low, phrase("low-priority", lang), 9, color=MUTED)
    c.text(right, low, phrase("overdone", lang), 9, color=MUTED, align="right")


def _named(sheet: Sheet, field: Field, row: Row, middle: tuple[float, float]) -> Named:
    x, y = pair(sheet.chart, row)
    first = fix_first(sheet.chart, row, middle)
    ink = RUST if first else MUTED if flagged(row, "low-n") else INK
    return Named(field.x(x), field.y(y), lines_of(sheet, row, bold=first), ink, first)
