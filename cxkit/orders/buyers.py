"""Customers by how they have bought, and what that lets one expect of them.

Purchases by the BG/NBD model, with time in weeks; money by the gamma-gamma model.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date as Day
from typing import TYPE_CHECKING, Any

from cxkit.orders.bridge import of_customers
from cxkit.orders.money import UNIT
from cxkit.orders.outlook import WEEK, Horizon, Valued
from cxkit.result import Note

if TYPE_CHECKING:
    import polars as pl

    from cxkit.orders.sales import Purchases
    from cxkit.stats.bgnbd import BgNbd
    from cxkit.stats.gammagamma import GammaGamma

TOGETHER = 0.3  # correlation of frequency and spend beyond which independence is in doubt
ALL = 0.99  # of repeat buyers: when more still buy, the model sees nobody leave
CLASSES = (1, 2, 3, 5, 10)  # purchases at which classes begin
MOST = 8  # purchases of the last class in which the model is held against the past


def buyers(found: Purchases, end: Day) -> tuple[pl.DataFrame, tuple[Note, ...]]:
    """One row for each customer who has bought.

    A purchase is a day on which a customer's money, returns of the day taken off, does not come to
    less than 0: what was free is bought too. Days that do are no purchases, and what they gave
    back is not taken off others.

    Args:
        found: money by customer, day and groups (`by0`, …).
        end: the day up to which customers are followed.

    Returns:
        `customer`, the groups (of the first purchase; of several on its day that with most money),
        `frequency` (purchases after the first), `recency` (days from the first to the last),
        `age` (days from the first to the end) and `spend` (steps of `money.UNIT`, of the purchases
        after the first), sorted by customer; and notes of what was no purchase.
    """
    import polars as pl

    groups = [name for name in found.rows.columns if name.startswith("by")]
    rows = found.rows.filter(pl.col("customer").is_not_null())
    parts = [_bought(part, groups, end) for part in of_customers(rows)]
    who, back = (pl.concat(made) for made in zip(*parts, strict=True))
    return who, _notes(back, found.currency)


def _bought(
    rows: pl.DataFrame, groups: Sequence[str], end: Day
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Some of the customers as `buyers` gives them, and what they gave back."""
    import polars as pl

    keys = ["customer", "day"]
    days = rows.group_by(keys).agg(pl.col("amount").sum()) if groups else rows
    bought = days.filter(pl.col("amount") >= 0).sort(keys)
    bought = bought.with_columns(
        again=(pl.col("customer") == pl.col("customer").shift()).fill_null(False)
    )
    first = pl.col("day").min()
    who = bought.group_by("customer").agg(
        pl.col("again").sum().cast(pl.Int64).alias("frequency"),
        (pl.col("day").max() - first).dt.total_days().alias("recency"),
        (pl.lit(end) - first).dt.total_days().alias("age"),
        pl.col("amount").filter("again").sum().alias("spend"),
    )
    if groups:
        order = [*keys, "amount", *groups]
        most = rows.sort(order, descending=[False, False, True, *[False] * len(groups)],
                         nulls_last=True)  # fmt: skip
        most = most.join(bought.select(keys), on=keys, how="semi")
        most = most.unique("customer", keep="first", maintain_order=True)
        who = who.join(most.select("customer", *groups), on="customer")
    who = who.select("customer", *groups, "frequency", "recency", "age", "spend").sort("customer")
    below, count = pl.col("amount") < 0, pl.len().cast(pl.Int64)
    none = days["customer"].n_unique() - who.height
    return who, days.filter(below).select(
        days=count, amount=pl.col("amount").sum(), none=pl.lit(none, pl.Int64)
    )


