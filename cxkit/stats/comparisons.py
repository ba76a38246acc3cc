"""Comparing groups: differences of two NPS, the test over many groups, multiplicity.

Scale −1..1 for scores, −2..2 for differences; counts may be effective (non-integer). A segment
is compared with the rest, never with a total that holds it. Groups are independent samples unless
the correlation of their scores is given (`cxkit.stats.weights`). Needs neither numpy nor scipy,
except for Student's t.
"""

import math
from collections.abc import Callable, Sequence

import polars as pl

from cxkit.stats.intervals import (
    COUNTS,
    adjusted,
    critical_values,
    nps_interval,
    score_and_variance,
)
from cxkit.stats.posterior import stirling_remainder

PValues = Sequence[float | None]
Estimate = tuple[pl.Expr, pl.Expr]  # a score and its variance

_FULL = 0.95  # any level from 90 % up: all three pseudo-observations
_RESULT = ("diff", "low", "high", "p_value")


# --- two groups --------------------------------------------------------------------------------


def difference(
    one: pl.DataFrame,
    other: pl.DataFrame,
    method: str,
    confidence: float,
    *,
    correlation: pl.Series | None = None,
    df: pl.Series | None = None,
) -> pl.DataFrame:
    """Difference of NPS between row i of one table and row i of another.

    Args:
        one, other: same height, columns detractors, passives, promoters (respondents >= 0,
            integer or effective); other columns are ignored.
        method: 'adjusted-wald', 'bayes' (the same), 'wald' or 'score'.
        confidence: level as a fraction, strictly between 0 and 1.
        correlation: of the two scores of each row, −1..1, from clusters that answered on both
            sides; null counts as 0. Without it row i of the two are independent samples.
        df: degrees of freedom of each row where Student's t takes the place of z, null
            elsewhere; without it z everywhere. df = 0: the widest limits, p_value null.

    Returns:
        Frame of the same height with `diff` (raw theta_one − theta_other, −2..2), `low`,
        `high` (clipped to −2..2, then extended to contain diff) and two-sided `p_value`.
        n = 0 on either side: all null. n = 1 needs no special care. Wald with no variance on
        either side: p_value null.

    Raises:
        ValueError: tables of different height, unknown method or impossible confidence.

    Formula:
        adjusted-wald  d~ ± z sqrt(v1~ + v2~), p = 2(1 − Phi(|d~|/se~)), .75/1.5/.75 added to
                       each group at every level, so that p does not depend on the level and
                       agrees with the limits (Rocks 2016; R package NPS 2.0.999).
        wald           the same with nothing added.
        score          MOVER limits d − sqrt((theta1 − l1)^2 + (u2 − theta2)^2) and
                       d + sqrt((u1 − theta1)^2 + (theta2 − l2)^2) of the two score intervals
                       (Zou & Donner 2008, Stat. Med. 27:1693), and the adjusted Wald p.
        With a correlation r, a − 2 r sqrt(a b) + b takes the place of each sum of two squares or
        variances a + b (for MOVER: Zou 2007, Psychol. Methods 12:399).

    Differs from:
        R package NPS, which reports |x − y| and shows the shrunken difference d~; here the raw
        one is shown, with its sign.
    """
    if one.height != other.height:
        raise ValueError(f"tables of {one.height} and {other.height} rows cannot be compared")
    shared = (
        correlation if correlation is not None else pl.Series([0.0]).new_from_index(0, one.height)
    )
    z = critical_values(confidence, df, one.height)
    both = pl.concat([_side(one, "1"), _side(other, "2")], how="horizontal")
    both = both.with_columns(z, shared.cast(pl.Float64).fill_null(0).alias("r"))
    if method in ("adjusted-wald", "bayes"):
        return _finished(both, *_symmetric(_adjusted_side), _adjusted_side, df)
    if method == "wald":
        return _finished(both, *_symmetric(_raw_side), _raw_side, df)
    if method == "score":
        limits = [
            nps_interval(side, "score", confidence, df).select(pl.all().name.suffix(k))
            for side, k in ((one, "1"), (other, "2"))
        ]
        both = pl.concat([both, *limits], how="horizontal")
        return _finished(both, *_mover(), _adjusted_side, df)
    raise ValueError(f"unknown interval method {method!r}")


def two_sided_p(z: float, df: int | None = None) -> float:
    """Two-sided p-value of a standard normal statistic, or of Student's t.

    Args:
        z: any real number; the sign does not matter.
        df: degrees of freedom of Student's t, >= 1; None for the normal distribution.

    Returns:
        2(1 − Phi(|z|)), 0..1, accurate in the far tail.

    Formula:
        erfc(|z| / sqrt 2)
    """
    if df is not None:
        from scipy.special import stdtr

        return 2 * float(stdtr(df, -abs(z)))
    return math.erfc(abs(z) / math.sqrt(2))


