"""Expectation gaps and beliefs: published figures, laws, real answers, and what is refused."""

import json
import re
from collections import Counter
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from scipy import stats

import cxkit
from cxkit import reduce
from cxkit.errors import CxError, DataError, RequestError
from cxkit.gap import COLUMNS
from cxkit.output import render
from cxkit.output.chart import draw

GOLDEN = json.loads((Path(__file__).parent / "oracles" / "csat_ces_gap.json").read_text())["gap"]
LAWS = settings(max_examples=30, deadline=None)
FORMATS = ("table", "csv", "json", "ndjson", "md", "xlsx", "parquet")
CELLS = st.sampled_from(["1", "2", "3", "4", "5", "5", "4 - good", "9", "x", "", "N/A", None])
NAMES = ("e0", "p0", "e1", "p1")
ROWS = st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS), min_size=1, max_size=25)
PAIRED = {"expected": ["e0", "e1"], "perceived": ["p0", "p1"]}
ONE = [("5", "4", "4", "4")]  # a complete pair of both, so that there always is one


def frame(rows):
    return pl.DataFrame(rows, schema=dict.fromkeys(NAMES, pl.String), orient="row")


def score(cell):
    """The answer 1–5 of a cell, by plain Python."""
    return int(cell[0]) if cell and cell[0] in "12345" else None


def told(rows, i):
    """The complete pairs of one item, by plain Python."""
    both = [(score(row[2 * i]), score(row[2 * i + 1])) for row in rows]
    return [(e, p) for e, p in both if e is not None and p is not None]


def test_golden_gap_of_the_reference():
    answers = pl.DataFrame({"hoped": GOLDEN["expectation"], "found": GOLDEN["perception"]})
    row = cxkit.gap(answers, expected="hoped", perceived="found", scale="1-7").rows.row(
        0, named=True
    )
    assert row["item"] == "found"
    golden = {
        "gap": GOLDEN["mean_gap"], "ci_low": GOLDEN["ci_t"][0], "ci_high": GOLDEN["ci_t"][1],
        "t": GOLDEN["t"], "p_value": GOLDEN["p"], "p_adjusted": GOLDEN["p"],
        "below_rate": GOLDEN["share_below"], "met_rate": GOLDEN["share_met"],
        "exceeded_rate": GOLDEN["share_exceeded"],
    }  # fmt: skip
    assert {name: row[name] for name in golden} == pytest.approx(golden, abs=1e-9)
    assert row["perceived"] - row["expected"] == pytest.approx(row["gap"])


@LAWS
@given(ROWS)
def test_rows_and_ledger_by_plain_python_and_scipy(rows):
    rows = ONE + rows
    found = cxkit.gap(frame(rows), **PAIRED)
    for i, row in enumerate(found.rows.to_dicts()):
        pairs = told(rows, i)
        gaps = [p - e for e, p in pairs]
        assert row["n"] == len(pairs)
        assert row["gap"] == pytest.approx(sum(gaps) / len(gaps))
        assert row["expected"] == pytest.approx(sum(e for e, _ in pairs) / len(pairs))
        assert row["below_rate"] == pytest.approx(sum(g < 0 for g in gaps) / len(gaps))
        assert row["exceeded_rate"] == pytest.approx(sum(g > 0 for g in gaps) / len(gaps))
        if len(set(gaps)) > 1:
            test = stats.ttest_rel([p for _, p in pairs], [e for e, _ in pairs])
            assert row["t"] == pytest.approx(test.statistic)
            assert row["p_value"] == pytest.approx(test.pvalue)
            low, high = test.confidence_interval()
            assert (row["ci_low"], row["ci_high"]) == pytest.approx((low, high))
    assert found.ledger.read == len(rows)
    assert (found.ledger.used, found.ledger.left_out) == ledger(rows)


def ledger(rows):
    """Why each row is left out, by plain Python."""
    reasons = Counter()
    for row in rows:
        cells = [score(cell) for cell in row]
        if any(told([row], i) for i in (0, 1)):
            reasons["used"] += 1
        elif any(cell is not None for cell in cells):
            reasons["incomplete"] += 1
        elif any(cell in ("9", "x") for cell in row):
            reasons["invalid"] += 1
        else:
            reasons["missing"] += 1
    return reasons.pop("used"), dict(reasons)


