"""What a needle may cross, how far it stays from the rest, and what makes one path better than another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from locoregional.errors import PlanningError
from locoregional.sources import Sourced, read_facts

__all__ = ["BOWEL_PARTS", "AccessRules", "known_structures"]

BOWEL_PARTS = ("small_bowel", "duodenum", "colon")
"""Structures that together stand for ``bowel`` where it is not given as one mask."""

OBJECTIVES = ("length", "capsule", "parenchyma", "risk", "axial", "aim", "crossing")
"""Soft costs, in the order of the columns of every cost array."""


def known_structures() -> tuple[str, ...]:
    """Names of the structures that have a safety distance, sorted."""
    return tuple(sorted(read_facts("locoregional.access").section("distance")))


@dataclass(frozen=True)
class AccessRules:
    """Hard constraints and preferences for targets in one organ.

    Attributes
    ----------
    organ : str
        Organ that the target lies in (``liver``, ``lung``, ``adrenal``, ``bone``).
    distances : mapping of str to Sourced
        Safety distance [mm] of each obstacle, from the surface of the tube around the needle.
    crosses : tuple of str
        Structures that the needle may go through.
    expects : tuple of str
        Obstacles whose absence from a scene is told to the user.
    weights : mapping of str to float
        Weight of each soft cost in the ranking.
    tube_radius_mm : float [mm]
        Radius of the tube that must stay clear, for needles up to that radius.
    """

    organ: str
    distances: Mapping[str, Sourced]
    crosses: tuple[str, ...]
    expects: tuple[str, ...]
    weights: Mapping[str, float]
    tube_radius_mm: float

    @classmethod
    def for_organ(cls, organ: str) -> AccessRules:
        """Rules of ``facts.toml`` for targets in an organ.

        Raises
        ------
        PlanningError
            If no rules are known for that organ.
        """
        facts = read_facts("locoregional.access")
        organs = sorted(name.removesuffix(".crosses") for name in facts if name.endswith(".crosses"))
        if organ not in organs:
            raise PlanningError(
                f"no needle access rules for targets in {organ!r}",
                where="access/facts.toml",
                remedy=f"Known: {', '.join(organs)}.",
            )
        crosses = tuple(facts[f"{organ}.crosses"].value)
        distances = {name: fact for name, fact in facts.section("distance").items() if name not in crosses}
        weights = {name: float(facts[f"weight.{name}"]) for name in OBJECTIVES}
        return cls(organ, distances, crosses, tuple(facts[f"{organ}.expects"].value), weights, float(facts["tube.radius"]))

    def with_distance(self, structure: str, *, distance_mm: float, because: str) -> AccessRules:
        """Same rules with the operator's own safety distance for one structure.

        Parameters
        ----------
        structure : str
            Name of an obstacle of these rules.
        distance_mm : float [mm]
            New distance, zero or more.
        because : str
            Reason, shown with the plan.
        """
        if structure not in self.distances:
            raise PlanningError(
                f"{structure!r} is no obstacle of these rules", remedy=f"Known: {', '.join(sorted(self.distances))}."
            )
        if not 0.0 <= distance_mm < 25.0:
            raise PlanningError(f"a safety distance of {distance_mm} mm makes no sense", remedy="Give 0 to 25 mm.")
        fact = replace(
            self.distances[structure], value=float(distance_mm), low=None, high=None, where="set for this plan", note=because
        )
        return replace(self, distances={**self.distances, structure: fact})

    def crossing(self, *structures: str) -> AccessRules:
        """Same rules for a needle that may also go through some structures, which are then no obstacles."""
        kept = {name: fact for name, fact in self.distances.items() if name not in structures}
        expects = tuple(name for name in self.expects if name not in structures)
        return replace(self, distances=kept, crosses=tuple(dict.fromkeys((*self.crosses, *structures))), expects=expects)

    def missing(self, given: frozenset[str]) -> tuple[str, ...]:
        """Obstacles these rules expect that a scene did not bring."""
        lacking: list[str] = []
        for name in self.expects:
            if name in given:
                continue
            if name == "bowel" and given & set(BOWEL_PARTS):
                lacking += [part for part in BOWEL_PARTS if part not in given]
            else:
                lacking.append(name)
        return tuple(lacking)
