"""The Net Promoter Score as a user asks for it."""

import json
from pathlib import Path

import polars as pl
import pytest

import cxkit
from cxkit.errors import DataError, RequestError
from cxkit.nps import COLUMNS

ORACLES = Path(__file__).parent / "oracles"
ANSWERS = {"D": 3, "N": 7, "P": 10}


def oracle(name):
    return json.loads((ORACLES / f"{name}.json").read_text())


def counted(groups):
    """Counted answers from detractors, passives, promoters by group."""
    rows = [
        (name, score, n)
        for name, counts in groups.items()
        for score, n in zip((3, 7, 10), counts, strict=True)
    ]
    return pl.DataFrame(rows, schema=["group", "score", "times"], orient="row")


def ask(groups, **words):
    return cxkit.nps(counted(groups), score="score", count="times", **words)


def test_the_whole_has_one_row_and_every_column():
    result = cxkit.nps(pl.DataFrame({"score": [10, 9, 8, 3]}))
    assert result.rows.columns == ["table", *COLUMNS]
    assert result.rows.height == 1
    assert result.summary["nps"] == 25.0
    assert (result.summary["detractors"], result.summary["promoters"]) == (1, 2)
    assert result.schema == "cxkit.nps/1"


@pytest.mark.parametrize("case", oracle("nps_intervals")["cases"], ids=lambda c: str(c["input"]))
def test_default_interval_is_that_of_r_package_nps_2_0_999_clipped_and_extended(case):
    counts = [case["input"][name] for name in ("detractors", "passives", "promoters")]
    summary = ask({"all": counts}).summary
    low, high = case["adjwald95_rocks_unclipped"]
    assert summary["nps"] / 100 == pytest.approx(case["nps"], abs=1e-9)
    assert summary["ci_low"] / 100 == pytest.approx(min(max(low, -1), case["nps"]), abs=1e-9)
    assert summary["ci_high"] / 100 == pytest.approx(max(min(high, 1), case["nps"]), abs=1e-9)


@pytest.mark.parametrize("case", oracle("nps_compare")["two_sample"], ids=lambda c: str(c["x"]))
def test_two_groups_are_one_test_pinned_to_r_package_nps_2_0_999(case):
    result = ask({"x": case["x"], "y": case["y"]}, by="group", min_n=0)
    x, y = (result.rows.row(by_predicate=pl.col("group") == g, named=True) for g in "xy")
    expected = case["adjwald_full"]
    assert x["p_value"] == pytest.approx(expected["p"], abs=1e-9)
    assert x["p_adjusted"] == y["p_adjusted"] == x["p_value"]
    assert (x["diff"], x["diff_low"]) == pytest.approx((-y["diff"], -y["diff_high"]))
    assert abs(x["diff"]) == pytest.approx(100 * case["wald"]["abs_diff"], abs=1e-7)
    limits = sorted(abs(v) / 100 for v in (x["diff_low"], x["diff_high"]))
    assert limits == pytest.approx(sorted(abs(v) for v in expected["ci"]), abs=1e-9)


def test_all_groups_together_pinned_to_the_mean_score_test():
    table = oracle("nps_compare")["k_segments"]
    names, counts = table["input"]["rows"], table["input"]["table"]
    result = ask(dict(zip(names, counts, strict=True)), by="group", min_n=1)
    assert result.summary["omnibus_p"] == pytest.approx(table["mean_score_cmh"]["p"], abs=1e-9)
    assert ask({"a": [1, 2, 3]}, by="group", min_n=1).summary["omnibus_p"] is None


def test_holm_is_counted_over_the_tested_rows_of_one_table():
    result = ask({"a": [9, 9, 30], "b": [20, 9, 9], "c": [9, 20, 9], "d": [1, 1, 1]}, by="group")
    rows = {row["group"]: row for row in result.rows.iter_rows(named=True)}
    assert rows["d"]["flags"] == ["low-n"]
    assert rows["d"]["p_value"] is None
    raw = sorted(rows[g]["p_value"] for g in "abc")
    assert min(rows[g]["p_adjusted"] for g in "abc") == pytest.approx(3 * raw[0])


def test_blank_groups_are_counted_last_and_never_tested():
    frame = pl.DataFrame(
        {"score": [9] * 40 + [3] * 40 + [7] * 50,
         "g": ["a"] * 40 + ["b"] * 40 + [None] * 25 + [" "] * 25}
    )  # fmt: skip
    rows = cxkit.nps(frame, by="g").rows
    assert rows["g"].to_list() == ["a", "b", None]
    assert rows["p_value"].is_null().to_list() == [False, False, True]
    assert rows["n"].to_list() == [40, 40, 50]


