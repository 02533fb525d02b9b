"""Approximate signed distances (negative inside, in mm) of the few shapes that a body is built from."""

from __future__ import annotations

import math

import numpy as np
from numba import njit, prange
from numpy.typing import ArrayLike, NDArray

__all__ = ["FAR_MM", "Coordinates", "cylinder", "ellipsoid", "joined", "rotation", "smooth_curve", "superellipse", "tubes"]

FAR_MM = 99.0
"""Distance written where a tube is too far away to matter."""

Coordinates = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]
"""LPS x, y and z [mm] of voxels, arrays that broadcast to (slice, row, column)."""


def rotation(*, about_x_deg: float = 0.0, about_y_deg: float = 0.0, about_z_deg: float = 0.0) -> NDArray[np.float64]:
    """Rotation matrix, shape (3, 3): about x first, then y, then z."""
    matrix = np.eye(3)
    for axis, angle_deg in enumerate((about_x_deg, about_y_deg, about_z_deg)):
        c, s = math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))
        i, j = [a for a in range(3) if a != axis]
        turn = np.eye(3)
        turn[i, i] = turn[j, j] = c
        turn[i, j], turn[j, i] = (-s, s) if axis != 1 else (s, -s)
        matrix = turn @ matrix
    return matrix


def ellipsoid(at: Coordinates, centre: ArrayLike, semi_axes_mm: ArrayLike, turn: NDArray | None = None) -> NDArray[np.float32]:
    """Ellipsoid: first-order distance, exact on the surface.

    Parameters
    ----------
    at : tuple of ndarray
        Coordinates of the voxels [mm].
    centre, semi_axes_mm : array_like, shape (3,)
        LPS centre and half lengths [mm].
    turn : ndarray, shape (3, 3), optional
        Rotation of its axes.
    """
    phi = np.empty(np.broadcast_shapes(*(a.shape for a in at)), dtype=np.float32)
    matrix = np.eye(3) if turn is None else np.asarray(turn, dtype=float)
    x, y, z = (np.broadcast_to(a, phi.shape) for a in at)
    _ellipsoid(
        phi, x, y, z, np.asarray(centre, dtype=np.float32), np.asarray(semi_axes_mm, dtype=np.float32), matrix.astype(np.float32)
    )
    return phi


@njit(parallel=True, fastmath=True, cache=True)
def _ellipsoid(phi: NDArray, x: NDArray, y: NDArray, z: NDArray, centre: NDArray, semi: NDArray, turn: NDArray) -> None:
    m = turn.T.copy()
    for k in prange(phi.shape[0]):
        for i in range(phi.shape[1]):
            for j in range(phi.shape[2]):
                dx, dy, dz = x[k, i, j] - centre[0], y[k, i, j] - centre[1], z[k, i, j] - centre[2]
                q2, g2 = np.float32(0), np.float32(1e-9)
                for a in range(3):
                    u = (m[a, 0] * dx + m[a, 1] * dy + m[a, 2] * dz) / semi[a]
                    q2 += u * u
                    g2 += (u / semi[a]) ** 2
                q = math.sqrt(q2)
                phi[k, i, j] = q * (q - np.float32(1)) / math.sqrt(g2)


def superellipse(
    at: Coordinates, centre_y_mm: ArrayLike, half_x_mm: ArrayLike, half_y_mm: ArrayLike, *, exponent: float = 2.4
) -> NDArray[np.float32]:
    """Upright trunk whose half widths may be arrays along the slices; first-order distance."""
    n = np.float32(exponent)
    x = np.abs(at[0]) / np.asarray(half_x_mm, dtype=np.float32)
    y = np.abs(at[1] - np.asarray(centre_y_mm, dtype=np.float32)) / np.asarray(half_y_mm, dtype=np.float32)
    total = x**n + y**n + np.float32(1e-6)
    q = total ** (1 / n)
    gx = x ** (n - 1) / np.asarray(half_x_mm, dtype=np.float32)
    gy = y ** (n - 1) / np.asarray(half_y_mm, dtype=np.float32)
    slope = q / total * np.sqrt(gx**2 + gy**2)
    return np.asarray((q - 1) / np.maximum(slope, np.float32(1e-4)), dtype=np.float32)


