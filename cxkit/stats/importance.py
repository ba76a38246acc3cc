"""How much of an outcome goes with each driver: relative weights, LMG, betas, bootstrap.

Everything starts from correlations (`cxkit.stats.moments`): r_xx among p drivers, r_xy with the
outcome. Weights are shares of variance, 0..1, and sum to R². A binary outcome (promoter or not)
is taken as 0 and 1: the linear probability model. They describe a sample; nothing here is an
effect.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cxkit.stats.moments import Parts, associations, correlations, pooled, resampled, select

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]

MOST_DRIVERS = 20  # of LMG: 2^20 subsets
REPLICATES = 1000

_COLLINEAR = 1e-10  # eigenvalue of the correlation matrix, or share of variance left over


class RelativeWeights(NamedTuple):
    """Relative weights.

    Args:
        weights: `(p,)`, >= 0, raw; divided by `r2` they are shares of what is explained.
        r2: share of the outcome's variance that all drivers explain together, 0..1.
        collinear: places of the drivers that others determine exactly, ascending; the split
            among these is a convention.
    """

    weights: Array
    r2: float
    collinear: tuple[int, ...]


class Regression(NamedTuple):
    """Linear regression of the standardised outcome on the standardised drivers.

    Args:
        betas: `(p,)`; of collinear drivers the shortest solution.
        vif: variance inflation factors, `(p,)`, >= 1; infinite for collinear drivers.
        r2: 0..1.
    """

    betas: Array
    vif: Array
    r2: float


class Bootstrap(NamedTuple):
    """Percentile intervals of the raw relative weights.

    Args:
        low, high: limits of each driver's weight, `(p,)`.
        matters: whether it beats random noise, `(p,)`.
    """

    low: Array
    high: Array
    matters: NDArray[np.bool_]


# --- relative weights ----------------------------------------------------------------------------


def relative_weights(r_xx: ArrayLike, r_xy: ArrayLike) -> RelativeWeights:
    """Relative weights of correlated drivers (Johnson 2000).

    Args:
        r_xx: correlation matrix of the drivers, `(p, p)`, p >= 1.
        r_xy: their correlations with the outcome, `(p,)`.

    Returns:
        Weights, R² and the collinear drivers. p = 1: the weight is r².

    Formula:
        R_xx = V diag(l) V', L = V diag(sqrt l) V', b = L^-1 r_xy, weight_j = sum_k L_jk^2 b_k^2
        (Johnson 2000, Multivar. Behav. Res. 35:1). Eigenvalues below 1e-10 count as 0 and L^-1
        is the pseudo-inverse.
    """
    import numpy as np

    r = np.asarray(r_xx, dtype=np.float64)
    weights = _johnson(r, np.asarray(r_xy, dtype=np.float64))
    return RelativeWeights(weights, min(1.0, float(weights.sum())), _collinear(r))


def _johnson(r_xx: Array, r_xy: Array) -> Array:
    """Relative weights of a stack of correlation matrices."""
    import numpy as np

    eigenvalues, vectors = np.linalg.eigh(r_xx)
    real = eigenvalues >= _COLLINEAR
    roots = np.sqrt(np.where(real, eigenvalues, 0.0))
    inverse = np.where(real, 1 / np.where(real, roots, 1.0), 0.0)
    transposed = np.swapaxes(vectors, -1, -2)
    root = (vectors * roots[..., None, :]) @ transposed
    b = vectors @ (inverse[..., None] * (transposed @ r_xy[..., None]))
    return np.asarray((root**2 @ b**2)[..., 0])


def _collinear(r_xx: Array) -> tuple[int, ...]:
    """Drivers with a part in some combination that has no variance."""
    import numpy as np

    eigenvalues, vectors = np.linalg.eigh(r_xx)
    parts = (vectors[:, eigenvalues < _COLLINEAR] ** 2).sum(axis=1)
    return tuple(int(place) for place in np.flatnonzero(parts > _COLLINEAR))


# --- regression ----------------------------------------------------------------------------------


def regression(r_xx: ArrayLike, r_xy: ArrayLike) -> Regression:
    """Standardised betas, variance inflation factors and R².

    Args:
        r_xx: correlation matrix of the drivers, `(p, p)`, p >= 1.
        r_xy: their correlations with the outcome, `(p,)`.

    Returns:
        See `Regression`. A beta against the sign of r_xy tells of suppression. p = 1: beta is r,
        VIF 1.

    Formula:
        beta = R_xx^+ r_xy, VIF_j = (R_xx^+)_jj, R² = r_xy' beta, with the pseudo-inverse over
        eigenvalues from 1e-10 up. A driver outside the collinear ones keeps its VIF.
    """
    import numpy as np

    r, with_outcome = np.asarray(r_xx, dtype=np.float64), np.asarray(r_xy, dtype=np.float64)
    eigenvalues, vectors = np.linalg.eigh(r)
    real = eigenvalues >= _COLLINEAR
    inverse = (vectors[:, real] / eigenvalues[real]) @ vectors[:, real].T
    betas = inverse @ with_outcome
    vif = np.maximum(np.diag(inverse), 1.0)
    vif[list(_collinear(r))] = np.inf
    return Regression(betas, vif, min(1.0, max(0.0, float(with_outcome @ betas))))


def halo(r_xx: ArrayLike) -> float | None:
    """Mean correlation between two drivers: high where answers follow one general impression.

    Args:
        r_xx: correlation matrix of the drivers, `(p, p)`.

    Returns:
        Mean of the correlations above the diagonal, −1..1; None for p < 2.
    """
    import numpy as np

    r = np.asarray(r_xx, dtype=np.float64)
    return float(r[np.triu_indices(len(r), 1)].mean()) if len(r) > 1 else None


# --- LMG -----------------------------------------------------------------------------------------


def lmg(r_xx: ArrayLike, r_xy: ArrayLike) -> Array:
    """LMG: what each driver adds to R², averaged over all orders of entry.

    Args:
        r_xx: correlation matrix of the drivers, `(p, p)`, 1 <= p <= 20.
        r_xy: their correlations with the outcome, `(p,)`.

    Returns:
        `(p,)`, >= 0, summing to R²; also called Shapley values and general dominance. p = 1: r².

    Raises:
        ValueError: more than 20 drivers, which is more than a million regressions.

    Formula:
        sum over S without j of |S|! (p − |S| − 1)!/p! (R²(S + j) − R²(S)) (Lindeman, Merenda &
        Gold 1980; Budescu 1993, Psych. Bull. 114:542). A driver of which the others leave less
        than 1e-10 of the variance adds nothing.
    """
    import numpy as np

    p = len(np.asarray(r_xy))
    if p > MOST_DRIVERS:
        raise ValueError(f"LMG takes at most {MOST_DRIVERS} drivers, got {p}")
    explained = 1 - _left_over(np.asarray(r_xx, dtype=np.float64), np.asarray(r_xy))
    share = _orders(p)
    gains = np.empty(p)
    for j in range(p):
        without, with_driver = np.moveaxis(explained.reshape(2**j, 2, -1), 1, 0)
        gains[j] = share @ (with_driver - without).ravel()
    return np.maximum(gains, 0.0)


def _left_over(r_xx: Array, r_xy: Array) -> Array:
    """Share of the outcome's variance that each subset of drivers leaves, `(2^p,)`.

    The first driver is the highest bit of a subset's place. Each step takes one driver off every
    matrix of a stack: once left aside, once swept out of the rest (Schur complement). The stack
    doubles while its matrices shrink, so that all subsets cost a few dozen operations each.
    """
    import numpy as np

    p = len(r_xy)
    stack = np.ones((1, p + 1, p + 1))
    stack[0, :p, :p], stack[0, :p, p], stack[0, p, :p] = r_xx, r_xy, r_xy
    for _ in range(p):
        pivot, edge, aside = stack[:, 0, 0], stack[:, 0, 1:], stack[:, 1:, 1:]
        real = pivot > _COLLINEAR
        scale = np.where(real, 1 / np.where(real, pivot, 1.0), 0.0)
        swept = aside - scale[:, None, None] * edge[:, :, None] * edge[:, None, :]
        stack = np.stack([aside, swept], axis=1).reshape(-1, *aside.shape[1:])
    return stack[:, 0, 0]


def _orders(p: int) -> Array:
    """Share of the orders in which just the drivers of a subset come before another one.

    One entry per subset of the p − 1 others, by the bits of its place.
    """
    from math import factorial

    import numpy as np

    sizes = np.zeros(1, dtype=np.intp)
    for _ in range(p - 1):
        sizes = np.concatenate([sizes, sizes + 1])
    by_size = [factorial(size) * factorial(p - size - 1) / factorial(p) for size in range(p)]
    return np.array(by_size)[sizes]


# --- bootstrap -----------------------------------------------------------------------------------


def bootstrap(
    parts: Parts, replicates: int = REPLICATES, seed: int = 0, confidence: float = 0.95
) -> Bootstrap:
    """Percentile intervals of the raw relative weights, and which drivers beat random noise.

    Args:
        parts: patterns or blocks with the drivers' columns first and the outcome last.
        replicates: bootstrap samples, >= 1.
        seed: of the random numbers; the same seed and parts give the same limits.
        confidence: level as a fraction, strictly between 0 and 1.

    Returns:
        Limits for every driver of the parts, 0..1. A constant driver has limits 0, 0 and does not
        matter. A small raw weight may lie below its limits: resampling adds about 1/n to it.

    Raises:
        ValueError: the outcome or every driver is constant, or the confidence impossible.

    Formula:
        quantiles (type 7) of the weights over multinomial resamples. A driver matters if the
        same interval of its weight minus that of an added driver of pure noise lies above 0
        (Tonidandel, LeBreton & Johnson 2009, Psych. Methods 14:387). Beating noise is no proof of
        a part of its own: a driver that goes with one that has a part shares its weight, and in
        large surveys with a halo nearly every driver matters.

    Differs from:
        adding one column of noise to the data and resampling that: here every replicate has
        fresh normal noise, whose correlations are drawn from their exact distribution given the
        resample (`_with_noise`), so that the answer does not hang on one lucky draw. With
        weights n is Kish's, and that distribution an approximation.
    """
    import numpy as np

    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, got {confidence}")
    kept = associations(pooled(parts)).kept
    samples = select(resampled(parts, replicates, seed), np.append(kept, -1))
    r = correlations(samples)
    noisy = _with_noise(r, samples.n, np.random.default_rng([seed, 1]))
    alone, beside = (_johnson(each[:, :-1, :-1], each[:, :-1, -1]) for each in (r, noisy))
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    limits = np.zeros((3, len(parts.shift) - 1))
    limits[:2, kept] = np.quantile(alone, tails, axis=0)
    limits[2, kept] = np.quantile(beside[:, 1:] - beside[:, :1], tails[0], axis=0)
    return Bootstrap(limits[0], limits[1], limits[2] > 0)


def _with_noise(r: Array, n: Array, rng: np.random.Generator) -> Array:
    """Correlation matrices with a first column of normal noise that has to do with nothing.

    Given the centred columns X of a sample of n, the products X'z with independent standard
    normal z are normal with covariance X'X, and z'z about its mean is their squared length in
    the span of X plus an independent chi-square with n − 1 − rank degrees of freedom. So the
    correlations are R^½ g / sqrt(g'g + chi²) with g standard normal in the span.
    """
    import numpy as np

    samples, q = r.shape[:2]
    eigenvalues, vectors = np.linalg.eigh(r)
    real = eigenvalues >= _COLLINEAR
    g = rng.standard_normal((samples, q)) * real
    freedom = n - 1 - real.sum(axis=1)
    rest = np.where(freedom > 0, rng.chisquare(np.maximum(freedom, 1e-9)), 0.0)
    products = vectors @ (np.sqrt(np.where(real, eigenvalues, 0.0)) * g)[..., None]
    length = np.sqrt((g**2).sum(axis=1) + rest)
    noisy = np.ones((samples, q + 1, q + 1))
    noisy[:, 1:, 1:] = r
    noisy[:, 0, 1:] = noisy[:, 1:, 0] = products[..., 0] / length[:, None]
    return noisy
