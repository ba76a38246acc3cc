"""Retention: every figure against plain Python, published counts, and laws that cannot fail."""

import csv
import json
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

import cxkit
from cxkit import cli
from cxkit.cells.periods import Calendar, Length
from cxkit.errors import CxError, DataError, RequestError
from cxkit.orders.money import UNIT
from cxkit.output import render

HERE = Path(__file__).parent
ORACLE = json.loads((HERE / "oracles" / "retention.json").read_text())
INVOICES = HERE / "data" / "online_retail" / "invoices.csv"
MONEY = ("start_revenue", "lost_revenue", "contraction", "expansion", "new_revenue",
         "returned_revenue", "end_revenue")  # fmt: skip
CLOSE = {"rel": 1e-9, "abs": 1e-9}


def month_end(m):
    return Calendar("month").end(date(2024 + m // 12, m % 12 + 1, 1))


def golden():
    rows = [(f"c{c}", month_end(m), float(amount)) for c, m, amount in ORACLE["rows"]]
    return pl.DataFrame(rows, schema=["customer", "date", "amount"], orient="row")


def orders(rows):
    """Purchases (customer, date, cents) as a frame."""
    made = [(c, d, cents / 100) for c, d, cents in rows]
    kinds = {"customer": pl.String, "date": pl.Date, "amount": pl.Float64}
    return pl.DataFrame(made, schema=kinds, orient="row")


# --- from outside -------------------------------------------------------------------------------


def test_periods_of_the_oracle():
    """24 customers over 8 months, counted by SQL."""
    rows = cxkit.retention(golden(), min_n=0).rows.to_dicts()
    names = {"start_customers": "start_customers", "retained": "retained", "lost": "churned",
             "new": "new", "returned": "reactivated", "end_customers": "end_customers",
             "retention_rate": "logo_retention", "start_revenue": "start_mrr",
             "lost_revenue": "churned_mrr", "contraction": "contraction", "expansion": "expansion",
             "new_revenue": "new_mrr", "returned_revenue": "reactivation_mrr",
             "end_revenue": "end_mrr", "grr": "grr", "nrr": "nrr"}  # fmt: skip
    assert len(rows) == 8
    for expected in ORACLE["periods"]:
        row = rows[expected["t"]]
        assert row["flags"] == []
        for name, theirs in names.items():
            assert row[name] == pytest.approx(expected[theirs], **CLOSE), (expected["t"], name)


def test_cohorts_of_the_oracle():
    result = cxkit.retention(golden(), view="cohorts")
    cells = {(row["cohort"], row["age"]): row for row in result.rows.to_dicts()}
    counted = 0
    for cohort in ORACLE["cohorts"]:
        for age, active in enumerate(cohort["active"]):
            cell = cells.get((f"2024-{cohort['first'] + 1:02}", age))
            assert (None if cell is None else cell["active"]) == active
            counted += active is not None
            assert cell is None or cell["eligible"] == cohort["active"][0]
    assert len(cells) == counted  # none beyond the last period
    pooled = {one["k"]: one["active"] / one["at_risk"] for one in ORACLE["pooled_by_age"]}
    for age in (1, 3, 6):
        assert result.summary[f"age_{age}_rate"] == pytest.approx(pooled[age], **CLOSE)
    assert result.summary["age_12_rate"] is None
    assert (result.summary["customers"], result.summary["cohorts"]) == (24, 4)


@pytest.mark.parametrize("gross", [True, False])
def test_first_cohort_of_online_retail(gross):
    result = cxkit.retention(INVOICES, view="cohorts", gross=gross)
    first = result.rows.filter(cohort="2010-12")
    assert first["active"].to_list() == ORACLE["online_retail"]["gross" if gross else "netted"]
    assert result.rows["cohort"].unique().sort().to_list()[-1] == "2011-04"  # May is not over


def test_wilson_interval():
    """SciPy's Wilson interval of a proportion."""
    row = cxkit.retention(golden(), min_n=0).rows.row(7, named=True)
    assert (row["retained"], row["start_customers"]) == (14, 17)
    theirs = binomtest(14, 17).proportion_ci(0.95, method="wilson")
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(tuple(theirs), **CLOSE)
    assert row["churn_rate"] == pytest.approx(3 / 17, **CLOSE)


# --- the same by plain Python -------------------------------------------------------------------


def moves(now, before, seen, value):
    """What the rows say of one period: sets of customers, and value(customer, 0 or 1)."""
    kept = now & before
    out = {
        "start_customers": len(before), "retained": len(kept), "lost": len(before - now),
        "new": len(now - seen), "returned": len((now & seen) - before), "end_customers": len(now),
        "start_revenue": sum(value(c, 0) for c in before),
        "lost_revenue": sum(value(c, 0) for c in before - now),
        "contraction": sum(max(value(c, 0) - value(c, 1), 0) for c in kept),
        "expansion": sum(max(value(c, 1) - value(c, 0), 0) for c in kept),
        "new_revenue": sum(value(c, 1) for c in now - seen),
        "returned_revenue": sum(value(c, 1) for c in (now & seen) - before),
        "end_revenue": sum(value(c, 1) for c in now),
    }  # fmt: skip
    start, above = out["start_revenue"], sum(max(value(c, 0), 0) for c in before)
    held = sum(max(0, min(value(c, 0), value(c, 1))) for c in kept)
    out["nrr"] = sum(value(c, 1) for c in kept) / start if start > 0 else None
    out["grr"] = held / above if start > 0 else None
    return out


def plain(rows):
    """Every month from the first to the last purchase, with dictionaries."""
    spent = defaultdict(lambda: defaultdict(int))
    for c, d, cents in rows:
        spent[d.year * 12 + d.month - 1][c] += cents
    seen, found = set(), []
    for m in range(min(spent), max(spent) + 1):
        now, before = set(spent.get(m, ())), set(spent.get(m - 1, ()))
        found.append(moves(now, before, seen, lambda c, k, m=m: spent[m - 1 + k].get(c, 0)))
        seen |= now
    return found


def check(rows, expected):
    assert len(rows) == len(expected)
    for row, want in zip(rows, expected, strict=True):
        for name, value in want.items():
            ours = row[name]
            if name in MONEY:
                assert round(ours * 100) == value, name
            else:
                assert ours == (value if value is None else pytest.approx(value, **CLOSE)), name


CUSTOMERS = st.sampled_from([f"k{i}" for i in range(7)])
DAYS = st.dates(date(2024, 1, 1), date(2024, 9, 30))
PURCHASES = st.lists(st.tuples(CUSTOMERS, DAYS, st.integers(-500, 2_000)), min_size=1, max_size=60)


@settings(deadline=None, max_examples=60)
@given(PURCHASES)
def test_periods_are_those_of_plain_python(rows):
    check(cxkit.retention(orders(rows)).rows.to_dicts(), plain(rows))


def test_periods_of_online_retail_are_those_of_plain_python():
    with INVOICES.open() as file:
        rows = [
            (row["customer"], date.fromisoformat(row["date"]), round(float(row["amount"]) * 100))
            for row in csv.DictReader(file)
        ]
    result = cxkit.retention(INVOICES)
    check(result.rows.to_dicts(), plain(rows))
    assert result.summary["period"] == "2011-04"
    assert result.summary["customers"] == len({c for c, _, _ in rows})
    assert [row["flags"] for row in result.rows.to_dicts()] == [["no-data"], *[[]] * 4, ["partial"]]


@settings(deadline=None, max_examples=40)
@given(PURCHASES)
def test_money_and_customers_add_up(rows):
    result = cxkit.retention(orders(rows))
    for row in result.rows.to_dicts():
        start, lost, less, more, new, back, end = (round(row[name] * UNIT) for name in MONEY)
        assert start - lost - less + more + new + back == end
        assert row["retained"] + row["lost"] == row["start_customers"]
        assert row["retained"] + row["new"] + row["returned"] == row["end_customers"]
        assert row["grr"] is None or 0 <= row["grr"] <= 1
        if row["start_customers"]:
            assert 0 <= row["ci_low"] <= row["retention_rate"] <= row["ci_high"] <= 1
    ends = result.rows["end_customers"].to_list()
    assert result.rows["start_customers"].to_list() == [0, *ends[:-1]]
    assert result.rows["new"].sum() == len({c for c, _, _ in rows})


@settings(deadline=None, max_examples=40)
@given(PURCHASES)
def test_cohorts_hold_every_customer_once(rows):
    spent = defaultdict(set)
    for c, d, _ in rows:
        spent[c].add(d.year * 12 + d.month - 1)
    last = max(d for _, d, _ in rows)
    over = last.year * 12 + last.month - 1 - (last != month_end(last.month - 1))
    begun = {c: min(months) for c, months in spent.items() if min(months) <= over}
    if not begun:
        with pytest.raises(DataError):
            cxkit.retention(orders(rows), view="cohorts")
        return
    cells = cxkit.retention(orders(rows), view="cohorts").rows
    assert cells.filter(age=0)["active"].sum() == len(begun)
    for row in cells.to_dicts():
        year, month = map(int, row["cohort"].split("-"))
        first = year * 12 + month - 1
        own = [c for c, m in begun.items() if m == first]
        assert row["eligible"] == len(own)
        assert row["active"] == sum(first + row["age"] in spent[c] for c in own)
        assert first + row["age"] <= over


@settings(deadline=None, max_examples=30)
@given(PURCHASES, st.randoms())
def test_names_order_and_parts_do_not_matter(rows, random):
    want = cxkit.retention(orders(rows)).rows
    renamed = [(f"x{c}y", d, cents) for c, d, cents in rows]
    assert cxkit.retention(orders(renamed)).rows.equals(want)
    random.shuffle(renamed)
    assert cxkit.retention(orders(renamed)).rows.equals(want)
    halves = [(c, d, part) for c, d, cents in rows for part in (cents - 7, 7)]
    assert cxkit.retention(orders(halves)).rows.equals(want)


@settings(deadline=None, max_examples=30)
@given(PURCHASES)
def test_another_customer_only_adds(rows):
    want = cxkit.retention(orders(rows)).rows
    first, last = min(d for _, d, _ in rows), max(d for _, d, _ in rows)
    more = cxkit.retention(orders([*rows, ("z", first, 100), ("z", last, 100)])).rows
    assert (more["end_customers"] - want["end_customers"]).is_in([0, 1]).all()
    assert (more["end_customers"] - want["end_customers"])[0] == 1
    assert (more["new"] - want["new"]).to_list() == [1] + [0] * (want.height - 1)


@settings(deadline=None, max_examples=30)
@given(PURCHASES, st.integers(1, 4))
def test_what_came_before_is_history(rows, n):
    whole = cxkit.retention(orders(rows)).rows
    assert cxkit.retention(orders(rows), last=n).rows.equals(whole.tail(n))
    since = whole["period"][-1]
    assert cxkit.retention(orders(rows), since=since).rows.equals(whole.tail(1))


# --- who bought within so long ------------------------------------------------------------------


@settings(deadline=None, max_examples=40)
@given(PURCHASES, st.sampled_from(["1d", "10d", "4w", "45d", "90d", "2mo", "1y"]))
def test_windows_are_those_of_plain_python(rows, within):
    result = cxkit.retention(orders(rows), active_within=within)
    length = Length.of(within, "")
    last = max(d for _, d, _ in rows)
    seen, before = set(), set()
    for row in result.rows.to_dicts():
        end = min(Calendar("month").end(date.fromisoformat(f"{row['period']}-01")), last)
        first = length.first(end)
        now = {c for c, d, _ in rows if first <= d <= end}
        want = moves(now, before, seen, lambda c, k: 0)
        for name in ("start_customers", "retained", "lost", "new", "returned", "end_customers"):
            assert row[name] == want[name], (row["period"], name)
        assert all(row[name] is None for name in (*MONEY, "grr", "nrr"))
        seen, before = seen | now, now


def test_a_window_of_the_period_is_the_period():
    names = ["start_customers", "retained", "lost", "new", "returned", "end_customers"]
    month = cxkit.retention(golden()).rows.select(names)
    assert cxkit.retention(golden(), active_within="1mo").rows.select(names).equals(month)


@pytest.mark.parametrize(
    ("text", "last", "first"),
    [
        ("1d", date(2024, 3, 31), date(2024, 3, 31)),
        ("90d", date(2024, 3, 31), date(2024, 1, 2)),
        ("2W", date(2024, 3, 31), date(2024, 3, 18)),
        ("1mo", date(2024, 2, 29), date(2024, 2, 1)),
        ("3 mo", date(2024, 3, 31), date(2024, 1, 1)),
        ("3mo", date(2024, 3, 15), date(2023, 12, 16)),
        ("1mo", date(2023, 3, 30), date(2023, 3, 1)),
        ("1y", date(2024, 2, 29), date(2023, 3, 1)),
        ("999999d", date(2024, 2, 29), date.min),
    ],
)
def test_where_a_length_begins(text, last, first):
    assert Length.of(text, "").first(last) == first


def test_the_usual_gap_is_told():
    rows = [("a", date(2024, 1, 1) + timedelta(days=7 * i), 100) for i in range(20)]
    result = cxkit.retention(orders(rows), active_within="30d")
    (note,) = (note for note in result.notes if note.code == "gap")
    assert "within 7 days" in note.message


@pytest.mark.parametrize("text", ["", "90", "0d", "d", "-3d", "3 months", "1.5mo"])
def test_what_is_no_length(text):
    with pytest.raises(RequestError):
        cxkit.retention(golden(), active_within=text)


# --- by NPS category ----------------------------------------------------------------------------

ANSWERS = st.lists(st.tuples(CUSTOMERS, DAYS, st.integers(0, 10)), min_size=1, max_size=25)


def survey(rows):
    kinds = {"customer": pl.String, "date": pl.Date, "nps_score": pl.Int64}
    return pl.DataFrame(rows, schema=kinds, orient="row")


def category_of(answers, customer, start):
    """The latest answer before a day; of one day the last in the file."""
    known = [(d, i, s) for i, (c, d, s) in enumerate(answers) if c == customer and d < start]
    if not known:
        return "unknown"
    score = max(known)[2]
    return "detractor" if score <= 6 else "passive" if score <= 8 else "promoter"


@settings(deadline=None, max_examples=50)
@given(PURCHASES, ANSWERS)
def test_categories_are_those_of_plain_python(rows, answers):
    if not {c for c, _, _ in rows} & {c for c, _, _ in answers}:
        with pytest.raises(DataError, match="found"):
            cxkit.retention(orders(rows), survey=survey(answers))
        return
    spent = defaultdict(lambda: defaultdict(int))
    for c, d, cents in rows:
        spent[f"{d:%Y-%m}"][c] += cents
    found = cxkit.retention(orders(rows), survey=survey(answers)).rows
    calendar = Calendar("month")
    for row in found.to_dicts():
        start = date.fromisoformat(f"{row['period']}-01")
        earlier = calendar.label(calendar.previous(start))
        own = {c for c, _, _ in rows if category_of(answers, c, start) == row["category"]}
        now, before = set(spent[row["period"]]), set(spent[earlier])
        seen = {c for c, d, _ in rows if d < start}
        want = moves(now & own, before & own, seen,
                     lambda c, k, at=(earlier, row["period"]): spent[at[k]].get(c, 0))  # fmt: skip
        check([row], [want])
    whole = cxkit.retention(orders(rows)).rows
    parts = found.group_by("period", maintain_order=True).agg(pl.col("end_customers", "new").sum())
    assert parts["end_customers"].to_list() == whole["end_customers"].to_list()
    assert parts["new"].to_list() == whole["new"].to_list()


def test_the_clock_starts_at_the_answer():
    """Who answers within a period is not yet told apart in it."""
    rows = [("a", date(2024, m, 5), 100) for m in (1, 2, 3, 4)]
    answers = [("A ", date(2024, 2, 1), 10), ("a", date(2024, 3, 20), 2)]
    found = cxkit.retention(orders(rows), survey=survey(answers)).rows
    counted = found.filter(pl.col("retained") == 1).select("period", "category").rows()
    assert counted == [("2024-02", "unknown"), ("2024-03", "promoter"), ("2024-04", "detractor")]


def test_ids_that_do_not_meet():
    rows = [("1001", date(2024, 1, 1), 100)]
    with pytest.raises(DataError) as caught:
        cxkit.retention(orders(rows), survey=survey([("K-77", date(2024, 1, 1), 9)]))
    assert caught.value.slug == "no-match"
    assert "A-99" in str(caught.value)
    assert "9999" in str(caught.value)
    assert "1001" not in str(caught.value)
    assert "77" not in str(caught.value)


# --- groups, periods, counts --------------------------------------------------------------------


def grouped():
    rows = [
        (region, f"{region}{i}" if i else "both", month_end(m), float(10 + i + m))
        for region, n in (("N", 4), ("S", 2), (None, 6))
        for i in range(n)
        for m in range(4)
        if (i + m) % 3
    ]
    kinds = {"region": pl.String, "customer": pl.String, "date": pl.Date, "amount": pl.Float64}
    return pl.DataFrame(rows, schema=kinds, orient="row")


def test_groups_are_each_analysed_alone():
    data = grouped()
    found = cxkit.retention(data, by="region").rows
    for region in ("N", "S", None):
        own = data.filter(pl.col("region").eq_missing(region))
        alone = cxkit.retention(own).rows.drop("table")
        part = found.filter(pl.col("region").eq_missing(region)).drop("table", "region")
        part = part.filter(pl.col("end_customers") + pl.col("start_customers") > 0)
        assert part.tail(alone.height).equals(alone)
    assert found["region"].to_list()[:3] == ["N", "S", None]  # the blank last


@pytest.mark.parametrize("name", ["place", "at", "n", "group", "customers", "lost", "cohort"])
@pytest.mark.parametrize("view", ["periods", "cohorts"])
def test_grouping_columns_may_have_any_name(name, view):
    data = grouped()
    want = cxkit.retention(data, by="region", view=view)
    found = cxkit.retention(data.rename({"region": name}), by=name, view=view)
    assert found.rows.rename({found.rows.columns[1]: "region"}).equals(want.rows)
    assert found.rows.columns[1] in (name, f"by_{name}")
    assert len(render(found, "table").split("\n")) == len(render(want, "table").split("\n"))


def test_several_tables():
    result = cxkit.retention(grouped(), by=["region", "customer"])
    assert result.rows["table"].unique(maintain_order=True).to_list() == ["region", "customer"]
    own = result.rows.filter(table="region").drop("table", "customer")
    assert own.equals(cxkit.retention(grouped(), by="region").rows.drop("table"))
    whole = cxkit.retention(grouped())
    assert result.summary == whole.summary
    cohorts = cxkit.retention(grouped(), by=["region", "customer"], view="cohorts").rows
    sizes = cohorts.filter(age=0).group_by("table").agg(pl.col("active").sum())
    assert dict(sizes.iter_rows()) == {"customer": 10, "region": 12}  # `both` is in three regions


def test_empty_periods_have_rows():
    rows = [("a", date(2024, 1, 5), 100), ("a", date(2024, 4, 30), 100)]
    found = cxkit.retention(orders(rows)).rows
    assert found["period"].to_list() == ["2024-01", "2024-02", "2024-03", "2024-04"]
    assert found["end_customers"].to_list() == [1, 0, 0, 1]
    assert found["lost"].to_list() == [0, 1, 0, 0]
    assert found["returned"].to_list() == [0, 0, 0, 1]
    assert found["retention_rate"].to_list() == [None, 0.0, None, None]


def test_weeks_and_fiscal_years():
    rows = [("a", date(2024, 12, 28), 100), ("a", date(2025, 1, 4), 50), ("b", date(2025, 4, 2), 5)]
    weeks = cxkit.retention(orders(rows[:2]), period="week").rows
    assert weeks["period"].to_list() == ["2024-W52", "2025-W01"]
    assert weeks["retained"].to_list() == [0, 1]
    years = cxkit.retention(orders(rows), period="year", fiscal_start=4).rows
    assert years["period"].to_list() == ["FY2025", "FY2026"]
    assert years["lost"].to_list() == [0, 1]


def test_rows_may_be_counted_instead_of_money():
    result = cxkit.retention(golden(), amount="rows")
    assert result.kind("end_revenue") == "count"
    assert result.rows["end_revenue"].to_list() == result.rows["end_customers"].to_list()
    assert result.params["currency"] is None


def test_counts_of_rows():
    data = golden().with_columns(times=pl.lit(3))
    result = cxkit.retention(data, count="times")
    assert result.ledger.read == 3 * data.height
    assert result.rows["retained"].to_list() == cxkit.retention(golden()).rows["retained"].to_list()
    assert result.rows["end_revenue"][0] == 3 * cxkit.retention(golden()).rows["end_revenue"][0]


def test_customers_below_zero_are_told():
    rows = [("a", date(2024, 1, 31), 100), ("b", date(2024, 1, 31), 100),
            ("a", date(2024, 2, 29), -50), ("b", date(2024, 2, 29), 80)]  # fmt: skip
    result = cxkit.retention(orders(rows))
    assert "negative" in {note.code for note in result.notes}
    assert result.summary["grr"] == pytest.approx(0.4)
    assert result.summary["nrr"] == pytest.approx(0.15)


# --- what people see ----------------------------------------------------------------------------

VIEWS = ({}, {"view": "cohorts"}, {"by": ["region", "customer"]}, {"active_within": "30d"},
         {"view": "cohorts", "by": "region"}, {"by": "region", "last": 2},
         {"last": 1, "until": "2024-04-15"}, {"until": "2024-01-31"})  # fmt: skip


@pytest.mark.parametrize("words", VIEWS, ids=str)
@pytest.mark.parametrize("format", ["table", "csv", "json", "ndjson", "md", "xlsx", "parquet"])
def test_every_format_renders(words, format):
    assert render(cxkit.retention(grouped(), **words), format)


@pytest.mark.parametrize("words", VIEWS, ids=str)
def test_charts_are_drawn(words, tmp_path):
    cxkit.write(cxkit.retention(grouped(), **words), tmp_path / "r.png")
    assert all(file.stat().st_size > 5_000 for file in tmp_path.iterdir())
    assert len(list(tmp_path.iterdir())) >= 1


def test_the_triangle_is_printed():
    lines = str(render(cxkit.retention(INVOICES, view="cohorts", gross=True), "table")).split("\n")
    assert lines[0].startswith("Of 2,434 customers in 5 cohorts, 26% were active one period")
    assert lines[4].split() == ["2010-12", "885", "37%", "32%", "38%", "36%"]
    assert lines[8].split() == ["2011-04", "300", "–", "–", "–", "–"]


def test_the_curve_holds_all_cohorts_that_have_reached_an_age():
    triangle, curve = cxkit.retention(INVOICES, view="cohorts", gross=True).charts
    assert (triangle.name, curve.name) == ("triangle", "curve")
    one = curve.rows.row(0, named=True)
    assert one["age"] == "1"
    assert one["n"] == 2434 - 300  # the last cohort has no second period that is over
    assert one["ci_low"] < one["retention_rate"] < one["ci_high"]


def test_a_change_is_claimed_only_if_it_is_tested():
    def title(kept):
        rows = [(f"c{i}", month_end(m), 100) for i in range(200) for m in (0, 1)]
        rows += [(f"c{i}", month_end(2), 100) for i in range(kept)]
        result = cxkit.retention(orders(rows))
        return result.chart.finding[0]

    assert title(120) == "retention-fell"
    assert title(200) == "retention-steady"
    few = [("a", month_end(0), 5), ("a", month_end(1), 5), ("b", month_end(2), 5)]
    assert cxkit.retention(orders(few)).chart.finding[0] == "retention-now"


@pytest.mark.parametrize("name", ["retention", "churn"])
def test_the_command_line(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    golden().write_csv("orders.csv")
    assert cli.run([name, "orders.csv", "--json", "--last", "2"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["schema"] == "cxkit.retention/1"
    assert [row["period"] for row in said["rows"]] == ["2024-07", "2024-08"]
    assert said["columns"] == {"customer": "customer", "date": "date", "amount": "amount", "by": []}


def test_the_alias_of_cohorts(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    golden().write_csv("orders.csv")
    assert cli.run(["cohorts", "orders.csv", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["schema"] == "cxkit.retention.cohorts/1"


def test_a_survey_by_path(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    golden().write_csv("orders.csv")
    answers = [(f"C{i}", date(2024, 1, 15), i % 11) for i in range(1, 25)]
    survey(answers).write_csv("survey.csv")
    assert cli.run(["retention", "orders.csv", "--survey", "survey.csv"]) == 0
    out, err = capsys.readouterr()
    assert "bought again in 2024-08; too few by category to compare" in out.splitlines()[0]
    assert "24 of 24 customers who answered have orders (100%)" in err


# --- wrong files and requests -------------------------------------------------------------------

HEAD = "customer,date,amount\n"


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("", "empty"),
        (HEAD, "empty"),
        ("date,amount\n2024-01-01,5\n", "no-customer"),
        ("customer,date\na,2024-01-01\n", "no-amount"),
        ("customer,amount\na,5\n", "no-date"),
        (HEAD + "a,soon,5\n", "no-dates"),
        (HEAD + ",2024-01-01,5\n", "no-rows"),
        (HEAD + "a,2024-01-01,£5\nb,2024-02-01,€5\n", "currencies"),
    ],
)
def test_wrong_files(text, slug, tmp_path):
    file = tmp_path / "orders.csv"
    file.write_text(text)
    with pytest.raises(CxError) as caught:
        cxkit.retention(file)
    assert caught.value.slug == slug


@pytest.mark.parametrize(
    "words", [{"active_within": "90d"}, {"survey": survey([("c1", date(2024, 1, 1), 9)])}]
)
def test_cohorts_take_neither_windows_nor_surveys(words):
    with pytest.raises(CxError) as caught:
        cxkit.retention(golden(), view="cohorts", **words)
    assert caught.value.slug == "usage"


def test_cohorts_need_a_period_that_is_over():
    with pytest.raises(DataError) as caught:
        cxkit.retention(orders([("a", date(2024, 1, 5), 100)]), view="cohorts")
    assert caught.value.slug == "no-periods"


def test_one_period_has_nobody_to_keep():
    result = cxkit.retention(orders([("a", date(2024, 1, 5), 100)]))
    assert result.rows["flags"].to_list() == [["no-data", "partial"]]
    assert result.summary["retention_rate"] is None
    assert str(render(result, "table")).startswith("1 customer")


def test_periods_after_the_data():
    with pytest.raises(DataError) as caught:
        cxkit.retention(golden(), since="2025")
    assert caught.value.slug == "no-rows"
