"""The chance that a planned zone covers the target with a margin although the needle lands a little off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.access.boxes import voxels_of
from locoregional.access.scene import ZoneSpec
from locoregional.access.sphere import directions_over_sphere
from locoregional.errors import PlanningError
from locoregional.imaging.distance import signed_distance_mm
from locoregional.imaging.volume import Grid
from locoregional.sources import read_facts

__all__ = [
    "Coverage",
    "PlacementError",
    "coverage_probability",
    "ellipsoid_coverage",
    "required_points",
    "wanted_margins_mm",
]

PLANES = 1000
"""Supporting planes of the zone: at most 4 degrees from any direction, so that a 5 mm shift is judged within 0.02 mm."""

SMOOTHING_VOXELS = 0.8
"""Blur of the target before its surface is taken: removes the staircase, keeps anything of three voxels."""

Z_95 = 1.959963984540054
"""Two-sided 95 % point of the normal distribution."""


@dataclass(frozen=True)
class PlacementError:
    """How far the needle lands from where it was planned; normal, without bias.

    Attributes
    ----------
    lateral_mean_mm : float [mm]
        Mean distance across the needle, as studies report it.
    axial_sd_mm : float [mm]
        Standard deviation along the needle.
    """

    lateral_mean_mm: float
    axial_sd_mm: float

    @classmethod
    def published(cls) -> PlacementError:
        """Pooled error of stereotactic placement (``facts.toml``)."""
        facts = read_facts("locoregional.access")
        return cls(float(facts["placement.lateral_error"]), float(facts["placement.axial_sd"]))

    @property
    def lateral_sd_mm(self) -> float:
        """Standard deviation per lateral axis of the two-dimensional normal with that mean distance."""
        return self.lateral_mean_mm / float(np.sqrt(np.pi / 2))


@dataclass(frozen=True)
class Coverage:
    """Chance to cover the target with one margin.

    Attributes
    ----------
    margin_mm : float [mm]
        Margin asked for, ending at the organ's capsule where an organ was given.
    probability : float
        Share of simulated placements that cover all of it.
    low, high : float
        95 % interval of that share from the number of samples (Wilson); not the uncertainty of the zone itself.
    samples : int
        Number of placements.
    """

    margin_mm: float
    probability: float
    low: float
    high: float
    samples: int


def coverage_probability(
    target: NDArray[np.bool_],
    *,
    grid: Grid,
    zone: ZoneSpec | NDArray[np.bool_],
    direction_lps: ArrayLike,
    centre_lps_mm: ArrayLike | None = None,
    organ: NDArray[np.bool_] | None = None,
    margins_mm: Sequence[float] | None = None,
    error: PlacementError | None = None,
    samples: int = 4000,
    seed: int = 0,
) -> tuple[Coverage, ...]:
    """Chance that the zone covers the target and each margin under placement error.

    Parameters
    ----------
    target : ndarray of bool, shape (slices, rows, columns)
        Lesion.
    grid : Grid
        Where its voxels are.
    zone : ZoneSpec or ndarray of bool
        Planned ellipsoid, or a simulated zone on the same grid where the plan puts it.
    direction_lps : array_like, shape (3,)
        Needle axis (either sense).
    centre_lps_mm : array_like, shape (3,) [mm], optional
        Middle of the ellipsoid; not used for a zone mask.
    organ : ndarray of bool, optional
        The margin is asked for inside this organ only.
    margins_mm : sequence of float [mm], optional
        Default: the margins of ``facts.toml``.
    error : PlacementError, optional
        Default: the pooled published error.
    samples : int
        Simulated placements.
    seed : int
        Same seed, same result.

    Returns
    -------
    tuple of Coverage
        One per margin.

    Notes
    -----
    The error moves the zone without turning it. For the ellipsoid the test is exact up to the discretised target: a convex
    zone holds a set if and only if its support function exceeds that of the set in every direction.
    """
    if samples < 1:
        raise PlanningError("coverage needs at least one sample", remedy="Give a positive number.")
    margins = wanted_margins_mm() if margins_mm is None else tuple(margins_mm)
    spread = PlacementError.published() if error is None else error
    axis = np.asarray(direction_lps, dtype=float) / np.linalg.norm(direction_lps)
    needed = {margin: required_points(target, grid=grid, organ=organ, margin_mm=margin) for margin in margins}
    if isinstance(zone, ZoneSpec):
        if centre_lps_mm is None:
            raise PlanningError("an ellipsoid needs its middle", where="centre_lps_mm", remedy="Give the aim of the needle.")
        centre = np.asarray(centre_lps_mm, dtype=float)
        return ellipsoid_coverage(needed, zone=zone, axis=axis, centre_lps_mm=centre, error=spread, samples=samples, seed=seed)
    shifts, _ = _placements(axis, spread, samples, seed)
    return tuple(_with_interval(m, _mask_covers(points, zone, grid, shifts)) for m, points in needed.items())


def wanted_margins_mm() -> tuple[float, ...]:
    """Margins that a plan reports on (``facts.toml``) [mm]."""
    return tuple(float(m) for m in read_facts("locoregional.access")["margin.wanted"].value)


def ellipsoid_coverage(
    needed: Mapping[float, NDArray[np.float64]],
    *,
    zone: ZoneSpec,
    axis: NDArray[np.float64],
    centre_lps_mm: NDArray[np.float64],
    error: PlacementError,
    samples: int,
    seed: int,
) -> tuple[Coverage, ...]:
    """Coverage by an ellipsoid of points that were collected once, for many needles to one target.

    Parameters
    ----------
    needed : mapping of float [mm] to ndarray, shape (points, 3) [mm]
        Margin, and the corners of what must be covered, LPS.
    zone : ZoneSpec
        Planned ellipsoid.
    axis : ndarray, shape (3,)
        Unit LPS vector along the needle.
    centre_lps_mm : ndarray, shape (3,) [mm]
        Planned middle of the zone.
    error : PlacementError
        Placement error.
    samples, seed : int
        Simulated placements and their seed.
    """
    shifts, sizes = _placements(axis, error, samples, seed)
    planes = directions_over_sphere(PLANES, seed=0)
    along = planes @ axis
    support = np.sqrt((zone.long_axis_mm / 2 * along) ** 2 + (zone.short_axis_mm / 2) ** 2 * (1.0 - along**2))
    # The zone of size s moved by a shift holds the points if s * support + shift . plane reaches them in every plane.
    grown = shifts.astype(np.float32) @ planes.T.astype(np.float32)
    if zone.relative_sd > 0:
        grown += np.outer(np.maximum(1.0 + zone.relative_sd * sizes, 0.0) - 1.0, support).astype(np.float32)
    found = []
    for margin, points in needed.items():
        short = (np.max((points - centre_lps_mm) @ planes.T, axis=0) - support).astype(np.float32)
        found.append(_with_interval(margin, (grown >= short).all(axis=1)))
    return tuple(found)


def required_points(
    target: NDArray[np.bool_], *, grid: Grid, organ: NDArray[np.bool_] | None, margin_mm: float
) -> NDArray[np.float64]:
    """Surface points of the target grown by a margin that ends at the organ's capsule.

    Parameters
    ----------
    target : ndarray of bool, shape (slices, rows, columns)
        Lesion.
    grid : Grid
        Where its voxels are.
    organ : ndarray of bool, optional
        Where the margin is asked for; None for everywhere.
    margin_mm : float [mm]
        Margin.

    Returns
    -------
    ndarray, shape (points, 3) [mm]
        LPS, on the interpolated surface.
    """
    from skimage.measure import marching_cubes

    pad = np.ceil((margin_mm + 3.0) / grid.spacing_mm).astype(int) + 1
    voxels = voxels_of(target)
    low = voxels.min(axis=0) - pad
    shape = voxels.max(axis=0) + 1 + pad - low
    local = np.zeros(shape, bool)
    local[tuple((voxels - low).T)] = True
    # The target counts as it is; only the margin ends at the capsule.
    field = signed_distance_mm(_smoothed(local), spacing_mm=grid.spacing_mm)
    region = field - np.float32(margin_mm)
    if organ is not None:
        inside = np.zeros(shape, bool)
        first, last = np.maximum(low, 0), np.minimum(low + shape, organ.shape)
        there = tuple(slice(a, b) for a, b in zip(first - low, last - low, strict=True))
        inside[there] = organ[tuple(slice(a, b) for a, b in zip(first, last, strict=True))]
        inside |= local
        if not inside.all():
            region = np.maximum(region, signed_distance_mm(inside, spacing_mm=grid.spacing_mm))
    region = np.minimum(region, field)
    vertices = marching_cubes(region, 0.0)[0]
    return grid.to_lps(vertices + low)


def _smoothed(mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Occupancy of a mask without its staircase, of the same volume.

    The corners of voxels stick out of the true surface by a third of a millimetre on 1 mm voxels, and the farthest corner
    would decide whether the target is covered.
    """
    from scipy.ndimage import gaussian_filter

    blurred = gaussian_filter(mask.astype(np.float32), SMOOTHING_VOXELS)
    level = np.partition(blurred.ravel(), -int(mask.sum()))[-int(mask.sum())]
    return np.asarray(np.clip(blurred + (np.float32(0.5) - level), 0.0, 1.0), np.float32)


