"""Sweeps of the explicit seven-point heat step on a voxel grid.

Cell (i, j, k) has the excess temperature ``u`` over the body. ``gz[i]`` is the conductance of the face between ``i`` and
``i + 1`` (W/m3/K, harmonic mean over the squared spacing); ``gy`` and ``gx`` alike. The loss to the blood ``w u`` is taken
implicitly: ``u' = u + b (flux + q - w u)`` with ``b = dt / (C + dt w)``, so a strong sink never limits the step. Held cells
have ``b = 0``.
The outermost layer of cells is never written.
"""

from __future__ import annotations

import numpy as np
from numba import njit, prange

__all__ = ["block_parallel", "block_serial", "held_flux", "inflow", "reach", "share_planes", "weighted_sum"]


@njit(cache=True, nogil=True, fastmath=True)
def inflow(here, above, below, front, back, left, right, to_above, to_below, to_front, to_back, to_left, to_right):  # type: ignore[no-untyped-def]
    """Heat [W/m3] that flows into a cell from its six neighbours."""
    return (
        to_above * (above - here)
        + to_below * (below - here)
        + to_front * (front - here)
        + to_back * (back - here)
        + to_left * (left - here)
        + to_right * (right - here)
    )


@njit(cache=True, nogil=True, fastmath=True)
def _row(u, out, gz, gy, gx, b, w, q, i, j, k0, k1):  # type: ignore[no-untyped-def]
    """Advance cells k0..k1 of one row; return the sum of w u' (the heat that the blood takes)."""
    c, above, below = u[i, j, k0:k1], u[i - 1, j, k0:k1], u[i + 1, j, k0:k1]
    front, back = u[i, j - 1, k0:k1], u[i, j + 1, k0:k1]
    left, right = u[i, j, k0 - 1 : k1 - 1], u[i, j, k0 + 1 : k1 + 1]
    g_above, g_below = gz[i - 1, j, k0:k1], gz[i, j, k0:k1]
    g_front, g_back = gy[i, j - 1, k0:k1], gy[i, j, k0:k1]
    g_left, g_right = gx[i, j, k0 - 1 : k1 - 1], gx[i, j, k0:k1]
    br, wr, qr, result = b[i, j, k0:k1], w[i, j, k0:k1], q[i, j, k0:k1], out[i, j, k0:k1]
    taken = np.float32(0.0)
    for k in range(k1 - k0):
        here = c[k]
        flux = inflow(
            here, above[k], below[k], front[k], back[k], left[k], right[k],
            g_above[k], g_below[k], g_front[k], g_back[k], g_left[k], g_right[k],
        )  # fmt: skip
        there = here + br[k] * (flux + qr[k] - wr[k] * here)
        result[k] = there
        taken += wr[k] * there
    return np.float64(taken)


@njit(cache=True, nogil=True)
def _plane(u, out, gz, gy, gx, b, w, q, i, box, active, span):  # type: ignore[no-untyped-def]
    """Advance cells span[0]..span[1] of the active rows of plane i without the cells of the box (i0, i1, j0, j1, k0, k1)."""
    taken = 0.0
    first, last = span
    for j in range(1, u.shape[1] - 1):
        if not active[i, j]:
            continue
        crosses = box[0] <= i < box[1] and box[2] <= j < box[3]
        start, stop = first, (box[4] if crosses else last)
        for _ in range(2 if crosses else 1):
            if start < stop:
                taken += _row(u, out, gz, gy, gx, b, w, q, i, j, start, stop)
            start, stop = box[5], last
    return taken


@njit(cache=True, nogil=True)
def _wedge(u, v, gz, gy, gx, b, w, q, low, high, shrink_low, shrink_high, steps, box, active, span):  # type: ignore[no-untyped-def]
    """Advance planes low..high by several steps as a wave, one plane less per step at each side that shrinks."""
    taken = 0.0
    for front in range(low, high + steps - 1):
        for step in range(steps):
            i = front - step
            if low + step * shrink_low <= i < high - step * shrink_high:
                old, new = (u, v) if step % 2 == 0 else (v, u)
                taken += _plane(old, new, gz, gy, gx, b, w, q, i, box, active, span)
    return taken


@njit(cache=True, nogil=True)
def block_serial(u, v, gz, gy, gx, b, w, q, steps, bounds, box, active, span):  # type: ignore[no-untyped-def]
    """Advance by several steps in one wave through memory; the result lies in u or, for odd steps, v."""
    return _wedge(u, v, gz, gy, gx, b, w, q, bounds[0], bounds[-1], 0, 0, steps, box, active, span)


