"""What stands in a file twice: rows, ids of answers, customers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping

import polars as pl

from cxkit.checks.content import as_text
from cxkit.checks.problem import Problem, counted
from cxkit.engines import collect
from cxkit.errors import visible
from cxkit.source import ROW, Source
from cxkit.terms import ROLES

Line = Callable[[int | None], int | None]
ENOUGH = 2_000_000  # rows; of larger files a part is looked at, chosen by hash
_NATURAL = 0.1  # a share of equal rows beyond which a file simply has few columns
IDS = frozenset(
    {
        "response id", "responseid", "respondent id", "respondentid", "respid", "respnum",
        "submission id", "survey response id", "answer id", "request id", "ticket id", "token",
        "uuid", "rowguid", "id", "#", "network id", "mã phiếu", "mã trả lời",
    }
)  # fmt: skip


def repeats(
    source: Source, rows: int, roles: Mapping[str, str], line: Line, keep: str | None = "all"
) -> Iterator[Problem]:
    """Rows, ids and customers that come more than once.

    Args:
        source: the file.
        rows: how many rows it has.
        roles: columns by role. Without a score these are no answers: of orders, customers are
            meant to come back.
        line: the line of a row.
        keep: which answers of a customer count unless the user says so; None: nobody can say.
    """
    if not rows:
        return
    table = as_text(source)
    if problem := _rows(source, table, rows, line):
        yield problem
    for column in source.columns:
        if _key(column) in IDS:
            yield from _ids(source, table, column, rows, line)
    customer = {_key(name) for name in ROLES["customer"].names}
    known = [column for column in source.columns if _key(column) in customer]
    for column in dict.fromkeys((*source.roles.get("customer", ()), *known)):
        yield from _customers(source, table, column, rows, roles, line, keep)


def _key(name: str) -> str:
    text = re.sub(r"[_\-]", " ", unicodedata.normalize("NFC", name)).casefold()
    return " ".join(text.split())


def _rows(source: Source, table: pl.LazyFrame, rows: int, line: Line) -> Problem | None:
    whole = pl.sum_horizontal(pl.col(name).hash(seed) for seed, name in enumerate(source.columns))
    _, surplus, first = _twice(source, table.select(ROW, key=whole), rows)
    if not surplus:
        return None
    said = f"{_about(rows)}{counted(surplus, 'row')} {'repeats' if surplus == 1 else 'repeat'}"
    said += " another row in every cell"
    if surplus > _NATURAL * rows:
        message = f"{said}; no column tells rows apart"
        return Problem("info", "duplicate-rows", message, None, None, surplus, line(first))
    fix = "remove them, if they are copies"
    return Problem("warning", "duplicate-rows", said, fix, None, surplus, line(first))


def _ids(
    source: Source, table: pl.LazyFrame, column: str, rows: int, line: Line
) -> Iterator[Problem]:
    several, surplus, first = _twice(source, _cells(table, column), rows)
    if surplus and several:
        message = (
            f'{_about(rows)}{counted(several, "id")} of "{visible(column, 40)}" '
            f"{'stands' if several == 1 else 'stand'} in more than one row"
        )
        fix = "remove the copies: an answer counts once"
        yield Problem("warning", "duplicate-ids", message, fix, column, surplus, line(first))


def _customers(
    source: Source,
    table: pl.LazyFrame,
    column: str,
    rows: int,
    roles: Mapping[str, str],
    line: Line,
    keep: str | None,
) -> Iterator[Problem]:
    several, surplus, first = _twice(source, _cells(table, column), rows)
    if not surplus:
        return
    name = visible(column, 40)
    message = f'{_about(rows)}{counted(several, "customer")} of "{name}" came more than once'
    survey = "score" in roles and "stage" not in roles and keep in (None, "all")
    dated = "" if "date" in roles else " --date COL"
    fix = f"--customer {_quoted(column)} --keep last{dated}" if survey and keep else None
    severity = "warning" if survey else "info"
    yield Problem(severity, "repeat-customers", message, fix, column, surplus, line(first))  # type: ignore[arg-type]


def _quoted(column: str) -> str:
    import shlex

    return shlex.quote(visible(column, 500))


def _cells(table: pl.LazyFrame, column: str) -> pl.LazyFrame:
    cell = pl.col(column).str.strip_chars()
    return table.filter(cell.str.len_bytes() > 0).select(ROW, key=cell.hash())


def _twice(source: Source, keys: pl.LazyFrame, rows: int) -> tuple[int, int, int | None]:
    """How many keys come more than once, the rows beyond their first, and the first of all."""
    parts = -(-rows // ENOUGH)
    if parts > 1:
        keys = keys.filter(pl.col("key") % parts == 0)
    found = (
        keys.group_by("key")
        .agg(n=pl.len().cast(pl.Int64), first=pl.col(ROW).min())
        .filter(pl.col("n") > 1)
        .select(
            several=pl.len().cast(pl.Int64),
            surplus=(pl.col("n") - 1).sum(),
            first=pl.col("first").min().cast(pl.Int64),
        )
    )
    several, surplus, first = collect(found, source).row(0)
    return several * parts, surplus * parts, first


def _about(rows: int) -> str:
    return "about " if rows > ENOUGH else ""
