"""Customer lifetime value: the independent numbers, then laws."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxkit.stats.bgnbd import BgNbd, bgnbd_expected
from cxkit.stats.gammagamma import GammaGamma
from cxkit.stats.lifetime import clv

ORACLES = Path(__file__).parents[1] / "oracles"
ORACLE = json.loads((ORACLES / "clv_bgnbd_gg.json").read_text(encoding="utf-8"))
SPEND = ORACLE["gamma_gamma_full"]
PURCHASES = BgNbd(*ORACLE["predictions_at_full"]["params"], log_likelihood=0.0, n=2357)
MONEY = GammaGamma(SPEND["p"], SPEND["q"], SPEND["v"], log_likelihood=0.0, n=946)
CUSTOMERS = ORACLE["clv_12_months_d001_weekly"]["customers"]
COLUMNS = [[c[name] for c in CUSTOMERS] for name in ("frequency", "recency", "T", "monetary")]

laws = settings(deadline=None, max_examples=30)


def value(**options):
    return clv(PURCHASES, MONEY, *COLUMNS, **options)


def test_value_matches_lifetimes_and_the_direct_sum():
    found = value(months=12, discount_per_month=0.01, month=4.345)
    assert found == pytest.approx([c["clv_direct"] for c in CUSTOMERS], rel=1e-9)
    assert found == pytest.approx([c["clv"] for c in CUSTOMERS], rel=1e-9)


def test_without_discount_it_is_expected_purchases_times_expected_spend():
    x, t_x, T, _ = COLUMNS
    purchases = bgnbd_expected(PURCHASES, 12 * 365.25 / 12 / 7, x, t_x, T)
    one_time = np.array(x) == 0
    expected = purchases[one_time] * MONEY.population_mean
    assert value()[one_time] == pytest.approx(expected, rel=1e-9)


@laws
@given(months=st.integers(1, 36), discount=st.floats(0, 0.5), margin=st.floats(0, 1))
def test_value_rises_with_months_and_falls_with_discount(months, discount, margin):
    here = value(months=months, discount_per_month=discount, margin=margin)
    assert (here >= 0).all()
    more = value(months=months + 1, discount_per_month=discount, margin=margin)
    assert (more >= here).all()
    dearer = value(months=months, discount_per_month=discount + 0.1, margin=margin)
    assert (dearer <= here).all()
    whole = value(months=months, discount_per_month=discount)
    assert here == pytest.approx(margin * whole, rel=1e-9)


def test_no_months_are_worth_nothing():
    assert value(months=0).tolist() == [0.0] * len(CUSTOMERS)


@pytest.mark.parametrize("options", [{"months": -1}, {"discount_per_month": -0.1}])
def test_impossible_requests_are_refused(options):
    with pytest.raises(ValueError, match="at least 0"):
        value(**options)
