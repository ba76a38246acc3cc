"""How a command line goes wrong, and what is said about it: every exception has its words here."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from typer import TyperException
from typer._click.exceptions import BadOptionUsage, NoSuchOption, UsageError

from cxkit import commands, console, delivery, topics
from cxkit.errors import CxError, RequestError, did_you_mean, visible
from cxkit.terms import OPTIONS
from cxkit.values import long_option

INTERRUPTED, BUG, CLOSED_PIPE = 130, 70, 141
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EIO)  # of stdout; files tell their own
ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".parquet", ".json", ".ndjson", ".gz", ".zst", ".sav",
           ".bz2", ".xz", ".zip")  # fmt: skip


def told(error: BaseException, argv: Sequence[str]) -> int:
    """Say on stderr what has happened, and return the exit code."""
    if _is_closed_pipe(error):
        return CLOSED_PIPE
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else int(bool(error.code))
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    if isinstance(error, TyperException):
        error = reworded(error, argv)
    if isinstance(error, OSError) and error.errno in FULL and error.filename is None:
        error = delivery.unwritable(error)
    if isinstance(error, CxError):
        console.say(console.error_lines(error, argv))
        return error.exit_code
    return _bug(error, argv)


def _is_closed_pipe(error: BaseException) -> bool:
    """Whether the reader of stdout went away; Typer may have made a SystemExit of it."""
    return isinstance(error, BrokenPipeError) or (
        isinstance(error, SystemExit) and isinstance(error.__context__, BrokenPipeError)
    )


def _bug(error: BaseException, argv: Sequence[str]) -> int:
    if os.environ.get("CXKIT_DEBUG"):
        import traceback

        console.say("".join(traceback.format_exception(error)).splitlines())
    where = argv[0] if argv and _known(argv[0]) else "cxkit"
    console.say([
        f"error[bug]: unexpected failure in {where} ({type(error).__name__}). Nothing was written.",
        "  rerun with CXKIT_DEBUG=1 and report the trace",
    ])  # fmt: skip
    return BUG


def _known(name: str) -> bool:
    aliases = {alias.name for alias in commands.ALIASES}
    return name in aliases or commands.find(name) is not None


# Typer's own errors


def reworded(error: TyperException, argv: Sequence[str]) -> CxError:
    """An error of the parser in our words."""
    if isinstance(error, NoSuchOption):
        return _no_option(error, argv)
    if isinstance(error, BadOptionUsage):
        return _bad_use(error)
    message = error.format_message().rstrip(".")
    return RequestError("usage", visible(message[:1].lower() + message[1:], 200))


def _no_option(error: NoSuchOption, argv: Sequence[str]) -> CxError:
    name, context = error.option_name, error.ctx
    known = [] if context is None else _long_options(context)
    if context is not None and context.parent is None and (moved := _moved(argv)):
        hints = [("try", console.shell(["cxkit", *moved]))]
        return RequestError("usage", f"{visible(name)} stands before the command", hints)
    word = next((word for word in argv if word.startswith(name)), name)
    if not name.startswith("--") and f"-{word}" in known:
        name = word
    elif not word.startswith("--") and _is_file(word):
        message = f"{visible(word)} begins with a dash, as options do"
        return RequestError("usage", message, replace=(word, f"./{word}"))
    close = [f"-{name}"] if f"-{name}" in known else _near(name, known)
    return RequestError(
        "usage",
        f"no option {visible(name)}",
        [("did you mean", " or ".join(close))] if close else [],
        replace=(name, close[0]) if len(close) == 1 else None,
    )


def _near(name: str, known: Sequence[str]) -> list[str]:
    """Options of close names; the dashes, which all have in front, make none of them close."""
    bare = [one.lstrip("-") for one in known]
    return [f"--{one}" for one in did_you_mean(name.lstrip("-"), bare)]


def _long_options(context: Any) -> list[str]:
    return [
        name
        for parameter in context.command.get_params(context)
        for name in parameter.opts
        if name.startswith("--")
    ]


def _moved(argv: Sequence[str]) -> list[str] | None:
    """The command line with what stands before the command put behind it."""
    first = next((index for index, word in enumerate(argv) if _known(word)), 0)
    before = argv[:first]
    options = {long_option(name) for name in OPTIONS}
    if not before or (before[0].startswith("--") and before[0].partition("=")[0] not in options):
        return None
    return [argv[first], *argv[first + 1 :], *before]


def _bad_use(error: BadOptionUsage) -> CxError:
    if "requires" in error.message:
        return RequestError("usage", f"{visible(error.option_name)} needs a value")
    return RequestError("usage", f"{visible(error.option_name)} takes no value")


# What a command line lacks


def no_file(command: str) -> CxError:
    """No file, and nothing is piped in."""
    hints = [("usage", f"cxkit {command} [OPTIONS] [FILE]..."),
             ("try", f"cxkit {command} survey.csv   or   cxkit {command} --help")]  # fmt: skip
    return RequestError("usage", f"{command} needs a FILE, or data piped into it", hints)


def no_command(args: Sequence[str]) -> Exception:
    """A word that is no command: an option, a file, or a mistyped name."""
    word = args[0]
    if word.startswith("-") and word != "-":
        return UsageError(f"no option {visible(word)}")
    if _is_file(word):
        known = [name for name in ("nps", "check") if commands.find(name)]
        tries = "   or   ".join(console.shell(["cxkit", name, *args]) for name in known)
        message = f'"{visible(word)}" is a file, not a command'
        return RequestError("no-command", message, [("try", tries)])
    names = [command.name for command in commands.COMMANDS]
    close = did_you_mean(word, [*names, "help"])
    return RequestError(
        "no-command",
        f'no command "{visible(word)}"',
        [("did you mean", " or ".join(close)) if close else ("commands", ", ".join(names))],
        replace=(word, close[0]) if len(close) == 1 else None,
    )


def _is_file(word: str) -> bool:
    return word == "-" or Path(word).suffix.lower() in ENDINGS or os.path.isfile(word)


def no_topic(word: str) -> CxError:
    """`cxkit help` of something unknown."""
    known = [*topics.TOPICS, *(command.name for command in commands.COMMANDS)]
    close = did_you_mean(word, known)
    return RequestError(
        "usage",
        f'no help on "{visible(word)}"',
        [("did you mean", " or ".join(close)) if close else ("topics", ", ".join(known))],
        replace=(word, close[0]) if len(close) == 1 else None,
    )


# Completion

WORDS = "cxkit.words"  # where a command's context keeps its words; the parser loses them


def completion(name: str) -> Callable[[Any, str], list[str]] | None:
    """What completes the value of an option: its choices, or the columns of the file typed."""
    option = OPTIONS[name]
    if option.choices:
        return lambda ctx, incomplete: list(option.choices)
    if option.metavar in ("COL", "COL[,COL]"):
        return _columns
    return None


def _columns(ctx: Any, incomplete: str) -> list[str]:
    """The columns of the file that is typed already; no file, or a broken one, gives none."""
    files = [word for word in ctx.meta.get(WORDS, ()) if os.path.isfile(word)]
    before = incomplete[: incomplete.rfind(",") + 1]
    try:
        from cxkit.reading import read

        return [before + name for name in read(files[0]).columns] if files else []
    except Exception:
        return []
