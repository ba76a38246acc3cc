"""Sums of products of several columns of answers, in the scan: what moments are made of.

Sums are sums of whole numbers, the same on every run. Of small answers that all count once the
products are those of matrices: see `matrices`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Any

from cxkit.cells.weighting import Weight
from cxkit.predictors.figures import Ends, Range, scales
from cxkit.predictors.panels import low_and_high
from cxkit.predictors.scanned import Column
from cxkit.reduce import number as counted
from cxkit.slices import Slice
from cxkit.source import Source

if TYPE_CHECKING:
    import polars as pl

    from cxkit.stats.moments import Moments

_WEIGHT = 2.0**30  # steps of a weight


@dataclass(frozen=True, eq=False)
class Products:
    """The sums that one pass keeps of some columns.

    Args:
        source: the rows.
        where: whose weights and counts they have.
        weight: how weights are read.
        columns: the drivers, and the outcome last.
        kano: whether low and high dummies of the drivers are summed instead of their answers.
    """

    source: Source
    where: Slice
    weight: Weight | None
    columns: tuple[Column, ...]
    kano: bool

    @property
    def small(self) -> bool:
        """Whether all answers are small whole numbers that count once."""
        where = self.where
        return not (where.weight or where.count) and all(one.whole for one in self.columns)

    @property
    def ends(self) -> list[Ends | None]:
        """The scale of each driver, by the answers seen so far; of so many the ends are there."""
        return scales([Range(one.low, one.high) for one in self.columns[:-1]])

    @property
    def wide(self) -> int:
        """How many columns the moments have."""
        return 2 * len(self.columns) - 1 if self.kano else len(self.columns)

    def read(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """The rows with their answers, `cxkit:a0 …`, and these as whole numbers from 0 up."""
        import polars as pl

        answers = [one.answer().alias(f"cxkit:a{i}") for i, one in enumerate(self.columns)]
        last = len(self.columns) - 1
        moved = [
            one.steps(pl.col(f"cxkit:a{i}")).alias(f"cxkit:v{i}")
            for i, one in enumerate(self.columns)
        ]
        if self.kano:
            moved = [*self._dummies(), moved[last].alias(f"cxkit:v{2 * last}")]
        return rows.with_columns(answers).with_columns(moved)

    def _dummies(self) -> list[pl.Expr]:
        import polars as pl

        ends = low_and_high([one.figure for one in self.columns], self.ends)
        found = []
        for i, (low, high) in enumerate(ends):
            answer = pl.col(f"cxkit:a{i}")
            found += [(answer <= low).cast(pl.Int64).alias(f"cxkit:v{2 * i}"),
                      (answer >= high).cast(pl.Int64).alias(f"cxkit:v{2 * i + 1}")]  # fmt: skip
        return found

    def sums(self) -> dict[str, Any]:
        """Sums of the columns and of their products, times what a row stands for."""
        import polars as pl

        def value(j: int) -> pl.Expr:
            return pl.col(f"cxkit:v{j}")

        others: dict[str, Any] = {}
        if self.kano:
            times = counted(pl, self.source, c) if (c := self.where.count) else 1
            others = {f"{end}{i}": (value(2 * i + place) * times).sum()
                      for i in range(len(self.columns) - 1)
                      for place, end in enumerate(("low", "high"))}  # fmt: skip
        else:
            tops = [(i, end.top) for i, end in enumerate(self.ends) if end is not None]
            others = {f"top{i}": (self._factor() * (pl.col(f"cxkit:a{i}") >= top)).sum()
                      for i, top in tops}  # fmt: skip
        q = self.wide
        factor = self._factor()
        products = {
            f"s{i}_{j}": ((value(i) * value(j)).cast(pl.Int128) * factor).sum()
            for i, j in combinations_with_replacement(range(q), 2)
        }
        means = {f"m{j}": (value(j).cast(pl.Int128) * factor).sum() for j in range(q)}
        return self._whole() | others | means | products

    def _factor(self) -> pl.Expr:
        """What the answers of a row are worth, as a whole number."""
        import polars as pl

        where = self.where
        factor = pl.lit(1, pl.Int64)
        if self.weight:
            factor = _steps(self.weight)
        if where.count:
            factor = factor.cast(pl.Int128) * counted(pl, self.source, where.count)
        return factor

    def _whole(self) -> dict[str, Any]:
        """Sums of what rows are worth, and of the squares of weights."""
        import polars as pl

        where = self.where
        if not (where.weight or where.count):
            rows = pl.len().cast(pl.Int64)
            return {"whole": rows, "square": rows}
        square = _steps(self.weight).cast(pl.Int128) ** 2 if self.weight else pl.lit(1)
        if where.count:
            square = square.cast(pl.Int128) * counted(pl, self.source, where.count)
        return {"whole": self._factor().sum(), "square": square.sum()}

    # --- after the pass

    def tops(self, used: pl.DataFrame) -> dict[int, int]:
        """How much the answers in the top boxes of each driver are worth."""
        return {i: int(used[name].sum()) for i in range(len(self.ends))
                if (name := f"top{i}") in used.columns}  # fmt: skip

    def lows_and_highs(self, used: pl.DataFrame) -> list[tuple[int, int]]:
        """How many answers are low and how many high on each driver, for `kano`."""
        return [(int(used[f"low{i}"].sum()), int(used[f"high{i}"].sum()))
                for i in range(len(self.columns) - 1)]  # fmt: skip

    def moments(self, row: Mapping[str, Any]) -> Moments:
        """The moments of one block, in the units of the answers."""
        pairs = combinations_with_replacement(range(self.wide), 2)
        return self.moments_of(
            row["whole"],
            row["square"],
            [row[f"m{j}"] for j in range(self.wide)],
            [row[f"s{i}_{j}"] for i, j in pairs],
        )

    def moments_of(
        self, n: float, squares: float, sums: Sequence[float], products: Sequence[float]
    ) -> Moments:
        """The moments of answers from sums of their steps from the lowest.

        Args:
            n, squares: sum of weights and of squared weights, in steps of weights.
            sums, products: of steps, `(q,)` and `(q(q + 1)/2,)`, the pairs in the order of
                `itertools.combinations_with_replacement`.
        """
        from cxkit.stats.moments import from_sums

        q = self.wide
        lows, steps = [0.0] * q, [1.0] * q
        for place, one in [(q - 1, self.columns[-1])] if self.kano else enumerate(self.columns):
            lows[place], steps[place] = one.low, one.step
        unit = self.weight.unit / _WEIGHT if self.weight else 1.0
        pairs = combinations_with_replacement(range(q), 2)
        return from_sums(
            n * unit,
            squares * unit**2,
            [unit * one * step for one, step in zip(sums, steps, strict=True)],
            [unit * one * steps[i] * steps[j] for one, (i, j) in zip(products, pairs, strict=True)],
            lows,
        )


def _steps(weight: Weight) -> pl.Expr:
    """Weights as whole numbers; null where blank."""
    import polars as pl

    return (weight.value() / weight.unit * _WEIGHT).round().cast(pl.Int64, strict=False)
