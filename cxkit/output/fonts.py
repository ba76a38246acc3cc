"""Fonts of charts, and matplotlib's own settings, the same on every machine."""

from __future__ import annotations

import dataclasses
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cxkit.errors import RequestError, visible

RC: dict[str, Any] = {
    "font.family": ["DejaVu Sans"],
    "figure.facecolor": "white",
    "savefig.dpi": 200,
    "text.color": "#1F2328",
    "text.parse_math": False,
    "text.hinting": "none",  # one width at every resolution
    "svg.hashsalt": "cxkit",
    "svg.fonttype": "path",
    "axes.unicode_minus": True,
}


def prepare() -> None:
    """Give matplotlib a folder for its font cache where the home folder cannot be written to."""
    if "matplotlib" in sys.modules or "MPLCONFIGDIR" in os.environ:
        return
    home = Path(os.path.expanduser("~"))
    config = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    if _writable(config) and _writable(cache):
        return
    os.environ["MPLCONFIGDIR"] = str(cache / "cxkit") if _writable(cache) else _own_folder()


def _writable(folder: Path) -> bool:
    """Whether the folder, or the nearest one above it that exists, can be written to."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


def _own_folder() -> str:
    """A lasting temporary folder that belongs to this user alone."""
    user = os.getuid() if hasattr(os, "getuid") else 0
    folder = Path(tempfile.gettempdir()) / f"cxkit-{user}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        kept = folder.lstat()
    except OSError:
        return tempfile.mkdtemp(prefix="cxkit-")
    mine = stat.S_ISDIR(kept.st_mode) and kept.st_uid == user
    # a folder of someone else's could hold a font list of someone else's making
    return str(folder) if mine and _writable(folder) else tempfile.mkdtemp(prefix="cxkit-")


def dejavu(bold: bool = False) -> str:
    """The DejaVu Sans that comes with matplotlib: the same letters on every machine."""
    import matplotlib

    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name)


def charmaps(font: str | None) -> tuple[set[int], set[int]]:
    """Code points of all fonts together, and of the first one."""
    behind = _charmap(dejavu()) & _charmap(dejavu(bold=True))
    first = behind if font is None else _charmap(font)
    return behind | first, first


def _charmap(font: str) -> set[int]:
    from matplotlib.ft2font import FT2Font

    try:
        return set(FT2Font(font).get_charmap())
    except (OSError, RuntimeError, ValueError, TypeError) as error:
        raise RequestError(
            "bad-font",
            f"{visible(font)} cannot be read as a font",
            [("needs", "a .ttf or .otf file"), ("cause", visible(_cause(error)))],
        ) from error


def _cause(error: Exception) -> str:
    reason = getattr(error, "strerror", None) or str(error)
    return reason[:1].lower() + reason[1:]


def family(font: str) -> str:
    """The name under which a font of the user's is known while a chart is drawn."""
    return f"cxkit {font}"


@contextmanager
def setting(font: str | None = None) -> Iterator[None]:
    """matplotlib as the charts need it, whatever the user's own settings; undone afterwards."""
    prepare()
    import matplotlib
    from matplotlib.font_manager import fontManager, ttfFontProperty
    from matplotlib.ft2font import FT2Font

    entries = []
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(RC)  # type: ignore[arg-type]
        try:
            if font is not None and _charmap(font):
                found: Any = ttfFontProperty(FT2Font(font))
                entries = [dataclasses.replace(found, name=family(font))]
                fontManager.ttflist += entries
            yield
        finally:
            for entry in entries:
                fontManager.ttflist.remove(entry)
