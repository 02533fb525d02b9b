"""Compiled dense algebra for the surface fit: plain arrays, no objects.

The systems are small (about 230 unknowns) and solved dozens of times. A threaded BLAS spends more on waking and spinning its
threads than on the work, many times more when the machine is busy, so the few products needed stand here, on one
thread each: the two surfaces of a margin are fitted at the same time.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["back_substituted", "cholesky", "cubed_distances", "forward_substituted", "gram", "row_products", "weighted_sum"]

_CHUNK = 256
"""Columns summed at a time: the rows in use stay in the first cache."""
_ROWS = 64
"""Rows of a product taken at a time, for the second cache."""


@njit(cache=True, fastmath=True, nogil=True)
def _dot(a: Any, b: Any) -> float:
    s = 0.0
    for k in range(a.size):
        s += a[k] * b[k]
    return s


@njit(cache=True, fastmath=True, nogil=True)
def _add_scaled(out: Any, row: Any, weight: float) -> None:
    for i in range(out.size):
        out[i] += weight * row[i]


@njit(cache=True, fastmath=True, nogil=True)
def _four_by_two(a0: Any, a1: Any, a2: Any, a3: Any, b0: Any, b1: Any, out: Any) -> None:
    """Add the products of four rows with two rows."""
    s00 = s10 = s20 = s30 = s01 = s11 = s21 = s31 = 0.0
    for k in range(a0.size):
        p, q = b0[k], b1[k]
        s00 += a0[k] * p
        s10 += a1[k] * p
        s20 += a2[k] * p
        s30 += a3[k] * p
        s01 += a0[k] * q
        s11 += a1[k] * q
        s21 += a2[k] * q
        s31 += a3[k] * q
    out[0, 0] += s00
    out[1, 0] += s10
    out[2, 0] += s20
    out[3, 0] += s30
    out[0, 1] += s01
    out[1, 1] += s11
    out[2, 1] += s21
    out[3, 1] += s31


@njit(cache=True, fastmath=True, nogil=True)
def _add_products(a: Any, b: Any, lower: bool, out: Any) -> None:
    """Add ``a @ b.T``; with ``lower`` only what lies on or below the diagonal is needed."""
    n, m = a.shape[0], b.shape[0]
    for i in range(0, n, 4):
        end = min(m, i + 4) if lower else m
        j = 0
        if i + 4 <= n:
            while j + 2 <= end:
                _four_by_two(a[i], a[i + 1], a[i + 2], a[i + 3], b[j], b[j + 1], out[i : i + 4, j : j + 2])
                j += 2
        for r in range(i, min(i + 4, n)):
            for c in range(j, end):
                out[r, c] += _dot(a[r], b[c])


@njit(cache=True, fastmath=True, nogil=True)
def _products_by_rows(a: Any, b: Any) -> Any:
    n, width = a.shape
    out = np.zeros((n, b.shape[0]))
    for part in range((n + _ROWS - 1) // _ROWS):
        first, last = part * _ROWS, min((part + 1) * _ROWS, n)
        for low in range(0, width, _CHUNK):
            high = min(low + _CHUNK, width)
            _add_products(a[first:last, low:high], b[:, low:high], False, out[first:last])
    return out


@njit(cache=True, fastmath=True, nogil=True)
def _gram_by_columns(a: Any) -> Any:
    n, width = a.shape
    out = np.zeros((n, n))
    for low in range(0, width, _CHUNK):
        chunk = a[:, low : min(low + _CHUNK, width)]
        _add_products(chunk, chunk, True, out)
    return out


def row_products(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """``a @ b.T`` of matrices of shapes (n, k) and (m, k)."""
    return _products_by_rows(np.ascontiguousarray(a), np.ascontiguousarray(b))


def gram(a: NDArray[np.float64]) -> NDArray[np.float64]:
    """``a @ a.T`` of a matrix of shape (n, k)."""
    out = _gram_by_columns(np.ascontiguousarray(a))
    return np.tril(out) + np.tril(out, -1).T


@njit(cache=True, fastmath=True, nogil=True)
def weighted_sum(rows: Any, weights: Any) -> Any:
    """``weights @ rows`` for shapes (k, n) and (k,)."""
    count, n = rows.shape
    out = np.zeros(n)
    for block in range((n + _CHUNK - 1) // _CHUNK):
        low, high = block * _CHUNK, min((block + 1) * _CHUNK, n)
        for k in range(count):
            _add_scaled(out[low:high], rows[k, low:high], weights[k])
    return out


@njit(cache=True, fastmath=True, nogil=True)
def cubed_distances(points: Any, centres: Any) -> Any:
    """Third power of the distance from every point to every centre, shape (points, centres)."""
    out = np.empty((points.shape[0], centres.shape[0]))
    for i in range(points.shape[0]):
        for j in range(centres.shape[0]):
            x, y, z = points[i, 0] - centres[j, 0], points[i, 1] - centres[j, 1], points[i, 2] - centres[j, 2]
            squared = x * x + y * y + z * z
            out[i, j] = squared * np.sqrt(squared)
    return out


@njit(cache=True, nogil=True)
def cholesky(matrix: Any) -> Any:
    """Lower factor of a symmetric positive matrix; NaN on the diagonal where it is not positive."""
    n = matrix.shape[0]
    out = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            s = matrix[i, j] - _dot(out[i, :j], out[j, :j])
            if i == j:
                out[i, i] = np.sqrt(s) if s > 0.0 else np.nan
            else:
                out[i, j] = s / out[j, j]
    return out


@njit(cache=True, fastmath=True, nogil=True)
def forward_substituted(factor: Any, right: Any) -> Any:
    """Solution of ``factor @ x = right`` for a lower factor and columns, shape (n, m)."""
    out = right.copy()
    n, m = out.shape
    for i in range(n):
        for j in range(i):
            _add_scaled(out[i], out[j], -factor[i, j])
        for c in range(m):
            out[i, c] /= factor[i, i]
    return out


@njit(cache=True, fastmath=True, nogil=True)
def back_substituted(factor: Any, right: Any) -> Any:
    """Solution of ``factor.T @ x = right`` for a lower factor and columns, shape (n, m)."""
    out = right.copy()
    n, m = out.shape
    for i in range(n - 1, -1, -1):
        for c in range(m):
            out[i, c] /= factor[i, i]
        for j in range(i):
            _add_scaled(out[j], out[i], -factor[i, j])
    return out