def months(*counts):
    """Answers on the 15th of each month: (promoters, detractors) from January 2026 on."""
    cells = [
        (score, f"2026-{month:02d}-15")
        for month, (promoters, detractors) in enumerate(counts, 1)
        for score, n in ((10, promoters), (2, detractors))
        for _ in range(n)
    ]
    return pl.DataFrame(cells, schema=["score", "date"], orient="row")


def test_periods_are_compared_with_the_one_before_and_the_unfinished_is_not_tested():
    frame = months((30, 10), (10, 30), (20, 20))
    rows = cxkit.nps(frame, period="month").rows
    assert rows["period"].to_list() == ["2026-01", "2026-02", "2026-03"]
    assert rows["compared_with"].to_list() == [None, "2026-01", "2026-02"]
    assert rows["diff"].to_list() == [None, -100.0, 50.0]
    assert rows["flags"].to_list() == [[], [], ["partial"]]
    assert rows["p_value"].is_null().to_list() == [True, False, True]
    tested = cxkit.nps(frame, period="month", partial=True).rows
    assert tested["p_value"].is_null().to_list() == [True, False, False]


def test_a_gap_in_time_is_not_jumped():
    frame = months((30, 10), (0, 0), (10, 30))
    assert cxkit.nps(frame, period="month", partial=True).rows["diff"].to_list() == [None, None]


def test_the_last_period_is_judged_on_all_rows_before_where():
    frame = pl.DataFrame(
        {
            "score": [9, 9, 9],
            "date": ["2026-01-05", "2026-02-10", "2026-02-28"],
            "g": ["a", "a", "b"],
        }
    )
    rows = cxkit.nps(frame, period="month", where="g = 'a'").rows
    assert rows["flags"].to_list() == [["low-n"], ["low-n"]]
    cut = cxkit.nps(frame, period="month", until="2026-02-20").rows
    assert cut["flags"].to_list()[-1] == ["low-n", "partial"]


@pytest.mark.parametrize("text", ["%d/%m/%Y", "%d.%m.%y", "%Y-%m-%d %H:%M:%S", "%b %d, %Y"])
def test_dates_of_every_form_give_the_same_quarters(text):
    days = pl.date_range(pl.date(2025, 1, 3), pl.date(2026, 3, 31), "5d", eager=True)
    frame = pl.DataFrame({"score": [9] * len(days), "date": days})
    written = frame.with_columns(pl.col("date").cast(pl.Datetime).dt.strftime(text))
    one, other = (cxkit.nps(f, period="quarter", fiscal_start=4) for f in (frame, written))
    assert one.rows["period"][0] == "FY2025-Q4"
    assert other.rows.equals(one.rows)


def test_one_late_31_settles_the_order_of_day_and_month():
    days = ["01/02/2026"] * 1500 + ["01/31/2026"] + ["01/02/2026"] * 1500
    rows = cxkit.nps(pl.DataFrame({"score": [9] * 3001, "date": days}), period="month").rows
    assert rows["period"].to_list() == ["2026-01"]


def test_rows_without_a_date_are_counted_and_the_reason_is_the_first_that_applies():
    frame = pl.DataFrame(
        {"score": ["9", "", "11", "8", "9"],
         "date": ["2026-01-01", "soon", "", "2025-01-01", "2026-02-30"],
         "g": ["a", "a", "a", "a", "b"]}
    )  # fmt: skip
    result = cxkit.nps(frame, since="2026", where="g = 'a'")
    assert result.ledger.left_out == {"where": 1, "no-date": 2, "period": 1}
    assert result.summary["n"] == 1
    assert cxkit.nps(frame).ledger.left_out == {"missing": 1, "invalid": 1}


def test_target_probability_is_one_half_where_the_posterior_is_symmetric():
    result = ask({"all": [40, 20, 40]}, target=0)
    assert result.summary["target_probability"] == pytest.approx(0.5, abs=1e-9)
    assert ask({"all": [5, 5, 90]}, target=50).summary["target_probability"] > 0.99


@pytest.mark.parametrize(
    ("answers", "slug"),
    [
        ([1, 2, 3, 4, 5] * 30, "bad-scale"),
        ([*range(1, 12), 11] * 20, "bad-scale"),
    ],
)
def test_another_scale_stops(answers, slug):
    with pytest.raises(DataError) as caught:
        cxkit.nps(pl.DataFrame({"score": answers}))
    assert (caught.value.slug, caught.value.exit_code) == (slug, 3)
    assert cxkit.nps(pl.DataFrame({"score": answers[:90]})).summary["n"] > 0, "too few to judge"


