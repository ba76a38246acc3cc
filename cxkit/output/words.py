"""How values, names and sentences are written for people, by the glossary and the language.

Figures are rounded here and nowhere else, half away from zero, from the decimal digits a reader
of the JSON would see. Text of unknown origin is cleaned before it is shown; figures are never cut.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from cxkit import terms
from cxkit.errors import visible

NOTHING = "–"  # no value
WITHHELD = "*"  # a value that is not shown, to protect few respondents
UP, DOWN = "▲", "▼"
NAME_CELLS = 60  # a name inside a sentence is cut here

# Currencies with a symbol that says which; the others have their code before the amount.
SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "VND": "₫"}
NO_CENTS = {
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV",
    "XAF", "XOF", "XPF",
}  # fmt: skip  # ISO 4217
SHORT = {"en": ("m", "bn", "tn"), "vi": (" tr", " tỷ", " nghìn tỷ")}
MILLION = 1_000_000

_WIDE = Context(prec=400)  # the widest double has 309 digits before the point
_SCALES = {"scale", "scales", "top", "bottom", "easy", "hard"}  # ranges of answers, written by us
_ASCII = str.maketrans(
    {"−": "-", "–": "-", "·": "/", "…": "...", "▲": "^", "▼": "v", "─": "-", "≥": ">=", "≤": "<=",
     "²": "^2"}
)  # fmt: skip


def ascii_only(text: str) -> str:
    """Our own signs in ASCII; never applied to the user's text."""
    return text.translate(_ASCII)


# --- numbers ---------------------------------------------------------------------------------


def number(
    x: float,
    decimals: int = 0,
    lang: str = "en",
    *,
    signed: bool = False,
    ascii: bool = False,
) -> str:
    """A number with thousands, rounded half away from zero; what rounds to nothing has no sign.

    Example:
        >>> number(1086), number(-20.5, signed=True), number(0.4, signed=True)
        ('1,086', '−21', '0')
        >>> number(1234.5, 1, "vi")
        '1.234,5'
    """
    step = Decimal(1).scaleb(-decimals)
    rounded = _decimal(x).quantize(step, ROUND_HALF_UP, context=_WIDE)
    digits = f"{abs(rounded):,f}"
    if lang == "vi":
        digits = digits.translate(str.maketrans(",.", ".,"))
    if rounded == 0:
        return digits
    sign = "−" if rounded < 0 else "+" if signed else ""
    return (ascii_only(sign) if ascii else sign) + digits


def _decimal(x: float) -> Decimal:
    """The shortest decimal that reads back as the same double, so that 0.285 is no 0.28499…"""
    return Decimal(repr(x) if isinstance(x, int) else repr(float(x)))


def percent(x: float, decimals: int = 0, lang: str = "en", *, ascii: bool = False) -> str:
    """A fraction as a percentage: `46%`."""
    return number(float(_decimal(x) * 100), decimals, lang, ascii=ascii) + "%"


def probability(x: float, decimals: int = 0, lang: str = "en") -> str:
    """A probability as a percentage that never claims certainty: `98%`, `>99%`, `<1%`."""
    share = _decimal(x) * 100
    step = Decimal(1).scaleb(-decimals)
    rounded = share.quantize(step, ROUND_HALF_UP, context=_WIDE)
    if rounded >= 100:
        return f">{number(float(100 - step), decimals, lang)}%"
    if rounded <= 0:
        return f"<{number(float(step), decimals, lang)}%"
    return f"{number(float(share), decimals, lang)}%"


def p_value(x: float, decimals: int = 3, lang: str = "en") -> str:
    """A p-value, never as 0.000: `0.002`, `<0.001`; three decimals at least."""
    decimals = max(decimals, 3)
    smallest = 10.0**-decimals
    return f"<{number(smallest, decimals, lang)}" if x < smallest else number(x, decimals, lang)


def money(
    x: float,
    lang: str = "en",
    *,
    currency: str | None = None,
    ascii: bool = False,
    precision: int | None = None,
) -> str:
    """An amount: from a million on in three digits, below a thousand with cents, else whole.

    Args:
        x: the amount.
        lang: `en` or `vi`.
        currency: its code, such as `EUR`; None if it is not known.
        ascii: the code instead of a symbol that is not ASCII.
        precision: decimals; then nothing is shortened.

    Example:
        >>> money(8911407.9, currency="GBP"), money(-12.5, currency="USD"), money(1240)
        ('£8.91m', '−$12.50', '1,240')
        >>> money(1.25e9, "vi", currency="VND"), money(1240, currency="CHF")
        ('₫1,25 tỷ', 'CHF 1,240')
    """
    cents = 0 if currency in NO_CENTS or not x else 2
    text = (
        _amount(_decimal(x), cents, lang)
        if precision is None
        else number(x, precision, lang).removeprefix("−")
    )
    sign = "−" if x < 0 and any(digit in text for digit in "123456789") else ""
    return (ascii_only(sign) if ascii else sign) + _unit(currency, ascii) + text


