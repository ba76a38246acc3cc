"""Earned growth: published figures, a plain computation, laws, and what is told and refused."""

import json
from collections import defaultdict
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

import cxkit
from cxkit import cli
from cxkit.errors import CxError, DataError, RequestError
from cxkit.growth import RATES, SUMS
from cxkit.orders.sources import plain
from cxkit.output import render

GOLDEN = json.loads((Path(__file__).parent / "oracles" / "growth.json").read_text())
LAWS = settings(max_examples=40, deadline=None)
FORMATS = ("table", "csv", "json", "ndjson", "md", "xlsx", "parquet")

ROWS = st.lists(
    st.tuples(
        st.sampled_from("abcdef"),
        st.dates(date(2021, 1, 1), date(2024, 12, 31)).map(str),
        st.integers(-5_000, 100_000).map(lambda cents: cents / 100),
        st.sampled_from(["ads", "Referral", "word_of mouth", "", None]),
        st.sampled_from(["N", "S", None]),
    ),
    min_size=1,
    max_size=40,
).map(
    lambda rows: [*rows, ("z", "2020-05-05", 50.0, "ads", "N"), ("z", "2024-12-31", 1.0, "", "N")]
)


def frame(rows):
    schema = {"customer": pl.String, "date": pl.String, "amount": pl.Float64,
              "source": pl.String, "region": pl.String}  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def small(**more):
    """Base 100; then 85 kept, 25 referred, 20 bought, and 7 of unknown source."""
    rows = [
        ("a", "2024-01-02", 100, "ads", "N"),
        ("a", "2025-01-02", 85, None, "N"),
        ("b", "2025-03-02", 25, "Referral ", "S"),
        ("c", "2025-12-31", 20, "Ads", "N"),
        ("d", "2025-12-31", 7, "", "S"),
    ]
    return cxkit.growth(frame(rows), **more)


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda case: case["name"])
def test_golden_cases_of_winning_on_purpose(case):
    rows = [
        ("a", "2024-06-30", case["base_revenue"], "ads", "N"),
        ("a", "2025-06-30", case["revenue_from_returning"], "referral", "N"),
        ("b", "2025-06-30", case["new_earned"], "referral", "N"),
        ("c", "2025-12-31", case["new_bought"], "search", "N"),
    ]
    found = cxkit.growth(frame(rows)).summary
    names = {"nrr": "nrr", "enc": "enc", "earned_growth": "earned_growth_rate",
             "growth": "total_growth", "earned_ratio": "earned_growth_ratio"}  # fmt: skip
    for name, golden in names.items():
        expected = case[golden]
        assert found[name] == (None if expected is None else pytest.approx(expected, abs=1e-9))
    assert found["earned_growth_upper"] == found["earned_growth"]


def told(rows, words=("referral", "word of mouth")):
    """The same figures by plain loops over years, in cents."""
    spent, sources = defaultdict(int), {}
    for customer, day, amount, source, _ in sorted(rows, key=lambda row: row[1]):
        spent[customer, int(day[:4])] += round(amount * 100)
        if source:
            sources.setdefault((customer, "day"), day)
            if sources[customer, "day"] == day:
                sources.setdefault(customer, set()).add(plain(source))
    found = {}
    for year in range(2021, 2025):
        base = {c: v for (c, y), v in spent.items() if y == year - 1}
        now = {c: v for (c, y), v in spent.items() if y == year}
        if not base and not now:
            continue
        parts = defaultdict(int)
        for customer, amount in now.items():
            named = sources.get(customer)
            kind = "retained_revenue" if customer in base else "unknown_new" if not named else (
                "earned_new" if named <= set(words) else "bought_new")  # fmt: skip
            parts[kind] += amount
        found[str(year)] = {
            "base_revenue": sum(base.values()),
            "revenue": sum(now.values()),
            **parts,
        }
    return found


