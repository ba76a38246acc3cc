"""Score limits of one NPS: all values that a test of them would not refuse."""

from __future__ import annotations

import math

from cxkit.stats.roots import root


def score_limits(
    detractors: float, passives: float, promoters: float, z: float
) -> tuple[float, float]:
    """The limits of `nps_interval` by the method `score`, for counts above 0 in all and z > 0."""
    if z == math.inf:
        return -1.0, 1.0
    return (
        -_score_high(promoters, passives, detractors, z),
        _score_high(detractors, passives, promoters, z),
    )


def _score_high(detractors: float, passives: float, promoters: float, z: float) -> float:
    """Upper score limit: the largest h with n (theta − h)^2 <= z^2 Var(h).

    The three corners have no variance at the estimate, so the bracket would start on a
    spurious root there; their limits are closed.
    """
    n = detractors + passives + promoters
    if promoters == n:
        return 1.0
    if passives == n:
        return z * z / (n + z * z)
    if detractors == n:
        return (z * z - n) / (z * z + n)
    theta = (promoters - detractors) / n

    def excess(h: float) -> float:
        variance = _restricted_variance(detractors / n, promoters / n, h)
        return n * (h - theta) ** 2 - z * z * variance

    return root(excess, theta, 1.0)


def _restricted_variance(detractors: float, promoters: float, h: float) -> float:
    """Variance of one answer when the NPS is h, other shares at their maximum likelihood.

    With q the restricted share of detractors the variance is 2q + h(1 − h), and q solves
    2q^2 + Bq + C = 0 with B = (2 − P + D)h − D − P, C = −D h (1 − h) (shares; Tango 1998).
    A negative h is turned round, so that C <= 0 and no digits cancel in the root.
    """
    if h < 0:
        detractors, promoters, h = promoters, detractors, -h
    b = (2 - promoters + detractors) * h - detractors - promoters
    c = -detractors * h * (1 - h)
    root = math.sqrt(b * b - 8 * c)
    q = (root - b) / 4 if b < 0 else (-2 * c / (root + b) if c < 0 else 0.0)
    return 2 * q + h * (1 - h)
