"""Columns of figures of a row: what their cells mean, on distinct cells or in the scan.

A figure is any number: a rating, alone or with a label (`5 - Very satisfied`), or a measured one.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from cxkit.cells.answers import Scale, missing_words, plain, text_of, whole_number
from cxkit.errors import visible
from cxkit.result import Note

if TYPE_CHECKING:
    import polars as pl

    from cxkit.source import Source

LARGEST = 2.0**53
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
SCALES = ((1, 5), (1, 7), (0, 10))  # those that are usual; ratings fit the first that holds them
RATINGS = ((0, 1), (1, 2), (1, 3), (1, 4), (1, 5), (1, 6), (1, 7), (1, 9), (1, 10), (0, 10))
FEWEST = 3  # answers of a column that is proposed as a rating
SHARED = 20  # letters that questions of one grid have in common at their start, at least
NAME = 40  # letters of a question that people are shown
BOX, POINTS = 2, 4  # answers of a box; one where a scale has fewer than four points
SELDOM = 0.1  # of the answers: whose highest is so rare, of that question nobody chose the end
FEW = 30  # answers that say nothing about the end of a scale


class Ends(NamedTuple):
    """The lowest and the highest answer that a question allows."""

    low: float
    high: float

    @property
    def box(self) -> int:
        """How many answers make a box: two, of less than four points one."""
        return BOX if self.high - self.low + 1 >= POINTS else 1

    @property
    def top(self) -> float:
        """The lowest answer of the top boxes."""
        return self.high - self.box + 1

    @property
    def bottom(self) -> float:
        """The highest answer of the bottom boxes."""
        return self.low + self.box - 1

    def __str__(self) -> str:
        return f"{self.low:.0f}–{self.high:.0f}"


class Range(NamedTuple):
    """The answers given to a question.

    Args:
        low, high: the lowest and the highest.
        sure: whether a question that goes higher would have got higher ones: its highest is
            no rare one.
    """

    low: float
    high: float
    sure: bool = True


@dataclass(frozen=True)
class Figure:
    """How the cells of one column are read.

    Args:
        column: the column.
        scale: the answers that count; None: any number.
        passing: the least answer that becomes 1, all lower ones 0; None: answers stay.
        words: what means no answer, in lower case.
        nulls: numbers that mean no answer, declared or by their label.
        comma: whether the decimal mark is a comma.
    """

    column: str
    scale: Scale | None = None
    passing: int | None = None
    words: frozenset[str] = frozenset()
    nulls: frozenset[float] = field(default_factory=frozenset)
    comma: bool = False

    def read(self, cell: str | None) -> tuple[str, float | None]:
        """The kind (`valid`, `missing`, `invalid`) of a cell and its figure."""
        if cell is None or plain(cell) in self.words:
            return "missing", None
        number = number_of(cell, self.comma)
        if number in self.nulls:
            return "missing", None
        if number is None or (self.scale and number not in self.scale.answers):
            return "invalid", None
        return "valid", number if self.passing is None else float(number >= self.passing)

    def understand(self, cells: pl.Series) -> pl.DataFrame:
        """Raw cells, repeats allowed, as `kind` and `value` (Float64, null unless valid)."""
        import polars as pl

        texts = text_of(cells.fill_nan(None) if cells.dtype.is_float() else cells).rename("cell")
        distinct = texts.unique().to_list()
        found = [self.read(cell) for cell in distinct]
        meaning = pl.DataFrame(
            {"cell": distinct, "kind": [kind for kind, _ in found], "value": [x for _, x in found]},
            schema={"cell": pl.String, "kind": pl.String, "value": pl.Float64},
        )
        return (
            texts.to_frame()
            .join(meaning, on="cell", how="left", nulls_equal=True, maintain_order="left")
            .select("kind", "value")
        )


def figure(
    source: Source, column: str, scale: Scale | None = None, passing: int | None = None
) -> Figure:
    """How a column of a source is read, with the words and codes declared for no answer.

    A number declared for no answer that is one of the scale stays an answer there: `--null 0` is
    about ratings 1–5, not about a score 0–10 beside them.
    """
    declared = [word for word in source.missing if not (scale and _on(scale, word))]
    words = missing_words(declared)
    codes = source.codes.get(column, {}).items()
    none = [*declared, *(code for code, label in codes if plain(label) in words)]
    nulls = frozenset(number for text in none if (number := number_of(text)) is not None)
    return Figure(column, scale, passing, words, nulls, source.decimal == ",")


def kept_answers(source: Source, scale: Scale) -> list[str]:
    """The numbers declared for no answer that stay answers of a scale."""
    return [word.strip() for word in source.missing if _on(scale, word)]


def _on(scale: Scale, word: str) -> bool:
    return number_of(word) in scale.answers


def number_of(text: str, comma: bool = False) -> float | None:
    """The number of an answer, alone or with a label beside it; None if there is none."""
    number: float | None = whole_number(text)
    if number is None:
        cell = (text.replace(",", ".") if comma else text).strip()
        number = float(cell) if _DECIMAL.fullmatch(cell) else math.nan
    return float(number) if abs(number) < LARGEST else None


# --- scales -------------------------------------------------------------------------------------


def range_of(values: pl.Series, counts: pl.Series) -> Range:
    """The range of answers, by the distinct ones (nulls allowed) and how often each was given."""
    low, high = float(values.min()), float(values.max())  # type: ignore[arg-type]
    answers = int(counts.filter(values.is_not_null()).sum())
    highest = int(counts.filter(values == high).sum())
    return Range(low, high, answers >= FEW and highest >= SELDOM * answers)


def scales(given: Sequence[Range]) -> list[Ends | None]:
    """The scale of each column of ratings, by the answers given; None where they fit none.

    A scale starts at 1, or at 0 where one of the same height holds a 0, and ends at the highest
    answer. Where that is a rare one, and other columns on the same usual scale (1–5, 1–7, 0–10)
    go up to a quarter further, it ends where they do: nobody chose the end.
    """
    usual = [next((s for s in SCALES if s[0] <= one.low and one.high <= s[1]), None)
             for one in given]  # fmt: skip
    pairs = [*zip(usual, given, strict=True)]
    highs = [scale and _end(one, scale, [x for s, x in pairs if s == scale])
             for scale, one in pairs]  # fmt: skip
    zeros = {high for high, one in zip(highs, given, strict=True) if one.low < 1}
    return [None if high is None else Ends(0 if high in zeros and scale == SCALES[-1] else 1, high)
            for high, scale in zip(highs, usual, strict=True)]  # fmt: skip


def _end(one: Range, usual: tuple[int, int], others: Sequence[Range]) -> float:
    """The highest answer of a question, with others on the same usual scale."""
    own = math.ceil(one.high)
    near = own if one.sure else own + (own - usual[0] + 1) // POINTS
    return max(own, *(math.ceil(other.high) for other in others if other.high <= near))


def strays(values: Sequence[float]) -> list[int]:
    """Answers that look like codes for no answer: one or two that stand beside a usual scale.

    Of 0 to 6 these are 0 and 6 (blank and never used beside 1–5), of 0 to 11 it is 11.
    """
    numbers = sorted({int(value) for value in values})
    if len(numbers) < FEWEST or any(value % 1 for value in values) or numbers[0] > 2:
        return []
    if (numbers[0], numbers[-1]) in RATINGS and numbers[-1] - numbers[-2] <= 2:
        return []
    for low, high in SCALES:
        beside = [number for number in numbers if not low <= number <= high]
        if high in numbers and len(beside) <= 2 and len(numbers) - len(beside) > 2:
            return beside
    return []


def code_notes(values: Mapping[str, Sequence[float]]) -> list[Note]:
    """A warning where answers look like codes for no answer, by the columns that hold them."""
    found: dict[tuple[int, ...], list[str]] = {}
    for column, given in values.items():
        if beside := strays(given):
            found.setdefault(tuple(beside), []).append(column)
    return [_code_note(codes, columns) for codes, columns in found.items()]


def _code_note(codes: Sequence[int], columns: Sequence[str]) -> Note:
    named = ", ".join(f'"{visible(column, 30)}"' for column in columns[:3])
    more = f" and {len(columns) - 3} more" if len(columns) > 3 else ""
    numbers = " and ".join(map(str, codes))
    stand, count = ("stands", "counts") if len(codes) == 1 else ("stand", "count")
    kind = "an answer" if len(codes) == 1 else "answers"
    message = f"{numbers} {stand} beside the scale in {named}{more}, and {count} as {kind}"
    declared = " ".join(f"--null {code}" for code in codes)
    return Note("codes", "warning", message, (("if they mean “no answer”", declared),))


# --- names --------------------------------------------------------------------------------------


def called(source: Source, columns: Sequence[str]) -> dict[str, str]:
    """What people read of each column: the text of its question, cut, else its name.

    Questions of one grid begin alike: of these the end is kept, where they differ.
    """
    texts = {column: visible(source.labels.get(column, column), 1_000) for column in columns}
    *drivers, _ = columns
    first, last = min(texts[one] for one in drivers), max(texts[one] for one in drivers)
    shared = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), 0)
    start = first[:shared].rfind(" ") + 1
    if start > SHARED:
        texts |= {column: "…" + texts[column][start:] for column in drivers}
    short = {column: visible(text, NAME) for column, text in texts.items()}
    alike = {text for text, times in Counter(short.values()).items() if times > 1}
    return {column: column if text in alike else text for column, text in short.items()}


# --- candidates ---------------------------------------------------------------------------------


def candidates(source: Source) -> list[str]:
    """The columns whose sampled answers are whole numbers on one usual scale, more than one."""
    return [column for column in source.columns if _rated(source, column)]


def _rated(source: Source, column: str) -> bool:
    import polars as pl

    own = figure(source, column)
    cells = text_of(pl.Series(source.sample(column), strict=False)).unique().drop_nulls().to_list()
    values = set()
    for cell in cells:
        kind, value = own.read(cell)
        if kind == "invalid" or (value is not None and (value % 1 or not 0 <= value <= 10)):
            return False  # at the first comment: long ones take time to read
        values.add(value)
    return len(values - {None}) >= FEWEST
