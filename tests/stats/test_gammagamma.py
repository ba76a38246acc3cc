"""Gamma-gamma: published and independent numbers first, then simulation and laws."""

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxkit.errors import DataError
from cxkit.stats.gammagamma import (
    GammaGamma,
    _log_likelihood,
    gamma_gamma_fit,
    gamma_gamma_mean,
    spend_correlation,
)

ORACLES = Path(__file__).parents[1] / "oracles"
ORACLE = json.loads((ORACLES / "clv_bgnbd_gg.json").read_text(encoding="utf-8"))
FULL, SMALL = ORACLE["gamma_gamma_full"], ORACLE["gamma_gamma_small"]
FREQUENCY, SPEND = np.array(FULL["rows"], dtype=float).T
AT_FULL = GammaGamma(FULL["p"], FULL["q"], FULL["v"], FULL["loglik"], 946)

laws = settings(deadline=None, max_examples=60)
models = st.builds(
    GammaGamma,
    st.floats(0.1, 50),
    st.floats(1.01, 50),
    st.floats(0.1, 500),
    st.just(0.0),
    st.just(0),
)


# --- numbers from outside


@pytest.mark.parametrize("case", [FULL, SMALL], ids=["cdnow", "cdnow-150"])
def test_fit_matches_the_root_of_the_complex_step_score(case):
    found = gamma_gamma_fit(FREQUENCY[: case["n"]], SPEND[: case["n"]])
    for name in "pqv":
        assert getattr(found, name) == pytest.approx(case[name], rel=1e-9)
    assert found.log_likelihood == pytest.approx(case["loglik"], abs=1e-7)
    assert (found.n, found.penalty) == (case["n"], 0)


def test_fit_matches_the_published_digits_of_note_025():
    """Published 6.25, 3.74, 15.44: v is 15.448 at the optimum, so one unit of the last digit."""
    found = gamma_gamma_fit(FREQUENCY, SPEND)
    assert (round(found.p, 2), round(found.q, 2)) == (6.25, 3.74)
    assert found.v == pytest.approx(15.44, abs=0.01)


def test_expected_spend_matches_lifetimes():
    rows = FULL["predictions"]
    found = gamma_gamma_mean(AT_FULL, [r["x"] for r in rows], [r["m"] for r in rows])
    assert found == pytest.approx([r["expected_mean"] for r in rows], rel=1e-9)
    assert AT_FULL.population_mean == pytest.approx(FULL["population_mean"], rel=1e-9)


def test_correlation_matches_numpy_and_the_manual_of_lifetimes():
    found = spend_correlation(FREQUENCY, SPEND)
    assert found == pytest.approx(np.corrcoef(FREQUENCY, SPEND)[0, 1], rel=1e-12)
    assert found == pytest.approx(0.113884, abs=5e-7)


def test_derivatives_match_differences():
    likelihood = partial(_log_likelihood, FREQUENCY[:150], SPEND[:150], np.ones(150))
    at = np.array([5.0, 3.0, 20.0])
    _, slope, bend = likelihood(*at)
    for i, step in enumerate(np.diag(1e-5 * at)):
        above, below = likelihood(*(at + step)), likelihood(*(at - step))
        assert (above[0] - below[0]) / (2 * step[i]) == pytest.approx(slope[i], rel=1e-6)
        assert (above[1] - below[1]) / (2 * step[i]) == pytest.approx(bend[i], rel=1e-6)


# --- simulation


def test_parameters_are_recovered():
    rng = np.random.default_rng(1)
    x = rng.poisson(3, 30_000) + 1
    m = rng.gamma(6.0 * x) / rng.gamma(4.0, 1 / 15, 30_000) / x
    found = gamma_gamma_fit(x, m)
    for name, value in {"p": 6.0, "q": 4.0, "v": 15.0}.items():
        assert getattr(found, name) == pytest.approx(value, rel=0.08)
    assert found.population_mean == pytest.approx(30.0, rel=0.02)
    assert spend_correlation(x, m) == pytest.approx(0, abs=0.02)


