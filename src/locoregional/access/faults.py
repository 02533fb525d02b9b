"""What is wrong with a needle that somebody drew or placed: outside the body, through bone, the tip in a vessel or in air."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.access.boxes import filled_box
from locoregional.access.field import vessels_over
from locoregional.access.rules import BOWEL_PARTS, AccessRules
from locoregional.access.scene import NeedleSpec, Scene
from locoregional.access.words import named
from locoregional.errors import PlanningError
from locoregional.sources import read_facts

__all__ = ["needle_faults", "require_inside"]

STEP_MM = 0.5
"""Sampling along the needle."""
SKIN_MM = 10.0
"""How far from the skin the stated entry may lie: the skin moves between two scans, and its mask is not exact."""
HOLLOW = ("airway", "bowel", "stomach", "esophagus", "gallbladder", "bladder", *BOWEL_PARTS)
"""Organs whose inside is no tissue."""


def require_inside(scene: Scene, *, entry_lps_mm: ArrayLike, tip_lps_mm: ArrayLike) -> None:
    """Refuse a needle that cannot be meant.

    Parameters
    ----------
    scene : Scene
        Body.
    entry_lps_mm, tip_lps_mm : array_like, shape (3,) [mm]
        Skin entry and tip.

    Raises
    ------
    PlanningError
        If a point is not finite, the two coincide, or the tip lies outside the image or the body.
    """
    entry, tip = np.asarray(entry_lps_mm, dtype=float), np.asarray(tip_lps_mm, dtype=float)
    where = f"tip at {np.round(tip, 1).tolist()} (LPS mm)"
    if entry.shape != (3,) or tip.shape != (3,) or not (np.isfinite(entry).all() and np.isfinite(tip).all()):
        raise PlanningError("a needle needs a finite entry and tip", where=where, remedy="Give x, y, z of both in LPS mm.")
    if np.linalg.norm(tip - entry) < 1.0:
        raise PlanningError("entry and tip of the needle coincide", where=where, remedy="Give two points.")
    if not scene.grid.contains(tip[None])[0]:
        raise PlanningError("the tip lies outside the image", where=where, remedy="Check the frame: LPS millimetres, not RAS.")
    if not _on(scene.body | scene.target, scene, tip[None])[0] and not any(
        _on(mask, scene, tip[None])[0] for mask in scene.structures.values()
    ):
        raise PlanningError("the tip lies outside the body", where=where, remedy="Check the frame: LPS millimetres, not RAS.")


def needle_faults(
    scene: Scene, *, rules: AccessRules, needle: NeedleSpec, entry_lps_mm: ArrayLike, tip_lps_mm: ArrayLike
) -> tuple[str, ...]:
    """What a person must know of a needle that was not found by the planner; empty where nothing is wrong.

    Parameters
    ----------
    scene : Scene
        Body and structures.
    rules : AccessRules
        What may be crossed.
    needle : NeedleSpec
        For its length.
    entry_lps_mm, tip_lps_mm : array_like, shape (3,) [mm]
        Skin entry and tip.

    Returns
    -------
    tuple of str
        One sentence per fault.

    Raises
    ------
    PlanningError
        As :func:`require_inside`.
    """
    require_inside(scene, entry_lps_mm=entry_lps_mm, tip_lps_mm=tip_lps_mm)
    entry, tip = np.asarray(entry_lps_mm, dtype=float), np.asarray(tip_lps_mm, dtype=float)
    length = float(np.linalg.norm(tip - entry))
    points = entry + np.linspace(0.0, 1.0, max(2, int(np.ceil(length / STEP_MM)) + 1))[:, None] * (tip - entry)
    said = []
    if length > needle.length_mm:
        said.append(f"The {needle.name} is {needle.length_mm:g} mm long, but skin and tip are {length:.0f} mm apart.")
    inside = _on(scene.body | scene.target, scene, points)
    first = int(np.argmax(inside)) if inside.any() else len(points)
    if first * STEP_MM > SKIN_MM:
        said.append(f"The stated entry lies {first * STEP_MM:.0f} mm outside the skin.")
    vessels = _wide_vessels(scene)
    if vessels is not None and _on(vessels, scene, tip[None])[0]:
        said.append("The tip lies in a vessel.")
    for name in HOLLOW:
        if name in scene.structures and _on(scene.structures[name], scene, tip[None])[0]:
            said.append(f"The tip lies inside the {named(name)}, not in tissue.")
    for name, mask in scene.structures.items():
        if name in rules.crosses or name == scene.organ:
            continue
        held = _on(vessels if name == "vessels" and vessels is not None else mask, scene, points)
        through = float(held.mean()) * length
        if held.any() and through >= 2 * STEP_MM:
            said.append(f"The needle goes through {through:.0f} mm of {named(name)}.")
    return tuple(said)


def _on(mask: NDArray[np.bool_], scene: Scene, points_lps_mm: NDArray) -> NDArray[np.bool_]:
    """Whether points lie in a mask, False outside the image, shape (n,)."""
    index = np.round(scene.grid.to_index(points_lps_mm)).astype(int)
    held = np.asarray(((index >= 0) & (index < scene.grid.shape)).all(axis=1))
    out = np.zeros(len(index), bool)
    out[held] = mask[tuple(index[held].T)]
    return out


def _wide_vessels(scene: Scene) -> NDArray[np.bool_] | None:
    """Vessels over the calibre that counts as an obstacle."""
    mask = scene.structures.get("vessels")
    if mask is None or not mask.any():
        return None
    box = filled_box(mask, margin=(2, 2, 2))
    kept = np.zeros_like(mask)
    calibre = float(read_facts("locoregional.access")["vessels.calibre"])
    kept[box] = vessels_over(mask[box], calibre_mm=calibre, spacing_mm=scene.grid.spacing_mm)
    return kept
