"""Fast small steps of the part of the grid where tissue dries.

Dry tissue stores a seventh of the heat of moist tissue, so it would force seven times as many steps on the whole grid. Here only a
box around it takes them. Its surroundings stand still meanwhile and afterwards see the box at its mean over the small steps:
what leaves one side of a face enters the other, to rounding, and no step overshoots.

The state is the excess temperature ``u``; between ``low`` and ``high`` the latent heat makes the enthalpy steep but keeps the two
one-to-one, so that no step can skip the latent interval.
"""

from __future__ import annotations

import numpy as np
from numba import njit, prange

__all__ = ["box_parallel", "box_serial", "enthalpy", "find_box", "sensible_to_true"]


@njit(cache=True, nogil=True, fastmath=True, inline="always")
def _enthalpy(u, moist, dry, latent, low, high):  # type: ignore[no-untyped-def]
    steep = 0.5 * (moist + dry) + latent / (high - low)
    return moist * min(u, low) + steep * (min(max(u, low), high) - low) + dry * (max(u, high) - high)


@njit(cache=True, nogil=True, fastmath=True, inline="always")
def _temperature(h, moist, dry, latent, low, high):  # type: ignore[no-untyped-def]
    steep = 0.5 * (moist + dry) + latent / (high - low)
    h_low = moist * low
    h_high = h_low + steep * (high - low)
    return min(h, h_low) / moist + (min(max(h, h_low), h_high) - h_low) / steep + (max(h, h_high) - h_high) / dry


@njit(cache=True, nogil=True)
def enthalpy(u, moist, dry, latent, low, high):  # type: ignore[no-untyped-def]
    """Sums over all cells of sensible and of latent heat [J/m3] at excess temperatures ``u``."""
    sensible, hidden = 0.0, 0.0
    for i in range(u.shape[0]):
        for j in range(u.shape[1]):
            for k in range(u.shape[2]):
                whole = _enthalpy(
                    np.float64(u[i, j, k]), np.float64(moist[i, j, k]), np.float64(dry[i, j, k]), np.float64(latent[i, j, k]), low, high
                )
                part = latent[i, j, k] * (min(max(u[i, j, k], low), high) - low) / (high - low)
                hidden += part
                sensible += whole - part
    return sensible, hidden


@njit(cache=True, nogil=True)
def sensible_to_true(u, moist, dry, latent, low, high, box, row_max):  # type: ignore[no-untyped-def]
    """Let cells outside the box that warmed past boiling as if moist pay for it: the same heat, the true temperature."""
    for i in range(u.shape[0]):
        for j in range(u.shape[1]):
            if row_max[i, j] <= low:
                continue
            for k in range(u.shape[2]):
                inside = box[0] <= i < box[1] and box[2] <= j < box[3] and box[4] <= k < box[5]
                if not inside and u[i, j, k] > low:
                    h = moist[i, j, k] * u[i, j, k]
                    u[i, j, k] = _temperature(h, moist[i, j, k], dry[i, j, k], latent[i, j, k], low, high)


@njit(cache=True, nogil=True)
def find_box(u, q, capacity, row_max, row_rate, ahead_s, mark, base):  # type: ignore[no-untyped-def]
    """Bounds (i0, i1, j0, j1, k0, k1) of all cells that may pass ``mark`` within ``ahead_s``, joined with the box ``base``."""
    i0, i1, j0, j1, k0, k1 = base
    if i1 <= i0:
        i0, i1, j0, j1, k0, k1 = u.shape[0], 0, u.shape[1], 0, u.shape[2], 0
    for i in range(1, u.shape[0] - 1):
        for j in range(1, u.shape[1] - 1):
            if row_max[i, j] + ahead_s * row_rate[i, j] < mark:
                continue
            for k in range(1, u.shape[2] - 1):
                if u[i, j, k] + ahead_s * max(q[i, j, k], 0.0) / capacity[i, j, k] >= mark:
                    i0, i1 = min(i0, i), max(i1, i + 1)
                    j0, j1 = min(j0, j), max(j1, j + 1)
                    k0, k1 = min(k0, k), max(k1, k + 1)
    if i1 <= i0:
        return 0, 0, 0, 0, 0, 0
    return i0, i1, j0, j1, k0, k1


