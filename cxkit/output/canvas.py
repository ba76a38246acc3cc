"""A sheet of paper measured in inches from its top left corner.

Every text is measured before it is placed, so nothing is clipped or printed over another text.
The same calls give the same bytes: no pyplot, no dates, no random identifiers.
"""

from __future__ import annotations

import io
import math
import re
import unicodedata
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from cxkit.output.fonts import charmaps, dejavu, family

DPI = 200
INK, MUTED, AXIS, GRID, TOTAL = "#1F2328", "#595959", "#8C8C8C", "#E3E6E9", "#3D3D3D"
NAVY, ORANGE, RUST, PALE = "#12436D", "#F46A25", "#B3440F", "#D9DDE1"
TEAL, PLUM, BAND = "#28A197", "#801650", "#6BACE6"

# Characters of the toolkit's own, which DejaVu Sans supplies behind any font of the user's.
OWN = set("▲▼●○→≥−–…·□\u200e")
BOX = "□"
LONGEST = 4000  # letters of one text
LEFT = "\u200e"

Area = tuple[float, float, float, float]


def plain(text: object) -> str:
    """Text as one line in NFC, without control characters (those that join letters stay)."""
    kept = (
        " " if character in "\t\r\n\u2028\u2029" else character
        for character in str(text)[:LONGEST]
        if _printable(character)
    )
    return " ".join(unicodedata.normalize("NFC", "".join(kept)).split())


def _printable(character: str) -> bool:
    if character in "\t\r\n\u2028\u2029\u200c\u200d\u200e":
        return True
    point = ord(character)
    reserved = point & 0xFFFE == 0xFFFE or 0xFDD0 <= point <= 0xFDEF
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs"} and not reserved


def leftward(text: str) -> bool:
    """Whether text holds letters that are written from right to left."""
    return any(unicodedata.bidirectional(character) in {"R", "AL"} for character in text)


def held(name: str) -> str:
    """A name fit to stand inside a line: right-to-left letters do not pull figures along."""
    return f"{LEFT}{name}{LEFT}" if leftward(name) else name


def blend(color: str, share: float = 0.5) -> str:
    """A colour mixed with white."""
    parts = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(part + (255 - part) * share):02X}" for part in parts)


def mixed(colors: Sequence[str], share: float) -> str:
    """The colour at a share (0–1) of the way through several colours."""
    place = share * (len(colors) - 1)
    first = min(int(place), len(colors) - 2)
    ends = [[int(color[i : i + 2], 16) for i in (1, 3, 5)] for color in colors[first : first + 2]]
    parts = (a + (b - a) * (place - first) for a, b in zip(*ends, strict=True))
    return "#" + "".join(f"{round(part):02X}" for part in parts)


def spread(wanted: Sequence[float], height: float, low: float, high: float) -> list[float]:
    """Places for labels `height` apart, each as near as can be to where it is wanted.

    Labels that would touch are joined to a block around their mean place; the order is kept.
    """
    order = sorted(range(len(wanted)), key=lambda i: (wanted[i], i))
    room = min(height, (high - low) / max(len(wanted) - 1, 1))
    blocks: list[list[float]] = []  # sum of the wanted starts, number of labels
    for i in order:
        blocks.append([wanted[i], 1])
        while len(blocks) > 1 and _start(blocks[-2], room, low, high) + blocks[-2][
            1
        ] * room > _start(blocks[-1], room, low, high):
            total, count = blocks.pop()
            blocks[-1][0] += total - count * blocks[-1][1] * room
            blocks[-1][1] += count
    places = [
        _start(block, room, low, high) + k * room for block in blocks for k in range(int(block[1]))
    ]
    result = [0.0] * len(wanted)
    for i, place in zip(order, places, strict=True):
        result[i] = place
    return result


def _start(block: list[float], room: float, low: float, high: float) -> float:
    return max(low, min(block[0] / block[1], high - (block[1] - 1) * room))


