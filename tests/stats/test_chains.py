"""Paths through channels: numbers from outside, then edges and laws."""

import json
import math
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxkit.stats.chains import (
    attribution,
    collapsed,
    funnel_rates,
    removal_effects,
    transitions,
)

ORACLES = Path(__file__).parents[1] / "oracles"
ORACLE = json.loads((ORACLES / "journey.json").read_text(encoding="utf-8"))
RULES = ("markov", "linear", "shapley", "first", "last")
SCHEMA = {"path": pl.List(pl.String), "converted": pl.Int64, "lost": pl.Int64}

path = st.lists(st.sampled_from("abcd"), min_size=1, max_size=6)
journey = st.tuples(path, st.integers(0, 9), st.integers(0, 9))
journeys = st.lists(journey, min_size=1, max_size=10).filter(
    lambda rows: any(row[1] or row[2] for row in rows)
)
converting = journeys.filter(lambda rows: any(row[1] for row in rows))
laws = settings(deadline=None, max_examples=50)


def table(rows):
    return pl.DataFrame(list(rows), schema=SCHEMA, orient="row")


def reference(conversions="conv"):
    return table(
        (row["path"].split(" > "), row[conversions], row["null"])
        for row in ORACLE["heuristic_attribution"]["paths"]
    )


def by_channel(frame, column):
    return dict(frame.select("channel", column).rows())


def near(expected):
    return pytest.approx(expected, rel=1e-9, abs=1e-9)


def conversion_without(rows, removed):
    """Chance of conversion when the removed channel leads nowhere, by powers of the chain."""
    states = ["start", "a", "b", "c", "d", "conversion", "lost"]
    place = {state: i for i, state in enumerate(states)}
    counts = np.zeros((7, 7))
    for touches, converted, lost in rows:
        for end, n in (("conversion", converted), ("lost", lost)):
            walk = ["start", *touches, end]
            for source, target in pairwise(walk):
                counts[place[source], place["lost" if target == removed else target]] += n
    counts[place["conversion"], place["conversion"]] = counts[place["lost"], place["lost"]] = 1
    sums = counts.sum(axis=1, keepdims=True)
    chain = np.divide(counts, sums, out=np.zeros_like(counts), where=sums > 0)
    return float(np.linalg.matrix_power(chain, 1 << 16)[0, place["conversion"]])


# --- numbers from outside


def test_removal_effects_match_a_linear_solve_of_each_chain():
    found, expected = removal_effects(reference()), ORACLE["markov_exact"]
    assert by_channel(found, "removal_effect") == near(expected["removal_effect"])
    assert by_channel(found, "attribution") == near(expected["attributed_conversions"])


def test_removal_effects_are_near_those_simulated_by_channelattribution_2_2_4():
    simulated = ORACLE["markov_simulated"]["removal_effects"]
    expected = {row["channel_name"]: row["removal_effects_conversion"] for row in simulated}
    found = by_channel(removal_effects(reference()), "removal_effect")
    assert found == pytest.approx(expected, abs=2e-3)


def test_transitions_match_channelattribution_2_2_4():
    names = ORACLE["markov_simulated"]["channel_numbers"]
    label = {str(i): (name, None) for i, name in enumerate(names, start=1)}
    label |= {"(conversion)": (None, "converted"), "(null)": (None, "lost")}
    expected = {
        (label.get(row["channel_from"], (None,))[0], *label[row["channel_to"]]): row[
            "transition_probability"
        ]
        for row in ORACLE["markov_simulated"]["transition"]
    }
    found = transitions(reference())
    assert {(a, b, end): rate for a, b, end, _, rate in found.rows()} == near(expected)


def test_transition_counts_match_those_counted_with_numpy():
    ends = {"(conv)": (None, "converted"), "(null)": (None, "lost")}
    expected = {
        (None if source == "(start)" else source, *ends.get(target, (target, None))): n
        for source, target, n in ORACLE["markov_exact"]["transition_counts"]
    }
    found = transitions(reference())
    assert {(a, b, end): n for a, b, end, n, _ in found.rows()} == expected


@pytest.mark.parametrize(("unit", "name"), [("conv", "conversions"), ("val", "value")])
@pytest.mark.parametrize("rule", ["first", "last", "linear"])
def test_heuristics_match_channelattribution_2_2_4(unit, name, rule):
    rows = ORACLE["heuristic_attribution"]["result"]
    expected = {row["channel_name"]: row[f"{rule}_touch_{name}"] for row in rows}
    found = attribution(reference(unit))
    assert by_channel(found, f"attribution_{rule}") == near(expected)


