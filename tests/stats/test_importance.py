"""Importance of drivers: numbers from outside, then laws."""

import json
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import sqrtm

from cxkit.stats.importance import _with_noise as with_noise
from cxkit.stats.importance import bootstrap, halo, lmg, regression, relative_weights
from cxkit.stats.moments import associations, correlations, of_blocks, of_patterns, pooled

ORACLES = Path(__file__).parents[1] / "oracles"
ORACLE = json.loads((ORACLES / "drivers.json").read_text(encoding="utf-8"))

cases = pytest.mark.parametrize("case", ORACLE["cases"], ids=lambda case: case["name"])
laws = settings(deadline=None, max_examples=30)
seeds = st.integers(0, 2**32 - 1)


def near(expected):
    return pytest.approx(np.asarray(expected), rel=1e-9, abs=1e-9)


def table(case):
    """Drivers, then the outcome."""
    return np.column_stack([case["data"][name] for name in (*case["drivers"], case["outcome"])])


def parts_of(rows, counts=None, weights=None):
    return of_patterns(rows, np.ones(len(rows)) if counts is None else counts, weights)


def links(rows, counts=None, weights=None):
    """r_xx and r_xy."""
    return associations(pooled(parts_of(rows, counts, weights)))[:2]


def survey(seed, n=60, p=4):
    """Correlated ratings 1–5 and an outcome 0–10 that follows some of them."""
    rng = np.random.default_rng(seed)
    common = rng.normal(size=(n, 1))
    x = np.clip(np.rint(3 + 0.7 * common + rng.normal(size=(n, p))), 1, 5)
    y = 6 + (x - 3) @ np.arange(1, p + 1) / p**1.5 + rng.normal(size=n)
    return np.column_stack([x, np.clip(np.rint(y), 0, 10)])


def r_squared(x, y):
    """By least squares on the rows."""
    x = np.column_stack([np.ones(len(x)), x])
    residual = y - x @ np.linalg.lstsq(x, y)[0]
    return 1 - residual @ residual / ((y - y.mean()) @ (y - y.mean()))


# --- numbers from outside


@cases
def test_relative_weights_match_r_package_rwa_0_1_0(case):
    found = relative_weights(*links(table(case)))
    assert found.weights == near(case["relative_weights"])
    assert found.r2 == near(case["r2"])
    assert found.collinear == ()


@cases
def test_lmg_matches_r_package_relaimpo_2_2_7(case):
    assert lmg(*links(table(case))) == near(case["lmg"])


@cases
def test_betas_and_vif_match_lm_of_r_4_2_2(case):
    found = regression(*links(table(case)))
    assert found.betas == near(case["beta"])
    assert found.vif == near(case["vif"])
    assert found.r2 == near(case["r2"])


def test_lmg_of_swiss_as_printed_by_groemping_2006():
    found = lmg(*links(table(ORACLE["cases"][0])))
    assert found.round(4).tolist() == [0.0571, 0.1712, 0.2601, 0.1056, 0.1128]


def test_weighted_swiss_matches_r_4_2_2_and_relaimpo():
    expected = ORACLE["weighted_swiss"]
    r = links(table(ORACLE["cases"][0]), weights=expected["weights"])
    assert relative_weights(*r).weights == near(expected["relative_weights"])
    assert lmg(*r) == near(expected["lmg"])
    assert regression(*r).r2 == near(expected["r2"])


@laws
@given(seeds)
def test_lmg_is_the_mean_over_all_orders(seed):
    rows = survey(seed, p=4)
    x, y = rows[:, :-1], rows[:, -1]
    gains = np.zeros(4)
    for order in permutations(range(4)):
        for place, driver in enumerate(order):
            before = r_squared(x[:, order[:place]], y)
            gains[driver] += r_squared(x[:, order[: place + 1]], y) - before
    assert lmg(*links(rows)) == near(gains / 24)


@laws
@given(seeds)
def test_relative_weights_by_the_matrix_root_of_scipy(seed):
    r_xx, r_xy = links(survey(seed))
    root = sqrtm(r_xx).real
    expected = root**2 @ np.linalg.solve(root, r_xy) ** 2
    assert relative_weights(r_xx, r_xy).weights == near(expected)


# --- laws


@laws
@given(seeds)
def test_weights_and_lmg_sum_to_r_squared(seed):
    rows = survey(seed)
    r = links(rows)
    expected = r_squared(rows[:, :-1], rows[:, -1])
    found = relative_weights(*r)
    assert [found.r2, found.weights.sum(), lmg(*r).sum()] == near([expected] * 3)
    assert (found.weights >= 0).all()


@laws
@given(seeds)
def test_two_drivers_have_the_same_relative_weights_and_lmg(seed):
    r = links(survey(seed, p=2))
    assert relative_weights(*r).weights == near(lmg(*r))


