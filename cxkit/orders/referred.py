"""Who referred whom: customers and their referrers, brought together and checked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cxkit.cells.keys import id_key
from cxkit.engines import collect
from cxkit.errors import CxError, DataError, raise_all, visible
from cxkit.orders.sales import ROWS, Purchases, Sales
from cxkit.orders.transactions import read_sales
from cxkit.result import Note
from cxkit.slices import Slice
from cxkit.source import ROW, Source

if TYPE_CHECKING:
    import polars as pl

CATEGORY, UNKNOWN = "category", "unknown"  # of customers by their answers
_REFERRER = "cxkit:referrer"
_LISTED = 5  # faults are told of so many customers


@dataclass(frozen=True)
class Referred:
    """Customers and those who referred them.

    Args:
        people: a row for everyone known, sorted by `customer` (the id as text): `bought` (in the
            periods asked for), `first` (the first day of any purchase, null without one), `new`
            (it lies in these periods), `amount` (whole steps of money, in these periods), `parent`
            (the row of the referrer, −1 without one) and the groups as `by0`, `by1`, … (the first
            ones told, in order of time).
        sales: the transactions.
        notes: what a second file of referrals has shown.
        invitations: how many referrals the second file tells of, with and without a purchase;
            None without such a file.
    """

    people: pl.DataFrame
    sales: Purchases
    notes: tuple[Note, ...] = ()
    invitations: int | None = None


def read_referred(
    source: Source, sales: Sales, referrer: str | None, programme: Source | None
) -> Referred:
    """Read transactions, and who referred their customers: in a column, or in a second file.

    Args:
        source: the transactions.
        sales: which of them, and how they are read; what lies before the periods asked for tells
            who is new, and who referred whom.
        referrer: the column of referrers in the transactions.
        programme: the file of referrals, with the roles `customer` (the one referred) and
            `referrer`.

    Raises:
        DataError: customers with two referrers, who are their own, or who refer one another in a
            circle; nobody of the second file is a customer.
    """
    groups = {f"by{i}": name for i, name in enumerate(sales.piece.columns)}
    if programme is None:
        assert referrer is not None
        where = _Place(source, str(sales.piece.customer), referrer)
        source, groups["referrer"] = _keyed(source, referrer), _REFERRER
    else:
        where = _Place(programme, *(programme.roles[role][0] for role in ("customer", "referrer")))
    found = told = read_sales(source, sales, groups=groups, customers="text", days=True)
    people = _people(found.rows, sales.piece)
    if not people["bought"].any():
        message = f"the data end on {found.latest}, before the periods asked for"
        raise DataError("no-rows", message)
    notes: tuple[Note, ...] = ()
    if programme is not None:
        told = _told(programme)
        _need_match(programme, told.rows["customer"], people)
        notes = (*told.notes, _programme_note(programme, told, people))
    pairs = told.rows.select("customer", "referrer").drop_nulls().unique()
    people = _with_parents(people, pairs.sort("customer", "referrer"), where)
    return Referred(people, found, notes, None if programme is None else pairs.height)


def _keyed(source: Source, column: str) -> Source:
    """The source with its referrers as customers are keyed."""
    source.need(column)
    rows = source.rows.with_columns(id_key(source, column).alias(_REFERRER))
    return replace(source, rows=rows, added=(*source.added, _REFERRER))


def _told(programme: Source) -> Purchases:
    """The referrals of a second file: its rows, whatever they are worth."""
    customer, referrer = (programme.roles[role][0] for role in ("customer", "referrer"))
    rows = Sales(Slice(customer=customer), amount=ROWS)
    keyed = replace(_keyed(programme, referrer), trade=None)
    return read_sales(keyed, rows, groups={"referrer": _REFERRER}, customers="text")


def _programme_note(programme: Source, told: Purchases, people: pl.DataFrame) -> Note:
    """How many rows of the second file tell of a referral, and how many of those told of bought."""
    rows = told.rows.filter(told.rows["referrer"].is_not_null())
    friends = rows["customer"].unique()
    bought = int(friends.is_in(people.filter("bought")["customer"].implode()).sum())
    message = (
        f"{rows['n'].sum():,} of {told.ledger.read:,} rows of {programme.name} name a customer "
    )
    message += f"and a referrer; {bought:,} of these {len(friends):,} customers have transactions"
    return Note("referrals", "info", message)


# --- people -------------------------------------------------------------------------------------


def _people(rows: pl.DataFrame, piece: Slice) -> pl.DataFrame:
    """Everyone who ever bought: the first day, what was bought in the periods, the groups."""
    import polars as pl

    inside = pl.lit(True) if piece.first_day is None else pl.col("day") >= piece.first_day
    people = rows.group_by("customer").agg(
        inside.any().alias("bought"),
        pl.col("day").min().alias("first"),
        pl.col("amount").filter(inside).sum().alias("amount"),
    )
    new = pl.lit(True) if piece.first_day is None else pl.col("first") >= piece.first_day
    people = people.with_columns(new.alias("new"))
    for i in range(len(piece.columns)):
        people = people.join(_first_told(rows, f"by{i}"), on="customer", how="left")
    return people


def _first_told(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    """The first value of each customer in order of time; of several on one day by name."""
    import polars as pl

    told = rows.filter(pl.col(column).is_not_null()).select("customer", "day", column)
    return told.sort("day", column).unique("customer", keep="first").drop("day")


def _with_parents(people: pl.DataFrame, pairs: pl.DataFrame, where: _Place) -> pl.DataFrame:
    """Everyone known with the row of the referrer; who has not bought may have several: then none.

    Raises:
        DataError: the referrals make no forest.
    """
    import polars as pl

    from cxkit.stats.forest import on_cycle

    buyers = people["customer"].implode()
    several = pairs.filter(pl.len().over("customer") > 1)
    faults = [_own(where, pairs), _two(where, several.filter(pl.col("customer").is_in(buyers)))]
    raise_all([fault for fault in faults if fault])
    single = pairs.filter(pl.len().over("customer") == 1)
    every = pl.concat([people["customer"], pairs["customer"], pairs["referrer"]]).unique()
    people = every.sort().to_frame("customer").join(people, on="customer", how="left",
                                                    maintain_order="left")  # fmt: skip
    places = people.select(pl.col("customer").alias("referrer")).with_row_index("parent")
    single = single.join(places, on="referrer", how="left").select("customer", "parent")
    people = people.join(single, on="customer", how="left", maintain_order="left")
    people = people.with_columns(
        pl.col("parent").cast(pl.Int64).fill_null(-1),
        pl.col("bought", "new").fill_null(False),
        pl.col("amount").fill_null(0),
    )
    round_ = on_cycle(people["parent"].to_numpy())
    if len(round_):
        raise _circle(where, people, [int(one) for one in round_])
    return people


# --- what they have brought -------------------------------------------------------------------


def measured(people: pl.DataFrame) -> pl.DataFrame:
    """Everyone with how many they brought, what these and all behind them spent, and how deep."""
    import polars as pl

    from cxkit.stats import forest

    parents = people["parent"].to_numpy()
    depth = forest.generations(parents)
    bought = people["bought"].to_numpy()
    downstream = forest.downstream(parents, people["amount"].to_numpy())
    deepest = forest.largest(parents, depth * bought)
    people = people.with_row_index("place").with_columns(
        pl.Series("generation", depth, dtype=pl.Int64),
        pl.Series("downstream", downstream, dtype=pl.Int64),
        pl.Series("deepest", deepest, dtype=pl.Int64),
        pl.col("place").cast(pl.Int64),
    )
    brought = people.filter("bought").group_by(pl.col("parent").alias("place")).agg(
        pl.len().cast(pl.Int64).alias("referred"),
        pl.col("amount").sum().alias("direct"),
        pl.col("first").min().alias("referred_on"),
    )  # fmt: skip
    people = people.join(brought, on="place", how="left", maintain_order="left")
    return people.with_columns(pl.col("referred", "direct").fill_null(0))


# --- NPS categories -----------------------------------------------------------------------------


def categorised(
    people: pl.DataFrame, survey: Source, orders: Source, column: str
) -> tuple[pl.DataFrame, tuple[Note, ...]]:
    """Everyone with the category they were in when they first referred, and what to know of it."""
    import polars as pl

    from cxkit.orders.respondents import match, read_respondents
    from cxkit.slices import Slice

    customer, day, score = (survey.roles[role][0] for role in ("customer", "date", "score"))
    found = read_respondents(survey, score, Slice(customer=customer, date=day))
    buyers = people.filter("bought")["customer"]
    note = match(found, orders, column, buyers)
    told = found.rows.join(people.select("customer", "referred_on"), on="customer",
                           how="inner", maintain_order="left")  # fmt: skip
    up_to = pl.col("referred_on").is_null() | (pl.col("day") <= pl.col("referred_on"))
    before = told.filter(up_to).unique("customer", keep="last", maintain_order=True)
    after = told.unique("customer", keep="first", maintain_order=True)
    one = pl.concat([before, after]).unique("customer", keep="first", maintain_order=True)
    people = people.join(one.select("customer", CATEGORY), on="customer", how="left",
                         maintain_order="left")  # fmt: skip
    notes = [*found.notes, note]
    if late := after.height - before.height:
        who = "1 referrer" if late == 1 else f"{late:,} referrers"
        message = f"{who} answered only after the first referral: the first answer after it counts"
        notes.append(Note("answered-later", "info", message))
    return people.with_columns(pl.col(CATEGORY).fill_null(UNKNOWN)), tuple(notes)


# --- faults -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Place:
    """Where referrals stand: the source, its column of customers and that of referrers."""

    source: Source
    customer: str
    referrer: str

    def rows(self, customers: Sequence[str]) -> dict[tuple[str, str], int]:
        """The number of the first row that tells of each referral of these customers."""
        import polars as pl

        source = self.source.numbered()
        told = source.rows.select(
            id_key(source, self.customer).alias("customer"),
            id_key(source, self.referrer).alias("referrer"),
            row=pl.col(ROW).cast(pl.Int64) + 1,
        )
        told = told.filter(pl.col("customer").is_in([*customers])).drop_nulls()
        first = collect(told.group_by("customer", "referrer").agg(pl.col("row").min()), source)
        return {(customer, referrer): row for customer, referrer, row in first.iter_rows()}

    def fault(self, slug: str, what: str, pairs: pl.DataFrame) -> DataError:
        """The error for customers with impossible referrers: their ids' shapes and rows."""
        customers = pairs["customer"].unique(maintain_order=True).to_list()[:_LISTED]
        rows = self.rows(customers)
        told = [
            _shown(customer, sorted(row for (one, _), row in rows.items() if one == customer))
            for customer in customers
        ]
        more = pairs["customer"].n_unique() - len(told)
        listed = ", ".join(told) + (f" and {more:,} more" if more else "")
        hint = f"mend these rows of {self.source.name}, or leave them out with --where"
        return DataError(slug, f"{what}: {listed}", [("hint", hint)])


