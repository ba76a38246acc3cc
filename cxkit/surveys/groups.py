"""Groups and periods side by side: what each is compared with, tested, flagged, withheld.

Works on small frames with a row for each group and period: the grouping columns by position
(`by0`, `by1`, …; null where blank), `start` (the period's first day, null without periods) and
the counts of a measure. Shared by every measure that is a count of answers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

    from cxkit.cells.periods import Calendar

FLAGS = ("no-data", "low-n", "partial", "suppressed")
COMPARISON = ("compared_with", "diff", "diff_low", "diff_high", "p_value", "p_adjusted")


@dataclass(frozen=True)
class Settings:
    """How groups are compared and shown, whatever the measure."""

    confidence: float
    min_n: int
    suppress: int | None
    adjust: str
    partial: bool


def keys_of(groups: pl.DataFrame) -> list[str]:
    """The grouping columns of a frame, in order."""
    return [name for name in groups.columns if name.startswith("by") and name[2:].isdigit()]


def blank(groups: pl.DataFrame) -> pl.Expr:
    """Whether a row is a blank group: shown and counted, never tested."""
    import polars as pl

    keys = keys_of(groups)
    return pl.any_horizontal(pl.col(keys).is_null()) if keys else pl.lit(False)


def summed(counts: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """The counts and sums of weights over fewer keys; over none, one row."""
    import polars as pl

    own = (*keys_of(counts), "start", "cluster")
    sums = [pl.col(name).sum() for name in counts.columns if name not in own]
    return counts.group_by(keys, maintain_order=True).agg(sums) if keys else counts.select(sums)


# --- comparison ---------------------------------------------------------------------------------


def compared(
    groups: pl.DataFrame,
    calendar: Calendar | None,
    settings: Settings,
    against: Callable[[pl.Series | None], pl.DataFrame],
) -> pl.DataFrame:
    """The groups with the comparison block: against their previous period, or the rest.

    Args:
        groups: with `n`, `unfinished` and `withheld`.
        calendar: of the periods; None without.
        settings: which rows are tested, and how p-values are adjusted.
        against: `diff low high p_value` of each row less the row at a place, or without places
            less all other rows together.
    """
    import polars as pl

    if calendar is None and groups.height < 2:
        none = {"compared_with": pl.String} | dict.fromkeys(COMPARISON[1:], pl.Float64)
        return groups.with_columns(pl.lit(None, kind).alias(name) for name, kind in none.items())
    places, names = None, ["rest"] * groups.height
    if calendar:
        places = previous(groups, calendar)
        names = [calendar.label(calendar.previous(start)) for start in groups["start"].to_list()]
    other = _other_side(groups, places)
    hidden = groups["withheld"] | other["withheld"].fill_null(False)
    test = tested(groups, other, settings.min_n, settings.partial) & ~hidden
    found = against(places).with_columns(
        pl.Series("compared_with", names, dtype=pl.String),
        pl.when(test).then(pl.col("p_value")).alias("p_value"),
    )
    found = found.with_columns(
        pl.when(found["diff"].is_not_null() & ~hidden).then(pl.col(found.columns))
    )
    pair = calendar is None and groups.height == 2
    return groups.hstack(
        found.select("compared_with", "diff", diff_low="low", diff_high="high", p_value="p_value")
    ).with_columns(adjusted(found["p_value"], pair, settings.adjust))


def _other_side(groups: pl.DataFrame, places: pl.Series | None) -> pl.DataFrame:
    """The answers of what each row is compared with, and whether it is withheld."""
    import polars as pl

    if places is not None:
        return groups.select(pl.col("n", "withheld").gather(places))
    return groups.select(pl.col("n").sum() - pl.col("n"), pl.lit(False).alias("withheld"))


def previous(groups: pl.DataFrame, calendar: Calendar) -> pl.Series:
    """The place of the same group in the calendar period before, row by row; null if none."""
    import polars as pl

    keys = keys_of(groups)
    before = [calendar.previous(start) for start in groups["start"].to_list()]
    asked = groups.select(*keys, pl.Series("start", before, dtype=pl.Date))
    places = groups.select(*keys, "start").with_row_index("place")
    found = asked.join(
        places, on=[*keys, "start"], how="left", nulls_equal=True, maintain_order="left"
    )
    return found["place"]


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


def flags(groups: pl.DataFrame, figure: str, min_n: int) -> pl.Series:
    """What a reader must know of a row: a list of `FLAGS`, in their order.

    Without a figure there are no data: no answer, or none that has any weight.
    """
    import polars as pl

    shown = ~pl.col("withheld")
    applies = {
        "no-data": pl.col(figure).is_null() & shown,
        "low-n": pl.col(figure).is_not_null() & (pl.col("n") < min_n) & shown,
        "partial": pl.col("unfinished"),
        "suppressed": pl.col("withheld"),
    }
    words = [pl.when(applies[flag]).then(pl.lit(flag)) for flag in FLAGS]
    return groups.select(pl.concat_list(words).list.drop_nulls().alias("flags")).to_series()


def ordered(groups: pl.DataFrame) -> pl.DataFrame:
    """Periods oldest first, then groups by n descending, then by name, the blank last.

    Rows that are withheld come after those that are shown, by name: their place tells nothing.
    """
    import polars as pl

    keys = keys_of(groups)
    order = [blank(groups)] if keys else []
    size = -pl.col("n")
    if "withheld" in groups.columns:
        order.append(pl.col("withheld"))
        size = pl.when(~pl.col("withheld")).then(size)
    return groups.sort("start", *order, size, *keys, nulls_last=True)


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
