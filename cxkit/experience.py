"""The three bases of an experience, success, ease and emotion, and their mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

from cxkit.cells.answers import YES_NO, Scale, missing_words, plain, text_of
from cxkit.errors import RequestError, visible
from cxkit.result import Chart, Interval, Note, Result, Table
from cxkit.surveys import measured, ratings
from cxkit.surveys.groups import Settings
from cxkit.surveys.ratings import POINTS, Boxes

if TYPE_CHECKING:
    import polars as pl

    from cxkit.source import Source
    from cxkit.surveys.patterns import Patterns
    from cxkit.surveys.story import Phrase

DIMENSIONS = ("success", "ease", "emotion")
EXAMPLES = (
    "cxkit experience survey.csv --success Q1 --ease Q2 --emotion Q3",
    "cxkit experience survey.csv --success solved --ease Q2 --emotion Q3 --chart three.png",
)
HELP = {
    "success": "column of answers on how well it met the need, or of yes and no",
    "min_n": "below so many complete answers a note says so",
}
COLUMNS = (
    "dimension", "n", "net", "ci_low", "ci_high", "top_rate", "bottom_rate", "mean",
)  # fmt: skip
INDEX = ("three_es", "ci_low", "ci_high", "n")
BOXES = 2  # answers at each end; one where a scale has fewer than four


def experience(
    data: Source,
    *,
    success: str | None = None,
    ease: str | None = None,
    emotion: str | None = None,
    date: str | None = None,
    count: str | None = None,
    weight: str | None = None,
    where: Sequence[str] = (),
    since: str | None = None,
    until: str | None = None,
    fiscal_start: int = 1,
    scale: str = "1-5",
    confidence: float = 95,
    min_n: int = 30,
    suppress: int | None = None,
) -> Result:
    """Success, ease and emotion: the net share of high answers to each, and their mean.

    Of each question the two highest answers of the scale less the two lowest; the index is the
    mean of the three nets over the rows that answer all of them. It is an index of our own.

    Args:
        data: the survey, the three answers of a customer in one row.

    Returns:
        A row for each dimension: `n`, `net ci_low ci_high` (points, −100…100), `top_rate
        bottom_rate` (0–1) and `mean` (in units of the scale; null of yes and no). The summary
        holds `three_es ci_low ci_high` (points) and `n`, the rows that answer all three.

    Raises:
        RequestError: a column that is not given, or an option or condition that is wrong.
        DataError: no valid answer, or answers on another scale.

    Formula:
        net = (top − bottom) / n, its interval adjusted Wald (Rocks 2016), of yes and no Wilson's
        (1927); three_es = mean of the three nets of each row, with Student's t interval, which
        keeps how the three go together. The early form of Forrester's CxPi (2007).

    Example:
        >>> import polars as pl, cxkit
        >>> answers = pl.DataFrame({"a": [5, 4, 1], "b": [4, 3, 2], "c": [5, 3, 3]})
        >>> found = cxkit.experience(answers, success="a", ease="b", emotion="c")
        >>> round(found.summary["three_es"], 1)
        22.2
    """
    from cxkit.surveys.patterns import read_patterns

    named = _named(success=success, ease=ease, emotion=emotion)
    settings = Settings(measured.level(confidence), min_n, suppress, "none", False)
    asked = ratings.scale_of(scale)
    scales = [_scale(data, name, column, asked) for name, column in named.items()]
    piece = measured.slice_of(
        (), date=date, count=count, where=tuple(where), since=since, until=until,
        fiscal_start=fiscal_start, weight=weight,
    )  # fmt: skip
    answers = read_patterns(data, [*named.values()], piece, scales, "experience")
    ends = [ratings.boxes_of(one, min(BOXES, len(one.answers) // 2)) for one in scales]
    rows = _rows(answers.cells, ends, settings)
    summary = _index(answers.cells, ends, settings)
    params = {
        "confidence": settings.confidence, "min_n": min_n, "suppress": suppress,
        "scale": asked.name, "box": ends[1].box, "fiscal_start": fiscal_start, "since": since,
        "until": until, "where": list(where),
    }  # fmt: skip
    return Result(
        command="experience",
        rows=rows,
        summary=summary,
        ledger=answers.ledger,
        notes=(*answers.notes, *_notes(summary, answers, settings)),
        inputs=answers.inputs,
        columns={**named, **measured.columns(piece, None)},
        params=params,
        tables=(_table(ends[1]),),
        charts=(_chart(rows, summary, ends[1], answers, settings),),
    )


def _named(**columns: str | None) -> dict[str, str]:
    """The three columns; all of them have to be given."""
    lacking = [name for name, column in columns.items() if column is None]
    if lacking:
        missing = " and ".join(f"--{name} COL" for name in lacking)
        example = " ".join(f"--{name} COL" for name in columns)
        message = f"experience needs {missing}: the answers to three questions"
        raise RequestError("missing-option", message, [("try", f"cxkit experience FILE {example}")])
    named = {name: column for name, column in columns.items() if column is not None}
    for one, other in combinations(named, 2):
        if named[one] == named[other]:
            message = f'--{one} and --{other} are both the column "{visible(named[one])}"'
            raise RequestError("bad-value", message)
    return named


def _scale(source: Source, name: str, column: str, asked: Scale) -> Scale:
    """The scale of one question; success may be asked as yes or no."""
    import polars as pl

    cells = text_of(pl.Series(source.sample(column), strict=False)).drop_nulls().to_list()
    none = missing_words(source.missing)
    said = {plain(cell) for cell in cells} - none
    words = said and said <= YES_NO.keys() and any(not word.isdigit() for word in said)
    return Scale(0, 1, words=YES_NO, name="yes-no") if name == "success" and words else asked


def _rows(cells: pl.DataFrame, ends: Sequence[Boxes], settings: Settings) -> pl.DataFrame:
    """The figures of each dimension; of too few answers none."""
    import polars as pl

    rows = pl.concat(
        _row(cells, i, name, boxes, settings.confidence)
        for i, (name, boxes) in enumerate(zip(DIMENSIONS, ends, strict=True))
    )
    if settings.suppress is None:
        return rows
    shown = pl.col(COLUMNS[1:])
    return rows.with_columns(pl.when(pl.col("n") >= settings.suppress).then(shown))


def _row(
    cells: pl.DataFrame, place: int, name: str, boxes: Boxes, confidence: float
) -> pl.DataFrame:
    import polars as pl

    from cxkit.stats.intervals import nps_interval, wilson

    own = cells.with_columns(
        pl.col(f"score{place}").alias("score"),
        pl.lit("valid").alias("kind"),
        pl.lit(None, pl.Date).alias("start"),
    ).filter(pl.col("score").is_not_null())
    counts = ratings.classify(own, boxes.scale)
    if counts.is_empty():  # nobody answered this question
        counts = counts.clear(1).with_columns(pl.all().exclude("start").fill_null(0))
    effective = ratings.worth(counts, boxes.scale)
    found = ratings.ends(effective, boxes)
    middle = pl.col("answers") - pl.col("bottom") - pl.col("top")
    classes = found.select(detractors="bottom", passives=middle, promoters="top")
    limits = nps_interval(classes, "adjusted-wald", confidence)
    if boxes.scale.words:
        low, high = wilson(pl.col("top"), pl.col("answers"), confidence)
        limits = found.select(low=2 * low - 1, high=2 * high - 1)
    means = ratings.moments(effective, boxes.scale)["mean"]
    return pl.DataFrame(
        {
            "dimension": [name],
            "n": counts["n"],
            "net": found["net"],
            "ci_low": POINTS * limits["low"],
            "ci_high": POINTS * limits["high"],
            "top_rate": found["top_rate"],
            "bottom_rate": found["bottom_rate"],
            "mean": [None] if boxes.scale.words else means,
        },
        schema_overrides={"mean": pl.Float64},
    )


def _index(cells: pl.DataFrame, ends: Sequence[Boxes], settings: Settings) -> dict[str, Any]:
    """The mean of the three nets over the rows that answer all three; of too few none."""
    import polars as pl

    from cxkit.stats.means import counted_moments, t_interval

    net = pl.lit(0.0)
    for i, boxes in enumerate(ends):
        score = pl.col(f"score{i}")
        top, bottom = score >= boxes.top[0], score <= boxes.bottom[-1]
        net += top.cast(pl.Float64) - bottom.cast(pl.Float64)
    complete = cells.with_columns(value=net / len(ends)).filter(pl.col("value").is_not_null())
    moments = counted_moments(complete)
    limits = t_interval(moments, settings.confidence)
    n = int(complete["n"].sum())
    found = [moments["mean"].item(), limits["low"].item(), limits["high"].item()]
    figures = [None if one is None else POINTS * one for one in found]
    few = settings.suppress is not None and n < settings.suppress
    values = [None] * len(INDEX) if few else [*figures, n]
    return dict(zip(INDEX, values, strict=True))


def _notes(summary: Mapping[str, Any], answers: Patterns, settings: Settings) -> list[Note]:
    """How many answered all three, and that rows are taken as independent."""
    n, notes = summary["n"], []
    if n == 0:
        message = "no row answers all three questions: there is no index"
        notes.append(Note("no-index", "warning", message))
    elif n is not None and n < settings.min_n:
        message = f"only {n:,} answered all three (minimum {settings.min_n})"
        notes.append(Note("low-n", "info", f"{message}: read the interval first"))
    elif n is not None and n < answers.ledger.used:
        message = f"{n:,} of {answers.ledger.used:,} rows answer all three and make the index"
        notes.append(Note("complete", "info", message))
    message = "answers are taken as independent of each other"
    return [*notes, Note("independent", "info", message)]


# --- what people are shown ----------------------------------------------------------------------


def _table(boxes: Boxes) -> Table:
    return Table(
        keys=("dimension",),
        columns=("n", "net", Interval(), "top_rate", "bottom_rate", "mean"),
        headline=("three_es", Interval(), "n"),
        total=False,
        footnotes=(("ends", ratings.told(boxes)),),
    )


def _chart(
    rows: pl.DataFrame,
    summary: Mapping[str, Any],
    boxes: Boxes,
    answers: Patterns,
    settings: Settings,
) -> Chart:
    """A bar for each dimension; that one is higher than another is not claimed."""
    left_out = answers.ledger.read - answers.ledger.used
    index = summary["three_es"]
    finding: Phrase = ("three-es-none", {}) if index is None else ("three-es", {"three_es": index})
    return Chart(
        mark="bars",
        rows=rows,
        x="dimension",
        y="net",
        low="ci_low",
        high="ci_high",
        finding=finding,
        footnotes=(
            ("answers", {"count": answers.ledger.used, "left_out": left_out}),
            ("interval-adjusted-wald", {"confidence": settings.confidence}),
            ("ends", ratings.told(boxes)),
        ),
    )
