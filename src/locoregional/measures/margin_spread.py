"""How far the minimal margin may be off: voxels, contours and registration, drawn together.

Three errors move the two surfaces. What voxels leave open is drawn from the posterior of each fitted surface. A contour error
is a smooth random field along the normal, independent for the two masks. A registration error is one random shift of the
ablation. Each draw moves the margin at every point to first order, and its minimum over the surface is taken.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from locoregional.measures.implicit_fit import SmoothSurface
from locoregional.measures.margin_masks import Region
from locoregional.measures.surface_mesh import Mesh
from locoregional.sources import read_facts

__all__ = ["contour_error_mm", "minimum_interval_mm"]

Array = NDArray[np.float64]

_DRAWS = 300
_VOXEL_WIDENING = 1.0
"""Factor on the posterior of the fit, set once on the calibration family and checked on others (see validation/margin.py)."""
_FIELD_WAVES = 48
"""Random waves per contour-error field."""
_FIELD_LENGTH = 0.5
"""Correlation length of a contour error, as a share of the surface's radius (assumed: a contour errs over a whole flank)."""
_MEAN_LENGTH = 2.0 * np.sqrt(2.0 / np.pi)
"""Mean length of an isotropic normal vector over the deviation of one of its components."""


def contour_error_mm(region: Region, tumour: Mesh, ablation: Mesh) -> tuple[float, float]:
    """Published error of a single expert contour, as a deviation along the normal.

    Parameters
    ----------
    region : Region
        Masks, for their volumes.
    tumour, ablation : Mesh
        Their surfaces.

    Returns
    -------
    tuple of float [mm]
        For the tumour and for the ablation: expected volume error over surface area, times sqrt(pi/2) from a mean absolute to
        a standard deviation.
    """
    share = float(read_facts(__package__)["contour.volume_error"]) / 100.0
    voxel_mm3 = region.grid.voxel_ml * 1e3
    return tuple(  # type: ignore[return-value]
        float(np.sqrt(np.pi / 2.0) * share * mask.sum(dtype=np.float64) * voxel_mm3 / mesh.area_mm2.sum())
        for mask, mesh in ((region.tumour, tumour), (region.ablation, ablation))
    )


def minimum_interval_mm(
    *,
    surfaces: tuple[SmoothSurface, SmoothSurface],
    meshes: tuple[Mesh, Mesh],
    margins_mm: Array,
    nearest: NDArray[np.int64],
    counted: NDArray[np.bool_],
    registration_mm: float,
    contours_mm: tuple[tuple[float, float], ...],
    seed: int,
) -> list[tuple[float, float]]:
    """90 % intervals of the minimal margin, one for each pair of contour errors.

    Parameters
    ----------
    surfaces, meshes : pair
        Tumour and ablation.
    margins_mm : ndarray, shape (n,) [mm]
        Margin at each vertex of the tumour.
    nearest : ndarray of int, shape (n,)
        Nearest vertex of the ablation.
    counted : ndarray of bool, shape (n,)
        Vertices that count.
    registration_mm : float [mm]
        Mean length of the registration error.
    contours_mm : tuple of pairs [mm]
        Deviation of the contours of tumour and ablation.
    seed : int
        Seed.

    Notes
    -----
    The minimum of a noisy field lies below the minimum of the field. Measured and drawn margins share that pull, so the drawn
    minima are centred on the measured one.
    """
    rng = np.random.default_rng(seed)
    inner, outer = (meshes[0].points_mm[counted], meshes[1].points_mm[nearest[counted]])
    margin = margins_mm[counted]
    voxels = surfaces[1].draw_displacements_mm(outer, draws=_DRAWS, rng=rng)
    voxels -= surfaces[0].draw_displacements_mm(inner, draws=_DRAWS, rng=rng)
    shifts = rng.normal(size=(3, _DRAWS)) * (registration_mm / _MEAN_LENGTH)
    fields = (
        _smooth_field(outer, surfaces[1].radius_mm * _FIELD_LENGTH, rng),
        _smooth_field(inner, surfaces[0].radius_mm * _FIELD_LENGTH, rng),
    )
    moved = margin[:, None] + _VOXEL_WIDENING * voxels + meshes[1].normals[nearest[counted]] @ shifts
    found = []
    for tumour_mm, ablation_mm in contours_mm:
        least = (moved + ablation_mm * fields[0] - tumour_mm * fields[1]).min(axis=0)
        low, high = np.quantile(least - least.mean(), (0.05, 0.95)) + margin.min()
        found.append((float(low), float(high)))
    return found


def _smooth_field(points_mm: Array, length_mm: float, rng: np.random.Generator) -> Array:
    """Draws of a unit Gaussian field with Gaussian correlation, shape (n, draws), by random waves."""
    waves = rng.normal(size=(3, _FIELD_WAVES)) / length_mm
    phase = points_mm @ waves
    amplitude = rng.normal(size=(2 * _FIELD_WAVES, _DRAWS)) / np.sqrt(_FIELD_WAVES)
    return np.concatenate([np.cos(phase), np.sin(phase)], axis=1) @ amplitude
