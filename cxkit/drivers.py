"""Key drivers: how much of the score goes with each question, and which to look at first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from cxkit.cells.answers import Scale
from cxkit.errors import RequestError, told_apart, visible
from cxkit.predictors.completes import read_panel
from cxkit.predictors.figures import Figure, called, candidates, figure, kept_answers
from cxkit.predictors.penalties import penalties
from cxkit.predictors.weighed import MOST, Ask, importance, listed
from cxkit.result import Note, Result
from cxkit.surveys import measured

if TYPE_CHECKING:
    from cxkit.predictors.panels import Panel
    from cxkit.source import Source

EXAMPLES = (
    "cxkit drivers survey.csv --drivers Q7,Q8,Q9,Q10 --null 0 --null 6",
    'cxkit drivers survey.csv --outcome promoter --drivers "Q7*" --chart drivers.png',
    'cxkit drivers survey.csv --outcome Q20 --drivers "Q7*" --view kano',
)
HELP = {
    "outcome": "column that is to be explained (default: the score), or promoter: 9–10 or not",
    "drivers": "columns of answers that may explain it; * stands for any letters, as in Q7*",
    "min_n": "below so many complete answers, or ten a driver, the drivers are flagged",
}
LEAST = 0.5  # of the answers must be complete; else a warning names what costs most
SCORE, PROMOTER = Scale(0, 10), 9


def finds(words: Mapping[str, Any]) -> tuple[str, ...]:
    """The score, unless another outcome is named."""
    return ("score",) if words.get("outcome") in (None, "promoter") else ()


def drivers(
    data: Source,
    *,
    outcome: str | None = None,
    drivers: Sequence[str] = (),
    score: str | None = None,
    date: str | None = None,
    count: str | None = None,
    weight: str | None = None,
    where: Sequence[str] = (),
    since: str | None = None,
    until: str | None = None,
    fiscal_start: int = 1,
    method: Literal["relative-weights", "lmg", "correlation"] = "relative-weights",
    view: Literal["importance", "kano"] = "importance",
    confidence: float = 95,
    min_n: int = 100,
    seed: int = 0,
) -> Result:
    """Key drivers: how much of the score goes with each question, beside how it performs.

    Only rows that answer every question count. A weight is a share of the outcome's variance, an
    association: it does not say what a change would do. The scale of a driver starts at 0 or 1
    and ends at its highest answer, or where drivers like it end if that answer is rare; tables
    print it. Codes for no answer are declared with `null`; those within 0–10 stay answers of a
    score. Top boxes are the two highest answers, of a scale of less than four the highest.

    Args:
        data: the survey, the answers of a customer in one row.

    Returns:
        A row for each driver, the most important first: `n`, `importance` (0–1, they sum to 1),
        `weight ci_low ci_high lmg` (shares of variance, they sum to R²), `correlation beta vif`,
        `performance` (mean answer), `performance_rate` (top boxes, 0–1), `quadrant` and `flags`.
        With `view="kano"` `penalty reward` (units of the outcome), `asymmetry` (−1…1), `kind`
        and `flags`. The summary holds `r2 n method outcome`.

    Raises:
        RequestError: a column or option that is wrong, no drivers, or too many.
        DataError: no complete answer, or an outcome that is the same in all.

    Formula:
        Relative weights (Johnson 2000, Multivariate Behavioral Research 35), with percentile
        bootstrap of 1,000 replicates and against random noise (Tonidandel et al. 2009); LMG
        (Lindeman, Merenda & Gold 1980); squared correlations. Penalty and reward of low (two
        lowest) and high (highest) answers (Brandt 1988), asymmetry (Mikulić & Prebežac 2008).
        A promoter is 1, others 0. Quadrants cut at the means (Martilla & James 1977).

    Example:
        >>> import polars as pl, cxkit
        >>> answers = pl.DataFrame({"score": [9, 7, 3, 10], "a": [5, 4, 2, 5], "b": [3, 1, 2, 4]})
        >>> cxkit.drivers(answers, drivers=["a", "b"]).rows["driver"].to_list()
        ['a', 'b']
    """
    figures = _figures(data, outcome, drivers, score, (count, weight, date))
    piece = measured.slice_of(
        (), date=date, count=count, where=tuple(where), since=since, until=until,
        fiscal_start=fiscal_start, weight=weight,
    )  # fmt: skip
    names = called(data, [one.column for one in figures])
    explained = outcome or figures[-1].column
    ask = Ask(explained, method, measured.level(confidence), min_n, seed, names)
    ask.allow(len(figures) - 1)
    panel = read_panel(data, figures, piece, kano=view == "kano")
    found = penalties(panel, ask) if view == "kano" else importance(panel, ask)
    params = {
        "method": method, "confidence": ask.confidence, "min_n": min_n, "seed": seed,
        "replicates": found.replicates, "since": since, "until": until,
        "fiscal_start": fiscal_start, "where": list(where),
    }  # fmt: skip
    named = {"outcome": figures[-1].column, "drivers": [one.column for one in figures[:-1]]}
    return Result(
        command="drivers",
        view=None if view == "importance" else view,
        rows=found.rows,
        summary=found.summary,
        ledger=panel.ledger,
        notes=(*panel.notes, *_others(drivers, figures), *_declared(data, figures[-1]),
               *_few(panel, ask), *found.notes),
        inputs=panel.inputs,
        columns=named | measured.columns(piece, None),
        params=params,
        tables=(found.table,),
        charts=found.charts,
    )  # fmt: skip


# --- what is asked ------------------------------------------------------------------------------


def _figures(
    source: Source,
    outcome: str | None,
    drivers: Sequence[str],
    score: str | None,
    others: Sequence[str | None],
) -> list[Figure]:
    """How the drivers are read, and the outcome last; a pattern may take columns of other parts."""
    explained = score if outcome in (None, "promoter") and score else outcome
    assert explained is not None
    if outcome == "promoter" and score and source.column("promoter") is None:
        last = figure(source, score, SCORE, PROMOTER)
    else:
        explained = outcome or explained
        last = figure(source, explained, SCORE if outcome is None else None)
    if not drivers:
        raise _no_drivers(source, last.column)
    named = [one for one in dict.fromkeys(drivers) if one not in (last.column, *others)]
    if not named:
        message = f'"{visible(last.column)}" is the outcome, and no driver of itself'
        raise RequestError("bad-value", message)
    return [*(figure(source, column) for column in named), last]


def _others(drivers: Sequence[str], figures: Sequence[Figure]) -> list[Note]:
    """Columns that a pattern such as `*` takes, and that play another part."""
    kept = {one.column for one in figures[:-1]}
    left = [column for column in dict.fromkeys(drivers) if column not in kept]
    if not left:
        return []
    parts = "it plays another part" if len(left) == 1 else "they play other parts"
    if left == [figures[-1].column]:
        parts = "it is the outcome"
    return [Note("not-a-driver", "info", f"{listed(left)} left out of the drivers: {parts}")]


def _no_drivers(source: Source, outcome: str) -> RequestError:
    """The error of a request without drivers, with the columns that hold ratings."""
    import shlex

    ratings = [column for column in candidates(source) if column != outcome][:MOST]
    message = "drivers needs --drivers COL,COL: the questions that may explain the outcome"
    pasted = ",".join(visible(column, 1_000) for column in ratings if "," not in column)
    hints = [("ratings stand in", f"--drivers {shlex.quote(pasted)}")] if pasted else []
    columns = ", ".join(told_apart(source.columns[:12], 30))
    return RequestError("missing-option", message, hints or [("columns", columns)])


def _declared(source: Source, outcome: Figure) -> list[Note]:
    """That numbers declared for no answer stay answers of the score."""
    stay = kept_answers(source, outcome.scale) if outcome.scale else []
    if not stay:
        return []
    numbers = " and ".join(stay)
    are = "is an answer" if len(stay) == 1 else "are answers"
    message = f'{numbers} {are} of "{visible(outcome.column)}" (0–10) all the same'
    return [Note("null", "info", message)]


def _few(panel: Panel, ask: Ask) -> list[Note]:
    """How many rows answered all, if it is few of them, and few for so many drivers."""
    notes, drivers = [], len(panel.figures) - 1
    if panel.n < LEAST * panel.answered:
        worst = max(panel.alone, key=lambda column: panel.alone[column])
        message = f"only {panel.n:,} of {panel.answered:,} answers are complete"
        if more := panel.alone[worst]:
            message += f'; without "{visible(worst)}" {panel.n + more:,} would be'
        notes.append(Note("incomplete", "warning", message, (("try", "fewer --drivers"),)))
    if ask.flags(panel.n, drivers):
        least = ask.least(drivers)
        are = f"{panel.n:,} complete answers are few for {drivers:,} driver{'s' * (drivers != 1)}"
        message = f"{are} (minimum {least:,}): read the intervals first"
        notes.append(Note("low-n", "info", message))
    return notes
