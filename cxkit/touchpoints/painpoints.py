"""Where a journey hurts: the score of each stage, its part of the detractors, what it weighs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cxkit.result import Interval
from cxkit.surveys import groups as side
from cxkit.surveys import ratings, satisfaction, scores
from cxkit.surveys.groups import COMPARISON, Settings
from cxkit.surveys.measured import Measure
from cxkit.surveys.ratings import Boxes
from cxkit.surveys.scores import Method
from cxkit.surveys.story import Look, Phrase
from cxkit.surveys.withholding import withheld
from cxkit.touchpoints.impacts import IMPACT
from cxkit.touchpoints.stages import CHANNEL, STAGE

if TYPE_CHECKING:
    import polars as pl

    from cxkit.touchpoints.stages import Staged

VITAL = (4, 5)  # the fewest stages that hold four fifths are the vital few


@dataclass(frozen=True)
class Metric:
    """What is measured at each stage.

    Args:
        name: `nps` or `csat`.
        measure: what it makes of counted answers.
        low: how many answers of a group are low, or what they weigh.
        share, cumulative: the columns of their shares.
        footnotes: what is told of the interval and of the answers.
    """

    name: str
    measure: Measure
    low: Callable[[pl.DataFrame], pl.Expr]
    share: str
    cumulative: str
    footnotes: tuple[Phrase, ...]

    @property
    def figure(self) -> str:
        """The column of the main figure."""
        return self.measure.look.figure

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of a row."""
        counts = self.measure.counts[1:]
        figures = (*counts, *self.measure.figures, *COMPARISON, "flags")
        shares = (self.share, self.cumulative, "vital_few")
        return ("stage", "channel", "order", "n", "usage_rate", *figures, *shares, *IMPACT)


def promoters(confidence: float) -> Metric:
    """Net Promoter Scores; low answers are those of detractors."""
    import polars as pl

    how = Method("adjusted-wald", confidence)

    def estimate(groups: pl.DataFrame, keys: Sequence[str]) -> tuple[pl.DataFrame, Any]:
        worth = scores.worth(groups, None)
        return scores.figures(groups, worth, how), lambda places: scores.against(
            groups, worth, None, places, how
        )

    def low(groups: pl.DataFrame) -> pl.Expr:
        return pl.col("w_detractors" if "w_detractors" in groups.columns else "detractors")

    look = Look("nps", ("n", "nps"), ("nps", Interval(), "n"), "bars")
    measure = Measure("journey", scores.COUNTS, scores.FIGURES, scores.classify, estimate, look)
    told: Phrase = ("interval-adjusted-wald", {"confidence": confidence})
    return Metric("nps", measure, low, "detractor_share", "detractor_cum_share", (told,))


def satisfied(boxes: Boxes, confidence: float) -> Metric:
    """Shares of satisfied answers; low answers are those in the bottom boxes."""

    def classify(cells: pl.DataFrame) -> pl.DataFrame:
        return ratings.classify(cells, boxes.scale)

    def estimate(groups: pl.DataFrame, keys: Sequence[str]) -> tuple[pl.DataFrame, Any]:
        found = satisfaction.figures(groups, boxes, confidence)
        return found, lambda places: satisfaction.against(groups, boxes, confidence)

    def low(groups: pl.DataFrame) -> pl.Expr:
        return satisfaction.dissatisfied(groups, boxes)

    look = Look("csat", ("n", "csat"), ("csat", Interval(), "n"), "bars", unit=100)
    counts, figures = ratings.COUNTS, satisfaction.FIGURES
    measure = Measure("journey", counts, figures, classify, estimate, look)
    told: tuple[Phrase, ...] = (
        ("interval-wilson", {"confidence": confidence}),
        ("satisfied-bottom", ratings.told(boxes)),
    )
    return Metric("csat", measure, low, "low_share", "low_cum_share", told)


# --- the rows -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stages:
    """The stages of a journey, measured.

    Args:
        rows: a row for each channel and stage.
        overall: a row for each stage, all channels together.
        whole: the figures of all answers together.
    """

    rows: pl.DataFrame
    overall: pl.DataFrame
    whole: Mapping[str, Any]


def measured_stages(
    metric: Metric, staged: Staged, settings: Settings, impact: pl.DataFrame
) -> Stages:
    """The figures of every stage, in every channel and in all together.

    Args:
        metric: what is measured.
        staged: the answers.
        settings: how stages are compared and shown.
        impact: by stage and channel, from `impacts.impacts`.
    """
    counts = metric.measure.classify(staged.answers.cells)
    keys = [STAGE, CHANNEL] if CHANNEL in counts.columns else [STAGE]
    frames = [side.summed(counts, own) for own in (keys, [STAGE])]
    known = [[CHANNEL]] if CHANNEL in keys else []
    hidden = withheld(frames, [keys, [STAGE]], settings.suppress, known)
    apart, overall = (
        _placed(frame.with_columns(rows), staged)
        for frame, rows in zip(frames, hidden, strict=True)
    )
    channels = [apart]
    if CHANNEL in keys:
        channels = apart.partition_by(CHANNEL, maintain_order=True)
    whole = metric.measure.estimate(side.summed(counts, ()), ())[0].row(0, named=True)
    rows = _told(_rated(channels, metric, settings), staged.usage, impact, metric)
    all_of_them = _told(_rated([overall], metric, settings), None, impact.clear(), metric)
    return Stages(rows, all_of_them, whole)


