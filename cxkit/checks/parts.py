"""Which columns play which part, why, and what stands in the way of a command."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl

from cxkit import commands, terms
from cxkit.cells.answers import text_of, understand, whole_number
from cxkit.checks.content import Facts
from cxkit.checks.problem import Problem, counted, of_error, remedy
from cxkit.checks.profile import answers
from cxkit.commands import Command
from cxkit.engines import collect
from cxkit.errors import CxError, DataError, Faults, RequestError, visible
from cxkit.reading import layouts, roles
from cxkit.source import ROW, Source, not_blank
from cxkit.surveys.doubts import judge_scale

Line = Callable[[int | None], int | None]
ROLES = ("score", "date", "customer")  # those that options of `check` name
# What a note of an analysis says of cells is said here too, by line, and of the whole file.
_SAID = {"invalid", "duplicates", "question-type", "where-unread"}
# What a command is told besides the file: it says nothing against the file.
_BESIDES = {"missing-option", "no-stage", "no-item", "no-referrer", "no-time"}


class Played(NamedTuple):
    """The roles that columns of a file may play for a command.

    Args:
        command: its name.
        needed: the roles that it cannot do without.
        wanted: those that it takes where a column is known for them.
        keep: which answers of a customer it counts by default; None: it has no such option.
    """

    command: str = "nps"
    needed: tuple[str, ...] = ROLES
    wanted: tuple[str, ...] = ()
    keep: str | None = "all"

    @property
    def recommending(self) -> bool:
        """Whether its score answers the recommend question."""
        return self.command not in terms.SCORES


def played(command: Command | None) -> Played:
    """The roles of a command; without one those of a survey."""
    if command is None:
        return Played()
    module = commands.load(command)
    own = {shape.name: shape for shape in commands.shapes(getattr(module, command.name))}
    needed = module.finds({}) if hasattr(module, "finds") else getattr(module, "FINDS", ())
    known = {*ROLES, *getattr(module, "WANTS", ())} - {*getattr(module, "THEIRS", ())}
    if "score" not in needed:
        known -= {"score"}
    wanted = [role for role in terms.ROLES if role in known and role in own]
    keep = own["keep"].default if "keep" in own else None
    return Played(command.name, tuple(needed), tuple(r for r in wanted if r not in needed), keep)


def settle(
    source: Source, given: Mapping[str, str], found: Mapping[str, Facts], played: Played
) -> tuple[dict[str, str], list[Problem]]:
    """The columns by role, with the reason; or why there is none.

    Raises:
        RequestError: a column that is given is not there.
    """
    settled: dict[str, str] = {}
    problems: list[Problem] = []
    asked = [role for role in terms.ROLES if role in (*played.needed, *played.wanted, *given)]
    for role in asked:
        try:
            columns = _columns(source, role, given, played)
        except RequestError as error:
            if role in given:
                raise
            problems += _unsettled(role, error)
            continue
        for part, column in columns.items():
            settled[part] = column
            why = _why(source, part, column, given, found, played)
            message = f'{part} is "{visible(column, 40)}": {why}'
            problems.append(Problem("info", "role", message, None, column))
    return settled, problems


def _columns(source: Source, role: str, given: Mapping[str, str], played: Played) -> dict[str, str]:
    """The column of a role; of an amount that is not there those of quantities and prices."""
    words = {role: given[role]} if role in given else {}
    needed, wanted = ((role,), ()) if role in (*played.needed, *ROLES) else ((), (role,))
    found = roles.find(source, needed, words, wanted, played.command)
    return {part: column for part, column in found.items() if column}


def _unsettled(role: str, error: CxError) -> list[Problem]:
    """Several columns for a role are a doubt; none at all is worth a line for the score only."""
    if error.slug.startswith("ambiguous"):
        return [of_error(error, "warning")]
    return [of_error(error, "info")] if role == "score" else []


def _why(
    source: Source,
    role: str,
    column: str,
    given: Mapping[str, str],
    found: Mapping[str, Facts],
    played: Played,
) -> str:
    if role in given:
        return "given"
    if column in source.roles.get(role, ()):
        return f"the layout's own column ({source.inputs[0].layout})"
    if column in roles.known_by_name(source, role, played.command):
        return "a known name"
    if not played.recommending:
        return f"it speaks of what {played.command} measures"
    share = found[column]["score"] / max(answers(found[column]), 1)
    return f"it speaks of recommending, and {share:.0%} of its answers are 0–10"


# --- the score ----------------------------------------------------------------------------------


def score_doubts(source: Source, score: str, line: Line) -> list[Problem]:
    """Answers off the scale, and doubts about the scale itself."""
    source = layouts.asked_of(source, "nps", score)
    table = _tally(source, score)
    labels = source.codes.get(score)
    meaning = understand(table["answer"], low=0, high=10, declared=source.missing, labels=labels)
    table = table.hstack(meaning)
    problems = []
    try:
        notes = judge_scale(table, score, 0, 10)
        problems += [
            Problem("warning", n.code, f'"{visible(score)}": {n.message}', remedy(n.hints), score)
            for n in notes
        ]
    except DataError as error:
        problems.append(of_error(error, "warning", score))
    return [*problems, *_off_scale(table, score, line)]


def _tally(source: Source, score: str) -> pl.DataFrame:
    """Answers counted; rows keep their numbers, blank lines counted too."""
    rows = not_blank(source.rows, source.columns)
    counts = {"n": pl.len().cast(pl.Int64), "first": pl.col(ROW).min().cast(pl.Int64)}
    return collect(rows.group_by(answer=pl.col(score)).agg(**counts), source).sort("first")


def _off_scale(table: pl.DataFrame, score: str, line: Line) -> list[Problem]:
    """Answers that are no scores: numbers by value, texts only counted."""
    lost = table.filter(pl.col("kind") == "invalid")
    cells = text_of(lost["answer"]).str.strip_chars()
    numbers = [whole_number(cell) for cell in cells.to_list()]
    numeric = pl.Series([number is not None for number in numbers], dtype=pl.Boolean)
    problems = []
    if numeric.any():
        odd = lost.with_columns(pl.Series("number", numbers, dtype=pl.Int64)).filter(numeric)
        problems.append(_numbers(odd, score, line))
    texts = lost.filter(~numeric)
    if not texts.is_empty():
        n = int(texts["n"].sum())
        verb = "is" if n == 1 else "are"
        message = f'{counted(n, "answer")} of "{visible(score, 40)}" {verb} not a number 0–10'
        fix = "a word that stands for no answer: --null WORD"
        first = line(_first(texts))
        problems.append(Problem("warning", "not-a-score", message, fix, score, n, first))
    return problems


def _numbers(odd: pl.DataFrame, score: str, line: Line) -> Problem:
    n = int(odd["n"].sum())
    values = odd.group_by("number").agg(pl.col("n").sum()).sort(-pl.col("n"), "number")
    few = values.filter(pl.col("number").abs() < 1000).head(5)
    told = ", ".join(f"{v} ({k:,})".replace("-", "−") for v, k in few.iter_rows())
    more = values.height - few.height
    told += (f" and {more} more" if told else f"{more} long numbers") if more else ""
    verb = "lies" if n == 1 else "lie"
    message = f'{counted(n, "answer")} of "{visible(score, 40)}" {verb} outside 0–10: {told}'
    words = " ".join(f"--null {value}" for value in few["number"].to_list())
    fix = f"if they mean “no answer”: {words}" if words and not more else None
    return Problem("warning", "off-scale", message, fix, score, n, line(_first(odd)))


def _first(cells: pl.DataFrame) -> int | None:
    first = cells["first"].min()
    return None if first is None else int(first)  # type: ignore[arg-type]


# --- rows that are left out ---------------------------------------------------------------------

# What one row and several rows are, and what keeps them.
_LEFT_OUT = {
    "preview": ("is a preview", "are previews", "--keep-previews"),
    "test": ("is a test answer", "are test answers", "--keep-previews"),
    "unfinished": ("is unfinished", "are unfinished", "--keep-unfinished"),
}


def left_out(source: Source, command: str, score: str | None, line: Line) -> Iterator[Problem]:
    """Rows that every command leaves out, and rows that answer questions of another type.

    Args:
        source: the file.
        command: whose type of question counts.
        score: the column of answers, if the user names one.
        line: the line of a row.
    """
    asked = layouts.asked_of(source, command, score)
    if not asked.left_out:
        return
    reason: pl.Expr = pl.lit(None, pl.String)
    for name, applies in reversed(list(asked.left_out.items())):
        reason = pl.when(applies).then(pl.lit(name)).otherwise(reason)
    counts = {"n": pl.len().cast(pl.Int64), "first": pl.col(ROW).min().cast(pl.Int64)}
    rows = not_blank(asked.rows, asked.columns)
    table = collect(rows.group_by(reason=reason).agg(**counts), source)
    found = {name: (n, line(first)) for name, n, first in table.iter_rows()}
    for name in asked.left_out:
        if name in found:
            yield _left_out(name, *found[name], source, command)


def _left_out(name: str, n: int, first: int | None, source: Source, command: str) -> Problem:
    if name in _LEFT_OUT:
        one, several, option = _LEFT_OUT[name]
        message = f"{counted(n, 'row')} {one if n == 1 else several}, left out"
        fix = f"{option} keeps {'it' if n == 1 else 'them'}"
        return Problem("info", "left-out", message, fix, None, n, first)
    mixed = next((one.mixed for one in (source, *source.parts) if one.mixed), None)
    column = mixed.column if mixed else None
    message = f"{counted(n, 'row')} {'answers' if n == 1 else 'answer'} a question of another type"
    if mixed:
        types = " or ".join(mixed.types.get(command, (command,)))
        message += f': "{visible(column, 40)}" is not {types}'
    message += f"; {command} leaves {'it' if n == 1 else 'them'} out"
    return Problem("info", "left-out", message, None, column, n, first)


# --- a command ----------------------------------------------------------------------------------


def ways(
    command: Command, source: Source, given: Mapping[str, Any], problems: Sequence[Problem]
) -> list[Problem]:
    """The problems as a command sees them: it is run, and what stops it is an error.

    What the command needs besides the file is no error. Where that stops it, and it rests on the
    recommend question, the answers are judged by `nps`.
    """
    errors, doubts = _run(command, source, given)
    besides = [error for error in errors if _besides(error)]
    errors = [error for error in errors if error not in besides]
    if besides and not errors and "score" in played(command).needed:
        errors, doubts = _run(command_of("nps"), source, given)
    codes = {error.slug for error in errors}
    stopped = [of_error(error) for error in errors]
    kept = [one for one in problems if one.code not in codes]
    known = {one.code for one in kept}
    if not errors:
        kept = [_passable(one) for one in kept]
    told = [_told(error) for error in besides]
    return [*stopped, *kept, *(one for one in doubts if one.code not in known), *told]


def _run(
    command: Command, source: Source, given: Mapping[str, Any]
) -> tuple[list[CxError], list[Problem]]:
    """What stops a command on a file, and what it warns of."""
    options = commands.shapes(getattr(commands.load(command), command.name))
    own = {name: given[name] for name in given if name in {shape.name for shape in options}}
    try:
        result = commands.run(command, source, own)
    except CxError as error:
        return [*error.errors] if isinstance(error, Faults) else [error], []
    doubts = [
        Problem("warning", note.code, note.message, remedy(note.hints))
        for note in result.notes
        if note.kind == "warning" and note.code not in _SAID
    ]
    return [], doubts


def _besides(error: CxError) -> bool:
    """Whether an error asks for what `check` has no option for: a role, a file, other columns."""
    roles_of_others = set(terms.ROLES) - set(ROLES)
    role = error.slug.removeprefix("no-").removeprefix("ambiguous-")
    return isinstance(error, RequestError) and (error.slug in _BESIDES or role in roles_of_others)


def _told(error: CxError) -> Problem:
    """What a command needs besides; a column that no name tells is worth a look."""
    return of_error(error, "info" if error.slug in _BESIDES else "warning")


def _passable(problem: Problem) -> Problem:
    """Short rows do not stop a command that reads on: their last cells count as missing."""
    from dataclasses import replace

    return replace(problem, severity="warning") if problem.code == "short-rows" else problem


def command_of(name: str) -> Command:
    """The command that `--for` names.

    Raises:
        RequestError: there is none of that name.
    """
    from cxkit.errors import did_you_mean

    analyses = {one.name: one for one in commands.COMMANDS if one.panel != "Files"}
    if name in analyses:
        return analyses[name]
    close = did_you_mean(name, analyses)
    hint = ("did you mean", " or ".join(close)) if close else ("commands", ", ".join(analyses))
    replaced = (name, close[0]) if len(close) == 1 else None
    message = f'--for: no command "{visible(name)}" reads a file'
    raise RequestError("bad-value", message, [hint], replace=replaced)
