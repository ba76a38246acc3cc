"""Before and after: published figures, identities, real files, and what is told and refused."""

import json
import math
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

import cxkit
from cxkit.compare import COLUMNS
from cxkit.errors import CxError, DataError, RequestError
from cxkit.output import render
from cxkit.output.chart import describe, draw

LAWS = settings(max_examples=40, deadline=None)
FORMATS = ("table", "csv", "json", "ndjson", "md", "xlsx", "parquet")
ANSWER = {"detractors": 3, "passives": 8, "promoters": 10}
DAYS = st.sampled_from(["2026-01-31", "2026-03-31", "2026-04-01", "2026-06-30"])
GROUPS = st.sampled_from(["Hà Nội", "Đà Nẵng", "Cần Thơ", "Huế", None])
ROWS = st.lists(st.tuples(st.integers(0, 10), GROUPS, DAYS), min_size=2, max_size=60).map(
    lambda rows: [(9, "Hà Nội", "2026-03-31"), (5, "Huế", "2026-06-30"), *rows]
)
SCHEMA = {"score": pl.Int64, "region": pl.String, "date": pl.String}


def oracle(name):
    return json.loads((Path(__file__).parent / "oracles" / f"{name}.json").read_text())


def frame(rows):
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def counted(before, after):
    """Answers of two quarters from counts of detractors, passives and promoters by group."""
    rows = []
    for day, groups in (("2026-03-31", before), ("2026-06-30", after)):
        for name, counts in groups.items():
            for answer, n in zip(ANSWER.values(), counts, strict=True):
                rows += [(answer, name, day)] * n
    return frame(rows)


@pytest.fixture(scope="module")
def kitagawa():
    golden = oracle("nps_decomposition")
    given = golden["input"]
    before, after = (
        dict(zip(given["segments"], given[period], strict=True))
        for period in ("period0", "period1")
    )
    return golden, counted(before, after)


def test_golden_decomposition_of_kitagawa_and_oaxaca(kitagawa):
    golden, answers = kitagawa
    found = cxkit.compare(answers, explain="region")
    summary = {name: found.summary[name] / 100 for name in ("before", "after", "change")}
    assert summary == pytest.approx(
        {"before": golden["nps0"], "after": golden["nps1"], "change": golden["delta"]}, abs=1e-9
    )
    told = golden["kitagawa"]
    assert found.summary["mix_effect"] / 100 == pytest.approx(told["mix_total"], abs=1e-9)
    assert found.summary["rate_effect"] / 100 == pytest.approx(told["rate_total"], abs=1e-9)
    rows = {row["group"]: row for row in found.rows.to_dicts()}
    for i, name in enumerate(golden["input"]["segments"]):
        mix, rate = told["mix_by_segment_centred"][i], told["rate_by_segment"][i]
        assert rows[name]["mix_effect"] / 100 == pytest.approx(mix, abs=1e-9)
        assert rows[name]["rate_effect"] / 100 == pytest.approx(rate, abs=1e-9)
    assert found.rows["n_after"].sum() == 400


@pytest.mark.parametrize("pin", oracle("nps_compare")["two_sample"], ids=lambda pin: str(pin["x"]))
def test_golden_two_samples(pin):
    """The R package NPS: the test and limits of the adjusted Wald difference."""
    golden = pin["adjwald_full"]
    answers = counted({"all": pin["y"]}, {"all": pin["x"]})
    found = cxkit.compare(answers, min_n=1).summary
    raw = [(c[2] - c[0]) / sum(c) for c in (pin["y"], pin["x"])]
    sign = 1 if raw[1] > raw[0] else -1
    limits = sorted(sign * end for end in golden["ci"])
    assert found["change"] / 100 == pytest.approx(raw[1] - raw[0], abs=1e-9)
    assert found["p_value"] == pytest.approx(golden["p"], abs=1e-9)
    assert found["ci_low"] / 100 == pytest.approx(min(limits[0], raw[1] - raw[0]), abs=1e-9)
    assert found["ci_high"] / 100 == pytest.approx(max(limits[1], raw[1] - raw[0]), abs=1e-9)


