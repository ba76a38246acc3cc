"""The grammar of `--where`: text to a small tree of tests, without looking at any data."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from cxkit.errors import Hint, RequestError, visible

Mark = Literal["=", "<>", "<", ">", "<=", ">=", "BETWEEN", "IN", "LIKE", "ILIKE", "NULL", "TRUE"]

QUOTE: Hint = ("hint", "text goes in single quotes")
FUNCTIONS = ("LOWER", "UPPER", "TRIM", "LENGTH")
RESERVED = {"AND", "OR", "NOT", "IN", "IS", "LIKE", "ILIKE", "BETWEEN", "NULL", "TRUE", "FALSE"}
_AGGREGATES = {"SUM", "COUNT", "AVG", "MEAN", "MIN", "MAX", "MEDIAN", "STDDEV", "VARIANCE",
               "FIRST", "LAST", "ROW_NUMBER", "RANK"}  # fmt: skip
_MARKS = "there are = <> < > <= >=, BETWEEN, IN, LIKE, IS NULL, AND, OR, NOT and parentheses"
_MOST_NESTED = 60
_EXACT = 2**53  # whole numbers beyond are not all told apart
_TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>(?:[0-9]+(?:[.][0-9]*)?|[.][0-9]+)(?:[eE][+-]?[0-9]+)?(?!\w))
    |(?P<name>[^\W\d]\w*)
    |"(?P<quoted>(?:[^"]|"")+)"
    |'(?P<text>(?:[^']|'')*)'
    |(?P<mark><>|!=|<=|>=|==|[-+=<>(),.])
    |(?P<odd>\S)
    |(?P<end>$))""",
    re.VERBOSE,
)


