"""Particles that lodge beyond the ends of the tree until the flow nearly stops."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.access.arteries.flow import tree_flow
from locoregional.access.arteries.tree import ArterialTree
from locoregional.errors import PlanningError
from locoregional.sources import read_facts

__all__ = ["Embolized", "embolized", "lodging_places"]

STEPS = 60
"""Portions in which particles are given."""


@dataclass(frozen=True, eq=False)
class Embolized:
    """Flow before and after.

    Attributes
    ----------
    given : float
        Particles given before near stasis or until they ran out.
    lodged : ndarray, shape (n,)
        Particles lodged beyond each terminal.
    resistance_factor : ndarray, shape (n,)
        Resistance beyond each terminal over that before; infinite where every place is taken.
    flow_share : float
        Flow past the tip over that before.
    course : ndarray, shape (s, 2)
        Particles given, and flow past the tip over that before, after each portion.
    stasis : bool
        Whether near stasis was reached.
    words : tuple of str
        What was assumed.
    """

    given: float
    lodged: NDArray[np.float64]
    resistance_factor: NDArray[np.float64]
    flow_share: float
    course: NDArray[np.float64]
    stasis: bool
    words: tuple[str, ...]


def lodging_places(tree: ArterialTree, *, size_um: float) -> NDArray[np.float64]:
    """How many particles of a size each terminal can take before it is closed, shape (n,); 0 at other nodes.

    Notes
    -----
    Murray's law between the terminal and arterioles as wide as the particle: the number of them is the cube of the ratio of
    diameters; each is closed by a stated number of particles. A terminal narrower than the particle is closed by one.

    Raises
    ------
    PlanningError
        If the size is not positive.
    """
    if not size_um > 0:
        raise PlanningError(f"particles of {size_um:g} um do not exist", where="size_um", remedy="Give micrometres above 0.")
    each = float(read_facts(__package__)["embolus.particles_per_arteriole"])
    places = np.zeros(len(tree))
    ends = tree.terminals
    places[ends] = np.maximum(1.0, each * (2.0 * tree.radius_mm[ends] * 1e3 / size_um) ** 3)
    return places


def embolized(tree: ArterialTree, *, tip: int = 0, size_um: float, particles: float | None = None) -> Embolized:
    """Flow through a tree after particles of one size were given at a tip.

    Parameters
    ----------
    tree : ArterialTree
        Arteries.
    tip : int
        Node where the catheter lies.
    size_um : float [um]
        Diameter of the particles.
    particles : float, optional
        How many are given at most; unlimited, until near stasis, unless given.

    Returns
    -------
    Embolized

    Raises
    ------
    PlanningError
        If the size is not positive.

    Notes
    -----
    Particles follow the flow at the time. Beyond a terminal lie equal arterioles side by side (:func:`lodging_places`); with a
    share ``x`` of them closed its resistance is that before over ``1 - x``. No reflux, no redistribution inside the bed.
    """
    facts = read_facts(__package__)
    stop = float(facts["embolus.near_stasis"])
    places = lodging_places(tree, size_um=size_um)
    below = tree.downstream(tip)
    ends = tree.terminals[below[tree.terminals]]
    room = float(places[ends].sum())
    wanted = room if particles is None else min(particles, room)
    lodged = np.zeros(len(tree))
    first = tree_flow(tree)
    before = float(first.share[tip]) * first.root_ml_s
    course = [(0.0, 1.0)]
    given, flow, share = 0.0, first, 1.0
    while given < wanted * (1 - 1e-9) and share > stop:
        # Portions shrink with the room that is left, so that the last places fill as slowly as the first.
        portion = min(wanted - given, max((room - given) / STEPS, room * 1e-4))
        part = flow.share[ends] / flow.share[ends].sum()
        lodged[ends] = np.minimum(places[ends], lodged[ends] + portion * part)
        now = float(lodged[ends].sum())
        if now - given < 1e-9 * room:
            break
        given = now
        factor = _factor(lodged, places, ends, len(tree))
        if not np.isfinite(factor[tree.terminals]).any():
            share = 0.0
        else:
            flow = tree_flow(tree, terminal_factor=factor)
            share = float(flow.share[tip]) * flow.root_ml_s / before
        course.append((given, share))
        if share <= 0.0:
            break
    each = facts["embolus.particles_per_arteriole"]
    words = (
        f"each arteriole as wide as a particle is closed by {each.value:g} of them ({each.low:g} to {each.high:g}): unverified",
        f"near stasis at {100 * stop:.0f} % of the flow before: not verified",
        "particles follow the flow; reflux, clustering and spasm are not modelled",
    )
    return Embolized(given, lodged, _factor(lodged, places, ends, len(tree)), share, np.array(course), share <= stop, words)


def _factor(lodged: NDArray, places: NDArray, ends: NDArray, n: int) -> NDArray[np.float64]:
    factor = np.ones(n)
    left = 1.0 - lodged[ends] / places[ends]
    factor[ends] = np.where(left > 1e-9, 1.0 / np.maximum(left, 1e-9), np.inf)
    return factor
