"""What using the money commands by hand has found, each kept as a named case."""

import polars as pl
import pytest

import cxkit
from cxkit import cli
from cxkit.errors import CxError
from cxkit.output import render

ORDERS = cxkit.sample("orders", rows=3_000).rows
SURVEY = cxkit.sample("survey", rows=2_000).rows
ROLES = {"customer": "customer_id", "date": "ordered_at"}


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run a command line in a folder with linked files; gives exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    ORDERS.write_csv("orders.csv")
    SURVEY.write_csv("survey.csv")

    def once(*argv):
        code = cli.run([str(word) for word in argv])
        out, err = capsys.readouterr()
        return code, out, err

    return once


def codes(result):
    return {note.code for note in result.notes}


def said(result, code):
    return next(note.message for note in result.notes if note.code == code)


def failed(command, *data, **words):
    with pytest.raises(CxError) as error:
        command(*data, **words)
    return error.value


# --- second files -------------------------------------------------------------------------------


def test_no_orders_and_no_customer_are_told_together(run):
    pl.DataFrame({"who": ["a"], "score": [9]}).write_csv("s.csv")
    code, _, err = run("monetize", "s.csv")
    assert code == 2
    assert "error[no-customer]" in err
    assert "try: --customer COL" in err
    assert "error[missing-option]: monetize needs --orders FILE" in err
    assert "try: cxkit monetize FILE --orders FILE" in err


@pytest.mark.parametrize("option", ["--orders", "--survey", "--referrals"])
def test_a_second_file_without_a_name_is_said_to_have_none(run, option):
    command = {"--orders": "monetize", "--survey": "retention", "--referrals": "referrals"}[option]
    code, _, err = run(command, "survey.csv" if option == "--orders" else "orders.csv", option, "")
    assert code == 2
    assert f"error[bad-value]: {option} must name a file, and is empty" in err
    assert "is a folder" not in err


@pytest.mark.parametrize("cell", ["USD", None], ids=["another", "none"])
def test_a_condition_on_the_survey_is_not_offered_for_the_orders(cell):
    survey = pl.DataFrame({"customer": ["a", "b"], "score": [9, 3]})
    orders = pl.DataFrame({"customer": ["a", "b"], "date": ["2026-01-02"] * 2, "amount": [3, 9],
                           "currency": ["EUR", cell]})  # fmt: skip
    if cell:
        hints = failed(cxkit.monetize, survey, orders=orders).hints
    else:
        notes = cxkit.monetize(survey, orders=orders).notes
        hints = next(note.hints for note in notes if note.code == "no-currency")
    assert [label for label, _ in hints] == ["hint"]
    assert "make a file of the orders" in hints[0][1]
    own = orders.filter(pl.col("currency") == "EUR")  # what the hint says does work
    assert cxkit.monetize(survey, orders=own).params["currency"] == "EUR"


@pytest.mark.parametrize("command", [cxkit.retention, cxkit.referrals])
def test_one_of_several_scores_of_the_survey_can_be_named(command):
    words = {"referrer": "referrer"} if command is cxkit.referrals else {}
    survey = SURVEY.rename({"score": "q1"}).with_columns(q2=pl.col("q1"))
    error = failed(command, ORDERS, survey=survey, **words)
    assert (error.slug, error.hints[-1]) == ("no-score", ("try", "--score COL"))
    named = command(ORDERS, survey=survey, score="q1", **words)
    assert named.rows.equals(command(ORDERS, survey=SURVEY, score="score", **words).rows)


def test_a_score_without_a_survey_is_told_to_be_idle():
    assert "idle" in codes(cxkit.retention(ORDERS, score="q1", period="year"))


# --- ids ----------------------------------------------------------------------------------------


def numbered(frame, form):
    digits = pl.col("customer_id").str.slice(1).str.strip_chars_start("0")
    return frame.with_columns(pl.format(form, digits).alias("customer_id"))


def test_ids_that_became_fractions_in_one_file_match():
    survey = numbered(SURVEY, "{}")
    one, other = (
        cxkit.monetize(survey, orders=numbered(ORDERS, form)).rows for form in ("{}.0", "{}")
    )
    assert one.equals(other)
    assert one["revenue"].sum() > 0


def test_referrers_that_became_fractions_match():
    orders = pl.DataFrame({"customer": ["1", "2"], "referrer": [None, "1.0"], "amount": [1, 2],
                           "date": ["2026-01-01", "2026-01-02"]})  # fmt: skip
    assert cxkit.referrals(orders).summary["referrers"] == 1


def test_ids_with_a_point_that_are_no_numbers_stay_apart():
    frame = pl.DataFrame({"customer": ["1.0", "v1.0", "v1", "1"], "amount": [1, 1, 1, 1]})
    items = cxkit.pareto(frame, view="items").rows
    assert dict(items.select("item", "value").iter_rows()) == {"1": 2, "v1": 1, "v1.0": 1}


