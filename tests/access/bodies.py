"""Simple bodies with known geometry for needle access tests."""

from __future__ import annotations

import numpy as np

from locoregional.access.scene import Scene
from locoregional.imaging.volume import Grid


def grid_of(half_mm, spacing_mm):
    """Grid whose origin of LPS is its middle."""
    spacing = np.broadcast_to(np.asarray(spacing_mm, float), (3,))
    shape = tuple(int(n) for n in 2 * np.ceil(np.asarray(half_mm) / spacing) + 1)
    origin = -spacing[::-1] * (np.array(shape)[::-1] - 1) / 2
    return Grid.regular(shape, spacing_mm=spacing, origin_lps_mm=origin)


def coordinates(grid):
    """LPS of every voxel as three arrays x, y, z."""
    index = np.stack(np.meshgrid(*[np.arange(n) for n in grid.shape], indexing="ij"), axis=-1)
    return np.moveaxis(grid.to_lps(index), -1, 0)


def ball(lps, centre, radius):
    return sum((a - c) ** 2 for a, c in zip(lps, centre, strict=True)) <= radius**2


def torso(spacing_mm=3.0, *, target=(-70.0, -10.0, 0.0), target_radius=10.0, position="supine"):
    """Torso with liver, oblique rings of rib, lungs, spine, stomach, colon, gallbladder, kidney, heart and a big vein."""
    grid = grid_of((110, 120, 170), spacing_mm)
    x, y, z = lps = coordinates(grid)
    body = (x / 160) ** 2 + (y / 110) ** 2 <= 1
    liver = ((x + 60) / 75) ** 2 + ((y + 5) / 75) ** 2 + ((z - 5) / 65) ** 2 <= 1
    wall = ((x / 145) ** 2 + (y / 95) ** 2 <= 1) & ((x / 136) ** 2 + (y / 86) ** 2 >= 1)
    ribs = wall & (((z + 0.25 * y) % 24.0) < 9.0) & (y < 85) & (z > -60)
    spine = (x / 22) ** 2 + ((y - 62) / 20) ** 2 <= 1
    lungs = ((x / 132) ** 2 + (y / 83) ** 2 <= 1) & (z > 45 + 0.004 * (x + 60) ** 2) & ~liver
    structures = {
        "liver": liver & body,
        "bone": ribs | spine,
        "lung": lungs & ~spine,
        "stomach": ((x - 60) / 45) ** 2 + ((y + 30) / 40) ** 2 + (z / 40) ** 2 <= 1,
        "colon": ((x + 70) / 50) ** 2 + ((y + 20) / 40) ** 2 + ((z + 85) / 16) ** 2 <= 1,
        "gallbladder": ((x + 35) / 14) ** 2 + ((y + 55) / 14) ** 2 + ((z + 35) / 25) ** 2 <= 1,
        "kidney": ((x + 60) / 25) ** 2 + ((y - 55) / 22) ** 2 + ((z + 70) / 40) ** 2 <= 1,
        "heart": ball(lps, (40, -30, 100), 35),
        "vessels": ((x + 25) ** 2 + (y - 10) ** 2 <= 8**2) & (np.abs(z) < 100),
    }
    structures["liver"] &= ~structures["gallbladder"] & ~structures["vessels"] & ~structures["kidney"] & ~ribs
    return Scene(grid, body, structures, ball(lps, target, target_radius), "liver", position)
