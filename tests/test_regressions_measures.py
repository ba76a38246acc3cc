"""Faults that were found once in the measures: csat, gap, compare, survival. One test for each."""

import itertools
from dataclasses import replace
from fractions import Fraction

import polars as pl
import pytest

import cxkit
from cxkit import cli
from cxkit.errors import DataError, RequestError
from cxkit.output import render
from cxkit.output.canvas import Canvas
from cxkit.output.chart import compose, describe, draw
from cxkit.output.chart_marks import MARKS
from cxkit.output.chart_sheet import Sheet
from cxkit.output.fonts import setting
from cxkit.reading import read


def wave(**groups):
    """Answers of groups, each given as promoters and detractors."""
    each = [(name, 10) for name, (up, _) in groups.items() for _ in range(up)]
    each += [(name, 3) for name, (_, down) in groups.items() for _ in range(down)]
    return pl.DataFrame(each, schema=["region", "nps"], orient="row")


@pytest.fixture
def changed():
    """A few answers of C before, enough after; B goes with them."""
    before, after = wave(A=(20, 15), B=(10, 12), C=(1, 1)), wave(A=(18, 15), B=(9, 20), C=(12, 1))
    return cxkit.compare([before, after], explain="region", suppress=5)


def test_exact_effects_do_not_tell_the_counts_of_groups_that_are_withheld(changed):
    """What is left of both effects is that of the withheld taken as one group, which is known."""
    (shown,) = changed.rows.drop_nulls("n_before").to_dicts()
    summary = changed.summary
    waves = ("before", "after")
    n = {when: summary[f"n_{when}"] for when in waves}
    left = {when: n[when] - shown[f"n_{when}"] for when in waves}
    sums = {
        when: Fraction(round(summary[when] * n[when] - shown[when] * shown[f"n_{when}"]), 100)
        for when in waves
    }
    points = {when: 100 * sums[when] / left[when] for when in waves}
    share = sum(Fraction(left[when], n[when]) for when in waves) / 2
    rate = float((points["after"] - points["before"]) * share)
    assert summary["rate_effect"] - shown["rate_effect"] == pytest.approx(rate, abs=1e-9)
    assert summary["rate_effect"] + summary["mix_effect"] == pytest.approx(summary["change"])


def test_effects_of_withheld_groups_are_told_to_count_as_one(changed):
    (note,) = [note for note in changed.notes if note.code == "suppressed"]
    assert "count as one group" in note.message


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    def once(text, *argv):
        (tmp_path / "d.csv").write_text(text)
        command, *options = argv
        code = cli.run([command, "d.csv", *options])
        out, err = capsys.readouterr()
        return code, out, err

    return once


def test_items_of_a_gap_that_are_withheld_are_marked(run):
    pairs = "e1,p1,e2,p2\n" + "5,4,,4\n4,4,,3\n" * 20 + "5,4,2,1\n" * 3
    code, out, _ = run(pairs, "gap", "--expected", "e1,e2", "--perceived", "p1,p2", "--suppress",
                       "5")  # fmt: skip
    assert code == 0
    assert "*" in next(line for line in out.splitlines() if line.startswith("p2"))
    assert "* withheld" in out


@pytest.mark.parametrize("measure", ["nps", "csat", "ces"])
@pytest.mark.parametrize("slices", [{}, {"by": "region"}, {"period": "month", "date": "day"}])
def test_a_chart_of_withheld_answers_says_so(measure, slices):
    days = ["2026-01-03", "2026-02-01", "2026-02-20"]
    answers = pl.DataFrame({measure: [5, 4, 3], "region": ["A", "B", "B"], "day": days})
    chart = getattr(cxkit, measure)(answers, suppress=5, **slices).charts[0]
    title, told = describe(chart)
    assert title == "Too few answers to show a figure"
    assert "no answers" not in told
    assert draw(chart, "svg")[0]


def test_a_chart_of_withheld_gaps_and_changes_says_so():
    pairs = pl.DataFrame({"e": [5, 4, 3], "p": [4, 4, 1]})
    gap = cxkit.gap(pairs, expected="e", perceived="p", suppress=5)
    assert "withheld" in describe(gap.charts[0])[1]
    change = cxkit.compare([wave(A=(2, 1)), wave(A=(1, 2))], suppress=5)
    assert b"None" not in draw(change.charts[0], "svg")[0]


def test_groups_that_are_withheld_are_marked_in_a_comparison(changed):
    flags = dict(changed.tables[0].rows.select("group", "flags").iter_rows())
    assert flags == {"A": [], "B": ["suppressed"], "C": ["suppressed"]}
    assert "flags" not in changed.rows.columns


