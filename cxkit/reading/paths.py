"""Which files are meant: names, globs, folders, standard input."""

from __future__ import annotations

import glob
import os
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from cxkit.errors import DataError, did_you_mean, visible
from cxkit.reading.text import File, chunks, spool, unreadable

STDIN = "standard input"
READABLE = (
    *(".csv", ".tsv", ".tab", ".txt", ".parquet", ".arrow", ".feather", ".ipc"),
    *(".json", ".ndjson", ".jsonl", ".xlsx", ".xlsm", ".sav", ".zsav"),
    *(".gz", ".zst", ".bz2", ".xz", ".zip"),
)


def expand(words: Iterable[str]) -> Iterator[str]:
    """Names of files: each as given, or what a glob matches, in order of name."""
    for word in words:
        if word == "-" or os.path.lexists(word) or not glob.has_magic(word):
            yield word
        elif matches := sorted(glob.glob(word, recursive=True)):
            yield from matches
        elif not any(mark in word for mark in "*?"):
            yield word  # a name with a bracket in it, and no such file
        else:
            raise DataError("no-file", f"no file matches {visible(word)}")


def names(words: Sequence[str]) -> list[str]:
    """What messages call the files: their names without folders, if that tells them apart."""
    short = [os.path.basename(word) or word for word in words]
    told = short if len(set(short)) == len(set(words)) else list(words)
    return [os.fsencode(word).decode("utf-8", "replace") for word in told]


def locate(word: str, name: str) -> File:
    """The file of that path; what can be read only once is copied to a private file."""
    if word == "-":
        return _standard_input()
    if not word:
        raise DataError("no-file", "the name of the file is empty")
    path = Path(word)
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise _folder(word, path)
        with path.open("rb") as stream:
            if not stat.S_ISREG(mode):
                return File(name, spool(chunks(stream)), stream=True)
    except FileNotFoundError:
        raise _missing(word, path) from None
    except (OSError, ValueError) as error:
        if isinstance(error, (ValueError, NotADirectoryError)):
            raise _missing(word, path) from None
        raise unreadable(word, error) from error
    return _nameable(File(name, path.absolute()))


def _standard_input() -> File:
    if sys.stdin is None or getattr(sys.stdin, "closed", False):
        raise DataError("no-file", "standard input is closed")
    try:
        return File(STDIN, spool(chunks(sys.stdin.buffer)), stream=True)
    except OSError as error:
        raise unreadable(STDIN, error) from error


def _nameable(file: File) -> File:
    """The file, or a private copy if its name is not UTF-8, which the engine cannot open."""
    try:
        str(file.path).encode()
    except UnicodeEncodeError:
        with file.readable(), file.open() as stream:
            return file._replace(path=spool(chunks(stream)))
    return file


def _missing(word: str, path: Path) -> DataError:
    try:
        neighbours = os.listdir(path.parent) if path.parent.is_dir() else None
    except (OSError, ValueError):
        neighbours = []
    if neighbours is None:
        parent = visible(str(path.parent))
        return DataError("no-file", f"{visible(word)} does not exist: there is no folder {parent}")
    close = [str(path.parent / name) for name in did_you_mean(path.name, neighbours)]
    hints = [("did you mean", " or ".join(map(visible, close)))] if close else []
    replace = (word, close[0]) if len(close) == 1 else None
    return DataError("no-file", f"{visible(word)} does not exist", hints, replace=replace)


def _folder(word: str, path: Path) -> DataError:
    try:
        names = sorted(name for name in os.listdir(path) if name.lower().endswith(READABLE))
    except OSError:
        names = []
    hints = []
    if names:
        listed = ", ".join(visible(name, 40) for name in names[:5])
        hints.append(("files", listed + (f" and {len(names) - 5} more" if len(names) > 5 else "")))
        import shlex

        hints.append(("try", shlex.quote(visible(str(path / names[0])))))
    return DataError("no-file", f"{visible(word)} is a folder, not a file", hints)
