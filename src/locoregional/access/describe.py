"""Turn traced paths into proposals that an operator can read and dial."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from locoregional.access.coverage import Coverage, PlacementError, ellipsoid_coverage, required_points, wanted_margins_mm
from locoregional.access.field import CAP_MM, QUANTUM_MM
from locoregional.access.pareto import nondominated, room_shares
from locoregional.access.plan import Trajectory
from locoregional.access.rules import OBJECTIVES, AccessRules
from locoregional.access.scene import TOWARDS_TABLE, Position, Scene, ZoneSpec
from locoregional.access.trace import Paths, Tracer
from locoregional.access.words import approach_words, reasons

__all__ = ["described", "dial_angles"]

SAMPLES = 4000
"""Simulated placements per proposal: a 95 % interval of at most 3 percentage points."""

PASS_STEP_MM = 0.5
"""Sampling of the structures that a proposal goes through."""


def dial_angles(outwards_lps: NDArray[np.float64], *, position: Position) -> tuple[float, float, str]:
    """Angles of a needle as an operator dials them.

    Parameters
    ----------
    outwards_lps : ndarray, shape (3,)
        Unit vector from tip to hub.
    position : Position
        How the patient lies.

    Returns
    -------
    craniocaudal_deg, axial_deg : float [deg]
        Out of the axial plane (positive: hub to the head), and from vertical within it.
    side : str
        Side of the patient that the hub leans to, "" when vertical.
    """
    up = -np.array(TOWARDS_TABLE[position])
    across = np.cross(up, [0.0, 0.0, 1.0])
    craniocaudal = float(np.degrees(np.arcsin(np.clip(outwards_lps[2], -1, 1))))
    lean = float(np.degrees(np.arctan2(outwards_lps @ across, outwards_lps @ up)))
    if abs(lean) < 0.5:
        return craniocaudal, abs(lean), ""
    towards = across * np.sign(lean)
    axis = int(np.argmax(np.abs(towards)))
    side = ("right", "left")[int(towards[0] > 0)] if axis == 0 else ("front", "back")[int(towards[1] > 0)]
    return craniocaudal, abs(lean), side


def described(
    scene: Scene,
    tracer: Tracer,
    paths: Paths,
    *,
    judge: Callable[[Paths], tuple[NDArray, NDArray]],
    rules: AccessRules,
    zone: ZoneSpec | None,
    seed: int,
) -> tuple[Trajectory, ...]:
    """Proposals of paths, in the same order.

    Parameters
    ----------
    scene : Scene
        For what the needle passes.
    tracer : Tracer
        That traced the paths.
    paths : Paths
        The chosen ones.
    judge : callable
        Gives costs and scores.
    rules : AccessRules
        For the structures that may be crossed.
    zone : ZoneSpec, optional
        For the chance of coverage.
    seed : int
        Of the simulated placements.
    """
    costs, score = judge(paths)
    pareto = nondominated(costs)
    required = dict(zip(tracer.field.names, tracer.field.required_mm.tolist(), strict=True))
    needed = {}
    if zone:
        organ = scene.structures.get(scene.organ)
        needed = {m: required_points(scene.target, grid=scene.grid, organ=organ, margin_mm=m) for m in wanted_margins_mm()}
    found = []
    for number in range(len(paths)):
        aim = tracer.aims_lps_mm[paths.aim[number]]
        outwards = paths.direction[number]
        coverage: tuple[Coverage, ...] = ()
        if zone:
            error = PlacementError.published()
            coverage = ellipsoid_coverage(
                needed, zone=zone, axis=outwards, centre_lps_mm=aim, error=error, samples=SAMPLES, seed=seed
            )
        entry = aim + paths.depth_mm[number] * outwards
        tip = aim - tracer.tip_beyond_mm * outwards
        clear = dict(zip(tracer.field.names, paths.clearance_mm[number].tolist(), strict=True))
        room = room_shares(paths.clearance_mm[number], required_mm=tracer.field.required_mm, names=tracer.field.names)
        nearest = tracer.field.names[int(room.argmin())] if room.size else ""
        cosine = paths.capsule_cosine[number]
        crossed = paths.capsule_mm[number] > paths.target_mm[number]
        craniocaudal, axial, side = dial_angles(outwards, position=scene.position)
        found.append(
            Trajectory(
                entry_lps_mm=entry,
                tip_lps_mm=tip,
                aim_lps_mm=aim,
                depth_mm=float(np.linalg.norm(entry - tip)),
                skin_to_target_mm=float(paths.depth_mm[number] - paths.target_mm[number]),
                craniocaudal_deg=craniocaudal,
                axial_deg=axial,
                axial_side=side,
                approach=approach_words(outwards),
                entry_slice=int(np.round(scene.grid.to_index(entry)[0])),
                target_slice=int(np.round(scene.grid.to_index(aim)[0])),
                entry_table_mm=float(entry[2]),
                passes=_passes(scene, rules, entry, tip),
                clearances_mm={name: mm if mm < CAP_MM - QUANTUM_MM / 2 else float("inf") for name, mm in clear.items()},
                nearest=nearest,
                capsule_angle_deg=float(np.degrees(np.arcsin(np.clip(cosine, 0, 1)))) if crossed else float("nan"),
                organ_before_target_mm=float(paths.organ_mm[number]),
                aim_offset_mm=float(np.linalg.norm(aim - tracer.aims_lps_mm[0])),
                score=float(score[number]),
                costs=dict(zip(OBJECTIVES, costs[number].tolist(), strict=True)),
                pareto=bool(pareto[number]),
                coverage=coverage,
            )
        )
    slice_mm = float(scene.grid.spacing_mm[0])
    return tuple(
        replace(path, reasons=reasons(path, found, organ=scene.organ, required_mm=required, slice_mm=slice_mm)) for path in found
    )


def _passes(scene: Scene, rules: AccessRules, entry: NDArray, tip: NDArray) -> dict[str, float]:
    """Length of needle in the target and in each structure that may be crossed, on the image's own voxels."""
    length = float(np.linalg.norm(entry - tip))
    count = max(2, int(np.ceil(length / PASS_STEP_MM)))
    share = (np.arange(count) + 0.5) / count
    index = np.round(scene.grid.to_index(entry + share[:, None] * (tip - entry))).astype(int)
    voxels = tuple(index[((index >= 0) & (index < scene.grid.shape)).all(axis=1)].T)
    inside = {"target": scene.target[voxels]}
    for name in rules.crosses:
        if name in scene.structures:
            inside[name] = scene.structures[name][voxels] & ~inside["target"]
    return {name: float(held.sum()) * length / count for name, held in inside.items() if held.any()}
