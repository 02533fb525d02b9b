"""Mask operations in millimetres on anisotropic grids."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["biggest", "closed", "components", "containing", "dilated", "eroded", "filled_slices", "opened", "widened"]


Box = tuple[slice, ...]


def _box(mask: NDArray[np.bool_], margin: NDArray[np.int_]) -> Box:
    """Smallest box round the mask, with a margin, inside the image."""
    out = []
    for axis in range(3):
        line = np.flatnonzero(mask.any(axis=tuple(a for a in range(3) if a != axis)))
        out.append(slice(max(int(line[0]) - int(margin[axis]), 0), int(line[-1]) + int(margin[axis]) + 1))
    return tuple(out)


def _near(mask: NDArray[np.bool_], spacing_mm: Sequence[float] | NDArray, *, radius_mm: float) -> NDArray[np.bool_]:
    """Voxels whose centre lies no farther than a radius from a voxel centre of the mask."""
    import SimpleITK as sitk

    if not mask.any():
        return mask.copy()
    image = sitk.GetImageFromArray(mask.astype(np.uint8))
    image.SetSpacing([float(s) for s in np.asarray(spacing_mm)[::-1]])
    distance = sitk.SignedMaurerDistanceMap(image, insideIsPositive=False, squaredDistance=False, useImageSpacing=True)
    return np.asarray(sitk.GetArrayViewFromImage(distance) <= radius_mm)


def dilated(mask: NDArray[np.bool_], spacing_mm: Sequence[float] | NDArray, *, radius_mm: float) -> NDArray[np.bool_]:
    """Mask grown by a radius."""
    out = mask.copy()
    if mask.any():
        box = _box(mask, np.ceil(radius_mm / np.asarray(spacing_mm)).astype(int) + 1)
        out[box] = _near(mask[box], spacing_mm, radius_mm=radius_mm)
    return out


def eroded(mask: NDArray[np.bool_], spacing_mm: Sequence[float] | NDArray, *, radius_mm: float) -> NDArray[np.bool_]:
    """Mask shrunk by a radius; the border of the image is not a surface."""
    out = np.zeros_like(mask)
    if mask.any():
        box = _box(mask, np.ones(3, dtype=int))
        out[box] = ~_near(~mask[box], spacing_mm, radius_mm=radius_mm)
    return out


def opened(mask: NDArray[np.bool_], spacing_mm: Sequence[float] | NDArray, *, radius_mm: float) -> NDArray[np.bool_]:
    """Mask without parts narrower than a ball."""
    return dilated(eroded(mask, spacing_mm, radius_mm=radius_mm), spacing_mm, radius_mm=radius_mm) & mask


def closed(mask: NDArray[np.bool_], spacing_mm: Sequence[float] | NDArray, *, radius_mm: float) -> NDArray[np.bool_]:
    """Mask with gaps narrower than a ball filled."""
    return eroded(dilated(mask, spacing_mm, radius_mm=radius_mm), spacing_mm, radius_mm=radius_mm) | mask


def components(mask: NDArray[np.bool_]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Face-connected parts: their numbers, and their sizes in voxels by number (0 is the background)."""
    from scipy.ndimage import label

    numbers, count = label(mask)
    return numbers, np.bincount(numbers.ravel(), minlength=count + 1)


def biggest(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Largest part."""
    numbers, sizes = components(mask)
    if len(sizes) < 2:
        return mask.copy()
    return np.asarray(numbers == 1 + sizes[1:].argmax())


def containing(mask: NDArray[np.bool_], marker: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Parts that touch a marker."""
    numbers, sizes = components(mask)
    keep = np.zeros(len(sizes), dtype=bool)
    keep[np.unique(numbers[marker & mask])] = True
    keep[0] = False
    return keep[numbers]


def filled_slices(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mask with holes filled slice by slice."""
    from scipy.ndimage import binary_fill_holes

    out = np.empty_like(mask)
    for k in range(mask.shape[0]):
        out[k] = binary_fill_holes(mask[k]) if mask[k].any() else False
    return out


def widened(mask: NDArray[np.bool_], step: Sequence[int], shape: Sequence[int]) -> NDArray[np.bool_]:
    """Mask of every ``step``-th voxel repeated back onto the full grid."""
    out = mask
    for axis, (n, size) in enumerate(zip(step, shape, strict=True)):
        if n > 1:
            out = out.repeat(n, axis)
        missing = size - out.shape[axis]
        if missing > 0:
            out = np.concatenate([out, np.take(out, [-1] * missing, axis)], axis)
    return out[tuple(slice(0, s) for s in shape)]
