"""What customers are expected to bring: how far ahead is looked, and sums over segments."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from cxkit.cells.periods import Length
from cxkit.errors import RequestError, visible
from cxkit.result import Note

if TYPE_CHECKING:
    import polars as pl

FIGURES = ("customers", "alive", "expected_purchases", "expected_value", "clv", "clv_mean")
MODEL = ("r", "alpha", "a", "b", "beta", "p", "q", "v", "log_likelihood",
         "spend_frequency_correlation")  # fmt: skip
WEEK = 7  # days of the unit in which models take time
MONTH = 365.25 / 12  # days
_MOST_MONTHS = 1_200


@dataclass(frozen=True)
class Horizon:
    """How far ahead is looked, in steps of months, the last one shorter if need be.

    Args:
        count, unit: as people say it: 12 `months`, 90 `days`.
        months: its length.
        discount: what money loses in a year, 0 or more.
    """

    count: int
    unit: str
    months: float
    discount: float = 0.0

    @classmethod
    def of(cls, text: str, discount: float) -> Horizon:
        """The horizon that an option states.

        Raises:
            RequestError: it is no length of time, or longer than a hundred years.
        """
        length = Length.of(text, "--horizon")
        n = length.n * (12 if length.unit == "y" else 1)
        unit, days = {"d": ("day", 1.0), "w": ("week", 7.0)}.get(length.unit, ("month", MONTH))
        months = n * days / MONTH
        if months > _MOST_MONTHS:
            message = f"--horizon {visible(text)} is longer than a hundred years"
            raise RequestError("bad-value", message)
        return cls(n, unit if n == 1 else f"{unit}s", months, discount)

    @property
    def ends(self) -> list[float]:
        """The ends of its steps, in months."""
        whole = [float(month) for month in range(1, int(self.months + 1e-9) + 1)]
        rest = self.months - len(whole)
        return [*whole, self.months] if rest > 1e-9 else whole

    @property
    def weeks(self) -> list[float]:
        """The ends of its steps, in weeks."""
        return [end * MONTH / WEEK for end in self.ends]

    @property
    def worth(self) -> list[float]:
        """What money at the end of each step is worth today."""
        return [(1 + self.discount) ** (-end / 12) for end in self.ends]

    @property
    def said(self) -> dict[str, int | str]:
        """It in a sentence."""
        return {"count": self.count, "unit": self.unit}


@dataclass(frozen=True)
class Valued:
    """Customers with what is expected of each.

    Args:
        rows: the groups (`by0`, …), `frequency` (purchases after the first), `n` (customers that
            the row stands for), and of each of them `alive` (0–1), `expected_purchases`,
            `expected_value` (money of one purchase) and `clv`.
        model: the fitted parameters, by the names of `MODEL`.
        notes: what the fit has shown.
        fit: customers by `purchases`, so many `bought` and so many `expected` by the model.
    """

    rows: pl.DataFrame
    model: Mapping[str, float | None]
    notes: tuple[Note, ...] = ()
    fit: Mapping[str, Sequence[Any]] = field(default_factory=dict)

    @property
    def summary(self) -> dict[str, Any]:
        """The figures of all customers, and the model."""
        return sums(self.rows) | {name: self.model.get(name) for name in MODEL}


def sums(rows: pl.DataFrame) -> dict[str, Any]:
    """The figures of some customers together.

    Sums are exact before they are rounded, so that the order of rows does not matter.

    Returns:
        `customers`, `alive` (how many are expected to still buy), `expected_purchases`,
        `expected_value` (money of one purchase, each as likely as it is to come; null without
        any), `clv` and `clv_mean` (null without customers).
    """
    n, ahead = rows["n"], rows["expected_purchases"] * rows["n"]
    customers = int(n.sum())
    alive, purchases, money, clv = (
        math.fsum(column.to_list())
        for column in (rows["alive"] * n, ahead, ahead * rows["expected_value"], rows["clv"] * n)
    )
    value = money / purchases if purchases else None
    mean = clv / customers if customers else None
    return dict(zip(FIGURES, (customers, alive, purchases, value, clv, mean), strict=True))


def classes(starts: Sequence[int]) -> dict[int, str]:
    """The names of classes of whole numbers by where they begin.

    Example:
        >>> classes((1, 2, 5))
        {1: '1', 2: '2–4', 5: '5+'}
    """
    names = {low: str(low) if high == low + 1 else f"{low}–{high - 1}"
             for low, high in pairwise(starts)}  # fmt: skip
    return names | {starts[-1]: f"{starts[-1]}+"}