@pytest.mark.parametrize("column", ["n", "median", "logrank_p"])
def test_a_column_of_groups_keeps_its_values_beside_the_figures_of_survival(column):
    ends = list(itertools.product([1, 2, 3], [True, False]))
    customers = pl.DataFrame(
        {
            "months": [months for months, _ in ends] * 2,
            "left": [left for _, left in ends] * 2,
            column: ["Hà Nội", "Huế"] * 6,
        }
    )
    found = cxkit.survival(customers, duration="months", ended="left", by=column)
    groups = [group[f"by_{column}"] for group in found.summary["groups"]]
    assert sorted(groups) == ["Huế", "Hà Nội"]
    assert {group["n"] for group in found.summary["groups"]} == {6}
    assert sorted(set(found.tables[0].rows[f"by_{column}"])) == ["Huế", "Hà Nội"]


@pytest.mark.parametrize("pair", [("start", "end"), ("duration", "ended")])
def test_one_column_cannot_tell_both_the_beginning_and_the_end(pair):
    customers = pl.DataFrame({"day": ["2026-01-01", "2026-02-01"]})
    with pytest.raises(RequestError, match=f"--{pair[0]} and --{pair[1]} are both"):
        cxkit.survival(customers, **dict.fromkeys(pair, "day"))


def test_partial_does_not_go_with_two_files():
    with pytest.raises(RequestError, match="--partial cannot go with two files"):
        cxkit.compare([wave(A=(2, 1)), wave(A=(1, 2))], partial=True)


@pytest.mark.parametrize(
    "words",
    ["csat", "ces --scale 1-5 --direction ease --score csat", "drivers --outcome csat --drivers b",
     "experience --success csat --ease b --emotion c"],
)  # fmt: skip
def test_scales_and_powers_are_ascii_where_that_is_asked(run, words):
    answers = "csat,b,c\n" + "5,4,1\n3,1,5\n4,4,2\n2,3,4\n1,2,3\n" * 20
    code, out, _ = run(answers, *words.split(), "--ascii")
    assert code == 0
    assert out.isascii()


def test_a_wave_whose_weights_are_all_0_cannot_be_compared():
    before = wave(A=(20, 15)).with_columns(weight=pl.lit(0))
    after = wave(A=(20, 15)).with_columns(weight=pl.lit(1))
    with pytest.raises(DataError, match="every weight of before is 0"):
        cxkit.compare([before, after], weight="weight", explain="region")


def test_answers_that_fill_a_usual_scale_are_not_taken_for_codes():
    answers = pl.DataFrame({"effort": [1, 2, 3, 4, 5, 6, 7] * 20})
    with pytest.raises(DataError) as caught:
        cxkit.csat(answers, score="effort")
    assert "--scale 1-7" in str(caught.value)
    assert "--null" not in str(caught.value)


# --- what tables and charts say -----------------------------------------------------------------


def texts(chart):
    """Every text of a picture."""
    rows, left = MARKS[chart.mark].rows(chart)
    with setting(None):
        sheet = Sheet(Canvas(9.0, None), chart, "en", rows)
        compose(sheet, "title", "", left)
        return [text.get_text() for text in sheet.canvas.figure.texts]


def touchpoints(last=4, n=40):
    """Answers at three stages, the last with `last` promoters among `n`."""
    each = {"buy": 30, "use": 14, "help": last}
    rows = [(name, 10 if i < up else 3) for name, up in each.items() for i in range(n)]
    return pl.DataFrame(rows, schema=["stage", "score"], orient="row")


def test_stages_are_compared_with_the_rest_and_said_so():
    text = render(cxkit.journey(touchpoints()), "table")
    assert "vs rest" in text
    assert "change" not in text
    told = render(cxkit.journey(touchpoints()), "md")
    assert "below the rest" in told
    assert "previous" not in told


def test_stages_of_few_answers_are_drawn_as_bars_that_mark_it():
    chart = cxkit.journey(touchpoints(last=1, n=5)).chart
    assert chart.mark == "bars"
    assert {"buy", "use", "help", "(−60)"} <= set(texts(chart))
    assert any("( ) few answers" in text for text in texts(chart))
    assert cxkit.journey(touchpoints()).chart.mark == "lines"


def test_lines_without_a_point_say_so_instead_of_an_empty_axis():
    days = [f"2026-0{month}-15" for month in (1, 2, 3) for _ in range(6)]
    data = pl.DataFrame({"score": [9, 3] * 9, "date": days, "branch": ["A", "B"] * 9})
    chart = cxkit.nps(data, by="branch", period="month").chart
    said = texts(chart)
    assert "no point has enough answers to be drawn" in said
    assert not {"+100", "0", "−6"} & set(said)


@pytest.mark.parametrize(("last", "times"), [(4, 1), (25, 1)])
def test_the_value_of_the_lowest_stage_stands_once(last, times):
    lowest = "−80" if last == 4 else "−30"
    said = [text for text in texts(cxkit.journey(touchpoints(last)).chart) if " " in text]
    assert sum(text.endswith(f" {lowest}") for text in said) == times


