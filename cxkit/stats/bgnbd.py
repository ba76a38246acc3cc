"""The BG/NBD model: who still buys, and how often they will, from the dates of purchases alone.

While active a customer buys at random at an own constant rate, and after each purchase leaves for
good with an own constant chance; over customers the rates are gamma(r, alpha) distributed and the
chances beta(a, b) (Fader, Hardie & Lee 2005, Marketing Science 24:275, here FHL). Times are all in
one unit, of any length; alpha is in that unit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from cxkit.errors import DataError
from cxkit.stats.likelihood import Peak, climb, highest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from cxkit.stats.likelihood import Curve

    Floats = NDArray[np.float64]

FEWEST = 10  # customers, for four parameters [convention]
PENALTY = 1e-6  # per customer and parameter, where there is no maximum
_STARTS = ((0.5, 0.5, 0.5, 2.0), (2.0, 2.0, 1.0, 10.0), (0.2, 0.1, 1.0, 1.0), (10.0, 5.0, 3.0, 3.0))
_MOST_NODES = 512


@dataclass(frozen=True)
class BgNbd:
    """A fitted BG/NBD model.

    Args:
        r, alpha: shape and rate of the gamma distribution of purchase rates; r/alpha is their
            mean per unit of time.
        a, b: of the beta distribution of the chance to leave after a purchase; mean a/(a + b).
        log_likelihood: at the parameters, without penalty, all constants of FHL kept.
        n: customers.
        penalty: 0 for maximum likelihood; else the weight of the squared log parameters, needed
            because the likelihood rises forever, as where customers do not differ or none leaves.
    """

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    n: int
    penalty: float = 0.0


@dataclass(frozen=True)
class _Sums:
    """What the likelihood needs of the data: repeat buyers by row, everything else summed.

    `more[j]` is the number of customers with more than j repeat purchases. Their sums of
    log(r + j) take the place of gamma functions, which would cancel for large parameters.
    """

    more: Floats
    frequency: Floats
    recency: Floats
    age: Floats
    count: Floats
    silent_age: Floats
    silent_count: Floats


# --- fit -----------------------------------------------------------------------------------------


def bgnbd_fit(
    frequency: ArrayLike, recency: ArrayLike, age: ArrayLike, count: ArrayLike | None = None
) -> BgNbd:
    """Fit the BG/NBD model by maximum likelihood.

    Args:
        frequency: repeat purchases of each customer, whole numbers >= 0 (the first does not count).
        recency: time from the first to the last purchase, 0 where frequency is 0.
        age: time from the first purchase to the end of observation, >= recency.
        count: customers each row stands for; 1 by default.

    Returns:
        The model. Another unit of time changes alpha in proportion and the log-likelihood by a
        constant, and nothing else.

    Raises:
        DataError: fewer than 10 customers, none observed for any time, none who bought again, or
            no parameters that fit best.
        ValueError: columns of different length or impossible values.

    Formula:
        lnΓ(r+x) − lnΓ(r) + r ln alpha + lnB(a, b+x) − lnB(a, b) + ln[(alpha+T)^−(r+x)
        + 1{x>0} a/(b+x−1) (alpha+t_x)^−(r+x)] summed over customers (FHL eq. 6), maximised over
        the logarithms of the four parameters with time in units of the mean age.

    Differs from:
        the Python package lifetimes, which stops at a looser tolerance, and R's BTYD, which
        bounds the parameters at 10,000.
    """
    x, t_x, T, customers = _columns(frequency, recency, age, count)
    _enough(x, T, customers)
    scale = float(T @ customers / customers.sum())
    peak = _best(partial(_log_likelihood, _summed(x, t_x / scale, T / scale, customers)), customers)
    r, alpha, a, b = peak.parameters
    value = peak.value - float(x @ customers) * math.log(scale)
    return BgNbd(r, alpha * scale, a, b, value, round(float(customers.sum())), peak.penalty)


def _columns(
    frequency: ArrayLike, recency: ArrayLike, age: ArrayLike, count: ArrayLike | None
) -> tuple[Floats, ...]:
    import numpy as np

    x, t_x, T = (np.asarray(column, dtype=float) for column in (frequency, recency, age))
    customers = np.ones_like(x) if count is None else np.asarray(count, dtype=float)
    if not x.shape == t_x.shape == T.shape == customers.shape or x.ndim != 1:
        raise ValueError("frequency, recency, age and count must be columns of one length")
    possible = (x >= 0) & (x == np.floor(x)) & (t_x >= 0) & (t_x <= T) & (customers >= 0)
    if not (possible & np.isfinite(T) & ((x > 0) | (t_x == 0))).all():
        raise ValueError("frequency must be whole, and 0 <= recency <= age, 0 where frequency is 0")
    return x, t_x, T, customers


def _enough(x: Floats, T: Floats, customers: Floats) -> None:
    n = round(float(customers.sum()))
    if n < FEWEST:
        raise DataError("too-little", f"only {n} customers; at least {FEWEST} are needed")
    if not (T * customers).any():
        raise DataError("too-little", "all customers bought first on the last day of the data")
    if not (x * customers).any():
        raise DataError(
            "too-little", "no customer bought on a second day, so nothing tells who will buy again"
        )


def _best(likelihood: partial[Curve], customers: Floats) -> Peak:
    peak = highest(likelihood, _STARTS)
    if not peak.reached:
        peak = climb(likelihood, peak.parameters, PENALTY * float(customers.sum()))
    if not peak.reached:
        raise DataError("too-little", "no rates of buying and leaving fit these purchases best")
    return peak


def _summed(x: Floats, t_x: Floats, T: Floats, customers: Floats) -> _Sums:
    import numpy as np

    again = x > 0
    by_frequency = np.bincount(x.astype(np.int64), weights=customers).astype(float)
    more: Floats = np.cumsum(by_frequency[:0:-1])[::-1]
    repeat = (x[again], t_x[again], T[again], customers[again])
    return _Sums(more, *repeat, T[~again], customers[~again])


def _log_likelihood(sums: _Sums, r: float, alpha: float, a: float, b: float) -> Curve:
    """Value, gradient and Hessian of the log-likelihood by (r, alpha, a, b).

    For repeat buyers the bracket of FHL eq. 6 is the first term times (1 + odds of having left).
    """
    value, slope, bend = _histories(sums, r, a, b)
    for part in (
        _waiting(r, alpha, sums.silent_age, sums.silent_count, 0 * sums.silent_age),
        _waiting(r, alpha, sums.age, sums.count, sums.frequency),
    ):
        value += part[0]
        slope[:2] += part[1]
        bend[:2, :2] += part[2]
    left = _departures(sums, r, alpha, a, b)
    return value + left[0], slope + left[1], bend + left[2]


def _histories(sums: _Sums, r: float, a: float, b: float) -> Curve:
    """lnΓ(r+x) − lnΓ(r) + lnB(a, b+x) − lnB(a, b), as sums over the purchases j."""
    import numpy as np

    j = np.arange(len(sums.more))
    rate, stay, both = r + j, b + j, a + b + j
    value = float(sums.more @ (np.log(rate) - np.log1p(a / stay)))
    slope, bend = np.zeros(4), np.zeros((4, 4))
    slope[[0, 2, 3]] = sums.more @ np.column_stack([1 / rate, -1 / both, a / (stay * both)])
    bend[0, 0] = -(sums.more @ rate**-2.0)
    bend[2:, 2:] = sums.more @ both**-2.0
    bend[3, 3] -= sums.more @ stay**-2.0
    return value, slope, bend


def _waiting(r: float, alpha: float, T: Floats, count: Floats, x: Floats) -> Curve:
    """r ln alpha − (r+x) ln(alpha+T), by (r, alpha)."""
    import numpy as np

    end, total = alpha + T, r + x
    grown = np.log1p(T / alpha)
    value = -float(count @ (r * grown + x * np.log(end)))
    slope = np.array([-(count @ grown), count @ ((r * T - x * alpha) / (alpha * end))])
    mixed = count @ (T / (alpha * end))
    curved = count @ (total / end**2) - r / alpha**2 * count.sum()
    return value, slope, np.array([[0.0, mixed], [mixed, curved]])


def _departures(sums: _Sums, r: float, alpha: float, a: float, b: float) -> Curve:
    """ln(1 + odds of having left) of the repeat buyers."""
    import numpy as np

    x, begin, end = sums.frequency, alpha + sums.recency, alpha + sums.age
    gap, total, stay = np.log1p((sums.age - sums.recency) / begin), r + x, b + x - 1
    odds = np.log(a / stay) + total * gap
    gone = sums.count / (1 + np.exp(-np.clip(odds, -700, 700)))
    alive = 1 / (1 + np.exp(np.clip(odds, -700, 700)))
    shift = 1 / end - 1 / begin
    by = np.stack([gap, total * shift, np.full_like(x, 1 / a), -1 / stay])
    bend = (by * (gone * alive)) @ by.T
    bend[0, 1] += gone @ shift
    bend[1, 0] = bend[0, 1]
    bend[1, 1] -= gone @ (total * shift * (1 / end + 1 / begin))
    bend[2, 2] -= gone.sum() / a**2
    bend[3, 3] += gone @ stay**-2.0
    return float(sums.count @ np.logaddexp(0, odds)), by @ gone, bend


# --- predictions ---------------------------------------------------------------------------------


def bgnbd_alive(model: BgNbd, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike) -> Floats:
    """Chance that each customer still buys.

    Args:
        model: in the same unit of time as the columns.
        frequency, recency, age: as in `bgnbd_fit`; numbers or arrays that broadcast.

    Returns:
        0..1. Exactly 1 for customers with one purchase: the model lets a customer leave only
        after a repeat purchase.

    Formula:
        1/(1 + 1{x>0} a/(b+x−1) ((alpha+T)/(alpha+t_x))^(r+x)) (Fader, Hardie & Lee 2008, note
        on P(active) in the BG/NBD model, eq. 1). Equals lifetimes and BTYD.
    """
    import numpy as np

    x, t_x, T = (np.asarray(column, dtype=float) for column in (frequency, recency, age))
    gap = np.log1p((T - t_x) / (model.alpha + t_x))
    odds = math.log(model.a) - np.log(model.b + np.maximum(x, 1) - 1) + (model.r + x) * gap
    chance: Floats = np.where(x > 0, 1 / (1 + np.exp(np.clip(odds, -700, 700))), 1.0)
    return chance


def bgnbd_expected(
    model: BgNbd, t: ArrayLike, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike
) -> Floats:
    """Purchases expected of each customer within a time t after the end of observation.

    Args:
        model: in the same unit of time as the columns and t.
        t: length of the time ahead, >= 0 and finite; broadcasts against the columns.
        frequency, recency, age: as in `bgnbd_fit`.

    Returns:
        Expected purchases >= 0, finite, rising with t and 0 at t = 0; to 1e-9 relative up to
        times of a thousand times alpha + age.

    Formula:
        P(alive) times the unconditional mean of `bgnbd_mean` with r+x, alpha+T and b+x in the
        place of r, alpha and b, which is FHL eq. 10.

    Differs from:
        lifetimes and BTYD in large counts of purchases and a near 1, where the hypergeometric
        function of eq. 10 overflows or cancels; the numbers are the same elsewhere.
    """
    import numpy as np

    given = (np.asarray(column, dtype=float) for column in (t, frequency, recency, age))
    ahead, x, t_x, T = np.broadcast_arrays(*given)
    s = (ahead / (model.alpha + T)).ravel()
    values, place = np.unique(x, return_inverse=True)
    order = np.argsort(place, axis=None, kind="stable")
    ends = np.cumsum(np.bincount(place.ravel(), minlength=len(values)))[:-1]
    expected = np.zeros(x.size)
    for value, at in zip(values, np.split(order, ends), strict=True):
        expected[at] = _purchases(model.r + value, model.a, model.b + value, s[at])
    return expected.reshape(x.shape) * bgnbd_alive(model, x, t_x, T)


def bgnbd_mean(model: BgNbd, t: ArrayLike) -> Floats:
    """Repeat purchases expected of a new customer within a time t after the first purchase.

    Args:
        model: in the same unit of time as t.
        t: >= 0 and finite, a number or an array.

    Returns:
        Expected purchases >= 0, finite, rising with t and 0 at t = 0.

    Formula:
        E[(1 − (1 + p t/alpha)^−r)/p] over p ~ beta(a, b), which is FHL eq. 9
        (a+b−1)/(a−1) [1 − (alpha/(alpha+t))^r 2F1(r, b; a+b−1; t/(alpha+t))] without its gap
        at a = 1.
    """
    import numpy as np

    s = np.asarray(t, dtype=float) / model.alpha
    return _purchases(model.r, model.a, model.b, s.ravel()).reshape(s.shape)


def _purchases(r: float, a: float, b: float, s: Floats) -> Floats:
    """E[(1 − (1 + p s)^−r)/p] over p ~ beta(a, b), by Gauss quadrature.

    Each node's share rises with s, so the sum does, however many nodes. They are doubled until
    the largest s, which needs most of them, settles.
    """
    import numpy as np

    longest = s.max(initial=0.0)
    nodes, previous = 8, -1.0
    while True:
        nodes *= 2
        p, weight = _beta_nodes(a, b, nodes)
        latest = float(weight @ _share(p, r, longest))
        if abs(latest - previous) <= 1e-12 * latest or nodes >= _MOST_NODES:
            break
        previous = latest
    total = np.zeros_like(s)
    for chance, mass in zip(p, weight, strict=True):
        total += mass * _share(chance, r, s)
    return total


def _share(p: Floats, r: float, s: Floats) -> Floats:
    """(1 − (1 + p s)^−r)/p for p > 0."""
    import numpy as np

    share: Floats = -np.expm1(-r * np.log1p(p * s)) / p
    return share


def _beta_nodes(a: float, b: float, n: int) -> tuple[Floats, Floats]:
    """Nodes on (0, 1) and weights of sum 1 that integrate over beta(a, b).

    Exact for polynomials of degree 2n − 1: eigenvalues and first components of the Jacobi matrix
    (Golub & Welsch 1969), its recurrence shifted to 0..1.
    """
    import numpy as np
    from scipy.linalg import eigh_tridiagonal

    k = np.arange(1.0, n)
    s = 2 * k + a + b - 2
    middle = np.append(a / (a + b), (2 * k * (k + a + b - 1) + a * (a + b - 2)) / (s * (s + 2)))
    k, s = k[1:], s[1:]
    beside = k * (k + a - 1) * (k + b - 1) * (k + a + b - 2) / (s * s * (s * s - 1))
    beside = np.append(a * b / ((a + b) ** 2 * (a + b + 1)), beside)
    p, axes = eigh_tridiagonal(middle, np.sqrt(beside))
    return np.clip(p, 1e-300, 1.0), axes[0] ** 2
