"""Retention: who of the customers of one period is still there in the next, and what they spend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from cxkit.errors import RequestError
from cxkit.orders.bridge import MONEY, MOVES, of_customers
from cxkit.orders.cohorts import AGES, COHORTS, cohorts
from cxkit.orders.histories import (
    PLACE,
    Ask,
    Study,
    Timeline,
    in_force,
    result_of,
    stacked,
    usual_gap,
)
from cxkit.orders.respondents import CATEGORIES
from cxkit.result import Chart, Interval, Note, Result, Table

if TYPE_CHECKING:
    import polars as pl

    from cxkit.cells.periods import Length
    from cxkit.orders.respondents import Respondents
    from cxkit.source import Source

FINDS = ("customer", "date", "amount")
WANTS = ("currency",)
THEIRS = ("score",)  # a column of the survey
EXAMPLES = (
    "cxkit retention orders.csv",
    "cxkit retention orders.csv --view cohorts --chart cohorts.png",
    "cxkit retention orders.csv --survey survey.csv --period quarter",
)
HELP = {
    "by": "column to group by: the customers of each group apart; `a,b` crosses",
    "score": "column of answers 0–10 to the recommend question, in the survey",
    "last": "only the last N periods, or cohorts; what came before counts as history",
    "min_n": "fewer customers at the start are shown in brackets",
}

RATES = ("retention_rate", "ci_low", "ci_high", "churn_rate")
PERIODS = (*MOVES, *RATES, *MONEY, "grr", "nrr", "flags")
COLUMNS = ("category", "period", *PERIODS, *COHORTS, "customers", "cohorts",
           *(f"age_{age}_rate" for age in AGES))  # fmt: skip
UNKNOWN = "unknown"  # the category of who has not answered yet


def retention(
    data: Source,
    *,
    customer: str,
    date: str,
    amount: str | None = None,
    quantity: str | None = None,
    price: str | None = None,
    currency: str | None = None,
    count: str | None = None,
    period: Literal["week", "month", "quarter", "year"] = "month",
    active_within: str | None = None,
    view: Literal["periods", "cohorts"] = "periods",
    survey: Source | None = None,
    score: str | None = None,
    by: Sequence[str | tuple[str, ...]] = (),
    where: Sequence[str] = (),
    since: str | None = None,
    until: str | None = None,
    last: int | None = None,
    fiscal_start: int = 1,
    gross: bool = False,
    confidence: float = 95,
    min_n: int = 30,
) -> Result:
    """Customer and revenue retention from period to period, or by cohort.

    Active is who has a row in the period, returns included (with `gross` only what is above 0).
    With `active_within` active is who bought within so long before the end of the period; money is
    not followed then. Rows before `since` count as history. With `survey` customers are told apart
    by NPS category: that of their latest answer before the period begins, so that nobody counts by
    an answer that was yet to come.

    Args:
        data: transactions.

    Returns:
        A row for each period: `start_customers retained lost new returned end_customers
        retention_rate ci_low ci_high churn_rate start_revenue lost_revenue contraction expansion
        new_revenue returned_revenue end_revenue grr nrr flags`; start is what was active, or
        spent, in the period before. start = retained + lost, end = retained + new + returned, and
        in money start − lost − contraction + expansion + new + returned = end. The first period
        of the data has nobody at its start, and all its customers are new. With `view="cohorts"`
        a row for each cohort and each age that it has reached in a period that is over: `cohort
        age eligible active retention_rate ci_low ci_high revenue`. The summary has the last
        period that is over; of cohorts the rates of all together at ages 1, 3, 6 and 12.

    Raises:
        RequestError: a column or option that is wrong.
        DataError: no rows, several currencies, no period that is over (cohorts), or a survey whose
            customers are not in the data.

    Formula:
        Retention = retained / start: who is new or returns is in neither. Interval: Wilson (1927).
        NRR = Σ r₁ / Σ r₀ and GRR = Σ max(0, min(r₀, r₁)) / Σ max(0, r₀) over the customers of
        the start, r₀ and r₁ being their revenue before and now. Cohorts: active in period c + k
        of those whose first period is c.

    Example:
        >>> import polars as pl, cxkit
        >>> orders = pl.DataFrame({
        ...     "customer": ["a", "b", "a", "c"], "amount": [10, 5, 8, 4],
        ...     "date": ["2026-01-03", "2026-01-20", "2026-02-07", "2026-02-28"]})
        >>> summary = cxkit.retention(orders).summary
        >>> [summary[name] for name in ("start_customers", "retained", "new", "nrr")]
        [2, 1, 1, 0.5333333333333333]
    """
    from cxkit.orders.sales import Sales
    from cxkit.orders.transactions import read_sales
    from cxkit.slices import Slice

    _check(view, active_within, survey)
    tables = tuple((one,) if isinstance(one, str) else tuple(one) for one in by) or ((),)
    piece = Slice(by=tables, period=period, date=date, customer=customer, count=count,
                  where=tuple(where), since=since, until=until, last=last,
                  fiscal_start=fiscal_start)  # fmt: skip
    sales = Sales(piece, amount, quantity, price, currency, gross, history=True)
    within = _length(active_within)
    grouped = {f"by{i}": column for i, column in enumerate(piece.columns)}
    found = read_sales(data, sales, groups=grouped, days=within is not None)
    level = confidence / 100 if confidence > 1 else confidence
    ask = Ask(view, within, active_within, level, min_n)
    time = Timeline.of(found, piece)
    if within is None:  # a number of the period takes the place of its day
        found = replace(found, rows=time.placed(found.rows))
    study = Study(data, sales, found, ask, time, _answers(survey))
    return cohorts(study) if view == "cohorts" else _periods(study)


def _check(view: str, active_within: str | None, survey: Source | None) -> None:
    """Raise the error of options that cohorts do not take."""
    for option, given in (("--active-within", active_within), ("--survey", survey)):
        if view == "cohorts" and given is not None:
            raise RequestError("usage", f"{option} goes with --view periods, not with cohorts")


def _length(text: str | None) -> Length | None:
    from cxkit.cells.periods import Length

    return None if text is None else Length.of(text, "--active-within")


def _answers(survey: Source | None) -> Respondents | None:
    """The answers of the survey, by customer."""
    if survey is None:
        return None
    from cxkit.orders.respondents import read_respondents
    from cxkit.slices import Slice

    score, customer, date = (survey.roles[role][0] for role in ("score", "customer", "date"))
    return read_respondents(survey, score, Slice(date=date, customer=customer))


# --- periods ------------------------------------------------------------------------------------


def _periods(study: Study) -> Result:
    """The rows of every period, and what people are shown of them."""
    import polars as pl

    answers = in_force(study.answers, study.time) if study.answers else None
    whole = _bridged(study, study.whole, None)
    alone = whole if answers is None else _bridged(study, study.whole, answers)
    frames = [
        [(group, _bridged(study, active, answers)) for group, active in study.groups(table)]
        if table
        else [((), alone)]
        for table in study.tables
    ]
    lead = ("category", "period") if answers is not None else ("period",)
    rows, names = stacked(study, frames, ("category", "period", *PERIODS))
    rows = rows.filter(pl.col(PLACE) >= study.time.first)
    rows = rows.select("table", *names.values(), *lead, *PERIODS)
    summary = _summary(study, whole)
    answer = _answer(study, summary, alone)
    tables, charts = [], []
    for table, label in zip(study.tables, study.labels, strict=True):
        keys = [*(names[column] for column in table), *lead]
        tables.append(_table(study, keys, label, answer))
        charts.append(_trend(study, rows, keys, label, whole))
    charts += _waterfall(study, summary)
    notes = (*study.found.notes, *_survey_notes(study), *_notes(study, whole))
    return result_of(study, rows, summary, notes, tables, charts)


def _bridged(study: Study, active: pl.DataFrame, answers: pl.DataFrame | None) -> pl.DataFrame:
    """The figures of every period of one group; `PLACE` is that of the period."""
    import polars as pl

    from cxkit.orders.bridge import bridge
    from cxkit.orders.money import in_units
    from cxkit.stats.intervals import wilson

    time, ask = study.time, study.ask
    moves = bridge(active, len(time.starts), answers)
    start, kept = pl.col("start_customers"), pl.col("retained")
    low, high = wilson(kept.cast(pl.Float64), start.cast(pl.Float64), ask.confidence)
    known = pl.lit(not ask.within)  # whether money is followed
    few, over = (start > 0) & (start < ask.min_n), pl.col("period") <= time.over
    flags = [pl.when(start == 0).then(pl.lit("no-data")), pl.when(few).then(pl.lit("low-n")),
             pl.when(~over).then(pl.lit("partial"))]  # fmt: skip
    names = dict(enumerate(CATEGORIES))
    category = pl.col("category").replace_strict(names, default=None, return_dtype=pl.String)
    return moves.select(
        category.fill_null(UNKNOWN),
        time.labels(moves["period"], "period"),
        *MOVES,
        pl.when(start > 0).then(kept / start).alias("retention_rate"),
        low.alias("ci_low"),
        high.alias("ci_high"),
        pl.when(start > 0).then(pl.col("lost") / start).alias("churn_rate"),
        *(pl.when(known).then(in_units(pl.col(name))).alias(name) for name in MONEY),
        *(pl.when(known).then(name).alias(name) for name in ("grr", "nrr")),
        pl.concat_list(flags).list.drop_nulls().alias("flags"),
        pl.col("period").alias(PLACE),
    )  # fmt: skip


def _summary(study: Study, whole: pl.DataFrame) -> dict[str, Any]:
    """The last period that is over, else the last, and how many customers there were."""
    import polars as pl

    last = max(study.time.over, study.time.first)
    row = whole.filter(pl.col(PLACE) == last).row(0, named=True)
    customers = sum(part["customer"].n_unique() for part in of_customers(study.found.rows))
    kept = ("period", *MOVES, *RATES, *MONEY, "grr", "nrr")
    return {"customers": customers} | {name: row[name] for name in kept}


def _answer(
    study: Study, summary: Mapping[str, Any], rows: pl.DataFrame
) -> tuple[str, dict[str, Any]]:
    """The sentence above the table."""
    if not summary["start_customers"]:
        return "retention-none", dict(summary)
    last = max(study.time.over, study.time.first)
    values = {**summary, "compared_with": study.time.label(last - 1)}
    if study.answers:
        now = rows.filter(period=summary["period"])
        counts = dict(now.select("category", "start_customers").iter_rows())
        rates = dict(now.select("category", "retention_rate").iter_rows())
        values |= {f"{name}s": counts.get(name, 0) for name in CATEGORIES}
        if min(values[f"{name}s"] for name in CATEGORIES) < max(study.ask.min_n, 1):
            return "retention-survey-few", values
        return "retention-survey", values | {f"{name}_rate": rates[name] for name in CATEGORIES}
    if study.ask.within:
        return "retention-window", values | {"length": study.ask.active_within}
    return "retention" if summary["nrr"] is not None else "retention-customers", values


def _table(
    study: Study, keys: Sequence[str], select: str | None, answer: tuple[str, dict[str, Any]]
) -> Table:
    columns = ("start_customers", "lost", "new", "returned", "retention_rate", Interval())
    money = () if study.ask.within else ("nrr",)
    return Table(tuple(keys), (*columns, *money), (), select=select, total=False, answer=answer)


def _trend(
    study: Study, rows: pl.DataFrame, keys: Sequence[str], select: str | None, whole: pl.DataFrame
) -> Chart:
    """Retention over the periods that are over, of each group a line; the first has none."""
    import polars as pl

    from cxkit.terms import label

    groups = [key for key in keys if key != "period"]
    rows = rows if select is None else rows.filter(table=select)
    finding = _apart(study, rows, groups) if groups else _finding(study, whole)
    partial = pl.col("flags").list.contains("partial")
    cells = [pl.col(key).fill_null("(blank)") for key in groups]
    group = pl.concat_str(cells, separator=" · ") if groups else pl.lit(None, pl.String)
    over = rows.filter(~partial)
    drawn = (over if over.height else rows).with_columns(group.alias("group"), n="start_customers")
    known = drawn.filter(pl.col("start_customers") > 0)["period"]
    drawn = drawn.filter(pl.col("period") >= known.min()) if len(known) else drawn
    feet: list[tuple[str, dict[str, Any]]] = [("retention-foot", {})]
    if not groups:
        feet.append(("interval-wilson", {"confidence": study.ask.confidence}))
    low = drawn["flags"].list.contains("low-n").any()
    if low:
        key = "low-n-gaps" if groups else "low-n-points"
        feet.append((key, {"minimum": study.ask.min_n}))
    if over.height < rows.height and over.height:
        feet.append(("retention-undrawn", {"period": study.time.label(-1)}))
    return Chart("lines" if groups else "trend", drawn, "period", "retention_rate", "ci_low",
                 "ci_high", series="group" if groups else None, footnotes=tuple(feet),
                 name=select or "retention", finding=finding, size="start_customers",
                 x_label=", ".join(map(label, groups)) or None)  # fmt: skip


def _finding(study: Study, whole: pl.DataFrame) -> tuple[str, dict[str, Any]]:
    """What the last period that is over says: a change only if it is beyond chance."""
    import polars as pl

    last = study.time.over
    both = [whole.filter(pl.col(PLACE) == place) for place in (last, last - 1)]
    if any(one.is_empty() for one in both) or not both[0]["start_customers"].item():
        return "retention-whole", {}
    now = both[0].row(0, named=True)
    values = {"retention_rate": now["retention_rate"], "period": now["period"]}
    if min(one["start_customers"].item() for one in both) < max(study.ask.min_n, 1):
        return "retention-now", values
    values["compared_with"] = both[1]["period"].item()
    up = _differs(study, both[0], both[1])
    words = {None: "retention-steady", True: "retention-rose", False: "retention-fell"}
    return words[up], values


def _differs(study: Study, one: pl.DataFrame, other: pl.DataFrame) -> bool | None:
    """Whether more stay in one row than in another; None where that may be chance."""
    from cxkit.result import alpha, direction
    from cxkit.stats.means import share_difference

    shares = [row.select(successes="retained", n="start_customers") for row in (one, other)]
    test = share_difference(shares[0], shares[1], study.ask.confidence).row(0, named=True)
    way = direction(test["diff"], test["p_value"], alpha(study.ask.confidence))
    return way == "up" if way else None


def _apart(study: Study, rows: pl.DataFrame, groups: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """What the last period that is over says of promoters and detractors; of other groups,
    among which nothing is tested, only what they are."""
    import polars as pl

    values: dict[str, Any] = {"period": study.time.label(max(study.time.over, study.time.first))}
    known = rows.filter(pl.col("start_customers") >= max(study.ask.min_n, 1), **values)
    if groups != ["category"]:
        return _side_by_side(known, groups, values)
    both = [known.filter(category=name) for name in ("promoter", "detractor")]
    if any(one.is_empty() for one in both):
        return _side_by_side(known, groups, values)
    values |= {f"{one['category'].item()}_rate": one["retention_rate"].item() for one in both}
    words = {None: "alike", True: "more", False: "less"}
    return f"retention-promoters-{words[_differs(study, both[0], both[1])]}", values


def _side_by_side(
    known: pl.DataFrame, groups: Sequence[str], values: Mapping[str, Any]
) -> tuple[str, dict[str, Any]]:
    """How many stayed in groups of enough customers, without a claim that they differ."""
    if known.is_empty():
        return "retention-thin", {**values}
    rates = known.sort("retention_rate")["retention_rate"]
    if known.height > 1 and round(rates[0], 2) == round(rates[-1], 2):
        return "retention-same", {**values, "rate": rates[0]}
    if known.height > 1:
        return "retention-range", {**values, "retention_rate": rates[0], "rate": rates[-1]}
    name = " · ".join(known.row(0, named=True)[group] or "(blank)" for group in groups)
    return "retention-group", {**values, "retention_rate": rates[0], "name": name}


def _waterfall(study: Study, summary: Mapping[str, Any]) -> list[Chart]:
    """The revenue of the period before, and by which steps it became that of the last."""
    import polars as pl

    if summary["nrr"] is None:  # no revenue at the start, or none that is followed
        return []
    signs = dict(zip(MONEY, (1, -1, -1, 1, 1, 1, 1), strict=True))
    steps = pl.DataFrame({
        "step": list(MONEY),
        "revenue": [sign * summary[name] for name, sign in signs.items()],
        "kind": ["start", *[""] * (len(MONEY) - 2), "end"],
    })  # fmt: skip
    values = {name: summary[name] for name in ("nrr", "grr", "period")}
    return [Chart("waterfall", steps, "step", "revenue", series="kind", name="revenue",
                  finding=("retention-bridge", values), currency=study.currency)]  # fmt: skip


# --- notes --------------------------------------------------------------------------------------


def _notes(study: Study, whole: pl.DataFrame) -> list[Note]:
    """What the periods do not show, and where they should not be trusted."""
    time, notes = study.time, []
    if time.first == 0:
        message = f"{time.label(0)} is the first period of the data: all its customers count as new"
        notes.append(Note("first-period", "info", message))
    if time.partial:
        message = f"{time.label(-1)} is not over in these data: its retention can still rise"
        notes.append(Note("partial", "info", message))
    few = sum("low-n" in flags for flags in whole["flags"][time.first :].to_list())
    if few:
        are = "1 period has" if few == 1 else f"{few:,} periods have"
        message = f"{are} fewer than {study.ask.min_n} customers at the start: shown in brackets"
        notes.append(Note("low-n", "info", message))
    if study.ask.within:
        return notes + _window_notes(study)
    return notes + _negative_notes(study)


def _window_notes(study: Study) -> list[Note]:
    message = f"active is who bought within {study.ask.active_within} before a period's end; "
    notes = [Note("window", "info", message + "revenue is not followed from period to period")]
    gap = usual_gap(study.found.rows)
    if gap is not None:
        message = f"95% of next purchases came within {gap:,} days of the one before"
        notes.append(Note("gap", "info", message))
    return notes


def _negative_notes(study: Study) -> list[Note]:
    """Customers who gave back more than they bought in a period."""
    import polars as pl

    negative = pl.col("amount") < 0
    below = sum(part.filter(negative)["customer"].n_unique() for part in of_customers(study.whole))
    if not below:
        return []
    who = "1 customer has" if below == 1 else f"{below:,} customers have"
    message = f"{who} a period below 0 after returns: that counts in revenue and NRR, in GRR as 0"
    return [Note("negative", "info", message, (("try", "--gross"),))]


def _survey_notes(study: Study) -> list[Note]:
    """How many customers answered, and by which answer they count."""
    if study.answers is None:
        return []
    from cxkit.orders.respondents import match

    found, ledger = study.answers, study.answers.ledger
    column = str(study.sales.piece.customer)
    matched = match(found, study.source, column, study.found.rows["customer"])
    read = (
        f"{ledger.used:,} of {ledger.read:,} rows of {found.source.name} are answers of customers"
    )
    clock = "a customer counts by the latest answer before a period begins"
    return [*found.notes, Note("survey", "info", read), matched, Note("clock", "info", clock)]
