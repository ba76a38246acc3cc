"""Where a reduction runs: the only place that collects."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

from cxkit.errors import CxError

if TYPE_CHECKING:
    import polars as pl

    from cxkit.source import Source


def grammar(source: Source) -> ModuleType:
    """The module that supplies `col`, `len`, `when`, … for the frame of a source."""
    import polars

    return polars


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
