"""Kernels of the heat step for NVIDIA GPUs: one thread marches down a short column of planes, with the processor's formulas.

``books`` gathers what blood takes, what flows into held cells (net, and both ways added up) and what sinks take [J/m3 summed
over cells], in many slots per entry so that threads seldom wait for each other.
"""

from __future__ import annotations

import math
from typing import Any

import numba.cuda
from numba import njit

from locoregional.physics.boiling import dried
from locoregional.physics.conductance import between
from locoregional.physics.damage_kernels import ENOUGH, ISOTHERM, NONE, THREE_STATE, summed, three_state_step
from locoregional.physics.stencil import inflow

__all__ = [
    "GROSS",
    "HELD",
    "PLANES",
    "SINK",
    "SLOTS",
    "STRIDE",
    "TAKEN",
    "faces",
    "highest",
    "observe",
    "outflow",
    "quickest",
    "sinks",
    "step",
    "step_drying",
    "weigh",
]

cuda: Any = numba.cuda

TAKEN, HELD, GROSS, SINK = 0, 1, 2, 3
"""Rows of ``books``."""
SLOTS = 2048
"""Slots of each row."""
PLANES = 16
"""Planes that a thread marches through."""
STRIDE = 32
"""Faces or sinks that a thread adds up."""


@njit(error_model="numpy")
def _harm(first, second, t0_c, t1_c, tau_s, model, p):  # type: ignore[no-untyped-def]
    """Both states of a damage model after ``tau_s`` seconds from ``t0_c`` to ``t1_c``, and whether blood stops."""
    if model == THREE_STATE:
        if second >= 0.9999:
            return first, second, False
        alive, dead = three_state_step(first, second, t0_c, t1_c, tau_s, p[0], p[1], p[2])
        return alive, dead, alive < p[4]
    if model == ISOTHERM:
        return first, second, t1_c >= p[3]
    total = first
    if total < ENOUGH * p[4]:
        total = min(total + summed(model, t0_c, t1_c, tau_s, p), ENOUGH * p[4])
    return total, second, total >= p[4]


@cuda.jit(fastmath=True)
def step(u, out, gz, gy, gx, b, w, q, books, dt):  # type: ignore[no-untyped-def]
    """Advance all inner cells by one step without drying."""
    k, j, chunk = cuda.grid(3)
    planes, rows, columns = u.shape
    start, stop = max(1, chunk * PLANES), min((chunk + 1) * PLANES, planes - 1)
    if not (0 < k < columns - 1 and 0 < j < rows - 1) or start >= stop:
        return
    above, here, to_above, taken = u[start - 1, j, k], u[start, j, k], gz[start - 1, j, k], 0.0
    for i in range(start, stop):
        below, to_below = u[i + 1, j, k], gz[i, j, k]
        flux = inflow(
            here, above, below, u[i, j - 1, k], u[i, j + 1, k], u[i, j, k - 1], u[i, j, k + 1],
            to_above, to_below, gy[i, j - 1, k], gy[i, j, k], gx[i, j, k - 1], gx[i, j, k],
        )  # fmt: skip
        after = here + b[i, j, k] * (flux + q[i, j, k] - w[i, j, k] * here)
        out[i, j, k] = after
        taken += w[i, j, k] * after
        above, here, to_above = here, below, to_below
    cuda.atomic.add(books, (TAKEN, (j * columns + k + chunk) % SLOTS), taken * dt)


@cuda.jit(fastmath=True)
def step_drying(u, out, gz, gy, gx, w, q, free, moist, dry_heat, latent, low, width, per_width, books, dt):  # type: ignore[no-untyped-def]
    """Advance all inner cells by one small step through boiling and back."""
    k, j, chunk = cuda.grid(3)
    planes, rows, columns = u.shape
    start, stop = max(1, chunk * PLANES), min((chunk + 1) * PLANES, planes - 1)
    if not (0 < k < columns - 1 and 0 < j < rows - 1) or start >= stop:
        return
    above, here, to_above, taken = u[start - 1, j, k], u[start, j, k], gz[start - 1, j, k], 0.0
    for i in range(start, stop):
        below, to_below, loss = u[i + 1, j, k], gz[i, j, k], w[i, j, k]
        flux = inflow(
            here, above, below, u[i, j - 1, k], u[i, j + 1, k], u[i, j, k - 1], u[i, j, k + 1],
            to_above, to_below, gy[i, j - 1, k], gy[i, j, k], gx[i, j, k - 1], gx[i, j, k],
        )  # fmt: skip
        after, drawn = dried(
            here, flux + q[i, j, k] - loss * here, loss, free[i, j, k],
            moist[i, j, k], dry_heat[i, j, k], latent[i, j, k], low, width, per_width, dt,
        )  # fmt: skip
        out[i, j, k] = after
        taken += drawn
        above, here, to_above = here, below, to_below
    cuda.atomic.add(books, (TAKEN, (j * columns + k + chunk) % SLOTS), taken * dt)


