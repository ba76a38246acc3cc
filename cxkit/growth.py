"""Earned growth: how much comes from customers who stay, are referred, or had to be bought."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date as Day
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from cxkit.errors import DataError
from cxkit.orders.bridge import of_customers
from cxkit.orders.sources import EARNED, Sources, source_notes
from cxkit.result import Chart, Note, Result, Table
from cxkit.surveys import groups as side

if TYPE_CHECKING:
    import polars as pl

    from cxkit.cells.periods import Calendar
    from cxkit.orders.sales import Purchases, Sales
    from cxkit.source import Source

FINDS = ("customer", "date", "amount")
WANTS = ("currency", "source")
EXAMPLES = (
    "cxkit growth orders.csv",
    "cxkit growth orders.csv --source channel --earned referral,word-of-mouth",
    "cxkit growth orders.csv --period quarter --last 4 --chart growth.png",
)
HELP = {
    "period": "length of the periods: each is compared with the one before",
    "partial": "show the unfinished last period too",
    "last": "only the last N periods",
}

SUMS = ("base_revenue", "revenue", "retained_revenue", "earned_new", "bought_new", "unknown_new")
RATES = ("nrr", "enc", "earned_growth", "earned_growth_upper", "growth", "earned_ratio")
_MANY = 0.1  # of the new customers: so many who come back are told of
_LATE = timedelta(days=7)  # a first period that begins later than this, and a tenth of it, is short


def growth(
    data: Source,
    *,
    customer: str,
    date: str,
    amount: str | None = None,
    quantity: str | None = None,
    price: str | None = None,
    currency: str | None = None,
    source: str | None = None,
    count: str | None = None,
    by: Sequence[str | tuple[str, ...]] = (),
    period: Literal["week", "month", "quarter", "year"] = "year",
    where: Sequence[str] = (),
    since: str | None = None,
    until: str | None = None,
    last: int | None = None,
    fiscal_start: int = 1,
    partial: bool = False,
    gross: bool = False,
    earned: Sequence[str] = EARNED,
) -> Result:
    """Earned growth: revenue from customers who stay and new ones who were referred.

    New is who bought nothing in the period before, also who comes back. A customer's source is the
    first one that the rows tell, in order of time; where none does, it counts as bought, and
    `earned_growth_upper` is what earned growth would be if all of these were earned.

    Args:
        data: transactions.

    Returns:
        A row for each period from the second on, and group: `base_revenue revenue retained_revenue
        earned_new bought_new unknown_new nrr enc earned_growth earned_growth_upper growth
        earned_ratio`. Revenue is retained, earned, bought and unknown together, to the cent. The
        summary is the last period of the whole. Rates are null where the base is not above 0.

    Raises:
        RequestError: a column or option that is wrong.
        DataError: no rows, several currencies, or no period with one before it.

    Formula:
        NRR = revenue of customers who bought in the base period / base revenue; ENC = earned new
        revenue / base revenue; earned growth = NRR + ENC − 1; its ratio = earned growth / growth,
        null unless revenue grew (Reichheld, Darnell & Burns 2021, Winning on Purpose, appendix B).

    Example:
        >>> import polars as pl, cxkit
        >>> orders = pl.DataFrame({
        ...     "customer": ["a", "a", "b", "c"], "source": ["ads", "ads", "referral", "ads"],
        ...     "date": ["2024-01-02", "2025-02-03", "2025-06-15", "2025-12-31"],
        ...     "amount": [100, 85, 25, 20]})
        >>> found = cxkit.growth(orders).summary
        >>> round(found["earned_growth"], 2), round(found["growth"], 2)
        (0.1, 0.3)
    """
    from cxkit.orders.sales import Sales
    from cxkit.orders.transactions import read_sales
    from cxkit.slices import Slice

    tables = tuple((one,) if isinstance(one, str) else tuple(one) for one in by) or ((),)
    piece = Slice(by=tables, period=period, date=date, customer=customer, count=count,
                  where=tuple(where), since=since, until=until, last=last,
                  fiscal_start=fiscal_start)  # fmt: skip
    sales = Sales(piece, amount, quantity, price, currency, gross, history=True)
    grouped = {f"by{i}": column for i, column in enumerate(piece.columns)}
    grouped |= {"source": source} if source else {}
    found = read_sales(data, sales, groups=grouped, days=True)
    ask = _Ask(found, sales, source, Sources.of(found.rows, source, earned), partial)
    return _result(ask)


class _Ask(NamedTuple):
    """The transactions, how they were read, and what counts as earned."""

    found: Purchases
    sales: Sales
    source: str | None
    sources: Sources
    partial: bool

    @property
    def calendar(self) -> Calendar:
        calendar = self.sales.piece.calendar
        assert calendar is not None
        return calendar

    @property
    def hidden(self) -> Day | None:
        """The first day of the unfinished period, where it is not shown."""
        return None if self.partial else self.found.unfinished


def _result(ask: _Ask) -> Result:
    import polars as pl

    found, sales = ask.found, ask.sales
    tables, several = sales.piece.by, len(sales.piece.by) > 1
    starts = _starts(ask)
    whole = _periods(ask, (), starts)
    names = side.column_names(sales.piece.columns, ("table", "period", *SUMS, *RATES, "flags"))
    frames = [_view(ask, whole, table, names, starts, several) for table in tables]
    rows = pl.concat(frames, how="diagonal").select("table", *names.values(), "period", *SUMS,
                                                    *RATES, "flags")  # fmt: skip
    summary = whole.row(-1, named=True)
    shown = tuple(
        Table((*(names[column] for column in table), "period"), _columns(rows), (), total=False,
              select=",".join(table) if several else None, answer=_told(summary, "growth", ask),
              footnotes=(_foot(rows), *_partial_foot(summary, ask)))
        for table in tables
    )  # fmt: skip
    return Result(
        command="growth",
        rows=rows,
        summary={name: summary[name] for name in ("period", *SUMS, *RATES)},
        ledger=found.ledger,
        notes=(*found.notes, *_notes(ask, whole)),
        inputs=found.inputs,
        columns=sales.roles | ({"source": ask.source} if ask.source else {}),
        params={"earned": [*ask.sources.words], "partial": ask.partial,
                "currency": None if sales.counts_rows else found.currency} | sales.params,
        tables=shown,
        charts=(_chart(summary, ask),),
        kinds=dict.fromkeys(SUMS, "count") if sales.counts_rows else {},
    )  # fmt: skip


# --- the figures --------------------------------------------------------------------------------


def _starts(ask: _Ask) -> list[Day]:
    """The periods that are shown, by their first days.

    Raises:
        DataError: there is none.
    """
    piece, calendar = ask.sales.piece, ask.calendar
    sold = sorted(ask.found.rows["start"].unique())
    after = {calendar.next(start) for start in sold if start < sold[-1]}
    starts = sorted({*sold[1:], *after} - {ask.hidden})
    if piece.first_day is not None:
        first = calendar.start(piece.first_day)
        starts = [start for start in starts if start >= first]
    if starts:
        return starts[-(piece.last or len(starts)) :]
    if ask.hidden is not None and len(sold) > 1:
        message = f"{calendar.label(ask.hidden)} is not over on {ask.found.latest}, and no other "
        message += "period asked for has one before it"
        raise DataError("no-base", message, _finer(piece.period, "--period month"))
    message = f"all rows that are used lie in {calendar.label(sold[-1])}; growth needs a "
    message += f"{piece.period} before it"
    if len(sold) > 1:
        message = f"no {piece.period} asked for has one before it in the file"
    hints = [("try", "a shorter --period, such as month")] if piece.period != "week" else []
    raise DataError("no-base", message, [] if len(sold) > 1 else hints)


def _finer(period: str | None, shorter: str) -> list[tuple[str, str]]:
    """What to do about a period that is not over: a part of one is no match for a whole one."""
    finer = [("try", shorter)] if period in ("quarter", "year") else []
    return [*finer, ("or" if finer else "try", "--partial")]


def _periods(ask: _Ask, keys: Sequence[str], starts: Sequence[Day]) -> pl.DataFrame:
    """The figures of each group and period shown."""
    import polars as pl

    place = [*keys, "start"]
    parts = [_added(ask, rows, keys) for rows in of_customers(ask.found.rows)]
    steps = pl.concat(parts).group_by(place).agg(pl.col(SUMS).sum())
    steps = steps.filter(pl.col("start").is_in([*starts]))
    found = pl.sum_horizontal("retained_revenue", "earned_new", "bought_new", "unknown_new")
    if not steps.select((found == pl.col("revenue")).all()).item():
        raise AssertionError("growth does not add up")
    return _rated(steps, ask).sort("start", *_order(keys))


def _added(ask: _Ask, rows: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """The sums of some of the customers, by group and period."""
    import polars as pl

    bought = rows.group_by(*keys, "customer", "start").agg(pl.col("amount").sum())
    base = bought.with_columns(_next(bought["start"], ask.calendar))
    same = [*keys, "customer", "start"]
    both = bought.join(base.select(*same, kept=True), on=same, how="left", nulls_equal=True)
    both = both.join(
        _origins(ask, rows, keys), on=[*keys, "customer"], how="left", nulls_equal=True
    )
    kept, amount = pl.col("kept").is_not_null(), pl.col("amount")
    now = both.group_by(*keys, "start").agg(
        amount.sum().alias("revenue"),
        amount.filter(kept).sum().alias("retained_revenue"),
        amount.filter(~kept & pl.col("earned")).sum().alias("earned_new"),
        amount.filter(~kept & ~pl.col("earned")).sum().alias("bought_new"),
        amount.filter(~kept & pl.col("earned").is_null()).sum().alias("unknown_new"),
    )
    then = base.group_by(*keys, "start").agg(amount.sum().alias("base_revenue"))
    steps = now.join(then, on=[*keys, "start"], how="full", nulls_equal=True, coalesce=True)
    return steps.select(*keys, "start", pl.col(SUMS).fill_null(0))


def _order(keys: Sequence[str]) -> list[pl.Expr]:
    """Groups by revenue, the largest first, then by name, the blank last."""
    import polars as pl

    if not keys:
        return []
    named = [pl.col(key).fill_null("") for key in keys]
    return [pl.any_horizontal(pl.col(keys).is_null()), -pl.col("revenue"), *named]


def _next(starts: pl.Series, calendar: Calendar) -> pl.Series:
    """The first day of the period after each."""
    import polars as pl

    distinct = starts.unique()
    following = pl.Series([calendar.next(start) for start in distinct], dtype=pl.Date)
    return starts.replace_strict(distinct, following, return_dtype=pl.Date).alias("start")


def _origins(ask: _Ask, rows: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Whether each customer was earned, by the source told first; of several on one day all."""
    import polars as pl

    if ask.source is None:
        return rows.select(*keys, "customer").clear().with_columns(earned=pl.lit(True))
    who = [*keys, "customer"]
    told = rows.filter(pl.col("source").is_not_null())
    first = told.filter(pl.col("day") == pl.col("day").min().over(who))
    earned = pl.col("source").is_in([*ask.sources.earned])
    return first.group_by(who).agg(earned.all().alias("earned"))


