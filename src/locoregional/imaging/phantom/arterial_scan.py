"""CT angiography of the digital patient's liver in the arterial phase, with exact partial volume of every artery."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from locoregional.imaging.phantom.arterial_growth import GrownArteries, grow_hepatic_arteries
from locoregional.imaging.phantom.patient import digital_patient
from locoregional.imaging.resample import resampled
from locoregional.imaging.volume import Grid, Volume
from locoregional.progress import Progress, silent

__all__ = ["ArterialPhantom", "arterial_phantom", "artery_occupancy"]

TISSUE_HU = {
    "liver": 72.0,
    "spleen": 125.0,
    "stomach": 45.0,
    "gallbladder": 10.0,
    "pancreas": 100.0,
    "duodenum": 60.0,
    "kidney_left": 150.0,
    "kidney_right": 150.0,
    "hepatic_vessels": 66.0,
    "portal_vein_and_splenic_vein": 70.0,
    "inferior_vena_cava": 60.0,
    "bone": 320.0,
    "aorta": 330.0,
}
"""Late arterial phase [HU]; round numbers, the later painted over the earlier."""

OTHERS = ("stomach", "duodenum", "gallbladder", "spleen")
"""Organs whose masks come along."""

POINT_SPREAD_MM = 0.45
"""Standard deviation of the point spread in every direction: thin slices, a smooth angiography kernel."""


@dataclass(frozen=True, eq=False)
class ArterialPhantom:
    """Angiography whose truth is known.

    Attributes
    ----------
    image : Volume
        Arterial-phase CT [HU], with noise.
    liver, lesion : Volume
        True masks on its grid; the liver includes the metastasis.
    structures : dict of str to Volume
        Stomach, duodenum, gallbladder and spleen, where they reach into the image.
    arteries : GrownArteries
        The true tree.
    seed : int
        Seed it was made from.
    """

    image: Volume
    liver: Volume
    lesion: Volume
    structures: Mapping[str, Volume]
    arteries: GrownArteries
    seed: int


@njit(cache=True)
def _mark(bits: NDArray, inverse: NDArray, step: NDArray, a: NDArray, b: NDArray, ra: float, rb: float) -> None:
    """Set the 4 x 4 x 4 sub-voxels of one tapered capsule, one bit each."""
    r = max(ra, rb)
    low, high = np.empty(3, np.int64), np.empty(3, np.int64)
    for axis in range(3):
        m = inverse[axis, :3]
        reach = r * np.sqrt((m * m).sum())
        p, q = (m * a).sum() + inverse[axis, 3], (m * b).sum() + inverse[axis, 3]
        low[axis] = max(0, int(np.ceil(min(p, q) - reach - 0.5)))
        high[axis] = min(bits.shape[axis], int(np.floor(max(p, q) + reach + 0.5)) + 1)
    u = b - a
    length2 = max((u * u).sum(), 1e-12)
    for i in range(low[0], high[0]):
        for j in range(low[1], high[1]):
            for k in range(low[2], high[2]):
                found = np.uint64(0)
                for n in range(64):
                    s = i + (n // 16 + 0.5) / 4 - 0.5
                    t = j + (n // 4 % 4 + 0.5) / 4 - 0.5
                    c = k + (n % 4 + 0.5) / 4 - 0.5
                    d2, along = 0.0, 0.0
                    for lps in range(3):
                        x = step[lps, 0] * s + step[lps, 1] * t + step[lps, 2] * c + step[lps, 3] - a[lps]
                        along += x * u[lps]
                        d2 += x * x
                    share = min(1.0, max(0.0, along / length2))
                    d2 += share * share * length2 - 2 * share * along
                    radius = ra + share * (rb - ra)
                    if d2 <= radius * radius:
                        found |= np.uint64(1) << np.uint64(n)
                bits[i, j, k] |= found


@njit(cache=True)
def _mark_all(bits: NDArray, inverse: NDArray, step: NDArray, places: NDArray, parent: NDArray, radius: NDArray) -> None:
    for n in range(places.shape[0]):
        if parent[n] >= 0:
            _mark(bits, inverse, step, places[parent[n]], places[n], radius[n], radius[n])


def artery_occupancy(arteries: GrownArteries, grid: Grid) -> NDArray[np.float32]:
    """Share of each voxel that lies inside an artery, by 64 sub-voxels, shape of the grid."""
    bits = np.zeros(grid.shape, dtype=np.uint64)
    _mark_all(
        bits, np.linalg.inv(grid.affine), np.asarray(grid.affine), arteries.nodes_lps_mm, arteries.parent, arteries.radius_mm
    )
    return np.bitwise_count(bits).astype(np.float32) / np.float32(64)


def arterial_phantom(
    seed: int = 1,
    *,
    spacing_mm: float = 0.8,
    noise_sd_hu: float = 18.0,
    artery_hu: float = 330.0,
    terminals: int = 90,
    lesion_lps_mm: ArrayLike = (-94.0, 14.0, 24.0),
    lesion_diameter_mm: float = 24.0,
    progress: Progress = silent,
) -> ArterialPhantom:
    """Make a liver in the arterial phase, with the aorta, spine, kidneys and spleen beside it.

    Parameters
    ----------
    seed : int
        Chooses the liver's shape, the arteries and the noise.
    spacing_mm : float [mm]
        Voxel side.
    noise_sd_hu : float [HU]
        Standard deviation of the noise in a voxel.
    artery_hu : float [HU]
        Contrast-filled lumen.
    terminals : int
        End points of the arteries in the liver.
    lesion_lps_mm : array_like, shape (3,) [mm]
        Middle of the metastasis.
    lesion_diameter_mm : float [mm]
        Its diameter.
    progress : Progress
        Told how far it is.
    """
    from scipy.ndimage import gaussian_filter

    patient = digital_patient(
        seed, spacing_mm=2.5, lesion_lps_mm=lesion_lps_mm, lesion_diameter_mm=lesion_diameter_mm, noise_sd_hu=0.0
    )
    progress(0.3, "growing arteries")
    coarse = patient.structures["liver"]
    arteries = grow_hepatic_arteries(coarse, seed=seed, terminals=terminals)
    corners = coarse.grid.to_lps(np.argwhere(coarse.array))
    low = np.minimum(corners.min(axis=0), arteries.nodes_lps_mm.min(axis=0)) - 5.0
    high = np.maximum(corners.max(axis=0), arteries.nodes_lps_mm.max(axis=0)) + 5.0
    shape = tuple(int(n) for n in np.ceil((high - low)[::-1] / spacing_mm))
    grid = Grid.regular(shape, spacing_mm=spacing_mm, origin_lps_mm=low)  # type: ignore[arg-type]
    progress(0.5, "painting")
    paint = np.where(patient.structures["visceral_fat"].array, np.float32(-95), np.float32(45))
    for name, value in TISSUE_HU.items():
        if name in patient.structures:
            paint[patient.structures[name].array] = value
    paint[patient.lesion.array] += np.float32(22.0)
    hu = resampled(patient.ct.on(paint), grid).array
    hu[resampled(patient.structures["aorta"], grid).array >= 0.5] = TISSUE_HU["aorta"]  # sharp, as no coarse voxel is
    hu += artery_occupancy(arteries, grid) * (np.float32(artery_hu) - hu)
    progress(0.8, "scanning")
    rng = np.random.default_rng([seed, 78])
    blur = POINT_SPREAD_MM / spacing_mm
    noise = gaussian_filter(rng.standard_normal(grid.shape, dtype=np.float32), 0.5 * blur)
    noise *= np.float32(noise_sd_hu / float(noise.std()))
    image = np.round(gaussian_filter(hu, blur) + noise).astype(np.int16)

    def mask(volume: Volume) -> Volume:
        return Volume(resampled(volume, grid).array >= 0.5, grid.affine)

    found = {name: mask(patient.structures[name]) for name in OTHERS if name in patient.structures}
    return ArterialPhantom(
        Volume(image, grid.affine, unit="HU", modality="CT"),
        mask(coarse),
        mask(patient.lesion),
        {name: volume for name, volume in found.items() if volume.array.any()},
        arteries,
        seed,
    )
