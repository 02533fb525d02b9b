"""Axes and volume of a zone along its needle, as it died and as it looks after the tissue has contracted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.physics.damage import DamageModel
from locoregional.procedures.mwa.source import NeedleGrid
from locoregional.sources import read_facts
from locoregional.units import ML_PER_MM3

__all__ = ["ZoneSize", "contraction_share", "death_level", "measure_zone"]

PITCH_MM = 0.25
"""Sampling of the section through the zone: an eighth of the coarsest voxel in use."""

AROUND = 16
"""Points per ring, so that the mean of a mask around the needle resolves its edge well below the voxel."""

LOWEST_SUM, HIGHEST_SUM = 1e-3, 1e3
"""Damage sums, as shares of the threshold, beyond which a voxel no longer shifts the edge."""


@dataclass(frozen=True)
class ZoneSize:
    """Size of a zone along its needle.

    Attributes
    ----------
    long_mm, short_mm : float
        Extent along the needle, and largest diameter across it, of the tissue that died (in its place before treatment).
    volume_ml : float
        Volume of that tissue.
    contracted_long_mm, contracted_short_mm, contracted_volume_ml : float
        The same after contraction of heated tissue: what a cut specimen or a later image shows.
    ahead_mm : float
        How far the zone reaches beyond the tip.
    """

    long_mm: float
    short_mm: float
    volume_ml: float
    contracted_long_mm: float
    contracted_short_mm: float
    contracted_volume_ml: float
    ahead_mm: float

    @classmethod
    def empty(cls) -> ZoneSize:
        """Zone in which nothing died."""
        return cls(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def contraction_share(peak_temperature_c: NDArray) -> NDArray[np.float64]:
    """Relative shortening of liver that was once this hot [C], 0 below the onset, constant above the hottest measurement."""
    facts = read_facts(__package__)
    at = np.array([float(facts["contraction.onset"]), *facts["contraction.temperature"].value])
    share = np.array([0.0, *facts["contraction.share"].value]) / 100.0
    return np.interp(peak_temperature_c, at, share)


def death_level(
    damage_law: DamageModel, *, dead: NDArray, damage: NDArray | None, peak_temperature_c: NDArray
) -> NDArray[np.float32]:
    """Smooth measure of how far beyond the threshold of a damage law each voxel is: logarithmic for sums, kelvin for isotherms.

    The logarithm of a damage sum runs straight from voxel to voxel, so that its zero lies where the edge is, between centres.

    Parameters
    ----------
    damage_law : DamageModel
        The law.
    dead : ndarray of bool
        Beyond its threshold.
    damage : ndarray or None
        Its state.
    peak_temperature_c : ndarray
        Highest temperature.

    Returns
    -------
    ndarray of float32
        Positive where ``dead``.
    """
    if damage_law.kind == "isotherm":
        return np.asarray(peak_temperature_c - np.float32(damage_law.threshold), dtype=np.float32)
    if damage_law.kind == "three_state" or damage is None:
        return np.where(dead, np.float32(1.0), np.float32(-1.0))
    return np.log(np.clip(damage / np.float32(damage_law.threshold), LOWEST_SUM, HIGHEST_SUM))


def measure_zone(grid: NeedleGrid, *, level: NDArray, peak_temperature_c: NDArray) -> ZoneSize:
    """Size of a zone on a voxel grid, below the voxel size, from the section averaged around the needle.

    Parameters
    ----------
    grid : NeedleGrid
        The needle in the grid.
    level : ndarray, shape (slices, rows, columns)
        Positive where tissue died, zero at the edge, negative outside; smooth across the edge, see :func:`death_level`.
    peak_temperature_c : ndarray, same shape
        Highest temperature, for the contraction.

    Returns
    -------
    ZoneSize
        Zero everywhere if nothing died.
    """
    somewhere = np.asarray(level) > 0
    if not somewhere.any():
        return ZoneSize.empty()
    along_mm, across_mm = (a[somewhere] for a in grid.distance_along_mm())
    border = 2.0 * float(grid.spacing_mm.max())
    z_mm = np.arange(float(along_mm.min()) - border, float(along_mm.max()) + border, PITCH_MM)
    r_mm = np.arange(0.5 * PITCH_MM, float(across_mm.max()) + border, PITCH_MM)
    mean = grid.section(np.asarray(level, dtype=np.float32), z_m=1e-3 * z_mm, r_m=1e-3 * r_mm, outside=-1.0, azimuths=AROUND)
    inside = mean > 0
    if not inside.any():
        return ZoneSize.empty()
    peak = grid.section(
        np.asarray(peak_temperature_c, dtype=np.float32), z_m=1e-3 * z_mm, r_m=1e-3 * r_mm, outside=0.0, azimuths=AROUND
    )
    kept = np.where(inside, 1.0 - contraction_share(peak), 1.0)
    rows = np.flatnonzero(inside.any(axis=1))
    across = inside.sum(axis=1) * PITCH_MM
    shrunk_across = (inside * kept).sum(axis=1) * PITCH_MM
    # every line parallel to the needle shortens by its own share; the longest line bounds the zone
    along = inside.sum(axis=0) * PITCH_MM
    shrunk_along = (inside * kept).sum(axis=0) * PITCH_MM
    ring = 2.0 * np.pi * r_mm[None, :] * PITCH_MM**2 * ML_PER_MM3
    long_mm = (rows[-1] - rows[0] + 1) * PITCH_MM
    return ZoneSize(
        long_mm=float(long_mm),
        short_mm=float(2.0 * across.max()),
        volume_ml=float((ring * inside).sum()),
        contracted_long_mm=float(long_mm * shrunk_along.max() / along.max()),
        contracted_short_mm=float(2.0 * shrunk_across.max()),
        contracted_volume_ml=float((ring * inside * kept**3).sum()),
        ahead_mm=float(max(0.0, 0.5 * PITCH_MM - z_mm[rows[0]])),
    )
