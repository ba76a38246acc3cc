"""Penalty-reward analysis: numbers from outside, then laws."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student

from cxkit.stats.kano import cells, dummies, kano, least_squares
from cxkit.stats.moments import of_patterns, pooled

ORACLES = Path(__file__).parents[1] / "oracles"
ORACLE = json.loads((ORACLES / "drivers.json").read_text(encoding="utf-8"))["penalty_reward"]

laws = settings(deadline=None, max_examples=30)
seeds = st.integers(0, 2**32 - 1)

RATINGS = np.column_stack(ORACLE["drivers"])
OUTCOME = np.array(ORACLE["outcome"], dtype=float)


def near(expected):
    return pytest.approx(np.asarray(expected), rel=1e-9, abs=1e-9)


def moments(ratings, outcome, weights=None):
    p = np.shape(ratings)[1]
    columns = dummies(ratings, [2] * p, [5] * p)
    rows = np.column_stack([columns, outcome])
    return pooled(of_patterns(rows, np.ones(len(rows)), weights))


def survey(seed, effects, n=400, noise=1.0):
    """Ratings 1–5 and an outcome with a penalty and a reward for each."""
    rng = np.random.default_rng(seed)
    ratings = rng.integers(1, 6, (n, len(effects)))
    low, high = ratings <= 2, ratings == 5
    penalties, rewards = np.array(effects).T
    return ratings, 6 + low @ penalties + high @ rewards + noise * rng.normal(size=n)


# --- numbers from outside


def test_coefficients_match_lm_of_r_4_2_2():
    found = least_squares(moments(RATINGS, OUTCOME))
    assert found.values == near(ORACLE["coefficients"])
    assert found.se == near(ORACLE["se"])
    assert found.r2 == near(ORACLE["r2"])
    assert found.df == len(OUTCOME) - 7
    t_values = np.divide(ORACLE["coefficients"], ORACLE["se"])
    assert found.p_values == near(2 * student.sf(abs(t_values), found.df))


def test_asymmetries_match_r_4_2_2():
    found = kano(moments(RATINGS, OUTCOME))
    assert [one.asymmetry for one in found] == near(ORACLE["asymmetry"])
    assert [one.kind for one in found] == ["basic", "delighter", "performance"]
    assert [one.penalty for one in found] == near(ORACLE["coefficients"][::2])
    assert [one.reward for one in found] == near(ORACLE["coefficients"][1::2])
    assert {one.flags for one in found} == {()}


@laws
@given(seeds)
def test_weighted_coefficients_match_least_squares_on_weighted_rows(seed):
    ratings, outcome = survey(seed, [(-1, 1), (-1, 0)], n=200)
    weights = np.random.default_rng(seed).uniform(0.2, 3, 200)
    found = least_squares(moments(ratings, outcome, weights))
    x = np.column_stack([np.ones(200), dummies(ratings, [2, 2], [5, 5])])
    root = np.sqrt(weights)
    expected = np.linalg.lstsq(x * root[:, None], outcome * root)[0]
    assert found.values == near(expected[1:])
    n = weights.sum() ** 2 / (weights**2).sum()
    assert found.df == near(n - 5)
    residual = outcome - x @ expected
    scale = (weights @ residual**2) / (n - 5)
    inverse = np.linalg.inv(x.T @ (weights[:, None] * x))
    assert found.se == near(np.sqrt(scale * np.diag(inverse))[1:])


# --- dummies


def test_low_and_high_answers():
    found = dummies([[1, 10], [2, 6], [3, 7], [4, 9], [5, 8]], low=[2, 6], high=[5, 9])
    assert found.tolist() == [[1, 0, 0, 1], [1, 0, 1, 0], [0, 0, 0, 0], [0, 0, 0, 1], [0, 1, 0, 0]]


def test_an_answer_is_not_both_low_and_high():
    with pytest.raises(ValueError, match="below"):
        dummies([[1], [2]], [2], [2])


def test_cells_count_respondents():
    expected = [[(column <= 2).sum(), np.isin(column, (3, 4)).sum(), (column == 5).sum()]
                for column in RATINGS.T]  # fmt: skip
    assert cells(moments(RATINGS, OUTCOME)).tolist() == expected


# --- kinds


def test_kinds_are_recovered():
    effects = [(-2, 0.2), (-0.2, 2), (-1, 1), (0, 0)]
    found = kano(moments(*survey(1, effects, n=4000)))
    assert [one.kind for one in found] == ["basic", "delighter", "performance", "neutral"]


def test_what_is_faint_beside_the_others_is_neutral():
    """Both coefficients are significant, but the range is below a quarter of the mean."""
    ratings, outcome = survey(2, [(-3, 3), (-3, 3), (-0.3, 0.3)], n=2000, noise=0.1)
    found = kano(moments(ratings, outcome))
    assert least_squares(moments(ratings, outcome)).p_values.max() < 0.001
    assert [one.kind for one in found] == ["performance", "performance", "neutral"]


def test_what_chance_explains_is_neutral():
    found = kano(moments(*survey(3, [(0, 0), (0, 0)], n=60)))
    assert [one.kind for one in found] == ["neutral", "neutral"]


def test_a_wrong_sign_counts_as_nothing_and_is_told():
    found = kano(moments(*survey(4, [(1, 1), (-1, -1), (1, -1), (-1, 1)], n=2000)))
    assert [one.flags for one in found] == [
        ("penalty-sign",), ("reward-sign",), ("penalty-sign", "reward-sign"), ()
    ]  # fmt: skip
    assert [one.kind for one in found] == ["delighter", "basic", "neutral", "performance"]
    assert [one.asymmetry for one in found[:2]] == [1, -1]
    assert math.isnan(found[2].asymmetry)
    assert (found[2].penalty, found[2].reward) == (0, 0)


def test_a_significant_wrong_sign_does_not_make_a_kind():
    """Penalty of the wrong sign beyond doubt, reward of the right sign by chance alone."""
    seed = next(
        seed
        for seed in range(50)
        if (fit := least_squares(moments(*survey(seed, [(2, 0.1), (-1, 1)], n=300)))).values[1] > 0
        and fit.p_values[1] > 0.05
    )
    assert kano(moments(*survey(seed, [(2, 0.1), (-1, 1)], n=300)))[0].kind == "neutral"


@pytest.mark.parametrize("answer", [1, 3, 5])
def test_a_driver_with_a_small_cell_stays_out(answer):
    """Nine respondents in one cell; the other drivers are fitted as if it were not there."""
    ratings, outcome = survey(5, [(-2, 0.2), (-1, 1)])
    others = [other for other in (1, 3, 5) if other != answer]
    few = np.array([answer] * 9 + [others[0]] * 200 + [others[1]] * 191)
    found = kano(moments(np.column_stack([ratings[:, 0], few, ratings[:, 1]]), outcome))
    assert found[1].flags == ("few",)
    assert found[1].kind is None
    assert math.isnan(found[1].asymmetry)
    expected = kano(moments(ratings, outcome))
    assert [found[0].penalty, found[2].penalty] == near([one.penalty for one in expected])
    assert [found[0].kind, found[2].kind] == [one.kind for one in expected]
    few[9] = answer
    found = kano(moments(np.column_stack([ratings[:, 0], few, ratings[:, 1]]), outcome))
    assert found[1].kind is not None


def test_respondents_are_counted_by_the_caller_where_answers_have_weights():
    ratings, outcome = survey(6, [(-2, 0.2)])
    light = moments(ratings, outcome, np.full(400, 0.01))
    respondents = cells(moments(ratings, outcome))
    assert kano(light)[0].kind is None
    found, expected = kano(light, respondents)[0], kano(moments(ratings, outcome))[0]
    assert found.asymmetry == near(expected.asymmetry)
    assert found.kind == expected.kind


def test_nobody_left_is_no_error():
    found = kano(moments(RATINGS[:15], OUTCOME[:15]))
    assert [one.flags for one in found] == [("few",)] * 3


def test_drivers_that_determine_each_other_are_not_read():
    ratings, outcome = survey(7, [(-2, 0.2), (-1, 1)])
    both = np.column_stack([ratings, ratings[:, 0]])
    found = kano(moments(both, outcome))
    assert [one.flags for one in found] == [("collinear",), (), ("collinear",)]
    assert found[0].kind is None
    assert found[1].asymmetry == near(kano(moments(ratings, outcome))[1].asymmetry)
    assert least_squares(moments(both, outcome)).df == 400 - 5


def test_a_perfect_fit_is_significant():
    found = kano(moments(*survey(8, [(-2, 1)], noise=0)))
    assert (found[0].penalty, found[0].reward) == near((-2, 1))
    assert found[0].kind == "basic"
    ratings = np.repeat(
        [[1, 1], [1, 3], [1, 5], [3, 1], [3, 3], [3, 5], [5, 1], [5, 3], [5, 5]], 9, 0
    )
    found = kano(moments(ratings, ratings[:, 0] - 3.0))
    assert [one.kind for one in found] == ["performance", "neutral"]


# --- laws


@laws
@given(seeds, st.permutations(range(3)))
def test_permuting_drivers_permutes_the_results(seed, order):
    ratings, outcome = survey(seed, [(-2, 0.2), (-1, 1), (0, 1)])
    found = kano(moments(ratings[:, order], outcome))
    expected = kano(moments(ratings, outcome))
    assert [one.kind for one in found] == [expected[place].kind for place in order]
    assert [one.asymmetry for one in found] == near([expected[i].asymmetry for i in order])


@laws
@given(seeds, st.floats(0.01, 100), st.floats(-50, 50))
def test_the_scale_of_the_outcome_is_that_of_the_penalty(seed, unit, zero):
    ratings, outcome = survey(seed, [(-2, 0.2), (-1, 1)])
    found, expected = (kano(moments(ratings, y)) for y in (zero + unit * outcome, outcome))
    for one, other in zip(found, expected, strict=True):
        assert one.asymmetry == near(other.asymmetry)
        assert one.penalty == pytest.approx(unit * other.penalty, rel=1e-9)
        assert one.kind == other.kind


@laws
@given(seeds)
def test_a_turned_outcome_turns_every_sign(seed):
    ratings, outcome = survey(seed, [(-2, 0.2), (-1, 1)])
    found, turned = (least_squares(moments(ratings, y)) for y in (outcome, -outcome))
    assert turned.values == near(-found.values)
    assert turned.se == near(found.se)


# --- errors


def test_a_constant_outcome_is_refused():
    with pytest.raises(ValueError, match="outcome is the same"):
        kano(moments(RATINGS, np.full(len(RATINGS), 7.0)))


def test_a_constant_column_is_refused():
    with pytest.raises(ValueError, match="a column is the same"):
        least_squares(moments(np.full((300, 1), 5), OUTCOME))


def test_more_coefficients_than_answers_are_refused():
    ratings, outcome = survey(9, [(-1, 1)] * 20, n=40)
    with pytest.raises(ValueError, match="too few answers"):
        least_squares(moments(ratings, outcome))


@pytest.mark.parametrize("confidence", [0, 1, 95])
def test_impossible_confidence_is_refused(confidence):
    with pytest.raises(ValueError, match="confidence"):
        kano(moments(RATINGS, OUTCOME), confidence=confidence)
