"""What an analysis returns: rows, summary, ledger, notes, and what to show of them.

A Result is data. An analysis ends at one, a renderer begins at one; neither knows the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from cxkit import glossary
from cxkit.errors import Hint
from cxkit.glossary import Kind

if TYPE_CHECKING:
    import polars as pl

# A row that is left out counts under the first reason that applies.
REASONS = (
    "preview", "test", "unfinished", "where", "no-date", "period", "missing", "invalid", "weight",
    "incomplete", "superseded", "no-customer", "no-amount", "cancelled", "voided", "unpaid",
    "return",
)  # fmt: skip


@dataclass(frozen=True)
class Input:
    """A file or frame that was read: its name, layout and number of rows."""

    name: str
    layout: str = "plain"
    rows: int | None = None


class Note(NamedTuple):
    """A doubt or an assumption that travels with the figures.

    Args:
        code: a stable name, such as `low-n`.
        kind: `info` for what is merely worth knowing, `warning` for what may be wrong
            (with `--strict` a warning stops the command).
        message: one sentence without a full stop.
        hints: labelled lines below it, as in an error.
    """

    code: str
    kind: Literal["info", "warning"]
    message: str
    hints: tuple[Hint, ...] = ()


@dataclass(frozen=True)
class Ledger:
    """Every row accounted for: read = used + left out, by reason."""

    read: int
    used: int
    left_out: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.read != self.used + sum(self.left_out.values()):
            raise AssertionError(f"the ledger does not add up: {self}")
        if unknown := set(self.left_out) - set(REASONS):
            raise AssertionError(f"not a reason: {unknown}")


class Interval(NamedTuple):
    """A display column `+15 to +25`, made of two columns."""

    low: str = "ci_low"
    high: str = "ci_high"
    term: str = "interval"


class Bar(NamedTuple):
    """A display column that draws shares of one whole, in order, as one bar."""

    shares: tuple[str, ...] = ("detractor_rate", "passive_rate", "promoter_rate")
    term: str = "shares"


class Change(NamedTuple):
    """A display column with a signed difference, marked ▲ ▼ where the adjusted p is significant."""

    diff: str = "diff"
    p: str = "p_adjusted"
    term: str = "diff"


Shown = str | Interval | Bar | Change


def alpha(confidence: float) -> float:
    """What a p-value must be below to be significant at a level: 0.05 at 0.95.

    Rounded, for 1 − 0.95 is a little more than 0.05 in binary, and p = 0.05 is not below it.
    """
    return round(1 - confidence, 10)


def direction(diff: float | None, p: float | None, level: float) -> Literal["up", "down", ""]:
    """The direction of a difference that was tested and is significant; else nothing.

    Args:
        diff: the difference.
        p: its adjusted p-value; None if it was not tested.
        level: from `alpha`.
    """
    if p is None or not diff or not p < level:
        return ""
    return "up" if diff > 0 else "down"


@dataclass(frozen=True, eq=False)
class Table:
    """What a printed table shows of `Result.rows`.

    Args:
        keys: the columns that name a row, at the left (the user's group columns, the period).
        columns: what is shown of each row, in order.
        headline: what is shown of the summary in the first line, in order.
        sort: the column that orders the printed rows, highest first; None keeps their order.
        select: with several tables stacked in `rows`, the value of `table` that selects this one.
        total: whether the summary is printed as the last row.
        footnotes: phrases of the glossary (key, values) printed below.
        headings: what stands above a key instead of its name: the text of the question.
        rows: rows of its own, where it shows others than `Result.rows`.
        answer: a phrase that is the first line, instead of a headline.
        form: a `list` has a sentence for each row (`severity code message first_line fix`).
    """

    keys: tuple[str, ...]
    columns: tuple[Shown, ...]
    headline: tuple[Shown, ...]
    sort: str | None = None
    select: str | None = None
    total: bool = True
    footnotes: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    headings: Mapping[str, str] = field(default_factory=dict)
    rows: pl.DataFrame | None = None
    answer: tuple[str, Mapping[str, Any]] | None = None
    form: Literal["grid", "list"] = "grid"


@dataclass(frozen=True, eq=False)
class Chart:
    """What to draw, not how.

    Args:
        mark: `stack` (shares of each group side by side), `trend` (one line over periods with its
            band), `lines` (a line for each series), `heatmap` (a rate for each cohort and age),
            `steps` (survival over time), `lorenz` (cumulative shares of items and of value),
            `pareto` (values of items and their cumulative share), `bars` (one figure of each
            category), `waterfall` (steps from one total to another) or `scatter` (points, with
            `curves` a funnel plot).
        rows: the small frame it draws, in drawing order; units as in `Result.rows`.
        x: the column on the category or time axis.
        y: the column of the main figure.
        low, high: the interval of `y`.
        series: the column that tells lines apart, for `lines` and `steps`; the rows of a `heatmap`;
            the colours of `bars`; the names of points of a `scatter`; of a `waterfall` the column
            that says `start` or `end` of a total.
        shares: the columns that are stacked, for `stack`.
        total: the summary, drawn as the last bar, as the overall line, or as the cross-hairs of a
            `scatter`.
        finding: a phrase of the glossary (key, values): the title. It states a difference only
            where one was tested.
        footnotes: phrases printed below the picture.
        target: a value of `y` drawn as a dashed line.
        size: the column of the customers behind a row of a `heatmap` or of `bars` (else `n`), or at
            risk in `steps`.
        ticks: the column of the customers last seen at a time, marked on `steps`.
        line: the column of cumulative shares, 0–1, for `pareto`.
        guide: a value of `x` whose `y` is told, for `lorenz`.
        currency: the code of the currency of money, such as `EUR`.
        curves: limits in a `scatter`, with the columns of `x`, `low`, `high` and `level` (0–1);
            exact where it has a row for each `x` of `rows`.
        name: tells several charts of one result apart (`nps.region.png`).
        x_label, title: the axis in the user's words; a title that replaces the finding.
    """

    mark: Literal[
        "stack", "trend", "lines", "heatmap", "steps", "lorenz", "pareto", "bars", "waterfall",
        "scatter",
    ]  # fmt: skip
    rows: pl.DataFrame
    x: str
    y: str
    low: str | None = None
    high: str | None = None
    series: str | None = None
    shares: tuple[str, ...] = ()
    total: Mapping[str, Any] | None = None
    finding: tuple[str, Mapping[str, Any]] | None = None
    footnotes: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    target: float | None = None
    size: str | None = None
    ticks: str | None = None
    line: str | None = None
    guide: float | None = None
    currency: str | None = None
    curves: pl.DataFrame | None = None
    name: str | None = None
    x_label: str | None = None
    title: str | None = None


@dataclass(frozen=True, eq=False)
class Result:
    """Rows, summary, ledger and notes of one analysis.

    Args:
        command: the command's name, `nps`.
        view: a view other than the first, which enters the schema: `items`.
        rows: one estimate a row, full precision, the columns of the command's schema.
        summary: the same figures for the whole.
        ledger: every row of the input accounted for.
        notes: doubts and assumptions.
        inputs, columns, params: what was read, which column has which role, the settings in force.
        tables, charts: what people are shown; more than one where `by` was repeated.
        status: `ok`, `breach` or `unknown`.
        kinds: how columns are written that hold something else here than the glossary says, such
            as counts for money.
    """

    command: str
    rows: pl.DataFrame
    summary: Mapping[str, Any]
    ledger: Ledger
    notes: tuple[Note, ...] = ()
    inputs: tuple[Input, ...] = ()
    columns: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    view: str | None = None
    status: Literal["ok", "breach", "unknown"] = "ok"
    kinds: Mapping[str, Kind] = field(default_factory=dict)

    @property
    def schema(self) -> str:
        """The name and version of the shape of `rows`, such as `cxkit.nps/1`."""
        return ".".join(filter(None, ("cxkit", self.command, self.view))) + "/1"

    @property
    def main(self) -> str:
        """The main figure of a row, to which its limits and its comparison belong."""
        return glossary.main(self.command, self.view)

    def kind(self, name: str) -> Kind:
        """How the values of a column are written here."""
        return glossary.kind(name, self.main, self.kinds)

    @property
    def chart(self) -> Chart | None:
        """The first chart, or None."""
        return self.charts[0] if self.charts else None