def _rated(steps: pl.DataFrame, ask: _Ask) -> pl.DataFrame:
    """Money in units of its currency, the rates, and the names of the periods."""
    import polars as pl

    from cxkit.orders.money import in_units

    known = pl.lit(ask.source is not None)
    base = pl.when(pl.col("base_revenue") > 0).then(pl.col("base_revenue"))
    retained, new, unknown = (pl.col(n) for n in ("retained_revenue", "earned_new", "unknown_new"))
    earned = pl.when(known).then(retained + new - base)
    grown = pl.col("revenue") - base
    steps = steps.with_columns(
        nrr=retained / base,
        enc=pl.when(known).then(new) / base,
        earned_growth=earned / base,
        earned_growth_upper=(retained + new + unknown - base) / base,
        growth=grown / base,
        earned_ratio=pl.when(grown > 0).then(earned / grown),
    )
    steps = steps.with_columns(pl.when(known).then(pl.col("earned_new", "bought_new")))
    labels = side.period_labels(steps["start"], ask.calendar)
    partial = pl.when(pl.col("start").eq_missing(pl.lit(ask.found.unfinished, pl.Date)))
    flags = partial.then(pl.lit(["partial"])).otherwise(pl.lit([], pl.List(pl.String)))
    return steps.with_columns(in_units(pl.col(SUMS)), labels, flags.alias("flags"))


