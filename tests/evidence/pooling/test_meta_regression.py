import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locoregional.errors import EvidenceError
from locoregional.evidence.pooling import TAU2_METHODS, meta_regression, random_effects

RNG = np.random.default_rng(8)
X = RNG.normal(size=(12, 2))
V = RNG.uniform(0.02, 0.3, 12)
Y = 0.4 + X @ [0.7, -0.2] + RNG.normal(0, np.sqrt(V + 0.05))


@pytest.mark.parametrize("method", TAU2_METHODS)
def test_equal_variances_and_hartung_knapp_make_it_ordinary_least_squares(method):
    if method == "EE":
        return
    fit = meta_regression(Y, np.full(12, 0.02), X, method=method)
    design = np.column_stack([np.ones(12), X])
    beta, rest, _, _ = np.linalg.lstsq(design, Y, rcond=None)
    errors = np.sqrt(np.diag(np.linalg.inv(design.T @ design)) * rest[0] / 9)
    assert [c.value for c in fit.coefficients] == pytest.approx(beta)
    assert [c.se for c in fit.coefficients] == pytest.approx(errors)
    total = ((Y - Y.mean()) ** 2).sum()
    assert fit.moderators == pytest.approx((total - rest[0]) / 2 / (rest[0] / 9))
    assert fit.degrees == (2, 9)


def test_without_moderators_that_matter_it_is_the_pool():
    fit = meta_regression(Y, V, np.ones(12), intercept=False, test="z")
    m = random_effects(Y, V, test="z")
    assert (fit.coefficients[0].value, fit.coefficients[0].se, fit.tau2) == pytest.approx((m.value, m.se, m.tau2))
    assert fit.r2_percent is None


def test_groups_are_pooled_apart_under_one_tau2():
    group = np.array([0] * 5 + [1] * 7)
    fit = meta_regression(Y, V, np.column_stack([group == 0, group == 1]), intercept=False, test="z")
    for g in (0, 1):
        own = random_effects(Y[group == g], V[group == g], tau2=fit.tau2, test="z")
        assert fit.coefficients[g].value == pytest.approx(own.value)


@given(st.integers(0, 1000), st.floats(0.1, 50), st.floats(-5, 5))
@settings(max_examples=30, deadline=None)
def test_scale_and_origin_of_a_moderator_do_not_matter(seed, unit, shift):
    order = np.random.default_rng(seed).permutation(12)
    fit, other = meta_regression(Y, V, X[:, 0]), meta_regression(Y[order], V[order], (unit * X[:, 0] + shift)[order])
    assert other.coefficients[1].value * unit == pytest.approx(fit.coefficients[1].value, rel=1e-6)
    assert other.tau2 == pytest.approx(fit.tau2, abs=1e-9)
    assert other.moderators_p == pytest.approx(fit.moderators_p, rel=1e-5, abs=1e-12)
    assert other.predict(unit * 0.3 + shift) == pytest.approx(fit.predict(0.3), rel=1e-6)


def test_a_moderator_that_explains_everything_leaves_nothing():
    fit = meta_regression(2.0 * X[:, 0], V, X[:, 0], test="z")
    assert fit.tau2 == 0.0
    assert fit.r2_percent == pytest.approx(100.0)
    assert fit.q == pytest.approx(0.0, abs=1e-20)


@pytest.mark.parametrize(
    ("x", "names", "words"),
    [
        (np.column_stack([X[:, 0], 2 * X[:, 0]]), (), "repeat each other"),
        (np.ones(12), (), "do not vary"),
        (X[:11], (), "do not describe 12 studies"),
        (np.where(np.arange(12) == 3, np.nan, X[:, 0]), (), "missing"),
        (X, ("only one",), "1 names for 2"),
        (RNG.normal(size=(12, 12)), (), "cannot carry 13 coefficients"),
    ],
)
def test_designs_that_cannot_be_fitted_are_refused(x, names, words):
    with pytest.raises(EvidenceError) as caught:
        meta_regression(Y, V, x, names=names)
    assert words in str(caught.value)
