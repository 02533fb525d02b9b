"""Fast small steps of the part of the grid where tissue dries.

Dry tissue stores a seventh of the heat of moist tissue, so it would force seven times as many steps on the whole grid. Here
only a box around it takes them. Its surroundings stand still meanwhile and afterwards see the box at its mean over the small
steps: what leaves one side of a face enters the other, to rounding, and no step overshoots.

The state is the excess temperature ``u``; between ``low`` and ``high`` the latent heat makes the enthalpy steep but keeps the two
one-to-one, so that no step can skip the latent interval.
"""

from __future__ import annotations

import numpy as np
from numba import njit, prange

from locoregional.physics.stencil import inflow

__all__ = ["box_parallel", "box_serial", "dried", "enthalpy", "find_box", "sensible_to_true"]


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _enthalpy(u, moist, dry, latent, low, high):  # type: ignore[no-untyped-def]
    steep = 0.5 * (moist + dry) + latent / (high - low)
    return moist * min(u, low) + steep * (min(max(u, low), high) - low) + dry * (max(u, high) - high)


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
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
                    np.float64(u[i, j, k]),
                    np.float64(moist[i, j, k]),
                    np.float64(dry[i, j, k]),
                    np.float64(latent[i, j, k]),
                    low,
                    high,
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


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def dried(u, gain, loss, inside, wet_c, dry_c, hidden, low, width, per_width, step):  # type: ignore[no-untyped-def]
    """Temperature of a cell that gains ``gain`` [W/m3] for a small step, through boiling and back, and what its blood takes.

    A cell that is held (``inside`` 0) stays.
    """
    one, nil = np.float32(1.0), np.float32(0.0)
    steep = np.float32(0.5) * (wet_c + dry_c) + hidden * per_width
    per_wet, per_steep, per_dry = one / wet_c, one / steep, one / dry_c
    over = u - low
    per_inert = per_wet if over < nil else (per_steep if over < width else per_dry)
    heat = inside * step * gain / (one + step * loss * per_inert)
    drawn = inside * loss * (u + heat * per_inert)
    wet = min(over, nil)
    vapour = max(over - width, nil)
    h = wet_c * wet + steep * (over - wet - vapour) + dry_c * vapour + heat
    wet = min(h, nil)
    vapour = max(h - steep * width, nil)
    after = low + wet * per_wet + (h - wet - vapour) * per_steep + vapour * per_dry
    return (after if inside > nil else u), drawn


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _plane(p, r, mean, gain, gz, gy, gx, q, w, free, moist, dry, latent, a, low, width, step, weight):  # type: ignore[no-untyped-def]
    """One small step of one plane of the box, rows laid end to end; rim and held cells (``free`` 0) stay; returns sum of w u'.

    The rims between the rows are computed in vain, which costs less than a short loop per row.
    """
    rows, columns = p.shape[1], p.shape[2]
    size = rows * columns
    start, stop = a * size + columns, (a + 1) * size - columns
    flat, z, y, x = p.ravel(), gz.ravel(), gy.ravel(), gx.ravel()
    here, above, below = flat[start:stop], flat[start - size : stop - size], flat[start + size : stop + size]
    front, back = flat[start - columns : stop - columns], flat[start + columns : stop + columns]
    left, right = flat[start - 1 : stop - 1], flat[start + 1 : stop + 1]
    z0, z1, y0, y1 = z[start - size : stop - size], z[start:stop], y[start - columns : stop - columns], y[start:stop]
    x0, x1 = x[start - 1 : stop - 1], x[start:stop]
    sources, losses = q.ravel()[start:stop], w.ravel()[start:stop]
    for k in range(stop - start):
        u = here[k]
        flux = inflow(
            u, above[k], below[k], front[k], back[k], left[k], right[k], z0[k], z1[k], y0[k], y1[k], x0[k], x1[k]
        )  # fmt: skip
        gain[k] = flux + sources[k] - losses[k] * u
    average, there, open_ = mean.ravel()[start:stop], r.ravel()[start:stop], free.ravel()[start:stop]
    wet_heat, dry_heat, hidden = moist.ravel()[start:stop], dry.ravel()[start:stop], latent.ravel()[start:stop]
    taken, per_width = np.float32(0.0), np.float32(1.0) / width
    for k in range(stop - start):
        u = here[k]
        average[k] += weight * u
        there[k], drawn = dried(
            u, gain[k], losses[k], open_[k], wet_heat[k], dry_heat[k], hidden[k], low, width, per_width, step
        )  # fmt: skip
        taken += drawn
    return np.float64(taken)


@njit(cache=True, nogil=True)
def box_serial(p, r, mean, gain, gz, gy, gx, q, w, free, moist, dry, latent, low, high, step, count):  # type: ignore[no-untyped-def]
    """Take ``count`` small steps in a box.

    All arrays are the box with a rim of one cell; the result lies in p or, for odd counts, in r. ``mean`` gains the mean over the
    steps. ``gain`` is scratch, one line per plane. Returns the mean of the sum of w u'.
    """
    taken, weight, width = 0.0, np.float32(1.0 / count), high - low
    for n in range(count):
        source, target = (p, r) if n % 2 == 0 else (r, p)
        for a in range(1, p.shape[0] - 1):
            taken += _plane(
                source, target, mean, gain[a], gz, gy, gx, q, w, free, moist, dry, latent, a, low, width, step, weight
            )
    return taken / count


@njit(cache=True, nogil=True, parallel=True)
def box_parallel(p, r, mean, gain, gz, gy, gx, q, w, free, moist, dry, latent, low, high, step, count):  # type: ignore[no-untyped-def]
    """Take ``count`` small steps in a box on all threads; see :func:`box_serial`."""
    taken, weight, width = 0.0, np.float32(1.0 / count), high - low
    for n in range(count):
        source, target = (p, r) if n % 2 == 0 else (r, p)
        for a in prange(1, p.shape[0] - 1):
            taken += _plane(
                source, target, mean, gain[a], gz, gy, gx, q, w, free, moist, dry, latent, a, low, width, step, weight
            )
    return taken / count
