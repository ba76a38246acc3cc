"""Any readable file as Parquet, CSV, Excel or NDJSON: its rows with types, or counts of them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cxkit.errors import CxError, RequestError, raise_all, visible
from cxkit.result import Result

if TYPE_CHECKING:
    from cxkit.conversion.rows import Wanted
    from cxkit.source import Source

EXAMPLES = (
    "cxkit convert survey.csv -o survey.parquet",
    "cxkit convert survey.csv -o counts.csv --tally score,region",
    "cxkit convert orders.csv -o import.csv --to customergauge-revenue",
)
COLUMNS = ("file", "format", "rows", "columns")
READS, WRITES = True, True
WITHOUT = ("json", "csv", "chart", "title", "limit", "width", "precision", "color", "ascii", "lang")
FORMATS = ("parquet", "csv", "xlsx", "ndjson")
HELP = {
    "output": "the file to write: .parquet .csv .xlsx .ndjson; - is stdout, with -f",
    "format": "what to write, if the extension of -o does not say it",
    "to": "write the import layout of another program",
}


def convert(
    data: Any,
    reading: Mapping[str, Any],
    *,
    output: str | None = None,
    format: Literal["parquet", "csv", "xlsx", "ndjson"] | None = None,
    tally: Sequence[str] = (),
    to: Literal["customergauge-responses", "customergauge-revenue"] | None = None,
    score: str | None = None,
    date: str | None = None,
    comment: str | None = None,
    customer: str | None = None,
    amount: str | None = None,
    quantity: str | None = None,
    price: str | None = None,
    order: str | None = None,
    currency: str | None = None,
    count: str | None = None,
    strict: bool = False,
) -> Result:
    """A file in another format: Parquet, CSV, Excel or NDJSON, with types and labels.

    A column gets a type (whole number, number, date, time, true or false) only if every cell of
    the file fits it, so that nothing is lost; leading zeros, long ids and mixed columns stay text.
    CSV keeps every cell as it is. Question texts and value labels are kept in Parquet and Excel.
    With --tally, counts are written that every analysis reads with --count n.

    Args:
        data: the file.

    Returns:
        A row for each file written: `file format rows columns`.

    Raises:
        RequestError: the file cannot be written, is an input, or a column is not there.
        DataError: the input is missing, broken or empty.
    """
    from cxkit.conversion.rows import Wanted, converted
    from cxkit.reading import read

    source: Source | None = None
    faults: list[CxError] = []
    name = output or ""
    chosen = format or _format(name, faults)
    faults += _wrong(data, output, chosen, tally, to)
    try:
        source = read(data, **reading)
    except CxError as error:
        faults.append(error)
    raise_all(faults)
    assert source is not None
    roles = {
        "score": score, "date": date, "comment": comment, "customer": customer, "amount": amount,
        "quantity": quantity, "price": price, "order": order, "currency": currency,
    }  # fmt: skip
    given = {role: column for role, column in roles.items() if column}
    null = tuple(reading.get("null") or ())
    wanted = Wanted(name, chosen, tuple(tally), count, to, given, null, strict, _files(data))
    return converted(_of_command(source, wanted), wanted)


def _format(name: str, faults: list[CxError]) -> str:
    """The format that the extension says."""
    extension = Path(name).suffix.lower().removeprefix(".")
    if extension in FORMATS or not name:
        return extension
    if name == "-":
        hints = [("try", "-f csv, ndjson, parquet or xlsx")]
        faults.append(RequestError("no-format", "-o - does not say what to write", hints))
        return ""
    shown = f'no format has the extension ".{extension}"' if extension else "what format is it?"
    known = [("formats", " ".join(f".{one}" for one in FORMATS))]
    faults.append(RequestError("no-format", f"{visible(name)}: {visible(shown)}", known))
    return ""


def _wrong(
    data: Any, output: str | None, format: str, tally: Sequence[str], to: str | None
) -> list[CxError]:
    """What is wrong with the request before anything is read."""
    from cxkit import delivery

    if not output:
        tries = [
            ("try", "-o FILE.parquet   or   .csv, .xlsx, .ndjson"),
            ("try", f"-o - -f {format or 'csv'}   writes to stdout"),
        ]
        return [RequestError("missing-option", "convert needs -o FILE", tries)]
    found = [delivery.overwrite("-o", output, _files(data))]
    if to and tally:
        found.append(RequestError("usage", "--to and --tally contradict each other"))
    if to and format not in ("", "csv"):
        message = f"--to {to} is a CSV file: {visible(output)}"
        found.append(RequestError("no-format", message, [("try", "-o FILE.csv")]))
    return [fault for fault in found if fault]


def _files(data: Any) -> tuple[str, ...]:
    """The names of the files among the data."""
    items = data if isinstance(data, (list, tuple)) else [data]
    return tuple(os.fspath(item) for item in items if isinstance(item, (str, os.PathLike)))


def _of_command(source: Source, wanted: Wanted) -> Source:
    """For an import of scores, only rows that answer that question."""
    if wanted.to != "customergauge-responses":
        return source
    from cxkit.reading import layouts

    return layouts.asked_of(source, "nps", wanted.roles.get("score"))