@LAWS
@given(ROWS, st.randoms())
def test_neither_order_nor_counting_nor_parts_matter(rows, random):
    rows = ONE + rows
    whole = cxkit.gap(frame(rows), **PAIRED)
    mixed = random.sample(rows, len(rows))
    counted = frame(rows).group_by(NAMES).agg(pl.len().alias("many"))
    parts = [frame(mixed[: len(rows) // 2]), frame(mixed[len(rows) // 2 :])]
    for other in (
        cxkit.gap(frame(mixed), **PAIRED),
        cxkit.gap(counted, **PAIRED, count="many"),
        cxkit.gap(parts, **PAIRED),
    ):
        assert_frame_equal(other.rows, whole.rows)
        assert other.ledger == whole.ledger


@LAWS
@given(ROWS)
def test_swapping_the_sides_turns_every_sign(rows):
    rows = ONE + rows
    there = cxkit.gap(frame(rows), **PAIRED).rows
    back = cxkit.gap(frame(rows), expected=["p0", "p1"], perceived=["e0", "e1"]).rows
    for one, other in zip(there.to_dicts(), back.to_dicts(), strict=True):
        assert one["gap"] == pytest.approx(-other["gap"])
        assert one["below_rate"] == other["exceeded_rate"]
        assert one["p_value"] == (None if other["p_value"] is None else
                                  pytest.approx(other["p_value"]))  # fmt: skip
        if one["ci_low"] is not None:
            assert one["ci_low"] == pytest.approx(-other["ci_high"])


def test_equal_weights_change_nothing_and_unequal_ones_do():
    rows = [("5", "3", "4", "4"), ("4", "4", "2", "5"), ("5", "4", "3", "3")] * 4
    alike = frame(rows).with_columns(w=pl.lit(2.5))
    plain, weighted = cxkit.gap(frame(rows), **PAIRED), cxkit.gap(alike, **PAIRED, weight="w")
    assert_frame_equal(plain.rows, weighted.rows)
    heavy = frame(rows).with_columns(w=pl.when(pl.col("p0") == "3").then(3).otherwise(1))
    gap = cxkit.gap(heavy, **PAIRED, weight="w").rows["gap"][0]
    assert gap == pytest.approx((3 * -2 + 0 - 1) / 5)


def test_numbers_and_text_beside_each_other():
    data = pl.DataFrame({"e": [5.0, 4.0, float("nan"), None], "p": ["4", "4 - good", "3", "2"]})
    found = cxkit.gap(data, expected="e", perceived="p")
    assert found.rows["n"].item() == 2
    assert found.ledger.left_out == {"incomplete": 2}
    whole = pl.DataFrame({"e": [5, 4, None], "p": [4.0, float("nan"), 3.0]})
    assert cxkit.gap(whole, expected="e", perceived="p").rows["n"].item() == 1


def test_periods_and_conditions_come_before_answers():
    data = pl.DataFrame({
        "e": [5, 5, 5, None], "p": [4, 4, 4, 4], "region": ["N", "S", "N", "N"],
        "date": ["2025-12-31", "2026-01-01", "2026-03-31", "2025-01-01"],
    })  # fmt: skip
    words = {"expected": "e", "perceived": "p", "since": "2026", "where": "region = 'N'"}
    found = cxkit.gap(data, **words)
    assert found.rows["n"].item() == 1
    assert found.ledger.left_out == {"where": 1, "period": 2}


def in_memory(lazy):
    """The nodes of the physical plan that hold all rows, known by the colour of the legend."""
    plan = str(lazy.show_graph(engine="streaming", plan_stage="physical", raw_output=True,
                               show=False))  # fmt: skip
    colour = re.search(r'COLOR="([^"]+)">[^<]*</FONT> in-memory engine fallback', plan)
    return re.findall(rf'fillcolor="{colour[1]}"', plan)


def test_both_passes_stream(tmp_path, monkeypatch):
    from cxkit import engines

    seen = []

    def look(lazy, source):
        seen.append(in_memory(lazy))
        return engines.collect(lazy, source)

    monkeypatch.setattr(reduce, "collect", look)
    frame(ONE * 40).with_columns(day=pl.lit("2026-01-31")).write_csv(tmp_path / "a.csv")
    words = {"date": "day", "since": "2026-01-15", "where": "p0 <> '1'"}
    assert cxkit.gap(tmp_path / "a.csv", **PAIRED, **words).ledger.used == 40
    assert seen == [[], []]


def test_blank_lines_are_no_rows(tmp_path):
    (tmp_path / "a.csv").write_text("e,p,other\n5,4,a\n\n4,4,b\n,,c\n")
    found = cxkit.gap(tmp_path / "a.csv", expected="e", perceived="p")
    assert (found.ledger.read, found.ledger.used) == (3, 2)
    assert found.ledger.left_out == {"missing": 1}


def test_holm_over_the_items_and_the_widest_shortfall_first():
    rows = [("5", "2", "4", "4"), ("5", "3", "4", "5"), ("5", "2", "3", "3")] * 5
    found = cxkit.gap(frame(rows), **PAIRED)
    p = found.rows["p_value"].to_list()
    expected = stats.false_discovery_control(p, method="bh")
    by_bh = cxkit.gap(frame(rows), **PAIRED, adjust="bh").rows["p_adjusted"].to_list()
    assert by_bh == pytest.approx(list(expected))
    assert found.rows["p_adjusted"].to_list() == pytest.approx([2 * p[0], p[1]])
    assert found.rows["item"].to_list() == ["p0", "p1"]  # in the order asked for
    text = render(found, "table")
    assert text.startswith("1 of 2 items falls short") or "fall short" in text
    assert "p0" in text.splitlines()[0]


def test_a_gap_is_claimed_only_where_it_was_tested():
    quiet = cxkit.gap(frame([("4", "5", "4", "4"), ("5", "4", "4", "4")]), **PAIRED)
    assert quiet.tables[0].answer[0] == "gap-alike"
    alone = cxkit.gap(frame(ONE), **PAIRED)
    assert alone.tables[0].answer[0] == "gap-whole"  # one answer tests nothing
    assert alone.chart.finding == alone.tables[0].answer


def test_few_answers_are_withheld():
    rows = [("5", "4", None, None)] * 9 + ONE
    found = cxkit.gap(frame(rows), **PAIRED, suppress=5)
    full, few = found.rows.to_dicts()
    assert full["n"] == 10
    assert {value for name, value in few.items() if name != "item"} == {None}
    assert "suppressed" in {note.code for note in found.notes}
    alone = cxkit.gap(frame(ONE), **PAIRED, suppress=5)
    assert alone.summary["n"] is None


# --- beliefs --------------------------------------------------------------------------------------


def satisfied(top, n):
    return pl.DataFrame({"q": [5] * top + [2] * (n - top)})


def test_a_belief_against_the_golden_wilson_interval():
    """75 of 100 of the reference: Wilson .6569553645 to .8245478864."""
    found = cxkit.gap(satisfied(75, 100), score="q", believed="85%")
    row = found.rows.row(0, named=True)
    assert (row["expected"], row["perceived"], row["n"]) == (0.85, 0.75, 100)
    assert row["gap"] == pytest.approx(-0.1)
    assert row["ci_low"] == pytest.approx(0.6569553645 - 0.85, abs=1e-9)
    assert row["ci_high"] == pytest.approx(0.8245478864 - 0.85, abs=1e-9)
    chi2 = stats.chisquare([75, 25], [85, 15])
    assert row["p_value"] == row["p_adjusted"] == pytest.approx(chi2.pvalue, abs=1e-12)
    assert {row[name] for name in ("t", "below_rate", "met_rate", "exceeded_rate")} == {None}
    assert found.tables[0].answer[0] == "belief-fewer"
    text = render(found, "table")
    assert "75% are satisfied, 10 percentage points fewer than the 85% believed" in text
    assert "−10 pp" in text


@LAWS
@given(st.integers(1, 80), st.integers(0, 80), st.integers(0, 100))
def test_the_test_of_a_belief_agrees_with_its_interval(n, top, believed):
    top = min(top, n)
    row = cxkit.gap(satisfied(top, n), score="q", believed=f"{believed}%").rows.row(0, named=True)
    assert -1 <= row["ci_low"] <= row["gap"] + 1e-12
    assert row["gap"] - 1e-12 <= row["ci_high"] <= 1
    if believed in (0, 100):  # no chance is left to test against
        assert row["p_value"] is None
    elif abs(row["p_value"] - 0.05) > 1e-9:
        outside = row["ci_low"] > 0 or row["ci_high"] < 0
        assert (row["p_value"] < 0.05) is outside


@pytest.mark.parametrize("said", ["85%", "0.85", "85", " 85 % ", "0,85"])
def test_a_share_is_written_in_several_ways(said):
    found = cxkit.gap(satisfied(3, 4), score="q", believed=said)
    assert found.rows["expected"].item() == pytest.approx(0.85)


def test_good_and_bad_are_satisfied_or_not():
    data = pl.DataFrame({"q": ["Good", "Bad", "Good", ""]})
    found = cxkit.gap(data, score="q", believed="50%", scale="good-bad")
    assert found.rows["perceived"].item() == pytest.approx(2 / 3)
    assert "Good" in render(found, "table")


# --- real answers, pictures, refusals ------------------------------------------------------------


def test_sessions_of_the_carpentries_by_plain_python(data):
    path = data / "carpentries" / "conference.csv"
    pairs = ("presenters_prepared", "presenters_clear"), ("session_materials", "valuable_feedback")
    expected, perceived = zip(*pairs, strict=True)
    with pytest.raises(DataError, match="runs 1 to 6"):  # the code for “does not apply”
        cxkit.gap(path, expected=expected, perceived=perceived)
    found = cxkit.gap(path, expected=expected, perceived=perceived, null="6")
    raw = pl.read_csv(path)
    for (expected, perceived), row in zip(pairs, found.rows.to_dicts(), strict=True):
        both = raw.filter(pl.all_horizontal(pl.col(expected, perceived).is_between(1, 5)))
        test = stats.ttest_rel(both[perceived].to_list(), both[expected].to_list())
        assert row["n"] == both.height
        assert row["t"] == pytest.approx(test.statistic)
    assert found.ledger.read == 124


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("words", [PAIRED, {"score": "e0", "believed": "60%"}])
def test_every_format_renders(format, words):
    found = cxkit.gap(frame(ONE * 9 + [("5", "2", "1", "4")]), **words)
    assert len(render(found, format)) > 40
    assert tuple(found.rows.columns) == COLUMNS


def test_the_picture_and_its_words_in_vietnamese():
    names = {"e0": "kỳ vọng giao hàng", "p0": "giao hàng đúng hẹn"}
    data = frame([("5", "3", "4", "4"), ("5", "4", "4", "5")] * 6).rename(names)
    found = cxkit.gap(data, expected="kỳ vọng giao hàng", perceived="giao hàng đúng hẹn")
    picture, notes = draw(found.chart, "svg", lang="vi")
    assert "giao hàng đúng hẹn thấp hơn kỳ vọng 1,50" in picture.decode()
    assert notes == ()


@pytest.mark.parametrize(
    ("words", "slug"),
    [
        ({}, "missing-option"),
        ({"expected": "e0"}, "missing-option"),
        ({"score": "e0"}, "missing-option"),
        ({"believed": "80%"}, "missing-option"),
        ({"expected": "e0", "perceived": "p0", "believed": "80%"}, "bad-value"),
        ({"expected": ["e0", "e1"], "perceived": "p0"}, "bad-value"),
        ({"expected": ["e0", "e1"], "perceived": ["p0", "p0"]}, "bad-value"),
        ({"expected": "e0", "perceived": "e0"}, "bad-value"),
        ({"expected": "e0", "perceived": "p9"}, "no-column"),
        ({"expected": "e0", "perceived": "p0", "scale": "good-bad"}, "bad-value"),
        ({"score": "e0", "believed": "120%"}, "bad-value"),
        ({"score": "e0", "believed": "most"}, "bad-value"),
        ({"score": "e0", "believed": "80%", "box": 4}, "bad-value"),
    ],
)
def test_wrong_requests(words, slug):
    with pytest.raises(RequestError) as caught:
        cxkit.gap(frame(ONE), **words)
    assert caught.value.slug == slug


@pytest.mark.parametrize(
    ("rows", "slug"),
    [
        ([("5", None, None, "4"), (None, "4", "3", "")], "no-pairs"),
        ([("", "x", None, "N/A")], "no-answers"),
        ([("7", "6", "7", "6"), ("6", "7", "7", "7")] * 60, "bad-scale"),
        ([], "empty"),
    ],
)
def test_wrong_data(rows, slug):
    with pytest.raises(CxError) as caught:
        cxkit.gap(frame(rows), **PAIRED)
    assert isinstance(caught.value, DataError)
    assert caught.value.slug == slug
