"""What each stage of a journey weighs in the overall score: relative weights and their limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cxkit.result import Note
from cxkit.surveys.groups import Settings
from cxkit.touchpoints.stages import CHANNEL, STAGE

if TYPE_CHECKING:
    import polars as pl

    from cxkit.touchpoints.stages import Staged

IMPACT = ("impact", "impact_low", "impact_high")
ADVISED, TENFOLD = 100, 10  # complete rows that weights should stand on: at all, for each stage


def impacts(
    staged: Staged, columns: Sequence[str], settings: Settings, seed: int
) -> tuple[pl.DataFrame, list[Note]]:
    """What each stage weighs in the overall score: relative weights, with bootstrap limits.

    They stand on the rows that answer every stage and the overall question.

    Args:
        staged: the answers; of a file with one column a stage and an overall score.
        columns: of the stages.
        settings: of the level, and below how many rows nothing is said.
        seed: of the bootstrap.

    Returns:
        `by0 by1 impact impact_low impact_high`, by channel, and what is to be noted.
    """
    import polars as pl

    kinds = {STAGE: pl.String, CHANNEL: pl.String} | dict.fromkeys(IMPACT, pl.Float64)
    none = pl.DataFrame(schema=kinds)
    if staged.patterns is None:
        return none, []
    patterns = staged.patterns
    if CHANNEL not in patterns.columns:
        patterns = patterns.with_columns(pl.lit(None, pl.String).alias(CHANNEL))
    scored = [f"score{i}" for i in range(len(columns) + 1)]
    complete = patterns.drop_nulls(scored).sort(CHANNEL, *scored, nulls_last=True)
    found, notes, thin = [none], [], []
    for part in complete.partition_by(CHANNEL, maintain_order=True):
        n, name = int(part["n"].sum()), part[CHANNEL][0]
        weights = _weights(part, scored, settings, seed) if n >= _least(settings, columns) else None
        if weights is not None:
            named = weights.with_columns(
                pl.Series(STAGE, list(columns)), pl.lit(name, pl.String).alias(CHANNEL)
            )
            found.append(named.select(*kinds))
        thin += [n] if weights is None or n < max(ADVISED, TENFOLD * len(columns)) else []
    if thin or len(found) == 1:
        advised = max(ADVISED, TENFOLD * len(columns))
        message = f"impact stands on rows that answer every stage: {min(thin, default=0):,} of them"
        notes.append(Note("impact", "info", f"{message}, where {advised:,} or more are advised"))
    return pl.concat(found), notes


def _least(settings: Settings, columns: Sequence[str]) -> int:
    """The fewest complete rows of which weights are told."""
    return max(settings.min_n, settings.suppress or 0, len(columns) + 2)


def _weights(
    part: pl.DataFrame, scored: Sequence[str], settings: Settings, seed: int
) -> pl.DataFrame | None:
    """The relative weights of one channel; None where the overall score never changes."""
    import polars as pl

    from cxkit.stats.importance import bootstrap, relative_weights
    from cxkit.stats.moments import associations, of_patterns, pooled

    mean = None
    if "w" in part.columns:
        mean = part.select(pl.col("w") / pl.col("n")).to_series().to_numpy()
    parts = of_patterns(part.select(scored).to_numpy(), part["n"].to_numpy(), mean)
    try:
        found = associations(pooled(parts))
    except ValueError:
        return None
    values = [0.0] * (len(scored) - 1)
    for place, weight in zip(
        found.kept, relative_weights(found.drivers, found.outcome).weights, strict=True
    ):
        values[int(place)] = float(weight)
    limits = bootstrap(parts, seed=seed, confidence=settings.confidence)
    return pl.DataFrame(
        {"impact": values, "impact_low": limits.low, "impact_high": limits.high},
        schema=dict.fromkeys(IMPACT, pl.Float64),
    )