class Canvas:
    """A figure on which everything is placed in inches, x from the left, y from the top.

    Args:
        width: inches.
        font: path of a TTF or OTF file that comes before DejaVu Sans.
    """

    def __init__(self, width: float, font: str | None = None) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.transforms import Affine2D, ScaledTranslation

        self.width = width
        self.figure = Figure(figsize=(width, width), dpi=DPI)
        self._agg: Any = FigureCanvasAgg(self.figure)
        self._inches: Any = (
            Affine2D().scale(1, -1)
            + self.figure.dpi_scale_trans
            + ScaledTranslation(0, 1, self.figure.transFigure)  # type: ignore[arg-type]
        )
        self._font = font
        self._letters, self._first = charmaps(font)
        self._widths: dict[tuple[str, float, bool], float] = {}
        self.missing: set[str] = set()
        self.borrowed: set[str] = set()
        self.boxes: list[Area] = []

    # Text

    def clean(self, text: object) -> str:
        """Text with only letters that the fonts have; the others are noted and drawn as □."""
        letters = []
        for character in plain(text):
            if ord(character) in self._first or character in OWN:
                letters.append(character)
            elif ord(character) in self._letters:
                self.borrowed.add(character)
                letters.append(character)
            else:
                self.missing.add(character)
                letters.append("" if unicodedata.category(character) in {"Mn", "Me"} else BOX)
        return "".join(letters)

    def measure(self, text: str, size: float = 10, bold: bool = False) -> float:
        """The width of a line in inches."""
        key = (text, size, bold)
        if key not in self._widths:
            renderer = self._agg.get_renderer()
            prop = self._properties(size, bold)
            wide = renderer.get_text_width_height_descent(text or " ", prop, False)[0]
            self._widths[key] = float(wide) / DPI
        return self._widths[key]

    def fit(self, text: str, width: float, size: float = 10, bold: bool = False) -> str:
        """A line cut to a width; cut text ends in `…`."""
        if self.measure(text, size, bold) <= width:
            return text
        return text[: self._longest(text, width, size, bold, "…")].rstrip() + "…"

    def wrap(
        self, text: str, width: float, size: float = 10, bold: bool = False, lines: int = 3
    ) -> list[str]:
        """Text broken to lines of a width, at blanks where there are any; at most so many."""
        done: list[str] = []
        line = ""
        for word in text.split():
            trial = f"{line} {word}" if line else word
            if self.measure(trial, size, bold) <= width:
                line = trial
                continue
            done += [line] if line else []
            while self.measure(word, size, bold) > width and len(done) <= lines:
                cut = max(self._longest(word, width, size, bold), 1)
                done.append(word[:cut])
                word = word[cut:]
            line = word
        done += [line] if line else []
        if len(done) > lines:
            done[lines - 1 :] = [self.fit(" ".join(done[lines - 1 :]), width, size, bold)]
        return done

    def _longest(self, text: str, width: float, size: float, bold: bool, tail: str = "") -> int:
        """How many letters fit; a mark is not parted from its letter."""
        low, high = 0, min(len(text), 400)
        while low < high:
            middle = (low + high + 1) // 2
            if self.measure(text[:middle] + tail, size, bold) <= width:
                low = middle
            else:
                high = middle - 1
        while 0 < low < len(text) and unicodedata.combining(text[low]):
            low -= 1
        return low

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = 10,
        *,
        bold: bool = False,
        color: str = INK,
        align: str = "left",
        halo: bool = False,
    ) -> None:
        """A line with its baseline at y; a halo keeps it clear of what it is printed over."""
        from matplotlib.patheffects import withStroke

        if not (text := self.clean(text)):
            return
        artist = self.figure.text(
            x,
            y,
            text,
            transform=self._inches,
            color=color,
            ha=align,
            va="baseline",
            fontproperties=self._properties(size, bold),
            zorder=5,
        )
        artist.set_parse_math(False)
        if halo:
            artist.set_path_effects([withStroke(linewidth=2.4, foreground="white", alpha=0.85)])
        self.boxes.append(self.area(x, y, text, size, bold=bold, align=align))

    def area(
        self, x: float, y: float, text: str, size: float, *, bold: bool = False, align: str = "left"
    ) -> Area:
        """The box (left, top, right, bottom) that a line takes."""
        wide = self.measure(text, size, bold)
        left = x - {"left": 0.0, "center": wide / 2, "right": wide}[align]
        return left, y - 0.80 * size / 72, left + wide, y + 0.25 * size / 72

    def free(self, area: Area) -> bool:
        """Whether no text or point stands in a box."""
        left, top, right, bottom = area
        return not any(
            left < r and x < right and top < b and y < bottom for x, y, r, b in self.boxes
        )

    def _properties(self, size: float, bold: bool) -> Any:
        from matplotlib.font_manager import FontProperties

        if self._font is None:
            return FontProperties(fname=dejavu(bold), size=size)
        return FontProperties(
            family=[family(self._font), "DejaVu Sans"], weight=700 if bold else 400, size=size
        )

    # Shapes

    def rect(self, x: float, y: float, width: float, height: float, color: str) -> None:
        """A filled box; touching boxes are parted by a thin white line."""
        from matplotlib.patches import Rectangle

        box = Rectangle((x, y), width, height, facecolor=color, edgecolor="white", linewidth=0.75)
        self._add(box, 2)

    def line(
        self,
        xs: Sequence[float],
        ys: Sequence[float],
        color: str = GRID,
        width: float = 0.8,
        *,
        dash: Any = "-",
        layer: float = 1,
    ) -> None:
        """A line through points; NaN is a gap."""
        from matplotlib.lines import Line2D

        self._add(
            Line2D(
                xs,
                ys,
                color=color,
                linewidth=width,
                linestyle=dash,
                solid_joinstyle="round",
                solid_capstyle="butt",
            ),
            layer,
        )

    def dots(
        self,
        xs: Sequence[float],
        ys: Sequence[float],
        color: str,
        *,
        marker: str = "o",
        size: float = 5.5,
        hollow: bool = False,
    ) -> None:
        """Points; marks keep clear of them."""
        from matplotlib.lines import Line2D

        half = size / 144
        self.boxes += [
            (x - half, y - half, x + half, y + half) for x, y in zip(xs, ys, strict=True)
        ]
        face, edge = ("white", color) if hollow else (color, "white")
        dots = Line2D(xs, ys, linestyle="none", marker=marker, markersize=size)
        dots.set(markerfacecolor=face, markeredgecolor=edge, markeredgewidth=1.4 if hollow else 0.6)
        self._add(dots, 4)

    def ribbon(
        self,
        xs: Sequence[float],
        lows: Sequence[float],
        highs: Sequence[float],
        color: str | None = None,
    ) -> None:
        """A band between two lines; with a colour of its own, others are seen through it."""
        from matplotlib.patches import Polygon

        corners = [*zip(xs, lows, strict=True), *reversed([*zip(xs, highs, strict=True)])]
        band = Polygon(corners, facecolor=color or blend(BAND, 0.7), edgecolor="none", linewidth=0)
        band.set_alpha(0.16 if color else None)
        self._add(band, 1.5)

    def _add(self, artist: Any, layer: float) -> None:
        artist.set_transform(self._inches)
        artist.set_zorder(layer)
        self.figure.add_artist(artist)

    # Saving

    def cut(self, height: float) -> None:
        """Cut the sheet at a height, in whole pixels."""
        self.figure.set_size_inches(self.width, math.ceil(height * DPI - 1e-6) / DPI)

    def save(self, height: float, format: str, title: str, description: str) -> bytes:
        """The picture, with its text alternative inside."""
        self.cut(height)
        title, description = plain(title), plain(description)
        metadata: dict[str, dict[str, Any]] = {
            "png": {"Software": None, "Title": title, "Description": description},
            "svg": {"Date": None},
            "pdf": {"CreationDate": None, "Title": title, "Subject": description},
        }
        out = io.BytesIO()
        self.figure.savefig(out, format=format, metadata=metadata[format])
        return _described(out.getvalue(), title, description) if format == "svg" else out.getvalue()


def _described(svg: bytes, title: str, description: str) -> bytes:
    """An SVG that screen readers name and describe."""
    words = f"<title>{escape(title)}</title>\n <desc>{escape(description)}</desc>".encode()
    return re.sub(
        rb"(<svg\b[^>]*)>", lambda opening: opening[1] + b' role="img">\n ' + words, svg, count=1
    )
