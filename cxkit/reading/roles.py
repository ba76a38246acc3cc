"""Which column plays which part: given, or found by its name and what it holds; never guessed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

from cxkit import terms
from cxkit.answers import missing_words, plain, scores_and_answers, text_of, whole_number
from cxkit.engines import collect
from cxkit.errors import CxError, RequestError, raise_all, visible
from cxkit.result import Note
from cxkit.source import Source, no_column

Words = Mapping[str, Any]

# What the name or the question of a recommend column speaks of.
_RECOMMENDING = re.compile(
    r"recommend|\bnps|nps\b|net.?promoter|giới thiệu|gioi thieu|khuyên dùng|recomend|empfehl|"
    r"recomiend|recommand|consigli|aanbevel|推荐|勧め|추천",
    re.IGNORECASE,
)
_GROUPED = re.compile(r"nps.?group|detractor|promoter|passive", re.IGNORECASE)
SHARE = 0.9  # of the answers must be scores
_DATED = ("period", "since", "until", "last")


def find(source: Source, module: ModuleType, words: Words) -> tuple[dict[str, Any], list[Note]]:
    """The keywords of an analysis with every role settled.

    Args:
        source: the data.
        module: the analysis; its `FINDS` names the roles that it cannot do without.
        words: the keywords given; columns as the user wrote them.

    Returns:
        The keywords, `by` as tuples of columns, and what is to be noted.

    Raises:
        RequestError: a column that is not there, a role that no column or more than one could
            play; all faults together.
    """
    settled = dict(words)
    faults: list[CxError] = []
    for role in terms.ROLES:
        if role != "by" and settled.get(role) is not None:
            settled[role] = _named(source, settled[role], faults)
    if "by" in settled:
        settled["by"] = _tables(source, settled["by"], faults)
    for role in _needed(module, settled):
        if settled.get(role) is None:
            _settle(source, role, settled, faults)
    raise_all(faults)
    return settled, []


def _needed(module: ModuleType, words: Words) -> list[str]:
    """Roles that must be played: the command's own, a date or a customer where an option asks."""
    needed = list(getattr(module, "FINDS", ()))
    keeping = words.get("keep") not in (None, "all")
    if keeping or any(words.get(option) is not None for option in _DATED):
        needed.append("date")
    if keeping:
        needed.append("customer")
    return needed


def _settle(source: Source, role: str, words: dict[str, Any], faults: list[CxError]) -> None:
    own = [column for column in source.roles.get(role, ()) if column in source.columns]
    if len(own) == 1:
        words[role] = own[0]
        return
    if own:
        faults.append(_ambiguous(role, own, f"could each be the {role}"))
        return
    finders: dict[str, Callable[[Source], str]] = {"score": _score}
    try:
        words[role] = finders[role](source) if role in finders else _by_name(source, role)
    except CxError as error:
        faults.append(error)


def _tables(
    source: Source, by: Sequence[str | Sequence[str]], faults: list[CxError]
) -> tuple[tuple[str, ...], ...]:
    """Each element one table: a column, or columns that are crossed."""
    tables = []
    for element in by:
        names = split(source, element) if isinstance(element, str) else list(element)
        columns = [_named(source, name, faults) for name in names]
        tables.append(tuple(dict.fromkeys(columns)))
    return tuple(table for table in dict.fromkeys(tables) if table)


def _named(source: Source, name: str, faults: list[CxError]) -> str:
    column = source.column(name)
    if column is None:
        faults.append(no_column(name, source))
    return column or name


def split(source: Source, text: str) -> list[str]:
    """An argument that is exactly a column's name is that column, else it is split at commas."""
    if column := source.column(text):
        return [column]
    return [part.strip() for part in text.split(",") if part.strip()]


# --- by name ------------------------------------------------------------------------------------


def _key(name: str) -> str:
    """A column name as known names are compared: NFC, case-folded, `_` and `-` as blanks."""
    return " ".join(re.sub(r"[_\-]", " ", unicodedata.normalize("NFC", name)).casefold().split())


def known_by_name(source: Source, role: str) -> list[str]:
    """The columns with a known name for a role."""
    names = {_key(name) for name in terms.ROLES[role].names}
    return [column for column in source.columns if _key(column) in names]


