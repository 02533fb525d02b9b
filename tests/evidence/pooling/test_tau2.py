import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from locoregional.errors import EvidenceError
from locoregional.evidence.pooling import TAU2_METHODS, random_effects
from locoregional.evidence.pooling.contrasts import contrasts
from locoregional.evidence.pooling.tau2 import between_study_variance, solve_q

RANDOM = [m for m in TAU2_METHODS if m != "EE"]


def studies(seed, k=8, tau=0.5):
    rng = np.random.default_rng(seed)
    v = rng.uniform(0.01, 0.5, k)
    return rng.normal(0.3, np.sqrt(v + tau**2)), v


def deviance(tau2, y, v, restricted):
    w = 1 / (v + tau2)
    mean = w @ y / w.sum()
    return np.log(v + tau2).sum() + w @ (y - mean) ** 2 + (np.log(w.sum()) if restricted else 0.0)


@pytest.mark.parametrize(("method", "restricted"), [("REML", True), ("ML", False)])
@pytest.mark.parametrize("seed", range(40))
def test_likelihoods_are_maximised_everywhere(method, restricted, seed):
    y, v = studies(seed, k=3 + seed % 9, tau=0.1 * (seed % 8))
    tau2 = random_effects(y, v, method=method).tau2
    grid = np.concatenate([[0.0], np.geomspace(1e-6, 20, 4000)])
    lowest = min(deviance(t, y, v, restricted) for t in grid)
    assert deviance(tau2, y, v, restricted) <= lowest + 1e-12
    if tau2 > 0:
        near = minimize_scalar(
            deviance, bounds=(0.5 * tau2, 2 * tau2), args=(y, v, restricted), method="bounded", options={"xatol": 1e-12}
        )
        assert tau2 == pytest.approx(near.x, rel=1e-4)


def test_the_higher_of_two_peaks_is_found():
    y, v = np.array([0.0, 0.05, 3.0, -3.0, 0.02]), np.array([1e-5, 1e-5, 2.0, 2.0, 1e-5])
    tau2 = random_effects(y, v, method="ML").tau2
    grid = np.concatenate([[0.0], np.geomspace(1e-9, 50, 20000)])
    assert deviance(tau2, y, v, False) <= min(deviance(t, y, v, False) for t in grid) + 1e-12


@given(st.integers(0, 10_000), st.integers(2, 30))
@settings(max_examples=40, deadline=None)
def test_paule_mandel_makes_q_its_expectation(seed, k):
    y, v = studies(seed, k)
    tau2 = random_effects(y, v, method="PM").tau2
    q = float(contrasts(y, v).q_at(tau2))
    assert q == pytest.approx(k - 1, rel=1e-9) if tau2 > 0 else q <= k - 1


@given(st.integers(0, 10_000), st.integers(2, 12), st.sampled_from(RANDOM), st.floats(0.01, 100))
@settings(max_examples=60, deadline=None)
def test_units_and_order_do_not_matter(seed, k, method, unit):
    y, v = studies(seed, k)
    m = random_effects(y, v, method=method)
    order = np.random.default_rng(seed).permutation(k)
    moved = random_effects((unit * y + 7.0)[order], (unit**2 * v)[order], method=method)
    assert moved.tau2 == pytest.approx(unit**2 * m.tau2, rel=1e-7, abs=1e-12 * unit**2)
    assert moved.value == pytest.approx(unit * m.value + 7.0, rel=1e-8)
    assert moved.se == pytest.approx(unit * m.se, rel=1e-7)


@pytest.mark.parametrize("method", TAU2_METHODS)
def test_equal_effects_have_no_variance_between_them(method):
    assert random_effects([0.3] * 5, [0.1, 0.2, 0.05, 0.4, 0.3], method=method).tau2 == pytest.approx(0, abs=1e-15)


def test_equal_variances_make_all_but_three_agree():
    y, v = np.array([0.1, 0.9, 0.4, -0.7, 1.3]), np.full(5, 0.05)
    exact = y.var(ddof=1) - 0.05
    for method in ("REML", "DL", "HE", "PM", "EB"):
        assert random_effects(y, v, method=method).tau2 == pytest.approx(exact, rel=1e-9), method
    assert random_effects(y, v, method="ML").tau2 == pytest.approx(y.var() - 0.05, rel=1e-9)
    assert random_effects(y, v, method="HS").tau2 == pytest.approx(y.var() - 0.05, rel=1e-9)


def test_solving_for_q_has_no_ceiling():
    data = contrasts(np.array([0.0, 1.0]), np.array([0.1, 0.1]))
    tau2 = solve_q(data, 1e-6)
    assert float(data.q_at(tau2)) == pytest.approx(1e-6, rel=1e-12)
    assert tau2 > 1e5
    assert solve_q(data, 1e9) == 0.0


def test_unknown_estimators_are_named():
    with pytest.raises(EvidenceError, match="DLX") as caught:
        between_study_variance(contrasts(*studies(0)), "DLX")
    assert "REML" in str(caught.value)
