"""Key drivers: numbers from outside, laws, what is told and refused, small files and large."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

import cxkit
from cxkit import cli, reduce
from cxkit.cells.answers import Scale
from cxkit.errors import CxError, DataError, RequestError
from cxkit.output import render
from cxkit.predictors import blocks, completes, matrices
from cxkit.predictors.figures import Ends, Range, figure, scales, strays
from cxkit.reading import read
from cxkit.slices import Slice
from cxkit.stats.moments import correlations, pooled

HERE = Path(__file__).parent
GOLDEN = json.loads((HERE / "oracles" / "drivers.json").read_text(encoding="utf-8"))
CASES = {case["name"]: case for case in GOLDEN["cases"]}
SERVICES = HERE / "data" / "sfo" / "services.csv"
CODES = ("0", "6", "11")
FORMATS = ("table", "csv", "json", "ndjson", "md", "xlsx", "parquet")
LAWS = settings(max_examples=20, deadline=None)
EXACT = {"rel": 1e-9, "abs": 1e-9}

seeds = st.integers(0, 2**32 - 1)


def survey(seed, n=120, p=4, blank=0.05):
    """Ratings 1–5 that go together, and a score 0–10 that follows some of them."""
    rng = np.random.default_rng(seed)
    common = rng.normal(size=(n, 1))
    x = np.clip(np.rint(3 + 0.7 * common + rng.normal(size=(n, p))), 1, 5).astype(int)
    y = 6 + (x - 3) @ np.arange(1, p + 1) / p**1.5 + rng.normal(size=n)
    columns = {f"d{i}": x[:, i].tolist() for i in range(p)}
    columns["score"] = np.clip(np.rint(y), 0, 10).astype(int).tolist()
    lost = rng.random((p + 1, n)) < blank
    return pl.DataFrame(
        {
            name: [None if out else value for value, out in zip(values, lost[i], strict=True)]
            for i, (name, values) in enumerate(columns.items())
        }
    )


def names(frame):
    return [name for name in frame.columns if name[0] == "d" and name[1:].isdigit()]


def ask(frame, **more):
    return cxkit.drivers(frame, **({"drivers": names(frame), "min_n": 0} | more))


def column(result, name):
    return dict(zip(result.rows["driver"], result.rows[name], strict=True))


def services(drivers, **more):
    more = {"score": "NETPRO", "null": CODES} | more
    return cxkit.drivers(SERVICES, drivers=drivers, **more)


# --- numbers from outside -----------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES.values(), ids=lambda case: case["name"])
def test_importance_matches_relaimpo_rwa_and_lm_end_to_end(case):
    data = pl.DataFrame(case["data"], strict=False)
    found = cxkit.drivers(data, outcome=case["outcome"], drivers=case["drivers"])
    assert found.summary["r2"] == pytest.approx(case["r2"], **EXACT)
    for name, golden in (("weight", "relative_weights"), ("lmg", "lmg"), ("beta", "beta"),
                         ("vif", "vif")):  # fmt: skip
        expected = dict(zip(case["drivers"], case[golden], strict=True))
        assert column(found, name) == pytest.approx(expected, **EXACT)


def test_weighted_importance_matches_relaimpo_and_rwa():
    case, golden = CASES["swiss"], GOLDEN["weighted_swiss"]
    data = pl.DataFrame(case["data"] | {"w": golden["weights"]}, strict=False)
    found = cxkit.drivers(data, outcome=case["outcome"], drivers=case["drivers"], weight="w")
    expected = dict(zip(case["drivers"], golden["relative_weights"], strict=True))
    assert found.summary["r2"] == pytest.approx(golden["r2"], **EXACT)
    assert column(found, "weight") == pytest.approx(expected, **EXACT)
    expected = dict(zip(case["drivers"], golden["lmg"], strict=True))
    assert column(found, "lmg") == pytest.approx(expected, **EXACT)


@pytest.mark.parametrize(
    ("driver", "r"), [("Q7ALL", 0.554), ("Q14PASSTHRU", 0.427), ("Q7SIGN", 0.402)]
)
def test_airport_correlations_with_recommending_are_those_known(driver, r):
    """Pearson's r on answers 1–5 and 0–10, computed apart in the notes on the data."""
    found = services([driver])
    assert column(found, "correlation")[driver] == pytest.approx(r, abs=5e-4)
    assert found.rows["weight"].item() == pytest.approx(found.rows["correlation"].item() ** 2)
    assert found.summary["r2"] == pytest.approx(found.rows["weight"].item())


