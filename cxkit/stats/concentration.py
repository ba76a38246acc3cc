"""Concentration: how much of a total the largest items hold.

Items are customers, products or causes, each with one netted total (amounts or counts, whole
units or floats). Items of 0 stay in n. Items below 0 stay in n, the total and the shares, but
Gini and HHI are not defined with them. Everything is computed on the sorted totals, so the order
of items changes nothing, not even the last digit. Null totals are passed over; a total that is
NaN or infinite, or a sum that is, raises ValueError everywhere.
"""

import math
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import polars as pl

from cxkit.stats.bootstrap import bca
from cxkit.stats.intervals import z_value

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

Limits = tuple[float | None, float | None]

CUTS = (("A", 0.8), ("B", 0.95))  # a class lasts while the items before hold less than this
MOST = 0.8  # the share of the total behind `items_for_80`
BOOTSTRAPPED = 2000  # items; above, the linearised variance
LINEARISED = 30  # items; below, the linearised variance says too little

_ROUNDING = 1e-12  # of a cumulative share
_EXACT = 2.0**62  # whole units are added up as such below this
_RUN = 1024  # floats added up one after the other
_POINTS = 400  # of a curve that is drawn
_NONE: Limits = (None, None)


def concentration(
    values: pl.Series, share: float = 0.2, confidence: float = 0.95, seed: int | None = 0
) -> dict[str, Any]:
    """All figures of concentration of one set of items.

    Args:
        values: the total of each item, any numeric type, any order.
        share: the top share of items looked at, a fraction above 0 and at most 1.
        confidence: level of the intervals, a fraction strictly between 0 and 1.
        seed: of the bootstrap; None for intervals without it, from 30 items on.

    Returns:
        items, total (whole where the totals are), top_share with top_low and top_high,
        items_for_80 and items_for_80_rate (of items), gini with ci_low and ci_high,
        gini_corrected, hhi and effective_items (1/HHI). A figure is None where it is not
        defined: everything but items and total where the total is not above 0, the Gini ones
        also at n = 1, Gini, HHI and effective_items also with an item below 0. Limits are None
        where the sample has no spread to judge by; low <= estimate <= high.

    Raises:
        ValueError: an impossible share or confidence.

    Formula:
        the single figures: see their functions. Intervals up to 2,000 items: `bca`, 2,000
        replicates. Above: g ± z se/(g (1 − g)) on the logit scale, se from the linearised
        variance n/(n − 1) sum (u − mean u)^2 (Langel & Tillé 2013, J. R. Stat. Soc. A 176:521,
        for the Gini), with totals as shares s of the whole,
        Gini       u = (2 i s_i − 2 (s_1 + … + s_i) + 1 − n s_i − G (1 + n s_i))/n, ascending;
        top share  u = (s − q) [among the top k] + q k/n − T s, q the k-th largest s.

    Differs from:
        the percentile bootstrap, which lies too low for concentration.
    """
    ordered = richest_first(values)
    x = _array(ordered)
    most = items_for(ordered, MOST)
    top, single = top_share(ordered, share), gini(ordered)
    hirschman = hhi(ordered)
    tops, top_moves = partial(_top_shares, share=share), partial(_top_moves, share=share)
    top_low, top_high = _limits(x, top, tops, top_moves, confidence, seed)
    ci_low, ci_high = _limits(x, single, _ginis, _gini_moves, confidence, seed)
    return {
        "items": len(x),
        "total": x.sum().item(),
        "top_share": top,
        "top_low": top_low,
        "top_high": top_high,
        "items_for_80": most,
        "items_for_80_rate": None if most is None else most / len(x),
        "gini": single,
        "ci_low": ci_low,
        "ci_high": ci_high,
        "gini_corrected": gini_corrected(ordered),
        "hhi": hirschman,
        "effective_items": None if hirschman is None else 1 / hirschman,
    }


# --- single figures ------------------------------------------------------------------------------


def richest_first(values: pl.Series) -> pl.Series:
    """The totals from the largest to the smallest, as the other functions want them.

    Args:
        values: the total of each item, any numeric type; nulls are dropped.

    Returns:
        Int64 where the totals are whole and their sum fits, else Float64. Sorting twice costs
        nothing: the series knows that it is sorted.
    """
    values = values.drop_nulls()
    size = float(values.cast(pl.Float64).abs().sum())
    if not math.isfinite(size):
        raise ValueError("totals must be finite, and so must their sum")
    exact = values.dtype.is_integer() and size < _EXACT
    return values.cast(pl.Int64 if exact else pl.Float64).sort(descending=True)


def gini(values: pl.Series) -> float | None:
    """Gini coefficient, not corrected for the number of items.

    Args:
        values: the total of each item.

    Returns:
        0 (all equal) to (n − 1)/n (one holds all). None at n <= 1, with an item below 0, or
        where the total is not above 0.

    Formula:
        2 sum i x_(i)/(n sum x) − (n + 1)/n, ascending (Gini 1912), added up as
        sum over i <= n/2 of (n + 1 − 2i)(x_(n+1−i) − x_(i))/(n sum x), whose terms are never
        negative: no digits cancel, and equal totals give exactly 0. Replication leaves it
        unchanged. Equals ineq::Gini of R.
    """
    x = _array(values)
    if len(x) < 2 or x[-1] < 0 or x.sum() <= 0:
        return None
    return float(_ginis(x / x.sum()))


