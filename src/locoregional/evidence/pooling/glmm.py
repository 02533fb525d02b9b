"""Counts pooled without a normal approximation: the binomial-normal (and Poisson-normal) model by maximum likelihood."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import EvidenceError
from locoregional.evidence.pooling.effects import checked_counts
from locoregional.evidence.pooling.mixed_likelihood import Counts, marginal
from locoregional.evidence.pooling.quantiles import chi2_quantile, chi2_tail, quantile, two_sided_p

__all__ = ["GlmmMean", "binomial_normal", "poisson_normal", "tau2_profile"]

_STARTS = (0.3, 1.0, 2.5)
"""Standard deviations between studies from which the search starts; the highest peak counts."""
_STEPS = 200
_GAIN = 1e-9
"""Log-likelihood that a variance between studies must gain, or it is 0."""
_WIDEST = 12.0
"""A standard deviation of log odds beyond which the model only says that some studies saw none and others all."""


@dataclass(frozen=True)
class GlmmMean:
    """Mean log odds (or log rate) of the studies.

    Attributes
    ----------
    value, se, low, high, level : float
        Estimate, standard error by the observed information, and Wald's interval.
    statistic, p : float
        Wald's test against zero, and its p-value.
    tau2 : float
        Variance between studies.
    q, q_p : float
        Likelihood-ratio test of homogeneity.
    log_likelihood : float
        At its maximum, up to a constant of the counts.
    k : int
        Number of studies.
    counts : Counts
        As fitted.
    """

    value: float
    se: float
    low: float
    high: float
    level: float
    statistic: float
    p: float
    tau2: float
    q: float
    q_p: float
    log_likelihood: float
    k: int
    counts: Counts


def binomial_normal(events: ArrayLike, totals: ArrayLike, *, offsets: ArrayLike | None = None, level: float = 0.95) -> GlmmMean:
    """Mean log odds of single-arm series, with normal variation between them (stijnen2010).

    Parameters
    ----------
    events, totals : ArrayLike
        Counts, shape (k,).
    offsets : ArrayLike, optional
        Known part of the log odds. With ``log(t1 / t2)`` and the events of both arms as totals, the mean is a log ratio of rates.
    level : float
        Of the interval.

    Raises
    ------
    EvidenceError
        If the counts are impossible, if no study or every study saw nothing but events, or if no maximum exists.
    """
    x, n = checked_counts(events, totals)
    if x.sum() in (0.0, n.sum()):
        raise EvidenceError(
            "no study saw an event" if x.sum() == 0 else "every study saw nothing but events",
            where="GLMM",
            remedy="The likelihood has no maximum; give the exact interval of the summed counts instead.",
        )
    return _fit(Counts(x, n, _offsets(offsets, len(x))), level)


def poisson_normal(events: ArrayLike, exposures: ArrayLike, *, level: float = 0.95) -> GlmmMean:
    """Mean log rate of single-arm series, with normal variation between them (stijnen2010).

    Parameters
    ----------
    events, exposures : ArrayLike
        Counts, and time at risk in one unit, shape (k,).
    level : float
        Of the interval.

    Raises
    ------
    EvidenceError
        If a count or exposure is impossible, or no study saw an event.
    """
    x, t = np.asarray(events, float), np.asarray(exposures, float)
    if x.shape != t.shape or not np.isfinite(x.sum() + t.sum()) or (t <= 0).any() or (x < 0).any() or x.sum() == 0:
        raise EvidenceError("counts or exposures are impossible, or all counts are 0", where="GLMM", remedy="Correct them.")
    return _fit(Counts(x, t, np.zeros(len(x)), "poisson"), level)


def tau2_profile(fit: GlmmMean, *, level: float = 0.95) -> tuple[float, float]:
    """Interval of the variance between studies by the profile of the likelihood.

    Parameters
    ----------
    fit : GlmmMean
        As fitted.
    level : float
        Of the interval.
    """
    from scipy.optimize import brentq

    drop = 0.5 * chi2_quantile(level, 1)

    def excess(tau: float) -> float:
        return _best_mean(fit.counts, tau, fit.value)[1] - fit.log_likelihood + drop

    at = sqrt(fit.tau2)
    low = 0.0 if excess(0.0) >= 0.0 else brentq(excess, 0.0, at, xtol=1e-10)
    top = max(2.0 * at, 0.5)
    while excess(top) > 0.0 and top < _WIDEST:
        top *= 1.5
    high = brentq(excess, at, top, xtol=1e-10) if excess(top) <= 0.0 else np.inf
    return low**2, high**2


def _offsets(offsets: ArrayLike | None, k: int) -> NDArray[np.float64]:
    return np.zeros(k) if offsets is None else np.broadcast_to(np.asarray(offsets, float), (k,))


def _fit(counts: Counts, level: float) -> GlmmMean:
    if len(counts.x) < 2:
        raise EvidenceError("one study has nothing between studies", where="GLMM", remedy="Give its own exact interval.")
    start, common = _common_mean(counts)
    height, at = max((marginal(counts, end)[0], tuple(end)) for end in (_climb(counts, start, tau) for tau in _STARTS))
    mu, tau = float(at[0]), float(abs(at[1]))
    if common >= height - _GAIN:
        height, mu, tau = common, start, 0.0
    curvature = marginal(counts, np.array([mu, tau]))[2]
    variance = -1.0 / curvature[0, 0] if tau == 0.0 else np.linalg.inv(-curvature)[0, 0]
    if tau > _WIDEST or not variance > 0.0:
        raise EvidenceError(
            "the likelihood has no maximum: some studies saw none and others all",
            where="GLMM",
            remedy="Do not pool these studies; show them side by side.",
        )
    se, q, k = sqrt(variance), max(0.0, 2.0 * (_saturated(counts) - common)), len(counts.x)
    reach, statistic = quantile(level) * se, mu / se
    return GlmmMean(
        value=mu,
        se=se,
        low=mu - reach,
        high=mu + reach,
        level=level,
        statistic=statistic,
        p=two_sided_p(statistic),
        tau2=tau**2,
        q=q,
        q_p=chi2_tail(q, k - 1),
        log_likelihood=height,
        k=k,
        counts=counts,
    )


def _climb(counts: Counts, mu: float, tau: float) -> NDArray[np.float64]:
    """Newton's method up the likelihood in (mu, tau), damped where a step would lead down."""
    at, damping = np.array([mu, tau]), 0.0
    height, slope, curvature = marginal(counts, at)
    for _ in range(_STEPS):
        if abs(at[1]) > _WIDEST:
            return at
        lift = damping + max(0.0, 1e-3 - float(np.linalg.eigvalsh(-curvature)[0]))
        step = np.linalg.solve(-curvature + lift * np.eye(2), slope)
        if slope @ step < 1e-18 * max(1.0, abs(height)):
            return at
        step /= max(1.0, float(np.abs(step).max()))
        new = marginal(counts, at + step)
        if new[0] >= height - 1e-12 * abs(height):
            at, damping = at + step, 0.1 * damping if damping > 1e-6 else 0.0
            height, slope, curvature = new
        else:
            damping = max(10.0 * damping, 1e-3)
    raise EvidenceError("the likelihood did not reach its maximum", where="GLMM", remedy="Pool by REML instead.")