@cuda.jit(fastmath=True)
def faces(k0, slope, u, limit, iz, iy, ix, gz, gy, gx):  # type: ignore[no-untyped-def]
    """Write the face conductances at excess temperatures ``u``."""
    k, j, chunk = cuda.grid(3)
    planes, rows, columns = u.shape
    if k >= columns or j >= rows:
        return
    for i in range(chunk * PLANES, min((chunk + 1) * PLANES, planes)):
        here, s, t = k0[i, j, k], slope[i, j, k], u[i, j, k]
        if i + 1 < planes:
            gz[i, j, k] = between(here, s, t, k0[i + 1, j, k], slope[i + 1, j, k], u[i + 1, j, k], limit, iz)
        if j + 1 < rows:
            gy[i, j, k] = between(here, s, t, k0[i, j + 1, k], slope[i, j + 1, k], u[i, j + 1, k], limit, iy)
        if k + 1 < columns:
            gx[i, j, k] = between(here, s, t, k0[i, j, k + 1], slope[i, j, k + 1], u[i, j, k + 1], limit, ix)


@cuda.jit
def observe(u, before, peak, first, second, b, w, moist, sink, free, stop, body, tau, dt, model, p):  # type: ignore[no-untyped-def]
    """Bring damage, peak and blood of every cell up to now; ``stop``: whether blood stops."""
    k, j, chunk = cuda.grid(3)
    planes, rows, columns = u.shape
    if k >= columns or j >= rows:
        return
    onset, constants = p[3] - body, (p[0], p[1], p[2], p[3], p[4])
    for i in range(chunk * PLANES, min((chunk + 1) * PLANES, planes)):
        now, earlier = u[i, j, k], before[i, j, k]
        peak[i, j, k] = max(peak[i, j, k], now)
        before[i, j, k] = now
        if model == NONE or peak[i, j, k] < onset or free[i, j, k] == 0.0:
            continue
        x = float(first[i, j, k]) if model != ISOTHERM else 0.0
        y = float(second[i, j, k]) if model == THREE_STATE else 0.0
        x, y, gone = _harm(x, y, body + earlier, body + now, tau, model, constants)
        if model != ISOTHERM:
            first[i, j, k] = x
        if model == THREE_STATE:
            second[i, j, k] = y
        if stop and gone:
            w[i, j, k] = sink[i, j, k]
            b[i, j, k] = dt / (moist[i, j, k] + dt * sink[i, j, k])


@cuda.jit
def weigh(b, moist, w, free, dt):  # type: ignore[no-untyped-def]
    """Write ``b`` for a step of ``dt``; held cells keep 0."""
    k, j, chunk = cuda.grid(3)
    planes, rows, columns = b.shape
    if k < columns and j < rows:
        for i in range(chunk * PLANES, min((chunk + 1) * PLANES, planes)):
            b[i, j, k] = free[i, j, k] * dt / (moist[i, j, k] + dt * w[i, j, k])


@cuda.jit
def highest(u, top):  # type: ignore[no-untyped-def]
    """Raise ``top[0]`` to the highest excess temperature."""
    k, j, chunk = cuda.grid(3)
    planes, rows, columns = u.shape
    if k < columns and j < rows:
        hot = -math.inf
        for i in range(chunk * PLANES, min((chunk + 1) * PLANES, planes)):
            hot = max(hot, float(u[i, j, k]))
        cuda.atomic.max(top, 0, hot)


@cuda.jit
def quickest(gz, gy, gx, heat, free, top):  # type: ignore[no-untyped-def]
    """Raise ``top[0]`` to the highest rate [1/s] at which a cell follows its neighbours."""
    k, j, chunk = cuda.grid(3)
    planes, rows, columns = heat.shape
    start, stop = max(1, chunk * PLANES), min((chunk + 1) * PLANES, planes - 1)
    if not (0 < k < columns - 1 and 0 < j < rows - 1) or start >= stop:
        return
    most = 0.0
    for i in range(start, stop):
        around = gz[i - 1, j, k] + gz[i, j, k] + gy[i, j - 1, k] + gy[i, j, k] + gx[i, j, k - 1] + gx[i, j, k]
        most = max(most, float(free[i, j, k] * around / heat[i, j, k]))
    cuda.atomic.max(top, 0, most)


@cuda.jit
def outflow(u, gz, gy, gx, axes, free, held, lower, books, dt):  # type: ignore[no-untyped-def]
    """Book what flows through the faces between free and held cells (flat indices) in one step."""
    first = cuda.grid(1) * STRIDE
    net, gross = 0.0, 0.0
    for n in range(first, min(first + STRIDE, axes.size)):
        at = lower[n]
        g = gz[at] if axes[n] == 0 else (gy[at] if axes[n] == 1 else gx[at])
        flow = float(g * (u[free[n]] - u[held[n]]))
        net += flow
        gross += abs(flow)
    if first < axes.size:
        slot = (first // STRIDE) % SLOTS
        cuda.atomic.add(books, (HELD, slot), net * dt)
        cuda.atomic.add(books, (GROSS, slot), gross * dt)


@cuda.jit
def sinks(u, cells, weights, books, dt):  # type: ignore[no-untyped-def]
    """Book what sinks take in one step, as if their far side were at body temperature."""
    first = cuda.grid(1) * STRIDE
    total = 0.0
    for n in range(first, min(first + STRIDE, cells.size)):
        total += weights[n] * u[cells[n]]
    if first < cells.size:
        cuda.atomic.add(books, (SINK, (first // STRIDE) % SLOTS), total * dt)
