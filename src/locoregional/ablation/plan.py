"""Plan a thermal ablation: which setting, and which way in."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from locoregional.ablation.device import Device, Setting
from locoregional.ablation.energy import Energy
from locoregional.ablation.predict import TISSUE_OF_ORGAN, zone_table
from locoregional.ablation.scene import access_scene
from locoregional.ablation.size import ZoneSize
from locoregional.access.coverage import PlacementError, ellipsoid_coverage, required_points
from locoregional.access.needle import plan_access
from locoregional.access.plan import AccessPlan, Trajectory
from locoregional.access.scene import NeedleSpec, Scene, ZoneSpec
from locoregional.case import Case, Lesion, Needle, Plan, Quantity
from locoregional.progress import Progress, part
from locoregional.sources import read_facts

__all__ = ["Candidate", "needle_of", "plan_ablation"]

ACROSS = np.array([1.0, 0.0, 0.0])
"""Needle axis while settings are compared, before the path is known: zones are nearly round, so it hardly matters."""
REACH_SPARE_MM = 20.0
"""Shaft to spare when a needle length is chosen."""


@dataclass(frozen=True)
class Candidate:
    """A setting of the device and what it would do.

    Attributes
    ----------
    setting : Setting
        What is dialled.
    size : ZoneSize
        Zone in homogeneous perfused tissue.
    zone : ZoneSpec
        The same for the needle planner.
    margin_mm : float
        Least margin around the lesion if the zone is centred on it.
    chance : float
        Chance to cover the lesion with 5 mm under placement and zone-size error, 0..1.
    """

    setting: Setting
    size: ZoneSize
    zone: ZoneSpec
    margin_mm: float
    chance: float


def plan_ablation(case: Case, lesion: Lesion, energy: Energy, progress: Progress, *, device_name: str = "") -> Plan:
    """Plan for one lesion.

    Parameters
    ----------
    case, lesion
        Patient and target.
    energy : Energy
        Which ablation.
    progress : Progress
        Told how far it is.
    device_name : str
        Applicator to plan with; empty: the first of the energy.

    Returns
    -------
    Plan
        Not feasible, with the reason in words, where no setting or no path suffices.
    """
    facts = read_facts("locoregional.ablation")
    known = energy.devices()
    device_name = device_name or next(iter(known))
    device = known[device_name]
    organ = lesion.organ.value
    table = zone_table(energy, device_name, tissue=TISSUE_OF_ORGAN[organ], progress=part(progress, 0.0, 0.5))
    progress(0.5, "choosing the setting")
    scene, scene_words = access_scene(case, lesion)
    candidates = _candidates(table, scene, relative_sd=float(facts["zone.relative_sd"]))
    best_of, why = _chosen(candidates, wanted=float(facts["coverage.wanted"]), organ=organ)
    least = float(facts["margin.least"])
    needle = NeedleSpec(length_mm=max(device.lengths_mm), diameter_mm=device.diameter_mm, name=device.name)
    found = plan_access(scene, needle=needle, zone=best_of.zone, progress=part(progress, 0.5, 1.0))
    best = found.proposals[0] if found.proposals else None
    settings = energy.settings(
        device=device_name,
        power_w=best_of.setting.power_w,
        time_s=best_of.setting.time_s,
        program=best_of.setting.program,
        needle_length_mm=_shaft(device, best),
        margin_goal_mm=best_of.margin_mm,
        expected_long_mm=best_of.size.long_mm,
        expected_short_mm=best_of.size.short_mm,
        expected_ahead_mm=best_of.size.ahead_mm,
    )
    enough = best_of.margin_mm >= least
    if not enough:
        why += (
            f" One applicator does not suffice: the zone leaves {best_of.margin_mm:.0f} mm around the lesion, not {least:g} mm."
        )
    words = (found.verdict, why, *device.caveats, *scene_words, *found.notes)
    return Plan(
        id=f"plan-{lesion.id}-{energy.name}-{1 + sum(p.lesion_id == lesion.id for p in case.plans)}",
        lesion_id=lesion.id,
        procedure=energy.name,
        feasible=enough and best is not None,
        needles=(needle_of(best),) if best is not None else (),
        alternatives=tuple(needle_of(t) for t in found.proposals[1:]),
        settings=settings,
        words=tuple(dict.fromkeys(w for w in words if w)),
        unchecked=found.unchecked,
        quantities=_expected(best_of, candidates, found),
        facts=tuple(
            dict.fromkeys(f.key for f in (*device.facts, *found.distances.values(), facts["margin.least"], facts["margin.goal"]))
        ),
    )


def _candidates(table: dict[Setting, ZoneSize], scene: Scene, *, relative_sd: float) -> list[Candidate]:
    """Every setting with the margin it leaves and the chance that it covers the lesion with 5 mm, smallest zone first."""
    organ = scene.structures.get(scene.organ)
    margin = float(read_facts("locoregional.ablation")["margin.least"])
    points = {margin: required_points(scene.target, grid=scene.grid, organ=organ, margin_mm=margin)}
    bare = required_points(scene.target, grid=scene.grid, organ=None, margin_mm=0.0)
    centre = scene.target_centre_lps_mm
    reach = float(np.linalg.norm(bare - centre, axis=1).max())
    found = []
    for setting, size in table.items():
        zone = ZoneSpec(
            long_axis_mm=max(size.long_mm, 1.0),
            short_axis_mm=max(size.short_mm, 1.0),
            tip_beyond_centre_mm=max(0.0, size.long_mm / 2 - size.ahead_mm),
            relative_sd=relative_sd,
        )
        (covered,) = ellipsoid_coverage(
            points, zone=zone, axis=ACROSS, centre_lps_mm=centre, error=PlacementError.published(), samples=4000, seed=0
        )
        found.append(Candidate(setting, size, zone, min(size.short_mm, size.long_mm) / 2 - reach, covered.probability))
    return sorted(found, key=lambda c: (c.size.volume_ml, c.setting.time_s))


def _chosen(candidates: list[Candidate], *, wanted: float, organ: str) -> tuple[Candidate, str]:
    """Smallest zone whose chance to cover the lesion with 5 mm is good enough, else the likeliest; and why."""
    good = [c for c in candidates if c.chance >= wanted]
    best = good[0] if good else max(candidates, key=lambda c: c.chance)
    chance = f"covers the lesion with 5 mm in {100 * best.chance:.0f} % of placements (target {100 * wanted:.0f} %)"
    what = "the smallest zone that reaches the target" if good else "no setting reaches the target; this one comes closest"
    words = (
        f"{best.setting.words}, from {len(candidates)} simulated settings: {what}. It {chance}; centred it leaves "
        f"{best.margin_mm:.0f} mm. Homogeneous perfused {organ.replace('_', ' ')}; vessels come with the simulation."
    )
    return best, words


def _shaft(device: Device, path: Trajectory | None) -> float:
    """Shortest needle of the device that reaches, with some to spare."""
    wanted = (path.depth_mm if path is not None else 0.0) + REACH_SPARE_MM
    return min((x for x in device.lengths_mm if x >= wanted), default=max(device.lengths_mm))


def needle_of(path: Trajectory) -> Needle:
    """Way in as the chart keeps it."""
    entry, tip = (tuple(float(x) for x in p) for p in (path.entry_lps_mm, path.tip_lps_mm))
    numbers = [
        Quantity("depth", "skin to tip", path.depth_mm, "mm", method="geometry"),
        Quantity("skin_to_target", "skin to lesion", path.skin_to_target_mm, "mm", method="geometry"),
        Quantity("axial_angle", f"in the axial plane: {path.dial}", path.axial_deg, "deg", method="geometry"),
        Quantity(
            "craniocaudal_angle",
            "out of the axial plane, positive towards the head",
            path.craniocaudal_deg,
            "deg",
            method="geometry",
        ),
        Quantity("entry_table", "table position (LPS z) of the skin entry", path.entry_table_mm, "mm", method="geometry"),
        Quantity("organ_before_target", "organ crossed before the lesion", path.organ_before_target_mm, "mm", method="geometry"),
    ]
    if not math.isnan(path.capsule_angle_deg):
        numbers.append(Quantity("capsule_angle", "angle to the capsule", path.capsule_angle_deg, "deg", method="geometry"))
    for covered in path.coverage:
        numbers.append(
            Quantity(
                f"coverage_{covered.margin_mm:g}mm",
                f"chance to cover the lesion with {covered.margin_mm:g} mm under placement and zone-size error",
                100 * covered.probability,
                "%",
                100 * covered.low,
                100 * covered.high,
                level=0.95,
                method="Monte Carlo over placement (lateral 3.7 mm pooled) and zone size; interval of the sampling",
                sources=("access:placement.lateral_error",),
            )
        )
    for name, room in sorted(path.clearances_mm.items(), key=lambda item: item[1]):
        if math.isfinite(room):
            numbers.append(
                Quantity(f"clearance_{name}", f"needle axis to {name.replace('_', ' ')}", room, "mm", method="geometry")
            )
    return Needle(entry, tip, path.reasons, tuple(numbers))  # type: ignore[arg-type]


def _expected(best: Candidate, candidates: list[Candidate], found: AccessPlan) -> tuple[Quantity, ...]:
    size = best.size
    settings = [
        Quantity(
            f"setting_{c.setting.power_w:g}w_{c.setting.time_s:g}s" + (f"_{c.setting.program}" if c.setting.program else ""),
            f"{c.setting.words}: zone {c.size.long_mm:.0f} x {c.size.short_mm:.0f} mm, "
            f"{c.size.volume_ml:.0f} ml, {c.margin_mm:.0f} mm around the lesion; chance to cover it with 5 mm",
            100 * c.chance,
            "%",
            method="simulated template; Monte Carlo over placement and zone size",
        )
        for c in candidates
    ]
    blocked = [
        Quantity(f"blocked_{name}", f"straight ways blocked by {name.replace('_', ' ')}", 100 * share, "%", method="ray casting")
        for name, share in sorted(found.blocked_by.items(), key=lambda item: -item[1])
        if share > 0
    ]
    return (
        Quantity(
            "expected_long_axis", "zone along the needle, homogeneous tissue", size.long_mm, "mm", method="simulated template"
        ),
        Quantity(
            "expected_short_axis", "zone across the needle, homogeneous tissue", size.short_mm, "mm", method="simulated template"
        ),
        Quantity("rays", "straight ways tried", float(found.n_rays), "1", method="ray casting"),
        Quantity("safe_paths", "safe ways found", float(found.n_safe), "1", method="ray casting"),
        *settings,
        *blocked,
    )
