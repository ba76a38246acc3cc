"""sBG: published and independent numbers first, then simulation and laws."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxkit.errors import DataError
from cxkit.stats.sbg import Sbg, sbg_derl, sbg_fit, sbg_retention, sbg_survival

ORACLES = Path(__file__).parents[1] / "oracles"
ORACLE = json.loads((ORACLES / "sbg.json").read_text(encoding="utf-8"))
CASES = ("high_end", "regular", "high_end_years_0_4")

cases = pytest.mark.parametrize("name", CASES)
laws = settings(deadline=None, max_examples=60)
models = st.builds(Sbg, st.floats(0.02, 500), st.floats(0.02, 500), st.just(0.0), st.just(0))


def cohort(survivors):
    """One cohort: survivors at ages 0, 1, … as age, lost and active."""
    last = len(survivors) - 1
    return range(1, last + 1), -np.diff(survivors), [0] * (last - 1) + [survivors[-1]]


def fitted(name):
    return sbg_fit(*cohort(ORACLE[name]["active"]))


# --- numbers from outside


@cases
def test_fit_matches_mpmath(name):
    found, case = fitted(name), ORACLE[name]
    assert found.alpha == pytest.approx(case["alpha"], rel=1e-9)
    assert found.beta == pytest.approx(case["beta"], rel=1e-9)
    assert found.log_likelihood == pytest.approx(case["loglik"], abs=1e-9)
    assert found.mean_churn == pytest.approx(case["mean_churn_prob"], rel=1e-9)
    assert found.n == 1000


@pytest.mark.parametrize("name", ORACLE["published"])
def test_fit_matches_the_published_digits_of_fader_hardie_2007(name):
    found, published = fitted(name), ORACLE["published"][name]
    assert round(found.alpha, 3) == published["alpha"]
    assert round(found.beta, 3) == published["beta"]
    assert round(found.log_likelihood, 1) == published["loglik"]


@cases
def test_curves_match_mpmath(name):
    model, case = fitted(name), ORACLE[name]
    survival, rates = case["survival_fit_projection"], case["retention_rate"]
    assert sbg_survival(model, range(13)) == pytest.approx(survival, rel=1e-9)
    assert sbg_retention(model, range(1, 13)) == pytest.approx(rates, rel=1e-9)


@cases
def test_residual_lifetime_matches_eq_4_of_fader_hardie_2010(name):
    values = ORACLE[name]["derl_d0.1"]
    found = sbg_derl(fitted(name), [int(n) for n in values], 0.1)
    assert found == pytest.approx(list(values.values()), rel=1e-9)
    new = 1 + float(sbg_derl(fitted(name), 1, 0.1)) / 1.1
    assert new == pytest.approx(ORACLE[name]["del_at_acquisition_d0.1"], rel=1e-9)


@pytest.mark.parametrize("row", ORACLE["extreme_derl"]["rows"], ids=str)
def test_residual_lifetime_at_extremes_matches_mpmath(row):
    """Large parameters and discounts of a ten-thousandth, where scipy's hyp2f1 gives up."""
    alpha, beta, n, discount, expected = row
    found = float(sbg_derl(Sbg(alpha, beta, 0.0, 0), n, discount))
    assert found == pytest.approx(expected, rel=1e-9)


# --- simulation


def test_parameters_are_recovered_from_customers_of_different_ages():
    rng = np.random.default_rng(2)
    chance, possible = rng.beta(0.8, 3.2, 60_000), rng.integers(0, 12, 60_000)
    life = rng.geometric(chance)
    lost = np.where(life <= possible, 1, 0)
    found = sbg_fit(np.minimum(life, possible), lost, 1 - lost)
    assert found.alpha == pytest.approx(0.8, rel=0.06)
    assert found.beta == pytest.approx(3.2, rel=0.06)
    assert found.n == (possible > 0).sum()


# --- laws


