"""The working grid of a plan: labels and distance maps around the target, cropped to where the needle can be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.access.boxes import filled_box
from locoregional.access.rays import BODY, ORGAN, OTHER, TARGET
from locoregional.access.rules import AccessRules
from locoregional.access.scene import TOWARDS_TABLE, Position, Scene
from locoregional.errors import PlanningError
from locoregional.imaging.distance import distance_outside_mm, signed_distance_mm
from locoregional.imaging.volume import Grid
from locoregional.progress import Progress, silent
from locoregional.sources import read_facts

__all__ = ["CAP_MM", "QUANTUM_MM", "Field", "build_field", "vessels_over"]

QUANTUM_MM = 0.1
"""Distances are stored in bytes of this size, rounded down, so that a stored distance never promises too much."""

CAP_MM = 255 * QUANTUM_MM
"""Distances beyond this are stored as this: far enough for every rule."""

FINE_MM = 1.0
"""Axes sampled finer than this are halved: no safety distance is smaller, and the maps shrink eightfold."""

STAIRS = 0.25
"""Allowance for the staircase of a mask, as a share of the largest voxel side: corners stick out of its surface that far."""


@dataclass(frozen=True, eq=False)
class Field:
    """Labels and distance maps on the working grid.

    Attributes
    ----------
    grid : Grid
        Working grid: cropped, and halved along fine axes.
    labels : ndarray of uint8, shape (slices, rows, columns)
        Bits BODY, ORGAN, TARGET, OTHER.
    maps : ndarray of uint8, shape (slices, rows, columns, obstacles)
        Distance to each obstacle in units of ``QUANTUM_MM``, rounded down.
    names : tuple of str
        Obstacles, in map order.
    required_mm : ndarray of float32, shape (obstacles,) [mm]
        What the needle axis must keep: safety distance, tube radius and the staircase allowance.
    border : ndarray of bool, shape (3, 2)
        Which faces of the working grid are where the image cuts the body.
    table_levels_mm : mapping of Position to float [mm]
        Where the table top would be along its direction, for each way to lie.
    notes : tuple of str
        What was done to the image, in words.
    """

    grid: Grid
    labels: NDArray[np.uint8]
    maps: NDArray[np.uint8]
    names: tuple[str, ...]
    required_mm: NDArray[np.float32]
    border: NDArray[np.bool_]
    table_levels_mm: Mapping[Position, float]
    notes: tuple[str, ...]


def build_field(
    scene: Scene, *, rules: AccessRules, reach_mm: float, tube_radius_mm: float, progress: Progress = silent
) -> Field:
    """Labels and distance maps of everything within reach of a needle.

    Parameters
    ----------
    scene : Scene
        Masks on the image grid.
    rules : AccessRules
        Obstacles and their distances.
    reach_mm : float [mm]
        Longest way from the target to the skin.
    tube_radius_mm : float [mm]
        Radius of the tube around the needle axis that must stay clear.
    """
    notes: list[str] = []
    start, stop = _box(scene, reach_mm + CAP_MM)
    factor = np.where((scene.grid.spacing_mm <= FINE_MM) & (stop - start >= 8), 2, 1)
    stop = np.minimum(stop, start + (stop - start) // factor * factor)
    cropped = scene.grid.cropped(start, stop)
    affine = cropped.affine.copy()
    affine[:3, 3] = cropped.to_lps((factor - 1) / 2)
    affine[:3, :3] *= factor
    grid = Grid(tuple(int(n) for n in (stop - start) // factor), affine)  # type: ignore[arg-type]
    if (factor > 1).any():
        sides = " x ".join(f"{s:.1f}" for s in grid.spacing_mm)
        notes.append(f"Paths were searched on voxels of {sides} mm; obstacles grow to every coarse voxel that they touch.")
    box = tuple(slice(int(a), int(b)) for a, b in zip(start, stop, strict=True))

    def any_of(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        return _pooled(mask[box], factor) > 0 if (factor > 1).any() else np.ascontiguousarray(mask[box])

    def most_of(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        return 2 * _pooled(mask[box], factor) >= factor.prod()

    labels = most_of(scene.body).astype(np.uint8) * np.uint8(BODY)
    target = most_of(scene.target)
    if not target.any():
        target = any_of(scene.target)
    required: dict[str, float] = {}
    pieces: dict[str, tuple[tuple[slice, ...], NDArray[np.uint8]]] = {}
    stairs = STAIRS * float(grid.spacing_mm.max())
    for number, (name, full) in enumerate(sorted(scene.structures.items())):
        progress(number / len(scene.structures), f"measuring distances to {name.replace('_', ' ')}")
        here = any_of(full)
        if not here.any():
            if not full.any():
                notes.append(f"The mask of {name.replace('_', ' ')} is empty: taken as absent.")
            if name in rules.distances:
                required[name] = 0.0
            continue
        labels[here] |= BODY
        if name == rules.organ or name in rules.crosses:
            labels[most_of(full)] |= ORGAN if name == rules.organ else OTHER
            continue
        if name == "vessels":
            here, words = _calibrated(here, grid.spacing_mm)
            notes += words
        required[name] = float(rules.distances[name]) + tube_radius_mm + stairs
        if here.any():
            pieces[name] = _byte_distances(here, grid.spacing_mm)
    labels[target] |= BODY | ORGAN | TARGET
    names = tuple(required)
    interleaved = np.full((*grid.shape, len(names)), 255, np.uint8)
    for name, (near, distance) in pieces.items():
        interleaved[..., names.index(name)][near] = distance
    border = np.stack([start == 0, stop + factor > np.array(scene.grid.shape)], axis=1) & _touched(labels)
    tables = _table_levels(scene)
    return Field(grid, labels, interleaved, names, np.array(list(required.values()), np.float32), border, tables, tuple(notes))


def vessels_over(mask: NDArray[np.bool_], *, calibre_mm: float, spacing_mm: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Part of a vessel mask that belongs to vessels of at least a calibre, as far as the voxels can tell.

    Parameters
    ----------
    mask : ndarray of bool, shape (slices, rows, columns)
        Vessels of any calibre.
    calibre_mm : float [mm]
        Smallest diameter kept; in doubt, half a voxel in favour of keeping.
    spacing_mm : ndarray, shape (3,) [mm]
        Voxel sides.
    """
    spacing = np.asarray(spacing_mm, dtype=float)
    depth = -signed_distance_mm(np.pad(mask, 1), spacing_mm=spacing)[1:-1, 1:-1, 1:-1]
    core = depth >= calibre_mm / 2 - spacing.min() / 2
    if not (mask & core).any():
        return np.zeros_like(mask)
    return mask & (distance_outside_mm(mask & core, spacing_mm=spacing) <= calibre_mm / 2 + spacing.max())


