"""Weights, clusters and finite populations: numbers from outside, then laws, then coverage."""

import json
import math
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats import norm
from scipy.stats import t as student

from cxkit.stats.comparisons import difference
from cxkit.stats.intervals import COUNTS, nps_interval
from cxkit.stats.weights import (
    SUMS,
    WEIGHTS,
    correlation,
    effective,
    finite_interval,
    finite_population,
    influence,
    joint_df,
    others,
    rest_spreads,
    spreads,
    unit_weights,
)

ORACLES = Path(__file__).parents[1] / "oracles"
SURVEY = json.loads((ORACLES / "nps_weighted.json").read_text(encoding="utf-8"))
PANEL = json.loads((ORACLES / "nps_panel.json").read_text(encoding="utf-8"))
CASES = {case["case"]: case for case in SURVEY["cases"]}
METHODS = ("adjusted-wald", "score", "wald", "bayes")

laws = settings(deadline=None, max_examples=60)
near = {"rel": 1e-9, "abs": 1e-9}


def tallied(rows, *keys):
    """Answers (score, weight, keys) as a tally keeps them: counts and sums by key and class."""
    scores = zip(COUNTS, (-1, 0, 1), strict=True)
    weight = pl.col("weight")
    sums = [
        column
        for name, y in scores
        for of in [pl.col("score") == y]
        for column in (
            of.sum().alias(name),
            weight.filter(of).sum().alias(f"w_{name}"),
            (weight**2).filter(of).sum().alias(f"w2_{name}"),
        )
    ]
    return rows.group_by(*keys, maintain_order=True).agg(sums) if keys else rows.select(sums)


def answers(scores, weights=None, **columns):
    weights = [1.0] * len(scores) if weights is None else weights
    data = {"score": scores, "weight": weights, **columns}
    schema = {"score": pl.Int64, "weight": pl.Float64}
    return pl.DataFrame(data, schema_overrides=schema)


def clustered(rows, *keys):
    """Groups, how clusters move them, and their effective counts."""
    groups = tallied(rows, *keys)
    moves = influence(groups, tallied(rows, *keys, "cluster"), keys)
    return groups, moves, effective(groups, spreads(moves, groups.height))


def joint_variance(one, other, r, clusters):
    """Linearised variance of a difference in one design: Binder 1983."""
    return clusters / (clusters - 1) * (one + other - 2 * r * math.sqrt(one * other))


def golden_survey(**columns):
    data = SURVEY["input"]
    return answers(data["score"], data["weight"], region=data["region"], **columns)


# --- numbers from outside


def test_weighted_score_and_error_match_r_survey_4_1_1_svymean():
    found = effective(tallied(golden_survey())).row(0, named=True)
    expected = CASES["weights_only"]
    assert found["theta"] == pytest.approx(expected["nps"], **near)
    assert found["se"] == pytest.approx(expected["se"], **near)
    shares = [found[name] / found["n_effective"] for name in COUNTS]
    assert shares == pytest.approx(expected["shares"], **near)


def test_equal_weights_match_r_survey_4_1_1_svymean():
    found = effective(unit_weights(tallied(golden_survey()))).row(0, named=True)
    assert found["theta"] == pytest.approx(CASES["equal_weights"]["nps"], **near)
    assert found["se"] == pytest.approx(CASES["equal_weights"]["se"], **near)


def test_design_effects_match_kish_and_r_survey_4_1_1_deff_replace():
    found = effective(tallied(golden_survey())).row(0, named=True)
    kish = SURVEY["kish"]
    assert found["n_effective"] == pytest.approx(kish["n_eff"], **near)
    assert 48 / found["n_effective"] == pytest.approx(kish["deff_w"], **near)
    assert found["deff"] == pytest.approx(kish["deff_survey_replace"], **near)


def test_adjusted_wald_on_effective_counts_matches_the_formula_on_r_survey_output():
    expected = SURVEY["adjusted_wald_on_n_eff"]["weights_only"]
    found = effective(tallied(golden_survey()))
    limits = nps_interval(found, "adjusted-wald", 0.95, found["df"]).row(0)
    assert found["n_effective"][0] == pytest.approx(expected["n_eff_kish"], **near)
    assert limits == pytest.approx(tuple(expected["ci95"]), **near)


