"""From each point of one smooth surface to the nearest point of another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from locoregional.measures.surface_mesh import Mesh

__all__ = ["nearest_signed_mm"]

_ALIGNED = 0.97
"""Nearest vertices that lie this well along their normal are feet of a perpendicular, so the tangent plane is exact to
second order; otherwise the nearest place is an edge or notch and the distance to the vertex itself counts."""


def nearest_signed_mm(
    points_mm: NDArray[np.float64], target: Mesh, inside: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Signed distances to a surface, positive inside it, and the nearest vertex of each.

    Parameters
    ----------
    points_mm : ndarray, shape (n, 3) [mm]
        Points.
    target : Mesh
        Closed surface measured to, with outward normals.

    inside : ndarray of bool, shape (n,)
        Whether each point lies inside it: beside a notch the nearest normal does not tell.

    Returns
    -------
    ndarray, shape (n,) [mm]
        Distances.
    ndarray of int, shape (n,)
        Vertex numbers of the target.
    """
    from scipy.spatial import cKDTree

    distance, nearest = cKDTree(target.points_mm).query(points_mm)
    along = ((target.points_mm[nearest] - points_mm) * target.normals[nearest]).sum(1)
    spacing = np.sqrt(target.area_mm2.mean())
    flat = np.abs(along) > _ALIGNED * distance
    signed = np.where(flat, np.abs(along), distance) * np.where(inside, 1.0, -1.0)
    return np.where(distance < spacing, along, signed), nearest
