"""Customer satisfaction as a user asks for it."""

import json
from pathlib import Path

import polars as pl
import pytest

import cxkit
from cxkit.csat import COLUMNS
from cxkit.errors import DataError, RequestError
from cxkit.output import render

HERE = Path(__file__).parent
ORACLE = json.loads((HERE / "oracles" / "csat_ces_gap.json").read_text())["csat"]
FILES = HERE / "layouts" / "files"


def counted(groups):
    """Counted answers from numbers of 1, 2, …, by group."""
    rows = [
        (name, answer, n) for name, counts in groups.items() for answer, n in enumerate(counts, 1)
    ]
    return pl.DataFrame(rows, schema=["group", "score", "times"], orient="row")


def ask(groups, **words):
    return cxkit.csat(counted(groups), score="score", count="times", **words)


def shares(k, n):
    """So many satisfied of so many answers."""
    return [n - k, 0, 0, 0, k]


def test_the_whole_has_one_row_and_every_column():
    result = cxkit.csat(pl.DataFrame({"csat": [5, 4, 3, 1]}))
    assert result.rows.columns == ["table", *COLUMNS]
    assert list(result.summary) == list(COLUMNS[: COLUMNS.index("compared_with")])
    assert result.rows.height == 1
    assert (result.schema, result.main) == ("cxkit.csat/1", "csat")


def test_share_mean_and_net_pinned_to_the_golden_counts():
    summary = ask({"all": ORACLE["input_counts_1to5"]}).summary
    assert summary["csat"] == pytest.approx(ORACLE["top2_share"], abs=1e-12)
    assert summary["bottom_rate"] == pytest.approx(ORACLE["bottom2_share"], abs=1e-12)
    assert summary["net"] == pytest.approx(100 * ORACLE["net_csat"], abs=1e-9)
    assert summary["mean"] == pytest.approx(ORACLE["mean"], abs=1e-12)


@pytest.mark.parametrize("case", ORACLE["intervals"], ids=lambda c: f"{c['k']} of {c['n']}")
def test_interval_is_that_of_r_prop_test_without_correction(case):
    summary = ask({"all": shares(case["k"], case["n"])}).summary
    assert summary["csat"] == pytest.approx(case["share"], abs=1e-12)
    limits = [summary["ci_low"], summary["ci_high"]]
    assert limits == pytest.approx(case["wilson"], abs=1e-9)


def test_two_groups_are_one_chi_square_test_pinned_to_r_prop_test():
    case = ORACLE["two_sample_prop_test"]
    pairs = zip(case["x"], case["n"], strict=True)
    result = ask({name: shares(k, n) for name, (k, n) in zip("ab", pairs, strict=True)}, by="group")
    a, b = (result.rows.row(by_predicate=pl.col("group") == g, named=True) for g in "ab")
    assert a["p_value"] == a["p_adjusted"] == b["p_adjusted"]
    assert a["p_value"] == pytest.approx(case["p"], abs=1e-12)
    assert a["diff"] == pytest.approx(0.75 - 60 / 110, abs=1e-12)
    # Newcombe's method 10 from the two Wilson intervals of scipy 1.15
    from scipy.stats import binomtest

    one, other = (binomtest(k, n).proportion_ci(method="wilson") for k, n in ((75, 100), (60, 110)))
    p, q = 0.75, 60 / 110
    low = (p - q) - ((p - one.low) ** 2 + (other.high - q) ** 2) ** 0.5
    high = (p - q) + ((one.high - p) ** 2 + (q - other.low) ** 2) ** 0.5
    assert (a["diff_low"], a["diff_high"]) == pytest.approx((low, high), abs=1e-9)
    assert (b["diff_low"], b["diff_high"]) == pytest.approx((-high, -low), abs=1e-9)


def test_weighted_is_wilson_on_kish_effective_answers():
    frame = pl.DataFrame({"csat": [5, 4, 3, 2, 5, 1], "w": [1.0, 2, 0.5, 1, 3, 0.25]})
    result = cxkit.csat(frame, weight="w")
    w = frame["w"]
    n = w.sum() ** 2 / (w**2).sum()
    share = (1 + 2 + 3) / w.sum()
    from cxkit.stats.intervals import wilson

    limits = wilson(share * n, n, 0.95)
    summary = result.summary
    assert summary["csat"] == pytest.approx(share, abs=1e-12)
    assert (summary["ci_low"], summary["ci_high"]) == pytest.approx(limits, abs=1e-12)
    assert summary["mean"] == pytest.approx((5 + 8 + 1.5 + 2 + 15 + 0.25) / w.sum(), abs=1e-12)
    assert summary["n"] == 6
    note = next(note for note in result.notes if note.code == "weighted")
    assert "6 answers are worth 4 equal" in note.message


def test_periods_are_compared_with_the_one_before():
    frame = pl.DataFrame(
        {
            "csat": [5] * 30 + [1] * 10 + [5] * 10 + [1] * 30,
            "date": ["2026-01-31"] * 40 + ["2026-02-28"] * 40,
        }
    )
    rows = cxkit.csat(frame, period="month").rows
    assert rows["diff"].to_list() == [None, -0.5]
    assert rows["compared_with"].to_list() == [None, "2026-01"]
    assert rows["p_value"][1] < 0.001


