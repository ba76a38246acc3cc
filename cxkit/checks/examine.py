"""Everything about a file, one after the other: its records, its columns, its parts."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from cxkit.checks import columns, content, faults, parts, repeats, structure
from cxkit.checks.content import line_of
from cxkit.checks.problem import Problem, counted, of_error
from cxkit.checks.profile import profile
from cxkit.checks.structure import Lines, Structure
from cxkit.commands import Command
from cxkit.engines import collect
from cxkit.errors import CxError, DataError, RequestError, visible
from cxkit.reading import aligned, delimited, footer, paths, read, sniff, tables, text
from cxkit.result import Input, Note
from cxkit.source import Source

Line = Callable[[int | None], int | None]
NOTHING = pl.DataFrame(schema=dict.fromkeys(("column", "role", "holds", "example"), pl.String)
                       | {"filled_rate": pl.Float64, "distinct": pl.Int64})  # fmt: skip


@dataclass
class Examined:
    """What is known of one file.

    Args:
        name: what messages call it.
        problems: in the order in which they are to be read.
        layout: of the export.
        rows: below the header, blank lines not counted.
        profile: a row for each column.
        roles: columns by role.
        notes: what reading it has assumed.
    """

    name: str
    problems: list[Problem] = field(default_factory=list)
    layout: str = "plain"
    rows: int = 0
    profile: pl.DataFrame = field(default_factory=lambda: NOTHING)
    roles: dict[str, str] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()


def examine(
    data: Any, reading: dict[str, Any], given: Mapping[str, str], for_: str | None
) -> list[Examined]:
    """Examine each of the files, or the frame.

    Args:
        data: paths or frames.
        reading: options of reading.
        given: columns by role, as the user names them.
        for_: the command that the file is wanted for.
    """
    command = parts.command_of(for_) if for_ else None
    items = _items(data)
    names = iter(paths.names([item for item in items if isinstance(item, str)]))
    found = []
    for item in items:
        if isinstance(item, str):
            one, source, line = _file(item, next(names), reading)
        else:
            one, source, line = _frame(item, reading)
        if source is not None:
            _contents(one, source, line, given, command)
            if command:
                one.problems = parts.ways(command, source, given, one.problems)
        found.append(one)
    return _compared(found)


def _items(data: Any) -> list[Any]:
    items: list[Any] = []
    for item in data if isinstance(data, (list, tuple)) else [data]:
        if isinstance(item, (str, os.PathLike)):
            items += paths.expand([os.fspath(item)])
        else:
            items.append(item)
    if not items:
        raise RequestError("bad-value", "there is no file to read")
    return items


def _compared(found: list[Examined]) -> list[Examined]:
    """Files that are to be stacked should have the same columns."""
    first = found[0].profile["column"].to_list()
    for one in found[1:]:
        names = one.profile["column"].to_list()
        missing = [name for name in first if name not in names]
        if missing and names:
            listed = ", ".join(visible(name, 30) for name in missing[:5])
            listed += f" and {len(missing) - 5} more" if len(missing) > 5 else ""
            message = f"it lacks columns of {found[0].name}: {listed}"
            fix = "give columns of the same meaning the same name"
            one.problems.append(Problem("warning", "columns-differ", message, fix))
    return found


# --- reading ------------------------------------------------------------------------------------


def _frame(data: Any, reading: dict[str, Any]) -> tuple[Examined, Source, Line]:
    source = data if isinstance(data, Source) else read(data, **reading)
    return Examined(source.name), source, lambda row: line_of(None, row, 0)


def _file(path: str, name: str, reading: dict[str, Any]) -> tuple[Examined, Source | None, Line]:
    """What the bytes of a file show, and the source of what can be read of it.

    Raises:
        DataError: the file is missing, empty, or no table at all.
    """
    file = text.unwrap(paths.locate(path, name))
    name = file.name
    head = file.head(4096)
    if not head:
        raise sniff.is_empty(name)
    kind = tables.kind(file, head)
    where = str(file.path) if file.stream else path
    if kind != "text":
        source = replace_name(read(where, **reading), name)
        below = 1 if kind == "xlsx" else 0
        return Examined(name), source, lambda row: line_of(None, row, below)
    if wrong := text.not_text(file.name, head):
        raise wrong
    return _text(file, where, name, reading)


def _text(
    file: text.File, where: str, name: str, reading: dict[str, Any]
) -> tuple[Examined, Source | None, Line]:
    one = Examined(name)
    encoding = reading.get("encoding")
    try:
        utf8 = footer.without(text.as_utf8(file, text.codec(encoding) if encoding else None))
    except DataError as error:
        one.problems.append(of_error(error))
        return one, None, lambda row: None
    mark = delimited.declared_delimiter(reading.get("delimiter"))
    dialect, header, wrong = aligned.outline(utf8, mark) or sniff.outline(utf8, mark)
    found = structure.examine(utf8, dialect, header)
    if wrong:
        found.add_fault(wrong.kind, wrong.line)
    one.problems += faults.faults(found)
    one.rows = found.records
    try:
        if found.broken:
            source, lines = _rest(utf8, found, reading), found.sound_lines
        else:
            source, lines = read(where, **reading), found.all_lines
    except DataError as error:
        if not found.broken:
            raise
        if not isinstance(error, sniff.NoRows):
            one.problems.append(of_error(error))
        return one, None, lambda row: None
    source = replace_name(source, name)
    if source.inputs[0].layout == "plain":
        one.problems = [*columns.names(header[: dialect.width]), *one.problems]
    below = _below(source, lines)
    one.rows -= below
    if found.broken:
        n = lines.records - below
        message = f"the columns are described by the {counted(n, 'row')} without such faults"
        one.problems.append(Problem("info", "sound-rows", message, None, None, n))
    return one, source, lambda row: line_of(lines, row, below)


def _rest(file: text.File, found: Structure, reading: dict[str, Any]) -> Source:
    """What can be read of a broken file: its sound rows, in a private copy."""
    copy = text.spool(structure.sound(file, found))
    options = {name: value for name, value in reading.items() if name != "encoding"}
    return read(str(copy), **options | {"delimiter": found.dialect.delimiter})


def replace_name(source: Source, name: str) -> Source:
    """The source under the name that the user knows."""
    inputs = tuple(Input(name, one.layout, one.rows) for one in source.inputs[:1])
    return replace(source, inputs=inputs)


def _below(source: Source, lines: Lines) -> int:
    """Records between the header and the first row: further header rows of the layout."""
    rows = collect(source.rows.select(pl.len().cast(pl.Int64)), source).item()
    return max(lines.records - int(rows), 0)


# --- contents -----------------------------------------------------------------------------------


def _contents(
    one: Examined, source: Source, line: Line, given: Mapping[str, str], command: Command | None
) -> None:
    """Everything that the cells show, added to what is known."""
    found, table = content.facts(source)
    one.layout, one.notes = source.inputs[0].layout, source.notes
    one.rows = one.rows or next(iter(found.values()))["rows"]
    played = parts.played(command)
    one.roles, about_roles = parts.settle(source, given, found, played)
    orders, about_dates = columns.date_orders(source, found, line)
    score = one.roles.get("score")
    if score and played.recommending:
        try:
            one.problems += parts.score_doubts(source, score, line)
        except CxError as error:
            one.problems.append(of_error(error))
    one.problems += about_roles
    one.problems += repeats.repeats(source, one.rows, one.roles, line, played.keep)
    one.problems += about_dates
    one.problems += columns.doubts(found, line)
    one.problems += columns.groups(found, table, line)
    one.problems += parts.left_out(source, played.command, given.get("score"), line)
    one.profile = profile(found, table, source, one.roles, orders, played.recommending)
