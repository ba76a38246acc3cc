"""Answers by customer: who answered what and when, and every row accounted for."""

from datetime import date, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxkit.errors import CxError
from cxkit.orders.respondents import match, read_respondents
from cxkit.reading import read
from cxkit.slices import Slice

KINDS = {"id": pl.String, "day": pl.String, "score": pl.String, "region": pl.String}


def ask(rows, **words):
    data = pl.DataFrame(rows, schema=KINDS, orient="row")
    return read_respondents(read(data), "score", Slice(date="day", customer="id", **words))


def test_answers_by_customer_oldest_first():
    rows = [
        ("B2", "2024-03-01", "7", " N"),
        ("a1", "2024-02-01", "3", "N "),
        (" A1", "2024-01-05", "9 - likely", ""),
    ]
    found = ask(rows, by=(("region",),))
    assert found.rows.select("customer", "day", "score", "category", "by0", "n").rows() == [
        ("a1", date(2024, 1, 5), 9, "promoter", None, 1),
        ("a1", date(2024, 2, 1), 3, "detractor", "N", 1),
        ("b2", date(2024, 3, 1), 7, "passive", "N", 1),
    ]
    assert found.latest["score"].to_list() == [3, 7]


def test_every_row_is_accounted_for():
    rows = [("a", "2024-01-05", "9", ""), ("", "2024-01-05", "9", ""), ("b", "", "9", ""),
            ("c", "2024-01-05", "", ""), ("d", "2024-01-05", "11", ""), ("e", "soon", "9", ""),
            ("f", "2025-01-05", "9", ""), ("g", "2024-01-05", "9", "X")]  # fmt: skip
    found = ask(rows, until="2024", where=("region <> 'X' OR region IS NULL",))
    assert found.rows["customer"].to_list() == ["a"]
    assert found.ledger.read == 8
    assert found.ledger.left_out == {
        "where": 1, "no-date": 2, "period": 1, "missing": 1, "invalid": 1, "no-customer": 1,
    }  # fmt: skip
    assert {note.code for note in found.notes} >= {"no-date", "invalid", "blank"}


def test_the_last_answer_of_a_day_is_the_latest_of_its_times_then_of_its_rows():
    rows = [("a", "2024-01-05 15:00", "2", ""), ("a", "2024-01-05 09:00", "9", ""),
            ("b", "2024-01-05", "9", ""), ("b", "2024-01-05", "3", ""),
            ("b", "2024-01-05", "9", "")]  # fmt: skip
    assert ask(rows).latest.select("customer", "score").rows() == [("a", 2), ("b", 9)]
    typed = pl.DataFrame(
        {
            "id": [7, 7],
            "score": [10, 0],
            "day": [datetime(2024, 1, 5, 8), datetime(2024, 1, 5, 7, 59)],
        }
    )
    found = read_respondents(read(typed), "score", Slice(date="day", customer="id"))
    assert found.latest.select("customer", "score").rows() == [("7", 10)]


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.dates(date(2024, 1, 1), date(2024, 1, 4)),
                  st.integers(0, 10)), min_size=1, max_size=30)
)  # fmt: skip
def test_the_latest_answer_is_that_of_plain_python(rows):
    found = ask([(c, str(d), str(s), "") for c, d, s in rows]).latest
    want = {}
    for i, (c, d, s) in enumerate(rows):
        want[c] = max(want.get(c, (date.min, 0, 0)), (d, i, s))
    assert dict(found.select("customer", "score").iter_rows()) == {c: w[2] for c, w in want.items()}


def test_how_many_are_in_both():
    survey = ask([("a", "2024-01-05", "9", ""), ("a", "2024-01-06", "9", ""),
                  ("b", "2024-01-05", "9", "")])  # fmt: skip
    orders = read(pl.DataFrame({"customer": ["A", "c", "d", "e"]}))
    keys = pl.Series(["a", "c", "d", "e"])
    for customers in (keys, keys.hash(), pl.concat([keys, keys])):
        note = match(survey, orders, "customer", customers)
        assert note.message.startswith("1 of 2 customers who answered have orders (50%)")
        assert "1 of 4 customers with orders answered (25%)" in note.message


def test_nobody_in_both_shows_the_shape_of_ids():
    survey = ask([("K-17", "2024-01-05", "9", "")])
    orders = read(pl.DataFrame({"customer": ["an.vu@mail.vn"]}))
    with pytest.raises(CxError) as caught:
        match(survey, orders, "customer", pl.Series(["an.vu@mail.vn"]))
    message = str(caught.value)
    assert caught.value.slug == "no-match"
    assert "0 of 1 id found in the data; survey has ids like A-99" in message
    assert "an.vu" not in message
    assert "17" not in message


@pytest.mark.parametrize(
    ("rows", "slug"),
    [
        ([], "empty"),
        ([("a", "2024-01-05", "", "")], "no-answers"),
        ([("", "2024-01-05", "9", "")], "no-answers"),
        ([("a", "2024-01-05", str(1 + i % 5), "") for i in range(200)], "bad-scale"),
    ],
)
def test_wrong_surveys(rows, slug):
    with pytest.raises(CxError) as caught:
        ask(rows)
    assert caught.value.slug == slug
