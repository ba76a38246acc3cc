"""`cxkit/__init__.pyi` says to type checkers what the commands' signatures say at run time.

After a change of a signature: `python tests/test_stub.py` writes it anew.
"""

import inspect
from pathlib import Path

import cxkit
from cxkit.commands import COMMANDS

STUB = Path(cxkit.__file__).with_suffix(".pyi")
HEAD = '''"""The public names, for type checkers; written by tests/test_stub.py."""

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
'''


def stub() -> str:
    """The text of the stub."""
    return "\n".join([HEAD, *(_function(command.name) for command in COMMANDS)])


def _function(name: str) -> str:
    function = getattr(cxkit, name)
    lines = [f"def {name}("]
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name == "data":
            lines += [f"    data: {parameter.annotation},", "    *,"]
        else:
            default = str(parameter.default).replace("'", '"')
            if isinstance(parameter.default, str):
                default = f'"{default}"'
            given = "" if parameter.default is parameter.empty else f" = {default}"
            lines.append(f"    {parameter.name}: {parameter.annotation}{given},")
    summary = (inspect.getdoc(function) or "").split("\n")[0]
    return "\n".join([*lines, ") -> Result:", f'    """{summary}"""', "    ...", ""])


def test_stub_matches_the_signatures() -> None:
    assert STUB.read_text() == stub()


if __name__ == "__main__":
    STUB.write_text(stub())
