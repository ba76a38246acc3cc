"""The forms in which people write a day.

One set of patterns serves Python and the engine: ASCII digits, no look-around, no
back-references. Which form a column has, and whether its days stand first, is settled in `dates`.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from typing import Literal

import polars as pl

Order = Literal["dmy", "mdy", "either"]
Form = Literal["iso", "compact", "numeric", "words"]

# Days outside are taken for unreadable: they are sentinels and slips, not dates of customers.
FIRST, LAST = date(1900, 1, 1), date(2199, 12, 31)

_YEAR = "((?:19|20|21)[0-9]{2})"
_ANY_YEAR = "([0-9]{4}|[0-9]{2})"
_NUMBER = "([0-9]{1,2})"
_MONTH = (
    "(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    "sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_WEEKDAY = "(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[.]?,? +)?"
_ORDINAL = f"{_NUMBER}(?:st|nd|rd|th)?"
_END = "(?:[^0-9]|$)"

ISO = f"^{_YEAR}[-/.]{_NUMBER}(?:[-/.]{_NUMBER}{_END}|$)"
COMPACT = f"^{_YEAR}([0-9]{{2}})(?:([0-9]{{2}}){_END}|$)"
# What follows the year is no further number with a mark, or 10.20.30.40 would be a day.
NUMERIC = f"^{_NUMBER}[-/.]{_NUMBER}[-/.]{_ANY_YEAR}(?:[.]?(?: |$)|[^-/.0-9])"
_MONTH_FIRST = f"(?i)^{_WEEKDAY}{_MONTH}[.]? +{_ORDINAL},? +{_YEAR}{_END}"
_DAY_FIRST = f"(?i)^{_WEEKDAY}{_ORDINAL}[-/. ]+(?:of +)?{_MONTH}[.]?,?[-/ ]+{_ANY_YEAR}{_END}"
_VIETNAMESE = (
    f"(?i)^(?:.*?[^0-9])?{_NUMBER} +(?:tháng|thg)[.]? +{_NUMBER},? +(?:năm +)?{_YEAR}{_END}"
)
# Hour, minute, second, fraction, half of the day (chiều is the afternoon), behind a day.
TIME = (
    r"^[\sTt,]*([0-9]{1,2})(?:[:.hH]?([0-9]{2})(?:[:.]?([0-9]{2})(?:[.,]([0-9]{1,9}))?[0-9]*)?)?"
    r"\s*(?i:(am?|pm?|[ap]\.m|sa|ch)\b)?"
)
TIME_ANYWHERE = (
    r"\b([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?[0-9]*)?"
    r"\s*(?i:(am?|pm?|[ap]\.m|sa|ch)\b)?"
)
FORMS: dict[Form, tuple[str, ...]] = {
    "iso": (ISO,),
    "compact": (COMPACT,),
    "numeric": (NUMERIC,),
    "words": (_MONTH_FIRST, _DAY_FIRST, _VIETNAMESE),
}
# A key that may be a day in another form than its column's, or the beginning of one: names may
# be cut after six or seven letters.
_NAMES = (
    "january february march april may june july august september october november december "
    "monday tuesday wednesday thursday friday saturday sunday"
)
_NAME = "|".join(f"{name}|{name[:7]}|{name[:6]}|{name[:3]}" for name in _NAMES.split())
PROMISING = (
    "(?i)^(?:[0-9]{1,2}[-/.] ?[0-9]"
    "|(?:19|20|21)[0-9]{2}[-/.][0-9]|(?:19|20|21)[0-9]{4,}"
    f"|(?:{_NAME}|sept)(?:[ .,0-9]|$)|ngày|thứ|chủ"
    f"|[0-9]{{1,2}}(?:st|nd|rd|th)?[-/. ]+(?:{_NAME}|[a-z]{{1,6}}$|of|t))"
)


def form_of(text: str) -> Form | None:
    """The form of a text that is written like a day; whether it exists is not asked."""
    for form, patterns in FORMS.items():
        if any(re.match(pattern, text) for pattern in patterns):
            return form
    return None


@cache
def any_form() -> str:
    """One pattern whose first group is the day in any form, and at most a mark behind it."""
    bare = (pattern.removeprefix("(?i)") for patterns in FORMS.values() for pattern in patterns)
    return "(?i)(" + "|".join(re.sub(r"\((?!\?)", "(?:", pattern) for pattern in bare) + ")"


def clean(text: pl.Expr) -> pl.Expr:
    """Without blanks around it, and composed: `tháng` may have been written in pieces."""
    return text.str.strip_chars().str.normalize("NFC")


def read(text: pl.Expr, form: Form, order: Order) -> pl.Expr:
    """The day of a cleaned text by one form; null if it has another or the day does not exist.

    A month without a day is its first day. The order `either` reads day first where it can.
    """
    return pl.coalesce([_read(text, pattern, order) for pattern in FORMS[form]])


def within(day: pl.Expr) -> pl.Expr:
    """The day, or null outside 1900–2199."""
    return pl.when(day.is_between(FIRST, LAST)).then(day)


def evident(day_first: bool, month_first: bool) -> Order | None:
    """The order that the evidence settles; contradicting evidence leaves each cell to itself."""
    if day_first and month_first:
        return "either"
    return "dmy" if day_first else "mdy" if month_first else None


def both_orders(texts: pl.Series) -> pl.DataFrame:
    """Texts that are numeric days, without the time, as read day first and month first."""
    text = pl.col("text")
    numeric = pl.DataFrame({"text": texts}, schema={"text": pl.String}).select(clean(text))
    return numeric.filter(text.str.contains(NUMERIC)).select(
        text.str.extract("^([0-9]+[-/.][0-9]+[-/.][0-9]+)", 1),
        dmy=_read(text, NUMERIC, "dmy"),
        mdy=_read(text, NUMERIC, "mdy"),
    )


def _read(text: pl.Expr, pattern: str, order: Order) -> pl.Expr:
    part = text.str.extract_groups(pattern).struct
    one, two, three = (part.field(number) for number in "123")
    if pattern in (ISO, COMPACT):
        return _day(one, two, three.fill_null("1"))
    if pattern == _MONTH_FIRST:
        return _day(three, one.str.slice(0, 3), two, "%b")
    if pattern == _DAY_FIRST:
        return _day(_century(three), two.str.slice(0, 3), one, "%b")
    day_first = _day(_century(three), two, one)
    if pattern == _VIETNAMESE or order == "dmy":
        return day_first
    month_first = _day(_century(three), one, two)
    return month_first if order == "mdy" else pl.coalesce(day_first, month_first)


def _day(year: pl.Expr, month: pl.Expr, day: pl.Expr, how: str = "%m") -> pl.Expr:
    text = pl.concat_str([year, month, day], separator=" ")
    return within(text.str.to_date(f"%Y {how} %d", strict=False))


def _century(year: pl.Expr) -> pl.Expr:
    """Two digits stand for 1969–2068, as POSIX has it."""
    first = pl.when(year < "69").then(pl.lit("20")).otherwise(pl.lit("19"))
    return pl.when(year.str.len_bytes() == 2).then(first + year).otherwise(year)
