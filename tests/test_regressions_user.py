"""What people who used the commands as their own have stumbled over, each as a named case."""

from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest

import cxkit
from cxkit import cli
from cxkit.errors import CxError, told_apart
from cxkit.output import render
from cxkit.output.chart import describe
from cxkit.output.chart_funnel import funnel_notes
from cxkit.output.words import sentence
from cxkit.reading import roles

DATA = Path(__file__).parent / "data"


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run a command line in an empty folder; gives exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def once(*argv):
        code = cli.run([str(word) for word in argv])
        out, err = capsys.readouterr()
        return code, out, err

    return once


def failed(command, *data, **words):
    with pytest.raises(CxError) as error:
        command(*data, **words)
    return error.value


# --- money and flow -----------------------------------------------------------------------------


def drawn_text(chart, lang="en"):
    """The title and the values of a chart as its text alternative tells them."""
    return describe(chart, lang=lang)


def walked(*paths):
    """A row for each stage that a customer meets, a day apart."""
    rows = [
        (f"c{who}", f"2026-01-{day:02}", stage)
        for who, path in enumerate(paths, 1)
        for day, stage in enumerate(path.split(), 1)
    ]
    return pl.DataFrame(rows, schema=["customer", "date", "stage"], orient="row")


def test_steps_of_a_flow_are_counted_as_steps_not_as_customers():
    data = walked("a b a b", "a a b", "a")
    result = cxkit.journey(data, view="flow", stage_order="a,b")
    first, *_, last, few = render(result, "table").splitlines()
    # by hand: from a go a→b, a→b (the first), a→b (the second), a→(end) (the third): 3 of 4
    assert first == "3 of 4 steps from a led to b (75%); 3 customers"
    assert "staying in a stage is none" in last
    assert few == "( ) fewer than 30 steps from this stage"


def test_a_flow_has_a_chart_of_its_commonest_steps():
    result = cxkit.journey(walked("a b a b", "a c"), view="flow", stage_order="a,b,c")
    title, values = drawn_text(result.chart)
    assert title.startswith("2 of 3 steps from a led to b")
    assert values == "steps: a → b 2; a → c 1; b → a 1."


def unfinished_orders():
    """A whole year and a part of the next, with a region."""
    days = ["2024-01-02", "2024-12-30", "2025-01-02", "2025-12-31", "2026-01-02", "2026-06-30"]
    return pl.DataFrame({
        "customer": ["a", "b", "a", "c", "a", "b"], "date": days, "amount": [10, 20, 30, 40, 5, 6],
        "region": ["x", "y", "x", "y", "x", "y"], "source": ["referral"] * 6,
    })  # fmt: skip


def test_growth_marks_a_period_that_is_not_over_in_row_sentence_and_chart():
    result = cxkit.growth(unfinished_orders(), partial=True)
    assert result.rows["flags"].to_list() == [[], ["partial"]]
    text = render(result, "table")
    assert "in 2026 (partial) against all of 2025" in text.splitlines()[0]
    assert any(line.startswith("2026 (partial) ") for line in text.splitlines())
    assert "its revenue to 2026-06-30 is set against all of 2025" in text
    title, values = drawn_text(result.chart)
    assert title.startswith("2026 (partial) against all of 2025")
    assert values.endswith("; 2026 (partial) 11.00.")


def test_growth_of_periods_that_are_over_says_nothing_of_partial():
    result = cxkit.growth(unfinished_orders())
    assert result.rows["flags"].to_list() == [[]]
    assert "(partial)" not in render(result, "table") + drawn_text(result.chart)[1]


def test_growth_without_a_whole_year_recommends_a_shorter_period_first():
    days = pl.DataFrame({
        "customer": ["a", "a"], "date": ["1997-01-01", "1998-06-30"], "amount": [1, 1],
    })  # fmt: skip
    error = failed(cxkit.growth, days)
    assert error.hints == (("try", "--period month"), ("or", "--partial"))


def test_growth_sets_apart_groups_not_rows():
    data = unfinished_orders()
    one = render(cxkit.growth(data, by="region"), "table", plain=False, width=100)
    two = render(cxkit.growth(data, by="region", partial=True), "table", plain=False, width=100)
    body = [text.splitlines()[3:] for text in (one, two)]
    assert [sum(not line.strip() for line in lines) for lines in body] == [0, 1]


@pytest.mark.parametrize("command", [cxkit.growth, cxkit.pareto])
def test_a_chart_of_all_groups_together_says_so(command):
    data = unfinished_orders()
    assert ("chart-groups-together", {}) in command(data, by="region").chart.footnotes
    assert ("chart-groups-together", {}) not in command(data).chart.footnotes


