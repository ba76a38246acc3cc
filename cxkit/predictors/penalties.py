"""Penalty and reward of drivers: which are basic, which delight, and what people are shown."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cxkit.errors import DataError
from cxkit.predictors.weighed import Ask, Found, in_words, listed, schema, top_boxes
from cxkit.result import Chart, Note, Table

if TYPE_CHECKING:
    import polars as pl

    from cxkit.predictors.panels import Panel
    from cxkit.surveys.story import Phrase

KANO = ("driver", "penalty", "reward", "asymmetry", "kind", "flags")
KINDS = ("basic", "performance", "delighter", "neutral", None)  # as they are shown


def penalties(panel: Panel, ask: Ask) -> Found:
    """Penalty and reward of each driver, and its kind."""
    import polars as pl

    from cxkit.stats.importance import relative_weights
    from cxkit.stats.kano import kano
    from cxkit.stats.moments import associations, pooled

    moments = pooled(panel.parts)
    try:
        entries = kano(moments, panel.cells, ask.confidence)
        r_xx, r_xy, _ = associations(moments)
    except ValueError as error:
        raise DataError("too-few", f"penalty and reward cannot be told: {error}") from error
    few = ask.flags(min(float(moments.n), panel.n), 2 * len(entries))
    rows: list[dict[str, Any]] = [
        {
            "driver": one.column,
            "penalty": _known(entry.penalty),
            "reward": _known(entry.reward),
            "asymmetry": _known(entry.asymmetry),
            "kind": entry.kind,
            "flags": [*few, *entry.flags],
        }
        for one, entry in zip(panel.figures, entries, strict=False)
    ]
    kinds = [row["kind"] for row in rows]
    rows.sort(key=lambda row: (KINDS.index(row["kind"]), row["asymmetry"] or 0.0, row["driver"]))
    r2 = relative_weights(r_xx, r_xy).r2
    summary = {"r2": r2, "n": panel.n, "method": "penalty-reward", "outcome": ask.outcome}
    frame = pl.DataFrame(rows, schema=schema(KANO), orient="row")
    told = {f"{kind}s": kinds.count(kind) for kind in ("basic", "performance", "delighter")}
    foot: tuple[Phrase, ...] = (
        ("drivers-kano-foot", summary), *top_boxes(panel, ask)[1:], ("drivers-association", {}),
    )  # fmt: skip
    shown = in_words(frame, ask)
    below = (*foot, *ask.brackets(rows, 2 * len(entries)))
    columns = ("penalty", "reward", "asymmetry", "kind")
    table = Table(("driver",), columns, (), total=False, footnotes=below, rows=shown,
                  answer=("drivers-kano", {**told, **summary}))  # fmt: skip
    chart = _asymmetries(shown, told, foot)
    return Found(frame, summary, _unread(rows), table, (chart,))


def _asymmetries(rows: pl.DataFrame, told: dict[str, int], foot: tuple[Phrase, ...]) -> Chart:
    """The drivers that are of some kind; where none is, all that have an asymmetry."""
    import polars as pl

    known = rows.filter(pl.col("asymmetry").is_not_null())
    drawn = known.filter(pl.col("kind") != "neutral")
    neutral = known.height - drawn.height
    if drawn.height and neutral:
        foot = (("drivers-neutral", {"count": neutral}), *foot)
    return Chart("bars", drawn if drawn.height else known, "driver", "asymmetry", series="kind",
                 finding=("drivers-kano-title", told), footnotes=foot)  # fmt: skip


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _unread(rows: Sequence[Mapping[str, Any]]) -> list[Note]:
    """Drivers that are not told, and why; coefficients of the wrong sign."""
    reasons = {
        "few": ("info", "fewer than 10 answers are low, in the middle or high"),
        "collinear": ("warning", "other drivers determine their answers"),
        "penalty-sign": ("info", "low answers go with a better outcome; the penalty counts as 0"),
        "reward-sign": ("info", "high answers go with a worse outcome; the reward counts as 0"),
    }
    return [
        Note(flag, kind, f"{listed(names)}: {why}")  # type: ignore[arg-type]
        for flag, (kind, why) in reasons.items()
        if (names := [row["driver"] for row in rows if flag in row["flags"]])
    ]
