"""Steps of survival: the share still there over time, a line each group, with those at risk."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from cxkit.output import canvas as paper
from cxkit.output import words
from cxkit.output.canvas import MUTED, blend, held
from cxkit.output.chart_axes import End, Plot, end_labels, grid, tick_room
from cxkit.output.chart_lines import styles
from cxkit.output.chart_sheet import (
    SIDE,
    Left,
    Row,
    Sheet,
    figure,
    flagged,
    measure,
    with_most,
)
from cxkit.output.chart_told import told as told_value
from cxkit.output.chart_trend import NAME_WIDTH
from cxkit.result import Chart
from cxkit.terms import label, phrase

GROUPS = 6  # more lines are not drawn
PITCH = 0.165  # height of a row of numbers at risk, in inches
APART = 0.035  # strokes nearer than this to the one before are not drawn
STEPS = (1, 2, 3, 6, 12, *(k * 10**p for p in range(1, 9) for k in (2, 5, 10)))
PARTS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)  # steps where times are not whole
DOTTED = (0, (1, 3))  # what leads to a name is not taken for a curve
BANDS = 4  # with more lines no bands are drawn: they would hide one another


@dataclass(frozen=True)
class _Group:
    """One line: its rows that have a time and a figure, in order of time, and its style."""

    name: str
    rows: tuple[Row, ...]
    color: str
    ink: str
    dash: object
    times: tuple[float, ...]

    def at(self, time: float, column: str) -> float:
        """The figure in force at a time, 1 before the first."""
        position = bisect_right(self.times, time) - 1
        value = figure(self.rows[position], column) if position >= 0 else 1.0
        return math.nan if value is None else value


# Rows


def largest(chart: Chart) -> tuple[tuple[Row, ...], Left]:
    """The rows of the groups with most customers at their start, in order of time."""
    rows = [
        row
        for row in chart.rows.to_dicts()
        if None not in (figure(row, chart.x), figure(row, chart.y))
    ]
    if chart.series is None:
        return _by_time(chart, rows), ()
    firsts = {row[chart.series]: row for row in reversed(_by_time(chart, rows))}
    most = [firsts[name] for name in dict.fromkeys(row[chart.series] for row in rows)]
    kept, count = with_most(most, chart.series, chart.size or "n", GROUPS)
    drawn = [row for row in rows if row[chart.series] in kept]
    return _by_time(chart, drawn), (("chart-cut-groups", count),) if count else ()


def _by_time(chart: Chart, rows: Sequence[Row]) -> tuple[Row, ...]:
    """Rows in order of time, the groups in the order in which they came."""
    places = {name: i for i, name in enumerate(dict.fromkeys(_name_of(chart, r) for r in rows))}
    return tuple(
        sorted(rows, key=lambda r: (places[_name_of(chart, r)], figure(r, chart.x) or 0.0))
    )


def _name_of(chart: Chart, row: Row) -> object:
    return row[chart.series] if chart.series else None


def _groups(sheet: Sheet) -> list[_Group]:
    chart, found = sheet.chart, []
    groups = [(*rows,) for _, rows in groupby(sheet.rows, lambda row: _name_of(chart, row))]
    names = [sheet.name(rows[0], chart.series) if chart.series else "" for rows in groups]
    for known, name, (color, ink, dash, _) in zip(groups, names, styles(names), strict=False):
        times = tuple(figure(row, chart.x) or 0.0 for row in known)
        found.append(_Group(name, known, color, ink, dash, times))
    return found


# Picture


def subtitle(sheet: Sheet) -> str:
    """The measure, and what the band is."""
    if sheet.chart.low is None or len(_groups(sheet)) > BANDS:
        return measure(sheet)
    band = phrase("chart-band", sheet.lang, {"span": sheet.span_head()})
    return f"{measure(sheet)} · {band}"


def notes(sheet: Sheet) -> list[str]:
    """What the short strokes are."""
    seen = any(figure(row, sheet.chart.ticks) for row in sheet.rows)
    return [phrase("chart-seen", sheet.lang)] * seen


def extra(sheet: Sheet) -> float:
    """The height of the numbers at risk beyond those of one group."""
    return PITCH * (len(_groups(sheet)) - 1) if sheet.chart.size else 0.0


def steps(sheet: Sheet, top: float, bottom: float) -> float:
    """A step line with its band for each group, its name and end at the right, those at risk."""
    groups = _groups(sheet)
    plot, last, step = _plot(sheet, groups, top, bottom)
    grid(sheet, plot, 0.2)
    ends: list[End] = []
    for group in groups:
        if sheet.chart.low and len(groups) <= BANDS:
            _band(sheet, plot, last, group)
        _line(sheet, plot, last, group)
        _strokes(sheet, plot, last, group)
        x = _x(plot, last, group.times[-1])
        y = plot.y(figure(group.rows[-1], sheet.chart.y))
        ends.append((x, y, _end(sheet, group), group.ink, len(groups) == 1))
    end_labels(sheet, plot, ends, DOTTED)
    _axis(sheet, plot, last, step)
    if sheet.chart.size:
        _at_risk(sheet, plot, groups, [(_x(plot, last, t), t) for t in _ticks(last, step)])
    return bottom


def _plot(
    sheet: Sheet, groups: Sequence[_Group], top: float, bottom: float
) -> tuple[Plot, float, float]:
    """The field, its last time and the step of its axis."""
    c = sheet.canvas
    last = max(group.times[-1] for group in groups) or 1.0
    whole = all(time.is_integer() for group in groups for time in group.times)
    step = next((s for s in (*PARTS[whole * len(PARTS) :], *STEPS) if last / s <= 9), last)
    room = 0.3 + max(c.measure(_end(sheet, group), 10, True) for group in groups)
    left = SIDE + tick_room(sheet, 0, 1, 0.2) + 0.12
    foot = 0.46 + (0.16 + PITCH * len(groups) if sheet.chart.size else 0)
    return Plot(left, c.width - SIDE - room, top + 0.12, bottom - foot, 2, 0, 1, 0.0), last, step


def _x(plot: Plot, last: float, time: float) -> float:
    return plot.left + (plot.right - plot.left) * time / last


def _ticks(last: float, step: float) -> list[float]:
    return [k * step for k in range(math.floor(last / step + 1e-9) + 1)]


def _end(sheet: Sheet, group: _Group) -> str:
    """The name of a group and its last figure."""
    said = sheet.said(figure(group.rows[-1], sheet.chart.y))
    cut = sheet.canvas.fit(group.name, NAME_WIDTH, 10, True)
    return f"{held(cut)} {said}" if cut else said


def _line(sheet: Sheet, plot: Plot, last: float, group: _Group) -> None:
    """Steps down from (0, 1); pale from the first row with few at risk on."""
    solid = [not flagged(row, "low-n") for row in group.rows]
    weak = solid.index(False) if False in solid else len(solid)
    xs, ys = _corners(sheet, plot, last, group, sheet.chart.y)
    cut = 2 * weak + 1
    pale = blend(group.color, 0.55)
    sheet.canvas.line(xs[cut - 1 :], ys[cut - 1 :], pale, 2, dash=group.dash, layer=3)
    sheet.canvas.line(xs[:cut], ys[:cut], group.color, 2, dash=group.dash, layer=3)


def _corners(
    sheet: Sheet, plot: Plot, last: float, group: _Group, column: str | None
) -> tuple[list[float], list[float]]:
    """The corners of the steps of a column: each value holds until the next time."""
    times = [_x(plot, last, time) for time in (0.0, *group.times)]
    values = [plot.y(value) for value in (1.0, *(figure(row, column) for row in group.rows))]
    across = [x for time in times for x in (time, time)]
    return across[1:], [y for value in values for y in (value, value)][:-1]


def _band(sheet: Sheet, plot: Plot, last: float, group: _Group) -> None:
    """The interval, up to the first time that has none."""
    xs, below = _corners(sheet, plot, last, group, sheet.chart.low)
    _, above = _corners(sheet, plot, last, group, sheet.chart.high)
    known = [math.isfinite(low + high) for low, high in zip(below, above, strict=True)]
    end = known.index(False) if False in known else len(known)
    color = group.color if group.name else None
    sheet.canvas.ribbon(xs[:end], below[:end], above[:end], color)


def _strokes(sheet: Sheet, plot: Plot, last: float, group: _Group) -> None:
    """A short stroke where customers were last seen while still there."""
    before = -1.0
    for row, time in zip(group.rows, group.times, strict=True):
        x, y = _x(plot, last, time), plot.y(group.at(time, sheet.chart.y))
        if figure(row, sheet.chart.ticks) and math.isfinite(y) and x - before >= APART:
            sheet.canvas.line([x, x], [y - 0.045, y + 0.045], group.ink, 0.9, layer=3.5)
            before = x


def _axis(sheet: Sheet, plot: Plot, last: float, step: float) -> None:
    """Times under the field, and their name below them."""
    c, chart = sheet.canvas, sheet.chart
    for time in _ticks(last, step):
        x = _x(plot, last, time)
        c.line([x, x], [plot.bottom, plot.bottom + 0.05], paper.AXIS)
        said = words.number(time, 0 if step >= 1 else 1 if step >= 0.1 else 2, sheet.lang)
        c.text(x, plot.bottom + 0.19, said, 9, color=MUTED, align="center")
    name = c.fit(c.clean(chart.x_label or label(chart.x, sheet.lang)), plot.right - plot.left, 9)
    c.text((plot.left + plot.right) / 2, plot.bottom + 0.36, name, 9, color=MUTED, align="center")


def _at_risk(
    sheet: Sheet, plot: Plot, groups: Sequence[_Group], ticks: Sequence[tuple[float, float]]
) -> None:
    """The customers at risk at the times of the axis where there is room, named at the right."""
    c, y = sheet.canvas, plot.bottom + 0.58
    c.text(SIDE, y, phrase("chart-at-risk", sheet.lang), 8.5, color=MUTED)
    widest = max(c.measure(_risk(sheet, g, time), 8.5) for g in groups for _, time in ticks)
    slot = ticks[1][0] - ticks[0][0] if len(ticks) > 1 else math.inf
    shown = ticks[:: max(1, math.ceil((widest + 0.12) / slot))]
    right = max(plot.right + 0.2, shown[-1][0] + widest / 2 + 0.12)
    for k, group in enumerate(groups):
        base = y + PITCH * (k + 1)
        for x, time in shown:
            said = _risk(sheet, group, time)
            c.text(x, base, said, 8.5, color=group.ink, align="center")
        name = c.fit(group.name, c.width - SIDE - right, 8.5)
        c.text(right, base, name, 8.5, color=group.ink)


def _risk(sheet: Sheet, group: _Group, time: float) -> str:
    """The customers at risk just before a time; nobody after the last row."""
    position = bisect_left(group.times, time - 1e-9)
    if position == len(group.rows):
        return sheet.said(0, "n")
    count = figure(group.rows[position], sheet.chart.size)
    return "" if count is None else sheet.said(int(count), "n")


# Words


def told(chart: Chart, rows: tuple[Row, ...], lang: str) -> list[str]:
    """The last figure of each group, with the time and those at risk."""
    lasts = {_name_of(chart, row): row for row in rows}
    unit = words.fit(words.clean(chart.x_label or label(chart.x, lang)), 24)
    parts = []
    for name, row in lasts.items():
        nameless = phrase("all" if chart.series is None else "blank", lang)
        group = nameless if name is None else words.fit(words.clean(name), 24)
        time = words.number(figure(row, chart.x) or 0.0, 0, lang)
        parts.append(told_value(chart, row, f"{group}, {unit} {time}:", lang))
    return parts
