"""Median survival of single-arm series, pooled as logarithms.

A median with its confidence interval gives a standard error of its logarithm. Without an interval the series enters as if
survival were exponential and every patient had died: standard error ``1 / sqrt(N)``, which is optimistic and is said so.
Means of censored times are never pooled.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import EvidenceError
from locoregional.evidence.pooling.frame import Frame, Settings, not_pooled, single, study_names
from locoregional.evidence.pooling.poolable import labels
from locoregional.evidence.pooling.pooled import Pooled, StudyEffect
from locoregional.evidence.pooling.quantiles import quantile
from locoregional.evidence.pooling.summary import pool_effects

__all__ = ["log_median_effects", "pool_log_medians"]

Array = NDArray[np.float64]
_INTERVAL, _LOWER, _EXPONENTIAL = "interval", "lower half", "exponential"


def log_median_effects(
    median_months: ArrayLike,
    low_months: ArrayLike,
    high_months: ArrayLike,
    *,
    totals: ArrayLike | None = None,
    levels: ArrayLike = 0.95,
    names: Sequence[str] = (),
) -> tuple[Array, Array, tuple[str, ...]]:
    """Log-medians, their variances, and how each variance was found.

    Parameters
    ----------
    median_months, low_months, high_months : ArrayLike
        Medians and ends of their intervals [months], shape (k,). NaN where not given: without an upper end (not reached) the
        lower half of the interval is used, without both the exponential law.
    totals : ArrayLike, optional
        Patients, shape (k,); needed where there is no interval. NaN where not known.
    levels : ArrayLike
        Of the intervals given, one or one per study.
    names : sequence of str
        Of the studies, for the words of an error.

    Returns
    -------
    y, v : NDArray
        Natural logarithm of months and its variance, shape (k,).
    how : tuple of str
        ``interval``, ``lower half`` or ``exponential``.

    Raises
    ------
    EvidenceError
        If a median is impossible or outside its interval, or there is neither an interval nor a number of patients.
    """
    median, low, high = (np.asarray(part, float) for part in (median_months, low_months, high_months))
    k = median.size
    if median.ndim != 1 or low.shape != median.shape or high.shape != median.shape or not k:
        raise EvidenceError("medians and their intervals do not pair", where="pool", remedy="Give three values per study.")
    n = np.full(k, np.nan) if totals is None else np.broadcast_to(np.asarray(totals, float), (k,))
    who = study_names(names, k)
    each = np.broadcast_to(np.asarray(levels, float), (k,))
    variances, how = np.empty(k), []
    for i in range(k):
        _check(who[i], median[i], low[i], high[i], n[i])
        if np.isfinite(low[i]) and np.isfinite(high[i]):
            width, kind = np.log(high[i] / low[i]) / 2.0, _INTERVAL
        elif np.isfinite(low[i]):
            width, kind = np.log(median[i] / low[i]), _LOWER
        else:
            width, kind = quantile(float(each[i])) / np.sqrt(n[i]), _EXPONENTIAL
        variances[i] = (width / quantile(float(each[i]))) ** 2
        how.append(kind)
    return np.log(median), variances, tuple(how)


def pool_log_medians(
    median_months: ArrayLike,
    low_months: ArrayLike,
    high_months: ArrayLike,
    *,
    totals: ArrayLike | None = None,
    levels: ArrayLike = 0.95,
    names: Sequence[str] = (),
    method: str = "REML",
    test: str = "hk",
    prediction: str = "hts",
    level: float = 0.95,
    floor: bool = False,
    units: Sequence[str] = (),
    estimands: Sequence[str] = (),
    clocks: Sequence[str] = (),
) -> Pooled:
    """Pool median survival.

    Parameters
    ----------
    median_months, low_months, high_months, totals, levels
        As in ``log_median_effects``.
    names : sequence of str
        Of the studies; numbered if not given.
    method, test, prediction, level, floor
        As in ``pool_proportions``; there is no GLMM for medians.
    units, estimands, clocks : sequence of str
        One label per study.

    Returns
    -------
    Pooled
        In months.

    Raises
    ------
    EvidenceError
        If a median is impossible, a study stands twice, or a setting is unknown.
    """
    known = Settings(method, test, prediction, level, floor).checked()
    if method == "glmm":
        raise EvidenceError("medians have no binomial model", where="method", remedy="Choose REML or another estimator.")
    median, low, high = (np.asarray(part, float) for part in (median_months, low_months, high_months))
    who = study_names(names, median.size)
    y, v, how = log_median_effects(median, low, high, totals=totals, levels=levels, names=who)
    n = np.full(len(y), np.nan) if totals is None else np.broadcast_to(np.asarray(totals, float), (len(y),))
    reach = quantile(level) * np.sqrt(v)
    studies = tuple(
        StudyEffect(
            who[i],
            float(median[i]),
            float(low[i]) if how[i] != _EXPONENTIAL else float(np.exp(y[i] - reach[i])),
            float(high[i]) if how[i] == _INTERVAL else float(np.exp(y[i] + reach[i])),
            total=int(n[i]) if np.isfinite(n[i]) else None,
            note=_NOTES[how[i]],
        )
        for i in range(len(y))
    )
    frame = Frame(
        measure="median survival",
        transform="log months",
        studies=studies,
        labels=labels(who, units=units, estimands=estimands, clocks=clocks),
        settings=known,
        back=np.exp,
        warnings=_warnings(who, how),
    )
    if frame.labels.mixture:
        return not_pooled(frame, reason=frame.labels.mixture)
    return single(frame, test="as published") if len(y) == 1 else pool_effects(frame, y, v)


_NOTES = {
    _INTERVAL: "",
    _LOWER: "upper limit not reached: standard error from the lower half of the interval, upper limit by symmetry",
    _EXPONENTIAL: "no interval published: exponential survival and one death per patient assumed",
}


def _warnings(names: Sequence[str], how: Sequence[str]) -> tuple[str, ...]:
    found = []
    for kind, words in (
        (_EXPONENTIAL, "no interval, weighted by patients as if survival were exponential and all had died (too precise)"),
        (_LOWER, "no upper limit, the standard error comes from the lower half of the interval"),
    ):
        those = [name for name, each in zip(names, how, strict=True) if each == kind]
        if those:
            found.append(f"{', '.join(those)}: {words}")
    return tuple(found)


def _check(name: str, median: float, low: float, high: float, total: float) -> None:
    if not (np.isfinite(median) and median > 0.0):
        raise EvidenceError(
            f"a median of {median:g} months", where=name, remedy="Give months above 0; leave out what was not reached."
        )
    given = [end for end in (low, high) if not np.isnan(end)]
    if any(not np.isfinite(end) or end <= 0.0 for end in given):
        raise EvidenceError("an end of the interval is not above 0", where=name, remedy="Leave it empty if it was not reached.")
    if low >= median or high <= median:
        raise EvidenceError(
            f"the median of {median:g} months does not lie inside its interval {low:g} to {high:g}",
            where=name,
            remedy="Check the columns and the units.",
        )
    if np.isnan(low) and not np.isnan(high):
        raise EvidenceError(
            "the interval has an upper end but no lower one", where=name, remedy="Give both, or none and the total."
        )
    if np.isnan(low) and not (np.isfinite(total) and total >= 1.0):
        raise EvidenceError(
            "neither an interval nor a number of patients", where=name, remedy="Give low and high, or the total, or leave it out."
        )
