"""Names beside points: each as near as can be, none over another text, a point or the edge."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cxkit.output import canvas as paper
from cxkit.output.canvas import Area, Canvas

SIZE = 9
LINE = 0.15  # from one line to the next, in inches
RINGS = (0.03, 0.12, 0.22, 0.34, 0.48, 0.65, 0.85, 1.1)  # how far a name may stand from its point
ANGLES = (0, 180, 270, 90, 315, 45, 225, 135, 338, 22, 202, 158, 292, 68, 248, 112)  # clockwise
NEAR = 0.1  # a name further away than this hangs on a line
GAP = 0.04  # between two names side by side
COVERED = 0.35  # what covering a thin line costs, in inches of distance


class Named(NamedTuple):
    """A point with its name in one or two lines; `side` −1 keeps the name above it, 1 below."""

    x: float
    y: float
    lines: tuple[str, ...]
    color: str
    bold: bool
    side: int = 0


class _Place(NamedTuple):
    box: Area
    anchor: tuple[float, float]
    far: float


def place_names(
    c: Canvas, points: Sequence[Named], within: Area, thin: Sequence[Area]
) -> list[Named]:
    """Print names in the order given; returns those for which there was no room.

    Args:
        c: the canvas; what is printed on it already is kept clear.
        points: the first have the first choice.
        within: the box that names must not leave.
        thin: thin lines, which a name covers only where there is no other place near.
    """
    hung: list[Area] = []
    left = _print_all(c, points, within, thin, hung, cross=False)
    return _print_all(c, left, within, thin, hung, cross=True)


def _print_all(
    c: Canvas,
    points: Sequence[Named],
    within: Area,
    thin: Sequence[Area],
    hung: list[Area],
    *,
    cross: bool,
) -> list[Named]:
    """Print names; those that find no place clear of the lines of others may cross them."""
    left = []
    for point in points:
        shy, never = ([*thin, *hung], []) if cross else (thin, hung)
        best = _best(c, point, within, shy, never)
        if best is None:
            left.append(point)
            continue
        if best.far > NEAR:
            xs, ys = [point.x, best.anchor[0]], [point.y, best.anchor[1]]
            c.line(xs, ys, paper.AXIS, 0.7, layer=2.8)
            hung += segment((point.x, point.y), best.anchor)
        _print(c, point, best.box)
    return left


def _best(
    c: Canvas, point: Named, within: Area, lines: Sequence[Area], never: Sequence[Area]
) -> _Place | None:
    """The free place that costs least: near, and over few thin lines."""
    best, least = None, float("inf")
    for rank, place in enumerate(_places(c, point)):
        if place.far >= least:
            break
        covered = sum(_touch(place.box, line) for line in lines)
        cost = place.far + COVERED * (covered > 0) + 0.01 * covered + rank * 1e-4
        if cost < least and _allowed(c, point, place, within, never):
            best, least = place, cost
    return best


def _allowed(c: Canvas, point: Named, place: _Place, within: Area, never: Sequence[Area]) -> bool:
    """Whether a name is inside, over nothing, and its line crosses no text and no other point."""
    left, top, right, bottom = place.box
    inside = left >= within[0] and top >= within[1] and right <= within[2] and bottom <= within[3]
    if not inside or not c.free((left - GAP, top, right + GAP, bottom)):
        return False
    own = (point.x - 0.06, point.y - 0.06, point.x + 0.06, point.y + 0.06)
    path = segment((point.x, point.y), place.anchor) if place.far > NEAR else []
    if any(_touch(box, line) for line in never for box in (place.box, *path)):
        return False
    return all(_touch(dot, own) or c.free(dot) for dot in path)


def _places(c: Canvas, point: Named) -> Iterator[_Place]:
    """Boxes around a point, the nearest first, to the right before the left."""
    wide = max(c.measure(line, SIZE, point.bold) for line in point.lines)
    deep = LINE * len(point.lines)
    for ring in RINGS:
        for angle in ANGLES:
            across, down = math.cos(math.radians(angle)), math.sin(math.radians(angle))
            if point.side * down < -0.1:
                continue
            x, y = point.x + across * (0.06 + ring), point.y + down * (0.05 + ring)
            left, top = x - wide * _share(across), y - deep * _share(down)
            yield _Place((left, top, left + wide, top + deep), (x, y), ring)


def _share(direction: float) -> float:
    """The share of a box before its anchor: none, half or all of it."""
    return 0.5 if abs(direction) < 0.4 else 0.0 if direction > 0 else 1.0


def _print(c: Canvas, point: Named, box: Area) -> None:
    side = "left" if box[0] >= point.x else "right" if box[2] <= point.x else "center"
    x = {"left": box[0], "right": box[2], "center": (box[0] + box[2]) / 2}[side]
    for k, line in enumerate(point.lines):
        y = box[1] + 0.115 + k * LINE
        c.text(x, y, line, SIZE, bold=point.bold, color=point.color, align=side, halo=True)


def segment(start: tuple[float, float], end: tuple[float, float], count: int = 16) -> list[Area]:
    """Small boxes along a line, that names keep clear of."""
    shares = [k / count for k in range(count + 1)]
    along = [
        tuple(a + (b - a) * share for a, b in zip(start, end, strict=True)) for share in shares
    ]
    return [(x - 0.01, y - 0.01, x + 0.01, y + 0.01) for x, y in along]


def _touch(a: Area, b: Area) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
