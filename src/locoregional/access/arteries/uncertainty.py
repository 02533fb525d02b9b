"""How much the answer at a catheter tip depends on radii and on thin arteries that the image barely shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.access.arteries.injection import virtual_injection
from locoregional.access.arteries.supply import Supply, resupplied
from locoregional.access.arteries.tree import ArterialTree
from locoregional.errors import PlanningError
from locoregional.imaging.volume import Volume
from locoregional.progress import Progress, silent
from locoregional.sources import read_facts

__all__ = ["TipInterval", "tip_intervals"]

SAMPLES = 12_000
"""Points of the organ, and at most as many of the lesion, that stand for their volumes."""
LEVEL = 0.9
"""Coverage of the intervals."""


@dataclass(frozen=True)
class TipInterval:
    """90 % intervals at one tip over changed trees.

    Attributes
    ----------
    tumour_share, coverage_share, elsewhere_share : tuple of float
        Low and high of the numbers of the same name in the injection.
    leads_out_share : float
        Share of the trees in which something downstream leaves the organ.
    members : int
        How many trees.
    """

    tumour_share: tuple[float, float]
    coverage_share: tuple[float, float]
    elsewhere_share: tuple[float, float]
    leads_out_share: float
    members: int


def tip_intervals(
    supply: Supply,
    nodes: NDArray[np.int64],
    organ: Volume,
    lesion: Volume,
    *,
    members: int = 40,
    seed: int = 1,
    progress: Progress = silent,
) -> tuple[TipInterval, ...]:
    """Intervals at several tips over trees with other radii and without some of their thin ends.

    Parameters
    ----------
    supply : Supply
        The tree as found.
    nodes : ndarray of int
        Where tips lie.
    organ, lesion : Volume
        Masks on one grid.
    members : int
        Changed trees.
    seed : int
        The same seed gives the same intervals.
    progress : Progress
        Told how far it is.

    Raises
    ------
    PlanningError
        If fewer than two members are asked for.

    Notes
    -----
    Each member multiplies the radius of every segment by a log-normal factor and takes away each end in the organ with a
    stated probability, thin ones first. A wrong course of an artery, or one that no image shows, is not in the interval.
    """
    if members < 2:
        raise PlanningError("an interval needs at least two trees", where="members", remedy="Ask for more.")
    rng = np.random.default_rng([seed, 91])
    lesion_points, lesion_ml = _samples(lesion.array >= 0.5, organ, rng)
    organ_points, organ_ml = _samples((organ.array >= 0.5) & ~(lesion.array >= 0.5), organ, rng)
    answers: list[list[tuple[float, float, float, bool]]] = [[] for _ in nodes]
    for member in range(members):
        progress(member / members, "changed trees")
        tree, old = _changed(supply, rng, keep_nodes=nodes)
        ends = {int(k): supply.ends[int(old[k])] for k in tree.terminals if int(old[k]) in supply.ends}
        other = resupplied(
            tree,
            ends,
            lesion_points=lesion_points,
            organ_points=organ_points,
            lesion_ml=lesion_ml,
            organ_ml=organ_ml,
            tumour_factor=supply.tumour_factor,
        )
        for k, node in enumerate(nodes):
            injection = virtual_injection(other, int(np.searchsorted(old, node)))
            answers[k].append(
                (injection.tumour_share, injection.coverage_share, injection.elsewhere_share, bool(injection.leads_out))
            )
    return tuple(_interval(np.array(found, dtype=float)) for found in answers)


def _interval(found: NDArray[np.float64]) -> TipInterval:
    low, high = np.quantile(found[:, :3], [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    pairs = [(float(a), float(b)) for a, b in zip(low, high, strict=True)]
    return TipInterval(pairs[0], pairs[1], pairs[2], float(found[:, 3].mean()), len(found))


def _samples(mask: NDArray[np.bool_], organ: Volume, rng: np.random.Generator) -> tuple[NDArray[np.float64], float]:
    voxels = np.argwhere(mask)
    chosen = voxels if len(voxels) <= SAMPLES else voxels[np.sort(rng.choice(len(voxels), SAMPLES, replace=False))]
    return organ.grid.to_lps(chosen), len(voxels) * organ.grid.voxel_ml


def _changed(
    supply: Supply, rng: np.random.Generator, *, keep_nodes: NDArray[np.int64]
) -> tuple[ArterialTree, NDArray[np.int64]]:
    """Tree with other radii and without some thin ends; old numbers rise, and the nodes asked for stay."""
    facts = read_facts(__package__)
    tree = supply.tree
    factor = np.exp(rng.normal(0.0, float(facts["radius.relative_sd"]), len(tree.segments)))
    radius = tree.radius_mm.copy()
    radius[1:] *= factor[tree.segment_of[1:]]
    radius[0] = radius[1]
    needed = np.zeros(len(tree), dtype=bool)
    for node in keep_nodes:
        needed[tree.path(int(node))] = True
    tips = [nodes for nodes in tree.segments if tree.branches[nodes[-1]] == 0 and supply.ends.get(int(nodes[-1])) == "organ"]
    thin = np.argsort([tree.radius_mm[nodes].mean() for nodes in tips])
    lost = float(facts["ends.lost"])
    chance = np.zeros(len(tips))
    chance[thin] = np.linspace(2.0 * lost, 0.0, len(tips))
    keep = np.ones(len(tree), dtype=bool)
    for nodes, out in zip(tips, rng.random(len(tips)) < chance, strict=True):
        if out and not needed[nodes].any():
            keep[nodes] = False
    return tree.with_radii(radius).kept(keep)
