"""Charts: a Chart and its rows become a picture with a title that says what was found.

Pictures are PNG, SVG or PDF, carry their text alternative, and are the same bytes every time.
In `lines`, rows with the flag `total` are the line of all series together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cxkit.errors import RequestError, visible
from cxkit.output import words
from cxkit.output.canvas import LEFT, MUTED, Canvas, leftward, plain
from cxkit.output.chart_axes import bounds, scale
from cxkit.output.chart_bars import PITCH, stack
from cxkit.output.chart_lines import STYLES, drawn, is_total, lines, plotted, trend
from cxkit.output.chart_sheet import SIDE, Row, Sheet, figure, flagged
from cxkit.output.fonts import setting
from cxkit.result import Chart, Note
from cxkit.terms import PHRASES, kind, label, phrase

FORMATS = ("png", "svg", "pdf")
SIZES = {"stack": (8.0, 1.6), "trend": (8.0, 4.5), "lines": (9.0, 4.8)}
FEW = {"stack": "chart-brackets", "trend": "chart-pale", "lines": "chart-gaps"}
FIELD = 2.6  # the least height of the field of a line chart, in inches
BARS = 40  # more bars are not drawn
TOLD = 12  # more values are not told in the text alternative


def draw(
    chart: Chart,
    format: str,
    *,
    lang: str = "en",
    title: str | None = None,
    footer: str = "",
    font: str | None = None,
) -> tuple[bytes, tuple[Note, ...]]:
    """Draw a chart.

    Args:
        chart: what to draw.
        format: `png`, `svg` or `pdf`.
        lang: `en` or `vi`.
        title: stands instead of the chart's own title and of the finding.
        footer: the last line, such as the file and the version.
        font: path of a TTF or OTF file; letters it lacks come from DejaVu Sans.

    Returns:
        The file's bytes, and notes on letters that no font has and on what was not drawn.

    Raises:
        RequestError: the format is unknown, or the font cannot be read.
    """
    if format not in FORMATS:
        raise RequestError(
            "bad-format",
            f"charts are not drawn as {visible(format)}",
            [("formats", " ".join(FORMATS))],
        )
    rows, left_out = _drawn_rows(chart)
    with setting(font):
        sheet = Sheet(Canvas(SIZES[chart.mark][0], font), chart, lang, rows)
        height = compose(sheet, _headline(chart, lang, title), footer, left_out)
        picture = sheet.canvas.save(height, format, *describe(chart, lang=lang, title=title))
    return picture, (*_notes(sheet.canvas, font), *_cut_notes(chart, left_out))


# Rows


def _drawn_rows(chart: Chart) -> tuple[tuple[Row, ...], int]:
    """The rows that are drawn, in their order, and how many groups are left out as too many."""
    rows: list[Row] = [*chart.rows.to_dicts()]
    if chart.mark == "trend":
        return tuple(rows), 0
    key = chart.x if chart.mark == "stack" else (chart.series or chart.x)
    if chart.total is not None and len(rows) == 1 and rows[0][key] is None and _whole(chart):
        return (), 0
    most = BARS if chart.mark == "stack" else len(STYLES)
    answers: dict[Any, float] = {}
    for row in rows:
        if not is_total(row):
            answers[row[key]] = answers.get(row[key], 0) + (figure(row, "n") or 0)
    kept = set(sorted(answers, key=lambda name: -answers[name])[:most])
    rows = [row for row in rows if is_total(row) or row[key] in kept]
    return tuple(_ranked(chart, rows)), len(answers) - len(kept)


def _whole(chart: Chart) -> bool:
    """Whether the one row is the whole, which the total already shows."""
    row, total = chart.rows.row(0, named=True), chart.total or {}
    return chart.mark == "stack" and all(row.get(k) == total.get(k) for k in ("n", chart.y))


def _ranked(chart: Chart, rows: list[Row]) -> list[Row]:
    """Bars from the highest figure down; rows without one come after, a blank group last."""
    if chart.mark != "stack":
        return rows
    figures = {id(row): figure(row, chart.y) for row in rows}
    return sorted(
        rows,
        key=lambda row: (
            row[chart.x] is None, figures[id(row)] is None, -(figures[id(row)] or 0.0)
        ),
    )  # fmt: skip


# Title, subtitle, footnotes


def _headline(chart: Chart, lang: str, title: str | None) -> str:
    """The title: the user's, else the finding, else the name of the figure."""
    if given := plain(title or chart.title or ""):
        return given
    if chart.finding is None:
        return label(chart.y, lang)
    said = plain(words.sentence(*chart.finding, lang))
    return LEFT + said if leftward(said) else said


