"""The conditions of `--where`: columns compared with values, joined by AND, OR and NOT.

The words are those of SQL, the reading is not an engine's: what a column is compared with says
how its cells are read. Beside a number they are numbers, beside a date dates, beside text they
are text without blanks around it. Cells that cannot be read so match nothing and are counted.
A blank neither equals nor differs from anything, as in SQL.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import eq, ge, gt, le, lt, ne
from typing import Any

import polars as pl

from cxkit.cells.answers import MISSING
from cxkit.cells.dates import look
from cxkit.cells.wheresyntax import (
    QUOTE,
    Cells,
    Node,
    Test,
    Value,
    attempt,
    fault,
    not_a_day,
    parse,
)
from cxkit.errors import Hint, did_you_mean, visible
from cxkit.result import Note
from cxkit.source import Source, no_column

_APPLY = {"=": eq, "<>": ne, "<": lt, ">": gt, "<=": le, ">=": ge}
_TONES = "\u0300\u0301\u0303\u0309\u0323"  # of Vietnamese, as marks of their own
_THOUSANDS = "^[+-]?[0-9]{1,3}([.][0-9]{3})+(,|$)"


@dataclass(frozen=True)
class Where:
    """Which rows are kept.

    Args:
        expr: true or false for each row, never null.
        unread: for each column of text read as numbers or dates, an aggregation that counts the
            cells that hold something else.
        columns: the columns that are looked at, in order.
        notes: what reading them had to assume.
    """

    expr: pl.Expr
    unread: Mapping[str, pl.Expr]
    columns: tuple[str, ...]
    notes: tuple[Note, ...] = ()


def compile_where(conditions: Sequence[str], source: Source) -> Where:
    """The rows that fulfil all conditions.

    Args:
        conditions: such as `region = 'Huế' OR score >= 9`, each as if in parentheses. There are
            = <> < > <= >=, BETWEEN, IN, LIKE, ILIKE, IS NULL, AND, OR, NOT, parentheses, and
            LOWER, UPPER, TRIM, LENGTH. Columns are named as in the file, in double quotes where
            the name holds blanks; text and dates stand in single quotes.
        source: the rows.

    Raises:
        RequestError: a condition cannot be understood, or names a column that is not there.
    """
    cells = _Reader(source)
    kept = [_Meaning(condition, cells).of(parse(condition)) for condition in conditions]
    unread = {
        name: pl.any_horizontal(*lost.values()).sum().cast(pl.Int64)
        for name, lost in cells.unread.items()
    }
    expr = pl.all_horizontal(pl.lit(True), *kept).fill_null(False)
    return Where(expr, unread, tuple(cells.columns), tuple(dict.fromkeys(cells.notes)))


class _Reader:
    """Reads the cells of columns, and remembers which cells cannot be read."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.types = source.rows.collect_schema()
        self.composed = {unicodedata.normalize("NFC", name): name for name in source.columns}
        self.columns: dict[str, None] = {}
        self.unread: dict[str, dict[str, pl.Expr]] = {}
        self.notes: list[Note] = []

    def find(self, name: str) -> str | None:
        """The column of that name; how accents are encoded does not matter."""
        found = name if name in self.source.columns else self.composed.get(name)
        if found is not None:
            self.columns[found] = None
        return found

    def is_text(self, name: str) -> bool:
        return self.types[name] in (pl.String, pl.Categorical, pl.Enum, pl.Null)

    def text(self, name: str) -> pl.Expr:
        """Cells without blanks around them, null where nothing is left."""
        text = pl.col(name).cast(pl.String).str.strip_chars()
        return pl.when(text != "").then(text)

    def composed_text(self, cells: Cells) -> pl.Expr:
        """Cells in NFC (ten times the cost of the comparison itself), under their function."""
        text = self.text(cells.name).str.normalize("NFC")
        match cells.function:
            case "LOWER":
                return text.str.to_lowercase()
            case "UPPER":
                return text.str.to_uppercase()
        return text

    def numbers(self, name: str) -> pl.Expr:
        if not self.is_text(name):
            # The engine holds NaN for greater than every number.
            return pl.col(name).fill_nan(None) if self.types[name].is_float() else pl.col(name)
        text = self.text(name)
        plain = _with_point(text) if self.source.decimal == "," else text
        number = plain.cast(pl.Float64, strict=False)
        number = pl.when(number.is_finite()).then(number)
        self._count(name, "number", text, number)
        return number

    def days(self, name: str) -> pl.Expr | None:
        """Cells as dates; None if the column holds none."""
        found = look(self.source, name)
        if found is None:
            return None
        day = found.parsed()
        if self.is_text(name):
            cells = [str(cell) for cell in self.source.sample(name) if cell is not None]
            self.notes += found.days(pl.Series(cells, dtype=pl.String))[1]
            self._count(name, "day", self.text(name), day)
        return day

    def _count(self, name: str, kind: str, text: pl.Expr, value: pl.Expr) -> None:
        if kind in self.unread.setdefault(name, {}):
            return
        nothing = sorted({*MISSING, *(word.casefold() for word in self.source.missing)})
        lost = text.is_not_null() & value.is_null() & ~text.str.to_lowercase().is_in(nothing)
        self.unread[name][kind] = lost


