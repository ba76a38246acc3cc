"""Concentration: numbers from outside, then laws."""

import json
import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import bootstrap

from cxkit.stats.concentration import (
    abc,
    concentration,
    cumulative_shares,
    gini,
    gini_corrected,
    hhi,
    items_for,
    lorenz,
    richest_first,
    top_share,
)

ORACLE = json.loads(
    (Path(__file__).parents[1] / "oracles" / "pareto.json").read_text(encoding="utf-8")
)
REVENUE = pl.Series("amount", ORACLE["revenue"])
CAUSES = pl.Series(ORACLE["causes"]["input"].values())
INTERVALS = ("top_low", "top_high", "ci_low", "ci_high")

totals = st.lists(st.integers(0, 10_000), min_size=2, max_size=40).filter(any)
netted = st.lists(st.integers(-100, 10_000), min_size=1, max_size=40).filter(lambda x: sum(x) > 0)
shares = st.floats(0.01, 1)
laws = settings(deadline=None, max_examples=60)
few = settings(deadline=None, max_examples=15)


def near(expected):
    return pytest.approx(expected, rel=1e-9, abs=1e-9)


def exponential(n):
    """The middle quantiles of an exponential distribution: a sample without chance in it."""
    return pl.Series(-np.log1p(-(np.arange(n) + 0.5) / n))


# --- numbers from outside


def test_gini_matches_r_package_ineq_0_2_13():
    assert gini(REVENUE) == near(ORACLE["gini"])
    assert gini_corrected(REVENUE) == near(ORACLE["gini_corrected"])


def test_gini_at_the_ends_matches_r_package_ineq_0_2_13():
    one_holds_all = pl.Series([0] * 9 + [50])
    assert gini(pl.Series([0.1] * 7)) == ORACLE["gini_equal"]
    assert gini(one_holds_all) == near(ORACLE["gini_one_holds_all_n10"])
    assert gini_corrected(one_holds_all) == near(ORACLE["gini_one_holds_all_n10_corrected"])


def test_herfindahl_matches_r_package_ineq_0_2_13():
    assert hhi(REVENUE) == near(ORACLE["hhi"])
    assert concentration(REVENUE)["effective_items"] == near(ORACLE["effective_number"])


def test_curve_matches_lc_of_r_package_ineq_0_2_13_turned_round():
    expected = [1 - held for held in reversed(ORACLE["lorenz"])]
    curve = lorenz(REVENUE)
    assert curve["cum_share"].to_list() == near(expected)
    assert curve["item_share"].to_list() == near([k / 25 for k in range(26)])


@pytest.mark.parametrize(("name", "share"), [("top20", 0.2), ("top10", 0.1)])
def test_top_share_matches_the_definition_in_r(name, share):
    k = ORACLE[name]["k"]
    assert top_share(REVENUE, share) == near(ORACLE[name]["share"])
    assert cumulative_shares(richest_first(REVENUE))[k - 1] == near(ORACLE[name]["share"])


def test_items_for_80_match_the_definition_in_r():
    expected = ORACLE["for_80"]
    found = concentration(REVENUE)
    assert (found["items_for_80"], found["items_for_80_rate"]) == (expected["k"], expected["rate"])
    assert cumulative_shares(richest_first(REVENUE))[3] == near(expected["cum_share"])


def test_abc_classes_match_the_definition_in_r():
    assert "".join(abc(richest_first(REVENUE))) == ORACLE["abc"]


def test_causes_match_the_definition_in_r():
    expected = ORACLE["causes"]
    assert cumulative_shares(CAUSES.sort(descending=True)).to_list() == near(expected["cum_share"])
    assert items_for(CAUSES, 0.8) == expected["vital_few_count"]
    assert items_for(CAUSES, 0.8) / len(CAUSES) == near(expected["vital_few_share_of_causes"])
    assert top_share(CAUSES, 0.2) == near(expected["top20pct_share"])


def test_gini_limits_match_r_package_boot_bca_within_monte_carlo():
    found = concentration(REVENUE)
    expected = pytest.approx(ORACLE["bca"]["limits"], abs=ORACLE["bca"]["tolerance"])
    assert [found["ci_low"], found["ci_high"]] == expected


