"""Who answered what and when: answers by customer, to be brought together with what they buy."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cxkit.accounts import inputs_of, ledger_of
from cxkit.cells import answers
from cxkit.cells.keys import id_key
from cxkit.errors import DataError, Hint, visible
from cxkit.result import Input, Ledger, Note
from cxkit.slices import Slice, check_bounds, condition_of, dates_of, outside
from cxkit.source import ROW, Source
from cxkit.surveys.doubts import cell_notes, check_notes, judge_scale
from cxkit.surveys.survey import Scan, group_names
from cxkit.surveys.unanswered import need_answers

if TYPE_CHECKING:
    import polars as pl


CATEGORIES = ("detractor", "passive", "promoter")  # from the lowest answers up
_ROWS = 2**36  # rows of a file below, milliseconds since midnight above, in one integer


@dataclass(frozen=True)
class Respondents:
    """The answers of a survey by customer.

    Args:
        rows: a row for each customer, day and answer, a customer's oldest first: `customer` (the
            id as text, as other files share it), `day`, `score` (0–10), `category` (of
            `CATEGORIES`), the grouping columns of the slice as `by0`, `by1`, … (text) and `n`,
            how many answers it stands for.
        ledger: every row accounted for.
        notes: what reading the answers has shown.
        inputs: what was read, with its rows.
        source, customer: where they stand, and in which column the id.
    """

    rows: pl.DataFrame
    ledger: Ledger
    notes: tuple[Note, ...]
    inputs: tuple[Input, ...]
    source: Source
    customer: str

    @property
    def latest(self) -> pl.DataFrame:
        """The latest answer of each customer: time of day decides within a day, then the file."""
        return self.rows.unique("customer", keep="last", maintain_order=True)


def read_respondents(
    source: Source, score: str, where: Slice, *, dated: bool = True
) -> Respondents:
    """Read the answers 0–10 of a survey by customer, in one pass over the rows.

    Args:
        source: the survey.
        score: the column of answers.
        where: which rows; its `customer` and `date` name these columns, its `by` further ones that
            are carried along.
        dated: whether an answer needs a day. Else those without one count, as the oldest, unless
            the slice has bounds.

    Raises:
        RequestError: a column or bound that is wrong.
        DataError: no rows, no valid answer of a customer, or answers on another scale.
    """
    check_bounds(where)
    for column in where.columns_for(score):
        source.need(column)
    source = source.numbered()  # of two answers on one day the later row is the last
    dates = dates_of(source, where, always=True)
    condition = condition_of(source, where)
    scan, table = _Scan(source, score, where, dates, condition).run()
    if not table["rows"].sum():
        raise DataError("empty", f"no rows in {source.name}")
    table, notes = _understood(table, scan, dated or where.dated)
    notes += judge_scale(table, score, 0, 10)
    need_answers(scan, table)
    notes += cell_notes(table, where, scan.condition, 0, 10)
    notes += scan.condition.notes if scan.condition else ()
    notes += check_notes(table, scan.checks)
    rows = _answered(table, scan)
    inputs = inputs_of(source, table)
    return Respondents(rows, ledger_of(table), notes, inputs, source, str(where.customer))


def match(respondents: Respondents, orders: Source, column: str, customers: pl.Series) -> Note:
    """How many customers of a survey and of orders are the same: a note, where there are any.

    Args:
        respondents: the answers of the survey.
        orders: the orders, with `column` for the customer.
        customers: the customers of the orders that count, keys as text or their hashes.

    Raises:
        DataError: no customer is in both.
    """
    import polars as pl

    keys = respondents.rows["customer"].unique()
    asked = len(keys)
    bought = customers.drop_nulls().unique()
    both = int((keys if bought.dtype == pl.String else keys.hash()).is_in(bought.implode()).sum())
    if not both:
        raise no_match(respondents, asked, orders, column)
    return Note("matched", "info", both_ways(both, asked, len(bought)))


def both_ways(both: int, asked: int, bought: int) -> str:
    """How many of the customers who answered have orders, and of those with orders answered."""
    return (
        f"{both:,} of {asked:,} customers who answered have orders ({both / asked:.0%}), and "
        f"{both:,} of {bought:,} customers with orders answered ({both / bought:.0%})"
    )


def no_match(
    respondents: Respondents, asked: int, orders: Source, column: str, *hints: Hint
) -> DataError:
    """The error of a survey none of whose customers is in the orders."""
    ours, theirs = _shape_of(respondents.customer, respondents.source), _shape_of(column, orders)
    message = f"0 of {asked:,} {visible(respondents.customer)} found in {orders.name}"
    message += f"; survey has ids like {ours}, orders like {theirs}"
    if ours == theirs:
        message += ": they look alike, but none is in both"
        hints = (*hints, ("hint", "are both files of the same customers and time?"))
    return DataError("no-match", message, [*hints, ("hint", "--customer names the column of ids")])


def _shape_of(column: str, source: Source) -> str:
    """The form of the first id of a column: `A9999`; ids themselves are not shown."""
    cells = (str(cell).strip() for cell in source.sample(column) if cell is not None)
    text = visible(next(filter(None, cells), ""), 20)
    letters = re.sub(r"[^\W\d_]", lambda found: "A" if found[0].isupper() else "a", text)
    return re.sub(r"\d", "9", letters)


@dataclass(frozen=True)
class _Scan(Scan):
    """The pass over a survey with the customer among the keys, and the order of answers."""

    def keys(self, cut: str) -> dict[str, Any]:
        """The keys of the tally, of which the customer is one."""
        return super().keys(cut) | {"customer": id_key(self.source, str(self.where.customer))}

    def extra(self, cut: str) -> dict[str, Any]:
        """What the tally adds up beside the counts: the place of the last answer within a day."""
        import polars as pl

        time = self.dates.time().fill_null(0) if self.dates else pl.lit(0, pl.Int64)
        order = time // 10**6 * _ROWS + pl.col(ROW).cast(pl.Int64)
        return super().extra(cut) | {"order": order.max()}


def _understood(
    table: pl.DataFrame, scan: Scan, dated: bool
) -> tuple[pl.DataFrame, tuple[Note, ...]]:
    """The tally with what its answers and days mean, and why a row is left out."""
    import polars as pl

    source = scan.source
    codes = source.codes.get(scan.score)
    meaning = answers.understand(
        table["answer"], low=0, high=10, declared=source.missing, labels=codes
    )
    days, notes = _days(table, scan)
    table = table.hstack(meaning).with_columns(
        days.alias("date"), pl.lit(None, pl.Date).alias("start")
    )
    reason: pl.Expr = (
        pl.when(pl.col("date").is_null() & dated)
        .then(pl.lit("no-date"))
        .when(outside(table, scan.where))
        .then(pl.lit("period"))
        .when(pl.col("kind") != "valid")
        .then("kind")
        .when(pl.col("customer").is_null())
        .then(pl.lit("no-customer"))
    )
    if "out" in table.columns:
        reason = pl.coalesce(pl.col("out"), reason)
    return table.with_columns(reason.alias("reason")), notes


def _days(table: pl.DataFrame, scan: Scan) -> tuple[pl.Series, tuple[Note, ...]]:
    """The day of each row; none where no column has dates."""
    import polars as pl

    if scan.dates is None:
        return pl.Series("date", [None] * table.height, dtype=pl.Date), ()
    return scan.dates.days(table["day"])


def _answered(table: pl.DataFrame, scan: Scan) -> pl.DataFrame:
    """The answers that are used, a customer's oldest first."""
    import polars as pl

    groups = [
        group_names(table[f"by{i}"], scan.source.codes.get(name)).alias(f"by{i}")
        for i, name in enumerate(scan.where.columns)
    ]
    low, middle, high = (pl.lit(category) for category in CATEGORIES)
    category = pl.when(pl.col("score") <= 6).then(low).when(pl.col("score") <= 8).then(middle)
    used = table.with_columns(groups).filter(pl.col("reason").is_null() & (pl.col("n") > 0))
    return used.sort("customer", "date", "order").select(
        "customer",
        pl.col("date").alias("day"),
        "score",
        category.otherwise(high).alias("category"),
        *(group.name for group in groups),
        "n",
    )
