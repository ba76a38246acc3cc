"""Importance of drivers: weights beside performance, doubts, and what people are shown."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from cxkit.errors import DataError, RequestError, visible
from cxkit.result import Chart, Interval, Note, Table

if TYPE_CHECKING:
    import polars as pl

    from cxkit.predictors.panels import Panel
    from cxkit.stats.importance import Bootstrap
    from cxkit.stats.moments import Moments
    from cxkit.surveys.story import Phrase

IMPORTANCE = ("driver", "n", "importance", "weight", "ci_low", "ci_high", "lmg", "correlation",
              "beta", "vif", "performance", "performance_rate", "quadrant", "flags")  # fmt: skip
MOST = 40  # drivers: 861 sums
BESIDE = 15  # drivers up to which LMG stands beside the relative weights
PER_DRIVER = 10  # complete answers
PLOTTED = 4  # drivers from which on quadrants are told
ROUNDING = 1e-12  # what stands on a line is high, whatever its last digits
COLUMNS: Phrase = ("drivers-columns", {})  # what headings mean
OVERLAP, HALO = 5.0, 0.5  # variance inflation, mean correlation: beyond, drivers overlap


class Ask(NamedTuple):
    """What is asked of the drivers.

    Args:
        outcome: what is explained: a column, or `promoter`.
        method: how importance is computed.
        confidence: level of intervals, as a fraction.
        min_n: complete answers below which drivers are flagged.
        seed: of the bootstrap.
        names: what people are shown of a column.
    """

    outcome: str
    method: str
    confidence: float
    min_n: int
    seed: int
    names: Mapping[str, str]

    def called(self, column: str) -> str:
        """What people are shown of a column; the promoter has none."""
        return self.names.get(column, column)

    @property
    def question(self) -> str:
        """The outcome in a sentence: its column, or its question in quotes."""
        said = self.called(self.outcome)
        return said if said == self.outcome else f"“{said}”"

    def allow(self, drivers: int) -> None:
        """Raise the error of more drivers than the method takes."""
        from cxkit.stats.importance import MOST_DRIVERS

        most = MOST_DRIVERS if self.method == "lmg" else MOST
        if drivers > most:
            message = f"{self.method} takes at most {most} drivers, got {drivers}"
            raise RequestError("too-many", message, [("try", "fewer --drivers")])

    def least(self, drivers: int) -> int:
        """The complete answers that so many drivers ask for."""
        return max(self.min_n, PER_DRIVER * drivers)

    def flags(self, n: float, drivers: int) -> list[str]:
        """`low-n` where there are too few answers for so many drivers."""
        return ["low-n"] if n < self.least(drivers) else []

    def brackets(self, rows: Sequence[Mapping[str, Any]], drivers: int) -> tuple[Phrase, ...]:
        """What brackets mean, where there are any."""
        few = any("low-n" in row["flags"] for row in rows)
        return (("low-n-few", {"minimum": self.least(drivers)}),) * few


class Found(NamedTuple):
    """What a view has found."""

    rows: pl.DataFrame
    summary: dict[str, Any]
    notes: list[Note]
    table: Table
    charts: tuple[Chart, ...]
    replicates: int = 0


def importance(panel: Panel, ask: Ask) -> Found:
    """Weights of the drivers, and what they say beside performance."""
    import polars as pl

    from cxkit.stats import importance as stats
    from cxkit.stats.moments import associations

    moments, kept, notes = _moments(panel, ask)
    r_xx, r_xy, _ = associations(moments)
    fit = stats.regression(r_xx, r_xy)
    weights = stats.relative_weights(r_xx, r_xy)
    lmg = stats.lmg(r_xx, r_xy) if len(kept) <= BESIDE or ask.method == "lmg" else None
    raw = {"relative-weights": weights.weights, "correlation": r_xy**2}.get(ask.method, lmg)
    assert raw is not None
    sure = None
    if ask.method == "relative-weights":
        sure = stats.bootstrap(panel.parts, seed=ask.seed, confidence=ask.confidence)
    total = float(raw.sum())
    rows: list[dict[str, Any]] = [
        {
            "driver": panel.figures[place].column,
            "n": panel.n,
            "importance": float(raw[i]) / total if total > 0 else None,
            "weight": float(raw[i]),
            "ci_low": float(sure.low[place]) if sure else None,
            "ci_high": float(sure.high[place]) if sure else None,
            "lmg": None if lmg is None else float(lmg[i]),
            "correlation": float(r_xy[i]),
            "beta": float(fit.betas[i]),
            "vif": float(fit.vif[i]) if math.isfinite(fit.vif[i]) else None,
            "performance": float(moments.mean[place]),
            "performance_rate": panel.tops[place],
            "flags": _flags(panel, ask, sure, place, float(moments.n), len(kept)),
        }
        for i, place in enumerate(kept)
    ]
    rows.sort(key=lambda row: (-row["weight"], row["driver"]))
    for row, quadrant in zip(rows, _quadrants(rows), strict=True):
        row["quadrant"] = quadrant
    summary = {"r2": weights.r2, "n": panel.n, "method": ask.method, "outcome": ask.outcome}
    frame = pl.DataFrame(rows, schema=schema(IMPORTANCE), orient="row")
    halo = stats.halo(r_xx)
    collinear = [panel.figures[kept[i]].column for i in weights.collinear]
    notes += [*_overlaps(rows, collinear, halo), *_suppressed(rows, collinear), *_method(ask)]
    if panel.blocks and sure:
        message = "intervals resample 200 blocks of rows (row number modulo 200)"
        notes.append(Note("blocks", "info", message))
    shown, told = in_words(frame, ask), {**summary, "outcome": ask.question}
    foot, boxes = _foot(summary, ask, halo), top_boxes(panel, ask)
    return Found(
        frame, summary, notes, _table(shown, told, ask, foot, boxes),
        _charts(shown, told, ask, foot, boxes), stats.REPLICATES if sure else 0,
    )  # fmt: skip


def in_words(rows: pl.DataFrame, ask: Ask) -> pl.DataFrame:
    """The rows with the questions of the drivers for their columns."""
    import polars as pl

    return rows.with_columns(pl.Series("driver", [*map(ask.called, rows["driver"])], pl.String))


def _moments(panel: Panel, ask: Ask) -> tuple[Moments, list[int], list[Note]]:
    """The moments of all answers, the places of the drivers that vary, and who does not."""
    from cxkit.stats.moments import associations, pooled

    moments = pooled(panel.parts)
    names = [one.column for one in panel.figures[:-1]]
    try:
        kept = [int(place) for place in associations(moments).kept]
    except ValueError as error:
        if moments.cross[-1, -1] > 0:
            message = f"no driver varies: each has one answer in all {panel.n:,} complete rows"
            raise DataError("constant-drivers", message) from error
        message = f'"{visible(ask.outcome)}" is the same in all {panel.n:,} complete answers'
        raise DataError("constant-outcome", message) from error
    same = [name for i, name in enumerate(names) if i not in kept]
    notes = []
    if same:
        message = f"{listed(same)} {'is' if len(same) == 1 else 'are'} the same in all answers"
        notes.append(Note("constant", "warning", message + " and left out"))
    return moments, kept, notes


def listed(names: Sequence[str], most: int = 5) -> str:
    """Names of columns in a sentence: `"a", "b" and "c"`."""
    quoted = [f'"{visible(name, 40)}"' for name in names[:most]]
    if len(names) > most:
        return ", ".join(quoted) + f" and {len(names) - most} more"
    return " and ".join(filter(None, (", ".join(quoted[:-1]), quoted[-1])))


def schema(names: Sequence[str]) -> dict[str, Any]:
    """The columns of the rows with their types."""
    import polars as pl

    texts = dict.fromkeys(("driver", "quadrant", "kind"), pl.String())
    kinds = {**texts, "n": pl.Int64(), "flags": pl.List(pl.String)}
    return {name: kinds.get(name, pl.Float64()) for name in names}


def _flags(
    panel: Panel, ask: Ask, sure: Bootstrap | None, place: int, n: float, drivers: int
) -> list[str]:
    noise = sure is not None and not sure.matters[place]
    return ask.flags(min(n, panel.n), drivers) + ["not-above-noise"] * noise


def _quadrants(rows: Sequence[Mapping[str, Any]]) -> list[str | None]:
    """The quadrant of each driver by the means of those that have both figures."""
    both = [row for row in rows if row["performance_rate"] is not None]
    if len(both) < PLOTTED:
        return [None] * len(rows)
    x = math.fsum(row["performance_rate"] for row in both) / len(both)
    y = math.fsum(row["weight"] for row in both) / len(both)
    names = {(True, False): "fix first", (True, True): "keep up",
             (False, False): "low priority", (False, True): "possible overkill"}  # fmt: skip
    return [
        None if row["performance_rate"] is None
        else names[row["weight"] >= y - ROUNDING, row["performance_rate"] >= x - ROUNDING]
        for row in rows
    ]  # fmt: skip


# --- doubts -------------------------------------------------------------------------------------


def _overlaps(
    rows: Sequence[Mapping[str, Any]], collinear: Sequence[str], halo: float | None
) -> list[Note]:
    """Drivers that others determine, nearly or exactly, and a general impression behind all."""
    notes = []
    if collinear:
        message = f"{listed(collinear)} determine one another: how their weight is split is a "
        hint = ("try", "one of them alone")
        notes.append(Note("collinear", "warning", message + "convention", (hint,)))
    high = [row["driver"] for row in rows if row["vif"] is not None and row["vif"] > OVERLAP]
    if high:
        most = max(row["vif"] for row in rows if row["vif"] is not None)
        message = f"{listed(high)} overlap with other drivers (VIF up to {most:,.1f})"
        notes.append(Note("overlap", "warning", message))
    if halo is not None and halo >= HALO:
        message = f"two drivers correlate by {halo:.2f} on average: a general impression makes "
        notes.append(Note("halo", "info", message + "every driver look important"))
    return notes


def _suppressed(rows: Sequence[Mapping[str, Any]], collinear: Sequence[str]) -> list[Note]:
    """Drivers whose sign turns when the others are held."""
    turned = [
        row["driver"] for row in rows
        if row["beta"] * row["correlation"] < 0 and row["driver"] not in collinear
    ]  # fmt: skip
    if not turned:
        return []
    message = f"{listed(turned)}: beta and correlation differ in sign (suppression)"
    return [Note("suppression", "info", message)]


def _method(ask: Ask) -> list[Note]:
    if ask.method == "correlation":
        message = "squared correlations do not sum to R²: drivers that go together count twice"
        return [Note("method", "info", message)]
    return []


# --- what people are shown ----------------------------------------------------------------------


def _foot(summary: Mapping[str, Any], ask: Ask, halo: float | None) -> list[Phrase]:
    """Method, R², n, how the drivers go together; that all this is association."""
    values = {"r2": summary["r2"], "n": summary["n"], "correlation": halo}
    return [
        (f"drivers-{ask.method}", {"confidence": ask.confidence}),
        ("drivers-foot" if halo is not None else "drivers-foot-one", values),
        ("drivers-association", {}),
    ]


def top_boxes(panel: Panel, ask: Ask) -> tuple[Phrase, ...]:
    """What the top boxes are, and the scales with how many drivers they have, or their one."""
    found: dict[str, list[str]] = {}
    for one, end in zip(panel.figures, panel.ends, strict=False):
        if end is not None:
            found.setdefault(str(end), []).append(ask.called(one.column))
    if not found:
        return ()
    told = [
        scale if len(found) == 1 else f"{scale} ({names[0] if len(names) == 1 else len(names)})"
        for scale, names in sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
    ]
    return ("drivers-boxes", {}), ("drivers-scales", {"scales": told})


def _table(
    shown: pl.DataFrame,
    summary: Mapping[str, Any],
    ask: Ask,
    foot: list[Phrase],
    boxes: tuple[Phrase, ...],
) -> Table:
    rows = shown.to_dicts()
    interval = (Interval(),) if ask.method == "relative-weights" else ()
    quadrant = ("quadrant",) if any(row["quadrant"] for row in rows) else ()
    return Table(
        keys=("driver",),
        columns=("importance", "weight", *interval, "correlation", "performance_rate", *quadrant),
        headline=(),
        total=False,
        footnotes=(foot[0], COLUMNS, *boxes, *foot[1:], *ask.brackets(rows, len(rows))),
        answer=_told("drivers", rows, summary),
        rows=shown,
    )


def _told(key: str, rows: Sequence[Mapping[str, Any]], summary: Mapping[str, Any]) -> Phrase:
    """How much is explained, and the driver of most weight."""
    if rows[0]["importance"] is None:
        return "drivers-none", summary
    first = {name: rows[0][name] for name in ("driver", "importance")}
    key += "-one" * (len(rows) == 1)
    return key, {"drivers": len(rows), **first, **summary}


def _charts(
    rows: pl.DataFrame,
    summary: Mapping[str, Any],
    ask: Ask,
    foot: list[Phrase],
    boxes: tuple[Phrase, ...],
) -> tuple[Chart, ...]:
    """The quadrants, where there are some, and the weights as bars."""
    low, high = ("ci_low", "ci_high") if ask.method == "relative-weights" else (None, None)
    told = _told("drivers-title", rows.to_dicts(), summary)
    bars = Chart("bars", rows, "driver", "weight", low, high, name="weights", finding=told,
                 footnotes=tuple(foot))  # fmt: skip
    if rows["quadrant"].null_count() == rows.height:
        return (bars,)
    first = [row["driver"] for row in rows.filter(quadrant="fix first").to_dicts()
             if not row["flags"]]  # fmt: skip
    finding: Phrase = ("drivers-first", {"driver": first[0]}) if first else told
    return Chart("scatter", rows, "performance_rate", "weight", low, high, series="driver",
                 name="quadrants", finding=finding, footnotes=(*foot, *boxes)), bars  # fmt: skip
