"""Rows split by customer: nothing is lost, and a budget changes nothing but where they wait."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxkit import engines
from cxkit.orders import buckets, plain

KEY = st.integers(0, 2**64 - 1)
AMOUNT = st.integers(1 - plain.ROOM, plain.ROOM - 1)
SCHEMA = {"customer": pl.UInt64, "amount": pl.Int64, "group": pl.Int32}
batch = st.lists(st.tuples(KEY, AMOUNT, st.integers(0, 2**17 - 1)), max_size=20)


def frame(rows):
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


@settings(deadline=None, max_examples=50)
@given(st.lists(batch, min_size=1, max_size=4), st.sampled_from([None, 1]))
def test_sums_are_those_of_a_dictionary(batches, budget):
    batches[-1] += batches[0][:3]  # customers who come again
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(buckets, "room", lambda: budget)
        with buckets.Buckets("customer") as kept:
            for rows in batches:
                kept.add(frame(rows))
            found = kept.reduced(plain._run_sums)
    wanted = {}
    for rows in batches:
        for customer, amount, group in rows:
            wanted[customer, group] = wanted.get((customer, group), 0) + amount
    assert found.rows() == [(*key, wanted[key]) for key in sorted(wanted)]


def test_rows_wait_on_disk_and_leave_nothing_there(monkeypatch, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(buckets.tempfile, "tempdir", None)
    monkeypatch.setattr(buckets, "room", lambda: 1)
    with buckets.Buckets("customer") as kept:
        kept.add(frame([(1, 2, 0), (2**63, 5, 1)]))
        assert [path for path in tmp_path.rglob("*") if path.is_file()]
        assert kept.reduced(plain._run_sums)["amount"].to_list() == [2, 5]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("text", "bytes"), [("", None), ("400", 400 * 2**20), ("much", None)])
def test_the_budget_is_that_of_the_engine(monkeypatch, text, bytes):
    monkeypatch.setenv("POLARS_OOC_MEMORY_BUDGET_MB", text)
    assert engines.room() == bytes
