"""Groups and periods side by side: what each is compared with, tested, flagged, withheld.

Works on small frames with a row for each group and period: the grouping columns by position
(`by0`, `by1`, …; null where blank), `start` (the period's first day, null without periods) and
the counts of a measure. Shared by every measure that is a count of answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

    from cxkit.periods import Calendar

FLAGS = ("no-data", "low-n", "partial", "suppressed")


def keys_of(groups: pl.DataFrame) -> list[str]:
    """The grouping columns of a frame, in order."""
    return [name for name in groups.columns if name.startswith("by") and name[2:].isdigit()]


def blank(groups: pl.DataFrame) -> pl.Expr:
    """Whether a row is a blank group: shown and counted, never tested."""
    import polars as pl

    keys = keys_of(groups)
    return pl.any_horizontal(pl.col(keys).is_null()) if keys else pl.lit(False)


def rest(groups: pl.DataFrame, counts: Sequence[str]) -> pl.DataFrame:
    """The counts of all other groups together, row by row; null where there are none."""
    import polars as pl

    if groups.height < 2:
        return groups.select(pl.lit(None, pl.Int64).alias(name) for name in counts)
    return groups.select(pl.col(name).sum() - pl.col(name) for name in counts)


def previous(groups: pl.DataFrame, counts: Sequence[str], calendar: Calendar) -> pl.DataFrame:
    """The counts of the same group in the calendar period before, row by row; null if none."""
    import polars as pl

    keys = keys_of(groups)
    before = [calendar.previous(start) for start in groups["start"].to_list()]
    asked = groups.select(*keys, pl.Series("start", before, dtype=pl.Date))
    found = asked.join(
        groups.select(*keys, "start", *counts),
        on=[*keys, "start"],
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )
    return found.select(counts)


def tested(groups: pl.DataFrame, other: pl.DataFrame, min_n: int, partial: bool) -> pl.Series:
    """Which rows are tested: enough answers on both sides, not blank, the period over."""
    import polars as pl

    both = groups.with_columns(other["n"].alias("other_n"))
    enough = max(min_n, 1)
    condition = (pl.col("n") >= enough) & (pl.col("other_n") >= enough) & ~blank(groups)
    if not partial:
        condition &= ~pl.col("unfinished")
    return both.select(condition.fill_null(False).alias("tested")).to_series()


def adjusted(p_values: pl.Series, pair: bool, method: str) -> pl.Series:
    """P-values adjusted over the tested rows of one table; two groups are one test.

    Args:
        p_values: null where a row is not tested.
        pair: the rows are the two sides of one comparison.
        method: `holm`, `bh` or `none`.
    """
    import polars as pl

    from cxkit.stats.comparisons import adjust

    if pair:
        return p_values.alias("p_adjusted")
    return pl.Series("p_adjusted", adjust(p_values.to_list(), method), dtype=pl.Float64)


def flags(groups: pl.DataFrame, min_n: int) -> pl.Series:
    """What a reader must know of a row: a list of `FLAGS`, in their order."""
    import polars as pl

    shown = ~pl.col("withheld")
    applies = {
        "no-data": (pl.col("n") == 0) & shown,
        "low-n": (pl.col("n") > 0) & (pl.col("n") < min_n) & shown,
        "partial": pl.col("unfinished"),
        "suppressed": pl.col("withheld"),
    }
    words = [pl.when(applies[flag]).then(pl.lit(flag)) for flag in FLAGS]
    return groups.select(pl.concat_list(words).list.drop_nulls().alias("flags")).to_series()


def ordered(groups: pl.DataFrame) -> pl.DataFrame:
    """Periods oldest first, then groups by n descending, then by name, the blank last."""

    keys = keys_of(groups)
    return groups.with_columns(blank(groups).alias("_blank")).sort(
        "start", "_blank", "n", *keys, descending=[False, False, True, *(False for _ in keys)],
        nulls_last=True,
    ).drop("_blank")  # fmt: skip


# --- withholding --------------------------------------------------------------------------------


def withheld(
    groups: pl.DataFrame, minimum: int | None, slices: Sequence[Sequence[str]]
) -> pl.Series:
    """Which rows are withheld: those below the minimum, and those that would give one away.

    A total minus all rows but one is that one row. So where a single row of a slice falls below
    the minimum, the next smallest of the slice is withheld with it.

    Args:
        groups: one table.
        minimum: the smallest n that may be shown; None withholds nothing.
        slices: sets of columns whose totals are known: `[]` for the whole table, `["start"]` for
            a total of each period, `["by0"]` where a table by that column alone is shown too.
    """
    import polars as pl

    if minimum is None:
        return pl.Series("withheld", [False] * groups.height, dtype=pl.Boolean)
    frame = groups.with_row_index("_row").with_columns((pl.col("n") < minimum).alias("withheld"))
    changed = True
    while changed:
        changed = False
        for columns in slices:
            for part in frame.partition_by(columns) if columns else [frame]:
                if (row := _next_smallest(part)) is not None:
                    frame = frame.with_columns(pl.col("withheld") | (pl.col("_row") == row))
                    changed = True
    return frame["withheld"]


def _next_smallest(part: pl.DataFrame) -> int | None:
    """The row to withhold beside a lone withheld one that has answers."""
    import polars as pl

    hidden = part.filter(pl.col("withheld") & (pl.col("n") + pl.col("missing") > 0))
    if hidden.height != 1:
        return None
    shown = part.filter(~pl.col("withheld")).sort("n", "_row")
    return None if shown.is_empty() else int(shown["_row"][0])


# --- names --------------------------------------------------------------------------------------


def column_names(columns: Sequence[str], taken: Sequence[str]) -> dict[str, str]:
    """What the user's columns are called in the result: one that clashes is prefixed `by_`."""
    names: dict[str, str] = {}
    for column in columns:
        name = column
        while name in taken or name in names.values():
            name = f"by_{name}"
        names[column] = name
    return names


def period_labels(starts: pl.Series, calendar: Calendar | None) -> pl.Series:
    """The names of periods by their first days."""
    import polars as pl

    def name(start: date | None) -> str | None:
        return None if start is None or calendar is None else calendar.label(start)

    return pl.Series("period", [name(start) for start in starts.to_list()], dtype=pl.String)