def test_two_times_and_two_sets_of_customers_are_told_apart():
    survey = pl.DataFrame({
        "customer": ["a", "b", "c"], "score": [2, 10, 8],
        "date": ["2025-01-10", "2025-01-10", "2026-05-01"],
    })  # fmt: skip
    orders = pl.DataFrame({
        "customer": ["a", "a", "b", "c"], "amount": [10, 3, 50, 7],
        "date": ["2025-02-01", "2026-02-01", "2026-06-30", "2026-06-01"],
    })  # fmt: skip
    text = render(cxkit.monetize(survey, orders=orders, revenue="after"), "table")
    # by hand: of the window a 3, b 50, c 7; in the 12 months after the answer a 10, b nothing
    assert text.startswith("Detractors hold 3.00 of revenue from 2025-07-01 to 2026-06-30, 5% of")
    assert "of the 2 of 3 customers whose 12mo are over" in text
    assert "orders from 2025-07-01 to 2026-06-30, of all 3" in text
    before = render(cxkit.monetize(survey, orders=orders), "table")
    assert "are over" not in before


def test_revenue_of_who_did_not_answer_is_told_and_not_drawn():
    survey = pl.DataFrame({"customer": ["a", "b", "c"], "score": [2, 8, 10]})
    orders = pl.DataFrame({
        "customer": ["a", "b", "c", "z"], "date": ["2026-06-30"] * 4, "amount": [1, 2, 3, 9_000],
    })  # fmt: skip
    risk = next(c for c in cxkit.monetize(survey, orders=orders).charts if c.name == "risk")
    assert risk.rows["category"].to_list() == ["detractor", "passive", "promoter"]
    ((key, values),) = risk.footnotes
    assert sentence(key, values).endswith("not drawn: 9,000 of customers who did not answer")


def asked_orders(detractors):
    """Ten promoters and passives of whom half come back, and so many detractors of whom all do."""
    kinds = {"p": (10, 10), "n": (8, 10), "d": (2, detractors)}
    people = [(f"{kind}{i}", score) for kind, (score, n) in kinds.items() for i in range(n)]
    survey = pl.DataFrame({
        "customer": [who for who, _ in people], "score": [score for _, score in people],
        "date": ["2026-01-05"] * len(people),
    })  # fmt: skip
    again = [who for who, _ in people if who[0] == "d" or int(who[1:]) < 5]
    days = [(who, "2026-01-20") for who, _ in people] + [(who, "2026-02-28") for who in again]
    orders = pl.DataFrame(days, schema=["customer", "date"], orient="row")
    return orders.with_columns(amount=1), survey


def test_no_claim_about_a_category_of_few_customers():
    orders, survey = asked_orders(detractors=3)
    text = render(cxkit.retention(orders, survey=survey, min_n=10), "table").splitlines()[0]
    assert text.startswith("57% of the 23 customers of 2026-01 bought again in 2026-02; too few")
    assert text.endswith("(10 promoters, 10 passives, 3 detractors)")


def test_rates_of_categories_say_of_how_many():
    orders, survey = asked_orders(detractors=12)
    text = render(cxkit.retention(orders, survey=survey, min_n=10), "table").splitlines()[0]
    assert "50% of 10 promoters bought again, 50% of 10 passives and 100% of 12 detractors" in text


def test_a_chart_of_retention_by_group_says_what_it_found_of_how_many_customers():
    orders, survey = asked_orders(detractors=3)
    chart = cxkit.retention(orders, survey=survey, min_n=10).chart
    assert drawn_text(chart)[0] == "In 2026-02 50% of customers stayed in every group"
    few = cxkit.retention(orders, survey=survey, min_n=30).chart
    assert drawn_text(few)[0] == "Too few customers in 2026-02 to set groups side by side"
    feet = [sentence(key, values) for key, values in few.footnotes]
    assert "gaps: fewer than 30 customers" in feet
    assert not any("answers" in foot for foot in feet)


def test_a_chart_of_retention_by_group_states_a_range():
    rows = [("a", 1, "x"), ("b", 1, "x"), ("c", 1, "y"), ("d", 1, "y"),
            ("a", 2, "x"), ("b", 2, "x"), ("c", 2, "y")]  # fmt: skip
    orders = pl.DataFrame({
        "customer": [who for who, _, _ in rows], "amount": [1] * len(rows),
        "date": [f"2026-0{month}-28" for _, month, _ in rows], "region": [at for _, _, at in rows],
    })  # fmt: skip
    chart = cxkit.retention(orders, by="region", min_n=1).chart
    assert drawn_text(chart)[0] == "In 2026-02 50% to 100% of customers stayed, by group"


def test_growth_explains_only_the_columns_that_it_shows():
    orders = unfinished_orders()
    assert "ENC: " in render(cxkit.growth(orders, partial=True), "table")
    text = render(cxkit.growth(orders.drop("source"), partial=True), "table")
    assert "ENC" not in text
    assert "at most: if all whose source is unknown were earned" in " ".join(text.split())


