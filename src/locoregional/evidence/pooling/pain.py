"""Mean change of a score, of pain above all: standard deviations from what papers print, and the pool.

The standard deviation of a *change* needs the correlation between the scores before and after. Few papers print it, so
that it is an argument without a default, and a range of it gives a range of results.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import EvidenceError
from locoregional.evidence.pooling.frame import Frame, Settings, not_pooled, single, study_names
from locoregional.evidence.pooling.poolable import labels
from locoregional.evidence.pooling.pooled import Pooled, StudyEffect
from locoregional.evidence.pooling.quantiles import quantile
from locoregional.evidence.pooling.summary import pool_effects

__all__ = [
    "Change",
    "change_of_scores",
    "pool_changes",
    "pool_changes_by_correlation",
    "sd_of_change",
    "sd_of_interval",
    "sd_of_p",
    "sd_of_quartiles",
    "sd_of_se",
]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Change:
    """Mean changes and their standard deviations, shape (k,), in points of the score.

    Attributes
    ----------
    mean, sd : NDArray
        Of the change, after minus before: relief is negative.
    assumption : str
        The correlation that was assumed, in words.
    """

    mean: Array
    sd: Array
    assumption: str


def sd_of_se(standard_errors: ArrayLike, totals: ArrayLike) -> Array:
    """Standard deviations of standard errors of a mean."""
    return np.asarray(standard_errors, float) * np.sqrt(np.asarray(totals, float))


def sd_of_interval(lows: ArrayLike, highs: ArrayLike, totals: ArrayLike, *, level: float = 0.95) -> Array:
    """Standard deviations of confidence intervals of a mean, by t with n - 1 degrees of freedom (higgins_handbook)."""
    low, high, n = np.broadcast_arrays(*(np.asarray(part, float) for part in (lows, highs, totals)))
    reach = np.array([quantile(level, int(each) - 1) for each in n.ravel()]).reshape(n.shape)
    return np.sqrt(n) * (high - low) / (2.0 * reach)


def sd_of_p(mean_changes: ArrayLike, p_values: ArrayLike, totals: ArrayLike) -> Array:
    """Standard deviations of changes of paired t tests, from two-sided p-values (exact ones, not "below 0.05")."""
    mean, p, n = np.broadcast_arrays(*(np.asarray(part, float) for part in (mean_changes, p_values, totals)))
    t = np.array([quantile(1.0 - each, int(k) - 1) for each, k in zip(p.ravel(), n.ravel(), strict=True)]).reshape(p.shape)
    return np.abs(mean) * np.sqrt(n) / t


def sd_of_quartiles(lower: ArrayLike, upper: ArrayLike, totals: ArrayLike) -> Array:
    """Approximate standard deviations from quartiles, assuming a normal distribution (wan2014)."""
    from scipy.special import ndtri

    n = np.asarray(totals, float)
    return (np.asarray(upper, float) - np.asarray(lower, float)) / (2.0 * ndtri((0.75 * n - 0.125) / (n + 0.25)))


def sd_of_change(sds_before: ArrayLike, sds_after: ArrayLike, *, correlation: ArrayLike) -> Array:
    """Standard deviations of changes from those before and after.

    Parameters
    ----------
    sds_before, sds_after : ArrayLike
        Standard deviations of the scores, shape (k,).
    correlation : ArrayLike
        Between the scores of one patient before and after, -1 to 1.

    Raises
    ------
    EvidenceError
        If a correlation lies outside -1..1.
    """
    a, b, r = (np.asarray(part, float) for part in (sds_before, sds_after, correlation))
    if not (np.abs(r) <= 1.0).all():
        raise EvidenceError("a correlation lies between -1 and 1", where="correlation", remedy="Correct it.")
    return np.sqrt(a * a + b * b - 2.0 * r * a * b)


def change_of_scores(
    means_before: ArrayLike, sds_before: ArrayLike, means_after: ArrayLike, sds_after: ArrayLike, *, correlation: ArrayLike
) -> Change:
    """Mean changes from scores before and after, at an assumed correlation.

    Parameters
    ----------
    means_before, sds_before, means_after, sds_after : ArrayLike
        Of the scores, shape (k,).
    correlation : ArrayLike
        Assumed, one or one per study; it has no default on purpose.

    Raises
    ------
    EvidenceError
        If a correlation lies outside -1..1.
    """
    r = np.unique(np.asarray(correlation, float))
    words = f"correlation of {', '.join(f'{each:g}' for each in r)} between the scores before and after assumed"
    sd = sd_of_change(sds_before, sds_after, correlation=correlation)
    return Change(np.asarray(means_after, float) - np.asarray(means_before, float), sd, words)


def pool_changes(
    mean_change: ArrayLike,
    sd: ArrayLike,
    totals: ArrayLike,
    *,
    names: Sequence[str] = (),
    method: str = "REML",
    test: str = "hk",
    prediction: str = "hts",
    level: float = 0.95,
    floor: bool = False,
    units: Sequence[str] = (),
    estimands: Sequence[str] = (),
    clocks: Sequence[str] = (),
    assumption: str = "",
) -> Pooled:
    """Pool mean changes of one score.

    Parameters
    ----------
    mean_change, sd : ArrayLike
        Mean and standard deviation of the change [points], shape (k,).
    totals : ArrayLike
        Patients with both scores, shape (k,).
    names : sequence of str
        Of the studies; numbered if not given.
    method, test, prediction, level, floor
        As in ``pool_proportions``; there is no GLMM for means.
    units, estimands, clocks : sequence of str
        One label per study. Different scores are different estimands.
    assumption : str
        What was assumed to get the standard deviations; becomes a warning.

    Returns
    -------
    Pooled
        In points.

    Raises
    ------
    EvidenceError
        If a number is missing or impossible, a study stands twice, or a setting is unknown.
    """
    known = Settings(method, test, prediction, level, floor).checked()
    if method == "glmm":
        raise EvidenceError("means have no binomial model", where="method", remedy="Choose REML or another estimator.")
    mean, spread, n = (np.asarray(part, float) for part in (mean_change, sd, totals))
    who = study_names(names, mean.size)
    if mean.ndim != 1 or spread.shape != mean.shape or n.shape != mean.shape or not mean.size:
        raise EvidenceError("means, standard deviations and totals do not pair", where="pool", remedy="Give three per study.")
    for i, name in enumerate(who):
        if not (np.isfinite(mean[i]) and np.isfinite(spread[i]) and spread[i] > 0.0):
            raise EvidenceError(
                "the mean change or its standard deviation is missing or not above 0", where=name, remedy="Find it."
            )
        if not (np.isfinite(n[i]) and n[i] >= 2.0 and n[i] == np.floor(n[i])):
            raise EvidenceError(f"a mean of {n[i]:g} patients has no standard deviation", where=name, remedy="Correct the total.")
    error = spread / np.sqrt(n)
    reach = np.array([quantile(level, int(each) - 1) for each in n]) * error
    frame = Frame(
        measure="mean change",
        transform="points",
        studies=tuple(
            StudyEffect(who[i], float(mean[i]), float(mean[i] - reach[i]), float(mean[i] + reach[i]), total=int(n[i]))
            for i in range(mean.size)
        ),
        labels=labels(who, units=units, estimands=estimands, clocks=clocks),
        settings=known,
        back=np.asarray,
        warnings=(assumption,) if assumption else (),
    )
    if frame.labels.mixture:
        return not_pooled(frame, reason=frame.labels.mixture)
    return single(frame, test="t") if mean.size == 1 else pool_effects(frame, mean, error**2)


def pool_changes_by_correlation(
    means_before: ArrayLike,
    sds_before: ArrayLike,
    means_after: ArrayLike,
    sds_after: ArrayLike,
    totals: ArrayLike,
    *,
    correlations: Sequence[float],
    **settings: object,
) -> tuple[Pooled, ...]:
    """The pool at each of several correlations, so that the reader sees what the assumption does.

    Parameters
    ----------
    means_before, sds_before, means_after, sds_after, totals : ArrayLike
        Of the scores, shape (k,).
    correlations : sequence of float
        To try, for example 0.3, 0.5 and 0.7.
    **settings
        Of ``pool_changes``.
    """
    found = []
    for r in correlations:
        change = change_of_scores(means_before, sds_before, means_after, sds_after, correlation=r)
        found.append(pool_changes(change.mean, change.sd, totals, assumption=change.assumption, **settings))  # type: ignore[arg-type]
    return tuple(found)
