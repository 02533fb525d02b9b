"""Heat source of a needle on a voxel grid: the (z, r) pattern turned along the needle, and temperatures taken back to (z, r)."""

from __future__ import annotations

from threading import Lock

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.ablation.needle import AZIMUTHS, Needle, NeedleFrame
from locoregional.errors import GeometryError
from locoregional.procedures.mwa.antenna import AntennaModel
from locoregional.procedures.mwa.mesh import Mesh
from locoregional.procedures.mwa.rings import count_weights, deposit_parallel, deposit_serial, fill_weights

__all__ = ["NeedleGrid"]

LOOKUP_M = 5e-5
"""Pitch of the table that finds the mesh cell of a point: half the finest production cell."""
REMEMBERED = 6
"""Sets of weights kept in memory: three antennas on the nominal grid and on that of the ensemble."""
_WEIGHTS: dict[tuple, tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]] = {}
_LOCK = Lock()


def _lookup(lines_m: NDArray[np.float64]) -> NDArray[np.int32]:
    """Index of the last cell centre at or below each table point, measured from the first line."""
    centres = 0.5 * (lines_m[1:] + lines_m[:-1])
    points = lines_m[0] + LOOKUP_M * (np.arange(int((lines_m[-1] - lines_m[0]) / LOOKUP_M) + 2) + 0.5)
    return np.clip(np.searchsorted(centres, points) - 1, 0, len(centres) - 2).astype(np.int32)


class NeedleGrid(NeedleFrame):
    """A needle in a voxel grid: carries SAR to voxels and temperatures back.

    Parameters
    ----------
    model : AntennaModel
        The antenna on its (z, r) mesh.
    needle : Needle
        Where it lies.
    shape : (int, int, int)
        Voxels along (slice, row, column); at least two along each.
    spacing_mm : array_like, scalar or shape (3,)
        Voxel sides.
    parallel : bool
        Use all threads; False: one, safe to call from several Python threads at once.
    """

    def __init__(
        self, model: AntennaModel, needle: Needle, *, shape: tuple[int, int, int], spacing_mm: ArrayLike, parallel: bool = True
    ) -> None:
        super().__init__(needle, shape=shape, spacing_mm=spacing_mm, parallel=parallel)
        self.model = model
        mesh = model.mesh
        self._z_table, self._r_table = _lookup(mesh.z_m), _lookup(mesh.r_m)
        solid = ~model.tissue
        self._first = solid.sum(axis=1)  # the antenna fills the inner cells of a row
        self._edge_r = mesh.r_m[self._first]
        self._inside = self._inside_share(mesh)
        self._weights = self._remembered_weights()

    def _remembered_weights(self) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]:
        """Weights of mesh cells under each voxel: geometry alone, so all runs with one needle on one grid share them."""
        mesh = self.model.mesh
        parts = (self.spacing_m, self.tip_m, self.axis, self._edge_r, mesh.z_m, mesh.r_m)
        key = (self.shape, *(p.tobytes() for p in parts))
        with _LOCK:
            if key not in _WEIGHTS:
                while len(_WEIGHTS) >= REMEMBERED:
                    _WEIGHTS.pop(next(iter(_WEIGHTS)))
                _WEIGHTS[key] = self._new_weights()
            return _WEIGHTS[key]

    def _new_weights(self) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]:
        mesh = self.model.mesh
        start = np.empty(int(np.prod(self.shape)) + 1, np.int64)
        ends = (mesh.z_m[0], mesh.z_m[-1], mesh.r_m[-1])
        count_weights(start, self.shape, self.spacing_m, self.tip_m, self.axis, self._edge_r, *ends)
        cell, weight = np.empty(start[-1], np.int32), np.empty(start[-1], np.float32)
        fill_weights(
            start, cell, weight, self.shape, self.spacing_m, self.tip_m, self.axis, self._edge_r, mesh.z_centres_m,
            mesh.r_centres_m, self._z_table, self._r_table, *ends, LOOKUP_M,
        )  # fmt: skip
        return start, cell, weight

    def _inside_share(self, mesh: Mesh) -> NDArray[np.float64]:
        """Share of each ring that lies inside the grid, shape (nz, nr)."""
        angle = 2.0 * np.pi * (np.arange(AZIMUTHS) + 0.5) / AZIMUTHS
        ring = np.cos(angle)[:, None] * self.side + np.sin(angle)[:, None] * self.other
        at = (
            self.tip_m
            + mesh.z_centres_m[:, None, None, None] * self.axis
            + mesh.r_centres_m[None, :, None, None] * ring[None, None]
        ) / self.spacing_m
        return ((at >= -0.5) & (at <= np.array(self.shape) - 0.5)).all(axis=-1).mean(axis=-1)

    def deposit(self, sar_w_m3: NDArray[np.float64]) -> tuple[NDArray[np.float32], float]:
        """Voxel averages of a SAR pattern, scaled so that the grid holds exactly the power that falls into it.

        Parameters
        ----------
        sar_w_m3 : ndarray, shape (nz, nr)
            Power density on the mesh; what lies inside the antenna is ignored.

        Returns
        -------
        source : ndarray of float32, shape (slices, rows, columns) [W/m3]
            In the unit of ``sar_w_m3``.
        correction : float
            Factor that made the power exact; far from 1 means that the voxels are too coarse for the antenna.
        """
        mesh = self.model.mesh
        filled = np.where(self.model.tissue, sar_w_m3, 0.0)
        wanted = float((filled * mesh.volumes_m3 * self._inside).sum())
        rows = np.arange(mesh.shape[0])
        first = sar_w_m3[rows, np.minimum(self._first, mesh.shape[1] - 1)]
        filled = np.where(self.model.tissue, sar_w_m3, first[:, None])
        out = np.empty(self.shape, np.float32)
        kernel = deposit_parallel if self.parallel else deposit_serial
        kernel(out.ravel(), *self._weights, filled.astype(np.float32).ravel())
        held = float(out.sum(dtype=np.float64)) * float(np.prod(self.spacing_m))
        if held <= 0.0 or wanted <= 0.0:
            raise GeometryError("the antenna lies outside the grid", remedy="Move the needle or enlarge the region of interest.")
        correction = wanted / held
        out *= np.float32(correction)
        return out, correction

    def around(self, values: NDArray, *, outside: float) -> NDArray[np.float64]:
        """Mean of a voxel field around the needle, on the mesh cells; see :meth:`section`."""
        mesh = self.model.mesh
        return self.section(values, z_m=mesh.z_centres_m, r_m=mesh.r_centres_m, outside=outside)
