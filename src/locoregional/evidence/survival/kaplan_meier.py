"""The Kaplan-Meier curve with its intervals, median, and restricted mean."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import EvidenceError
from locoregional.evidence.survival.quantiles import quantile_time
from locoregional.evidence.survival.risk_sets import risk_sets

__all__ = ["INTERVALS", "Estimate", "KaplanMeier", "kaplan_meier", "normal_quantile"]

INTERVALS = ("log", "log-log", "plain")
"""Scales on which an interval of the survival is symmetric."""


@dataclass(frozen=True)
class Estimate:
    """A number read from a curve, with its uncertainty.

    Attributes
    ----------
    value : float
        The number; NaN if the curve does not give it.
    low, high : float
        Confidence limits; NaN where there is none.
    sigma : float
        Standard error; NaN where there is none.
    """

    value: float
    low: float
    high: float
    sigma: float = float("nan")


@dataclass(frozen=True)
class KaplanMeier:
    """Share event-free over time.

    Attributes
    ----------
    time : ndarray of float64, shape (k,)
        Distinct times, in the unit given, censored ones included.
    at_risk, events, censored : ndarray of int, shape (k,)
        Counts at each time.
    survival : ndarray of float64, shape (k,)
        Share event-free from each time on.
    se : ndarray of float64, shape (k,)
        Standard error by Greenwood's formula; NaN once nobody is left.
    low, high : ndarray of float64, shape (k,)
        Pointwise limits; NaN before the first event and once nobody is left, where the formula gives none.
    level : float
        Confidence level.
    interval : str
        One of ``INTERVALS``.
    """

    time: NDArray
    at_risk: NDArray
    events: NDArray
    censored: NDArray
    survival: NDArray
    se: NDArray
    low: NDArray
    high: NDArray
    level: float
    interval: str

    @property
    def n(self) -> int:
        """Patients in all."""
        return int(self.at_risk[0])

    def at(self, t: float) -> Estimate:
        """Survival at a time; NaN beyond the last observation unless nobody was left.

        Parameters
        ----------
        t : float
            Time, in the unit of the curve.
        """
        k = int(np.searchsorted(self.time, t, side="right")) - 1
        if t > self.time[-1] and self.survival[-1] > 0:
            return Estimate(float("nan"), float("nan"), float("nan"))
        if k < 0:
            return Estimate(1.0, float("nan"), float("nan"))
        return Estimate(float(self.survival[k]), float(self.low[k]), float(self.high[k]), float(self.se[k]))

    def quantile(self, fraction: float = 0.5) -> Estimate:
        """Time by which a share of the patients had the event; the limits are where the limits of the curve cross.

        Parameters
        ----------
        fraction : float
            0.5 for the median.
        """
        value, low, high = (quantile_time(self.time, s, fraction=fraction) for s in (self.survival, self.low, self.high))
        return Estimate(value, low, high)

    def restricted_mean(self, *, stop: float, extend: bool = False) -> Estimate:
        """Mean time event-free up to ``stop``: the area under the curve.

        Parameters
        ----------
        stop : float
            End of the time counted, in the unit of the curve.
        extend : bool
            Whether a curve that ends before, with patients still event-free, goes on level; R does so for the shorter of two
            curves, and overstates their mean.

        Raises
        ------
        EvidenceError
            If the curve ends before and may not go on.
        """
        if not 0 < stop < np.inf or (stop > self.time[-1] and self.survival[-1] > 0 and not extend):
            remedy = f"Choose an end above 0 and at most {self.time[-1]:g}."
            raise EvidenceError(f"the curve says nothing of a mean up to {stop:g}", where="stop", remedy=remedy)
        inside = (self.events > 0) & (self.time < stop)
        edges = np.r_[0.0, self.time[inside], stop]
        areas = np.diff(edges) * np.r_[1.0, self.survival[inside]]
        left = np.cumsum(areas[::-1])[::-1][1:]  # area after each event
        d, n = self.events[inside], self.at_risk[inside]
        with np.errstate(divide="ignore", invalid="ignore"):
            variance = np.where(left > 0, left**2 * d / (n * (n - d)), 0.0).sum()
        mean, sigma = float(areas.sum()), float(np.sqrt(variance))
        z = normal_quantile(self.level)
        return Estimate(mean, mean - z * sigma, mean + z * sigma, sigma)


def normal_quantile(level: float) -> float:
    """Half width of a two-sided interval of this level, in standard errors."""
    from scipy.special import ndtri

    if not 0 < level < 1:
        raise EvidenceError(f"a confidence level of {level:g} is none", where="level", remedy="Use 0.95 for 95 %.")
    return float(ndtri(0.5 + level / 2))


def kaplan_meier(time: ArrayLike, event: ArrayLike, *, interval: str = "log-log", level: float = 0.95) -> KaplanMeier:
    """Kaplan-Meier estimate (key kaplanmeier1958) with intervals from Greenwood's variance.

    Parameters
    ----------
    time : array_like of float, shape (n,)
        Time to the event or to the end of observation, any unit.
    event : array_like of bool or of 0 and 1, shape (n,)
        Whether the event happened.
    interval : str
        ``log-log`` stays within 0..1; ``log`` is the default of R's survfit (cut at 1); ``plain`` is cut at 0 and 1.
    level : float
        Confidence level.

    Returns
    -------
    KaplanMeier
        At each distinct time.

    Raises
    ------
    EvidenceError
        If the table is none, or the interval is unknown.
    """
    if interval not in INTERVALS:
        raise EvidenceError(f"no interval called {interval!r}", where="interval", remedy=f"Use one of {', '.join(INTERVALS)}.")
    sets = risk_sets(time, event)
    n, d = sets.at_risk.astype(float), sets.events
    survival = np.cumprod(1.0 - d / n)
    z = normal_quantile(level)
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.sqrt(np.cumsum(d / (n * (n - d))))  # standard error of log survival
        relative[(survival <= 0) | (relative == 0)] = np.nan
        if interval == "log":
            low, high = survival * np.exp(-z * relative), survival * np.exp(z * relative)
        elif interval == "log-log":
            log = np.log(survival)
            low, high = np.exp(log * np.exp(-z * relative / log)), np.exp(log * np.exp(z * relative / log))
        else:
            low, high = survival * (1 - z * relative), survival * (1 + z * relative)
        se = np.where(survival == 1.0, 0.0, survival * relative)
    limits = np.clip(low, 0.0, 1.0), np.clip(high, 0.0, 1.0)
    return KaplanMeier(sets.time, sets.at_risk, d, sets.censored, survival, se, *limits, level, interval)
