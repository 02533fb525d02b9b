"""Straight ways for a needle from the skin to a target: safe, ranked, with reasons; or none, and why."""

from __future__ import annotations

from typing import get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.access.boxes import filled_box
from locoregional.access.describe import described
from locoregional.access.field import Field, build_field
from locoregional.access.pareto import apart, scores, soft_costs
from locoregional.access.plan import AccessPlan, Trajectory
from locoregional.access.rays import SKIN
from locoregional.access.rules import AccessRules
from locoregional.access.scene import NeedleSpec, Position, Scene, ZoneSpec
from locoregional.access.search import look_closer, polish, sweep
from locoregional.access.sphere import directions_over_sphere
from locoregional.access.trace import Paths, Tracer
from locoregional.access.words import blocked_words
from locoregional.errors import PlanningError
from locoregional.progress import Progress, part, silent
from locoregional.sources import read_facts

__all__ = ["AccessPlan", "AccessRules", "NeedleSpec", "Scene", "Trajectory", "ZoneSpec", "plan_access"]

OFFSET = 0.4
"""Further aims lie this share of the target's radius beside its middle: still well inside, yet a different window."""


def plan_access(
    scene: Scene,
    *,
    needle: NeedleSpec,
    rules: AccessRules | None = None,
    zone: ZoneSpec | None = None,
    aim_lps_mm: ArrayLike | None = None,
    n_entries: int = 20_000,
    n_proposals: int = 5,
    seed: int = 0,
    field: Field | None = None,
    progress: Progress = silent,
) -> AccessPlan:
    """Plan straight needle paths to a target.

    Parameters
    ----------
    scene : Scene
        Body, structures and target.
    needle : NeedleSpec
        Length and diameter.
    rules : AccessRules, optional
        Default: the rules for the target's organ.
    zone : ZoneSpec, optional
        Planned ablation zone, centred on the aim; gives the tip its place and each proposal its chance of coverage.
    aim_lps_mm : array_like, shape (3,) [mm], optional
        Where the middle of the zone must go; default the middle of the target and points beside it.
    n_entries : int
        Skin entries to try from the middle of the target.
    n_proposals : int
        Most proposals to return.
    seed : int
        Same seed, same plan.
    field : Field, optional
        Working grid made before for these structures and rules, with at least this needle's reach and its tube: the slowest
        part of a plan, the same for every zone and position.
    progress : Progress
        Told how far the work is.

    Returns
    -------
    AccessPlan
        With no proposals where no safe path was found; then its verdict says what blocks.

    Raises
    ------
    PlanningError
        If rules and scene do not fit, or the aim lies outside the target.
    """
    if n_entries < 100 or n_proposals < 1:
        raise PlanningError(
            "a plan needs at least 100 entries and one proposal", where="n_entries, n_proposals", remedy="Use the defaults."
        )
    rules = AccessRules.for_organ(scene.organ) if rules is None else rules
    if rules.organ != scene.organ:
        raise PlanningError(
            f"rules for {rules.organ} used for a target in {scene.organ}", remedy="Use the rules of the target's organ."
        )
    aims, offsets = _aims(scene, aim_lps_mm)
    beyond = zone.tip_beyond_centre_mm if zone else 0.0
    tube = max(rules.tube_radius_mm, needle.diameter_mm / 2)
    if field is None:
        reach = needle.length_mm - beyond
        field = build_field(scene, rules=rules, reach_mm=reach, tube_radius_mm=tube, progress=part(progress, 0.0, 0.5))
    tracer = Tracer(field, aims_lps_mm=aims, needle=needle, tip_beyond_mm=beyond, position=scene.position)
    if tracer.reach_mm <= 0:
        raise PlanningError("the tip lies farther beyond the zone's middle than the needle is long", remedy="Check the zone.")
    progress(0.5, "casting rays from the target to the skin")
    swept = sweep(tracer, n_entries=n_entries, seed=seed)
    spacing = float(np.sqrt(4 * np.pi / n_entries))
    progress(0.75, "looking closer at narrow windows")
    tried = look_closer(tracer, swept.and_also(*_beside(tracer, n_entries // 8, seed)), spacing_rad=spacing)
    safe = tried[tried.safe]

    def judge(paths: Paths) -> tuple[NDArray, NDArray]:
        costs = soft_costs(
            paths, rules=rules, reach_mm=tracer.reach_mm, names=field.names, required_mm=field.required_mm, aim_offsets=offsets
        )
        return costs, scores(costs, rules=rules)

    progress(0.85, "ranking safe paths")
    proposals: tuple[Trajectory, ...] = ()
    n_pareto = 0
    if len(safe):
        best, n_pareto = polish(tracer, safe, judge=judge, spacing_rad=spacing)
        separation = float(read_facts("locoregional.access")["proposals.separation"])
        best = best[np.array(apart(tracer.entries_lps_mm(best), separation_mm=separation, count=n_proposals), dtype=int)]
        proposals = described(scene, tracer, best, judge=judge, rules=rules, zone=zone, seed=seed)
    blocked = dict(zip(tracer.constraints, swept.blocked.mean(axis=0).tolist(), strict=True))
    opened = _opened_by(swept, tracer.constraints)
    turned = _other_positions(tracer, swept)
    unchecked = rules.missing(frozenset(scene.structures))
    progress(1.0, "needle paths planned")
    return AccessPlan(
        proposals=proposals,
        checked=field.names,
        unchecked=unchecked,
        blocked_by=blocked,
        opened_by=opened,
        other_positions=turned,
        n_rays=len(tried),
        n_entries=int((swept.ends == SKIN).sum()),
        n_safe=len(safe),
        n_pareto=n_pareto,
        safe_entries_lps_mm=tracer.entries_lps_mm(safe),
        safe_scores=judge(safe)[1],
        distances={name: rules.distances[name] for name in field.names},
        notes=(*field.notes, *_notes(scene, rules, tracer, unchecked)),
        verdict=_verdict(proposals, swept) if proposals else blocked_words(blocked, opened, turned),
    )


def _aims(scene: Scene, aim_lps_mm: ArrayLike | None) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Aims (aims, 3) LPS, and the distance of each from the middle as a share of the target's radius."""
    if aim_lps_mm is not None:
        aim = np.asarray(aim_lps_mm, dtype=float).reshape(1, 3)
        if not scene.grid.contains(aim)[0] or not scene.target[tuple(np.round(scene.grid.to_index(aim[0])).astype(int))]:
            raise PlanningError("the aim lies outside the target", where="aim_lps_mm", remedy="Give a point inside it, LPS mm.")
        return aim, np.zeros(1)
    centre = scene.target_centre_lps_mm
    radius = (3 * np.count_nonzero(scene.target) * scene.grid.voxel_ml * 1e3 / (4 * np.pi)) ** (1 / 3)
    steps = OFFSET * radius * np.vstack([np.zeros((1, 3)), np.eye(3), -np.eye(3)])
    index = np.round(scene.grid.to_index(centre + steps)).astype(int)
    held = np.asarray(((index >= 0) & (index < scene.grid.shape)).all(axis=1))
    held[held] = scene.target[tuple(index[held].T)]
    held[0] = True
    return centre + steps[held], np.linalg.norm(steps[held], axis=1) / radius


def _beside(tracer: Tracer, count: int, seed: int) -> list[Paths]:
    """Rays to the aims beside the middle."""
    found = []
    for aim in range(1, len(tracer.aims_lps_mm)):
        directions = directions_over_sphere(count, seed=seed + 100 + aim)
        found.append(tracer.trace(directions, aim=np.full(count, aim)))
    return found


def _opened_by(swept: Paths, constraints: tuple[str, ...]) -> dict[str, float]:
    """Share of ways that each constraint alone blocks, largest first."""
    alone = swept.blocked & (swept.blocked.sum(axis=1) == 1)[:, None]
    shares = dict(zip(constraints, alone.mean(axis=0).tolist(), strict=True))
    return dict(sorted(shares.items(), key=lambda item: -item[1]))


def _other_positions(tracer: Tracer, swept: Paths) -> dict[Position, float]:
    """Share of ways that only meet the table of the present position, and not that of another."""
    table = tracer.constraints.index("table")
    clear = ~np.delete(swept.blocked, table, axis=1).any(axis=1)
    shares: dict[Position, float] = {}
    for position in get_args(Position):
        if position != tracer.position:
            room = tracer.room_above_table_mm(swept.direction, aim=swept.aim, depth_mm=swept.depth_mm, position=position)
            shares[position] = float((clear & (room >= 0)).mean())
    return shares


def _notes(scene: Scene, rules: AccessRules, tracer: Tracer, unchecked: tuple[str, ...]) -> list[str]:
    """What the reader must know about this plan."""
    notes = [
        f"Taken to lie {scene.position}, in the image and on the table; entries and handles that the table blocks are left out."
    ]
    notes.append("Paths are straight; breathing, needle bending and organ shift are not modelled.")
    if unchecked:
        notes.append(f"Could not check: {', '.join(unchecked).replace('_', ' ')} (not segmented).")
    if any(rules.distances[name].status != "verified" for name in tracer.field.names):
        notes.append("Safety distances are conservative defaults without a published source, to be confirmed by the operator.")
    if rules.organ != "lung" and "lung" in tracer.field.names:
        notes.append("The empty pleural recess below the lung does not show on CT: intercostal paths may cross it.")
    box = filled_box(scene.target)
    for name in tracer.field.names:
        overlap = int((scene.structures[name][box] & scene.target[box]).sum())
        if overlap:
            notes.append(f"The target overlaps {name.replace('_', ' ')} by {overlap} voxels; one of the masks is wrong there.")
    return notes


def _verdict(proposals: tuple[Trajectory, ...], swept: Paths) -> str:
    """What was found, in a sentence."""
    count = len(proposals)
    best = proposals[0]
    ways = "one way" if count == 1 else f"{count} distinct ways"
    share = f"{swept.safe.mean():.1%} of all directions to the middle of the target are open"
    if not swept.safe.any():
        share = "none of the directions swept to the middle of the target is open, only windows between them or beside it"
    return f"{ways.capitalize()}; {share}. Best {best.approach}, {best.depth_mm:.0f} mm deep: {best.dial}."
