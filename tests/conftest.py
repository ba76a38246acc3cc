"""What several tests share: where the real files are, and the public function."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
EXAMPLES = HERE.parent / "examples"


@pytest.fixture(scope="session")
def sfo() -> Path:
    """San Francisco airport survey 2017, columns selected; code 11 stands for no answer."""
    return EXAMPLES / "sfo_2017.csv"


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real files, cut to a few columns."""
    return HERE / "data"
