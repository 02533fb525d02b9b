"""Planar contours to voxels: contours on, between, finer than or oblique to the slices of the image."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import GeometryError
from locoregional.imaging.polygon import polygon_occupancy
from locoregional.imaging.resample import resampled
from locoregional.imaging.volume import Grid, Volume

__all__ = ["contours_to_occupancy"]

Contour = NDArray[np.float64]

SAME_PLANE = 0.05
"""Contours within this share of a slice lie on one plane (above the rounding of coordinates to 0.01 mm)."""

COARSER = 1.05
"""Contours farther apart than this many slices are interpolated between; closer ones are averaged over each slice."""


def contours_to_occupancy(
    contours: Sequence[Contour], grid: Grid, *, where: str = ""
) -> tuple[NDArray[np.float32], tuple[str, ...]]:
    """Share of each voxel inside closed planar contours.

    Parameters
    ----------
    contours : sequence of ndarray, shape (points, 3) [mm]
        Corners in LPS, each contour in one plane, all planes parallel.
    grid : Grid
        Image on whose voxels to fill.
    where : str
        Structure, for messages.

    Returns
    -------
    occupancy : ndarray, shape ``grid.shape``
        0 to 1.
    notes : tuple of str
        What was assumed about planes between, beyond or across the slices.

    Raises
    ------
    GeometryError
        If a contour is not planar or the planes are not parallel.
    """
    corners = [grid.to_index(c) for c in contours]
    if max(np.ptp(c[:, 0]) for c in corners) <= 2 * SAME_PLANE:
        return _stacked(corners, grid)
    own = _own_grid(contours, grid, where)
    filled, notes = _stacked([own.to_index(c) for c in contours], own)
    carried = resampled(Volume(filled, own.affine), grid).array
    return carried, (*notes, "contours lie oblique to the slices: filled on their own planes, then resampled")


def _own_grid(contours: Sequence[Contour], grid: Grid, where: str) -> Grid:
    """Grid whose slices are the planes of the contours, as fine in plane as the finest side of the image."""
    largest = max(contours, key=lambda c: float(np.linalg.norm(np.ptp(c, axis=0))))
    normal = np.linalg.svd(largest - largest.mean(axis=0))[2][2]
    if normal @ grid.directions[:, 0] < 0:
        normal = -normal
    side = float(grid.spacing_mm.min())
    heights = [c @ normal for c in contours]
    if max(np.ptp(h) for h in heights) > 0.5 * side:
        raise GeometryError(
            "a contour does not lie in one plane, or planes are not parallel", where=where, remedy="Export the contours again."
        )
    along = np.unique(np.round([h.mean() for h in heights], 2))
    step = float(np.median(np.diff(along))) if len(along) > 1 else float(grid.spacing_mm[0])
    across = np.cross(normal, grid.directions[:, 1])
    across /= np.linalg.norm(across)
    across = -across if across @ grid.directions[:, 2] < 0 else across
    down = np.cross(normal, across)
    down = -down if down @ grid.directions[:, 1] < 0 else down
    axes = np.column_stack([normal, down, across])
    points = np.concatenate(contours) @ axes
    sides = np.array([step, side, side])
    edge = np.array([step, 2 * side, 2 * side])
    low, high = points.min(axis=0) - edge, points.max(axis=0) + edge
    low[0] = along[0] - step
    affine = np.eye(4)
    affine[:3, :3], affine[:3, 3] = axes * sides, axes @ low
    shape = np.ceil((high - low) / sides - 1e-6).astype(int) + 1
    return Grid((int(shape[0]), int(shape[1]), int(shape[2])), affine)


def _stacked(corners: Sequence[Contour], grid: Grid) -> tuple[NDArray[np.float32], tuple[str, ...]]:
    """Fill contours whose planes are parallel to the slices; corners are index coordinates."""
    height = np.array([c[:, 0].mean() for c in corners])
    order = np.argsort(height)
    starts = np.concatenate([[0], np.flatnonzero(np.diff(height[order]) > SAME_PLANE) + 1, [len(order)]])
    members = [order[a:b] for a, b in pairwise(starts)]
    level = np.array([height[m].mean() for m in members])
    # work on the rows and columns that the structure touches
    points = np.concatenate(corners)[:, 1:]
    low = np.clip(np.floor(points.min(axis=0)).astype(int) - 1, 0, np.array(grid.shape[1:]))
    high = np.clip(np.ceil(points.max(axis=0)).astype(int) + 2, 0, np.array(grid.shape[1:]))
    occupancy = np.zeros(grid.shape, np.float32)
    if (high <= low).any():
        return occupancy, ()
    box = (slice(low[0], high[0]), slice(low[1], high[1]))
    shape = (int(high[0] - low[0]), int(high[1] - low[1]))
    planes = [polygon_occupancy(_distinct([corners[m][:, 1:] - low for m in member]), shape) for member in members]
    step = float(np.median(np.diff(level))) if len(level) > 1 else 1.0
    if step <= COARSER:
        notes = _averaged(occupancy, box, planes, level, step)
    else:
        notes = _interpolated(occupancy, box, planes, level, step, grid)
    return occupancy, notes


def _distinct(polygons: Sequence[Contour]) -> list[Contour]:
    """Polygons without exact repeats, which would cancel each other by the even-odd rule."""
    return list({p.round(6).tobytes(): p for p in polygons}.values())


def _averaged(
    occupancy: NDArray[np.float32],
    box: tuple[slice, slice],
    planes: Sequence[NDArray[np.float32]],
    level: NDArray[np.float64],
    step: float,
) -> tuple[str, ...]:
    """Give each slice the planes within it, each standing for the slab halfway to its neighbours."""
    for height, plane in zip(level, planes, strict=True):
        for k in range(int(np.floor(height - step / 2)), int(np.ceil(height + step / 2)) + 1):
            overlap = min(k + 0.5, height + step / 2) - max(k - 0.5, height - step / 2)
            if overlap > 0 and 0 <= k < len(occupancy):
                weight = 1.0 if abs(overlap - 1.0) < 2 * SAME_PLANE else overlap
                if overlap > 2 * SAME_PLANE:
                    occupancy[k][box] += np.float32(weight) * plane
    np.minimum(occupancy, 1.0, out=occupancy)
    gaps = int(np.sum(np.diff(level) > 1.5 * step))
    return (f"{gaps} gaps between contours left empty",) if gaps else ()


def _interpolated(
    occupancy: NDArray[np.float32],
    box: tuple[slice, slice],
    planes: Sequence[NDArray[np.float32]],
    level: NDArray[np.float64],
    step: float,
    grid: Grid,
) -> tuple[str, ...]:
    """Fill slices between planes by blending signed distances; end planes reach half a step beyond themselves."""
    sides = grid.spacing_mm[1:]
    signed = [_signed_distance(p, sides) for p in planes]
    first = max(0, int(np.ceil(level[0] - step / 2)))
    last = min(len(occupancy) - 1, int(np.floor(level[-1] + step / 2)))
    for k in range(first, last + 1):
        upper = int(np.searchsorted(level, k))
        near = min((j for j in (upper - 1, upper) if 0 <= j < len(level)), key=lambda j: abs(level[j] - k))
        between = 0 < upper < len(level) and level[upper] - level[upper - 1] <= 1.5 * step
        if abs(level[near] - k) <= SAME_PLANE or (not between and abs(level[near] - k) <= step / 2):
            occupancy[k][box] = planes[near]
        elif between:
            share = (k - level[upper - 1]) / (level[upper] - level[upper - 1])
            blend = (1 - share) * signed[upper - 1] + share * signed[upper]
            occupancy[k][box] = np.clip(0.5 - blend / float(sides.mean()), 0.0, 1.0)
    return (f"contours {step * float(grid.spacing_mm[0]):.3g} mm apart: slices between them interpolated",)


def _signed_distance(plane: NDArray[np.float32], sides: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy.ndimage import distance_transform_edt

    inside = plane >= 0.5
    if not inside.any():
        return np.full(plane.shape, float(np.hypot(*(sides * plane.shape))))
    return distance_transform_edt(~inside, sampling=sides) - distance_transform_edt(inside, sampling=sides)
