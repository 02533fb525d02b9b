"""A mask's surface between voxels: smooth where that agrees with the mask, faithful to the voxels where it does not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
    spacing_mm : ndarray, shape (3,) [mm]
        Voxel sides.
    has_occupancy : bool
        Whether the mask holds shares of voxels.
    """

    surface: SmoothSurface
    patch: FaithfulPatch | None
    mesh: Mesh
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
        rough = smooth_field(points, length, draws=draws, rng=rng)
        return moves * (1.0 - weight)[:, None] + rough * (weight * share * extent)[:, None]


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
    patch = faithful_patch(surface, mask, spacing_mm=spacing_mm)
    mesh = mesh_surface(surface, mask, spacing_mm=spacing_mm, patch=patch)
    return Reconstruction(surface, patch, mesh, spacing_mm, mask.dtype != bool)


def smooth_field(points_mm: Array, length_mm: float, *, draws: int, rng: np.random.Generator) -> Array:
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
