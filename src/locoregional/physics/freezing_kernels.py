"""Small steps of the part of the grid where tissue freezes or thaws.

Ice conducts four times as well as tissue and stores half the heat, so it would force eight times as many steps on the whole grid.
Here only a box around it takes them; its surroundings stand still meanwhile and afterwards see the box at its mean over the
small steps, so that what leaves one side of a face enters the other.

The state is the enthalpy per volume ``h``, zero at the liquidus, so that no step can skip the latent heat; ``u`` is the
excess over body temperature. Cold probes act on their voxels like a sink, taken implicitly.
"""

from __future__ import annotations

import numpy as np
from numba import njit, prange

__all__ = ["cold_box", "enthalpies", "faces_parallel", "faces_serial", "observe", "steps_parallel", "steps_serial", "stored"]

_CLOSE_K = np.float32(0.05)  # temperatures closer than this take the conductivity between them: the quotient would be rounding


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _mean_conductivity(x, y, warm, cold, slope, width):  # type: ignore[no-untyped-def]
    """Mean conductivity between the temperatures x and y above the liquidus: exact for steady flow through one tissue."""
    nil, half = np.float32(0.0), np.float32(0.5)
    middle = half * (x + y)
    at = warm - slope * min(max(middle, -width), nil)
    bx, by = min(max(x, -width), nil), min(max(y, -width), nil)
    whole_x = warm * (max(x, nil) + bx) - half * slope * bx * bx + cold * min(x + width, nil)
    whole_y = warm * (max(y, nil) + by) - half * slope * by * by + cold * min(y + width, nil)
    apart = y - x
    far = abs(apart) > _CLOSE_K
    return (whole_y - whole_x) / apart if far else at


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _faces_axis(out, u, warm, cold, a, shift, low, width, scale):  # type: ignore[no-untyped-def]
    """Conductances of plane ``a`` towards the cells ``shift`` further on, rows laid end to end."""
    size = u.shape[1] * u.shape[2]
    start, stop = a * size, min((a + 1) * size, u.size - shift)
    count = max(0, stop - start)
    here, there = u.ravel()[start:stop], u.ravel()[start + shift : stop + shift]
    warm_here, warm_there = warm.ravel()[start:stop], warm.ravel()[start + shift : stop + shift]
    cold_here, cold_there = cold.ravel()[start:stop], cold.ravel()[start + shift : stop + shift]
    result = out.ravel()[start:stop]
    per_width, tiny = np.float32(1.0) / width, np.float32(1e-30)
    for k in range(count):
        x, y = here[k] - low, there[k] - low
        one = _mean_conductivity(x, y, warm_here[k], cold_here[k], (cold_here[k] - warm_here[k]) * per_width, width)
        two = _mean_conductivity(x, y, warm_there[k], cold_there[k], (cold_there[k] - warm_there[k]) * per_width, width)
        result[k] = scale * one * two / (one + two + tiny)


@njit(cache=True, nogil=True)
def _faces_plane(gz, gy, gx, u, warm, cold, a, low, width, inv_square):  # type: ignore[no-untyped-def]
    two = np.float32(2.0)
    _faces_axis(gz, u, warm, cold, a, u.shape[1] * u.shape[2], low, width, two * inv_square[0])
    _faces_axis(gy, u, warm, cold, a, u.shape[2], low, width, two * inv_square[1])
    _faces_axis(gx, u, warm, cold, a, 1, low, width, two * inv_square[2])


@njit(cache=True, nogil=True, parallel=True)
def faces_parallel(gz, gy, gx, u, warm, cold, low, width, inv_square):  # type: ignore[no-untyped-def]
    """Face conductances [W/m3/K] of a box with its rim: harmonic means of the mean conductivities between two voxels.

    Those between the last cell of a row and the first of the next are computed in vain and touch only cells of the rim.
    """
    for a in prange(u.shape[0]):
        _faces_plane(gz, gy, gx, u, warm, cold, a, low, width, inv_square)


