"""A random-effects model freed of its fixed effects: independent contrasts, from which every estimator is a short sum.

With ``y ~ N(X b, V + tau2 I)`` and an orthonormal basis ``M`` of what ``X`` does not explain, ``M'y`` has covariance
``M'VM + tau2 I``. Diagonalising ``M'VM`` once gives ``k - p`` independent normals of variance ``spectrum + tau2``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import EvidenceError

__all__ = ["Contrasts", "checked_effects", "contrasts"]

_LARGEST_VARIANCE_RATIO = 1e10
"""Standard errors that differ by more than 10^5 are a slip of units, and would cost the digits of the small ones."""


@dataclass(frozen=True)
class Contrasts:
    """Independent contrasts of the studies.

    Attributes
    ----------
    values : NDArray
        Contrasts, shape (k - p,).
    spectrum : NDArray
        Their sampling variances; the variance of a contrast is ``spectrum + tau2``.
    variances : NDArray
        Sampling variances of the studies, shape (k,).
    spread : float
        Plain variance of the effects (divisor k).
    k, p : int
        Studies, and fixed effects.
    """

    values: NDArray[np.float64]
    spectrum: NDArray[np.float64]
    variances: NDArray[np.float64]
    spread: float
    k: int
    p: int

    def q_at(self, tau2: ArrayLike) -> NDArray[np.float64]:
        """Generalised Q: weighted sum of squared residuals at a between-study variance (any shape)."""
        squares = self.values**2
        return np.asarray((squares / (self.spectrum + np.asarray(tau2, float)[..., None])).sum(-1))


def checked_effects(y: ArrayLike, v: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Effects and variances as arrays, shape (k,), or the reason why they cannot be pooled.

    Raises
    ------
    EvidenceError
        If they are empty, not finite, of different lengths, or if a variance is not positive.
    """
    effects, variances = np.asarray(y, float), np.asarray(v, float)
    if effects.ndim != 1 or effects.shape != variances.shape or not len(effects):
        raise EvidenceError(
            f"{effects.shape} effects and {variances.shape} variances do not pair",
            where="pool",
            remedy="Give one effect and one variance per study.",
        )
    if not np.isfinite(effects.sum() + variances.sum()) or variances.min() <= 0:
        wrong = np.flatnonzero(~(np.isfinite(effects) & np.isfinite(variances) & (variances > 0)))
        places = ", ".join(str(i + 1) for i in wrong)
        raise EvidenceError("an effect or its variance is missing or impossible", where=f"study {places}", remedy="Correct it.")
    if variances.max() > _LARGEST_VARIANCE_RATIO * variances.min():
        raise EvidenceError(
            "standard errors differ by more than a hundred thousand times",
            where=f"studies {variances.argmin() + 1} and {variances.argmax() + 1}",
            remedy="Check the units.",
        )
    return effects, variances


def contrasts(y: NDArray[np.float64], v: NDArray[np.float64], design: NDArray[np.float64] | None = None) -> Contrasts:
    """Independent contrasts of checked effects.

    Parameters
    ----------
    y, v : NDArray
        Effects and sampling variances, shape (k,).
    design : NDArray, optional
        Fixed effects, shape (k, p); one intercept if not given.

    Raises
    ------
    EvidenceError
        If there are no more studies than fixed effects, or the columns of the design depend on each other.
    """
    k = len(y)
    x = np.ones((k, 1)) if design is None else design
    p = x.shape[1]
    if k <= p:
        raise EvidenceError(f"{k} studies cannot carry {p} coefficients", where="pool", remedy="Pool more studies.")
    if design is not None and np.linalg.matrix_rank(x) < p:
        raise EvidenceError(
            "moderators repeat each other or do not vary", where="meta-regression", remedy="Leave one of them out."
        )
    basis = np.linalg.qr(x, mode="complete")[0][:, p:]
    spectrum, turn = np.linalg.eigh((basis.T * v) @ basis)
    return Contrasts(turn.T @ (basis.T @ y), spectrum, v, float(y.var()), k, p)
