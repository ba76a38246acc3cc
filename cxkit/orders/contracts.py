"""Customers under contract, and what is expected of them: renewals by the sBG model."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Any

from cxkit.errors import DataError, RequestError
from cxkit.orders.clocks import DAYS, MONTHS
from cxkit.orders.money import UNIT
from cxkit.orders.outlook import MONTH, Horizon, Valued
from cxkit.result import Note

if TYPE_CHECKING:
    import polars as pl

    from cxkit.orders.tenure import Tenures
    from cxkit.stats.sbg import Sbg

CLASSES = (0, 1, 3, 6, 12, 24)  # renewals at which classes begin


def valued(found: Tenures, unit: str, horizon: Horizon, margin: float) -> Valued:
    """What is expected of each customer who is still here, within a horizon.

    The next renewal counts in full and each later one discounted by a period more. One model is
    fitted to all groups together.

    Args:
        found: customers by time; with `amount`, what they pay a period, else a period counts 1.
        unit: how long a period is: `day`, `week`, `month`, `quarter` or `year`.
        horizon: how far ahead.
        margin: the share of revenue that is kept.

    Raises:
        RequestError: a horizon shorter than a period.
        DataError: nobody left or is here, or too little for the model.

    Formula:
        sum over renewals i = 1..h of S(k + i)/S(k)/(1 + d)^(i − 1) for who has renewed k times,
        S of the sBG model (Fader & Hardie 2007); over all renewals it is the discounted expected
        residual lifetime of Fader & Hardie (2010, Marketing Science 29:85, eq. 4).
    """
    import polars as pl

    renewals, discount = _steps(unit, horizon)
    here = found.rows.filter(~pl.col("left"))
    if here.is_empty():
        raise DataError("too-little", "all customers have left: none is left to be valued")
    model = _fitted(found.rows)
    ages = here["renewals"].unique().sort().to_list()
    ahead = pl.DataFrame(
        [(age, *_ahead(model, age, renewals, discount)) for age in ages],
        schema={"renewals": pl.Int64, "expected_purchases": pl.Float64, "worth": pl.Float64},
        orient="row",
    )
    groups = [name for name in here.columns if name.startswith("by")]
    keys = [*groups, "renewals"]
    sums = [name for name in ("n", "amount") if name in here.columns]
    rows = here.group_by(keys).agg(pl.col(sums).sum()).sort(keys, nulls_last=True)
    value = pl.col("amount") / UNIT / pl.col("n") if "amount" in sums else pl.lit(1.0)
    rows = rows.join(ahead, on="renewals", maintain_order="left").with_columns(
        pl.lit(1.0).alias("alive"), value.alias("expected_value")
    )
    clv = margin * pl.col("worth") * pl.col("expected_value")
    rows = rows.with_columns(clv.alias("clv")).rename({"renewals": "frequency"})
    parameters = {name: getattr(model, name) for name in ("alpha", "beta", "log_likelihood")}
    return Valued(rows.drop("worth"), parameters, _notes("amount" in sums, unit))


def _steps(unit: str, horizon: Horizon) -> tuple[int, float]:
    """Renewals within the horizon, and the discount of one period."""
    months = MONTHS.get(unit) or DAYS[unit] / MONTH
    renewals = int(horizon.months / months + 1e-9)
    if not renewals:
        message = f"--horizon {horizon.count} {horizon.unit} is shorter than one {unit}, the time "
        message += "from one renewal to the next"
        raise RequestError(
            "bad-value", message, [("try", "--horizon 3y, or a shorter --time-unit")]
        )
    return renewals, (1 + horizon.discount) ** (months / 12) - 1


def _fitted(rows: pl.DataFrame) -> Sbg:
    """The model of renewals, fitted to customers of all ages."""
    import polars as pl

    from cxkit.stats.sbg import sbg_fit

    left = pl.col("left")
    ages = rows.group_by("renewals").agg(
        pl.col("n").filter(left).sum().alias("lost"),
        pl.col("n").filter(~left).sum().alias("active"),
    )
    ages = ages.sort("renewals")
    return sbg_fit(ages["renewals"], ages["lost"], ages["active"])


def _ahead(model: Sbg, age: int, renewals: int, discount: float) -> tuple[float, float]:
    """Renewals expected of who has renewed so often, and what they are worth today."""
    from cxkit.stats.sbg import sbg_retention

    chances = sbg_retention(model, range(age + 1, age + renewals + 1)).tolist()
    stays = list(accumulate(chances, lambda stay, chance: stay * chance))
    return sum(stays), sum(stay / (1 + discount) ** i for i, stay in enumerate(stays))


def _notes(paid: bool, unit: str) -> tuple[Note, ...]:
    """What the model takes for granted, and what a value is in."""
    message = "the model takes each customer to leave at every renewal with an own steady chance; "
    notes = [Note("model", "info", message + f"customers renew every {unit}")]
    if not paid:
        message = f"no amount is given: every {unit} counts 1, so that values are in {unit}s"
        hint: Any = (("try", f"--amount COL, what a customer pays a {unit}"),)
        notes.append(Note("no-amount", "info", message, hint))
    return tuple(notes)
