"""Intervals of one NPS and one share: numbers from outside, then laws."""

import json
import math
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import beta

from cxkit.stats.intervals import (
    COUNTS,
    adjusted,
    nps_interval,
    pseudo_counts,
    score_and_variance,
    wilson,
    z_value,
)
from cxkit.stats.posterior import probability_above, stirling_remainder

ORACLES = Path(__file__).parents[1] / "oracles"
CASES = json.loads((ORACLES / "nps_intervals.json").read_text(encoding="utf-8"))["cases"]
SHARES = json.loads((ORACLES / "wilson.json").read_text(encoding="utf-8"))["cases"]
METHODS = ("adjusted-wald", "score", "wald", "bayes")
NAMES = ["-".join(str(n) for n in case["input"].values()) for case in CASES]

cases = pytest.mark.parametrize("case", CASES, ids=NAMES)
respondents = st.integers(0, 300)
triples = st.tuples(respondents, respondents, respondents).filter(any)
amount = st.just(0.0) | st.floats(0.01, 1e6)
effective = st.tuples(amount, amount, amount).filter(any)
levels = st.floats(0.5, 0.999)
laws = settings(deadline=None, max_examples=40)
few = settings(deadline=None, max_examples=10)


def interval(counts, method="adjusted-wald", confidence=0.95):
    frame = pl.DataFrame([tuple(counts)], schema=list(COUNTS), orient="row")
    return nps_interval(frame, method, confidence).row(0)


def shown(limits, estimate):
    """Clipped to the scale, then extended to the estimate."""
    low, high = (min(1, max(-1, limit)) for limit in limits)
    return min(low, estimate), max(high, estimate)


def near(expected):
    return pytest.approx(expected, rel=1e-9, abs=1e-9)


# --- numbers from outside


@cases
def test_score_and_variance_match_r_package_nps_2_0_999(case):
    theta, variance = score_and_variance(*map(float, case["input"].values()))
    assert theta == near(case["nps"])
    assert math.sqrt(variance) == near(case["se"])


@cases
def test_adjusted_wald_matches_r_package_nps_2_0_999(case):
    limits = shown(case["adjwald95_rocks_unclipped"], case["nps"])
    assert interval(case["input"].values()) == near(limits)


@cases
def test_adjusted_wald_at_90_percent_matches_r_package_nps_2_0_999(case):
    limits = shown(case["adjwald90_rocks_unclipped"], case["nps"])
    assert interval(case["input"].values(), confidence=0.9) == near(limits)


@cases
def test_adjusted_moments_match_r_package_nps_2_0_999(case):
    centre, variance = adjusted(*case["input"].values(), 0.95)
    low, high = case["adjwald95_rocks_unclipped"]
    assert centre == near((low + high) / 2)
    assert math.sqrt(variance) == near(case["adjwald95_rocks_se"])


@cases
def test_wald_matches_r_package_nps_2_0_999(case):
    limits = shown(case["wald95"], case["nps"])
    assert interval(case["input"].values(), "wald") == near(limits)


@cases
def test_score_matches_mpmath_thirty_digits(case):
    assert interval(case["input"].values(), "score") == pytest.approx(case["score95"], abs=1e-12)


@cases
def test_bayes_matches_scipy_quad_and_brentq(case):
    posterior = case["dirichlet_jeffreys"]
    limits = (posterior["q025"], posterior["q975"])
    assert interval(case["input"].values(), "bayes") == near(limits)


@cases
def test_probability_above_zero_matches_scipy_quad(case):
    expected = case["dirichlet_jeffreys"]["prob_gt_0"]
    assert probability_above(*case["input"].values(), 0.0) == near(expected)


@pytest.mark.parametrize("case", SHARES, ids=[f"{c['k']}-of-{c['n']}" for c in SHARES])
def test_wilson_matches_r_4_2_2_prop_test(case):
    assert wilson(case["k"], case["n"], 0.95) == near(tuple(case["wilson"]))


def test_z_matches_tables():
    assert z_value(0.95) == pytest.approx(1.959963984540054, rel=1e-15)
    assert z_value(0.9) == pytest.approx(1.6448536269514722, rel=1e-15)


