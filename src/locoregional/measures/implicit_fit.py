"""The smooth closed surface that a mask was cut from, with what the mask leaves open.

A mask says of each voxel centre which side of the surface it is on, and nothing more. The surface is therefore found as a
classification: a Gaussian-process prior that favours smooth shapes (see ``implicit_basis``), a likelihood that only asks each
voxel centre next to the border to be on its own side, and a Laplace approximation for what remains uncertain. Between thick
slices, and above all at the two poles where no slice passes, that remainder is wide; in the plane of a slice it is narrow.
The strength of the prior is chosen by the evidence (marginal likelihood), case by case.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import MaskError
from locoregional.measures.dense_kernels import (
    back_substituted,
    cholesky,
    forward_substituted,
    gram,
    row_products,
    weighted_sum,
)
from locoregional.measures.implicit_basis import QUADRIC_TERMS, Basis, spline_basis
from locoregional.measures.mask_border import BorderData, border_data

__all__ = ["SmoothSurface", "fit_surface"]

Array = NDArray[np.float64]

_SLACK = 0.12
"""Softness of the side of a voxel centre, as a share of the smallest voxel side: narrow against it, wide enough to be smooth."""
_ROUGHNESS = (0.07, 0.2, 0.6)
"""Prior scales tried, smooth to rough (dimensionless; 0.05 is nearly an ellipsoid). The evidence picks one."""
_KERNELS = 220
"""Spline kernels per surface: a spacing of about a quarter of the radius."""
_POINTS = 2000
"""Border points used at most; more do not change the result within the interval."""
_NEWTON_STEPS = 12
_STEP_LIMIT = 0.3
"""Largest move of the surface in one Newton step, in radii."""
_CONVERGED = 0.2
"""Newton ends when no point moves more than this share of the slack."""
_UNFELT = 1e-3
"""Points that pull with less than this share of the strongest are deep on their own side and add nothing to the curvature."""


@dataclass(frozen=True, eq=False)
class SmoothSurface:
    """A fitted surface: zero level of a smooth function, positive inside.

    Attributes
    ----------
    basis : Basis
        Functions.
    coefficients : ndarray, shape (k,)
        Their weights.
    factor : ndarray, shape (k, k)
        Lower Cholesky factor of the posterior precision.
    tie, tie_response : ndarray, shape (k,)
        The constraint that fixes the mean slope to one, and the precision's answer to it.
    centre_mm, radius_mm : ndarray, float [mm]
        What makes coordinates dimensionless.
    misplaced_share : float
        Share of border points on the wrong side by over twice the slack.
    """

    basis: Basis
    coefficients: Array
    factor: Array
    tie: Array
    tie_response: Array
    centre_mm: Array
    radius_mm: float
    misplaced_share: float

    def value_mm(self, points_mm: Array) -> Array:
        """Function at points, roughly the depth below the surface near it, shape (n,) [mm]."""
        return self.basis.value((points_mm - self.centre_mm) / self.radius_mm, self.coefficients) * self.radius_mm

    def slope(self, points_mm: Array) -> Array:
        """Gradient of the function (inward, about one in length near the surface), shape (n, 3)."""
        return self.basis.gradient((points_mm - self.centre_mm) / self.radius_mm, self.coefficients)

    def draw_displacements_mm(self, points_mm: Array, *, draws: int, rng: np.random.Generator) -> Array:
        """Outward moves of the surface that the mask leaves open, shape (n, draws) [mm]."""
        random = back_substituted(self.factor, rng.normal(size=(self.basis.size, draws)))
        random -= np.outer(self.tie_response, weighted_sum(random, self.tie) / (self.tie * self.tie_response).sum())
        steepness = np.maximum(np.linalg.norm(self.slope(points_mm), axis=1), 0.1)
        moves = self.basis.combined((points_mm - self.centre_mm) / self.radius_mm, random)
        return moves * (self.radius_mm / steepness)[:, None]


def fit_surface(mask: NDArray, *, spacing_mm: Array, seed: int = 0) -> SmoothSurface:
    """Fit a smooth surface to a mask.

    Parameters
    ----------
    mask : ndarray of bool or of float in 0..1, shape (slices, rows, columns)
        Mask or occupancy with a rim of empty voxels around it.
    spacing_mm : ndarray, shape (3,) [mm]
        Voxel sides; perpendicular axes.
    seed : int
        Seed of the choice of border points where there are very many.

    Returns
    -------
    SmoothSurface
        In millimetres along the index axes, with index (0, 0, 0) at the origin.

    Raises
    ------
    MaskError
        If the mask is empty.
    """
    data = border_data(mask, spacing_mm=spacing_mm, most=_POINTS, seed=seed)
    places = (data.crossings_mm - data.centre_mm) / data.radius_mm
    basis = spline_basis(places, most=_KERNELS)
    x = (data.points_mm - data.centre_mm) / data.radius_mm
    known = _Known(basis, x, basis.features(x), data.side, _SLACK * float(spacing_mm.min()) / data.radius_mm)
    start = _ellipsoid(basis, data)
    coefficients = start
    best: tuple[float, SmoothSurface] | None = None
    for roughness in _ROUGHNESS:
        found = _newton(known, coefficients, start, roughness)
        coefficients = found.coefficients
        if best is None or found.score > best[0]:
            response = _solved(found.factor, found.tie[:, None])[:, 0]
            surface = SmoothSurface(
                basis,
                coefficients,
                found.factor,
                found.tie,
                response,
                data.centre_mm,
                data.radius_mm,
                found.misplaced_share,
            )
            best = (found.score, surface)
    assert best is not None
    return best[1]


def _ellipsoid(basis: Basis, data: BorderData) -> Array:
    """Coefficients of the ellipsoid with the mask's second moments, of about unit slope."""
    inverse = np.linalg.inv(5.0 * data.moments_mm2 / data.radius_mm**2)
    coefficients = np.zeros(basis.size)
    coefficients[-QUADRIC_TERMS] = 0.5
    coefficients[-6:-3] = -0.5 * np.diag(inverse)
    coefficients[-3:] = -inverse[0, 1], -inverse[1, 2], -inverse[0, 2]
    return coefficients


