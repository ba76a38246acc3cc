"""The values an option may take: read from text, and checked, in one place for every way in.

Command line, environment, configuration file and Python all pass through here, so a wrong value
gets the same sentence everywhere.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from cxkit.errors import CxError, RequestError, did_you_mean, visible
from cxkit.terms import OPTIONS

Spell = Callable[[str], str]


class Shape(NamedTuple):
    """What an option holds: a bool, int, float or str, one or many, its default, its choices.

    Choices and help are those of one command; where there are none, those of the glossary apply.
    """

    name: str
    type: type
    many: bool = False
    default: Any = None
    choices: tuple[str, ...] = ()
    help: str = ""


def _between(low: float, high: float) -> Callable[[Any], bool]:
    return lambda value: low <= value <= high


def _confidence(value: float) -> bool:
    return 50 <= value <= 99.9 or 0.5 <= value <= 0.999


# What a number must be: a test, and the words for it.
RANGES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "confidence": (_confidence, "50–99.9 (or 0.5–0.999)"),
    "min_n": (_between(0, math.inf), "0 or more"),
    "suppress": (_between(1, math.inf), "1 or more"),
    "fiscal_start": (_between(1, 12), "a month, 1–12"),
    "last": (_between(1, math.inf), "1 or more"),
    "share": (lambda value: 0 < value <= 100, "above 0, up to 100 (per cent; a fraction below 1)"),
    "target": (_between(-100, 100), "−100…100"),
    "memory": (_between(50, math.inf), "50 or more (megabytes)"),
    "population": (_between(1, math.inf), "1 or more"),
    "limit": (_between(1, math.inf), "1 or more"),
    "rows": (_between(1, math.inf), "1 or more"),
    "seed": (_between(0, math.inf), "0 or more"),
    "margin": (_between(0, 1), "0–1 (0.4 or 40% of revenue)"),
    "discount": (_between(0, 1), "0–1 (0.1 or 10% a year)"),
    "width": (_between(20, 10_000), "20–10,000"),
    "precision": (_between(0, 15), "0–15"),
}

MOST = 10**9  # of any number; beyond it the engine's own whole numbers would end
BLANK = ("null", "title", "delimiter", "decimal")  # options that may be an empty text
NUMERALS = ("sheet", "null")  # texts that may be given as a number

# Numbers that are shares of a whole and may be written as `10%`, with what the whole is.
SHARES = {"confidence": 1, "discount": 1, "margin": 1, "share": 100}

# An option that means nothing without another one.
NEEDS: dict[str, str] = {"last": "period"}

_KINDS = {int: "a whole number", float: "a number", bool: "true or false", str: "text",
          object: "a file"}  # fmt: skip
_TRUTH = {
    **dict.fromkeys(("1", "true", "yes", "on"), True),
    **dict.fromkeys(("0", "false", "no", "off"), False),
}


def long_option(name: str) -> str:
    """The command line's spelling of an option: `min_n` is `--min-n`, `for_` is `--for`."""
    return "--" + name.rstrip("_").replace("_", "-")


def _one(value: Any, kind: type) -> Any:
    """A value as the kind asked for; ValueError if it is not one, as an endless number is not."""
    if kind is object:
        return value
    if isinstance(value, str) and kind is not str:
        return _from_text(value.strip(), kind)
    if kind is str:
        if isinstance(value, bool | float | dict | list):
            raise ValueError
        return value if isinstance(value, str) else str(value)
    if isinstance(value, bool) is not (kind is bool) or (kind is float and not _finite(value)):
        raise ValueError
    if isinstance(value, kind) or (kind in (int, float) and hasattr(value, "__index__")):
        return value
    raise ValueError


def _finite(value: Any) -> bool:
    """Whether a value is a number that a float can hold."""
    try:
        return math.isfinite(value)
    except (TypeError, OverflowError):
        return False


_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"


def _share(value: Any, whole: int) -> Any:
    """`10%` as the share 0.1, and 100% as the whole; any other value as it is."""
    found = re.fullmatch(rf"\s*({_NUMBER})\s*%\s*", value) if isinstance(value, str) else None
    if not found:
        return value
    percent = float(found[1])
    return percent / 100 * (whole if percent == 100 else 1)


