"""The sheet a digital patient is painted on: Hounsfield units with partial volume, and one exclusive label per voxel."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.imaging.phantom.shapes import FAR_MM, Coordinates, tubes
from locoregional.imaging.volume import Grid

__all__ = ["Canvas", "smooth_noise"]

Box = tuple[slice, slice, slice]
EVERYWHERE: Box = (slice(None), slice(None), slice(None))


def smooth_noise(rng: np.random.Generator, grid: Grid, *, wavelength_mm: float) -> NDArray[np.float32]:
    """Smooth random field of unit standard deviation on a grid.

    Drawn on a lattice fixed in patient space, so that the same seed gives the same field at any voxel size.
    """
    from scipy.ndimage import map_coordinates

    pitch = wavelength_mm / 2
    extent = np.array([330.0, 400.0, 400.0])
    nodes = rng.standard_normal(tuple(np.ceil(extent / pitch).astype(int) + 4)).astype(np.float32)
    axes = [
        ((grid.affine[lps, 3] + grid.affine[lps, axis] * np.arange(grid.shape[axis])) + extent[axis] / 2) / pitch + 1
        for axis, lps in enumerate((2, 1, 0))
    ]
    # Separable linear-in-slices, cubic-in-node interpolation would cost three full passes; sampling the smooth field every
    # third voxel and interpolating linearly from there is indistinguishable at these wavelengths.
    coarse = [np.append(a[::3], a[-1] + (a[1] - a[0]) * 3 if len(a) > 1 else a[-1] + 1) for a in axes]
    values = map_coordinates(nodes, np.meshgrid(*coarse, indexing="ij"), order=3, mode="nearest").astype(np.float32)
    for axis in range(3):
        position = np.interp(axes[axis], coarse[axis], np.arange(len(coarse[axis])))
        low = np.minimum(position.astype(int), len(coarse[axis]) - 2)
        shape = [1, 1, 1]
        shape[axis] = -1
        weight = (position - low).astype(np.float32).reshape(shape)
        values = np.take(values, low, axis) * (1 - weight) + np.take(values, low + 1, axis) * weight
    return np.asarray(values / max(float(values.std()), 1e-6), dtype=np.float32)


@dataclass(eq=False)
class Canvas:
    """Half-painted patient.

    Attributes
    ----------
    grid : Grid
        Axial grid.
    hu, label : ndarray, shape of the grid
        Hounsfield units so far, and the number of the structure that owns each voxel.
    names : dict
        Structure name to label.
    warp : tuple of ndarray
        Displacement (x, y, z) [mm] that makes viscera irregular.
    """

    grid: Grid
    hu: NDArray[np.float32]
    label: NDArray[np.uint8]
    warp: Coordinates
    names: dict[str, int] = field(default_factory=dict)

    @property
    def origin(self) -> NDArray[np.float64]:
        """LPS of the first voxel, shape (3,) [mm]."""
        return self.grid.affine[:3, 3]

    def axes(self) -> list[NDArray[np.float32]]:
        """LPS z of the slices, y of the rows, x of the columns [mm]."""
        return [
            (self.origin[lps] + self.grid.spacing_mm[axis] * np.arange(self.grid.shape[axis])).astype(np.float32)
            for axis, lps in enumerate((2, 1, 0))
        ]

    def box(self, low: ArrayLike, high: ArrayLike) -> Box:
        """Voxels of the LPS box ``low``..``high``, at least one."""
        first = np.clip(np.floor(self.grid.to_index(low)).astype(int), 0, np.array(self.grid.shape) - 1)
        last = np.clip(np.ceil(self.grid.to_index(high)).astype(int) + 1, first + 1, self.grid.shape)
        return tuple(slice(int(a), int(b)) for a, b in zip(first, last, strict=True))  # type: ignore[return-value]

    def at(self, box: Box = EVERYWHERE, *, warped: bool = True) -> Coordinates:
        """LPS coordinates of the voxels of a box, displaced by the warp if wanted."""
        z, y, x = self.axes()
        plain = (x[None, None, box[2]], y[None, box[1], None], z[box[0], None, None])
        if not warped:
            return plain
        return (plain[0] + self.warp[0][box], plain[1] + self.warp[1][box], plain[2] + self.warp[2][box])

    def tubes(
        self, starts: ArrayLike, stops: ArrayLike, radii: ArrayLike, *, band_mm: float = 4.0, squash_z: float = 1.0
    ) -> tuple[NDArray[np.float32], Box]:
        """Distance from tapered capsules, and the box it covers (see ``shapes.tubes``)."""
        a, b = np.asarray(starts, dtype=float), np.asarray(stops, dtype=float)
        r = np.asarray(radii, dtype=float)
        r = np.ascontiguousarray(np.broadcast_to(r[:, None] if r.ndim == 1 else r, (len(a), 2)))
        reach = r.max() + band_mm
        wide = reach * np.array([1.0, 1.0, max(1.0, squash_z)])
        ends = np.vstack([a, b])
        box = self.box(ends.min(0) - wide, ends.max(0) + wide)
        phi = np.full([s.stop - s.start for s in box], FAR_MM, dtype=np.float32)
        corner = self.grid.to_lps([s.start for s in box])
        tubes(phi, corner, np.asarray(self.grid.spacing_mm), a, b, r, band_mm, squash_z)
        return phi, box

    def paint(
        self, name: str, phi: NDArray[np.float32], hu: ArrayLike, *, box: Box = EVERYWHERE, soft_mm: float | None = None
    ) -> None:
        """Paint a shape over what is there.

        Parameters
        ----------
        name : str
            Structure that the voxels with ``phi < 0`` belong to from now on; empty to change only the grey values.
        phi : ndarray, shape of the box [mm]
            Signed distance.
        hu : array_like, scalar or shape of the box [HU]
            Value inside.
        box : tuple of slice
            Voxels that ``phi`` covers.
        soft_mm : float, optional
            Width of the edge; the mean voxel side unless given.
        """
        width = max(float(np.prod(self.grid.spacing_mm)) ** (1 / 3), soft_mm or 0.0)
        share = np.clip(np.float32(0.5) - phi / np.float32(width), 0, 1)
        self.hu[box] += share * (np.asarray(hu, dtype=np.float32) - self.hu[box])
        if name:
            number = self.names.setdefault(name, len(self.names) + 1)
            self.label[box][phi < 0] = number

    def mask(self, *names: str) -> NDArray[np.bool_]:
        """Voxels owned by any of the named structures."""
        return np.isin(self.label, [self.names[n] for n in names if n in self.names])
