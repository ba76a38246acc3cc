"""Means, shares and their differences: numbers from outside, then edges and laws."""

import json
import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from cxkit.stats.means import (
    counted_moments,
    mean_interval,
    paired_t,
    share_difference,
    standardised,
    t_interval,
    welch,
)

ORACLES = Path(__file__).parents[1] / "oracles"
ORACLE = json.loads((ORACLES / "csat_ces_gap.json").read_text(encoding="utf-8"))
MONEY = json.loads((ORACLES / "monetized.json").read_text(encoding="utf-8"))
TEST = ("diff", "low", "high", "t", "df", "p_value")

customers = st.integers(1, 99)
scale = st.integers(1, 7)
samples = st.lists(scale, min_size=2, max_size=40)
mixed = samples.filter(lambda values: len(set(values)) > 1)
amounts = st.lists(st.floats(0, 1e6), min_size=2, max_size=30)
levels = st.floats(0.5, 0.999)
shares = st.integers(0, 200).flatmap(lambda k: st.tuples(st.just(k), st.integers(max(k, 1), 400)))
laws = settings(deadline=None, max_examples=40)


def answers(values):
    return pl.DataFrame({"value": values, "n": [1] * len(values)})


def moments(values):
    return counted_moments(answers(values))


def row(frame):
    return frame.row(0, named=True)


def near(expected):
    return pytest.approx(expected, rel=1e-9, abs=1e-9)


def counts(*rows):
    return pl.DataFrame(list(rows), schema=["successes", "n"], orient="row")


# --- one group: numbers from outside


def test_csat_mean_interval_matches_r_4_2_2_t_test():
    csat = ORACLE["csat"]
    tally = pl.DataFrame({"value": [1, 2, 3, 4, 5], "n": csat["input_counts_1to5"]})
    found = counted_moments(tally)
    assert row(found)["mean"] == near(csat["mean"])
    assert t_interval(found, 0.95).row(0) == near(tuple(csat["mean_ci_t"]))


def test_ces_matches_r_4_2_2_t_test():
    ces = ORACLE["ces"]
    found = moments(ces["input"])
    assert row(found)["mean"] == near(ces["mean"])
    assert t_interval(found, 0.95).row(0) == near(tuple(ces["ci_t"]))


def test_three_es_match_r_4_2_2_t_test():
    """The interval from the mean of the three nets of each respondent."""
    expected = ORACLE["three_es"]
    signs = [
        [(x >= 4) - (x <= 2) for x in three]
        for three in zip(*expected["input"].values(), strict=True)
    ]
    index = moments([sum(three) / 3 for three in signs])
    assert row(index)["mean"] == near(expected["index_net_mean"])
    assert t_interval(index, 0.95).row(0) == near(tuple(expected["index_ci_t"]))


def test_gap_matches_r_4_2_2_paired_t_test():
    gap = ORACLE["gap"]
    pairs = zip(gap["perception"], gap["expectation"], strict=True)
    differences = [delivered - expected for delivered, expected in pairs]
    found = row(paired_t(moments(differences), 0.95))
    assert found["diff"] == near(gap["mean_gap"])
    assert (found["low"], found["high"]) == near(tuple(gap["ci_t"]))
    assert (found["t"], found["df"], found["p_value"]) == near((gap["t"], 9, gap["p"]))


# --- two groups: numbers from outside


def test_welch_matches_scipy_1_17_1_ttest_ind():
    answered = [(rating, money) for _, rating, money, said in MONEY["input"]["rows"] if said]
    promoters = moments([money for rating, money in answered if rating >= 9])
    detractors = moments([money for rating, money in answered if rating <= 6])
    expected = MONEY["monetised"]["promoter_minus_detractor_revenue_welch"]
    found = row(welch(promoters, detractors, 0.95))
    assert found["diff"] == near(expected["diff"])
    assert (found["t"], found["df"]) == near((expected["t"], expected["df"]))
    assert found["p_value"] == near(expected["p"])
    assert (found["low"], found["high"]) == near(tuple(expected["ci95"]))


