"""A problem of a file, and all of them as rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from cxkit.errors import CxError

if TYPE_CHECKING:
    import polars as pl

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")


@dataclass(frozen=True)
class Problem:
    """One kind of problem, however often it was met.

    Args:
        severity: `error` for what stops an analysis or makes it wrong, `warning` for what may,
            `info` for what is merely worth knowing.
        code: a stable name, such as `short-rows`.
        message: one sentence without a full stop; it shows no cell that could tell of a person.
        fix: what to do, or the option that settles it.
        column: the column it is about.
        count: how often.
        first_line: the line of the file where it was met first; the header is line 1.
    """

    severity: Severity
    code: str
    message: str
    fix: str | None = None
    column: str | None = None
    count: int | None = None
    first_line: int | None = None


def rows(problems: Iterable[Problem]) -> pl.DataFrame:
    """Problems as rows, errors first, otherwise in the order in which they are given."""
    import polars as pl

    ordered = sorted(problems, key=lambda one: SEVERITIES.index(one.severity))
    return pl.DataFrame(
        [
            (p.severity, p.code, p.column, p.count, p.first_line, p.message, p.fix)
            for p in dict.fromkeys(ordered)
        ],
        schema={
            "severity": pl.String,
            "code": pl.String,
            "column": pl.String,
            "count": pl.Int64,
            "first_line": pl.Int64,
            "message": pl.String,
            "fix": pl.String,
        },
        orient="row",
    )


def of_error(error: CxError, severity: Severity = "error", column: str | None = None) -> Problem:
    """An error of reading or of an analysis as a problem; its most useful hint is the remedy."""
    return Problem(severity, error.slug, error.message, remedy(error.hints), column)


def remedy(hints: Sequence[tuple[str, str]]) -> str | None:
    """What the hints of a message advise: the options, else the last line."""
    options = [text for label, text in hints if text.startswith("--")]
    if len(options) > 1:
        told = [f"{label}: {text}" for label, text in hints if text.startswith("--")]
        return "; ".join(told)
    return options[0] if options else hints[-1][1] if hints else None


def counted(n: int, one: str, several: str | None = None) -> str:
    """`1 row`, `1,104 rows`."""
    return f"{n:,} {one if n == 1 else several or one + 's'}"
