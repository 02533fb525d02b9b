"""Compiled sums over the kernels |x - z|^3 of a surface: plain arrays, no objects."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

__all__ = ["gradient_pull", "spline_gradient", "spline_value"]


@njit(cache=True, fastmath=True, nogil=True)
def spline_value(points: Any, centres: Any, weights: Any) -> Any:
    """Weighted sum of kernels at points, shape (n,)."""
    out = np.empty(points.shape[0])
    for i in range(points.shape[0]):
        s = 0.0
        for j in range(centres.shape[0]):
            x, y, z = points[i, 0] - centres[j, 0], points[i, 1] - centres[j, 1], points[i, 2] - centres[j, 2]
            squared = x * x + y * y + z * z
            s += weights[j] * squared * np.sqrt(squared)
        out[i] = s
    return out


@njit(cache=True, fastmath=True, nogil=True)
def spline_gradient(points: Any, centres: Any, weights: Any) -> Any:
    """Gradient of the weighted sum of kernels at points, shape (n, 3)."""
    out = np.empty((points.shape[0], 3))
    for i in range(points.shape[0]):
        a = b = c = 0.0
        for j in range(centres.shape[0]):
            x, y, z = points[i, 0] - centres[j, 0], points[i, 1] - centres[j, 1], points[i, 2] - centres[j, 2]
            w = 3.0 * weights[j] * np.sqrt(x * x + y * y + z * z)
            a += w * x
            b += w * y
            c += w * z
        out[i, 0], out[i, 1], out[i, 2] = a, b, c
    return out


@njit(cache=True, fastmath=True, nogil=True)
def gradient_pull(points: Any, centres: Any, directions: Any) -> Any:
    """Sum over points of each kernel's slope along the point's direction, shape (centres,)."""
    out = np.empty(centres.shape[0])
    for j in range(centres.shape[0]):
        s = 0.0
        for i in range(points.shape[0]):
            x, y, z = points[i, 0] - centres[j, 0], points[i, 1] - centres[j, 1], points[i, 2] - centres[j, 2]
            along = x * directions[i, 0] + y * directions[i, 1] + z * directions[i, 2]
            s += 3.0 * np.sqrt(x * x + y * y + z * z) * along
        out[j] = s
    return out
