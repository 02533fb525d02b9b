"""Hollow organs of the digital patient: oesophagus, stomach, duodenum, small bowel and colon with gas and content."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from locoregional.imaging.phantom.canvas import Box, Canvas
from locoregional.imaging.phantom.shapes import smooth_curve

__all__ = ["paint_colon", "paint_small_bowel", "paint_stomach"]

GAS_HU = -960.0


def _hollow(
    canvas: Canvas,
    name: str,
    path: NDArray,
    *,
    wall_mm: float,
    wall_hu: float,
    content_hu: NDArray | float,
    gas_above_mm: float,
    bumps: NDArray,
) -> None:
    """Paint one hollow organ along rows (x, y, z, radius); gas floats where y is less than the level (supine)."""
    phi, box = canvas.tubes(path[:-1, :3], path[1:, :3], np.column_stack([path[:-1, 3], path[1:, 3]]), band_mm=6)
    phi = phi + bumps[box]
    canvas.paint(name, phi, wall_hu, box=box)
    content = content_hu[box] if isinstance(content_hu, np.ndarray) else content_hu
    canvas.paint("", phi + wall_mm, content, box=box)
    canvas.paint("", np.maximum(phi + wall_mm, _height_over_middle(canvas, phi, box, path) - gas_above_mm), GAS_HU, box=box)


def _height_over_middle(canvas: Canvas, phi: NDArray[np.float32], box: Box, path: NDArray) -> NDArray[np.float32]:
    """How far behind the nearest point of the organ's middle line each inner voxel lies [mm] (negative in front)."""
    from scipy.spatial import cKDTree

    inside = np.argwhere(phi < 2)
    points = canvas.grid.to_lps(inside + [s.start for s in box])
    # The level of gas is flat over a few centimetres, so it follows a smoothed middle line.
    _, near = cKDTree(path[:, :3]).query(points, k=30)
    height = np.full(phi.shape, np.float32(9))
    height[tuple(inside.T)] = points[:, 1] - path[near, 1].mean(axis=1)
    return height


def paint_stomach(canvas: Canvas, texture: NDArray[np.float32]) -> None:
    """Paint oesophagus, stomach and duodenum."""
    gullet = smooth_curve([[4, 18, 170, 7], [6, 16, 120, 7], [14, 8, 88, 7], [26, 4, 72, 8]])
    phi, box = canvas.tubes(gullet[:-1, :3], gullet[1:, :3], gullet[:-1, 3])
    canvas.paint("esophagus", phi, 72.0, box=box)
    canvas.paint("", phi + 4.5, 10.0, box=box)
    body = smooth_curve(
        [
            [60, 8, 70, 20],
            [62, 4, 56, 31],
            [60, -12, 34, 30],
            [56, -30, 10, 26],
            [40, -44, -16, 22],
            [14, -50, -24, 17],
            [-10, -44, -16, 13],
            [-24, -36, -10, 9],
        ]
    )
    _hollow(
        canvas, "stomach", body, wall_mm=4.5, wall_hu=82.0, content_hu=28 + 14 * texture, gas_above_mm=-13.0, bumps=0.9 * texture
    )
    loop = smooth_curve(
        [
            [-26, -36, -10, 9],
            [-40, -26, -16, 11],
            [-44, -14, -36, 12],
            [-40, -6, -58, 12],
            [-14, 0, -66, 11],
            [18, -4, -62, 10],
            [34, -20, -48, 10],
        ]
    )
    _hollow(
        canvas, "duodenum", loop, wall_mm=2.6, wall_hu=88.0, content_hu=24 + 14 * texture, gas_above_mm=-9.0, bumps=0.8 * texture
    )


def paint_colon(canvas: Canvas, texture: NDArray[np.float32], coarse: NDArray[np.float32]) -> None:
    """Paint the colon: stool with fine gas, haustra, gas in front."""
    path = smooth_curve(
        [
            [-84, 6, -190, 24], [-90, 4, -140, 25], [-92, 0, -100, 25], [-88, -16, -74, 23], [-72, -46, -66, 21],
            [-40, -58, -80, 19],
            [0, -61, -90, 18], [40, -58, -76, 18], [72, -44, -44, 18], [92, -18, -8, 18], [98, 12, 8, 17], [100, 30, -12, 16],
            [98, 30, -60, 15], [96, 26, -110, 14], [90, 18, -190, 13],
        ],
        steps=10,
    )  # fmt: skip
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path[:, :3], axis=0), axis=1))])
    path[:, 3] *= 1 + 0.13 * np.sin(2 * np.pi * along / 31)
    stool = np.where(texture > 1.7, -280.0, 38.0 + 24 * texture)
    _hollow(canvas, "colon", path, wall_mm=2.4, wall_hu=84.0, content_hu=stool, gas_above_mm=-7.0, bumps=1.2 * coarse)


def paint_small_bowel(canvas: Canvas, rng: np.random.Generator, texture: NDArray[np.float32]) -> None:
    """Paint small-bowel loops: a curve that folds through the lower abdomen, not through anything painted before."""
    points: list[list[float]] = []
    for layer, z in enumerate(np.arange(-178.0, -38.0, 25.0)):
        rows = np.arange(-48.0, 8.0, 25.0)
        columns = np.arange(-62.0, 66.0, 25.0)
        first, second = (rows, columns) if layer % 2 else (columns, rows)
        for i, u in enumerate(first if layer % 4 < 2 else first[::-1]):
            for v in second if i % 2 == 0 else second[::-1]:
                points.append([v, u, z] if layer % 2 else [u, v, z])
    knots = np.array(points) + rng.uniform(-11, 11, (len(points), 3))
    path = smooth_curve(np.column_stack([knots, rng.uniform(8.5, 12.5, len(knots))]), steps=5)
    phi, box = canvas.tubes(path[:-1, :3], path[1:, :3], np.column_stack([path[:-1, 3], path[1:, 3]]), band_mm=6)
    phi = phi + 0.8 * texture[box]
    free = ~(canvas.label[box] == canvas.names["visceral_fat"])
    phi = np.where(free, np.maximum(phi, 3.0), phi)
    canvas.paint("small_bowel", phi, 98.0, box=box)
    canvas.paint("", phi + 2.6, 30.0 + 10 * texture[box], box=box)
    gas = np.maximum(phi + 3.2, (1.75 - texture[box]) * 6)
    canvas.paint("", gas, GAS_HU, box=box)
