"""Answers as CustomerGauge imports them: the layout of its External responses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import NamedTuple

import polars as pl

from cxkit.cells.answers import understand
from cxkit.cells.dates import DateColumn, look, settle
from cxkit.engines import collect
from cxkit.errors import DataError, visible
from cxkit.reduce import tally
from cxkit.result import Note
from cxkit.source import Source

ROWS = 5_000  # in one file
LETTERS = 128  # in one field
COLUMNS = ("NPS Score", "Comment", "Follow Up Request", "Follow Up Details", "Sent Date",
           "Response Date")  # fmt: skip
_SENT = {"sent date", "sent at", "sent", "invitation date", "invited at", "ngày gửi"}


class Responses(NamedTuple):
    """Rows in the import layout, how many, why others are left out, and what was assumed."""

    rows: pl.LazyFrame
    answers: int
    left_out: Mapping[str, int]
    notes: tuple[Note, ...]


def responses(source: Source, score: str, date: str, comment: str | None) -> Responses:
    """Valid answers with a date, in the layout of the import.

    Args:
        source: the survey, without the rows that its reader leaves out.
        score, date, comment: its columns.

    Raises:
        DataError: no answer has a score and a date.
    """
    dates, table, notes = _understood(source, score, date)
    used = table.filter(pl.col("reason").is_null())
    count = int(used["n"].sum())
    if not count:
        message = f'no answer of "{visible(score)}" has a score 0–10 and a date'
        raise DataError("no-answers", message)
    sent, assumed = _sent(source)
    text = pl.lit(None, pl.String) if comment is None else _one_line(pl.col(comment))
    scores = used.select("answer", "score").unique("answer").lazy()
    days = used.select("day", "date").unique("day").lazy()
    blank = pl.lit(None, pl.String)
    rows = (
        source.rows.select(answer=pl.col(score), day=dates.key("day"), text=text, sent=sent)
        .join(scores, on="answer", how="inner", maintain_order="left")
        .join(days, on="day", how="inner", maintain_order="left")
        .select(
            pl.col("score").alias(COLUMNS[0]),
            pl.col("text").str.slice(0, LETTERS).alias(COLUMNS[1]),
            blank.alias(COLUMNS[2]),
            blank.alias(COLUMNS[3]),
            pl.coalesce("sent", "date").alias(COLUMNS[4]),
            pl.col("date").alias(COLUMNS[5]),
        )
    )
    out = table.filter(pl.col("reason").is_not_null()).group_by("reason").agg(pl.col("n").sum())
    cut = () if comment is None else _cut(source, comment)
    return Responses(rows, count, dict(out.iter_rows()), (*notes, *assumed, *cut))


def _understood(
    source: Source, score: str, date: str
) -> tuple[DateColumn, pl.DataFrame, tuple[Note, ...]]:
    """Answers by score and day, and why a row is left out."""
    dates = settle(source, date)
    table = tally(source, {"answer": pl.col(score), "day": dates.key("day")})
    if dates.needs_day_cut(table["day"]):
        dates = dates.wide()
        table = tally(source, {"answer": pl.col(score), "day": dates.key("day")})
    days, notes = dates.days(table["day"])
    labels = source.codes.get(score)
    meaning = understand(table["answer"], low=0, high=10, declared=source.missing, labels=labels)
    reason = (
        pl.when(pl.col("date").is_null())
        .then(pl.lit("no-date"))
        .when(pl.col("kind") != "valid")
        .then(pl.col("kind"))
    )
    table = table.hstack(meaning).with_columns(days.alias("date"))
    return dates, table.with_columns(reason=reason), notes


def _sent(source: Source) -> tuple[pl.Expr, tuple[Note, ...]]:
    """The day on which the question was sent; the day of the answer where that is not known."""
    named = [column for column in source.columns if _key(column) in _SENT]
    dates = look(source, named[0]) if len(named) == 1 else None
    if dates is not None:
        return dates.parsed(), ()
    message = "no column of sent dates is known; Sent Date repeats Response Date"
    return pl.lit(None, pl.Date), (Note("sent-date", "info", message),)


def _key(name: str) -> str:
    text = re.sub(r"[_\-]", " ", unicodedata.normalize("NFC", name)).casefold()
    return " ".join(text.split())


def _one_line(text: pl.Expr) -> pl.Expr:
    return text.cast(pl.String).str.replace_all(r"\s+", " ").str.strip_chars()


def _cut(source: Source, comment: str) -> tuple[Note, ...]:
    long = (_one_line(pl.col(comment)).str.len_chars() > LETTERS).sum().cast(pl.Int64)
    n = int(collect(source.rows.select(long), source).item() or 0)
    if not n:
        return ()
    what = "1 comment is" if n == 1 else f"{n:,} comments are"
    return (Note("cut", "warning", f"{what} cut to {LETTERS} characters, all that a field holds"),)
