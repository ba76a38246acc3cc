"""Amounts that are for a span of days: spread over its months."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cxkit.source import Source

if TYPE_CHECKING:
    import polars as pl

PART, PARTS = "cxkit:part", "cxkit:parts"  # of an amount, and how many there are
_FIRST, _LAST = "cxkit:from", "cxkit:until"
_MOST_MONTHS = 1_200


def spread(source: Source, date: str | None) -> Source:
    """Amounts that are for a span of days, as equal parts a month from the first day on.

    A row becomes a row for each month; its first part stands for the row of the file.

    Args:
        source: of a layout whose amounts are for a span of days.
        date: the column that dates a row; that of the first day dates each part.
    """
    import polars as pl

    from cxkit.cells.dates import settle

    span = source.trade.spread if source.trade else None
    assert span is not None
    first, last = (settle(source, column).parsed() for column in span)
    rows = source.rows.with_columns(first.alias(_FIRST), last.alias(_LAST))
    begin, end = pl.col(_FIRST), pl.col(_LAST)
    months = 12 * (end.dt.year() - begin.dt.year()) + end.dt.month() - begin.dt.month()
    months += (end.dt.day() >= begin.dt.day()).cast(pl.Int32)
    months = months.fill_null(1).clip(1, _MOST_MONTHS).cast(pl.Int64)
    rows = rows.with_columns(months.alias(PARTS)).with_columns(
        pl.int_ranges(0, pl.col(PARTS)).alias(PART)
    )
    rows = rows.explode(PART)
    part = begin.dt.offset_by(pl.col(PART).cast(pl.String) + "mo")
    if date == span[0]:
        rows = rows.with_columns(part.alias(span[0]))
    return replace(source, rows=rows.drop(_FIRST, _LAST), added=(*source.added, PART, PARTS))


def share(amount: pl.Expr) -> pl.Expr:
    """The part of a whole amount that is for one month; the first takes what is left over."""
    import polars as pl

    rest = pl.when(pl.col(PART) == 0).then(amount % pl.col(PARTS)).otherwise(0)
    return amount // pl.col(PARTS) + rest
