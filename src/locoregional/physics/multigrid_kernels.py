"""Sweeps of the seven-point conduction operator on voxels, and between a grid and one of half its resolution.

All arrays have a layer of unused cells around the grid. ``gz[i]`` is the conductance of the face between cells ``i`` and
``i + 1``, zero at the border; ``gy`` and ``gx`` alike. ``tie`` is the conductance from a cell to ground, ``inverse`` one over the
sum of the six faces and ``tie`` (zero where nothing conducts). The operator is ``tie u + sum of g (u - neighbour)``.
Every sweep stands here per plane; the twins that run over all planes on one thread or on all end in ``serial``, ``parallel``.
"""

from __future__ import annotations

import numpy as np
from numba import njit, prange

__all__ = [
    "apply_parallel",
    "apply_serial",
    "coarse_faces_parallel",
    "coarse_faces_serial",
    "invert_plane",
    "prolong_parallel",
    "prolong_serial",
    "restrict_parallel",
    "restrict_serial",
    "sweep_parallel",
    "sweep_serial",
]

SLAB = 8
"""Planes that one thread sweeps at a time."""


@njit(cache=True, nogil=True, fastmath=True)
def _from_neighbours(i, u, b, gz, gy, gx, out):  # type: ignore[no-untyped-def]
    """Write ``b + sum of g * neighbour`` of plane i into ``out``, a flat plane; its first and last row stay as they are.

    Loops run through the layer too, where all conductances are zero, and read few arrays each: only so are they vectorized.
    """
    n = u.shape[2]
    here, front, back = u[i].ravel(), gy[i].ravel()[: -2 * n], gy[i].ravel()[n:-n]
    above, below, left, right = gz[i - 1].ravel()[n:-n], gz[i].ravel()[n:-n], gx[i].ravel()[n - 1 :], gx[i].ravel()[n:-n]
    u_above, u_below, u_front, u_back = u[i - 1].ravel()[n:-n], u[i + 1].ravel()[n:-n], here[: -2 * n], here[2 * n :]
    u_left, u_right, rhs, into = here[n - 1 :], here[n + 1 :], b[i].ravel()[n:-n], out[n:-n]
    for k in range(into.size):
        into[k] = rhs[k] + above[k] * u_above[k] + below[k] * u_below[k]
    for k in range(into.size):
        into[k] += front[k] * u_front[k] + back[k] * u_back[k]
    for k in range(into.size):
        into[k] += left[k] * u_left[k] + right[k] * u_right[k]


@njit(cache=True, nogil=True, fastmath=True)
def _sweep_plane(i, colour, u, b, gz, gy, gx, inverse, work):  # type: ignore[no-untyped-def]
    """Gauss-Seidel on the cells of one colour of plane i."""
    _from_neighbours(i, u, b, gz, gy, gx, work)
    over, here, n = inverse[i].ravel(), u[i].ravel(), u.shape[2]
    for k in range(work.size):
        work[k] *= over[k]
    for j in range(1, u.shape[1] - 1):
        for k in range(j * n + 1 + (i + j + colour) % 2, (j + 1) * n - 1, 2):
            here[k] = work[k]


@njit(cache=True, nogil=True, fastmath=True)
def _begin_plane(i, u, b, inverse):  # type: ignore[no-untyped-def]
    """What a sweep of colour 0 makes of plane i from zero."""
    here, rhs, over, n = u[i].ravel(), b[i].ravel(), inverse[i].ravel(), u.shape[2]
    for k in range(here.size):
        here[k] = over[k] * rhs[k]
    for j in range(1, u.shape[1] - 1):
        for k in range(j * n + 2 - (i + j) % 2, (j + 1) * n - 1, 2):
            here[k] = np.float32(0.0)


@njit(cache=True, nogil=True)
def _sweep_slab(low, high, fresh, colour, u, b, gz, gy, gx, inverse):  # type: ignore[no-untyped-def]
    """Both colours of planes low to high - 1 in one pass; the second is left out on the two outermost planes."""
    work = np.zeros(u.shape[1] * u.shape[2], dtype=np.float32)
    for i in range(low, high):
        if fresh:
            _begin_plane(i, u, b, inverse)
        else:
            _sweep_plane(i, colour, u, b, gz, gy, gx, inverse, work)
        if i - 1 > low:
            _sweep_plane(i - 1, 1 - colour, u, b, gz, gy, gx, inverse, work)


@njit(cache=True, nogil=True)
def _sweep_ends(low, high, colour, u, b, gz, gy, gx, inverse):  # type: ignore[no-untyped-def]
    """What :func:`_sweep_slab` left out, once all slabs are done with the first colour."""
    work = np.zeros(u.shape[1] * u.shape[2], dtype=np.float32)
    _sweep_plane(low, 1 - colour, u, b, gz, gy, gx, inverse, work)
    if high - 1 > low:
        _sweep_plane(high - 1, 1 - colour, u, b, gz, gy, gx, inverse, work)