def test_customers_of_both_periods_make_the_change_surer():
    """The overlapping panel of R's survey package: the covariance of the two scores counts."""
    golden = oracle("nps_panel")["overlapping_panel"]
    panel = pl.DataFrame(golden["input"]).with_columns(
        score=pl.col("score").replace_strict({-1: 3, 0: 8, 1: 10}),
        date=pl.col("period").replace_strict({0: "2026-03-31", 1: "2026-06-30"}),
    )
    alone = cxkit.compare(panel, score="score").summary
    shared = cxkit.compare(panel, score="score", cluster="customer").summary
    assert shared["change"] / 100 == pytest.approx(golden["diff"], abs=1e-9)
    before, after = (part["score"].to_list() for part in panel.partition_by("date"))
    independent = math.sqrt(sum(variance(part) / (len(part) - 1) for part in (before, after)))
    ratio = (shared["ci_high"] - shared["ci_low"]) / (alone["ci_high"] - alone["ci_low"])
    assert ratio == pytest.approx(golden["se_cluster"] / independent, rel=0.03)
    assert shared["p_value"] < alone["p_value"]
    files = [part.drop("date") for part in panel.partition_by("date")]
    by_file = cxkit.compare(files, score="score", cluster="customer").summary
    assert by_file == pytest.approx(shared)


def variance(scores):
    worth = [-1 if x <= 6 else x >= 9 for x in scores]
    mean = sum(worth) / len(worth)
    return sum((x - mean) ** 2 for x in worth) / len(worth)


# --- laws ----------------------------------------------------------------------------------------


@LAWS
@given(ROWS)
def test_effects_add_up_to_the_change(rows):
    found = cxkit.compare(frame(rows), explain="region", of="2026-Q2")
    change = found.summary["after"] - found.summary["before"]
    assert found.summary["change"] == pytest.approx(change, abs=1e-9)
    assert found.rows["effect"].sum() == pytest.approx(change, abs=1e-9)
    both = found.summary["rate_effect"] + found.summary["mix_effect"]
    assert both == pytest.approx(change, abs=1e-9)
    assert found.rows["share_before"].sum() == pytest.approx(1)
    assert found.rows["share_after"].sum() == pytest.approx(1)
    assert found.rows["n_before"].sum() + found.rows["n_after"].sum() == found.ledger.used
    steps = found.chart.rows
    climbed = steps.filter(pl.col("kind").is_null())["nps"].sum()
    ends = [steps.filter(pl.col("kind") == kind)["nps"].item() for kind in ("start", "end")]
    assert ends[1] - ends[0] == pytest.approx(climbed, abs=1e-9)


@LAWS
@given(ROWS)
def test_before_and_after_changed_over_turn_every_sign(rows):
    there = cxkit.compare(frame(rows), explain="region", of="2026-Q2", to="2026-Q1", min_n=1)
    back = cxkit.compare(frame(rows), explain="region", of="2026-Q1", to="2026-Q2", min_n=1)
    for name in ("change", "rate_effect", "mix_effect"):
        assert there.summary[name] == pytest.approx(-back.summary[name], abs=1e-9)
    assert there.summary["ci_low"] == pytest.approx(-back.summary["ci_high"], abs=1e-9)
    assert there.summary["p_value"] == pytest.approx(back.summary["p_value"])
    one, other = (found.rows.sort("group") for found in (there, back))
    assert one["effect"].to_list() == pytest.approx([-x for x in other["effect"]], abs=1e-9)
    assert one["n_before"].to_list() == other["n_after"].to_list()


@LAWS
@given(ROWS, st.randoms())
def test_neither_order_nor_counting_nor_the_way_of_giving_them_matter(rows, random):
    whole = cxkit.compare(frame(rows), explain="region", of="2026-Q2")
    mixed = frame(random.sample(rows, len(rows)))
    tallied = mixed.group_by(mixed.columns).agg(pl.len().alias("many"))
    late = mixed["date"] > "2026-03-31"
    files = [mixed.filter(~late).drop("date"), mixed.filter(late).drop("date")]
    words = {"explain": "region"}
    for other in (
        cxkit.compare(mixed, of="2026-Q2", **words),
        cxkit.compare(tallied, of="2026-Q2", count="many", **words),
        cxkit.compare(files, **words),
        cxkit.compare(mixed.with_columns(w=pl.lit(0.5)), of="2026-Q2", weight="w", **words),
    ):
        assert_frame_equal(other.rows, whole.rows)
        assert other.summary == pytest.approx(whole.summary)
        assert other.ledger == whole.ledger


@LAWS
@given(ROWS)
def test_before_and_after_are_the_scores_of_nps(rows):
    found = cxkit.compare(frame(rows), of="2026-Q2").summary
    periods = cxkit.nps(frame(rows), period="quarter", min_n=1, partial=True).rows
    assert [found["before"], found["after"]] == pytest.approx(periods["nps"].to_list())
    last = periods.row(1, named=True)
    assert (found["change"], found["ci_low"], found["ci_high"]) == pytest.approx(
        (last["diff"], last["diff_low"], last["diff_high"])
    )


