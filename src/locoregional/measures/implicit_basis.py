"""Smooth functions of space for closed surfaces: quadrics plus triharmonic splines.

A surface is the zero level of ``f(x) = quadric(x) + sum_j w_j |x - z_j|^3``. The spline part has least third derivatives among
all functions through the same values (duchon1977), so an ellipsoid costs nothing and every departure from one costs
roughness. Coordinates are dimensionless here: millimetres from the centre over the radius of the ball of equal volume.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.measures.dense_kernels import back_substituted, cholesky, cubed_distances, row_products
from locoregional.measures.spline_kernels import gradient_pull, spline_gradient, spline_value

__all__ = ["QUADRIC_TERMS", "Basis", "spline_basis"]

QUADRIC_TERMS = 10
"""1, three linear and six quadratic terms in three dimensions."""

_SOFTEST = 1e-7
"""Share of the stiffest bending added to all: modes below it are lost in rounding."""

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

    def features(self, x: Array) -> Array:
        """Value of every function at points, shape (size, n)."""
        out = np.empty((self.size, len(x)))
        split = self.mixing.shape[1]
        if split:
            out[:split] = row_products(self.mixing.T, cubed_distances(x, self.centres))
        out[split:] = _quadric(x).T
        return out

    def value(self, x: Array, coefficients: Array) -> Array:
        """Combined function at points, shape (n,)."""
        weights, quadric = self._parts(coefficients)
        return spline_value(x, self.centres, weights) + (_quadric(x) * quadric).sum(axis=1)

    def gradient(self, x: Array, coefficients: Array) -> Array:
        """Gradient of the combined function at points, shape (n, 3)."""
        weights, quadric = self._parts(coefficients)
        return spline_gradient(x, self.centres, weights) + _quadric_gradient(x, quadric)

    def pull(self, x: Array, directions: Array) -> Array:
        """Sum over points of every function's slope along the point's direction, shape (size,)."""
        out = np.empty(self.size)
        split = self.mixing.shape[1]
        out[:split] = (self.mixing * gradient_pull(x, self.centres, directions)[:, None]).sum(axis=0)
        for term, unit in enumerate(np.eye(QUADRIC_TERMS)):
            out[split + term] = (_quadric_gradient(x, unit) * directions).sum()
        return out

    def combined(self, x: Array, coefficients: Array) -> Array:
        """Several combined functions at points, shape (n, m), for coefficients of shape (size, m)."""
        split = self.mixing.shape[1]
        spline = row_products(cubed_distances(x, self.centres), row_products(coefficients[:split].T, self.mixing))
        return spline + row_products(_quadric(x), coefficients[split:].T)

    def _parts(self, coefficients: Array) -> tuple[Array, Array]:
        split = self.mixing.shape[1]
        return (self.mixing * coefficients[:split]).sum(axis=1), coefficients[split:]


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
    bending = row_products(row_products(free.T, cubed_distances(centres, centres)), free.T)
    bending[np.diag_indices_from(bending)] += _SOFTEST * bending.diagonal().max()
    factor = cholesky(bending)
    return Basis(centres, _unit_modes(factor, free))


def _unit_modes(factor: Array, free: Array) -> Array:
    """Kernel weights whose roughness is the identity: the free directions over the factor of the bending."""
    return row_products(free, back_substituted(factor, np.eye(len(factor))).T)
