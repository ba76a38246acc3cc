"""Where a result goes: its format and its files; all is rendered before any is written."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from cxkit import console
from cxkit.errors import CxError, DataError, RequestError, visible

if TYPE_CHECKING:
    import polars as pl

    from cxkit.result import Note, Result

BINARY = ("xlsx", "parquet")
CHARTS = ("png", "svg", "pdf")


class Output(NamedTuple):
    """How a result is shown and where it is written; the Output panel of every command."""

    format: str | None = None
    json: bool = False
    csv: bool = False
    output: str | None = None
    chart: str | None = None
    title: str | None = None
    limit: int | None = None
    width: int | None = None
    precision: int | None = None
    color: str = "auto"
    ascii: bool = False
    lang: str = "en"
    strict: bool = False
    quiet: bool = False
    verbose: bool = False
    config: str | None = None

    @property
    def to_stdout(self) -> bool:
        """Whether the result is printed."""
        return self.output in (None, "-")


def chosen_format(output: Output, flagged: bool) -> str:
    """The format: of the flag, else of the file's extension, else of the settings, else a table.

    Args:
        flagged: whether a format was asked for on the command line itself.
    """
    if output.to_stdout or flagged:
        return output.format or "table"
    from cxkit.output import format_of

    return format_of(str(output.output))


# Faults that can be told before anything is read


def faults(output: Output, files: Sequence[str], flagged: bool) -> list[CxError]:
    """What is wrong with the files to be written: their extensions, and files that are input."""
    found = [_bad_output(output, flagged), _bad_chart(output)]
    if output.output and output.chart and _same(output.output, output.chart):
        found = [_twice(output.output)]
    found += [
        overwrite(option, target, files)
        for option, target in (("-o", output.output), ("--chart", output.chart))
        if target and target != "-"
    ]
    return [fault for fault in found if fault]


def _twice(name: str) -> CxError:
    """The error of one file for both the figures and the picture of them."""
    import shlex

    message = f"-o and --chart name the same file, {visible(name)}: -o writes figures, --chart a "
    stem = visible(os.path.splitext(name)[0], 200)
    hint = f"-o {shlex.quote(stem + '.csv')} --chart {shlex.quote(stem + '.png')}"
    return RequestError("overwrite", message + "picture of them", [("try", hint)])


def _bad_output(output: Output, flagged: bool) -> CxError | None:
    if output.to_stdout:
        return None
    if os.path.isdir(str(output.output)):
        return _folder("-o", str(output.output))
    from cxkit.output import format_of

    name = visible(output.output)
    try:
        named = format_of(str(output.output))
    except CxError as error:
        html = str(output.output).lower().endswith((".html", ".htm"))
        return error if html or not flagged else None
    if named in CHARTS:
        message = f"-o writes figures, --chart draws: {name}"
        return RequestError("no-format", message, replace=("-o", "--chart"))
    if flagged and named in BINARY:
        return RequestError("no-format", f"--format {output.format} does not fit {name}")
    return None


def _folder(option: str, name: str) -> CxError:
    return RequestError("cannot-write", f"{option}: {visible(name)} is a folder, not a file")


def _bad_chart(output: Output) -> CxError | None:
    if output.chart and os.path.isdir(output.chart):
        return _folder("--chart", output.chart)
    if not output.chart or Path(output.chart).suffix.lower().removeprefix(".") in CHARTS:
        return None
    known = [("formats", " ".join(f".{name}" for name in CHARTS))]
    return RequestError("no-format", f"--chart cannot draw {visible(output.chart)}", known)


def overwrite(option: str, target: str, files: Iterable[str]) -> CxError | None:
    """The error of writing onto an input, also by a symbolic or hard link."""
    if any(_same(target, name) for name in _expanded(files)):
        return RequestError("overwrite", f"{option} is the input file; choose another name")
    return None


def _expanded(files: Iterable[str]) -> list[str]:
    """The input files, patterns replaced by what they match."""
    import glob

    names: list[str] = []
    for name in files:
        pattern = any(mark in name for mark in "*?[") and not os.path.exists(name)
        names += glob.glob(name, recursive=True) if pattern else [name]
    return names


def _same(one: str, other: str) -> bool:
    try:
        if os.path.exists(one) and os.path.exists(other):
            return os.path.samefile(one, other)
        return os.path.realpath(one) == os.path.realpath(other)
    except (OSError, ValueError):
        return False


# Delivery


def strictly(notes: Iterable[Note]) -> None:
    """Raise if there is any warning: `--strict`."""
    warnings = [note for note in notes if note.kind == "warning"]
    if warnings:
        number = f"{len(warnings)} warning{'s' if len(warnings) > 1 else ''}"
        hints = [(f"warning[{note.code}]", note.message) for note in warnings[: console.SHOWN]]
        if len(warnings) > console.SHOWN:
            hints.append(("and", f"{len(warnings) - console.SHOWN} more"))
        raise DataError("strict", f"{number} with --strict; nothing was written", hints)


class Parcel(NamedTuple):
    """A result that is rendered and not yet written.

    Args:
        files: names and contents, in the order they are written.
        printed: what goes to stdout, if anything does.
        exactly: whether that is data, to be written byte by byte.
        told: a line on each file.
        notes: doubts of the drawing.
    """

    files: tuple[tuple[str, bytes], ...]
    printed: str | bytes | None
    exactly: bool
    told: tuple[str, ...]
    notes: tuple[Note, ...]


def pack(
    result: Result,
    output: Output,
    files: Sequence[str],
    chart: Mapping[str, Any],
    flagged: bool = False,
) -> Parcel:
    """Render everything a request asks for, and write nothing yet.

    Args:
        files: the inputs, which are not written onto.
        chart: the settings of charts: `font`, `footer`.
        flagged: whether the format was asked for on the command line itself.
    """
    pictures, notes = _draw(result, output, chart) if output.chart else ([], ())
    if output.strict:
        strictly(notes)
    for path, _ in pictures:
        if fault := overwrite("--chart", path, files):
            raise fault
    name = chosen_format(output, flagged)
    content = _render(result, name, output)
    told = [f"wrote {visible(path)}" for path, _ in pictures]
    if output.to_stdout:
        return Parcel(tuple(pictures), content, name != "table", tuple(told), notes)
    data = content.encode() if isinstance(content, str) else content
    wrote = f"wrote {visible(output.output)} ({_counted(result.rows.height)})"
    parts = ((str(output.output), data), *pictures)
    return Parcel(parts, None, False, (wrote, *told), notes)


def deliver(parcel: Parcel) -> None:
    """Write the files, then stdout."""
    if parcel.files:
        from cxkit.output.files import write_all

        write_all(parcel.files)
    if parcel.printed is not None:
        to_stdout(parcel.printed, exactly=parcel.exactly)


def wrote(files: pl.DataFrame) -> list[str]:
    """A line on each file of a command that writes itself: its name and its rows."""
    return [
        f"wrote {visible(name)} ({_counted(rows)})"
        for name, rows in files.select("file", "rows").iter_rows()
        if name != "-"
    ]


def _counted(rows: int) -> str:
    return f"{rows:,} row{'' if rows == 1 else 's'}"


def _render(result: Result, name: str, output: Output) -> str | bytes:
    """The result in its format.

    A table is for a terminal, or plain and whole for a pipe or a file; a width or a colour that
    is asked for makes it a terminal's table anywhere.
    """
    from cxkit.output import render

    terminal = output.to_stdout and console.is_terminal(sys.stdout)
    color = output.to_stdout and console.colour(output.color, sys.stdout)
    return render(
        result,
        name,
        width=output.width or shutil.get_terminal_size((100, 24)).columns,
        color=color,
        plain=not (terminal or color or output.width),
        ascii=output.ascii or (output.to_stdout and not console.draws(sys.stdout)),
        lang=output.lang,
        precision=output.precision,
        limit=output.limit,
        verbose=output.verbose,
    )


def _draw(
    result: Result, output: Output, settings: Mapping[str, Any]
) -> tuple[list[tuple[str, bytes]], tuple[Note, ...]]:
    """Every chart of the result under its own file name."""
    from cxkit.output.files import pictures

    return pictures(
        result,
        str(output.chart),
        lang=output.lang,
        title=output.title,
        footer=settings.get("footer", ""),
        font=settings.get("font"),
    )


def to_stdout(content: str | bytes, *, exactly: bool = False) -> None:
    """Write to stdout; data formats are UTF-8 with their own line ends whatever the locale."""
    with _stdout() as stream:
        _put(stream, content, exactly)


def pour(source: BinaryIO) -> None:
    """Write the bytes of a stream to stdout, piece by piece."""
    with _stdout() as stream:
        stream.flush()
        while piece := source.read(2**20):
            _put_all(stream.buffer, piece)


@contextlib.contextmanager
def _stdout() -> Iterator[Any]:
    """Standard output, flushed at the end; RequestError if it takes no more."""
    stream = sys.stdout
    if stream is None:
        raise RequestError("cannot-write", "standard output is closed")
    try:
        yield stream
        stream.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise unwritable(error) from None


def unwritable(error: OSError) -> CxError:
    """The error of a stdout that takes no more: a full disk."""
    why = error.strerror or str(error)
    return RequestError("cannot-write", f"cannot write standard output: {why}")


def _put(stream: Any, content: str | bytes, exactly: bool) -> None:
    if not hasattr(stream, "buffer"):
        stream.write(content)
        return
    if isinstance(content, str) and not exactly:
        text = console.fitting(content, stream.encoding).replace("\n", os.linesep)
        content = text.encode(stream.encoding, stream.errors)
    stream.flush()
    _put_all(stream.buffer, content.encode() if isinstance(content, str) else content)


def _put_all(buffer: Any, content: bytes) -> None:
    """Write until nothing is left: an unbuffered stream (PYTHONUNBUFFERED) may take a part only."""
    rest = memoryview(content)
    while rest:
        taken = buffer.write(rest)
        if taken is None:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        rest = rest[taken:]
