"""Hepatic arteries whose every branch is known: a named trunk, and branches grown into the liver.

Branches by constrained constructive optimisation (:mod:`locoregional.imaging.phantom.trees`), radii by Murray's law over the
whole tree, side arteries to the stomach, duodenum, gallbladder, spleen and abdominal wall included.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import ImagingError
from locoregional.imaging.phantom.shapes import smooth_curve
from locoregional.imaging.phantom.trees import grow, spread_points
from locoregional.imaging.volume import Volume

__all__ = ["GrownArteries", "grow_hepatic_arteries"]

TO_THE_LIVER = ([10, 8, 14], [9, -4, 14], [-6, -10, 18], [-16, -13, 17])
"""Celiac trunk to the origin of the gastroduodenal artery, LPS [mm]; drawn for the digital patient."""

HEPATIC = (
    ("proper hepatic artery", -1, [-16, -13, 17], [-21, -13, 19.5]),
    ("proper hepatic artery", 0, [-21, -13, 19.5], [-26, -13, 22]),
    ("right hepatic artery", 1, [-26, -13, 22], [-40, -9.5, 27]),
    ("right hepatic artery", 2, [-40, -9.5, 27], [-48, -8, 29]),
    ("right anterior artery", 3, [-48, -8, 29], [-74, -24, 30]),
    ("right anterior artery", 4, [-74, -24, 30], [-84, -30, 52]),
    ("right posterior artery", 3, [-48, -8, 29], [-72, 16, 24]),
    ("right posterior artery", 6, [-72, 16, 24], [-88, 28, 2]),
    ("left hepatic artery", 1, [-26, -13, 22], [-14, -24, 38]),
    ("left lateral artery", 8, [-14, -24, 38], [2, -42, 52]),
    ("left medial artery", 8, [-14, -24, 38], [-24, -44, 44]),
)
"""Name, parent, start and stop of the first hepatic segments, LPS [mm]."""

SIDE = (
    ("left gastric artery", "stomach", 1.4, ([9, -4, 14], [14, -12, 30], [26, -18, 42])),
    ("splenic artery", "spleen", 2.4, ([9, -4, 14], [26, -2, 16], [40, 3, 18], [66, 14, 28])),
    ("gastroduodenal artery", "duodenum", 1.7, ([-16, -13, 17], [-17, -16, 4], [-20, -16, -24])),
    ("right gastric artery", "stomach", 0.8, ([-21, -13, 19.5], [-8, -22, 10], [10, -28, 2])),
    ("cystic artery", "gallbladder", 0.7, ([-40, -9.5, 27], [-44, -20, 12], [-47, -32, -4], [-49, -38, -11])),
    ("falciform artery", "abdominal wall", 0.6, ([-24, -44, 44], [-14, -60, 40], [-6, -78, 34])),
)
"""Name, where it ends, radius [mm] and course of the arteries that leave the liver's tree; drawn, not measured."""


@dataclass(frozen=True, eq=False)
class GrownArteries:
    """A tree of arteries by node; each node owns the piece of vessel that arrives from its parent.

    Attributes
    ----------
    nodes_lps_mm : ndarray, shape (n, 3) [mm]
        Places; the first is the root, parents come before children.
    parent : ndarray, shape (n,)
        Node upstream, -1 for the root.
    radius_mm : ndarray, shape (n,) [mm]
        Inner radius of the piece that arrives.
    name : tuple of str
        Artery that each piece belongs to.
    ends : dict of int to str
        Where each terminal node leads: ``liver``, or the organ outside.
    """

    nodes_lps_mm: NDArray[np.float64]
    parent: NDArray[np.int64]
    radius_mm: NDArray[np.float64]
    name: tuple[str, ...]
    ends: Mapping[int, str] = field(default_factory=dict)

    def territories(self, liver: Volume) -> Volume:
        """True supply: each voxel of the liver carries the number of the liver's terminal node nearest to it, -1 outside."""
        from scipy.spatial import cKDTree

        tips = np.array([node for node, end in self.ends.items() if end == "liver"])
        labels = np.full(liver.shape, -1, dtype=np.int32)
        inside = np.argwhere(liver.array)
        _, nearest = cKDTree(self.nodes_lps_mm[tips]).query(liver.grid.to_lps(inside), workers=-1)
        labels[tuple(inside.T)] = tips[nearest]
        return liver.on(labels, unit="")


SHORTEST_MM = 7.0
"""A terminal branch is at least this long: an end point beside an artery needs no branch of its own."""