def _view(
    ask: _Ask,
    whole: pl.DataFrame,
    table: Sequence[str],
    names: Mapping[str, str],
    starts: Sequence[Day],
    several: bool,
) -> pl.DataFrame:
    """The rows of one table, its groups under their names."""
    import polars as pl

    keys = [f"by{ask.sales.piece.columns.index(column)}" for column in table]
    frame = _periods(ask, keys, starts) if keys else whole
    new = {key: names[column] for key, column in zip(keys, table, strict=True)}
    name = pl.lit(",".join(table) if several else None, pl.String).alias("table")
    return frame.select(name, pl.col("period"), *SUMS, *RATES, "flags",
                        *(pl.col(key).alias(new[key]) for key in keys))  # fmt: skip


# --- what is told -------------------------------------------------------------------------------


def _columns(rows: pl.DataFrame) -> tuple[str, ...]:
    """What people are shown: also the most that may be earned, where some sources are not known."""
    columns = ["revenue", "nrr", "enc", "earned_growth", "earned_growth_upper", "growth"]
    if rows["earned_growth"].null_count() == rows.height:
        columns = ["revenue", "nrr", "earned_growth_upper", "growth"]
    elif not (rows["unknown_new"] != 0).any():
        columns.remove("earned_growth_upper")
    return tuple(columns)


