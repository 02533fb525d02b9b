"""Soft parts of the digital shoulder: skin, fat, the muscles of chest wall and shoulder, lung apex and windpipe."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.imaging.phantom.canvas import Box, Canvas
from locoregional.imaging.phantom.shapes import FAR_MM, cylinder, ellipsoid, joined, smooth_curve, superellipse

__all__ = ["Look", "along", "boxed_pipe", "paint_chest", "paint_muscles", "paint_skin", "pipe", "upper_spine_y_mm"]

HEIGHTS_MM = (-130.0, -90.0, -50.0, -15.0, 10.0, 35.0, 60.0, 100.0)
"""Where the profiles of trunk and chest are given; z = 0 is the middle of the humeral head, about the third thoracic vertebra."""
TRUNK_HALF_X_MM = (128.0, 127.0, 122.0, 114.0, 100.0, 80.0, 64.0, 58.0)
TRUNK_FRONT_Y_MM = (-96.0, -90.0, -80.0, -70.0, -64.0, -54.0, -34.0, -22.0)
TRUNK_BACK_Y_MM = (103.0, 103.0, 103.0, 103.0, 103.0, 101.0, 94.0, 84.0)
CHEST_HALF_X_MM = (112.0, 108.0, 98.0, 82.0, 66.0, 47.0, 22.0, 4.0)
CHEST_FRONT_Y_MM = (-74.0, -66.0, -52.0, -36.0, -22.0, -2.0, 22.0, 44.0)
CHEST_BACK_Y_MM = (82.0, 82.0, 81.0, 78.0, 73.0, 66.0, 58.0, 52.0)
ARM = ((-168, 30, 4, 50), (-174, 30, -24, 51), (-182, 30, -60, 48), (-187, 28, -95, 45), (-190, 26, -140, 42))
"""Middle line (x, y, z) and radius of the right upper arm [mm]."""


@dataclass(frozen=True)
class Look:
    """Hounsfield units of what takes up contrast medium.

    Attributes
    ----------
    muscle_hu, mass_rim_hu, mass_core_hu, artery_hu, vein_hu : float [HU]
        With or without contrast medium.
    """

    muscle_hu: float
    mass_rim_hu: float
    mass_core_hu: float
    artery_hu: float
    vein_hu: float

    @classmethod
    def of(cls, *, enhanced: bool) -> Look:
        """Venous phase, or no contrast medium."""
        return cls(60.0, 92.0, 46.0, 165.0, 150.0) if enhanced else cls(52.0, 44.0, 30.0, 42.0, 42.0)


def along(z_mm: NDArray[np.float32], values: ArrayLike) -> NDArray[np.float32]:
    """Smooth profile over ``HEIGHTS_MM`` at the slices, shape (slices, 1, 1)."""
    fine = smooth_curve(np.column_stack([HEIGHTS_MM, np.asarray(values, dtype=float)]))
    return np.interp(z_mm, fine[:, 0], fine[:, 1]).astype(np.float32)


def upper_spine_y_mm(z_mm: NDArray[np.float32] | float) -> NDArray[np.float32]:
    """Front-to-back place of the upper vertebral bodies: farthest back at the fifth thoracic, forward to the neck."""
    z = np.asarray(z_mm, dtype=np.float32)
    return np.asarray(56.0 - 2.6e-3 * np.maximum(z + 45.0, 0) ** 2 - 4e-4 * np.maximum(-z - 45.0, 0) ** 2, dtype=np.float32)


def boxed_pipe(
    canvas: Canvas, points: ArrayLike, *, band_mm: float = 4.0, squash_z: float = 1.0
) -> tuple[NDArray[np.float32], Box]:
    """Distance from a smooth tube through rows (x, y, z, radius) [mm], and the box that it covers."""
    path = smooth_curve(points)
    radii = np.column_stack([path[:-1, 3], path[1:, 3]])
    return canvas.tubes(path[:-1, :3], path[1:, :3], radii, band_mm=band_mm, squash_z=squash_z)


def pipe(canvas: Canvas, points: ArrayLike, *, band_mm: float = 4.0, squash_z: float = 1.0) -> NDArray[np.float32]:
    """Distance from a smooth tube as in `boxed_pipe`, shape of the grid [mm]; far away ``FAR_MM``."""
    whole = np.full(canvas.grid.shape, FAR_MM, dtype=np.float32)
    phi, box = boxed_pipe(canvas, points, band_mm=band_mm, squash_z=squash_z)
    whole[box] = phi
    return whole


def paint_skin(canvas: Canvas, *, bulge: tuple[ArrayLike, float]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Paint skin and subcutaneous fat of neck, chest, shoulder and upper arm.

    Parameters
    ----------
    canvas : Canvas
        Empty sheet.
    bulge : tuple
        Middle [mm] and radius [mm] of a ball that pushes the skin out: the mass with what covers it.

    Returns
    -------
    phi_body : ndarray, shape of the grid [mm]
        Signed distance from the skin.
    phi_arm : ndarray, shape of the grid [mm]
        Signed distance from the surface of the bare arm.
    """
    at = canvas.at(warped=False)
    z = at[2]
    front, back = along(z, TRUNK_FRONT_Y_MM), along(z, TRUNK_BACK_Y_MM)
    body = superellipse(at, (front + back) / 2, along(z, TRUNK_HALF_X_MM), (back - front) / 2, exponent=2.5)
    side = np.abs(at[0]) * np.ones_like(z)
    girdle = ellipsoid((side, at[1], z), (92, 30, -4), (104, 76, 64))
    fold = ellipsoid(at, (-122, 18, -44), (50, 54, 34))
    body = joined(joined(body, girdle, blend_mm=30), fold, blend_mm=20)
    breast = ellipsoid((side, at[1], z), (74, -78, -118), (56, 44, 46))
    body = joined(body, breast, blend_mm=30)
    arm = pipe(canvas, ARM, band_mm=60)
    slope = pipe(canvas, [(-20, 44, 66, 44), (-66, 46, 42, 36), (-116, 40, 22, 34), (-150, 34, 8, 40)], band_mm=60)
    body = joined(joined(body, slope, blend_mm=45), arm, blend_mm=16)
    centre, radius_mm = bulge
    body = joined(body, ellipsoid(at, centre, np.full(3, radius_mm)), blend_mm=26)
    body = np.maximum(body + canvas.warp[0] * np.float32(0.3), at[1] - (np.float32(103) - at[0] ** 2 / 2400))
    canvas.paint("skin", body, 30.0)
    canvas.paint("subcutaneous_fat", body + 2.0, -104.0)
    gland = ellipsoid((side, at[1], z), (72, -96, -118), (30, 16, 26)) + canvas.warp[2] * 2.4
    canvas.paint("", np.maximum(gland, body + 6), 18.0)
    return np.asarray(body, dtype=np.float32), arm


