"""Intervals cover at the published rate: every outcome enumerated, no random numbers."""

import json
import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from cxkit.stats.comparisons import difference
from cxkit.stats.intervals import COUNTS, nps_interval

ORACLES = Path(__file__).parents[1] / "oracles"
ORACLE = json.loads((ORACLES / "nps_compare.json").read_text(encoding="utf-8"))
ROWS = [
    row
    for row in ORACLE["coverage_one_sample_exact"]["rows"]
    if (row["method"], row["n"]) not in {("score", 100), ("bayes", 20), ("bayes", 30)}  # slow
]
DIFFERENCES = {"wald": "wald", "aw_full(.75,1.5,.75)each": "adjusted-wald", "mover_score": "score"}


def outcomes(n):
    """Every (D, N, P) of n respondents."""
    return [(d, n - d - p, p) for d in range(n + 1) for p in range(n + 1 - d)]


def probabilities(rows, shares):
    """Multinomial probability of every outcome (rows) under every truth (columns)."""
    n = sum(rows[0])
    log_factorial = np.array([math.lgamma(k + 1) for k in range(n + 1)])
    counts = np.array(rows)
    ways = log_factorial[n] - log_factorial[counts].sum(axis=1)
    return np.exp(ways[:, None] + counts @ np.log(shares).T)


def simplex():
    """300 truths: detractor and promoter shares from .02 by .04."""
    steps = [0.02 + 0.04 * i for i in range(24)]
    return np.array([(d, 1 - d - p, p) for d in steps for p in steps if d + p < 0.99])


def coverage(n, method, confidence=0.95):
    rows, shares = outcomes(n), simplex()
    limits = nps_interval(pl.DataFrame(rows, schema=list(COUNTS), orient="row"), method, confidence)
    low, high = limits["low"].to_numpy()[:, None], limits["high"].to_numpy()[:, None]
    truth = shares[:, 2] - shares[:, 0]
    inside = (low - 1e-9 <= truth) & (truth <= high + 1e-9)  # limits that hit a truth count
    return (probabilities(rows, shares) * inside).sum(axis=0)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['method']}-{row['n']}")
def test_coverage_matches_the_exact_table_over_300_trinomials(row):
    rates = coverage(row["n"], row["method"])
    assert len(rates) == 300
    assert rates.mean() == pytest.approx(row["all"]["mean"], abs=1e-9)
    assert rates.min() == pytest.approx(row["all"]["min"], abs=1e-9)


@pytest.mark.parametrize(("n", "least"), [(10, 0.90), (30, 0.935), (100, 0.945)])
def test_default_interval_keeps_its_promise(n, least):
    rates = coverage(n, "adjusted-wald")
    assert abs(rates.mean() - 0.95) < 0.002
    assert rates.min() > least


def test_scaled_pseudo_counts_rescue_the_80_percent_interval():
    """At n = 10 the least coverage would be .54 with three pseudo-observations in full."""
    rates = coverage(10, "adjusted-wald", 0.8)
    assert rates.min() > 0.71
    assert rates.mean() == pytest.approx(0.8, abs=0.01)


def null_coverage(n, method):
    """Mean coverage of the difference over truths in which both groups are the same."""
    rows = outcomes(n)
    table = pl.DataFrame(rows, schema=list(COUNTS), orient="row")
    k = len(rows)
    one, other = table[[i // k for i in range(k * k)]], table[[i % k for i in range(k * k)]]
    found = difference(one, other, method, 0.95)
    inside = ((found["low"] <= 1e-12) & (found["high"] >= -1e-12)).to_numpy().reshape(k, k)
    truths = np.random.default_rng(7).dirichlet([2, 3, 4], 150)
    chance = probabilities(rows, truths)
    return float(np.einsum("it,ij,jt->t", chance, inside, chance).mean())


@pytest.mark.parametrize(
    "row", ORACLE["coverage_two_sample_exact"]["rows"], ids=lambda row: DIFFERENCES[row["method"]]
)
def test_difference_covers_no_difference_at_the_published_rate(row):
    """The published 150 truths are another draw from the same Dirichlet: hence .006."""
    found = null_coverage(row["n1"], DIFFERENCES[row["method"]])
    assert found == pytest.approx(row["null_mean"], abs=0.006)