@laws
@given(mixed, mixed, levels)
def test_welch_is_scipys(one, other, confidence):
    found = row(welch(moments(one), moments(other), confidence))
    expected = stats.ttest_ind(one, other, equal_var=False)
    limits = expected.confidence_interval(confidence)
    assert (found["t"], found["df"]) == near((expected.statistic, expected.df))
    assert found["p_value"] == near(expected.pvalue)
    assert (found["low"], found["high"]) == near((limits.low, limits.high))


@laws
@given(st.floats(2, 1e5), st.floats(0.01, 100), levels)
def test_t_with_effective_n_is_scipys(n, variance, confidence):
    frame = pl.DataFrame({"n": [n], "mean": [3.0], "m2": [variance * (n - 1)]})
    half = stats.t.ppf((1 + confidence) / 2, n - 1) * math.sqrt(variance / n)
    found = t_interval(frame, confidence).row(0)
    assert found == pytest.approx((3 - half, 3 + half), rel=1e-9)


# Newcombe 1998, Stat. Med. 17:873, table II, method 10, four decimals
NEWCOMBE = [
    ((56, 70), (48, 80), (0.0524, 0.3339)),
    ((9, 10), (3, 10), (0.1705, 0.8090)),
    ((6, 7), (2, 7), (0.0582, 0.8062)),
    ((5, 56), (0, 29), (-0.0381, 0.1926)),
    ((0, 10), (0, 20), (-0.1611, 0.2775)),
    ((0, 10), (0, 10), (-0.2775, 0.2775)),
    ((10, 10), (0, 20), (0.6791, 1.0)),
    ((10, 10), (0, 10), (0.6075, 1.0)),
]


@pytest.mark.parametrize(("one", "other", "limits"), NEWCOMBE)
def test_share_difference_matches_newcombe_1998(one, other, limits):
    found = row(share_difference(counts(one), counts(other), 0.95))
    assert (found["low"], found["high"]) == pytest.approx(limits, abs=5e-5)


def test_share_difference_test_matches_r_4_2_2_prop_test():
    expected = ORACLE["csat"]["two_sample_prop_test"]
    one, other = zip(expected["x"], expected["n"], strict=True)
    found = row(share_difference(counts(one), counts(other), 0.95))
    assert found["diff"] == near(one[0] / one[1] - other[0] / other[1])
    assert (found["chi2"], found["p_value"]) == near((expected["chisq"], expected["p"]))


def test_standardised_means_match_exact_rational_arithmetic():
    expected = MONEY["standardised"]
    rows = pl.DataFrame(
        expected["input"]["rows"], schema=["stratum", "group", "revenue"], orient="row"
    )
    cells = rows.group_by("stratum", "group").agg(n=pl.len(), mean=pl.col("revenue").mean())
    found = standardised(cells)
    for column, key in (("mean", "crude"), ("standardised", "direct_standardised")):
        assert dict(found.means.select("group", column).rows()) == near(expected[key])
    assert (found.strata, found.dropped_strata, found.dropped_n) == (2, 0, 0)


# --- edges


@pytest.mark.parametrize("values", [[4], [4, 4, 4], [0.1] * 3, [1e9 + 0.1] * 7])
def test_without_spread_there_is_no_interval(values):
    found = moments(values)
    assert row(found)["n"] == len(values)
    assert row(found)["mean"] == near(values[0])
    assert t_interval(found, 0.95).row(0) == (None, None)


def test_no_answers_have_no_mean():
    found = counted_moments(pl.DataFrame(schema={"value": pl.Int64, "n": pl.Int64}))
    assert row(found) == {"n": 0, "mean": None, "m2": None}
    assert t_interval(found, 0.95).row(0) == (None, None)


