"""Masks on the grid of an activity image: which share of each voxel is filled, with the volume of the mask kept."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import GeometryError, MaskError
from locoregional.imaging.nuclear.activity import ActivityMap
from locoregional.imaging.volume import Grid, Volume

__all__ = ["amount_in", "occupancies_on", "occupancy_on"]

LEAVES_SHARE = 1e-3
"""Share of a mask that may lie beyond the edge of an image without a word: half a voxel of an organ that ends there."""

ALIGNED = 1e-6
"""Largest drift of index axes against each other, in cells over the whole mask, that is still no rotation."""


def occupancy_on(image: Volume | Grid, mask: Volume, *, name: str = "mask", may_leave: bool = False) -> Volume:
    """Share of each voxel of an image that a mask fills, 0..1.

    The overlap of the two grids is computed exactly, whatever their spacings and orientations, so the volume of a mask is kept
    however small it is against a voxel; nothing is sampled.

    Parameters
    ----------
    image : Volume or Grid
        Where it shall lie. With a volume, the frames of reference are compared too.
    mask : Volume
        Boolean, or occupancy 0..1, on any grid.
    name : str
        For messages.
    may_leave : bool
        Accept a mask that ends outside of the image (an organ that the field of view cuts); the part outside is lost, and said.

    Returns
    -------
    Volume
        float32 on the grid of the image.

    Raises
    ------
    MaskError
        If the mask is empty, not 0..1, or lies outside of the image.
    GeometryError
        If it is in another frame of reference.
    """
    grid = image.grid if isinstance(image, Volume) else image
    frame = image.frame_of_reference if isinstance(image, Volume) else ""
    if frame and mask.frame_of_reference and frame != mask.frame_of_reference:
        raise GeometryError(
            "the mask is in another frame of reference than the image",
            where=f"{name}: {mask.frame_of_reference} / {frame}",
            remedy="Register first and carry the mask, or draw it on this image.",
        )
    filled = np.asarray(mask.array, dtype=np.float64)
    if not np.isfinite(filled).all() or filled.min() < 0 or filled.max() > 1 + 1e-6:
        raise MaskError("values are not shares between 0 and 1", where=name, remedy="Give a mask.")
    if not filled.any():
        raise MaskError("the mask is empty", where=name, remedy="Draw it, or leave it out.")
    box = _box(filled)
    part = Volume(filled[box], mask.grid.cropped([b.start for b in box], [b.stop for b in box]).affine)
    step = np.linalg.inv(grid.affine) @ part.affine
    edges, start = step[:3, :3], step[:3, 3] + 0.5 - step[:3, :3].sum(axis=1) / 2
    axes = _axes(edges, part.shape)
    found = _overlapping(part.array, grid.shape, edges, start) if axes is None else _aligned(part.array, grid, edges, start, axes)
    expected = float(part.array.sum() * abs(np.linalg.det(edges)))
    lost = 1.0 - float(found.sum()) / expected
    words: tuple[str, ...] = ()
    if lost > LEAVES_SHARE:
        said = (
            "lies outside of the image" if lost > 1 - 1e-9 else f"lies outside of the image with {100 * lost:.1f} % of its volume"
        )
        if not may_leave or lost > 1 - 1e-9:
            raise MaskError(
                f"the mask {said}",
                where=name,
                remedy="Check that both are of one patient and in one frame of reference"
                + ("." if lost > 1 - 1e-9 else ", or accept the loss with may_leave=True."),
            )
        words = (f"{name} {said}; that part was left out",)
    array = np.minimum(found, 1.0).astype(np.float32)
    return Volume(array, grid.affine, modality="SEG", frame_of_reference=frame or mask.frame_of_reference, assumed=words)


def occupancies_on(image: Volume | Grid, masks: Mapping[str, Volume], *, may_leave: bool = False) -> dict[str, Volume]:
    """:func:`occupancy_on` for every mask of a segmentation, overlapping ones included; empty segments are left out."""
    found = {}
    for name in masks:
        mask = masks[name]
        if mask.array.any():
            found[name] = occupancy_on(image, mask, name=name, may_leave=may_leave)
    return found


def amount_in(activity: ActivityMap, occupancy: Volume) -> float:
    """Activity [Bq], or counts, in a region given by its occupancy on the grid of the map.

    Raises
    ------
    GeometryError
        If the grids or frames of reference differ.
    """
    activity.volume.require_same_grid(occupancy, names=("activity", "region"))
    inside = float(np.sum(activity.volume.array * occupancy.array.astype(np.float64)))
    return inside * activity.volume.grid.voxel_ml if activity.absolute else inside


def _box(filled: NDArray[np.float64]) -> tuple[slice, slice, slice]:
    spans = []
    for axis in range(3):
        used = np.flatnonzero(filled.any(axis=tuple(a for a in range(3) if a != axis)))
        spans.append(slice(int(used[0]), int(used[-1]) + 1))
    return spans[0], spans[1], spans[2]


def _axes(edges: NDArray[np.float64], shape: tuple[int, int, int]) -> list[int] | None:
    """Source axis along each target axis, where the grids are turned by right angles at most; None where they are not."""
    axes = [int(np.argmax(np.abs(edges[k]))) for k in range(3)]
    rest = edges.copy()
    rest[range(3), axes] = 0.0
    return axes if sorted(axes) == [0, 1, 2] and np.abs(rest * shape).max() < ALIGNED else None


def _aligned(
    filled: NDArray[np.float64], grid: Grid, edges: NDArray[np.float64], start: NDArray[np.float64], axes: list[int]
) -> NDArray[np.float64]:
    """Overlap axis by axis: the share of a box in a cell is the product of three shares of lengths."""
    out = np.transpose(filled, axes)
    for k, axis in enumerate(axes):
        ends = start[k] + edges[k, axis] * np.arange(filled.shape[axis] + 1)
        low, high = np.minimum(ends[:-1], ends[1:]), np.maximum(ends[:-1], ends[1:])
        cells = np.arange(grid.shape[k])[:, None]
        shared = np.clip(np.minimum(high, cells + 1.0) - np.maximum(low, cells), 0.0, None)
        out = np.moveaxis(np.tensordot(shared, out, axes=(1, k)), 0, k)
    return out


def _overlapping(
    filled: NDArray[np.float64], shape: tuple[int, int, int], edges: NDArray[np.float64], start: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Overlap of boxes in any orientation."""
    import numba

    from locoregional.imaging.nuclear.occupancy_kernels import shared_volumes

    places = np.argwhere(filled > 0)
    weights = filled[filled > 0]
    ends = np.array(np.meshgrid(*[(0, n) for n in filled.shape], indexing="ij")).reshape(3, -1)
    span = edges @ ends + start[:, None]
    first = np.clip(np.floor(span.min(axis=1)).astype(int), 0, shape)
    last = np.clip(np.ceil(span.max(axis=1)).astype(int), 0, shape)
    out = np.zeros(shape)
    if (last <= first).any():
        return out
    parts = int(numba.get_num_threads())
    full, some = _whole_cells(filled, first, last, edges, start)
    near = np.zeros((parts, *(last - first)))
    depth = 8 * int(np.ceil(np.abs(edges).sum()) + 8)
    shared_volumes(places, weights, np.ascontiguousarray(edges), start - first, some & ~full, near, depth)
    out[tuple(slice(int(a), int(b)) for a, b in zip(first, last, strict=True))] = np.where(full, 1.0, near.sum(axis=0) * some)
    return out


