"""What moving customers between categories would bring, if a category made its revenue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

HAIRCUT = 0.5  # of the full difference between categories, which is an upper bound
POINT = 0.01  # of the NPS on its scale of −1…1


class Returns(NamedTuple):
    """What money spent brings back; null where nothing is known or, of payback, earned."""

    roi: float | None
    payback_months: float | None


class Losses(NamedTuple):
    """Revenue expected to leave; null where it is not known how many customers leave."""

    expected: float | None
    excess: float | None


def losses(revenue: Mapping[str, float], churn: Mapping[str, float | None]) -> Losses:
    """The revenue that leaves if each category goes on losing customers at its rate.

    Args:
        revenue: by category, those with customers.
        churn: the rate of each category, 0–1; None where nobody was followed.

    Returns:
        The sum, and what of it is beyond the churn of promoters; None where a rate is not known.

    Formula:
        Σ rev_g · c_g and Σ rev_g · (c_g − c_P).
    """
    rates = {name: churn.get(name) for name in revenue}
    known = {name: rate for name, rate in rates.items() if rate is not None}
    if not rates or len(known) < len(rates):
        return Losses(None, None)
    calm = churn.get("promoter")
    whole = sum(amount * known[name] for name, amount in revenue.items())
    return Losses(whole, None if calm is None else whole - calm * sum(revenue.values()))


def gain(customers: float, worth: float | None, after: float | None) -> float | None:
    """The full difference in revenue if customers were worth what those of another category are.

    Args:
        customers: who move, 0 or more; a share of a category need not be whole.
        worth, after: mean revenue per customer of the category they leave, and of the one they
            reach; None where it has nobody.

    Returns:
        Revenue in the unit of the means, below 0 where the second is less; None where a mean is.

    Formula:
        n (r̄_B − r̄_A), an upper bound: customers of two categories differ in more than that.
    """
    return None if worth is None or after is None else customers * (after - worth)


def point_values(means: Mapping[str, float | None], base: float) -> dict[str, float | None]:
    """The three values of one point of NPS, for so many customers.

    Args:
        means: mean revenue per customer of `detractor`, `passive` and `promoter`; None or left
            out for a category without customers.
        base: the customers whose NPS rises by one point.

    Returns:
        `detractor_to_passive`, `passive_to_promoter` and `detractor_to_promoter`, in the unit of
        the means; None where a mean is not known.

    Formula:
        One point is base/100 customers who move by one category, or base/200 who move by two.
        The three differ, so "the value of a point" is not one number.
    """
    low, middle, high = (means.get(name) for name in ("detractor", "passive", "promoter"))
    return {
        "detractor_to_passive": gain(base * POINT, low, middle),
        "passive_to_promoter": gain(base * POINT, middle, high),
        "detractor_to_promoter": gain(base * POINT / 2, low, high),
    }


def returns(revenue: float | None, margin: float, cost: float | None, months: float) -> Returns:
    """What a gain in revenue returns on its cost.

    Args:
        revenue: the gain counted on, in a span of time; None if it is not known.
        margin: share of revenue that is profit, 0–1.
        cost: above 0; None if it is not stated.
        months: the length of that span.

    Formula:
        ROI = (gain · margin − cost)/cost; payback = cost/(gain · margin/months), none without a
        gain.
    """
    if cost is None or revenue is None:
        return Returns(None, None)
    profit = revenue * margin
    return Returns((profit - cost) / cost, cost / (profit / months) if profit > 0 else None)
