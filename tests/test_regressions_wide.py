"""Files of thousands of columns: little time and memory, and the same answers as narrow ones."""

import json
import random
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

import cxkit
from cxkit.checks import content
from cxkit.conversion import casts

# Judged once for each pair of columns, or with patterns compiled for each, these files took four
# times as much and more.
SECONDS, MEGABYTES = 30, 1_000
COST = """
import sys, time
from cxkit import cli
code = cli.run(sys.argv[1:])
held = next(line for line in open("/proc/self/status") if line.startswith("VmHWM:"))
print(code, time.process_time(), int(held.split()[1]) / 1024, file=sys.stderr)
"""
linux = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="tells peak memory")
CELLS = ("7", "0.25", "a b", "2024-01-02")  # of the columns, in turn
TYPES = (pl.Int64, pl.Float64, pl.String, pl.Date)
ODD = ("=1+1x{}", "12,{}", "1.{}", "0{}/12/2024", "2024-01-02 {}", "a {}", "N/A", "", "-", " {} ",
       "{}", "x{}@y.z", "Jan 3 2024 {}", "\x01{}")  # fmt: skip


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def wide(columns, rows=40):
    """Forty answers and a blank line; all rows differ but the last, which repeats the first."""
    names = ["score", "day", *(f"q{i}" for i in range(columns))]
    rest = ",".join(CELLS[i % 4] for i in range(columns))
    lines = [f"{row % 11},2024-01-{row % 28 + 1:02},{rest}" for row in range(rows - 1)]
    lines = [*lines[:20], "," * (columns + 1), *lines[20:], lines[0]]
    Path("wide.csv").write_text("\n".join([",".join(names), *lines]) + "\n")


def odd(columns, rows):
    """Cells of every kind, more of them than are tallied."""
    pick = random.Random(0)
    frame = {f"q{i}": [pick.choice(ODD).format(pick.randrange(10**6)) for _ in range(rows)]
             for i in range(columns)}  # fmt: skip
    pl.DataFrame({"score": [row % 11 for row in range(rows)]} | frame).write_csv("odd.csv")


def cost(*words):
    """Exit code, seconds of processor time and megabytes held at most."""
    done = subprocess.run(
        [sys.executable, "-c", COST, *words], capture_output=True, text=True, check=True
    )
    code, seconds, megabytes = done.stderr.splitlines()[-1].split()
    return int(code), float(seconds), float(megabytes)


@linux
@pytest.mark.parametrize(
    "words",
    [
        ("check", "wide.csv"),
        ("convert", "wide.csv", "-o", "out.csv"),
        ("convert", "wide.csv", "-o", "out.parquet"),
        ("nps", "wide.csv"),
    ],
)
def test_two_thousand_columns_cost_little(folder, words):
    wide(2_000)
    code, seconds, megabytes = cost(*words)
    assert code == 0
    assert seconds < SECONDS
    assert megabytes < MEGABYTES


@linux
def test_many_columns_of_distinct_cells_cost_little(folder):
    odd(600, 1_500)
    code, seconds, megabytes = cost("check", "odd.csv")
    assert code == 0
    assert seconds < SECONDS
    assert megabytes < MEGABYTES


def test_a_wide_file_is_checked_right(folder):
    wide(1_000)
    result = cxkit.check("wide.csv")
    assert result.summary["rows"] == 40
    twice = result.rows.filter(code="duplicate-rows")
    assert twice.select("count", "first_line").row(0) == (1, 2)
    profile = pl.DataFrame(result.summary["profile"])
    assert profile["filled_rate"].unique().to_list() == [1.0]
    assert profile["distinct"].to_list() == [11, 28, *[1] * 1_000]
    held = ["whole numbers 7", "numbers", "categories", "dates, year first"]
    assert profile["holds"].to_list()[2:] == held * 250


def test_rows_that_differ_in_one_of_many_cells_are_no_copies(folder):
    rows = [[0] * 1_000 for _ in range(3)]
    rows[1][998], rows[2][999] = 1, 1
    names = [f"q{i}" for i in range(1_000)]
    result = cxkit.check(pl.DataFrame(rows, schema=names, orient="row"))
    assert "duplicate-rows" not in result.rows["code"].to_list()


def test_a_wide_file_is_converted_right(folder):
    wide(1_000)
    for name in ("out.csv", "out.parquet"):
        cxkit.convert("wide.csv", output=name)
    typed = pl.read_parquet("out.parquet")
    assert typed.shape == (40, 1_002)
    assert typed.dtypes == [pl.Int64, pl.Date, *TYPES * 250]
    lines = [line for line in Path("wide.csv").read_text().splitlines() if line.strip(",")]
    assert Path("out.csv").read_text().splitlines() == lines


@pytest.mark.parametrize("exact", [0, 1_000_000])
def test_cells_are_judged_alike_in_files_of_any_width(folder, monkeypatch, exact):
    odd(12, 1_500)
    monkeypatch.setattr(content, "EXACT", exact)
    monkeypatch.setattr(content, "FEW", 300)
    narrow = cxkit.check("odd.csv")
    monkeypatch.setattr(content, "_WIDE", 0)
    monkeypatch.setattr(content, "_PASS", 5)
    broad = cxkit.check("odd.csv")
    assert broad.rows.equals(narrow.rows)
    assert json.dumps(broad.summary) == json.dumps(narrow.summary)


def test_distinct_cells_are_counted_without_blanks(folder, monkeypatch):
    odd(2, 1_500)
    cells = pl.read_csv("odd.csv", infer_schema=False)["q0"]
    truth = len({cell for cell in cells.to_list() if cell})
    for width in (0, 30):
        monkeypatch.setattr(content, "FEW", 300)
        monkeypatch.setattr(content, "_WIDE", width)
        assert cxkit.check("odd.csv").summary["profile"][1]["distinct"] == truth


def test_types_are_settled_alike_in_any_number_of_passes(folder, monkeypatch):
    wide(30)
    cxkit.convert("wide.csv", output="one.parquet")
    monkeypatch.setattr(casts, "_PASS", 7)
    cxkit.convert("wide.csv", output="five.parquet")
    assert pl.read_parquet("five.parquet").equals(pl.read_parquet("one.parquet"))
    assert pl.read_parquet("five.parquet").dtypes[2:6] == list(TYPES)