def test_the_curve_of_cohorts_begins_at_age_1():
    days = pl.DataFrame({
        "customer": ["a", "a", "b", "c"], "amount": [1, 1, 1, 1],
        "date": ["2026-01-01", "2026-02-01", "2026-01-01", "2026-03-31"],
    })  # fmt: skip
    charts = cxkit.retention(days, view="cohorts").charts
    curve = next(chart for chart in charts if chart.name == "curve")
    # by hand: of a and b, both of January, one is active at age 1 and none at age 2
    assert curve.rows.select("age", "retention_rate").rows() == [("1", 0.5), ("2", 0.0)]


def test_the_chart_of_channels_draws_the_figure_of_its_title():
    data = walked("a b", "a b", "a").with_columns(
        channel=pl.Series(["web", "shop", "web", "shop", "web"])
    )
    chart = cxkit.journey(data, view="channels", stage_order="a,b").chart
    assert chart.y == "attribution_markov"
    assert chart.finding[1]["attribution_markov"] == chart.rows[chart.y].max()
    assert drawn_text(chart)[0].endswith("of 2 conversions")


def scored_units(count):
    """Units of forty answers; half of each unit's are promoters, of the last one none."""
    rows = [(f"unit {i}", 10 if k % 2 and i < count else 0) for i in range(1, count + 1)
            for k in range(40)]  # fmt: skip
    return pl.DataFrame(rows, schema=["unit", "score"], orient="row")


@pytest.mark.parametrize(("count", "named"), [(4, True), (20, False)])
def test_few_units_are_all_named_and_the_title_tells_the_picture(count, named):
    chart = cxkit.journey(scored_units(count), view="units", unit="unit").chart
    outside = chart.rows.drop_nulls("signal")["unit"].to_list()
    assert outside == [f"unit {count}"]
    sheet = SimpleNamespace(chart=chart, lang="en", rows=chart.rows.rows())
    notes = funnel_notes(sheet)
    assert drawn_text(chart)[0] == f"1 of {count} units outside the 99.8% limits: unit {count}"
    assert ("named: outside the 99.8% limits" not in notes) is named


def test_generations_of_referrals_are_explained_below_the_chart():
    orders = pl.DataFrame({
        "customer": ["a", "b", "c"], "referrer": [None, "a", "b"],
        "date": ["2026-01-05", "2026-02-01", "2026-03-01"], "amount": [10, 20, 30],
    })  # fmt: skip
    chart = cxkit.referrals(orders).chart
    assert drawn_text(chart)[0] == "2 of 3 customers were referred, in chains of up to 2 referrals"
    assert "generation 0: not referred" in sentence(*chart.footnotes[0])


def test_contracts_are_sent_to_the_commands_that_read_them(run):
    pl.DataFrame({
        "customer": ["a"], "start": ["2024-08-29"], "end": ["2024-10-23"],
    }).write_csv("contracts.csv")  # fmt: skip
    code, _, err = run("retention", "contracts.csv")
    assert code == 2
    assert "for contracts: cxkit survival --start start --end end, or cxkit clv --model sbg" in err


# --- drivers and ratings ------------------------------------------------------------------------


def rated(**counts):
    """Answers 1, 2, 3 … of each driver, so often each, beside a score that goes with them."""
    columns = {
        name: [answer for answer, n in enumerate(of, 1) for _ in range(n)]
        for name, of in counts.items()
    }
    rows = len(next(iter(columns.values())))
    # another order in each column, so that they do not go together
    mixed = {
        name: [of[(i * step) % rows] for i in range(rows)]
        for step, (name, of) in zip((1, 7, 11, 13, 17), columns.items(), strict=False)
    }
    return pl.DataFrame(mixed | {"score": [(3 * of) % 11 for of in range(rows)]})


def footnote(found, key):
    return next(values for name, values in found.tables[0].footnotes if name == key)


# by hand: the two highest answers, of a scale of less than four points the highest
@pytest.mark.parametrize(
    ("answers", "scale", "share"),
    [
        ([75, 150, 75], "1–3", 75 / 300),
        ([27, 245, 28], "1–3", 28 / 300),
        ([9, 11, 80, 200], "1–4", 280 / 300),
        ([60, 60, 60, 100, 20], "1–5", 120 / 300),
        ([0, 50, 50, 100, 100], "1–5", 200 / 300),
        ([150, 100, 40, 10], "1–5", 10 / 300),  # a rare 4: nobody said 5
        ([0, 50, 50, 50, 50, 60, 40], "1–7", 100 / 300),
        ([30] * 10, "1–10", 60 / 300),
    ],
)
def test_top_boxes_are_those_of_the_scale_of_each_driver(answers, scale, share):
    data = rated(asked=answers, other=[40, 50, 60, 70, 80])
    found = cxkit.drivers(data, drivers=["asked", "other"])
    rates = dict(found.rows.select("driver", "performance_rate").iter_rows())
    assert rates == pytest.approx({"asked": share, "other": 150 / 300})
    told = ["1–5"] if scale == "1–5" else ["1–5 (other)", f"{scale} (asked)"]
    assert sorted(footnote(found, "drivers-scales")["scales"]) == sorted(told)


