"""What an attack on the numbers has found, each kept as a named case."""

import os
import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import polars as pl
import pyarrow as pa
import pytest

import cxkit
from cxkit.cells.answers import shape, text_of, whole_number
from cxkit.errors import CxError, DataError, RequestError


def slug(data, **words):
    with pytest.raises(CxError) as caught:
        cxkit.nps(data, **words)
    return caught.value.slug, caught.value.exit_code


def warnings(result):
    return [note.message for note in result.notes if note.kind == "warning"]


# --- counts --------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [True, False])
def test_counts_are_read_as_whole_numbers_up_to_2_to_the_53(text):
    counts = pl.Series("n", [2**53, 2**53 - 1])
    frame = pl.DataFrame({"score": [9, 3], "n": counts.cast(pl.String) if text else counts})
    assert cxkit.nps(frame, count="n").ledger.read == 2**54 - 1


@pytest.mark.parametrize("cell", ["1e30", "inf", "nan", "9007199254740993", "4611686018427387904"])
def test_a_count_that_no_double_holds_is_a_bad_count(cell):
    frame = pl.DataFrame({"score": ["9", "3"], "n": ["1", cell]})
    with pytest.raises(DataError, match="has 1 cell that is not a whole number") as caught:
        cxkit.nps(frame, count="n")
    assert caught.value.slug == "bad-count"


@pytest.mark.parametrize(
    "cells",
    [
        pl.Series([2**53 + 1, 1]),
        pl.Series([2**63 + 1, 1], dtype=pl.UInt64),
        pl.Series([float("inf"), 1.0]),
        pl.Series([float("nan"), 1.0]),
        pl.Series([1.5, 1.0]),
        pl.Series([Decimal("1.5"), Decimal(1)]),
        pl.Series([date(2026, 1, 1)] * 2),
        pl.Series([True, False]),
        pl.Series([timedelta(1)] * 2),
    ],
    ids=lambda cells: str(cells.dtype),
)
def test_counts_of_another_kind_are_bad_counts(cells):
    assert slug(pl.DataFrame({"score": [9, 3], "n": cells}), count="n") == ("bad-count", 3)


def test_counts_of_decimals_and_of_whole_doubles_are_counts():
    for cells in (["2.0", "3"], [Decimal("2.00"), Decimal(3)], [2.0, 3.0]):
        frame = pl.DataFrame({"score": [9, 3], "n": cells})
        assert cxkit.nps(frame, count="n").ledger.read == 5


def test_counts_that_add_up_beyond_64_bits_stop():
    frame = pl.DataFrame({"score": [9, 3] * 600, "n": [2**53] * 1200})
    with pytest.raises(DataError, match="add up to more than") as caught:
        cxkit.nps(frame, count="n")
    assert caught.value.slug == "bad-count"


def test_counts_that_are_all_0_are_no_answers():
    with pytest.raises(DataError, match='every count in "n" is 0') as caught:
        cxkit.nps(pl.DataFrame({"score": [9, 3], "n": [0, 0]}), count="n")
    assert caught.value.slug == "no-answers"


# --- answers -------------------------------------------------------------------------------------


def test_a_long_number_is_not_its_last_digits():
    assert whole_number("1000000000000000009") not in range(11)
    assert whole_number("0" * 30 + "9") == 9
    result = cxkit.nps(pl.DataFrame({"score": ["9", "1000000000000000009"]}))
    assert result.ledger.left_out == {"invalid": 1}


def test_decimal_scores_are_scores(tmp_path):
    cells = [Decimal("9.000000000"), Decimal("3.000000000"), Decimal("7.500000000"), None]
    frame = pl.DataFrame({"score": pl.Series(cells, dtype=pl.Decimal(38, 9))})
    frame.write_parquet(tmp_path / "a.parquet")
    result = cxkit.nps(tmp_path / "a.parquet", by="score")
    assert result.ledger.left_out == {"missing": 1, "invalid": 1}
    assert set(result.rows["score"]) == {"9", "3", "7.5", None}
    tens = pl.Series([Decimal("10.00"), Decimal("100.50")])
    assert text_of(tens).to_list() == ["10", "100.5"]


