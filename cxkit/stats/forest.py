"""Forests of referrals: who stands how deep in a chain, and what hangs below each.

A forest is an array of parents: for each member 0..n − 1 the index of the one that brought it, −1
at a root. Everything is computed by doubling: in the k-th step the ancestor 2^k links above is
known for all members at once, so a chain of a million links takes twenty steps and no recursion,
O(n log depth). n = 0 gives empty arrays.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Whole = NDArray[np.int64]
    Numbers = NDArray[np.int64] | NDArray[np.float64]

_BITS = 63  # groups that fit into the signs of one whole number


def generations(parents: "Whole") -> "Whole":
    """How many links lie between each member and the start of its chain.

    Args:
        parents: indices, −1 at a root.

    Returns:
        0 at a root, 1 for whom a root brought, and so on; −1 on a cycle and below one. A single
        member is a root unless it is its own parent, which is a cycle.
    """
    depth = np.append(parents >= 0, False).astype(np.int64)
    last = _above(parents)
    for jump in _jumps(parents):
        depth += depth[jump]
        last = jump[jump]
    return np.where(last[:-1] < len(parents), -1, depth[:-1])


def on_cycle(parents: "Whole") -> "Whole":
    """The members that are their own ancestors, ascending; those merely below a cycle are not.

    Args:
        parents: indices, −1 at a root.

    Returns:
        Indices. After at least n links every walk has ended at a root or goes round a cycle.
    """
    last = _above(parents)
    for jump in _jumps(parents):
        last = jump[jump]
    ends = np.unique(last)
    return ends[ends < len(parents)]


def downstream(parents: "Whole", values: "Numbers", decay: float = 1) -> "Numbers":
    """The sum of what all descendants of each member bring, weighed down by their distance.

    Args:
        parents: indices, −1 at a root; without cycles.
        values: what each member brings itself; whole numbers are added up as such.
        decay: what one more link leaves of a value, 0..1.

    Returns:
        For each member the sum of value * decay^distance over its descendants, itself left out;
        0 for a leaf. Descendants have several ancestors: only roots, each with its own value, add
        up to the total.

    Formula:
        s_0 = values; s_{k+1}(v) = s_k(v) + decay^(2^k) * sum s_k(u) over u whose ancestor 2^k
        links above is v.
    """
    own = values if decay == 1 else values.astype(np.float64)
    sums = np.append(own, 0)
    for k, jump in enumerate(_jumps(parents)):
        moved = sums if decay == 1 else sums * decay ** (2**k)
        grown = sums.copy()
        np.add.at(grown, jump, moved)
        grown[-1] = 0
        sums = grown
    below: Numbers = sums[:-1] - own
    return below


def largest(parents: "Whole", values: "Whole") -> "Whole":
    """The largest value among each member and its descendants.

    Args:
        parents: indices, −1 at a root; without cycles.
        values: any whole numbers.

    Returns:
        Of a leaf its own value.
    """
    most = np.append(values, np.iinfo(np.int64).min)
    for jump in _jumps(parents):
        grown = most.copy()
        np.maximum.at(grown, jump, most)
        most = grown
    return most[:-1]


def downstream_of_groups(parents: "Whole", groups: "Whole", values: "Whole", count: int) -> "Whole":
    """The sum of what stands below any member of each group, each descendant counted once.

    Args:
        parents: indices, −1 at a root; without cycles.
        groups: 0..count − 1, −1 for members of no group.
        values: what each member brings itself.
        count: how many groups there are.

    Returns:
        count sums; a descendant of several groups counts in each, so they do not add up.
    """
    sums = np.zeros(count, np.int64)
    brought = np.flatnonzero(parents >= 0)
    for first in range(0, count, _BITS):
        inside = (groups >= first) & (groups < first + _BITS)
        bits = np.where(inside, np.int64(1) << np.where(inside, groups - first, 0), 0)
        above = _groups_above(parents, bits)[brought]
        for group in range(first, min(first + _BITS, count)):
            sums[group] = values[brought[(above >> (group - first)) & 1 == 1]].sum()
    return sums


def _groups_above(parents: "Whole", bits: "Whole") -> "Whole":
    """The signs of all proper ancestors of each member, put together."""
    found = np.append(bits, 0)[_above(parents)]
    for jump in _jumps(parents):
        found = found | found[jump]
    return found[:-1]


def _above(parents: "Whole") -> "Whole":
    """Parents with one more member, n, that stands above every root and above itself."""
    n = len(parents)
    return np.append(np.where(parents < 0, n, parents), n).astype(np.int64)


def _jumps(parents: "Whole") -> "Iterator[Whole]":
    """The ancestors 1, 2, 4, … links above each member, n where there is none, until all are n.

    On a cycle that never comes about: there it ends once more than n links are passed.
    """
    n, jump = len(parents), _above(parents)
    for _ in range(max(n, 1).bit_length() + 1):
        if (jump == n).all():
            return
        yield jump
        jump = jump[jump]
