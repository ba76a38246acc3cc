"""Monetised NPS: what promoters, passives and detractors bring, and how much of it is at risk."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from cxkit.errors import RequestError, visible
from cxkit.result import Chart, Interval, Note, Result, Table

if TYPE_CHECKING:
    import polars as pl

    from cxkit.orders.earnings import Ask
    from cxkit.orders.sales import Sales
    from cxkit.orders.spending import Spending
    from cxkit.slices import Slice
    from cxkit.source import Source

FINDS = ("score", "customer")
WANTS = ("date",)
THEIRS = ("amount", "quantity", "price", "currency")  # columns of the orders, not of the survey
EXAMPLES = (
    "cxkit monetize survey.csv --orders orders.csv",
    "cxkit monetize survey.csv --orders orders.csv --standardise tier,region --chart worth.png",
    "cxkit monetize survey.csv --orders orders.csv --what-if 10% --margin 0.4 --cost 250000",
)
HELP = {
    "customer": "column of customer ids, in the survey and, under that name, in the orders",
    "amount": "column of money, in the orders",
    "keep": "the last answer of each customer, or all of them, averaged (accounts)",
    "min_n": "below so many customers a category is flagged and not tested",
}

UNKNOWN = "unknown"  # the revenue of who has not answered
LONGEST = 120  # months after which it no longer matters in how many money comes back
UNTESTED = "monetize-means"  # the title of a chart that claims nothing
ALPHA = 0.05  # a finding claims a difference only below this


def finds(words: Mapping[str, Any]) -> tuple[str, ...]:
    """Revenue after an answer needs its day."""
    return (*FINDS, "date") if words.get("revenue") == "after" else FINDS


def monetize(
    data: Source,
    *,
    score: str,
    customer: str,
    orders: Source,
    date: str | None = None,
    amount: str | None = None,
    quantity: str | None = None,
    price: str | None = None,
    currency: str | None = None,
    horizon: str = "12mo",
    revenue: Literal["before", "after"] = "before",
    standardise: Sequence[str] = (),
    what_if: str = "10%",
    margin: float = 1,
    cost: float | None = None,
    where: Sequence[str] = (),
    since: str | None = None,
    until: str | None = None,
    keep: Literal["last", "all"] = "last",
    gross: bool = False,
    confidence: float = 95,
    min_n: int = 30,
    seed: int = 0,
) -> Result:
    """What promoters, passives and detractors bring, the revenue at risk, the worth of a point.

    Revenue `before` is that of the `horizon` up to the latest order, the revenue in force, which
    partly precedes the answers; `after` is that of the `horizon` from the day after each answer
    on, of answers whose horizon is over. Revenue at risk, coverage and expected loss are always
    of revenue in force. Who answered and bought nothing counts with 0; who did not answer is
    unknown, and never added in. With `keep="all"` the answers of a customer, such as the contacts
    of an account, are averaged before they are weighted by its revenue.

    Args:
        data: the survey.

    Returns:
        Rows `category customers revenue revenue_share revenue_mean ci_low ci_high revenue_median
        revenue_mean_standardised retention_rate churn_rate expected_loss flags`, detractors first;
        shares are of the revenue of all who answered. `retention_rate`: of customers whose
        horizon after the answer is over and who bought in the horizon before it, the share who
        bought within it. The summary has `coverage`, the NPS weighted by revenue, the revenue at
        risk, the value of one point for the customers who answered, and the what-if.

    Raises:
        RequestError: a column or option that is wrong.
        DataError: no valid answer, several currencies, or no customer in both files.

    Formula:
        Weighted NPS = 100 (rev_P − rev_D) / rev, adjusted Wald on W² / Σ w² customers. Means: BCa
        bootstrap up to 2,000 customers (Efron 1987), linearised above; standardised Σ Wₛ r̄ₛ.
        What-if: n (r̄_B − r̄_A), between 0 and which lies the gain; ROI = (½ gain · margin − cost)
        / cost.

    Example:
        >>> import polars as pl, cxkit
        >>> survey = pl.DataFrame({"customer": ["a", "b", "c"], "score": [10, 8, 2]})
        >>> orders = pl.DataFrame({"customer": ["a", "b", "c", "d"], "date": ["2026-06-01"] * 4,
        ...                        "amount": [60, 30, 10, 25]})
        >>> cxkit.monetize(survey, orders=orders).summary["revenue_weighted_nps"]
        50.0
    """
    from cxkit.orders.earnings import Ask
    from cxkit.orders.respondents import read_respondents
    from cxkit.orders.spending import Terms, horizon_of, read_spending
    from cxkit.slices import Slice

    terms = Terms(horizon_of(horizon), revenue == "after", keep == "all")
    level = confidence / 100 if confidence > 1 else confidence
    moved = _share(what_if)
    ask = Ask(terms, moved, _fraction(margin), _cost(cost), level, min_n, seed, tuple(standardise))
    piece = Slice(
        (ask.strata,), date=date, customer=customer, where=tuple(where), since=since, until=until
    )
    sales = _sales(orders, gross)
    answers = read_respondents(data, score, piece, dated=terms.after)
    found = read_spending(answers, orders, sales, terms, dated=bool(date))
    return _result(found, ask, score, piece, sales)


def _share(text: str) -> float:
    """A share such as `10%` or `0.1`."""
    parts = re.fullmatch(r"\s*([0-9]*\.?[0-9]+)\s*(%?)\s*", text)
    share = float(parts[1]) / (100 if parts[2] else 1) if parts else -1.0
    if not 0 <= share <= 1:
        message = f'--what-if must be a share such as 10% or 0.1, got "{visible(text)}"'
        raise RequestError("bad-value", message)
    return share


def _fraction(margin: float) -> float:
    if not 0 <= margin <= 1:
        raise RequestError("bad-value", f"--margin must be a share of revenue, 0–1, got {margin:g}")
    return margin


def _cost(cost: float | None) -> float | None:
    if cost is not None and not cost > 0:
        raise RequestError("bad-value", f"--cost must be above 0, got {cost:g}")
    return cost


def _sales(orders: Source, gross: bool) -> Sales:
    """How the orders are read, by the roles of their columns."""
    from cxkit.orders.sales import Sales
    from cxkit.slices import Slice

    role = {name: columns[0] for name, columns in orders.roles.items() if columns}
    piece = Slice(date=role["date"], customer=role["customer"])
    amount = role.get("amount")
    quantity, price = (None, None) if amount else (role["quantity"], role["price"])
    sales = Sales(piece, amount, quantity, price, role.get("currency"), gross)
    if sales.counts_rows:
        raise RequestError("bad-value", "--amount must be a column of money, not rows")
    return sales


# --- the result ---------------------------------------------------------------------------------


def _result(found: Spending, ask: Ask, score: str, piece: Slice, sales: Sales) -> Result:
    from cxkit.orders.earnings import categories, summarised
    from cxkit.orders.spending import notes_of

    rows = categories(found, ask)
    summary = summarised(found, rows, ask)
    columns = {"score": score, "customer": piece.customer, "date": piece.date,
               "standardise": list(ask.strata)}  # fmt: skip
    theirs = {role: column for role, column in sales.roles.items() if role != "by"}
    return Result(
        command="monetize",
        rows=rows,
        summary=summary,
        ledger=found.ledger,
        notes=(*found.notes, *notes_of(found, ask.terms), *_notes(found, rows, ask)),
        inputs=found.inputs,
        columns={role: column for role, column in columns.items() if column} | {"orders": theirs},
        params=_params(found, ask, piece, sales),
        tables=(_table(found, rows, summary, ask),),
        charts=(_worth_chart(found, rows, summary, ask), _risk_chart(found, rows, summary, ask)),
    )


def _params(found: Spending, ask: Ask, piece: Slice, sales: Sales) -> dict[str, Any]:
    """The settings in force."""
    from cxkit.orders.gains import HAIRCUT

    terms = ask.terms
    return {
        "currency": found.currency, "horizon": terms.text,
        "revenue": "after" if terms.after else "before",
        "from": found.first.isoformat(), "to": found.latest.isoformat(),
        "keep": "all" if terms.every else "last",
        "what_if": ask.moved, "haircut": HAIRCUT, "margin": ask.margin, "cost": ask.cost,
        "confidence": ask.confidence, "min_n": ask.min_n, "seed": ask.seed, "gross": sales.gross,
        "since": piece.since, "until": piece.until, "where": list(piece.where),
    }  # fmt: skip


def _notes(found: Spending, rows: pl.DataFrame, ask: Ask) -> list[Note]:
    """What the differences between categories are not, and where they should not be trusted."""
    notes = []
    if ask.strata:
        notes += _strata_notes(found, ask)
    few = [row for row in rows.to_dicts() if "low-n" in row["flags"]]
    if few:
        who = [_counted(row["customers"], row["category"]) for row in few]
        message = f"{', '.join(who)}: fewer than {ask.min_n}, not tested"
        notes.append(Note("low-n", "info", message))
    message = "differences in revenue between categories are associations: promoters may differ in "
    message += "tier, tenure or region, so moving a customer need not move revenue"
    hint = () if ask.strata else (("try", "--standardise COL, to compare within strata"),)
    return [*notes, Note("association", "info", message, hint)]


def _counted(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def _strata_notes(found: Spending, ask: Ask) -> list[Note]:
    """Strata that lack a category and are left out of the standardised means."""
    from cxkit.orders.earnings import cells
    from cxkit.stats.means import standardised

    made = standardised(cells(found.followed if ask.terms.after else found.force))
    if not made.dropped_strata:
        return []
    message = f"{made.dropped_strata:,} of {made.strata + made.dropped_strata:,} strata, with "
    message += f"{made.dropped_n:,.0f} customers, lack a category: not in the standardised means"
    return [Note("strata", "warning", message, (("try", "fewer or wider strata"),))]


def _at_risk(found: Spending, summary: Mapping[str, Any], ask: Ask) -> tuple[str, dict[str, Any]]:
    """What detractors hold, of those who answered and of all customers."""
    share, coverage = summary["revenue_at_risk_share"], summary["coverage"]
    values = {**summary, "horizon": ask.terms.text, "first": str(found.first),
              "day": str(found.latest)}  # fmt: skip
    if share is None:
        return "monetize-none", values
    own = "-after" if ask.terms.after else ""  # the table below has another time
    if not coverage or coverage == 1:
        return f"monetize{own}", values
    return f"monetize-part{own}", {**values, "revenue_share": share / coverage}


def _table(found: Spending, rows: pl.DataFrame, summary: Mapping[str, Any], ask: Ask) -> Table:
    """The categories, and below them who has not answered."""
    answer = _at_risk(found, summary, ask)
    columns: tuple[Any, ...] = ("revenue_share", "revenue_mean", Interval())
    if ask.strata:
        columns = ("revenue_mean", Interval(), "revenue_mean_standardised")
    columns = ("customers", "revenue", *columns)
    return Table(("category",), columns, (), total=False, answer=answer,
                 rows=_with_unknown(found, rows, ask),
                 footnotes=(*_two_times(found, summary, ask), *_feet(rows, summary, ask)),
                 )  # fmt: skip


def _with_unknown(found: Spending, rows: pl.DataFrame, ask: Ask) -> pl.DataFrame:
    """The categories and, of revenue in force, that of customers who did not answer."""
    import polars as pl

    from cxkit.orders.earnings import units

    if ask.terms.after or not found.silent:
        return rows
    other = pl.DataFrame({"category": [UNKNOWN], "revenue": [units(found.silent)]})
    return pl.concat([rows, other], how="diagonal").with_columns(pl.col("flags").fill_null([]))


def _two_times(
    found: Spending, summary: Mapping[str, Any], ask: Ask
) -> tuple[tuple[str, dict[str, Any]], ...]:
    """Of which time and customers the table is, and of which the sentences, if they differ."""
    if not ask.terms.after:
        return ()
    values = {"horizon": ask.terms.text, "customers": summary["customers"],
              "every": len(found.force), "first": str(found.first),
              "day": str(found.latest)}  # fmt: skip
    return (("monetize-two", values),)


def _feet(
    rows: pl.DataFrame, summary: Mapping[str, Any], ask: Ask
) -> tuple[tuple[str, dict[str, Any]], ...]:
    """The lines below the table that have something to tell."""
    kept = {f"{name}_rate": rate for name, rate in rows.select(
        "category", "retention_rate").iter_rows()}  # fmt: skip
    values = {**summary, **kept, "share": ask.moved, "margin": ask.margin, "value": ask.cost,
              "horizon": ask.terms.text}  # fmt: skip
    needs = {
        "monetize-weighted": ("revenue_weighted_nps", "coverage"),
        "monetize-points": ("point_value_detractor_to_passive", "point_value_passive_to_promoter"),
        "monetize-what-if": ("what_if_low",),
        _paid_back(summary["payback_months"]): ("roi",),
        "monetize-kept": tuple(kept),
        "monetize-loss": ("expected_loss",),
    }
    return tuple(
        (key, values) for key, names in needs.items()
        if all(values[name] is not None for name in names)
    )  # fmt: skip


def _paid_back(months: float | None) -> str:
    """The sentence on money spent: no one waits for more than ten years."""
    if not months:
        return "monetize-roi-none"
    return "monetize-roi" if months <= LONGEST else "monetize-roi-long"


def _worth_chart(
    found: Spending, rows: pl.DataFrame, summary: Mapping[str, Any], ask: Ask
) -> Chart:
    """What a promoter, a passive and a detractor bring on average."""
    values = {"customers": summary["customers"], "horizon": ask.terms.text,
              "day": found.latest.isoformat(), "confidence": ask.confidence}  # fmt: skip
    finding = _finding(rows, summary, ask)
    feet = [("monetize-foot-after" if ask.terms.after else "monetize-foot", values)]
    if finding[0] != UNTESTED:
        feet.append(("monetize-welch", {"p_value": summary["p_value"]}))
    return Chart("bars", rows, "category", "revenue_mean", "ci_low", "ci_high", size="customers",
                 name="worth", finding=finding, currency=found.currency,
                 footnotes=tuple(feet))  # fmt: skip


def _finding(
    rows: pl.DataFrame, summary: Mapping[str, Any], ask: Ask
) -> tuple[str, dict[str, Any]]:
    """Whether promoters bring more than detractors: claimed only if it is beyond chance."""
    few = min(rows["customers"][0], rows["customers"][2]) < max(ask.min_n, 2)
    if few or summary["p_value"] is None:
        return UNTESTED, {}
    if summary["p_value"] >= ALPHA:
        return "monetize-alike", {}
    key = "monetize-more" if summary["diff"] > 0 else "monetize-less"
    return key, {"revenue_mean": abs(summary["diff"])}


def _risk_chart(found: Spending, rows: pl.DataFrame, summary: Mapping[str, Any], ask: Ask) -> Chart:
    """The revenue in force by category; that of who has not answered would dwarf it."""
    import polars as pl

    from cxkit.orders.money import UNIT

    held = found.force.group_by("category").agg(pl.len().alias("customers"), pl.col("amount").sum())
    order = rows.select("category")
    drawn = order.join(held, on="category", how="left", maintain_order="left").select(
        "category", "customers", (pl.col("amount").fill_null(0) / UNIT).alias("revenue")
    )
    foot = "monetize-risk-foot" if found.silent else "monetize-risk-day"
    values = {**summary, "horizon": ask.terms.text, "day": found.latest.isoformat()}
    return Chart("bars", drawn, "category", "revenue", size="customers", name="risk",
                 finding=_at_risk(found, summary, ask),
                 currency=found.currency, footnotes=((foot, values),))  # fmt: skip
