"""The answers to the stages of a journey, one row an answer or one column a stage."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from cxkit.cells.answers import Scale, missing_words, plain, text_of, whole_number
from cxkit.errors import DataError, RequestError, did_you_mean, visible
from cxkit.reduce import tally
from cxkit.result import Note
from cxkit.surveys.patterns import read_patterns
from cxkit.surveys.survey import Answers, answers_of, group_names, judged, scan_of
from cxkit.touchpoints.users import count_users

if TYPE_CHECKING:
    import polars as pl

    from cxkit.cells.dates import DateColumn
    from cxkit.slices import Slice
    from cxkit.source import Source
    from cxkit.surveys.patterns import Patterns
    from cxkit.surveys.survey import Scan

STAGE, CHANNEL = "by0", "by1"  # the groups of all answers to a journey
OVERALL = Scale(0, 10)
_FIRST = "first date"
_LISTED = 8  # names in an error
Origin = Literal["columns", "date", "row"]


@dataclass(frozen=True)
class Form:
    """How a survey holds the stages of a journey.

    Args:
        stage: the column of stages, where each row is one answer.
        score: the column of answers there; of a file with `columns` the overall score, or None.
        columns: one column of answers for each stage.
        channel: the column of channels, or None.
        given: the order of the stages as the user names it; empty where it is not given.
    """

    stage: str | None
    score: str | None
    columns: tuple[str, ...]
    channel: str | None
    given: tuple[str, ...] = ()


@dataclass(frozen=True)
class Staged:
    """The answers to the stages of a journey, counted.

    Args:
        answers: by stage (`by0`) and, where asked for, channel (`by1`).
        order: the stages in the order of the journey; a blank one is not among them.
        usage: by stage and channel `users`, who answered there, and `everyone`, of the channel;
            None where customers are not known.
        patterns: of a file with a column for each stage the answers of a row together: `score0
            score1 …` in the order of the columns, the overall score last; None without one.
    """

    answers: Answers
    order: tuple[str, ...]
    usage: pl.DataFrame | None
    patterns: pl.DataFrame | None


def read_stages(source: Source, form: Form, where: Slice, scale: Scale, metric: str) -> Staged:
    """Count the answers to each stage of a journey.

    Args:
        source: the survey.
        form: where stages and answers stand.
        where: which rows; of `customer` how many used a stage is counted, and `date` tells which
            stage comes first.
        scale: of the answers to stages.
        metric: `nps` or `csat`, for messages.

    Raises:
        RequestError: a stage named in the order that is not there, or a bound that is wrong.
        DataError: no rows, no valid answer, or answers on another scale.
    """
    try:
        return (_wide if form.columns else _long)(source, form, where, scale, metric)
    except DataError as error:
        if error.slug != "bad-scale" or metric != "nps":
            raise
        hint = ("if they are ratings", "--metric csat --scale 1-5")
        raise DataError(error.slug, error.message, [hint]) from error


def rated(source: Source) -> list[str]:
    """The columns whose sample holds whole numbers 0–10 and nothing else, at least two of them."""
    import polars as pl

    none = missing_words(source.missing)
    found = []
    for column in source.columns:
        cells = text_of(pl.Series(source.sample(column), strict=False)).drop_nulls().to_list()
        numbers = {whole_number(cell) for cell in cells if plain(cell) not in none}
        if len(numbers) > 1 and all(one is not None and 0 <= one <= 10 for one in numbers):
            found.append(column)
    return found


# --- a row for each answer ----------------------------------------------------------------------


def _long(source: Source, form: Form, where: Slice, scale: Scale, metric: str) -> Staged:
    assert form.stage is not None
    assert form.score is not None
    from cxkit.cells.dates import look

    groups = tuple(filter(None, (form.stage, form.channel)))
    dates = None if where.date is None else look(source, where.date)
    first = None if dates is None else dates.first()
    scan = scan_of(source.numbered(), form.score, replace(where, by=(groups,)))
    scan, table = replace(scan, also={} if first is None else {_FIRST: first}).run()
    alone = replace(scan, where=replace(scan.where, customer=None))
    answers = answers_of(alone, table, scale, metric)
    names, origin = _first_seen(scan, table, dates)
    kept = set(answers.cells[STAGE].drop_nulls())
    present = [name for name in names if name in kept]
    order, notes = in_order(present, form.given, origin, known=_known(scan, form, names))
    answers = replace(answers, notes=(*answers.notes, *notes))
    usage = None
    if where.customer:
        keys = [STAGE, CHANNEL][: len(groups)]
        usage = count_users(scan, judged(scan, table, scale)[0], keys)
    return Staged(answers, order, usage, None)


def _first_seen(
    scan: Scan, table: pl.DataFrame, dates: DateColumn | None
) -> tuple[list[str], Origin]:
    """The stages in the order in which they first appear: by date, else by row.

    Args:
        table: the tally, with the first date of each key where text sorts by time.

    Returns:
        The names, and by what they are ordered.
    """
    import polars as pl

    days = pl.Series([None] * table.height, dtype=pl.Date)
    if dates is not None:
        cells = table[_FIRST] if _FIRST in table.columns else None
        if cells is not None:
            days, _ = dates.days(cells)
        if cells is None or days.null_count() > cells.null_count():
            table, days = _all_days(scan, dates)
    named = table.select(_names(scan, table), "first", days.alias("date"))
    firsts = named.group_by(STAGE).agg(pl.col("date", "first").min()).drop_nulls(STAGE)
    firsts = firsts.sort("date", "first", STAGE, nulls_last=True)
    return firsts[STAGE].to_list(), "row" if firsts["date"].null_count() else "date"


def _all_days(scan: Scan, dates: DateColumn) -> tuple[pl.DataFrame, pl.Series]:
    """The stages with all of their days: another pass, where the first cells do not tell."""
    for one in (dates, dates.wide()):
        table = tally(scan.source, {STAGE: scan.keys("day")[STAGE], "day": one.key("day")})
        if not one.needs_day_cut(table["day"]):
            break
    return table, one.days(table["day"])[0]


def _known(scan: Scan, form: Form, names: list[str]) -> Sequence[str]:
    """The stages that may be named: those of rows that a condition leaves out, too."""
    import polars as pl

    if not form.given or scan.left_out() is None:
        return names
    every = _names(scan, tally(scan.source, {STAGE: pl.col(scan.where.columns[0])}))
    return [*names, *every.unique().drop_nulls().sort().filter(~every.is_in(names))]


def _names(scan: Scan, table: pl.DataFrame) -> pl.Series:
    """The names of the stages in a tally."""
    return group_names(table[STAGE], scan.source.codes.get(scan.where.columns[0])).rename(STAGE)


# --- a column for each stage --------------------------------------------------------------------


def _wide(source: Source, form: Form, where: Slice, scale: Scale, metric: str) -> Staged:
    import polars as pl

    columns = [*form.columns, *([form.score] if form.score else [])]
    scales = [scale] * len(form.columns) + [OVERALL] * (form.score is not None)
    groups = ((form.channel,),) if form.channel else ((),)
    piece = replace(where, by=groups, customer=None)
    found = read_patterns(source, columns, piece, scales, metric, kinds=True)
    cells = found.cells
    if form.channel:
        cells = cells.rename({"by0": CHANNEL})
    order, notes = in_order(form.columns, form.given, "columns", known=form.columns)
    answers = _unpivoted(cells, form, found)
    if form.given:  # else they stand as --stages names them
        answers = replace(answers, notes=(*answers.notes, *notes))
    overall = cells.select(pl.exclude(r"^kind\d+$")) if form.score else None
    return Staged(answers, order, _rows_used(cells, form), overall)


def _unpivoted(cells: pl.DataFrame, form: Form, found: Patterns) -> Answers:
    """The patterns as answers to single stages."""
    import polars as pl

    sums = [name for name in ("n", "w", "w2") if name in cells.columns]
    keys = [CHANNEL] if form.channel else []
    parts = [
        cells.select(
            pl.lit(name).alias(STAGE),
            *keys,
            pl.lit(None, pl.Date).alias("start"),
            pl.col(f"kind{i}").alias("kind"),
            pl.col(f"score{i}").alias("score"),
            *sums,
        )
        for i, name in enumerate(form.columns)
    ]
    by = [STAGE, *keys, "start", "kind", "score"]
    stacked = pl.concat(parts).group_by(by, maintain_order=True).agg(pl.col(sums).sum())
    stacked = stacked.sort(by, nulls_last=True)
    return Answers(stacked, found.ledger, found.notes, found.inputs)


def _rows_used(cells: pl.DataFrame, form: Form) -> pl.DataFrame:
    """How many rows answer each stage, and how many there are of the channel."""
    import polars as pl

    size = pl.col("w" if "w" in cells.columns else "n")
    places = range(len(form.columns))
    any_stage = pl.any_horizontal(pl.col(f"score{i}").is_not_null() for i in places)
    keys = [CHANNEL] if form.channel else []
    parts = []
    for i, name in enumerate(form.columns):
        users = size.filter(pl.col(f"score{i}").is_not_null()).sum()
        sums = {"users": users, "everyone": size.filter(any_stage).sum()}
        part = (
            cells.group_by(keys, maintain_order=True).agg(**sums) if keys else cells.select(**sums)
        )
        parts.append(part.with_columns(pl.lit(name).alias(STAGE)))
    return pl.concat(parts)


# --- the order ----------------------------------------------------------------------------------


def in_order(
    present: Sequence[str],
    given: Sequence[str],
    origin: Origin,
    *,
    known: Sequence[str],
    rest_is: str = "put behind the others",
) -> tuple[tuple[str, ...], tuple[Note, ...]]:
    """The stages in the order of the journey, and how it was found.

    Args:
        present: those with rows, as they first appear.
        given: those that the user names; the others come behind them.
        origin: by what `present` is ordered.
        known: every stage of the file, of which those named must be.
        rest_is: what happens to stages that are not named, for the note.

    Raises:
        RequestError: a stage is named twice, or is not there.
    """
    if not given:
        return tuple(present), (_found_order(present, origin),) if len(present) > 1 else ()
    named = given_order(given, known)
    rest = [name for name in present if name not in set(named)]
    notes = []
    if rest:
        some = ", ".join(visible(name, 30) for name in rest[:5]) + ", …" * (len(rest) > 5)
        message = f"not named in --stage-order and {rest_is}: {some}"
        notes.append(Note("stage-order", "info", message))
    return (*(name for name in named if name in present), *rest), tuple(notes)


def given_order(given: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    """The stages that the user names, each once and among those of the file.

    Raises:
        RequestError: a stage is named twice, or is not there.
    """
    names = tuple(name for text in given for name in _split(text, known))
    for name in names:
        if name not in known:
            raise _unknown(name, known)
        if names.count(name) > 1:
            raise RequestError("bad-value", f'--stage-order names "{visible(name)}" twice')
    return names


def _split(text: str, known: Sequence[str]) -> list[str]:
    """A text that is exactly a stage is that stage, else it is split at commas."""
    whole = unicodedata.normalize("NFC", text).strip()
    if whole in known:
        return [whole]
    return [part.strip() for part in whole.split(",") if part.strip()]


def _found_order(present: Sequence[str], origin: Origin) -> Note:
    ways = {"date": "their first dates", "row": "their first rows", "columns": "--stages"}
    some = ", ".join(visible(name, 30) for name in present[:5]) + ", …" * (len(present) > 5)
    message = f"stages in the order of {ways[origin]}: {some}"
    return Note("stage-order", "info", message, (("if it is another", "--stage-order S1,S2,…"),))


def _unknown(name: str, known: Sequence[str]) -> RequestError:
    close = did_you_mean(name, known)
    hints = [("did you mean", " or ".join(visible(one) for one in close))] if close else []
    if not close:
        listed = ", ".join(visible(one, 30) for one in known[:_LISTED])
        more = len(known) - _LISTED
        hints.append(("stages", listed + (f" and {more} more" if more > 0 else "")))
    message = f'--stage-order names "{visible(name)}", which is no stage here'
    return RequestError("no-stage", message, hints)
