"""What a catheter tip would reach: everything downstream of it, by share of flow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from locoregional.access.arteries.supply import Supply
from locoregional.access.arteries.tree import ArterialTree
from locoregional.errors import PlanningError
from locoregional.imaging.volume import Volume
from locoregional.sources import read_facts

__all__ = ["Injection", "closed_below", "coiled", "perfused_volume", "tip_node", "virtual_injection"]


@dataclass(frozen=True)
class Injection:
    """Where what is injected at one tip goes, if it follows the flow.

    Attributes
    ----------
    node : int
        Node of the tree where the tip lies.
    tumour_share, organ_share, elsewhere_share : float
        Share of the injected to lesion, rest of the organ, and outside or possibly outside; they sum to 1.
    coverage_share : float
        Share of the lesion's whole arterial flow that passes the tip.
    flow_share : float
        Share of the root's flow that passes the tip.
    lesion_ml, organ_ml : float
        Volumes downstream: lesion, and rest of the organ [ml].
    leads_out : tuple of str
        Destinations outside the organ.
    lost_ends : int
        Ends downstream that are lost at the surface of the organ and may lead out of it.
    words : tuple of str
        The same in sentences.
    """

    node: int
    tumour_share: float
    organ_share: float
    elsewhere_share: float
    coverage_share: float
    flow_share: float
    lesion_ml: float
    organ_ml: float
    leads_out: tuple[str, ...]
    lost_ends: int
    words: tuple[str, ...]


def tip_node(tree: ArterialTree, point_lps_mm: ArrayLike, *, most_mm: float = 5.0) -> int:
    """Node of the tree at a catheter tip.

    Raises
    ------
    PlanningError
        If the tree is further away than ``most_mm``.
    """
    node, far = tree.nearest(point_lps_mm)
    if far > most_mm:
        raise PlanningError(
            f"the tip lies {far:.1f} mm from the nearest artery",
            where=f"{np.round(np.asarray(point_lps_mm, dtype=float), 1).tolist()}",
            remedy="Give a point in an artery.",
        )
    return node


def coiled(tree: ArterialTree, nodes: Sequence[int]) -> tuple[ArterialTree, np.ndarray]:
    """Tree without what lies downstream of coils.

    Parameters
    ----------
    tree : ArterialTree
        Arteries.
    nodes : sequence of int
        Where coils lie; their pieces and everything below are closed. Collaterals are not modelled.

    Returns
    -------
    ArterialTree
    ndarray of int
        Old number of each node.

    Raises
    ------
    PlanningError
        If the root would be closed.
    """
    keep = np.ones(len(tree), dtype=bool)
    for node in nodes:
        if node <= 0 or node >= len(tree):
            raise PlanningError(f"no coil can lie at node {node}", remedy="Name a node below the root.")
        keep &= ~tree.downstream(int(node))
    return tree.kept(keep, words=[f"{len(nodes)} coils close what lies behind them; flow by collaterals is not modelled"])


def closed_below(supply: Supply, nodes: Sequence[int]) -> Supply:
    """Supply whose ends behind coils take no flow; territories behind them are left without arterial supply.

    Parameters
    ----------
    supply : Supply
        Before coiling.
    nodes : sequence of int
        Where coils lie.
    """
    from locoregional.access.arteries.flow import tree_flow

    tree, old = coiled(supply.tree, nodes)
    new = {int(node): k for k, node in enumerate(old)}
    # A fork that lost all its branches is no end: blood does not leave there.
    dead = [k for k in tree.terminals if int(old[k]) not in supply.ends]
    while dead:
        keep = np.ones(len(tree), dtype=bool)
        keep[dead] = False
        tree, inner = tree.kept(keep)
        old = old[inner]
        new = {int(node): k for k, node in enumerate(old)}
        dead = [k for k in tree.terminals if int(old[k]) not in supply.ends]
        if len(tree) == 1:
            raise PlanningError("the coils close every artery", remedy="Leave one open.")
    ends = {new[node]: where for node, where in supply.ends.items() if node in new}
    return Supply(
        tree, ends, tree_flow(tree), supply.lesion_ml[old], supply.organ_ml[old], supply.shell_ml[old], supply.tumour_factor
    )


def perfused_volume(tree: ArterialTree, labels: Volume, *, tip: int, coils: Sequence[int] = ()) -> Volume:
    """Part of the organ that lies downstream of a catheter tip, as a mask.

    Parameters
    ----------
    tree : ArterialTree
        Arteries.
    labels : Volume
        Terminal node that supplies each voxel, -1 outside the organ; of the same tree.
    tip : int
        Where the tip lies.
    coils : sequence of int
        Where coils lie; what is behind them is not reached.
    """
    below = tree.downstream(tip)
    for coil in coils:
        below = below & ~tree.downstream(coil)
    ends = np.asarray(labels.array)
    return labels.on((ends >= 0) & below[np.maximum(ends, 0)], unit="")


def _just_upstream(supply: Supply, node: int) -> tuple[str, ...]:
    """Destinations outside the organ whose artery leaves a little upstream of a node."""
    tree, reach = supply.tree, float(read_facts(__package__)["reflux.reach"])
    above, gone, highest = node, 0.0, node
    while tree.parent[above] >= 0:
        gone += float(tree.length_mm[above])
        above = int(tree.parent[above])
        if gone > reach:
            break
        highest = above
    beside = tree.downstream(highest) & ~tree.downstream(node)
    # Only what branches off between the two counts, not the artery that the tip lies in.
    return supply.leads_out(beside)


def virtual_injection(supply: Supply, node: int) -> Injection:
    """What lies downstream of a catheter tip.

    Parameters
    ----------
    supply : Supply
        Tree, territories, flow.
    node : int
        Where the tip lies; antegrade flow, no reflux, no wedging.

    Raises
    ------
    PlanningError
        If there is no such node.
    """
    tree = supply.tree
    if not 0 <= node < len(tree):
        raise PlanningError(f"the tree has no node {node}", remedy=f"Name one from 0 to {len(tree) - 1}.")
    below = tree.downstream(node)
    flows = supply.flows
    passing = flows[below].sum(axis=0)
    total = float(passing.sum())
    share = passing / total if total > 0 else np.zeros(3)
    whole = float(flows[:, 0].sum())
    coverage_share = float(passing[0] / whole) if whole > 0 else 0.0
    lesion_ml, organ_ml = float(supply.lesion_ml[below].sum()), float(supply.organ_ml[below].sum())
    out = supply.leads_out(below)
    near = _just_upstream(supply, node)
    words = [
        f"{100 * share[0]:.0f} % of what is injected would reach the lesion, {100 * share[1]:.0f} % the rest of the organ",
        f"{100 * coverage_share:.0f} % of the lesion's arterial flow passes this tip",
    ]
    if out:
        words.append(f"{100 * share[2]:.1f} % would leave the organ: {', '.join(out)}")
    else:
        words.append("no artery that leaves the organ was seen downstream; one too thin for the image cannot be ruled out")
    lost = supply.lost_ends(below)
    if lost:
        words.append(f"{lost} artery or arteries are lost at the surface on their way out: look for a falciform artery")
    if near:
        words.append(f"{', '.join(near)} is supplied from just upstream of the tip: reflux would reach it")
    return Injection(
        node,
        float(share[0]),
        float(share[1]),
        float(share[2]),
        coverage_share,
        total,
        lesion_ml,
        organ_ml,
        out,
        lost,
        tuple(words),
    )
