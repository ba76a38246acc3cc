"""Calendar periods: where they begin and end, and how they are written.

Days are local dates as written; a period is known by its first day.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple

from cxkit.errors import RequestError, visible

if TYPE_CHECKING:
    import polars as pl

Period = Literal["week", "month", "quarter", "year"]

# The length of a period in months; weeks have none.
_MONTHS: dict[Period, int] = {"month": 1, "quarter": 3, "year": 12}

_FORMS = "a year 2026, a quarter 2026-Q3, a month 2026-07, a week 2026-W31, FY2026, FY2026-Q1, "
_FORMS += "or a day 2026-07-15"
_BOUND = re.compile(
    r"(?P<fiscal>FY)?(?P<year>[0-9]{4})"
    r"(?:-Q(?P<quarter>[1-4])|-W(?P<week>[0-9]{2})|-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?)?",
    re.IGNORECASE,
)
_LENGTH = re.compile(r"(?P<n>0*[1-9][0-9]{0,5})\s*(?P<unit>d|w|mo|y)", re.IGNORECASE)


@dataclass(frozen=True)
class Calendar:
    """The periods of one length.

    Args:
        period: `week` (ISO, from Monday), `month`, `quarter` or `year`.
        fiscal_start: the month, 1–12, in which fiscal years begin; it moves quarters and years.
    """

    period: Period
    fiscal_start: int = 1

    def start(self, day: date) -> date:
        """The first day of the period in which a day lies."""
        if self.period == "week":
            return day - timedelta(days=day.weekday())
        into = (_month(day) - (self.fiscal_start - 1)) % _MONTHS[self.period]
        return _first(_month(day) - into)

    def end(self, start: date) -> date:
        """The last day of the period that begins on a day."""
        if self.period == "week":
            return start + timedelta(days=6)
        return _last(_month(start) + _MONTHS[self.period] - 1)

    def next(self, start: date) -> date:
        """The first day of the period after the one that begins on a day."""
        return self.end(start) + timedelta(days=1)

    def previous(self, start: date) -> date:
        """The first day of the period before the one that begins on a day."""
        return self.start(start - timedelta(days=1))

    def label(self, start: date) -> str:
        """The name of the period that begins on a day: `2026-W31`, `2026-07`, `2026-Q3`, `2026`.

        Fiscal quarters and years that do not begin in January are named by the year they end in:
        `FY2026-Q1`, `FY2026`.
        """
        if self.period == "week":
            year, week, _ = start.isocalendar()
            return f"{year:04}-W{week:02}"
        if self.period == "month":
            return f"{start.year:04}-{start.month:02}"
        year, month = divmod(_month(start) - (self.fiscal_start - 1), 12)
        name = f"{year:04}" if self.fiscal_start == 1 else f"FY{year + 1:04}"
        return name if self.period == "year" else f"{name}-Q{month // 3 + 1}"

    def starts(self, days: pl.Series) -> pl.Series:
        """The first day of the period of each day; null for null."""
        import polars as pl

        distinct = days.drop_nulls().unique()
        begins = pl.Series([self.start(day) for day in distinct], dtype=pl.Date)
        return days.replace_strict(distinct, begins, default=None, return_dtype=pl.Date)


class Length(NamedTuple):
    """A length of time that ends on a day: `90d`, `12w`, `3mo` or `1y`.

    Args:
        n: how many, 1 or more.
        unit: `d`, `w`, `mo` or `y`.
    """

    n: int
    unit: str

    @classmethod
    def of(cls, text: str, spelled: str) -> Length:
        """The length that an option states.

        Raises:
            RequestError: the text is none; `spelled` is what the user calls the option.
        """
        parts = _LENGTH.fullmatch(text.strip())
        if parts is None:
            message = f'{spelled} must be a time such as 90d, 12w, 3mo or 1y, got "{visible(text)}"'
            raise RequestError("bad-value", message)
        return cls(int(parts["n"]), parts["unit"].lower())

    def first(self, last: date) -> date:
        """The first day of the time that ends on a day; whole months where it ends with one."""
        days = {"d": self.n, "w": 7 * self.n}.get(self.unit)
        try:
            if days is not None:
                return last - timedelta(days=days - 1)
            end = _last(month := _month(last) - self.n * (12 if self.unit == "y" else 1))
            whole = last == _last(_month(last)) or last.day > end.day
            return _first(month + 1) if whole else end.replace(day=last.day) + timedelta(days=1)
        except (ValueError, OverflowError):
            return date.min


def bound(text: str, which: Literal["first", "last"], fiscal_start: int = 1) -> date:
    """The first or last day of what `--since` or `--until` says.

    Args:
        text: `2026`, `2026-Q3`, `2026-07`, `2026-W31`, `FY2026`, `FY2026-Q1` or `2026-07-15`.
            Years and quarters without `FY` are those of the calendar.
        which: which day of a period is meant.
        fiscal_start: the month, 1–12, in which fiscal years begin.

    Raises:
        RequestError: the text is none of these, or the day does not exist.
    """
    parts = _BOUND.fullmatch(text.strip())
    try:
        if parts is None:
            raise ValueError
        first, last = _span(parts, fiscal_start)
    except (ValueError, OverflowError):
        message = f'"{visible(text)}" is not a day or a period; write {_FORMS}'
        raise RequestError("bad-value", message) from None
    return first if which == "first" else last


def _span(parts: re.Match[str], fiscal_start: int) -> tuple[date, date]:
    """First and last day of what was matched; ValueError for what no calendar has."""
    year = int(parts["year"])
    if parts["week"]:
        if parts["fiscal"]:
            raise ValueError
        monday = date.fromisocalendar(year, int(parts["week"]), 1)
        return monday, monday + timedelta(days=6)
    if parts["month"]:
        if parts["fiscal"]:
            raise ValueError
        if parts["day"]:
            day = date(year, int(parts["month"]), int(parts["day"]))
            return day, day
        first = date(year, int(parts["month"]), 1)
        return first, _last(_month(first))
    begin = date(year, 1, 1)
    month = _month(begin)
    if parts["fiscal"] and fiscal_start != 1:
        month += fiscal_start - 13
    if parts["quarter"]:
        month += 3 * (int(parts["quarter"]) - 1)
        return _first(month), _last(month + 2)
    return _first(month), _last(month + 11)


def _month(day: date) -> int:
    """Months since the beginning of the year 0."""
    return day.year * 12 + day.month - 1


def _first(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


def _last(month: int) -> date:
    year, index = divmod(month, 12)
    return date(year, index + 1, monthrange(year, index + 1)[1])