def test_nan_is_a_blank_group():
    frame = pl.DataFrame({"score": [9, 3, 8], "g": [1.0, float("nan"), None]})
    assert cxkit.nps(frame, by="g").rows["g"].to_list() == ["1", None]


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("Nguyen Van A", "Aaaaaa Aaa A"), ("Nguyễn Văn An", "Aaaaaa Aaa Aa"), ("JohnSm", "AaaaAa"),
        ("John Sm", "Aaaa Aa"), ("K1234", "A9999"), ("0901234567", "9999999999"),
        ("mai@example.com", "aaa@aaaaaaa.aaa"), ("chín", "chín"), ("99", "99"), ("-1", "-1"),
        ("7.5", "7.5"), ("2025-02-30", "9999-99-99"), ("nguyenthimaianh", "aaaaaaaaaaaaaaa"),
    ],
)  # fmt: skip
def test_a_message_shows_numbers_and_single_words_and_else_a_shape(cell, shown):
    assert shape(cell) == shown
    assert shape(unicodedata.normalize("NFD", cell)) == shown


def test_values_to_choose_from_are_shown_and_customers_are_not():
    frame = pl.DataFrame(
        {"score": [9] * 6, "g": ["Hà Nội"] * 3 + ["Huế"] * 3,
         "who": ["Nguyen Van A", "Le B", "Vo C", "Do D", "Ly E", "An F"]}
    )  # fmt: skip
    with pytest.raises(DataError, match="Aa Aaa, Huế"):  # several words may be a person's name
        cxkit.nps(frame, where="g = 'Vinh'")
    with pytest.raises(DataError, match="Hà Nội"):
        cxkit.nps(frame, where="g = 'Ha noi'")
    with pytest.raises(DataError, match="Aaaaaa Aaa A") as caught:
        cxkit.nps(frame, where="who = 'Nguyen'")
    assert "Nguyen Van A" not in str(caught.value)


# --- days ----------------------------------------------------------------------------------------

REAL = ["2025-02-10", "2025-02-15 09:30:00", "2025-02-20", "2025-03-31"]
NO_DAYS = ["2025-02-30", "2025-02-99", "2025-02-00", "2025-02 foo", "2025-020", "2025-02-29"]


@pytest.mark.parametrize("period", ["month", "week", "year"])
@pytest.mark.parametrize("cell", [*NO_DAYS, " 2025-02-30", "2025-02-310", "2025-02/30"])
def test_a_day_that_does_not_exist_is_no_date_whatever_the_period(cell, period):
    frame = pl.DataFrame({"score": [9] * 5, "date": [*REAL, cell]})
    result = cxkit.nps(frame, period=period)
    assert result.ledger.left_out == {"no-date": 1}


@pytest.mark.parametrize("typed", [False, True])
@pytest.mark.parametrize("cell", [20250230, 20250200, 20250431, 20251301])
def test_a_compact_day_that_does_not_exist_is_no_date(cell, typed):
    days = pl.Series([20250210, 20250215, 20250415, 20250331, cell])
    frame = pl.DataFrame({"score": [9] * 5, "date": days if typed else days.cast(pl.String)})
    assert cxkit.nps(frame, period="month").ledger.left_out == {"no-date": 1}


def test_real_days_of_all_months_need_no_second_pass(monkeypatch):
    from cxkit import reduce

    passes = []
    collect = reduce.collect
    monkeypatch.setattr(reduce, "collect", lambda *a: passes.append(1) or collect(*a))
    days = pl.date_range(date(2023, 1, 1), date(2024, 12, 31), eager=True).cast(pl.String)
    for cells in (days, days + " 23:59:59", days.str.replace_all("-", ""), days.str.slice(0, 7)):
        passes.clear()
        cells = cells.to_frame("date").with_columns(score=9)
        cxkit.nps(pl.concat([cells, pl.DataFrame({"date": ["", "n/a"], "score": [9, 9]},
                                                 schema_overrides={"score": pl.Int32})]),
                  period="month")  # fmt: skip
        assert len(passes) == 1


