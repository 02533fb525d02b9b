"""An image in patient space: an array (slice, row, column) and the affine that places it in LPS millimetres."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import GeometryError, ImagingError

__all__ = ["Grid", "Volume"]

GRID_TOLERANCE_MM = 0.01
"""Corners of two grids that agree this well are the same grid (far below any voxel, above float32 header rounding)."""


@dataclass(frozen=True, eq=False)
class Grid:
    """Where voxels are.

    Attributes
    ----------
    shape : tuple of int
        Number of slices, rows and columns.
    affine : ndarray, shape (4, 4) [mm]
        Maps (slice, row, column, 1) of voxel centres to DICOM LPS millimetres. Any orientation, oblique too.

    Raises
    ------
    GeometryError
        If the affine is not finite or not invertible.
    """

    shape: tuple[int, int, int]
    affine: NDArray[np.float64]

    def __post_init__(self) -> None:
        """Check and freeze the affine."""
        affine = np.array(self.affine, dtype=np.float64)
        if affine.shape != (4, 4) or not np.isfinite(affine).all():
            raise GeometryError("the affine is not a finite 4x4 matrix", remedy="Check the header of the image.")
        if abs(np.linalg.det(affine[:3, :3])) < 1e-9:
            raise GeometryError("the affine is singular (a voxel side is zero)", remedy="Check spacing and direction.")
        affine.setflags(write=False)
        object.__setattr__(self, "affine", affine)
        object.__setattr__(self, "shape", tuple(int(n) for n in self.shape))

    @classmethod
    def regular(cls, shape: tuple[int, int, int], *, spacing_mm: ArrayLike, origin_lps_mm: ArrayLike = (0.0, 0.0, 0.0)) -> Grid:
        """Axial grid: slices go to the head, rows to the back, columns to the patient's left."""
        affine = np.zeros((4, 4))
        ds, dr, dc = np.broadcast_to(np.asarray(spacing_mm, dtype=float), (3,))
        affine[2, 0], affine[1, 1], affine[0, 2] = ds, dr, dc
        affine[:3, 3] = origin_lps_mm
        affine[3, 3] = 1.0
        return cls(shape, affine)

    @property
    def spacing_mm(self) -> NDArray[np.float64]:
        """Voxel sides along slice, row and column, shape (3,) [mm]."""
        return np.linalg.norm(self.affine[:3, :3], axis=0)

    @property
    def directions(self) -> NDArray[np.float64]:
        """Unit LPS vectors of the slice, row and column index as columns, shape (3, 3)."""
        return self.affine[:3, :3] / self.spacing_mm

    @property
    def voxel_ml(self) -> float:
        """Volume of one voxel [ml]."""
        return float(abs(np.linalg.det(self.affine[:3, :3])) * 1e-3)

    @property
    def is_orthogonal(self) -> bool:
        """Whether the index axes are mutually perpendicular (sheared grids are not)."""
        return bool(np.allclose(self.directions.T @ self.directions, np.eye(3), atol=1e-3))

    def to_lps(self, index: ArrayLike) -> NDArray[np.float64]:
        """LPS millimetres of (slice, row, column) indices, shape (..., 3)."""
        return np.asarray(index, dtype=float) @ self.affine[:3, :3].T + self.affine[:3, 3]

    def to_index(self, lps_mm: ArrayLike) -> NDArray[np.float64]:
        """Fractional (slice, row, column) indices of LPS points, shape (..., 3)."""
        return (np.asarray(lps_mm, dtype=float) - self.affine[:3, 3]) @ np.linalg.inv(self.affine[:3, :3]).T

    def contains(self, lps_mm: ArrayLike) -> NDArray[np.bool_]:
        """Whether LPS points lie inside the box of voxels, shape (...)."""
        index = self.to_index(lps_mm)
        return np.asarray(((index >= -0.5) & (index <= np.array(self.shape) - 0.5)).all(axis=-1))

    def same_as(self, other: Grid) -> bool:
        """Whether two grids hold the same voxels in the same places (within 0.01 mm at every corner)."""
        if self.shape != other.shape:
            return False
        corners = np.array(np.meshgrid(*[(0, n - 1) for n in self.shape], indexing="ij")).reshape(3, -1).T
        return bool(np.abs(self.to_lps(corners) - other.to_lps(corners)).max() < GRID_TOLERANCE_MM)

    def cropped(self, start: ArrayLike, stop: ArrayLike) -> Grid:
        """Grid of the index box ``start`` (inclusive) to ``stop`` (exclusive)."""
        first, last = np.asarray(start, dtype=int), np.asarray(stop, dtype=int)
        affine = self.affine.copy()
        affine[:3, 3] = self.to_lps(first)
        return Grid(tuple(int(n) for n in last - first), affine)  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False)
