"""How long an explicit step may be with the conductances of now, and where the few cells lie that would slow down all others.

Conductances stand still between two looks, so that the bound is exact until the next one.
"""

from __future__ import annotations

import numpy as np
from numba import njit, prange

__all__ = ["fastest_cells", "row_rates"]


@njit(cache=True, nogil=True, fastmath=True)
def _row(i, j, gz, gy, gx, heat, held, rates):  # type: ignore[no-untyped-def]
    n = heat.shape[2]
    top = np.float32(0.0)
    for k in range(1, n - 1):
        around = gz[i - 1, j, k] + gz[i, j, k] + gy[i, j - 1, k] + gy[i, j, k] + gx[i, j, k - 1] + gx[i, j, k]
        rate = np.float32(0.0) if held[i, j, k] else around / heat[i, j, k]
        rates[i, j, k] = rate
        top = max(top, rate)
    return top


@njit(cache=True, nogil=True)
def _serial(gz, gy, gx, heat, held, rates, tops):  # type: ignore[no-untyped-def]
    for i in range(1, heat.shape[0] - 1):
        for j in range(1, heat.shape[1] - 1):
            tops[i, j] = _row(i, j, gz, gy, gx, heat, held, rates)


@njit(cache=True, nogil=True, parallel=True)
def _parallel(gz, gy, gx, heat, held, rates, tops):  # type: ignore[no-untyped-def]
    for i in prange(1, heat.shape[0] - 1):
        for j in range(1, heat.shape[1] - 1):
            tops[i, j] = _row(i, j, gz, gy, gx, heat, held, rates)


def row_rates(
    faces: tuple[np.ndarray, np.ndarray, np.ndarray],
    heat: np.ndarray,
    held: np.ndarray,
    *,
    rates: np.ndarray,
    tops: np.ndarray,
    parallel: bool,
) -> None:
    """Write the rate [1/s] at which each free cell loses its heat through its faces into ``rates``, and its row maxima."""
    (_parallel if parallel else _serial)(*faces, heat, held, rates, tops)


@njit(cache=True, nogil=True)
def fastest_cells(rates, tops, mark, base):  # type: ignore[no-untyped-def]
    """Box of all cells whose rate exceeds ``mark``, joined with the box ``base``; and the largest rate outside of it."""
    i0, i1, j0, j1, k0, k1 = base
    if i1 <= i0:
        i0, i1, j0, j1, k0, k1 = rates.shape[0], 0, rates.shape[1], 0, rates.shape[2], 0
    for i in range(rates.shape[0]):
        for j in range(rates.shape[1]):
            if tops[i, j] > mark:
                for k in range(rates.shape[2]):
                    if rates[i, j, k] > mark:
                        i0, i1 = min(i0, i), max(i1, i + 1)
                        j0, j1 = min(j0, j), max(j1, j + 1)
                        k0, k1 = min(k0, k), max(k1, k + 1)
    if i1 <= i0:
        return (0, 0, 0, 0, 0, 0), tops.max()
    outside = np.float32(0.0)
    for i in range(rates.shape[0]):
        for j in range(rates.shape[1]):
            if tops[i, j] > outside:
                crosses = i0 <= i < i1 and j0 <= j < j1
                for k in range(rates.shape[2]):
                    if not (crosses and k0 <= k < k1):
                        outside = max(outside, rates[i, j, k])
    return (i0, i1, j0, j1, k0, k1), outside
