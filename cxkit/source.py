"""Where rows come from: a lazy frame, and what reading it has learned."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple

from cxkit.errors import CxError, RequestError, did_you_mean, visible
from cxkit.result import Input, Note

if TYPE_CHECKING:
    import polars as pl

# Columns that reading adds beside the user's own.
ROW = "cxkit:row"  # the row's number in the data, from 0
BEYOND = "cxkit:beyond"  # what stands behind the last declared column: a row that is too long
LAST = "cxkit:last"  # the last declared column; reading it makes the parser see stray quotes
OUT = "cxkit:out"  # among several files: why a row's own file leaves it out
INPUT = "cxkit:input"  # among several files: which of the inputs that have rows, from 0
CHECK = "cxkit:check:"  # among several files: whether a check applies to the row; a number follows
TRADE = "cxkit:trade:"  # among several files: what a row's own layout knows of its money
FILE = "file"  # which of several files, offered to `by`
ADDED = (ROW, BEYOND, LAST)
_FILLED = "cxkit:filled"  # whether a row has any cell, while blank rows are left out


def tidy(name: str) -> str:
    """A column's name as it can be typed: NFC, trimmed, any white space inside as one blank."""
    return " ".join(unicodedata.normalize("NFC", name).split())


class Ragged(Exception):
    """A row has more cells than the header; `row` is its number in the data, from 0."""

    def __init__(self, row: int) -> None:
        self.row = row
        super().__init__(f"row {row + 1} is too long")


def _no_sample(column: str) -> list[object]:
    return []


def _as_it_is(error: Exception) -> CxError:
    from cxkit.errors import DataError

    return DataError("unreadable", visible(str(error).splitlines()[0], 200))


@dataclass(frozen=True)
class Check:
    """Rows of a layout that are counted in the pass, and told of if there are any.

    Args:
        code, kind: of the note.
        message: with `{rows}` where `12 rows` is to stand.
        applies: the condition.
        column: the answers that it is about; with another score it does not apply.
        among: counted are rows left out for this reason; None: rows that are not left out.
    """

    code: str
    kind: Literal["info", "warning"]
    message: str
    applies: pl.Expr
    column: str | None = None
    among: str | None = None

    def note(self, rows: int) -> Note:
        """The note for so many rows."""
        said = f"{rows:,} row" + ("" if rows == 1 else "s")
        return Note(self.code, self.kind, self.message.format(rows=said))


class Mixed(NamedTuple):
    """Rows that answer different questions in one column of answers, as another column says.

    Args:
        column: the type of question of each row.
        score: the answers.
        types: by command, the types that it is about, in lower case.
    """

    column: str
    score: str
    types: Mapping[str, tuple[str, ...]]


class Trade(NamedTuple):
    """What a layout knows of the money in its rows.

    Args:
        refunds: columns of money given back, taken off the amount of their row (not with
            `--gross`).
        continues: whether a row continues the order above it and has no amount of its own.
        left_out: conditions on rows that are never revenue, by reason: `cancelled`, `voided`,
            `unpaid`.
        netted: conditions on rows that take money back, by reason (`cancelled`, `return`): they
            count as they stand, and are left out with `--gross`.
        spread: the columns of the first and the last day that an amount is for.
        refused: why the rows are no sales at all, in words: `payouts, which are no sales`.
    """

    refunds: tuple[str, ...] = ()
    continues: pl.Expr | None = None
    left_out: Mapping[str, pl.Expr] = MappingProxyType({})
    netted: Mapping[str, pl.Expr] = MappingProxyType({})
    spread: tuple[str, str] | None = None
    refused: str | None = None


