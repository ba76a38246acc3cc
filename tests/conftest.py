"""What several tests share: where the real files are, and the public function."""

import os
from pathlib import Path

import pytest

from cxkit import cli

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


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder to work in, without settings of cxkit."""
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith("CXKIT_"):
            monkeypatch.delenv(name)
    return tmp_path


@pytest.fixture
def run(folder, capsys):
    """A command line run in the folder: its code, and what it wrote to both streams."""

    def once(*argv):
        code = cli.run([str(word) for word in argv])
        out, err = capsys.readouterr()
        return code, out, err

    return once