# --- which periods -------------------------------------------------------------------------------


def years():
    """An answer on the first day of each month from 2024-01 to 2026-08."""
    days = pl.date_range(date(2024, 1, 1), date(2026, 8, 1), "1mo", eager=True)
    return pl.DataFrame({"score": [9, 3, 10, 7] * 8, "date": days})


@pytest.mark.parametrize(
    ("words", "before", "after"),
    [
        ({}, "2026-Q1", "2026-Q2"),
        ({"partial": True}, "2026-Q2", "2026-Q3"),
        ({"to": "year-ago"}, "2025-Q2", "2026-Q2"),
        ({"to": "2024-Q1"}, "2024-Q1", "2026-Q2"),
        ({"period": "month"}, "2026-06", "2026-07"),
        ({"period": "year"}, "2024", "2025"),
        ({"period": "month", "to": "year-ago"}, "2025-07", "2026-07"),
        ({"of": "2025-03"}, "2025-02", "2025-03"),
        ({"of": "2025"}, "2024", "2025"),
        ({"of": "2024-Q4", "to": "2026-Q1"}, "2026-Q1", "2024-Q4"),
        ({"fiscal_start": 2, "of": "FY2026-Q1"}, "FY2025-Q4", "FY2026-Q1"),
    ],
)
def test_the_periods_compared(words, before, after):
    data = years()
    found = cxkit.compare(data, **words)
    assert (found.params["to"], found.params["of"]) == (before, after)
    used = found.summary["n_before"] + found.summary["n_after"]
    assert found.ledger.used == used
    assert found.ledger.left_out == {"period": data.height - used}


def test_weeks_and_their_year():
    days = pl.date_range(date(2024, 12, 30), date(2026, 1, 4), "1d", eager=True)
    data = pl.DataFrame({"score": [10] * len(days), "date": days})
    found = cxkit.compare(data, period="week", to="year-ago")
    assert (found.params["to"], found.params["of"]) == ("2025-W01", "2026-W01")


def test_blanks_of_other_periods_are_not_told():
    data = pl.DataFrame({
        "score": ["9", "3", "", "", ""],
        "date": ["2026-02-01", "2026-06-30", "2026-05-01", "2025-05-01", "2025-06-01"],
    })  # fmt: skip
    found = cxkit.compare(data)
    assert found.ledger.left_out == {"period": 2, "missing": 1}
    assert "1 row without an answer left out" in {note.message for note in found.notes}


def test_what_is_not_over_or_too_small_is_not_tested():
    data = pl.concat([frame([(10, "N", "2026-03-31"), (2, "N", "2026-05-01")])] * 40)
    shown = cxkit.compare(data, of="2026-Q2")
    assert shown.summary["p_value"] is None
    assert shown.tables[0].answer[0] == "compare-untested"
    assert shown.chart.finding[0] == "compare-title"
    assert "partial" in {note.code for note in shown.notes}
    assert cxkit.compare(data, of="2026-Q2", partial=True).summary["p_value"] < 0.001
    few = cxkit.compare(frame([(10, "N", "2026-03-31"), (2, "N", "2026-06-30")]))
    assert few.summary["p_value"] is None
    assert [note.code for note in few.notes].count("low-n") == 2


# --- groups --------------------------------------------------------------------------------------


def test_tiny_groups_are_taken_together_and_those_that_left_are_not():
    before = {"A": (2, 2, 6), "b": (1, 1, 1), "c": (0, 1, 1), "Gone": (5, 0, 10)}
    after = {"A": (4, 2, 9), "b": (0, 0, 3), "d": (1, 0, 0), "New": (0, 2, 10)}
    found = cxkit.compare(counted(before, after), explain="region")
    rows = {row["group"]: row for row in found.rows.to_dicts()}
    assert set(rows) == {"A", "Gone", "New", "other"}
    assert (rows["other"]["n_before"], rows["other"]["n_after"]) == (5, 4)
    assert rows["Gone"]["after"] is None
    assert rows["Gone"]["rate_effect"] == 0  # all mix: its score is taken from the other period
    assert rows["New"]["before"] is None
    message = "3 groups of fewer than 10 answers are taken together as other"
    assert message in {note.message for note in found.notes}
    taken = counted(before | {"other": (5, 5, 5)}, after)
    names = cxkit.compare(taken, explain="region").rows["group"].to_list()
    assert {"other", "other (n < 10)"} <= set(names)