def test_score_zero_hypothesis_is_mcnemar():
    """0 is at a score limit exactly when (P − D)^2/(P + D) = z^2."""
    z = 15 / math.sqrt(45)  # 30 promoters, 15 detractors
    low, _ = interval((15, 7, 30), "score", math.erf(z / math.sqrt(2)))
    assert low == pytest.approx(0, abs=1e-9)


# --- edges


@pytest.mark.parametrize("method", METHODS)
def test_no_answers_give_null(method):
    assert interval((0, 0, 0), method) == (None, None)
    assert interval((0.0, None, 3.0), method) == (None, None)


@pytest.mark.parametrize("method", METHODS)
def test_empty_table_keeps_its_columns(method):
    empty = pl.DataFrame(schema=dict.fromkeys(COUNTS, pl.Int64))
    limits = nps_interval(empty, method, 0.95)
    assert limits.schema == {"low": pl.Float64, "high": pl.Float64}
    assert limits.height == 0


@pytest.mark.parametrize("method", ["adjusted-wald", "score", "bayes"])
@pytest.mark.parametrize("counts", [(1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 0, 12), (12, 0, 0)])
def test_never_without_width(method, counts):
    low, high = interval(counts, method)
    assert -1 <= low < high <= 1


def test_all_promoters_wald_has_no_width():
    assert interval((0, 0, 12), "wald") == (1, 1)


def test_all_promoters_at_80_percent_reach_the_estimate():
    """With all three pseudo-observations the 80 % interval would stop short of 1."""
    centre, variance = adjusted(0, 0, 12, 0.95)
    assert centre + z_value(0.8) * math.sqrt(variance) < 1
    assert interval((0, 0, 12), confidence=0.8)[1] == 1


def test_one_respondent_is_shown_from_minus_one():
    low, high = interval((1, 0, 0))
    assert low == -1  # the unclipped limit, −.985, does not hold the estimate
    assert high == near(0.48498649420252)


def test_pseudo_counts_in_full_from_90_percent():
    assert pseudo_counts(0.9) == pseudo_counts(0.95) == pseudo_counts(0.99) == (0.75, 1.5, 0.75)
    scale = (z_value(0.8) / z_value(0.9)) ** 2
    assert pseudo_counts(0.8) == pytest.approx((0.75 * scale, 1.5 * scale, 0.75 * scale))


@pytest.mark.parametrize("method", METHODS)
def test_unsigned_counts_do_not_wrap(method):
    signed = pl.DataFrame({"detractors": [5, 4], "passives": [1, 0], "promoters": [2, 0]})
    unsigned = signed.cast(pl.UInt32)
    assert nps_interval(unsigned, method, 0.95).equals(nps_interval(signed, method, 0.95))


def test_wilson_on_columns():
    rows = pl.DataFrame(
        {"k": [75, 0, 12, 0], "n": [100, 12, 12, 0]}, schema_overrides={"k": pl.UInt32}
    )
    low, high = wilson(pl.col("k"), pl.col("n"), 0.95)
    limits = rows.select(low=low, high=high).rows()
    assert limits[0] == near((0.656955364519384, 0.824547886377123))
    assert limits[1][0] == 0
    assert limits[2][1] == 1
    assert limits[3] == (None, None)


def test_wilson_on_large_unsigned_columns():
    rows = pl.DataFrame({"k": [3_000_000], "n": [4_000_000]}).cast(pl.UInt32)
    low, high = wilson(pl.col("k"), pl.col("n"), 0.95)
    assert rows.select(low, high.alias("high")).row(0) == near(wilson(3e6, 4e6, 0.95))


def test_refusals():
    with pytest.raises(ValueError, match="unknown interval method"):
        interval((1, 2, 3), "clopper")
    for confidence in (0, 1, 95, math.nan):
        for method in METHODS:
            with pytest.raises(ValueError, match="between 0 and 1"):
                interval((1, 2, 3), method, confidence)
    with pytest.raises(ValueError, match="at least one answer"):
        wilson(0, 0, 0.95)


