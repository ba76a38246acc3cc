"""What a cell of money means: amounts as whole numbers, their marks and signs settled by column.

Sums of doubles differ in their last digits with the order in which threads add them, so money is
added as whole numbers: ten-thousandths of the currency's unit.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cxkit.cells.answers import MISSING
from cxkit.engines import collect
from cxkit.errors import CxError, DataError, visible
from cxkit.source import Source

if TYPE_CHECKING:
    import polars as pl

UNIT = 10_000  # steps of one unit of a currency
LARGEST = 2.0**62 / UNIT  # beyond, whole numbers of 64 bits have no room for sums
SIGNS = {"$": "USD", "€": "EUR", "£": "GBP", "₫": "VND", "¥": "JPY", "₩": "KRW", "₹": "INR",
         "฿": "THB", "zł": "PLN", "đ": "VND", "R$": "BRL", "kr": "SEK"}  # fmt: skip
WHOLE = ("VND", "JPY", "KRW", "CLP", "IDR")  # currencies without decimals
_GAPS = "\u00a0\u202f\u2009 '’_"  # between thousands, besides dots and commas
_WORD = re.compile(r"[^\d\s.,'’()+\-−_\u00a0\u202f\u2009]+")
_DIGITS = re.compile(r"\d[\d.,]*")
_POWER = "(?:e[-+]?[0-9]{1,3})?"  # as programs write small and large numbers: 1e-05
_MOST = 2_000  # distinct cells that are looked at where the sample did not tell all


@dataclass(frozen=True)
class Money:
    """How the cells of one column are read as money.

    Args:
        column: the column.
        form: `number` (a typed column), `whole` (text of digits only), `point` (text that is a
            number as it stands) or `written` (anything else: marks, signs, brackets).
        decimal: the decimal mark of a written form.
        signs: the currency's signs and codes as they stand in the cells, case-folded.
    """

    column: str
    form: str
    decimal: str = "."
    signs: tuple[str, ...] = ()

    @property
    def currency(self) -> str | None:
        """The currency that the cells name, as a code; None if they name none."""
        return next((code_of(sign) for sign in self.signs), None)

    def value(self) -> pl.Expr:
        """The amount of each row as a number, null where blank or unreadable."""
        import polars as pl

        cell = pl.col(self.column)
        match self.form:
            case "number":
                number = cell.cast(pl.Float64)
            case "whole":
                number = cell.cast(pl.Int64, strict=False).cast(pl.Float64)
            case "point":
                number = cell.cast(pl.Float64, strict=False)
            case _:
                number = self._written(cell.cast(pl.String))
        return pl.when(number.is_finite() & (number.abs() <= LARGEST)).then(number)

    def units(self) -> pl.Expr:
        """The amount of each row in steps of 1/10,000, null where blank or unreadable."""
        import polars as pl

        if self.form == "whole":
            whole = pl.col(self.column).cast(pl.Int64, strict=False)
            return pl.when(whole.abs() <= int(LARGEST)).then(whole) * UNIT
        return (self.value() * UNIT).round().cast(pl.Int64, strict=False)

    def filled(self) -> pl.Expr:
        """Whether the cell of a row holds anything that may be an amount."""
        import polars as pl

        cell = pl.col(self.column)
        if self.form == "number":
            return cell.is_not_null()
        text = cell.cast(pl.String).str.strip_chars().str.to_lowercase()
        return text.is_not_null() & ~text.is_in(sorted(MISSING))

    def unread(self) -> pl.Expr:
        """Whether the cell of a row holds something that is no amount."""
        return self.value().is_null() & self.filled()

    def _written(self, cell: pl.Expr) -> pl.Expr:
        import polars as pl

        text = cell.str.normalize("NFKC").str.strip_chars().str.to_lowercase()
        for sign in sorted(self.signs, key=len, reverse=True):
            text = text.str.replace_all(sign, "", literal=True)
        text = text.str.strip_chars()
        negative = text.str.contains(r"^\(.*\)$|^[-−]|[-−]$")
        digits = text.str.replace_all(r"^\(|\)$|^[-−+]|[-−]$", "").str.strip_chars()
        thousands = "," if self.decimal == "." else "."
        group = rf"[{re.escape(thousands)} '’_]"
        whole = rf"(?:[0-9]+|[0-9]{{1,3}}(?:{group}[0-9]{{2,3}})*)"
        fits = digits.str.contains(rf"^{whole}?(?:{re.escape(self.decimal)}[0-9]*)?{_POWER}$")
        plain = digits.str.replace_all(group, "")
        if self.decimal == ",":
            plain = plain.str.replace(",", ".", literal=True)
        number = pl.when(fits).then(plain).cast(pl.Float64, strict=False)
        return pl.when(negative).then(-number).otherwise(number)


def in_units(steps: pl.Expr) -> pl.Expr:
    """Whole steps as money in units of its currency, rounded once.

    A column divided by one number is multiplied by its reciprocal in the engine, which is off in
    the last digit of a third of all amounts (20.790000000000003); rounding to steps mends it.
    """
    return (steps / UNIT).round(4)


def settle(source: Source, column: str, currency: str | None = None) -> Money:
    """How a column is read, judged by its type, a sample, and the decimal mark that is stated.

    Args:
        source: the data.
        column: the column of money.
        currency: a code, if a column of currencies says so: some have no decimals.

    Raises:
        DataError: the column is of a type that holds no money, or its sample holds none.
    """
    import polars as pl

    source.need(column)
    dtype = source.rows.collect_schema()[column]
    if dtype.is_numeric():
        return Money(column, "number")
    if dtype not in (pl.String, pl.Categorical, pl.Enum, pl.Null):
        kind = str(dtype).partition("(")[0].lower()
        message = f'column "{visible(column)}" holds no amounts, but is a {kind}'
        raise DataError("no-amounts", message)
    return _style(column, source.sample(column), source.decimal, currency, final=False)


def widened(source: Source, money: Money, unread: Sequence[str], currency: str | None) -> Money:
    """The same column, read by cells that the first reading could not make out as well.

    Args:
        unread: the distinct cells, at most so many as `odd` gives.

    Raises:
        DataError: nothing tells thousands from decimals, or the cells name several currencies.
    """
    cells = [*source.sample(money.column), *unread]
    return _style(money.column, cells, source.decimal, currency, final=True)


def odd(source: Source, money: Money) -> list[str]:
    """Distinct cells that the column's reading cannot make out, looked for once some are known."""
    import polars as pl

    cells = source.rows.filter(money.unread()).select(pl.col(money.column).cast(pl.String))
    found = collect(cells.unique().sort(money.column).head(_MOST), source)
    return [str(cell) for cell in found[money.column].to_list()]


