"""Groups side by side: what is withheld, what is tested, how names are kept apart."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxkit
from cxkit.groups import column_names, previous, rest, withheld
from cxkit.periods import Calendar


def frame(ns, **columns):
    counts = {"n": ns, "missing": [0] * len(ns), **columns}
    return pl.DataFrame({"by0": [f"g{i}" for i in range(len(ns))], **counts})


@pytest.mark.parametrize(
    ("ns", "hidden"),
    [
        ([50, 40, 3], [False, True, True]),  # 40 would give 3 away
        ([50, 4, 3], [False, True, True]),
        ([50, 3], [True, True]),
        ([3], [True]),
        ([50, 40], [False, False]),
        ([50, 40, 2, 1], [False, False, True, True]),
    ],
)
def test_a_lone_small_group_takes_the_next_smallest_with_it(ns, hidden):
    assert withheld(frame(ns), 5, [[]]).to_list() == hidden


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.integers(0, 12)), max_size=40
    )
)
def test_no_total_that_is_shown_gives_a_withheld_group_away(cells):
    rows = [(a, b) for a, b, n in cells for _ in range(n)]
    if not rows:
        return
    answers = pl.DataFrame(
        {"a": [r[0] for r in rows], "b": [r[1] for r in rows]},
        schema={"a": pl.String, "b": pl.String},
    )
    answers = answers.with_columns(q=pl.lit(9))
    result = cxkit.nps(answers, score="q", by=["a", "a,b"], suppress=5)
    small, crossed = (result.rows.filter(pl.col("table") == t) for t in ("a", "a,b"))
    for row in result.rows.iter_rows(named=True):
        assert row["n"] is None or row["n"] >= 5
        if "suppressed" in row["flags"]:
            assert row["nps"] is row["ci_low"] is row["promoters"] is row["diff"] is None
    assert small["n"].null_count() != 1 or small.height == 1
    for row in small.iter_rows(named=True):
        part = crossed.filter(pl.col("a") == row["a"])
        if row["n"] is not None and part.height > 1:
            assert part["n"].null_count() != 1


def test_rest_and_previous_are_other_peoples_answers():
    groups = frame([5, 7, 9])
    assert rest(groups, ["n"])["n"].to_list() == [16, 14, 12]
    assert rest(frame([5]), ["n"])["n"].to_list() == [None]
    months = pl.DataFrame(
        {"by0": ["a", "a", "b", None, None], "n": [1, 2, 3, 4, 5],
         "start": [date(2026, m, 1) for m in (1, 2, 3, 1, 2)]}
    )  # fmt: skip
    assert previous(months, ["n"], Calendar("month"))["n"].to_list() == [None, 1, None, None, 4]


def test_columns_that_clash_are_prefixed():
    assert column_names(["n", "nps", "region"], ["table", "n", "nps"]) == {
        "n": "by_n", "nps": "by_nps", "region": "region",
    }  # fmt: skip
    assert column_names(["n", "by_n"], ["n"]) == {"n": "by_n", "by_n": "by_by_n"}
