"""Likelihood of counts whose log odds (or log rates) vary normally between studies, by adaptive quadrature.

Each study's integral is taken around the peak of its own integrand, out to where that has fallen by ``exp(-40)``, with the
trapezoidal rule: for a smooth integrand that vanishes at both ends its error falls exponentially. Fixed nodes would miss a
sharp likelihood altogether; Gauss-Hermite nodes around the peak lose digits where a series saw no event and the studies
differ much. Slopes and curvatures are expectations under the same nodes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import EvidenceError

__all__ = ["Counts", "Family", "marginal"]

Array = NDArray[np.float64]
Family = Literal["binomial", "poisson"]

_NODES = np.linspace(0.0, 1.0, 257)
_DROP = 40.0
"""Fall of a log integrand at which its tail is left out."""
_REACH = np.sqrt(2.0 * _DROP)
"""No integrand reaches further: the normal density alone has fallen that much."""
_DECADES = np.linspace(0.0, 1.0, 13)
_STEPS = 200
_LONGEST_STEP = 2.0


@dataclass(frozen=True)
class Counts:
    """Counts of studies.

    Attributes
    ----------
    x : NDArray
        Events, shape (k,).
    n : NDArray
        Denominators (``binomial``) or exposures (``poisson``), shape (k,).
    offset : NDArray
        Known part of the log odds or log rate, shape (k,).
    family : str
        ``binomial`` or ``poisson``.
    """

    x: Array
    n: Array
    offset: Array
    family: Family = "binomial"

    def means(self, eta: Array) -> tuple[Array, Array, Array]:
        """Cumulant, mean and variance of the counts at log odds (rates), shape (k, m)."""
        n = self.n[:, None]
        if self.family == "poisson":
            rate = n * np.exp(eta)
            return rate, rate, rate
        p = 1.0 / (1.0 + np.exp(-eta))
        return n * np.logaddexp(0.0, eta), n * p, n * p * (1.0 - p)

    def own(self) -> tuple[Array, Array]:
        """Log odds (rate) of each study by itself, offset included, and the information in it; half an event added."""
        if self.family == "poisson":
            return np.log((self.x + 0.5) / self.n), self.x + 0.5
        none = self.n - self.x + 0.5
        return np.log((self.x + 0.5) / none), (self.x + 0.5) * none / (self.n + 1.0)


def marginal(counts: Counts, at: Array) -> tuple[float, Array, Array]:
    """Log-likelihood, its slope in (mu, tau) and its curvature, up to a constant of the counts.

    Parameters
    ----------
    counts : Counts
        Of the studies.
    at : NDArray
        Mean and standard deviation (mu, tau) of the studies' log odds (log rates); the sign of tau has no meaning.

    Raises
    ------
    EvidenceError
        If the peak of an integrand is not found.
    """
    mu, tau = at
    low, high = _ends(counts, mu, tau)
    z = low + (high - low) * _NODES
    cumulant, mean, variance = counts.means(mu + tau * z + counts.offset[:, None])
    x = counts.x[:, None]
    terms = x * (mu + tau * z + counts.offset[:, None]) - cumulant - 0.5 * z**2
    top = terms.max(1, keepdims=True)
    shares = np.exp(terms - top)
    sums = shares.sum(1, keepdims=True)
    shares /= sums
    height = float((np.log(sums * (high - low) * _NODES[1]) + top - 0.5 * np.log(2.0 * np.pi)).sum())
    residual = x - mean
    slopes = np.stack([residual, residual * z])  # of each node, in mu and in tau
    each = (shares * slopes).sum(2)
    curvature = np.empty((2, 2))
    for i in range(2):
        for j in range(2):
            second = -variance * z ** (i + j) + slopes[i] * slopes[j]
            curvature[i, j] = ((shares * second).sum(1) - each[i] * each[j]).sum()
    return height, each.sum(1), curvature


def _ends(counts: Counts, mu: float, tau: float) -> tuple[Array, Array]:
    """Where each integrand has fallen by ``exp(-40)`` on either side, shape (k, 1)."""
    peak, width = _peaks(counts, mu, tau)
    away = _REACH * width[:, None] ** _DECADES[::-1]  # from the width of the peak out to that of the normal density
    z = peak[:, None] + np.concatenate([-away[:, ::-1], np.zeros((len(peak), 1)), away], axis=1)
    eta = mu + tau * z + counts.offset[:, None]
    fallen = counts.x[:, None] * eta - counts.means(eta)[0] - 0.5 * z**2
    middle = away.shape[1]
    fallen = fallen[:, middle, None] - fallen > _DROP
    fallen[:, [0, -1]] = True
    rows = np.arange(len(peak))
    right = middle + 1 + fallen[:, middle + 1 :].argmax(1)
    left = middle - 1 - fallen[:, :middle][:, ::-1].argmax(1)
    return z[rows, left, None], z[rows, right, None]


def _peaks(counts: Counts, mu: float, tau: float) -> tuple[Array, Array]:
    """Where each integrand peaks, and the width of a normal of the same curvature there.

    Newton's method from the peak that a normal approximation of the study would have, changing the log odds by at most
    ``_LONGEST_STEP`` at a time, over which a logistic curve bends little.
    """
    own, information = counts.own()
    pull = tau * information * (own - counts.offset - mu)
    z = pull / (tau * tau * information + 1.0)
    longest = _LONGEST_STEP / (abs(tau) + 0.1)
    for _ in range(_STEPS):
        _, mean, variance = (part[:, 0] for part in counts.means((mu + tau * z + counts.offset)[:, None]))
        curvature = tau * tau * variance + 1.0
        step = np.clip((tau * (counts.x - mean) - z) / curvature, -longest, longest)
        z = z + step
        if np.abs(step).max() < 1e-10:
            return z, 1.0 / np.sqrt(curvature)
    raise EvidenceError("the likelihood of a study has no peak", where="GLMM", remedy="Check the counts.")