def _told(row: Mapping[str, Any], key: str, ask: _Ask) -> tuple[str, dict[str, Any]]:
    """The phrase for what is known of the last period."""
    values = {name: row[name] for name in ("period", *RATES) if row[name] is not None}
    if row["growth"] is None:
        return "growth-none", values
    if row["flags"]:
        key, values = f"{key}-partial", values | {"compared_with": _before(row, ask)}
    if row["earned_growth"] is None:
        return f"{key}-upper", values
    return (f"{key}-between" if row["unknown_new"] else key), values


def _before(row: Mapping[str, Any], ask: _Ask) -> str:
    """The name of the period before a row's."""
    return ask.calendar.label(ask.calendar.previous(row["start"]))


def _foot(rows: pl.DataFrame) -> tuple[str, dict[str, Any]]:
    """What the columns mean that are shown."""
    return "growth-foot" if "enc" in _columns(rows) else "growth-foot-unknown", {}


def _partial_foot(row: Mapping[str, Any], ask: _Ask) -> list[tuple[str, dict[str, Any]]]:
    """That the last period is not over, and what it is set against."""
    if not row["flags"]:
        return []
    values = {"period": row["period"], "compared_with": _before(row, ask),
              "date": str(ask.found.latest)}  # fmt: skip
    return [("growth-partial-foot", values)]


