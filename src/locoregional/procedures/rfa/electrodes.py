"""Shapes of radiofrequency electrodes, and the rods they are in a voxel grid."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from locoregional.ablation.needle import Needle
from locoregional.physics.wire import Wire

__all__ = ["Electrode", "Path", "cluster", "points_mm", "segment", "star", "straight", "umbrella", "wires_of"]

Path = tuple[tuple[float, float, float], ...]
"""Bent line of points (z, x, y) [mm]: z from the tip towards the hub, x and y across the needle."""
PIECES = 8
"""Straight pieces of a bent tine."""


@dataclass(frozen=True)
class Electrode:
    """Metal at one potential.

    Attributes
    ----------
    paths : tuple of Path
        Bare lines that conduct.
    radius_mm : float
        Of each.
    sensors : tuple of (z, x, y) [mm]
        Thermocouples; their mean is the temperature that the generator sees.
    shaft_from_mm : float
        Where the insulated shaft begins, along the axis through ``shaft_at``; coolant runs in it too.
    shaft_at : (float, float)
        Axis of the shaft (x, y) [mm].
    """

    paths: tuple[Path, ...]
    radius_mm: float
    sensors: Path
    shaft_from_mm: float
    shaft_at: tuple[float, float] = (0.0, 0.0)


def straight(*, tip_mm: float, radius_mm: float, at: tuple[float, float] = (0.0, 0.0)) -> Electrode:
    """Needle whose last ``tip_mm`` are bare, ``at`` (x, y) beside the axis; its thermocouple sits in the tip."""
    x, y = at
    return Electrode((((0.0, x, y), (tip_mm, x, y)),), radius_mm, ((0.0, x, y),), tip_mm, at)


def segment(*, from_mm: float, to_mm: float, radius_mm: float) -> Electrode:
    """Bare ring of a needle between two distances from its tip, with a thermocouple at its middle."""
    return Electrode((((from_mm, 0.0, 0.0), (to_mm, 0.0, 0.0)),), radius_mm, ((0.5 * (from_mm + to_mm), 0.0, 0.0),), to_mm)


def cluster(*, tip_mm: float, radius_mm: float, apart_mm: float, count: int = 3) -> tuple[Electrode, ...]:
    """Parallel needles on a circle, neighbours ``apart_mm`` from each other."""
    circle = 0.5 * apart_mm / np.sin(np.pi / count)
    angles = 2.0 * np.pi * np.arange(count) / count
    return tuple(
        straight(tip_mm=tip_mm, radius_mm=radius_mm, at=(float(circle * np.cos(a)), float(circle * np.sin(a)))) for a in angles
    )


def _turned(profile: NDArray[np.float64], angle: float) -> Path:
    """Plane curve of points (z, r) at an angle about the axis."""
    return tuple((float(z), float(r * np.cos(angle)), float(r * np.sin(angle))) for z, r in profile)


def umbrella(*, across_mm: float, tines: int, tine_radius_mm: float) -> Electrode:
    """Tines that leave the cannula forwards, curl outwards and come back: half circles that end ``across_mm`` apart.

    The middle of the array lies beside the mouth of the cannula, which is the tip of the needle. The curve is a stand-in: the
    maker's is not in the sources held.
    """
    t = np.linspace(0.0, np.pi, PIECES + 1)
    quarter = 0.25 * across_mm
    profile = np.stack([-quarter * np.sin(t), quarter * (1.0 - np.cos(t))], axis=1)
    paths = tuple(_turned(profile, 2.0 * np.pi * n / tines) for n in range(tines))
    return Electrode(paths, tine_radius_mm, tuple(p[-1] for p in paths), 0.0)


def star(*, across_mm: float, tines: int, tine_radius_mm: float) -> Electrode:
    """Tines that leave the cannula forwards and bend outwards by a quarter circle, with one straight ahead.

    Their ends lie on a circle ``across_mm`` wide, half of that ahead of the needle's tip, the mouth of the cannula. The curve is
    a stand-in: the maker's is not in the sources held.
    """
    t = np.linspace(0.0, 0.5 * np.pi, PIECES + 1)
    half = 0.5 * across_mm
    profile = np.stack([-half * np.sin(t), half * (1.0 - np.cos(t))], axis=1)
    paths = [_turned(profile, 2.0 * np.pi * n / (tines - 1)) for n in range(tines - 1)]
    paths.append(((0.0, 0.0, 0.0), (-half, 0.0, 0.0)))
    return Electrode(tuple(paths), tine_radius_mm, tuple(p[-1] for p in paths), 0.0)


def points_mm(points: Path, needle: Needle) -> NDArray[np.float64]:
    """Points (z, x, y) of a needle's own frame along (slice, row, column) of the grid [mm], shape (points, 3)."""
    axis = -np.asarray(needle.direction)
    helper = np.eye(3)[int(np.argmin(np.abs(axis)))]
    side = np.cross(axis, helper)
    side /= np.linalg.norm(side)
    other = np.cross(axis, side)
    turn = np.radians(needle.turn_deg)
    first, second = np.cos(turn) * side + np.sin(turn) * other, np.cos(turn) * other - np.sin(turn) * side
    z, x, y = np.asarray(points, dtype=float).T
    out: NDArray[np.float64] = np.asarray(needle.tip_mm) + z[:, None] * axis + x[:, None] * first + y[:, None] * second
    return out


def wires_of(electrode: Electrode, needle: Needle) -> list[Wire]:
    """Rods of an electrode in the grid."""
    wires = []
    for path in electrode.paths:
        at = 1e-3 * points_mm(path, needle)
        for start, stop in pairwise(at):
            wires.append(Wire(tuple(map(float, start)), tuple(map(float, stop)), 1e-3 * electrode.radius_mm))  # type: ignore[arg-type]
    return wires
