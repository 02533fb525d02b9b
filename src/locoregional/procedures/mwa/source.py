"""Heat source of a needle on a voxel grid: the (z, r) pattern turned along the needle, and temperatures taken back to (z, r)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit, prange
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import GeometryError
from locoregional.procedures.mwa.antenna import AntennaModel
from locoregional.procedures.mwa.mesh import Mesh

__all__ = ["Needle", "NeedleGrid"]

LOOKUP_M = 5e-5
"""Pitch of the table that finds the mesh cell of a point: half the finest production cell."""
AZIMUTHS = 16
"""Points per ring when temperatures are averaged around the needle."""
SHARPNESS = 0.3
"""Sub-sampling pitch near the shaft, as a share of the distance to it."""
FINEST_M = 2.0e-4
"""Finest sub-sampling pitch; finer changes the renormalisation factor by less than 0.1 %."""


@dataclass(frozen=True)
class Needle:
    """Where a needle lies in a voxel grid.

    Attributes
    ----------
    tip_mm : (float, float, float)
        Tip along (slice, row, column), measured from the centre of voxel (0, 0, 0).
    direction : (float, float, float)
        Unit vector of insertion, from the skin to the tip, in the same frame.

    Raises
    ------
    GeometryError
        If the direction has no length.
    """

    tip_mm: tuple[float, float, float]
    direction: tuple[float, float, float]

    def __post_init__(self) -> None:
        """Normalise the direction."""
        vector = np.asarray(self.direction, dtype=float)
        length = float(np.linalg.norm(vector))
        if not (np.isfinite(length) and length > 0 and np.isfinite(self.tip_mm).all()):
            raise GeometryError("the needle has no direction or no tip", remedy="Give a finite tip and a direction.")
        object.__setattr__(self, "direction", tuple(float(v) for v in vector / length))


def _lookup(lines_m: NDArray[np.float64]) -> NDArray[np.int32]:
    """Index of the last cell centre at or below each table point, measured from the first line."""
    centres = 0.5 * (lines_m[1:] + lines_m[:-1])
    points = lines_m[0] + LOOKUP_M * (np.arange(int((lines_m[-1] - lines_m[0]) / LOOKUP_M) + 2) + 0.5)
    return np.clip(np.searchsorted(centres, points) - 1, 0, len(centres) - 2).astype(np.int32)


@njit(parallel=True, fastmath=True, cache=True)
def _deposit(out, spacing, tip, axis, sar, edge_r, zc, rc, z_table, r_table, z_low, z_high, r_high, pitch):  # type: ignore[no-untyped-def]
    """Average ``sar`` (nz, nr) over each voxel; nothing inside the shaft, whose radius is ``edge_r`` per mesh row."""
    n0, n1, n2 = out.shape
    reach = 0.87 * max(spacing[0], max(spacing[1], spacing[2]))
    shaft = edge_r.max()
    for i in prange(n0):
        for j in range(n1):
            for k in range(n2):
                p0, p1, p2 = i * spacing[0] - tip[0], j * spacing[1] - tip[1], k * spacing[2] - tip[2]
                z = p0 * axis[0] + p1 * axis[1] + p2 * axis[2]
                rr = np.sqrt(max(p0 * p0 + p1 * p1 + p2 * p2 - z * z, 0.0))
                if z < z_low - reach or z > z_high + reach or rr > r_high + reach:
                    out[i, j, k] = 0.0
                    continue
                away = max(rr - shaft, -z) - reach
                size = max(SHARPNESS * away, FINEST_M)
                m0 = min(12, max(1, int(np.ceil(spacing[0] / size))))
                m1 = min(12, max(1, int(np.ceil(spacing[1] / size))))
                m2 = min(12, max(1, int(np.ceil(spacing[2] / size))))
                total = 0.0
                for a in range(m0):
                    q0 = p0 + ((a + 0.5) / m0 - 0.5) * spacing[0]
                    for b in range(m1):
                        q1 = p1 + ((b + 0.5) / m1 - 0.5) * spacing[1]
                        for c in range(m2):
                            q2 = p2 + ((c + 0.5) / m2 - 0.5) * spacing[2]
                            z = q0 * axis[0] + q1 * axis[1] + q2 * axis[2]
                            r = np.sqrt(max(q0 * q0 + q1 * q1 + q2 * q2 - z * z, 0.0))
                            if z <= z_low or z >= z_high or r >= r_high:
                                continue
                            iz = z_table[int((z - z_low) / pitch)]
                            ir = r_table[int(r / pitch)]
                            fz = min(max((z - zc[iz]) / (zc[iz + 1] - zc[iz]), 0.0), 1.0)
                            fr = min(max((r - rc[ir]) / (rc[ir + 1] - rc[ir]), 0.0), 1.0)
                            row = iz if fz < 0.5 else iz + 1
                            if r < edge_r[row]:
                                continue
                            total += (1 - fz) * ((1 - fr) * sar[iz, ir] + fr * sar[iz, ir + 1]) + fz * (
                                (1 - fr) * sar[iz + 1, ir] + fr * sar[iz + 1, ir + 1]
                            )
                out[i, j, k] = total / (m0 * m1 * m2)


@njit(parallel=True, fastmath=True, cache=True)
def _around(values, spacing, tip, axis, side, other, zc, rc, outside, azimuths):  # type: ignore[no-untyped-def]
    """Mean of ``values`` on rings (z, r) around the needle, by trilinear interpolation; ``outside`` beyond the grid."""
    n0, n1, n2 = values.shape
    out = np.empty((len(zc), len(rc)))
    for iz in prange(len(zc)):
        for ir in range(len(rc)):
            total = 0.0
            for a in range(azimuths):
                angle = 2.0 * np.pi * (a + 0.5) / azimuths
                co, si = np.cos(angle) * rc[ir], np.sin(angle) * rc[ir]
                x = (tip[0] + zc[iz] * axis[0] + co * side[0] + si * other[0]) / spacing[0]
                y = (tip[1] + zc[iz] * axis[1] + co * side[1] + si * other[1]) / spacing[1]
                w = (tip[2] + zc[iz] * axis[2] + co * side[2] + si * other[2]) / spacing[2]
                if x < -0.5 or y < -0.5 or w < -0.5 or x > n0 - 0.5 or y > n1 - 0.5 or w > n2 - 0.5:
                    total += outside
                    continue
                x, y, w = min(max(x, 0.0), n0 - 1.001), min(max(y, 0.0), n1 - 1.001), min(max(w, 0.0), n2 - 1.001)
                i, j, k = int(x), int(y), int(w)
                fx, fy, fw = x - i, y - j, w - k
                total += (1 - fx) * (
                    (1 - fy) * ((1 - fw) * values[i, j, k] + fw * values[i, j, k + 1])
                    + fy * ((1 - fw) * values[i, j + 1, k] + fw * values[i, j + 1, k + 1])
                ) + fx * (
                    (1 - fy) * ((1 - fw) * values[i + 1, j, k] + fw * values[i + 1, j, k + 1])
                    + fy * ((1 - fw) * values[i + 1, j + 1, k] + fw * values[i + 1, j + 1, k + 1])
                )
            out[iz, ir] = total / azimuths
    return out


class NeedleGrid:
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
    """

    def __init__(self, model: AntennaModel, needle: Needle, *, shape: tuple[int, int, int], spacing_mm: ArrayLike) -> None:
        if min(shape) < 2:
            raise GeometryError(f"a grid of {shape} voxels cannot hold a needle", remedy="Use at least 2 voxels per axis.")
        self.model, self.needle, self.shape = model, needle, shape
        self._spacing = np.broadcast_to(np.asarray(spacing_mm, dtype=float) * 1e-3, (3,)).copy()
        self._tip = np.asarray(needle.tip_mm, dtype=float) * 1e-3
        self._axis = -np.asarray(needle.direction, dtype=float)
        helper = np.eye(3)[int(np.argmin(np.abs(self._axis)))]
        self._side = np.cross(self._axis, helper)
        self._side /= np.linalg.norm(self._side)
        self._other = np.cross(self._axis, self._side)
        mesh = model.mesh
        self._z_table, self._r_table = _lookup(mesh.z_m), _lookup(mesh.r_m)
        solid = ~model.tissue
        self._first = solid.sum(axis=1)  # the antenna fills the inner cells of a row
        self._edge_r = mesh.r_m[self._first]
        self._inside = self._inside_share(mesh)

    def _inside_share(self, mesh: Mesh) -> NDArray[np.float64]:
        """Share of each ring that lies inside the grid, shape (nz, nr)."""
        angle = 2.0 * np.pi * (np.arange(AZIMUTHS) + 0.5) / AZIMUTHS
        ring = np.cos(angle)[:, None] * self._side + np.sin(angle)[:, None] * self._other
        at = (
            self._tip
            + mesh.z_centres_m[:, None, None, None] * self._axis
            + mesh.r_centres_m[None, :, None, None] * ring[None, None]
        ) / self._spacing
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
        _deposit(
            out, self._spacing, self._tip, self._axis, filled, self._edge_r, mesh.z_centres_m, mesh.r_centres_m,
            self._z_table, self._r_table, mesh.z_m[0], mesh.z_m[-1], mesh.r_m[-1], LOOKUP_M,
        )  # fmt: skip
        held = float(out.sum(dtype=np.float64)) * float(np.prod(self._spacing))
        if held <= 0.0 or wanted <= 0.0:
            raise GeometryError("the antenna lies outside the grid", remedy="Move the needle or enlarge the region of interest.")
        correction = wanted / held
        out *= np.float32(correction)
        return out, correction

    def around(self, values: NDArray, *, outside: float) -> NDArray[np.float64]:
        """Mean of a voxel field around the needle, on the mesh cells.

        Parameters
        ----------
        values : ndarray, shape (slices, rows, columns)
            For example temperature [C].
        outside : float
            Value beyond the grid.

        Returns
        -------
        ndarray, shape (nz, nr)
            Ring averages.
        """
        mesh = self.model.mesh
        return _around(
            values, self._spacing, self._tip, self._axis, self._side, self._other,
            mesh.z_centres_m, mesh.r_centres_m, outside, AZIMUTHS,
        )  # fmt: skip

    def distance_along_mm(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Coordinates of voxel centres along the needle (0 at the tip, positive towards the hub) and from its axis [mm]."""
        offsets = [1e3 * (np.arange(n) * s - t) for n, s, t in zip(self.shape, self._spacing, self._tip, strict=True)]
        p0, p1, p2 = (o.astype(np.float32) for o in np.meshgrid(*offsets, indexing="ij", sparse=True))
        a = self._axis.astype(np.float32)
        along = p0 * a[0] + p1 * a[1] + p2 * a[2]
        squared = p0 * p0 + p1 * p1 + p2 * p2 - along * along
        return along, np.sqrt(np.maximum(squared, 0.0))
