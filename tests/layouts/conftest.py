"""Made-up exports in every layout; the answers are the same in nearly all of them."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from cxkit.engines import collect
from cxkit.source import Source

FILES = Path(__file__).parent / "files"


@pytest.fixture
def export() -> Callable[[str], Path]:
    """The path of a made-up export."""
    return lambda name: FILES / name


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., Path]:
    """Write a file, and give its path."""

    def write(content: str | bytes, name: str = "survey.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.fixture
def cells() -> Callable[[Source], pl.DataFrame]:
    """The user's columns, collected."""
    return lambda source: collect(source.rows.select(source.columns), source)
