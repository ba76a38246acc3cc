"""Rows split by customer, so that each part is small: in memory, or on disk beyond a budget."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from cxkit.engines import spill_budget
from cxkit.errors import DataError

if TYPE_CHECKING:
    import polars as pl

_COUNT = 64
_WIDTH = 2**64 // _COUNT
_BUCKET = "cxkit:bucket"


class Buckets:
    """Rows by the first bits of a 64-bit hash; a file for each where they exceed the budget.

    Args:
        key: the column of the hash, which every row has.
        prepared: what is made of rows that were added, when their turn to be split comes.
    """

    def __init__(
        self, key: str, prepared: Callable[[pl.DataFrame], pl.DataFrame] = lambda rows: rows
    ) -> None:
        self._key, self._prepared = key, prepared
        self._waiting: list[pl.DataFrame] = []
        self._parts: list[list[pl.DataFrame]] = [[] for _ in range(_COUNT)]
        self._held = 0
        self._files: list[list[Path]] = [[] for _ in range(_COUNT)]
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._none: pl.DataFrame

    def __enter__(self) -> Buckets:
        return self

    def __exit__(self, *error: object) -> None:
        if self._folder:
            self._folder.cleanup()

    def add(self, rows: pl.DataFrame) -> None:
        """Keep these rows.

        They are split when all are there, or exceed the budget: to split some while the engine
        reads others would take a quarter more time, for both want all processors.
        """
        self._waiting.append(rows)
        self._held += int(rows.estimated_size())
        budget = spill_budget()
        if budget and self._held > budget // 2:  # what reads the rows needs the other half
            self._split()
            self._spill()

    def reduced(self, reduce: Callable[[pl.DataFrame], pl.DataFrame]) -> pl.DataFrame:
        """What a function makes of each bucket, in the order of the key; the rows are let go.

        There must be rows, or at least an empty frame of them.
        """
        import polars as pl

        self._split()
        places = [place for place in range(_COUNT) if self._parts[place] or self._files[place]]
        if not places:
            return reduce(self._none)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return pl.concat(pool.map(lambda place: reduce(self._take(place)), places))

    def _split(self) -> None:
        """Split the rows that wait."""
        import polars as pl

        bucket = (pl.col(self._key) // _WIDTH).cast(pl.UInt8).alias(_BUCKET)
        while self._waiting:
            rows = self._prepared(self._waiting.pop()).with_columns(bucket)
            parts = rows.partition_by(_BUCKET, as_dict=True, include_key=False)
            for (place,), part in parts.items():
                self._parts[place].append(part)
            self._none = rows.clear().drop(_BUCKET)

    def _take(self, place: int) -> pl.DataFrame:
        """The rows of a bucket, which are no longer held."""
        import polars as pl

        files, held = self._files[place], self._parts[place]
        self._parts[place] = []
        return pl.concat([*map(pl.read_ipc, files), *held])

    def _spill(self) -> None:
        """Write the rows that are held to files."""
        import polars as pl

        try:
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="cxkit-")
            for place, parts in enumerate(self._parts):
                if parts:
                    file = Path(self._folder.name) / f"{place}-{len(self._files[place])}.arrow"
                    pl.concat(parts).write_ipc(file)
                    self._files[place].append(file)
                    self._parts[place] = []
        except OSError as error:
            message = f"no room for what exceeds --memory: {error.strerror or error}"
            hints = [("hint", "set TMPDIR to a folder with room"), ("or", "a larger --memory")]
            raise DataError("no-space", message, hints) from error
        self._held = 0


def by_chunk(rows: pl.DataFrame, made: Callable[[pl.DataFrame], pl.DataFrame]) -> pl.DataFrame:
    """What is made of the rows of each chunk of the first column, so that no other column is copied
    to fit beside a new one."""
    import polars as pl

    parts, start = [], 0
    for length in rows.to_series().chunk_lengths():
        parts.append(made(rows.slice(start, length)))
        start += length
    return pl.concat(parts)
