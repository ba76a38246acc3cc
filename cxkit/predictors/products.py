"""Sums of products of several columns of answers, in the scan: what moments are made of.

Sums are sums of whole numbers, the same on every run. Where answers are small ones, two products
share one sum of 64 bits, which halves the work.
"""

from __future__ import annotations

from collections.abc import Mapping
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

_HALF = 32  # bits of one of two products
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
    def packed(self) -> bool:
        """Whether two products share a sum."""
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
        rows = rows.with_columns(answers).with_columns(moved)
        if not self.packed:
            return rows
        one, more = pl.col, 1 << _HALF
        return rows.with_columns(
            (one(f"cxkit:v{j}") + one(f"cxkit:v{j + 1}") * more).alias(f"cxkit:p{j}")
            for j in range(self.wide - 1)
        )

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

        tops: dict[str, Any] = {}
        for i in range(0, len(self.ends), 2):
            one = self._top(i) + self._top(i + 1) * (1 << _HALF) if self.packed else self._top(i)
            tops[f"top{i}"] = (self._factor() * one).sum()
            if not self.packed:
                tops[f"top{i + 1}"] = (self._factor() * self._top(i + 1)).sum()
        if self.kano:
            times = counted(pl, self.source, c) if (c := self.where.count) else 1
            tops |= {f"{end}{i}": (value(2 * i + place) * times).sum()
                     for i in range(len(self.columns) - 1)
                     for place, end in enumerate(("low", "high"))}  # fmt: skip
        q = self.wide
        if self.packed:
            sums = {
                f"s{i}_{j}": (value(i) * pl.col(f"cxkit:p{j}")).sum() if j + 1 < q
                else (value(i) * value(j)).sum()
                for i in range(q) for j in range(i, q, 2)
            }  # fmt: skip
            alone = {f"m{j}": pl.col(f"cxkit:p{j}").sum() if j + 1 < q else value(j).sum()
                     for j in range(0, q, 2)}  # fmt: skip
            return tops | alone | sums
        factor = self._factor()
        products = {
            f"s{i}_{j}": ((value(i) * value(j)).cast(pl.Int128) * factor).sum()
            for i, j in combinations_with_replacement(range(q), 2)
        }
        means = {f"m{j}": (value(j).cast(pl.Int128) * factor).sum() for j in range(q)}
        return self._whole() | tops | means | products

    def _top(self, place: int) -> pl.Expr:
        """1 where the answer to a driver is in the top boxes of its scale."""
        import polars as pl

        end = self.ends[place] if place < len(self.ends) else None
        if end is None:
            return pl.lit(0, pl.Int64)
        return (pl.col(f"cxkit:a{place}") >= end.top).cast(pl.Int64)

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

    def overflows(self, rows: int) -> bool:
        """Whether a sum over so many rows may have grown into its neighbour."""
        most = max(one.high - one.low for one in self.columns)
        return self.packed and rows * max(most, 1.0) ** 2 >= 2.0 ** (_HALF - 1)

    def tops(self, used: pl.DataFrame) -> tuple[float | None, ...]:
        """The share of answers in the top boxes of each driver."""
        whole = int(used["n" if self.packed else "whole"].sum())
        sums = [
            sum(_half(row, i % 2, True) for row in used[f"top{i - i % 2}"]) if self.packed
            else int(used[f"top{i}"].sum())
            for i in range(len(self.ends))
        ]  # fmt: skip
        return tuple(
            None if end is None or not whole else top / whole
            for end, top in zip(self.ends, sums, strict=True)
        )

    def counts(self, used: pl.DataFrame, n: int) -> tuple[tuple[int, int, int], ...]:
        """How many answers are low, in the middle and high on each driver."""
        if not self.kano:
            return ()
        ends = [(int(used[f"low{i}"].sum()), int(used[f"high{i}"].sum()))
                for i in range(len(self.columns) - 1)]  # fmt: skip
        return tuple((low, n - low - high, high) for low, high in ends)

    def moments(self, row: Mapping[str, Any]) -> Moments:
        """The moments of one block, in the units of the answers."""
        from cxkit.stats.moments import from_sums

        q, weight = self.wide, self.weight
        pairs = [*combinations_with_replacement(range(q), 2)]
        lows, steps = [0.0] * q, [1.0] * q
        for place, one in [(q - 1, self.columns[-1])] if self.kano else enumerate(self.columns):
            lows[place], steps[place] = one.low, one.step
        if self.packed:
            sums = [_half(row[f"m{j - j % 2}"], j % 2, j - j % 2 + 1 < q) for j in range(q)]
            products = [
                _half(row[f"s{i}_{j - (j - i) % 2}"], (j - i) % 2, j - (j - i) % 2 + 1 < q)
                for i, j in pairs
            ]
            n, squares = row["n"], row["n"]
        else:
            sums = [row[f"m{j}"] for j in range(q)]
            products = [row[f"s{i}_{j}"] for i, j in pairs]
            n, squares = row["whole"], row["square"]
        unit = weight.unit / _WEIGHT if weight else 1.0
        return from_sums(
            n * unit,
            squares * unit**2,
            [unit * one * step for one, step in zip(sums, steps, strict=True)],
            [unit * one * steps[i] * steps[j] for one, (i, j) in zip(products, pairs, strict=True)],
            lows,
        )


def _half(packed: int, place: int, pair: bool) -> int:
    """One of the two sums that share 64 bits."""
    if not pair:
        return packed
    return packed >> _HALF if place else packed & ((1 << _HALF) - 1)


def _steps(weight: Weight) -> pl.Expr:
    """Weights as whole numbers; null where blank."""
    import polars as pl

    return (weight.value() / weight.unit * _WEIGHT).round().cast(pl.Int64, strict=False)
