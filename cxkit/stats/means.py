"""Means and shares: intervals, differences of two groups, gaps, and means made comparable.

Means are in the unit of the answers (scale points, money), shares on 0..1. Groups come as frames
of n, mean and m2 (the sum of squared deviations from the mean), one row per group; n may be
effective (non-integer). Where the answers show no spread a t interval would have no width, so its
limits are null. scipy is imported for Student's t only.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from cxkit.stats.intervals import critical_values, wilson, z_value

_ROUNDING = 1e-30  # relative variance of answers that are all the same
_TWO = 2 - 1e-9  # answers; on fewer effective ones than two, t has no bounds worth showing
_FEW = 2_000  # values; above, the mean of heavy-tailed values is near enough to normal


# --- one group -----------------------------------------------------------------------------------


def counted_moments(answers: pl.DataFrame, keys: Sequence[str] = ()) -> pl.DataFrame:
    """Number, mean and squared deviations of counted answers.

    Args:
        answers: columns `value` (a number, no nulls) and `n` (answers of that value >= 0) or,
            for weighted answers, `w` and `w2` (sums of weights and of squared weights); and the
            keys.
        keys: the columns that name a group, none for a single row.

    Returns:
        One row per group in order of appearance: the keys, `n` (Float64, effective where there
        are weights), `mean` and `m2` = n times the variance with divisor n. No answers or no
        weight: n = 0, mean and m2 null. n = 1: m2 = 0.

    Formula:
        mean = sum w y/W, n = W^2/sum w^2 (Kish 1965), m2 = n sum w (y − mean)^2/W. Deviations
        are taken from the mean itself, not as a difference of two large sums.
    """
    names = ("w", "w2") if "w" in answers.columns else ("n", "n")
    w, squares = (pl.col(name).cast(pl.Float64) for name in names)
    value, weight = pl.col("value").cast(pl.Float64), w.sum()
    mean = (w * value).sum() / weight
    n = weight / squares.sum() * weight
    answered = pl.when(weight > 0)
    moments = (
        answered.then(n).otherwise(0.0).alias("n"),
        answered.then(mean).alias("mean"),
        answered.then((w * (value - mean) ** 2).sum() / weight * n).alias("m2"),
    )
    return _grouped(answers, keys, moments)


def t_interval(moments: pl.DataFrame, confidence: float) -> pl.DataFrame:
    """Student's t interval of the mean of every row.

    Args:
        moments: columns n (answers >= 0, integer or effective), mean and m2.
        confidence: level as a fraction, strictly between 0 and 1.

    Returns:
        Frame of the same height and order, columns `low`, `high` (unit of the answers, not
        clipped to the scale). Null for n < 2 and where all answers are the same.

    Raises:
        ValueError: impossible confidence.

    Formula:
        mean ± t sqrt(m2/(n (n − 1))), t on n − 1 degrees of freedom (Student 1908). Equals R's
        t.test, which stops where all answers are the same.
    """
    return _student(_estimates(moments), confidence).select("low", "high")


def paired_t(gaps: pl.DataFrame, confidence: float) -> pl.DataFrame:
    """Is the mean of differences within respondents zero? The paired t test of every row.

    Args:
        gaps: n, mean and m2 of the differences (delivered − expected) of complete pairs.
        confidence: level as a fraction, strictly between 0 and 1.

    Returns:
        Frame of the same height: `diff` (the mean), `low`, `high`, `t`, `df` and two-sided
        `p_value`. n = 0: all null. n < 2: only diff. All differences the same: diff and df,
        and p_value = 1 if they are 0.

    Raises:
        ValueError: impossible confidence.

    Formula:
        t = mean/sqrt(m2/(n (n − 1))) on n − 1 degrees of freedom. Equals R's t.test(paired =
        TRUE).
    """
    return _student(_estimates(gaps), confidence)


def _grouped(answers: pl.DataFrame, keys: Sequence[str], sums: tuple[pl.Expr, ...]) -> pl.DataFrame:
    if not keys:
        return answers.select(sums)
    return answers.group_by(keys, maintain_order=True).agg(sums)


# --- two groups ----------------------------------------------------------------------------------


def welch(one: pl.DataFrame, other: pl.DataFrame, confidence: float) -> pl.DataFrame:
    """Difference of two means with unequal variances, row i of one table less that of another.

    Args:
        one, other: same height, columns n (answers >= 0, integer or effective), mean and m2.
        confidence: level as a fraction, strictly between 0 and 1.

    Returns:
        Frame of the same height: `diff` (unit of the answers), `low`, `high`, `t`, `df` (not
        whole) and two-sided `p_value`. n = 0 on either side: all null. n < 2 on either side:
        only diff. No spread on both sides: only diff, and p_value = 1 if it is 0.

    Raises:
        ValueError: tables of different height or impossible confidence.

    Formula:
        v = m2/(n (n − 1)), t = diff/sqrt(v1 + v2),
        df = (v1 + v2)^2/(v1^2/(n1 − 1) + v2^2/(n2 − 1)) (Welch 1947, Biometrika 34:28).
        Equals R's t.test and scipy's ttest_ind(equal_var = False).
    """
    both = _side_by_side(_estimates(one), _estimates(other))
    v1, v2 = pl.col("variance1"), pl.col("variance2")
    share = v1 / (v1 + v2)  # of the variance: squares of it cannot overflow
    df = 1 / (share**2 / pl.col("df1") + (1 - share) ** 2 / pl.col("df2"))
    difference = both.select(
        diff=pl.col("diff1") - pl.col("diff2"),
        variance=v1 + v2,
        df=pl.when(v1 + v2 > 0).then(df),
    )
    return _student(difference, confidence)


def share_difference(one: pl.DataFrame, other: pl.DataFrame, confidence: float) -> pl.DataFrame:
    """Difference of two shares, row i of one table less row i of another.

    Args:
        one, other: same height, columns `successes` (0..n) and `n` (answers >= 0), integer or
            effective.
        confidence: level as a fraction, strictly between 0 and 1.

    Returns:
        Frame of the same height: `diff` (−1..1), `low`, `high`, `chi2` (1 degree of freedom)
        and `p_value`. n = 0 on either side: all null. n = 1 needs no special care. Everyone on
        both sides alike: chi2 and p_value null.

    Raises:
        ValueError: tables of different height or impossible confidence.

    Formula:
        d − sqrt((p1 − l1)^2 + (u2 − p2)^2), d + sqrt((u1 − p1)^2 + (p2 − l2)^2) of the two
        Wilson intervals (Newcombe 1998, Stat. Med. 17:873, method 10); chi2 = d^2/(p(1 − p)
        (1/n1 + 1/n2)) with the pooled share p, without continuity correction, as R's
        prop.test(correct = FALSE), whose interval is Wald's.
    """
    both = _side_by_side(_shares(one, confidence), _shares(other, confidence))
    p1, p2, n1, n2 = map(pl.col, ("share1", "share2", "n1", "n2"))
    diff = p1 - p2
    down = ((p1 - pl.col("low1")) ** 2 + (pl.col("high2") - p2) ** 2).sqrt()
    up = ((pl.col("high1") - p1) ** 2 + (p2 - pl.col("low2")) ** 2).sqrt()
    pooled = (p1 * n1 + p2 * n2) / (n1 + n2)
    spread = pooled * (1 - pooled) * (1 / n1 + 1 / n2)
    rows = both.select(
        diff=diff,
        low=(diff - down).clip(-1, 1),
        high=(diff + up).clip(-1, 1),
        chi2=pl.when(spread > 0).then(diff**2 / spread),
    )
    p = [None if x is None else math.erfc(math.sqrt(x / 2)) for x in rows["chi2"]]
    return rows.with_columns(pl.Series("p_value", p, dtype=pl.Float64))


def _estimates(moments: pl.DataFrame) -> pl.DataFrame:
    """Mean, variance of the mean (0 where there is no spread), and degrees of freedom."""
    n, mean, m2 = (pl.col(name).cast(pl.Float64) for name in ("n", "mean", "m2"))
    spread = pl.when(m2 > _ROUNDING * n * mean**2).then(m2).otherwise(0.0)
    several = pl.when(n >= _TWO)
    return moments.select(
        diff=pl.when(n > 0).then(mean),
        variance=several.then(spread / n / (n - 1)),
        df=several.then(n - 1),
    )


def _shares(counts: pl.DataFrame, confidence: float) -> pl.DataFrame:
    successes, n = pl.col("successes"), pl.col("n")
    low, high = wilson(successes, n, confidence)
    return counts.cast({"successes": pl.Float64, "n": pl.Float64}).select(
        "n", share=pl.when(n > 0).then(successes / n), low=low, high=high
    )


def _side_by_side(one: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    if one.height != other.height:
        raise ValueError(f"tables of {one.height} and {other.height} rows cannot be compared")
    sides = [side.select(pl.all().name.suffix(k)) for side, k in ((one, "1"), (other, "2"))]
    return pl.concat(sides, how="horizontal")


def _student(estimates: pl.DataFrame, confidence: float) -> pl.DataFrame:
    """Interval and test of `diff` from its `variance` and `df`; null where either says nothing."""
    z = critical_values(confidence, estimates["df"], estimates.height)
    error = pl.when(pl.col("variance") > 0).then(pl.col("variance").sqrt())
    half_width = pl.col("z") * error
    rows = estimates.with_columns(z).select(
        "diff",
        (pl.col("diff") - half_width).alias("low"),
        (pl.col("diff") + half_width).alias("high"),
        (pl.col("diff") / error).alias("t"),
        "df",
        alike=(pl.col("variance") == 0) & (pl.col("diff") == 0),
    )
    p = pl.when("alike").then(1.0).otherwise(_two_sided(rows["t"], rows["df"]))
    return rows.select("diff", "low", "high", "t", "df", p.alias("p_value"))


def _two_sided(t: pl.Series, df: pl.Series) -> pl.Series:
    from scipy.special import stdtr

    p = 2 * stdtr(df.to_numpy(), -t.abs().to_numpy())
    return pl.Series("p_value", p, dtype=pl.Float64, nan_to_null=True)


# --- many values, many strata --------------------------------------------------------------------


def mean_interval(
    values: Sequence[float], confidence: float, seed: int
) -> tuple[float, float] | None:
    """Interval of the mean of heavy-tailed values, such as revenue per customer.

    Args:
        values: one number per customer, no nulls; any order.
        confidence: level as a fraction, strictly between 0 and 1.
        seed: of the bootstrap, any integer >= 0.

    Returns:
        (low, high) in the unit of the values; None for n = 0, n = 1 and where all values are
        the same.

    Raises:
        ValueError: impossible confidence.

    Formula:
        BCa bootstrap (Efron 1987, J. Am. Stat. Assoc. 82:171) up to 2,000 values, above
        mean ± z s/sqrt(n) with divisor n − 1 in s.
    """
    import numpy as np

    z = z_value(confidence)
    data = np.sort(np.asarray(values, dtype=np.float64))
    if len(data) < 2 or data[0] == data[-1]:
        return None
    if len(data) <= _FEW:
        from cxkit.stats.bootstrap import bca

        return bca(data, lambda rows: rows.mean(axis=-1), confidence=confidence, seed=seed)
    mean, half_width = float(data.mean()), z * float(data.std(ddof=1)) / len(data) ** 0.5
    return mean - half_width, mean + half_width


class Standardised(NamedTuple):
    """Means of groups as if every group had the same mix of strata."""

    means: pl.DataFrame
    """group, n, mean (crude), standardised; groups in order of appearance."""
    strata: int
    """Strata in which every group has someone."""
    dropped_strata: int
    """Strata left out, because some group has no one in them."""
    dropped_n: float
    """Customers of all groups in the strata left out."""


def standardised(cells: pl.DataFrame) -> Standardised:
    """Direct standardisation: the mean each group would have with everybody's mix of strata.

    Args:
        cells: one row per stratum and group: `stratum`, `group` (null is a value like another),
            `n` (customers >= 0) and `mean`. Cells without customers may be left out; a group
            without any is passed over.

    Returns:
        A `Standardised`. The mean is null for all groups if every stratum lacks a group. With
        one stratum the standardised means are the crude ones. A cell of n = 1 counts in full.

    Formula:
        sum over s of W_s mean_gs, W_s = customers of all groups in stratum s, as a share of
        those in all strata kept (Fleiss, Levin & Paik 2003, ch. 19).
    """
    n, mean = pl.col("n").cast(pl.Float64), pl.col("mean").cast(pl.Float64)
    cells = cells.filter(pl.col("n") > 0).select("stratum", "group", n, mean)
    complete = pl.col("group").n_unique().over("stratum") == cells["group"].n_unique()
    size = pl.when("complete").then(pl.col("n").sum().over("stratum")).otherwise(0.0)
    cells = cells.with_columns(complete=complete).with_columns(size=size)
    weighted = (pl.col("size") * pl.col("mean")).sum() / pl.col("size").sum()
    means = cells.group_by("group", maintain_order=True).agg(
        pl.col("n").sum(),
        mean=(pl.col("n") * pl.col("mean")).sum() / pl.col("n").sum(),
        standardised=pl.when(pl.col("size").sum() > 0).then(weighted),
    )
    kept, dropped = (cells.filter(pl.col("complete") == known) for known in (True, False))
    return Standardised(
        means=means,
        strata=kept["stratum"].n_unique(),
        dropped_strata=dropped["stratum"].n_unique(),
        dropped_n=float(dropped["n"].sum()),
    )
