"""The table of what is read, as the documentation shows it."""

from __future__ import annotations

from cxkit.reading.layouts import layout
from cxkit.terms import LAYOUTS

_OTHERS = (
    ("`spss`", "SPSS (`.sav`, extra `spss`)", "the file's first bytes",
     "question texts and value labels; codes declared missing are no answers; 0–10 stored as "
     "1–11 is read by its labels"),
    ("`plain`", "any other table", "nothing else fits",
     "one header record; text, Excel, Parquet, Arrow, JSON"),
)  # fmt: skip


def markdown() -> str:
    """A row for each layout: its name, the vendor, what tells it, what is made of it."""
    rows = [
        (f"`{name}`", one.title, one.told_by, one.reads)
        for name, one in ((name, layout(name)) for name in LAYOUTS)
    ]
    lines = ["| `--input-format` | export of | recognised by | read as |"]
    lines.append("| --- | --- | --- | --- |")
    lines += ["| " + " | ".join(row) + " |" for row in (*rows, *_OTHERS)]
    return "\n".join(lines)
