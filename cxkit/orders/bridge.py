"""From the customers of one period to those of the next: kept, lost, new, returned, and money."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

    from cxkit.cells.periods import Length

MOVES = ("start_customers", "retained", "lost", "new", "returned", "end_customers")
MONEY = ("start_revenue", "lost_revenue", "contraction", "expansion", "new_revenue",
         "returned_revenue", "end_revenue")  # fmt: skip
_NEVER = 127  # the category of a customer who has not answered yet
_TOGETHER = 250_000  # rows of customers who are followed together
_PERIODS = 1 << 15  # as many as 16 bits hold: a category and a period are one number


def active_at_ends(days: pl.DataFrame, ends: Sequence[date], length: Length) -> pl.DataFrame:
    """Who bought within so long before the end of each period.

    Args:
        days: `customer` and `day` of purchases, sorted by both; no day after the last end.
        ends: the last days of all periods, ascending.
        length: how long a purchase makes active.

    Returns:
        `customer` and `period` (place in `ends`), each once, sorted by both.
    """
    import polars as pl

    lasts = pl.Series(ends, dtype=pl.Date)
    firsts = pl.Series([length.first(end) for end in ends], dtype=pl.Date)
    first = lasts.search_sorted(days["day"], "left").cast(pl.Int32)
    last = firsts.search_sorted(days["day"], "right").cast(pl.Int32) - 1
    same = pl.col("customer") == pl.col("customer").shift()
    begun = pl.when(same).then(pl.col("last").shift() + 1)  # later purchases reach further
    spans = days.select("customer", first=first, last=last)
    spans = spans.with_columns(first=pl.max_horizontal("first", begun))
    spans = spans.filter(pl.col("first") <= pl.col("last"))
    periods = pl.int_ranges("first", pl.col("last") + 1, dtype=pl.Int32).alias("period")
    return spans.select("customer", periods).explode("period")


def bridge(active: pl.DataFrame, periods: int, answers: pl.DataFrame | None = None) -> pl.DataFrame:
    """Count customers and add money from each period to the next.

    Args:
        active: `customer`, `period` (0, 1, …) and `amount` (whole steps), a row for each period in
            which a customer is active, sorted by customer and period.
        periods: how many there are.
        answers: `customer`, `period` and `category` (0, 1, …): which category a customer is in
            from that period on; sorted by customer and period.

    Returns:
        A row for each period, and each category that occurs if there are answers (`category`, null
        before the first answer): `period`, the columns of `MOVES` and `MONEY` (Int64), `grr` and
        `nrr` (null without revenue at the start). The first period has nobody at its start.

    Formula:
        NRR = Σ r₁ / Σ r₀ and GRR = Σ max(0, min(r₀, r₁)) / Σ max(0, r₀) over the customers of the
        start, r₀ and r₁ their revenue before and now (0 of those who are lost). Where no revenue
        is below 0, GRR = (start − lost − contraction) / start.
    """
    import polars as pl

    parts = [
        _counted(_categorised(part.cast({"period": pl.Int32}), answers))
        for part in of_customers(active)
    ]
    category, period = (pl.col("key") // _PERIODS).cast(pl.Int8), pl.col("key") % _PERIODS
    arrived, started = (
        pl.concat(sums)
        .group_by("key")
        .agg(pl.all().sum())
        .select(category.alias("category"), period.alias("period"), pl.all().exclude("key"))
        for sums in zip(*parts, strict=True)
    )
    keys = ["category", "period"]
    grid = _grid(arrived, started, periods).join(arrived, on=keys, how="left")
    grid = grid.join(started, on=keys, how="left").fill_null(0).sort("period", "category")
    return _checked(_derived(grid)).with_columns(
        pl.when(pl.col("category") != _NEVER).then("category").alias("category")
    )


def of_customers(rows: pl.DataFrame, size: int | None = None) -> Iterator[pl.DataFrame]:
    """The rows in parts, each customer whole: what is made of a part is small.

    Args:
        rows: sorted by `customer`.
        size: about how many rows a part has; None: 250,000.
    """
    size = size or _TOGETHER
    customers, start = rows["customer"], 0
    if not customers.is_sorted():
        raise ValueError("rows are to be sorted by customer")
    while start + size < rows.height:
        end = int(customers.search_sorted(customers[start + size - 1], "right"))
        yield rows.slice(start, end - start)
        start = end
    yield rows.slice(start)


def _counted(active: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Sums of who is there in each period, and of who is at the start of the next, by category
    and period as one number."""
    import polars as pl

    amount, new, retained = pl.col("amount"), pl.col("new"), pl.col("retained")
    arrived = (
        _moves(active)
        .group_by("key")
        .agg(
            pl.len().cast(pl.Int64).alias("end_customers"),
            pl.col("retained", "new").sum().cast(pl.Int64),
            amount.sum().alias("end_revenue"),
            amount.filter(new).sum().alias("new_revenue"),
            amount.filter(~new & ~retained).sum().alias("returned_revenue"),
            pl.col("before", "contraction", "expansion", "kept").sum(),
        )
    )
    started = active.group_by(key=_key("next") + 1).agg(
        pl.len().cast(pl.Int64).alias("start_customers"),
        amount.sum().alias("start_revenue"),
        amount.clip(lower_bound=0).sum().alias("above"),
    )
    return arrived, started


