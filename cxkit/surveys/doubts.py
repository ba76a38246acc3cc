"""What the answers of a survey make one doubt: odd cells, and the scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cxkit.cells.answers import shape, text_of, whole_number
from cxkit.errors import DataError, Hint, visible
from cxkit.result import Note
from cxkit.source import Check

if TYPE_CHECKING:
    import polars as pl

    from cxkit.cells.answers import Scale
    from cxkit.cells.where import Where
    from cxkit.slices import Slice

ENOUGH = 100  # answers from which on a column says something about its scale
SOME = 10  # answers from which on it is doubted, where none of them is high
POSITIONS = 0.1  # a column without 0 that holds so many 11s was exported as positions
FEW_CODES = 3  # more numbers off the scale are no codes for “no answer”
FIVE, SEVEN, TEN = (
    5,
    7,
    10,
)  # a longer scale on which nobody goes beyond five is taken for a short one
SCALES = ((1, 5), (1, 7), (1, 10), (0, 10))  # those that are proposed
APART = ("if their scales differ", "one --scale holds for all of them: bring them to one first")
WORDED = ("if they are answers in words", 'write the number of each: 5, or "5 - Agree"')


def cell_notes(
    table: pl.DataFrame,
    where: Slice,
    condition: Where | None,
    low: int,
    high: int,
    words: str = "",
) -> tuple[Note, ...]:
    """Notes on cells that were left out: unreadable dates, blanks, answers off the scale.

    `words` are the answers where they are no numbers, as messages say them: `Good or Bad`.
    """
    notes = [
        *unread_notes(table, condition),
        *_date_notes(table, where),
        *_blank_notes(table),
        *invalid_notes(table, low, high, words),
    ]
    return tuple(notes)


def unread_notes(table: pl.DataFrame, condition: Where | None) -> list[Note]:
    """Cells that a condition cannot compare, a note for each column."""
    notes = []
    for i, column in enumerate(condition.unread if condition else ()):
        cells = int(table[f"unread{i}"].sum())
        if cells:
            message = f'{_cells(cells)} of "{visible(column)}" cannot be read by --where'
            notes.append(Note("where-unread", "warning", message + " and match nothing"))
    return notes


def _date_notes(table: pl.DataFrame, where: Slice) -> list[Note]:
    import polars as pl

    lost = table.filter(pl.col("reason") == "no-date")
    n = int(lost["n"].sum())
    if not n:
        return []
    column = visible(where.date)
    unread = lost.filter(pl.col("day").is_not_null())
    if unread.is_empty():
        return [Note("no-date", "info", f'{_rows(n)} without a date in "{column}" left out')]
    some = ", ".join(shape(cell) for cell in text_of(unread["day"]).unique().sort().to_list()[:3])
    message = f'{_rows(n)} without a readable date in "{column}" left out: {some}{_first(unread)}'
    hint = ("set", "--date-format, such as %d/%m/%Y")
    return [Note("no-date", "warning", message, (hint,))]


def _blank_notes(table: pl.DataFrame) -> list[Note]:
    import polars as pl

    n = int(table.filter(pl.col("reason") == "missing")["n"].sum())
    return [Note("blank", "info", f"{_rows(n)} without an answer left out")] if n else []


def invalid_notes(
    table: pl.DataFrame, low: int, high: int, words: str = "", *, several: bool = False
) -> list[Note]:
    """Answers off the scale, numbers and texts apart, each named by value and first row.

    `several` says that the scale is that of other columns, too.
    """
    import polars as pl

    lost = table.filter(pl.col("reason") == "invalid")
    if lost.is_empty():
        return []
    cells = lost.select(text_of(lost["answer"]).str.strip_chars().alias("cell"), "n", "first")
    numeric = [not words and whole_number(cell) is not None for cell in cells["cell"].to_list()]
    must = words or f"a number {low}–{high}"
    notes = []
    numbers, texts = cells.filter(pl.Series(numeric)), cells.filter(~pl.Series(numeric))
    if not numbers.is_empty():
        n = int(numbers["n"].sum())
        message = f"{_answers(n)} outside {low}–{high} left out: {named(numbers)}{_first(numbers)}"
        longer, others = _off_hints(table, numbers, low, high)
        when = "if all have a longer scale" if several else "if the scale is longer"
        hints = (*((when, text) for text in longer), *others)
        notes.append(Note("invalid", "warning", message, hints))
    if not texts.is_empty():
        n = int(texts["n"].sum())
        message = (
            f"{_answers(n)} {'is' if n == 1 else 'are'} not {must} "
            f"and {'is' if n == 1 else 'are'} left out: {named(texts, quoted=True)}{_first(texts)}"
        )
        notes.append(Note("invalid", "warning", message, () if words else (WORDED,)))
    return notes


def named(cells: pl.DataFrame, quoted: bool = False) -> str:
    """The commonest odd answers with their counts: `99 (11), −1 (3)`."""
    import polars as pl

    common = (
        cells.group_by("cell").agg(pl.col("n").sum()).sort("n", "cell", descending=[True, False])
    )
    named = [
        (f'"{shape(cell)}"' if quoted else shape(cell).replace("-", "−"))
        + (f" ({n:,})" if common.height > 1 or n > 1 else "")
        for cell, n in common.head(5).iter_rows()
    ]
    more = common.height - 5
    return ", ".join(named) + (f" and {more:,} more" if more > 0 else "")


def _off_hints(
    table: pl.DataFrame, cells: pl.DataFrame, low: int, high: int
) -> tuple[list[str], tuple[Hint, ...]]:
    """The longer scale that the answers may be on, and what to say of those that are none."""
    import polars as pl

    kept = table.with_columns(kind=pl.col("reason").fill_null("valid"))
    given = _numbers(kept, TEN)["number"].unique().sort().to_list()
    fits = _fitting(given) if given and given[-1] > high else None
    if fits is None:
        return [], _null_hints(cells)
    if _filled(given, low, high, fits):  # what fills a usual scale is answers
        numbers = cells["cell"].map_elements(whole_number, return_dtype=pl.Int64)
        cells = cells.filter(~numbers.is_in(given))
    hints = () if cells.is_empty() else _null_hints(cells)
    return [f"--scale {fits[0]}-{fits[1]}"], hints


def _fitting(given: Sequence[int]) -> tuple[int, int] | None:
    """The shortest usual scale that holds all of these answers, in order."""
    return next((s for s in SCALES if s[0] <= given[0] and given[-1] <= s[1]), None)


def _filled(given: Sequence[int], low: int, high: int, fits: tuple[int, int]) -> bool:
    """Whether the answers off a scale are all that a longer one has more, and several."""
    off = [number for number in given if not low <= number <= high]
    return len(off) > 1 and off == list(range(high + 1, fits[1] + 1))


def _null_hints(cells: pl.DataFrame) -> tuple[Hint, ...]:
    values = cells["cell"].unique().sort().to_list()
    if len(values) > 5:
        return ()
    words = " ".join(
        f"--null {value}" if " " not in value else f'--null "{value}"' for value in values
    )
    return (("if they mean “no answer”", words),)


def _first(cells: pl.DataFrame) -> str:
    row = cells["first"].min()
    return "" if row is None else f"; first at row {int(row) + 1:,}"  # type: ignore[arg-type]


def check_notes(table: pl.DataFrame, checks: Sequence[Check]) -> tuple[Note, ...]:
    """What the layout wanted counted, where it was met."""
    import polars as pl

    notes = []
    for i, check in enumerate(checks):
        rows = table
        if "out" in table.columns:
            rows = table.filter(pl.col("out").eq_missing(check.among))
        if count := int(rows[f"check{i}"].cast(pl.Int64).sum()):
            notes.append(check.note(count))
    return tuple(notes)


# --- the scale ----------------------------------------------------------------------------------


def judge_scale(
    table: pl.DataFrame,
    score: str,
    low: int,
    high: int,
    command: str = "nps",
    *,
    several: bool = False,
) -> tuple[Note, ...]:
    """Judge a column by all its answers, before slicing: were they given on this scale?

    Args:
        table: the tally, its answers understood.
        score: the column.
        low, high: the scale.
        command: what needs it: NPS has no other scale.
        several: whether it is one of several columns, which `--score` does not name.

    Raises:
        DataError: the answers run from 1 to 5 on a longer scale, or a tenth of them lie off a
            shorter one, or they are positions 1–11.
    """
    numbers = _numbers(table, max(high, 11))
    doubts = _none_high(numbers, score, low, high, command, several)
    doubts = doubts or _mostly_off(table, score, low, high, several)
    if int(numbers["n"].sum()) < ENOUGH:
        return doubts
    lowest, highest = numbers["number"].min(), numbers["number"].max()
    assert isinstance(lowest, int)
    assert isinstance(highest, int)
    if command == "nps":
        _judge_score(numbers, score, lowest, highest)
    elif _runs_otherwise(numbers, low, high, lowest, highest):
        raise _on_another(numbers, score, low, high, several)
    if (low, high) == (0, 10) and lowest == 1 and highest <= 10:
        return (Note("scale", "warning", "lowest score is 1; was the question asked 0–10?"),)
    return doubts


def judge_scales(
    columns: Sequence[tuple[str, pl.DataFrame]], scale: Scale, command: str
) -> list[Note]:
    """Judge several columns that share a scale, each with its tally: see `judge_scale`."""
    ends = (scale.low, scale.high, command)
    try:
        judged = [judge_scale(own, name, *ends, several=True) for name, own in columns]
    except DataError as error:
        given = [_numbers(own, TEN)["number"].unique().sort().to_list() for _, own in columns]
        if len({_fitting(numbers) for numbers in given if numbers}) < 2:
            raise
        hints = [hint for hint in error.hints if not hint[1].startswith("--scale")]
        raise DataError(error.slug, error.message, [*hints, APART]) from error
    return [note for notes in judged for note in notes]


def _numbers(table: pl.DataFrame, most: int) -> pl.DataFrame:
    """The whole numbers from 0 among the answers, and how often each was given."""
    import polars as pl

    read = text_of(table["answer"]).map_elements(
        whole_number, return_dtype=pl.Int64, skip_nulls=True
    )
    number = pl.when(pl.col("kind") != "missing").then(read).alias("number")
    return table.select("n", number).filter(
        pl.col("number").is_between(0, most) & (pl.col("n") > 0)
    )


def _judge_score(numbers: pl.DataFrame, score: str, lowest: int, highest: int) -> None:
    """Raise the error of answers that are no answers 0–10."""
    elevens = int(numbers.filter(numbers["number"] == 11)["n"].sum())
    name = visible(score)
    if lowest >= 1 and elevens >= POSITIONS * int(numbers["n"].sum()):
        raise DataError(
            "bad-scale",
            f'score "{name}" runs 1 to 11, as position codes do; NPS needs 0–10',
            [("if 1 stands for 0", "--scale 1-11"), ("if 11 means “no answer”", "--null 11")],
        )
    if lowest >= 1 and highest <= 5:
        message = f'score "{name}" runs 1 to 5; NPS needs 0–10'
        hints = [("try", "cxkit csat FILE, if it asks for satisfaction"), *another_column()]
        raise DataError("bad-scale", message, hints)


def _runs_otherwise(numbers: pl.DataFrame, low: int, high: int, lowest: int, highest: int) -> bool:
    """Whether answers fill 1–5 or 0–10 of a longer scale, or go beyond a shorter one."""
    off = int(numbers.filter(~numbers["number"].is_between(low, high))["n"].sum())
    beyond = off >= POSITIONS * int(numbers["n"].sum())
    short = (high >= SEVEN and low <= 1 <= lowest and highest <= FIVE) or highest <= TEN < high
    return beyond or short


def _on_another(numbers: pl.DataFrame, score: str, low: int, high: int, several: bool) -> DataError:
    given = numbers["number"].unique().sort().to_list()
    lowest, highest = given[0], given[-1]
    fits = _fitting(given)
    message = (
        f'score "{visible(score)}" runs {lowest} to {highest}; the scale asked for is {low}–{high}'
    )
    hints = [("try", f"--scale {fits[0]}-{fits[1]}")] if fits else []
    off = [number for number in given if not low <= number <= high]
    filled = fits is not None and _filled(given, low, high, fits)
    if off and len(off) <= FEW_CODES and not filled:  # what fills a usual scale is answers
        words = " ".join(f"--null {number}" for number in off)
        hints.append(("if they mean “no answer”" if len(off) > 1 else
                      f"if {off[0]} means “no answer”", words))  # fmt: skip
    return DataError("bad-scale", message, hints if several else [*hints, *another_column()])


def _none_high(
    numbers: pl.DataFrame, score: str, low: int, high: int, command: str, several: bool
) -> tuple[Note, ...]:
    """A warning where no answer lies in the upper half of a scale, or beyond 5 of a long one."""
    if int(numbers["n"].sum()) < SOME or high - low < FIVE - 1:
        return ()
    given = numbers["number"].unique().sort().to_list()
    lowest, highest = given[0], given[-1]
    if 2 * highest > low + high and not (low <= 1 <= lowest and highest <= FIVE < SEVEN <= high):
        return ()
    message = f"highest score is {highest}; was the question asked {low}–{high}?"
    if several:
        return (Note("scale", "warning", f'"{visible(score)}": {message}'),)
    known = command != "nps" and lowest >= 1 and highest > 2
    hints = (("if it was not", f"--scale 1-{highest}"),) if known else ()
    return (Note("scale", "warning", message, hints),)


def _mostly_off(
    table: pl.DataFrame, score: str, low: int, high: int, several: bool
) -> tuple[Note, ...]:
    """A warning where fewer than half of many answers are on the scale: another column?"""
    import polars as pl

    answers = table.filter(pl.col("kind") != "missing")
    total = int(answers["n"].sum())
    valid = int(answers.filter(pl.col("kind") == "valid")["n"].sum())
    if total < ENOUGH or 2 * valid >= total:
        return ()
    message = f'only {valid / total:.0%} of the answers in "{visible(score)}" are {low}–{high}'
    return (Note("scale", "warning", message, () if several else tuple(another_column())),)


def another_column() -> list[Hint]:
    """The hint of a column that is hardly one of answers."""
    return [("hint", "--score names another column")]


def _rows(n: int) -> str:
    return f"{n:,} row" + ("" if n == 1 else "s")


def _answers(n: int) -> str:
    return f"{n:,} answer" + ("" if n == 1 else "s")


def _cells(n: int) -> str:
    return f"{n:,} cell" + ("" if n == 1 else "s")
