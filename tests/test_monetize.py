"""Monetised NPS: golden figures, an independent computation, laws, the command, wrong files."""

import datetime
import json
import random
import statistics
import sys
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

import cxkit
from cxkit import cli
from cxkit.errors import DataError, RequestError
from cxkit.orders import bridge, gains
from cxkit.output import render
from cxkit.output.table import render_table

GOLDEN = json.loads((Path(__file__).parent / "oracles" / "monetize.json").read_text("utf-8"))
MONEY = GOLDEN["monetised"]
LETTERS = {"D": "detractor", "N": "passive", "P": "promoter"}
DAY = datetime.date


def close(x):
    return pytest.approx(x, rel=1e-9, abs=1e-9)


@pytest.fixture(scope="module")
def golden():
    """The twelve customers of the golden file who answered, and the orders of all fifteen."""
    people = pl.DataFrame(GOLDEN["input"]["rows"], schema=GOLDEN["input"]["columns"], orient="row")
    survey = people.filter(responded=1).select("customer", score="rating")
    orders = people.select("customer", amount="annual_revenue", date=pl.lit("2026-05-01"))
    return survey, orders


@pytest.fixture(scope="module")
def result(golden):
    return cxkit.monetize(golden[0], orders=golden[1])


def by_category(result, column):
    return dict(result.rows.select("category", column).iter_rows())


# --- golden figures (exact fractions; scipy 1.17.1 for Welch) -------------------------------------


@pytest.mark.parametrize(
    ("column", "key"),
    [
        ("revenue", "revenue_by_group"),
        ("revenue_mean", "mean_revenue_by_group"),
        ("revenue_share", "revenue_share_by_group"),
    ],
)
def test_categories(result, column, key):
    figures = by_category(result, column)
    assert list(figures) == ["detractor", "passive", "promoter"]
    for letter, name in LETTERS.items():
        assert figures[name] == close(MONEY[key][letter])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("nps", MONEY["nps"]),
        ("revenue_weighted_nps", 100 * MONEY["revenue_weighted_nps"]),
        ("coverage", MONEY["survey_revenue_coverage"]),
        ("unknown_revenue", MONEY["unknown_revenue"]),
        ("revenue_at_risk", MONEY["revenue_at_risk_detractors_in_force"]),
        ("revenue_at_risk_share", MONEY["revenue_at_risk_share_of_all"]),
        ("diff", MONEY["promoter_minus_detractor_revenue_welch"]["diff"]),
        ("p_value", MONEY["promoter_minus_detractor_revenue_welch"]["p"]),
        ("diff_low", MONEY["promoter_minus_detractor_revenue_welch"]["ci95"][0]),
        ("diff_high", MONEY["promoter_minus_detractor_revenue_welch"]["ci95"][1]),
    ],
)
def test_summary(result, name, expected):
    assert result.summary[name] == close(expected)


def test_interval_of_the_weighted_score(result):
    """Adjusted Wald, by hand: n_eff of the golden file, pseudo-counts ¾, 1½, ¾ (Rocks 2016)."""
    n = MONEY["kish_neff_revenue_weights"]
    shares = [MONEY["revenue_share_by_group"][letter] for letter in "DP"]
    low, high = (n * share + 0.75 for share in shares)
    size = n + 3
    centre = (high - low) / size
    half = 1.959963984540054 * ((high + low) / size - centre**2) ** 0.5 / size**0.5
    assert result.summary["rw_ci_low"] == close(100 * (centre - half))
    assert result.summary["rw_ci_high"] == close(100 * (centre + half))


def test_medians(result):
    """By hand: the means of the two in the middle of 90 260 400 1700, 150 300 640 910, …"""
    assert by_category(result, "revenue_median") == {
        "detractor": 330.0, "passive": 470.0, "promoter": 1000.0,
    }  # fmt: skip


def test_value_of_a_point():
    means = {name: MONEY["mean_revenue_by_group"][letter] for letter, name in LETTERS.items()}
    values = gains.point_values(means, 10_000)
    told = MONEY["value_of_one_nps_point_base_10000"]
    assert values == {
        "detractor_to_passive": close(told["D->N"]),
        "passive_to_promoter": close(told["N->P"]),
        "detractor_to_promoter": close(told["D->P_per_point"]),
    }


