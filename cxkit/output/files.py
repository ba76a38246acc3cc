"""Results as text or bytes of a format, and as files that are whole or not there at all."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict, Unpack

from cxkit.errors import RequestError, did_you_mean, visible
from cxkit.result import Result

FORMATS = ("table", "csv", "json", "ndjson", "md", "xlsx", "parquet")
CHARTS = ("png", "svg", "pdf")
EXTENSIONS = tuple(name for name in FORMATS if name != "table")


class Options(TypedDict, total=False):
    """How text formats are written; data formats take no notice of them."""

    width: int | None
    color: bool
    plain: bool
    ascii: bool
    lang: str
    precision: int | None
    limit: int | None
    verbose: bool


def render(result: Result, format: str = "table", **options: Unpack[Options]) -> str | bytes:
    """A result in a format: text, or bytes for `xlsx` and `parquet`.

    Args:
        format: table, csv, json, ndjson, md, xlsx or parquet.
        options: those of `render_table`.
    """
    from cxkit.output import data

    match format:
        case "table":
            from cxkit.output.table import render_table

            return render_table(result, **options)
        case "csv":
            return data.as_csv(result)
        case "json":
            return data.as_json(result)
        case "ndjson":
            return data.as_ndjson(result)
        case "parquet":
            return data.as_parquet(result)
        case "md":
            from cxkit.output.markdown import as_markdown

            kept = {name: options.get(name) for name in ("precision", "limit")}
            return as_markdown(result, lang=options.get("lang", "en"), **kept)  # type: ignore[arg-type]
        case "xlsx":
            from cxkit.output.workbook import as_workbook

            return as_workbook(result, lang=options.get("lang", "en"))
    close = did_you_mean(format, FORMATS)
    hints = [("did you mean", ", ".join(close))] if close else []
    hints.append(("formats", ", ".join(FORMATS)))
    raise RequestError("bad-value", f'no format "{visible(format)}"', hints)


def write(
    result: Result,
    path: str | os.PathLike[str],
    *,
    format: str | None = None,
    **options: Unpack[Options],
) -> int:
    """Write a result to a file, whole or not at all; the format is that of the extension.

    Args:
        path: the file; its folder must exist. An existing file is replaced.
        format: one of `render`'s formats, or png, svg or pdf for the charts.

    Returns:
        The number of rows written (for charts, of rows drawn).

    Raises:
        RequestError: the extension says no format, or the file cannot be written.
    """
    chosen = format or format_of(path)
    if chosen in CHARTS:
        return _write_charts(result, Path(path), chosen, options.get("lang", "en"))
    if chosen == "table":
        options = {**options, "plain": True, "color": False}
    made = render(result, chosen, **options)
    # a lone surrogate can come from the command line, never from a column
    atomic_write(path, made if isinstance(made, bytes) else made.encode("utf-8", "replace"))
    return result.rows.height


def format_of(path: str | os.PathLike[str]) -> str:
    """The format that a file's extension asks for."""
    name = os.fspath(path)
    extension = Path(name).suffix.lower().removeprefix(".")
    if extension in (*EXTENSIONS, *CHARTS):
        return extension
    known = " ".join(f".{ending}" for ending in EXTENSIONS)
    if extension in ("html", "htm"):
        raise RequestError(
            "no-format",
            f"{visible(name)}: HTML is not written by this command",
            [("formats", known)],
        )
    raise RequestError(
        "no-format",
        f'{visible(name)}: no format has the extension "{visible("." + extension)}"'
        if extension
        else f"{visible(name)}: a file without an extension does not say its format",
        [("formats", known)],
    )


def _write_charts(result: Result, path: Path, format: str, lang: str) -> int:
    """Each chart to a file: `nps.png`, or `nps.region.png` and `nps.channel.png`."""
    from cxkit.output.chart import draw

    if not result.charts:
        raise RequestError("no-chart", f"{result.command} has no chart of this result")
    drawn = [
        (chart_path(path, chart.name if len(result.charts) > 1 else None), chart)
        for chart in result.charts
    ]
    made = [(target, draw(chart, format, lang=lang)[0]) for target, chart in drawn]
    for target, image in made:
        atomic_write(target, image)
    return sum(chart.rows.height for chart in result.charts)


def chart_path(path: Path, name: str | None) -> Path:
    """The file of one of several charts: its name before the extension, made safe for a file."""
    if not name:
        return path
    safe = re.sub(r'[\\/:*?"<>|\s]+', "-", visible(name)).strip("-.") or "chart"
    return path.with_name(f"{path.stem}.{safe}{path.suffix}")


# --- writing ---------------------------------------------------------------------------------


def atomic_write(path: str | os.PathLike[str], data: bytes) -> None:
    """Write a file beside its target and rename it, so that no reader sees half of it.

    A link is followed; a device or a named pipe is written to as it is.
    """
    target = Path(path)
    try:
        target = Path(os.path.realpath(path))
        if target.is_dir():
            raise RequestError("cannot-write", f"{visible(path)} is a folder, not a file")
        if target.exists() and not stat.S_ISREG(target.stat().st_mode):
            target.write_bytes(data)  # /dev/null must stay what it is
        else:
            _replace(target, data)
    except (OSError, ValueError) as error:
        raise _unwritable(path, target, error) from error


@contextlib.contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """A file beside the target to write to, that takes its place if nothing fails.

    A device or a named pipe is written to afterwards, as it is.

    Raises:
        RequestError: the file cannot be written.
    """
    target = Path(os.path.realpath(path))
    regular = not target.exists() or stat.S_ISREG(target.stat().st_mode)
    folder = target.parent if regular else Path(tempfile.gettempdir())
    temporary = folder / f".cxkit-{secrets.token_hex(8)}.tmp"
    try:
        if target.is_dir():
            raise RequestError("cannot-write", f"{visible(path)} is a folder, not a file")
        temporary.touch()
        yield temporary
        if regular:
            os.replace(temporary, target)
        else:
            with temporary.open("rb") as made, target.open("wb") as device:
                shutil.copyfileobj(made, device)
    except OSError as error:
        raise _unwritable(path, target, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def _unwritable(path: object, target: Path, error: Exception) -> RequestError:
    reason = getattr(error, "strerror", None) or str(error)
    hints = [] if target.parent.exists() else [("missing folder", visible(target.parent))]
    return RequestError("cannot-write", f"cannot write {visible(path)}: {visible(reason)}", hints)


def _replace(target: Path, data: bytes) -> None:
    # a short name of its own: the target's may be as long as a name can be
    temporary = target.with_name(f".cxkit-{secrets.token_hex(8)}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    # 0o666 less the umask, as any new file has; tempfile would make it private
    descriptor = os.open(temporary, flags, 0o666)
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
        os.replace(temporary, target)
    except BaseException:  # Ctrl-C too leaves nothing behind
        temporary.unlink(missing_ok=True)
        raise
