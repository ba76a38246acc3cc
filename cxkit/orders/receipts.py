"""What is read of each transaction: its amount, customer and day, and why rows are left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date as Day
from typing import TYPE_CHECKING, Any

from cxkit.accounts import inputs_of, ledger_of
from cxkit.cells.keys import id_key, text_key
from cxkit.engines import collect
from cxkit.errors import DataError, visible
from cxkit.orders import columns, money, spans
from cxkit.orders.money import UNIT, Money
from cxkit.orders.sales import Purchases, Sales
from cxkit.reduce import USED, number, totals
from cxkit.result import REASONS, Ledger, Note
from cxkit.slices import (
    check_bounds,
    condition_of,
    dates_of,
    latest_day,
    months_serve,
    outside,
    unfinished,
)
from cxkit.source import INPUT, Source, Trade

if TYPE_CHECKING:
    import polars as pl

    from cxkit.cells.dates import DateColumn
    from cxkit.cells.where import Where

    Sums = Callable[[pl.DataFrame, list[str]], pl.DataFrame]

_OTHER = 253  # the state of a row in another currency, that is not left out for a reason
_BEYOND = 2.0**62  # steps of money that whole numbers have no room to add
_PASS = 4  # readings of dates and amounts that are tried before a column is given up
_NOTHING = Trade()


@dataclass(frozen=True)
class Scan:
    """What the pass over the rows needs to know."""

    source: Source
    sales: Sales
    items: dict[str, str]
    groups: dict[str, str]
    customers: str | None
    days: bool
    dates: DateColumn | None
    condition: Where | None
    moneys: dict[str, Money]
    currency: str | None

    @classmethod
    def of(
        cls,
        source: Source,
        sales: Sales,
        items: dict[str, str],
        groups: dict[str, str],
        customers: str | None,
        days: bool,
    ) -> Scan:
        """The scan with its columns settled by type and sample."""
        check_bounds(sales.piece)
        for column in (*sales.columns, *items.values(), *groups.values()):
            source.need(column)
        known = columns.currency_of(source, sales)
        condition = condition_of(source, sales.piece)
        moneys = {
            one: columns.settled(source, one, known, condition)
            for one in columns.amounts(source, sales)
        }
        if source.trade and source.trade.spread:
            source = spans.spread(source, sales.piece.date)
        dates = dates_of(source, sales.piece, days)
        return cls(source, sales, items, groups, customers, days, dates, condition, moneys, known)

    def run(self) -> tuple[Scan, pl.DataFrame]:
        """The table; run again where cells turn up that the sample did not foretell."""
        scan = self
        for _ in range(_PASS):
            table = scan._run()
            better = scan._better(table)
            if better is None:
                return scan, table
            scan = better
        return scan, scan._run()

    def _better(self, table: pl.DataFrame) -> Scan | None:
        """The scan that reads what this one could not; None if it has read all there is."""
        if table["state"].eq(_OTHER).any():
            return replace(self, currency=self._one_currency())
        if self.dates and self.dates.needs_day_cut(table["day"], *self._ends(table)):
            return replace(self, dates=self.dates.wide())
        if "invalid" not in self._reasons or not table["state"].eq(self._code("invalid")).any():
            return None
        source = columns.asked(self.source, self.condition)
        moneys = {
            column: money.widened(source, one, odd, self.currency)
            if one.form != "number" and (odd := money.odd(source, one))
            else one
            for column, one in self.moneys.items()
        }
        return None if moneys == self.moneys else replace(self, moneys=moneys)

    def _ends(self, table: pl.DataFrame) -> list[pl.Series]:
        return [table["latest"]] if "latest" in table.columns else []

    def _run(self) -> pl.DataFrame:
        import polars as pl

        used = self.state() == USED
        keys: dict[str, Any] = {}
        if INPUT in self.source.added:
            keys["input"] = pl.col(INPUT)
        if self.dates:
            keys["day"] = self.dates.key(self._cut)
        if self.customers:
            keys["customer"] = pl.when(used).then(self._customer())
        named = self.groups | self.items
        keys |= {name: pl.when(used).then(text_key(column)) for name, column in named.items()}
        ends = self.dates.ends(self._cut) if self.dates else {}
        times = self._times()
        return totals(
            self.source,
            keys,
            {"amount": self.amount(times)},
            state=self.state(),
            cells=[*self.sales.columns, *named.values()],
            times=times,
            count=self.sales.piece.count,
            extra={"latest": pl.col(self.dates.name)} if ends and self.dates else None,
        )

    def _times(self) -> pl.Expr | None:
        """How many rows of the file a row stands for; None if it is one."""
        import polars as pl

        count = self.sales.piece.count
        if count:
            times: pl.Expr = number(pl, self.source, count)
            return times
        if spans.PART not in self.source.added:
            return None
        return pl.col(spans.PART).eq(0).cast(pl.Int64)

    @property
    def _cut(self) -> Any:
        return "month" if not self.days and months_serve(self.sales.piece) else "day"

    def _customer(self) -> pl.Expr:
        """The key of each row's customer."""
        column = self.sales.piece.customer
        assert column is not None
        key = id_key(self.source, column)
        return key.hash() if self.customers == "hash" else key

    def amount(self, times: pl.Expr | None) -> pl.Expr:
        """What each row adds, in steps of money; rows themselves where they are counted."""
        import polars as pl

        if self.sales.counts_rows:
            amount = pl.lit(UNIT, pl.Int64)
        elif self.sales.amount:
            first, *refunds = self.moneys.values()
            amount = first.units()
            for refund in refunds:
                amount -= refund.units().fill_null(0).abs()
        else:
            price, quantity = (self.moneys[str(one)] for one in (self.sales.price,
                                                                 self.sales.quantity))  # fmt: skip
            product = quantity.value() * price.value() * UNIT
            amount = product.clip(-_BEYOND, _BEYOND).round().cast(pl.Int64)
        if spans.PART in self.source.added:
            return spans.share(amount)
        if times is None:
            return amount
        # A product without room in 64 bits would wrap: it is kept as too large instead.
        room = amount.cast(pl.Float64).abs() * times.cast(pl.Float64) < _BEYOND
        return pl.when(room | amount.is_null()).then(amount * times).otherwise(int(_BEYOND))

    # --- why rows are left out ---

    @property
    def _reasons(self) -> dict[str, pl.Expr]:
        """Why rows are left out, over the columns of the source."""
        import polars as pl

        more: dict[str, pl.Expr] = {}
        if self.items:
            more["missing"] = pl.any_horizontal(
                text_key(column).is_null() for column in self.items.values()
            )
        if self.moneys:
            more["invalid"] = pl.any_horizontal(one.unread() for one in self.moneys.values())
            more["no-amount"] = self._blank()
            more["return"] = self.amount(None) <= 0
        if self.customers:
            column = str(self.sales.piece.customer)
            more["no-customer"] = id_key(self.source, column).is_null()
        return self.reasons(more)

    def reasons(self, read: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
        """Conditions by reason, in the order in which they are judged, but those of dates.

        Args:
            read: those that say what a cell holds: `missing`, `invalid`, `no-amount` (a blank
                cell), `no-customer`, `return` (an amount that is not above 0).
        """
        import polars as pl

        trade, read = self.source.trade or _NOTHING, dict(read)
        if trade.continues is not None and "no-amount" in read:
            read["no-amount"] &= ~trade.continues
        back = read.pop("return", None)
        found = {**self.source.left_out, **read, **trade.left_out}
        if self.condition:
            found["where"] = found.get("where", pl.lit(False)) | ~self.condition.expr
        if self.sales.gross:
            found |= trade.netted
            if back is not None:
                found["return"] = found.get("return", pl.lit(False)) | back
        return {reason: found[reason] for reason in REASONS if reason in found}

    def foreign(self) -> pl.Expr:
        """Whether a row names another currency than that of the scan."""
        return (columns.code_of(self.sales.currency) != self.currency).fill_null(False)

    def _blank(self) -> pl.Expr:
        """Whether a row has no amount."""
        import polars as pl

        if self.sales.amount:
            return ~next(iter(self.moneys.values())).filled()
        return ~pl.all_horizontal(one.filled() for one in self.moneys.values())

    def _code(self, reason: str) -> int:
        return 1 + REASONS.index(reason)

    def state(self) -> pl.Expr:
        """`USED`, or the number of the first reason that leaves a row out."""
        import polars as pl

        state: pl.Expr = pl.lit(USED, pl.UInt8)
        if self.currency:
            state = pl.when(self.foreign()).then(pl.lit(_OTHER, pl.UInt8)).otherwise(state)
        return self.judged(state, self._reasons)

    def judged(self, state: pl.Expr, reasons: dict[str, pl.Expr]) -> pl.Expr:
        """The state, or the number of the first reason that applies."""
        import polars as pl

        for reason, applies in reversed(reasons.items()):
            code = pl.lit(self._code(reason), pl.UInt8)
            state = pl.when(applies.fill_null(False)).then(code).otherwise(state)
        return state

    # --- what the keys mean ---

    def understood(self, table: pl.DataFrame, sums: Sums | None = None) -> Purchases:
        """The account of the rows, and the sums of those that are used.

        Args:
            table: the sums by key; of the quick pass by group of days.
            sums: makes the sums of what is used of the table, and of the keys beside customers;
                None: they stand in the table.
        """
        import polars as pl

        names = pl.Series("reason", [None, *REASONS], dtype=pl.String)
        table = table.with_columns(names.gather(table["state"].cast(pl.UInt32)).alias("reason"))
        table, notes, latest, partial = self._dated(table)
        notes += self._invalid_notes(table)
        notes += self.condition.notes if self.condition else ()
        ledger = ledger_of(table)
        if not ledger.used:
            raise _none_used(self.source, ledger)
        keys = [name for name in ("customer", "day", "start", *self.groups, *self.items)
                if name in table.columns and (name != "day" or self.days)]  # fmt: skip
        used = table.filter(pl.col("reason").is_null())
        added = pl.col("amount" if self.customers == "hash" else ["amount", "n"]).sum()
        if sums:
            rows = sums(used, [key for key in keys if key != "customer"])
        elif keys:
            rows = used.group_by(keys).agg(added).sort(keys, nulls_last=True)
        else:
            rows = used.select(added)
        signs = (one.currency for one in self.moneys.values() if one.currency)
        currency = self.currency or next(signs, None)
        inputs = inputs_of(self.source, table)
        return Purchases(rows, ledger, notes, inputs, currency, latest, partial)

    def _dated(
        self, table: pl.DataFrame
    ) -> tuple[pl.DataFrame, tuple[Note, ...], Day | None, Day | None]:
        """The table with `day` as dates, `start` of the period, and reasons of dates."""
        import polars as pl

        if self.dates is None:
            return table, (), None, None
        piece = self.sales.piece
        days, notes = self.dates.days(table["day"])
        table = table.with_columns(days.alias("date"))
        latest = latest_day(table, self.dates)
        start = pl.lit(None, pl.Date) if piece.calendar is None else piece.calendar.starts(days)
        table = table.with_columns(start.alias("start"))
        early = REASONS[: REASONS.index("no-date")]
        reason = (
            pl.when(pl.col("reason").is_in(early))
            .then("reason")
            .when(pl.col("date").is_null())
            .then(pl.lit("no-date"))
            .when(outside(table, piece, history=self.sales.history))
            .then(pl.lit("period"))
            .otherwise("reason")
        )
        table = table.with_columns(reason.alias("reason")).drop("day").rename({"date": "day"})
        return table, notes, latest, unfinished(latest, piece)

    def _one_currency(self) -> str:
        """The currency of the rows that are not left out for another reason.

        Raises:
            DataError: there are several.
        """
        column = self.sales.currency
        assert column is not None
        rows = self.source.rows.filter(self.state().is_in([USED, _OTHER]))
        found = collect(rows.select(columns.code_of(column).unique()), self.source)
        codes = sorted(filter(None, found[column].to_list()))
        if len(codes) > 1:
            raise money.several(column, codes)
        return str(codes[0])

    def currency_notes(self) -> tuple[Note, ...]:
        """A warning of rows without a currency, which count as if they were in the one there is.

        Rows that continue an order have none of their own.
        """
        import polars as pl

        column, trade = self.sales.currency, self.source.trade or _NOTHING
        if not (self.currency and column) or trade.continues is not None:
            return ()
        if all(cell is not None and str(cell).strip() for cell in self.source.sample(column)):
            return ()
        blank = (self.state() == USED) & columns.code_of(column).is_null()
        n = int(collect(self.source.rows.select(blank.sum().cast(pl.Int64)), self.source).item())
        rows = (
            "1 row without a currency counts" if n == 1 else f"{n:,} rows without a currency count"
        )
        hint = ("try", f'--where "{visible(column)} IS NOT NULL"')
        return (Note("no-currency", "warning", f"{rows} as {self.currency}", (hint,)),) if n else ()

    def check_notes(self) -> tuple[Note, ...]:
        """What the layout wants told of the rows that are used, or left out for its reason."""
        import polars as pl

        if not self.source.checks:
            return ()
        state = self.state()
        wanted = [
            USED if one.among is None else self._code(one.among) for one in self.source.checks
        ]
        counts = {
            f"check{i}": (one.applies & (state == code)).sum().cast(pl.Int64)
            for i, (one, code) in enumerate(zip(self.source.checks, wanted, strict=True))
        }
        found = collect(self.source.rows.select(**counts), self.source).row(0)
        return tuple(one.note(n) for one, n in zip(self.source.checks, found, strict=True) if n)

    def _invalid_notes(self, table: pl.DataFrame) -> tuple[Note, ...]:
        """A warning of cells that are no amounts, by their shapes."""
        from cxkit.cells.answers import shape

        n = int(table.filter(table["reason"] == "invalid")["n"].sum())
        if not n:
            return ()
        odd = [cell for one in self.moneys.values() if one.form != "number"
               for cell in money.odd(columns.asked(self.source, self.condition), one)]  # fmt: skip
        shapes = list(dict.fromkeys(f'"{shape(cell)}"' for cell in odd))
        what, are = ("1 row has", "is") if n == 1 else (f"{n:,} rows have", "are")
        like = f": {', '.join(shapes[:5])}" if shapes else ""
        return (Note("invalid", "warning", f"{what} no readable amount and {are} left out{like}"),)


# --- none used ---------------------------------------------------------------------------------

_WORDS = {
    "where": "left out by --where", "no-date": "without a date", "period": "outside the periods",
    "missing": "without an item", "invalid": "without a readable amount",
    "no-customer": "without a customer", "no-amount": "without an amount",
    "return": "not above 0",
}  # fmt: skip


def _none_used(source: Source, ledger: Ledger) -> DataError:
    if not ledger.read:
        return DataError("no-rows", f"all counts of {source.name} are 0")
    told = ", ".join(f"{n:,} {_WORDS.get(why, why)}" for why, n in ledger.left_out.items())
    return DataError("no-rows", f"none of {ledger.read:,} rows of {source.name} is used: {told}")
