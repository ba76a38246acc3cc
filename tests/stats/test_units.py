"""Units side by side: numbers from outside, then edges and laws."""

import json
import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from cxkit.stats.intervals import COUNTS
from cxkit.stats.units import consistency, funnel_plot, shrunken

ORACLES = Path(__file__).parents[1] / "oracles"
ORACLE = json.loads((ORACLES / "journey.json").read_text(encoding="utf-8"))["units"]
UNITS = pl.DataFrame(ORACLE["input"]).select(COUNTS)

respondents = st.integers(0, 60)
triples = st.tuples(respondents, respondents, respondents).filter(any)
several = st.lists(triples, min_size=2, max_size=12)
many = st.lists(triples, min_size=5, max_size=12)
laws = settings(deadline=None, max_examples=50)


def table(*rows):
    return pl.DataFrame(list(rows), schema=dict.fromkeys(COUNTS, pl.Int64), orient="row")


def scores(counts):
    return [(p - d) / (d + n + p) for d, n, p in counts.rows()]


def answers(row):
    return np.repeat([-1.0, 0.0, 1.0], row)


def near(expected):
    return pytest.approx(expected, rel=1e-9, abs=1e-9)


def clipped(limits):
    return near([min(1, max(-1, limit)) for limit in limits])


# --- numbers from outside


def test_consistency_matches_r_4_2_2_anova():
    found, expected = consistency(UNITS), ORACLE["anova"]
    assert found.units == 12
    assert (found.between, found.within) == near((expected["MSB"], expected["MSW"]))
    assert (found.f, found.p_value) == near((expected["F"], expected["p"]))
    assert (found.size, found.icc) == near((expected["n0"], expected["icc1"]))


def test_shrunken_scores_match_metafor_3_8_1_blup():
    expected = ORACLE["dl_pooled_within_variance"]
    found, units = consistency(UNITS), shrunken(UNITS, 0.95)
    assert (found.mean, found.tau2) == near((expected["mu"], expected["tau2"]))
    assert units["shrunken"].to_list() == near(expected["shrunk"])
    assert units["se"].to_list() == near(expected["shrunk_se"])
    z = 1.959963984540054
    pairs = list(zip(expected["shrunk"], expected["shrunk_se"], strict=True))
    assert units["low"].to_list() == near([t - z * se for t, se in pairs])
    assert units["high"].to_list() == near([t + z * se for t, se in pairs])


def test_funnel_plot_matches_r_package_funnelplotr_0_6_0():
    found, expected = funnel_plot(UNITS), ORACLE["funnel_plot"]
    assert found.mean == near(expected["mu0"])
    assert found.phi == near(expected["winsorised10_phi"])
    assert found.tau2 == near(expected["tau2_additive_FunnelPlotR"])
    assert found.limits["z"].to_list() == near(expected["z_additive"])
    limits = expected["limits95_additive"]
    assert found.limits["low_95"].to_list() == clipped(limits["lower"])
    assert found.limits["high_95"].to_list() == clipped(limits["upper"])
    assert found.limits["signal"].to_list() == [None] * 12


def test_limits_of_few_units_match_spiegelhalter_2005():
    """The plain limits: a cut of the table has its own mean, so it is brought back to the whole."""
    expected = ORACLE["funnel_plot"]
    whole = np.array(UNITS.sum().row(0))
    tables = [UNITS.slice(i, 1) for i in range(12)]
    for i, unit in enumerate(tables):
        rest = table(tuple(int(x) for x in whole - np.array(unit.row(0))))
        found = funnel_plot(pl.concat([unit, rest]))
        assert (found.phi, found.tau2) == (None, 0)
        for level, names in (("limits95", "_95"), ("limits998", "_998")):
            low, high = (expected[level][side][i] for side in ("lower", "upper"))
            assert found.limits[f"low{names}"][0] == near(max(-1, low))
            assert found.limits[f"high{names}"][0] == near(min(1, high))
        assert found.limits["z"][0] == near(expected["z"][i])