@laws
@given(seeds)
def test_independent_drivers_have_their_squared_correlations(seed):
    r_xy = np.random.default_rng(seed).uniform(-0.4, 0.4, 5)
    for found in (relative_weights(np.eye(5), r_xy).weights, lmg(np.eye(5), r_xy)):
        assert found == near(r_xy**2)


@laws
@given(seeds, st.permutations(range(4)))
def test_permuting_drivers_permutes_the_results(seed, order):
    rows = survey(seed)
    r, turned = links(rows), links(rows[:, [*order, 4]])
    assert relative_weights(*turned).weights == near(relative_weights(*r).weights[order])
    assert lmg(*turned) == near(lmg(*r)[order])
    assert regression(*turned).vif == near(regression(*r).vif[order])


@laws
@given(seeds, st.floats(0.01, 100), st.floats(-50, 50))
def test_another_scale_of_a_rating_changes_nothing(seed, unit, zero):
    rows = survey(seed)
    moved = rows.copy()
    moved[:, 1] = zero - unit * rows[:, 1]
    assert relative_weights(*links(moved)).weights == near(relative_weights(*links(rows)).weights)
    assert lmg(*links(moved)) == near(lmg(*links(rows)))


@laws
@given(seeds, st.integers(2, 9))
def test_counting_everyone_twice_changes_nothing(seed, times):
    rows = survey(seed)
    found = links(rows, counts=np.full(len(rows), times))
    assert relative_weights(*found).weights == near(relative_weights(*links(rows)).weights)


def test_one_driver_has_its_squared_correlation():
    r_xx, r_xy = links(survey(1, p=1))
    found = relative_weights(r_xx, r_xy)
    assert found.weights == near(r_xy**2)
    assert lmg(r_xx, r_xy) == near(r_xy**2)
    assert regression(r_xx, r_xy).vif.tolist() == [1.0]
    assert halo(r_xx) is None


def test_halo_is_the_mean_correlation():
    assert halo([[1, 0.2, 0.3], [0.2, 1, 0.7], [0.3, 0.7, 1]]) == near(0.4)


# --- collinear drivers


def test_a_sum_of_others_is_found_and_named():
    rows = survey(3)
    x = np.column_stack([rows[:, 0], rows[:, 1], rows[:, 0] + rows[:, 1], rows[:, 3]])
    r = links(np.column_stack([x, rows[:, -1]]))
    found, fit = relative_weights(*r), regression(*r)
    assert found.collinear == (0, 1, 2)
    expected = r_squared(x, rows[:, -1])
    assert [found.r2, lmg(*r).sum(), fit.r2] == near([expected] * 3)
    assert np.isinf(fit.vif[:3]).all()
    assert fit.vif[3] == near(1 / (1 - r_squared(x[:, :2], x[:, 3])))


def test_twins_share_alike():
    rows = survey(4)
    twins = links(np.column_stack([rows[:, 0], rows[:, 0], rows[:, 2:]]))
    for found in (relative_weights(*twins).weights, lmg(*twins)):
        assert found[0] == near(found[1])
        assert found[0] > 0


def test_lmg_takes_twenty_drivers():
    r = links(survey(5, n=200, p=20))
    found = lmg(*r)
    assert found.sum() == near(regression(*r).r2)
    assert (found > 0).all()


def test_lmg_refuses_more_than_twenty_drivers():
    with pytest.raises(ValueError, match="at most 20 drivers, got 21"):
        lmg(np.eye(21), np.zeros(21))


# --- bootstrap


def test_limits_agree_with_resampling_rows():
    """An independent bootstrap, of rows and by another matrix root: to Monte Carlo error."""
    rows = table(ORACLE["cases"][3])
    rng = np.random.default_rng(9)
    draws = []
    for _ in range(4000):
        r = np.corrcoef(rows[rng.integers(len(rows), size=len(rows))].T)
        root = np.linalg.svd(r[:-1, :-1])
        root = root[0] * np.sqrt(root[1]) @ root[2]
        draws.append(root**2 @ np.linalg.solve(root, r[:-1, -1]) ** 2)
    patterns, counts = np.unique(rows, axis=0, return_counts=True)
    found = bootstrap(of_patterns(patterns, counts), replicates=4000)
    low, high = np.quantile(draws, [0.025, 0.975], axis=0)
    assert found.low == pytest.approx(low, abs=0.003)
    assert found.high == pytest.approx(high, abs=0.006)


def test_noise_is_distributed_like_noise_in_the_rows():
    """The correlations drawn from moments against those of simulated columns of noise."""
    rows = survey(6, n=12, p=3)
    rng = np.random.default_rng(2)
    r = correlations(pooled(parts_of(rows)))
    drawn = with_noise(np.broadcast_to(r, (20_000, 4, 4)), np.full(20_000, 12.0), rng)
    assert drawn[:, 1:, 1:].tolist() == np.broadcast_to(r, (20_000, 4, 4)).tolist()
    z = rng.normal(size=(20_000, 12))
    z -= z.mean(axis=1, keepdims=True)
    x = rows - rows.mean(axis=0)
    simulated = z @ x / np.linalg.norm(x, axis=0) / np.linalg.norm(z, axis=1)[:, None]
    assert drawn[:, 0, 1:].mean(axis=0) == pytest.approx(np.zeros(4), abs=0.01)
    assert np.cov(drawn[:, 0, 1:].T) == pytest.approx(np.cov(simulated.T), abs=0.003)
    fourth = (drawn[:, 0, 1:] ** 4).mean(axis=0)
    assert fourth == pytest.approx((simulated**4).mean(axis=0), rel=0.1)


