"""What a company believes of its customers, and what is measured: a share of satisfied answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from cxkit.errors import RequestError, visible
from cxkit.result import Chart, Interval, Note, Result, Table, alpha
from cxkit.surveys import measured, ratings
from cxkit.surveys.groups import Settings
from cxkit.terms import label

if TYPE_CHECKING:
    import polars as pl

    from cxkit.glossary import Kind
    from cxkit.slices import Slice
    from cxkit.source import Source
    from cxkit.surveys.ratings import Boxes
    from cxkit.surveys.story import Phrase
    from cxkit.surveys.survey import Answers

RATES = ("below_rate", "met_rate", "exceeded_rate")
COLUMNS = (
    "item", "n", "expected", "perceived", "gap", "ci_low", "ci_high", "t", "p_value", "p_adjusted",
    *RATES,
)  # fmt: skip
ENDS = ("ci_low", "ci_high")
FEW = 30  # answers, below which figures stand in brackets
SHARES: Mapping[str, Kind] = {"expected": "rate", "perceived": "rate", "gap": "rate-change"}


class Ask(NamedTuple):
    """What is asked of the survey, whichever way."""

    data: Source
    piece: Slice
    scale: str
    settings: Settings

    def params(self, **own: Any) -> dict[str, Any]:
        """The settings in force."""
        piece, settings = self.piece, self.settings
        return {
            "confidence": settings.confidence, "suppress": settings.suppress,
            "adjust": settings.adjust, "scale": self.scale, **own,
            "fiscal_start": piece.fiscal_start, "since": piece.since, "until": piece.until,
            "where": list(piece.where),
        }  # fmt: skip

    def enough(self, n: int) -> bool:
        """Whether so few answers may be shown."""
        return self.settings.suppress is None or n >= self.settings.suppress


def share_of(text: str) -> float:
    """A share such as `85%` or `0.85`; 85 can only be per cent."""
    parts = re.fullmatch(r"\s*([0-9]*[.,]?[0-9]+)\s*(%?)\s*", text)
    share = float(parts[1].replace(",", ".")) if parts else -1.0
    if parts and (parts[2] or share > 1):
        share /= 100
    if not 0 <= share <= 1:
        message = f'--believed must be a share such as 85% or 0.85, got "{visible(text)}"'
        raise RequestError("bad-value", message)
    return share


def withheld(rows: pl.DataFrame, hidden: pl.Series) -> pl.DataFrame:
    """The rows, of those on too few answers nothing but the name."""
    import polars as pl

    return rows.with_columns(pl.when(~hidden).then(pl.all().exclude("item")))


# --- few answers --------------------------------------------------------------------------------


def marked(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with `flags`: `suppressed` where nothing is shown, `low-n` on few answers."""
    import polars as pl

    n, none = pl.col("n"), pl.lit([], pl.List(pl.String))
    few = pl.when(n.is_between(1, FEW - 1)).then(pl.lit(["low-n"])).otherwise(none)
    return rows.with_columns(flags=pl.when(n.is_null()).then(pl.lit(["suppressed"])).otherwise(few))


def brackets(shown: pl.DataFrame) -> tuple[Phrase, ...]:
    """What brackets mean, where rows that are marked have some."""
    few = any("low-n" in flags for flags in shown["flags"].to_list())
    return (("low-n-few", {"minimum": FEW}),) * few


def few_notes(shown: pl.DataFrame, settings: Settings) -> list[Note]:
    """Items on few answers, and those that are withheld."""
    notes, rows = [], shown.to_dicts()
    for row in rows:
        if "low-n" in row["flags"]:
            answers = f"{row['n']:,} answer{'s' * (row['n'] != 1)}"
            message = f'"{visible(row["item"])}" has {answers} (fewer than {FEW}): '
            notes.append(Note("low-n", "info", message + "read the interval first"))
    hidden = sum("suppressed" in row["flags"] for row in rows)
    if hidden:
        items = f"{len(rows)} item{'s' * (len(rows) != 1)}"
        message = f"{hidden} of {items} withheld: fewer than {settings.suppress:,} answers"
        notes.append(Note("suppressed", "info", message))
    return notes


# --- the figures --------------------------------------------------------------------------------