def _texts(cells: Iterable[object]) -> tuple[list[str], bool]:
    """Cells that hold something as they are compared, and whether each stands so in the file.

    A number with a blank beside it, or of wide digits, is none to the engine's cast.
    """
    texts, bare = [], True
    for cell in cells:
        text = "" if cell is None else unicodedata.normalize("NFKC", str(cell)).strip()
        if text.casefold() not in MISSING:
            texts.append(text)
            bare = bare and text == cell
    return texts, bare


def _style(
    column: str, cells: Iterable[object], stated: str | None, currency: str | None, *, final: bool
) -> Money:
    """The reading that these cells ask for; `final` if no others will be seen."""
    texts, bare = _texts(cells)
    if texts and not any(re.search(r"\d", text) for text in texts):
        raise _no_amounts(column, texts[0])
    signs = _signs(column, texts)
    codes = {code_of(sign) for sign in signs} | ({currency} if currency else set())
    decimal = stated or _decimal(texts)
    if decimal is None and codes & set(WHOLE):
        decimal = "." if any(re.search(r"\d,\d{3}", text) for text in texts) else ","
    if decimal is None and final and (doubt := _doubtful(texts)):
        raise _two_readings(doubt)
    if not signs and all(re.fullmatch(r"-?\d+", text) for text in texts):
        whole = decimal is None and (bare or not final)
        return Money(column, "whole" if whole else "written", decimal or ".")
    plain = rf"-?(?:\d+\.?\d*|\.\d+){_POWER}"
    if (
        not signs
        and decimal == "."
        and bare
        and not final
        and all(re.fullmatch(plain, text, re.IGNORECASE) for text in texts)
    ):
        return Money(column, "point")
    if decimal is None and not final:  # the whole column is to settle it
        return replace(Money(column, "whole"), signs=signs)
    return Money(column, "written", decimal or ".", signs)


