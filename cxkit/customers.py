"""Several answers of one customer: found, or reduced to the first or the last of a period."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cxkit.engines import collect, grammar
from cxkit.errors import RequestError
from cxkit.result import Note
from cxkit.source import ROW

if TYPE_CHECKING:
    import polars as pl

    from cxkit.survey import Scan

_CUSTOMER, _START, _DAY, _ORDER = "customer", "start", "date", "order"
_ROWS = 2**31  # row numbers below, seconds since 1900 above, in one integer


def one_each(scan: Scan, table: pl.DataFrame) -> pl.DataFrame:
    """The tally with one valid answer per customer and period, the first or the last.

    A second pass over the rows; time of day decides within a day, then the order of the file.
    Rows without a customer stand for themselves. What is not chosen becomes `superseded`.
    """
    import polars as pl

    if scan.where.count:
        raise RequestError("bad-value", "--keep needs one row an answer; it cannot go with --count")
    names = [f"by{i}" for i in range(len(scan.where.columns))]
    order = pl.col(_ORDER) if scan.where.keep == "last" else -pl.col(_ORDER)
    chosen = (
        _valid_rows(scan, table)
        .group_by(_CUSTOMER, _START)
        .agg(pl.col("answer", *names).max_by(order))
        .group_by("answer", _START, *names)
        .agg(pl.len().cast(pl.Int64).alias("n"))
    )
    used = pl.col("reason").is_null()
    meaning = table.filter(used).select("answer", "kind", "score").unique("answer")
    kept = collect(chosen, scan.source).join(meaning, on="answer", how="left")
    lost = int(table.filter(used)["n"].sum()) - int(kept["n"].sum())
    superseded = pl.DataFrame({"reason": ["superseded"], "n": [lost]})
    return pl.concat([table.filter(~used), kept, superseded], how="diagonal_relaxed")


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


def _valid_rows(scan: Scan, table: pl.DataFrame) -> pl.LazyFrame:
    """The rows that are used: customer, period, answer, groups and their order in time."""
    import polars as pl

    g = grammar(scan.source)
    used = table.filter(pl.col("reason").is_null())
    rows = scan.source.rows
    if ROW not in scan.source.added:
        rows = rows.with_row_index(ROW)
    keys = dict(scan.keys("day"))
    out = keys.pop("out", None)
    if out is not None:
        rows = rows.filter(out.is_null())
    row = g.col(ROW).cast(g.Int64)
    assert scan.where.customer is not None
    customer = g.col(scan.where.customer).cast(g.String).str.strip_chars()
    rows = rows.select(
        **keys,
        **{
            _CUSTOMER: g.when(customer.str.len_bytes() > 0)
            .then(customer)
            .otherwise(g.lit("\x00") + row.cast(g.String)),
            ROW: row,
        },
        seconds=_seconds(scan) if scan.dates else g.lit(0),
    ).join(used.select("answer").unique().lazy(), on="answer", how="semi")
    if not scan.dates:
        return rows.with_columns(g.lit(None, g.Date).alias(_START), g.col(ROW).alias(_ORDER))
    days = used.select("day", _START, _DAY).unique("day").lazy()
    day = g.col(_DAY).cast(g.Int32).cast(g.Int64)
    return rows.join(days, on="day", how="inner").with_columns(
        ((day * 86_400 + g.col("seconds")) * _ROWS + g.col(ROW)).alias(_ORDER)
    )


def _seconds(scan: Scan) -> Any:
    """Seconds since midnight, as written; 0 where a cell has no time of day."""
    import polars as pl

    column = pl.col(scan.where.date or "")
    dtype = scan.source.rows.collect_schema()[scan.where.date or ""]
    if dtype == pl.Datetime:
        time = column.dt.time()
        return (
            time.dt.hour().cast(pl.Int64) * 3600
            + time.dt.minute().cast(pl.Int64) * 60
            + time.dt.second().cast(pl.Int64)
        )
    if dtype != pl.String:
        return pl.lit(0, pl.Int64)
    part = column.str.extract_groups(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s*(?i:([ap])m?)?").struct
    hour, minute, second = (part.field(i).cast(pl.Int64, strict=False) for i in "123")
    half = part.field("4").str.to_lowercase()
    hour = (
        pl.when(half == "p").then(hour % 12 + 12).when(half == "a").then(hour % 12).otherwise(hour)
    )
    return (hour * 3600 + minute * 60 + second.fill_null(0)).fill_null(0)