@pytest.mark.parametrize("command", [cxkit.monetize, cxkit.retention])
def test_ids_of_one_form_that_are_not_shared_are_said_to_be_so(command):
    survey = pl.DataFrame({"customer": ["A1"], "score": [9], "date": ["2026-01-01"]})
    orders = pl.DataFrame({"customer": ["B2"], "date": ["2026-01-01"], "amount": [1]})
    for form, alike in (("B2", True), ("B22", False)):
        theirs = orders.with_columns(customer=pl.lit(form))
        first = command is cxkit.monetize
        words = {"orders": theirs} if first else {"survey": survey}
        error = failed(command, survey if first else theirs, **words)
        assert error.slug == "no-match"
        assert ("they look alike, but none is in both" in error.message) == alike


# --- retention ----------------------------------------------------------------------------------


def answered(promoters, detractors):
    """Who stays of 100 promoters and 100 detractors; answers come before all orders."""
    names = [f"{kind}{i}" for kind in "pd" for i in range(100)]
    stay = [f"p{i}" for i in range(promoters)] + [f"d{i}" for i in range(detractors)]
    orders = pl.DataFrame({
        "customer": [*names, *stay, "p0"], "amount": 1,
        "date": ["2026-01-05"] * 200 + ["2026-02-05"] * len(stay) + ["2026-02-28"],
    })  # fmt: skip
    survey = pl.DataFrame({"customer": names, "score": [10] * 100 + [1] * 100,
                           "date": ["2025-12-01"] * 200})  # fmt: skip
    return cxkit.retention(orders, survey=survey)


@pytest.mark.parametrize(
    ("promoters", "detractors", "key"),
    [(80, 40, "more"), (40, 80, "less"), (60, 58, "alike")],
)
def test_the_title_of_categories_speaks_of_categories(promoters, detractors, key):
    found = answered(promoters, detractors)
    title, values = found.charts[0].finding
    assert title == f"retention-promoters-{key}"
    assert values["promoter_rate"] == promoters / 100
    assert values["detractor_rate"] == detractors / 100


def test_the_title_of_groups_does_not_speak_of_all():
    result = cxkit.retention(ORDERS, by=["region"])
    key, values = result.charts[0].finding
    last = result.rows.filter(period=values["period"], region=values["name"])
    assert key == "retention-group"  # the only one of thirty customers or more
    assert values["retention_rate"] == last["retention_rate"].item()


def test_cohorts_have_a_row_of_all_that_are_old_enough():
    result = cxkit.retention(ORDERS, view="cohorts")
    table = result.tables[0].rows
    every = table.filter(cohort="all").row(0, named=True)
    cells = result.rows.filter(pl.col("age") == 3)
    assert every["customers"] == result.summary["customers"]
    assert every["+3"] == pytest.approx(cells["active"].sum() / cells["eligible"].sum(), abs=1e-12)
    assert every["+3"] == pytest.approx(result.summary["age_3_rate"], abs=1e-12)
    assert "all" not in result.rows["cohort"]  # data have the cohorts alone


def test_cohorts_of_groups_are_pooled_by_group():
    table = cxkit.retention(ORDERS, view="cohorts", by=["region"]).tables[0].rows
    every = table.filter(cohort="all")
    assert every["region"].n_unique() == ORDERS["region"].n_unique()


def test_a_table_of_cohorts_says_where_it_stops():
    result = cxkit.retention(ORDERS, view="cohorts", period="month")
    last = result.rows["age"].max()
    text = render(result, "table", width=80, plain=False)
    assert f"the first 10 of {last} ages; --csv and --chart have all" in text
    assert max(map(len, text.splitlines())) <= 80
    short = cxkit.retention(ORDERS, view="cohorts", period="year")
    assert "the first" not in render(short, "table")


# --- growth -------------------------------------------------------------------------------------


def skipping(days):
    return pl.DataFrame({"customer": ["a"] * len(days), "date": days, "amount": 1})


def test_who_skips_a_period_is_told_to_count_as_new():
    orders = skipping(["2026-01-05", "2026-03-05", "2026-03-31"])
    base = pl.DataFrame({"customer": ["b"], "date": ["2026-02-03"], "amount": [1]})
    orders = pl.concat([orders, base.cast(orders.schema)])
    note = said(cxkit.growth(orders, period="month"), "returning")
    assert note.startswith("100% of the new customers of 2026-03 had bought before 2026-02: ")
    assert "returning" not in codes(cxkit.growth(orders.with_columns(
        date=pl.Series(["2024-01-05", "2025-03-05", "2025-12-31", "2025-02-03"])
    )))  # fmt: skip


