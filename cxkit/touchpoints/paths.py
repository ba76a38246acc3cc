"""The paths of customers: the stages that each went through, in order of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cxkit.accounts import inputs_of, ledger_of
from cxkit.cells.keys import id_key
from cxkit.engines import collect
from cxkit.errors import DataError
from cxkit.result import Input, Ledger, Note
from cxkit.slices import Slice, check_bounds, condition_of, dates_of, outside
from cxkit.source import ROW, Source
from cxkit.surveys.doubts import cell_notes, check_notes
from cxkit.surveys.survey import Scan, check_types, group_names, lacking
from cxkit.surveys.unanswered import need_answers

if TYPE_CHECKING:
    import polars as pl

_WIDTH = 2**20  # codes of stages below, of channels above, in one integer
_DAY = 86_400 * 10**9  # nanoseconds
_DAY_ALONE = 10  # characters of a day


@dataclass(frozen=True)
class Paths:
    """The paths of customers, counted.

    Args:
        paths: a row for each path: `stages` (a list of names), `channels` (a list beside it, null
            where blank; only where asked for) and `n`, how many customers took it.
        first: the stages in the order of their first days, then rows.
        ledger: every row accounted for.
        notes: what reading the rows has shown.
        inputs: what was read, with its rows.
    """

    paths: pl.DataFrame
    first: tuple[str, ...]
    ledger: Ledger
    notes: tuple[Note, ...]
    inputs: tuple[Input, ...]

    @property
    def customers(self) -> int:
        """How many customers have a path."""
        return int(self.paths["n"].sum())


@dataclass(frozen=True)
class Counts:
    """How often each stage was met, where customers are not followed: the same but for paths."""

    stages: pl.DataFrame
    first: tuple[str, ...]
    ledger: Ledger
    notes: tuple[Note, ...]
    inputs: tuple[Input, ...]


def read_paths(source: Source, stage: str, channel: str | None, where: Slice) -> Paths:
    """Read the path of each customer, in two passes over the rows.

    Memory follows the number of customers. Two touches at the same time stand as in the file.

    Args:
        source: a row for each touchpoint.
        stage, channel: the columns of stages and, where paths are to have them, of channels.
        where: which rows; its `customer` and `date` name these columns.

    Raises:
        RequestError: a column or bound that is wrong.
        DataError: no rows, or none with a stage, a customer and a day.
    """
    import polars as pl

    scan, table, notes = _touches(source, stage, channel, where)
    rows = _followed(scan, table)
    in_time = pl.col("touch").sort_by("moment", ROW)
    taken = rows.group_by("who").agg(in_time).group_by("touch")
    found = collect(taken.agg(n=pl.len().cast(pl.Int64)), scan.source)
    paths = _named(found, _codes(table), channel is not None)
    return Paths(paths, _first(table), ledger_of(table), notes, inputs_of(source, table))


def read_counts(source: Source, stage: str, where: Slice) -> Counts:
    """Count the rows of each stage, or what they stand for.

    Raises:
        RequestError: a column or bound that is wrong.
        DataError: no rows, or none with a stage.
    """
    import polars as pl

    _, table, notes = _touches(source, stage, None, where)
    used = table.filter(pl.col("reason").is_null())
    stages = used.group_by("stage").agg(pl.col("n").sum()).sort("stage")
    return Counts(stages, _first(table), ledger_of(table), notes, inputs_of(source, table))


# --- which rows ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Scan(Scan):
    """The pass over touchpoints: the stage is the answer, and whether there is a customer."""

    def keys(self, cut: str) -> dict[str, Any]:
        import polars as pl

        keys = super().keys(cut)
        if self.where.customer:
            known = _known(self.source, self.where.customer)
            keys["known"] = pl.when(known).then(True)
        return keys

    def extra(self, cut: str) -> dict[str, Any]:
        """Beside the usual: the longest text of a date, for only longer ones hold a time."""
        import polars as pl

        found = super().extra(cut)
        if self.dates and self.source.rows.collect_schema()[self.dates.name] == pl.String:
            found["longest"] = pl.col(self.dates.name).str.len_chars().max()
        return found


def _known(source: Source, customer: str) -> pl.Expr:
    """Whether a row has a customer: as `id_key` says, which takes longer for text."""
    import polars as pl

    if source.rows.collect_schema()[customer] != pl.String:
        return id_key(source, customer).is_not_null()
    return pl.col(customer).str.strip_chars().str.len_bytes() > 0


def _touches(
    source: Source, stage: str, channel: str | None, where: Slice
) -> tuple[Scan, pl.DataFrame, tuple[Note, ...]]:
    """The tally of touchpoints: `stage`, `by0` (the channel), `date` and `reason`; and doubts."""
    import polars as pl

    check_bounds(where)
    piece = replace(where, by=((channel,),) if channel else ((),))
    check_types(source, (stage,), piece)
    source = source.numbered()  # of two touches on one day the later row comes last
    dates = dates_of(source, piece, always=True)
    scan, table = _Scan(source, stage, piece, dates, condition_of(source, piece)).run()
    if not table["rows"].sum():
        raise DataError("empty", f"no rows in {source.name}")
    days, notes = pl.Series("date", [None] * table.height, dtype=pl.Date), tuple[Note, ...]()
    if scan.dates:
        days, notes = scan.dates.days(table["day"])
    names = group_names(table["answer"], source.codes.get(stage)).alias("stage")
    table = table.with_columns(names, days.alias("date"), pl.lit(None, pl.Date).alias("start"))
    table = table.with_columns(_reason(table, piece).alias("reason"))
    need_answers(scan, table)
    notes += cell_notes(table, piece, scan.condition, 0, 0)
    notes += scan.condition.notes if scan.condition else ()
    notes += check_notes(table, scan.checks)
    return scan, table, notes + lacking(scan, inputs_of(source, table))


def _reason(table: pl.DataFrame, where: Slice) -> pl.Expr:
    """Why a row is left out; null for a touch that counts."""
    import polars as pl

    needs_day = bool(where.customer) or where.dated
    reason = (
        pl.when(pl.col("date").is_null() & needs_day)
        .then(pl.lit("no-date"))
        .when(outside(table, where))
        .then(pl.lit("period"))
        .when(pl.col("stage").is_null())
        .then(pl.lit("missing"))
    )
    if where.customer:
        reason = reason.when(pl.col("known").is_null()).then(pl.lit("no-customer"))
    return pl.coalesce(pl.col("out"), reason) if "out" in table.columns else reason


def _first(table: pl.DataFrame) -> tuple[str, ...]:
    """The stages in the order of their first days, then rows."""
    import polars as pl

    used = table.filter(pl.col("reason").is_null())
    firsts = used.group_by("stage").agg(pl.col("date", "first").min())
    return tuple(firsts.sort("date", "first", "stage", nulls_last=True)["stage"])


# --- the paths ----------------------------------------------------------------------------------


def _codes(table: pl.DataFrame) -> tuple[list[str], list[str]]:
    """The names of stages and channels, by their codes."""
    import polars as pl

    used = table.filter(pl.col("reason").is_null())
    stages = used["stage"].unique().sort().to_list()
    channels = []
    if "by0" in table.columns:
        channels = group_names(used["by0"]).unique().drop_nulls().sort().to_list()
    return stages, channels


def _followed(scan: Scan, table: pl.DataFrame) -> pl.LazyFrame:
    """The touches that count: `who`, `touch` (a code of stage and channel), `moment` and row."""
    import polars as pl

    source, customer = scan.source, str(scan.where.customer)
    used = table.filter(pl.col("reason").is_null())
    keys = scan.keys("day")
    out = keys.pop("out", None)
    keys = {name: keys[name] for name in ("answer", "day", "by0") if name in keys}
    rows = source.rows if out is None else source.rows.filter(out.is_null())
    assert scan.dates is not None
    who, time = id_key(source, customer).hash(), scan.dates.time()
    if "longest" in table.columns and (table["longest"].max() or 0) <= _DAY_ALONE:  # type: ignore[operator]
        time = pl.lit(0, pl.Int64)
    rows = rows.filter(_known(source, customer)).select(
        **keys, who=who, time=time, **{ROW: pl.col(ROW)}
    )
    stages, channels = _codes(table)
    rows = rows.join(_coded(used, "answer", "stage", stages), on="answer", how="inner")
    code = pl.col("stage")
    if "by0" in keys:
        named = used.with_columns(group_names(used["by0"]).alias("channel"))
        rows = rows.join(
            _coded(named, "by0", "channel", channels), on="by0", how="left", nulls_equal=True
        )
        code = code + _WIDTH * pl.col("channel").fill_null(len(channels))
    days = used.select("day", "date").unique("day").lazy()
    moment = pl.col("date").cast(pl.Int32).cast(pl.Int64) * _DAY + pl.col("time")
    rows = rows.join(days, on="day", how="inner")
    return rows.select("who", ROW, touch=code, moment=moment)


def _coded(used: pl.DataFrame, cell: str, name: str, names: Sequence[str]) -> pl.LazyFrame:
    """Cells as they stand, with the code of the name that they mean."""
    import polars as pl

    codes = pl.col(name).replace_strict(
        list(names), list(range(len(names))), default=None, return_dtype=pl.Int64
    )
    return used.select(cell, name).unique(cell).select(cell, codes).drop_nulls(name).lazy()


def _named(found: pl.DataFrame, codes: tuple[list[str], list[str]], channels: bool) -> pl.DataFrame:
    """Paths by name instead of by code, in an order that is the same on every run."""
    import polars as pl

    stages, others = (pl.Series([*names, None], dtype=pl.String) for names in codes)
    text = pl.col("touch").cast(pl.List(pl.String)).list.join(",")
    touches = found.sort(text).with_row_index("path").explode("touch")
    touches = touches.with_columns(stages.gather(touches["touch"] % _WIDTH).alias("stages"))
    keys = ["stages"]
    if channels:
        named = others.gather(touches["touch"] // _WIDTH).alias("channels")
        touches, keys = touches.with_columns(named), ["stages", "channels"]
    paths = touches.group_by("path", maintain_order=True).agg(*keys, pl.col("n").first())
    return paths.select(*keys, "n")
