"""Exact volume of parallelepipeds in the cells of a unit grid, by cutting tetrahedra at the planes between cells."""

from __future__ import annotations

import numba
import numpy as np

__all__ = ["shared_volumes"]

PATHS = np.array([[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])
"""Orders in which three edges lead from one corner of a parallelepiped to the opposite one: one tetrahedron each."""


@numba.njit(cache=True, inline="always")
def _put(stack, top, place, source, row):  # type: ignore[no-untyped-def]
    """Copy a corner to the stack; loops over three numbers are much faster than slices here."""
    for k in range(3):
        stack[top, place, k] = source[row, k]


@numba.njit(cache=True, inline="always")
def _mixed(v, low, high, axis, plane, e, row):  # type: ignore[no-untyped-def]
    """Corner where the edge between two corners meets a plane."""
    share = (plane - v[low, axis]) / (v[high, axis] - v[low, axis])
    for k in range(3):
        e[row, k] = v[low, k] + share * (v[high, k] - v[low, k])
    e[row, axis] = plane


@numba.njit(cache=True)
def _push_prism(stack, axes, top, a, rows, b, columns, axis):  # type: ignore[no-untyped-def]
    """Put the three tetrahedra of a prism with the triangles ``a[rows]`` and ``b[columns]`` on the stack."""
    for kind in range(3):  # a0 a1 a2 b2, then a0 a1 b1 b2, then a0 b0 b1 b2
        _put(stack, top, 0, a, rows[0])
        if kind < 2:
            _put(stack, top, 1, a, rows[1])
        else:
            _put(stack, top, 1, b, columns[0])
        if kind == 0:
            _put(stack, top, 2, a, rows[2])
        else:
            _put(stack, top, 2, b, columns[1])
        _put(stack, top, 3, b, columns[2])
        axes[top] = axis
        top += 1
    return top


@numba.njit(cache=True)
def _cut(stack, axes, top, v, axis, plane, e, both):  # type: ignore[no-untyped-def]
    """Replace a tetrahedron by its parts below a plane (done with this axis) and above it (still to be cut)."""
    for i in range(1, 4):  # sorted along the axis
        for j in range(i, 0, -1):
            if v[j, axis] < v[j - 1, axis]:
                for k in range(3):
                    v[j, k], v[j - 1, k] = v[j - 1, k], v[j, k]
    below = 0
    for i in range(4):
        below += v[i, axis] < plane
    if below == 2:
        _mixed(v, 0, 2, axis, plane, e, 0)
        _mixed(v, 0, 3, axis, plane, e, 1)
        _mixed(v, 1, 2, axis, plane, e, 2)
        _mixed(v, 1, 3, axis, plane, e, 3)
        for k in range(3):
            for row in range(4):
                both[row, k], both[row + 4, k] = v[row, k], e[row, k]
        top = _push_prism(stack, axes, top, both, (0, 4, 5), both, (1, 6, 7), axis + 1)
        return _push_prism(stack, axes, top, both, (2, 4, 6), both, (3, 5, 7), axis)
    tip = 0 if below == 1 else 3
    first = 1 if below == 1 else 0
    for k in range(3):
        if below == 1:
            _mixed(v, 0, k + 1, axis, plane, e, k)
        else:
            _mixed(v, k, 3, axis, plane, e, k)
    _put(stack, top, 0, v, tip)
    for k in range(3):
        _put(stack, top, k + 1, e, k)
    axes[top] = axis + 1 if below == 1 else axis
    rest = axis if below == 1 else axis + 1
    return _push_prism(stack, axes, top + 1, v, (first, first + 1, first + 2), e, (0, 1, 2), rest)


@numba.njit(cache=True)
def _spread(stack, axes, top, weight, out, v, e, both):  # type: ignore[no-untyped-def]
    """Add the tetrahedra on the stack to the cells they lie in."""
    while top > 0:
        top -= 1
        axis = axes[top]
        for row in range(4):
            for k in range(3):
                v[row, k] = stack[top, row, k]
        cut = False
        while axis < 3 and not cut:
            low = min(min(v[0, axis], v[1, axis]), min(v[2, axis], v[3, axis]))
            high = max(max(v[0, axis], v[1, axis]), max(v[2, axis], v[3, axis]))
            plane = np.floor(low) + 1.0
            if high > plane:
                top = _cut(stack, axes, top, v, axis, plane, e, both)
                cut = True
            axis += 1
        if cut:
            continue
        i = int(np.floor(0.25 * (v[0, 0] + v[1, 0] + v[2, 0] + v[3, 0])))
        j = int(np.floor(0.25 * (v[0, 1] + v[1, 1] + v[2, 1] + v[3, 1])))
        k = int(np.floor(0.25 * (v[0, 2] + v[1, 2] + v[2, 2] + v[3, 2])))
        if 0 <= i < out.shape[0] and 0 <= j < out.shape[1] and 0 <= k < out.shape[2]:
            ax, ay, az = v[1, 0] - v[0, 0], v[1, 1] - v[0, 1], v[1, 2] - v[0, 2]
            bx, by, bz = v[2, 0] - v[0, 0], v[2, 1] - v[0, 1], v[2, 2] - v[0, 2]
            cx, cy, cz = v[3, 0] - v[0, 0], v[3, 1] - v[0, 1], v[3, 2] - v[0, 2]
            six = ax * (by * cz - bz * cy) - ay * (bx * cz - bz * cx) + az * (bx * cy - by * cx)
            out[i, j, k] += weight * abs(six) / 6.0


@numba.njit(cache=True, parallel=True)
def shared_volumes(places, weights, edges, start, wanted, out, depth):  # type: ignore[no-untyped-def]
    """Add the volume that boxes share with each wanted cell.

    Parameters
    ----------
    places : ndarray of int, shape (n, 3)
        Index of each box.
    weights : ndarray, shape (n,)
        Share of each box that is filled.
    edges : ndarray, shape (3, 3)
        Column ``a``: edge of a box along its index axis ``a``, in cells.
    start : ndarray, shape (3,)
        Corner of box (0, 0, 0), in cells of ``out``.
    wanted : ndarray of bool, shape (cells, cells, cells)
        Cells that are asked for; the others may come out incomplete.
    out : ndarray, shape (parts, cells, cells, cells)
        Added to, in volumes of a cell; sum over the parts.
    depth : int
        Room for tetrahedra that wait to be cut.
    """
    parts = out.shape[0]
    whole = abs(np.linalg.det(edges))
    for part in numba.prange(parts):
        stack, axes = np.empty((depth, 4, 3)), np.empty(depth, np.int64)
        v, e, both, corner = np.empty((4, 3)), np.empty((4, 3)), np.empty((8, 3)), np.empty(3)
        first, last = np.empty(3, np.int64), np.empty(3, np.int64)
        for n in range(part, places.shape[0], parts):
            for k in range(3):
                low = start[k]
                for a in range(3):
                    low += edges[k, a] * places[n, a]
                corner[k] = low
                high = low
                for a in range(3):
                    low += min(0.0, edges[k, a])
                    high += max(0.0, edges[k, a])
                first[k], last[k] = int(np.floor(low)), int(np.floor(high))
            asked = False
            for i in range(max(first[0], 0), min(last[0] + 1, wanted.shape[0])):
                for j in range(max(first[1], 0), min(last[1] + 1, wanted.shape[1])):
                    for k in range(max(first[2], 0), min(last[2] + 1, wanted.shape[2])):
                        asked = asked or wanted[i, j, k]
            if not asked:
                continue
            if first[0] == last[0] and first[1] == last[1] and first[2] == last[2]:
                out[part, first[0], first[1], first[2]] += weights[n] * whole
                continue
            for path in range(6):
                for k in range(3):
                    stack[path, 0, k] = corner[k]
                    for step in range(3):
                        stack[path, step + 1, k] = stack[path, step, k] + edges[k, PATHS[path, step]]
                axes[path] = 0
            _spread(stack, axes, 6, weights[n], out[part], v, e, both)
