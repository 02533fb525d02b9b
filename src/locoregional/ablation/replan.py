"""Plan again around applicators that lie where an intra-procedural image shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.ablation.arrangement import Arrangement, zone_of
from locoregional.ablation.device import Setting
from locoregional.ablation.energy import Energy
from locoregional.ablation.plan import candidates_of, directions_of, problem_of
from locoregional.ablation.plan_words import duration_words, plan_of
from locoregional.ablation.routes import Way, route_of
from locoregional.ablation.search import Problem, try_in_patient
from locoregional.ablation.settings import AblationSettings
from locoregional.access.faults import needle_faults, require_inside
from locoregional.access.needle import plan_access
from locoregional.access.scene import Position
from locoregional.case import Case, Lesion, Plan
from locoregional.errors import PlanningError
from locoregional.progress import Progress, part
from locoregional.sources import read_facts

__all__ = ["replan_ablation"]


def replan_ablation(
    case: Case,
    lesion: Lesion,
    energy: Energy,
    progress: Progress,
    *,
    placed: Sequence[tuple[ArrayLike, ArrayLike]],
    position: Position = "supine",
) -> Plan:
    """New plan that keeps the applicators in place and chooses the rest, and the setting, around them.

    Parameters
    ----------
    case, lesion
        Patient and target; the latest plan of this energy says which device is used.
    energy : Energy
        Which ablation.
    progress : Progress
        Told how far it is.
    placed : sequence of (entry, tip)
        Skin entry and tip of each applicator in place, LPS [mm] of the planning image.
    position : str
        How the patient lies.

    Returns
    -------
    Plan
        Its words say how the applicators lie to the plan and what changed.

    Raises
    ------
    PlanningError
        If there is no plan to start from, no applicator is given, or one lies outside the body.
    """
    before = _latest(case, lesion, energy)
    settings = before.settings
    assert isinstance(settings, AblationSettings)
    if not placed:
        raise PlanningError("no applicator in place is given", where=f"lesion {lesion.id}", remedy="Give its entry and tip.")
    problem, goal, scene_words = problem_of(
        case, lesion, energy, part(progress, 0.0, 0.4), device_name=settings.device, position=position
    )
    problem = replace(problem, dissections=settings.dissections)
    lying = [(np.asarray(e, dtype=float), np.asarray(t, dtype=float)) for e, t in placed]
    faults: list[str] = []
    for entry, tip in lying:
        require_inside(problem.scene, entry_lps_mm=entry, tip_lps_mm=tip)
        faults += needle_faults(problem.scene, rules=problem.rules, needle=problem.needle, entry_lps_mm=entry, tip_lps_mm=tip)
    wanted = float(read_facts("locoregional.ablation")["coverage.wanted"])
    candidates = candidates_of(problem)
    largest = max(candidates, key=lambda c: c.size.volume_ml)
    found = plan_access(
        problem.scene, needle=problem.needle, rules=problem.rules, zone=largest.zone, field=problem.field, n_entries=6_000,
        progress=part(progress, 0.4, 0.55),
    )  # fmt: skip
    ways = [Way(p, position, route_of(p, organ=problem.scene.organ)) for p in found.proposals]
    directions = [_axis(e, t) for e, t in lying]
    directions += [_axis(np.array(n.entry_lps_mm), np.array(n.tip_lps_mm)) for n in before.needles]
    directions += directions_of(problem, ways, found) if ways else []
    progress(0.55, "placing the remaining applicators")
    made = [_alone(problem, lying, c.setting) for c in candidates]
    if not any(a.covers and a.chance >= wanted for a in made):
        made += problem.several(directions, together=False, wanted_share=wanted, placed=lying)
        if problem.device.together > len(lying):
            made += problem.several(directions[:1], together=True, wanted_share=wanted, placed=lying)
    tried = try_in_patient(problem, made, wanted_share=wanted, progress=part(progress, 0.6, 0.98))
    changed = _changed(problem, before, lying, tried.plan)
    helps = () if tried.plan.covers else (
        f"With the applicators as they lie, {problem.region.words[problem.region.least_mm]} is not covered by the zones of "
        f"{problem.device.name}: move an applicator, or add one by hand.",
    )  # fmt: skip
    plan = plan_of(
        problem, tried, candidates=candidates, found=found, ways=(), helps=helps, wanted_share=wanted,
        words=(*goal, *problem.device.caveats, *scene_words, *found.notes),
    )  # fmt: skip
    progress(1.0, "planned again")
    words = (*helps, *changed, *faults, *(w for w in plan.words if w not in helps))
    return replace(plan, words=tuple(dict.fromkeys(words)), alternatives=())


def _latest(case: Case, lesion: Lesion, energy: Energy) -> Plan:
    """Latest plan of this lesion and energy with needles."""
    mine = [p for p in case.plans if (p.lesion_id, p.procedure) == (lesion.id, energy.name) and p.needles]
    if not mine or not isinstance(mine[-1].settings, AblationSettings):
        raise PlanningError(
            f"lesion {lesion.id} has no plan for {energy.words} to start from",
            where=f"patient {case.patient.id}",
            remedy="Run `locoregional plan` first.",
        )
    return mine[-1]


def _axis(entry: NDArray, tip: NDArray) -> NDArray[np.float64]:
    return np.asarray((entry - tip) / np.linalg.norm(entry - tip))


def _alone(problem: Problem, lying: Sequence[tuple[NDArray, NDArray]], setting: Setting) -> Arrangement:
    """The applicators in place without further ones."""
    size = problem.table[setting]
    together = 1 < len(lying) <= problem.device.together
    growth = problem.growth(setting) if together else 1.0
    zone = zone_of(size, relative_sd=problem.relative_sd, factor=growth)
    entries, tips = (np.array([p[i] for p in lying]) for i in (0, 1))
    axes = np.array([_axis(e, t) for e, t in lying])
    aims, seen = tips + zone.tip_beyond_centre_mm * axes, np.ones(len(lying), bool)
    plan = Arrangement(setting, size, zone, together, entries, tips, aims, seen, factor=growth)
    return problem.judged(plan)


def _changed(problem: Problem, before: Plan, lying: Sequence[tuple[NDArray, NDArray]], now: Arrangement) -> list[str]:
    """How the applicators lie to the plan before, and what is done about it."""
    said = []
    for k, (entry, tip) in enumerate(lying, start=1):
        nearest = min(before.needles, key=lambda n: float(np.linalg.norm(np.array(n.tip_lps_mm) - tip)))
        planned = _axis(np.array(nearest.entry_lps_mm), np.array(nearest.tip_lps_mm))
        away = tip - np.array(nearest.tip_lps_mm)
        along = float(away @ planned)
        across = float(np.linalg.norm(away - along * planned))
        turned = float(np.degrees(np.arccos(np.clip(_axis(entry, tip) @ planned, -1.0, 1.0))))
        deep = f"{abs(along):.1f} mm {'short of' if along > 0 else 'beyond'} it" if abs(along) >= 0.05 else "at its depth"
        said.append(
            f"Planned again around applicator {k} in place: its tip lies {across:.1f} mm beside the plan and {deep}, "
            f"{turned:.0f} degrees off its direction."
        )
    settings = before.settings
    chance = next((q.value for q in before.quantities if q.name == f"coverage_{problem.region.least_mm:g}mm"), None)
    was = f"{len(before.needles)} x {settings.setting.words}"
    wasnt = f", {chance:.0f} % likely to cover" if chance is not None else ""
    further = len(now) - len(lying)
    said.append(
        f"Before: {was}{wasnt}. Now: {len(now)} x {now.setting.words} ({duration_words(now)}"
        f"{', at once' if now.together else ''}), {100 * now.chance:.0f} %; "
        + (
            f"{further} further applicator{'s' if further != 1 else ''} to place."
            if further
            else "no further applicator to place."
        )
    )
    return said