def test_the_base_of_a_point_is_who_answered(result):
    told = MONEY["value_of_one_nps_point_base_10000"]
    assert result.summary["customers"] == 12
    assert result.summary["point_value_detractor_to_passive"] == close(told["D->N"] * 12 / 10_000)
    assert result.summary["point_value_detractor_to_promoter"] == close(
        told["D->P_per_point"] * 12 / 10_000
    )


@pytest.mark.parametrize("move", MONEY["what_if"], ids=lambda move: move["move"])
def test_what_if(move):
    source, target = move["move"].split("->")
    means = MONEY["mean_revenue_by_group"]
    customers = move["base"] * 4 / 12 * move["share_of_source"]
    assert customers == close(move["moved"])
    full = gains.gain(customers, means[source], means[target])
    assert full == close(move["revenue_delta"])
    assert gains.HAIRCUT * full == close(move["revenue_delta_haircut_50"])


def test_what_if_lies_between_nothing_and_the_full_difference(result):
    """A tenth of four detractors to passives: 0.4 · (500 − 612.5) = −45."""
    assert (result.summary["what_if_low"], result.summary["what_if_high"]) == (close(-45), 0)


@pytest.mark.parametrize("case", GOLDEN["cx_roi"], ids=["gain", "none"])
def test_return_on_cost(case):
    found = gains.returns(case["gain_revenue"], case["margin"], case["cost"], months=12)
    assert found.roi == close(case["roi"])
    assert found.payback_months == (case["payback_months"] and close(case["payback_months"]))


def test_expected_loss():
    told = MONEY["expected_loss"]
    named = {name: MONEY["revenue_by_group"][letter] for letter, name in LETTERS.items()}
    churn = {name: told["churn_by_group"][letter] for letter, name in LETTERS.items()}
    lost = gains.losses(named, churn)
    assert lost.expected == close(told["loss"])
    assert lost.excess == close(told["excess_vs_promoter_churn"])
    assert gains.losses(named, churn | {"passive": None}) == (None, None)
    assert gains.losses(named, churn | {"promoter": None}) == (None, None)


def strata(rows):
    scores = {"D": 3, "N": 8, "P": 10}
    people = [
        {"customer": i, "tier": tier, "score": scores[group], "revenue": revenue}
        for i, (tier, group, revenue) in enumerate(rows)
    ]
    survey = pl.DataFrame(people).drop("revenue")
    orders = pl.DataFrame(people).select("customer", amount="revenue", date=pl.lit("2026-05-01"))
    return survey, orders


def test_standardised():
    case = GOLDEN["standardised"]
    survey, orders = strata(case["input"]["rows"])
    found = cxkit.monetize(survey, orders=orders, standardise="tier")
    crude, level = by_category(found, "revenue_mean"), found.rows["revenue_mean_standardised"]
    for letter, mean in zip("DNP", level, strict=True):
        assert crude[LETTERS[letter]] == close(case["crude"][letter])
        assert mean == close(case["direct_standardised"][letter])
    per_point = (level[1] - level[0]) * len(survey) / 100
    assert found.summary["point_value_detractor_to_passive"] == close(per_point)


def test_a_stratum_without_a_category_is_left_out_and_told():
    rows = [*GOLDEN["standardised"]["input"]["rows"], ["XL", "P", 9_000]]
    survey, orders = strata(rows)
    found = cxkit.monetize(survey, orders=orders, standardise="tier")
    told = GOLDEN["standardised"]["direct_standardised"]
    assert by_category(found, "revenue_mean_standardised")["promoter"] == close(told["P"])
    (note,) = [note for note in found.notes if note.code == "strata"]
    assert note.kind == "warning"
    assert note.message.startswith("1 of 3 strata, with 1 customers, lack a category")


# --- an independent computation: plain loops over dates -----------------------------------------


def year_later(day):
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)


def year_before(day):
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def made_up(seed):
    """Answers and orders of 40 customers over four years; some answer twice, some never buy."""
    draw = random.Random(seed)
    start = DAY(2022, 1, 3)
    answers = [
        (f"c{draw.randrange(40)}", start + datetime.timedelta(draw.randrange(1_400)),
         draw.randrange(11))
        for _ in range(60)
    ]  # fmt: skip
    orders = [
        (f"c{draw.randrange(55)}", start + datetime.timedelta(draw.randrange(1_460)),
         draw.randrange(-20, 300) / 4)
        for _ in range(500)
    ]  # fmt: skip
    answers = list({(who, day): (who, day, score) for who, day, score in answers}.values())
    return answers, orders


