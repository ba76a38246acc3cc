"""What names customers and items: the key under which rows, and files, are brought together."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from cxkit.engines import collect
from cxkit.source import Source

if TYPE_CHECKING:
    import polars as pl


_FLOAT = re.compile(r"\s*[0-9]+\.0\s*")  # a number that a spreadsheet has written as a fraction
_CASED = re.compile(r"\s*[0-9A-Za-z]{15}\s*")  # an id of Salesforce, in which case counts


class Cell(NamedTuple):
    """What a cell is if it is plain, and whether it is not."""

    value: pl.Expr
    odd: pl.Expr | None = None


def text_key(column: str) -> pl.Expr:
    """The name of an item: trimmed and composed; null where blank."""
    import polars as pl

    text = pl.col(column).cast(pl.String).str.strip_chars().str.normalize("NFC")
    return pl.when(text.str.len_bytes() > 0).then(text)


def id_key(source: Source, column: str) -> pl.Expr:
    """The id of a customer as two files can share it: trimmed, composed, without case; null where
    blank. Case counts where all ids of the sample have 15 letters and digits, in both cases: these
    are Salesforce's. Whole numbers held as floats are written without a point; so are their texts,
    `17850.0`, in a column whose sample has one."""
    import polars as pl

    dtype = source.rows.collect_schema()[column]
    cell = pl.col(column)
    if dtype.is_integer():
        return cell.cast(pl.String)
    if dtype.is_float():
        whole = cell.cast(pl.Int64, strict=False)
        return pl.when(cell.is_finite() & (whole == cell)).then(whole.cast(pl.String)).otherwise(
            pl.when(cell.is_finite()).then(cell.cast(pl.String))
        )  # fmt: skip
    text = _folded(source, column, cell.cast(pl.String).str.strip_chars()).str.normalize("NFC")
    if _has_floats(source, column):
        text = text.str.replace(r"^([0-9]+)\.0$", "$1")
    return pl.when(text.str.len_bytes() > 0).then(text)


def _folded(source: Source, column: str, text: pl.Expr) -> pl.Expr:
    """The ids without case, unless it counts."""
    cells = (str(one).strip() for one in source.sample(column) if one is not None)
    sample = [*filter(None, cells)]
    mixed = any(cell != cell.lower() and cell != cell.upper() for cell in sample)
    cased = mixed and all(_CASED.fullmatch(cell) for cell in sample)
    return text if cased else text.str.to_lowercase()


def _has_floats(source: Source, column: str) -> bool:
    """Whether the sample has whole numbers written as `17850.0`."""
    return any(_FLOAT.fullmatch(str(cell)) for cell in source.sample(column))


def plain_id(source: Source, column: str) -> Cell:
    """The id of a customer, blank or null where there is none: see `id_key`."""
    import polars as pl

    dtype = source.rows.collect_schema()[column]
    seen = all(str(cell).isascii() for cell in source.sample(column))
    if dtype != pl.String or not seen or _has_floats(source, column):
        return Cell(id_key(source, column))
    cell = pl.col(column)
    # Composing text takes longer than all else, and plain letters have no other form.
    folded = _folded(source, column, cell.str.strip_chars())
    return Cell(folded, cell.str.len_bytes() != cell.str.len_chars())


def spelled(keys: pl.Series, source: Source, *columns: str) -> pl.Series:
    """Ids as they stand in a file, for people, by their keys.

    Keys have no capitals: another look at the columns says how each is written. Of several
    spellings the first in the alphabet is taken, capitals first; a key that no column holds stays.

    Args:
        keys: from `id_key`.
        source: the file.
        columns: where the ids stand, the likeliest first.
    """
    import polars as pl

    texts = (pl.String, pl.Categorical, pl.Enum)
    schema = source.rows.collect_schema()
    if not keys.str.contains(r"\pL").any():
        return keys
    found = keys.alias("key").to_frame().with_columns(spelt=pl.lit(None, pl.String))
    for column in (one for one in columns if schema[one] in texts):
        rows = source.rows.select(key=id_key(source, column), other=text_key(column))
        other = collect(rows.drop_nulls().group_by("key").agg(pl.col("other").min()), source)
        found = found.join(other, on="key", how="left", maintain_order="left").select(
            "key", pl.coalesce("spelt", "other").alias("spelt")
        )
    return found.select(pl.coalesce("spelt", "key").alias(keys.name)).to_series()
