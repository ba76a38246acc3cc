"""A funnel of units: each score by its number of answers, within limits or outside and named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cxkit.output import canvas as paper
from cxkit.output import words
from cxkit.output.canvas import MUTED, NAVY, ORANGE, RUST, TOTAL, Area
from cxkit.output.chart_axes import End, end_labels
from cxkit.output.chart_places import Named, place_names
from cxkit.output.chart_points import Field, axes, lines_of, no_room, pair, told_point
from cxkit.output.chart_sheet import Row, Sheet, figure, flagged
from cxkit.result import Chart
from cxkit.terms import phrase

NAMES = 30  # more units outside are not named
FEW = 12  # so many units are all named
DASH = (0, (4, 3))


class Limits(NamedTuple):
    """The limits of one level along x."""

    level: float
    xs: tuple[float, ...]
    lows: tuple[float, ...]
    highs: tuple[float, ...]

    def at(self, x: float) -> tuple[float, float]:
        """Both limits at x, on the straight line between two rows of the frame."""
        i = next((i for i, end in enumerate(self.xs) if end >= x), len(self.xs) - 1)
        if i == 0 or x >= self.xs[i]:
            return self.lows[i], self.highs[i]
        share = (x - self.xs[i - 1]) / (self.xs[i] - self.xs[i - 1])
        both = (self.lows, self.highs)
        low, high = (ends[i - 1] + share * (ends[i] - ends[i - 1]) for ends in both)
        return low, high


def limits(chart: Chart) -> list[Limits]:
    """The limits of a funnel, from the inner to the outer level."""
    if chart.curves is None:
        return []
    rows = sorted(chart.curves.to_dicts(), key=lambda row: (row["level"], row["x"]))
    found = []
    for level in dict.fromkeys(row["level"] for row in rows):
        own = [row for row in rows if row["level"] == level]
        xs, lows, highs = (tuple(float(row[name]) for row in own) for name in ("x", "low", "high"))
        found.append(Limits(level, xs, lows, highs))
    return found


def breach(chart: Chart, row: Row, curves: Sequence[Limits]) -> tuple[int, float]:
    """Where a unit stands: −1 below, 1 above or 0 within, and the outermost level it is beyond."""
    x, y = pair(chart, row)
    for one in reversed(curves):
        low, high = one.at(x)
        if y < low or y > high:
            return (-1 if y < low else 1), one.level
    return 0, 0.0


# Told


def funnel_notes(sheet: Sheet) -> list[str]:
    """Which units are named, if not all, and what a hollow point is."""
    lang, curves = sheet.lang, limits(sheet.chart)
    levels = [words.confidence_label(one.level, lang) for one in curves]
    some = levels and len(sheet.rows) > FEW
    told = [words.sentence("chart-named", {"level": levels[-1]}, lang)] if some else []
    return told + [words.sentence("chart-inner", {"level": level}, lang) for level in levels[:-1]]


def told_funnel(chart: Chart, rows: tuple[Row, ...], lang: str) -> list[str]:
    """The units outside, the lowest first, and how many are within."""
    curves, told = limits(chart), []
    outside = [row for row in rows if _outside(chart, row, curves)]
    for row in sorted(outside, key=lambda row: pair(chart, row)[1]):
        side, level = breach(chart, row, curves)
        key = "chart-above" if side > 0 else "chart-below"
        why = words.sentence(key, {"level": words.confidence_label(level, lang)}, lang)
        told.append(told_point(chart, row, why, lang))
    inside = len(rows) - len(outside)
    return [*told, words.sentence("chart-inside", {"count": inside}, lang)] if rows else []


def _outside(chart: Chart, row: Row, curves: Sequence[Limits]) -> bool:
    """Whether a unit is beyond the outer limits."""
    return bool(curves) and breach(chart, row, curves)[1] == curves[-1].level


# Drawn


def funnel(sheet: Sheet, top: float, bottom: float) -> None:
    """Limits as curves, units as points, those outside in colour with their names."""
    curves = limits(sheet.chart)
    field = _field(sheet, curves, top, bottom)
    ends = _overall(sheet, field)
    for one in curves:
        ends += _curve(sheet, field, one, outer=one is curves[-1])
    end_labels(sheet, field.plot, ends)
    for row in sheet.rows:
        _unit(sheet, field, row, curves)
    outside = [row for row in sheet.rows if _outside(sheet.chart, row, curves)]
    outside.sort(key=lambda row: -abs(pair(sheet.chart, row)[1] - _middle(sheet, row, curves)))
    others = [row for row in sheet.rows if not _outside(sheet.chart, row, curves)]
    shown = outside[:NAMES] + others * (len(sheet.rows) <= FEW)
    named = [_named(sheet, field, row, curves) for row in shown]
    thin = [box for one in curves for box in _boxes(field, one)]
    left = place_names(sheet.canvas, named, field.area, thin)
    no_room(sheet, field, max(len(outside) - NAMES, 0) + len(left))


def _field(sheet: Sheet, curves: Sequence[Limits], top: float, bottom: float) -> Field:
    """The axes hold all units, and the limits where there are units."""
    pairs = [pair(sheet.chart, row) for row in sheet.rows]
    xs, ys = [x for x, _ in pairs], [y for _, y in pairs]
    ys += [end for one in curves for x in xs for end in one.at(x)]
    if ys:  # room for the names of units at the edges
        room = 0.06 * (max(ys) - min(ys))
        ys += [min(ys) - room, max(ys) + room]
    texts = [words.confidence_label(one.level, sheet.lang) for one in curves]
    texts.append(_overall_text(sheet))
    room = max(sheet.canvas.measure(text, 10, True) for text in texts) + 0.25
    return axes(sheet, [0.0, *xs], ys, (top, bottom), room)


def _middle(sheet: Sheet, row: Row, curves: Sequence[Limits]) -> float:
    return sum(curves[-1].at(pair(sheet.chart, row)[0])) / 2


def _overall_text(sheet: Sheet) -> str:
    value = figure(sheet.chart.total or {}, sheet.chart.y)
    return "" if value is None else f"{phrase('all', sheet.lang)} {sheet.said(value)}"


def _overall(sheet: Sheet, field: Field) -> list[End]:
    """The line of all units together."""
    value = figure(sheet.chart.total or {}, sheet.chart.y)
    if value is None:
        return []
    plot, y = field.plot, field.y(value)
    sheet.canvas.line([plot.left, plot.right], [y, y], TOTAL, 1.2, layer=1.6)
    return [(plot.right, y, _overall_text(sheet), TOTAL, True)]


def _curve(sheet: Sheet, field: Field, one: Limits, *, outer: bool) -> list[End]:
    """Both limits of a level from edge to edge, with the level at the right."""
    plot, ends = field.plot, list[End]()
    for values in (one.lows, one.highs):
        xs = [x for x in one.xs if field.low <= x <= field.high]
        ys = [y for x, y in zip(one.xs, values, strict=True) if field.low <= x <= field.high]
        if not xs:
            continue
        places = [plot.y(y if plot.low <= y <= plot.high else None) for y in ys]
        dash = "-" if outer else DASH
        sheet.canvas.line([field.x(x) for x in xs], places, paper.AXIS, 1.1, dash=dash, layer=1.5)
        text = words.confidence_label(one.level, sheet.lang)
        ends.append((field.x(xs[-1]), field.y(ys[-1]), text, MUTED, False))
    return ends


def _boxes(field: Field, one: Limits, count: int = 60) -> list[Area]:
    """Small boxes along both limits, that names cover only where they must."""
    span = [field.low + (field.high - field.low) * k / count for k in range(count + 1)]
    places = [(field.x(x), field.y(end)) for x in span for end in one.at(x)]
    return [(x - 0.06, y - 0.01, x + 0.06, y + 0.01) for x, y in places]


def _unit(sheet: Sheet, field: Field, row: Row, curves: Sequence[Limits]) -> None:
    """A point: grey within, hollow beyond the inner limits, in colour beyond the outer ones."""
    side, _ = breach(sheet.chart, row, curves)
    x, y = pair(sheet.chart, row)
    color = (paper.AXIS, NAVY, ORANGE)[side]
    hollow = bool(side) and not _outside(sheet.chart, row, curves)
    size = 7.5 if side and not hollow else 5.5
    color = paper.AXIS if flagged(row, "low-n") else color
    sheet.canvas.dots([field.x(x)], [field.y(y)], color, size=size, hollow=hollow)


def _named(sheet: Sheet, field: Field, row: Row, curves: Sequence[Limits]) -> Named:
    x, y = pair(sheet.chart, row)
    if not _outside(sheet.chart, row, curves):
        return Named(field.x(x), field.y(y), lines_of(sheet, row), MUTED, False)
    side = breach(sheet.chart, row, curves)[0]
    ink, lines = NAVY if side > 0 else RUST, lines_of(sheet, row, bold=True)
    return Named(field.x(x), field.y(y), lines, ink, True, -side)
