"""The public names, for type checkers; written by tests/test_stub.py."""

import os
from collections.abc import Sequence
from typing import Literal, Protocol

import polars as pl

from cxkit.errors import CxError as CxError
from cxkit.errors import DataError as DataError
from cxkit.errors import RequestError as RequestError
from cxkit.output import render as render
from cxkit.output import write as write
from cxkit.reading import read as read
from cxkit.result import Chart as Chart
from cxkit.result import Ledger as Ledger
from cxkit.result import Note as Note
from cxkit.result import Result as Result
from cxkit.source import Source as Source

class Arrow(Protocol):
    """Any frame that speaks Arrow: pyarrow, pandas, DuckDB, …"""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...

Path = str | os.PathLike[str]
Data = Path | Sequence[Path] | pl.DataFrame | pl.LazyFrame | Arrow | Source

__version__: str
__all__: list[str]

def nps(
    data: Data,
    *,
    score: str | None = None,
    by: str | Sequence[str | tuple[str, ...]] = (),
    period: str | None = None,
    date: str | None = None,
    customer: str | None = None,
    count: str | None = None,
    weight: str | None = None,
    cluster: str | None = None,
    where: str | Sequence[str] = (),
    since: str | None = None,
    until: str | None = None,
    last: int | None = None,
    fiscal_start: int = 1,
    partial: bool = False,
    keep: str = "all",
    scale: str = "0-10",
    population: int | None = None,
    target: float | None = None,
    interval: str = "adjusted-wald",
    confidence: float = 95,
    min_n: int = 30,
    suppress: int | None = None,
    adjust: str = "holm",
    input_format: str | None = None,
    sheet: str | None = None,
    keep_previews: bool = False,
    keep_unfinished: bool = False,
    null: str | Sequence[str] = (),
    encoding: str | None = None,
    delimiter: str | None = None,
    decimal: str | None = None,
    date_format: str | None = None,
    memory: str | None = None,
) -> Result:
    """Net Promoter Score with its interval, by group and over time."""
    ...

def check(
    data: Data,
    *,
    for_: str | None = None,
    score: str | None = None,
    date: str | None = None,
    customer: str | None = None,
    strict: bool = False,
    input_format: str | None = None,
    sheet: str | None = None,
    keep_previews: bool = False,
    keep_unfinished: bool = False,
    null: str | Sequence[str] = (),
    encoding: str | None = None,
    delimiter: str | None = None,
    decimal: str | None = None,
    date_format: str | None = None,
    memory: str | None = None,
) -> Result:
    """What a file holds, and every problem in it, with its line and its remedy."""
    ...

def convert(
    data: Data,
    *,
    output: str | None = None,
    format: Literal['parquet', 'csv', 'xlsx', 'ndjson'] | None = None,
    tally: str | Sequence[str] = (),
    to: str | None = None,
    score: str | None = None,
    date: str | None = None,
    comment: str | None = None,
    count: str | None = None,
    strict: bool = False,
    input_format: str | None = None,
    sheet: str | None = None,
    keep_previews: bool = False,
    keep_unfinished: bool = False,
    null: str | Sequence[str] = (),
    encoding: str | None = None,
    delimiter: str | None = None,
    decimal: str | None = None,
    date_format: str | None = None,
    memory: str | None = None,
) -> Result:
    """A file in another format: Parquet, CSV, Excel or NDJSON, with types and labels."""
    ...
