"""Kaplan–Meier, medians and log-rank tests: numbers from outside, then laws."""

import json
import math
import warnings
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from cxkit.stats.survival import CURVE, kaplan_meier, logrank, median, survival_at, trend

ORACLE = json.loads(
    (Path(__file__).parents[1] / "oracles" / "survival.json").read_text(encoding="utf-8")
)
CURVES = {curve["name"]: curve for curve in ORACLE["km"]}
CX = ORACLE["cx"]
ORDER = ("promoter", "passive", "detractor")  # the order in which the numbers were computed
EMPTY = pl.DataFrame(schema={"time": pl.Float64, "events": pl.Int64, "censored": pl.Int64})

curves = pytest.mark.parametrize("case", CURVES.values(), ids=CURVES)
customers = st.lists(st.tuples(st.integers(1, 12), st.booleans()), min_size=1, max_size=40)
grouped = st.lists(
    st.tuples(st.integers(1, 8), st.booleans(), st.sampled_from("abc")), min_size=2, max_size=40
)
levels = st.floats(0.5, 0.999)
laws = settings(deadline=None, max_examples=60)


def table(times, ended, groups=None):
    """One row per customer."""
    ended = [int(end) for end in ended]
    columns = {"time": list(times), "events": ended, "censored": [1 - end for end in ended]}
    return pl.DataFrame(columns if groups is None else {"group": list(groups)} | columns)


def listed(rows):
    """The table of drawn customers."""
    return table(*zip(*rows, strict=True))


def curve_of(rows, confidence=0.95):
    return kaplan_meier(listed(rows), confidence)


def near(expected):
    return pytest.approx(expected, rel=1e-9, abs=1e-9)


def cx():
    return table(CX["input"]["time"], CX["input"]["event"], CX["input"]["group"])


def aml():
    parts = [
        table(c["input"]["time"], c["input"]["event"]).with_columns(group=pl.lit(name))
        for name, c in CURVES.items()
    ]
    return pl.concat(parts)


def agrees(found, expected):
    assert (found[0], found[2]) == near((expected["chisq"], expected["p"]))
    assert found[1] == expected["df"]


# --- numbers from outside


@curves
def test_curve_matches_survfit_of_r_package_survival_3_5_3(case):
    curve = kaplan_meier(table(case["input"]["time"], case["input"]["event"]), 0.95)
    assert tuple(curve.columns) == CURVE
    for name in ("time", "at_risk", "events", "censored"):
        assert curve[name].to_list() == case[name]
    assert curve["survival"].to_list() == near(case["survival"])
    for name in ("low", "high"):
        found, expected = curve[f"ci_{name}"].to_list(), case[name]
        assert [limit is None for limit in found] == [limit is None for limit in expected]
        assert [limit for limit in found if limit is not None] == near(
            [limit for limit in expected if limit is not None]
        )


@curves
def test_median_and_limits_match_survfit_of_r_package_survival_3_5_3(case):
    curve = kaplan_meier(table(case["input"]["time"], case["input"]["event"]), 0.95)
    assert list(median(curve)) == case["median"]


def test_log_rank_matches_survdiff_of_r_package_survival_3_5_3():
    agrees(logrank(aml()), ORACLE["logrank_aml"])
    agrees(logrank(cx()), CX["logrank"])


def test_trend_matches_scores_on_survdiff_of_r_package_survival_3_5_3():
    agrees(trend(cx(), ORDER), {"df": 1} | CX["trend"])
    excess = np.array(CX["logrank"]["obs"]) - np.array(CX["logrank"]["exp"])
    scores = np.array([0, 1, 5])
    expected = (scores @ excess) ** 2 / (scores @ np.array(CX["logrank"]["var"]) @ scores)
    assert trend(cx(), ORDER, scores)[0] == near(expected)


@pytest.mark.parametrize("group", ORDER)
def test_survival_at_times_matches_summary_of_r_package_survival_3_5_3(group):
    curve = kaplan_meier(cx(), 0.95).filter(pl.col("group") == group)
    found = survival_at(curve, [6, 12, 18])
    rows = [i for i, name in enumerate(CX["survival_at"]["group"]) if name == f"g={group}"]
    names = {"at_risk": "n_risk", "survival": "surv"}
    names |= {"ci_low": "lower_loglog", "ci_high": "upper_loglog"}
    for ours, theirs in names.items():
        assert found[ours].to_list() == near([CX["survival_at"][theirs][i] for i in rows])


