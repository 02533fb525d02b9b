"""The two antenna geometries that devices are built from, in millimetres from the tip."""

from __future__ import annotations

import math

from locoregional.procedures.mwa.antenna import METAL, Antenna, Part
from locoregional.sources import read_facts

__all__ = ["choked_slot", "coaxial_slot"]

_UP = math.inf
SPEED_OF_LIGHT_MM_S = 299_792_458e3
"""Speed of light (definition), for the quarter wave of a choke."""


def _mm(name: str) -> float:
    return float(read_facts("locoregional.procedures.mwa")[name])


def coaxial_slot(*, frequency_hz: float) -> Antenna:
    """Coaxial cable, shorted at the tip, with one ring slot, inside a plastic catheter: the published tutorial antenna."""
    inner, dielectric, outer = (
        _mm("slot.inner_conductor_radius"),
        _mm("slot.dielectric_radius"),
        _mm("slot.outer_conductor_radius"),
    )
    slot = (_mm("slot.elevation"), _mm("slot.elevation") + _mm("slot.height"))
    parts = (
        Part("catheter", (0.0, _mm("slot.catheter_radius")), (0.0, _UP)),
        Part(METAL, (0.0, outer), (_mm("slot.tip_catheter"), _UP)),
        Part("dielectric", (inner, dielectric), (_mm("slot.tip_dielectric"), _UP)),
        Part("dielectric", (dielectric, outer), slot),
    )
    return Antenna(frequency_hz, parts, _dielectrics(), (inner, dielectric))


def choked_slot(*, frequency_hz: float, radius_mm: float) -> Antenna:
    """Ring slot between the tip and a quarter-wave choke, which keeps the wave from running back up a metal shaft.

    The choke is a metal sleeve around the outer conductor, filled with cable dielectric, open towards the tip and shorted a
    quarter of a wavelength further up; its mouth ends the active region.
    """
    inner, dielectric, outer = (
        _mm("slot.inner_conductor_radius"),
        _mm("slot.dielectric_radius"),
        _mm("slot.outer_conductor_radius"),
    )
    mouth, wall = _mm("choke.mouth"), _mm("choke.wall")
    quarter = SPEED_OF_LIGHT_MM_S / frequency_hz / math.sqrt(_mm("slot.permittivity_dielectric")) / 4.0
    slot = (_mm("slot.elevation"), _mm("slot.elevation") + _mm("slot.height"))
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
