"""What the customers of a survey spend: the revenue of each respondent, and of all the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date as Day
from typing import TYPE_CHECKING, NamedTuple

from cxkit.accounts import in_order
from cxkit.cells.keys import id_key
from cxkit.cells.periods import Length
from cxkit.engines import collect
from cxkit.errors import DataError, Hint, RequestError, visible
from cxkit.orders.bridge import of_customers
from cxkit.orders.respondents import CATEGORIES, Respondents, both_ways, no_match
from cxkit.orders.sales import Purchases, Sales
from cxkit.orders.transactions import read_sales
from cxkit.result import Input, Ledger, Note
from cxkit.source import Source

if TYPE_CHECKING:
    import polars as pl

_YEARS = 100  # a longer horizon is a slip of the pen
_IN_A_YEAR = {"d": 365.2425, "w": 365.2425 / 7, "mo": 12, "y": 1}


class Terms(NamedTuple):
    """Which orders and which answers count.

    Args:
        horizon: the length of time of revenue.
        after: whether it begins with each answer, instead of ending with the latest order.
        every: whether all answers of a customer count, averaged, instead of the last.
    """

    horizon: Length
    after: bool = False
    every: bool = False

    @property
    def months(self) -> float:
        return self.horizon.n * 12 / _IN_A_YEAR[self.horizon.unit]

    @property
    def text(self) -> str:
        """The horizon as it is written: `12mo`."""
        return f"{self.horizon.n}{self.horizon.unit}"


@dataclass(frozen=True)
class Spending:
    """Respondents with their revenue; money in steps of `money.UNIT`.

    Args:
        force: a row for each customer who answered, by the last answer: `customer`, `category`,
            its share of answers in each category by name (0–1), `day`, the strata `by0`, … and
            `amount`, the revenue of the window.
        followed: the same by the last answer whose horizon is over (an earlier one, where a later
            answer is too young: leaving these customers out would leave out who stayed): `amount`
            within it, `before` whether the customer bought in the horizon before the answer, and
            `again` whether within it.
        silent: revenue of the window from customers who did not answer.
        first, latest: the window's days, inclusive.
        short: whether the orders begin after the window does.
        ledger: every row of the survey accounted for.
        notes: what reading and matching both files has shown.
        inputs: what was read.
        currency: of the orders, None if nothing says which.
    """

    force: pl.DataFrame
    followed: pl.DataFrame
    silent: int
    first: Day
    latest: Day
    short: bool
    ledger: Ledger
    notes: tuple[Note, ...]
    inputs: tuple[Input, ...]
    currency: str | None


def horizon_of(text: str) -> Length:
    """The horizon that an option states.

    Raises:
        RequestError: it is no length of time, or one beyond all data.
    """
    length = Length.of(text, "--horizon")
    if length.n < 1 or length.n > _YEARS * _IN_A_YEAR[length.unit]:
        message = f'--horizon must be a time of up to {_YEARS} years, got "{visible(text)}"'
        raise RequestError("bad-value", message, [("try", "--horizon 12mo")])
    return length


def read_spending(
    respondents: Respondents, orders: Source, sales: Sales, terms: Terms, *, dated: bool
) -> Spending:
    """Read the orders in one pass, and bring the revenue of each respondent together.

    Args:
        respondents: the answers.
        orders, sales: the orders, and which of them count.
        terms: how long a time, and which answers.
        dated: whether the survey has a column of dates.

    Raises:
        RequestError: customers answered more than once and no date says when.
        DataError: nobody who answered is in the orders, no horizon is over, or the orders cannot
            be used.
    """
    import polars as pl

    answers = respondents.rows
    if not (dated or terms.every):
        _need_date(answers)
    keys = answers["customer"].unique().sort()
    bought, others, strangers, found = _sold(orders, sales, keys)
    assert found.latest is not None
    notes = (*respondents.notes, *_theirs(orders, found, sales))
    notes += _matched(respondents, keys, bought["customer"].unique(), strangers, orders, sales)
    over = _over(answers, terms, found.latest)
    first = terms.horizon.first(found.latest)
    window = pl.col("day") >= first
    return Spending(
        force=_summed(_customers(answers, terms), bought.filter(window)),
        followed=_followed(_customers(over, terms), bought, terms.text),
        silent=int(others.filter(window)["amount"].sum()),
        first=first,
        latest=found.latest,
        short=bool(pl.concat([bought["day"], others["day"]]).min() > first),  # type: ignore[operator]
        ledger=_account(respondents.ledger, answers, over if terms.after else answers, terms),
        notes=notes,
        inputs=(*respondents.inputs, *found.inputs),
        currency=found.currency,
    )


# --- answers ------------------------------------------------------------------------------------


def _need_date(answers: pl.DataFrame) -> None:
    """Raise the error of answers of one customer whose order nobody knows."""
    twice = answers.filter(answers["customer"].is_duplicated())["customer"].n_unique()
    if twice:
        who = "1 customer" if twice == 1 else f"{twice:,} customers"
        message = f"{who} answered more than once, and no column is known to be the date"
        hints = [("or", "--keep all, which averages a customer's answers"), ("try", "--date COL")]
        raise RequestError("no-date", message, hints)


def _over(answers: pl.DataFrame, terms: Terms, latest: Day) -> pl.DataFrame:
    """The answers whose horizon is over.

    Raises:
        DataError: there are none, and the revenue after each answer is asked for.
    """
    import polars as pl

    over = answers.filter(pl.col("day").dt.offset_by(terms.text) <= latest)
    if terms.after and over.is_empty():
        message = f"no answer is {terms.text} older than the latest order, of {latest}"
        raise DataError("no-rows", message, [("try", "a shorter --horizon, or --revenue before")])
    return over


def _customers(answers: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """A row for each customer: by the last answer, or by the mean of all of them.

    A mean y of promoters (+1) and detractors (−1) up to −½ is a detractor, up to ½ a passive:
    an account in between counts by its unhappier contacts.
    """
    import polars as pl

    if not terms.every:
        answers = answers.unique("customer", keep="last", maintain_order=True)
    n = pl.col("n")
    counts = (n.filter(pl.col("category") == name).sum().alias(name) for name in CATEGORIES)
    strata = [name for name in answers.columns if name.startswith("by")]
    low, middle, high = (pl.lit(name) for name in CATEGORIES)
    twice = 2 * (pl.col("promoter") - pl.col("detractor"))
    category = pl.when(twice <= -n).then(low).when(twice <= n).then(middle).otherwise(high)
    customers = answers.group_by("customer", maintain_order=True).agg(
        n.sum(), *counts, pl.col("day", *strata).last()
    )
    shares = (pl.col(name) / n for name in CATEGORIES)
    return customers.select("customer", category.alias("category"), *shares, "day", *strata)


def _account(ledger: Ledger, answers: pl.DataFrame, counted: pl.DataFrame, terms: Terms) -> Ledger:
    """The account of the survey's rows with those whose horizon is not over, and earlier ones."""
    period = int(answers["n"].sum()) - int(counted["n"].sum())
    earlier = 0 if terms.every else int(counted["n"].sum()) - counted["customer"].n_unique()
    more = {"period": ledger.left_out.get("period", 0) + period, "superseded": earlier}
    left_out = dict(ledger.left_out) | {reason: n for reason, n in more.items() if n}
    return Ledger(ledger.read, ledger.used - period - earlier, in_order(left_out))


