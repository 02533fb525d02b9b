"""Name a way in by what it passes, and look for ways in every position of the patient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np

from locoregional.access.field import Field, build_field
from locoregional.access.needle import plan_access
from locoregional.access.plan import AccessPlan, Trajectory
from locoregional.access.rules import AccessRules
from locoregional.access.scene import NeedleSpec, Position, Scene, ZoneSpec
from locoregional.progress import Progress, part, silent

__all__ = ["Way", "position_plans", "route_of", "ways_in"]

THROUGH_MM = 2.0
"""Less than this of an organ on the way is its edge, within what voxels can tell."""
ENTRIES = 6_000
"""Skin entries tried for each further position and route."""
PREFERRED: dict[str, tuple[Position, ...]] = {"adrenal": ("prone", "right decubitus", "left decubitus")}
"""Positions that come before supine, by organ: adrenal glands are reached from behind (Filippiadis 2022)."""
ROUTES: dict[str, tuple[str, ...]] = {"adrenal": ("posterior", "lateral", "transhepatic", "transpleural", "anterior")}
"""Routes from the most to the least wanted, by organ: from behind, and through liver or pleura where that is obstructed."""


@dataclass(frozen=True, eq=False)
class Way:
    """One way in, with the position it needs.

    Attributes
    ----------
    path : Trajectory
        The way.
    position : Position
        How the patient lies.
    route : str
        Name of the route.
    """

    path: Trajectory
    position: Position
    route: str

    @property
    def words(self) -> str:
        """Position and route, for a list."""
        name = f"{self.position}, {self.route}"
        return f"{name[0].upper()}{name[1:]} route"


def route_of(path: Trajectory, *, organ: str) -> str:
    """Name of a route by what the needle passes and where it enters.

    Parameters
    ----------
    path : Trajectory
        The way.
    organ : str
        Organ of the target, which does not name a route of its own.
    """
    through = {name for name, mm in path.passes.items() if mm >= THROUGH_MM}
    names = [("lung", "transpleural"), ("liver", "transhepatic"), ("bone", "transosseous")]
    found = [words for name, words in names if name in through and name != organ]
    if organ == "lung":
        found.insert(0, "transpleural")
    if found:
        return " and ".join(found)
    outwards = -path.direction_lps
    angle = float(np.degrees(np.arctan2(abs(outwards[0]), outwards[1])))  # from straight behind
    if abs(outwards[2]) > 0.9:
        return "craniocaudal"
    return "posterior" if angle < 60 else "lateral" if angle < 120 else "anterior"


def position_plans(
    scene: Scene,
    *,
    rules: AccessRules,
    needle: NeedleSpec,
    zone: ZoneSpec,
    field: Field,
    positions: Sequence[Position] = get_args(Position),
    n_entries: int = ENTRIES,
    progress: Progress = silent,
) -> dict[Position, AccessPlan]:
    """Needle plans with the patient in several positions, as if no organ moved.

    Parameters
    ----------
    scene : Scene
        Patient.
    rules : AccessRules
        What may be crossed.
    needle, zone
        Applicator and planned zone.
    field : Field
        Working grid for these rules: the same in every position.
    positions : sequence of Position
        Which.
    n_entries : int
        Skin entries to try.
    progress : Progress
        Told how far it is.
    """
    found = {}
    for i, position in enumerate(positions):
        step = part(progress, i / len(positions), (i + 1) / len(positions))
        turned = replace(scene, position=position)
        found[position] = plan_access(
            turned, needle=needle, rules=rules, zone=zone, field=field, n_entries=n_entries, n_proposals=3, progress=step
        )
    return found


def ways_in(
    scene: Scene, *, rules: AccessRules, needle: NeedleSpec, zone: ZoneSpec, field: Field, progress: Progress = silent
) -> tuple[Way, ...]:
    """Best ways in over all positions, one for each position and route.

    For adrenal targets without a way that spares the lung, a transpleural one is offered too.

    Parameters
    ----------
    scene, rules, needle, zone, field, progress
        As for :func:`position_plans`.

    Returns
    -------
    tuple of Way
        Those in a preferred position of the organ first, then by score.
    """
    organ = scene.organ
    plans = list(
        position_plans(scene, rules=rules, needle=needle, zone=zone, field=field, progress=part(progress, 0.0, 0.7)).items()
    )
    reaches = {position for position, plan in plans if plan.proposals}
    if organ == "adrenal" and "lung" in rules.distances and not reaches & set(PREFERRED[organ]):
        through = rules.crossing("lung")
        wide = build_field(
            scene, rules=through, reach_mm=needle.length_mm, tube_radius_mm=max(rules.tube_radius_mm, needle.diameter_mm / 2)
        )
        plans += position_plans(
            scene, rules=through, needle=needle, zone=zone, field=wide, progress=part(progress, 0.7, 1.0)
        ).items()
    best: dict[tuple[str, str], Way] = {}
    for position, plan in plans:
        for path in plan.proposals:
            way = Way(path, position, route_of(path, organ=organ))
            key = (way.position, way.route)
            if key not in best or path.score < best[key].path.score:
                best[key] = way
    first = PREFERRED.get(organ, ())

    def rank(way: Way) -> tuple[int, bool, float]:
        order = next((i for i, name in enumerate(ROUTES.get(organ, ())) if name in way.route), 0)
        return order, way.position not in first, way.path.score

    return tuple(sorted(best.values(), key=rank))