def _amount(x: Decimal, cents: int, lang: str) -> str:
    """An amount without its sign; what rounds up to the next size is written in that size."""
    size = abs(x)
    if size.quantize(Decimal(1), ROUND_HALF_UP, context=_WIDE) >= MILLION:
        return _short(size, lang)
    small = size.quantize(Decimal(1).scaleb(-cents), ROUND_HALF_UP, context=_WIDE) < 1000
    return number(float(size), cents if small else 0, lang)


def _short(size: Decimal, lang: str) -> str:
    """A million or more in three digits and a word: `8.91m`, `1.25bn`, `2.5tn` as `2.50tn`."""
    rounded = Context(prec=3, rounding=ROUND_HALF_UP).plus(size)
    steps = min(int(rounded.adjusted() // 3), 4)
    digits = max(2 - (rounded.adjusted() - 3 * steps), 0)
    scaled = rounded.scaleb(-3 * steps, context=_WIDE)
    return number(float(scaled), digits, lang) + SHORT[lang][steps - 2]


def _unit(currency: str | None, ascii: bool) -> str:
    """What stands before an amount: `£`, `CHF ` or nothing."""
    if not currency:
        return ""
    symbol = SYMBOLS.get(currency, "")
    return symbol if symbol and (symbol.isascii() or not ascii) else f"{clean(currency)} "


def is_missing(raw: object) -> bool:
    """True for null, NaN and infinity: nothing that could be written."""
    return raw is None or (isinstance(raw, float) and not math.isfinite(raw))


def written(
    kind: terms.Kind,
    raw: Any,
    lang: str = "en",
    *,
    ascii: bool = False,
    precision: int | None = None,
    currency: str | None = None,
) -> str:
    """A value by its kind in the glossary.

    `precision` replaces the usual number of decimals; `currency` is the code of an amount's.
    """
    if is_missing(raw):
        return ascii_only(NOTHING) if ascii else NOTHING
    if kind == "list" or isinstance(raw, list | tuple):
        return ", ".join(clean(item) for item in raw)
    if isinstance(raw, bool):
        return terms.phrase("yes" if raw else "no", lang)
    if kind == "text" or isinstance(raw, str):
        return clean(raw)
    decimals = precision or 0
    match kind:
        case "points" | "change":
            return number(raw, decimals, lang, signed=True, ascii=ascii)
        case "rate":
            return percent(raw, decimals, lang, ascii=ascii)
        case "probability":
            return probability(raw, decimals, lang)
        case "p":
            return p_value(raw, decimals, lang)
        case "count":
            return number(raw, 0, lang, ascii=ascii)
        case "money":
            return money(raw, lang, currency=currency, ascii=ascii, precision=precision)
        case "rate-change":
            points = number(float(_decimal(raw) * 100), decimals, lang, signed=True, ascii=ascii)
            return f"{points} {terms.phrase('percentage-points', lang)}"
    usual = 0 if isinstance(raw, int) or abs(raw) >= 100 else 1 if abs(raw) >= 10 else 2
    decimals = usual if precision is None else precision
    return number(raw, decimals, lang, signed=kind == "number-change", ascii=ascii)


def value(
    name: str,
    raw: Any,
    lang: str = "en",
    *,
    ascii: bool = False,
    precision: int | None = None,
    currency: str | None = None,
) -> str:
    """A value of a result column, written for people.

    Example:
        >>> value("nps", 19.6), value("promoter_rate", 0.456), value("p_value", 0.00004)
        ('+20', '46%', '<0.001')
    """
    kind = terms.kind(name)
    return written(kind, raw, lang, ascii=ascii, precision=precision, currency=currency)


def interval(
    kind: terms.Kind,
    low: Any,
    high: Any,
    lang: str = "en",
    *,
    ascii: bool = False,
    precision: int | None = None,
    currency: str | None = None,
) -> str:
    """An interval as words, `+15 to +25`: a dash between signed figures would be misread."""
    if is_missing(low) and is_missing(high):
        return written(kind, None, lang, ascii=ascii)
    ends = (
        written(kind, end, lang, ascii=ascii, precision=precision, currency=currency)
        for end in (low, high)
    )
    return f" {terms.phrase('to', lang)} ".join(ends)


def confidence_label(level: float, lang: str = "en") -> str:
    """A confidence level without needless decimals: `95%`, `99.9%`."""
    share = float(_decimal(level) * 100)
    text = f"{share:.4f}".rstrip("0").rstrip(".")
    return (text.replace(".", ",") if lang == "vi" else text) + "%"


# --- text ------------------------------------------------------------------------------------


def clean(text: object) -> str:
    """Text of unknown origin on one line, without control characters, escapes and overrides.

    Composed (NFC) and without variation selectors, so that its width can be told.

    Example:
        >>> clean("a\\n[red]\\x1b[31mb")
        'a [red][31mb'
    """
    raw = str(text)
    kept = "".join(c for c in visible(raw, max(len(raw), 1)) if not "\ufe00" <= c <= "\ufe0f")
    return unicodedata.normalize("NFC", kept) or '""'


def cells(text: str) -> int:
    """Terminal cells of cleaned text: combining marks take none, wide characters two."""
    if text.isascii():
        return len(text)
    return sum(_cells_of(character) for character in text)


def _cells_of(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me"} or "\u1160" <= character <= "\u11ff":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def fit(text: str, width: int, *, ascii: bool = False) -> str:
    """Text of at most so many cells; longer text is cut and says so. Not for figures."""
    if cells(text) <= width:
        return text
    sign = "..." if ascii else "…"
    room = width - len(sign)
    if room < 1:
        return sign[:width]
    kept: list[str] = []
    for character in text:
        room -= _cells_of(character)
        if room < 0:
            break
        kept.append(character)
    return "".join(kept).rstrip() + sign


def pad(text: str, width: int, *, right: bool = False) -> str:
    """Text filled up with blanks to so many cells, before it for figures."""
    blanks = " " * max(width - cells(text), 0)
    return blanks + text if right else text + blanks


def wrap(text: str, width: int) -> list[str]:
    """Lines broken at blanks only, so that a figure is never cut; an overlong word overflows."""
    lines: list[str] = []
    for word in text.split():
        if lines and cells(lines[-1]) + 1 + cells(word) <= width:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return lines


# --- sentences -------------------------------------------------------------------------------


def sentence(
    key: str,
    values: Mapping[str, Any],
    lang: str = "en",
    *,
    ascii: bool = False,
    precision: int | None = None,
    currency: str | None = None,
) -> str:
    """A phrase of the glossary with raw values written by the name of their placeholder.

    `nps` is signed, `points` a magnitude, `adjust` the name of a method, `alpha` and `confidence`
    levels; other glossary names by their kind; text is cleaned and cut where it is long.

    Example:
        >>> sentence("trails", {"name": "Cần Thơ", "points": -46.2})
        'Cần Thơ trails the rest by 46 points'
    """
    texts = {
        name: _placed(name, raw, lang, ascii=ascii, precision=precision, currency=currency)
        for name, raw in values.items()
    }
    if ascii:
        texts |= {name: ascii_only(texts[name]) for name in _SCALES & texts.keys()}
    template = terms.PHRASES[key][lang == "vi"]
    if lang == "en":
        template = _singular(template, texts)
    return (ascii_only(template) if ascii else template).format_map(texts)


def _placed(
    name: str,
    raw: Any,
    lang: str,
    *,
    ascii: bool,
    precision: int | None,
    currency: str | None,
) -> str:
    """One value of a sentence."""
    word = name.removesuffix("s")  # `{unit}` of a count, `{units}` of a figure
    if word in ("adjust", "unit") and f"{word}-{raw}" in terms.PHRASES:
        text = terms.phrase(f"{word}-{raw}", lang)
        return ascii_only(text) if ascii else text
    if isinstance(raw, str) or not isinstance(raw, int | float) or isinstance(raw, bool):
        return _text(raw, ascii=ascii)
    if is_missing(raw):
        return written("number", None, lang, ascii=ascii)
    if name == "points":
        return number(abs(raw), precision or 0, lang)
    if name == "confidence":
        return confidence_label(raw, lang)
    if name == "alpha":
        text = f"{raw:.6f}".rstrip("0").rstrip(".")
        return text.replace(".", ",") if lang == "vi" else text
    usual: terms.Kind = "count" if isinstance(raw, int) else "number"
    kind = terms.kind(name) if name in terms.COLUMNS else usual
    return written(kind, raw, lang, ascii=ascii, precision=precision, currency=currency)


def _text(raw: object, *, ascii: bool) -> str:
    items = raw if isinstance(raw, list | tuple) else [raw]
    return ", ".join(fit(clean(item), NAME_CELLS, ascii=ascii) for item in items)


def _singular(template: str, texts: Mapping[str, str]) -> str:
    """`{tests} tests` becomes `{tests} test` where the figure is 1."""
    for name, text in texts.items():
        if text == "1":
            template = re.sub(rf"(\{{{name}\}} (?:percentage )?[a-z]+)s\b", r"\1", template)
    return template