@dataclass(frozen=True, eq=False)
class _Known:
    """What a fit is held to: functions at the border points, the sides, the softness of a side."""

    basis: Basis
    points: Array
    features: Array
    side: Array
    slack_share: float


@dataclass(frozen=True, eq=False)
class _Found:
    """Where Newton ended."""

    coefficients: Array
    factor: Array
    tie: Array
    score: float
    misplaced_share: float


def _newton(known: _Known, coefficients: Array, start: Array, roughness: float) -> _Found:
    """Maximise the posterior for one roughness; also its curvature and the evidence."""
    from scipy.special import log_ndtr

    modes = len(coefficients) - QUADRIC_TERMS
    # The quadric is all but free: one prior deviation is a whole shape's worth of change.
    ridge = np.concatenate([np.full(modes, roughness**-2), np.ones(QUADRIC_TERMS)])
    middle = np.concatenate([np.zeros(modes), start[modes:]])
    for _ in range(_NEWTON_STEPS):
        gradient = known.basis.gradient(known.points, coefficients)
        steepness = np.maximum(np.linalg.norm(gradient, axis=1), 0.2)
        # A level set does not change when its function is scaled: hold the mean slope at one.
        scale = 1.0 / steepness.mean()
        coefficients, gradient, steepness = coefficients * scale, gradient * scale, steepness * scale
        tie = known.basis.pull(known.points, gradient / (steepness * len(steepness))[:, None])
        weight = known.side / (steepness * known.slack_share)
        z = weight * weighted_sum(known.features, coefficients)
        log_side = log_ndtr(z)
        ratio = np.exp(-0.5 * z * z - log_side) / np.sqrt(2.0 * np.pi)
        strength = np.abs(weight) * np.sqrt(np.maximum(ratio * (z + ratio), 0.0))
        felt = strength > _UNFELT * strength.max()
        precision = gram(known.features[:, felt] * strength[felt])
        precision[np.diag_indices_from(precision)] += ridge
        off = coefficients - middle
        pull = row_products(known.features, (weight * ratio)[None])[:, 0] - ridge * off
        factor = cholesky(precision)
        step, response = _solved(factor, np.stack([pull, tie], axis=1)).T
        step = step - response * ((tie * step).sum() / (tie * response).sum())
        largest = float(np.abs(weight * weighted_sum(known.features, step)).max()) * known.slack_share
        coefficients = coefficients + min(1.0, _STEP_LIMIT / max(largest, 1e-12)) * step
        if largest < _CONVERGED * known.slack_share:
            break
    if not np.isfinite(coefficients).all():
        raise MaskError("no smooth surface fits this mask", remedy="Check that it is one compact object.")
    evidence = log_side.sum() - 0.5 * (ridge * off * off).sum() + 0.5 * np.log(ridge).sum() - np.log(np.diag(factor)).sum()
    return _Found(coefficients, factor, np.asarray(tie), float(evidence), float((z < -2.0).mean()))


def _solved(factor: Array, right: Array) -> Array:
    """Solution for columns on the right, from a lower Cholesky factor."""
    return back_substituted(factor, forward_substituted(factor, right))
