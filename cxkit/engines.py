"""Where a reduction runs: the only place that collects."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any

from cxkit.errors import CxError

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

    from cxkit.source import Source

_BUDGET = "POLARS_OOC_MEMORY_BUDGET_MB"
LABELS = "cxkit.labels"  # where a Parquet file that cxkit wrote keeps its labels


def grammar(source: Source) -> ModuleType:
    """The module that supplies `col`, `len`, `when`, … for the frame of a source."""
    import polars

    return polars


def budget(megabytes: int) -> None:
    """Spill to disk what a grouping or a sort holds beyond so many megabytes, from now on.

    A soft target of the engine, for the whole process: small tables are never spilled, and what
    the scan itself holds comes on top.
    """
    import polars as pl

    os.environ[_BUDGET] = str(megabytes)
    pl.Config.reload_env_vars()


def spill_budget() -> int | None:
    """The bytes that may be held before rows are spilled to disk; None without a budget."""
    text = os.environ.get(_BUDGET, "")
    return int(text) * 2**20 if text.isdecimal() else None


def collect(lazy: pl.LazyFrame, source: Source) -> pl.DataFrame:
    """The rows of a reduction, computed by the streaming engine.

    Raises:
        CxError: what the engine could not read, with the line, as the source tells it.
    """
    import polars as pl

    try:
        return lazy.collect(engine="streaming")
    except CxError:
        raise
    except (pl.exceptions.PolarsError, OSError, UnicodeError) as error:
        raise source.diagnose(error) from error


def batches(
    lazy: pl.LazyFrame, source: Source, size: int = 1_000_000, *, ordered: bool = False
) -> Iterator[pl.DataFrame]:
    """The rows of a frame, while the streaming engine computes them.

    Args:
        size: about how many come together.
        ordered: whether they come in their order.

    Raises:
        CxError: as `collect`.
    """
    import polars as pl

    try:
        yield from lazy.collect_batches(chunk_size=size, maintain_order=ordered, engine="streaming")
    except (pl.exceptions.PolarsError, OSError, UnicodeError) as error:
        raise source.diagnose(error) from error


def write(
    lazy: pl.LazyFrame,
    source: Source,
    path: Path,
    format: str,
    labels: Mapping[str, Any] | None = None,
) -> None:
    """Write rows to a file while they are read: `parquet`, `csv` or `ndjson`.

    Args:
        labels: question texts and value labels, which a Parquet file can carry.

    Raises:
        CxError: what the engine could not read; OSError: what could not be written.
    """
    import polars as pl

    try:
        if format == "parquet":
            note = {LABELS: json.dumps(labels, ensure_ascii=False)} if labels else None
            lazy.sink_parquet(path, metadata=note, engine="streaming")
        elif format == "csv":
            lazy.sink_csv(path, engine="streaming", check_extension=False)
        else:
            lazy.sink_ndjson(path, engine="streaming", check_extension=False)
    except (pl.exceptions.PolarsError, UnicodeError) as error:
        raise source.diagnose(error) from error


def labels(path: Path) -> Mapping[str, Any]:
    """The labels that `write` has put into a Parquet file: `labels` and `codes`, if there are."""
    import polars as pl

    try:
        found = json.loads(pl.read_parquet_metadata(path).get(LABELS, "{}"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