def gini_corrected(values: pl.Series) -> float | None:
    """Gini coefficient corrected for the number of items.

    Args:
        values: the total of each item.

    Returns:
        0 (all equal) to 1 (one holds all); None where `gini` is.

    Formula:
        n/(n − 1) times the Gini coefficient (Deltas 2003, Rev. Econ. Stat. 85:226).
    """
    single, n = gini(values), values.len() - values.null_count()
    return None if single is None else single * n / (n - 1)


def top_share(values: pl.Series, share: float) -> float | None:
    """Share of the total that the largest items hold.

    Args:
        values: the total of each item.
        share: which share of items, above 0 and at most 1.

    Returns:
        The sum of the k largest over the total: k/n to 1 (above 1 where others are below 0).
        None where there are no items or the total is not above 0.

    Raises:
        ValueError: an impossible share.

    Formula:
        k = ceil(share n), whole items; a product that misses a whole number by rounding alone
        counts as that number.

    Differs from:
        the Lorenz curve at 1 − share, which cuts an item in two where share n is not whole.
    """
    x = _array(values)
    k = whole_items(len(x), share)
    if x.sum() <= 0:
        return None
    return float(x[:k].sum() / x.sum())


def items_for(values: pl.Series, rate: float) -> int | None:
    """Smallest number of items that together hold a share of the total.

    Args:
        values: the total of each item.
        rate: the share of the total, above 0 and at most 1.

    Returns:
        The smallest k for which the k largest hold at least that share (less 1e-12 for
        rounding), 1..n. None where there are no items or the total is not above 0.

    Raises:
        ValueError: an impossible rate.
    """
    _checked(rate)
    x = _array(values)
    if x.sum() <= 0:
        return None
    return int((_running(x) / x.sum() >= rate - _ROUNDING).argmax()) + 1


def hhi(values: pl.Series) -> float | None:
    """Herfindahl–Hirschman index of the shares of items.

    Args:
        values: the total of each item.

    Returns:
        1/n (all equal) to 1 (one holds all); its inverse is the number of equal items that
        would be as concentrated. None with an item below 0, or where there are no items or the
        total is not above 0.

    Formula:
        sum s^2 with s = x / sum x (Hirschman 1945); times 10,000 in competition law.
    """
    x = _array(values)
    if x.sum() <= 0 or x[-1] < 0:
        return None
    return float(((x / x.sum()) ** 2).sum())


# --- along the items -----------------------------------------------------------------------------


def cumulative_shares(values: pl.Series) -> pl.Series:
    """Share of the total held by each item and all before it.

    Args:
        values: the total of each item, largest first, without nulls.

    Returns:
        Series `cum_share` of the same length, ending in 1; null throughout where the total is
        not above 0.

    Raises:
        ValueError: items that are not in descending order.
    """
    if values.null_count() or not values.is_sorted(descending=True):
        raise ValueError("totals must be in descending order, without nulls")
    x = _array(values)
    if x.sum() <= 0:
        return pl.Series("cum_share", [None], dtype=pl.Float64).new_from_index(0, len(x))
    return pl.Series("cum_share", _running(x) / x.sum())


def abc(values: pl.Series) -> pl.Series:
    """Class of each item: A those that make the first 80 % of the total, B up to 95 %, C the rest.

    Args:
        values: the total of each item, largest first, without nulls.

    Returns:
        Series `class` of the same length, 'A', 'B' or 'C'; null throughout where the total is
        not above 0.

    Raises:
        ValueError: items that are not in descending order.

    Formula:
        A while the items before hold less than 80 %, so that the item that crosses is A; B
        likewise at 95 %.
    """
    (first, most), (second, nearly) = CUTS
    held = pl.col("cum_share")
    before = held.shift(1, fill_value=0.0) + _ROUNDING
    classes = pl.when(before < most).then(pl.lit(first)).when(before < nearly).then(pl.lit(second))
    known = pl.when(held.is_not_null()).then(classes.otherwise(pl.lit("C")))
    return cumulative_shares(values).to_frame().select(known.alias("class")).to_series()


