"""Lines for several series, told apart without colour, over periods or stages."""

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
    end_labels,
    field,
    grid,
    period_labels,
    point_label,
    stage_labels,
    stage_lines,
)
from cxkit.output.chart_figures import category_of
from cxkit.output.chart_sheet import (
    SIDE,
    Left,
    Row,
    Sheet,
    figure,
    flagged,
    is_total,
    told_by,
    with_most,
)
from cxkit.output.chart_trend import (
    CROWD,
    NAME_WIDTH,
    all_rows,
    drawn,
    plotted,
    runs,
    step_mark,
    target,
    target_line,
    trend_notes,
)
from cxkit.result import Chart
from cxkit.terms import label, phrase

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
WIDE = "#B9BEC4"


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
    key = "chart-never-customers" if chart.size else "chart-never"
    return [*trend_notes(sheet), words.sentence(key, {"names": missing}, sheet.lang)]


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
        key = "chart-thin-customers" if sheet.chart.size else "chart-thin"
        sheet.canvas.text(SIDE, top + 0.16, phrase(key, sheet.lang), 10, color=paper.MUTED)
        return top + 0.3
    plot, step = _lines_plot(sheet, top, bottom)
    places = axis_places(sheet)
    grid(sheet, plot, step)
    ends = _overall(sheet, plot, places) + target_line(sheet, plot)
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


def _end_name(sheet: Sheet, name: str, value: float, *, bold: bool = False) -> str:
    cut = sheet.canvas.fit(name, NAME_WIDTH, 10, bold)
    return f"{held(cut)} {sheet.said(value)}"


def _names(sheet: Sheet) -> list[str]:
    """The widest labels that may stand at the ends."""
    names = [*(name for name, _ in series(sheet)), phrase("all", sheet.lang)]
    widest = max((drawn(sheet, row) or 0 for row in sheet.rows), key=abs, default=0)
    said = [_end_name(sheet, name, -abs(widest), bold=True) for name in names]
    open_ = any(flagged(row, "partial") for row in sheet.rows)
    return [*(text + OPEN * open_ for text in said), target(sheet)]


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