WRITTEN = {
    "iso": "%Y-%m-%d", "time": "%Y-%m-%d %H:%M", "compact": "%Y%m%d", "numeric": "%d/%m/%Y",
    "words": "%d %b %Y", "unpadded": "%Y-%-m-%-d", "typed": None,
}  # fmt: skip


def written(days, form):
    text = WRITTEN[form]
    return pl.Series(days) if text is None else pl.Series([f"{day:{text}}" for day in days])


@pytest.mark.parametrize("form", WRITTEN)
@pytest.mark.parametrize("period", ["month", "week"])
def test_the_last_periods_are_counted_from_the_latest_row_read(form, period):
    days = [date(2026, 1, 5), date(2026, 2, 9), date(2026, 3, 9), date(2026, 3, 30)]
    frame = pl.DataFrame({"score": [9] * 4, "g": ["a", "a", "b", "b"], "date": written(days, form)})
    words = {"period": period, "where": "g = 'a'"}
    last = {"month": 2, "week": 8}[period]
    result = cxkit.nps(frame, last=last, **words)
    assert (result.ledger.used, result.ledger.left_out) == (1, {"where": 2, "period": 1})
    assert cxkit.nps(frame, last=last, until="2026-02", **words).ledger.used == 2


@pytest.mark.parametrize("form", WRITTEN)
@pytest.mark.parametrize("garbage", ["zzz", "9999-12-31", "2199-13-01", "31/12/9999", "99991231"])
def test_garbage_does_not_hide_the_latest_day(form, garbage):
    days = [date(2026, 2, 15), date(2026, 2, 27), date(2026, 3, 31)]
    cells = written(days, form)
    if cells.dtype == pl.Date:
        cells = cells.extend(pl.Series([date(9999, 12, 31)]))
    else:
        cells = cells.extend(pl.Series([garbage]))
    for where in ((), ("g = 'a'",)):
        frame = pl.DataFrame({"score": [9] * 4, "g": ["a", "a", "a", "b"], "date": cells})
        result = cxkit.nps(frame, period="month", where=where)
        assert result.rows["period"].to_list() == ["2026-02", "2026-03"]
        assert not any("partial" in flags for flags in result.rows["flags"])


@pytest.mark.parametrize(
    "words",
    [{"last": 30_000}, {"last": 10**9}, {"until": "9999-12-31"}, {"until": "9999"},
     {"until": "9999-12"}, {"since": "0001"}, {"since": "0001", "until": "9999", "last": 30_000},
     {"until": "9999", "fiscal_start": 4}],
)  # fmt: skip
@pytest.mark.parametrize("period", ["week", "month", "quarter", "year"])
def test_bounds_at_the_ends_of_the_calendar_are_bounds(words, period):
    frame = pl.DataFrame({"score": [9, 8], "date": ["2026-01-05", "2026-03-31"]})
    assert cxkit.nps(frame, period=period, **words).summary["n"] == 2


def test_until_the_first_years_leaves_nothing_and_does_not_fail():
    frame = pl.DataFrame({"score": [9, 8], "date": ["2026-01-05", "2026-03-31"]})
    for until in ("0001-01", "0001"):
        words = {"period": "year", "until": until, "last": 3, "fiscal_start": 4}
        assert slug(frame, **words) == ("no-rows", 3)


def test_since_later_than_until_is_a_wrong_request():
    frame = pl.DataFrame({"score": [9], "date": ["2025-06-01"]})
    with pytest.raises(RequestError, match="2025-12 is later than --until 2025-01") as caught:
        cxkit.nps(frame, since="2025-12", until="2025-01")
    assert caught.value.slug == "bad-value"


