"""Where every pass over the rows ends: rows counted by key.

A tally is a small table: the keys, `n` (how many answers), `rows` (how many rows of the file) and
`first` (the smallest row number). What was asked is understood on it afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cxkit.engines import collect, grammar
from cxkit.errors import DataError, visible
from cxkit.source import BEYOND, LAST, ROW, Ragged, Source

if TYPE_CHECKING:
    import polars as pl

LABELS = ("out", "input")
_BEYOND, _LAST, _BAD = "beyond", "last", "bad"


def tally(
    source: Source,
    keys: Mapping[str, Any],
    *,
    count: str | None = None,
    extra: Mapping[str, Any] | None = None,
) -> pl.DataFrame:
    """Count the rows of a source by key, in one streaming pass.

    Args:
        source: the rows.
        keys: expressions by the name the tally gives them; a key without a row is not there.
            Those in `LABELS` say something about a row, and nothing of what its cells hold.
        count: a column of counts: each row stands for so many answers.
        extra: further aggregations by name.

    Returns:
        The keys, `n`, `rows`, `first` (null where rows have no number) and the extras, sorted by
        the keys. Wholly blank lines of text files are not rows.

    Raises:
        DataError: a row is too long, cannot be read, or a count is not a whole number of 0 or more.
    """
    table = collect(counted(source, keys, count=count, extra=extra), source)
    if _blank_lines(table, [key for key in keys if key not in LABELS]):
        source = source.without_blank_rows()
        table = collect(counted(source, keys, count=count, extra=extra), source)
    _check(table, source, count)
    return table.drop(_BEYOND, _LAST, _BAD).sort(list(keys), nulls_last=True)


def counted(
    source: Source,
    keys: Mapping[str, Any],
    *,
    count: str | None = None,
    extra: Mapping[str, Any] | None = None,
) -> pl.LazyFrame:
    """The lazy reduction behind `tally`, with what guards it: see `Source`."""
    g = grammar(source)
    one = g.len().cast(g.Int64)
    none = g.lit(None).cast(g.Int64)
    has = source.added
    number = _number(g, source, count) if count else None
    aggregations = {
        "n": one if number is None else number.cast(g.Int64).sum(),
        "rows": one,
        "first": g.col(ROW).min().cast(g.Int64) if ROW in has else none,
        _BEYOND: g.col(ROW).filter(g.col(BEYOND).is_not_null()).min().cast(g.Int64)
        if BEYOND in has
        else none,
        _LAST: g.col(LAST).null_count().cast(g.Int64) if LAST in has else g.lit(0),
        _BAD: (number.is_null() | (number < 0) | (number != number.floor())).sum().cast(g.Int64)
        if number is not None
        else g.lit(0),
    }
    named = {name: expression.alias(name) for name, expression in keys.items()}
    if not named:
        return source.rows.select(**aggregations, **(extra or {}))
    return source.rows.group_by(*named.values()).agg(**aggregations, **(extra or {}))


def _number(g: Any, source: Source, count: str) -> Any:
    column = g.col(count)
    if source.rows.collect_schema()[count] == g.String:
        column = column.str.strip_chars()
    return column.cast(g.Float64, strict=False)


def _blank_lines(table: pl.DataFrame, keys: list[str]) -> bool:
    """Whether some rows may be blank lines: every key and the last column are empty."""
    import polars as pl

    suspects = table.filter(pl.col(_LAST) > 0)
    if not keys or suspects.is_empty():
        return not suspects.is_empty()
    return bool(suspects.select(pl.all_horizontal(pl.col(keys).is_null()).any()).item())


def _check(table: pl.DataFrame, source: Source, count: str | None) -> None:
    long_rows = table[_BEYOND].drop_nulls().to_list()
    if long_rows:
        raise source.diagnose(Ragged(min(long_rows)))
    bad = int(table[_BAD].sum())
    if bad:
        raise DataError(
            "bad-count",
            f'column "{visible(count)}" has {bad:,} cells that are not whole numbers of 0 or more',
            [("try", "cxkit nps FILE without --count, if each row is one answer")],
        )
