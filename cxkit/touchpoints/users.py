"""How many customers used a stage: different ones, on a second pass over the rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cxkit.cells.keys import Cell, id_key, plain_id
from cxkit.engines import collect
from cxkit.source import ROW
from cxkit.surveys.survey import group_names

if TYPE_CHECKING:
    import polars as pl

    from cxkit.surveys.survey import Scan

_SEED = 1  # rows without a customer are told from customers


def count_users(scan: Scan, table: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """How many customers are in each group of the rows that are used.

    A customer is a 64-bit hash, so that two are taken for one with a probability of n² / 2^65.
    Rows without a customer stand for a customer each.

    Args:
        scan: the pass that has counted the rows, numbered, with a customer.
        table: what it has counted, with `reason`.
        names: one or two of its groups: those of `users`, and among them those of `everyone`.

    Returns:
        The groups, `users`, and `everyone`: the customers of the last group, or of all rows where
        there is one group.
    """
    import polars as pl

    used = table.filter(pl.col("reason").is_null())
    named = used.with_columns(
        group_names(used[f"by{i}"], scan.source.codes.get(column)).alias(f"by{i}")
        for i, column in enumerate(scan.where.columns)
    ).select(names)
    groups = named.unique(maintain_order=True).with_row_index("code")
    code = named.join(groups, on=names, how="left", nulls_equal=True, maintain_order="left")["code"]
    cells = list(scan.keys("day"))
    coded = used.select(key=pl.struct(cells).hash()).with_columns(code)
    users = _customers(scan, coded)
    counted = users.group_by("code").agg(pl.col("who").n_unique().cast(pl.Int64).alias("users"))
    found = groups.join(counted, on="code").drop("code")
    everyone = pl.col("who").n_unique().cast(pl.Int64).alias("everyone")
    if len(names) == 1:
        return found.join(users.select(everyone), how="cross")
    last = names[-1]
    places = groups.select(last).unique().with_row_index("place")
    place = groups.join(places, on=last, nulls_equal=True, maintain_order="left")["place"]
    of_last = users.group_by(pl.lit(place).gather(pl.col("code")).alias("place")).agg(everyone)
    places = places.join(of_last, on="place").drop("place")
    return found.join(places, on=last, nulls_equal=True)


def _customers(scan: Scan, coded: pl.DataFrame) -> pl.DataFrame:
    """The group (`code`) and the customer (`who`) of each row that is used, in no order.

    Plain ids are read quickly; if one is not, the rows are read again with care.
    """
    import polars as pl

    column, source = str(scan.where.customer), scan.source
    own = pl.col(ROW).cast(pl.Int64).hash(_SEED)
    key = pl.struct(expression.alias(name) for name, expression in scan.keys("day").items()).hash()
    for one in (plain_id(source, column), Cell(id_key(source, column))):
        named = one.value.str.len_bytes() > 0
        rows = source.rows.select(
            key=key,
            who=pl.when(named).then(one.value.hash()).otherwise(own),
            odd=pl.lit(False) if one.odd is None else one.odd,
        )
        used = rows.join(coded.lazy(), on="key").select("code", "who", "odd")
        found = collect(used, source)
        if not found["odd"].any():
            break
    return found.drop("odd")