MOST_ANSWERED = (
    "Q10SAFE", "Q9BOARDING", "Q7SIGN", "Q14FIND", "Q7SCREENS", "Q9RESTROOM", "Q7WALKWAYS",
    "Q14PASSTHRU", "Q7FOOD", "Q7STORE", "Q13GETRATE", "Q7ART", "Q9FOOD", "Q7WIFI", "Q7ROADS",
)  # fmt: skip


def test_airport_ledger_counts_listwise_loss_and_names_what_costs_most():
    found = services(MOST_ANSWERED)
    assert (found.ledger.read, found.ledger.used) == (2831, 926)
    assert found.ledger.left_out == {"missing": 85, "incomplete": 2746 - 926}
    assert set(found.rows["n"]) == {926}
    notes = {note.code: note.message for note in found.notes}
    assert notes["incomplete"].startswith("only 926 of 2,746 answers are complete; without")
    lost = notes["incomplete"].split('"')[1]
    more = services([one for one in MOST_ANSWERED if one != lost]).ledger.used
    assert f'without "{lost}" {more:,} would be' in notes["incomplete"]


def test_all_airport_services_are_answered_by_358():
    drivers = [name for name in pl.read_csv(SERVICES).columns
               if name not in ("NETPRO", "Q7ALL", "WEIGHT")]  # fmt: skip
    assert len(drivers) == 23
    found = services(drivers)
    assert found.ledger.used == 358
    assert found.rows["lmg"].null_count() == 23  # beside the weights only up to 15 drivers


def test_kano_matches_lm_end_to_end():
    golden = GOLDEN["penalty_reward"]
    columns = {f"d{i}": values for i, values in enumerate(golden["drivers"])}
    data = pl.DataFrame({"score": golden["outcome"]} | columns)
    found = cxkit.drivers(data, drivers=list(columns), view="kano")
    expected = dict(zip(columns, golden["asymmetry"], strict=True))
    assert column(found, "asymmetry") == pytest.approx(expected, **EXACT)
    assert found.schema == "cxkit.drivers.kano/1"


def test_performance_and_quadrants_by_plain_counting():
    data = survey(3, 300, 5, 0.0)
    found = ask(data)
    rate = {name: (data[name] >= 4).mean() for name in names(data)}
    assert column(found, "performance") == pytest.approx({n: data[n].mean() for n in names(data)})
    assert column(found, "performance_rate") == pytest.approx(rate)
    x, y = np.mean([*rate.values()]), found.rows["weight"].mean()
    sides = {("fix first"): (True, False), "keep up": (True, True),
             "low priority": (False, False), "possible overkill": (False, True)}  # fmt: skip
    for row in found.rows.to_dicts():
        assert sides[row["quadrant"]] == (row["weight"] >= y, row["performance_rate"] >= x)


# --- laws ---------------------------------------------------------------------------------------


@LAWS
@given(seeds)
def test_weights_sum_to_r_squared_and_importance_to_one(seed):
    found = ask(survey(seed))
    assert found.rows["weight"].sum() == pytest.approx(found.summary["r2"])
    assert found.rows["lmg"].sum() == pytest.approx(found.summary["r2"])
    assert found.rows["importance"].sum() == pytest.approx(1)
    assert (found.rows["ci_low"] <= found.rows["ci_high"]).all()
    assert found.ledger.used == found.rows["n"][0]


@LAWS
@given(seeds)
def test_order_of_rows_and_of_drivers_does_not_matter(seed):
    data = survey(seed)
    once = ask(data)
    again = ask(data.sample(fraction=1, shuffle=True, seed=seed % 1000))
    turned = ask(data, drivers=names(data)[::-1])
    assert_frame_equal(once.rows, again.rows, check_exact=True)
    kept = [name for name in once.rows.columns if name not in ("ci_low", "ci_high", "flags")]
    assert_frame_equal(once.rows.select(kept), turned.rows.select(kept))


