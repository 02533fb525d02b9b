"""Flow through an arterial tree by Poiseuille's law, with a stated resistance beyond every known end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.access.arteries.network import Network, solved
from locoregional.access.arteries.tree import ArterialTree
from locoregional.errors import PlanningError
from locoregional.sources import read_facts

__all__ = ["TreeFlow", "murray_mismatch", "piece_resistance_pa_s_m3", "tree_flow"]

PA_PER_MMHG = 133.322
"""Pascals in a millimetre of mercury (definition, rounded)."""


@dataclass(frozen=True, eq=False)
class TreeFlow:
    """Flow through every node of a tree.

    Attributes
    ----------
    share : ndarray, shape (n,)
        Share of the flow that enters the root; 1 at the root, and the terminals' shares sum to 1.
    pressure_mmhg : ndarray, shape (n,) [mmHg]
        Pressure at each node.
    terminal_pa_s_m3 : ndarray, shape (n,) [Pa s/m3]
        Resistance beyond each terminal, 0 elsewhere.
    root_ml_s : float [ml/s]
        Flow that enters the root at the stated pressures.
    """

    share: NDArray[np.float64]
    pressure_mmhg: NDArray[np.float64]
    terminal_pa_s_m3: NDArray[np.float64]
    root_ml_s: float


def piece_resistance_pa_s_m3(tree: ArterialTree) -> NDArray[np.float64]:
    """Resistance of the piece that arrives at each node, ``8 mu L / (pi r^4)``, shape (n,) [Pa s/m3]; 0 for the root."""
    viscosity = float(read_facts(__package__)["blood.viscosity"])
    return np.asarray(8.0 * viscosity * tree.length_mm * 1e-3 / (np.pi * (tree.radius_mm * 1e-3) ** 4))


def murray_mismatch(tree: ArterialTree) -> NDArray[np.float64]:
    """How far each fork is from Murray's law: cube of the artery over the sum of its branches' cubes, less one.

    Returns
    -------
    ndarray, shape (n,)
        NaN where a node is no fork, or the root; 0 where the law holds.
    """
    cubes = tree.radius_mm**3
    below = np.bincount(tree.parent[1:], cubes[1:], minlength=len(tree))
    mismatch = cubes / np.where(below > 0, below, 1.0) - 1.0
    mismatch[(tree.branches < 2)] = np.nan
    mismatch[0] = np.nan
    return mismatch


def tree_flow(tree: ArterialTree, *, beyond: str = "murray", terminal_factor: ArrayLike | None = None) -> TreeFlow:
    """Flow through a tree between the arterial and the venous pressure.

    Parameters
    ----------
    tree : ArterialTree
        Places, radii and links.
    beyond : {"murray", "equal pressure"}
        What follows each terminal. ``murray``: a resistance inversely as the cube of the terminal's radius, which together take
        the stated share of the pressure drop. ``equal pressure``: none; all ends have one pressure, and the tree alone decides.
    terminal_factor : array_like, shape (n,), optional
        Factor on the resistance beyond each terminal (embolization); infinite closes it.

    Raises
    ------
    PlanningError
        If the rule is unknown, or every terminal is closed.
    """
    facts = read_facts(__package__)
    if beyond not in ("murray", "equal pressure"):
        raise PlanningError(f"no rule {beyond!r} for what follows the ends", remedy='Use "murray" or "equal pressure".')
    resistance = piece_resistance_pa_s_m3(tree)
    ends = tree.terminals
    drop_pa = (float(facts["pressure.arterial"]) - float(facts["pressure.venous"])) * PA_PER_MMHG
    terminal = np.zeros(len(tree))
    if beyond == "murray":
        cubes = tree.radius_mm[ends] ** 3
        # With the same flow per cube everywhere, the mean drop along the tree tells how much the ends must take.
        through = tree.summed(np.bincount(ends, cubes, minlength=len(tree)))
        along = np.zeros(len(tree))
        for node in range(1, len(tree)):
            along[node] = along[tree.parent[node]] + resistance[node] * through[node]
        mean = float((along[ends] * cubes).sum() / cubes.sum())
        share = float(facts["drop.beyond"])
        terminal[ends] = max(mean, 1e-9) * share / (1.0 - share) / cubes
    factor = np.ones(len(tree)) if terminal_factor is None else np.asarray(terminal_factor, dtype=float)
    if beyond == "equal pressure" and (factor[ends] != 1.0).any():
        raise PlanningError("ends without resistance cannot be embolized", remedy='Use beyond="murray".')
    open_ends = ends[np.isfinite(factor[ends])]
    if len(open_ends) == 0:
        raise PlanningError("every end of the tree is closed", where="tree", remedy="Leave one open.")
    terminal[ends] = np.where(np.isfinite(factor[ends]), terminal[ends] * factor[ends], np.inf)
    venous_pa = float(facts["pressure.venous"]) * PA_PER_MMHG
    found = solved(
        Network.of(
            np.column_stack([tree.parent[1:], np.arange(1, len(tree))]).tolist(),
            resistance[1:],
            outlet={int(node): (float(terminal[node]), venous_pa) for node in open_ends},
            inlet_pressure={0: venous_pa + drop_pa},
        )
    )
    leaving = np.zeros(len(tree))
    for node, flow in found.leaving.items():
        leaving[node] = max(0.0, flow)
    total = float(leaving.sum())
    return TreeFlow(tree.summed(leaving) / total, found.pressure / PA_PER_MMHG, terminal, total * 1e6)
