"""Results as text or bytes of a format, and as files that are whole or not there at all."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypedDict, Unpack

from cxkit.errors import RequestError, did_you_mean, visible
from cxkit.result import Note, Result

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
        drawn, _ = pictures(result, path, chosen, lang=options.get("lang", "en"))
        write_all(drawn)
        return sum(chart.rows.height for chart in result.charts)
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


def pictures(
    result: Result, path: str | os.PathLike[str], format: str | None = None, **looks: Any
) -> tuple[list[tuple[str, bytes]], tuple[Note, ...]]:
    """Every chart of a result as a picture with its file name, and the doubts of drawing them.

    Args:
        path: the file; one of several charts has its name in it: `nps.region.png`.
        format: png, svg or pdf; None: that of the extension.
        looks: further options of `draw`.
    """
    from cxkit.output.chart import draw

    if not result.charts:
        raise RequestError("no-chart", f"{result.command} has no chart for this request")
    chosen = format or format_of(path)
    names = chart_files(Path(path), [chart.name for chart in result.charts])
    drawn = [draw(chart, chosen, **looks) for chart in result.charts]
    notes = dict.fromkeys(note for _, doubts in drawn for note in doubts)
    return [(str(n), image) for n, (image, _) in zip(names, drawn, strict=True)], tuple(notes)


def chart_files(path: Path, names: Sequence[str | None]) -> list[Path]:
    """The files of charts by their names, made safe; alike ones, in any case, are numbered.

    Example:
        >>> [str(name) for name in chart_files(Path("nps.png"), ["A/b", "a:b", "c"])]
        ['nps.A-b.png', 'nps.a-b-2.png', 'nps.c.png']
    """
    if len(names) == 1:
        return [path]
    used: set[str] = set()
    files = []
    for name in names:
        stem = re.sub(r'[\\/:*?"<>|\s]+', "-", visible(name or "")).strip("-.") or "chart"
        safe, number = stem, 1
        while unicodedata.normalize("NFC", safe).casefold() in used:
            number += 1
            safe = f"{stem}-{number}"
        used.add(unicodedata.normalize("NFC", safe).casefold())
        files.append(path.with_name(f"{path.stem}.{safe}{path.suffix}"))
    return files


# --- writing ---------------------------------------------------------------------------------


def atomic_write(path: str | os.PathLike[str], data: bytes) -> None:
    """Write a file beside its target and rename it, so that no reader sees half of it.

    A link is followed; a device or a named pipe is written to as it is.
    """
    write_all([(path, data)])


def write_all(files: Iterable[tuple[str | os.PathLike[str], bytes]]) -> None:
    """Write several files, all of them or, if one cannot be written, none."""
    with contextlib.ExitStack() as stack:
        for path, data in files:
            stack.enter_context(replacing(path)).write_bytes(data)


@contextlib.contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """A file beside the target to write to, that takes its place if nothing fails.

    A link is followed. A device or a named pipe is written to afterwards, as it is.

    Raises:
        RequestError: the file cannot be written.
    """
    target, regular = _target(path)
    # a short name of its own: the target's may be as long as a name can be
    temporary = _folder(target, regular) / f".cxkit-{os.urandom(8).hex()}.tmp"
    try:
        temporary.touch(exist_ok=False)  # 0o666 less the umask, as any new file has
        yield temporary
        if regular:
            os.replace(temporary, target)
        else:
            with temporary.open("rb") as made, target.open("wb") as device:
                shutil.copyfileobj(made, device)  # /dev/null must stay what it is
    except OSError as error:
        raise _unwritable(path, target, error) from error
    finally:  # Ctrl-C too leaves nothing behind
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def _target(path: str | os.PathLike[str]) -> tuple[Path, bool]:
    """The file that is meant, and whether it is or will be a regular one."""
    try:
        target = Path(os.path.realpath(path))
        if target.is_dir():
            raise RequestError("cannot-write", f"{visible(path)} is a folder, not a file")
        return target, not target.exists() or stat.S_ISREG(target.stat().st_mode)
    except (OSError, ValueError) as error:
        raise _unwritable(path, Path(path), error) from error


def _folder(target: Path, regular: bool) -> Path:
    if regular:
        return target.parent
    import tempfile

    return Path(tempfile.gettempdir())


def _unwritable(path: object, target: Path, error: Exception) -> RequestError:
    reason = getattr(error, "strerror", None) or str(error)
    hints = [] if _is_there(target.parent) else [("missing folder", visible(target.parent))]
    return RequestError("cannot-write", f"cannot write {visible(path)}: {visible(reason)}", hints)


def _is_there(folder: Path) -> bool:
    try:
        return folder.exists()
    except (OSError, ValueError):
        return True
