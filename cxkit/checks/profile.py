"""A line for each column: what it holds, how full it is, what a cell looks like.

Nothing here prints a cell that could tell of a person: an answer on a scale and a word that many
rows share are shown as they stand, anything else as its shape.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import polars as pl

from cxkit.cells.answers import missing_words, plain
from cxkit.checks.content import Facts
from cxkit.errors import visible
from cxkit.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable

KINDS = ("column", "role", "holds", "filled_rate", "distinct", "example")
MOST = 0.95  # of the answers must be of a kind for the column to be called so
_CATEGORIES = 50  # distinct words up to which a column may be one of categories,
_SHARED = 5  # each shared by so many rows
# Columns that may tell of a person, whatever they hold.
_PRIVATE = re.compile(
    r"name|\btên|họ và|mail|phone|mobile|\btel\b|điện thoại|sđt|address|địa chỉ|comment|góp ý|"
    r"ý kiến|customer|client|khách|contact|user|\bid\b|birth|sinh|passport|cmnd|cccd|account|"
    r"owner|agent|manager|employee|recipient|respondent|\bip\b|text|feedback|verbatim",
    re.IGNORECASE,
)
# Names of columns of ids, `_`, `-` and blanks alike.
_ID = re.compile(
    r"(?i:\b(?:ids?|uuid|guid|rowguid|token|mã phiếu|mã trả lời|mã khách hàng)\b)|(?<=[a-z])I[dD]\b"
)
_FORM = {"iso": "year first", "worded": "in words"}


def profile(
    found: Mapping[str, Facts],
    table: pl.DataFrame,
    source: Source,
    roles: Mapping[str, str],
    orders: Mapping[str, str],
    recommending: bool = True,
) -> pl.DataFrame:
    """The columns as rows.

    Args:
        found: facts by column.
        table: the tally of columns with few distinct cells.
        source: the file, for a cell of the other columns.
        roles: which column plays which part.
        orders: `day first` or `month first`, of columns where that is known.
        recommending: whether the score answers the recommend question, 0–10.
    """
    parts = {column: role for role, column in roles.items()}
    words = missing_words(source.missing)
    common = {str(key[0]): part for key, part in table.group_by("column", maintain_order=True)}
    lines = []
    for column, facts in found.items():
        tallied = common.get(column)
        cells: Iterable[object] = (
            source.sample(column) if tallied is None else tallied["value"].to_list()
        )
        cell = next((str(c) for c in cells if c is not None and plain(str(c)) not in words), None)
        part = parts.get(column) if recommending else None
        held = holds(facts, column, part, orders.get(column))
        rate = facts["filled"] / facts["rows"] if facts["rows"] else 0.0
        example = None if cell is None else _example(cell.strip(), column, facts)
        lines.append((column, parts.get(column), held, rate, facts["distinct"], example))
    schema = dict.fromkeys(KINDS, pl.String) | {"filled_rate": pl.Float64, "distinct": pl.Int64}
    return pl.DataFrame(lines, schema=schema, orient="row")


def answers(facts: Facts) -> int:
    """How many cells hold something that is no word for nothing."""
    return int(facts["filled"] - facts["missing"])


def is_dated(facts: Facts) -> bool:
    """Whether a column holds dates, or mostly."""
    return bool(answers(facts)) and facts["dated"] >= 0.5 * answers(facts)


def holds(facts: Facts, name: str, role: str | None = None, order: str | None = None) -> str:
    """What a column holds, in a few words."""
    n = answers(facts)

    def most(test: str) -> bool:
        return bool(facts[test] >= MOST * n)

    if n <= 0:
        return "blank"
    if role == "score" and most("score"):
        return "score 0–10"
    if is_dated(facts):
        return f"dates, {order or _form(facts)}"
    if most("number"):
        return _numbers(facts)
    if most("score"):
        return "numbers 0–10 with labels"
    if most("truth"):
        return "yes or no"
    if most("email"):
        return "e-mail addresses"
    if most("token") and _ID.search(re.sub(r"[_\W]+", " ", name)):
        return "ids"
    if _few(facts):
        return "categories"
    return "ids" if most("idlike") and facts["distinct"] >= MOST * facts["filled"] else "text"


def _form(facts: Facts) -> str:
    form = max(("iso", "numeric", "worded"), key=lambda name: facts[name])
    return _FORM.get(form, "day or month first")


def _numbers(facts: Facts) -> str:
    if facts["whole"] >= MOST * answers(facts):
        low, high = facts["low"], facts["high"]
        small = low is not None and -1000 < low <= high < 1000
        span = str(low).replace("-", "−") + (f"–{high}" if high != low else "") if small else ""
        return f"whole numbers {span}".strip()
    comma = facts["comma"] > facts["point"]
    return "numbers, decimal comma" if comma else "numbers"


def _few(facts: Facts) -> bool:
    """Whether few words are shared by many rows."""
    distinct = facts["distinct"]
    return bool(distinct <= _CATEGORIES and facts["filled"] >= _SHARED * distinct)


def private(column: str) -> bool:
    """Whether a column's name says that it may tell of a person."""
    return bool(_PRIVATE.search(re.sub(r"[_\W]+", " ", column)))


def shows(column: str, facts: Facts) -> bool:
    """Whether cells of a column may be shown as they stand."""
    return _few(facts) and not private(column) and not facts["email"]


def _example(cell: str, column: str, facts: Facts) -> str:
    if re.fullmatch(r"[+\-−]?\d{1,2}", cell) and not private(column):
        return cell
    short = len(cell) <= 20 and sum(c.isdigit() for c in cell) < 5
    return visible(cell) if short and shows(column, facts) else masked(cell)


def masked(cell: str, limit: int = 20) -> str:
    """The shape of a cell: `A9999`, `99/99/9999`, `x@x`."""
    if "@" in cell:
        return "x@x"
    letters = re.sub(r"[^\W\d_]", lambda found: "A" if found[0].isupper() else "x", visible(cell))
    shape = re.sub(r"\d", "9", letters)
    return shape if len(shape) <= limit else shape[: limit - 1] + "…"


def apart(names: Sequence[str], limit: int) -> list[str]:
    """Names of at most so many characters, cut in the middle, numbered where they come out alike.

    Example:
        >>> apart(["How likely are you to call?", "How likely are you to sell?"], 11)
        ['How l…call?', 'How l…sell?']
    """
    taken: set[str] = set()
    found = []
    for name in names:
        whole = visible(name, 500)
        short, number = _middle(whole, limit), 1
        while short in taken:
            number += 1
            short = _middle(whole, limit - len(f" ({number})")) + f" ({number})"
        taken.add(short)
        found.append(short)
    return found


def _middle(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    tail = max(limit - 1, 0) // 2
    return f"{text[: max(limit - 1 - tail, 0)].rstrip()}…{text[len(text) - tail :].lstrip()}"
