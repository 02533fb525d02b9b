"""An arrangement as the chart keeps it: needles, settings, numbers and words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from locoregional.ablation.arrangement import Arrangement
from locoregional.ablation.cautions import cautions_of, told_of
from locoregional.ablation.coupled import box_for
from locoregional.ablation.device import Device
from locoregional.ablation.energy import Energy
from locoregional.ablation.organ_words import said_of_organ
from locoregional.ablation.remedies import larger_devices, number_needed, opened_by_moving
from locoregional.ablation.routes import Way
from locoregional.ablation.search import Problem, Tried, coupled_share, spacing_of
from locoregional.ablation.trajectories import needle_of, trajectories
from locoregional.access.plan import AccessPlan, Trajectory
from locoregional.access.scene import ZoneSpec
from locoregional.case import Plan, Quantity
from locoregional.sources import read_facts
from locoregional.units import minutes_to_s

if TYPE_CHECKING:
    from locoregional.ablation.plan import Candidate

__all__ = ["duration_words", "infeasible_words", "plan_of"]

REACH_SPARE_MM = 20.0
"""Shaft to spare when a needle length is chosen."""


def infeasible_words(
    problem: Problem, directions: Sequence[NDArray], *, zone: ZoneSpec, found: AccessPlan, others: Sequence[Energy]
) -> tuple[str, ...]:
    """Why nothing covers, and what would make it feasible.

    Parameters
    ----------
    problem : Problem
        The search.
    directions : sequence of ndarray, shape (3,)
        Unit vectors from target to skin along which ways are open, empty where there are none.
    zone : ZoneSpec
        Zone of one placement of this device, the largest that was considered.
    found : AccessPlan
        For what blocks.
    others : sequence of Energy
        Further energies whose devices are asked.
    """
    if not directions:
        return (found.verdict,)
    facts = read_facts("locoregional.ablation", "plan_facts.toml")
    most = int(float(facts["applicators.most"]))
    largest = max(problem.table.values(), key=lambda s: s.volume_ml)
    sites = problem.sites(zone, directions)
    goal = problem.region.words[problem.region.least_mm]
    said = [
        f"Infeasible with {problem.device.name}: its largest zone here is {largest.long_mm:.0f} x {largest.short_mm:.0f} mm, and "
        f"no {most} placements along the ways that are open cover {goal} (a zone can be put at {len(sites)} places)."
    ]
    helps = []
    needed = number_needed(problem.region, sites, zone)
    if needed is not None:
        helps.append(f"{needed} placements of it, more than is sensible")
    helps += opened_by_moving(
        problem.region, zone, blocked=sites, sites_without=lambda name: problem.sites(zone, directions, lifted=(name,)), most=most
    )
    helps += larger_devices(
        (problem.energy, *others), device_name=problem.device.name, tissue=problem.tissue, region=problem.region, sites=sites,
        relative_sd=problem.relative_sd, most=most,
    )  # fmt: skip
    if helps:
        said.append(f"What would help: {'; '.join(helps)}.")
    else:
        said.append("No known device, no further placement and no single structure moved away would help; treat it otherwise.")
    return tuple(said)


def duration_words(plan: Arrangement) -> str:
    """How long an arrangement treats, in words."""
    each = plan.setting.time_s / minutes_to_s(1.0)
    if len(plan) == 1 or plan.together:
        return f"{each:g} min"
    return f"{len(plan)} times {each:g} min"


def plan_of(
    problem: Problem, tried: Tried | None, *, candidates: Sequence[Candidate], found: AccessPlan, ways: Sequence[Way],
    words: Sequence[str], helps: Sequence[str], wanted_share: float,
) -> Plan:  # fmt: skip
    """Entry of the chart.

    Parameters
    ----------
    problem : Problem
        The search.
    tried : Tried or None
        What it found.
    candidates : sequence of Candidate
        Single settings, for the comparison.
    found : AccessPlan
        For what blocks and what could not be checked.
    ways : sequence of Way
        Ways in, the chosen one first.
    words : sequence of str
        Further sentences.
    helps : sequence of str
        What would make it feasible, empty where it is.
    wanted_share : float
        Chance that is wanted, 0..1.
    """
    case, lesion, energy = problem.case, problem.lesion, problem.energy
    facts = read_facts("locoregional.ablation")
    plan = tried.plan if tried is not None else None
    paths: tuple[Trajectory, ...] = ()
    if plan is not None:
        paths = trajectories(problem.scene, problem.field, plan, rules=problem.rules, needle=problem.needle)
        paths = tuple(replace(p, coverage=plan.chances) for p in paths)
        if len(plan) == 1 and not plan.placed[0] and ways:  # the planner's own reasons compare it with its rivals
            paths = (replace(paths[0], reasons=ways[0].path.reasons or paths[0].reasons),)
    best = candidates[0] if plan is None else next(c for c in candidates if c.setting == plan.setting)
    settings = energy.settings(
        device=problem.device.name,
        power_w=best.setting.power_w,
        time_s=best.setting.time_s,
        program=best.setting.program,
        together=plan is None or plan.together or len(plan) == 1,
        needle_length_mm=_shaft(problem.device, paths),
        margin_goal_mm=_margin(problem, plan, best),
        expected_long_mm=best.size.long_mm,
        expected_short_mm=best.size.short_mm,
        expected_ahead_mm=best.size.ahead_mm,
        box_mm=max(80.0, box_for(plan)) if plan is not None else 80.0,
        dissections=problem.dissections,
    )
    feasible = _feasible(problem, tried)
    told = said_of_organ(
        case, lesion, problem.scene, paths=paths, minutes=duration_words(plan) if plan is not None else "an unknown time"
    )
    own = () if tried is None else _search_words(problem, tried, candidates, wanted_share)
    lead = tuple(helps) if not feasible and helps else ()
    cautions = () if tried is None else cautions_of(problem, tried, wanted_share=wanted_share)
    spare = tuple(w for w in ways if plan is None or w is not ways[0])
    return Plan(
        id=f"plan-{lesion.id}-{energy.name}-{1 + sum(p.lesion_id == lesion.id for p in case.plans)}",
        lesion_id=lesion.id,
        procedure=energy.name,
        feasible=feasible,
        needles=tuple(needle_of(p) for p in paths),
        alternatives=tuple(_alternative(problem, w, best) for w in spare),
        settings=settings,
        words=tuple(dict.fromkeys(w for w in (*lead, _verdict(problem, found, ways), *own, *told.words, *words) if w)),
        unchecked=found.unchecked,
        quantities=(*_numbers(problem, tried, candidates, found), *told.quantities),
        cautions=cautions,
        facts=tuple(
            dict.fromkeys(
                (
                    *(f.key for f in problem.device.facts),
                    *(f.key for f in found.distances.values()),
                    *(facts[n].key for n in ("margin.least", "margin.goal", "zone.relative_sd", "coverage.wanted")),
                    spacing_of(energy).key,
                    coupled_share().key,
                    *told.facts,
                )
            )
        ),
    )


def _verdict(problem: Problem, found: AccessPlan, ways: Sequence[Way]) -> str:
    """What was found, for the position of the plan."""
    mine = [w for w in ways if w.position == problem.scene.position]
    if not mine or any(w.path is p for w in mine for p in found.proposals):
        return found.verdict
    path = mine[0].path
    way = f"{mine[0].words}: {path.approach}, {path.depth_mm:.0f} mm deep, {path.dial}."
    return f"{way} Without turning the patient: {found.verdict}"


def _feasible(problem: Problem, tried: Tried | None) -> bool:
    """Whether templates cover and the lesion dies in the patient's tissue, or all that is required dies there; harmlessly."""
    if tried is None or tried.run.harms:
        return False
    whole = problem.region.palliative or tried.run.tumour_share >= float(coupled_share()) / 100.0
    return (tried.plan.covers and whole) or tried.enough(problem.region)


