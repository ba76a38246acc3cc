"""Bars of shares: one a group, told apart by colour, order and figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cxkit.output import canvas as paper
from cxkit.output import words
from cxkit.output.canvas import INK, MUTED, NAVY, ORANGE, PALE, blend
from cxkit.output.chart_sheet import (
    SIDE,
    Left,
    Row,
    Sheet,
    arrow_color,
    figure,
    flagged,
    measure,
    told_by,
    with_most,
)
from cxkit.result import Chart
from cxkit.terms import COLUMNS, label, phrase

PITCH = 0.52  # height of a bar with its gap, in inches
BARS = 40  # more bars are not drawn


@dataclass(frozen=True)
class Columns:
    """The columns of bars: the left edge of the bars, their width, and two right edges."""

    bar: float
    width: float
    main: float
    span: float


def ranked(chart: Chart) -> tuple[tuple[Row, ...], Left]:
    """The groups with most answers, from the highest figure down; without one after, blank last."""
    rows: list[Row] = [*chart.rows.to_dicts()]
    if len(rows) == 1 and rows[0][chart.x] is None and _whole(chart):
        return (), ()
    kept, count = with_most(rows, chart.x, "n", BARS)
    values = {id(row): figure(row, chart.y) for row in rows}
    ordered = sorted(
        (row for row in rows if row[chart.x] in kept),
        key=lambda row: (row[chart.x] is None, values[id(row)] is None, -(values[id(row)] or 0.0)),
    )
    return tuple(ordered), (("chart-cut", count),) if count else ()


def _whole(chart: Chart) -> bool:
    """Whether the one row is the whole, which the total already shows."""
    row, total = chart.rows.row(0, named=True), chart.total
    return total is not None and all(row.get(k) == total.get(k) for k in ("n", chart.y))


def stack_subtitle(sheet: Sheet) -> str:
    """The measure by group, and the target."""
    text = told_by(sheet, sheet.chart.x) if sheet.rows else measure(sheet)
    if sheet.chart.target is None:
        return text
    return f"{text} · {label('target', sheet.lang)} {sheet.said(sheet.chart.target)}"


def stack_extra(sheet: Sheet) -> float:
    """The height of all bars."""
    return PITCH * len(all_bars(sheet))


def all_bars(sheet: Sheet) -> list[Row]:
    """Every bar, the whole at the end."""
    total = sheet.chart.total
    return [*sheet.rows] if total is None else [*sheet.rows, total]


def stack(sheet: Sheet, top: float, bottom: float) -> float:
    """One bar a row, first share to last from left to right; the figures in columns at the right.

    Returns the lower edge.
    """
    rows = all_bars(sheet)
    columns = measured(sheet, rows, [row_name(sheet, row) for row in rows])
    y = _stack_heads(sheet, columns, top)
    for position, row in enumerate(rows):
        total = row is sheet.chart.total
        if total and position:
            sheet.canvas.line([SIDE, sheet.canvas.width - SIDE], [y, y], paper.AXIS)
        _stack_row(sheet, columns, row, y + PITCH / 2)
        y += PITCH
    return y


def measured(sheet: Sheet, rows: Sequence[Row], names: Sequence[str]) -> Columns:
    """The columns that hold the names at the left, the figures and their intervals at the right."""
    c, right = sheet.canvas, sheet.canvas.width - SIDE
    spans = [c.measure(sheet.span(row), 9.5) for row in rows]
    span = max([*spans, c.measure(sheet.span_head(), 9)], default=0)
    signs = 0.22 if any(sheet.arrow(row) for row in rows) else 0
    mains = [c.measure(bracketed(sheet, row), 13, True) + signs for row in rows]
    main = max([*mains, c.measure(label(sheet.chart.y, sheet.lang), 9, True)], default=0)
    widest = max([c.measure(name, 10.5, True) for name in names] + [0.6])
    bar = SIDE + min(widest, 2.3) + 0.15
    edge = right - span - (0.2 if span else 0)
    return Columns(bar, edge - main - 0.15 - bar, edge, right)


def row_name(sheet: Sheet, row: Row) -> str:
    """The name of a bar; the whole has one too."""
    if row is sheet.chart.total:
        return phrase("all", sheet.lang)
    return sheet.name(row)


def bracketed(sheet: Sheet, row: Row) -> str:
    """The figure of a bar, in brackets where answers are few."""
    said = "" if figure(row, sheet.chart.y) is None else sheet.said(row[sheet.chart.y])
    return f"({said})" if said and flagged(row, "low-n") else said


def _stack_heads(sheet: Sheet, columns: Columns, top: float) -> float:
    """The names of the shares over the bars, and the headings of the two columns."""
    c, y, x = sheet.canvas, top + 0.14, columns.bar
    for share, color in zip(sheet.chart.shares, _shades(len(sheet.chart.shares)), strict=True):
        c.rect(x, y - 0.105, 0.12, 0.12, color)
        name = share_name(share, sheet.lang)
        c.text(x + 0.17, y, name, 9, color=MUTED)
        x += 0.17 + c.measure(name, 9) + 0.2
    headings(sheet, columns, y)
    return top + 0.22


def headings(sheet: Sheet, columns: Columns, y: float) -> None:
    """The names of the two columns at the right."""
    c = sheet.canvas
    c.text(columns.main, y, label(sheet.chart.y, sheet.lang), 9, color=MUTED, align="right")
    c.text(columns.span, y, sheet.span_head(), 9, color=MUTED, align="right")


def share_name(share: str, lang: str) -> str:
    """The plural of a share: `detractor_rate` is drawn as detractors."""
    plural = share.removesuffix("_rate") + "s"
    return label(plural if plural in COLUMNS else share, lang)


def _shades(count: int) -> list[str]:
    """Colours from bad to good."""
    return [ORANGE, *[PALE] * (count - 2), NAVY][-count:] if count else []


def _stack_row(sheet: Sheet, columns: Columns, row: Row, y: float) -> None:
    c, weak = sheet.canvas, flagged(row, "low-n")
    head(sheet, columns, row, y, row_name(sheet, row), figure(row, "n"))
    if figure(row, sheet.chart.y) is None:
        c.text(columns.bar, y + 0.05, why_empty(sheet, row), 9.5, color=MUTED)
        return
    _bar(sheet, columns, row, y, weak=weak)
    figures(sheet, columns, row, y)


def head(sheet: Sheet, columns: Columns, row: Row, y: float, name: str, n: float | None) -> None:
    """The name of a bar with the number of its answers below it."""
    c, total = sheet.canvas, row is sheet.chart.total
    name = c.fit(name, columns.bar - SIDE - 0.15, 10.5, total)
    lift = 0.01 if n is not None else -0.05
    ink = MUTED if flagged(row, "low-n") else INK
    c.text(SIDE, y - lift, name, 10.5, bold=total, color=ink)
    if n is not None:
        c.text(SIDE, y + 0.155, f"n = {sheet.said(n, 'n')}", 8.5, color=MUTED)


def why_empty(sheet: Sheet, row: Row) -> str:
    """What stands instead of a bar that has no figure."""
    return phrase("chart-too-few" if flagged(row, "suppressed") else "chart-no-answers", sheet.lang)


def _bar(sheet: Sheet, columns: Columns, row: Row, y: float, *, weak: bool) -> None:
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


def figures(sheet: Sheet, columns: Columns, row: Row, y: float) -> None:
    """The figure of a bar in bold with its mark, and its interval beside it."""
    weak = flagged(row, "low-n")
    c, said, sign = sheet.canvas, bracketed(sheet, row), sheet.arrow(row)
    c.text(
        columns.main, y + 0.065, said, 13, bold=not weak, color=MUTED if weak else INK,
        align="right",
    )  # fmt: skip
    left = columns.main - c.measure(said, 13, not weak) - 0.06
    c.text(left, y + 0.055, sign, 9, color=arrow_color(sign), align="right")
    c.text(columns.span, y + 0.055, sheet.span(row), 9.5, color=MUTED, align="right")
