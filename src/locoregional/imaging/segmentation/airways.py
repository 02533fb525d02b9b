"""Windpipe and large bronchi by region growing that stops before it leaks into the lung."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from locoregional.imaging.segmentation.morphology import components, containing, dilated
from locoregional.imaging.volume import Volume

__all__ = ["grow_airways"]

LEAK = 1.6
"""A rise of the threshold that makes the tree grow by more than this factor has broken into the lung."""

WINDPIPE_ML = 8.0
"""Growth is not judged before about half a windpipe has been found."""

LARGEST_ML = 120.0
"""Windpipe and bronchi hold less than this."""


def grow_airways(ct: Volume, *, threshold_hu: float) -> tuple[Volume, tuple[str, ...]]:
    """Airways of a canonical CT (slices towards the head).

    Parameters
    ----------
    ct : Volume
        CT [HU] from ``canonical``.
    threshold_hu : float [HU]
        Lumen lies below.

    Returns
    -------
    mask : Volume
        Empty if no windpipe or main bronchus is in the image.
    words : tuple of str
        What could not be found.
    """
    from scipy.ndimage import gaussian_filter

    none = ct.on(np.zeros(ct.shape, dtype=bool), unit="")
    seed = _windpipe(ct)
    if seed is None:
        return none, ("no windpipe is in the image; bronchi cannot be followed",)
    calm = gaussian_filter(np.clip(ct.array, -1024, 0).astype(np.float32), (0, *(0.5 / ct.spacing_mm[1:])))
    tree: NDArray[np.bool_] = seed
    for limit in (threshold_hu - 20, threshold_hu, threshold_hu + 20, threshold_hu + 40):
        grown = containing((calm < limit) | seed, seed)
        ml = float(grown.sum()) * ct.grid.voxel_ml
        if ml > LARGEST_ML or (float(tree.sum()) * ct.grid.voxel_ml > WINDPIPE_ML and grown.sum() > LEAK * tree.sum()):
            break
        tree = grown
    return ct.on(dilated(tree, ct.spacing_mm, radius_mm=0.6) & (calm < -500), unit=""), ()


def _windpipe(ct: Volume) -> NDArray[np.bool_] | None:
    """Round dark spot near the middle of the upper slices that soft tissue surrounds."""
    array = ct.array
    pixel = float(np.prod(ct.spacing_mm[1:]))
    columns = np.flatnonzero((array > -300).any(axis=(0, 1)))
    middle, half = (columns[0] + columns[-1]) / 2, (columns[-1] - columns[0]) / 2
    for k in range(array.shape[0] - 1, array.shape[0] // 2, -1):
        numbers, sizes = components(array[k] < -600)
        for n in np.flatnonzero((sizes * pixel > 70) & (sizes * pixel < 700)):
            if n == 0:
                continue
            where = np.argwhere(numbers == n)
            extent = np.ptp(where, axis=0) + 1
            round_enough = extent.max() < 2.2 * extent.min() and len(where) > 0.55 * extent.prod()
            central = abs(where[:, 1].mean() - middle) < 0.22 * half
            inner = where[:, 0].min() > 3 and array[k][numbers == n].mean() < -850
            if round_enough and central and inner:
                seed = np.zeros(array.shape, dtype=bool)
                seed[k] = (numbers == n) & (array[k] < -900)
                if seed.any():
                    return seed
    return None
