"""Net Promoter Score: the share of promoters minus the share of detractors, and how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cxkit import groups as side
from cxkit import story
from cxkit.result import Note, Result

if TYPE_CHECKING:
    import polars as pl

    from cxkit.periods import Calendar
    from cxkit.source import Source
    from cxkit.survey import Answers, Slice

FINDS = ("score",)  # roles that are found without being named
EXAMPLES = (
    "cxkit nps survey.csv",
    "cxkit nps survey.csv --by region --chart nps.png",
    "cxkit nps survey.csv --score Q1 --period quarter --since 2025 --json",
)

CLASSES = ("detractors", "passives", "promoters")
COUNTS = ("n", "missing", "invalid", *CLASSES)
FIGURES = ("detractor_rate", "passive_rate", "promoter_rate", "nps", "ci_low", "ci_high",
           "n_effective")  # fmt: skip
COMPARISON = ("compared_with", "diff", "diff_low", "diff_high", "p_value", "p_adjusted")
COLUMNS = (*COUNTS, *FIGURES, *COMPARISON, "flags")
TAKEN = ("table", "period", *COLUMNS)
POINTS = 100  # statistics run on −1…1
ENOUGH_FOR_WALD = 100


@dataclass(frozen=True)
class Settings:
    """How scores are estimated, compared and shown."""

    interval: str
    confidence: float
    min_n: int
    suppress: int | None
    adjust: str
    partial: bool


def nps(
    data: Source,
    *,
    score: str,
    by: Sequence[str | tuple[str, ...]] = (),
    period: str | None = None,
    date: str | None = None,
    customer: str | None = None,
    count: str | None = None,
    where: Sequence[str] = (),
    since: str | None = None,
    until: str | None = None,
    last: int | None = None,
    fiscal_start: int = 1,
    partial: bool = False,
    keep: str = "all",
    scale: str = "0-10",
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
    settings = Settings(interval, level, min_n, suppress, adjust, partial)
    tables = tuple((one,) if isinstance(one, str) else tuple(one) for one in by) or ((),)
    piece = Slice(
        tables, period, date, customer, count, tuple(where), since, until, last, fiscal_start, keep
    )
    answers = read_answers(data, score, piece, low=0, high=10, shift=-1 if scale == "1-11" else 0)
    counts = classify(answers.cells)
    frames = [_table(counts, piece, table, answers, settings) for table in tables]
    summary = _summary(counts, frames, piece, settings, target)
    rows = [
        _named(frame, piece, table, len(tables) > 1)
        for frame, table in zip(frames, tables, strict=True)
    ]
    overall = None
    if piece.period and piece.columns:
        overall = _named(_table(counts, piece, (), answers, settings), piece, (), False)
    return _result(piece, answers, settings, rows, overall, summary, score, scale)


def classify(cells: pl.DataFrame) -> pl.DataFrame:
    """Counts of answers by group and period, from answers by score."""
    import polars as pl

    of = pl.col("n")
    valid, score = pl.col("kind") == "valid", pl.col("score")
    keys = side.keys_of(cells)
    return cells.group_by(*keys, "start").agg(
        of.filter(valid).sum().alias("n"),
        of.filter(pl.col("kind") == "missing").sum().alias("missing"),
        of.filter(pl.col("kind") == "invalid").sum().alias("invalid"),
        of.filter(valid & (score <= 6)).sum().alias("detractors"),
        of.filter(valid & score.is_between(7, 8)).sum().alias("passives"),
        of.filter(valid & (score >= 9)).sum().alias("promoters"),
    )


def figures(counts: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """The counts with rates, score and interval; null where there is no answer."""
    import polars as pl

    from cxkit.stats.intervals import nps_interval

    n = pl.when(pl.col("n") > 0).then(pl.col("n"))
    limits = nps_interval(counts, settings.interval, settings.confidence) * POINTS
    return counts.with_columns(
        (pl.col("detractors") / n).alias("detractor_rate"),
        (pl.col("passives") / n).alias("passive_rate"),
        (pl.col("promoters") / n).alias("promoter_rate"),
        (POINTS * (pl.col("promoters") - pl.col("detractors")) / n).alias("nps"),
        limits["low"].alias("ci_low"),
        limits["high"].alias("ci_high"),
        pl.lit(None, pl.Float64).alias("n_effective"),
    )


def _table(
    counts: pl.DataFrame,
    piece: Slice,
    table: tuple[str, ...],
    answers: Answers,
    settings: Settings,
) -> pl.DataFrame:
    """One table: its groups, what they are compared with, their flags."""
    import polars as pl

    keys = [f"by{piece.columns.index(column)}" for column in table]
    groups = counts.group_by(*keys, "start").agg(pl.col(COUNTS).sum())
    groups = groups.with_columns(
        (pl.col("start") == answers.unfinished).fill_null(False).alias("unfinished")
        if answers.unfinished
        else pl.lit(False).alias("unfinished")
    )
    groups = side.ordered(groups)
    groups = groups.with_columns(side.withheld(groups, settings.suppress, _slices(piece, table)))
    groups = _compared(figures(groups, settings), piece.calendar, settings)
    return _withhold(groups.with_columns(side.flags(groups, settings.min_n)))


def _slices(piece: Slice, table: tuple[str, ...]) -> list[list[str]]:
    """The totals from which a withheld row of a table could be worked out."""
    start = ["start"] if piece.period else []
    totals: list[list[str]] = [[], start]
    for other in piece.by:
        shared = [f"by{piece.columns.index(column)}" for column in other if column in table]
        totals.append([*shared, *start])
    whole = {f"by{piece.columns.index(column)}" for column in table} | set(start)
    return [one for one in (sorted(set(total)) for total in totals) if set(one) != whole]


def _compared(groups: pl.DataFrame, calendar: Calendar | None, settings: Settings) -> pl.DataFrame:
    """The groups with the comparison block."""
    import polars as pl

    from cxkit.stats.comparisons import difference

    if calendar is None and groups.height < 2:
        none = {"compared_with": pl.String} | dict.fromkeys(COMPARISON[1:], pl.Float64)
        return groups.with_columns(pl.lit(None, kind).alias(name) for name, kind in none.items())
    if calendar:
        other = side.previous(groups, (*CLASSES, "n", "withheld"), calendar)
        names = [calendar.label(calendar.previous(start)) for start in groups["start"].to_list()]
    else:
        other = side.rest(groups, (*CLASSES, "n")).with_columns(withheld=pl.lit(False))
        names = ["rest"] * groups.height
    hidden = groups["withheld"] | other["withheld"].fill_null(False)
    test = side.tested(groups, other, settings.min_n, settings.partial) & ~hidden
    found = difference(groups, other, settings.interval, settings.confidence)
    found = found.with_columns(
        pl.Series("compared_with", names, dtype=pl.String),
        pl.when(test).then(pl.col("p_value")).alias("p_value"),
        (pl.col("diff", "low", "high") * POINTS),
    )
    found = found.with_columns(
        pl.when(found["diff"].is_not_null() & ~hidden).then(pl.col(found.columns))
    )
    pair = calendar is None and groups.height == 2
    return groups.hstack(
        found.select("compared_with", "diff", diff_low="low", diff_high="high", p_value="p_value")
    ).with_columns(side.adjusted(found["p_value"], pair, settings.adjust))


def _withhold(groups: pl.DataFrame) -> pl.DataFrame:
    """The groups without any figure or count of the rows that are withheld."""
    import polars as pl

    shown = [*COUNTS, *FIGURES, *COMPARISON]
    return groups.with_columns(pl.when(~pl.col("withheld")).then(pl.col(shown)))


def _summary(
    counts: pl.DataFrame,
    frames: Sequence[pl.DataFrame],
    piece: Slice,
    settings: Settings,
    target: float | None,
) -> dict[str, Any]:
    """The figures of all answers together, and the test over all groups."""
    import polars as pl

    from cxkit.stats.comparisons import mean_score_cmh
    from cxkit.stats.intervals import probability_above

    whole = figures(counts.select(pl.col(COUNTS).sum()), settings).row(0, named=True)
    omnibus = None
    if len(frames) == 1 and not piece.period and piece.columns:
        enough = frames[0].filter((pl.col("n") >= max(settings.min_n, 1)) & ~side.blank(frames[0]))
        omnibus = mean_score_cmh(enough)[2]
    chance = None
    if target is not None:
        detractors, passives, promoters = (whole[name] for name in CLASSES)
        chance = probability_above(detractors, passives, promoters, target / POINTS)
    return whole | {"omnibus_p": omnibus, "target": target, "target_probability": chance}


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
    on = story.Terms("nps", bool(period), settings.confidence, settings.adjust)
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
        inputs=answers.inputs,
        columns=_columns(piece, score),
        params=_params(piece, settings, scale, summary["target"]),
        tables=tuple(tables),
        charts=tuple(charts),
    )


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
    if settings.interval == "wald" and summary["n"] < ENOUGH_FOR_WALD:
        message = f"the Wald interval is too narrow below {ENOUGH_FOR_WALD} answers"
        notes.append(Note("wald", "warning", message, (("try", "--interval adjusted-wald"),)))
    if piece.keep == "all":
        message = "answers are taken as independent of each other"
        hint = (
            ()
            if piece.customer
            else (("if customers answered twice", "--customer COL --keep last"),)
        )
        notes.append(Note("independent", "info", message, hint))
    return notes


def _columns(piece: Slice, score: str) -> dict[str, Any]:
    """Which column had which role."""
    roles = {"score": score, "date": piece.date, "customer": piece.customer, "count": piece.count}
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