def _categorised(active: pl.DataFrame, answers: pl.DataFrame | None) -> pl.DataFrame:
    """With the `category` in force in each period, and in the `next`."""
    import polars as pl

    never = pl.lit(_NEVER, pl.Int8)
    if answers is None:
        return active.with_columns(category=never, next=never)
    theirs = pl.col("customer").is_between(active["customer"].min(), active["customer"].max())
    answers = answers.filter(theirs).cast({"category": pl.Int8, "period": pl.Int32})

    def in_force(shift: int) -> pl.Series:
        asked = active.select("customer", pl.col("period") + shift)
        found = asked.join_asof(answers, on="period", by="customer", check_sortedness=False)
        return found["category"].fill_null(_NEVER)

    return active.with_columns(category=in_force(0), next=in_force(1))


def _moves(active: pl.DataFrame) -> pl.DataFrame:
    """What each row is against the row above: the same customer's period before, or not."""
    import polars as pl

    same = (pl.col("customer") == pl.col("customer").shift()).fill_null(False)
    retained = same & (pl.col("period") - pl.col("period").shift() == 1).fill_null(False)
    before = pl.col("amount").shift()
    change = pl.col("amount") - before
    least = pl.min_horizontal("amount", before).clip(lower_bound=0)
    return active.select(
        "amount",
        key=_key("category"),
        new=~same,
        retained=retained,
        before=pl.when(retained).then(before),
        contraction=pl.when(retained).then((-change).clip(lower_bound=0)),
        expansion=pl.when(retained).then(change.clip(lower_bound=0)),
        kept=pl.when(retained).then(least),
    )


def _key(category: str) -> pl.Expr:
    """A category and the period of the row as one number."""
    import polars as pl

    return pl.col(category).cast(pl.Int32) * _PERIODS + pl.col("period")


def _grid(arrived: pl.DataFrame, started: pl.DataFrame, periods: int) -> pl.DataFrame:
    """Every period of every category that occurs."""
    import polars as pl

    categories = pl.concat([arrived["category"], started["category"]]).unique()
    every = pl.int_range(0, periods, dtype=pl.Int32, eager=True).alias("period")
    return categories.sort().to_frame("category").join(every.to_frame(), how="cross")


def _derived(grid: pl.DataFrame) -> pl.DataFrame:
    """What follows from the sums: the lost, the returned, and the rates of revenue."""
    import polars as pl

    after = pl.col("before") - pl.col("contraction") + pl.col("expansion")
    return grid.with_columns(
        lost=pl.col("start_customers") - pl.col("retained"),
        returned=pl.col("end_customers") - pl.col("retained") - pl.col("new"),
        lost_revenue=pl.col("start_revenue") - pl.col("before"),
        nrr=pl.when(pl.col("start_revenue") > 0).then(after / pl.col("start_revenue")),
        grr=pl.when(pl.col("start_revenue") > 0).then(pl.col("kept") / pl.col("above")),
    ).select("category", "period", *MOVES, *MONEY, "grr", "nrr")


def _checked(bridged: pl.DataFrame) -> pl.DataFrame:
    """The same frame, if the steps lead from each start to its end without a remainder."""
    start, lost, less, more, new, returned, end = (bridged[name] for name in MONEY)
    if not (start - lost - less + more + new + returned == end).all():
        raise AssertionError("the revenue of a period is not that of its customers")
    return bridged
