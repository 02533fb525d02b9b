"""Vector updates of conjugate gradients, fused so that each array is read once."""

from __future__ import annotations

import numpy as np
from numba import njit, prange

__all__ = ["start_parallel", "start_serial", "step_parallel", "step_serial", "turn_parallel", "turn_serial"]


@njit(cache=True, nogil=True, fastmath=True)
def _start_plane(b, q, r):  # type: ignore[no-untyped-def]
    b, q, r = b.ravel(), q.ravel(), r.ravel()
    size, square = 0.0, 0.0
    for n in range(b.size):
        rest = b[n] - q[n]
        r[n] = rest
        size += b[n] * b[n]
        square += rest * rest
    return size, square


@njit(cache=True, nogil=True)
def start_serial(b, q, r):  # type: ignore[no-untyped-def]
    """Write the residual ``b - q`` into ``r``; return the squares of b and r."""
    size, square = 0.0, 0.0
    for i in range(b.shape[0]):
        one, two = _start_plane(b[i], q[i], r[i])
        size, square = size + one, square + two
    return size, square


@njit(cache=True, nogil=True, parallel=True)
def start_parallel(b, q, r):  # type: ignore[no-untyped-def]
    """Write the residual; see :func:`start_serial`."""
    size, square = 0.0, 0.0
    for i in prange(b.shape[0]):
        one, two = _start_plane(b[i], q[i], r[i])
        size += one
        square += two
    return size, square


@njit(cache=True, nogil=True, fastmath=True)
def _dot_plane(r, z):  # type: ignore[no-untyped-def]
    r, z = r.ravel(), z.ravel()
    total = 0.0
    for n in range(r.size):
        total += np.float64(r[n]) * z[n]
    return total


@njit(cache=True, nogil=True, fastmath=True)
def _turn_plane(z, p, beta):  # type: ignore[no-untyped-def]
    z, p, beta = z.ravel(), p.ravel(), np.float32(beta)
    for n in range(p.size):
        p[n] = z[n] + beta * p[n]


@njit(cache=True, nogil=True)
def turn_serial(r, z, p, last, first):  # type: ignore[no-untyped-def]
    """New direction ``p`` from the preconditioned residual ``z``; return the product of r and z, ``last`` at the next call."""
    total = 0.0
    for i in range(r.shape[0]):
        total += _dot_plane(r[i], z[i])
    beta = 0.0 if first else total / last
    for i in range(r.shape[0]):
        _turn_plane(z[i], p[i], beta)
    return total


@njit(cache=True, nogil=True, parallel=True)
def turn_parallel(r, z, p, last, first):  # type: ignore[no-untyped-def]
    """New direction; see :func:`turn_serial`."""
    total = 0.0
    for i in prange(r.shape[0]):
        total += _dot_plane(r[i], z[i])
    beta = 0.0 if first else total / last
    for i in prange(r.shape[0]):
        _turn_plane(z[i], p[i], beta)
    return total


@njit(cache=True, nogil=True, fastmath=True)
def _step_plane(alpha, u, p, r, q):  # type: ignore[no-untyped-def]
    u, p, r, q, single = u.ravel(), p.ravel(), r.ravel(), q.ravel(), np.float32(alpha)
    square = 0.0
    for n in range(u.size):
        u[n] += alpha * p[n]
        rest = r[n] - single * q[n]
        r[n] = rest
        square += np.float64(rest) * rest
    return square


@njit(cache=True, nogil=True)
def step_serial(alpha, u, p, r, q):  # type: ignore[no-untyped-def]
    """Go ``alpha`` along ``p``: update ``u`` and the residual; return its square."""
    square = 0.0
    for i in range(u.shape[0]):
        square += _step_plane(alpha, u[i], p[i], r[i], q[i])
    return square


@njit(cache=True, nogil=True, parallel=True)
def step_parallel(alpha, u, p, r, q):  # type: ignore[no-untyped-def]
    """Go along ``p``; see :func:`step_serial`."""
    square = 0.0
    for i in prange(u.shape[0]):
        square += _step_plane(alpha, u[i], p[i], r[i], q[i])
    return square
