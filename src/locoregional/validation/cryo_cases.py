"""Measured ice: phantoms of Littrup 2009 and Shah 2016, and lesions in pigs, each set up as published and never adjusted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from locoregional.ablation.device import Setting
from locoregional.ablation.energy import Job
from locoregional.ablation.needle import Needle
from locoregional.ablation.zone import Zone
from locoregional.physics.medium import Medium, body_temperature_c
from locoregional.physics.properties import Properties, homogeneous
from locoregional.procedures.cryo.devices import devices as probes
from locoregional.procedures.cryo.energy import ENERGY
from locoregional.units import minutes_to_s

__all__ = ["Section", "phantom", "pig", "section"]

# A gel of a few per cent agar or gelatin, taken as water and as ice.
_GEL_K, _ICE_K, _GEL_C, _ICE_C, _GEL_LATENT = 0.6, 2.22, 4.18e6, 1.94e6, 3.3e8
_GEL_FREEZES = {"solidus_c": -1.0, "liquidus_c": 0.0}
_SIDE_MM, _SPACING_MM = 100.0, 1.0
_PIG_SIDE_MM = 70.0


@dataclass(frozen=True)
class Section:
    """What is colder than a temperature in the plane across the middle of the active lengths.

    Attributes
    ----------
    area_mm2, diameter_mm : float
        Its area, and the diameter of a circle of that area.
    reach_mm : float
        How far it goes beyond the outermost probe, along the row of probes.
    """

    area_mm2: float
    diameter_mm: float
    reach_mm: float


def _gel(shape: tuple[int, int, int]) -> Properties:
    def full(value: float) -> NDArray[np.float32]:
        return np.full(shape, value, dtype=np.float32)

    return Properties(
        Medium(full(_GEL_K), full(_GEL_C)), full(1.0), full(1.0), full(1.0), full(_ICE_K), full(_ICE_C), full(_GEL_LATENT)
    )


def _corners(count: int, apart_mm: float) -> list[tuple[float, float]]:
    """One, two in a row, three in a triangle, four in a square, around (0, 0)."""
    if count == 1:
        return [(0.0, 0.0)]
    circle = 0.5 * apart_mm / np.sin(np.pi / count)
    start = 0.0 if count == 2 else np.pi / count
    angles = start + 2.0 * np.pi * np.arange(count) / count
    return [(float(circle * np.cos(a)), float(circle * np.sin(a))) for a in angles]


def _job(device: str, setting: Setting, properties: Properties, corners: Sequence[tuple[float, float]], body_c: float) -> Job:
    probe = probes()[device]
    middle = 0.5 * (properties.shape[0] - 1) * _SPACING_MM
    ahead = 0.5 * probe.active_mm
    needles = tuple(Needle((middle + y, middle + x, middle + ahead), (0.0, 0.0, 1.0)) for x, y in corners)
    return Job(probe, setting, needles, properties, _SPACING_MM, body_c)


@cache
def phantom(device: str, *, count: int, apart_mm: float, time_min: float, gel_c: float) -> Zone:
    """Freeze a gel once with probes side by side."""
    n = int(_SIDE_MM / _SPACING_MM)
    job = _job(device, Setting(0.0, minutes_to_s(time_min)), _gel((n, n, n)), _corners(count, apart_mm), gel_c)
    return ENERGY.simulate(replace(job, draw=_GEL_FREEZES))


def pig(tissue: str, *, time_min: float) -> Job:
    """One freeze of a living organ with the nitrogen probe."""
    n = int(_PIG_SIDE_MM / _SPACING_MM)
    properties = homogeneous(tissue, shape=(n, n, n))
    return _job("visica2", Setting(0.0, minutes_to_s(time_min)), properties, [(0.0, 0.0)], body_temperature_c())


def section(zone: Zone, *, at_c: float, outermost_mm: float = 0.0) -> Section:
    """Section of an isotherm of the lowest temperatures across the middle of the block.

    The area counts points of a plane four times as fine as the voxels, between which the temperature is linear.
    """
    from scipy.ndimage import map_coordinates

    n = zone.extreme_c.shape[0]
    middle, fine = 0.5 * (n - 1), 4
    at = (np.arange(n * fine) + 0.5) / fine - 0.5
    rows, columns = np.meshgrid(at, at, indexing="ij")
    plane = map_coordinates(zone.extreme_c, [rows, columns, np.full_like(rows, middle)], order=1, mode="nearest")
    area = float((plane < at_c).sum()) * (_SPACING_MM / fine) ** 2
    along = np.arange(middle, n - 1, 0.05)
    line = map_coordinates(zone.extreme_c, [np.full_like(along, middle), along, np.full_like(along, middle)], order=1)
    cold = np.flatnonzero(line < at_c)
    reach = float(along[cold[-1]] - middle) * _SPACING_MM - outermost_mm if cold.size else 0.0
    return Section(area, 2.0 * float(np.sqrt(area / np.pi)), reach)