@laws
@given(several)
def test_f_test_is_scipys_f_oneway(rows):
    found = consistency(table(*rows))
    if found.p_value is None:
        assert not found.within
        return
    f, p = stats.f_oneway(*map(answers, rows))
    assert found.f == near(float(f))
    if f > 1e-9:  # rounding may leave it below 0, where it has no p
        assert found.p_value == near(float(p))


@laws
@given(several)
def test_tau2_is_the_estimate_of_dersimonian_and_laird(rows):
    """Through their Q and its weights, which the closed form does without."""
    found = consistency(table(*rows))
    if not found.within:
        return
    w = np.array([sum(row) for row in rows]) / found.within
    theta = np.array(scores(table(*rows)))
    q = (w * (theta - (w * theta).sum() / w.sum()) ** 2).sum()
    tau2 = (q - (len(rows) - 1)) / (w.sum() - (w**2).sum() / w.sum())
    assert found.tau2 == near(max(0, tau2))
    precision = 1 / (1 / w + found.tau2)
    assert found.mean == near((precision * theta).sum() / precision.sum())
    assert found.mean_se == near(precision.sum() ** -0.5)


@laws
@given(st.integers(2, 8), st.integers(2, 20), st.integers(0, 99))
def test_icc_of_equal_units_is_that_of_shrout_and_fleiss(units, size, seed):
    """ICC(1) = (BMS − WMS)/(BMS + (k − 1) WMS) of a table of k answers per unit."""
    data = np.random.default_rng(seed).integers(-1, 2, (units, size))
    rows = [tuple(int((line == y).sum()) for y in (-1, 0, 1)) for line in data]
    bms = size * data.mean(axis=1).var(ddof=1)
    wms = data.var(axis=1, ddof=1).mean()
    found = consistency(table(*rows))
    assert found.size == near(size)
    if bms + (size - 1) * wms > 0:
        assert found.icc == near((bms - wms) / (bms + (size - 1) * wms))


# --- edges


@pytest.mark.parametrize(
    "rows", [[], [(0, 0, 0)], [(1, 2, 3)], [(1, 2, 3), (0, 0, 0)], [(1, 0, 0), (0, 0, 1)]]
)
def test_nothing_to_compare(rows):
    counts = table(*rows)
    found = consistency(counts)
    assert found[0] == sum(any(row) for row in rows)
    assert found[1:] == (None,) * 9
    units = shrunken(counts, 0.95)
    assert units.schema == dict.fromkeys(("shrunken", "se", "low", "high"), pl.Float64)
    assert units.rows() == [(None,) * 4] * len(rows)


def test_units_without_answers_change_nothing_but_their_own_row():
    rows = [(1, 2, 6), (0, 0, 0), (5, 1, 2), (None, 1, 2)]
    full = table(rows[0], rows[2])
    assert consistency(table(*rows)) == consistency(full)
    assert funnel_plot(table(*rows))[1:] == funnel_plot(full)[1:]
    for function in (lambda x: shrunken(x, 0.9), lambda x: funnel_plot(x).limits):
        found = function(table(*rows))
        assert found[[0, 2]].rows() == function(full).rows()
        assert found.row(1) == found.row(3) == (None,) * found.width


def test_units_that_differ_without_any_spread_inside():
    counts = table((0, 0, 5), (3, 0, 0), (0, 2, 0))
    found = consistency(counts)
    assert (found.icc, found.f, found.p_value, found.mean_se) == (1, None, None, None)
    assert found.tau2 > 0
    units = shrunken(counts, 0.95)
    assert units["shrunken"].to_list() == near([1, -1, 0])
    assert units["low"].to_list() == units["high"].to_list() == [None] * 3


def test_everyone_in_one_category():
    counts = table((0, 0, 5), (0, 0, 3))
    found = consistency(counts)
    assert (found.icc, found.f, found.p_value, found.tau2, found.mean) == (None, None, None, 0, 1)
    assert shrunken(counts, 0.95)["shrunken"].to_list() == [1, 1]
    plot = funnel_plot(counts)
    assert (plot.mean, plot.phi, plot.tau2) == (1, None, 0)
    assert plot.limits.row(0) == (None,) * 6


