"""Are hazards proportional: a score test of coefficients that change with time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import EvidenceError
from locoregional.evidence.survival.chi_square import ChiSquare, chi_square
from locoregional.evidence.survival.cox import cox, design
from locoregional.evidence.survival.risk_sets import risk_sets

__all__ = ["TRANSFORMS", "Proportionality", "proportional_hazards"]

TRANSFORMS = ("km", "identity", "log")
"""Scales of time along which a coefficient may change: one minus survival, time, its logarithm."""


@dataclass(frozen=True)
class Proportionality:
    """Tests that hazard ratios do not change with time.

    Attributes
    ----------
    each : tuple of ChiSquare
        One per variable.
    together : ChiSquare
        All variables at once.
    """

    each: tuple[ChiSquare, ...]
    together: ChiSquare


def proportional_hazards(
    time: ArrayLike,
    event: ArrayLike,
    x: ArrayLike,
    *,
    strata: ArrayLike | None = None,
    ties: str = "efron",
    transform: str = "km",
) -> Proportionality:
    """Test each hazard ratio for a change with time (key grambschtherneau1994), as the score test of variable times g(time).

    Parameters
    ----------
    time, event, x, strata, ties
        As in :func:`locoregional.evidence.survival.cox.cox`.
    transform : str
        One of ``TRANSFORMS``.

    Returns
    -------
    Proportionality
        Small p: the hazard ratio is an average over a time that it changes in.

    Raises
    ------
    EvidenceError
        As the model does, or if the transform is unknown.
    """
    if transform not in TRANSFORMS:
        raise EvidenceError(
            f"no transform called {transform!r}", where="transform", remedy=f"Use one of {', '.join(TRANSFORMS)}."
        )
    beta = cox(time, event, x, strata=strata, ties=ties).coef
    data = design(time, event, x, strata=strata, ties=ties)
    pooled = risk_sets(time, event)
    p = beta.size
    gradient, information = np.zeros(p), np.zeros((2 * p, 2 * p))
    scale = _scale(pooled.time, np.r_[1.0, np.cumprod(1 - pooled.events / pooled.at_risk)[:-1]], transform)
    middle = float(np.average(scale, weights=pooled.events))
    for stratum, at in zip(data.strata, data.total(beta)[3], strict=True):
        sets = stratum.sets
        own = np.minimum(np.searchsorted(pooled.time, sets.time * (1 + 1e-8), side="right") - 1, pooled.time.size - 1)
        g = np.repeat(scale[own] - middle, sets.events)
        gradient += g @ (stratum.x[sets.event] - at.means)
        blocks = [at.curvature(stratum, g**k) for k in (0, 1, 2)]
        information += np.block([[blocks[0], blocks[1]], [blocks[1], blocks[2]]])
    tests = [_score(gradient, information, np.array([k])) for k in range(p)]
    return Proportionality(tuple(tests), _score(gradient, information, np.arange(p)))


def _scale(time: NDArray, before: NDArray, transform: str) -> NDArray:
    """The chosen function of time at each distinct time; ``before`` is the pooled survival just before it."""
    if transform == "km":
        return 1.0 - before
    if transform == "identity":
        return time
    return np.log(np.maximum(time, np.finfo(float).tiny))


def _score(gradient: NDArray, information: NDArray, chosen: NDArray) -> ChiSquare:
    """Score test of the chosen changes with time, the coefficients themselves being fitted."""
    p = gradient.size
    fixed = information[:p, :p]
    cross = information[:p, p + chosen]
    left = information[np.ix_(p + chosen, p + chosen)] - cross.T @ np.linalg.solve(fixed, cross)
    u = gradient[chosen]
    return chi_square(float(u @ np.linalg.lstsq(left, u, rcond=None)[0]), chosen.size)