# --- one answer of a customer --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("early", "late"),
    [
        ("2106-03-01 00:00:00", "2150-03-01 00:00:00"), ("2020-03-01", "2150-03-01"),
        ("2026-07-15 10:00:00.1", "2026-07-15 10:00:00.15"),
        ("2026-07-15T10:00:00.000001Z", "2026-07-15T10:00:00.000002Z"),
        ("15/07/2026 09:30 SA", "15/07/2026 02:30 CH"), ("15/07/2026 12:30 SA", "15/07/2026 01:00"),
        ("15/07/2026 11:59 AM", "15/07/2026 12:01 p.m."), ("15/07/2026 9 AM", "15/07/2026 1 PM"),
        ("20260715T093000", "20260715T143000"), ("20260715T0930", "20260715T143000Z"),
        ("2026-07-15T093000+0700", "2026-07-15T143000+0700"),
        ("15.07.2026 9.45", "15.07.2026 14.30"), ("2026-07-15 9h45", "2026-07-15 14h30"),
        ("15 July 2026 9:45", "15 July 2026 14:30"), ("2026-07-15 23:00", "2026-07-16 01:00"),
        ("2026-07-15 01:30+07:00", "2026-07-15 02:00+07:00"),
    ],
)  # fmt: skip
def test_the_last_answer_is_the_later_one_however_times_are_written(early, late):
    for cells, scores in (([early, late], [1, 10]), ([late, early], [10, 1])):
        frame = pl.DataFrame({"score": scores, "customer": ["k", "k"], "date": cells})
        assert cxkit.nps(frame, keep="last").summary["promoters"] == 1
        assert cxkit.nps(frame, keep="first").summary["detractors"] == 1


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_the_last_answer_by_fractions_of_typed_seconds(unit):
    moments = [datetime(2150, 1, 1, 10, 0, 0, 2000), datetime(2150, 1, 1, 10, 0, 0, 1000)]
    frame = pl.DataFrame({"score": [10, 1], "customer": ["k", "k"],
                          "date": pl.Series(moments, dtype=pl.Datetime(unit))})  # fmt: skip
    assert cxkit.nps(frame, keep="last").summary["promoters"] == 1
    assert cxkit.nps(frame, keep="first").summary["detractors"] == 1


def test_equal_times_are_decided_by_the_order_of_the_file():
    n = 5_000
    frame = pl.DataFrame({"score": [1] * n + [10], "customer": ["k"] * (n + 1),
                          "date": ["2026-07-15 10:00"] * (n + 1)})  # fmt: skip
    for _ in range(3):
        assert cxkit.nps(frame, keep="last").summary["promoters"] == 1
        assert cxkit.nps(frame, keep="first").summary["detractors"] == 1


def test_a_customer_is_one_however_the_accents_are_encoded():
    names = [unicodedata.normalize(form, "Nguyễn") for form in ("NFC", "NFD")]
    days = ["2026-07-15", "2026-07-16"]
    frame = pl.DataFrame({"score": [1, 10], "customer": names, "date": days})
    assert cxkit.nps(frame, keep="last").summary["n"] == 1


def test_customers_that_are_nan_stand_for_themselves():
    frame = pl.DataFrame(
        {"score": [1, 10, 9], "customer": [float("nan"), float("nan"), 7.0],
         "date": ["2026-07-15"] * 3}
    )  # fmt: skip
    assert cxkit.nps(frame, keep="last").summary["n"] == 3


# --- several files -------------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path):
    (tmp_path / "a.csv").write_text("score,file,day\n9,x,2026-01-05\n3,y,2026-01-06\n")
    (tmp_path / "b.csv").write_text("score,file\n9,x\n")
    return tmp_path


def rows_of(result):
    return [(one.name, one.rows) for one in result.inputs]


def test_rows_of_each_input_where_a_column_is_called_file(files):
    (files / "empty.csv").write_text("score,file\n")
    paths = [files / "a.csv", files / "empty.csv", files / "b.csv"]
    result = cxkit.nps(paths, by="file")
    assert rows_of(result) == [("a.csv", 2), ("empty.csv", 0), ("b.csv", 1)]
    assert set(result.rows["file"]) == {"x", "y"}
    stack = cxkit.read(paths)
    again = cxkit.nps([stack, cxkit.read(files / "b.csv")])
    assert [one.rows for one in again.inputs] == [2, 0, 1, 1]


