"""From a source to files: what is kept of it, in which types, counted or in another layout."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxkit.errors import raise_all
from cxkit.result import Ledger, Note, Result

if TYPE_CHECKING:
    import polars as pl

    from cxkit.conversion.casts import Casts
    from cxkit.source import Source

COUNT = "n"


@dataclass(frozen=True)
class Wanted:
    """What is to be written.

    Args:
        output, format: the file.
        tally: columns by which rows are counted.
        count: the column of counts of a file that is counted already.
        to: the import layout of another program.
        roles: columns by role, as the user names them.
        null: cells that stand for nothing.
        strict: whether a warning stops it.
        files: the inputs, which are not written onto.
    """

    output: str
    format: str
    tally: tuple[str, ...]
    count: str | None
    to: str | None
    roles: Mapping[str, str]
    null: tuple[str, ...]
    strict: bool
    files: tuple[str, ...] = ()


def converted(source: Source, wanted: Wanted) -> Result:
    """Count, settle, write."""
    kept, ledger = _kept(source)
    if wanted.to:
        return _imported(source, kept, ledger, wanted)
    if wanted.tally:
        return _counts(kept, ledger, wanted)
    casts = _casts(kept, wanted)
    notes = [*source.notes, *_label_notes(source, wanted)]
    _strictly(notes, wanted)
    rows = _plain(kept, wanted, kept.rows.select(kept.columns).with_columns(casts.values()))
    _write(rows, kept, wanted, ledger.used)
    return _result(kept, wanted, ledger, notes, [(wanted.output, ledger.used)], len(kept.columns))


def _kept(source: Source) -> tuple[Source, Ledger]:
    """The source without what its reader leaves out and blank lines, and the account of its rows.

    Raises:
        DataError: a row is too long or cannot be read, or no row is left.
    """
    import polars as pl

    from cxkit.engines import collect
    from cxkit.errors import DataError
    from cxkit.source import BEYOND, ROW, Ragged, not_blank

    rows = not_blank(source.rows, source.columns) if BEYOND in source.added else source.rows
    out: pl.Expr = pl.lit(None, pl.String)
    for reason, applies in reversed(list(source.left_out.items())):
        out = pl.when(applies).then(pl.lit(reason)).otherwise(out)
    beyond = pl.col(ROW).filter(pl.col(BEYOND).is_not_null()).min().cast(pl.Int64)
    counts = {
        "read": pl.len().cast(pl.Int64),
        "beyond": beyond if BEYOND in source.added else pl.lit(None),
        **{reason: (out == reason).sum().cast(pl.Int64) for reason in source.left_out},
    }
    found = collect(rows.select(**counts), source).row(0, named=True)
    if found["beyond"] is not None:
        raise source.diagnose(Ragged(found["beyond"]))
    left_out = {reason: found[reason] for reason in source.left_out if found[reason]}
    used = found["read"] - sum(left_out.values())
    if not used:
        raise DataError("no-rows", f"all {found['read']:,} rows of {source.name} are left out")
    kept = replace(source, rows=rows.filter(out.is_null()), left_out={}, checks=())
    return kept, Ledger(found["read"], used, left_out)


def _casts(source: Source, wanted: Wanted) -> Casts:
    if wanted.format == "csv":
        return {}
    from cxkit.conversion import casts

    return casts.settle(source, source.rows, wanted.null)


def _plain(source: Source, wanted: Wanted, rows: pl.LazyFrame) -> pl.LazyFrame:
    """Rows as the format can hold them: JSON and CSV know no NaN and no categories."""
    if wanted.format == "parquet":
        return rows
    import polars as pl
    from polars import selectors

    floats = selectors.float()
    text = selectors.categorical() | selectors.enum()
    return rows.with_columns(pl.when(floats.is_finite()).then(floats), text.cast(pl.String))


def _strictly(notes: Sequence[Note], wanted: Wanted) -> None:
    from cxkit import delivery

    if wanted.strict:
        delivery.strictly(notes)


# --- writing ------------------------------------------------------------------------------------


def _write(rows: pl.LazyFrame, source: Source, wanted: Wanted, count: int) -> None:
    """Write one file whole, or none."""
    from cxkit import engines
    from cxkit.engines import collect
    from cxkit.output.sheet import need_room, write_rows

    if wanted.format == "xlsx":
        need_room(count, len(rows.collect_schema()))
        table = collect(rows, source)
        with _target(wanted.output) as path:
            write_rows(path, table, list(_labels(source)))
        return
    with _target(wanted.output) as path:
        engines.write(rows, source, path, wanted.format, _metadata(source))


@contextlib.contextmanager
def _target(name: str) -> Iterator[Path]:
    """A file to write to that becomes the target; what goes to stdout goes there at the end."""
    if name != "-":
        from cxkit.output.files import replacing

        with replacing(name) as path:
            yield path
        return
    from cxkit import delivery
    from cxkit.reading.text import spool

    path = spool(iter(()))
    yield path
    with path.open("rb") as made:
        delivery.pour(made)


def _labels(source: Source) -> Iterator[tuple[str, str, str]]:
    """Column, code and label; the question itself has no code."""
    for column in source.columns:
        if text := source.labels.get(column):
            yield column, "", text
        for code, label in source.codes.get(column, {}).items():
            yield column, code, label


def _metadata(source: Source) -> dict[str, Any]:
    labels = {column: text for column, text in source.labels.items() if column in source.columns}
    codes = {c: dict(known) for c, known in source.codes.items() if c in source.columns}
    return {"labels": labels, "codes": codes} if labels or codes else {}


def _label_notes(source: Source, wanted: Wanted) -> list[Note]:
    if wanted.format in ("parquet", "xlsx") or not any(_labels(source)):
        return []
    message = f"{wanted.format} has no place for question texts and value labels"
    return [Note("labels", "info", message, (("kept in", ".parquet and .xlsx"),))]


# --- counts -------------------------------------------------------------------------------------


def _counts(source: Source, ledger: Ledger, wanted: Wanted) -> Result:
    """Rows counted by columns; a column of the user's that is called `n` becomes `by_n`."""
    import polars as pl

    from cxkit import reduce
    from cxkit.reading import roles
    from cxkit.surveys import groups

    columns = list(dict.fromkeys(one for text in wanted.tally for one in roles.split(source, text)))
    columns = [source.column(column) or column for column in columns]
    number = wanted.count and (source.column(wanted.count) or wanted.count)
    for column in (*columns, *([number] if number else [])):
        source.need(column)
    keys = {f"key{i}": pl.col(column) for i, column in enumerate(columns)}
    table = reduce.tally(source, keys, count=number)
    names = groups.column_names(columns, (COUNT,))
    shown = [pl.col(f"key{i}").alias(column) for i, column in enumerate(columns)]
    rows = table.select(*shown, pl.col("n").alias("cxkit:n"))
    typed = [cast for column, cast in _casts(source, wanted).items() if column in columns]
    lazy = rows.lazy().with_columns(typed).rename({**names, "cxkit:n": COUNT})
    renamed = [
        Note("renamed", "info", f'column "{old}" is written as "{new}"; n is the count')
        for old, new in names.items()
        if old != new
    ]
    counted = Note(
        "tally", "info", f"{COUNT} counts the rows: analyses read it with --count {COUNT}"
    )
    notes = [*source.notes, counted, *renamed]
    _strictly(notes, wanted)
    kept = replace(source, columns=tuple(columns))
    _write(_plain(kept, wanted, lazy), kept, wanted, table.height)
    files = [(wanted.output, table.height)]
    return _result(source, wanted, ledger, notes, files, len(columns) + 1)


