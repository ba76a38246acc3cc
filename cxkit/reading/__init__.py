"""From what the user has to a Source: files, standard input, data frames."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from cxkit import engines
from cxkit.errors import CxError, RequestError, did_you_mean, visible
from cxkit.reading import delimited, footer, paths, sniff, tables, text
from cxkit.result import Input, Note
from cxkit.source import Source
from cxkit.terms import OPTIONS


def read(
    data: Any,
    *,
    input_format: str | None = None,
    sheet: str | None = None,
    keep_previews: bool = False,
    keep_unfinished: bool = False,
    encoding: str | None = None,
    delimiter: str | None = None,
    decimal: str | None = None,
    date_format: str | None = None,
    null: Sequence[str] = (),
    missing_words: Sequence[str] = (),
    memory: int | None = None,
) -> Source:
    """Read a table, lazily where its format allows.

    Args:
        data: a path, a glob, `-` for standard input, or several of these, which are stacked by
            column name; or a Polars frame or lazy frame, or any frame that speaks Arrow.
        input_format: the layout by name; else it is recognised.
        sheet: of an Excel workbook, by name or number; else the first that has rows.
        keep_previews: whether previews and tests count as answers.
        keep_unfinished: whether answers that were not finished count.
        encoding: of text; never guessed.
        delimiter: between cells; else `, ; tab |` are tried.
        decimal: the decimal mark.
        date_format: of dates, as in `%d/%m/%Y`.
        null: further cells that stand for no answer.
        missing_words: the same, from the configuration.
        memory: megabytes beyond which the engine spills to disk, for the whole process.

    Raises:
        DataError: it is missing, broken or empty.
        RequestError: an option has no such value.
    """
    if memory is not None:
        engines.budget(memory)
    options = _Options(input_format, sheet, encoding, delimiter, decimal)
    items = _items(data)
    names = iter(paths.names([item for item in items if isinstance(item, str)]))
    sources: list[Source | sniff.NoRows] = []
    for item in items:
        try:
            if isinstance(item, str):
                sources.append(_file(item, next(names), options, alone=len(items) == 1))
            else:
                sources.append(_frame(item, options))
        except sniff.NoRows as error:  # among others, a file with a header only is no harm
            sources.append(error)
    sources = _repeats_told(items, sources)
    kept = (*("preview", "test") * keep_previews, *("unfinished",) * keep_unfinished)
    source = _together([_keeping(one, kept) for one in sources])
    words = (null,) if isinstance(null, str) else tuple(map(str, null))
    missing = dict.fromkeys((*source.missing, *words, *missing_words))
    mark = decimal or source.decimal
    return replace(source, missing=tuple(missing), date_format=date_format, decimal=mark)


def _keeping(source: Source | sniff.NoRows, kept: Collection[str]) -> Source | sniff.NoRows:
    """The source that leaves no row out for a reason that the user does not want to count."""
    if not isinstance(source, Source) or not kept:
        return source
    left_out = {why: rows for why, rows in source.left_out.items() if why not in kept}
    return replace(source, left_out=left_out)


class _Options:
    """How text is written, as far as the user says; checked."""

    def __init__(
        self,
        input_format: str | None,
        sheet: str | None,
        encoding: str | None,
        delimiter: str | None,
        decimal: str | None,
    ) -> None:
        known = OPTIONS["input_format"].choices
        if input_format is not None and input_format not in known:
            close = did_you_mean(input_format, known)
            hints = [("did you mean", close[0])] if close else [("known", ", ".join(known))]
            message = f'--input-format: no layout "{visible(input_format)}"'
            raise RequestError("bad-value", message, hints)
        if decimal not in (None, ".", ","):
            message = f'--decimal must be "." or ",", got "{visible(decimal)}"'
            raise RequestError("bad-value", message)
        self.asked = tables.Asked(input_format, None if sheet is None else str(sheet))
        self.encoding = encoding
        self.codec = text.codec(encoding) if encoding else None
        self.delimiter = delimited.declared_delimiter(delimiter)
        self.decimal = decimal


def _items(data: Any) -> list[Any]:
    """What is to be read, one by one: names of files, or frames."""
    several = data if isinstance(data, (list, tuple)) else [data]
    items: list[Any] = []
    for item in several:
        if isinstance(item, (str, os.PathLike)):
            items += paths.expand([os.fspath(item)])
        else:
            items.append(item)
    if not items:
        raise RequestError("bad-value", "there is no file to read")
    return items


def _together(found: Sequence[Source | sniff.NoRows]) -> Source:
    """One source; those without a row are named among the inputs, and add nothing else."""
    sources = [source for source in found if isinstance(source, Source)]
    if not sources:
        raise next(error for error in found if isinstance(error, sniff.NoRows))
    if len(found) == 1:
        return sources[0]
    from cxkit.reading import stack

    source = stack.stacked(sources)
    inputs = [
        one
        for part in found
        for one in (part.inputs if isinstance(part, Source) else [Input(part.name, rows=0)])
    ]
    return replace(source, inputs=tuple(inputs))


def _repeats_told(
    items: Sequence[Any], sources: Sequence[Source | sniff.NoRows]
) -> list[Source | sniff.NoRows]:
    """The sources, with a warning of each file that is among them more than once."""
    places: dict[tuple[int, int], list[int]] = {}
    for place, item in enumerate(items):
        if isinstance(item, str) and item != "-" and os.path.isfile(item):
            file = os.stat(item)
            places.setdefault((file.st_dev, file.st_ino), []).append(place)
    told = list(sources)
    for first, *more in places.values():
        source = sources[first]
        if more and isinstance(source, Source):
            times = "twice" if len(more) == 1 else f"{len(more) + 1} times"
            note = Note("read-twice", "warning", f"{source.name} is read {times}")
            told[first] = replace(source, notes=(*source.notes, note))
    return told


def _frame(data: Any, options: _Options) -> Source:
    try:
        return tables.frame(data, options.asked)
    except pl.exceptions.PolarsError as error:
        raise text.unreadable("the data", error) from error


def _file(path: str, name: str, options: _Options, alone: bool) -> Source:
    try:
        return _by_content(paths.locate(path, name), options)
    except CxError as error:
        if alone or isinstance(error, sniff.NoRows):
            raise
        from cxkit.reading import stack

        raise stack.named(error, name) from error


def _by_content(file: text.File, options: _Options) -> Source:
    """The source of one file, by its first bytes, then by its name."""
    file = text.unwrap(file)
    head = file.head(4096)
    if not head:
        raise sniff.is_empty(file.name)
    kind = tables.kind(file, head)
    if wrong := tables.misplaced(file, kind, options.asked):
        raise wrong
    if kind != "text":
        source = tables.READERS[kind](text.unpacked(file), options.asked)
        return replace(source, decimal=options.decimal)
    if wrong := text.not_text(file.name, head, declared=options.codec is not None):
        raise wrong
    utf8 = footer.without(text.as_utf8(file, options.codec))
    return delimited.scan(utf8, options.delimiter, options.decimal, options.asked.layout)
