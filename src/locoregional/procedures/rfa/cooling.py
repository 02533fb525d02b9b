"""Coolant inside electrodes and their shafts as a heat sink on voxels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from locoregional.ablation.energy import Job
from locoregional.physics.medium import Medium
from locoregional.physics.wire import Wire, exchange, film_radius_m
from locoregional.procedures.rfa.devices import Radiofrequency
from locoregional.procedures.rfa.electrodes import points_mm, wires_of
from locoregional.sources import read_facts

__all__ = ["cooled_medium"]


def cooled_medium(job: Job, device: Radiofrequency) -> Medium:
    """Medium of a job with the coolant of its needles as a sink; the medium itself where nothing is cooled.

    Coolant stands behind the metal of the bare tip, and behind the metal and plastic of the shaft up to the border of the grid.
    """
    medium = job.properties.medium
    if device.coolant is None:
        return medium
    facts = read_facts(__package__).section("coolant")
    at = job.draw.get("coolant_c", float(device.coolant))
    shape, spacing_m = medium.shape, 1e-3 * job.spacing_mm
    conductivity = np.asarray(medium.full("conductivity_w_mk"), dtype=np.float32)
    k = float(np.median(conductivity))
    weight = np.zeros(shape, np.float32)
    away = float(np.linalg.norm(shape)) * job.spacing_mm
    for needle in job.needles:
        for electrode in device.electrodes:
            radius = 1e-3 * electrode.radius_mm
            tip = film_radius_m(radius, conductivity_w_mk=k, film_w_m2k=float(facts["film"]))
            bare = [replace(rod, radius_m=tip) for rod in wires_of(electrode, needle)]
            weight += exchange(bare, shape=shape, spacing_m=spacing_m).full(shape)
            x, y = electrode.shaft_at
            ends = 1e-3 * points_mm(((electrode.shaft_from_mm, x, y), (electrode.shaft_from_mm + away, x, y)), needle)
            sleeved = film_radius_m(radius, conductivity_w_mk=k, film_w_m2k=float(facts["sleeve"]))
            shaft = Wire(tuple(map(float, ends[0])), tuple(map(float, ends[1])), sleeved)  # type: ignore[arg-type]
            weight += exchange([shaft], shape=shape, spacing_m=spacing_m, whole=False).full(shape)
    cool = weight * conductivity
    theirs, blood = medium.full("sink_w_m3k"), medium.full("sink_temperature_c", job.body_c)
    total = cool + theirs
    mixed = np.where(
        total > 0, (cool * np.float32(at) + theirs * blood) / np.where(total > 0, total, 1.0), np.float32(job.body_c)
    )
    return replace(medium, sink_w_m3k=total, sink_temperature_c=mixed)
