"""The needles of an arrangement as an operator dials them, with angles, depths and distances."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from locoregional.ablation.arrangement import Arrangement
from locoregional.access.describe import described
from locoregional.access.field import Field
from locoregional.access.pareto import scores, soft_costs
from locoregional.access.plan import Trajectory
from locoregional.access.rules import AccessRules
from locoregional.access.scene import NeedleSpec, Scene
from locoregional.access.trace import Paths, Tracer
from locoregional.case import Needle, Quantity

__all__ = ["needle_of", "trajectories"]

SAME_WAY_MM = 0.5
"""Needles nearer than this to one axis share one way."""


def trajectories(
    scene: Scene, field: Field, plan: Arrangement, *, rules: AccessRules, needle: NeedleSpec
) -> tuple[Trajectory, ...]:
    """Each needle of an arrangement, described like a proposal of the needle planner.

    Parameters
    ----------
    scene, field, rules, needle
        As the planner saw them.
    plan : Arrangement
        The needles.

    Returns
    -------
    tuple of Trajectory
        In the order of the arrangement; their reasons begin with how they lie to each other where there are several.
    """
    beyond = plan.zone.tip_beyond_centre_mm
    out = []
    for k in range(len(plan)):
        tracer = Tracer(
            field, aims_lps_mm=plan.aims_lps_mm[k : k + 1], needle=needle, tip_beyond_mm=beyond, position=scene.position
        )
        paths = tracer.trace(plan.axes[k : k + 1], aim=np.zeros(1, np.int64), fine=True)

        def judge(some: Paths, reach_mm: float = tracer.reach_mm) -> tuple[NDArray, NDArray]:
            costs = soft_costs(
                some, rules=rules, reach_mm=reach_mm, names=field.names, required_mm=field.required_mm, aim_offsets=np.zeros(1)
            )
            return costs, scores(costs, rules=rules)

        (path,) = described(scene, tracer, paths, judge=judge, rules=rules, zone=None, seed=0)
        if plan.placed[k]:  # it lies where it was seen, not where a ray meets the skin
            entry, tip = plan.entries_lps_mm[k], plan.tips_lps_mm[k]
            path = replace(path, entry_lps_mm=entry, tip_lps_mm=tip, depth_mm=float(np.linalg.norm(entry - tip)))
        if len(plan) > 1 or plan.placed[k]:
            path = replace(path, reasons=(_beside(plan, k), *path.reasons[1:]))
        out.append(path)
    return tuple(out)


def _beside(plan: Arrangement, k: int) -> str:
    """How needle k lies to the first one."""
    name = f"Applicator {k + 1} of {len(plan)}"
    if plan.placed[k]:
        return f"{name}: in place, as the image shows it."
    if k == 0:
        return f"{name}."
    axis = plan.axes[0]
    away = plan.tips_lps_mm[k] - plan.tips_lps_mm[0]
    along = float(away @ axis)
    across = float(np.linalg.norm(away - along * axis))
    turned = float(np.degrees(np.arccos(np.clip(plan.axes[k] @ axis, -1.0, 1.0))))
    depth = f"tip {abs(along):.0f} mm {'nearer to the skin' if along > 0 else 'deeper'}" if abs(along) >= 1 else "tips level"
    if across < SAME_WAY_MM and turned < 1.0:
        return f"{name}: along the same way as the first, {depth}."
    lies = "parallel to" if turned < 1.0 else f"{turned:.0f} degrees to"
    return f"{name}: {lies} the first, {across:.0f} mm beside it, {depth}."


def _goal(margin_mm: float) -> str:
    return f"the lesion with {margin_mm:g} mm" if margin_mm > 0 else "the border of tumour and bone"


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
                f"chance to cover {_goal(covered.margin_mm)} under placement, registration and zone-size error",
                100 * covered.probability,
                "%",
                100 * covered.low,
                100 * covered.high,
                level=0.95,
                method="Monte Carlo over placement (lateral 3.7 mm pooled), registration and zone size; interval of the sampling",
                sources=("access:placement.lateral_error", "case:registration.typical_error"),
            )
        )
    for name, room in sorted(path.clearances_mm.items(), key=lambda item: item[1]):
        if math.isfinite(room):
            numbers.append(
                Quantity(f"clearance_{name}", f"needle axis to {name.replace('_', ' ')}", room, "mm", method="geometry")
            )
    return Needle(entry, tip, path.reasons, tuple(numbers))  # type: ignore[arg-type]
