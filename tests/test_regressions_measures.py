"""Faults that were found once in the measures: csat, gap, compare, survival. One test for each."""

import itertools
from fractions import Fraction

import polars as pl
import pytest

import cxkit
from cxkit import cli
from cxkit.errors import DataError, RequestError
from cxkit.output.chart import describe, draw


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
     "experience --success csat --ease b --emotion b"],
)  # fmt: skip
def test_scales_and_powers_are_ascii_where_that_is_asked(run, words):
    answers = "csat,b\n" + "5,4\n3,1\n4,4\n2,3\n1,2\n" * 20
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
