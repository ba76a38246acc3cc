"""Several answers of a row, counted together: which patterns of answers there are, how often."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cxkit.accounts import inputs_of, ledger_of
from cxkit.cells.answers import Scale, understand, whole_number
from cxkit.cells.weighting import none_above_zero
from cxkit.errors import DataError, visible
from cxkit.result import Input, Ledger, Note
from cxkit.slices import Slice, check_bounds, condition_of, dates_of
from cxkit.surveys.doubts import cell_notes, check_notes, invalid_notes, judge_scales
from cxkit.surveys.survey import Scan, check_types, dated, group_names, lacking, reasons, weight_of
from cxkit.surveys.unanswered import need_answers

if TYPE_CHECKING:
    import polars as pl

    from cxkit.source import Source


@dataclass(frozen=True)
class Patterns:
    """The answers of a survey, those of a row together.

    Args:
        cells: a row for each pattern: the grouping columns `by0 by1 …` (text), `score0 score1 …`
            (null unless valid) and `n`; with weights `w` and `w2`, the sums of weights and of
            their squares; where asked for, `kind0 kind1 …`, why a score is null.
        ledger: every row accounted for: one with at least one valid answer is used.
        notes: what reading the answers has shown.
        inputs: what was read, with its rows.
    """

    cells: pl.DataFrame
    ledger: Ledger
    notes: tuple[Note, ...]
    inputs: tuple[Input, ...]


def read_patterns(
    source: Source,
    scores: Sequence[str],
    where: Slice,
    scales: Sequence[Scale],
    command: str,
    *,
    kinds: bool = False,
) -> Patterns:
    """Count the patterns of several columns of answers, in one pass over the rows.

    Args:
        source: the survey.
        scores: the columns of answers.
        where: which rows, and how they are grouped.
        scales: of each column.
        command: what they are counted for, for messages.
        kinds: whether patterns differ that have no score for different reasons.

    Raises:
        RequestError: the last period asked for lies before the first.
        DataError: no rows, no valid answer, answers on another scale, or a type of column that
            cannot be read.
    """
    import polars as pl

    check_bounds(where)
    check_types(source, scores, where)
    weight = weight_of(source, where)
    dates, condition = dates_of(source, where), condition_of(source, where)
    scan = Scan(source, scores[0], where, dates, condition, weight, tuple(scores[1:]))
    scan, table = scan.run()
    if not table["rows"].sum():
        raise DataError("empty", f"no rows in {source.name}")
    table = table.rename({"answer": "answer0"})
    table, doubts = _understood(table, source, scores, scales, command)
    table, notes, _ = dated(table, where, scan.dates)
    table = reasons(table, where).with_columns(pl.col("answer0").alias("answer"))
    need_answers(scan, table, several=True)
    others = table.filter(pl.col("reason").ne_missing("invalid"))
    notes += (*doubts, *cell_notes(others, where, condition, scales[0].low, scales[0].high))
    notes += _invalid(table, scores, scales)
    notes += condition.notes if condition else ()
    notes += check_notes(table, scan.checks)
    inputs = inputs_of(source, table)
    cells = _cells(table, scan, kinds)
    if weight and not cells["w"].sum():
        raise none_above_zero(weight.column)
    return Patterns(cells, ledger_of(table), notes + lacking(scan, inputs), inputs)


def _understood(
    table: pl.DataFrame,
    source: Source,
    scores: Sequence[str],
    scales: Sequence[Scale],
    command: str,
) -> tuple[pl.DataFrame, list[Note]]:
    """The tally with `score0 kind0 …` and `kind`, that of the row; and doubts about the scales."""
    import polars as pl

    notes: list[Note] = []
    columns: list[tuple[str, pl.DataFrame]] = []
    for i, (score, scale) in enumerate(zip(scores, scales, strict=True)):
        stay = _about_others(source, scale, scales)
        if stay:
            message = f'{" and ".join(stay)} in "{visible(score)}" stay answers of {scale}'
            notes.append(Note("null-kept", "info", f"{message}: --null is about the other scale"))
        found = understand(
            table[f"answer{i}"],
            low=scale.low,
            high=scale.high,
            declared=[word for word in source.missing if word not in stay],
            labels=source.codes.get(score),
            words=scale.words,
        )
        table = table.with_columns(
            found["kind"].alias(f"kind{i}"), found["score"].alias(f"score{i}")
        )
        own = table.select("n", answer=f"answer{i}", kind=f"kind{i}")
        columns.append((score, own))
    for scale in {str(one): one for one in scales if not one.words}.values():
        same = [own for own, one in zip(columns, scales, strict=True) if one == scale]
        notes += judge_scales(same, scale, command)
    kinds = [pl.col(f"kind{i}") for i in range(len(scores))]
    kind = pl.lit("missing")
    for word in ("invalid", "valid"):
        kind = pl.when(pl.any_horizontal(one == word for one in kinds)).then(
            pl.lit(word)
        ).otherwise(kind)  # fmt: skip
    return table.with_columns(kind.alias("kind")), notes


def _about_others(source: Source, scale: Scale, scales: Sequence[Scale]) -> list[str]:
    """Numbers declared for no answer that are answers of a scale, and off one of the others.

    `--null 0 --null 6` is about ratings 1–5, not about a score 0–10 beside them.
    """
    others = [one for one in scales if one != scale and not (one.words or scale.words)]
    found = []
    for word in source.missing:
        number = whole_number(word)
        if number in scale.answers and any(number not in one.answers for one in others):
            found.append(word)
    return found


def _invalid(
    table: pl.DataFrame, scores: Sequence[str], scales: Sequence[Scale]
) -> tuple[Note, ...]:
    """Answers off the scale, by column."""
    import polars as pl

    asked = table.filter(pl.col("reason").is_null() | (pl.col("reason") == "invalid"))
    notes: list[Note] = []
    for i, (score, scale) in enumerate(zip(scores, scales, strict=True)):
        own = asked.select("n", "first", answer=f"answer{i}", reason=f"kind{i}")
        words = str(scale) if scale.words else ""
        notes += [
            note._replace(message=f'"{visible(score)}": {note.message}')
            for note in invalid_notes(own, scale.low, scale.high, words, several=True)
        ]
    return tuple(notes)


def _cells(table: pl.DataFrame, scan: Scan, kinds: bool) -> pl.DataFrame:
    """Counts by group and pattern of the rows that are used."""
    import polars as pl

    groups = [
        group_names(table[f"by{i}"], scan.source.codes.get(name)).alias(f"by{i}")
        for i, name in enumerate(scan.where.columns)
    ]
    places = range(1 + len(scan.more))
    keys = [*(group.name for group in groups), *(f"score{i}" for i in places)]
    keys += [f"kind{i}" for i in places if kinds]
    sums = ["n", "w", "w2"] if scan.weight else ["n"]
    cells = (
        table.with_columns(groups)
        .filter(pl.col("reason").is_null())
        .group_by(keys)
        .agg(pl.col(sums).sum())
        .filter(pl.col("n") > 0)
        .sort(keys, nulls_last=True)
    )
    return scan.weight.restored(cells) if scan.weight else cells
