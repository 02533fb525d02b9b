"""Compiled loops: dose at points inside the voxels of a mask, and how much of each point belongs to the mask."""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np

__all__ = ["doses_at", "doses_at_points", "shares_of_points", "trilinear"]

_STEP = np.array([0.8191725133961645, 0.6710436067037893, 0.5497004779019703])
"""Steps of the additive recurrence that fills a cube evenly (inverse powers of the root of x^4 = x + 1)."""
_SAME = 1e-5
"""Occupancies that differ by less are equal: float32 cannot tell them apart after interpolation."""


@numba.njit(cache=True, inline="always")
def trilinear(values: Any, s: float, r: float, c: float) -> float:
    """Value between voxel centres; constant from the outermost centres on."""
    ns, nr, nc = values.shape
    s, r, c = min(max(s, 0.0), ns - 1.0), min(max(r, 0.0), nr - 1.0), min(max(c, 0.0), nc - 1.0)
    i, j, k = min(int(s), max(ns - 2, 0)), min(int(r), max(nr - 2, 0)), min(int(c), max(nc - 2, 0))
    u, v, w = s - i, r - j, c - k
    i1, j1, k1 = min(i + 1, ns - 1), min(j + 1, nr - 1), min(k + 1, nc - 1)
    near = (values[i, j, k] * (1.0 - w) + values[i, j, k1] * w) * (1.0 - v)
    near += (values[i, j1, k] * (1.0 - w) + values[i, j1, k1] * w) * v
    far = (values[i1, j, k] * (1.0 - w) + values[i1, j, k1] * w) * (1.0 - v)
    far += (values[i1, j1, k] * (1.0 - w) + values[i1, j1, k1] * w) * v
    return near * (1.0 - u) + far * u


@numba.njit(cache=True, inline="always")
def _place(number: int, part: int, parts: int, axis: int, scattered: bool) -> float:
    """Offset of a point from the centre of its voxel, in voxels: middles of equal parts, or scattered evenly over each part."""
    within = 0.5
    if scattered:
        within = number * _STEP[axis]
        within -= math.floor(within)
    return (part + within) / parts - 0.5


@numba.njit(cache=True)
def doses_at(dose: Any, places: Any, matrix: Any, offset: Any, out: Any) -> None:
    """Dose at places given by mask index. One thread: a few thousand points are done before a second one has woken up."""
    for n in range(places.shape[0]):
        a, b, c = places[n, 0], places[n, 1], places[n, 2]
        s = matrix[0, 0] * a + matrix[0, 1] * b + matrix[0, 2] * c + offset[0]
        r = matrix[1, 0] * a + matrix[1, 1] * b + matrix[1, 2] * c + offset[1]
        t = matrix[2, 0] * a + matrix[2, 1] * b + matrix[2, 2] * c + offset[2]
        out[n] = trilinear(dose, s, r, t)


@numba.njit(cache=True, parallel=True)
def doses_at_points(dose: Any, voxels: Any, matrix: Any, offset: Any, parts: Any, scattered: bool, out: Any) -> None:
    """Dose at ``parts`` points of every voxel; ``matrix`` and ``offset`` lead from mask index to dose index."""
    each = parts[0] * parts[1] * parts[2]
    for n in numba.prange(voxels.shape[0]):
        at = n * each
        for i in range(parts[0]):
            a = voxels[n, 0] + _place(n, i, parts[0], 0, scattered)
            for j in range(parts[1]):
                b = voxels[n, 1] + _place(n, j, parts[1], 1, scattered)
                for k in range(parts[2]):
                    c = voxels[n, 2] + _place(n, k, parts[2], 2, scattered)
                    s = matrix[0, 0] * a + matrix[0, 1] * b + matrix[0, 2] * c + offset[0]
                    r = matrix[1, 0] * a + matrix[1, 1] * b + matrix[1, 2] * c + offset[1]
                    t = matrix[2, 0] * a + matrix[2, 1] * b + matrix[2, 2] * c + offset[2]
                    out[at] = trilinear(dose, s, r, t)
                    at += 1


@numba.njit(cache=True, parallel=True)
def shares_of_points(occupancy: Any, voxels: Any, parts: Any, out: Any) -> None:
    """Share of every point that belongs to the mask.

    A voxel that is filled in part is filled from the side where the occupancy, interpolated, is highest, until its own occupancy
    is reached: the border is placed inside the voxel and the volume is kept exactly. Points of equal height share what is left.
    """
    each = parts[0] * parts[1] * parts[2]
    for n in numba.prange(voxels.shape[0]):
        at = n * each
        s, r, c = voxels[n, 0], voxels[n, 1], voxels[n, 2]
        full = occupancy[s, r, c]
        if full >= 1.0:
            out[at : at + each] = 1.0
            continue
        height = np.empty(each, np.float64)
        m = 0
        for i in range(parts[0]):
            for j in range(parts[1]):
                for k in range(parts[2]):
                    a, b = s + (i + 0.5) / parts[0] - 0.5, r + (j + 0.5) / parts[1] - 0.5
                    height[m] = trilinear(occupancy, a, b, c + (k + 0.5) / parts[2] - 0.5)
                    m += 1
        wanted = full * each
        level = np.sort(height)[each - 1 - min(int(wanted), each - 1)]
        higher, equal = 0, 0
        for m in range(each):
            if height[m] > level + _SAME:
                higher += 1
            elif height[m] >= level - _SAME:
                equal += 1
        rest = (wanted - higher) / equal
        for m in range(each):
            if height[m] > level + _SAME:
                out[at + m] = 1.0
            elif height[m] >= level - _SAME:
                out[at + m] = rest
            else:
                out[at + m] = 0.0
