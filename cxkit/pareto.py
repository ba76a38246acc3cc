"""Concentration: how much the few bring, how many bring most of it, and which they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from cxkit.errors import RequestError, visible
from cxkit.result import Chart, Interval, Note, Result, Table
from cxkit.surveys import groups as side

if TYPE_CHECKING:
    import polars as pl

    from cxkit.orders.sales import Purchases, Sales
    from cxkit.source import Source

WANTS = ("amount", "quantity", "price", "currency", "customer")
EXAMPLES = (
    "cxkit pareto orders.csv",
    "cxkit pareto orders.csv --item product --view items --chart pareto.png",
    'cxkit pareto survey.csv --item stage --amount rows --where "score <= 6"',
)
HELP = {"by": "column to group by: the items of each group apart; `a,b` crosses"}

SUMMARY = ("items", "total", "top_share", "top_low", "top_high", "items_for_80",
           "items_for_80_rate", "gini", "ci_low", "ci_high", "gini_corrected", "hhi",
           "effective_items")  # fmt: skip
ITEMS = ("rank", "item", "value", "share", "cum_share", "class")
FEW_ITEMS, FEW_ROWS = 5, 20  # below, no claim is made about a vital few
MOST, EACH = 50_000, 40  # items that are bootstrapped in all; a group takes the time of so many


def pareto(
    data: Source,
    *,
    item: str | None = None,
    amount: str | None = None,
    quantity: str | None = None,
    price: str | None = None,
    currency: str | None = None,
    customer: str | None = None,
    date: str | None = None,
    count: str | None = None,
    by: Sequence[str | tuple[str, ...]] = (),
    where: Sequence[str] = (),
    since: str | None = None,
    until: str | None = None,
    gross: bool = False,
    share: float = 20,
    view: Literal["summary", "items"] = "summary",
    confidence: float = 95,
    seed: int = 0,
) -> Result:
    """How concentrated revenue is: the top customers' share, how many bring 80 %, Gini, classes.

    Ranked is any item: customers, products, stages, causes. Without an amount rows are counted.
    Returns are netted first; items at 0 or below stay in the number and the total, and are told.

    Args:
        data: transactions, or any rows.

    Returns:
        For each group `items total top_share top_low top_high items_for_80 items_for_80_rate gini
        ci_low ci_high gini_corrected hhi effective_items flags`; with `view="items"` a row for
        each item: `rank item value share cum_share class` (A up to 80 % of the value, B up to
        95 %, C).

    Raises:
        RequestError: a column or option that is wrong, or nothing to rank.
        DataError: no rows, or several currencies.

    Formula:
        Top share: the ⌈p n⌉ largest. Gini = 2 Σ i x₍ᵢ₎ / (n Σ x) − (n + 1) / n, ascending. HHI =
        Σ sᵢ². Intervals: BCa bootstrap up to 2,000 items (Efron 1987), above that linearised
        (Langel & Tillé 2013, JRSS A 176); so are those of all groups, from 30 items on, where
        there are too many groups for the bootstrap, and a note says so.

    Example:
        >>> import polars as pl, cxkit
        >>> orders = pl.DataFrame({"customer": ["a", "b", "c", "d"], "amount": [70, 10, 10, 10]})
        >>> cxkit.pareto(orders, share=25).summary["top_share"]
        0.7
    """
    from cxkit.cells.keys import spelled
    from cxkit.orders.sales import ROWS, Sales
    from cxkit.orders.transactions import read_sales, refuse
    from cxkit.slices import Slice

    ranked = item or customer
    refuse(data)
    if ranked is None:
        raise RequestError("no-item", "nothing to rank", [("try", "--item COL")])
    tables = tuple((one,) if isinstance(one, str) else tuple(one) for one in by) or ((),)
    if view == "items" and len(tables) > 1:
        raise RequestError("usage", "--view items shows one table; give --by once")
    piece = Slice(by=tables, date=date, customer=customer if not item else None, count=count,
                  where=tuple(where), since=since, until=until)  # fmt: skip
    sales = Sales(piece, amount or (None if quantity and price else ROWS), quantity, price,
                  currency, gross)  # fmt: skip
    grouped = {f"by{i}": column for i, column in enumerate(piece.columns)}
    items = {"item": item} if item else {}
    names = None if item else "text" if view == "items" else "hash"
    found = read_sales(data, sales, items=items, groups=grouped, customers=names)
    rows = found.rows.rename({} if item else {"customer": "item"})
    if view == "items" and not item:
        rows = rows.with_columns(spelled(rows["item"], data, ranked))
    level = confidence / 100 if confidence > 1 else confidence
    ask = _Ask(
        share / 100 if share >= 1 else share, level, seed, not item and not sales.counts_rows
    )
    return _result(rows, found, sales, ranked, ask, view)


class _Ask(NamedTuple):
    """What is asked of each group of items: the top share, the level of intervals, the seed (None
    where there are too many for the bootstrap), and whether the items are customers who bring
    money."""

    share: float
    confidence: float
    seed: int | None
    customers: bool

    def of(self, sizes: Sequence[int]) -> _Ask:
        """The same of groups of so many items, without the bootstrap where it takes too long."""
        from cxkit.stats.concentration import BOOTSTRAPPED

        work = sum(EACH + size for size in sizes if size <= BOOTSTRAPPED)
        return self._replace(seed=None) if work > MOST and len(sizes) > 1 else self


def _result(
    rows: pl.DataFrame, found: Purchases, sales: Sales, ranked: str, ask: _Ask, view: str
) -> Result:
    """The rows of the view asked for, and what people are shown of them."""
    import polars as pl

    tables = sales.piece.by
    whole = _ranked(rows, ())
    summary = _figures(whole["value"], ask)
    columns = ITEMS if view == "items" else (*SUMMARY, "flags")
    names = side.column_names(sales.piece.columns, ("table", *columns))
    frames = [
        _view(rows, whole, sales.piece.columns, table, names, ask, view, len(tables) > 1)
        for table in tables
    ]
    stacked = pl.concat(frames, how="diagonal") if len(frames) > 1 else frames[0]
    stacked = stacked.select("table", *names.values(), *columns)
    keys = [[names[column] for column in table] for table in tables]
    shown = [
        _table(key, view, ask, summary, select=",".join(table) if len(tables) > 1 else None)
        for key, table in zip(keys, tables, strict=True)
    ]
    chart = _chart(whole, found, ask, view, summary)
    if any(tables):
        together: tuple[str, dict[str, Any]] = ("chart-groups-together", {})
        chart = replace(chart, footnotes=(together, *chart.footnotes))
    return Result(
        command="pareto",
        view="items" if view == "items" else None,
        rows=stacked,
        summary=summary,
        ledger=found.ledger,
        notes=(*found.notes, *_notes(whole, ranked, found, ask),
               *_linearised_note(frames, ask, view)),
        inputs=found.inputs,
        columns={"item": ranked} | {k: v for k, v in sales.roles.items() if k != "customer"},
        params={"share": ask.share, "confidence": ask.confidence, "seed": ask.seed,
                "currency": None if sales.counts_rows else found.currency} | sales.params,
        tables=tuple(shown),
        charts=(chart,),
        kinds={"value": "count", "total": "count"} if sales.counts_rows else {},
    )  # fmt: skip


def _ranked(rows: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """The total of each item by group, largest first; equal ones by name, or by
    hash where names are not shown."""
    import polars as pl

    total = rows.select(*keys, "item", value="amount")
    if "by0" in rows.columns:  # else an item has one row
        total = total.group_by(*keys, "item").agg(pl.col("value").sum())
    # One sort after the other, each keeping the order of equals: ten times as fast as all in one.
    total = total.sort("item", nulls_last=True)
    total = total.sort("value", descending=True, nulls_last=True, maintain_order=True)
    return total.sort(*keys, nulls_last=True, maintain_order=True) if keys else total


def _figures(values: pl.Series, ask: _Ask) -> dict[str, Any]:
    """The figures of one set of items; money in units of its currency."""
    from cxkit.orders.money import UNIT
    from cxkit.stats.concentration import concentration

    figures = concentration(values, ask.share, ask.confidence, ask.seed)
    return figures | {"total": figures["total"] / UNIT}


def _view(
    rows: pl.DataFrame,
    whole: pl.DataFrame,
    columns: Sequence[str],
    table: Sequence[str],
    names: dict[str, str],
    ask: _Ask,
    view: str,
    several: bool,
) -> pl.DataFrame:
    """The rows of one table: a row for each group, or for each item of each group."""
    import polars as pl

    keys = [f"by{columns.index(column)}" for column in table]
    items = _ranked(rows, keys) if keys else whole
    parts = items.partition_by(keys, maintain_order=True, include_key=True) if keys else [items]
    ask = ask.of([part.height for part in parts])
    made = [_items(part) if view == "items" else _summary(part, ask, keys) for part in parts]
    frame = pl.concat(made, how="vertical_relaxed")
    if view != "items":
        frame = frame.sort(pl.any_horizontal(pl.col(keys).is_null()) if keys else pl.lit(0),
                           -pl.col("total"), *keys)  # fmt: skip
    label = pl.lit(",".join(table) if several else None, pl.String).alias("table")
    new = {key: names[column] for key, column in zip(keys, table, strict=True)}
    shown = ITEMS if view == "items" else (*SUMMARY, "flags")
    return frame.select(label, *(pl.col(key).alias(name) for key, name in new.items()), *shown)


def _summary(items: pl.DataFrame, ask: _Ask, keys: Sequence[str]) -> pl.DataFrame:
    import polars as pl

    figures = _figures(items["value"], ask)
    flags = ["low-n"] if figures["items"] < FEW_ITEMS else []
    kinds = dict.fromkeys(SUMMARY, pl.Float64) | {"items": pl.Int64, "items_for_80": pl.Int64}
    frame = pl.DataFrame({name: [figures[name]] for name in SUMMARY}, schema=kinds)
    group = items.select(pl.col(keys).first()) if keys else pl.DataFrame()
    return pl.concat([group, frame], how="horizontal").with_columns(
        pl.Series("flags", [flags], dtype=pl.List(pl.String))
    )


def _items(items: pl.DataFrame) -> pl.DataFrame:
    """The items of one group with their rank, shares and class."""
    import polars as pl

    from cxkit.orders.money import in_units
    from cxkit.stats.concentration import abc, cumulative_shares

    total = items["value"].sum()
    share = pl.col("value") / total if total > 0 else pl.lit(None, pl.Float64)
    return items.with_columns(
        pl.int_range(1, pl.len() + 1).alias("rank"),
        share.alias("share"),
        cumulative_shares(items["value"]).alias("cum_share"),
        abc(items["value"]).alias("class"),
        value=in_units(pl.col("value")),
    )


def _table(
    keys: Sequence[str],
    view: str,
    ask: _Ask,
    summary: dict[str, Any],
    select: str | None,
) -> Table:
    answer = ("pareto-none", {"items": summary["items"]})
    if summary["top_share"] is not None:
        key = "pareto-customers" if ask.customers else "pareto"
        key += "-plain" if summary["gini"] is None else ""
        answer = (key, {"share": _whole(summary["items"], ask.share), **summary})
    if view == "items":
        return Table((*keys, "item"), ("rank", "value", "share", "cum_share", "class"), (),
                     total=False, answer=answer)  # fmt: skip
    columns = ("items", "total", "top_share", Interval("top_low", "top_high"), "items_for_80",
               "items_for_80_rate", "gini", Interval())  # fmt: skip
    return Table(tuple(keys), columns, (), select=select, total=bool(keys), answer=answer)


def _chart(
    items: pl.DataFrame, found: Purchases, ask: _Ask, view: str, summary: dict[str, Any]
) -> Chart:
    """The curve of concentration; of the items, their bars and cumulative share."""
    from cxkit.stats.concentration import lorenz

    finding = ("pareto-none", {"items": summary["items"]})
    if summary["top_share"] is not None:
        key = "pareto-title-customers" if ask.customers else "pareto-title"
        finding = (key, {"share": _whole(summary["items"], ask.share), **summary})
    notes = [("pareto-foot", summary | {"confidence": ask.confidence})] if summary["gini"] else []
    if view == "items":
        return Chart("pareto", _items(items), "item", "value", line="cum_share", finding=finding,
                     footnotes=tuple(notes), currency=found.currency)  # fmt: skip
    return Chart("lorenz", lorenz(items["value"], ask.share), "item_share", "cum_share",
                 guide=ask.share, finding=finding, footnotes=tuple(notes),
                 currency=found.currency)  # fmt: skip


def _whole(items: int, share: float) -> float:
    """The share of the items that is looked at: 2 of 7 are 29 %, where 20 % was asked for."""
    from cxkit.stats.concentration import whole_items

    return whole_items(items, share) / items


def _notes(items: pl.DataFrame, ranked: str, found: Purchases, ask: _Ask) -> list[Note]:
    """Items that are not above 0, and too little to speak of a vital few."""
    notes = []
    below, zero = int((items["value"] < 0).sum()), int((items["value"] == 0).sum())
    noun = "customer" if ask.customers else "item"
    name = f'"{visible(ranked)}"'
    if below:
        are = f"{below:,} {noun}{' of' if below == 1 else 's of'} {name}"
        message = f"{are} {'is' if below == 1 else 'are'} below 0 after returns: they stay in the "
        message += "total and in all shares; Gini and HHI are not defined"
        notes.append(Note("negative", "warning", message, (("try", "--gross"),)))
    if zero:
        message = f"{zero:,} {noun}{'' if zero == 1 else 's'} of {name} at 0 count too"
        notes.append(Note("zero", "info", message))
    if items.height < FEW_ITEMS or found.ledger.used < FEW_ROWS:
        many = {noun: items.height, "row": found.ledger.used}
        told = [f"{n:,} {what}{'' if n == 1 else 's'}" for what, n in many.items()]
        message = f"{' and '.join(told)} are too few to speak of "
        notes.append(Note("few", "info", message + "a vital few"))
    return notes


def _linearised_note(frames: Sequence[pl.DataFrame], ask: _Ask, view: str) -> list[Note]:
    """A note on a table of too many groups for the bootstrap."""
    from cxkit.stats.concentration import LINEARISED

    if view == "items" or all(ask.of(frame["items"].to_list()) is ask for frame in frames):
        return []
    message = "so many groups are too many for the bootstrap: their intervals are linearised, and "
    message += f"below {LINEARISED} items there are none"
    return [Note("linearised", "info", message)]
