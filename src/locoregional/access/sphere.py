"""Directions in space."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["directions_around", "directions_over_sphere"]


def directions_over_sphere(count: int, *, seed: int) -> NDArray[np.float64]:
    """Unit vectors spread evenly over the sphere (Fibonacci lattice turned at random), shape (count, 3)."""
    number = np.arange(count)
    height = 1.0 - (2.0 * number + 1.0) / count
    turn = np.pi * (1.0 + 5.0**0.5) * number
    ring = np.sqrt(np.maximum(0.0, 1.0 - height**2))
    lattice = np.stack([ring * np.cos(turn), ring * np.sin(turn), height], axis=1)
    rotation, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    return lattice @ rotation.T


def directions_around(middle: NDArray[np.float64], *, radius_rad: float, count: int) -> NDArray[np.float64]:
    """Unit vectors spread evenly over a small cap around each given one, shape (n, count, 3).

    Parameters
    ----------
    middle : ndarray, shape (n, 3)
        Unit vectors; the first direction of each cap is the vector itself.
    radius_rad : float [radian]
        Angle from the middle to the rim of the cap.
    count : int
        Directions per cap.
    """
    number = np.arange(count)
    tilt = radius_rad * np.sqrt(number / max(count - 1, 1))
    turn = np.pi * (1.0 + 5.0**0.5) * number
    # Any vector that is not parallel gives a frame; the least component is never parallel.
    helper = np.eye(3)[np.argmin(np.abs(middle), axis=1)]
    first = np.cross(middle, helper)
    first /= np.linalg.norm(first, axis=1, keepdims=True)
    second = np.cross(middle, first)
    around = np.cos(turn)[None, :, None] * first[:, None] + np.sin(turn)[None, :, None] * second[:, None]
    return np.asarray(np.cos(tilt)[None, :, None] * middle[:, None] + np.sin(tilt)[None, :, None] * around)
