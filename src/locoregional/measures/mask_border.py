"""What a mask says about its surface: points known to lie inside or outside, next to the border."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import MaskError

__all__ = ["BorderData", "border_data", "border_sides"]

Array = NDArray[np.float64]

_OCCUPANCY_BRACKET = 0.25
"""Half width of the bracket around a crossing interpolated from occupancy, in voxel sides: twice as tight as a bare mask's."""


@dataclass(frozen=True, eq=False)
class BorderData:
    """Points with known sides, and moments.

    Attributes
    ----------
    points_mm : ndarray, shape (n, 3) [mm]
        Places next to the border, along the index axes.
    side : ndarray, shape (n,)
        +1 inside, -1 outside.
    crossings_mm : ndarray, shape (k, 3) [mm]
        Where grid lines cross the border.
    centre_mm, moments_mm2 : ndarray [mm, mm2]
        Centre of mass and covariance of the inside.
    radius_mm : float [mm]
        Radius of the ball of equal volume.
    """

    points_mm: Array
    side: Array
    crossings_mm: Array
    centre_mm: Array
    moments_mm2: Array
    radius_mm: float


def border_data(mask: NDArray, *, spacing_mm: Array, most: int, seed: int) -> BorderData:
    """Border points of a mask or occupancy.

    Parameters
    ----------
    mask : ndarray of bool or of float in 0..1, shape (slices, rows, columns)
        Mask with an empty rim.
    spacing_mm : ndarray, shape (3,) [mm]
        Voxel sides.
    most : int
        Largest number of points returned; a random choice beyond.
    seed : int
        Seed of that choice.

    Raises
    ------
    MaskError
        If nothing is inside.
    """
    inside = mask if mask.dtype == bool else mask >= 0.5
    voxels = np.argwhere(inside) * spacing_mm
    if not len(voxels):
        raise MaskError("the mask is empty", remedy="Check the label that was selected.")
    points, side, crossings = _points(mask, inside)
    if len(points) > most:
        chosen = np.sort(np.random.default_rng(seed).choice(len(points), most, replace=False))
        points, side = points[chosen], side[chosen]
    centre = voxels.mean(0)
    offset = (voxels - centre).T
    moments = np.array([[(a * b).mean() for b in offset] for a in offset])
    thin = np.ptp(voxels, axis=0) < 1.5 * spacing_mm
    if len(voxels) < 200 or thin.any():  # count each voxel's own extent, so that one voxel or one slice is not flat
        moments = moments + np.diag(spacing_mm**2) / 12.0
    radius = float((len(voxels) * spacing_mm.prod() * 0.75 / np.pi) ** (1.0 / 3.0))
    return BorderData(points * spacing_mm, side, crossings * spacing_mm, centre, moments, radius)


def border_sides(mask: NDArray, *, spacing_mm: Array) -> tuple[Array, Array]:
    """All points next to the border and their sides.

    Parameters
    ----------
    mask : ndarray of bool or of float in 0..1, shape (slices, rows, columns)
        Mask with an empty rim.
    spacing_mm : ndarray, shape (3,) [mm]
        Voxel sides.

    Returns
    -------
    ndarray, shape (n, 3) [mm]
        Points, along the index axes.
    ndarray, shape (n,)
        +1 inside, -1 outside.
    """
    points, side, _ = _points(mask, mask if mask.dtype == bool else mask >= 0.5)
    return points * spacing_mm, side


def _points(mask: NDArray, inside: NDArray[np.bool_]) -> tuple[Array, Array, Array]:
    """Index places next to the border, their sides, and where grid lines cross the border."""
    pairs = [_crossings(mask, inside, axis) for axis in range(3)]
    below, above = (np.concatenate([p[k] for p in pairs]) for k in (0, 1))
    share = np.concatenate([p[2] for p in pairs])
    first_inside = np.concatenate([p[3] for p in pairs])
    step = above - below
    crossings = below + share[:, None] * step
    if mask.dtype == bool:
        both = np.concatenate([below, above]).astype(np.int64)
        flat = np.unique(np.ravel_multi_index(tuple(both.T), mask.shape))
        points = np.stack(np.unravel_index(flat, mask.shape), axis=1).astype(np.float64)
        return points, np.where(inside.ravel()[flat], 1.0, -1.0), crossings
    low = np.maximum(share - _OCCUPANCY_BRACKET, 0.0)[:, None]
    high = np.minimum(share + _OCCUPANCY_BRACKET, 1.0)[:, None]
    points = np.concatenate([below + low * step, below + high * step])
    return points, np.where(np.concatenate([first_inside, ~first_inside]), 1.0, -1.0), crossings


def _crossings(mask: NDArray, inside: NDArray[np.bool_], axis: int) -> tuple[Array, Array, Array, NDArray[np.bool_]]:
    """Index pairs across the border along one axis, where between them it lies, and whether the first is inside."""
    first = np.take(inside, range(inside.shape[axis] - 1), axis)
    second = np.take(inside, range(1, inside.shape[axis]), axis)
    below = np.argwhere(first != second)
    above = below.copy()
    above[:, axis] += 1
    a, b = (mask[tuple(index.T)].astype(np.float64) for index in (below, above))
    return below.astype(np.float64), above.astype(np.float64), (0.5 - a) / (b - a), inside[tuple(below.T)]