@njit(cache=True, nogil=True)
def faces_serial(gz, gy, gx, u, warm, cold, low, width, inv_square):  # type: ignore[no-untyped-def]
    """Face conductances on one thread; see :func:`faces_parallel`."""
    for a in range(u.shape[0]):
        _faces_plane(gz, gy, gx, u, warm, cold, a, low, width, inv_square)


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _plane(p, r, h, gain, faces, q, w, free, per, mush, a, low, step):  # type: ignore[no-untyped-def]
    """One small step of one plane of the box, rows laid end to end; rim and held cells (``free`` 0) stay; returns sum of w u'."""
    rows, columns = p.shape[1], p.shape[2]
    size = rows * columns
    start, stop = a * size + columns, (a + 1) * size - columns
    flat, z, y, x = p.ravel(), faces[0].ravel(), faces[1].ravel(), faces[2].ravel()
    here, above, below = flat[start:stop], flat[start - size : stop - size], flat[start + size : stop + size]
    front, back = flat[start - columns : stop - columns], flat[start + columns : stop + columns]
    left, right = flat[start - 1 : stop - 1], flat[start + 1 : stop + 1]
    z0, z1, y0, y1 = z[start - size : stop - size], z[start:stop], y[start - columns : stop - columns], y[start:stop]
    x0, x1 = x[start - 1 : stop - 1], x[start:stop]
    sources, losses = q.ravel()[start:stop], w.ravel()[start:stop]
    for k in range(stop - start):
        u = here[k]
        gain[k] = (
            z0[k] * (above[k] - u)
            + z1[k] * (below[k] - u)
            + y0[k] * (front[k] - u)
            + y1[k] * (back[k] - u)
            + x0[k] * (left[k] - u)
            + x1[k] * (right[k] - u)
            + sources[k]
            - losses[k] * u
        )
    there, open_, heat = r.ravel()[start:stop], free.ravel()[start:stop], h.ravel()[start:stop]
    of_warm, of_mush, of_cold = per[0].ravel()[start:stop], per[1].ravel()[start:stop], per[2].ravel()[start:stop]
    between = mush.ravel()[start:stop]
    taken, one, nil = np.float32(0.0), np.float32(1.0), np.float32(0.0)
    for k in range(stop - start):  # all loads before any choice, or the loop is not vectorised
        u, before, loss, inside = here[k], heat[k], losses[k], open_[k]
        warm_k, mush_k, cold_k, depth = of_warm[k], of_mush[k], of_cold[k], between[k]
        per_heat = mush_k if before > -depth else cold_k
        per_heat = warm_k if before > nil else per_heat
        change = inside * step * gain[k] / (one + step * loss * per_heat)
        taken += inside * loss * (u + change * per_heat)
        after = before + change
        heat[k] = after
        frozen = min(after + depth, nil)
        warm = max(after, nil)
        then = low + warm * warm_k + (after - warm - frozen) * mush_k + frozen * cold_k
        there[k] = then if inside > nil else u
    return np.float64(taken)


@njit(cache=True, nogil=True, fastmath=True)
def _average(mean, p, a, weight, everywhere):  # type: ignore[no-untyped-def]
    """Add plane ``a`` to the mean over the steps: all of it, or only the outermost inner cells, which the neighbours see."""
    planes, rows, columns = p.shape
    if everywhere or a == 1 or a == planes - 2:
        for j in range(1, rows - 1):
            mean[a, j] += weight * p[a, j]
        return
    mean[a, 1] += weight * p[a, 1]
    if rows > 3:
        mean[a, rows - 2] += weight * p[a, rows - 2]
    for j in range(2, rows - 2):
        mean[a, j, 1] += weight * p[a, j, 1]
        if columns > 3:
            mean[a, j, columns - 2] += weight * p[a, j, columns - 2]


@njit(cache=True, nogil=True)
def _aim(p, q, base, probes, since_s, volume, probe_k):  # type: ignore[no-untyped-def]
    """Set the temperature of every probe [K above body] and what it adds to the sources of its cells."""
    cells, weights, first, drive = probes
    u, source, rest = p.ravel(), q.ravel(), base.ravel()
    for n in range(cells.size):
        source[cells[n]] = rest[cells[n]]
    for probe in range(first.size - 1):
        start_k, goal_k, ramp_s, out_w, in_w = drive[:, probe]
        whole, sum_u = 0.0, 0.0
        for n in range(first[probe], first[probe + 1]):
            whole += weights[n]
            sum_u += weights[n] * u[cells[n]]
        around = sum_u / whole
        share = 1.0 if since_s >= ramp_s else since_s / ramp_s
        aim = start_k + (goal_k - start_k) * share
        aim = min(max(aim, around - out_w / (volume * whole)), around + in_w / (volume * whole))
        probe_k[probe] = aim
        for n in range(first[probe], first[probe + 1]):
            source[cells[n]] += np.float32(weights[n] * aim)


@njit(cache=True, nogil=True)
def _given(p, h, before, probes, free, per, mush, probe_k, given):  # type: ignore[no-untyped-def]
    """Add to ``given`` what every probe gave its cells in the step just made [W/m3 summed over cells]; returns sum of w u'."""
    cells, weights, first, _ = probes
    u, now, inside, between = p.ravel(), h.ravel(), free.ravel(), mush.ravel()
    of_warm, of_mush, of_cold = per[0].ravel(), per[1].ravel(), per[2].ravel()
    total = 0.0
    for probe in range(first.size - 1):
        for n in range(first[probe], first[probe + 1]):
            c = cells[n]
            if inside[c] <= 0.0:
                continue
            old = before[n]
            per_heat = of_warm[c] if old > 0.0 else (of_mush[c] if old > -between[c] else of_cold[c])
            then = u[c] + (now[c] - old) * per_heat
            given[probe] += weights[n] * (probe_k[probe] - then)
            total += weights[n] * then
    return total


