"""`cxkit drivers` beside bare queries for the same sums: whole processes, in one run.

    python benchmarks/drivers.py                  # 10 M rows × 15 ratings: about 55 MB of Parquet
    python benchmarks/drivers.py --rows 1000000   # a quick look

The bare queries sum the answers and all products of two columns: once over all rows, and once by
block (row number modulo 200), which is what a bootstrap needs and `cxkit drivers` keeps. It also
accounts for every row, checks every answer, and computes weights, LMG, and 1,000 resamples.
"""

from __future__ import annotations

import argparse
from importlib.util import find_spec
from pathlib import Path

from nps import DATA, Contender, cxkit, in_turn, program, table, timed

MAKE = """
import sys
import polars as pl

path, rows = sys.argv[1], int(sys.argv[2])

def draw(salt):
    z = pl.col("i") * 0x9E3779B97F4A7C15 + salt * 0xD1B54A32D192ED03 % 2**64
    z = (z ^ (z // 2**30)) * 0xBF58476D1CE4E5B9
    z = (z ^ (z // 2**27)) * 0x94D049BB133111EB
    return (z ^ (z // 2**31)).cast(pl.Float64) / 2.0**64

mood = draw(0)
ratings = {f"q{k}": (1 + 2 * mood + 3 * draw(k)).floor().clip(1, 5).cast(pl.Int64)
    for k in range(1, 16)}
score = (4 * mood + 7.5 * draw(99)).floor().clip(0, 10).cast(pl.Int64)
numbers = pl.LazyFrame().select(i=pl.int_range(rows, dtype=pl.UInt64))
numbers.select(score=score, **ratings).sink_parquet(path)
"""

POLARS = """
import sys
from itertools import combinations_with_replacement
import polars as pl

path, blocks = sys.argv[1], int(sys.argv[2])
columns = [*(f"q{k}" for k in range(1, 16)), "score"]
sums = [pl.col(name).sum().alias(name) for name in columns] + [
    (pl.col(a) * pl.col(b)).sum().alias(f"{a} {b}")
    for a, b in combinations_with_replacement(columns, 2)]
rows = pl.scan_parquet(path)
if blocks:
    rows = rows.with_row_index("row").group_by(pl.col("row") % blocks).agg(pl.len(), *sums)
else:
    rows = rows.select(pl.len(), *sums)
print(rows.collect(engine="streaming"))
"""

DUCKDB = """
import sys
from itertools import combinations_with_replacement
import duckdb

columns = [*(f"q{k}" for k in range(1, 16)), "score"]
sums = [f"sum({name})" for name in columns] + [
    f"sum({a} * {b})" for a, b in combinations_with_replacement(columns, 2)]
print(duckdb.sql(
    f"select file_row_number % 200 as block, count(*), {', '.join(sums)} "
    f"from read_parquet('{sys.argv[1]}', file_row_number = true) group by block").fetchall()[:1])
"""


def made(rows: int) -> Path:
    """The file of so many rows, made once."""
    path = DATA / f"ratings-{rows}.parquet"
    if not path.exists():
        DATA.mkdir(exist_ok=True)
        timed(program(MAKE, path, str(rows)))
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    words = parser.parse_args()
    path = made(words.rows)
    contenders = [
        Contender("cxkit drivers", cxkit("drivers", path, "--drivers", "q*")),
        Contender("polars, 200 blocks", program(POLARS, path, "200")),
        Contender("polars, no blocks", program(POLARS, path, "0")),
    ]
    if find_spec("duckdb"):
        contenders.append(Contender("duckdb, 200 blocks", program(DUCKDB, path)))
    bars = {"polars, 200 blocks": 1.15, "duckdb, 200 blocks": 0.7}
    table(f"ratings, {words.rows:,} rows", in_turn(contenders, words.rounds), bars)


if __name__ == "__main__":
    main()