def test_a_curve_of_customers_does_not_call_them_items():
    orders = pl.DataFrame({"customer": list("abcdef"), "amount": [50, 20, 9, 8, 7, 6],
                           "date": ["2026-01-05"] * 6})  # fmt: skip
    said = texts(cxkit.pareto(orders, customer="customer", amount="amount", date="date").chart)
    assert not [text for text in said if "items" in text]
    assert any(text.startswith("80% of the total: 4 of 6") for text in said)


def test_a_curve_a_hair_above_the_whole_keeps_its_scale():
    orders = pl.DataFrame({"customer": list("abcdefg"), "amount": [50.0, 20, 9, 8, 7, 6, -0.1]})
    assert "120%" not in texts(cxkit.pareto(orders, item="customer", amount="amount").chart)


def test_the_end_of_a_trend_says_that_its_period_is_not_over():
    days = [f"2026-{month:02d}-{day:02d}" for month in (1, 2, 3) for day in range(1, 29)]
    data = pl.DataFrame({"score": [9, 10, 3] * 28, "date": days, "branch": ["A", "B"] * 42})
    data = data.head(66)  # March is not over
    one = cxkit.nps(data, period="month", min_n=5).chart
    assert one.rows["flags"].to_list()[-1] == ["partial"]
    assert [text for text in texts(one) if text.endswith(" unfinished")] != []
    several = texts(cxkit.nps(data, by="branch", period="month", min_n=2).chart)
    ends = [text for text in several if text.startswith(("A ", "B ", "all "))]
    assert len(ends) == 3
    assert all(text.endswith(" ○") for text in ends)


# --- drivers ------------------------------------------------------------------------------------


