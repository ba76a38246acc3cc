"""Paths through channels and stages: transitions, what each channel contributes, the funnel.

Paths come counted: a frame with `path` (a list of names in order), `converted` and `lost` (how
many journeys along it ended in a conversion, and how many did not; any amounts >= 0). Journeys
without a touch belong to no channel and are passed over, and so are nulls inside a path. None of
the attributions is causal: they divide credit by rules.
"""

from typing import TYPE_CHECKING

import polars as pl

from cxkit.stats.intervals import wilson

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_ENDS = ("converted", "lost")
_RULES = ("linear", "shapley", "first", "last")


def collapsed(paths: pl.DataFrame) -> pl.DataFrame:
    """The same paths with consecutive touches of one channel counted as one.

    Args:
        paths: column `path` (lists of names); other columns are kept.

    Returns:
        The frame, nulls inside paths removed first: web, web, store, web becomes web, store,
        web. An empty path stays empty.
    """
    runs = pl.element().drop_nulls().rle().struct.field("value")
    return paths.with_columns(pl.col("path").list.eval(runs))


# --- transitions ---------------------------------------------------------------------------------


def transitions(paths: pl.DataFrame) -> pl.DataFrame:
    """How often each touch was followed by which.

    Args:
        paths: columns path, converted, lost.

    Returns:
        One row per transition seen, sorted: `from` (null: the start), `to` (null: the end),
        `end` ('converted' or 'lost' where to is null), `n` and `rate`, the share of all
        transitions out of `from`, 0..1; rates out of a touch add up to 1. No paths: no rows.
        The same touch twice in a row is a transition to itself: see `collapsed`.
    """
    touched = _touched(paths)
    ended = pl.concat(
        touched.select("path", pl.col(end).alias("n"), end=pl.lit(end)) for end in _ENDS
    ).filter(pl.col("n") > 0)
    outside = pl.lit(None, pl.String)
    steps = ended.select(
        "n",
        "end",
        pl.concat_list(outside, "path").alias("from"),
        pl.concat_list("path", outside).alias("to"),
    ).explode("from", "to")
    steps = steps.with_columns(end=pl.when(pl.col("to").is_null()).then("end"))
    keys = ("from", "to", "end")
    counted = steps.group_by(keys, maintain_order=True).agg(pl.col("n").sum())
    rate = pl.col("n") / pl.col("n").sum().over("from")
    last = [False, True, True]
    return counted.sort(keys, nulls_last=last).with_columns(rate=rate)


def _touched(paths: pl.DataFrame) -> pl.DataFrame:
    """Paths that someone took and that touch a channel; whole amounts stay whole."""
    whole = all(paths.schema[end].is_integer() for end in _ENDS)
    known = paths.select(
        pl.col("path").cast(pl.List(pl.String)).list.drop_nulls(),
        pl.col(_ENDS).cast(pl.Int64 if whole else pl.Float64),
    )
    taken = pl.sum_horizontal(_ENDS) > 0
    return known.filter(taken, pl.col("path").list.len() > 0)


# --- attribution ---------------------------------------------------------------------------------


def attribution(paths: pl.DataFrame) -> pl.DataFrame:
    """What each channel contributed to the conversions, by five rules side by side.

    Args:
        paths: columns path, converted, lost; converted may be amounts instead of counts.

    Returns:
        One row per channel, sorted by name: `channel`, `touches` (over all journeys),
        `removal_effect` (0..1) and attribution_markov, attribution_linear, attribution_shapley,
        attribution_first, attribution_last (unit of converted), each of which adds up to the
        conversions of all journeys with a touch. No conversion: removal_effect null,
        attributions 0. One channel: all five give it everything. No paths: no rows.

    Formula:
        markov   conversions · RE/sum RE, see `removal_effects`.
        linear   a path's conversions in equal parts to its touches.
        shapley  in equal parts to its distinct channels, which is the Shapley value of v(S) =
                 conversions of the paths within the channels S (Zhao, Mahboobi & Bagheri 2018).
        first, last  to its first and last touch.
    """
    effects = removal_effects(paths).rename({"attribution": "attribution_markov"})
    credit = _credit(paths).rename({rule: f"attribution_{rule}" for rule in _RULES})
    return credit.join(effects, on="channel", maintain_order="left").select(
        "channel",
        "touches",
        "removal_effect",
        "attribution_markov",
        *(pl.col(f"attribution_{rule}").cast(pl.Float64) for rule in _RULES),
    )


