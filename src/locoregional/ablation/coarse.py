"""Tissue on coarser voxels, for the many runs of an ensemble."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from locoregional.ablation.needle import Needle
from locoregional.physics.medium import Medium
from locoregional.physics.properties import Properties

__all__ = ["blocks", "coarse_medium", "coarse_needle", "coarse_properties", "refine"]


def blocks(array: NDArray, *, factor: int) -> NDArray:
    """Mean over cubes of ``factor`` voxels; a rest at the far side is completed by its last layer."""
    missing = [(0, -n % factor) for n in array.shape]
    padded = np.pad(np.asarray(array, dtype=np.float32), missing, mode="edge")
    a, b, c = (n // factor for n in padded.shape)
    return padded.reshape(a, factor, b, factor, c, factor).mean(axis=(1, 3, 5))


def coarse_medium(medium: Medium, *, factor: int) -> Medium:
    """Medium on voxels ``factor`` times as long: properties averaged, held where most of the voxel is held."""
    if factor == 1:
        return medium
    changed: dict[str, Any] = {
        f.name: blocks(getattr(medium, f.name), factor=factor) for f in fields(medium) if np.ndim(getattr(medium, f.name)) == 3
    }
    if medium.held is not None:
        changed["held"] = changed["held"] >= 0.5
    return replace(medium, **changed)


def coarse_properties(properties: Properties, *, factor: int) -> Properties:
    """Properties on voxels ``factor`` times as long, averaged."""
    if factor == 1:
        return properties
    changed: dict[str, Any] = {
        f.name: blocks(getattr(properties, f.name), factor=factor)
        for f in fields(properties)
        if np.ndim(getattr(properties, f.name)) == 3
    }
    return replace(properties, medium=coarse_medium(properties.medium, factor=factor), **changed)


def coarse_needle(needle: Needle, *, factor: int, spacing_mm: float) -> Needle:
    """Needle in the frame of the coarser grid, whose first voxel has its centre further in."""
    a, b, c = np.asarray(needle.tip_mm) - 0.5 * (factor - 1) * spacing_mm
    return Needle((float(a), float(b), float(c)), needle.direction, needle.turn_deg)


def refine(array: NDArray, *, factor: int, shape: tuple[int, int, int]) -> NDArray[np.float32]:
    """Coarse field on the fine grid, linear between coarse centres."""
    from scipy.ndimage import map_coordinates

    if factor == 1:
        return np.asarray(array, dtype=np.float32)
    index = [(np.arange(n) - 0.5 * (factor - 1)) / factor for n in shape]
    at = np.meshgrid(*index, indexing="ij")
    return map_coordinates(np.asarray(array, dtype=np.float32), at, order=1, mode="nearest", output=np.float32)
