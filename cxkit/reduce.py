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

    from cxkit.weighting import Weight

LABELS = ("out", "input", "weighed")
_BEYOND, _LAST, _BAD = "beyond", "last", "bad"


def tally(
    source: Source,
    keys: Mapping[str, Any],
    *,
    count: str | None = None,
    weight: Weight | None = None,
    extra: Mapping[str, Any] | None = None,
) -> pl.DataFrame:
    """Count the rows of a source by key, in one streaming pass.

    Args:
        source: the rows.
        keys: expressions by the name the tally gives them; a key without a row is not there.
            Those in `LABELS` say something about a row, and nothing of what its cells hold.
        count: a column of counts: each row stands for so many answers.
        weight: a column of weights.
        extra: further aggregations by name.

    Returns:
        The keys, `n`, `rows`, `first` (null where rows have no number), with weights `w` and `w2`
        (sums of weights and of their squares, in steps: see `Weight`), and the extras, sorted by
        the keys. Wholly blank lines of text files are not rows.

    Raises:
        DataError: a row is too long, cannot be read, or a count is not a whole number of 0 or
            more, or a weight below 0 or not a number.
    """

    def run(rows: Source) -> pl.DataFrame:
        return collect(counted(rows, keys, count=count, weight=weight, extra=extra), rows)

    table = run(source)
    if _blank_lines(table, [key for key in keys if key not in LABELS]):
        source = source.without_blank_rows()
        table = run(source)
    _check(table, source, count)
    table = table.drop(_BEYOND, _LAST, _BAD).sort(list(keys), nulls_last=True)
    return weight.checked(table) if weight else table


def counted(
    source: Source,
    keys: Mapping[str, Any],
    *,
    count: str | None = None,
    weight: Weight | None = None,
    extra: Mapping[str, Any] | None = None,
) -> pl.LazyFrame:
    """The lazy reduction behind `tally`, with what guards it: see `Source`."""
    g = grammar(source)
    one = g.len().cast(g.Int64)
    none = g.lit(None).cast(g.Int64)
    has = source.added
    times = number(g, source, count).cast(g.Float64) if count else None
    aggregations = {
        "n": one if times is None else times.cast(g.Int64).sum(),
        "rows": one,
        "first": g.col(ROW).min().cast(g.Int64) if ROW in has else none,
        # Only counted: which row it is would be a filter in every group, and 45 MiB.
        _BEYOND: g.col(BEYOND).count().cast(g.Int64) if BEYOND in has else g.lit(0),
        _LAST: g.col(LAST).null_count().cast(g.Int64) if LAST in has else g.lit(0),
        _BAD: (times.is_null() | (times < 0) | (times != times.floor())).sum().cast(g.Int64)
        if times is not None
        else g.lit(0),
    }
    if weight:
        aggregations |= weight.sums(weight.value(), times)
    aggregations |= extra or {}
    named = [expression.alias(name) for name, expression in keys.items()]
    return (
        source.rows.group_by(*named).agg(**aggregations)
        if named
        else source.rows.select(**aggregations)
    )


def number(g: Any, source: Source, count: str) -> Any:
    """The cells of a column of counts as numbers, null where they are none."""
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


def _first_long_row(source: Source) -> int:
    """The number of the first row that is too long, looked for once it is known to be there."""
    import polars as pl

    long_rows = source.rows.filter(pl.col(BEYOND).is_not_null())
    return int(collect(long_rows.select(pl.col(ROW).min()), source).item())


def _check(table: pl.DataFrame, source: Source, count: str | None) -> None:
    if table[_BEYOND].sum():
        raise source.diagnose(Ragged(_first_long_row(source)))
    bad = int(table[_BAD].sum())
    if bad:
        raise DataError(
            "bad-count",
            f'column "{visible(count)}" has {bad:,} cells that are not whole numbers of 0 or more',
            [("try", "cxkit nps FILE without --count, if each row is one answer")],
        )
