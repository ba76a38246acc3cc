"""Success, ease and emotion as a user asks for them."""

import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxkit
from cxkit.errors import DataError, RequestError
from cxkit.experience import COLUMNS, INDEX
from cxkit.output import render

ORACLES = json.loads((Path(__file__).parent / "oracles" / "csat_ces_gap.json").read_text())
GOLDEN = ORACLES["three_es"]
NAMED = {"success": "s", "ease": "e", "emotion": "m"}


def frame(rows):
    return pl.DataFrame(rows, schema=["s", "e", "m"], orient="row", strict=False)


def ask(rows, **words):
    return cxkit.experience(frame(rows), **NAMED, **words)


def golden():
    return list(zip(*(GOLDEN["input"][name] for name in ("effectiveness", "ease", "emotion")),
                    strict=True))  # fmt: skip


def test_index_and_nets_pinned_to_r():
    result = ask(golden())
    assert result.rows.columns == list(COLUMNS)
    assert list(result.summary) == list(INDEX)
    assert result.rows["dimension"].to_list() == ["success", "ease", "emotion"]
    assert result.rows["net"].to_list() == pytest.approx(
        [100 * net for net in GOLDEN["net_by_e"]], abs=1e-9
    )
    assert result.rows["top_rate"].to_list() == pytest.approx(GOLDEN["top2_by_e"], abs=1e-12)
    summary = result.summary
    assert summary["three_es"] == pytest.approx(100 * GOLDEN["index_net_mean"], abs=1e-9)
    limits = [summary["ci_low"], summary["ci_high"]]
    assert limits == pytest.approx([100 * x for x in GOLDEN["index_ci_t"]], abs=1e-9)
    assert summary["n"] == 12


def test_rows_that_lack_an_answer_count_in_their_dimensions_only():
    result = ask([*golden(), (5, None, None), (None, 1, 2), (None, None, None), (9, 9, 9)])
    assert result.summary["three_es"] == pytest.approx(100 * GOLDEN["index_net_mean"], abs=1e-9)
    assert result.summary["n"] == 12
    assert result.rows["n"].to_list() == [13, 13, 13]
    assert (result.ledger.read, result.ledger.used) == (16, 14)
    assert result.ledger.left_out == {"missing": 1, "invalid": 1}
    told = " ".join(note.message for note in result.notes)
    assert '"e": 1 answer outside 1–5' in told


def test_success_as_yes_or_no_is_a_share_with_wilson():
    rows = [("yes", 5, 5), ("no", 4, 3), ("Yes", 1, 2), ("yes", 5, 4), ("", 3, 3)]
    result = ask(rows)
    row = result.rows.row(0, named=True)
    assert (row["n"], row["top_rate"], row["bottom_rate"], row["mean"]) == (4, 0.75, 0.25, None)
    assert row["net"] == pytest.approx(50)
    from scipy.stats import binomtest

    limits = binomtest(3, 4).proportion_ci(method="wilson")
    assert row["ci_low"] == pytest.approx(100 * (2 * limits.low - 1), abs=1e-9)
    assert row["ci_high"] == pytest.approx(100 * (2 * limits.high - 1), abs=1e-9)
    # per row: (1+1+1)/3, (−1+1+0)/3, (1−1−1)/3, (1+1+1)/3
    assert result.summary["three_es"] == pytest.approx(100 * (1 + 0 - 1 / 3 + 1) / 4, abs=1e-9)


def test_weights_make_weighted_nets():
    rows = golden()
    weights = [1.0, 2, 0.5, 1, 1, 3, 1, 2, 1, 0.25, 1, 1]
    data = frame(rows).with_columns(w=pl.Series(weights))
    result = cxkit.experience(data, **NAMED, weight="w")
    total = sum(weights)
    sign = [[(a >= 4) - (a <= 2) for a in row] for row in rows]
    nets = [sum(w * s[i] for w, s in zip(weights, sign, strict=True)) / total for i in range(3)]
    assert result.rows["net"].to_list() == pytest.approx([100 * net for net in nets], abs=1e-9)
    assert result.summary["three_es"] == pytest.approx(100 * sum(nets) / 3, abs=1e-9)
    same = cxkit.experience(frame(rows).with_columns(w=pl.lit(2.5)), **NAMED, weight="w")
    assert same.summary == pytest.approx(ask(rows).summary, abs=1e-9)


