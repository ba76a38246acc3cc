"""Which column plays which part: given, or found by its name and what it holds; never guessed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from cxkit import terms
from cxkit.cells.answers import missing_words, plain, scores_and_answers, text_of, whole_number
from cxkit.engines import collect
from cxkit.errors import CxError, Hint, RequestError, raise_all, told_apart, visible
from cxkit.source import Source, no_column

Words = Mapping[str, Any]

# What the name or the question of a recommend column speaks of.
_RECOMMENDING = re.compile(
    r"recommend|\bnps|nps\b|net.?promoter|giới thiệu|gioi thieu|khuyên dùng|recomend|empfehl|"
    r"recomiend|recommand|consigli|aanbevel|推荐|勧め|추천",
    re.IGNORECASE,
)
# What those of other answers speak of, by command.
_SPEAKING = {
    "nps": _RECOMMENDING,
    "csat": re.compile(
        r"satisf|csat|hài lòng|hai long|zufrieden|satisfait|soddisf|tevreden|满意|満足|만족",
        re.IGNORECASE,
    ),
    "ces": re.compile(
        r"\beffort|\bces\b|customer.?effort|\beas(?:y|e)\b|nỗ lực|dễ dàng|aufwand|esfuerzo",
        re.IGNORECASE,
    ),
}
_SUBJECT = {"nps": "recommending", "csat": "satisfaction", "ces": "ease or effort"}
_GROUPED = re.compile(r"nps.?group|detractor|promoter|passive", re.IGNORECASE)
SHARE = 0.9  # of the answers must be scores
_DATED = ("period", "since", "until", "last")


def find(
    source: Source,
    needed: Sequence[str],
    words: Words,
    wanted: Sequence[str] = (),
    command: str = "nps",
) -> dict[str, Any]:
    """The keywords of an analysis with every role settled.

    Args:
        source: the data.
        needed: the roles that the analysis cannot do without.
        words: the keywords given; columns as the user wrote them.
        wanted: roles that are played if exactly one column is known for them.
        command: whose answers the score is to be.

    Returns:
        The keywords, `by` as tuples of columns.

    Raises:
        RequestError: a column that is not there, a role that no column or more than one could
            play; all faults together.
    """
    settled = dict(words)
    faults: list[CxError] = []
    for role in terms.ROLES:
        if role != "by" and settled.get(role) is not None and not _counts(source, role, settled):
            settled[role] = _named(source, settled[role], faults)
    for option in terms.NAMING & settled.keys():
        if not _derived(source, option, settled):
            settled[option] = _columns(source, settled[option], faults)
    if "by" in settled:
        settled["by"] = _tables(source, settled["by"], faults)
    for role in needed:
        if settled.get(role) is None:
            _settle(source, role, settled, faults, command)
    for role in wanted:
        if settled.get(role) is None:
            _take(source, role, settled, faults)
    raise_all(faults)
    return settled


def asked_by(words: Words) -> list[str]:
    """Roles that options ask for: a date by periods, a customer by `--keep`."""
    needed = []
    keeping = words.get("keep") not in (None, "all")
    if keeping or any(words.get(option) is not None for option in _DATED):
        needed.append("date")
    if keeping:
        needed.append("customer")
    return needed


def _counts(source: Source, role: str, words: Words) -> bool:
    """Whether `--amount rows` counts rows, and names no column."""
    return role == "amount" and words[role] == "rows" and source.column("rows") is None


def _take(source: Source, role: str, words: dict[str, Any], faults: list[CxError]) -> None:
    """Fill a role that is wanted; several columns for one that decides the answer are a fault."""
    if column := _known(source, role):
        words[role] = column
        return
    found = known_by_name(source, role)
    if len(found) > 1 and role in ("amount", "customer"):
        faults.append(_ambiguous(role, found, f"could each be the {role}"))


def _columns(source: Source, value: Any, faults: list[CxError]) -> Any:
    """The column, or the columns, that an option names."""
    if value is None or isinstance(value, str):
        return None if value is None else _named(source, value, faults)
    names = [name for item in value for name in split(source, item)]
    found: list[str] = []
    for name in names:
        matching = _matching(source, name)
        if not matching:
            message = f'no column of {source.name} matches "{visible(name)}"'
            columns = [("columns", _listed(source.columns))]
            faults.append(RequestError("no-column", message, columns))
        found += [_named(source, one, faults) for one in matching]
    return tuple(found)


def _derived(source: Source, option: str, words: Words) -> bool:
    """Whether `--outcome promoter` means who is a promoter, and names no column."""
    return option == "outcome" and words[option] == "promoter" and source.column("promoter") is None


def _matching(source: Source, name: str) -> list[str]:
    """The columns that a pattern such as `Q7*` means, in their order; any other name as it is."""
    if "*" not in name or source.column(name):
        return [name]
    like = re.compile(".*".join(map(re.escape, name.split("*"))), re.DOTALL)
    return [column for column in source.columns if like.fullmatch(column)]


def _known(source: Source, role: str) -> str | None:
    """The one column of the layout, or of a known name, for a role."""
    own = [column for column in source.roles.get(role, ()) if column in source.columns]
    found = own or known_by_name(source, role)
    return found[0] if len(found) == 1 else None


def _settle(
    source: Source, role: str, words: dict[str, Any], faults: list[CxError], command: str
) -> None:
    key = command if role == "score" and command in terms.SCORES else role
    own = [column for column in source.roles.get(key, ()) if column in source.columns]
    if len(own) == 1:
        words[role] = own[0]
        return
    if own:
        faults.append(_ambiguous(role, own, f"could each be the {role}"))
        return
    try:
        if role == "amount":
            _amount(source, words)
        else:
            words[role] = _score(source, command) if role == "score" else _by_name(source, role)
    except CxError as error:
        faults.append(error)


def _amount(source: Source, words: dict[str, Any]) -> None:
    """The column of amounts, or those of quantities and prices."""
    parts = {role: words.get(role) or _known(source, role) for role in ("quantity", "price")}
    if all(words.get(role) for role in parts):
        return
    if not known_by_name(source, "amount") and all(parts.values()):
        words.update(parts)
        return
    words["amount"] = _by_name(source, "amount")


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


def known_by_name(source: Source, role: str, command: str = "nps") -> list[str]:
    """The columns with a known name for a role; those of a score differ by command."""
    own = terms.SCORES.get(command) if role == "score" else None
    names = {_key(name) for name in own or terms.ROLES[role].names}
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
    hints += _contracts(source) * (role == "date")
    raise RequestError(f"no-{role}", f"no column is known to be the {role}", hints)


def _contracts(source: Source) -> list[Hint]:
    """What to do with contracts, which have a start and an end; a survey may have these too."""
    if known_by_name(source, "score"):
        return []
    named = {_key(column): _quoted(column) for column in source.columns}
    for first, last in (("start", "end"), ("start date", "end date")):
        if first in named and last in named:
            ends = f"--start {named[first]} --end {named[last]}"
            both = (f"cxkit survival {ends}", f"cxkit clv --model sbg {ends}")
            return [("for contracts", ", or ".join(both))]
    return []


def _dates(source: Source) -> list[str]:
    from cxkit.cells.dates import look

    return [
        column
        for column in source.columns[:200]
        if any(cell is not None for cell in source.sample(column)) and look(source, column)
    ][:8]


def _ambiguous(role: str, columns: Sequence[str], why: str) -> CxError:
    names = told_apart(columns[:5], 60)
    listed = ", ".join(names[:-1]) + f" and {names[-1]}"
    return RequestError(
        f"ambiguous-{role}",
        f"{listed} {why}",
        [("try", f"--{role} {_quoted(columns[0])}")],
    )


# --- the score ----------------------------------------------------------------------------------


def _score(source: Source, command: str) -> str:
    """The one column of answers to the question of a command, such as a recommend question.

    A known name, or a name or question text that speaks of it; if there are several, those of
    whose answers at least nine tenths are whole numbers 0–10. Numbers alone never choose.
    """
    known = known_by_name(source, "score", command)
    speaking = [column for column in source.columns if _speaks(source, column, command)]
    candidates = list(dict.fromkeys([*known, *speaking]))
    if len(candidates) == 1 and known:
        return known[0]
    shares = _shares(source, candidates)
    scores = [column for column in candidates if shares[column] >= SHARE]
    if len(scores) == 1:
        return scores[0]
    if scores:
        both = "both" if len(scores) == 2 else "all"
        like = "look like 0–10 scores"
        if command in terms.SCORES:
            like = f"speak of {_SUBJECT[command]}"
        raise _ambiguous("score", scores, f"{both} {like}")
    raise _no_score(source, shares, command)


def _speaks(source: Source, column: str, command: str) -> bool:
    text = f"{_key(column)} {source.labels.get(column, '')}"
    recommending = bool(_RECOMMENDING.search(text)) and not _GROUPED.search(_key(column))
    if command not in terms.SCORES:
        return recommending
    return bool(_SPEAKING[command].search(text)) and not _RECOMMENDING.search(text)


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


def _no_score(source: Source, shares: Mapping[str, float], command: str) -> CxError:
    subject = _SUBJECT.get(command, _SUBJECT["nps"])
    if shares:
        column, share = max(shares.items(), key=lambda item: item[1])
        what = f'"{visible(column)}" speaks of {subject}, but {share:.0%} of its answers are 0–10'
        return RequestError("no-score", what, [("try", f"--score {_quoted(column)}")])
    ranged = [column for column in source.columns if _whole_numbers(source, column)]
    what = f"no column speaks of {subject}"
    if ranged:
        what += f"; whole numbers 0–10 stand in: {_listed(ranged)}"
    return RequestError("no-score", what, [("try", "--score COL")])


def _whole_numbers(source: Source, column: str) -> bool:
    """Whether the sample of a column holds whole numbers 0–10 and nothing else."""
    import polars as pl

    words = missing_words(source.missing)
    cells = text_of(pl.Series(source.sample(column), strict=False)).unique(maintain_order=True)
    answers = [cell for cell in cells.drop_nulls().to_list() if plain(cell) not in words]
    numbers = map(whole_number, answers)  # the first comment ends it: long ones take time
    return bool(answers) and all(number is not None and 0 <= number <= 10 for number in numbers)


def _listed(columns: Sequence[str], most: int = 8) -> str:
    more = len(columns) - most
    names = ", ".join(told_apart(columns[:most], 30))
    return names + (f" and {more} more" if more > 0 else "")


def _quoted(column: str) -> str:
    import shlex

    return shlex.quote(visible(column, 1_000))