def _from_text(text: str, kind: type) -> Any:
    if kind is bool and text.lower() in _TRUTH:
        return _TRUTH[text.lower()]
    if kind is int and re.fullmatch(r"[+-]?[0-9]{1,4000}", text):
        return int(text)
    if kind is float and re.fullmatch(_NUMBER, text) and _finite(float(text)):
        return float(text)
    raise ValueError


def convert(value: Any, shape: Shape, spelled: str) -> Any:
    """A value from a flag, a variable or a file as the option's type, or a `bad-value` error.

    Args:
        value: text, or what TOML gives; for an option with many values one of them or a list.
        shape: what the option holds.
        spelled: what the user calls the option, for the message.
    """
    values = value if shape.many and isinstance(value, list | tuple) else [value]
    if shape.name in SHARES:
        values = [_share(item, SHARES[shape.name]) for item in values]
    try:
        read = [_one(item, shape.type) for item in values]
    except (ValueError, OverflowError):
        raise _bad(spelled, _must(shape, value), value) from None
    return tuple(read) if shape.many else read[0]


def _must(shape: Shape, value: object) -> str:
    """What a value should have been; a number without end is outside every range."""
    if shape.type is float and re.fullmatch(rf"\s*{_NUMBER}\s*%?\s*", str(value)):
        return RANGES[shape.name][1] if shape.name in RANGES else "a finite number"
    return _KINDS[shape.type]


def _bad(spelled: str, must: str, value: object, choices: tuple[str, ...] = ()) -> CxError:
    text = visible(value)
    text = f"{value:g}" if isinstance(value, float) else text
    got = f'"{text}"' if isinstance(value, str) else text
    close = did_you_mean(text, choices) if choices else []
    return RequestError(
        "bad-value",
        f"{spelled} must be {must}, got {got}",
        [("did you mean", " or ".join(close))] if close else [],
        replace=(str(value), close[0]) if len(close) == 1 else None,
    )


def either(words: tuple[str, ...]) -> str:
    """`a, b or c`."""
    said = [word if word[:1].isalnum() else f'"{word}"' for word in words]
    return said[0] if len(said) == 1 else ", ".join(said[:-1]) + " or " + said[-1]


def _fault(shape: Shape, value: Any, spelled: str) -> CxError | None:
    """What is wrong with one value, if anything."""
    name, kind = shape.name, shape.type
    if kind is object:  # data, which reading judges
        return None
    choices = shape.choices or (OPTIONS[name].choices if name in OPTIONS else ())
    if choices and value not in choices:
        return _bad(spelled, either(choices), value, choices)
    if not (_is_text(name, value) if kind is str else _is(value, kind)):
        return _bad(spelled, _KINDS[kind], value)
    if kind is str and name not in BLANK and _empty(shape, value):
        return RequestError("bad-value", f"{spelled} must not be empty")
    test, must = RANGES.get(name, (None, ""))
    if kind is int and value > MOST and (test is None or test(value)):
        return _bad(spelled, f"{MOST:,} or less", value)
    return _bad(spelled, must, value) if test and not test(value) else None


def _is_text(name: str, value: Any) -> bool:
    """Whether a value is text: a table of groups may be several columns in a tuple."""
    if name == "by" and isinstance(value, tuple):
        return all(isinstance(item, str) for item in value)
    whole = isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, str) or (name in NUMERALS and whole)


def _empty(shape: Shape, value: Any) -> bool:
    parts = (value,) if isinstance(value, str) else value
    marks = " ," if shape.many else " "
    return not all(part.strip().strip(marks) for part in parts)


def _is(value: Any, kind: type) -> bool:
    try:
        return _one(value, kind) is value
    except ValueError:
        return False


def faults(
    words: Mapping[str, Any], shapes: Mapping[str, Shape], spell: Spell = str
) -> dict[str, CxError]:
    """Everything wrong with the values of a request, by option.

    None stands for not given, unless the option always has a value.
    """
    found: dict[str, CxError] = {}
    for name, value in words.items():
        shape = shapes[name]
        if value is None and (shape.default is None or shape.many):
            continue
        for item in value if shape.many else (value,):
            fault = _fault(shape, item, spell(name))
            if fault:
                found.setdefault(name, fault)
    for name, other in NEEDS.items():
        always = other in shapes and shapes[other].default is not None
        given = words.get(other) is not None or always
        if words.get(name) is not None and not given and name not in found:
            found[name] = RequestError(
                "missing-option",
                f"{spell(name)} needs {spell(other)}",
                [("try", f"{spell(other)} month")],
            )
    return found
