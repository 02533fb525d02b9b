"""Face conductances and the step that they allow."""

from __future__ import annotations

import numpy as np
from numba import njit, prange

__all__ = ["between", "face_sum", "faces", "faces_serial"]

_STILL_K = 0.2  # a row this close to body temperature keeps its conductances: the slope changes them by less than a thousandth


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def between(k_a, slope_a, u_a, k_b, slope_b, u_b, limit, inv_square):  # type: ignore[no-untyped-def]
    """Harmonic conductance [W/m3/K] of the face between two cells at excess temperatures u_a and u_b.

    The growth with temperature was measured above body temperature; below it nothing changes, so that beside a coolant the
    conductivity stays positive.
    """
    nothing = np.float32(0.0)
    a = k_a + slope_a * max(min(u_a, limit), nothing)
    b = k_b + slope_b * max(min(u_b, limit), nothing)
    return np.float32(2.0) * inv_square * a * b / (a + b + np.float32(1e-30))


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _faces_plane(i, k0, slope, u, limit, inv_square, row_max, gz, gy, gx, everywhere):  # type: ignore[no-untyped-def]
    planes, rows, columns = k0.shape
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
            to_below[k] = between(here[k], s[k], t[k], below[k], sb[k], tb[k], limit, iz)
        for k in range(columns):
            to_back[k] = between(here[k], s[k], t[k], back[k], sr[k], tr[k], limit, iy)
        for k in range(columns - 1):
            to_right[k] = between(here[k], s[k], t[k], here[k + 1], s[k + 1], t[k + 1], limit, ix)


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