def belief(ask: Ask, score: str, believed: float, boxes: Boxes) -> Result:
    """The gap between a believed share and the measured share of satisfied answers."""
    import polars as pl

    from cxkit.surveys.survey import read_answers

    answers = read_answers(ask.data, score, ask.piece, boxes.scale, "gap")
    row = _measured(answers.cells, boxes, ask.settings.confidence, believed)
    hidden = pl.Series([not ask.enough(row["n"].item())])
    rows = withheld(row.with_columns(pl.lit(score).alias("item")), hidden).select(COLUMNS)
    said, shown = rows.row(0, named=True), marked(rows)
    notes = measured.assumptions(said["n"], None, ask.piece)
    return Result(
        command="gap",
        rows=rows,
        summary={"n": said["n"], "items": 1},
        ledger=answers.ledger,
        notes=(*answers.notes, *few_notes(shown, ask.settings),
               *(note._replace(hints=()) for note in notes)),
        inputs=answers.inputs,
        columns=measured.columns(ask.piece, score),
        params=ask.params(box=boxes.box, believed=believed),
        tables=(_table(shown, ask, boxes),),
        charts=(_chart(shown, ask, boxes, answers),),
        kinds=SHARES,
    )  # fmt: skip


def _measured(
    cells: pl.DataFrame, boxes: Boxes, confidence: float, believed: float
) -> pl.DataFrame:
    """One row: the measured share less the believed one, with Wilson's limits and their test."""
    import polars as pl

    from cxkit.stats.comparisons import two_sided_p
    from cxkit.stats.intervals import wilson

    counts = ratings.classify(cells, boxes.scale)
    found = ratings.ends(ratings.worth(counts, boxes.scale), boxes)
    low, high = wilson(pl.col("top"), pl.col("answers"), confidence)
    row = found.select(
        perceived="top_rate", ci_low=low - believed, ci_high=high - believed, answers="answers"
    )
    share, n = row["perceived"].item(), row["answers"].item()
    spread = believed * (1 - believed) / n
    p = two_sided_p((share - believed) / spread**0.5) if spread > 0 else None
    none = dict.fromkeys(("t", *RATES))
    return row.with_columns(
        counts["n"],
        **{name: pl.lit(value, pl.Float64) for name, value in none.items()},
        expected=pl.lit(believed, pl.Float64),
        gap=pl.col("perceived") - believed,
        p_value=pl.lit(p, pl.Float64),
        p_adjusted=pl.lit(p, pl.Float64),
    )


# --- what people are shown ----------------------------------------------------------------------


def _finding(said: Mapping[str, Any], ask: Ask) -> Phrase:
    """The measured share, and whether it clearly differs from the believed one."""
    share, difference = said["perceived"], said["gap"]
    if share is None:
        return "belief-none", {}
    values = {"csat": share, "share": said["expected"], "points": 100 * abs(difference)}
    p = said["p_adjusted"]
    if p is None or p >= alpha(ask.settings.confidence):
        return "belief-alike", values
    return ("belief-fewer" if difference < 0 else "belief-more"), values


def _satisfied(boxes: Boxes) -> Phrase:
    """Which answers are satisfied, in words."""
    return "satisfied-word" if boxes.scale.words else "satisfied", ratings.told(boxes)


def _table(shown: pl.DataFrame, ask: Ask, boxes: Boxes) -> Table:
    """The row in the words of the picture: believed and measured."""
    return Table(
        keys=("item",),
        columns=("n", "believed", "measured", "gap", Interval(), "p_adjusted"),
        headline=(),
        total=False,
        rows=shown.rename({"expected": "believed", "perceived": "measured"}),
        answer=_finding(shown.row(0, named=True), ask),
        footnotes=(_satisfied(boxes), *brackets(shown)),
    )


def _chart(shown: pl.DataFrame, ask: Ask, boxes: Boxes, answers: Answers) -> Chart:
    """Two bars: what is believed, and what is measured with its interval."""
    import polars as pl

    said = shown.row(0, named=True)
    limits = [None if said[end] is None else said["expected"] + said[end] for end in ENDS]
    bars = [
        (label("believed"), None, said["expected"], None, None, []),
        (label("measured"), said["n"], said["perceived"], *limits, said["flags"]),
    ]
    kinds: dict[str, Any] = dict.fromkeys(("item", "n", "csat", *ENDS), pl.Float64)
    kinds |= {"item": pl.String, "n": pl.Int64, "flags": pl.List(pl.String)}
    rows = pl.DataFrame(bars, schema=kinds, orient="row")
    left_out = answers.ledger.read - answers.ledger.used
    return Chart(
        mark="bars",
        rows=rows if said["n"] is not None else rows.clear(),
        x="item",
        y="csat",
        low="ci_low",
        high="ci_high",
        finding=_finding(said, ask),
        footnotes=(
            ("answers", {"count": said["n"], "left_out": left_out}),
            ("interval-wilson", {"confidence": ask.settings.confidence}),
            _satisfied(boxes),
            *brackets(shown),
        ),
    )
