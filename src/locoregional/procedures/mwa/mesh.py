"""Graded meshes in (z, r) around a needle: lines on every material edge, fine where the field turns sharp."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

__all__ = ["Mesh", "graded_lines"]

GROWTH = 0.22
"""Cell size gained per length away from a fine spot: neighbouring cells differ by about this share."""


@dataclass(frozen=True, eq=False)
class Mesh:
    """Tensor mesh of an axisymmetric domain.

    Attributes
    ----------
    z_m, r_m : ndarray, shape (nz + 1,), (nr + 1,) [m]
        Faces; ``z`` is zero at the tip and grows towards the hub, ``r`` starts on the axis.
    """

    z_m: NDArray[np.float64]
    r_m: NDArray[np.float64]

    @property
    def shape(self) -> tuple[int, int]:
        """Number of cells along z and r."""
        return len(self.z_m) - 1, len(self.r_m) - 1

    @property
    def z_centres_m(self) -> NDArray[np.float64]:
        """Middle of the cells along z, shape (nz,) [m]."""
        return 0.5 * (self.z_m[1:] + self.z_m[:-1])

    @property
    def r_centres_m(self) -> NDArray[np.float64]:
        """Middle of the cells along r, shape (nr,) [m]."""
        return 0.5 * (self.r_m[1:] + self.r_m[:-1])

    @property
    def volumes_m3(self) -> NDArray[np.float64]:
        """Volume of each ring, shape (nz, nr) [m3]."""
        return np.diff(self.z_m)[:, None] * (np.pi * np.diff(self.r_m**2))[None, :]


def graded_lines(breaks: Iterable[float], fine_spots: Iterable[tuple[float, float]], *, largest: float) -> NDArray[np.float64]:
    """Mesh lines through all breaks, with cells that grow away from fine spots.

    Parameters
    ----------
    breaks : iterable of float
        Coordinates that must be lines; the first and last bound the domain.
    fine_spots : iterable of (coordinate, size)
        Cell size asked for at a coordinate.
    largest : float
        Largest cell size, in the unit of the breaks.

    Returns
    -------
    ndarray
        Increasing coordinates.
    """
    stops = np.unique(np.round(np.fromiter(breaks, dtype=float), 12))
    spots = np.array(list(fine_spots), dtype=float).reshape(-1, 2)
    pieces = [stops[:1]]
    for low, high in pairwise(stops):
        x = np.linspace(low, high, 201)
        size = (
            np.minimum(largest, (spots[:, 1] + GROWTH * np.abs(x[:, None] - spots[:, 0])).min(axis=1)) if len(spots) else largest
        )
        density = 1.0 / np.broadcast_to(size, x.shape)
        count = np.concatenate([[0.0], np.cumsum(0.5 * (density[1:] + density[:-1]) * np.diff(x))])
        cells = max(1, int(np.ceil(count[-1] - 1e-6)))
        pieces.append(np.interp(np.arange(1, cells + 1) * count[-1] / cells, count, x))
    return np.concatenate(pieces)