@njit(cache=True, nogil=True)
def steps_serial(  # type: ignore[no-untyped-def]
    p, r, h, mean, gain, faces, q, base, w, free, per, mush, probes, since_s, probe_k, given, low, step, count, volume, everywhere
):
    """Take ``count`` small steps in a box.

    All arrays are the box with a rim of one cell; the result lies in p or, for odd counts, in r. ``probes`` holds the cells of
    all probes, what they exchange [W/m3/K], where each probe's begin, and per probe start and goal [K], ramp [s] and largest
    heat flows out and in [W]. ``mean`` gains the mean over the steps, ``given`` per probe the sum over steps of W/m3. Returns the
    sum over steps of w u' without the probes.
    """
    taken = 0.0
    weight = np.float32(1.0 / count)
    before = np.empty(probes[0].size)
    for n in range(count):
        old, new = (p, r) if n % 2 == 0 else (r, p)
        _aim(old, q, base, probes, since_s + n * step, volume, probe_k)
        for c in range(before.size):
            before[c] = h.ravel()[probes[0][c]]
        for a in range(1, p.shape[0] - 1):
            _average(mean, old, a, weight, everywhere)
            taken += _plane(old, new, h, gain[a], faces, q, w, free, per, mush, a, low, step)
        taken -= _given(old, h, before, probes, free, per, mush, probe_k, given)
    return taken


@njit(cache=True, nogil=True, parallel=True)
def steps_parallel(  # type: ignore[no-untyped-def]
    p, r, h, mean, gain, faces, q, base, w, free, per, mush, probes, since_s, probe_k, given, low, step, count, volume, everywhere
):
    """Take ``count`` small steps on all threads; see :func:`steps_serial`."""
    taken = 0.0
    weight = np.float32(1.0 / count)
    before = np.empty(probes[0].size)
    for n in range(count):
        old, new = (p, r) if n % 2 == 0 else (r, p)
        _aim(old, q, base, probes, since_s + n * step, volume, probe_k)
        for c in range(before.size):
            before[c] = h.ravel()[probes[0][c]]
        swept = 0.0
        for a in prange(1, p.shape[0] - 1):
            _average(mean, old, a, weight, everywhere)
            swept += _plane(old, new, h, gain[a], faces, q, w, free, per, mush, a, low, step)
        taken += swept - _given(old, h, before, probes, free, per, mush, probe_k, given)
    return taken


@njit(cache=True, nogil=True)
def enthalpies(u, warm, cold, mush, low, width):  # type: ignore[no-untyped-def]
    """Enthalpy per volume [J/m3], zero at the liquidus, at excess temperatures ``u``; heat capacities of both sides."""
    h = np.empty(u.shape, dtype=np.float32)
    for n in range(u.size):
        x = np.float64(u.flat[n]) - low
        if x >= 0.0:
            h.flat[n] = warm.flat[n] * x
        elif x > -width:
            h.flat[n] = mush.flat[n] * (x / width)
        else:
            h.flat[n] = -mush.flat[n] + cold.flat[n] * (x + width)
    return h


@njit(cache=True, nogil=True)
def stored(h, mush, latent, free):  # type: ignore[no-untyped-def]
    """Sums over the cells that are not held of enthalpy and of latent heat given off [J/m3]."""
    whole, hidden = 0.0, 0.0
    for n in range(h.size):
        if free.flat[n]:
            whole += np.float64(h.flat[n])
            hidden += np.float64(latent.flat[n]) * min(max(-np.float64(h.flat[n]) / mush.flat[n], 0.0), 1.0)
    return whole, hidden


@njit(cache=True, nogil=True)
def cold_box(u, mark, active, base):  # type: ignore[no-untyped-def]
    """Bounds (i0, i1, j0, j1, k0, k1) of all inner cells colder than ``mark`` in active rows, joined with the box ``base``."""
    i0, i1, j0, j1, k0, k1 = base
    for i in range(1, u.shape[0] - 1):
        for j in range(1, u.shape[1] - 1):
            if not active[i, j]:
                continue
            row = u[i, j]
            for k in range(1, u.shape[2] - 1):
                if row[k] < mark:
                    i0, i1 = min(i0, i), max(i1, i + 1)
                    j0, j1 = min(j0, j), max(j1, j + 1)
                    k0, k1 = min(k0, k), max(k1, k + 1)
    return i0, i1, j0, j1, k0, k1


@njit(cache=True, nogil=True)
def observe(u, lowest, cycle, frozen_s, active, low, since_s):  # type: ignore[no-untyped-def]
    """Bring the lowest temperatures (ever, in this cycle) and the time below the liquidus up to now."""
    for i in range(u.shape[0]):
        for j in range(u.shape[1]):
            if not active[i, j]:
                continue
            row, ever, here, time = u[i, j], lowest[i, j], cycle[i, j], frozen_s[i, j]
            for k in range(row.size):
                ever[k] = min(ever[k], row[k])
                here[k] = min(here[k], row[k])
                time[k] += since_s if row[k] < low else np.float32(0.0)
