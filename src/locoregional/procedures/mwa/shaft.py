"""A cooled shaft as a heat sink on voxels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from locoregional.physics.medium import Medium, body_temperature_c
from locoregional.procedures.mwa.devices import Microwave
from locoregional.procedures.mwa.source import NeedleGrid
from locoregional.sources import read_facts

__all__ = ["cooled_medium", "shaft_share"]

SUBDIVISION = 6
"""Points per voxel side for the share of a voxel that lies in the shaft."""


def shaft_share(grid: NeedleGrid, *, radius_mm: float, from_mm: float) -> NDArray[np.float32]:
    """Share of each voxel inside the shaft from ``from_mm`` behind the tip up to the hub, shape of the grid."""
    along, across = grid.distance_along_mm()
    spacing = grid.spacing_mm
    reach = 0.87 * float(spacing.max())
    out = np.zeros(grid.shape, np.float32)
    near = np.nonzero((across < radius_mm + reach) & (along > from_mm - reach))
    steps = (np.arange(SUBDIVISION) + 0.5) / SUBDIVISION - 0.5
    offsets = np.stack(np.meshgrid(*[steps * s for s in spacing], indexing="ij"), axis=-1).reshape(-1, 3)
    points = np.stack(near, axis=-1)[:, None, :] * spacing + offsets - np.asarray(grid.needle.tip_mm)
    axis = -np.asarray(grid.needle.direction)
    z = points @ axis
    squared = (points**2).sum(axis=-1) - z**2
    out[near] = ((squared < radius_mm**2) & (z > from_mm)).mean(axis=1)
    return out


def cooled_medium(medium: Medium, device: Microwave, grid: NeedleGrid, *, blood_c: float | None = None) -> Medium:
    """Medium with the cooled shaft of a device as a sink; the medium itself where the device is not cooled.

    The coolant stands behind the plastic wall of the catheter, whose thermal resistance per length is
    ``ln(r_out / r_in) / (2 pi k)``; its conductance is spread over the cross-section of the shaft.

    Parameters
    ----------
    medium : Medium
        Tissue, perhaps with sinks of its own (vessels).
    device : Microwave
        Whose shaft.
    grid : NeedleGrid
        Where it lies.
    blood_c : float, optional
        Temperature behind the sinks of the medium where it names none; None: body temperature.
    """
    if device.coolant_c is None:
        return medium
    facts = read_facts(__package__)
    radius, inner = device.antenna.radius_mm, float(facts["slot.outer_conductor_radius"])
    per_length = 2.0 * np.pi * float(facts["cooling.wall_conductivity"]) / np.log(radius / inner)
    share = shaft_share(grid, radius_mm=radius, from_mm=device.cooled_from_mm)
    cool = share * np.float32(per_length / (np.pi * (1e-3 * radius) ** 2))
    theirs = medium.full("sink_w_m3k")
    blood = body_temperature_c() if blood_c is None else blood_c
    at = medium.full("sink_temperature_c", blood)
    total = cool + theirs
    mixed = np.where(total > 0, (cool * device.coolant_c + theirs * at) / np.where(total > 0, total, 1.0), np.float32(blood))
    return replace(medium, sink_w_m3k=total, sink_temperature_c=mixed)
