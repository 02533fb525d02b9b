"""Carry a volume from one grid to another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from locoregional.errors import GeometryError
from locoregional.imaging.volume import Grid, Volume

__all__ = ["canonical", "isotropic_grid_around", "resampled"]


def resampled(volume: Volume, grid: Grid, *, outside: float = 0.0, order: int = 1) -> Volume:
    """Volume on another grid.

    Parameters
    ----------
    volume : Volume
        Image, or mask (a boolean mask comes back as float occupancy 0..1, never by nearest neighbour).
    grid : Grid
        Target grid, any orientation, in the same patient space.
    outside : float
        Value where the source has no voxel.
    order : int
        Spline order: 1 linear, 0 nearest (for label maps only), 3 cubic.

    Returns
    -------
    Volume
        float32 array on ``grid`` (integer type kept for order 0).
    """
    if volume.grid.same_as(grid):
        array = volume.array.astype(np.float32) if volume.array.dtype == bool or order > 0 else volume.array
        return replace(volume, array=array, affine=grid.affine)
    from scipy.ndimage import affine_transform

    step = np.linalg.inv(volume.affine) @ grid.affine
    source = volume.array if order == 0 else volume.array.astype(np.float32)
    array = affine_transform(
        source,
        step[:3, :3],
        offset=step[:3, 3],
        output_shape=grid.shape,
        order=order,
        mode="constant",
        cval=outside,
        prefilter=order > 1,
    )
    return replace(volume, array=array, affine=grid.affine)


def canonical(volume: Volume) -> Volume:
    """Same voxels with axes flipped and permuted so slices go most nearly to the head, rows back, columns left."""
    directions = volume.grid.directions
    wanted = (2, 1, 0)
    axes: list[int] = []
    for lps in wanted:
        free = [a for a in range(3) if a not in axes]
        axes.append(max(free, key=lambda a: abs(directions[lps, a])))
    flips = [directions[lps, a] < 0 for lps, a in zip(wanted, axes, strict=True)]
    array = np.transpose(volume.array, axes)
    affine = volume.affine[:, [*axes, 3]].copy()
    for axis, flip in enumerate(flips):
        if flip:
            affine[:3, 3] += affine[:3, axis] * (array.shape[axis] - 1)
            affine[:3, axis] *= -1
            array = np.flip(array, axis)
    return replace(volume, array=np.ascontiguousarray(array), affine=affine)


def isotropic_grid_around(centre_lps_mm: ArrayLike, *, size_mm: ArrayLike, spacing_mm: float) -> Grid:
    """Axial isotropic grid of a box centred at a point.

    Parameters
    ----------
    centre_lps_mm : array_like, shape (3,) [mm]
        Middle of the box, LPS.
    size_mm : array_like, scalar or (slice, row, column) [mm]
        Sides of the box.
    spacing_mm : float [mm]
        Voxel side.
    """
    if spacing_mm <= 0:
        raise GeometryError(f"spacing {spacing_mm} mm is not positive", remedy="Use a positive voxel side.")
    size = np.broadcast_to(np.asarray(size_mm, dtype=float), (3,))
    shape = np.maximum(1, np.round(size / spacing_mm)).astype(int)
    origin = np.asarray(centre_lps_mm, dtype=float) - spacing_mm * (shape[::-1] - 1) / 2
    return Grid.regular(tuple(shape), spacing_mm=spacing_mm, origin_lps_mm=origin)