def _common_mean(counts: Counts) -> tuple[float, float]:
    """Mean log odds under a common effect, and its log-likelihood."""
    share = counts.x.sum() / counts.n.sum()
    return _best_mean(counts, 0.0, float(np.log(share / (1.0 if counts.family == "poisson" else 1.0 - share))))


def _best_mean(counts: Counts, tau: float, start: float) -> tuple[float, float]:
    """Best mu at one tau, by Newton's method with steps of at most 1, and the log-likelihood there."""
    mu = start
    for _ in range(_STEPS):
        height, slope, curvature = marginal(counts, np.array([mu, tau]))
        bend = -curvature[0, 0]
        step = float(np.clip(slope[0] / bend if bend > 0.0 else np.sign(slope[0]), -1.0, 1.0))
        mu += step
        if abs(step) < 1e-10:
            return mu, height
    raise EvidenceError("the mean did not converge", where="GLMM", remedy="Pool by REML instead.")


def _saturated(counts: Counts) -> float:
    """Log-likelihood with a mean of its own for every study."""
    from scipy.special import xlogy

    x, n = counts.x, counts.n
    if counts.family == "poisson":
        return float((xlogy(x, x / n) - x).sum())
    return float((xlogy(x, x / n) + xlogy(n - x, 1.0 - x / n)).sum())