def test_the_blank_stands_last_and_stays():
    rows = counted({"N": (3, 3, 9), None: (1, 0, 1)}, {"N": (3, 3, 19), None: (0, 0, 1)})
    found = cxkit.compare(rows, explain="region")
    assert found.rows["group"].to_list() == ["N", None]
    assert "(blank)" in render(found, "table")


def test_weights_shift_shares_and_scores():
    data = frame([(10, "N", "2026-03-31"), (2, "S", "2026-03-31"), (10, "N", "2026-06-30")])
    data = pl.concat([data.with_columns(w=pl.Series([3.0, 1.0, 1.0]))] * 10)
    found = cxkit.compare(data, explain="region", weight="w")
    rows = {row["group"]: row for row in found.rows.to_dicts()}
    assert rows["N"]["share_before"] == 0.75
    assert found.summary["before"] == 50
    assert found.rows["effect"].sum() == pytest.approx(50)
    assert found.rows["n_before"].to_list() == [10, 10]


def test_no_row_that_is_withheld_can_be_worked_out():
    before = {"A": (9, 9, 30), "B": (5, 5, 20), "C": (1, 1, 1), "D": (3, 4, 5)}
    after = {"A": (9, 9, 30), "B": (5, 5, 20), "C": (2, 2, 9), "D": (3, 4, 5)}
    found = cxkit.compare(counted(before, after), explain="region", suppress=5)
    rows = {row["group"]: row for row in found.rows.to_dicts()}
    for name in ("C", "D"):  # C is too small; alone, it would be what is left of the whole
        assert {value for column, value in rows[name].items() if column != "group"} == {None}
    assert rows["A"]["n_before"] == 48
    drawn = describe(found.chart)[1]
    assert "C " not in drawn
    assert "other" in drawn  # the picture adds up all the same
    nothing = cxkit.compare(counted({"A": (1, 1, 1)}, {"A": (9, 9, 9)}), suppress=5)
    assert set(nothing.summary.values()) == {None}
    assert set(nothing.rows.row(0)) == {None}
    assert nothing.tables[0].answer == ("compare-withheld", {})
    assert draw(nothing.chart, "png")[0]


# --- what is told --------------------------------------------------------------------------------


def test_a_rise_is_claimed_only_where_it_is_significant(kitagawa):
    _, quiet = kitagawa
    found = cxkit.compare(quiet, explain="region")
    assert found.tables[0].answer[0] == "compare-steady"
    assert found.chart.finding[0] == "steady"
    loud = cxkit.compare(counted({"N": (60, 20, 20)}, {"N": (20, 20, 60)}))
    text = render(loud, "table")
    assert text.startswith("NPS rose 80 points to +40 in 2026-Q2 (95% CI +")
    assert "p <0.001)" in text.splitlines()[0]
    fell = cxkit.compare(counted({"N": (20, 20, 60)}, {"N": (60, 20, 20)}))
    assert fell.chart.finding[0] == "fell"


def test_the_table_goes_by_the_size_of_effects(kitagawa):
    found = cxkit.compare(kitagawa[1], explain="region")
    shown = found.tables[0].rows["effect"].abs().to_list()
    assert shown == sorted(shown, reverse=True)
    text = render(found, "table", width=80, plain=False)
    assert all(name in text for name in ("by score", "by mix", "effect"))
    assert "change −5: +2 from scores within groups, −7 from their mix" in text


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("words", [{}, {"explain": "region"}])
def test_every_format_renders(kitagawa, format, words):
    found = cxkit.compare(kitagawa[1], **words)
    assert len(render(found, format)) > 40
    assert tuple(found.rows.columns) == COLUMNS


def test_the_picture_in_vietnamese():
    data = counted({"Cần Thơ": (60, 20, 20)}, {"Cần Thơ": (20, 20, 60), "Huế": (1, 2, 9)})
    picture, notes = draw(cxkit.compare(data, explain="region").chart, "svg", lang="vi")
    assert "Cần Thơ" in picture.decode()
    assert "NPS tăng" in picture.decode()
    assert notes == ()


# --- real files ----------------------------------------------------------------------------------