@njit(cache=True, nogil=True)
def sweep_serial(fresh, colour, u, b, gz, gy, gx, inverse):  # type: ignore[no-untyped-def]
    """Gauss-Seidel on the cells of one colour of the chessboard, then on the others; ``fresh``: from zero, with colour 0."""
    _sweep_slab(1, u.shape[0] - 1, fresh, colour, u, b, gz, gy, gx, inverse)
    _sweep_ends(1, u.shape[0] - 1, colour, u, b, gz, gy, gx, inverse)


@njit(cache=True, nogil=True, parallel=True)
def sweep_parallel(fresh, colour, u, b, gz, gy, gx, inverse):  # type: ignore[no-untyped-def]
    """Gauss-Seidel on both colours; see :func:`sweep_serial`."""
    planes = u.shape[0] - 2
    slabs = max(planes // SLAB, 1)
    for n in prange(slabs):
        _sweep_slab(1 + n * planes // slabs, 1 + (n + 1) * planes // slabs, fresh, colour, u, b, gz, gy, gx, inverse)
    for n in prange(slabs):
        _sweep_ends(1 + n * planes // slabs, 1 + (n + 1) * planes // slabs, colour, u, b, gz, gy, gx, inverse)


@njit(cache=True, nogil=True, fastmath=True)
def _apply_plane(i, u, out, gz, gy, gx, tie):  # type: ignore[no-untyped-def]
    """Operator on plane i, zero on its layer; return the sum of u times the result."""
    n = u.shape[2]
    here, front, back = u[i].ravel(), gy[i].ravel()[: -2 * n], gy[i].ravel()[n:-n]
    above, below, left, right = gz[i - 1].ravel()[n:-n], gz[i].ravel()[n:-n], gx[i].ravel()[n - 1 :], gx[i].ravel()[n:-n]
    u_above, u_below, u_front, u_back = u[i - 1].ravel()[n:-n], u[i + 1].ravel()[n:-n], here[: -2 * n], here[2 * n :]
    u_left, u_right, c, t, into = here[n - 1 :], here[n + 1 :], here[n:-n], tie[i].ravel()[n:-n], out[i].ravel()[n:-n]
    for k in range(into.size):
        into[k] = t[k] * c[k] + above[k] * (c[k] - u_above[k]) + below[k] * (c[k] - u_below[k])
    for k in range(into.size):
        into[k] += front[k] * (c[k] - u_front[k]) + back[k] * (c[k] - u_back[k])
    for k in range(into.size):
        into[k] += left[k] * (c[k] - u_left[k]) + right[k] * (c[k] - u_right[k])
    total = 0.0
    for k in range(into.size):
        total += c[k] * into[k]
    return total


@njit(cache=True, nogil=True)
def apply_serial(u, out, gz, gy, gx, tie):  # type: ignore[no-untyped-def]
    """Write the operator on ``u`` into ``out``; return their inner product."""
    total = 0.0
    for i in range(1, u.shape[0] - 1):
        total += _apply_plane(i, u, out, gz, gy, gx, tie)
    return total


@njit(cache=True, nogil=True, parallel=True)
def apply_parallel(u, out, gz, gy, gx, tie):  # type: ignore[no-untyped-def]
    """Write the operator on ``u`` into ``out``; see :func:`apply_serial`."""
    total = 0.0
    for i in prange(1, u.shape[0] - 1):
        total += _apply_plane(i, u, out, gz, gy, gx, tie)
    return total


@njit(cache=True, nogil=True, fastmath=True)
def _residual_row(i, j, u, b, gz, gy, gx, tie, out):  # type: ignore[no-untyped-def]
    c, above, below = u[i, j, 1:-1], u[i - 1, j, 1:-1], u[i + 1, j, 1:-1]
    front, back, left, right = u[i, j - 1, 1:-1], u[i, j + 1, 1:-1], u[i, j, :-2], u[i, j, 2:]
    g_above, g_below, g_front, g_back = gz[i - 1, j, 1:-1], gz[i, j, 1:-1], gy[i, j - 1, 1:-1], gy[i, j, 1:-1]
    g_left, g_right, t, rhs = gx[i, j, :-2], gx[i, j, 1:-1], tie[i, j, 1:-1], b[i, j, 1:-1]
    for k in range(out.size):
        here = c[k]
        out[k] += (
            rhs[k]
            - t[k] * here
            - g_above[k] * (here - above[k])
            - g_below[k] * (here - below[k])
            - g_front[k] * (here - front[k])
            - g_back[k] * (here - back[k])
            - g_left[k] * (here - left[k])
            - g_right[k] * (here - right[k])
        )


@njit(cache=True, nogil=True)
def _restrict_plane(m, u, b, gz, gy, gx, tie, coarse):  # type: ignore[no-untyped-def]
    """Sum the residual of the fine cells below each cell of plane m of the coarse grid."""
    row = np.empty(u.shape[2] - 2, dtype=np.float32)
    for n in range(1, coarse.shape[1] - 1):
        row[:] = np.float32(0.0)
        for i in range(2 * m - 1, min(2 * m + 1, u.shape[0] - 1)):
            for j in range(2 * n - 1, min(2 * n + 1, u.shape[1] - 1)):
                _residual_row(i, j, u, b, gz, gy, gx, tie, row)
        for k in range(row.size // 2):
            coarse[m, n, 1 + k] = row[2 * k] + row[2 * k + 1]
        if row.size % 2:
            coarse[m, n, coarse.shape[2] - 2] = row[row.size - 1]


@njit(cache=True, nogil=True)
def restrict_serial(u, b, gz, gy, gx, tie, coarse):  # type: ignore[no-untyped-def]
    """Write the residual ``b - operator(u)``, summed over eight cells each, into ``coarse``."""
    for m in range(1, coarse.shape[0] - 1):
        _restrict_plane(m, u, b, gz, gy, gx, tie, coarse)


@njit(cache=True, nogil=True, parallel=True)
def restrict_parallel(u, b, gz, gy, gx, tie, coarse):  # type: ignore[no-untyped-def]
    """Write the summed residual into ``coarse``; see :func:`restrict_serial`."""
    for m in prange(1, coarse.shape[0] - 1):
        _restrict_plane(m, u, b, gz, gy, gx, tie, coarse)


@njit(cache=True, nogil=True)
def _prolong_plane(i, u, coarse):  # type: ignore[no-untyped-def]
    for j in range(1, u.shape[1] - 1):
        row, above = u[i, j], coarse[(i + 1) // 2, (j + 1) // 2]
        for k in range(1, u.shape[2] - 1):
            row[k] += above[(k + 1) // 2]


@njit(cache=True, nogil=True)
def prolong_serial(u, coarse):  # type: ignore[no-untyped-def]
    """Add the value of the coarse cell to each of its fine cells."""
    for i in range(1, u.shape[0] - 1):
        _prolong_plane(i, u, coarse)


@njit(cache=True, nogil=True, parallel=True)
def prolong_parallel(u, coarse):  # type: ignore[no-untyped-def]
    """Add the value of the coarse cell to each of its fine cells; see :func:`prolong_serial`."""
    for i in prange(1, u.shape[0] - 1):
        _prolong_plane(i, u, coarse)


@njit(cache=True, nogil=True)
def _coarse_faces_plane(m, gz, gy, gx, tie, cz, cy, cx, ctie):  # type: ignore[no-untyped-def]
    """Faces and ties of plane m of the coarse grid: parallel paths add up, and each is twice as long."""
    n0, n1, n2 = gz.shape[0] - 2, gz.shape[1] - 2, gz.shape[2] - 2
    half = np.float32(0.5)
    for n in range(1, cz.shape[1] - 1):
        for o in range(1, cz.shape[2] - 1):
            z, y, x, t = np.float32(0.0), np.float32(0.0), np.float32(0.0), np.float32(0.0)
            for i in range(2 * m - 1, min(2 * m, n0) + 1):
                for j in range(2 * n - 1, min(2 * n, n1) + 1):
                    for k in range(2 * o - 1, min(2 * o, n2) + 1):
                        t += tie[i, j, k]
                        if i == 2 * m:
                            z += gz[i, j, k]
                        if j == 2 * n:
                            y += gy[i, j, k]
                        if k == 2 * o:
                            x += gx[i, j, k]
            cz[m, n, o], cy[m, n, o], cx[m, n, o], ctie[m, n, o] = half * z, half * y, half * x, t


@njit(cache=True, nogil=True)
def invert_plane(m, cz, cy, cx, ctie, cinverse):  # type: ignore[no-untyped-def]
    """Write one over the sum of all conductances of each cell of plane m, zero where nothing conducts."""
    for n in range(1, cz.shape[1] - 1):
        for o in range(1, cz.shape[2] - 1):
            whole = ctie[m, n, o] + cz[m - 1, n, o] + cz[m, n, o] + cy[m, n - 1, o] + cy[m, n, o] + cx[m, n, o - 1] + cx[m, n, o]
            cinverse[m, n, o] = np.float32(1.0) / whole if whole > np.float32(0.0) else np.float32(0.0)


@njit(cache=True, nogil=True)
def coarse_faces_serial(gz, gy, gx, tie, cz, cy, cx, ctie, cinverse):  # type: ignore[no-untyped-def]
    """Write the operator of the coarse grid."""
    for m in range(1, cz.shape[0] - 1):
        _coarse_faces_plane(m, gz, gy, gx, tie, cz, cy, cx, ctie)
    for m in range(1, cz.shape[0] - 1):
        invert_plane(m, cz, cy, cx, ctie, cinverse)


@njit(cache=True, nogil=True, parallel=True)
def coarse_faces_parallel(gz, gy, gx, tie, cz, cy, cx, ctie, cinverse):  # type: ignore[no-untyped-def]
    """Write the operator of the coarse grid; see :func:`coarse_faces_serial`."""
    for m in prange(1, cz.shape[0] - 1):
        _coarse_faces_plane(m, gz, gy, gx, tie, cz, cy, cx, ctie)
    for m in prange(1, cz.shape[0] - 1):
        invert_plane(m, cz, cy, cx, ctie, cinverse)
