"""What may be asked of a journey: which options and columns go together in which view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxkit.errors import RequestError, visible
from cxkit.touchpoints.stages import Form, rated

if TYPE_CHECKING:
    from cxkit.slices import Slice
    from cxkit.source import Source


def check(
    source: Source,
    form: Form,
    piece: Slice,
    view: str,
    *,
    unit: str | None,
    metric: str,
    suppress: int | None,
) -> None:
    """Raise the error of options that do not go together, or of one that is not given.

    Raises:
        RequestError: an option or column that is lacking, too many, or has two roles.
    """
    if view == "stages":
        _staged(source, form, metric)
    elif view != "units":
        _followed(form, piece, view, suppress)
    elif unit is None:
        message = "--view units needs --unit: branches, teams or people"
        raise RequestError("missing-option", message, [("try", "--view units --unit COL")])
    elif metric != "nps":
        raise RequestError("bad-value", "--view units shows nps only", [("try", "--metric nps")])
    _apart(form, piece, view, unit)


def _apart(form: Form, piece: Slice, view: str, unit: str | None) -> None:
    """Raise the error of one column with two roles of a view."""
    if view == "units":
        roles = {"score": form.score, "unit": unit}
    else:
        roles = {"stage": form.stage, "customer": piece.customer, "date": piece.date}
        roles |= {"score": form.score} if view == "stages" else {}
        roles |= {"channel": form.channel} if view in ("stages", "channels") else {}
    found = dict.fromkeys(form.columns, "a stage")
    for role, column in roles.items():
        if column in found:
            what = f'"{visible(column)}" cannot be both {found[column]} and the {role}'
            raise RequestError("bad-value", what, [("hint", f"--{role} names another column")])
        if column is not None:
            found[column] = f"the {role}"


def _staged(source: Source, form: Form, metric: str) -> None:
    """Raise the error of stages that are not named, or are named twice."""
    if not form.columns and form.stage is None:
        message = "no column is known to be the stage, and no --stages are given"
        columns = [column for column in rated(source) if column != form.score]
        listed = ", ".join(visible(column, 30) for column in columns[:8])
        hints = [("ratings stand in", listed + ", …" * (len(columns) > 8))] if columns else []
        hints += [("a row an answer", "--stage COL"), ("a column a stage", "--stages COL,COL,…")]
        raise RequestError("no-stage", message, hints)
    if form.stage and form.score is None:
        message = f"journey needs the column of {'ratings' if metric == 'csat' else 'answers'}"
        raise RequestError("no-score", message, [("try", "--score COL")])
    twice = next((name for name in form.columns if form.columns.count(name) > 1), None)
    if twice or form.score in form.columns:
        what = f'--stages names "{visible(twice or form.score)}" '
        raise RequestError("bad-value", what + ("twice" if twice else "and so does --score"))


def _followed(form: Form, piece: Slice, view: str, suppress: int | None) -> None:
    """Raise the error of paths that cannot be followed."""
    if form.columns:
        message = f"--view {view} needs a row for each touchpoint, in the order of time"
        raise RequestError("bad-value", message, [("try", "--stage COL --customer COL --date COL")])
    if piece.count and view != "funnel":
        message = f"--view {view} follows customers; it cannot go with --count"
        raise RequestError("bad-value", message)
    if piece.weight:
        raise RequestError("bad-value", f"--view {view} counts customers; it takes no --weight")
    if suppress is not None:
        message = f"--view {view} counts customers and withholds none; it takes no --suppress"
        raise RequestError("bad-value", message)
