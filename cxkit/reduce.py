"""Where every pass over the rows ends: rows counted by key.

A tally is a small table: the keys, `n` (how many answers), `rows` (how many rows of the file) and
`first` (the smallest row number). What was asked is understood on it afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cxkit.engines import batches, collect, grammar
from cxkit.errors import CxError, DataError, visible
from cxkit.source import BEYOND, LAST, ROW, Ragged, Source

if TYPE_CHECKING:
    import polars as pl

    from cxkit.cells.weighting import Weight

LABELS = ("out", "input", "weighed")
# The state of a row; between them stands why it is left out.
USED, BAD, SUSPECT, LONG = 0, 252, 254, 255
LARGEST = 2**53  # a count beyond is no longer exact where numbers are held as doubles
_MOST = 2.0**62  # answers in all: sums of 64 bits have room for twice as many
_BEYOND, _LAST, _BAD, _TOTAL = "beyond", "last", "bad", "total"
_BATCH = 1_000_000  # rows that are counted together
_KEY = "cxkit:key:"  # a key, among columns of the file
_ROUGH = "rough:"  # a sum in doubles, which cannot wrap


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

    table = _guarded_by(run, source, keys, count)
    return weight.checked(table) if weight else table


def tally_beside(
    source: Source,
    keys: Mapping[str, Any],
    columns: Mapping[str, Any],
    begin: Callable[[], Callable[[pl.DataFrame], None]],
    *,
    extra: Mapping[str, Any],
) -> pl.DataFrame:
    """A tally, in one streaming pass with something else that is made of the same rows.

    Args:
        source, keys: as for `tally`.
        columns: what else is read of each row, by a name that no file has.
        begin: makes what is given all rows, in batches and in their order; called again where the
            pass has to be made again.
        extra: sums by name, over the columns of the source or these; those of batches are added.

    Returns:
        The tally.

    Raises:
        DataError: a row is too long or cannot be read.
    """
    import polars as pl

    def run(rows: Source) -> pl.DataFrame:
        take = begin()
        read = [name for one in extra.values() for name in one.meta.root_names()]
        kept = dict.fromkeys(name for name in (*rows.added, *read) if name not in columns)
        named = {f"{_KEY}{key}": expression for key, expression in keys.items()}
        needed = rows.rows.select(*kept, **named, **columns)
        own = {key: pl.col(f"{_KEY}{key}") for key in keys}

        def tallied(some: pl.LazyFrame) -> pl.DataFrame:
            return collect(counted(replace(rows, rows=some), own, extra=extra), rows)

        parts = [tallied(needed.clear())]
        with ThreadPoolExecutor(1) as beside:
            for batch in batches(needed, rows, _BATCH, ordered=True):
                taken = beside.submit(take, batch)
                parts.append(tallied(batch.lazy()))
                taken.result()
        sums = pl.all().exclude("first", *keys).sum()
        table = pl.concat(parts).group_by(list(keys)).agg(pl.col("first").min(), sums)
        return table.select(parts[0].columns)

    return _guarded_by(run, source, keys, None)


def _guarded_by(
    run: Callable[[Source], pl.DataFrame],
    source: Source,
    keys: Mapping[str, Any],
    count: str | None,
) -> pl.DataFrame:
    """The tally of a pass, which is made again where there may be blank lines; sorted."""
    table = run(source)
    if _blank_lines(table, [key for key in keys if key not in LABELS]):
        source = source.without_blank_rows()
        table = run(source)
    _check(table, source, count)
    return table.drop(_BEYOND, _LAST, _BAD, _TOTAL).sort(list(keys), nulls_last=True)


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


def totals(
    source: Source,
    keys: Mapping[str, Any],
    sums: Mapping[str, Any],
    *,
    state: Any,
    cells: Sequence[str],
    times: Any = None,
    count: str | None = None,
    extra: Mapping[str, Any] | None = None,
) -> pl.DataFrame:
    """Sum amounts by many keys, such as customers, in one streaming pass.

    What guards a tally stands in every group, which would cost more than the sums where there
    are millions: here it is part of the row's state, which is a key.

    Args:
        source: the rows.
        keys: expressions by the name the table gives them.
        sums: whole amounts by name, summed over the rows that are used.
        state: `USED`, or a number below `SUSPECT`, but not `BAD`, that says why a row is
            left out.
        cells: the columns that are read; a row in which all of them are blank may be a blank line.
        times: how many rows a row stands for; null where that cannot be read.
        count: the column that says so, if it is one.
        extra: further aggregations by name, over the columns of the source.

    Returns:
        `state`, the keys, `n` (rows, or what they stand for), `rows`, the sums and the extras, in
        no order.

    Raises:
        DataError: a row is too long or cannot be read, a count is not a whole number from 0 to
            2⁵³, or a sum has no room in 64 bits.
    """
    table = collect(_summed(source, keys, sums, state, cells, times, extra), source)
    if table["state"].eq(SUSPECT).any():
        source = source.without_blank_rows()
        table = collect(_summed(source, keys, sums, state, (), times, extra), source)
    if table["state"].eq(LONG).any():
        raise long_row(source)
    if count:
        bad = table.filter(table["state"] == BAD)["rows"].sum()
        _check_count(count, int(bad), float(table[_TOTAL].sum()))
    return _added_up(table, sums).drop(_TOTAL, strict=False)


def _added_up(table: pl.DataFrame, sums: Mapping[str, Any]) -> pl.DataFrame:
    """The same table without the sums in doubles that tell whether whole ones have wrapped.

    Raises:
        DataError: they have, or their total would.
    """
    for name in sums:
        if table[_ROUGH + name].abs().sum() >= _MOST:
            hint = ("hint", "is the column of amounts one of ids?")
            raise DataError("too-large", "the amounts add up to more than 460 trillion", [hint])
    return table.drop(_ROUGH + name for name in sums)


def _summed(
    source: Source,
    keys: Mapping[str, Any],
    sums: Mapping[str, Any],
    state: Any,
    cells: Sequence[str],
    times: Any,
    extra: Mapping[str, Any] | None,
) -> pl.LazyFrame:
    g = grammar(source)
    state = g.lit(USED) if state is None else state
    if times is not None:
        state = g.when(times.is_null()).then(BAD).otherwise(state)
    state = guarded(source, state, cells)
    one = g.lit(1, g.Int64) if times is None else times
    rows = source.rows.select(
        state.cast(g.UInt8).alias("state"),
        *(expression.alias(name) for name, expression in keys.items()),
        *(amount.alias(name) for name, amount in sums.items()),
        *([one.alias("n")] if times is not None else []),
        **(extra or {}),
    )
    used = g.col("state") == USED
    return rows.group_by("state", *keys).agg(
        (g.len().cast(g.Int64) if times is None else g.col("n").sum()).alias("n"),
        g.len().cast(g.Int64).alias("rows"),
        *(g.when(used).then(g.col(name)).sum().alias(name) for name in sums),
        *(
            g.when(used).then(g.col(name)).cast(g.Float64).sum().alias(_ROUGH + name)
            for name in sums
        ),
        *([] if times is None else [g.col("n").cast(g.Float64).sum().alias(_TOTAL)]),
        *(g.col(name).max() for name in extra or {}),
    )


def guarded(source: Source, state: Any, cells: Sequence[str]) -> Any:
    """The state of each row, with what guards it: rows too long, or that may be blank lines.

    Args:
        cells: the columns that are read; none, if blank lines are gone.
    """
    g, has = grammar(source), source.added
    if LAST in has and cells:
        read = g.col(list(dict.fromkeys(cells)))
        blank = g.col(LAST).is_null() & g.all_horizontal(read.is_null())
        state = g.when(blank).then(SUSPECT).otherwise(state)
    elif LAST in has:  # to be read: only then does the parser see stray quotes
        state = g.when(g.col(LAST).is_null()).then(state).otherwise(state)
    if BEYOND in has:
        state = g.when(g.col(BEYOND).is_not_null()).then(LONG).otherwise(state)
    return state


def long_row(source: Source) -> CxError:
    """The error of a row that is too long, which is known to be there."""
    return source.diagnose(Ragged(_first_long_row(source)))


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
    _check_count(count, int(table[_BAD].sum()), float(table[_TOTAL].sum()))


def _check_count(count: str | None, bad: int, total: float) -> None:
    """Raise the error of cells that are no counts, or of too large ones."""
    if bad:
        are = "1 cell that is not a whole number"
        if bad > 1:
            are = f"{bad:,} cells that are not whole numbers"
        message = f'column "{visible(count)}" has {are} of 0 or more (up to 2^53)'
        hint = ("hint", "leave --count out if each row stands for one")
        raise DataError("bad-count", message, [hint])
    if total > _MOST:
        message = f'the counts in column "{visible(count)}" add up to more than 2^62'
        raise DataError("bad-count", message)