@laws
@given(customers, levels)
def test_curve_matches_scipy_ecdf_of_censored_data(rows, confidence):
    times, ended = zip(*rows, strict=True)
    theirs = stats.ecdf(stats.CensoredData.right_censored(times, [not end for end in ended])).sf
    ours = curve_of(rows, confidence)
    assert ours["time"].to_list() == theirs.quantiles.tolist()
    assert ours["survival"].to_list() == near(theirs.probabilities.tolist())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scipy warns where limits are undefined
        limits = theirs.confidence_interval(confidence, method="log-log")
    for name, side in (("ci_low", limits.low), ("ci_high", limits.high)):
        expected = [None if math.isnan(x) else near(x) for x in side.probabilities.tolist()]
        assert ours[name].to_list() == expected


@laws
@given(grouped)
def test_log_rank_and_trend_of_two_match_scipy(rows):
    sides = [[row[:2] for row in rows if row[2] == group] for group in "ab"]
    assume(all(sides))
    two = listed([row for row in rows if row[2] != "c"])
    assume(logrank(two)[0] is not None)
    x, y = (
        stats.CensoredData.right_censored([time for time, _ in s], [not end for _, end in s])
        for s in sides
    )
    theirs = stats.logrank(x, y)
    expected = {"chisq": theirs.statistic**2, "df": 1, "p": theirs.pvalue}
    agrees(logrank(two), expected)
    agrees(trend(two, "ab"), expected)
    agrees(trend(two, "ba", (3, 7)), expected)


def test_median_of_a_flat_half_is_its_middle_by_the_rule_of_survfit():
    """S is ½ from 2 to 3; after a censoring it is ½ from 2 to 5, and then for good."""
    curve = kaplan_meier(table([1, 2, 3, 4], [1, 1, 1, 1]), 0.95)
    assert curve["survival"].to_list() == near([0.75, 0.5, 0.25, 0])
    assert median(curve)[0] == 2.5
    assert median(kaplan_meier(table([1, 2, 3, 5], [1, 1, 0, 1]), 0.95))[0] == 3.5
    assert median(kaplan_meier(table([1, 2, 3, 5], [1, 1, 0, 0]), 0.95))[0] == 2


# --- edges


def test_no_customers():
    curve = kaplan_meier(EMPTY, 0.95)
    assert curve.height == 0
    assert tuple(curve.columns) == CURVE
    assert kaplan_meier(table([4.0], [1]).with_columns(events=0), 0.95).height == 0
    assert median(curve) == (None, None, None)
    assert survival_at(curve, [0, 5]).rows() == [(0, 0, None, None, None), (5, 0, None, None, None)]
    in_groups = EMPTY.with_columns(group=pl.lit("a"))
    assert kaplan_meier(in_groups, 0.95).columns == ["group", *CURVE]
    assert logrank(in_groups) == (None, 0, None)
    assert trend(in_groups, "ab") == (None, 1, None)


def test_one_customer():
    gone, here = (kaplan_meier(table([3], [end]), 0.95) for end in (1, 0))
    assert gone.row(0) == (3, 1, 1, 0, 0, None, None)
    assert here.row(0) == (3, 1, 0, 1, 1, None, None)
    assert median(gone) == (3, None, None)
    assert median(here) == (None, None, None)


def test_nobody_left():
    curve = kaplan_meier(table([2, 5, 5], [0, 0, 0]), 0.95)
    assert curve["survival"].to_list() == [1, 1]
    assert curve["ci_low"].to_list() == curve["ci_high"].to_list() == [None, None]
    groups = table([2, 5, 5], [0, 0, 0], "aab")
    assert logrank(groups) == (None, 0, None)
    assert trend(groups, "ab") == (None, 1, None)


def test_all_left_at_once():
    curve = kaplan_meier(table([4, 4, 4], [1, 1, 1]), 0.95)
    assert curve.rows() == [(4, 3, 3, 0, 0, None, None)]
    groups = table([4, 4, 4], [1, 1, 1], "aab")
    assert logrank(groups) == (None, 1, None)
    assert trend(groups, "ab") == (None, 1, None)


def test_events_come_before_censorings():
    curve = kaplan_meier(table([5, 5, 8], [1, 0, 0]), 0.95)
    assert curve.select("time", "at_risk", "events", "censored").row(0) == (5, 3, 1, 1)
    assert curve["survival"][0] == near(2 / 3)


def test_survival_before_between_and_after():
    curve = kaplan_meier(table([2, 4, 6], [1, 1, 0]), 0.95)
    low, high = curve["ci_low"][1], curve["ci_high"][1]
    assert survival_at(curve, [9, 1, 5, 6]).rows() == [
        (9, 0, None, None, None),  # the last customer was still there at 6
        (1, 3, 1, None, None),
        (5, 1, near(1 / 3), low, high),
        (6, 1, near(1 / 3), low, high),
    ]
    gone = kaplan_meier(table([2, 4], [1, 1]), 0.95)
    assert survival_at(gone, [100]).row(0) == (100, 0, 0, None, None)


