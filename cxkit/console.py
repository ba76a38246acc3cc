"""What is said on stderr, and how it looks: assumptions, notes, errors, colour, glyphs."""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any

from cxkit.errors import CxError, Faults, visible

if TYPE_CHECKING:
    from cxkit.result import Ledger, Note, Result

SHOWN = 5  # lines of one kind before the rest is only counted
TONES = "\u0300\u0301\u0303\u0309\u0323"
GLYPHS = "–−…·▒█─▲▼"
_ASCII = str.maketrans({
    "–": "-", "−": "-", "…": "...", "·": ".", "×": "x", "≤": "<=", "≥": ">=",
    "▲": "^", "▼": "v", "─": "-", "→": "->", "“": '"', "”": '"', "’": "'",
})  # fmt: skip

# Notes that only repeat how cxkit always works, or what the line of assumptions says already.
OBVIOUS = {"independent", "blank"}

# A reason of the ledger in the line of assumptions: one row, several rows.
REASONS = {
    "preview": ("preview", "previews"),
    "test": ("test", "tests"),
    "unfinished": ("unfinished", "unfinished"),
    "where": ("outside --where", "outside --where"),
    "no-date": ("without a date", "without a date"),
    "period": ("outside the period", "outside the period"),
    "missing": ("blank", "blank"),
    "invalid": ("invalid", "invalid"),
    "weight": ("without a weight", "without a weight"),
    "incomplete": ("incomplete", "incomplete"),
    "superseded": ("superseded", "superseded"),
    "no-customer": ("without a customer", "without a customer"),
    "no-amount": ("without an amount", "without an amount"),
    "cancelled": ("cancelled", "cancelled"),
    "voided": ("voided", "voided"),
    "unpaid": ("unpaid", "unpaid"),
    "return": ("not above 0", "not above 0"),
}
OTHER_TYPE, OTHER_TYPES = "of another question type", "of other question types"
SCALES = {"0-10": "0–10", "1-11": "positions 1–11"}


# Streams


def prepare() -> None:
    """Let no character that a stream cannot write stop the command."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def draws(stream: IO[str] | None) -> bool:
    """Whether a stream can write the glyphs of tables and bars."""
    return _writes(GLYPHS, getattr(stream, "encoding", None))


def fitting(text: str, encoding: str | None) -> str:
    """Text as an encoding can write it: Vietnamese Windows (cp1258) has tones as marks only."""
    if _writes(text, encoding) or not _writes(TONES, encoding):
        return text
    return "".join(_tones_apart(letter) if letter > "\x7f" else letter for letter in text)


def _writes(text: str, encoding: str | None) -> bool:
    try:
        text.encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _tones_apart(letter: str) -> str:
    parts = unicodedata.normalize("NFD", letter)
    tones = "".join(part for part in parts if part in TONES)
    rest = "".join(part for part in parts if part not in TONES)
    return unicodedata.normalize("NFC", rest) + tones


def is_terminal(stream: IO[Any] | None) -> bool:
    """Whether a person sits at the stream; a closed one is no terminal."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def colour(asked: str, stream: IO[str] | None, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether to colour: the option, NO_COLOR, FORCE_COLOR, TERM=dumb, then the stream."""
    if asked in ("always", "never"):
        return asked == "always"
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR", "0") not in ("", "0", "false"):
        return True
    return environ.get("TERM") != "dumb" and is_terminal(stream)


def say(lines: Iterable[str]) -> None:
    """Write lines to stderr; a stderr that is closed or gone stops nothing."""
    text = "".join(f"{line}\n" for line in lines)
    stream = sys.stderr
    if stream is None or not text:
        return
    try:
        stream.write(text if draws(stream) else text.translate(_ASCII))
        stream.flush()
    except (OSError, ValueError):
        return


# Assumptions and notes


def assumptions(result: Result) -> str:
    """`using score=Q1 (0–10), date=EndDate; 1,086 of 1,104 rows (12 blank, 6 previews)`."""
    found = [
        f"{role}={visible(column)}{_scale(role, result.params)}"
        for role, column in result.columns.items()
        if role != "by" and isinstance(column, str)
    ]
    layouts = dict.fromkeys(part.layout for part in result.inputs if part.layout != "plain")
    used = [*(f"layout {layout}" for layout in layouts), *found]
    noun = "answer" if result.columns.get("count") else "row"
    rows = _rows(result.ledger, noun, asked=bool(result.params.get("where")))
    return f"using {', '.join(used)}; {rows}" if used else rows


