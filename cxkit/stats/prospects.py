"""What the BG/NBD model expects by rate of buying: purchases ahead, and its own fit to the past."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxkit.stats.bgnbd import BgNbd, bgnbd_alive, bgnbd_expected

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

_CELLS = 4_000_000  # of customers by steps that are held at once


def active_purchases(
    model: BgNbd, frequency: ArrayLike, age: ArrayLike, ends: ArrayLike, worth: ArrayLike
) -> tuple[Floats, Floats]:
    """Purchases ahead of customers who still buy: all of them, and discounted step by step.

    Times the chance to be alive they are those expected of any customer. They do not depend on
    when the last purchase was, so that few rows stand for many customers.

    Args:
        model: in the same unit of time as age and ends.
        frequency, age: as in `bgnbd_fit`, columns of one length.
        ends: the ends of the steps ahead, ascending, > 0; the last one is the horizon.
        worth: what a purchase in each step is worth, 1 where nothing is discounted.

    Returns:
        Purchases to the horizon, and their sum over steps with each step's own times its worth;
        both >= 0, one per row. Zeros without steps; empty without rows.

    Raises:
        ValueError: not one worth for each step.

    Formula:
        E[Y(t)] of `bgnbd_expected` over P(alive), and sum worth_i (E[Y(t_i)] − E[Y(t_{i−1})])
        (Fader, Hardie & Lee 2005, J. Marketing Research 42:415).
    """
    import numpy as np

    x, T, t, w = (np.asarray(one, dtype=float) for one in (frequency, age, ends, worth))
    if t.shape != w.shape:
        raise ValueError(f"{len(w)} values for {len(t)} steps")
    reached, discounted = np.zeros_like(x), np.zeros_like(x)
    if not len(x):
        return reached, discounted
    alive = bgnbd_alive(model, x, T, T)
    block = max(1, _CELLS // len(x))
    for first in range(0, len(t), block):
        steps = t[first : first + block, None]
        total = bgnbd_expected(model, steps, x, T, T) / alive
        gained = np.diff(total, axis=0, prepend=reached[None])
        discounted += w[first : first + block] @ gained
        reached = total[-1]
    return reached, discounted


def expected_frequencies(
    model: BgNbd, age: ArrayLike, most: int, count: ArrayLike | None = None
) -> Floats:
    """How many customers the model expects with 0, 1, 2, … repeat purchases so far.

    Args:
        model: in the same unit of time as age.
        age: time from the first purchase to the end of observation.
        most: the last class holds customers with so many repeat purchases or more.
        count: customers each row stands for; 1 by default.

    Returns:
        most + 1 numbers >= 0 that add up to the customers.

    Formula:
        B(a, b+x)/B(a, b) Γ(r+x)/(Γ(r) x!) (alpha/(alpha+t))^r (t/(alpha+t))^x + 1{x>0}
        B(a+1, b+x−1)/B(a, b) [1 − (alpha/(alpha+t))^r sum_{j<x} Γ(r+j)/(Γ(r) j!)
        (t/(alpha+t))^j] (Fader, Hardie & Lee 2005, Marketing Science 24:275, eq. 8), summed over
        customers.
    """
    import numpy as np
    from scipy.special import betaln, gammaln

    T = np.asarray(age, dtype=float)
    customers = np.ones_like(T) if count is None else np.asarray(count, dtype=float)
    x = np.arange(max(most, 0), dtype=float)
    s = T / (model.alpha + T)
    grown = gammaln(model.r + x) - gammaln(model.r) - gammaln(x + 1)
    waits = np.exp(grown) * (1 - s[:, None]) ** model.r * s[:, None] ** x
    whole = betaln(model.a, model.b)
    stays = np.exp(betaln(model.a, model.b + x) - whole)
    leaves = np.exp(betaln(model.a + 1, model.b + np.maximum(x, 1) - 1) - whole) * (x > 0)
    before = np.cumsum(waits, axis=1) - waits
    chance = stays * waits + leaves * np.maximum(1 - before, 0)  # sums may round above 1
    found = customers @ chance
    rest = max(float(customers.sum() - found.sum()), 0.0)
    return np.append(found, rest)