# --- referrals ----------------------------------------------------------------------------------


def test_the_picture_of_advocates_is_in_the_order_of_the_table():
    result = cxkit.referrals(ORDERS, referrer="referrer", view="advocates")
    chart = result.charts[0]
    assert result.rows.height > 20
    assert chart.rows["customer"].to_list() == result.rows["customer"].to_list()[:20]
    assert chart.rows.height == 20  # and no bar of all others
    key, values = chart.finding
    direct = result.rows["direct_revenue"]
    assert key == "referrals-first"
    assert values["referred_revenue_share"] == pytest.approx(direct[:20].sum() / direct.sum())


def test_the_title_of_generations_speaks_of_generations():
    result = cxkit.referrals(ORDERS, referrer="referrer", view="generations")
    key, values = result.charts[0].finding
    assert key == "referrals-chains"
    assert values["generations"] == result.rows["generation"].max()
    assert values["referred_customers"] == result.rows["customers"][1:].sum()


# --- clv ----------------------------------------------------------------------------------------


def test_contracts_are_classed_by_renewals():
    made = pl.DataFrame({"start": ["2025-01-01"] * 40, "end": [None] * 20 + ["2025-03-15"] * 20})
    found = cxkit.clv(made, model="sbg", start="start", end="end", as_of="2025-08-15")
    assert "purchases" not in found.rows.columns
    assert found.rows["renewals"].to_list() == ["6–11"]
    assert found.tables[0].keys == ("renewals",)


def test_until_with_contracts_is_no_question_of_a_date(run):
    pl.DataFrame({"start": ["2025-01-01"], "end": [None]}).write_csv("c.csv")
    code, _, err = run("clv", "c.csv", "--model", "sbg", "--until", "2025-06-01")
    assert code == 2
    assert "try: --as-of 2025-06-01" in err
    assert "no-date" not in err


@pytest.mark.parametrize(
    ("words", "same"),
    [
        (("clv", "--discount", "10%"), ("clv", "--discount", "0.1")),
        (("clv", "--margin", " 40 %"), ("clv", "--margin", "0.4")),
        (("pareto", "--share", "100%"), ("pareto", "--share", "100")),
        (("pareto", "--share", "0.5%"), ("pareto", "--share", "0.005")),
        (("pareto", "--confidence", "90%"), ("pareto", "--confidence", "90")),
    ],
)
def test_a_share_may_be_written_in_percent(run, words, same):
    one, other = (run(name, "orders.csv", *rest, "--json") for name, *rest in (words, same))
    assert one[0] == 0
    assert one[1] == other[1]


@pytest.mark.parametrize("text", ["110%", "%", "10%%", "-1%"])
def test_a_share_beyond_the_whole_is_refused(run, text):
    assert run("clv", "orders.csv", "--discount", text)[0] == 2


def test_customers_who_all_stay_are_doubted():
    days = pl.date_range(pl.date(2025, 1, 1), pl.date(2025, 6, 30), "1d", eager=True)
    rows = [(f"c{i}", str(day), 10 + i) for i in range(60) for day in days[i % 7 :: 7 + i % 14]]
    steady = pl.DataFrame(rows, schema=["customer", "date", "amount"], orient="row")
    assert "all-alive" in codes(cxkit.clv(steady))
    assert "all-alive" not in codes(cxkit.clv(ORDERS))


# --- pareto -------------------------------------------------------------------------------------


def test_many_groups_have_intervals_without_the_bootstrap():
    frame = pl.DataFrame({"customer": range(60_000)}).with_columns(
        amount=1 + pl.col("customer") % 97, group=pl.col("customer") % 601
    )
    few = pl.DataFrame({"customer": range(60_000, 60_010), "amount": 2, "group": 601})
    found = cxkit.pareto(pl.concat([frame, few.cast(frame.schema)]), by=["group"])
    assert "linearised" in codes(found)
    small = pl.col("items") < 30
    assert found.rows.filter(small)["ci_low"].null_count() == 1
    assert found.rows.filter(~small)["ci_low"].null_count() == 0
    assert "linearised" not in codes(cxkit.pareto(frame.head(2_000), by=["group"]))


def test_the_title_of_customers_names_them():
    assert cxkit.pareto(ORDERS).charts[0].finding[0] == "pareto-title-customers"
    assert cxkit.pareto(ORDERS, item="product").charts[0].finding[0] == "pareto-title"


# --- files --------------------------------------------------------------------------------------


def test_one_file_for_figures_and_picture_is_one_fault(run):
    code, _, err = run("pareto", "orders.csv", "-o", "x.png", "--chart", "x.png")
    assert code == 2
    assert err.count("error[") == 1
    assert "-o and --chart name the same file, x.png" in err
    assert "try: -o x.csv --chart x.png" in err
