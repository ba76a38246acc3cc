"""What the columns say that tell how long a customer stayed: days, times, ends, who has left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date as Day
from typing import TYPE_CHECKING

from cxkit.cells import answers
from cxkit.cells.dates import DateColumn, look, settle
from cxkit.errors import CxError, DataError, RequestError, visible
from cxkit.source import Source

if TYPE_CHECKING:
    import polars as pl

DAYS = {"day": 1.0, "week": 7.0, "month": 365.25 / 12, "quarter": 365.25 / 4, "year": 365.25}
MONTHS = {"month": 1, "quarter": 3, "year": 12}  # units that are counted on the calendar
LEFT = frozenset({
    "1", "yes", "y", "true", "t", "churned", "left", "lost", "cancelled", "canceled", "ended",
    "closed", "inactive", "có", "đã rời", "đã rời bỏ", "đã hủy", "đã huỷ", "rời bỏ",
})  # fmt: skip
STAYS = frozenset({
    "0", "no", "n", "false", "f", "active", "open", "current", "retained", "still here",
    "không", "chưa", "còn", "đang hoạt động", "còn hoạt động",
})  # fmt: skip
# Years that stand for no end: 2999-12-31, 31/12/9999; calendars end in 2199.
_NEVER = r"(?:^|[^0-9])(?:2[2-9]|[3-9][0-9])[0-9]{2}(?:[^0-9]|$)|^[3-9][0-9]{7}$"
_LAST = Day(2199, 12, 31)


@dataclass(frozen=True)
class Clock:
    """Which columns tell how long a customer stayed: two days, or a time and whether it ended.

    Args:
        start, end: the columns of first and last days; a blank end is still here.
        duration, ended: the columns of times, in `unit`, and of whether the customer left.
        unit: of times: `day`, `week`, `month`, `quarter` or `year`.
        as_of: the day up to which customers are followed, as written; None: the file's last.
    """

    start: str | None
    end: str | None
    duration: str | None
    ended: str | None
    unit: str = "month"
    as_of: str | None = None

    @property
    def dated(self) -> bool:
        return self.start is not None

    @property
    def units(self) -> str:
        """The plural of the unit."""
        return f"{self.unit}s"

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that tell it."""
        given = (self.start, self.end) if self.dated else (self.duration, self.ended)
        return tuple(column for column in given if column is not None)

    @property
    def roles(self) -> dict[str, str]:
        """Which column has which role, as a Result tells it."""
        roles = {name: getattr(self, name) for name in ("start", "end", "duration", "ended")}
        return {role: column for role, column in roles.items() if column}

    def check(self, source: Source) -> None:
        """Raise the error of a clock without a beginning or an end, or of two clocks."""
        days, times = (self.start, self.end), (self.duration, self.ended)
        if any(days) and any(times):
            message = "--start and --end are one way to tell how long customers stayed, "
            raise RequestError("usage", message + "--duration and --ended another; give one")
        if any(times) and self.as_of:
            raise RequestError("usage", "--as-of goes with --start and --end")
        if not all(days) and not all(times):
            raise _incomplete(source, self)
        if len({*self.columns}) < 2:
            first, second = (f"--{role}" for role in self.roles)
            name = visible(self.columns[0])
            raise RequestError("bad-value", f'{first} and {second} are both the column "{name}"')


def _incomplete(source: Source, clock: Clock) -> CxError:
    """The error of a clock that lacks a column; it names those that hold days."""
    given = [f"--{role}" for role in clock.roles]
    message = "nothing says how long customers stayed"
    if given:
        pair = "--start and --end" if clock.start or clock.end else "--duration and --ended"
        message = f"{pair} are needed together; only {given[0]} is given"
    dated = [
        visible(column, 30)
        for column in source.columns[:200]
        if any(cell is not None for cell in source.sample(column)) and look(source, column)
    ]
    hints = [("dates stand in", ", ".join(dated[:8]))] if dated else []
    if clock.duration or clock.ended:
        return RequestError("no-time", message, [("try", "--duration COL --ended COL")])
    return RequestError("no-time", message, [*hints, ("try", "--start COL --end COL")])


# --- cells ----------------------------------------------------------------------------------------


def days_of(source: Source, clock: Clock) -> dict[str, DateColumn]:
    """How both columns of days are read; one that does not tell days from months follows the
    other."""
    start, end = settle(source, str(clock.start)), look(source, str(clock.end))
    if end is None:
        end = _late(source, str(clock.end))
    pair = {"start": start, "end": end}
    for role, other in (("start", end), ("end", start)):
        one = pair[role]
        if not (one.day_first or one.month_first or one.order):
            pair[role] = replace(
                one, day_first=other.day_first, month_first=other.month_first, order=other.order
            )
    return pair


