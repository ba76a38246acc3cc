"""What each NPS category brings: its revenue, who of it stays, and what moving it would bring."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import polars as pl

    from cxkit.orders.spending import Spending, Terms

FIGURES = ("customers", "revenue", "revenue_share", "revenue_mean", "ci_low", "ci_high",
           "revenue_median", "revenue_mean_standardised", "retention_rate", "churn_rate",
           "expected_loss")  # fmt: skip


class Ask(NamedTuple):
    """What is asked: which orders, who moves, what it costs, the level of intervals, the strata."""

    terms: Terms
    moved: float
    margin: float
    cost: float | None
    confidence: float
    min_n: int
    seed: int
    strata: tuple[str, ...]


def categories(found: Spending, ask: Ask) -> pl.DataFrame:
    """The figures of detractors, passives and promoters."""
    import polars as pl

    from cxkit.orders.respondents import CATEGORIES

    customers = found.followed if ask.terms.after else found.force
    whole = int(customers["amount"].sum())
    level = _standardised(customers) if ask.strata else {}
    rows = []
    for name in CATEGORIES:
        own, force, followed = (
            frame.filter(pl.col("category") == name)
            for frame in (customers, found.force, found.followed)
        )
        kept = followed.filter("before")["again"].mean()
        figures = _money(own["amount"], whole, ask)
        churn = None if kept is None else 1 - float(kept)  # type: ignore[arg-type]
        at_risk = units(int(force["amount"].sum()))
        rows.append({
            "category": name, **figures,
            "revenue_mean_standardised": level.get(name),
            "retention_rate": kept, "churn_rate": churn,
            "expected_loss": None if churn is None else at_risk * churn,
            "flags": _flags(len(own), ask.min_n),
        })  # fmt: skip
    kinds = dict.fromkeys(FIGURES, pl.Float64) | {"customers": pl.Int64}
    schema = {"category": pl.String, **kinds, "flags": pl.List(pl.String)}
    return pl.DataFrame(rows, schema=schema)


def units(steps: int) -> float:
    """Steps of money as an amount in the currency's unit."""
    from cxkit.orders.money import UNIT

    return steps / UNIT


def _flags(customers: int, min_n: int) -> list[str]:
    return ["no-data"] if not customers else ["low-n"] if customers < min_n else []


def _money(amounts: pl.Series, whole: int, ask: Ask) -> dict[str, Any]:
    """Sum, share, mean and median of the revenue of one category."""
    from cxkit.orders.money import UNIT
    from cxkit.stats.means import mean_interval

    n, total = len(amounts), int(amounts.sum())
    values = amounts / UNIT
    low, high = mean_interval(values.to_list(), ask.confidence, ask.seed) or (None, None)
    return {
        "customers": n,
        "revenue": units(total),
        "revenue_share": total / whole if whole > 0 else None,
        "revenue_mean": units(total) / n if n else None,
        "ci_low": low,
        "ci_high": high,
        "revenue_median": values.median(),
    }


def cells(customers: pl.DataFrame) -> pl.DataFrame:
    """Customers and mean revenue by stratum and category."""
    import polars as pl

    from cxkit.orders.money import UNIT

    strata = sorted(name for name in customers.columns if name.startswith("by"))
    cells = customers.group_by(*strata, "category").agg(
        pl.len().alias("n"), mean=pl.col("amount").sum() / UNIT / pl.len()
    )
    cells = cells.sort(*strata, "category", nulls_last=True)
    return cells.select(
        pl.struct(strata).rank("dense").alias("stratum"), pl.col("category").alias("group"), "n",
        "mean",
    )  # fmt: skip


def _standardised(customers: pl.DataFrame) -> dict[str, float | None]:
    """Mean revenue of each category, if each had the mix of strata of all customers."""
    from cxkit.stats.means import standardised

    means = standardised(cells(customers)).means
    return dict(means.select("group", "standardised").iter_rows())