# --- revenue ------------------------------------------------------------------------------------


def _summed(customers: pl.DataFrame, bought: pl.DataFrame) -> pl.DataFrame:
    """The customers with what they bought in all; nothing is 0."""
    import polars as pl

    sums = bought.group_by("customer").agg(pl.col("amount").sum())
    joined = customers.join(sums, on="customer", how="left", maintain_order="left")
    return joined.with_columns(pl.col("amount").fill_null(0))


def _followed(customers: pl.DataFrame, bought: pl.DataFrame, horizon: str) -> pl.DataFrame:
    """The customers with what they bought around their answer.

    The day of the answer belongs to the time before it: an order of that day mostly came first.
    """
    import polars as pl

    day, asked = pl.col("day"), pl.col("asked")
    near = customers.select("customer", asked="day").join(bought, on="customer")
    later = (day > asked) & (day <= asked.dt.offset_by(horizon))
    earlier = (day <= asked) & (day > asked.dt.offset_by(f"-{horizon}"))
    paid = pl.col("amount") > 0  # a return is no purchase
    sums = near.group_by("customer").agg(
        pl.col("amount").filter(later).sum(),
        before=(earlier & paid).any(),
        again=(later & paid).any(),
    )
    joined = customers.join(sums, on="customer", how="left", maintain_order="left")
    return joined.with_columns(
        pl.col("amount").fill_null(0), pl.col("before", "again").fill_null(False)
    )


