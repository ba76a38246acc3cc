"""What is loaded, in a fresh interpreter: starting must cost little more than Polars itself."""

import os
import subprocess
import sys

import pytest

HEAVY = {"polars", "rich", "scipy", "matplotlib", "numpy", "pyarrow", "narwhals", "pandas",
         "xlsxwriter", "fastexcel", "tomllib", "jinja2"}  # fmt: skip
SCRIPT = """
import sys
from cxkit import cli
code = cli.run(sys.argv[1:])
print(code, *sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


def loaded(*argv, script=SCRIPT, folder=None):
    """The heavy modules among those that a command line has loaded."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("CXKIT_")}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script, *argv],
        capture_output=True, text=True, check=True, cwd=folder, env=environ,
    )  # fmt: skip
    code, *names = done.stderr.splitlines()[-1].split()
    assert code == "0", done.stderr
    return HEAVY & set(names)


@pytest.mark.parametrize("argv", [["--help"], ["nps", "--help"], ["--version"]])
def test_help_loads_nothing_heavy(argv):
    assert loaded(*argv) == set()


def test_import_loads_nothing_heavy():
    script = "import sys, cxkit; print(0, *sys.modules, 'typer' in sys.modules, file=sys.stderr)"
    assert loaded(script=script) == set()


@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_a_piped_table_loads_polars_only(tmp_path, flags):
    (tmp_path / "a.csv").write_text("nps,region\n" + "10,N\n3,S\n8,N\n" * 40)
    found = loaded("nps", "a.csv", "--by", "region", *flags, folder=tmp_path)
    assert found == {"polars"}


@pytest.mark.parametrize("before", [None, "narenas:3"])
def test_the_engine_is_told_to_need_little_memory_unless_it_is_told_otherwise(before):
    script = """
import os
from cxkit.cli import tune
tune()
import polars
print(os.environ["_RJEM_MALLOC_CONF"], os.environ["POLARS_CSV_CHUNK_SIZE"])
"""
    known = {k: v for k, v in os.environ.items() if k not in ("_RJEM_MALLOC_CONF",)}
    known.pop("POLARS_CSV_CHUNK_SIZE", None)
    told = known if before is None else known | {"_RJEM_MALLOC_CONF": before}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=told
    )
    ours = before or f"muzzy_decay_ms:0,narenas:{os.cpu_count()}"
    assert done.stdout == f"{done.stdout.split(ours)[0]}{ours} {4 * 2**20}\n"
    assert done.stderr == ""


def test_a_plain_file_loads_nothing_that_it_does_not_need(tmp_path):
    (tmp_path / "a.csv").write_text("nps,region\n" + "10,N\n3,S\n8,N\n" * 40)
    script = SCRIPT.replace('{name.partition(".")[0] for name in sys.modules}', "sys.modules")
    done = subprocess.run(
        [sys.executable, "-c", script, "nps", "a.csv"],
        capture_output=True, text=True, check=True, cwd=tmp_path,
    )  # fmt: skip
    names = set(done.stderr.splitlines()[-1].split())
    kinds = {f"cxkit.reading.{name}" for name in ("spss", "workbook", "stack")}
    assert not names & {
        *kinds,
        "cxkit.cells.dates",
        "cxkit.cells.where",
        "html",
        "json.tool",
        "secrets",
    }
