"""Laws that hold for every analysis of independent answers, whatever the data."""

import json
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cxkit
from cxkit.errors import CxError
from cxkit.output import render

FORMATS = ("table", "csv", "json", "ndjson", "md", "xlsx", "parquet")
# commands that read a column of answers, and what makes them read 0–10
SURVEYS = {
    "nps": {},
    "csat": {"scale": "0-10"},
    "ces": {"scale": "0-10", "box": 3, "direction": "ease"},
}
OF_NPS = {"interval", "target"}  # options that no other measure has
BOUNDS = {"nps": (-100, 100), "csat": (0, 1), "ces": (-(10**9), 10**9)}
every_measure = pytest.mark.parametrize("command", SURVEYS)

slow = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])

ANSWERS = st.one_of(
    st.integers(0, 10).map(str),
    st.sampled_from(["", "N/A", "11", "7.5", "10 - Extremely likely", " 9 ", "x - 0", None]),
)
GROUPS = st.sampled_from(["a", "b", " a", "Huê\u0301", "Huế", "", None, "[/b]", "=1+1", "NA", "n"])
DAYS = st.one_of(
    st.dates(date(2024, 1, 1), date(2025, 12, 31)).map(str), st.sampled_from(["", "soon", None])
)
ROWS = st.lists(st.tuples(ANSWERS, GROUPS, DAYS), min_size=1, max_size=60)
ASKED = st.fixed_dictionaries(
    {},
    optional={
        "by": st.sampled_from(["g", ["g", "d"], [("g", "d")], ["g", "g,q"]]),
        "period": st.sampled_from(["week", "month", "quarter", "year"]),
        "since": st.sampled_from(["2024-02", "2024-06-15", "2025"]),
        "until": st.sampled_from(["2025-Q2", "2025-11-03"]),
        "fiscal_start": st.sampled_from([1, 4]),
        "where": st.sampled_from(["g <> 'b'", "g IS NOT NULL", "q > 3"]),
        "interval": st.sampled_from(["adjusted-wald", "score", "wald"]),
        "confidence": st.sampled_from([80, 95, 0.99]),
        "min_n": st.sampled_from([0, 1, 5]),
        "suppress": st.sampled_from([None, 3]),
        "adjust": st.sampled_from(["holm", "bh", "none"]),
        "target": st.sampled_from([None, 20]),
        "partial": st.booleans(),
    },
)


def table(rows):
    return pl.DataFrame(rows, schema={"q": pl.String, "g": pl.String, "d": pl.String}, orient="row")


def ask(frame, command="nps", **words):
    dated = {"date": "d"} if words.keys() & {"period", "since", "until", "last", "keep"} else {}
    own = {name: value for name, value in words.items() if command == "nps" or name not in OF_NPS}
    return getattr(cxkit, command)(frame, score="q", **SURVEYS[command], **dated, **own)


def told(frame, command="nps", **words):
    """Result, or the error's name: a law holds of both."""
    try:
        return ask(frame, command, **words)
    except CxError as error:
        return error.slug


def same(one, other):
    if isinstance(one, str) or isinstance(other, str):
        assert one == other
        return
    assert one.rows.equals(other.rows)
    assert one.summary == other.summary
    assert one.ledger == other.ledger


