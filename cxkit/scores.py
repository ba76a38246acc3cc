"""Scores of groups of detractors, passives and promoters: estimated, and compared.

A frame has a row for each group and period (see `groups`). Weights, clusters and lists of known
length all come down to effective counts: how many independent, equal answers a row is worth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cxkit import groups as side
from cxkit.errors import RequestError

if TYPE_CHECKING:
    import polars as pl

    from cxkit.periods import Calendar

CLASSES = ("detractors", "passives", "promoters")
COUNTS = ("n", "missing", "invalid", *CLASSES)
FIGURES = ("detractor_rate", "passive_rate", "promoter_rate", "nps", "ci_low", "ci_high",
           "n_effective")  # fmt: skip
COMPARISON = ("compared_with", "diff", "diff_low", "diff_high", "p_value", "p_adjusted")
POINTS = 100  # statistics run on −1…1


@dataclass(frozen=True)
class Settings:
    """How scores are estimated, compared and shown."""

    interval: str
    confidence: float
    min_n: int
    suppress: int | None
    adjust: str
    partial: bool
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


def summed(counts: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """The counts and sums of weights over fewer keys; over none, one row."""
    import polars as pl

    sums = [pl.col(name).sum() for name in counts.columns if name not in side.keys_of(counts)
            and name not in ("start", "cluster")]  # fmt: skip
    return counts.group_by(keys, maintain_order=True).agg(sums) if keys else counts.select(sums)


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


def figures(groups: pl.DataFrame, effective: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """The groups with rates, score and interval; null where there is no answer."""
    import polars as pl

    from cxkit.stats.intervals import nps_interval
    from cxkit.stats.weights import finite_interval, finite_population

    total = effective.select(pl.sum_horizontal(CLASSES)).to_series()
    shares = effective.select(pl.when(total > 0).then(pl.col(CLASSES) / total))
    level = (settings.interval, settings.confidence, effective["df"])
    size = effective["n_effective"]
    if settings.population is None:
        limits = nps_interval(effective, *level)
    else:
        _fits(groups["n"], settings.population)
        limits = finite_interval(effective, groups["n"], settings.population, *level)
        sized = effective.with_columns(total.alias("n_effective"))
        size = finite_population(sized, groups["n"], settings.population)["n_effective"]
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


def compared(
    groups: pl.DataFrame,
    effective: pl.DataFrame,
    moves: pl.DataFrame | None,
    calendar: Calendar | None,
    settings: Settings,
) -> pl.DataFrame:
    """The groups with the comparison block: against their previous period, or the rest."""
    import polars as pl

    from cxkit.stats.comparisons import difference
    from cxkit.stats.weights import joint_df

    if calendar is None and groups.height < 2:
        none = {"compared_with": pl.String} | dict.fromkeys(COMPARISON[1:], pl.Float64)
        return groups.with_columns(pl.lit(None, kind).alias(name) for name, kind in none.items())
    if calendar:
        other, correlation = _before(groups, effective, moves, calendar)
        names = [calendar.label(calendar.previous(start)) for start in groups["start"].to_list()]
    else:
        other, correlation = _rest(groups, moves)
        names = ["rest"] * groups.height
    hidden = groups["withheld"] | other["withheld"].fill_null(False)
    test = side.tested(groups, other, settings.min_n, settings.partial) & ~hidden
    found = difference(
        effective,
        other,
        settings.interval,
        settings.confidence,
        correlation=correlation,
        df=joint_df(effective["df"], other["df"]),
    ).with_columns(
        pl.Series("compared_with", names, dtype=pl.String),
        pl.when(test).then(pl.col("p_value")).alias("p_value"),
        pl.col("diff", "low", "high") * POINTS,
    )
    found = found.with_columns(
        pl.when(found["diff"].is_not_null() & ~hidden).then(pl.col(found.columns))
    )
    pair = calendar is None and groups.height == 2
    return groups.hstack(
        found.select("compared_with", "diff", diff_low="low", diff_high="high", p_value="p_value")
    ).with_columns(side.adjusted(found["p_value"], pair, settings.adjust))


def _before(
    groups: pl.DataFrame, effective: pl.DataFrame, moves: pl.DataFrame | None, calendar: Calendar
) -> tuple[pl.DataFrame, pl.Series | None]:
    """The previous period of each row, and how the two scores go together."""
    import polars as pl

    from cxkit.stats.weights import correlation

    places = side.previous(groups, calendar)
    sides = effective.hstack(groups.select("n", "withheld"))
    other = sides.select(pl.all().gather(places))
    return other, None if moves is None else correlation(moves, places)


def _rest(
    groups: pl.DataFrame, moves: pl.DataFrame | None
) -> tuple[pl.DataFrame, pl.Series | None]:
    """All other groups together, and how their score goes with that of each row."""
    import polars as pl

    from cxkit.stats import weights

    shown = pl.lit(False).alias("withheld")
    if moves is None and weights.SUMS[-1] not in groups.columns:
        rest = weights.others(groups, ("n", *CLASSES))
        return rest.with_columns(shown, pl.lit(None, pl.Int64).alias("df")), None
    groups = _weighed(groups)
    sums = weights.others(groups, ("n", *CLASSES, *weights.SUMS))
    known = None if moves is None else weights.rest_spreads(groups, moves)
    other = weights.effective(sums, known).with_columns(sums["n"], shown)
    return other, None if known is None else known["correlation"]
