"""Put a mask on another grid: voxel by voxel where the grids share a lattice, through occupancy where they do not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import GeometryError, MaskError
from locoregional.imaging.resample import resampled
from locoregional.imaging.volume import Grid, Volume

__all__ = ["OCCUPANCY_THRESHOLD", "frame_of", "grid_of", "lattice_step", "placed"]

OCCUPANCY_THRESHOLD = 0.5
"""A voxel belongs to a mask when at least half of it does: the threshold that keeps volume on average."""

OUTSIDE = "nothing of the mask lies in the image"
"""Said by a mask that became empty when it was put on the image."""

LATTICE_TOLERANCE = 0.02
"""Voxels that coincide within this share of a voxel everywhere are the same voxels (above rounding in DICOM decimal strings)."""


def grid_of(onto: Grid | Volume) -> Grid:
    """Grid of a grid or an image."""
    return onto.grid if isinstance(onto, Volume) else onto


def frame_of(onto: Grid | Volume | None) -> str:
    """Frame of reference UID of an image; empty for a grid or None."""
    return onto.frame_of_reference if isinstance(onto, Volume) else ""


def lattice_step(source: Grid, target: Grid) -> tuple[NDArray[np.int_], NDArray[np.int_]] | None:
    """Whole-voxel map from source index to target index, if there is one.

    Parameters
    ----------
    source, target : Grid
        Two grids of one patient space.

    Returns
    -------
    (matrix, offset) or None
        Signed permutation, shape (3, 3), and offset, shape (3,): target = matrix @ source + offset. None where the voxels of the
        two grids do not coincide.
    """
    step = np.linalg.inv(target.affine) @ source.affine
    matrix, offset = np.rint(step[:3, :3]).astype(int), np.rint(step[:3, 3]).astype(int)
    if (np.abs(matrix).sum(axis=0) != 1).any() or (np.abs(matrix).sum(axis=1) != 1).any():
        return None
    corners = np.array(np.meshgrid(*[(0, n - 1) for n in source.shape], indexing="ij")).reshape(3, -1).T
    error = corners @ (step[:3, :3] - matrix).T + (step[:3, 3] - offset)
    return (matrix, offset) if np.abs(error).max() < LATTICE_TOLERANCE else None


def _copied(array: NDArray, grid: Grid, matrix: NDArray[np.int_], offset: NDArray[np.int_]) -> tuple[NDArray, bool]:
    axes = [int(np.flatnonzero(matrix[k])[0]) for k in range(3)]
    moved = np.transpose(array, axes)
    start = np.empty(3, dtype=int)
    for k, axis in enumerate(axes):
        if matrix[k, axis] < 0:
            moved = np.flip(moved, k)
            start[k] = offset[k] - (array.shape[axis] - 1)
        else:
            start[k] = offset[k]
    stop = start + moved.shape
    low, high = np.maximum(start, 0), np.minimum(stop, grid.shape)
    out = np.zeros(grid.shape, dtype=array.dtype)
    inside = moved[:0, :0, :0]
    if (high > low).all():
        inside = moved[tuple(slice(a - s, b - s) for a, b, s in zip(low, high, start, strict=True))]
        out[tuple(slice(a, b) for a, b in zip(low, high, strict=True))] = inside
    return out, bool(np.count_nonzero(inside) != np.count_nonzero(array))


def placed(mask: Volume, onto: Grid | Volume, *, where: str = "", allow_outside: bool = False) -> Volume:
    """Mask on the grid of an image.

    Parameters
    ----------
    mask : Volume
        Boolean mask, or float occupancy or probability 0..1.
    onto : Grid or Volume
        Where it shall lie. An image also brings its frame of reference, which must be the mask's where both are known.
    where : str
        File, for messages.
    allow_outside : bool
        Whether a mask of which nothing lies in the image comes back empty, saying so, instead of being an error.

    Returns
    -------
    Volume
        Same kind of values. ``assumed`` says when the mask was cut at the edge of the image or resampled.

    Raises
    ------
    GeometryError
        If the frames of reference differ.
    MaskError
        If nothing of a mask that is not empty lies in the image.
    """
    grid = grid_of(onto)
    ours, theirs = mask.frame_of_reference, frame_of(onto)
    if ours and theirs and ours != theirs:
        raise GeometryError(
            "the mask and the image are in different frames of reference",
            where=f"{where} {ours} / {theirs}".strip(),
            remedy="Register the images first, or export both from the same series.",
        )
    if mask.grid.same_as(grid):
        return replace(mask, affine=grid.affine)
    notes: tuple[str, ...] = ()
    step = lattice_step(mask.grid, grid)
    if step is not None:
        array, cut = _copied(mask.array, grid, *step)
        if cut:
            notes = ("the mask reaches beyond the image and was cut at its edge",)
    else:
        share = resampled(mask, grid).array
        array = share >= OCCUPANCY_THRESHOLD if mask.array.dtype == bool else share
        notes = (f"mask resampled from voxels of {_sides(mask.grid)} to {_sides(grid)} mm (half-occupied voxels kept)",)
    if mask.array.any() and not array.any():
        if allow_outside:
            return replace(mask, array=array, affine=grid.affine, assumed=(*mask.assumed, OUTSIDE))
        raise MaskError(OUTSIDE, where=where, remedy="Check that mask and image belong to the same scan.")
    return replace(mask, array=array, affine=grid.affine, assumed=mask.assumed + notes)


def _sides(grid: Grid) -> str:
    return " x ".join(f"{s:.3g}" for s in grid.spacing_mm)
