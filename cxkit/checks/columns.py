"""What is doubtful about single columns, judged by their facts."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

import polars as pl

from cxkit.cells.dateforms import both_orders
from cxkit.cells.dates import look
from cxkit.checks.content import Facts
from cxkit.checks.problem import Problem, counted
from cxkit.checks.profile import MOST, answers, is_dated, private
from cxkit.engines import collect
from cxkit.errors import CxError, visible
from cxkit.source import Source

Line = Callable[[int | None], int | None]
_FORMS = {"iso": "year first", "numeric": "day/month/year", "worded": "in words"}
_GROUPS = 200  # distinct words up to which a column may be grouped by


def names(header: Sequence[str]) -> list[Problem]:
    """Column names that are missing, or stand twice."""
    plain = [" ".join(unicodedata.normalize("NFC", name).split()) for name in header]
    problems = []
    blank = [place for place, name in enumerate(plain, 1) if not name]
    if blank:
        message = f"{counted(len(blank), 'column')} without a name, called “column {blank[0]}”"
        message += ", …" if len(blank) > 1 else ""
        fix = "give every column a name"
        problems.append(Problem("warning", "no-name", message, fix, None, len(blank), 1))
    for name, n in Counter(plain).items():
        if not name or n == 1:
            continue
        shown = visible(name, 40)
        message = f'"{shown}" is the name of {n} columns; the second is called "{shown} (2)"'
        problems.append(Problem("warning", "same-name", message, "rename them", name, n, 1))
    return problems


def doubts(found: Mapping[str, Facts], line: Line) -> Iterator[Problem]:
    """Doubts about each column in turn."""
    for column, facts in found.items():
        for check in (_constant, _formulas, _controls, _marks, _dates, _strays):
            if problem := check(column, facts, line):
                yield problem


def _constant(column: str, facts: Facts, line: Line) -> Problem | None:
    name = f'"{visible(column, 40)}"'
    if not facts["filled"]:
        return Problem("info", "blank-column", f"{name} is blank throughout", None, column)
    if facts["distinct"] == 1 and facts["filled"] == facts["rows"] > 1:
        message = f"{name} holds one value throughout"
        return Problem("info", "constant-column", message, None, column)
    return None


def _formulas(column: str, facts: Facts, line: Line) -> Problem | None:
    n = facts["formula"]
    if not n:
        return None
    verb = "starts" if n == 1 else "start"
    message = f'{counted(n, "cell")} of "{visible(column, 40)}" {verb} with = + - or @'
    fix = "a spreadsheet may run them: hand the file on as .xlsx, where cxkit keeps them as text"
    return Problem("warning", "formula", message, fix, column, n, line(facts["first_formula"]))


def _controls(column: str, facts: Facts, line: Line) -> Problem | None:
    n = facts["control"]
    if not n:
        return None
    verb = "holds" if n == 1 else "hold"
    message = f'{counted(n, "cell")} of "{visible(column, 40)}" {verb} control characters'
    fix = "remove them where the file is made"
    first = line(facts["first_control"])
    return Problem("warning", "control-characters", message, fix, column, n, first)


def _marks(column: str, facts: Facts, line: Line) -> Problem | None:
    point, comma = facts["point"], facts["comma"]
    if not (point and comma) or facts["number"] < MOST * answers(facts):
        return None
    rarer = "comma" if comma <= point else "point"
    message = (
        f'"{visible(column, 40)}" has numbers with a decimal point ({point:,}) and with a decimal '
        f"comma ({comma:,})"
    )
    fix = "write them with one mark; --decimal says which"
    n, first = facts[rarer], line(facts[f"first_{rarer}"])
    return Problem("warning", "decimal-marks", message, fix, column, n, first)


def _dates(column: str, facts: Facts, line: Line) -> Problem | None:
    forms = sorted((name for name in _FORMS if facts[name]), key=lambda name: facts[name])
    if not is_dated(facts) or len(forms) < 2:
        return None
    told = " and ".join(f"{_FORMS[name]} ({facts[name]:,})" for name in reversed(forms))
    message = f'dates of "{visible(column, 40)}" are written in several ways: {told}'
    n, first = facts[forms[0]], line(facts[f"first_{forms[0]}"])
    return Problem("warning", "date-forms", message, "write them as 2026-07-15", column, n, first)


def _strays(column: str, facts: Facts, line: Line) -> Problem | None:
    """The few cells of a column of dates or numbers that are neither."""
    name = f'"{visible(column, 40)}"'
    if is_dated(facts):
        n, first = facts["undated"], line(facts["first_undated"])
        message = f"{counted(n, 'cell')} of {name} cannot be read as a date"
        found = Problem("warning", "not-a-date", message, "--date-format FMT", column, n, first)
        return found if n else None
    n = facts["unnumbered"]
    if n and facts["number"] >= 0.9 * answers(facts):
        message = f"{counted(n, 'cell')} of {name}, else numbers, {'is' if n == 1 else 'are'} text"
        first = line(facts["first_unnumbered"])
        return Problem("info", "text-among-numbers", message, None, column, n, first)
    return None


def date_orders(
    source: Source, found: Mapping[str, Facts], line: Line
) -> tuple[dict[str, str], list[Problem]]:
    """Whether days or months stand first, by column; and where nothing tells."""
    orders, problems = {}, []
    for column, facts in found.items():
        if not (is_dated(facts) and facts["numeric"]):
            continue
        try:
            dates = look(source, column)
        except CxError:  # a stated format that fits another column
            continue
        if dates is None or dates.kind in ("date", "datetime", "format"):
            continue
        keys = collect(source.rows.select(dates.key("day").alias("day")).unique(), source)["day"]
        if dates.order:
            orders[column] = "month first" if dates.order == "mdy" else "day first"
            continue
        both = both_orders(keys.cast(pl.String))
        days = both.select((pl.col("dmy").is_not_null() & pl.col("mdy").is_null()).any()).item()
        months = both.select((pl.col("mdy").is_not_null() & pl.col("dmy").is_null()).any()).item()
        orders[column] = "month first" if months and not days else "day first"
        for note in dates.days(keys)[1]:
            fix = note.hints[0][1] if note.hints else None
            message = f'dates of "{visible(column, 40)}": {note.message}'
            first = line(facts["first_numeric"])
            n = facts["numeric"]
            problems.append(Problem("warning", note.code, message, fix, column, n, first))
    return orders, problems


# --- groups -------------------------------------------------------------------------------------


def groups(found: Mapping[str, Facts], table: pl.DataFrame, line: Line) -> Iterator[Problem]:
    """Names of groups that are the same but for how they are written."""
    filled = table.filter(pl.col("value").is_not_null())
    tallies = filled.partition_by("column", as_dict=True, maintain_order=True)
    for column, facts in found.items():
        if facts["distinct"] > _GROUPS or facts["number"] or facts["dated"]:
            continue
        cells = tallies.get((column,), filled.clear())
        yield from _merged(column, cells, line)
        if not private(column):
            yield from _case(column, cells, line)


def _merged(column: str, cells: pl.DataFrame, line: Line) -> Iterator[Problem]:
    """Names that cxkit takes for one: blanks around them, letters put together otherwise."""
    keys = [unicodedata.normalize("NFC", cell).strip() for cell in cells["value"].to_list()]
    some = cells.with_columns(pl.Series("key", keys, dtype=pl.String)).filter(pl.col("key") != "")
    odd = some.filter((pl.len().over("key") > 1) & (pl.col("value") != pl.col("key")))
    if odd.is_empty():
        return
    n, several = int(odd["n"].sum()), odd["key"].n_unique()
    message = (
        f'{counted(n, "cell")} of "{visible(column, 40)}" differ from another only in blanks or '
        f"in how letters are composed; {counted(several, 'group')} merged"
    )
    yield Problem("info", "merged-groups", message, None, column, n, line(_first(odd)))


def _case(column: str, cells: pl.DataFrame, line: Line) -> Iterator[Problem]:
    """Names that differ in capitals only: they stay groups of their own."""
    keys = [unicodedata.normalize("NFC", cell).strip() for cell in cells["value"].to_list()]
    folded = [" ".join(key.casefold().split()) for key in keys]
    some = cells.with_columns(
        pl.Series("key", keys, dtype=pl.String), pl.Series("folded", folded, dtype=pl.String)
    )
    twice = some.filter((pl.col("key").n_unique().over("folded") > 1) & (pl.col("folded") != ""))
    if twice.is_empty():
        return
    rarer = twice.filter(pl.col("n") < pl.col("n").max().over("folded"))
    rarer = twice if rarer.is_empty() else rarer
    n = int(rarer["n"].sum())
    message = (
        f'"{visible(column, 40)}" has {counted(twice["folded"].n_unique(), "group")} written with '
        "and without capitals; they are counted apart"
    )
    fix = "write them alike"
    yield Problem("warning", "capitals", message, fix, column, n, line(_first(rarer)))


def _first(cells: pl.DataFrame) -> int | None:
    first = cells["first"].min()
    return None if first is None else int(first)  # type: ignore[arg-type]
