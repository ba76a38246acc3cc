"""BG/NBD: published and independent numbers first, then simulation and laws."""

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxkit.errors import DataError
from cxkit.stats.bgnbd import (
    BgNbd,
    _log_likelihood,
    _summed,
    bgnbd_alive,
    bgnbd_expected,
    bgnbd_fit,
    bgnbd_mean,
)

ORACLES = Path(__file__).parents[1] / "oracles"
ORACLE = json.loads((ORACLES / "clv_bgnbd_gg.json").read_text(encoding="utf-8"))
FULL = ORACLE["bgnbd_full_lifetimes"]
SMALL = ORACLE["bgnbd_small"]
PREDICTED = ORACLE["predictions_at_full"]
AT_FULL = BgNbd(*PREDICTED["params"], log_likelihood=0.0, n=2357)
CUSTOMERS = PREDICTED["customers"]
NAMES = ("r", "alpha", "a", "b")

laws = settings(deadline=None, max_examples=60)
shapes = st.floats(0.01, 30)
models = st.builds(BgNbd, shapes, shapes, shapes, shapes, st.just(0.0), st.just(0))


@st.composite
def histories(draw):
    """Frequency, recency and age of one customer."""
    x, T, share = draw(st.integers(0, 60)), draw(st.floats(0.5, 200)), draw(st.floats(0.01, 1))
    return x, T * share if x else 0.0, T


def columns(case):
    return np.array(case["rows"], dtype=float).T


def simulated(rng, n, r, alpha, a, b):
    """Purchase histories of n customers, followed for 20 to 60 weeks."""
    age = rng.uniform(20, 60, n)
    rate, leaves = rng.gamma(r, 1 / alpha, n), rng.beta(a, b, n)
    frequency, recency, now = np.zeros(n), np.zeros(n), np.zeros(n)
    active = np.ones(n, dtype=bool)
    while active.any():
        now[active] += rng.exponential(1 / rate[active])
        active &= now < age
        frequency[active] += 1
        recency[active] = now[active]
        active &= rng.random(n) > leaves
    return frequency, recency, age


# --- numbers from outside


@pytest.mark.parametrize("case", [FULL, SMALL], ids=["cdnow", "cdnow-300"])
def test_fit_matches_the_root_of_the_complex_step_score(case):
    found = bgnbd_fit(*columns(case))
    for name in NAMES:
        assert getattr(found, name) == pytest.approx(case[name], rel=1e-9)
    assert found.log_likelihood == pytest.approx(case["loglik"], abs=1e-7)
    assert (found.n, found.penalty) == (case["n"], 0)


def test_fit_matches_the_published_digits_of_fader_hardie_lee_2005():
    found = bgnbd_fit(*columns(FULL))
    assert [round(getattr(found, name), 3) for name in ("r", "a", "b")] == [0.243, 0.793, 2.426]
    assert found.alpha == pytest.approx(4.414, abs=6e-4)  # 4.41353: recency is rounded here
    assert round(found.log_likelihood, 1) == -9582.4


@pytest.mark.parametrize("customer", CUSTOMERS, ids=[f"x={c['x']}" for c in CUSTOMERS])
def test_predictions_match_lifetimes_and_mpmath(customer):
    history = customer["x"], customer["t_x"], customer["T"]
    alive = float(bgnbd_alive(AT_FULL, *history))
    assert alive == pytest.approx(customer["p_alive"], rel=1e-9)
    for t, expected in customer["expected_next"].items():
        found = float(bgnbd_expected(AT_FULL, float(t), *history))
        assert found == pytest.approx(expected, rel=1e-9)


def test_one_prediction_matches_the_published_1_226():
    assert round(float(bgnbd_expected(AT_FULL, 39, 2, 30.43, 38.86)), 3) == 1.226


def test_mean_of_a_new_customer_matches_eq_9():
    times = [float(t) for t in PREDICTED["unconditional_EX"]]
    expected = list(PREDICTED["unconditional_EX"].values())
    assert bgnbd_mean(AT_FULL, times) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("row", ORACLE["extreme_means"]["rows"], ids=str)
def test_mean_at_extremes_matches_mpmath(row):
    """a at and around 1, thousands of purchases, times a thousand times alpha."""
    *parameters, t, expected = row
    assert float(bgnbd_mean(BgNbd(*parameters, 0.0, 0), t)) == pytest.approx(expected, rel=1e-9)


def test_derivatives_match_differences():
    x, t_x, T = columns(SMALL)
    likelihood = partial(_log_likelihood, _summed(x, t_x, T, np.ones_like(x)))
    at = np.array([0.3, 5.0, 0.7, 1.3])
    _, slope, bend = likelihood(*at)
    for i, step in enumerate(np.diag(1e-5 * at)):
        above, below = likelihood(*(at + step)), likelihood(*(at - step))
        assert (above[0] - below[0]) / (2 * step[i]) == pytest.approx(slope[i], rel=1e-6)
        assert (above[1] - below[1]) / (2 * step[i]) == pytest.approx(bend[i], rel=1e-6)


# --- simulation


def test_parameters_are_recovered():
    true = {"r": 0.6, "alpha": 6.0, "a": 0.8, "b": 3.0}
    found = bgnbd_fit(*simulated(np.random.default_rng(3), 40_000, **true))
    for name, value in true.items():
        assert getattr(found, name) == pytest.approx(value, rel=0.12)
    assert found.a / (found.a + found.b) == pytest.approx(0.8 / 3.8, rel=0.05)
    assert found.penalty == 0