def test_top_share_limits_match_scipy_bca_within_monte_carlo():
    incomes = exponential(300)

    def held(x, axis=-1):
        return np.sort(x, axis=-1)[..., -60:].sum(axis=-1) / x.sum(axis=-1)

    rng = np.random.default_rng(4)
    theirs = bootstrap((incomes.to_numpy(),), held, method="BCa", n_resamples=2000, rng=rng)
    found = concentration(incomes)
    expected = (theirs.confidence_interval.low, theirs.confidence_interval.high)
    assert (found["top_low"], found["top_high"]) == pytest.approx(expected, abs=0.006)


def test_error_of_a_large_gini_matches_gail_and_gastwirth_1978_on_exponential_incomes():
    """The corrected Gini of n exponential incomes has mean ½ and variance 1/(12 (n − 1))."""
    found = concentration(exponential(20_000))
    assert found["gini"] == pytest.approx(0.5, abs=1e-3)
    half_width = (found["ci_high"] - found["ci_low"]) / 2
    assert half_width == pytest.approx(1.959964 / math.sqrt(12 * 19_999), rel=0.01)


def test_errors_of_large_samples_match_the_jackknife():
    """Leave-one-out variance, item by item: independent of the linearisation."""
    values = np.exp(np.random.default_rng(2).normal(2, 1, 3000))
    ginis, tops = [], []
    for i in range(0, 3000, 3):  # a third of the items estimates the sum
        left = pl.Series(np.delete(values, i))
        ginis.append(gini(left))
        tops.append(float(left.sort()[-600:].sum() / left.sum()))
    found = concentration(pl.Series(values))
    for left, low, high in ((ginis, "ci_low", "ci_high"), (tops, "top_low", "top_high")):
        half_width = 1.959964 * math.sqrt(2999 * np.var(left))
        assert (found[high] - found[low]) / 2 == pytest.approx(half_width, rel=0.15)


@pytest.mark.parametrize("seed", range(3))
def test_linearised_limits_continue_the_bootstrap(seed, monkeypatch):
    """Just below and just above 2,000 items the two ways must agree."""
    values = pl.Series(np.exp(np.random.default_rng(seed).normal(2, 0.6, 2000)))
    drawn = concentration(values)
    monkeypatch.setattr("cxkit.stats.concentration.BOOTSTRAPPED", 1999)
    linear = concentration(values)
    assert linear["ci_low"] != drawn["ci_low"]
    for low, high in (("top_low", "top_high"), ("ci_low", "ci_high")):
        width = drawn[high] - drawn[low]
        assert linear[low] == pytest.approx(drawn[low], abs=0.15 * width)
        assert linear[high] == pytest.approx(drawn[high], abs=0.15 * width)


@pytest.mark.parametrize("n", [300, 4000])
def test_limits_cover_the_truth(n):
    """Exponential incomes: Gini ½, and the top fifth holds .2 (1 + ln 5); 60 samples, 90 %."""
    rng = np.random.default_rng(11)
    held, covered = 0.2 * (1 + math.log(5)), [0, 0]
    for _ in range(60):
        found = concentration(pl.Series(rng.exponential(size=n)), confidence=0.9)
        covered[0] += found["ci_low"] <= 0.5 <= found["ci_high"]
        covered[1] += found["top_low"] <= held <= found["top_high"]
    assert all(47 <= times <= 60 for times in covered)  # binomial(60, .9) within ± 3 sd


# --- edges


@pytest.mark.parametrize(
    "values", [pl.Series([], dtype=pl.Int64), pl.Series([0, 0, 0]), pl.Series([5.0, -9.0])]
)
def test_nothing_is_defined_without_a_total_above_0(values):
    found = concentration(values)
    assert found["items"] == len(values)
    assert found["total"] == values.sum()
    assert {value for name, value in found.items() if name not in ("items", "total")} == {None}
    assert lorenz(values).height == 0
    ordered = richest_first(values)
    assert set(abc(ordered)) <= {None}
    assert set(cumulative_shares(ordered)) <= {None}
    assert len(abc(ordered)) == len(cumulative_shares(ordered)) == len(values)


