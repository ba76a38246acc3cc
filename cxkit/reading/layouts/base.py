"""What a layout is shown of a table, and what it makes of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from cxkit.result import Note
from cxkit.source import Check, Mixed, Trade, tidy

if TYPE_CHECKING:
    import polars as pl

NOTHING: Mapping[str, Any] = MappingProxyType({})
Own = Mapping[str, tuple[str, ...]]  # columns by role, the likeliest first


class Head(NamedTuple):
    """The beginning of a table.

    Args:
        header: the cells of the first record, as written.
        names: what they are called: tidy and unique.
        first: the records below it, as text; none where the columns have types, for then no
            header stands among the rows.
        sample: cells of a column from head and tail, the records of `first` included.
    """

    header: tuple[str, ...]
    names: tuple[str, ...]
    first: Sequence[Sequence[str]] = ()
    sample: Callable[[str], Sequence[object]] = lambda column: ()

    def record(self, place: int) -> tuple[str, ...]:
        """A record below the header, as wide as it; empty if there is none."""
        cells = self.first[place] if place < len(self.first) else ()
        return (*cells, *[""] * len(self.header))[: len(self.header)] if cells else ()

    def column(self, *known: str) -> str | None:
        """The first column with one of these names, written in whatever way."""
        names = {key(name): name for name in reversed(self.names)}
        return next((names[key(name)] for name in known if key(name) in names), None)

    def columns(self, known: Sequence[str]) -> list[str]:
        """The columns with these names, in the order of the names."""
        return [column for name in known if (column := self.column(name))]

    def filled(self, column: str, headers: int = 1) -> bool:
        """Whether the sample of a column holds anything."""
        return bool(self.seen(column, headers))

    def seen(self, column: str, headers: int = 1) -> list[str]:
        """The distinct cells of the sample of a column, trimmed, without blanks."""
        cells = list(self.sample(column))[headers - 1 :]
        texts = dict.fromkeys(str(cell).strip() for cell in cells if cell is not None)
        return [text for text in texts if text]

    def own(self, headers: int = 1, **known: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """The column of each role: of its known names the first one that holds anything."""
        found = {}
        for role, names in known.items():
            columns = self.columns(names)
            held = [column for column in columns if self.filled(column, headers)]
            if held or (columns and role != "customer"):
                found[role] = (held or columns)[:1]
        return {role: tuple(columns) for role, columns in found.items()}


class Found(NamedTuple):
    """What a layout knows of a table.

    Args:
        headers: records that are header.
        names: the columns' names, if they are not those of the first record.
        labels: question text by column.
        roles: its own columns by role.
        left_out: conditions by reason: `preview`, `test`, `unfinished`.
        missing: cells that stand for no answer in this layout.
        date_formats: the format of its own dates, where it is fixed.
        converted: columns that are to be read differently, such as seconds since 1970.
        mixed, trade, checks, notes: as in `Source`.
    """

    headers: int = 1
    names: tuple[str, ...] | None = None
    labels: Mapping[str, str] = NOTHING
    roles: Own = NOTHING
    left_out: Mapping[str, pl.Expr] = NOTHING
    missing: tuple[str, ...] = ()
    date_formats: Mapping[str, str] = NOTHING
    converted: Mapping[str, pl.Expr] = NOTHING
    mixed: Mixed | None = None
    trade: Trade | None = None
    checks: tuple[Check, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def knows(self) -> bool:
        """Whether the layout has found anything of its own."""
        return bool(self.headers > 1 or self.names or self.roles or self.left_out or self.trade)


class Layout(NamedTuple):
    """A kind of export.

    Args:
        title: the vendor's name.
        told_by: what it is recognised by, for the reference.
        reads: what is made of it, for the reference.
        fits: whether a table is one.
        read: what is known of a table that is one, or is said to be.
    """

    title: str
    told_by: str
    reads: str
    fits: Callable[[Head], bool]
    read: Callable[[Head], Found]


def key(name: str) -> str:
    """A name as known names are compared: without case, blanks, `_`, `-` and a final `*`."""
    return re.sub(r"[\s_\-]+", "", tidy(name).casefold()).removesuffix("*")


def plain_text(text: str) -> str:
    """Question text without markup, on one line."""
    from html import unescape

    lines = re.sub(r"(?i)</?(?:br|p|div|li|ul|ol|tr|td|h[1-6])\b[^<>]*>", " ", text)
    return tidy(unescape(re.sub(r"</?[A-Za-z][^<>]*>", "", lines)))


def written(column: str) -> pl.Expr:
    """The cells of a column of any type as trimmed text in lower case."""
    import polars as pl

    return pl.col(column).cast(pl.String).str.strip_chars().str.to_lowercase()


def blank(column: str) -> pl.Expr:
    """Whether a cell holds nothing."""
    return written(column).fill_null("") == ""


def is_one_of(column: str, *words: str) -> pl.Expr:
    """Whether a cell is one of these words, as programs write them; a number may come as `1.0`.

    Spellings are listed, for to change the case of every cell would cost more than the rest of
    the pass.
    """
    import polars as pl

    spelt = {s for w in words for s in (w, w.upper(), w.title(), w.capitalize(), f"{w}.0")}
    return pl.col(column).cast(pl.String).is_in(sorted(spelt)).fill_null(False)


def mixed(
    head: Head, column: str | None, score: str | None, **types: tuple[str, ...]
) -> Mixed | None:
    """The column of question types, if it says anything at all."""
    if column is None or score is None or not head.filled(column):
        return None
    return Mixed(column, score, types)


def other_than(column: str, *words: str) -> pl.Expr:
    """Whether a cell holds something else than these words."""
    return ~blank(column) & ~written(column).is_in(words).fill_null(False)


def is_true(column: str) -> pl.Expr:
    """Whether a cell says yes, as programs write it."""
    return is_one_of(column, "true", "yes", "1")


def is_won(column: str) -> pl.Expr:
    """Whether a stage is that of a deal won: `closedwon`, `Closed Won (Sales Pipeline)`, `Won`."""
    return written(column).str.contains(r"^(closed[ _-]*)?won\b").fill_null(False)


_EPOCHS: tuple[tuple[str, Literal["s", "ms"]], ...] = (
    (r"[0-9]{9,10}(?:\.0)?", "s"),
    (r"[0-9]{12,13}(?:\.0)?", "ms"),
)


def from_epoch(head: Head, columns: Sequence[str]) -> dict[str, pl.Expr]:
    """Dates written as seconds or milliseconds since 1970, if the sample shows nothing else."""
    import polars as pl

    found = {}
    for column in columns:
        cells = head.seen(column)
        for form, unit in _EPOCHS:
            if cells and all(re.fullmatch(form, cell) for cell in cells):
                text = pl.col(column).cast(pl.String).str.strip_chars()
                moment = text.cast(pl.Float64, strict=False).cast(pl.Int64)
                found[column] = pl.from_epoch(moment, time_unit=unit).alias(column)
    return found
