"""Bootstrap interval of any statistic of one sample.

Bias-corrected and accelerated, for values too skewed for a normal interval: revenue,
concentration. The random numbers are seeded, and drawn in blocks, so that memory stays small.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from statistics import NormalDist
from typing import TYPE_CHECKING

from cxkit.stats.intervals import z_value

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Places = NDArray[np.intp]
    Statistic = Callable[[Array], Array]

_BLOCK = 1 << 19  # values resampled at a time
_NORMAL = NormalDist()


def bca(
    values: "Array | Sequence[float]",
    statistic: "Statistic",
    *,
    confidence: float = 0.95,
    seed: int = 0,
    replicates: int = 2000,
) -> tuple[float, float] | None:
    """Bias-corrected and accelerated bootstrap interval of a statistic of one sample.

    Args:
        values: the n observations, one dimension, none of them NaN.
        statistic: takes an array of shape (…, n) and gives one of shape (…): vectorised on the
            last axis, for n as given and for n − 1. NaN where it is undefined; it should not
            warn then.
        confidence: level as a fraction, strictly between 0 and 1.
        seed: of numpy's default generator; the same seed gives the same limits.
        replicates: resamples drawn.

    Returns:
        (low, high) in the units of the statistic, low <= estimate <= high. None where n < 2, the
        statistic is undefined on the sample or without one of its values, or it is the same on
        every resample. Resamples on which it is undefined are left out.

    Raises:
        ValueError: impossible confidence.

    Formula:
        type-7 quantiles of the replicates at Phi(z0 + (z0 + z)/(1 − a (z0 + z))) for z = ± the
        normal quantile; z0 the normal quantile of the share of replicates below the estimate,
        ties counted half; a = sum u^3/(6 (sum u^2)^1.5) with u the mean of the n
        leave-one-out values less each of them (Efron 1987, J. Am. Stat. Assoc. 82:171).

    Differs from:
        scipy.stats.bootstrap, which gives NaN where all replicates lie on one side of the
        estimate (here they count as half a replicate short of that), where leaving out a value
        changes nothing (here a = 0), and does not extend the limits to hold the estimate.
    """
    import numpy as np

    z = z_value(confidence)
    sample = np.asarray(values, dtype=np.float64)
    if len(sample) < 2:
        return None
    estimate = float(statistic(sample))
    without = _evaluated(sample, statistic, _all_but_one(len(sample)))
    drawn = _evaluated(sample, statistic, _resamples(len(sample), seed, replicates))
    drawn = drawn[~np.isnan(drawn)]
    if math.isnan(estimate) or np.isnan(without).any() or not len(drawn) or np.ptp(drawn) == 0:
        return None
    bias, acceleration = _bias(drawn, estimate), _acceleration(without)
    levels = [_level(bias, acceleration, tail) for tail in (-z, z)]
    low, high = np.quantile(drawn, levels)
    return min(float(low), estimate), max(float(high), estimate)


def _evaluated(sample: "Array", statistic: "Statistic", blocks: "Iterator[Places]") -> "Array":
    import numpy as np

    return np.concatenate([statistic(sample[places]) for places in blocks])


def _resamples(n: int, seed: int, replicates: int) -> "Iterator[Places]":
    import numpy as np

    generator = np.random.default_rng(seed)
    for first, last in _blocks(n, replicates):
        yield generator.integers(0, n, size=(last - first, n))


def _all_but_one(n: int) -> "Iterator[Places]":
    import numpy as np

    others = np.arange(n - 1)
    for first, last in _blocks(n, n):
        yield others + (others >= np.arange(first, last)[:, None])


def _blocks(n: int, rows: int) -> Iterator[tuple[int, int]]:
    """First and last row, exclusive, of blocks of rows of n values."""
    step = max(1, _BLOCK // n)
    return ((first, min(first + step, rows)) for first in range(0, rows, step))


def _bias(drawn: "Array", estimate: float) -> float:
    """z0; no more than half a replicate from none or all."""
    below = (float((drawn < estimate).mean()) + float((drawn <= estimate).mean())) / 2
    half = 0.5 / len(drawn)
    return _NORMAL.inv_cdf(min(1 - half, max(half, below)))


def _acceleration(without: "Array") -> float:
    pull = without.mean() - without
    largest = float(abs(pull).max())
    if largest == 0:
        return 0.0
    pull = pull / largest  # cubes neither overflow nor vanish
    return float((pull**3).sum() / (6 * (pull**2).sum() ** 1.5))


def _level(bias: float, acceleration: float, z: float) -> float:
    """Which quantile of the replicates is the limit; the outermost past the pole."""
    shifted = bias + z
    room = 1 - acceleration * shifted
    if room <= 0:
        return 1.0 if shifted > 0 else 0.0
    return _NORMAL.cdf(bias + shifted / room)
