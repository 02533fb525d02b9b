"""Axial slices of a mask as polygons in millimetres."""

from __future__ import annotations

from dataclasses import dataclass
from math import acos, degrees

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import MaskError
from locoregional.imaging.resample import canonical
from locoregional.imaging.volume import Volume

__all__ = ["Plane", "planes_of", "tilt_deg"]

LEVEL = 0.5
"""Occupancy at which the border runs: halfway between the centres of a voxel inside and one outside."""


@dataclass(frozen=True, eq=False)
class Plane:
    """One axial slice of a mask.

    Attributes
    ----------
    index : int
        Slice, counted from the feet.
    inside : ndarray, shape (rows, columns)
        Occupancy 0..1, with a margin of empty pixels.
    start : tuple of int
        Row and column of the first pixel of ``inside`` in the whole slice.
    borders : tuple of ndarray, shape (n, 2)
        Closed outlines, in pixels of ``inside``.
    basis : ndarray, shape (2, 2) [mm]
        Maps (row, column) to coordinates along two perpendicular directions of the plane.
    affine : ndarray, shape (4, 4) [mm]
        Of the whole image, slices to the head.
    """

    index: int
    inside: NDArray[np.float32]
    start: tuple[int, int]
    borders: tuple[NDArray[np.float64], ...]
    basis: NDArray[np.float64]
    affine: NDArray[np.float64]

    @property
    def pixel_mm(self) -> float:
        """Side of a pixel (geometric mean) [mm]."""
        return float(np.sqrt(abs(np.linalg.det(self.basis))))

    def to_mm(self, pixels: NDArray[np.float64]) -> NDArray[np.float64]:
        """Coordinates in the plane [mm] of (row, column) pixels, shape (n, 2)."""
        return np.asarray(pixels @ self.basis.T)

    def to_lps(self, pixels: NDArray[np.float64]) -> NDArray[np.float64]:
        """Points in the patient, LPS [mm], of (row, column) pixels, shape (n, 3)."""
        index = np.column_stack([np.full(len(pixels), self.index), pixels + np.array(self.start)])
        return np.asarray(index @ self.affine[:3, :3].T + self.affine[:3, 3])


def tilt_deg(volume: Volume) -> float:
    """Angle between the slices nearest to axial and the axial plane of the patient [degrees]."""
    affine = canonical(volume).affine
    normal = np.cross(affine[:3, 2], affine[:3, 1])
    return degrees(acos(min(1.0, abs(float(normal[2])) / float(np.linalg.norm(normal)))))


def planes_of(mask: Volume) -> tuple[Plane, ...]:
    """Axial slices that hold something.

    Parameters
    ----------
    mask : Volume
        Boolean, or occupancy 0..1: its border is then placed within the voxels.

    Raises
    ------
    MaskError
        If the mask holds values that are no occupancy.
    """
    from skimage.measure import find_contours

    turned = canonical(mask)
    array = turned.array.astype(np.float32)
    if array.size and (float(array.min()) < 0 or float(array.max()) > 1):
        raise MaskError("a mask holds 0 and 1, or shares between", where="mask", remedy="Choose one label of a label map.")
    filled = np.argwhere(array >= LEVEL)
    if len(filled) == 0:
        return ()
    low, high = filled.min(axis=0), filled.max(axis=0) + 1
    low, high = np.maximum(low - 1, 0), np.minimum(high + 1, array.shape)  # shares below one half shape the border too
    rows, columns = turned.affine[:3, 1], turned.affine[:3, 2]
    first = columns / np.linalg.norm(columns)
    second = rows - (rows @ first) * first
    second /= np.linalg.norm(second)
    basis = np.array([[rows @ first, columns @ first], [rows @ second, columns @ second]])
    made = []
    for k in range(int(low[0]), int(high[0])):
        inside = np.pad(array[k, low[1] : high[1], low[2] : high[2]], 1)
        borders = tuple(find_contours(inside, LEVEL))
        if borders:
            start = (int(low[1]) - 1, int(low[2]) - 1)
            made.append(Plane(k, inside, start, borders, basis, turned.affine))
    return tuple(made)
