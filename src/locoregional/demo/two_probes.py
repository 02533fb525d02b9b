"""A number of probes that the operator has settled on: where they reach most of a mass, and what the chart says of that."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from locoregional.ablation.arrangement import Arrangement, zone_of
from locoregional.ablation.coupled import box_for
from locoregional.ablation.energy import Energy
from locoregional.ablation.plan import problem_of
from locoregional.ablation.search import Problem, spacing_of
from locoregional.ablation.sites import Sites
from locoregional.ablation.trajectories import needle_of, trajectories
from locoregional.access.needle import plan_access
from locoregional.access.plan import AccessPlan
from locoregional.case import Case, Lesion, Plan, Quantity
from locoregional.errors import PlanningError
from locoregional.progress import Progress, part

__all__ = ["best_pair", "two_probe_plan"]

WAYS, APART_COSINE = 12, float(np.cos(np.radians(15.0)))
"""Directions that are tried, and how far they differ."""
SKIN_REACH_MM = 70.0
POINTS = 1500
"""Voxels of the mass that count, evenly thinned."""
WAY_MM = 100.0
"""Longest way from skin to tip that the operator of this story accepts."""
ICE_MM = 12.0
"""Room between what dies and the skin on every side: the ice reaches about 6 mm farther in muscle, and farther in fat."""
REACH_SPARE_MM = 20.0
"""Shaft to spare when a probe length is chosen."""


def best_pair(held: NDArray[np.bool_], *, forbidden: NDArray[np.int64]) -> tuple[int, int, float]:
    """Two placements that together hold most points.

    Parameters
    ----------
    held : ndarray of bool, shape (points, placements)
        Which placement holds which point.
    forbidden : ndarray of int, shape (pairs, 2)
        Pairs that exclude one another.

    Returns
    -------
    int, int, float
        The two columns, and the share of points that they hold.

    Raises
    ------
    PlanningError
        If no pair is left.
    """
    counts = held.astype(np.float32)
    single = counts.sum(axis=0)
    both = single[:, None] + single[None] - counts.T @ counts
    both[np.tril_indices(len(single))] = -1.0
    if len(forbidden):
        both[forbidden[:, 0], forbidden[:, 1]] = both[forbidden[:, 1], forbidden[:, 0]] = -1.0
    if both.size == 0 or both.max() < 0:
        raise PlanningError("no two safe placements lie far enough apart", remedy="Lay one probe, or choose another way in.")
    first, second = np.unravel_index(int(both.argmax()), both.shape)
    return int(first), int(second), float(both[first, second] / len(held))


def two_probe_plan(case: Case, lesion: Lesion, energy: Energy, progress: Progress, *, device_name: str = "") -> Plan:
    """Plan with two parallel probes working at once, laid where their zones hold most of the lesion.

    Parameters
    ----------
    case, lesion
        Patient and target.
    energy : Energy
        Which ablation.
    progress : Progress
        Told how far it is.
    device_name : str
        Probe; empty: the first of the energy.

    Returns
    -------
    Plan
        Of the operator's choosing: it says which share of the lesion the zones hold; they need not hold all of it.

    Raises
    ------
    PlanningError
        If no way in is open to two of them.
    """
    problem, _, scene_words = problem_of(case, lesion, energy, part(progress, 0.0, 0.4), device_name=device_name)
    setting = max(problem.table, key=lambda s: problem.table[s].volume_ml)
    size, growth = problem.table[setting], problem.growth(setting)
    zone = zone_of(size, relative_sd=problem.relative_sd, factor=growth)
    found = plan_access(
        problem.scene,
        needle=problem.needle,
        rules=problem.rules,
        zone=zone,
        field=problem.field,
        progress=part(progress, 0.4, 0.7),
    )
    progress(0.7, "laying two probes")
    choices, skin = [], _skin_points(problem)
    for outwards in _ways_out(problem, found):
        sites = problem.sites(zone, [outwards])
        sites = sites[np.linalg.norm(sites.entries_lps_mm - sites.tips_lps_mm, axis=1) <= WAY_MM]
        icy = sites.hold(skin, long_mm=zone.long_axis_mm + 2 * ICE_MM, short_mm=zone.short_axis_mm + 2 * ICE_MM)
        sites = sites[np.flatnonzero(~icy.any(axis=0))]
        if len(sites) > 1:
            held = sites.hold(_points(problem), long_mm=zone.long_axis_mm, short_mm=zone.short_axis_mm)
            pair = best_pair(held, forbidden=_unfit(sites, problem))
            choices.append((pair[2], sites[np.array(pair[:2])]))
    if not choices:
        raise PlanningError(found.verdict, where=f"lesion {lesion.id}", remedy="Choose another position of the patient.")
    share, sites = max(choices, key=lambda c: c[0])
    laid = Arrangement(
        setting, size, zone, True, sites.entries_lps_mm, sites.tips_lps_mm, sites.aims_lps_mm, np.zeros(2, bool), factor=growth
    )
    paths = trajectories(problem.scene, problem.field, laid, rules=problem.rules, needle=problem.needle)
    words = (
        f"Two probes by the operator's choice, {setting.words}, working at once: in homogeneous tissue their zones hold "
        f"{100 * share:.0f} % of the lesion. The aim is relief of pain, not the death of the whole lesion.",
    )
    reach = max(p.depth_mm for p in paths) + REACH_SPARE_MM
    settings = energy.settings(
        device=problem.device.name,
        power_w=setting.power_w,
        time_s=setting.time_s,
        program=setting.program,
        together=True,
        needle_length_mm=min((x for x in problem.device.lengths_mm if x >= reach), default=max(problem.device.lengths_mm)),
        margin_goal_mm=0.0,
        expected_long_mm=size.long_mm,
        expected_short_mm=size.short_mm,
        expected_ahead_mm=size.ahead_mm,
        box_mm=max(80.0, box_for(laid)),
    )
    template = "simulated template"
    return Plan(
        id=f"plan-{lesion.id}-{energy.name}-{1 + sum(p.lesion_id == lesion.id for p in case.plans)}",
        lesion_id=lesion.id,
        procedure=energy.name,
        feasible=True,
        needles=tuple(needle_of(p) for p in paths),
        settings=settings,
        words=tuple(dict.fromkeys(w for w in (*words, *problem.device.caveats, *scene_words, *found.notes) if w)),
        unchecked=found.unchecked,
        quantities=(
            Quantity("applicators", "placements", 2.0, "1", method="chosen by the operator"),
            Quantity("held_share", "lesion within both zones, homogeneous tissue", 100 * share, "%", method=template),
            Quantity("expected_long_axis", "zone along the needle, homogeneous tissue", size.long_mm, "mm", method=template),
            Quantity("expected_short_axis", "zone across the needle, homogeneous tissue", size.short_mm, "mm", method=template),
        ),
        facts=tuple(dict.fromkeys(f.key for f in (*problem.device.facts, *found.distances.values(), spacing_of(energy)))),
    )


def _unfit(sites: Sites, problem: Problem) -> NDArray[np.int64]:
    """Pairs that lie too near each other; how far apart is free, since relief of pain does not ask for one common zone."""
    return sites.conflicts(apart_mm=problem.apart_mm[0], within_mm=np.inf, together=True)


def _ways_out(problem: Problem, found: AccessPlan) -> list[NDArray[np.float64]]:
    """Directions from the lesion to the skin: of the proposals, then of the best safe ways, none near another."""
    entries = found.safe_entries_lps_mm[np.argsort(found.safe_scores, kind="stable")] - problem.region.middle_lps_mm
    listed = [*(-p.direction_lps for p in found.proposals), *(entries / np.linalg.norm(entries, axis=1)[:, None])]
    kept: list[NDArray[np.float64]] = []
    for way in listed:
        if len(kept) < WAYS and all(float(way @ other) < APART_COSINE for other in kept):
            kept.append(way)
    return kept


def _skin_points(problem: Problem) -> NDArray[np.float64]:
    """Surface of the body within reach of the ice, shape (points, 3) [mm]."""
    from scipy.ndimage import binary_erosion

    scene, middle = problem.scene, problem.region.middle_lps_mm
    low = np.maximum(np.floor(scene.grid.to_index(middle - SKIN_REACH_MM)), 0).astype(int)
    high = np.minimum(np.ceil(scene.grid.to_index(middle + SKIN_REACH_MM)) + 1, scene.grid.shape).astype(int)
    body = scene.body[tuple(slice(a, b) for a, b in zip(low, high, strict=True))]
    return scene.grid.to_lps(np.argwhere(body & ~binary_erosion(body, border_value=1)) + low)


def _points(problem: Problem) -> NDArray[np.float64]:
    voxels = np.argwhere(problem.scene.target)
    return problem.scene.grid.to_lps(voxels[:: max(1, len(voxels) // POINTS)])
