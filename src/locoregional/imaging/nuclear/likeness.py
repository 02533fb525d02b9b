"""How alike two images of different kinds are: mutual information on a coarse grid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from locoregional.imaging.resample import canonical, resampled
from locoregional.imaging.volume import Grid, Volume

__all__ = ["coarse_ct", "compressed", "information", "mutual_information", "on_coarse", "polished"]

COARSE_MM = 4.0
"""Voxel side of the search, about that of a PET; finer voxels hold nothing more of it."""

SOFT_TISSUE_HU = (-250.0, 300.0)
"""Window in which air, fat, muscle and bone differ."""

BINS = 40
SAMPLES = 30000
"""Voxels of the CT that the direct search looks at, taken at random with a fixed seed."""
LEVER_MM = 100.0
"""Distance at which a turn moves tissue as far as its number says, so that turns and shifts are searched alike."""
HOTTEST = 99.5
"""Percentile above which an activity image is cut off: one hot vial or bladder must not fill all bins."""


def coarse_ct(ct: Volume) -> Volume:
    """Windowed CT on a coarse axial grid."""
    from scipy.ndimage import gaussian_filter

    upright = canonical(ct)
    factor = np.maximum(1.0, COARSE_MM / upright.spacing_mm)
    hounsfield = ct.unit == "HU" or (not ct.unit and ct.modality in ("CT", ""))
    window = np.clip(upright.array.astype(np.float32), *SOFT_TISSUE_HU) if hounsfield else upright.array
    smooth = gaussian_filter(window.astype(np.float32), 0.4 * (factor - 1), mode="nearest")
    shape = np.maximum(1, np.floor(np.array(upright.shape) / factor)).astype(int)
    affine = upright.affine.copy()
    affine[:3, :3] *= factor
    grid = Grid((int(shape[0]), int(shape[1]), int(shape[2])), affine)
    coarse = resampled(Volume(smooth, upright.affine), grid, outside=float(smooth.min()))
    return Volume(coarse.array, coarse.affine, modality=ct.modality)


def compressed(activity: Volume) -> Volume:
    """Square root of an activity image, so that counting noise is even and faint tissue still counts."""
    values = np.sqrt(np.clip(activity.array.astype(np.float32), 0.0, None))
    top = float(np.percentile(values, HOTTEST))
    return Volume(np.minimum(values, top) if top > 0 else values, activity.affine)


def on_coarse(activity: Volume, grid: Grid) -> Volume:
    """Activity image on the coarse grid, nothing where it does not reach."""
    return resampled(activity, grid)


def mutual_information(one: Volume, other: Volume) -> float:
    """Mutual information of two images on one grid [nat]."""
    return information(one.array, other.array)


def information(one: NDArray, other: NDArray) -> float:
    """Mutual information of paired values [nat]."""
    number = _binned(one) * BINS + _binned(other)
    joint = np.bincount(number.ravel(), minlength=BINS * BINS).reshape(BINS, BINS) / number.size
    apart = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0, keepdims=True)
    there = joint > 0
    return float(np.sum(joint[there] * np.log(joint[there] / apart[there])))


def _binned(values: NDArray) -> NDArray[np.int_]:
    low, high = float(values.min()), float(values.max())
    return np.minimum((values - low) * (BINS / max(high - low, 1e-30)), BINS - 1).astype(np.int64)


def polished(fixed: Volume, moving: Volume, motion: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
    """Mutual information and motion after a direct search around a motion.

    Parameters
    ----------
    fixed, moving : Volume
        From :func:`coarse_ct` and :func:`compressed`.
    motion : ndarray, shape (4, 4) [mm]
        LPS point of the fixed image to LPS point of the moving image.
    """
    from scipy.ndimage import map_coordinates
    from scipy.optimize import minimize
    from scipy.spatial.transform import Rotation

    centre = fixed.grid.to_lps((np.array(fixed.shape) - 1) / 2)

    def with_step(step: NDArray[np.float64]) -> NDArray[np.float64]:
        turn = np.eye(4)
        turn[:3, :3] = Rotation.from_rotvec(step[3:] / LEVER_MM).as_matrix()
        turn[:3, 3] = centre + step[:3] - turn[:3, :3] @ centre
        return np.asarray(motion @ turn)

    chosen = np.random.default_rng(0).permutation(fixed.array.size)[:SAMPLES]  # an even stride would beat with the rows
    index = np.column_stack(np.unravel_index(chosen, fixed.shape))
    places = np.column_stack([fixed.grid.to_lps(index), np.ones(len(index))])
    values = fixed.array[tuple(index.T)]
    to_voxel = np.linalg.inv(moving.affine)

    def unlike(step: NDArray[np.float64]) -> float:
        at = places @ (to_voxel @ with_step(step))[:3].T
        return -information(values, map_coordinates(moving.array, at.T, order=1, mode="constant", prefilter=False))

    corners = np.vstack([np.zeros(6), 4.0 * np.eye(6)])
    found = minimize(
        unlike,
        np.zeros(6),
        method="Nelder-Mead",
        options={"initial_simplex": corners, "xatol": 0.1, "fatol": 1e-4, "maxfev": 200},
    )
    return -float(found.fun), with_step(found.x)
