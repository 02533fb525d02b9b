"""A tree of arteries by node, directed away from its root."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import PlanningError

__all__ = ["ArterialTree", "tree_of"]


@dataclass(frozen=True, eq=False)
class ArterialTree:
    """Arteries by node; each node owns the piece of vessel that arrives from its parent.

    Attributes
    ----------
    nodes_lps_mm : ndarray, shape (n, 3) [mm]
        Places. Node 0 is the root; parents come before their children.
    parent : ndarray of int, shape (n,)
        Node upstream, -1 for the root.
    radius_mm : ndarray, shape (n,) [mm]
        Inner radius of the piece that arrives.
    names : tuple of str
        Artery that each piece belongs to, empty where unknown.
    words : tuple of str
        What was cut, joined or assumed when the tree was made.

    Raises
    ------
    PlanningError
        If the arrays do not describe one tree with finite places and positive radii.
    """

    nodes_lps_mm: NDArray[np.float64]
    parent: NDArray[np.int64]
    radius_mm: NDArray[np.float64]
    names: tuple[str, ...] = ()
    words: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        """Check and freeze the arrays."""
        places = np.array(self.nodes_lps_mm, dtype=np.float64)
        parent = np.array(self.parent, dtype=np.int64)
        radius = np.array(self.radius_mm, dtype=np.float64)
        n = len(parent)
        if n == 0 or places.shape != (n, 3) or radius.shape != (n,):
            raise PlanningError("places, parents and radii of the tree differ in number", remedy="Give one of each per node.")
        if parent[0] != -1 or (parent[1:] < 0).any() or (parent[1:] >= np.arange(1, n)).any():
            raise PlanningError(
                "the nodes are not one tree in order", remedy="Put the root first and every parent before its children."
            )
        if not np.isfinite(places).all() or not np.isfinite(radius).all() or (radius <= 0).any():
            raise PlanningError("a place or radius of the tree is not finite and positive", remedy="Check the tree's file.")
        names = tuple(self.names) or ("",) * n
        if len(names) != n:
            raise PlanningError(f"{len(names)} names for {n} nodes", remedy="Give one name per node, or none.")
        for array in (places, parent, radius):
            array.setflags(write=False)
        for key, value in (("nodes_lps_mm", places), ("parent", parent), ("radius_mm", radius), ("names", names)):
            object.__setattr__(self, key, value)

    def __len__(self) -> int:
        """Count the nodes."""
        return len(self.parent)

    @cached_property
    def length_mm(self) -> NDArray[np.float64]:
        """Length of the piece that arrives at each node, zero for the root, shape (n,) [mm]."""
        step = self.nodes_lps_mm - self.nodes_lps_mm[np.maximum(self.parent, 0)]
        return np.asarray(np.linalg.norm(step, axis=1))

    @cached_property
    def branches(self) -> NDArray[np.int64]:
        """How many pieces leave each node, shape (n,)."""
        return np.bincount(self.parent[1:], minlength=len(self))

    @cached_property
    def terminals(self) -> NDArray[np.int64]:
        """Nodes where the known tree ends."""
        return np.flatnonzero(self.branches == 0)

    @cached_property
    def segments(self) -> tuple[NDArray[np.int64], ...]:
        """Unbranched stretches, each as its nodes in the direction of flow; every node but the root is in one."""
        below: dict[int, int] = {}
        chains: list[list[int]] = []
        for node in range(1, len(self)):
            above = int(self.parent[node])
            if above > 0 and self.branches[above] == 1:
                chains[below[above]].append(node)
                below[node] = below[above]
            else:
                below[node] = len(chains)
                chains.append([node])
        return tuple(np.array(chain, dtype=np.int64) for chain in chains)

    @cached_property
    def segment_of(self) -> NDArray[np.int64]:
        """Number of the segment that each node belongs to, -1 for the root, shape (n,)."""
        found = np.full(len(self), -1, dtype=np.int64)
        for number, nodes in enumerate(self.segments):
            found[nodes] = number
        return found

    def downstream(self, node: int) -> NDArray[np.bool_]:
        """Which nodes blood from ``node`` reaches, itself included, shape (n,)."""
        found = np.zeros(len(self), dtype=bool)
        found[node] = True
        for below in range(node + 1, len(self)):
            found[below] = found[self.parent[below]]
        return found

    def path(self, node: int) -> NDArray[np.int64]:
        """Nodes from the root to ``node``, both included."""
        found = [int(node)]
        while found[-1] > 0:
            found.append(int(self.parent[found[-1]]))
        return np.array(found[::-1], dtype=np.int64)

    def summed(self, at_nodes: ArrayLike) -> NDArray[np.float64]:
        """Sum over everything downstream of each node of a value given per node, shape (n,) or (n, k)."""
        total = np.array(at_nodes, dtype=np.float64)
        for node in range(len(self) - 1, 0, -1):
            total[self.parent[node]] += total[node]
        return total

    def nearest(self, point_lps_mm: ArrayLike) -> tuple[int, float]:
        """Node nearest to a point, and how far it is [mm]."""
        far = np.linalg.norm(self.nodes_lps_mm - np.asarray(point_lps_mm, dtype=float), axis=1)
        return int(far.argmin()), float(far.min())

    def course(self, node: int) -> str:
        """Named arteries from the root to ``node``, in words; empty where none is known."""
        return " > ".join(dict.fromkeys(self.names[k] for k in self.path(node) if self.names[k]))

    def kept(self, keep: ArrayLike, *, words: Sequence[str] = ()) -> tuple[ArterialTree, NDArray[np.int64]]:
        """Tree of some nodes only; what hangs below a node left out goes with it.

        Parameters
        ----------
        keep : array_like of bool, shape (n,)
            Nodes to keep; the root always stays.
        words : sequence of str
            What to say of it.

        Returns
        -------
        ArterialTree
        ndarray of int
            Old number of each node kept.
        """
        stays = np.array(keep, dtype=bool)
        stays[0] = True
        for node in range(1, len(self)):
            stays[node] &= stays[self.parent[node]]
        old = np.flatnonzero(stays)
        new = np.cumsum(stays) - 1
        parent = np.where(old == 0, -1, new[np.maximum(self.parent[old], 0)])
        names = tuple(self.names[k] for k in old)
        said = (*self.words, *words)
        return ArterialTree(self.nodes_lps_mm[old], parent, self.radius_mm[old], names, said), old

    def with_radii(self, radius_mm: ArrayLike) -> ArterialTree:
        """Same tree with other radii [mm]."""
        return replace(self, radius_mm=np.asarray(radius_mm, dtype=float))


def tree_of(
    nodes_lps_mm: ArrayLike, parent: ArrayLike, radius_mm: ArrayLike, *, names: Sequence[str] = (), words: Sequence[str] = ()
) -> tuple[ArterialTree, NDArray[np.int64]]:
    """Tree of nodes in any order.

    Parameters
    ----------
    nodes_lps_mm : array_like, shape (n, 3) [mm]
        Places.
    parent : array_like of int, shape (n,)
        Node upstream, -1 for the root.
    radius_mm : array_like, shape (n,) [mm]
        Radii.
    names, words : sequence of str
        As in the tree.

    Returns
    -------
    ArterialTree
    ndarray of int
        Given number of each node of the tree.

    Raises
    ------
    PlanningError
        If there is not exactly one root, or nodes hang in a ring.
    """
    above = np.asarray(parent, dtype=np.int64)
    roots = np.flatnonzero(above < 0)
    if len(roots) != 1:
        raise PlanningError(f"{len(roots)} roots in one tree", remedy="Give -1 as the parent of exactly one node.")
    below: list[list[int]] = [[] for _ in above]
    for node, up in enumerate(above):
        if up >= 0:
            below[up].append(node)
    order, waiting = [], [int(roots[0])]
    while waiting:
        node = waiting.pop()
        order.append(node)
        waiting += below[node][::-1]
    if len(order) != len(above):
        raise PlanningError("nodes hang in a ring, apart from the root", remedy="Cut the ring.")
    old = np.array(order, dtype=np.int64)
    new = np.empty(len(old), dtype=np.int64)
    new[old] = np.arange(len(old))
    linked = np.where(above[old] < 0, -1, new[np.maximum(above[old], 0)])
    called = tuple(names[k] for k in old) if names else ()
    places, radius = np.asarray(nodes_lps_mm, dtype=float), np.asarray(radius_mm, dtype=float)
    return ArterialTree(places[old], linked, radius[old], called, tuple(words)), old
