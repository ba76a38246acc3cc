"""What points stand on: two axes with their grid, and a point told in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cxkit.output import canvas as paper
from cxkit.output import words
from cxkit.output.canvas import MUTED, Area
from cxkit.output.chart_axes import Plot, grid, scale, tick_room
from cxkit.output.chart_sheet import SIDE, Row, Sheet, figure, flagged, kind_of, written
from cxkit.result import Chart
from cxkit.terms import label, phrase

NAME = 1.75  # width of a line of a name, in inches


@dataclass(frozen=True)
class Field:
    """The field of points: `plot` for y, and the range along x."""

    plot: Plot
    low: float
    high: float

    def x(self, value: float) -> float:
        """The place of a value along x."""
        share = (value - self.low) / (self.high - self.low)
        return self.plot.left + share * (self.plot.right - self.plot.left)

    def y(self, value: float) -> float:
        """The place of a value along y; one beyond the field stands at its edge."""
        return self.plot.y(min(max(value, self.plot.low), self.plot.high))

    @property
    def area(self) -> Area:
        """The box that names must not leave."""
        return self.plot.left + 0.05, self.plot.top, self.plot.right - 0.02, self.plot.bottom - 0.04


def known(chart: Chart, row: Row) -> bool:
    """Whether a point has both figures."""
    return figure(row, chart.x) is not None and figure(row, chart.y) is not None


def pair(chart: Chart, row: Row) -> tuple[float, float]:
    """Both figures of a point."""
    return figure(row, chart.x) or 0.0, figure(row, chart.y) or 0.0


def axes(
    sheet: Sheet,
    xs: Sequence[float],
    ys: Sequence[float],
    edges: tuple[float, float],
    room: float,
    below: float = 0.0,
) -> Field:
    """The field that holds these values, with its grid, ticks and the names of both axes.

    Args:
        sheet: where it is drawn.
        xs, ys: all values that the axes must hold.
        edges: the upper and the lower edge, with the names and ticks.
        room: kept free at the right for labels.
        below: kept free under the lowest tick, as a share of the height.
    """
    chart, c, (top, bottom) = sheet.chart, sheet.canvas, edges
    first, last, across = scale(xs, chart.x)
    low, high, step = scale(ys, chart.y)
    left = SIDE + tick_room(sheet, low, high, step) + 0.12
    plot = Plot(left, c.width - SIDE - room, top + 0.3, bottom - 0.46, 1, low, high)
    plot = replace(plot, low=low - below * (high - low))
    grid(sheet, plot, step, low)
    field = Field(plot, first, last)
    _ticks(sheet, field, across)
    c.text(SIDE, top + 0.14, label(chart.y, sheet.lang), 9, color=MUTED)
    name = c.fit(c.clean(chart.x_label or label(chart.x, sheet.lang)), 5, 9)
    c.text(plot.right, plot.bottom + 0.4, name, 9, color=MUTED, align="right")
    return field


def _ticks(sheet: Sheet, field: Field, step: float) -> None:
    """The values along x, with a short stroke each."""
    c, bottom = sheet.canvas, field.plot.bottom
    for k in range(round((field.high - field.low) / step) + 1):
        value = field.low + k * step
        value = 0.0 if abs(value) < step / 1000 else value
        x = field.x(value)
        c.line([x, x], [bottom, bottom + 0.05], paper.AXIS)
        c.text(x, bottom + 0.2, sheet.said(value, sheet.chart.x), 9, color=MUTED, align="center")


def lines_of(sheet: Sheet, row: Row, *, bold: bool = False) -> tuple[str, ...]:
    """The name of a point in at most two lines."""
    c, name = sheet.canvas, sheet.name(row, sheet.chart.series)
    for width in (0.6, 0.7, 0.8, 0.9):
        even = c.wrap(name, NAME * width, 9, bold, lines=3)
        if c.measure(name, 9, bold) > NAME and len(even) == 2:
            return tuple(even)
    return tuple(c.wrap(name, NAME, 9, bold, lines=2))


def no_room(sheet: Sheet, field: Field, count: int) -> None:
    """Says how many names could not be printed, beside the name of the axis."""
    if count:
        text = words.sentence("chart-unnamed", {"count": count}, sheet.lang)
        plot = field.plot
        sheet.canvas.text(plot.left, plot.bottom + 0.4, text, 8, color=MUTED)


def told_point(chart: Chart, row: Row, why: str, lang: str) -> str:
    """One point in words: `Delivery 0.32 (0.25 to 0.39, performance 46%, FIX FIRST)`."""
    raw = row.get(chart.series or "")
    name = phrase("blank", lang) if raw is None else words.fit(words.clean(raw), 60)
    low, high = (figure(row, column) for column in (chart.low, chart.high))
    details = []
    if low is not None and high is not None:
        details.append(words.interval(kind_of(chart), low, high, lang))
    x = words.value(chart.x, row[chart.x], lang, currency=chart.currency)
    details.append(f"{label(chart.x, lang)} {x}")
    details += [why] * bool(why) + [phrase("few", lang)] * flagged(row, "low-n")
    return f"{name} {written(chart, row[chart.y], lang)} ({', '.join(details)})"