@LAWS
@given(ROWS)
def test_the_same_as_plain_loops(rows):
    found = cxkit.growth(frame(rows))
    expected = told(rows)
    assert found.rows["period"].to_list() == list(expected)
    for row in found.rows.to_dicts():
        for name in SUMS:
            assert round(row[name] * 100) == expected[row["period"]].get(name, 0)


@LAWS
@given(ROWS)
def test_parts_add_up_and_rates_hold_together(rows):
    for row in cxkit.growth(frame(rows), by="region").rows.to_dicts():
        parts = [row[name] for name in ("retained_revenue", "earned_new", "bought_new",
                                        "unknown_new")]  # fmt: skip
        assert sum(parts) == pytest.approx(row["revenue"], abs=1e-9)
        if row["base_revenue"] <= 0:
            assert all(row[name] is None for name in RATES)
            continue
        assert row["earned_growth"] == pytest.approx(row["nrr"] + row["enc"] - 1)
        upper = row["earned_growth"] + row["unknown_new"] / row["base_revenue"]
        assert row["earned_growth_upper"] == pytest.approx(upper)
        assert (row["earned_ratio"] is None) == (row["revenue"] <= row["base_revenue"])


@LAWS
@given(ROWS, st.randoms(use_true_random=False))
def test_order_and_names_of_customers_do_not_matter(rows, random):
    mixed = [(f"x{row[0]}9", *row[1:]) for row in rows]
    random.shuffle(mixed)
    one, other = (cxkit.growth(frame(some), by="region") for some in (rows, mixed))
    assert one.rows.equals(other.rows)
    assert one.summary == other.summary
    assert one.ledger == other.ledger


@LAWS
@given(ROWS)
def test_a_group_is_what_its_rows_alone_would_give(rows):
    groups = cxkit.growth(frame(rows), by="region").rows.filter(region="N")
    alone = cxkit.growth(frame(rows), where="region = 'N'").rows
    both = groups.join(alone, on="period", suffix="_alone")
    for name in SUMS:
        assert both[name].to_list() == both[f"{name}_alone"].to_list()
    for name in RATES:
        assert both[name].to_list() == pytest.approx(both[f"{name}_alone"].to_list())
    assert both.height == alone.height


@LAWS
@given(ROWS)
def test_periods_do_not_depend_on_what_is_asked_before_them(rows):
    whole = cxkit.growth(frame(rows)).rows
    since = cxkit.growth(frame(rows), since="2023").rows
    assert_frame_equal(since, whole.filter(pl.col("period") >= "2023"))
    last = cxkit.growth(frame(rows), last=1).rows
    assert_frame_equal(last, whole.tail(1))
    assert last.select(SUMS).equals(whole.tail(1).select(SUMS))


def test_who_comes_back_after_a_whole_period_is_new():
    rows = [
        ("a", "2022-05-01", 10, "referral", "N"),
        ("b", "2022-05-01", 10, "ads", "N"),
        ("b", "2023-05-01", 10, "ads", "N"),
        ("a", "2024-12-31", 30, "ads", "N"),
    ]
    last = cxkit.growth(frame(rows)).summary
    assert (last["retained_revenue"], last["earned_new"], last["bought_new"]) == (0.0, 30.0, 0.0)


def test_two_sources_on_the_first_day_count_as_bought():
    rows = [
        ("z", "2024-12-30", 10, "ads", "N"),
        ("a", "2025-12-31", 10, "referral", "N"),
        ("a", "2025-12-31", 10, "ads", "N"),
    ]
    assert cxkit.growth(frame(rows)).summary["bought_new"] == 20.0


@pytest.mark.parametrize(
    "word", ["word-of-mouth", "Word of Mouth", "WORD_OF_MOUTH", " word  of—mouth "]
)
def test_words_are_alike(word):
    rows = [("z", "2024-12-30", 10, "ads", "N"), ("a", "2025-12-31", 10, word, "N")]
    assert cxkit.growth(frame(rows)).summary["earned_new"] == 10.0


