"""Confidence intervals of one NPS and of one share.

Scale −1..1 for scores and 0..1 for shares; points (× 100) are the caller's business.
Counts are respondents and may be effective (non-integer) counts. z is the two-sided normal
quantile, or Student's t where degrees of freedom are given (few clusters). Closed forms are
Polars expressions, so that 100,000 groups cost what one does; the iterative ones work on floats,
each distinct row of counts once. scipy is imported by the Bayes functions and Student's t only.
"""

import math
from collections.abc import Callable
from functools import partial
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, TypeVar

import polars as pl

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Nodes = NDArray[np.float64]

Value = TypeVar("Value", float, pl.Expr)
Limits = tuple[float, float]

COUNTS = ("detractors", "passives", "promoters")
PSEUDO_COUNTS = (0.75, 1.5, 0.75)
JEFFREYS = 0.5

_NORMAL = NormalDist()
_PRIOR_ALONE = 1e-9  # of the counts, where there are no degrees of freedom
_ORDINARY_LEVEL = 0.90  # from here up the three pseudo-observations count in full


def z_value(confidence: float) -> float:
    """Two-sided normal quantile of a confidence level.

    Args:
        confidence: level as a fraction, strictly between 0 and 1.

    Returns:
        z with Pr(|Z| <= z) = confidence; 1.959963984540054 at 0.95.

    Raises:
        ValueError: the level is not strictly between 0 and 1.

    Formula:
        z = Phi^-1((1 + confidence) / 2)
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, got {confidence}")
    return _NORMAL.inv_cdf((1 + confidence) / 2)


def critical_values(confidence: float, df: pl.Series | None, height: int) -> pl.Series:
    """Two-sided critical value of every row: normal, or Student's t.

    Args:
        confidence: level as a fraction, strictly between 0 and 1.
        df: degrees of freedom of each row, whole numbers >= 0; null, or no series at all, for
            the normal quantile.
        height: rows.

    Returns:
        Series `z` of that height. df = 0 gives infinity: nothing is known of the spread.

    Raises:
        ValueError: impossible confidence.
    """
    normal = z_value(confidence)
    if df is None or df.null_count() == len(df):
        return pl.Series("z", [normal], dtype=pl.Float64).new_from_index(0, height)
    from scipy.special import stdtrit

    def value(degrees: int | None) -> float:
        if degrees is None:
            return normal
        return float(stdtrit(degrees, (1 + confidence) / 2)) if degrees > 0 else math.inf

    known = {degrees: value(degrees) for degrees in df.unique()}
    return pl.Series("z", [known[degrees] for degrees in df], dtype=pl.Float64)


# --- one NPS -------------------------------------------------------------------------------


def nps_interval(
    counts: pl.DataFrame, method: str, confidence: float, df: pl.Series | None = None
) -> pl.DataFrame:
    """Confidence interval of the NPS of every row of counts.

    Args:
        counts: one row per group with columns detractors, passives, promoters
            (respondents >= 0, integer or effective); other columns are ignored.
        method: 'adjusted-wald' (the default of the product), 'score', 'wald' or 'bayes'.
        confidence: level as a fraction, strictly between 0 and 1.
        df: degrees of freedom of each row where Student's t takes the place of z (0: the
            interval is the whole scale), null elsewhere; without it z everywhere. 'bayes'
            shrinks the counts by (z/t)^2 instead.

    Returns:
        Frame of the same height and order, columns `low`, `high` (Float64, −1..1).
        n = 0 gives null, null. n = 1 gives a usable interval except for 'wald', which has no
        width whenever all respondents fall in one category.
        The limits contain the raw estimate, except 'bayes': its quantiles are left as they
        are, so an all-promoter sample (estimate 1) has a high limit just under 1.

    Raises:
        ValueError: unknown method or impossible confidence.

    Formula:
        theta = (P − D) / n, s2 = (P + D)/n − theta^2 (divisor n, not n − 1).
        wald           theta ± z sqrt(s2/n), clipped to −1..1.
        adjusted-wald  the same on counts + (.75, 1.5, .75) (`pseudo_counts`), clipped to
                       −1..1, then extended to contain theta (Rocks 2016, Am. Stat. 70:365).
        score          all h with n (theta − h)^2 <= z^2 Var(h), Var(h) at the restricted
                       maximum-likelihood shares (May & Johnson 1997, Stat. Med. 16:2127;
                       Tango 1998, Stat. Med. 17:891; "iterative" in Rocks 2016).
        bayes          equal-tailed quantiles of the posterior under Dirichlet(½, ½, ½).

    Differs from:
        R package NPS 2.0.999, which neither clips nor extends, and whose iterative limits stop
        at about 1e-6; here they are solved to full precision.
    """
    z = critical_values(confidence, df, counts.height)
    counts = counts.select(*(pl.col(name).cast(pl.Float64) for name in COUNTS), z)
    if method == "adjusted-wald":
        return counts.select(_adjusted_wald(confidence))
    if method == "wald":
        return counts.select(_wald())
    if method == "score":
        return _each_distinct(counts, _score_limits)
    if method == "bayes":
        shrunk = pl.col(COUNTS) * (z_value(confidence) / pl.col("z")).pow(2).clip(_PRIOR_ALONE)
        limits = partial(_bayes_limits, tail=(1 - confidence) / 2)
        return _each_distinct(counts.select(shrunk), limits)
    raise ValueError(f"unknown interval method {method!r}")


def pseudo_counts(confidence: float) -> tuple[float, float, float]:
    """Pseudo-observations added to detractors, passives, promoters.

    Args:
        confidence: level as a fraction, strictly between 0 and 1.

    Returns:
        (.75, 1.5, .75) from 90 % up (Rocks 2016). Below, the three are multiplied by
        (z / z90)^2, so that intervals stay nested (the 80 % interval at n = 10 then covers at
        least .72 instead of .54); the R package NPS adds three at every level.
    """
    scale = min(1.0, (z_value(confidence) / z_value(_ORDINARY_LEVEL)) ** 2)
    detractors, passives, promoters = PSEUDO_COUNTS
    return scale * detractors, scale * passives, scale * promoters


def adjusted(
    detractors: Value, passives: Value, promoters: Value, confidence: float
) -> tuple[Value, Value]:
    """Adjusted estimate of the NPS and its variance, from floats or expressions.

    Args:
        detractors, passives, promoters: respondents >= 0, all floats or all expressions.
        confidence: level as a fraction; it only sets the pseudo-counts.

    Returns:
        (theta~ on −1..1, variance s2~/n~ of theta~). n = 0 gives the pseudo-observations
        alone, so the caller decides what to show; n = 1 needs no special care.

    Formula:
        n~ = n + a0 + a1 + a2, theta~ = (P + a2 − D − a0)/n~,
        s2~ = (P + a2 + D + a0)/n~ − theta~^2 (Rocks 2016).
    """
    extra_detractors, extra_passives, extra_promoters = pseudo_counts(confidence)
    return score_and_variance(
        detractors + extra_detractors, passives + extra_passives, promoters + extra_promoters
    )


def score_and_variance(detractors: Value, passives: Value, promoters: Value) -> tuple[Value, Value]:
    """Raw NPS and the variance of it, from floats or Float64 expressions.

    Args:
        detractors, passives, promoters: respondents >= 0, not all 0.

    Returns:
        (theta on −1..1, s2/n). The variance is exactly 0 when only one category is filled.
        n = 0: NaN in expressions, ZeroDivisionError in floats.

    Formula:
        theta = (P − D)/n, s2 = pP + pD − theta^2, written (N (P + D) + 4 P D)/n^2, which is
        the same number without cancellation. Divisor n; survey packages use n − 1.
    """
    n = detractors + passives + promoters
    spread = passives * (promoters + detractors) + 4 * promoters * detractors
    return (promoters - detractors) / n, spread / n / n / n


def _adjusted_wald(confidence: float) -> tuple[pl.Expr, pl.Expr]:
    detractors, passives, promoters = map(pl.col, COUNTS)
    raw, _ = score_and_variance(detractors, passives, promoters)
    centre, variance = adjusted(detractors, passives, promoters, confidence)
    low, high = _clipped(centre, _half_width(variance))
    return (
        _where_answered(pl.min_horizontal(low, raw)).alias("low"),
        _where_answered(pl.max_horizontal(high, raw)).alias("high"),
    )


def _wald() -> tuple[pl.Expr, pl.Expr]:
    raw, variance = score_and_variance(*map(pl.col, COUNTS))
    low, high = _clipped(raw, _half_width(variance))
    return _where_answered(low).alias("low"), _where_answered(high).alias("high")


def _half_width(variance: pl.Expr) -> pl.Expr:
    """z standard errors; an infinite z times none is none."""
    return pl.when(variance > 0).then(pl.col("z") * variance.sqrt()).otherwise(0.0)


def _clipped(centre: pl.Expr, half_width: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    return (centre - half_width).clip(-1, 1), (centre + half_width).clip(-1, 1)


def _where_answered(value: pl.Expr) -> pl.Expr:
    detractors, passives, promoters = map(pl.col, COUNTS)
    return pl.when(detractors + passives + promoters > 0).then(value)


def _each_distinct(counts: pl.DataFrame, limits: Callable[..., Limits]) -> pl.DataFrame:
    rows = counts.rows()
    known = {row: limits(*row) if _answered(row) else (None, None) for row in set(rows)}
    schema = {"low": pl.Float64, "high": pl.Float64}
    return pl.DataFrame([known[row] for row in rows], schema=schema, orient="row")


def _answered(row: tuple[float | None, ...]) -> bool:
    return None not in row and sum(value for value in row[:3] if value is not None) > 0


# --- score limits ----------------------------------------------------------------------------


def _score_limits(detractors: float, passives: float, promoters: float, z: float) -> Limits:
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

    return _root(excess, theta, 1.0)


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


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    """Root between low and high, to the last digits of a float.

    Inverse quadratic interpolation where it is safe, bisection elsewhere, so that the bracket
    always closes (Chandrupatla 1997, Adv. Eng. Software 28:145). One end is returned when both
    have the same sign, which rounding can cause when the root is an end.
    """
    a, b = high, low
    value_a, value_b = function(a), function(b)
    if value_a * value_b >= 0:
        return a if abs(value_a) < abs(value_b) else b
    step = 0.5
    while True:
        x = a + step * (b - a)
        value_x = function(x)
        if (value_x > 0) == (value_a > 0):
            c, value_c = a, value_a
        else:
            c, value_c, b, value_b = b, value_b, a, value_a
        a, value_a = x, value_x
        best = a if abs(value_a) < abs(value_b) else b
        narrow = (1e-16 + 4e-16 * abs(best)) / abs(b - a)
        if narrow >= 0.5 or value_a == 0:
            return best
        step = _next_step((a, b, c), (value_a, value_b, value_c))
        step = min(1 - narrow, max(narrow, step))


def _next_step(x: tuple[float, float, float], f: tuple[float, float, float]) -> float:
    (a, b, c), (value_a, value_b, value_c) = x, f
    if value_c == value_b:
        return 0.5
    xi, phi = (a - b) / (c - b), (value_a - value_b) / (value_c - value_b)
    if not (phi * phi < xi and (1 - phi) ** 2 < 1 - xi):
        return 0.5
    first = value_a / (value_b - value_a) * value_c / (value_b - value_c)
    second = value_a / (value_c - value_a) * value_b / (value_c - value_b)
    return first + (c - a) / (b - a) * second


# --- Bayes -----------------------------------------------------------------------------------


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


def _bayes_limits(detractors: float, passives: float, promoters: float, tail: float) -> Limits:
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
    return _root(excess, low, high)


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


def _log_integrand(y: "Nodes", alpha_d: float, alpha_n: float, alpha_p: float, t: float) -> "Nodes":
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


# --- one share -------------------------------------------------------------------------------


def wilson(successes: Value, n: Value, confidence: float) -> tuple[Value, Value]:
    """Wilson interval of a share, from floats or expressions.

    Args:
        successes: 0..n, integer or effective.
        n: respondents > 0, integer or effective.
        confidence: level as a fraction, strictly between 0 and 1.

    Returns:
        (low, high) on 0..1, exactly 0 at successes = 0 and exactly 1 at successes = n; never
        without width, n = 1 included. n = 0: null in expressions; ValueError for floats.

    Formula:
        centre (p + z^2/2n)/(1 + z^2/n), half-width z/(1 + z^2/n) sqrt(p(1 − p)/n + z^2/4n^2)
        (Wilson 1927; Brown, Cai & DasGupta 2001, Stat. Sci. 16:101), each limit written as
        the quotient of the roots' product, so that no digits cancel. Equals R's
        prop.test(correct = FALSE).
    """
    z = z_value(confidence)
    if isinstance(n, pl.Expr):
        answered = pl.when(n > 0)
        low, high = _wilson_low(successes, n, z), 1 - _wilson_low(n - successes, n, z)
        return answered.then(low), answered.then(high)
    if n <= 0:
        raise ValueError("a share needs at least one answer")
    return _wilson_low(successes, n, z), 1 - _wilson_low(n - successes, n, z)


def _wilson_low(successes: Value, n: Value, z: float) -> Value:
    share = successes / n  # first, for products of integer columns may overflow
    root: Value = (share * (n - successes) + z * z / 4) ** 0.5
    return share * successes / (successes + z * z / 2 + z * root)
