"""How thin the thinnest artery seen is, and how much of the organ lies beyond what is seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from locoregional.access.arteries.flow import murray_mismatch
from locoregional.access.arteries.territories import Territories, reach_mm
from locoregional.access.arteries.tree import ArterialTree

__all__ = ["Visibility", "visibility_of"]

FORK_OFF = 0.5
"""Mismatch with Murray's law from which a fork is told as doubtful."""
THINNEST = 0.1
"""Share of the ends that may be thinner than the least visible radius: the thinnest of all is an accident."""


@dataclass(frozen=True)
class Visibility:
    """What an image does not show of an organ's arteries.

    Attributes
    ----------
    least_radius_mm : float
        Radius above which nine of ten known ends lie [mm].
    beyond_share : float
        Share of the organ further from its end than that end reaches by its share of the supply.
    unseen_share : float
        Share of the root's supply by Murray's law that no known end takes up; 0 where the ends take up more.
    forks_off : int
        Forks far from Murray's law.
    words : tuple of str
        The same in sentences.
    """

    least_radius_mm: float
    beyond_share: float
    unseen_share: float
    forks_off: int
    words: tuple[str, ...]


def visibility_of(tree: ArterialTree, found: Territories) -> Visibility:
    """What the tree misses.

    Parameters
    ----------
    tree : ArterialTree
        Arteries.
    found : Territories
        Their partition of the organ.
    """
    tips = np.array(sorted(found.volume_ml), dtype=np.int64)
    organ_ml = float(sum(found.volume_ml.values()))
    mismatch = np.abs(murray_mismatch(tree))
    forks = mismatch[np.isfinite(mismatch)]
    off = int((forks > FORK_OFF).sum())
    least = float(np.quantile(tree.radius_mm[tips], THINNEST))
    labels = found.labels.array
    inside = np.argwhere(labels >= 0)
    owner = labels[tuple(inside.T)]
    reach = np.zeros(len(tree))
    # A ball of the right volume never fits its territory; half again its radius does for a compact one.
    reach[tips] = 1.5 * reach_mm(tree, tips, organ_ml=organ_ml)
    far = np.linalg.norm(found.labels.grid.to_lps(inside) - tree.nodes_lps_mm[owner], axis=1)
    beyond = float((far > reach[owner]).mean())
    cubes = tree.radius_mm**3
    first = tree.segments[tree.segment_of[1]]
    root = float(np.median(cubes[first]))
    unseen = max(0.0, 1.0 - float(cubes[tree.terminals].sum()) / root)
    words = (
        f"arteries down to {2 * least:.1f} mm in diameter are seen",
        f"{100 * beyond:.0f} % of the organ lies further from the end of its artery than that end is likely to reach",
        f"{100 * unseen:.0f} % of the supply at the root is taken up by no end that is seen, by Murray's law",
        f"{off} of {len(forks)} forks are off that law by more than half: radii or links are doubtful there",
    )
    return Visibility(least, beyond, unseen, off, words)