@LAWS
@given(seeds)
def test_a_tally_is_data(seed):
    data = survey(seed, p=2)
    counts = data.group_by(pl.all()).agg(n=pl.len().cast(pl.Int64))
    once, counted = ask(data), ask(counts, count="n")
    assert_frame_equal(once.rows, counted.rows, check_exact=True)
    assert once.ledger == counted.ledger


@LAWS
@given(seeds, st.floats(1e-3, 1e3))
def test_scaling_weights_changes_nothing(seed, factor):
    data = survey(seed).with_columns(w=pl.int_range(pl.len()) % 7 + 1)
    once = ask(data, weight="w").rows
    scaled = ask(data.with_columns(w=pl.col("w") * factor), weight="w").rows
    assert_frame_equal(once, scaled, abs_tol=1e-9)


@LAWS
@given(seeds)
def test_equal_weights_are_none(seed):
    data = survey(seed)
    assert_frame_equal(ask(data).rows, ask(data.with_columns(w=2), weight="w").rows)


def test_methods_agree_for_one_driver_and_differ_in_what_they_show():
    data = survey(5, p=1)
    found = {method: ask(data, method=method) for method in
             ("relative-weights", "lmg", "correlation")}  # fmt: skip
    weights = {method: result.rows["weight"].item() for method, result in found.items()}
    assert max(weights.values()) - min(weights.values()) < 1e-12
    assert found["lmg"].rows["ci_low"].item() is None
    assert found["relative-weights"].rows["ci_low"].item() is not None


def test_a_promoter_is_one_and_others_zero():
    data = survey(8, 200)
    binary = data.with_columns(yes=(pl.col("score") >= 9).cast(pl.Int64))
    one = ask(data, outcome="promoter")
    assert_frame_equal(one.rows, ask(binary, outcome="yes").rows)
    assert one.summary["outcome"] == "promoter"
    assert one.columns["outcome"] == "score"


def test_the_same_seed_gives_the_same_limits_and_another_others():
    data = survey(9)
    assert ask(data, seed=4).rows.equals(ask(data, seed=4).rows)
    assert ask(data, seed=4).rows["ci_low"].to_list() != ask(data, seed=5).rows["ci_low"].to_list()


# --- large files --------------------------------------------------------------------------------


def panels_of(data, where, kano, **words):
    source = read(data, **words)
    figures = [figure(source, name) for name in names(data)]
    figures.append(figure(source, "score", Scale(0, 10)))
    return (
        completes._patterns(source, figures, where, kano),
        blocks.read_blocks(source, figures, where, kano),
    )


def assert_alike(one, other):
    assert (one.n, one.answered, one.alone, one.ends) == (
        other.n, other.answered, other.alone, other.ends)  # fmt: skip
    assert one.ledger == other.ledger
    assert one.cells == other.cells
    assert one.tops == pytest.approx(other.tops, abs=1e-9)
    first, second = pooled(one.parts), pooled(other.parts)
    assert first.n == pytest.approx(float(second.n))
    assert first.mean == pytest.approx(second.mean, abs=1e-7)
    assert correlations(first) == pytest.approx(correlations(second), abs=1e-7)


@pytest.mark.parametrize("kano", [False, True])
@pytest.mark.parametrize("slicing", ["plain", "weight", "count", "where", "since"])
def test_blocks_of_rows_hold_what_patterns_hold(kano, slicing):
    data = survey(21, 3000, 3, 0.1).with_columns(
        w=pl.int_range(pl.len()) % 5 / 7, n=pl.int_range(pl.len()) % 4,
        day=pl.date(2026, 1, 1) + pl.duration(days=pl.int_range(pl.len()) % 90),
    )  # fmt: skip
    where = {
        "plain": Slice(),
        "weight": Slice(weight="w"),
        "count": Slice(count="n"),
        "where": Slice(where=("n > 1",)),
        "since": Slice(date="day", since="2026-02"),
    }[slicing]
    one, other = panels_of(data, where, kano)
    assert_alike(one, other)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reduce, "_BATCH", 97)
        _, many = panels_of(data, where, kano)
    assert_alike(one, many)
    assert (many.parts.sums == other.parts.sums).all()


