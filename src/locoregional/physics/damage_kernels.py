"""Damage of each voxel over one observed interval, row by row.

A row where nothing is warmer than the onset, now or before, is left alone. Within an interval the temperature runs straight
from the last observation to this one; sums are taken in closed form along it, the cell-death model by fourth-order Runge-Kutta.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, prange

from locoregional.units import ABSOLUTE_ZERO_C

__all__ = [
    "ARRHENIUS",
    "CEM43",
    "ENOUGH",
    "ISOTHERM",
    "NONE",
    "THREE_STATE",
    "observe_parallel",
    "observe_serial",
    "summed",
    "three_state_step",
]

NONE, ARRHENIUS, CEM43, THREE_STATE, ISOTHERM = 0, 1, 2, 3, 4

ENOUGH = 100.0  # sums are not followed beyond this many times the dose that stops blood: such a voxel has been dead for long
_EXPONENT = 40.0  # largest exponent of a rate, against overflow
_HOTTEST_C = 200.0  # the rates of the cell-death model are not extrapolated further; all is dead within a second there
_COLD_K = 0.01  # a row that never warmed by this much has neither peak nor damage to keep
_STEP = 0.25  # largest change (rate times step) per Runge-Kutta step of the cell-death model


@njit(cache=True, nogil=True, error_model="numpy")
def _exponent(model, t_c, p):  # type: ignore[no-untyped-def]
    """Logarithm of the damage rate at a temperature."""
    if model == ARRHENIUS:
        return p[0] - p[1] / (t_c - ABSOLUTE_ZERO_C)
    return (p[0] if t_c >= p[2] else p[1]) * (p[2] - t_c)


@njit(cache=True, nogil=True, error_model="numpy")
def summed(model, t0_c, t1_c, tau_s, p):  # type: ignore[no-untyped-def]
    """Damage added in ``tau_s`` seconds from ``t0_c`` to ``t1_c``.

    The logarithm of the rate runs (nearly) straight with temperature, so its mean is the middle rate times sinh(d) / d.
    """
    middle = 0.5 * (t0_c + t1_c)
    if middle < p[3]:
        return 0.0
    d = min(0.5 * abs(_exponent(model, t1_c, p) - _exponent(model, t0_c, p)), _EXPONENT)
    rate = math.exp(min(_exponent(model, middle, p), _EXPONENT))
    mean = rate * (1.0 + d * d / 6.0 * (1.0 + d * d / 20.0)) if d < 1.0 else rate * math.sinh(d) / d
    return tau_s * (mean if model == ARRHENIUS else mean / 60.0)


@njit(cache=True, nogil=True, error_model="numpy")
def three_state_step(alive, dead, t0_c, t1_c, tau_s, kf, kb, tk):  # type: ignore[no-untyped-def]
    """State (A, D) of the three-state model after ``tau_s`` seconds from ``t0_c`` to ``t1_c``."""
    t0 = min(t0_c, _HOTTEST_C)
    t1 = min(t1_c, _HOTTEST_C)
    fastest = kf * math.exp(max(t0, t1) / tk) + kb
    count = max(1, math.ceil(tau_s * fastest / _STEP))
    h = tau_s / count
    half_step = math.exp(0.5 * (t1 - t0) / (count * tk))  # the temperature runs straight, so the rate grows by a constant factor
    ke = kf * math.exp(t0 / tk)
    for _ in range(count):
        ka = ke
        km = ka * half_step
        ke = km * half_step
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


@njit(cache=True, nogil=True, fastmath=True)
def _highest(row):  # type: ignore[no-untyped-def]
    """Highest value of a row, vectorised."""
    top = np.float32(-1e30)
    for k in range(row.size):
        top = max(top, row[k])
    return top


@njit(cache=True, nogil=True, fastmath=True)
def _raise_peak(peak, now):  # type: ignore[no-untyped-def]
    """Bring the peak of a row up to now; returns its highest value."""
    top = np.float32(-1e30)
    for k in range(now.size):
        value = max(peak[k], now[k])
        peak[k] = value
        top = max(top, value)
    return top


@njit(cache=True, nogil=True)
def _observe_row(u, before, peak, first, second, b, w, capacity, sink, stop, i, j, body, tau, dt, model, p, held):  # type: ignore[no-untyped-def]
    """Damage, peak and blood of one row; ``stop``: whether blood stops; returns the highest excess temperature of the row."""
    n = u.shape[2]
    hottest = _highest(u[i, j])
    if max(hottest, _highest(before[i, j])) < _COLD_K:
        return hottest
    onset = p[3] - body
    ever = _raise_peak(peak[i, j], u[i, j])
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
                total = first[i, j, k]
                if total < ENOUGH * p[4]:
                    total = min(total + summed(model, t0, t1, tau, p), ENOUGH * p[4])
                    first[i, j, k] = total
                gone = total >= p[4]
            if stop and gone:
                w[i, j, k] = sink[i, j, k]
                b[i, j, k] = dt / (capacity[i, j, k] + dt * sink[i, j, k])
    before[i, j, :] = u[i, j, :]
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
