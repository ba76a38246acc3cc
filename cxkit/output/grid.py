"""A result's table as cells of text: what is shown, in which order, before any layout.

A Grid has whole columns, so that a layout can drop one, and knows what each is, so that it knows
which may be cut (names) and which never (figures).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from cxkit import terms
from cxkit.output import words
from cxkit.result import Bar, Change, Interval, Result, Shown, Table, alpha
from cxkit.result import direction as significant

BAR_CELLS = 12
LONG_NAME = 200  # cells of the longest name of a report: a cell may hold a whole document
Part = Literal["key", "period", "text", "figure", "interval", "bar", "change", "p"]
Row = Mapping[str, Any]


class Style(NamedTuple):
    """How figures and sentences are written; `spoken` replaces signs by words (Markdown)."""

    lang: str = "en"
    ascii: bool = False
    precision: int | None = None
    spoken: bool = False
    currency: str | None = None

    def say(self, key: str, /, **values: Any) -> str:
        """A sentence of the glossary."""
        return words.sentence(
            key,
            values,
            self.lang,
            ascii=self.ascii,
            precision=self.precision,
            currency=self.currency,
        )

    def write(self, kind: terms.Kind, raw: Any) -> str:
        """A value by its kind."""
        return words.written(
            kind,
            raw,
            self.lang,
            ascii=self.ascii,
            precision=self.precision,
            currency=self.currency,
        )

    def span(self, kind: terms.Kind, low: Any, high: Any) -> str:
        """An interval by the kind of its ends."""
        return words.interval(
            kind,
            low,
            high,
            self.lang,
            ascii=self.ascii,
            precision=self.precision,
            currency=self.currency,
        )

    def of(self, result: Result) -> Style:
        """This style with the currency of a result."""
        return self._replace(currency=currency(result))

    def sign(self, text: str) -> str:
        """One of our own signs."""
        return words.ascii_only(text) if self.ascii else text


class Column(NamedTuple):
    """A shown column: its heading, the cells of the rows, the cell of the total.

    `main` is true of the main figure of the result.
    """

    heading: str
    part: Part
    cells: tuple[str, ...]
    total: str = ""
    shown: Shown = ""
    main: bool = False

    @property
    def right(self) -> bool:
        """True for figures, which are aligned at the right."""
        return self.part not in {"key", "period", "text", "bar"}

    @property
    def may_be_cut(self) -> bool:
        """True for text; figures and periods are whole or not shown at all."""
        return self.part in {"key", "text"}

    def cut(self, width: int, style: Style) -> Column:
        """The column with every text of at most so many cells."""

        def fit(text: str) -> str:
            return words.fit(text, width, ascii=style.ascii)

        cells = tuple(map(fit, self.cells))
        return self._replace(heading=fit(self.heading), cells=cells, total=fit(self.total))


class Grid(NamedTuple):
    """The columns of one table.

    Args:
        columns: in order.
        starts: for each row, whether it begins a block (a group over its periods).
        rows: the rows of the result behind the cells, in shown order.
        total: whether there is a total.
        blocks: whether rows come in blocks that are set apart.
        left_out: how many rows `limit` leaves out.
    """

    columns: tuple[Column, ...]
    starts: tuple[bool, ...]
    rows: tuple[Row, ...]
    total: bool
    blocks: bool
    left_out: int = 0


def build(result: Result, table: Table, style: Style, limit: int | None = None) -> Grid:
    """The grid of one table of a result."""
    style = style.of(result)
    every = in_order(result, table)
    rows = tuple(every if limit is None else every[:limit])
    total = result.summary if table.total and table.keys and result.summary else None
    named = user_columns(result)
    keys = [_key(table, name, rows, style, name in named) for name in table.keys]
    if total is not None and keys:
        keys[0] = keys[0]._replace(total=style.say("all"))
    shown = [
        column for item in table.columns for column in _shown(result, item, rows, total, style)
    ]
    groups = [_group(row, table) for row in rows]
    starts = tuple(not i or group != groups[i - 1] for i, group in enumerate(groups))
    blocks = "period" in table.keys and len(table.keys) > 1 and not all(starts)
    return Grid((*keys, *shown), starts, rows, total is not None, blocks, len(every) - len(rows))


def in_order(result: Result, table: Table) -> list[Row]:
    """The rows of a table as they are shown.

    Groups by the sorting figure, highest first, those without one last, blanks at the very end;
    periods as time goes. Groups over periods stay together, ordered by their latest figure.
    """
    rows: Sequence[Row] = (result.rows if table.rows is None else table.rows).to_dicts()
    if table.select is not None:
        rows = [row for row in rows if row.get("table") == table.select]
    if table.keys == ("period",) or (table.sort is None and "period" not in table.keys):
        return list(rows)
    latest = {_group(row, table): row for row in rows}  # the last row of a group wins
    groups = list(latest)
    if sort := table.sort:
        groups.sort(key=lambda group: _rank(latest[group], group, sort))
    place = {group: i for i, group in enumerate(groups)}
    return sorted(rows, key=lambda row: place[_group(row, table)])


def _group(row: Row, table: Table) -> tuple[Any, ...]:
    """What names a row apart from its period."""
    return tuple(row.get(name) for name in table.keys if name != "period")


def _rank(row: Row, group: tuple[Any, ...], sort: str) -> tuple[bool, bool, float]:
    figure = row.get(sort)
    unknown = words.is_missing(figure)
    return None in group, unknown, 0.0 if unknown or figure is None else -figure


def user_columns(result: Result) -> set[str]:
    """The columns the user groups by: their names stand as they are, even `target` or `rest`."""
    by = result.columns.get("by") or ()
    items = [by] if isinstance(by, str) else by
    names = [name for item in items for name in ([item] if isinstance(item, str) else item)]
    return {part for name in names for part in (name, *name.split(","))}


def shortened(columns: Iterable[Column], style: Style) -> tuple[Column, ...]:
    """The columns without endless names, for a report that has no width of its own."""
    return tuple(
        column.cut(LONG_NAME, style) if column.may_be_cut else column for column in columns
    )


# --- columns ---------------------------------------------------------------------------------


def _key(table: Table, name: str, rows: Sequence[Row], style: Style, users: bool) -> Column:
    heading = words.clean(name) if users else label(name, style)
    heading = words.clean(table.headings.get(name, heading))
    texts = []
    for row in rows:
        raw = row.get(name) if users else terms.worded(name, row.get(name), style.lang)
        text = style.say("blank") if raw is None else words.clean(raw)
        if name == "period" and "partial" in flags_of(row):
            text += f" ({style.say('partial')})"
        texts.append(text)
    return Column(heading, "period" if name == "period" else "key", tuple(texts), shown=name)


def label(name: str, style: Style) -> str:
    """A heading; a name that the glossary lacks is the user's own."""
    text = terms.label(name, style.lang)
    return style.sign(text) if name in terms.COLUMNS else words.clean(text)


