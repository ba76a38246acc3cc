"""Orders: when customers buy and for how much, what they send back, and who was referred."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cxkit.samples import parameters as known
from cxkit.samples.customers import ORDERS, REFERRED, column, dates, ids, pick

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from cxkit.samples.customers import Customers, Floats, Whole


@dataclass(frozen=True)
class Orders:
    """The orders of a block, by customer and day; `who` is the customer's place in the block."""

    who: Whole
    day: Whole
    amount: Floats
    product: Whole
    channel: Whole
    back: Whole  # days until it is sent back; 0: never

    def __len__(self) -> int:
        return len(self.who)


def drawn(customers: Customers) -> Orders:
    """All orders of a block.

    Repeat orders fall at random over the days since the first one; those after the last one of a
    customer who leaves are struck out. That is the BG/NBD model without a loop.
    """
    import numpy as np

    random = customers.random(ORDERS)
    left = known.DAYS - customers.first
    last = _repeats_in_a_life(random.random_sample(len(customers)), customers.leaves)
    meant = random.poisson(customers.rate * left / known.WEEK)
    who = np.repeat(np.arange(len(customers)), meant)
    times = np.sort(who + random.random_sample(len(who))) - who
    nth = np.arange(len(who)) - np.repeat(np.cumsum(meant) - meant, meant)
    done = nth < last[who]
    who, times = who[done], times[done]
    days = customers.first[who] + np.maximum(np.ceil(times * left[who]).astype(np.int64), 1)
    who = np.concatenate([np.arange(len(customers)), who])
    days = np.concatenate([customers.first, days])
    order = np.lexsort((days, who))
    return _filled(random, customers, who[order], days[order])


def _repeats_in_a_life(chance: Floats, leaves: Floats) -> Floats:
    """After which repeat order customers leave: geometric, from 1."""
    import numpy as np

    with np.errstate(divide="ignore", invalid="ignore"):
        return 1 + np.floor(np.log1p(-chance) / np.log1p(-leaves))


def _filled(random: np.random.RandomState, customers: Customers, who: Whole, days: Whole) -> Orders:
    """Orders with their amounts and what else is known of them."""
    import numpy as np

    n = len(who)
    amount = random.standard_gamma(known.P, n) * customers.order[who] / known.P
    product = pick(random, known.PRODUCTS.values(), n)
    channel = pick(random, known.SHOPS.values(), n)
    low, high = known.BACK
    back = random.randint(low, high + 1, n, np.int64) * (random.random_sample(n) < known.RETURNED)
    back = np.where(_month(days + back) == _month(days), back, 0)
    return Orders(who, days, np.maximum(np.round(amount, 2), 0.01), product, channel, back)


def _month(days: Whole) -> Any:
    import numpy as np

    return (np.datetime64(known.START) + days).astype("datetime64[M]")


def orders_of(customers: Customers, before: int) -> tuple[pl.DataFrame, int]:
    """The file of orders, and how many orders there are; `before` of them are in earlier blocks.

    A row for each order, and one for each that is sent back: the same number, the amount negative.
    """
    import numpy as np
    import polars as pl

    made = drawn(customers)
    back = np.flatnonzero(made.back)
    row = np.concatenate([np.arange(len(made)), back])
    day = np.concatenate([made.day, (made.day + made.back)[back]])
    amount = np.concatenate([made.amount, -made.amount[back]])
    order = np.lexsort((row, day, made.who[row]))
    row = row[order]
    who = made.who[row]
    frame = pl.DataFrame({
        "order_id": ids("O", before + 1 + row),
        "customer_id": ids("C", customers.number[who]),
        "ordered_at": dates(day[order]),
        "product": column(known.PRODUCTS, made.product[row]),
        "channel": column(known.SHOPS, made.channel[row]),
        "region": column(known.REGIONS, customers.region[who]),
        "source": column([*known.SOURCES, known.REFERRED], customers.source[who]),
        "amount": pl.Series(amount[order]),
        "currency": pl.Series([known.CURRENCY]).new_from_index(0, len(row)),
        "referrer": ids("C", customers.referrer[who]),
    })  # fmt: skip
    return frame, len(made)


def referrals_of(customers: Customers, before: int) -> tuple[pl.DataFrame, int]:
    """The file of referrals, a row for each friend with the first order; and how many orders."""
    import numpy as np
    import polars as pl

    made = drawn(customers)
    firsts = np.flatnonzero(np.diff(made.who, prepend=-1))
    friends = np.flatnonzero(customers.source == REFERRED)
    row = firsts[friends]
    frame = pl.DataFrame({
        "date": dates(made.day[row]),
        "referrer_id": ids("C", customers.referrer[friends]),
        "customer_id": ids("C", customers.number[friends]),
        "order_id": ids("O", before + 1 + row),
        "amount": pl.Series(made.amount[row]),
    })  # fmt: skip
    return frame, len(made)
