"""Blood vessels beside a zone: sinks whose strength follows from calibre and flow, and blood that warms on its way."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.access.field import vessels_over
from locoregional.imaging.distance import distance_outside_mm, signed_distance_mm
from locoregional.imaging.volume import Grid
from locoregional.physics.medium import Medium
from locoregional.sources import Sourced, read_facts
from locoregional.units import mm_to_m

__all__ = [
    "WallBand", "calibres_mm", "effectiveness", "outlet_temperature_c", "split_vessels", "transfer_units",
    "wall_coefficient_w_m2k", "with_vessels",
]  # fmt: skip

CALIBRES_MM = (3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0, 16.0, 20.0)
"""Calibres that voxels are told apart by."""
_FILE = "vessel_facts.toml"


@dataclass(frozen=True)
class WallBand:
    """Heat transfer coefficient of a vessel wall [W/m2/K].

    Attributes
    ----------
    low, nominal, high : ndarray
        Fully developed flow, the geometric mean of both ends, and the mean over the thermal entry (Hausen).
    """

    low: NDArray[np.float64]
    nominal: NDArray[np.float64]
    high: NDArray[np.float64]


def wall_coefficient_w_m2k(calibre_mm: ArrayLike) -> WallBand:
    """Coefficient h = Nu k / D of vessels of these calibres [mm] at their usual flow.

    The flow may have met the heat just now or long ago, so the band runs from the fully developed Nusselt number to the mean over
    the entry length.
    """
    facts, blood = read_facts(__package__, _FILE), _blood()
    diameter = mm_to_m(1.0) * np.asarray(calibre_mm, float)
    speed = _speed_m_s(diameter)
    viscosity = float(facts["flow.viscosity"])
    reynolds = blood["density"] * speed * diameter / viscosity
    prandtl = viscosity * blood["specific_heat"] / blood["conductivity"]
    graetz = reynolds * prandtl * diameter / _heated_m()
    developed = float(facts["nusselt.developed"])
    entry = float(facts["nusselt.entry"]) * graetz / (1.0 + float(facts["nusselt.entry_damping"]) * graetz ** (2.0 / 3.0))
    low, high = (nusselt * blood["conductivity"] / diameter for nusselt in (developed, developed + entry))
    return WallBand(low, np.sqrt(low * high), high)


def transfer_units(calibre_mm: ArrayLike, *, wall_w_m2k: ArrayLike, length_m: float) -> NDArray[np.float64]:
    """Number of transfer units of a vessel segment, h pi D L / (m c): the energy balance m c dT/ds = h pi D (Tw - T)."""
    blood, diameter = _blood(), mm_to_m(1.0) * np.asarray(calibre_mm, float)
    carried = blood["density"] * blood["specific_heat"] * _speed_m_s(diameter) * diameter
    return np.asarray(4.0 * np.asarray(wall_w_m2k) * length_m / carried)


def outlet_temperature_c(inlet_c: ArrayLike, *, wall_c: ArrayLike, units: ArrayLike) -> NDArray[np.float64]:
    """Temperature of the blood behind segments at these wall temperatures, passed one after another.

    Parameters
    ----------
    inlet_c : array_like, scalar
        Temperature of the blood that comes in.
    wall_c, units : array_like, shape (segments,) or scalar
        Wall temperature and transfer units of each segment, in the direction of flow.

    Returns
    -------
    ndarray, shape (segments,)
        Temperature at the end of each.
    """
    walls, steps = np.broadcast_arrays(np.atleast_1d(np.asarray(wall_c, float)), np.atleast_1d(np.asarray(units, float)))
    out, now = np.empty(walls.shape), float(np.asarray(inlet_c))
    for n, (wall, step) in enumerate(zip(walls, steps, strict=True)):
        now = wall + (now - wall) * np.exp(-step)
        out[n] = now
    return out


def effectiveness(units: ArrayLike) -> NDArray[np.float64]:
    """Heat that a segment takes up, as a share of what blood that stayed cold would: (1 - exp(-N)) / N."""
    n = np.asarray(units, float)
    return np.where(n > 1e-9, -np.expm1(-n) / np.maximum(n, 1e-9), 1.0)


def split_vessels(blood: NDArray[np.bool_], grid: Grid) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Vessels wide enough to act as a heat sink of their own, and narrower ones, which are part of the perfused tissue."""
    if not blood.any():
        return blood, blood
    wide = vessels_over(blood, calibre_mm=float(read_facts(__package__)["vessel.sink_calibre"]), spacing_mm=grid.spacing_mm)
    return wide, blood & ~wide


def calibres_mm(blood: NDArray[np.bool_], grid: Grid) -> NDArray[np.float32]:
    """Calibre of the vessel that each voxel of blood belongs to, by classes [mm]; 0 outside and below the least class."""
    found = np.zeros(blood.shape, np.float32)
    if not blood.any():
        return found
    side = float(grid.spacing_mm.min())
    depth = -signed_distance_mm(np.pad(blood, 1), spacing_mm=grid.spacing_mm)[1:-1, 1:-1, 1:-1]
    for calibre in CALIBRES_MM:  # as vessels_over does, with one depth for all
        core = blood & (depth >= calibre / 2 - side / 2)
        if not core.any():
            break
        found[blood & (distance_outside_mm(core, spacing_mm=grid.spacing_mm) <= calibre / 2 + side)] = calibre
    return found


def with_vessels(medium: Medium, blood: NDArray[np.bool_], grid: Grid) -> tuple[Medium, tuple[Sourced, ...]]:
    """Vessels as sinks: the widest keep blood temperature; others take heat through their wall, h A / V with A / V = 4 / D.

    Parameters
    ----------
    medium : Medium
        Tissue on the grid.
    blood : ndarray of bool, shape of the grid
        Vessels above the sink calibre.
    grid : Grid
        Isotropic.
    """
    if not blood.any():
        return medium, ()
    own, flow = read_facts(__package__), read_facts(__package__, _FILE)
    least, held = own["vessel.sink_calibre"], own["vessel.held_calibre"]
    calibre = np.maximum(calibres_mm(blood, grid), float(least))
    wide = blood & (calibre >= float(held))
    narrow = blood & ~wide
    wall = wall_coefficient_w_m2k(calibre[narrow]).nominal
    warmed = effectiveness(transfer_units(calibre[narrow], wall_w_m2k=wall, length_m=_heated_m()))
    sink = np.zeros(blood.shape, np.float32)
    sink[narrow] = 4.0 * wall * warmed / (mm_to_m(1.0) * calibre[narrow])
    perfusion = np.where(blood, np.float32(0.0), medium.full("perfusion_heat_w_m3k"))
    return replace(medium, held=wide, sink_w_m3k=sink, perfusion_heat_w_m3k=perfusion), (least, held, *flow.values())


def _speed_m_s(diameter_m: NDArray[np.float64]) -> NDArray[np.float64]:
    facts = read_facts(__package__, _FILE)
    at = mm_to_m(1.0) * np.array(facts["flow.calibre"].value)
    return np.asarray(np.interp(diameter_m, at, facts["flow.speed"].value))


def _heated_m() -> float:
    return mm_to_m(float(read_facts(__package__, _FILE)["flow.heated_length"]))


def _blood() -> dict[str, float]:
    facts = read_facts("locoregional.physics")
    return {name: float(facts[f"blood.{name}"]) for name in ("density", "specific_heat", "conductivity")}