def test_curves_of_groups_stand_one_after_the_other():
    customers = [(3, 1), (1, 0), (2, 1), (3, 1), (2, 0)]
    found = kaplan_meier(table(*zip(*customers, strict=True), ["b", None, "a", "b", "a"]), 0.95)
    assert found["group"].to_list() == ["a", "b", None]
    alone = kaplan_meier(table([2, 2], [1, 0]), 0.95)
    assert found.filter(pl.col("group") == "a").drop("group").equals(alone)


def test_a_group_never_at_risk_does_not_count():
    """Censored before anybody left: no information, no degree of freedom (as survdiff)."""
    rows = [(1, 0, "c"), (2, 1, "a"), (3, 1, "b"), (4, 0, "a"), (5, 1, "b")]
    without = [row for row in rows if row[2] != "c"]
    assert logrank(listed(rows)) == near(logrank(listed(without)))
    assert logrank(listed(rows))[1] == 1
    assert trend(listed(rows), "abc") == near(trend(listed(without), "ab"))


def test_a_group_without_name_is_a_group():
    named = [(1, 1, "a"), (2, 1, "b"), (3, 0, "a"), (5, 1, "b")]
    blank = [(time, end, group if group == "a" else None) for time, end, group in named]
    assert logrank(listed(blank)) == logrank(listed(named))
    assert trend(listed(blank), ["a", None]) == trend(listed(named), "ab")


def test_other_groups_are_passed_over():
    two = cx().filter(pl.col("group") != "passive")
    assert trend(cx(), ["promoter", "detractor"]) == near(logrank(two))


def test_equal_scores_have_no_trend():
    assert trend(cx(), ORDER, (0.1, 0.1, 0.1)) == (None, 1, None)


def test_refusals():
    with pytest.raises(ValueError, match="2 scores for 3 groups"):
        trend(cx(), ORDER, (1, 2))
    for confidence in (0, 1, 95):
        with pytest.raises(ValueError, match="between 0 and 1"):
            kaplan_meier(cx(), confidence)


# --- laws


@laws
@given(customers, levels)
def test_survival_falls_between_its_limits(rows, confidence):
    curve = curve_of(rows, confidence)
    assert curve["survival"].is_sorted(descending=True)
    assert curve["survival"].is_between(0, 1).all()
    known = curve.drop_nulls()
    assert (known["ci_low"] >= 0).all()
    assert (known["ci_low"] <= known["survival"]).all()
    assert (known["survival"] <= known["ci_high"]).all()
    assert (known["ci_high"] <= 1).all()


@laws
@given(customers, levels)
def test_limits_of_the_median_hold_it(rows, confidence):
    middle, low, high = median(curve_of(rows, confidence))
    never = math.inf
    assert (low or 0) <= (middle or never) <= (high or never)


@laws
@given(st.lists(st.integers(1, 12), min_size=1, max_size=40))
def test_without_censoring_survival_is_the_share_still_there(times):
    curve = kaplan_meier(table(times, [1] * len(times)), 0.95)
    shares = [sum(time > t for time in times) / len(times) for t in curve["time"]]
    assert curve["survival"].to_list() == near(shares)
    assert median(curve)[0] == near(np.median(times))


@laws
@given(customers)
def test_counts_are_as_good_as_customers(rows):
    counted = listed(rows).group_by("time").agg(pl.col("events", "censored").sum().cast(pl.UInt32))
    assert kaplan_meier(counted, 0.95).equals(curve_of(rows))


@laws
@given(grouped, st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(rows, random):
    shuffled = listed(random.sample(rows, len(rows)))
    assert kaplan_meier(shuffled, 0.95).equals(kaplan_meier(listed(rows), 0.95))
    assert trend(shuffled, "abc") == trend(listed(rows), "abc")
    first, again = logrank(listed(rows)), logrank(shuffled)
    assert again[1] == first[1]
    assert (again[0] is None) == (first[0] is None)
    assert again == first or (again[0], again[2]) == near((first[0], first[2]))


@laws
@given(grouped, st.floats(0.1, 10))
def test_only_the_order_of_times_matters(rows, factor):
    stretched = listed(rows).with_columns(time=(pl.col("time") * factor) ** 3)
    assert logrank(stretched) == logrank(listed(rows))
    assert trend(stretched, "abc") == trend(listed(rows), "abc")


@laws
@given(grouped)
def test_log_rank_is_at_least_the_trend(rows):
    """A chi-square on all contrasts is the largest over single ones."""
    whole, line = logrank(listed(rows))[0], trend(listed(rows), "abc")[0]
    assume(whole is not None and line is not None)
    assert 0 <= line <= whole * (1 + 1e-9) + 1e-9


@laws
@given(grouped)
def test_scores_matter_up_to_scale_and_place(rows):
    one, other = trend(listed(rows), "abc"), trend(listed(rows), "abc", (-5, 5, 15))
    assume(one[0] is not None)
    assert one == near(other)
