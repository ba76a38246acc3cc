"""Scores of groups of detractors, passives and promoters: estimated, and compared.

A frame has a row for each group and period (see `groups`). Weights, clusters and lists of known
length all come down to effective counts: how many independent, equal answers a row is worth.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from cxkit.errors import RequestError
from cxkit.surveys import groups as side

if TYPE_CHECKING:
    import polars as pl

CLASSES = ("detractors", "passives", "promoters")
COUNTS = ("n", "missing", "invalid", *CLASSES)
FIGURES = ("detractor_rate", "passive_rate", "promoter_rate", "nps", "ci_low", "ci_high",
           "n_effective")  # fmt: skip
POINTS = 100  # statistics run on −1…1


class Method(NamedTuple):
    """How the interval of a score is computed, and of how many customers the answers are."""

    interval: str
    confidence: float
    population: int | None = None


def classify(cells: pl.DataFrame, keys: Sequence[str] = ()) -> pl.DataFrame:
    """Counts by group and period, from answers by score; with weights their sums.

    Args:
        cells: as in `survey.Answers`: its cells, or its clusters.
        keys: further columns that tell rows apart, such as `cluster`.
    """
    import polars as pl

    kinds: list[pl.Expr] = []
    if "kind" in cells.columns:
        kind, n = pl.col("kind"), pl.col("n")
        words = {"n": "valid", "missing": "missing", "invalid": "invalid"}
        kinds = [n.filter(kind == word).sum().alias(name) for name, word in words.items()]
    sums = {"n": "", "w": "w_", "w2": "w2_"}
    classes = [
        each
        for name, prefix in sums.items()
        if name in cells.columns
        for each in _by_class(pl.col(name), prefix)
    ]
    names = [*side.keys_of(cells), "start", *keys]
    return cells.group_by(names, maintain_order=True).agg(*kinds, *classes)


def _by_class(of: pl.Expr, prefix: str) -> list[pl.Expr]:
    """Sums over detractors, passives and promoters; cells without a score are in none."""
    import polars as pl

    score = pl.col("score")
    conditions = (score <= 6, score.is_between(7, 8), score >= 9)
    return [
        of.filter(condition).sum().alias(prefix + name)
        for name, condition in zip(CLASSES, conditions, strict=True)
    ]


# --- what answers are worth ---------------------------------------------------------------------


def moves_of(
    groups: pl.DataFrame, clusters: pl.DataFrame | None, keys: Sequence[str]
) -> pl.DataFrame | None:
    """How each cluster moves the score of each group; None without clusters."""
    from cxkit.stats.weights import influence

    return None if clusters is None else influence(_weighed(groups), _weighed(clusters), keys)


def _weighed(counts: pl.DataFrame) -> pl.DataFrame:
    """The counts with sums of weights; without weights every answer weighs 1."""
    from cxkit.stats.weights import WEIGHTS, unit_weights

    return counts if WEIGHTS[0] in counts.columns else unit_weights(counts)


def worth(groups: pl.DataFrame, moves: pl.DataFrame | None) -> pl.DataFrame:
    """Effective counts of each row (`CLASSES`), `n_effective` and `df`, null where plain."""
    import polars as pl

    from cxkit.stats.weights import effective, spreads

    if moves is None and "w2_promoters" not in groups.columns:
        return groups.select(
            pl.col(CLASSES).cast(pl.Float64),
            n_effective=pl.lit(None, pl.Float64),
            df=pl.lit(None, pl.Int64),
        )
    known = None if moves is None else spreads(moves, groups.height)
    return effective(_weighed(groups), known).select(*CLASSES, "n_effective", "df")


def figures(groups: pl.DataFrame, effective: pl.DataFrame, how: Method) -> pl.DataFrame:
    """The groups with rates, score and interval; null where there is no answer."""
    import polars as pl

    from cxkit.stats.intervals import nps_interval
    from cxkit.stats.weights import finite_interval, finite_population

    total = effective.select(pl.sum_horizontal(CLASSES)).to_series()
    shares = effective.select(pl.when(total > 0).then(pl.col(CLASSES) / total))
    level = (how.interval, how.confidence, effective["df"])
    size = effective["n_effective"]
    if how.population is None:
        limits = nps_interval(effective, *level)
    else:
        _fits(groups["n"], how.population)
        limits = finite_interval(effective, groups["n"], how.population, *level)
        sized = effective.with_columns(total.alias("n_effective"))
        size = finite_population(sized, groups["n"], how.population)["n_effective"]
    return groups.with_columns(
        shares["detractors"].alias("detractor_rate"),
        shares["passives"].alias("passive_rate"),
        shares["promoters"].alias("promoter_rate"),
        (POINTS * (effective["promoters"] - effective["detractors"]) / total)
        .replace(float("nan"), None)
        .alias("nps"),
        (POINTS * limits["low"]).alias("ci_low"),
        (POINTS * limits["high"]).alias("ci_high"),
        size.alias("n_effective"),
        *(effective[name].alias(f"e_{name}") for name in CLASSES),
        effective["df"],
    )


def _fits(n: pl.Series, population: int) -> None:
    most = max(n.to_list(), default=0)
    if most > population:
        message = f"--population {population:,} is smaller than the {most:,} answers"
        raise RequestError("bad-value", message)


# --- comparison ---------------------------------------------------------------------------------


def against(
    groups: pl.DataFrame,
    effective: pl.DataFrame,
    moves: pl.DataFrame | None,
    places: pl.Series | None,
    how: Method,
) -> pl.DataFrame:
    """The difference of each score from that of the row at a place, or from the rest, in points.

    Returns:
        `diff low high p_value` of every row, as `stats.comparisons.difference`.
    """
    import polars as pl

    from cxkit.stats.comparisons import difference
    from cxkit.stats.weights import joint_df

    if places is not None:
        other, correlation = _before(effective, moves, places)
    else:
        other, correlation = _rest(groups, moves)
    return difference(
        effective,
        other,
        how.interval,
        how.confidence,
        correlation=correlation,
        df=joint_df(effective["df"], other["df"]),
    ).with_columns(pl.col("diff", "low", "high") * POINTS)


def _before(
    effective: pl.DataFrame, moves: pl.DataFrame | None, places: pl.Series
) -> tuple[pl.DataFrame, pl.Series | None]:
    """The previous period of each row, and how the two scores go together."""
    import polars as pl

    from cxkit.stats.weights import correlation

    other = effective.select(pl.all().gather(places))
    return other, None if moves is None else correlation(moves, places)


def _rest(
    groups: pl.DataFrame, moves: pl.DataFrame | None
) -> tuple[pl.DataFrame, pl.Series | None]:
    """All other groups together, and how their score goes with that of each row."""
    import polars as pl

    from cxkit.stats import weights

    if moves is None and weights.SUMS[-1] not in groups.columns:
        rest = weights.others(groups, CLASSES)
        return rest.with_columns(pl.lit(None, pl.Int64).alias("df")), None
    groups = _weighed(groups)
    sums = weights.others(groups, (*CLASSES, *weights.SUMS))
    known = None if moves is None else weights.rest_spreads(groups, moves)
    return weights.effective(sums, known), None if known is None else known["correlation"]