def test_a_scale_from_0_is_told_from_one_from_1():
    data = rated(a=[27] * 11 + [3], b=[30] * 10).select(
        "b", "score", a=pl.col("a").sub(1).clip(0, 10)
    )
    found = cxkit.drivers(data, drivers=["a", "b"])
    high = data.select(pl.col("a", "b") >= 9).mean().row(0)
    rates = dict(found.rows.select("driver", "performance_rate").iter_rows())
    assert (rates["a"], rates["b"]) == pytest.approx(high)
    assert footnote(found, "drivers-scales")["scales"] == ["0–10"]


def test_a_rating_of_three_answers_has_a_penalty_and_a_reward():
    data = rated(asked=[75, 150, 75], other=[40, 50, 60, 70, 80])
    found = cxkit.drivers(data, drivers=["asked", "other"], view="kano", min_n=0)
    assert found.rows["kind"].null_count() == 0
    assert not [note for note in found.notes if note.code == "few"]


def test_top_boxes_of_a_conference(run):
    """1: 11, 2: 101, 3: 11 of how long sessions were; 3 and 4 of a theme 1–4: 117 of 124."""
    file = DATA / "carpentries" / "conference.csv"
    drivers = ["satisfaction_session_length", "session_relevant_theme", "presenters_prepared"]
    found = cxkit.drivers(file, drivers=drivers)
    rates = dict(found.rows.select("driver", "performance_rate").iter_rows())
    rows = pl.read_csv(file).drop_nulls(["nps", *drivers])
    tops = dict(zip(drivers, (3, 3, 4), strict=True))
    assert rates == pytest.approx({name: (rows[name] >= top).mean() for name, top in tops.items()})
    assert rates["satisfaction_session_length"] == pytest.approx(11 / rows.height)


@pytest.mark.parametrize(
    ("command", "answers", "words", "warned"),
    [
        ("ces", [2, 3, 4, 5] * 3, {}, "highest score is 5; was the question asked 1–7?"),
        ("ces", [2, 3, 4, 6] * 3, {}, None),
        ("ces", [2, 3, 4, 5] * 2, {}, None),  # eight answers say nothing
        ("csat", [1, 2, 3] * 50, {}, "highest score is 3; was the question asked 1–5?"),
        ("csat", [1, 2, 3, 4] * 50, {}, None),
        ("csat", [1, 2, 3] * 50, {"scale": "1-3", "box": 1}, None),
        ("nps", [1, 2, 4, 5] * 5, {}, "highest score is 5; was the question asked 0–10?"),
        ("nps", [0, 3, 7] * 5, {}, None),
    ],
)
def test_answers_that_stay_low_make_one_doubt_the_scale(command, answers, words, warned):
    found = getattr(cxkit, command)(pl.DataFrame({"q": answers}), score="q", **words)
    assert [note.message for note in found.notes if note.code == "scale"] == [warned] * bool(warned)


def test_the_first_comment_ends_the_search_for_ratings(run, monkeypatch):
    """Comments of a thousand letters took a second each hundred, before the error was told."""
    read = []
    monkeypatch.setattr(roles, "whole_number", lambda cell: read.append(cell))
    comments = [f"{'a word and more ' * 60} {i}" for i in range(500)]
    pl.DataFrame({"q": comments}).write_csv("survey.csv")
    code, _, err = run("csat", "survey.csv")
    assert code == 2
    assert "no column speaks of satisfaction" in err
    assert len(read) == 1


def test_candidates_that_begin_alike_are_told_apart(run):
    start = "Compared with other topics you have learned, how hard "
    columns = {f"{start}{end}": [1, 2, 3] for end in ("will R be?", "was R?")}
    pl.DataFrame(columns | {"plain": [4, 5, 1]}).write_csv("survey.csv")
    _, _, err = run("csat", "survey.csv")
    assert "Compared w…will R be?, Compared w…was R?, plain" in err


@pytest.mark.parametrize(
    ("texts", "cut"),
    [
        (["abcdef", "xyz"], ["abcdef", "xyz"]),
        (["a long name of one", "b"], ["a long name…", "b"]),
        (["the same start one", "the same start two"], ["the…one", "the…two"]),
        ([], []),
    ],
)
def test_names_are_cut_where_they_differ(texts, cut):
    assert told_apart(texts, 12) == cut
