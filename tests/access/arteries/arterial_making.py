"""Small trees and organs with known answers."""

from __future__ import annotations

import numpy as np

from locoregional.access.arteries.tree import ArterialTree
from locoregional.imaging.volume import Grid, Volume


def fork(*, radius=(2.0, 2.0, 2.0 * 0.5 ** (1 / 3), 2.0 * 0.5 ** (1 / 3))) -> ArterialTree:
    """A trunk along x that forks once, evenly up and down: four nodes."""
    places = np.array([[0.0, 0, 0], [20, 0, 0], [40, 0, 15], [40, 0, -15]])
    return ArterialTree(places, np.array([-1, 0, 1, 1]), np.array(radius), ("trunk", "trunk", "upper", "lower"))


def random_tree(rng: np.random.Generator, n: int) -> ArterialTree:
    parent = np.array([-1, *(int(rng.integers(0, k)) for k in range(1, n))])
    places = rng.uniform(-50, 50, (n, 3))
    radius = np.exp(rng.normal(0, 0.4, n))
    return ArterialTree(places, parent, radius)


def murray_tree(depth: int, *, root_mm=3.0, length_mm=20.0) -> ArterialTree:
    """An even tree that forks ``depth`` times, every fork by Murray's law."""
    places, parent, radius = [np.zeros(3)], [-1], [root_mm]
    layer = [0]
    for level in range(depth):
        following = []
        for node in layer:
            for side in (-1.0, 1.0):
                step = np.array([length_mm, side * 40.0 / 2**level, side * 10.0 / (level + 1)])
                places.append(places[node] + step)
                parent.append(node)
                radius.append(root_mm * 0.5 ** ((level + 1) / 3))
                following.append(len(places) - 1)
        layer = following
    return ArterialTree(np.array(places), np.array(parent), np.array(radius))


def box_organ(low, high, *, spacing_mm=2.0, room_mm=20.0) -> Volume:
    """A cuboid organ in a larger image, LPS limits in mm."""
    low, high = np.asarray(low, float), np.asarray(high, float)
    shape = tuple(int(n) for n in np.ceil((high - low + 2 * room_mm)[::-1] / spacing_mm))
    grid = Grid.regular(shape, spacing_mm=spacing_mm, origin_lps_mm=low - room_mm)
    index = np.stack(np.meshgrid(*[np.arange(n) for n in shape], indexing="ij"), axis=-1)
    lps = grid.to_lps(index)
    return Volume(((lps >= low) & (lps <= high)).all(axis=-1), grid.affine)


def ball_in(organ: Volume, centre, radius) -> Volume:
    index = np.stack(np.meshgrid(*[np.arange(n) for n in organ.shape], indexing="ij"), axis=-1)
    return organ.on(np.linalg.norm(organ.grid.to_lps(index) - np.asarray(centre, float), axis=-1) <= radius)
