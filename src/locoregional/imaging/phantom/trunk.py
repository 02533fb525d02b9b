"""Body wall of the digital patient: skin, fat, muscle, ribs, spine, diaphragm and lungs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.imaging.phantom.canvas import Canvas
from locoregional.imaging.phantom.shapes import cylinder, ellipsoid, joined, smooth_curve, superellipse

__all__ = ["Cavity", "paint_back", "paint_lungs", "paint_ribs", "paint_spine", "paint_wall", "spine_y_mm"]

# Heights [mm] of vertebral mid-bodies; z = 0 is the middle of L1.
VERTEBRAE = {
    "T5": 219,
    "T6": 195,
    "T7": 170,
    "T8": 145,
    "T9": 119,
    "T10": 92,
    "T11": 63,
    "T12": 33,
    "L1": 0,
    "L2": -35,
    "L3": -71,
    "L4": -108,
    "L5": -144,
}


@dataclass(frozen=True)
class Cavity:
    """Inside of ribs and abdominal wall, by height.

    Attributes
    ----------
    half_x_mm, half_y_mm : ndarray, shape (slices, 1, 1)
        Half widths.
    centre_y_mm : float
        Middle, front to back.
    phi : ndarray, shape of the grid [mm]
        Signed distance, negative inside.
    domes : ndarray, shape of the grid [mm]
        Signed distance from the upper face of the diaphragm, negative below.
    """

    half_x_mm: NDArray[np.float32]
    half_y_mm: NDArray[np.float32]
    centre_y_mm: float
    phi: NDArray[np.float32]
    domes: NDArray[np.float32]


def spine_y_mm(z_mm: NDArray[np.float32] | float) -> NDArray[np.float32]:
    """Front-to-back place of the vertebral mid-bodies: lordosis below, kyphosis above."""
    return np.asarray(43.0 + 3.6e-4 * (np.asarray(z_mm) + 70.0) ** 2, dtype=np.float32)


def _along(z: NDArray[np.float32], heights: list[float], values: list[float]) -> NDArray[np.float32]:
    """Smooth profile along the slices, shape (slices, 1, 1)."""
    fine = smooth_curve(np.column_stack([heights, values]))
    return np.interp(z, fine[:, 0], fine[:, 1]).astype(np.float32)


def paint_wall(canvas: Canvas) -> tuple[Cavity, NDArray[np.float32]]:
    """Paint skin, subcutaneous fat, breasts, muscle and the fat-filled cavity.

    Returns
    -------
    cavity : Cavity
        Where ribs and organs go.
    phi_body : ndarray, shape of the grid [mm]
        Signed distance from the skin.
    """
    at = canvas.at(warped=False)
    z = at[2]
    a_body = _along(z, [-170, -110, -60, 0, 60, 110, 170], [164, 160, 153, 154, 156, 155, 150])
    b_body = _along(z, [-170, -110, -60, 0, 60, 110, 170], [106, 107, 106, 105, 105, 106, 107])
    a_in = _along(z, [-170, -110, -60, 0, 60, 110, 170], [126, 122, 120, 127, 131, 128, 116])
    b_in = _along(z, [-170, -110, -60, 0, 60, 110, 170], [76, 77, 78, 80, 82, 83, 80])
    wobble = canvas.warp[0] * np.float32(0.35)
    body = superellipse(at, 0.0, a_body, b_body) + wobble
    for side in (-1, 1):
        breast = ellipsoid(at, (72 * side, -84, 132), (58, 42, 50))
        body = joined(body, breast, blend_mm=30)
    phi_back = at[1] - np.float32(102)  # the back lies flat on the mattress
    body = np.maximum(body, phi_back)
    inside = superellipse(at, -1.0, a_in, b_in, exponent=2.3)
    muscle = superellipse(at, 0.0, a_in + _along(z, [-170, 0, 170], [13, 13, 14]), b_in + 11, exponent=2.3) + wobble * 0.5
    canvas.paint("skin", body, 25.0)
    canvas.paint("subcutaneous_fat", body + 2.2, -104.0)
    for side in (-1, 1):
        gland = ellipsoid(at, (70 * side, -106, 130), (30, 13, 26)) + canvas.warp[2] * 2.4
        canvas.paint("", np.maximum(gland, body + 6), 18.0)
    canvas.paint("muscle", np.maximum(muscle, body + 5), 56.0)
    intermuscular = np.abs(muscle + 5.5 + canvas.warp[1] * 0.6) - 0.35
    canvas.paint("", np.maximum(intermuscular, body + 6), -40.0)
    below = np.float32(1) / (1 + np.exp((z + 10) / 14))  # abdominal muscles only below the ribs
    linea_alba = np.abs(at[0]) - 7 * below
    canvas.paint("", np.maximum(np.maximum(linea_alba, at[1] + 60), muscle + 3), -70.0)
    canvas.paint("visceral_fat", np.maximum(inside, body + 8), -101.0)
    return Cavity(a_in, b_in, -1.0, inside, _domes(canvas)), body


def paint_back(canvas: Canvas) -> None:
    """Paint erector spinae, psoas, quadratus lumborum and the crura."""
    at = canvas.at(warped=False)
    z = at[2]
    y0 = spine_y_mm(z)
    wobble = canvas.warp[0] * np.float32(0.3)
    for side in (-1, 1):
        erector = cylinder(
            at, 33.0 * side, y0 + 31, _along(z, [-170, 0, 170], [34, 33, 27]), _along(z, [-170, 0, 170], [15, 15, 11])
        )
        canvas.paint("muscle", erector + wobble, 55.0)
        streaks = np.maximum(np.abs(canvas.warp[0] * 1.5 + canvas.warp[2] - 1.0 + (at[1] - y0 - 35) * 0.12) - 0.35, erector + 2)
        canvas.paint("", streaks * 2, -45.0)
        size = _along(z, [-170, -100, -40, 25, 60], [25, 21, 14, 5, 0.6])
        canvas.paint("muscle", cylinder(at, (24 + 0.55 * size) * side, y0 + 1, size * 0.82, size) + wobble, 58.0)
        flank = _along(z, [-170, -60, 10, 30], [26, 24, 14, 0.6])
        canvas.paint("muscle", cylinder(at, (60 + 0.1 * flank) * side, y0 + 23, flank, flank * 0.42) + wobble, 56.0)
        crus = smooth_curve([[14 * side, 20, -20, 3], [15 * side, 20, 15, 5], [13 * side, 17, 45, 6], [8 * side, 14, 68, 4]])
        phi, box = canvas.tubes(crus[:-1, :3], crus[1:, :3], np.column_stack([crus[:-1, 3], crus[1:, 3]]))
        canvas.paint("muscle", phi, 58.0, box=box)


def paint_spine(canvas: Canvas) -> None:
    """Paint vertebral bodies with discs, arches, canal and cord."""
    at = canvas.at(canvas.box((-70, 0, -400), (70, 110, 400)), warped=False)
    box = canvas.box((-70, 0, -400), (70, 110, 400))
    z = at[2]
    y0 = spine_y_mm(z)
    half_x = _along(z, [-170, 0, 90, 170], [25, 21, 17, 15])
    half_y = _along(z, [-170, 0, 90, 170], [17, 16, 15, 14])
    heights = np.array(sorted(VERTEBRAE.values()), dtype=np.float32)
    nearest = heights[np.abs(z - heights).argmin(axis=2)][:, :, None]
    pitch = _along(z, [-170, 0, 90, 170], [36, 34, 28, 25])
    waist = ((z - nearest) / pitch) ** 2 * 4  # 0 at mid-body, 1 at the disc
    body = cylinder(at, 0.0, y0, half_x * (0.9 + 0.12 * waist), half_y * (0.92 + 0.1 * waist))
    disc = np.abs(z - nearest) - (pitch / 2 - _along(z, [-170, 0, 170], [4.6, 3.6, 2.2]))
    canvas.paint("intervertebral_discs", body + 1, 88.0, box=box)
    bone: NDArray[np.float32] = np.maximum(body, disc)
    canvas.paint("vertebrae", bone, 330.0, box=box)
    canvas.paint("", bone + 2.2, 165.0 + 18 * canvas.warp[1][box], box=box)
    starts: list[list[float]] = []
    stops: list[list[float]] = []
    radii: list[float] = []
    for name, height in VERTEBRAE.items():
        y = float(spine_y_mm(float(height)))
        back, lumbar = y + 15.0, name[0] == "L"
        for side in (-1, 1):
            arch = [
                [12 * side, back - 2, height + 4],
                [15 * side, back + 10, height + 2],
                [9 * side, back + 20, height - 2],
                [0, back + 25, height - 6],
            ]
            tip = [44 * side, back + 12, height] if lumbar else [34 * side, back + 18, height + 2]
            starts += [*arch[:-1], arch[1]]
            stops += [*arch[1:], tip]
            radii += [5.0, 6.0, 4.0, 3.4]
            if lumbar:
                starts.append([17 * side, back + 12, height + 14])
                stops.append([17 * side, back + 13, height - 20])
                radii.append(6.5)
        starts.append([0, back + 24, height - 5])
        stops.append([0, back + (32 if lumbar else 22), height - (10 if lumbar else 24)])
        radii.append(4.2 if lumbar else 3.2)
    phi, box = canvas.tubes(starts, stops, radii)
    canvas.paint("vertebrae", phi, 470.0, box=box)
    canvas.paint("", phi + 2.4, 230.0, box=box)
    at = canvas.at(box, warped=False)
    y0 = spine_y_mm(at[2])
    canvas.paint("spinal_canal", cylinder(at, 0.0, y0 + 25, 10.5, 8.5), -40.0, box=box)
    canvas.paint("spinal_canal", cylinder(at, 0.0, y0 + 25, 8.5, 7.0), 18.0, box=box)
    cord = cylinder(
        at,
        0.0,
        y0 + 25,
        _along(at[2], [-60, -20, 0, 30, 170], [0.6, 0.6, 4.5, 5.5, 5.0]),
        _along(at[2], [-60, -20, 0, 30, 170], [0.6, 0.6, 3.6, 4.2, 4.0]),
    )
    canvas.paint("spinal_cord", np.where(at[2] > -22, cord, 9), 42.0, box=box)


def _around(cavity: Cavity, canvas: Canvas, angle_deg: NDArray, z_mm: NDArray, out_mm: float) -> NDArray[np.float64]:
    """Points on the cavity's surface moved outwards; angle 0 is the back, 90 the patient's left, 180 the front."""
    heights = canvas.axes()[0]
    a = np.interp(z_mm, heights, cavity.half_x_mm.ravel()) + out_mm
    b = np.interp(z_mm, heights, cavity.half_y_mm.ravel()) + out_mm
    c, s = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    scale = (np.abs(s / a) ** 2.3 + np.abs(c / b) ** 2.3) ** (-1 / 2.3)
    return np.column_stack([scale * s, scale * c + cavity.centre_y_mm, z_mm])


def paint_ribs(canvas: Canvas, cavity: Cavity) -> None:
    """Paint ribs 5 to 12 with costal cartilage, and the lower sternum."""
    bones: list[NDArray] = []
    cartilage: list[NDArray] = []
    lengths = {5: (150, 70), 6: (148, 75), 7: (145, 82), 8: (138, 86), 9: (130, 84), 10: (120, 76), 11: (92, 48), 12: (58, 28)}
    for number, (end_deg, drop) in lengths.items():
        z0 = VERTEBRAE[f"T{number}"] + 6.0
        for side in (-1, 1):
            angle = np.linspace(24, end_deg, 26)
            share = (angle - 24) / 125
            z = z0 - 4 - drop * 1.15 * np.minimum(share, 1.2) ** 0.9
            head = np.array([[17 * side, float(spine_y_mm(z0)) + 8, z0], [30 * side, float(spine_y_mm(z0)) + 17, z0 - 2]])
            path = np.vstack([head, _around(cavity, canvas, angle * side, z, 6.0)])
            bones.append(path)
            if number <= 10:
                rise = np.linspace(0, 1, 12)
                to_deg = 172.0 if number <= 8 else 160.0
                z_end = z[-1] + (10 if number <= 6 else 30 + 9 * (number - 7)) * rise**1.5
                cartilage.append(_around(cavity, canvas, (end_deg + (to_deg - end_deg) * rise) * side, z_end, 4.0))
    a, b = np.vstack([p[:-1] for p in cartilage]), np.vstack([p[1:] for p in cartilage])
    phi, box = canvas.tubes(a, b, np.full(len(a), 4.4), squash_z=1.5)
    canvas.paint("costal_cartilages", phi, 105.0, box=box)
    a, b = np.vstack([p[:-1] for p in bones]), np.vstack([p[1:] for p in bones])
    phi, box = canvas.tubes(a, b, np.full(len(a), 3.9), squash_z=1.7)
    canvas.paint("ribs", phi, 560.0, box=box)
    canvas.paint("", phi + 1.8, 190.0, box=box)
    box = canvas.box((-40, -130, 70), (40, -50, 400))
    at = canvas.at(box, warped=False)
    front = cavity.centre_y_mm - float(cavity.half_y_mm.mean()) - 4
    plate = np.maximum(cylinder(at, 0.0, front, _along(at[2], [70, 95, 170], [4, 13, 18]), 5.5), 84 - at[2])
    canvas.paint("sternum", plate, 330.0, box=box)
    canvas.paint("", plate + 2, 130.0, box=box)


def _domes(canvas: Canvas) -> NDArray[np.float32]:
    at = canvas.at()
    right = ellipsoid(at, (-62, 0, 12), (68, 84, 94))
    left = ellipsoid(at, (62, 4, 8), (66, 82, 82))
    middle = ellipsoid(at, (0, -22, 10), (60, 62, 74))
    return joined(joined(right, left, blend_mm=25), middle, blend_mm=25)


def paint_lungs(canvas: Canvas, cavity: Cavity) -> NDArray[np.float32]:
    """Paint the diaphragm and both lungs; returns the lungs' signed distance [mm]."""
    at = canvas.at(warped=False)
    z, y = at[2], at[1]
    sheet = np.maximum(np.abs(cavity.domes + 1.2) - 1.5, cavity.phi)
    recess = 14 + 0.42 * (70 - y)  # the pleura reaches lowest at the back
    canvas.paint("diaphragm", np.maximum(sheet, (recess - 22) - z), 58.0)
    middle = ellipsoid(at, (14, -38, 118), (66, 46, 62))
    column = np.maximum(cylinder(at, 4.0, spine_y_mm(z) - 14, 28.0, 40.0), 40 - z)
    front = cylinder(at, 0.0, -80.0, 26.0, 26.0)
    mediastinum = joined(joined(middle, column, blend_mm=20), front, blend_mm=12)
    lung = np.maximum(np.maximum(cavity.phi + 2.5, -(cavity.domes - 0.6)), np.maximum(-mediastinum, (recess - z) * 0.9))
    spine_bulge = cylinder(at, 0.0, spine_y_mm(z) + 6, 27.0, 26.0)
    lung = np.maximum(lung, -spine_bulge)
    density = -862 + 16 * canvas.warp[2] * 0.5 + np.float32(0.45) * (y + 20)  # dependent lung is denser
    side = at[0] < 0
    canvas.paint("lung_right", np.where(side, lung, 9), density)
    canvas.paint("lung_left", np.where(side, 9, lung), density)
    return np.asarray(lung, dtype=np.float32)
