"""How long customers have stayed: who left after what time, and who was still there when last seen.

Shared by `survival` and by the model of contracts in `clv`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date as Day
from typing import TYPE_CHECKING, Any

from cxkit.accounts import inputs_of, ledger_of
from cxkit.cells import answers
from cxkit.cells.periods import bound
from cxkit.errors import DataError, visible
from cxkit.orders import money
from cxkit.orders.clocks import (
    DAYS,
    Clock,
    blank,
    check_types,
    days_of,
    has_left,
    numbers,
    renewals,
    still_here,
)
from cxkit.reduce import tally
from cxkit.result import Input, Ledger, Note
from cxkit.slices import Slice, clamped, condition_of
from cxkit.source import INPUT, Source
from cxkit.surveys.survey import group_names

if TYPE_CHECKING:
    import polars as pl

    from cxkit.cells.dates import DateColumn
    from cxkit.cells.where import Where
    from cxkit.orders.money import Money

_PLANNED = 366  # days that ends may lie behind the last beginning without a word


@dataclass(frozen=True)
class Tenures:
    """Customers by how long they stayed.

    Args:
        rows: by the groups (`by0`, …; text, null where blank): `time` (in units of the clock, from
            the beginning), `renewals` (whole units: come to by who left, completed by who is
            here), `left`, `n` customers and, where money was asked for, its sum `amount` in steps
            of `money.UNIT`. Sorted by all keys.
        ledger, notes, inputs: the account of the rows.
        as_of: the day up to which customers are followed; None without days.
        currency: the code of the one currency, None if nothing says which.
    """

    rows: pl.DataFrame
    ledger: Ledger
    notes: tuple[Note, ...]
    inputs: tuple[Input, ...]
    as_of: Day | None = None
    currency: str | None = None


def read_tenures(
    source: Source,
    piece: Slice,
    clock: Clock,
    *,
    amount: str | None = None,
    currency: str | None = None,
) -> Tenures:
    """Count customers by how long they stayed, in one pass over the rows.

    Args:
        source: a row for each customer, or for so many as `piece.count` says.
        piece: groups, condition and count.
        clock: the columns that tell the time.
        amount: a column of money that is summed; a row without is left out.
        currency: the column of its currency.

    Raises:
        RequestError: columns that are missing or do not go together, a day that is none.
        DataError: no rows, none that is used, no dates, or several currencies.
    """
    clock.check(source)
    for column in (*clock.columns, *piece.columns, *filter(None, (amount, currency))):
        source.need(column)
    scan = _Scan.of(source, piece, clock, amount, currency)
    scan, table = scan.run()
    if not table["rows"].sum():
        raise DataError("empty", f"no rows in {source.name}")
    return scan.understood(table)


# --- the pass -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Scan:
    """What the pass over the rows needs to know."""

    source: Source
    piece: Slice
    clock: Clock
    dates: Mapping[str, DateColumn]
    condition: Where | None
    money: Money | None
    currency: str | None

    @classmethod
    def of(
        cls, source: Source, piece: Slice, clock: Clock, amount: str | None, currency: str | None
    ) -> _Scan:
        """The scan with its columns settled by type and sample."""
        dates = days_of(source, clock) if clock.dated else {}
        if not dates:
            check_types(source, clock)
        settled = money.settle(source, amount) if amount else None
        condition = condition_of(source, piece)
        return cls(source, piece, clock, dates, condition, settled, currency if amount else None)

    def run(self) -> tuple[_Scan, pl.DataFrame]:
        """The tally; run again with every form where dates turn up that the sample had not."""
        table = self._run()
        wide = {
            role: column.wide()
            for role, column in self.dates.items()
            if column.needs_day_cut(table[role])
        }
        scan = replace(self, dates={**self.dates, **wide}) if wide else self
        table = scan._run() if wide else table
        if scan.money is None or not table["unread"].any() or scan.money.form == "number":
            return scan, table
        odd = money.odd(self.source, scan.money)
        scan = replace(scan, money=money.widened(self.source, scan.money, odd, None))
        return scan, scan._run()

    def _run(self) -> pl.DataFrame:
        import polars as pl

        out = self._left_out()
        keys: dict[str, Any] = {} if out is None else {"out": out}
        if INPUT in self.source.added:
            keys["input"] = pl.col(INPUT)
        for role, column in self.clock.roles.items():
            keys[role] = self.dates[role].key("day") if self.dates else pl.col(column)
        keys |= {f"by{i}": pl.col(column) for i, column in enumerate(self.piece.columns)}
        extra = {}
        if self.money:
            units = self.money.units()
            times = self._times()
            keys["unread"] = units.is_null()
            extra["amount"] = (units * times).sum()
        if self.currency:
            keys["currency"] = pl.col(self.currency).cast(pl.String).str.strip_chars()
        return tally(self.source, keys, count=self.piece.count, extra=extra)

    def _times(self) -> pl.Expr:
        import polars as pl

        from cxkit.reduce import number

        count = self.piece.count
        times: pl.Expr = pl.lit(1, pl.Int64) if count is None else number(pl, self.source, count)
        return times

    def _left_out(self) -> pl.Expr | None:
        """The reason for which the reader or the condition leaves a row out, null if none does."""
        import polars as pl

        reasons = dict(self.source.left_out)
        if self.condition:
            reasons["where"] = reasons.get("where", pl.lit(False)) | ~self.condition.expr
        out: pl.Expr | None = None
        for reason, applies in reversed(reasons.items()):
            out = pl.when(applies).then(pl.lit(reason)).otherwise(out)
        return out

    # --- what the keys mean ---

    def understood(self, table: pl.DataFrame) -> Tenures:
        """The customers by their time, and the account of the rows."""
        import polars as pl

        table, as_of, notes = self._dated(table) if self.dates else (*self._timed(table), ())
        if "out" in table.columns:
            table = table.with_columns(pl.coalesce("out", "reason").alias("reason"))
        if self.money:
            lost = pl.col("reason").is_null() & pl.col("unread")
            table = table.with_columns(
                pl.when(lost).then(pl.lit("no-amount")).otherwise("reason").alias("reason")
            )
        ledger = ledger_of(table)
        if not ledger.used:
            raise _none_used(self.source, ledger, self._bad())
        used = table.filter(pl.col("reason").is_null())
        notes = (*notes, *(self.condition.notes if self.condition else ()))
        notes += self._doubts(table, as_of)
        return Tenures(
            self._grouped(used), ledger, notes, inputs_of(self.source, table), as_of,
            self._one_currency(used),
        )  # fmt: skip

    def _grouped(self, used: pl.DataFrame) -> pl.DataFrame:
        """Customers by group and time; names of groups as text, equal ones merged."""
        import polars as pl

        groups = [
            group_names(used[f"by{i}"], self.source.codes.get(name)).alias(f"by{i}")
            for i, name in enumerate(self.piece.columns)
        ]
        keys = [*(group.name for group in groups), "time", "renewals", "left"]
        sums = ["n", "amount"] if self.money else ["n"]
        rows = used.with_columns(groups).group_by(keys).agg(pl.col(sums).sum())
        return rows.filter(pl.col("n") > 0).sort(keys, nulls_last=True)

    def _dated(self, table: pl.DataFrame) -> tuple[pl.DataFrame, Day, tuple[Note, ...]]:
        """Time from the first to the last day, or to the day up to which all are followed."""
        import polars as pl

        (start, notes), (end, more) = (self.dates[r].days(table[r]) for r in ("start", "end"))
        as_of = self._as_of(start, end)
        table = table.with_columns(start.alias("began"), end.alias("gone"))
        self._forward(table)
        began, gone, last = pl.col("began"), pl.col("gone"), pl.lit(as_of)
        left = gone.is_not_null() & (gone <= last)
        reached = pl.when(left).then(gone).otherwise(last)
        here = still_here(table["end"], self.source)
        unread = gone.is_null() & ~(pl.col("end").is_null() | pl.col("end").is_in(here.implode()))
        reason = (
            pl.when(began.is_null())
            .then(pl.lit("no-date"))
            .when(began > last)
            .then(pl.lit("period"))
            .when(unread | (gone < began).fill_null(False))
            .then(pl.lit("invalid"))
        )
        table = table.with_columns(
            reason.alias("reason"), left.alias("left"), reached.alias("reached")
        )
        days = (pl.col("reached") - began).dt.total_days()
        table = table.with_columns(
            (days / DAYS[self.clock.unit]).alias("time"),
            renewals(self.clock.unit).alias("renewals"),
        )
        notes = notes or more  # one doubt about the order of days is enough
        return table, as_of, (*notes, *self._as_of_notes(start, as_of))

    def _forward(self, table: pl.DataFrame) -> None:
        """Raise the error of the two columns of days in each other's place."""
        import shlex

        import polars as pl

        kept = pl.lit(True) if "out" not in table.columns else pl.col("out").is_null()
        both = table.filter(kept, pl.col("began").is_not_null(), pl.col("gone").is_not_null())
        known = int(both["n"].sum())
        back = int(both.filter(pl.col("gone") < pl.col("began"))["n"].sum())
        if 2 * back > known:
            start, end = visible(self.clock.start), visible(self.clock.end)
            message = f'"{end}" is before "{start}" for {back:,} of {known:,} customers with both'
            names = [shlex.quote(visible(column, 1_000)) for column in self.clock.columns]
            raise DataError("reversed", message, [("try", "--start {1} --end {0}".format(*names))])

    def _as_of(self, start: pl.Series, end: pl.Series) -> Day:
        """The day stated, or the latest of the file."""
        if self.clock.as_of:
            return clamped(bound(self.clock.as_of, "last"))
        days: list[Day] = [last for one in (start, end) if (last := one.max()) is not None]  # type: ignore[misc]
        if not days:
            raise DataError("no-dates", f'column "{visible(self.clock.start)}" holds no dates')
        return max(days)

    def _as_of_notes(self, start: pl.Series, as_of: Day) -> tuple[Note, ...]:
        """Up to which day customers are followed, and whether a planned end may have set it."""
        if self.clock.as_of:
            return ()
        began: Day | None = start.max()  # type: ignore[assignment]
        if began is not None and (as_of - began).days > _PLANNED:
            message = f"the last customer began on {began}, yet the latest day of the file is an "
            message += f"end on {as_of}: are some ends planned?"
            return (Note("as-of", "warning", message, (("try", f"--as-of {began}"),)),)
        message = f"customers are followed to {as_of}, the latest day in the file"
        return (Note("as-of", "info", message, (("try", "--as-of DATE"),)),)

    def _timed(self, table: pl.DataFrame) -> tuple[pl.DataFrame, None]:
        """Times and whether they ended, as they stand."""
        import polars as pl

        time = numbers(table["duration"], self.source)
        said = answers.text_of(table["ended"])
        table = table.with_columns(
            time.alias("time"),
            has_left(said, self.source.codes.get(str(self.clock.ended))).alias("left"),
        )
        empty = blank(table["duration"], self.source) | blank(said, self.source)
        sound = pl.col("time").is_finite() & (pl.col("time") >= 0) & pl.col("left").is_not_null()
        whole = (
            pl.when("left").then(pl.col("time").ceil().clip(1)).otherwise(pl.col("time").floor())
        )
        reason = (
            pl.when(empty)
            .then(pl.lit("missing"))
            .when(~sound.fill_null(False))
            .then(pl.lit("invalid"))
        )
        table = table.with_columns(reason.alias("reason"))
        renewals = pl.when(pl.col("reason").is_null()).then(whole).cast(pl.Int64, strict=False)
        return table.with_columns(renewals.alias("renewals")), None

    def _one_currency(self, used: pl.DataFrame) -> str | None:
        """The currency of the rows used.

        Raises:
            DataError: there are several.
        """
        if self.money is None:
            return None
        if self.currency is None:
            return self.money.currency
        codes = sorted({code.upper() for code in used["currency"].drop_nulls() if code})
        if len(codes) > 1:
            raise money.several(self.currency, codes)
        return codes[0] if codes else self.money.currency

    def _doubts(self, table: pl.DataFrame, as_of: Day | None) -> tuple[Note, ...]:
        """What was left out, and where it was met first."""
        said = {
            "no-date": f'no first day in "{visible(self.clock.start)}" that can be read',
            "period": f"begun after {as_of}",
            "missing": "no time, or nothing that says whether it ended",
            "invalid": self._bad(),
            "no-amount": "no amount",
        }
        notes = []
        for reason, what in said.items():
            lost = table.filter(table["reason"] == reason)
            n = int(lost["n"].sum())
            if n:
                row = lost["first"].min()
                where = "" if row is None else f"; first at row {int(row) + 1:,}"  # type: ignore[arg-type]
                who, out = ("1 customer has", "is") if n == 1 else (f"{n:,} customers have", "are")
                doubtful = reason == "invalid" or (reason == "no-date" and self._unread(lost))
                kind: Any = "warning" if doubtful else "info"
                notes.append(Note(reason, kind, f"{who} {what}, and {out} left out{where}"))
        return tuple(notes)

    def _bad(self) -> str:
        """What is wrong with rows that say something, and nothing that can be used."""
        first, second = map(visible, self.clock.columns)
        if self.dates:
            return f'an end in "{second}" that is before the beginning, or cannot be read'
        return f'a time in "{first}", or an end in "{second}", that cannot be read'

    def _unread(self, lost: pl.DataFrame) -> bool:
        """Whether some first days hold something."""
        return not blank(lost["start"], self.source).all()


_WORDS = {
    "where": "left out by --where", "no-date": "without a first day", "period": "that begin later",
    "missing": "without a time or an end", "no-amount": "without an amount",
}  # fmt: skip


def _none_used(source: Source, ledger: Ledger, bad: str) -> DataError:
    words = {**_WORDS, "invalid": f"with {bad}"}
    told = ", ".join(f"{n:,} {words.get(why, why)}" for why, n in ledger.left_out.items())
    return DataError("no-rows", f"none of {ledger.read:,} rows of {source.name} is used: {told}")
