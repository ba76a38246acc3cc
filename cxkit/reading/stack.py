"""Several sources as one: stacked by column name, with a column that tells the files apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import polars as pl

from cxkit.errors import CxError, visible
from cxkit.result import REASONS
from cxkit.source import CHECK, FILE, INPUT, OUT, ROW, TRADE, Check, Source, Trade


def stacked(sources: Sequence[Source]) -> Source:
    """Stack sources; rows are numbered through, columns are the union in order of appearance.

    A column that is text in one file and something else in another becomes text.
    """
    union = tuple(dict.fromkeys(name for source in sources for name in source.columns))
    labelled = FILE not in union
    as_text, checks, trade = _mixed(sources), _checks(sources), _trade(sources)
    parts = []
    for place, (source, first) in enumerate(zip(sources, _firsts(sources), strict=True)):
        judged = [_number(source, first), *_judged(source, checks, place), *_traded(source, trade)]
        parts.append(_part(source, as_text, labelled, judged))
    rows = pl.concat(parts, how="diagonal_relaxed").with_row_index(ROW)
    marks = {source.decimal for source in sources}
    return Source(
        rows=rows,
        columns=(*union, FILE) if labelled else union,
        inputs=tuple(one for source in sources for one in source.inputs),
        labels={n: text for source in reversed(sources) for n, text in source.labels.items()},
        codes=_codes(sources),
        left_out={
            reason: pl.col(OUT) == reason
            for reason in REASONS
            if any(reason in source.left_out for source in sources)
        },
        missing=tuple(dict.fromkeys(word for source in sources for word in source.missing)),
        date_formats=_agreed([source.date_formats for source in sources], sources),
        roles=_shared([source.roles for source in sources]),
        trade=trade,
        checks=tuple(check for check, _ in checks),
        parts=tuple(sources),
        decimal=marks.pop() if len(marks) == 1 else None,
        notes=tuple(dict.fromkeys(note for source in sources for note in source.notes)),
        added=tuple(dict.fromkeys([ROW, INPUT, *(n for source in sources for n in source.added)])),
        sample=lambda column: _sample(sources, column),
        diagnose=lambda error: _diagnose(sources, error),
    )


def named(error: CxError, name: str) -> CxError:
    """The error of one of several files, saying which."""
    if visible(name) in error.message:
        return error
    message = f"{visible(name)}: {error.message}"
    return type(error)(error.slug, message, error.hints, replace=error.replace)


def _firsts(sources: Sequence[Source]) -> list[int]:
    """The number of the first input of each source, among the inputs that have rows."""
    counts = [sum(one.rows != 0 for one in source.inputs) for source in sources]
    return [sum(counts[:place]) for place in range(len(counts))]


def _number(source: Source, first: int) -> pl.Expr:
    """Which input a row belongs to: a source may be a stack itself."""
    own = pl.col(INPUT) if INPUT in source.added else pl.lit(0, pl.Int64)
    return (own + first).alias(INPUT)


def _part(
    source: Source, as_text: frozenset[str], labelled: bool, judged: Sequence[pl.Expr]
) -> pl.LazyFrame:
    rows = source.rows.drop(ROW, strict=False)
    label = [pl.lit(source.inputs[0].name).alias(FILE)] if labelled else []
    rows = rows.with_columns(*label, *judged)
    schema = rows.collect_schema()
    cast = [_text(name, schema[name]) for name in source.columns if name in as_text]
    return rows.with_columns(cast) if cast else rows


def _text(name: str, dtype: pl.DataType) -> pl.Expr:
    """A column as the text a CSV file would hold: 9.0 is `9`."""
    column = pl.col(name)
    if dtype == pl.Decimal:
        return column.cast(pl.String).str.replace(r"\.0*$|(\.[0-9]*[1-9])0*$", "$1")
    if not dtype.is_float():
        return column.cast(pl.String)
    whole = column.is_finite() & (column == column.floor()) & (column.abs() < 2**53)
    number = column.cast(pl.Int64, strict=False).cast(pl.String)
    return pl.when(whole).then(number).otherwise(column.cast(pl.String)).alias(name)


def _judged(
    source: Source, checks: Sequence[tuple[Check, Sequence[Check | None]]], place: int
) -> list[pl.Expr]:
    """What a source knows of its own rows, as columns: another may have columns of these names."""
    out: pl.Expr | None = None
    for reason, applies in reversed(list(source.left_out.items())):
        out = pl.when(applies).then(pl.lit(reason)).otherwise(out)
    found = [pl.lit(None, pl.String).alias(OUT)] if out is None else [out.alias(OUT)]
    return found + [
        own.applies.alias(f"{CHECK}{i}")
        for i, (_, owns) in enumerate(checks)
        if (own := owns[place]) is not None
    ]


def _checks(sources: Sequence[Source]) -> list[tuple[Check, list[Check | None]]]:
    """The checks of all sources, like ones as one: of the stack, and of each source."""
    every = {replace(check, applies=None) for source in sources for check in source.checks}  # type: ignore[arg-type]
    found = []
    for i, like in enumerate(sorted(every, key=lambda check: (check.code, str(check.column)))):
        owns = [
            next((c for c in source.checks if replace(c, applies=None) == like), None)  # type: ignore[arg-type]
            for source in sources
        ]
        found.append((replace(like, applies=pl.col(f"{CHECK}{i}")), owns))
    return found


def _shared(found: Sequence[Mapping[str, tuple[str, ...]]]) -> dict[str, tuple[str, ...]]:
    """Roles in which all sources agree; the others are found by name."""
    first = found[0]
    return {role: own for role, own in first.items() if all(o.get(role) == own for o in found)}


def _trade(sources: Sequence[Source]) -> Trade | None:
    """What the layouts know of money, row by row; one file that holds no sales spoils them all."""
    known = [source.trade for source in sources if source.trade]
    if not known:
        return None
    reasons = [dict.fromkeys(why for one in known for why in part(one)) for part in _PARTS.values()]
    left_out, netted = (
        {why: pl.col(f"{TRADE}{kind}:{why}") for why in found}
        for kind, found in zip(_PARTS, reasons, strict=True)
    )
    spans = {source.trade.spread if source.trade else None for source in sources}
    return Trade(
        refunds=tuple(dict.fromkeys(column for one in known for column in one.refunds)),
        continues=pl.col(f"{TRADE}continues"),
        left_out=left_out,
        netted=netted,
        spread=spans.pop() if len(spans) == 1 else None,
        refused=next((one.refused for one in known if one.refused), None),
    )


_PARTS: Mapping[str, Callable[[Trade], Mapping[str, pl.Expr]]] = {
    "out": lambda trade: trade.left_out,
    "netted": lambda trade: trade.netted,
}


def _traded(source: Source, every: Trade | None) -> list[pl.Expr]:
    """What a source knows of the money in its own rows, as columns."""
    if every is None:
        return []
    own = source.trade or Trade()
    no = pl.lit(False)
    continues = no if own.continues is None else own.continues
    return [continues.alias(f"{TRADE}continues")] + [
        part(own).get(why, no).alias(f"{TRADE}{kind}:{why}")
        for kind, part in _PARTS.items()
        for why in part(every)
    ]


def _agreed(found: Sequence[Mapping[str, str]], sources: Sequence[Source]) -> dict[str, str]:
    """Formats of dates in which all sources that have the column agree."""
    having: dict[str, set[str | None]] = {}
    for formats, source in zip(found, sources, strict=True):
        for column in source.columns:
            having.setdefault(column, set()).add(formats.get(column))
    return {
        column: one
        for column, formats in having.items()
        if len(formats) == 1 and (one := next(iter(formats))) is not None
    }


def _codes(sources: Sequence[Source]) -> dict[str, Mapping[str, str]]:
    """Value labels; where two sources label a code differently, the column keeps its codes."""
    merged: dict[str, dict[str, str]] = {}
    clashing = set()
    for source in sources:
        for column, labels in source.codes.items():
            known = merged.setdefault(column, {})
            if any(known.get(code, label) != label for code, label in labels.items()):
                clashing.add(column)
            known.update(labels)
    return {column: labels for column, labels in merged.items() if column not in clashing}


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
