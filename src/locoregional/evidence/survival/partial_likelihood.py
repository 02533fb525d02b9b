"""Cox's partial likelihood of one stratum: value, slope, curvature and residuals, with tied events by Efron or Breslow.

Each event is a row of its own: it sees the sum over those at risk, less a share of the events tied with it (Efron: 0, 1/d,
2/d ...; Breslow: none). Sums over risk sets are running sums from the end; the curvature is one weighted product of the
variables, since the weight of a person in all risk sets together is a running sum too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.evidence.survival.risk_sets import RiskSets

__all__ = ["Stratum", "Sums", "score_residuals", "sums"]


@dataclass(frozen=True)
class Stratum:
    """People of one stratum, sorted by time.

    Attributes
    ----------
    x : ndarray of float64, shape (n, p)
        Variables.
    sets : RiskSets
        Times and who is at risk.
    efron : bool
        Tied events by Efron's approximation; else by Breslow's.
    """

    x: NDArray
    sets: RiskSets
    efron: bool

    @property
    def tied_share(self) -> NDArray:
        """Share of the events tied with it that each event no longer sees at risk, shape (m,)."""
        d = self.sets.events[self.sets.events > 0]
        rank = np.arange(d.sum()) - np.repeat(np.cumsum(d) - d, d)
        return rank / np.repeat(d, d) if self.efron else np.zeros(rank.size)


@dataclass(frozen=True)
class Sums:
    """Partial likelihood at some coefficients.

    Attributes
    ----------
    log_likelihood : float64
        Natural logarithm.
    slope : ndarray, shape (p,)
        Gradient.
    means : ndarray, shape (m, p)
        Mean of the variables over those at risk at each event.
    weights : ndarray, shape (n,)
        Relative hazard of each person.
    totals : ndarray, shape (m,)
        Its sum over those at risk at each event.
    """

    log_likelihood: np.float64
    slope: NDArray
    means: NDArray
    weights: NDArray
    totals: NDArray

    def curvature(self, stratum: Stratum, factors: NDArray | None = None) -> NDArray:
        """Information matrix, shape (p, p): the covariance at each event, summed with ``factors`` of shape (m,)."""
        g = np.ones(self.totals.size) if factors is None else factors
        seen = self.weights * _over_risk_sets(stratum, g / self.totals)
        return (stratum.x * seen[:, None]).T @ stratum.x - (self.means * g[:, None]).T @ self.means


def sums(stratum: Stratum, beta: NDArray) -> Sums:
    """Partial likelihood of a stratum at coefficients ``beta``, shape (p,)."""
    sets, x = stratum.sets, stratum.x
    eta = x @ beta
    shift = eta.max()
    w = np.exp(eta - shift)
    wx = w[:, None] * x
    first = np.searchsorted(sets.index, np.arange(sets.time.size))[sets.events > 0]
    d = sets.events[sets.events > 0]
    risk0 = np.cumsum(w[::-1])[::-1][first]
    risk1 = np.cumsum(wx[::-1], axis=0)[::-1][first]
    starts = np.cumsum(d) - d
    dead = sets.event
    tied0 = np.add.reduceat(w[dead], starts) if d.size else np.zeros(0)
    tied1 = np.add.reduceat(wx[dead], starts, axis=0) if d.size else np.zeros((0, x.shape[1]))
    f = stratum.tied_share
    totals = np.repeat(risk0, d) - f * np.repeat(tied0, d)
    means = (np.repeat(risk1, d, axis=0) - f[:, None] * np.repeat(tied1, d, axis=0)) / totals[:, None]
    value = (eta[dead] - shift).sum() - np.log(totals).sum()
    return Sums(value, x[dead].sum(axis=0) - means.sum(axis=0), means, w, totals)


def score_residuals(stratum: Stratum, at: Sums) -> NDArray:
    """What each person adds to the slope, shape (n, p), in sorted order."""
    per_event = at.means / at.totals[:, None]
    seen = at.weights * _over_risk_sets(stratum, 1.0 / at.totals)
    means = np.column_stack([_over_risk_sets(stratum, column) for column in per_event.T])
    residual = at.weights[:, None] * means - seen[:, None] * stratum.x
    dead, d = stratum.sets.event, stratum.sets.events[stratum.sets.events > 0]
    if d.size:
        tied = np.add.reduceat(at.means, np.cumsum(d) - d, axis=0) / d[:, None]
        residual[dead] += stratum.x[dead] - np.repeat(tied, d, axis=0)
    return residual


def _over_risk_sets(stratum: Stratum, values: NDArray) -> NDArray:
    """Sum of a value per event over the events that each person was at risk for, shape (n,).

    A person with an event of their own counts only in part for the events tied with it.
    """
    sets = stratum.sets
    time_of_event = np.repeat(np.arange(sets.time.size), sets.events)
    per_time = np.bincount(time_of_event, weights=values, minlength=sets.time.size)
    out = np.cumsum(per_time)[sets.index]
    lost = np.bincount(time_of_event, weights=values * stratum.tied_share, minlength=sets.time.size)
    return out - np.where(sets.event, lost[sets.index], 0.0)
