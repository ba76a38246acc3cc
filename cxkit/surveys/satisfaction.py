"""The share of the top boxes of groups of ratings: estimated, and compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxkit.surveys import ratings
from cxkit.surveys.ratings import Boxes

if TYPE_CHECKING:
    import polars as pl

FIGURES = ("csat", "ci_low", "ci_high", "mean", "bottom_rate", "net")


def figures(groups: pl.DataFrame, boxes: Boxes, confidence: float) -> pl.DataFrame:
    """The groups with share, interval, mean and net; null where there is no answer.

    Args:
        groups: a row for each group, as `ratings.classify` counts them.
        boxes: which answers are satisfied, and which dissatisfied; words have no mean.
        confidence: level of Wilson's interval, as a fraction.
    """
    import polars as pl

    from cxkit.stats.intervals import wilson

    effective = ratings.worth(groups, boxes.scale)
    found = ratings.ends(effective, boxes)
    low, high = wilson(pl.col("top"), pl.col("answers"), confidence)
    limits = found.select(low.alias("ci_low"), high.alias("ci_high"))
    middle = (1 - found["top_rate"] - found["bottom_rate"]).clip(0, 1)
    mean = ratings.moments(effective, boxes.scale)["mean"]
    return groups.with_columns(
        found["top_rate"].alias("csat"),
        limits["ci_low"],
        limits["ci_high"],
        mean if not boxes.scale.words else pl.lit(None, pl.Float64).alias("mean"),
        found["bottom_rate"],
        found["net"],
        found["top_rate"],
        middle.alias("middle_rate"),
        effective["n_effective"],
    )


def against(
    groups: pl.DataFrame, boxes: Boxes, confidence: float, places: pl.Series | None = None
) -> pl.DataFrame:
    """The difference of each share from that of the row at a place, or from the rest: `diff low
    high p_value`."""
    from cxkit.stats.means import share_difference

    one, other = (
        ratings.ends(effective, boxes).select(successes="top", n="answers")
        for effective in (
            ratings.worth(groups, boxes.scale),
            ratings.other_side(groups, places, boxes.scale),
        )
    )
    return share_difference(one, other, confidence).select("diff", "low", "high", "p_value")


def dissatisfied(groups: pl.DataFrame, boxes: Boxes) -> pl.Expr:
    """How many answers are in the bottom boxes; with weights, how much they weigh."""
    import polars as pl

    prefix = "v" if f"v{boxes.bottom[0]}" in groups.columns else "x"
    return pl.sum_horizontal(f"{prefix}{answer}" for answer in boxes.bottom)