def frames(answers, orders):
    survey = pl.DataFrame(answers, schema=["customer", "date", "score"], orient="row")
    return survey, pl.DataFrame(orders, schema=["customer", "date", "amount"], orient="row")


def category(score):
    return "detractor" if score <= 6 else "passive" if score <= 8 else "promoter"


@pytest.mark.parametrize("seed", range(5))
def test_windows_and_retention_by_plain_loops(seed):
    answers, orders = made_up(seed)
    latest = max(day for _, day, _ in orders)
    before = cxkit.monetize(frames(*made_up(seed))[0], orders=frames(answers, orders)[1])
    after = cxkit.monetize(*[frames(answers, orders)[0]], orders=frames(answers, orders)[1],
                           revenue="after")  # fmt: skip
    last = {who: (day, category(score)) for who, day, score in sorted(answers)}
    over = [(who, day, score) for who, day, score in sorted(answers) if year_later(day) <= latest]
    followed = {who: (day, category(score)) for who, day, score in over}
    days = {}
    for who, day, amount in orders:
        days[who, day] = days.get((who, day), 0) + amount
    for name in LETTERS.values():
        force = [
            sum(a for (who, day), a in days.items() if who == one and day > year_before(latest))
            for one, (_, group) in last.items() if group == name
        ]  # fmt: skip
        assert by_category(before, "revenue")[name] == close(sum(force))
        assert by_category(before, "revenue_median")[name] == close(statistics.median(force))
        later = [
            sum(a for (who, day), a in days.items()
                if who == one and asked < day <= year_later(asked))
            for one, (asked, group) in followed.items() if group == name
        ]  # fmt: skip
        assert by_category(after, "revenue")[name] == close(sum(later))
        assert by_category(after, "customers")[name] == len(later)
        bought = again = 0
        for one, (asked, group) in followed.items():
            own = [day for (who, day), a in days.items() if who == one and a > 0]
            if group == name and any(year_before(asked) < day <= asked for day in own):
                bought += 1
                again += any(asked < day <= year_later(asked) for day in own)
        rate = again / bought if bought else None
        assert by_category(before, "retention_rate")[name] == (rate and close(rate))
        churn = by_category(after, "churn_rate")[name]
        assert churn == (None if rate is None else close(1 - rate))
        lost = by_category(before, "expected_loss")[name]
        assert lost == (None if rate is None else close(sum(force) * (1 - rate)))
    assert after.ledger.left_out["period"] == len(answers) - len(over)
    assert before.ledger.used == len(last) == before.summary["customers"]


def test_edges_of_the_windows():
    """The window opens the day after the same day a year ago; the day of the answer is before."""
    survey = pl.DataFrame({"customer": ["a"], "date": [DAY(2024, 6, 15)], "score": [9]})
    days = {DAY(2023, 6, 15): 1, DAY(2024, 6, 15): 2, DAY(2024, 6, 16): 4, DAY(2025, 6, 15): 8,
            DAY(2025, 6, 16): 16, DAY(2026, 6, 15): 32}  # fmt: skip
    orders = pl.DataFrame({"customer": "a", "date": list(days), "amount": list(days.values())})
    assert cxkit.monetize(survey, orders=orders).summary["revenue"] == 16 + 32
    after = cxkit.monetize(survey, orders=orders, revenue="after")
    assert after.summary["revenue"] == 4 + 8
    assert after.summary["revenue_at_risk"] == 0  # of revenue in force


@pytest.mark.parametrize(
    ("horizon", "expected"), [("12mo", 48), ("1y", 48), ("52w", 48), ("365d", 48), ("90d", 32)]
)
def test_horizons(horizon, expected):
    survey = pl.DataFrame({"customer": ["a"], "score": [9]})
    days = [DAY(2025, 6, 15), DAY(2025, 7, 16), DAY(2026, 6, 15)]
    orders = pl.DataFrame({"customer": "a", "date": days, "amount": [1, 16, 32]})
    assert cxkit.monetize(survey, orders=orders, horizon=horizon).summary["revenue"] == expected


# --- several answers of one customer ------------------------------------------------------------


ACCOUNTS = pl.DataFrame({
    "customer": ["a", "a", "a", "b", "b", "c"],
    "date": ["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-01", "2026-01-01", "2026-02-01"],
    "score": [10, 10, 0, 9, 8, 3],
})  # fmt: skip
BILLS = pl.DataFrame({"customer": ["a", "b", "c", "d"], "date": "2026-05-01",
                      "amount": [600, 300, 100, 50]})  # fmt: skip


