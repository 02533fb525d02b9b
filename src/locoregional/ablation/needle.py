"""A needle in a voxel grid: coordinates along and across it, and means around it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.ablation.rings import rings_parallel, rings_serial
from locoregional.errors import GeometryError

__all__ = ["AZIMUTHS", "Needle", "NeedleFrame"]

AZIMUTHS = 8
"""Points per ring when temperatures are averaged around the needle."""


@dataclass(frozen=True)
class Needle:
    """Where a needle lies in a voxel grid.

    Attributes
    ----------
    tip_mm : (float, float, float)
        Tip along (slice, row, column), measured from the centre of voxel (0, 0, 0).
    direction : (float, float, float)
        Unit vector of insertion, from the skin to the tip, in the same frame.
    turn_deg : float
        Turn about its own axis, for tines.

    Raises
    ------
    GeometryError
        If the direction has no length.
    """

    tip_mm: tuple[float, float, float]
    direction: tuple[float, float, float]
    turn_deg: float = 0.0

    def __post_init__(self) -> None:
        """Normalise the direction."""
        vector = np.asarray(self.direction, dtype=float)
        length = float(np.linalg.norm(vector))
        if not (np.isfinite(length) and length > 0 and np.isfinite(self.tip_mm).all()):
            raise GeometryError("the needle has no direction or no tip", remedy="Give a finite tip and a direction.")
        object.__setattr__(self, "direction", tuple(float(v) for v in vector / length))


class NeedleFrame:
    """Coordinates of a needle in a voxel grid; z grows from the tip to the hub, r away from the axis.

    Parameters
    ----------
    needle : Needle
        Where it lies.
    shape : (int, int, int)
        Voxels along (slice, row, column); at least two along each.
    spacing_mm : array_like, scalar or shape (3,)
        Voxel sides.
    parallel : bool
        Use all threads; False: one, safe to call from several Python threads at once.
    """

    def __init__(self, needle: Needle, *, shape: tuple[int, int, int], spacing_mm: ArrayLike, parallel: bool = True) -> None:
        if min(shape) < 2:
            raise GeometryError(f"a grid of {shape} voxels cannot hold a needle", remedy="Use at least 2 voxels per axis.")
        self.needle, self.shape, self.parallel = needle, shape, parallel
        self.spacing_m = np.broadcast_to(np.asarray(spacing_mm, dtype=float) * 1e-3, (3,)).copy()
        self.tip_m = np.asarray(needle.tip_mm, dtype=float) * 1e-3
        self.axis = -np.asarray(needle.direction, dtype=float)
        helper = np.eye(3)[int(np.argmin(np.abs(self.axis)))]
        side = np.cross(self.axis, helper)
        self.side = side / np.linalg.norm(side)
        self.other = np.cross(self.axis, self.side)

    @property
    def spacing_mm(self) -> NDArray[np.float64]:
        """Voxel sides, shape (3,) [mm]."""
        return 1e3 * self.spacing_m

    def section(
        self, values: NDArray, *, z_m: NDArray, r_m: NDArray, outside: float, azimuths: int = AZIMUTHS
    ) -> NDArray[np.float64]:
        """Mean of a voxel field on rings around the needle.

        Parameters
        ----------
        values : ndarray, shape (slices, rows, columns)
            For example temperature [C].
        z_m, r_m : ndarray
            Distances from the tip towards the hub, and from the axis [m].
        outside : float
            Value beyond the grid.
        azimuths : int
            Points per ring.

        Returns
        -------
        ndarray, shape (len(z_m), len(r_m))
            Ring averages.
        """
        out = np.empty((len(z_m), len(r_m)))
        kernel = rings_parallel if self.parallel else rings_serial
        kernel(out, values, self.spacing_m, self.tip_m, self.axis, self.side, self.other, z_m, r_m, outside, azimuths)
        return out

    def distance_along_mm(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Coordinates of voxel centres along the needle (0 at the tip, positive towards the hub) and from its axis [mm]."""
        offsets = [1e3 * (np.arange(n) * s - t) for n, s, t in zip(self.shape, self.spacing_m, self.tip_m, strict=True)]
        p0, p1, p2 = (o.astype(np.float32) for o in np.meshgrid(*offsets, indexing="ij", sparse=True))
        a = self.axis.astype(np.float32)
        along = p0 * a[0] + p1 * a[1] + p2 * a[2]
        squared = p0 * p0 + p1 * p1 + p2 * p2 - along * along
        return along, np.sqrt(np.maximum(squared, 0.0))
