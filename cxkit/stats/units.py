"""Units side by side (branches, channels, agents): do they differ, who stands out, fair ranking.

Scale −1..1. Units come as counts of detractors, passives and promoters, one row per unit, which
may be effective (non-integer); units without answers stay in the tables with nulls and are left
out of everything else. The variance of one answer is pooled over the units, because a unit's own
fails where all its answers are alike. scipy is imported for the F tail only.
"""

from typing import NamedTuple

import polars as pl

from cxkit.stats.intervals import COUNTS, score_and_variance, z_value

INVESTIGATE = 0.998  # level of the limits outside which a unit is worth a look
WARN = 0.95
_FEW = 5  # units; below, the spread of so few cannot be told from chance
_WINSORISED = 0.1  # of the units at either end


# --- do units differ -----------------------------------------------------------------------------


class Consistency(NamedTuple):
    """How much of the variance of answers lies between units."""

    units: int
    """Units with answers."""
    mean: float | None
    """Random-effects mean of the units, −1..1."""
    mean_se: float | None
    """Its standard error; null where no unit has any spread."""
    between: float | None
    """Mean square between units (MSB)."""
    within: float | None
    """Mean square within units (MSW), the pooled variance of one answer."""
    size: float | None
    """Average size of a unit for this purpose (n0)."""
    icc: float | None
    """Intraclass correlation ICC(1); below 0 where units differ less than by chance."""
    tau2: float | None
    """Variance of the true scores of units, >= 0."""
    f: float | None
    """MSB/MSW; null where MSW is 0."""
    p_value: float | None
    """Of the F test that all units share one score."""


def consistency(counts: pl.DataFrame) -> Consistency:
    """Share of the variance that lies between units, and the test that there is none.

    Args:
        counts: one row per unit with columns detractors, passives, promoters (respondents >= 0,
            integer or effective); units with n = 0 or null are left out.

    Returns:
        A `Consistency`. Fewer than two units with answers, or no unit with more than one: all
        but `units` null. A unit of n = 1 counts like any other. Everyone in one category: icc,
        f and p_value null, tau2 0. No spread within any unit, but between: icc 1, f and p_value
        null.

    Formula:
        MSW = sum(P + D − n theta^2)/(N − J), MSB = sum n_j (theta_j − theta)^2/(J − 1),
        n0 = (N − sum n_j^2/N)/(J − 1), ICC(1) = (MSB − MSW)/(MSB + (n0 − 1) MSW)
        (Shrout & Fleiss 1979, Psychol. Bull. 86:420), F on J − 1 and N − J degrees of freedom.
        tau2 = max(0, (MSB − MSW)/n0), which is the estimate of DerSimonian & Laird (1986) with
        the pooled variances MSW/n_j; mean weighted by 1/(MSW/n_j + tau2).

    Differs from:
        metafor's rma with each unit's own variance, which a unit of promoters only breaks.
    """
    units = _scored(counts).drop_nulls()
    j, total = units.height, float(units["n"].sum())
    if j < 2 or total <= j:
        return Consistency(j, *[None] * 9)
    within = float(units["squares"].sum()) / (total - j)
    centre = _weighted_mean(units, "n")
    between = _sum(units, pl.col("n") * (pl.col("theta") - centre) ** 2) / (j - 1)
    size = _sum(units, pl.col("n") - pl.col("n") ** 2 / total) / (j - 1)
    tau2 = max(0.0, (between - within) / size)
    weighted = units.with_columns(weight=_precision(within, tau2))
    precision = float(weighted["weight"].sum())
    spread = between + (size - 1) * within
    return Consistency(
        units=j,
        mean=_weighted_mean(weighted, "weight"),
        mean_se=precision**-0.5 if within > 0 else None,
        between=between,
        within=within,
        size=size,
        icc=(between - within) / spread if spread > 0 else None,
        tau2=tau2,
        f=between / within if within > 0 else None,
        p_value=_f_tail(between / within, j - 1, total - j) if within > 0 else None,
    )


def _scored(counts: pl.DataFrame) -> pl.DataFrame:
    """n, theta and the sum of squares about theta of every unit; null without answers."""
    detractors, passives, promoters = (pl.col(name).cast(pl.Float64) for name in COUNTS)
    n = detractors + passives + promoters
    theta, variance = score_and_variance(detractors, passives, promoters)
    answered = pl.when(n > 0)
    return counts.select(
        n=answered.then(n), theta=answered.then(theta), squares=answered.then(variance * n * n)
    )


def _sum(units: pl.DataFrame, values: pl.Expr) -> float:
    return float(units.select(values.sum()).item())


def _weighted_mean(units: pl.DataFrame, weight: str) -> float:
    return _sum(units, pl.col(weight) * pl.col("theta")) / float(units[weight].sum())


def _precision(within: float, tau2: float) -> pl.Expr:
    """1/(MSW/n + tau2), also where MSW is 0; where both are, units are alike and weigh n."""
    n = pl.col("n")
    return n / (within + n * tau2) if within > 0 or tau2 > 0 else n


def _f_tail(f: float, df1: float, df2: float) -> float:
    from scipy.special import fdtrc

    return float(fdtrc(df1, df2, f))


# --- league table --------------------------------------------------------------------------------