def _shown(
    result: Result, item: Shown, rows: Sequence[Row], total: Row | None, style: Style
) -> list[Column]:
    """The display columns of one item: one, or in words one for each share of a bar."""
    if isinstance(item, Bar) and style.spoken:
        return [
            column for share in item.shares for column in _shown(result, share, rows, total, style)
        ]
    part = _part(result, item)
    return [
        Column(
            heading(result, item, style),
            part,
            tuple(_cell(result, item, row, style) for row in rows),
            "" if total is None else _total_cell(result, item, total, style),
            item,
            item == result.main,
        )
    ]


def _part(result: Result, item: Shown) -> Part:
    match item:
        case Interval():
            return "interval"
        case Bar():
            return "bar"
        case Change():
            return "change"
    kind = result.kind(item)
    return "p" if kind == "p" else "text" if kind in {"text", "list"} else "figure"


def heading(result: Result, item: Shown, style: Style) -> str:
    """The heading of a display column."""
    if isinstance(item, Interval):
        level = words.confidence_label(confidence(result), style.lang)
        return terms.label(item.term, style.lang, confidence=level)
    return label(item if isinstance(item, str) else item.term, style)


def confidence(result: Result) -> float:
    """The confidence level of a result's intervals."""
    return float(result.params.get("confidence") or 0.95)


