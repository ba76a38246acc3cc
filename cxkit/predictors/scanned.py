"""How the cells of a column of figures are read while rows stream by, with what is known of them.

Numbers are cast; what is more than a number, such as `5 - Very satisfied` or `N/A`, is known by
the first cells, and cells that were not among them are found by the pass and understood then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from cxkit.cells.answers import text_of
from cxkit.predictors.figures import Figure

if TYPE_CHECKING:
    import polars as pl

SMALL = 1024  # range of answers of which two products fit one sum
_FINE = 2.0**24  # steps of a measured figure


@dataclass(frozen=True)
class Column:
    """How one column is read in the scan.

    Args:
        figure: what its cells mean.
        dtype: `text`, `float` or `integer`.
        whole: whether all answers seen are whole numbers in a small range.
        low, high: the least and the greatest answer seen.
        known: what the cells mean that are more than a number.
        complete: whether every such cell is known.
        seen: the distinct answers of the first cells.
    """

    figure: Figure
    dtype: Literal["text", "float", "integer"]
    whole: bool
    low: float
    high: float
    known: Mapping[str, tuple[str, float | None]]
    complete: bool = False
    seen: tuple[float, ...] = ()

    @property
    def text(self) -> bool:
        """Whether the cells are text."""
        return self.dtype == "text"

    @property
    def step(self) -> float:
        """The unit in which answers are counted from the lowest: 1, or a small power of two."""
        if self.whole:
            return 1.0
        size = 1.0
        while size < self.high - self.low:
            size *= 2
        while size > 2 * (self.high - self.low) > 0:
            size /= 2
        return size / _FINE

    @property
    def codes(self) -> list[float]:
        """The numbers that stand for no answer, of the type of the others."""
        codes = sorted(self.figure.nulls)
        return [int(one) for one in codes if one % 1 == 0] if self.dtype == "integer" else codes

    def cell(self) -> pl.Expr:
        """The cells as text, trimmed."""
        import polars as pl

        return pl.col(self.figure.column).cast(pl.String).str.strip_chars()

    def number(self) -> pl.Expr:
        """The cells that are numbers, whatever they stand for; null elsewhere."""
        import polars as pl

        column = pl.col(self.figure.column)
        if self.dtype == "integer":
            return column.cast(pl.Int64)
        if self.dtype == "float":
            number = column.cast(pl.Float64)  # what is exact in decimals, too
            return pl.when(number.is_finite()).then(number)
        cell = self.cell()
        cell = cell.str.replace(",", ".", literal=True) if self.figure.comma else cell
        found = cell.cast(pl.Float64, strict=False)
        return pl.when(found.is_finite()).then(found)

    def answer(self) -> pl.Expr:
        """The figure of each row, null where there is none."""
        import polars as pl

        found = self.number()
        for cell, (kind, value) in self.known.items():
            if kind == "valid":
                found = pl.when(self.cell() == cell).then(value).otherwise(found)
        if self.figure.nulls:
            found = pl.when(~found.is_in(self.codes)).then(found)
        if scale := self.figure.scale:
            on = found.is_between(scale.low, scale.high)
            on = on if self.dtype == "integer" else on & (found == found.floor())
            found = pl.when(on).then(found)
        if self.figure.passing is not None:
            found = (found >= self.figure.passing).cast(pl.Int64)
        return found

    def missing(self) -> pl.Expr:
        """Whether a cell stands for no answer."""
        import polars as pl

        none = pl.col(self.figure.column).is_null()
        if self.figure.nulls:
            none |= self.number().is_in(self.codes).fill_null(False)
        if self.dtype == "float":
            return none | pl.col(self.figure.column).cast(pl.Float64).is_nan().fill_null(False)
        if not self.text:
            return none
        words = [cell for cell, (kind, _) in self.known.items() if kind == "missing"]
        return none | self.cell().is_in(words).fill_null(False)

    def unknown(self) -> pl.Expr:
        """Whether a cell of text is more than a number, and not known."""

        return (self.number().is_null() & ~self.cell().is_in(list(self.known))).fill_null(False)

    def steps(self, answer: pl.Expr) -> pl.Expr:
        """An answer as a whole number of steps from the lowest."""
        import polars as pl

        if self.whole:
            return answer.cast(pl.Int64, strict=False) - int(self.low)
        return ((answer - self.low) / self.step).round().cast(pl.Int64, strict=False)

    def strange(self, answer: pl.Expr) -> pl.Expr:
        """Whether an answer lies outside those seen, or a cell is not known."""
        import polars as pl

        low, high = self.low, self.high
        if self.dtype == "integer" and self.whole:  # compared as they are, not as doubles
            low, high = int(low), int(high)
        off = ~answer.is_between(pl.lit(low), pl.lit(high))
        if self.whole and self.dtype != "integer" and self.figure.passing is None:
            off |= answer != answer.floor()
        return off if self.complete or not self.text else off | self.unknown()


def settle(cells: pl.Series, figure: Figure) -> Column:
    """How a column is read, by its first cells."""
    import polars as pl

    dtype = cells.dtype
    text = not dtype.is_numeric()
    distinct = text_of(cells).drop_nulls().str.strip_chars().unique().sort()
    known = {}
    if text:
        plain = distinct.str.replace(",", ".", literal=True) if figure.comma else distinct
        odd = distinct.filter(~plain.cast(pl.Float64, strict=False).is_finite().fill_null(False))
        known = {cell: figure.read(cell) for cell in odd.to_list()}
    values = [value for cell in distinct.to_list() if (value := figure.read(cell)[1]) is not None]
    seen = tuple(sorted(set(values)))[:100]
    low, high = min(values, default=0.0), max(values, default=1.0)
    whole = all(value % 1 == 0 for value in values) and high - low <= SMALL
    sort: Literal["text", "float", "integer"] = "integer" if dtype.is_integer() else "float"
    return Column(figure, "text" if text else sort, whole, low, high, known, seen=seen)