def _weighted(customers: pl.DataFrame, confidence: float) -> dict[str, float | None]:
    """The NPS with each customer weighted by revenue, and its interval; none with returns above.

    Customers are as many as they are worth: W²/Σw², few where large accounts decide.
    """
    import polars as pl

    from cxkit.orders.money import UNIT
    from cxkit.orders.respondents import CATEGORIES
    from cxkit.stats.intervals import COUNTS, nps_interval
    from cxkit.stats.weights import effective

    names = ("revenue_weighted_nps", "rw_ci_low", "rw_ci_high")
    weight = pl.col("amount") / UNIT
    if customers["amount"].min() < 0 or not customers["amount"].sum():  # type: ignore[operator]
        return dict.fromkeys(names)
    sums = customers.select(
        *(pl.col(one).sum().alias(name) for one, name in zip(CATEGORIES, COUNTS, strict=True)),
        *(
            (each * pl.col(one)).sum().alias(prefix + name)
            for prefix, each in (("w_", weight), ("w2_", weight**2))
            for one, name in zip(CATEGORIES, COUNTS, strict=True)
        ),
    )
    worth = effective(sums)
    limits = nps_interval(worth.select(COUNTS), "adjusted-wald", confidence)
    points = (worth["theta"].item(), limits["low"].item(), limits["high"].item())
    return {name: None if x is None else 100 * x for name, x in zip(names, points, strict=True)}


def _welch(customers: pl.DataFrame, confidence: float) -> dict[str, float | None]:
    """Mean revenue of promoters less that of detractors."""
    import polars as pl

    from cxkit.orders.money import UNIT
    from cxkit.stats.means import counted_moments, welch

    answers = customers.select("category", value=pl.col("amount") / UNIT, n=pl.lit(1))
    high, low = (
        counted_moments(answers.filter(pl.col("category") == name).sort("value"))
        for name in ("promoter", "detractor")
    )
    test = welch(high, low, confidence).row(0, named=True)
    return {"diff": test["diff"], "diff_low": test["low"], "diff_high": test["high"],
            "p_value": test["p_value"]}  # fmt: skip


def summarised(found: Spending, rows: pl.DataFrame, ask: Ask) -> dict[str, Any]:
    """The figures of all customers together, and what moving some of them would bring."""
    import polars as pl

    customers = found.followed if ask.terms.after else found.force
    at_risk = int(found.force.filter(pl.col("category") == "detractor")["amount"].sum())
    known = int(found.force["amount"].sum())
    every = known + found.silent
    points = 100 * float((customers["promoter"] - customers["detractor"]).mean())  # type: ignore[arg-type]
    return {
        "customers": len(customers),
        "revenue": units(int(customers["amount"].sum())),
        "nps": points,
        "coverage": known / every if every > 0 else None,
        "unknown_revenue": units(found.silent),
        **_weighted(customers, ask.confidence),
        "revenue_at_risk": units(at_risk),
        "revenue_at_risk_share": at_risk / every if every > 0 else None,
        **_losses(found, rows),
        **_gains(rows, ask),
        **_welch(customers, ask.confidence),
    }


def _losses(found: Spending, rows: pl.DataFrame) -> dict[str, float | None]:
    """The expected loss of all categories, and what of it is beyond the churn of promoters."""
    import polars as pl

    from cxkit.orders.gains import losses

    sums = found.force.group_by("category").agg(pl.col("amount").sum()).sort("category")
    revenue = {name: units(steps) for name, steps in sums.iter_rows()}
    lost = losses(revenue, dict(rows.select("category", "churn_rate").iter_rows()))
    return {"expected_loss": lost.expected, "excess_loss": lost.excess}


def _means(rows: pl.DataFrame, ask: Ask) -> dict[str, float | None]:
    """The means that differences are taken of: standardised where strata are given."""
    column = "revenue_mean_standardised" if ask.strata else "revenue_mean"
    return dict(rows.select("category", column).iter_rows())


def _gains(rows: pl.DataFrame, ask: Ask) -> dict[str, float | None]:
    """The value of one point, the what-if, and what it returns on its cost."""
    from cxkit.orders.gains import HAIRCUT, gain, point_values, returns

    customers = dict(rows.select("category", "customers").iter_rows())
    means = _means(rows, ask)
    values = point_values(means, sum(customers.values()))
    full = gain(ask.moved * customers["detractor"], means["detractor"], means["passive"])
    counted_on = None if full is None else HAIRCUT * full
    back = returns(counted_on, ask.margin, ask.cost, ask.terms.months)
    return {
        **{f"point_value_{name}": value for name, value in values.items()},
        "what_if_low": None if full is None else min(0.0, full),
        "what_if_high": None if full is None else max(0.0, full),
        **back._asdict(),
    }
