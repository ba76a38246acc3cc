"""The gamma-gamma model: what a customer spends on a purchase, from the means of few purchases.

The spend of a purchase is gamma(p, nu) distributed, with a rate nu that differs between customers
as gamma(q, v) and has nothing to do with how often they buy (Fader & Hardie 2013, note 025;
Fader, Hardie & Lee 2005, J. Marketing Research 42:415). Spend is in any unit; v is in that unit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from cxkit.errors import DataError
from cxkit.stats.likelihood import climb, highest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from cxkit.stats.likelihood import Curve

    Floats = NDArray[np.float64]

FEWEST = 10  # repeat buyers, for three parameters [convention]
PENALTY = 1e-6  # per buyer and parameter, where there is no maximum
_STARTS = ((2.0, 3.0, 1.0), (6.0, 4.0, 0.5), (0.5, 2.0, 2.0), (20.0, 20.0, 1.0))


@dataclass(frozen=True)
class GammaGamma:
    """A fitted gamma-gamma model.

    Args:
        p: shape of the spend of one customer's purchases.
        q, v: shape and rate of the gamma distribution of nu over customers; v in money.
        log_likelihood: at the parameters, without penalty, all constants kept.
        n: repeat buyers used.
        penalty: 0 for maximum likelihood; else the weight of the squared log parameters, needed
            because the likelihood rises forever, as where customers do not differ.
    """

    p: float
    q: float
    v: float
    log_likelihood: float
    n: int
    penalty: float = 0.0

    @property
    def population_mean(self) -> float | None:
        """Mean spend over all customers p v/(q − 1); None where q <= 1, for then it is infinite."""
        return self.p * self.v / (self.q - 1) if self.q > 1 else None


def gamma_gamma_fit(x: ArrayLike, m: ArrayLike, count: ArrayLike | None = None) -> GammaGamma:
    """Fit the gamma-gamma model by maximum likelihood.

    Args:
        x: repeat purchases of each customer, over which the mean is taken; rows with x = 0 are
            left out.
        m: mean spend of those purchases; rows with m <= 0, where no gamma distribution reaches,
            are left out.
        count: customers each row stands for; 1 by default.

    Returns:
        The model. Another unit of money changes v in proportion and the log-likelihood by a
        constant, and nothing else.

    Raises:
        DataError: fewer than 10 repeat buyers, all with the same spend, or no parameters that fit
            best.
        ValueError: columns of different length or numbers that are not finite.

    Formula:
        lnΓ(px+q) − lnΓ(px) − lnΓ(q) + q ln v + (px−1) ln m + px ln x − (px+q) ln(xm+v) summed
        over customers (note 025, eq. 1a), maximised over the logarithms of p, q, v with money in
        units of the mean of m.
    """
    x, m, count = _buyers(x, m, count)
    n = round(float(count.sum()))
    if n < FEWEST:
        raise DataError("too-little", f"only {n} repeat buyers; at least {FEWEST} are needed")
    if m.min() == m.max():
        raise DataError(
            "too-little", "all repeat buyers spend the same, so nothing is to be fitted"
        )
    scale = float(m @ count / count.sum())
    likelihood = partial(_log_likelihood, x, m / scale, count)
    peak = highest(likelihood, _STARTS)
    if not peak.reached:
        peak = climb(likelihood, peak.parameters, PENALTY * float(count.sum()))
    if not peak.reached:
        raise DataError("too-little", "no spread of spend fits these purchases best")
    p, q, v = peak.parameters
    value = peak.value - float(count.sum()) * math.log(scale)
    return GammaGamma(p, q, v * scale, value, n, peak.penalty)


def gamma_gamma_mean(model: GammaGamma, x: ArrayLike, m: ArrayLike) -> Floats:
    """Spend per purchase expected of each customer.

    Args:
        model: in the same money as m.
        x: repeat purchases >= 0; numbers or arrays that broadcast.
        m: mean spend of those purchases; of no account where x = 0, null or not.

    Returns:
        Between the population's mean, where x = 0, and m, which it nears as x grows.

    Raises:
        DataError: q <= 1, where the population's mean is infinite.

    Formula:
        w p v/(q−1) + (1 − w) m with w = (q−1)/(px+q−1) (note 025, eq. 5), written as
        p (v + xm)/(px+q−1).
    """
    import numpy as np

    if model.q <= 1:
        raise DataError(
            "no-mean-spend",
            f"spend differs so much between customers that it has no mean (q = {model.q:.2g})",
        )
    x, m = np.broadcast_arrays(np.asarray(x, dtype=float), np.asarray(m, dtype=float))
    spent = x * np.where(x > 0, m, 0.0)
    mean: Floats = model.p * (model.v + spent) / (model.p * x + model.q - 1)
    return mean


def spend_correlation(x: ArrayLike, m: ArrayLike, count: ArrayLike | None = None) -> float | None:
    """Correlation of how often repeat buyers buy and what they spend; the model assumes none.

    Args:
        x, m, count: as in `gamma_gamma_fit`, with the same rows left out.

    Returns:
        Pearson's r over customers, −1..1; None for fewer than two or where either is constant.
    """
    import numpy as np

    x, m, count = _buyers(x, m, count)
    if count.sum() <= 1:
        return None
    (frequency, shared), (_, spend) = np.cov(x, m, aweights=count, ddof=0)
    if min(frequency, spend) <= 1e-24 * max(frequency, spend, 1.0):
        return None
    return float(np.clip(shared / math.sqrt(frequency * spend), -1, 1))


def _buyers(x: ArrayLike, m: ArrayLike, count: ArrayLike | None) -> tuple[Floats, Floats, Floats]:
    """The rows with repeat purchases and spend above 0, as columns of floats."""
    import numpy as np

    x, m = np.asarray(x, dtype=float), np.asarray(m, dtype=float)
    customers = np.ones_like(x) if count is None else np.asarray(count, dtype=float)
    if not x.shape == m.shape == customers.shape or x.ndim != 1:
        raise ValueError("x, m and count must be columns of one length")
    used = (x > 0) & (m > 0) & (customers > 0)
    x, m, customers = x[used], m[used], customers[used]
    if not np.isfinite([x, m, customers]).all():
        raise ValueError("x, m and count must be finite")
    return x, m, customers


def _log_likelihood(x: Floats, m: Floats, count: Floats, p: float, q: float, v: float) -> Curve:
    """Value, gradient and Hessian of the log-likelihood by (p, q, v)."""
    import numpy as np

    total, spent = p * x + q, x * m + v
    log_spent, inverse = np.log(spent), 1 / spent
    value, slope, bend = _shapes(x, count, p, q)
    value += float(
        count @ (q * math.log(v) + p * x * np.log(x * m) - np.log(m) - total * log_spent)
    )
    slope[0] += count @ (x * (np.log(x * m) - log_spent))
    slope[1] += count @ (math.log(v) - log_spent)
    slope[2] = count @ (q / v - total * inverse)
    bend[2, :] = (
        -(count @ (x * inverse)),
        count @ (1 / v - inverse),
        count @ (total * inverse**2 - q / v**2),
    )
    bend[:2, 2] = bend[2, :2]
    return value, slope, bend


def _shapes(x: Floats, count: Floats, p: float, q: float) -> Curve:
    """lnΓ(px+q) − lnΓ(px) − lnΓ(q), for each distinct x once."""
    import numpy as np
    from scipy.special import gammaln, polygamma, psi

    distinct, place = np.unique(x, return_inverse=True)
    x, count = distinct.astype(float), np.bincount(place, weights=count).astype(float)
    n, own, total = count.sum(), p * x, p * x + q
    value = float(count @ (gammaln(total) - gammaln(own) - gammaln(q)))
    both, alone = polygamma(1, total), polygamma(1, own)
    slope, bend = np.zeros(3), np.zeros((3, 3))
    slope[0] = count @ (x * (psi(total) - psi(own)))
    slope[1] = count @ psi(total) - n * psi(q)
    bend[0, 0] = count @ (x * x * (both - alone))
    bend[0, 1] = bend[1, 0] = count @ (x * both)
    bend[1, 1] = count @ both - n * polygamma(1, q)
    return value, slope, bend
