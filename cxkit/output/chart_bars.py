"""Bars of shares: one a group, told apart by colour, order and figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cxkit.output import canvas as paper
from cxkit.output import words
from cxkit.output.canvas import INK, MUTED, NAVY, ORANGE, PALE, blend
from cxkit.output.chart_sheet import SIDE, Row, Sheet, arrow_color, figure, flagged
from cxkit.terms import COLUMNS, label, phrase

PITCH = 0.52  # height of a bar with its gap, in inches


@dataclass(frozen=True)
class _Columns:
    """The columns of a stack: the left edge of the bars, their width, and two right edges."""

    bar: float
    width: float
    main: float
    span: float


def stack(sheet: Sheet, top: float) -> float:
    """One bar a row, first share to last from left to right; the figures in columns at the right.

    Returns the lower edge.
    """
    rows = [*sheet.rows] if sheet.chart.total is None else [*sheet.rows, sheet.chart.total]
    columns = _stack_columns(sheet, rows)
    y = _stack_heads(sheet, columns, top)
    for position, row in enumerate(rows):
        total = row is sheet.chart.total
        if total and position:
            sheet.canvas.line([SIDE, sheet.canvas.width - SIDE], [y, y], paper.AXIS)
        _stack_row(sheet, columns, row, y + PITCH / 2, total=total)
        y += PITCH
    return y


def _stack_columns(sheet: Sheet, rows: Sequence[Row]) -> _Columns:
    c, right = sheet.canvas, sheet.canvas.width - SIDE
    spans = [c.measure(sheet.span(row), 9.5) for row in rows]
    span = max([*spans, c.measure(sheet.span_head(), 9)], default=0)
    signs = 0.22 if any(sheet.arrow(row) for row in rows) else 0
    mains = [c.measure(_bracketed(sheet, row), 13, True) + signs for row in rows]
    main = max([*mains, c.measure(label(sheet.chart.y, sheet.lang), 9, True)], default=0)
    names = [c.measure(_row_name(sheet, row), 10.5, True) for row in rows]
    bar = SIDE + min(max([*names, 0.6]), 2.3) + 0.15
    edge = right - span - (0.2 if span else 0)
    return _Columns(bar, edge - main - 0.15 - bar, edge, right)


def _row_name(sheet: Sheet, row: Row) -> str:
    if row is sheet.chart.total:
        return phrase("all", sheet.lang)
    return sheet.name(row)


def _bracketed(sheet: Sheet, row: Row) -> str:
    said = "" if figure(row, sheet.chart.y) is None else sheet.said(row[sheet.chart.y])
    return f"({said})" if said and flagged(row, "low-n") else said


def _stack_heads(sheet: Sheet, columns: _Columns, top: float) -> float:
    """The names of the shares over the bars, and the headings of the two columns."""
    c, y, x = sheet.canvas, top + 0.14, columns.bar
    for share, color in zip(sheet.chart.shares, _shades(len(sheet.chart.shares)), strict=True):
        c.rect(x, y - 0.105, 0.12, 0.12, color)
        name = share_name(share, sheet.lang)
        c.text(x + 0.17, y, name, 9, color=MUTED)
        x += 0.17 + c.measure(name, 9) + 0.2
    c.text(columns.main, y, label(sheet.chart.y, sheet.lang), 9, color=MUTED, align="right")
    c.text(columns.span, y, sheet.span_head(), 9, color=MUTED, align="right")
    return top + 0.22


def share_name(share: str, lang: str) -> str:
    """The plural of a share: `detractor_rate` is drawn as detractors."""
    plural = share.removesuffix("_rate") + "s"
    return label(plural if plural in COLUMNS else share, lang)


def _shades(count: int) -> list[str]:
    """Colours from bad to good."""
    return [ORANGE, *[PALE] * (count - 2), NAVY][-count:] if count else []


def _stack_row(sheet: Sheet, columns: _Columns, row: Row, y: float, *, total: bool) -> None:
    c, weak = sheet.canvas, flagged(row, "low-n")
    ink = MUTED if weak else INK
    name = c.fit(_row_name(sheet, row), columns.bar - SIDE - 0.15, 10.5, total)
    n = figure(row, "n")
    lift = 0.01 if n is not None else -0.05
    c.text(SIDE, y - lift, name, 10.5, bold=total, color=ink)
    if n is not None:
        c.text(SIDE, y + 0.155, f"n = {sheet.said(n, 'n')}", 8.5, color=MUTED)
    if figure(row, sheet.chart.y) is None:
        c.text(columns.bar, y + 0.05, _why_empty(sheet, row), 9.5, color=MUTED)
        return
    _bar(sheet, columns, row, y, weak=weak)
    _figures(sheet, columns, row, y, weak=weak)


def _why_empty(sheet: Sheet, row: Row) -> str:
    return phrase("chart-too-few" if flagged(row, "suppressed") else "chart-no-answers", sheet.lang)


def _bar(sheet: Sheet, columns: _Columns, row: Row, y: float, *, weak: bool) -> None:
    c, x, shares = sheet.canvas, columns.bar, sheet.chart.shares
    for share, color in zip(shares, _shades(len(shares)), strict=True):
        part = figure(row, share) or 0.0
        width = part * columns.width
        if width > 0:
            c.rect(x, y - 0.17, width, 0.34, blend(color, 0.55) if weak else color)
        said = words.percent(part, 0, sheet.lang)
        if part >= 0.05 and c.measure(said, 10) < width - 0.06:
            light = color == NAVY and not weak
            ink = "white" if light else INK
            c.text(x + width / 2, y + 0.05, said, 10, color=ink, align="center")
        x += width


def _figures(sheet: Sheet, columns: _Columns, row: Row, y: float, *, weak: bool) -> None:
    c, said, sign = sheet.canvas, _bracketed(sheet, row), sheet.arrow(row)
    c.text(
        columns.main, y + 0.065, said, 13, bold=not weak, color=MUTED if weak else INK,
        align="right",
    )  # fmt: skip
    left = columns.main - c.measure(said, 13, not weak) - 0.06
    c.text(left, y + 0.055, sign, 9, color=arrow_color(sign), align="right")
    c.text(columns.span, y + 0.055, sheet.span(row), 9.5, color=MUTED, align="right")
