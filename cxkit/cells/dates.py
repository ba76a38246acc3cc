"""What a cell of a date column means.

In two halves. In the scan a date is cut to the cheapest key that serves: the month of ISO text is
its first seven characters. Afterwards the distinct keys, a few hundred, are understood as days.
A period is the local date as written; zones are never converted.

Read: `2026-07-15` and `2026/7/15` with any time or zone behind; `20260715`; `15/07/2026`,
`7/15/26`, `15.7.2026`, `15-07-2026` with any time behind; `Jul 15, 2026`, `15 July 2026`,
`15-Jul-26`; `15 tháng 7, 2026`, `ngày 15 tháng 7 năm 2026`. Not read: Excel's serial numbers.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Literal

import polars as pl

from cxkit.cells.dateforms import (
    COMPACT,
    FIRST,
    FORMS,
    ISO,
    LAST,
    NUMERIC,
    PROMISING,
    TIME,
    TIME_ANYWHERE,
    Form,
    Order,
    any_form,
    both_orders,
    clean,
    evident,
    form_of,
    read,
    within,
)
from cxkit.errors import CxError, DataError, RequestError, visible
from cxkit.result import Note
from cxkit.source import Source

Cut = Literal["month", "day"]
Kind = Literal["date", "datetime", "whole", "iso", "compact", "numeric", "wide", "format"]

# Characters that hold the month or the day in each form of text. The one behind the day belongs to
# it: a further digit would make it no day.
_CUTS: dict[Kind, tuple[Form, dict[Cut, int]]] = {
    "iso": ("iso", {"month": 7, "day": 11}),
    "compact": ("compact", {"month": 6, "day": 9}),
    "numeric": ("numeric", {"month": 10, "day": 10}),
}
_UNPADDED = 10
_MONTH_ONLY = (None, *range(10))  # lengths of the longest key that cannot hold any day in figures
_INDENTED = r"^\s(?:\s*\S|\s{5})"  # blanks in front, and as many as a month has characters
_PADDED = "^[0-9]{4}[-/.][0-9]{2}"
# Characters of a cell that are kept where no cut is known.
_LONGEST = 40
# What a column without a date may hold beside blanks, and still be a column of dates.
_NOTHING = {"na", "n/a", "#n/a", "nan", "null", "none", "-", ".", "blank"}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class DateColumn:
    """How the cells of one column are read as days.

    Args:
        name: the column.
        kind: `date` or `datetime` (typed), `whole` (20260715 as a number), or a form of text:
            `iso`, `compact` (20260715), `numeric` (day, month, year), `format` (parsed with
            `format`), `wide` (words, or several forms in one column).
        order: day or month first, where it is stated.
        day_first, month_first: whether the sample holds a cell that can only be read so.
        format: the stated format, for `format`.
        padded: whether months and days have two digits, so that the text sorts by time.
    """

    name: str
    kind: Kind
    order: Order | None = None
    day_first: bool = False
    month_first: bool = False
    format: str = ""
    padded: bool = True

    def key(self, cut: Cut) -> pl.Expr:
        """The cheapest key of the scan from which the month or the day can be understood.

        Text keeps what is no date as it stands, so that it can be counted afterwards. Months
        stand behind the blanks of a cell where it begins with some: see `needs_day_cut`.
        """
        column = pl.col(self.name)
        if self.kind in ("date", "datetime"):
            day = column if self.kind == "date" else column.dt.date()
            return _calendar(day, _firsts()) if cut == "month" else day
        if self.kind == "whole":
            return column.cast(pl.Int64) // (100 if cut == "month" else 1)
        text = self._text
        if self.kind == "format":
            return self._parsed_key(text)
        if self.kind == "wide":
            # A regex per row costs a whole pass; times behind the day as keys would cost memory.
            return pl.coalesce(text.str.extract(any_form(), 1), text.str.slice(0, _LONGEST))
        if self._unsorted:
            # Unpadded months cannot be cut: "2026-1-" begins "2026-1-2" and "2026-1-12".
            return text.str.slice(0, _UNPADDED)
        if cut == "month":
            text = self._cells  # blanks in front are rare, and seen in the keys
        return text.str.slice(0, _CUTS[self.kind][1][cut])

    @property
    def _cells(self) -> pl.Expr:
        return pl.col(self.name).cast(pl.String)

    @property
    def _text(self) -> pl.Expr:
        return self._cells.str.strip_chars_start()

    @property
    def _unsorted(self) -> bool:
        """Whether the text does not sort by time."""
        return self.kind in ("numeric", "wide", "format") or not self.padded

    def _parsed_key(self, text: pl.Expr) -> pl.Expr:
        """ISO text of what fits the stated format, else the cell as it stands."""
        day = text.str.strip_chars_end().str.to_date(self.format, strict=False)
        # A misfit of a year-first format must not be taken for ISO afterwards.
        rest = pl.lit(None, pl.String) if self.format[:2] in ("%Y", "%y") else text
        return pl.coalesce(_calendar(day, _iso_texts()), rest.str.slice(0, _LONGEST))

    def ends(self, cut: Cut) -> dict[str, pl.Expr]:
        """Aggregations of each key's `earliest` and `latest` cell, to be understood by `days`.

        Days that do not exist sort before the first of their month or behind its last. Typed
        columns have none, and no `earliest`. Nothing where the keys themselves are days.
        """
        if cut == "day" or self._unsorted:
            return {}
        column = pl.col(self.name)
        if self.kind in ("date", "datetime"):
            return {"latest": column.max()}
        cell = column if self.kind == "whole" else self._cells  # to cut them would cost more
        return {"earliest": cell.min(), "latest": cell.max()}

    def first(self) -> pl.Expr | None:
        """The aggregation of the first cell in time; None where text does not sort by time.

        What is no date may sort before all dates.
        """
        return None if self._unsorted else pl.col(self.name).min()

    def time(self) -> pl.Expr:
        """Nanoseconds since midnight, as written; 0 where a cell has no time of day.

        Read are `14:30`, `14.30`, `14h30`, `143000` behind the day, seconds and their fractions,
        and `AM`, `PM`, `SA`, `CH` behind the time.
        """
        column = pl.col(self.name)
        if self.kind == "datetime":
            return column.dt.time().cast(pl.Int64).fill_null(0)
        if self.kind in ("date", "whole"):
            return pl.lit(0, pl.Int64)
        found = [_clock(self._text, TIME_ANYWHERE)]
        if self.kind != "format":
            found.insert(0, _clock(self._text.str.replace(any_form(), ""), TIME))
        elif re.search("%[HIklRTXr]", self.format) and "%z" not in self.format:
            moment = self._text.str.strip_chars_end().str.to_datetime(self.format, strict=False)
            found.insert(0, moment.dt.time().cast(pl.Int64))
        return pl.coalesce(*found, 0)

    def days(self, keys: pl.Series) -> tuple[pl.Series, tuple[Note, ...]]:
        """The day of each key, null where it is blank or no date, and what had to be assumed.

        Args:
            keys: keys of either cut, or latest cells; a month without a day is its first day.
                All keys of the file should be among them, for one 31 settles the order of all.

        Returns:
            Days as dates (1900–2199), named and ordered as the keys; and a note `date-order` if
            nothing in the file tells days from months.
        """
        distinct = keys.unique().drop_nulls().rename("key")
        notes: tuple[Note, ...] = ()
        if keys.dtype == pl.Date or keys.dtype == pl.Datetime:
            day: pl.Expr | pl.Series = within(pl.col("key").dt.date())
        else:
            day, notes = self._understood(distinct)
        known = distinct.to_frame().select("key", day=day)
        found = keys.rename("key").to_frame().join(known, "key", "left", maintain_order="left")
        return found["day"].rename(keys.name), notes

    def _understood(self, keys: pl.Series) -> tuple[pl.Expr | pl.Series, tuple[Note, ...]]:
        if self.kind == "iso" or self.kind == "compact":
            # Most columns have one form; all of them take several times as long.
            plain = keys.to_frame().select(read(clean(pl.col("key")), self.kind, "dmy")).to_series()
            if not plain.null_count():
                return plain, ()
        if self.kind == "format" or self.kind == "whole" or self.order:
            return self._readings(pl.col("key"), self.order or "dmy"), ()
        numeric = both_orders(keys.cast(pl.String))
        only_day, only_month = _evidence(numeric)
        order = evident(self.day_first or only_day, self.month_first or only_month)
        notes = () if order in ("dmy", "mdy") else _doubts(numeric, order)
        return self._readings(pl.col("key"), order or "dmy"), notes

    def _readings(self, key: pl.Expr, order: Order) -> pl.Expr:
        """The day of a key by every form that the column may hold."""
        text = clean(key.cast(pl.String))
        only: dict[Kind, tuple[Form, ...]] = {"format": ("iso",), "whole": ("compact",)}
        return pl.coalesce([read(text, form, order) for form in only.get(self.kind, tuple(FORMS))])

    def needs_day_cut(self, keys: pl.Series, *ends: pl.Series) -> bool:
        """Whether some keys may be dates that were cut off, or stand in another form.

        Then the scan is to be repeated with `wide().key("day")`. Never true of typed columns, of
        wide ones, and for what cannot be a date.

        Args:
            keys: of the scan.
            ends: their earliest and latest cells: where one is no day, the month says too much.
        """
        if self.kind in ("date", "datetime"):
            return False
        months = self.days(keys)[0].is_not_null() if ends else keys
        if any((months & self.days(end)[0].is_null()).any() for end in ends):
            return True
        if self.kind not in _CUTS:
            return False
        if keys.str.contains(_INDENTED).any():
            return True
        text = pl.col("text")
        texts = keys.unique().drop_nulls().rename("text").to_frame().select(clean(text))
        whole = {"iso": [_PADDED if self.padded else ISO], "compact": [COMPACT]}.get(self.kind, [])
        # Ten characters hold any day in figures, seven only the column's own months.
        if self.kind == "numeric" or texts["text"].str.len_chars().max() not in _MONTH_ONLY:
            whole += [ISO, NUMERIC, COMPACT]
        rest = texts.filter(~pl.any_horizontal(text.str.contains(form) for form in whole))
        return not rest.is_empty() and bool(rest["text"].str.contains(PROMISING).any())

    def wide(self) -> DateColumn:
        """The same column read in every form: complete, at one regex a row."""
        return replace(self, kind="wide") if self.kind in _CUTS else self

    def parsed(self) -> pl.Expr:
        """The day of each cell, in the scan; null where it cannot be read.

        An order that only the whole file could settle is taken from the sample, else day first.
        """
        if self.kind in ("date", "datetime"):
            return self.key("day")
        if self.kind == "iso" and self.padded:
            # Several times as fast as the patterns of every form.
            text = self._text.str.slice(0, len("2026-07-15")).str.replace_all("[/.]", "-")
            month = pl.when(text.str.len_bytes() == 7).then(text + "-01")
            return within(pl.coalesce(month, text).str.to_date("%Y-%m-%d", strict=False))
        order = self.order or evident(self.day_first, self.month_first) or "dmy"
        return self._readings(self.key("day"), order)


def settle(source: Source, column: str) -> DateColumn:
    """How a column is read, judged by its type, a sample of its cells and the stated format.

    Raises:
        RequestError: no such column; a stated format that does not name a day.
        DataError: the sample holds cells, and none is a date.
    """
    source.need(column)
    found = look(source, column)
    if found is None:
        raise _no_dates(column, _sampled(source, column))
    return found


def look(source: Source, column: str) -> DateColumn | None:
    """As `settle`, but None for a column whose cells are no dates."""
    dtype = source.schema[column]
    if dtype == pl.Date:
        return DateColumn(column, "date")
    if dtype == pl.Datetime:
        return DateColumn(column, "datetime")
    texts = _sampled(source, column)
    if dtype.is_integer():
        whole = all(re.fullmatch("[0-9]{8}", text) and re.match(COMPACT, text) for text in texts)
        return DateColumn(column, "whole") if whole else None
    if dtype not in (pl.String, pl.Categorical, pl.Enum, pl.Null):
        return None
    stated, order = _stated(source.date_format or source.date_formats.get(column))
    if stated:
        return DateColumn(column, "format", format=stated)
    return _text_column(column, texts, order)


def _text_column(name: str, texts: Sequence[str], order: Order | None) -> DateColumn | None:
    """How text is read, by the forms that the sample shows."""
    forms = {form for text in texts if (form := form_of(text))}
    if not forms and any(text.casefold() not in _NOTHING for text in texts):
        return None
    kind: Kind = "wide"
    if len(forms) < 2 and "words" not in forms:
        kind = next((kind for kind, (form, _) in _CUTS.items() if form in forms), "iso")
    day_first = month_first = False
    if "numeric" in forms:
        day_first, month_first = _evidence(both_orders(pl.Series(texts, dtype=pl.String)))
    short = "[0-9]{4}[-/.]([0-9][-/.]|[0-9]{2}[-/.][0-9]([^0-9]|$))"
    padded = not any(re.match(short, text) for text in texts)
    return DateColumn(name, kind, order, day_first, month_first, padded=padded)


def _sampled(source: Source, column: str) -> list[str]:
    """The cells of the sample that hold something, composed."""
    cells = (
        unicodedata.normalize("NFC", str(cell)).strip()
        for cell in source.sample(column)
        if cell is not None
    )
    missing = {word.casefold() for word in source.missing}
    return [cell for cell in cells if cell and cell.casefold() not in missing]


def _stated(given: str | None) -> tuple[str, Order | None]:
    """A stated format that has to be parsed, or the order that a simple one settles.

    A simple one is read like any column of its form, with or without a time behind.
    """
    if not given:
        return "", None
    plain = re.sub("%[-_0]", "%", given.strip())
    plain = plain.replace("%e", "%d").replace("%D", "%m/%d/%y").replace("%F", "%Y-%m-%d")
    simple = re.match("%([Ydm])[-/.]%([dm])[-/.]%([Yyd])(?![-/.%0-9])", plain)
    orders: dict[str, Order | None] = {"dmy": "dmy", "mdy": "mdy", "ymd": None}
    if simple and (parts := "".join(simple.groups()).lower()) in orders:
        return "", orders[parts]
    used = set(re.findall("%[.:#]*[0-9]*([a-zA-Z])", plain))
    day = "j" in used or ("d" in used and used & {"m", "b", "B", "h"})
    if not (day and used & {"Y", "y"}):
        message = f'--date-format "{visible(given)}" does not name a day, a month and a year'
        raise RequestError("bad-value", message, [("try", "--date-format %d/%m/%Y")])
    _check_format(plain, given)
    return plain, None


def _check_format(plain: str, given: str) -> None:
    """Raise where the engine would refuse the format, in the middle of the scan."""
    try:
        pl.Series(["2026"]).str.to_date(plain, strict=False)
    except pl.exceptions.PolarsError:
        message = f'--date-format "{visible(given)}" cannot be read'
        raise RequestError("bad-value", message, [("try", "--date-format %d/%m/%Y")]) from None


def _evidence(numeric: pl.DataFrame) -> tuple[bool, bool]:
    """Whether some cell can only be read day first, and whether some only month first."""
    dmy, mdy = pl.col("dmy").is_not_null(), pl.col("mdy").is_not_null()
    only = numeric.select((dmy & ~mdy).any().alias("day"), (mdy & ~dmy).any().alias("month"))
    return only["day"].item(), only["month"].item()


def _doubts(numeric: pl.DataFrame, order: Order | None) -> tuple[Note, ...]:
    """The warning of a column in which nothing tells days from months."""
    doubtful = numeric.filter(pl.col("dmy") != pl.col("mdy")).sort("dmy", "text")
    if doubtful.is_empty():
        return ()
    text, one, two = doubtful.row(0)
    mark = text.strip("0123456789")[0]
    year = "%Y" if len(re.split("[-/.]", text)[2]) == 4 else "%y"
    why = "some values fit only one, some only the other" if order else "no value settles it"
    message = (
        f"{text} could be {_short(one)} or {_short(two)}; read as day{mark}month{mark}year ({why})"
    )
    return (
        Note("date-order", "warning", message, (("set", f"--date-format %d{mark}%m{mark}{year}"),)),
    )


def _short(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]}"


def _no_dates(column: str, cells: Sequence[str]) -> CxError:
    """The error for a column that holds no dates; it shows the shape of a cell, not the cell."""
    known = [text for text in cells if text.casefold() not in _NOTHING]
    if known and all(re.fullmatch("[0-9]{5}(?:[.][0-9]+)?", text) for text in known):
        hint = "they look like Excel's serial numbers: format the column as dates and export again"
    else:
        hint = "dates are written 2026-07-15, 15/07/2026 or 15 Jul 2026, or set --date-format"
    shape = f" (cells like {_shape(known[0])})" if known else ""
    message = f'column "{visible(column)}" holds no dates{shape}'
    return DataError("no-dates", message, [("hint", hint)])


def _clock(text: pl.Expr, pattern: str) -> pl.Expr:
    """Nanoseconds since midnight by a pattern of hour, minute, second, fraction and half."""
    part = text.str.extract_groups(pattern).struct
    hour, minute, second = (part.field(i).cast(pl.Int64, strict=False) for i in "123")
    fraction = part.field("4").str.pad_end(9, "0").cast(pl.Int64, strict=False)
    half = part.field("5").str.to_lowercase().str.slice(0, 1)
    late = pl.when(half.is_in(["p", "c"])).then(12).otherwise(0)
    hour = pl.when(half.is_not_null()).then(hour % 12 + late).otherwise(hour)
    seconds = hour * 3600 + minute.fill_null(0) * 60 + second.fill_null(0)
    return seconds * 1_000_000_000 + fraction.fill_null(0)


def _shape(text: str) -> str:
    """`A9999` for `K1234`."""
    letters = re.sub(r"[^\W\d_]", lambda found: "A" if found[0].isupper() else "x", text)
    return visible(re.sub(r"\d", "9", letters), 20)


def _calendar(day: pl.Expr, values: pl.Series) -> pl.Expr:
    """A value for each day from 1900 to 2199, else null: 7–13 × cheaper than `dt` functions."""
    number = day.to_physical() - (FIRST - date(1970, 1, 1)).days
    # A negative index would count from the end, one beyond the end would raise.
    return pl.lit(values).gather(pl.when(number.is_between(0, len(values) - 1)).then(number))


@cache
def _firsts() -> pl.Series:
    return pl.date_range(FIRST, LAST, eager=True).dt.truncate("1mo")


@cache
def _iso_texts() -> pl.Series:
    return pl.date_range(FIRST, LAST, eager=True).cast(pl.String)
