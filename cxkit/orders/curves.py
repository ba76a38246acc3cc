"""Survival of groups side by side: their curves and figures, their order, and the tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from cxkit.cells.answers import plain
from cxkit.terms import phrase

if TYPE_CHECKING:
    import polars as pl

CURVE = ("time", "at_risk", "events", "censored", "survival", "ci_low", "ci_high")
FIGURES = ("n", "events", "median", "median_low", "median_high")
SURE = 10  # customers at risk that a sentence or a solid line stands on
CATEGORIES = (
    ("detractor", "detractors", "không ủng hộ"),
    ("passive", "passives", "neutral", "neutrals", "trung lập"),
    ("promoter", "promoters", "ủng hộ"),
)


class Group(NamedTuple):
    """The customers of one group: their names, curve and figures."""

    names: tuple[str | None, ...]
    counts: pl.DataFrame
    curve: pl.DataFrame
    figures: dict[str, Any]

    @property
    def n(self) -> int:
        return int(self.figures["n"])

    @property
    def name(self) -> str | None:
        """One name for it; null if it is the blank one of a single column."""
        if len(self.names) == 1:
            return self.names[0]
        return " · ".join(phrase("blank") if name is None else name for name in self.names)

    @property
    def steady(self) -> float:
        """The last time at which enough customers are at risk."""
        known = self.curve.filter(self.curve["at_risk"] >= min(SURE, self.n))
        return float(known["time"].max() or 0)  # type: ignore[arg-type]


class Curves(NamedTuple):
    """The groups of one table, most customers first, and whether they leave alike.

    Args:
        columns: what they are grouped by.
        groups: all of them.
        tested: those with a name and customers enough.
        logrank_p, trend_p: null where nothing is tested, or no order is known.
    """

    columns: tuple[str, ...]
    groups: list[Group]
    tested: list[Group]
    logrank_p: float | None
    trend_p: float | None

    @property
    def tests(self) -> dict[str, float | None]:
        return {"logrank_p": self.logrank_p, "trend_p": self.trend_p}

    @property
    def ends(self) -> list[Group]:
        """The lowest and the highest of those tested where they have an order, else all of them."""
        order = _order([one.names for one in self.tested])
        return [self.tested[order[0]], self.tested[order[-1]]] if order else self.tested


def curves(
    rows: pl.DataFrame,
    columns: Sequence[str],
    every: Sequence[str],
    confidence: float,
    min_n: int,
) -> Curves:
    """Curves and tests of the groups of these columns; of all customers together without any.

    Args:
        rows: customers by time, as in `tenure.Tenures`.
        columns: those that are grouped by, of `every`, after which `by0`, `by1`, … are named.
        confidence: the level of limits, as a fraction.
        min_n: groups of fewer customers are not tested.
    """
    import polars as pl

    from cxkit.stats.survival import kaplan_meier

    keys = [f"by{every.index(column)}" for column in columns]
    left = pl.col("left")
    counts = rows.group_by(*keys, "time").agg(
        pl.col("n").filter(left).sum().alias("events"),
        pl.col("n").filter(~left).sum().alias("censored"),
    )
    parts = counts.partition_by(keys, as_dict=True, include_key=False) if keys else {(): counts}
    groups = [
        Group(
            tuple(map(_text, key)),
            part,
            curve := kaplan_meier(part, confidence),
            _figures(curve),
        )
        for key, part in parts.items()
    ]
    groups.sort(key=lambda one: (None in one.names, -one.n, [name or "" for name in one.names]))
    tested = [one for one in groups if None not in one.names and one.n >= max(min_n, 1)]
    return Curves(tuple(columns), groups, tested, *_tests(tested))


def _text(name: Any) -> str | None:
    return None if name is None else str(name)


def _figures(curve: pl.DataFrame) -> dict[str, Any]:
    """Customers, those who left, and the median time with its limits."""
    from cxkit.stats.survival import median

    n = int((curve["events"] + curve["censored"]).sum())
    middle = median(curve)
    return dict(zip(FIGURES, (n, int(curve["events"].sum()), *middle), strict=True))


def _tests(tested: Sequence[Group]) -> tuple[float | None, float | None]:
    """P-values of the log-rank test and of its trend; null for fewer than two groups."""
    import polars as pl

    from cxkit.stats.survival import logrank, trend

    if len(tested) < 2:
        return None, None
    counts = pl.concat(
        one.counts.with_columns(pl.lit(place).alias("group")) for place, one in enumerate(tested)
    )
    order = _order([one.names for one in tested])
    along = trend(counts, order)[2] if order else None
    return logrank(counts)[2], along


def _order(names: Sequence[tuple[str | None, ...]]) -> list[int] | None:
    """The places of groups that have an order, lowest first; None if they have none."""
    ranks = [rank(one) for one in names]
    kinds = {type(rank) for rank in ranks}
    if kinds not in ({int}, {float}) or len(set(ranks)) < len(ranks):
        return None
    return sorted(range(len(ranks)), key=lambda place: ranks[place])  # type: ignore[arg-type,return-value]


def rank(names: Sequence[str | None]) -> float | int | None:
    """Where a group stands in an order: the place of an NPS category, a whole number, or the number
    that its one name is; None where neither."""
    text = plain(names[0] or "") if len(names) == 1 else ""
    for place, words in enumerate(CATEGORIES):
        if text in words:
            return place
    try:
        number = float(text)
    except ValueError:
        return None
    return number if number - number == 0 else None