def test_rows_may_be_split_shuffled_and_padded():
    age, lost, active = map(np.asarray, cohort(ORACLE["regular"]["active"]))
    order = np.random.default_rng(0).permutation(2 * len(age))
    parts = [np.append(a, b)[order] for a, b in ((lost // 2, lost - lost // 2), (active, 0 * age))]
    split = sbg_fit(np.append(np.append(age, age)[order], 0), *(np.append(p, 0) for p in parts))
    assert split == fitted("regular")


def test_customers_before_their_first_renewal_tell_nothing():
    age, lost, active = cohort(ORACLE["regular"]["active"])
    assert sbg_fit([0, *age], [0, *lost], [5000, *active]) == fitted("regular")


def test_twice_the_customers_fit_the_same_and_weigh_twice():
    age, lost, active = cohort(ORACLE["high_end"]["active"])
    once, twice = fitted("high_end"), sbg_fit(age, 2 * lost, 2 * np.array(active))
    assert [twice.alpha, twice.beta] == pytest.approx([once.alpha, once.beta], rel=1e-9)
    assert twice.log_likelihood == pytest.approx(2 * once.log_likelihood, rel=1e-12)


@laws
@given(model=models)
def test_survival_is_the_product_of_retention(model):
    survival, rates = sbg_survival(model, range(30)), sbg_retention(model, range(1, 30))
    assert survival[0] == 1
    assert survival[1:] == pytest.approx(np.cumprod(rates), rel=1e-9)
    assert (np.diff(rates) > 0).all()


@laws
@given(model=models, n=st.integers(1, 20), discount=st.floats(0.02, 2))
def test_residual_lifetime_is_the_sum_of_discounted_survival(model, n, discount):
    t = np.arange(2500)
    terms = sbg_survival(model, n + t) / sbg_survival(model, n - 1) * (1 + discount) ** -t
    assert float(sbg_derl(model, n, discount)) == pytest.approx(terms.sum(), rel=1e-8)


def test_without_discount_the_lifetime_is_finite_only_above_1():
    model = Sbg(3.0, 5.0, 0.0, 0)
    assert model.expected_lifetime == pytest.approx(sbg_survival(model, range(40_000)).sum(), 1e-6)
    assert 1 + float(sbg_derl(model, 1, 0)) == pytest.approx(model.expected_lifetime)
    assert Sbg(1.0, 5.0, 0.0, 0).expected_lifetime is None
    assert float(sbg_derl(Sbg(1.0, 5.0, 0.0, 0), 1, 0)) == np.inf


# --- refusals


@pytest.mark.parametrize(
    ("age", "lost", "active", "words"),
    [
        ([], [], [], "no customer left"),
        ([1, 2], [0, 0], [0, 9], "no customer left"),
        ([1], [3], [7], "two ages"),
        ([1, 2], [10, 0], [5, 0], "two ages"),
        ([1, 2, 3], [100, 90, 81], [0, 0, 729], "does not fall"),
        ([1, 2, 3], [100, 100, 100], [0, 0, 700], "does not fall"),
        ([1, 2], [10, 10], [0, 0], "does not fall"),
        ([1, 2, 3], [100, 0, 0], [0, 0, 900], "hardly anyone leaves"),
    ],
)
def test_what_cannot_be_known_is_refused_in_plain_words(age, lost, active, words):
    with pytest.raises(DataError, match=words) as caught:
        sbg_fit(age, lost, active)
    assert caught.value.slug == "too-little"


@pytest.mark.parametrize(
    ("age", "lost", "words"),
    [([0, 1], [3, 1], "before the first"), ([1.5, 2], [1, 1], "whole"), ([1, 2], [-1, 1], "whole")],
)
def test_impossible_counts_are_refused(age, lost, words):
    with pytest.raises(ValueError, match=words):
        sbg_fit(age, lost, [0, 5])


def test_a_negative_discount_is_refused():
    with pytest.raises(ValueError, match="discount"):
        sbg_derl(Sbg(1.0, 2.0, 0.0, 0), 1, -0.1)