@pytest.fixture
def rated():
    """A score, four ratings and a weight."""
    rows = [(i % 11, i % 5 + 1, i * 7 % 5 + 1, (i // 3) % 5 + 1, i * i % 5 + 1, 1 + i % 2)
            for i in range(200)]  # fmt: skip
    names = ["score", "q1", "q2", "q3", "q4", "w"]
    return pl.DataFrame(rows, schema=names, orient="row")


def test_a_star_leaves_out_the_outcome_and_other_parts(rated):
    found = cxkit.drivers(rated, score="score", drivers="*", weight="w")
    assert sorted(found.rows["driver"]) == ["q1", "q2", "q3", "q4"]
    (note,) = [note for note in found.notes if note.code == "not-a-driver"]
    assert '"score" and "w"' in note.message
    twice = cxkit.drivers(rated, score="score", drivers=["q1", "q*", "q1,q2"])
    assert sorted(twice.rows["driver"]) == ["q1", "q2", "q3", "q4"]


def test_one_driver_explains(rated):
    found = cxkit.drivers(rated, score="score", drivers="q1")
    text = render(found, "table")
    assert text.startswith("q1 explains ")
    assert "1 driver" not in text
    assert found.charts[0].finding[0] == "drivers-title-one"


def test_columns_of_drivers_are_explained_below(rated):
    text = render(cxkit.drivers(rated, score="score", drivers="q*"), "table")
    for name in ("weight:", "importance:", "r: correlation", "top boxes:"):
        assert name in text
    assert text.count("relative weights") == 1


def test_drivers_are_called_by_their_questions(rated):
    source = read(rated)
    grid = "How satisfied are you with the following? - "
    labels = {f"q{i}": grid + name for i, name in enumerate(["price", "staff", "shop"], 1)}
    found = cxkit.drivers(
        replace(source, labels={**labels, "score": "How likely are you to recommend us?"}),
        score="score",
        drivers=["q1", "q2", "q3"],
        min_n=500,
    )
    text = render(found, "table")
    assert all(f"…{name}" in text for name in ("price", "staff", "shop"))
    assert "of “How likely are you to recommend us?”" in text
    assert "( ) fewer than 500 answers" in text
    assert sorted(found.rows["driver"]) == ["q1", "q2", "q3"]
    assert "…price" in texts(found.charts[-1])


def test_questions_that_are_cut_alike_keep_their_columns(rated):
    same = "On a scale from one to five how do you find our "
    labels = {"q1": same, "q2": same, "q3": "Shop"}
    found = cxkit.drivers(replace(read(rated), labels=labels), score="score", drivers="q*")
    assert sorted(found.tables[0].rows["driver"]) == ["Shop", "q1", "q2", "q4"]


# --- gap and compare ----------------------------------------------------------------------------


def test_a_belief_has_the_same_words_in_table_and_picture():
    found = cxkit.gap(pl.DataFrame({"q": [5, 4, 2] * 20}), score="q", believed="85%")
    text = render(found, "table")
    assert "believed  measured" in text
    assert "expected" not in text
    assert {"believed", "measured"} <= set(texts(found.chart))


@pytest.mark.parametrize(
    "words", [{"score": "q", "believed": "85%"}, {"expected": "e", "perceived": "q"}]
)
def test_few_answers_of_a_gap_are_noted_and_bracketed(words):
    data = pl.DataFrame({"q": [5, 4], "e": [4, 5]})
    found = cxkit.gap(data, **words)
    assert [note.message for note in found.notes if note.code == "low-n"] == [
        '"q" has 2 answers (fewer than 30): read the interval first'
    ]
    assert "( ) fewer than 30 answers" in render(found, "table")
    hidden = cxkit.gap(data, **words, suppress=5)
    codes = [note.code for note in hidden.notes]
    assert "suppressed" in codes
    assert "low-n" not in codes
    assert "*" in render(hidden, "table")
    many = cxkit.gap(pl.concat([data] * 15), **words)
    assert "low-n" not in {note.code for note in many.notes}


def test_small_groups_of_a_comparison_stand_in_brackets():
    before, after = wave(A=(20, 15), B=(10, 2)), wave(A=(18, 15), B=(29, 20))
    found = cxkit.compare([before, after], explain="region")
    assert dict(found.tables[0].rows.select("group", "flags").iter_rows()) == {
        "A": [], "B": ["low-n"]}  # fmt: skip
    text = render(found, "table")
    (line,) = [line for line in text.splitlines() if line.startswith("B")]
    assert line.rstrip().endswith(")")
    assert "( ) fewer than 30 answers before or after" in text
    assert "( )" not in render(cxkit.compare([before, after], explain="region", min_n=5), "table")


# --- answers on another scale -------------------------------------------------------------------


@pytest.mark.parametrize("measure", ["nps", "csat"])
def test_words_instead_of_numbers_have_a_next_step(measure):
    words = pl.DataFrame({measure: ["Agree", "Agree", "Neutral"] * 5})
    with pytest.raises(DataError) as caught:
        getattr(cxkit, measure)(words)
    told = str(caught.value)
    assert '"Agree" (10), "Neutral" (5)' in told
    assert 'write the number of each: 5, or "5 - Agree"' in told
    some = pl.DataFrame({measure: ["5 - Agree", "4", "Neutral"] * 5})  # as the hint says
    found = getattr(cxkit, measure)(some)
    assert found.summary["n"] == 10
    (note,) = [note for note in found.notes if note.code == "invalid"]
    assert "number of each" in note.hints[0][1]


@pytest.mark.parametrize(
    ("answers", "hints"),
    [
        ([1, 2, 3, 4, 5, 6, 7], ["--scale 1-7"]),
        ([1, 2, 3, 4, 5, 6, 7, 99], ["--scale 1-7", "--null 99"]),
        ([1, 2, 3, 4, 5, 6], ["--scale 1-7", "--null 6"]),
        ([0, 1, 2, 3, 4, 5], ["--null 0"]),
        ([*range(11)], ["--scale 0-10"]),
        ([*range(1, 11)], ["--scale 1-10"]),
        ([1, 2, 5, 99], ["--null 99"]),
    ],
)
def test_few_answers_off_the_scale_propose_the_right_one(answers, hints):
    found = cxkit.csat(pl.DataFrame({"effort": answers * 2}), score="effort")
    (note,) = [note for note in found.notes if note.code == "invalid"]
    assert [text for _, text in note.hints] == hints


def three(n, ease=7):
    """Success and emotion from 1 to 5, ease up to `ease`."""
    return pl.DataFrame(
        {"s": [i % 5 + 1 for i in range(n)], "e": [i % ease + 1 for i in range(n)],
         "m": [i * 3 % 5 + 1 for i in range(n)]}
    )  # fmt: skip


def test_three_questions_on_mixed_scales_are_not_sent_in_circles():
    words = {"success": "s", "ease": "e", "emotion": "m"}
    for scale in ("1-5", "1-7"):
        with pytest.raises(DataError) as caught:
            cxkit.experience(three(140), **words, scale=scale)
        told = str(caught.value)
        assert "--scale 1-" not in told
        assert "one --scale holds for all" in told
        assert "--score" not in told
    found = cxkit.experience(three(35), **words)
    (note,) = [note for note in found.notes if note.code == "invalid"]
    assert note.hints == (("if all have a longer scale", "--scale 1-7"),)


def test_three_questions_on_one_longer_scale_are_told_it():
    data = pl.DataFrame({name: [i * k % 7 + 1 for i in range(140)] for k, name in
                         enumerate("sem", 1)})  # fmt: skip
    with pytest.raises(DataError) as caught:
        cxkit.experience(data, success="s", ease="e", emotion="m")
    assert caught.value.hints == (("try", "--scale 1-7"),)
