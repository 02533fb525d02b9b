"""One mean of several studies by inverse variance, under one of nine estimators of the variance between them.

The confidence interval is Wald's (``z``) or that of Hartung and Knapp (``hk``: t with k - 1 degrees of freedom and a
variance taken from the scatter of the studies). Where the studies agree better than chance lets them, the latter is
*narrower* than a common effect would have it; ``floor=True`` keeps its variance from falling below Wald's.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import EvidenceError
from locoregional.evidence.pooling.contrasts import Contrasts, checked_effects, contrasts
from locoregional.evidence.pooling.heterogeneity import heterogeneity
from locoregional.evidence.pooling.quantiles import chi2_tail, quantile, two_sided_p
from locoregional.evidence.pooling.tau2 import between_study_variance

__all__ = ["TESTS", "Mean", "random_effects"]

TESTS = ("hk", "z")
"""Hartung and Knapp, and Wald."""


@dataclass(frozen=True)
class Mean:
    """A pooled mean on the scale of the effects.

    Attributes
    ----------
    value, se : float
        Estimate and standard error (Hartung and Knapp's, under that test).
    low, high, level : float
        Confidence interval.
    statistic, p : float
        Test against zero, and its p-value.
    tau2 : float
        Variance between studies.
    i2_percent, h2 : float
        Share of the variation that is between studies; total over sampling variation.
    q, q_p : float
        Cochran's test of homogeneity.
    ratio : float or None
        Hartung and Knapp's variance over Wald's; below 1 theirs is the narrower interval. None under ``z``.
    degrees : int or None
        Degrees of freedom of the interval; None for the normal distribution.
    weights : NDArray
        Of the studies, shape (k,), summing to 1.
    data : Contrasts
        What an interval of tau2 needs.
    method, test : str
        Estimator of tau2, and ``hk`` or ``z``.
    """

    value: float
    se: float
    low: float
    high: float
    level: float
    statistic: float
    p: float
    tau2: float
    i2_percent: float
    h2: float
    q: float
    q_p: float
    ratio: float | None
    degrees: int | None
    weights: NDArray[np.float64]
    data: Contrasts
    method: str
    test: str

    @property
    def k(self) -> int:
        """Number of studies."""
        return self.data.k


def random_effects(
    y: ArrayLike,
    v: ArrayLike,
    *,
    method: str = "REML",
    test: str = "hk",
    level: float = 0.95,
    floor: bool = False,
    tau2: float | None = None,
) -> Mean:
    """Mean of at least two studies.

    Parameters
    ----------
    y, v : ArrayLike
        Effects and sampling variances, shape (k,).
    method : str
        Estimator of the variance between studies (``tau2.TAU2_METHODS``); ``EE`` assumes there is none.
    test : str
        ``hk`` (hartung2001) or ``z``. A common effect (``EE``) is always tested by ``z``.
    level : float
        Of the confidence interval.
    floor : bool
        Keep Hartung and Knapp's variance from falling below Wald's (knapp2003).
    tau2 : float, optional
        Variance between studies where it is known; estimated by ``method`` if not given.

    Raises
    ------
    EvidenceError
        If the numbers cannot be pooled, or method or test is unknown.
    """
    if test not in TESTS:
        raise EvidenceError(f"no test is called {test!r}", where="test", remedy="Choose hk or z.")
    y, v = checked_effects(y, v)
    data = contrasts(y, v)
    tau2 = between_study_variance(data, method) if tau2 is None else tau2
    weights = 1.0 / (v + tau2)
    total = float(weights.sum())
    value = float(weights @ y) / total
    se, degrees, ratio = sqrt(1.0 / total), None, None
    if test == "hk" and method != "EE":
        residual = y - value
        ratio, degrees = float(weights @ (residual * residual)) / (data.k - 1), data.k - 1
        se *= sqrt(max(1.0, ratio) if floor else ratio)
    reach = quantile(level, degrees) * se
    q, i2_percent, h2 = heterogeneity(data, tau2, method=method)
    statistic = value / se if se > 0 else np.inf * np.sign(value)
    return Mean(
        value=value,
        se=se,
        low=value - reach,
        high=value + reach,
        level=level,
        statistic=statistic,
        p=two_sided_p(statistic, degrees),
        tau2=tau2,
        i2_percent=i2_percent,
        h2=h2,
        q=q,
        q_p=chi2_tail(q, data.k - 1),
        ratio=ratio,
        degrees=degrees,
        weights=weights / total,
        data=data,
        method=method,
        test="z" if degrees is None else "hk",
    )
