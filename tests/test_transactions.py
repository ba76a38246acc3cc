"""The pass over transactions: sums by customer and period, and every row accounted for."""

from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxkit.errors import CxError, DataError
from cxkit.orders import transactions
from cxkit.orders.money import UNIT
from cxkit.orders.receipts import Scan
from cxkit.orders.sales import Sales
from cxkit.orders.shortcut import shortcut
from cxkit.orders.transactions import read_sales
from cxkit.reading import read
from cxkit.slices import Slice
from cxkit.source import Trade

CUSTOMERS = st.sampled_from(["a", "b", " a", "A", "", None, "Huê\u0301", "huế", "0012"])
AMOUNTS = st.one_of(
    st.integers(-99_999, 99_999).map(lambda cents: f"{cents / 100:.2f}"),
    st.sampled_from(["", None, "n/a", "twelve", "$5.00", "1,240.00"]),
)
DAYS = st.one_of(
    st.dates(date(2024, 1, 1), date(2025, 12, 31)).map(str),
    st.sampled_from(["", None, "soon", "2024-02-30", "2024-03-05 10:00:00"]),
)
ROWS = st.lists(st.tuples(CUSTOMERS, DAYS, AMOUNTS), min_size=1, max_size=50)


def frame(rows):
    return pl.DataFrame(rows, schema=dict.fromkeys("cda", pl.String), orient="row")


def ask(data, *, gross=False, customers="text", **words):
    sales = Sales(Slice(customer="c", date="d", **words), amount="a", gross=gross)
    return read_sales(read(data), sales, customers=customers)


def told(data, **words):
    try:
        return ask(data, **words)
    except CxError as error:
        return error.slug


def same(one, other):
    if isinstance(one, str) or isinstance(other, str):
        assert one == other
        return
    assert one.rows.equals(other.rows)
    assert one.ledger == other.ledger


def test_sums_by_customer_and_month():
    rows = [("a", "2025-01-03", "10.00"), ("A ", "2025-01-20", "5.50"), ("b", "2025-02-01", "-2")]
    found = ask(frame(rows), period="month").rows
    assert found.to_dicts() == [
        {"customer": "a", "start": date(2025, 1, 1), "amount": 155_000, "n": 2},
        {"customer": "b", "start": date(2025, 2, 1), "amount": -20_000, "n": 1},
    ]


def test_every_reason_in_its_order():
    rows = [
        ("a", "2025-01-03", "10"),
        ("", "2025-01-03", "10"),
        ("a", "", "10"),
        ("a", "2024-01-03", "10"),
        ("a", "2025-01-03", ""),
        ("a", "2025-01-03", "ten"),
        ("a", "2025-01-03", "-10"),
        ("", "", ""),
    ]
    ledger = ask(frame(rows), gross=True, since="2025").ledger
    assert ledger.read == 8
    assert dict(ledger.left_out) == {
        "no-date": 2, "period": 1, "invalid": 1, "no-customer": 1, "no-amount": 1, "return": 1,
    }  # fmt: skip


def test_customers_without_an_id_are_never_one_customer():
    rows = [("", "2025-01-03", "10"), (None, "2025-01-03", "10"), ("a", "2025-01-03", "10")]
    found = ask(frame(rows))
    assert found.rows["customer"].to_list() == ["a"]
    assert found.ledger.left_out == {"no-customer": 2}


def test_amounts_beyond_the_sample_are_read_all_the_same():
    rows = [("a", "2025-01-03", "10.00")] * 5_000
    rows[2_500] = ("a", "2025-01-03", "1,240.00")
    rows[2_501] = ("a", "2025-01-03", "(10.00)")
    assert ask(frame(rows)).rows["amount"].sum() == (4_998 * 10 + 1_240 - 10) * UNIT


def test_currencies_are_not_added():
    data = pl.DataFrame({"c": ["a", "a"], "a": ["1", "2"], "k": ["usd", "EUR"]})
    sales = Sales(Slice(customer="c"), amount="a", currency="k")
    with pytest.raises(DataError) as caught:
        read_sales(read(data), sales)
    assert caught.value.slug == "currencies"
    assert "EUR, USD" in caught.value.message
    only = Sales(Slice(customer="c", where=("k = 'EUR'",)), amount="a", currency="k")
    found = read_sales(read(data), only)
    assert (found.currency, found.rows["amount"].sum()) == ("EUR", 2 * UNIT)


