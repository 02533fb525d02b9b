"""Share the energy of shells around a decay among voxels; compiled."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["share_shells"]

_PHI = 0.7548776662466927, 0.5698402909980532  # steps of the additive sequence that fills a square most evenly


@njit(cache=True, nogil=True)
def _add(octant, x, y, z, energy):  # type: ignore[no-untyped-def]
    """Give an energy at a place [voxels] to the eight voxels around, by the overlap of a voxel drawn about the place."""
    i, j, k = int(x), int(y), int(z)
    u, v, w = x - i, y - j, z - k
    for a in range(2):
        p = (u if a else 1.0 - u) * (0.5 if i + a else 1.0)
        for b in range(2):
            q = p * (v if b else 1.0 - v) * (0.5 if j + b else 1.0)
            octant[i + a, j + b, k] += energy * q * (1.0 - w) * (0.5 if k else 1.0)
            octant[i + a, j + b, k + 1] += energy * q * w * 0.5


@njit(cache=True, nogil=True)
def share_shells(octant, radius, energy, side, density):  # type: ignore[no-untyped-def]
    """Add thin shells to the voxels i, j, k >= 0 of a kernel.

    Two points drawn evenly from two equal boxes are apart by the distance of the boxes plus a difference whose density is a
    product of triangles. So a voxel receives from all of a source voxel what trilinear weights give it from a point: no double
    integral is left, the weights of all voxels add up to one, and the energy is kept whatever points are taken.

    ``radius`` [mm] and ``energy`` by shell, ``side`` the three voxel sides [mm], ``density`` the points per voxel face.
    """
    smallest = min(side[0], side[1], side[2])
    for n in range(radius.size):
        r = radius[n]
        # an octant of the sphere, six orders of its axes, so that swapping the voxel's sides swaps the kernel's axes exactly
        points = int(min(max(density * 0.26 * (r / smallest) ** 2, 1000.0), 20000.0))
        share = energy[n] / (6.0 * points)
        for m in range(points):
            up = (0.5 + (m + 1) * _PHI[0] + 0.381966 * n) % 1.0
            around = 0.5 * np.pi * ((0.5 + (m + 1) * _PHI[1] + 0.618034 * n) % 1.0)
            flat = np.sqrt(1.0 - up * up)
            x, y, z = r * flat * np.cos(around), r * flat * np.sin(around), r * up
            a, b, c = side[0], side[1], side[2]
            _add(octant, x / a, y / b, z / c, share)
            _add(octant, x / a, z / b, y / c, share)
            _add(octant, y / a, x / b, z / c, share)
            _add(octant, y / a, z / b, x / c, share)
            _add(octant, z / a, x / b, y / c, share)
            _add(octant, z / a, y / b, x / c, share)
