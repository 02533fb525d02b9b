"""Quantiles of a stepped survival curve."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["quantile_time"]

_SAME = 1.5e-8  # a curve this close to the level stands on it


def quantile_time(time: NDArray, survival: NDArray, *, fraction: float = 0.5) -> float:
    """First time at which the share event-free is down to ``1 - fraction``.

    Where the curve rests exactly on that level, the middle between the step onto it and the step off it, as is usual for a
    median. A curve that ends on the level gives the step onto it.

    Parameters
    ----------
    time : ndarray of float, shape (k,)
        Times of the steps, increasing.
    survival : ndarray of float, shape (k,)
        Share event-free from each time on, or a confidence limit of it; NaN where there is none.
    fraction : float
        Share of patients with the event: 0.5 for the median, 0.25 for the first quartile.

    Returns
    -------
    float
        In the unit of ``time``; NaN if the level is not reached.
    """
    level = 1.0 - fraction
    with np.errstate(invalid="ignore"):
        below = np.flatnonzero(survival < level + _SAME)
    if below.size == 0:
        return float("nan")
    first = below[0]
    if abs(survival[first] - level) < _SAME:
        off = below[survival[below] < survival[first] - _SAME]
        if off.size:
            return 0.5 * float(time[first] + time[off[0]])
    return float(time[first])