def test_one_item():
    found = concentration(pl.Series([7]))
    assert found["top_share"] == found["items_for_80_rate"] == found["hhi"] == 1
    assert [found[name] for name in ("gini", "gini_corrected", *INTERVALS)] == [None] * 6


def test_items_below_0_stay_in_the_shares_alone():
    found = concentration(pl.Series([80, 40, 10, 0, -30]))
    assert [found["gini"], found["gini_corrected"], found["hhi"], found["effective_items"]] == [
        None
    ] * 4
    assert found["total"] == 100
    assert found["items"] == 5
    assert found["top_share"] == near(0.8)
    assert found["items_for_80"] == 1
    assert top_share(pl.Series([80, 40, 10, 0, -30]), 0.4) == near(1.2)


def test_nulls_are_passed_over():
    with_nulls = REVENUE.extend_constant(None, 3)
    assert concentration(with_nulls) == concentration(REVENUE)


@pytest.mark.parametrize("n", [25, 3000])
@pytest.mark.parametrize("value", [4, 0.1])
def test_no_interval_without_spread(n, value):
    found = concentration(pl.Series([value] * n))
    assert found["gini"] == 0
    assert found["top_share"] == near(0.2)
    assert [found[name] for name in INTERVALS] == [None] * 4


@pytest.mark.parametrize(
    ("n", "share", "k"),
    [(15, 0.2, 3), (16, 0.2, 4), (50, 0.14, 7), (100, 0.07, 7), (100, 0.55, 55)],
)
def test_whole_products_are_not_rounded_up(n, share, k):
    """As floats .14 × 50 and .07 × 100 are more than 7, .55 × 100 is more than 55."""
    assert top_share(pl.Series(range(1, n + 1)), share) == near(
        sum(range(n - k + 1, n + 1)) / sum(range(1, n + 1))
    )


def test_80_percent_reached_exactly_counts():
    assert items_for(pl.Series([0.1] * 10), 0.8) == 8
    assert items_for(pl.Series([0.1] * 100_000), 0.8) == 80_000
    assert "".join(abc(pl.Series([0.1] * 20))) == "A" * 16 + "B" * 3 + "C"


def test_sums_are_exact_beyond_floats():
    """2^53 + 1 is no float; the total of these is."""
    found = concentration(pl.Series([2**53, 1, 1]))
    assert found["total"] == 2**53 + 2
    assert isinstance(found["total"], int)


@pytest.mark.parametrize(
    "huge", [pl.Series([2**62, 2**62, 2**62]), pl.Series([1e300] * 3), pl.Series([1e-300] * 3)]
)
def test_large_totals_do_not_wrap(huge):
    found = concentration(huge)
    assert found["total"] == pytest.approx(3 * float(huge[0]))
    assert found["gini"] == 0
    assert found["hhi"] == near(1 / 3)


@pytest.mark.parametrize("values", [[1.0, math.nan], [1.0, math.inf], [1.7e308, 1.7e308]])
def test_totals_that_are_no_numbers_are_refused(values):
    with pytest.raises(ValueError, match="finite"):
        concentration(pl.Series(values))


def test_refusals():
    for share in (0, 1.2, math.nan, -0.1):
        with pytest.raises(ValueError, match="a share must lie"):
            top_share(REVENUE, share)
        with pytest.raises(ValueError, match="a share must lie"):
            items_for(REVENUE, share)
    with pytest.raises(ValueError, match="between 0 and 1"):
        concentration(REVENUE, confidence=95)
    for values in (REVENUE, pl.Series([3, None, 1])):
        with pytest.raises(ValueError, match="descending"):
            abc(values)


