"""The journey as a user asks for it: stages, units, flow, funnel, channels."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxkit
from cxkit import cli
from cxkit.errors import DataError, RequestError
from cxkit.output import render
from cxkit.output.chart import draw

HERE = Path(__file__).parent
ORACLE = json.loads((HERE / "oracles" / "journey.json").read_text(encoding="utf-8"))
IMPACT = json.loads((HERE / "oracles" / "stage_impact.json").read_text(encoding="utf-8"))
CONFERENCE = HERE / "data" / "carpentries" / "conference.csv"
FORMATS = ("table", "csv", "json", "ndjson", "md", "xlsx", "parquet")
laws = settings(deadline=None, max_examples=25)

answer = st.tuples(
    st.sampled_from(["browse", "buy", "delivery", "support"]),
    st.sampled_from(["web", "store"]),
    st.integers(0, 10),
)
surveys = st.lists(answer, min_size=2, max_size=60)


def survey(rows):
    return pl.DataFrame(rows, schema=["stage", "channel", "score"], orient="row")


def row(result, **by):
    found = result.rows.filter(**by)
    assert found.height == 1
    return found.row(0, named=True)


def codes(result):
    return {note.code: note.message for note in result.notes}


# --- stages -------------------------------------------------------------------------------------


def scores(**stages):
    """Answers by stage: detractors, passives, promoters."""
    rows = [
        (stage, "web", score)
        for stage, counts in stages.items()
        for score, n in zip((3, 7, 10), counts, strict=True)
        for _ in range(n)
    ]
    return survey(rows)


def test_every_column_of_the_contract_and_a_row_for_each_stage():
    result = cxkit.journey(scores(buy=(1, 2, 7), delivery=(6, 2, 2)))
    assert result.schema == "cxkit.journey/1"
    assert result.rows.columns == [
        "stage", "channel", "order", "n", "usage_rate", "missing", "invalid", "detractors",
        "passives", "promoters", "detractor_rate", "passive_rate", "promoter_rate", "nps", "ci_low",
        "ci_high", "n_effective", "compared_with", "diff", "diff_low", "diff_high", "p_value",
        "p_adjusted", "flags", "detractor_share", "detractor_cum_share", "vital_few", "impact",
        "impact_low", "impact_high",
    ]  # fmt: skip
    assert result.rows.select("stage", "order", "nps").rows() == [
        ("buy", 1, 60.0),
        ("delivery", 2, -40.0),
    ]
    assert result.summary["nps"] == pytest.approx(10.0)
    assert codes(result).keys() >= {"no-usage", "no-impact", "low-n"}


def test_each_stage_has_the_figures_of_nps_by_stage():
    data = scores(buy=(10, 20, 40), delivery=(30, 10, 5), support=(12, 9, 20))
    ours, theirs = cxkit.journey(data), cxkit.nps(data, by="stage")
    names = [name for name in theirs.rows.columns if name not in ("table", "stage")]
    assert ours.rows.sort("stage").select(names).equals(theirs.rows.sort("stage").select(names))
    both = [name for name in theirs.summary if name in ours.summary]
    assert {name: ours.summary[name] for name in both} == {
        name: theirs.summary[name] for name in both
    }


def test_vital_few_are_the_fewest_stages_that_hold_four_fifths():
    # 50, 30, 15 and 5 detractors of 100: the first two hold 80 %, exactly
    data = scores(a=(5, 0, 1), b=(50, 0, 1), c=(15, 0, 1), d=(30, 0, 1))
    rows = cxkit.journey(data, min_n=1).rows
    assert rows["detractor_share"].to_list() == [0.05, 0.5, 0.15, 0.3]
    assert rows["detractor_cum_share"].to_list() == pytest.approx([1, 0.5, 0.95, 0.8])
    assert rows["vital_few"].to_list() == [False, True, False, True]
    printed = render(cxkit.journey(data, min_n=1), "table")
    assert printed.startswith("b holds 50% of the detractors; b, d hold 80%\n")


def test_without_detractors_there_are_no_vital_few():
    result = cxkit.journey(scores(a=(0, 1, 3), b=(0, 2, 2)))
    assert result.rows["detractor_share"].null_count() == result.rows["vital_few"].null_count() == 2
    assert render(result, "table").startswith("No detractor at any of 2 stages")


def test_stages_are_compared_and_shared_out_within_their_channel():
    web, store = (
        scores(buy=(5, 5, 40), delivery=(30, 5, 15)),
        scores(buy=(4, 4, 42), help=(1, 9, 40)),
    )
    both = pl.concat([web, store.with_columns(channel=pl.lit("store"))])
    result = cxkit.journey(both, channel="channel", adjust="none")
    for name, data in (("web", web), ("store", store)):
        alone = cxkit.nps(data, by="stage", adjust="none").rows.sort("stage")
        ours = result.rows.filter(channel=name).sort("stage")
        for column in ("nps", "diff", "p_value"):
            assert ours[column].to_list() == pytest.approx(alone[column].to_list(), abs=1e-12)
        assert ours["detractor_share"].sum() == pytest.approx(1)
    # two channels of two stages are two tests: Holm doubles the smaller one
    held = cxkit.journey(both, channel="channel").rows
    small = min(held["p_value"])
    assert held.filter(p_value=small)["p_adjusted"].to_list() == pytest.approx([2 * small] * 2)


@laws
@given(surveys, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing_but_the_order_of_stages(rows, random):
    shuffled = rows[:]
    random.shuffle(shuffled)
    order = ["browse", "buy", "delivery", "support"]
    known = [stage for stage in order if any(stage == one[0] for one in rows)]
    one, other = (
        cxkit.journey(survey(some), channel="channel", stage_order=known, min_n=5)
        for some in (rows, shuffled)
    )
    assert one.rows.equals(other.rows)


@laws
@given(surveys)
def test_counts_add_up_and_shares_are_of_one(rows):
    result = cxkit.journey(survey(rows), channel="channel", min_n=1)
    assert result.rows["n"].sum() == len(rows) == result.ledger.used
    for part in result.rows.partition_by("channel"):
        low = part["detractors"].sum()
        assert part["detractor_share"].sum() == pytest.approx(1 if low else 0)
        few = part.filter("vital_few")
        if low:
            held = few["detractors"].sum()
            assert held >= 0.8 * low
            assert held - few["detractors"].min() < 0.8 * low


@laws
@given(surveys)
def test_a_tally_is_data(rows):
    data = survey(rows)
    counted = data.group_by("stage", "channel", "score", maintain_order=True).len("times")
    order = data["stage"].unique().sort().to_list()
    asked = {"channel": "channel", "stage_order": order}
    ours = cxkit.journey(counted, count="times", **asked).rows
    assert ours.equals(cxkit.journey(data, **asked).rows)


@laws
@given(surveys)
def test_new_names_change_nothing_else(rows):
    data = survey(rows)
    new = data.with_columns(pl.col("stage") + "!", pl.lit("x ") + pl.col("channel"))
    one, other = (cxkit.journey(some, channel="channel", min_n=1).rows for some in (data, new))
    names = ("stage", "channel")
    assert one.drop(names).equals(other.drop(names))
    assert (one["stage"] + "!").to_list() == other["stage"].to_list()


def test_order_is_given_or_that_of_dates_or_of_rows():
    data = pl.DataFrame(
        {
            "stage": ["c", "a", "b"],
            "score": [1, 2, 3],
            "date": ["2026-03-01", "2026-01-01", "2026-02-01"],
        }
    )
    ordered = cxkit.journey(data)
    assert ordered.rows["stage"].to_list() == ["a", "b", "c"]
    assert "first dates" in codes(ordered)["stage-order"]
    by_row = cxkit.journey(data.drop("date"))
    assert by_row.rows["stage"].to_list() == ["c", "a", "b"]
    assert "first rows" in codes(by_row)["stage-order"]
    asked = cxkit.journey(data, stage_order="b,c")
    assert asked.rows["stage"].to_list() == ["b", "c", "a"]
    assert codes(asked)["stage-order"].endswith("put behind the others: a")


def test_a_stage_with_a_comma_is_named_as_it_stands():
    data = pl.DataFrame({"stage": ["ship, track", "buy"], "score": [1, 9]})
    rows = cxkit.journey(data, stage_order=["buy", "ship, track"]).rows
    assert rows["stage"].to_list() == ["buy", "ship, track"]


def test_an_unknown_stage_is_an_error_that_proposes_one():
    with pytest.raises(RequestError, match="which is no stage here") as wrong:
        cxkit.journey(scores(delivery=(1, 1, 1), buy=(1, 1, 1)), stage_order="delivry,buy")
    assert ("did you mean", "delivery") in wrong.value.hints
    with pytest.raises(RequestError, match="twice"):
        cxkit.journey(scores(delivery=(1, 1, 1)), stage_order="delivery,delivery")


def test_usage_is_of_customers_in_a_long_file():
    data = pl.DataFrame(
        {
            "stage": ["buy", "buy", "buy", "help", "help", "help"],
            "customer": ["a", "b", "c", "a", "a", "b"],
            "score": [9, 9, 9, 1, 2, None],
        }
    )
    rows = cxkit.journey(data).rows
    assert rows["usage_rate"].to_list() == pytest.approx([1, 1 / 3])  # b gave no answer to help
    assert rows["missing"].to_list() == [0, 1]


@laws
@given(
    st.lists(st.tuples(st.sampled_from("ab "), st.sampled_from("wxyz"), st.integers(-1, 12)),
             min_size=1, max_size=30)
)  # fmt: skip
def test_usage_counts_customers_of_the_rows_that_are_used(rows):
    data = pl.DataFrame(rows, schema=["stage", "customer", "score"], orient="row")
    kept = [(stage, who) for stage, who, score in rows if 1 <= score <= 10 and who != "w"]
    if not kept:
        return
    result = cxkit.journey(data, where=["customer <> 'w'", "score > 0"])
    everyone = len({who for _, who in kept})
    for stage, share in result.rows.select("stage", "usage_rate").rows():
        users = {who for name, who in kept if name == (stage or " ")}
        assert share == pytest.approx(len(users) / everyone)


def test_a_blank_stage_is_a_group_that_is_not_tested():
    data = pl.concat([scores(a=(40, 0, 40), b=(0, 0, 80)), scores(x=(20, 0, 20))])
    data = data.with_columns(pl.when(pl.col("stage") != "x").then("stage"))
    rows = cxkit.journey(data).rows
    assert rows["stage"].to_list() == ["a", "b", None]
    assert rows["order"].to_list() == [1, 2, None]
    assert rows["p_value"].is_null().to_list() == [False, False, True]
    assert rows["detractor_share"].sum() == pytest.approx(1)


def test_wide_and_long_are_the_same_answers():
    wide = pl.DataFrame({"buy": [10, 9, 3, None, 8], "help": [None, 2, 9, 1, 99]})
    long = wide.unpivot(variable_name="stage", value_name="score")
    one = cxkit.journey(wide, stages=["buy", "help"])
    other = cxkit.journey(long)
    assert one.rows.drop("usage_rate").equals(other.rows.drop("usage_rate"))
    assert one.rows["invalid"].to_list() == [0, 1]
    assert one.rows["usage_rate"].to_list() == pytest.approx([0.8, 0.6])
    assert (one.ledger.read, one.ledger.used) == (5, 5)


def test_a_row_without_any_answer_is_left_out():
    wide = pl.DataFrame(
        {"buy": [10, None], "help": [1, None]}, schema=dict.fromkeys(("buy", "help"), pl.Int64)
    )
    result = cxkit.journey(wide, stages="buy,help")
    assert result.ledger.left_out == {"missing": 1}
    assert result.rows["usage_rate"].to_list() == [1.0, 1.0]


def test_weights_count_for_scores_and_shares():
    data = scores(a=(1, 0, 1), b=(1, 0, 0)).with_columns(w=pl.Series([2.0, 1.0, 6.0]))
    rows = cxkit.journey(data, weight="w").rows
    assert rows["nps"].to_list() == pytest.approx([100 * (1 - 2) / 3, -100])
    assert rows["detractor_share"].to_list() == pytest.approx([2 / 8, 6 / 8])
    assert rows["n"].to_list() == [2, 1]


# --- impact, ratings ----------------------------------------------------------------------------


def rated(n=120):
    return pl.DataFrame(IMPACT["input"]).head(n)


def test_impacts_add_up_to_r_squared_of_lm():
    result = cxkit.journey(rated(), stages="s1,s2,s3", score="ltr", metric="csat")
    assert result.schema == "cxkit.journey.stages-csat/1"
    impact = result.rows["impact"]
    assert impact.sum() == pytest.approx(IMPACT["full"]["r2"], abs=1e-9)
    assert (result.rows["impact_low"] <= impact).all()
    assert (impact <= result.rows["impact_high"]).all()


def test_impacts_are_johnsons_by_another_way():
    # Johnson (2000) by the singular value decomposition of the standardised ratings
    x, y = rated().select("s1", "s2", "s3").to_numpy().astype(float), rated()["ltr"].to_numpy()
    x, y = (x - x.mean(0)) / x.std(0), (y - y.mean()) / y.std()
    p, _, q = np.linalg.svd(x / len(y) ** 0.5, full_matrices=False)
    z = p @ q
    loadings = z.T @ x / len(y) ** 0.5
    weights = (loadings.T**2) @ (z.T @ y / len(y) ** 0.5) ** 2
    result = cxkit.journey(rated(), stages="s1,s2,s3", score="ltr", metric="csat")
    assert result.rows["impact"].to_list() == pytest.approx(weights.tolist(), abs=1e-9)


def test_impact_stands_on_rows_that_answer_all_and_not_on_few():
    few = cxkit.journey(rated(20), stages="s1,s2,s3", score="ltr", metric="csat")
    assert few.rows["impact"].null_count() == 3
    assert "20 of them" in codes(few)["impact"]
    half = rated().with_columns(s3=pl.when(pl.int_range(pl.len()) < 60).then("s3"))
    some = cxkit.journey(half, stages="s1,s2,s3", score="ltr", metric="csat")
    whole = cxkit.journey(rated(60), stages="s1,s2,s3", score="ltr", metric="csat")
    assert some.rows["impact"].to_list() == pytest.approx(whole.rows["impact"].to_list())
    constant = rated().with_columns(ltr=pl.lit(7))
    none = cxkit.journey(constant, stages="s1,s2,s3", score="ltr", metric="csat")
    assert none.rows["impact"].null_count() == 3


def test_ratings_are_those_of_csat_by_stage():
    long = rated().drop("ltr").unpivot(variable_name="stage", value_name="score")
    ours = cxkit.journey(long, score="score", metric="csat").rows
    theirs = cxkit.csat(long, score="score", by="stage").rows
    names = [name for name in theirs.columns if name not in ("table", "stage")]
    assert ours.sort("stage").select(names).equals(theirs.sort("stage").select(names))
    low = long.filter(pl.col("score") <= 2).group_by("stage").len().sort("stage")["len"]
    assert ours.sort("stage")["low_share"].to_list() == pytest.approx((low / low.sum()).to_list())


def test_ratings_taken_for_scores_are_an_error_that_says_so():
    with pytest.raises(DataError, match="runs 1 to 5") as wrong:
        cxkit.journey(rated(), stages="s1,s2,s3")
    assert ("if they are ratings", "--metric csat --scale 1-5") in wrong.value.hints


def test_a_code_of_ratings_is_a_score_beside_them():
    """Of ratings 1–5 the codes 0 and 6 are no answers, of scores 0–10 they are."""
    coded = rated().with_columns(pl.col("s3").replace({1: 6, 2: 0}))
    words = {"stages": "s1,s2,s3", "score": "ltr", "metric": "csat"}
    result = cxkit.journey(coded, null=["0", "6"], **words)
    blank = rated().with_columns(pl.when(pl.col("s3") > 2).then("s3"))
    assert result.rows.equals(cxkit.journey(blank, **words).rows)
    assert '0 and 6 in "ltr" stay answers' in codes(result)["null-kept"]


# --- units --------------------------------------------------------------------------------------


def unit_answers():
    given_ = ORACLE["units"]["input"]
    names = ("detractors", "passives", "promoters")
    rows = [
        (f"u{unit:02}", score, given_[name][i])
        for i, unit in enumerate(given_["unit"])
        for name, score in zip(names, (2, 8, 10), strict=True)
    ]
    return pl.DataFrame(rows, schema=["branch", "score", "times"], orient="row")


def test_units_are_pinned_to_r():
    result = cxkit.journey(unit_answers(), view="units", unit="branch", count="times")
    rows, oracle = result.rows.sort("unit"), ORACLE["units"]
    assert result.rows.columns == [
        "unit", "n", "nps", "ci_low", "ci_high", "shrunken", "shrunken_low", "shrunken_high",
        "limit_low", "limit_high", "signal",
    ]  # fmt: skip
    assert (rows["nps"] / 100).to_list() == pytest.approx(oracle["nps"], abs=1e-12)
    pooled = oracle["dl_pooled_within_variance"]
    assert (rows["shrunken"] / 100).to_list() == pytest.approx(pooled["shrunk"], abs=1e-9)
    summary = result.summary
    assert summary["icc"] == pytest.approx(oracle["anova"]["icc1"], abs=1e-9)
    assert summary["tau"] / 100 == pytest.approx(pooled["tau2"] ** 0.5, abs=1e-9)
    assert summary["p_value"] == pytest.approx(oracle["anova"]["p"], abs=1e-9)
    assert summary["n"] == rows["n"].sum()


def test_the_limits_drawn_are_those_of_the_units():
    result = cxkit.journey(unit_answers(), view="units", unit="branch", count="times")
    curves = result.chart.curves.filter(level=0.998)
    own = result.rows.join(curves, left_on=pl.col("n").cast(pl.Float64), right_on="x", how="left")
    assert own["low"].to_list() == pytest.approx(own["limit_low"].to_list(), abs=1e-9)
    assert own["high"].to_list() == pytest.approx(own["limit_high"].to_list(), abs=1e-9)


def test_units_that_are_alike_are_not_ranked():
    data = pl.concat(scores(x=(4, 4, 12)).select("score", branch=pl.lit(name)) for name in "abcdef")
    result = cxkit.journey(data, view="units", unit="branch")
    assert result.summary["tau"] == 0
    assert result.rows["shrunken"].to_list() == pytest.approx([40.0] * 6)
    assert result.tables[0].sort is None
    assert render(result, "table").startswith("No evidence of differences between 6 units")


def test_answers_of_no_unit_are_shown_and_stand_for_none():
    data = unit_answers()
    more = pl.DataFrame({"branch": [None], "score": [1], "times": [500]})
    asked = {"view": "units", "unit": "branch", "count": "times"}
    one, other = (
        cxkit.journey(some, **asked)
        for some in (data, pl.concat([data, more], how="vertical_relaxed"))
    )
    assert other.rows["unit"].to_list()[-1] is None
    assert other.rows.drop_nulls("unit").equals(one.rows)
    assert other.summary["icc"] == one.summary["icc"]


def test_a_unit_is_named_and_measured_by_nps():
    with pytest.raises(RequestError, match="needs --unit"):
        cxkit.journey(unit_answers(), view="units")
    with pytest.raises(RequestError, match="nps only"):
        cxkit.journey(unit_answers(), view="units", unit="branch", metric="csat")


# --- flow, funnel, channels ---------------------------------------------------------------------


def touches(paths):
    """Touchpoints from paths: a list of stages or of (stage, channel), and how many take it."""
    rows = []
    for path, n in paths:
        for _ in range(n):
            customer = (
                f"c{len({r[0] for r in rows})}" if not rows else f"c{int(rows[-1][0][1:]) + 1}"
            )
            for day, touch in enumerate(path, 1):
                stage, channel = touch if isinstance(touch, tuple) else (touch, "web")
                rows.append((customer, f"2026-01-{day:02}", stage, channel))
    return pl.DataFrame(rows, schema=["customer", "date", "stage", "channel"], orient="row")


def funnel_paths():
    counts = ORACLE["funnel"]["counts"]
    names, n = list(counts), [*counts.values(), 0]
    return [(names[: i + 1], n[i] - n[i + 1]) for i in range(len(names))]


def funnel_is_pinned(rows):
    for i, step in enumerate(ORACLE["funnel"]["steps"], 1):
        found = rows.row(i, named=True)
        assert (found["stage"], found["n"]) == (step["to"], step["k"])
        assert found["step_rate"] == pytest.approx(step["step"], abs=1e-12)
        assert found["drop_rate"] == pytest.approx(step["drop"], abs=1e-12)
        assert found["cum_rate"] == pytest.approx(step["cum"], abs=1e-12)
        limits = [found["step_low"], found["step_high"]]
        assert limits == pytest.approx(step["wilson"], abs=1e-9)


def test_funnel_of_customers_is_pinned_to_prop_test():
    result = cxkit.journey(touches(funnel_paths()), view="funnel")
    assert result.schema == "cxkit.journey.funnel/1"
    assert result.rows["n"].to_list() == [1000, 420, 300, 255, 180]
    funnel_is_pinned(result.rows)


def test_funnel_of_counts_is_the_same():
    counts = ORACLE["funnel"]["counts"]
    data = pl.DataFrame({"stage": list(counts), "times": list(counts.values())})
    result = cxkit.journey(data, view="funnel", count="times")
    funnel_is_pinned(result.rows)
    grown = data.with_columns(times=pl.Series([10, 20, 5, 5, 1]))
    opened = cxkit.journey(grown, view="funnel", count="times")
    assert opened.rows["step_rate"][1] == 2
    assert opened.rows["step_low"][1] is None
    assert "signup" in codes(opened)["open-funnel"]


def test_a_closed_funnel_wants_the_stages_in_order():
    data = touches([(["a", "b", "c"], 4), (["b", "a", "c"], 3), (["a", "x", "b"], 2), (["c"], 1)])
    result = cxkit.journey(data, view="funnel", stage_order="a,b,c")
    assert result.rows["n"].to_list() == [9, 6, 4]
    assert "4 who reached c without" in codes(result)["closed-funnel"]
    assert codes(result)["stage-order"].endswith("left out of the funnel: x")


@laws
@given(st.lists(st.lists(st.sampled_from("abcd"), min_size=1, max_size=6), min_size=1, max_size=12))
def test_a_funnel_never_grows_and_counts_subsequences(paths):
    data = touches([(path, 1) for path in paths])
    order = sorted(set(data["stage"]))
    rows = cxkit.journey(data, view="funnel", stage_order=order).rows

    def goes_through(path, stages):
        rest = iter(path)
        return all(stage in rest for stage in stages)

    expected = [
        sum(goes_through(path, order[: i + 1]) for path in paths) for i in range(len(order))
    ]
    assert rows["n"].to_list() == expected
    assert expected == sorted(expected, reverse=True)


def test_flow_counts_steps_and_merges_repeats():
    data = touches([(["a", "a", "b"], 3), (["a", "b", "a"], 1), (["b"], 2)])
    rows = cxkit.journey(data, view="flow", stage_order="a,b", min_n=6).rows
    assert rows.drop("flags").rows() == [
        ("(start)", "a", 4, pytest.approx(4 / 6)),
        ("(start)", "b", 2, pytest.approx(2 / 6)),
        ("a", "b", 4, pytest.approx(4 / 5)),
        ("a", "(end)", 1, pytest.approx(1 / 5)),
        ("b", "a", 1, pytest.approx(1 / 6)),
        ("b", "(end)", 5, pytest.approx(5 / 6)),
    ]
    assert rows["flags"].list.len().to_list() == [0, 0, 1, 1, 0, 0]


def test_time_decides_within_a_day_and_then_the_file():
    data = pl.DataFrame(
        {
            "customer": ["x", "x", "y", "y"],
            "date": ["2026-01-01 12:00", "2026-01-01 09:00", "2026-01-02", "2026-01-02"],
            "stage": ["late", "early", "late", "early"],
        }
    )
    rows = cxkit.journey(data, view="flow").rows
    steps = {(source, target): n for source, target, n in rows.select("from", "to", "n").rows()}
    assert (steps["early", "late"], steps["late", "early"]) == (1, 1)


@laws
@given(st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=5), min_size=1, max_size=10),
       st.randoms(use_true_random=False))  # fmt: skip
def test_paths_do_not_hang_on_the_order_of_rows_or_on_names(paths, random):
    data = touches([(path, 1) for path in paths])
    places = list(range(data.height))
    random.shuffle(places)
    other = data[places].with_columns(pl.lit("kh ") + pl.col("customer"))
    order = sorted(set(data["stage"]))
    for view in ("flow", "funnel", "channels"):
        one, two = (cxkit.journey(some, view=view, stage_order=order) for some in (data, other))
        assert one.rows.equals(two.rows)
        assert one.ledger.used == data.height


def attributed():
    """The paths of the oracle as touchpoints; who converts reaches `done` in the last channel."""
    paths = []
    for one in ORACLE["heuristic_attribution"]["paths"]:
        steps = [("look", channel) for channel in one["path"].split(" > ")]
        paths += [([*steps, ("done", steps[-1][1])], one["conv"]), (steps, one["null"])]
    return touches(paths)


def test_channels_are_pinned_to_the_exact_chain():
    result = cxkit.journey(attributed(), view="channels", stage_order="look,done")
    exact = ORACLE["markov_exact"]
    shapley, linear = ORACLE["shapley_channel_sets"]["shares"], {
        one["channel_name"]: one["linear_touch_conversions"]
        for one in ORACLE["heuristic_attribution"]["result"]
    }  # fmt: skip
    for channel, effect in exact["removal_effect"].items():
        found = row(result, channel=channel)
        assert found["removal_effect"] == pytest.approx(effect, abs=1e-9)
        credit = exact["attributed_conversions"][channel]
        assert found["attribution_markov"] == pytest.approx(credit, abs=1e-9)
        assert found["attribution_linear"] == pytest.approx(linear[channel], abs=1e-9)
        assert found["attribution_shapley"] == pytest.approx(shapley[channel], abs=1e-9)
    assert result.summary == {"customers": 89, "converted": 25, "conversion_rate": 25 / 89}
    assert "not-causal" in codes(result)


def test_touches_behind_the_conversion_get_no_credit():
    data = touches([([("a", "web"), ("z", "shop"), ("a", "mail")], 3), ([("a", "mail")], 2)])
    rows = cxkit.journey(data, view="channels", stage_order="a,z").rows
    credit = dict(rows.select("channel", "attribution_linear").rows())
    assert credit == {"web": 1.5, "shop": 1.5, "mail": 0}


def test_channels_without_a_conversion_or_without_a_loss_are_told():
    data = touches([([("a", "web")], 3), ([("a", "mail"), ("b", "web")], 2)])
    none = cxkit.journey(data, view="channels", stage_order="b,a")
    assert "no-lost" in codes(none)
    lost = cxkit.journey(data.filter(pl.col("stage") == "a"), view="channels", where="stage = 'a'")
    assert codes(lost)["conversion"].endswith("5 of 5 customers")
    blank = data.with_columns(channel=pl.lit(None, pl.String))
    with pytest.raises(DataError, match="no touch has a channel"):
        cxkit.journey(blank, view="channels", channel="channel")
    some = data.with_columns(pl.when(pl.col("channel") != "web").then("channel").alias("channel"))
    half = cxkit.journey(some, view="channels", stage_order="a,b")
    assert half.rows["channel"].to_list() == ["mail"]


def test_rows_that_no_path_can_have_are_accounted_for():
    data = pl.DataFrame(
        {
            "customer": ["x", None, "y", "z", "x"],
            "date": ["2026-01-01", "2026-01-01", "soon", "2026-01-01", "2025-01-01"],
            "stage": ["a", "a", "a", " ", "b"],
        }
    )
    result = cxkit.journey(data, view="flow", since="2026")
    left = {"no-date": 1, "period": 1, "missing": 1, "no-customer": 1}
    assert (result.ledger.read, result.ledger.used) == (5, 1)
    assert result.ledger.left_out == left


def test_paths_need_rows_of_touchpoints():
    with pytest.raises(RequestError, match="a row for each touchpoint"):
        cxkit.journey(touches([(["a"], 1)]), view="flow", stages="stage,channel")
    data = touches([(["a"], 1)]).with_columns(n=pl.lit(2))
    with pytest.raises(RequestError, match="follows customers"):
        cxkit.journey(data, view="flow", count="n")


# --- withheld, hostile, shown -------------------------------------------------------------------


def test_few_answers_are_withheld_and_cannot_be_worked_out():
    data = scores(a=(20, 10, 30), b=(1, 1, 1), c=(10, 2, 3), d=(30, 1, 1))
    rows = cxkit.journey(data, suppress=5, min_n=10).rows
    hidden = rows.filter(pl.col("flags").list.contains("suppressed"))
    assert hidden["stage"].to_list() == ["b", "c"]
    kept = ("stage", "order", "flags")
    assert all(hidden[name].null_count() == 2 for name in rows.columns if name not in kept)
    # what is shown of the others tells no more of the two than their sum
    assert rows["detractor_cum_share"].drop_nulls().max() == pytest.approx(50 / 61)
    for view in ({}, {"view": "units", "unit": "stage"}):
        found = cxkit.journey(data, suppress=5, **view)
        for fmt in ("table", "csv", "json"):
            assert "[1, 1, 1]" not in str(render(found, fmt))


def test_paths_are_not_shown_where_few_are_to_be_withheld():
    with pytest.raises(RequestError, match="takes no --suppress"):
        cxkit.journey(touches([(["a", "b"], 9)]), view="flow", suppress=5)


@laws
@given(surveys, st.integers(2, 12))
def test_no_sum_of_stages_or_channels_tells_what_is_withheld(rows, least):
    result = cxkit.journey(survey(rows), channel="channel", suppress=least)
    shown = result.rows.drop_nulls("n")
    hidden = [
        (stage, channel)
        for stage, channel, n in result.rows.select("stage", "channel", "n").rows()
        if n is None
    ]
    true = {key: sum((stage, channel) == key for stage, channel, _ in rows) for key in hidden}
    assert all(n >= least for n in shown["n"])
    for channel in {channel for _, channel in hidden}:
        own = [n for key, n in true.items() if key[1] == channel]
        whole = len(own) == result.rows.filter(channel=channel).height
        assert whole or (len(own) > 1 and sum(own) >= least)


def test_withheld_units_show_nothing():
    data = scores(a=(20, 10, 30), b=(1, 1, 1), c=(10, 2, 3)).rename({"stage": "branch"})
    rows = cxkit.journey(data, view="units", unit="branch", suppress=5).rows
    assert rows.filter(pl.col("n").is_null())["unit"].sort().to_list() == ["b", "c"]
    assert rows["shrunken"].null_count() == 2


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("view", ["stages", "flow", "funnel", "channels", "units"])
def test_every_view_renders_in_every_format(view, fmt):
    data = touches([(["a", "b"], 20), (["a"], 12)]).with_columns(score=pl.lit(9))
    result = cxkit.journey(data, view=view, channel="channel", unit="channel")
    assert render(result, fmt)


@pytest.mark.parametrize("lang", ["en", "vi"])
@pytest.mark.parametrize("n", [1, 3, 60])
def test_charts_draw_one_stage_and_many(n, lang):
    rows = [
        (f"Giai đoạn [bold]{i}[/] giao hàng", name, 7 + (i + k) % 4)
        for i in range(n)
        for name in ("trực tuyến", "cửa hàng")
        for k in range(40)
    ]
    for channel in (None, "channel"):
        result = cxkit.journey(survey(rows), channel=channel)
        drawn = result.chart.rows["stage"].n_unique()
        assert drawn == min(n, 30)
        cut = [values["count"] for key, values in result.chart.footnotes if key == "journey-cut"]
        assert cut == ([n - 30] if n > 30 else [])
        assert draw(result.chart, "png", lang=lang)[0][:4] == b"\x89PNG"
    assert "[bold]" in render(result, "table")


def test_one_stage_has_nothing_to_be_compared_with():
    result = cxkit.journey(scores(a=(10, 10, 30)))
    assert row(result, stage="a")["diff"] is None
    assert row(result, stage="a")["vital_few"] is True


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ({"stages": "buy,buy"}, "twice"),
        ({"stages": "buy,help", "score": "buy"}, "--score"),
        ({}, "no column is known to be the stage"),
        ({"stages": "buy,delivery"}, "no column"),
    ],
)
def test_wrong_requests_are_told(words, what):
    data = pl.DataFrame({"buy": [10, 9], "help": [1, 2], "score": [9, 9]})
    with pytest.raises(RequestError, match=what):
        cxkit.journey(data, **words)


def test_an_empty_file_is_an_error():
    with pytest.raises(DataError):
        cxkit.journey(pl.DataFrame(schema={"stage": pl.String, "score": pl.Int64}))
    with pytest.raises(DataError, match="no rows"):
        cxkit.journey(touches([(["a"], 1)]).clear(), view="flow")


def test_the_order_may_stand_in_the_configuration(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    scores(buy=(1, 2, 7), browse=(6, 2, 2)).write_csv("touch.csv")
    Path("cxkit.toml").write_text('[defaults]\nstage_order = ["browse", "buy"]\n')
    assert cli.run(["journey", "touch.csv", "--csv"]) == 0
    rows = pl.read_csv(capsys.readouterr().out.encode())
    assert rows["stage"].to_list() == ["browse", "buy"]
    assert cli.run(["journey", "touch.csv", "--stage-order", "brwose"]) == 2
    assert capsys.readouterr().out == ""


# --- data ---------------------------------------------------------------------------------------


def test_sessions_of_a_conference_are_touchpoints():
    result = cxkit.journey(CONFERENCE, stage="session", score="nps")
    assert result.summary["n"] == 124
    assert result.summary["nps"] == pytest.approx(100 * (84 - 7) / 124, abs=1e-9)
    assert result.rows["n"].sum() == 124
    assert result.rows["detractors"].sum() == 7
    first = pl.read_csv(CONFERENCE)["session"].unique(maintain_order=True).to_list()
    assert result.rows["stage"].to_list() == [name.strip() for name in first if name.strip()]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    for what in ("touchpoints", "survey"):
        cxkit.sample(what, rows=20_000).rows.write_parquet(folder / f"{what}.parquet")
    return folder


def test_made_up_touchpoints_give_their_truth_back(made):
    file = made / "touchpoints.parquet"
    result = cxkit.journey(file, stage_order="browse,buy,delivery,support,returns")
    low = dict(result.rows.select("stage", "nps").rows())
    assert low["returns"] < low["support"] < low["delivery"] < low["browse"] < low["buy"]
    usage = dict(result.rows.select("stage", "usage_rate").rows())
    assert usage["browse"] == 1  # all browse
    flow = cxkit.journey(file, view="flow", stage_order="browse,buy,delivery,support,returns").rows
    assert flow.filter(pl.col("from") == "(start)")["to"].to_list() == ["browse"]
    on = flow.filter((pl.col("from") == "browse") & (pl.col("to") == "buy"))["rate"].item()
    assert 0.85 < on < 0.98  # 0.9 of them buy; the next visit may come between


def test_delivery_is_what_is_wrong_in_the_weak_region(made):
    result = cxkit.journey(
        made / "survey.parquet", stages="browse,buy,delivery,support,returns", score="score",
        metric="csat", channel="region",
    )  # fmt: skip
    worst = result.rows.filter(pl.col("csat") == pl.col("csat").min().over("channel"))
    assert dict(worst.select("channel", "stage").rows())["Cần Thơ"] == "delivery"
    assert row(result, channel="Cần Thơ", stage="delivery")["low_share"] > 0.5
    whole = cxkit.journey(
        made / "survey.parquet", stages="browse,buy,delivery,support,returns", score="score",
        metric="csat",
    ).rows  # fmt: skip
    assert whole.sort("impact", descending=True)["stage"][0] == "delivery"
    shares = dict(whole.select("stage", "usage_rate").rows())
    assert shares["buy"] == pytest.approx(0.9, abs=0.01)
    assert shares["delivery"] == pytest.approx(0.81, abs=0.01)
    assert shares["returns"] == pytest.approx(0.12, abs=0.01)