@njit(cache=True, nogil=True, parallel=True)
def block_parallel(u, v, gz, gy, gx, b, w, q, steps, bounds, box, active, span):  # type: ignore[no-untyped-def]
    """Advance by several steps, a shrinking wedge of planes per thread and then the gaps between the wedges.

    A plane is read from memory once for several steps, and two arrays suffice: when a plane is written for step s + 1, nothing
    reads its step s - 1 any more. ``bounds`` holds the first plane of each thread and the end; returns the sum of w u'.
    """
    tiles = bounds.size - 1
    taken = 0.0
    for tile in prange(tiles):
        inner_low = 1 if tile > 0 else 0
        inner_high = 1 if tile < tiles - 1 else 0
        taken += _wedge(
            u, v, gz, gy, gx, b, w, q, bounds[tile], bounds[tile + 1], inner_low, inner_high, steps, box, active, span
        )  # fmt: skip
    for seam in prange(1, tiles):
        filled = 0.0
        for step in range(1, steps):
            for i in range(bounds[seam] - step, bounds[seam] + step):
                old, new = (u, v) if step % 2 == 0 else (v, u)
                filled += _plane(old, new, gz, gy, gx, b, w, q, i, box, active, span)
        taken += filled
    return taken


@njit(cache=True, nogil=True)
def held_flux(u, g, free, held, lower):  # type: ignore[no-untyped-def]
    """Heat flow [W/m3 summed over cells] through the faces of one axis from free into held cells (flat indices): net, gross."""
    flat, faces = u.ravel(), g.ravel()
    net, gross = 0.0, 0.0
    for n in range(free.size):
        flow = faces[lower[n]] * (flat[free[n]] - flat[held[n]])
        net += flow
        gross += abs(flow)
    return net, gross


@njit(cache=True, nogil=True)
def weighted_sum(u, cells, weights):  # type: ignore[no-untyped-def]
    """Sum of ``weights * u`` over some cells (flat indices)."""
    flat = u.ravel()
    total = 0.0
    for n in range(cells.size):
        total += weights[n] * flat[cells[n]]
    return total


@njit(cache=True, nogil=True, fastmath=True)
def _largest(row):  # type: ignore[no-untyped-def]
    top = np.float32(0.0)
    for k in range(row.size):
        top = max(top, abs(row[k]))
    return top


@njit(cache=True, nogil=True)
def reach(u, fed, fed_span, active, threshold, steps):  # type: ignore[no-untyped-def]
    """Mark in ``active`` the rows that heat can reach within ``steps``; return the span of columns. A step carries it one cell.

    What a source feeds counts; what lies within ``threshold`` of body temperature does not. Rows that were not active before
    cannot have changed and are not looked at, unless none was.
    """
    planes, rows = active.shape
    columns = u.shape[2]
    fresh = not active.any()
    warm = np.zeros((planes, rows), dtype=np.bool_)
    first, last = fed_span
    for i in range(planes):
        for j in range(rows):
            warm[i, j] = fed[i, j]
            if (fresh or active[i, j]) and _largest(u[i, j]) > threshold:
                warm[i, j] = True
                for k in range(first):
                    if abs(u[i, j, k]) > threshold:
                        first = k
                        break
                for k in range(columns - last):
                    if abs(u[i, j, columns - 1 - k]) > threshold:
                        last = columns - k
                        break
    wide = np.zeros((planes, rows), dtype=np.bool_)
    for i in range(planes):
        until = -1
        for j in range(rows):
            if warm[i, j]:
                for n in range(max(until, j - steps, 0), min(rows, j + steps + 1)):
                    wide[i, n] = True
                until = j + steps
    active[:] = False
    for j in range(rows):
        for i in range(planes):
            if wide[i, j]:
                for n in range(max(0, i - steps), min(planes, i + steps + 1)):
                    active[n, j] = True
    return max(1, first - steps), max(1, min(columns - 1, last + steps))


@njit(cache=True, nogil=True)
def share_planes(active, tiles, thinnest):  # type: ignore[no-untyped-def]
    """First plane of each of ``tiles`` threads and the end, with like numbers of active rows; none thinner than ``thinnest``."""
    last = active.shape[0] - 1
    tiles = max(1, min(tiles, (last - 1) // max(1, thinnest)))
    bounds = np.empty(tiles + 1, dtype=np.int64)
    bounds[0], bounds[tiles] = 1, last
    total = active[1:last].sum()
    done, i = 0, 1
    for tile in range(1, tiles):
        while i < last and done * tiles < total * tile:
            done += active[i].sum()
            i += 1
        bounds[tile] = min(max(i, bounds[tile - 1] + thinnest), last - (tiles - tile) * thinnest)
    return bounds
