"""What people are told of groups side by side: the table, the chart, its finding, the notes.

A finding states a difference only where one was tested and is significant after adjustment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cxkit.errors import visible
from cxkit.result import Bar, Change, Chart, Interval, Note, Table

if TYPE_CHECKING:
    import polars as pl

Phrase = tuple[str, Mapping[str, Any]]


def table(
    rows: pl.DataFrame,
    keys: Sequence[str],
    figure: str,
    *,
    period: bool,
    select: str | None,
    confidence: float,
    adjust: str,
) -> Table:
    """The printed table of one set of groups, or of the whole.

    Args:
        rows: the rows of this table.
        keys: the grouping columns.
        figure: the main figure's column.
        period: whether rows are periods, compared with the one before.
        select: the value of the column `table`, if several tables are stacked.
        confidence: the level that the intervals and marks go by, as a fraction.
        adjust: how p-values are adjusted.
    """
    compared = bool(keys) or period
    change = Change(term="previous" if period else "rest")
    columns = ("n", figure, Interval(), Bar(), *((change, "p_adjusted") if compared else ()))
    return Table(
        keys=(*keys, *(("period",) if period else ())),
        columns=columns,
        headline=(figure, Interval(), "n", Bar(), "target", "target_probability"),
        sort=None if period else figure,
        select=select,
        total=compared,
        footnotes=_marks(rows, period, confidence, adjust),
    )


def tests(rows: pl.DataFrame, period: bool) -> int:
    """How many tests a table holds; two groups are one."""
    n = int(rows["p_value"].count())
    return 1 if n == 2 and rows.height == 2 and not period else n


def _marks(rows: pl.DataFrame, period: bool, confidence: float, adjust: str) -> tuple[Phrase, ...]:
    n = tests(rows, period)
    if not n:
        return ()
    values = {"alpha": round(1 - confidence, 10), "adjust": adjust, "tests": n}
    return (("marks-previous" if period else "marks-rest", values),)


def chart(
    rows: pl.DataFrame,
    keys: Sequence[str],
    figure: str,
    *,
    period: bool,
    total: Mapping[str, Any],
    name: str | None,
    confidence: float,
    adjust: str,
    target: float | None = None,
    footnotes: Sequence[Phrase] = (),
) -> Chart:
    """The picture of one set of groups: bars side by side, or lines over periods."""
    import polars as pl

    from cxkit import terms

    blank = pl.lit(terms.phrase("blank")) if len(keys) > 1 else None
    names = [pl.col(key).fill_null(blank) if blank is not None else pl.col(key) for key in keys]
    group = pl.concat_str(names, separator=" · ") if keys else pl.lit(None, pl.String)
    drawn = rows.with_columns(group.alias("group")).drop(set(keys) - {"group"})
    return Chart(
        mark=("lines" if keys else "trend") if period else "stack",
        rows=drawn,
        x="period" if period else "group",
        y=figure,
        low="ci_low",
        high="ci_high",
        series="group" if period and keys else None,
        shares=Bar().shares,
        total=total,
        finding=finding(drawn, figure, total, period=period, alpha=1 - confidence),
        footnotes=(*footnotes, *_marks(rows, period, confidence, adjust)),
        target=target,
        name=name,
        x_label=", ".join(keys) or None,
    )


def finding(
    rows: pl.DataFrame, figure: str, total: Mapping[str, Any], *, period: bool, alpha: float
) -> Phrase:
    """The one sentence a chart is titled with."""
    import polars as pl

    tested = rows.filter(pl.col("p_adjusted").is_not_null())
    whole: Phrase = ("whole", {figure: total[figure]})
    if period:
        return _change(rows, tested, figure, alpha) or whole
    clear = tested.filter(pl.col("p_adjusted") < alpha)
    if clear.is_empty():
        return ("alike", {figure: total[figure]}) if tested.height > 1 else whole
    most = clear.sort(pl.col("diff").abs(), "group", descending=[True, False]).row(0, named=True)
    if tested.height == 2 and rows.height == 2:  # one test, told from the better side
        most = clear.sort("diff", descending=True).row(0, named=True)
    values = {"name": most["group"], "points": abs(most["diff"])}
    return ("leads" if most["diff"] > 0 else "trails", values)


def _change(
    rows: pl.DataFrame, tested: pl.DataFrame, figure: str, alpha: float
) -> Phrase | None:
    """The latest tested change of a single line; several lines have no one finding."""
    if tested.is_empty() or rows["group"].n_unique() > 1:
        return None
    latest = tested.row(-1, named=True)
    values = {figure: latest[figure], "points": abs(latest["diff"]), "period": latest["period"]}
    if latest["p_adjusted"] >= alpha:
        return ("steady", values | {"period": latest["compared_with"]})
    return ("rose" if latest["diff"] > 0 else "fell", values)


# --- notes --------------------------------------------------------------------------------------


def group_notes(
    rows: pl.DataFrame, keys: Sequence[str], *, min_n: int, suppress: int | None
) -> list[Note]:
    """What is to be said of single rows: few answers, none, withheld, a period that is not over."""
    notes = []
    for row in rows.iter_rows(named=True):
        flags = row["flags"]
        if "low-n" in flags:
            n = row["n"]
            message = (
                f"{row_name(row, keys)} has {n:,} answer{'' if n == 1 else 's'} (minimum {min_n}): "
                "shown in brackets, not tested"
            )
            notes.append(Note("low-n", "info", message))
        if "no-data" in flags:
            notes.append(Note("no-data", "info", f"{row_name(row, keys)} has no valid answer"))
    hidden = sum("suppressed" in flags for flags in rows["flags"].to_list())
    if hidden:
        message = (
            f"{hidden:,} group{' is' if hidden == 1 else 's are'} withheld: fewer than {suppress} "
            "answers, or the next smallest that would give one away"
        )
        notes.append(Note("suppressed", "info", message))
    unfinished = {row["period"] for row in rows.iter_rows(named=True) if "partial" in row["flags"]}
    notes += [Note("partial", "info", f"{period} is not over in these data") for period in unfinished]
    return notes


def row_name(row: Mapping[str, Any], keys: Sequence[str]) -> str:
    """How a message calls a row: its groups and its period."""
    parts = [visible(row[key]) if row[key] is not None else "(blank)" for key in keys]
    if row.get("period") is not None:
        parts.append(row["period"])
    return " · ".join(parts) or "the whole"
