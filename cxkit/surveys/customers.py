"""Several answers of one customer: found, clustered, or reduced to one of a period.

Each is a second pass over the rows that are used; what their cells mean is known by then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cxkit.engines import collect, grammar
from cxkit.errors import RequestError
from cxkit.reduce import number
from cxkit.result import Note
from cxkit.source import ROW

if TYPE_CHECKING:
    import polars as pl

    from cxkit.surveys.survey import Scan

_CUSTOMER, _CLUSTER, _START, _DAY, _ORDER = "customer", "cluster", "start", "date", "order"
_ROWS = 2**40  # row numbers below, nanoseconds since 1970 above, in one integer of 128 bits
_DAY_LONG = 86_400 * 10**9


def one_each(scan: Scan, table: pl.DataFrame) -> pl.DataFrame:
    """The tally with one valid answer per customer and period, the first or the last.

    Time of day decides within a day, then the order of the file. Rows without a customer stand
    for themselves. What is not chosen becomes `superseded`.
    """
    import polars as pl

    if scan.where.count:
        raise RequestError("bad-value", "--keep needs one row an answer; it cannot go with --count")
    keys = ["answer", _START, *_groups(scan)]
    sums = scan.weight.sums(pl.col("weight")) if scan.weight else {}
    chosen = _chosen(scan, table).group_by(keys).agg(n=pl.len().cast(pl.Int64), **sums)
    kept = collect(chosen, scan.source).drop("w_bad", strict=False)
    used = pl.col("reason").is_null()
    meaning = table.filter(used).select("answer", "kind", "score").unique("answer")
    kept = kept.join(meaning, on="answer", how="left").sort(keys, nulls_last=True)
    lost = int(table.filter(used)["n"].sum()) - int(kept["n"].sum())
    superseded = pl.DataFrame({"reason": ["superseded"], "n": [lost]})
    return pl.concat([table.filter(~used), kept, superseded], how="diagonal_relaxed")


def cluster_cells(scan: Scan, table: pl.DataFrame) -> pl.DataFrame:
    """The answers that are used by cluster: the groups as they stand, `start`, `cluster`,
    `score`, `n` and the sums of weights."""
    import polars as pl

    keys = ["answer", _START, _CLUSTER, *_groups(scan)]
    times = pl.col("times").sum()
    sums = scan.weight.sums(pl.col("weight"), pl.col("times")) if scan.weight else {}
    cells = collect(_chosen(scan, table).group_by(keys).agg(n=times, **sums), scan.source)
    cells = cells.drop("w_bad", strict=False)
    meaning = table.filter(pl.col("reason").is_null()).select("answer", "score").unique("answer")
    cells = cells.join(meaning, on="answer", how="left")
    return cells.drop("answer").sort(_CLUSTER, "score", _START, *_groups(scan), nulls_last=True)


def repeat_customers(scan: Scan, table: pl.DataFrame) -> tuple[Note, ...]:
    """A warning if customers answered more than once in a period."""
    import polars as pl

    if scan.where.count:
        return ()
    twice = (
        _valid_rows(scan, table)
        .group_by(_CUSTOMER, _START)
        .agg(pl.len().alias("n"))
        .filter(pl.col("n") > 1)
        .group_by(_START)
        .agg(pl.len().cast(pl.Int64).alias("n"))
    )
    found = collect(twice, scan.source)
    n = int(found["n"].sum())
    if not n:
        return ()
    calendar = scan.where.calendar
    when = "" if calendar is None else " in one period"
    if calendar is not None and found.height == 1:
        when = f" in {calendar.label(found[_START][0])}"
    who = "1 customer" if n == 1 else f"{n:,} customers"
    message = f"{who} answered more than once{when}; all kept"
    return (Note("duplicates", "warning", message, (("try", "--keep last"),)),)


def _groups(scan: Scan) -> list[str]:
    return [f"by{i}" for i in range(len(scan.where.columns))]


def _chosen(scan: Scan, table: pl.DataFrame) -> pl.LazyFrame:
    """The rows that are used, one of each customer and period if so asked."""
    import polars as pl

    rows = _valid_rows(scan, table)
    if scan.where.keep == "all":
        return rows
    carried = pl.col("answer", _CLUSTER, "weight", "times", *_groups(scan))
    chosen = carried.max_by(_ORDER) if scan.where.keep == "last" else carried.min_by(_ORDER)
    return rows.group_by(_CUSTOMER, _START).agg(chosen)


def _valid_rows(scan: Scan, table: pl.DataFrame) -> pl.LazyFrame:
    """The rows that are used: customer, cluster, period, answer, groups, weight, and their order
    in time."""
    import polars as pl

    g = grammar(scan.source)
    used = table.filter(pl.col("reason").is_null())
    rows = scan.source.numbered().rows
    keys = scan.keys("day")
    out = keys.pop("out", None)
    keys.pop("weighed", None)
    if out is not None:
        rows = rows.filter(out.is_null())
    row = g.col(ROW).cast(g.Int64)
    rows = rows.select(
        **keys,
        **{
            _CUSTOMER: _id(scan, scan.where.customer, row),
            _CLUSTER: _id(scan, scan.where.cluster, row),
            ROW: row,
        },
        weight=scan.weight.value() if scan.weight else g.lit(1.0),
        times=number(g, scan.source, scan.where.count) if scan.where.count else g.lit(1, g.Int64),
        time=scan.dates.time() if scan.dates else g.lit(0),
    )
    rows = rows.filter(g.col("weight").is_not_null()).join(
        used.select("answer").unique().lazy(), on="answer", how="semi", nulls_equal=True
    )
    if not scan.dates:
        return rows.with_columns(g.lit(None, g.Date).alias(_START), g.col(ROW).alias(_ORDER))
    days = used.select("day", _START, _DAY).unique("day").lazy()
    moment = g.col(_DAY).cast(g.Int32).cast(g.Int128) * _DAY_LONG + g.col("time")
    return rows.join(days, on="day", how="inner").with_columns(
        (moment * _ROWS + g.col(ROW)).alias(_ORDER)
    )


def _id(scan: Scan, column: str | None, row: Any) -> Any:
    """An id as text, composed; a row without one has an id of its own."""
    g = grammar(scan.source)
    if column is None:
        return g.lit(None, g.String)
    cell = g.col(column)
    if scan.source.rows.collect_schema()[column].is_float():
        cell = cell.fill_nan(None)
    text = cell.cast(g.String).str.strip_chars().str.normalize("NFC")
    own = g.lit("\x00") + row.cast(g.String)
    return g.when(text.str.len_bytes() > 0).then(text).otherwise(own)
