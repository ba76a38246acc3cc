"""Kano's kinds of drivers from ordinary ratings: penalty-reward analysis.

Each driver has two dummies, low and high answers against those in the middle. The outcome loses
the penalty where the driver is low and gains the reward where it is high; what is lost more than
gained is a basic requirement, what is gained more than lost a delighter (Brandt 1988; Mikulic &
Prebezac 2008, Manag. Serv. Qual. 18:559). Moments have the columns low_1, high_1, low_2, high_2, …
and the outcome last.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from cxkit.stats.importance import regression
from cxkit.stats.moments import Moments, associations, select

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]

ASYMMETRIC = 0.2  # of the asymmetry, beyond which a driver is a delighter or basic
FAINT = 0.25  # of the mean range, below which a driver is neutral
FEWEST = 10  # respondents low, in the middle and high


class Coefficients(NamedTuple):
    """Least squares of the outcome on all other columns.

    Args:
        values: coefficients without the intercept, `(m,)`; of collinear columns NaN.
        se: their standard errors; of collinear columns NaN.
        p_values: two-sided, Student's t; of collinear columns NaN.
        df: n − 1 − rank, > 0.
        r2: 0..1.
    """

    values: Array
    se: Array
    p_values: Array
    df: float
    r2: float


class Asymmetry(NamedTuple):
    """What one driver takes away and gives.

    Args:
        penalty: change of the outcome where the driver is low, <= 0; NaN where excluded.
        reward: change of the outcome where it is high, >= 0; NaN where excluded.
        asymmetry: −1 (only takes) .. 1 (only gives); NaN where it does neither.
        kind: 'delighter', 'basic', 'performance' or 'neutral'; None where excluded.
        flags: 'few' (excluded: a cell with too few respondents), 'collinear' (excluded: other
            dummies determine its own), 'penalty-sign', 'reward-sign' (the coefficient had the
            wrong sign and counts as 0).
    """

    penalty: float
    reward: float
    asymmetry: float
    kind: str | None
    flags: tuple[str, ...]


# --- input ---------------------------------------------------------------------------------------


def dummies(ratings: ArrayLike, low: ArrayLike, high: ArrayLike) -> Array:
    """Low and high dummies of ratings.

    Args:
        ratings: `(k, p)`, higher is better.
        low: the highest answer of each driver that is low (second point of the scale), `(p,)`.
        high: the lowest answer of each driver that is high (top of the scale), `(p,)`.

    Returns:
        `(k, 2p)` of 0 and 1: low_1, high_1, low_2, high_2, …

    Raises:
        ValueError: an answer would be both low and high.
    """
    import numpy as np

    x, below, above = np.asarray(ratings), np.asarray(low), np.asarray(high)
    if (below >= above).any():
        raise ValueError("low answers must lie below high ones")
    pairs = np.stack([x <= below, x >= above], axis=2)
    return pairs.reshape(len(x), -1).astype(np.float64)


def cells(moments: Moments) -> Array:
    """How many are low, in the middle and high on each driver, where every answer weighs 1.

    Args:
        moments: of the dummies and the outcome.

    Returns:
        `(p, 3)`, whole numbers; with weights these would be sums of weights, so count then.
    """
    import numpy as np

    counts = np.rint(moments.mean[:-1] * moments.weight).reshape(-1, 2)
    low, high = counts[:, 0], counts[:, 1]
    return np.column_stack([low, moments.weight - low - high, high])


# --- regression ----------------------------------------------------------------------------------


def least_squares(moments: Moments) -> Coefficients:
    """Ordinary least squares of the last column on the others, with standard errors.

    Args:
        moments: of m columns that vary and an outcome that varies, in units of the columns.

    Returns:
        See `Coefficients`.

    Raises:
        ValueError: a column is constant, or there are no more answers than coefficients.

    Formula:
        b_j = beta_j sd_y/sd_j, se_j^2 = VIF_j (1 − R²) SS_y / (df SS_j), SS the sum of squared
        deviations. With weights n is Kish's and SS_y/SS_j that of the weighted sample.
    """
    import numpy as np
    from scipy.special import stdtr

    squares = np.diag(moments.cross)
    if not (squares > 0).all():
        raise ValueError("a column is the same in every answer")
    r_xx, r_xy, _ = associations(moments)
    fit = regression(r_xx, r_xy)
    alone = np.isfinite(fit.vif)
    df = float(moments.n) - 1 - int(np.linalg.matrix_rank(r_xx, hermitian=True))
    if df <= 0:
        raise ValueError("there are too few answers for so many drivers")
    scale = np.sqrt(squares[-1] / squares[:-1])
    se = np.sqrt(np.where(alone, fit.vif, np.nan) * max(0.0, 1 - fit.r2) / df) * scale
    values = np.where(alone, fit.betas * scale, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):  # a perfect fit has no error
        p_values = 2 * stdtr(df, -np.abs(values) / se)
    return Coefficients(values, se, p_values, df, fit.r2)


# --- kinds ---------------------------------------------------------------------------------------


def kano(
    moments: Moments, respondents: ArrayLike | None = None, confidence: float = 0.95
) -> list[Asymmetry]:
    """Penalty, reward and kind of every driver.

    Args:
        moments: of the dummies of p drivers (low_1, high_1, …) and the outcome, one sample.
        respondents: how many are low, in the middle and high, `(p, 3)`; None where every answer
            weighs 1, for then the moments tell.
        confidence: 1 minus the level at which a coefficient is significant.

    Returns:
        One entry per driver, in order. A driver with fewer than 10 respondents in one of its
        three cells is excluded before the regression, and so keeps out of the others'
        coefficients; a collinear one takes part in it, unread.

    Raises:
        ValueError: constant outcome, too few answers, impossible confidence.

    Formula:
        Least squares on all dummies together; penalty p and reward r are the coefficients, 0
        where p > 0 or r < 0. Range = r + |p|, asymmetry = (r − |p|)/range. Neutral: the range is
        below a quarter of the mean range, or neither coefficient is significant (one of the wrong
        sign never is). Else delighter above .2, basic below −.2, performance between.
    """
    import numpy as np

    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, got {confidence}")
    counts = cells(moments) if respondents is None else np.asarray(respondents)
    drivers = np.flatnonzero((counts >= FEWEST).all(axis=1))
    if not moments.cross[-1, -1] > 0:
        raise ValueError("the outcome is the same in every answer")
    excluded = Asymmetry(math.nan, math.nan, math.nan, None, ("few",))
    found = [excluded] * len(counts)
    if len(drivers):
        columns = np.append(np.column_stack([2 * drivers, 2 * drivers + 1]).ravel(), -1)
        fit = least_squares(select(moments, columns))
        for place, entry in zip(drivers, _asymmetries(fit, 1 - confidence), strict=True):
            found[int(place)] = entry
    return found


def _asymmetries(fit: Coefficients, level: float) -> list[Asymmetry]:
    """Entries of the drivers of a regression on their pairs of dummies."""
    import numpy as np

    coefficients = fit.values.reshape(-1, 2)
    sizes = np.maximum(coefficients * [-1, 1], 0.0)  # NaN stays
    ranges = sizes.sum(axis=1)
    read = np.isfinite(ranges)
    significant = ((fit.p_values.reshape(-1, 2) < level) & (sizes > 0)).any(axis=1)
    loud = ranges >= FAINT * ranges[read].mean() if read.any() else read
    return [
        _asymmetry(penalty, reward, bool(clear), wrong)
        for (penalty, reward), clear, wrong in zip(
            sizes.tolist(), significant & loud, _wrong_signs(coefficients), strict=True
        )
    ]


def _wrong_signs(coefficients: Array) -> list[tuple[str, ...]]:
    return [
        ("penalty-sign",) * (low > 0) + ("reward-sign",) * (high < 0)
        for low, high in coefficients.tolist()
    ]


def _asymmetry(penalty: float, reward: float, clear: bool, flags: tuple[str, ...]) -> Asymmetry:
    if math.isnan(penalty + reward):
        return Asymmetry(math.nan, math.nan, math.nan, None, ("collinear",))
    whole = penalty + reward
    asymmetry = (reward - penalty) / whole if whole > 0 else math.nan
    kind = _kind(asymmetry) if clear else "neutral"
    return Asymmetry(-penalty if penalty else 0.0, reward, asymmetry, kind, flags)


def _kind(asymmetry: float) -> str:
    if asymmetry > ASYMMETRIC:
        return "delighter"
    return "basic" if asymmetry < -ASYMMETRIC else "performance"
