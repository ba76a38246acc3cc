"""Dates: read as written, in every form that exports have, or counted as unreadable."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxkit.cells.dates import Cut, DateColumn, settle
from cxkit.errors import DataError, RequestError
from cxkit.result import Note
from cxkit.source import Source

DAY = date(2024, 7, 15)
MONTHS = "January February March April May June July August September October November December"


def source(
    cells: Sequence[Any] | pl.Series, sample: Sequence[Any] | None = None, **more: Any
) -> Source:
    series = cells if isinstance(cells, pl.Series) else pl.Series(cells, dtype=pl.String)
    frame = series.rename("day").to_frame()
    shown = list(series if sample is None else sample)
    return Source(frame.lazy(), ("day",), sample=lambda column: shown, **more)


def understood(data: Source, cut: Cut = "day") -> tuple[list[date | None], tuple[Note, ...]]:
    """As an analysis does it: a key in the scan, and once more with every form if need be."""
    column = settle(data, "day")
    keys = data.rows.select(key=column.key(cut)).collect()["key"]
    if column.needs_day_cut(keys):
        column = column.wide()
        keys = data.rows.select(key=column.key("day")).collect()["key"]
        assert not column.needs_day_cut(keys)
    days, notes = column.days(keys)
    assert days.dtype == pl.Date
    return days.to_list(), notes


@pytest.mark.parametrize(
    "text",
    [
        "2024-07-15", "2024-07-15 08:28:09", "2024-07-15T08:28:09Z", "2024-07-15 10:37:30 -0500",
        "2024-07-15T23:30:00+07:00", "2024/07/15 3:00:00 PM GMT+3", "2024/7/15", "2024.07.15",
        "20240715", "20240715T101500Z",
        "15/07/2024", "07/15/2024 23:03:44", "7/15/2024 19:08:16", "15.07.2024", "15.7.2024 10:00",
        "15-07-2024", "15/7/24", "7/15/24 6:29", "15.07.2024.",
        "Jul 15, 2024", "July 15, 2024 10:30 AM", "Jul 15 2024 10:30", "15 July 2024",
        "15-Jul-2024", "15-Jul-24", "15/Jul/2024:10:30:00", "15th of July, 2024",
        "Monday, July 15, 2024",
        "15 tháng 7, 2024", "ngày 15 tháng 7 năm 2024", "Thứ 2, 15 thg 7, 2024 10:30",
        unicodedata.normalize("NFD", "15 tháng 7, 2024"),
        "  2024-07-15 ", "\t15/07/2024",
    ],
)  # fmt: skip
def test_forms_met_in_exports(text: str) -> None:
    assert understood(source([text, None, "", "  ", "N/A"])) == ([DAY, *[None] * 4], ())
    month, _ = understood(source([text]), "month")
    assert month[0] in (DAY, DAY.replace(day=1))


FORMS: list[Callable[[date], str]] = [
    lambda day: day.isoformat(),
    lambda day: f"{day.isoformat()} 10:30:15.123",
    lambda day: f"{day.year}/{day.month}/{day.day}",
    lambda day: f"{day:%Y%m%d}",
    lambda day: f"{day:%d/%m/%Y}",
    lambda day: f"{day.day}.{day.month}.{day.year} 9:05",
    lambda day: f"{day:%m-%d-%Y} 10:30 PM",
    lambda day: f"{day.month}/{day.day}/{day.year}",
    lambda day: f"{MONTHS.split()[day.month - 1]} {day.day}, {day.year} 10:30",
    lambda day: f"{day.day}-{MONTHS.split()[day.month - 1][:3]}-{day.year}",
    lambda day: f"{day.day} tháng {day.month}, {day.year}",
]
RUBBISH = st.sampled_from([None, "", " ", "n/a", "later", "45123", "45123.5", "13/13/2024", "99"])


@settings(max_examples=120, deadline=None)
@given(
    st.sampled_from(FORMS),
    st.lists(st.dates(date(1900, 1, 1), date(2199, 12, 31)), min_size=1, max_size=8),
    st.lists(RUBBISH, max_size=4),
    st.sampled_from(["month", "day"]),
)
def test_a_day_written_in_a_form_is_read_back(
    form: Callable[[date], str], days: list[date], rubbish: list[str | None], cut: Cut
) -> None:
    # Days that settle the order, as a file of any length has them.
    days = [*days, date(2024, 12, 31), date(2025, 1, 20)]
    data = source([*map(form, days), *rubbish], sample=[form(days[0]), None])
    found, notes = understood(data, cut)
    assert notes == ()
    wanted = [(day, day.replace(day=1)) for day in days]
    assert all(day in either for day, either in zip(found[: len(days)], wanted, strict=True))
    assert found[len(days) :] == [None] * len(rubbish)
    if cut == "day":
        assert found[: len(days)] == days


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(FORMS[:6] + FORMS[8:]), st.dates(date(1900, 1, 1))), min_size=2
    )
)
def test_several_forms_in_one_column_are_all_read(
    cells: list[tuple[Callable[[date], str], date]],
) -> None:
    cells = [
        (form, day.replace(year=1900 + day.year % 300, day=min(day.day, 28))) for form, day in cells
    ]
    texts = [form(day) for form, day in cells]
    order = {"date_format": "%d/%m/%Y"}
    expected = [day for _, day in cells]
    assert understood(source(texts, **order))[0] == expected
    months, _ = understood(source(texts, sample=texts[:1], **order), "month")
    assert [day and day.replace(day=1) for day in months] == [
        day.replace(day=1) for day in expected
    ]


# --- the order of day and month -----------------------------------------------------------------


def test_without_evidence_the_day_is_first_with_a_warning() -> None:
    days, (note,) = understood(source(["01/02/2025", "03/03/2025", None]))
    assert days == [date(2025, 2, 1), date(2025, 3, 3), None]
    assert (note.code, note.kind) == ("date-order", "warning")
    assert note.message == (
        "01/02/2025 could be 1 Feb or 2 Jan; read as day/month/year (no value settles it)"
    )
    assert note.hints == (("set", "--date-format %d/%m/%Y"),)


def test_the_hint_has_the_marks_and_digits_of_the_file() -> None:
    _, (note,) = understood(source(["1.2.25 10:30"]))
    assert "1.2.25 could be" in note.message
    assert note.hints == (("set", "--date-format %d.%m.%y"),)


@pytest.mark.parametrize("cut", ["month", "day"])
def test_one_date_in_the_middle_of_the_file_settles_the_order(cut: Cut) -> None:
    data = source(["01/02/2024", "12/31/2024", "03/04/2024"], sample=["01/02/2024", "03/04/2024"])
    days, notes = understood(data, cut)
    assert (days, notes) == ([date(2024, 1, 2), date(2024, 12, 31), date(2024, 3, 4)], ())


def test_evidence_of_the_sample_holds_for_keys_without_any() -> None:
    column = settle(source(["12/31/2024"]), "day")
    assert column.days(pl.Series(["01/02/2024"]))[0].to_list() == [date(2024, 1, 2)]


def test_what_is_a_day_in_no_order_is_no_evidence() -> None:
    days, (note,) = understood(source(["01/02/2024", "45/11/2024", "11/45/2024"]))
    assert days == [date(2024, 2, 1), None, None]
    assert note.code == "date-order"


def test_contradicting_evidence_is_told() -> None:
    days, (note,) = understood(source(["31/12/2024", "12/31/2024", "01/02/2024"]))
    assert days == [date(2024, 12, 31), date(2024, 12, 31), date(2024, 2, 1)]
    assert "some values fit only one, some only the other" in note.message


def test_equal_day_and_month_are_no_doubt() -> None:
    assert understood(source(["01/01/2024", "02/02/2024"]))[1] == ()


# --- a stated format ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "cell", "day"),
    [
        ("%m/%d/%Y", "01/02/2024", date(2024, 1, 2)),
        ("%m/%d/%Y %H:%M:%S", "01/02/2024", date(2024, 1, 2)),
        ("%d/%m/%Y", "01/02/2024 10:30", date(2024, 2, 1)),
        ("%-d.%-m.%y", "1.2.24", date(2024, 2, 1)),
        ("%D", "01/02/24", date(2024, 1, 2)),
        ("%d%m%Y", "01022024", date(2024, 2, 1)),
        ("%Y-%d-%m", "2024-02-01", date(2024, 1, 2)),
        ("%y-%m-%d", "24-02-01", date(2024, 2, 1)),
        ("%d|%m|%Y %H:%M", "01|02|2024 10:30", date(2024, 2, 1)),
        ("%Y-%m-%dT%H:%M:%S%z", "2024-02-01T03:00:00+07:00", date(2024, 2, 1)),
    ],
)
def test_a_stated_format_is_not_doubted(given: str, cell: str, day: date) -> None:
    data = source([cell, "", "rubbish"], date_format=given)
    assert understood(data) == ([day, None, None], ())
    assert understood(data, "month")[0][0] in (day, day.replace(day=1))


def test_what_does_not_fit_a_stated_format_is_not_read_otherwise() -> None:
    data = source(["2024-02-01", "2024-05-31"], date_format="%Y-%d-%m")
    assert understood(data)[0] == [date(2024, 1, 2), None]


def test_what_does_not_fit_a_stated_format_stays_a_key() -> None:
    data = source(["01022024", "soon"], date_format="%d%m%Y")
    keys = data.rows.select(settle(data, "day").key("day")).collect().to_series()
    assert keys.to_list() == ["2024-02-01", "soon"]


@pytest.mark.parametrize("given", ["%d/%m", "dd/mm/yyyy", "%Q", "%d|%m|%Y %H"])
def test_a_format_that_names_no_day_is_refused(given: str) -> None:
    with pytest.raises(RequestError) as caught:
        settle(source(["01/02/2024"], date_format=given), "day")
    assert caught.value.slug == "bad-value"


# --- what is no date ----------------------------------------------------------------------------


def test_impossible_days_are_unreadable() -> None:
    cells = ["2024-02-31", "2024-02-29", "2023-02-29", "2024-13-01", "2024-00-10", "0001-01-01"]
    assert understood(source(cells))[0] == [None, date(2024, 2, 29), *[None] * 4]


@pytest.mark.parametrize("cell", ["10.20.30.40", "1.2.3.4", "45123", "5/2024", "Marching 5, 2024"])
def test_what_only_resembles_a_date(cell: str) -> None:
    assert understood(source(["2024-07-15", cell]))[0] == [DAY, None]


def test_a_month_without_a_day_is_its_first_day() -> None:
    assert understood(source(["2024-07", "2024-08"]))[0] == [date(2024, 7, 1), date(2024, 8, 1)]


def test_a_column_without_dates_is_refused_and_only_its_shape_is_shown() -> None:
    with pytest.raises(DataError) as caught:
        settle(source(["Nguyễn 1234", "x"]), "day")
    assert "Nguyễn" not in str(caught.value)
    assert "Axxxxx 9999" in str(caught.value)
    assert caught.value.slug == "no-dates"


def test_serial_numbers_of_excel_are_named() -> None:
    with pytest.raises(DataError, match="Excel's serial numbers"):
        settle(source(["45123", "45124.5"]), "day")


def test_an_empty_column_is_one_of_dates() -> None:
    assert understood(source([None, "", "N/A"]))[0] == [None, None, None]


def test_an_unknown_column() -> None:
    with pytest.raises(RequestError, match="did you mean: day"):
        settle(source(["2024-07-15"]), "days")


def test_rubbish_does_not_cost_a_second_pass() -> None:
    column = DateColumn("day", "iso")
    assert not column.needs_day_cut(pl.Series(["2024-07", None, "", "N/A", "later", "45123.5"]))
    assert not column.needs_day_cut(pl.Series(["2024-07-15", "31/12/2024", "2024-02-31"]))
    assert column.needs_day_cut(pl.Series(["2024-07", "31/12/2"]))
    assert column.needs_day_cut(pl.Series(["2024-07", "2024-1-"]))
    assert column.needs_day_cut(pl.Series(["2024-07-15", "Septemb"]))


# --- typed columns ------------------------------------------------------------------------------

TYPED = [
    pl.Series([DAY, None]),
    pl.Series([datetime(2024, 7, 15, 23, 59), None]),
    pl.Series([datetime(2024, 7, 15, 23, 59), None], dtype=pl.Datetime("ms")),
    # 20:00 in London is the next day in Hà Nội, and it is there that the customer answered.
    pl.Series([datetime(2024, 7, 14, 20)]).dt.replace_time_zone("UTC")
    .dt.convert_time_zone("Asia/Ho_Chi_Minh").extend_constant(None, 1),
    pl.Series([20240715, None]),
    pl.Series(["2024-07-15", None], dtype=pl.Categorical),
]  # fmt: skip


@pytest.mark.parametrize("cells", TYPED, ids=lambda cells: str(cells.dtype))
def test_typed_columns(cells: pl.Series) -> None:
    assert understood(source(cells)) == ([DAY, None], ())
    assert understood(source(cells), "month") == ([DAY.replace(day=1), None], ())


def test_months_outside_the_calendar_do_not_wrap_around() -> None:
    cells = pl.Series([date(1, 1, 1), date(1899, 12, 31), date(1900, 1, 1), date(2199, 12, 31),
                       date(2200, 1, 1), date(9999, 12, 31)])  # fmt: skip
    months = [None, None, date(1900, 1, 1), date(2199, 12, 1), None, None]
    assert understood(source(cells), "month")[0] == months


@pytest.mark.parametrize("cells", [[1, 2, 3], [20241301, 20240101], [45123]])
def test_whole_numbers_that_are_no_days(cells: list[int]) -> None:
    data = source(pl.Series(cells))
    if cells[0] == 20241301:  # one bad day is no reason to refuse the column
        assert understood(data)[0] == [None, date(2024, 1, 1)]
    else:
        with pytest.raises(DataError):
            settle(data, "day")


# --- the scan -----------------------------------------------------------------------------------

COLUMNS = [
    (DateColumn("day", "iso"), pl.String), (DateColumn("day", "iso", padded=False), pl.String),
    (DateColumn("day", "compact"), pl.String), (DateColumn("day", "numeric"), pl.String),
    (DateColumn("day", "wide"), pl.String), (DateColumn("day", "whole"), pl.Int64),
    (DateColumn("day", "format", format="%d%m%Y"), pl.String),
    (DateColumn("day", "date"), pl.Date), (DateColumn("day", "datetime"), pl.Datetime("us")),
]  # fmt: skip


@pytest.mark.parametrize("cut", ["month", "day"])
@pytest.mark.parametrize(("column", "dtype"), COLUMNS, ids=lambda value: getattr(value, "kind", ""))
def test_every_key_streams(column: DateColumn, dtype: pl.DataType, cut: Cut) -> None:
    rows = pl.LazyFrame(schema={"day": dtype}).group_by(column.key(cut).alias("key"))
    plan = rows.agg(pl.len(), **column.ends(cut))
    assert streams(plan)


def streams(plan: pl.LazyFrame) -> bool:
    """Whether no node of the physical plan falls back to the engine that needs all rows."""
    graph = plan.show_graph(engine="streaming", plan_stage="physical", raw_output=True, show=False)
    legend, nodes = str(graph).split("in-memory engine fallback", 1)
    fallback = legend.rsplit('COLOR="', 1)[1].split('"', 1)[0]
    return fallback not in nodes


def test_a_plan_that_does_not_stream_is_noticed() -> None:
    assert not streams(pl.LazyFrame({"day": [1]}).select(pl.col("day").rank()))


@given(st.lists(st.datetimes(datetime(1900, 1, 1), datetime(2199, 12, 31)), min_size=1))
@settings(max_examples=40, deadline=None)
def test_the_latest_cell_is_the_latest_day(times: list[datetime]) -> None:
    for cells in (pl.Series([f"{time:%Y-%m-%d %H:%M}" for time in times]), pl.Series(times)):
        data = source(cells)
        column = settle(data, "day")
        found, _ = column.days(
            data.rows.select(column.ends("month")["latest"]).collect().to_series()
        )
        assert found.to_list() == [max(times).date()]


@pytest.mark.parametrize("cell", ["15/07/2024", "15 July 2024", "2024-7-15"])
def test_text_that_does_not_sort_by_time_has_no_latest_cell(cell: str) -> None:
    data = source([cell])
    column = settle(data, "day")
    assert column.ends("month") == {}
    month, day = (
        data.rows.select(column.key(cut)).collect().to_series() for cut in ("month", "day")
    )
    assert month.equals(day)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(FORMS), st.lists(st.dates(date(1900, 1, 1), date(2199, 12, 31)), min_size=1))
def test_days_parsed_in_the_scan_are_those_of_the_keys(
    form: Callable[[date], str], days: list[date]
) -> None:
    data = source([*map(form, [*days, date(2024, 12, 31)]), None, "", "rubbish"])
    parsed = data.rows.select(settle(data, "day").parsed()).collect().to_series()
    assert parsed.to_list() == [*days, date(2024, 12, 31), None, None, None]
