"""`--where`: keeps what it says, on text as on types, and says what it cannot understand."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxkit.cells.where import compile_where
from cxkit.errors import RequestError
from cxkit.source import Source

TEXT = {
    "region": ["Hà Nội", "  Hà Nội ", "Huế", "", None],
    "score": ["9", " 10", "x", "N/A", "-1"],
    "day": ["2026-07-01", "2026-06-30 10:00", "", None, "soon"],
    "First name": ["a", "b", "c", "d", "e"],
    "a.b": ["1", "2", "3", "4", "5"],
    "select": ["1", "2", "3", "4", "5"],
    "date": ["15/07/2026", "01/02/2026", None, "3/4/2026", "31/12/2026"],
    "điểm": ["1", "2", "3", "4", "5"],
}
TYPED = {
    "n": pl.Series([1, 2, 3, None, 5]),
    "x": pl.Series([0.5, None, float("nan"), 2.0, 1.0]),
    "active": pl.Series([True, False, None, True, True]),
    "when": pl.Series([datetime(2026, 7, 1, 12), None, datetime(2026, 7, 2), None, None]),
}
FRAME = pl.DataFrame({**TEXT, **TYPED})


def source(frame: pl.DataFrame = FRAME, **more: Any) -> Source:
    return Source(frame.lazy(), tuple(frame.columns), sample=lambda c: frame[c].to_list(), **more)


def kept(*conditions: str, data: Source | None = None) -> list[int]:
    data = data or source()
    found = compile_where(conditions, data).expr.alias("found")
    mask = data.rows.with_columns(found).collect()["found"]
    assert mask.dtype == pl.Boolean
    assert mask.null_count() == 0
    return mask.arg_true().to_list()


@pytest.mark.parametrize(
    ("condition", "rows"),
    [
        ("region = 'Hà Nội'", [0, 1]),
        ("region <> 'Huế'", [0, 1]),
        ("region != ' Huế '", [0, 1]),
        ("NOT region = 'Huế'", [0, 1]),
        ("region in ('Huế', 'Hà Nội')", [0, 1, 2]),
        ("region NOT IN ('Huế')", [0, 1]),
        ("region IS NULL", [3, 4]),
        ("region is not null", [0, 1, 2]),
        ("region LIKE 'H%'", [0, 1, 2]),
        ("region LIKE 'H__'", [2]),
        ("region NOT LIKE 'Hu%'", [0, 1]),
        ("region ILIKE 'hà%'", [0, 1]),
        ("region > 'Hb'", [0, 1, 2]),
        ("UPPER(region) = 'HUẾ'", [2]),
        ("length(region) = 3", [2]),
        ("score > 8", [0, 1]),
        ("8 < score", [0, 1]),
        ("score = 9.0", [0]),
        ("score = '9'", [0]),
        ("score <> '9'", [1, 2, 3, 4]),
        ("score >= -1", [0, 1, 4]),
        ("score BETWEEN 9 AND 10", [0, 1]),
        ("score NOT BETWEEN 9 AND 10", [4]),
        ("score IN (9, -1)", [0, 4]),
        ("score IN (1, 2, 3, 9, 10)", [0, 1]),
        ("day >= '2026-07-01'", [0]),
        ("day = '2026-06-30'", [1]),
        ("day < DATE '2026-07-01'", [1]),
        ("day BETWEEN '2026-06-01' AND '2026-12-31'", [0, 1]),
        ("date >= '2026-04-01'", [0, 3, 4]),
        ("date = DATE '2026-02-01'", [1]),
        ("\"First name\" IN ('a', 'e')", [0, 4]),
        ('"a.b" > 4', [4]),
        ('"select" = 2', [1]),
        ("select = 2", [1]),
        ("điểm >= 4", [3, 4]),
        ("n > 1", [1, 2, 4]),
        ("n >= 1.5", [1, 2, 4]),
        ("n = '2'", [1]),
        ("x > 0.9", [3, 4]),
        ("x IS NULL", [1, 2]),
        ("active", [0, 3, 4]),
        ("NOT active", [1]),
        ("active = FALSE", [1]),
        ("active AND n > 1", [4]),
        ("when = '2026-07-01'", [0]),
        ("when > '2026-07-01'", [2]),
        ("n = score", []),
        ("n < score", [0, 1]),
        ("day >= when", [0]),
        ("region = 'Huế' OR score = 9 AND n = 7", [2]),
        ("(region = 'Huế' OR score = 9) AND n = 1", [0]),
    ],
)
def test_conditions(condition: str, rows: list[int]) -> None:
    assert kept(condition) == rows


def test_repeated_conditions_all_hold_and_or_stays_inside() -> None:
    assert kept("region = 'Huế' OR score = 9", "n = 1") == [0]
    assert kept() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    "cell", ["H\u00e0 N\u1ed9i", "Ha\u0300 No\u0323\u0302i", "Ha\u0300 N\u00f4\u0323i"]
)
def test_accents_may_be_encoded_in_any_way(cell: str) -> None:
    data = source(pl.DataFrame({"ngày": [cell, "Huế"]}))
    for condition in (
        "ngày = 'H\u00e0 N\u1ed9i'",
        "nga\u0300y = 'Ha\u0300 No\u0323\u0302i'",
        "ngày LIKE 'Hà%'",
    ):
        assert kept(condition, data=data) == [0]


def test_a_quote_in_text_is_doubled() -> None:
    data = source(pl.DataFrame({'a"b': ["it's", "*.*"]}))
    assert kept("\"a\"\"b\" = 'it''s'", data=data) == [0]
    assert kept('"a""b" LIKE \'*.%\'', data=data) == [1]


def test_decimal_comma() -> None:
    data = source(pl.DataFrame({"x": ["9,5", "1.250,5", "9.5", "-3", "1.250"]}), decimal=",")
    assert kept("x > 9", data=data) == [0, 1, 4]
    assert unread("x > 9", data=data) == {"x": 1}


def unread(condition: str, data: Source | None = None) -> dict[str, int]:
    data = data or source()
    found = compile_where([condition], data).unread
    return {name: data.rows.select(cells).collect().item() for name, cells in found.items()}


@pytest.mark.parametrize(
    ("condition", "cells"),
    [
        ("score > 8", {"score": 1}),  # N/A is no answer, "x" is unreadable
        ("score > 8 OR score < 3 OR day > '2026-01-01'", {"score": 1, "day": 1}),
        ("score = 'x'", {}),
        ("n > 1 AND when > '2026-01-01'", {}),
    ],
)
def test_cells_that_cannot_be_read_are_counted(condition: str, cells: dict[str, int]) -> None:
    assert unread(condition) == cells
    assert compile_where([condition], source(FRAME.clear())).unread.keys() == cells.keys()


def test_not_a_number_is_no_number() -> None:
    data = source(pl.DataFrame({"x": ["nan", "inf", "-inf", "1e400", "5"]}))
    assert kept("x > 1", data=data) == [4]
    assert unread("x > 1", data=data) == {"x": 3}


def test_the_columns_looked_at_and_doubts_about_dates() -> None:
    frame = pl.DataFrame({"d": ["01/02/2026"], "r": ["x"]})
    found = compile_where(["r = 'x' AND d > '2026-01-15'", "d < '2027-01-01'"], source(frame))
    assert found.columns == ("r", "d")
    assert [note.code for note in found.notes] == ["date-order"]


def test_a_stated_date_format_holds() -> None:
    data = source(pl.DataFrame({"d": ["01/02/2026"]}), date_format="%m/%d/%Y")
    assert kept("d = '2026-01-02'", data=data) == [0]


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("region = HN", 'error[where]: no column "HN"\n  hint: text goes in single quotes\n'
         "  try: --where \"region = 'HN'\""),
        ('region = "HN"', "try: --where \"region = 'HN'\""),
        ("region = Hà Nội", "try: --where \"region = 'Hà Nội'\""),
        ("regio = 'x'", "did you mean: region"),
        ("Region = 'x'", "did you mean: region"),
        ("zzz = 'x'", "columns: region, score"),
        ("score = NULL", 'try: --where "score IS NULL"'),
        ("score <> NULL", 'try: --where "score IS NOT NULL"'),
        ("score IN (1, NULL)", 'try: --where "score IS NULL"'),
        ("score > NULL", 'try: --where "score IS NULL"'),
        ("region = ''", 'try: --where "region IS NULL"'),
        ('"First name" = NULL', 'try: --where "\\"First name\\" IS NULL"'),
        ("score > '9'", 'try: --where "score > 9"'),
        ("n > '9'", 'try: --where "n > 9"'),
        ("score BETWEEN '1' AND '9'", "numbers stand without quotes"),
        ("score > 9,5", "numbers are written with a point"),
        ("score >", '"score >" ends where a value is expected'),
        ("score > 8 AND", "ends where a column is expected"),
        ("", "ends where a column is expected"),
        ("(score > 8", "ends where ) is expected"),
        ("score > 8)", '")" stands where AND or OR is expected'),
        ("score > 8; drop", 'unexpected ";"'),
        ("score > 8 -- all", 'stands where AND or OR is expected'),
        ("region = 'a", "a ' is not closed"),
        ("region = ‘HN’", "quotes must be straight"),
        ("score", 'is not true or false by itself'),
        ("1 = 1", "no column is compared"),
        ("SUM(score) > 3", "one row at a time: no SUM"),
        ("score IN (SELECT 1)", "no SELECT inside"),
        ("score = (SELECT 1)", "stands where a value is expected"),
        ("EXISTS (SELECT 1)", "no SELECT inside"),
        ("foo(score) > 1", 'no function "foo"'),
        ("region.x = 1", "double quotes"),
        ("First name = 'a'", "a name with blanks goes in double quotes"),
        ("score IN (9, 'x')", "must all be numbers, or dates, or text"),
        ("score IN ()", "stands where a value is expected"),
        ("n = 'x'", 'cannot be compared with x'),
        ("when = 3", 'cannot be compared with 3'),
        ("when = 'x'", "'x' is not a date"),
        ("day > '2026-07'", "'2026-07' is not a date"),
        ("day > DATE '2026-02-30'", "'2026-02-30' is not a date"),
        ("region > DATE '2026-01-01'", '"region" holds no dates'),
        ("region = 12345678901234567890", "ids go in single quotes"),
        ("score LIKE 9", "LIKE compares a column of text"),
        ("active > 3", "cannot be compared with 3"),
        ("score = TRUE", "is not true or false"),
        ("(" * 5000 + "score = 1", "nested too deeply"),
        ("NOT " * 5000 + "score = 1", "nested too deeply"),
    ],
)  # fmt: skip
def test_what_is_refused_is_told_in_our_words(condition: str, message: str) -> None:
    with pytest.raises(RequestError) as caught:
        compile_where([condition], source())
    assert caught.value.slug == "where"
    assert caught.value.exit_code == 2
    assert message in str(caught.value)


# --- laws ---------------------------------------------------------------------------------------

Row = dict[str, Any]
Test = tuple[str, Callable[[Row], bool | None]]
_MARKS = {"=": operator.eq, "<>": operator.ne, "<": operator.lt, ">=": operator.ge}


def _naive(column: str, mark: str, value: float | str | date) -> Test:
    literal = f"'{value}'" if isinstance(value, str | date) else str(value)
    apply = _MARKS[mark]

    def test(row: Row) -> bool | None:
        return None if row[column] is None else bool(apply(row[column], value))

    return f"{column} {mark} {literal}", test


tests: st.SearchStrategy[Test] = st.recursive(
    st.one_of(
        st.builds(_naive, st.just("score"), st.sampled_from(list(_MARKS)), st.integers(-1, 4)),
        st.builds(_naive, st.just("typed"), st.sampled_from(list(_MARKS)), st.integers(-1, 4)),
        st.builds(_naive, st.just("region"), st.sampled_from(["=", "<>"]), st.sampled_from("abé")),
        st.builds(
            _naive,
            st.just("day"),
            st.sampled_from(list(_MARKS)),
            st.dates(date(2026, 1, 1), date(2026, 1, 6)),
        ),
        st.sampled_from(["score", "typed", "region", "day"]).map(
            lambda name: (f"{name} IS NULL", lambda row: row[name] is None)
        ),
    ),
    lambda inner: st.one_of(
        inner.map(lambda one: (f"NOT ({one[0]})", lambda row: _not(one[1](row)))),
        st.tuples(inner, inner).map(
            lambda two: (f"({two[0][0]}) AND {two[1][0]}" if " OR " not in two[1][0]
                         else f"({two[0][0]}) AND ({two[1][0]})",
                         lambda row: _and(two[0][1](row), two[1][1](row)))
        ),
        st.tuples(inner, inner).map(
            lambda two: (f"{two[0][0]} OR {two[1][0]}",
                         lambda row: _or(two[0][1](row), two[1][1](row)))
        ),
    ),
    max_leaves=5,
)  # fmt: skip


def _not(one: bool | None) -> bool | None:
    return None if one is None else not one


def _and(one: bool | None, two: bool | None) -> bool | None:
    return False if one is False or two is False else None if None in (one, two) else True


def _or(one: bool | None, two: bool | None) -> bool | None:
    return _not(_and(_not(one), _not(two)))


numbers = st.none() | st.integers(-1, 4)
rows = st.fixed_dictionaries(
    {
        "score": numbers,
        "typed": numbers,
        "region": st.none() | st.sampled_from("abé"),
        "day": st.none() | st.dates(date(2026, 1, 1), date(2026, 1, 6)),
    }
)


@settings(max_examples=150, deadline=None)
@given(st.lists(rows, max_size=8), st.lists(tests, min_size=1, max_size=2), st.data())
def test_conditions_agree_with_a_plain_evaluation(
    table: Sequence[Row], conditions: list[Test], data: st.DataObject
) -> None:
    pad = st.sampled_from(["", " "])

    def cell(value: object) -> str | None:
        blank = data.draw(st.sampled_from([None, "", " "]))
        return blank if value is None else f"{data.draw(pad)}{value}{data.draw(pad)}"

    frame = pl.DataFrame(
        {
            "score": pl.Series([cell(row["score"]) for row in table], dtype=pl.String),
            "typed": pl.Series([row["typed"] for row in table], dtype=pl.Int64),
            "region": pl.Series([cell(row["region"]) for row in table], dtype=pl.String),
            "day": pl.Series([cell(row["day"]) for row in table], dtype=pl.String),
        }
    )
    wanted = [i for i, row in enumerate(table) if all(test(row) for _, test in conditions)]
    assert kept(*(text for text, _ in conditions), data=source(frame)) == wanted


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(
    ["score", "region", "n", "active", "(", ")", "AND", "OR", "NOT", "=", "<", "IN", "IS", "NULL",
     "BETWEEN", "LIKE", "9", "'x'", "'2026-01-01'", ",", "DATE", "LOWER", "-", ".", '"', "'", "%"]
), max_size=9).map(" ".join))  # fmt: skip
def test_any_words_are_a_condition_or_an_error_of_ours(words: str) -> None:
    try:
        kept(words)
    except RequestError as error:
        assert "\n" not in error.message  # noqa: PT017


def test_conditions_stream() -> None:
    found = compile_where(
        ["score > 8 AND day > '2026-01-01' OR region LIKE 'H%'", "date < '2027-01-01'"], source()
    )
    cells = [count.alias(name) for name, count in found.unread.items()]
    plan = FRAME.lazy().group_by(found.expr.alias("kept"), "region").agg(pl.len(), *cells)
    graph = plan.show_graph(engine="streaming", plan_stage="physical", raw_output=True, show=False)
    legend, nodes = str(graph).split("in-memory engine fallback", 1)
    assert legend.rsplit('COLOR="', 1)[1].split('"', 1)[0] not in nodes