@pytest.mark.parametrize(
    ("scale", "box", "answers", "top", "bottom"),
    [
        ("1-5", 1, [5, 4, 1, 2], 1, 1),
        ("0-10", 2, [9, 10, 0, 5], 2, 1),
        ("1-7", 3, [5, 4, 3, 7], 2, 1),
        ("1-10", 2, [9, 10, 1, 2], 2, 2),
        ("1–4", 2, [1, 2, 3, 4], 2, 2),
    ],
)
def test_boxes_stand_at_both_ends(scale, box, answers, top, bottom):
    summary = cxkit.csat(pl.DataFrame({"csat": answers}), scale=scale, box=box).summary
    assert (summary["csat"], summary["bottom_rate"]) == (top / 4, bottom / 4)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"box": 3}, "overlap on 1–5: at most 2"),
        ({"box": 0}, "must be 1 or more"),
        ({"scale": "1-3"}, "overlap on 1–3: at most 1"),
        ({"scale": "5-1"}, "--scale must be LOW-HIGH"),
        ({"scale": "five"}, "--scale must be LOW-HIGH"),
        ({"scale": "1-1000"}, "--scale must be LOW-HIGH"),
    ],
)
def test_impossible_scales_and_boxes_are_errors_of_the_request(words, told):
    with pytest.raises(RequestError) as caught:
        cxkit.csat(pl.DataFrame({"csat": [5]}), **words)
    assert (caught.value.slug, caught.value.exit_code) == ("bad-value", 2)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("answers", "scale", "hint"),
    [
        (range(11), "1-5", "--scale 0-10"),
        (range(1, 8), "1-5", "--scale 1-7"),
        (range(1, 6), "1-7", "--scale 1-5"),
        (range(1, 6), "0-10", "--scale 1-5"),
        ([*range(1, 6), 6], "1-5", "--null 6"),
    ],
)
def test_answers_on_another_scale_stop_and_name_it(answers, scale, hint):
    frame = pl.DataFrame({"csat": [*answers] * 30})
    with pytest.raises(DataError) as caught:
        cxkit.csat(frame, scale=scale)
    assert caught.value.slug == "bad-scale"
    assert hint in [text for _, text in caught.value.hints]


def test_a_few_answers_off_the_scale_are_left_out_and_named():
    result = cxkit.csat(pl.DataFrame({"csat": ["5"] * 150 + ["9", "maybe", "7.5", ""]}))
    assert result.ledger.left_out == {"missing": 1, "invalid": 3}
    told = " ".join(note.message for note in result.notes)
    assert "outside 1–5" in told
    assert "not a number 1–5" in told


def test_labels_stand_beside_the_number():
    frame = pl.DataFrame({"csat": ["5 - Very satisfied", "1 (Very dissatisfied)", "N/A"]})
    summary = cxkit.csat(frame).summary
    assert (summary["n"], summary["csat"], summary["missing"]) == (2, 0.5, 1)


# --- Good and Bad --------------------------------------------------------------------------------


def test_zendesk_is_an_answer_of_two_and_offers_are_none():
    result = cxkit.csat(FILES / "zendesk_tickets.csv")
    cells = pl.read_csv(FILES / "zendesk_tickets.csv")["Satisfaction Score"].drop_nulls()
    good, bad = (int(cells.str.starts_with(word).sum()) for word in ("Good", "Bad"))
    summary = result.summary
    assert (summary["n"], summary["csat"]) == (good + bad, good / (good + bad))
    assert summary["mean"] is None
    assert summary["invalid"] == 0
    assert result.columns["score"] == "Satisfaction Score"
    assert result.params["scale"] == "good-bad"
    assert "mean" not in render(result, "table")


def test_good_and_bad_are_read_wherever_they_stand():
    frame = pl.DataFrame({"csat": ["Good", "bad", " GOOD ", "Offered", "3", None]})
    summary = cxkit.csat(frame, scale="good-bad").summary
    assert (summary["n"], summary["missing"], summary["invalid"]) == (3, 2, 1)
    notes = cxkit.csat(frame, scale="good-bad").notes
    assert any("not Good or Bad" in note.message for note in notes)


# --- the column ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["csat", "CSAT_score", "Overall satisfaction", "Mức độ hài lòng", "Satisfaction-Rating"]
)
def test_known_names_are_found(name):
    frame = pl.DataFrame({"nps": [9, 10], name: [5, 4]})
    assert cxkit.csat(frame).columns["score"] == name


def test_a_question_that_speaks_of_satisfaction_is_found_and_one_of_recommending_is_not():
    frame = pl.DataFrame(
        {"How satisfied are you with us?": [5, 4], "Satisfied enough to recommend us?": [9, 10]}
    )
    assert cxkit.csat(frame).columns["score"] == "How satisfied are you with us?"


