"""What the cells of each column are, counted over the whole file in a few passes.

Columns with few distinct cells are tallied, and judged on the tally; the cells of the others are
judged in the scan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from cxkit.cells.answers import SCORE, missing_words
from cxkit.cells.dateforms import any_form
from cxkit.engines import collect
from cxkit.source import ROW, Source, not_blank

if TYPE_CHECKING:
    from cxkit.checks.structure import Lines

_OURS = "cxkit:"  # begins the names of columns that are worked out here
EXACT = 1_000_000  # rows up to which distinct cells are counted exactly
_WIDE = 30  # columns that are not tallied, beyond which their cells are judged one below another,
_PASS = 200  # so many columns at a time
FEW = 1_000  # distinct cells up to which a column is tallied
_NUMBER = r"^[+\-−]?(?:[0-9]+|[0-9]{1,3}(?:[.,' ][0-9]{3})+)?(?:[.,][0-9]+)?$"
_PLAIN = r"^[+\-−]?[0-9.,'() /-]*%?$"
_POINT = r"^[+-]?(?:[0-9]*\.(?:[0-9]{1,2}|[0-9]{4,})|[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]+|0\.[0-9]+)$"
_COMMA = r"^[+-]?(?:[0-9]*,(?:[0-9]{1,2}|[0-9]{4,})|[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+|0,[0-9]+)$"
_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x{202a}-\x{202e}\x{2066}-\x{2069}]"
_FORMS = {
    "iso": "^(?:19|20|21)[0-9]{2}[-/.][0-9]{1,2}",
    "numeric": r"^[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2,4}(?:[^0-9]|$)",
}
FIRSTS = ("formula", "control", "point", "comma", "iso", "numeric", "worded", "undated",
          "unnumbered")  # fmt: skip

Facts = Mapping[str, Any]


def _staged(
    rows: pl.LazyFrame, columns: Mapping[str, str], declared: Sequence[str]
) -> pl.LazyFrame:
    """The rows with what several tests ask of a cell, worked out once; names begin with a key."""
    words = sorted(missing_words(declared))
    rows = rows.with_columns(
        pl.col(column).str.strip_chars().alias(f"{key} text") for key, column in columns.items()
    )
    return rows.with_columns(
        test.fill_null(False).alias(f"{key} {name}")
        for key in columns
        for name, test in _kinds(pl.col(f"{key} text"), words).items()
    )


def _kinds(text: pl.Expr, words: Sequence[str]) -> dict[str, pl.Expr]:
    filled, number = text.str.len_bytes() > 0, text.str.contains(_NUMBER)
    return {
        "filled": filled,
        "missing": filled & text.str.to_lowercase().is_in(words),
        "number": number & text.str.contains("[0-9]"),
        "dated": text.str.contains(any_form()) & ~number,
    }


def _tests(key: str, column: str) -> dict[str, pl.Expr]:
    """What a cell may be, by name, on staged rows; none of it is null."""
    text, (filled, missing, number, dated) = (
        pl.col(f"{key} text"),
        (pl.col(f"{key} {name}") for name in ("filled", "missing", "number", "dated")),
    )
    forms = {name: dated & text.str.contains(form) for name, form in _FORMS.items()}
    tests = {
        "filled": filled,
        "missing": missing,
        "number": number,
        "dated": dated,
        "score": text.str.contains(SCORE),
        "whole": text.str.contains("^[+-]?[0-9]+$"),
        "point": number & text.str.contains(_POINT),
        "comma": number & text.str.contains(_COMMA),
        "truth": text.str.contains("(?i)^(?:true|false|yes|no)$"),
        "email": text.str.contains(r"^[^@\s]+@[^@\s]+\.[^@\s]+$"),
        **forms,
        "worded": dated & ~forms["iso"] & ~forms["numeric"],
        "undated": filled & ~missing & ~dated,
        "unnumbered": filled & ~missing & ~number,
        "idlike": text.str.contains(r"^[\p{L}0-9_.:/#|-]*[0-9][\p{L}0-9_.:/#|-]*$"),
        "token": ~text.str.contains(r"\s"),
        "formula": text.str.contains(r"^[=+\-@].")
        & ~text.str.contains(_PLAIN)
        & ~text.str.contains("^-+$"),
        "control": pl.col(column).str.contains(_CONTROL),
    }
    return {name: test.fill_null(False) for name, test in tests.items()}


def facts(source: Source) -> tuple[dict[str, Facts], pl.DataFrame]:
    """What each column holds, and the tally of the columns with few distinct cells.

    Returns:
        By column: `rows`, `distinct` (approximate where there are many), `low`, `high` (of whole
        numbers), a count for each test, and `first_…` rows; and a frame `column value n first`.
    """
    rows = as_text(source)
    n, distinct = _about(rows, source)
    few = [column for column in source.columns if distinct[column] <= FEW]
    many = [column for column in source.columns if distinct[column] > FEW]
    table = _tally(rows, few, source)
    found = _judged(table.lazy(), source)
    found |= (_wide if len(many) > _WIDE else _scanned)(rows, many, source, n <= EXACT)
    for column, one in found.items():
        one["distinct"] = min(one.get("distinct", distinct[column]), one["filled"])
        one["rows"] = n
    return {column: found[column] for column in source.columns}, table


def _about(rows: pl.LazyFrame, source: Source) -> tuple[int, dict[str, int]]:
    """How many rows there are, and about how many distinct cells each column has."""
    wanted = [pl.len().cast(pl.Int64).alias("rows")]
    for i, column in enumerate(source.columns):
        cells = pl.col(column)
        several = cells.approx_n_unique().cast(pl.Int64) - cells.has_nulls().cast(pl.Int64)
        wanted.append(several.alias(f"{i}"))
    n, *distinct = collect(rows.select(wanted), source).row(0)
    return n, dict(zip(source.columns, distinct, strict=True))


def as_text(source: Source) -> pl.LazyFrame:
    """Every column as the text a CSV file would hold; wholly blank lines are no rows."""
    text = [_text(name, source.schema[name]) for name in source.columns]
    rows = source.rows.select(*text, ROW)
    return not_blank(rows, source.columns)


def _text(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if dtype == pl.String:
        return column
    if dtype.is_float():
        whole = column.is_finite() & (column == column.floor()) & (column.abs() < 2**53)
        number = pl.when(whole).then(column).otherwise(0).cast(pl.Int64).cast(pl.String)
        return pl.when(whole).then(number).otherwise(column.cast(pl.String)).alias(name)
    return column.cast(pl.String)


def _tally(rows: pl.LazyFrame, columns: Sequence[str], source: Source) -> pl.DataFrame:
    schema = {"column": pl.String, "value": pl.String, "n": pl.Int64, "first": pl.Int64}
    if not columns:
        return pl.DataFrame(schema=schema)
    tally = (
        _cells(rows, columns)
        .group_by("column", "value")
        .agg(n=pl.len().cast(pl.Int64), first=pl.col("first").min())
    )
    names = {f"{i}": name for i, name in enumerate(columns)}
    found = collect(tally, source).with_columns(pl.col("column").replace_strict(names))
    return found.select(list(schema)).sort("column", "n", "value", descending=[False, True, False])


def _cells(rows: pl.LazyFrame, columns: Sequence[str]) -> pl.LazyFrame:
    """Every cell as a row `first column value`; columns are called by their places."""
    names = {f"{i}": pl.col(name) for i, name in enumerate(columns)}
    cells = rows.select(pl.col(ROW).cast(pl.Int64).alias("first"), **names)
    return cells.unpivot(on=list(names), index="first", variable_name="column", value_name="value")


def _judged(table: pl.LazyFrame, source: Source, exact: bool = True) -> dict[str, dict[str, Any]]:
    """Facts from a table `column value n first`."""
    n, tests = pl.col("n"), _tests(_OURS, "value")
    number = pl.col(f"{_OURS} text").cast(pl.Int64, strict=False)
    distinct = pl.col("value").filter(tests["filled"]).n_unique().cast(pl.Int64).alias("distinct")
    facts = (
        _staged(table, {_OURS: "value"}, source.missing)
        .group_by("column")
        .agg(
            *(n.filter(test).sum().alias(name) for name, test in tests.items()),
            *(pl.col("first").filter(tests[name]).min().alias(f"first_{name}") for name in FIRSTS),
            *([distinct] if exact else []),
            low=number.min(),
            high=number.max(),
        )
    )
    return {str(row.pop("column")): row for row in collect(facts, source).to_dicts()}


def _wide(
    rows: pl.LazyFrame, columns: Sequence[str], source: Source, exact: bool
) -> dict[str, dict[str, Any]]:
    """Facts from the rows of a file with many columns, cell by cell, some columns at a time.

    To compile the patterns for each column, as `_scanned` does, would take megabytes for each.
    """
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(columns), _PASS):
        some = columns[start : start + _PASS]
        cells = _cells(rows, some).with_columns(n=pl.lit(1, pl.Int64))
        facts = _judged(cells, source, exact)
        found |= {some[int(place)]: fact for place, fact in facts.items()}
    return found


def _scanned(
    rows: pl.LazyFrame, columns: Sequence[str], source: Source, exact: bool
) -> dict[str, dict[str, Any]]:
    """Facts from the rows."""
    if not columns:
        return {}
    wanted: list[pl.Expr] = []
    for i, column in enumerate(columns):
        tests = _tests(f"{_OURS}{i}", column)
        number = pl.col(f"{_OURS}{i} text").cast(pl.Int64, strict=False)
        wanted += [test.sum().cast(pl.Int64).alias(f"{i} {name}") for name, test in tests.items()]
        wanted += [
            pl.col(ROW).filter(tests[name]).min().cast(pl.Int64).alias(f"{i} first_{name}")
            for name in FIRSTS
        ]
        if exact:
            wanted.append(
                pl.col(column).drop_nulls().n_unique().cast(pl.Int64).alias(f"{i} distinct")
            )
        wanted += [number.min().alias(f"{i} low"), number.max().alias(f"{i} high")]
    names = {f"{_OURS}{i}": column for i, column in enumerate(columns)}
    rows = _staged(rows, names, source.missing)
    row = collect(rows.select(wanted), source).row(0, named=True)
    found: dict[str, dict[str, Any]] = {column: {} for column in columns}
    for name, value in row.items():
        place, _, fact = name.partition(" ")
        found[columns[int(place)]][fact] = value
    return found


def line_of(lines: Lines | None, row: int | None, below: int) -> int | None:
    """The line of a row of the data; `below` is the number of records above the first one."""
    if row is None:
        return None
    return row + 1 + below if lines is None else lines.of(row + below)
