"""Straighten the sheared grid of a tilted gantry."""

from __future__ import annotations

import numpy as np

from locoregional.errors import GeometryError
from locoregional.imaging.resample import resampled
from locoregional.imaging.volume import Grid, Volume

__all__ = ["orthogonal_grid", "straightened"]


def orthogonal_grid(grid: Grid) -> Grid:
    """Smallest grid with perpendicular axes that holds a sheared one.

    Rows and columns keep their directions and sides; the slice axis becomes their normal, and rows and columns are added until
    every voxel of the sheared grid is inside.

    Parameters
    ----------
    grid : Grid
        Grid whose row and column axes are perpendicular (a tilted gantry shears only the slice axis).

    Raises
    ------
    GeometryError
        If rows and columns are not perpendicular.
    """
    directions = grid.directions
    row_axis, column_axis = directions[:, 1], directions[:, 2]
    if abs(row_axis @ column_axis) > 1e-3:
        raise GeometryError("rows and columns are not perpendicular", remedy="Resample onto a grid of your own.")
    normal = np.cross(row_axis, column_axis)
    normal *= np.sign(normal @ directions[:, 0])
    sides = grid.spacing_mm.copy()
    sides[0] = grid.affine[:3, 0] @ normal
    axes = np.stack([normal, row_axis, column_axis], axis=1)
    corners = np.array(np.meshgrid(*[(0, n - 1) for n in grid.shape], indexing="ij")).reshape(3, -1).T
    index = (grid.to_lps(corners) - grid.affine[:3, 3]) @ axes / sides
    low, high = np.floor(index.min(axis=0) + 1e-6), np.ceil(index.max(axis=0) - 1e-6)
    affine = np.eye(4)
    affine[:3, :3] = axes * sides
    affine[:3, 3] = grid.affine[:3, 3] + affine[:3, :3] @ low
    return Grid(tuple(int(n) for n in high - low + 1), affine)  # type: ignore[arg-type]


def straightened(volume: Volume, *, outside: float) -> Volume:
    """Volume on perpendicular axes, interpolated linearly within each slice; unchanged where they are so already.

    Parameters
    ----------
    volume : Volume
        Image on a sheared grid.
    outside : float
        Value where the sheared image has no voxel (-1000 for CT).

    Returns
    -------
    Volume
        float32, with the change noted.
    """
    if volume.grid.is_orthogonal:
        return volume
    return resampled(volume, orthogonal_grid(volume.grid), outside=outside).assuming(
        "the sheared grid was resampled to perpendicular axes"
    )