@pytest.mark.parametrize("odd", ["words", "yes or no", "blank", "no score", "77"])
def test_what_cannot_be_answered_is_refused_alike(odd):
    column, cells = {
        "words": ("d0", pl.lit("hello")),
        "yes or no": ("d0", pl.lit(True)),
        "blank": ("d0", pl.lit(None, pl.Int64)),
        "no score": ("score", pl.lit(None, pl.Int64)),
        "77": ("score", pl.lit(77)),
    }[odd]
    data = survey(27, 400, 3).with_columns(cells.alias(column))
    slugs = []
    for way in (completes._patterns, blocks.read_blocks):
        source = read(data)
        figures = [figure(source, name) for name in names(data)]
        figures.append(figure(source, "score", Scale(0, 10)))
        with pytest.raises(DataError) as wrong:
            way(source, figures, Slice(), False)
        slugs.append(wrong.value.slug)
    assert slugs[0] == slugs[1]


@pytest.mark.parametrize("dtype", [pl.UInt8, pl.Int64, pl.Float64, pl.String])
def test_blocks_leave_codes_out_of_any_type(dtype, tmp_path):
    data = survey(29, 500, 3).with_columns(d0=pl.when(pl.int_range(pl.len()) % 9 > 0).then("d0")
                                           .otherwise(9)).cast(dtype)  # fmt: skip
    file = tmp_path / "survey.parquet"
    data.write_parquet(file)
    one, other = panels_of_file(file, ["9"])
    assert_alike(one, other)
    assert one.ledger.left_out["incomplete"] > 50


def test_a_code_that_blocks_meet_late_is_warned_of(monkeypatch):
    monkeypatch.setattr(blocks, "most_patterns", lambda columns: 50)
    late = pl.when(pl.int_range(pl.len()) % 20 < 19).then("d0").otherwise(99)
    data = survey(30, 900, 3, 0.0)
    data = data.with_columns(d0=pl.when(pl.int_range(pl.len()) < 300).then("d0").otherwise(late))
    one, other = panels_of(data, Slice(), False)
    codes = [[note.message for note in panel.notes if note.code == "codes"]
             for panel in (one, other)]  # fmt: skip
    assert codes[0] == codes[1] != []


@pytest.mark.parametrize("cells", ["text", "infinite"])
def test_blocks_count_what_is_no_number_among_rows_asked_for(cells):
    odd, plain = ("soso", pl.String) if cells == "text" else (float("inf"), pl.Float64)
    data = survey(31, 600, 3, 0.0).with_columns(pl.col("d0").cast(plain), n=pl.lit(2),
                                                side=pl.int_range(pl.len()) % 3)  # fmt: skip
    here = (pl.col("side") == 1) & (pl.int_range(pl.len()) < 90)
    there = pl.col("side") == 2
    data = data.with_columns(d0=pl.when(here | there).then(pl.lit(odd)).otherwise("d0"))
    for side, many in (("side = 0", None), ("side < 2", 60)):
        panels = panels_of(data, Slice(where=(side,), count="n"), False)
        told = [[note.message for note in panel.notes if note.code == "invalid"]
                for panel in panels]  # fmt: skip
        assert [len(one) for one in told] == [bool(many)] * 2
        assert all(f"{many} answers" in one[0] for one in told if one)


def test_blocks_take_a_question_that_came_later_and_decimals(monkeypatch):
    monkeypatch.setattr(blocks, "most_patterns", lambda columns: 50)
    data = survey(28, 900, 3, 0.02)
    late = pl.when(pl.int_range(pl.len()) >= 300).then("d0").alias("d0")
    data = data.with_columns(late, pl.col("d1").cast(pl.Decimal(10, 2)))
    one, other = panels_of(data, Slice(), False)
    assert other.ends[0] == Ends(1, 5)
    assert_alike(one, other)


def test_blocks_read_what_people_write(tmp_path):
    data = survey(22, 2500, 3, 0.0)
    words = {1: "1 - Very bad", 2: " 2", 3: "n/a", 4: "4.0", 5: "soso"}
    data = data.with_columns(pl.col("d0").replace_strict(words, return_dtype=pl.String))
    late = pl.DataFrame({"d0": ["7 - Beyond"], "d1": [9], "d2": [1], "score": [11]})
    file = tmp_path / "survey.csv"
    pl.concat([data, late]).write_csv(file)
    one, other = panels_of_file(file, [])
    assert_alike(one, other)
    assert {note.code for note in other.notes} >= {"invalid"}