def paint_chest(canvas: Canvas, look: Look) -> NDArray[np.float32]:
    """Paint chest wall, mediastinum, both lungs and the windpipe; returns the distance from the inside of the ribs [mm]."""
    at = canvas.at(warped=False)
    z, x = at[2], at[0]
    front, back = along(z, CHEST_FRONT_Y_MM), along(z, CHEST_BACK_Y_MM)
    cavity = cylinder(at, 0.0, (front + back) / 2, along(z, CHEST_HALF_X_MM), (back - front) / 2)
    cavity = joined(np.maximum(cavity, z - 62), cavity + 60, blend_mm=1) + canvas.warp[1] * np.float32(0.2)
    canvas.paint("muscle", cavity - 9.5, look.muscle_hu)
    canvas.paint("mediastinum", cavity, -70.0)
    apex = z - (np.float32(48) - (np.abs(x) - 34) ** 2 / 90)
    middle = cylinder(at, 3.0, 14.0, along(z, (48, 42, 36, 33, 30, 27, 24, 20)), along(z, (84, 78, 70, 62, 56, 50, 46, 40)))
    lung = np.maximum(np.maximum(cavity + 3.0, -middle), apex * np.float32(0.7))
    lung = np.maximum(lung, -cylinder(at, 0.0, upper_spine_y_mm(z) + 8, 30.0, 30.0))
    density = -870 + 8 * canvas.warp[2] + np.float32(0.4) * at[1]
    canvas.paint("lung_right", np.where(x < 0, lung, 9), density)
    canvas.paint("lung_left", np.where(x < 0, 9, lung), density)
    windpipe, box = boxed_pipe(canvas, [(2, 4, 100, 9.5), (2, 14, 50, 9.5), (1, 24, 0, 9.5), (0, 28, -45, 9.5)])
    canvas.paint("", windpipe - 1.5, 60.0, box=box)
    canvas.paint("trachea", windpipe, -990.0, box=box)
    gullet, box = boxed_pipe(canvas, [(10, 20, 100, 6), (10, 32, 50, 6.5), (8, 42, 0, 6.5), (8, 42, -130, 7)])
    canvas.paint("esophagus", gullet, 50.0, box=box)
    return np.asarray(cavity, dtype=np.float32)