def test_refunds_continued_rows_and_rows_that_are_no_revenue():
    data = pl.DataFrame(
        {"c": ["a", "a", "b", "b"], "a": ["10", None, "20", "5"], "r": ["4", None, "0", "0"],
         "s": ["paid", None, "paid", "voided"]}
    )  # fmt: skip
    trade = Trade(
        refunds=("r",),
        continues=pl.col("s").is_null(),
        left_out={"voided": pl.col("s") == "voided"},
    )
    source = replace(read(data), trade=trade)
    net = read_sales(source, Sales(Slice(customer="c"), amount="a"), customers="text")
    assert net.rows["amount"].to_list() == [6 * UNIT, 20 * UNIT]
    assert net.ledger.left_out == {"voided": 1}
    gross = read_sales(source, Sales(Slice(customer="c"), amount="a", gross=True), customers="text")
    assert gross.rows["amount"].to_list() == [10 * UNIT, 20 * UNIT]
    refused = replace(source, trade=Trade(refused="payouts, not sales"))
    with pytest.raises(DataError) as caught:
        read_sales(refused, Sales(Slice(customer="c"), amount="a"))
    assert caught.value.slug == "no-sales"


def test_an_amount_for_a_span_is_spread_over_its_months():
    data = pl.DataFrame(
        {"c": ["a", "b"], "from": ["2025-01-15", "2025-03-01"], "to": ["2025-04-14", "2025-03-31"],
         "a": ["100.00", "7"]}
    )  # fmt: skip
    source = replace(read(data), trade=Trade(spread=("from", "to")))
    sales = Sales(Slice(customer="c", date="from", period="month"), amount="a")
    found = read_sales(source, sales, customers="text")
    assert (found.ledger.read, found.ledger.used) == (2, 2)
    assert found.rows.filter(customer="a").select("start", "amount", "n").rows() == [
        (date(2025, 1, 1), 333_334, 1),
        (date(2025, 2, 1), 333_333, 0),
        (date(2025, 3, 1), 333_333, 0),
    ]
    assert found.rows.filter(customer="b")["amount"].to_list() == [7 * UNIT]


def test_what_each_of_several_files_knows_of_money_holds_for_its_own_rows():

    from cxkit.reading.stack import stacked

    one = read(pl.DataFrame({"c": ["a", "b"], "a": ["10", "20"], "r": ["4", "0"]}))
    other = read(pl.DataFrame({"c": ["a", "b"], "a": ["1", "2"], "s": ["voided", "paid"]}))
    one = replace(one, trade=Trade(refunds=("r",)))
    other = replace(other, trade=Trade(left_out={"voided": pl.col("s") == "voided"}))
    both = read_sales(
        stacked([one, other]), Sales(Slice(customer="c"), amount="a"), customers="text"
    )
    assert both.rows["amount"].to_list() == [6 * UNIT, 22 * UNIT]
    assert both.ledger.left_out == {"voided": 1}
    refused = replace(other, trade=Trade(refused="payouts, not sales"))
    with pytest.raises(DataError, match="payouts"):
        read_sales(stacked([one, refused]), Sales(Slice(customer="c"), amount="a"))


@settings(max_examples=40, deadline=None)
@given(ROWS, st.sampled_from(["month", "week", "quarter", None]), st.booleans())
def test_row_order_does_not_matter_and_parts_make_the_whole(rows, period, gross):
    whole = told(frame(rows), period=period, gross=gross)
    same(whole, told(frame(rows[::-1]), period=period, gross=gross))
    half = len(rows) // 2
    parts = [frame(rows[:half]), frame(rows[half:])]
    same(whole, told(parts, period=period, gross=gross))


@settings(max_examples=40, deadline=None)
@given(ROWS, st.booleans())
def test_hashes_tell_customers_apart_as_their_ids_do(rows, gross):
    one, other = (told(frame(rows), gross=gross, customers=c) for c in ("text", "hash"))
    if isinstance(one, str):
        assert one == other
        return
    assert one.ledger == other.ledger
    assert sorted(one.rows["amount"].to_list()) == sorted(other.rows["amount"].to_list())


