"""Charts in words: the values that a text alternative tells."""

from __future__ import annotations

from typing import Any

from cxkit.output import words
from cxkit.output.chart_sheet import Row, figure, flagged, is_total, kind_of, written
from cxkit.result import Chart
from cxkit.terms import phrase


def told(chart: Chart, row: Row, name: Any, lang: str) -> str:
    """One value in words: `Hà Nội +19 (+11 to +27, n 365, low-n)`."""
    name = phrase("blank", lang) if name is None else words.fit(words.clean(name), 60)
    value, low, high = (figure(row, column) for column in (chart.y, chart.low, chart.high))
    if value is None:
        why = "chart-too-few" if flagged(row, "suppressed") else "chart-no-answers"
        return f"{name} {phrase(why, lang)}"
    details = []
    if low is not None and high is not None:
        details.append(words.interval(kind_of(chart), low, high, lang, currency=chart.currency))
    if (n := figure(row, chart.size or "n")) is not None:
        details.append(f"n {words.value('n', int(n), lang)}")
    few = "few-customers" if chart.size else "few"
    details += [phrase(few, lang)] * flagged(row, "low-n")
    said = f"{name} {written(chart, value, lang)}"
    return f"{said} ({', '.join(details)})" if details else said


def told_bars(chart: Chart, rows: tuple[Row, ...], lang: str) -> list[str]:
    """The whole, then every bar."""
    total = [] if chart.total is None else [told(chart, chart.total, phrase("all", lang), lang)]
    return total + [told(chart, row, row[chart.x], lang) for row in rows]


def told_trend(chart: Chart, rows: tuple[Row, ...], lang: str) -> list[str]:
    """First, lowest, highest and last period."""
    known = [row for row in rows if figure(row, chart.y) is not None]
    if not known:
        return []
    ranked = sorted(known, key=lambda row: figure(row, chart.y) or 0.0)
    chosen = {"first": known[0], "lowest": ranked[0], "highest": ranked[-1], "last": known[-1]}
    if len(known) < 2:
        chosen = {"last": known[-1]}
    return [
        f"{phrase('chart-' + place, lang)} {told(chart, row, row[chart.x], lang)}"
        for place, row in chosen.items()
    ]


def told_lines(chart: Chart, rows: tuple[Row, ...], lang: str) -> list[str]:
    """The last drawn value of each series."""
    last: dict[Any, Row] = {}
    for row in rows:
        if figure(row, chart.y) is not None and not flagged(row, "low-n", "suppressed"):
            name = phrase("all", lang) if is_total(row) else row[chart.series or chart.x]
            last[name] = row
    if chart.series is None:  # one line, whose points have the names
        return [told(chart, row, name, lang) for name, row in last.items()]
    return [told(chart, row, name, lang) + f" {row[chart.x]}" for name, row in last.items()]
