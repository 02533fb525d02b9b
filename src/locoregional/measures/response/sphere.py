"""A small sphere on a grid: which share of it lies in which voxel."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["sphere_shares"]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(24)


def sphere_shares(*, radius_mm: float, spacing_mm: ArrayLike, offset_mm: ArrayLike = (0.0, 0.0, 0.0)) -> NDArray[np.float64]:
    """Share of a sphere in each voxel of a block around it; the shares sum to 1.

    Along one axis the cut circles are integrated numerically (error below 1e-5 of the sphere), across it their overlap with a
    voxel is exact.

    Parameters
    ----------
    radius_mm : float
        Of the sphere [mm].
    spacing_mm : array_like, shape (3,) [mm]
        Voxel sides.
    offset_mm : array_like, shape (3,) [mm]
        Centre of the sphere from the centre of the middle voxel.

    Returns
    -------
    ndarray
        Odd number of voxels along each axis, the middle one in the middle.
    """
    spacing, offset = np.asarray(spacing_mm, dtype=float), np.asarray(offset_mm, dtype=float)
    reach = np.ceil((radius_mm + np.abs(offset)) / spacing - 0.5).astype(int)
    edges = [(np.arange(-n, n + 2) - 0.5) * s - o for n, s, o in zip(reach, spacing, offset, strict=True)]
    low, high = (np.clip(e, -radius_mm, radius_mm) for e in (edges[0][:-1], edges[0][1:]))
    heights = (low + high)[:, None] / 2 + (high - low)[:, None] / 2 * _NODES
    circles = np.sqrt(np.maximum(radius_mm**2 - heights**2, 0.0))[..., None, None]
    quarter = _quarter(edges[1][:, None], edges[2][None, :], circles)
    areas = np.diff(np.diff(quarter, axis=-2), axis=-1)
    volumes = np.einsum("kz,kzij->kij", (high - low)[:, None] / 2 * _WEIGHTS, areas)
    return np.asarray(volumes / volumes.sum())


def _quarter(x: NDArray, y: NDArray, radius: NDArray) -> NDArray[np.float64]:
    """Area of a disc around 0 that lies below ``x`` and below ``y``."""
    x, y = np.broadcast_arrays(np.clip(x, -radius, radius), np.clip(y, -radius, radius))
    half = np.sqrt(np.maximum(radius**2 - y**2, 0.0))  # where the line at y cuts the circle

    def primitive(t: NDArray) -> NDArray:
        ratio = np.divide(t, radius, out=np.zeros_like(t), where=np.broadcast_to(radius > 0, t.shape))
        return 0.5 * (t * np.sqrt(np.maximum(radius**2 - t**2, 0.0)) + radius**2 * np.arcsin(np.clip(ratio, -1.0, 1.0)))

    left, middle, right = np.minimum(x, -half), np.clip(x, -half, half), np.maximum(x, half)
    caps = 2 * (primitive(left) - primitive(-radius + np.zeros_like(x)) + primitive(right) - primitive(half))
    cut = y * (middle + half) + primitive(middle) - primitive(-half)
    return cut + np.where(y >= 0, caps, 0.0)
