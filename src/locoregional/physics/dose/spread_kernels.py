"""Direct convolution with a kernel that is its own mirror image; compiled."""

from __future__ import annotations

import numpy as np
from numba import njit, prange

__all__ = ["spread_planes"]


@njit(cache=True, nogil=True, fastmath=True)
def _row(out, box, octant, last, s, r, line):  # type: ignore[no-untyped-def]
    """One row of the result: mirrored rows are added first, so that each weight multiplies once."""
    slices, rows, columns = box.shape
    pad = octant.shape[2] - 1
    middle = line[pad : pad + columns]
    for i in range(octant.shape[0]):
        for j in range(octant.shape[1]):
            reach = last[i, j]
            if reach < 0:
                continue
            some = False
            for p in range(1 if i == 0 else 2):
                a = s + (i if p == 0 else -i)
                if a < 0 or a >= slices:
                    continue
                for q in range(1 if j == 0 else 2):
                    b = r + (j if q == 0 else -j)
                    if b < 0 or b >= rows:
                        continue
                    source = box[a, b]
                    if some:
                        for c in range(columns):
                            middle[c] += source[c]
                    else:
                        for c in range(columns):
                            middle[c] = source[c]
                    some = True
            if not some:
                continue
            weights = octant[i, j]
            weight = weights[0]
            for c in range(columns):
                out[c] += weight * middle[c]
            k = 1
            while k + 1 <= reach:  # two distances at a time: the result is read and written half as often
                near, far = weights[k], weights[k + 1]
                n0, n1 = line[pad - k : pad - k + columns], line[pad + k : pad + k + columns]
                f0, f1 = line[pad - k - 1 : pad - k - 1 + columns], line[pad + k + 1 : pad + k + 1 + columns]
                for c in range(columns):
                    out[c] += near * (n0[c] + n1[c]) + far * (f0[c] + f1[c])
                k += 2
            if k <= reach:
                near = weights[k]
                n0, n1 = line[pad - k : pad - k + columns], line[pad + k : pad + k + columns]
                for c in range(columns):
                    out[c] += near * (n0[c] + n1[c])


@njit(cache=True, nogil=True, parallel=True)
def spread_planes(box, octant):  # type: ignore[no-untyped-def]
    """Convolution of a float32 box with a whole kernel given by its octant; nothing lies outside the box."""
    slices, rows, columns = box.shape
    pad = octant.shape[2] - 1
    last = np.full(octant.shape[:2], -1, np.int64)
    for i in range(octant.shape[0]):
        for j in range(octant.shape[1]):
            for k in range(octant.shape[2]):
                if octant[i, j, k] != 0.0:
                    last[i, j] = k
    out = np.zeros(box.shape, np.float32)
    for s in prange(slices):
        line = np.zeros(columns + 2 * pad, np.float32)
        for r in range(rows):
            _row(out[s, r], box, octant, last, s, r, line)
    return out
