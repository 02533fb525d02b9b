"""Plan a microwave ablation: how much power for how long, and which way in."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from locoregional.access.coverage import PlacementError, ellipsoid_coverage, required_points
from locoregional.access.needle import plan_access
from locoregional.access.plan import AccessPlan, Trajectory
from locoregional.access.scene import NeedleSpec, Scene, ZoneSpec
from locoregional.case import Case, Lesion, Needle, Plan, Quantity
from locoregional.procedures.mwa.devices import Device, device
from locoregional.procedures.mwa.measure import ZoneSize
from locoregional.procedures.mwa.predict import zone_table
from locoregional.procedures.mwa.settings import Settings
from locoregional.procedures.scene import access_scene
from locoregional.progress import Progress, part
from locoregional.sources import read_facts
from locoregional.units import minutes_to_s

__all__ = ["DEFAULT_DEVICE", "Candidate", "plan_microwave"]

DEFAULT_DEVICE = "amica-14g"
"""The commercial antenna whose power limits and active length are published; every other one can be asked for."""
TIMES_MIN = (5.0, 10.0)
"""Times that the plan chooses from; a device offers more, and the report shows what they would give."""
ACROSS = np.array([1.0, 0.0, 0.0])
"""Needle axis while settings are compared, before the path is known: zones are nearly round, so it hardly matters."""
REACH_SPARE_MM = 20.0
"""Shaft to spare when a needle length is chosen."""


@dataclass(frozen=True)
class Candidate:
    """A setting of the device and what it would do.

    Attributes
    ----------
    power_w, time_s : float
        Setting.
    size : ZoneSize
        Zone in homogeneous perfused liver.
    zone : ZoneSpec
        The same for the needle planner.
    margin_mm : float
        Least margin around the lesion if the zone is centred on it.
    chance : float
        Chance to cover the lesion with 5 mm under placement and zone-size error, 0..1.
    """

    power_w: float
    time_s: float
    size: ZoneSize
    zone: ZoneSpec
    margin_mm: float
    chance: float


def plan_microwave(case: Case, lesion: Lesion, progress: Progress, *, device_name: str = DEFAULT_DEVICE) -> Plan:
    """Plan for one lesion.

    Parameters
    ----------
    case, lesion
        Patient and target.
    progress : Progress
        Told how far it is.
    device_name : str
        Antenna to plan with.

    Returns
    -------
    Plan
        Not feasible, with the reason in words, where no setting or no path suffices.
    """
    facts = read_facts("locoregional.procedures")
    own = read_facts("locoregional.procedures.mwa", "plan_facts.toml")
    antenna = device(device_name)
    times = [minutes_to_s(t) for t in TIMES_MIN if t in antenna.times_min] or [minutes_to_s(antenna.times_min[-1])]
    table = zone_table(device_name, powers_w=antenna.powers_w[-4:], times_s=times, progress=part(progress, 0.0, 0.5))
    progress(0.5, "choosing power and time")
    scene, scene_words = access_scene(case, lesion)
    candidates = _candidates(table, scene, relative_sd=float(own["zone.relative_sd"]))
    best_of, why = _chosen(candidates, wanted=float(own["coverage.wanted"]))
    least = float(facts["margin.least"])
    zone = best_of.zone
    length = max(antenna.lengths_mm)
    needle = NeedleSpec(length_mm=length, diameter_mm=antenna.diameter_mm, name=antenna.name)
    found = plan_access(scene, needle=needle, zone=zone, progress=part(progress, 0.5, 1.0))
    best = found.proposals[0] if found.proposals else None
    shaft = _shaft(antenna, best)
    settings = Settings(
        device=device_name,
        power_w=best_of.power_w,
        time_s=best_of.time_s,
        needle_length_mm=shaft,
        margin_goal_mm=best_of.margin_mm,
        expected_long_mm=best_of.size.long_mm,
        expected_short_mm=best_of.size.short_mm,
        expected_ahead_mm=best_of.size.ahead_mm,
    )
    enough = best_of.margin_mm >= least
    if not enough:
        why += (
            f" One antenna does not suffice: the zone leaves {best_of.margin_mm:.0f} mm around the lesion, not {least:g} mm. "
            "Overlapping ablations or several antennas would be needed; they are not planned by this version."
        )
    words = (found.verdict, why, *antenna.caveats, *scene_words, *found.notes)
    return Plan(
        id=f"plan-{lesion.id}-mwa-{1 + sum(p.lesion_id == lesion.id for p in case.plans)}",
        lesion_id=lesion.id,
        procedure="mwa",
        feasible=enough and best is not None,
        needles=(_needle(best),) if best is not None else (),
        alternatives=tuple(_needle(t) for t in found.proposals[1:]),
        settings=settings,
        words=tuple(dict.fromkeys(w for w in words if w)),
        unchecked=found.unchecked,
        quantities=_expected(best_of, candidates, found),
        facts=tuple(
            dict.fromkeys(f.key for f in (*antenna.facts, *found.distances.values(), facts["margin.least"], facts["margin.goal"]))
        ),
    )


def _candidates(table: dict[tuple[float, float], ZoneSize], scene: Scene, *, relative_sd: float) -> list[Candidate]:
    """Every setting with the margin it leaves and the chance that it covers the lesion with 5 mm, smallest zone first."""
    organ = scene.structures.get(scene.organ)
    margin = float(read_facts("locoregional.procedures")["margin.least"])
    points = {margin: required_points(scene.target, grid=scene.grid, organ=organ, margin_mm=margin)}
    bare = required_points(scene.target, grid=scene.grid, organ=None, margin_mm=0.0)
    centre = scene.target_centre_lps_mm
    reach = float(np.linalg.norm(bare - centre, axis=1).max())
    found = []
    for (power, time), size in table.items():
        zone = ZoneSpec(
            long_axis_mm=max(size.long_mm, 1.0),
            short_axis_mm=max(size.short_mm, 1.0),
            tip_beyond_centre_mm=max(0.0, size.long_mm / 2 - size.ahead_mm),
            relative_sd=relative_sd,
        )
        (covered,) = ellipsoid_coverage(
            points, zone=zone, axis=ACROSS, centre_lps_mm=centre, error=PlacementError.published(), samples=4000, seed=0
        )
        found.append(Candidate(power, time, size, zone, min(size.short_mm, size.long_mm) / 2 - reach, covered.probability))
    return sorted(found, key=lambda c: (c.size.volume_ml, c.time_s))


def _chosen(candidates: list[Candidate], *, wanted: float) -> tuple[Candidate, str]:
    """Smallest zone whose chance to cover the lesion with 5 mm is good enough, else the likeliest; and why."""
    good = [c for c in candidates if c.chance >= wanted]
    best = good[0] if good else max(candidates, key=lambda c: c.chance)
    chance = f"covers the lesion with 5 mm in {100 * best.chance:.0f} % of placements (target {100 * wanted:.0f} %)"
    what = "the smallest zone that reaches the target" if good else "no setting reaches the target; this one comes closest"
    words = (
        f"{best.power_w:g} W for {best.time_s / minutes_to_s(1.0):g} min, from {len(candidates)} simulated settings: {what}. "
        f"It {chance}; centred it leaves {best.margin_mm:.0f} mm. Homogeneous perfused liver; vessels come with the simulation."
    )
    return best, words


def _shaft(antenna: Device, path: Trajectory | None) -> float:
    """Shortest needle of the device that reaches, with some to spare."""
    wanted = (path.depth_mm if path is not None else 0.0) + REACH_SPARE_MM
    return min((x for x in antenna.lengths_mm if x >= wanted), default=max(antenna.lengths_mm))


def _needle(path: Trajectory) -> Needle:
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
            f"setting_{c.power_w:g}w_{c.time_s:g}s",
            f"{c.power_w:g} W for {c.time_s / minutes_to_s(1.0):g} min: zone {c.size.long_mm:.0f} x {c.size.short_mm:.0f} mm, "
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
            "expected_long_axis", "zone along the needle, homogeneous liver", size.long_mm, "mm", method="simulated template"
        ),
        Quantity(
            "expected_short_axis", "zone across the needle, homogeneous liver", size.short_mm, "mm", method="simulated template"
        ),
        Quantity("rays", "straight ways tried", float(found.n_rays), "1", method="ray casting"),
        Quantity("safe_paths", "safe ways found", float(found.n_safe), "1", method="ray casting"),
        *settings,
        *blocked,
    )
