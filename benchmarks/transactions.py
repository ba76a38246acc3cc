"""What reads transactions beside what a user would pick instead: whole processes, as ratios.

    python benchmarks/transactions.py                  # 20 M rows: 1.6 GB in benchmarks/data
    python benchmarks/transactions.py --rows 200000    # a quick look

As in `nps.py`, contenders take turns, and ratios are taken within each round. First the sums that
an analysis starts from (cxkit also accounts for every row), then whole commands beside the figures
that can be asked of an engine in one query; for a model such as that of `clv` there is none.
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

# The reduction alone: the sums that an analysis starts from.
REDUCTION = """
import sys
from cxkit.cli import tune
tune()
from cxkit import read
from cxkit.orders.sales import Sales
from cxkit.orders.transactions import read_sales
from cxkit.slices import Slice

path, question = sys.argv[1:]
date = None if question == "pareto" else "ordered_at"
period = "month" if question == "retention" else None
piece = Slice(customer="customer_id", date=date, period=period)
sums = read_sales(read(path), Sales(piece, amount="amount"), days=question == "clv")
print(sums.rows)
"""

POLARS = """
import sys
import polars as pl

path, question = sys.argv[1:3]
if path.endswith("csv"):
    rows = pl.scan_csv(path)
    when = pl.col("ordered_at").str.to_datetime("%Y-%m-%d %H:%M:%S")
else:
    rows, when = pl.scan_parquet(path), pl.col("ordered_at")
time = {"retention": [when.dt.truncate("1mo")], "clv": [when.dt.date()], "pareto": []}
keys, amount = ["customer_id", *time[question]], pl.col("amount")
sums = rows.group_by(keys).agg(amount.sum())
"""

DUCKDB = """
import sys
import duckdb

path, question = sys.argv[1:3]
time = {"retention": ", date_trunc('month', ordered_at) as month",
    "clv": ", ordered_at::date as day", "pareto": ""}[question]
sums = f"select customer_id{time}, sum(amount) as amount from '{path}' group by all"
"""

SUMS = {
    "polars": POLARS
    + """
print(sums.collect(engine="streaming"))
""",
    "duckdb": DUCKDB
    + """
print(duckdb.sql(sums).to_arrow_table().num_rows)
""",
}

# What the command answers: who came, stayed and left in each month, and their revenue.
RETENTION = {
    "polars": POLARS
    + """
months = sums.rename({"ordered_at": "month"}).sort("customer_id", "month").with_columns(
    before=pl.col("month").shift().over("customer_id"), last=amount.shift().over("customer_id"))
kept = pl.col("before").dt.offset_by("1mo") == pl.col("month")
change = amount - pl.col("last")
print(months.group_by("month").agg(
    pl.len().alias("end"), kept.sum().alias("retained"),
    pl.col("before").is_null().sum().alias("new"), amount.sum(),
    pl.col("last").filter(kept).sum(),
    change.filter(kept & (change > 0)).sum().alias("expansion"),
    change.filter(kept & (change < 0)).sum().alias("contraction"),
).sort("month").collect(engine="streaming"))
""",
    "duckdb": DUCKDB
    + """
print(duckdb.sql(f\"\"\"
    with sums as ({sums}),
    months as (select *, lag(month) over w as before, lag(amount) over w as last from sums
        window w as (partition by customer_id order by month)),
    moves as (select *, coalesce(before = month - interval 1 month, false) as kept,
        amount - last as change from months)
    select month, count(*), count(*) filter (kept), count(*) filter (before is null), sum(amount),
        sum(last) filter (kept), sum(change) filter (kept and change > 0),
        sum(change) filter (kept and change < 0)
    from moves group by month order by month\"\"\").fetchall())
""",
}

# The share of the top fifth, how many bring 80 %, and the Gini coefficient.
PARETO = {
    "polars": POLARS
    + """
place, total = pl.int_range(1, pl.len() + 1), amount.sum()
print(sums.sort("amount", descending=True).select(
    top=amount.head((pl.len() * 0.2).ceil().cast(pl.Int64)).sum() / total,
    items=(amount.cum_sum() < 0.8 * total).sum() + 1,
    gini=((pl.len() + 1 - 2 * place) * amount).sum() / (pl.len() * total),
).collect(engine="streaming"))
""",
    "duckdb": DUCKDB
    + """
print(duckdb.sql(f\"\"\"
    with sums as ({sums}),
    ranked as (select amount, row_number() over w as place, sum(amount) over w as so_far,
        sum(amount) over () as total, count(*) over () as n from sums
        window w as (order by amount desc rows unbounded preceding))
    select sum(amount) filter (place <= ceil(n * 0.2)) / any_value(total),
        count(*) filter (so_far < 0.8 * total) + 1,
        sum((n + 1 - 2 * place) * amount) / any_value(n * total) from ranked\"\"\").fetchall())
""",
}

QUESTIONS = {"retention": RETENTION, "pareto": PARETO, "clv": {}}
OPTIONS = {
    "retention": ("--date", "ordered_at", "--period", "month"),
    "pareto": (),
}
BARS = {"csv": {"polars": 0.8, "duckdb": 0.85}, "parquet": {"polars": 1.0, "duckdb": 1.0}}


def make(rows: int) -> Path:
    folder = DATA / f"transactions-{rows}"
    if not (folder / "orders.parquet").exists():
        folder.mkdir(parents=True, exist_ok=True)
        print(f"making {rows:,} rows in {folder}", flush=True)
        subprocess.run(program(MAKE, folder, str(rows)), check=True)
    return folder


def others(programs: dict[str, str], path: Path, question: str) -> list[Contender]:
    """The same by other means, as far as they are installed."""
    known = [name for name in programs if find_spec(name)]
    return [Contender(name, program(programs[name], path, question)) for name in known]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rows", type=int, default=20_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    words = parser.parse_args()
    folder = make(words.rows)
    print(f"{words.rows:,} rows")
    for question, programs in QUESTIONS.items():
        for ending, bars in BARS.items():
            path = folder / f"orders.{ending}"
            title = f"{question}, {path.name}"
            sums = Contender("cxkit: the reduction", program(REDUCTION, path, question))
            runs = in_turn([sums, *others(SUMS, path, question)], words.rounds)
            table(f"sums for {title}", runs, bars)
            if not programs:
                continue
            options = ("--customer", "customer_id", "--amount", "amount", *OPTIONS[question])
            ours = cxkit(question, path, *options)
            whole = [
                Contender(f"cxkit {question}", ours),
                Contender("  --memory 400", [*ours, "--memory", "400"]),
            ]
            table(title, in_turn([*whole, *others(programs, path, question)], words.rounds), {})


if __name__ == "__main__":
    main()