@pytest.mark.parametrize("how", ["same", "dot", "symlink", "hard"])
def test_a_file_read_twice_is_told(files, how, monkeypatch):
    monkeypatch.chdir(files)
    other = {"same": "a.csv", "dot": "./a.csv"}.get(how, "c.csv")
    if how == "symlink":
        os.symlink("a.csv", "c.csv")
    elif how == "hard":
        os.link("a.csv", "c.csv")
    result = cxkit.nps(["a.csv", "b.csv", other], score="score")
    assert [rows for _, rows in rows_of(result)] == [2, 1, 2]
    told = [note.message for note in result.notes if note.code == "read-twice"]
    assert told == [f"{result.inputs[0].name} is read twice"]


def test_a_file_read_once_is_not_told(files):
    result = cxkit.nps([files / "a.csv", files / "b.csv"], score="score")
    assert not [note for note in result.notes if note.code == "read-twice"]


def test_a_file_that_lacks_a_column_that_is_asked_for_is_told(files):
    (files / "c.csv").write_text("Q1,region\n9,n\n9,s\n3,s\n")
    paths = [files / "a.csv", files / "b.csv", files / "c.csv"]
    result = cxkit.nps(paths, score="score", by="region")
    assert 'c.csv has no column "score": its 3 rows count as blank' in warnings(result)
    assert 'a.csv has no column "region": its 2 rows count as blank' in warnings(result)
    assert 'b.csv has no column "region": its 1 row counts as blank' in warnings(result)
    result = cxkit.nps(paths, score="score", date="day", period="month", where="region IS NULL")
    assert 'b.csv has no columns "day", "region": its 1 row counts as blank' in warnings(result)


# --- what the library is given -------------------------------------------------------------------

ODD = {
    "duration": pl.Series([timedelta(1), timedelta(2)]),
    "binary": pl.Series([b"\xff", b"x"]),
    "object": pl.Series([object(), object()], dtype=pl.Object),
}


@pytest.mark.parametrize("kind", ODD)
def test_columns_that_have_no_text_are_a_bad_type(kind):
    frame = pl.DataFrame({"score": [9, 3], "g": ODD[kind]})
    assert slug(frame, score="score", by="g") == ("bad-type", 3)
    assert slug(frame, score="g") == ("bad-type", 3)
    assert slug(frame, score="score", cluster="g") == ("bad-type", 3)


def test_a_weight_that_is_a_day_is_no_weight():
    frame = pl.DataFrame({"score": [9, 3], "w": [date(2026, 1, 1)] * 2})
    assert slug(frame, weight="w") == ("bad-weight", 3)
    frame = pl.DataFrame({"score": [9, 3], "w": pl.Series(["5", "1"], dtype=pl.Categorical)})
    assert cxkit.nps(frame, weight="w").summary["nps"] == pytest.approx(100 * 4 / 6)


def test_a_plan_that_breaks_is_unreadable():
    broken = pl.LazyFrame({"score": ["9", "x"]}).with_columns(pl.col("nothing"))
    assert slug(broken, score="score") == ("unreadable", 3)
    late = pl.LazyFrame({"score": ["9", "x"]}).with_columns(pl.col("score").cast(pl.Int64))
    assert slug(late, score="score") == ("unreadable", 3)


def test_times_of_day_are_groups_and_intervals_of_arrow_are_an_error():
    frame = pl.DataFrame({"score": [9, 3], "g": [time(9), time(10)]})
    assert cxkit.nps(frame, by="g").rows.height == 2
    table = pa.table({"score": [9], "g": pa.array([(1, 2, 3)], type=pa.month_day_nano_interval())})
    with pytest.raises(CxError):
        cxkit.nps(table, score="score", by="g")