def test_shapley_matches_the_reference():
    found = by_channel(attribution(reference()), "attribution_shapley")
    assert found == near(ORACLE["shapley_channel_sets"]["shares"])


@settings(deadline=None, max_examples=25)
@given(converting)
def test_removal_effects_are_those_of_removing(rows):
    """Each channel taken out of the chain, and the chain run to its end."""
    whole = conversion_without(rows, None)
    found = by_channel(removal_effects(table(rows)), "removal_effect")
    for channel, effect in found.items():
        expected = 1 - conversion_without(rows, channel) / whole
        assert effect == pytest.approx(expected, abs=1e-9)


@settings(deadline=None, max_examples=25)
@given(converting)
def test_shapley_is_the_value_of_the_game(rows):
    """Shapley 1953, by the sum over all coalitions."""
    channels = sorted({channel for touches, *_ in rows for channel in touches})
    worth = {
        frozenset(team): sum(n for touches, n, _ in rows if set(touches) <= set(team))
        for size in range(len(channels) + 1)
        for team in combinations(channels, size)
    }
    found = by_channel(attribution(table(rows)), "attribution_shapley")
    for channel in channels:
        expected = math.fsum(
            (worth[team | {channel}] - value)
            / (len(channels) * math.comb(len(channels) - 1, len(team)))
            for team, value in worth.items()
            if channel not in team
        )
        assert found.get(channel, 0) == pytest.approx(expected, abs=1e-9)


def test_funnel_matches_r_4_2_2_prop_test():
    expected = ORACLE["funnel"]
    found = funnel_rates(pl.DataFrame({"n": list(expected["counts"].values())}), 0.95)
    assert found.row(0) == (None, None, None, 1, *found.row(0)[4:6], None)
    for row, step in zip(found.rows(named=True)[1:], expected["steps"], strict=True):
        assert (row["step_rate"], row["drop_rate"]) == near((step["step"], step["drop"]))
        assert (row["step_low"], row["step_high"]) == near(tuple(step["wilson"]))
        assert row["cum_rate"] == near(step["cum"])
        assert (row["cum_low"], row["cum_high"]) == near(tuple(step["cum_wilson"]))


# --- edges


def test_repeats_collapse_and_returns_do_not():
    rows = [(list("aabbba"), 1, 2), ([], 3, 4), (["a", None, "a"], 0, 1), ([None], 1, 0)]
    found = collapsed(table(rows))
    assert found["path"].to_list() == [["a", "b", "a"], [], ["a"], []]
    assert found.drop("path").equals(table(rows).drop("path"))
    assert collapsed(found).equals(found)


def test_a_repeat_is_a_transition_to_itself():
    found = transitions(table([(["a", "a"], 3, 1)]))
    assert found.rows() == [
        (None, "a", None, 4, 1),
        ("a", "a", None, 4, 0.5),
        ("a", None, "converted", 3, 0.375),
        ("a", None, "lost", 1, 0.125),
    ]


@pytest.mark.parametrize("name", ["(start)", "converted", "lost", ""])
def test_channels_may_have_any_name(name):
    found = attribution(table([([name, "b"], 2, 1), ([name], 0, 3)]))
    assert by_channel(found, "removal_effect") == near({name: 1, "b": 1})
    assert by_channel(found, "attribution_first") == {name: 2, "b": 0}


def test_without_conversions_there_is_no_effect():
    found = attribution(table([(["a", "b"], 0, 3)]))
    assert found["touches"].to_list() == [3, 3]
    assert found["removal_effect"].to_list() == [None, None]
    for rule in RULES:
        assert found[f"attribution_{rule}"].to_list() == [0, 0]


@pytest.mark.parametrize("rows", [[], [([], 3, 1)], [([None], 3, 1)], [(None, 1, 1)]])
def test_without_touches_there_are_no_channels(rows):
    assert transitions(table(rows)).height == 0
    found = attribution(table(rows))
    assert found.height == 0
    assert found.columns == [
        "channel",
        "touches",
        "removal_effect",
        *(f"attribution_{rule}" for rule in RULES),
    ]


