"""Compiled passes of the distance map: plain arrays, no objects."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

__all__ = ["signed_passes"]

_TILE = 16
"""Neighbouring columns gathered together on strided passes: one cache line of float32."""


@njit(cache=True, inline="always")
def _crossing(a: float, b: float) -> float:
    """Where between two voxel centres (0..1) the occupancy passes one half."""
    return (0.5 - a) / (b - a)


@njit(cache=True)
def _nearest_on_line(values: Any, h: float, out: Any) -> None:
    """Squared distance along one line to its own crossings; infinity where it has none."""
    n = values.size
    last = -np.inf
    for i in range(n):
        if i > 0 and (values[i] >= 0.5) != (values[i - 1] >= 0.5):
            last = (i - 1 + _crossing(float(values[i - 1]), float(values[i]))) * h
        d = i * h - last
        out[i] = d * d
    following = np.inf
    for i in range(n - 1, -1, -1):
        if i < n - 1 and (values[i] >= 0.5) != (values[i + 1] >= 0.5):
            following = (i + _crossing(float(values[i]), float(values[i + 1]))) * h
        d = following - i * h
        out[i] = min(out[i], d * d)


@njit(cache=True)
def _envelope(height: Any, h: float, site: Any, base: Any, start: Any) -> None:
    """Replace the heights on one line by the lower envelope of their parabolas."""
    n = height.size
    top = -1
    for i in range(n):
        f = float(height[i])
        if f == np.inf:
            continue
        q = i * h
        begin = -np.inf
        while top >= 0:
            begin = 0.5 * ((f - base[top]) / (q - site[top]) + q + site[top])
            if begin > start[top]:
                break
            top -= 1
            begin = -np.inf
        top += 1
        site[top], base[top], start[top] = q, f, begin
    if top < 0:
        return
    j = 0
    for i in range(n):
        x = i * h
        while j < top and start[j + 1] < x:
            j += 1
        d = x - site[j]
        height[i] = d * d + base[j]


@njit(cache=True)
def _row_pass(plane: Any, h: float, line: Any, site: Any, base: Any, start: Any) -> None:
    """Envelope along the first axis of a plane, gathered tile by tile."""
    n, columns = plane.shape
    for first in range(0, columns, _TILE):
        m = min(_TILE, columns - first)
        for i in range(n):
            for t in range(m):
                line[t, i] = plane[i, first + t]
        for t in range(m):
            _envelope(line[t], h, site, base, start)
        for i in range(n):
            for t in range(m):
                plane[i, first + t] = line[t, i]


@njit(parallel=True, cache=True)
def _in_plane_crossings(values: Any, spacing: Any, out: Any) -> None:
    """Squared distance within each slice to the crossings along rows and columns."""
    slices, rows, columns = values.shape
    for s in prange(slices):
        n = max(rows, columns)
        site, base, start = np.empty(n), np.empty(n), np.empty(n)
        line = np.empty((_TILE, rows), np.float32)
        for r in range(rows):
            _nearest_on_line(values[s, r], spacing[2], out[s, r])
        _row_pass(out[s], spacing[1], line, site, base, start)
        other = np.empty((rows, columns), np.float32)
        gathered = np.empty((_TILE, rows), values.dtype)
        for first in range(0, columns, _TILE):
            m = min(_TILE, columns - first)
            for r in range(rows):
                for t in range(m):
                    gathered[t, r] = values[s, r, first + t]
            for t in range(m):
                _nearest_on_line(gathered[t], spacing[1], line[t])
            for r in range(rows):
                for t in range(m):
                    other[r, first + t] = line[t, r]
        for r in range(rows):
            _envelope(other[r], spacing[2], site, base, start)
            for c in range(columns):
                out[s, r, c] = min(out[s, r, c], other[r, c])


@njit(parallel=True, cache=True)
def _across_slices(values: Any, spacing: Any, out: Any, through: Any) -> None:
    """Spread the in-plane crossings across slices; squared distance on each line to the crossings between slices."""
    slices, rows, columns = values.shape
    for r in prange(rows):
        site, base, start = np.empty(slices), np.empty(slices), np.empty(slices)
        line = np.empty((_TILE, slices), np.float32)
        gathered = np.empty((_TILE, slices), values.dtype)
        _row_pass(out[:, r], spacing[0], line, site, base, start)
        for first in range(0, columns, _TILE):
            m = min(_TILE, columns - first)
            for s in range(slices):
                for t in range(m):
                    gathered[t, s] = values[s, r, first + t]
            for t in range(m):
                _nearest_on_line(gathered[t], spacing[0], line[t])
            for s in range(slices):
                for t in range(m):
                    through[s, r, first + t] = line[t, s]


@njit(parallel=True, cache=True)
def _nearer_with_sign(values: Any, spacing: Any, out: Any, through: Any) -> None:
    """Spread the crossings between slices within slices, keep the nearer kind, take root and sign."""
    slices, rows, columns = values.shape
    for s in prange(slices):
        n = max(rows, columns)
        site, base, start = np.empty(n), np.empty(n), np.empty(n)
        line = np.empty((_TILE, rows), np.float32)
        for r in range(rows):
            _envelope(through[s, r], spacing[2], site, base, start)
        _row_pass(through[s], spacing[1], line, site, base, start)
        for r in range(rows):
            for c in range(columns):
                d = np.sqrt(min(out[s, r, c], through[s, r, c]))
                out[s, r, c] = -d if values[s, r, c] >= 0.5 else d


def signed_passes(values: NDArray, spacing_mm: NDArray[np.float64]) -> NDArray[np.float32]:
    """Signed distance map of checked input.

    Parameters
    ----------
    values : ndarray of uint8 0/1 or float32 in 0..1, shape (slices, rows, columns)
        Occupancy, contiguous.
    spacing_mm : ndarray, shape (3,) [mm]
        Voxel sides.

    Returns
    -------
    ndarray of float32, shape (slices, rows, columns) [mm]
        Negative inside.
    """
    out = np.empty(values.shape, np.float32)
    through = np.empty(values.shape, np.float32)
    _in_plane_crossings(values, spacing_mm, out)
    _across_slices(values, spacing_mm, out, through)
    _nearer_with_sign(values, spacing_mm, out, through)
    return out
