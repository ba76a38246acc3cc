"""Sums of products of small answers that count once, made of matrices while the rows stream by."""

from __future__ import annotations

from itertools import combinations_with_replacement
from typing import TYPE_CHECKING

from cxkit.predictors.products import Products

if TYPE_CHECKING:
    import polars as pl

    from cxkit.stats.moments import Moments

_TOGETHER = 200_000  # rows that are multiplied together
_USED = "cxkit:used"  # 1 in rows that are used, 0 in others


class Matrices:
    """The sums of the rows that are used, by block: row number modulo how many there are.

    Args:
        products: the columns, of small answers that count once.
        blocks: how many there are.
    """

    def __init__(self, products: Products, blocks: int) -> None:
        from cxkit.stats.crossproducts import CrossProducts

        self._products = products
        self._names = [*(f"cxkit:v{j}" for j in range(products.wide)), _USED]
        self._cross = CrossProducts(len(self._names), blocks)
        ends = {} if products.kano else dict(enumerate(products.ends))
        self._least = {i: end.top - products.columns[i].low for i, end in ends.items() if end}
        self._tops = dict.fromkeys(self._least, 0)

    @staticmethod
    def columns(products: Products, used: pl.Expr) -> dict[str, pl.Expr]:
        """What is read of each row, Int8 or Int16: steps of answers, 0 in rows that are not used,
        and `cxkit:used`, 1 or 0."""
        import polars as pl

        small = pl.Int16 if max(one.high - one.low for one in products.columns) > 127 else pl.Int8
        values = (f"cxkit:v{j}" for j in range(products.wide))
        # An answer that does not fit is one not seen before: then the pass is made again.
        steps = {name: pl.col(name).cast(small, wrap_numerical=True) for name in values}
        return {
            **{name: pl.when(used).then(step).otherwise(0) for name, step in steps.items()},
            _USED: used.cast(small),
        }

    def add(self, rows: pl.DataFrame) -> None:
        """Add the rows that follow."""
        import polars as pl

        tops = [
            ((pl.col(f"cxkit:v{i}") >= least) & (pl.col(_USED) > 0)).sum().alias(str(i))
            for i, least in self._least.items()
        ]
        if tops:
            for i, top in zip(self._least, rows.select(tops).row(0), strict=True):
                self._tops[i] += top
        for part in rows.select(self._names).iter_slices(_TOGETHER):
            self._cross.add(part.to_numpy().T)

    def tops(self) -> dict[int, int]:
        """How many answers are in the top boxes of each driver."""
        return self._tops

    def lows_and_highs(self) -> list[tuple[int, int]]:
        """How many answers are low and how many high on each driver, for `kano`."""
        last = [int(n) for n in self._cross.sums.sum(0)[-1]]
        return [(last[2 * i], last[2 * i + 1]) for i in range(len(self._products.columns) - 1)]

    def moments(self) -> list[Moments]:
        """The moments of each block."""
        q, made = self._products.wide, self._products.moments_of
        pairs = [*combinations_with_replacement(range(q), 2)]
        return [
            made(one[q][q], one[q][q], one[q][:q], [one[i][j] for i, j in pairs])
            for one in self._cross.sums.tolist()
        ]
