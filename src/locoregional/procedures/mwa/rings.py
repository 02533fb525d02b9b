"""Kernels that carry a (z, r) pattern onto voxels; ``z`` grows from the tip to the hub, lengths in metres."""

from __future__ import annotations

import numpy as np
from numba import njit, prange

__all__ = ["count_weights", "deposit_parallel", "deposit_serial", "fill_weights"]

SHARPNESS = 0.3
"""Sub-sampling pitch near the shaft, as a share of the distance to it."""
FINEST_M = 2.0e-4
"""Finest sub-sampling pitch; finer changes the renormalisation factor by less than 0.1 %."""


@njit(nogil=True, fastmath=True, cache=True)
def _samples(p0, p1, p2, spacing, axis, shaft, z_low, z_high, r_high):  # type: ignore[no-untyped-def]
    """Sub-samples of a voxel along each side: many beside the shaft, one far from it, none where the pattern does not reach."""
    reach = 0.87 * max(spacing[0], max(spacing[1], spacing[2]))
    z = p0 * axis[0] + p1 * axis[1] + p2 * axis[2]
    rr = np.sqrt(max(p0 * p0 + p1 * p1 + p2 * p2 - z * z, 0.0))
    if z < z_low - reach or z > z_high + reach or rr > r_high + reach:
        return 0, 0, 0
    size = max(SHARPNESS * (max(rr - shaft, -z) - reach), FINEST_M)
    m0 = min(12, max(1, int(np.ceil(spacing[0] / size))))
    m1 = min(12, max(1, int(np.ceil(spacing[1] / size))))
    m2 = min(12, max(1, int(np.ceil(spacing[2] / size))))
    return m0, m1, m2


@njit(nogil=True, fastmath=True, cache=True)
def count_weights(start, shape, spacing, tip, axis, edge_r, z_low, z_high, r_high):  # type: ignore[no-untyped-def]
    """Fill ``start`` (voxels + 1) with where each voxel's weights begin; four weights per sub-sample."""
    shaft = edge_r.max()
    at = 0
    voxel = 0
    for i in range(shape[0]):
        for j in range(shape[1]):
            for k in range(shape[2]):
                p0, p1, p2 = i * spacing[0] - tip[0], j * spacing[1] - tip[1], k * spacing[2] - tip[2]
                m0, m1, m2 = _samples(p0, p1, p2, spacing, axis, shaft, z_low, z_high, r_high)
                start[voxel] = at
                at += 4 * m0 * m1 * m2
                voxel += 1
    start[voxel] = at


@njit(nogil=True, fastmath=True, cache=True)
def fill_weights(start, cell, weight, shape, spacing, tip, axis, edge_r, zc, rc, z_table, r_table, z_low, z_high, r_high, pitch):  # type: ignore[no-untyped-def]
    """Bilinear weights of the cells (z, r) under each voxel, averaged over its sub-samples; none inside the shaft."""
    shaft = edge_r.max()
    columns = len(rc)
    voxel = 0
    for i in range(shape[0]):
        for j in range(shape[1]):
            for k in range(shape[2]):
                p0, p1, p2 = i * spacing[0] - tip[0], j * spacing[1] - tip[1], k * spacing[2] - tip[2]
                m0, m1, m2 = _samples(p0, p1, p2, spacing, axis, shaft, z_low, z_high, r_high)
                at = start[voxel]
                voxel += 1
                for a in range(m0):
                    q0 = p0 + ((a + 0.5) / m0 - 0.5) * spacing[0]
                    for b in range(m1):
                        q1 = p1 + ((b + 0.5) / m1 - 0.5) * spacing[1]
                        for c in range(m2):
                            q2 = p2 + ((c + 0.5) / m2 - 0.5) * spacing[2]
                            z = q0 * axis[0] + q1 * axis[1] + q2 * axis[2]
                            r = np.sqrt(max(q0 * q0 + q1 * q1 + q2 * q2 - z * z, 0.0))
                            inside = z_low < z < z_high and r < r_high
                            iz = z_table[int((z - z_low) / pitch)] if inside else 0
                            ir = r_table[int(r / pitch)] if inside else 0
                            fz = min(max((z - zc[iz]) / (zc[iz + 1] - zc[iz]), 0.0), 1.0)
                            fr = min(max((r - rc[ir]) / (rc[ir + 1] - rc[ir]), 0.0), 1.0)
                            row = iz if fz < 0.5 else iz + 1
                            share = 1.0 / (m0 * m1 * m2) if inside and r >= edge_r[row] else 0.0
                            first = iz * columns + ir
                            cell[at], weight[at] = first, share * (1 - fz) * (1 - fr)
                            cell[at + 1], weight[at + 1] = first + 1, share * (1 - fz) * fr
                            cell[at + 2], weight[at + 2] = first + columns, share * fz * (1 - fr)
                            cell[at + 3], weight[at + 3] = first + columns + 1, share * fz * fr
                            at += 4


@njit(nogil=True, fastmath=True, cache=True)
def _weighted(voxel, start, cell, weight, values):  # type: ignore[no-untyped-def]
    """Weighted sum of cell values for one voxel."""
    total = np.float32(0.0)
    for at in range(start[voxel], start[voxel + 1]):
        total += weight[at] * values[cell[at]]
    return total


@njit(parallel=True, fastmath=True, cache=True)
def deposit_parallel(out, start, cell, weight, values):  # type: ignore[no-untyped-def]
    """Fill ``out`` (flat) with weighted sums of cell values, all threads."""
    for voxel in prange(len(out)):
        out[voxel] = _weighted(voxel, start, cell, weight, values)


@njit(nogil=True, fastmath=True, cache=True)
def deposit_serial(out, start, cell, weight, values):  # type: ignore[no-untyped-def]
    """Fill ``out`` (flat) with weighted sums of cell values, one thread."""
    for voxel in range(len(out)):
        out[voxel] = _weighted(voxel, start, cell, weight, values)