def _placements(axis: NDArray, error: PlacementError, samples: int, seed: int) -> tuple[NDArray, NDArray]:
    """Shifts (samples, 3) [mm] of the zone and standard normal numbers for its size (samples,)."""
    draws = np.random.default_rng(seed).normal(size=(samples, 4))
    across = np.linalg.svd(axis[None])[2][1:]
    return draws[:, :2] * error.lateral_sd_mm @ across + draws[:, 2:3] * error.axial_sd_mm * axis, draws[:, 3]


def _mask_covers(points: NDArray, zone: NDArray, grid: Grid, shifts: NDArray) -> NDArray[np.bool_]:
    from scipy.ndimage import map_coordinates

    if zone.shape != grid.shape or zone.dtype != bool or not zone.any():
        raise PlanningError("the zone mask is empty, not boolean or on another grid", where="zone", remedy="Resample it first.")
    voxels = voxels_of(zone)
    low, high = np.maximum(voxels.min(axis=0) - 2, 0), voxels.max(axis=0) + 3
    depth = -signed_distance_mm(zone[tuple(slice(a, b) for a, b in zip(low, high, strict=True))], spacing_mm=grid.spacing_mm)
    base = (grid.to_index(points) - low).T
    # Depth changes by at most the shift, so points that lie deeper than every shift need no look.
    near = map_coordinates(depth, base, order=1, mode="nearest") <= np.linalg.norm(shifts, axis=1).max()
    if not near.any():
        return np.ones(len(shifts), bool)
    moves = shifts @ np.linalg.inv(grid.affine[:3, :3]).T
    base = base[:, near]
    return np.array([map_coordinates(depth, base - move[:, None], order=1, mode="nearest").min() >= 0.0 for move in moves])


def _with_interval(margin_mm: float, covered: NDArray[np.bool_]) -> Coverage:
    """Share and its Wilson 95 % interval."""
    samples = len(covered)
    p, z2 = float(covered.mean()), Z_95**2
    middle = (p + z2 / (2 * samples)) / (1 + z2 / samples)
    half = Z_95 / (1 + z2 / samples) * np.sqrt(p * (1 - p) / samples + z2 / (4 * samples**2))
    return Coverage(float(margin_mm), p, float(max(0.0, middle - half)), float(min(1.0, middle + half)), samples)
