"""Where one smooth surface cannot follow a mask: a surface that keeps every voxel on its own side.

A cooled vessel bites a notch of a few millimetres into an ablation; a smooth fit rounds it off or overshoots beside it. The fit
is therefore asked at every voxel next to the border whether it puts that voxel on the side that the mask says. Around those it
does not, the surface is taken from the distance map of the mask instead, interpolated between slices and relieved of its
staircase by smoothing that is not allowed to move any voxel centre across.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.measures.implicit_fit import SmoothSurface
from locoregional.measures.mask_border import border_sides

__all__ = ["FaithfulPatch", "faithful_patch"]

Array = NDArray[np.float64]

_CONTRADICTED = (0.3, 0.6)
"""The fit is left from this share of the smallest voxel side on the wrong side, and no longer used at all from the second."""
_REACH_MM = 2.0
"""The patch reaches at least so far around each contradicted voxel, and at least one voxel."""
_BAND_DIAGONALS = 2.5
"""Voxel centres this near the border, in voxel diagonals, are asked: a fit may cross beyond the next voxel."""
_MOST_NODES = 4_000_000
"""Beyond this the nodes stay as far apart as the voxels."""
_SMOOTHINGS = 8
_SMOOTHING_NODES = 0.7
"""Deviation of one smoothing, in nodes; smooths away half-voxel stairs, while voxel centres hold what is narrower."""
_HELD = 0.1
"""Depth, as a share of the smallest voxel side, at which a voxel centre is held on its side."""


@dataclass(frozen=True, eq=False)
class FaithfulPatch:
    """Depth below the mask's surface on nodes between the voxels, and where to use it.

    Attributes
    ----------
    depth_mm : ndarray of float32, shape (a, b, c) [mm]
        Positive inside.
    weight : ndarray of float32, shape (a, b, c)
        1 where the smooth fit contradicts voxels, 0 where it agrees, between in a rim.
    step_mm : ndarray, shape (3,) [mm]
        Distance of nodes; node (0, 0, 0) is the mask's voxel (0, 0, 0).
    share : float
        Share of the border voxels that lie in the patch.
    """

    depth_mm: NDArray[np.float32]
    weight: NDArray[np.float32]
    step_mm: Array
    share: float

    def depth_at_mm(self, points_mm: Array) -> Array:
        """Depth at points, shape (n,) [mm]."""
        return _at(self.depth_mm, points_mm / self.step_mm)

    def weight_at(self, points_mm: Array) -> Array:
        """Weight at points, shape (n,)."""
        return _at(self.weight, points_mm / self.step_mm)


def faithful_patch(
    surface: SmoothSurface, mask: NDArray, *, depth_mm: NDArray[np.float32], spacing_mm: Array
) -> FaithfulPatch | None:
    """Find where a fit contradicts its mask, and the surface to use there.

    Parameters
    ----------
    surface : SmoothSurface
        The fit.
    mask : ndarray of bool or float 0..1, shape (slices, rows, columns)
        The mask it was fitted to, with an empty rim.
    depth_mm : ndarray of float32, shape (slices, rows, columns) [mm]
        Depth of the voxel centres below the mask's own surface (minus the signed distance).
    spacing_mm : ndarray, shape (3,) [mm]
        Voxel sides.

    Returns
    -------
    FaithfulPatch or None
        None where the fit agrees with all voxels.
    """
    from scipy.ndimage import gaussian_filter, maximum_filter, zoom

    border, border_side = border_sides(mask, spacing_mm=spacing_mm)
    band = np.argwhere(np.abs(depth_mm) < _BAND_DIAGONALS * np.linalg.norm(spacing_mm))
    points = np.concatenate([border, band * spacing_mm])
    side = np.concatenate([border_side, np.where(depth_mm[tuple(band.T)] > 0.0, 1.0, -1.0)])
    steepness = np.maximum(np.linalg.norm(surface.slope(points), axis=1), 0.3)
    wrong_mm = -side * surface.value_mm(points) / steepness
    low, high = _CONTRADICTED[0] * spacing_mm.min(), _CONTRADICTED[1] * spacing_mm.min()
    if wrong_mm.max() <= low:
        return None
    factor = np.maximum(1, np.rint(spacing_mm / spacing_mm.min()).astype(int))
    if mask.size * factor.prod() > _MOST_NODES:
        factor[:] = 1
    step = spacing_mm / factor
    shape = tuple(int(n) for n in (np.array(mask.shape) - 1) * factor + 1)
    weight = np.zeros(shape, dtype=np.float32)
    place = tuple(np.clip(np.rint(points / step).astype(int), 0, np.array(shape) - 1).T)
    np.maximum.at(weight, place, np.clip((wrong_mm - low) / (high - low), 0.0, 1.0).astype(np.float32))
    reach = np.maximum(np.rint(np.maximum(_REACH_MM, spacing_mm) / step).astype(int), 1)
    weight = maximum_filter(weight, size=tuple(2 * reach + 1))
    weight = gaussian_filter(weight, 0.3 * reach)
    depth = depth_mm
    if (factor > 1).any():
        depth = zoom(depth_mm, np.array(shape) / np.array(mask.shape), order=1, mode="nearest")
    if mask.dtype == bool:
        held = tuple(slice(None, None, int(f)) for f in factor)
        sides = np.where(mask, np.float32(1), np.float32(-1))
        least = np.float32(_HELD * spacing_mm.min())
        sigma = _SMOOTHING_NODES * step.min() / step
        for _ in range(_SMOOTHINGS):
            depth = gaussian_filter(depth, sigma, truncate=3.0)
            depth[held] = sides * np.maximum(sides * depth[held], least)
    share = float((_at(weight, border / step) > 0.5).mean())
    return FaithfulPatch(depth, weight, step, share)


def _at(field: NDArray[np.float32], index: Array) -> Array:
    from scipy.ndimage import map_coordinates

    return map_coordinates(field, index.T, order=1, mode="nearest").astype(np.float64)
