"""What every mark of a chart stands on: the sheet, and how a row is read."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cxkit.output import words
from cxkit.output.canvas import NAVY, RUST, Canvas, plain
from cxkit.result import Chart, direction
from cxkit.terms import PHRASES, Kind, kind, label, phrase

Row = Mapping[str, Any]
Left = tuple[tuple[str, int], ...]  # what is not drawn: phrases of the glossary, and how many

SIDE = 0.3  # margin at the left and right, in inches
ALPHA = 0.05
RATES = ("heatmap", "steps", "lorenz")  # marks whose main figure is a share, 0–1


@dataclass(frozen=True)
class Sheet:
    """What every mark needs: where it draws, what, in which language, from which rows."""

    canvas: Canvas
    chart: Chart
    lang: str
    rows: tuple[Row, ...]

    def said(self, value: Any, name: str | None = None) -> str:
        """A value as people write it."""
        if name is None:
            return written(self.chart, value, self.lang)
        return words.value(name, value, self.lang, currency=self.chart.currency)

    def facts(self) -> dict[str, Any]:
        """What the finding and the footnotes of the chart know, such as the confidence level."""
        finding = [self.chart.finding] if self.chart.finding else []
        return {k: v for _, values in (*finding, *self.chart.footnotes) for k, v in values.items()}

    def span(self, row: Row) -> str:
        """The interval of a row in words, or nothing."""
        low, high = figure(row, self.chart.low), figure(row, self.chart.high)
        if low is None or high is None:
            return ""
        money = self.chart.currency
        return words.interval(kind_of(self.chart), low, high, self.lang, currency=money)

    def span_head(self) -> str:
        """The heading of the interval; the level stands in it where the chart knows it."""
        if self.chart.low is None:
            return ""
        facts = self.facts()
        level = facts.get("confidence", "")
        if not level and isinstance(facts.get("alpha"), float):
            level = 1 - facts["alpha"]
        if isinstance(level, int | float):
            level = words.confidence_label(level, self.lang)
        return " ".join(label("interval", self.lang, confidence=level).split())

    def arrow(self, row: Row) -> str:
        """▲ or ▼ where a difference was tested and is significant, else nothing."""
        level = self.facts().get("alpha")
        level = level if isinstance(level, float) else ALPHA
        way = direction(figure(row, "diff"), figure(row, "p_adjusted"), level)
        return {"up": words.UP, "down": words.DOWN}.get(way, "")

    def name(self, row: Row, column: str | None = None) -> str:
        """The name of a group or period; a blank has one too."""
        value = row.get(column or self.chart.x)
        return self.canvas.clean(phrase("blank", self.lang) if value is None else value) or '""'


@dataclass(frozen=True)
class Mark:
    """How charts of one kind are made.

    Args:
        rows: which rows are drawn, in their order, and what is left out.
        draw: draws between two edges, where it keeps to the lower one or returns its own.
        told: the parts of the text alternative.
        few: the phrase that explains how the mark shows a low n.
        extra: the height that the rows add to the usual size.
        subtitle: the measure, and what it is told by.
        notes: what the picture itself needs told.
    """

    rows: Callable[[Chart], tuple[tuple[Row, ...], Left]]
    draw: Callable[[Sheet, float, float], float]
    told: Callable[[Chart, tuple[Row, ...], str], list[str]]
    few: str
    extra: Callable[[Sheet], float] = lambda sheet: 0.0
    subtitle: Callable[[Sheet], str] = lambda sheet: told_by(sheet, sheet.chart.x)
    notes: Callable[[Sheet], list[str]] = lambda sheet: []


def told_by(sheet: Sheet, column: str, key: str = "chart-by") -> str:
    """Measure and unit, and the column that it is told by."""
    chart, lang = sheet.chart, sheet.lang
    name = chart.x_label or label(column, lang)
    return phrase(key, lang, {"measure": measure(sheet), "name": plain(name)})


def measure(sheet: Sheet) -> str:
    """The main figure and its unit."""
    known = f"chart-measure-{sheet.chart.y}"
    return phrase(known, sheet.lang) if known in PHRASES else label(sheet.chart.y, sheet.lang)


def with_most(rows: Sequence[Row], key: str, weight: str, most: int) -> tuple[set[Any], int]:
    """The names with the greatest sums, at most so many; and how many are left out."""
    sums: dict[Any, float] = {}
    for row in rows:
        sums[row[key]] = sums.get(row[key], 0) + (figure(row, weight) or 0)
    kept = set(sorted(sums, key=lambda name: -sums[name])[:most])
    return kept, len(sums) - len(kept)


def written(chart: Chart, value: Any, lang: str) -> str:
    """A value of the main figure as people write it."""
    return words.written(kind_of(chart), value, lang, currency=chart.currency)


def kind_of(chart: Chart) -> Kind:
    """How the main figure is written; some marks draw shares, whatever their column is called."""
    return "rate" if chart.mark in RATES else kind(chart.y)


def is_total(row: Row) -> bool:
    """Whether a row stands for all series together: the flag `total` says so."""
    return flagged(row, "total")


def figure(row: Row, column: str | None) -> float | None:
    """A number of a row, or None where there is none."""
    value = row.get(column) if column else None
    if value is None or not math.isfinite(value):
        return None
    return float(value)


def flagged(row: Row, *flags: str) -> bool:
    """Whether a row carries one of the flags."""
    return bool(set(flags) & set(row.get("flags") or ()))


def arrow_color(sign: str) -> str:
    """Navy for up, rust for down."""
    return RUST if sign.startswith("▼") else NAVY
