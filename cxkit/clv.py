"""Customer lifetime value: who still buys, how often they will, and what that is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from cxkit.errors import RequestError
from cxkit.result import Chart, Note, Result, Table
from cxkit.surveys import groups as side

if TYPE_CHECKING:
    from datetime import date as Day

    import polars as pl

    from cxkit.orders.clocks import Clock
    from cxkit.orders.outlook import Horizon, Valued
    from cxkit.result import Input, Ledger
    from cxkit.slices import Slice
    from cxkit.source import Source

FINDS = ("customer", "date", "amount")
WANTS = ("currency",)
EXAMPLES = (
    "cxkit clv orders.csv --margin 0.4 --discount 0.1",
    "cxkit clv orders.csv --view customers -n 20 --chart clv.png",
    "cxkit clv customers.csv --model sbg --start signed_up --end cancelled --amount fee",
)
HELP = {
    "amount": "column of money; with `sbg` what a customer pays a period",
    "by": "column to group by, instead of purchases so far: the first value of each customer",
    "as_of": "with `sbg`: the day up to which customers are followed (default: the file's last)",
    "time_unit": "with `sbg`: the time from one renewal to the next",
    "until": "the day up to which purchases are followed (default: the file's last)",
    "horizon": "how far ahead: 90d, 26w, 12mo, 3y",
    "model": "`bgnbd` for customers who come and go, `sbg` for contracts that are renewed",
    "view": "segments, or every customer",
}

SEGMENTS = ("customers", "alive", "expected_purchases", "expected_value", "clv", "clv_mean")
CUSTOMERS = ("customer", "frequency", "recency", "age", "alive", "expected_purchases",
             "expected_value", "clv")  # fmt: skip
_NOTHING: dict[str, Any] = {}
CONTRACT = ("start", "end", "duration", "ended", "as_of")


def finds(words: Mapping[str, Any]) -> tuple[str, ...]:
    """The roles that are needed: none of them where contracts are asked for.

    Raises:
        RequestError: an option that does not go with the model.
    """
    _check(words)
    return () if words.get("model") == "sbg" else FINDS


def clv(
    data: Source,
    *,
    customer: str | None = None,
    date: str | None = None,
    amount: str | None = None,
    quantity: str | None = None,
    price: str | None = None,
    currency: str | None = None,
    start: str | None = None,
    end: str | None = None,
    duration: str | None = None,
    ended: str | None = None,
    count: str | None = None,
    by: Sequence[str | tuple[str, ...]] = (),
    where: Sequence[str] = (),
    until: str | None = None,
    as_of: str | None = None,
    gross: bool = False,
    model: Literal["bgnbd", "sbg"] = "bgnbd",
    time_unit: Literal["day", "week", "month", "quarter", "year"] = "month",
    horizon: str = "12mo",
    margin: float = 1,
    discount: float = 0,
    view: Literal["segments", "customers"] = "segments",
) -> Result:
    """Customer lifetime value: who still buys, how often they will, and what that is worth.

    With `bgnbd` data are transactions. A purchase is a day on which a customer's money does not
    come to less than 0; time is in weeks, followed to `until`. With `sbg` data are customers with a
    contract, read as `survival` reads them: who is here may leave at each renewal.

    Args:
        data: transactions; with `sbg` customers.

    Returns:
        A row for each class of `purchases` so far (with `sbg` of `renewals`), or for each group:
        `customers alive expected_purchases expected_value clv clv_mean`: customers expected to
        still buy, purchases within the horizon, money of one of them, and value: discounted margin
        of these, in all and each. With `view="customers"` a row for each, by value: `customer
        frequency recency age alive expected_purchases expected_value clv`, times in weeks. The
        summary has the figures of all customers and the parameters of the models.

    Raises:
        RequestError: a column or option that is wrong, or does not go with the model.
        DataError: no rows, several currencies, nobody who bought again or left, or too few
            customers.

    Formula:
        BG/NBD (Fader, Hardie & Lee 2005, Marketing Science 24:275) for purchases, gamma-gamma
        (Fader & Hardie 2013) for money: CLV = E[M] · margin · Σ over months of E[purchases] /
        (1 + discount)^(months / 12). sBG (Fader & Hardie 2007) for contracts.

    Example:
        >>> import cxkit
        >>> orders = cxkit.sample("orders", rows=2_000).rows
        >>> found = cxkit.clv(orders, horizon="6mo").summary
        >>> sorted(found)[:4], found["customers"] > 0
        (['a', 'alive', 'alpha', 'b'], True)
    """
    from cxkit.orders.clocks import Clock
    from cxkit.orders.outlook import Horizon
    from cxkit.slices import Slice

    clock = Clock(start, end, duration, ended, time_unit, as_of)
    ahead = Horizon.of(horizon, discount)
    tables = tuple((one,) if isinstance(one, str) else tuple(one) for one in by) or ((),)
    ask = _Ask(model, view, ahead, margin, clock)
    if model == "sbg":
        piece = Slice(by=tables, count=count, where=tuple(where))
        return _result(_contracts(data, piece, ask, amount, currency), piece, ask)
    piece = Slice(by=tables, date=date, customer=customer, count=count, where=tuple(where),
                  until=until)  # fmt: skip
    return _result(
        _buyers(data, piece, ask, (amount, quantity, price, currency), gross), piece, ask
    )


def _check(words: Mapping[str, Any]) -> None:
    """Raise the error of an option that does not go with the model."""
    from cxkit.values import long_option

    contracts = words.get("model") == "sbg"
    wrong = [name for name in CONTRACT if not contracts and words.get(name)]
    if wrong:
        message = f"{long_option(wrong[0])} goes with --model sbg, for customers with a contract"
        raise RequestError("usage", message, [("try", "--model sbg")])
    if contracts and words.get("view") == "customers":
        message = "--view customers goes with --model bgnbd: under contract customers of one age "
        raise RequestError("usage", message + "are alike", [("try", "--view segments")])
    if contracts and words.get("until"):
        message = "--until goes with --model bgnbd; customers are followed to --as-of"
        raise RequestError("usage", message, [("try", f"--as-of {words['until']}")])
    if words.get("amount") == "rows":
        raise RequestError("usage", "clv values money: --amount rows has none",
                           [("try", "--amount COL")])  # fmt: skip


class _Ask(NamedTuple):
    """What is asked: the model, the view, how far ahead, at which margin, by which clock."""

    model: str
    view: str
    horizon: Horizon
    margin: float
    clock: Clock

    @property
    def so_far(self) -> str:
        """The column of classes of what customers have done so far."""
        return "renewals" if self.model == "sbg" else "purchases"


class _Found(NamedTuple):
    """Customers with what is expected of them, and the account of their rows."""

    valued: Valued
    ledger: Ledger
    notes: tuple[Note, ...]
    inputs: tuple[Input, ...]
    columns: dict[str, Any]
    params: dict[str, Any]
    end: Day | None
    money: bool

    @property
    def currency(self) -> str | None:
        code: str | None = self.params["currency"]
        return code


def _buyers(
    data: Source,
    piece: Slice,
    ask: _Ask,
    money: tuple[str | None, str | None, str | None, str | None],
    gross: bool,
) -> _Found:
    """Customers by their purchases, valued."""
    from cxkit.cells.keys import spelled
    from cxkit.orders.buyers import buyers, valued
    from cxkit.orders.sales import Sales
    from cxkit.orders.transactions import read_sales

    sales = Sales(piece, *money, gross)
    groups = {f"by{i}": column for i, column in enumerate(piece.columns)}
    keys = "text" if ask.view == "customers" else "hash"
    found = read_sales(data, sales, groups=groups, customers=keys, days=True)
    end = piece.last_day or found.latest
    assert end is not None
    who, notes = buyers(found, end)
    found = replace(found, rows=found.rows.clear())  # the many days of customers may go
    made = valued(who, ask.horizon, ask.margin)
    if ask.view == "customers":
        names = spelled(made.rows["customer"], data, str(piece.customer))
        made = replace(made, rows=made.rows.with_columns(names))
    params = {"currency": found.currency, "until": end} | {
        name: value for name, value in sales.params.items() if name in ("gross", "where")
    }
    return _Found(made, found.ledger, (*found.notes, *notes, *made.notes), found.inputs,
                  sales.roles, params, end, True)  # fmt: skip


def _contracts(
    data: Source, piece: Slice, ask: _Ask, amount: str | None, currency: str | None
) -> _Found:
    """Customers by their contracts, valued."""
    from cxkit.orders.contracts import valued
    from cxkit.orders.tenure import read_tenures

    found = read_tenures(data, piece, ask.clock, amount=amount, currency=currency)
    made = valued(found, ask.clock.unit, ask.horizon, ask.margin)
    roles = {"amount": amount, "currency": currency if amount else None, "count": piece.count}
    columns: dict[str, Any] = ask.clock.roles | {
        role: column for role, column in roles.items() if column
    }
    columns["by"] = list(piece.columns)
    params = {"currency": found.currency, "time_unit": ask.clock.unit, "as_of": found.as_of,
              "where": list(piece.where)}  # fmt: skip
    return _Found(made, found.ledger, (*found.notes, *made.notes), found.inputs,
                  columns, params, found.as_of, amount is not None)  # fmt: skip


# --- the rows -----------------------------------------------------------------------------------


def _result(found: _Found, piece: Slice, ask: _Ask) -> Result:
    """The rows of the view asked for, and what people are shown of them."""
    import polars as pl

    summary = found.valued.summary
    segmented = (ask.so_far, *SEGMENTS)
    shown = CUSTOMERS if ask.view == "customers" else segmented
    names = side.column_names(piece.columns, ("table", *shown))
    several = len(piece.by) > 1
    segments = [_segments(found, piece, ask, table, names, several) for table in piece.by]
    rows = pl.concat(segments, how="diagonal").select("table", *names.values(), *segmented)
    if ask.view == "customers":
        rows = _customers(found.valued.rows, piece, names)
    answer = _said(found, ask)
    tables = [_table(ask, table, names, answer, several) for table in piece.by]
    return Result(
        command="clv",
        view="customers" if ask.view == "customers" else None,
        rows=rows,
        summary=summary,
        ledger=found.ledger,
        notes=found.notes,
        inputs=found.inputs,
        columns=found.columns,
        params={"model": ask.model, "horizon": f"{ask.horizon.count} {ask.horizon.unit}",
                "margin": ask.margin, "discount": ask.horizon.discount} | found.params,
        tables=tuple(tables[:1] if ask.view == "customers" else tables),
        charts=_charts(found, piece, ask, segments, names),
        kinds={} if found.money else dict.fromkeys(("expected_value", "clv", "clv_mean"), "number"),
    )  # fmt: skip


def _segments(
    found: _Found,
    piece: Slice,
    ask: _Ask,
    table: Sequence[str],
    names: Mapping[str, str],
    several: bool,
) -> pl.DataFrame:
    """A row for each class of purchases or renewals so far, or for each group of a table."""
    import polars as pl

    from cxkit.orders.outlook import sums

    so_far = ask.so_far
    keys = [f"by{piece.columns.index(column)}" for column in table] or [so_far]
    rows = found.valued.rows.with_columns(_class(ask.model).alias(so_far))
    parts = rows.partition_by(keys, as_dict=True)
    made = [dict(zip(keys, key, strict=True)) | sums(part) for key, part in parts.items()]
    kinds: dict[str, Any] = dict.fromkeys(SEGMENTS, pl.Float64) | {"customers": pl.Int64}
    kinds |= dict.fromkeys((so_far, *keys), pl.String)
    frame = pl.DataFrame(made, schema_overrides=kinds, infer_schema_length=None)
    order = [pl.any_horizontal(pl.col(keys).is_null()), -pl.col("customers"), *keys]
    if not table:
        order = [pl.col(so_far).str.extract("^([0-9]+)").cast(pl.Int64)]
    else:
        frame = frame.with_columns(pl.lit(None, pl.String).alias(so_far))
    label = pl.lit(",".join(table) if several else None, pl.String).alias("table")
    new = {key: names[column] for key, column in zip(keys, table, strict=False)}
    frame = frame.sort(order).select(
        label, *(pl.col(key).alias(name) for key, name in new.items()), so_far, *SEGMENTS
    )
    absent = [name for name in names.values() if name not in frame.columns]
    return frame.with_columns(pl.lit(None, pl.String).alias(name) for name in absent)


def _class(model: str) -> pl.Expr:
    """The class of each customer's purchases so far; under contract, of the renewals."""
    import polars as pl

    from cxkit.orders import buyers, contracts
    from cxkit.orders.outlook import classes

    names = classes(contracts.CLASSES if model == "sbg" else buyers.CLASSES)
    often, named = pl.col("frequency") + (model != "sbg"), pl.lit(None, pl.String)
    for low, name in names.items():
        named = pl.when(often >= low).then(pl.lit(name)).otherwise(named)
    return named