PLAIN = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", " a", "A", "", None, "0012"]),
        st.one_of(
            st.dates(date(2023, 11, 1), date(2025, 12, 31)).map(str),
            st.sampled_from(["", None, "2024-03-05 10:00:00", "2024-01-01", "2024-12-31T23:59"]),
        ),
        st.one_of(
            st.integers(-99_999, 99_999).map(lambda cents: f"{cents / 100:.2f}"),
            st.sampled_from(["", None]),
        ),
    ),
    min_size=1,
    max_size=50,
)
ASKED = st.fixed_dictionaries(
    {},
    optional={
        "period": st.sampled_from(["month", "week", "quarter", "year"]),
        "since": st.sampled_from(["2024", "2024-03-05", "2024-03"]),
        "until": st.sampled_from(["2025", "2024-12-31", "2025-06-17"]),
        "last": st.integers(1, 3),
        "fiscal_start": st.integers(1, 12),
        "history": st.booleans(),
        "gross": st.booleans(),
        "days": st.booleans(),
    },
)


@settings(max_examples=150, deadline=None)
@given(PLAIN, ASKED, st.booleans(), st.sampled_from(["hash", "text"]))
def test_the_quick_pass_gives_what_the_patient_one_gives(rows, asked, typed, customers):
    words = {key: value for key, value in asked.items() if key not in ("history", "gross", "days")}
    if "last" in words:
        words.setdefault("period", "month")
    kept = {key: asked.get(key, False) for key in ("history", "gross")}
    sales = Sales(Slice(customer="c", date="d", **words), amount="a", **kept)
    data = (
        frame(rows).with_columns(pl.col("c", "d", "a").replace("", None)) if typed else frame(rows)
    )
    if typed:
        day = pl.col("d").str.slice(0, 10).str.to_date(strict=False)
        data = data.with_columns(day, pl.col("a").cast(pl.Float64))

    def asked_of(*, quick):
        with pytest.MonkeyPatch.context() as patch:
            if not quick:
                patch.setattr(transactions, "shortcut", lambda scan: None)
            try:
                return read_sales(
                    read(data), sales, customers=customers, days=asked.get("days", False)
                )
            except CxError as error:
                return error.slug

    one, other = asked_of(quick=True), asked_of(quick=False)
    same(one, other)
    if not isinstance(one, str):
        assert (one.latest, one.unfinished, one.notes) == (
            other.latest,
            other.unfinished,
            other.notes,
        )
        assert [each.rows for each in one.inputs] == [each.rows for each in other.inputs]


@settings(max_examples=40, deadline=None)
@given(ROWS)
def test_nothing_is_lost(rows):
    found = told(frame(rows), period="month", customers="text")
    if isinstance(found, str):
        return
    assert found.ledger.read == len(rows)
    assert found.rows["n"].sum() == found.ledger.used


WAYS = [("month", "text"), (None, "text"), ("month", "hash"), (None, "hash")]


@pytest.mark.parametrize(("period", "customers"), WAYS)
def test_a_file_gives_what_its_frame_gives(tmp_path, period, customers):
    rows = [("a", "2025-01-03", "10.00"), ("b", "2025-02-03", "1,240.50"), ("", "2025-02-03", "1")]
    file = tmp_path / "orders.csv"
    lines = frame(rows).write_csv().replace("\na,", "\n\na,").replace("\nb,", "\n,,\nb,")
    file.write_text(lines)
    words = {"period": period, "customers": customers}
    same(ask(file, **words), ask(frame(rows), **words))


@pytest.mark.parametrize("customers", ["hash", "text"])
@pytest.mark.parametrize(
    ("ids", "many"),
    [
        (["0015e00000AbCdE", "0015e00000AbCde", "0015e00000abCDE"], 3),  # Salesforce
        (["0015e00000AbCdE", "0015e00000AbCde", "anna@example.com"], 2),  # and others
        (["0015E00000ABCDE", "0015E00000ABCDF", " 0015E00000ABCDF"], 2),
        (["Anna@example.com", "anna@example.com ", "bob@example.com"], 2),
        (["A-1", "a-1", "a-2"], 2),
    ],
)
def test_ids_meet_without_case_unless_it_counts(ids, many, customers):
    data = pl.DataFrame({"c": ids, "a": [1, 2, 3]})
    sales = Sales(Slice(customer="c"), amount="a")
    found = read_sales(read(data), sales, customers=customers)
    assert found.rows["customer"].n_unique() == many
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transactions, "shortcut", lambda scan: None)
        assert read_sales(read(data), sales, customers=customers).rows.equals(found.rows)


