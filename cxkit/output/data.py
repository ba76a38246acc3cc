"""The formats machines read: JSON, NDJSON, CSV and Parquet; full precision, nothing decorated."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from io import BytesIO
from typing import TYPE_CHECKING, Any

import cxkit
from cxkit.result import Result

if TYPE_CHECKING:
    import polars as pl


# Characters of the categories Cc, Cf, Cs, Zl and Zp, which JSON may hold raw.
UNSEEN = re.compile(
    "[\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f"
    "\u2028-\u202e\u2060-\u2064\u2066-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb\U000110bd"
    "\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001"
    "\U000e0020-\U000e007f]"
)


def plain(raw: Any) -> Any:
    """A value as JSON knows it: NaN and infinity are null, dates ISO text, sets and tuples lists.

    Example:
        >>> plain({"a": float("nan"), "b": (1, 2.5)})
        {'a': None, 'b': [1, 2.5]}
    """
    match raw:
        case None | bool() | str() | int():
            return raw.value if isinstance(raw, Enum) else raw
        case float():
            return raw if math.isfinite(raw) else None
        case date() | time():
            return raw.isoformat()
        case Decimal():
            return plain(float(raw))
        case timedelta():
            return raw / timedelta(days=1)
        case Mapping():
            return {str(key): plain(item) for key, item in raw.items()}
        case set() | frozenset():
            return sorted(map(str, raw))
        case Iterable():
            return [plain(item) for item in raw]
    return plain(raw.item()) if hasattr(raw, "item") else str(raw)


def as_json(result: Result) -> str:
    """One object: who computed what from which input, the whole, the rows, the notes."""
    parts: dict[str, Any] = {
        "schema": result.schema,
        "version": cxkit.__version__,
        "command": result.command,
        "status": result.status,
        "inputs": [
            {"name": item.name, "layout": item.layout, "rows": item.rows} for item in result.inputs
        ],
        "columns": result.columns,
        "params": result.params,
        "ledger": {
            "read": result.ledger.read,
            "used": result.ledger.used,
            "left_out": result.ledger.left_out,
        },
        "summary": result.summary,
        "rows": result.rows.iter_rows(named=True),
        "notes": [
            {"code": note.code, "kind": note.kind, "message": note.message} for note in result.notes
        ],
    }
    lines = [f"  {_dump(key)}: {_block(plain(part))}" for key, part in parts.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _block(part: Any) -> str:
    """A list of records one a line, anything else on one line: greppable, and diffs stay small."""
    if not isinstance(part, list) or not part:
        return _dump(part)
    return "[\n" + ",\n".join(f"    {_dump(item)}" for item in part) + "\n  ]"


def _dump(part: Any) -> str:
    """JSON in which characters that steer a terminal or are not seen stand as `\\uXXXX`."""
    text = json.dumps(part, ensure_ascii=False, allow_nan=False)
    if text.isascii() and "\x7f" not in text:
        return text
    return UNSEEN.sub(lambda found: json.dumps(found[0])[1:-1].replace("\x7f", "\\u007f"), text)


def as_ndjson(result: Result) -> str:
    """One JSON object a row."""
    return "".join(_dump(plain(row)) + "\n" for row in result.rows.iter_rows(named=True))


def as_csv(result: Result) -> str:
    """The rows with a heading; null is empty, lists are joined by `;`, text stands as it is."""
    import polars as pl

    texts = pl.List(pl.String)
    lists = [name for name, kind in result.rows.schema.items() if isinstance(kind, pl.List)]
    joined = [
        pl.when(pl.col(name).list.len() > 0).then(pl.col(name).cast(texts).list.join(";"))
        for name in lists
    ]
    return finite(result.rows).with_columns(joined).write_csv(line_terminator="\n")


def as_parquet(result: Result) -> bytes:
    """The rows as Parquet, flags as lists."""
    buffer = BytesIO()
    finite(result.rows).write_parquet(buffer)
    return buffer.getvalue()


def finite(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with null for NaN and infinity."""
    import polars as pl
    from polars import selectors

    floats = selectors.float()
    return rows.with_columns(pl.when(floats.is_finite()).then(floats))
