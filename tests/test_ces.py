"""Customer Effort Score as a user asks for it."""

import json
from pathlib import Path

import polars as pl
import pytest
from scipy import stats

import cxkit
from cxkit.ces import COLUMNS
from cxkit.errors import DataError, RequestError
from cxkit.output import render

ORACLE = json.loads((Path(__file__).parent / "oracles" / "csat_ces_gap.json").read_text())["ces"]


def ask(answers, **words):
    return cxkit.ces(pl.DataFrame({"ces": answers}), **words)


def grouped(groups):
    rows = [(name, answer) for name, answers in groups.items() for answer in answers]
    return pl.DataFrame(rows, schema=["group", "ces"], orient="row")


def test_mean_shares_and_t_interval_pinned_to_r_t_test():
    result = ask(ORACLE["input"])
    summary = result.summary
    assert result.rows.columns == ["table", *COLUMNS]
    assert summary["ces"] == pytest.approx(ORACLE["mean"], abs=1e-9)
    assert [summary["ci_low"], summary["ci_high"]] == pytest.approx(ORACLE["ci_t"], abs=1e-9)
    assert summary["easy_rate"] == pytest.approx(ORACLE["share_easy_5to7"], abs=1e-12)
    assert summary["hard_rate"] == pytest.approx(ORACLE["share_hard_1to3"], abs=1e-12)
    assert summary["net_easy"] == pytest.approx(100 * ORACLE["net_easy"], abs=1e-9)
    assert (result.schema, result.main) == ("cxkit.ces/1", "ces")


def test_groups_differ_by_welch_as_scipy_has_it():
    one, other = [7, 6, 5, 7, 4, 6] * 6, [3, 2, 5, 1, 4, 6] * 7
    rows = cxkit.ces(grouped({"a": one, "b": other}), by="group").rows
    a = rows.row(by_predicate=pl.col("group") == "a", named=True)
    expected = stats.ttest_ind(one, other, equal_var=False)
    limits = expected.confidence_interval(0.95)
    assert a["p_value"] == pytest.approx(expected.pvalue, abs=1e-12)
    assert (a["diff_low"], a["diff_high"]) == pytest.approx((limits.low, limits.high), abs=1e-9)


def test_the_rest_is_all_other_groups_together():
    groups = {"a": [7, 6, 7] * 12, "b": [2, 3, 4] * 11, "c": [5, 4, 6, 1] * 10}
    rows = cxkit.ces(grouped(groups), by="group").rows
    for name, own in groups.items():
        rest = [answer for other, answers in groups.items() if other != name for answer in answers]
        row = rows.row(by_predicate=pl.col("group") == name, named=True)
        expected = stats.ttest_ind(own, rest, equal_var=False)
        assert row["p_value"] == pytest.approx(expected.pvalue, abs=1e-12)


def test_effort_turns_the_boxes_and_leaves_the_mean():
    answers = [1, 2, 2, 5, 3]
    ease = ask(answers, scale="1-5", direction="ease").summary
    effort = ask(answers, scale="1-5", direction="effort").summary
    assert effort["ces"] == ease["ces"] == 2.6
    assert (effort["easy_rate"], effort["hard_rate"]) == (ease["hard_rate"], ease["easy_rate"])
    assert effort["net_easy"] == -ease["net_easy"] == pytest.approx(40)
    assert "higher is harder" in render(ask(answers, scale="1-5", direction="effort"), "table")


@pytest.mark.parametrize(
    ("words", "slug", "told"),
    [
        ({"scale": "1-5"}, "missing-option", "--direction"),
        ({"scale": "0-10"}, "missing-option", "--direction"),
        ({"scale": "0-10", "direction": "ease"}, "missing-option", "--box"),
        ({"box": 4}, "bad-value", "overlap on 1–7: at most 3"),
        ({"scale": "1-5", "direction": "ease", "box": 3}, "bad-value", "at most 2"),
        ({"scale": "good-bad"}, "bad-value", "LOW-HIGH"),
        ({"direction": "easy"}, "bad-value", "ease or effort"),
    ],
)
def test_what_cannot_be_known_must_be_said(words, slug, told):
    with pytest.raises(RequestError) as caught:
        ask([5, 6], **words)
    assert (caught.value.slug, caught.value.exit_code) == (slug, 2)
    assert told in str(caught.value)


def test_effort_on_seven_is_said_too():
    assert ask([7, 6, 1], direction="effort").summary["hard_rate"] == pytest.approx(2 / 3)


def test_answers_on_one_to_five_are_not_read_as_one_to_seven():
    with pytest.raises(DataError) as caught:
        ask([1, 2, 3, 4, 5] * 30)
    assert caught.value.slug == "bad-scale"
    assert caught.value.hints[0] == ("try", "--scale 1-5")


@pytest.mark.parametrize("answers", [[5], [6, 6, 6]])
def test_without_spread_there_is_a_mean_and_no_interval(answers):
    summary = ask(answers).summary
    assert summary["ces"] == answers[0]
    assert (summary["ci_low"], summary["ci_high"]) == (None, None)
    for format in ("table", "csv", "json", "ndjson", "md", "xlsx", "parquet"):
        assert render(ask(answers), format)


def test_weighted_mean_on_kish_effective_answers():
    answers, weights = [7, 6, 3, 5, 2], [1.0, 2, 0.5, 1, 3]
    summary = cxkit.ces(pl.DataFrame({"ces": answers, "w": weights}), weight="w").summary
    total = sum(weights)
    mean = sum(w * y for w, y in zip(weights, answers, strict=True)) / total
    n = total**2 / sum(w * w for w in weights)
    spread = sum(w * (y - mean) ** 2 for w, y in zip(weights, answers, strict=True)) / total
    half = stats.t.ppf(0.975, n - 1) * (spread / (n - 1)) ** 0.5
    assert summary["ces"] == pytest.approx(mean, abs=1e-12)
    assert summary["ci_high"] - mean == pytest.approx(half, abs=1e-9)


def test_findings_speak_of_size_in_units_of_the_scale():
    frame = grouped({"a": [7, 6, 7] * 20, "b": [2, 3, 1] * 20, "c": [5, 6, 4] * 20})
    result = cxkit.ces(frame, by="group")
    key, values = result.chart.finding
    assert (key, values["name"]) == ("trails-ces", "b")
    assert values["size"] == pytest.approx((20 + 15) / 6 - 2, abs=1e-9)
    assert result.chart.mark == "bars"
    assert result.chart.rows["group"].to_list() == ["a", "c", "b"]


def test_the_whole_is_one_bar():
    from cxkit.output.chart import describe

    _, told = describe(ask([7, 6, 5]).chart)
    assert told.count("6.00") == 1
    assert "(blank)" not in told


@pytest.mark.parametrize("name", ["ces", "Effort score", "How easy was it to solve your issue?"])
def test_the_column_is_found(name):
    frame = pl.DataFrame({"nps": [9, 10], "csat": [5, 4], name: [6, 7]})
    assert cxkit.ces(frame).columns["score"] == name