def _credit(paths: pl.DataFrame) -> pl.DataFrame:
    """Touches and credit of every channel by the rules that look at single paths.

    Conversions are divided after they are added up, so that whole ones give the same sums in
    any order of rows.
    """
    steps, kinds = pl.col("path").list.len(), pl.col("path").list.n_unique()
    touched = _touched(paths).with_row_index("id").with_columns(steps=steps, kinds=kinds)
    touches = touched.explode("path").rename({"path": "channel"})
    new, converted = pl.struct("id", "channel").is_first_distinct(), pl.col("converted")
    cells = touches.select(
        "channel",
        "steps",
        "kinds",
        touches=pl.sum_horizontal(_ENDS),
        linear=converted,
        shapley=pl.when(new).then(converted).otherwise(0),
        first=pl.when(pl.col("id").is_first_distinct()).then(converted).otherwise(0),
        last=pl.when(pl.col("id").is_last_distinct()).then(converted).otherwise(0),
    )
    keys = ("channel", "steps", "kinds")
    cells = cells.group_by(keys, maintain_order=True).agg(pl.all().sum()).sort(keys)
    shares = (pl.col("linear") / pl.col("steps"), pl.col("shapley") / pl.col("kinds"))
    divided = cells.with_columns(shares).drop("steps", "kinds")
    return divided.group_by("channel", maintain_order=True).agg(pl.all().sum())


def removal_effects(paths: pl.DataFrame) -> pl.DataFrame:
    """How much conversion would be lost if journeys ended where they meet a channel.

    Args:
        paths: columns path, converted, lost. Without lost journeys every channel looks needed.

    Returns:
        One row per channel, sorted by name: `channel`, `removal_effect` (0..1; 1 for a channel
        on every way to a conversion) and `attribution` (unit of converted, in proportion to the
        effects). No conversion: effects null, attributions 0.

    Formula:
        First-order absorbing chain with transitions Q among channels, start distribution a and
        conversion r: N = (I − Q)^-1, h = N r, P = a h. Removing c loses the journeys that reach
        c times their chance from there: RE = (a N)_c/N_cc · h_c/P, which is 1 − P_without c/P
        (Anderl, Becker, von Wangenheim & Schumann 2016, Int. J. Res. Mark. 33:457; Kemeny &
        Snell 1960). Attribution is conversions · RE/sum RE.

    Differs from:
        the R package ChannelAttribution, which simulates journeys and by default cuts them at
        the longest one seen; here the chain is solved exactly.
    """
    import numpy as np

    steps = transitions(paths)
    names = steps["from"].drop_nulls().unique().sort()
    start, among, converted = _chain(steps, names.to_list())
    fundamental = np.linalg.inv(np.eye(len(names)) - among)
    chance = fundamental @ converted
    total = float(_touched(paths)["converted"].sum())
    lost = start @ fundamental / fundamental.diagonal() * chance
    known = total > 0
    effect = lost / (start @ chance) if known else lost
    shares = effect / effect.sum() * total if known else np.zeros(len(names))
    return pl.DataFrame(
        {"channel": names, "removal_effect": effect, "attribution": shares},
        schema={"channel": pl.String, "removal_effect": pl.Float64, "attribution": pl.Float64},
    ).with_columns(pl.when(pl.lit(known)).then("removal_effect"))


def _chain(
    steps: pl.DataFrame, names: list[str]
) -> tuple["NDArray[np.float64]", "NDArray[np.float64]", "NDArray[np.float64]"]:
    """Start distribution, transitions among channels and conversion of each channel."""
    import numpy as np

    place = {name: i for i, name in enumerate(names)}
    start, converted = np.zeros(len(names)), np.zeros(len(names))
    among = np.zeros((len(names), len(names)))
    for source, target, end, rate in steps.select("from", "to", "end", "rate").rows():
        if source is None:
            start[place[target]] = rate
        elif target is not None:
            among[place[source], place[target]] = rate
        elif end == "converted":
            converted[place[source]] = rate
    return start, among, converted


# --- funnel --------------------------------------------------------------------------------------


def funnel_rates(stages: pl.DataFrame, confidence: float) -> pl.DataFrame:
    """Share that passes from each stage to the next, and from the first to each.

    Args:
        stages: column `n` (people who reached the stage), one row per stage in order.
        confidence: level as a fraction, strictly between 0 and 1.

    Returns:
        Frame of the same height: `step_rate` (of the stage before), `step_low`, `step_high`,
        `cum_rate` (of the first stage), `cum_low`, `cum_high`, `drop_rate` (1 − step_rate), all
        0..1. The first stage has no step and cum_rate 1. Nobody in the stage before (or in the
        first): null. More people than in the stage before, which an open funnel has: the rate
        is above 1 and has no limits.

    Raises:
        ValueError: impossible confidence.

    Formula:
        k_i/k_(i−1) and k_i/k_1 with Wilson intervals.
    """
    n = pl.col("n").cast(pl.Float64)
    rows = stages.select(n, before=n.shift(1), first=n.first())
    step, step_low, step_high = _share("before", confidence)
    cum, cum_low, cum_high = _share("first", confidence)
    return rows.select(
        step_rate=step,
        step_low=step_low,
        step_high=step_high,
        cum_rate=cum,
        cum_low=cum_low,
        cum_high=cum_high,
        drop_rate=1 - step,
    )


def _share(base: str, confidence: float) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    n, of = pl.col("n"), pl.col(base)
    low, high = wilson(n, of, confidence)
    closed = pl.when(n <= of)
    return pl.when(of > 0).then(n / of), closed.then(low), closed.then(high)
