"""Differences, the test over many groups and multiplicity: numbers from outside, then laws."""

import json
import math
from pathlib import Path

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats import chi2, chi2_contingency

from cxkit.stats.comparisons import (
    adjust,
    benjamini_hochberg,
    chi_square_tail,
    difference,
    holm,
    mean_score_cmh,
    two_sided_p,
)
from cxkit.stats.intervals import COUNTS, nps_interval

ORACLES = Path(__file__).parents[1] / "oracles"
ORACLE = json.loads((ORACLES / "nps_compare.json").read_text(encoding="utf-8"))
PAIRS = ORACLE["two_sample"]
SEGMENTS = ORACLE["k_segments"]
ONE_SAMPLE = json.loads((ORACLES / "nps_intervals.json").read_text(encoding="utf-8"))["cases"]
METHODS = ("adjusted-wald", "score", "wald", "bayes")

pairs = pytest.mark.parametrize("pair", PAIRS, ids=[f"{p['x']}-{p['y']}" for p in PAIRS])
respondents = st.integers(0, 300)
triples = st.tuples(respondents, respondents, respondents).filter(any)
levels = st.floats(0.5, 0.999)
p_values = st.lists(st.none() | st.floats(0, 1), max_size=30)
laws = settings(deadline=None, max_examples=40)


def table(*rows):
    return pl.DataFrame(list(rows), schema=list(COUNTS), orient="row")


def compared(one, other, method="adjusted-wald", confidence=0.95):
    return difference(table(one), table(other), method, confidence).row(0, named=True)


def near(expected):
    return pytest.approx(expected, rel=1e-9, abs=1e-9)


def upward(found):
    """The R package reports |x − y|: turn ours the same way."""
    return (found["low"], found["high"]) if found["diff"] > 0 else (-found["high"], -found["low"])


# --- two groups: numbers from outside


@pairs
def test_adjusted_wald_difference_matches_r_package_nps_2_0_999(pair):
    found, expected = compared(pair["x"], pair["y"]), pair["adjwald_full"]
    assert upward(found) == near(tuple(expected["ci"]))
    assert found["p_value"] == near(expected["p"])


@pairs
def test_wald_difference_matches_r_package_nps_2_0_999(pair):
    found, expected = compared(pair["x"], pair["y"], "wald"), pair["wald"]
    assert abs(found["diff"]) == near(expected["abs_diff"])
    assert upward(found) == near(tuple(expected["ci"]))
    assert found["p_value"] == near(expected["p"])


@pairs
def test_score_difference_matches_zou_donner_mover_of_mpmath_limits(pair):
    found, expected = compared(pair["y"], pair["x"], "score"), pair["mover_score"]
    assert found["diff"] == near(expected["diff_y_minus_x"])
    assert (found["low"], found["high"]) == near(tuple(expected["ci"]))
    assert found["p_value"] == near(pair["adjwald_full"]["p"])


@pairs
def test_bayes_difference_is_the_adjusted_wald_one(pair):
    assert compared(pair["x"], pair["y"], "bayes") == compared(pair["x"], pair["y"])


@pytest.mark.parametrize("pair", SEGMENTS["pairwise"], ids=lambda p: f"{p['a']}-{p['b']}")
def test_pairwise_differences_match_r_4_2_2(pair):
    counts = dict(zip(SEGMENTS["input"]["rows"], SEGMENTS["input"]["table"], strict=True))
    found = compared(counts[pair["b"]], counts[pair["a"]])
    half = 1.959963984540054 * pair["se_adj"]
    limits = (pair["diff_adj"] - half, pair["diff_adj"] + half)
    assert found["diff"] == near(pair["diff_raw"])
    assert (found["low"], found["high"]) == near(limits)
    assert found["p_value"] == near(pair["p"])


@pytest.mark.parametrize("case", ONE_SAMPLE, ids=lambda c: str(tuple(c["input"].values())))
def test_two_sided_p_matches_r_package_nps_2_0_999(case):
    low, high = case["adjwald95_rocks_unclipped"]
    z = (low + high) / 2 / case["adjwald95_rocks_se"]
    # R subtracts from 1, which leaves it about 1e-16 of absolute accuracy
    assert two_sided_p(z) == pytest.approx(case["adjwald_p_vs_0"], rel=1e-9, abs=1e-15)


