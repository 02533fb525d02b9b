"""Cumulative incidence where events compete: local progression when patients also die."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import EvidenceError
from locoregional.evidence.survival.kaplan_meier import Estimate, normal_quantile
from locoregional.evidence.survival.risk_sets import codes, risk_sets

__all__ = ["CumulativeIncidence", "aalen_johansen"]


@dataclass(frozen=True)
class CumulativeIncidence:
    """Share of patients who had each kind of event first, over time.

    Attributes
    ----------
    time : ndarray of float64, shape (k,)
        Distinct times, in the unit given.
    at_risk : ndarray of int, shape (k,)
        Patients without any event just before.
    events : ndarray of int, shape (k, c)
        Events by time and kind.
    incidence, se, low, high : ndarray of float64, shape (k, c)
        Cumulative incidence of each kind; standard error by infinitesimal jackknife; limits symmetric on the log scale (NaN
        while there is no event of that kind).
    level : float
        Confidence level.
    """

    time: NDArray
    at_risk: NDArray
    events: NDArray
    incidence: NDArray
    se: NDArray
    low: NDArray
    high: NDArray
    level: float

    def at(self, t: float, *, cause: int) -> Estimate:
        """Cumulative incidence of a kind of event (1, 2 ...) by a time; NaN beyond the end unless nobody was left."""
        k = int(np.searchsorted(self.time, t, side="right")) - 1
        if t > self.time[-1] and self.incidence[-1].sum() < 1 - 1e-12:
            return Estimate(float("nan"), float("nan"), float("nan"))
        if k < 0:
            return Estimate(0.0, float("nan"), float("nan"))
        value, low, high, se = (float(a[k, cause - 1]) for a in (self.incidence, self.low, self.high, self.se))
        return Estimate(value, low, high, se)


def aalen_johansen(
    time: ArrayLike, cause: ArrayLike, *, cluster: ArrayLike | None = None, level: float = 0.95
) -> CumulativeIncidence:
    """Aalen-Johansen estimate (key aalenjohansen1978) of the cumulative incidence of competing events.

    Parameters
    ----------
    time : array_like of float, shape (n,)
        Time to the first event or to the end of observation.
    cause : array_like of int, shape (n,)
        0 censored; 1, 2 ... the kind of the first event.
    cluster : array_like, shape (n,), optional
        Who belongs together, such as lesions of one patient: the standard error then counts patients, not lesions.
    level : float
        Confidence level.

    Returns
    -------
    CumulativeIncidence
        At each distinct time.

    Raises
    ------
    EvidenceError
        If a cause is not a whole number from 0 on, or there is no event.
    """
    kind = np.asarray(cause)
    whole = kind.astype(np.int64) if np.isfinite(np.asarray(kind, dtype=float)).all() else np.full(kind.shape, -1)
    if whole.size == 0 or (whole != kind).any() or whole.min() < 0 or whole.max() < 1:
        remedy = "Use 0 for censored, and 1, 2 ... for the kinds of event."
        raise EvidenceError(
            "kinds of event are not whole numbers from 0 on with an event among them", where="cause", remedy=remedy
        )
    sets = risk_sets(time, whole > 0)
    mine = whole[sets.order]
    k, causes, n = sets.time.size, int(whole.max()), mine.size
    events = np.zeros((k, causes), dtype=np.int64)
    np.add.at(events, (sets.index[mine > 0], mine[mine > 0] - 1), 1)
    y = sets.at_risk.astype(float)
    hazard = events / y[:, None]
    after = np.cumprod(1.0 - sets.events / y)
    before = np.r_[1.0, after[:-1]]
    incidence = np.cumsum(before[:, None] * hazard, axis=0)
    groups = codes(cluster, n=n)[1][sets.order] if cluster is not None else None
    se = np.column_stack(
        [_jackknife(sets.index, mine, c, y, hazard, before, after, incidence[:, c], groups) for c in range(causes)]
    )
    z = normal_quantile(level)
    with np.errstate(divide="ignore", invalid="ignore"):
        width = np.exp(z * se / incidence)
        low, high = incidence / width, np.minimum(incidence * width, 1.0)
    return CumulativeIncidence(sets.time, sets.at_risk, events, incidence, se, low, high, level)


def _jackknife(
    index: NDArray,
    cause: NDArray,
    c: int,
    y: NDArray,
    hazard: NDArray,
    before: NDArray,
    after: NDArray,
    incidence: NDArray,
    groups: NDArray | None,
) -> NDArray:
    """Standard error of the incidence of cause ``c`` at each time, from how it changes with the weight of each person.

    While at risk everyone has the same influence. After leaving at time T a person's influence on survival only shrinks with
    survival, so that on the incidence it is ``a + b * incidence`` with two numbers fixed on leaving.
    """
    own, every = hazard[:, c], hazard.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        lost = np.where(every < 1, every / (y * (1 - every)), 0.0)
    on_survival_before = before * np.r_[0.0, np.cumsum(lost)[:-1]]
    staying = np.cumsum(on_survival_before * own - before * own / y)  # of those still at risk, on the incidence
    leaving_survival = (on_survival_before * (1 - every) + before * every / y)[index] - np.where(
        cause > 0, (before / y)[index], 0.0
    )
    leaving = staying[index] + np.where(cause == c + 1, (before / y)[index], 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        b = np.where(after[index] > 0, leaving_survival / after[index], 0.0)
    a = leaving - b * incidence[index]
    variance = np.empty(y.size)
    for k in range(y.size):
        influence = np.where(index <= k, a + b * incidence[k], staying[k])
        together = influence if groups is None else np.bincount(groups, weights=influence)
        variance[k] = together @ together
    return np.sqrt(variance)
