"""Plan a microwave ablation: how much power for how long, and which way in."""

from __future__ import annotations

import math

from locoregional.access.needle import plan_access
from locoregional.access.plan import AccessPlan, Trajectory
from locoregional.access.scene import NeedleSpec, ZoneSpec
from locoregional.case import Case, Lesion, Needle, Plan, Quantity
from locoregional.procedures.mwa.devices import Device, device
from locoregional.procedures.mwa.measure import ZoneSize
from locoregional.procedures.mwa.predict import zone_table
from locoregional.procedures.mwa.settings import Settings
from locoregional.procedures.scene import access_scene
from locoregional.progress import Progress, part
from locoregional.sources import read_facts
from locoregional.units import minutes_to_s

__all__ = ["DEFAULT_DEVICE", "plan_microwave"]

DEFAULT_DEVICE = "amica-14g"
"""The commercial antenna whose power limits and active length are published; every other one can be asked for."""
TIMES_MIN = (5.0, 10.0)
"""Times that the plan chooses from; a device offers more, and the report shows what they would give."""
REACH_SPARE_MM = 20.0
"""Shaft to spare when a needle length is chosen."""


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
    least, goal = float(facts["margin.least"]), float(facts["margin.goal"])
    antenna = device(device_name)
    times = [minutes_to_s(t) for t in TIMES_MIN if t in antenna.times_min] or [minutes_to_s(antenna.times_min[-1])]
    powers = antenna.powers_w[-4:]
    table = zone_table(device_name, powers_w=powers, times_s=times, progress=part(progress, 0.0, 0.5))
    setting, size, reached, why = _chosen(table, lesion, least_mm=least, goal_mm=goal)
    zone = ZoneSpec(
        long_axis_mm=size.long_mm,
        short_axis_mm=size.short_mm,
        tip_beyond_centre_mm=max(0.0, size.long_mm / 2 - size.ahead_mm),
        relative_sd=float(read_facts("locoregional.procedures.mwa", "plan_facts.toml")["zone.relative_sd"]),
    )
    progress(0.5, "looking for safe needle paths")
    scene, scene_words = access_scene(case, lesion)
    length = max(antenna.lengths_mm)
    needle = NeedleSpec(length_mm=length, diameter_mm=antenna.diameter_mm, name=antenna.name)
    found = plan_access(scene, needle=needle, zone=zone, progress=part(progress, 0.5, 1.0))
    best = found.proposals[0] if found.proposals else None
    shaft = _shaft(antenna, best)
    settings = Settings(
        device=device_name,
        power_w=setting[0],
        time_s=setting[1],
        needle_length_mm=shaft,
        margin_goal_mm=reached,
        expected_long_mm=size.long_mm,
        expected_short_mm=size.short_mm,
        expected_ahead_mm=size.ahead_mm,
    )
    enough = reached >= least
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
        quantities=_expected(size, found),
        facts=tuple(
            dict.fromkeys(f.key for f in (*antenna.facts, *found.distances.values(), facts["margin.least"], facts["margin.goal"]))
        ),
    )


def _chosen(
    table: dict[tuple[float, float], ZoneSize], lesion: Lesion, *, least_mm: float, goal_mm: float
) -> tuple[tuple[float, float], ZoneSize, float, str]:
    """Smallest zone that reaches the goal all around, else the one that comes closest; and why."""
    margin = {s: (min(z.short_mm, z.long_mm) - lesion.diameter_mm) / 2 for s, z in table.items()}
    reaching = [s for s in table if margin[s] >= goal_mm]
    if reaching:
        setting = min(reaching, key=lambda s: (table[s].volume_ml, s[1]))
        tail = (
            f"the smallest of {len(table)} simulated settings that would leave {goal_mm:g} mm around {lesion.diameter_mm:.0f} mm"
        )
    else:
        setting = max(table, key=lambda s: margin[s])
        if margin[setting] >= least_mm:
            tail = f"no setting of this device would leave {goal_mm:g} mm; this one comes closest with {margin[setting]:.0f} mm"
        else:
            tail = (
                f"one antenna does not suffice: even this setting would leave {margin[setting]:.0f} mm, less than {least_mm:g} mm. "
                "Overlapping ablations or several antennas would be needed"
            )
    words = f"{setting[0]:g} W for {setting[1] / minutes_to_s(1.0):g} min: {tail} (centred, in homogeneous perfused liver)"
    return setting, table[setting], min(goal_mm, margin[setting]), words


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


def _expected(size: ZoneSize, found: AccessPlan) -> tuple[Quantity, ...]:
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
        *blocked,
    )