def test_paired_t_of_equal_differences():
    nothing = dict.fromkeys(TEST)
    assert row(paired_t(moments([0, 0, 0]), 0.95)) == {**nothing, "diff": 0, "df": 2, "p_value": 1}
    assert row(paired_t(moments([-1, -1]), 0.95)) == {**nothing, "diff": -1, "df": 1}
    assert row(paired_t(moments([2]), 0.95)) == {**nothing, "diff": 2}


def test_welch_of_too_few():
    nothing = dict.fromkeys(TEST)
    empty = counted_moments(pl.DataFrame(schema={"value": pl.Float64, "n": pl.Int64}))
    assert row(welch(empty, moments([1, 2]), 0.95)) == nothing
    assert row(welch(moments([5]), moments([1, 2]), 0.95)) == {**nothing, "diff": 3.5}
    assert row(welch(moments([5, 5]), moments([2, 2]), 0.95)) == {**nothing, "diff": 3}
    found = row(welch(moments([5, 5, 5]), moments([1, 2, 4]), 0.95))
    assert found["df"] == near(2)


@pytest.mark.parametrize("n", [1 + 1e-15, 1.01, 1.9])
def test_less_than_two_effective_answers_say_nothing(n):
    frame = pl.DataFrame({"n": [n], "mean": [3.0], "m2": [1.0]})
    assert t_interval(frame, 0.95).row(0) == (None, None)


def test_large_means_keep_the_digits_of_their_spread():
    values = [1e9 + x for x in (0.25, 0.5, 1.0, 2.0)]
    assert row(moments(values))["m2"] == pytest.approx(1.796875, rel=1e-12)


@pytest.mark.parametrize(
    ("one", "other", "known"),
    [
        ((0, 0), (1, 2), ()),
        ((0, 5), (0, 7), ("diff", "low", "high")),
        ((5, 5), (7, 7), ("diff", "low", "high")),
        ((1, 1), (0, 1), ("diff", "low", "high", "chi2", "p_value")),
    ],
)
def test_share_difference_at_the_edges(one, other, known):
    found = row(share_difference(counts(one), counts(other), 0.95))
    assert {name for name, value in found.items() if value is not None} == set(known)


def test_unsigned_counts_do_not_wrap():
    one, other = counts((1, 4)).cast(pl.UInt32), counts((3, 4)).cast(pl.UInt32)
    assert row(share_difference(one, other, 0.95))["diff"] == near(-0.5)


def test_a_stratum_without_a_group_is_dropped_for_all():
    cells = pl.DataFrame(
        {
            "stratum": ["L", "L", "S", "S", None, None],
            "group": ["P", "D", "P", "D", "P", "D"],
            "n": [2, 3, 7, 0, 1, 4],
            "mean": [10.0, 20.0, 99.0, None, 40.0, 30.0],
        }
    )
    found = standardised(cells)
    assert (found.strata, found.dropped_strata, found.dropped_n) == (2, 1, 7)
    assert dict(found.means.select("group", "standardised").rows()) == near({"P": 25, "D": 25})
    assert dict(found.means.select("group", "n").rows()) == {"P": 10, "D": 7}


def test_without_a_common_stratum_nothing_is_standardised():
    cells = pl.DataFrame({"stratum": ["L", "S"], "group": ["P", "D"], "n": [2, 3], "mean": [1, 2]})
    found = standardised(cells)
    assert found.means.rows() == [("P", 2, 1, None), ("D", 3, 2, None)]
    assert (found.strata, found.dropped_strata, found.dropped_n) == (0, 2, 5)
    assert standardised(cells.clear()).means.height == 0


def test_refusals():
    with pytest.raises(ValueError, match="cannot be compared"):
        welch(moments([1, 2]), moments([1, 2]).clear(), 0.95)
    for confidence in (0, 1, 95, math.nan):
        with pytest.raises(ValueError, match="between 0 and 1"):
            t_interval(moments([1, 2]), confidence)
        with pytest.raises(ValueError, match="between 0 and 1"):
            share_difference(counts((1, 2)), counts((1, 2)), confidence)
        with pytest.raises(ValueError, match="between 0 and 1"):
            mean_interval([1.0, 2.0], confidence, 0)


