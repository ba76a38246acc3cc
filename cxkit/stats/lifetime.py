"""Customer lifetime value: purchases to come, times spend, times margin, discounted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxkit.stats.bgnbd import BgNbd, bgnbd_expected
from cxkit.stats.gammagamma import GammaGamma, gamma_gamma_mean

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

WEEKS_PER_MONTH = 365.25 / 12 / 7


def clv(
    purchases: BgNbd,
    spend: GammaGamma,
    frequency: ArrayLike,
    recency: ArrayLike,
    age: ArrayLike,
    mean_spend: ArrayLike,
    *,
    months: int = 12,
    discount_per_month: float = 0.0,
    margin: float = 1.0,
    month: float = WEEKS_PER_MONTH,
) -> Floats:
    """Value of each customer over the months after the end of observation.

    Args:
        purchases: fitted BG/NBD model.
        spend: fitted gamma-gamma model.
        frequency, recency, age: columns as in `bgnbd_fit`.
        mean_spend: mean spend of the repeat purchases; of no account where frequency is 0.
        months: whole months ahead, >= 0.
        discount_per_month: >= 0; a yearly rate i is (1 + i)^(1/12) − 1 a month.
        margin: share of revenue that is kept, 1 for revenue itself.
        month: length of a month in the models' unit of time; weeks by default.

    Returns:
        Money >= 0, one value per customer; 0 for months = 0. What was spent before is not in it.

    Raises:
        DataError: the spend has no mean (q <= 1).
        ValueError: a discount below 0 or months below 0.

    Formula:
        E[M] · margin · sum over months i = 1..months of (E[Y(i)] − E[Y(i−1)])/(1 + discount)^i
        (Fader, Hardie & Lee 2005, J. Marketing Research 42:415, in months).

    Differs from:
        lifetimes in nothing but the length of a month, 4.345 weeks there.
    """
    import numpy as np

    if months < 0 or discount_per_month < 0:
        raise ValueError("months and discount must be at least 0")
    mean = gamma_gamma_mean(spend, frequency, mean_spend)
    ahead = month * np.arange(months + 1.0)[:, None]
    total = bgnbd_expected(purchases, ahead, frequency, recency, age)
    worth = (1 + discount_per_month) ** -np.arange(1.0, months + 1)
    value: Floats = margin * mean * (worth @ np.diff(total, axis=0))
    return value
