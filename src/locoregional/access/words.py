"""Reasons and verdicts in words that an operator would use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from locoregional.access.plan import Trajectory
from locoregional.access.rules import BOWEL_PARTS
from locoregional.access.scene import Position
from locoregional.sources import read_facts

__all__ = ["approach_words", "blocked_words", "named", "reasons"]

INTERCOSTAL_MM = 15.0
"""A needle this near to bone on its way through the body wall goes between ribs."""

BEST_AT = {
    "length": "the shortest way",
    "capsule": "the squarest crossing of the capsule",
    "risk": "the most room to structures at risk",
    "axial": "nearest to the axial plane",
}


def named(structure: str) -> str:
    """Name of a structure or constraint, for people."""
    special = {
        "length": "needle length",
        "table": "the table",
        "image": "the end of the image",
        "air": "air on the way (skin fold, arm, or hole in the body mask)",
        "lung": "lung and pleura",
    }
    return special.get(structure, structure.replace("_", " "))


def approach_words(outwards_lps: Sequence[float] | np.ndarray) -> str:
    """Where on the body a needle enters, from the LPS direction target to skin."""
    x, y, z = outwards_lps
    if abs(z) > 0.9:
        return "from the head side" if z > 0 else "from the foot side"
    angle = np.degrees(np.arctan2(abs(x), -y))
    side = "left" if x > 0 else "right"
    if angle < 20:
        return "from the front"
    if angle < 60:
        return f"from the front, {side}"
    if angle < 120:
        return f"from the {side} side"
    return f"from the back, {side}" if angle < 160 else "from the back"


def reasons(
    path: Trajectory, others: Sequence[Trajectory], *, organ: str, required_mm: Mapping[str, float], slice_mm: float
) -> tuple[str, ...]:
    """Why a path stands where it stands in the list.

    Parameters
    ----------
    path : Trajectory
        The path.
    others : sequence of Trajectory
        All proposals, this one included.
    organ : str
        Organ of the target.
    required_mm : mapping of str to float [mm]
        What the needle axis must keep from each obstacle.
    slice_mm : float [mm]
        Slice spacing of the image.
    """
    said = []
    if path is others[0]:
        said.append("Best balance of all preferences.")
    if len(others) > 1:
        best = [words for name, words in BEST_AT.items() if path.costs[name] <= min(o.costs[name] for o in others)]
        if best:
            said.append(f"Among the proposals: {', '.join(best)}.")
    if not path.pareto:
        said.append("Another proposal is at least as good in every respect; this is the best of its region.")
    said.append(
        f"{path.approach.capitalize()}; {path.depth_mm:.0f} mm from skin to tip, {path.skin_to_target_mm:.0f} mm to the lesion."
    )
    if path.nearest:
        near, need = path.clearances_mm[path.nearest], required_mm[path.nearest]
        if np.isfinite(near):
            said.append(f"Least room beside {named(path.nearest)}: needle axis {near:.1f} mm away, {need:.1f} mm required.")
        else:
            said.append("No checked structure within 25 mm of the needle.")
    bone = path.clearances_mm.get("bone", np.inf)
    if bone < INTERCOSTAL_MM:
        said.append(f"Passes bone at {bone:.1f} mm; between ribs, keep to the upper edge of the lower rib.")
    said += _organ_words(path, organ)
    tilt = abs(path.craniocaudal_deg)
    if tilt < 5:
        said.append("In the axial plane: the whole needle can be seen in one slice.")
    else:
        slices = abs(path.entry_table_mm - path.aim_lps_mm[2]) / slice_mm
        said.append(f"{tilt:.0f} degrees out of the axial plane: entry and lesion are {slices:.0f} slices apart.")
    if path.aim_offset_mm > 0.5:
        said.append(f"Aims {path.aim_offset_mm:.1f} mm beside the middle of the lesion.")
    return tuple(said)


def _organ_words(path: Trajectory, organ: str) -> list[str]:
    facts = read_facts("locoregional.access").section(organ)
    said = []
    if np.isfinite(path.capsule_angle_deg):
        words = "square" if path.capsule_angle_deg > 60 else "oblique" if path.capsule_angle_deg > 30 else "nearly tangential"
        said.append(f"Meets the surface of the {organ} at {path.capsule_angle_deg:.0f} degrees ({words}).")
    before = path.organ_before_target_mm
    if "parenchyma_low" in facts and before < float(facts["parenchyma_low"]):
        said.append(
            f"Only {before:.0f} mm of {organ} before the lesion; {facts['parenchyma_low'].value:.0f} mm or more is wanted."
        )
    elif "parenchyma_enough" in facts and before < float(facts["parenchyma_enough"]) - 0.5:
        said.append(f"{before:.0f} mm of {organ} before the lesion; {facts['parenchyma_enough'].value:.0f} mm would be better.")
    crossed = [f"{mm:.0f} mm of {named(s)}" for s, mm in path.passes.items() if s not in (organ, "target") and mm > 0]
    if crossed:
        said.append(f"Also crosses {', '.join(crossed)}.")
    return said


def blocked_words(
    blocked_by: Mapping[str, float], opened_by: Mapping[str, float], other_positions: Mapping[Position, float]
) -> str:
    """Why there is no path, and what would open one.

    Parameters
    ----------
    blocked_by, opened_by : mapping of str to float
        Share of ways that each constraint blocks, and that would open if it alone were lifted.
    other_positions : mapping of Position to float
        Share of ways open in other positions.
    """
    helps_with = read_facts("locoregional.access").section("help")
    most = sorted((share, name) for name, share in blocked_by.items() if share > 0)[::-1][:3]
    said = ["No safe straight path was found."]
    said.append("Most ways are blocked by " + ", ".join(f"{named(name)} ({share:.0%})" for share, name in most) + ".")
    helps = [(share, name) for name, share in opened_by.items() if share > 0]
    if not helps:
        said.append("No single constraint is to blame: at least two would have to give way.")
    for share, name in sorted(helps)[::-1][:2]:
        remedy = helps_with.get("bowel" if name in BOWEL_PARTS else name)
        tip = f": {remedy.value}" if remedy is not None else ""
        said.append(f"Without {named(name)} alone {share:.1%} of the ways would open{tip}.")
    turned = [(share, position) for position, share in other_positions.items() if share > 0]
    if turned:
        share, position = max(turned)
        said.append(f"With the patient {position}, {share:.1%} would be open if no organ moved; scan again in that position.")
    return " ".join(said)
