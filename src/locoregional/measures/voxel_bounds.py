"""What the voxels alone say about a margin: limits that no reconstruction may leave."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from locoregional.measures.mask_border import border_sides

__all__ = ["margin_bounds_mm", "minimum_bounds_mm"]

Array = NDArray[np.float64]


def margin_bounds_mm(points_mm: Array, ablation: NDArray, *, spacing_mm: Array) -> tuple[Array, Array]:
    """Lowest and highest signed distance from points to the surface of a mask that its voxel centres allow.

    Parameters
    ----------
    points_mm : ndarray, shape (n, 3) [mm]
        Points along the index axes.
    ablation : ndarray of bool or float 0..1, shape (slices, rows, columns)
        Mask with an empty rim.
    spacing_mm : ndarray, shape (3,) [mm]
        Voxel sides.

    Returns
    -------
    tuple of ndarray, shape (n,) [mm]
        Low and high.

    Notes
    -----
    With ``d`` the distance to the nearest centre outside, the margin is at most ``d``: the surface lies before that centre. It
    is at least ``d`` less one voxel diagonal: a surface nearer than that would leave another centre outside, unless it bulges
    between voxels. The same holds with signs changed from outside to inside.
    """
    from scipy.spatial import cKDTree

    centres, side = _centres(ablation, spacing_mm)
    diagonal = float(np.linalg.norm(spacing_mm))
    inside, outside = (cKDTree(centres[side == s]).query(points_mm)[0] for s in (1.0, -1.0))
    # Only centres next to the border are asked, so a deep point is far from both kinds; the nearer kind is its own.
    low = np.maximum(-inside, np.where((outside > diagonal) & (inside < outside), outside - diagonal, -np.inf))
    high = np.minimum(outside, np.where((inside > diagonal) & (outside < inside), diagonal - inside, np.inf))
    return low, high


def minimum_bounds_mm(tumour: NDArray, ablation: NDArray, *, spacing_mm: Array) -> tuple[float, float, bool]:
    """Lowest and highest minimal margin that the voxel centres of tumour and ablation allow, over the whole tumour.

    Parameters
    ----------
    tumour, ablation : ndarray of bool or float 0..1, shape (slices, rows, columns)
        Masks with empty rims.
    spacing_mm : ndarray, shape (3,) [mm]
        Voxel sides.

    Returns
    -------
    float, float [mm]
        Low and high.
    bool
        Whether every tumour voxel lies in the ablation.
    """
    from scipy.spatial import cKDTree

    held, covered = tumour >= 0.5, ablation >= 0.5
    diagonal = float(np.linalg.norm(spacing_mm))
    border, side = _centres(ablation, spacing_mm)
    open_voxels = np.argwhere(held & ~covered) * spacing_mm
    if len(open_voxels):
        depth = float(cKDTree(border[side > 0]).query(open_voxels)[0].max())
        return -depth - diagonal, min(0.0, diagonal - depth), False
    mine, of = _centres(tumour, spacing_mm)
    near = float(cKDTree(border[side < 0]).query(mine[of > 0])[0].min())
    return max(0.0, near - diagonal), near, True


def _centres(mask: NDArray, spacing_mm: Array) -> tuple[Array, Array]:
    """Voxel centres next to the border and their sides."""
    return border_sides(mask >= 0.5, spacing_mm=spacing_mm)
