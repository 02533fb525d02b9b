"""Axes and volume of a zone along its needle, as it died and as it looks after the tissue has contracted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.ablation.needle import NeedleFrame
from locoregional.physics.damage import DamageModel
from locoregional.sources import read_facts
from locoregional.units import ML_PER_MM3

__all__ = ["ZoneSize", "contraction_share", "death_level", "measure_zone"]

PITCH_MM = 0.25
"""Sampling of the section through the zone: an eighth of the coarsest voxel in use."""

AROUND = 16
"""Points per ring, so that the mean of a mask around the needle resolves its edge well below the voxel."""

DIRECTIONS = 36
"""Directions in which the width of a joint zone is taken."""

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


def measure_zone(needles: NeedleFrame | Sequence[NeedleFrame], *, level: NDArray, peak_temperature_c: NDArray | None) -> ZoneSize:
    """Size of a zone on a voxel grid, below the voxel size.

    Around one needle the section averaged around it is measured; the zone of several needles by its outline.

    Parameters
    ----------
    needles : NeedleFrame or sequence of NeedleFrame
        The needle or needles in the grid.
    level : ndarray, shape (slices, rows, columns)
        Positive where tissue died, zero at the edge, negative outside; smooth across the edge, see :func:`death_level`.
    peak_temperature_c : ndarray, same shape, or None
        Highest temperature, for the contraction; None: nothing contracts (cold).

    Returns
    -------
    ZoneSize
        Zero everywhere if nothing died.
    """
    frames = [needles] if isinstance(needles, NeedleFrame) else list(needles)
    if not (np.asarray(level) > 0).any():
        return ZoneSize.empty()
    if len(frames) == 1:
        return _around(frames[0], np.asarray(level), peak_temperature_c)
    return _outline(frames, np.asarray(level), peak_temperature_c)


def _around(grid: NeedleFrame, level: NDArray, peak_temperature_c: NDArray | None) -> ZoneSize:
    """Size from the section averaged around the needle."""
    somewhere = level > 0
    along_mm, across_mm = (a[somewhere] for a in grid.distance_along_mm())
    border = 2.0 * float(grid.spacing_mm.max())
    z_mm = np.arange(float(along_mm.min()) - border, float(along_mm.max()) + border, PITCH_MM)
    r_mm = np.arange(0.5 * PITCH_MM, float(across_mm.max()) + border, PITCH_MM)
    place = {"z_m": 1e-3 * z_mm, "r_m": 1e-3 * r_mm, "azimuths": AROUND}
    inside = grid.section(level.astype(np.float32), outside=-1.0, **place) > 0  # type: ignore[arg-type]
    if not inside.any():
        return ZoneSize.empty()
    kept = np.ones(inside.shape)
    if peak_temperature_c is not None:
        peak = grid.section(np.asarray(peak_temperature_c, dtype=np.float32), outside=0.0, **place)  # type: ignore[arg-type]
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


def _outline(frames: Sequence[NeedleFrame], level: NDArray, peak_temperature_c: NDArray | None) -> ZoneSize:
    """Size of a joint zone from its surface: along the mean needle, and the least width across it."""
    from skimage.measure import marching_cubes

    first = frames[0]
    padded = np.pad(level.astype(np.float32), 1, constant_values=-1.0)
    vertices, faces, _, _ = marching_cubes(padded, 0.0, spacing=tuple(first.spacing_mm))
    points = vertices - first.spacing_mm
    axis = np.mean([f.axis for f in frames], axis=0)
    axis /= np.linalg.norm(axis)
    side = first.side - (first.side @ axis) * axis
    side /= np.linalg.norm(side)
    other = np.cross(axis, side)
    angles = np.pi * np.arange(DIRECTIONS) / DIRECTIONS
    across = np.stack([points @ (np.cos(a) * side + np.sin(a) * other) for a in angles])
    along = points @ axis
    long_mm, short_mm = float(np.ptp(along)), float(np.ptp(across, axis=1).min())
    corners = points[faces]
    volume = abs(float(np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])).sum())) / 6.0
    shrunk, shrunk_volume = 1.0, 1.0
    if peak_temperature_c is not None:
        kept = 1.0 - contraction_share(np.asarray(peak_temperature_c)[level > 0])
        shrunk, shrunk_volume = float(kept.mean()), float((kept**3).mean())
    tips = [1e3 * float(f.tip_m @ axis) for f in frames]
    return ZoneSize(
        long_mm=long_mm,
        short_mm=short_mm,
        volume_ml=volume * ML_PER_MM3,
        contracted_long_mm=long_mm * shrunk,
        contracted_short_mm=short_mm * shrunk,
        contracted_volume_ml=volume * ML_PER_MM3 * shrunk_volume,
        ahead_mm=max(0.0, min(tips) - float(along.min())),
    )