def test_the_recommend_question_of_a_layout_is_never_taken():
    with pytest.raises(RequestError) as caught:
        cxkit.csat(FILES / "customergauge_responses.csv")
    assert caught.value.slug == "no-score"
    assert "satisfaction" in str(caught.value)


@pytest.mark.parametrize("file", ["delighted_mixed", "hubspot_internal", "asknicely_mixed"])
def test_files_of_mixed_questions_give_those_of_satisfaction(file):
    result = cxkit.csat(FILES / f"{file}.csv")
    assert any(note.code == "question-type" for note in result.notes)
    assert result.ledger.left_out["where"] > 0


def test_two_columns_are_to_be_chosen_from():
    with pytest.raises(RequestError) as caught:
        cxkit.csat(pl.DataFrame({"csat": [5], "satisfaction": [4]}))
    assert caught.value.slug == "ambiguous-score"


@pytest.mark.parametrize("name", ["csat", "mean", "top_rate", "middle_rate", "group", "x1", "w2"])
def test_any_name_of_a_group_is_told_apart_from_figures(name):
    frame = pl.DataFrame({"q": [5, 4, 1, 2] * 10, name: ["a", "b"] * 20})
    result = cxkit.csat(frame, score="q", by=name)
    keys = [column for column in result.rows.columns if column in (name, f"by_{name}")]
    assert result.rows[keys[0]].to_list() == ["a", "b"]
    assert render(result, "table")


@pytest.mark.parametrize("weight", [1e-200, 1e-9, 1e150])
def test_weights_of_any_size_are_relative(weight):
    frame = pl.DataFrame({"csat": [5, 4, 1, 2, 5]})
    same = cxkit.csat(frame.with_columns(w=pl.lit(weight)), weight="w").summary
    assert same == pytest.approx(cxkit.csat(frame).summary, abs=1e-12)


# --- what people are shown -----------------------------------------------------------------------


def test_a_finding_claims_only_what_was_tested():
    clear = ask({"a": shares(90, 100), "b": shares(40, 100), "c": shares(85, 100)}, by="group")
    key, values = clear.chart.finding
    assert (key, values["name"]) == ("trails-csat", "b")
    assert values["points"] == pytest.approx(47.5)
    alike = ask({"a": shares(50, 100), "b": shares(51, 100), "c": shares(49, 100)}, by="group")
    assert alike.chart.finding[0] == "alike-csat"
    few = ask({"a": shares(9, 10), "b": shares(1, 10)}, by="group")
    assert few.chart.finding[0] == "whole-csat"


@pytest.mark.parametrize("lang", ["en", "vi"])
def test_pictures_are_drawn_in_both_languages(lang):
    from cxkit.output.chart import describe, draw

    result = ask({"a": shares(90, 100), "b": shares(40, 100), "c": [0] * 5}, by="group")
    picture, _ = draw(result.chart, "svg", lang=lang)
    assert b"<svg" in picture
    title, told = describe(result.chart, lang=lang)
    assert "a" in title
    assert "90%" in told


def test_a_withheld_row_shows_nothing_in_the_chart_either():
    result = ask({"a": shares(90, 100), "b": shares(2, 3), "c": shares(3, 4)}, by="group",
                 suppress=5)  # fmt: skip
    hidden = [row for row in result.chart.rows.iter_rows(named=True) if row["group"] in "bc"]
    assert len(hidden) == 2
    for row in hidden:
        assert row["flags"] == ["suppressed"]
        figures = {name: row[name] for name in row if name not in ("group", "flags", "table")}
        assert set(figures.values()) == {None}


def test_the_table_says_which_answers_are_satisfied():
    text = render(ask({"a": shares(9, 10), "b": shares(4, 10)}, by="group"), "table")
    assert "satisfied: 4–5, bottom: 1–2 of 1–5" in text
    assert "pp" in text


def test_a_real_weighted_survey_agrees_with_sums_by_hand(sfo):
    result = cxkit.csat(sfo, score="Q7ALL", by="BAREA", weight="WEIGHT")
    rows = pl.read_csv(sfo, infer_schema=False).select(
        "BAREA", q=pl.col("Q7ALL").cast(pl.Int64, strict=False), w=pl.col("WEIGHT").cast(pl.Float64)
    )
    answered = rows.filter(pl.col("q").is_between(1, 5))
    w, q = pl.col("w"), pl.col("q")
    by_hand = answered.group_by("BAREA").agg(
        n=pl.len(), csat=(w * (q >= 4)).sum() / w.sum(), mean=(w * q).sum() / w.sum()
    )
    both = result.rows.join(by_hand, on="BAREA", suffix="_hand")
    assert both.height == result.rows.height == by_hand.height > 5
    for name in ("n", "csat", "mean"):
        assert both[name].to_list() == pytest.approx(both[f"{name}_hand"].to_list(), abs=1e-12)
    whole = answered.select((w * (q >= 4)).sum() / w.sum()).item()
    assert result.summary["csat"] == pytest.approx(whole, abs=1e-12)