def test_position_codes_are_shifted_on_request():
    answers = pl.DataFrame({"score": [*range(1, 12)] * 20})
    result = cxkit.nps(answers, scale="1-11")
    assert result.summary["n"] == 220
    assert (result.summary["detractors"], result.summary["promoters"]) == (140, 40)


def test_the_scale_is_judged_before_slicing():
    frame = pl.DataFrame({"score": [0] * 5 + [1, 2, 3, 4, 5] * 40, "g": ["b"] * 5 + ["a"] * 200})
    assert cxkit.nps(frame, where="g = 'a'").summary["n"] == 200


def test_user_columns_called_n_and_nps_and_table_are_kept_apart():
    frame = pl.DataFrame({"nps": [9, 3], "n": ["x", "y"], "table": ["t", "t"], "by0": ["u", "v"]})
    rows = cxkit.nps(frame, score="nps", by=[("n", "table", "by0")]).rows
    assert rows.columns[:4] == ["table", "by_n", "by_table", "by0"]
    assert sorted(rows["by_n"]) == ["x", "y"]


def test_several_tables_are_stacked_and_name_their_columns():
    frame = pl.DataFrame({"score": [9, 3, 8], "a": ["x", "y", "x"], "b": ["u", "u", "v"]})
    rows = cxkit.nps(frame, by=["a", "a,b"]).rows
    assert rows["table"].unique(maintain_order=True).to_list() == ["a", "a,b"]
    assert rows.filter(pl.col("table") == "a")["b"].is_null().all()
    assert cxkit.nps(frame, by=["a", "b"]).summary["omnibus_p"] is None


def test_last_answer_of_a_customer_by_time_of_day():
    frame = pl.DataFrame(
        {"score": [1, 10, 5], "customer": ["k"] * 3,
         "date": ["05/01/2026 9:30 AM", "05/01/2026 2:15 PM", "05/01/2026 11:00 AM"]}
    )  # fmt: skip
    last = cxkit.nps(frame, keep="last", date_format="%d/%m/%Y")
    assert last.summary["promoters"] == 1
    assert last.ledger.left_out == {"superseded": 2}
    first = cxkit.nps(frame, keep="first", date_format="%d/%m/%Y")
    assert first.summary["detractors"] == 1


def test_repeat_customers_are_told_only_when_asked_about():
    frame = pl.DataFrame({"score": [9, 9, 3], "customer": ["k1", "k1", "k2"]})
    assert not any(note.code == "duplicates" for note in cxkit.nps(frame).notes)
    note = next(n for n in cxkit.nps(frame, customer="customer").notes if n.code == "duplicates")
    assert note.message == "1 customer answered more than once; all kept"


def test_keep_does_not_go_with_counts():
    with pytest.raises(RequestError):
        cxkit.nps(
            pl.DataFrame({"score": [9], "customer": ["k"], "date": ["2026-01-01"], "times": [2]}),
            keep="last", count="times",
        )  # fmt: skip


@pytest.mark.parametrize("cell", ["-1", "2.5", "two", "", None])
def test_a_count_that_is_not_a_whole_number_stops(cell):
    frame = pl.DataFrame({"score": ["9", "8"], "times": ["3", cell]})
    with pytest.raises(DataError) as caught:
        cxkit.nps(frame, count="times")
    assert caught.value.slug == "bad-count"


def test_the_same_twice_is_the_same_to_the_byte(sfo):
    one, two = (
        cxkit.render(cxkit.nps(sfo, score="NETPRO", null="11", by="BAREA"), "json") for _ in "ab"
    )
    assert one == two


def test_cells_that_hold_only_months_stand_for_whole_months():
    frame = pl.DataFrame({"score": [9, 9, 8], "date": ["2026-04", "2026-04", "2026-05"]})
    rows = cxkit.nps(frame, period="month").rows
    assert rows["flags"].to_list() == [["low-n"], ["low-n"]]
    quarter = cxkit.nps(frame, period="quarter").rows
    assert quarter["flags"].to_list() == [["low-n", "partial"]]


def test_a_memory_budget_changes_nothing_but_the_memory(sfo):
    words = {"score": "NETPRO", "null": "11", "by": "BAREA"}
    one, other = cxkit.nps(sfo, **words), cxkit.nps(sfo, memory=100, **words)
    assert one.rows.equals(other.rows)
    with pytest.raises(RequestError) as caught:
        cxkit.nps(sfo, memory=10, **words)
    assert caught.value.slug == "bad-value"