def test_the_last_answer_counts():
    found = cxkit.monetize(ACCOUNTS, orders=BILLS)
    assert by_category(found, "revenue") == {"detractor": 700, "passive": 300, "promoter": 0}
    assert found.ledger.left_out == {"superseded": 3}
    assert found.summary["revenue_weighted_nps"] == close(-70)


def test_answers_of_an_account_are_averaged_before_they_are_weighted():
    """ȳ of a is ⅓, of b ½, of c −1: (600/3 + 300/2 − 100)/1000 = .25; contacts do not multiply."""
    found = cxkit.monetize(ACCOUNTS, orders=BILLS, keep="all")
    assert found.summary["revenue_weighted_nps"] == close(25)
    assert by_category(found, "revenue") == {"detractor": 100, "passive": 900, "promoter": 0}
    assert found.ledger.left_out == {}
    assert found.summary["customers"] == 3


def test_without_dates_the_last_answer_is_not_known():
    with pytest.raises(RequestError, match="2 customers answered more than once") as caught:
        cxkit.monetize(ACCOUNTS.drop("date"), orders=BILLS)
    assert caught.value.slug == "no-date"
    found = cxkit.monetize(ACCOUNTS.drop("date"), orders=BILLS, keep="all")
    assert found.summary["revenue_weighted_nps"] == close(25)


def test_an_answer_without_a_day_counts_unless_days_are_asked_for():
    survey = pl.DataFrame({"customer": ["a", "b", "c"], "score": [10, 8, 2],
                           "date": ["2026-01-01", None, "2026-02-01"]})  # fmt: skip
    assert cxkit.monetize(survey, orders=BILLS).ledger.used == 3
    found = cxkit.monetize(survey, orders=BILLS, since="2026")
    assert found.ledger.left_out == {"no-date": 1}


# --- laws ---------------------------------------------------------------------------------------


people = st.lists(
    st.tuples(st.integers(0, 10), st.integers(0, 3), st.integers(0, 10**7)), min_size=3, max_size=25
)


def small(rows, silent=()):
    """A survey and orders: `silent` are amounts of customers who did not answer."""
    survey = pl.DataFrame({
        "customer": [f"k{i}" for i in range(len(rows))],
        "score": [score for score, _, _ in rows],
        "tier": [f"t{tier}" for _, tier, _ in rows],
        "all": "x",
    })  # fmt: skip
    amounts = [amount for _, _, amount in rows] + list(silent)
    orders = pl.DataFrame({
        "customer": [f"k{i}" for i in range(len(amounts))],
        "amount": [amount / 10_000 for amount in amounts],
        "date": "2026-05-01",
    })  # fmt: skip
    return survey, orders


def figures(found):
    return found.rows.to_dicts(), dict(found.summary)


@settings(deadline=None, max_examples=25)
@given(people, st.lists(st.integers(-(10**6), 10**7), max_size=8))
def test_shares_sum_to_one_and_revenue_to_all_of_it(rows, silent):
    survey, orders = small(rows, silent)
    found = cxkit.monetize(survey, orders=orders)
    whole = sum(amount for _, _, amount in rows)
    held = round(float(found.rows["revenue"].sum()) * 10_000)
    assert held + round(found.summary["unknown_revenue"] * 10_000) == whole + sum(silent)
    assert found.rows["customers"].sum() == found.ledger.used == len(rows)
    if whole > 0:
        assert found.rows["revenue_share"].sum() == close(1)
        spread = found.rows["revenue_share"]
        assert found.summary["revenue_weighted_nps"] == close(100 * (spread[2] - spread[0]))
        assert found.summary["rw_ci_low"] <= found.summary["revenue_weighted_nps"] + 1e-9
        assert found.summary["revenue_weighted_nps"] <= found.summary["rw_ci_high"] + 1e-9
    else:
        assert found.summary["revenue_weighted_nps"] is None


cells = st.tuples(
    st.sampled_from(["k0", "k1", "K2 ", "k3", "", None]),
    st.sampled_from(["0", "7", "10", "", "n/a", "12"]),
    st.sampled_from(["2023-05-01", "2026-01-05", "2026-04-30", None]),
)