# --- another program ----------------------------------------------------------------------------


def _imported(source: Source, kept: Source, ledger: Ledger, wanted: Wanted) -> Result:
    """Rows for CustomerGauge, in as many files as its import needs."""
    from cxkit import delivery, engines
    from cxkit.conversion.responses import ROWS

    make = _responses if wanted.to == "customergauge-responses" else _revenue
    rows, ledger, told, found = make(source, kept, ledger, wanted)
    notes = [*source.notes, *told]
    _strictly(notes, wanted)
    written = []
    names = _numbered(wanted.output, -(-ledger.used // ROWS))
    raise_all([one for name in names if (one := delivery.overwrite("-o", name, wanted.files))])
    for i, name in enumerate(names):
        with _target(name) as path:
            engines.write(rows.slice(i * ROWS, ROWS), kept, path, "csv")
        written.append((name, min(ROWS, ledger.used - i * ROWS)))
    return _result(source, wanted, ledger, notes, written, 6, found)


_Import = tuple["pl.LazyFrame", Ledger, Sequence[Note], dict[str, str]]


def _responses(source: Source, kept: Source, ledger: Ledger, wanted: Wanted) -> _Import:
    from cxkit.conversion.responses import responses
    from cxkit.reading import roles

    found = roles.find(kept, ("score", "date"), wanted.roles, ("comment",))
    made = responses(kept, found["score"], found["date"], found.get("comment"))
    left_out = {**ledger.left_out, **made.left_out}
    return made.rows, Ledger(ledger.read, made.answers, left_out), made.notes, found


def _revenue(source: Source, kept: Source, ledger: Ledger, wanted: Wanted) -> _Import:
    from cxkit.conversion.revenue import revenue
    from cxkit.reading import roles

    needed = ("customer", "date", "amount")
    found = roles.find(source, needed, wanted.roles, ("order", "currency"))
    made = revenue(source, {role: column for role, column in found.items() if column})
    return made.rows, made.ledger, made.notes, found


def _numbered(name: str, files: int) -> list[str]:
    """`import.csv`, or `import-1.csv`, `import-2.csv`, …"""
    if files == 1 or name == "-":
        return [name] * files
    path = Path(name)
    width = len(str(files))
    ends = [f"-{i:0{width}}{path.suffix}" for i in range(1, files + 1)]
    return [str(path.with_name(path.stem + end)) for end in ends]


# --- the result ---------------------------------------------------------------------------------


def _result(
    source: Source,
    wanted: Wanted,
    ledger: Ledger,
    notes: Sequence[Note],
    files: Sequence[tuple[str, int]],
    columns: int,
    roles: Mapping[str, str] | None = None,
) -> Result:
    import polars as pl

    rows = pl.DataFrame(
        [(name, wanted.format or "csv", n, columns) for name, n in files],
        schema={"file": pl.String, "format": pl.String, "rows": pl.Int64, "columns": pl.Int64},
        orient="row",
    )
    inputs = source.inputs
    if len(inputs) == 1:
        inputs = (replace(inputs[0], rows=ledger.read),)
    return Result(
        command="convert",
        rows=rows,
        summary={"rows": int(rows["rows"].sum()), "columns": columns},
        ledger=ledger,
        notes=tuple(dict.fromkeys(notes)),
        inputs=inputs,
        columns=dict(roles or {}),
        params={"format": wanted.format, "tally": list(wanted.tally), "to": wanted.to},
    )