def _side(counts: pl.DataFrame, k: str) -> pl.DataFrame:
    """The counts of one side, and its estimates once: as expressions they would be nested."""
    counts = counts.select(pl.col(name).cast(pl.Float64) for name in COUNTS)
    detractors, passives, promoters = map(pl.col, COUNTS)
    raw, raw_variance = score_and_variance(detractors, passives, promoters)
    centre, variance = adjusted(detractors, passives, promoters, _FULL)
    return counts.select(
        (pl.sum_horizontal(COUNTS) > 0).alias(f"answered{k}"),
        raw.alias(f"raw{k}"),
        raw_variance.alias(f"raw_variance{k}"),
        centre.alias(f"adjusted{k}"),
        variance.alias(f"adjusted_variance{k}"),
    )


def _raw_side(k: str) -> Estimate:
    return pl.col(f"raw{k}"), pl.col(f"raw_variance{k}")


def _adjusted_side(k: str) -> Estimate:
    return pl.col(f"adjusted{k}"), pl.col(f"adjusted_variance{k}")


def _gap(side: Callable[[str], Estimate]) -> Estimate:
    """Difference of the two sides and its standard error."""
    (first, first_variance), (second, second_variance) = side("1"), side("2")
    return first - second, _joined(first_variance, second_variance).sqrt()


def _joined(first: pl.Expr, second: pl.Expr) -> pl.Expr:
    """Variance of a difference from its two variances and the correlation."""
    return (first + second - 2 * pl.col("r") * (first * second).sqrt()).clip(lower_bound=0)


def _symmetric(side: Callable[[str], Estimate]) -> Estimate:
    gap, error = _gap(side)
    half_width = pl.when(error > 0).then(pl.col("z") * error).otherwise(0.0)
    return gap - half_width, gap + half_width


def _mover() -> Estimate:
    (first, _), (second, _) = _raw_side("1"), _raw_side("2")
    down = _joined((first - pl.col("low1")) ** 2, (pl.col("high2") - second) ** 2)
    up = _joined((pl.col("high1") - first) ** 2, (second - pl.col("low2")) ** 2)
    return first - second - down.sqrt(), first - second + up.sqrt()


def _finished(
    both: pl.DataFrame,
    low: pl.Expr,
    high: pl.Expr,
    tested: Callable[[str], Estimate],
    df: pl.Series | None,
) -> pl.DataFrame:
    raw, _ = _gap(_raw_side)
    gap, error = _gap(tested)
    answered = pl.when("answered1", "answered2")
    rows = both.select(
        diff=answered.then(raw),
        low=answered.then(pl.min_horizontal(low.clip(-2, 2), raw)),
        high=answered.then(pl.max_horizontal(high.clip(-2, 2), raw)),
        z=answered.then(pl.when(error > 0).then(gap / error)),
    )
    degrees = [None] * rows.height if df is None else df.to_list()
    p = [
        None if z is None or k == 0 else two_sided_p(z, k)
        for z, k in zip(rows["z"], degrees, strict=True)
    ]
    return rows.with_columns(pl.Series("p_value", p, dtype=pl.Float64)).select(_RESULT)


# --- many groups -------------------------------------------------------------------------------


def mean_score_cmh(counts: pl.DataFrame) -> tuple[float | None, int, float | None]:
    """Do the groups share one NPS? The mean-score Cochran–Mantel–Haenszel test.

    Args:
        counts: one row per group with columns detractors, passives, promoters (respondents
            >= 0); groups with n = 0 or null are left out.

    Returns:
        (statistic, degrees of freedom, p). Fewer than two groups with answers, or everyone in
        one category: (None, df, None). Groups of n = 1 count like any other.

    Formula:
        Q = (N − 1) SSB/SST, SST = P + D − N theta^2 over all respondents,
        SSB = sum n_g (theta_g − theta)^2, chi-square on k − 1 degrees of freedom
        (Landis, Heyman & Koch 1978, Int. Stat. Rev. 46:237).

    Differs from:
        Cochran's Q with each group's own variance, which an all-promoter group breaks, and
        Pearson's chi-square, which asks about all three shares. Equals vcdExtra::CMHtest
        "rmeans" with scores −1, 0, 1.
    """
    groups = [row for row in counts.select(COUNTS).rows() if None not in row and sum(row) > 0]
    df = max(len(groups) - 1, 0)
    if len(groups) < 2:
        return None, df, None
    totals = [math.fsum(column) for column in zip(*groups, strict=True)]
    n = math.fsum(totals)
    theta, variance = score_and_variance(*totals)
    if variance == 0 or n <= 1:
        return None, df, None
    between = math.fsum(sum(g) * ((g[2] - g[0]) / sum(g) - theta) ** 2 for g in groups)
    statistic = (n - 1) * between / (variance * n * n)
    return statistic, df, chi_square_tail(statistic, df)


