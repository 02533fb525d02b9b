"""Index boxes of masks, without looking at every voxel more than once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["filled_box", "voxels_of"]


def filled_box(mask: NDArray[np.bool_], *, margin: Sequence[int] | NDArray = (0, 0, 0)) -> tuple[slice, slice, slice]:
    """Smallest index box around the filled part of a mask that is not empty, widened by a margin of voxels.

    Parameters
    ----------
    mask : ndarray of bool, shape (slices, rows, columns)
        Mask.
    margin : sequence of int
        Voxels added on both sides of each axis, as far as the mask goes.
    """
    box = [slice(0, n) for n in mask.shape]
    for axis in range(3):
        # Each axis looks only at what the ones before it left.
        filled = np.flatnonzero(mask[tuple(box)].any(axis=tuple(a for a in range(3) if a != axis)))
        box[axis] = slice(int(filled[0]), int(filled[-1]) + 1)
    wide = [slice(max(0, b.start - int(m)), min(n, b.stop + int(m))) for b, m, n in zip(box, margin, mask.shape, strict=True)]
    return wide[0], wide[1], wide[2]


def voxels_of(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Indices of the filled voxels of a mask that is not empty, shape (n, 3)."""
    box = filled_box(mask)
    return np.argwhere(mask[box]) + np.array([b.start for b in box])
