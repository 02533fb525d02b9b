"""A cooled shaft as a heat sink on voxels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from locoregional.physics.medium import Medium, body_temperature_c
from locoregional.physics.wire import Wire, exchange, film_radius_m
from locoregional.procedures.mwa.devices import Microwave
from locoregional.procedures.mwa.source import NeedleGrid
from locoregional.sources import read_facts

__all__ = ["cooled_medium"]


def cooled_medium(medium: Medium, device: Microwave, grid: NeedleGrid, *, blood_c: float | None = None) -> Medium:
    """Medium with the cooled shaft of a device as a sink; the medium itself where the device is not cooled.

    The coolant stands behind the plastic wall of the catheter, whose thermal resistance per length is
    ``ln(r_out / r_in) / (2 pi k)``. The shaft is thinner than a voxel or hardly thicker: it is smeared to a rod that draws the
    same heat wherever it lies between the voxels.

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
    conductivity = medium.full("conductivity_w_mk")
    radius_m = 1e-3 * radius
    as_good_as = film_radius_m(
        radius_m, conductivity_w_mk=float(np.median(conductivity)), film_w_m2k=per_length / (2.0 * np.pi * radius_m)
    )
    spacing_m = float(grid.spacing_m[0])
    start = grid.tip_m + 1e-3 * device.cooled_from_mm * grid.axis
    middle = 0.5 * spacing_m * np.asarray(grid.shape)
    beyond_m = float(np.linalg.norm(middle) + np.linalg.norm(start - middle))
    stop = start + beyond_m * grid.axis
    rod = Wire((start[0], start[1], start[2]), (stop[0], stop[1], stop[2]), as_good_as)
    cool = exchange([rod], shape=grid.shape, spacing_m=spacing_m, whole=False).full(grid.shape) * conductivity
    theirs = medium.full("sink_w_m3k")
    blood = body_temperature_c() if blood_c is None else blood_c
    at = medium.full("sink_temperature_c", blood)
    total = cool + theirs
    mixed = np.where(total > 0, (cool * device.coolant_c + theirs * at) / np.where(total > 0, total, 1.0), np.float32(blood))
    return replace(medium, sink_w_m3k=total, sink_temperature_c=mixed)