def _subtitle(sheet: Sheet) -> str:
    """Measure and unit, and what the rows are."""
    chart, lang = sheet.chart, sheet.lang
    known = f"chart-measure-{chart.y}"
    measure = phrase(known, lang) if known in PHRASES else label(chart.y, lang)
    by = chart.series if chart.mark == "lines" else chart.x
    name = chart.x_label or label(by or chart.x, lang)
    text = phrase("chart-by", lang, {"measure": measure, "name": plain(name)})
    if chart.mark == "stack" and not sheet.rows:
        text = measure
    if chart.mark == "stack" and chart.target is not None:
        text += f" · {label('target', lang)} {sheet.said(chart.target)}"
    if chart.mark == "trend" and chart.low is not None:
        text += " · " + phrase("chart-band", lang, {"span": sheet.span_head()})
    return text


def _footnotes(sheet: Sheet, left_out: int) -> list[str]:
    """The chart's own footnotes, then what the picture itself needs told."""
    chart, lang = sheet.chart, sheet.lang
    told = [words.sentence(*note, lang) for note in chart.footnotes]
    keys = {key for key, _ in chart.footnotes}
    flags = {flag for row in sheet.rows for flag in row.get("flags") or ()}
    if "low-n" in flags and "low-n" not in keys:
        told.append(phrase(FEW[chart.mark], lang))
    if "partial" in flags and chart.mark != "stack":
        told.append(phrase("chart-hollow", lang))
    told += _axis_note(sheet)
    if chart.mark == "lines" and (names := _never_drawn(sheet)):
        told.append(words.sentence("chart-never", {"names": names}, lang))
    if left_out:
        told.append(phrase("chart-cut", lang, {"count": words.number(left_out, 0, lang)}))
    return told


def _axis_note(sheet: Sheet) -> list[str]:
    """Says so where an axis shows only a part of its scale."""
    chart, ends = sheet.chart, bounds(sheet.chart.y)
    if chart.mark == "stack" or ends is None:
        return []
    low, high, _ = scale(plotted(sheet), chart.y)
    if (low, high) == ends:
        return []
    span = words.interval(kind(chart.y), *ends, sheet.lang)
    return [phrase("chart-axis", sheet.lang, {"span": span})]


def _never_drawn(sheet: Sheet) -> list[str]:
    """Series of which no point has enough answers."""
    chart = sheet.chart
    names = [sheet.name(row, chart.series) for row in sheet.rows if not is_total(row)]
    seen = {sheet.name(row, chart.series) for row in sheet.rows if drawn(sheet, row) is not None}
    return [name for name in dict.fromkeys(names) if name not in seen]


# The page


def compose(sheet: Sheet, title: str, footer: str, left_out: int) -> float:
    """Place everything; returns the height in inches."""
    y = _head(sheet, title)
    foot = _foot_lines(sheet, left_out, footer)
    below = 0.2 + 0.155 * len(foot) + 0.12
    base = SIZES[sheet.chart.mark][1]
    if not sheet.rows and sheet.chart.total is None:
        sheet.canvas.text(SIDE, y + 0.3, phrase("chart-nothing", sheet.lang), 10, color=MUTED)
        height = y + 0.4 + below
    elif sheet.chart.mark == "stack":
        end = stack(sheet, y)
        bars = len(sheet.rows) + (sheet.chart.total is not None)
        height = max(base + PITCH * bars, end + below)
    else:
        height = max(base, y + FIELD + below)
        marks: dict[str, Callable[[Sheet, float, float], None]] = {"trend": trend, "lines": lines}
        marks[sheet.chart.mark](sheet, y, height - below)
    first = height - 0.2 - 0.155 * (len(foot) - 1)
    for position, line in enumerate(foot):
        sheet.canvas.text(SIDE, first + position * 0.155, line, 8, color=MUTED)
    return height


def _head(sheet: Sheet, title: str) -> float:
    """Title and subtitle from the top; returns the edge below them."""
    c, width, y = sheet.canvas, sheet.canvas.width - 2 * SIDE, 0.18
    for line in c.wrap(c.clean(title), width, 14, bold=True, lines=4):
        y += 0.25
        c.text(SIDE, y, line, 14, bold=True)
    y += 0.05
    for line in c.wrap(c.clean(_subtitle(sheet)), width, 10.5, lines=2):
        y += 0.18
        c.text(SIDE, y, line, 10.5, color=MUTED)
    return y + 0.14