def _with_point(text: pl.Expr) -> pl.Expr:
    """`1.250,5` as 1250.5; a point that does not set off thousands makes no number."""
    bare = text.str.replace_all(".", "", literal=True)
    pointless = ~text.str.contains(".", literal=True)
    plain = pl.when(pointless).then(text).when(text.str.contains(_THOUSANDS)).then(bare)
    return plain.str.replace(",", ".", literal=True)


@dataclass(frozen=True)
class _Meaning:
    """What a condition's tree means for the cells of a source."""

    text: str
    cells: _Reader

    def of(self, node: Node) -> pl.Expr:
        if isinstance(node, Test):
            return self._test(node)
        parts = [self.of(part) for part in node.parts]
        if node.word == "NOT":
            return ~parts[0]
        return pl.all_horizontal(parts) if node.word == "AND" else pl.any_horizontal(parts)

    def _test(self, test: Test) -> pl.Expr:
        test = self._known(test)
        values = [value for value in test.right if isinstance(value, Value)]
        if len(values) < len(test.right):
            return self._two_columns(test)
        self._refuse_blank(test, values)
        match test.mark:
            case "NULL":
                return self._blank(test.left)
            case "TRUE":
                return self._truth(test.left)
            case "LIKE" | "ILIKE":
                return self._like(test, values[0])
            case "=" | "<>" | "IN":
                found = self._equals(test, values)
                return ~found if test.mark == "<>" else found
        cells, wanted = self._ordered(test, values)
        if test.mark == "BETWEEN":
            return (cells >= pl.lit(wanted[0])) & (cells <= pl.lit(wanted[1]))
        return _APPLY[test.mark](cells, pl.lit(wanted[0]))  # type: ignore[no-any-return]

    # --- kinds of tests -------------------------------------------------------------------------

    def _equals(self, test: Test, values: list[Value]) -> pl.Expr:
        name = test.left.name
        found = self._as_numbers_or_days(test, values)
        if found:
            return _one_of(*found)
        if not self.cells.is_text(name):
            return _one_of(self.cells.numbers(name), self._numbers_in_quotes(test.left, values))
        texts = [str(value.value) for value in values]
        if test.left.function in ("LOWER", "UPPER"):
            return _one_of(self.cells.composed_text(test.left), texts)
        return _one_of(self.cells.text(name), [form for text in texts for form in _spellings(text)])

    def _ordered(self, test: Test, values: list[Value]) -> tuple[pl.Expr, list[Any]]:
        """Cells and values of a kind that has an order."""
        if found := self._as_numbers_or_days(test, values):
            return found
        for value in values:
            if _number(value) is not None:
                plain = self._replaced(value, str(value.value))
                raise fault(
                    f"'{visible(value.value)}' is text; numbers stand without quotes", [plain]
                )
            if str(value.value)[:1].isdigit() and look(self.cells.source, test.left.name):
                raise not_a_day(value.token)
        if not self.cells.is_text(test.left.name):
            raise self._wrong_kind(test.left, values[0])
        return self.cells.composed_text(test.left), [value.value for value in values]

    def _as_numbers_or_days(
        self, test: Test, values: list[Value]
    ) -> tuple[pl.Expr, list[Any]] | None:
        """Cells and values as numbers, days or truth, if the values ask for it; else None."""
        kinds = {value.kind for value in values}
        if len(kinds - {"date"} | ({"text"} if "date" in kinds else set())) > 1:
            raise fault("the values of one comparison must all be numbers, or dates, or text")
        wanted = [value.value for value in values]
        if test.left.function == "LENGTH" or "number" in kinds:
            return self._numbers(test.left, values), wanted
        if "truth" in kinds:
            return self._truth(test.left), wanted
        return self._days(test.left, values)

    def _numbers(self, left: Cells, values: list[Value]) -> pl.Expr:
        if left.function:
            if left.function != "LENGTH" or any(value.kind != "number" for value in values):
                raise self._wrong_kind(left, values[0])
            return self.cells.composed_text(left).str.len_chars()
        if not (self.cells.is_text(left.name) or self.cells.types[left.name].is_numeric()):
            raise self._wrong_kind(left, values[0])
        return self.cells.numbers(left.name)

    def _days(self, left: Cells, values: list[Value]) -> tuple[pl.Expr, list[Any]] | None:
        """Cells and values as days, where the column is one of dates and the values are."""
        stated = any(value.kind == "date" for value in values)
        typed = self.cells.types[left.name] in (pl.Date, pl.Datetime)
        if left.function or not (stated or typed or any(value.day for value in values)):
            return None
        days = self.cells.days(left.name)
        if days is None:
            if stated:
                raise fault(f'"{visible(left.name)}" holds no dates')
            return None
        for value in values:
            if value.day is None:
                raise not_a_day(value.token)
        return days, [value.day for value in values]

    def _like(self, test: Test, pattern: Value) -> pl.Expr:
        if not isinstance(pattern.value, str) or not self.cells.is_text(test.left.name):
            raise fault("LIKE compares a column of text with a pattern in single quotes")
        wild = {"%": ".*", "_": "."}
        parts = re.split("([%_])", unicodedata.normalize("NFC", pattern.value))
        regex = "".join(wild.get(part) or _escaped(part) for part in parts)
        flags = "si" if test.mark == "ILIKE" else "s"
        return self.cells.composed_text(test.left).str.contains(f"(?{flags})^{regex}$")

    def _two_columns(self, test: Test) -> pl.Expr:
        left, right = test.left, test.right[0]
        if test.mark not in _APPLY or not isinstance(right, Cells):
            raise fault(f"{test.mark} needs values, not columns", [QUOTE])
        apply = _APPLY[test.mark]
        if test.mark in ("=", "<>") and all(map(self.cells.is_text, (left.name, right.name))):
            return apply(self.cells.composed_text(left), self.cells.composed_text(right))  # type: ignore[no-any-return]
        if left.function or right.function:
            raise fault("functions are compared with values only")
        one, two = self.cells.days(left.name), self.cells.days(right.name)
        if one is not None and two is not None:
            return apply(one, two)  # type: ignore[no-any-return]
        return apply(self._numbers(left, []), self._numbers(right, []))  # type: ignore[no-any-return]

    def _blank(self, left: Cells) -> pl.Expr:
        if self.cells.is_text(left.name):
            return self.cells.text(left.name).is_null()
        column = pl.col(left.name)
        if self.cells.types[left.name].is_float():
            column = column.fill_nan(None)
        return column.is_null()

    def _truth(self, left: Cells) -> pl.Expr:
        if self.cells.types[left.name] != pl.Boolean or left.function:
            shown = visible(left.name)
            raise fault(
                f'"{shown}" is not true or false by itself', [("such as", f"{shown} = '…'")]
            )
        return pl.col(left.name)

    # --- faults ---------------------------------------------------------------------------------

    def _known(self, test: Test) -> Test:
        """The test with the columns' names as in the file."""
        left = self._cells(test.left, None)
        right = (
            self._cells(part, test) if isinstance(part, Cells) else part for part in test.right
        )
        return Test(test.mark, left, tuple(right))

    def _cells(self, cells: Cells, beside: Test | None) -> Cells:
        name = self.cells.find(cells.name)
        if name is not None:
            return Cells(name, cells.function, cells.token)
        message = f'no column "{visible(cells.name)}"'
        close = did_you_mean(cells.name, self.cells.source.columns)
        near: list[Hint] = [("did you mean", " or ".join(map(visible, close)))] if close else []
        if beside is not None:
            raise fault(message, [*near, QUOTE, self._replaced(cells, f"'{cells.name}'")])
        raise fault(message, near or no_column(cells.name, self.cells.source).hints)

    def _refuse_blank(self, test: Test, values: list[Value]) -> None:
        for value in values:
            if value.kind == "null" or value.value == "":
                shown = "NULL" if value.kind == "null" else "''"
                word = "IS NOT NULL" if test.mark == "<>" else "IS NULL"
                name = self.text[test.left.token.start : test.left.token.end]
                raise fault(f"nothing is {test.mark} {shown}", [attempt(f"{name} {word}")])

    def _numbers_in_quotes(self, left: Cells, values: list[Value]) -> list[float]:
        """Quoted values beside a typed column of numbers."""
        numbers = [_number(value) for value in values]
        if None in numbers or not self.cells.types[left.name].is_numeric():
            raise self._wrong_kind(left, values[numbers.index(None) if None in numbers else 0])
        return [number for number in numbers if number is not None]

    def _wrong_kind(self, left: Cells, value: Value) -> Exception:
        what = f"{left.function} of " if left.function else ""
        return fault(
            f'{what}"{visible(left.name)}" cannot be compared with {visible(value.token.text)}'
        )

    def _replaced(self, part: Cells | Value, by: str) -> Hint:
        text = unicodedata.normalize("NFC", self.text)
        return attempt(text[: part.token.start] + by + text[part.token.end :])


def _one_of(cells: pl.Expr, values: Sequence[Any]) -> pl.Expr:
    return pl.any_horizontal(cells == pl.lit(value) for value in values)


def _spellings(text: str) -> list[str]:
    """A text as its accents may be encoded in a file; normalising each cell would cost ten times.

    Composed, decomposed, and with only the tone apart, as files once in cp1258 have it.
    """
    whole, apart = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    tones = "".join(
        unicodedata.normalize("NFC", "".join(c for c in letter if c not in _TONES))
        + "".join(c for c in letter if c in _TONES)
        for letter in re.findall("[^\u0300-\u036f][\u0300-\u036f]*|[\u0300-\u036f]+", apart)
    )
    return list(dict.fromkeys((whole, apart, tones)))


def _number(value: Value) -> float | None:
    """The number that a quoted value spells, if it is one."""
    text = str(value.value)
    return float(text) if re.fullmatch(r"[+-]?[0-9]+([.][0-9]+)?", text) else None


def _escaped(text: str) -> str:
    """Text as itself in a regular expression of the engine."""
    return re.sub(r"([\\.+*?()|\[\]{}^$#&\-~])", r"\\\1", text)