def _chart(row: Mapping[str, Any], ask: _Ask) -> Chart:
    """The way from the base to the last period's revenue."""
    import polars as pl

    kept = row["retained_revenue"] - row["base_revenue"]
    steps: list[tuple[Any, ...]]
    steps = [(_before(row, ask), row["base_revenue"], "start", []),
             ("growth-existing", kept, None, [])]  # fmt: skip
    new = ("earned_new", "bought_new", "unknown_new")
    steps += [(name, row[name], None, []) for name in new if row[name]]
    steps += [(row["period"], row["revenue"], "end", row["flags"])]
    kinds: dict[str, Any] = {"step": pl.String, "revenue": pl.Float64, "kind": pl.String}
    frame = pl.DataFrame(steps, schema=kinds | {"flags": pl.List(pl.String)}, orient="row")
    whole = [("chart-groups-together", dict[str, Any]())] if ask.sales.piece.columns else []
    return Chart("waterfall", frame, "step", "revenue", series="kind",
                 finding=_told(row, "growth-title", ask), currency=ask.found.currency,
                 footnotes=(*whole, *_partial_foot(row, ask)))  # fmt: skip


def _notes(ask: _Ask, whole: pl.DataFrame) -> list[Note]:
    notes = [*_period_notes(ask, whole), *_returning_note(ask, whole)]
    if ask.source is None:
        message = "no column says where customers came from: earned growth is given at most"
        return [*notes, Note("no-source", "info", message, (("try", "--source COL"),))]
    return [*notes, *source_notes(ask.sources), *_unknown_note(whole)]


def _period_notes(ask: _Ask, whole: pl.DataFrame) -> list[Note]:
    """A last period that is not over, and a first one of which the file has only a part."""
    notes, calendar, found = [], ask.calendar, ask.found
    if found.unfinished is not None:
        name, latest = calendar.label(found.unfinished), found.latest
        message = f"{name} is not over ({latest} is the last date) and is left out"
        hint = tuple(_finer(ask.sales.piece.period, "--period month"))
        if ask.partial:
            message, hint = f"{name} is not over: {latest} is the last date", ()
        notes.append(Note("partial", "info", message, hint))
    first: Day = found.rows["day"].min()  # type: ignore[assignment]
    start = calendar.start(first)
    late = max(_LATE, (calendar.end(start) - start) / 10)
    if first - start > late and calendar.next(start) in whole["start"]:
        message = f"rows begin on {first}: {calendar.label(start)} is not whole, and growth from "
        message += f"it to {calendar.label(calendar.next(start))} is too high"
        notes.append(Note("short-base", "warning", message))
    return notes


def _returning_note(ask: _Ask, whole: pl.DataFrame) -> list[Note]:
    """How many of the new customers had bought before and skipped a period: more, the shorter
    periods are."""
    import polars as pl

    start, name = whole.row(-1, named=True)["start"], whole.row(-1, named=True)["period"]
    before = ask.calendar.previous(start)
    many = back = 0
    for rows in of_customers(ask.found.rows):
        seen = rows.group_by("customer").agg(
            (pl.col("start") == start).any().alias("now"),
            (pl.col("start") == before).any().alias("kept"),
            (pl.col("start") < before).any().alias("earlier"),
        )
        new = seen.filter("now", ~pl.col("kept"))
        many, back = many + new.height, back + int(new["earlier"].sum())
    if back < _MANY * many or not back:
        return []
    unit = ask.sales.piece.period
    message = f"{back / many:.0%} of the new customers of {name} had bought before "
    message += f"{ask.calendar.label(before)}: who skips a {unit} counts as lost and then as new, "
    message += "which makes NRR and earned growth low"
    hint = () if unit == "year" else (("try", "a longer --period, such as year"),)
    return [Note("returning", "info", message, hint)]


def _unknown_note(whole: pl.DataFrame) -> list[Note]:
    """How much of the new revenue has no source."""
    row = whole.row(-1, named=True)
    new = row["revenue"] - row["retained_revenue"]
    if not row["unknown_new"] or new <= 0:
        return []
    message = f"{row['unknown_new'] / new:.0%} of the revenue of new customers in {row['period']} "
    message += "has no source and counts as bought"
    return [Note("unknown-source", "info", message)]
