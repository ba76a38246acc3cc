"""Tables with types: Parquet, Arrow, JSON, Excel, and frames of other libraries.

They stay typed: casting them to text would cost more than reading them.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from glob import has_magic
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import polars as pl

from cxkit import engines
from cxkit.engines import collect
from cxkit.errors import CxError, DataError, RequestError, visible
from cxkit.reading import layouts, text
from cxkit.reading.sniff import NoRows, unique
from cxkit.reading.text import File, unreadable
from cxkit.result import Input
from cxkit.source import ADDED, ROW, Source

SAMPLE = 1_000


class Asked(NamedTuple):
    """What the user says of a table: its layout by name, its sheet by name or number."""

    layout: str | None = None
    sheet: str | None = None

    def of_any(self) -> Asked:
        """The same without the layout that every table of its kind has."""
        return self._replace(layout=None if self.layout == "spss" else self.layout)


_TYPED = {
    **dict.fromkeys((".parquet", ".pq"), "a Parquet file"),
    **dict.fromkeys((".arrow", ".feather", ".ipc"), "an Arrow file"),
    **dict.fromkeys((".xlsx", ".xlsm"), "an Excel workbook"),
    ".xls": "an Excel workbook",
    **dict.fromkeys((".sav", ".zsav"), "an SPSS file"),
}
_JSON = (".json", ".ndjson", ".jsonl")


def kind(file: File, head: bytes) -> str:
    """What a file is: `text`, or a key of `READERS`.

    Raises:
        DataError: its bytes and its name do not agree.
    """
    found = text.kind(head)
    if found == "zip":
        if file.suffix not in (".xlsx", ".xlsm", ""):
            from cxkit.reading import workbook

            raise workbook.misnamed(file)
        return "xlsx"
    if found != "text":
        return found if found in READERS else "text"
    if file.suffix in _TYPED and not text.not_text(file.name, head):
        message = f"{visible(file.name)} is not {_TYPED[file.suffix]}"
        import shlex

        target = shlex.quote(visible(str(Path(file.name).with_suffix(".csv"))))
        raise DataError("not-text", message, [("try", f"rename it to {target}, if it is text")])
    return _json_kind(file, head)


def misplaced(file: File, kind: str, asked: Asked) -> CxError | None:
    """The error of an option that this kind of file cannot follow."""
    shown = visible(file.name)
    if asked.sheet is not None and kind != "xlsx":
        return RequestError("bad-value", f"--sheet is for Excel workbooks, and {shown} is none")
    if asked.layout == "spss" and kind != "sav":
        return DataError("layout", f"{shown} is not an SPSS file")
    return None


def _json_kind(file: File, head: bytes) -> str:
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()
    known = start[:1] in (b"[", b"{") and start[1:].lstrip()[:1] in (b"{", b'"', b"]")
    if file.suffix in _JSON or (file.suffix == "" and known):
        return "json" if start.startswith(b"[") else "ndjson"
    return "text"


def typed(
    rows: pl.LazyFrame,
    name: str,
    count: int | None,
    asked: Asked,
    *,
    tidy: bool = True,
    judged: layouts.Head | None = None,
) -> Source:
    """The source of a typed table; nested columns become text.

    Args:
        rows: as they were read.
        name: what messages call it.
        count: how many there are, if that is known.
        asked: what the user says of it.
        tidy: whether names are trimmed and NFC; names of a frame are left as they are.
        judged: what a layout is shown of it, if not these rows.
    """
    schema = rows.collect_schema()
    names = unique(list(schema)) if tidy else _free(schema)
    rows = rows.with_columns(
        _flat(column, dtype) for column, dtype in schema.items() if dtype.is_nested()
    )
    rows = rows.rename(dict(zip(schema, names, strict=True)))
    head = judged or _head(Source(rows, tuple(names)), list(schema), tidy or count is not None)
    layout, found = layouts.recognise(head, asked.layout, name)
    if found.names:
        rows, names = rows.rename(dict(zip(names, found.names, strict=True))), found.names
    if judged is None and (more := found.headers - 1):
        rows, count = rows.slice(more), None if count is None else count - more
    source = _counted(rows.with_row_index(ROW), tuple(names), name, count, tidy)
    return layouts.applied(source, layout, found, found.names or head.header)


def _head(source: Source, header: Sequence[str], look: bool) -> layouts.Head:
    """What a layout is shown: header records stand among the rows only if all cells are text.

    A lazy frame of the user's is not run for it.
    """
    first: list[list[str]] = []
    if look and set(source.rows.collect_schema().values()) <= {pl.String, pl.Null}:
        rows = collect(source.rows.head(2), source).rows()
        first = [[cell or "" for cell in row] for row in rows]
    return layouts.Head(
        tuple(header), source.columns, first, lambda column: _sample(source, column) if look else []
    )


def _counted(
    rows: pl.LazyFrame, names: tuple[str, ...], name: str, count: int | None, tidy: bool
) -> Source:
    source = Source(
        rows=rows,
        columns=names,
        inputs=(Input(name, rows=count),),
        added=(ROW,),
        diagnose=lambda error: error if isinstance(error, CxError) else unreadable(name, error),
    )
    if count is None and tidy:
        count = int(collect(rows.select(pl.len()), source).item())
        source = replace(source, inputs=(Input(name, rows=count),))
    if count is not None and count <= 0:
        raise NoRows(name)
    return replace(source, sample=lambda column: _sample(source, column))


def _sample(source: Source, column: str) -> list[object]:
    return collect(source.rows.select(column).head(SAMPLE), source)[column].to_list()


def _free(names: Iterable[str]) -> list[str]:
    """The names as they are, except those of our own columns."""
    known = list(names)
    free = unique(known)
    return [free[place] if name in ADDED else name for place, name in enumerate(known)]


def _flat(column: str, dtype: pl.DataType) -> pl.Expr:
    """A nested column as text: items of a list joined by commas, anything else as JSON."""
    if isinstance(dtype, pl.List) and not dtype.inner.is_nested():
        return pl.col(column).list.eval(pl.element().cast(pl.String)).list.join(", ")
    whole = pl.col(column) if isinstance(dtype, pl.Struct) else pl.struct(column)
    return pl.when(pl.col(column).is_not_null()).then(whole.struct.json_encode()).alias(column)


def _parquet(file: File, asked: Asked) -> Source:
    with _Opening(file):
        source = typed(pl.scan_parquet(file.path, glob=False), file.name, None, asked)
        kept = engines.labels(file.path)  # of a file that `convert` wrote
        labels, codes = kept.get("labels", {}), kept.get("codes", {})
        return replace(source, labels={**labels, **source.labels}, codes={**codes, **source.codes})


def _arrow(file: File, asked: Asked) -> Source:
    with _Opening(file):
        return typed(pl.scan_ipc(file.path, glob=False), file.name, None, asked)


class _Opening:
    """Turn an engine's failure to open a file into its error."""

    def __init__(self, file: File) -> None:
        self.name = file.name

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, (pl.exceptions.PolarsError, OSError)):
            raise unreadable(self.name, error) from error


