import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from locoregional.errors import EvidenceError
from locoregional.evidence.pooling import q_profile, random_effects, tau2_error
from locoregional.evidence.pooling.quantiles import chi2_quantile, chi2_tail, f_tail, quantile, two_sided_p

Y = np.array([0.1, 0.9, 0.4, -0.7, 1.3])


def test_equal_variances_make_hartung_and_knapp_the_t_test_of_the_effects():
    m = random_effects(Y, np.full(5, 0.05))
    test = stats.ttest_1samp(Y, 0.0)
    low, high = test.confidence_interval()
    assert (m.statistic, m.p, m.low, m.high) == pytest.approx((test.statistic, test.pvalue, low, high), rel=1e-10)


def test_a_common_effect_is_the_weighted_mean_tested_by_z():
    v = np.array([0.1, 0.2, 0.3, 0.4, 0.5])
    m = random_effects(Y, v, method="EE", test="hk")
    assert m.value == pytest.approx(np.average(Y, weights=1 / v))
    assert (m.test, m.degrees, m.ratio) == ("z", None, None)
    assert m.q == pytest.approx(((Y - m.value) ** 2 / v).sum())
    assert m.i2_percent == pytest.approx(max(0, 100 * (m.q - 4) / m.q))


def test_hartung_and_knapp_narrow_the_interval_of_studies_that_agree_and_the_floor_stops_it():
    y, v = np.array([0.50, 0.51, 0.49, 0.505, 0.495]), np.full(5, 0.04)
    hk, floor, z = random_effects(y, v), random_effects(y, v, floor=True), random_effects(y, v, test="z")
    assert hk.ratio < 1
    assert hk.high - hk.low < z.high - z.low < floor.high - floor.low
    assert floor.se == pytest.approx(z.se)


def test_identical_studies_are_survived():
    m = random_effects([0.2] * 4, [0.1] * 4)
    assert (m.se, m.low, m.high, m.q) == pytest.approx((0, 0.2, 0.2, 0), abs=1e-12)
    assert m.p == pytest.approx(0.0, abs=1e-12)


def test_quantiles_are_those_of_scipy():
    assert quantile(0.9) == pytest.approx(stats.norm.ppf(0.95))
    assert quantile(0.99, 3) == pytest.approx(stats.t.ppf(0.995, 3))
    assert two_sided_p(-2.1, 4) == pytest.approx(2 * stats.t.sf(2.1, 4))
    assert chi2_quantile(0.025, 7) == pytest.approx(stats.chi2.ppf(0.025, 7))
    assert chi2_tail(3.0, 2) == pytest.approx(stats.chi2.sf(3.0, 2))
    assert f_tail(3.0, 2, 9) == pytest.approx(stats.f.sf(3.0, 2, 9))
    for level in (0.0, 1.0, 95.0):
        with pytest.raises(EvidenceError, match="level"):
            quantile(level)


@given(st.integers(0, 5000), st.integers(2, 15), st.sampled_from([0.5, 0.8, 0.95, 0.99]))
@settings(max_examples=50, deadline=None)
def test_q_profile_ends_where_q_is_improbable(seed, k, level):
    rng = np.random.default_rng(seed)
    v = rng.uniform(0.02, 0.3, k)
    m = random_effects(rng.normal(0, np.sqrt(v + 0.3)), v)
    s = q_profile(m.data, level=level)
    assert 0 <= s.low <= s.high
    for tau2, tail in ((s.low, 0.5 - 0.5 * level), (s.high, 0.5 + 0.5 * level)):
        if tau2 > 0:
            assert stats.chi2.sf(float(m.data.q_at(tau2)), k - 1) == pytest.approx(tail, rel=1e-8)


def test_q_profile_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(3)
    v, tau2, covered = rng.uniform(0.02, 0.3, 8), 0.2, 0
    for _ in range(400):
        s = q_profile(random_effects(rng.normal(0, np.sqrt(v + tau2)), v, method="DL").data)
        covered += s.low <= tau2 <= s.high
    assert 0.92 < covered / 400 < 0.98


def test_hartung_and_knapp_cover_the_truth_where_wald_does_not():
    rng = np.random.default_rng(5)
    v, covered = rng.uniform(0.02, 0.3, 5), {"hk": 0, "z": 0}
    for _ in range(1500):
        y = rng.normal(1.0, np.sqrt(v + 0.2))
        for test in covered:
            m = random_effects(y, v, test=test)
            covered[test] += m.low <= 1.0 <= m.high
    assert covered["hk"] / 1500 > 0.925
    assert covered["z"] / 1500 < 0.90


@pytest.mark.parametrize("method", ["REML", "ML"])
def test_error_of_tau2_is_the_curvature_of_the_likelihood_on_average(method):
    rng = np.random.default_rng(1)
    v = rng.uniform(0.02, 0.3, 40)
    found = [random_effects(rng.normal(0, np.sqrt(v + 0.5)), v, method=method) for _ in range(300)]
    spread = np.std([m.tau2 for m in found])
    assert np.mean([tau2_error(m.data, m.tau2, method=method) for m in found]) == pytest.approx(spread, rel=0.12)


@pytest.mark.parametrize(
    ("y", "v", "words"),
    [
        ([], [], "do not pair"),
        ([1.0, 2.0], [0.1], "do not pair"),
        ([1.0, np.nan], [0.1, 0.1], "study 2"),
        ([1.0, 2.0], [0.1, 0.0], "study 2"),
        ([1.0, 2.0], [0.1, -1.0], "study 2"),
        ([1.0, 2.0], [1e-12, 1e3], "units"),
        ([1.0], [0.1], "1 studies cannot carry"),
    ],
)
def test_impossible_effects_are_refused(y, v, words):
    with pytest.raises(EvidenceError) as caught:
        random_effects(y, v)
    assert words in str(caught.value)


def test_unknown_tests_are_refused():
    with pytest.raises(EvidenceError, match="lr"):
        random_effects(Y, np.ones(5), test="lr")
    with pytest.raises(EvidenceError, match="no standard error"):
        tau2_error(random_effects(Y, np.ones(5)).data, 0.1, method="EE")
