"""A second opinion on needle paths: scipy only, raw masks, no code of the planner."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import distance_transform_edt, map_coordinates

from locoregional.sources import read_facts

TUBE_MM = 2.0


def obstacles_of(scene, crosses=("liver",)):
    """Obstacle name to (mask, safety distance) for the default rules."""
    facts = read_facts("locoregional.access")
    given = {n: m for n, m in scene.structures.items() if n not in crosses and m.any()}
    return {n: (m, float(facts[f"distance.{n}"])) for n, m in given.items()}


def tube_points(entry, tip, *, radius_mm=TUBE_MM, step_mm=0.5):
    """Points that fill a tube with round ends: axis, rings and caps."""
    way = tip - entry
    length = np.linalg.norm(way)
    axis = way / length
    helper = np.eye(3)[np.argmin(np.abs(axis))]
    first = np.cross(axis, helper)
    first /= np.linalg.norm(first)
    second = np.cross(axis, first)
    along = np.linspace(0.0, length, int(np.ceil(length / step_mm)) + 1)
    turn = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    rings = [np.zeros((1, 3))]
    for r in (radius_mm / 2, radius_mm):
        rings.append(r * (np.cos(turn)[:, None] * first + np.sin(turn)[:, None] * second))
    cross = np.vstack(rings)
    tube = (entry + along[:, None] * axis)[:, None, :] + cross[None]
    cap = tip + radius_mm * axis
    return np.vstack([tube.reshape(-1, 3), cap])


def tube_faults(scene, paths, crosses=("liver",)):
    """What is wrong with paths, as a list of words; empty when every hard constraint holds in all of every tube."""
    faults = []
    tubes = [scene.grid.to_index(tube_points(path.entry_lps_mm, path.tip_lps_mm)).T for path in paths]
    shape = np.array(scene.grid.shape)[:, None]
    for name, (mask, safety) in obstacles_of(scene, crosses).items():
        distance = distance_transform_edt(~mask, sampling=scene.grid.spacing_mm)
        for number, points in enumerate(tubes):
            nearest = np.round(points).astype(int)
            inside = ((nearest >= 0) & (nearest < shape)).all(axis=0)
            if mask[tuple(nearest[:, inside])].any():
                faults.append(f"path {number} touches {name}")
            # To the centre of the nearest obstacle voxel, which lies behind its surface.
            least = map_coordinates(distance, points, order=1, mode="nearest").min()
            if least < safety:
                faults.append(f"path {number}: {name} at {least:.2f} mm, {safety} mm asked")
    return faults


def brute_force(scene, target_lps, *, reach_mm, count, seed, crosses=("liver",)):
    """Random directions whose straight way to the skin keeps every distance; shape (feasible, 3)."""
    random = np.random.default_rng(seed)
    directions = random.normal(size=(count, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    t = np.arange(0.0, reach_mm + 1.0, 1.0)
    inverse = np.linalg.inv(scene.grid.affine[:3, :3])
    start = scene.grid.to_index(target_lps)

    def at(chosen):
        return start[:, None, None] + (directions[chosen] @ inverse.T).T[:, :, None] * t

    body = scene.body | np.any(list(scene.structures.values()), axis=0)
    shape = np.array(scene.grid.shape)[:, None, None]
    index = np.round(at(slice(None))).astype(int)
    within = ((index >= 0) & (index < shape)).all(axis=0)
    filled = np.zeros(within.shape, bool)
    filled[within] = body[tuple(index[:, within])]
    open_end = within[:, -1] & ~filled[:, -1]
    last = t.size - 1 - np.argmax(filled[:, ::-1], axis=1)
    kept = np.flatnonzero(open_end | (~within[:, -1] & ~filled[np.arange(count), np.maximum(within.sum(axis=1) - 1, 0)]))
    stairs = 0.25 * scene.grid.spacing_mm.max()
    for mask, safety in obstacles_of(scene, crosses).values():
        # Distance to the obstacle's surface: half a voxel before its nearest centre, at most.
        distance = distance_transform_edt(~mask, sampling=scene.grid.spacing_mm) - scene.grid.spacing_mm.min() / 2
        values = map_coordinates(distance.astype(np.float32), at(kept).reshape(3, -1), order=1, mode="nearest")
        values = values.reshape(kept.size, t.size)
        values[np.arange(t.size)[None] > last[kept, None]] = np.inf
        kept = kept[values.min(axis=1) >= safety + TUBE_MM + stairs]
    return directions[kept]
