"""`cxkit journey` beside what counts the same answers otherwise: whole processes, in one run.

    python benchmarks/journey.py                  # 10 M answers, as `nps.py` makes them
    python benchmarks/journey.py --rows 1000000   # a quick look

Two questions: the scores by stage and channel of a file that has nothing else; and of one with
dates and customers, where the stages stand in the order of their first dates and it is told how
many customers used each. The others count scores, first dates and different customers; cxkit also
reads every cell, tests every stage against the others, and accounts for every row.
"""

from __future__ import annotations

import argparse
from importlib.util import find_spec
from pathlib import Path

from nps import Contender, cxkit, in_turn, make, program, table, timed

CUT = """
import sys
import polars as pl

pl.scan_csv(sys.argv[1], infer_schema=False).select("region", "channel", "score").sink_csv(
    sys.argv[2])
"""

POLARS = """
import sys
import polars as pl

path, more, score = sys.argv[1], sys.argv[2] == "more", pl.col("score")
rows = pl.scan_csv(path, schema_overrides={"score": pl.Int64}) if path.endswith("csv") else (
    pl.scan_parquet(path))
told = [pl.col("responded_at").min(), pl.col("customer_id").n_unique()] if more else []
print(rows.group_by("region", "channel").agg(
    (score <= 6).sum().alias("detractors"), score.is_between(7, 8).sum().alias("passives"),
    (score >= 9).sum().alias("promoters"), *told).collect(engine="streaming"))
"""

DUCKDB = """
import sys
import duckdb

more = ", min(responded_at), count(distinct customer_id)" if sys.argv[2] == "more" else ""
print(duckdb.sql(f\"\"\"
    select region, channel, count(*) filter (score <= 6) as detractors,
        count(*) filter (score between 7 and 8) as passives,
        count(*) filter (score >= 9) as promoters{more}
    from '{sys.argv[1]}' group by all\"\"\").fetchall())
"""

PROGRAMS = {"polars": POLARS, "duckdb": DUCKDB}
STAGES = ("--stage", "region", "--channel", "channel", "--score", "score")


def cut(path: Path) -> Path:
    """The same answers without dates and customers, made once."""
    made = path.with_name("stages.csv")
    if not made.exists():
        timed(program(CUT, path, made))
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    words = parser.parse_args()
    folder = make(words.rows)
    known = [name for name in PROGRAMS if find_spec(name)]
    more = ("--customer", "customer_id", "--date", "responded_at")
    questions = ((cut(folder / "clean.csv"), (), "only", {"polars": 1.05}),
                 (folder / "clean.csv", more, "more", {}))  # fmt: skip
    for path, roles, asked, bars in questions:
        ours = Contender("cxkit journey", cxkit("journey", path, *STAGES, *roles))
        others = [Contender(name, program(PROGRAMS[name], path, asked)) for name in known]
        table(f"{path.name}, {words.rows:,} rows", in_turn([ours, *others], words.rounds), bars)


if __name__ == "__main__":
    main()
