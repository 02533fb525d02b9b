import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from locoregional.errors import EvidenceError
from locoregional.evidence.pooling import (
    change_of_scores,
    pool_changes,
    pool_changes_by_correlation,
    sd_of_change,
    sd_of_interval,
    sd_of_p,
    sd_of_quartiles,
    sd_of_se,
)


@given(st.integers(5, 200), st.floats(0.2, 5), st.floats(0.3, 6))
def test_every_way_to_state_a_standard_deviation_gives_it_back(n, sd, change):
    se = sd / np.sqrt(n)
    reach = stats.t.ppf(0.975, n - 1) * se
    p = 2 * stats.t.sf(change / se, n - 1)
    assert sd_of_se(se, n) == pytest.approx(sd)
    assert sd_of_interval(change - reach, change + reach, n) == pytest.approx(sd)
    if p > 1e-12:
        assert sd_of_p(-change, p, n) == pytest.approx(sd, rel=1e-4)


def test_quartiles_of_a_normal_sample_give_about_its_standard_deviation():
    sample = np.random.default_rng(0).normal(3, 1.7, 4001)
    low, high = np.quantile(sample, [0.25, 0.75])
    assert sd_of_quartiles(low, high, 4001) == pytest.approx(sample.std(), rel=0.03)


@given(st.floats(0.1, 4), st.floats(0.1, 4), st.floats(-0.95, 0.95))
def test_the_change_of_correlated_scores(a, b, r):
    covariance = np.array([[a * a, r * a * b], [r * a * b, b * b]])
    assert sd_of_change(a, b, correlation=r) == pytest.approx(np.sqrt(np.array([-1, 1]) @ covariance @ [-1, 1]), abs=1e-9)


def test_a_correlation_has_no_default_and_is_said():
    with pytest.raises(TypeError):
        change_of_scores([8.0], [1.1], [4.9], [1.6])
    with pytest.raises(EvidenceError, match="between -1 and 1"):
        change_of_scores([8.0], [1.1], [4.9], [1.6], correlation=1.2)
    found = pool_changes_by_correlation(
        [8.19, 8.0, 7.5], [1.1, 1.3, 1.0], [3.02, 2.9, 3.4], [1.9, 1.5, 1.7], [65, 26, 40], correlations=(0.2, 0.5, 0.8)
    )
    assert ["0.2" in found[0].warnings[0], "0.8" in found[2].warnings[0]] == [True, True]
    assert all(-5.5 < each.estimate < -4.0 for each in found)
    errors = [s.high - s.low for each in found for s in each.studies[:1]]
    assert errors == sorted(errors, reverse=True)


def test_means_are_pooled_in_points():
    pooled = pool_changes([-3.0, -3.5], [1.5, 2.0], [30, 40], method="EE")
    w = np.array([30 / 1.5**2, 40 / 2.0**2])
    assert pooled.estimate == pytest.approx(np.average([-3.0, -3.5], weights=w))
    assert pooled.n_total == 70
    assert pool_changes([-3.0], [1.5], [30]).ci_low == pytest.approx(-3.0 - stats.t.ppf(0.975, 29) * 1.5 / np.sqrt(30))


@pytest.mark.parametrize(("mean", "sd", "n"), [(np.nan, 1, 10), (1, 0, 10), (1, -1, 10), (1, 1, 1), (1, 1, 2.5), (1, np.nan, 9)])
def test_impossible_changes_are_refused(mean, sd, n):
    with pytest.raises(EvidenceError, match="study 1"):
        pool_changes([mean], [sd], [n])


def test_there_is_no_glmm_for_means():
    with pytest.raises(EvidenceError, match="binomial"):
        pool_changes([1.0, 2.0], [1.0, 1.0], [10, 10], method="glmm")
