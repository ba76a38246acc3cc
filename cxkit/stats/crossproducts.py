"""Sums of products of whole numbers by block, of rows that come a few at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class CrossProducts:
    """Sums of products of two columns, in blocks: the number of a row modulo how many there are.

    Products are those of matrices of doubles, exact in portions of any size while sums stay below
    2^53: with values up to 1,024, for 8 billion rows of each block.

    Args:
        columns: how many there are, q.
        blocks: how many there are, k.

    Attributes:
        sums: of the products of columns i and j in block b, `(k, q, q)`.
    """

    def __init__(self, columns: int, blocks: int) -> None:
        import numpy as np

        self.sums: NDArray[np.float64] = np.zeros((blocks, columns, columns))
        self._rows = 0

    def add(self, values: NDArray[np.integer]) -> None:
        """Add the rows that follow.

        Args:
            values: whole numbers, `(q, n)`; of more than some 200,000 rows the doubles would not
                fit the cache.
        """
        import numpy as np

        blocks, columns, _ = self.sums.shape
        n = values.shape[1]
        edges = self._rows % blocks, -(self._rows + n) % blocks  # rows of 0 fill first and last
        parts = np.pad(values, ((0, 0), edges)).reshape(columns, -1, blocks).transpose(2, 0, 1)
        parts = np.ascontiguousarray(parts, dtype=np.float64)
        self.sums += np.matmul(parts, parts.transpose(0, 2, 1))
        self._rows += n
