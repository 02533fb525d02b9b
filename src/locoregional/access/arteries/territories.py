"""Which part of an organ each end of its arteries supplies: a partition of the organ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from locoregional.access.arteries.tree import ArterialTree
from locoregional.errors import MaskError, PlanningError
from locoregional.imaging.volume import Volume
from locoregional.sources import read_facts

__all__ = ["OUTSIDE", "SURFACE", "Territories", "reach_mm", "supplied_by", "territories", "where_ends_lie"]

OUTSIDE = "outside the organ"
"""Where a terminal leads that ends in no named structure."""
SURFACE = "out through the surface"
"""Where a terminal may lead that is lost at the surface of the organ, on its way out, as a falciform artery is.

It counts as an end of the organ, as most such are, and is told."""
COURSE_MM = 6.0
"""Length of artery whose direction tells where its end is heading."""


@njit(parallel=True, fastmath=True, cache=True)
def _nearest(points: NDArray, tips: NDArray, square: NDArray, out: NDArray) -> None:
    """Number of the tip with the least squared distance less its squared reach, for each point."""
    for p in prange(points.shape[0]):
        x, y, z = points[p, 0], points[p, 1], points[p, 2]
        best, winner = np.float32(np.inf), 0
        for t in range(tips.shape[0]):
            dx, dy, dz = x - tips[t, 0], y - tips[t, 1], z - tips[t, 2]
            power = dx * dx + dy * dy + dz * dz - square[t]
            if power < best:
                best, winner = power, t
        out[p] = winner


@dataclass(frozen=True, eq=False)
class Territories:
    """Partition of an organ.

    Attributes
    ----------
    labels : Volume
        Terminal node that supplies each voxel of the organ, int32; -1 outside the organ.
    ends : dict of int to str
        Where each terminal of the tree leads: ``organ``, a named structure, outside, or out through the surface.
    volume_ml : dict of int to float
        Volume that each terminal supplies [ml].
    """

    labels: Volume
    ends: Mapping[int, str]
    volume_ml: Mapping[int, float]


def where_ends_lie(
    tree: ArterialTree, organ: Volume, *, structures: Mapping[str, Volume] | None = None, named: Mapping[str, str] | None = None
) -> dict[int, str]:
    """Where each terminal leads.

    Parameters
    ----------
    tree : ArterialTree
        Arteries.
    organ : Volume
        Mask of the organ.
    structures : dict of str to Volume, optional
        Masks of other organs: a terminal in or within a few millimetres of one leads there, unless it lies in the organ.
    named : dict of str to str, optional
        Destination by name of the artery, where names are known; goes before geometry.

    Returns
    -------
    dict of int to str
        By terminal node: ``organ``, a name, :data:`OUTSIDE`, or :data:`SURFACE` for an end inside, less than a few millimetres
        from the surface that it is heading for: it may go on to another organ unseen.
    """
    facts = read_facts(__package__)
    near_mm, lost_mm, touch_mm = (float(facts[f"end.{name}"]) for name in ("near", "lost", "touch"))
    ends: dict[int, str] = {}
    for node in tree.terminals:
        known = (named or {}).get(tree.names[node], "")
        point = tree.nodes_lps_mm[node]
        if known:
            ends[int(node)] = known
        elif _gap_mm(organ, point, near_mm) == 0.0:
            ahead = point + lost_mm * _heading(tree, int(node))
            inside = _gap_mm(organ, ahead, near_mm) == 0.0
            beside = _closest(point, structures or {}, touch_mm) or (
                "" if inside else _closest(ahead, structures or {}, touch_mm)
            )
            ends[int(node)] = beside or ("organ" if inside else SURFACE)
        else:
            end = _closest(point, {**(structures or {}), "organ": organ}, near_mm) or OUTSIDE
            ahead = point + lost_mm * _heading(tree, int(node))
            leaving = _gap_mm(organ, ahead, 2 * near_mm) > _gap_mm(organ, point, near_mm)
            ends[int(node)] = SURFACE if end == "organ" and leaving else end
    return ends


def _closest(point: NDArray[np.float64], masks: Mapping[str, Volume], most_mm: float) -> str:
    """Name of the nearest mask, empty where none is near."""
    gaps = {name: _gap_mm(mask, point, most_mm) for name, mask in masks.items()}
    best = min(gaps, key=lambda name: gaps[name], default="")
    return best if best and gaps[best] <= most_mm else ""


def _heading(tree: ArterialTree, node: int) -> NDArray[np.float64]:
    """Unit vector of the last millimetres of an artery."""
    start, gone = node, 0.0
    while tree.parent[start] >= 0 and gone < COURSE_MM:
        gone += float(tree.length_mm[start])
        start = int(tree.parent[start])
    way = tree.nodes_lps_mm[node] - tree.nodes_lps_mm[start]
    return np.asarray(way / max(float(np.linalg.norm(way)), 1e-9))


def _gap_mm(mask: Volume, point: NDArray[np.float64], most_mm: float) -> float:
    """Distance from a point to the nearest voxel of a mask; 0 inside, infinite beyond ``most_mm``."""
    reach = np.ceil(most_mm / mask.spacing_mm).astype(int) + 1
    at = np.round(mask.grid.to_index(point)).astype(int)
    low, high = np.clip(at - reach, 0, mask.shape), np.clip(at + reach + 1, 0, mask.shape)
    box = mask.array[tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))]
    found = np.argwhere(box >= 0.5 if box.dtype != bool else box)
    if len(found) == 0:
        return float("inf")
    if (found + low == at).all(axis=1).any():
        return 0.0
    far = float(np.linalg.norm(mask.grid.to_lps(found + low) - point, axis=1).min())
    return far if far <= most_mm else float("inf")


def reach_mm(tree: ArterialTree, tips: NDArray[np.int64], *, organ_ml: float) -> NDArray[np.float64]:
    """Radius [mm] of the ball as large as the share of the organ that falls to each tip by the cube of its radius.

    A tip much wider than the usual one has lost its branches; as they lie ahead of it rather than around it, its radius counts
    up to a stated multiple of the median.
    """
    radius = tree.radius_mm[tips]
    cubes = np.minimum(radius, float(read_facts(__package__)["reach.widest"]) * float(np.median(radius))) ** 3
    volume_mm3 = organ_ml * 1e3 * cubes / cubes.sum()
    return np.asarray(np.cbrt(3.0 * volume_mm3 / (4.0 * np.pi)))


def supplied_by(tree: ArterialTree, tips: NDArray[np.int64], points_lps_mm: NDArray, *, organ_ml: float) -> NDArray[np.int64]:
    """Terminal node that supplies each point, shape (p,).

    Parameters
    ----------
    tree : ArterialTree
        Arteries.
    tips : ndarray of int
        Terminals that lead into the organ.
    points_lps_mm : ndarray, shape (p, 3) [mm]
        Points of the organ.
    organ_ml : float [ml]
        Volume of the organ.

    Notes
    -----
    A power diagram: least squared distance less the squared reach of :func:`reach_mm`, so that a tip twice as wide wins more
    tissue; straight distances, not around clefts of the organ.
    """
    square = reach_mm(tree, tips, organ_ml=organ_ml) ** 2
    out = np.empty(len(points_lps_mm), dtype=np.int64)
    middle = points_lps_mm.mean(axis=0)
    places = tree.nodes_lps_mm[tips] - middle
    _nearest((points_lps_mm - middle).astype(np.float32), places.astype(np.float32), square.astype(np.float32), out)
    return np.asarray(tips[out])


def territories(
    tree: ArterialTree,
    organ: Volume,
    *,
    structures: Mapping[str, Volume] | None = None,
    named: Mapping[str, str] | None = None,
) -> Territories:
    """Partition of an organ among the ends of its arteries.

    Parameters
    ----------
    tree : ArterialTree
        Arteries.
    organ : Volume
        Mask of the organ.
    structures, named
        As in :func:`where_ends_lie`.

    Raises
    ------
    MaskError
        If the organ is empty.
    PlanningError
        If no end of the tree leads into the organ.
    """
    inside = organ.array >= 0.5 if organ.array.dtype != bool else organ.array
    voxels = np.argwhere(inside)
    if len(voxels) == 0:
        raise MaskError("the organ mask is empty", where="organ", remedy="Check that the segmentation was saved.")
    ends = where_ends_lie(tree, organ, structures=structures, named=named)
    tips = np.array([node for node, where in ends.items() if where in ("organ", SURFACE)], dtype=np.int64)
    if len(tips) == 0:
        raise PlanningError("no artery of the tree ends in the organ", where="tree", remedy="Check that mask and tree fit.")
    organ_ml = len(voxels) * organ.grid.voxel_ml
    owner = supplied_by(tree, tips, organ.grid.to_lps(voxels), organ_ml=organ_ml)
    labels = np.full(organ.shape, -1, dtype=np.int32)
    labels[inside] = owner
    count = np.bincount(owner, minlength=len(tree)) * organ.grid.voxel_ml
    return Territories(organ.on(labels, unit=""), ends, {int(tip): float(count[tip]) for tip in tips})
