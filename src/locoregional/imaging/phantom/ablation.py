"""Follow-up CT after a known ablation under a known motion, so that every margin on it has an exact answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import MaskError
from locoregional.imaging.phantom.deformation import Deformation, carried
from locoregional.imaging.phantom.patient import DigitalPatient
from locoregional.imaging.phantom.scanner import blurred, noise_hu
from locoregional.imaging.phantom.shapes import FAR_MM
from locoregional.imaging.volume import Grid, Volume

__all__ = ["EllipsoidZone", "FollowUp", "after_ablation", "breathing"]

ZONE_HU, TRACK_HU, RIM_HU = 34.0, 78.0, 16.0
"""Look of a fresh zone: no enhancement, a denser track of coagulated blood, a thin brighter rim (added to the tissue)."""


COARSE_MM = 5.0
"""Pitch of the first look for where the zone is."""


@dataclass(frozen=True)
class EllipsoidZone:
    """Ablation zone of revolution, in planning coordinates.

    Attributes
    ----------
    centre_lps_mm : tuple of float
        Its middle.
    length_mm, width_mm : float
        Full axes along and across the needle.
    direction : tuple of float
        Along the needle, towards its entry, LPS.
    """

    centre_lps_mm: tuple[float, float, float]
    length_mm: float
    width_mm: float
    direction: tuple[float, float, float] = (-1.0, 0.0, 0.0)

    def __call__(self, points_lps_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """Signed first-order distance [mm] of points, shape (..., 3) -> (...), negative inside, zero exactly on the surface."""
        d = points_lps_mm - np.asarray(self.centre_lps_mm)
        axis = np.asarray(self.direction) / np.linalg.norm(self.direction)
        along = d @ axis
        across2 = np.maximum((d * d).sum(-1) - along**2, 0)
        a2, b2 = (self.length_mm / 2) ** 2, (self.width_mm / 2) ** 2
        q = np.sqrt(along**2 / a2 + across2 / b2)
        return np.asarray(q * (q - 1) / np.sqrt(along**2 / a2**2 + across2 / b2**2 + 1e-12))


@dataclass(frozen=True)
class FollowUp:
    """Image after treatment, with its truth.

    Attributes
    ----------
    ct : Volume
        Follow-up CT [HU], int16, on the planning grid.
    zone : Volume
        True mask of the ablation zone on it.
    tumour : Volume
        Where the tumour of the planning image has gone, mask.
    deformation : Deformation
        Exact motion between the two images.
    zone_planning : Volume
        True mask of the zone in planning coordinates.
    """

    ct: Volume
    zone: Volume
    tumour: Volume
    deformation: Deformation
    zone_planning: Volume


def breathing(seed: int, zone_centre_lps_mm: ArrayLike, *, shift_mm: float = 12.0, shrinkage: float = 0.08) -> Deformation:
    """Make a breathing-like motion: mostly head-foot, some front-back, fading towards spine and wall, and a shrinking zone.

    Parameters
    ----------
    seed : int
        Chooses direction and amount.
    zone_centre_lps_mm : array_like, shape (3,) [mm]
        Middle of the zone on the planning image.
    shift_mm : float [mm]
        About how far the liver moves.
    shrinkage : float
        Share by which the zone's diameter shrinks.
    """
    rng = np.random.default_rng([seed, 50])
    sign = rng.choice([-1.0, 1.0])
    amount = shift_mm * rng.uniform(0.85, 1.15)
    shift = amount * np.array([rng.uniform(-0.12, 0.12), rng.uniform(-0.3, 0.3), sign])
    centre = np.asarray(zone_centre_lps_mm, dtype=float)
    middle = centre + np.array([20.0, -10.0, 0.0])
    still = Deformation(tuple(shift), tuple(middle), (75.0, 65.0, 85.0), tuple(centre), 25.0, 0.0)
    moved = still.push(centre)
    return Deformation(tuple(shift), tuple(middle), (75.0, 65.0, 85.0), tuple(moved), 25.0, 1 / (1 - shrinkage) - 1)


def after_ablation(
    patient: DigitalPatient | Volume,
    zone: Volume | Callable[[NDArray[np.float64]], NDArray[np.float64]],
    *,
    tumour: Volume | None = None,
    organ: Volume | None = None,
    track_lps_mm: tuple[ArrayLike, ArrayLike] | None = None,
    deformation: Deformation | None = None,
    seed: int = 1,
    noise_sd_hu: float | None = None,
) -> FollowUp:
    """Make the follow-up image of a known ablation.

    Parameters
    ----------
    patient : DigitalPatient or Volume
        Planning image; of a digital patient the noise-free one is used and given fresh noise.
    zone : Volume or callable
        Ablation zone in planning coordinates: a mask or occupancy, or a function from LPS points, shape (..., 3), to signed
        distance [mm], negative inside (``EllipsoidZone`` is one).
    tumour, organ : Volume, optional
        Masks on the planning grid; the digital patient's own unless given. Only tissue of the organ takes the look of a zone.
    track_lps_mm : pair of array_like, optional
        Tip and a point nearer the entry, planning coordinates: the needle's track.
    deformation : Deformation, optional
        Exact motion; made by ``breathing(seed, ...)`` unless given.
    seed : int
        Chooses motion (unless given) and noise.
    noise_sd_hu : float, optional
        Noise added [HU]; 11 for a digital patient and 5 for another image unless given.

    Returns
    -------
    FollowUp

    Raises
    ------
    MaskError
        If no tumour mask is known, or the zone touches no voxel.
    """
    if isinstance(patient, DigitalPatient):
        clean, own_noise = patient.clean, 11.0
        tumour = tumour or patient.lesion
        organ = organ or patient.structures["liver"]
        body = patient.structures["body"].array
    else:
        clean, own_noise = patient, 5.0
        body = patient.array > -400
    if tumour is None:
        raise MaskError(
            "the tumour's mask is needed to know where it has gone", where="tumour", remedy="Give it on the planning grid."
        )
    distance = _distance_of(zone)
    planning = _evaluated(distance, clean.grid)
    if not (planning < 0).any():
        raise MaskError("the ablation zone touches no voxel of the image", where="zone", remedy="Check its place and size.")
    if deformation is None:
        deformation = breathing(seed, clean.grid.to_lps(np.argwhere(planning < 0).mean(0)))
    grid = clean.grid
    moved = carried(clean.array, grid, deformation, outside=-1000.0)
    phi = _evaluated(distance, grid, deformation)
    share = np.ones(grid.shape, np.float32) if organ is None else carried(organ.array, grid, deformation, outside=0.0)
    side = float(np.prod(grid.spacing_mm)) ** (1 / 3)
    rim = np.exp(-0.5 * ((phi - 1.2) / 1.0) ** 2) * (phi > -1)
    hu = moved + share * (np.float32(RIM_HU) * rim)
    inside = np.clip(0.5 - phi / side, 0, 1) * share
    hu += inside * (np.float32(ZONE_HU) + np.float32(0.08) * (moved - 110) - hu)
    if track_lps_mm is not None:
        hu += inside * _track(grid, deformation, track_lps_mm) * np.float32(TRACK_HU - ZONE_HU)
    sd = own_noise if noise_sd_hu is None else noise_sd_hu
    if isinstance(patient, DigitalPatient):
        hu = moved + blurred(hu - moved, grid)
    if sd > 0:
        hu = hu + noise_hu(np.random.default_rng([seed, 51]), body, grid, sd_hu=sd)
    ct = np.clip(np.round(hu), -1024, 3071).astype(np.int16)

    def volume(array: NDArray, unit: str = "") -> Volume:
        frame = f"{clean.frame_of_reference}.{seed}" if clean.frame_of_reference else ""
        return Volume(array, grid.affine, unit=unit, modality="CT" if unit else "", frame_of_reference=frame)

    gone = carried(tumour.array, grid, deformation, outside=0.0) >= 0.5
    return FollowUp(volume(ct, "HU"), volume(phi < 0), volume(gone), deformation, clean.on(planning < 0, unit=""))


def _distance_of(
    zone: Volume | Callable[[NDArray[np.float64]], NDArray[np.float64]],
) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """Signed-distance function of a zone given as mask."""
    if not isinstance(zone, Volume):
        return zone
    from scipy.ndimage import distance_transform_edt, map_coordinates

    inside = zone.array >= 0.5
    if not inside.any():
        raise MaskError("the ablation zone is empty", where="zone", remedy="Give a mask with at least one voxel.")
    spacing = zone.spacing_mm
    field = distance_transform_edt(~inside, sampling=spacing) - distance_transform_edt(inside, sampling=spacing)
    # The two distances are to voxel centres on the other side; the surface lies half a voxel before each.
    field = np.where(field > 0, field - spacing.min() / 2, field + spacing.min() / 2)
    grid = zone.grid

    def distance(points_lps_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        index = np.moveaxis(grid.to_index(points_lps_mm), -1, 0)
        return np.asarray(map_coordinates(field, index, order=1, mode="nearest"))

    return distance


def _evaluated(
    distance: Callable[[NDArray[np.float64]], NDArray[np.float64]], grid: Grid, deformation: Deformation | None = None
) -> NDArray[np.float32]:
    """Zone's distance on a grid near the zone, far away ``FAR_MM``."""
    step = np.maximum(1, np.floor(COARSE_MM / grid.spacing_mm)).astype(int)
    coarse = _sampled(distance, grid, [np.arange(0, n + s - 1, s) for n, s in zip(grid.shape, step, strict=True)], deformation)
    phi = np.full(grid.shape, FAR_MM, dtype=np.float32)
    near = np.argwhere(coarse < 3 * COARSE_MM)
    if len(near):
        low = np.maximum((near.min(0) - 1) * step, 0)
        high = np.minimum((near.max(0) + 1) * step + 1, grid.shape)
        box = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
        phi[box] = _sampled(distance, grid, [np.arange(a, b) for a, b in zip(low, high, strict=True)], deformation)
    return phi


def _sampled(
    distance: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    grid: Grid,
    axes: list[NDArray],
    deformation: Deformation | None,
) -> NDArray[np.float64]:
    points = grid.to_lps(np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1))
    return distance(points if deformation is None else deformation.pull(points))


def _track(grid: Grid, deformation: Deformation, ends: tuple[ArrayLike, ArrayLike]) -> NDArray[np.float32]:
    tip, entry = (np.asarray(p, dtype=float) for p in ends)

    def away(points: NDArray[np.float64]) -> NDArray[np.float64]:
        along = entry - tip
        share = np.clip((points - tip) @ along / (along @ along), 0, 1)
        return np.asarray(np.linalg.norm(points - tip - share[..., None] * along, axis=-1))

    return np.asarray(np.exp(-0.5 * (_evaluated(away, grid, deformation) / 1.8) ** 2), dtype=np.float32)
