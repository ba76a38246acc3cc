"""What changed between two periods, or two files: by how much, how surely, and in which groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from cxkit.cells.answers import Scale
from cxkit.errors import DataError, visible
from cxkit.result import Chart, Note, Result, Table, alpha
from cxkit.surveys import measured, scores, waves
from cxkit.surveys.groups import Settings
from cxkit.surveys.scores import Method
from cxkit.surveys.story import HEADING
from cxkit.surveys.waves import OTHER, TINY, WAVE, Waves
from cxkit.surveys.withholding import withheld
from cxkit.terms import phrase

if TYPE_CHECKING:
    import polars as pl

    from cxkit.source import Source
    from cxkit.surveys.story import Phrase

FINDS = ("score",)
WANTS = ("date",)
EXAMPLES = (
    "cxkit compare survey.csv --explain region",
    "cxkit compare survey.csv --of 2026-Q3 --to year-ago --explain region --chart change.png",
    "cxkit compare before.csv after.csv --cluster customer_id",
)
HELP = {
    "period": "length of the periods (default: that of --of, else quarter); not with two files",
    "partial": "take the unfinished last period too, and test it",
    "scale": "0-10, or 1-11 for position codes (one is subtracted)",
    "min_n": "below so many answers in a period the change is not tested",
}
COUNTS = ("n_before", "n_after")
FIGURES = (
    "share_before", "share_after", "before", "after", "rate_effect", "mix_effect", "effect",
)  # fmt: skip
COLUMNS = ("group", *COUNTS, *FIGURES)
EFFECTS = ("rate_effect", "mix_effect")


def compare(
    data: Source,
    *,
    score: str,
    period: Literal["week", "month", "quarter", "year"] | None = None,
    of: str | None = None,
    to: str | None = None,
    explain: str | None = None,
    date: str | None = None,
    count: str | None = None,
    weight: str | None = None,
    cluster: str | None = None,
    where: Sequence[str] = (),
    fiscal_start: int = 1,
    partial: bool = False,
    scale: Literal["0-10", "1-11"] = "0-10",
    confidence: float = 95,
    min_n: int = 30,
    suppress: int | None = None,
) -> Result:
    """What changed: the score of one period, or file, against another, and the groups behind it.

    One file is compared by period: the last full one with the one before it, unless --of and --to
    name others. Two files are before and after. With --explain the change is split into what
    comes from scores within groups and what comes from their mix.

    Args:
        data: the survey, or two: before, after.

    Returns:
        A row for each group, or one for the whole: `n_before n_after`, `share_before share_after`
        (0–1), the scores `before after` and `rate_effect mix_effect effect` (points; effects add
        up to the change). The summary holds `before after change ci_low ci_high` (points),
        `p_value`, `rate_effect mix_effect` and `n_before n_after`.

    Raises:
        RequestError: a column, period or option that is wrong.
        DataError: a period or file without a valid answer, or answers on another scale.

    Formula:
        change = after − before with the adjusted Wald interval and test (Rocks 2016, The American
        Statistician 70); shared clusters enter its variance (Binder 1983). With shares w and
        scores t of groups: rate effect = (t₁ − t₀)(w₀ + w₁)/2, mix effect = (w₁ − w₀)((t₀ + t₁)/2
        − c), c the mean of the two whole scores (Kitagawa 1955, Journal of the American
        Statistical Association 50).

    Example:
        >>> import polars as pl, cxkit
        >>> answers = pl.DataFrame({"score": [10, 3, 10, 9], "date": ["2026-01-31"] * 2 +
        ...                         ["2026-02-28"] * 2})
        >>> cxkit.compare(answers, period="month").summary["change"]
        100.0
    """
    settings = Settings(measured.level(confidence), min_n, suppress, "none", partial)
    asked = Scale(0, 10, shift=-1 if scale == "1-11" else 0)
    piece = measured.slice_of(
        [explain] if explain else (), date=date, count=count, where=tuple(where), weight=weight,
        cluster=cluster, fiscal_start=fiscal_start, period=period,
    )  # fmt: skip
    found = waves.read_waves(data, score, piece, asked, waves.Asked(of, to, partial))
    ask = _Ask(found, explain, settings, found.unfinished is not None and not partial)
    whole = _whole(found, settings)
    change = _change(whole, found, ask)
    rows = waves.groups(found)
    summary = _summary(whole, change, rows, ask)
    shown = _withheld(rows, whole, ask)
    return Result(
        command="compare",
        rows=shown.select(COLUMNS),
        summary=summary,
        ledger=found.answers.ledger,
        notes=(*found.answers.notes, *_notes(shown, whole, ask)),
        inputs=found.inputs(suppress),
        columns=found.columns(score, explain),
        params={
            "confidence": settings.confidence, "min_n": min_n, "suppress": suppress,
            "scale": scale, "period": found.piece.period, "of": found.after, "to": found.before,
            "partial": partial, "fiscal_start": fiscal_start, "where": list(where),
        },
        tables=(_table(shown, summary, ask),),
        charts=(_chart(shown, summary, ask),),
    )  # fmt: skip


class _Ask(NamedTuple):
    """What was found, and how it is compared; whether a period is not over and not tested."""

    found: Waves
    explain: str | None
    settings: Settings
    unfinished: bool

    @property
    def heading(self) -> str | None:
        """What the groups are called: the text of the question, or its column."""
        labels = self.found.answers.labels
        name = None if self.explain is None else labels.get(self.explain, self.explain)
        return name if name is None else visible(name, HEADING)


# --- the figures --------------------------------------------------------------------------------


def _whole(found: Waves, settings: Settings) -> pl.DataFrame:
    """The score before and after, with what the answers are worth.

    Raises:
        DataError: one of the two has no answer, or none with a weight.
    """
    import polars as pl

    counts = scores.classify(found.answers.cells)
    sums = pl.col(name for name in counts.columns if name not in found.keys)
    whole = found.both().join(
        counts.group_by(found.wave).agg(sums.sum()), on=found.wave, how="left",
        maintain_order="left",
    )  # fmt: skip
    whole = whole.with_columns(pl.all().exclude(found.wave, WAVE).fill_null(0))
    for name, n in zip((found.before, found.after), whole["n"], strict=True):
        if not n:
            raise DataError("no-answers", f"{visible(name)} has no valid answer", found.hints)
    effective = scores.worth(whole, _moves(whole, found))
    whole = scores.figures(whole, effective, Method("adjusted-wald", settings.confidence))
    for name, score in zip((found.before, found.after), whole["nps"], strict=True):
        if score is None:
            raise DataError("bad-weight", f"every weight of {visible(name)} is 0", found.hints)
    return whole


def _moves(whole: pl.DataFrame, found: Waves) -> pl.DataFrame | None:
    """How each cluster moves the score before and after; None without clusters."""
    clusters = found.answers.clusters
    shared = None if clusters is None else scores.classify(clusters, ["cluster"])
    return scores.moves_of(whole, shared, [found.wave])


def _change(whole: pl.DataFrame, found: Waves, ask: _Ask) -> dict[str, float | None]:
    """The score after less the score before: `diff low high p_value`."""
    import polars as pl

    moves = _moves(whole, found)
    how = Method("adjusted-wald", ask.settings.confidence)
    effective = scores.worth(whole, moves)
    places = pl.Series([None, 0], dtype=pl.UInt32)
    change = scores.against(whole, effective, moves, places, how).row(1, named=True)
    enough = min(whole["n"].to_list()) >= max(ask.settings.min_n, 1)
    if ask.unfinished or not enough:
        change["p_value"] = None
    return change


def _summary(
    whole: pl.DataFrame, change: Mapping[str, Any], rows: pl.DataFrame, ask: _Ask
) -> dict[str, Any]:
    """The scores, their change, and what of it comes from scores and from mix."""
    before, after = whole["nps"].to_list()
    effects = _effects(rows, ask) if ask.explain else dict.fromkeys(EFFECTS)
    n_before, n_after = whole["n"].to_list()
    summary = {
        "before": before, "after": after, "change": change["diff"], "ci_low": change["low"],
        "ci_high": change["high"], "p_value": change["p_value"], **effects,
        "n_before": n_before, "n_after": n_after,
    }  # fmt: skip
    return dict.fromkeys(summary) if _few(whole, ask) else summary


def _effects(rows: pl.DataFrame, ask: _Ask) -> dict[str, float]:
    """What comes from scores and from mix; the groups that are withheld count as one.

    Of two groups whose sums are known, the exact effects would tell every count.
    """
    import polars as pl

    from cxkit.stats.mix import decomposition

    hidden = _hidden(rows, ask.settings.suppress) if ask.settings.suppress else set()
    if hidden:
        parts = {}
        for when in ("before", "after"):
            weight = pl.col(f"w_{when}")
            parts[f"n_{when}"] = weight.sum()
            parts[f"score_{when}"] = (weight * pl.col(when)).sum() / weight.sum()
        place = pl.when(~pl.col("index").is_in(sorted(hidden))).then("index").alias("place")
        rows = rows.with_row_index().group_by(place).agg(**parts).sort("place")
        rows = decomposition(rows)
    return {name: float(rows[name].sum()) for name in EFFECTS}


# --- what is withheld ---------------------------------------------------------------------------


def _few(whole: pl.DataFrame, ask: _Ask) -> bool:
    """Whether the whole is withheld."""
    minimum = ask.settings.suppress
    return minimum is not None and min(whole["n"].to_list()) < minimum


def _withheld(rows: pl.DataFrame, whole: pl.DataFrame, ask: _Ask) -> pl.DataFrame:
    """The rows; of groups on too few answers, and those that would give them away, the names."""
    import polars as pl

    hidden = _hidden(rows, ask.settings.suppress) if ask.settings.suppress else set()
    every = _few(whole, ask)
    mark = pl.Series("hidden", [every or i in hidden for i in range(rows.height)], dtype=pl.Boolean)
    shown = rows.with_columns(mark)
    return shown.with_columns(pl.when(~pl.col("hidden")).then(pl.col(*COUNTS, *FIGURES)))


def _hidden(rows: pl.DataFrame, minimum: int) -> set[int]:
    """The places of the rows that are withheld for their answers before or after."""
    import polars as pl

    cells = rows.with_row_index("row").unpivot(COUNTS, index="row", variable_name="wave")
    cells = cells.rename({"value": "n"}).filter(pl.col("n") > 0)
    (hidden,) = withheld([cells], [["wave", "row"]], minimum, [["wave"]])
    return set(cells.filter(hidden)["row"].to_list())


# --- what is told -------------------------------------------------------------------------------


def _notes(rows: pl.DataFrame, whole: pl.DataFrame, ask: _Ask) -> list[Note]:
    """What was not tested, taken together, withheld, and taken for granted."""
    found, settings, notes = ask.found, ask.settings, []
    if found.unfinished is not None:
        name = visible(found.unfinished)
        said = "it is tested all the same" if settings.partial else "the change is not tested"
        notes.append(Note("partial", "info", f"{name} is not over: {said}"))
    for name, n in zip((found.before, found.after), whole["n"].to_list(), strict=True):
        if settings.suppress is None and n < settings.min_n:
            message = f"{visible(name)} has {n:,} answer{'s' * (n != 1)} "
            message += f"(minimum {settings.min_n}): the change is not tested"
            notes.append(Note("low-n", "info", message))
    if tiny := int(rows["tiny"][0]):
        message = f"{tiny} groups of fewer than {TINY} answers are taken together as {OTHER}"
        notes.append(Note("tiny", "info", message))
    if hidden := int(rows["hidden"].sum()):
        message = f"{hidden} of {rows.height} rows withheld: too few answers, or they could be "
        message += "worked out from the rest"
        if ask.explain and hidden < rows.height:
            message += "; they count as one group in what comes from scores and from mix"
        notes.append(Note("suppressed", "info", message))
    return [*notes, *_worth(whole, ask)]


def _worth(whole: pl.DataFrame, ask: _Ask) -> list[Note]:
    """What weights and clusters make of the answers; else that they are independent."""
    n = None if _few(whole, ask) else int(whole["n"].sum())
    worth = float(whole["n_effective"].fill_null(0).sum())
    notes = measured.assumptions(n, worth, ask.found.piece)
    hint = (("if customers answered in both", "--cluster CUSTOMER"),)
    return [one._replace(hints=hint) if one.code == "independent" else one for one in notes]


def _said(summary: Mapping[str, Any], ask: _Ask, *, title: bool) -> Phrase:
    """The one sentence: a rise or a fall only where it was tested and is significant."""
    change, p = summary["change"], summary["p_value"]
    if change is None:
        return "compare-withheld", {}
    names = {"name": ask.found.after, "other": ask.found.before}
    figures = {name: summary[name] for name in ("before", "after")}
    level = alpha(ask.settings.confidence)
    way = "steady" if p is None or p >= level else "rose" if change > 0 else "fell"
    if title:
        if p is None:
            return "compare-title", names | figures
        values = {"nps": summary["after"], "points": abs(change), "period": ask.found.before}
        return way, values
    if p is None:
        return "compare-untested", names | figures
    more = {name: summary[name] for name in ("ci_low", "ci_high", "p_value")}
    more |= {"confidence": ask.settings.confidence, "points": abs(change)}
    return f"compare-{way}", names | figures | more


def _account(summary: Mapping[str, Any], ask: _Ask) -> tuple[Phrase, ...]:
    """How the change is made up, where it is explained."""
    if ask.explain is None or summary["change"] is None:
        return ()
    parts = {name: summary[name] for name in ("change", "rate_effect", "mix_effect")}
    return ("compare-parts", parts), ("compare-account", {"name": ask.heading})


def _table(rows: pl.DataFrame, summary: Mapping[str, Any], ask: _Ask) -> Table:
    """The groups, those with the largest effects first."""
    import polars as pl

    explained = ("before", "after", "rate_effect", "mix_effect", "effect")
    minimum = ask.settings.min_n
    few = pl.min_horizontal(COUNTS) < minimum
    flags = pl.when("hidden").then(pl.lit(["suppressed"])).when(few).then(pl.lit(["low-n"]))
    flagged = rows.with_columns(flags=flags.otherwise(pl.lit([], pl.List(pl.String))))
    thin = flagged["flags"].list.contains("low-n").any()
    brackets = (("low-n-waves", {"minimum": minimum}),) * thin
    return Table(
        keys=("group",) if ask.explain else (),
        columns=(*COUNTS, *(explained if ask.explain else ("before", "after", "effect"))),
        headline=(),
        total=False,
        rows=flagged.sort(
            pl.col("group").is_null(), -pl.col("effect").abs(), nulls_last=True,
            maintain_order=True,
        ).select(*COLUMNS, "flags"),
        answer=_said(summary, ask, title=False),
        footnotes=(*_account(summary, ask), *brackets),
        headings={"group": ask.heading} if ask.heading else {},
    )  # fmt: skip


def _chart(rows: pl.DataFrame, summary: Mapping[str, Any], ask: _Ask) -> Chart:
    """From the score before to the score after: scores within groups, then the mix of groups."""
    import polars as pl

    steps: list[tuple[str | None, float | None, str | None]] = []
    if summary["change"] is not None:
        steps = [(ask.found.before, summary["before"], "start"), *_steps(rows, summary, ask)]
        steps += [(ask.found.after, summary["after"], "end")]
    kinds = {"group": pl.String, "nps": pl.Float64, "kind": pl.String}
    answered = {
        "count": None if summary["change"] is None else summary["n_before"] + summary["n_after"],
        "left_out": ask.found.answers.ledger.read - ask.found.answers.ledger.used,
    }
    return Chart(
        mark="waterfall",
        rows=pl.DataFrame(steps, schema=kinds, orient="row"),
        x="group",
        y="nps",
        series="kind",
        finding=_said(summary, ask, title=True),
        footnotes=(("answers", answered), *_account(summary, ask)),
        x_label=ask.heading,
    )


def _steps(
    rows: pl.DataFrame, summary: Mapping[str, Any], ask: _Ask
) -> list[tuple[str | None, float | None, str | None]]:
    """The effect of the scores of each group, the largest first, and the effect of their mix."""
    import polars as pl

    if ask.explain is None:
        return [(phrase("compare-change"), summary["change"], None)]
    shown = rows.filter(pl.col("rate_effect").is_not_null())
    ranked = shown.sort(-pl.col("rate_effect").abs(), maintain_order=True)
    steps = [(name, effect, None) for name, effect in ranked.select("group", "rate_effect").rows()]
    return [*steps, (phrase("compare-mix"), summary["mix_effect"], None)]
