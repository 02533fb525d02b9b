"""Smooth fields whose level lines are the outlines of masks, so that thick slices do not draw stairs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.imaging.distance import signed_distance_mm
from locoregional.imaging.volume import Volume
from locoregional.report.marks import Layer

__all__ = ["crop_around", "outline_field"]

FIELD_MM = 12.0
"""Signed distance that maps to 0 and 1: outlines need the neighbourhood of the surface only."""

THICK = 1.5
"""Slices this many times thicker than their pixels are interpolated by shape."""

APART_MM = 1e6
"""Distance put between slices so that each is measured by itself."""

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


def _depth_inside(mask: NDArray[np.bool_], spacing_mm: NDArray[np.float64]) -> NDArray[np.float32]:
    """Depth below the surface [mm], negative outside; on thick slices within each slice, so that shapes flow between slices."""
    thick = int(np.argmax(spacing_mm))
    if spacing_mm[thick] < THICK * np.delete(spacing_mm, thick).max():
        return -signed_distance_mm(mask, spacing_mm=spacing_mm)
    spacing = spacing_mm.copy()
    spacing[thick] = APART_MM
    depth = np.moveaxis(-signed_distance_mm(mask, spacing_mm=spacing), thick, 0)
    filled = np.asarray(np.moveaxis(mask, thick, 0).any(axis=(1, 2)), dtype=bool).reshape(-1)
    for i in np.flatnonzero(~filled):
        beside = [k for k in (i - 1, i + 1) if 0 <= k < len(filled) and filled[k]]
        depth[i] = np.max([_beyond(depth[k]) for k in beside], axis=0) if beside else -FIELD_MM
    return np.moveaxis(depth, 0, thick)


def _beyond(depth: NDArray[np.float32]) -> NDArray[np.float32]:
    """Depth on the empty slice beside a last one, such that interpolation closes the shape by a dome half a slice high."""
    inside = np.clip(depth / depth.max(), 1e-6, 1.0)
    reach = 0.5 * np.sqrt(1.0 - (1.0 - inside) ** 2)
    return np.where(depth > 0, -depth * (1.0 - reach) / reach, depth).astype(np.float32)


def _outline_depth(mask: NDArray[np.bool_], spacing_mm: NDArray[np.float64]) -> NDArray[np.float32]:
    from scipy.ndimage import gaussian_filter

    pad = np.ceil(FIELD_MM / spacing_mm).astype(int) + 1
    first, last = zip(*[(int(i.min()), int(i.max())) for i in np.nonzero(mask)], strict=True)
    box = tuple(slice(max(0, a - p), b + p + 1) for a, b, p in zip(first, last, pad, strict=True))
    field = np.full(mask.shape, -FIELD_MM, dtype=np.float32)
    depth = np.clip(_depth_inside(np.ascontiguousarray(mask[box]), spacing_mm), -FIELD_MM, FIELD_MM)
    sigma = np.where(spacing_mm > THICK * spacing_mm.min(), 0.0, SMOOTHING_MM / spacing_mm)
    field[box] = gaussian_filter(depth, sigma)
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
    depth = _outline_depth(part.array, part.spacing_mm)
    return replace(part, array=np.clip(0.5 + depth / (2 * FIELD_MM), 0.0, 1.0).astype(np.float32))