def shrunken(counts: pl.DataFrame, confidence: float) -> pl.DataFrame:
    """Score of every unit, drawn towards the mean of all units the less its answers tell.

    Args:
        counts: one row per unit with columns detractors, passives, promoters (respondents >= 0,
            integer or effective).
        confidence: level as a fraction, strictly between 0 and 1.

    Returns:
        Frame of the same height and order: `shrunken` (−1..1, between the unit's own score and
        the mean), `se`, `low`, `high` (clipped to −1..1). n = 0, or nothing to compare with (see
        `consistency`): all null. n = 1 is drawn nearly to the mean. tau2 = 0: every unit at the
        mean, which says that there is no ranking. No unit with any spread: no limits.

    Raises:
        ValueError: impossible confidence.

    Formula:
        v = MSW/n, B = tau2/(tau2 + v), mean + B (theta − mean),
        se = sqrt(B v + (1 − B)^2/sum(1/(v + tau2))) (Morris 1983, J. Am. Stat. Assoc. 78:47;
        metafor's blup). The interval is ± z se, and knows nothing of the error of tau2.
    """
    z = z_value(confidence)
    found = consistency(counts)
    units = _scored(counts)
    if found.mean is None or found.within is None or found.tau2 is None:
        return pl.DataFrame(
            {name: [None] * units.height for name in ("shrunken", "se", "low", "high")},
            schema_overrides=dict.fromkeys(("shrunken", "se", "low", "high"), pl.Float64),
        )
    v = found.within / pl.col("n")
    b = found.tau2 * _precision(found.within, found.tau2)
    error = pl.lit(found.mean_se, pl.Float64)
    estimate = found.mean + b * (pl.col("theta") - found.mean)
    se = (b * v + ((1 - b) * error) ** 2).sqrt()
    return units.select(shrunken=estimate, se=se).with_columns(
        low=(pl.col("shrunken") - z * pl.col("se")).clip(-1, 1),
        high=(pl.col("shrunken") + z * pl.col("se")).clip(-1, 1),
    )


# --- funnel plot ---------------------------------------------------------------------------------


class FunnelPlot(NamedTuple):
    """Scores of units against their size, with the limits of chance."""

    limits: pl.DataFrame
    """Per unit: low_95, high_95, low_998, high_998 (−1..1), z and signal."""
    mean: float | None
    """Score of all answers together, −1..1."""
    phi: float | None
    """Overdispersion: 1 where units differ as by chance; null below five units."""
    tau2: float
    """Variance between units that the limits allow for."""


def funnel_plot(counts: pl.DataFrame) -> FunnelPlot:
    """Limits within which the score of a unit of its size would stay by chance.

    Args:
        counts: one row per unit with columns detractors, passives, promoters (respondents >= 0,
            integer or effective).

    Returns:
        A `FunnelPlot`; its limits have the height and order of counts. `z` is the distance from
        the mean in standard errors, `signal` is 'above' or 'below' outside the 99.8 % limits,
        which means investigate, and null inside. n = 0: limits null. n = 1 needs no special
        care. Everyone in one category: all limits null. Limits are clipped to −1..1.

    Formula:
        mean ± z sqrt(s2/n + tau2), mean and s2 over all answers of all units. From five units
        up phi = mean of z^2 at tau2 = 0, z winsorised at the 10th and 90th percentile (type 7),
        and tau2 = max(0, (J phi − (J − 1))/(sum w − sum w^2/sum w)), w = n/s2
        (Spiegelhalter 2005, Stat. Med. 24:1185). tau2 is 0 below five units.
    """
    units = _scored(counts)
    sums = counts.select(COUNTS).cast(pl.Float64).drop_nulls().sum().row(0)
    if not units["n"].sum():
        return FunnelPlot(_limits(units, 0.0, 0.0, 0.0), None, None, 0.0)
    mean, variance = score_and_variance(*sums)
    s2 = variance * sum(sums)
    phi, tau2 = _overdispersion(units.drop_nulls(), mean, s2)
    return FunnelPlot(_limits(units, mean, s2, tau2), mean, phi, tau2)


def _overdispersion(units: pl.DataFrame, mean: float, s2: float) -> tuple[float | None, float]:
    j = units.height
    if j < _FEW or s2 == 0:
        return None, 0.0
    z = units.select((pl.col("theta") - mean) * (pl.col("n") / s2).sqrt()).to_series()
    low, high = (z.quantile(q, "linear") for q in (_WINSORISED, 1 - _WINSORISED))
    phi = float((z.clip(low, high) ** 2).mean())  # type: ignore[arg-type]
    n = pl.col("n")
    weight = _sum(units, n - n**2 / n.sum()) / s2
    return phi, max(0.0, (j * phi - (j - 1)) / weight)


def _limits(units: pl.DataFrame, mean: float, s2: float, tau2: float) -> pl.DataFrame:
    error = pl.when(pl.lit(s2 > 0)).then((s2 / pl.col("n") + tau2).sqrt())
    narrow, wide = z_value(WARN), z_value(INVESTIGATE)
    z = (pl.col("theta") - mean) / error
    signal = pl.when(z > wide).then(pl.lit("above")).when(z < -wide).then(pl.lit("below"))
    return units.select(
        low_95=(mean - narrow * error).clip(-1, 1),
        high_95=(mean + narrow * error).clip(-1, 1),
        low_998=(mean - wide * error).clip(-1, 1),
        high_998=(mean + wide * error).clip(-1, 1),
        z=z,
        signal=signal,
    )
