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
LARGEST = 2**53  # a count beyond is no longer exact where numbers are held as doubles
_MOST = 2.0**62  # answers in all: sums of 64 bits have room for twice as many
_BEYOND, _LAST, _BAD, _TOTAL = "beyond", "last", "bad", "total"


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
        DataError: a row is too long, cannot be read, or a count is not a whole number from 0 to
            2⁵³, or a weight below 0 or not a number.
    """

    def run(rows: Source) -> pl.DataFrame:
        return collect(counted(rows, keys, count=count, weight=weight, extra=extra), rows)

    table = run(source)
    if _blank_lines(table, [key for key in keys if key not in LABELS]):
        source = source.without_blank_rows()
        table = run(source)
    _check(table, source, count)
    table = table.drop(_BEYOND, _LAST, _BAD, _TOTAL).sort(list(keys), nulls_last=True)
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
    times = number(g, source, count) if count else None
    aggregations = {
        "n": one if times is None else times.sum(),
        "rows": one,
        "first": g.col(ROW).min().cast(g.Int64) if ROW in has else none,
        # Only counted: which row it is would be a filter in every group, and 45 MiB.
        _BEYOND: g.col(BEYOND).count().cast(g.Int64) if BEYOND in has else g.lit(0),
        _LAST: g.col(LAST).null_count().cast(g.Int64) if LAST in has else g.lit(0),
        _BAD: g.lit(0) if times is None else times.is_null().sum().cast(g.Int64),
        _TOTAL: g.lit(0.0) if times is None else times.cast(g.Float64).sum(),
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
    """The cells of a column of counts as whole numbers, null where they are none from 0 to 2⁵³.

    Whole numbers never pass through doubles, which round the large ones.

    Raises:
        DataError: the column is of a type that holds no numbers.
    """
    column, dtype = g.col(count), source.rows.collect_schema()[count]
    if dtype in (g.String, g.Categorical, g.Enum):
        column = column.cast(g.String).str.strip_chars()
    elif not (dtype.is_numeric() or dtype == g.Null):
        kind = str(dtype).partition("(")[0].lower()
        raise DataError("bad-count", f'column "{visible(count)}" holds no numbers, but is a {kind}')
    whole = column.cast(g.Int64, strict=False)
    if not dtype.is_integer():
        broken = column.cast(g.Float64, strict=False)
        exact = (broken == broken.floor()) & (broken.abs() <= LARGEST)
        rounded = g.when(exact).then(broken).cast(g.Int64)
        whole = g.coalesce(whole, rounded) if dtype == g.String else rounded
    return g.when((whole >= 0) & (whole <= LARGEST)).then(whole)


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
    if bad := int(table[_BAD].sum()):
        are = "1 cell that is not a whole number"
        if bad > 1:
            are = f"{bad:,} cells that are not whole numbers"
        message = f'column "{visible(count)}" has {are} of 0 or more (up to 2^53)'
        hint = ("try", "cxkit nps FILE without --count, if each row is one answer")
        raise DataError("bad-count", message, [hint])
    if table[_TOTAL].sum() > _MOST:
        message = f'the counts in column "{visible(count)}" add up to more than 2^62'
        raise DataError("bad-count", message)