class Volume:
    """An array in patient space.

    Attributes
    ----------
    array : ndarray, shape (slices, rows, columns)
        Voxel values. Boolean for masks, float 0..1 for partial occupancy.
    affine : ndarray, shape (4, 4) [mm]
        Maps (slice, row, column, 1) to DICOM LPS millimetres.
    unit : str
        Unit of the values (``HU``, ``C``, ``Bq/ml`` ...), empty if none or unknown.
    modality : str
        DICOM modality (``CT``, ``MR`` ...), empty if unknown.
    frame_of_reference : str
        DICOM frame of reference UID, empty if unknown.
    assumed : tuple of str
        What was assumed while reading, in words; shown in reports.

    Raises
    ------
    ImagingError
        If the array is not three-dimensional or has no voxel.
    """

    array: NDArray
    affine: NDArray[np.float64]
    unit: str = ""
    modality: str = ""
    frame_of_reference: str = ""
    assumed: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        """Check the shape; the grid checks the affine."""
        if self.array.ndim != 3 or 0 in self.array.shape:
            raise ImagingError(
                f"an image needs three axes with at least one voxel each, got shape {self.array.shape}",
                remedy="Select one channel or time point, or check that the file is complete.",
            )
        object.__setattr__(self, "affine", self.grid.affine)

    @property
    def grid(self) -> Grid:
        """Where the voxels are."""
        return Grid(self.array.shape, self.affine)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of slices, rows and columns."""
        return self.array.shape

    @property
    def spacing_mm(self) -> NDArray[np.float64]:
        """Voxel sides along slice, row and column, shape (3,) [mm]."""
        return self.grid.spacing_mm

    def on(self, array: NDArray, *, unit: str | None = None) -> Volume:
        """Another array on the same grid; unit kept unless given, assumptions dropped."""
        if array.shape != self.array.shape:
            raise GeometryError(f"array of shape {array.shape} put on a grid of {self.shape}", remedy="Resample it first.")
        return replace(self, array=array, unit=self.unit if unit is None else unit, assumed=())

    def assuming(self, *words: str) -> Volume:
        """Same volume with further assumptions noted."""
        return replace(self, assumed=self.assumed + words)

    def cropped(self, start: ArrayLike, stop: ArrayLike) -> Volume:
        """Index box ``start`` (inclusive) to ``stop`` (exclusive), as a view."""
        grid = self.grid.cropped(start, stop)
        box = tuple(slice(int(a), int(b)) for a, b in zip(np.asarray(start), np.asarray(stop), strict=True))
        return replace(self, array=self.array[box], affine=grid.affine)

    def require_same_grid(self, other: Volume, *, names: tuple[str, str] = ("first", "second")) -> None:
        """Raise GeometryError unless both volumes share grid and (where known) frame of reference."""
        a, b = self.frame_of_reference, other.frame_of_reference
        if a and b and a != b:
            raise GeometryError(
                f"{names[0]} and {names[1]} are in different frames of reference",
                where=f"{a} / {b}",
                remedy="Register the images first, or export both from the same series.",
            )
        if not self.grid.same_as(other.grid):
            raise GeometryError(
                f"{names[0]} and {names[1]} are on different grids",
                where=f"{self.shape} at {np.round(self.spacing_mm, 3)} mm / {other.shape} at {np.round(other.spacing_mm, 3)} mm",
                remedy="Resample one onto the other's grid.",
            )
