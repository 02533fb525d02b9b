"""Who is at risk when: censored times sorted, checked and grouped into distinct times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import EvidenceError

__all__ = ["RiskSets", "codes", "risk_sets"]

_TIED = 1.5e-8  # times closer than this share of the mean time are one time: days divided by 30.4 may differ in the last bit


@dataclass(frozen=True)
class RiskSets:
    """Observations sorted by time, and the counts at each distinct time.

    Attributes
    ----------
    order : ndarray of int, shape (n,)
        Positions of the sorted observations in the input.
    time : ndarray of float64, shape (k,)
        Distinct times, increasing, censored ones included.
    index : ndarray of int, shape (n,)
        Which distinct time each sorted observation has.
    event : ndarray of bool, shape (n,)
        Whether each sorted observation is an event.
    at_risk, events, censored : ndarray of int, shape (k,)
        Observations with this time or later; events and censorings at this time.
    """

    order: NDArray
    time: NDArray
    index: NDArray
    event: NDArray
    at_risk: NDArray
    events: NDArray
    censored: NDArray


def risk_sets(time: ArrayLike, event: ArrayLike) -> RiskSets:
    """Sort observations and count who is at risk.

    Parameters
    ----------
    time : array_like of float, shape (n,)
        Time to the event or to the end of observation, any unit, not negative.
    event : array_like of bool or of 0 and 1, shape (n,)
        Whether the event happened.

    Returns
    -------
    RiskSets
        Times that differ by rounding only count as tied.

    Raises
    ------
    EvidenceError
        If there is no observation, or one is negative, missing, or neither an event nor censored.
    """
    t, e = np.asarray(time, dtype=float), np.asarray(event)
    if t.ndim != 1 or t.shape != e.shape or t.size == 0:
        remedy = "Give one time and one event mark for each patient."
        raise EvidenceError(
            f"{t.size} times and {e.size} event marks do not make a survival table", where="time, event", remedy=remedy
        )
    bad = ~(np.isfinite(t) & (t >= 0))
    if bad.any():
        row = int(np.argmax(bad))
        raise EvidenceError(
            f"a time is {t[row]:g}", where=f"observation {row + 1}", remedy="Times are 0 or more; leave out who has none."
        )
    odd = ~np.isin(e, (0, 1))
    if odd.any():
        row = int(np.argmax(odd))
        raise EvidenceError(
            f"an event mark is {e[row]}", where=f"observation {row + 1}", remedy="Use 1 for an event, 0 for censored."
        )
    order = np.argsort(t, kind="stable")
    t, happened = t[order], e[order].astype(bool)
    new = np.r_[True, np.diff(t) > _TIED * t.mean()]
    index = np.cumsum(new) - 1
    events = np.bincount(index, weights=happened).astype(np.int64)
    everyone = np.bincount(index)
    at_risk = t.size - np.r_[0, np.cumsum(everyone)[:-1]]
    return RiskSets(order, t[new], index, happened, at_risk, events, everyone - events)


def codes(values: ArrayLike | None, *, n: int) -> tuple[NDArray, NDArray]:
    """Distinct values of a grouping, and which of them each of ``n`` observations has; one group if there is no grouping.

    Raises
    ------
    EvidenceError
        If there are more or fewer values than observations.
    """
    if values is None:
        return np.array(["all"]), np.zeros(n, dtype=np.int64)
    given = np.asarray(values)
    if given.shape != (n,):
        raise EvidenceError(
            f"{given.size} group labels for {n} observations", where="groups", remedy="Give one label per patient."
        )
    names, index = np.unique(given, return_inverse=True)
    return names, index