# --- matching -----------------------------------------------------------------------------------


class _Sold(NamedTuple):
    """The orders, of those who answered and of all others.

    Args:
        theirs: `customer` (the key), `day` and `amount` of those who answered.
        others: `day` and `amount` of all others together.
        strangers: how many customers these others are.
        found: what reading the orders has shown, without its rows.
    """

    theirs: pl.DataFrame
    others: pl.DataFrame
    strangers: int
    found: Purchases


def _sold(orders: Source, sales: Sales, keys: pl.Series) -> _Sold:
    """The orders, of those who answered and of all others."""
    import polars as pl

    known = keys.to_frame("name").with_columns(customer=pl.col("name").hash()).sort("customer")
    try:
        found = read_sales(orders, sales, days=True)
    except DataError as error:
        named = "" if orders.name in error.message else f"{orders.name}: "
        raise DataError(error.slug, named + error.message, _apart(error.hints)) from None
    theirs, others, strangers = [], [], 0
    for part in of_customers(found.rows):
        first, last = part["customer"].min(), part["customer"].max()
        near = known.filter(pl.col("customer").is_between(first, last))
        theirs.append(part.join(near, on="customer"))
        other = part.join(near, on="customer", how="anti")
        others.append(other.group_by("day").agg(pl.col("amount").sum()))
        strangers += other["customer"].n_unique()
    mine = pl.concat(theirs).select("day", "amount", customer="name")
    summed = pl.concat(others).group_by("day").agg(pl.col("amount").sum())
    return _Sold(mine, summed, strangers, replace(found, rows=found.rows.clear()))


def _apart(hints: Sequence[Hint]) -> tuple[Hint, ...]:
    """Hints on the rows of orders, of which --where chooses none: it looks at the survey."""
    said = "make a file of the orders that are to count; --where chooses answers of the survey"
    return tuple(("hint", said) if "--where" in text else (label, text) for label, text in hints)


def _theirs(orders: Source, found: Purchases, sales: Sales) -> tuple[Note, ...]:
    """What reading the orders has shown, which columns were taken, and how many rows count."""
    ledger = found.ledger
    told = ", ".join(f"{n:,} {reason}" for reason, n in ledger.left_out.items())
    roles = (f"{role}={visible(name)}" for role, name in sales.roles.items() if role != "by")
    message = f"{ledger.used:,} of {ledger.read:,} rows used" + (f" ({told})" if told else "")
    message += f"; {', '.join(roles)}"
    notes = (*orders.notes, *found.notes, Note("orders", "info", message))
    return tuple(
        one._replace(message=f"{orders.name}: {one.message}", hints=_apart(one.hints))
        for one in notes
    )


