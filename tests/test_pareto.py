"""Concentration of revenue, and of anything that can be counted."""

import json
import re
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxkit
from cxkit.errors import CxError, DataError, RequestError
from cxkit.output import render

ROOT = Path(__file__).parents[1]
PINS = json.loads((ROOT / "tests/oracles/pareto.json").read_text(encoding="utf-8"))
RETAIL = ROOT / "examples/online_retail.csv"
ORDERS = st.lists(
    st.tuples(st.sampled_from("abcdefgh"), st.integers(-500, 20_000)), min_size=1, max_size=40
)


def frame(rows):
    return pl.DataFrame(
        {"customer": [c for c, _ in rows], "amount": [f"{a / 100:.2f}" for _, a in rows]}
    )


def told(data, **words):
    try:
        return cxkit.pareto(data, **words)
    except CxError as error:
        return error.slug


def same(one, other):
    if isinstance(one, str) or isinstance(other, str):
        assert one == other
        return
    assert one.rows.equals(other.rows)
    assert one.summary == other.summary


def test_the_pins_of_ineq():
    revenue = PINS["revenue"]
    data = pl.DataFrame({"customer": range(len(revenue)), "amount": revenue})
    found = cxkit.pareto(data).summary
    assert found["items"] == 25
    assert found["total"] == 8604
    assert found["top_share"] == pytest.approx(0.869363086936309, abs=1e-12)
    assert (found["items_for_80"], found["items_for_80_rate"]) == (4, 0.16)
    assert found["gini"] == pytest.approx(0.802742910274291, abs=1e-12)
    assert found["gini_corrected"] == pytest.approx(0.83619053153572, abs=1e-12)
    assert found["hhi"] == pytest.approx(0.287588714102897, abs=1e-12)
    assert found["effective_items"] == pytest.approx(3.47718791093522, abs=1e-11)
    classes = cxkit.pareto(data, view="items").rows["class"].to_list()
    assert "".join(classes) == PINS["abc"]


def test_causes_of_complaints_are_counted():
    """The pin of causes: 4 of 7 make up 80 %, the first two (20 %, rounded up) 60.8 %."""
    causes = {
        "late": 48,
        "rude": 12,
        "billing": 31,
        "app": 22,
        "price": 9,
        "returns": 5,
        "other": 3,
    }
    data = pl.DataFrame({"cause": list(causes), "n": list(causes.values())})
    found = cxkit.pareto(data, item="cause", amount="rows", count="n")
    assert found.summary["items_for_80"] == 4
    assert found.summary["items_for_80_rate"] == pytest.approx(4 / 7)
    assert found.summary["top_share"] == pytest.approx(0.607692307692308, abs=1e-12)
    rows = cxkit.pareto(data, item="cause", amount="rows", count="n", view="items").rows
    assert rows["item"].to_list() == sorted(causes, key=lambda cause: -causes[cause])
    assert rows["value"].to_list() == sorted(causes.values(), reverse=True)


