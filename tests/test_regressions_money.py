"""What an attack on the money commands has found, each kept as a named case."""

from pathlib import Path

import polars as pl
import pytest

import cxkit
from cxkit.errors import CxError

LAYOUTS = Path(__file__).parent / "layouts" / "files"


def sales(amounts, **columns):
    days = ["2026-01-01"] * len(amounts)
    names = columns.pop("customer", [f"c{i}" for i in range(len(amounts))])
    return pl.DataFrame({"customer": names, "date": days, "amount": amounts} | columns)


def caught(command, *data, **words):
    with pytest.raises(CxError) as error:
        command(*data, **words)
    return error.value.slug, error.value.exit_code


def hints(command, *data, **words):
    with pytest.raises(CxError) as error:
        command(*data, **words)
    return str(error.value)


# --- sums -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "frame",
    [sales([461168601842738] * 3, customer=["a"] * 3), sales([461168601842738] * 30)],
    ids=["of one customer", "of all together"],
)
def test_sums_that_64_bits_have_no_room_for_are_no_numbers(frame):
    assert caught(cxkit.pareto, frame) == ("too-large", 3)


def test_the_largest_sum_with_room_is_exact():
    assert cxkit.pareto(sales([461168601842737, 1])).summary["total"] == 461168601842738.0


@pytest.mark.parametrize("amount", [400_000_000_000_000, "rows"])
def test_an_amount_times_its_count_does_not_wrap(amount):
    frame = sales([1 if amount == "rows" else amount] * 2, n=[2**53] * 2)
    words = {"amount": "rows"} if amount == "rows" else {}
    assert caught(cxkit.pareto, frame, count="n", **words) == ("too-large", 3)


def test_quantity_times_price_without_room_is_no_zero():
    frame = sales(["1", "2"], quantity=["400000000000000"] * 2, price=["400000000000000"] * 2)
    words = {"quantity": "quantity", "price": "price"}
    assert caught(cxkit.pareto, frame.drop("amount"), **words) == ("too-large", 3)


# --- counts -----------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["-1", "1.5", "", "x"])
@pytest.mark.parametrize("command", [cxkit.pareto, cxkit.retention, cxkit.growth])
def test_a_count_that_is_none_is_an_error_of_every_command(command, cell):
    assert caught(command, sales([4, 5], n=[cell or None, "1"]), count="n") == ("bad-count", 3)


def test_counts_that_are_all_0_leave_nothing():
    assert "all counts" in hints(cxkit.pareto, sales([4, 5], n=[0, 0]), count="n")


# --- cells ------------------------------------------------------------------------------------


def bought(tmp_path, text):
    file = tmp_path / "o.csv"
    file.write_text(text, "utf-8")
    return cxkit.pareto(str(file))


def test_quantities_have_thousands_as_prices_have(tmp_path):
    text = "customer;date;quantity;price\nA;2026-01-01;1.000;12,5\nB;2026-01-01;2;3,5\n"
    assert bought(tmp_path, text).summary["total"] == 12507.0


def test_a_quantity_that_may_be_one_or_a_thousand_is_not_guessed(tmp_path):
    text = 'customer,date,quantity,price\nA,2026-01-01,"1,000",12.5\nB,2026-01-01,2,3.5\n'
    assert caught(bought, tmp_path, text) == ("decimal", 3)


@pytest.mark.parametrize("cell", ["inf", "1e999"])
def test_a_quantity_without_end_is_invalid(tmp_path, cell):
    text = f"customer,date,quantity,price\nA,2026-01-01,{cell},12\nB,2026-01-01,2,3\n"
    assert bought(tmp_path, text).ledger.left_out == {"invalid": 1}


@pytest.mark.parametrize(
    ("cells", "total"),
    [(["1e3", "10"], 1010.0), (["1e-05", "7.25"], 7.25), (["1.234E+05", "7"], 123407.0),
     (["USD 1e3", "7"], 1007.0)],
)  # fmt: skip
def test_powers_of_ten_are_numbers_wherever_they_stand(cells, total):
    assert cxkit.pareto(sales(cells)).summary["total"] == total


def test_cells_that_disagree_about_the_decimal_mark_are_told_so():
    said = hints(cxkit.pareto, sales(["1,250.50", "2.300,50"]))
    assert 'some cells have the decimal mark ".", others ","' in said


def test_one_of_two_currencies_in_the_cells_can_be_asked_for():
    frame = sales(["$5", "€6"])
    assert "--where \"amount LIKE '%€%'\"" in hints(cxkit.pareto, frame)
    found = cxkit.pareto(frame, where=["amount LIKE '%€%'"])
    assert (found.summary["total"], found.params["currency"]) == (6.0, "EUR")


# --- what is asked ----------------------------------------------------------------------------


def test_the_top_1_is_the_top_percent():
    frame = sales([1] * 99 + [101])
    assert cxkit.pareto(frame, share=1).summary["top_share"] == 0.505


def chain():
    return pl.DataFrame({
        "customer": ["A", "B", "A", "C"], "r": [None, "A", None, "B"], "amount": [5, 6, 7, 7],
        "date": ["2026-01-01", "2026-02-01", "2026-03-01", "2026-03-05"],
    })  # fmt: skip


def test_referrals_after_the_last_purchase_are_none():
    assert caught(cxkit.referrals, chain(), referrer="r", since="2030") == ("no-rows", 3)


def test_a_condition_on_no_column_lists_the_columns_of_the_file():
    assert "cxkit:" not in hints(cxkit.referrals, chain(), referrer="r", where=["nope = 1"])


@pytest.mark.parametrize("name", ["flags", "+1", "group", "whole"])
def test_groups_may_be_called_like_what_is_worked_with(name):
    frame = chain().with_columns(pl.Series(name, ["x", "x", "x", None]))
    assert cxkit.retention(frame, view="cohorts", by=[name]).rows.height
    assert cxkit.referrals(frame, referrer="r", by=[name]).rows["customers"].sum() == 3


def test_no_retention_of_a_category_is_not_told_as_none_of_them():
    answers = pl.DataFrame({"customer": ["A"], "score": [10], "date": ["2026-01-01"]})
    (table,) = cxkit.retention(chain(), survey=answers).tables
    assert table.answer[0] != "retention-survey"


# --- files ------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [cxkit.pareto, cxkit.retention])
def test_the_file_of_payouts_is_named_among_several(command):
    files = [str(LAYOUTS / name) for name in ("stripe_unified.csv", "stripe_payouts.csv")]
    assert "stripe_payouts.csv holds payouts" in hints(command, files)
    assert caught(cxkit.pareto, files[1])[1] == 3


def test_lines_that_continue_an_order_are_not_imported_as_revenue(tmp_path):
    orders = str(LAYOUTS / "shopify_orders.csv")
    cxkit.convert(orders, output=str(tmp_path / "r.csv"), to="customergauge-revenue")
    written = pl.read_csv(tmp_path / "r.csv")
    assert written["Revenue Amount"].to_list() == [30.0, 30.0, 0.0]
