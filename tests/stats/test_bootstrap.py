"""BCa bootstrap: scipy and published numbers, then laws."""

import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import bootstrap

from cxkit.stats.bootstrap import bca

SKEWED = np.exp(np.random.default_rng(7).normal(3, 1.2, size=60))
samples = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=25)
laws = settings(deadline=None, max_examples=30)


def mean(x):
    return x.mean(axis=-1)


def variance(x):
    return x.var(axis=-1)


def median(x):
    return np.median(x, axis=-1)


def nowhere(x):
    return np.full(x.shape[:-1], math.nan)


def reciprocal(x):
    """1 / mean, undefined where the mean is not above 0."""
    total = x.mean(axis=-1)
    return np.divide(1, total, out=np.full_like(total, math.nan), where=total > 0)


# --- numbers from outside


@pytest.mark.parametrize("statistic", [mean, variance, median])
@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_limits_match_scipy_bca_within_monte_carlo(statistic, confidence):
    theirs = bootstrap(
        (SKEWED,),
        lambda x, axis=-1: statistic(x),
        n_resamples=20_000,
        confidence_level=confidence,
        method="BCa",
        rng=np.random.default_rng(1),
    )
    expected = theirs.confidence_interval
    ours = bca(SKEWED, statistic, confidence=confidence, replicates=20_000)
    width = expected.high - expected.low
    assert ours == pytest.approx((expected.low, expected.high), abs=0.06 * width)


def test_limits_of_a_variance_match_efron_and_tibshirani_1993_spatial_test_a():
    """Table 14.2 of An Introduction to the Bootstrap: (115.8, 259.6) at 90 %, n = 26."""
    scores = [48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6,
              0, 33, 28, 34, 4, 32, 24, 47, 41, 24, 26, 30, 41]  # fmt: skip
    assert variance(np.array(scores)) == pytest.approx(171.5, abs=0.05)
    low, high = bca(scores, variance, confidence=0.9, replicates=20_000)
    assert low == pytest.approx(115.8, abs=3)
    assert high == pytest.approx(259.6, abs=6)


def test_large_symmetric_samples_are_normal():
    sample = np.random.default_rng(3).normal(10, 2, size=2000)
    half = 1.959963984540054 * sample.std() / math.sqrt(2000)
    limits = (sample.mean() - half, sample.mean() + half)
    assert bca(sample, mean) == pytest.approx(limits, abs=0.15 * half)


# --- edges


@pytest.mark.parametrize("values", [[], [4.0], [3.0, 3.0, 3.0]])
def test_no_interval_without_spread(values):
    assert bca(values, mean) is None


def test_no_interval_of_a_constant():
    assert bca(SKEWED, lambda x: np.zeros(x.shape[:-1])) is None


def test_no_interval_where_undefined():
    assert bca(SKEWED, nowhere) is None
    assert bca([4.0, 0.0, 0.0], reciprocal) is None  # nothing is left without the 4


def test_undefined_resamples_are_left_out():
    low, high = bca([4.0, 2.0, 0.0, 0.0], reciprocal)
    assert 0.25 <= low <= 1 / 1.5 <= high <= 2


def test_estimate_at_the_edge_of_its_replicates():
    """No resample has a larger maximum, and none of a skewed sample a much larger one."""
    low, high = bca([1.0, 2.0, 4.0, 9.0], lambda x: x.max(axis=-1))
    assert 1 <= low < high == 9


@pytest.mark.parametrize("confidence", [0, 1, 95])
def test_impossible_confidence(confidence):
    with pytest.raises(ValueError, match="between 0 and 1"):
        bca(SKEWED, mean, confidence=confidence)


def test_memory_stays_small():
    """Two thousand resamples of two thousand values would be 32 MB of places alone."""
    sample = np.arange(2000.0) ** 3
    tracemalloc.start()
    bca(sample, mean)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 24e6


# --- laws


@laws
@given(samples, st.floats(0.5, 0.99))
def test_limits_hold_the_estimate_and_stay_in_the_sample(values, confidence):
    limits = bca(values, mean, confidence=confidence, replicates=100)
    rounding = 1e-9 * max(map(abs, values))
    if limits is None:
        assert max(values) - min(values) <= rounding
    else:
        low, high = limits
        assert min(values) - rounding <= low <= np.mean(values) <= high <= max(values) + rounding


@laws
@given(samples)
def test_the_seed_decides(values):
    first = bca(values, median, seed=5, replicates=100)
    assert bca(values, median, seed=5, replicates=100) == first


def test_another_seed_draws_others():
    assert bca(SKEWED, mean, seed=0) != bca(SKEWED, mean, seed=1)


def test_limits_move_with_the_data():
    """A linear change of the values moves the limits along, since the draws are the same."""
    low, high = bca(SKEWED, mean)
    assert bca(3 * SKEWED + 7, mean) == pytest.approx((3 * low + 7, 3 * high + 7), rel=1e-9)


def test_wider_at_a_higher_level():
    low, high = bca(SKEWED, mean, confidence=0.8)
    wide_low, wide_high = bca(SKEWED, mean, confidence=0.99)
    assert wide_low < low < high < wide_high