def test_a_real_file_agrees_with_a_plain_count():
    """Decimal sums in a dictionary, of the shipped cut of Online Retail."""
    totals = defaultdict(Decimal)
    for row in pl.read_csv(RETAIL, infer_schema=False).iter_rows(named=True):
        if row["CustomerID"]:
            totals[row["CustomerID"]] += Decimal(row["Quantity"]) * Decimal(row["UnitPrice"])
    ordered = sorted(totals.values(), reverse=True)
    found = cxkit.pareto(RETAIL)
    assert found.summary["items"] == len(totals)
    assert found.summary["total"] == pytest.approx(float(sum(ordered)), abs=1e-6)
    top = -(-len(ordered) // 5)
    share = sum(ordered[:top]) / sum(ordered)
    assert found.summary["top_share"] == pytest.approx(float(share), abs=1e-12)
    assert found.ledger.left_out == {"no-customer": 66}


def test_gross_leaves_out_what_takes_money_back():
    found = cxkit.pareto(RETAIL, gross=True)
    table = pl.read_csv(RETAIL, infer_schema=False).drop_nulls("CustomerID")
    cancelled = table["InvoiceNo"].str.starts_with("C").sum()
    assert found.ledger.left_out["cancelled"] == cancelled
    assert found.summary["total"] > cxkit.pareto(RETAIL).summary["total"]


def test_groups_and_crossed_tables():
    found = cxkit.pareto(RETAIL, by=["Country"])
    assert found.rows["Country"].to_list() == ["Germany", "France"]
    assert found.rows["total"].sum() == pytest.approx(found.summary["total"])
    assert found.rows["items"].sum() == found.summary["items"]
    several = cxkit.pareto(RETAIL, item="Description", by=["Country", "CustomerID"])
    assert set(several.rows["table"]) == {"Country", "CustomerID"}


def test_detractors_by_stage_need_no_money():
    data = pl.DataFrame({"stage": list("aaabbc"), "score": [1, 2, 9, 3, 10, 6]})
    found = cxkit.pareto(data, item="stage", where="score <= 6", view="items")
    assert found.rows.select("item", "value").rows() == [("a", 2), ("b", 1), ("c", 1)]
    assert found.columns["amount"] == "rows"
    assert found.ledger.left_out == {"where": 2}


def test_items_below_zero_are_told_and_leave_no_gini():
    found = cxkit.pareto(frame([("a", 5000), ("b", -100), ("c", 0)]))
    assert found.summary["gini"] is None
    assert found.summary["hhi"] is None
    assert found.summary["top_share"] == pytest.approx(50 / 49)
    codes = {note.code: note.kind for note in found.notes}
    assert codes["negative"] == "warning"
    assert codes["zero"] == "info"
    nothing = cxkit.pareto(frame([("a", 100), ("b", -100)]))
    assert nothing.summary["top_share"] is None


@pytest.mark.parametrize(
    ("data", "words", "slug", "kind"),
    [
        ({"x": [1]}, {}, "no-item", RequestError),
        ({"customer": ["a"], "total": [1], "amount": [1]}, {}, "ambiguous-amount", RequestError),
        ({"customer": ["a"]}, {"item": "prodct"}, "no-column", RequestError),
        ({"customer": ["a"], "amount": ["ten"]}, {}, "no-amounts", DataError),
        ({"customer": [None], "amount": ["10"]}, {}, "no-rows", DataError),
        ({"customer": ["a"], "amount": ["1.250"]}, {}, "decimal", DataError),
        ({"customer": ["a"]}, {"share": 120}, "bad-value", RequestError),
    ],
)
def test_errors(data, words, slug, kind):
    with pytest.raises(kind) as caught:
        cxkit.pareto(pl.DataFrame(data), **words)
    assert caught.value.slug == slug


@settings(max_examples=40, deadline=None)
@given(ORDERS)
def test_laws(rows):
    found = told(frame(rows))
    same(found, told(frame(rows[::-1])))
    same(found, told([frame(rows[:3]), frame(rows[3:])]))
    renamed = [(f"x{name}", amount) for name, amount in rows]
    same(found, told(frame(renamed)))
    scaled = told(frame([(name, 3 * amount) for name, amount in rows]))
    assert scaled.summary["top_share"] == pytest.approx(found.summary["top_share"])
    assert scaled.summary["gini"] == pytest.approx(found.summary["gini"])
    if found.summary["gini"] is not None:
        assert 0 <= found.summary["gini"] < 1
        assert found.summary["top_low"] is None or (
            found.summary["top_low"] <= found.summary["top_share"] <= found.summary["top_high"]
        )


@settings(max_examples=30, deadline=None)
@given(ORDERS)
def test_a_tally_is_data_and_shares_sum_to_one(rows):
    data = frame(rows)
    counted = data.group_by("customer", "amount").agg(pl.len().alias("n"))
    same(told(data), told(counted, count="n"))
    items = told(data, view="items").rows
    if items["share"].null_count() == 0:
        assert items["share"].sum() == pytest.approx(1)
        assert items["cum_share"][-1] == pytest.approx(1)


@pytest.mark.parametrize("view", ["summary", "items"])
@pytest.mark.parametrize("format", ["table", "csv", "json", "ndjson", "md", "xlsx", "parquet"])
def test_every_format(view, format):
    assert render(cxkit.pareto(RETAIL, view=view), format)


def test_the_answer_comes_first():
    lines = render(cxkit.pareto(RETAIL, gross=True), "table").splitlines()
    assert re.match(r"The top 20% of 1\d\d customers bring \d\d%; ", lines[0])
    few = pl.DataFrame({"customer": list("abcdefg"), "amount": [9, 8, 7, 6, 5, 4, 3]})
    told = render(cxkit.pareto(few), "table").splitlines()[0]
    assert told.startswith("The top 29% of 7 customers bring 40%")  # 2 whole items: 17 of 42
    body = json.loads(render(cxkit.pareto(RETAIL, view="items"), "json"))
    assert body["schema"] == "cxkit.pareto.items/1"
