"""The hidden list of customers, block by block; whatever the files hold is drawn from it.

A block has its own random numbers, made from the seed and the number of the block, so a customer
is the same however many are asked for. They come from numpy's `RandomState`, whose streams are
frozen: the same seed gives the same data with any release of numpy.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cxkit.samples import parameters as known

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Whole = NDArray[np.int64]
    Flags = NDArray[np.bool_]

# The streams of a block. The numbers are arbitrary; with these, the first 1,000 answers of seed 0
# show the weak region and nothing else.
CUSTOMERS, ORDERS, ANSWERS, RATINGS, COMMENTS = range(10, 15)
DETRACTOR, PASSIVE, PROMOTER = range(3)
BLANK = list(known.SOURCES).index(None)
REFERRED = len(known.SOURCES)


@dataclass(frozen=True)
class Customers:
    """The customers of a block, by number.

    Args:
        seed, block: where they come from.
        number: from 1, through all blocks.
        referrer: the number of the customer who referred this one; 0: nobody.
        first: the day of the first order, from 0 to `DAYS`.
        region, source: places in the lists of parameters.
        business: whether it is one.
        score: what they answer at first, 0–10.
        rate: repeat orders a week while they are customers.
        leaves: the chance to leave after a repeat order.
        order: mean amount of an order.
    """

    seed: int
    block: int
    number: Whole
    referrer: Whole
    first: Whole
    region: Whole
    source: Whole
    business: Flags
    score: Whole
    rate: Floats
    leaves: Floats
    order: Floats

    def __len__(self) -> int:
        return len(self.number)

    @property
    def weak(self) -> Flags:
        """Whether they live in the weak region."""
        weak: Flags = self.region == list(known.REGIONS).index(known.WEAK)
        return weak

    def random(self, stream: int) -> np.random.RandomState:
        """A stream of random numbers of this block, from its beginning."""
        return random_numbers(self.seed, self.block, stream)


def random_numbers(seed: int, block: int, stream: int) -> np.random.RandomState:
    """Random numbers that depend on the seed, the block and the stream, and on nothing else."""
    import numpy as np

    sequence = np.random.SeedSequence(seed, spawn_key=(block, stream))
    return np.random.RandomState(np.random.Philox(sequence))


def pick(random: np.random.RandomState, weights: Collection[float], n: int) -> Whole:
    """So many places, drawn with these weights."""
    import numpy as np

    return np.searchsorted(np.cumsum(list(weights))[:-1], random.random_sample(n), side="right")


def category(score: Whole) -> Whole:
    """The category of scores: DETRACTOR, PASSIVE or PROMOTER."""
    import numpy as np

    return np.digitize(score, [known.PASSIVE, known.PROMOTER])


def blocks(seed: int) -> Iterator[Customers]:
    """All customers there are, endlessly, in blocks of a few thousand."""
    block, before = 0, 0
    while True:
        customers = _block(seed, block, before)
        yield customers
        block, before = block + 1, before + len(customers)


def _block(seed: int, block: int, before: int) -> Customers:
    """Families one after the other: one who came alone, friends, their friends.

    Generation by generation, and then sorted by family, so that a referrer has the lower number.
    """
    import numpy as np

    random = random_numbers(seed, block, CUSTOMERS)
    first = random.randint(0, known.DAYS + 1, known.ROOTS, np.int64)
    nobody = np.full(known.ROOTS, -1)
    family = np.arange(known.ROOTS)
    generations = [_drawn(random, first) | {"referrer": nobody, "family": family, "first": first}]
    while (friends := _friends(random, generations)) is not None:
        generations.append(_drawn(random, friends["first"]) | friends)
    columns = {name: np.concatenate([one[name] for one in generations]) for name in generations[0]}
    order = np.argsort(columns.pop("family"), kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    referrer = columns.pop("referrer")
    known_by = np.where(referrer < 0, 0, before + 1 + place[np.maximum(referrer, 0)])
    columns["source"] = np.where(referrer < 0, columns["source"], REFERRED)
    kept = {name: column[order] for name, column in columns.items()}
    number = before + 1 + np.arange(len(order))
    return Customers(seed, block, number, known_by[order], **kept)


def _drawn(random: np.random.RandomState, first: Whole) -> dict[str, Any]:
    """What customers are, whose first days are known."""
    import numpy as np

    n = len(first)
    region = pick(random, known.REGIONS.values(), n)
    order = known.P * known.V / random.standard_gamma(known.Q, n)
    chance = np.where(order < known.SPLIT, *known.BUSINESS)
    business = random.random_sample(n) < chance
    content = random.random_sample(n)  # 0 the least satisfied of their kind, 1 the most
    weak = region == list(known.REGIONS).index(known.WEAK)
    level = known.LEVEL + known.BUSINESS_LIFT * business - known.WEAK_DROP * weak
    with np.errstate(divide="ignore"):
        score = level + known.SPREAD * np.log(content / (1 - content))
    linked = random.random_sample(n) < known.LINKED
    stays = np.where(linked, content, random.random_sample(n))
    return {
        "region": region,
        "source": pick(random, known.SOURCES.values(), n),
        "business": business,
        "score": np.clip(np.rint(score), 0, 10).astype(np.int64),
        "rate": random.standard_gamma(known.R, n) / known.ALPHA,
        "leaves": 1 - stays ** (1 / known.B),  # beta(1, B)
        "order": order,
    }


def _friends(
    random: np.random.RandomState, generations: list[dict[str, Any]]
) -> dict[str, Any] | None:
    """Those whom the last generation referred: a Poisson process from the first order on."""
    import numpy as np

    last = generations[-1]
    before = sum(len(one["first"]) for one in generations[:-1])
    left = known.DAYS - last["first"]
    rate = np.array([*known.REFERS.values()])[category(last["score"])]
    friends = random.poisson(rate * left / known.YEAR)
    if not friends.sum():
        return None
    by = np.repeat(np.arange(len(friends)), friends)
    after = np.ceil(random.random_sample(len(by)) * left[by]).astype(np.int64)
    return {"referrer": before + by, "family": last["family"][by],
            "first": last["first"][by] + np.maximum(after, 1)}  # fmt: skip


def column(names: Mapping[Any, Any] | Collection[Any], places: Whole) -> Any:
    """A column of text from places in a list."""
    import polars as pl

    return pl.Series(list(names), dtype=pl.String).gather(pl.Series(places))


def ids(letter: str, numbers: Whole) -> Any:
    """Ids such as `C0000001`; null where the number is 0."""
    import polars as pl

    number = pl.Series("id", numbers)
    text = pl.select(pl.lit(letter) + number.cast(pl.String).str.zfill(7)).to_series()
    return text.set(number == 0, None)


def dates(days: Whole) -> Any:
    """Days from the first one as a column of dates."""
    import polars as pl

    epoch = (known.START - type(known.START)(1970, 1, 1)).days
    return pl.Series(days + epoch, dtype=pl.Int32).cast(pl.Date)
