"""What reads transactions beside what a user would pick instead: whole processes, as ratios.

    python benchmarks/transactions.py                  # 20 M rows: 1.6 GB in benchmarks/data
    python benchmarks/transactions.py --rows 200000    # a quick look

As in `nps.py`, contenders take turns, and ratios are taken within each round. The others only sum
the rows; cxkit also gives its figures, intervals and an account of every row.
"""

from __future__ import annotations

import argparse
import subprocess
from importlib.util import find_spec
from pathlib import Path

from nps import DATA, Contender, cxkit, in_turn, program, table

# Rows are arithmetic on their number: few customers buy much, many buy once.
MAKE = """
import sys
import polars as pl

folder, rows, batch = sys.argv[1], int(sys.argv[2]), 500_000
regions = ["North", "South", "East", "West", "Hà Nội", "Huế"]

def draw(i, salt):
    z = i * 0x9E3779B97F4A7C15 + salt * 0xD1B54A32D192ED03 % 2**64
    z = (z ^ (z // 2**30)) * 0xBF58476D1CE4E5B9
    z = (z ^ (z // 2**27)) * 0x94D049BB133111EB
    return (z ^ (z // 2**31)).cast(pl.Float64) / 2.0**64

def part(start):
    number = pl.int_range(start, min(start + batch, rows), dtype=pl.UInt64, eager=True).alias("i")
    i, customers = pl.col("i"), rows // 10
    customer = (draw(i, 1) ** 1.6 * customers).cast(pl.Int64).clip(0, customers - 1)
    seconds = (draw(i, 2) * 730 * 86_400).cast(pl.Int64)
    cents = ((draw(i, 3) * 6).exp() * 100).cast(pl.Int64)
    sign = pl.when(draw(i, 4) < 0.02).then(-1).otherwise(1)
    return number.to_frame().select(
        pl.format("O{}", i + 10_000_000).alias("order_id"),
        pl.format("C{}", customer + 10_000_000).alias("customer_id"),
        (pl.datetime(2024, 1, 1) + pl.duration(seconds=seconds)).alias("ordered_at"),
        pl.format("SKU-{}", (draw(i, 5) * 5_000).cast(pl.Int64)).alias("product"),
        pl.lit(pl.Series(regions)).gather((draw(i, 6) * 6).cast(pl.UInt32).clip(0, 5))
        .alias("region"),
        (sign * cents / 100).alias("amount"),
    )

with open(f"{folder}/orders.csv", "wb") as out:
    for start in range(0, rows, batch):
        part(start).write_csv(out, include_header=start == 0, float_precision=2,
            datetime_format="%Y-%m-%d %H:%M:%S")
pl.scan_csv(f"{folder}/orders.csv").with_columns(
    pl.col("ordered_at").str.to_datetime("%Y-%m-%d %H:%M:%S")
).sink_parquet(f"{folder}/orders.parquet")
"""

POLARS = """
import sys
import polars as pl

path, monthly = sys.argv[1], sys.argv[2] == "retention"
if path.endswith("csv"):
    rows = pl.scan_csv(path)
    when = pl.col("ordered_at").str.to_datetime("%Y-%m-%d %H:%M:%S")
else:
    rows, when = pl.scan_parquet(path), pl.col("ordered_at")
keys = [when.dt.truncate("1mo")] if monthly else []
print(rows.group_by("customer_id", *keys).agg(pl.col("amount").sum()).collect(engine="streaming"))
"""

DUCKDB = """
import sys
import duckdb

month = ", date_trunc('month', ordered_at) as month" if sys.argv[2] == "retention" else ""
print(duckdb.sql(
    f"select customer_id{month}, sum(amount) from '{sys.argv[1]}' group by all").to_arrow_table()
    .num_rows)
"""

PROGRAMS = {"polars": POLARS, "duckdb": DUCKDB}
QUESTIONS = {
    "retention": ("--customer", "customer_id", "--date", "ordered_at", "--period", "month"),
    "pareto": ("--customer", "customer_id"),
}
BARS = {"csv": {"polars": 0.8, "duckdb": 0.85}, "parquet": {"polars": 1.0, "duckdb": 1.0}}


def make(rows: int) -> Path:
    folder = DATA / f"transactions-{rows}"
    if not (folder / "orders.parquet").exists():
        folder.mkdir(parents=True, exist_ok=True)
        print(f"making {rows:,} rows in {folder}", flush=True)
        subprocess.run(program(MAKE, folder, str(rows)), check=True)
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rows", type=int, default=20_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    words = parser.parse_args()
    folder = make(words.rows)
    known = [name for name in PROGRAMS if find_spec(name)]
    for command, options in QUESTIONS.items():
        question = (*options, "--amount", "amount")
        for ending, bars in BARS.items():
            path = folder / f"orders.{ending}"
            ours = [
                Contender(f"cxkit {command}", cxkit(command, path, *question)),
                Contender("  --memory 400", cxkit(command, path, *question, "--memory", "400")),
            ]
            others = [Contender(name, program(PROGRAMS[name], path, command)) for name in known]
            title = f"{command} {path.name}, {words.rows:,} rows"
            table(title, in_turn([*ours, *others], words.rounds), bars)


if __name__ == "__main__":
    main()