def test_default_path_loads_neither_scipy_nor_numpy():
    code = (
        "import sys, polars as pl; from cxkit.stats import comparisons, intervals;"
        "f = pl.DataFrame({'detractors': [1], 'passives': [2], 'promoters': [3]});"
        "[comparisons.difference(f, f, m, .95) for m in ('adjusted-wald', 'score', 'wald')];"
        "comparisons.mean_score_cmh(pl.concat([f, f]));"
        "sys.exit(any(m in sys.modules for m in ('scipy', 'numpy')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# --- the posterior


@pytest.mark.parametrize("n", [1, 12, 1000, 1_000_000, 10_000_000])
@pytest.mark.parametrize("shares", [(0, 0, 1), (0, 1, 0), (0.5, 0, 0.5), (0.2, 0.6, 0.2)])
def test_probability_above_zero_is_the_tail_of_one_beta(n, shares):
    """theta >= 0 exactly when W >= ½, and W ~ Beta(P + ½, D + ½)."""
    detractors, passives, promoters = (n * share for share in shares)
    expected = float(beta.sf(0.5, promoters + 0.5, detractors + 0.5))
    assert probability_above(detractors, passives, promoters, 0.0) == near(expected)


@pytest.mark.parametrize("target", [-0.9, -0.2, 0.05, 0.4, 0.8, 0.999])
@pytest.mark.parametrize("counts", [(1, 2, 3), (0, 0, 1), (0, 40, 3), (12.5, 80.2, 200.3)])
def test_probability_above_matches_scipy_quad(counts, target):
    """The mirror-image integral, over W instead of S: S >= t/(2w − 1) where w > ½."""
    detractors, passives, promoters = (n + 0.5 for n in counts)
    if target < 0:
        detractors, promoters = promoters, detractors
    share, won = beta(promoters + detractors, passives), beta(promoters, detractors)

    def over(u):
        needed = abs(target) / (2 * won.isf(u) - 1)
        return share.sf(needed) if 0 < needed < 1 else 0.0

    last = float(won.sf((1 + abs(target)) / 2))
    chance, _ = quad(over, 0, last, epsabs=1e-12, epsrel=1e-10, limit=500)
    expected = 1 - chance if target < 0 else chance
    assert probability_above(*counts, target) == near(expected)


@pytest.mark.parametrize(
    "counts", [(0, 0, 1e7), (1e6, 3e6, 6e6), (0, 5e6, 5e6), (0, 1e7, 0), (1e3, 5e6, 5e6)]
)
def test_quantiles_invert_the_probability_at_ten_million(counts):
    low, high = interval(counts, "bayes")
    assert -1 < low < high < 1
    assert probability_above(*counts, low) == pytest.approx(0.975, abs=1e-9)
    assert probability_above(*counts, high) == pytest.approx(0.025, abs=1e-9)


def test_large_samples_are_normal():
    theta, variance = score_and_variance(1e6, 3e6, 6e6)
    chance = probability_above(1e6, 3e6, 6e6, theta + 1.5 * math.sqrt(variance))
    assert chance == pytest.approx(math.erfc(1.5 / math.sqrt(2)) / 2, abs=1e-3)


@pytest.mark.parametrize("counts", [(0, 0, 1), (3, 4, 13), (0, 0, 10_000_000), (0, 50, 0)])
def test_probability_at_and_beyond_the_ends(counts):
    assert [probability_above(*counts, t) for t in (-2, -1, 1, 2)] == [1, 1, 0, 0]
    assert 0 <= probability_above(*counts, 0.9999999) <= 1


def test_hopeless_target_keeps_its_digits():
    """No promoters among 1,000: theta > 0 needs W > ½, and W does not depend on S."""
    expected = float(beta.sf(0.5, 0.5, 400.5))
    assert probability_above(400, 600, 0, 0.0) == pytest.approx(expected, rel=1e-9, abs=0)


@pytest.mark.parametrize("x", [0.5, 1, 3.5, 14.9, 15, 40, 1000.5])
def test_stirling_remainder_completes_the_gamma_function(x):
    whole = (x - 0.5) * math.log(x) - x + 0.5 * math.log(2 * math.pi) + stirling_remainder(x)
    assert whole == pytest.approx(math.lgamma(x), rel=1e-14, abs=1e-14)


# --- laws


@laws
@given(triples, levels, st.sampled_from(["adjusted-wald", "score", "wald"]))
def test_limits_hold_the_estimate(counts, confidence, method):
    low, high = interval(counts, method, confidence)
    estimate = (counts[2] - counts[0]) / sum(counts)
    assert -1 <= low <= estimate <= high <= 1


@laws
@given(effective, levels, st.sampled_from(["adjusted-wald", "score", "wald"]))
def test_limits_hold_the_estimate_on_effective_counts(counts, confidence, method):
    low, high = interval(counts, method, confidence)
    estimate, _ = score_and_variance(*counts)
    assert -1 <= low <= estimate <= high <= 1


@few
@given(triples)
def test_bayes_holds_the_posterior_median(counts):
    low, high = interval(counts, "bayes")
    assert probability_above(*counts, low) > 0.5 > probability_above(*counts, high)


@laws
@given(triples, levels, st.sampled_from(["adjusted-wald", "score", "wald"]))
def test_mirrored_answers_mirror_the_limits(counts, confidence, method):
    low, high = interval(counts, method, confidence)
    assert interval(counts[::-1], method, confidence) == pytest.approx((-high, -low), abs=1e-12)


@few
@given(triples, st.floats(-1, 1))
def test_mirrored_answers_mirror_the_posterior(counts, target):
    above = probability_above(*counts, target)
    assert above == pytest.approx(1 - probability_above(*counts[::-1], -target), abs=1e-10)


@laws
@given(triples, levels, levels, st.sampled_from(["adjusted-wald", "score", "wald"]))
def test_higher_confidence_contains_lower(counts, one, other, method):
    inner, outer = (interval(counts, method, level) for level in sorted((one, other)))
    assert outer[0] <= inner[0] + 1e-12
    assert inner[1] <= outer[1] + 1e-12


@few
@given(triples, levels, levels)
def test_higher_confidence_contains_lower_bayes(counts, one, other):
    inner, outer = (interval(counts, "bayes", level) for level in sorted((one, other)))
    assert outer[0] <= inner[0] + 1e-10
    assert inner[1] <= outer[1] + 1e-10


@laws
@given(triples, st.integers(2, 50), st.sampled_from(["adjusted-wald", "score", "wald"]))
def test_more_of_the_same_evidence_narrows(counts, times, method):
    low, high = interval(counts, method)
    more_low, more_high = interval([times * n for n in counts], method)
    assert more_high - more_low <= high - low + 1e-12


@laws
@given(triples, levels, st.sampled_from(["adjusted-wald", "score"]))
def test_a_better_answer_never_lowers_the_limits(counts, confidence, method):
    assume(counts[0] > 0)
    low, high = interval(counts, method, confidence)
    better = interval((counts[0] - 1, counts[1] + 1, counts[2]), method, confidence)
    assert better[0] >= low - 1e-12
    assert better[1] >= high - 1e-12


@laws
@given(st.lists(triples, min_size=1, max_size=8), st.sampled_from(["adjusted-wald", "score"]))
def test_a_row_does_not_depend_on_the_others(rows, method):
    frame = pl.DataFrame(rows, schema=list(COUNTS), orient="row")
    together = nps_interval(frame, method, 0.95).rows()
    assert together == [interval(row, method) for row in rows]


@laws
@given(st.integers(1, 10**6), st.floats(0, 1), levels)
def test_wilson_holds_the_share_and_mirrors(n, share, confidence):
    successes = round(share * n)
    low, high = wilson(float(successes), float(n), confidence)
    assert 0 <= low <= successes / n <= high <= 1
    mirrored = wilson(float(n - successes), float(n), confidence)
    assert mirrored == pytest.approx((1 - high, 1 - low), abs=1e-14)
