"""From what the user gives to what an analysis takes: data read, every column's role settled."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cxkit.errors import CxError, Faults, RequestError, raise_all, visible
from cxkit.terms import OPTIONS, ROLES

if TYPE_CHECKING:
    from types import ModuleType

    from cxkit.result import Note
    from cxkit.source import Source

# Second files by option: the roles that are needed of them, and those that are wanted. They are
# read like the first, and reach the analysis as a Source with these roles settled.
SECOND: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "orders": (("customer", "date", "amount"), ("currency",)),
    "survey": (("score", "customer", "date"), ()),
    "referrals": (("customer", "referrer"), ("date", "amount")),
}


def prepare(
    name: str,
    module: ModuleType,
    data: Any,
    words: dict[str, Any],
    reading: dict[str, Any],
    told: list[CxError],
) -> tuple[Source, dict[str, Any], Sequence[Note]]:
    """The data as a Source, the keywords with all roles filled in, and what is to be noted.

    Args:
        name: the command.
        module: its module, with what it says of roles.
        data: paths, a frame, an Arrow object, or a Source that is read already.
        words: the options of the analysis that are given.
        reading: those of reading.
        told: faults of the request that are known already.

    Raises:
        CxError: every fault of the request together.
    """
    from cxkit.reading import layouts, roles

    settled: dict[str, Any] = {}
    source: Source | None = None
    theirs = getattr(module, "THEIRS", ())
    others, wrong = _seconds(words, reading, theirs)
    wrong += _absent(name, module, words)
    try:
        needed = [*_needed(module, words), *roles.asked_by(words)]
        source = layouts.asked_of(_source(data, reading), name, words.get("score"))
        if "amount" in needed and not words.get("amount"):
            layouts.need_sales(source)
        own = {
            option: value
            for option, value in words.items()
            if option not in theirs and not _elsewhere(source, option, value, others)
        }
        wanted = getattr(module, "WANTS", ())
        settled = roles.find(source, needed, own, wanted, name)
    except CxError as error:
        lacks = error.errors if isinstance(error, Faults) else [error]
        if wrong and (swapped := _swapped(name, module, data, words, reading)):
            lacks, wrong = [swapped], []
        told += lacks
    raise_all([*told, *wrong])
    assert source is not None
    notes = [*_idle_format(source, settled.get("date")), *_idle_columns(words, others, theirs)]
    return source, settled | others, notes


def _needed(module: ModuleType, words: Mapping[str, Any]) -> Sequence[str]:
    """The roles that an analysis cannot do without, with these keywords."""
    own = getattr(module, "finds", None)
    found: Sequence[str] = own(words) if own else getattr(module, "FINDS", ())
    return found


def _seconds(
    words: Mapping[str, Any], reading: Mapping[str, Any], theirs: Sequence[str]
) -> tuple[dict[str, Source], list[CxError]]:
    """The second files by option, and what is wrong with them."""
    found: dict[str, Source] = {}
    told: list[CxError] = []
    for option in SECOND:
        if words.get(option) is not None:
            try:
                found[option] = _second(option, words, reading, theirs)
            except CxError as error:
                told += error.errors if isinstance(error, Faults) else [error]
    return found, told


def _absent(name: str, module: ModuleType, words: Mapping[str, Any]) -> list[CxError]:
    """An error for each second file that the analysis cannot do without and that is not given."""
    import inspect

    options = inspect.signature(getattr(module, name)).parameters.values()
    return [
        RequestError(
            "missing-option",
            f"{name} needs --{one.name} FILE, a {OPTIONS[one.name].help}",
            [("try", f"cxkit {name} FILE --{one.name} FILE")],
        )
        for one in options
        if one.name in SECOND and one.default is one.empty and words.get(one.name) is None
    ]


def _idle_columns(
    words: Mapping[str, Any], others: Mapping[str, Source], theirs: Sequence[str]
) -> list[Note]:
    """A note on each column that is named for a second file, where none is given."""
    from cxkit.result import Note

    read = {role for option in others for role in _roles(option)}
    return [
        Note("idle", "info", f"--{role} names a column of a second file, and none is given")
        for role in theirs
        if words.get(role) and role not in read
    ]


def _swapped(
    name: str, module: ModuleType, data: Any, words: Mapping[str, Any], reading: Mapping[str, Any]
) -> CxError | None:
    """The error of two files in each other's place; None if either would lack a column there."""
    option = next((option for option in SECOND if isinstance(words.get(option), str)), None)
    if option is None or not isinstance(data, str) or "-" in (data, words[option]):
        return None
    from cxkit.console import shell
    from cxkit.reading import roles

    theirs = getattr(module, "THEIRS", ())
    own = {role: value for role, value in words.items() if role in ROLES and role not in theirs}
    try:
        _second(option, {**words, option: data}, reading, theirs)
        roles.find(_source(words[option], {}), _needed(module, words), own, (), name)
    except CxError:
        return None
    first, second = (visible(os.path.basename(one)) for one in (data, words[option]))
    message = f"{first} and {second} are in each other's place: {first} is the --{option} file"
    pasted = shell(["cxkit", name, words[option], f"--{option}", data]) + " …" * (len(words) > 1)
    return RequestError("swapped", message, [("try", pasted)])


