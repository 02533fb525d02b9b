"""A mask's surface between voxels: smooth where that agrees with the mask, faithful to the voxels where it does not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.imaging.distance import signed_distance_mm
from locoregional.measures.dense_kernels import row_products
from locoregional.measures.faithful_patch import FaithfulPatch, faithful_patch
from locoregional.measures.implicit_fit import SmoothSurface, fit_surface
from locoregional.measures.surface_mesh import Mesh, mesh_surface

__all__ = ["Reconstruction", "reconstruct", "smooth_field"]

Array = NDArray[np.float64]

_PATCH_DEVIATION = 0.29
"""Deviation of a border known to lie between two voxel centres, as a share of their distance along the normal: 1/sqrt(12)."""
_PATCH_DEVIATION_OCCUPANCY = 0.15
"""The same where occupancy tells where between them."""
_DOUBT = 0.5
"""Deviation beside a patch, as a share of what the smooth and the faithful surface differ by."""
_PATCH_LENGTH = 1.5
"""Correlation length of that error in mean voxel sides: neighbouring voxels tell of different places of the border."""
_FIELD_WAVES = 48
"""Random waves per field."""


@dataclass(frozen=True, eq=False)
class Reconstruction:
    """A surface with what its mask leaves open.

    Attributes
    ----------
    surface : SmoothSurface
        The fit.
    patch : FaithfulPatch or None
        Where the fit is replaced.
    mesh : Mesh
        Triangles of both together.
    depth_mm : ndarray of float32, shape (slices, rows, columns) [mm]
        Depth of the voxel centres below the mask's own surface.
    spacing_mm : ndarray, shape (3,) [mm]
        Voxel sides.
    has_occupancy : bool
        Whether the mask holds shares of voxels.
    """

    surface: SmoothSurface
    patch: FaithfulPatch | None
    mesh: Mesh
    depth_mm: NDArray[np.float32]
    spacing_mm: Array
    has_occupancy: bool

    def draw_displacements_mm(self, vertices: NDArray[np.int64], *, draws: int, rng: np.random.Generator) -> Array:
        """Outward moves of vertices that the mask leaves open, shape (n, draws) [mm]."""
        points = self.mesh.points_mm[vertices]
        moves = self.surface.draw_displacements_mm(points, draws=draws, rng=rng)
        if self.patch is None:
            return moves
        weight = self.patch.weight_at(points)
        share = _PATCH_DEVIATION_OCCUPANCY if self.has_occupancy else _PATCH_DEVIATION
        extent = np.linalg.norm(self.mesh.normals[vertices] * self.spacing_mm, axis=1)
        length = _PATCH_LENGTH * float(self.spacing_mm.prod() ** (1.0 / 3.0))
        rough = smooth_field(points, length_mm=length, draws=draws, rng=rng)
        # A mask that refutes the smooth prior somewhere weakens it everywhere: what the two surfaces differ by stays open.
        differ = np.minimum(np.abs(self.surface.value_mm(points) - self.patch.depth_at_mm(points)), extent)
        deviation = weight * share * extent + (1.0 - weight) * _DOUBT * differ
        return moves * (1.0 - weight)[:, None] + rough * deviation[:, None]

    def holds(self, points_mm: Array) -> NDArray[np.bool_]:
        """Whether points lie inside."""
        from scipy.ndimage import map_coordinates

        depth = map_coordinates(self.depth_mm, (points_mm / self.spacing_mm).T, order=1, mode="nearest")
        near = np.flatnonzero(np.abs(depth) < float(np.linalg.norm(self.spacing_mm)))
        close = self.surface.value_mm(points_mm[near])
        if self.patch is not None:
            close += self.patch.weight_at(points_mm[near]) * (self.patch.depth_at_mm(points_mm[near]) - close)
        depth[near] = close
        return np.asarray(depth > 0.0)


def reconstruct(mask: NDArray, *, spacing_mm: Array, seed: int = 0) -> Reconstruction:
    """Reconstruct the surface that a mask was cut from.

    Parameters
    ----------
    mask : ndarray of bool or of float in 0..1, shape (slices, rows, columns)
        Mask or occupancy with a rim of empty voxels around it.
    spacing_mm : ndarray, shape (3,) [mm]
        Voxel sides; perpendicular axes.
    seed : int
        Seed of the choice of border points where there are very many.

    Raises
    ------
    MaskError
        If the mask is empty or too small.
    """
    surface = fit_surface(mask, spacing_mm=spacing_mm, seed=seed)
    depth = -signed_distance_mm(mask, spacing_mm=spacing_mm)
    patch = faithful_patch(surface, mask, depth_mm=depth, spacing_mm=spacing_mm)
    mesh = mesh_surface(surface, mask, depth_mm=depth, spacing_mm=spacing_mm, patch=patch)
    return Reconstruction(surface, patch, mesh, depth, spacing_mm, mask.dtype != bool)


def smooth_field(points_mm: Array, *, length_mm: float, draws: int, rng: np.random.Generator) -> Array:
    """Draws of a unit Gaussian field with Gaussian correlation, by random waves.

    Parameters
    ----------
    points_mm : ndarray, shape (n, 3) [mm]
        Points.
    length_mm : float [mm]
        Correlation length.
    draws : int
        Number of draws.
    rng : Generator
        Source of randomness.

    Returns
    -------
    ndarray, shape (n, draws)
        Values.
    """
    waves = rng.normal(size=(_FIELD_WAVES, 3)) / length_mm
    phase = row_products(points_mm, waves)
    amplitude = rng.normal(size=(draws, 2 * _FIELD_WAVES)) / np.sqrt(_FIELD_WAVES)
    return row_products(np.concatenate([np.cos(phase), np.sin(phase)], axis=1), amplitude)
