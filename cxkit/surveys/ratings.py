"""Answers on a rating scale: shares of its ends and means of groups, and how they differ.

A frame has a row for each group and period (see `groups`) and a count for each answer of the
scale, so that counts add up, over groups or parts of a file, and nothing is lost in sums of
squares. Weights come down to effective counts: Kish's number of answers, times weighted shares.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from cxkit.cells.answers import GOOD_BAD, Scale, missing_words, plain, text_of
from cxkit.errors import RequestError, visible
from cxkit.surveys import groups as side

if TYPE_CHECKING:
    import polars as pl

    from cxkit.source import Source

COUNTS = ("n", "missing", "invalid")
POINTS = 100  # nets are computed on −1…1
HIGHEST = 100  # answer of a scale
_SQUARES = "w2"  # the sum of squared weights of a group


class Boxes(NamedTuple):
    """The answers at the two ends of a scale.

    Args:
        scale: all answers.
        box: how many at each end.
    """

    scale: Scale
    box: int

    @property
    def bottom(self) -> range:
        """The lowest answers."""
        return self.scale.answers[: self.box]

    @property
    def top(self) -> range:
        """The highest answers."""
        return self.scale.answers[-self.box :]


def scale_of(text: str, words: bool = False) -> Scale:
    """The scale that the user names: `1-5`, `0-10`; where words will do, also `good-bad`.

    Raises:
        RequestError: it is no scale.
    """
    if words and text.strip().casefold() == "good-bad":
        return Scale(0, 1, words=GOOD_BAD, name="good-bad")
    found = re.fullmatch(r"\s*([0-9]{1,3})\s*[-–]\s*([0-9]{1,3})\s*", text)
    if not found or not int(found[1]) < int(found[2]) <= HIGHEST:
        message = f'--scale must be LOW-HIGH, such as 1-5, got "{visible(text)}"'
        raise RequestError("bad-value", message)
    low, high = int(found[1]), int(found[2])
    return Scale(low, high, name=f"{low}-{high}")


def boxes_of(scale: Scale, box: int) -> Boxes:
    """The two ends of a scale, so many answers each.

    Raises:
        RequestError: they hold nothing, or overlap.
    """
    most = len(scale.answers) // 2
    if not 1 <= box <= most:
        what = "must be 1 or more" if box < 1 else f"boxes overlap on {scale}: at most {most}"
        raise RequestError("bad-value", f"--box {box}: {what}", [("try", f"--box {most}")])
    return Boxes(scale, box)


def good_or_bad(source: Source, score: str) -> bool:
    """Whether a column holds answers in the words Good and Bad, judged by a sample."""
    import polars as pl

    cells = text_of(pl.Series(source.sample(score), strict=False)).drop_nulls().to_list()
    none = missing_words(source.missing)
    said = {plain(cell) for cell in cells if plain(cell) not in none}
    own = score in source.roles.get("csat", ())
    return said <= GOOD_BAD.keys() and (own or bool(said))


# --- counts -------------------------------------------------------------------------------------


def _names(scale: Scale, prefix: str = "x") -> list[str]:
    return [f"{prefix}{answer}" for answer in scale.answers]


def classify(cells: pl.DataFrame, scale: Scale) -> pl.DataFrame:
    """Counts by group, period and answer, from the cells of `survey.Answers`; with weights sums.

    Returns:
        The groups, `n missing invalid`, and a column for each answer of the scale: `x1 x2 …`,
        with weights also their sums, `v1 v2 …`, and `w2`, the sum of squares of all answers.
    """
    import polars as pl

    kind, score = pl.col("kind"), pl.col("score")
    words = {"n": "valid", "missing": "missing", "invalid": "invalid"}
    kinds = [pl.col("n").filter(kind == word).sum().alias(name) for name, word in words.items()]
    sums = {"x": "n"} | ({"v": "w"} if "w" in cells.columns else {})
    answers = [
        pl.col(of).filter(score == answer).sum().alias(f"{prefix}{answer}")
        for prefix, of in sums.items()
        for answer in scale.answers
    ]
    if "w" in cells.columns:
        answers.append(pl.col("w2").filter(kind == "valid").sum().alias(_SQUARES))
    names = [*side.keys_of(cells), "start"]
    return cells.group_by(names, maintain_order=True).agg(*kinds, *answers)


def worth(counts: pl.DataFrame, scale: Scale) -> pl.DataFrame:
    """Effective counts of each answer, `x1 x2 …`, and `n_effective`, null without weights."""
    import polars as pl

    plain_counts = [pl.col(name).cast(pl.Float64) for name in _names(scale)]
    if _SQUARES not in counts.columns:
        return counts.select(*plain_counts, n_effective=pl.lit(None, pl.Float64))
    weights = _names(scale, "v")
    total = pl.sum_horizontal(weights)
    kish = pl.when(total > 0).then(total / pl.col(_SQUARES)).otherwise(0.0)
    each = zip(_names(scale), weights, strict=True)
    return counts.select(
        *((pl.col(weight) * kish).alias(name) for name, weight in each),
        n_effective=pl.when(total > 0).then(total * kish),
    )


def other_side(counts: pl.DataFrame, places: pl.Series | None, scale: Scale) -> pl.DataFrame:
    """Effective counts of what each row is compared with: the row at a place, or the rest."""
    import polars as pl

    from cxkit.stats.weights import others

    if places is not None:
        return worth(counts, scale).select(pl.all().gather(places))
    sums = [name for name in counts.columns if name[0] in "xvw" and name[1:].isdigit()]
    return worth(others(counts, sums), scale)


# --- figures ------------------------------------------------------------------------------------


def ends(effective: pl.DataFrame, boxes: Boxes) -> pl.DataFrame:
    """`answers` (effective), `bottom` and `top` counts, their rates (0–1) and `net` (points)."""
    import polars as pl

    def within(answers: Sequence[int]) -> pl.Expr:
        return pl.sum_horizontal(f"x{answer}" for answer in answers)

    n = within(boxes.scale.answers)
    answered = pl.when(n > 0)
    top, bottom = within(boxes.top), within(boxes.bottom)
    return effective.select(
        answers=n,
        bottom=bottom,
        top=top,
        bottom_rate=answered.then(bottom / n),
        top_rate=answered.then(top / n),
        net=answered.then(POINTS * (top - bottom) / n),
    )


def moments(effective: pl.DataFrame, scale: Scale) -> pl.DataFrame:
    """`n mean m2` of the answers of each row, as `stats.means` takes them."""
    import polars as pl

    def total(of: pl.Expr | None = None) -> pl.Expr:
        return pl.sum_horizontal(
            pl.col(f"x{answer}") * (answer if of is None else (answer - of) ** 2)
            for answer in scale.answers
        )

    n = pl.sum_horizontal(_names(scale))
    means = effective.with_columns(n=n, mean=pl.when(n > 0).then(total() / n))
    return means.select("n", "mean", m2=total(pl.col("mean")))


def told(boxes: Boxes) -> dict[str, str]:
    """The answers at the ends of a scale as people write them: `4–5`, `1–2` of `1–5`."""
    if boxes.scale.words:
        return {"top": "Good"}
    ends = {"top": boxes.top, "bottom": boxes.bottom, "scale": boxes.scale.answers}
    return {
        name: f"{end[0]}–{end[-1]}" if len(end) > 1 else str(end[0]) for name, end in ends.items()
    }
