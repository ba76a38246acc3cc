"""What is in a file, and what is wrong with it: all of it is read, and every problem is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cxkit import terms
from cxkit.result import Input, Ledger, Note, Result, Table

if TYPE_CHECKING:
    import polars as pl

    from cxkit.checks.examine import Examined
    from cxkit.checks.problem import Problem

EXAMPLES = (
    "cxkit check survey.csv",
    "cxkit check survey.csv --for nps",
    "cxkit check orders.csv --json",
)
WIDTH = 78  # of the table of columns: a terminal of 80 shows all of it,
NAME, EXAMPLE = 16, 8  # names and examples are cut to that, but never to less than these
MOST = 40  # a name is never longer; questions are names in some exports
COLUMNS = ("severity", "code", "column", "count", "first_line", "message", "fix")
READS = True  # the data as the user has them: they may be too broken to be a Source
WITHOUT = ("chart", "title")  # options of every command that have no meaning here


def check(
    data: Any,
    reading: Mapping[str, Any],
    *,
    for_: str | None = None,
    score: str | None = None,
    date: str | None = None,
    customer: str | None = None,
    strict: bool = False,
) -> Result:
    """What a file holds, and every problem in it, with its line and its remedy.

    Reads the whole file: its layout, what each column holds, which column plays which part and
    why, rows that are too long or short, stray quotes, bytes that are no text, duplicates and
    repeat customers, mixed dates and numbers, answers off the scale. Exit code 1 if there are
    errors. No cell is shown that could tell of a person.

    Args:
        data: the file.

    Returns:
        Rows with `severity` (error, warning, info) `code column count first_line` (the header is
        line 1) `message fix`; the summary holds `layout rows columns roles` and `profile`, what
        each column holds.

    Raises:
        RequestError: a column or command that is not there.
        DataError: the file is missing, empty, or no table; with `strict`, any warning.

    Example:
        >>> import polars as pl, cxkit
        >>> cxkit.check(pl.DataFrame({"nps": [10, 9, 99]})).rows["code"].to_list()
        ['off-scale', 'role']
    """
    from cxkit.checks import examine

    given = {"score": score, "date": date, "customer": customer}
    found = examine.examine(data, dict(reading), {r: c for r, c in given.items() if c}, for_)
    result = _result(found, for_)
    if strict:
        _strictly(result)
    return result


def _strictly(result: Result) -> None:
    """The warnings of a check are its rows; with --strict they stop it as notes stop others."""
    from cxkit import delivery

    doubts = result.rows.filter(severity="warning").select("code", "message").iter_rows()
    delivery.strictly([*result.notes, *(Note(code, "warning", told) for code, told in doubts)])


def _result(found: list[Examined], for_: str | None) -> Result:
    """The problems of all files, and what people are shown of each."""
    import polars as pl

    from cxkit.checks import problem

    several = len(found) > 1
    told = {one.name: problem.rows(_named(one, several)) for one in found}
    rows = pl.concat(told.values())
    tables = [table for one in found for table in _tables(one, told[one.name], for_)]
    n = sum(one.rows for one in found)
    return Result(
        command="check",
        rows=rows,
        summary=_summary(found, n),
        ledger=Ledger(read=n, used=n),
        notes=tuple(dict.fromkeys(note for one in found for note in one.notes)),
        inputs=tuple(Input(one.name, one.layout, one.rows) for one in found),
        columns=found[0].roles,
        params={"for": for_},
        tables=tuple(tables),
        status="breach" if "error" in rows["severity"] else "ok",
    )


def _named(one: Examined, several: bool) -> list[Problem]:
    from dataclasses import replace

    if not several:
        return one.problems
    return [replace(each, message=f"{one.name}: {each.message}") for each in one.problems]


def _summary(found: list[Examined], rows: int) -> dict[str, Any]:
    names = dict.fromkeys(name for one in found for name in one.profile["column"])
    several = len(found) > 1
    return {
        "layout": ", ".join(dict.fromkeys(one.layout for one in found)),
        "rows": rows,
        "columns": len(names),
        "roles": dict(found[0].roles),
        "profile": [
            ({"file": one.name} if several else {}) | row
            for one in found
            for row in one.profile.iter_rows(named=True)
        ],
    }


def _tables(one: Examined, rows: pl.DataFrame, for_: str | None) -> list[Table]:
    """The answer in one line and the columns, then the problems."""
    errors = int((rows["severity"] == "error").sum())
    problems = errors + int((rows["severity"] == "warning").sum())
    key = "check-errors" if errors else "check-doubts" if problems else "check-clean"
    values = {"name": one.name, "problems": problems, "errors": errors, "layout": one.layout,
              "count": one.rows, "columns": one.profile.height, "command": for_}  # fmt: skip
    if for_ and not errors:
        key += "-for"
    roles = one.profile["role"].null_count() < one.profile.height
    shown = ("holds", "filled_rate", "distinct", "example", *(("role",) if roles else ()))
    printed, shown = _fitted(one.profile, shown)
    columns = Table(("column",), shown, (), total=False, rows=printed, answer=(key, values))
    listed = Table((), tuple(rows.columns), (), total=False, rows=rows, form="list")
    return [columns, listed]


def _fitted(profile: pl.DataFrame, shown: tuple[str, ...]) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """The columns as they are printed: examples are cut first, then names; or none are shown."""
    import polars as pl

    from cxkit.checks.profile import apart

    wide = {name: _wide(profile, name) for name in ("column", *shown)}
    gaps = 3 * len(shown)
    room = WIDTH - gaps - sum(n for name, n in wide.items() if name not in ("column", "example"))
    name = min(wide["column"], MOST)
    example = min(wide["example"], max(room - name, EXAMPLE))
    if room - example < min(name, NAME):
        shown, example = tuple(one for one in shown if one != "example"), -3
    names = apart(profile["column"].to_list(), max(min(name, room - example), EXAMPLE))
    cut = pl.when(pl.col("example").str.len_chars() > example).then(
        pl.col("example").str.slice(0, max(example - 1, 0)) + "…"
    )
    return profile.with_columns(
        pl.Series("column", names, dtype=pl.String), cut.otherwise("example").alias("example")
    ), shown


def _wide(profile: pl.DataFrame, name: str) -> int:
    """How many characters a column of the table takes, its heading in any language."""
    term = terms.COLUMNS[name]
    cells = [f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in profile[name]]
    cells = ["100%"] if name == "filled_rate" else cells
    return max(map(len, (term.en, term.vi, *cells)))