MUSCLES: dict[str, tuple[float, tuple[tuple[float, float, float, float], ...]]] = {
    "pectoralis major": (
        5.0, ((-14, -54, -46, 4), (-60, -58, -54, 7), (-104, -42, -46, 8), (-140, -16, -40, 6), (-166, 10, -44, 3)),
    ),
    "pectoralis minor": (2.4, ((-132, -4, 12, 4), (-112, -26, -16, 7), (-88, -52, -66, 6))),
    "subscapularis": (2.6, ((-80, 70, -30, 5), (-105, 46, -22, 11), (-132, 24, -10, 9), (-150, 14, -4, 5))),
    "infraspinatus": (2.4, ((-84, 88, -22, 5), (-112, 72, -18, 11), (-146, 66, -8, 9), (-176, 50, 4, 4))),
    "teres minor": (1.2, ((-100, 82, -52, 8), (-140, 68, -30, 8), (-174, 52, -14, 4))),
    "teres major": (1.5, ((-96, 84, -84, 12), (-130, 62, -68, 12), (-166, 34, -52, 6))),
    "latissimus": (3.0, ((-118, 66, -130, 8), (-130, 54, -95, 9), (-150, 38, -66, 6))),
    "serratus": (4.0, ((-112, 40, -110, 5), (-108, 52, -70, 6), (-96, 66, -30, 5))),
    "supraspinatus": (1.0, ((-84, 66, 32, 7), (-116, 48, 30, 10), (-146, 38, 26, 8), (-170, 34, 20, 4))),
    "trapezius": (5.0, ((-10, 96, 10, 3), (-50, 92, 10, 5), (-96, 84, 14, 5), (-136, 66, 26, 4))),
    "trapezius, upper part": (1.3, ((-16, 66, 96, 11), (-58, 62, 58, 14), (-104, 50, 42, 12), (-142, 34, 40, 5))),
    "rhomboid": (5.0, ((-12, 88, -10, 3), (-46, 88, -24, 5), (-76, 84, -34, 4))),
    "erector spinae": (1.0, ((-22, 92, -140, 14), (-22, 92, -60, 14), (-20, 84, 10, 13), (-18, 66, 60, 13), (-18, 56, 110, 14))),
    "scalene": (1.0, ((-26, 26, 100, 9), (-34, 20, 60, 9), (-50, 8, 36, 7))),
    "sternomastoid": (1.0, ((-46, 18, 104, 9), (-34, -10, 60, 9), (-18, -34, 30, 6))),
    "upper arm": (1.0, ((-168, 30, -40, 30), (-182, 30, -80, 34), (-190, 26, -145, 33))),
    "biceps": (1.0, ((-146, -4, 8, 5), (-166, 2, -34, 10), (-182, 0, -80, 16), (-186, -2, -140, 19))),
    "coracobrachialis": (1.0, ((-134, -10, 6, 6), (-150, 6, -36, 9), (-168, 20, -80, 8))),
    "triceps": (1.0, ((-142, 60, -34, 8), (-166, 58, -66, 15), (-184, 52, -100, 19), (-188, 48, -140, 21))),
    "brachialis": (1.0, ((-176, 8, -80, 8), (-184, 10, -140, 15))),
}  # fmt: skip
"""Tubes (x, y, z, radius) [mm] of the muscles of the right side, each with its height over its thickness."""


def paint_muscles(canvas: Canvas, body: NDArray[np.float32], arm: NDArray[np.float32], look: Look) -> None:
    """Paint the muscles of shoulder and arm with the fat between them; the other side's muscles mirrored where they are seen."""
    at = canvas.at(warped=False)
    x, y, z = at
    wobble = canvas.warp[0] * np.float32(0.25)
    for squash_z, points in MUSCLES.values():
        for side in (1.0, -1.0):
            path = np.array(points) * (side, 1, 1, 1)
            if path[:, 0].min() > float(canvas.axes()[2][-1]):
                continue
            phi, box = boxed_pipe(canvas, path, squash_z=squash_z)
            phi = np.maximum(phi + wobble[box], body[box] + 6)
            canvas.paint("", phi - 1.3, -80.0, box=box)
            canvas.paint("muscle", phi, look.muscle_hu, box=box)
    cuff = pipe(canvas, [(-162, 34, 2, 27), (-166, 32, -26, 21), (-178, 30, -70, 14), (-186, 29, -145, 12)], band_mm=40)
    cap = np.maximum(np.maximum(body + 8, 1.5 - cuff), arm + 6)
    cap = np.maximum(cap, ellipsoid(at, (-172, 30, -26), (66, 64, 76)))
    cap = np.maximum(np.maximum(cap, x + 130 + 0.12 * np.abs(y - 30)), z - 33 + 0.006 * (x + 162) ** 2) + wobble
    canvas.paint("", cap - 1.5, -84.0)
    canvas.paint("muscle", np.maximum(cuff, x + 136), look.muscle_hu)
    canvas.paint("deltoid", cap, look.muscle_hu)
    angle = np.arctan2(y - 30, -(x + 166))
    for border in (-0.62, 0.66):
        septum = np.abs(angle - border - canvas.warp[2] * 0.03) * np.hypot(y - 30, x + 166) - 0.5
        canvas.paint("", np.maximum(septum, cap + 2), -45.0)