def _signs(column: str, texts: Sequence[str]) -> tuple[str, ...]:
    """The signs and codes of one currency that stand in the cells, case-folded.

    Raises:
        DataError: they are of several.
    """
    found: dict[str, None] = {}
    for text in texts:
        if re.search(r"\d", text):
            found |= dict.fromkeys(word.casefold() for word in _WORD.findall(text))
    known = {sign: code_of(sign) for sign in found}
    codes = sorted({code for code in known.values() if code})
    if len(codes) > 1:
        words = (word for text in texts for word in _WORD.findall(text))
        raise several(column, codes, next(word for word in words if code_of(word) == codes[0]))
    return tuple(sign for sign, code in known.items() if code)


def code_of(sign: str) -> str | None:
    """The code of a currency's sign or code, `USD` of `us$`; None if it is neither."""
    text = sign.strip().casefold()
    for known, code in SIGNS.items():
        if text in (known.casefold(), f"{code[:2].casefold()}{known.casefold()}"):
            return code
    return text.upper() if re.fullmatch("[a-z]{3}", text) else None


def _decimal(texts: Sequence[str]) -> str | None:
    """The decimal mark that the cells show; None if none of them settles it."""
    shown = {mark for text in texts if (mark := _shown(text))}
    return shown.pop() if len(shown) == 1 else None


def _shown(text: str) -> str | None:
    """The decimal mark that one cell shows: by two marks, one repeated, or by its digits."""
    found = _DIGITS.search(re.sub(f"(?<=[0-9])[{_GAPS}](?=[0-9])", "", text))
    marks = re.findall(r"[.,]", found[0]) if found else []
    if not found or not marks:
        return None
    other = {".": ",", ",": "."}
    if len(set(marks)) == 2:
        return str(marks[-1])
    if len(marks) > 1:
        return other[marks[0]]
    before, after = re.split(r"[.,]", found[0], maxsplit=1)
    power = re.match("[eE][-+]?[0-9]", text[text.find(found[0]) + len(found[0]) :])
    if power or len(after) != 3 or len(before) > 3 or before.startswith("0") or not before:
        return str(marks[0])
    return None


def _doubtful(texts: Sequence[str]) -> str | None:
    """A cell with one mark before three digits, which may be thousands or decimals."""
    return next((text for text in texts if re.search(r"\d[.,]\d{3}(?!\d)", text)), None)


def _two_readings(cell: str) -> CxError:
    text = _DIGITS.search(cell)
    number = text[0] if text else cell
    tries = [("try", "--decimal ,   or   --decimal .")]
    if _shown(cell):  # not by itself, but against other cells
        message = 'some cells have the decimal mark ".", others ",": like '
        return DataError("decimal", f'{message}"{visible(number, 30)}"', tries)
    whole = re.sub("[.,]", "", number)
    broken = number.replace(",", ".")
    message = f'"{visible(number, 30)}" could be {whole} or {broken}'
    return DataError("decimal", message, tries)


def _no_amounts(column: str, cell: str) -> CxError:
    from cxkit.cells.answers import shape

    message = f'column "{visible(column)}" holds no amounts (cells like {shape(cell)})'
    return DataError("no-amounts", message, [("hint", "--amount names another column")])


def several(column: str, codes: Sequence[str], sign: str | None = None) -> CxError:
    """The error of amounts in several currencies, which cannot be added.

    Args:
        column: of currencies, or of amounts whose cells name them.
        codes: the currencies.
        sign: of the first one, as it stands in the cells of the amounts.
    """
    listed = ", ".join(visible(code, 12) for code in codes[:10])
    more = f" and {len(codes) - 10} more" if len(codes) > 10 else ""
    message = f'"{visible(column)}" holds {len(codes)} currencies, which cannot be added: '
    hint = ("try", f"--where \"{visible(column)} = '{visible(codes[0], 12)}'\"")
    if sign:
        hint = ("try", f"--where \"{visible(column)} LIKE '%{visible(sign, 12)}%'\"")
    return DataError("currencies", message + listed + more, [hint])