def test_forecast_matches_the_simulated_mean():
    truth = BgNbd(0.6, 6.0, 0.8, 3.0, 0.0, 0)
    frequency, _, age = simulated(np.random.default_rng(4), 60_000, 0.6, 6.0, 0.8, 3.0)
    assert bgnbd_mean(truth, age).mean() == pytest.approx(frequency.mean(), rel=0.03)


def test_customers_alike_need_a_penalty_and_say_so():
    """Poisson buyers who never leave: the likelihood rises towards parameters without end."""
    rng = np.random.default_rng(5)
    age = np.full(400, 52.0)
    frequency = rng.poisson(5.2, 400)
    recency = np.where(frequency > 0, age * rng.beta(np.maximum(frequency, 1), 1), 0.0)
    found = bgnbd_fit(frequency, recency, age)
    assert found.penalty > 0
    assert found.r / found.alpha == pytest.approx(0.1, rel=0.1)
    assert bgnbd_mean(found, 10.0) == pytest.approx(1.0, rel=0.1)


# --- laws


@pytest.mark.parametrize("factor", [7.0, 1 / 52, 86_400.0, 1e-9])
def test_another_unit_of_time_changes_alpha_alone(factor):
    x, t_x, T = columns(SMALL)
    weeks, other = bgnbd_fit(x, t_x, T), bgnbd_fit(x, t_x * factor, T * factor)
    assert other.alpha == pytest.approx(weeks.alpha * factor, rel=1e-7)
    for name in ("r", "a", "b"):
        assert getattr(other, name) == pytest.approx(getattr(weeks, name), rel=1e-7)
    shift = x.sum() * np.log(factor)
    assert other.log_likelihood == pytest.approx(weeks.log_likelihood - shift, abs=1e-6)


def test_twice_the_customers_fit_the_same_and_weigh_twice():
    x, t_x, T = columns(SMALL)
    once, twice = bgnbd_fit(x, t_x, T), bgnbd_fit(x, t_x, T, np.full(300, 2))
    for name in NAMES:
        assert getattr(twice, name) == pytest.approx(getattr(once, name), rel=1e-9)
    assert twice.log_likelihood == pytest.approx(2 * once.log_likelihood, rel=1e-12)
    assert twice.n == 600


def test_the_order_of_customers_does_not_matter():
    rows = columns(SMALL)
    shuffled = rows[:, np.random.default_rng(0).permutation(300)]
    one, other = bgnbd_fit(*rows), bgnbd_fit(*shuffled)
    for name in NAMES:
        assert getattr(other, name) == pytest.approx(getattr(one, name), rel=1e-9)


@laws
@given(model=models, history=histories())
def test_alive_is_a_chance_and_certain_after_one_purchase(model, history):
    alive = float(bgnbd_alive(model, *history))
    assert 0 <= alive <= 1
    if history[0] == 0:
        assert alive == 1


@laws
@given(model=models, history=histories())
def test_expected_purchases_rise_with_time_and_stay_finite(model, history):
    times = np.array([0, 0.1, 1, 5, 25, 125, 625, 1e6])
    expected = bgnbd_expected(model, times, *history)
    assert np.isfinite(expected).all()
    assert expected[0] == 0
    assert (np.diff(expected) >= 0).all()
    rate = (model.r + history[0]) / (model.alpha + history[2])
    assert (expected <= rate * times * (1 + 1e-9)).all()


@laws
@given(model=models, history=histories())
def test_longer_silence_makes_life_less_likely(model, history):
    x, t_x, T = history
    alive = bgnbd_alive(model, x, t_x, np.array([T, T + 1, T + 10, T + 1000]))
    assert (np.diff(alive) <= 0).all()


def test_a_new_customer_is_one_observed_for_no_time():
    times = np.array([1.0, 10.0, 100.0])
    assert bgnbd_expected(AT_FULL, times, 0, 0, 0) == pytest.approx(bgnbd_mean(AT_FULL, times))


def test_columns_and_times_broadcast():
    x, t_x, T = columns(SMALL)
    table = bgnbd_expected(AT_FULL, np.array([[1.0], [13.0]]), x, t_x, T)
    assert table.shape == (2, 300)
    assert table[1, 7] == pytest.approx(float(bgnbd_expected(AT_FULL, 13.0, x[7], t_x[7], T[7])))


# --- refusals


@pytest.mark.parametrize(
    ("frequency", "recency", "age", "words"),
    [
        ([1] * 9, [1] * 9, [2] * 9, "only 9 customers"),
        ([0] * 30, [0] * 30, [9] * 30, "on a second day"),
        ([0] * 30, [0] * 30, [0] * 30, "on the last day"),
    ],
)
def test_too_little_is_said_in_plain_words(frequency, recency, age, words):
    with pytest.raises(DataError, match=words) as caught:
        bgnbd_fit(frequency, recency, age)
    assert caught.value.slug == "too-little"


@pytest.mark.parametrize(
    ("frequency", "recency", "age"),
    [(-1, 0, 1), (1.5, 1, 2), (1, 3, 2), (0, 1, 2), (1, 1, float("nan"))],
)
def test_impossible_histories_are_refused(frequency, recency, age):
    with pytest.raises(ValueError, match="recency"):
        bgnbd_fit([frequency] * 20, [recency] * 20, [age] * 20)


def test_columns_of_different_length_are_refused():
    with pytest.raises(ValueError, match="one length"):
        bgnbd_fit([1, 2], [1.0], [2.0, 3.0])
