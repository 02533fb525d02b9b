"""Does something about the studies explain why they differ? Mixed-effects meta-regression."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import EvidenceError
from locoregional.evidence.pooling.contrasts import Contrasts, checked_effects, contrasts
from locoregional.evidence.pooling.heterogeneity import heterogeneity
from locoregional.evidence.pooling.quantiles import chi2_tail, f_tail, quantile, two_sided_p
from locoregional.evidence.pooling.random_effects import TESTS
from locoregional.evidence.pooling.tau2 import between_study_variance

__all__ = ["Coefficient", "Regression", "meta_regression"]


@dataclass(frozen=True)
class Coefficient:
    """One coefficient, per unit of its moderator.

    Attributes
    ----------
    name : str
        ``intercept``, or that of the moderator.
    value, se, low, high : float
        Estimate, standard error and confidence interval.
    statistic, p : float
        Test against zero (z, or t under Hartung and Knapp), and its p-value.
    """

    name: str
    value: float
    se: float
    low: float
    high: float
    statistic: float
    p: float


@dataclass(frozen=True)
class Regression:
    """A fitted meta-regression.

    Attributes
    ----------
    coefficients : tuple of Coefficient
        The intercept first, where there is one.
    covariance : NDArray
        Of the coefficients, shape (p, p).
    tau2, i2_percent, h2 : float
        Residual variance between studies, its share of the unexplained variation, and H2.
    r2_percent : float or None
        Share of the variance between studies that the moderators explain; None where there was none.
    q, q_p : float
        Test of residual heterogeneity.
    moderators, moderators_p : float
        Omnibus test of the moderators: chi-squared under ``z``, F under ``hk``.
    degrees : tuple of int or None
        Degrees of freedom of that test; the second is None under ``z``.
    method, test : str
        Estimator of tau2, and ``hk`` or ``z``.
    level : float
        Of the intervals.
    data : Contrasts
        What an interval of tau2 needs.
    """

    coefficients: tuple[Coefficient, ...]
    covariance: NDArray[np.float64]
    tau2: float
    i2_percent: float
    h2: float
    r2_percent: float | None
    q: float
    q_p: float
    moderators: float
    moderators_p: float
    degrees: tuple[int, int | None]
    method: str
    test: str
    level: float
    data: Contrasts

    def predict(self, moderators: ArrayLike) -> tuple[float, float, float]:
        """Mean at given moderators, and its confidence interval.

        Parameters
        ----------
        moderators : ArrayLike
            One value per coefficient without the intercept, in the order of the fit.
        """
        row = np.atleast_1d(np.asarray(moderators, float))
        if self.coefficients[0].name == "intercept":
            row = np.concatenate([[1.0], row])
        value = float(row @ [c.value for c in self.coefficients])
        reach = quantile(self.level, self.degrees[1]) * sqrt(row @ self.covariance @ row)
        return value, value - reach, value + reach


def meta_regression(
    y: ArrayLike,
    v: ArrayLike,
    moderators: ArrayLike,
    *,
    names: tuple[str, ...] = (),
    intercept: bool = True,
    method: str = "REML",
    test: str = "hk",
    level: float = 0.95,
) -> Regression:
    """Effects as a linear function of moderators, with residual variance between studies.

    Parameters
    ----------
    y, v : ArrayLike
        Effects and sampling variances, shape (k,).
    moderators : ArrayLike
        Shape (k,) or (k, m).
    names : tuple of str
        Of the moderators; numbered if not given.
    intercept : bool
        Whether to fit one. Without it the omnibus test is of all coefficients.
    method : str
        Estimator of tau2 (``tau2.TAU2_METHODS``).
    test : str
        ``hk`` (knapp2003) or ``z``; a common effect (``EE``) is tested by ``z``.
    level : float
        Of the intervals.

    Raises
    ------
    EvidenceError
        If there are too few studies, moderators repeat each other, or a value is missing.
    """
    y, v = checked_effects(y, v)
    x, labels = _design(moderators, names, len(y), intercept)
    if test not in TESTS:
        raise EvidenceError(f"no test is called {test!r}", where="test", remedy="Choose hk or z.")
    data = contrasts(y, v, x)
    tau2 = between_study_variance(data, method)
    weights = 1.0 / (v + tau2)
    covariance = np.asarray(np.linalg.inv((x.T * weights) @ x), np.float64)
    beta = covariance @ (x.T @ (weights * y))
    residual_degrees = data.k - data.p
    degrees = None if test == "z" or method == "EE" else residual_degrees
    if degrees is not None:
        covariance = covariance * float(weights @ (y - x @ beta) ** 2) / residual_degrees
    tested = slice(1, None) if intercept else slice(None)
    count = data.p - intercept
    chi2 = float(beta[tested] @ np.linalg.solve(covariance[tested, tested], beta[tested]))
    q, i2_percent, h2 = heterogeneity(data, tau2, method=method)
    before = between_study_variance(contrasts(y, v), method) if intercept else 0.0
    return Regression(
        coefficients=tuple(_coefficient(*row, level, degrees) for row in zip(labels, beta, np.diag(covariance), strict=True)),
        covariance=covariance,
        tau2=tau2,
        i2_percent=i2_percent,
        h2=h2,
        r2_percent=max(0.0, 100.0 * (before - tau2) / before) if before > 0.0 else None,
        q=q,
        q_p=chi2_tail(q, residual_degrees),
        moderators=chi2 if degrees is None else chi2 / count,
        moderators_p=chi2_tail(chi2, count) if degrees is None else f_tail(chi2 / count, count, degrees),
        degrees=(count, degrees),
        method=method,
        test="z" if degrees is None else "hk",
        level=level,
        data=data,
    )


def _design(
    moderators: ArrayLike, names: tuple[str, ...], k: int, intercept: bool
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    columns = np.asarray(moderators, float)
    columns = columns[:, None] if columns.ndim == 1 else columns
    if columns.shape[0] != k or not np.isfinite(columns).all():
        raise EvidenceError(
            f"moderators of shape {columns.shape} do not describe {k} studies, or one is missing",
            where="meta-regression",
            remedy="Give every study a value, or leave it out.",
        )
    labels = names or tuple(f"moderator {i + 1}" for i in range(columns.shape[1]))
    if len(labels) != columns.shape[1]:
        raise EvidenceError(f"{len(labels)} names for {columns.shape[1]} moderators", where="names", remedy="Name each once.")
    if not intercept:
        return columns, labels
    return np.column_stack([np.ones(k), columns]), ("intercept", *labels)


def _coefficient(name: str, value: float, variance: float, level: float, degrees: int | None) -> Coefficient:
    se = sqrt(variance)
    low, high = (float(value + sign * quantile(level, degrees) * se) for sign in (-1.0, 1.0))
    statistic = float(value / se)
    return Coefficient(name, float(value), se, low, high, statistic, two_sided_p(statistic, degrees))