def test_region_contrast_matches_r_survey_4_1_1_svyby_svycontrast():
    """Every respondent a cluster: the regions share none."""
    rows = golden_survey(cluster=list(range(48)))
    groups, moves, found = clustered(rows, "region")
    expected = SURVEY["group_difference"]
    by_region = dict(zip(groups["region"], found["theta"], strict=True))
    spread = dict(zip(groups["region"], spreads(moves, 2)["spread"], strict=True))
    assert by_region["N"] == pytest.approx(expected["nps_N"], **near)
    assert by_region["S"] == pytest.approx(expected["nps_S"], **near)
    # svyby keeps all 48 in the design of each region
    assert math.sqrt(48 / 47 * spread["N"]) == pytest.approx(expected["se_N"], **near)
    assert math.sqrt(48 / 47 * spread["S"]) == pytest.approx(expected["se_S"], **near)
    rest = rest_spreads(groups, moves)
    for i in range(2):
        assert rest["correlation"][i] == 0
        variance = joint_variance(spreads(moves, 2)["spread"][i], rest["spread"][i], 0, 48)
        assert math.sqrt(variance) == pytest.approx(expected["se"], **near)


def test_overlapping_panel_matches_r_survey_4_1_1_svyglm():
    panel = PANEL["overlapping_panel"]
    data = panel["input"]
    rows = answers(data["score"], cluster=data["customer"], period=data["period"])
    groups, moves, found = clustered(rows, "period")
    r = correlation(moves, pl.Series([None, 0]))
    one, other = spreads(moves, 2)["spread"]
    assert groups["period"].to_list() == [0, 1]
    assert found["theta"][1] - found["theta"][0] == pytest.approx(panel["diff"], **near)
    assert math.sqrt(joint_variance(other, one, r[1], 100)) == pytest.approx(
        panel["se_cluster"], **near
    )
    rest = rest_spreads(groups, moves)
    assert rest["correlation"].to_list() == pytest.approx([r[1], r[1]], rel=1e-12)
    assert rest["clusters"].to_list() == [70, 60]
    assert rest["spread"].to_list() == pytest.approx([other, one], rel=1e-12)


def test_the_default_difference_of_the_panel_is_near_its_linearised_one():
    data = PANEL["overlapping_panel"]["input"]
    rows = answers(data["score"], cluster=data["customer"], period=data["period"])
    _, moves, found = clustered(rows, "period")
    r = correlation(moves, pl.Series([1, 0]))
    now = difference(found[1], found[0], "adjusted-wald", 0.95, correlation=r[:1]).row(0)
    half = 1.959963984540054 * PANEL["overlapping_panel"]["se_cluster"]
    assert (now[2] - now[1]) / 2 == pytest.approx(half, rel=0.05)


def by_definition(rows):
    """Theta, linearised variance, deff, effective n, clusters of one stratum, as written down.

    Independent of the package: the published figures with clusters are stratified.
    """
    y, w = rows["score"].to_numpy().astype(float), rows["weight"].to_numpy()
    n, total = len(y), w.sum()
    theta = (w * y).sum() / total
    z = w * (y - theta) / total
    names = sorted(set(rows["cluster"]), key=str)
    sums = np.array([z[(rows["cluster"] == name).to_numpy()].sum() for name in names])
    m = len(names)
    variance = m / (m - 1) * ((sums - sums.mean()) ** 2).sum()
    s2 = (w * y * y).sum() / total - theta**2
    deff = variance / (s2 / (n - 1))
    return theta, variance, deff, min(total**2 / (w**2).sum(), n / deff), m


def test_clusters_match_the_formula_in_numpy():
    rows = golden_survey(cluster=SURVEY["input"]["account"])
    theta, variance, deff, n_effective, clusters = by_definition(rows)
    groups, moves, found = clustered(rows)
    found = found.row(0, named=True)
    assert found["theta"] == pytest.approx(theta, **near)
    assert found["se"] == pytest.approx(math.sqrt(variance), **near)
    assert found["deff"] == pytest.approx(deff, **near)
    assert found["n_effective"] == pytest.approx(n_effective, **near)
    assert found["n_effective"] < SURVEY["kish"]["n_eff"]
    assert found["df"] == clusters - 1 == 18
    assert groups.height == spreads(moves, 1).height == 1


