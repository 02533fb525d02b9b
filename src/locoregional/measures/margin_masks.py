"""Bring tumour, ablation and organ onto one small grid, or say why that cannot be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import GeometryError, MaskError
from locoregional.imaging.place import lattice_step
from locoregional.imaging.plausible import require_occupancy
from locoregional.imaging.volume import Grid, Volume

__all__ = ["Region", "common_region"]

_PAD = 2
"""Empty voxels kept around both masks: the fit needs to see the outside."""
_FULL = 0.8
"""A mask that fills more of the image than this is taken for its inverse (a ball that touches every face fills 0.52)."""


@dataclass(frozen=True, eq=False)
class Region:
    """Masks cut to what matters.

    Attributes
    ----------
    grid : Grid
        Grid of the arrays.
    tumour, ablation : ndarray of bool or float32 0..1
        Masks with an empty rim.
    organ : ndarray of bool or float32 0..1, or None
        Organ on the same grid.
    notes : tuple of str
        What a reader must know.
    """

    grid: Grid
    tumour: NDArray
    ablation: NDArray
    organ: NDArray | None
    notes: tuple[str, ...]


def common_region(tumour: Volume, ablation: Volume, *, organ: Volume | None, reach_mm: float) -> Region:
    """Check the masks and crop them to their common surroundings.

    Parameters
    ----------
    tumour, ablation : Volume
        Masks (bool, 0/1, or occupancy 0..1) on one lattice of voxels; their extents may differ.
    organ : Volume, optional
        Organ mask on the same lattice.
    reach_mm : float [mm]
        How much of the organ to keep around the tumour and ablation.

    Raises
    ------
    GeometryError
        If frames of reference or voxel lattices differ, or the grid is sheared.
    MaskError
        If a mask is empty, inverted, not finite or no mask.
    """
    if not tumour.grid.is_orthogonal:
        raise GeometryError("the grid is sheared (tilted gantry)", where="tumour", remedy="Straighten image and masks first.")
    named = {"tumour": tumour, "ablation": ablation} | ({"organ": organ} if organ is not None else {})
    notes: list[str] = []
    boxes: dict[str, tuple[NDArray, NDArray, NDArray]] = {}
    for name, volume in named.items():
        array = _mask(volume.array, name)
        low, high = _box(array, name)
        if name != "organ":
            notes += _border_notes(array, low, high, name)
        offset = _offset(volume, tumour, name)
        boxes[name] = (array, offset, np.stack([low + offset, high + offset]))
        notes += [f"{name}: {words}" for words in volume.assumed]
    both = np.stack([boxes["tumour"][2], boxes["ablation"][2]])
    pad = np.full(3, _PAD)
    if organ is not None:
        pad = np.maximum(pad, np.ceil(reach_mm / tumour.spacing_mm).astype(int) + 1)
    start, stop = both[:, 0].min(0) - pad, both[:, 1].max(0) + pad
    cut = {name: _cut(array, start - offset, stop - offset) for name, (array, offset, _) in boxes.items()}
    if not (cut["tumour"].astype(bool) & cut["ablation"].astype(bool)).any():
        notes.append("tumour and ablation do not overlap at all: check registration, labels and left-right flips")
    affine = tumour.affine.copy()
    affine[:3, 3] = tumour.grid.to_lps(start)
    shape = tuple(int(n) for n in stop - start)
    return Region(Grid(shape, affine), cut["tumour"], cut["ablation"], cut.get("organ"), tuple(notes))  # type: ignore[arg-type]


def _mask(array: NDArray, name: str) -> NDArray:
    """Bool or float32 occupancy of an array that is one mask."""
    require_occupancy(array, name=name)
    if array.dtype == bool:
        return array
    if np.issubdtype(array.dtype, np.floating) and bool(((array > 0.0) & (array < 1.0)).any()):
        return array.astype(np.float32)
    return array.astype(bool)


def _box(array: NDArray[Any], name: str) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    """Index box (low inclusive, high exclusive) of the inside; refuses empty and inverted masks."""
    inside: Any = array if array.dtype == bool else array >= 0.5
    by_slice = inside.any(axis=(1, 2))
    if not by_slice.any():
        raise MaskError("the mask is empty", where=name, remedy="Check the file and the label.")
    held = np.flatnonzero(np.asarray(by_slice))
    plane = inside[held[0] : held[-1] + 1].any(axis=0)
    rows, columns = np.flatnonzero(plane.any(axis=1)), np.flatnonzero(plane.any(axis=0))
    low = np.array([held[0], rows[0], columns[0]])
    high = np.array([held[-1], rows[-1], columns[-1]]) + 1
    whole = bool((low == 0).all() and (high == np.array(array.shape)).all())
    corners = inside[np.ix_(*[(0, n - 1) for n in array.shape])].sum()
    if whole and (corners >= 7 or inside.mean() > _FULL):
        raise MaskError("the mask fills the image: it looks inverted", where=name, remedy="Swap inside and outside.")
    return low, high


def _border_notes(array: NDArray, low: NDArray, high: NDArray, name: str) -> list[str]:
    """Warnings where a mask reaches the border of its image, beyond which nothing is known."""
    inside = array if array.dtype == bool else array >= 0.5
    cut = []
    for axis, word in enumerate(("slice", "row", "column")):
        for end, index in (("first", 0), ("last", array.shape[axis] - 1)):
            reached = low[axis] == 0 if end == "first" else high[axis] == array.shape[axis]
            if reached and np.take(inside, index, axis).any():
                cut.append(f"{end} {word}")
    if not cut:
        return []
    return [f"{name} reaches the border of its image ({', '.join(cut)}) and may be cut off there: taken to end there"]


def _offset(volume: Volume, tumour: Volume, name: str) -> NDArray[np.int_]:
    """Whole-voxel offset of a mask on the tumour's lattice."""
    a, b = volume.frame_of_reference, tumour.frame_of_reference
    if a and b and a != b:
        raise GeometryError(
            f"tumour and {name} are in different frames of reference",
            where=f"{b} / {a}",
            remedy="Register the images first, or export both from the same series.",
        )
    step = lattice_step(volume.grid, tumour.grid)
    if step is None or (step[0] != np.eye(3, dtype=int)).any():
        raise GeometryError(
            f"tumour and {name} are on different grids",
            where=f"{_said(tumour)} / {_said(volume)}",
            remedy="Resample one onto the other's grid.",
        )
    return step[1]


def _said(volume: Volume) -> str:
    return f"{volume.shape} at {np.round(volume.spacing_mm, 3)} mm"


def _cut(array: NDArray, start: NDArray, stop: NDArray) -> NDArray:
    """Index box of an array, empty where it lies beyond the array."""
    out = np.zeros(tuple(int(n) for n in stop - start), dtype=array.dtype)
    first, last = np.maximum(start, 0), np.minimum(stop, np.array(array.shape))
    if (first < last).all():
        source = tuple(slice(int(a), int(b)) for a, b in zip(first, last, strict=True))
        target = tuple(slice(int(a - s), int(b - s)) for a, b, s in zip(first, last, start, strict=True))
        out[target] = array[source]
    return out
