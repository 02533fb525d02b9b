"""How far the minimal margin may be off: voxels, contours and registration, drawn together.

Three errors move the two surfaces. What voxels leave open is drawn from the posterior of each fitted surface. A contour error
is a smooth random field along the normal, independent for the two masks. A registration error is one random shift of the
ablation. Each draw moves the margin at every point to first order, and its minimum over the surface is taken.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from locoregional.measures.dense_kernels import row_products
from locoregional.measures.margin_masks import Region
from locoregional.measures.reconstruction import Reconstruction, smooth_field
from locoregional.measures.surface_mesh import Mesh
from locoregional.sources import read_facts

__all__ = ["contour_error_mm", "minimum_and_intervals_mm"]

Array = NDArray[np.float64]

_DRAWS = 300
_FLOOR = 0.06
"""Deviation, as a share of the voxel's mean side, of what the fit cannot know of itself: creases that a smooth prior rounds.
Set on 144 pairs (balls, off-centre balls, ellipsoids, unions of two balls at 1, 3 and 5 mm slices; it holds 92 % of them), with
the half in ``_PULL``, and checked on other shapes and seeds (``validation/margin.py``)."""
_CONTENDING = 4.0
"""A vertex contends for the thinnest when its margin is within so many errors of the smallest."""
_MOST_CONTENDERS = 1000
_PULL = 0.5
"""Share of the pull of noise on a minimum that is taken back: a flat margin needs all of it, a sharply thin spot none."""
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


def minimum_and_intervals_mm(
    *,
    tumour: Reconstruction,
    ablation: Reconstruction,
    margins_mm: Array,
    nearest: NDArray[np.int64],
    counted: NDArray[np.bool_],
    registration_mm: float,
    contours_mm: tuple[tuple[float, float], ...],
    spacing_mm: Array,
    seed: int,
) -> tuple[float, list[tuple[float, float]]]:
    """Minimal margin, and its 90 % interval for each pair of contour errors.

    Parameters
    ----------
    tumour, ablation : Reconstruction
        Their surfaces.
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
    spacing_mm : ndarray, shape (3,) [mm]
        Voxel sides.
    seed : int
        Seed.

    Returns
    -------
    float [mm]
        Minimal margin.
    list of tuple of float [mm]
        Low and high.

    Notes
    -----
    The minimum of a noisy field lies below the minimum of the field. How far is estimated from the draws of what the voxels
    leave open, and half of it is taken back. Intervals are centred on the result: contours and registration carry their own
    pull in the measured masks already.
    """
    rng = np.random.default_rng(seed)
    mine = _contenders(margins_mm, counted, float(np.hypot(registration_mm, np.max(contours_mm))), spacing_mm)
    theirs = nearest[mine]
    inner, outer = tumour.mesh.points_mm[mine], ablation.mesh.points_mm[theirs]
    margin = margins_mm[mine]
    voxels = ablation.draw_displacements_mm(theirs, draws=_DRAWS, rng=rng)
    voxels -= tumour.draw_displacements_mm(mine, draws=_DRAWS, rng=rng)
    shifts = rng.normal(size=(3, _DRAWS)) * (registration_mm / _MEAN_LENGTH)
    fields = (
        smooth_field(outer, length_mm=ablation.surface.radius_mm * _FIELD_LENGTH, draws=_DRAWS, rng=rng),
        smooth_field(inner, length_mm=tumour.surface.radius_mm * _FIELD_LENGTH, draws=_DRAWS, rng=rng),
    )
    drawn = margin[:, None] + voxels
    minimum = float(margin.min() + _PULL * (margin.min() - drawn.min(axis=0).mean()))
    drawn += row_products(ablation.mesh.normals[theirs], shifts.T)
    floor = _FLOOR * spacing_mm.prod() ** (1.0 / 3.0) * rng.normal(size=_DRAWS)
    found = []
    for tumour_mm, ablation_mm in contours_mm:
        least = (drawn + ablation_mm * fields[0] - tumour_mm * fields[1]).min(axis=0) + floor
        low, high = np.quantile(least - least.mean(), (0.05, 0.95)) + minimum
        found.append((float(min(low, minimum)), float(max(high, minimum))))
    return minimum, found


def _contenders(margins_mm: Array, counted: NDArray[np.bool_], errors_mm: float, spacing_mm: Array) -> NDArray[np.int64]:
    """Counted vertices that an error could make the thinnest; of very many the thinnest half and a regular choice."""
    order = np.flatnonzero(counted)[np.argsort(margins_mm[counted], kind="stable")]
    reach = _CONTENDING * float(np.hypot(errors_mm, np.linalg.norm(spacing_mm)))
    order = order[margins_mm[order] <= margins_mm[order[0]] + reach]
    if len(order) > _MOST_CONTENDERS:
        half = _MOST_CONTENDERS // 2
        order = np.concatenate([order[:half], order[half :: -(-(len(order) - half) // half)]])
    return np.asarray(order)