def test_a_path_that_no_one_took_has_no_effect():
    found = attribution(table([(["a"], 2, 1), (["b"], 0, 0)]))
    assert by_channel(found, "removal_effect")["a"] == 1
    assert by_channel(found, "attribution_markov")["a"] == 2
    assert by_channel(found, "touches") == {"a": 3}
    assert found["touches"].dtype == transitions(table([(["a"], 2, 1)]))["n"].dtype == pl.Int64


def test_a_funnel_that_widens_has_no_limits_there():
    found = funnel_rates(pl.DataFrame({"n": [10, 0, 5, 8]}, schema={"n": pl.UInt32}), 0.95)
    assert found["step_rate"].to_list() == [None, 0, None, 1.6]
    assert found["cum_rate"].to_list() == [1, 0, 0.5, 0.8]
    assert [x is None for x in found["step_low"]] == [True, False, True, True]
    assert found["drop_rate"].to_list()[3] == near(-0.6)
    assert funnel_rates(pl.DataFrame({"n": [0, 0]}), 0.95).row(1) == (None,) * 7


@pytest.mark.parametrize("confidence", [0, 1, 95, math.nan])
def test_refusals(confidence):
    with pytest.raises(ValueError, match="between 0 and 1"):
        funnel_rates(pl.DataFrame({"n": [2, 1]}), confidence)


def test_the_same_paths_in_any_order_give_the_same_bits():
    draw = np.random.default_rng(1)
    names = [f"channel {i}" for i in range(9)]
    rows = [
        (
            list(draw.choice(names, draw.integers(1, 8))),
            int(draw.integers(9)),
            int(draw.integers(9)),
        )
        for _ in range(20_000)
    ]
    one = attribution(table(rows))
    assert attribution(table(rows)).equals(one)
    assert attribution(table(rows[::-1])).equals(one)


# --- laws


@laws
@given(journeys)
def test_attributions_sum_to_the_conversions(rows):
    found = attribution(table(rows))
    conversions = sum(converted for _, converted, _ in rows)
    for rule in RULES:
        assert found[f"attribution_{rule}"].sum() == near(conversions)
        assert found[f"attribution_{rule}"].min() >= 0
    touches = sum(len(touches) * (n + m) for touches, n, m in rows)
    assert found["touches"].sum() == touches


@laws
@given(converting)
def test_removal_effects_lie_between_0_and_1(rows):
    found = by_channel(removal_effects(table(rows)), "removal_effect")
    assert all(-1e-12 <= effect <= 1 + 1e-12 for effect in found.values())
    walked = [touches for touches, n, m in rows if n]
    for channel, effect in found.items():
        if all(channel in touches for touches in walked) and len(walked) == len(rows):
            assert effect > 0


@laws
@given(journeys)
def test_rates_out_of_every_touch_sum_to_1(rows):
    found = transitions(table(rows))
    sums = found.group_by("from").agg(pl.col("rate").sum())["rate"].to_list()
    assert sums == near([1] * len(sums))
    assert found["n"].sum() == sum((len(touches) + 1) * (n + m) for touches, n, m in rows)


@laws
@given(journeys, st.randoms())
def test_order_and_splitting_of_paths_do_not_matter(rows, random):
    split = [(touches, n, 0) for touches, n, _ in rows] + [(t, 0, m) for t, _, m in rows]
    random.shuffle(split)
    one, other = attribution(table(rows)), attribution(table(split))
    assert one["channel"].to_list() == other["channel"].to_list()
    for name in one.columns[1:]:
        if not one[name].null_count():
            assert other[name].to_list() == near(one[name].to_list())


@laws
@given(converting)
def test_without_repeats_inside_a_path_linear_is_shapley(rows):
    distinct = [(sorted(set(touches)), n, m) for touches, n, m in rows]
    found = attribution(table(distinct))
    linear, shapley = found["attribution_linear"], found["attribution_shapley"]
    assert linear.to_list() == near(shapley.to_list())


@laws
@given(st.lists(st.integers(0, 500), min_size=1, max_size=6))
def test_steps_multiply_to_the_cumulated_rate(reached):
    counts = sorted(reached, reverse=True)
    found = funnel_rates(pl.DataFrame({"n": counts}), 0.95)
    product = 1.0
    for row in found.rows(named=True)[1:]:
        if row["step_rate"] is None:
            break
        product *= row["step_rate"]
        assert row["cum_rate"] == near(product)
        assert row["step_low"] <= row["step_rate"] + 1e-12
        assert row["step_rate"] <= row["step_high"] + 1e-12