@settings(deadline=None, max_examples=30)
@given(st.lists(cells, max_size=12), st.sampled_from(["before", "after"]))
def test_every_row_of_the_survey_is_accounted_for(rows, revenue):
    rows = [("k0", "9", "2023-05-01"), ("k1", "8", "2024-05-01"), *rows]
    survey = pl.DataFrame(rows, schema=["customer", "score", "date"], orient="row")
    days = ["2022-05-01", "2024-08-01", "2026-05-01"]
    orders = pl.DataFrame({"customer": "k0", "date": days, "amount": [1, 2, 4]})
    found = cxkit.monetize(survey, orders=orders, revenue=revenue)
    assert found.ledger.read == len(rows)
    assert found.ledger.used == found.rows["customers"].sum() == found.summary["customers"]
    known = {
        who.strip().lower() for who, score, day in rows
        if who and score in ("0", "7", "8", "9", "10")
        and (revenue == "before" or (day and day < "2026"))
    }  # fmt: skip
    assert found.ledger.used == len(known)


@settings(deadline=None, max_examples=10)
@given(people, st.lists(st.integers(1, 10**6), min_size=1, max_size=3))
def test_parts_make_the_whole(rows, silent):
    survey, orders = small([(9, 0, 70_000), (3, 1, 50_000), *rows], silent)
    whole = cxkit.monetize(survey, orders=orders).rows
    parts = [cxkit.monetize(survey, orders=orders, where=where).rows
             for where in ("tier = 't0'", "tier <> 't0'")]  # fmt: skip
    for name in ("customers", "revenue"):
        added = parts[0][name] + parts[1][name]
        assert added.to_list() == [close(value) for value in whole[name]]


@settings(deadline=None, max_examples=15)
@given(people, st.randoms())
def test_order_of_rows_and_names_of_customers_do_not_matter(rows, draw):
    survey, orders = small(rows, [5_000])
    first = figures(cxkit.monetize(survey, orders=orders, standardise="tier"))
    places = list(range(len(survey)))
    draw.shuffle(places)
    shuffled = cxkit.monetize(survey[places], orders=orders[::-1], standardise="tier")
    assert figures(shuffled) == first
    renamed = pl.lit(" N-") + pl.col("customer").str.to_uppercase()
    other = cxkit.monetize(
        survey.with_columns(customer=renamed), orders=orders.with_columns(customer=renamed),
        standardise="tier",
    )  # fmt: skip
    assert figures(other) == first


@settings(deadline=None, max_examples=15)
@given(people)
def test_one_stratum_standardised_is_the_crude_mean(rows):
    survey, orders = small(rows)
    found = cxkit.monetize(survey, orders=orders, standardise="all").rows
    for row in found.iter_rows(named=True):
        mean = row["revenue_mean"]
        assert row["revenue_mean_standardised"] == (None if mean is None else close(mean))


@settings(deadline=None, max_examples=15)
@given(people, st.integers(2, 50))
def test_money_scales_and_the_weighted_score_does_not(rows, factor):
    survey, orders = small(rows)
    one = cxkit.monetize(survey, orders=orders).summary
    many = cxkit.monetize(survey, orders=orders.with_columns(pl.col("amount") * factor)).summary
    for name in ("revenue", "revenue_at_risk", "point_value_passive_to_promoter", "what_if_high"):
        assert many[name] == (None if one[name] is None else close(factor * one[name]))
    same = one["revenue_weighted_nps"]
    assert many["revenue_weighted_nps"] == (None if same is None else close(same))


@settings(deadline=None, max_examples=15)
@given(people)
def test_a_second_contact_of_the_same_mind_changes_nothing(rows):
    survey, orders = small(rows)
    one = cxkit.monetize(survey, orders=orders, keep="all")
    both = cxkit.monetize(pl.concat([survey, survey]), orders=orders, keep="all")
    assert figures(both) == figures(one)


# --- returns and matching -----------------------------------------------------------------------


def test_customers_below_zero_stay_and_the_weighted_score_goes():
    bills = pl.concat([BILLS, BILLS.head(1).with_columns(amount=pl.lit(-700, pl.Int64))])
    survey = pl.DataFrame({"customer": ["a", "b", "c"], "score": [10, 8, 2]})
    found = cxkit.monetize(survey, orders=bills)
    assert by_category(found, "revenue")["promoter"] == -100
    assert found.summary["revenue"] == 300
    assert found.summary["revenue_weighted_nps"] is None
    assert [note.kind for note in found.notes if note.code == "negative"] == ["warning"]
    gross = cxkit.monetize(survey, orders=bills, gross=True)
    assert by_category(gross, "revenue")["promoter"] == 600
    assert gross.summary["revenue_weighted_nps"] is not None


