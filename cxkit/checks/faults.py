"""The faults of a text's records, in words and with their remedies."""

from __future__ import annotations

from collections.abc import Iterator

from cxkit.checks.problem import Problem, Severity, counted
from cxkit.checks.structure import Fault, Kind, Structure
from cxkit.reading.records import DELIMITERS, Dialect

_QUOTED = 'write a quote inside a cell twice, and the cell in quotes: "5"" disk"'
# Kind, severity, code, what one record and several records have, and the remedy.
_WORDS: tuple[tuple[Kind, Severity, str, str, str, str], ...] = (
    ("bytes", "error", "encoding", "holds bytes that are not UTF-8",
     "hold bytes that are not UTF-8", "--encoding cp1258   (others: cp1252, utf-16)"),
    ("nul", "error", "nul-bytes", "holds NUL bytes", "hold NUL bytes",
     "export the file again: it is damaged"),
    ("unclosed", "error", "unclosed-quote", "opens a quote that is not closed",
     "open a quote that is not closed", _QUOTED),
    ("quote", "error", "stray-quotes", "has a quote inside a cell", "have a quote inside a cell",
     _QUOTED),
    ("return", "error", "line-ends", "has a carriage return inside it",
     "have a carriage return inside them", "end all lines in the same way"),
    ("long", "error", "long-rows", "has more cells than the header",
     "have more cells than the header", ""),
    ("short", "error", "short-rows", "has fewer cells than the header",
     "have fewer cells than the header",
     "fill them up; a cell with a line break in it must stand in quotes"),
    ("swallowed", "warning", "swallowed-rows", "has a cell in quotes that holds lines like rows",
     "have a cell in quotes that holds lines like rows", "is the quote closed where it should be?"),
    ("blank", "info", "blank-lines", "is blank, and no row", "are blank, and no rows", ""),
)  # fmt: skip


def faults(structure: Structure) -> Iterator[Problem]:
    """The faults of the records, the worst first."""
    for kind, severity, code, one, several, fix in _WORDS:
        if fault := structure.faults.get(kind):
            noun = "line" if kind == "blank" else "row"
            said = f"{counted(fault.count, noun)} {one if fault.count == 1 else several}"
            if kind in ("long", "short"):
                said += _cells(fault, structure.dialect)
                fix = fix or _in_quotes(structure.dialect)
            yield Problem(severity, code, said, fix or None, None, fault.count, fault.line)


def _cells(fault: Fault, dialect: Dialect) -> str:
    return f": {fault.fields} instead of {dialect.width}"


def _in_quotes(dialect: Dialect) -> str:
    if dialect.delimiter not in DELIMITERS:
        return "remove what is too much"
    mark = "tab" if dialect.delimiter == "\t" else f'"{dialect.delimiter}"'
    return f"a cell that holds a {mark} must stand in quotes"