def _notes(back: pl.DataFrame, currency: str | None) -> tuple[Note, ...]:
    """Days that are no purchases, and customers who have none.

    Args:
        back: `days`, their `amount`, and the customers with `none` other, by part.
    """
    days, amount, none = back.sum().row(0)
    if not days:
        return ()
    are = "1 day of a customer comes to less than 0 and is no purchase"
    if days > 1:
        are = f"{days:,} days of customers come to less than 0 and are no purchases"
    money = " ".join(filter(None, (currency, f"{-amount / UNIT:,.2f}")))
    message = f"{are}; the {money} given back then is not taken off other purchases"
    notes = [Note("returns", "info", message)]
    if none:
        who = "1 customer has" if none == 1 else f"{none:,} customers have"
        notes.append(Note("no-purchase", "info", f"{who} only such days: left out of the models"))
    return tuple(notes)


# --- what is expected ---------------------------------------------------------------------------


def valued(who: pl.DataFrame, horizon: Horizon, margin: float) -> Valued:
    """What is expected of each customer within a horizon.

    Args:
        who: customers as `buyers` gives them.
        horizon: how far ahead.
        margin: the share of revenue that is kept.

    Returns:
        The customers with `alive`, `expected_purchases`, `expected_value` and `clv`.

    Raises:
        DataError: too few customers or repeat buyers, nobody who bought again, or a spend that
            has no mean.
    """
    import polars as pl

    model, patterns = _fitted(who)
    spend, correlation, notes = _spend(who)
    patterns = _ahead(model, patterns, horizon)
    rows = who.join(patterns, on=["frequency", "recency", "age"], maintain_order="left")
    rows = rows.with_columns(_value(spend, rows), n=pl.lit(1, pl.Int64))
    clv = margin * pl.col("discounted") * pl.col("expected_value")
    rows = rows.with_columns(clv.alias("clv")).drop("discounted")
    found: dict[str, float | None] = {
        name: getattr(model, name) for name in ("r", "alpha", "a", "b", "log_likelihood")
    }
    if not isinstance(spend, float):
        found |= {name: getattr(spend, name) for name in ("p", "q", "v")}
    found["spend_frequency_correlation"] = correlation
    notes = (*_fit_notes(model), *_alive_note(rows), *notes)
    return Valued(rows, found, notes, _fit(model, who))


def _fitted(who: pl.DataFrame) -> tuple[BgNbd, pl.DataFrame]:
    """The model of purchases, and the patterns of buying that it was fitted to."""
    import polars as pl

    from cxkit.stats.bgnbd import bgnbd_fit

    keys = ["frequency", "recency", "age"]
    patterns = who.group_by(keys).agg(pl.len().cast(pl.Int64).alias("customers")).sort(keys)
    return bgnbd_fit(*_weeks(patterns), patterns["customers"]), patterns.select(keys)


