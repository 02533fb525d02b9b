"""Where to place the catheter: the most selective tip that misses nothing of the lesion and nothing but the organ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.access.arteries.injection import Injection, virtual_injection
from locoregional.access.arteries.supply import Supply
from locoregional.sources import read_facts

__all__ = ["Tip", "candidate_nodes", "combined", "ranked_tips", "together"]


@dataclass(frozen=True)
class Tip:
    """One place for the tip.

    Attributes
    ----------
    injection : Injection
        What it would reach.
    place_lps_mm : tuple of float
        Where [mm].
    diameter_mm : float
        Width of the artery there [mm].
    safe : bool
        Whether nothing downstream leaves the organ, or may.
    covers : bool
        Whether it reaches as much of the lesion as asked for.
    words : tuple of str
        Why it stands where it stands.
    """

    injection: Injection
    place_lps_mm: tuple[float, float, float]
    diameter_mm: float
    safe: bool
    covers: bool
    words: tuple[str, ...]


def candidate_nodes(supply: Supply) -> NDArray[np.int64]:
    """One node in the middle of each segment that is wide enough for a microcatheter and leads to the lesion."""
    tree = supply.tree
    least = float(read_facts(__package__)["microcatheter.least_diameter"])
    lesion = tree.summed(supply.lesion_ml)
    middles = [nodes[len(nodes) // 2] for nodes in tree.segments]
    path_min = tree.radius_mm.copy()
    for node in range(1, len(tree)):
        path_min[node] = min(path_min[node], path_min[tree.parent[node]])
    good = [int(node) for node in middles if lesion[node] > 0 and 2.0 * path_min[node] >= least]
    return np.array(good, dtype=np.int64)


def ranked_tips(supply: Supply, *, coverage_share: float = 0.9, most: int = 5) -> tuple[Tip, ...]:
    """Places for the tip, the best first.

    Parameters
    ----------
    supply : Supply
        Tree, territories, flow.
    coverage_share : float
        Share of the lesion's arterial flow that the tip shall reach.
    most : int
        How many to return.

    Returns
    -------
    tuple of Tip
        Those that are safe and cover first, the one with the largest share to the lesion leading; then safe ones that reach
        less of it, by how much; then those that would leave the organ. Empty where no artery is wide enough.
    """
    found = [_tip(supply, int(node), coverage_share) for node in candidate_nodes(supply)]

    def key(tip: Tip) -> tuple[bool, bool, float, float]:
        injection = tip.injection
        if tip.safe and tip.covers:
            return (False, False, -injection.tumour_share, -injection.coverage_share)
        if tip.safe:
            return (False, True, -injection.coverage_share * injection.tumour_share**0.5, -injection.coverage_share)
        return (True, not tip.covers, injection.elsewhere_share, -injection.tumour_share)

    return tuple(sorted(found, key=key)[:most])


def _tip(supply: Supply, node: int, coverage_share: float) -> Tip:
    tree = supply.tree
    injection = virtual_injection(supply, node)
    safe, covers = not injection.leads_out, injection.coverage_share >= coverage_share
    x, y, z = (float(v) for v in tree.nodes_lps_mm[node])
    wide = 2.0 * float(tree.radius_mm[node])
    course = tree.course(node)
    words = [f"{wide:.1f} mm wide" + (f", by way of {course}" if course else "")]
    if not safe:
        words.append(f"not safe: {', '.join(injection.leads_out)} downstream; go further or coil")
    if not covers:
        words.append(f"reaches only {100 * injection.coverage_share:.0f} % of the lesion's flow; further tips are needed")
    return Tip(injection, (x, y, z), wide, safe, covers, (*words, *injection.words))


def together(supply: Supply, *, coverage_share: float = 0.9, most: int = 4) -> tuple[Tip, ...]:
    """Few selective safe tips that reach the lesion together, chosen one after the other.

    Parameters
    ----------
    supply : Supply
        Tree, territories, flow.
    coverage_share : float
        Share of the lesion's arterial flow wanted together.
    most : int
        At most so many tips.

    Returns
    -------
    tuple of Tip
        In the order of choice, none downstream of another; fewer than asked where nothing safe adds to them.
    """
    left = [tip for tip in (_tip(supply, int(node), coverage_share) for node in candidate_nodes(supply)) if tip.safe]
    chosen: list[Tip] = []
    while left and len(chosen) < most and sum(tip.injection.coverage_share for tip in chosen) < coverage_share:
        best = max(left, key=lambda tip: tip.injection.coverage_share * tip.injection.tumour_share)
        if best.injection.coverage_share <= 0.01:
            break
        chosen.append(best)
        left = [tip for tip in left if not _related(supply, tip, chosen)]
    return tuple(chosen)


def combined(tips: Sequence[Tip]) -> tuple[float, float]:
    """Share to the lesion of all that is injected at several tips by their flows, and share of its flow that they reach."""
    if not tips:
        return 0.0, 0.0
    flow = sum(tip.injection.flow_share for tip in tips)
    lesion = sum(tip.injection.flow_share * tip.injection.tumour_share for tip in tips)
    return lesion / flow if flow > 0 else 0.0, sum(tip.injection.coverage_share for tip in tips)


def _related(supply: Supply, tip: Tip, chosen: Sequence[Tip]) -> bool:
    """Whether a tip lies above or below one that is chosen."""
    below = supply.tree.downstream(tip.injection.node)
    return any(
        below[other.injection.node] or supply.tree.downstream(other.injection.node)[tip.injection.node] for other in chosen
    )