def lorenz(values: pl.Series, share: float | None = None) -> pl.DataFrame:
    """Points of the concentration curve, richest first, for drawing.

    Args:
        values: the total of each item.
        share: the curve has a point at this share of the items, rounded up to whole ones.

    Returns:
        Frame `item_share` and `cum_share` (both 0..1 from the origin to (1, 1); cum_share rises
        above 1 where items are below 0). All points up to 399 items; of more, about 400 at
        most, evenly and by powers, since the curve is steep at first. No rows where there are
        no items or the total is not above 0.

    Differs from:
        the Lorenz curve, poorest first, of which this is the image turned by half a turn: it is
        concave and lies above the diagonal.
    """
    import numpy as np

    x = _array(values)
    n = len(x)
    if x.sum() <= 0:
        return pl.DataFrame(schema={"item_share": pl.Float64, "cum_share": pl.Float64})
    half = _POINTS // 2
    places = np.arange(n + 1)
    if n >= _POINTS:
        evenly, by_powers = np.linspace(0, n, half), np.geomspace(1, n, half)
        asked = [] if share is None else [whole_items(n, share)]
        places = np.concatenate([evenly, by_powers, asked]).round().astype(np.int64)
        places = np.unique(places)
    held = np.concatenate([[0.0], _running(x) / x.sum()])[places]
    return pl.DataFrame({"item_share": places / n, "cum_share": held})


def _array(values: pl.Series) -> "Array":
    """The totals, largest first; int64 where they are whole."""
    x: Array = richest_first(values).to_numpy()
    return x


def whole_items(n: int, share: float) -> int:
    """Number of items in the top share: share n rounded up, rounding errors aside."""
    return math.ceil(_checked(share) * n * (1 - _ROUNDING))


def _checked(share: float) -> float:
    if not 0 < share <= 1:
        raise ValueError(f"a share must lie above 0 and at most at 1, got {share}")
    return share


def _running(x: "Array") -> "Array":
    """Running sums: exact for whole numbers, in two stages for floats, so that errors stay small.

    The last is the sum that x.sum() gives.
    """
    import numpy as np

    if x.dtype.kind == "i":
        whole: Array = x.cumsum()
        return whole
    runs = np.zeros((-(-len(x) // _RUN), _RUN))
    runs.reshape(-1)[: len(x)] = x
    before = runs.sum(axis=1).cumsum() - runs.sum(axis=1)
    sums: Array = (runs.cumsum(axis=1) + before[:, None]).reshape(-1)[: len(x)]
    sums[-1:] = x.sum()
    return sums


# --- intervals -----------------------------------------------------------------------------------


def _limits(
    x: "Array",
    estimate: float | None,
    statistic: "Callable[[Array], Array]",
    moves: "Callable[[Array], Array]",
    confidence: float,
    seed: int | None,
) -> Limits:
    """Bootstrap of the statistic up to 2,000 items, above from how each share moves it."""
    if estimate is None or (seed is None and len(x) < LINEARISED):
        return _NONE
    if seed is not None and len(x) <= BOOTSTRAPPED:
        found = bca(x, statistic, confidence=confidence, seed=seed)
        # the estimate may be added up in another order than the resamples
        return (min(found[0], estimate), max(found[1], estimate)) if found else _NONE
    return _logit_limits(estimate, moves(x / x.sum()), confidence)


def _ginis(x: "Array") -> "Array":
    """Gini of each row of totals; NaN where they add up to 0."""
    import numpy as np

    x, n = np.sort(x), x.shape[-1]
    outer = n - 1 - 2 * np.arange(n // 2)
    gaps = x[..., ::-1][..., : n // 2] - x[..., : n // 2]
    return _ratio((gaps * outer).sum(axis=-1), n * x.sum(axis=-1))


def _top_shares(x: "Array", share: float) -> "Array":
    """Top share of each row of totals; NaN where they do not add up to more than 0."""
    import numpy as np

    n = x.shape[-1]
    rest = n - whole_items(n, share)
    largest = np.partition(x, rest, axis=-1)[..., rest:] if rest else x
    return _ratio(largest.sum(axis=-1), x.sum(axis=-1))


def _ratio(part: "Array", whole: "Array") -> "Array":
    import numpy as np

    undefined = np.full(np.shape(whole), math.nan)
    return np.asarray(np.divide(part, whole, out=undefined, where=whole > 0))


def _gini_moves(s: "Array") -> "Array":
    """How much each item moves the Gini: its linearised variable, on descending shares."""
    import numpy as np

    n, s = len(s), s[::-1]
    rank = np.arange(1, n + 1)
    own: Array = 2 * (rank * s - s.cumsum()) + 1 - n * s
    return (own - float(_ginis(s)) * (1 + n * s)) / n


def _top_moves(s: "Array", share: float) -> "Array":
    """How much each item moves the top share: its linearised variable, on descending shares."""
    k = whole_items(len(s), share)
    moves: Array = s[k - 1] * (k / len(s)) - float(s[:k].sum()) * s
    moves[:k] += s[:k] - s[k - 1]
    return moves


def _logit_limits(estimate: float, moves: "Array", confidence: float) -> Limits:
    """Symmetric on the logit scale; none outside 0..1 or without spread."""
    n = len(moves)
    error = math.sqrt(n / (n - 1) * float(((moves - moves.mean()) ** 2).sum()))
    if not 0 < estimate < 1 or error < _ROUNDING:
        return _NONE
    centre = math.log(estimate / (1 - estimate))
    half_width = z_value(confidence) * error / (estimate * (1 - estimate))
    return _expit(centre - half_width), _expit(centre + half_width)


def _expit(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x > 0 else math.exp(x) / (1 + math.exp(x))