@pytest.mark.parametrize("n", [399, 400, 5000])
def test_curve_is_thinned_for_drawing(n):
    values = pl.Series(range(1, n + 1))
    curve, whole = lorenz(values), cumulative_shares(values.sort(descending=True))
    assert curve.height <= 400
    assert curve.height == n + 1 or n >= 400
    assert curve.row(0) == (0, 0)
    assert curve.row(-1) == (1, 1)
    assert curve.row(1) == near((1 / n, whole[0]))
    assert curve["item_share"].diff().max() < 0.01
    places = (curve["item_share"] * n).round().cast(pl.Int64)[1:] - 1
    assert curve["cum_share"][1:].to_list() == near(whole.gather(places).to_list())


@pytest.mark.parametrize(("n", "share", "whole"), [(7, 0.2, 2), (399, 0.2, 80), (4605, 0.2, 921)])
def test_curve_has_a_point_at_the_share_asked_for(n, share, whole):
    values = pl.Series(range(1, n + 1))
    held = dict(lorenz(values, share).iter_rows())
    assert held[whole / n] == near(top_share(values, share))


# --- laws


@laws
@given(totals, st.integers(2, 5))
def test_replication_changes_no_rate(values, times):
    once, often = pl.Series(values), pl.Series(values * times)
    assert gini(often) == near(gini(once))
    assert hhi(often) * times == near(hhi(once))


@laws
@given(totals, st.floats(1e-3, 1e3))
def test_scaling_changes_no_rate(values, factor):
    once, scaled = pl.Series(values), pl.Series(values) * factor
    assert gini(scaled) == near(gini(once))
    assert hhi(scaled) == near(hhi(once))
    assert top_share(scaled, 0.2) == near(top_share(once, 0.2))


@laws
@given(st.lists(st.floats(0, 1e9), min_size=2, max_size=40).filter(lambda x: sum(x) > 1))
def test_ranges(values):
    n, amounts = len(values), pl.Series(values)
    assert 0 <= gini(amounts) <= 1 - 1 / n + 1e-12
    assert 1 / n - 1e-12 <= hhi(amounts) <= 1 + 1e-12
    assert 1 <= items_for(amounts, 0.8) <= n


@laws
@given(totals)
def test_gini_is_half_the_relative_mean_difference(values):
    """Gini's own definition, over all pairs."""
    n = len(values)
    expected = sum(abs(x - y) for x in values for y in values) / (2 * n * sum(values))
    assert gini(pl.Series(values)) == near(expected)


@laws
@given(netted, shares)
def test_the_top_holds_at_least_its_share(values, share):
    k = math.ceil(share * len(values) - 1e-9)
    assert top_share(pl.Series(values), share) >= k / len(values) - 1e-12
    assert top_share(pl.Series(values), share) >= share - 1e-9


@laws
@given(netted, shares)
def test_fewer_items_do_not_reach_the_share(values, rate):
    ordered = sorted(values, reverse=True)
    k = items_for(pl.Series(values), rate)
    assert sum(ordered[:k]) >= (rate - 1e-9) * sum(values)
    assert sum(ordered[: k - 1]) < rate * sum(values)


@laws
@given(netted)
def test_the_curve_is_concave(values):
    steps = lorenz(pl.Series(values))["cum_share"].diff().drop_nulls()
    assert (steps.diff().drop_nulls() <= 1e-12).all()


@laws
@given(netted)
def test_classes_follow_one_another(values):
    classes = abc(richest_first(pl.Series(values))).to_list()
    assert classes == sorted(classes)
    assert classes.count("A") == items_for(pl.Series(values), 0.8)


@few
@given(totals, st.randoms(use_true_random=False), shares, st.floats(0.5, 0.99))
def test_order_of_items_does_not_matter(values, random, share, confidence):
    shuffled = random.sample(values, len(values))
    found = concentration(pl.Series(values), share, confidence)
    assert concentration(pl.Series(shuffled), share, confidence) == found


@few
@given(totals, shares, st.floats(0.5, 0.99), st.sampled_from([1, 2001]))
def test_limits_hold_the_estimate(values, share, confidence, times):
    found = concentration(pl.Series(values * times), share, confidence)
    for low, name, high in (("top_low", "top_share", "top_high"), ("ci_low", "gini", "ci_high")):
        assume(found[low] is not None)
        assert 0 <= found[low] <= found[name] <= found[high] <= 1 + 1e-12
