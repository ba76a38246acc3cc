"""Confidence intervals of one NPS and of one share.

Scale −1..1 for scores and 0..1 for shares; points (× 100) are the caller's business.
Counts are respondents and may be effective (non-integer) counts. z is the two-sided normal
quantile, or Student's t where degrees of freedom are given (few clusters). Closed forms are
Polars expressions, so that 100,000 groups cost what one does; the iterative ones work on floats,
each distinct row of counts once. scipy is imported by the posterior and Student's t only.
"""

import math
from collections.abc import Callable
from functools import partial
from statistics import NormalDist
from typing import TypeVar

import polars as pl

from cxkit.stats.posterior import bayes_limits
from cxkit.stats.score_limits import score_limits

Value = TypeVar("Value", float, pl.Expr)
Limits = tuple[float, float]

COUNTS = ("detractors", "passives", "promoters")
PSEUDO_COUNTS = (0.75, 1.5, 0.75)

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
        return _each_distinct(counts, score_limits)
    if method == "bayes":
        shrunk = pl.col(COUNTS) * (z_value(confidence) / pl.col("z")).pow(2).clip(_PRIOR_ALONE)
        limits = partial(bayes_limits, tail=(1 - confidence) / 2)
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
