"""Counts in a region that covers voxels in part."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import GeometryError, MaskError, PlanningError

__all__ = ["noise_within", "sum_within"]

_ROUND = 1e-6


def sum_within(values: NDArray, occupancy: NDArray, name: str) -> float:
    """Sum of the values times the share of each voxel that belongs to the region.

    Parameters
    ----------
    values : ndarray
        Counts or activity per voxel.
    occupancy : ndarray, same shape
        Share of every voxel, 0..1; a boolean mask will do.
    name : str
        Region, for the errors.

    Raises
    ------
    GeometryError
        If the shapes differ.
    MaskError
        If an occupancy lies outside 0..1.
    PlanningError
        If a value is not finite, or the sum is negative.
    """
    if values.shape != occupancy.shape:
        raise GeometryError(f"{occupancy.shape} on a map of {values.shape}", where=name, remedy="Resample it onto the map.")
    share = np.asarray(occupancy, dtype=np.float64)
    if not (np.all(share >= -_ROUND) and np.all(share <= 1.0 + _ROUND)):
        raise MaskError("occupancy outside 0..1", where=name, remedy="Give shares of voxels, or a boolean mask.")
    total = float(np.sum(np.asarray(values, dtype=np.float64) * share))
    if not np.isfinite(total):
        raise PlanningError("values that are no numbers", where=name, remedy="Check the map.")
    if total < 0.0:
        raise PlanningError(f"a sum of {total:g} counts", where=name, remedy="Check the map: counts are not negative.")
    return total


def noise_within(counts: NDArray, occupancy: NDArray) -> float:
    """Standard deviation of :func:`sum_within` if the counts of the voxels were Poisson's."""
    share = np.asarray(occupancy, dtype=np.float64)
    return float(np.sqrt(np.sum(share**2 * np.clip(np.asarray(counts, dtype=np.float64), 0.0, None))))