def test_words_in_other_languages_only_if_they_are_given():
    rows = [("z", "2024-12-30", 10, "Werbung", "N"), ("a", "2025-12-31", 10, "Empfehlung", "N"),
            ("b", "2025-12-31", 5, "gio\u031b\u0301i thiệu", "N")]  # fmt: skip
    found = cxkit.growth(frame(rows))
    assert found.summary["earned_new"] == 0.0
    (note,) = [note for note in found.notes if note.code == "no-earned"]
    assert note.kind == "warning"
    assert '"Empfehlung"' in dict(note.hints)["sources"]
    asked = cxkit.growth(frame(rows), earned="empfehlung, Giới thiệu")
    assert asked.summary["earned_new"] == 15.0


def test_unknown_sources_count_as_bought_and_are_told():
    found = small()
    assert found.summary["earned_growth"] == pytest.approx(0.1)
    assert found.summary["earned_growth_upper"] == pytest.approx(0.17)
    said = {note.code: note.message for note in found.notes}
    assert said["unknown-source"].startswith("13% of the revenue of new customers in 2025")
    assert said["sources"] == '"Referral" counts as earned; "Ads" and "ads" count as bought'
    assert "10% to 17%" in render(found)


def test_a_word_that_no_source_is():
    found = small(earned=["referral", "referal-program", "ads"])
    assert [n.message for n in found.notes if n.code == "unused"] == [
        'no source is "referal-program"'
    ]


def test_without_sources_there_is_only_an_upper_limit():
    rows = frame([("a", "2024-01-02", 100, None, "N"), ("b", "2025-12-31", 130, None, "N")])
    found = cxkit.growth(rows.drop("source"))
    assert found.summary["earned_growth_upper"] == pytest.approx(0.3)
    for name in ("earned_new", "bought_new", "enc", "earned_growth", "earned_ratio"):
        assert found.summary[name] is None
    assert found.summary["unknown_new"] == 130.0
    assert [note.code for note in found.notes] == ["no-source"]
    assert "at most 30%" in render(found)


def test_the_unfinished_period_is_left_out_unless_asked_for():
    rows = frame([("a", "2024-01-02", 100, "ads", "N"), ("a", "2025-12-30", 90, "ads", "N"),
                  ("a", "2026-02-01", 5, "ads", "N")])  # fmt: skip
    found = cxkit.growth(rows)
    assert found.rows["period"].to_list() == ["2025"]
    assert "partial" in [note.code for note in found.notes]
    assert cxkit.growth(rows, partial=True).rows["period"].to_list() == ["2025", "2026"]


def test_a_first_period_that_is_not_whole_is_doubted():
    rows = [("a", "2024-11-02", 100, "ads", "N"), ("a", "2025-12-31", 900, "ads", "N")]
    notes = {note.code: note for note in cxkit.growth(frame(rows)).notes}
    assert notes["short-base"].kind == "warning"
    assert "2024 is not whole, and growth from it to 2025" in notes["short-base"].message
    assert "short-base" not in [note.code for note in small().notes]


def test_fiscal_years_and_quarters():
    rows = frame([("a", "2024-04-02", 100, "ads", "N"), ("a", "2025-03-31", 10, "ads", "N"),
                  ("a", "2026-03-31", 99, "ads", "N")])  # fmt: skip
    found = cxkit.growth(rows, fiscal_start=4)
    assert found.rows["period"].to_list() == ["FY2026"]
    assert found.summary["nrr"] == pytest.approx(0.9)


def test_the_short_names_are_explained_below():
    table = small().tables[0]
    assert [key for key, _ in table.footnotes] == ["growth-foot"]