def _scale(role: str, params: Mapping[str, Any]) -> str:
    scale = params.get("scale")
    said = SCALES.get(scale, scale.replace("-", "–")) if isinstance(scale, str) else scale
    return f" ({said})" if role == "score" and scale else ""


def _rows(ledger: Ledger, noun: str, *, asked: bool) -> str:
    """How many rows were used, and why others were not.

    Args:
        asked: whether there is a `--where`; if not, the rows left out by a condition are those
            of a mixed file that answer other questions.
    """
    words = REASONS if asked else REASONS | {"where": (OTHER_TYPE, OTHER_TYPES)}
    left_out = ", ".join(
        f"{count:,} {words.get(reason, (reason, reason))[count != 1]}"
        for reason, count in ledger.left_out.items()
        if count
    )
    read = f"{ledger.read:,} {noun}{'' if ledger.read == 1 else 's'}"
    if ledger.used == ledger.read:
        return read if ledger.read == 1 else f"all {read}"
    return f"{ledger.used:,} of {read} ({left_out})"


def note_lines(notes: Sequence[Note], *, verbose: bool = False) -> list[str]:
    """Notes as lines, warnings first, one code together, the first five and a count."""
    shown = [
        note for note in notes if verbose or note.kind == "warning" or note.code not in OBVIOUS
    ]
    lines: list[str] = []
    for kind, word in (("warning", "warning"), ("info", "note")):
        codes = dict.fromkeys(note.code for note in shown if note.kind == kind)
        for code in codes:
            alike = [note for note in shown if (note.kind, note.code) == (kind, code)]
            lines += _grouped(alike, f"{word}[{code}]", len(alike) if verbose else SHOWN)
    return lines


def _grouped(notes: Sequence[Note], head: str, limit: int) -> list[str]:
    lines = []
    for note in notes[:limit]:
        lines.append(f"{head}: {note.message}")
        lines += [f"  {label}: {text}" for label, text in note.hints]
    more = len(notes) - limit
    return [*lines, f"{head}: and {more:,} more (-v shows all)"] if more > 0 else lines


# Errors


def error_lines(error: CxError, argv: Sequence[str]) -> list[str]:
    """An error as lines: faults of one kind together, and last the command put right."""
    errors = error.errors if isinstance(error, Faults) else (error,)
    lines: list[str] = []
    for slug in dict.fromkeys(one.slug for one in errors):
        alike = list(dict.fromkeys(str(one) for one in errors if one.slug == slug))
        lines += [line for text in alike[:SHOWN] for line in text.splitlines()]
        if len(alike) > SHOWN:
            lines.append(f"error[{slug}]: and {len(alike) - SHOWN} more")
    put_right = corrected(argv, [one.replace for one in errors if one.replace])
    return [*lines, f"  try: {put_right}"] if put_right else lines


def corrected(argv: Sequence[str], replacements: Iterable[tuple[str, str]]) -> str | None:
    """The command line put right and quoted for the shell; None if no wrong word is in it."""
    words, changed = list(argv), False
    for wrong, right in replacements:
        for index in reversed(range(len(words))):
            word = _replaced(words[index], wrong, right)
            if word is not None:
                words[index], changed = word, True
                break
    return shell(["cxkit", *words]) if changed else None


def _replaced(word: str, wrong: str, right: str) -> str | None:
    """A word of the command line put right: all of it, after `--option=`, or between commas."""
    if word == wrong:
        return right
    option, equals, value = word.partition("=")
    if equals and word.startswith("--"):
        if option == wrong:
            return f"{right}={value}"
        inner = _replaced(value, wrong, right)
        return None if inner is None else f"{option}={inner}"
    parts = [part.strip() for part in word.split(",")]
    if len(parts) > 1 and wrong in parts:
        return ",".join(right if part == wrong else part for part in parts)
    return None


def shell(words: Sequence[str]) -> str:
    """Words as one line to paste."""
    if os.name == "nt":
        import subprocess

        return subprocess.list2cmdline(words)
    import shlex

    line = shlex.join(words)
    return line if line.isprintable() else visible(line, 2000)