def _customers(rows: pl.DataFrame, piece: Slice, names: Mapping[str, str]) -> pl.DataFrame:
    """Every customer by value, the most valuable first."""
    import polars as pl

    from cxkit.orders.outlook import WEEK

    groups = {f"by{i}": names[column] for i, column in enumerate(piece.columns)}
    weeks = pl.col("recency", "age") / WEEK
    rows = rows.with_columns(weeks).sort("clv", "customer", descending=[True, False])
    return rows.select(
        pl.lit(None, pl.String).alias("table"),
        *(pl.col(key).alias(name) for key, name in groups.items()),
        *CUSTOMERS,
    )


# --- what is told -------------------------------------------------------------------------------


def _said(found: _Found, ask: _Ask) -> tuple[str, dict[str, Any]]:
    """The answer: how many still buy, and what they are expected to bring."""
    names = ("customers", "alive", "expected_purchases", "clv", "clv_mean")
    figures = {name: found.valued.summary[name] for name in names}
    plain = "" if found.money else "-plain"
    return f"clv-sbg{plain}" if ask.model == "sbg" else "clv", figures | ask.horizon.said


def _table(
    ask: _Ask,
    table: Sequence[str],
    names: Mapping[str, str],
    answer: tuple[str, dict[str, Any]],
    several: bool,
) -> Table:
    """The printed table of one set of segments, or of the customers."""
    keys = tuple(names[column] for column in table)
    if ask.view == "customers":
        weeks = () if ask.model == "sbg" else (("clv-weeks", _NOTHING),)
        return Table(("customer",), CUSTOMERS[1:], (), total=False, answer=answer, footnotes=weeks)
    columns = ("customers", "alive", "expected_purchases", "clv", "clv_mean")
    once = () if ask.model == "sbg" else (("clv-alive", _NOTHING),)
    return Table(keys or (ask.so_far,), columns, (), answer=answer, footnotes=once,
                 select=",".join(table) if several else None)  # fmt: skip


