"""Conductances, heat and change of conductivity of tissue that carries current, one pass through memory each."""

from __future__ import annotations

import numpy as np
from numba import njit, prange

from locoregional.physics.multigrid_kernels import invert_plane

__all__ = [
    "conductances_parallel",
    "conductances_serial",
    "heat_parallel",
    "heat_serial",
    "warmed_parallel",
    "warmed_serial",
]


@njit(cache=True, nogil=True)
def _mean(a, b):  # type: ignore[no-untyped-def]
    """Conductance of two half cells in series, per length of a cell."""
    whole = a + b
    return np.float32(2.0) * a * b / whole if whole > np.float32(0.0) else np.float32(0.0)


@njit(cache=True, nogil=True)
def _conductances_plane(i, sigma, gz, gy, gx):  # type: ignore[no-untyped-def]
    planes, rows, columns = sigma.shape
    for j in range(rows):
        for k in range(columns):
            here = sigma[i, j, k]
            gz[i + 1, j + 1, k + 1] = _mean(here, sigma[i + 1, j, k]) if i + 1 < planes else np.float32(0.0)
            gy[i + 1, j + 1, k + 1] = _mean(here, sigma[i, j + 1, k]) if j + 1 < rows else np.float32(0.0)
            gx[i + 1, j + 1, k + 1] = _mean(here, sigma[i, j, k + 1]) if k + 1 < columns else np.float32(0.0)


@njit(cache=True, nogil=True)
def conductances_serial(sigma, gz, gy, gx, tie, inverse):  # type: ignore[no-untyped-def]
    """Write face conductances per length [S/m], and one over the sum of all, into arrays with a layer around."""
    for i in range(sigma.shape[0]):
        _conductances_plane(i, sigma, gz, gy, gx)
    for i in range(1, sigma.shape[0] + 1):
        invert_plane(i, gz, gy, gx, tie, inverse)


@njit(cache=True, nogil=True, parallel=True)
def conductances_parallel(sigma, gz, gy, gx, tie, inverse):  # type: ignore[no-untyped-def]
    """Write face conductances; see :func:`conductances_serial`."""
    for i in prange(sigma.shape[0]):
        _conductances_plane(i, sigma, gz, gy, gx)
    for i in prange(1, sigma.shape[0] + 1):
        invert_plane(i, gz, gy, gx, tie, inverse)


@njit(cache=True, nogil=True)
def _heat_plane(i, u, sigma, gz, gy, gx, out, scale):  # type: ignore[no-untyped-def]
    """Heat of each cell of plane i: of the current through each face, the share of its own half cell in the resistance."""
    total = 0.0
    for j in range(1, u.shape[1] - 1):
        for k in range(1, u.shape[2] - 1):
            here = u[i, j, k]
            square = (
                (gz[i - 1, j, k] * (here - u[i - 1, j, k])) ** 2
                + (gz[i, j, k] * (here - u[i + 1, j, k])) ** 2
                + (gy[i, j - 1, k] * (here - u[i, j - 1, k])) ** 2
                + (gy[i, j, k] * (here - u[i, j + 1, k])) ** 2
                + (gx[i, j, k - 1] * (here - u[i, j, k - 1])) ** 2
                + (gx[i, j, k] * (here - u[i, j, k + 1])) ** 2
            )
            s = sigma[i - 1, j - 1, k - 1]
            heat = scale * square / s if s > np.float32(0.0) else 0.0
            out[i - 1, j - 1, k - 1] = heat
            total += heat
    return total


@njit(cache=True, nogil=True)
def heat_serial(u, sigma, gz, gy, gx, out, scale):  # type: ignore[no-untyped-def]
    """Write ``scale`` times the squared currents over the conductivity into ``out``; return the sum."""
    total = 0.0
    for i in range(1, u.shape[0] - 1):
        total += _heat_plane(i, u, sigma, gz, gy, gx, out, scale)
    return total


@njit(cache=True, nogil=True, parallel=True)
def heat_parallel(u, sigma, gz, gy, gx, out, scale):  # type: ignore[no-untyped-def]
    """Write the heat of the currents; see :func:`heat_serial`."""
    total = 0.0
    for i in prange(1, u.shape[0] - 1):
        total += _heat_plane(i, u, sigma, gz, gy, gx, out, scale)
    return total


@njit(cache=True, nogil=True)
def _warmed_plane(cold, temperature, heat, out, law):  # type: ignore[no-untyped-def]
    body, rate, low, high, dry = law
    moved, weight = 0.0, 0.0
    for j in range(cold.shape[0]):
        for k in range(cold.shape[1]):
            t = temperature[j, k]
            factor = np.float32(1.0) + rate * (min(t, low) - body)
            if t > low:
                factor += (dry - factor) * min((t - low) / (high - low), np.float32(1.0))
            now, before = cold[j, k] * max(factor, dry), out[j, k]
            out[j, k] = now
            top = max(now, before)
            if top > np.float32(0.0):
                moved += heat[j, k] * abs(now - before) / top
            weight += heat[j, k]
    return moved, weight


@njit(cache=True, nogil=True)
def warmed_serial(cold, temperature, heat, out, law):  # type: ignore[no-untyped-def]
    """Bring the conductivity ``out`` up to a temperature; return its relative change, weighted by ``heat``.

    ``law`` holds, as float32, the temperature at which ``cold`` is valid, the relative growth per kelvin, the temperatures
    between which the tissue loses its conduction, and the share that it keeps.
    """
    moved, weight = 0.0, 0.0
    for i in range(cold.shape[0]):
        one, two = _warmed_plane(cold[i], temperature[i], heat[i], out[i], law)
        moved, weight = moved + one, weight + two
    return moved / weight if weight > 0.0 else 1.0


@njit(cache=True, nogil=True, parallel=True)
def warmed_parallel(cold, temperature, heat, out, law):  # type: ignore[no-untyped-def]
    """Bring the conductivity up to a temperature; see :func:`warmed_serial`."""
    moved, weight = 0.0, 0.0
    for i in prange(cold.shape[0]):
        one, two = _warmed_plane(cold[i], temperature[i], heat[i], out[i], law)
        moved += one
        weight += two
    return moved / weight if weight > 0.0 else 1.0
