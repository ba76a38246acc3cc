"""What a cell of answers means: a score, no answer, or something that is neither."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from cxkit.errors import visible

if TYPE_CHECKING:
    import polars as pl

# No answer, after trimming and case-folding. The list is closed; `--null` and `[missing]` add.
MISSING = frozenset(
    {
        "", "na", "n/a", "#n/a", "nan", "null", "none", "-", ".", "blank", "don't know", "dk",
        "không biết", "không áp dụng", "offered", "unoffered",
    }
)  # fmt: skip

# Answers of two, as programs and people write them.
GOOD_BAD = MappingProxyType({
    "good": 1, "bad": 0, "good with comment": 1, "bad with comment": 0,
    "good_with_comment": 1, "bad_with_comment": 0,
})  # fmt: skip
YES_NO = MappingProxyType({
    "yes": 1, "no": 0, "y": 1, "n": 0, "true": 1, "false": 0, "có": 1, "không": 0, "1": 1, "0": 0,
})  # fmt: skip


class Scale(NamedTuple):
    """The answers that a question allows: whole numbers, or two words.

    Args:
        low, high: the lowest and the highest answer.
        shift: added to a number before it is judged: −1 for position codes.
        words: the answers as words, in lower case, and the numbers that they stand for; then
            no other number is an answer.
        name: what the user calls it: `1-5`.
    """

    low: int
    high: int
    shift: int = 0
    words: Mapping[str, int] = MappingProxyType({})
    name: str = ""

    @property
    def answers(self) -> range:
        """Every answer, from the lowest up."""
        return range(self.low, self.high + 1)

    def __str__(self) -> str:
        if self.words is GOOD_BAD:
            return "Good or Bad"
        return "yes or no" if self.words else f"{self.low}–{self.high}"


# One syntax for Python and for the engine: no look-around.
_NUMBER = r"([0-9]+)(?:[.,]0{1,2})?"
_LABEL = r"[^0-9]*[^\W0-9][^0-9]*"  # letters, and no digit that could be the answer
# A dash before a number has blanks on both sides: "not asked -1" is not the answer 1.
_FORMS = (
    rf"[(\[]?{_NUMBER}\s*[-–—:)\]]\s*{_LABEL}",
    rf"{_NUMBER}\s*[(\[]{_LABEL}[)\]]",
    rf"{_LABEL}(?:\s+[-–—]\s+|\s*:\s*){_NUMBER}",
    rf"{_LABEL}\s*[(\[]\s*{_NUMBER}\s*[)\]]",
)
_LABEL_LENGTH = 1_000  # no label is longer; the search of one takes time by the square of it
_LONGEST = 18  # digits that a 64-bit integer holds whatever they are
_ALONE = re.compile(rf"([+\-−])?{_NUMBER}")
_SHOWN = re.compile(r"[+\-−]?[0-9]{0,4}(?:[.,][0-9]{1,4})?|[^\w\s@]{1,4}|[^\W\d_]")
_WORD = 12  # letters of a word that is shown: longer ones are ids, or run together
_LABELLED = tuple(re.compile(form) for form in _FORMS)
SCORE = "^\\s*(?:" + "|".join(
    form.replace(_NUMBER, r"0*(?:10|[0-9])(?:[.,]0{1,2})?") for form in (rf"\+?{_NUMBER}", *_FORMS)
) + ")\\s*$"  # fmt: skip


def plain(text: str) -> str:
    """Text as it is compared: NFC, trimmed, case-folded, one kind of apostrophe."""
    return unicodedata.normalize("NFC", text).strip().casefold().replace("’", "'")


def missing_words(declared: Iterable[str] = ()) -> frozenset[str]:
    """The closed list of words for no answer, and those declared."""
    return MISSING | {plain(word) for word in declared}


def scores_and_answers(cells: pl.Expr, declared: Iterable[str] = ()) -> tuple[pl.Expr, pl.Expr]:
    """How many cells hold a score 0–10, and how many an answer at all, in the scan."""
    import polars as pl

    text = cells.cast(pl.String).str.strip_chars()
    answered = ~text.str.to_lowercase().is_in(sorted(missing_words(declared)))
    return (text.str.contains(SCORE) & answered).sum(), (text.is_not_null() & answered).sum()


def whole_number(text: str) -> int | None:
    """The one whole number of an answer, alone or with a label beside it; None if there is none.

    `10`, `9.0`, `09`, `10 - Extremely likely`, `Not at all likely - 0` and `Unlikely (0)` are
    read; `7.5`, `4 / 5`, `8 or 9`, `Q3` and `5 stars` are not. A sign counts only when the number
    stands alone. A text of more than 1,000 characters is no answer.
    """
    text = text.strip()
    if len(text) > _LABEL_LENGTH:
        return None
    if match := _ALONE.fullmatch(text):
        number = _digits(match[2])
        return -number if match[1] in ("-", "−") else number
    for form in _LABELLED:
        if match := form.fullmatch(text):
            return _digits(match[1])
    return None


def _digits(text: str) -> int:
    digits = text.lstrip("0") or "0"
    return int(digits) if len(digits) <= _LONGEST else 10**_LONGEST - 1  # off any scale


def text_of(values: pl.Series) -> pl.Series:
    """Values of any type as the text a CSV file would hold: 9.0 is `9`, true is `true`."""
    import polars as pl

    if values.dtype == pl.String:
        return values
    if values.dtype.is_float():
        whole = values.is_finite() & (values == values.floor()) & (values.abs() < 2**53)
        numbers = values.cast(pl.Int64, strict=False).cast(pl.String)
        return pl.select(pl.when(whole).then(numbers).otherwise(values.cast(pl.String))).to_series()
    if values.dtype == pl.Datetime and (values.dt.truncate("1d") == values).all():
        return values.dt.date().cast(pl.String)  # spreadsheets know no days without a time
    if values.dtype == pl.Decimal:
        return values.cast(pl.String).str.replace(r"\.0*$|(\.[0-9]*[1-9])0*$", "$1")
    return values.cast(pl.String, strict=False)


def understand(
    values: pl.Series,
    *,
    low: int,
    high: int,
    shift: int = 0,
    declared: Iterable[str] = (),
    labels: Mapping[str, str] | None = None,
    words: Mapping[str, int] | None = None,
) -> pl.DataFrame:
    """Read the distinct answers of a tally.

    Args:
        values: raw cells, any type, repeats allowed.
        low, high: the scale.
        shift: added to a number before it is judged: −1 for position codes 1–11.
        declared: further words for no answer.
        labels: value labels by code; a label that means no answer makes its code missing.
        words: the answers, where they are words and not numbers: see `Scale`.

    Returns:
        As many rows as values: `kind` (`valid`, `missing` or `invalid`) and `score` (Int64, null
        unless valid).
    """
    import polars as pl

    none = missing_words(declared)
    labels = labels or {}

    def read(cell: str | None) -> tuple[str, int | None]:
        if cell is None or plain(cell) in none or plain(labels.get(cell.strip(), "x")) in none:
            return "missing", None
        if words:
            said = words.get(plain(labels.get(cell.strip(), cell)))
            return ("invalid", None) if said is None else ("valid", said)
        number = whole_number(cell)
        if number is None or not low <= number + shift <= high:
            return "invalid", None
        return "valid", number + shift

    cells = text_of(values)
    distinct = cells.unique().to_list()
    answers = [read(cell) for cell in distinct]
    meaning = pl.DataFrame(
        {"cell": distinct, "kind": [kind for kind, _ in answers], "score": [s for _, s in answers]},
        schema={"cell": pl.String, "kind": pl.String, "score": pl.Int64},
    )
    table = cells.rename("cell").to_frame()
    return table.join(
        meaning, on="cell", how="left", nulls_equal=True, maintain_order="left"
    ).select("kind", "score")


def shape(text: str, limit: int = 20) -> str:
    """A cell as a message may show it: short numbers and single words, else its shape.

    Customers' names, ids and texts are not printed: `Nguyễn Văn An` is `Aaaaaa Aaa Aa`.
    """
    shown = visible(unicodedata.normalize("NFC", text), 200)
    if _SHOWN.fullmatch(shown) or _is_word(shown):
        return shown
    letters = re.sub(r"[^\W\d_]", lambda found: "A" if found[0].isupper() else "a", shown)
    return visible(re.sub(r"\d", "9", letters), limit)


def _is_word(text: str) -> bool:
    """A single short word without a capital inside."""
    return text.isalpha() and text[1:].islower() and len(text) <= _WORD