def _whole_cells(
    filled: NDArray[np.float64],
    first: NDArray[np.int_],
    last: NDArray[np.int_],
    edges: NDArray[np.float64],
    start: NDArray[np.float64],
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Cells that touch filled boxes only, and cells that touch any: between the two the overlap must be computed."""
    back = np.linalg.inv(edges)
    reach = 0.5 * np.abs(back).sum(axis=1)
    places = np.stack(np.meshgrid(*[np.arange(a, b) + 0.5 for a, b in zip(first, last, strict=True)], indexing="ij"), axis=-1)
    middle = (places - start) @ back.T
    low, high = np.floor(middle - reach).astype(int), np.floor(middle + reach).astype(int) + 1
    touched = np.prod(high - low, axis=-1)
    return _counted(filled >= 1.0, low, high) == touched, _counted(filled > 0.0, low, high) > 0


def _counted(marked: NDArray[np.bool_], low: NDArray[np.int_], high: NDArray[np.int_]) -> NDArray[np.int_]:
    """Marked boxes in index ranges, shape of the ranges; beyond the array nothing is marked."""
    table = np.zeros(np.array(marked.shape) + 1, dtype=np.int64)
    table[1:, 1:, 1:] = marked.cumsum(0, dtype=np.int64).cumsum(1).cumsum(2)
    bounds = [np.clip(low, 0, marked.shape), np.clip(high, 0, marked.shape)]
    total = np.zeros(low.shape[:-1], dtype=np.int64)
    for corner in np.ndindex(2, 2, 2):
        sign = (-1) ** (3 - sum(corner))
        total += sign * table[tuple(bounds[corner[k]][..., k] for k in range(3))]
    return total
