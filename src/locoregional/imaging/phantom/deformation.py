"""A smooth invertible motion between two images that is known exactly: breathing and the shrinking of an ablation zone."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit, prange
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import ImagingError
from locoregional.imaging.volume import Grid

__all__ = ["Deformation", "carried"]


@njit(cache=True)
def _pulled(x: float, y: float, z: float, p: NDArray) -> tuple[float, float, float]:
    a, b, c = (x - p[0]) / p[3], (y - p[1]) / p[4], (z - p[2]) / p[5]
    wide = math.exp(-0.5 * (a * a + b * b + c * c))
    u, v, w = x - p[9], y - p[10], z - p[11]
    near = p[13] * math.exp(-0.5 * (u * u + v * v + w * w) / (p[12] * p[12]))
    return x + p[6] * wide + u * near, y + p[7] * wide + v * near, z + p[8] * wide + w * near


@njit(parallel=True, cache=True)
def _pull_points(points: NDArray, p: NDArray, out: NDArray) -> None:
    for n in prange(points.shape[0]):
        out[n, 0], out[n, 1], out[n, 2] = _pulled(points[n, 0], points[n, 1], points[n, 2], p)


@njit(parallel=True, cache=True)
def _carry(source: NDArray, inverse: NDArray, affine: NDArray, p: NDArray, outside: float, out: NDArray) -> None:
    nz, ny, nx = source.shape
    for i in prange(out.shape[0]):
        for j in range(out.shape[1]):
            for k in range(out.shape[2]):
                x = affine[0, 0] * i + affine[0, 1] * j + affine[0, 2] * k + affine[0, 3]
                y = affine[1, 0] * i + affine[1, 1] * j + affine[1, 2] * k + affine[1, 3]
                z = affine[2, 0] * i + affine[2, 1] * j + affine[2, 2] * k + affine[2, 3]
                x, y, z = _pulled(x, y, z, p)
                a = inverse[0, 0] * x + inverse[0, 1] * y + inverse[0, 2] * z + inverse[0, 3]
                b = inverse[1, 0] * x + inverse[1, 1] * y + inverse[1, 2] * z + inverse[1, 3]
                c = inverse[2, 0] * x + inverse[2, 1] * y + inverse[2, 2] * z + inverse[2, 3]
                if a < -0.5 or b < -0.5 or c < -0.5 or a > nz - 0.5 or b > ny - 0.5 or c > nx - 0.5:
                    out[i, j, k] = outside
                    continue
                a, b, c = min(max(a, 0.0), nz - 1.0), min(max(b, 0.0), ny - 1.0), min(max(c, 0.0), nx - 1.0)
                ia, ib, ic = int(a), int(b), int(c)
                ja, jb, jc = min(ia + 1, nz - 1), min(ib + 1, ny - 1), min(ic + 1, nx - 1)
                fa, fb, fc = a - ia, b - ib, c - ic
                low = (source[ia, ib, ic] * (1 - fc) + source[ia, ib, jc] * fc) * (1 - fb)
                low += (source[ia, jb, ic] * (1 - fc) + source[ia, jb, jc] * fc) * fb
                high = (source[ja, ib, ic] * (1 - fc) + source[ja, ib, jc] * fc) * (1 - fb)
                high += (source[ja, jb, ic] * (1 - fc) + source[ja, jb, jc] * fc) * fb
                out[i, j, k] = low * (1 - fa) + high * fa


@dataclass(frozen=True)
class Deformation:
    """Where each point of the follow-up image was on the planning image.

    ``x -> x + shift * G(x) + shrink * (x - centre) * H(x)`` with Gaussians G (wide, breathing) and H (round the zone).

    Attributes
    ----------
    shift_mm : tuple of float
        Breathing displacement at its largest, LPS, from follow-up to planning.
    shift_centre_lps_mm, shift_width_mm : tuple of float
        Centre and standard deviations of G.
    shrink_centre_lps_mm : tuple of float
        Middle of the zone on the follow-up image.
    shrink_width_mm : float
        Standard deviation of H.
    shrink : float
        How much longer tissue in the middle was on the planning image (0.1: shrunk by a tenth).

    Raises
    ------
    ImagingError
        If the motion could fold space, so that it would have no inverse.
    """

    shift_mm: tuple[float, float, float]
    shift_centre_lps_mm: tuple[float, float, float]
    shift_width_mm: tuple[float, float, float]
    shrink_centre_lps_mm: tuple[float, float, float]
    shrink_width_mm: float
    shrink: float

    def __post_init__(self) -> None:
        """Check that the motion is a contraction away from the identity, which makes it invertible."""
        # The steepest slope of a Gaussian is exp(-1/2)/sigma; that of r * H(r) is at most 1.
        slope = float(np.linalg.norm(self.shift_mm)) * math.exp(-0.5) / min(self.shift_width_mm) + abs(self.shrink)
        if slope >= 0.9:
            raise ImagingError(
                f"a deformation with slope {slope:.2f} may fold",
                where="deformation",
                remedy="Use a smaller shift or a wider one.",
            )

    @property
    def _parameters(self) -> NDArray[np.float64]:
        wide = (*self.shift_centre_lps_mm, *self.shift_width_mm, *self.shift_mm)
        return np.array([*wide, *self.shrink_centre_lps_mm, self.shrink_width_mm, self.shrink], dtype=np.float64)

    def pull(self, points_lps_mm: ArrayLike) -> NDArray[np.float64]:
        """Planning points of follow-up points, shape (..., 3) [mm]."""
        points = np.ascontiguousarray(points_lps_mm, dtype=np.float64)
        out = np.empty_like(points)
        _pull_points(points.reshape(-1, 3), self._parameters, out.reshape(-1, 3))
        return out

    def push(self, points_lps_mm: ArrayLike) -> NDArray[np.float64]:
        """Follow-up points of planning points, shape (..., 3) [mm]; to 1e-9 mm by fixed-point iteration."""
        target = np.asarray(points_lps_mm, dtype=np.float64)
        found = target.copy()
        for _ in range(400):
            step = target - self.pull(found)
            found += step
            if np.abs(step).max(initial=0.0) < 1e-10:
                break
        return found

    def displacement(self, grid: Grid) -> NDArray[np.float32]:
        """Field from follow-up to planning on a grid, shape (slices, rows, columns, 3) LPS [mm]."""
        index = np.stack(np.meshgrid(*[np.arange(n) for n in grid.shape], indexing="ij"), axis=-1)
        points = grid.to_lps(index)
        return np.asarray(self.pull(points) - points, dtype=np.float32)


def carried(array: NDArray, grid: Grid, deformation: Deformation, *, outside: float) -> NDArray[np.float32]:
    """Planning image as it looks after the motion, on the same grid, linear between voxels."""
    out = np.empty(grid.shape, dtype=np.float32)
    affine = np.ascontiguousarray(grid.affine)
    _carry(np.ascontiguousarray(array, dtype=np.float32), np.linalg.inv(affine), affine, deformation._parameters, outside, out)
    return out
