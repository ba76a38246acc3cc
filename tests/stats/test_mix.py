"""Mix and rate effects: numbers from outside, then laws."""

import json
import math
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxkit.stats.mix import decomposition

ORACLES = Path(__file__).parents[1] / "oracles"
ORACLE = json.loads((ORACLES / "nps_decomposition.json").read_text(encoding="utf-8"))
COLUMNS = ("n_before", "score_before", "n_after", "score_after")

score = st.floats(-1, 1)
group = st.tuples(st.integers(0, 500), score, st.integers(0, 500), score)
tables = st.lists(group, min_size=1, max_size=8).filter(
    lambda rows: any(r[0] for r in rows) and any(r[2] for r in rows)
)
laws = settings(deadline=None, max_examples=60)


def table(rows):
    return pl.DataFrame(list(rows), schema=dict.fromkeys(COLUMNS, pl.Float64), orient="row")


def reference():
    sides = (ORACLE["input"]["period0"], ORACLE["input"]["period1"])
    rows = []
    for before, after in zip(*sides, strict=True):
        rows.append([x for d, n, p in (before, after) for x in (d + n + p, (p - d) / (d + n + p))])
    return decomposition(table(rows))


def near(expected):
    return pytest.approx(expected, rel=1e-9, abs=1e-9)


def whole(rows, n, t):
    total = sum(row[n] for row in rows)
    return math.fsum(row[n] * row[t] for row in rows if row[n]) / total


# --- numbers from outside


def test_effects_match_kitagawas_formula_in_r_4_2_2():
    found, expected = reference(), ORACLE["kitagawa"]
    assert found["rate_effect"].to_list() == near(expected["rate_by_segment"])
    assert found["mix_effect"].to_list() == near(expected["mix_by_segment_centred"])
    assert found["effect"].sum() == near(ORACLE["delta"])


def test_totals_match_r_package_oaxaca_0_1_5():
    found, expected = reference(), ORACLE["oaxaca_twofold_w05"]
    assert found["mix_effect"].sum() == near(expected["explained_mix"])
    assert found["rate_effect"].sum() == near(expected["unexplained_rate"])


def test_three_parts_of_oaxaca_0_1_5_share_their_interaction():
    found, expected = reference(), ORACLE["threefold"]
    half = expected["interaction"] / 2
    assert found["mix_effect"].sum() == near(expected["endowments"] + half)
    assert found["rate_effect"].sum() == near(expected["coefficients"] + half)


# --- edges


def test_a_group_of_one_period_is_all_mix():
    found = decomposition(table([(10, 0.5, 0, None), (10, 0.1, 10, 0.3), (0, None, 5, -0.2)]))
    assert found["rate_effect"].to_list() == near([0, (0.3 - 0.1) * (1 / 2 + 2 / 3) / 2, 0])
    assert found["rate_effect"][0] == found["rate_effect"][2] == 0
    assert found["share_after"].to_list() == near([0, 2 / 3, 1 / 3])
    assert found["effect"].sum() == near((10 * 0.3 - 5 * 0.2) / 15 - 0.3)


def test_a_group_of_neither_period_has_no_effect():
    found = decomposition(table([(0, None, 0, None), (10, 0.1, 10, 0.3)]))
    assert found.row(0) == (0, 0, 0, 0, 0)


@pytest.mark.parametrize("rows", [[(0, None, 5, 0.2), (0, None, 3, 0.1)], []])
def test_without_a_period_there_is_no_change(rows):
    found = decomposition(table(rows))
    assert found["effect"].to_list() == [None] * len(rows)
    assert found["share_before"].to_list() == [None] * len(rows)
    assert found.columns == ["share_before", "share_after", "rate_effect", "mix_effect", "effect"]


def test_a_score_of_no_one_is_not_read():
    one = decomposition(table([(10, 0.5, 0, 0.9), (10, 0.1, 10, 0.3)]))
    other = decomposition(table([(10, 0.5, 0, None), (10, 0.1, 10, 0.3)]))
    assert one.equals(other)


# --- laws


@laws
@given(tables)
def test_effects_sum_to_the_change(rows):
    found = decomposition(table(rows))
    change = whole(rows, 2, 3) - whole(rows, 0, 1)
    assert found["effect"].sum() == pytest.approx(change, abs=1e-12)
    parts = found["rate_effect"].sum() + found["mix_effect"].sum()
    assert parts == pytest.approx(change, abs=1e-12)


@laws
@given(tables)
def test_time_turned_round_turns_the_effects(rows):
    found = decomposition(table(rows))
    turned = decomposition(table([(c, d, a, b) for a, b, c, d in rows]))
    for name in ("rate_effect", "mix_effect"):
        assert turned[name].to_list() == pytest.approx((-found[name]).to_list(), abs=1e-12)


@laws
@given(tables, st.floats(1, 50), score)
def test_no_mix_effect_without_a_change_of_shares(rows, times, shift):
    rows = [(n, t, n * times, t + shift) for n, t, _, _ in rows]
    if any(row[0] for row in rows):
        found = decomposition(table(rows))
        assert found["mix_effect"].to_list() == pytest.approx([0] * len(rows), abs=1e-12)
        assert found["rate_effect"].sum() == pytest.approx(shift, abs=1e-12)


@laws
@given(tables, score)
def test_scores_moved_by_a_constant_leave_the_effects(rows, shift):
    moved = [(a, b + shift, c, d + shift) for a, b, c, d in rows]
    one, other = decomposition(table(rows)), decomposition(table(moved))
    for name in ("rate_effect", "mix_effect"):
        assert other[name].to_list() == pytest.approx(one[name].to_list(), abs=1e-12)
