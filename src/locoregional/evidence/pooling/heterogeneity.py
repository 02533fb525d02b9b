"""How much studies differ beyond chance: Q, I2, H2, the error of tau2, and its interval by the Q profile."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from locoregional.errors import EvidenceError
from locoregional.evidence.pooling.contrasts import Contrasts
from locoregional.evidence.pooling.quantiles import chi2_quantile
from locoregional.evidence.pooling.tau2 import solve_q

__all__ = ["Spread", "heterogeneity", "q_profile", "tau2_error", "typical_variance"]


@dataclass(frozen=True)
class Spread:
    """Interval of the variance between studies, and of I2.

    Attributes
    ----------
    low, high : float
        Of tau2, on the scale of the effects squared.
    i2_low_percent, i2_high_percent : float
        The same as shares of the whole variation [%].
    """

    low: float
    high: float
    i2_low_percent: float
    i2_high_percent: float


def typical_variance(data: Contrasts) -> float:
    """Sampling variance that stands for all studies in I2 (higgins2002)."""
    return (data.k - data.p) / float((1.0 / data.spectrum).sum())


def heterogeneity(data: Contrasts, tau2: float, *, method: str) -> tuple[float, float, float]:
    """Q, I2 [%] and H2.

    Parameters
    ----------
    data : Contrasts
        Of the studies.
    tau2 : float
        Variance between them.
    method : str
        How it was estimated; a common effect (``EE``) has none, so that I2 and H2 follow from Q (higgins2002).
    """
    q, degrees, typical = float(data.q_at(0.0)), data.k - data.p, typical_variance(data)
    if method == "EE":
        return q, max(0.0, 100.0 * (q - degrees) / q) if q > 0.0 else 0.0, q / degrees
    return q, 100.0 * tau2 / (typical + tau2), tau2 / typical + 1.0


def q_profile(data: Contrasts, *, level: float = 0.95) -> Spread:
    """Interval of tau2: all values at which the generalised Q is an ordinary chi-squared (viechtbauer2007).

    Parameters
    ----------
    data : Contrasts
        Of the studies.
    level : float
        Of the interval.

    Returns
    -------
    Spread
        Both ends 0 where the studies agree better than chance would let them.
    """
    degrees, half = data.k - data.p, 0.5 * (1.0 - level)
    low = solve_q(data, chi2_quantile(1.0 - half, degrees))
    high = solve_q(data, chi2_quantile(half, degrees))
    typical = typical_variance(data)
    return Spread(low, high, 100.0 * low / (typical + low), 100.0 * high / (typical + high))


def tau2_error(data: Contrasts, tau2: float, *, method: str) -> float:
    """Standard error of tau2, by the information or the variance of the moments (viechtbauer2005).

    Parameters
    ----------
    data : Contrasts
        Of the studies.
    tau2 : float
        As estimated by ``method``.
    method : str
        Estimator; ``EE`` has no error.

    Raises
    ------
    EvidenceError
        If the method has none.
    """
    degrees = data.k - data.p
    at_zero, at_tau2 = 1.0 / data.spectrum, 1.0 / (data.spectrum + tau2)
    if method == "REML":
        return sqrt(2.0 / float(at_tau2 @ at_tau2))
    if method == "ML":
        return sqrt(2.0 / float(((data.variances + tau2) ** -2).sum()))
    if method in ("PM", "EB"):
        return data.k * sqrt(2.0 / degrees) / float((1.0 / (data.variances + tau2)).sum())
    moments = {"DL": at_zero, "HS": at_zero, "HE": at_zero**0, "SJ": 1.0 / (data.spectrum + data.spread)}
    if method not in moments:
        raise EvidenceError(f"tau2 of {method} has no standard error", where="method", remedy="Choose another method.")
    weights = moments[method]
    # the moment is a weighted sum of squared independent normals, whose variance is 2 (weight * variance)^2 each
    spread = sqrt(2.0 * float(((weights * (data.spectrum + tau2)) ** 2).sum()))
    scale = {"DL": float(weights.sum()), "HS": float((1.0 / data.variances).sum()), "HE": degrees, "SJ": degrees / data.spread}
    return spread / scale[method]
