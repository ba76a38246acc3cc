"""The files that can be made, in frames of a few thousand customers or as one lazy frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from cxkit.samples.answers import cases_of, survey_of, touchpoints_of
from cxkit.samples.customers import Customers, blocks
from cxkit.samples.orders import orders_of, referrals_of

if TYPE_CHECKING:
    import polars as pl

# How the rows of a block are made, given how many ids were used before; and how many it uses.
KINDS: Mapping[str, Callable[[Customers, int], tuple[pl.DataFrame, int]]] = {
    "survey": survey_of,
    "orders": orders_of,
    "cases": cases_of,
    "touchpoints": touchpoints_of,
    "referrals": referrals_of,
}


def frames(kind: str, rows: int, seed: int) -> Iterator[pl.DataFrame]:
    """The first rows of a file, by customer, in frames that together have so many rows.

    Args:
        kind: one of KINDS.
        rows: 1 or more.
        seed: 0 or more.
    """
    used, left = 0, rows
    for customers in blocks(seed):
        frame, ids = KINDS[kind](customers, used)
        yield frame.head(left)
        used, left = used + ids, left - frame.height
        if left <= 0:
            return


def lazy(kind: str, rows: int, seed: int) -> pl.LazyFrame:
    """The same rows as a lazy frame, which are made while they are written."""
    from polars.io.plugins import register_io_source

    def made(
        columns: list[str] | None, where: pl.Expr | None, most: int | None, size: int | None
    ) -> Iterator[pl.DataFrame]:
        for frame in frames(kind, min(rows, most or rows), seed):
            kept = frame if where is None else frame.filter(where)
            yield kept if columns is None else kept.select(columns)

    return register_io_source(made, schema=schema(kind))


def whole(kind: str, rows: int, seed: int) -> pl.DataFrame:
    """The same rows in memory."""
    import polars as pl

    return pl.concat(frames(kind, rows, seed))


def schema(kind: str) -> pl.Schema:
    """The columns of a file and their types."""
    return next(frames(kind, 1, 0)).schema