def _shown(customer: str, rows: Sequence[int]) -> str:
    """The shape of an id, and where it stands: `A9999 (rows 3 and 8)`."""
    letters = re.sub(r"[^\W\d_]", "a", visible(customer, 20))
    numbers = [f"{row:,}" for row in rows[:3]] + ["…"] * (len(rows) > 3)
    where = f"row {numbers[0]}" if len(numbers) == 1 else f"rows {' and '.join(numbers)}"
    return f"{re.sub(r'[0-9]', '9', letters)} ({where})"


def _own(where: _Place, pairs: pl.DataFrame) -> CxError | None:
    import polars as pl

    own = pairs.filter(pl.col("customer") == pl.col("referrer"))
    if own.is_empty():
        return None
    who = "1 customer is their" if own.height == 1 else f"{own.height:,} customers are their"
    return where.fault("self-referral", f"{who} own referrer", own)


def _two(where: _Place, several: pl.DataFrame) -> CxError | None:
    n = several["customer"].n_unique()
    if not n:
        return None
    who = "1 customer has" if n == 1 else f"{n:,} customers have"
    return where.fault("two-referrers", f"{who} more than one referrer", several)


def _circle(where: _Place, people: pl.DataFrame, members: Sequence[int]) -> CxError:
    """The error for customers who refer one another; of the first circle some are shown."""
    parents: list[int] = people["parent"].to_list()
    walk = [members[0]]
    while parents[walk[-1]] != walk[0]:
        walk.append(parents[walk[-1]])
    circle = people[walk].select("customer")
    what = f"{len(members):,} customers refer one another in a circle"
    if len(walk) < len(members):
        what += f", {len(walk):,} of them in the first"
    return where.fault("circle", what, circle)


def _need_match(programme: Source, customers: pl.Series, people: pl.DataFrame) -> None:
    """Raise the error of a second file that tells of nobody among the customers."""
    told = customers.unique()
    if told.is_in(people["customer"].implode()).any():
        return
    column = visible(programme.roles["customer"][0])
    message = f'0 of {len(told):,} customers in "{column}" of {programme.name} have transactions'
    shapes = [_shown(ids[0], [1]).rpartition(" (")[0] for ids in (told.sort(), people["customer"])
              if len(ids)]  # fmt: skip
    if len(set(shapes)) == 1 < len(shapes):
        message += f"; ids of both look like {shapes[0]}, but none is in both"
    elif len(shapes) == 2:
        message += f"; ids there look like {shapes[0]}, in the transactions like {shapes[1]}"
    raise DataError("no-match", message, [("hint", "both files need the same ids of customers")])