ANSWERS = st.one_of(st.integers(1, 5).map(str), st.sampled_from(["", "9", "5 - Great", None]))
ROWS = st.lists(st.tuples(ANSWERS, ANSWERS, ANSWERS), min_size=1, max_size=30)


def told(data, **words):
    try:
        return cxkit.experience(data, **NAMED, **words)
    except DataError as error:
        return error.slug


@settings(max_examples=40, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_order_and_counting_change_nothing_and_the_ledger_adds_up(rows, random):
    schema = dict.fromkeys("sem", pl.String)
    data = pl.DataFrame(rows, schema=schema, orient="row")
    one = told(data)
    shuffled = list(rows)
    random.shuffle(shuffled)
    for other in (
        told(pl.DataFrame(shuffled, schema=schema, orient="row")),
        told(data.group_by("s", "e", "m").agg(pl.len().alias("k")), count="k"),
    ):
        if isinstance(one, str):
            assert other == one
            continue
        assert one.rows.equals(other.rows)
        assert one.summary == other.summary
        assert one.ledger == other.ledger
    if isinstance(one, str):
        return
    assert one.ledger.read == len(rows)
    for row in one.rows.iter_rows(named=True):
        if row["n"]:
            assert row["ci_low"] <= row["net"] + 1e-9
            assert row["net"] - 1e-9 <= row["ci_high"]
            assert row["net"] == pytest.approx(100 * (row["top_rate"] - row["bottom_rate"]))
        else:
            assert row["net"] is None
    for format in ("table", "csv", "json", "ndjson", "md", "xlsx", "parquet"):
        assert render(one, format)


def test_all_three_columns_have_to_be_given():
    with pytest.raises(RequestError) as caught:
        cxkit.experience(frame(golden()), success="s")
    assert (caught.value.slug, caught.value.exit_code) == ("missing-option", 2)
    assert "--ease COL and --emotion COL" in str(caught.value)
    with pytest.raises(RequestError) as caught:
        ask(golden(), scale="good-bad")
    assert "LOW-HIGH" in str(caught.value)
    with pytest.raises(RequestError) as caught:
        cxkit.experience(frame(golden()), success="s", ease="nope", emotion="m")
    assert caught.value.slug == "no-column"


def test_no_complete_row_gives_no_index_and_says_so():
    result = ask([(5, None, 3), (None, 4, 2)])
    assert result.summary == {"three_es": None, "ci_low": None, "ci_high": None, "n": 0}
    assert any(note.code == "no-index" and note.kind == "warning" for note in result.notes)
    assert result.chart.finding[0] == "three-es-none"


def test_no_answer_at_all_is_an_error_and_so_is_another_scale():
    with pytest.raises(DataError) as caught:
        ask([("x", "y", "z")])
    assert caught.value.slug == "no-answers"
    with pytest.raises(DataError) as caught:
        ask([(7, 6, 5)] * 120)
    assert caught.value.slug == "bad-scale"


def test_too_few_answers_are_withheld():
    result = ask([(5, 4, 3), (4, 4, 4), (5, None, 1)], suppress=3)
    assert result.rows["n"].to_list() == [3, None, 3]
    assert result.rows["net"].to_list()[1] is None
    assert set(result.summary.values()) == {None}


def test_where_and_dates_choose_the_rows():
    data = frame(golden()).with_columns(
        date=pl.Series([f"2026-{1 + i // 6:02d}-10" for i in range(12)]), g=pl.lit("a")
    )
    half = cxkit.experience(data, **NAMED, since="2026-02", where="g = 'a'")
    assert half.summary["n"] == 6
    assert half.ledger.left_out == {"period": 6}


@pytest.mark.parametrize("lang", ["en", "vi"])
def test_the_picture_is_drawn(lang):
    from cxkit.output.chart import describe, draw

    picture, _ = draw(ask(golden()).chart, "svg", lang=lang)
    assert b"<svg" in picture
    assert "+36" in describe(ask(golden()).chart, lang=lang)[0]
