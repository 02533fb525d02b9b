"""Cryoablation: ice around one or several probes, what CT shows of it and what dies inside."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from locoregional.ablation.energy import Job
from locoregional.ablation.needle import Needle
from locoregional.ablation.size import ZoneSize, measure_zone
from locoregional.ablation.zone import Zone
from locoregional.errors import PlanningError, SolverError
from locoregional.physics.freezing import Freezing, FreezingTissue, Phase, Probe, simulate_freezing
from locoregional.physics.wire import Wire, exchange
from locoregional.procedures.cryo.death import death_level, killed_share, threshold_c
from locoregional.procedures.cryo.devices import Cryoprobe
from locoregional.procedures.cryo.program import freeze_ends_s, phases_of
from locoregional.sources import read_facts
from locoregional.units import kelvin_to_celsius, minutes_to_s

__all__ = ["NOMINAL_LAW", "isotherm_size", "simulate_zone"]

NOMINAL_LAW = "isotherm_minus_20"
COARSEST_MM = 3.0
"""Largest voxel: on longer ones the steep temperatures beside a probe are no longer followed."""
BORDER_VOXELS = 3
"""Ice this close to the border of the grid is held back by the warm border."""
BORDER_SHARE = 0.2
"""Share of the heat that comes through the border, above which the operator is told."""
LIMITED = 0.95
"""Share of the largest heat flow from which a probe counts as at its limit."""
LEAST_ALIVE = 1e-9
"""Share of survivors below which they are no longer counted."""


def _phases(job: Job) -> tuple[Phase, ...]:
    """Program of a job; without a name: one freeze of its whole time."""
    if not job.setting.program:
        return (Phase("freeze", job.setting.time_s),)
    phases = phases_of(job.setting.program)
    whole = sum(phase.duration_s for phase in phases)
    if abs(whole - job.setting.time_s) > 1.0:
        raise PlanningError(
            f"the program {job.setting.program} lasts {whole / minutes_to_s(1.0):g} min, "
            f"not {job.setting.time_s / minutes_to_s(1.0):g}",
            where="time_s",
            remedy="Give the time of the program.",
        )
    return phases


def _probe(device: Cryoprobe, needle: Needle, job: Job) -> Probe:
    """Active part of a needle in the grid."""
    facts, draw = read_facts(__package__), job.draw
    tip = 1e-3 * np.asarray(needle.tip_mm)
    hub = tip - 1e-3 * device.active_mm * np.asarray(needle.direction)
    ends = [(float(p[0]), float(p[1]), float(p[2])) for p in (tip, hub)]
    wire = Wire(ends[0], ends[1], 0.5e-3 * device.diameter_mm)
    inside = all(
        0.0 <= p <= (n - 1) * 1e-3 * job.spacing_mm for end in ends for p, n in zip(end, job.properties.shape, strict=True)
    )
    if not inside:
        raise PlanningError(
            f"the active part of {device.name} leaves the simulated block",
            where="needles",
            remedy="Move it or enlarge the block.",
        )
    return Probe(
        exchange([wire], shape=job.properties.shape, spacing_m=1e-3 * job.spacing_mm),
        cold_c=draw.get("cold_c", device.cold_c),
        cooling_w=_limit_w(job),
        ramp_s=float(facts["probe.ramp"]),
        warm_c=kelvin_to_celsius(float(facts["probe.thaw"])),
        warming_w=0.1 * device.active_mm * device.warming_w_cm,
    )


def _tissue(job: Job) -> FreezingTissue:
    """Tissue of a job, with the draws of its member."""
    facts, draw, properties = read_facts(__package__), job.draw, job.properties
    frozen = np.float32(draw.get("frozen_conductivity", 1.0)) * properties.frozen_conductivity_w_mk
    return FreezingTissue(
        properties.medium,
        frozen,
        properties.frozen_heat_capacity_j_m3k,
        properties.freezing_heat_j_m3,
        solidus_c=draw.get("solidus_c", kelvin_to_celsius(float(facts["ice.solidus"]))),
        liquidus_c=draw.get("liquidus_c", kelvin_to_celsius(float(facts["ice.liquidus"]))),
    )


def isotherm_size(job: Job, temperature_c: NDArray, *, at_c: float) -> ZoneSize:
    """Axes and volume of what is colder than ``at_c``, around the needles of a job."""
    return measure_zone(job.frames, level=(np.float32(at_c) - temperature_c).astype(np.float32), peak_temperature_c=None)


def simulate_zone(job: Job) -> Zone:
    """Simulate one cryoablation with one or several probes at once.

    Parameters
    ----------
    job : Job
        Probe, program, needles and tissue; the setting has no power.

    Returns
    -------
    Zone
        ``contours`` holds ``ice`` (its edge at the end of the last freeze, as CT shows it), ``minus20`` and ``minus40`` (ever
        that cold); ``dose`` the decades by which cells were killed; ``trace`` heat flow and temperature of every probe.

    Raises
    ------
    PlanningError
        If the device is no cryoprobe or cannot drive as many, the program is unknown, or a probe leaves the grid.
    SolverError
        If the voxels are too coarse, ice reaches the border, or heat is missing.
    """
    device = job.device
    if not isinstance(device, Cryoprobe):
        raise PlanningError(f"{device.name} is no cryoprobe", where="device", remedy="Use one of the cryoprobes.")
    if not 0 < len(job.needles) <= device.together:
        raise PlanningError(
            f"{len(job.needles)} probes at once", where="needles", remedy=f"{device.name}: 1 to {device.together} at once."
        )
    if job.processor != "cpu":
        raise SolverError("ice is not solved on a GPU", where="processor", remedy="Use the CPU for cryoablation.")
    if job.spacing_mm > COARSEST_MM:
        raise SolverError(
            f"voxels of {job.spacing_mm:g} mm are too coarse for ice",
            where="spacing_mm",
            remedy=f"Use {COARSEST_MM:g} mm or less.",
        )
    phases = _phases(job)
    device.require(job.setting)
    law = job.law or NOMINAL_LAW
    if law != "freeze_cycles":
        threshold_c(law)
    last_freeze_s = freeze_ends_s(phases)[-1]
    run = simulate_freezing(
        _tissue(job),
        probes=[_probe(device, needle, job) for needle in job.needles],
        phases=phases,
        spacing_m=1e-3 * job.spacing_mm,
        body_temperature_c=job.body_c,
        snapshots_s=(*job.snapshots_s, last_freeze_s),
        parallel=job.parallel,
        progress=job.progress,
    )
    return _zone(job, law, run, run.snapshots[last_freeze_s])


def _zone(job: Job, law: str, run: Freezing, frozen_c: NDArray[np.float32]) -> Zone:
    """What a run means."""
    facts = read_facts(__package__)
    edge_c = float(facts["ice.edge"])
    isotherms = {"minus20": float(facts["lethal.minus_20"]), "minus40": float(facts["lethal.minus_40"])}
    ice = frozen_c < edge_c
    core = tuple(slice(BORDER_VOXELS, -BORDER_VOXELS) for _ in range(3))
    # a member of a band with the coldest of probes may reach further: it is counted as far as the block goes
    if not job.draw and ice.sum() > ice[core].sum():
        raise SolverError("ice reaches the border of the simulated block", where="box_mm", remedy="Enlarge the block.")
    level = death_level(law, lowest_c=run.lowest_c, cycle_lowest_c=run.cycle_lowest_c)
    size = isotherm_size(job, -level, at_c=0.0)
    ice_size = isotherm_size(job, frozen_c, at_c=edge_c)
    alive = np.maximum(1.0 - killed_share(run.cycle_lowest_c), LEAST_ALIVE)
    return Zone(
        temperature_c=run.temperature_c,
        extreme_c=run.lowest_c,
        dead=level > 0,
        level=level,
        size=size,
        energy=run.energy,
        trace=run.trace,
        snapshots={at: run.snapshots[at] for at in job.snapshots_s},
        contours={"ice": ice, **{name: run.lowest_c < at_c for name, at_c in isotherms.items()}},
        sizes={"ice": ice_size},
        dose={"decades_killed": (-np.log10(alive)).astype(np.float32)},
        words=_words(job, law, run, size, ice_size),
        solver_s=run.solver_s,
    )


def _words(job: Job, law: str, run: Freezing, lethal: ZoneSize, ice: ZoneSize) -> tuple[str, ...]:
    """What happened on the way."""
    program = job.setting.program or f"{job.setting.time_s / minutes_to_s(1.0):g} min"
    found = [
        f"program {program}: at the end of the last freeze CT shows ice of {_axes(ice)}; "
        f"what dies ({law.replace('_', ' ')}) measures {_axes(lethal)} inside it"
    ]
    limit_w, time_s = _limit_w(job), np.diff(np.array([0.0, *run.trace["time_s"]]))
    flows_w = [np.array(run.trace[f"cooling_w_{n}"]) for n in range(1, len(job.needles) + 1)]
    bound_s = max(float(time_s[flow_w > LIMITED * limit_w].sum()) for flow_w in flows_w)
    if bound_s > 0:
        found.append(f"the heat flow of the probe was at its limit ({limit_w:.0f} W) for {bound_s:.0f} s")
    share = -run.energy.boundary_j / max(-run.energy.injected_j, 1e-9)
    if share > BORDER_SHARE:
        found.append(
            f"{100 * share:.0f} % of the heat came through the border of the simulated block: a larger one would show less ice"
        )
    return tuple(found)


def _limit_w(job: Job) -> float:
    """Largest heat flow of each probe [W]."""
    assert isinstance(job.device, Cryoprobe)
    return job.draw.get("cooling", 1.0) * job.device.cooling_w_cm * 0.1 * job.device.active_mm


def _axes(size: ZoneSize) -> str:
    return f"{size.long_mm:.0f} x {size.short_mm:.0f} mm"