def _charts(
    found: _Found,
    piece: Slice,
    ask: _Ask,
    segments: Sequence[pl.DataFrame],
    names: Mapping[str, str],
) -> tuple[Chart, ...]:
    """The value of a customer by segment; and the model against the past."""
    summary = found.valued.summary
    values = {"clv_mean": summary["clv_mean"], **ask.horizon.said}
    foot = {"customers": summary["customers"]} | ({"date": found.end} if found.end else {})
    note = ("clv-foot-sbg" if ask.model == "sbg" else "clv-foot", foot)
    charts = [
        Chart(
            "bars", _bars(rows, ask.so_far, table, names), ask.so_far, "clv_mean", size="customers",
            finding=("clv-title", values), footnotes=(note,), currency=found.currency,
            name="-".join(table) if len(piece.by) > 1 else "value" if found.valued.fit else None,
            x_label=", ".join(table) or None,
        )
        for rows, table in zip(segments, piece.by, strict=True)
    ]  # fmt: skip
    return (*charts, *_fit(found, note))


def _fit(found: _Found, note: tuple[str, Mapping[str, Any]]) -> tuple[Chart, ...]:
    """Customers by purchases so far, beside those that the model expects."""
    import polars as pl

    from cxkit.terms import phrase

    fit = found.valued.fit
    if not fit:
        return ()
    names = {name: phrase(f"clv-{name}") for name in ("bought", "expected")}
    rows = [
        {"purchases": name, "customers": float(fit[kind][i]), "model": names[kind]}
        for i, name in enumerate(fit["purchases"])
        for kind in names
    ]
    return (Chart("lines", pl.DataFrame(rows), "purchases", "customers", series="model",
                  finding=("clv-fit", _NOTHING), footnotes=(note,), name="fit"),)  # fmt: skip


def _bars(
    rows: pl.DataFrame, so_far: str, table: Sequence[str], names: Mapping[str, str]
) -> pl.DataFrame:
    """The segments with one column of names."""
    import polars as pl

    from cxkit.terms import phrase

    if not table:
        return rows
    parts = [pl.col(names[column]) for column in table]
    if len(parts) > 1:
        parts = [part.fill_null(pl.lit(phrase("blank"))) for part in parts]
    return rows.with_columns(pl.concat_str(parts, separator=" · ").alias(so_far))
