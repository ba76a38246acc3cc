"""What one NPS may be, given the counts: its posterior under the Jeffreys prior."""

from __future__ import annotations

import math
from functools import partial
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from cxkit.stats.roots import root

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Nodes = NDArray[np.float64]

JEFFREYS = 0.5

_NORMAL = NormalDist()


def probability_above(detractors: float, passives: float, promoters: float, target: float) -> float:
    """Probability that the true NPS is at least the target, given the counts.

    Args:
        detractors, passives, promoters: respondents >= 0, integer or effective.
        target: NPS on −1..1; at or below −1 the answer is 1, from 1 up it is 0.

    Returns:
        Pr(theta >= target), 0..1, under the Jeffreys prior Dirichlet(½, ½, ½); absolute error
        about 1e-12 for ordinary samples, below 1e-9 at ten million respondents. n = 0 gives
        the prior's own probability: the caller shows null. n = 1 needs no special care.

    Formula:
        S = pP + pD ~ Beta(P + D + 1, N + ½) and W = pP/S ~ Beta(P + ½, D + ½) are independent
        and theta = S (2W − 1), so for t >= 0
        Pr(theta >= t) = integral over s in t..1 of f_S(s) Pr(W >= (1 + t/s)/2) ds,
        and for t < 0 one minus the same with detractors and promoters exchanged.

    Differs from:
        simulating the Dirichlet posterior, the usual way: no random numbers, and small tail
        probabilities keep their digits.
    """
    alphas = (detractors + JEFFREYS, passives + JEFFREYS, promoters + JEFFREYS)
    if target >= 1:
        return 0.0
    if target <= -1:
        return 1.0
    if target < 0:
        return 1 - _upper_tail(alphas[2], alphas[1], alphas[0], -target)
    return _upper_tail(*alphas, target)


def bayes_limits(
    detractors: float, passives: float, promoters: float, tail: float
) -> tuple[float, float]:
    """The quantiles `tail` and 1 − `tail` of the NPS, 0 < tail < ½, on −1..1."""
    return (
        -_upper_quantile(promoters, passives, detractors, tail),
        _upper_quantile(detractors, passives, promoters, tail),
    )


def _upper_quantile(detractors: float, passives: float, promoters: float, tail: float) -> float:
    """The t with Pr(theta >= t) = tail, by root finding on the probit scale, where the
    distribution is nearly a straight line, inside the bracket of Cantelli's inequality."""
    total = detractors + passives + promoters + 3 * JEFFREYS
    mean = (promoters - detractors) / total
    spread = (promoters + detractors + 2 * JEFFREYS) / total - mean * mean
    sd = math.sqrt(spread / (total + 1))
    goal = _NORMAL.inv_cdf(tail)

    def excess(t: float) -> float:
        chance = probability_above(detractors, passives, promoters, t)
        return _NORMAL.inv_cdf(min(1 - 1e-16, max(1e-300, chance))) - goal

    low = max(-1.0, mean - sd * math.sqrt(tail / (1 - tail)))
    high = min(1.0, mean + sd * math.sqrt((1 - tail) / tail))
    return root(excess, low, high)


def _upper_tail(alpha_d: float, alpha_n: float, alpha_p: float, target: float) -> float:
    """Pr(theta >= target) for 0 <= target < 1 under Dirichlet(alphas).

    In y = log((s − t)/(1 − s)) the integrand is smooth and falls exponentially on both sides,
    whatever the counts, so the trapezoidal rule converges exponentially. It has one peak: the
    window is narrowed onto it until the coarse nodes fill it, then summed on fine ones.
    """
    import numpy as np

    height = partial(_log_integrand, alpha_d=alpha_d, alpha_n=alpha_n, alpha_p=alpha_p, t=target)
    low, high, coarse, fine = -700.0, 700.0, 64, 320
    while True:
        y = np.linspace(low, high, coarse)
        heights = height(y)
        peak = heights.max()
        if peak == -np.inf:
            return 0.0
        inside = np.flatnonzero(heights > peak - 42)
        first, last = max(int(inside[0]) - 1, 0), min(int(inside[-1]) + 1, coarse - 1)
        low, high = float(y[first]), float(y[last])
        if last - first > coarse / 2:
            break
    y = np.linspace(low, high, fine)
    return min(1.0, float(np.exp(height(y)).sum() * (y[1] - y[0])))


def _log_integrand(y: Nodes, alpha_d: float, alpha_n: float, alpha_p: float, t: float) -> Nodes:
    """log of f_S(s) Pr(W >= (1 + t/s)/2) ds/dy at s = (t + e^y)/(1 + e^y).

    f_S is written relative to its value at s0 = a/(a + b) with Stirling's remainder, because
    log B(a, b) alone would lose eight digits at ten million respondents.
    """
    import numpy as np
    from scipy.special import betainc

    a, b = alpha_p + alpha_d, alpha_n
    s0, c0 = a / (a + b), b / (a + b)
    top = stirling_remainder(a + b) - stirling_remainder(a) - stirling_remainder(b)
    scale = 0.5 * math.log(a * c0 / (2 * math.pi)) + top
    with np.errstate(all="ignore"):
        growth, soft = np.exp(y), np.logaddexp(0, y)
        log_c = math.log1p(-t) - soft
        log_s = np.where(log_c < -1, np.log1p(-np.exp(log_c)), np.log(t + growth) - soft)
        chance: Any = betainc(alpha_d, alpha_p, (1 - t) / 2 / (1 + t / growth))
        density = a * (log_s - math.log(s0)) + b * (log_c - math.log(c0)) + scale
        heights: Nodes = density + (y - soft - log_s) + np.log(chance)
    return heights


def stirling_remainder(x: float) -> float:
    """What Stirling's formula leaves out of log Gamma(x), for x > 0.

    Formula:
        log Gamma(x) − ((x − ½) log x − x + ½ log 2 pi); from 15 up by the asymptotic series
        1/(12x) − 1/(360x^3) + … (Loader 2000, "Fast and accurate computation of binomial
        probabilities"). Absolute error about 1e-15.
    """
    if x < 15:
        return math.lgamma(x) - (x - 0.5) * math.log(x) + x - 0.5 * math.log(2 * math.pi)
    r = 1 / (x * x)
    return (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r * (1 / 1680 - r / 1188)))) / x