def test_units_alike_have_no_ranking():
    counts = table((2, 2, 4), (4, 4, 8), (1, 1, 2))
    found = consistency(counts)
    assert found.tau2 == 0
    assert found.icc < 0
    assert shrunken(counts, 0.95)["shrunken"].to_list() == near([0.25] * 3)


def test_signals_of_units_far_off():
    counts = table((50, 0, 0), *[(20, 20, 40)] * 20, (0, 0, 50))
    signals = funnel_plot(counts).limits["signal"].to_list()
    assert signals == ["below", *[None] * 20, "above"]


def test_overdispersion_widens_the_limits():
    """Units that all differ by more than chance: the limits allow for it, few of them do not."""
    spread = [(40, 20, 40), (10, 20, 70), (60, 20, 20), (20, 20, 60), (50, 20, 30)]
    found = funnel_plot(table(*spread))
    assert found.phi > 5
    assert found.tau2 > 0
    assert found.limits["signal"].to_list() == [None] * 5
    few = funnel_plot(table(*spread[:4]))
    assert few.tau2 == 0
    assert set(few.limits["signal"]) >= {"above", "below"}


def test_without_any_answers_there_is_no_funnel():
    found = funnel_plot(table((0, 0, 0)))
    assert found[1:] == (None, None, 0)
    assert found.limits.row(0) == (None,) * 6


@pytest.mark.parametrize("confidence", [0, 1, 95, math.nan])
def test_refusals(confidence):
    with pytest.raises(ValueError, match="between 0 and 1"):
        shrunken(UNITS, confidence)


# --- laws


@laws
@given(several)
def test_shrunken_scores_lie_between_the_own_and_the_mean(rows):
    counts = table(*rows)
    found, units = consistency(counts), shrunken(counts, 0.95)
    if found.mean is None:
        assert units["shrunken"].null_count() == len(rows)
        return
    for own, (estimate, _, low, high) in zip(scores(counts), units.rows(), strict=True):
        assert min(own, found.mean) - 1e-12 <= estimate <= max(own, found.mean) + 1e-12
        assert low is None or low - 1e-12 <= estimate <= high + 1e-12


@laws
@given(several, st.integers(2, 9))
def test_more_answers_are_shrunken_less(rows, times):
    """Of two units with one score, the larger stays nearer to it."""
    small, large = rows[0], tuple(times * n for n in rows[0])
    counts = table(small, large, *rows[1:])
    own = scores(counts)[0]
    units = shrunken(counts, 0.95)["shrunken"]
    if units[0] is not None:
        assert abs(units[1] - own) <= abs(units[0] - own) + 1e-12


@laws
@given(many, st.randoms())
def test_order_of_units_does_not_matter(rows, random):
    order = list(range(len(rows)))
    random.shuffle(order)
    one, other = table(*rows), table(*(rows[i] for i in order))
    assert [x is None for x in consistency(one)] == [x is None for x in consistency(other)]
    for first, second in zip(consistency(one), consistency(other), strict=True):
        assert first is None or second == near(first)
    limits, moved = funnel_plot(one).limits, funnel_plot(other).limits
    for name in ("low_95", "high_998"):
        assert [x is None for x in limits[name]] == [x is None for x in moved[name]]
        if not limits[name].null_count():
            assert moved[name].to_list() == near([limits[name][i] for i in order])


@laws
@given(many)
def test_mirrored_answers_mirror_the_limits(rows):
    one, other = funnel_plot(table(*rows)), funnel_plot(table(*(row[::-1] for row in rows)))
    assert other.mean == near(-one.mean)
    if one.phi is not None:
        assert other.phi == near(one.phi)
        assert other.limits["low_998"].to_list() == near((-one.limits["high_998"]).to_list())


@laws
@given(many)
def test_limits_are_nested_and_contain_the_mean(rows):
    found = funnel_plot(table(*rows))
    for low, high, far_low, far_high, *_ in found.limits.rows():
        if low is not None:
            assert far_low <= low <= found.mean <= high <= far_high