def _late(source: Source, column: str) -> DateColumn:
    """A column of ends in whose sample nobody has left: read in every form.

    Raises:
        DataError: it holds something that is neither a day nor a word for nothing.
    """
    import polars as pl

    words = answers.missing_words(source.missing) | STAYS
    cells = [str(cell) for cell in source.sample(column) if cell is not None]
    texts = pl.Series(cells, dtype=pl.String)
    odd = [text for text in texts.filter(~texts.str.contains(_NEVER))
           if answers.plain(text) not in words]  # fmt: skip
    if source.rows.collect_schema()[column] != pl.String or odd:
        return settle(source, column)
    return DateColumn(column, "wide")


def renewals(unit: str) -> pl.Expr:
    """Whole units from `began` to `reached`: begun by who has left, completed by who is here.

    Months, quarters and years are those of the calendar: from 31 January the first month ends on
    the last day of February.
    """
    import polars as pl

    began, reached = pl.col("began"), pl.col("reached")
    if unit not in MONTHS:
        days = (reached - began).dt.total_days()
        whole, rest = days // int(DAYS[unit]), days % int(DAYS[unit])
        return pl.when("left").then((whole + (rest > 0)).clip(1)).otherwise(whole)
    years = reached.dt.year().cast(pl.Int64) - began.dt.year().cast(pl.Int64)
    months = 12 * years + reached.dt.month().cast(pl.Int64) - began.dt.month().cast(pl.Int64)
    day, last = began.dt.day(), reached.dt.month_end().dt.day()
    months -= (reached.dt.day() < pl.min_horizontal(day, last)).cast(pl.Int64)
    over = reached > began.dt.offset_by(months.cast(pl.String) + "mo")
    each = MONTHS[unit]
    whole = months // each
    more = ((months % each > 0) | over).cast(pl.Int64)
    return pl.when("left").then((whole + more).clip(1)).otherwise(whole)


def check_types(source: Source, clock: Clock) -> None:
    """Raise the error of times that are of a type without numbers."""
    import polars as pl

    dtype = source.rows.collect_schema()[str(clock.duration)]
    if not (dtype.is_numeric() or dtype in (pl.String, pl.Categorical, pl.Enum, pl.Null)):
        kind = str(dtype).partition("(")[0].lower()
        message = f'column "{visible(clock.duration)}" holds no times, but is a {kind}'
        raise DataError("bad-type", message, [("try", "--start COL --end COL")])


def numbers(cells: pl.Series, source: Source) -> pl.Series:
    """Cells as numbers, null where they are none."""
    import polars as pl

    if not cells.dtype.is_numeric():
        cells = cells.cast(pl.String).str.strip_chars()
        if source.decimal == ",":
            cells = cells.str.replace(",", ".", literal=True)
    numbers = cells.cast(pl.Float64, strict=False)
    return numbers.to_frame("x").select(pl.when(pl.col("x").is_finite()).then("x")).to_series()


def has_left(said: pl.Series, labels: Mapping[str, str] | None) -> pl.Series:
    """Whether each cell says that the customer has left; null where it says neither."""
    import polars as pl

    def meaning(text: str) -> bool | None:
        for word in (text, (labels or {}).get(text.strip(), text)):
            plain = answers.plain(word).removesuffix(".0")
            if plain in LEFT or plain in STAYS:
                return plain in LEFT
        return None

    known = {text: meaning(text) for text in said.unique().drop_nulls()}
    return pl.Series(
        "left", [None if text is None else known[text] for text in said], dtype=pl.Boolean
    )


def blank(cells: pl.Series, source: Source) -> pl.Series:
    """Whether each cell holds nothing, or a word for nothing."""
    import polars as pl

    words = answers.missing_words(source.missing)
    texts = answers.text_of(cells)
    return pl.Series([text is None or answers.plain(text) in words for text in texts])


def still_here(cells: pl.Series, source: Source) -> pl.Series:
    """The distinct cells of an end that say that the customer is still here: words, far days."""
    import polars as pl

    words = answers.missing_words(source.missing) | STAYS
    cut = {word[:11] for word in words}  # keys are cut where days in figures end
    distinct = cells.unique().drop_nulls()
    if distinct.dtype == pl.Date:
        return distinct.filter(distinct > _LAST)
    texts = distinct.cast(pl.String)
    known = pl.Series([answers.plain(text) in cut for text in texts], dtype=pl.Boolean)
    return distinct.filter(known | texts.str.contains(_NEVER))
