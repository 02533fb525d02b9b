"""Put a lesion with exact truth into a real CT."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import ImagingError, MaskError
from locoregional.imaging.volume import Grid, Volume

__all__ = ["implant_lesion"]

SUBSAMPLES = 4
"""Points per voxel side over which the lesion's occupancy is averaged: partial volume to about 1 %."""


def implant_lesion(
    ct: Volume,
    organ: Volume,
    *,
    diameter_mm: float,
    centre_lps_mm: ArrayLike | None = None,
    seed: int = 1,
    contrast_hu: float = -45.0,
    clearance_mm: float = 5.0,
) -> tuple[Volume, Volume]:
    """Implant a lobulated hypodense lesion into an organ.

    The tissue's own grain is kept: the lesion is made by adding its contrast, after vessels inside it were brought to the organ's
    typical value, so that noise and resolution stay those of the scanner.

    Parameters
    ----------
    ct : Volume
        CT [HU].
    organ : Volume
        Mask of the organ on the same grid.
    diameter_mm : float [mm]
        Diameter of the ball of the same volume, about.
    centre_lps_mm : array_like, shape (3,) [mm], optional
        Its middle; unless given, a point drawn by ``seed`` among those deep enough.
    seed : int
        Chooses place (unless given) and shape.
    contrast_hu : float [HU]
        Lesion minus organ.
    clearance_mm : float [mm]
        Distance kept to the organ's surface when the place is drawn.

    Returns
    -------
    ct : Volume
        CT with the lesion, int16, the implant noted under ``assumed``.
    lesion : Volume
        Exact mask (voxel centres inside the shape).

    Raises
    ------
    ImagingError
        If the diameter is not positive, or no place in the organ is deep enough.
    MaskError
        If the organ is empty or the given centre lies outside it.
    """
    from scipy.ndimage import distance_transform_edt, gaussian_filter

    ct.require_same_grid(organ, names=("ct", "organ"))
    if not diameter_mm > 0:
        raise ImagingError(
            f"a lesion of {diameter_mm} mm cannot be implanted", where="diameter_mm", remedy="Use a positive size."
        )
    inside = organ.array >= 0.5
    if not inside.any():
        raise MaskError("the organ to implant into is empty", where="organ", remedy="Give its mask.")
    rng = np.random.default_rng([seed, 60])
    grid, radius = ct.grid, diameter_mm / 2
    if centre_lps_mm is None:
        depth = distance_transform_edt(np.pad(inside, 1), sampling=grid.spacing_mm)[1:-1, 1:-1, 1:-1]
        deep = np.argwhere(depth > 1.25 * radius + clearance_mm)
        if len(deep) == 0:
            raise ImagingError(
                f"no place in the organ holds a {diameter_mm:g} mm lesion with {clearance_mm:g} mm around it",
                where="organ",
                remedy="Make it smaller, lower the clearance or give a centre.",
            )
        centre = grid.to_lps(deep[rng.integers(len(deep))])
    else:
        centre = np.asarray(centre_lps_mm, dtype=float)
        index = np.round(grid.to_index(centre)).astype(int)
        if not grid.contains(centre) or not inside[tuple(index)]:
            raise MaskError(
                "the centre of the lesion lies outside the organ", where=f"{np.round(centre, 1)}", remedy="Move it inside."
            )
    bumps = rng.normal(size=(5, 3))
    bumps /= np.linalg.norm(bumps, axis=1, keepdims=True)
    heights = 0.085 * radius * rng.uniform(0.5, 1.3, 5)
    low, high = _reach(grid, centre, 1.5 * radius + 4)
    box = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
    share, mask = _occupancy(grid.cropped(low, high), centre, radius, bumps, heights)
    here = inside[box]
    values = ct.array[box].astype(np.float32)
    typical = float(np.median(values[here & (share == 0)])) if (here & (share == 0)).any() else float(np.median(values[here]))
    # Coarse structure (vessels) goes, fine grain (noise) stays.
    coarse = gaussian_filter(values, 2.0 / grid.spacing_mm)
    calm = np.where(share > 0, values + share * np.clip(typical - coarse, -120, 120), values)
    new = ct.array.copy()
    new[box] = np.round(np.where(here, calm + share * contrast_hu, values)).astype(new.dtype)
    lesion = np.zeros(grid.shape, dtype=bool)
    lesion[box] = mask & here
    place = np.round(centre, 1).tolist()
    words = f"a lesion of {diameter_mm:g} mm was implanted into this image at {place} mm LPS; it is not the patient's"
    made = Volume(new, ct.affine, ct.unit, ct.modality, ct.frame_of_reference, (*ct.assumed, words))
    return made, Volume(lesion, ct.affine, frame_of_reference=ct.frame_of_reference)


def _reach(grid: Grid, centre: NDArray, reach_mm: float) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    index, half = grid.to_index(centre), reach_mm / grid.spacing_mm
    low = np.clip(np.floor(index - half).astype(int), 0, np.array(grid.shape) - 1)
    high = np.clip(np.ceil(index + half).astype(int) + 1, low + 1, grid.shape)
    return low, high


def _occupancy(
    grid: Grid, centre: NDArray, radius: float, bumps: NDArray, heights: NDArray
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Share of each voxel inside the lobulated ball, and whether its centre is."""

    def phi(shift: NDArray) -> NDArray[np.float64]:
        index = np.stack(np.meshgrid(*[np.arange(n) for n in grid.shape], indexing="ij"), axis=-1) + shift
        d = grid.to_lps(index) - centre
        r = np.linalg.norm(d, axis=-1)
        cosine = (d @ bumps.T) / np.maximum(r, 1e-6)[..., None]
        return np.asarray(r - 0.95 * radius - (np.exp(7 * (cosine - 1)) * heights).sum(-1))

    steps = (np.arange(SUBSAMPLES) + 0.5) / SUBSAMPLES - 0.5
    share = np.zeros(grid.shape, dtype=np.float32)
    for offset in np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3):
        share += phi(offset) < 0
    return np.asarray(share / SUBSAMPLES**3, dtype=np.float32), phi(np.zeros(3)) < 0
