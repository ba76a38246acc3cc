"""What changed: how much of the change of a score lies in the groups, how much in their mix.

An account of the change, not a cause of it. Scores may be on any scale; effects are on the same.
"""

import polars as pl

_INPUT = ("n_before", "score_before", "n_after", "score_after")


def decomposition(groups: pl.DataFrame) -> pl.DataFrame:
    """Rate and mix effect of every group on the change of the whole score.

    Args:
        groups: one row per group, which do not overlap: n_before, n_after (answers or weight
            >= 0) and score_before, score_after (null where n = 0); other columns are ignored.

    Returns:
        Frame of the same height and order: `share_before`, `share_after` (0..1),
        `rate_effect`, `mix_effect` and `effect`, their sum (unit of the scores). Effects of all
        groups add up to score after − score before. A group with no one in one period has rate
        effect 0, one with no one in both has effects 0. No one at all in a period: its shares
        and all effects null.

    Formula:
        rate = (t1 − t0)(w0 + w1)/2, mix = (w1 − w0)((t0 + t1)/2 − c), with shares w, scores t
        and c the mean of the two whole scores (Kitagawa 1955, J. Am. Stat. Assoc. 50:1168).
        A score that a period lacks is taken from the other.

    Differs from:
        the mix effect without c, which has the same total but calls growth of any group with a
        score above 0 a gain; here only growth of a group above the average is one. The totals
        are those of the two-fold Oaxaca–Blinder decomposition with weight ½.
    """
    rows = groups.select(pl.col(name).cast(pl.Float64) for name in _INPUT)
    rows = rows.select(
        w0=_share("n_before"),
        w1=_share("n_after"),
        t0=_score("before").fill_null(_score("after")).fill_null(0),
        t1=_score("after").fill_null(_score("before")).fill_null(0),
    )
    w0, w1, t0, t1 = map(pl.col, rows.columns)
    centre = ((w0 * t0).sum() + (w1 * t1).sum()) / 2
    return rows.select(
        share_before=w0,
        share_after=w1,
        rate_effect=(t1 - t0) * (w0 + w1) / 2,
        mix_effect=(w1 - w0) * ((t0 + t1) / 2 - centre),
    ).with_columns(effect=pl.col("rate_effect") + pl.col("mix_effect"))


def _share(name: str) -> pl.Expr:
    n = pl.col(name)
    return pl.when(n.sum() > 0).then(n / n.sum())


def _score(period: str) -> pl.Expr:
    return pl.when(pl.col(f"n_{period}") > 0).then(pl.col(f"score_{period}"))
