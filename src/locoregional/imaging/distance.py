"""Euclidean distance maps in millimetres, measured to the surface of a mask.

One convention everywhere: the *surface* is the set of points where the grid lines cross from inside to outside, half way
between two voxel centres for a boolean mask, at the interpolated one-half level for an occupancy. Distances are taken from
voxel centres to the nearest such point, exactly. The border of the image is no surface: what lies beyond is unknown.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import GeometryError, MaskError

__all__ = ["distance_outside_mm", "signed_distance_mm"]


def signed_distance_mm(mask: NDArray, *, spacing_mm: ArrayLike) -> NDArray[np.float32]:
    """Signed distance to the surface of a mask: negative inside, positive outside.

    Parameters
    ----------
    mask : ndarray of bool, or of float in 0..1, shape (slices, rows, columns)
        Mask, or partial occupancy of each voxel (inside from one half on).
    spacing_mm : array_like, shape (3,) [mm]
        Voxel sides along slice, row and column; the axes must be perpendicular.

    Returns
    -------
    ndarray of float32, shape (slices, rows, columns) [mm]
        Plus infinity everywhere for an empty mask, minus infinity for one that fills the image.

    Raises
    ------
    MaskError
        If the array is no mask.
    GeometryError
        If the spacing is not three positive numbers.

    Notes
    -----
    Exact to float32 for that surface, by separable lower-envelope passes (felzenszwalb2012
    of references.bib) where the crossings along each axis start with that axis.
    Crop to the region of interest first: the cost grows with the image, not with the mask.
    """
    from locoregional.imaging.distance_kernels import signed_passes

    values, spacing = _checked(mask, spacing_mm)
    return signed_passes(values, spacing)


def distance_outside_mm(mask: NDArray, *, spacing_mm: ArrayLike) -> NDArray[np.float32]:
    """Distance to the surface of a mask from outside; zero inside.

    Parameters
    ----------
    mask : ndarray of bool, or of float in 0..1, shape (slices, rows, columns)
        Mask, or partial occupancy of each voxel (inside from one half on).
    spacing_mm : array_like, shape (3,) [mm]
        Voxel sides along slice, row and column; the axes must be perpendicular.

    Returns
    -------
    ndarray of float32, shape (slices, rows, columns) [mm]
        Infinity everywhere for an empty mask.

    Raises
    ------
    MaskError
        If the array is no mask.
    GeometryError
        If the spacing is not three positive numbers.
    """
    distance = signed_distance_mm(mask, spacing_mm=spacing_mm)
    return np.maximum(distance, np.float32(0.0), out=distance)


def _checked(mask: NDArray, spacing_mm: ArrayLike) -> tuple[NDArray, NDArray[np.float64]]:
    spacing = np.asarray(spacing_mm, dtype=np.float64)
    if spacing.shape != (3,) or not np.isfinite(spacing).all() or (spacing <= 0).any():
        raise GeometryError(f"spacing {spacing_mm!r} is not three positive lengths", remedy="Give (slice, row, column) in mm.")
    array = np.asarray(mask)
    if array.ndim != 3:
        raise MaskError(f"a mask needs three axes, got shape {array.shape}", remedy="Select one channel.")
    if array.dtype == bool:
        return np.ascontiguousarray(array).view(np.uint8), spacing
    values = np.ascontiguousarray(array, dtype=np.float32)
    if values.size and not (values.min() >= 0.0 and values.max() <= 1.0):
        raise MaskError("occupancy lies outside 0..1 or is NaN", remedy="Select one label (mask == number) first.")
    return values, spacing