def test_few_clusters_take_student_t():
    rows = golden_survey(cluster=SURVEY["input"]["account"])
    found = clustered(rows)[2]
    d, n, p = (found[name][0] for name in COUNTS)
    size = d + n + p + 3
    centre = (p - d) / size
    half = student.ppf(0.975, 18) * math.sqrt(((p + d + 1.5) / size - centre**2) / size)
    limits = nps_interval(found, "adjusted-wald", 0.95, found["df"]).row(0)
    assert limits == pytest.approx((centre - half, centre + half), **near)


@pytest.mark.parametrize("case", PANEL["fpc"], ids=lambda case: str(case["population"]))
def test_finite_population_error_matches_r_survey_4_1_1_svymean_fpc(case):
    groups = unit_weights(pl.DataFrame([case["counts"]], schema=list(COUNTS), orient="row"))
    n = pl.Series([sum(case["counts"])])
    found = finite_population(effective(groups), n, case["population"])
    assert found["theta"][0] == pytest.approx(case["nps"], **near)
    assert found["se"][0] == pytest.approx(case["se"], **near)


# --- finite population


def test_finite_counts_are_those_of_the_effective_sample():
    counts = pl.DataFrame({"detractors": [15], "passives": [22], "promoters": [63]})
    found = finite_population(counts, pl.Series([100]), 500)
    scale = (500 - 1) / (500 - 100)
    assert found.row(0) == pytest.approx((15 * scale, 22 * scale, 63 * scale))
    limits = finite_interval(counts, pl.Series([100]), 500, "adjusted-wald", 0.95)
    assert limits.equals(nps_interval(found, "adjusted-wald", 0.95))


@pytest.mark.parametrize("method", METHODS)
def test_a_census_has_no_interval_but_its_score(method):
    counts = pl.DataFrame(
        {"detractors": [1, 15, 0], "passives": [0, 22, 0], "promoters": [0, 63, 0]}
    )
    found = finite_interval(counts, pl.Series([1, 100, 0]), 100, method, 0.95)
    assert found.row(1) == (0.48, 0.48)
    assert found.row(2) == (None, None)
    assert finite_interval(counts[:1], pl.Series([1]), 1, method, 0.95).row(0) == (-1, -1)


def test_more_answers_than_customers_are_refused():
    counts = pl.DataFrame({"detractors": [1], "passives": [2], "promoters": [3]})
    with pytest.raises(ValueError, match="more answers than the population of 5"):
        finite_interval(counts, pl.Series([6]), 5, "adjusted-wald", 0.95)


def hypergeometric_coverage(shares, population, n):
    """Exact coverage over samples without replacement from a list with these numbers."""
    d_all, n_all, p_all = (round(share * population) for share in shares)
    truth = (p_all - d_all) / population
    rows = [
        (d, n - d - p, p)
        for d in range(min(n, d_all) + 1)
        for p in range(min(n - d, p_all) + 1)
        if n - d - p <= n_all
    ]
    ways = math.comb(population, n)
    chance = [
        math.comb(d_all, d) * math.comb(n_all, k) * math.comb(p_all, p) / ways for d, k, p in rows
    ]
    counts = pl.DataFrame(rows, schema=list(COUNTS), orient="row")
    answered = pl.Series([n]).new_from_index(0, counts.height)
    limits = finite_interval(counts, answered, population, "adjusted-wald", 0.95)
    inside = ((limits["low"] <= truth + 1e-9) & (limits["high"] >= truth - 1e-9)).to_numpy()
    return float(np.array(chance) @ inside)


@pytest.mark.parametrize("shares", [(0.15, 0.25, 0.6), (0.3, 0.3, 0.4), (0.1, 0.1, 0.8)])
@pytest.mark.parametrize(("population", "n"), [(60, 30), (100, 80), (400, 60)])
def test_finite_interval_covers_at_its_rate(shares, population, n):
    assert 0.925 <= hypergeometric_coverage(shares, population, n) <= 0.975


# --- edges


def test_empty_frames_keep_their_columns():
    groups = pl.DataFrame(schema={"by0": pl.String} | dict.fromkeys((*COUNTS, *SUMS), pl.Float64))
    cells = groups.with_columns(cluster=pl.lit("a"))
    moves = influence(groups, cells, ["by0"])
    columns = [*COUNTS, "n_effective", "theta", "se", "deff", "df"]
    assert effective(groups).columns == columns
    assert effective(groups, spreads(moves, 0)).columns == columns
    assert rest_spreads(groups, moves).columns == ["spread", "clusters", "correlation"]
    assert correlation(moves, pl.Series([], dtype=pl.UInt32)).to_list() == []


