"""Solid organs of the digital patient."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from locoregional.imaging.phantom.canvas import Canvas
from locoregional.imaging.phantom.shapes import FAR_MM, Coordinates, ellipsoid, joined, rotation, smooth_curve
from locoregional.imaging.phantom.trunk import Cavity

__all__ = [
    "GALLBLADDER",
    "liver_phi",
    "paint_gallbladder",
    "paint_heart",
    "paint_kidneys",
    "paint_liver",
    "paint_pancreas",
    "paint_spleen",
]

GALLBLADDER = ((-50.0, -44.0, -16.0), (15.0, 14.0, 30.0))
"""Centre and half axes of the gallbladder [mm]."""

KIDNEYS = {"kidney_right": ((-58.0, 46.0, -26.0), 14.0), "kidney_left": ((64.0, 44.0, 2.0), -14.0)}


def _kidney_shape(at: Coordinates, name: str, *, grow_mm: float = 0.0) -> NDArray[np.float32]:
    centre, lean_deg = KIDNEYS[name]
    return ellipsoid(at, centre, np.array((25.5, 28.0, 54.0)) + grow_mm, rotation(about_x_deg=-14, about_y_deg=-lean_deg))


def liver_phi(canvas: Canvas, cavity: Cavity) -> NDArray[np.float32]:
    """Signed distance of the liver [mm], fissures and impressions carved."""
    whole = np.full(canvas.grid.shape, FAR_MM, dtype=np.float32)
    where = canvas.box((-160, -110, -140), (95, 100, 130))
    at = canvas.at(where)
    x, y, z = at
    right = ellipsoid(at, (-70, 8, 26), (62, 76, 84))
    tip = ellipsoid(at, (-98, 10, -18), (30, 50, 52))
    left = ellipsoid(at, (-6, -40, 58), (74, 36, 34), rotation(about_y_deg=-10))
    caudate = ellipsoid(at, (-16, 0, 48), (15, 16, 26))
    phi = joined(joined(right, tip, blend_mm=30), left, blend_mm=26)
    phi = joined(phi, caudate, blend_mm=8)
    # Visceral face: rises from the right tip to the left, and to the back above the kidney.
    floor = np.asarray(-74 + 0.70 * (x + 120) + 0.10 * np.maximum(y, 0), dtype=np.float32)
    phi = -joined(-phi, -(floor - z) * np.float32(0.78), blend_mm=14)
    wedge = (y - (-6 - 0.32 * (x + 10))) * np.float32(0.95)  # the left lobe thins out in front of the stomach
    phi = np.where(x > -22, -joined(-phi, -np.where(x > -6, wedge, wedge - (-6 - x) * 2.5), blend_mm=10), phi)
    # The surface under ribs and diaphragm.
    phi = -joined(-phi, -(cavity.domes[where] + 2.6), blend_mm=3)
    phi = np.maximum(phi, cavity.phi[where] + 1.6)
    spine = ellipsoid(at, (2, 56, 40), (35, 47, 200))
    phi = -joined(-phi, spine, blend_mm=12)
    fissure = np.maximum(np.abs(x - (-8 + 0.1 * (z - 20))) - 1.4 - 0.05 * np.maximum(0, -y - 30), np.maximum(z - 52, y + 16))
    phi = np.maximum(phi, -fissure)
    phi = -joined(-phi, _kidney_shape(at, "kidney_right", grow_mm=5.0), blend_mm=8)
    centre, axes = GALLBLADDER
    fossa = ellipsoid(at, centre, np.array(axes) + 2.0, rotation(about_x_deg=28, about_y_deg=-14))
    phi = np.maximum(phi, -fossa)
    hilum = ellipsoid(at, (-27, -12, 21), (22, 7, 7), rotation(about_y_deg=20))
    whole[where] = np.maximum(phi, -hilum)
    return whole


def paint_liver(canvas: Canvas, phi: NDArray[np.float32], texture: NDArray[np.float32]) -> None:
    """Paint the liver parenchyma in the portal-venous phase."""
    canvas.paint("liver", phi, 110.0 + 2.5 * texture)


def paint_gallbladder(canvas: Canvas) -> None:
    """Paint the gallbladder: bile with a thin enhancing wall."""
    centre, axes = GALLBLADDER
    box = canvas.box(np.array(centre) - 60, np.array(centre) + 60)
    phi = ellipsoid(canvas.at(box), centre, axes, rotation(about_x_deg=28, about_y_deg=-14))
    z = canvas.at(box)[2]
    phi = phi + np.float32(0.10) * (z - centre[2])  # pear: the fundus is wide, the neck narrow
    canvas.paint("gallbladder", phi, 62.0, box=box)
    canvas.paint("", phi + 1.8, 9.0, box=box)


def paint_spleen(canvas: Canvas, cavity: Cavity, texture: NDArray[np.float32]) -> None:
    """Paint the spleen: a crescent under the left ribs."""
    box = canvas.box((30, -60, -60), (150, 110, 140))
    at = canvas.at(box)
    phi = ellipsoid(at, (100, 36, 42), (42, 52, 58), rotation(about_x_deg=-18, about_z_deg=10))
    hollow = ellipsoid(at, (60, 8, 42), (36, 44, 66))
    phi = -joined(-phi, hollow, blend_mm=8)
    kidney = ellipsoid(at, KIDNEYS["kidney_left"][0], (31, 34, 60), rotation(about_x_deg=-14, about_y_deg=14))
    phi = -joined(-phi, kidney, blend_mm=6)
    phi = np.maximum(np.maximum(phi, cavity.phi[box] + 2), cavity.domes[box] + 3.0)
    canvas.paint("spleen", phi, 122.0 + 2.0 * texture[box], box=box)


def paint_kidneys(canvas: Canvas) -> None:
    """Paint both kidneys with cortex, pyramids, sinus fat and pelvis, and the adrenals."""
    for name, (centre, _) in KIDNEYS.items():
        side = 1.0 if centre[0] > 0 else -1.0
        box = canvas.box(np.array(centre) - 80, np.array(centre) + 80)
        at = canvas.at(box)
        phi = _kidney_shape(at, name)
        sinus = ellipsoid(at, (centre[0] - 17 * side, centre[1] - 7, centre[2]), (19, 12, 26))
        canvas.paint(name, np.maximum(phi, -sinus), 186.0, box=box)
        lobes = np.cos(at[2] * 0.36) + np.cos(np.arctan2(at[1] - centre[1], (at[0] - centre[0]) * side) * 5.0)
        medulla = np.maximum(np.maximum(phi + 7.5, -(sinus - 1.5)), (0.3 - lobes) * 4)
        canvas.paint("", medulla, 158.0, box=box)
        pelvis = ellipsoid(at, (centre[0] - 17 * side, centre[1] - 7, centre[2] - 4), (9, 4.5, 9))
        canvas.paint("", pelvis, 12.0, box=box)
        top = np.array([centre[0] - 22 * side, centre[1] - 16, centre[2] + 46])
        limbs = np.array([[0, -7, 0], [3 * side, 3, -3], [9 * side, 14, -6], [3 * side, 3, -3], [-4 * side, 15, -4]], dtype=float)
        phi, box = canvas.tubes(top + limbs[[0, 1, 3]], top + limbs[[1, 2, 4]], [2.6, 2.0, 2.0], squash_z=3.0)
        canvas.paint("adrenal_gland_left" if side > 0 else "adrenal_gland_right", phi, 72.0, box=box)


def paint_pancreas(canvas: Canvas, texture: NDArray[np.float32]) -> None:
    """Paint the pancreas from the duodenum to the splenic hilum, lobulated and a little fatty."""
    path = smooth_curve(
        np.array(
            [
                (-30, -14, -36, 10),
                (-27, -14, -20, 12),
                (-12, -18, -8, 10),
                (8, -19, 4, 8.5),
                (36, -8, 16, 9),
                (62, 8, 28, 9),
                (78, 20, 34, 6),
            ]
        )
    )
    phi, box = canvas.tubes(path[:-1, :3], path[1:, :3], np.column_stack([path[:-1, 3], path[1:, 3]]), band_mm=6, squash_z=1.4)
    phi = np.where(canvas.label[box] == canvas.names["visceral_fat"], phi, np.maximum(phi, 3.0))
    canvas.paint("pancreas", phi + 1.3 * texture[box], 96.0 + 6 * texture[box], box=box)


def paint_heart(canvas: Canvas, cavity: Cavity) -> None:
    """Paint the lower heart with both ventricles, the right atrium and pericardial fat."""
    box = canvas.box((-90, -110, 60), (110, 60, 400))
    at = canvas.at(box)
    turn = rotation(about_y_deg=12, about_z_deg=-38)
    above = np.asarray(-(cavity.domes[box] - 1.5), dtype=np.float32)
    outer = np.maximum(ellipsoid(at, (16, -36, 122), (58, 40, 44), turn), above)
    canvas.paint("pericardial_fat", np.maximum(outer, cavity.phi[box] + 3), -98.0, box=box)
    heart = np.maximum(ellipsoid(at, (18, -34, 124), (52, 34, 38), turn), above + 2)
    heart = np.maximum(joined(heart, ellipsoid(at, (-20, -12, 122), (20, 20, 26)), blend_mm=12), above + 2)
    heart = np.maximum(heart, cavity.phi[box] + 6)
    canvas.paint("heart", heart, 112.0, box=box)
    for centre, axes in (((40, -30, 124), (25, 15, 23)), ((2, -50, 124), (27, 10, 20)), ((-20, -12, 124), (16, 16, 22))):
        canvas.paint("", np.maximum(ellipsoid(at, centre, axes, turn), heart + 5), 152.0, box=box)
