"""Tallies: one made of batches is the one made at once."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from cxkit import reduce
from cxkit.reading import read

ROWS = st.lists(
    st.tuples(st.sampled_from(["a", "b", None]), st.integers(0, 9)), min_size=1, max_size=30
)
KEYS = {"state": pl.col("state"), "even": pl.col("x") % 2 == 0}
EXTRA = {"high": (pl.col("x") > 7).sum().cast(pl.Int64)}


@settings(deadline=None, max_examples=50)
@given(ROWS, st.integers(1, 40))
def test_a_tally_of_batches_is_a_tally(rows, size):
    schema = {"state": pl.String, "x": pl.Int64}
    source = read(pl.DataFrame(rows, schema=schema, orient="row")).numbered()
    given_rows = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reduce, "_BATCH", size)
        beside = reduce.tally_beside(
            source, KEYS, {"cxkit:x": pl.col("x")}, lambda: given_rows.append, extra=EXTRA
        )
    assert_frame_equal(beside, reduce.tally(source, KEYS, extra=EXTRA))
    seen = [x for batch in given_rows for x in batch["cxkit:x"].to_list()]
    assert seen == [x for _, x in rows]


def test_what_fails_beside_a_tally_is_raised():
    source = read(pl.DataFrame({"x": [1]}))

    def begin():
        def fail(rows):
            raise ArithmeticError

        return fail

    with pytest.raises(ArithmeticError):
        reduce.tally_beside(source, {"x": pl.col("x")}, {}, begin, extra={})
