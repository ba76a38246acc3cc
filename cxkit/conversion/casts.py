"""What the columns of a text file are, so that they can be written with types and lose nothing.

A column has a type only if every cell of the whole file fits it, and no two cells that differ
would become one. Leading zeros, long ids and mixed columns stay text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from cxkit.cells.dates import DateColumn, look
from cxkit.engines import collect
from cxkit.errors import CxError
from cxkit.source import Source

# Fifteen digits are what a double, and so Excel and JSON, can hold.
_WHOLE = "^(?:-?[1-9][0-9]{0,14}|0)$"
_ISO = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_STAMP = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?$"
_CLOCK = "^[^ ]+ [0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?$"
_TRUTHS = ("^(?:true|false)$", "^(?:TRUE|FALSE)$", "^(?:True|False)$")

_FACTS = ("whole", "decimal", "zero", "minus", "fewest", "most", "iso", "stamp", "clock", "colon",
          *(f"truth{i}" for i in range(len(_TRUTHS))))  # fmt: skip

_PASS = 1000  # columns that are looked at in one pass, so that wide files need little memory
_SAMPLE = {"place": pl.Int64, "cell": pl.String}

Casts = dict[str, pl.Expr]


def settle(source: Source, rows: pl.LazyFrame, blank: Sequence[str]) -> Casts:
    """Expressions that give columns of text the type that all their cells have.

    Args:
        source: the file; columns that are no text keep the type they have.
        rows: the rows that are to be written.
        blank: cells that stand for nothing in a column that has a type.
    """
    schema = rows.collect_schema()
    columns = [name for name in source.columns if schema[name] == pl.String]
    if not columns:
        return {}
    mark = source.decimal or "."
    casts: Casts = {}
    dated: dict[str, Mapping[str, Any]] = {}
    for name, facts in _facts(source, rows, columns, blank, mark).items():
        cast = _simple(_cell(name, blank), facts, mark)
        if cast is not None:
            casts[name] = cast.alias(name)
        elif facts["filled"]:
            dated[name] = facts
    return casts | _dates(source, rows, dated, blank)


def _cell(name: str, blank: Sequence[str]) -> pl.Expr:
    """The trimmed text of a cell; null where there is none."""
    text = pl.col(name).str.strip_chars()
    filled = text.str.len_bytes() > 0
    return pl.when(filled & ~text.is_in(list(blank)) if blank else filled).then(text)


def _facts(
    source: Source, rows: pl.LazyFrame, columns: Sequence[str], blank: Sequence[str], mark: str
) -> dict[str, dict[str, int]]:
    """The counts of all rows by column; -1 where the sample has told already."""
    facts = {name: dict.fromkeys(_FACTS, -1) for name in columns}
    hopeful = _hopeful(source, columns, blank, mark)
    for start in range(0, len(columns), _PASS):
        some = columns[start : start + _PASS]
        cells = rows.select(_cell(name, blank).alias(name) for name in some)
        counts = [
            count.cast(pl.Int64).alias(f"{i} {fact}")
            for i, name in enumerate(some, start)
            for fact, count in _counts(pl.col(name), mark).items()
            if fact in hopeful[i]
        ]
        for key, n in collect(cells.select(counts), source).row(0, named=True).items():
            place, _, fact = key.partition(" ")
            facts[columns[int(place)]][fact] = n
    return facts


def _hopeful(
    source: Source, columns: Sequence[str], blank: Sequence[str], mark: str
) -> list[set[str]]:
    """The counts that are worth taking of each column: of what all cells of its sample are."""
    samples = [
        pl.DataFrame({"place": i, "cell": source.sample(name)}, schema=_SAMPLE)
        for i, name in enumerate(columns)
    ]
    counts = _counts(_cell("cell", blank), mark)
    told = pl.concat(samples).group_by("place").agg(n.alias(fact) for fact, n in counts.items())
    found = {row["place"]: row for row in told.iter_rows(named=True)}
    return [_worth(found.get(i, {"filled": 0}), list(counts)) for i in range(len(columns))]


def _worth(found: Mapping[str, int], counts: Sequence[str]) -> set[str]:
    n = found["filled"]
    worth = {fact for fact in counts if not n or found[fact] == n}
    worth |= {"filled"} | ({"zero", "minus", "fewest", "most"} if "decimal" in worth else set())
    worth |= {"colon", "clock"} if not worth & {"whole", "decimal", "iso", "stamp"} else set()
    return worth


def _counts(cell: pl.Expr, mark: str) -> dict[str, pl.Expr]:
    """How many cells are what, and how many decimals they have."""
    sign = "[.]" if mark == "." else mark
    decimal = f"^-?(?:0|[1-9][0-9]*)(?:{sign}[0-9]+)?$"
    places = cell.str.extract(f"{sign}([0-9]+)$", 1).str.len_chars().fill_null(0)
    truths = {f"truth{i}": cell.str.contains(form).sum() for i, form in enumerate(_TRUTHS)}
    return {
        "filled": cell.is_not_null().sum(),
        "whole": cell.str.contains(_WHOLE).sum(),
        "decimal": (cell.str.contains(decimal) & (cell.str.len_chars() <= 15)).sum(),
        "zero": cell.str.contains(f"{sign}[0-9]*0$").sum(),
        "minus": cell.str.contains(f"^-0(?:{sign}0+)?$").sum(),
        "fewest": places.filter(cell.is_not_null()).min(),
        "most": places.max(),
        "iso": cell.str.contains(_ISO).sum(),
        "stamp": cell.str.contains(_STAMP).sum(),
        "clock": cell.str.contains(_CLOCK).sum(),
        "colon": cell.str.contains(":").sum(),
        **truths,
    }


def _simple(cell: pl.Expr, facts: Mapping[str, int], mark: str) -> pl.Expr | None:
    """Numbers and truths."""
    n = facts["filled"]
    if not n:
        return None
    if facts["whole"] == n:
        return cell.cast(pl.Int64)
    # 1.50 and 1.5 are two texts and one number, unless all cells have as many decimals.
    alike = not facts["zero"] or facts["fewest"] == facts["most"]
    if facts["decimal"] == n and alike and not facts["minus"]:
        return cell.str.replace(mark, ".", literal=True).cast(pl.Float64)
    if any(facts[f"truth{i}"] == n for i in range(len(_TRUTHS))):
        return cell.str.to_lowercase() == "true"
    return None


# --- dates --------------------------------------------------------------------------------------


def _dates(
    source: Source,
    rows: pl.LazyFrame,
    columns: Mapping[str, Mapping[str, Any]],
    blank: Sequence[str],
) -> Casts:
    """Days and times, where every cell is one and nothing about them is in doubt."""
    tried: Casts = {}
    for name, facts in columns.items():
        cell = _cell(name, blank)
        if facts["iso"] == facts["filled"]:
            tried[name] = cell.str.to_date("%Y-%m-%d", strict=False)
        elif facts["stamp"] == facts["filled"]:
            tried[name] = _stamp(cell)
        elif facts["colon"] == 0 or facts["clock"] == facts["filled"]:
            dates = _settled(source, rows, name)
            if dates is not None:
                day = pl.when(cell.is_not_null()).then(dates.parsed())
                tried[name] = _with_clock(day, cell) if facts["colon"] else day
    if not tried:
        return {}
    read = [expr.is_not_null().sum().cast(pl.Int64).alias(name) for name, expr in tried.items()]
    fits = collect(rows.select(read), source).row(0, named=True)
    return {
        name: expr.alias(name)
        for name, expr in tried.items()
        if fits[name] == columns[name]["filled"]
    }


def _stamp(cell: pl.Expr) -> pl.Expr:
    text = cell.str.replace("T", " ", literal=True)
    long = pl.when(text.str.len_chars() == 16).then(text + ":00").otherwise(text)
    return long.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", strict=False)


def _with_clock(day: pl.Expr, cell: pl.Expr) -> pl.Expr:
    clock = cell.str.extract("^[^ ]+ (.*)$", 1)
    clock = pl.when(clock.str.count_matches(":") == 1).then(clock + ":00").otherwise(clock)
    text = day.cast(pl.String) + " " + clock
    return text.str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False)


def _settled(source: Source, rows: pl.LazyFrame, name: str) -> DateColumn | None:
    """How the dates of a column are read, if nothing has to be assumed."""
    try:
        dates = look(source, name)
    except CxError:  # a stated format that cannot be used
        return None
    if dates is None or not any(cell is not None for cell in source.sample(name)):
        return None
    keys = collect(rows.select(key=dates.key("day")).unique(), source)["key"]
    if dates.needs_day_cut(keys):
        dates = dates.wide()
        keys = collect(rows.select(key=dates.key("day")).unique(), source)["key"]
    days, doubts = dates.days(keys)
    if doubts or days.null_count() > keys.null_count():
        return None
    if dates.order or dates.kind == "format":
        return dates
    day_first = dates.days(keys)[0]
    month_first = replace(dates, order="mdy").days(keys)[0]
    return replace(dates, order="mdy" if day_first.equals(month_first) else "dmy")