def test_several_tables_and_a_column_named_like_a_figure():
    data = frame([("a", "2024-01-02", 100, "ads", "N"), ("b", "2025-12-31", 130, "ads", "S")])
    data = data.rename({"region": "growth"})
    found = cxkit.growth(data, by=["growth", ("growth", "source")])
    assert found.rows.columns[:4] == ["table", "by_growth", "source", "period"]
    assert found.rows["table"].unique().sort().to_list() == ["growth", "growth,source"]
    for fmt in FORMATS:
        assert render(found, fmt)


@pytest.mark.parametrize("fmt", FORMATS)
def test_every_format(fmt):
    for found in (small(), small(by="region"), small(amount="rows")):
        assert render(found, fmt)


def test_counts_of_rows():
    tallied = frame([("a", "2024-01-02", 100, "ads", "N"), ("b", "2025-12-31", 1, "referral", "N")])
    found = cxkit.growth(tallied.with_columns(n=pl.Series([3, 2])), count="n")
    assert found.ledger.used == 5
    assert (found.summary["base_revenue"], found.summary["earned_new"]) == (300.0, 2.0)


def test_the_chart_leads_from_the_base_to_the_revenue():
    (chart,) = small().charts
    steps = chart.rows["revenue"].to_list()
    assert chart.mark == "waterfall"
    assert steps[0] + sum(steps[1:-1]) == pytest.approx(steps[-1])
    assert chart.rows["step"].to_list()[0::5] == ["2024", "2025"]


def test_print(tmp_path, capsys):
    frame([("a", "2024-01-02", 100, "ads", "N"), ("a", "2025-01-02", 85, "ads", "N"),
           ("b", "2025-06-01", 25, "referral", "S"), ("c", "2025-12-31", 20, "ads", "N"),
           ]).write_csv(tmp_path / "orders.csv")  # fmt: skip
    path = str(tmp_path / "orders.csv")
    assert cli.run(["growth", path, "--width", "80", "--chart", str(tmp_path / "a.png")]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == "Earned growth 10% in 2025; growth 30%, NRR 85%"
    assert printed[2].split() == ["period", "revenue", "NRR", "ENC", "earned", "growth", "growth"]
    assert printed[4].split() == ["2025", "130.00", "85%", "25%", "10%", "30%"]
    assert (tmp_path / "a.png").stat().st_size > 1_000
    assert cli.run(["growth", path, "--last", "1", "--lang", "vi", "-q"]) == 0
    assert "Tăng trưởng tự đến 10% trong 2025" in capsys.readouterr().out


# --- what is refused ----------------------------------------------------------------------------


def refused(rows, **words):
    with pytest.raises(CxError) as caught:
        cxkit.growth(frame(rows) if isinstance(rows, list) else rows, **words)
    return caught.value


def test_one_period_is_no_growth():
    rows = [("a", "2025-01-02", 1, "ads", "N"), ("a", "2025-12-31", 1, "ads", "N")]
    error = refused(rows)
    assert isinstance(error, DataError)
    assert error.slug == "no-base"
    assert "all rows that are used lie in 2025" in error.message
    assert cxkit.growth(frame(rows), period="quarter").rows.height == 2
    unfinished = refused([("a", "2024-01-02", 1, "ads", "N"), ("a", "2025-10-31", 1, "ads", "N")])
    assert unfinished.slug == "no-base"
    assert unfinished.hints == (("try", "--period month"), ("or", "--partial"))


def test_wrong_files_and_options():
    row = ("a", "2025-01-02", 1, "ads", "N")
    assert refused([]).slug == "empty"
    assert refused(frame([row]).drop("customer")).slug == "no-customer"
    assert refused(frame([row]).drop("amount")).slug == "no-amount"
    assert refused(frame([row]).drop("date")).slug == "no-date"
    assert refused([row], source="orgin").slug == "no-column"
    assert isinstance(refused([row], period="decade"), RequestError)
    assert refused([("a", "soon", 1, "ads", "N")]).exit_code in (2, 3)
    mixed = frame([row, row]).with_columns(currency=pl.Series(["EUR", "USD"]))
    assert refused(mixed).slug == "currencies"
