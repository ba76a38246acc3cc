"""The field of a line chart: its scale, its grid, the labels under it and at its right."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from cxkit.output import canvas as paper
from cxkit.output.canvas import INK, MUTED
from cxkit.output.chart_sheet import SIDE, Sheet
from cxkit.terms import kind

End = tuple[float, float, str, str, bool]  # x, y, text, colour, bold
STAGE = 0.75  # inches that the name of a stage takes at least


@dataclass(frozen=True)
class Plot:
    """The field of a line chart: its edges in inches, the places along x, the range of y."""

    left: float
    right: float
    top: float
    bottom: float
    count: int
    low: float
    high: float
    inset: float = 0.2

    def x(self, i: int) -> float:
        """The place of the i-th period."""
        if self.count < 2:
            return (self.left + self.right) / 2
        return self.left + self.inset + i * self.slot

    @property
    def slot(self) -> float:
        """The distance between two periods."""
        return (self.right - self.left - 2 * self.inset) / max(self.count - 1, 1)

    def y(self, value: float | None) -> float:
        """The place of a value; a missing one is a gap."""
        if value is None:
            return math.nan
        share = (value - self.low) / (self.high - self.low)
        return self.bottom - share * (self.bottom - self.top)


def bounds(name: str) -> tuple[float, float] | None:
    """The ends of the scale that a column lives on."""
    return {"points": (-100.0, 100.0), "rate": (0.0, 1.0), "probability": (0.0, 1.0)}.get(
        kind(name)
    )


def scale(values: Sequence[float], name: str) -> tuple[float, float, float]:
    """Low end, high end and step of an axis: round numbers around the values, four to seven."""
    ends = bounds(name)
    unit = (ends[1] - ends[0]) / 200 if ends else max(map(abs, values), default=1) / 100 or 1.0
    low, high = min(values, default=0.0), max(values, default=0.0)
    least = 10 * unit
    if high - low < least:
        low, high = (low + high - least) / 2, (low + high + least) / 2
    rough = (high - low) / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * k for k in (1, 2, 5, 10) if power * k >= rough * 0.999)
    low, high = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    if ends:
        low, high = max(low, ends[0]), min(high, ends[1])
    return low, high, step


def field(
    sheet: Sheet,
    values: Sequence[float],
    room: float,
    top: float,
    bottom: float,
    count: int,
    inset: float,
) -> tuple[Plot, float]:
    """The plot that fits the values and leaves `room` for labels at the right; and its step."""
    low, high, step = scale(values, sheet.chart.y)
    left = SIDE + tick_room(sheet, low, high, step) + 0.12
    right = sheet.canvas.width - SIDE - room
    return Plot(left, right, top, bottom, count, low, high, max(inset, 0.2)), step


def grid(sheet: Sheet, plot: Plot, step: float, low: float | None = None) -> None:
    """Horizontal lines with their values at the left; zero and the lowest are darker.

    They start at the lower edge, or at `low`.
    """
    low = plot.low if low is None else low
    for k in range(round((plot.high - low) / step) + 1):
        value = low + k * step
        zero = abs(value) < step / 1000
        y = plot.y(value)
        color = paper.AXIS if zero or k == 0 else paper.GRID
        sheet.canvas.line([plot.left, plot.right], [y, y], color)
        said = sheet.said(0.0 if zero else value)
        sheet.canvas.text(plot.left - 0.1, y + 0.045, said, 9, color=MUTED, align="right")


def tick_room(sheet: Sheet, low: float, high: float, step: float) -> float:
    """The width of the widest value at an axis."""
    steps = range(round((high - low) / step) + 1)
    return max(sheet.canvas.measure(sheet.said(low + k * step), 9) for k in steps)


def thinned(widths: Sequence[float], slot: float) -> list[int]:
    """Which labels are printed so that none touch, counted back from the last."""
    every = max(1, math.ceil((max(widths, default=0) + 0.12) / slot)) if slot else 1
    return sorted(range(len(widths) - 1, -1, -every))


def end_labels(sheet: Sheet, plot: Plot, ends: Sequence[End], dash: object = "-") -> None:
    """Labels at the right of the lines: (x, y, text, colour, bold), moved apart where they meet."""
    places = paper.spread([end[1] for end in ends], 0.19, plot.top, plot.bottom)
    for (x, y, text, color, bold), place in zip(ends, places, strict=True):
        edge = plot.right
        if abs(place - y) > 0.03 or edge - x > 0.5:
            xs, ys = [min(x + 0.06, edge), edge, edge + 0.1], [y, place, place]
            sheet.canvas.line(xs, ys, color, 0.6, dash=dash, layer=1.2)
        sheet.canvas.text(plot.right + 0.2, place + 0.05, text, 10, bold=bold, color=color)


def period_labels(sheet: Sheet, plot: Plot, names: Sequence[str], counts: Sequence[str]) -> None:
    """Names under the field, thinned from the last, with the number of answers below them."""
    c = sheet.canvas
    widths = [c.measure(name, 9) for name in names]
    if any(counts):
        widths = [max(w, c.measure(n, 8.5)) for w, n in zip(widths, counts, strict=True)]
        c.text(plot.left - 0.1, plot.bottom + 0.38, "n", 8.5, color=MUTED, align="right")
    told = set(thinned(widths, plot.slot if plot.count > 1 else 0))
    for i, x in enumerate(map(plot.x, range(plot.count))):
        if i in told or plot.slot > 0.08:
            deep = 0.06 if i in told else 0.03
            c.line([x, x], [plot.bottom, plot.bottom + deep], paper.AXIS)
        if i not in told:
            continue
        c.text(x, plot.bottom + 0.2, names[i], 9, color=INK, align="center")
        if any(counts):
            c.text(x, plot.bottom + 0.38, counts[i], 8.5, color=MUTED, align="center")


def stage_labels(sheet: Sheet, plot: Plot, names: Sequence[str]) -> None:
    """Names of stages under the field, broken to lines; of many stages only some are named."""
    every = _stages_apart(plot)
    for i, name in enumerate(names):
        if every > 1:
            deep = 0.03 if i % every else 0.06
            sheet.canvas.line([plot.x(i)] * 2, [plot.bottom, plot.bottom + deep], paper.AXIS)
        if i % every:
            continue
        for k, line in enumerate(stage_lines(sheet, plot, name)):
            y = plot.bottom + 0.2 + k * 0.16
            sheet.canvas.text(plot.x(i), y, line, 9, color=INK, align="center")


def _stages_apart(plot: Plot) -> int:
    """How many stages there are from one that is named to the next."""
    return max(1, math.ceil(STAGE / plot.slot)) if plot.count > 1 and plot.slot else 1


def stage_lines(sheet: Sheet, plot: Plot, name: str) -> list[str]:
    """The name of a stage in at most three lines."""
    room = plot.slot * _stages_apart(plot) if plot.count > 1 else plot.right - plot.left
    return sheet.canvas.wrap(name, min(room, 2 * plot.inset + 0.2) - 0.1, 9, lines=3)


def point_label(
    sheet: Sheet, plot: Plot, point: tuple[float, float], text: str, color: str
) -> None:
    """A text at a low point, below it or beside it; nothing where there is no room."""
    x, y = point
    places = ((0.0, 0.24, "center"), (0.14, 0.2, "left"), (-0.14, 0.2, "right"),
              (0.0, 0.38, "center"), (0.14, 0.05, "left"), (-0.14, 0.05, "right"))  # fmt: skip
    for aside, below, align in places:
        area = sheet.canvas.area(x + aside, y + below, text, 9, bold=True, align=align)
        inside = plot.left <= area[0] and area[2] <= plot.right and area[3] <= plot.bottom
        if inside and sheet.canvas.free(area):
            place = (x + aside, y + below)
            sheet.canvas.text(*place, text, 9, bold=True, color=color, align=align, halo=True)
            return
