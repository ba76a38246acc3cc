"""Rows split by customer: nothing is lost, and a budget changes nothing but where they wait."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxkit import engines
from cxkit.errors import DataError
from cxkit.orders import buckets, quick
from cxkit.orders.bridge import of_customers

KEY = st.integers(0, 2**64 - 1)
AMOUNT = st.integers(1 - quick.BOUND, quick.BOUND - 1)
SCHEMA = {"customer": pl.UInt64, "amount": pl.Int64, "group": pl.Int32}
batch = st.lists(st.tuples(KEY, AMOUNT, st.integers(0, 2**17 - 1)), max_size=20)


def frame(rows):
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


@settings(deadline=None, max_examples=50)
@given(st.lists(batch, min_size=1, max_size=4), st.sampled_from([None, 1]))
def test_sums_are_those_of_a_dictionary(batches, budget):
    batches[-1] += batches[0][:3]  # customers who come again
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(buckets, "spill_budget", lambda: budget)
        with buckets.Buckets("customer") as kept:
            for rows in batches:
                kept.add(frame(rows))
            found = kept.reduced(quick._run_sums)
    wanted = {}
    for rows in batches:
        for customer, amount, group in rows:
            wanted[customer, group] = wanted.get((customer, group), 0) + amount
    assert found.rows() == [(*key, wanted[key]) for key in sorted(wanted)]


def test_rows_wait_on_disk_and_leave_nothing_there(monkeypatch, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(buckets.tempfile, "tempdir", None)
    monkeypatch.setattr(buckets, "spill_budget", lambda: 1)
    with buckets.Buckets("customer") as kept:
        kept.add(frame([(1, 2, 0), (2**63, 5, 1)]))
        assert [path for path in tmp_path.rglob("*") if path.is_file()]
        assert kept.reduced(quick._run_sums)["amount"].to_list() == [2, 5]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("text", "bytes"), [("", None), ("400", 400 * 2**20), ("much", None)])
def test_the_budget_is_that_of_the_engine(monkeypatch, text, bytes):
    monkeypatch.setenv("POLARS_OOC_MEMORY_BUDGET_MB", text)
    assert engines.spill_budget() == bytes


def test_a_full_disk_is_told(monkeypatch):
    def full(self, file):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(buckets, "spill_budget", lambda: 1)
    monkeypatch.setattr(pl.DataFrame, "write_ipc", full)
    with buckets.Buckets("customer") as kept, pytest.raises(DataError) as wrong:
        kept.add(frame([(1, 2, 0)]))
    assert "--memory: No space left on device" in wrong.value.message


@given(st.lists(st.integers(0, 5), max_size=30).map(sorted), st.integers(1, 8))
def test_customers_are_never_cut(customers, size):
    rows = pl.DataFrame({"customer": customers}, schema={"customer": pl.Int64})
    parts = list(of_customers(rows, size))
    assert pl.concat(parts).equals(rows)
    held = [set(part["customer"]) for part in parts]
    assert sum(map(len, held)) == len(set(customers))


def test_customers_out_of_order_are_refused():
    with pytest.raises(ValueError, match="sorted"):
        list(of_customers(pl.DataFrame({"customer": [2, 1, 2]}), 1))
