"""A result as an Excel workbook, after the Analysis Function's checklist for spreadsheets.

Cover, Contents, Notes, then one table a sheet: a title in A1, one real table below it, nothing
merged, no blank rows, frozen headings; its charts below it. Numbers stay numbers, unrounded, and
text stays text: a name such as `=HYPERLINK(…)` is never a formula.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

import cxkit
from cxkit import terms
from cxkit.errors import RequestError
from cxkit.output import words, workbook_charts
from cxkit.output.captions import footnotes, headline
from cxkit.output.grid import Style, build, user_columns
from cxkit.output.workbook_charts import Drawing, Held
from cxkit.result import Change, Note, Result, Table
from cxkit.terms import phrase

if TYPE_CHECKING:
    import polars as pl
    from xlsxwriter.workbook import Workbook  # type: ignore[import-untyped]
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

ROW_LIMIT, CELL_LIMIT, NAME_LIMIT = 1_048_576, 32_767, 31
FORMATS: dict[str, str] = {
    "points": "+0;-0;0",
    "change": "+0;-0;0",
    "rate": "0%",
    "probability": "0%",
    "count": "#,##0",
    "p": "0.000",
    "number": "#,##0.00",
    "rate-change": "+0%;-0%;0%",
    "number-change": "+#,##0.00;-#,##0.00;0",
    "money": "#,##0.00",
    "date": "yyyy-mm-dd",
}


@dataclass(frozen=True)
class Sheet:
    """One sheet with one table: its name, its title, the lines below the title, its cells.

    `held` and `drawings` are the table that charts refer to, and its charts.
    """

    name: str
    title: str
    heads: Sequence[str]
    rows: Iterable[Sequence[Any]]
    height: int
    lines: Sequence[str] = ()
    kinds: Mapping[str, str] = field(default_factory=dict)
    held: Held | None = None
    drawings: Sequence[Drawing] = ()

    @property
    def top(self) -> int:
        """The row of the headings."""
        return 1 + len(self.lines)

    @property
    def anchors(self) -> list[tuple[int, int]]:
        """The cells at which the charts begin."""
        return workbook_charts.anchors(self.drawings, self.top, self.height, len(self.heads))


def as_workbook(result: Result, *, lang: str = "en") -> bytes:
    """The workbook's bytes; the same result gives the same bytes."""
    from xlsxwriter import Workbook  # type: ignore[import-untyped]

    buffer = BytesIO()
    never = ("strings_to_formulas", "strings_to_urls", "strings_to_numbers")
    book = Workbook(buffer, {"in_memory": True, **dict.fromkeys(never, False)})
    book.set_properties({"title": f"cxkit {result.command}", "created": created()})
    formats = {kind: book.add_format({"num_format": code}) for kind, code in FORMATS.items()}
    formats["title"] = book.add_format({"bold": True, "font_size": 14})
    formats["wrap"] = book.add_format({"text_wrap": True, "valign": "top"})
    sheets = _sheets(result, lang)
    for i, sheet in enumerate(sheets):
        page = _write(book, sheet, formats, f"table_{i + 1}")
        _draw(book, page, sheet, result, lang)
    book.close()
    return buffer.getvalue()


