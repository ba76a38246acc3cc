"""Customer Effort Score: the mean answer on how easy or hard it was, and how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial as given
from typing import TYPE_CHECKING, Literal, NamedTuple

from cxkit.cells.answers import Scale
from cxkit.errors import RequestError
from cxkit.result import Interval, Result
from cxkit.surveys import measured, ratings
from cxkit.surveys.groups import COMPARISON, Settings
from cxkit.surveys.measured import Measure
from cxkit.surveys.ratings import COUNTS, POINTS, Boxes
from cxkit.surveys.story import Look, Phrase

if TYPE_CHECKING:
    import polars as pl

    from cxkit.source import Source

FINDS = ("score",)
EXAMPLES = (
    "cxkit ces survey.csv",
    "cxkit ces survey.csv --score Q3 --by channel --chart ces.png",
    "cxkit ces old.csv --scale 1-5 --direction effort",
)
HELP = {
    "score": "column of answers on how easy or hard it was",
    "box": "how many answers at each end are easy and hard (3 on 1-7, 2 on 1-5)",
    "direction": "whether high answers mean ease or effort (on 1-7 ease; else to be said)",
}
FIGURES = ("ces", "ci_low", "ci_high", "easy_rate", "hard_rate", "net_easy")
COLUMNS = (*COUNTS, *FIGURES, *COMPARISON, "flags")
USUAL = {"1-7": 3, "1-5": 2}  # boxes of the scales on which they are known


class Asked(NamedTuple):
    """The ends of the scale, and which of them is easy."""

    boxes: Boxes
    direction: str

    @property
    def scale(self) -> Scale:
        """All answers."""
        return self.boxes.scale

    def footnote(self) -> Phrase:
        """What is easy and what is hard, in words."""
        ends = ratings.told(self.boxes)
        easy, hard = ends["top"], ends["bottom"]
        if self.direction == "effort":
            return "harder", {"easy": hard, "hard": easy, "scale": ends["scale"]}
        return "easier", {"easy": easy, "hard": hard, "scale": ends["scale"]}


def ces(
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
    scale: str = "1-7",
    box: int | None = None,
    direction: Literal["ease", "effort"] | None = None,
    confidence: float = 95,
    min_n: int = 30,
    suppress: int | None = None,
    adjust: str = "holm",
) -> Result:
    """Customer Effort Score: the mean answer with its interval, by group and over time.

    On 1–7 a high answer means ease (version 2 of the question). On other scales, such as the 1–5
    of version 1, say what it means. The mean stays in the units and the direction asked.

    Args:
        data: the survey.

    Returns:
        Rows with `n missing invalid`, `ces ci_low ci_high` (in units of the scale), `easy_rate
        hard_rate` (0–1), `net_easy` (points, −100…100), the comparison (`diff diff_low
        diff_high` in units of the scale, `p_value p_adjusted`) and `flags`; the summary holds
        the figures of all answers. Without any spread there is no interval.

    Raises:
        RequestError: a column, option or condition that is wrong, boxes that overlap, or a
            scale without its direction.
        DataError: no valid answer, or answers on another scale.

    Formula:
        Mean with Student's t interval; differences by Welch (1947, Biometrika 34); net_easy =
        (easy − hard) / n. Dixon, Freeman & Toman (2010), Dixon, Toman & DeLisi (2013). With
        weights on Kish's effective number of answers.

    Example:
        >>> import polars as pl, cxkit
        >>> answers = pl.DataFrame({"ces": [7, 6, 5, 2]})
        >>> cxkit.ces(answers).summary["ces"]
        5.0
    """
    from cxkit.surveys.survey import read_answers

    settings = Settings(measured.level(confidence), min_n, suppress, adjust, partial)
    asked = _asked(scale, box, direction)
    piece = measured.slice_of(
        by, period=period, date=date, customer=customer, count=count, where=tuple(where),
        since=since, until=until, last=last, fiscal_start=fiscal_start, keep=keep, weight=weight,
    )  # fmt: skip
    answers = read_answers(data, score, piece, asked.scale, "ces")
    measure = _measure(asked, settings.confidence)
    found = measured.tables(measure, answers, piece, settings)
    summary = measured.summary(measure, found, settings)
    words = {"scale": asked.scale.name, "box": asked.boxes.box, "direction": asked.direction}
    return measured.result(
        measure,
        found,
        piece,
        answers,
        settings,
        score=score,
        summary=summary,
        params=measured.params(piece, settings, **words),
        notes=measured.assumptions(summary["n"], found.whole["n_effective"], piece),
        footnotes=(("interval-t", {"confidence": settings.confidence}), asked.footnote()),
    )


def _asked(scale: str, box: int | None, direction: str | None) -> Asked:
    """The ends and the direction of a scale; those that cannot be known must be said."""
    found = ratings.scale_of(scale)
    if direction is None and found.name != "1-7":
        message = f"ces on {found} needs --direction: does a high answer mean ease or effort?"
        hints = [("try", "--direction ease"), ("try", "--direction effort")]
        raise RequestError("missing-option", message, hints)
    if box is None and found.name not in USUAL:
        message = f"ces on {found} needs --box: how many answers at each end are easy and hard?"
        raise RequestError("missing-option", message, [("try", "--box 2")])
    boxes = ratings.boxes_of(found, USUAL[found.name] if box is None else box)
    return Asked(boxes, direction or "ease")


def _measure(asked: Asked, confidence: float) -> Measure:
    """The mean, on counts of each answer."""

    def estimate(
        groups: pl.DataFrame, keys: Sequence[str]
    ) -> tuple[pl.DataFrame, measured.Against]:
        estimated = figures(groups, asked, confidence)
        return estimated, given(against, groups, asked.scale, confidence)

    look = Look(
        "ces",
        columns=("n", "ces", Interval(), "easy_rate", "hard_rate"),
        headline=("ces", Interval(), "n", "easy_rate", "hard_rate"),
        mark="bars",
        footnotes=(asked.footnote(),),
        gap="size",
    )
    classify = given(ratings.classify, scale=asked.scale)
    return Measure("ces", COUNTS, FIGURES, classify, estimate, look)


def figures(groups: pl.DataFrame, asked: Asked, confidence: float) -> pl.DataFrame:
    """The groups with mean, interval and shares; null where there is no answer."""
    import polars as pl

    from cxkit.stats.means import t_interval

    effective = ratings.worth(groups, asked.scale)
    moments = ratings.moments(effective, asked.scale)
    limits = t_interval(moments, confidence)
    ends = ratings.ends(effective, asked.boxes)
    easy, hard = ends["top_rate"], ends["bottom_rate"]
    if asked.direction == "effort":
        easy, hard = hard, easy
    return groups.with_columns(
        moments["mean"].alias("ces"),
        limits["low"].alias("ci_low"),
        limits["high"].alias("ci_high"),
        easy.alias("easy_rate"),
        hard.alias("hard_rate"),
        pl.Series("net_easy", POINTS * (easy - hard)),
        effective["n_effective"],
    )


def against(
    groups: pl.DataFrame, scale: Scale, confidence: float, places: pl.Series | None
) -> pl.DataFrame:
    """The difference of each mean from that of the row at a place, or from the rest."""
    from cxkit.stats.means import welch

    one, other = (
        ratings.moments(effective, scale)
        for effective in (
            ratings.worth(groups, scale),
            ratings.other_side(groups, places, scale),
        )
    )
    return welch(one, other, confidence).select("diff", "low", "high", "p_value")
