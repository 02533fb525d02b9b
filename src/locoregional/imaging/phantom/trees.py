"""Vessel trees grown by constrained constructive optimisation.

Each new end point is joined to the tree where the added blood volume is least, with radii by Murray's law (the cube of a parent's
radius is the sum of the cubes of its children's), after Schreiner & Buxbaum 1993 (key ``schreiner1993``) without their pressure
boundary conditions. Deterministic for given end points.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from locoregional.imaging.volume import Grid

__all__ = ["Tree", "grow", "spread_points"]

NEAREST = 24
"""Segments tried for each new end point."""


@dataclass(frozen=True)
class Tree:
    """Vessel segments.

    Attributes
    ----------
    starts, stops : ndarray, shape (n, 3) [mm]
        LPS ends, start nearer the root.
    radii_mm : ndarray, shape (n,) [mm]
        Inner radius.
    parent : ndarray, shape (n,)
        Index of the parent segment, -1 for roots.
    """

    starts: NDArray[np.float64]
    stops: NDArray[np.float64]
    radii_mm: NDArray[np.float64]
    parent: NDArray[np.int64]


def spread_points(rng: np.random.Generator, mask: NDArray[np.bool_], grid: Grid, *, count: int) -> NDArray[np.float64]:
    """Evenly spread random points inside a mask, best of eight candidates each, shape (count, 3) LPS [mm]."""
    voxels = np.argwhere(mask)
    chosen = np.empty((count, 3))
    for n in range(count):
        tries = grid.to_lps(voxels[rng.integers(0, len(voxels), 8)] + rng.uniform(-0.5, 0.5, (8, 3)))
        if n == 0:
            chosen[0] = tries[0]
            continue
        gap = np.linalg.norm(tries[:, None] - chosen[None, :n], axis=2).min(axis=1)
        chosen[n] = tries[gap.argmax()]
    return chosen


@njit(cache=True)
def _clear(p: NDArray, q: NDArray, allowed: NDArray, inverse: NDArray) -> bool:
    """Whether the straight line p-q stays in the allowed voxels."""
    d = q - p
    n = int(math.sqrt((d * d).sum()) / 2.0) + 1
    for s in range(n + 1):
        r = p + d * (s / n)
        i = round(inverse[0, 0] * r[0] + inverse[0, 1] * r[1] + inverse[0, 2] * r[2] + inverse[0, 3])
        j = round(inverse[1, 0] * r[0] + inverse[1, 1] * r[1] + inverse[1, 2] * r[2] + inverse[1, 3])
        k = round(inverse[2, 0] * r[0] + inverse[2, 1] * r[1] + inverse[2, 2] * r[2] + inverse[2, 3])
        if i < 0 or j < 0 or k < 0 or i >= allowed.shape[0] or j >= allowed.shape[1] or k >= allowed.shape[2]:
            return False
        if not allowed[i, j, k]:
            return False
    return True


@njit(cache=True)
def _grow(
    a: NDArray,
    b: NDArray,
    parent: NDArray,
    count: NDArray,
    used: int,
    ends: NDArray,
    allowed: NDArray,
    inverse: NDArray,
    fixed: int,
) -> int:
    near = np.empty(a.shape[0])
    for e in range(ends.shape[0]):
        p = ends[e]
        for m in range(used):
            u = b[m] - a[m]
            t = min(1.0, max(0.0, ((p - a[m]) * u).sum() / max((u * u).sum(), 1e-9)))
            g = p - a[m] - t * u
            near[m] = (g * g).sum()
        best, best_cost = -1, 1e30
        best_point = p.copy()
        for m in np.argsort(near[:used])[:NEAREST]:
            n = float(count[m])
            upstream = 0.0
            k = parent[m]
            while k >= 0:
                length = math.sqrt(((b[k] - a[k]) ** 2).sum())
                upstream += length * ((count[k] + 1.0) ** (2 / 3) - count[k] ** (2 / 3.0))
                k = parent[k]
            length = math.sqrt(((b[m] - a[m]) ** 2).sum())
            for s in range(1, 8):
                for pull in range(3):
                    # Fixed trunks keep their course; grown segments may bend towards the new end.
                    if m < fixed and pull > 0:
                        continue
                    q = a[m] + (b[m] - a[m]) * (s / 8.0)
                    q = q + (p - q) * (0.15 * pull)
                    up = math.sqrt(((q - a[m]) ** 2).sum())
                    down = math.sqrt(((b[m] - q) ** 2).sum())
                    side = math.sqrt(((p - q) ** 2).sum())
                    cost = upstream + up * (n + 1) ** (2 / 3) + down * n ** (2 / 3) - length * n ** (2 / 3) + side
                    if cost < best_cost and _clear(q, p, allowed, inverse):
                        if m >= fixed and not (_clear(a[m], q, allowed, inverse) and _clear(q, b[m], allowed, inverse)):
                            continue
                        best, best_cost = m, cost
                        best_point = q
        if best < 0:
            continue
        # Split the chosen segment: it becomes the upper part, its old lower part and the new end hang below.
        low, new = used, used + 1
        a[low], b[low], parent[low], count[low] = best_point, b[best], best, count[best]
        for m in range(used):
            if parent[m] == best:
                parent[m] = low
        a[new], b[new], parent[new], count[new] = best_point, p, best, 1
        b[best] = best_point
        used += 2
        k = best
        while k >= 0:
            count[k] += 1
            k = parent[k]
    return used


def grow(
    trunk: ArrayLike,
    trunk_parent: ArrayLike,
    ends: NDArray[np.float64],
    allowed: NDArray[np.bool_],
    grid: Grid,
    *,
    tip_radius_mm: float,
) -> Tree:
    """Grow a tree from given trunks to end points.

    Parameters
    ----------
    trunk : array_like, shape (m, 2, 3) [mm]
        First segments, LPS start and stop; they keep their course.
    trunk_parent : array_like, shape (m,)
        Parent of each, -1 for roots, parents before children.
    ends : ndarray, shape (n, 3) [mm]
        End points, in the order they are joined.
    allowed : ndarray of bool, shape of the grid
        Where new segments may run.
    grid : Grid
        Grid of ``allowed``.
    tip_radius_mm : float [mm]
        Radius that each end point carries.
    """
    first = np.asarray(trunk, dtype=float)
    m, room = len(first), len(first) + 2 * len(ends)
    a, b = np.zeros((room, 3)), np.zeros((room, 3))
    parent, count = np.full(room, -1, dtype=np.int64), np.ones(room, dtype=np.int64)
    a[:m], b[:m], parent[:m] = first[:, 0], first[:, 1], trunk_parent
    for k in range(m - 1, -1, -1):
        below = [j for j in range(m) if parent[j] == k]
        count[k] = max(1, sum(int(count[j]) for j in below))
    inverse = np.linalg.inv(grid.affine)[:3]
    # A split moves a trunk's lower part to a new index, which then may bend; harmless, the course is kept at the time.
    used = _grow(a, b, parent, count, m, np.ascontiguousarray(ends, dtype=float), allowed, inverse, m)
    radii = np.asarray(tip_radius_mm * np.cbrt(count[:used]), dtype=np.float64)
    return Tree(a[:used], b[:used], radii, parent[:used])
