"""The Lorenz curve: which share of the value the richest share of the items holds."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cxkit.output import canvas as paper
from cxkit.output import words
from cxkit.output.canvas import MUTED, NAVY, ORANGE, RUST
from cxkit.output.chart_axes import Plot, grid, tick_room
from cxkit.output.chart_sheet import SIDE, Left, Row, Sheet, figure, measure, written
from cxkit.result import Chart
from cxkit.terms import phrase

POINTS = 1000  # more cannot be told apart on the picture
STEPS = (0.2, *(k * 10.0**p for p in range(9) for k in (0.5, 1, 2)))


def thinned(chart: Chart) -> tuple[tuple[Row, ...], Left]:
    """Points of the curve in order, evenly thinned where there are more than can be seen."""
    import polars as pl

    shares = pl.col(chart.x, chart.y).cast(pl.Float64)
    known = chart.rows.filter(pl.all_horizontal(shares.is_finite()))
    known = known.with_columns(shares).sort(chart.x, maintain_order=True)
    if known.height <= POINTS:
        return tuple(known.to_dicts()), ()
    kept = {i * (known.height - 1) // (POINTS - 1) for i in range(POINTS)}
    kept |= {int(known[chart.y].arg_max() or 0)}
    if chart.guide is not None:
        place = known[chart.x].search_sorted(chart.guide - 1e-9)
        kept |= {min(int(place), known.height - 1)}
    return tuple(known[sorted(kept)].to_dicts()), ()


def subtitle(sheet: Sheet) -> str:
    """The measure, and that it is of the largest first, whatever they are."""
    return phrase("chart-richest", sheet.lang, {"measure": measure(sheet)})


def lorenz(sheet: Sheet, top: float, bottom: float) -> float:
    """The curve over its diagonal, and the value at the guide."""
    c, chart = sheet.canvas, sheet.chart
    plot, step = _square(sheet, top + 0.12, bottom - 0.5)
    grid(sheet, plot, step)
    _bottom_axis(sheet, plot)
    ends = [plot.left, plot.right], [plot.y(0.0), plot.y(1.0)]
    c.line(*ends, paper.AXIS, 1.2, dash=(0, (4, 3)), layer=1.6)
    rows = [row for row in sheet.rows if (figure(row, chart.x) or 0.0) > 0]
    xs = [plot.left, *(_x(plot, figure(row, chart.x) or 0.0) for row in rows)]
    ys = [plot.y(0.0), *(plot.y(figure(row, chart.y)) for row in rows)]
    c.line(xs, ys, NAVY, 2.2, layer=3)
    _guide(sheet, plot)
    _diagonal_name(sheet, plot)
    return bottom


def _diagonal_name(sheet: Sheet, plot: Plot) -> None:
    """What the diagonal is, below it where nothing else stands."""
    c, said = sheet.canvas, phrase("chart-equal", sheet.lang)
    for share in (0.5, 0.65, 0.3):
        x, y = _x(plot, share) + 0.1, plot.y(share) + 0.13
        if y < plot.bottom - 0.05 and c.free(c.area(x, y, said, 9)):
            c.text(x, y, said, 9, color=MUTED, halo=True)
            return


def _square(sheet: Sheet, top: float, bottom: float) -> tuple[Plot, float]:
    """The field and its step; it holds shares above 1 and below 0 where values are negative."""
    shares = [0.0, 1.0, *(figure(row, sheet.chart.y) or 0.0 for row in sheet.rows)]
    span = max(shares) - min(shares)
    step = next((s for s in STEPS if span / s <= 8), span)
    low = math.floor(min(shares) / step + 1e-9) * step
    high = math.ceil(max(shares) / step - 0.02) * step  # a hair above 1 asks for no more room
    left = SIDE + tick_room(sheet, low, high, step) + 0.12
    right = sheet.canvas.width - SIDE - 0.15
    return Plot(left, right, top, bottom, 2, low, high, 0.0), step


def _x(plot: Plot, share: float) -> float:
    return plot.left + (plot.right - plot.left) * share


def _bottom_axis(sheet: Sheet, plot: Plot) -> None:
    c, chart = sheet.canvas, sheet.chart
    for share in (0, 0.2, 0.4, 0.6, 0.8, 1):
        x = _x(plot, share)
        c.line([x, x], [plot.bottom, plot.bottom + 0.05], paper.AXIS)
        said = words.percent(share, 0, sheet.lang)
        c.text(x, plot.bottom + 0.2, said, 9, color=MUTED, align="center")
    said = chart.x_label or phrase("chart-share-of-all", sheet.lang)
    name = c.fit(c.clean(said), plot.right - plot.left, 9)
    c.text((plot.left + plot.right) / 2, plot.bottom + 0.38, name, 9, color=MUTED, align="center")


def _reached(chart: Chart, rows: Sequence[Row], share: float) -> Row | None:
    """The first row at a share of the items or beyond it."""
    return next((row for row in rows if (figure(row, chart.x) or 0.0) >= share - 1e-9), None)


def _guide(sheet: Sheet, plot: Plot) -> None:
    """A line up to the curve and back to the axis; the two shares stand beside the point."""
    guide = sheet.chart.guide
    row = None if guide is None else _reached(sheet.chart, sheet.rows, guide)
    if row is None:
        return
    c, share = sheet.canvas, figure(row, sheet.chart.x) or 0.0
    x, y = _x(plot, share), plot.y(figure(row, sheet.chart.y))
    c.line([x, x, plot.left], [plot.y(plot.low), y, y], ORANGE, 1.6, layer=2.5)
    c.dots([x], [y], ORANGE, size=7)
    said = _top(sheet.chart, row, sheet.lang)
    wide, low = c.measure(said, 11, True), plot.bottom - y < 0.3
    left = min(x + 0.14, plot.right - wide)
    c.text(left, y - 0.14 if low else y + 0.24, said, 11, bold=True, color=RUST, halo=True)


def _top(chart: Chart, row: Row, lang: str) -> str:
    said = written(chart, figure(row, chart.y), lang)
    share = words.percent(figure(row, chart.x) or 0.0, 0, lang)
    return phrase("chart-top", lang, {"share": share, "value": said})


def told(chart: Chart, rows: tuple[Row, ...], lang: str) -> list[str]:
    """The value at the guide, at a tenth and at a half."""
    shares = [share for share in (chart.guide, 0.1, 0.5) if share is not None]
    reached = [_reached(chart, rows, share) for share in shares]
    return [*dict.fromkeys(_top(chart, row, lang) for row in reached if row)]