@njit(cache=True, nogil=True, fastmath=True)
def _row(p, r, mean, i, j, i0, j0, k0, gz, gy, gx, b, w, q, moist, dry, latent, low, high, step, weight):  # type: ignore[no-untyped-def]
    """One small step of one row of the box: enthalpy, heat flow between true temperatures."""
    n = p.shape[2] - 2
    a, c = i + 1, j + 1  # the box arrays carry a rim of one cell
    gi, gj = i + i0, j + j0
    here, above, below = p[a, c, 1 : n + 1], p[a - 1, c, 1 : n + 1], p[a + 1, c, 1 : n + 1]
    front, back, left, right = p[a, c - 1, 1 : n + 1], p[a, c + 1, 1 : n + 1], p[a, c, :n], p[a, c, 2:]
    g_above, g_below = gz[gi - 1, gj, k0 : k0 + n], gz[gi, gj, k0 : k0 + n]
    g_front, g_back = gy[gi, gj - 1, k0 : k0 + n], gy[gi, gj, k0 : k0 + n]
    g_left, g_right = gx[gi, gj, k0 - 1 : k0 - 1 + n], gx[gi, gj, k0 : k0 + n]
    br, wr, qr = b[gi, gj, k0 : k0 + n], w[gi, gj, k0 : k0 + n], q[gi, gj, k0 : k0 + n]
    mr, dr, lr, avg, result = moist[gi, gj, k0 : k0 + n], dry[gi, gj, k0 : k0 + n], latent[gi, gj, k0 : k0 + n], mean[i, j], r[a, c, 1 : n + 1]
    taken = np.float32(0.0)
    for k in range(n):
        u = here[k]
        avg[k] += weight * u
        flux = (
            g_above[k] * (above[k] - u)
            + g_below[k] * (below[k] - u)
            + g_front[k] * (front[k] - u)
            + g_back[k] * (back[k] - u)
            + g_left[k] * (left[k] - u)
            + g_right[k] * (right[k] - u)
        )
        steep = np.float32(0.5) * (mr[k] + dr[k]) + lr[k] / (high - low)
        inert = mr[k] if u < low else (steep if u < high else dr[k])
        gain = (flux + qr[k] - wr[k] * u) / (np.float32(1.0) + step * wr[k] / inert)
        taken += wr[k] * (u + step * gain / inert)
        h_low = mr[k] * low
        h_high = h_low + steep * (high - low)
        h = mr[k] * min(u, low) + steep * (min(max(u, low), high) - low) + dr[k] * (max(u, high) - high) + step * gain
        v = min(h, h_low) / mr[k] + (min(max(h, h_low), h_high) - h_low) / steep + (max(h, h_high) - h_high) / dr[k]
        result[k] = v if br[k] > 0 else u
    return np.float64(taken)


@njit(cache=True, nogil=True)
def box_serial(p, r, mean, corner, gz, gy, gx, b, w, q, moist, dry, latent, low, high, step, count):  # type: ignore[no-untyped-def]
    """Take ``count`` small steps in the box at ``corner``.

    ``p`` and ``r`` hold it with a rim of one cell around it; the result lies in p or, for odd counts, in r. ``mean`` gains the mean
    over the steps. Returns the mean of the sum of w u'.
    """
    taken, weight = 0.0, np.float32(1.0 / count)
    i0, j0, k0 = corner
    for n in range(count):
        source, target = (p, r) if n % 2 == 0 else (r, p)
        for i in range(mean.shape[0]):
            for j in range(mean.shape[1]):
                taken += _row(source, target, mean, i, j, i0, j0, k0, gz, gy, gx, b, w, q, moist, dry, latent, low, high, step, weight)
    return taken / count


@njit(cache=True, nogil=True, parallel=True)
def box_parallel(p, r, mean, corner, gz, gy, gx, b, w, q, moist, dry, latent, low, high, step, count):  # type: ignore[no-untyped-def]
    """Take ``count`` small steps in the box on all threads; see :func:`box_serial`."""
    taken, weight = 0.0, np.float32(1.0 / count)
    i0, j0, k0 = corner
    rows = mean.shape[1]
    for n in range(count):
        source, target = (p, r) if n % 2 == 0 else (r, p)
        for line in prange(mean.shape[0] * rows):
            i, j = line // rows, line % rows
            taken += _row(source, target, mean, i, j, i0, j0, k0, gz, gy, gx, b, w, q, moist, dry, latent, low, high, step, weight)
    return taken / count
