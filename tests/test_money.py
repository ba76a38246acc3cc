"""Money as it stands in files: marks, signs, brackets, and what nothing can settle."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxkit.errors import DataError
from cxkit.orders import money
from cxkit.orders.money import UNIT
from cxkit.reading import read


def read_cells(cells, **words):
    """The amounts of a column, after as many looks as a scan takes."""
    source = read(pl.DataFrame({"amount": pl.Series(cells, dtype=pl.String)}), **words)
    one = money.settle(source, "amount")
    if one.form != "number" and (odd := money.odd(source, one)):
        one = money.widened(source, one, odd, None)
    steps = source.rows.select(one.units()).collect().to_series().to_list()
    return one, [None if step is None else step / UNIT for step in steps]


@pytest.mark.parametrize(
    ("cells", "amounts"),
    [
        (["12", "-3", "0"], [12, -3, 0]),
        (["12.50", "1000"], [12.5, 1000]),
        (["$22.50", "-$0.95", "$1,240.00"], [22.5, -0.95, 1240]),
        (["1.240,50 €", "12,00 €"], [1240.5, 12]),
        (["₫1.250.000", "₫99.000"], [1250000, 99000]),
        (["1.250.000 VND", "15.000 VND"], [1250000, 15000]),
        (["250.000đ", "1.250.000đ"], [250000, 1250000]),
        (["(12.00)", "15.00"], [-12, 15]),
        (["1 240,50", "3,00"], [1240.5, 3]),
        (["1\u00a0240,50", "1\u202f000,25"], [1240.5, 1000.25]),
        (["1'240.50", "12.00"], [1240.5, 12]),
        (["12.00-", "15.00"], [-12, 15]),
        (["−12.00", "+15.00"], [-12, 15]),
        (["USD 12.00", "usd 1,000.00"], [12, 1000]),
        (["0.125", "0.250"], [0.125, 0.25]),
        (["1,234,567", "12"], [1234567, 12]),
        (["12,34,567.00", "9.00"], [1234567, 9]),
        (["12.5", "", None, "N/A"], [12.5, None, None, None]),
        (["12.5", "1,000"], [12.5, 1000]),
        ([".5", "5."], [0.5, 5]),
    ],
)
def test_amounts_as_people_write_them(cells, amounts):
    assert read_cells(cells)[1] == amounts


def test_a_mark_before_three_digits_with_nothing_to_decide_it_is_an_error():
    with pytest.raises(DataError) as caught:
        read_cells(["1.250", "2.500"])
    assert caught.value.slug == "decimal"
    assert '"1.250" could be 1250 or 1.250' in caught.value.message
    assert "--decimal" in str(caught.value)


@pytest.mark.parametrize(("mark", "amount"), [(".", 1.25), (",", 1250)])
def test_a_stated_mark_settles_it(mark, amount):
    assert read_cells(["1.250"], decimal=mark)[1] == [amount]


def test_one_cell_beyond_the_sample_settles_the_column():
    cells = ["1.250"] * 5_000
    cells[2_500] = "1.250,75"
    assert read_cells(cells)[1][:1] == [1250]
    cells[2_500] = "1250"
    with pytest.raises(DataError):
        read_cells(cells)


def test_several_currencies_are_not_added():
    with pytest.raises(DataError) as caught:
        read_cells(["$12.00", "€15.00"])
    assert caught.value.slug == "currencies"
    assert "EUR, USD" in caught.value.message


def test_cells_that_are_no_amounts_are_unread():
    one, amounts = read_cells(["12.00", "twelve", "1.2.3", "12 apples 3"])
    assert amounts == [12, None, None, None]
    source = read(pl.DataFrame({"amount": ["12.00", "twelve", "", "n/a"]}))
    unread = source.rows.select(one.unread()).collect().to_series().to_list()
    assert unread == [False, True, False, False]


@pytest.mark.parametrize("cell", ["1e400", "inf", "nan", "-inf", "9" * 30])
def test_what_no_sum_could_hold_is_unread(cell):
    assert read_cells(["1.0", cell])[1][1] is None


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(-(10**11), 10**11), min_size=2, max_size=20),
    st.sampled_from([(",", "."), (".", ","), (" ", ","), ("'", "."), ("", ".")]),
    st.sampled_from(["{}", "${}", "{} €", "EUR {}"]),
)
def test_written_amounts_are_read_back(cents, marks, form):
    thousands, decimal = marks

    def written(amount):
        whole, part = divmod(abs(amount), 100)
        text = f"{whole:,}".replace(",", thousands) + f"{decimal}{part:02}"
        return ("-" if amount < 0 else "") + form.format(text)

    found = read_cells([written(amount) for amount in cents])[1]
    assert found == [amount / 100 for amount in cents]
