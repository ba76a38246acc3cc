"""Moments of 200 blocks of rows, in one streaming pass: what is kept of very many answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cxkit.accounts import inputs_of, ledger_of
from cxkit.cells.answers import shape
from cxkit.cells.weighting import none_above_zero
from cxkit.engines import collect
from cxkit.errors import DataError, visible
from cxkit.predictors.figures import Figure, code_notes
from cxkit.predictors.matrices import Matrices
from cxkit.predictors.panels import Panel, most_patterns, need_complete
from cxkit.predictors.products import Products
from cxkit.predictors.scanned import SMALL, Column, settle
from cxkit.reduce import number, tally, tally_beside
from cxkit.result import Note
from cxkit.slices import Slice, condition_of, dates_of, outside
from cxkit.source import INPUT, LAST, ROW, Source
from cxkit.surveys.doubts import cell_notes, check_notes, judge_scale
from cxkit.surveys.survey import Scan, dated, lacking, weight_of
from cxkit.surveys.unanswered import need_answers

if TYPE_CHECKING:
    import polars as pl

    from cxkit.stats.moments import Moments

BLOCKS = 200
# States of a row beyond the numbers of blocks; from ALONE on the driver that alone is lacking.
NO_DATE, PERIOD, MISSING, INVALID, WEIGHT, SEVERAL, ALONE = 1000, 1001, 1002, 1003, 1004, 1005, 2000
ONE = 1000  # the mark of one driver that is lacking, in a sum over all
REASONS = {NO_DATE: "no-date", PERIOD: "period", MISSING: "missing", INVALID: "invalid",
           WEIGHT: "weight"}  # fmt: skip


# --- before the pass ----------------------------------------------------------------------------


def read_blocks(source: Source, figures: Sequence[Figure], where: Slice, kano: bool) -> Panel:
    """The panel of a file of many patterns: see `completes.read_panel`."""
    columns = [one.column for one in figures]
    rows = source.rows.head(2 * most_patterns(len(columns))).select(*dict.fromkeys(columns))
    head = collect(rows, source)
    settled = [settle(head[one.column], one) for one in figures]
    condition, weight = condition_of(source, where), weight_of(source, where)
    scan = Scan(source, columns[-1], where, None, condition, weight, tuple(columns[:-1]))
    days = _Days(source, where) if where.dated else None
    notes = () if figures[-1].scale is None else _judged(head[columns[-1]], figures[-1])
    for _ in range(6):  # what is learned from a pass is settled after a few
        run = _Pass(scan, tuple(settled), days, kano)
        table, sums = run.run()
        better = run.learned(table)
        if better == settled:
            break
        settled = better
    return run.panel(table, sums, (*notes, *(days.notes if days else ())))


def _judged(cells: pl.Series, outcome: Figure) -> tuple[Note, ...]:
    """What the first answers tell of the scale."""
    import polars as pl

    assert outcome.scale is not None
    table = cells.rename("answer").to_frame().group_by("answer").agg(n=pl.len().cast(pl.Int64))
    table = table.hstack(outcome.understand(table["answer"]))
    return judge_scale(table, outcome.column, outcome.scale.low, outcome.scale.high)


class _Days:
    """Which days lie outside the period asked for, by a small pass of their own."""

    def __init__(self, source: Source, where: Slice) -> None:
        import polars as pl

        dates = dates_of(source, where)
        assert dates is not None
        table = tally(source, {"day": dates.key("day")})
        if dates.needs_day_cut(table["day"]):
            dates = dates.wide()
            table = tally(source, {"day": dates.key("day")})
        table, notes, _ = dated(table, where, dates)
        table = table.with_columns(
            reason=pl.when(pl.col("date").is_null()).then(pl.lit("no-date"))
            .when(outside(table, where)).then(pl.lit("period"))
        )  # fmt: skip
        self.key = dates.key("day")
        self.unread = table.filter(reason="no-date")["day"].drop_nulls()
        self.outside = table.filter(reason="period")["day"].drop_nulls()
        self.notes = (*notes, *cell_notes(table, where, None, 0, 0))


# --- the pass -----------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Pass:
    """One pass over the rows, and what it has found."""

    scan: Scan
    columns: tuple[Column, ...]
    days: _Days | None
    kano: bool

    @property
    def products(self) -> Products:
        """The sums that are kept."""
        scan = self.scan
        return Products(scan.source, scan.where, scan.weight, self.columns, self.kano)

    def run(self) -> tuple[pl.DataFrame, Matrices | None]:
        """The tally by block, or reason for which rows are left out; and the sums that are made
        beside it, if there are: then all blocks are one."""
        import polars as pl

        source, products = self.scan.source, self.products
        rows = replace(source, rows=products.read(source.numbered().rows))
        keys, doubts, extra = self._keys(), self._doubts(), self.scan.extra("day")
        if not products.small:
            extra |= {
                name: doubt.sum().cast(pl.Int64) for name, doubt in doubts.items()
            } | products.sums()
            where, weight = self.scan.where, self.scan.weight
            return tally(rows, keys, count=where.count, weight=weight, extra=extra), None
        used = keys["state"] == 0
        if "out" in keys:
            used &= keys["out"].is_null()
        columns = Matrices.columns(products, used.fill_null(False))
        columns |= {f"cxkit:{name}": doubt for name, doubt in doubts.items()}
        extra |= {name: pl.col(f"cxkit:{name}").sum().cast(pl.Int64) for name in doubts}
        made: list[Matrices] = []

        def begin() -> Callable[[pl.DataFrame], None]:
            made.append(Matrices(products, 1 if self.kano else BLOCKS))
            return made[-1].add

        return tally_beside(rows, keys, columns, begin, extra=extra), made[-1]

    def _keys(self) -> dict[str, Any]:
        """The block of a row or why it is left out; null where every cell is empty."""
        import polars as pl

        last = len(self.columns) - 1
        lacks = (
            pl.when(pl.col(f"cxkit:a{i}").is_null())
            .then(pl.lit(ONE + i, pl.UInt16))
            .otherwise(pl.lit(0, pl.UInt16))
            for i in range(last)
        )
        marks = pl.sum_horizontal(lacks)  # below 2 ONE: which driver alone is lacking
        one = self.kano or self.products.small
        block = pl.lit(0) if one else (pl.col(ROW) % BLOCKS).cast(pl.Int32)
        alone = marks.cast(pl.Int32) + (ALONE - ONE)
        state = (
            pl.when(marks == 0).then(block).when(marks < 2 * ONE).then(alone)
            .otherwise(SEVERAL)
        )  # fmt: skip
        if self.scan.weight:
            state = pl.when(self.scan.weight.value().is_null()).then(WEIGHT).otherwise(state)
        outcome = self.columns[-1]
        none = pl.when(outcome.missing()).then(MISSING).otherwise(INVALID)
        state = pl.when(pl.col(f"cxkit:a{last}").is_null()).then(none).otherwise(state)
        raw = [pl.col(one.figure.column).is_null() for one in self.columns]
        if self.days:
            key = self.days.key
            bad = key.is_null() | key.is_in(self.days.unread.implode())
            beyond = key.is_in(self.days.outside.implode())
            state = pl.when(beyond).then(PERIOD).otherwise(state)
            state = pl.when(bad).then(NO_DATE).otherwise(state)
            raw.append(pl.col(self.scan.where.date).is_null())  # type: ignore[arg-type]
        if LAST in self.scan.source.added:  # a row without any cell may be a blank line
            state = pl.when(~pl.all_horizontal(raw)).then(state)
        keys: dict[str, Any] = {"state": state}
        if (out := self.scan.left_out()) is not None:
            keys["out"] = out
        if INPUT in self.scan.source.added:
            keys["input"] = pl.col(INPUT)
        return keys

    def _doubts(self) -> dict[str, pl.Expr]:
        """Whether a row has an answer or a cell that was not seen before, and one that is no
        number.

        Counted together: an aggregation of its own for each column costs as much as a product.
        """
        import polars as pl

        answers = [pl.col(f"cxkit:a{i}") for i in range(len(self.columns))]
        strange = [one.strange(own) for one, own in zip(self.columns, answers, strict=True)]
        bad = self._bad()
        doubts = {"strange": pl.any_horizontal(strange)}
        return doubts | ({"odd": pl.any_horizontal(bad.values())} if bad else {})

    def _bad(self) -> dict[str, pl.Expr]:
        """By place, whether a cell of text is no number."""
        import polars as pl

        return {
            f"bad{i}": pl.col(f"cxkit:a{i}").is_null() & ~one.missing()
            for i, one in enumerate(self.columns)
            if one.dtype != "integer" or one.figure.scale
        }

    # --- after it

    def learned(self, table: pl.DataFrame) -> list[Column]:
        """The columns with what the pass has shown; the same if it was all known."""
        columns = list(self.columns)
        if table["strange"].sum():
            columns = [replace(one, known=self._cells(one), complete=True)
                       if one.text and not one.complete else one for one in columns]  # fmt: skip
            columns = self._widened(columns)
        return columns

    def _widened(self, columns: Sequence[Column]) -> list[Column]:
        """The columns with the range of all their answers, from a pass of its own."""
        import polars as pl

        extra: dict[str, Any] = {}
        for i, one in enumerate(columns):
            answer = one.answer().cast(pl.Float64)
            extra |= {f"min{i}": answer.min(), f"max{i}": answer.max(),
                      f"broken{i}": (answer != answer.floor()).any()}  # fmt: skip
        found = tally(self.scan.source, {}, extra=extra).row(0, named=True)
        wider = []
        for i, one in enumerate(columns):
            if found[f"min{i}"] is None:
                wider.append(one)
                continue
            low, high = found[f"min{i}"], found[f"max{i}"]
            whole = not found[f"broken{i}"] and high - low <= SMALL
            seen = tuple(sorted({*one.seen, low, high}))
            wider.append(replace(one, low=low, high=high, whole=whole, seen=seen))
        return wider

    def _cells(self, column: Column) -> dict[str, tuple[str, float | None]]:
        """What all cells mean that are more than a number."""
        import polars as pl

        odd = pl.when(column.number().is_null()).then(column.cell()).alias("cell")
        cells = tally(self.scan.source, {"cell": odd})["cell"].drop_nulls().to_list()
        return {cell: column.figure.read(cell) for cell in cells}

    def panel(self, table: pl.DataFrame, sums: Matrices | None, notes: tuple[Note, ...]) -> Panel:
        """The panel of the last pass."""
        import polars as pl

        from cxkit.stats.moments import of_blocks

        scan, drivers = self.scan, [one.figure for one in self.columns[:-1]]
        if not table["rows"].sum():
            raise DataError("empty", f"no rows in {scan.source.name}")
        table = _reasoned(table, scan.where)
        # A row that lacks a driver has an answer all the same: `need_complete` tells of those.
        asked = pl.when(pl.col("reason") != "incomplete").then("reason").alias("reason")
        need_answers(scan, table.with_columns(asked, answer=pl.lit(None, pl.String)))
        notes += self._told(table)
        inputs = inputs_of(scan.source, table)
        notes += lacking(scan, inputs)
        used = table.filter(pl.col("reason").is_null())
        n = int(used["n"].sum())
        lost = table.filter(reason="incomplete")
        alone = {
            one.column: int(lost.filter(pl.col("state") == ALONE + i)["n"].sum())
            for i, one in enumerate(drivers)
        }
        answered = n + int(lost["n"].sum())
        need_complete(n, answered, alone)
        blocks, tops, ends = self._summed(used, sums)
        if not any(block.weight > 0 for block in blocks):
            raise none_above_zero(str(scan.where.weight))
        seen = {one.figure.column: one.seen for one in self.columns if one.figure.scale is None}
        notes += tuple(code_notes(seen))
        return Panel(
            tuple(one.figure for one in self.columns), of_blocks(blocks),
            tuple(self.products.ends), tuple(tops.get(i) for i in range(len(drivers))),
            tuple((low, n - low - high, high) for low, high in ends), n, answered, alone, True,
            ledger_of(table), notes, inputs,
        )  # fmt: skip

    def _summed(
        self, used: pl.DataFrame, sums: Matrices | None
    ) -> tuple[list[Moments], dict[int, float], list[tuple[int, int]]]:
        """The moments of blocks; the share of top boxes by driver, where there are some; and how
        many answers are low and high, for `kano`."""
        products = self.products
        if sums:
            blocks, tops, whole = sums.moments(), sums.tops(), int(used["n"].sum())
            ends = sums.lows_and_highs() if self.kano else []
        else:
            by_block = _by_block(used, [*products.sums()])
            blocks = [products.moments(row) for row in by_block.iter_rows(named=True)]
            tops, whole = products.tops(used), int(used["whole"].sum())
            ends = products.lows_and_highs(used) if self.kano else []
        return blocks, {i: top / whole for i, top in tops.items() if whole}, ends

    def _told(self, table: pl.DataFrame) -> tuple[Note, ...]:
        """What reading the cells has shown."""
        import polars as pl

        scan = self.scan
        quiet = pl.col("reason").replace({"no-date": "period", "invalid": "period"})
        return (
            *cell_notes(table.with_columns(reason=quiet), scan.where, scan.condition, 0, 0),
            *self._invalid(table),
            *(scan.condition.notes if scan.condition else ()),
            *check_notes(table, scan.checks),
        )

    def _invalid(self, table: pl.DataFrame) -> tuple[Note, ...]:
        """Answers asked for that are no numbers, by column; counted in a pass of its own if there
        are."""
        import polars as pl

        if "odd" not in table.columns or not table["odd"].sum():
            return ()
        source, where = self.scan.source, self.scan.where
        times = number(pl, source, where.count) if where.count else 1
        sums = {name: (bad.cast(pl.Int64) * times).sum() for name, bad in self._bad().items()}
        rows = replace(source, rows=self.products.read(source.numbered().rows))
        found = _reasoned(tally(rows, self._keys(), extra=sums), where)
        asked = pl.col("reason").fill_null("").is_in(["", "incomplete", "invalid", "missing"])
        counts = found.filter(asked).select(pl.col([*sums]).sum()).row(0, named=True)
        notes = []
        for i, one in enumerate(self.columns):
            if count := counts.get(f"bad{i}"):
                cells = [cell for cell, (kind, _) in one.known.items() if kind == "invalid"]
                said = ", ".join(f'"{shape(cell)}"' for cell in sorted(cells)[:3])
                must = f"a number {one.figure.scale}" if one.figure.scale else "a number"
                are = "1 answer is" if count == 1 else f"{count:,} answers are"
                message = f'"{visible(one.figure.column)}": {are} not {must} and left out'
                message += f": {said}" if said else ""
                notes.append(Note("invalid", "warning", message))
        return tuple(notes)


def _reasoned(table: pl.DataFrame, where: Slice) -> pl.DataFrame:
    """The tally with `reason`, null for what is used."""
    import polars as pl

    state = pl.col("state")
    reason: pl.Expr = pl.when(state >= SEVERAL).then(pl.lit("incomplete"))
    for code, name in REASONS.items():
        reason = pl.when(state == code).then(pl.lit(name)).otherwise(reason)
    empty = pl.lit("no-date" if where.dated else "missing")
    reason = pl.when(state.is_null()).then(empty).otherwise(reason)
    if "out" in table.columns:
        reason = pl.coalesce("out", reason)
    return table.with_columns(reason=reason, date=pl.lit(None, pl.Date))


def _by_block(used: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """The sums of each block, over all files."""
    import polars as pl

    return used.group_by("state").agg(pl.col("n", *names).sum()).sort("state")
