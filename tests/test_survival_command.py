"""The command survival: curves of R, times and renewals by hand, every row accounted for."""

import calendar
import json
import math
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxkit
from cxkit import cli
from cxkit.errors import CxError, DataError, RequestError
from cxkit.orders.clocks import DAYS, Clock
from cxkit.orders.tenure import read_tenures
from cxkit.output import render
from cxkit.reading import read
from cxkit.slices import Slice

HERE = Path(__file__).parent
ORACLE = json.loads((HERE / "oracles" / "survival.json").read_text(encoding="utf-8"))
CX, AML = ORACLE["cx"], ORACLE["km"][0]
SEEN = date(2026, 6, 30)


def timed(source, words=("no", "yes")):
    """Times and ends of the oracle as a table."""
    columns = {"months": source["time"], "ended": [words[event] for event in source["event"]]}
    return pl.DataFrame(columns | ({"group": source["group"]} if "group" in source else {}))


def dated(source):
    """The same as days: who is still there was last seen on one day."""
    rows = [
        (SEEN - timedelta(400), SEEN - timedelta(400 - t)) if left else (SEEN - timedelta(t), None)
        for t, left in zip(source["time"], source["event"], strict=True)
    ]  # fmt: skip
    frame = pl.DataFrame(rows, schema={"start": pl.Date, "end": pl.Date}, orient="row")
    groups = [pl.Series("group", source["group"])] if "group" in source else []
    return frame.with_columns(groups)


def tenure(rows, **clock):
    """Customers by time of a table of first and last days."""
    data = pl.DataFrame(rows, schema={"s": pl.String, "e": pl.String}, orient="row")
    return read_tenures(read(data), Slice(), Clock("s", "e", None, None, **clock))


def refused(data, **words):
    with pytest.raises(CxError) as caught:
        cxkit.survival(data, **words)
    return caught.value


# --- from outside -------------------------------------------------------------------------------


def test_curve_of_aml_maintained():
    """R's survfit with log-log limits (Miller 1981)."""
    found = cxkit.survival(timed(AML["input"]), duration="months", ended="ended")
    for name, theirs in {"ci_low": "low", "ci_high": "high"}.items():
        assert found.rows[name].to_list() == pytest.approx(AML[theirs], rel=1e-9)
    for name in ("time", "at_risk", "events", "censored", "survival"):
        assert found.rows[name].to_list() == pytest.approx(AML[name], rel=1e-9)
    assert [found.summary[name] for name in ("n", "events", "median", "median_low",
                                             "median_high")] == [11, 7, 31, 13, None]  # fmt: skip


def shares_of(found, times):
    """Survival, limits and customers at risk of each group at some times."""
    wanted = {}
    for (group,), rows in found.rows.group_by("group"):
        for time in times:
            known = rows.filter(pl.col("time") <= time + 1e-9).sort("time").row(-1, named=True)
            risk = rows.filter(pl.col("time") >= time - 1e-9)["at_risk"].max()
            wanted[group, time] = (risk, known["survival"], known["ci_low"], known["ci_high"])
    return wanted


@pytest.mark.parametrize("form", ["times", "days"])
def test_groups_of_a_survey(form):
    """R's survfit and survdiff, trend by scores 1, 2, 3; the same of times and of days."""
    if form == "times":
        found = cxkit.survival(timed(CX["input"]), duration="months", ended="ended", by="group")
    else:
        words = {"start": "start", "end": "end", "time_unit": "day", "as_of": str(SEEN)}
        found = cxkit.survival(dated(CX["input"]), by="group", **words)
    assert found.summary["logrank_p"] == pytest.approx(CX["logrank"]["p"], rel=1e-9)
    assert found.summary["trend_p"] == pytest.approx(CX["trend"]["p"], rel=1e-9)
    at = CX["survival_at"]
    shares = shares_of(found, (6, 12, 18))
    for i, group in enumerate(at["group"]):
        risk, *figures = shares[group.removeprefix("g="), at["time"][i]]
        assert risk == at["n_risk"][i]
        theirs = [at[name][i] for name in ("surv", "lower_loglog", "upper_loglog")]
        assert figures == pytest.approx(theirs, rel=1e-9)


