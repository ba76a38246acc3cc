"""Layouts of vendors' exports, recognised by what their beginning looks like.

Each is a module of its name here with a `LAYOUT`, and one word in `terms.LAYOUTS`, in the order
in which they are tried.
"""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module

from cxkit.errors import DataError, visible
from cxkit.reading.layouts import invoice_lines
from cxkit.reading.layouts.base import Found as Found
from cxkit.reading.layouts.base import Head as Head
from cxkit.reading.layouts.base import Layout as Layout
from cxkit.source import Source, tidy
from cxkit.terms import LAYOUTS, SURVEYS

PLAIN = "plain"


def layout(name: str) -> Layout:
    """The layout of that name."""
    module = import_module(f"{__name__}.{name.replace('-', '_')}")
    found: Layout = module.LAYOUT
    return found


def recognise(head: Head, asked: str | None, file: str) -> tuple[str, Found]:
    """The layout of a table by name, and what it knows of it.

    Args:
        head: the beginning of the table.
        asked: the layout by name, as the user says; None looks at all of them.
        file: what messages call the table.

    Raises:
        DataError: the table has nothing of the layout asked for.
    """
    if asked == PLAIN:
        return PLAIN, invoice_lines.read(head)
    for name in LAYOUTS if asked is None else (asked,):
        candidate = layout(name)
        if candidate.fits(head):
            return name, candidate.read(head)
    if asked is None:
        return PLAIN, invoice_lines.read(head)
    found = layout(asked).read(head)
    if not found.knows:
        message = f"{visible(file)} has nothing of an export of {layout(asked).title}"
        raise DataError("layout", message, [("try", "leave out --input-format")])
    return asked, found


def applied(source: Source, name: str, found: Found, header: tuple[str, ...]) -> Source:
    """The source with what its layout knows; its columns are named as the layout names them.

    Args:
        source: the rows below the header.
        name: the layout's.
        found: what it knows.
        header: the names as written; where one had to be changed, it becomes a label.
    """
    rows = source.rows
    if found.converted:
        rows = rows.with_columns(**found.converted)
    changed = {
        column: tidy(was)
        for column, was in zip(source.columns, header, strict=False)
        if tidy(was) not in ("", column)
    }
    return replace(
        source,
        rows=rows,
        labels=changed | dict(source.labels) | dict(found.labels),
        left_out=found.left_out,
        roles=found.roles,
        missing=found.missing,
        date_formats=found.date_formats,
        mixed=found.mixed,
        trade=found.trade,
        checks=found.checks,
        notes=(*source.notes, *found.notes),
        inputs=tuple(replace(one, layout=name) for one in source.inputs),
    )


def need_sales(source: Source) -> None:
    """Raise the error of a file that its layout knows to hold no sales.

    Raises:
        DataError: it is an export of answers, or of money that is no revenue.
    """
    for part in (*source.parts, source):
        if not part.trade or not part.trade.refused:
            continue
        message = f"{part.name} holds {part.trade.refused}"
        raise DataError("no-sales", message, [("hint", "export the orders or payments themselves")])
    for one in source.inputs:
        if one.layout in SURVEYS:
            name, title = visible(one.name), layout(one.layout).title
            message = f"{name} is an export of answers ({title}), not of orders or payments"
            raise DataError("no-sales", message, [("try", "cxkit nps FILE")])


def asked_of(source: Source, command: str, score: str | None) -> Source:
    """The source without rows that answer questions of another type than a command is about.

    Their answers are blanked, so that nothing is judged by them, and the rows count as left out
    by a condition, for that is what it is: `--where "question_type = 'nps'"`, unsaid.

    Args:
        source: perhaps of mixed types.
        command: `nps`, …
        score: the column of answers, if the user names one; types are those of the layout's own.
    """
    if source.parts:
        return _parts_asked_of(source, command, score)
    mixed = source.mixed
    if mixed is None or (score is not None and source.column(score) != mixed.score):
        return source
    return _of_type(source, command)


def _parts_asked_of(source: Source, command: str, score: str | None) -> Source:
    from cxkit.reading.stack import stacked

    if not any(part.mixed for part in source.parts):
        return source
    again = stacked([asked_of(part, command, score) for part in source.parts])
    kept = {"missing": source.missing, "date_format": source.date_format, "inputs": source.inputs}
    return replace(again, **kept)  # type: ignore[arg-type]


def _of_type(source: Source, command: str) -> Source:
    import polars as pl

    from cxkit.reading.layouts.base import written
    from cxkit.source import Check

    mixed = source.mixed
    assert mixed is not None
    types = mixed.types.get(command, (command,))
    other = ~written(mixed.column).is_in(types).fill_null(False)
    message = (
        f"{{rows}} left out: {visible(mixed.column, 30).replace('{', '').replace('}', '')} "
        f"is not {' or '.join(types)}"
    )
    score = pl.when(~other).then(pl.col(mixed.score)).alias(mixed.score)
    return replace(
        source,
        rows=source.rows.with_columns(score),
        roles={**source.roles, command: (mixed.score,)},
        left_out={**source.left_out, "where": other},
        checks=(*source.checks, Check("question-type", "info", message, other, among="where")),
        mixed=None,
    )