def _margin(problem: Problem, plan: Arrangement | None, best: Candidate) -> float:
    """Margin that the settings aim at [mm]: of a single centred zone, or the largest that the arrangement holds."""
    if problem.region.palliative:
        return 0.0
    if plan is None or len(plan) == 1:
        return best.margin_mm
    held = [c.margin_mm for c in plan.chances if c.probability >= 0.5]
    return max(held, default=problem.region.least_mm if plan.covers else 0.0)


def _shaft(device: Device, paths: Sequence[Trajectory]) -> float:
    """Shortest needle of the device that reaches, with some to spare."""
    needed_mm = max((p.depth_mm for p in paths), default=0.0) + REACH_SPARE_MM
    return min((x for x in device.lengths_mm if x >= needed_mm), default=max(device.lengths_mm))


def _alternative(problem: Problem, way: Way, best: Candidate):  # type: ignore[no-untyped-def]
    """Another way in with one applicator, its chance with the same errors, and what position it needs."""
    path = way.path
    one = problem.single(best.setting, aim_lps_mm=path.aim_lps_mm, entry_lps_mm=path.entry_lps_mm, axis=-path.direction_lps)
    turned = way.position != problem.scene.position
    note = f"{way.words}{': scan again in that position' if turned else ''}."
    return needle_of(replace(path, coverage=one.chances, reasons=(note, *path.reasons)))


