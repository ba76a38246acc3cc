"""Weights, clusters and lists of known length, as a user asks for them."""

import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cxkit
from cxkit.errors import DataError, RequestError

ORACLES = Path(__file__).parent / "oracles"
slow = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def oracle(name):
    return json.loads((ORACLES / f"{name}.json").read_text())


@pytest.fixture(scope="module")
def survey():
    """The 48 answers of the reference, with scores of their classes."""
    given = pl.DataFrame(oracle("nps_weighted")["input"])
    return given.with_columns(pl.col("score").replace_strict({-1: 2, 0: 7, 1: 10}).alias("score"))


def test_weights_pinned_to_r_survey_4_1_1(survey):
    reference = oracle("nps_weighted")
    summary = cxkit.nps(survey, score="score", weight="weight").summary
    weighted = next(c for c in reference["cases"] if c["case"] == "weights_only")
    assert summary["nps"] / 100 == pytest.approx(weighted["nps"], abs=1e-9)
    assert summary["n_effective"] == pytest.approx(reference["kish"]["n_eff"], abs=1e-9)
    low, high = reference["adjusted_wald_on_n_eff"]["weights_only"]["ci95"]
    assert (summary["ci_low"] / 100, summary["ci_high"] / 100) == pytest.approx(
        (low, high), abs=1e-9
    )
    assert summary["n"] == 48


def test_weighted_groups_pinned_to_r_survey_4_1_1(survey):
    reference = oracle("nps_weighted")["group_difference"]
    rows = cxkit.nps(survey, score="score", weight="weight", by="region").rows
    found = dict(rows.select("region", "nps").iter_rows())
    assert found["N"] / 100 == pytest.approx(reference["nps_N"], abs=1e-9)
    assert found["S"] / 100 == pytest.approx(reference["nps_S"], abs=1e-9)
    diff = rows.filter(pl.col("region") == "S")["diff"][0]
    assert diff / 100 == pytest.approx(reference["diff_S_minus_N"], abs=1e-9)


def test_sfo_weighted_as_computed_by_two_programs(sfo):
    summary = cxkit.nps(sfo, score="NETPRO", null="11", weight="WEIGHT").summary
    assert summary["nps"] == pytest.approx(40.398, abs=5e-4)
    assert summary["n"] == 2746


ROWS = st.lists(
    st.tuples(
        st.integers(0, 10),
        st.sampled_from("abc"),
        st.integers(1, 400).map(lambda k: k / 16),
        st.sampled_from(["k1", "k2", "k3", "k4", "k5", None]),
    ),
    min_size=1,
    max_size=40,
)


def frame(rows):
    names = {"q": pl.Int64, "g": pl.String, "w": pl.Float64, "c": pl.String}
    return pl.DataFrame(rows, schema=names, orient="row")


def close(one, other, columns):
    for name in columns:
        for a, b in zip(one[name], other[name], strict=True):
            assert (a is None) == (b is None)
            assert a is None or a == pytest.approx(b, abs=1e-9, rel=1e-9)


FIGURES = ("nps", "ci_low", "ci_high", "n_effective", "diff", "diff_low", "diff_high", "p_value")


@slow
@given(ROWS, st.sampled_from([1e-6, 0.1, 3.0, 1e9]), st.sampled_from([None, "c"]))
def test_scaling_all_weights_changes_nothing(rows, scale, cluster):
    data = frame(rows)
    words = {"score": "q", "weight": "w", "by": "g", "cluster": cluster, "min_n": 1}
    one = cxkit.nps(data, **words)
    other = cxkit.nps(data.with_columns(pl.col("w") * scale), **words)
    close(one.rows, other.rows, FIGURES)
    assert one.ledger == other.ledger


@slow
@given(ROWS, st.sampled_from(["g", ["g", "g,c"], ()]))
def test_equal_weights_are_no_weights(rows, by):
    data = frame(rows).with_columns(pl.lit(0.7).alias("w"))
    one = cxkit.nps(data, score="q", by=by, min_n=1)
    other = cxkit.nps(data, score="q", by=by, min_n=1, weight="w")
    close(one.rows, other.rows, [name for name in FIGURES if name != "n_effective"])
    assert one.rows["promoters"].equals(other.rows["promoters"])


@slow
@given(ROWS)
def test_a_cluster_of_its_own_for_each_answer_is_no_cluster(rows):
    data = frame(rows).with_row_index("id")
    one = cxkit.nps(data, score="q", min_n=1)
    other = cxkit.nps(data, score="q", min_n=1, cluster="id")
    if len(rows) >= 30:
        assert other.summary["n_effective"] <= len(rows) + 1e-9
    assert other.summary["nps"] == pytest.approx(one.summary["nps"])