@pytest.mark.parametrize("method", METHODS)
def test_no_answers_give_null(method):
    rows = answers([1, 0], by=["a", "b"], cluster=["x", "y"])
    groups, _, _ = clustered(rows, "by")
    nothing = pl.DataFrame([dict.fromkeys((*COUNTS, *SUMS), 0) | {"by": "c"}])
    groups = pl.concat([groups, nothing], how="diagonal_relaxed")
    moves = influence(groups, tallied(rows, "by", "cluster"), ["by"])
    for found in (effective(groups), effective(groups, spreads(moves, 3))):
        last = found.row(2, named=True)
        assert [last[name] for name in COUNTS] == [0, 0, 0]
        assert {last[name] for name in ("n_effective", "theta", "se", "deff", "df")} == {None}
        limits = nps_interval(found, method, 0.95, found["df"])
        assert limits.row(2) == (None, None)
    rest = rest_spreads(groups, moves)
    assert rest["clusters"].to_list() == [1, 1, 2]


def test_answers_of_no_weight_are_no_answers():
    found = effective(tallied(answers([1, -1], [0.0, 0.0]))).row(0, named=True)
    assert found["n_effective"] is None
    assert found["promoters"] == 0


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("scores", [[1], [1, 0, -1, 1, 1], [0] * 40])
def test_one_cluster_says_nothing_about_others(scores, method):
    rows = answers(scores, cluster=["only"] * len(scores))
    _, _, found = clustered(rows)
    assert found["n_effective"][0] == pytest.approx(1)
    assert found["df"][0] == 0
    low, high = nps_interval(found, method, 0.95, found["df"]).row(0)
    if method == "bayes":
        assert low < -0.9  # the prior alone
        assert high > 0.9
    elif method != "wald" or len(set(scores)) > 1:
        assert (low, high) == (-1, 1)
    assert difference(found, found, method, 0.95, df=found["df"])["p_value"][0] is None