def test_who_bought_nothing_counts_with_zero():
    survey = pl.DataFrame({"customer": ["a", "z"], "score": [9, 9]})
    found = cxkit.monetize(survey, orders=BILLS)
    bought = BILLS["customer"].n_unique()
    assert by_category(found, "revenue_mean")["promoter"] == 300
    (note,) = [note for note in found.notes if note.code == "matched"]
    assert "1 of 2 customers who answered have orders (50%)" in note.message
    assert f"1 of {bought} customers with orders answered ({1 / bought:.0%})" in note.message


def test_customers_in_parts_are_customers_together(monkeypatch):
    survey = pl.DataFrame({"customer": ["a", "z", "b"], "score": [9, 9, 1]})
    whole = cxkit.monetize(survey, orders=BILLS)
    monkeypatch.setattr(bridge, "_TOGETHER", 1)
    parts = cxkit.monetize(survey, orders=BILLS)
    assert_frame_equal(parts.rows, whole.rows)
    assert (parts.summary, parts.notes) == (whole.summary, whole.notes)


def test_ids_match_whatever_their_case_and_blanks():
    survey = pl.DataFrame({"customer": [" A1 ", "b2"], "score": [9, 2]})
    bills = pl.DataFrame({"customer": ["a1", "B2 "], "date": "2026-05-01", "amount": [5, 7]})
    assert cxkit.monetize(survey, orders=bills).summary["coverage"] == 1


@pytest.mark.parametrize(
    ("asked", "bought"), [(["0012", "15"], [12, 15]), (["12", "15"], ["0012", "15"])]
)
def test_leading_zeros_that_one_file_lost_are_told(asked, bought):
    survey = pl.DataFrame({"customer": asked, "score": [9, 2]})
    bills = pl.DataFrame({"customer": bought, "date": "2026-05-01", "amount": [5, 7]})
    found = cxkit.monetize(survey, orders=bills)
    (note,) = [note for note in found.notes if note.code == "zeros"]
    assert note.message == "1 customer more would match without leading zeros of ids"
    with pytest.raises(DataError) as caught:
        cxkit.monetize(survey.head(1), orders=bills.head(1))
    assert caught.value.slug == "no-match"
    assert "without leading zeros" in str(caught.value.hints)


# --- the command --------------------------------------------------------------------------------


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run a command line in a folder with the two files; gives exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    ACCOUNTS.write_csv("survey.csv")
    BILLS.with_columns(currency=pl.lit("GBP")).write_csv("orders.csv")

    def once(*argv):
        code = cli.run([str(word) for word in argv])
        out, err = capsys.readouterr()
        return code, out, err

    return once


def test_the_answer_stands_first(run):
    code, out, err = run("monetize", "survey.csv", "--orders", "orders.csv")
    assert code == 0
    assert out.splitlines()[0].startswith("Detractors hold £700.00: ")
    assert out.splitlines()[0].endswith(" of the revenue of customers who answered, 67% of all")
    assert "3 superseded" in err.splitlines()[0]
    assert "associations" in err


def test_orders_are_needed(run):
    code, out, err = run("monetize", "survey.csv")
    assert (code, out) == (2, "")
    assert err == (
        "error[missing-option]: monetize needs --orders FILE, a file of orders: customer, date, "
        "amount\n  try: cxkit monetize FILE --orders FILE\n"
    )


def test_no_shared_ids_show_the_shapes(run):
    BILLS.with_columns(customer=pl.Series(["17", "18", "19", "20"])).write_csv("other.csv")
    code, out, err = run("monetize", "survey.csv", "--orders", "other.csv")
    assert (code, out) == (3, "")
    assert "error[no-match]: 0 of 3 customer found in other.csv" in err
    assert "survey has ids like a, orders like 99" in err


def test_columns_of_the_orders_are_named(run):
    BILLS.rename({"amount": "Umsatz"}).write_csv("other.csv")
    code, _, err = run("monetize", "survey.csv", "--orders", "other.csv")
    assert code == 2
    assert "error[no-amount]" in err
    assert "--amount" in err
    code, out, _ = run("monetize", "survey.csv", "--orders", "other.csv", "--amount", "Umsatz")
    assert code == 0
    assert out.startswith("Detractors hold 700")
    code, _, err = run("monetize", "survey.csv", "--orders", "other.csv", "--amount", "Umsats")
    assert code == 2
    assert 'no column "Umsats" in other.csv' in err