# --- JSON ---


def _json(file: File, asked: Asked) -> Source:
    """An array of objects, read whole: it has no lines to stream by."""
    return _from_json(file, asked, lambda path: pl.read_json(path, infer_schema_length=None).lazy())


def _ndjson(file: File, asked: Asked) -> Source:
    """An object a line; the types are those that suit all lines."""
    return _from_json(file, asked, lambda path: pl.scan_ndjson(path, infer_schema_length=None))


def _from_json(file: File, asked: Asked, load: Callable[[Any], pl.LazyFrame]) -> Source:
    file = _scannable(text.as_utf8(file, None))
    try:
        rows = load(file.path)
        schema = rows.collect_schema()
        if not schema:
            raise NoRows(file.name)
        rows = rows.select(_in_order(file, schema))
        return typed(rows, file.name, None, asked)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _bad_json(file) from error


def _scannable(file: File) -> File:
    """The file, or a copy if it has a mark, or a name that the engine would take for a glob."""
    mark = file.head(3) == codecs.BOM_UTF8
    if not mark and not has_magic(str(file.path)):
        return file
    with file.readable(), file.open() as stream:
        stream.seek(3 if mark else 0)
        return file._replace(path=text.spool(text.chunks(stream)))


def _in_order(file: File, names: Iterable[str]) -> list[str]:
    """The columns in the order in which the first objects name them."""
    import json

    known = set(names)
    with file.open() as stream:
        first = json.JSONDecoder(object_pairs_hook=lambda pairs: [key for key, _ in pairs])
        try:
            start = stream.read(2**16).decode("utf-8", "ignore").lstrip("[ \t\r\n")
            found, _ = first.raw_decode(start)
        except (ValueError, RecursionError):
            found = []
    ordered = [name for name in dict.fromkeys(found) if isinstance(name, str) and name in known]
    return ordered + sorted(known - set(ordered))