def test_the_other_words_of_ends():
    plain = cxkit.survival(timed(AML["input"]), duration="months", ended="ended")
    for words in (("0", "1"), ("false", "TRUE"), ("active", "Churned"), ("không", "có"), (0, 1),
                  (False, True), (0.0, 1.0)):  # fmt: skip
        other = cxkit.survival(timed(AML["input"], words), duration="months", ended="ended")
        assert other.rows.equals(plain.rows)
        assert other.summary == plain.summary


# --- times --------------------------------------------------------------------------------------


def after(day, months):
    """The same day so many months later; the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def renewals_by_hand(start, end, unit, left):
    """Count whole units one by one."""
    step = {"month": 1, "quarter": 3, "year": 12}.get(unit)

    def reached(k):
        return after(start, step * k) if step else start + timedelta(int(DAYS[unit]) * k)

    k = 0
    while reached(k + 1) <= end:
        k += 1
    begun = k + (reached(k) < end)
    return max(begun, 1) if left else k


days = st.dates(date(2019, 1, 1), date(2025, 12, 31))


@settings(deadline=None, max_examples=150)
@given(
    start=days,
    length=st.integers(0, 1200),
    left=st.booleans(),
    unit=st.sampled_from(["day", "week", "month", "quarter", "year"]),
)
def test_times_are_days_and_renewals_whole_units(start, length, left, unit):
    end = start + timedelta(length)
    found = tenure([(str(start), str(end) if left else "")], unit=unit, as_of=str(end)).rows
    row = found.row(0, named=True)
    assert (row["left"], row["n"]) == (left, 1)
    assert row["time"] == pytest.approx(length / DAYS[unit], rel=1e-12)
    assert row["renewals"] == renewals_by_hand(start, end, unit, left)


def test_a_month_that_ends_early():
    rows = [
        ("2025-01-31", "2025-02-28"),
        ("2024-01-31", "2024-02-28"),
        ("2024-01-31", "2024-03-01"),
    ]
    found = tenure(rows).rows.sort("time")
    assert found.select("renewals", "n").rows() == [(1, 2), (2, 1)]


def test_units_only_rescale():
    in_days = cxkit.survival(dated(CX["input"]), start="start", end="end", time_unit="day")
    in_years = cxkit.survival(dated(CX["input"]), start="start", end="end", time_unit="year")
    assert (in_years.rows["time"] * 365.25).to_list() == pytest.approx(
        in_days.rows["time"].to_list()
    )
    assert in_years.rows.drop("time").equals(in_days.rows.drop("time"))
    assert in_years.summary["median"] * 365.25 == pytest.approx(in_days.summary["median"])


def test_the_day_up_to_which_customers_are_followed():
    rows = [("2024-01-01", "2024-03-01"), ("2024-01-31", ""), ("2024-06-01", "2024-07-01")]
    data = pl.DataFrame(rows, schema=["s", "e"], orient="row")
    whole = cxkit.survival(data, start="s", end="e", time_unit="day")
    assert whole.params["as_of"] == date(2024, 7, 1)
    assert whole.rows["time"].to_list() == [30, 60, 152]
    early = cxkit.survival(data, start="s", end="e", time_unit="day", as_of="2024-02")
    assert early.ledger.left_out == {"period": 1}
    assert early.rows.select("time", "events", "censored").rows() == [(29, 0, 1), (59, 0, 1)]
    assert {note.code for note in early.notes} == {"period", "no-events"}


def test_an_end_on_the_last_day_is_an_end():
    found = tenure([("2024-01-01", "2024-02-01"), ("2024-01-01", "2024-02-02")], as_of="2024-02-01")
    assert found.rows.select("left", "n").rows() == [(False, 1), (True, 1)]


# --- what cells say -----------------------------------------------------------------------------


def test_every_row_is_accounted_for():
    rows = [
        ("2024-01-01", "2024-03-01"),
        ("2024-01-15", ""),
        ("2024-02-30", "2024-03-01"),
        ("", "2024-01-01"),
        ("2024-05-01", "2024-04-01"),
        ("2024-03-01", "soon"),
        ("2024-02-01", "N/A"),
        ("2024-02-01", "9999-12-31"),
        ("2024-02-01", "active"),
    ]
    found = tenure(rows)
    assert (found.ledger.read, found.ledger.used) == (9, 5)
    assert found.ledger.left_out == {"no-date": 2, "invalid": 2}
    assert found.rows.filter("left")["n"].sum() == 1
    notes = {note.code: note for note in found.notes}
    assert notes["invalid"].kind == "warning"
    assert "first at row 5" in notes["invalid"].message
    assert notes["no-date"].kind == "warning"
    blank = tenure([("2024-01-01", "2024-03-01"), ("", "2024-01-01")])
    assert {note.code: note.kind for note in blank.notes}["no-date"] == "info"


def test_times_that_cannot_be_read():
    rows = [("3", "yes"), ("5", "no"), ("", "yes"), ("4", ""), ("-1", "yes"), ("2", "maybe"),
            ("x", "no"), ("2.5", "có"), ("inf", "no"), ("7", "1.0")]  # fmt: skip
    data = pl.DataFrame(rows, schema=["t", "d"], orient="row")
    found = cxkit.survival(data, duration="t", ended="d")
    assert found.ledger.left_out == {"missing": 2, "invalid": 4}
    assert found.rows["time"].to_list() == [2.5, 3, 5, 7]
    assert found.params["as_of"] is None


def test_a_comma_as_decimal_mark(tmp_path):
    file = tmp_path / "t.csv"
    file.write_text("t;d\n2,5;1\n3,25;0\n")
    found = cxkit.survival(file, duration="t", ended="d", decimal=",")
    assert found.rows["time"].to_list() == [2.5, 3.25]


def test_days_before_months_as_the_other_column_shows():
    rows = [("01/02/2024", "25/03/2024"), ("03/04/2024", "05/06/2024")]
    found = tenure(rows, unit="day")
    assert found.rows["time"].to_list() == [53, 63]
    assert not [note for note in found.notes if note.code == "date-order"]
    doubtful = tenure([("01/02/2024", "02/03/2024")], unit="day")
    assert [note.code for note in doubtful.notes].count("date-order") == 1


def test_planned_ends_are_told():
    found = tenure([("2024-01-01", "2099-12-31"), ("2024-01-01", "2024-05-01")])
    (note,) = (note for note in found.notes if note.code == "as-of")
    assert (note.kind, note.hints) == ("warning", (("try", "--as-of 2024-01-01"),))


def test_typed_days_and_ends_that_nobody_has():
    frame = pl.DataFrame({"s": ["2024-01-01", "2024-02-01"], "e": ["2024-05-01", None]})
    typed = frame.with_columns(pl.all().str.to_date())
    moments = frame.with_columns(pl.all().str.to_datetime("%Y-%m-%d") + pl.duration(hours=9))
    plain = cxkit.survival(frame, start="s", end="e").rows
    for other in (typed, moments):
        assert cxkit.survival(other, start="s", end="e").rows.equals(plain)
    none = cxkit.survival(frame.with_columns(e=pl.lit(None)), start="s", end="e")
    assert "no-events" in {note.code for note in none.notes}
    assert none.summary["median"] is None


# --- groups -------------------------------------------------------------------------------------


def test_small_and_blank_groups_are_shown_and_not_tested():
    data = timed(CX["input"])
    odd = pl.DataFrame({"months": [3, 4], "ended": ["yes", "no"], "group": ["other", None]})
    found = cxkit.survival(pl.concat([data, odd]), duration="months", ended="ended", by="group")
    groups = found.summary["groups"]
    assert [one["group"] for one in groups] == ["promoter", "passive", "detractor", "other", None]
    assert found.summary["logrank_p"] == pytest.approx(CX["logrank"]["p"], rel=1e-9)
    assert found.summary["trend_p"] == pytest.approx(CX["trend"]["p"], rel=1e-9)
    assert {note.code for note in found.notes} == {"low-n", "immortal-time"}
    assert sum(one["n"] for one in groups) == found.summary["n"]


def test_numbers_have_an_order_and_names_have_none():
    places = {"detractor": "2", "passive": "7.5", "promoter": "10"}
    data = timed(CX["input"]).with_columns(
        number=pl.col("group").replace_strict(places), name=pl.col("group") + "x"
    )
    words = {"duration": "months", "ended": "ended"}
    numbers = cxkit.survival(data, by="number", **words)
    assert numbers.summary["trend_p"] == pytest.approx(CX["trend"]["p"], rel=1e-9)
    names = cxkit.survival(data, by="name", **words)
    assert names.summary["trend_p"] is None
    assert names.summary["logrank_p"] == pytest.approx(CX["logrank"]["p"], rel=1e-9)
    assert "immortal-time" not in {note.code for note in numbers.notes + names.notes}


def test_several_tables():
    data = timed(CX["input"]).with_columns(
        time=pl.Series(["a", "b"] * 60)[: len(CX["input"]["time"])]
    )
    found = cxkit.survival(data, duration="months", ended="ended", by=["group", ("group", "time")])
    assert found.rows.columns[:3] == ["table", "group", "by_time"]
    assert found.rows["table"].unique().sort().to_list() == ["group", "group,time"]
    assert (found.summary["logrank_p"], found.summary["trend_p"]) == (None, None)
    first = [one for one in found.summary["groups"] if one["table"] == "group"]
    assert first[0]["logrank_p"] == pytest.approx(CX["logrank"]["p"], rel=1e-9)
    assert [chart.name for chart in found.charts] == ["group", "group-time"]


def test_a_finding_needs_a_test():
    """The title names a difference only where the trend, else the log-rank test, is significant."""
    words = {"duration": "months", "ended": "ended", "by": "group"}
    found = cxkit.survival(timed(CX["input"]), **words)
    key, values = found.chart.finding
    assert (key, values["name"], values["other"]) == ("survival-differ", "promoter", "detractor")
    assert values["time"] == 6  # only 6 detractors are followed to 12 months
    assert values["survival"] == pytest.approx(0.85)
    assert values["share"] == pytest.approx(0.566666666666667)
    alike = timed(CX["input"]).with_columns(
        group=pl.Series(["a", "b"] * 60)[: len(CX["input"]["time"])]
    )
    assert cxkit.survival(alike, **words).chart.finding[0] == "survival-alike"
    few = cxkit.survival(timed(CX["input"]), **words, min_n=1000)
    assert few.summary["logrank_p"] is None
    assert few.chart.finding[0] == "survival-title"


# --- laws ---------------------------------------------------------------------------------------

customers = st.lists(
    st.tuples(st.integers(0, 30), st.sampled_from(["yes", "no"]), st.sampled_from(["a", "b", ""])),
    min_size=1,
    max_size=40,
)


def asked(rows, **words):
    data = pl.DataFrame(rows, schema=["t", "d", "g"], orient="row")
    return cxkit.survival(data, duration="t", ended="d", by="g", min_n=1, **words)


@settings(deadline=None, max_examples=40)
@given(rows=customers, seed=st.randoms())
def test_order_and_counts_do_not_matter(rows, seed):
    found = asked(rows)
    shuffled = seed.sample(rows, len(rows))
    assert asked(shuffled).rows.equals(found.rows)
    assert asked(shuffled).summary == found.summary
    counted = (
        pl.DataFrame(rows, schema=["t", "d", "g"], orient="row").group_by("t", "d", "g").len("n")
    )
    tally = cxkit.survival(counted, duration="t", ended="d", by="g", min_n=1, count="n")
    assert tally.rows.equals(found.rows)
    assert tally.summary == found.summary
    assert tally.ledger == found.ledger


@settings(deadline=None, max_examples=40)
@given(rows=customers)
def test_curves_fall_and_groups_make_the_whole(rows):
    found = asked(rows)
    assert found.ledger.read == found.ledger.used == len(rows)
    for _, part in found.rows.group_by("g"):
        part = part.sort("time")
        shares = [1.0, *part["survival"]]
        assert all(b <= a for a, b in pairwise(shares))
        assert part["at_risk"][0] == (part["events"] + part["censored"]).sum()
        limits = part.filter(pl.col("ci_low").is_not_null())
        assert (limits["ci_low"] <= limits["survival"]).all()
        assert (limits["survival"] <= limits["ci_high"]).all()
    assert found.rows["events"].sum() == found.summary["events"]
    whole = asked([(t, d, "x") for t, d, _ in rows])
    assert [whole.summary[name] for name in ("n", "events", "median")] == [
        found.summary[name] for name in ("n", "events", "median")
    ]


def test_without_censoring_survival_is_the_share_left():
    times = [1, 2, 2, 5, 9]
    found = asked([(t, "yes", "a") for t in times])
    shares = [sum(t > time for t in times) / len(times) for time in found.rows["time"]]
    assert found.rows["survival"].to_list() == pytest.approx(shares, abs=1e-12)
    assert math.isclose(found.rows["survival"][-1], 0, abs_tol=1e-12)


# --- what people see ----------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["table", "csv", "json", "ndjson", "md", "xlsx", "parquet"])
@pytest.mark.parametrize("by", [(), ("group",), ("group", "ended")])
def test_every_format_renders(form, by):
    found = cxkit.survival(timed(CX["input"]), duration="months", ended="ended", by=list(by))
    assert render(found, form)


def test_the_printed_answer(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    timed(CX["input"]).write_csv("c.csv")
    words = ["survival", "c.csv", "--duration", "months", "--ended", "ended"]
    assert cli.run(words) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith(
        "57% of 105 customers still here after 12 months; half have left after"
    )
    assert out[2].split() == ["months", "at", "risk", "still", "here", "95%", "CI"]
    assert cli.run([*words, "--by", "group", "--lang", "vi", "--chart", "c.png"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("Sau 6 tháng, promoter còn ở lại 85%, detractor 57%")
    assert "12 tháng" in out.splitlines()[2]
    assert Path("c.png").stat().st_size > 10_000


# --- what is refused ----------------------------------------------------------------------------


def test_columns_that_are_missing_or_do_not_go_together(tmp_path):
    data = pl.DataFrame({"s": ["2024-01-01"], "e": ["2024-03-01"], "t": ["3"], "d": ["1"]})
    bare = refused(data)
    assert (bare.slug, dict(bare.hints)["dates stand in"]) == ("no-time", "s, e")
    assert "only --start is given" in refused(data, start="s").message
    assert "only --ended is given" in refused(data, ended="d").message
    for words in ({"start": "s", "ended": "d"},
                  {"duration": "t", "ended": "d", "as_of": "2024"}):  # fmt: skip
        assert refused(data, **words).slug == "usage"
    assert refused(data, start="s", end="x").slug == "no-column"
    assert refused(data, start="s", end="e", as_of="soon").slug == "bad-value"
    assert isinstance(refused(data, start="s", end="e", time_unit="decade"), RequestError)


def test_data_that_cannot_answer():
    words = {"start": "s", "end": "e"}
    data = pl.DataFrame({"s": ["2024-01-01"], "e": ["2024-03-01"]})
    assert refused(data.clear(), **words).slug == "empty"
    assert refused(data.with_columns(s=pl.lit("x")), **words).slug == "no-dates"
    assert refused(data.with_columns(e=pl.lit("abc")), **words).slug == "no-dates"
    early = refused(data, **words, as_of="2020")
    assert isinstance(early, DataError)
    assert early.message == "none of 1 rows of the data is used: 1 that begin later"
    typed = data.with_columns(pl.col("s").str.to_date())
    assert refused(typed, duration="s", ended="e").slug == "bad-type"
    secret = pl.DataFrame({"s": ["2024-01-01", "secret-name"], "e": ["2024-03-01", "2024-03-01"]})
    notes = cxkit.survival(secret, **words).notes
    assert not any("secret" in note.message for note in notes)
