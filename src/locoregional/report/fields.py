"""Smooth fields whose level lines are the outlines of masks, so that thick slices do not draw stairs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.imaging.volume import Volume
from locoregional.report.marks import Layer

__all__ = ["crop_around", "outline_field"]

FIELD_MM = 12.0
"""Signed distance that maps to 0 and 1: outlines need the neighbourhood of the surface only."""

SMOOTHING_MM = 0.8
"""Smoothing of the distance: takes away voxel corners, moves a 10 mm sphere's outline by less than 0.1 mm."""


def crop_around(volume: Volume, points_lps_mm: ArrayLike, *, reach_mm: float) -> Volume | None:
    """Part of a volume within a box around points, as a view; None where they do not meet.

    Parameters
    ----------
    volume : Volume
        Any orientation.
    points_lps_mm : array_like, shape (n, 3) [mm]
        Points the box must hold.
    reach_mm : float [mm]
        How far the box goes beyond them along every axis.
    """
    points = np.atleast_2d(np.asarray(points_lps_mm, dtype=float))
    low, high = points.min(axis=0) - reach_mm, points.max(axis=0) + reach_mm
    corners = np.array(np.meshgrid(*zip(low, high, strict=True), indexing="ij")).reshape(3, -1).T
    index = volume.grid.to_index(corners)
    start = np.maximum(np.floor(index.min(axis=0)).astype(int), 0)
    stop = np.minimum(np.ceil(index.max(axis=0)).astype(int) + 1, volume.shape)
    return volume.cropped(start, stop) if (stop > start).all() else None


def _signed_distance(mask: NDArray[np.bool_], spacing_mm: NDArray[np.float64]) -> NDArray[np.float32]:
    from scipy.ndimage import distance_transform_edt, gaussian_filter

    where = np.nonzero(mask)
    pad = np.ceil(FIELD_MM / spacing_mm).astype(int) + 1
    box = tuple(slice(max(0, int(i.min()) - p), int(i.max()) + p + 1) for i, p in zip(where, pad, strict=True))
    inner = mask[box]
    field = np.full(mask.shape, -FIELD_MM, dtype=np.float32)
    inside = distance_transform_edt(inner, sampling=spacing_mm) if not inner.all() else np.full(inner.shape, FIELD_MM)
    field[box] = gaussian_filter(inside - distance_transform_edt(~inner, sampling=spacing_mm), SMOOTHING_MM / spacing_mm)
    return field


def outline_field(layer: Layer, points_lps_mm: ArrayLike, *, reach_mm: float) -> Volume | None:
    """Field 0..1 around points whose level lines at ``layer.levels`` outline the layer; None where it is absent.

    A boolean mask becomes its signed distance, scaled so that 0.5 is the surface; occupancies and chances stay as they are.

    Parameters
    ----------
    layer : Layer
        Mask, occupancy or chance.
    points_lps_mm : array_like, shape (n, 3) [mm]
        Points of the region needed.
    reach_mm : float [mm]
        How far the region goes beyond them.
    """
    part = crop_around(layer.volume, points_lps_mm, reach_mm=reach_mm)
    if part is None or not part.array.any():
        return None
    if part.array.dtype != bool:
        return replace(part, array=part.array.astype(np.float32))
    distance = _signed_distance(part.array, part.spacing_mm)
    return replace(part, array=np.clip(0.5 + distance / (2 * FIELD_MM), 0.0, 1.0).astype(np.float32))
