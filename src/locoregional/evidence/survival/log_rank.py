"""Do survival curves differ: the log-rank test and its weighted relatives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import EvidenceError
from locoregional.evidence.survival.chi_square import ChiSquare, quadratic
from locoregional.evidence.survival.risk_sets import codes, risk_sets

__all__ = ["LogRank", "log_rank"]


@dataclass(frozen=True)
class LogRank:
    """Events seen and expected in each group.

    Attributes
    ----------
    groups : tuple of str
        Names, in the order of the arrays.
    n : ndarray of int, shape (g,)
        Patients.
    observed, expected : ndarray of float64, shape (g,)
        Events, weighted if the test is, and those expected if the groups did not differ.
    test : ChiSquare
        Of the hypothesis that they do not.
    """

    groups: tuple[str, ...]
    n: NDArray
    observed: NDArray
    expected: NDArray
    test: ChiSquare


def log_rank(
    time: ArrayLike, event: ArrayLike, group: ArrayLike, *, strata: ArrayLike | None = None, exponent: float = 0.0
) -> LogRank:
    """Log-rank test (key mantel1966), or the G-rho family (key harringtonfleming1982).

    Parameters
    ----------
    time, event : array_like, shape (n,)
        As in :func:`locoregional.evidence.survival.kaplan_meier.kaplan_meier`.
    group : array_like, shape (n,)
        Group of each patient, two or more.
    strata : array_like, shape (n,), optional
        Patients are compared within these only.
    exponent : float
        Events weigh the pooled survival just before them, to this power: 0 log-rank, 1 Peto and Peto's test.

    Returns
    -------
    LogRank
        Groups in sorted order.

    Raises
    ------
    EvidenceError
        If there is only one group, or nothing to compare.
    """
    t, e = np.asarray(time, dtype=float), np.asarray(event)
    names, which = codes(group, n=t.size)
    _, stratum = codes(strata, n=t.size)
    g = names.size
    if g < 2:
        raise EvidenceError("there is only one group", where="group", remedy="Compare two groups or more.")
    observed, expected, v = np.zeros(g), np.zeros(g), np.zeros((g, g))
    for s in range(stratum.max() + 1):
        inside = stratum == s
        sets = risk_sets(t[inside], e[inside])
        k = sets.time.size
        member = which[inside][sets.order]
        there = np.zeros((k, g))
        np.add.at(there, (sets.index, member), 1.0)
        risk = np.cumsum(there[::-1], axis=0)[::-1]  # at risk by time and group
        had = np.zeros((k, g))
        np.add.at(had, (sets.index[sets.event], member[sets.event]), 1.0)
        n, d = sets.at_risk.astype(float), sets.events.astype(float)
        before = np.r_[1.0, np.cumprod(1.0 - d / n)[:-1]]
        w = before**exponent
        share = risk / n[:, None]
        observed += w @ had
        expected += (w * d) @ share
        with np.errstate(divide="ignore", invalid="ignore"):
            spread = np.where(n > 1, w**2 * d * (n - d) / (n - 1), 0.0)
        v += np.diag(spread @ share) - (share * spread[:, None]).T @ share
    compared = expected > 0  # a group that nobody was in at any event says nothing
    if np.count_nonzero(compared) < 2:
        raise EvidenceError(
            "no event happened while two groups were at risk", where="event", remedy="The groups cannot be compared."
        )
    kept = np.flatnonzero(compared)[:-1]
    test = quadratic((observed - expected)[kept], v[np.ix_(kept, kept)])
    return LogRank(tuple(str(x) for x in names), np.bincount(which), observed, expected, test)
