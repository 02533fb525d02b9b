"""Triangles on a fitted surface."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import MaskError
from locoregional.measures.faithful_patch import FaithfulPatch
from locoregional.measures.implicit_fit import SmoothSurface

__all__ = ["Mesh", "mesh_surface"]

Array = NDArray[np.float64]

_STEPS_PER_RADIUS = 13.0
_SMALLEST_STEP_MM = 0.4
"""Triangles far below any voxel say nothing more."""


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles with normals.

    Attributes
    ----------
    points_mm : ndarray, shape (n, 3) [mm]
        Vertices, along the index axes of the mask.
    triangles : ndarray of int, shape (m, 3)
        Vertex numbers.
    normals : ndarray, shape (n, 3)
        Outward unit normals.
    area_mm2 : ndarray, shape (n,) [mm2]
        Surface around each vertex (a third of its triangles).
    """

    points_mm: Array
    triangles: NDArray[np.int64]
    normals: Array
    area_mm2: Array


def mesh_surface(
    surface: SmoothSurface, mask: NDArray, *, depth_mm: NDArray[np.float32], spacing_mm: Array, patch: FaithfulPatch | None = None
) -> Mesh:
    """Mesh the zero level of a fitted surface, near the border of the mask that it was fitted to.

    Parameters
    ----------
    surface : SmoothSurface
        The fit.
    mask : ndarray of bool or float 0..1, shape (slices, rows, columns)
        The mask, with an empty rim.
    depth_mm : ndarray of float32, shape (slices, rows, columns) [mm]
        Depth of the voxel centres below the mask's own surface (minus the signed distance).
    spacing_mm : ndarray, shape (3,) [mm]
        Voxel sides.
    patch : FaithfulPatch, optional
        What replaces the fit where it contradicts the mask.

    Returns
    -------
    Mesh
        Vertices projected onto the fitted surface by Newton steps where it is used.
    """
    from scipy.ndimage import map_coordinates
    from skimage.measure import marching_cubes

    step = max(surface.radius_mm / _STEPS_PER_RADIUS, _SMALLEST_STEP_MM)
    if patch is not None:
        step = min(step, max(float(patch.step_mm.min()), _SMALLEST_STEP_MM))
    index = np.argwhere(mask >= 0.5) * spacing_mm
    low = index.min(0) - spacing_mm - 2.0 * step
    shape = np.ceil((index.max(0) + spacing_mm + 2.0 * step - low) / step).astype(int) + 1
    nodes = np.stack(np.meshgrid(*[low[a] + np.arange(shape[a]) * step for a in range(3)], indexing="ij"), -1).reshape(-1, 3)
    depth = map_coordinates(depth_mm, (nodes / spacing_mm).T, order=1, mode="nearest").astype(np.float64)
    # Beyond this band the mask alone decides the side: the fit is not trusted where no voxel pins it.
    near = np.flatnonzero(np.abs(depth) < 0.8 * float(np.linalg.norm(spacing_mm)) + 2.0 * step)
    smooth = surface.value_mm(nodes[near])
    if patch is not None:
        weight = patch.weight_at(nodes[near])
        smooth += weight * (patch.depth_at_mm(nodes[near]) - smooth)
    depth[near] = smooth
    if not (depth.max() > 0.0 > depth.min()):
        raise MaskError("the mask is too small to have a surface", remedy="Give a mask of a few voxels at least.")
    depth = depth.reshape(shape)
    places, triangles, _, _ = marching_cubes(depth, 0.0)
    places = places.astype(np.float64)
    points = places * step + low
    fitted = np.ones(len(points)) if patch is None else 1.0 - patch.weight_at(points)
    for _ in range(2):
        slope = surface.slope(points)
        move = surface.value_mm(points)[:, None] * slope / np.maximum((slope * slope).sum(1), 0.05)[:, None]
        points = points - np.where(fitted[:, None] == 1.0, np.clip(move, -step, step), 0.0)
    slope = _unit(surface.slope(points))
    if patch is not None:
        rise = np.stack([map_coordinates(g, places.T, order=1, mode="nearest") for g in np.gradient(depth)], axis=1)
        slope = np.where(fitted[:, None] == 1.0, slope, _unit(rise))
    corners = points[triangles]
    doubled = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    area = np.bincount(triangles.ravel(), np.repeat(doubled / 6.0, 3), minlength=len(points)).astype(np.float64)
    return Mesh(points, triangles.astype(np.int64), -slope, area)


def _unit(vectors: Array) -> Array:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1), 1e-6)[:, None]