@every_measure
@slow
@given(ROWS, ASKED, st.randoms(use_true_random=False))
def test_row_order_does_not_matter(command, rows, words, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    same(told(table(rows), command, **words), told(table(shuffled), command, **words))


@every_measure
@slow
@given(ROWS, ASKED)
def test_a_tally_is_data(command, rows, words):
    frame = table(rows)
    tally = frame.group_by("q", "g", "d").agg(pl.len().alias("times"))
    same(told(frame, command, **words), told(tally, command, count="times", **words))


@every_measure
@slow
@given(ROWS, ASKED)
def test_read_is_used_and_left_out(command, rows, words):
    result = told(table(rows), command, **words)
    if isinstance(result, str):
        return
    assert result.ledger.read == len(rows)
    if result.summary["n"] is None:
        assert result.ledger.used < words["suppress"]
        return
    assert result.ledger.used == result.summary["n"]
    for _, part in result.rows.group_by("table"):
        if part["n"].null_count() == 0:
            assert part["n"].sum() == result.summary["n"]
            assert part["missing"].sum() == result.ledger.left_out.get("missing", 0)
            assert part["invalid"].sum() == result.ledger.left_out.get("invalid", 0)


@slow
@given(ROWS, ASKED)
def test_shares_sum_to_one_and_limits_hold_the_estimate(rows, words):
    result = told(table(rows), **words)
    if isinstance(result, str):
        return
    for row in [result.summary, *result.rows.iter_rows(named=True)]:
        if not row["n"]:
            assert row["nps"] is None
            continue
        assert row["detractor_rate"] + row["passive_rate"] + row["promoter_rate"] == pytest.approx(
            1
        )
        assert -100 <= row["ci_low"] <= row["nps"] + 1e-9
        assert row["nps"] - 1e-9 <= row["ci_high"] <= 100
        assert row["nps"] == pytest.approx(100 * (row["promoter_rate"] - row["detractor_rate"]))
    for row in result.rows.iter_rows(named=True):
        if row["diff"] is not None:
            assert -200 <= row["diff_low"] <= row["diff"] + 1e-9
            assert row["diff"] - 1e-9 <= row["diff_high"] <= 200
        if row["p_adjusted"] is not None:
            assert 0 <= row["p_value"] <= row["p_adjusted"] + 1e-15 <= 1 + 1e-12


@every_measure
@slow
@given(ROWS, st.sampled_from([None, "month"]))
def test_renaming_groups_renames_rows(command, rows, period):
    frame = table(rows)
    words = {"by": "g"} | ({"period": period} if period else {})
    new = pl.col("g").str.strip_chars().str.normalize("NFC")
    renamed = frame.with_columns(pl.when(new.str.len_bytes() > 0).then("z" + new).alias("g"))
    one, other = told(frame, command, **words), told(renamed, command, **words)
    if isinstance(one, str):
        assert one == other
        return
    names = pl.when(pl.col("g").is_not_null()).then("z" + pl.col("g")).alias("g")
    key = ["g", "period"] if period else ["g"]
    assert one.rows.with_columns(names).sort(key).equals(other.rows.sort(key))


@pytest.mark.parametrize("command", ["csat", "ces"])
@slow
@given(ROWS, ASKED)
def test_boxes_and_means_stay_on_their_scales(command, rows, words):
    result = told(table(rows), command, **words)
    if isinstance(result, str):
        return
    low, high = BOUNDS[command]
    shares = ("csat", "bottom_rate", "net") if command == "csat" else (
        "easy_rate", "hard_rate", "net_easy")  # fmt: skip
    for row in [result.summary, *result.rows.iter_rows(named=True)]:
        figure = row[command]
        if not row["n"]:
            assert figure is None
            continue
        if row["ci_low"] is not None:
            assert low - 1e-12 <= row["ci_low"] <= figure + 1e-9
            assert figure - 1e-9 <= row["ci_high"] <= high + 1e-12
        best, worst, net = (row[name] for name in shares)
        assert 0 <= best + worst <= 1 + 1e-12
        assert net == pytest.approx(100 * (best - worst))
        assert 0 <= row["mean" if command == "csat" else "ces"] <= 10
    for row in result.rows.iter_rows(named=True):
        if row["diff"] is not None and row["diff_low"] is not None:
            assert row["diff_low"] <= row["diff"] + 1e-9
            assert row["diff"] - 1e-9 <= row["diff_high"]
        if row["p_adjusted"] is not None:
            assert 0 <= row["p_value"] <= row["p_adjusted"] + 1e-15 <= 1 + 1e-12


@every_measure
@slow
@given(st.lists(st.integers(0, 10), min_size=1, max_size=40), st.data())
def test_a_better_answer_never_lowers_the_score(command, scores, data):
    i = data.draw(st.integers(0, len(scores) - 1))
    better = [*scores[:i], data.draw(st.integers(scores[i], 10)), *scores[i + 1 :]]
    before, after = (ask(pl.DataFrame({"q": s}), command).summary for s in (scores, better))
    assert after[command] >= before[command] - 1e-12
    if command != "ces":
        lower = after["ci_low"] >= before["ci_low"] - 1e-9
        assert lower or after["ci_high"] >= before["ci_high"] - 1e-9


@pytest.mark.parametrize("command", ["csat", "ces"])
@slow
@given(ROWS, st.floats(0.001, 1000))
def test_weights_are_relative_and_equal_ones_change_nothing(command, rows, weight):
    frame = table(rows)
    plain = told(frame, command, by="g", min_n=1)
    weighted = told(frame.with_columns(w=pl.lit(weight)), command, by="g", min_n=1, weight="w")
    if isinstance(plain, str):
        assert weighted == plain
        return
    for name in plain.rows.columns[2:]:
        one, other = plain.rows[name].to_list(), weighted.rows[name].to_list()
        if name == "p_adjusted":
            continue  # p-values that are equal but for rounding may change places
        assert [x is None for x in one] == [x is None for x in other], name
        if plain.rows[name].dtype.is_numeric():
            pairs = [(x, y) for x, y in zip(one, other, strict=True) if x is not None]
            assert [y for _, y in pairs] == pytest.approx([x for x, _ in pairs], abs=1e-9)


@every_measure
@slow
@given(ROWS, ROWS, ASKED)
def test_parts_make_the_whole(command, one, other, words):
    both = told([table(one), table(other)], command, **words)
    same(both, told(table([*one, *other]), command, **words))


@every_measure
@slow
@given(ROWS, ASKED)
def test_an_empty_part_changes_nothing(command, rows, words):
    same(told([table(rows), table([])], command, **words), told(table(rows), command, **words))


@every_measure
@slow
@given(ROWS, ASKED)
def test_every_result_renders_in_every_format(command, rows, words):
    result = told(table(rows), command, **words)
    if isinstance(result, str):
        return
    for format in FORMATS:
        assert render(result, format)
    body = json.loads(render(result, "json"), parse_constant=pytest.fail)
    assert len(body["rows"]) == result.rows.height


@every_measure
def test_an_unknown_column_and_an_empty_file_give_their_errors(command, tmp_path):
    analysis = getattr(cxkit, command)
    with pytest.raises(CxError) as caught:
        analysis(pl.DataFrame({"score": [9]}), score="scroe")
    assert (caught.value.slug, caught.value.exit_code) == ("no-column", 2)
    assert "score" in str(caught.value)
    for content in ("", "score\n", "score,region\n\n\n"):
        file = tmp_path / "survey.csv"
        file.write_text(content)
        with pytest.raises(CxError) as caught:
            analysis(file, score="score")
        assert (caught.value.slug, caught.value.exit_code) == ("empty", 3)


@slow
@given(
    st.lists(
        st.tuples(st.integers(0, 10), st.sampled_from(["c1", "c2", "c3", ""]),
                  st.dates(date(2025, 1, 1), date(2025, 4, 30))),
        min_size=1, max_size=30,
    ),
    st.sampled_from(["first", "last"]),
)  # fmt: skip
def test_keep_leaves_one_answer_per_customer_and_period(rows, keep):
    frame = pl.DataFrame(
        {"q": [q for q, _, _ in rows], "c": [c for _, c, _ in rows], "d": [d for *_, d in rows]}
    )
    result = ask(frame, period="month", customer="c", keep=keep)
    kept = {}
    for i, (q, c, d) in enumerate(rows):
        key = (c or i, d.replace(day=1))
        if key not in kept or (d >= kept[key][1] if keep == "last" else d < kept[key][1]):
            kept[key] = (q, d)
    assert result.summary["n"] == len(kept)
    assert result.summary["promoters"] == sum(q >= 9 for q, _ in kept.values())
    assert result.ledger.left_out.get("superseded", 0) == len(rows) - len(kept)


@every_measure
@slow
@given(ROWS, st.integers(1, 5))
def test_last_keeps_so_many_periods(command, rows, last):
    result = told(table(rows), command, period="month", last=last)
    if isinstance(result, str):
        return
    months = [date.fromisoformat(period + "-01") for period in result.rows["period"]]
    assert max(months) - min(months) < timedelta(days=31 * last)


@slow
@given(ROWS, ASKED, st.data())
def test_blank_lines_are_not_rows(tmp_path_factory, rows, words, data):
    folder = tmp_path_factory.mktemp("blank")
    frame = table(rows)
    filled = pl.any_horizontal(pl.all().str.len_bytes() > 0)
    lines = frame.write_csv().splitlines(keepends=True)
    for _ in range(data.draw(st.integers(1, 4))):
        lines.insert(
            data.draw(st.integers(1, len(lines))), data.draw(st.sampled_from(["\n", ",,\n"]))
        )
    (folder / "a.csv").write_text("".join(lines))
    (folder / "b.csv").write_text("q,g,d\n\n")
    expected = told(frame.filter(filled.fill_null(False)), **words)
    same(told(folder / "a.csv", **words), expected)
    same(told([folder / "a.csv", folder / "b.csv"], **words), expected)
