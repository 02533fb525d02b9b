import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit
from scipy.stats import binom, poisson

from locoregional.errors import EvidenceError
from locoregional.evidence.pooling import binomial_normal, poisson_normal, tau2_profile
from locoregional.evidence.pooling.mixed_likelihood import Counts, marginal

Z = np.linspace(-12, 12, 10_001)
DENSITY = np.exp(-(Z**2) / 2) / np.sqrt(2 * np.pi)


def dense(mu, tau, x, n, law=lambda x, n, eta: binom.pmf(x, n, expit(eta))):
    """Log-likelihood by brute force, with the law of the counts from scipy."""
    return sum(np.log(np.trapezoid(DENSITY * law(a, b, mu + tau * Z), Z)) for a, b in zip(x, n, strict=True))


SETS = [([0, 1, 30], [20, 30, 40]), ([0, 0, 5, 7], [10, 208, 40, 7]), ([27, 3, 23, 24], [208, 41, 40, 68]), ([1, 0], [9, 12])]


@pytest.mark.parametrize(("x", "n"), SETS)
@pytest.mark.parametrize(("mu", "tau"), [(-1, 0.2), (-2.0, 1.0), (-3.0, 3.0), (0.5, 5.0)])
def test_likelihood_is_that_of_brute_force(x, n, mu, tau):
    counts = Counts(np.array(x, float), np.array(n, float), np.zeros(len(x)))
    constant = sum(np.log(binom.pmf(a, b, 0.5)) + b * np.log(2) for a, b in zip(x, n, strict=True))
    height, slope, curvature = marginal(counts, np.array([mu, tau]))
    assert height + constant == pytest.approx(dense(mu, tau, x, n), abs=1e-7)
    step = 1e-4
    for i, shift in enumerate(np.eye(2) * step):
        up, down = marginal(counts, np.array([mu, tau]) + shift), marginal(counts, np.array([mu, tau]) - shift)
        assert slope[i] == pytest.approx((up[0] - down[0]) / (2 * step), rel=1e-4, abs=1e-5)
        assert curvature[i] == pytest.approx((up[1] - down[1]) / (2 * step), rel=1e-3, abs=1e-4)


@pytest.mark.parametrize(("x", "n"), SETS[:3])
def test_maximum_and_error_are_those_of_another_optimiser(x, n):
    fit = binomial_normal(x, n)
    other = minimize(lambda p: -dense(p[0], p[1], x, n), [fit.value + 0.1, fit.tau2**0.5 + 0.1], method="Nelder-Mead", tol=1e-9)
    assert fit.value == pytest.approx(other.x[0], abs=1e-4)
    assert fit.tau2**0.5 == pytest.approx(abs(other.x[1]), abs=1e-4)
    h, best = 1e-3, np.array([fit.value, fit.tau2**0.5])
    hessian = np.array(
        [
            [
                sum(s * t * -dense(*(best + h * s * np.eye(2)[i] + h * t * np.eye(2)[j]), x, n) for s in (-1, 1) for t in (-1, 1))
                / (4 * h * h)
                for j in range(2)
            ]
            for i in range(2)
        ]
    )
    assert fit.se == pytest.approx(np.linalg.inv(hessian)[0, 0] ** 0.5, rel=1e-4)


def test_homogeneous_studies_give_their_common_proportion():
    fit = binomial_normal([5, 10, 15], [20, 40, 60])
    assert (expit(fit.value), fit.tau2, fit.q) == pytest.approx((0.25, 0.0, 0.0), abs=1e-12)
    assert fit.se == pytest.approx((1 / 30 + 1 / 90) ** 0.5)
    assert tau2_profile(fit)[0] == 0.0


@given(st.lists(st.integers(5, 200), min_size=2, max_size=8), st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_order_and_complement_do_not_matter(totals, seed):
    rng = np.random.default_rng(seed)
    n = np.array(totals)
    x = rng.binomial(n, expit(rng.normal(-1, 0.8, len(n))))
    if x.sum() in (0, n.sum()):
        return
    fit, order = binomial_normal(x, n), rng.permutation(len(n))
    other = binomial_normal((n - x)[order], n[order])
    assert other.value == pytest.approx(-fit.value, abs=2e-6)
    assert other.tau2 == pytest.approx(fit.tau2, abs=1e-5)
    assert other.se == pytest.approx(fit.se, rel=1e-4)


def test_rare_events_need_no_patch():
    fit = binomial_normal([0, 0, 1, 2, 0], [30, 45, 60, 80, 25])
    assert 0.003 < expit(fit.value) < 0.03
    assert np.isfinite(fit.se)


def test_interval_of_tau2_is_where_the_likelihood_has_fallen():
    x, n = SETS[2]
    fit = binomial_normal(x, n)
    low, high = tau2_profile(fit)
    assert low < fit.tau2 < high
    for tau2 in (low, high):
        best = minimize(lambda m, t=tau2: -dense(m[0], t**0.5, x, n), [fit.value], method="Nelder-Mead", tol=1e-10)
        at_best = dense(fit.value, fit.tau2**0.5, x, n)
        assert at_best + best.fun == pytest.approx(1.920729, abs=1e-4)


def test_poisson_law_is_that_of_brute_force():
    x, t = [3, 0, 8], [1.3, 0.6, 1.9]
    counts = Counts(np.array(x, float), np.array(t), np.zeros(3), "poisson")
    rates = marginal(counts, np.array([0.4, 0.7]))[0]
    law = lambda x, t, eta: poisson.pmf(x, t * np.exp(eta))  # noqa: E731
    constant = sum(np.log(poisson.pmf(a, b)) - a * 0.0 + b for a, b in zip(x, t, strict=True))
    assert rates + constant == pytest.approx(dense(0.4, 0.7, x, t, law), abs=1e-7)
    assert poisson_normal([4, 8, 12], [1.0, 2.0, 3.0]).value == pytest.approx(np.log(4.0))


@pytest.mark.parametrize(
    ("x", "n", "words"),
    [
        ([0, 0], [10, 20], "no study saw an event"),
        ([10, 20], [10, 20], "nothing but events"),
        ([3], [10], "one study"),
        ([0, 20, 0, 30], [30, 20, 25, 30], "some studies saw none and others all"),
    ],
)
def test_likelihoods_without_a_maximum_are_refused(x, n, words):
    with pytest.raises(EvidenceError) as caught:
        binomial_normal(x, n)
    assert words in str(caught.value)


def test_impossible_exposures_are_refused():
    with pytest.raises(EvidenceError):
        poisson_normal([1, 2], [1.0, 0.0])
