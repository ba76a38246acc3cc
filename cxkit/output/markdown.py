"""The printed table as Markdown: words instead of signs, and no user text that formats."""

from __future__ import annotations

import re

from cxkit.output.captions import footnotes, headline
from cxkit.output.grid import Column, Grid, Style, build, shortened
from cxkit.result import Result, Table

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_SPECIAL = re.compile(r"[&<>]|[\\`*_\[\]|~$#]")


def as_markdown(
    result: Result, *, lang: str = "en", precision: int | None = None, limit: int | None = None
) -> str:
    """Headline, table and footnotes of each table, as GitHub's Markdown."""
    style = Style(lang, precision=precision, spoken=True).of(result)
    tables = result.tables or (Table((), tuple(result.rows.columns), (), total=False),)
    blocks: list[str] = []
    for table in tables:
        figures, shares = headline(result, table, style)
        answer = escape("; ".join(filter(None, (*figures, shares))))
        blocks += [answer] if answer and answer not in blocks else []
        grid = build(result, table, style, limit)
        if table.keys or len(grid.rows) > 1 or not table.headline:
            blocks.append(_table(grid._replace(columns=shortened(grid.columns, style))))
        if grid.left_out:
            every = grid.left_out + len(grid.rows)
            blocks.append(escape(style.say("rows-hidden", count=grid.left_out, every=every)))
        blocks += [escape(line) for line in footnotes(result, table, grid, style)]
    return "\n\n".join(blocks) + "\n"


def _table(grid: Grid) -> str:
    columns = grid.columns
    lines = [
        _line([column.heading for column in columns]),
        "|" + "|".join(map(_rule, columns)) + "|",
    ]
    lines += [_line([column.cells[i] for column in columns]) for i in range(len(grid.rows))]
    lines += [_line([column.total for column in columns])] if grid.total else []
    return "\n".join(lines)


def _rule(column: Column) -> str:
    return " ---: " if column.right else " --- "


def _line(texts: list[str]) -> str:
    return "| " + " | ".join(map(escape, texts)) + " |"


def escape(text: str) -> str:
    """Text that Markdown and HTML show as it is.

    Example:
        >>> escape("a|b <i> *x*")
        'a\\\\|b &lt;i&gt; \\\\*x\\\\*'
    """
    return _SPECIAL.sub(lambda found: _ENTITIES.get(found[0], "\\" + found[0]), text)
