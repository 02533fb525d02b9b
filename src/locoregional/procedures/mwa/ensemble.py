"""How sure a predicted zone is: many runs over the sourced ranges, counted voxel by voxel."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import qmc, rankdata

from locoregional.physics.damage import damage_model
from locoregional.physics.medium import Medium
from locoregional.physics.tissue import tissue, uncertain_ranges
from locoregional.procedures.mwa.coarse import coarse_medium, coarse_needle, refine
from locoregional.procedures.mwa.devices import Device
from locoregional.procedures.mwa.dielectric import Dielectric
from locoregional.procedures.mwa.measure import ZoneSize
from locoregional.procedures.mwa.source import Needle
from locoregional.procedures.mwa.zone import Zone, simulate_zone
from locoregional.progress import Progress, silent
from locoregional.sources import Sourced, read_facts

__all__ = ["DAMAGE_LAWS", "Band", "ensemble", "parameter_ranges"]

DAMAGE_LAWS = ("cem43", "arrhenius_henriques_moritz", "isotherm_54", "isotherm_60")
"""Laws that an ensemble draws from, in the order of their lethal temperature for ten minutes (47.6 to 60 C)."""
WORKERS = 2
"""Members solved at a time; each runs on one thread."""
MEMBER_COARSENESS = 2.0
"""Field mesh of the members: absorbed power within 1 % of the production mesh."""


@dataclass(frozen=True, eq=False)
class Band:
    """What an ensemble says.

    Attributes
    ----------
    coverage : ndarray of float32, shape of the medium
        Share of the members in which a voxel died, 0..1.
    sizes : tuple of ZoneSize
        One per member.
    draws : dict of str to ndarray, shape (members,)
        What each member was run with: factors on the nominal value, the transmission, and the index of the damage law.
    """

    coverage: NDArray[np.float32]
    sizes: tuple[ZoneSize, ...]
    draws: dict[str, NDArray[np.float64]]

    def values(self, name: str) -> NDArray[np.float64]:
        """One measure (a field of ZoneSize) of all members, shape (members,)."""
        return np.array([getattr(s, name) for s in self.sizes])

    def interval(self, name: str, *, share: float = 0.9) -> tuple[float, float, float]:
        """Low, median and high of a measure; ``share`` of the members lie between low and high."""
        low, middle, high = np.quantile(self.values(name), [0.5 - 0.5 * share, 0.5, 0.5 + 0.5 * share])
        return float(low), float(middle), float(high)

    def drivers(self, name: str) -> dict[str, float]:
        """Rank correlation of each drawn parameter with a measure, strongest first."""
        ranks = rankdata(self.values(name))
        if np.ptp(ranks) == 0:
            return dict.fromkeys(self.draws, 0.0)
        found = {k: float(np.corrcoef(rankdata(v), ranks)[0, 1]) for k, v in self.draws.items() if np.ptp(v) > 0}
        return dict(sorted(found.items(), key=lambda item: -abs(item[1])))


def _factor(low: float | None, value: float, high: float | None) -> tuple[float, float]:
    """Range of a value as factors on it."""
    return (value if low is None else low) / value, (value if high is None else high) / value


def parameter_ranges(device: Device) -> dict[str, tuple[float, float]]:
    """Ranges that an ensemble draws from: factors on the nominal value, and the share of power that reaches the antenna."""
    liver, ranges = tissue("liver"), uncertain_ranges()
    waves = read_facts(__package__).section("dielectric")

    def of_liver(name: str) -> tuple[float, float]:
        return _factor(ranges[name][0], float(getattr(liver, name)), ranges[name][1])

    def of(fact: Sourced) -> tuple[float, float]:
        return _factor(fact.low, float(fact), fact.high)

    share = float(device.transmission)
    water = float(read_facts("locoregional.physics")["vaporisation.water_fraction"])
    return {
        "perfusion": of_liver("perfusion_heat_w_m3k"),
        "conductivity": of_liver("conductivity_w_mk"),
        "heat_capacity": of_liver("volumetric_heat_capacity_j_m3k"),
        "water": _factor(ranges["water_fraction"][0], water, ranges["water_fraction"][1]),
        "permittivity_hf": of(waves["permittivity_amplitude"]),
        "conductivity_hf": of(waves["conductivity_amplitude"]),
        "transmission": (share * of(device.transmission)[0], share * of(device.transmission)[1]),
        "damage_law": (0.0, float(len(DAMAGE_LAWS))),
    }


def _scaled(medium: Medium, draw: dict[str, float]) -> Medium:
    """Medium with the factors of one member."""
    share = {
        "conductivity_w_mk": draw["conductivity"],
        "conductivity_slope_w_mk2": draw["conductivity"],
        "volumetric_heat_capacity_j_m3k": draw["heat_capacity"],
        "perfusion_heat_w_m3k": draw["perfusion"],
        "latent_heat_j_m3": draw["water"],
    }
    changed: dict[str, Any] = {
        name: np.float32(factor) * np.asarray(getattr(medium, name), dtype=np.float32)
        for name, factor in share.items()
        if getattr(medium, name) is not None
    }
    return replace(medium, **changed)


def _member(draw: dict[str, float], *, device: Device, medium: Medium, run: Callable[..., Zone]) -> Zone:
    liver = Dielectric.liver(
        frequency_hz=device.antenna.frequency_hz,
        permittivity_factor=draw["permittivity_hf"],
        conductivity_factor=draw["conductivity_hf"],
    )
    law = DAMAGE_LAWS[min(int(draw["damage_law"]), len(DAMAGE_LAWS) - 1)]
    return run(
        medium=_scaled(medium, draw),
        dielectric=liver,
        transmission=draw["transmission"],
        body_temperature_c=draw["start_c"],
        damage=damage_model(law),
    )


def ensemble(
    *,
    device: Device,
    power_w: float,
    time_s: float,
    needle: Needle,
    medium: Medium,
    spacing_mm: ArrayLike,
    body_temperature_c: float,
    start_range_c: tuple[float, float] | None = None,
    members: int = 32,
    seed: int = 0,
    coarsen: int = 2,
    progress: Progress = silent,
) -> Band:
    """Run an ablation many times over the sourced ranges of its parameters (Latin hypercube).

    Parameters
    ----------
    device, power_w, time_s, needle, medium, spacing_mm, body_temperature_c
        The nominal run, as for :func:`~locoregional.procedures.mwa.zone.simulate_zone`.
    start_range_c : (float, float), optional
        Range of the start temperature where it is not known (ex vivo), in place of ``body_temperature_c``.
    members : int
        Number of runs, at least 32 for a band that is shown to people.
    seed : int
        Of the hypercube; the same seed gives the same band.
    coarsen : int
        Members run on voxels this many times as long as the medium's.
    progress : Progress
        Told after each member.

    Returns
    -------
    Band
        Coverage on the grid of the medium, and the size of every member's zone.
    """
    device.require_power(power_w)
    ranges = {**parameter_ranges(device), "start_c": start_range_c or (body_temperature_c, body_temperature_c)}
    spacing = np.broadcast_to(np.asarray(spacing_mm, dtype=float), (3,))
    coarse = coarse_medium(medium, factor=coarsen)
    unit = qmc.LatinHypercube(d=len(ranges), rng=np.random.default_rng(seed)).random(members)
    low, high = np.array(list(ranges.values())).T
    table = low + unit * (high - low)
    draws = [dict(zip(ranges, map(float, row), strict=True)) for row in table]
    run = partial(
        simulate_zone,
        device=device,
        power_w=power_w,
        time_s=time_s,
        needle=coarse_needle(needle, factor=coarsen, spacing_mm=spacing),
        spacing_mm=spacing * coarsen,
        coarseness=MEMBER_COARSENESS,
        parallel=False,
    )
    counted = np.zeros(coarse.shape, np.float32)
    sizes: dict[int, ZoneSize] = {}
    with ThreadPoolExecutor(WORKERS) as pool:
        jobs = {pool.submit(_member, draw, device=device, medium=coarse, run=run): n for n, draw in enumerate(draws)}
        for job in as_completed(jobs):
            zone = job.result()
            counted += zone.dead
            sizes[jobs.pop(job)] = zone.size
            progress(len(sizes) / members, f"ablation {len(sizes)} of {members} with drawn tissue properties")
    return Band(
        coverage=refine(counted / np.float32(members), factor=coarsen, shape=medium.shape),
        sizes=tuple(sizes[n] for n in range(members)),
        draws={name: np.array([d[name] for d in draws]) for name in ranges},
    )