def _placed(groups: pl.DataFrame, staged: Staged) -> pl.DataFrame:
    """Groups with their place: the channel with most answers first, a blank last; then stages."""
    import polars as pl

    places = {name: i for i, name in enumerate(staged.order, 1)}
    order = pl.col(STAGE).replace_strict(
        list(places), list(places.values()), default=None, return_dtype=pl.Int64
    )
    groups = groups.with_columns(order.alias("order"), pl.lit(False).alias("unfinished"))
    by = ["order"]
    if CHANNEL in groups.columns:
        size = pl.col("n").sum().over(CHANNEL)
        groups = groups.with_columns(-size.alias("size"), pl.col(CHANNEL).is_null().alias("blank"))
        by = ["blank", "size", CHANNEL, "order"]
    return groups.sort(by, nulls_last=True)


def _rated(channels: Sequence[pl.DataFrame], metric: Metric, settings: Settings) -> pl.DataFrame:
    """The stages of each channel with their figures, compared with its others, and flagged."""
    import polars as pl

    parts = []
    for groups in channels:
        found, against = metric.measure.estimate(groups, [STAGE])
        found = side.compared(found, None, settings, against)
        parts.append(_shares(found, metric))
    rows = pl.concat(parts)
    if len(parts) > 1:
        rows = rows.with_columns(_adjusted(parts, settings.adjust))
    return rows.with_columns(side.flags(rows, metric.figure, settings.min_n))


def _adjusted(parts: Sequence[pl.DataFrame], method: str) -> pl.Series:
    """P-values adjusted over all channels; the two stages of a channel are one test."""
    import polars as pl

    tests = [(i, 0 if part.height == 2 else k) for i, part in enumerate(parts)
             for k in range(part.height)]  # fmt: skip
    own = list(dict.fromkeys(tests))
    raw = pl.Series([parts[i]["p_value"][k] for i, k in own], dtype=pl.Float64)
    found = dict(zip(own, side.adjusted(raw, False, method).to_list(), strict=True))
    return pl.Series("p_adjusted", [found[test] for test in tests], dtype=pl.Float64)


def _shares(groups: pl.DataFrame, metric: Metric) -> pl.DataFrame:
    """Each stage's part of the low answers of its channel, and the fewest that hold most."""
    import polars as pl

    low = groups.with_row_index("place").with_columns(metric.low(groups).alias("low"))
    total = low["low"].sum()
    shown = low.filter(~pl.col("withheld")).sort(-pl.col("low"), "place")
    running = pl.col("low").cum_sum()
    before = running - pl.col("low")
    part, whole = VITAL
    any_low = pl.when(pl.lit(total > 0))
    shown = shown.select(
        "place",
        any_low.then(pl.col("low") / total).alias(metric.share),
        any_low.then(running / total).alias(metric.cumulative),
        any_low.then(whole * before < part * total).alias("vital_few"),
    )
    return low.join(shown, on="place", how="left", maintain_order="left").drop("place")


def _told(
    rows: pl.DataFrame, usage: pl.DataFrame | None, impact: pl.DataFrame, metric: Metric
) -> pl.DataFrame:
    """The rows under their public names; of those withheld nothing but the names."""
    import polars as pl

    if CHANNEL not in rows.columns:
        rows = rows.with_columns(pl.lit(None, pl.String).alias(CHANNEL))
    users = pl.lit(None, pl.Float64)
    if usage is not None:
        own = [key for key in (STAGE, CHANNEL) if key in usage.columns]
        rows = rows.join(usage, on=own, how="left", nulls_equal=True, maintain_order="left")
        everyone = pl.col("everyone").max().over(CHANNEL)  # of a stage nobody used it is not known
        users = pl.when(everyone > 0).then(pl.col("users").fill_null(0) / everyone)
    rows = rows.join(
        impact, on=[STAGE, CHANNEL], how="left", nulls_equal=True, maintain_order="left"
    )
    rows = rows.with_columns(users.alias("usage_rate")).rename({STAGE: "stage", CHANNEL: "channel"})
    rows = rows.select(*metric.columns, "withheld")
    kept = ("stage", "channel", "order", "flags")
    shown = [name for name in metric.columns if name not in kept]
    return rows.with_columns(pl.when(~pl.col("withheld")).then(pl.col(shown))).drop("withheld")
