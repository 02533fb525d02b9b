"""Kernels that average a voxel field on rings around a needle; ``z`` grows from the tip to the hub, lengths in metres."""

from __future__ import annotations

import numpy as np
from numba import njit, prange

__all__ = ["rings_parallel", "rings_serial"]


@njit(nogil=True, fastmath=True, cache=True)
def _ring_row(out, iz, values, spacing, tip, axis, side, other, zc, rc, outside, azimuths):  # type: ignore[no-untyped-def]
    """Mean of ``values`` on the rings of row ``iz`` around the needle, trilinear; ``outside`` beyond the grid."""
    n0, n1, n2 = values.shape
    for ir in range(len(rc)):
        total = 0.0
        for a in range(azimuths):
            angle = 2.0 * np.pi * (a + 0.5) / azimuths
            co, si = np.cos(angle) * rc[ir], np.sin(angle) * rc[ir]
            x = (tip[0] + zc[iz] * axis[0] + co * side[0] + si * other[0]) / spacing[0]
            y = (tip[1] + zc[iz] * axis[1] + co * side[1] + si * other[1]) / spacing[1]
            w = (tip[2] + zc[iz] * axis[2] + co * side[2] + si * other[2]) / spacing[2]
            if x < -0.5 or y < -0.5 or w < -0.5 or x > n0 - 0.5 or y > n1 - 0.5 or w > n2 - 0.5:
                total += outside
                continue
            x, y, w = min(max(x, 0.0), n0 - 1.001), min(max(y, 0.0), n1 - 1.001), min(max(w, 0.0), n2 - 1.001)
            i, j, k = int(x), int(y), int(w)
            fx, fy, fw = x - i, y - j, w - k
            total += (1 - fx) * (
                (1 - fy) * ((1 - fw) * values[i, j, k] + fw * values[i, j, k + 1])
                + fy * ((1 - fw) * values[i, j + 1, k] + fw * values[i, j + 1, k + 1])
            ) + fx * (
                (1 - fy) * ((1 - fw) * values[i + 1, j, k] + fw * values[i + 1, j, k + 1])
                + fy * ((1 - fw) * values[i + 1, j + 1, k] + fw * values[i + 1, j + 1, k + 1])
            )
        out[iz, ir] = total / azimuths


@njit(parallel=True, fastmath=True, cache=True)
def rings_parallel(out, values, spacing, tip, axis, side, other, zc, rc, outside, azimuths):  # type: ignore[no-untyped-def]
    """Fill ``out`` (z, r) with ring averages of ``values``, all threads."""
    for iz in prange(len(zc)):
        _ring_row(out, iz, values, spacing, tip, axis, side, other, zc, rc, outside, azimuths)


@njit(nogil=True, fastmath=True, cache=True)
def rings_serial(out, values, spacing, tip, axis, side, other, zc, rc, outside, azimuths):  # type: ignore[no-untyped-def]
    """Fill ``out`` (z, r) with ring averages of ``values``, one thread."""
    for iz in range(len(zc)):
        _ring_row(out, iz, values, spacing, tip, axis, side, other, zc, rc, outside, azimuths)
