"""Groups side by side: what is withheld, what is tested, how names are kept apart."""

import itertools
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxkit
from cxkit.cells.periods import Calendar
from cxkit.surveys.groups import column_names, previous
from cxkit.surveys.withholding import withheld


def frame(ns, **columns):
    counts = {"n": ns, "missing": [0] * len(ns), **columns}
    return pl.DataFrame({"by0": [f"g{i}" for i in range(len(ns))], **counts})


@pytest.mark.parametrize(
    ("ns", "hidden"),
    [
        ([50, 40, 3], [False, True, True]),  # 40 would give 3 away
        ([50, 4, 3], [False, True, True]),
        ([50, 40, 2, 1], [False, True, True, True]),  # together they are still below 5
        ([50, 40, 3, 0], [False, True, True, True]),  # nobody hides behind an empty group
        ([50, 3], [True, True]),
        ([3], [True]),
        ([50, 40], [False, False]),
        ([50, 0], [False, True]),
    ],
)
def test_small_groups_take_the_next_smallest_with_them(ns, hidden):
    assert withheld([frame(ns)], [["by0"]], 5)[0].to_list() == hidden


def _recovered(shown, whole, minimum):
    """Groups that a reader can work out: sums of finest cells, by elimination of what is known."""
    known = {frozenset(cells): n for cells, n in [*shown, whole]}
    grown = True
    while grown and len(known) < 400:
        grown = False
        for (a, n), (b, m) in itertools.combinations(list(known.items()), 2):
            for cells, value in ((a - b, n - m),) if b < a else ((b - a, m - n),) if a < b else ():
                if cells not in known:
                    known[cells], grown = value, True
            if not a & b and a | b not in known and len(known) < 400:
                known[a | b], grown = n + m, True
    return [cells for cells, n in known.items() if 0 < n < minimum]


CELLS = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from("xy"), st.integers(0, 12)), max_size=12
)


@settings(max_examples=60, deadline=None)
@given(CELLS, st.sampled_from([["a", "a,b"], ["a,b"], ["a", "b", "a,b"], ["a"]]))
def test_nothing_that_is_shown_gives_a_small_group_away(cells, by):
    rows = [(a, b) for a, b, n in cells for _ in range(n)]
    if not rows:
        return
    answers = pl.DataFrame(rows, schema={"a": pl.String, "b": pl.String}, orient="row")
    result = cxkit.nps(answers.with_columns(q=pl.lit(9)), score="q", by=by, suppress=5)
    finest = sorted(set(rows))
    shown = []
    for row in result.rows.iter_rows(named=True):
        assert row["n"] is None or row["n"] >= 5
        if "suppressed" in row["flags"]:
            assert row["nps"] is row["ci_low"] is row["promoters"] is row["diff"] is None
            continue
        known = {name: row[name] for name in ("a", "b") if row.get(name) is not None}
        inside = {
            cell for cell in finest if known.items() <= dict(zip("ab", cell, strict=True)).items()
        }
        shown.append((inside, row["n"]))
    if result.summary["n"] is not None:
        assert not _recovered(shown, (set(finest), len(rows)), 5)
    else:
        assert len(rows) < 5


def test_the_cells_of_a_group_do_not_give_it_away():
    cells = {("A", "web"): [0, 0], ("A", "shop"): [10], ("B", "web"): [9] * 10,
             ("B", "shop"): [9] * 10, ("C", "web"): [9] * 30, ("C", "shop"): [9] * 20}  # fmt: skip
    rows = [(r, c, q) for (r, c), answers in cells.items() for q in answers]
    frame = pl.DataFrame(rows, schema=["region", "channel", "q"], orient="row")
    result = cxkit.nps(frame, score="q", by=["region", ("region", "channel")], suppress=5)
    region = result.rows.filter(pl.col("table") == "region")
    crossed = result.rows.filter(pl.col("table") == "region,channel")
    assert region.filter(pl.col("n").is_null())["region"].sort().to_list() == ["A", "B"]
    assert crossed.filter(pl.col("region") == "B")["n"].null_count() >= 1


def test_a_whole_that_is_too_small_is_withheld_too():
    result = cxkit.nps(pl.DataFrame({"score": [0]}), suppress=5, target=10)
    assert result.summary["n"] is result.summary["nps"] is None
    assert result.summary["target_probability"] is None
    assert result.rows["flags"].to_list() == [["suppressed"]]


def test_withheld_rows_stand_by_name_and_files_tell_no_rows(tmp_path):
    for name, scores in {"b": "9\n" * 3, "c": "9\n" * 2, "a": "9\n" * 40}.items():
        (tmp_path / f"{name}.csv").write_text("score\n" + scores)
    files = [str(tmp_path / f"{name}.csv") for name in "bca"]
    result = cxkit.nps(files, by="file", suppress=5)
    assert result.rows["file"].to_list() == ["a.csv", "b.csv", "c.csv"]
    assert [one.rows for one in result.inputs] == [None, None, None]


def test_a_row_is_compared_with_its_own_previous_period():
    months = pl.DataFrame(
        {"by0": ["a", "a", "b", None, None], "n": [1, 2, 3, 4, 5],
         "start": [date(2026, m, 1) for m in (1, 2, 3, 1, 2)]}
    )  # fmt: skip
    assert previous(months, Calendar("month")).to_list() == [None, 0, None, None, 3]


def test_columns_that_clash_are_prefixed():
    assert column_names(["n", "nps", "region"], ["table", "n", "nps"]) == {
        "n": "by_n", "nps": "by_nps", "region": "region",
    }  # fmt: skip
    assert column_names(["n", "by_n"], ["n"]) == {"n": "by_n", "by_n": "by_by_n"}
