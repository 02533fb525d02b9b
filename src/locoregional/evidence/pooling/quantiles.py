"""Quantiles and tail probabilities of the normal, t, chi-squared and F distributions, without the cost of scipy.stats."""

from __future__ import annotations

from locoregional.errors import EvidenceError

__all__ = ["chi2_quantile", "chi2_tail", "f_tail", "quantile", "two_sided_p"]


def quantile(level: float, degrees: int | None = None) -> float:
    """Half width of a central interval, in standard errors.

    Parameters
    ----------
    level : float
        Of the interval, between 0 and 1.
    degrees : int, optional
        Degrees of freedom of t; the normal distribution if not given.

    Raises
    ------
    EvidenceError
        If the level lies outside 0..1, or there are no degrees of freedom.
    """
    from scipy.special import ndtri, stdtrit

    if not 0.0 < level < 1.0:
        raise EvidenceError(f"an interval of level {level} does not exist", where="level", remedy="Give it as 0.95, not as 95.")
    if degrees is None:
        return float(ndtri(0.5 + 0.5 * level))
    if degrees < 1:
        raise EvidenceError("no degrees of freedom are left", where="t distribution", remedy="Pool more studies.")
    return float(stdtrit(degrees, 0.5 + 0.5 * level))


def two_sided_p(statistic: float, degrees: int | None = None) -> float:
    """Two-sided p-value of a z (or t) statistic."""
    from scipy.special import ndtr, stdtr

    below = -abs(statistic)
    return float(2.0 * (ndtr(below) if degrees is None else stdtr(degrees, below)))


def chi2_tail(q: float, degrees: int) -> float:
    """Probability of a chi-squared beyond ``q``; 1 where there is nothing to test."""
    from scipy.special import chdtrc

    return float(chdtrc(degrees, q)) if degrees > 0 else 1.0


def chi2_quantile(probability: float, degrees: int) -> float:
    """Value below which a chi-squared lies with a probability."""
    from scipy.special import chdtri

    return float(chdtri(degrees, 1.0 - probability))


def f_tail(ratio: float, degrees: int, degrees_below: int) -> float:
    """Probability of an F beyond ``ratio``."""
    from scipy.special import fdtrc

    return float(fdtrc(degrees, degrees_below, ratio))