def test_thirty_clusters_take_z():
    for clusters, df in ((29, 28), (30, None)):
        rows = answers([1, 0] * clusters, cluster=[i // 2 for i in range(2 * clusters)])
        assert clustered(rows)[2]["df"][0] == df


def test_differences_take_the_side_with_fewer_clusters():
    one = pl.Series([None, 4, 9, None], dtype=pl.Int64)
    other = pl.Series([3, 7, None, None], dtype=pl.Int64)
    assert joint_df(one, other).to_list() == [3, 4, 9, None]


def test_few_clusters_widen_the_difference():
    one = pl.DataFrame({"detractors": [3], "passives": [4], "promoters": [13]})
    other = pl.DataFrame({"detractors": [6], "passives": [10], "promoters": [4]})
    z = difference(one, other, "adjusted-wald", 0.95).row(0, named=True)
    t = difference(one, other, "adjusted-wald", 0.95, df=pl.Series([7])).row(0, named=True)
    wider = (t["high"] - t["low"]) / (z["high"] - z["low"])
    assert wider == pytest.approx(student.ppf(0.975, 7) / norm.ppf(0.975))
    statistic = norm.isf(z["p_value"] / 2)
    assert t["p_value"] == pytest.approx(2 * student.sf(statistic, 7))


def test_blank_groups_and_blank_clusters_are_values():
    by, cluster = ["a", None, None, "a", None], ["x", "x", None, None, "y"]
    rows = answers([1, 0, -1, 0, 1], by=by, cluster=cluster)
    named = rows.with_columns(pl.col("by", "cluster").fill_null("blank"))
    for found, expected in zip(clustered(rows, "by"), clustered(named, "by"), strict=True):
        numbers = [name for name, kind in expected.schema.items() if kind.is_numeric()]
        assert found.select(numbers).equals(expected.select(numbers))
    groups, moves, _ = clustered(rows, "by")
    expected = rest_spreads(*clustered(named, "by")[:2])
    assert rest_spreads(groups, moves).equals(expected)
    assert correlation(moves, pl.Series([1, None]))[0] == pytest.approx(expected["correlation"][0])


def test_cells_by_class_and_unsigned_counts_serve_too():
    rows = answers([1, 0, -1, 1, 1, 0], by=list("aababb"), cluster=list("xxyyxy"))
    groups, moves, _ = clustered(rows, "by")
    counts = [pl.col(f"w_{name}").cast(pl.UInt32) for name in COUNTS]
    by_class = tallied(rows, "by", "cluster", "score").with_columns(counts)
    again = influence(groups, by_class, ["by"])
    assert again.equals(moves)


def test_weights_beyond_squaring_are_refused():
    for weight in (1e200, 1e-200):
        with pytest.raises(ValueError, match="squared"):
            effective(tallied(answers([1, 0], [weight, weight])))


def test_nothing_heavy_is_imported():
    code = (
        "import sys, polars as pl; from cxkit.stats import weights as w, intervals as i;"
        "g = w.unit_weights(pl.DataFrame({'detractors': [3], 'passives': [4], 'promoters': [9]}));"
        "f = w.effective(g); i.nps_interval(f, 'adjusted-wald', .95, f['df']);"
        "assert not {'numpy', 'scipy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_side_of_one_mind_correlates_with_nothing():
    """Rounding of the weights must not pass for spread: .1 + .2 − .1 is not .2."""
    weights = [0.1, 0.2, 0.3, 0.7, 0.1, 0.6, 0.9]
    rows = answers([1, -1, 1, 1, 1, 1, 0], weights, by=list("aabbcca"), cluster=list("xyxyxyy"))
    groups, moves, _ = clustered(rows, "by")
    rest = rest_spreads(groups, moves)
    assert rest["correlation"][0] == 0
    assert correlation(moves, pl.Series([1, 2, 0])).to_list() == [0, 0, 0]


# --- laws

scores = st.integers(-1, 1)
weight = st.one_of(st.just(0.0), st.floats(0.01, 100))
surveys = st.lists(
    st.tuples(scores, weight, st.sampled_from("abc"), st.integers(0, 5)), min_size=1, max_size=40
).filter(lambda rows: any(row[1] for row in rows))


def framed(rows):
    score, weights, by, cluster = zip(*rows, strict=True)
    return answers(list(score), list(weights), by=list(by), cluster=list(cluster))


def close(one, other, rel=1e-9):
    for a, b in zip(one.rows(), other.rows(), strict=True):
        for x, y in zip(a, b, strict=True):
            assert (x is None) == (y is None)
            assert x is None or x == pytest.approx(y, rel=rel, abs=1e-9)


@laws
@given(st.tuples(*[st.integers(0, 500)] * 3).filter(any), st.floats(0.5, 0.999))
def test_unit_weights_are_no_weights(counts, confidence):
    """To the last bit, the interval included."""
    plain = pl.DataFrame([counts], schema=list(COUNTS), orient="row")
    found = effective(unit_weights(plain))
    assert found.row(0)[:4] == (*counts, sum(counts))
    for method in ("adjusted-wald", "wald"):
        assert nps_interval(found, method, confidence).equals(
            nps_interval(plain, method, confidence)
        )


@laws
@given(st.tuples(*[st.integers(0, 500)] * 3).filter(any), st.floats(1e-6, 1e6))
def test_equal_weights_are_no_weights(counts, each):
    rows = answers([-1] * counts[0] + [0] * counts[1] + [1] * counts[2], [each] * sum(counts))
    found = effective(tallied(rows)).row(0)[:4]
    assert found == pytest.approx((*counts, sum(counts)), rel=1e-12)


@laws
@given(surveys, st.integers(-40, 40), st.floats(1e-3, 1e3))
def test_scaled_weights_change_nothing(rows, power, factor):
    plain = framed(rows)
    exact = plain.with_columns(pl.col("weight") * 2.0**power)
    scaled = plain.with_columns(pl.col("weight") * factor)
    assert effective(tallied(exact, "by")).equals(effective(tallied(plain, "by")))
    close(effective(tallied(scaled)).select(*COUNTS), effective(tallied(plain)).select(*COUNTS))
    one, other = clustered(plain, "by"), clustered(exact, "by")
    assert one[2].equals(other[2])
    close(rest_spreads(*one[:2]), rest_spreads(*other[:2]))


@laws
@given(st.lists(st.tuples(scores, st.integers(1, 9)), min_size=1, max_size=30))
def test_an_answer_of_weight_k_is_k_answers_in_the_score_alone(rows):
    score, weights = zip(*rows, strict=True)
    weighted = effective(tallied(answers(list(score), list(map(float, weights)))))
    repeated = effective(
        tallied(answers([y for y, k in zip(score, weights, strict=True) for _ in range(k)]))
    )
    assert weighted["theta"][0] == pytest.approx(repeated["theta"][0], abs=1e-12)
    assert weighted["n_effective"][0] <= len(rows) * (1 + 1e-12)
    assert repeated["n_effective"][0] == sum(weights)


@laws
@given(surveys)
def test_effective_answers_are_between_one_and_all(rows):
    plain = framed(rows)
    found = effective(tallied(plain))["n_effective"][0]
    positive = (plain["weight"] > 0).sum()
    assert 1 - 1e-12 <= found <= positive * (1 + 1e-12)
    assert clustered(plain)[2]["n_effective"][0] <= found * (1 + 1e-12)


@laws
@given(surveys)
def test_a_cluster_each_gives_the_error_without_clusters(rows):
    """Not always the same effective sample: with clusters the smaller of two is taken."""
    plain = framed(rows).filter(pl.col("weight") > 0).with_row_index("own")
    single = plain.drop("cluster").rename({"own": "cluster"})
    groups, _, found = clustered(single, "by")
    close(found.select("theta", "se", "deff"), effective(groups).select("theta", "se", "deff"))


@laws
@given(surveys)
def test_clusters_follow_the_definition(rows):
    plain = framed(rows).filter(pl.col("weight") > 0)
    found = clustered(plain)[2].row(0, named=True)
    if plain["cluster"].n_unique() < 2 or plain["score"].n_unique() < 2:
        return
    theta, variance, deff, n_effective, _ = by_definition_or_kish(plain)
    assert found["theta"] == pytest.approx(theta, rel=1e-9, abs=1e-12)
    assert found["se"] == pytest.approx(math.sqrt(variance), rel=1e-6, abs=1e-9)
    assert found["deff"] == pytest.approx(deff, rel=1e-6, abs=1e-9)
    if deff > 1e-9:
        assert found["n_effective"] == pytest.approx(n_effective, rel=1e-6)


def by_definition_or_kish(rows):
    with np.errstate(divide="ignore"):
        return by_definition(rows)


@laws
@example([(0, 1.0, "b", 0), (0, 1.0, "b", 1), (1, 4.0, "a", 0)])  # a rest without spread
@given(surveys)
def test_the_rest_is_the_other_groups_put_together(rows):
    """Against a second computation in which the rest is a group of its own."""
    plain = framed(rows)
    groups, moves, _ = clustered(plain, "by")
    rest = rest_spreads(groups, moves)
    sums = others(groups, (*COUNTS, *SUMS))
    for i, name in enumerate(groups["by"]):
        side = plain.with_columns(pl.col("by") == name)
        pair, pair_moves, pair_found = clustered(side, "by")
        if pair.height == 1:
            assert sums.row(i) == (0,) * 9
            continue
        own, other = (pair["by"].to_list().index(which) for which in (True, False))
        expected = spreads(pair_moves, 2).row(other, named=True)
        found = rest.row(i, named=True)
        assert found["clusters"] == expected["clusters"]
        assert found["spread"] == pytest.approx(expected["spread"], rel=1e-9, abs=1e-12)
        r = correlation(pair_moves, pl.Series([1, 0]))[own]
        if min(expected["spread"], spreads(pair_moves, 2)["spread"][own]) > 1e-9:
            assert found["correlation"] == pytest.approx(r, rel=1e-6, abs=1e-6)
        joined = effective(sums, rest).select("theta", "se", "df")
        close(joined[i], pair_found.select("theta", "se", "df")[other], rel=1e-6)


@laws
@given(surveys)
def test_correlations_mirror_each_other(rows):
    groups, moves, _ = clustered(framed(rows), "by")
    last = groups.height - 1
    there = correlation(moves, pl.Series([*range(1, last + 1), 0]))
    back = correlation(moves, pl.Series([last, *range(last)]))
    turned = [back[(i + 1) % groups.height] for i in range(groups.height)]
    assert there.to_list() == pytest.approx(turned, abs=1e-12)
    assert all(-1 <= r <= 1 for r in there)


@laws
@given(surveys, st.sampled_from(METHODS))
def test_without_shared_clusters_groups_are_independent(rows, method):
    plain = framed(rows).with_columns(pl.concat_str("by", "cluster").alias("cluster"))
    groups, moves, found = clustered(plain, "by")
    rest = rest_spreads(groups, moves)
    other = effective(others(groups, (*COUNTS, *SUMS)), rest)
    assert set(rest["correlation"]) == {0.0}
    with_r = difference(found, other, method, 0.95, correlation=rest["correlation"])
    assert with_r.equals(difference(found, other, method, 0.95))


@laws
@given(surveys)
def test_empty_parts_merge_without_a_trace(rows):
    plain = framed(rows)
    groups = tallied(plain, "by")
    empty = groups.with_columns(pl.lit(0).cast(groups.schema[c]).alias(c) for c in (*COUNTS, *SUMS))
    both = pl.concat([groups, empty]).group_by("by", maintain_order=True).agg(pl.all().sum())
    assert effective(both).equals(effective(groups))
    cells = tallied(plain, "by", "cluster")
    none = cells.with_columns(pl.lit(0.0).alias(name) for name in WEIGHTS)
    more = none.with_columns(cluster=pl.col("cluster") + 100)
    moves = influence(both, pl.concat([cells, none, more]), ["by"])
    assert moves.equals(influence(groups, cells, ["by"]))


@laws
@example([(1, 1.0, "a", 0)], 0.5, "wald")
@given(surveys, st.floats(0.5, 0.999), st.sampled_from(("adjusted-wald", "score", "wald")))
def test_limits_hold_the_estimate(rows, confidence, method):
    groups, moves, found = clustered(framed(rows), "by")
    rest = rest_spreads(groups, moves)
    other = effective(others(groups, (*COUNTS, *SUMS)), rest)
    limits = nps_interval(found, method, confidence, found["df"])
    for (low, high), theta in zip(limits.rows(), found["theta"], strict=True):
        assert theta is None or -1 <= low <= theta + 1e-12
        assert theta is None or theta - 1e-12 <= high <= 1
    df = joint_df(found["df"], other["df"])
    gaps = difference(found, other, method, confidence, correlation=rest["correlation"], df=df)
    for gap, low, high, p in gaps.rows():
        assert gap is None or -2 <= low <= gap <= high <= 2
        assert p is None or 0 <= p <= 1


@laws
@given(surveys, st.randoms())
def test_order_of_rows_does_not_matter(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    one, other = (clustered(framed(x), "by") for x in (rows, shuffled))
    parts = []
    for groups, moves, found in (one, other):
        frame = groups.select("by").hstack(found).hstack(rest_spreads(groups, moves))
        parts.append(frame.sort("by").select(*COUNTS, "n_effective", "theta", "clusters"))
    close(*parts, rel=1e-6)


# --- truth


def lognormal_shares(rng, draws, n, cv, shares):
    sigma = math.sqrt(math.log(1 + cv * cv))
    weights = rng.lognormal(0, sigma, (draws, n))
    classes = rng.choice(3, (draws, n), p=shares)
    columns = {}
    for i, name in enumerate(COUNTS):
        of = classes == i
        columns[name] = of.sum(1)
        columns[f"w_{name}"] = (weights * of).sum(1)
        columns[f"w2_{name}"] = (weights**2 * of).sum(1)
    return pl.DataFrame(columns)


@pytest.mark.parametrize(
    "case",
    SURVEY["adjusted_wald_on_n_eff"]["simulation_coverage_95"],
    ids=lambda case: f"n{case['n']}",
)
def test_weighted_intervals_cover_at_the_published_rate(case):
    """Both runs have standard errors near .0025 and .0045; the tolerance is three of them."""
    draws = 8000
    groups = lognormal_shares(np.random.default_rng(1), draws, case["n"], case["cv_w"], case["p"])
    truth = case["p"][2] - case["p"][0]
    found = effective(groups)
    limits = nps_interval(found, "adjusted-wald", 0.95)
    rate = ((limits["low"] <= truth) & (limits["high"] >= truth)).mean()
    aw, linearised = case["aw_kish"], case["lin_z"]
    assert abs(rate - aw) < 3 * math.sqrt(2 * aw * (1 - aw) / draws)
    assert 0.92 < rate < 0.965
    half = 1.959963984540054 * found["se"]
    plain = ((found["theta"] - truth).abs() <= half).fill_null(False).mean()
    assert abs(plain - linearised) < 3 * math.sqrt(2 * linearised * (1 - linearised) / draws)


def classes_of(latent, shares):
    cuts = norm.ppf(np.cumsum(shares)[:2])
    return np.searchsorted(cuts, latent) - 1


@pytest.mark.parametrize("shares", [(0.4, 0.1, 0.5), (0.15, 0.25, 0.6)])
@pytest.mark.parametrize(("n", "shared"), [(40, 40), (100, 50)])
def test_panels_cover_no_change(shares, n, shared):
    """Answers that hardly change (latent correlation .9). With the linearised covariance taken
    from the adjusted variances, coverage would be .74 where all 40 answer twice."""
    rng, draws = np.random.default_rng(5), 1500
    customers = 2 * n - shared
    before = rng.standard_normal((draws, customers))
    after = 0.9 * before + math.sqrt(1 - 0.81) * rng.standard_normal((draws, customers))
    sides = [(before[:, :n], 0), (after[:, customers - n :], customers - n)]
    frames = [
        pl.DataFrame(
            {
                "draw": np.repeat(np.arange(draws), n),
                "wave": wave,
                "cluster": np.tile(np.arange(n) + first, draws),
                "score": classes_of(latent, shares).ravel(),
                "weight": 1.0,
            }
        )
        for wave, (latent, first) in enumerate(sides)
    ]
    rows = pl.concat(frames)
    groups, moves, found = clustered(rows, "draw", "wave")
    groups = groups.with_row_index("row").with_columns(
        partner=pl.col("row").cast(pl.Int64)
        + pl.when(pl.col("wave") == 0).then(draws).otherwise(-draws)
    )
    r = correlation(moves, groups["partner"])
    one, other = found[:draws], found[draws:]
    gaps = difference(one, other, "adjusted-wald", 0.95, correlation=r[:draws])
    rate = ((gaps["low"] <= 1e-9) & (gaps["high"] >= -1e-9)).mean()
    assert rate == pytest.approx(0.95, abs=0.02)


@pytest.mark.parametrize(("clusters", "size"), [(12, 8), (40, 5)])
def test_clustered_intervals_cover_at_their_rate(clusters, size):
    """Half of the spread lies between clusters; without them coverage is below .8."""
    rng, draws, shares = np.random.default_rng(9), 1500, (0.2, 0.25, 0.55)
    common = np.repeat(rng.standard_normal((draws, clusters)), size, axis=1)
    latent = math.sqrt(0.5) * (common + rng.standard_normal((draws, clusters * size)))
    rows = pl.DataFrame(
        {
            "draw": np.repeat(np.arange(draws), clusters * size),
            "cluster": np.tile(np.repeat(np.arange(clusters), size), draws),
            "score": classes_of(latent, shares).ravel(),
            "weight": 1.0,
        }
    )
    groups, _, found = clustered(rows, "draw")

    def rate(limits):
        return ((limits["low"] <= 0.35) & (limits["high"] >= 0.35)).mean()

    assert 0.92 < rate(nps_interval(found, "adjusted-wald", 0.95, found["df"])) < 0.97
    assert rate(nps_interval(groups, "adjusted-wald", 0.95)) < 0.82


def test_a_hundred_thousand_groups_take_seconds():
    rng, n = np.random.default_rng(2), 600_000
    rows = pl.DataFrame(
        {
            "by": rng.integers(0, 100_000, n),
            "cluster": rng.integers(0, 200_000, n),
            "score": rng.integers(-1, 2, n),
            "weight": rng.lognormal(0, 0.5, n),
        }
    )
    groups, cells = tallied(rows, "by"), tallied(rows, "by", "cluster")
    start = time.perf_counter()
    moves = influence(groups, cells, ["by"])
    found = effective(groups, spreads(moves, groups.height))
    rest = rest_spreads(groups, moves)
    other = effective(others(groups, (*COUNTS, *SUMS)), rest)
    correlation(moves, pl.Series(range(groups.height)).shift(1))
    nps_interval(found, "adjusted-wald", 0.95, found["df"])
    difference(found, other, "adjusted-wald", 0.95, correlation=rest["correlation"])
    assert time.perf_counter() - start < 20
