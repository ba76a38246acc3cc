"""Purchases ahead by rate of buying, and the frequencies that the model expects."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from cxkit.stats.bgnbd import BgNbd, bgnbd_alive, bgnbd_expected, bgnbd_mean
from cxkit.stats.gammagamma import GammaGamma, gamma_gamma_mean
from cxkit.stats.prospects import active_purchases, expected_frequencies

ORACLE = json.loads(
    (Path(__file__).parents[1] / "oracles" / "clv_bgnbd_gg.json").read_text(encoding="utf-8")
)
FULL, SPEND = ORACLE["bgnbd_full_lifetimes"], ORACLE["gamma_gamma_full"]
CDNOW = BgNbd(FULL["r"], FULL["alpha"], FULL["a"], FULL["b"], FULL["loglik"], FULL["n"])

positive = st.floats(0.05, 20)
models = st.builds(
    lambda r, alpha, a, b: BgNbd(r, alpha, a, b, 0.0, 1), positive, positive, positive, positive
)


def test_values_of_lifetimes():
    """CLV of 12 months of 4.345 weeks at 1 % a month, by the Python package lifetimes."""
    spend = GammaGamma(SPEND["p"], SPEND["q"], SPEND["v"], SPEND["loglik"], SPEND["n"])
    months = np.arange(1, 13)
    for one in ORACLE["clv_12_months_d001_weekly"]["customers"]:
        x, t_x, T, m = (one[name] for name in ("frequency", "recency", "T", "monetary"))
        _, worth = active_purchases(CDNOW, [x], [T], 4.345 * months, 1.01**-months)
        value = bgnbd_alive(CDNOW, x, t_x, T) * worth * gamma_gamma_mean(spend, x, m)
        assert value == pytest.approx(one["clv"], rel=1e-7)


@settings(deadline=None, max_examples=40)
@given(
    model=models,
    x=st.integers(0, 30),
    T=st.floats(0.1, 200),
    share=st.floats(0, 1),
    steps=st.integers(1, 40),
)
def test_alive_times_active_is_expected(model, x, T, share, steps):
    t_x = T * share if x else 0.0
    ends = np.linspace(1, 60, steps)
    total, plain = active_purchases(model, [x], [T], ends, np.ones(steps))
    expected = bgnbd_expected(model, 60.0 if steps > 1 else 1.0, x, t_x, T)
    assert total * bgnbd_alive(model, x, t_x, T) == pytest.approx(expected, rel=1e-9, abs=1e-300)
    assert plain == pytest.approx(total, rel=1e-9)


def test_blocks_of_steps_do_not_matter(monkeypatch):
    from cxkit.stats import prospects

    x, T = np.arange(50) % 7, np.linspace(1, 40, 50)
    ends, worth = np.arange(1, 25) * 4.0, 0.99 ** np.arange(24)
    whole = active_purchases(CDNOW, x, T, ends, worth)
    monkeypatch.setattr(prospects, "_CELLS", 1)
    single = active_purchases(CDNOW, x, T, ends, worth)
    assert np.allclose(whole, single, rtol=1e-12)


def test_without_steps_or_customers():
    assert [list(one) for one in active_purchases(CDNOW, [2], [3.0], [], [])] == [[0.0], [0.0]]
    assert [len(one) for one in active_purchases(CDNOW, [], [], [1.0], [1.0])] == [0, 0]
    with pytest.raises(ValueError, match="2 values for 1 steps"):
        active_purchases(CDNOW, [1], [2.0], [1.0], [1.0, 1.0])


@pytest.mark.parametrize(("model", "t"), [(CDNOW, 39.0), (BgNbd(2.0, 3.0, 1.5, 4.0, 0, 1), 5.0)])
def test_frequencies_are_those_of_the_mixture(model, t):
    """The chance of x purchases given rate and dropping out, integrated over both (scipy)."""
    rates = stats.gamma(model.r, scale=1 / model.alpha)
    leaving = stats.beta(model.a, model.b)
    found = expected_frequencies(model, [t], 5)

    def chance(x):
        def given_both(p, u):
            bought = rates.ppf(u) * t
            stays = (1 - p) ** x * stats.poisson.pmf(x, bought)
            gone = p * (1 - p) ** (x - 1) * stats.poisson.sf(x - 1, bought) if x else 0.0
            return (stays + gone) * leaving.pdf(p)

        nodes, weights = np.polynomial.legendre.leggauss(80)
        return sum(
            w / 2 * integrate.quad(given_both, 0, 1, args=((n + 1) / 2,), epsrel=1e-9)[0]
            for n, w in zip(nodes, weights, strict=True)
        )

    assert [chance(x) for x in range(3)] == pytest.approx(list(found[:3]), rel=2e-3)


@settings(deadline=None, max_examples=30)
@given(model=models, t=st.floats(0.01, 30), most=st.integers(0, 50))
def test_frequencies_add_up(model, t, most):
    found = expected_frequencies(model, [t, t], most, [2.0, 1.0])
    assert len(found) == most + 1
    assert found.sum() == pytest.approx(3.0)
    assert (found >= 0).all()


@pytest.mark.parametrize("t", [1.0, 39.0])
def test_frequencies_have_the_mean_of_the_model(t):
    found = expected_frequencies(CDNOW, [t], 2000)
    assert found @ np.arange(2001) == pytest.approx(float(bgnbd_mean(CDNOW, t)), rel=1e-9)


def test_cdnow_by_purchases():
    """Customers by repeat purchases as in figure 2 of Fader, Hardie & Lee (2005)."""
    rows = np.array(FULL["rows"])
    found = expected_frequencies(CDNOW, rows[:, 2], 7, rows[:, 3])
    bought = [rows[np.minimum(rows[:, 0], 7) == x, 3].sum() for x in range(8)]
    assert bought == [1411, 439, 214, 100, 62, 38, 29, 64]
    assert found.sum() == pytest.approx(2357)
    assert abs(found - bought).max() < 25
