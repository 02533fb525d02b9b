"""Everything that is known of one organ's supply: tree, territories, flow, lesions, and what lies outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.access.arteries.flow import TreeFlow, tree_flow
from locoregional.access.arteries.territories import SURFACE, Territories, supplied_by, territories
from locoregional.access.arteries.tree import ArterialTree
from locoregional.errors import MaskError, PlanningError
from locoregional.imaging.volume import Volume

__all__ = ["Supply", "resupplied", "supply_of"]


@dataclass(frozen=True, eq=False)
class Supply:
    """Arteries of an organ and what each of their ends feeds.

    Attributes
    ----------
    tree : ArterialTree
        Arteries.
    ends : dict of int to str
        Where each terminal leads.
    flow : TreeFlow
        Flow through the tree.
    lesion_ml, organ_ml : ndarray, shape (n,) [ml]
        Volume of lesion and of the rest of the organ that each terminal supplies, zero at other nodes.
    shell_ml : ndarray, shape (n,) [ml]
        The same of a shell around the lesion.
    tumour_factor : float
        Flow per volume of lesion over that of the organ.
    """

    tree: ArterialTree
    ends: Mapping[int, str]
    flow: TreeFlow
    lesion_ml: NDArray[np.float64]
    organ_ml: NDArray[np.float64]
    shell_ml: NDArray[np.float64]
    tumour_factor: float

    @property
    def flows(self) -> NDArray[np.float64]:
        """Share of the root's flow that each terminal sends to lesion, rest of the organ, and elsewhere, shape (n, 3).

        An end that is lost at the surface counts as one of the organ; :meth:`lost_ends` tells how many there are.
        """
        found = np.zeros((len(self.tree), 3))
        for node, where in self.ends.items():
            share = self.flow.share[node]
            if where not in ("organ", SURFACE):
                found[node, 2] = share
                continue
            lesion = self.tumour_factor * self.lesion_ml[node]
            both = lesion + self.organ_ml[node]
            part = lesion / both if both > 0 else 0.0
            found[node, :2] = share * part, share * (1.0 - part)
        return found

    def leads_out(self, below: NDArray[np.bool_]) -> tuple[str, ...]:
        """Destinations outside the organ among some nodes, each once."""
        return tuple(dict.fromkeys(w for node, w in self.ends.items() if below[node] and w not in ("organ", SURFACE)))

    def lost_ends(self, below: NDArray[np.bool_]) -> int:
        """How many ends among some nodes are lost at the surface and may lead out of the organ."""
        return sum(bool(below[node]) and where == SURFACE for node, where in self.ends.items())


def supply_of(
    tree: ArterialTree,
    organ: Volume,
    lesion: Volume,
    *,
    structures: Mapping[str, Volume] | None = None,
    named: Mapping[str, str] | None = None,
    tumour_factor: float = 1.0,
    beyond: str = "murray",
    shell_mm: float = 5.0,
) -> tuple[Supply, Territories]:
    """Supply of an organ and of a lesion in it.

    Parameters
    ----------
    tree : ArterialTree
        Arteries.
    organ : Volume
        Mask of the organ, lesion included.
    lesion : Volume
        Mask of the lesion on the same grid.
    structures, named
        Where arteries may lead, see :func:`locoregional.access.arteries.territories.where_ends_lie`.
    tumour_factor : float
        Arterial flow per volume of lesion over that of the organ; 1 claims no hypervascularity.
    beyond : str
        Rule for what follows the ends, see :func:`locoregional.access.arteries.flow.tree_flow`.
    shell_mm : float [mm]
        Thickness of the shell around the lesion.

    Raises
    ------
    MaskError
        If the lesion does not lie in the organ.
    PlanningError
        If the factor is not positive.
    """
    if not tumour_factor > 0:
        raise PlanningError("the tumour's flow factor is not positive", where="tumour_factor", remedy="Give a number above 0.")
    organ.require_same_grid(lesion, names=("organ", "lesion"))
    inside = organ.array >= 0.5 if organ.array.dtype != bool else organ.array
    tumour = lesion.array >= 0.5 if lesion.array.dtype != bool else lesion.array
    if not (tumour & inside).any():
        raise MaskError("the lesion does not lie in the organ", where="lesion", remedy="Check that both are of one scan.")
    found = territories(tree, organ, structures=structures, named=named)
    tumour = tumour & inside
    voxel_ml = organ.grid.voxel_ml
    shell = _shell(tumour, inside, organ, shell_mm)
    n = len(tree)
    lesion_ml = np.bincount(found.labels.array[tumour], minlength=n).astype(np.float64) * voxel_ml
    shell_ml = np.bincount(found.labels.array[shell], minlength=n).astype(np.float64) * voxel_ml
    whole = np.bincount(found.labels.array[inside], minlength=n).astype(np.float64) * voxel_ml
    flow = tree_flow(tree, beyond=beyond)
    return Supply(tree, found.ends, flow, lesion_ml, whole - lesion_ml, shell_ml, tumour_factor), found


def resupplied(
    tree: ArterialTree,
    ends: Mapping[int, str],
    *,
    lesion_points: NDArray[np.float64],
    organ_points: NDArray[np.float64],
    lesion_ml: float,
    organ_ml: float,
    tumour_factor: float,
    beyond: str = "murray",
) -> Supply:
    """Supply of a changed tree, territories counted on sample points instead of every voxel.

    Parameters
    ----------
    tree : ArterialTree
        Arteries.
    ends : dict of int to str
        Where each terminal leads; one that is missing leads into the organ.
    lesion_points, organ_points : ndarray, shape (p, 3), (q, 3) [mm]
        Samples of the lesion and of the organ around it.
    lesion_ml, organ_ml : float [ml]
        Volumes that the samples stand for.
    tumour_factor, beyond
        As in :func:`supply_of`.

    Raises
    ------
    PlanningError
        If no end leads into the organ.
    """
    where = {int(node): ends.get(int(node), "organ") for node in tree.terminals}
    tips = np.array([node for node, name in where.items() if name in ("organ", SURFACE)], dtype=np.int64)
    if len(tips) == 0:
        raise PlanningError("no artery of the tree ends in the organ", where="tree", remedy="Check that mask and tree fit.")
    counted = []
    for points, volume in ((lesion_points, lesion_ml), (organ_points, organ_ml)):
        owner = supplied_by(tree, tips, points, organ_ml=lesion_ml + organ_ml)
        counted.append(np.bincount(owner, minlength=len(tree)).astype(np.float64) * (volume / len(points)))
    flow = tree_flow(tree, beyond=beyond)
    return Supply(tree, where, flow, counted[0], counted[1], np.zeros(len(tree)), tumour_factor)


def _shell(tumour: NDArray[np.bool_], inside: NDArray[np.bool_], organ: Volume, shell_mm: float) -> NDArray[np.bool_]:
    """Voxels of the organ around the lesion."""
    from locoregional.imaging.distance import signed_distance_mm

    spacing = organ.spacing_mm
    room = np.ceil(shell_mm / spacing).astype(int) + 2
    found = np.argwhere(tumour)
    low, high = np.maximum(found.min(axis=0) - room, 0), np.minimum(found.max(axis=0) + room + 1, tumour.shape)
    box = tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    shell = np.zeros_like(tumour)
    shell[box] = (signed_distance_mm(tumour[box], spacing_mm=spacing) <= shell_mm) & ~tumour[box] & inside[box]
    return shell