def test_customers_alike_still_give_a_mean():
    """One rate for all: q and v run away together, their ratio does not."""
    rng = np.random.default_rng(0)
    x = rng.poisson(3, 300) + 1
    found = gamma_gamma_fit(x, rng.gamma(1000.0 * x) / x)
    assert found.population_mean == pytest.approx(1000, rel=0.01)


# --- laws


@pytest.mark.parametrize("factor", [25_000.0, 0.01, 1e-9])
def test_another_money_changes_v_alone(factor):
    one = gamma_gamma_fit(FREQUENCY[:150], SPEND[:150])
    other = gamma_gamma_fit(FREQUENCY[:150], SPEND[:150] * factor)
    assert [other.p, other.q] == pytest.approx([one.p, one.q], rel=1e-7)
    assert other.v == pytest.approx(one.v * factor, rel=1e-7)
    shift = 150 * np.log(factor)
    assert other.log_likelihood == pytest.approx(one.log_likelihood - shift, abs=1e-6)


def test_twice_the_customers_fit_the_same_and_weigh_twice():
    x, m = FREQUENCY[:150], SPEND[:150]
    once, twice = gamma_gamma_fit(x, m), gamma_gamma_fit(x, m, np.full(150, 2))
    assert [twice.p, twice.q, twice.v] == pytest.approx([once.p, once.q, once.v], rel=1e-9)
    assert twice.log_likelihood == pytest.approx(2 * once.log_likelihood, rel=1e-12)
    assert twice.n == 300
    assert spend_correlation(x, m, np.full(150, 2)) == pytest.approx(spend_correlation(x, m))


def test_one_time_buyers_and_empty_purchases_are_left_out():
    x, m = np.append(FREQUENCY, [0, 3, 4]), np.append(SPEND, [12.0, 0.0, -5.0])
    assert gamma_gamma_fit(x, m) == gamma_gamma_fit(FREQUENCY, SPEND)
    assert spend_correlation(x, m) == spend_correlation(FREQUENCY, SPEND)


@laws
@given(model=models, x=st.integers(1, 500), m=st.floats(0.01, 1e4))
def test_expected_spend_lies_between_the_population_and_the_customer(model, x, m):
    low, high = sorted((model.population_mean, m))
    found = float(gamma_gamma_mean(model, x, m))
    assert low * (1 - 1e-9) <= found <= high * (1 + 1e-9)


def test_without_repeat_purchases_the_population_stands_in():
    found = gamma_gamma_mean(AT_FULL, [0, 0], [float("nan"), 99.0])
    assert found == pytest.approx([AT_FULL.population_mean] * 2, rel=1e-12)


# --- refusals


def test_spend_without_a_mean_is_said_in_words():
    wild = GammaGamma(2.0, 0.8, 5.0, 0.0, 50)
    assert wild.population_mean is None
    with pytest.raises(DataError, match="no mean"):
        gamma_gamma_mean(wild, 3, 20.0)


@pytest.mark.parametrize(
    ("x", "m", "words"),
    [([1] * 9, [5.0] * 9, "only 9 repeat buyers"), ([2] * 50, [20.0] * 50, "spend the same")],
)
def test_too_little_is_said_in_plain_words(x, m, words):
    with pytest.raises(DataError, match=words) as caught:
        gamma_gamma_fit(x, m)
    assert caught.value.slug == "too-little"


@pytest.mark.parametrize(
    ("x", "m"), [([], []), ([3], [4.0]), ([2, 2], [1.0, 5.0]), ([1, 2], [5.0, 5.0])]
)
def test_no_correlation_without_variation(x, m):
    assert spend_correlation(x, m) is None


def test_columns_of_different_length_are_refused():
    with pytest.raises(ValueError, match="one length"):
        gamma_gamma_fit([1, 2], [1.0])
