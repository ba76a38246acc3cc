"""Means and cross-products of several answers: all that correlation and regression ask of rows.

Columns are the drivers in their order and the outcome last. A sample comes in parts that add up:
patterns (distinct answers and how often each occurs) or blocks of rows. The same parts are drawn
again for the bootstrap, so that neither needs the rows. Weights are weights of single answers;
multiplying all of them by a constant changes nothing but `weight`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]

_ROUNDING = 1e-12  # of the squares about the shift, or of the size of a column
_AT_ONCE = 4_000_000  # counts of parts drawn in one go


class Moments(NamedTuple):
    """Moments of one sample of q columns, or of a stack of samples (leading axes).

    Args:
        weight: sum of weights, `(...)`; the number of answers where each weighs 1.
        squares: sum of squared weights, `(...)`.
        mean: weighted means, `(..., q)`; the outcome last.
        cross: weighted sums of products of deviations from the means, `(..., q, q)`; row and
            column of a column that does not vary are exactly 0.
    """

    weight: Array
    squares: Array
    mean: Array
    cross: Array

    @property
    def n(self) -> Array:
        """Answers, or what weighted ones are worth: W^2 / sum w^2 (Kish 1965); 0 if none."""
        import numpy as np

        return self.weight**2 / np.where(self.squares > 0, self.squares, 1.0)


class Parts(NamedTuple):
    """A sample in k parts.

    Args:
        counts: how often each part occurs, `(k,)`, whole numbers >= 0.
        shift: a value near the mean of each column, `(q,)`.
        sums: `(k, 2 + q + q(q + 1)/2)`: of one occurrence of each part the sum of weights, that
            of squared weights, the weighted sums of x − shift, and of its products, pairs in the
            order of `itertools.combinations_with_replacement`. At 100,000 patterns of 16 columns
            123 MB.
    """

    counts: Array
    shift: Array
    sums: Array


class Associations(NamedTuple):
    """Correlations of the drivers that vary.

    Args:
        drivers: correlation matrix of the drivers, `(p, p)`.
        outcome: their correlations with the outcome, `(p,)`.
        kept: places of these drivers among all; the others are constant.
    """

    drivers: Array
    outcome: Array
    kept: NDArray[np.intp]


# --- parts -------------------------------------------------------------------------------------


def of_patterns(rows: ArrayLike, counts: ArrayLike, weights: ArrayLike | None = None) -> Parts:
    """The parts of a sample of answers that are counted by pattern.

    Args:
        rows: distinct answers, `(k, q)`, in a fixed order (the bootstrap depends on it).
        counts: respondents of each pattern, whole numbers >= 0.
        weights: weight of one respondent of each pattern, >= 0; respondents with the same
            answers and different weights are patterns of their own. None: all weigh 1.

    Returns:
        One part per pattern.

    Raises:
        ValueError: no answer, no weight, values that are not finite, counts that are not whole.
    """
    import numpy as np

    x = np.asarray(rows, dtype=np.float64)
    counted = np.asarray(counts, dtype=np.float64)
    w = np.ones(len(x)) if weights is None else np.asarray(weights, dtype=np.float64)
    _refuse(x, counted, w)
    apart = x - x[0]  # exactly 0 in a constant column, which a mean of its values need not be
    shift = x[0] + np.average(apart, axis=0, weights=counted * w)
    return Parts(counted, shift, _table(w, w**2, x - shift))


def _refuse(x: Array, counts: Array, weights: Array) -> None:
    import numpy as np

    if not (np.isfinite(x).all() and np.isfinite(weights).all()):
        raise ValueError("answers and weights must be finite numbers")
    if (counts < 0).any() or (counts % 1 != 0).any() or (weights < 0).any():
        raise ValueError("counts must be whole numbers and weights numbers, all from 0 up")
    if not (counts * weights).sum() > 0:
        raise ValueError("there is no answer with some weight")


def of_blocks(blocks: Sequence[Moments]) -> Parts:
    """The parts of a sample that is known by the moments of its blocks.

    Args:
        blocks: moments of disjoint rows, at least one block with some weight.

    Returns:
        One part per block with some weight. `pooled` of them are the moments of all rows (Chan,
        Golub & LeVeque 1983, Am. Stat. 37:242).

    Raises:
        ValueError: no block has any weight.
    """
    import numpy as np

    filled = [block for block in blocks if block.weight > 0]
    if not filled:
        raise ValueError("there is no answer with some weight")
    weight, squares, mean, cross = (np.stack(part) for part in zip(*filled, strict=True))
    shift = mean[0] + np.average(mean - mean[0], axis=0, weights=weight)
    return Parts(np.ones(len(filled)), shift, _table(weight, squares, mean - shift, cross))


def _table(weight: Array, squares: Array, means: Array, cross: Array | None = None) -> Array:
    """Additive sums of each part, from its mean about the shift and its own cross-products."""
    import numpy as np

    one, other = np.triu_indices(means.shape[1])
    products = weight[:, None] * means[:, one] * means[:, other]
    if cross is not None:
        products += cross[:, one, other]
    return np.column_stack([weight, squares, weight[:, None] * means, products])


# --- moments -----------------------------------------------------------------------------------


def from_sums(
    weight: float, squares: float, sums: ArrayLike, products: ArrayLike, shift: ArrayLike
) -> Moments:
    """Moments from sums about any value near the columns, as a pass over the rows gives them.

    Args:
        weight, squares: sum of weights and of squared weights; both the number of rows where
            each weighs 1.
        sums: weighted sums of x − shift, `(q,)`.
        products: weighted sums of products of x − shift, `(q(q + 1)/2,)`, pairs in the order of
            `itertools.combinations_with_replacement`.
        shift: a value of each column, such as its least one or the middle of its scale, `(q,)`;
            digits are lost where it is a million standard deviations away.

    Returns:
        Moments of one sample; without weight the mean is the shift and the products are 0.
    """
    import numpy as np

    totals = np.concatenate([[weight, squares], np.asarray(sums), np.asarray(products)])
    return _moments(totals, np.asarray(shift, dtype=np.float64))


def pooled(parts: Parts) -> Moments:
    """Moments of the whole sample.

    Args:
        parts: from `of_patterns` or `of_blocks`.

    Returns:
        Moments of one sample. One answer: cross-products of 0.
    """
    return _moments(parts.counts @ parts.sums, parts.shift)


def resampled(parts: Parts, replicates: int, seed: int) -> Moments:
    """Moments of bootstrap samples, each drawn from the parts with replacement.

    Args:
        parts: patterns, of which as many respondents are drawn as there are, or blocks, of which
            as many blocks are drawn.
        replicates: number of samples, >= 1.
        seed: of the random numbers; the same seed and parts give the same samples.

    Returns:
        A stack of moments, `replicates` long.

    Formula:
        counts ~ multinomial(sum of counts, counts / sum of counts).
    """
    import numpy as np

    rng = np.random.default_rng(seed)
    step = max(1, _AT_ONCE // len(parts.counts))
    totals = [
        _drawn(rng, parts.counts, min(step, replicates - start)) @ parts.sums
        for start in range(0, replicates, step)
    ]
    return _moments(np.concatenate(totals), parts.shift)


def _drawn(rng: np.random.Generator, counts: Array, size: int) -> Array:
    """Multinomial counts; one by one where most patterns are rare, which is five times faster."""
    import numpy as np

    n, k = int(counts.sum()), len(counts)
    if n > 4 * k:
        return rng.multinomial(n, counts / n, size=size).astype(np.float64)
    owner = np.repeat(np.arange(k), counts.astype(np.int64))
    draws = [np.bincount(owner[rng.integers(n, size=n)], minlength=k) for _ in range(size)]
    return np.array(draws, dtype=np.float64)


def _moments(totals: Array, shift: Array) -> Moments:
    import numpy as np

    q = len(shift)
    weight, squares, sums = totals[..., 0], totals[..., 1], totals[..., 2 : 2 + q]
    mean = sums / np.where(weight > 0, weight, 1.0)[..., None]
    raw = np.empty((*totals.shape[:-1], q, q))
    one, other = np.triu_indices(q)
    raw[..., one, other] = raw[..., other, one] = totals[..., 2 + q :]
    cross = raw - weight[..., None, None] * mean[..., :, None] * mean[..., None, :]
    varies = _varies(raw, cross, weight[..., None] * shift**2)
    cross = np.where(varies[..., :, None] & varies[..., None, :], cross, 0.0)
    return Moments(weight, squares, shift + mean, cross)


def _varies(raw: Array, cross: Array, size: Array) -> NDArray[np.bool_]:
    """The columns that vary by more than rounding."""
    import numpy as np

    squares = np.einsum("...jj->...j", cross)
    about_shift = np.einsum("...jj->...j", raw)
    return np.asarray(squares > _ROUNDING * about_shift + _ROUNDING**2 * size)


# --- correlations --------------------------------------------------------------------------------


def correlations(moments: Moments) -> Array:
    """Correlation matrix of all columns.

    Args:
        moments: of one sample or a stack.

    Returns:
        `(..., q, q)`, −1..1, ones on the diagonal; a column that does not vary (all of them at
        n <= 1) has correlation 0 with the others.
    """
    import numpy as np

    squares = np.einsum("...jj->...j", moments.cross)
    sd = np.sqrt(np.where(squares > 0, squares, 1.0))
    r = np.clip(moments.cross / sd[..., :, None] / sd[..., None, :], -1, 1)
    places = np.arange(r.shape[-1])
    r[..., places, places] = 1.0
    return r


def associations(moments: Moments) -> Associations:
    """Correlations of the drivers that vary, among themselves and with the outcome.

    Args:
        moments: of one sample, the outcome last.

    Returns:
        The two correlation arrays and the places of the drivers that they are about.

    Raises:
        ValueError: the outcome, or every driver, is constant (always so at n <= 1).
    """
    import numpy as np

    varies = np.diag(moments.cross) > 0
    if not varies[-1]:
        raise ValueError("the outcome is the same in every answer")
    kept = np.flatnonzero(varies[:-1])
    if not len(kept):
        raise ValueError("every driver is the same in every answer")
    r = correlations(moments)
    return Associations(r[np.ix_(kept, kept)], r[kept, -1], kept)


def select(moments: Moments, columns: Sequence[int] | NDArray[np.intp]) -> Moments:
    """The moments of some of the columns, in the order given.

    Args:
        moments: of one sample or a stack.
        columns: places of the columns, negative ones from the end.
    """
    import numpy as np

    chosen = np.asarray(columns, dtype=np.intp)
    cross = moments.cross[..., chosen[:, None], chosen]
    return Moments(moments.weight, moments.squares, moments.mean[..., chosen], cross)