def test_two_sided_p_keeps_its_digits_in_the_far_tail():
    assert two_sided_p(10) == pytest.approx(1.523970604832105e-23, rel=1e-12)
    assert two_sided_p(-10) == two_sided_p(10)
    assert two_sided_p(0) == 1


# --- two groups: edges


@pytest.mark.parametrize("method", METHODS)
def test_no_answers_on_either_side_give_null(method):
    nothing = dict.fromkeys(("diff", "low", "high", "p_value"))
    assert compared((0, 0, 0), (1, 2, 3), method) == nothing
    assert compared((1, 2, 3), (0, 0, 0), method) == nothing
    assert compared((1, None, 3), (1, 2, 3), method) == nothing


@pytest.mark.parametrize("method", METHODS)
def test_empty_tables_keep_their_columns(method):
    empty = pl.DataFrame(schema=dict.fromkeys(COUNTS, pl.Int64))
    found = difference(empty, empty, method, 0.95)
    assert found.schema == dict.fromkeys(("diff", "low", "high", "p_value"), pl.Float64)


def test_wald_without_variance_has_no_p_value():
    assert compared((0, 0, 5), (3, 0, 0), "wald") == {
        "diff": 2.0,
        "low": 2.0,
        "high": 2.0,
        "p_value": None,
    }


def test_widest_difference_is_clipped_and_extended():
    found = compared((0, 0, 40), (40, 0, 0))
    assert found["diff"] == found["high"] == 2
    assert found["low"] < 2


def test_p_value_does_not_depend_on_confidence():
    levels = [compared((3, 4, 13), (6, 10, 4), confidence=c)["p_value"] for c in (0.6, 0.95, 0.99)]
    assert len(set(levels)) == 1


def test_unsigned_counts_do_not_wrap():
    one, other = table((5, 1, 2)), table((9, 3, 1))
    unsigned = difference(one.cast(pl.UInt32), other.cast(pl.UInt32), "adjusted-wald", 0.95)
    assert unsigned.equals(difference(one, other, "adjusted-wald", 0.95))


def test_refusals():
    with pytest.raises(ValueError, match="cannot be compared"):
        difference(table((1, 2, 3)), table((1, 2, 3), (1, 2, 3)), "wald", 0.95)
    with pytest.raises(ValueError, match="unknown interval method"):
        compared((1, 2, 3), (1, 2, 3), "t")
    with pytest.raises(ValueError, match="unknown adjustment"):
        adjust([0.1], "bonferroni")
    with pytest.raises(ValueError, match="degrees of freedom"):
        chi_square_tail(1, 0)


# --- two groups: laws


@laws
@given(triples, triples, levels, st.sampled_from(METHODS))
def test_limits_hold_the_difference(one, other, confidence, method):
    found = compared(one, other, method, confidence)
    assert -2 <= found["low"] <= found["diff"] <= found["high"] <= 2
    assert found["p_value"] is None or 0 <= found["p_value"] <= 1


@laws
@example((0, 0, 1), (0, 0, 1), 0.5, "wald")  # no variance, no p-value
@given(triples, triples, levels, st.sampled_from(METHODS))
def test_exchanged_groups_negate_the_difference(one, other, confidence, method):
    found = compared(one, other, method, confidence)
    turned = compared(other, one, method, confidence)
    expected = (-found["diff"], -found["high"], -found["low"])
    assert (turned["diff"], turned["low"], turned["high"]) == pytest.approx(expected, abs=1e-12)
    assert turned["p_value"] == (found["p_value"] and near(found["p_value"]))


@laws
@given(triples, triples, levels, levels, st.sampled_from(METHODS))
def test_higher_confidence_contains_lower(one, other, first, second, method):
    inner, outer = (compared(one, other, method, level) for level in sorted((first, second)))
    assert outer["low"] <= inner["low"] + 1e-12
    assert inner["high"] <= outer["high"] + 1e-12


