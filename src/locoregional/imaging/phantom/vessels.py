"""Vessels of the digital patient in the portal-venous phase, and the airways."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from locoregional.imaging.phantom.canvas import Canvas
from locoregional.imaging.phantom.shapes import smooth_curve
from locoregional.imaging.phantom.trees import Tree, grow, spread_points

__all__ = ["hepatic_trees", "paint_great_vessels", "paint_lung_trees", "paint_mesentery", "paint_tree"]

PORTAL_HU, HEPATIC_VEIN_HU = 176.0, 168.0


def _pipe(
    canvas: Canvas, name: str, points: Sequence[Sequence[float]], hu: float, *, wall_mm: float = 0.0, squash_z: float = 1.0
) -> None:
    path = smooth_curve(points)
    phi, box = canvas.tubes(path[:-1, :3], path[1:, :3], np.column_stack([path[:-1, 3], path[1:, 3]]), squash_z=squash_z)
    canvas.paint(name, phi, 70.0 if wall_mm else hu, box=box)
    if wall_mm:
        canvas.paint("", phi + wall_mm, hu, box=box)


def paint_great_vessels(canvas: Canvas) -> None:
    """Paint aorta with its branches, inferior vena cava, renal veins, portal and splenic vein."""
    aorta = [(16, 26, 170, 12), (14, 24, 120, 12), (11, 18, 70, 11), (9, 13, 20, 10), (9, 10, -40, 9), (8, 11, -104, 8.5)]
    _pipe(canvas, "aorta", aorta, 165.0, wall_mm=1.2)
    for side, name in ((-1, "iliac_artery_right"), (1, "iliac_artery_left")):
        _pipe(
            canvas, name, [(8, 11, -102, 6), (8 + 12 * side, 14, -125, 5.5), (8 + 30 * side, 24, -160, 5.5)], 162.0, wall_mm=0.8
        )
        renal = [
            (10 + 6 * side, 12, -12, 2.8),
            (10 + 24 * side, 22, -14, 2.6),
            (10 + 40 * side, 34, -12 if side < 0 else -4, 2.4),
        ]
        _pipe(canvas, f"renal_artery_{'right' if side < 0 else 'left'}", renal, 165.0)
    cava = [
        (-20, 14, -190, 9.5),
        (-20, 12, -110, 10),
        (-21, 10, -40, 10.5),
        (-21, 10, 10, 11),
        (-20, 12, 55, 12),
        (-19, 8, 84, 12.5),
        (-20, -4, 104, 13),
    ]
    _pipe(canvas, "inferior_vena_cava", cava, 150.0)
    _pipe(canvas, "renal_vein_left", [(-12, 2, -8, 5), (8, -3, -6, 4), (28, 12, -4, 4.6), (44, 30, 0, 4.2)], 168.0)
    _pipe(canvas, "renal_vein_right", [(-24, 14, -18, 4.5), (-34, 24, -18, 4.4), (-44, 34, -17, 4.2)], 168.0)
    _pipe(canvas, "celiac_trunk", [(10, 8, 14, 3.4), (9, -4, 14, 3.2), (-6, -10, 18, 2.8), (-22, -14, 16, 2.4)], 163.0)
    artery = [(9, 3, -4, 3.8), (8, -9, -14, 3.6), (4, -16, -40, 3.4), (0, -18, -90, 2.8), (-10, -14, -150, 2.2)]
    _pipe(canvas, "superior_mesenteric_artery", artery, 164.0)
    main = [
        (-12, -24, -150, 3.5),
        (-10, -22, -90, 4.6),
        (-8, -16, -40, 5.4),
        (-8, -10, -10, 6.4),
        (-16, -8, 6, 6.6),
        (-26, -11, 21, 6.4),
    ]
    _pipe(canvas, "portal_vein_and_splenic_vein", main, PORTAL_HU)
    splenic = [(-8, -9, -8, 4.8), (14, -9, 4, 4.8), (40, 3, 16, 4.4), (66, 18, 28, 4), (84, 24, 38, 3.4)]
    _pipe(canvas, "portal_vein_and_splenic_vein", splenic, PORTAL_HU)


def hepatic_trees(canvas: Canvas, rng: np.random.Generator, allowed: NDArray[np.bool_], *, tips: int = 190) -> tuple[Tree, Tree]:
    """Grow the portal and the hepatic vein tree inside the allowed part of the liver."""
    portal = [
        ([-26, -11, 21], [-48, -6, 29]), ([-48, -6, 29], [-74, -24, 30]),
        ([-48, -6, 29], [-72, 16, 24]),
        ([-26, -11, 21], [-14, -22, 38]), ([-14, -22, 38], [2, -42, 52]),
        ([-74, -24, 30], [-84, -30, 52]), ([-72, 16, 24], [-88, 28, 2]),
    ]  # fmt: skip
    caval = [
        ([-24, 5, 83], [-46, 10, 76]), ([-46, 10, 76], [-72, 8, 56]), ([-72, 8, 56], [-90, 4, 26]),
        ([-22, -2, 84], [-32, -20, 74]), ([-32, -20, 74], [-46, -34, 48]),
        ([-16, -3, 83], [-2, -22, 74]), ([-2, -22, 74], [16, -40, 64]),
    ]  # fmt: skip
    first = grow(
        portal,
        [-1, 0, 0, -1, 3, 1, 2],
        spread_points(rng, allowed, canvas.grid, count=tips),
        allowed,
        canvas.grid,
        tip_radius_mm=1.05,
    )
    second = grow(
        caval,
        [-1, 0, 1, -1, 3, -1, 5],
        spread_points(rng, allowed, canvas.grid, count=tips),
        allowed,
        canvas.grid,
        tip_radius_mm=1.15,
    )
    return first, second


def paint_tree(canvas: Canvas, name: str, tree: Tree, *, hu: float, where: NDArray[np.bool_]) -> None:
    """Paint a grown tree, only inside ``where``."""
    phi, box = canvas.tubes(tree.starts, tree.stops, tree.radii_mm, band_mm=3.0)
    canvas.paint(name, np.where(where[box], phi, np.float32(9)), hu, box=box)


def paint_mesentery(canvas: Canvas, rng: np.random.Generator) -> None:
    """Paint mesenteric branches through the fat."""
    fat = canvas.mask("visceral_fat")
    x, y, z = canvas.at(warped=False)
    region = fat & (np.abs(x) < 80) & (y < 20) & (y > -75) & (z < -20)
    if region.sum() < 500:
        return
    ends = spread_points(rng, region, canvas.grid, count=130)
    open_space = fat | canvas.mask("portal_vein_and_splenic_vein", "superior_mesenteric_artery", "small_bowel")
    trunk = [([-8, -16, -40], [-10, -22, -90]), ([-10, -22, -90], [-12, -24, -150])]
    tree = grow(trunk, [-1, 0], ends, open_space, canvas.grid, tip_radius_mm=0.6)
    paint_tree(canvas, "", tree, hu=160.0, where=fat)


def paint_lung_trees(canvas: Canvas, rng: np.random.Generator) -> None:
    """Paint pulmonary vessels and the lower-lobe bronchi."""
    for side, name in ((-1, "lung_right"), (1, "lung_left")):
        lung = canvas.mask(name)
        if lung.sum() < 500:
            continue
        top = float(canvas.axes()[0][-1])
        root, fork = [48.0 * side, 22.0, top - 4], [60 * side, 28, top - 20]
        trunk = [
            (root, fork),
            (fork, [78 * side, 40, top - 44]),
            (fork, [92 * side, 4, top - 40]),
            (root, [66 * side, -24, top - 12]),
        ]
        ends = spread_points(rng, lung, canvas.grid, count=260)
        paint_tree(canvas, "", grow(trunk, (-1, 0, 0, -1), ends, lung, canvas.grid, tip_radius_mm=0.6), hu=90.0, where=lung)
        bronchus = smooth_curve(
            [
                (24 * side + 2, 10, top + 4, 5.2),
                (40 * side, 16, top - 16, 4),
                (56 * side, 26, top - 34, 2.8),
                (66 * side, 34, top - 48, 2),
            ]
        )
        phi, box = canvas.tubes(bronchus[:-1, :3], bronchus[1:, :3], bronchus[:-1, 3])
        canvas.paint("", phi - 1.2, 20.0, box=box)
        canvas.paint("airways", phi, -985.0, box=box)