@dataclass(frozen=True, eq=False)
class Source:
    """A table to be reduced.

    Args:
        rows: the user's columns under unique names, and those of `ADDED` that apply. Text files
            give text only (nothing inferred); typed files and frames keep their types.
        columns: the user's column names, in order.
        inputs: what was read.
        labels: question text by column, where the layout has it.
        codes: value labels by column: {"Q1": {"11": "don't know"}}.
        left_out: conditions on the rows that the reader leaves out, by reason, in order.
        missing: further words that stand for no answer (`--null`, `[missing]`), as given.
        date_format: the format of dates, if the user states one.
        date_formats: the format by column, where the layout fixes it; the user's own goes first.
        decimal: the decimal mark of a text file: "." or ","; None is not known.
        roles: the layout's own columns by role; more than one are to be chosen from.
        mixed: set where rows answer different questions.
        trade: set where the layout knows of money.
        checks: rows to be counted and told of.
        parts: the sources that were stacked, if it is several.
        notes: what reading it has assumed.
        sample: cells of a column from the head and the tail of the data, to judge it by.
        diagnose: turns an engine's failure, or a row found too long, into an error that names
            the line.
    """

    rows: pl.LazyFrame
    columns: tuple[str, ...]
    inputs: tuple[Input, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    left_out: Mapping[str, pl.Expr] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    date_format: str | None = None
    date_formats: Mapping[str, str] = field(default_factory=dict)
    decimal: str | None = None
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    mixed: Mixed | None = None
    trade: Trade | None = None
    checks: tuple[Check, ...] = ()
    parts: tuple[Source, ...] = ()
    notes: tuple[Note, ...] = ()
    added: tuple[str, ...] = ()
    sample: Callable[[str], Sequence[object]] = _no_sample
    diagnose: Callable[[Exception], CxError] = _as_it_is

    @property
    def name(self) -> str:
        """What messages call it: the file's name, or `the data`."""
        names = [visible(source.name) for source in self.inputs]
        return names[0] if len(names) == 1 else f"{len(names)} files" if names else "the data"

    @cached_property
    def schema(self) -> pl.Schema:
        """The type of every column, found once: a wide file takes milliseconds to tell it."""
        return self.rows.collect_schema()

    def column(self, name: str) -> str | None:
        """The column of that name, exactly or but for white space and normalisation."""
        if name in self.columns:
            return name
        return next((column for column in self.columns if tidy(column) == tidy(name)), None)

    def need(self, column: str) -> None:
        """Raise the error of a column that is not there."""
        if column not in self.columns and column not in self.added:
            raise no_column(column, self)

    def numbered(self) -> Source:
        """The same rows with their numbers."""
        if ROW in self.added:
            return self
        return replace(self, rows=self.rows.with_row_index(ROW), added=(*self.added, ROW))

    def without_blank_rows(self) -> Source:
        """The same rows without those in which every cell is empty; row numbers begin anew."""
        own = [name for name in self.columns if name != FILE or len(self.inputs) < 2]
        rows = not_blank(self.rows, own)
        if ROW in self.added:
            rows = rows.drop(ROW).with_row_index(ROW)
        return replace(self, rows=rows)


def not_blank(rows: pl.LazyFrame, columns: Sequence[str]) -> pl.LazyFrame:
    """The rows in which some cell of these columns is not null."""
    import polars as pl

    some = ~pl.all_horizontal(pl.col(columns).is_null())
    # As a column of its own the condition is kept from the scan, which takes time and memory by
    # the square of the number of columns to judge it.
    return rows.with_columns(some.alias(_FILLED)).filter(_FILLED).drop(_FILLED)


def no_column(column: str, source: Source) -> CxError:
    """The error for a column that the data does not have."""
    close = did_you_mean(column, source.columns)
    hints = [("did you mean", " or ".join(visible(name) for name in close))] if close else []
    if not close:
        listed = ", ".join(visible(name, 30) for name in source.columns[:12])
        more = len(source.columns) - 12
        hints.append(("columns", listed + (f" and {more} more" if more > 0 else "")))
    return RequestError(
        "no-column",
        f'no column "{visible(column)}" in {source.name}',
        hints,
        replace=(column, close[0]) if len(close) == 1 else None,
    )
