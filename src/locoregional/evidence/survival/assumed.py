"""Numbers at risk where a figure prints none: an assumption, stated as such, not a reading.

Patients of a trial enter over time and are all followed to one closing date, so that nobody is censored early and then evenly
to the end of the curve. Without more knowledge the first quarter is free of censoring. With a known number of events the
start of censoring is moved until the events come out right; where even censoring from the start leaves too many events, it
is crowded towards the start.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from locoregional.evidence.survival.curve_input import Digitised, NumbersAtRisk
from locoregional.evidence.survival.guyot import IndividualTimes, individual_times

__all__ = ["FREE_OF_CENSORING", "times_without_numbers_at_risk"]

FREE_OF_CENSORING = 0.25
"""Share of the follow-up before the first censoring, where nothing else is known; the best of five tried on the same trials."""

_COUNTS = 20  # assumed numbers at risk along the curve
_CROWDED = -5.0  # strongest crowding of censoring tried
_HALVINGS = 20


def times_without_numbers_at_risk(curve: Digitised, total: int, *, events: int | None = None) -> IndividualTimes:
    """Rebuild individual times from a curve and the number of patients alone.

    Parameters
    ----------
    curve : Digitised
        Checked points of the figure.
    total : int
        Patients at time 0.
    events : int, optional
        Events in all, if printed.

    Returns
    -------
    IndividualTimes
        Under the assumption that the module states.
    """
    if events is None:
        return individual_times(curve, _numbers(curve, total, FREE_OF_CENSORING))
    low, high = _CROWDED, 1.0
    best, apart = individual_times(curve, _numbers(curve, total, high)), np.inf
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        found = individual_times(curve, _numbers(curve, total, middle))
        short = events - int(found.event.sum())
        if abs(short) < apart:
            best, apart = found, abs(short)
        if short == 0:
            break
        low, high = (middle, high) if short > 0 else (low, middle)
    return best


def _numbers(curve: Digitised, total: int, late: float) -> NumbersAtRisk:
    """Numbers at risk if censoring starts at a share of the follow-up; below 0 it is the more crowded towards the start."""
    t = np.linspace(0.0, float(curve.time_months[-1]), _COUNTS + 1)[:-1]
    u = t / float(curve.time_months[-1])
    crowded, even = (1.0 - u) ** (1.0 + max(-late, 0.0)), np.clip((1.0 - u) / max(1.0 - late, 1e-9), 0.0, 1.0)
    followed = crowded if late < 0 else even
    return NumbersAtRisk(t, _whole(total, _level(curve, t) * followed))


def _level(curve: Digitised, t: NDArray) -> NDArray:
    """Survival just before times of the numbers at risk."""
    if curve.samples:
        return np.interp(t, curve.time_months, curve.survival)
    return curve.survival[np.maximum(np.searchsorted(curve.time_months, t, side="left") - 1, 0)]


def _whole(total: int, share: NDArray) -> NDArray:
    """Whole patients, never rising, never none while the curve goes on."""
    counts = np.maximum(np.round(total * share).astype(np.int64), 1)
    counts[0] = total
    return np.minimum.accumulate(counts)