def _matched(
    respondents: Respondents,
    keys: pl.Series,
    both: pl.Series,
    strangers: int,
    orders: Source,
    sales: Sales,
) -> tuple[Note, ...]:
    """How many customers of the survey have orders, how many of the orders answered, and whether
    more would match.

    Raises:
        DataError: nobody has.
    """
    column = str(sales.piece.customer)
    zeros = _without_zeros(keys.filter(~keys.is_in(both.implode())), orders, column)
    lost = "one of the files has lost leading zeros of its ids: keep them as text in both"
    if both.is_empty():
        who = f"{zeros:,} would match without leading zeros: {lost}"
        hints = [("hint", who)] if zeros else []
        raise no_match(respondents, len(keys), orders, column, *hints)
    told = both_ways(len(both), len(keys), len(both) + strangers)
    notes = [Note("matched", "info", f"{told}; who has no orders counts with a revenue of 0")]
    if zeros:
        who = "1 customer" if zeros == 1 else f"{zeros:,} customers"
        message = f"{who} more would match without leading zeros of ids"
        notes.append(Note("zeros", "warning", message, (("hint", lost),)))
    return tuple(notes)


def _without_zeros(lost: pl.Series, orders: Source, column: str) -> int:
    """How many of these customers the orders have with more or fewer leading zeros."""
    digits = lost.filter(lost.str.contains(r"^\d+$"))
    seen: Sequence[object] = [*digits.to_list(), *orders.sample(column)]
    if digits.is_empty() or not any(str(cell).strip().startswith("0") for cell in seen):
        return 0
    bare = digits.str.strip_chars_start("0").unique()
    theirs = id_key(orders, column).str.strip_chars_start("0")
    kept = orders.rows.select(theirs.filter(theirs.is_in(bare.implode())).unique().alias("id"))
    return len(collect(kept, orders))


# --- what was assumed ---------------------------------------------------------------------------


def notes_of(found: Spending, terms: Terms) -> tuple[Note, ...]:
    """Which orders count, which answers, and what is not known."""
    return (*_window_notes(found, terms), *_answer_notes(found, terms), *_money_notes(found, terms))


def _window_notes(found: Spending, terms: Terms) -> list[Note]:
    span = f"{found.first} to {found.latest}"
    message = f"revenue is that of orders from {span}, which partly precede the answers"
    if terms.after:
        message = f"revenue is that of the {terms.text} from the day after each answer; revenue at "
        message += f"risk, coverage and expected loss are of orders from {span}"
    notes = [Note("window", "info", message)]
    if found.short:
        message = f"the orders begin later than {found.first}, so revenue is of less than "
        hint = ("try", "a shorter --horizon")
        notes.append(Note("horizon", "warning", message + terms.text, (hint,)))
    return notes


def _answer_notes(found: Spending, terms: Terms) -> list[Note]:
    notes = []
    earlier = found.ledger.left_out.get("superseded", 0)
    if earlier:
        message = "1 earlier answer of the same customer is left out: the last counts"
        if earlier > 1:
            message = f"{earlier:,} earlier answers of the same customers are left out: the last "
            message += "counts"
        notes.append(Note("superseded", "info", message, (("try", "--keep all averages them"),)))
    if terms.every:
        message = "answers of one customer are averaged; an account in between counts as the lower "
        notes.append(Note("averaged", "info", message + "category"))
    bought = int(found.followed["before"].sum())
    message = "retention is not known: no answer with orders before it is older than the horizon"
    if bought:
        message = f"retention follows {bought:,} customers who bought in the {terms.text} before "
        message += "an answer whose horizon is over"
    return [*notes, Note("retention", "info", message)]


def _money_notes(found: Spending, terms: Terms) -> list[Note]:
    notes = []
    customers = found.followed if terms.after else found.force
    below = int((customers["amount"] < 0).sum())
    if below:
        are = "1 customer is" if below == 1 else f"{below:,} customers are"
        message = f"{are} below 0 after returns: in all sums and means, but NPS by revenue is not "
        notes.append(Note("negative", "warning", message + "defined", (("try", "--gross"),)))
    known = int(found.force["amount"].sum())
    if found.silent and known + found.silent > 0:
        message = f"customers who answered bring {known / (known + found.silent):.0%} of the "
        message += "revenue of all customers; the others are unknown, and never added in"
        notes.append(Note("silent", "info", message))
    return notes
