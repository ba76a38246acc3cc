"""The shifted-beta-geometric model: how long customers with a contract keep renewing it.

Each customer leaves at every renewal with an own constant chance; over customers the chances are
beta(alpha, beta) distributed. Retention rises with age because those who leave easily leave first
(Fader & Hardie 2007, J. Interactive Marketing 21:76). Ages are whole numbers of renewals.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from cxkit.errors import DataError
from cxkit.stats.likelihood import climb

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from cxkit.stats.likelihood import Curve

    Floats = NDArray[np.float64]

_MOST_STEPS = 2**15  # of the continued fraction, enough for a discount of a millionth


@dataclass(frozen=True)
class Sbg:
    """A fitted sBG model.

    Args:
        alpha, beta: of the beta distribution of the chance to leave at a renewal.
        log_likelihood: at the parameters.
        n: customers who came to a first renewal.
    """

    alpha: float
    beta: float
    log_likelihood: float
    n: int

    @property
    def mean_churn(self) -> float:
        """Chance to leave at the first renewal, alpha/(alpha + beta)."""
        return self.alpha / (self.alpha + self.beta)

    @property
    def expected_lifetime(self) -> float | None:
        """Periods a new customer pays, the first included; None where alpha <= 1: infinite.

        It is (alpha + beta − 1)/(alpha − 1), the mean of one over the chance to leave.
        """
        return (self.alpha + self.beta - 1) / (self.alpha - 1) if self.alpha > 1 else None


def sbg_fit(age: ArrayLike, lost: ArrayLike, active: ArrayLike) -> Sbg:
    """Fit the sBG model by maximum likelihood, to one cohort or to many of different ages.

    Args:
        age: renewals come to, whole numbers >= 0, in any order and as often as need be.
        lost: customers who left at exactly that renewal.
        active: customers who have renewed that often and whose next renewal is yet to come; those
            of age 0 tell nothing.

    Returns:
        The model. One cohort is `lost` at ages 1..T and `active` at age T alone.

    Raises:
        DataError: nobody left, fewer than two ages of renewal, or no maximum: the share that
            leaves does not fall with age, or falls to nothing.
        ValueError: columns of different length or impossible values.

    Formula:
        sum lost_t ln P(t) + sum active_t ln S(t), the eq. of appendix B of the paper with each
        cohort's own last age, as a binomial at every renewal with chance
        alpha/(alpha + beta + t − 1), maximised over ln alpha and ln beta.
    """
    gone, kept = _renewals(age, lost, active)
    if not gone.any():
        raise DataError("too-little", "no customer left, so nothing tells how many will")
    if len(gone) < 2:
        raise DataError("too-little", "all renewals are first renewals; two ages are needed")
    peak = climb(partial(_log_likelihood, gone, kept), (1.0, 3.0))
    if not peak.reached:
        raise DataError("too-little", _why(*peak.parameters))
    alpha, beta = peak.parameters
    return Sbg(alpha, beta, peak.value, round(float(gone[0] + kept[0])))


def _renewals(age: ArrayLike, lost: ArrayLike, active: ArrayLike) -> tuple[Floats, Floats]:
    """Customers who left and who stayed at the first, second, … last renewal anyone came to."""
    import numpy as np

    ages, left, still = (np.asarray(column, dtype=float) for column in (age, lost, active))
    if not ages.shape == left.shape == still.shape or ages.ndim != 1:
        raise ValueError("age, lost and active must be columns of one length")
    if not ((ages >= 0) & (ages == np.floor(ages)) & (left >= 0) & (still >= 0)).all():
        raise ValueError("ages must be whole, and counts at least 0")
    if left[ages == 0].any():
        raise ValueError("nobody can leave before the first renewal")
    whole = ages.astype(np.int64)
    gone = np.bincount(whole, weights=left, minlength=1).astype(float)
    waiting = np.bincount(whole, weights=still, minlength=1).astype(float)
    beyond = np.cumsum((gone + waiting)[::-1])[::-1] - gone  # came to this renewal and stayed
    last = int(np.flatnonzero(gone + beyond).max(initial=0))
    return gone[1 : last + 1], beyond[1 : last + 1]


def _log_likelihood(gone: Floats, kept: Floats, alpha: float, beta: float) -> Curve:
    """Value, gradient and Hessian by (alpha, beta)."""
    import numpy as np

    stay = beta + np.arange(len(gone))
    both, total, n = alpha + stay, gone + kept, gone.sum()
    value = float(gone @ np.log(alpha / both) - kept @ np.log1p(alpha / stay))
    common, curved = total @ (1 / both), total @ both**-2.0
    slope = np.array([n / alpha - common, kept @ (1 / stay) - common])
    bend = np.full((2, 2), curved) - np.diag([n / alpha**2, kept @ stay**-2.0])
    return value, slope, bend


def _why(alpha: float, beta: float) -> str:
    """What it means that the parameters ran away, in the words of the data."""
    if alpha + beta > 1:
        return "the share of customers who leave does not fall with age, so one rate says it all"
    return "after the first renewal hardly anyone leaves, so nothing tells how retention goes on"


def sbg_survival(model: Sbg, t: ArrayLike) -> Floats:
    """Share of a cohort still active after t renewals.

    Args:
        model: the fit.
        t: renewals >= 0, a number or an array.

    Returns:
        0..1, exactly 1 at t = 0, falling with t.

    Formula:
        B(alpha, beta + t)/B(alpha, beta) (eq. 6 of the paper).
    """
    import numpy as np
    from scipy.special import betaln

    t = np.asarray(t, dtype=float)
    ratio = betaln(model.alpha, model.beta + t) - betaln(model.alpha, model.beta)
    share: Floats = np.exp(np.minimum(ratio, 0.0))
    return share


def sbg_retention(model: Sbg, t: ArrayLike) -> Floats:
    """Share of those who come to the t-th renewal that renew.

    Args:
        model: the fit.
        t: renewals >= 1, a number or an array.

    Returns:
        0..1, rising with t.

    Formula:
        (beta + t − 1)/(alpha + beta + t − 1) (eq. 7 of the paper).
    """
    import numpy as np

    stay = model.beta + np.asarray(t, dtype=float) - 1
    rate: Floats = stay / (model.alpha + stay)
    return rate


def sbg_derl(model: Sbg, n: ArrayLike, discount: float) -> Floats:
    """Discounted renewals still expected of a customer just before the n-th renewal.

    Args:
        model: the fit.
        n: the renewal about to be decided, >= 1; a number or an array.
        discount: per period, >= 0; .1 is ten percent.

    Returns:
        Renewals >= 0, the n-th counted in full and each later one discounted from there. Times
        the margin of a period this is the value of what is left. Infinite where discount = 0 and
        alpha <= 1.

    Raises:
        ValueError: discount below 0.

    Formula:
        (beta+n−1)/(alpha+beta+n−1) 2F1(1, beta+n; alpha+beta+n; 1/(1+discount)) (Fader & Hardie
        2010, Marketing Science 29:85, eq. 4); (beta+n−1)/(alpha−1) where discount = 0.
    """
    import numpy as np

    if discount < 0:
        raise ValueError(f"a discount must be at least 0, got {discount}")
    stay = model.beta + np.asarray(n, dtype=float) - 1
    if discount == 0:
        return stay / (model.alpha - 1) if model.alpha > 1 else np.full_like(stay, np.inf)
    steps, expected = 32, stay / (model.alpha + stay)
    while True:
        steps, previous = 2 * steps, expected
        expected = stay / (model.alpha + stay) * _series(model.alpha, stay + 1, discount, steps)
        if np.all(np.abs(expected - previous) <= 1e-13 * expected) or steps >= _MOST_STEPS:
            return expected


def _series(alpha: float, b: Floats, discount: float, steps: int) -> Floats:
    """2F1(1, b; alpha + b; 1/(1+discount)) by Gauss's continued fraction, from its end.

    Every part of it lies between 0 and 1, so that large parameters and small discounts do no
    harm; in other ways of computing it they overflow or cancel.
    """
    import numpy as np

    c, z = alpha + b - 1, 1 / (1 + discount)
    fraction = np.ones_like(b)
    for k in range(steps, 0, -1):
        even = k * (alpha - 1 + k) / ((c + 2 * k - 1) * (c + 2 * k))
        fraction = 1 - z * even / fraction
        odd = (b + k - 1) * (c + k - 1) / ((c + 2 * k - 2) * (c + 2 * k - 1))
        fraction = 1 - z * odd / fraction
    return 1 / fraction
