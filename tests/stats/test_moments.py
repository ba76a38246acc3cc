"""Moments of answers: numbers from outside, then laws of adding up and drawing again."""

import json
from itertools import combinations_with_replacement
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from cxkit.stats.moments import (
    associations,
    correlations,
    from_sums,
    of_blocks,
    of_patterns,
    pooled,
    resampled,
    select,
)

ORACLES = Path(__file__).parents[1] / "oracles"
CASES = json.loads((ORACLES / "drivers.json").read_text(encoding="utf-8"))["cases"]

laws = settings(deadline=None, max_examples=40)
answers = arrays.arrays(
    np.float64, st.tuples(st.integers(2, 30), st.integers(2, 4)), elements=st.integers(0, 10)
)


def near(expected):
    return pytest.approx(expected, rel=1e-9, abs=1e-9)


def one_each(rows, weights=None):
    """Moments of rows that occur once."""
    return pooled(of_patterns(rows, np.ones(len(rows)), weights))


def same(found, expected):
    for name in ("weight", "squares", "mean", "cross"):
        assert getattr(found, name) == near(getattr(expected, name)), name


# --- numbers from outside


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_correlations_match_r(case):
    rows = np.column_stack([case["data"][name] for name in (case["outcome"], *case["drivers"])])
    assert correlations(one_each(rows)) == near(np.array(case["correlations"]))


@laws
@given(answers, st.integers(0, 2**32 - 1))
def test_weighted_moments_match_numpy(rows, seed):
    weights = np.random.default_rng(seed).uniform(0.1, 3, len(rows))
    found = one_each(rows, weights)
    assert found.mean == near(np.average(rows, axis=0, weights=weights))
    covariance = np.cov(rows.T, aweights=weights, ddof=0)
    assert found.cross / found.weight == near(covariance)
    assert found.n == near(weights.sum() ** 2 / (weights**2).sum())


# --- adding up


@laws
@given(answers)
def test_patterns_stand_for_their_rows(rows):
    patterns, counts = np.unique(rows, axis=0, return_counts=True)
    same(pooled(of_patterns(patterns, counts)), one_each(rows))


@laws
@given(answers, st.data())
def test_blocks_add_up_to_the_whole(rows, data):
    cut = data.draw(st.integers(1, len(rows) - 1))
    weights = np.arange(1.0, len(rows) + 1)
    blocks = [one_each(rows[:cut], weights[:cut]), one_each(rows[cut:], weights[cut:])]
    same(pooled(of_blocks(blocks)), one_each(rows, weights))


@laws
@given(answers, st.integers(-5, 15))
def test_sums_about_any_shift_give_the_moments(rows, shift):
    apart = rows - shift
    pairs = combinations_with_replacement(range(rows.shape[1]), 2)
    products = [apart[:, i] @ apart[:, j] for i, j in pairs]
    n = float(len(rows))
    shifts = np.full(rows.shape[1], shift)
    same(from_sums(n, n, apart.sum(axis=0), products, shifts), one_each(rows))


def test_a_block_without_answers_adds_nothing():
    rows = np.array([[1.0, 2], [3, 5], [4, 4]])
    empty = from_sums(0, 0, [0, 0], [0, 0, 0], [1, 1])
    assert empty.n == 0
    same(pooled(of_blocks([empty, one_each(rows)])), one_each(rows))


def test_digits_survive_a_large_offset():
    rows = np.array([[1.0, 5], [2, 3], [3, 4], [5, 1]])
    moved = rows + np.array([1e9, -1e9])
    assert correlations(one_each(moved)) == near(correlations(one_each(rows)))


def test_select_takes_columns_in_the_order_given():
    rows = np.array([[1.0, 2, 9], [3, 5, 7], [4, 4, 1], [0, 1, 2]])
    same(select(one_each(rows), [2, 0]), one_each(rows[:, [2, 0]]))
    stack = resampled(of_patterns(rows, np.ones(4)), 3, 0)
    assert select(stack, [-1]).cross[:, 0, 0].tolist() == stack.cross[:, 2, 2].tolist()


# --- columns that do not vary


