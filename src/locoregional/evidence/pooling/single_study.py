"""Intervals of one proportion, without a model between studies."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.evidence.pooling.effects import checked_counts
from locoregional.evidence.pooling.quantiles import quantile

__all__ = ["clopper_pearson", "wilson"]


def clopper_pearson(events: ArrayLike, totals: ArrayLike, *, level: float = 0.95) -> NDArray[np.float64]:
    """Exact intervals: low and high ends, shape (2, k) (clopper1934).

    Parameters
    ----------
    events, totals : ArrayLike
        Counts, shape (k,).
    level : float
        Of the intervals, which cover at least that often.

    Raises
    ------
    EvidenceError
        If the counts are impossible.
    """
    from scipy.special import betaincinv

    x, n = checked_counts(events, totals)
    quantile(level)  # an impossible level is refused there
    half = 0.5 * (1.0 - level)
    none, everyone = x == 0, x == n
    low = np.where(none, 0.0, betaincinv(np.where(none, 1.0, x), n - x + 1.0, half))
    high = np.where(everyone, 1.0, betaincinv(x + 1.0, np.where(everyone, 1.0, n - x), 1.0 - half))
    return np.stack([low, high])


def wilson(events: ArrayLike, totals: ArrayLike, *, level: float = 0.95) -> NDArray[np.float64]:
    """Score intervals: low and high ends, shape (2, k) (wilson1927).

    Parameters
    ----------
    events, totals : ArrayLike
        Counts, shape (k,).
    level : float
        Of the intervals.

    Raises
    ------
    EvidenceError
        If the counts are impossible.
    """
    x, n = checked_counts(events, totals)
    z = quantile(level)
    middle = (x + 0.5 * z * z) / (n + z * z)
    reach = z / (n + z * z) * np.sqrt(x * (n - x) / n + 0.25 * z * z)
    return np.clip(np.stack([middle - reach, middle + reach]), 0.0, 1.0)
