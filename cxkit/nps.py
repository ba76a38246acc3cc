"""Net Promoter Score: the share of promoters minus the share of detractors, and how sure it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from cxkit.cells.answers import Scale
from cxkit.errors import RequestError
from cxkit.result import Bar, Interval, Note, Result
from cxkit.surveys import groups as side
from cxkit.surveys import measured, scores
from cxkit.surveys.groups import COMPARISON, Settings
from cxkit.surveys.measured import Measure, Tables
from cxkit.surveys.scores import CLASSES, COUNTS, FIGURES, POINTS, Method
from cxkit.surveys.story import Look

if TYPE_CHECKING:
    import polars as pl

    from cxkit.slices import Slice
    from cxkit.source import Source
    from cxkit.surveys.survey import Answers

FINDS = ("score",)  # roles that are found without being named
EXAMPLES = (
    "cxkit nps survey.csv",
    "cxkit nps survey.csv --by region --chart nps.png",
    "cxkit nps survey.csv --score Q1 --period quarter --since 2025 --json",
)
HELP = {"scale": "0-10, or 1-11 for position codes (one is subtracted)"}

COLUMNS = (*COUNTS, *FIGURES, *COMPARISON, "flags")
ENOUGH_FOR_WALD = 100
LOOK = Look(
    "nps",
    columns=("n", "nps", Interval(), Bar()),
    headline=("nps", Interval(), "n", Bar(), "target", "target_probability"),
    mark="stack",
    shares=Bar().shares,
)


def nps(
    data: Source,
    *,
    score: str,
    by: Sequence[str | tuple[str, ...]] = (),
    period: str | None = None,
    date: str | None = None,
    customer: str | None = None,
    count: str | None = None,
    weight: str | None = None,
    cluster: str | None = None,
    where: Sequence[str] = (),
    since: str | None = None,
    until: str | None = None,
    last: int | None = None,
    fiscal_start: int = 1,
    partial: bool = False,
    keep: str = "all",
    scale: Literal["0-10", "1-11"] = "0-10",
    population: int | None = None,
    target: float | None = None,
    interval: str = "adjusted-wald",
    confidence: float = 95,
    min_n: int = 30,
    suppress: int | None = None,
    adjust: str = "holm",
) -> Result:
    """Net Promoter Score with its interval, by group and over time.

    Answers of 9 and 10 are promoters, 7 and 8 passives, 0 to 6 detractors. Each group is compared
    with the rest of its table, or with its own previous period.

    Args:
        data: the survey.

    Returns:
        Rows with `n missing invalid detractors passives promoters`, their rates (0–1), `nps
        ci_low ci_high` (points, −100…100), the comparison (`diff diff_low diff_high` in points,
        `p_value p_adjusted`) and `flags`; the summary holds the same for all answers, and
        `omnibus_p target target_probability`.

    Raises:
        RequestError: a column, option or condition that is wrong.
        DataError: no valid answer, or answers on another scale.

    Formula:
        NPS = 100 (P − D) / n. Default interval: adjusted Wald, three pseudo-answers added as
        ¾ detractor, 1½ passives, ¾ promoter (Rocks 2016, The American Statistician 70). Groups
        together: mean-score test (Landis, Heyman & Koch 1978); p-values by Holm (1979).

    Example:
        >>> import polars as pl, cxkit
        >>> answers = pl.DataFrame({"score": [10, 9, 8, 3]})
        >>> cxkit.nps(answers, score="score").summary["nps"]
        25.0
    """
    from cxkit.surveys.survey import read_answers

    settings = Settings(measured.level(confidence), min_n, suppress, adjust, partial)
    how = Method(interval, settings.confidence, population)
    _possible(population, by, cluster)
    piece = measured.slice_of(
        by, period=period, date=date, customer=customer, count=count, where=tuple(where),
        since=since, until=until, last=last, fiscal_start=fiscal_start, keep=keep, weight=weight,
        cluster=cluster,
    )  # fmt: skip
    answers = read_answers(data, score, piece, Scale(0, 10, shift=-1 if scale == "1-11" else 0))
    measure = _measure(answers, how)
    found = measured.tables(measure, answers, piece, settings)
    summary = measured.summary(measure, found, settings)
    summary |= _tests(found, piece, settings, target, population)
    own = measured.params(piece, settings, scale=scale, population=population, target=target)
    return measured.result(
        measure,
        found,
        piece,
        answers,
        settings,
        score=score,
        summary=summary,
        params={"confidence": settings.confidence, "interval": interval} | own,
        notes=[*_wald_notes(summary, interval), *_assumptions(summary, piece)],
        footnotes=((f"interval-{interval}", {"confidence": settings.confidence}),),
    )


def _possible(population: int | None, by: Sequence[object], cluster: str | None) -> None:
    """Raise the error of a list of known length where it cannot be used."""
    if population is None or not (by or cluster):
        return
    other = "--by" if by else "--cluster"
    why = "its length is that of the whole" if by else "its answers are taken as independent"
    raise RequestError("bad-value", f"--population does not go with {other}: {why}")


def _measure(answers: Answers, how: Method) -> Measure:
    """The score, on counts of detractors, passives and promoters."""
    clusters = answers.clusters
    shared = None if clusters is None else scores.classify(clusters, ["cluster"])

    def estimate(
        groups: pl.DataFrame, keys: Sequence[str]
    ) -> tuple[pl.DataFrame, measured.Against]:
        moves = scores.moves_of(groups, shared, keys)
        worth = scores.worth(groups, moves)
        estimated = scores.figures(groups, worth, how)
        return estimated, lambda places: scores.against(groups, worth, moves, places, how)

    return Measure("nps", COUNTS, FIGURES, scores.classify, estimate, LOOK)


def _tests(
    found: Tables,
    piece: Slice,
    settings: Settings,
    target: float | None,
    population: int | None,
) -> dict[str, Any]:
    """The test over all groups, and the probability of having met the target."""
    one = len(found.asked) == 1 and not piece.period
    chance = None
    if target is not None and not measured.too_few(found, settings):
        chance = _chance(found.whole, target, population)
    omnibus = _omnibus(found.asked[0], settings) if one else None
    return {"omnibus_p": omnibus, "target": target, "target_probability": chance}


def _omnibus(groups: pl.DataFrame, settings: Settings) -> float | None:
    """Whether all groups are alike: those with enough answers, on effective counts."""
    import polars as pl

    from cxkit.stats.comparisons import mean_score_cmh

    enough = groups.filter((pl.col("n") >= max(settings.min_n, 1)) & ~side.blank(groups))
    return mean_score_cmh(enough.select(pl.col(f"e_{name}").alias(name) for name in CLASSES))[2]


def _chance(figures: Mapping[str, Any], target: float, population: int | None) -> float | None:
    """The probability of having met the target, on effective counts."""
    from cxkit.stats.posterior import probability_above

    if figures["nps"] is None:
        return None
    share = 1.0
    if population:
        if figures["n"] == population:  # a census: it is known
            return float(figures["nps"] >= target)
        share = (population - 1) / (population - figures["n"])
    detractors, passives, promoters = (share * figures[f"e_{name}"] for name in CLASSES)
    return probability_above(detractors, passives, promoters, target / POINTS)


def _wald_notes(summary: Mapping[str, Any], interval: str) -> list[Note]:
    """Where the interval should not be trusted."""
    if interval != "wald" or (summary["n"] or 0) >= ENOUGH_FOR_WALD:
        return []
    message = f"the Wald interval is too narrow below {ENOUGH_FOR_WALD} answers"
    return [Note("wald", "warning", message, (("try", "--interval adjusted-wald"),))]


def _assumptions(summary: Mapping[str, Any], piece: Slice) -> list[Note]:
    return measured.assumptions(summary["n"], summary["n_effective"], piece)
