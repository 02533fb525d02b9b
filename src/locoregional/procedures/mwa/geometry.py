"""The two antenna geometries that devices are built from, in millimetres from the tip."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

from locoregional.procedures.mwa.antenna import METAL, Antenna, Part
from locoregional.sources import read_facts

__all__ = ["choked_slot", "coaxial_slot"]

_UP = math.inf
SPEED_OF_LIGHT_MM_S = 299_792_458e3
"""Speed of light (definition), for the quarter wave of a choke."""


def _mm(name: str, sizes_mm: Mapping[str, float] = MappingProxyType({})) -> float:
    return sizes_mm[name] if name in sizes_mm else float(read_facts("locoregional.procedures.mwa")[name])


def coaxial_slot(*, frequency_hz: float, sizes_mm: Mapping[str, float] = MappingProxyType({})) -> Antenna:
    """Coaxial cable, shorted at the tip, with one ring slot, inside a plastic catheter: the published tutorial antenna.

    Parameters
    ----------
    frequency_hz : float
        Working frequency.
    sizes_mm : mapping of str to float
        Sizes, by the names of their facts, that differ from the published ones.
    """
    inner, dielectric, outer = (
        _mm(f"slot.{name}", sizes_mm) for name in ("inner_conductor_radius", "dielectric_radius", "outer_conductor_radius")
    )
    low = _mm("slot.elevation", sizes_mm)
    slot = (low, low + _mm("slot.height", sizes_mm))
    parts = (
        Part("catheter", (0.0, _mm("slot.catheter_radius", sizes_mm)), (0.0, _UP)),
        Part(METAL, (0.0, outer), (_mm("slot.tip_catheter"), _UP)),
        Part("dielectric", (inner, dielectric), (_mm("slot.tip_dielectric"), _UP)),
        Part("dielectric", (dielectric, outer), slot),
    )
    return Antenna(frequency_hz, parts, _dielectrics(), (inner, dielectric))


def choked_slot(*, frequency_hz: float, radius_mm: float, sizes_mm: Mapping[str, float] = MappingProxyType({})) -> Antenna:
    """Ring slot between the tip and a quarter-wave choke, which keeps the wave from running back up a metal shaft.

    The choke is a metal sleeve around the outer conductor, filled with cable dielectric, open towards the tip and shorted a
    quarter of a wavelength further up; its mouth ends the active region.

    Parameters
    ----------
    frequency_hz, radius_mm : float
        Working frequency, and outer radius of the shaft.
    sizes_mm : mapping of str to float
        Sizes, by the names of their facts, that differ from the generic ones.
    """
    inner, dielectric, outer = (
        _mm(f"slot.{name}", sizes_mm) for name in ("inner_conductor_radius", "dielectric_radius", "outer_conductor_radius")
    )
    mouth, wall = _mm("choke.mouth", sizes_mm), _mm("choke.wall", sizes_mm)
    quarter = SPEED_OF_LIGHT_MM_S / frequency_hz / math.sqrt(_mm("slot.permittivity_dielectric")) / 4.0
    low = _mm("slot.elevation", sizes_mm)
    slot = (low, low + _mm("slot.height", sizes_mm))
    parts = (
        Part("catheter", (0.0, radius_mm), (0.0, mouth)),
        Part(METAL, (0.0, radius_mm), (mouth, _UP)),
        Part("dielectric", (outer, radius_mm - wall), (mouth, mouth + quarter)),
        Part(METAL, (0.0, outer), (_mm("slot.tip_catheter"), _UP)),
        Part("dielectric", (inner, dielectric), (_mm("slot.tip_dielectric"), _UP)),
        Part("dielectric", (dielectric, outer), slot),
    )
    return Antenna(frequency_hz, parts, _dielectrics(), (inner, dielectric))


def _dielectrics() -> dict[str, tuple[float, float]]:
    """Plastics of the antennas; their losses are far below those of tissue and are left out."""
    return {"dielectric": (_mm("slot.permittivity_dielectric"), 0.0), "catheter": (_mm("slot.permittivity_catheter"), 0.0)}