@pytest.mark.parametrize("n", [2, 3, 4])
def test_noise_of_few_answers_is_still_a_correlation(n):
    rows = survey(6, n=8, p=3)[[0, 3, 5, 7]][:n]
    r = correlations(pooled(parts_of(rows)))
    drawn = with_noise(r[None].repeat(50, axis=0), np.full(50, n), np.random.default_rng(0))
    assert np.linalg.eigvalsh(drawn).min() > -1e-9
    assert abs(drawn).max() <= 1 + 1e-9


def test_what_drives_matters_and_noise_seldom_does():
    """Errors of the first kind stay below the nominal 2.5 %, with some room for 100 surveys."""
    wrong = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        x = rng.integers(1, 6, (150, 2)).astype(float)
        y = x[:, 0] + rng.normal(size=150) * 1.5
        found = bootstrap(parts_of(np.column_stack([x, y])), replicates=200)
        assert found.matters[0]
        wrong += bool(found.matters[1])
    assert wrong <= 5


def test_blocks_of_one_row_are_rows():
    rows = survey(7)
    blocks = of_blocks([pooled(parts_of(row[None])) for row in rows])
    found, expected = bootstrap(blocks, 50), bootstrap(parts_of(rows), 50)
    assert found.low == near(expected.low)
    assert found.high == near(expected.high)
    assert found.matters.tolist() == expected.matters.tolist()


def test_blocks_give_about_the_limits_of_rows():
    rows = survey(8, n=2000)
    blocks = of_blocks([pooled(parts_of(rows[start::200])) for start in range(200)])
    found, expected = bootstrap(blocks), bootstrap(parts_of(rows))
    assert found.low == pytest.approx(expected.low, abs=0.01)
    assert found.high == pytest.approx(expected.high, abs=0.01)


def test_limits_hold_the_weights_of_strong_drivers():
    for case in ORACLE["cases"][:3]:
        found = bootstrap(parts_of(table(case)))
        assert (found.low <= case["relative_weights"]).all()
        assert (found.high >= case["relative_weights"]).all()


def test_limits_close_in_on_more_answers_and_less_confidence():
    rows = survey(10)
    one, many = (bootstrap(parts_of(rows, np.full(60, times)), 300) for times in (1, 16))
    assert (many.high - many.low < (one.high - one.low) / 2).all()
    eighty = bootstrap(parts_of(rows), 300, confidence=0.8)
    assert (eighty.low > one.low).all()
    assert (eighty.high < one.high).all()


def test_the_unit_of_weights_does_not_matter():
    rows = survey(11)
    weights = np.random.default_rng(1).uniform(0.5, 2, 60)
    one, other = (bootstrap(parts_of(rows, None, w), 100) for w in (weights, 40 * weights))
    assert other.low == near(one.low)
    assert other.matters.tolist() == one.matters.tolist()


def test_same_seed_same_limits():
    parts = parts_of(survey(12))
    assert bootstrap(parts, 50, seed=3).low.tolist() == bootstrap(parts, 50, seed=3).low.tolist()
    assert bootstrap(parts, 50, seed=3).low.tolist() != bootstrap(parts, 50, seed=4).low.tolist()


def test_a_constant_driver_has_nothing():
    rows = survey(13)
    rows[:, 1] = 4
    found = bootstrap(parts_of(rows), 100)
    assert (found.low[1], found.high[1], found.matters[1]) == (0, 0, False)
    without = bootstrap(parts_of(rows[:, [0, 2, 3, 4]]), 100)
    assert found.low[[0, 2, 3]] == near(without.low)
    assert found.matters[[0, 2, 3]].tolist() == without.matters.tolist()


def test_replicates_in_which_a_column_is_constant_do_no_harm():
    found = bootstrap(parts_of([[1, 2], [1, 2], [2, 9]]), 200)
    assert found.low.tolist() == [0.0]
    assert found.high == near([1.0])


def test_a_constant_outcome_is_refused():
    with pytest.raises(ValueError, match="outcome is the same"):
        bootstrap(parts_of([[1, 2], [3, 2]]))


@pytest.mark.parametrize("confidence", [0, 1, 95])
def test_impossible_confidence_is_refused(confidence):
    with pytest.raises(ValueError, match="confidence"):
        bootstrap(parts_of([[1, 2], [3, 4]]), confidence=confidence)