def currency(result: Result) -> str | None:
    """The code of the currency of a result's money, if it is known."""
    code = result.params.get("currency")
    return str(code) if code else None


def flags_of(row: Row) -> Sequence[str]:
    """The flags of a row, a list or, as in CSV, joined by `;`."""
    flags = row.get("flags") or ()
    return flags.split(";") if isinstance(flags, str) else tuple(flags)


def _cell(result: Result, item: Shown, row: Row, style: Style) -> str:
    """One cell; a withheld row has a sign instead of every figure."""
    flags = flags_of(row)
    part = _part(result, item)
    if "suppressed" in flags and part != "text":
        return style.say("withheld") if style.spoken else words.WITHHELD
    if isinstance(item, Change):
        return _change(result, item, row, style)
    text = plain_cell(result, item, row, style)
    if "low-n" in flags and item == result.main and not words.is_missing(row.get(str(item))):
        return f"{text} ({style.say('few')})" if style.spoken else f"({text})"
    return text


def plain_cell(result: Result, item: Shown, row: Row, style: Style) -> str:
    """A cell without regard to the row's flags."""
    match item:
        case Interval():
            return style.span(result.kind(item.low), row.get(item.low), row.get(item.high))
        case Bar():
            return bar([row.get(share) for share in item.shares], style)
        case Change():
            return style.write(result.kind(item.diff), row.get(item.diff))
    return style.write(result.kind(item), terms.worded(item, row.get(item), style.lang))


def _total_cell(result: Result, item: Shown, total: Row, style: Style) -> str:
    """A cell of the total; empty where the whole has no such figure."""
    return (
        "" if words.is_missing(total.get(_main(item))) else plain_cell(result, item, total, style)
    )


def _main(item: Shown) -> str:
    """The column without which an item has nothing to show."""
    match item:
        case Interval():
            return item.low
        case Bar():
            return item.shares[0]
        case Change():
            return item.diff
    return item


def direction(result: Result, item: Change, row: Row) -> Literal["up", "down", ""]:
    """Where a tested difference is significant, its direction."""
    if {"low-n", "no-data", "suppressed"} & set(flags_of(row)):
        return ""
    return significant(row.get(item.diff), row.get(item.p), alpha(confidence(result)))


def _change(result: Result, item: Change, row: Row, style: Style) -> str:
    """A signed difference, with ▲ or ▼ (or words) where it is significant."""
    text = plain_cell(result, item, row, style)
    way = direction(result, item, row)
    if not way:
        return text
    if style.spoken:
        return f"{text} ({relation(item, way, style)})"
    return f"{style.sign(words.UP if way == 'up' else words.DOWN)} {text}"


def relation(item: Change, way: str, style: Style) -> str:
    """A significant difference in words: `below the rest`."""
    against = "rest" if item.term == "rest" else "previous"
    return style.say(f"{'above' if way == 'up' else 'below'}-{against}")


def bar(shares: Sequence[float | None], style: Style) -> str:
    """Shares of one whole as twelve cells, three glyphs, by largest remainder (Hamilton).

    Example:
        >>> bar([0.25, 0.25, 0.5], Style())
        '▒▒▒···██████'
    """
    known = [share for share in shares if share is not None and not words.is_missing(share)]
    whole = sum(known)
    if len(known) < len(shares) or whole <= 0:
        return style.write("number", None)
    exact = [share / whole * BAR_CELLS for share in known]
    filled = [int(x + 1e-9) for x in exact]
    # shares that tie in exact arithmetic must tie here too: the earlier one gets the cell
    by_remainder = sorted(range(len(exact)), key=lambda i: (-round(exact[i] - filled[i], 9), i))
    for i in by_remainder[: BAR_CELLS - sum(filled)]:
        filled[i] += 1
    glyphs = "x.#" if style.ascii else "▒·█"
    return "".join(glyphs[i % 3] * cells for i, cells in enumerate(filled))