class _Growing:
    """Nodes collected one by one."""

    def __init__(self) -> None:
        self.places: list[NDArray[np.float64]] = []
        self.parent: list[int] = []
        self.name: list[str] = []
        self.cubes: dict[int, float] = {}
        self.ends: dict[int, str] = {}

    def add(self, place: NDArray[np.float64], parent: int, name: str) -> int:
        self.places.append(np.asarray(place, dtype=float))
        self.parent.append(parent)
        self.name.append(name)
        return len(self.places) - 1

    def line(self, points: NDArray[np.float64], parent: int, name: str) -> int:
        """Nodes along points, the first of which stands already; the last node."""
        for before, after in pairwise(points):
            pieces = max(1, round(float(np.linalg.norm(after - before)) / 2.0))
            for k in range(1, pieces + 1):
                parent = self.add(before + (after - before) * (k / pieces), parent, name)
        return parent

    def nearest(self, place: NDArray[np.float64]) -> int:
        return int(np.linalg.norm(np.array(self.places) - place, axis=1).argmin())

    def drop_short(self, least_mm: float) -> None:
        """Take away ends that leave their artery and stop at once: their tissue goes to the ends around."""
        while True:
            children = np.bincount(np.array(self.parent[1:]), minlength=len(self.parent))
            for node in list(self.ends):
                stretch, length = [node], 0.0
                while children[self.parent[stretch[-1]]] == 1:
                    stretch.append(self.parent[stretch[-1]])
                for k in stretch:
                    length += float(np.linalg.norm(self.places[k] - self.places[self.parent[k]]))
                if length < least_mm:
                    self._drop(stretch)
                    break
            else:
                return

    def _drop(self, nodes: list[int]) -> None:
        gone = set(nodes)
        kept = [k for k in range(len(self.parent)) if k not in gone]
        new = {old: number for number, old in enumerate(kept)} | {-1: -1}
        self.places = [self.places[k] for k in kept]
        self.name = [self.name[k] for k in kept]
        self.parent = [new[self.parent[k]] for k in kept]
        self.ends = {new[k]: v for k, v in self.ends.items() if k in new}
        self.cubes = {new[k]: v for k, v in self.cubes.items() if k in new}

    def end(self, node: int, where: str, radius_mm: float) -> None:
        self.ends[node] = where
        self.cubes[node] = radius_mm**3


def grow_hepatic_arteries(
    liver: Volume, *, seed: int = 1, terminals: int = 90, tip_radius_mm: float = 0.45, winding_mm: float = 1.2
) -> GrownArteries:
    """Arteries of the digital patient's liver.

    Parameters
    ----------
    liver : Volume
        Mask of the liver of :func:`locoregional.imaging.phantom.patient.digital_patient`, metastases included.
    seed : int
        Chooses end points and windings.
    terminals : int
        End points in the liver; each supplies what lies nearest to it.
    tip_radius_mm : float [mm]
        Radius at each of them; the trunk follows by Murray's law.
    winding_mm : float [mm]
        How far the arteries wind from a straight course.

    Raises
    ------
    ImagingError
        If the mask does not hold the first branches of the tree.
    """
    from scipy.ndimage import binary_erosion

    rng = np.random.default_rng([seed, 77])
    allowed = binary_erosion(liver.array, iterations=max(1, round(4.0 / float(liver.spacing_mm.mean()))))
    firm = [
        np.array(stop, dtype=float) for name, _, _, stop in HEPATIC if name.split()[1] in ("anterior", "posterior", "lateral")
    ]
    index = np.round(liver.grid.to_index(np.array(firm))).astype(int)
    if not liver.grid.contains(np.array(firm)).all() or not liver.array[tuple(index.T)].all():
        raise ImagingError("the mask does not hold the first branches", where="liver", remedy="Give the digital patient's liver.")
    tree = grow(
        np.array([(start, stop) for _, _, start, stop in HEPATIC]),
        [parent for _, parent, _, _ in HEPATIC],
        spread_points(rng, allowed, liver.grid, count=terminals),
        allowed,
        liver.grid,
        tip_radius_mm=tip_radius_mm,
    )
    growing = _Growing()
    root = growing.add(np.array(TO_THE_LIVER[0], dtype=float), -1, "celiac trunk")
    celiac = growing.line(np.array(TO_THE_LIVER[:2], dtype=float), root, "celiac trunk")
    common = growing.line(np.array(TO_THE_LIVER[1:], dtype=float), celiac, "common hepatic artery")
    stops: dict[int, int] = {-1: common}
    waiting = list(range(len(tree.parent)))
    while waiting:  # a split moves the lower part behind its children, so parents need not come first
        ready = [k for k in waiting if int(tree.parent[k]) in stops]
        for k in ready:
            above = k
            while above >= len(HEPATIC):
                above = int(tree.parent[above])
            points = np.array([tree.starts[k], tree.stops[k]])
            stops[k] = growing.line(points, stops[int(tree.parent[k])], HEPATIC[above][0])
        waiting = [k for k in waiting if k not in stops]
    for k in set(range(len(tree.parent))) - set(tree.parent.tolist()):
        growing.end(stops[k], "liver", tip_radius_mm)
    growing.drop_short(SHORTEST_MM)
    for name, where, radius_mm, course in SIDE:
        path = smooth_curve(np.array(course, dtype=float), steps=6)
        start = growing.nearest(path[0])
        if start in growing.ends:  # a first branch that no other joined ends here no longer
            del growing.ends[start], growing.cubes[start]
        growing.end(growing.line(path, start, name), where, radius_mm)
    return _finished(growing, rng, winding_mm)


def _finished(growing: _Growing, rng: np.random.Generator, winding_mm: float) -> GrownArteries:
    """Arteries with Murray radii, their course wound by a few smooth waves."""
    places, parent = np.array(growing.places), np.array(growing.parent, dtype=np.int64)
    cubes = np.zeros(len(parent))
    for node, cube in growing.cubes.items():
        cubes[node] = cube
    for node in range(len(parent) - 1, 0, -1):
        cubes[parent[node]] += cubes[node]
    waves = rng.normal(size=(5, 3))
    waves *= (2 * np.pi / rng.uniform(22.0, 45.0, 5) / np.linalg.norm(waves, axis=1))[:, None]
    sway = np.sin(places @ waves.T + rng.uniform(0, 2 * np.pi, 5)) @ rng.normal(size=(5, 3)) * (winding_mm / 5**0.5)
    return GrownArteries(places + sway, parent, np.cbrt(cubes), tuple(growing.name), dict(growing.ends))