def created() -> datetime:
    """A fixed date, so that two runs give the same file; SOURCE_DATE_EPOCH sets another."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    seconds = int(epoch) if epoch.isdigit() else 946_684_800  # 2000-01-01
    return datetime.fromtimestamp(min(seconds, 253_402_300_799), UTC).replace(tzinfo=None)


# --- what is in it ---------------------------------------------------------------------------


def _sheets(result: Result, lang: str) -> list[Sheet]:
    """Cover, contents and notes, then the whole and the tables."""
    tables, notes = _drawn([_summary(result), *_tables(result, lang)], result, lang)
    names = sheet_names([sheet.name for sheet in tables], ("Cover", "Contents", "Notes"))
    tables = [replace(sheet, name=name) for sheet, name in zip(tables, names, strict=True)]
    return [_cover(result, lang), _contents(tables), _notes(result, notes, lang), *tables]


def _drawn(
    sheets: Sequence[Sheet], result: Result, lang: str
) -> tuple[list[Sheet], Sequence[Note]]:
    """The sheets with their charts, and the doubts of drawing them."""
    held = [sheet.held for sheet in sheets if sheet.held]
    found, notes = workbook_charts.drawings(result, held, lang)
    charts = iter(found)
    return [replace(one, drawings=next(charts)) if one.held else one for one in sheets], notes


def _contents(tables: Sequence[Sheet]) -> Sheet:
    """A row for each table; where there are charts, the cells at which they begin."""
    from xlsxwriter.utility import xl_rowcol_to_cell  # type: ignore[import-untyped]

    rows: list[tuple[Any, ...]] = [(sheet.name, sheet.title, sheet.height) for sheet in tables]
    heads: tuple[str, ...] = ("sheet", "table", "rows")
    if any(sheet.drawings for sheet in tables):
        heads = (*heads, "charts at")
        places = ([xl_rowcol_to_cell(*place) for place in sheet.anchors] for sheet in tables)
        rows = [(*row, cells or None) for row, cells in zip(rows, places, strict=True)]
    return Sheet("Contents", "Contents", heads, rows, len(rows))


def _cover(result: Result, lang: str) -> Sheet:
    figures, shares = (
        headline(result, result.tables[0], Style(lang, spoken=True)) if result.tables else ([], "")
    )
    rows: list[tuple[str, str, Any]] = [("result", "command", result.command)]
    rows += [("result", "status", result.status), ("result", "schema", result.schema)]
    rows += [("result", "cxkit version", cxkit.__version__)]
    rows += [("input", item.name, item.rows) for item in result.inputs]
    rows += [("column", key, item) for key, item in result.columns.items()]
    rows += [("setting", key, item) for key, item in result.params.items()]
    rows += [("rows", "read", result.ledger.read), ("rows", "used", result.ledger.used)]
    rows += [("rows left out", reason, n) for reason, n in result.ledger.left_out.items()]
    answer = "; ".join(filter(None, (*figures, shares)))
    title = f"cxkit {result.command}"
    return Sheet(
        "Cover", title, ("part", "name", "value"), rows, len(rows), (answer,) * bool(answer)
    )


def _notes(result: Result, more: Sequence[Note], lang: str) -> Sheet:
    """Doubts and assumptions, then what the columns mean."""
    style = Style(lang, spoken=True).of(result)
    rows: list[tuple[str, str | None, str]] = [
        (note.kind, note.code, note.message) for note in (*result.notes, *more)
    ]
    for table in result.tables:
        grid = build(result, table, style, 0)
        rows += [
            ("method", ", ".join(table.keys) or None, _of_columns(line, table, style))
            for line in footnotes(result, table, grid, style)
        ]
    columns = [
        *result.rows.columns,
        *(key for key in result.summary if key not in result.rows.columns),
    ]
    by = user_columns(result)
    rows += [
        ("column", name, terms.COLUMNS[name].meaning)
        for name in columns
        if name in terms.COLUMNS and name not in by
    ]
    return Sheet("Notes", "Notes", ("kind", "about", "note"), rows, len(rows))


def _of_columns(line: str, table: Table, style: Style) -> str:
    """A footnote as it is true here: cells hold figures, and none says “above” or “below”."""
    changes = [item for item in table.columns if isinstance(item, Change)]
    told = style.say("marks-words")
    if not changes or not line.startswith(told):
        return line
    return f"{changes[0].diff}, {changes[0].p}:{line.removeprefix(told)}"


def _summary(result: Result) -> Sheet:
    own = any(table.rows is not None for table in result.tables)  # then lists have a sheet
    whole = {k: raw for k, raw in result.summary.items() if not (own and isinstance(raw, list))}
    return Sheet(
        "Summary",
        f"{result.command}: the whole",
        list(whole),
        [list(whole.values())],
        1,
        kinds={name: result.kind(name) for name in whole},
    )


def _tables(result: Result, lang: str) -> list[Sheet]:
    """The rows, a sheet for each table; a column of another table's groups is left out."""
    import polars as pl

    shared = [table for table in result.tables if table.rows is None]
    picked = [table for table in result.tables if table.select is not None]
    if len(picked) < 2:
        first = ", ".join(shared[0].keys) if shared else ""
        name = picked[0].select if picked else first
        table = next(iter((*picked, *shared)), None)
        whole = _table(result, result.rows, name or result.command, table, lang)
        return [whole, *_of_their_own(result, lang)]
    every = {key for table in picked for key in table.keys}
    return [
        _table(
            result,
            result.rows.filter(pl.col("table") == table.select).drop(every - set(table.keys)),
            str(table.select),
            table,
            lang,
        )
        for table in picked
    ]


def _of_their_own(result: Result, lang: str) -> list[Sheet]:
    """The tables that show other rows than the result's."""
    return [
        _table(result, table.rows, ", ".join(table.keys), table, lang)
        for table in result.tables
        if table.rows is not None and table.form == "grid"
    ]


def _table(result: Result, rows: pl.DataFrame, name: str, table: Table | None, lang: str) -> Sheet:
    title = f"{result.command}: {name}" if name != result.command else result.command
    by = user_columns(result)
    kinds = {column: "text" if column in by else result.kind(column) for column in rows.columns}
    held = Held(rows, table.keys, table.select) if table else Held(rows)
    cells = _named(rows, by.intersection(held.keys), lang).iter_rows()
    return Sheet(name, title, rows.columns, cells, rows.height, kinds=kinds, held=held)