def test_constant_columns_are_known_in_spite_of_rounding():
    """0.1 has no exact sum, so that three of them leave a trace of variance."""
    rows = np.array([[0.1, 1.0], [0.1, 2.0], [0.1, 4.0]] * 7)
    n = float(len(rows))
    products = [(rows[:, i] * rows[:, j]).sum() for i, j in ((0, 0), (0, 1), (1, 1))]
    sums = from_sums(n, n, rows.sum(axis=0), products, [0, 0])
    blocks = pooled(of_blocks([one_each(rows[:10]), one_each(rows[10:])]))
    for moments in (one_each(rows), sums, blocks):
        assert moments.cross[0].tolist() == [0.0, 0.0]
        assert moments.cross[1, 1] > 0
        assert correlations(moments).tolist() == [[1.0, 0.0], [0.0, 1.0]]


def test_constant_drivers_are_left_out():
    rows = np.array([[3.0, 1, 5, 2], [3, 2, 5, 4], [3, 4, 5, 5], [3, 4, 5, 9]])
    found = associations(one_each(rows))
    assert found.kept.tolist() == [1]
    assert found.drivers.tolist() == [[1.0]]
    assert found.outcome == near(np.corrcoef(rows[:, 1], rows[:, 3])[0, 1])


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([[1, 2], [3, 2]], "outcome is the same"),
        ([[1, 2], [1, 3]], "every driver is the same"),
        ([[1, 2]], "outcome is the same"),
    ],
)
def test_nothing_to_correlate(rows, message):
    with pytest.raises(ValueError, match=message):
        associations(one_each(np.array(rows, dtype=float)))


@pytest.mark.parametrize(
    ("rows", "counts", "weights"),
    [
        ([[1, np.nan]], [1], None),
        ([[1, 2]], [-1], None),
        ([[1, 2]], [1.5], None),
        ([[1, 2]], [0], None),
        ([[1, 2]], [1], [-1]),
        ([[1, 2]], [1], [np.inf]),
        (np.empty((0, 2)), [], None),
    ],
)
def test_impossible_patterns_are_refused(rows, counts, weights):
    with pytest.raises(ValueError, match=r"answer|counts"):
        of_patterns(rows, counts, weights)


def test_blocks_without_weight_are_refused():
    with pytest.raises(ValueError, match="no answer"):
        of_blocks([from_sums(0, 0, [0], [0], [0])])


# --- drawing again


@pytest.mark.parametrize("counts", [[3, 1, 0, 2], [3000, 1000, 0, 2000]])
def test_replicates_are_samples_of_the_same_size(counts):
    """Means and variances of multinomial counts, both ways of drawing them."""
    parts = of_patterns(np.eye(4), counts)
    draws = resampled(parts, 4000, 0)
    n, p = sum(counts), np.array(counts) / sum(counts)
    assert draws.weight.tolist() == [n] * 4000
    drawn = draws.mean * n
    assert drawn == near(np.rint(drawn))
    assert drawn[:, 2] == near(np.zeros(4000))
    error = 5 * np.sqrt(n * p * (1 - p) / 4000) + 1e-9
    assert (abs(drawn.mean(axis=0) - n * p) <= error).all()
    expected = n * (np.diag(p) - np.outer(p, p))
    assert np.cov(drawn.T) == pytest.approx(expected, abs=0.12 * expected.max())


def test_a_replicate_is_a_sample_of_the_rows():
    """Moments of a replicate are those of the rows that it drew."""
    rows = np.random.default_rng(5).integers(0, 11, (6, 3)).astype(float)
    names = np.column_stack([rows, np.eye(6)])
    for place in range(5):
        whole = resampled(of_patterns(names, np.ones(6)), 5, 1)
        times = np.rint(whole.mean[place, 3:] * 6).astype(int)
        drawn = one_each(np.repeat(rows, times, axis=0))
        assert whole.cross[place][:3, :3] == near(drawn.cross)


def test_same_seed_same_samples():
    parts = of_patterns(np.eye(3), [5, 6, 7])
    assert resampled(parts, 9, 1).mean.tolist() == resampled(parts, 9, 1).mean.tolist()
    assert resampled(parts, 9, 1).mean.tolist() != resampled(parts, 9, 2).mean.tolist()
