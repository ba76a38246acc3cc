"""Hand-made results: the four cities of the design, and groups with hostile names."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import NormalDist
from typing import Any

import polars as pl
import pytest

from cxkit.result import Bar, Change, Input, Interval, Ledger, Note, Result, Table

Group = tuple[Any, int, int, int]  # name, detractors, passives, promoters
CITIES: list[Group] = [
    ("TP. Hồ Chí Minh", 81, 123, 208),
    ("Hà Nội", 95, 105, 165),
    ("Đà Nẵng", 45, 52, 91),
    ("Cần Thơ", 56, 34, 31),
]
HOSTILE = [
    "[/b]",
    "[red]x",
    ":smile:",
    "\x1b[31mred\x1b[0m\x07",
    '=HYPERLINK("http://x","y")',
    "<script>alert(1)</script>",
    "$\\frac$",
    "abc\u202edef",
    "Ha\u0300 No\u0323\u0302i",
    "x" * 500,
    "a|b",
    "two\nlines\r\nand\ttabs",
    "日本語のグループ",
    "{name}",
    "**bold** `code` _it_",
    "\u2028",
    "",
    "❤️",
    "\x00",
    "a\u0301" * 80,
    "--option",
    "{0}{1!r}",
]
FIGURES = [
    *("n", "missing", "invalid", "detractors", "passives", "promoters"),
    *("detractor_rate", "passive_rate", "promoter_rate", "nps", "ci_low", "ci_high"),
    "n_effective",
]
COMPARED = ["compared_with", "diff", "diff_low", "diff_high", "p_value", "p_adjusted"]
HEADLINE = ("nps", Interval(), "n", Bar())


def estimate(det: int, pas: int, pro: int) -> dict[str, Any]:
    """Adjusted Wald (Rocks 2016): three quarters, one and a half, three quarters are added."""
    n = det + pas + pro
    nps, se = adjusted(det, pas, pro)
    return {
        "n": n,
        "missing": 4,
        "invalid": 0,
        "detractors": det,
        "passives": pas,
        "promoters": pro,
        "detractor_rate": det / n if n else None,
        "passive_rate": pas / n if n else None,
        "promoter_rate": pro / n if n else None,
        "nps": 100 * (pro - det) / n if n else None,
        "ci_low": 100 * (nps - 1.959964 * se) if n else None,
        "ci_high": 100 * (nps + 1.959964 * se) if n else None,
        "n_effective": float(n),
    }


def adjusted(det: int, pas: int, pro: int) -> tuple[float, float]:
    n = det + pas + pro + 3
    p, d = (pro + 0.75) / n, (det + 0.75) / n
    return p - d, math.sqrt((p + d - (p - d) ** 2) / n)


def against(one: Sequence[int], other: Sequence[int]) -> dict[str, Any]:
    (a, se_a), (b, se_b) = adjusted(*one), adjusted(*other)
    se = math.hypot(se_a, se_b)
    return {
        "diff": 100 * (score(one) - score(other)),
        "diff_low": 100 * (a - b - 1.96 * se),
        "diff_high": 100 * (a - b + 1.96 * se),
        "p_value": 2 * NormalDist().cdf(-abs((a - b) / se)),
    }


def score(counts: Sequence[int]) -> float:
    return (counts[2] - counts[0]) / sum(counts)


def holm(rows: list[dict[str, Any]]) -> None:
    tested = sorted((r for r in rows if r["p_value"] is not None), key=lambda r: r["p_value"])
    highest = 0.0
    for rank, row in enumerate(tested):
        highest = max(highest, min(1.0, (len(tested) - rank) * row["p_value"]))
        row["p_adjusted"] = highest


def blank_row(key: str, name: Any) -> dict[str, Any]:
    return {
        "table": None,
        key: name,
        **dict.fromkeys(FIGURES),
        **dict.fromkeys(COMPARED),
        "flags": [],
    }


def rows_of(groups: Sequence[Group], key: str, min_n: int = 30) -> list[dict[str, Any]]:
    rows = []
    whole = [sum(g[i] for g in groups) for i in (1, 2, 3)]
    for name, *counts in groups:
        row = blank_row(key, name) | estimate(*counts)
        rest = [w - c for w, c in zip(whole, counts, strict=True)]
        if sum(counts) and sum(rest):
            row |= {"compared_with": "rest"} | against(counts, rest)
        if sum(counts) < min_n:
            row |= {"flags": ["low-n"] if sum(counts) else ["no-data"], "p_value": None}
        if name is None:
            row |= {"p_value": None}
        rows.append(row)
    holm(rows)
    return rows


def table_of(key: str, tests: int = 4, select: str | None = None) -> Table:
    return Table(
        keys=(key,),
        columns=("n", "nps", Interval(), Bar(), Change(term="rest"), "p_adjusted"),
        headline=HEADLINE,
        sort="nps",
        select=select,
        footnotes=(("marks-rest", {"alpha": 0.05, "adjust": "holm", "tests": tests}),),
    )


def survey(
    groups: Sequence[Group] = CITIES,
    key: str = "region",
    *,
    patch: dict[int, dict[str, Any]] | None = None,
    **more: Any,
) -> Result:
    """A `nps --by` result of groups and their counts; `patch` changes rows by number."""
    rows = rows_of(groups, key)
    for i, values in (patch or {}).items():
        rows[i] |= values
    whole = [sum(g[i] for g in groups) for i in (1, 2, 3)]
    return finished(rows, whole, key, tables=(table_of(key, len(groups)),), **more)


def finished(
    rows: list[dict[str, Any]], whole: Sequence[int], key: Any, summary: Any = None, **more: Any
) -> Result:
    n = sum(whole)
    total = {
        **estimate(*whole),
        **dict.fromkeys(COMPARED),
        "flags": [],
        "omnibus_p": 0.0001,
        "target": None,
        "target_probability": None,
    }
    frame = pl.DataFrame(rows, infer_schema_length=None, schema_overrides=types(rows))
    return Result(
        command="nps",
        rows=frame,
        summary=total | (summary or {}),
        ledger=Ledger(n + 18, n, {"missing": 12, "preview": 6}),
        **{
            "notes": (Note("low-n", "info", "Huế has 12 answers (minimum 30)"),),
            "inputs": (Input("survey.csv", "plain", n + 18),),
            "columns": {"score": "nps_score", "date": None, "by": [key]},
            "params": {"confidence": 0.95, "interval": "adjusted-wald", "min_n": 30},
            **more,
        },
    )


def types(rows: list[dict[str, Any]]) -> dict[str, Any]:
    floats = dict.fromkeys([*FIGURES[6:], *COMPARED[1:]], pl.Float64)
    return floats | {"table": pl.String, "compared_with": pl.String, "flags": pl.List(pl.String)}


def two_tables() -> Result:
    """`--by region --by channel`: stacked rows, a table each."""
    channels: list[Group] = [("app", 200, 200, 300), ("store", 77, 114, 195)]
    rows = [row | {"channel": None, "table": "region"} for row in rows_of(CITIES, "region")]
    rows += [row | {"region": None, "table": "channel"} for row in rows_of(channels, "channel")]
    order = ["table", "region", "channel", *FIGURES, *COMPARED, "flags"]
    rows = [{name: row[name] for name in order} for row in rows]
    tables = (
        table_of("region", 4, select="region"),
        table_of("channel", 1, select="channel"),
    )
    return finished(
        rows, (277, 314, 495), "region", tables=tables,
        columns={"score": "nps_score", "by": ["region", "channel"]},
    )  # fmt: skip


def periods(groups: Sequence[Any] = ("Hà Nội", "Cần Thơ"), names: int = 3) -> Result:
    """`--by region --period quarter`: periods oldest first, then groups."""
    rows = []
    for p in range(names):
        for g, group in enumerate(groups):
            row = blank_row("region", group) | estimate(20 + 5 * g, 40, 50 + 10 * p - 15 * g)
            row["period"] = f"2026-Q{p + 1}"
            if p:
                row |= {"compared_with": f"2026-Q{p}", "diff": 6.5 * p, "p_value": 0.03 / p}
                row["p_adjusted"] = row["p_value"]
            if p == names - 1:
                row |= {"flags": ["partial"], "p_value": None, "p_adjusted": None}
            rows.append(row)
    order = ["table", "region", "period", *FIGURES, *COMPARED, "flags"]
    rows = [{name: row[name] for name in order} for row in rows]
    table = Table(
        keys=("region", "period"),
        columns=("n", "nps", Interval(), Bar(), Change(term="previous"), "p_adjusted"),
        headline=HEADLINE,
        sort="nps",
        footnotes=(("marks-previous", {"alpha": 0.05, "adjust": "holm", "tests": 2}),),
    )
    return finished(rows, (150, 240, 310), "region", tables=(table,))


def trend() -> Result:
    """`--period quarter`, no groups."""
    whole = periods(groups=("x",))
    table = Table(keys=("period",), columns=whole.tables[0].columns, headline=HEADLINE, sort="nps")
    return finished(whole.rows.drop("region").to_dicts(), (60, 120, 180), "x", tables=(table,))


def whole_only() -> Result:
    """`nps` without groups: one row, the whole."""
    row = blank_row("region", None) | estimate(277, 314, 495)
    del row["region"]
    table = Table(keys=(), columns=("n", "nps", Interval(), Bar()), headline=HEADLINE)
    return finished([row], (277, 314, 495), "x", tables=(table,), columns={"score": "Q1"})


def hostile() -> Result:
    """Every hostile name, a blank group, one with few answers, one withheld, one empty."""
    groups: list[Group] = [(name, 30 + i, 40, 50) for i, name in enumerate(HOSTILE)]
    groups += [(None, 10, 10, 90), ("few", 1, 5, 6), ("hidden", 1, 1, 1), ("empty", 0, 0, 0)]
    gone = dict.fromkeys([*FIGURES, *COMPARED]) | {"flags": ["suppressed"]}
    return survey(groups, "[b]key|<i>", patch={len(HOSTILE) + 2: gone})


MAKERS: dict[str, Callable[..., Result]] = {
    "survey": survey,
    "two_tables": two_tables,
    "periods": periods,
    "trend": trend,
    "whole_only": whole_only,
    "hostile": hostile,
}


@pytest.fixture(scope="session")
def make() -> Callable[..., Result]:
    """`make("survey", …)`: a fresh hand-made result."""
    return lambda name, *args, **options: MAKERS[name](*args, **options)


@pytest.fixture(scope="session", params=sorted(MAKERS))
def result(request: pytest.FixtureRequest) -> Result:
    """Each of the hand-made results in turn."""
    return MAKERS[request.param]()


@pytest.fixture(scope="session")
def hostile_names() -> list[str]:
    """Names no table should trip over."""
    return HOSTILE
