"""What people are told of groups side by side: the table, the chart, its finding, the notes.

A finding states a difference only where one was tested and is significant after adjustment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from cxkit import terms
from cxkit.errors import visible
from cxkit.result import Change, Chart, Note, Shown, Table, alpha

if TYPE_CHECKING:
    import polars as pl

Phrase = tuple[str, Mapping[str, Any]]


HEADING = 40  # characters of a question's text that stand above a column, or under an axis


@dataclass(frozen=True)
class Look:
    """What people are shown of a measure.

    Args:
        figure: the column of the main figure.
        columns: what a printed table shows of each row, before the comparison.
        headline: what its first line shows of the whole.
        mark: the chart of groups side by side.
        shares: the columns that are stacked, for `stack`.
        footnotes: what stands under a printed table.
        gap: what findings call a difference: `points`, or `size` in units of the answers.
        unit: so many of these are 1 of the figure.
    """

    figure: str
    columns: tuple[Shown, ...]
    headline: tuple[Shown, ...]
    mark: Literal["stack", "bars"]
    shares: tuple[str, ...] = ()
    footnotes: tuple[Phrase, ...] = ()
    gap: Literal["points", "size"] = "points"
    unit: float = 1

    def finding(self, key: str, values: Mapping[str, Any], diff: float | None = None) -> Phrase:
        """A finding in the words of this measure."""
        own = f"{key}-{self.figure}"
        said = dict(values)
        if diff is not None:
            said[self.gap] = self.unit * abs(diff)
        return own if own in terms.PHRASES else key, said


@dataclass(frozen=True)
class Terms:
    """On what terms rows are told.

    Args:
        look: what is shown of the measure.
        period: whether rows are periods, compared with the one before.
        confidence: the level that the intervals and marks go by, as a fraction.
        adjust: how p-values are adjusted.
        questions: the text of the question by grouping column, where it is known.
    """

    look: Look
    period: bool
    confidence: float
    adjust: str
    questions: Mapping[str, str] = field(default_factory=dict)

    @property
    def figure(self) -> str:
        """The column of the main figure."""
        return self.look.figure

    def heading(self, key: str) -> str:
        """What stands above a grouping column: its question, cut, or its name."""
        return visible(self.questions[key], HEADING) if key in self.questions else key


def table(rows: pl.DataFrame, keys: Sequence[str], on: Terms, select: str | None = None) -> Table:
    """The printed table of one set of groups, or of the whole.

    Args:
        rows: the rows of this table.
        keys: the grouping columns.
        on: the terms.
        select: the value of the column `table`, if several tables are stacked.
    """
    compared = bool(keys) or on.period
    change = Change(term="previous" if on.period else "rest")
    columns = (*on.look.columns, *((change, "p_adjusted") if compared else ()))
    return Table(
        keys=(*keys, *(("period",) if on.period else ())),
        columns=columns,
        headline=on.look.headline,
        sort=None if on.period else on.figure,
        select=select,
        total=compared,
        footnotes=(*on.look.footnotes, *_marks(rows, on)),
        headings={key: on.heading(key) for key in keys if key in on.questions},
    )


def tests(rows: pl.DataFrame, period: bool) -> int:
    """How many tests a table holds; two groups are one."""
    n = int(rows["p_value"].count())
    return 1 if n == 2 and rows.height == 2 and not period else n


def _marks(rows: pl.DataFrame, on: Terms) -> tuple[Phrase, ...]:
    n = tests(rows, on.period)
    if not n:
        return ()
    values = {"alpha": alpha(on.confidence), "adjust": on.adjust, "tests": n}
    return (("marks-previous" if on.period else "marks-rest", values),)


def chart(
    rows: pl.DataFrame,
    keys: Sequence[str],
    on: Terms,
    *,
    total: Mapping[str, Any],
    name: str | None = None,
    target: float | None = None,
    footnotes: Sequence[Phrase] = (),
    overall: pl.DataFrame | None = None,
) -> Chart:
    """The picture of one set of groups: bars side by side, or lines over periods.

    `overall` has the rows of all groups together by period; they are drawn as one wide line.
    """
    drawn = _grouped(rows, keys)
    if total[on.figure] is None:
        total = {**total, "flags": ["suppressed"]}
    if on.look.mark == "bars" and not on.period:
        drawn = _best_first(drawn, on.figure) if keys else drawn.clear()  # the whole is the total
    return Chart(
        mark=("lines" if keys else "trend") if on.period else on.look.mark,
        rows=drawn if overall is None else _with_overall(drawn, overall),
        x="period" if on.period else "group",
        y=on.figure,
        low="ci_low",
        high="ci_high",
        series="group" if on.period and keys else None,
        shares=on.look.shares,
        total=total,
        finding=finding(drawn, on, total),
        footnotes=(*footnotes, *_marks(rows, on)),
        target=target,
        name=name,
        x_label=", ".join(map(on.heading, keys)) or None,
    )


def _grouped(rows: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """The rows with one column `group` instead of several that are crossed."""
    import polars as pl

    names = [pl.col(key) for key in keys]
    if len(keys) > 1:
        names = [name.fill_null(pl.lit(terms.phrase("blank"))) for name in names]
    group = pl.concat_str(names, separator=" · ") if keys else pl.lit(None, pl.String)
    return rows.with_columns(group.alias("group")).drop(set(keys) - {"group"})


def _best_first(drawn: pl.DataFrame, figure: str) -> pl.DataFrame:
    """Highest first, those without a figure after them, the blank last."""
    import polars as pl

    return drawn.sort(
        pl.col("group").is_null(), pl.col(figure), descending=[False, True], nulls_last=True,
        maintain_order=True,
    )  # fmt: skip


def _with_overall(drawn: pl.DataFrame, overall: pl.DataFrame) -> pl.DataFrame:
    import polars as pl

    flags = pl.col("flags").list.concat(pl.lit(["total"]))
    return pl.concat([drawn, overall.with_columns(flags)], how="diagonal")


def finding(rows: pl.DataFrame, on: Terms, total: Mapping[str, Any]) -> Phrase:
    """The one sentence a chart is titled with."""
    import polars as pl

    look, level = on.look, alpha(on.confidence)
    tested = rows.filter(pl.col("p_adjusted").is_not_null())
    figure = {on.figure: total[on.figure]}
    if total[on.figure] is None:
        return "chart-withheld", {}
    if on.period:
        return _change(rows, tested, look, level) or look.finding("whole", figure)
    clear = tested.filter(pl.col("p_adjusted") < level)
    if clear.is_empty():
        return look.finding("alike" if tested.height > 1 else "whole", figure)
    most = clear.sort(pl.col("diff").abs(), "group", descending=[True, False]).row(0, named=True)
    if tested.height == 2 and rows.height == 2:  # one test, told from the better side
        most = clear.sort("diff", descending=True).row(0, named=True)
    key = "leads" if most["diff"] > 0 else "trails"
    return look.finding(key, {"name": most["group"]}, most["diff"])


def _change(rows: pl.DataFrame, tested: pl.DataFrame, look: Look, level: float) -> Phrase | None:
    """The latest tested change: of the one line, or the largest clear one of several."""
    if tested.is_empty():
        return None
    latest = tested.filter(tested["period"] == tested["period"].max())
    if rows["group"].n_unique() > 1:
        return _clearest(latest, look, level)
    row = latest.row(-1, named=True)
    values = {look.figure: row[look.figure], "period": row["compared_with"]}
    if row["p_adjusted"] >= level:
        return look.finding("steady", values, row["diff"])
    return look.finding("rose" if row["diff"] > 0 else "fell", values, row["diff"])


def _clearest(latest: pl.DataFrame, look: Look, level: float) -> Phrase:
    import polars as pl

    clear = latest.filter(pl.col("p_adjusted") < level)
    if clear.is_empty():
        return look.finding("steady-groups", {"period": latest["compared_with"][0]})
    row = clear.sort(pl.col("diff").abs(), "group", descending=[True, False]).row(0, named=True)
    key = "group-rose" if row["diff"] > 0 else "group-fell"
    return look.finding(key, {"name": row["group"], look.figure: row[look.figure]}, row["diff"])


# --- notes --------------------------------------------------------------------------------------


def group_notes(
    rows: pl.DataFrame, keys: Sequence[str], *, min_n: int, suppress: int | None
) -> list[Note]:
    """What is to be said of single rows: few answers, none, withheld, a period that is not over."""
    notes = []
    for row in rows.iter_rows(named=True):
        flags = row["flags"]
        if "low-n" in flags:
            notes.append(_low_n(row, keys, min_n))
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
    notes += [
        Note("partial", "info", f"{period} is not over in these data") for period in unfinished
    ]
    return notes


def _low_n(row: Mapping[str, Any], keys: Sequence[str], min_n: int) -> Note:
    answers = f"{row['n']:,} answer{'' if row['n'] == 1 else 's'}"
    if not keys and row.get("period") is None:
        return Note("low-n", "info", f"only {answers} (minimum {min_n}): read the interval first")
    message = f"{row_name(row, keys)} has {answers} (minimum {min_n})"
    return Note("low-n", "info", f"{message}: shown in brackets, not tested")


def row_name(row: Mapping[str, Any], keys: Sequence[str]) -> str:
    """How a message calls a row: its groups and its period."""
    parts = [(visible(row[key]) or '""') if row[key] is not None else "(blank)" for key in keys]
    if row.get("period") is not None:
        parts.append(row["period"])
    return " · ".join(parts) or "the whole"