def _roles(option: str) -> tuple[str, ...]:
    """The roles that columns of a second file may play."""
    needed, wanted = SECOND[option]
    return (*needed, *wanted, "quantity", "price")


def _elsewhere(source: Source, name: str, value: Any, others: Mapping[str, Source]) -> bool:
    """Whether the column named for a role stands in a second file only."""
    if name not in ROLES or not isinstance(value, str) or source.column(value):
        return False
    return any(other.column(value) for other in others.values())


def _second(
    option: str,
    words: Mapping[str, Any],
    reading: Mapping[str, Any],
    theirs: Sequence[str],
) -> Source:
    """A second file as a Source, its own columns by role; those named for the first file hold
    where it has them too, those that are `theirs` always."""
    from dataclasses import replace

    from cxkit.reading import layouts, roles

    shared = {name: reading[name] for name in ("null", "missing_words") if name in reading}
    given = words[option]
    if isinstance(given, str) and not given.strip():
        raise RequestError("bad-value", f"--{option} must name a file, and is empty")
    source = _read_second(given, {} if _is_source(given) else shared)
    if option == "survey":
        source = layouts.asked_of(source, "nps", words.get("score") if "score" in theirs else None)
    needed, wanted = SECOND[option]
    if "amount" in needed and not words.get("amount"):
        layouts.need_sales(source)
    named = {
        role: words[role]
        for role in _roles(option)
        if words.get(role) and (role in theirs or source.column(words[role]))
    }
    try:
        found = roles.find(source, needed, named, wanted)
    except CxError as error:
        found_wrong = error.errors if isinstance(error, Faults) else (error,)
        raise Faults([_in_file(one, source.name) for one in found_wrong]) from None
    own = {role: (column,) for role, column in found.items() if column}
    return replace(source, roles={**source.roles, **own})


def _read_second(given: Any, reading: dict[str, Any]) -> Source:
    """A second file as a Source; what is wrong with it is said with its name."""
    from cxkit.reading import stack

    try:
        return _source(given, reading)
    except CxError as error:
        name = os.path.basename(given) if isinstance(given, str) else "the data"
        raise stack.named(error, name) from error


def _in_file(error: CxError, name: str) -> CxError:
    """The error with the name of the file that it is about."""
    if name in error.message:
        return error
    message = f"{error.message} in {name}"
    return type(error)(error.slug, message, error.hints, replace=error.replace)


def _is_source(data: Any) -> bool:
    from cxkit.source import Source

    return isinstance(data, Source)


def _idle_format(source: Source, date: str | None) -> list[Note]:
    """A warning if no cell seen is written in the format that the user states for dates."""
    format = source.date_format
    if format is None or date not in source.columns:
        return []
    import polars as pl

    from cxkit.result import Note

    texts = [cell for cell in source.sample(date) if isinstance(cell, str) and cell.strip()]
    column = pl.Series(texts, dtype=pl.String)
    try:
        fits = column.str.strptime(pl.Date, format, strict=False, exact=False)
    except pl.exceptions.PolarsError:
        return []  # not a format at all, which has its own error
    if not texts or fits.null_count() < len(texts):
        return []
    message = f'no date of "{visible(date)}" is written as {visible(format)}'
    return [Note("date-format", "warning", message, (("try", "leave out --date-format"),))]


def _source(data: Any, reading: dict[str, Any]) -> Source:
    from cxkit.reading import read
    from cxkit.source import Source

    if not isinstance(data, Source):
        return read(data, **reading)
    if reading:
        raise TypeError(f"the data is read already; give {', '.join(reading)} to cxkit.read")
    return data
