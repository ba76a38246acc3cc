"""What is said where no valid answer is left: what stands there instead, and what to try."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from cxkit.cells.answers import shape, text_of, whole_number
from cxkit.errors import CxError, DataError, Hint, visible
from cxkit.surveys.doubts import WORDED, another_column, named, unread_notes

if TYPE_CHECKING:
    import polars as pl

    from cxkit.surveys.survey import Scan

_ALIKE = 0.75  # of the letters of two words, where one may be the other mistyped


def need_answers(scan: Scan, table: pl.DataFrame, *, several: bool = False) -> None:
    """Raise the error of a request without a single valid answer.

    `several` says that the columns are of several questions, which `--score` does not name.
    """
    import polars as pl

    if table.filter(pl.col("reason").is_null())["n"].sum() > 0:
        return
    counted = table.filter(pl.col("reason").is_not_null()).group_by("reason")
    out = dict(counted.agg(pl.col("n").sum()).sort("reason").iter_rows())
    read = sum(out.values())
    if not read:
        raise DataError("no-answers", f'every count in "{visible(scan.where.count)}" is 0')
    if out.get("where", 0) + sum(out.get(r, 0) for r in ("preview", "test", "unfinished")) == read:
        raise _kept_none(scan, table, out, read)
    if out.get("period", 0) and not out.get("missing", 0) + out.get("invalid", 0):
        raise DataError("no-rows", f"the periods asked for hold 0 of {read:,} rows{_span(table)}")
    if out.get("no-date", 0) == read:
        raise DataError("no-dates", f'no readable date in "{visible(scan.where.date)}"')
    kinds = {"missing": "blank", "invalid": "off the scale", "where": "left out by --where",
             "period": "outside the periods", "no-date": "without a date",
             "weight": "without a weight"}  # fmt: skip
    told = ", ".join(f"{n:,} {kinds.get(reason, reason)}" for reason, n in out.items() if n)
    columns = " or ".join(f'"{visible(column)}"' for column in (scan.score, *scan.more))
    raise DataError(
        "no-answers", f"no valid answer in {columns}: {told}", _met(scan, table, several)
    )


def _met(scan: Scan, table: pl.DataFrame, several: bool) -> list[Hint]:
    """What stands in the column instead of answers, and what to do about words."""
    import polars as pl

    lost = table.filter(pl.col("reason") == "invalid", pl.col("answer").is_not_null())
    if lost.is_empty():
        return []
    cells = lost.select(text_of(lost["answer"]).str.strip_chars().alias("cell"), "n")
    numeric = [whole_number(cell) is not None for cell in cells["cell"].to_list()]
    met = ("found", named(cells, quoted=not all(numeric)))
    return [
        met,
        *([WORDED] if not any(numeric) else []),
        *([] if several or scan.more else another_column()),
    ]


def _kept_none(scan: Scan, table: pl.DataFrame, out: dict[str, int], read: int) -> CxError:
    if not out.get("where"):
        return DataError("no-rows", f"all {read:,} rows are previews or unfinished")
    if not scan.condition:
        return DataError("no-rows", f"none of {read:,} rows answers a question of this type")
    unread = [("note", note.message) for note in unread_notes(table, scan.condition)]
    values = [
        (f"{visible(column, 30)} has", ", ".join(names))
        for column in scan.condition.columns
        if (names := _some_values(scan, column))
    ]
    return DataError("no-rows", f"--where kept 0 of {read:,} rows", [*unread, *values])


def _some_values(scan: Scan, column: str, most: int = 8) -> list[str]:
    """The commonest values of a column of few, to choose from."""
    import polars as pl

    sample = pl.Series(scan.source.sample(column), strict=False)
    cells = text_of(sample).drop_nulls().str.strip_chars()
    common = cells.value_counts(sort=True).to_series().to_list()
    if len(common) > len(cells) / 2 and len(common) > most:
        return []
    typed = re.findall("'([^']*)'", " ".join(scan.where.where))
    meant = {cell for cell in common if any(_near(one, cell) for one in typed)}
    shown = dict.fromkeys(
        visible(cell, 20) if cell in meant else _category(cell, int((cells == cell).sum()))
        for cell in common[:most]
    )
    return [*shown, *["…"] * (len(common) > most)]


def _near(typed: str, cell: str) -> bool:
    """Whether a cell is nearly what was typed, marks of letters and case aside."""
    from difflib import SequenceMatcher

    def bare(text: str) -> str:
        letters = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
        return "".join(letter for letter in letters if not unicodedata.combining(letter))

    return SequenceMatcher(None, bare(typed), bare(cell)).ratio() >= _ALIKE


def _category(cell: str, n: int) -> str:
    """A value of a column to choose from: one word that stands there again and again is a group's.

    Several words may be a comment, or the name of a person who answers for many rows.
    """
    word = "@" not in cell and sum(c.isdigit() for c in cell) < 5 and len(cell.split()) == 1
    known = n > 1 and word
    return visible(cell, 20) if known else shape(cell)


def _span(table: pl.DataFrame) -> str:
    days = table["date"].drop_nulls().sort()
    return f"; the dates run from {days[0]} to {days[-1]}" if len(days) else ""
