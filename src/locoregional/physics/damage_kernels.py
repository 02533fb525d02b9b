"""Damage of each voxel over one observed interval, row by row.

A row where nothing is warmer than the onset, now or before, is left alone. Within an interval the temperature runs straight
from the last observation to this one; rates are taken by Simpson's rule, or by fourth-order Runge-Kutta for the cell-death model.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, prange

from locoregional.units import ABSOLUTE_ZERO_C

__all__ = ["ARRHENIUS", "CEM43", "ISOTHERM", "NONE", "THREE_STATE", "observe_parallel", "observe_serial", "three_state_step"]

NONE, ARRHENIUS, CEM43, THREE_STATE, ISOTHERM = 0, 1, 2, 3, 4

_CAP = 1e6  # no sum grows beyond this: such a voxel has been dead for long, and float32 must not overflow
_EXPONENT = 40.0  # largest exponent of a rate, for the same reason
_HOTTEST_C = 200.0  # the rates of the cell-death model are not extrapolated further; all is dead within a second there
_STEP = 0.25  # largest change (rate times step) per Runge-Kutta step of the cell-death model


@njit(cache=True, nogil=True)
def _rate(model, t_c, p):  # type: ignore[no-untyped-def]
    """Rate of the summed damage at a temperature: p = (ln A, Ea/R, -) or (ln R above, ln R below, breakpoint), last: onset."""
    if t_c < p[3]:
        return 0.0
    if model == ARRHENIUS:
        return math.exp(min(p[0] - p[1] / (t_c - ABSOLUTE_ZERO_C), _EXPONENT))
    slope = p[0] if t_c >= p[2] else p[1]
    return math.exp(min(slope * (p[2] - t_c), _EXPONENT)) / 60.0


@njit(cache=True, nogil=True)
def three_state_step(alive, dead, t0_c, t1_c, tau_s, kf, kb, tk):  # type: ignore[no-untyped-def]
    """State (A, D) of the three-state model after ``tau_s`` seconds from ``t0_c`` to ``t1_c``."""
    t0 = min(t0_c, _HOTTEST_C)
    t1 = min(t1_c, _HOTTEST_C)
    fastest = kf * math.exp(max(t0, t1) / tk) + kb
    count = max(1, int(math.ceil(tau_s * fastest / _STEP)))
    h = tau_s / count
    for n in range(count):
        ka = kf * math.exp((t0 + (t1 - t0) * n / count) / tk)
        km = kf * math.exp((t0 + (t1 - t0) * (n + 0.5) / count) / tk)
        ke = kf * math.exp((t0 + (t1 - t0) * (n + 1.0) / count) / tk)
        a, d = alive, dead
        a1 = -ka * (1 - a) * a + kb * (1 - a - d)
        d1 = ka * (1 - a) * (1 - a - d)
        a, d = alive + 0.5 * h * a1, dead + 0.5 * h * d1
        a2 = -km * (1 - a) * a + kb * (1 - a - d)
        d2 = km * (1 - a) * (1 - a - d)
        a, d = alive + 0.5 * h * a2, dead + 0.5 * h * d2
        a3 = -km * (1 - a) * a + kb * (1 - a - d)
        d3 = km * (1 - a) * (1 - a - d)
        a, d = alive + h * a3, dead + h * d3
        a4 = -ke * (1 - a) * a + kb * (1 - a - d)
        d4 = ke * (1 - a) * (1 - a - d)
        alive = min(1.0, max(0.0, alive + h * (a1 + 2 * a2 + 2 * a3 + a4) / 6))
        dead = min(1.0 - alive, max(0.0, dead + h * (d1 + 2 * d2 + 2 * d3 + d4) / 6))
    return alive, dead


@njit(cache=True, nogil=True)
def _observe_row(u, before, peak, first, second, b, w, capacity, sink, stop, i, j, body, tau, dt, model, p, held):  # type: ignore[no-untyped-def]
    """Damage, peak and blood of one row; ``stop``: whether blood stops; returns the highest excess temperature of the row."""
    n = u.shape[2]
    hottest = np.float32(-1e30)
    for k in range(n):
        hottest = max(hottest, u[i, j, k])
    warmest = hottest
    for k in range(n):
        warmest = max(warmest, before[i, j, k])
    if warmest < 0.01:  # K; a row that never warmed has neither peak nor damage to keep
        return hottest
    onset = p[3] - body
    ever = np.float32(-1e30)
    for k in range(n):
        peak[i, j, k] = max(peak[i, j, k], u[i, j, k])
        ever = max(ever, peak[i, j, k])
    if model != NONE and ever >= onset:
        for k in range(n):
            if peak[i, j, k] < onset or held[i, j, k]:
                continue
            t0, t1 = body + before[i, j, k], body + u[i, j, k]
            gone = False
            if model == THREE_STATE:
                if second[i, j, k] < 0.9999:
                    a, d = three_state_step(first[i, j, k], second[i, j, k], t0, t1, tau, p[0], p[1], p[2])
                    first[i, j, k] = a
                    second[i, j, k] = d
                    gone = a < p[4]
            elif model == ISOTHERM:
                gone = t1 >= p[3]
            else:
                rate = _rate(model, t0, p) + 4.0 * _rate(model, 0.5 * (t0 + t1), p) + _rate(model, t1, p)
                total = min(first[i, j, k] + tau * rate / 6.0, _CAP)
                first[i, j, k] = total
                gone = total >= p[4]
            if stop and gone:
                w[i, j, k] = sink[i, j, k]
                b[i, j, k] = dt / (capacity[i, j, k] + dt * sink[i, j, k])
    for k in range(n):
        before[i, j, k] = u[i, j, k]
    return hottest


@njit(cache=True, nogil=True)
def observe_serial(u, before, peak, first, second, b, w, capacity, sink, stop, body, tau, dt, model, p, held, row_max):  # type: ignore[no-untyped-def]
    """Bring damage, peak, perfusion and the row maxima up to now, one thread."""
    for i in range(u.shape[0]):
        for j in range(u.shape[1]):
            row_max[i, j] = _observe_row(
                u, before, peak, first, second, b, w, capacity, sink, stop, i, j, body, tau, dt, model, p, held
            )


@njit(cache=True, nogil=True, parallel=True)
def observe_parallel(u, before, peak, first, second, b, w, capacity, sink, stop, body, tau, dt, model, p, held, row_max):  # type: ignore[no-untyped-def]
    """Bring damage, peak, perfusion and the row maxima up to now, all threads."""
    for row in prange(u.shape[0] * u.shape[1]):
        i, j = row // u.shape[1], row % u.shape[1]
        row_max[i, j] = _observe_row(
            u, before, peak, first, second, b, w, capacity, sink, stop, i, j, body, tau, dt, model, p, held
        )