@laws
@given(triples, triples, st.sampled_from(("adjusted-wald", "wald")))
def test_p_and_limits_agree(one, other, method):
    found = compared(one, other, method)
    if found["p_value"] is not None and abs(found["p_value"] - 0.05) > 1e-9:
        assert (found["p_value"] < 0.05) == (found["low"] > 0 or found["high"] < 0)


@laws
@given(triples, triples)
def test_mover_is_no_wider_than_the_two_score_intervals_together(one, other):
    found = compared(one, other, "score")
    both = nps_interval(table(one, other), "score", 0.95)
    assert found["high"] - found["low"] <= (both["high"] - both["low"]).sum() + 1e-12


# --- many groups


def test_mean_score_cmh_matches_vcdextra_0_8_2():
    expected = SEGMENTS["mean_score_cmh"]
    statistic, df, p = mean_score_cmh(table(*SEGMENTS["input"]["table"]))
    assert (statistic, df, p) == near((expected["statistic"], expected["df"], expected["p"]))


def test_without_passives_mean_score_cmh_is_pearson():
    """With two categories the mean-score statistic is (N − 1)/N of Pearson's (Agresti 2013)."""
    rows = [(8, 0, 38), (31, 0, 65), (52, 0, 60)]
    n = sum(map(sum, rows))
    pearson = chi2_contingency([[d, p] for d, _, p in rows], correction=False).statistic
    statistic, df, _ = mean_score_cmh(table(*rows))
    assert df == 2
    assert statistic == pytest.approx(pearson * (n - 1) / n, rel=1e-12)


def test_an_all_promoter_group_does_no_harm():
    statistic, df, p = mean_score_cmh(table((0, 0, 9), (5, 6, 7)))
    assert df == 1
    assert 0 < statistic < 26
    assert p == near(float(chi2.sf(statistic, 1)))


@pytest.mark.parametrize(
    ("rows", "df"),
    [
        ([], 0),
        ([(1, 2, 3)], 0),
        ([(1, 2, 3), (0, 0, 0)], 0),
        ([(0, 0, 4), (0, 0, 5)], 1),
        ([(0, 3, 0), (0, 5, 0), (0, 1, 0)], 2),
        ([(0.25, 0, 0), (0, 0, 0.25)], 1),
    ],
)
def test_nothing_to_test_gives_none(rows, df):
    counts = table(*rows) if rows else pl.DataFrame(schema=dict.fromkeys(COUNTS, pl.Int64))
    assert mean_score_cmh(counts) == (None, df, None)


@laws
@given(st.lists(triples, min_size=2, max_size=8), st.randoms())
def test_order_of_groups_and_empty_groups_do_not_matter(rows, random):
    shuffled = [*rows, (0, 0, 0)]
    random.shuffle(shuffled)
    one, other = mean_score_cmh(table(*rows)), mean_score_cmh(table(*shuffled))
    assert one[1] == other[1]
    if one[0] is None:
        assert other[0] is None
    else:
        assert other[0] == pytest.approx(one[0], rel=1e-9, abs=1e-9)


@laws
@given(st.lists(triples, min_size=2, max_size=8))
def test_mirrored_answers_leave_the_statistic(rows):
    one = mean_score_cmh(table(*rows))
    other = mean_score_cmh(table(*(row[::-1] for row in rows)))
    assert (one[0] is None) == (other[0] is None)
    if one[0] is not None:
        assert 0 <= one[0] <= sum(map(sum, rows)) - 1 + 1e-9
        assert other[0] == pytest.approx(one[0], rel=1e-9, abs=1e-9)


# --- the chi-square tail


@pytest.mark.parametrize("df", [1, 2, 3, 4, 5, 6, 7, 10, 25, 26, 100, 101, 1000, 5001])
def test_chi_square_tail_matches_scipy_1_17_1(df):
    for factor in (0, 1e-9, 0.01, 0.2, 0.8, 1, 1.2, 2, 5, 20):
        x = min(1300.0 + df, factor * df)
        expected = float(chi2.sf(x, df))
        if expected > 1e-300:
            assert chi_square_tail(x, df) == pytest.approx(expected, rel=1e-12, abs=0)


