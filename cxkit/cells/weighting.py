"""What a cell of weights means, and sums of weights that are the same on every run.

Sums of doubles differ in their last digits with the order in which threads add them. So weights
are added as whole numbers: multiples of a small power of two, exact to 2⁻⁶⁰ of the unit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cxkit.cells.answers import MISSING
from cxkit.errors import DataError, visible
from cxkit.source import Source

if TYPE_CHECKING:
    import polars as pl

_STEPS = 2.0**60
_BLANK = sorted(MISSING - {"nan"})  # R writes NA for no value; NaN is a failed computation


@dataclass(frozen=True)
class Weight:
    """How the cells of one column are read as weights.

    Args:
        column: the column.
        text: whether its cells are text.
        comma: whether the decimal mark is a comma.
        unit: a power of two near the largest weight of the sample.
    """

    column: str
    text: bool
    comma: bool
    unit: float

    def value(self) -> pl.Expr:
        """The weight of each row: null where blank, NaN where it cannot be read."""
        import polars as pl

        cell = pl.col(self.column)
        if not self.text:
            return cell.cast(pl.Float64)
        cell = cell.cast(pl.String).str.strip_chars()
        number = cell.str.replace(",", ".", literal=True) if self.comma else cell
        blank = cell.is_null() | cell.str.to_lowercase().is_in(_BLANK)
        return pl.when(~blank).then(number.cast(pl.Float64, strict=False).fill_null(math.nan))

    def sums(self, weight: pl.Expr, times: pl.Expr | None = None) -> dict[str, pl.Expr]:
        """Aggregations: `w` and `w2`, sums of weights and of their squares, and `w_bad`.

        Args:
            weight: from `value`, or a column that holds it.
            times: how many answers a row stands for.
        """
        import polars as pl

        share = weight / self.unit
        fixed = {"w": share, "w2": share * share}
        steps = {
            name: (x * _STEPS).round().cast(pl.Int128, strict=False) for name, x in fixed.items()
        }
        wrong = weight.is_not_null() & ((weight < 0) | steps["w"].is_null() | steps["w2"].is_null())
        many = 1 if times is None else times.cast(pl.Int128)
        sums = {name: pl.when(~wrong).then(whole * many).sum() for name, whole in steps.items()}
        return sums | {"w_bad": wrong.sum().cast(pl.Int64)}

    def checked(self, table: pl.DataFrame) -> pl.DataFrame:
        """A tally without `w_bad`.

        Raises:
            DataError: a weight is negative or no number.
        """
        bad = int(table["w_bad"].sum())
        if bad:
            cells = f"{bad:,} cell{'' if bad == 1 else 's'}"
            message = f'weight "{visible(self.column)}" has {cells} below 0 or not a number'
            raise DataError("bad-weight", message, [("hint", "a blank weight is left out")])
        return table.drop("w_bad")

    def restored(self, table: pl.DataFrame) -> pl.DataFrame:
        """A tally with its sums as numbers again, in `unit` and its square.

        Only ratios of weights count, and the square of a very small unit would be 0.
        """
        import polars as pl

        return table.with_columns(
            (pl.col(name).cast(pl.Float64) / _STEPS).alias(name) for name in ("w", "w2")
        )


def settle(source: Source, column: str) -> Weight:
    """How a column of weights is read, judged by its type and a sample.

    Raises:
        DataError: the column is of a type that holds no numbers.
    """
    import polars as pl

    dtype = source.rows.collect_schema()[column]
    text = dtype in (pl.String, pl.Categorical, pl.Enum)
    if not (text or dtype.is_numeric() or dtype == pl.Null):
        kind = str(dtype).partition("(")[0].lower()
        message = f'weight "{visible(column)}" holds no numbers, but is a {kind}'
        raise DataError("bad-weight", message)
    comma = source.decimal == ","
    cells = (str(cell).replace(",", ".") if comma else str(cell) for cell in source.sample(column))
    largest = max(filter(None, map(_number, cells)), default=1.0)
    return Weight(column, text, comma, 2.0 ** round(math.log2(largest)))


def _number(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) and value > 0 else None


def none_above_zero(column: str) -> DataError:
    """The error of weights that are all 0."""
    return DataError("bad-weight", f'every weight in "{visible(column)}" is 0')
