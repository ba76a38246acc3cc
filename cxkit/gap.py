"""Expectation and experience side by side, or what the company believes and what is measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cxkit.errors import RequestError, visible
from cxkit.result import Chart, Interval, Note, Result, Table, alpha
from cxkit.surveys import measured, ratings
from cxkit.surveys.beliefs import (
    COLUMNS,
    RATES,
    Ask,
    belief,
    brackets,
    few_notes,
    marked,
    share_of,
    withheld,
)
from cxkit.surveys.groups import Settings
from cxkit.surveys.story import HEADING

if TYPE_CHECKING:
    import polars as pl

    from cxkit.source import Source
    from cxkit.surveys.pairs import Pairs
    from cxkit.surveys.story import Phrase

EXAMPLES = (
    "cxkit gap survey.csv --expected Q1,Q2 --perceived Q3,Q4 --scale 1-7",
    "cxkit gap survey.csv --expected hoped --perceived found --chart gap.png",
    "cxkit gap survey.csv --score Q5 --believed 85%",
)
HELP = {
    "score": "column of answers on how satisfied customers are, with --believed",
    "box": "how many answers at the top of the scale are satisfied, with --believed",
}


def gap(
    data: Source,
    *,
    expected: Sequence[str] = (),
    perceived: Sequence[str] = (),
    score: str | None = None,
    believed: str | None = None,
    date: str | None = None,
    count: str | None = None,
    weight: str | None = None,
    where: Sequence[str] = (),
    since: str | None = None,
    until: str | None = None,
    fiscal_start: int = 1,
    scale: str = "1-5",
    box: int = 2,
    confidence: float = 95,
    suppress: int | None = None,
    adjust: str = "holm",
) -> Result:
    """What customers expected beside what they experienced, or what is believed beside it.

    Columns of expectations and of experiences are paired in order, and compared customer by
    customer. With a believed share it is compared with the measured share of satisfied answers.

    Args:
        data: the survey, all answers of a customer in one row.

    Returns:
        A row for each pair: `item` (the column of the experience), `n` complete pairs, the means
        `expected perceived`, `gap ci_low ci_high` (all in units of the scale; of a believed share
        0–1), `t p_value p_adjusted` and `below_rate met_rate exceeded_rate` (0–1; null of a
        believed share, and so is t). The summary holds `n`, the rows with a complete pair, and
        `items`.

    Raises:
        RequestError: columns that do not pair up, or an option or condition that is wrong.
        DataError: no complete pair, or answers on another scale.

    Formula:
        gap = mean of perceived − expected within respondents (Parasuraman, Zeithaml & Berry 1988,
        Journal of Retailing 64) with the paired t interval and test (Student 1908), p-values by
        Holm (1979). Believed: Wilson's interval of the share (1927) and the test it belongs to,
        z = (share − believed) / sqrt(believed (1 − believed) / n). With weights on effective
        counts (Kish 1965).

    Example:
        >>> import polars as pl, cxkit
        >>> answers = pl.DataFrame({"hoped": [5, 5, 4], "found": [4, 3, 4]})
        >>> found = cxkit.gap(answers, expected="hoped", perceived="found")
        >>> found.rows["gap"].item()
        -1.0
    """
    settings = Settings(measured.level(confidence), 0, suppress, adjust, False)
    piece = measured.slice_of(
        (), date=date, count=count, where=tuple(where), since=since, until=until,
        fiscal_start=fiscal_start, weight=weight,
    )  # fmt: skip
    answers = ratings.scale_of(scale, words=True)
    asked = Ask(data, piece, answers.name, settings)
    if _by_belief(expected, perceived, score, believed):
        assert score is not None
        assert believed is not None
        boxes = ratings.boxes_of(answers, 1 if answers.words else box)
        return belief(asked, score, share_of(believed), boxes)
    if answers.words:
        raise RequestError("bad-value", f"--scale {answers.name} has no distances to compare")
    return _paired(asked, _pairs(expected, perceived))


# --- what is asked ------------------------------------------------------------------------------


def _by_belief(
    expected: Sequence[str], perceived: Sequence[str], score: str | None, believed: str | None
) -> bool:
    """Whether a belief is compared; either that or pairs are asked for, and asked for in full."""
    given = {
        "--expected": bool(expected), "--perceived": bool(perceived),
        "--score": score is not None, "--believed": believed is not None,
    }  # fmt: skip
    paired, held = list(given.items())[:2], list(given.items())[2:]
    tries = [
        ("try", "cxkit gap FILE --expected COL,COL --perceived COL,COL"),
        ("try", "cxkit gap FILE --score COL --believed 85%"),
    ]
    if any(on for _, on in paired) and any(on for _, on in held):
        told = ", ".join(name for name, on in given.items() if on)
        message = f"{told}: either pairs of columns, or a score and what is believed of it"
        raise RequestError("bad-value", message, tries)
    for place, way in enumerate((paired, held)):
        named = [name for name, on in way if on]
        if len(named) == 1:
            lacking = next(name for name, on in way if not on)
            raise RequestError("missing-option", f"{named[0]} needs {lacking}", [tries[place]])
    if not any(given.values()):
        message = "gap needs columns of what was expected and of what was experienced, in pairs"
        raise RequestError("missing-option", message, tries)
    return all(on for _, on in held)


def _pairs(expected: Sequence[str], perceived: Sequence[str]) -> list[tuple[str, str]]:
    """The columns in pairs."""
    if len(expected) != len(perceived):
        message = f"--expected names {len(expected)} columns, --perceived {len(perceived)}"
        raise RequestError("bad-value", f"{message}: they are paired in order")
    twice = next((name for name in perceived if list(perceived).count(name) > 1), None)
    if twice is not None:
        raise RequestError("bad-value", f'--perceived names "{visible(twice)}" twice')
    pairs = list(zip(expected, perceived, strict=True))
    alone = next((one for one, other in pairs if one == other), None)
    if alone is not None:
        raise RequestError("bad-value", f'"{visible(alone)}" is paired with itself')
    return pairs


# --- pairs --------------------------------------------------------------------------------------


def _paired(ask: Ask, pairs: Sequence[tuple[str, str]]) -> Result:
    """The gaps between pairs of columns."""
    from cxkit.surveys.pairs import read_pairs

    settings, items = ask.settings, [item for _, item in pairs]
    answers = read_pairs(ask.data, pairs, ask.piece, ratings.scale_of(ask.scale), "gap")
    rows = _gaps(answers.cells, items, settings)
    hidden = rows["n"] < (settings.suppress or 0)
    rows = _tested(withheld(rows, hidden), settings)
    few = not ask.enough(answers.ledger.used)
    expected = [one for one, _ in pairs]
    return Result(
        command="gap",
        rows=rows,
        summary={"n": None if few else answers.ledger.used, "items": len(items)},
        ledger=answers.ledger,
        notes=(*answers.notes, *_pair_notes(rows, settings)),
        inputs=answers.inputs,
        columns={"expected": expected, "perceived": items, **measured.columns(ask.piece, None)},
        params=ask.params(),
        tables=(_table(rows, ask),),
        charts=(_chart(rows, ask, answers),),
    )


def _gaps(cells: pl.DataFrame, items: Sequence[str], settings: Settings) -> pl.DataFrame:
    """The figures of each pair, in the order asked for."""
    import polars as pl

    from cxkit.stats.means import paired_t

    gaps = cells.with_columns(value=pl.col("perceived") - pl.col("expected"))
    places = pl.DataFrame({"item": items}).with_row_index("pair").cast({"pair": pl.Int64})
    n = cells.group_by("pair").agg(pl.col("n").sum())
    rows = places.join(n, on="pair", how="left", maintain_order="left")
    for side in ("expected", "perceived"):
        means = _moments(gaps.with_columns(value=side)).select("pair", pl.col("mean").alias(side))
        rows = rows.join(means, on="pair", how="left", maintain_order="left")
    found = places.select("pair").join(_moments(gaps), on="pair", how="left", maintain_order="left")
    test = paired_t(found.with_columns(pl.col("n").fill_null(0)), settings.confidence)
    rows = rows.with_columns(
        pl.col("n").fill_null(0),
        *test.select("t", "p_value", gap="diff", ci_low="low", ci_high="high"),
    )
    return rows.join(_shares(gaps), on="pair", how="left", maintain_order="left").drop("pair")


def _moments(gaps: pl.DataFrame) -> pl.DataFrame:
    from cxkit.stats.means import counted_moments

    return counted_moments(gaps, ["pair"])


def _shares(gaps: pl.DataFrame) -> pl.DataFrame:
    """Shares of respondents below, at and above what they expected, of each pair."""
    import polars as pl

    of = pl.col("w" if "w" in gaps.columns else "n")
    value, total = pl.col("value"), of.sum()
    sides = (value < 0, value == 0, value > 0)
    return gaps.group_by("pair").agg(
        pl.when(total > 0).then(of.filter(side).sum() / total).alias(name)
        for name, side in zip(RATES, sides, strict=True)
    )


def _tested(rows: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """The rows with p-values adjusted over all that are shown, as they are delivered."""
    import polars as pl

    from cxkit.stats.comparisons import adjust

    adjusted = adjust(rows["p_value"].to_list(), settings.adjust)
    return rows.with_columns(pl.Series("p_adjusted", adjusted, dtype=pl.Float64)).select(COLUMNS)


def _pair_notes(rows: pl.DataFrame, settings: Settings) -> list[Note]:
    """Pairs that nobody answered, or few, or too few; and what is taken for granted."""
    notes = []
    if empty := rows.filter(rows["n"] == 0)["item"].to_list():
        named = ", ".join(f'"{visible(name)}"' for name in empty)
        notes.append(Note("no-pairs", "warning", f"no row answers both columns of {named}"))
    notes += few_notes(marked(rows), settings)
    message = "answers are taken as independent of each other"
    notes.append(Note("independent", "info", message))
    message = "expectations asked after the event lean towards what was experienced"
    return [*notes, Note("after-event", "info", message)]


# --- what people are shown ----------------------------------------------------------------------


def _named(rows: pl.DataFrame, ask: Ask) -> pl.DataFrame:
    """The rows with the text of questions for names, the widest shortfall first, and `flags`."""
    import polars as pl

    texts = {
        item: visible(ask.data.labels[item], HEADING)
        for item in rows["item"].to_list()
        if item in ask.data.labels
    }
    named = pl.Series("item", [texts.get(item, item) for item in rows["item"].to_list()])
    told = marked(rows).with_columns(named)
    return told.sort("gap", nulls_last=True, maintain_order=True)


def _table(rows: pl.DataFrame, ask: Ask) -> Table:
    shown = _named(rows, ask)
    return Table(
        keys=("item",),
        columns=("n", "expected", "perceived", "gap", Interval(), "below_rate", "p_adjusted"),
        headline=(),
        total=False,
        rows=shown,
        answer=_finding(shown, ask),
        footnotes=(*_tests(rows, ask), *brackets(shown)),
    )  # fmt: skip


def _tests(rows: pl.DataFrame, ask: Ask) -> tuple[Phrase, ...]:
    tests = int(rows["p_value"].count())
    return (("gap-tests", {"adjust": ask.settings.adjust, "tests": tests}),) if tests else ()


def _finding(rows: pl.DataFrame, ask: Ask) -> Phrase:
    """The one sentence: which items fall clearly short, else which are clearly above."""
    import polars as pl

    clear = rows.filter(pl.col("p_adjusted") < alpha(ask.settings.confidence))
    for way, some in (("short", pl.col("gap") < 0), ("above", pl.col("gap") > 0)):
        found = clear.filter(some)
        if found.height:
            most = found.sort(pl.col("gap").abs(), descending=True, maintain_order=True)
            row = most.row(0, named=True)
            values = {"name": row["item"], "size": abs(row["gap"])}
            if rows.height == 1:
                return f"gap-{way}", values
            return f"gap-{way}-most", values | {"count": found.height, "items": rows.height}
    tested = rows["p_adjusted"].count()
    return ("gap-alike", {}) if tested else ("gap-whole", {"items": rows.height})


def _chart(rows: pl.DataFrame, ask: Ask, answers: Pairs) -> Chart:
    """A bar for each gap."""
    drawn = _named(rows, ask)
    left_out = answers.ledger.read - answers.ledger.used
    return Chart(
        mark="bars",
        rows=drawn,
        x="item",
        y="gap",
        low="ci_low",
        high="ci_high",
        finding=_finding(drawn, ask),
        footnotes=(
            ("answers", {"count": answers.ledger.used, "left_out": left_out}),
            ("interval-t", {"confidence": ask.settings.confidence}),
            *_tests(rows, ask),
            *brackets(drawn),
        ),
    )
