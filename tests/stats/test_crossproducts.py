"""Sums of products by block: the same as plain loops over the rows, in any portions."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cxkit.stats.crossproducts import CrossProducts

row = st.tuples(st.integers(0, 1024), st.integers(0, 10), st.integers(0, 1))


@settings(deadline=None)
@given(st.lists(st.lists(row, max_size=9), max_size=6), st.integers(1, 7))
def test_sums_are_those_of_a_loop(portions, blocks):
    found, wanted, number = CrossProducts(3, blocks), np.zeros((blocks, 3, 3), int), 0
    for rows in portions:
        found.add(np.array(rows, dtype=np.int16).reshape(-1, 3).T)
        for one in rows:
            for i, a in enumerate(one):
                for j, b in enumerate(one):
                    wanted[number % blocks, i, j] += a * b
            number += 1
    assert (found.sums == wanted).all()
