"""The journey: which stage hurts, how customers go through it, and how far units differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from cxkit.cells.answers import Scale
from cxkit.result import Chart, Note, Result, Table
from cxkit.surveys import measured, ratings
from cxkit.surveys.groups import Settings
from cxkit.touchpoints import asked, branches, flows, impacts, painpoints, stagestory
from cxkit.touchpoints.stages import (
    OVERALL,
    Form,
    Origin,
    given_order,
    in_order,
    read_stages,
)

if TYPE_CHECKING:
    import polars as pl

    from cxkit.slices import Slice
    from cxkit.source import Source
    from cxkit.touchpoints.paths import Counts, Paths
    from cxkit.touchpoints.stages import Staged

WANTS = ("stage", "customer", "date")
EXAMPLES = (
    "cxkit journey touchpoints.csv --channel channel --chart journey.png",
    "cxkit journey survey.csv --stages Q2,Q3,Q4 --score Q1",
    "cxkit journey touchpoints.csv --view funnel --stage-order browse,buy,delivery",
    "cxkit journey survey.csv --view units --unit branch --chart branches.png",
)
HELP = {
    "score": "column of answers; with --stages the overall score, for the impact of each stage",
    "metric": "what is measured at each stage: nps (0–10), or csat on --scale",
    "date": "column of dates: the order of stages, and of what a customer did",
    "customer": "column of customers: who used a stage, and whose path it is",
    "channel": "column of channels: a line for each, or what paths go through",
    "count": "column of counts: each row stands for so many answers, or so many at a stage",
}

LEFT_OUT = "left out of the funnel"


def finds(words: Mapping[str, Any]) -> tuple[str, ...]:
    """The columns that a view cannot do without."""
    view = words.get("view") or "stages"
    if view == "stages":
        return () if words.get("stages") or words.get("metric") == "csat" else ("score",)
    if view == "units":
        return ("score",)
    if view == "funnel" and words.get("count"):
        return ("stage",)
    followed = ("customer", "date", "stage")
    return (*followed, "channel") if view == "channels" else followed


def journey(
    data: Source,
    *,
    stage: str | None = None,
    stages: Sequence[str] = (),
    score: str | None = None,
    channel: str | None = None,
    unit: str | None = None,
    customer: str | None = None,
    date: str | None = None,
    count: str | None = None,
    weight: str | None = None,
    stage_order: Sequence[str] = (),
    where: Sequence[str] = (),
    since: str | None = None,
    until: str | None = None,
    fiscal_start: int = 1,
    metric: Literal["nps", "csat"] = "nps",
    scale: str = "1-5",
    box: int = 2,
    view: Literal["stages", "flow", "funnel", "channels", "units"] = "stages",
    confidence: float = 95,
    min_n: int = 30,
    suppress: int | None = None,
    adjust: str = "holm",
    seed: int = 0,
) -> Result:
    """The stages of a journey: scores, where detractors come from, paths, channels and units.

    Stages stand in one column (a row for each answer) or each in a column of its own. Every stage
    is compared with the other stages, within its channel.

    Args:
        data: the answers, or the touchpoints of customers.

    Returns:
        `stages`: a row for each channel and stage with its score, the share of the detractors,
        whether it is one of the vital few that hold 80 % of them, and its impact on the overall
        score. `flow`: `from to n rate`. `funnel`: how many pass each stage. `channels`: what each
        is credited with. `units`: scores drawn to their mean, and limits of chance.

    Raises:
        RequestError: a column, option, stage or condition that is wrong.
        DataError: no valid answer, no path, or answers on another scale.

    Formula:
        Impact: relative weights (Johnson 2000). Units: ICC(1) (Shrout & Fleiss 1979), shrunken
        scores (Morris 1983), limits (Spiegelhalter 2005). Channels: removal effect of a Markov
        chain, solved exactly (Anderl et al. 2016), beside linear and Shapley credit.

    Example:
        >>> import polars as pl, cxkit
        >>> answers = pl.DataFrame({"buy": [10, 9, 8, 9], "delivery": [2, 9, 6, 10]})
        >>> found = cxkit.journey(answers, stages=["buy", "delivery"])
        >>> found.rows.select("stage", "nps").rows()
        [('buy', 75.0), ('delivery', 0.0)]
    """
    settings = Settings(measured.level(confidence), min_n, suppress, adjust, False)
    piece = measured.slice_of(
        (), date=date, customer=customer, count=count, weight=weight, where=tuple(where),
        since=since, until=until, fiscal_start=fiscal_start,
    )  # fmt: skip
    form = Form(None if stages else stage, score, tuple(stages), channel, tuple(stage_order))
    ask = _Ask(data, form, piece, settings, metric, scale, box, view, seed)
    asked.check(data, form, piece, view, unit=unit, metric=metric, suppress=suppress)
    if view == "stages":
        return _stages(ask)
    if view == "units":
        assert unit is not None
        return _units(ask, unit)
    if view == "funnel":
        return _funnel(ask)
    return _flow(ask) if view == "flow" else _channels(ask)


class _Ask(NamedTuple):
    """What is asked of the data."""

    data: Source
    form: Form
    piece: Slice
    settings: Settings
    metric: str
    scale: str
    box: int
    view: str
    seed: int

    def params(self, **own: Any) -> dict[str, Any]:
        """The settings in force."""
        piece, settings = self.piece, self.settings
        return {
            "view": self.view, "confidence": settings.confidence, "min_n": settings.min_n,
            "suppress": settings.suppress, **own, "stage_order": list(self.form.given),
            "fiscal_start": piece.fiscal_start, "since": piece.since, "until": piece.until,
            "where": list(piece.where),
        }  # fmt: skip

    def columns(self, **own: Any) -> dict[str, Any]:
        """Which column had which role."""
        form, piece = self.form, self.piece
        roles = {
            "stage": form.stage, "stages": list(form.columns), "score": form.score,
            "channel": form.channel, "customer": piece.customer, "date": piece.date,
            "count": piece.count, "weight": piece.weight, **own,
        }  # fmt: skip
        return {role: column for role, column in roles.items() if column}


# --- stages -------------------------------------------------------------------------------------


def _stages(ask: _Ask) -> Result:
    """The score of each stage, and where detractors come from."""
    form, settings = ask.form, ask.settings
    scale, metric = _metric(ask)
    staged = read_stages(ask.data, form, ask.piece, scale, ask.metric)
    impact, notes = impacts.impacts(staged, form.columns, settings, ask.seed)
    found = painpoints.measured_stages(metric, staged, settings, impact)
    few = settings.suppress is not None and found.whole["n"] < settings.suppress
    names = (*metric.measure.counts, *metric.measure.figures)
    answered = staged.answers.ledger
    left_out = answered.read - answered.used
    total = None if few else found.whole["n"]
    footnotes = [("answers", {"count": total, "left_out": left_out})]
    own = {"metric": ask.metric, "adjust": settings.adjust, "seed": ask.seed}
    if ask.metric == "csat":  # with --stages the overall score is on a scale of its own
        own |= {"stage_scale" if form.columns else "scale": scale.name, "box": ask.box}
    return Result(
        command="journey",
        view=None if ask.metric == "nps" else "stages-csat",
        rows=found.rows,
        summary={name: None if few else found.whole[name] for name in names},
        ledger=staged.answers.ledger,
        notes=(
            *staged.answers.notes,
            *stagestory.group_notes(found, settings),
            *notes,
            *_unknown(ask, staged),
            *measured.assumptions(total, found.whole["n_effective"], ask.piece),
        ),
        inputs=staged.answers.inputs,
        columns=ask.columns(),
        params=ask.params(**own),
        tables=(stagestory.table(found, metric, settings, form.channel),),
        charts=(stagestory.chart(found, metric, settings, footnotes, form.channel),),
    )


def _metric(ask: _Ask) -> tuple[Scale, painpoints.Metric]:
    """The scale of the answers, and what is measured on it."""
    level = ask.settings.confidence
    if ask.metric == "nps":
        return OVERALL, painpoints.promoters(level)
    scale = ratings.scale_of(ask.scale)
    return scale, painpoints.satisfied(ratings.boxes_of(scale, ask.box), level)


def _unknown(ask: _Ask, staged: Staged) -> list[Note]:
    """What the data cannot tell: who used a stage, what weighs in the overall score."""
    notes = []
    if staged.usage is None:
        message = "usage is not known without customers"
        notes.append(Note("no-usage", "info", message, (("set", "--customer COL"),)))
    if ask.form.stage:
        message = "impact needs a row for each customer: --stages COL,COL,… and --score COL"
        notes.append(Note("no-impact", "info", message))
    elif staged.patterns is None:
        message = "impact needs the overall score of each row"
        notes.append(Note("no-impact", "info", message, (("set", "--score COL"),)))
    return notes


# --- units --------------------------------------------------------------------------------------


def _units(ask: _Ask, unit: str) -> Result:
    """Branches, teams or people side by side."""
    from cxkit.surveys.survey import read_answers

    assert ask.form.score is not None
    piece = replace(ask.piece, by=((unit,),), customer=None)
    answers = read_answers(ask.data, ask.form.score, piece, OVERALL)
    found = branches.measured_units(answers.cells, ask.settings)
    left_out = answers.ledger.read - answers.ledger.used
    footnotes = [("answers", {"count": found.whole["n"], "left_out": left_out})]
    return Result(
        command="journey",
        view="units",
        rows=found.rows.select(branches.COLUMNS),
        summary=branches.summary(found, ask.settings),
        ledger=answers.ledger,
        notes=(*answers.notes, *branches.unit_notes(found, ask.settings)),
        inputs=answers.inputs,
        columns=ask.columns(unit=unit),
        params=ask.params(),
        tables=(branches.table(found, ask.settings),),
        charts=(branches.chart(found, ask.settings, footnotes),),
    )


# --- paths --------------------------------------------------------------------------------------


def _paths(
    ask: _Ask, channel: str | None, rest_is: str
) -> tuple[Paths, tuple[str, ...], list[Note]]:
    """The paths of customers, and the stages in the order of the journey."""
    from cxkit.touchpoints.paths import read_paths

    assert ask.form.stage is not None
    found = read_paths(ask.data, ask.form.stage, channel, ask.piece)
    order, notes = in_order(found.first, ask.form.given, "date", known=found.first, rest_is=rest_is)
    return found, order, [*found.notes, *notes]


def _flow(ask: _Ask) -> Result:
    """From which stage customers go to which."""
    found, order, notes = _paths(ask, None, "put behind the others")
    rows = flows.flow(found.paths, order, ask.settings.min_n)
    summary = {"customers": found.customers}
    table, chart = flows.flow_table(rows, ask.settings.min_n), flows.flow_chart(rows)
    return _followed_result(ask, found, rows, summary, notes, table, (chart,))


def _funnel(ask: _Ask) -> Result:
    """How many customers pass each stage; counts are taken as they are."""
    level = ask.settings.confidence
    everyone = None
    if ask.piece.count:
        counts, order, notes = _counted(ask)
        n = dict(counts.stages.iter_rows())
        rows = flows.funnel(order, [n[name] for name in order], level)
        source: Paths | Counts = counts
    else:
        paths, every, notes = _paths(ask, None, LEFT_OUT)
        order = _named(ask.form, every)
        everyone = flows.met(paths.paths, order)
        rows = flows.funnel(order, flows.passed(paths.paths, order), level)
        source = paths
    notes += flows.funnel_notes(rows, everyone)
    summary = {"n": rows["n"][0], "cum_rate": rows["cum_rate"][-1]}
    table, chart = flows.funnel_table(rows, level), flows.funnel_chart(rows)
    return _followed_result(ask, source, rows, summary, notes, table, (chart,))


def _counted(ask: _Ask) -> tuple[Counts, tuple[str, ...], list[Note]]:
    """How often each stage was met, and the stages in order."""
    from cxkit.touchpoints.paths import read_counts

    assert ask.form.stage is not None
    found = read_counts(ask.data, ask.form.stage, ask.piece)
    origin: Origin = "date" if ask.piece.date else "row"
    given, first = ask.form.given, found.first
    order, notes = in_order(first, given, origin, known=first, rest_is=LEFT_OUT)
    return found, _named(ask.form, order), [*found.notes, *notes]


def _named(form: Form, order: tuple[str, ...]) -> tuple[str, ...]:
    """The stages of a funnel: those named, where some are."""
    return given_order(form.given, order) if form.given else order


def _channels(ask: _Ask) -> Result:
    """What each channel is credited with."""
    found, order, notes = _paths(ask, ask.form.channel, "passed on the way")
    goal = _named(ask.form, order)[-1]
    rows, summary = flows.channels(found.paths, goal)
    notes += flows.channel_notes(rows, summary, goal)
    table, chart = flows.channel_table(rows, summary), flows.channel_chart(rows, summary)
    return _followed_result(ask, found, rows, summary, notes, table, (chart,))


def _followed_result(
    ask: _Ask,
    found: Paths | Counts,
    rows: pl.DataFrame,
    summary: Mapping[str, Any],
    notes: Sequence[Note],
    table: Table,
    charts: tuple[Chart, ...],
) -> Result:
    """A view of paths as a result."""
    return Result(
        command="journey",
        view=ask.view,
        rows=rows,
        summary=summary,
        ledger=found.ledger,
        notes=tuple(notes),
        inputs=found.inputs,
        columns=ask.columns(),
        params=ask.params(),
        tables=(table,),
        charts=charts,
    )
