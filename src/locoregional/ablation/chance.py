"""The chance that several zones together reach everything although each needle lands a little off."""

from __future__ import annotations

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from locoregional.access.coverage import Z_95, Coverage, PlacementError
from locoregional.access.scene import ZoneSpec
from locoregional.sources import read_facts

__all__ = ["chance_of_cover", "registration_sd_mm", "union_covers"]


def registration_sd_mm() -> float:
    """Standard deviation along each axis [mm] of a registration with the published mean error (a Maxwell distribution)."""
    mean = float(read_facts("locoregional.case")["registration.typical_error"])
    return mean / (2.0 * float(np.sqrt(2.0 / np.pi)))


def chance_of_cover(
    points_lps_mm: NDArray[np.float64],
    *,
    margin_mm: float,
    zone: ZoneSpec,
    centres_lps_mm: NDArray[np.float64],
    axes: NDArray[np.float64],
    error: PlacementError,
    registration_mm: float,
    placed: NDArray[np.bool_] | None = None,
    samples: int = 2000,
    seed: int = 0,
) -> Coverage:
    """Chance that the union of the zones holds every point.

    Parameters
    ----------
    points_lps_mm : ndarray, shape (points, 3) [mm]
        What must be held.
    margin_mm : float [mm]
        Which margin these points stand for.
    zone : ZoneSpec
        Zone of each needle; its relative standard deviation is that of the tissue, common to all of them.
    centres_lps_mm, axes : ndarray, shape (needles, 3)
        Planned middles [mm], and unit vectors along the needles.
    error : PlacementError
        Error of each needle, independent of the others.
    registration_mm : float [mm]
        Standard deviation along each axis of the shift between the plan's image and the patient, common to all needles.
    placed : ndarray of bool, shape (needles,), optional
        Needles that were seen in place: their own error is gone.
    samples, seed : int
        Simulated placements and their seed.

    Returns
    -------
    Coverage
        With its 95 % interval from the number of samples (Wilson); not that of the error model itself.
    """
    needles = len(centres_lps_mm)
    draws = np.random.default_rng(seed).normal(size=(samples, 4 + 3 * needles))
    shifts = np.empty((samples, needles, 3))
    for k, axis in enumerate(axes):
        across = np.linalg.svd(axis[None])[2][1:]
        own = draws[:, 4 + 3 * k : 7 + 3 * k]
        shifts[:, k] = own[:, :2] * error.lateral_sd_mm @ across + own[:, 2:] * error.axial_sd_mm * axis
        if placed is not None and placed[k]:
            shifts[:, k] = 0.0
        shifts[:, k] += centres_lps_mm[k] + registration_mm * draws[:, 1:4]
    sizes = np.maximum(1.0 + zone.relative_sd * draws[:, 0], 1e-3)
    far = np.argsort(-np.linalg.norm(points_lps_mm - points_lps_mm.mean(axis=0), axis=1))  # the hardest first
    covered = union_covers(
        np.ascontiguousarray(points_lps_mm[far]), shifts, np.ascontiguousarray(axes), sizes,
        zone.long_axis_mm / 2, zone.short_axis_mm / 2,
    )  # fmt: skip
    p, z2 = float(covered.mean()), Z_95**2
    middle = (p + z2 / (2 * samples)) / (1 + z2 / samples)
    half = Z_95 / (1 + z2 / samples) * float(np.sqrt(p * (1 - p) / samples + z2 / (4 * samples**2)))
    return Coverage(float(margin_mm), p, max(0.0, middle - half), min(1.0, middle + half), samples)


@njit(cache=True, nogil=True, parallel=True)
def union_covers(points_lps_mm, centres_lps_mm, axes, sizes, half_long_mm, half_short_mm):  # type: ignore[no-untyped-def]
    """Whether the union of ellipsoids holds all points, for each sample.

    Parameters
    ----------
    points_lps_mm : ndarray of float64, shape (points, 3)
        Points, those likeliest to be missed first.
    centres_lps_mm : ndarray of float64, shape (samples, needles, 3)
        Middles of the zones.
    axes : ndarray of float64, shape (needles, 3)
        Unit vectors along the needles.
    sizes : ndarray of float64, shape (samples,)
        Factor on the size of all zones of a sample.
    half_long_mm, half_short_mm : float
        Half axes of a zone of size 1.

    Returns
    -------
    ndarray of bool, shape (samples,)
    """
    samples, needles = centres_lps_mm.shape[0], centres_lps_mm.shape[1]
    out = np.ones(samples, np.bool_)
    for s in prange(samples):
        a2, b2 = (sizes[s] * half_long_mm) ** 2, (sizes[s] * half_short_mm) ** 2
        for p in range(points_lps_mm.shape[0]):
            held = False
            for k in range(needles):
                x = points_lps_mm[p, 0] - centres_lps_mm[s, k, 0]
                y = points_lps_mm[p, 1] - centres_lps_mm[s, k, 1]
                z = points_lps_mm[p, 2] - centres_lps_mm[s, k, 2]
                t = x * axes[k, 0] + y * axes[k, 1] + z * axes[k, 2]
                if t * t / a2 + (x * x + y * y + z * z - t * t) / b2 <= 1.0:
                    held = True
                    break
            if not held:
                out[s] = False
                break
    return out
