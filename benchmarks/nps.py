"""`cxkit nps` beside what a user would pick instead: whole processes, in one run, as ratios.

    python benchmarks/nps.py                  # 10 M rows: makes about 2.3 GB in benchmarks/data
    python benchmarks/nps.py --rows 100000    # a quick look
    python benchmarks/nps.py --startup        # only what it costs to start

Needs nothing itself; Polars makes the data. Every contender runs in the Python that runs this
script; those that are not installed are passed over. The machine drifts, so contenders take turns
and ratios are taken within each round.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import NamedTuple

DATA = Path(__file__).parent / "data"
MIB = 2**20
SETTINGS = ("CXKIT_", "POLARS_", "FORCE_COLOR", "PYTHONDONTWRITEBYTECODE")  # are unset

# Rows are arithmetic on their number, in batches: the same data anywhere, at any size, in little
# memory. `draw` is a pseudo-random number 0…1 (splitmix64).
MAKE = """
import sys
import polars as pl

folder, rows, batch = sys.argv[1], int(sys.argv[2]), 500_000
regions = ["Hà Nội", "TP. Hồ Chí Minh", "Đà Nẵng", "Cần Thơ", "Hải Phòng", "Huế", "Nha Trang",
    "Vinh"]
channels = ["web", "email", "store", "app"]
comments = ["", "ok", "Great service, thank you", "Waited far too long at the counter",
    "Friendly staff and a quick answer to everything I asked, will certainly come back",
    "Giao hàng chậm hai ngày, nhưng nhân viên rất nhiệt tình hỗ trợ"]
shares = [3, 1, 1, 2, 2, 6, 5, 12, 20, 20, 28]
cycle = pl.Series([score for score, share in enumerate(shares) for _ in range(share)])
words = ["0 - Not at all likely", *map(str, range(1, 10)), "10 - Extremely likely"]

