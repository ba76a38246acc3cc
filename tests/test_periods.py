"""Calendar periods: laws, and the cases that calendars are got wrong at."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxkit.cells.periods import Calendar, bound
from cxkit.errors import RequestError

days = st.dates(date(1900, 1, 1), date(2199, 12, 31))
calendars = st.builds(
    Calendar, st.sampled_from(["week", "month", "quarter", "year"]), st.integers(1, 12)
)


@given(calendars, days)
def test_a_day_lies_in_its_period(calendar: Calendar, day: date) -> None:
    start = calendar.start(day)
    assert start <= day <= calendar.end(start)
    assert calendar.start(start) == calendar.start(calendar.end(start)) == start


@given(calendars, days)
def test_periods_follow_one_another_without_gaps(calendar: Calendar, day: date) -> None:
    start = calendar.start(day)
    assert calendar.previous(calendar.next(start)) == start
    assert calendar.next(calendar.previous(start)) == start
    assert calendar.end(calendar.previous(start)) + timedelta(days=1) == start


@given(calendars, days)
def test_a_label_is_read_back_as_its_period(calendar: Calendar, day: date) -> None:
    start = calendar.start(day)
    if calendar.period == "quarter" and calendar.fiscal_start != 1:
        assert calendar.label(start).startswith("FY")
    label = calendar.label(start)
    assert bound(label, "first", calendar.fiscal_start) == start
    assert bound(label, "last", calendar.fiscal_start) == calendar.end(start)


@given(calendars, st.lists(st.none() | days, max_size=20))
def test_a_series_is_read_like_its_days(calendar: Calendar, some: list[date | None]) -> None:
    starts = calendar.starts(pl.Series("day", some, dtype=pl.Date))
    assert starts.dtype == pl.Date
    assert starts.to_list() == [day and calendar.start(day) for day in some]


@pytest.mark.parametrize(
    ("period", "fiscal", "day", "label"),
    [
        ("week", 1, date(2026, 7, 31), "2026-W31"),
        ("week", 1, date(2027, 1, 1), "2026-W53"),
        ("week", 1, date(2024, 12, 30), "2025-W01"),
        ("month", 4, date(2026, 7, 31), "2026-07"),
        ("quarter", 1, date(2026, 7, 1), "2026-Q3"),
        ("quarter", 7, date(2026, 7, 1), "FY2027-Q1"),
        ("quarter", 2, date(2026, 1, 31), "FY2026-Q4"),
        ("year", 1, date(2026, 7, 1), "2026"),
        ("year", 4, date(2026, 3, 31), "FY2026"),
        ("year", 4, date(2026, 4, 1), "FY2027"),
    ],
)
def test_labels(period: str, fiscal: int, day: date, label: str) -> None:
    calendar = Calendar(period, fiscal)  # type: ignore[arg-type]
    assert calendar.label(calendar.start(day)) == label


@pytest.mark.parametrize(
    ("text", "fiscal", "first", "last"),
    [
        ("2026", 4, date(2026, 1, 1), date(2026, 12, 31)),
        ("2026-Q1", 4, date(2026, 1, 1), date(2026, 3, 31)),
        ("FY2026", 4, date(2025, 4, 1), date(2026, 3, 31)),
        ("fy2026-q1", 4, date(2025, 4, 1), date(2025, 6, 30)),
        ("FY2026-Q1", 1, date(2026, 1, 1), date(2026, 3, 31)),
        ("2024-02", 1, date(2024, 2, 1), date(2024, 2, 29)),
        ("2026-W31", 1, date(2026, 7, 27), date(2026, 8, 2)),
        ("2026-W53", 1, date(2026, 12, 28), date(2027, 1, 3)),
        (" 2026-07-15 ", 1, date(2026, 7, 15), date(2026, 7, 15)),
        ("9999", 1, date(9999, 1, 1), date(9999, 12, 31)),
    ],
)
def test_bounds(text: str, fiscal: int, first: date, last: date) -> None:
    assert bound(text, "first", fiscal) == first
    assert bound(text, "last", fiscal) == last


@pytest.mark.parametrize(
    "text",
    ["", "26", "2026-13", "2026-00", "2026-W54", "2026-W00", "2027-W53", "2026-02-30", "2026-Q5",
     "2026-7", "15/07/2026", "July", "FY2026-07", "FY2026-W01", "0000", "2026-07-15T10:00",
     "٢٠٢٦", "9999-W53"],
)  # fmt: skip
def test_what_no_calendar_has_is_refused_with_the_forms(text: str) -> None:
    with pytest.raises(RequestError, match="2026-Q3") as caught:
        bound(text, "first")
    assert caught.value.slug == "bad-value"