def panels_of_file(file, null):
    source = read(file, null=null)
    figures = [figure(source, name) for name in ("d0", "d1", "d2")]
    figures.append(figure(source, "score", Scale(0, 10)))
    return (
        completes._patterns(source, figures, Slice(), False),
        blocks.read_blocks(source, figures, Slice(), False),
    )


def test_blocks_find_in_later_rows_what_the_first_do_not_hold(tmp_path, monkeypatch):
    monkeypatch.setattr(blocks, "most_patterns", lambda columns: 50)
    data = survey(23, 900, 3, 0.02).with_columns(pl.col("d1").cast(pl.String))
    late = pl.DataFrame({"d0": [9, 0, 3], "d1": ["4.5", "2 - Poor", "?"], "d2": [3, 2, 1],
                         "score": [3, 10, 9]})  # fmt: skip
    file = tmp_path / "survey.csv"
    pl.concat([data, late]).write_csv(file)
    one, other = panels_of_file(file, ["0"])
    assert_alike(one, other)


def test_blank_lines_are_no_rows_of_blocks(tmp_path, monkeypatch):
    monkeypatch.setattr(matrices, "_TOGETHER", 37)
    monkeypatch.setattr(reduce, "_BATCH", 101)
    data = survey(25, 900, 3, 0.05)
    plain, gaps = tmp_path / "plain.csv", tmp_path / "gaps.csv"
    data.write_csv(plain)
    lines = plain.read_text().splitlines()
    gaps.write_text("\n".join(line + "\n" * (i % 5 == 1) for i, line in enumerate(lines)) + "\n")
    one, other = (panels_of_file(file, [])[1] for file in (plain, gaps))
    assert (one.n, one.tops, one.ledger) == (other.n, other.tops, other.ledger)
    assert (one.parts.sums == other.parts.sums).all()


def test_columns_of_blocks_may_have_any_name(tmp_path):
    names = ("state", "out", "strange", "odd", "first", "rows")
    data = survey(26, 600, 3, 0.05).with_columns(
        pl.int_range(pl.len()).cast(pl.String).alias(name) for name in names
    )
    file = tmp_path / "survey.csv"
    data.write_csv(file)
    source = read(file)
    figures = [figure(source, name) for name in ("d0", "d1", "d2")]
    figures.append(figure(source, "score", Scale(0, 10)))
    where = Slice(where=tuple(f"{name} > 99" for name in names))
    one = completes._patterns(source, figures, where, False)
    assert_alike(one, blocks.read_blocks(source, figures, where, False))


def test_many_patterns_are_blocks_and_told_so(monkeypatch):
    data = survey(24, 4000, 6, 0.0)
    small = ask(data)
    monkeypatch.setattr(completes, "most_patterns", lambda columns: 100)
    large = ask(data)
    same = [name for name in small.rows.columns if name not in ("ci_low", "ci_high", "flags")]
    assert_frame_equal(small.rows.select(same), large.rows.select(same), abs_tol=1e-9)
    near = {"abs": 0.02}
    assert large.rows["ci_low"].to_list() == pytest.approx(small.rows["ci_low"].to_list(), **near)
    assert "blocks" in {note.code for note in large.notes}
    assert "blocks" not in {note.code for note in small.notes}


# --- scales -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "ends"),
    [
        # a rare highest answer: nobody chose the end that others reach
        ([(1, 4, False), (2, 5, True), (1, 3, False)], [(1, 5), (1, 5), (1, 3)]),
        ([(1, 4, True), (2, 5, True), (1, 3, True)], [(1, 4), (1, 5), (1, 3)]),
        ([(2, 8, False), (0, 10, True), (1, 7, False)], [(0, 10), (0, 10), (1, 7)]),
        ([(3, 10, True), (0, 1, True), (0, 5, False)], [(1, 10), (0, 1), (0, 5)]),
        ([(1, 6, True), (2, 7, True), (3, 5, True)], [(1, 6), (1, 7), (1, 5)]),
        ([(1.5, 4.5, True), (1.5, 60, True), (4, 5, True)], [(1, 5), None, (1, 5)]),
    ],
)
def test_scales_by_the_answers_given(given, ends):
    found = scales([Range(*one) for one in given])
    assert found == [end and Ends(*end) for end in ends]