def _named(rows: pl.DataFrame, groups: Iterable[str], lang: str) -> pl.DataFrame:
    """The rows; the group without a name has one too, as people are shown it."""
    import polars as pl

    texts = [name for name in rows.columns if name in groups and rows.schema[name] == pl.String]
    return rows.with_columns(pl.col(texts).fill_null(phrase("blank", lang))) if texts else rows


def sheet_names(wanted: Sequence[str], taken: Iterable[str] = ()) -> list[str]:
    """Names Excel accepts: at most 31 legal characters, unique whatever their case.

    Example:
        >>> sheet_names(["a/b", "A:B", "History"])
        ['a-b', 'A-B 2', 'History 2']
    """
    used = {"history", *(name.casefold() for name in taken)}  # Excel keeps History to itself
    names: list[str] = []
    for name in wanted:
        base = re.sub(r"[\[\]:*?/\\]+", "-", _text(words.clean(name))).strip("' ") or "table"
        candidate, number = base[:NAME_LIMIT].strip("' "), 1
        while candidate.casefold() in used:
            number += 1
            ending = f" {number}"
            candidate = base[: NAME_LIMIT - len(ending)].rstrip() + ending
        used.add(candidate.casefold())
        names.append(candidate)
    return names


# --- writing it ------------------------------------------------------------------------------


def _write(book: Workbook, sheet: Sheet, formats: Mapping[str, Any], table: str) -> Worksheet:
    """Title in A1, lines below it, then the table; returns the page."""
    page = book.add_worksheet(sheet.name)
    page.write_string(0, 0, _text(words.clean(sheet.title)), formats["title"])
    for i, line in enumerate(sheet.lines):
        page.write_string(1 + i, 0, _text(line))
    top = sheet.top
    if top + sheet.height + 1 > ROW_LIMIT:
        raise RequestError(
            "too-many-rows",
            f"{sheet.height:,} rows are more than an Excel sheet holds",
            [("try", "-o FILE.csv or -o FILE.parquet")],
        )
    heads = _unique(sheet.heads)
    bottom = top + max(sheet.height, 1)  # a table object has at least one row
    page.add_table(
        top,
        0,
        bottom,
        len(heads) - 1,
        {
            "name": table,
            "columns": [{"header": head} for head in heads],
            "style": "Table Style Light 1",
        },
    )
    for i, row in enumerate(sheet.rows):
        for j, (name, raw) in enumerate(zip(sheet.heads, row, strict=True)):
            _cell(page, top + 1 + i, j, raw, formats, sheet.kinds.get(name, "text"))
    page.freeze_panes(top + 1, 0)
    page.autofit(max_width=400)
    return page


def _draw(book: Workbook, page: Worksheet, sheet: Sheet, result: Result, lang: str) -> None:
    """The charts of a sheet, where it has any."""
    if sheet.held and sheet.drawings:
        workbook_charts.insert(
            book, page, sheet.held, sheet.drawings, sheet.anchors,
            result=result, codes=FORMATS, lang=lang, top=sheet.top,
        )  # fmt: skip


def _unique(heads: Sequence[str]) -> list[str]:
    """Headings of a table object: not empty, and unique whatever their case."""
    used: set[str] = set()
    names: list[str] = []
    for head in heads:
        base = _text(words.clean(head))[:240]
        name, number = base, 1
        while name.casefold() in used:
            number += 1
            name = f"{base} {number}"
        used.add(name.casefold())
        names.append(name)
    return names


def _cell(
    page: Worksheet, row: int, column: int, raw: Any, formats: Mapping[str, Any], kind: str
) -> None:
    """A value as what it is: numbers unrounded with a format, everything else as text."""
    if words.is_missing(raw):
        return
    if isinstance(raw, bool):
        page.write_boolean(row, column, raw)
    elif isinstance(raw, int | float):
        page.write_number(row, column, raw, formats.get(kind))
    elif isinstance(raw, date):
        page.write_datetime(row, column, raw, formats["date"])
    else:
        if isinstance(raw, Mapping):
            raw = [f"{key}={item}" for key, item in raw.items()]
        items = raw if isinstance(raw, list | tuple) else [raw]
        text = _text("; ".join(words.clean(item) for item in items))
        wrap = formats["wrap"] if len(text) > 60 else None
        page.write_string(row, column, text, wrap)


def _text(text: str) -> str:
    """Text XML and Excel can hold."""
    return text.translate({0xFFFE: None, 0xFFFF: None})[:CELL_LIMIT]