class Token(NamedTuple):
    """A piece of the condition: its kind, its meaning, and where it stands."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def word(self) -> str:
        """The bare word in capitals; nothing for what is quoted."""
        return self.text.upper() if self.kind == "name" else ""


@dataclass(frozen=True)
class Cells:
    """A column, and the function around it, if any."""

    name: str
    function: str
    token: Token


@dataclass(frozen=True)
class Value:
    """A value; text that is a day has it in `day`."""

    kind: Literal["number", "text", "date", "truth", "null"]
    value: float | str | bool | None
    token: Token
    day: date | None = None


@dataclass(frozen=True)
class Test:
    """A column compared with values, or with another column."""

    mark: Mark
    left: Cells
    right: tuple[Cells | Value, ...] = ()


@dataclass(frozen=True)
class Joined:
    """Conditions joined by AND or OR, or one under NOT."""

    word: Literal["AND", "OR", "NOT"]
    parts: tuple[Node, ...]


Node = Test | Joined

_SAME: dict[str, Mark] = {"==": "=", "!=": "<>"}
_MIRROR: dict[Mark, Mark] = {
    "=": "=", "<>": "<>", "<": ">", ">": "<", "<=": ">=", ">=": "<=",
}  # fmt: skip


def fault(message: str, hints: Sequence[Hint] = ()) -> RequestError:
    """A condition that cannot be understood."""
    return RequestError("where", message, hints)


def attempt(text: str) -> Hint:
    """A corrected condition, to be pasted."""
    shown = visible(text, 200).replace('"', '\\"')
    return ("try", f'--where "{shown}"')


def parse(text: str) -> Node:
    """The tree of one condition.

    Raises:
        RequestError: it is not one.
    """
    return _Parser(unicodedata.normalize("NFC", text)).condition()


def day_of(text: str) -> date | None:
    """The day that a text in the condition writes; only ISO, for nothing is guessed here."""
    try:
        return (
            date.fromisoformat(text) if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else None
        )
    except ValueError:
        return None


def _tokens(text: str) -> list[Token]:
    found: list[Token] = []
    at = 0
    while not found or found[-1].kind != "end":
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise AssertionError(text)
        kind, at = match.lastgroup, match.end()
        inner = match[kind]
        if kind == "odd":
            raise _odd(inner, text)
        if kind in ("quoted", "text"):
            mark = '"' if kind == "quoted" else "'"
            inner = inner.replace(mark * 2, mark)
        outer = len(match[kind]) + 2 * (kind in ("quoted", "text"))
        found.append(Token(kind, inner, at - outer, at))
    return found


def _odd(character: str, text: str) -> RequestError:
    if character in "'\"":
        return fault(f"a {character} is not closed in: {visible(text)}")
    hint = "quotes must be straight: '…'" if character in "‘’“”´`" else _MARKS
    return fault(f'unexpected "{visible(character)}" in: {visible(text)}', [("hint", hint)])


class _Parser:
    """One condition, read from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.at = 0
        self.depth = 0

    def condition(self) -> Node:
        found = self._any()
        if self.here.kind != "end":
            raise self._unexpected("AND or OR")
        return found

    def _any(self) -> Node:
        parts = [self._all()]
        while self._take("OR"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Joined("OR", tuple(parts))

    def _all(self) -> Node:
        parts = [self._one()]
        while self._take("AND"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else Joined("AND", tuple(parts))

    def _one(self) -> Node:
        self.depth += 1
        if self.depth > _MOST_NESTED:
            raise fault("the condition is nested too deeply")
        if self._take("NOT"):
            found: Node = Joined("NOT", (self._one(),))
        elif self._take("("):
            found = self._any()
            self._need(")")
        else:
            found = self._test()
        self.depth -= 1
        return found

    def _test(self) -> Node:
        left = self._operand("a column")
        mark = _SAME.get(self.here.text, self.here.text)
        if self.here.kind == "mark" and mark in _MIRROR:
            self.at += 1
            return self._compared(left, mark, self._operand("a value"))
        if isinstance(left, Value):
            raise self._unexpected("a comparison")
        if self._take("IS"):
            negated = self._take("NOT")
            self._need("NULL")
            return _negated(Test("NULL", left), negated)
        negated = self._take("NOT")
        return _negated(self._set_test(left, negated), negated)

    def _set_test(self, left: Cells, negated: bool) -> Test:
        if self._take("BETWEEN"):
            low = self._value()
            self._need("AND")
            return Test("BETWEEN", left, (low, self._value()))
        if self._take("IN"):
            self._need("(")
            values = [self._value()]
            while self._take(","):
                values.append(self._value())
            self._need(")")
            return Test("IN", left, tuple(values))
        for mark in ("LIKE", "ILIKE"):
            if self._take(mark):
                return Test(mark, left, (self._value(),))
        if negated:
            raise self._unexpected("BETWEEN, IN or LIKE")
        return Test("TRUE", left)

    def _compared(self, left: Cells | Value, mark: Mark, right: Cells | Value) -> Test:
        if isinstance(left, Cells):
            return Test(mark, left, (right,))
        if isinstance(right, Value):
            raise fault(f"no column is compared in: {visible(self.text)}")
        return Test(_MIRROR[mark], right, (left,))

    def _operand(self, wanted: str) -> Cells | Value:
        token = self.here
        after = self.tokens[min(self.at + 1, len(self.tokens) - 1)]
        if token.text in ("-", "+") and after.kind == "number":
            self.at += 2
            return _number(after, token.text)
        if token.word == "DATE" and after.kind == "text":
            self.at += 2
            return _date(after)
        if token.kind in ("end", "mark") or token.word in RESERVED - {"TRUE", "FALSE", "NULL"}:
            raise self._unexpected(wanted)
        self.at += 1
        match token.kind:
            case "text":
                return Value("text", token.text.strip(), token, day_of(token.text.strip()))
            case "number":
                return _number(token, "")
        if token.word == "NULL":
            return Value("null", None, token)
        if token.word in ("TRUE", "FALSE"):
            return Value("truth", token.word == "TRUE", token)
        return self._cells(token)

    def _value(self) -> Cells | Value:
        return self._operand("a value")

    def _cells(self, token: Token) -> Cells:
        if token.word == "SELECT" and self.here.kind != "mark":
            raise _no_function(token)
        if self.here.kind == "name" and self.here.word not in RESERVED:
            raise self._words(token)
        if token.kind == "quoted" or not self._take("("):
            if self.here.text == "." and self.here.kind == "mark":
                hint = ("hint", f'a name with a dot goes in double quotes: "{token.text}.…"')
                raise fault(f'unexpected "." after "{visible(token.text)}"', [hint])
            return Cells(token.text, "", token)
        if token.word not in FUNCTIONS:
            raise _no_function(token)
        inner = self._operand("a column")
        if isinstance(inner, Value) or inner.function:
            raise fault(f"{token.word} takes a column")
        self._need(")")
        return Cells(inner.name, token.word, inner.token)

    def _words(self, first: Token) -> RequestError:
        """Several bare words in a row: text without its quotes, or a name without them."""
        last = first
        while self.here.kind in ("name", "number") and self.here.word not in RESERVED:
            last = self.here
            self.at += 1
        words = self.text[first.start : last.end]
        before = self.tokens[: self.tokens.index(first)]
        if before and before[-1].kind == "mark" and before[-1].text not in ("(",):
            quoted = attempt(f"{self.text[: first.start]}'{words}'{self.text[last.end :]}")
            return fault(f"unexpected words: {visible(words)}", [QUOTE, quoted])
        hint = ("hint", "a name with blanks goes in double quotes, text in single quotes")
        return fault(f"unexpected words: {visible(words)}", [hint])

    # --- tokens ---------------------------------------------------------------------------------

    @property
    def here(self) -> Token:
        return self.tokens[self.at]

    def _take(self, what: str) -> bool:
        """Step over a word or a mark, if it is next."""
        found = self.here.word == what or (self.here.kind == "mark" and self.here.text == what)
        self.at += found
        return found

    def _need(self, what: str) -> None:
        if not self._take(what):
            raise self._unexpected(what)

    def _unexpected(self, wanted: str) -> RequestError:
        if self.here.kind == "end":
            return fault(f'"{visible(self.text)}" ends where {wanted} is expected')
        hints: list[Hint] = []
        if self.here.text == "," and self.here.kind == "mark":
            hints = [("hint", "numbers are written with a point: 9.5")]
        if self.here.word in ("SELECT", "EXISTS"):
            hints = [("hint", "--where looks at one row at a time: no SELECT inside")]
        return fault(f'"{visible(self.here.text)}" stands where {wanted} is expected', hints)


def _negated(test: Test, negated: bool) -> Node:
    return Joined("NOT", (test,)) if negated else test


def _number(token: Token, sign: str) -> Value:
    whole = token.text.isdigit()
    if whole and int(token.text) > _EXACT:
        hint = ("hint", "ids go in single quotes")
        raise fault(f"{visible(token.text)} is too long for a number", [hint])
    number = int(token.text) if whole else float(token.text)
    return Value("number", -number if sign == "-" else number, token)


def _date(token: Token) -> Value:
    day = day_of(token.text.strip())
    if day is None:
        raise not_a_day(token)
    return Value("date", token.text, token, day)


def not_a_day(token: Token) -> RequestError:
    """The error for a value that should be a day."""
    hint = (
        "hint",
        "dates are written '2026-07-15' in --where, whatever they look like in the file",
    )
    return fault(f"'{visible(token.text)}' is not a date", [hint])


def _no_function(token: Token) -> RequestError:
    if token.word in ("SELECT", "EXISTS"):
        return fault("--where looks at one row at a time: no SELECT inside")
    if token.word in _AGGREGATES:
        return fault(f"--where looks at one row at a time: no {token.word}")
    hint = ("functions", ", ".join(FUNCTIONS))
    return fault(f'no function "{visible(token.text)}" in --where', [hint])