def test_boxes_are_one_answer_of_three_points():
    every = [Ends(1, 3), Ends(1, 4), Ends(1, 5), Ends(1, 7), Ends(0, 10), Ends(1, 10), Ends(0, 1)]
    assert [end.top for end in every] == [3, 3, 4, 6, 9, 9, 1]
    assert [end.bottom for end in every] == [1, 2, 2, 2, 1, 2, 0]


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        (range(7), [0, 6]), (range(1, 6), []), (range(12), [11]), (range(11), []),
        ([1, 2, 3, 4, 5, 9], [9]), ([1, 2, 3, 4, 5, 99], [99]), ([0, 1], []), ([2, 3, 5], []),
        ([1.5, 2, 3, 5], []), ([4, 6, 8], []), ([], []), (range(1, 8), []), (range(40), []),
    ],
)  # fmt: skip
def test_answers_beside_a_scale_are_taken_for_codes(values, codes):
    assert strays([*values]) == codes


def test_codes_that_are_not_declared_are_warned_of():
    found = services(["Q7SIGN", "Q9FOOD"], null=("11",))
    (note,) = [note for note in found.notes if note.code == "codes"]
    assert note.kind == "warning"
    assert note.hints == (("if they mean “no answer”", "--null 0 --null 6"),)
    assert not [n for n in services(["Q7SIGN", "Q9FOOD"]).notes if n.code == "codes"]


def test_a_code_of_ratings_stays_an_answer_of_the_score():
    data = pl.DataFrame({"score": [0, 6, 9, 10, 3], "d0": [1, 2, 4, 5, 6], "d1": [2, 1, 5, 0, 3]})
    found = ask(data, null=("0", "6"))
    assert (found.ledger.used, found.ledger.left_out) == (3, {"incomplete": 2})
    assert "0 and 6 are answers" in next(n.message for n in found.notes if n.code == "null")


# --- doubts -------------------------------------------------------------------------------------


def codes(result):
    return {note.code: note for note in result.notes}


def test_constant_collinear_and_suppressing_drivers_are_told():
    data = survey(30, 400, 3, 0.0).with_columns(d3=pl.lit(4), d4=pl.col("d0") * 2)
    found = ask(data)
    assert found.rows.height == 4
    assert codes(found)["constant"].message == '"d3" is the same in all answers and left out'
    assert codes(found)["collinear"].message.startswith('"d0" and "d4" determine one another')
    assert column(found, "vif")["d4"] is None
    rng = np.random.default_rng(1)
    a = rng.normal(size=500)
    b = a + 0.3 * rng.normal(size=500)
    data = pl.DataFrame({"y": 2 * a - b, "a": a, "b": b + 0.0})
    found = cxkit.drivers(data, outcome="y", drivers=["a", "b"])
    assert "suppression" in codes(found)
    assert "overlap" in codes(found)


def test_noise_and_few_answers_are_flagged():
    rng = np.random.default_rng(2)
    data = survey(31, 400, 2, 0.0).with_columns(d2=pl.Series(rng.integers(1, 6, 400)))
    found = ask(data)
    assert column(found, "flags")["d2"].to_list() == ["not-above-noise"]
    assert "low-n" in column(ask(data.head(60), min_n=100), "flags")["d1"]
    assert "low-n" in codes(ask(data.head(25)))  # ten for each driver
    assert "low-n" not in codes(ask(data.head(30)))


def test_charts_need_four_drivers_for_quadrants():
    three, four = ask(survey(32, 300, 3)), ask(survey(32, 300, 4))
    assert [chart.mark for chart in three.charts] == ["bars"]
    assert three.rows["quadrant"].null_count() == 3
    assert [chart.name for chart in four.charts] == ["quadrants", "weights"]


def test_nothing_claims_a_cause():
    for view in ("importance", "kano"):
        text = render(services(["Q7SIGN", "Q9FOOD", "Q9BOARDING", "Q10SAFE"], view=view), "table")
        assert "association, not cause" in text
        assert not {"raises", "improving", "increases", "drives"} & set(text.lower().split())


