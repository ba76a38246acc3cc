"""How a Result shows itself: as the table that the command line prints, and its warnings."""

from __future__ import annotations

from cxkit.result import Result


def hook() -> None:
    """Give Result its display; the Result itself knows no renderer."""
    Result.__repr__ = as_text  # type: ignore[assignment]
    Result._repr_html_ = as_html  # type: ignore[attr-defined]


def as_text(result: Result) -> str:
    """The printed table, and the notes."""
    from cxkit.console import note_lines
    from cxkit.output import render

    text = str(render(result, "table", plain=False, color=False, width=120)).rstrip("\n")
    return "\n".join([text, *note_lines(result.notes)])


def as_html(result: Result) -> str:
    """The same as preformatted text, nothing in it read as markup."""
    from html import escape

    text = escape(as_text(result))
    return f'<pre style="white-space: pre; overflow-x: auto">{text}</pre>'
