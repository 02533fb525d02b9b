"""Smooth functions of space for closed surfaces: quadrics plus triharmonic splines.

A surface is the zero level of ``f(x) = quadric(x) + sum_j w_j |x - z_j|^3``. The spline part has least third derivatives among
all functions through the same values (duchon1977), so an ellipsoid costs nothing and every departure from one costs
roughness. Coordinates are dimensionless here: millimetres from the centre over the radius of the ball of equal volume.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["QUADRIC_TERMS", "Basis", "spline_basis"]

QUADRIC_TERMS = 10
"""1, three linear and six quadratic terms in three dimensions."""

_EIGENVALUE_FLOOR = 1e-7
"""Spline modes below this share of the stiffest are lost in rounding and dropped."""

Array = NDArray[np.float64]


def _quadric(x: Array) -> Array:
    a, b, c = x.T
    return np.stack([np.ones(len(x)), a, b, c, a * a, b * b, c * c, a * b, b * c, a * c], 1)


def _quadric_gradient(x: Array, q: Array) -> Array:
    a, b, c = x.T
    return np.stack(
        [
            q[1] + 2 * q[4] * a + q[7] * b + q[9] * c,
            q[2] + 2 * q[5] * b + q[7] * a + q[8] * c,
            q[3] + 2 * q[6] * c + q[8] * b + q[9] * a,
        ],
        1,
    )


@dataclass(frozen=True, eq=False)
class Basis:
    """Functions whose combination is a surface.

    Attributes
    ----------
    centres : ndarray, shape (m, 3)
        Places of the spline kernels.
    mixing : ndarray, shape (m, k)
        Kernel weights of the k spline modes, each of unit roughness.
    """

    centres: Array
    mixing: Array

    @property
    def size(self) -> int:
        """Number of coefficients: spline modes, then the quadric's."""
        return self.mixing.shape[1] + QUADRIC_TERMS

    def _distances(self, x: Array) -> Array:
        squared = (x * x).sum(1)[:, None] + (self.centres * self.centres).sum(1) - 2.0 * (x @ self.centres.T)
        return np.sqrt(np.maximum(squared, 0.0))

    def features(self, x: Array) -> Array:
        """Value of every function at points, shape (n, size)."""
        return np.concatenate([self._distances(x) ** 3 @ self.mixing, _quadric(x)], 1)

    def value(self, x: Array, coefficients: Array) -> Array:
        """Combined function at points, shape (n,)."""
        split = self.mixing.shape[1]
        return self._distances(x) ** 3 @ (self.mixing @ coefficients[:split]) + _quadric(x) @ coefficients[split:]

    def gradient(self, x: Array, coefficients: Array) -> Array:
        """Gradient of the combined function at points, shape (n, 3)."""
        split = self.mixing.shape[1]
        weighted = 3.0 * self._distances(x) * (self.mixing @ coefficients[:split])
        spline = x * weighted.sum(1)[:, None] - weighted @ self.centres
        return spline + _quadric_gradient(x, coefficients[split:])

    def gradients(self, x: Array) -> Array:
        """Gradient of every function at points, shape (3, n, size)."""
        r = 3.0 * self._distances(x)
        split = self.mixing.shape[1]
        out = np.empty((3, len(x), self.size))
        for axis in range(3):
            out[axis, :, :split] = (r * (x[:, axis, None] - self.centres[:, axis])) @ self.mixing
        for term, unit in enumerate(np.eye(QUADRIC_TERMS)):
            out[:, :, split + term] = _quadric_gradient(x, unit).T
        return out


def spline_basis(places: Array, *, most: int) -> Basis:
    """Basis with kernels spread evenly over a surface.

    Parameters
    ----------
    places : ndarray, shape (n, 3)
        Points on or near the surface, dimensionless.
    most : int
        Largest number of kernels.

    Returns
    -------
    Basis
        Quadric alone where there are too few places for more.
    """
    cell = 0.6 * np.sqrt(4.0 * np.pi / most)
    while True:
        _, which = np.unique(np.floor(places / cell).astype(int), axis=0, return_inverse=True)
        count = np.bincount(which)
        if len(count) <= most:
            break
        cell *= 1.1
    centres = np.stack([np.bincount(which, places[:, axis]) / count for axis in range(3)], 1)
    if len(centres) <= QUADRIC_TERMS + 2:
        return Basis(centres, np.zeros((len(centres), 0)))
    free = np.linalg.qr(_quadric(centres), mode="complete")[0][:, QUADRIC_TERMS:]
    kernel = np.linalg.norm(centres[:, None] - centres[None], axis=2) ** 3
    stiffness, modes = np.linalg.eigh(free.T @ kernel @ free)
    kept = stiffness > _EIGENVALUE_FLOOR * stiffness[-1]
    return Basis(centres, free @ (modes[:, kept] / np.sqrt(stiffness[kept])))