@pytest.mark.parametrize("view", ["importance", "kano"])
@pytest.mark.parametrize("format", FORMATS)
def test_every_format_renders(view, format):
    assert render(services(["Q7SIGN", "Q9FOOD", "Q9BOARDING", "Q10SAFE"], view=view), format)


def test_a_table_fits_eighty_columns():
    found = services(["Q7SIGN", "Q9FOOD", "Q9BOARDING", "Q10SAFE"])
    text = render(found, "table", width=80, plain=False)
    assert max(map(len, text.splitlines())) <= 80
    assert "fix first" in text or "keep up" in text


# --- what is refused ----------------------------------------------------------------------------


def test_without_drivers_the_ratings_are_listed_to_paste():
    with pytest.raises(RequestError) as raised:
        services(())
    assert raised.value.slug == "missing-option"
    ((label, line),) = raised.value.hints
    assert label == "ratings stand in"
    assert line.startswith("--drivers Q7ALL,Q7ART,Q7FOOD")
    assert "NETPRO" not in line


def test_a_star_stands_for_any_letters_and_finds_no_letters_too():
    found = services(["Q9*"])
    assert set(found.rows["driver"]) == {
        "Q9BOARDING", "Q9AIRTRAIN", "Q9RENTAL", "Q9FOOD", "Q9RESTROOM"}  # fmt: skip
    with pytest.raises(RequestError, match="Q8"):
        services(["Q8*"])


WRONG = [
    ({"drivers": ["nope"]}, RequestError, "no-column"),
    ({"drivers": ["d0"], "outcome": "d0"}, RequestError, "bad-value"),
    ({"drivers": ["d0"], "outcome": "text"}, DataError, "no-answers"),
    ({"drivers": ["d0", "text"]}, DataError, "no-answers"),
    ({"drivers": ["d0"], "outcome": "same"}, DataError, "constant-outcome"),
    ({"drivers": ["same"]}, DataError, "constant-drivers"),
    ({"drivers": ["same"], "view": "kano"}, DataError, "too-few"),
    ({"drivers": ["d0"], "weight": "zero"}, DataError, "bad-weight"),
    ({"drivers": ["d0"], "weight": "minus"}, DataError, "bad-weight"),
    ({"drivers": ["d0"], "where": ("d0 > 9",)}, DataError, "no-rows"),
    ({"drivers": ["d0", "half"]}, DataError, "no-complete"),
    ({"drivers": ["part"], "view": "kano"}, DataError, "no-rating"),
    ({"drivers": ["d0"], "method": "magic"}, RequestError, "bad-value"),
]


@pytest.mark.parametrize(("words", "kind", "slug"), WRONG)
def test_wrong_requests_and_data_are_refused(words, kind, slug):
    data = survey(40, 50, 2, 0.0).with_columns(
        text=pl.lit("hello"), same=4, zero=0.0, minus=-1.0,
        part=pl.int_range(pl.len()) + 0.5,
        half=pl.when(pl.col("d0") < 3).then(None).otherwise(1),
    )  # fmt: skip
    if slug == "no-complete":
        data = data.with_columns(d0=pl.when(pl.col("half").is_null()).then("d0"))
    with pytest.raises(CxError) as raised:
        cxkit.drivers(data, **words)
    assert (type(raised.value), raised.value.slug) == (kind, slug)


def test_an_empty_file_and_a_header_alone_are_refused(tmp_path):
    file = tmp_path / "survey.csv"
    file.write_text("score,d0\n")
    with pytest.raises(DataError):
        cxkit.drivers(file, drivers=["d0"])


def test_too_many_drivers_are_refused():
    data = survey(41, 60, 41, 0.0)
    with pytest.raises(RequestError, match="at most 40"):
        ask(data)
    with pytest.raises(RequestError, match="at most 20"):
        ask(data, drivers=names(data)[:21], method="lmg")


def test_the_command_line_says_what_it_took(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    words = ["drivers", str(SERVICES), "--score", "NETPRO", "--drivers", "Q7SIGN,Q10SAFE",
             "--null", "0", "--null", "6", "--null", "11", "--csv"]  # fmt: skip
    assert cli.run(words) == 0
    out, err = capsys.readouterr()
    assert out.startswith("driver,n,importance,weight")
    assert "outcome=NETPRO" in err
