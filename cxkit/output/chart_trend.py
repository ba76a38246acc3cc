"""A trend: one line over periods with its band, its target and its real steps."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cxkit.output import canvas as paper
from cxkit.output import words
from cxkit.output.canvas import NAVY, TOTAL
from cxkit.output.chart_axes import (
    End,
    Plot,
    bounds,
    end_labels,
    field,
    grid,
    period_labels,
    scale,
)
from cxkit.output.chart_sheet import (
    Left,
    Row,
    Sheet,
    arrow_color,
    figure,
    flagged,
    told_by,
)
from cxkit.result import Chart
from cxkit.terms import kind, label, phrase

CROWD = 24  # with more periods only the points that matter are marked
NAME_WIDTH = 2.0  # inches of a name at the end of a line


def all_rows(chart: Chart) -> tuple[tuple[Row, ...], Left]:
    """Every period is drawn."""
    return tuple(chart.rows.to_dicts()), ()


def trend(sheet: Sheet, top: float, bottom: float) -> float:
    """One line over periods with its band; the last point, the target and real steps are told."""
    rows = sheet.rows
    plot, step = _trend_plot(sheet, top, bottom)
    grid(sheet, plot, step)
    xs = [plot.x(i) for i in range(len(rows))]
    ys = [plot.y(figure(row, sheet.chart.y)) for row in rows]
    _band(sheet, plot, xs)
    ends = target_line(sheet, plot)
    solid = [plot.y(drawn(sheet, row)) for row in rows]
    sheet.canvas.line(xs, solid, NAVY, 2.2, layer=3)
    _trend_dots(sheet, xs, ys)
    end_labels(sheet, plot, _trend_end(sheet, xs, ys) + ends)
    for row, x, y in zip(rows, xs, ys, strict=True):
        step_mark(sheet, plot, row, (x, y), arrow_color(sheet.arrow(row)))
    period_labels(sheet, plot, _periods(sheet), _counts(sheet))
    return bottom


def trend_subtitle(sheet: Sheet) -> str:
    """Measure and period, and what the band is."""
    text = told_by(sheet, sheet.chart.x)
    if sheet.chart.low is None:
        return text
    return f"{text} · {phrase('chart-band', sheet.lang, {'span': sheet.span_head()})}"


def trend_notes(sheet: Sheet) -> list[str]:
    """Unfinished periods, and an axis that shows only a part of its scale."""
    partial = any(flagged(row, "partial") for row in sheet.rows)
    return [phrase("chart-hollow", sheet.lang)] * partial + _axis_note(sheet)


def _axis_note(sheet: Sheet) -> list[str]:
    chart, ends = sheet.chart, bounds(sheet.chart.y)
    if ends is None:
        return []
    low, high, _ = scale(plotted(sheet), chart.y)
    if (low, high) == ends:
        return []
    span = words.interval(kind(chart.y), *ends, sheet.lang)
    return [phrase("chart-axis", sheet.lang, {"span": span})]


def _trend_plot(sheet: Sheet, top: float, bottom: float) -> tuple[Plot, float]:
    c, counts, names = sheet.canvas, _counts(sheet), _periods(sheet)
    texts = [_trend_said(sheet, row) for row in sheet.rows] + [target(sheet)]
    room = max(c.measure(text, 10, True) for text in texts) + 0.25
    widest = [c.measure(name, 9) for name in names] + [c.measure(n, 8.5) for n in counts]
    foot = 0.46 if any(counts) else 0.26
    edges = (top + 0.12, bottom - foot)
    return field(sheet, plotted(sheet), room, *edges, len(names), max(widest) / 2 - 0.05)


def _periods(sheet: Sheet) -> list[str]:
    return [sheet.canvas.fit(sheet.name(row), NAME_WIDTH / 2, 9) for row in sheet.rows]


def _bracketed(sheet: Sheet, row: Row) -> str:
    said = sheet.said(figure(row, sheet.chart.y))
    return f"({said})" if flagged(row, "low-n") else said


def plotted(sheet: Sheet) -> list[float]:
    """All values that the axis must hold; the wide interval of a few answers is not among them."""
    chart, found = sheet.chart, []
    for row in sheet.rows:
        solid = drawn(sheet, row) is not None
        if chart.mark == "trend":
            found += [figure(row, name) for name in (chart.low, chart.high) if solid]
            found.append(figure(row, chart.y))
        else:
            found.append(drawn(sheet, row))
    if chart.mark == "lines":
        found.append(figure(chart.total or {}, chart.y))
    found.append(chart.target)
    return [value for value in found if value is not None]


def target(sheet: Sheet) -> str:
    """How the target is called and what it is; nothing where there is none."""
    if sheet.chart.target is None:
        return ""
    return f"{label('target', sheet.lang)} {sheet.said(sheet.chart.target)}"


def _counts(sheet: Sheet) -> list[str]:
    """The number of answers of each period; a low one stands in brackets."""
    said = []
    for row in sheet.rows:
        n = figure(row, "n")
        text = "" if n is None else sheet.said(int(n), "n")
        said.append(f"({text})" if text and flagged(row, "low-n") else text)
    return said


def _band(sheet: Sheet, plot: Plot, xs: Sequence[float]) -> None:
    """The interval, in one piece for each run of periods that have one."""
    names = (sheet.chart.low, sheet.chart.high)
    lows, highs = ([plot.y(figure(row, name)) for row in sheet.rows] for name in names)
    solid = [drawn(sheet, row) is not None for row in sheet.rows]
    known = [math.isfinite(low + high) for low, high in zip(lows, highs, strict=True)]
    for run in runs([a and b for a, b in zip(solid, known, strict=True)]):
        places = [xs[i] for i in run]
        below, above = ([ys[i] for i in run] for ys in (lows, highs))
        if len(run) == 1:  # a band of no width would not be seen
            places = [places[0] - 0.05, places[0] + 0.05]
            below, above = below * 2, above * 2
        sheet.canvas.ribbon(places, below, above)


def runs(present: Sequence[bool]) -> list[list[int]]:
    """Positions that are present, in runs without a gap."""
    found: list[list[int]] = []
    for i, there in enumerate(present):
        if there and i and present[i - 1]:
            found[-1].append(i)
        elif there:
            found.append([i])
    return found


def _trend_dots(sheet: Sheet, xs: Sequence[float], ys: Sequence[float]) -> None:
    """Points: all of them while they are few, else the last, the alone and the special ones."""
    shown = [i for i, y in enumerate(ys) if math.isfinite(y)]
    solid = [drawn(sheet, row) is not None for row in sheet.rows]
    alone = {run[0] for run in runs(solid) if len(run) == 1}
    for i in shown:
        row = sheet.rows[i]
        open_ = flagged(row, "partial")
        told = open_ or i == shown[-1] or i in alone or not solid[i] or bool(sheet.arrow(row))
        if len(shown) <= CROWD or told:
            color = paper.AXIS if flagged(row, "low-n") else NAVY
            sheet.canvas.dots([xs[i]], [ys[i]], color, size=6.5, hollow=open_)


def _trend_end(sheet: Sheet, xs: Sequence[float], ys: Sequence[float]) -> list[End]:
    """The label of the last point."""
    shown = [i for i, y in enumerate(ys) if math.isfinite(y)]
    if not shown:
        return []
    last = sheet.rows[shown[-1]]
    weak = flagged(last, "low-n", "partial")
    ink = paper.MUTED if weak else NAVY
    return [(xs[shown[-1]], ys[shown[-1]], _trend_said(sheet, last), ink, not weak)]


def _trend_said(sheet: Sheet, row: Row) -> str:
    """The figure at the end of the line; the title speaks of the last full period."""
    open_ = [phrase("chart-unfinished", sheet.lang)] * flagged(row, "partial")
    return " ".join([_bracketed(sheet, row), *open_])


def target_line(sheet: Sheet, plot: Plot) -> list[End]:
    """The target as a dashed line, and its label."""
    if sheet.chart.target is None:
        return []
    y = plot.y(sheet.chart.target)
    sheet.canvas.line([plot.left, plot.right], [y, y], TOTAL, 1.2, dash=(0, (4, 3)), layer=1.6)
    return [(plot.right, y, target(sheet), TOTAL, False)]


def step_mark(sheet: Sheet, plot: Plot, row: Row, point: tuple[float, float], ink: str) -> None:
    """▲ above or ▼ below a point that differs from the one before; the change if there is room."""
    x, y = point
    c, sign = sheet.canvas, sheet.arrow(row)
    if not sign or not math.isfinite(y):
        return
    beyond = y - 0.11 if sign == words.UP else y + 0.2
    change = f"{sign} {sheet.said(row['diff'], 'diff')}"
    roomy = sheet.chart.mark == "trend" and c.measure(change, 9, True) < 1.5 * plot.slot
    places = [(change, x, beyond)] * roomy
    places += [(sign, x, beyond), (sign, x + 0.13, y + 0.045), (sign, x - 0.13, y + 0.045)]
    for text, left, base in places:
        area = c.area(left, base, text, 9, bold=True, align="center")
        if c.free(area) and plot.left <= area[0] and area[2] <= plot.right + 0.15:
            c.text(left, base, text, 9, bold=True, color=ink, align="center", halo=True)
            return


def drawn(sheet: Sheet, row: Row) -> float | None:
    """The figure of a row that is drawn: one of too few answers is a gap."""
    return None if flagged(row, "low-n", "suppressed") else figure(row, sheet.chart.y)
