"""Survival: Kaplan–Meier curves, their medians, and whether groups leave at the same rate.

Tables are counts by duration: `time` (any unit, from the start of each customer's clock, never
null), `events` (customers who left then), `censored` (customers still there when observation
ended), and optionally `group`. Rows may repeat a time and come in any order. At equal times
events come before censorings. Survival is a fraction 0..1. Censoring must have nothing to do with
the risk of leaving, and all clocks must start at the same kind of moment.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import polars as pl

from cxkit.stats.comparisons import chi_square_tail
from cxkit.stats.intervals import z_value

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

Test = tuple[float | None, int, float | None]  # chi-square, degrees of freedom, p

CURVE = ("time", "at_risk", "events", "censored", "survival", "ci_low", "ci_high")

_ROUNDING = 1e-12  # of a survival of exactly one half


# --- curves --------------------------------------------------------------------------------------


def kaplan_meier(table: pl.DataFrame, confidence: float) -> pl.DataFrame:
    """Kaplan–Meier curve, with limits, of all customers or of each group.

    Args:
        table: columns time, events, censored (counts >= 0) and, for a curve per group, group
            (null is a group of its own).
        confidence: level of the limits as a fraction, strictly between 0 and 1.

    Returns:
        One row per time with customers: (group,) time, at_risk (customers still observed just
        before), events, censored, survival, ci_low, ci_high; sorted by group, blank last, and
        time. Limits are null where survival is 1 or 0: there is no variance to judge by. No
        rows without customers; a single customer gives a single row.

    Raises:
        ValueError: impossible confidence.

    Formula:
        S(t) = product over times up to t of (1 − d/n) (Kaplan & Meier 1958, J. Am. Stat. Assoc.
        53:457); limits S^exp(± z sqrt(G)/ln S), G = sum d/(n (n − d)) (Greenwood 1926).
        Equals R's survfit(conf.type = "log-log").

    Differs from:
        R's default limits, which are symmetric on the log scale and pass 1; lifelines, whose
        limits are 1 and 1 where survival is 1.
    """
    z = z_value(confidence)
    keys = ["group"] if "group" in table.columns else []
    rows = _by_time(table, keys)
    n, d = (pl.col(name).cast(pl.Float64) for name in ("at_risk", "events"))
    left = pl.col("events") < pl.col("at_risk")
    rows = rows.with_columns(
        _within((1 - d / n).cum_prod(), keys).alias("survival"),
        _within(pl.when(left).then(d / (n * (n - d))).cum_sum(), keys).alias("greenwood"),
    )
    survival = pl.col("survival")
    power = (z * pl.col("greenwood").sqrt() / survival.log()).exp()
    known = pl.when(survival > 0, survival < 1)
    limits = {"ci_low": known.then(survival ** (1 / power)), "ci_high": known.then(survival**power)}
    return rows.with_columns(**limits).select(*keys, *CURVE)


def median(curve: pl.DataFrame) -> tuple[float | None, float | None, float | None]:
    """Median time until customers leave, with its limits.

    Args:
        curve: of one group, from `kaplan_meier`.

    Returns:
        (median, low, high) in the unit of time, low <= median <= high; each None where the curve
        or its limit never reaches one half. All None without customers.

    Formula:
        the first time with S <= ½; where S is ½ for a while, the middle of that while. Limits
        are the same of ci_low and ci_high (Brookmeyer & Crowley 1982, Biometrics 38:29). Equals
        R's survfit.
    """
    times = curve["time"].to_list()
    middle, low, high = (
        _halved(times, curve[name].to_list()) for name in ("survival", "ci_low", "ci_high")
    )
    return middle, low, high


def _halved(times: list[float], shares: list[float | None]) -> float | None:
    """First time at or below one half; halfway to the next step where it is one half."""
    reached = [
        (time, share)
        for time, share in zip(times, shares, strict=True)
        if share is not None and share <= 0.5 + _ROUNDING
    ]
    if not reached:
        return None
    first, share = reached[0]
    below = [time for time, later in reached if later < 0.5 - _ROUNDING]
    return (first + below[0]) / 2 if share >= 0.5 - _ROUNDING and below else first


def survival_at(curve: pl.DataFrame, times: Sequence[float]) -> pl.DataFrame:
    """Survival at chosen times.

    Args:
        curve: of one group, from `kaplan_meier`.
        times: in the unit of the curve, any order.

    Returns:
        One row per time in the order given: time, at_risk (customers still observed just before
        that time), survival, ci_low, ci_high. Before the first row survival is 1, without
        limits. After the last it is null, unless all had left: then it stays 0. Without
        customers at_risk is 0 and the rest null.

    Differs from:
        R's summary(survfit, times), which leaves out times after the last.
    """
    rows = list(curve.select("time", "at_risk", "survival", "ci_low", "ci_high").iter_rows())
    found = [(time, *_state(rows, time)) for time in map(float, times)]
    schema = {name: pl.Float64 for name in CURVE if name not in ("events", "censored")}
    return pl.DataFrame(found, schema=schema | {"at_risk": pl.Int64}, orient="row")


def _state(rows: list[tuple[Any, ...]], time: float) -> tuple[Any, ...]:
    """(at_risk, survival, ci_low, ci_high) at a time."""
    known = bisect_right(rows, time, key=itemgetter(0))
    ahead = bisect_left(rows, time, key=itemgetter(0))
    at_risk = rows[ahead][1] if ahead < len(rows) else 0
    if not known:
        return at_risk, 1.0 if rows else None, None, None
    last, _, survival, *limits = rows[known - 1]
    if known == len(rows) and time > last and survival > 0:
        return at_risk, None, None, None
    return at_risk, survival, *limits


def _by_time(table: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """One row per group and time, with the customers still at risk."""
    counts = pl.col("events", "censored").cast(pl.Int64)
    rows = table.group_by(*keys, pl.col("time").cast(pl.Float64)).agg(counts.sum())
    leaving = pl.col("events") + pl.col("censored")
    rows = rows.filter(leaving > 0).sort(*keys, "time", nulls_last=True)
    return rows.with_columns(at_risk=_within(leaving.cum_sum(reverse=True), keys))


def _within(values: pl.Expr, keys: list[str]) -> pl.Expr:
    return values.over(keys) if keys else values


# --- tests ---------------------------------------------------------------------------------------


def logrank(table: pl.DataFrame) -> Test:
    """Do the groups leave at the same rate? The log-rank test.

    Args:
        table: columns group (null is a group of its own), time, events, censored (counts >= 0).

    Returns:
        (chi-square, degrees of freedom, p). Groups that were never at risk when somebody left do
        not count. (None, df, None) with fewer than two that were, or where all left at once.

    Formula:
        U' V^-1 U on k − 1 degrees of freedom, any one group left out; U = observed less expected
        events, V their hypergeometric covariance, summed over times (Mantel 1966; Peto & Peto
        1972, J. R. Stat. Soc. A 135:185). Equals R's survdiff.
    """
    import numpy as np

    groups = table["group"].unique(maintain_order=True).to_list()
    excess, variance, expected = _log_rank_moments(table, groups)
    kept = np.flatnonzero(expected > 0)[1:]
    df = len(kept)
    if df == 0 or not variance.any():
        return None, df, None
    pull = excess[kept]
    statistic = float(pull @ np.linalg.solve(variance[np.ix_(kept, kept)], pull))
    return statistic, df, chi_square_tail(statistic, df)


def trend(
    table: pl.DataFrame, groups: Sequence[Any], scores: Sequence[float] | None = None
) -> Test:
    """Do customers leave the faster, or the slower, the higher their group? Log-rank for trend.

    Args:
        table: columns group, time, events, censored (counts >= 0); rows of other groups are
            passed over.
        groups: the groups in their order, each once.
        scores: how far apart they are; 1, 2, 3, … if not given. Only distances matter, up to a
            common factor.

    Returns:
        (chi-square, 1, p). (None, 1, None) with fewer than two groups at risk when somebody
        left, where all left at once, or where all scores are the same.

    Raises:
        ValueError: not one score for each group.

    Formula:
        (s' U)^2/(s' V s) on 1 degree of freedom, U and V as in `logrank` (Tarone 1975, Biometrika
        62:679). With two groups it is the log-rank test.
    """
    import numpy as np

    s = np.array(range(1, len(groups) + 1) if scores is None else scores, dtype=np.float64)
    if len(s) != len(groups):
        raise ValueError(f"{len(s)} scores for {len(groups)} groups")
    excess, variance, _ = _log_rank_moments(table, groups)
    if not np.ptp(s) > 0 or not variance.any():
        return None, 1, None
    s = s - s.mean()
    statistic = float((s @ excess) ** 2 / (s @ variance @ s))
    return statistic, 1, chi_square_tail(statistic, 1)


def _log_rank_moments(table: pl.DataFrame, groups: Sequence[Any]) -> "tuple[Array, Array, Array]":
    """Observed less expected events of each group, their covariance, and the expected events."""
    import numpy as np

    events, at_risk = _by_group_and_time(table, groups)
    d, n = events.sum(axis=0), at_risk.sum(axis=0)
    share = at_risk / n
    expected = (share * d).sum(axis=1)
    spread = d * (n - d) / np.maximum(n - 1, 1)  # of the events at each time
    variance = np.diag((share * spread).sum(axis=1)) - (share * spread) @ share.T
    return events.sum(axis=1) - expected, variance, expected


def _by_group_and_time(table: pl.DataFrame, groups: Sequence[Any]) -> "tuple[Array, Array]":
    """Events and customers at risk, a row per group and a column per time of any group."""
    import numpy as np

    row = {group: place for place, group in enumerate(groups)}
    rows = [r for r in _by_time(table, ["group"]).iter_rows(named=True) if r["group"] in row]
    column = {time: place for place, time in enumerate(sorted({r["time"] for r in rows}))}
    events, leaving = np.zeros((2, len(row), len(column)))
    for r in rows:
        place = row[r["group"]], column[r["time"]]
        events[place] = r["events"]
        leaving[place] = r["events"] + r["censored"]
    return events, leaving[:, ::-1].cumsum(axis=1)[:, ::-1]
