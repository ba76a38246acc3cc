"""Cohorts: customers by the period of their first purchase, and how many are active at each age."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cxkit.errors import DataError
from cxkit.orders.bridge import of_customers
from cxkit.orders.histories import PLACE, Study, result_of, stacked
from cxkit.result import Chart, Note, Result, Table

if TYPE_CHECKING:
    import polars as pl

    from cxkit.glossary import Kind

COHORTS = ("cohort", "age", "eligible", "active", "retention_rate", "ci_low", "ci_high", "revenue")
AGES = (1, 3, 6, 12)  # at which the summary tells the rate of all cohorts
SHOWN_AGES = 10  # ages that a printed triangle has room for


def triangle(active: pl.DataFrame, last: int) -> pl.DataFrame:
    """Customers active at each age of each cohort, exactly then (the classic reading).

    Args:
        active: `customer`, `period` (0, 1, …) and `amount` (whole steps), a row for each period in
            which a customer is active, sorted by customer and period.
        last: the last period that is over; later ones are left out, with their cohorts.

    Returns:
        `cohort` (its period), `age` (periods since, from 0), `eligible` (customers of the cohort),
        `active` and `amount`, sorted; a row for every age that the cohort has reached by `last`,
        and none beyond.

    Formula:
        Active in period c + k of those whose first period is c (Fader & Hardie 2007 on why this
        is a survival curve and not a retention rate from one period to the next).
    """
    import polars as pl

    same = (pl.col("customer") == pl.col("customer").shift()).fill_null(False)
    first = pl.when(~same).then("period").forward_fill()
    keys = ["cohort", "age"]
    parts = [
        part.filter(pl.col("period") <= last)
        .select("amount", cohort=first, age=pl.col("period") - first)
        .cast(dict.fromkeys(keys, pl.Int32))
        .group_by(keys)
        .agg(pl.len().cast(pl.Int64).alias("active"), pl.col("amount").sum())
        for part in of_customers(active)
    ]
    cells = pl.concat(parts).group_by(keys).agg(pl.col("active", "amount").sum())
    sizes = cells.filter(pl.col("age") == 0).select("cohort", eligible="active")
    ages = pl.int_ranges(0, last - pl.col("cohort") + 1, dtype=pl.Int32).alias("age")
    every = sizes.with_columns(ages).explode("age")
    return (
        every.join(cells, on=keys, how="left")
        .fill_null(0)
        .select("cohort", "age", "eligible", "active", "amount")
        .sort("cohort", "age")
    )


def pooled(cells: pl.DataFrame) -> pl.DataFrame:
    """`age`, `eligible` and `active` of all cohorts together: those that have reached the age."""
    import polars as pl

    return cells.group_by("age").agg(pl.col("eligible", "active").sum()).sort("age")


# --- the view -----------------------------------------------------------------------------------


def cohorts(study: Study) -> Result:
    """The rows of every cohort and age, and what people are shown of them.

    Raises:
        DataError: no period is over, or no customer began in one that is.
    """
    time = study.time
    if time.over < time.first:
        message = f"{time.label(-1)}, the only period asked for, is not over in these data"
        raise DataError("no-periods", message, [("try", "a shorter --period")])
    whole = _cells(study, study.whole)
    if whole.is_empty():
        raise DataError("no-rows", "no customer began in a period that was asked for and is over")
    frames = [
        [(group, _cells(study, active)) for group, active in study.groups(table)]
        for table in study.tables
    ]
    shown = (f"+{age}" for age in range(1, len(study.time.starts) + 1))
    rows, names = stacked(study, frames, (*COHORTS, "customers", "flags", *shown))
    rows = rows.select("table", *names.values(), *COHORTS)
    summary = _summary(whole)
    tables, charts = [], []
    for table, label in zip(study.tables, study.labels, strict=True):
        keys = [names[column] for column in table]
        own = rows if label is None else rows.filter(table=label)
        tables.append(_table(own, keys, summary))
        charts.append(_chart(study, own, keys, label, summary))
    charts.append(_curve(study, whole, summary))
    notes = (*study.found.notes, *_notes(study))
    ages: dict[str, Kind] = {f"+{age}": "rate" for age in range(1, SHOWN_AGES + 1)}
    return result_of(study, rows, summary, notes, tables, charts, ages)


def _cells(study: Study, active: pl.DataFrame) -> pl.DataFrame:
    """The cells of the triangle of one group; `PLACE` is that of the cohort."""
    import polars as pl

    from cxkit.orders.money import in_units

    cells = triangle(active, study.time.over)
    cells = cells.filter(pl.col("cohort") >= study.time.first)
    return _rates(cells, study.ask.confidence).select(
        study.time.labels(cells["cohort"], "cohort"),
        pl.col("age").cast(pl.Int64),
        *COHORTS[2:-1],
        in_units(pl.col("amount")).alias("revenue"),
        pl.col("cohort").alias(PLACE),
    )


def _rates(cells: pl.DataFrame, confidence: float) -> pl.DataFrame:
    import polars as pl

    from cxkit.stats.intervals import wilson

    active, eligible = (pl.col(name).cast(pl.Float64) for name in ("active", "eligible"))
    low, high = wilson(active, eligible, confidence)
    return cells.with_columns(retention_rate=active / eligible, ci_low=low, ci_high=high)


def _summary(whole: pl.DataFrame) -> dict[str, Any]:
    """Customers and cohorts, and the share of all that can have reached an age who were active."""
    ages = {age: (eligible, active) for age, eligible, active in pooled(whole).iter_rows()}
    rates = {age: ages[age][1] / ages[age][0] if age in ages else None for age in AGES}
    return {
        "customers": ages[0][0],
        "cohorts": whole["cohort"].n_unique(),
        **{f"age_{age}_rate": rate for age, rate in rates.items()},
    }


def _table(rows: pl.DataFrame, keys: Sequence[str], summary: Mapping[str, Any]) -> Table:
    """Cohorts below one another, ages side by side, as many as there is room for; then all."""
    import polars as pl

    last = int(rows["age"].max())  # type: ignore[arg-type]
    ages = [f"+{age}" for age in range(1, min(last, SHOWN_AGES) + 1)]
    every = rows.group_by(*keys, "age", maintain_order=True).agg(pl.col("eligible", "active").sum())
    rate = pl.col("active") / pl.col("eligible")
    every = every.with_columns(rate.alias("retention_rate"), cohort=pl.lit("all"))
    wide = pl.concat([rows, every], how="diagonal").group_by(
        *keys, "cohort", maintain_order=True
    ).agg(
        pl.col("eligible").first().alias("customers"),
        *(pl.col("retention_rate").filter(pl.col("age") == int(age)).first().alias(age)
          for age in ages),
    )  # fmt: skip
    known = summary["age_1_rate"] is not None
    answer = ("cohorts" if known else "cohorts-none", dict(summary))
    feet: list[tuple[str, dict[str, Any]]] = [("cohorts-foot", {})]
    if last > SHOWN_AGES:
        feet.append(("cohorts-more", {"count": SHOWN_AGES, "every": last}))
    return Table((*keys, "cohort"), ("customers", *ages), (), total=False, answer=answer,
                 rows=wide, footnotes=tuple(feet))  # fmt: skip


def _chart(
    study: Study,
    rows: pl.DataFrame,
    keys: Sequence[str],
    select: str | None,
    summary: Mapping[str, Any],
) -> Chart:
    """A row for each cohort, and all cohorts together."""
    import polars as pl

    total = _rates(pooled(rows), study.ask.confidence).with_columns(
        flags=pl.lit(["total"]), cohort=pl.lit(None, pl.String)
    )
    cells = [*(pl.col(key).fill_null("(blank)") for key in keys), pl.col("cohort")]
    drawn = rows.with_columns(pl.concat_str(cells, separator=" · ").alias("cohort"))
    finding = ("cohorts-title", dict(summary))
    if summary["age_1_rate"] is None:
        finding = ("cohorts-none", dict(summary))
    return Chart("heatmap", pl.concat([drawn, total], how="diagonal"), "age", "retention_rate",
                 series="cohort", size="eligible", name=select or "triangle",
                 finding=finding)  # fmt: skip


def _curve(study: Study, rows: pl.DataFrame, summary: Mapping[str, Any]) -> Chart:
    """The share of all customers who are active, by age; at age 0 it is all of them."""
    import polars as pl

    ages = _rates(pooled(rows), study.ask.confidence)
    if ages.height > 1:
        ages = ages.filter(pl.col("age") > 0)
    few = pl.col("eligible") < study.ask.min_n
    flags = pl.when(few).then(pl.lit(["low-n"])).otherwise(pl.lit([], pl.List(pl.String)))
    ages = ages.with_columns(pl.col("age").cast(pl.String), n="eligible", flags=flags)
    key = "cohorts-none" if summary["age_1_rate"] is None else "cohorts-title"
    feet: list[tuple[str, dict[str, Any]]] = [("cohorts-ages", {})]
    if (ages["eligible"] < study.ask.min_n).any():
        feet.append(("low-n-points", {"minimum": study.ask.min_n}))
    return Chart("trend", ages, "age", "retention_rate", "ci_low", "ci_high", name="curve",
                 size="eligible", footnotes=tuple(feet),
                 finding=(key, {**summary, "confidence": study.ask.confidence}))  # fmt: skip


def _notes(study: Study) -> list[Note]:
    time, notes = study.time, []
    if time.first == 0:
        message = f"{time.label(0)} is the first period of the data: its customers may not be new"
        notes.append(Note("first-period", "info", message))
    if time.partial:
        message = f"{time.label(-1)} is not over in these data and is left out"
        notes.append(Note("partial", "info", message))
    return notes
