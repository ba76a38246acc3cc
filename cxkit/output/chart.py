"""Charts: a Chart and its rows become a picture with a title that says what was found.

Pictures are PNG, SVG or PDF, carry their text alternative, and are the same bytes every time.
In `lines`, rows with the flag `total` are the line of all series together.
"""

from __future__ import annotations

from cxkit.errors import RequestError, visible
from cxkit.output import words
from cxkit.output.canvas import LEFT, MUTED, Canvas, leftward, plain
from cxkit.output.chart_marks import MARKS, SIZES
from cxkit.output.chart_sheet import SIDE, Left, Row, Sheet
from cxkit.output.fonts import setting
from cxkit.result import Chart, Note
from cxkit.terms import label, phrase

FORMATS = ("png", "svg", "pdf")
FIELD = 2.6  # the least height of the field of a chart with axes, in inches
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
    rows, left = _drawn_rows(chart)
    with setting(font):
        sheet = Sheet(Canvas(SIZES[chart.mark][0], font), chart, lang, rows)
        height = compose(sheet, _headline(chart, lang, title), footer, left)
        picture = sheet.canvas.save(height, format, *describe(chart, lang=lang, title=title))
    return picture, (*_notes(sheet.canvas, font), *_left_notes(left))


def _drawn_rows(chart: Chart) -> tuple[tuple[Row, ...], Left]:
    """The rows that are drawn, in their order, and what is left out."""
    return MARKS[chart.mark].rows(chart)


# Title, subtitle, footnotes


def _headline(chart: Chart, lang: str, title: str | None) -> str:
    """The title: the user's, else the finding, else the name of the figure."""
    if given := plain(title or chart.title or ""):
        return given
    if chart.finding is None:
        return label(chart.y, lang)
    said = plain(words.sentence(*chart.finding, lang, currency=chart.currency))
    return LEFT + said if leftward(said) else said


def _footnotes(sheet: Sheet, left: Left) -> list[str]:
    """The chart's own footnotes, then what the picture itself needs told."""
    chart, lang, mark = sheet.chart, sheet.lang, MARKS[sheet.chart.mark]
    known = [note for note in chart.footnotes if note[1].get("count", 0) is not None]  # withheld
    told = [words.sentence(*note, lang, currency=chart.currency) for note in known]
    keys = {key for key, _ in chart.footnotes}
    flags = {flag for row in sheet.rows for flag in row.get("flags") or ()}
    if "low-n" in flags and not any(key.startswith("low-n") for key in keys):
        told.append(phrase(mark.few, lang))
    told += mark.notes(sheet)
    return told + [words.sentence(key, {"count": count}, lang) for key, count in left]


# The page


def compose(sheet: Sheet, title: str, footer: str, left: Left) -> float:
    """Place everything; returns the height in inches."""
    mark = MARKS[sheet.chart.mark]
    y = _head(sheet, title)
    foot = _foot_lines(sheet, left, footer)
    below = 0.2 + 0.155 * len(foot) + 0.12
    if not sheet.rows and sheet.chart.total is None:
        sheet.canvas.text(SIDE, y + 0.3, phrase("chart-nothing", sheet.lang), 10, color=MUTED)
        height = y + 0.4 + below
    else:
        least = SIZES[sheet.chart.mark][1] + mark.extra(sheet)
        height = max(least, mark.draw(sheet, y, max(least - below, y + FIELD)) + below)
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
    for line in c.wrap(c.clean(MARKS[sheet.chart.mark].subtitle(sheet)), width, 10.5, lines=2):
        y += 0.18
        c.text(SIDE, y, line, 10.5, color=MUTED)
    return y + 0.14


def _foot_lines(sheet: Sheet, left: Left, footer: str) -> list[str]:
    """Footnotes and the footer, broken to the width; short footnotes share a line."""
    c, width = sheet.canvas, sheet.canvas.width - 2 * SIDE
    notes = " · ".join(_footnotes(sheet, left))
    told = [c.clean(text) for text in (notes, footer) if text]
    return [line for text in told for line in c.wrap(text, width, 8, lines=6)]


# Text alternative


def describe(chart: Chart, *, lang: str = "en", title: str | None = None) -> tuple[str, str]:
    """The text alternative of a chart: its title, and one sentence with its values."""
    rows, _ = _drawn_rows(chart)
    parts = MARKS[chart.mark].told(chart, rows, lang) or [phrase("chart-nothing", lang)]
    more = [f"… (+{len(parts) - TOLD})"] if len(parts) > TOLD else []
    sentence = f"{label(chart.y, lang)}: {'; '.join(parts[:TOLD] + more)}."
    return plain(_headline(chart, lang, title)), plain(sentence)


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


def _left_notes(left: Left) -> list[Note]:
    """What is not drawn."""
    return [Note("chart-cut", "info", words.sentence(key, {"count": n})) for key, n in left]
