"""The result of a chi-square test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import EvidenceError

__all__ = ["ChiSquare", "chi_square", "quadratic"]


@dataclass(frozen=True)
class ChiSquare:
    """A chi-square test.

    Attributes
    ----------
    value : float
        Statistic.
    df : int
        Degrees of freedom.
    p : float
        Chance of a statistic this large if the hypothesis holds.
    """

    value: float
    df: int
    p: float


def chi_square(value: float, df: int) -> ChiSquare:
    """Chi-square test of a statistic with its degrees of freedom."""
    from scipy.special import chdtrc

    return ChiSquare(float(value), df, float(chdtrc(df, value)))


def quadratic(u: NDArray, v: NDArray) -> ChiSquare:
    """Test of a vector ``u``, shape (p,), by its covariance ``v``, shape (p, p): u' inverse(v) u.

    Raises
    ------
    EvidenceError
        If the covariance has no inverse.
    """
    try:
        return chi_square(float(u @ np.linalg.solve(v, u)), u.size)
    except np.linalg.LinAlgError as error:
        remedy = "Leave out variables that do not vary, or that follow from others, and groups without anyone at risk."
        raise EvidenceError("the test cannot be made: its covariance has no inverse", where="variables", remedy=remedy) from error
