"""How well a score ranks who has the event first."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from locoregional.errors import EvidenceError
from locoregional.evidence.survival.kaplan_meier import Estimate, normal_quantile
from locoregional.evidence.survival.risk_sets import codes, risk_sets

__all__ = ["concordance"]

_BLOCK = 512  # rows compared at once


def concordance(
    time: ArrayLike, event: ArrayLike, risk: ArrayLike, *, strata: ArrayLike | None = None, level: float = 0.95
) -> Estimate:
    """Share of comparable pairs in which the one with the higher risk score has the event first (Harrell's C).

    A pair is comparable if the earlier time is an event; a patient censored at the time of an event outlives it. Tied scores
    count one half. The standard error is the infinitesimal jackknife over patients.

    Parameters
    ----------
    time, event : array_like, shape (n,)
        As in :func:`locoregional.evidence.survival.kaplan_meier.kaplan_meier`.
    risk : array_like of float, shape (n,)
        Higher means earlier events, such as the linear predictor of a model.
    strata : array_like, shape (n,), optional
        Pairs are compared within these only.
    level : float
        Confidence level.

    Raises
    ------
    EvidenceError
        If no pair is comparable.
    """
    score = np.asarray(risk, dtype=float)
    _, stratum = codes(strata, n=score.size)
    t, e = np.asarray(time, dtype=float), np.asarray(event)
    right, pairs = np.zeros(score.size), np.zeros(score.size)
    for s in range(stratum.max() + 1):
        rows = np.flatnonzero(stratum == s)
        sets = risk_sets(t[rows], e[rows])
        rows, x = rows[sets.order], score[rows[sets.order]]
        for start in range(0, rows.size, _BLOCK):
            block = np.arange(start, min(start + _BLOCK, rows.size))
            block = block[sets.event[block]]
            later = sets.index[None, start:] > sets.index[block, None]
            later |= (sets.index[None, start:] == sets.index[block, None]) & ~sets.event[None, start:]
            won = later * (0.5 + 0.5 * np.sign(x[block, None] - x[None, start:]))
            for total, part in ((right, won), (pairs, later)):
                total[rows[block]] += part.sum(axis=1)
                total[rows[start:]] += part.sum(axis=0)
    if pairs.sum() == 0:
        raise EvidenceError("no pair of patients can be compared", where="time, event", remedy="Concordance needs events.")
    value = right.sum() / pairs.sum()
    sigma = float(np.sqrt(((right - value * pairs) ** 2).sum()) / (pairs.sum() / 2))
    z = normal_quantile(level)
    return Estimate(float(value), float(value) - z * sigma, float(value) + z * sigma, sigma)