def test_a_column_that_only_the_orders_have_is_theirs(run):
    BILLS.rename({"date": "Rechnungsdatum"}).write_csv("other.csv")
    code, _, err = run("monetize", "survey.csv", "--orders", "other.csv")
    assert code == 2
    assert "error[no-date]: no column is known to be the date in other.csv" in err
    words = ("--orders", "other.csv", "--date", "Rechnungsdatum")
    code, _, err = run("monetize", "survey.csv", *words)
    assert code == 0
    assert "date=Rechnungsdatum" in err
    code, _, err = run("monetize", "survey.csv", "--orders", "other.csv", "--date", "Rechnung")
    assert code == 2
    assert 'no column "Rechnung" in survey.csv' in err


def test_quantity_times_price(run):
    BILLS.rename({"amount": "price"}).with_columns(quantity=pl.lit(2)).write_csv("other.csv")
    code, out, _ = run("monetize", "survey.csv", "--orders", "other.csv")
    assert code == 0
    assert out.startswith("Detractors hold 1,400")


@pytest.mark.parametrize(
    ("files", "slug"),
    [
        (("orders.csv", "survey.csv"), "swapped"),
        (("survey.csv", "survey.csv"), "no-amount"),
        (("orders.csv", "orders.csv"), "no-score"),
    ],
)
def test_files_in_the_wrong_places(run, files, slug):
    code, out, err = run("monetize", files[0], "--orders", files[1])
    assert (code, out) == (2, "")
    assert f"error[{slug}]" in err


@pytest.mark.parametrize(
    ("text", "code", "slug"),
    [
        ("customer,date,amount\n", 3, "empty"),
        ("", 3, "empty"),
        ("customer,date,amount\na,never,5\nb,ever,6\n", 3, "no-dates"),
        ("customer,date,amount,currency\na,2026-05-01,5,EUR\nb,2026-05-02,6,USD\n", 3, "currency"),
        ("customer,date,amount\na,2026-05-01,x\nb,2026-05-01,y\n", 3, ""),
    ],
)
def test_orders_that_cannot_be_used(run, text, code, slug):
    Path("other.csv").write_text(text)
    found, out, err = run("monetize", "survey.csv", "--orders", "other.csv")
    assert (found, out) == (code, "")
    assert err.startswith("error[")
    assert slug in err


@pytest.mark.parametrize(
    "words",
    [
        ["--what-if", "110%"], ["--what-if", "10"], ["--what-if", "some"], ["--margin", "1.5"],
        ["--cost", "0"], ["--horizon", "soon"], ["--horizon", "0d"], ["--horizon", "101y"],
        ["--revenue", "now"], ["--amount", "rows"], ["--standardise", "tear"],
    ],
)  # fmt: skip
def test_wrong_values(run, words):
    code, out, err = run("monetize", "survey.csv", "--orders", "orders.csv", *words)
    assert (code, out) == (2, "")
    assert err.startswith("error[")


def test_a_horizon_longer_than_the_data_is_told():
    survey = ACCOUNTS.head(3)
    found = cxkit.monetize(survey, orders=BILLS, horizon="5y")
    assert [note.kind for note in found.notes if note.code == "horizon"] == ["warning"]
    with pytest.raises(DataError, match="no answer is 12mo older than the latest order"):
        cxkit.monetize(survey, orders=BILLS, revenue="after")


def test_return_on_cost_of_the_command(golden):
    """Half of ½ · 4 · (500 − 612.5) = −112.5 at a margin of 0.4 on 50: never paid back."""
    found = cxkit.monetize(golden[0], orders=golden[1], what_if="50%", margin=0.4, cost=50).summary
    assert found["roi"] == close((-112.5 * 0.4 - 50) / 50)
    assert found["payback_months"] is None


def test_payback_follows_the_horizon():
    """A gain of 10 · (20 − 10) / 2 = 50 in 6 months at 0.6 is 5 a month: 40 takes 8."""
    survey = pl.DataFrame({"customer": range(20), "score": [3] * 10 + [7] * 10})
    orders = pl.DataFrame({"customer": range(20), "date": "2026-05-01",
                           "amount": [10] * 10 + [20] * 10})  # fmt: skip
    found = cxkit.monetize(
        survey, orders=orders, horizon="6mo", what_if="100%", margin=0.6, cost=40
    ).summary
    assert found["payback_months"] == close(8)
    more = cxkit.monetize(
        survey, orders=orders, horizon="6mo", what_if="100%", margin=0.6, cost=601
    )
    assert more.summary["payback_months"] == close(120.2)
    assert "not paid back within 10 years" in render(more, "table")
    assert found["roi"] == close((50 * 0.6 - 40) / 40)
    assert (found["what_if_low"], found["what_if_high"]) == (0, close(100))