@pytest.mark.parametrize("column", ["d", None])
def test_blank_lines_are_no_rows_of_the_quick_pass(tmp_path, column):
    file = tmp_path / "orders.csv"
    file.write_text("c,d,a\na,2025-01-03,10\n\nb,2025-02-03,5\n")
    sales = Sales(Slice(customer="c", date=column), amount="a")
    assert shortcut(Scan.of(read(file), sales, {}, {}, "hash", bool(column))) is not None
    found = read_sales(read(file), sales, days=bool(column))
    assert (found.ledger.read, found.ledger.used) == (2, 2)
    assert sorted(found.rows["amount"]) == [5 * UNIT, 10 * UNIT]


@pytest.mark.parametrize("dtype", [pl.Categorical, pl.Enum(["2025-01-03", "2025-02-05 10:00"])])
def test_dates_may_be_of_few_kinds(dtype):
    data = pl.DataFrame({"c": ["a", "b", "a"], "a": [10, 5, 1],
                         "d": ["2025-01-03", "2025-02-05 10:00", None]})  # fmt: skip
    sales = Sales(Slice(customer="c", date="d", period="month"), amount="a")
    text, few = (read_sales(read(one), sales) for one in (data, data.cast({"d": dtype})))
    assert text.rows.equals(few.rows)
    assert text.ledger == few.ledger


def test_rows_that_continue_an_order_lose_nothing():
    data = pl.DataFrame({"c": ["a", "a", "b"], "a": ["50", None, "37"], "k": ["1", "", "2"]})
    source = replace(read(data), trade=Trade(continues=pl.col("k") == ""))
    sales = Sales(Slice(customer="c"), amount="a")
    assert shortcut(Scan.of(source, sales, {}, {}, "hash", False)) is not None
    for customers in ("hash", "text"):
        found = read_sales(source, sales, customers=customers)
        assert sorted(found.rows["amount"]) == [37 * UNIT, 50 * UNIT]
        assert found.ledger.used == 3


def test_marks_of_rows_left_out_are_no_ids():
    data = pl.DataFrame({"c": ["a12", "A12", "\x0012", ""], "a": ["1", "2", "4", "8"]})
    found = read_sales(read(data), Sales(Slice(customer="c"), amount="a"), customers="text")
    assert dict(found.rows.select("customer", "amount").rows()) == {
        "a12": 3 * UNIT, "\x0012": 4 * UNIT,
    }  # fmt: skip
    assert found.ledger.left_out == {"no-customer": 1}


@pytest.mark.parametrize("customers", ["text", "hash"])
@pytest.mark.parametrize("day", ["2025-01-03", "9999-01-01", "0001-01-01"])
def test_a_long_row_is_an_error_that_names_its_line(tmp_path, customers, day):
    file = tmp_path / "orders.csv"
    body = "a,2025-01-03,10\n" * 3_000
    file.write_text("c,d,a\n" + body + f"a,{day},10,99\n" + body)
    with pytest.raises(DataError) as caught:
        ask(file, period="month", customers=customers)
    assert caught.value.slug == "ragged"
    assert "3002" in caught.value.message.replace(",", "")


def test_ids_are_shown_as_the_file_writes_them():
    """Keys have no capitals, so that two files can share them; people look for `C0001`."""
    import cxkit

    data = pl.DataFrame(
        {"customer": ["C0001", " c0001", "Ab", None], "date": ["2025-01-01"] * 4,
         "amount": ["5", "6", "1", "2"], "referrer": ["Ab", None, "", ""]}
    )  # fmt: skip
    items = cxkit.pareto(data, view="items").rows
    assert items.select("item", "value").rows() == [("C0001", 11.0), ("Ab", 1.0)]
    advocates = cxkit.referrals(data, view="advocates").rows
    assert advocates["customer"].to_list() == ["Ab"]


def test_rows_without_a_currency_are_told():
    data = pl.DataFrame({"c": ["a", "b"], "a": ["1", "2"], "k": ["usd", ""]})
    found = read_sales(read(data), Sales(Slice(customer="c"), amount="a", currency="k"))
    told = {note.code: note for note in found.notes}
    assert told["no-currency"].kind == "warning"
    assert told["no-currency"].message == "1 row without a currency counts as USD"
    only = Slice(customer="c", where=("k = 'usd'",))
    assert not read_sales(read(data), Sales(only, amount="a", currency="k")).notes
