"""Several sources as one: stacked by column name, with a column that tells the files apart."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cxkit.errors import CxError, visible
from cxkit.source import FILE, ROW, Source


def stacked(sources: Sequence[Source]) -> Source:
    """Stack sources; rows are numbered through, columns are the union in order of appearance.

    A column that is text in one file and something else in another becomes text.
    """
    union = tuple(dict.fromkeys(name for source in sources for name in source.columns))
    labelled = FILE not in union
    as_text = _mixed(sources)
    rows = pl.concat(
        [_part(source, as_text, labelled) for source in sources], how="diagonal_relaxed"
    ).with_row_index(ROW)
    marks = {source.decimal for source in sources}
    return Source(
        rows=rows,
        columns=(*union, FILE) if labelled else union,
        inputs=tuple(one for source in sources for one in source.inputs),
        decimal=marks.pop() if len(marks) == 1 else None,
        notes=tuple(dict.fromkeys(note for source in sources for note in source.notes)),
        added=tuple(dict.fromkeys([ROW, *(name for source in sources for name in source.added)])),
        sample=lambda column: _sample(sources, column),
        diagnose=lambda error: _diagnose(sources, error),
    )


def named(error: CxError, name: str) -> CxError:
    """The error of one of several files, saying which."""
    if visible(name) in error.message:
        return error
    message = f"{visible(name)}: {error.message}"
    return type(error)(error.slug, message, error.hints, replace=error.replace)


def _part(source: Source, as_text: frozenset[str], labelled: bool) -> pl.LazyFrame:
    rows = source.rows.drop(ROW, strict=False)
    cast = [pl.col(name).cast(pl.String) for name in source.columns if name in as_text]
    label = [pl.lit(source.inputs[0].name).alias(FILE)] if labelled else []
    return rows.with_columns(*cast, *label) if cast or label else rows


def _mixed(sources: Sequence[Source]) -> frozenset[str]:
    """Columns that are text in some sources only, or of kinds that have nothing in common."""
    kinds: dict[str, set[str]] = {}
    for source in sources:
        schema = source.rows.collect_schema()
        for name in source.columns:
            dtype = schema[name]
            kind = "number" if dtype.is_numeric() else str(dtype)
            kinds.setdefault(name, set()).add(kind)
    return frozenset(name for name, found in kinds.items() if len(found - {"Null"}) > 1)


def _sample(sources: Sequence[Source], column: str) -> list[object]:
    found = (source.sample(column) for source in sources if column in source.columns)
    if column == FILE and not any(FILE in source.columns for source in sources):
        return [source.inputs[0].name for source in sources]
    return [cell for cells in found for cell in cells]


def _diagnose(sources: Sequence[Source], error: Exception) -> CxError:
    """The error of the source that understands what happened, else of the first."""
    found = [named(source.diagnose(error), source.inputs[0].name) for source in sources]
    return next((error for error in found if error.slug != "unreadable"), found[0])
