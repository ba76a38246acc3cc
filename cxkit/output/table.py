"""The printed table: for a terminal with Rich, for a pipe as plain lines.

Both show the same grid. In a terminal whole columns are dropped, in a fixed order, until the rest
fits; only names are cut, never a figure. In a pipe only a name is cut that nobody would read to its
end, and Rich is not imported.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import StringIO
from typing import TYPE_CHECKING, NamedTuple

from cxkit.output import words
from cxkit.output.captions import footnotes, headline
from cxkit.output.grid import (
    Column,
    Grid,
    Row,
    Style,
    build,
    direction,
    flags_of,
    in_order,
    plain_cell,
    relation,
    shortened,
)
from cxkit.result import Change, Interval, Result, Table

if TYPE_CHECKING:
    from rich.table import Table as RichTable
    from rich.text import Text

GAP = 3  # blanks between columns
SIGNED = 5  # a score in brackets, (+31): reserved, so that tables of one survey line up
NO_BAR, NO_P, BLOCKS = 72, 60, 48  # below these widths the bar goes, the p-value, the table
NAME = 40  # a name is never wider than this in a terminal,
ROOMY, TIGHT = 24, 12  # and is cut to these widths before, and after, columns are dropped
FULL = 100  # the width we advise
COLORS = {"▲": "bold cyan", "^": "bold cyan", "▼": "bold red", "v": "bold red"}


class Page(NamedTuple):
    """Where a table is printed."""

    width: int
    color: bool
    plain: bool
    limit: int | None
    verbose: bool


def render_table(
    result: Result,
    *,
    width: int | None = None,
    color: bool = False,
    plain: bool = True,
    ascii: bool = False,
    lang: str = "en",
    precision: int | None = None,
    limit: int | None = None,
    verbose: bool = False,
) -> str:
    """The tables of a result as text, the answer in the first line.

    Args:
        width: cells of the terminal, for `plain=False`; a plain table has its natural width.
        color: bold headline and coloured ▲ ▼.
        plain: no colour, no bars, only names beyond 200 cells cut, blanks and dashes only.
        ascii: our own signs in ASCII; names stay as they are.
        lang: `en` or `vi`.
        precision: decimals of the figures.
        limit: rows shown of each table.
        verbose: more footnotes.
    """
    style = Style(lang, ascii, precision).of(result)
    page = Page(max(width or 80, 1), color, plain, limit, verbose)
    parts: list[str] = []
    said = None
    for table in result.tables or (_everything(result),):
        answer = headline(result, table, style)
        lines = _one(result, table, style, page, answer if answer != said else ([], ""))
        said = answer
        if lines:
            parts.append("\n".join(line.rstrip() for line in lines))
    return "\n\n".join(parts) + "\n"


def _everything(result: Result) -> Table:
    """The table of a result that does not say what to show: all of it."""
    return Table((), tuple(result.rows.columns), (), total=False)


def _one(
    result: Result, table: Table, style: Style, page: Page, answer: tuple[list[str], str]
) -> list[str]:
    """Headline, rows, hidden rows and columns, footnotes."""
    if table.form == "list":
        return _listed(result, table, style, page)
    grid = build(result, table, style, page.limit)
    single = not table.keys and len(grid.rows) <= 1 and bool(table.headline)
    body, natural, hidden = ([], 0, 0) if single else _body(result, grid, style, page)
    lines = _headline(*answer, min(natural or page.width, page.width), page)
    told = bool(body) and not page.plain and natural == 0
    lines += [""] if lines and body else []
    lines += body
    small: list[str] = []
    if grid.left_out and not single:
        every = grid.left_out + len(grid.rows)
        small.append(style.say("rows-hidden", count=grid.left_out, every=every))
    if hidden:
        wide = max(FULL, _natural(_squeezed(grid.columns, FULL, ROOMY, style)))
        small.append(style.say("columns-hidden", columns=hidden, width=str(wide)))
    signs = style._replace(spoken=told)  # blocks have words instead of signs
    small += footnotes(result, table, grid, signs, verbose=page.verbose)
    lines += [""] if told and small else []
    return lines + [line for text in small for line in _wrapped(text, page)]


def _listed(result: Result, table: Table, style: Style, page: Page) -> list[str]:
    """A sentence for each row, where it was met first, and what to do."""
    rows = in_order(result, table)
    shown = rows if page.limit is None else rows[: page.limit]
    lines: list[str] = []
    for row in shown:
        where = "" if row["first_line"] is None else style.say("first-line", **row)
        if row["count"] == 1 and where:
            where = style.say("one-line", **row)
        head = f"{row['severity']}[{row['code']}]: {words.clean(row['message'])}{where}"
        lines += _indented(style.sign(head), page)
        if row["fix"]:
            lines += _indented(f"  {style.say('fix')}: {words.clean(row['fix'])}", page)
    if len(shown) < len(rows):
        lines.append(style.say("rows-hidden", count=len(rows) - len(shown), every=len(rows)))
    return lines


def _wrapped(text: str, page: Page) -> list[str]:
    return [text] if page.plain else words.wrap(text, page.width)


def _indented(text: str, page: Page) -> list[str]:
    """A line of a list under its own indent, the lines it is broken into by two blanks more."""
    if page.plain:
        return [text]
    indent = " " * (len(text) - len(text.lstrip()))
    first = words.wrap(text, page.width - len(indent))[0]
    rest = " ".join(text.split()).removeprefix(first)
    more = words.wrap(rest, page.width - len(indent) - 2)
    return [indent + first, *(f"{indent}  {line}" for line in more)]


def _body(result: Result, grid: Grid, style: Style, page: Page) -> tuple[list[str], int, int]:
    """The lines of the table, their width, and the number of columns left out of it."""
    if page.plain:
        kept = tuple(column for column in grid.columns if column.part != "bar")
        return _plain(grid._replace(columns=shortened(kept, style))), 0, 0
    columns = _fitted(grid.columns, page.width, style) if page.width >= BLOCKS else None
    if columns is None:
        told = sum(column.part in {"bar", "p", "change"} for column in grid.columns)
        return _told(result, grid, style, page), 0, told
    hidden = len(grid.columns) - len(columns)
    return _rich(grid._replace(columns=columns), style, page), _natural(columns), hidden


# --- the headline ----------------------------------------------------------------------------


def _headline(figures: list[str], shares: str, width: int, page: Page) -> list[str]:
    """The answer on one line, shares at its right end; on more lines where it is narrow."""
    gap = " " * GAP
    if page.plain:
        return ["    ".join(filter(None, (gap.join(figures), shares)))] if figures else []
    lines: list[str] = []
    for part in figures:
        if lines and words.cells(lines[-1] + gap + part) <= page.width:
            lines[-1] += gap + part
        else:
            lines += words.wrap(part, page.width)
    if shares and lines and words.cells(lines[-1] + gap + shares) <= page.width:
        lines[-1] += gap + words.pad(shares, width - words.cells(lines[-1] + gap), right=True)
    elif shares:
        lines += words.wrap(shares, page.width)
    return [_bold(line) for line in lines] if page.color else lines


def _bold(line: str) -> str:
    from rich.text import Text

    return _print(Text(line, style="bold"), words.cells(line) + 1, color=True)[0]


# --- which columns fit -----------------------------------------------------------------------


def _fitted(columns: tuple[Column, ...], width: int, style: Style) -> tuple[Column, ...] | None:
    """The columns that fit, names cut where that helps; None where not even the score fits."""
    order = _expendable(columns)
    first = sum(column.part in {"bar", "p"} for column in order)
    start = sum(width < (NO_BAR if column.part == "bar" else NO_P) for column in order[:first])
    for dropped in range(start, len(order) + 1):
        kept = tuple(column for column in columns if column not in order[:dropped])
        kept = _squeezed(kept, width, ROOMY if dropped < first else TIGHT, style)
        if _natural(kept) <= width:
            return kept
    return None


def _expendable(columns: tuple[Column, ...]) -> list[Column]:
    """Columns in the order in which they are dropped: bar, p, interval, the rest from the right.

    The keys and the main figure stay.
    """
    figures = [column for column in columns if column.part not in {"key", "period"}]
    places = {"bar": 0, "p": 1, "interval": 2}
    return sorted(
        (column for column in reversed(figures) if column is not _main(figures)),
        key=lambda column: places.get(column.part, 3),
    )


def _main(columns: Iterable[Column]) -> Column | None:
    """The main figure of the result, else the first figure."""
    figures = [column for column in columns if column.part == "figure"]
    return next((column for column in figures if column.main), figures[0] if figures else None)


def _natural(columns: Iterable[Column]) -> int:
    """The width of a table of these columns."""
    widths = [_width(column) for column in columns]
    return sum(widths) + GAP * max(len(widths) - 1, 0)


def _width(column: Column) -> int:
    widest = max(map(words.cells, (column.heading, column.total, *column.cells)))
    return max(widest, SIGNED) if column.main else widest


def _squeezed(
    columns: tuple[Column, ...], width: int, floor: int, style: Style
) -> tuple[Column, ...]:
    """Columns with the widest names cut, one cell after the other, until all fits."""
    widths = [_width(column) if column.may_be_cut else 0 for column in columns]
    widths = [min(cells, NAME) for cells in widths]
    over = _natural(_cut_to(columns, widths, style)) - width
    while over > 0 and (widest := max(widths, default=0)) > floor:
        widths[widths.index(widest)] -= 1
        over -= 1
    return _cut_to(columns, widths, style)


def _cut_to(columns: tuple[Column, ...], widths: Sequence[int], style: Style) -> tuple[Column, ...]:
    """Columns of names cut to these widths; 0 leaves a column as it is."""
    return tuple(
        column.cut(width, style) if width else column
        for column, width in zip(columns, widths, strict=True)
    )


# --- three layouts ---------------------------------------------------------------------------


def _plain(grid: Grid) -> list[str]:
    """Two blanks between columns, dashes under the heading and above the total."""
    widths = [
        max(map(words.cells, (column.heading, column.total, *column.cells)))
        for column in grid.columns
    ]

    def line(texts: Iterable[str]) -> str:
        cells = zip(grid.columns, texts, widths, strict=True)
        return "  ".join(words.pad(text, width, right=c.right) for c, text, width in cells)

    rule = "  ".join("-" * width for width in widths)
    lines = [line(column.heading for column in grid.columns), rule]
    lines += [line(column.cells[i] for column in grid.columns) for i in range(len(grid.rows))]
    return lines + ([rule, line(c.total for c in grid.columns)] if grid.total else [])


def _rich(grid: Grid, style: Style, page: Page) -> list[str]:
    """A Rich table with a rule under the heading and above the total, and no other lines."""
    from rich.box import Box
    from rich.table import Table as RichTable
    from rich.text import Text

    rule, blank = ("-" if style.ascii else "─") * 4, " " * 4
    lines = [blank, blank, rule, blank, blank, rule, blank, blank]
    table = RichTable(
        box=Box("\n".join(lines), ascii=style.ascii),
        show_edge=False,
        pad_edge=False,
        show_footer=grid.total,
        header_style="",
        footer_style="",
    )
    for column in grid.columns:
        table.add_column(
            Text(column.heading),
            Text(column.total),
            justify="right" if column.right else "left",
            width=_width(column),
            no_wrap=True,
            overflow="ellipsis" if column.may_be_cut else "crop",
        )
    for i, start in enumerate(grid.starts):
        ends = grid.blocks and grid.starts[i + 1 : i + 2] == (True,)
        table.add_row(
            *(_marked(column, column.cells[i], start, grid.blocks) for column in grid.columns),
            end_section=ends,
        )
    return _print(table, max(_natural(grid.columns), 1), page.color)


def _marked(column: Column, text: str, start: bool, blocks: bool) -> Text:
    """A cell as Rich text, never as markup; a block names its group once."""
    from rich.text import Text

    if blocks and not start and column.part == "key":
        return Text("")
    cell = Text(text)
    if column.part == "change" and text[:1] in COLORS:
        cell.stylize(COLORS[text[:1]], 0, 1)
    return cell


def _print(renderable: Text | RichTable, width: int, color: bool) -> list[str]:
    """The lines Rich would print, whatever the environment says about the terminal.

    Width and height are both given: with FORCE_COLOR and TERM=dumb Rich ignores a lone width.
    """
    from rich.console import Console

    console = Console(
        file=StringIO(),
        width=width,
        height=100,
        color_system="standard" if color else None,
        force_terminal=color,
        no_color=not color,
        force_jupyter=False,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
    )
    with console.capture() as capture:
        console.print(renderable, no_wrap=True, overflow="ignore", crop=False)
    return capture.get().rstrip("\n").split("\n")


def _told(result: Result, grid: Grid, style: Style, page: Page) -> list[str]:
    """One block a row: its names, then its figures as a sentence."""
    keys = [column for column in grid.columns if column.part in {"key", "period"}]
    lines: list[str] = []
    for i, row in enumerate(grid.rows):
        for key in keys:
            lines += _name_lines(key, key.cells[i], style, page)
        lines += [*words.wrap(_told_row(result, grid, row, style), page.width), ""]
    if grid.total:
        lines.append(style.say("all"))
        lines += words.wrap(_told_row(result, grid, result.summary, style), page.width)
    return lines if grid.total else lines[:-1]


def _name_lines(key: Column, text: str, style: Style, page: Page) -> list[str]:
    line = f"{key.heading}: {text}"
    if key.may_be_cut:
        return [words.fit(line, page.width, ascii=style.ascii)]
    return words.wrap(line, page.width)


def _told_row(result: Result, grid: Grid, row: Row, style: Style) -> str:
    """`NPS −21 (−35 to −6), n 121, below the rest`."""
    flags = flags_of(row)
    if "suppressed" in flags:
        return style.say("withheld")
    main = _main(grid.columns)
    rest = [column for column in grid.columns if column.part in {"figure", "text"}]
    parts = [
        f"{column.heading} {plain_cell(result, column.shown, row, style)}"
        for column in sorted(rest, key=lambda column: column is not main)
    ]
    limits = [c.shown for c in grid.columns if isinstance(c.shown, Interval)]
    if parts and limits and not words.is_missing(row.get(limits[0].low)):
        parts[0] += f" ({plain_cell(result, limits[0], row, style)})"
    if "low-n" in flags:
        parts.append(style.say("few"))
    changes = [column.shown for column in grid.columns if isinstance(column.shown, Change)]
    parts += [
        relation(item, way, style) for item in changes if (way := direction(result, item, row))
    ]
    return ", ".join(parts)