def _foot_lines(sheet: Sheet, left_out: int, footer: str) -> list[str]:
    """Footnotes and the footer, broken to the width; short footnotes share a line."""
    c, width = sheet.canvas, sheet.canvas.width - 2 * SIDE
    notes = " · ".join(_footnotes(sheet, left_out))
    told = [c.clean(text) for text in (notes, footer) if text]
    return [line for text in told for line in c.wrap(text, width, 8, lines=6)]


# Text alternative


def describe(chart: Chart, *, lang: str = "en", title: str | None = None) -> tuple[str, str]:
    """The text alternative of a chart: its title, and one sentence with its values."""
    rows, _ = _drawn_rows(chart)
    said = {"stack": _told_bars, "trend": _told_trend, "lines": _told_lines}[chart.mark]
    parts = said(chart, rows, lang) or [phrase("chart-nothing", lang)]
    more = [f"… (+{len(parts) - TOLD})"] if len(parts) > TOLD else []
    sentence = f"{label(chart.y, lang)}: {'; '.join(parts[:TOLD] + more)}."
    return plain(_headline(chart, lang, title)), plain(sentence)


def _told(chart: Chart, row: Row, name: Any, lang: str) -> str:
    """One value in words: `Hà Nội +19 (+11 to +27, n 365, low-n)`."""
    name = phrase("blank", lang) if name is None else words.fit(words.clean(name), 60)
    value, low, high = (figure(row, column) for column in (chart.y, chart.low, chart.high))
    if value is None:
        why = "chart-too-few" if flagged(row, "suppressed") else "chart-no-answers"
        return f"{name} {phrase(why, lang)}"
    details = []
    if low is not None and high is not None:
        details.append(words.interval(kind(chart.y), low, high, lang))
    if (n := figure(row, "n")) is not None:
        details.append(f"n {words.value('n', int(n), lang)}")
    details += [phrase("few", lang)] * flagged(row, "low-n")
    said = f"{name} {words.value(chart.y, value, lang)}"
    return f"{said} ({', '.join(details)})" if details else said


def _told_bars(chart: Chart, rows: tuple[Row, ...], lang: str) -> list[str]:
    total = [] if chart.total is None else [_told(chart, chart.total, phrase("all", lang), lang)]
    return total + [_told(chart, row, row[chart.x], lang) for row in rows]


def _told_trend(chart: Chart, rows: tuple[Row, ...], lang: str) -> list[str]:
    """First, lowest, highest and last period."""
    known = [row for row in rows if figure(row, chart.y) is not None]
    if not known:
        return []
    ranked = sorted(known, key=lambda row: figure(row, chart.y) or 0.0)
    chosen = {"first": known[0], "lowest": ranked[0], "highest": ranked[-1], "last": known[-1]}
    if len(known) < 2:
        chosen = {"last": known[-1]}
    return [
        f"{phrase('chart-' + place, lang)} {_told(chart, row, row[chart.x], lang)}"
        for place, row in chosen.items()
    ]


def _told_lines(chart: Chart, rows: tuple[Row, ...], lang: str) -> list[str]:
    """The last drawn value of each series."""
    last: dict[Any, Row] = {}
    for row in rows:
        if figure(row, chart.y) is not None and not flagged(row, "low-n", "suppressed"):
            name = phrase("all", lang) if is_total(row) else row[chart.series or chart.x]
            last[name] = row
    return [_told(chart, row, name, lang) + f" {row[chart.x]}" for name, row in last.items()]


# Notes


def _notes(canvas: Canvas, font: str | None) -> list[Note]:
    """Letters that the fonts lack."""
    notes = []
    if canvas.missing:
        notes.append(
            Note(
                "missing-letters",
                "warning",
                f"the fonts of the chart lack {_listed(canvas.missing)}; drawn as □",
                (("try", 'a font that has them: [chart] font = "file.ttf"'),),
            )
        )
    if canvas.borrowed:
        name = visible(font)
        message = f"{name} lacks {_listed(canvas.borrowed)}; taken from DejaVu Sans"
        notes.append(Note("borrowed-letters", "warning", message))
    return notes


def _listed(letters: set[str], most: int = 20) -> str:
    """Letters in order, the first twenty of them."""
    found = sorted(letters)
    return " ".join(found[:most]) + (f" … ({len(found)} letters)" if len(found) > most else "")


def _cut_notes(chart: Chart, left_out: int) -> list[Note]:
    if not left_out:
        return []
    what = "groups" if chart.mark == "stack" else "lines"
    return [Note("chart-cut", "info", f"{left_out} {what} with the fewest answers are not drawn")]
