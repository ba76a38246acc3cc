"""Units side by side: branches, teams or people, drawn towards their mean and within limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import TYPE_CHECKING, Any, NamedTuple

from cxkit.errors import visible
from cxkit.result import Chart, Interval, Note, Table, alpha
from cxkit.surveys import groups as side
from cxkit.surveys import scores
from cxkit.surveys.groups import Settings
from cxkit.surveys.scores import POINTS, Method
from cxkit.surveys.withholding import withheld

if TYPE_CHECKING:
    import polars as pl

    from cxkit.stats.units import Consistency
    from cxkit.surveys.story import Phrase

UNIT = "by0"
COLUMNS = (
    "unit", "n", "nps", "ci_low", "ci_high", "shrunken", "shrunken_low", "shrunken_high",
    "limit_low", "limit_high", "signal",
)  # fmt: skip
STEPS = 120  # points of a curve
NAMED = 3  # more units outside are only counted in a title


class Units(NamedTuple):
    """Units with their figures, whether they differ, and the limits of chance.

    Args:
        rows: a row for each unit, with `withheld`.
        found: whether and how much they differ.
        curves: limits by number of answers, in points: `x low high level`.
        whole: the figures of all answers together.
        spread: whether the limits allow for what units usually differ by, beside chance.
    """

    rows: pl.DataFrame
    found: Consistency
    curves: pl.DataFrame
    whole: Mapping[str, Any]
    spread: bool

    @property
    def ranked(self) -> bool:
        """Whether there is anything to rank by."""
        return bool(self.found.tau2)

    @property
    def outside(self) -> int:
        """How many units lie outside the limits."""
        return int(self.rows["signal"].count())


def measured_units(cells: pl.DataFrame, settings: Settings) -> Units:
    """The score of each unit, drawn to the mean of all, and the limits within which it is chance.

    Args:
        cells: counted answers with the unit as `by0`; answers of no unit are a row of their own
            and stand for no unit.
        settings: the level of intervals, and below how many answers a unit is withheld.
    """
    import polars as pl

    from cxkit.stats.units import consistency, funnel_plot, shrunken

    counts = side.summed(scores.classify(cells), [UNIT, "start"])
    (hidden,) = withheld([counts], [[UNIT]], settings.suppress)
    counts = side.ordered(counts.with_columns(hidden))
    how = Method("adjusted-wald", settings.confidence)
    rows = scores.figures(counts, scores.worth(counts, None), how)
    named = rows.filter(pl.col(UNIT).is_not_null())
    worth = named.select(pl.col(f"e_{name}").alias(name) for name in scores.CLASSES)
    drawn = shrunken(worth, settings.confidence)
    plot = funnel_plot(worth)
    limits = plot.limits
    units = named.select(
        pl.col(UNIT).alias("unit"), "withheld", "n", "nps", "ci_low", "ci_high",
        *(POINTS * drawn[name].alias(new) for name, new in _names("shrunken").items()),
        (POINTS * limits["low_998"]).alias("limit_low"),
        (POINTS * limits["high_998"]).alias("limit_high"),
        limits["signal"],
    )  # fmt: skip
    blank = rows.filter(pl.col(UNIT).is_null()).select(
        unit=UNIT, withheld="withheld", n="n", nps="nps", ci_low="ci_low", ci_high="ci_high"
    )
    every = pl.concat([units, blank], how="diagonal")
    shown = every.with_columns(pl.when(~pl.col("withheld")).then(pl.col(COLUMNS[1:])))
    total = side.summed(counts.drop("withheld"), ())
    whole = scores.figures(total, scores.worth(total, None), how).row(0, named=True)
    spread = bool(plot.tau2)
    return Units(shown, consistency(worth), _curves(worth, plot.tau2), whole, spread)


def _names(prefix: str) -> dict[str, str]:
    """Columns of a statistic and what they are called in the result."""
    return {prefix: prefix, "low": f"{prefix}_low", "high": f"{prefix}_high"}


def _curves(worth: pl.DataFrame, tau2: float) -> pl.DataFrame:
    """The limits of chance along the number of answers: mean ± z √(s²/n + tau²), in points."""
    import polars as pl

    from cxkit.stats.intervals import score_and_variance, z_value
    from cxkit.stats.units import INVESTIGATE, WARN

    kinds = dict.fromkeys(("x", "low", "high", "level"), pl.Float64)
    sums = worth.sum().row(0)
    n = worth.select(n=pl.sum_horizontal(pl.all())).filter(pl.col("n") > 0)["n"]
    if n.is_empty():
        return pl.DataFrame(schema=kinds)
    mean, variance = score_and_variance(*sums)
    least, most = float(n.min()), float(n.max())  # type: ignore[arg-type]
    grid = [least * (most / least) ** (k / STEPS) for k in range(STEPS + 1)]
    xs = sorted({*grid, *n.to_list()})
    rows = []
    for level in (WARN, INVESTIGATE):
        for x in xs:
            half = z_value(level) * sqrt(variance * sum(sums) / x + tau2)
            low, high = max(mean - half, -1.0), min(mean + half, 1.0)
            rows.append((x, POINTS * low, POINTS * high, level))
    return pl.DataFrame(rows, schema=kinds, orient="row")


# --- what people are shown ----------------------------------------------------------------------


def summary(found: Units, settings: Settings) -> dict[str, Any]:
    """How much of the variance lies between units, and whether that may be chance."""
    one = found.found
    n = found.whole["n"]
    few = settings.suppress is not None and n < settings.suppress
    icc = None if one.icc is None else max(0.0, one.icc)
    tau = None if one.tau2 is None else POINTS * sqrt(one.tau2)
    figures = {
        "units": one.units, "n": n, "nps": found.whole["nps"], "ci_low": found.whole["ci_low"],
        "ci_high": found.whole["ci_high"], "icc": icc, "tau": tau, "p_value": one.p_value,
    }  # fmt: skip
    return dict.fromkeys(figures) if few else figures


def answer(found: Units, level: float) -> Phrase:
    """Whether units differ, in one sentence."""
    one = found.found
    values = {"count": one.units, "p_value": one.p_value, "icc": one.icc, "outside": found.outside}
    if one.tau2 is None or one.p_value is None:
        return "units-none", values
    if not found.ranked:
        return "units-alike", values
    values["points"] = POINTS * sqrt(one.tau2)
    return "units-differ" if one.p_value < level else "units-unclear", values


def table(found: Units, settings: Settings) -> Table:
    """The printed table: ranked by the shrunken score, if units differ at all."""
    return Table(
        keys=("unit",),
        columns=("n", "nps", Interval(), "shrunken", Interval("shrunken_low", "shrunken_high"),
                 "signal"),
        headline=(),
        sort="shrunken" if found.ranked else None,
        total=False,
        footnotes=(("units-foot", {"confidence": settings.confidence}),),
        answer=answer(found, alpha(settings.confidence)),
    )  # fmt: skip


def _title(found: Units) -> Phrase:
    """Which units stand out in the picture."""
    from cxkit.stats.units import INVESTIGATE

    names = found.rows.drop_nulls("signal")["unit"].to_list()
    values = {"count": found.found.units, "outside": found.outside, "confidence": INVESTIGATE}
    if not found.curves.height or found.found.units < 2:
        return "units-none", values
    if not names:
        return "units-inside", values
    if len(names) > NAMED:
        return "units-outside-many", values
    return "units-outside", values | {"names": [visible(name, 30) for name in names]}


def chart(found: Units, settings: Settings, footnotes: Sequence[Phrase]) -> Chart:
    """Each score against its number of answers, within the limits of chance or outside."""
    rows = found.rows.filter(~found.rows["withheld"]).drop_nulls("unit")
    return Chart(
        mark="scatter",
        rows=rows.drop("withheld"),
        x="n",
        y="nps",
        series="unit",
        total={"nps": found.whole["nps"]},
        finding=_title(found),
        footnotes=(*footnotes, ("units-spread" if found.spread else "units-chance", {})),
        curves=found.curves,
    )


def unit_notes(found: Units, settings: Settings) -> list[Note]:
    """Who stands outside, what is too little to tell, and who is withheld."""
    notes = []
    if found.outside:
        are = "1 unit is" if found.outside == 1 else f"{found.outside:,} units are"
        message = f"{are} outside the 99.8% limits: worth a look, which is no verdict"
        notes.append(Note("outside", "info", message))
    if found.found.units < 5:
        message = f"{found.found.units} units are too few to tell how much units differ"
        notes.append(Note("few-units", "info", message))
    hidden = int(found.rows["withheld"].sum())
    if hidden:
        message = f"{hidden:,} group{' is' if hidden == 1 else 's are'} withheld: fewer than "
        message += f"{settings.suppress} answers, or the next smallest that would give one away"
        notes.append(Note("suppressed", "info", message))
    return notes
