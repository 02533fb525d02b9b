"""Plan a thermal ablation: how many applicators, which setting, and which way in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from locoregional.ablation.arrangement import Arrangement, preferred
from locoregional.ablation.device import Setting
from locoregional.ablation.dissection import Dissection
from locoregional.ablation.energy import Energy
from locoregional.ablation.plan_words import infeasible_words, plan_of
from locoregional.ablation.predict import TISSUE_OF_ORGAN, zone_table
from locoregional.ablation.region import region_for
from locoregional.ablation.routes import PREFERRED, Way, route_of, ways_in
from locoregional.ablation.scene import access_scene
from locoregional.ablation.search import Problem, Tried, try_in_patient
from locoregional.ablation.size import ZoneSize
from locoregional.access.field import build_field
from locoregional.access.needle import plan_access
from locoregional.access.plan import AccessPlan
from locoregional.access.rules import AccessRules
from locoregional.access.scene import NeedleSpec, Position, ZoneSpec
from locoregional.case import Case, Lesion, Plan
from locoregional.errors import PlanningError
from locoregional.progress import Progress, part
from locoregional.sources import read_facts

__all__ = ["Candidate", "candidates_of", "directions_of", "plan_ablation", "problem_of"]

ACROSS = np.array([0.0, 1.0, 0.0])
"""Needle axis while settings are compared, before the path is known: zones are nearly round, so it hardly matters."""
DIRECTIONS = 2
"""Ways in along which applicators that work at once are laid, parallel to each other."""
MOST_DIRECTIONS, APART_DEG = 6, 12.0
"""Directions, at least this far from each other, from which applicators that work one after another may come."""


@dataclass(frozen=True)
class Candidate:
    """A setting of the device and what a single applicator with it would do.

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
        Chance to cover what is required under placement, registration and zone-size error, 0..1.
    """

    setting: Setting
    size: ZoneSize
    zone: ZoneSpec
    margin_mm: float
    chance: float


def plan_ablation(
    case: Case,
    lesion: Lesion,
    energy: Energy,
    progress: Progress,
    *,
    device_name: str = "",
    others: Sequence[Energy] = (),
    dissections: Sequence[Dissection] = (),
) -> Plan:
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
    others : sequence of Energy
        Whose devices are named where this one does not suffice.
    dissections : sequence of Dissection
        What is injected before the ablation.

    Returns
    -------
    Plan
        Not feasible, with the reason and what would help in words, where no arrangement or no path suffices.
    """
    problem, goal_words, scene_words = problem_of(case, lesion, energy, part(progress, 0.0, 0.4), device_name=device_name)
    problem = replace(problem, dissections=tuple(dissections))
    wanted = float(read_facts("locoregional.ablation")["coverage.wanted"])
    candidates = candidates_of(problem)
    good = [c for c in candidates if c.chance >= wanted]
    first = good[0] if good else max(candidates, key=lambda c: (c.chance, c.margin_mm))
    progress(0.4, "looking for ways in")
    found = plan_access(
        problem.scene, needle=problem.needle, rules=problem.rules, zone=first.zone, field=problem.field,
        progress=part(progress, 0.4, 0.55),
    )  # fmt: skip
    ways = ways_in(
        problem.scene, rules=problem.rules, needle=problem.needle, zone=first.zone, field=problem.field,
        progress=part(progress, 0.55, 0.65),
    )  # fmt: skip
    problem, chosen, way_words = _chosen_ways(problem, found, ways)
    progress(0.65, "placing applicators")
    made = _arranged(problem, chosen, candidates, found, wanted_share=wanted)
    tried: Tried | None = None
    if made:
        tried = try_in_patient(problem, made, wanted_share=wanted, progress=part(progress, 0.7, 0.95))
    turned = bool(chosen) and chosen[0].path not in found.proposals
    notes = tuple(n for n in found.notes if not (turned and n.startswith("Taken to lie")))
    words = (*goal_words, *way_words, *problem.device.caveats, *scene_words, *notes)
    helps: tuple[str, ...] = ()
    if tried is None or not tried.plan.covers:
        progress(0.95, "asking what would make it feasible")
        mine = [w for w in chosen if w.position == problem.scene.position]
        directions = directions_of(problem, mine, found) if mine else []
        helps = infeasible_words(problem, directions, zone=first.zone, found=found, others=others)
    progress(1.0, "planned")
    return plan_of(problem, tried, candidates=candidates, found=found, ways=chosen, words=words, helps=helps, wanted_share=wanted)