def _weeks(rows: pl.DataFrame) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Frequency, recency and age, times in weeks."""
    return rows["frequency"], rows["recency"] / WEEK, rows["age"] / WEEK


def _ahead(model: BgNbd, patterns: pl.DataFrame, horizon: Horizon) -> pl.DataFrame:
    """The patterns with `alive`, `expected_purchases` and these `discounted`.

    Who still buys is expected to buy by frequency and age alone: few pairs for many patterns.
    """
    import polars as pl

    from cxkit.stats.bgnbd import bgnbd_alive
    from cxkit.stats.prospects import active_purchases

    paces = patterns.select("frequency", "age").unique().sort("frequency", "age")
    total, discounted = active_purchases(
        model, paces["frequency"], paces["age"] / WEEK, horizon.weeks, horizon.worth
    )
    paces = paces.with_columns(pl.Series("total", total), pl.Series("discounted", discounted))
    alive = pl.Series("alive", bgnbd_alive(model, *_weeks(patterns)))
    rows = patterns.with_columns(alive).join(paces, on=["frequency", "age"], maintain_order="left")
    return rows.with_columns(
        (pl.col("alive") * pl.col("total")).alias("expected_purchases"),
        (pl.col("alive") * pl.col("discounted")).alias("discounted"),
    ).drop("total")


def _spend(
    who: pl.DataFrame,
) -> tuple[GammaGamma | float, float | None, tuple[Note, ...]]:
    """The model of money, or the one amount that all repeat buyers spend; its correlation with
    frequency; and what makes one doubt it."""
    import polars as pl

    from cxkit.stats.gammagamma import gamma_gamma_fit, spend_correlation

    keys = ["frequency", "spend"]
    repeat = who.filter(pl.col("frequency") > 0, pl.col("spend") > 0)
    repeat = repeat.group_by(keys).agg(pl.len().cast(pl.Int64).alias("customers")).sort(keys)
    mean = repeat["spend"] / UNIT / repeat["frequency"]
    if mean.n_unique() == 1:
        message = f"all repeat buyers spend {mean[0]:,.2f} a purchase: no model of spend is needed"
        return float(mean[0]), None, (Note("same-spend", "info", message),)
    columns = (repeat["frequency"], mean, repeat["customers"])
    model, correlation = gamma_gamma_fit(*columns), spend_correlation(*columns)
    notes = []
    if correlation is not None and abs(correlation) > TOGETHER:
        message = f"how often customers buy and what they spend go together (r = {correlation:.2f})"
        message += ": the model of spend takes them as independent, and values are in doubt"
        notes.append(Note("correlation", "warning", message))
    if model.penalty:
        notes.append(_held("spend"))
    return model, correlation, tuple(notes)


def _value(spend: GammaGamma | float, rows: pl.DataFrame) -> pl.Series:
    """The money expected of one purchase of each customer."""
    import polars as pl

    from cxkit.stats.gammagamma import gamma_gamma_mean

    name = "expected_value"
    if isinstance(spend, float):
        return pl.Series(name, [spend], dtype=pl.Float64).new_from_index(0, rows.height)
    mean = rows["spend"] / UNIT / rows["frequency"].clip(1)
    return pl.Series(name, gamma_gamma_mean(spend, rows["frequency"], mean))


def _fit(model: BgNbd, who: pl.DataFrame) -> dict[str, list[Any]]:
    """Customers by purchases, as they bought and as the model expects."""
    import polars as pl

    from cxkit.stats.prospects import expected_frequencies

    ages = who.group_by("age").agg(pl.len().cast(pl.Int64).alias("n")).sort("age")
    most = MOST - 1
    expected = expected_frequencies(model, ages["age"] / WEEK, most, ages["n"])
    many = who["frequency"].clip(upper_bound=most).value_counts()
    bought = dict(many.iter_rows())
    names = [*map(str, range(1, most + 1)), f"{most + 1}+"]
    told = [bought.get(x, 0) for x in range(most + 1)]
    return {"purchases": names, "bought": told, "expected": [float(n) for n in expected]}


def _fit_notes(model: BgNbd) -> tuple[Note, ...]:
    """What the model takes for granted."""
    message = (
        "the model takes customers to buy steadily until they leave for good, which it allows "
    )
    message += "after a repeat purchase only: who bought once counts as alive"
    notes = [Note("model", "info", message)]
    return (*notes, _held("purchases")) if model.penalty else tuple(notes)


def _alive_note(rows: pl.DataFrame) -> tuple[Note, ...]:
    """A warning where the model lets hardly any repeat buyer leave."""
    alive = rows.filter(rows["frequency"] > 0)["alive"]
    share = math.fsum(alive.to_list()) / max(len(alive), 1)
    if share <= ALL:
        return ()
    message = f"the model takes {share:.2%} of who bought again to still buy: nobody has left yet, "
    message += "or the time is too short to show it, and values are as high as they can be"
    return (Note("all-alive", "warning", message),)


def _held(what: str) -> Note:
    message = f"no parameters fit the {what} best: they were held back by a small penalty, and "
    return Note("penalty", "warning", message + "should be trusted with care")
