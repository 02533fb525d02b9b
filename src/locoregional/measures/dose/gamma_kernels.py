"""Compiled search for the gamma index: nearest points first, then the minimum between them."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from locoregional.measures.dose.sample_kernels import trilinear

__all__ = ["gamma_search"]

_REFINE = 4
"""Steps of Gauss and Newton from the best point of the search; the dose is linear between voxels, so few are needed."""


@numba.njit(cache=True, inline="always")
def _inside(shape: Any, s: float, r: float, c: float) -> bool:
    """Whether a point lies among the voxel centres, give or take rounding."""
    low, high = -1e-4, 1e-4 - 1.0
    return low <= s <= shape[0] + high and low <= r <= shape[1] + high and low <= c <= shape[2] + high


@numba.njit(cache=True, parallel=True)
def gamma_search(
    reference: Any,
    wanted: Any,
    evaluated: Any,
    matrix: Any,
    offset: Any,
    per_mm: Any,
    steps: Any,
    lengths: Any,
    distance: float,
    tolerances: Any,
    limit: float,
    out: Any,
) -> None:
    """Gamma of every wanted voxel: ``min sqrt(|r|^2 / distance^2 + (D(r) - D0)^2 / tolerance^2)``, at most ``limit``.

    ``matrix`` and ``offset`` lead from reference index to evaluated index, ``per_mm`` from LPS mm to evaluated index; ``steps``
    are LPS offsets [mm] sorted by length. A voxel without evaluated dose at its own place gets NaN.
    """
    shape = evaluated.shape
    for n in numba.prange(wanted.shape[0]):
        i, j, k = wanted[n, 0], wanted[n, 1], wanted[n, 2]
        s = matrix[0, 0] * i + matrix[0, 1] * j + matrix[0, 2] * k + offset[0]
        r = matrix[1, 0] * i + matrix[1, 1] * j + matrix[1, 2] * k + offset[1]
        c = matrix[2, 0] * i + matrix[2, 1] * j + matrix[2, 2] * k + offset[2]
        if not _inside(shape, s, r, c):
            out[n] = np.nan
            continue
        dose, tolerance = reference[i, j, k], tolerances[n]
        best, best_step = limit * limit, -1
        for m in range(steps.shape[0]):
            far = (lengths[m] / distance) ** 2
            if far >= best:
                break
            a = s + per_mm[0, 0] * steps[m, 0] + per_mm[0, 1] * steps[m, 1] + per_mm[0, 2] * steps[m, 2]
            b = r + per_mm[1, 0] * steps[m, 0] + per_mm[1, 1] * steps[m, 1] + per_mm[1, 2] * steps[m, 2]
            d = c + per_mm[2, 0] * steps[m, 0] + per_mm[2, 1] * steps[m, 1] + per_mm[2, 2] * steps[m, 2]
            if not _inside(shape, a, b, d):
                continue
            found = far + ((trilinear(evaluated, a, b, d) - dose) / tolerance) ** 2
            if found < best:
                best, best_step = found, m
        if best_step >= 0 and best > 0.0:
            best = _refined(evaluated, s, r, c, per_mm, steps[best_step], dose, distance, tolerance, best)
        out[n] = np.sqrt(best)


@numba.njit(cache=True)
def _refined(
    evaluated: Any,
    s: float,
    r: float,
    c: float,
    per_mm: Any,
    start: Any,
    dose: float,
    distance: float,
    tolerance: float,
    best: float,
) -> float:
    """Smaller squared gamma near a point of the search, by the gradient of the interpolated dose there."""
    x = start.copy()
    at, slope, h = np.empty(3), np.empty(3), 1e-3 * distance
    for _ in range(_REFINE):
        value = 0.0
        for axis in range(-1, 3):
            for sign in (-1.0, 1.0):
                for q in range(3):
                    at[q] = per_mm[q, 0] * x[0] + per_mm[q, 1] * x[1] + per_mm[q, 2] * x[2]
                    if axis >= 0:
                        at[q] += per_mm[q, axis] * sign * h
                found = trilinear(evaluated, s + at[0], r + at[1], c + at[2])
                if axis < 0:
                    value = found
                elif sign < 0:
                    slope[axis] = -found
                else:
                    slope[axis] = (slope[axis] + found) / (2.0 * h)
        # nearest point of the plane of equal cost: minimise |x|^2/distance^2 + (value + slope.(x - x0) - dose)^2/tolerance^2
        steep, along = 0.0, 0.0
        for q in range(3):
            steep += slope[q] * slope[q]
            along += slope[q] * x[q]
        gap = dose - value + along
        pull = gap / (steep + (tolerance / distance) ** 2)
        length = 0.0
        for q in range(3):
            x[q] = slope[q] * pull
            length += x[q] * x[q]
        for q in range(3):
            at[q] = per_mm[q, 0] * x[0] + per_mm[q, 1] * x[1] + per_mm[q, 2] * x[2]
        if not _inside(evaluated.shape, s + at[0], r + at[1], c + at[2]):
            break
        found = trilinear(evaluated, s + at[0], r + at[1], c + at[2])
        now = length / distance**2 + ((found - dose) / tolerance) ** 2
        if now < best:
            best = now
    return best