def problem_of(
    case: Case, lesion: Lesion, energy: Energy, progress: Progress, *, device_name: str = "", position: Position = "supine"
) -> tuple[Problem, tuple[str, ...], tuple[str, ...]]:
    """Everything that the search needs, what is said of the goal, and what is said of the scene.

    Raises
    ------
    PlanningError
        If there is no such device or no rules for the organ.
    """
    known = energy.devices()
    device_name = device_name or next(iter(known))
    if device_name not in known:
        raise PlanningError(f"no device of {energy.words} is called {device_name!r}", remedy=f"Known: {', '.join(known)}.")
    device = known[device_name]
    tissue = TISSUE_OF_ORGAN[lesion.organ.value]
    scene, scene_words = access_scene(case, lesion, position=position)
    region, goal = region_for(case, lesion, scene, procedure=energy.name)
    table = zone_table(energy, device_name, tissue=tissue, progress=part(progress, 0.0, 0.8))
    rules = AccessRules.for_organ(scene.organ)
    needle = NeedleSpec(length_mm=max(device.lengths_mm), diameter_mm=device.diameter_mm, name=device.name)
    tube = max(rules.tube_radius_mm, needle.diameter_mm / 2)
    field = build_field(scene, rules=rules, reach_mm=needle.length_mm, tube_radius_mm=tube, progress=part(progress, 0.8, 1.0))
    problem = Problem(
        case, lesion, scene, field, rules, needle, energy, device, tissue, table, region,
        Problem.around_of(scene, region, table),
    )  # fmt: skip
    return problem, ((goal,) if goal else ()), scene_words


def candidates_of(problem: Problem) -> list[Candidate]:
    """Every setting with the margin it leaves and the chance that it covers the lesion alone, smallest zone first."""
    region = problem.region
    bare = problem.scene.grid.to_lps(np.argwhere(problem.scene.target))
    reach = float(np.linalg.norm(bare - region.middle_lps_mm, axis=1).max())
    found = []
    for setting, size in problem.table.items():
        one = problem.single(
            setting, aim_lps_mm=region.middle_lps_mm, entry_lps_mm=region.middle_lps_mm + 100.0 * ACROSS, axis=ACROSS
        )
        margin = min(size.short_mm, size.long_mm) / 2 - (reach if not region.palliative else region.radius_mm)
        found.append(Candidate(setting, size, one.zone, margin, one.chance))
    return sorted(found, key=lambda c: (c.size.volume_ml, c.setting.time_s))


def _chosen_ways(problem: Problem, found: AccessPlan, ways: tuple[Way, ...]) -> tuple[Problem, list[Way], tuple[str, ...]]:
    """Ways in, the chosen one first, for the position that the organ asks for; and what is said of that."""
    scene, organ = problem.scene, problem.scene.organ
    listed = [Way(path, scene.position, route_of(path, organ=organ)) for path in found.proposals]
    elsewhere = [w for w in ways if w.position != scene.position]
    turned = "; scan again in that position before the plan is used: organs move"
    usual = [w for w in elsewhere if w.position in PREFERRED.get(organ, ())]
    if not usual and (listed or not elsewhere):
        also = ", ".join(sorted({w.words.lower() for w in elsewhere}))
        return problem, [*listed, *elsewhere], ((f"Also open: {also}{turned}.",) if also else ())
    first = (usual or elsewhere)[0]
    why = "the usual position for this organ" if usual else f"no way is open with the patient {scene.position}"
    words = [f"{first.words}: {why}{turned}."]
    rules, field = problem.rules, problem.field
    if "transpleural" in first.route and "lung" in rules.distances:
        rules = rules.crossing("lung")
        tube = max(rules.tube_radius_mm, problem.needle.diameter_mm / 2)
        field = build_field(scene, rules=rules, reach_mm=problem.needle.length_mm, tube_radius_mm=tube)
        words.append("No way spares the lung: it is crossed on purpose, with pneumothorax in mind.")
    turned_scene = replace(scene, position=first.position)
    rest = [w for w in (*elsewhere, *listed) if w is not first]
    return replace(problem, scene=turned_scene, rules=rules, field=field), [first, *rest], tuple(words)


def _arranged(
    problem: Problem, ways: Sequence[Way], candidates: Sequence[Candidate], found: AccessPlan, *, wanted_share: float
) -> list[Arrangement]:
    """One applicator on the best way, and, where that is not likely enough, several along the best ways."""
    mine = [w for w in ways if w.position == problem.scene.position]
    if not mine:
        return []
    path = mine[0].path
    axis = -path.direction_lps
    made = []
    for c in candidates:
        one = problem.single(c.setting, aim_lps_mm=path.aim_lps_mm, entry_lps_mm=path.entry_lps_mm, axis=axis)
        made.append(one)
        if one.covers and one.chance >= wanted_share:
            return [one, *made[:-1]]
    directions = directions_of(problem, mine, found)
    several = problem.several(directions, together=False, wanted_share=wanted_share)
    if problem.device.together > 1:
        for way in directions[:DIRECTIONS]:
            several += problem.several([way], together=True, wanted_share=wanted_share)
            if any(a.covers and a.together and a.chance >= wanted_share for a in several):
                break
    made += several
    return preferred(made, wanted_share=wanted_share)


def directions_of(problem: Problem, ways: Sequence[Way], found: AccessPlan) -> list[NDArray]:
    """Directions of safe ways, the proposals first, without near repetitions."""
    listed = [-w.path.direction_lps for w in ways]
    if found.n_safe and problem.scene.position == ways[0].position:
        middle = problem.region.middle_lps_mm
        out = found.safe_entries_lps_mm[np.argsort(found.safe_scores, kind="stable")] - middle
        listed += list(out / np.linalg.norm(out, axis=1)[:, None])
    kept: list[NDArray] = []
    for way in listed:
        if all(float(way @ other) < np.cos(np.radians(APART_DEG)) for other in kept):
            kept.append(way)
        if len(kept) == MOST_DIRECTIONS:
            break
    return kept
