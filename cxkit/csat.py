"""Customer satisfaction: the share of answers in the top boxes, and how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial as given
from typing import TYPE_CHECKING

from cxkit.result import Interval, Result
from cxkit.surveys import measured, ratings, satisfaction
from cxkit.surveys.groups import COMPARISON, Settings
from cxkit.surveys.measured import Measure
from cxkit.surveys.ratings import COUNTS, Boxes
from cxkit.surveys.satisfaction import FIGURES
from cxkit.surveys.story import Look, Phrase

if TYPE_CHECKING:
    import polars as pl

    from cxkit.source import Source

FINDS = ("score",)
EXAMPLES = (
    "cxkit csat survey.csv",
    "cxkit csat survey.csv --score Q5 --scale 1-7 --by region --chart csat.png",
    "cxkit csat zendesk_tickets.csv --period month",
)
HELP = {
    "score": "column of answers on how satisfied customers are",
    "scale": "lowest and highest answer, such as 0-10; good-bad for these two words",
    "box": "how many answers at the top of the scale are satisfied, at the bottom dissatisfied",
}

COLUMNS = (*COUNTS, *FIGURES, *COMPARISON, "flags")
SHARES = ("bottom_rate", "middle_rate", "top_rate")


def csat(
    data: Source,
    *,
    score: str,
    by: Sequence[str | tuple[str, ...]] = (),
    period: str | None = None,
    date: str | None = None,
    customer: str | None = None,
    count: str | None = None,
    weight: str | None = None,
    where: Sequence[str] = (),
    since: str | None = None,
    until: str | None = None,
    last: int | None = None,
    fiscal_start: int = 1,
    partial: bool = False,
    keep: str = "all",
    scale: str = "1-5",
    box: int = 2,
    confidence: float = 95,
    min_n: int = 30,
    suppress: int | None = None,
    adjust: str = "holm",
) -> Result:
    """Customer satisfaction: the share of satisfied answers, by group and over time.

    Satisfied are the highest answers of the scale (4 and 5 of 1–5), dissatisfied as many of the
    lowest. Each group is compared with the rest of its table, or with its own previous period.

    Args:
        data: the survey.

    Returns:
        Rows with `n missing invalid`, `csat ci_low ci_high` (0–1), `mean` (in units of the
        scale), `bottom_rate` (0–1), `net` (points, −100…100), the comparison (`diff diff_low
        diff_high` 0–1, `p_value p_adjusted`) and `flags`; the summary holds the figures of all
        answers.

    Raises:
        RequestError: a column, option or condition that is wrong, or boxes that overlap.
        DataError: no valid answer, or answers on another scale.

    Formula:
        csat = top / n with Wilson's interval (1927); net = (top − bottom) / n. Differences by
        Newcombe's limits (1998, Statistics in Medicine 17) and chi-square without continuity
        correction; p-values by Holm (1979). With weights on effective counts (Kish 1965).

    Example:
        >>> import polars as pl, cxkit
        >>> answers = pl.DataFrame({"csat": [5, 4, 4, 2]})
        >>> cxkit.csat(answers).summary["csat"]
        0.75
    """
    from cxkit.surveys.survey import read_answers

    settings = Settings(measured.level(confidence), min_n, suppress, adjust, partial)
    words = scale == "1-5" and ratings.good_or_bad(data, score)
    asked = ratings.scale_of("good-bad" if words else scale, words=True)
    boxes = ratings.boxes_of(asked, 1 if asked.words else box)
    piece = measured.slice_of(
        by, period=period, date=date, customer=customer, count=count, where=tuple(where),
        since=since, until=until, last=last, fiscal_start=fiscal_start, keep=keep, weight=weight,
    )  # fmt: skip
    answers = read_answers(data, score, piece, asked, "csat")
    measure = _measure(boxes, settings.confidence)
    found = measured.tables(measure, answers, piece, settings)
    summary = measured.summary(measure, found, settings)
    return measured.result(
        measure,
        found,
        piece,
        answers,
        settings,
        score=score,
        summary=summary,
        params=measured.params(piece, settings, scale=asked.name, box=boxes.box),
        notes=measured.assumptions(summary["n"], found.whole["n_effective"], piece),
        footnotes=(("interval-wilson", {"confidence": settings.confidence}), _satisfied(boxes)),
    )


def _measure(boxes: Boxes, confidence: float) -> Measure:
    """The share of the top box, on counts of each answer."""

    def estimate(
        groups: pl.DataFrame, keys: Sequence[str]
    ) -> tuple[pl.DataFrame, measured.Against]:
        found = satisfaction.figures(groups, boxes, confidence)
        return found, given(satisfaction.against, groups, boxes, confidence)

    classify = given(ratings.classify, scale=boxes.scale)
    return Measure("csat", COUNTS, FIGURES, classify, estimate, _look(boxes))


def _look(boxes: Boxes) -> Look:
    """What people are shown; which answers are satisfied is told under every table."""
    means = () if boxes.scale.words else ("mean",)
    return Look(
        "csat",
        columns=("n", "csat", Interval(), *means, "bottom_rate"),
        headline=("csat", Interval(), "n", *means, "bottom_rate"),
        mark="stack",
        shares=SHARES,
        footnotes=(_satisfied(boxes),),
        unit=100,
    )


def _satisfied(boxes: Boxes) -> Phrase:
    """Which answers are satisfied, in words."""
    return "satisfied-word" if boxes.scale.words else "satisfied-bottom", ratings.told(boxes)
