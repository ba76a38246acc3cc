"""Complete answers to several questions, reduced: what is kept of the rows that have them all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cxkit.errors import DataError, visible
from cxkit.predictors.figures import Ends, Figure
from cxkit.result import Input, Ledger, Note

if TYPE_CHECKING:
    from cxkit.stats.moments import Parts

PATTERNS = 30_000  # of more, resampling blocks is faster, and no worse
_CELLS = 16_000_000  # sums of all patterns that are held at once


@dataclass(frozen=True)
class Panel:
    """Complete answers to several questions, reduced.

    Args:
        figures: how the drivers are read, and the outcome last.
        parts: the sample in parts, the columns in the order of the figures; for `kano` the low
            and high dummies of each driver, and the outcome.
        ends: the scale of each driver, None where its answers fit none.
        tops: the share of its top boxes, 0–1, weighted; None without a scale, and for `kano`.
        cells: how many are low, in the middle and high on each driver, for `kano`.
        n: complete answers.
        answered: rows with an answer to the outcome that were asked for.
        alone: how many rows lack only this driver, by column.
        blocks: whether the parts are blocks of rows.
        ledger: every row accounted for.
        notes: what reading the answers has shown.
        inputs: what was read, with its rows.
    """

    figures: tuple[Figure, ...]
    parts: Parts
    ends: tuple[Ends | None, ...]
    tops: tuple[float | None, ...]
    cells: tuple[tuple[int, int, int], ...]
    n: int
    answered: int
    alone: Mapping[str, int]
    blocks: bool
    ledger: Ledger
    notes: tuple[Note, ...]
    inputs: tuple[Input, ...]


def most_patterns(columns: int) -> int:
    """How many patterns are held of so many columns."""
    return min(PATTERNS, _CELLS // (2 + columns * (columns + 3) // 2))


def need_complete(complete: int, answered: int, alone: Mapping[str, int]) -> None:
    """Raise the error of a request without a single complete row."""
    if complete:
        return
    most = max(alone, key=lambda column: alone[column])
    if alone[most] == answered:
        message = f'"{visible(most)}" holds no answer that is a number'
        raise DataError("no-answers", message, [("try", "--drivers without it")])
    message = f"none of {answered:,} answers is complete: each lacks one of {len(alone)} drivers"
    hints = [("without", f'"{visible(most)}" {alone[most]:,} would be')] if alone[most] else []
    raise DataError("no-complete", message, [*hints, ("try", "fewer --drivers")])


def low_and_high(
    figures: Sequence[Figure], ends: Sequence[Ends | None]
) -> list[tuple[float, float]]:
    """The ends of low and of high answers of each driver: the bottom boxes, the highest answer.

    Raises:
        DataError: a driver is no rating.
    """
    found = []
    for one, end in zip(figures, ends, strict=False):
        if end is None:
            message = f'"{visible(one.column)}" holds no ratings 1–5, 1–7 or 0–10'
            raise DataError("no-rating", message, [("try", "--view importance")])
        found.append((end.bottom, end.high))
    return found
