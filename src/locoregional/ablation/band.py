"""How sure a predicted zone is: many runs over the sourced ranges, counted voxel by voxel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc, rankdata

from locoregional.ablation.coarse import coarse_needle, coarse_properties, refine
from locoregional.ablation.device import Device
from locoregional.ablation.energy import Energy, Job
from locoregional.ablation.runs import run_all
from locoregional.ablation.size import ZoneSize
from locoregional.ablation.vessels import wall_coefficient_w_m2k
from locoregional.ablation.zone import Zone, joined
from locoregional.physics.properties import Properties
from locoregional.physics.tissue import perfusion_factors, tissue, uncertain_ranges
from locoregional.progress import Progress, silent
from locoregional.sources import read_facts

__all__ = ["Band", "draws_of", "ensemble", "parameter_ranges", "run_member", "scaled"]

WALL_CALIBRE_MM = 5.0
"""Calibre at which the range of the wall coefficient is taken: in the middle of those that act through their wall (3 to 8 mm)."""
MEMBER_COARSENESS = 2.0
"""Fields of the members: absorbed microwave power within 1 % of the production mesh."""


@dataclass(frozen=True, eq=False)
class Band:
    """What an ensemble says.

    Attributes
    ----------
    coverage : ndarray of float32, shape of the grid
        Share of the members in which a voxel died, 0..1.
    sizes : tuple of ZoneSize
        One per member.
    draws : dict of str to ndarray, shape (members,)
        What each member was run with: factors on the nominal value unless the name says a unit, and the index of the damage law.
    outlines : tuple of mapping of str to ZoneSize
        Sizes of further outlines (``Zone.sizes``), one mapping per member.
    watched : tuple
        What ``watch`` said of each member.
    """

    coverage: NDArray[np.float32]
    sizes: tuple[ZoneSize, ...]
    draws: dict[str, NDArray[np.float64]]
    outlines: tuple[Mapping[str, ZoneSize], ...] = ()
    watched: tuple[Any, ...] = ()

    def values(self, name: str, *, outline: str = "") -> NDArray[np.float64]:
        """One measure (a field of ZoneSize) of all members, of what died or of another outline, shape (members,)."""
        sizes = [found[outline] for found in self.outlines] if outline else self.sizes
        return np.array([getattr(s, name) for s in sizes])

    def interval(self, name: str, *, outline: str = "", share: float = 0.9) -> tuple[float, float, float]:
        """Low, median and high of a measure; ``share`` of the members lie between low and high."""
        low, middle, high = np.quantile(self.values(name, outline=outline), [0.5 - 0.5 * share, 0.5, 0.5 + 0.5 * share])
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


def parameter_ranges(
    energy: Energy, device: Device, *, tissue_name: str = "liver", vessels: bool = False
) -> dict[str, tuple[float, float]]:
    """Ranges that an ensemble draws from: those of the tissue as factors, those of the energy, and the damage law.

    Parameters
    ----------
    energy, device
        What is used.
    tissue_name : str
        Tissue around the lesion, for the range of its blood flow.
    vessels : bool
        Whether the walls of vessels take heat.
    """
    liver, ranges = tissue("liver"), uncertain_ranges()

    def of_liver(name: str) -> tuple[float, float]:
        return _factor(ranges[name][0], float(getattr(liver, name)), ranges[name][1])

    water = float(read_facts("locoregional.physics")["vaporisation.water_fraction"])
    drawn = {
        "perfusion": perfusion_factors(tissue_name),
        "conductivity": of_liver("conductivity_w_mk"),
        "heat_capacity": of_liver("volumetric_heat_capacity_j_m3k"),
        "water": _factor(ranges["water_fraction"][0], water, ranges["water_fraction"][1]),
        **energy.ranges(device),
        "damage_law": (0.0, float(len(energy.laws))),
    }
    if vessels:
        wall = wall_coefficient_w_m2k(WALL_CALIBRE_MM)
        drawn["vessel_wall"] = (float(wall.low / wall.nominal), float(wall.high / wall.nominal))
    return drawn


def scaled(properties: Properties, draw: Mapping[str, float]) -> Properties:
    """Properties with the tissue factors of one member."""
    share = {
        "conductivity_w_mk": draw.get("conductivity", 1.0),
        "conductivity_slope_w_mk2": draw.get("conductivity", 1.0),
        "volumetric_heat_capacity_j_m3k": draw.get("heat_capacity", 1.0),
        "perfusion_heat_w_m3k": draw.get("perfusion", 1.0),
        "latent_heat_j_m3": draw.get("water", 1.0),
        "sink_w_m3k": draw.get("vessel_wall", 1.0),
    }
    medium = properties.medium
    changed: dict[str, Any] = {
        name: np.float32(factor) * np.asarray(getattr(medium, name), dtype=np.float32)
        for name, factor in share.items()
        if getattr(medium, name) is not None and factor != 1.0
    }
    ice = np.float32(draw.get("water", 1.0))
    return replace(properties, medium=replace(medium, **changed), freezing_heat_j_m3=ice * properties.freezing_heat_j_m3)


def run_member(energy: Energy, job: Job, draw: Mapping[str, float]) -> Zone:
    """Zone of one member: the job with drawn tissue, parameters and damage law, on one thread."""
    law = energy.laws[min(int(draw.get("damage_law", 0.0)), len(energy.laws) - 1)]
    return energy.simulate(
        replace(
            job,
            properties=scaled(job.properties, draw),
            law=law,
            draw=draw,
            body_c=draw.get("start_c", job.body_c),
            coarseness=MEMBER_COARSENESS,
            parallel=False,
            snapshots_s=(),
            progress=silent,
        )
    )


def draws_of(ranges: Mapping[str, tuple[float, float]], *, members: int, seed: int) -> list[dict[str, float]]:
    """Latin hypercube over ranges; the same seed gives the same draws."""
    unit = qmc.LatinHypercube(d=len(ranges), rng=np.random.default_rng(seed)).random(members)
    low, high = np.array(list(ranges.values())).T
    return [dict(zip(ranges, map(float, row), strict=True)) for row in low + unit * (high - low)]


def ensemble(
    energy: Energy,
    jobs: tuple[Job, ...],
    *,
    tissue_name: str = "liver",
    start_range_c: tuple[float, float] | None = None,
    members: int = 32,
    seed: int = 0,
    coarsen: int = 2,
    watch: Callable[[Zone], Any] | None = None,
    progress: Progress = silent,
) -> Band:
    """Run an ablation many times over the sourced ranges of its parameters (Latin hypercube).

    Parameters
    ----------
    energy : Energy
        Which.
    jobs : tuple of Job
        The nominal run; several follow one another, each from body temperature, on the same grid.
    tissue_name : str
        Tissue around the lesion, for the range of its blood flow.
    start_range_c : (float, float), optional
        Range of the start temperature where it is not known (ex vivo), in place of the jobs' own.
    members : int
        Number of runs, at least 32 for a band that is shown to people.
    seed : int
        Of the hypercube; the same seed gives the same band.
    coarsen : int
        Members run on voxels this many times as long as the jobs'.
    watch : callable, optional
        Looks at every zone of a member (on the coarse grid); what it says of the first is kept.
    progress : Progress
        Told after each member.

    Returns
    -------
    Band
        Coverage on the grid of the jobs, and the size of every member's zone.
    """
    first = jobs[0]
    sinks = first.properties.medium.sink_w_m3k
    ranges = parameter_ranges(energy, first.device, tissue_name=tissue_name, vessels=sinks is not None and bool(np.any(sinks)))
    if start_range_c is not None:
        ranges["start_c"] = start_range_c
    draws = draws_of(ranges, members=members, seed=seed)
    coarse = coarse_properties(first.properties, factor=coarsen)
    small = [
        replace(
            job,
            properties=coarse,
            spacing_mm=job.spacing_mm * coarsen,
            needles=tuple(coarse_needle(n, factor=coarsen, spacing_mm=job.spacing_mm) for n in job.needles),
        )
        for job in jobs
    ]

    frames = [frame for job in small for frame in replace(job, parallel=False).frames]

    counted, lock = np.zeros(coarse.shape, np.float32), Lock()

    def member(draw: Mapping[str, float]) -> tuple[ZoneSize, Mapping[str, ZoneSize], Any]:
        zone = joined([run_member(energy, job, draw) for job in small], needles=frames, lethal=energy.lethal)
        with lock:
            np.add(counted, zone.dead, out=counted)
        return zone.size, zone.sizes, watch(zone) if watch is not None else None

    seen = run_all(member, draws, progress=progress, what="ablations with drawn tissue properties")
    return Band(
        coverage=refine(counted / np.float32(members), factor=coarsen, shape=first.properties.shape),
        sizes=tuple(size for size, _, _ in seen),
        draws={name: np.array([d[name] for d in draws]) for name in ranges},
        outlines=tuple(outlines for _, outlines, _ in seen),
        watched=tuple(found for _, _, found in seen) if watch is not None else (),
    )