def _search_words(problem: Problem, tried: Tried, candidates: Sequence[Candidate], wanted_share: float) -> tuple[str, ...]:
    """What was chosen, why, and what the run in the patient's tissue gave."""
    plan, region = tried.plan, problem.region
    goal = region.words[region.least_mm]
    chance = plan.chances[0]
    organ = problem.lesion.organ.value.replace("_", " ")
    several = len(plan) > 1
    how = " at once" if plan.together else " one after another" if several else ""
    number = f"{len(plan)} applicators{how}, each " if several else ""
    if several:
        singles = max(c.chance for c in candidates)
        why = f"one alone reaches it in {100 * singles:.0f} %"
        if plan.proven:
            why += "; no smaller number of placements covers it with the reserve taken"
        why += f"; working together, zones count as {plan.factor:.2f} times their single size" if plan.together else ""
    else:
        why = "the smallest zone that reaches the target" if chance.probability >= wanted_share else "no setting is likelier"
    said = [
        f"{number}{plan.setting.words}, from {len(candidates)} simulated settings: {why}. It covers {goal} in "
        f"{100 * chance.probability:.0f} % of placements (95 % interval of the sampling {100 * chance.low:.0f} to "
        f"{100 * chance.high:.0f}; target {100 * wanted_share:.0f} %) under placement, registration and zone-size error. "
        f"Homogeneous perfused {organ}."
    ]
    said += tried.words
    share = 100 * tried.run.reached[region.least_mm]
    beside = f", missed beside {tried.run.missed_near.replace('_', ' ')}" if tried.run.missed_near else ""
    said.append(
        f"Tried in the patient's own tissue ({tried.run.spacing_mm:g} mm voxels, nominal, as planned): "
        f"{share:.0f} % of {goal} dies{beside}, {100 * tried.run.tumour_share:.0f} % of the lesion itself."
    )
    return (*said, *told_of(tried), *tried.run.words)


def _numbers(problem: Problem, tried: Tried | None, candidates: Sequence[Candidate], found: AccessPlan) -> tuple[Quantity, ...]:
    """Numbers of the search."""
    region = problem.region
    goal = region.words[region.least_mm]
    out: list[Quantity] = []
    if tried is not None:
        plan, run = tried.plan, tried.run
        out.append(Quantity("applicators", "placements", float(len(plan)), "1", method="exact set cover"))
        for c in plan.chances:
            out.append(
                Quantity(
                    f"coverage_{c.margin_mm:g}mm", f"chance to cover {region.words[c.margin_mm]}, all applicators together",
                    100 * c.probability, "%", 100 * c.low, 100 * c.high, level=0.95,
                    method="Monte Carlo: placement of each needle; registration and zone size in common; sampling interval",
                    sources=("access:placement.lateral_error", "case:registration.typical_error", "ablation:zone.relative_sd"),
                )
            )  # fmt: skip
        out += [
            Quantity(
                f"tried_{margin:g}mm", f"{region.words[margin]} that dies in the patient's tissue", 100 * share, "%",
                method=f"nominal run on {run.spacing_mm:g} mm voxels, as planned",
            )
            for margin, share in run.reached.items()
        ]  # fmt: skip
        if len(plan) > 1:
            out.append(
                Quantity(
                    "least_spacing", "least distance between two applicators", _least_spacing(plan), "mm", method="geometry",
                    sources=(spacing_of(problem.energy).key,),
                )
            )  # fmt: skip
        if plan.together:
            out.append(
                Quantity(
                    "joint_growth", "zones as multiples of their single size when working together", plan.factor, "1",
                    method="simulated pair in a homogeneous block",
                )
            )  # fmt: skip
        template = "simulated template"
        for name, words, value in (
            ("expected_long_axis", "zone along the needle, homogeneous tissue", plan.size.long_mm),
            ("expected_short_axis", "zone across the needle, homogeneous tissue", plan.size.short_mm),
        ):
            out.append(Quantity(name, words, value, "mm", method=template))
    out += [
        Quantity("rays", "straight ways tried", float(found.n_rays), "1", method="ray casting"),
        Quantity("safe_paths", "safe ways found", float(found.n_safe), "1", method="ray casting"),
    ]
    out += [
        Quantity(
            f"setting_{c.setting.power_w:g}w_{c.setting.time_s:g}s" + (f"_{c.setting.program}" if c.setting.program else ""),
            f"{c.setting.words}: zone {c.size.long_mm:.0f} x {c.size.short_mm:.0f} mm, "
            f"{c.size.volume_ml:.0f} ml, {c.margin_mm:.0f} mm around the lesion; chance that one applicator covers {goal}",
            100 * c.chance,
            "%",
            method="simulated template; Monte Carlo over placement, registration and zone size",
        )
        for c in candidates
    ]
    out += [
        Quantity(f"blocked_{name}", f"straight ways blocked by {name.replace('_', ' ')}", 100 * share, "%", method="ray casting")
        for name, share in sorted(found.blocked_by.items(), key=lambda item: -item[1])
        if share > 0
    ]
    return tuple(out)


def _least_spacing(plan: Arrangement) -> float:
    """Least distance between the middles of two zones, across the needles where these are parallel [mm]."""
    away = plan.aims_lps_mm[:, None] - plan.aims_lps_mm[None]
    if plan.together:
        along = np.einsum("ijk,ik->ij", away, plan.axes)
        away = away - along[..., None] * plan.axes[:, None, :]
    length = np.linalg.norm(away, axis=2)
    return float(length[np.triu_indices(len(plan), k=1)].min())
