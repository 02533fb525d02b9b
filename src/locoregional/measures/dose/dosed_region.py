"""The voxels of a mask and where they lie in a dose map, or why a dose cannot be read there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import GeometryError, ImagingError, MaskError, UnitsError
from locoregional.imaging.plausible import require_occupancy
from locoregional.imaging.volume import Grid, Volume

__all__ = ["DosedRegion", "dosed_region"]

_EDGE = 0.02
"""Share of a voxel by which the outermost points may leave the map: rounding in headers."""


@dataclass(frozen=True, eq=False)
class DosedRegion:
    """A mask cut to its box, beside the dose map.

    Attributes
    ----------
    dose : ndarray of float32 [Gy]
        Dose map, whole.
    dose_grid : Grid
        Grid of the map.
    grid : Grid
        Grid of ``occupancy``, with one empty voxel around the mask.
    occupancy : ndarray of float32
        0..1, share of each voxel that belongs to the mask.
    partial : bool
        Whether any voxel belongs to it in part.
    """

    dose: NDArray[np.float32]
    dose_grid: Grid
    grid: Grid
    occupancy: NDArray[np.float32]
    partial: bool

    @cached_property
    def volume_ml(self) -> float:
        """Volume of the mask."""
        return float(self.occupancy.sum(dtype=np.float64)) * self.grid.voxel_ml

    @property
    def dose_voxels(self) -> float:
        """How many voxels of the dose map the mask holds."""
        return self.volume_ml / self.dose_grid.voxel_ml

    def to_dose(self, shift_lps_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> tuple[NDArray, NDArray]:
        """Matrix and offset from an index of the mask, moved by a shift, to an index of the dose map."""
        inverse = np.linalg.inv(self.dose_grid.affine)
        step = inverse @ self.grid.affine
        return step[:3, :3].copy(), step[:3, 3] + inverse[:3, :3] @ np.asarray(shift_lps_mm, float)

    def with_occupancy(self, occupancy: NDArray[np.float32], grid: Grid) -> DosedRegion:
        """Another mask beside the same map."""
        return DosedRegion(self.dose, self.dose_grid, grid, occupancy, bool(((occupancy > 0) & (occupancy < 1)).any()))


def dosed_region(dose: Volume, mask: Volume, *, name: str = "mask") -> DosedRegion:
    """Check a dose map and a mask, and cut the mask to its box.

    Parameters
    ----------
    dose : Volume
        Absorbed dose in Gy.
    mask : Volume
        Boolean, 0/1, or occupancy 0..1, on any grid of the same patient space.
    name : str
        Name of the structure, for messages.

    Raises
    ------
    UnitsError
        If the map is not in Gy.
    GeometryError
        If the frames of reference differ.
    MaskError
        If the mask is empty, no mask, smaller than one voxel of the map, or reaches beyond the map: a dose is never assumed
        where none was computed.
    ImagingError
        If the dose is not finite.
    """
    if dose.unit != "Gy":
        raise UnitsError(f"a dose map in {dose.unit or 'no unit'}", where=name, remedy="Give the absorbed dose in Gy.")
    a, b = dose.frame_of_reference, mask.frame_of_reference
    if a and b and a != b:
        raise GeometryError(
            f"the dose map and {name} are in different frames of reference",
            where=f"{a} / {b}",
            remedy="Register the images first, or export both from the same series.",
        )
    values = np.ascontiguousarray(dose.array, dtype=np.float32)
    if not np.isfinite(values).all():
        raise ImagingError("the dose map holds NaN or infinite values", where=name, remedy="Compute it again.")
    array = mask.array
    require_occupancy(array, name=name)
    low, high = _box(array, name)
    box = tuple(slice(int(i), int(j)) for i, j in zip(low, high, strict=True))
    occupancy = np.pad(array[box].astype(np.float32), 1)
    affine = mask.affine.copy()
    affine[:3, 3] = mask.grid.to_lps(low - 1)
    region = DosedRegion(
        values, dose.grid, Grid(occupancy.shape, affine), occupancy, bool(((occupancy > 0) & (occupancy < 1)).any())
    )
    if region.dose_voxels < 1.0:
        raise MaskError(
            f"{name} ({region.volume_ml:.2g} ml) is smaller than one voxel of the dose map ({region.dose_grid.voxel_ml:.2g} ml)",
            where=name,
            remedy="Its dose cannot be read from this map.",
        )
    beyond = _share_beyond(region)
    if beyond > 0.0:
        raise MaskError(
            f"{100.0 * beyond:.2g} % of {name} lies outside the dose map",
            where=name,
            remedy="Compute the dose on a larger grid, or cut the mask to where a dose is known.",
        )
    return region


def _box(array: NDArray[Any], name: str) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    held: NDArray[np.bool_] = np.asarray(array > 0)
    slices = np.flatnonzero(np.asarray(held.any(axis=(1, 2))))
    if slices.size == 0:
        raise MaskError("the mask is empty", where=name, remedy="Check the file and the label.")
    plane = np.asarray(held[slices[0] : slices[-1] + 1].any(axis=0))
    rows, columns = np.flatnonzero(plane.any(axis=1)), np.flatnonzero(plane.any(axis=0))
    return np.array([slices[0], rows[0], columns[0]]), np.array([slices[-1], rows[-1], columns[-1]]) + 1


def _share_beyond(region: DosedRegion) -> float:
    """Share of the mask whose voxel centres lie outside the voxels of the dose map."""
    voxels = np.argwhere(region.occupancy > 0)
    matrix, offset = region.to_dose()
    corners = np.array(np.meshgrid(*[(0, n - 1) for n in region.grid.shape], indexing="ij")).reshape(3, -1).T
    limit = np.array(region.dose_grid.shape) - 0.5 + _EDGE

    def outside(index: NDArray) -> NDArray[np.bool_]:
        at = index @ matrix.T + offset
        return np.asarray(((at < -0.5 - _EDGE) | (at > limit)).any(axis=1))

    if not bool(outside(corners).any()):
        return 0.0
    weights = region.occupancy[tuple(voxels.T)].astype(np.float64)
    return float(weights[outside(voxels)].sum() / weights.sum())