def _by_name(source: Source, role: str) -> str:
    """The one column with a known name for a role."""
    found = known_by_name(source, role)
    if len(found) == 1:
        return found[0]
    if found:
        raise _ambiguous(role, found, f"could each be the {role}")
    hints = [("try", f"--{role} COL")]
    columns = _dates(source) if role == "date" else []
    if columns:
        hints = [("dates stand in", _listed(columns)), ("try", f"--{role} {_quoted(columns[0])}")]
    else:
        hints.insert(0, ("columns", _listed(source.columns)))
    raise RequestError(f"no-{role}", f"no column is known to be the {role}", hints)


def _dates(source: Source) -> list[str]:
    from cxkit.dates import look

    return [
        column
        for column in source.columns[:200]
        if any(cell is not None for cell in source.sample(column)) and look(source, column)
    ][:8]


def _ambiguous(role: str, columns: Sequence[str], why: str) -> CxError:
    names = [visible(column) for column in columns[:5]]
    listed = ", ".join(names[:-1]) + f" and {names[-1]}"
    return RequestError(
        f"ambiguous-{role}",
        f"{listed} {why}",
        [("try", f"--{role} {_quoted(columns[0])}")],
    )


# --- the score ----------------------------------------------------------------------------------


def _score(source: Source) -> str:
    """The one column of 0–10 answers to a recommend question.

    A known name, or a name or question text that speaks of recommending; if there are several,
    those of whose answers at least nine tenths are scores. Numbers alone never choose.
    """
    known = known_by_name(source, "score")
    speaking = [column for column in source.columns if _speaks(source, column)]
    candidates = list(dict.fromkeys([*known, *speaking]))
    if len(candidates) == 1 and known:
        return known[0]
    shares = _shares(source, candidates)
    scores = [column for column in candidates if shares[column] >= SHARE]
    if len(scores) == 1:
        return scores[0]
    if scores:
        both = "both" if len(scores) == 2 else "all"
        raise _ambiguous("score", scores, f"{both} look like 0–10 scores")
    raise _no_score(source, shares)


def _speaks(source: Source, column: str) -> bool:
    text = f"{_key(column)} {source.labels.get(column, '')}"
    return bool(_RECOMMENDING.search(text)) and not _GROUPED.search(_key(column))


def _shares(source: Source, columns: Sequence[str]) -> dict[str, float]:
    """The share of scores among the answers of each column, over all rows, in one pass."""
    import polars as pl

    if not columns:
        return {}
    counts = []
    for i, column in enumerate(columns):
        words = (*source.missing, *_no_answer(source, column))
        scores, answered = scores_and_answers(pl.col(column), words)
        counts += [scores.alias(f"scores{i}"), answered.alias(f"answers{i}")]
    found = collect(source.rows.select(counts), source).row(0, named=True)
    return {
        column: found[f"scores{i}"] / max(found[f"answers{i}"], 1)
        for i, column in enumerate(columns)
    }


def _no_answer(source: Source, column: str) -> list[str]:
    """Codes whose labels stand for no answer."""
    words = missing_words(source.missing)
    codes = source.codes.get(column, {}).items()
    found = [code for code, label in codes if plain(label) in words]
    return found + [f"{code}.0" for code in found]  # as the engine writes a whole number


def _no_score(source: Source, shares: Mapping[str, float]) -> CxError:
    if shares:
        column, share = max(shares.items(), key=lambda item: item[1])
        what = (
            f'"{visible(column)}" speaks of recommending, but {share:.0%} of its answers are 0–10'
        )
        return RequestError("no-score", what, [("try", f"--score {_quoted(column)}")])
    ranged = [column for column in source.columns if _whole_numbers(source, column)]
    what = "no column speaks of recommending"
    if ranged:
        what += f"; whole numbers 0–10 stand in: {_listed(ranged)}"
    return RequestError("no-score", what, [("try", "--score COL")])


def _whole_numbers(source: Source, column: str) -> bool:
    """Whether the sample of a column holds whole numbers 0–10 and nothing else."""
    import polars as pl

    words = missing_words(source.missing)
    cells = text_of(pl.Series(source.sample(column), strict=False)).drop_nulls().to_list()
    answers = [cell for cell in cells if plain(cell) not in words]
    numbers = [whole_number(cell) for cell in answers]
    return bool(numbers) and all(number is not None and 0 <= number <= 10 for number in numbers)


def _listed(columns: Sequence[str], most: int = 8) -> str:
    more = len(columns) - most
    names = ", ".join(visible(column, 30) for column in columns[:most])
    return names + (f" and {more} more" if more > 0 else "")


def _quoted(column: str) -> str:
    import shlex

    return shlex.quote(visible(column, 1_000))