# --- what people are shown ----------------------------------------------------------------------


def many(promoters, detractors, n=40):
    """A survey of n promoters, passives and detractors who bring so much, give or take."""
    rows = [(10, 0, promoters), (7, 0, 50), (2, 0, detractors)] * n
    return small([(s, t, (a + i % 7) * 10_000) for i, (s, t, a) in enumerate(rows)])


@pytest.mark.parametrize(
    ("promoters", "detractors", "min_n", "finding"),
    [
        (90, 30, 30, "monetize-more"),
        (30, 90, 30, "monetize-less"),
        (50, 50, 30, "monetize-alike"),
        (90, 30, 41, "monetize-means"),
    ],
)
def test_findings_claim_only_tested_differences(promoters, detractors, min_n, finding):
    survey, orders = many(promoters, detractors)
    found = cxkit.monetize(survey, orders=orders, min_n=min_n)
    assert found.charts[0].finding[0] == finding
    tested = ("monetize-welch", {"p_value": found.summary["p_value"]}) in found.charts[0].footnotes
    assert tested is (finding != "monetize-means")
    assert [chart.name for chart in found.charts] == ["worth", "risk"]


@pytest.mark.parametrize("format", ["table", "csv", "json", "ndjson", "md", "xlsx", "parquet"])
@pytest.mark.parametrize("options", [{}, {"standardise": "all", "cost": 5, "keep": "all"}])
def test_every_format_renders(golden, format, options):
    survey = golden[0].with_columns(all=pl.lit("x"))
    assert render(cxkit.monetize(survey, orders=golden[1], **options), format)


@pytest.mark.parametrize("lang", ["en", "vi"])
@pytest.mark.parametrize("options", [{}, {"standardise": "tier"}])
def test_the_table_fits_eighty_columns(lang, options):
    survey, orders = many(9_000, 3_000)
    found = cxkit.monetize(survey, orders=orders, cost=10, **options)
    text = render_table(found, width=80, plain=False, lang=lang)
    assert max(map(len, text.splitlines())) <= 80
    assert "95%" in text  # no column is hidden
    assert ("unknown" in text) is False


def test_the_unknown_are_a_line_of_the_table_and_no_row(golden):
    found = cxkit.monetize(golden[0], orders=golden[1])
    line = next(line for line in render(found, "table").splitlines() if line.startswith("unknown"))
    assert line.split()[2] == "1,310"
    assert found.rows.height == 3


def test_same_bytes_every_time():
    survey, orders = many(90, 30)
    texts = {render(cxkit.monetize(survey, orders=orders), "json") for _ in range(3)}
    assert len(texts) == 1


# --- made-up data of known truth ----------------------------------------------------------------


def test_promoters_are_worth_more_in_data_made_so(tmp_path):
    """In the samples promoters buy more often and leave later than detractors."""
    for what in ("survey", "orders"):
        assert cli.run(["sample", what, "--rows", "6000", "-o", str(tmp_path / f"{what}.csv")]) == 0
    found = cxkit.monetize(tmp_path / "survey.csv", orders=tmp_path / "orders.csv")
    means = found.rows["revenue_mean"]
    assert means[2] > means[0]
    assert found.summary["p_value"] < 0.05
    assert found.params["currency"] == "EUR"
    assert found.rows["retention_rate"][2] > found.rows["retention_rate"][0]


def test_nothing_heavy_is_imported_with_the_module():
    code = "import sys, cxkit.monetize; assert not {'polars', 'numpy', 'scipy'} & set(sys.modules)"
    import subprocess

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_revenue_after_an_answer_needs_its_day():
    survey = pl.DataFrame({"customer": ["a"], "score": [9]})
    with pytest.raises(RequestError, match="no column is known to be the date") as caught:
        cxkit.monetize(survey, orders=BILLS, revenue="after")
    assert caught.value.slug == "no-date"


def test_what_is_unknown_is_told_as_a_share(golden):
    found = cxkit.monetize(golden[0], orders=golden[1])
    (note,) = [note for note in found.notes if note.code == "silent"]
    assert note.message.startswith(
        "customers who answered bring 87% of the revenue of all customers"
    )
