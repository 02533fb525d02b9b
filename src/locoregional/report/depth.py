"""How far points lie from, and how deep below, the surface of a mask."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from locoregional.imaging.distance import signed_distance_mm
from locoregional.imaging.surface import mask_surface
from locoregional.imaging.volume import Volume
from locoregional.report.fields import crop_around

__all__ = ["depth_mm", "margin_mm"]

SURFACE_SAMPLES = 120_000
"""Points on the zone's surface: about a quarter of a millimetre apart for a zone of 50 mm."""

REACH_MM = 40.0
"""How far distances are measured: beyond it every margin is ample."""


def margin_mm(mask: Volume, points_lps_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    """How deep LPS points lie below the smooth surface of a mask [mm], negative outside."""
    return np.copysign(_nearest_mm(mask, points_lps_mm), depth_mm(mask, points_lps_mm))


def _nearest_mm(mask: Volume, points_lps_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance of LPS points to the smooth surface of a mask [mm], which is sampled more finely than any voxel."""
    from scipy.spatial import cKDTree
    from trimesh.sample import sample_surface

    places, _ = sample_surface(mask_surface(mask), SURFACE_SAMPLES, seed=0)
    return np.asarray(cKDTree(np.asarray(places)).query(points_lps_mm)[0], dtype=float)


def depth_mm(mask: Volume, points_lps_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    """Depth of LPS points by a field on voxels [mm], negative outside: right in sign, within half a voxel, quick."""
    from scipy.ndimage import map_coordinates

    part = crop_around(mask, points_lps_mm, reach_mm=REACH_MM) or mask
    array = part.array if part.array.dtype == bool else part.array >= 0.5
    signed = np.clip(signed_distance_mm(array, spacing_mm=part.spacing_mm), -REACH_MM, REACH_MM)
    return -np.asarray(map_coordinates(signed, part.grid.to_index(points_lps_mm).T, order=1, mode="nearest"), dtype=float)
