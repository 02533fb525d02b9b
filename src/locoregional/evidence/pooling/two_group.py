"""Comparisons of two arms on the scale of an analysis: ratios of risks, odds and rates, differences, and hazard ratios.

Half an event is added to all four cells of a study in which one of them is empty, and nowhere else, as metafor does.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import EvidenceError
from locoregional.evidence.pooling.effects import checked_counts
from locoregional.evidence.pooling.quantiles import quantile

__all__ = [
    "TABLE_MEASURES",
    "log_ratio_of_interval",
    "mean_difference",
    "rate_effects",
    "rate_ratio",
    "standardised_difference",
    "table_effects",
]

TABLE_MEASURES = ("log risk ratio", "log odds ratio", "risk difference")
"""Comparisons of two proportions."""

Array = NDArray[np.float64]


def table_effects(
    events: ArrayLike, totals: ArrayLike, events_control: ArrayLike, totals_control: ArrayLike, *, measure: str
) -> tuple[Array, Array]:
    """Comparisons of two proportions, and their variances.

    Parameters
    ----------
    events, totals, events_control, totals_control : ArrayLike
        Counts of both arms, shape (k,).
    measure : str
        One of ``TABLE_MEASURES``.

    Returns
    -------
    y, v : NDArray
        Shape (k,).

    Raises
    ------
    EvidenceError
        If the counts are impossible or the measure is unknown.
    """
    a, n1 = checked_counts(events, totals)
    c, n2 = checked_counts(events_control, totals_control)
    if measure not in TABLE_MEASURES:
        raise EvidenceError(f"no measure is called {measure!r}", where="measure", remedy=f"Choose {', '.join(TABLE_MEASURES)}.")
    b, d = n1 - a, n2 - c
    half = np.where((a == 0) | (b == 0) | (c == 0) | (d == 0), 0.5, 0.0)
    a, b, c, d = a + half, b + half, c + half, d + half
    n1, n2 = a + b, c + d
    if measure == "log risk ratio":
        return np.log(a / n1) - np.log(c / n2), 1.0 / a - 1.0 / n1 + 1.0 / c - 1.0 / n2
    if measure == "log odds ratio":
        return np.log(a * d / (b * c)), 1.0 / a + 1.0 / b + 1.0 / c + 1.0 / d
    return a / n1 - c / n2, a * b / n1**3 + c * d / n2**3


def rate_effects(events: ArrayLike, exposures: ArrayLike) -> tuple[Array, Array]:
    """Log rates of single arms per unit of exposure, and their variances; half an event is added where there was none."""
    x, t = np.asarray(events, float), np.asarray(exposures, float)
    if x.shape != t.shape or not np.isfinite(x.sum() + t.sum()) or (t <= 0).any() or (x < 0).any():
        raise EvidenceError("a count or an exposure is impossible", where="rates", remedy="Correct it.")
    x = np.where(x == 0, 0.5, x)
    return np.log(x / t), 1.0 / x


def rate_ratio(
    events: ArrayLike, exposures: ArrayLike, events_control: ArrayLike, exposures_control: ArrayLike
) -> tuple[Array, Array]:
    """Log ratios of two rates, and their variances; half an event is added to both arms where one of them saw none."""
    x1, x2 = np.asarray(events, float), np.asarray(events_control, float)
    half = np.where((x1 == 0) | (x2 == 0), 0.5, 0.0)
    (y1, v1), (y2, v2) = rate_effects(x1 + half, exposures), rate_effects(x2 + half, exposures_control)
    return y1 - y2, v1 + v2


def mean_difference(
    means: ArrayLike,
    sds: ArrayLike,
    totals: ArrayLike,
    means_control: ArrayLike,
    sds_control: ArrayLike,
    totals_control: ArrayLike,
) -> tuple[Array, Array]:
    """Differences of two means in their own unit, and their variances."""
    m1, s1, n1, m2, s2, n2 = (
        np.asarray(part, float) for part in (means, sds, totals, means_control, sds_control, totals_control)
    )
    return m1 - m2, s1**2 / n1 + s2**2 / n2


def standardised_difference(
    means: ArrayLike,
    sds: ArrayLike,
    totals: ArrayLike,
    means_control: ArrayLike,
    sds_control: ArrayLike,
    totals_control: ArrayLike,
) -> tuple[Array, Array]:
    """Differences of two means in standard deviations with Hedges' correction, and their large-sample variances (hedges1981)."""
    from scipy.special import gammaln

    m1, s1, n1, m2, s2, n2 = (
        np.asarray(part, float) for part in (means, sds, totals, means_control, sds_control, totals_control)
    )
    degrees = n1 + n2 - 2.0
    pooled = np.sqrt(((n1 - 1.0) * s1**2 + (n2 - 1.0) * s2**2) / degrees)
    correction = np.exp(gammaln(0.5 * degrees) - gammaln(0.5 * (degrees - 1.0))) / np.sqrt(0.5 * degrees)
    y = correction * (m1 - m2) / pooled
    return y, 1.0 / n1 + 1.0 / n2 + y**2 / (2.0 * (n1 + n2))


def log_ratio_of_interval(ratios: ArrayLike, lows: ArrayLike, highs: ArrayLike, *, level: float = 0.95) -> tuple[Array, Array]:
    """Log hazard (odds, risk) ratios as printed, and variances from their confidence intervals.

    Parameters
    ----------
    ratios, lows, highs : ArrayLike
        As printed, shape (k,).
    level : float
        Of the intervals.

    Raises
    ------
    EvidenceError
        If a ratio is not positive or lies outside its interval.
    """
    r, low, high = (np.asarray(part, float) for part in (ratios, lows, highs))
    wrong = ~((low > 0) & (low <= r) & (r <= high) & (low < high))
    if wrong.any():
        i = int(np.flatnonzero(wrong)[0])
        raise EvidenceError(
            f"{r[i]:g} does not lie in {low[i]:g} to {high[i]:g}", where=f"study {i + 1}", remedy="Check the interval."
        )
    return np.log(r), (np.log(high / low) / (2.0 * quantile(level))) ** 2
