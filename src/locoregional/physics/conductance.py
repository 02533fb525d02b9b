"""Face conductances and the step that they allow."""

from __future__ import annotations

import numpy as np
from numba import njit, prange

__all__ = ["face_sum", "faces", "faces_serial"]

_STILL_K = 0.2  # a row this close to body temperature keeps its conductances: the slope changes them by less than a thousandth


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _faces_plane(i, k0, slope, u, limit, inv_square, row_max, gz, gy, gx, everywhere):  # type: ignore[no-untyped-def]
    planes, rows, columns = k0.shape
    tiny = np.float32(1e-30)
    iz, iy, ix = inv_square
    for j in range(rows):
        low, right = min(i + 1, planes - 1), min(j + 1, rows - 1)
        if not everywhere and max(row_max[i, j], row_max[low, j], row_max[i, right]) < _STILL_K:
            continue
        here, s, t = k0[i, j], slope[i, j], u[i, j]
        below, sb, tb = k0[low, j], slope[low, j], u[low, j]
        back, sr, tr = k0[i, right], slope[i, right], u[i, right]
        to_below, to_back, to_right = gz[i, j], gy[i, j], gx[i, j]
        for k in range(columns):
            a = here[k] + s[k] * min(t[k], limit)
            d = below[k] + sb[k] * min(tb[k], limit)
            to_below[k] = np.float32(2.0) * iz * a * d / (a + d + tiny)
        for k in range(columns):
            a = here[k] + s[k] * min(t[k], limit)
            d = back[k] + sr[k] * min(tr[k], limit)
            to_back[k] = np.float32(2.0) * iy * a * d / (a + d + tiny)
        for k in range(columns - 1):
            a = here[k] + s[k] * min(t[k], limit)
            d = here[k + 1] + s[k + 1] * min(t[k + 1], limit)
            to_right[k] = np.float32(2.0) * ix * a * d / (a + d + tiny)


@njit(cache=True, nogil=True, parallel=True)
def faces(k0, slope, u, limit, inv_square, row_max, gz, gy, gx, everywhere):  # type: ignore[no-untyped-def]
    """Write harmonic face conductances [W/m3/K] at excess temperatures ``u`` into gz, gy, gx."""
    for i in prange(k0.shape[0]):
        _faces_plane(i, k0, slope, u, limit, inv_square, row_max, gz, gy, gx, everywhere)


@njit(cache=True, nogil=True)
def faces_serial(k0, slope, u, limit, inv_square, row_max, gz, gy, gx, everywhere):  # type: ignore[no-untyped-def]
    """Write harmonic face conductances on one thread; see :func:`faces`."""
    for i in range(k0.shape[0]):
        _faces_plane(i, k0, slope, u, limit, inv_square, row_max, gz, gy, gx, everywhere)


def face_sum(gz: np.ndarray, gy: np.ndarray, gx: np.ndarray) -> np.ndarray:
    """Sum of the six face conductances of every cell [W/m3/K]; C over this sum is its stable explicit step."""
    total = gz + gy + gx
    total[1:] += gz[:-1]
    total[:, 1:] += gy[:, :-1]
    total[:, :, 1:] += gx[:, :, :-1]
    return total
