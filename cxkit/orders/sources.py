"""Where new customers came from: which sources count as earned, and which as bought."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from cxkit.errors import did_you_mean, visible
from cxkit.result import Note

if TYPE_CHECKING:
    import polars as pl

EARNED = ("referral", "word-of-mouth")


class Sources(NamedTuple):
    """The words for earned sources, the sources in the rows by whether they are one of these, and
    words that none is."""

    words: tuple[str, ...]
    earned: tuple[str, ...]
    bought: tuple[str, ...]
    unused: tuple[str, ...]

    @classmethod
    def of(cls, rows: pl.DataFrame, source: str | None, earned: Iterable[str]) -> Sources:
        """The sources of these rows, by the words for earned ones; `a,b` is two words."""
        words = [part.strip() for one in earned for part in one.split(",") if part.strip()]
        asked = {plain(word): word for word in words}
        names = sorted(rows["source"].drop_nulls().unique()) if source else []
        known = {plain(name) for name in names}
        return cls(
            tuple(words),
            tuple(name for name in names if plain(name) in asked),
            tuple(name for name in names if plain(name) not in asked),
            tuple(word for key, word in asked.items() if key not in known),
        )


def plain(word: str) -> str:
    """A source as it is compared: composed, without case, blanks, dashes and underscores alike."""
    return re.sub(r"[\s_‐-―-]+", " ", unicodedata.normalize("NFC", word).casefold()).strip()


def source_notes(sources: Sources) -> list[Note]:
    """Which sources count as what; words that none is."""
    _, earned, bought, unused = sources
    notes = []
    lists = [f"{_listed(names)} {'counts' if len(names) == 1 else 'count'} as {kind}"
             for names, kind in ((earned, "earned"), (bought, "bought")) if names]  # fmt: skip
    if earned:
        notes.append(Note("sources", "info", "; ".join(lists)))
    elif bought:
        message = f"no customer's source is {_listed(unused, 'or')}: none counts as earned"
        stand = (("sources", _listed(bought)), ("try", "--earned SOURCE,SOURCE"))
        notes.append(Note("no-earned", "warning", message, stand))
    for word in unused if earned else ():
        if word not in EARNED:
            close = did_you_mean(word, (*earned, *bought))
            hints = tuple(("did you mean", visible(one)) for one in close[:1])
            notes.append(Note("unused", "warning", f'no source is "{visible(word)}"', hints))
    return notes


def _listed(names: Sequence[str], last: str = "and") -> str:
    """Up to five names in a sentence."""
    quoted = [f'"{visible(name, 30)}"' for name in names[:5]]
    if len(names) > 5:
        quoted.append(f"{len(names) - 5} more")
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} {last} {quoted[-1]}"
