"""A waterfall: from one total to another by steps up and down, which add up exactly."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from cxkit.output import canvas as paper
from cxkit.output import words
from cxkit.output.canvas import INK, MUTED, NAVY, ORANGE, RUST, TOTAL
from cxkit.output.chart_axes import Plot, field, grid
from cxkit.output.chart_sheet import Left, Row, Sheet, figure, flagged, written
from cxkit.result import Chart
from cxkit.terms import PHRASES, label, phrase

TOTALS = ("start", "end")
STEPS = 12  # the smallest of more steps are summed
WIDE = 0.62  # width of a bar, of its slot
LINE = 0.15  # from one line of a name to the next, in inches
SLIGHT = 0.25  # totals are cut where the steps take less than this of the whole height
NAME = 60  # letters of a name
ROUNDING = 1e-9  # of the largest figure: less is the rounding of a sum, no step


class Step(NamedTuple):
    """A bar: its name, its figure, where it begins and ends, and whether it is a total."""

    name: str
    value: float
    start: float
    end: float
    total: bool


def summed(chart: Chart) -> tuple[tuple[Row, ...], Left]:
    """All rows with a figure, and how many steps are summed."""
    rows = tuple(row for row in chart.rows.to_dicts() if figure(row, chart.y) is not None)
    steps = _steps(chart, rows)
    count = len(steps) - len(_kept(chart, steps))
    return rows, (("chart-summed", count),) if count else ()


def steps_of(chart: Chart, rows: Sequence[Row], lang: str) -> list[Step]:
    """The bars in drawing order.

    The smallest steps of more than twelve, and what the steps leave of the way between the two
    totals, are one bar, `other`; so that the bars always add up.
    """
    start, end = (_total(chart, rows, kind) for kind in ("start", "end"))
    level = _value(chart, start) if start else 0.0
    done = [Step(_name(chart, start, lang), level, 0.0, level, True)] if start else []
    steps = _steps(chart, rows)
    last = _value(chart, end) if end else math.fsum([level, *(_value(chart, s) for s in steps)])
    for row in _kept(chart, steps):
        value = _value(chart, row)
        done.append(Step(_name(chart, row, lang), value, level, level + value, False))
        level += value
    if abs(last - level) > ROUNDING * max([abs(last), *(abs(step.end) for step in done)]):
        done.append(Step(phrase("chart-rest", lang), last - level, level, last, False))
    return done + ([Step(_name(chart, end, lang), last, 0.0, last, True)] if end else [])


def _steps(chart: Chart, rows: Sequence[Row]) -> list[Row]:
    """The rows that are no totals."""
    return [row for row in rows if row.get(chart.series or "") not in TOTALS]


def _kept(chart: Chart, steps: Sequence[Row]) -> list[Row]:
    """The steps that have a bar of their own: all, or the largest that leave one place free."""
    if len(steps) <= STEPS:
        return [*steps]
    ranked = sorted(range(len(steps)), key=lambda i: (-abs(_value(chart, steps[i])), i))
    return [steps[i] for i in sorted(ranked[: STEPS - 1])]


def _total(chart: Chart, rows: Sequence[Row], kind: str) -> Row | None:
    return next((row for row in rows if row.get(chart.series or "") == kind), None)


def _value(chart: Chart, row: Row) -> float:
    return figure(row, chart.y) or 0.0


def _name(chart: Chart, row: Row, lang: str) -> str:
    raw = row.get(chart.x)
    if raw is None:
        return phrase("blank", lang)
    if chart.x == "step":  # words of the glossary; else groups, which are the user's
        raw = phrase(raw, lang) if raw in PHRASES else label(raw, lang)
    name = words.fit(words.clean(raw), NAME)
    return f"{name} ({phrase('partial', lang)})" if flagged(row, "partial") else name


# Told


def signed(said: str, value: float) -> str:
    """A figure with its sign, also where its kind has none; what rounds to nothing stays bare."""
    return f"+{said}" if value > 0 and said[0] != "+" and re.search(r"[1-9]", said) else said


def said(chart: Chart, step: Step, lang: str) -> str:
    """The label of a bar: totals as they are, steps signed."""
    text = written(chart, step.value, lang)
    return text if step.total else signed(text, step.value)


def told_steps(chart: Chart, rows: tuple[Row, ...], lang: str) -> list[str]:
    """Every bar, in order."""
    return [f"{step.name} {said(chart, step, lang)}" for step in steps_of(chart, rows, lang)]


def waterfall_notes(sheet: Sheet) -> list[str]:
    """Says so where the totals do not begin at zero."""
    cut = is_cut(steps_of(sheet.chart, sheet.rows, sheet.lang))
    return [phrase("chart-broken", sheet.lang)] * cut


# Drawing


def waterfall(sheet: Sheet, top: float, bottom: float) -> float:
    """Totals grey, ups navy, downs orange, each beginning where the one before it ends."""
    found = steps_of(sheet.chart, sheet.rows, sheet.lang)
    steps = [step._replace(name=sheet.canvas.clean(step.name)) for step in found]
    if not steps:
        return bottom
    plot, gap = _plot(sheet, steps, top, bottom)
    names = _names(sheet, plot, steps)
    rows = 2 if _staggered(sheet, plot, steps) else 1
    foot = 0.14 + rows * LINE * max(map(len, names), default=1)
    plot = replace(plot, bottom=bottom - foot)
    grid(sheet, plot, gap)
    for i, step in enumerate(steps):
        _bar(sheet, plot, i, step)
    for i, step in enumerate(steps[:-1]):
        y, half = plot.y(step.end), plot.slot * WIDE / 2
        xs = [plot.x(i) + half, plot.x(i + 1) - half]
        sheet.canvas.line(xs, [y, y], paper.AXIS, 0.8, layer=2.5)
    for i, step in enumerate(steps):
        _figure(sheet, plot, i, step, steps)
    _name_lines(sheet, plot, names, rows)
    return bottom


def _plot(sheet: Sheet, steps: Sequence[Step], top: float, bottom: float) -> tuple[Plot, float]:
    """The field; it begins at zero unless the steps would be too slight to be seen."""
    plot, gap = field(sheet, _held(steps), 0.0, top + 0.2, bottom, len(steps), 0.0)
    slot = (plot.right - plot.left) / max(len(steps), 4)
    inset = (plot.right - plot.left - slot * (len(steps) - 1)) / 2
    return replace(plot, inset=inset), gap


def _held(steps: Sequence[Step]) -> list[float]:
    """The values that the axis holds: all ends, with room for labels below and for cut totals."""
    cut = is_cut(steps)
    values = [step.end for step in steps] + [0.0] * (not cut)
    span = max(values) - min(values)
    lowest = min((step.end for step in steps if step.value < 0), default=math.inf)
    below = [lowest - 0.12 * span] if lowest < math.inf else []
    return values + below + [min(values) - 0.3 * span] * (cut and min(values) > 0)


def is_cut(steps: Sequence[Step]) -> bool:
    """Whether the totals are cut: their height leaves nothing to be seen of the steps."""
    values = [step.end for step in steps]
    if not any(step.total for step in steps):
        return False
    low, high = min(values), max(values)
    return 0 < high - low < SLIGHT * (max(high, 0.0) - min(low, 0.0))


def _bar(sheet: Sheet, plot: Plot, i: int, step: Step) -> None:
    c, wide = sheet.canvas, plot.slot * WIDE
    floor = min(max(0.0, plot.low), plot.high)
    first, last = plot.y(floor if step.total else step.start), plot.y(step.end)
    color = TOTAL if step.total else NAVY if step.value >= 0 else ORANGE
    x = plot.x(i) - wide / 2
    if abs(last - first) < 0.02:  # a step too slight for a bar is a stroke
        c.line([x, x + wide], [last, last], color, 1.6, layer=3)
        return
    c.rect(x, min(first, last), wide, abs(last - first), color)
    if step.total and floor != 0:
        _break(sheet, x, wide, first + (0.16 if last > first else -0.16))


def _break(sheet: Sheet, x: float, wide: float, y: float) -> None:
    """Two white strokes across a bar that does not begin at zero."""
    for lower in (0.0, 0.07):
        xs, ys = [x - 0.05, x + wide + 0.05], [y + lower + 0.04, y + lower - 0.04]
        sheet.canvas.line(xs, ys, "white", 2.2, layer=3)


def _figure(sheet: Sheet, plot: Plot, i: int, step: Step, steps: Sequence[Step]) -> None:
    """The label over a bar that goes up, under one that goes down; small where slots are narrow."""
    c, text = sheet.canvas, said(sheet.chart, step, sheet.lang)
    size = label_size(sheet, plot, steps)
    up = step.value >= 0
    y = plot.y(step.end) + (-0.06 if up else 0.07 + 0.8 * size / 72)
    ink = INK if step.total else NAVY if up else RUST
    for further in range(4):
        place = y + (-1 if up else 1) * further * 0.16
        if c.free(c.area(plot.x(i), place, text, size, bold=True, align="center")):
            break
    c.text(plot.x(i), place, text, size, bold=True, color=ink, align="center", halo=True)


def label_size(sheet: Sheet, plot: Plot, steps: Sequence[Step]) -> float:
    """The size of all labels: the largest of three at which they fit their slots."""
    for size in (10, 9, 8):
        labels = [said(sheet.chart, step, sheet.lang) for step in steps]
        widest = max(sheet.canvas.measure(text, size, True) for text in labels)
        if widest < plot.slot - 0.04:
            return size
    return 8


# Names


def _staggered(sheet: Sheet, plot: Plot, steps: Sequence[Step]) -> bool:
    """Whether names stand in two rows by turns: a word is wider than a slot."""
    parts = [part for step in steps for part in step.name.split()]
    widest = max((sheet.canvas.measure(part, 9) for part in parts), default=0.0)
    return widest > plot.slot - 0.06


def _names(sheet: Sheet, plot: Plot, steps: Sequence[Step]) -> list[list[str]]:
    """Names broken to lines as wide as there is room."""
    c, room = sheet.canvas, plot.slot * (2 if _staggered(sheet, plot, steps) else 1)
    edges = [2 * min(plot.x(i), c.width - plot.x(i)) - 0.1 for i in range(len(steps))]
    return [
        c.wrap(step.name, min(room, edge) - 0.08, 9, lines=3)
        for step, edge in zip(steps, edges, strict=True)
    ]


def _name_lines(sheet: Sheet, plot: Plot, names: Sequence[Sequence[str]], rows: int) -> None:
    """Names under the field; those of the second row hang on a thin line."""
    c, deep = sheet.canvas, LINE * max((len(n) for n in names[::2]), default=1)
    for i, lines in enumerate(names):
        first = plot.bottom + 0.2 + (deep if rows == 2 and i % 2 else 0.0)
        if rows == 2 and i % 2:
            c.line([plot.x(i)] * 2, [plot.bottom + 0.02, first - 0.13], paper.AXIS, 0.6)
        for k, line in enumerate(lines):
            c.text(plot.x(i), first + k * LINE, line, 9, color=MUTED, align="center")
