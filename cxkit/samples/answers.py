"""Answers of customers over time, the stages they rate, and the cases that low scores open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cxkit.samples import parameters as known
from cxkit.samples.customers import (
    ANSWERS,
    COMMENTS,
    DETRACTOR,
    RATINGS,
    category,
    column,
    dates,
    ids,
    pick,
)
from cxkit.samples.texts import written

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from cxkit.samples.customers import Customers, Flags, Floats, Whole

NEVER = 10 * known.DAYS


@dataclass(frozen=True)
class Answers:
    """The answers of a block, by customer and day; `who` is the customer's place in the block.

    Args:
        opened, contacted, closed: days of the case; NEVER where there is none, or not yet.
        owner: place in the list.
        reopened: whether the case was.
    """

    who: Whole
    day: Whole
    score: Whole
    opened: Whole
    contacted: Whole
    closed: Whole
    owner: Whole
    reopened: Flags

    def __len__(self) -> int:
        return len(self.who)


@dataclass(frozen=True)
class Ratings:
    """What else is answered.

    Args:
        csat, ease: on their scales.
        stages: a column for each stage, not yet rounded.
        used: whether the stage was gone through.
    """

    csat: Whole
    ease: Whole
    stages: Floats
    used: Flags


def answered(customers: Customers) -> Answers:
    """All answers of a block: wave by wave, for a closed case lifts the next answer."""
    import numpy as np

    random = customers.random(ANSWERS)
    waves: list[dict[str, Any]] = []
    lifted = np.full(len(customers), NEVER)  # from this day on
    for wave in range(known.WAVES):
        made = _wave(random, customers, wave, lifted)
        waves.append(made)
        lifted = np.full(len(customers), NEVER)
        lifted[made["who"]] = made["closed"]
    table = {name: np.concatenate([wave[name] for wave in waves]) for name in waves[0]}
    order = np.lexsort((table["day"], table["who"]))
    return Answers(**{name: values[order] for name, values in table.items()})


def _wave(
    random: np.random.RandomState, customers: Customers, wave: int, lifted: Whole
) -> dict[str, Any]:
    """The answers of one wave."""
    import numpy as np

    n = len(customers)
    asked = customers.first + known.ASKED_AFTER + wave * known.EVERY
    day = asked + random.randint(0, known.WITHIN, n, np.int64)
    who = np.flatnonzero((day <= known.DAYS) & (random.random_sample(n) < known.ANSWERS))
    day = day[who]
    wobble = np.array([*known.WOBBLE])[pick(random, known.WOBBLE.values(), len(who))]
    change = wobble * (wave > 0) + known.RECOVERY * (lifted[who] <= day)
    score = np.clip(customers.score[who] + change, 0, 10)
    return {"who": who, "day": day, "score": score, **_cases(random, day, score)}


def _cases(random: np.random.RandomState, day: Whole, score: Whole) -> dict[str, Any]:
    """The cases that answers open, as far as they have come by the last day."""
    import numpy as np

    low = np.flatnonzero((category(score) == DETRACTOR) & (day < known.DAYS))
    low = low[random.random_sample(len(low)) < known.OPENED]
    n, opened = len(low), day[low] + 1
    owner = random.randint(0, len(known.OWNERS), n, np.int64)
    takes = random.standard_exponential(n) * np.array([*known.OWNERS.values()])[owner]
    begins = takes * random.random_sample(n) / 2
    stuck = random.random_sample(n) < known.STUCK
    closed = np.where(stuck, NEVER, _by_now(opened + np.floor(takes).astype(np.int64)))
    reopened = (random.random_sample(n) < known.REOPENED) & (closed < NEVER)
    contacted = _by_now(opened + np.floor(begins).astype(np.int64))
    found = {"opened": opened, "contacted": contacted, "closed": closed, "owner": owner,
             "reopened": reopened}  # fmt: skip
    return {name: _among(low, values, len(day)) for name, values in found.items()}


def _by_now(day: Whole) -> Whole:
    import numpy as np

    return np.where(day <= known.DAYS, day, NEVER)


def _among(places: Whole, values: Any, n: int) -> Any:
    """Values at their places among so many, NEVER (or no) elsewhere."""
    import numpy as np

    every = np.full(n, NEVER if values.dtype == np.int64 else False)
    every[places] = values
    return every


def rated(customers: Customers, answers: Answers) -> Ratings:
    """Satisfaction, ease, and the stages: straight lines on the score, with noise."""
    import numpy as np

    random = customers.random(RATINGS)
    n = len(answers)
    units = (answers.score - known.MIDDLE) / known.UNIT

    def line(level: float, slope: float, noise: float) -> Floats:
        return level + slope * units + noise * random.standard_normal(n)

    stages = np.column_stack([line(*stage) for stage in known.STAGES.values()])
    stages[:, list(known.STAGES).index("delivery")] -= known.LATE * customers.weak[answers.who]
    chances = (1.0, known.BOUGHT, known.DELIVERED, known.SUPPORTED, known.SENT_BACK)
    used = random.random_sample((n, len(chances))) < chances
    used[:, 2] &= used[:, 1]  # nothing is delivered that was not bought
    return Ratings(boxed(line(*known.CSAT), 1, 5), boxed(line(*known.EASE), 1, 7), stages, used)


def boxed(values: Floats, low: int, high: int) -> Whole:
    """Values as answers on a scale."""
    import numpy as np

    return np.clip(np.rint(values), low, high).astype(np.int64)


# --- files ---------------------------------------------------------------------------------------


def survey_of(customers: Customers, before: int) -> tuple[pl.DataFrame, int]:
    """The file of answers, and how many there are; a few cells are blank."""
    import numpy as np
    import polars as pl

    made = answered(customers)
    ratings = rated(customers, made)
    random = customers.random(COMMENTS)
    stages = _blank(boxed(ratings.stages, 1, 5), ~ratings.used)
    frame = pl.DataFrame({
        "response_id": ids("R", before + 1 + np.arange(len(made))),
        "customer_id": ids("C", customers.number[made.who]),
        "responded_at": dates(made.day),
        "region": _left_blank(column(known.REGIONS, customers.region[made.who]), random,
                              known.NO_REGION),
        "tier": column(known.TIERS, customers.business[made.who].astype(int)),
        "score": _left_blank(pl.Series(made.score), random, known.NO_SCORE),
        "csat": _left_blank(pl.Series(ratings.csat), random, known.NO_CSAT),
        "effort": pl.Series(ratings.ease),
        **dict(zip(known.STAGES, stages, strict=True)),
        "comment": written(random, made.score, ratings.stages, ratings.used),
    })  # fmt: skip
    return frame, len(made)


def touchpoints_of(customers: Customers, before: int) -> tuple[pl.DataFrame, int]:
    """The file of touchpoints, a row for each stage of each answer, and how many there are."""
    import numpy as np
    import polars as pl

    made = answered(customers)
    ratings = rated(customers, made)
    random = customers.random(COMMENTS)
    row, stage = np.nonzero(ratings.used)
    channel = random.random_sample(len(row))
    days = made.day[row] - np.array(known.DAYS_BEFORE)[stage]
    frame = pl.DataFrame({
        "customer_id": ids("C", customers.number[made.who[row]]),
        "date": dates(days),
        "stage": column(known.STAGES, stage),
        "channel": _channels(stage, channel),
        "score": pl.Series(boxed((ratings.stages[row, stage] - 1) * 2.5, 0, 10)),
    })  # fmt: skip
    return frame, len(row)


def cases_of(customers: Customers, before: int) -> tuple[pl.DataFrame, int]:
    """The file of cases, and how many there are."""
    import numpy as np
    import polars as pl

    made = answered(customers)
    row = np.flatnonzero(made.opened < NEVER)
    frame = pl.DataFrame({
        "case_id": ids("K", before + 1 + np.arange(len(row))),
        "customer_id": ids("C", customers.number[made.who[row]]),
        "opened_at": dates(made.opened[row]),
        "contacted_at": _until_now(made.contacted[row]),
        "closed_at": _until_now(made.closed[row]),
        "owner": column(known.OWNERS, made.owner[row]),
        "score": pl.Series(made.score[row]),
        "reopened": column(("no", "yes"), made.reopened[row].astype(int)),
    })  # fmt: skip
    return frame, len(row)


def _blank(values: Whole, blank: Flags) -> list[pl.Series]:
    """Columns of whole numbers, some cells blank."""
    import polars as pl

    pairs = zip(values.T, blank.T, strict=True)
    return [pl.Series(column).set(pl.Series(out), None) for column, out in pairs]


def _left_blank(cells: pl.Series, random: np.random.RandomState, share: float) -> pl.Series:
    import polars as pl

    return cells.set(pl.Series(random.random_sample(len(cells)) < share), None)


def _until_now(days: Whole) -> Any:
    import polars as pl

    return dates(days).set(pl.Series(days == NEVER), None)


def _channels(stage: Whole, chance: Floats) -> Any:
    """A channel of each stage, all of them equally likely."""
    import numpy as np

    counts = np.array([len(names) for names in known.CHANNELS.values()])
    offsets = np.cumsum(counts) - counts
    every = [name for names in known.CHANNELS.values() for name in names]
    return column(every, offsets[stage] + np.floor(chance * counts[stage]).astype(np.int64))