def test_chi_square_tail_far_out_has_a_closed_form():
    assert chi_square_tail(1400, 2) == pytest.approx(math.exp(-700), rel=1e-13, abs=0)
    expected = math.exp(-700) * (1 + 700 + 700**2 / 2)
    assert chi_square_tail(1400, 6) == pytest.approx(expected, rel=1e-12, abs=0)
    assert chi_square_tail(10_000, 3) == 0
    assert chi_square_tail(5, 99_999) == pytest.approx(1, rel=1e-14)


@pytest.mark.parametrize("x", [5e-324, 1e-310, 1e-300])
@pytest.mark.parametrize("df", [1, 2, 3, 4, 301])
def test_chi_square_tail_of_next_to_nothing(x, df):
    assert chi_square_tail(x, df) == 1


@laws
@given(st.floats(0, 40))
def test_chi_square_on_one_degree_is_the_normal_test(z):
    assert chi_square_tail(z * z, 1) == pytest.approx(two_sided_p(z), rel=1e-12, abs=1e-300)


@laws
@given(st.floats(0, 500), st.floats(0, 500), st.integers(1, 300))
def test_chi_square_tail_falls_with_x_and_rises_with_df(one, other, df):
    near_end, far_end = sorted((one, other))
    assert chi_square_tail(far_end, df) <= chi_square_tail(near_end, df) * (1 + 1e-12)
    assert chi_square_tail(one, df) <= chi_square_tail(one, df + 1) * (1 + 1e-12)


# --- many tests


def test_holm_and_bh_match_r_4_2_2_p_adjust():
    raw = [pair["p"] for pair in SEGMENTS["pairwise"]]
    assert holm(raw) == near(SEGMENTS["p_holm"])
    assert benjamini_hochberg(raw) == near(SEGMENTS["p_bh"])
    assert adjust(raw, "holm") == holm(raw)
    assert adjust(raw, "bh") == benjamini_hochberg(raw)
    assert adjust(raw, "none") == raw


@pytest.mark.parametrize("method", ["holm", "bh", "none"])
def test_untested_groups_do_not_count(method):
    assert adjust([], method) == []
    assert adjust([None, None], method) == [None, None]
    assert adjust([None, 0.03, None], method) == [None, 0.03, None]


def by_definition(value, p, method):
    """Quadratic, straight from the papers; j counts from 0."""
    ranked, m = list(enumerate(sorted(p))), len(p)
    if method == "holm":
        return min(1, max((m - j) * other for j, other in ranked if other <= value))
    return min(1, *(m / (j + 1) * other for j, other in ranked if other >= value))


@laws
@given(p_values, st.sampled_from(["holm", "bh"]))
def test_adjusted_p_values_follow_their_definition(p, method):
    tested = [value for value in p if value is not None]
    expected = [by_definition(value, tested, method) for value in tested]
    found = [value for value in adjust(p, method) if value is not None]
    assert found == pytest.approx(expected, rel=1e-12, abs=0)


@laws
@given(p_values)
def test_holm_is_at_least_bh_is_at_least_raw(p):
    for raw, strict, mild in zip(p, holm(p), benjamini_hochberg(p), strict=True):
        assert (raw is None) == (strict is None) == (mild is None)
        if raw is not None:
            assert raw <= mild <= strict * (1 + 1e-12) <= 1 + 1e-12


@laws
@given(p_values, st.sampled_from(["holm", "bh"]))
def test_adjusting_keeps_the_order(p, method):
    tested = sorted(
        (raw, new) for raw, new in zip(p, adjust(p, method), strict=True) if raw is not None
    )
    adjusted = [new for _, new in tested]
    assert adjusted == sorted(adjusted)


@laws
@given(p_values, st.randoms(), st.sampled_from(["holm", "bh"]))
def test_order_of_tests_does_not_matter(p, random, method):
    places = list(range(len(p)))
    random.shuffle(places)
    shuffled = adjust([p[place] for place in places], method)
    straight = adjust(p, method)
    assert shuffled == [straight[place] for place in places]
