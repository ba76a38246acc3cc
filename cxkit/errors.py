"""What can go wrong, in a few kinds, each with its exit code.

CxError
├── RequestError   2   the request is wrong: an option, a column, the configuration
├── DataError      3   the data cannot answer: missing, broken, empty, too little
└── Faults             several at once; the code of the one to be mended first

Anything else that reaches the edge is a bug (exit code 70).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

Hint = tuple[str, str]


class CxError(Exception):
    """One sentence that names the thing and the cause, and hints that give the next step.

    Args:
        slug: a stable name for scripts, such as `no-column`.
        message: one sentence without a full stop.
        hints: labelled lines below it, in order: `("did you mean", "region")`, `("columns", …)`,
            `("try", "--score Q1")`. The most useful line comes last.
        replace: a word of the command line and its right form; the command line turns it into a
            `try:` line with the whole corrected command.
    """

    exit_code = 2

    def __init__(
        self,
        slug: str,
        message: str,
        hints: Iterable[Hint] = (),
        *,
        replace: tuple[str, str] | None = None,
    ) -> None:
        self.slug = slug
        self.message = message
        self.hints: tuple[Hint, ...] = tuple(hints)
        self.replace = replace
        super().__init__(message)

    def __str__(self) -> str:
        lines = [f"error[{self.slug}]: {self.message}"]
        return "\n".join(lines + [f"  {label}: {text}" for label, text in self.hints])


class RequestError(CxError):
    """The request is wrong: an option, a column name, a configuration key."""


class DataError(CxError):
    """The data cannot answer: a file is missing, broken or empty, or holds too little."""

    exit_code = 3


class Faults(CxError):
    """Several faults of one request, told together."""

    def __init__(self, errors: Sequence[CxError]) -> None:
        self.errors = tuple(errors)
        super().__init__("faults", f"{len(self.errors)} faults")
        # a wrong request is mended first, whatever the data hold
        self.exit_code = min(error.exit_code for error in self.errors)

    def __str__(self) -> str:
        return "\n".join(str(error) for error in self.errors)


def raise_all(errors: Sequence[CxError]) -> None:
    """Raise nothing, the one error, or all of them together."""
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise Faults(errors)


def visible(text: object, limit: int = 60) -> str:
    """Text of unknown origin made safe for a line of a message: no control characters, one line.

    Bidirectional overrides and terminal escapes are control characters too. Longer text is cut
    and ends in `…`.
    """
    kept = "".join(
        " " if character in "\t\r\n" else character
        for character in str(text)[: limit * 4]
        if character in "\t\r\n" or unicodedata.category(character) not in {"Cc", "Cf", "Cs"}
    )
    kept = " ".join(kept.split())
    return kept if len(kept) <= limit else kept[: limit - 1] + "…"


def told_apart(texts: Sequence[str], limit: int) -> list[str]:
    """Texts of unknown origin, each cut as by `visible`, but so that no two look alike.

    Of those that begin alike, as the questions of a survey do, the part is kept that differs.
    """
    whole = [visible(text, 1_000) for text in texts]
    cut = [visible(text, limit) for text in whole]
    found = []
    for text, short in zip(whole, cut, strict=True):
        alike = [other for other, begin in zip(whole, cut, strict=True) if begin == short]
        first, last = min(alike), max(alike)
        differs = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), 0)
        start = text[:differs].rfind(" ") + 1
        head = text[: limit // 3].rstrip()
        kept = short if len(alike) == 1 else f"{head}…{visible(text[start:], limit - len(head))}"
        found.append(kept)
    return found


def did_you_mean(word: str, known: Iterable[str]) -> list[str]:
    """Known words close to a mistyped one: by spelling, else by containment; never applied."""

    import difflib

    def plain(text: str) -> str:
        return unicodedata.normalize("NFC", text).casefold()

    names = {plain(name): name for name in known}
    close = difflib.get_close_matches(plain(word), names, n=3, cutoff=0.75)
    if not close and len(word) >= 3:
        close = [
            name
            for name in names
            if plain(word) in name or (len(name) >= 3 and name in plain(word))
        ][:3]
    return [names[name] for name in close]
