"""Linked made-up data of known truth: answers, orders, cases, touchpoints and referrals."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cxkit.errors import CxError, RequestError, did_you_mean, raise_all, visible
from cxkit.result import Ledger, Result
from cxkit.terms import OPTIONS

if TYPE_CHECKING:
    import polars as pl

EXAMPLES = (
    "cxkit sample survey > survey.csv",
    "cxkit sample orders --rows 20000000 -o orders.parquet",
    "cxkit sample cases --seed 7 -f ndjson",
)
NAMES = ("survey", "orders", "cases", "touchpoints", "referrals")
ASKS = "what to make: " + ", ".join(NAMES)
COLUMNS = ("file", "format", "rows", "columns")
READS, WRITES = True, True
PRESET = {"output": "-"}
WITHOUT = (
    "chart", "title", "limit", "width", "precision", "color", "ascii", "lang",
    *(name for name, option in OPTIONS.items() if option.panel == "Reading" and name != "config"),
)  # fmt: skip
FORMATS = ("csv", "json", "ndjson", "parquet", "xlsx")
HELP = {
    "rows": "how many rows",
    "seed": "another seed, other data; the same seed, the same data",
    "output": "the file to write: .csv .json .ndjson .parquet .xlsx (default: CSV on stdout)",
    "format": "what to write, if the extension of -o does not say it",
}


def sample(
    data: Any,
    reading: Mapping[str, Any],
    *,
    rows: int = 1_000,
    seed: int = 0,
    output: str | None = None,
    format: Literal["csv", "json", "ndjson", "parquet", "xlsx"] | None = None,
) -> Result:
    """Made-up data to try things with: the same customers in all files, and the truth is known.

    Customers come in order, and the file ends after so many rows. A customer of a seed is the same
    in every file and however many rows there are, so a longer file begins with the shorter one.
    In as many rows as the survey has, the orders are those of nearly the same customers.
    The model is told in docs/sample.md; nothing in the data is real.

    Args:
        data: survey, orders, cases, touchpoints or referrals.

    Returns:
        The data as `rows`; with `output` a row for the file written: `file format rows columns`.

    Raises:
        RequestError: there is no data of that name, or the file cannot be written.

    Example:
        >>> import cxkit
        >>> cxkit.sample("referrals", rows=2).rows.columns
        ['date', 'referrer_id', 'customer_id', 'order_id', 'amount']
    """
    faults: list[CxError] = []
    kind = _kind(data, faults)
    chosen = format or _format(output, faults)
    raise_all(faults)
    if output is None:
        return _made(kind, rows, seed)
    return _written(kind, rows, seed, output, chosen)


def _kind(asked: Any, faults: list[CxError]) -> str:
    """Which of the files, as the user names it."""
    if asked in NAMES:
        return str(asked)
    kinds = [("kinds", ", ".join(NAMES)), ("try", "cxkit sample survey > survey.csv")]
    if not asked:
        faults.append(RequestError("missing-kind", "sample needs to know what to make", kinds))
    elif not isinstance(asked, str):
        faults.append(RequestError("usage", "sample makes one file at a time", kinds))
    else:
        close = did_you_mean(asked, NAMES)
        hints = [("did you mean", " or ".join(close))] if close else []
        one = (asked, close[0]) if len(close) == 1 else None
        message = f'no sample is called "{visible(asked)}"'
        faults.append(RequestError("no-kind", message, [*hints, kinds[0]], replace=one))
    return ""


def _format(output: str | None, faults: list[CxError]) -> str:
    """The format that the extension says; CSV on stdout."""
    if output in (None, "-"):
        return "csv"
    extension = Path(str(output)).suffix.lower().removeprefix(".")
    if extension not in FORMATS:
        what = f'no format has the extension ".{extension}"' if extension else "what format is it?"
        known = [("formats", " ".join(f".{one}" for one in FORMATS))]
        faults.append(RequestError("no-format", f"{visible(output)}: {visible(what)}", known))
    return extension


# --- results ------------------------------------------------------------------------------------


def _made(kind: str, rows: int, seed: int) -> Result:
    """The data itself."""
    from cxkit.samples.files import whole

    return _result(whole(kind, rows, seed), kind, rows, seed, view=kind)


def _written(kind: str, rows: int, seed: int, output: str, format: str) -> Result:
    """Write the file, and say what it is."""
    import polars as pl

    from cxkit.samples.files import schema

    columns = len(schema(kind))
    if output == "-" and format in ("csv", "ndjson"):
        _stream(kind, rows, seed, format)
    else:
        _write(kind, rows, seed, output, format)
    facts = {"file": output, "format": format, "rows": rows, "columns": columns}
    return _result(pl.DataFrame([facts]), kind, rows, seed, columns=columns)


def _result(
    frame: pl.DataFrame,
    kind: str,
    rows: int,
    seed: int,
    *,
    view: str | None = None,
    columns: int | None = None,
) -> Result:
    return Result(
        command="sample",
        view=view,
        rows=frame,
        summary={"rows": rows, "columns": columns or len(frame.columns)},
        ledger=Ledger(rows, rows),
        params={"kind": kind, "rows": rows, "seed": seed},
    )


# --- writing ------------------------------------------------------------------------------------


def _stream(kind: str, rows: int, seed: int, format: str) -> None:
    """Text to stdout as it is made."""
    from cxkit import delivery
    from cxkit.samples.files import frames

    for i, frame in enumerate(frames(kind, rows, seed)):
        text = frame.write_csv(include_header=i == 0) if format == "csv" else frame.write_ndjson()
        delivery.to_stdout(text, exactly=True)


def _write(kind: str, rows: int, seed: int, output: str, format: str) -> None:
    """One file whole, or none; to stdout through a private copy."""
    from cxkit import delivery
    from cxkit.output.files import replacing
    from cxkit.reading.text import spool

    if output == "-":
        path = spool(iter(()))
        _fill(path, kind, rows, seed, format)
        with path.open("rb") as copy:
            delivery.pour(copy)
        return
    with replacing(output) as path:
        _fill(path, kind, rows, seed, format)


def _fill(path: Path, kind: str, rows: int, seed: int, format: str) -> None:
    from cxkit import engines
    from cxkit.output import render
    from cxkit.output.sheet import need_room, write_rows
    from cxkit.samples.files import lazy, schema, whole
    from cxkit.source import Source

    if format == "json":
        path.write_text(str(render(_made(kind, rows, seed), "json")), "utf-8", newline="\n")
    elif format == "xlsx":
        need_room(rows, len(schema(kind)))
        write_rows(path, whole(kind, rows, seed))
    else:
        made = lazy(kind, rows, seed)
        engines.write(made, Source(made, tuple(schema(kind))), path, format)