def test_two_halves_of_the_airport_survey(sfo, tmp_path):
    """By plain sums over the file: 11 stands for no answer."""
    raw = pl.read_csv(sfo, infer_schema=False)
    score = pl.col("NETPRO").cast(pl.Int64, strict=False)
    early = pl.col("INTDATE").cast(pl.Int64) <= 15
    paths = [tmp_path / "tháng năm 1.csv", tmp_path / "tháng năm 2.csv"]
    nps = []
    for path, half in zip(paths, (early, ~early), strict=True):
        raw.filter(half).write_csv(path)
        answers = raw.filter(half).select(score).filter(pl.col("NETPRO").is_between(0, 10))
        worth = (answers["NETPRO"] >= 9).cast(pl.Int64) - (answers["NETPRO"] <= 6).cast(pl.Int64)
        nps.append(100 * worth.mean())
    found = cxkit.compare(paths, score="NETPRO", null="11", explain="BAREA")
    assert [found.summary["before"], found.summary["after"]] == pytest.approx(nps, abs=1e-9)
    assert found.rows["effect"].sum() == pytest.approx(nps[1] - nps[0], abs=1e-9)
    assert found.ledger.read == 2831
    assert found.ledger.used == 2746
    assert (found.params["to"], found.params["of"]) == tuple(path.name for path in paths)


def test_english_and_spanish_answers_of_the_r_survey(data):
    """Published: 73.983 of 1,795 and 77.039 of 331 answers."""
    folder = data / "learning_r"
    english = pl.read_csv(folder / "english.csv", infer_schema=False)
    spanish = pl.read_csv(folder / "spanish.csv", infer_schema=False)
    recommend = next(c for c in english.columns if "recommend R" in c)
    recomendar = next(c for c in spanish.columns if "recomiend" in c.lower() and " R" in c)
    both = [english.select(q=recommend), spanish.select(q=recomendar)]
    found = cxkit.compare(both, score="q", null="NA").summary
    assert found["before"] == pytest.approx(73.983, abs=5e-4)
    assert found["after"] == pytest.approx(77.039, abs=5e-4)
    assert found["ci_low"] < found["change"] < found["ci_high"]
    assert found["p_value"] > 0.05


# --- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "slug"),
    [
        ({"of": "2026-Q2", "period": "month"}, "bad-value"),
        ({"of": "2026-06-15"}, "bad-value"),
        ({"of": "soon"}, "bad-value"),
        ({"to": "2026-05"}, "bad-value"),
        ({"of": "2026-Q1", "to": "2026-Q1"}, "bad-value"),
        ({"explain": "nothing"}, "no-column"),
        ({"period": "day"}, "bad-value"),
    ],
)
def test_wrong_requests(kitagawa, words, slug):
    with pytest.raises(RequestError) as caught:
        cxkit.compare(kitagawa[1], **words)
    assert caught.value.slug == slug


@pytest.mark.parametrize(
    ("words", "slug"),
    [
        ({"of": "2026-Q3"}, "no-answers"),
        ({"of": "2026-Q2", "to": "2025-Q2"}, "no-answers"),
        ({"of": "2031-Q3"}, "no-rows"),
        ({"period": "year"}, "no-rows"),
        ({"where": "score = 99"}, "no-rows"),
    ],
)
def test_periods_without_answers(kitagawa, words, slug):
    with pytest.raises(DataError) as caught:
        cxkit.compare(kitagawa[1], **words)
    assert caught.value.slug == slug


def test_wrong_files(kitagawa, tmp_path):
    answers = kitagawa[1]
    answers.write_csv(tmp_path / "a.csv")
    answers.write_csv(tmp_path / "b.csv")
    answers.clear().write_csv(tmp_path / "none.csv")
    a, b, none = (tmp_path / f"{name}.csv" for name in ("a", "b", "none"))
    for data, words in (
        ([a, a], {}),
        ([a, b], {"of": "2026-Q2"}),
        ([a, b], {"to": "previous"}),
        ([a, b], {"period": "month"}),
        (answers.drop("date"), {}),
    ):
        with pytest.raises(RequestError):
            cxkit.compare(data, **words)
    for data in ([a, none], [none, b], none):
        with pytest.raises(CxError) as caught:
            cxkit.compare(data)
        assert isinstance(caught.value, DataError)
        assert caught.value.slug == "empty"
    blank = answers.with_columns(score=pl.lit(None, pl.Int64))
    with pytest.raises(DataError, match="has no valid answer"):
        cxkit.compare([answers, blank])
    with pytest.raises(DataError) as caught:
        cxkit.compare(answers.with_columns(date=pl.lit("never")), date="date")
    assert caught.value.slug in ("no-dates", "not-dates", "bad-date")


def test_three_files_are_one_survey_by_period(kitagawa, tmp_path):
    parts = kitagawa[1].with_row_index().with_columns(part=pl.col("index") % 3)
    for i in range(3):
        parts.filter(part=i).drop("index", "part").write_csv(tmp_path / f"{i}.csv")
    whole = cxkit.compare(kitagawa[1], explain="region")
    stacked = cxkit.compare([tmp_path / f"{i}.csv" for i in range(3)], explain="region")
    assert_frame_equal(stacked.rows, whole.rows)