def cylinder(
    at: Coordinates, centre_x_mm: ArrayLike, centre_y_mm: ArrayLike, half_x_mm: ArrayLike, half_y_mm: ArrayLike
) -> NDArray[np.float32]:
    """Upright elliptic cylinder whose centre and half widths may be arrays along the slices; first-order distance."""
    a, b = np.asarray(half_x_mm, dtype=np.float32), np.asarray(half_y_mm, dtype=np.float32)
    x = (at[0] - np.asarray(centre_x_mm, dtype=np.float32)) / a
    y = (at[1] - np.asarray(centre_y_mm, dtype=np.float32)) / b
    q = np.sqrt(x**2 + y**2)
    return np.asarray(q * (q - 1) / np.sqrt((x / a) ** 2 + (y / b) ** 2 + np.float32(1e-9)), dtype=np.float32)


def joined(a: NDArray[np.float32], b: NDArray[np.float32], *, blend_mm: float) -> NDArray[np.float32]:
    """Union of two shapes with a fillet of about ``blend_mm``."""
    h = np.maximum(np.float32(blend_mm) - np.abs(a - b), 0)
    return np.asarray(np.minimum(a, b) - h * h / np.float32(4 * blend_mm), dtype=np.float32)


def smooth_curve(points: ArrayLike, *, steps: int = 8) -> NDArray[np.float64]:
    """Catmull-Rom curve through rows of ``points``, shape (n, k) -> ((n - 1) * steps + 1, k)."""
    p = np.asarray(points, dtype=float)
    padded = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
    t = np.arange(steps)[:, None] / steps
    pieces = []
    for a, b, c, d in zip(padded[:-3], padded[1:-2], padded[2:-1], padded[3:], strict=True):
        pieces.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    return np.vstack([*pieces, p[-1:]])


@njit(parallel=True, cache=True)
def tubes(
    phi: NDArray, origin: NDArray, spacing: NDArray, starts: NDArray, stops: NDArray, radii: NDArray, band: float, squash_z: float
) -> None:
    """Lower ``phi`` to the distance from tapered capsules, in place.

    Parameters
    ----------
    phi : ndarray, shape (slices, rows, columns) [mm]
        Field to lower.
    origin, spacing : ndarray, shape (3,) [mm]
        LPS of the first voxel; voxel sides along slice, row and column.
    starts, stops : ndarray, shape (n, 3) [mm]
        LPS ends of the capsules.
    radii : ndarray, shape (n, 2) [mm]
        Radius at both ends.
    band : float [mm]
        Distance beyond the surface up to which the field is written.
    squash_z : float
        Height over width of the cross-section (ribs are taller than thick).
    """
    nz, ny, nx = phi.shape
    for k in prange(nz):
        z = origin[2] + k * spacing[0]
        for m in range(starts.shape[0]):
            reach = max(radii[m, 0], radii[m, 1]) + band
            az, bz = starts[m, 2], stops[m, 2]
            if z < min(az, bz) - reach * squash_z or z > max(az, bz) + reach * squash_z:
                continue
            ax, ay, bx, by = starts[m, 0], starts[m, 1], stops[m, 0], stops[m, 1]
            i0 = max(0, math.floor((min(ay, by) - reach - origin[1]) / spacing[1]))
            i1 = min(ny, math.ceil((max(ay, by) + reach - origin[1]) / spacing[1]) + 1)
            j0 = max(0, math.floor((min(ax, bx) - reach - origin[0]) / spacing[2]))
            j1 = min(nx, math.ceil((max(ax, bx) + reach - origin[0]) / spacing[2]) + 1)
            ux, uy, uz = bx - ax, by - ay, (bz - az) / squash_z
            length2 = max(ux * ux + uy * uy + uz * uz, 1e-9)
            dz = (z - az) / squash_z
            for i in range(i0, i1):
                dy = origin[1] + i * spacing[1] - ay
                for j in range(j0, j1):
                    dx = origin[0] + j * spacing[2] - ax
                    t = min(1.0, max(0.0, (dx * ux + dy * uy + dz * uz) / length2))
                    ex, ey, ez = dx - t * ux, dy - t * uy, dz - t * uz
                    d = math.sqrt(ex * ex + ey * ey + ez * ez) - (radii[m, 0] + t * (radii[m, 1] - radii[m, 0]))
                    if d < phi[k, i, j]:
                        phi[k, i, j] = d
