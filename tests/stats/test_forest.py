"""Forests of referrals against plain recursion, networkx's figures, and their laws."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxkit.stats import forest

GOLDEN = json.loads((Path(__file__).parents[1] / "oracles" / "referrals.json").read_text())
SLOW = settings(max_examples=60, deadline=None)


@st.composite
def forests(draw):
    """Parents of a forest in any order, with what each member brings and a group."""
    n = draw(st.integers(0, 25))
    parents = [draw(st.integers(-1, i - 1)) for i in range(n)]
    order = draw(st.permutations(range(n)))
    place = {old: new for new, old in enumerate(order)}
    mixed = [parents[old] for old in order]
    values = draw(st.lists(st.integers(-(10**6), 10**6), min_size=n, max_size=n))
    groups = draw(st.lists(st.integers(-1, 3), min_size=n, max_size=n))
    return array([place.get(one, -1) for one in mixed]), array(values), array(groups)


def array(values):
    return np.array(values, dtype=np.int64)


def children(parents, v):
    return [u for u, parent in enumerate(parents) if parent == v]


def below(parents, v, distance=1):
    """All descendants with their distance, by plain recursion."""
    for u in children(parents, v):
        yield u, distance
        yield from below(parents, u, distance + 1)


def depth(parents, v):
    return 0 if parents[v] < 0 else 1 + depth(parents, parents[v])


def golden():
    names = sorted(GOLDEN["input"]["revenue"])
    referrer = {b: a for a, b in GOLDEN["input"]["edges_referrer_referee"]}
    parents = [names.index(referrer[name]) if name in referrer else -1 for name in names]
    return names, array(parents), array([GOLDEN["input"]["revenue"][name] for name in names])


def test_golden_forest_of_networkx():
    names, parents, values = golden()
    depths = forest.generations(parents)
    height = forest.largest(parents, depths) - depths
    whole, half = forest.downstream(parents, values), forest.downstream(parents, values, 0.5)
    count = forest.downstream(parents, np.ones_like(values))
    for i, expected in enumerate(GOLDEN["per_customer"]):
        assert expected["customer"] == names[i]
        assert depths[i] == expected["generation"]
        assert height[i] == expected["max_depth"]
        assert count[i] == expected["descendants"]
        assert whole[i] == expected["downstream_revenue"]
        assert half[i] == pytest.approx(expected["downstream_decay_half"], rel=1e-9)


@SLOW
@given(forests(), st.sampled_from([0.0, 0.25, 0.5, 1.0]))
def test_the_same_as_plain_recursion(made, decay):
    parents, values, groups = made
    depths = forest.generations(parents)
    sums = forest.downstream(parents, values, decay)
    deepest = forest.largest(parents, depths)
    for v in range(len(parents)):
        descendants = list(below(parents, v))
        assert depths[v] == depth(parents, v)
        assert deepest[v] == max([depths[v], *(depths[u] for u, _ in descendants)])
        assert sums[v] == pytest.approx(sum(values[u] * decay**d for u, d in descendants), abs=1e-6)
    found = forest.downstream_of_groups(parents, groups, values, 4)
    for group in range(4):
        members = {u for v in range(len(parents)) if groups[v] == group
                   for u, _ in below(parents, v)}  # fmt: skip
        assert found[group] == sum(values[u] for u in members)


@SLOW
@given(forests())
def test_roots_add_up_to_the_total(made):
    parents, values, _ = made
    roots = parents < 0
    sums = forest.downstream(parents, values)
    assert sums[roots].sum() + values[roots].sum() == values.sum()
    assert not len(forest.on_cycle(parents))
    positive = np.abs(values)
    direct = array([sum(positive[u] for u in children(parents, v)) for v in range(len(parents))])
    assert (direct <= forest.downstream(parents, positive)).all()


@SLOW
@given(forests())
def test_sums_of_whole_numbers_are_exact(made):
    parents, values, _ = made
    large = values * 2**42
    assert forest.downstream(parents, large).dtype == np.int64
    assert (forest.downstream(parents, large) == forest.downstream(parents, values) * 2**42).all()


@SLOW
@given(forests(), st.integers(1, 30), st.integers(0, 10**6))
def test_a_circle_is_found_whatever_its_length(made, length, seed):
    parents, _, _ = made
    n = len(parents)
    circle = array([n + (i + 1) % length for i in range(length)])
    hanging = array([n + seed % length])  # below the circle, not on it
    order = np.random.default_rng(seed).permutation(n + length + 1)
    place = np.append(np.argsort(order), -1)
    every = place[np.concatenate([parents, circle, hanging])[order]]
    on = forest.on_cycle(every)
    assert sorted(order[on]) == list(range(n, n + length))
    lost = forest.generations(every) < 0
    assert sorted(order[lost]) == list(range(n, n + length + 1))


def test_a_chain_of_100_000_and_its_circle():
    chain = np.arange(-1, 99_999)
    assert forest.generations(chain)[-1] == 99_999
    assert forest.downstream(chain, np.ones(100_000, np.int64))[0] == 99_999
    assert forest.largest(chain, np.arange(100_000))[0] == 99_999
    chain[0] = 99_999
    assert len(forest.on_cycle(chain)) == 100_000
    assert (forest.generations(chain) == -1).all()


def test_more_groups_than_bits():
    parents = array([-1, *[0] * 200])
    groups = array([150, *range(150), *[-1] * 50])
    found = forest.downstream_of_groups(parents, groups, np.ones(201, np.int64), 151)
    assert found[150] == 200
    assert found[:150].sum() == 0


def test_nobody_and_one():
    none = array([])
    assert len(forest.generations(none)) == len(forest.on_cycle(none)) == 0
    assert len(forest.downstream(none, none)) == len(forest.largest(none, none)) == 0
    assert forest.downstream_of_groups(none, none, none, 2).tolist() == [0, 0]
    assert forest.generations(array([-1])).tolist() == [0]
    assert forest.downstream(array([-1]), array([7])).tolist() == [0]
    assert forest.on_cycle(array([0])).tolist() == [0]