def chi_square_tail(x: float, df: int) -> float:
    """Upper tail of the chi-square distribution for whole degrees of freedom.

    Args:
        x: statistic; at or below 0 the tail is 1.
        df: degrees of freedom, a whole number >= 1.

    Returns:
        Pr(chi2_df >= x), 0..1, to about 1e-12 relative, far in the tail too.

    Raises:
        ValueError: df is below 1.

    Formula:
        with h = x/2, the sum of e^-h h^i / Gamma(i + 1) over i = df/2 − 1, df/2 − 2, … down to
        0 (even df) or ½ (odd df, plus erfc(sqrt h)) (Abramowitz & Stegun 1964, 26.4.4–5). The
        largest term is computed once, with Stirling's remainder (Loader 2000); the others
        follow from it by ratios.
    """
    if df < 1:
        raise ValueError(f"degrees of freedom must be at least 1, got {df}")
    h, odd = x / 2, df % 2
    if h <= 0:  # the smallest float halves to 0
        return 1.0
    tail = math.erfc(math.sqrt(h)) if odd else 0.0
    if df == 1:
        return tail
    bottom, last = odd / 2, df / 2 - 1
    start = bottom + min(max(math.floor(h - bottom), 0), round(last - bottom))
    return min(1.0, tail + _poisson_term(start, h) * _ratio_sum(start, bottom, last, h))


def _ratio_sum(start: float, bottom: float, last: float, h: float) -> float:
    """Sum of the terms from bottom to last, each relative to the one at start."""
    total = term = 1.0
    i = start
    while i > bottom and term > 1e-18:
        term *= i / h
        total += term
        i -= 1
    term, i = 1.0, start + 1
    while i <= last and term > 1e-18:
        term *= h / i
        total += term
        i += 1
    return total


def _poisson_term(i: float, h: float) -> float:
    """e^-h h^i / Gamma(i + 1), i >= 0 not necessarily whole, without large logarithms."""
    if i == 0:
        return math.exp(-h)
    deviance = i * math.log1p((i - h) / h) - (i - h)
    return math.exp(-deviance - stirling_remainder(i)) / math.sqrt(2 * math.pi * i)


# --- many tests --------------------------------------------------------------------------------


def adjust(p: PValues, method: str) -> list[float | None]:
    """Adjust p-values for the number of tests.

    Args:
        p: p-values 0..1; None where nothing was tested.
        method: 'holm', 'bh' or 'none'.

    Returns:
        Adjusted p-values in the same order; None stays None and does not count as a test.

    Raises:
        ValueError: unknown method.
    """
    if method == "holm":
        return holm(p)
    if method == "bh":
        return benjamini_hochberg(p)
    if method == "none":
        return list(p)
    raise ValueError(f"unknown adjustment {method!r}")


def holm(p: PValues) -> list[float | None]:
    """Holm's step-down p-values, which bound the chance of any false alarm.

    Args:
        p: p-values 0..1; None where nothing was tested.

    Returns:
        Adjusted p-values in the same order, never below the raw ones, at most 1; None stays
        None and does not count as a test. One test is left as it is.

    Formula:
        running maximum of (m − i + 1) p_(i), i = 1..m ascending (Holm 1979, Scand. J. Stat.
        6:65). Equals R's p.adjust(method = "holm").
    """
    ranked = _ascending(p)
    adjusted_p, worst = list(p), 0.0
    for rank, (value, place) in enumerate(ranked):
        worst = max(worst, min(1.0, (len(ranked) - rank) * value))
        adjusted_p[place] = worst
    return adjusted_p


def benjamini_hochberg(p: PValues) -> list[float | None]:
    """Benjamini–Hochberg p-values, which bound the share of false alarms among the alarms.

    Args:
        p: p-values 0..1; None where nothing was tested.

    Returns:
        Adjusted p-values in the same order, never below the raw ones, at most 1; None stays
        None and does not count as a test. One test is left as it is.

    Formula:
        running minimum from the top of p_(i) m / i (Benjamini & Hochberg 1995, J. R. Stat.
        Soc. B 57:289). Equals R's p.adjust(method = "BH").
    """
    ranked = _ascending(p)
    adjusted_p, best = list(p), 1.0
    for rank, (value, place) in reversed(list(enumerate(ranked, start=1))):
        best = min(best, value * (len(ranked) / rank))
        adjusted_p[place] = best
    return adjusted_p


def _ascending(p: PValues) -> list[tuple[float, int]]:
    return sorted((value, place) for place, value in enumerate(p) if value is not None)
