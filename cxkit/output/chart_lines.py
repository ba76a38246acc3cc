"""Lines over periods or stages: one with its band, or several told apart without colour."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from cxkit.output import canvas as paper
from cxkit.output import words
from cxkit.output.canvas import NAVY, ORANGE, RUST, TOTAL, held
from cxkit.output.chart_axes import (
    STAGE,
    End,
    Plot,
    bounds,
    end_labels,
    field,
    grid,
    period_labels,
    point_label,
    scale,
    stage_labels,
    stage_lines,
)
from cxkit.output.chart_figures import category_of
from cxkit.output.chart_sheet import (
    SIDE,
    Left,
    Row,
    Sheet,
    arrow_color,
    figure,
    flagged,
    is_total,
    told_by,
    with_most,
)
from cxkit.result import Chart
from cxkit.terms import kind, label, phrase

CROWD = 24  # with more periods only the points that matter are marked

# colour, colour of the label, dash, marker: no two are alike in grey
_DASHES = ("-", (0, (5, 1.6)), (0, (1.4, 1.4)))
STYLES = (
    (NAVY, NAVY, _DASHES[0], "o"),
    (ORANGE, RUST, _DASHES[0], "s"),
    (paper.TEAL, "#1B7A73", _DASHES[1], "^"),
    (paper.PLUM, paper.PLUM, _DASHES[2], "D"),
    (NAVY, NAVY, _DASHES[1], "s"),
    (ORANGE, RUST, _DASHES[2], "^"),
    (paper.TEAL, "#1B7A73", _DASHES[0], "D"),
    (paper.PLUM, paper.PLUM, _DASHES[1], "o"),
    (NAVY, NAVY, _DASHES[2], "v"),
    (ORANGE, RUST, _DASHES[1], "P"),
    (paper.TEAL, "#1B7A73", _DASHES[2], "X"),
    (paper.PLUM, paper.PLUM, _DASHES[0], "v"),
)

# promoters, passives and detractors as in other charts
_CATEGORIES = {
    "promoters": STYLES[0],
    "passives": ("#8A9096", "#6B7177", _DASHES[2], "v"),
    "detractors": STYLES[1],
}

OPEN = " ○"  # behind the value of a period that is not over
NAME_WIDTH = 2.0  # inches of a name at the end of a line
WIDE = "#B9BEC4"


# Trend


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
    ends = _target_line(sheet, plot)
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
    texts = [_trend_said(sheet, row) for row in sheet.rows] + [_target(sheet)]
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


def _target(sheet: Sheet) -> str:
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


def _target_line(sheet: Sheet, plot: Plot) -> list[End]:
    """The target as a dashed line, and its label."""
    if sheet.chart.target is None:
        return []
    y = plot.y(sheet.chart.target)
    sheet.canvas.line([plot.left, plot.right], [y, y], TOTAL, 1.2, dash=(0, (4, 3)), layer=1.6)
    return [(plot.right, y, _target(sheet), TOTAL, False)]


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


# Lines


def most_answered(chart: Chart) -> tuple[tuple[Row, ...], Left]:
    """The series with most answers, as many as can be told apart, and the rows of all together."""
    if chart.series is None:
        return all_rows(chart)
    rows, key = chart.rows.to_dicts(), chart.series
    kept, count = with_most([r for r in rows if not is_total(r)], key, "n", len(STYLES))
    drawn = tuple(row for row in rows if is_total(row) or row[key] in kept)
    return drawn, (("chart-cut", count),) if count else ()


def lines_subtitle(sheet: Sheet) -> str:
    """The measure, by the column that tells the lines apart."""
    return told_by(sheet, sheet.chart.series or sheet.chart.x)


def lines_notes(sheet: Sheet) -> list[str]:
    """As under a trend, and the series of which no point has enough answers."""
    chart = sheet.chart
    if _thin(sheet):
        return []
    names = [sheet.name(row, chart.series) for row in sheet.rows if not is_total(row)]
    seen = {sheet.name(row, chart.series) for row in sheet.rows if drawn(sheet, row) is not None}
    missing = [name for name in dict.fromkeys(names) if name not in seen]
    if not missing:
        return trend_notes(sheet)
    return [*trend_notes(sheet), words.sentence("chart-never", {"names": missing}, sheet.lang)]


def styles(names: Sequence[str]) -> Sequence[tuple[str, str, Any, str]]:
    """A style for each line; those of promoters, passives and detractors are always the same."""
    found = [category_of(name) for name in names]
    others = itertools.cycle(STYLES[2:])
    return [_CATEGORIES.get(name) or next(others) for name in found] if any(found) else STYLES


def lines_extra(sheet: Sheet) -> float:
    """Less height where no point is drawn."""
    return -3.2 if _thin(sheet) else 0.0


def _thin(sheet: Sheet) -> bool:
    """Whether no point has enough answers to be drawn."""
    return all(drawn(sheet, row) is None for row in sheet.rows)


def lines(sheet: Sheet, top: float, bottom: float) -> float:
    """A line for each series with its name at the end; all together as a wide grey line."""
    if _thin(sheet):
        sheet.canvas.text(SIDE, top + 0.16, phrase("chart-thin", sheet.lang), 10, color=paper.MUTED)
        return top + 0.3
    plot, step = _lines_plot(sheet, top, bottom)
    places = axis_places(sheet)
    grid(sheet, plot, step)
    ends = _overall(sheet, plot, places) + _target_line(sheet, plot)
    points: list[tuple[Row, tuple[float, float], str]] = []
    found = series(sheet)
    for (name, rows), style in zip(found, styles([name for name, _ in found]), strict=False):
        at = {sheet.name(row): row for row in rows}
        xs, ys, _ = _line(sheet, plot, places, rows)
        ends += _series(sheet, xs, ys, [at.get(place, {}) for place in places], name, style)
        along = zip(places, xs, ys, strict=True)
        points += [(at[place], (x, y), style[1]) for place, x, y in along if place in at]
    end_labels(sheet, plot, ends)
    for row, point, ink in points:
        step_mark(sheet, plot, row, point, ink)
    if sheet.chart.x == "period":
        period_labels(sheet, plot, places, [])
    else:
        _lowest(sheet, plot, places)
        stage_labels(sheet, plot, places)
    return bottom


def _lowest(sheet: Sheet, plot: Plot, places: Sequence[str]) -> None:
    """The name and the value of the lowest stage of all together, or of the one line.

    The last stage has its value beside it already.
    """
    every = [row for row in sheet.rows if is_total(row) or sheet.chart.series is None]
    known = [(value, row) for row in every if (value := drawn(sheet, row)) is not None]
    if len(known) < 2:
        return
    value, row = min(known, key=lambda one: one[0])
    if row is known[-1][1]:
        return
    name = sheet.canvas.fit(sheet.name(row), NAME_WIDTH, 9)
    point = plot.x(places.index(sheet.name(row))), plot.y(value)
    point_label(sheet, plot, point, f"{held(name)} {sheet.said(value)}", RUST)


def _lines_plot(sheet: Sheet, top: float, bottom: float) -> tuple[Plot, float]:
    """The field, with room for the names at the ends and for the labels under it."""
    c, places = sheet.canvas, axis_places(sheet)
    room = 0.3 + max((c.measure(text, 10, True) for text in _names(sheet)), default=0)
    inset, foot = max((c.measure(place, 9) for place in places), default=0) / 2 - 0.05, 0.28
    if sheet.chart.x != "period":
        slot = (c.width - 2 * SIDE - room - 0.6) / max(len(places), 1)
        inset = min(inset, max(slot, STAGE) / 2)
    plot, step = field(sheet, plotted(sheet), room, top + 0.12, bottom, len(places), inset)
    if sheet.chart.x != "period":
        broken = [stage_lines(sheet, plot, place) for place in places]
        foot = 0.12 + 0.16 * max(map(len, broken), default=1)
    return replace(plot, bottom=bottom - foot), step


def series(sheet: Sheet) -> list[tuple[str, list[Row]]]:
    """Names and rows of the series, as they first appear; one is named by its figure."""
    column = sheet.chart.series
    if column is None:
        return [(label(sheet.chart.y, sheet.lang), list(sheet.rows))]
    found: dict[Any, list[Row]] = {}
    for row in sheet.rows:
        if not is_total(row):
            found.setdefault(row[column], []).append(row)
    return [(sheet.name(rows[0], column), rows) for rows in found.values()]


def axis_places(sheet: Sheet) -> list[str]:
    """Names along x: periods in their order, anything else as it first appears."""
    names = [*dict.fromkeys(sheet.name(row) for row in sheet.rows)]
    return sorted(names) if sheet.chart.x == "period" else names


def drawn(sheet: Sheet, row: Row) -> float | None:
    """The figure of a row that is drawn: one of too few answers is a gap."""
    return None if flagged(row, "low-n", "suppressed") else figure(row, sheet.chart.y)


def _end_name(sheet: Sheet, name: str, value: float, *, bold: bool = False) -> str:
    cut = sheet.canvas.fit(name, NAME_WIDTH, 10, bold)
    return f"{held(cut)} {sheet.said(value)}"


def _names(sheet: Sheet) -> list[str]:
    """The widest labels that may stand at the ends."""
    names = [*(name for name, _ in series(sheet)), phrase("all", sheet.lang)]
    widest = max((drawn(sheet, row) or 0 for row in sheet.rows), key=abs, default=0)
    said = [_end_name(sheet, name, -abs(widest), bold=True) for name in names]
    open_ = any(flagged(row, "partial") for row in sheet.rows)
    return [*(text + OPEN * open_ for text in said), _target(sheet)]


def _line(
    sheet: Sheet, plot: Plot, places: Sequence[str], rows: Sequence[Row]
) -> tuple[list[float], list[float], list[float | None]]:
    """Places and values of one line, with gaps where a period is missing or has too few answers."""
    values = {sheet.name(row): drawn(sheet, row) for row in rows}
    along = [values.get(place) for place in places]
    return [plot.x(i) for i in range(len(places))], [plot.y(value) for value in along], along


def _series(
    sheet: Sheet,
    xs: Sequence[float],
    ys: Sequence[float],
    rows: Sequence[Row],
    name: str,
    style: tuple[str, str, Any, str],
) -> list[End]:
    """One line with its points (all while they are few; hollow where the period is not over)."""
    color, ink, dash, marker = style
    sheet.canvas.line(xs, ys, color, 2, dash=dash, layer=3)
    present = runs([math.isfinite(y) for y in ys])
    if not present:
        return []
    last = present[-1][-1]
    for i in (i for run in present for i in run):
        hollow = flagged(rows[i], "partial")
        if len(xs) <= CROWD or hollow or i == last or [i] in present:
            sheet.canvas.dots([xs[i]], [ys[i]], color, marker=marker, hollow=hollow)
    said = _end_name(sheet, name, figure(rows[last], sheet.chart.y) or 0.0)
    said += OPEN * flagged(rows[last], "partial")
    return [(xs[last], ys[last], said, ink, False)]


def _overall(sheet: Sheet, plot: Plot, places: Sequence[str]) -> list[End]:
    """The wide grey line of all together: by period where the rows hold it, else the summary."""
    rows = [row for row in sheet.rows if is_total(row)]
    overall = figure(sheet.chart.total or {}, sheet.chart.y)
    xs: list[float]
    values: list[float | None]
    if rows:
        xs, ys, values = _line(sheet, plot, places, rows)
    elif overall is not None:
        xs, ys, values = [plot.left, plot.right], [plot.y(overall)] * 2, [overall] * 2
    else:
        return []
    sheet.canvas.line(xs, ys, WIDE, 5, layer=1.5)
    present = [i for i, value in enumerate(values) if value is not None]
    if not present:
        return []
    last = present[-1]
    said = _end_name(sheet, phrase("all", sheet.lang), values[last] or 0.0, bold=True)
    said += OPEN * any(flagged(row, "partial") and sheet.name(row) == places[last] for row in rows)
    return [(xs[last], ys[last], said, TOTAL, True)]
