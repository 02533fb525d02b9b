"""A survival curve ready to be drawn or compared."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.typing import NDArray

__all__ = ["SurvivalCurve"]


@dataclass(frozen=True)
class SurvivalCurve:
    """Steps of a survival curve of one group.

    Attributes
    ----------
    name : str
        Name of the group, as the legend shows it.
    time_months : ndarray of float64, shape (n,)
        Times of the steps [months], increasing, the first 0. The curve keeps each value until the next time.
    survival : ndarray of float64, shape (n,)
        Share event-free from each time on, 0..1, the first 1.
    low, high : ndarray of float64, shape (n,)
        Pointwise confidence limits, 0..1; NaN where there is none.
    at_risk_times_months : ndarray of float64, shape (m,)
        Times of the numbers at risk [months]; empty if none are to be shown.
    at_risk : ndarray of int64, shape (m,)
        Patients at risk just before each of these times.
    """

    name: str
    time_months: NDArray
    survival: NDArray
    low: NDArray
    high: NDArray
    at_risk_times_months: NDArray
    at_risk: NDArray
