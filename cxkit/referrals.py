"""Referrals: who brings new customers, how much these bring, and how long the chains are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from cxkit.errors import RequestError
from cxkit.orders.referred import CATEGORY, UNKNOWN
from cxkit.result import Chart, Interval, Note, Result, Table
from cxkit.surveys import groups as side

if TYPE_CHECKING:
    import polars as pl

    from cxkit.orders.referred import Referred
    from cxkit.orders.sales import Sales
    from cxkit.source import Source

FINDS = ("customer", "date", "amount")
WANTS = ("currency", "referrer")
THEIRS = ("score",)  # a column of the survey
EXAMPLES = (
    "cxkit referrals orders.csv --referrer referred_by",
    "cxkit referrals orders.csv --survey nps.csv --chart referrals.png",
    "cxkit referrals orders.csv --referrals programme.csv --view advocates -n 20",
)
HELP = {
    "by": "column to group referrers by: the first value of each customer; `a,b` crosses",
    "score": "column of answers 0–10 to the recommend question, in the survey",
    "referrals": "file of referrals, instead of a column: the customer referred, the referrer",
}

GROUPS = ("customers", "referrers", "referrer_rate", "ci_low", "ci_high", "referred_customers",
          "referred_revenue", "referred_revenue_share", "downstream_revenue",
          "revenue_per_referrer")  # fmt: skip
SUMMARY = ("referral_rate", "new_customers", "referred_new_share", "k_factor")
ADVOCATES = ("customer", "referred", "direct_revenue", "downstream_revenue", "generations")
GENERATIONS = ("generation", "customers", "revenue", "ratio")
MONEY = ("referred_revenue", "downstream_revenue", "revenue_per_referrer", "direct_revenue",
         "revenue")  # fmt: skip
FIRST = 20  # referrers that are drawn
SHOWN = ("customers", "referrer_rate", Interval(), "referred_customers", "referred_revenue")


def referrals(
    data: Source,
    *,
    customer: str,
    date: str,
    amount: str | None = None,
    quantity: str | None = None,
    price: str | None = None,
    currency: str | None = None,
    referrer: str | None = None,
    count: str | None = None,
    referrals: Source | None = None,
    survey: Source | None = None,
    score: str | None = None,
    by: Sequence[str | tuple[str, ...]] = (),
    where: Sequence[str] = (),
    since: str | None = None,
    until: str | None = None,
    gross: bool = False,
    view: Literal["groups", "advocates", "generations"] = "groups",
    confidence: float = 95,
) -> Result:
    """Who refers new customers, what these bring, and how far referrals reach.

    A referral counts once who was referred has bought. A customer's NPS category is that of the
    latest answer up to the first such purchase, of the latest of all where nobody was referred, and
    of the first answer after it where there was none before. With --since, customers and revenue
    are those from then on; who referred them may stand before.

    Args:
        data: transactions.

    Returns:
        For each group of customers `customers referrers referrer_rate ci_low ci_high
        referred_customers referred_revenue referred_revenue_share downstream_revenue
        revenue_per_referrer`; with `view="advocates"` a row for each referrer, `customer referred
        direct_revenue downstream_revenue generations`; with `view="generations"` the customers so
        many links from the start of a chain, `generation customers revenue ratio`. Downstream
        revenue is that of all who were brought, directly or through others, each once; that of
        several referrers or groups must not be added up. Summary: `k_factor` is null without a
        file of referrals that also tells of friends who did not buy.

    Raises:
        RequestError: a column or option that is wrong; nothing tells who referred whom.
        DataError: customers with two referrers, with themselves, or in a circle; no rows.

    Formula:
        Rate = customers who referred one or more / customers, Wilson 1927. K = invitations per
        customer × share of them that led to a purchase. Ratio = size of the next generation / size
        of this one.

    Example:
        >>> import polars as pl, cxkit
        >>> orders = pl.DataFrame({
        ...     "customer": ["a", "b", "c"], "referrer": [None, "a", "b"],
        ...     "date": ["2026-01-05", "2026-02-01", "2026-03-01"], "amount": [10, 20, 30]})
        >>> cxkit.referrals(orders, view="advocates").rows["downstream_revenue"].to_list()
        [50.0, 30.0]
    """
    from cxkit.cells.keys import spelled
    from cxkit.orders.referred import categorised, measured, read_referred
    from cxkit.orders.sales import Sales
    from cxkit.slices import Slice

    tables = tuple((one,) if isinstance(one, str) else tuple(one) for one in by) or ((),)
    _check(view, referrer, referrals, survey, tables != ((),))
    piece = Slice(by=tables, date=date, customer=customer, count=count, where=tuple(where),
                  since=since, until=until)  # fmt: skip
    sales = Sales(piece, amount, quantity, price, currency, gross, history=True)
    read = read_referred(data, sales, referrer, referrals)
    level = confidence / 100 if confidence > 1 else confidence
    notes: tuple[Note, ...] = ()
    people = measured(read.people)
    if survey is not None:
        people, notes = categorised(people, survey, data, customer)
    if view == "advocates":
        columns = [one for one in (customer, referrer) if one in data.columns]
        people = people.with_columns(spelled(people["customer"], data, *columns))
        if referrals is not None:
            theirs = referrals.roles["referrer"]
            people = people.with_columns(spelled(people["customer"], referrals, *theirs))
    ask = _Ask(read, people, sales, survey is not None, level)
    ask = ask._replace(summary=_summary(ask))
    made = {"groups": _groups, "advocates": _advocates, "generations": _generations}[view](ask)
    return _result(ask, view, made, notes, referrer if referrals is None else None)


class _Ask(NamedTuple):
    """Everyone known with what they have brought, how it was read, and the figures of all."""

    read: Referred
    people: pl.DataFrame
    sales: Sales
    categories: bool
    confidence: float
    summary: Mapping[str, Any] = MappingProxyType({})

    @property
    def customers(self) -> pl.DataFrame:
        return self.people.filter("bought")

    @property
    def revenue(self) -> int:
        """Of all customers, in whole steps."""
        return int(self.people["amount"].sum())


class _View(NamedTuple):
    """What one view has made: its rows, what is shown of them, and a chart."""

    rows: pl.DataFrame
    tables: tuple[Table, ...]
    chart: Chart


def _check(
    view: str, referrer: str | None, referrals: Source | None, survey: Source | None, by: bool
) -> None:
    """Raise the error of options that do not go together."""
    if referrer is None and referrals is None:
        hints = [("try", "--referrer COL"), ("try", "--referrals FILE")]
        raise RequestError("no-referrer", "nothing tells who referred whom", hints)
    for given, option in ((by, "--by"), (survey is not None, "--survey")):
        if given and view != "groups":
            raise RequestError("usage", f"{option} goes with --view groups, not --view {view}")


def _result(
    ask: _Ask, view: str, made: _View, notes: tuple[Note, ...], referrer: str | None
) -> Result:
    found, sales = ask.read.sales, ask.sales
    units = "count" if sales.counts_rows else None
    return Result(
        command="referrals",
        view=None if view == "groups" else view,
        rows=made.rows,
        summary=ask.summary,
        ledger=found.ledger,
        notes=(*found.notes, *ask.read.notes, *notes, *_notes(ask)),
        inputs=found.inputs,
        columns=sales.roles | ({"referrer": referrer} if referrer else {}),
        params={"confidence": ask.confidence,
                "currency": None if sales.counts_rows else found.currency}
        | {name: value for name, value in sales.params.items()
           if name in ("gross", "since", "until", "where")},
        tables=made.tables,
        charts=(made.chart,),
        kinds=dict.fromkeys(MONEY, "count") if units else {},
    )  # fmt: skip


# --- the figures --------------------------------------------------------------------------------


def _summary(ask: _Ask) -> dict[str, Any]:
    """The figures of all customers together."""
    import polars as pl

    customers = ask.customers
    new = customers.filter("new")
    referred = int((new["parent"] >= 0).sum())
    row = _rated(_sums(ask, ()), ask).row(0, named=True)
    return {name: row[name] for name in GROUPS} | {
        "referral_rate": row["referrer_rate"],
        "new_customers": new.height,
        "referred_new_share": referred / new.height if new.height else None,
        "k_factor": _k(ask, int(customers.select((pl.col("parent") >= 0).sum()).item())),
    }


def _k(ask: _Ask, converted: int) -> float | None:
    """Invitations per customer times the share that led to a purchase."""
    sent, customers = ask.read.invitations, ask.customers.height
    if sent is None or sent <= converted:
        return None
    return sent / customers * (converted / sent)


def _groups(ask: _Ask) -> _View:
    """A row for each group of customers."""
    import polars as pl

    columns, tables = ask.sales.piece.columns, ask.sales.piece.by
    several = len(tables) > 1
    names = side.column_names(columns, ("table", CATEGORY, *GROUPS))
    own = [CATEGORY] if ask.categories else []
    frames, shown = [], []
    for table in tables:
        keys = [*(f"by{columns.index(column)}" for column in table), *own]
        frame = _rated(_sums(ask, keys), ask).sort(_order(keys))
        frame = frame.rename({f"by{columns.index(column)}": names[column] for column in table})
        label = pl.lit(",".join(table) if several else None, pl.String).alias("table")
        named = [*(names[column] for column in table), *own]
        frames.append(frame.select(label, *named, *GROUPS))
        select = ",".join(table) if several else None
        shown.append(Table(tuple(named), SHOWN, (), select=select, total=bool(named),
                           answer=("referrals", ask.summary)))  # fmt: skip
    rows = pl.concat(frames, how="diagonal").select("table", *names.values(), *own, *GROUPS)
    keys = [*(names[column] for column in tables[0]), *own]
    chart = _bars(frames[0], keys, ask) if keys else _sizes(_generations(ask).rows, ask)
    return _View(rows, tuple(shown), chart)


def _order(keys: Sequence[str]) -> list[pl.Expr]:
    """Groups by customers, the most first, then by name; the blank and the unknown last."""
    import polars as pl

    if not keys:
        return [pl.lit(0)]
    blank = pl.any_horizontal(pl.col(keys).is_null() | (pl.col(keys) == UNKNOWN))
    return [blank, -pl.col("customers"), *(pl.col(key).fill_null("") for key in keys)]


def _sums(ask: _Ask, keys: Sequence[str]) -> pl.DataFrame:
    """What the customers of each group have brought, in whole steps."""
    import polars as pl

    from cxkit.stats.forest import downstream_of_groups

    people = ask.people.with_columns(whole=0)
    on = [*keys] or ["whole"]
    found = people.filter("bought").group_by(on).agg(
        pl.len().cast(pl.Int64).alias("customers"),
        (pl.col("referred") > 0).sum().cast(pl.Int64).alias("referrers"),
        pl.col("referred").sum().alias("referred_customers"),
        pl.col("direct").sum().alias("referred_revenue"),
    )  # fmt: skip
    found = found.sort(on, nulls_last=True).with_row_index("group")
    groups = people.join(found.select("group", *on), on=on, how="left", nulls_equal=True,
                         maintain_order="left")  # fmt: skip
    inside = pl.when("bought").then(pl.col("group").cast(pl.Int64))
    codes = groups.select(inside.fill_null(-1).alias("group"))["group"]
    sums = downstream_of_groups(people["parent"].to_numpy(), codes.to_numpy(),
                                people["amount"].to_numpy(), found.height)  # fmt: skip
    found = found.with_columns(pl.Series("downstream_revenue", sums, dtype=pl.Int64))
    return found.drop("group")  # a column of the user's may be called so


def _rated(sums: pl.DataFrame, ask: _Ask) -> pl.DataFrame:
    """Money in units of its currency, shares and their intervals."""
    import polars as pl

    from cxkit.orders.money import in_units
    from cxkit.stats.intervals import wilson

    low, high = wilson(pl.col("referrers"), pl.col("customers"), ask.confidence)
    total = ask.revenue if ask.revenue > 0 else None
    revenue, referrers = pl.col("referred_revenue"), pl.col("referrers")
    return sums.with_columns(
        (referrers / pl.col("customers")).alias("referrer_rate"),
        low.alias("ci_low"),
        high.alias("ci_high"),
        (revenue / pl.lit(total, pl.Int64)).alias("referred_revenue_share"),
        pl.when(referrers > 0).then(in_units(revenue) / referrers).alias("revenue_per_referrer"),
        in_units(pl.col("referred_revenue", "downstream_revenue")),
    )


def _advocates(ask: _Ask) -> _View:
    """A row for each referrer, those with the most revenue behind them first."""
    import polars as pl

    from cxkit.orders.money import in_units

    who = ask.people.filter(pl.col("referred") > 0).sort(
        "downstream", "direct", "customer", descending=[True, True, False]
    )
    rows = who.select(
        pl.lit(None, pl.String).alias("table"),
        "customer",
        "referred",
        in_units(pl.col("direct")).alias("direct_revenue"),
        in_units(pl.col("downstream")).alias("downstream_revenue"),
        (pl.col("deepest") - pl.col("generation")).alias("generations"),
    )
    table = Table(("customer",), ADVOCATES[1:], (), total=False, answer=("referrals", ask.summary))
    return _View(rows, (table,), _ranked(rows, ask))


def _generations(ask: _Ask) -> _View:
    """A row for each number of links from the start of a chain."""
    import polars as pl

    from cxkit.orders.money import in_units

    sizes = ask.customers.group_by("generation").agg(
        pl.len().cast(pl.Int64).alias("customers"), pl.col("amount").sum().alias("revenue")
    )
    last = int(sizes["generation"].max() or 0)  # type: ignore[arg-type]
    every = pl.DataFrame({"generation": pl.int_range(last + 1, eager=True)})
    sizes = every.join(sizes, on="generation", how="left").sort("generation").fill_null(0)
    size = pl.when(pl.col("customers") > 0).then(pl.col("customers"))
    rows = sizes.select(
        pl.lit(None, pl.String).alias("table"),
        "generation",
        "customers",
        in_units(pl.col("revenue")),
        (pl.col("customers").shift(-1) / size).alias("ratio"),
    )
    answer = ("referrals", ask.summary)
    table = Table(("generation",), GENERATIONS[1:], (), total=False, answer=answer)
    return _View(rows, (table,), _sizes(rows, ask))


# --- what is told -------------------------------------------------------------------------------


def _bars(rows: pl.DataFrame, keys: Sequence[str], ask: _Ask) -> Chart:
    """The share who referred in each group, beside that of all."""
    import polars as pl

    frame, x = rows, " · ".join(keys)
    if len(keys) > 1:
        frame = rows.with_columns(pl.concat_str(pl.col(keys).fill_null("–"), separator=" · ")
                                  .alias(x))  # fmt: skip
    foot = ("interval-wilson", {"confidence": ask.confidence})
    return Chart("bars", frame, x, "referrer_rate", "ci_low", "ci_high", total=ask.summary,
                 size="customers", footnotes=(foot,),
                 finding=("referrals-title", ask.summary))  # fmt: skip


def _sizes(rows: pl.DataFrame, ask: _Ask) -> Chart:
    """How many customers stand in each generation."""
    import polars as pl

    frame = rows.with_columns(pl.col("generation").cast(pl.String))
    came = rows.filter(pl.col("generation") > 0)
    values = {"customers": ask.customers.height, "generations": came.height,
              "referred_customers": int(came["customers"].sum())}  # fmt: skip
    key = "referrals-chains" if came.height else "referrals-title"
    foot: tuple[tuple[str, dict[str, Any]], ...] = (("referrals-generations", {}),)
    return Chart("bars", frame, "generation", "customers", footnotes=foot,
                 finding=(key, {**ask.summary, **values}))  # fmt: skip


def _ranked(rows: pl.DataFrame, ask: _Ask) -> Chart:
    """The first referrers as the table has them, and what they brought of all, which adds up."""
    shown = rows.head(FIRST)
    direct: list[float] = rows["direct_revenue"].to_list()
    values = {"count": shown.height, "referrers": rows.height,
              "referred_customers": rows["referred"].sum()}  # fmt: skip
    key = "referrals-brought"
    if rows.height > FIRST and min(direct) >= 0 < sum(direct):
        key = "referrals-first"
        values["referred_revenue_share"] = sum(direct[:FIRST]) / sum(direct)
    return Chart("bars", shown, "customer", "downstream_revenue", finding=(key, values),
                 footnotes=(("referrals-behind", values),),
                 currency=None if ask.sales.counts_rows else ask.read.sales.currency)  # fmt: skip


def _notes(ask: _Ask) -> list[Note]:
    """Referrers who bought nothing, customers net below 0, and what K needs."""
    import polars as pl

    from cxkit.orders.money import UNIT

    notes = []
    customers = ask.customers
    if (customers["parent"] >= 0).all() and not ask.summary["referrers"]:
        message = "every customer was referred and none referred: rates need all orders, not only "
        hint = ("try", "cxkit referrals ORDERS --referrals FILE")
        notes.append(Note("only-referred", "warning", message + "those of a programme", (hint,)))
    apart = ask.people.filter(~pl.col("bought") & (pl.col("referred") > 0))
    if n := apart.height:
        who = "1 referrer has" if n == 1 else f"{n:,} referrers have"
        then = " in this time" if ask.sales.piece.since or ask.sales.piece.until else ""
        message = f"{who} no transactions{then} and {'is' if n == 1 else 'are'} no part of the "
        message += "rates; "
        brought = int(apart["referred"].sum())
        message += f"they referred {brought:,} customer{'s' * (brought != 1)} with a revenue of "
        message += f"{apart['direct'].sum() / UNIT:,.2f}"
        notes.append(Note("referrers-apart", "info", message))
    if n := int((customers["amount"] < 0).sum()):
        who = "1 customer is" if n == 1 else f"{n:,} customers are"
        message = f"{who} below 0 after returns and stay in all sums"
        notes.append(Note("negative", "info", message, (("try", "--gross"),)))
    if ask.summary["k_factor"] is None:
        message = "K is not given: it needs a file of referrals that also names friends who were "
        message += "invited and did not buy"
        notes.append(Note("no-k", "info", message, (("try", "--referrals FILE"),)))
    else:
        message = "K counts all customers, also those who have had little time to "
        notes.append(Note("k-early", "info", message + "refer: it is a low figure"))
    return notes
