"""How a notebook shows a Result: the table that the command line prints, and its warnings."""

from __future__ import annotations

from cxkit.result import Result


def hook() -> None:
    """Give Result its notebook display; the Result itself knows no renderer."""
    Result._repr_html_ = as_html  # type: ignore[attr-defined]


def as_html(result: Result) -> str:
    """The printed table as preformatted text, nothing in it read as markup."""
    from html import escape

    from cxkit.console import note_lines
    from cxkit.output import render

    text = str(render(result, "table", plain=False, color=False, width=120)).rstrip("\n")
    lines = [text, *note_lines(result.notes)]
    return f'<pre style="white-space: pre; overflow-x: auto">{escape(chr(10).join(lines))}</pre>'