def _bad_json(file: File) -> DataError:
    """The error of what is not JSON, with its line."""
    shown = visible(file.name)
    with file.open() as stream:
        line = _bad_line(stream)
    if line is None:
        return DataError("unreadable", f"{shown} is not an array of JSON objects, or one a line")
    return DataError("unreadable", f"{shown} is not JSON: line {line:,} cannot be read")


def _bad_line(stream: BinaryIO) -> int | None:
    import json

    if stream.read(1) == b"[":
        stream.seek(0)
        try:
            json.loads(stream.read())
        except json.JSONDecodeError as error:
            return error.lineno
        except (ValueError, RecursionError):
            return 1
        return None
    stream.seek(0)
    for number, line in enumerate(stream, 1):
        try:
            if line.strip() and not isinstance(json.loads(line), dict):
                return number
        except (ValueError, RecursionError):
            return number
    return None


# --- frames ---


def frame(data: Any, asked: Asked) -> Source:
    """The source of a frame in memory: Polars, lazy or not, or any that speaks Arrow."""
    if isinstance(data, Source):
        return data
    if asked.layout == "spss":
        raise DataError("layout", "the data is not an SPSS file")
    if isinstance(data, pl.LazyFrame):
        return typed(data, "the data", None, asked, tidy=False)
    if not isinstance(data, pl.DataFrame):
        data = _foreign(data)
    return typed(data.lazy(), "the data", data.height, asked, tidy=False)


def _foreign(data: Any) -> pl.DataFrame:
    try:
        if hasattr(data, "__arrow_c_stream__"):
            return pl.DataFrame(data)
        if hasattr(data, "__dataframe__"):
            return pl.from_dataframe(data)
    except (pl.exceptions.PolarsError, ValueError, TypeError) as error:
        cause = visible((str(error).splitlines() or [type(error).__name__])[0], 160)
        raise DataError("unreadable", f"the data cannot be read as a table: {cause}") from error
    message = f"the data must be a path or a data frame, not {type(data).__name__}"
    raise RequestError("bad-value", message)


def _xlsx(file: File, asked: Asked) -> Source:
    from cxkit.reading import workbook

    table, head, notes = workbook.load(file, asked.sheet, asked.layout)
    source = typed(table.lazy(), file.name, table.height, asked, judged=head)
    return replace(source, notes=(*notes, *source.notes))


def _sav(file: File, asked: Asked) -> Source:
    from cxkit.reading import spss

    return spss.source(file, lambda rows: typed(rows, file.name, None, asked.of_any()))


READERS: dict[str, Callable[[File, Asked], Source]] = {
    "parquet": _parquet,
    "arrow": _arrow,
    "json": _json,
    "ndjson": _ndjson,
    "xlsx": _xlsx,
    "sav": _sav,
}
