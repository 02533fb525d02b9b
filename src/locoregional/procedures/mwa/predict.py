"""Zones in a homogeneous block of liver: what a vendor chart states, simulated; templates for the choice of power and time."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import lru_cache

import numpy as np

from locoregional.physics.damage import damage_model
from locoregional.physics.medium import Medium, body_temperature_c
from locoregional.physics.tissue import medium_of_tissues, tissue
from locoregional.procedures.mwa.devices import device
from locoregional.procedures.mwa.measure import ZoneSize
from locoregional.procedures.mwa.source import Needle
from locoregional.procedures.mwa.zone import Zone, simulate_zone
from locoregional.progress import Progress, silent
from locoregional.sources import read_facts
from locoregional.units import minutes_to_s

__all__ = ["DEFAULT_DAMAGE", "block_needle", "liver_block", "predict_zone", "simulate_block", "zone_table"]

DEFAULT_DAMAGE = "arrhenius_henriques_moritz"
"""Of the dose laws, the one whose lethal temperature for ten minutes (50.8 C) lies at the edge seen ex vivo (50-60 C)."""
BLOCK_MM = 100.0
"""Side of the block: its border stays within 1 K of the start after the longest treatments in use."""
SPACING_MM = 2.5
"""Voxels of a template: short axis within 0.3 mm, long axis within 1.5 mm of those at 1 mm spacing."""
WORKERS = 2
"""Zones solved at a time; each runs on one thread."""


def liver_block(*, perfused: bool, spacing_mm: float = SPACING_MM, side_mm: float = BLOCK_MM) -> Medium:
    """Homogeneous liver in a cube.

    Parameters
    ----------
    perfused : bool
        Living tissue; False: ex vivo.
    spacing_mm, side_mm : float
        Voxel and cube side.
    """
    n = round(side_mm / spacing_mm) + 1
    medium = medium_of_tissues(np.zeros((n, n, n), np.uint8), tissues={0: tissue("liver")})
    return medium if perfused else replace(medium, perfusion_heat_w_m3k=0.0)


def block_needle(*, side_mm: float = BLOCK_MM) -> Needle:
    """Needle along the last axis of a block, with the middle of its zone in the middle."""
    middle = 0.5 * side_mm
    return Needle((middle, middle, middle + 10.0), (0.0, 0.0, 1.0))


def simulate_block(
    device_name: str,
    *,
    power_w: float,
    time_s: float,
    perfused: bool = True,
    start_c: float | None = None,
    damage: str = DEFAULT_DAMAGE,
    spacing_mm: float = SPACING_MM,
    snapshots_s: tuple[float, ...] = (),
    parallel: bool = False,
) -> Zone:
    """Zone of a device in a homogeneous block of liver, with its maps.

    Parameters
    ----------
    device_name : str
        One of :func:`~locoregional.procedures.mwa.devices.devices`.
    power_w, time_s : float
        Setting of the generator and its duration.
    perfused : bool
        Living tissue at body temperature; False: ex vivo, from room temperature.
    start_c : float, optional
        Another start temperature.
    damage : str
        Name of the damage law.
    spacing_mm : float
        Voxel side.
    snapshots_s : tuple of float
        Times at which the temperature is kept.
    parallel : bool
        Use all threads.

    Returns
    -------
    Zone
        On a cube of ``BLOCK_MM``.
    """
    start = body_temperature_c() if perfused else float(read_facts(__package__)["exvivo.start_temperature"])
    return simulate_zone(
        device=device(device_name),
        power_w=power_w,
        time_s=time_s,
        needle=block_needle(),
        medium=liver_block(perfused=perfused, spacing_mm=spacing_mm),
        spacing_mm=spacing_mm,
        damage=damage_model(damage),
        body_temperature_c=start if start_c is None else start_c,
        coarseness=1.5,
        snapshots_s=snapshots_s,
        parallel=parallel,
    )


def predict_zone(
    device_name: str, *, power_w: float, time_s: float, perfused: bool = True, damage: str = DEFAULT_DAMAGE
) -> ZoneSize:
    """Axes and volume of a device's zone in homogeneous liver; remembered, so that a plan can ask often.

    Parameters
    ----------
    device_name, power_w, time_s, perfused, damage
        As for :func:`simulate_block`.

    Returns
    -------
    ZoneSize
        In place, and after contraction.
    """
    return _remembered(device_name, float(power_w), float(time_s), perfused, damage)


@lru_cache(maxsize=256)
def _remembered(device_name: str, power_w: float, time_s: float, perfused: bool, damage: str) -> ZoneSize:
    return simulate_block(device_name, power_w=power_w, time_s=time_s, perfused=perfused, damage=damage).size


def zone_table(
    device_name: str,
    *,
    powers_w: Iterable[float],
    times_s: Iterable[float],
    perfused: bool = True,
    damage: str = DEFAULT_DAMAGE,
    progress: Progress = silent,
) -> dict[tuple[float, float], ZoneSize]:
    """Zones for every pair of power [W] and time [s], two at a time.

    Parameters
    ----------
    device_name, perfused, damage
        As for :func:`predict_zone`.
    powers_w, times_s : iterable of float
        Settings to combine.
    progress : Progress
        Told after each zone.

    Returns
    -------
    dict
        (power, time) to size.
    """
    times = list(times_s)
    settings = [(p, t) for p in powers_w for t in times]
    out = {}
    with ThreadPoolExecutor(WORKERS) as pool:
        jobs = [
            pool.submit(predict_zone, device_name, power_w=p, time_s=t, perfused=perfused, damage=damage) for p, t in settings
        ]
        for done, (setting, job) in enumerate(zip(settings, jobs, strict=True), start=1):
            out[setting] = job.result()
            progress(done / len(jobs), f"zone at {setting[0]:g} W, {setting[1] / minutes_to_s(1.0):g} min")
    return out