def draw(i, salt):
    z = i * 0x9E3779B97F4A7C15 + salt * 0xD1B54A32D192ED03 % 2**64
    z = (z ^ (z // 2**30)) * 0xBF58476D1CE4E5B9
    z = (z ^ (z // 2**27)) * 0x94D049BB133111EB
    return (z ^ (z // 2**31)).cast(pl.Float64) / 2.0**64

def below(i, salt, n):
    return (draw(i, salt) * n).cast(pl.UInt32).clip(0, n - 1)

def part(start):
    number = pl.int_range(start, min(start + batch, rows), dtype=pl.UInt64, eager=True).alias("i")
    i, second = pl.col("i"), 1_000_000
    return number.to_frame().select(
        pl.format("R_{}", i + 1_000_000_001).alias("response_id"),
        pl.format("C{}", 10_000_000 + below(i, 1, 2_000_000)).alias("customer_id"),
        (pl.datetime(2024, 1, 1) + pl.duration(seconds=below(i, 2, 730 * 86_400)))
        .alias("responded_at"),
        pl.lit(pl.Series(regions)).gather(below(i, 3, 8)).alias("region"),
        pl.lit(pl.Series(channels)).gather(below(i, 4, 4)).alias("channel"),
        pl.lit(cycle).gather(below(i, 5, 100)).cast(pl.Int64).alias("score"),
        pl.lit(pl.Series(comments)).gather(below(i, 6, 6)).alias("comment"),
        draw(i, 7).alias("chance"),
    )

def messy(frame):
    chance = pl.col("chance")
    word = pl.lit(pl.Series(words)).gather(pl.col("score"))
    odd = pl.when(chance < 0.02).then(pl.lit("")).when(chance < 0.03).then(pl.lit("N/A"))
    answer = odd.when(chance < 0.032).then(pl.lit("11")).otherwise(word)
    return frame.with_columns(answer.alias("score"))

starts = range(0, rows, batch)
for name, change in (("clean", lambda frame: frame), ("messy", messy)):
    with open(f"{folder}/{name}.csv", "wb") as out:
        for start in starts:
            change(part(start)).drop("chance").write_csv(
                out, include_header=start == 0, datetime_format="%Y-%m-%d %H:%M:%S")
pl.scan_csv(f"{folder}/clean.csv", schema_overrides={"score": pl.Int64}).with_columns(
    pl.col("responded_at").str.to_datetime("%Y-%m-%d %H:%M:%S")
).sink_parquet(f"{folder}/clean.parquet")
"""

POLARS = """
import sys
import polars as pl

path, score = sys.argv[1], pl.col("score")
if path.endswith("csv"):
    rows = pl.scan_csv(path, schema_overrides={"score": pl.Int64}).with_columns(
        pl.col("responded_at").str.to_datetime("%Y-%m-%d %H:%M:%S"))
else:
    rows = pl.scan_parquet(path)
print(rows.group_by("region", month=pl.col("responded_at").dt.truncate("1mo")).agg(
    n=score.count(), detractors=(score <= 6).sum(), promoters=(score >= 9).sum(),
).sort("region", "month").collect(engine="streaming"))
"""

DUCKDB = """
import sys
import duckdb

print(duckdb.sql(f\"\"\"
    select region, date_trunc('month', responded_at) as month, count(score) as n,
        count(*) filter (score <= 6) as detractors, count(*) filter (score >= 9) as promoters
    from '{sys.argv[1]}' group by all order by all\"\"\").fetchall())
"""

PANDAS = """
import sys
import pandas as pd

path, columns = sys.argv[1], ["responded_at", "region", "score"]
if path.endswith("csv"):
    rows = pd.read_csv(path, usecols=columns)
    rows["responded_at"] = pd.to_datetime(rows["responded_at"], format="%Y-%m-%d %H:%M:%S")
else:
    rows = pd.read_parquet(path, columns=columns)
rows["month"] = rows["responded_at"].dt.to_period("M").dt.start_time
rows["detractors"], rows["promoters"] = rows["score"] <= 6, rows["score"] >= 9
print(rows.groupby(["region", "month"]).agg(
    n=("score", "count"), detractors=("detractors", "sum"), promoters=("promoters", "sum")))
"""

PROGRAMS = {"polars": POLARS, "duckdb": DUCKDB, "pandas": PANDAS}


class Run(NamedTuple):
    wall: float
    cpu: float
    peak: float


class Contender(NamedTuple):
    name: str
    command: Sequence[str]


def program(text: str, *words: str | Path) -> list[str]:
    return [sys.executable, "-c", text, *map(str, words)]


def cxkit(*words: str | Path) -> list[str]:
    return [str(Path(sys.executable).with_name("cxkit")), *map(str, words)]


def timed(command: Sequence[str]) -> Run:
    """Run a process to its end, its output thrown away."""
    kept = {n: v for n, v in os.environ.items() if not n.startswith(SETTINGS)}
    with open(os.devnull, "r+b") as nothing:
        start = time.perf_counter()
        child = subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing, env=kept)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"failed ({child.returncode}): {' '.join(command)[-300:]}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit / MIB)


def in_turn(contenders: Sequence[Contender], rounds: int) -> dict[str, list[Run]]:
    """Each contender once a round, one after the other, after a round that does not count."""
    runs: dict[str, list[Run]] = {contender.name: [] for contender in contenders}
    for number in range(rounds + 1):
        for contender in contenders:
            run = timed(contender.command)
            if number:
                runs[contender.name].append(run)
    return runs


def ratio(one: Sequence[Run], other: Sequence[Run], figure: Callable[[Run], float]) -> float:
    return median(figure(a) / figure(b) for a, b in zip(one, other, strict=True))


def table(title: str, runs: dict[str, list[Run]], bars: dict[str, float]) -> None:
    """Seconds and memory of each contender, and the first one's ratio to it beside the bar."""
    first, *_ = runs
    print(f"\n{title:34} {'wall s':>7} {'cpu s':>7} {'MiB':>6} {'max':>6}   wall ×  cpu ×  bar")
    for name, its in runs.items():
        middle = [median(column) for column in zip(*its, strict=True)]
        line = f"{name:34} {middle[0]:7.2f} {middle[1]:7.2f} {middle[2]:6.0f}"
        line += f" {max(run.peak for run in its):6.0f}"
        if name != first:
            wall = ratio(runs[first], its, lambda run: run.wall)
            cpu = ratio(runs[first], its, lambda run: run.cpu)
            bar = f"≤ {bars[name]:.2f}" if name in bars else ""
            line += f"   {wall:6.2f} {cpu:6.2f}  {bar}"
        print(line, flush=True)


def make(rows: int) -> Path:
    folder = DATA / str(rows)
    if not (folder / "clean.parquet").exists():
        folder.mkdir(parents=True, exist_ok=True)
        print(f"making {rows:,} rows in {folder}", flush=True)
        subprocess.run(program(MAKE, folder, str(rows)), check=True)
    return folder


def others(path: Path) -> list[Contender]:
    """The same question by other means, as far as they are installed."""
    known = [name for name in PROGRAMS if find_spec(name)]
    return [Contender(name, program(PROGRAMS[name], path)) for name in known]


def throughput(rows: int, rounds: int) -> None:
    folder = make(rows)
    question = ("--by", "region", "--period", "month")
    ours = {path.name: Contender(f"cxkit nps {path.name}", cxkit("nps", path, *question))
            for path in sorted(folder.iterdir())}  # fmt: skip
    bars = {"clean.csv": {"polars": 1.05, "duckdb": 0.85}, "clean.parquet": {"polars": 1.15}}
    for name in bars:
        contenders = [ours[name], *others(folder / name)]
        table(f"{name}, {rows:,} rows", in_turn(contenders, rounds), bars[name])
    pair = [ours["messy.csv"], ours["clean.csv"]]
    table(f"messy beside clean, {rows:,} rows", in_turn(pair, rounds), {pair[1].name: 1.05})


def startup(rounds: int) -> None:
    small = make(1_000) / "clean.csv"
    polars = Contender("import polars", program("import polars"))
    for words, bar in ((("nps", small), 1.25), (("--help",), 0.4), (("nps", "--help"), 0.6)):
        name = " ".join(["cxkit", *(Path(word).name for word in words)])
        pair = [Contender(name, cxkit(*words)), polars]
        table(name, in_turn(pair, rounds), {polars.name: bar})


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=7, help="of each table (start-up: 3 ×)")
    parser.add_argument("--startup", action="store_true", help="only what it costs to start")
    words = parser.parse_args()
    for name in PROGRAMS:
        if not find_spec(name):
            print(f"{name} is not installed: left out")
    startup(3 * words.rounds)
    if not words.startup:
        throughput(words.rows, words.rounds)


if __name__ == "__main__":
    main()