# --- laws


@laws
@given(samples, st.sampled_from([1e-3, 0.5, 3.0, 1e6]))
def test_weights_of_one_size_change_nothing(values, weight):
    plain = row(moments(values))
    weighted = answers(values).with_columns(w=pl.lit(weight), w2=pl.lit(weight**2))
    assert row(counted_moments(weighted)) == near(plain)


@laws
@given(samples, st.integers(1, 5))
def test_a_tally_is_data(values, copies):
    tally = pl.DataFrame({"value": values, "n": [copies] * len(values)})
    assert row(counted_moments(tally)) == near(row(moments(values * copies)))


@laws
@given(samples)
def test_moments_are_numpys(values):
    found = row(moments(values))
    assert found["mean"] == near(float(np.mean(values)))
    assert found["m2"] == near(float(np.var(values) * len(values)))


def test_answers_of_weight_nothing_are_none():
    frame = pl.DataFrame({"value": [3, 4], "w": [0.0, 0.0], "w2": [0.0, 0.0]})
    assert row(counted_moments(frame)) == {"n": 0, "mean": None, "m2": None}


@laws
@given(shares, shares, levels)
def test_newcombe_limits_contain_the_difference_and_turn_round(one, other, confidence):
    found = row(share_difference(counts(one), counts(other), confidence))
    assert -1 <= found["low"] <= found["diff"] <= found["high"] <= 1
    assert found["low"] < found["high"]
    turned = row(share_difference(counts(other), counts(one), confidence))
    assert (turned["low"], turned["high"]) == near((-found["high"], -found["low"]))


@laws
@given(samples, samples)
def test_welch_turned_round_changes_sign_only(one, other):
    found = row(welch(moments(one), moments(other), 0.9))
    turned = row(welch(moments(other), moments(one), 0.9))
    assert turned["p_value"] == (None if found["p_value"] is None else near(found["p_value"]))
    assert turned["diff"] == near(-found["diff"])


@laws
@given(st.dictionaries(st.sampled_from("PND"), st.tuples(customers, st.floats(-9, 9)), min_size=1))
def test_with_one_stratum_standardised_means_are_the_crude_ones(groups):
    rows = [("all", name, n, mean) for name, (n, mean) in groups.items()]
    cells = pl.DataFrame(rows, schema=["stratum", "group", "n", "mean"], orient="row")
    found = standardised(cells).means
    assert found["standardised"].to_list() == near(found["mean"].to_list())
    assert found["mean"].to_list() == near([mean for _, mean in groups.values()])


@laws
@given(amounts, st.integers(0, 5))
def test_mean_interval_contains_the_mean_and_repeats(values, seed):
    found = mean_interval(values, 0.95, seed)
    if len(set(values)) == 1:
        assert found is None
        return
    low, high = found
    assert low <= np.mean(values) * (1 + 1e-12)
    assert high >= np.mean(values) * (1 - 1e-12)
    assert found == mean_interval(values[::-1], 0.95, seed)


def test_mean_interval_of_few_is_the_bca_of_scipy_1_17_1():
    values = np.random.default_rng(3).lognormal(5, 1, 200)
    expected = stats.bootstrap(
        (values,), np.mean, n_resamples=20_000, random_state=1, method="BCa"
    ).confidence_interval
    found = mean_interval(values, 0.95, 0)
    assert found == pytest.approx(tuple(expected), rel=0.02)


def test_mean_interval_of_many_is_the_normal_one():
    values = np.random.default_rng(3).lognormal(5, 1, 2_001)
    half = 1.959963984540054 * stats.sem(values)
    assert mean_interval(values, 0.95, 0) == near((values.mean() - half, values.mean() + half))
    assert mean_interval(values[:1], 0.95, 0) is None
    assert mean_interval([], 0.95, 0) is None