def _box(scene: Scene, reach_mm: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Index box of the body within reach of the target, with a rim of air where the image has one."""
    centre = scene.grid.to_index(scene.target_centre_lps_mm)
    half = reach_mm / scene.grid.spacing_mm
    rim = np.ceil(4.0 / scene.grid.spacing_mm).astype(int)
    low, high = [], []
    for axis, filled in enumerate(filled_box(scene.body, margin=rim)):
        low.append(max(filled.start, int(centre[axis] - half[axis])))
        high.append(min(filled.stop, int(centre[axis] + half[axis]) + 2))
    if any(b - a < 2 for a, b in zip(low, high, strict=True)):
        raise PlanningError("the body around the target is thinner than two voxels", where="scene", remedy="Give a volume image.")
    return np.array(low), np.array(high)


def _pooled(mask: NDArray[np.bool_], factor: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Count of filled voxels in each block of ``factor`` voxels."""
    counts = mask.view(np.uint8)
    for axis in range(3):
        if factor[axis] == 2:
            first = [slice(None)] * 3
            second = [slice(None)] * 3
            first[axis], second[axis] = slice(0, None, 2), slice(1, None, 2)
            counts = counts[tuple(first)] + counts[tuple(second)]
    return counts


def _byte_distances(mask: NDArray[np.bool_], spacing_mm: NDArray[np.float64]) -> tuple[tuple[slice, ...], NDArray[np.uint8]]:
    """Quantised distances in the part of the grid where they are below the cap."""
    box = filled_box(mask, margin=np.ceil(CAP_MM / spacing_mm).astype(int) + 1)
    distance = distance_outside_mm(mask[box], spacing_mm=spacing_mm)
    distance *= np.float32(1.0 / QUANTUM_MM)
    return box, np.minimum(distance, 255.0, out=distance).astype(np.uint8)


def _calibrated(mask: NDArray[np.bool_], spacing_mm: NDArray[np.float64]) -> tuple[NDArray[np.bool_], list[str]]:
    """Vessels over the calibre limit, and what was left out, in words."""
    limit = float(read_facts("locoregional.access")["vessels.calibre"])
    box = filled_box(mask, margin=(2, 2, 2))
    kept = np.zeros_like(mask)
    kept[box] = vessels_over(mask[box], calibre_mm=limit, spacing_mm=spacing_mm)
    share = 1.0 - kept.sum() / mask.sum()
    if share < 0.01:
        return kept, []
    return kept, [f"{share:.0%} of the vessel voxels belong to vessels under {limit:.0f} mm and are no obstacle."]


def _touched(labels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which faces of the grid the body reaches, shape (3, 2)."""
    faces = [[np.take(labels, side, axis=axis) & BODY for side in (0, -1)] for axis in range(3)]
    return np.array([[bool(face.any()) for face in pair] for pair in faces])


def _table_levels(scene: Scene) -> dict[Position, float]:
    """Where the lowest skin is along the direction of the table, in millimetres, for each way to lie."""
    # Every fourth voxel is enough for a plane; the 0.1 % tail is left out against single stray voxels.
    points = scene.grid.to_lps(np.argwhere(scene.body[::4, ::4, ::4]) * 4)
    return {position: float(np.quantile(points @ np.array(down), 0.999)) for position, down in TOWARDS_TABLE.items()}
