"""Net Promoter Score: the share of promoters minus the share of detractors, and how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cxkit import groups as side
from cxkit import scores, story
from cxkit.errors import RequestError, visible
from cxkit.result import Input, Note, Result
from cxkit.scores import CLASSES, COMPARISON, COUNTS, FIGURES, POINTS, Settings
from cxkit.source import FILE
from cxkit.withholding import withheld

if TYPE_CHECKING:
    import polars as pl

    from cxkit.source import Source
    from cxkit.survey import Answers, Slice

FINDS = ("score",)  # roles that are found without being named
EXAMPLES = (
    "cxkit nps survey.csv",
    "cxkit nps survey.csv --by region --chart nps.png",
    "cxkit nps survey.csv --score Q1 --period quarter --since 2025 --json",
)

COLUMNS = (*COUNTS, *FIGURES, *COMPARISON, "flags")
TAKEN = ("table", "period", *COLUMNS)
ENOUGH_FOR_WALD = 100


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
    scale: str = "0-10",
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
    from cxkit.survey import Slice, read_answers

    level = confidence / 100 if confidence > 1 else confidence
    settings = Settings(interval, level, min_n, suppress, adjust, partial, population)
    _possible(population, by, cluster)
    tables = tuple((one,) if isinstance(one, str) else tuple(one) for one in by) or ((),)
    piece = Slice(
        by=tables, period=period, date=date, customer=customer, count=count, where=tuple(where),
        since=since, until=until, last=last, fiscal_start=fiscal_start, keep=keep, weight=weight,
        cluster=cluster,
    )  # fmt: skip
    answers = read_answers(data, score, piece, low=0, high=10, shift=-1 if scale == "1-11" else 0)
    counts = scores.classify(answers.cells)
    asked = [*tables, ()] if period and piece.columns else tables
    frames = [
        _table(groups, _keys(piece, table), answers, piece, settings)
        for groups, table in zip(
            _grouped(counts, piece, asked, answers, suppress), asked, strict=True
        )
    ]
    summary = _summary(counts, frames[: len(tables)], piece, answers, settings, target)
    several = len(tables) > 1
    rows = [
        _named(frame, piece, table, several) for frame, table in zip(frames, tables, strict=False)
    ]
    overall = _named(frames[-1], piece, (), False) if len(frames) > len(tables) else None
    return _result(piece, answers, settings, rows, overall, summary, score, scale)


def _possible(population: int | None, by: Sequence[object], cluster: str | None) -> None:
    """Raise the error of a list of known length where it cannot be used."""
    if population is None or not (by or cluster):
        return
    other = "--by" if by else "--cluster"
    why = "its length is that of the whole" if by else "its answers are taken as independent"
    raise RequestError("bad-value", f"--population does not go with {other}: {why}")


def _grouped(
    counts: pl.DataFrame,
    piece: Slice,
    asked: Sequence[tuple[str, ...]],
    answers: Answers,
    suppress: int | None,
) -> list[pl.DataFrame]:
    """The groups of all tables asked for, with what is withheld of them."""
    import polars as pl

    unfinished = (pl.col("start") == pl.lit(answers.unfinished, pl.Date)).fill_null(False)
    keys = [_keys(piece, table) for table in asked]
    frames = [
        side.ordered(scores.summed(counts, own).with_columns(unfinished.alias("unfinished")))
        for own in keys
    ]
    hidden = withheld(frames, keys, suppress, [["start"]] if piece.period else [])
    if suppress is None:
        return [frame.with_columns(rows) for frame, rows in zip(frames, hidden, strict=True)]
    return [
        side.ordered(frame.with_columns(rows)) for frame, rows in zip(frames, hidden, strict=True)
    ]


def _keys(piece: Slice, table: tuple[str, ...]) -> list[str]:
    return [*(f"by{piece.columns.index(column)}" for column in table), "start"]


def _table(
    groups: pl.DataFrame, keys: Sequence[str], answers: Answers, piece: Slice, settings: Settings
) -> pl.DataFrame:
    """One table: its groups, what they are compared with, their flags."""
    moves = scores.moves_of(groups, _clusters(answers), keys)
    effective = scores.worth(groups, moves)
    groups = scores.figures(groups, effective, settings)
    groups = scores.compared(groups, effective, moves, piece.calendar, settings)
    return _withhold(groups.with_columns(side.flags(groups, "nps", settings.min_n)))


def _clusters(answers: Answers) -> pl.DataFrame | None:
    return None if answers.clusters is None else scores.classify(answers.clusters, ["cluster"])


def _withhold(groups: pl.DataFrame) -> pl.DataFrame:
    """The groups without any figure or count of the rows that are withheld."""
    import polars as pl

    shown = [*COUNTS, *FIGURES, *COMPARISON]
    return groups.with_columns(pl.when(~pl.col("withheld")).then(pl.col(shown)))


def _summary(
    counts: pl.DataFrame,
    frames: Sequence[pl.DataFrame],
    piece: Slice,
    answers: Answers,
    settings: Settings,
    target: float | None,
) -> dict[str, Any]:
    """The figures of all answers together, and the test over all groups."""
    whole = scores.summed(counts, ())
    moves = scores.moves_of(whole, _clusters(answers), ())
    figures = scores.figures(whole, scores.worth(whole, moves), settings).row(0, named=True)
    few = settings.suppress is not None and figures["n"] < settings.suppress
    summary = {name: None if few else figures[name] for name in (*COUNTS, *FIGURES)}
    omnibus = _omnibus(frames[0], settings) if len(frames) == 1 and not piece.period else None
    chance = None
    if target is not None and not few:
        chance = _chance(figures, target, settings.population)
    return summary | {"omnibus_p": omnibus, "target": target, "target_probability": chance}


def _omnibus(groups: pl.DataFrame, settings: Settings) -> float | None:
    """Whether all groups are alike: those with enough answers, on effective counts."""
    import polars as pl

    from cxkit.stats.comparisons import mean_score_cmh

    enough = groups.filter((pl.col("n") >= max(settings.min_n, 1)) & ~side.blank(groups))
    return mean_score_cmh(enough.select(pl.col(f"e_{name}").alias(name) for name in CLASSES))[2]


def _chance(figures: dict[str, Any], target: float, population: int | None) -> float | None:
    """The probability of having met the target, on effective counts."""
    from cxkit.stats.intervals import probability_above

    if figures["nps"] is None:
        return None
    share = 1.0
    if population:
        if figures["n"] == population:  # a census: it is known
            return float(figures["nps"] >= target)
        share = (population - 1) / (population - figures["n"])
    detractors, passives, promoters = (share * figures[f"e_{name}"] for name in CLASSES)
    return probability_above(detractors, passives, promoters, target / POINTS)


# --- the result ---------------------------------------------------------------------------------


def _named(
    groups: pl.DataFrame, piece: Slice, table: tuple[str, ...], several: bool
) -> pl.DataFrame:
    """The rows of one table under their public names."""
    import polars as pl

    names = side.column_names(piece.columns, TAKEN)
    keys = {f"by{piece.columns.index(column)}": names[column] for column in table}
    lead = [pl.lit(",".join(table) if several else None, pl.String).alias("table")]
    period = [side.period_labels(groups["start"], piece.calendar)] if piece.period else []
    return groups.select(
        *lead, *(pl.col(key).alias(name) for key, name in keys.items()), *period, *COLUMNS
    )


def _result(
    piece: Slice,
    answers: Answers,
    settings: Settings,
    rows: Sequence[pl.DataFrame],
    overall: pl.DataFrame | None,
    summary: dict[str, Any],
    score: str,
    scale: str,
) -> Result:
    """The tables stacked, with what people are shown of each."""
    import polars as pl

    names = side.column_names(piece.columns, TAKEN)
    stacked = pl.concat(rows, how="diagonal") if len(rows) > 1 else rows[0]
    period = ["period"] if piece.period else []
    stacked = stacked.select(
        "table", *(names[column] for column in piece.columns), *period, *COLUMNS
    )
    questions = {names[column]: text for column, text in answers.labels.items()}
    on = story.Terms("nps", bool(period), settings.confidence, settings.adjust, questions)
    tables, charts, notes = [], [], []
    for frame, table in zip(rows, piece.by, strict=True):
        keys = [names[column] for column in table]
        select = ",".join(table) if len(rows) > 1 else None
        tables.append(story.table(frame, keys, on, select))
        chart = story.chart(
            frame,
            keys,
            on,
            total=summary,
            name=select,
            target=summary["target"],
            footnotes=_footnotes(summary, answers, settings),
            overall=overall,
        )
        charts.append(chart)
        notes += story.group_notes(frame, keys, min_n=settings.min_n, suppress=settings.suppress)
    return Result(
        command="nps",
        rows=stacked,
        summary=summary,
        ledger=answers.ledger,
        notes=(*answers.notes, *dict.fromkeys(notes), *_method_notes(summary, piece, settings)),
        inputs=_inputs(answers, piece, settings),
        columns=_columns(piece, score),
        params=_params(piece, settings, scale, summary["target"]),
        tables=tuple(tables),
        charts=tuple(charts),
    )


def _inputs(answers: Answers, piece: Slice, settings: Settings) -> tuple[Input, ...]:
    """What was read; rows by file would give a withheld file away."""
    if settings.suppress is None or FILE not in piece.columns:
        return answers.inputs
    return tuple(replace(one, rows=None) for one in answers.inputs)


def _footnotes(
    summary: dict[str, Any], answers: Answers, settings: Settings
) -> tuple[tuple[str, dict[str, Any]], ...]:
    """What stands under a chart: how many answers, how many left out, which interval."""
    left_out = answers.ledger.read - answers.ledger.used
    counts = {"count": summary["n"], "left_out": left_out}
    method = {"confidence": settings.confidence}
    return (("answers", counts), (f"interval-{settings.interval}", method))


def _method_notes(summary: dict[str, Any], piece: Slice, settings: Settings) -> list[Note]:
    """The assumptions of the method, and where it should not be trusted."""
    notes = []
    if settings.interval == "wald" and (summary["n"] or 0) < ENOUGH_FOR_WALD:
        message = f"the Wald interval is too narrow below {ENOUGH_FOR_WALD} answers"
        notes.append(Note("wald", "warning", message, (("try", "--interval adjusted-wald"),)))
    notes += _worth_notes(summary, piece)
    if piece.keep == "all" and not piece.cluster:
        message = "answers are taken as independent of each other"
        hint = (
            ()
            if piece.customer
            else (("if customers answered twice", "--customer COL --keep last"),)
        )
        notes.append(Note("independent", "info", message, hint))
    return notes


def _worth_notes(summary: dict[str, Any], piece: Slice) -> list[Note]:
    """What weights and clusters make of the number of answers."""
    words = {"weighted": piece.weight, "clustered": piece.cluster}
    how = " and ".join(f'{word} by "{visible(column)}"' for word, column in words.items() if column)
    size = summary["n_effective"]
    if not how or size is None:
        return []
    message = f"{how}: {summary['n']:,} answers are worth {size:,.0f} equal, independent ones"
    return [Note("weighted" if piece.weight else "clustered", "info", message)]


def _columns(piece: Slice, score: str) -> dict[str, Any]:
    """Which column had which role."""
    roles = {
        "score": score, "date": piece.date, "customer": piece.customer, "count": piece.count,
        "weight": piece.weight, "cluster": piece.cluster,
    }  # fmt: skip
    return {role: column for role, column in roles.items() if column} | {"by": list(piece.columns)}


def _params(piece: Slice, settings: Settings, scale: str, target: float | None) -> dict[str, Any]:
    """The settings in force."""
    return {
        "confidence": settings.confidence,
        "interval": settings.interval,
        "min_n": settings.min_n,
        "suppress": settings.suppress,
        "adjust": settings.adjust,
        "scale": scale,
        "population": settings.population,
        "target": target,
        "period": piece.period,
        "fiscal_start": piece.fiscal_start,
        "partial": settings.partial,
        "since": piece.since,
        "until": piece.until,
        "last": piece.last,
        "where": list(piece.where),
        "keep": piece.keep,
    }