@slow
@given(ROWS)
def test_a_tally_of_weights_is_data(rows):
    data = frame(rows)
    tally = data.group_by("q", "g", "w", "c").agg(pl.len().alias("times"))
    for words in ({"weight": "w"}, {"cluster": "c"}, {"weight": "w", "cluster": "c"}):
        if None in data["c"].to_list() and "cluster" in words:
            continue  # answers without a cluster are not counted together
        one = cxkit.nps(data, score="q", by="g", **words)
        other = cxkit.nps(tally, score="q", by="g", count="times", **words)
        close(one.rows, other.rows, FIGURES)


@pytest.mark.parametrize("cell", ["-0.5", "NaN", "inf", "heavy"])
def test_a_wrong_weight_stops(cell):
    data = pl.DataFrame({"score": [9, 3], "w": ["1.5", cell]})
    with pytest.raises(DataError) as caught:
        cxkit.nps(data, weight="w")
    assert caught.value.slug == "bad-weight"
    assert cell not in str(caught.value)


def test_a_blank_weight_is_left_out_and_zero_is_a_weight():
    data = pl.DataFrame({"score": ["9", "3", "10", ""], "w": ["1.5", "", "0", ""]})
    result = cxkit.nps(data, weight="w")
    assert result.ledger.left_out == {"missing": 1, "weight": 1}
    assert (result.summary["n"], result.summary["nps"]) == (2, 100.0)
    with pytest.raises(DataError):
        cxkit.nps(pl.DataFrame({"score": [9, 3], "w": [0.0, 0.0]}), weight="w")


def test_shared_clusters_make_a_change_surer():
    """The overlapping panel of the reference: customers who answered in both periods."""
    panel = pl.DataFrame(oracle("nps_panel")["overlapping_panel"]["input"]).with_columns(
        pl.col("score").replace_strict({-1: 2, 0: 7, 1: 10}).alias("q"),
        pl.col("period").replace_strict({0: "2026-01-10", 1: "2026-02-28"}).alias("date"),
    )
    words = {"score": "q", "date": "date", "period": "month"}
    alone = cxkit.nps(panel, **words).rows.row(1, named=True)
    shared = cxkit.nps(panel, cluster="customer", **words).rows.row(1, named=True)
    assert shared["diff"] / 100 == pytest.approx(
        oracle("nps_panel")["overlapping_panel"]["diff"], abs=1e-9
    )
    assert shared["p_value"] < alone["p_value"]


def test_a_census_is_known_and_a_sample_is_surer_than_a_process():
    answers = pl.DataFrame({"score": [3] * 15 + [7] * 22 + [10] * 63})
    plain = cxkit.nps(answers).summary
    part = cxkit.nps(answers, population=500).summary
    assert part["ci_low"] > plain["ci_low"]
    assert part["ci_high"] < plain["ci_high"]
    census = cxkit.nps(answers, population=100, target=40).summary
    assert census["ci_low"] == census["nps"] == census["ci_high"]
    assert census["target_probability"] == 1.0
    for words in ({"population": 99}, {"population": 500, "by": "score"}):
        with pytest.raises(RequestError):
            cxkit.nps(answers, score="score", **words)


@slow
@given(ROWS, st.sampled_from(["first", "last"]))
def test_kept_answers_bring_their_weights(rows, keep):
    data = frame(rows).with_row_index("day")
    data = data.with_columns(
        (pl.date(2026, 1, 1) + pl.duration(days=pl.col("day"))).cast(pl.String).alias("date")
    )
    words = {"score": "q", "date": "date", "customer": "c", "keep": keep, "weight": "w"}
    result = cxkit.nps(data, **words)
    known = data.filter(pl.col("c").is_not_null()).group_by("c", maintain_order=True)
    alone = data.filter(pl.col("c").is_null())
    kept = pl.concat([known.first() if keep == "first" else known.last(), alone], how="diagonal")
    expected = cxkit.nps(kept.select("q", "w"), score="q", weight="w")
    assert result.summary["nps"] == pytest.approx(expected.summary["nps"])
    assert result.summary["n_effective"] == pytest.approx(expected.summary["n_effective"])


def test_the_same_twice_is_the_same_to_the_byte(sfo):
    words = {
        "score": "NETPRO",
        "null": "11",
        "weight": "WEIGHT",
        "by": "BAREA",
        "cluster": "DESTGEO",
    }
    one, two = (cxkit.render(cxkit.nps(sfo, **words), "json") for _ in "ab")
    assert one == two


def test_weights_with_a_decimal_comma(tmp_path):
    file = tmp_path / "survey.csv"
    file.write_text("score;w\n9;1,5\n3;0,5\n")
    assert cxkit.nps(file, weight="w").summary["nps"] == pytest.approx(50)


def test_a_group_without_any_weight_has_no_data():
    data = pl.DataFrame({"score": [9, 3, 10], "g": ["a", "a", "b"], "w": [1.0, 1.0, 0.0]})
    rows = cxkit.nps(data, weight="w", by="g").rows
    b = rows.row(by_predicate=pl.col("g") == "b", named=True)
    assert (b["n"], b["nps"], b["flags"]) == (1, None, ["no-data"])
