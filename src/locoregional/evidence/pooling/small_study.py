"""Do small studies say something else than large ones? Egger's and Begg's tests.

Below ten studies they find next to nothing, and what they find is chance: they are refused unless forced (sterne2011).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from numpy.typing import ArrayLike

from locoregional.errors import EvidenceError
from locoregional.evidence.pooling.contrasts import checked_effects
from locoregional.evidence.pooling.quantiles import two_sided_p
from locoregional.evidence.pooling.regression import meta_regression
from locoregional.sources import read_facts

__all__ = ["SmallStudyTest", "begg", "egger", "egger_mixed", "enough_studies"]


@dataclass(frozen=True)
class SmallStudyTest:
    """A test of funnel plot asymmetry.

    Attributes
    ----------
    name : str
        Which test.
    statistic, p : float
        t (Egger), z (mixed-effects Egger) or Kendall's tau (Begg), and its p-value.
    limit : float
        Effect that a study of no error would have, where the test has one; NaN for Begg.
    k : int
        Number of studies.
    """

    name: str
    statistic: float
    p: float
    limit: float
    k: int


def enough_studies(k: int, *, force: bool = False) -> None:
    """Refuse a test of small-study effects where there are too few studies.

    Raises
    ------
    EvidenceError
        If there are fewer studies than ``small_study.studies`` of ``facts.toml`` and it is not forced.
    """
    needed = int(read_facts(__package__)["small_study.studies"].value)
    if k < needed and not force:
        raise EvidenceError(
            f"{k} studies are too few to test for small-study effects",
            where="small-study tests",
            remedy=f"They need {needed}; look at the funnel plot without a p-value.",
        )


def egger(y: ArrayLike, v: ArrayLike, *, force: bool = False) -> SmallStudyTest:
    """Egger's regression: effects on standard errors, weighted by inverse variance, with a variance of its own (egger1997).

    Parameters
    ----------
    y, v : ArrayLike
        Effects and sampling variances, shape (k,).
    force : bool
        Test also too few studies.

    Raises
    ------
    EvidenceError
        If there are too few studies, or all are of the same size.
    """
    effects, variances = checked_effects(y, v)
    k = len(effects)
    enough_studies(k, force=force)
    x, root = np.column_stack([np.ones(k), np.sqrt(variances)]), np.sqrt(1.0 / variances)
    if k < 3 or np.ptp(variances) == 0.0:
        raise EvidenceError("studies of one size, or two, have no slope", where="Egger", remedy="Leave the test out.")
    beta, rest, _, _ = np.linalg.lstsq(x * root[:, None], effects * root, rcond=None)
    covariance = np.linalg.inv((x.T / variances) @ x) * float(rest[0]) / (k - 2)
    statistic = float(beta[1]) / sqrt(covariance[1, 1])
    return SmallStudyTest("Egger", statistic, two_sided_p(statistic, k - 2), float(beta[0]), k)


def egger_mixed(y: ArrayLike, v: ArrayLike, *, method: str = "REML", force: bool = False) -> SmallStudyTest:
    """Egger's regression with variance between studies: a meta-regression on the standard error, tested by z (sterne2011).

    Parameters
    ----------
    y, v : ArrayLike
        Effects and sampling variances, shape (k,).
    method : str
        Estimator of the variance between studies.
    force : bool
        Test also too few studies.

    Raises
    ------
    EvidenceError
        If there are too few studies, or all are of the same size.
    """
    effects, variances = checked_effects(y, v)
    enough_studies(len(effects), force=force)
    fit = meta_regression(effects, variances, np.sqrt(variances), names=("standard error",), method=method, test="z")
    limit, slope = fit.coefficients
    return SmallStudyTest("Egger, mixed effects", slope.statistic, slope.p, limit.value, len(effects))


def begg(y: ArrayLike, v: ArrayLike, *, force: bool = False) -> SmallStudyTest:
    """Begg and Mazumdar's rank correlation of standardised effects with their variances; exact where no ranks tie (begg1994).

    Parameters
    ----------
    y, v : ArrayLike
        Effects and sampling variances, shape (k,).
    force : bool
        Test also too few studies.

    Raises
    ------
    EvidenceError
        If there are too few studies.
    """
    from scipy.stats import kendalltau

    effects, variances = checked_effects(y, v)
    enough_studies(len(effects), force=force)
    weights = 1.0 / variances
    centre = float(weights @ effects) / float(weights.sum())
    deviations = (effects - centre) / np.sqrt(variances - 1.0 / float(weights.sum()))
    tied = len(np.unique(variances)) < len(variances) or len(np.unique(deviations)) < len(deviations)
    found = kendalltau(deviations, variances, method="asymptotic" if tied else "exact")
    return SmallStudyTest("Begg", float(found.statistic), float(found.pvalue), nan, len(effects))
