"""The account of the rows: how many were read, used, and left out for which reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from cxkit.result import REASONS, Input, Ledger
from cxkit.source import Source

if TYPE_CHECKING:
    import polars as pl


def ledger_of(table: pl.DataFrame) -> Ledger:
    """Rows by `reason`, null for what is used; `n` says how many."""
    import polars as pl

    out = table.filter(pl.col("reason").is_not_null()).group_by("reason").agg(pl.col("n").sum())
    left_out = {reason: n for reason, n in out.iter_rows() if n}
    read = int(table["n"].sum())
    return Ledger(read=read, used=read - sum(left_out.values()), left_out=in_order(left_out))


def in_order(left_out: Mapping[str, int]) -> dict[str, int]:
    """Reasons in the order in which they are judged."""
    return {reason: left_out[reason] for reason in REASONS if reason in left_out}


def inputs_of(source: Source, table: pl.DataFrame) -> tuple[Input, ...]:
    """The inputs with their numbers of rows."""
    import polars as pl

    if len(source.inputs) == 1:
        return (replace(source.inputs[0], rows=int(table["rows"].sum())),)
    rows = dict(table.group_by("input").agg(pl.col("rows").sum()).iter_rows())
    numbers = count()
    return tuple(
        one if one.rows == 0 else replace(one, rows=rows.get(next(numbers), 0))
        for one in source.inputs
    )
