"""What every mark of a chart stands on: the sheet, and how a row is read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cxkit.output import words
from cxkit.output.canvas import NAVY, RUST, Canvas
from cxkit.result import Chart
from cxkit.terms import kind, label, phrase

Row = Mapping[str, Any]

SIDE = 0.3  # margin at the left and right, in inches
ALPHA = 0.05


@dataclass(frozen=True)
class Sheet:
    """What every mark needs: where it draws, what, in which language, from which rows."""

    canvas: Canvas
    chart: Chart
    lang: str
    rows: tuple[Row, ...]

    def said(self, value: Any, name: str | None = None) -> str:
        """A value as people write it."""
        return words.value(name or self.chart.y, value, self.lang)

    def facts(self) -> dict[str, Any]:
        """What the finding and the footnotes of the chart know, such as the confidence level."""
        finding = [self.chart.finding] if self.chart.finding else []
        return {k: v for _, values in (*finding, *self.chart.footnotes) for k, v in values.items()}

    def span(self, row: Row) -> str:
        """The interval of a row in words, or nothing."""
        low, high = figure(row, self.chart.low), figure(row, self.chart.high)
        if low is None or high is None:
            return ""
        return words.interval(kind(self.chart.y), low, high, self.lang)

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
        p, diff = figure(row, "p_adjusted"), figure(row, "diff")
        alpha = self.facts().get("alpha", ALPHA)
        if p is None or not diff or p >= (alpha if isinstance(alpha, float) else ALPHA):
            return ""
        return words.UP if diff > 0 else words.DOWN

    def name(self, row: Row, column: str | None = None) -> str:
        """The name of a group or period; a blank has one too."""
        value = row.get(column or self.chart.x)
        return self.canvas.clean(phrase("blank", self.lang) if value is None else value) or '""'


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
