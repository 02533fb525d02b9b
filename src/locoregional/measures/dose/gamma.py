"""Gamma index of two dose maps in three dimensions (low1998): dose difference and distance in one number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import GeometryError, UnitsError
from locoregional.imaging.volume import Volume

__all__ = ["Gamma", "gamma_index"]

_PER_DISTANCE = 10
"""Points of the search per distance criterion and axis."""


@dataclass(frozen=True, eq=False)
class Gamma:
    """Gamma at every voxel of the reference.

    Attributes
    ----------
    volume : Volume
        Gamma, at most the limit; NaN below the threshold, and where there is no evaluated dose.
    compared, left_out : int
        Voxels over the threshold with, and without, an evaluated dose.
    words : str
        The criteria.
    """

    volume: Volume
    compared: int
    left_out: int
    words: str

    @property
    def pass_share(self) -> float:
        """Share of the compared voxels with a gamma of at most 1."""
        return float(np.count_nonzero(self.volume.array <= 1.0 + 1e-6) / self.compared)


def gamma_index(
    reference: Volume,
    evaluated: Volume,
    *,
    dose_percent: float,
    distance_mm: float,
    local: bool = False,
    threshold_percent: float = 10.0,
    limit: float = 2.0,
) -> Gamma:
    """Compare a dose map with a reference.

    Parameters
    ----------
    reference, evaluated : Volume
        Doses in Gy, each on its own grid; the evaluated one is linear between voxel centres.
    dose_percent, distance_mm : float
        Criteria.
    local : bool
        Per cent of the reference dose at the voxel, instead of its maximum.
    threshold_percent : float
        Voxels below this share of the largest reference dose are not compared.
    limit : float
        Largest gamma that is searched for; larger ones are set to it.

    Returns
    -------
    Gamma
        On the grid of the reference.

    Raises
    ------
    UnitsError
        If a map is not in Gy or a criterion is out of range.
    GeometryError
        If the frames of reference differ, or no voxel can be compared.
    """
    from locoregional.measures.dose.gamma_kernels import gamma_search

    _check(reference, evaluated, dose_percent, distance_mm, threshold_percent, limit)
    given = np.ascontiguousarray(reference.array, np.float32)
    most = float(given.max())
    wanted = np.argwhere(given >= threshold_percent / 100.0 * most) if most > 0.0 else np.empty((0, 3), int)
    at = given[tuple(wanted.T)].astype(np.float64)
    tolerances = dose_percent / 100.0 * (at if local else np.full(at.shape, most))
    wanted, tolerances = wanted[tolerances > 0.0], tolerances[tolerances > 0.0]
    inverse = np.linalg.inv(evaluated.affine)
    step = inverse @ reference.affine
    steps = _steps_mm(distance_mm, limit)
    found = np.empty(len(wanted))
    gamma_search(
        given,
        np.ascontiguousarray(wanted, np.int64),
        np.ascontiguousarray(evaluated.array, np.float32),
        np.ascontiguousarray(step[:3, :3]),
        step[:3, 3].copy(),
        np.ascontiguousarray(inverse[:3, :3]),
        steps,
        np.linalg.norm(steps, axis=1),
        distance_mm,
        tolerances,
        limit,
        found,
    )
    compared = int(np.isfinite(found).sum())
    if compared == 0:
        raise GeometryError("no voxel of the reference can be compared", remedy="Check that both maps cover the same place.")
    array = np.full(given.shape, np.nan, np.float32)
    array[tuple(wanted.T)] = found
    words = (
        f"gamma {dose_percent:g} % ({'local' if local else 'of the largest reference dose'}) / {distance_mm:g} mm, "
        f"voxels from {threshold_percent:g} % of the largest dose on"
    )
    return Gamma(reference.on(array), compared, len(found) - compared, words)


def _check(reference: Volume, evaluated: Volume, percent: float, distance_mm: float, threshold: float, limit: float) -> None:
    for name, volume in (("reference", reference), ("evaluated", evaluated)):
        if volume.unit != "Gy" or not np.isfinite(volume.array).all():
            raise UnitsError("a dose map must be finite and in Gy", where=name, remedy="Give absorbed doses in Gy.")
    a, b = reference.frame_of_reference, evaluated.frame_of_reference
    if a and b and a != b:
        raise GeometryError(
            "the dose maps are in different frames of reference", where=f"{a} / {b}", remedy="Register one to the other first."
        )
    if not (0.0 < percent < 100.0 and 0.0 < distance_mm < 100.0 and 0.0 <= threshold < 100.0 and 1.0 <= limit <= 5.0):
        raise UnitsError(
            f"criteria {percent:g} %, {distance_mm:g} mm, from {threshold:g} %, up to {limit:g}",
            where="gamma",
            remedy="Give per cent (3, not 0.03), millimetres, a threshold in per cent, and a limit of 1 to 5.",
        )


def _steps_mm(distance_mm: float, limit: float) -> NDArray[np.float64]:
    """Offsets within the reach of the limit, nearest first, shape (n, 3)."""
    count = int(np.ceil(limit * _PER_DISTANCE))
    line = np.arange(-count, count + 1) * (distance_mm / _PER_DISTANCE)
    cube = np.stack(np.meshgrid(line, line, line, indexing="ij"), axis=-1).reshape(-1, 3)
    lengths = np.linalg.norm(cube, axis=1)
    within = lengths <= limit * distance_mm + 1e-9
    return np.ascontiguousarray(cube[within][np.argsort(lengths[within], kind="stable")])
