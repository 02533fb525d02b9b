"""Bones of the digital shoulder: humerus, scapula, clavicle, the upper ribs, the spine and the breastbone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from locoregional.imaging.phantom.canvas import Canvas
from locoregional.imaging.phantom.shapes import Coordinates, cylinder, ellipsoid, joined
from locoregional.imaging.phantom.shoulder_wall import (
    CHEST_BACK_Y_MM,
    CHEST_FRONT_Y_MM,
    CHEST_HALF_X_MM,
    HEIGHTS_MM,
    pipe,
    upper_spine_y_mm,
)

__all__ = ["HEAD", "glenoid_phi", "head_phi", "paint_ribs", "paint_shoulder_bones", "paint_upper_spine"]

HEAD = ((-162.0, 34.0, 0.0), 22.0)
"""Middle and radius of the humeral head [mm]."""
SHAFT = ((-166, 33, -22, 12.5), (-172, 32, -48, 11.0), (-180, 30, -85, 10.5), (-186, 28, -145, 10.5))
GLENOID = (-133.0, 44.0, -3.0)
CORTEX_HU, PLATE_HU, CANCELLOUS_HU, MARROW_HU = 1250.0, 720.0, 270.0, -40.0
BLADE = np.array([(-126.0, 48.0, -8.0), (-72.0, 74.0, 42.0), (-86.0, 68.0, -102.0)])
"""Corners of the blade: neck, upper and lower angle [mm]."""
VERTEBRAE_MM = (-146, -121, -97, -73, -49, -26, -3, 19, 40, 58, 75, 91, 107)
"""Heights of the middles of the vertebral bodies, upper thoracic and lower cervical."""


def head_phi(at: Coordinates) -> NDArray[np.float32]:
    """Signed distance of the upper end of the humerus with its tubercles [mm]."""
    centre, radius = HEAD
    head = ellipsoid(at, centre, np.full(3, radius))
    greater = ellipsoid(at, (-176, 32, -3), (11, 13, 16))
    lesser = ellipsoid(at, (-164, 16, -8), (8, 8, 11))
    return joined(joined(head, greater, blend_mm=8), lesser, blend_mm=6)


def glenoid_phi(at: Coordinates) -> NDArray[np.float32]:
    """Signed distance of the socket with its neck [mm]; hollowed by the head and 3 mm of cartilage."""
    socket = joined(ellipsoid(at, GLENOID, (9, 12, 17)), ellipsoid(at, (-124, 50, -4), (11, 8, 12)), blend_mm=8)
    return np.maximum(socket, -(ellipsoid(at, HEAD[0], np.full(3, HEAD[1] + 3.2))))


def _triangle(at: Coordinates, corners: NDArray[np.float64], *, half_mm: float) -> NDArray[np.float32]:
    """Signed distance from a flat triangular plate [mm]."""
    a, b, c = corners
    normal = np.cross(b - a, c - a)
    normal /= np.linalg.norm(normal)
    height = sum(np.float32(normal[i]) * (at[i] - np.float32(a[i])) for i in range(3))
    edge = np.full(np.shape(height), -99.0, dtype=np.float32)
    for p, q in ((a, b), (b, c), (c, a)):
        out = np.cross(q - p, normal)
        out /= np.linalg.norm(out)
        edge = np.maximum(edge, sum(np.float32(out[i]) * (at[i] - np.float32(p[i])) for i in range(3)))
    return np.asarray(np.maximum(np.abs(height) - np.float32(half_mm), edge), dtype=np.float32)


def paint_shoulder_bones(canvas: Canvas) -> None:
    """Paint humerus, scapula and clavicle of the right side, and the inner end of the left clavicle."""
    at = canvas.at(warped=False)
    shaft = pipe(canvas, SHAFT, band_mm=20)
    upper = head_phi(at)
    humerus = joined(upper, shaft, blend_mm=14)
    canvas.paint("humerus_right", humerus, CORTEX_HU)
    thickness = np.clip((-at[2] - 14) / 22, 0, 1) * np.float32(2.6) + np.float32(1.1)
    canvas.paint("", np.asarray(humerus + thickness, dtype=np.float32), CANCELLOUS_HU + 30 * canvas.warp[1])
    canvas.paint("", pipe(canvas, [(-167, 33, -28, 6.5), *((x, y, z, 6.6) for x, y, z, _ in SHAFT[1:])]), MARROW_HU)
    blade = _triangle(at, BLADE, half_mm=1.6) + canvas.warp[2] * np.float32(0.15)
    edge = pipe(canvas, [(-126, 48, -14, 6), (-109, 58, -55, 5), (-87, 68, -101, 4.5)])
    inner = pipe(canvas, [(-73, 74, 41, 2.6), (-77, 74, -20, 2.4), (-86, 68, -100, 3)])
    spine = pipe(canvas, [(-77, 76, 18, 3), (-110, 78, 25, 5), (-146, 66, 30, 6)])
    acromion = pipe(canvas, [(-146, 66, 30, 7), (-170, 50, 33, 9), (-172, 30, 35, 9), (-164, 10, 35, 8)], squash_z=0.55)
    shelf = _triangle(at, np.array([(-77.0, 76, 18), (-122, 52, 10), (-146, 66, 28)]), half_mm=1.6)
    hook = pipe(canvas, [(-122, 40, 14, 8), (-124, 18, 25, 7.5), (-134, 0, 16, 6.5)])
    scapula = joined(joined(glenoid_phi(at), edge, blend_mm=6), joined(blade, inner, blend_mm=3), blend_mm=3)
    for part in (spine, acromion, shelf, hook):
        scapula = joined(scapula, part, blend_mm=4)
    scapula = np.maximum(scapula, -(upper - 3.0))
    canvas.paint("scapula_right", scapula, PLATE_HU)
    canvas.paint("", scapula + 2.0, CANCELLOUS_HU)
    for side in (1.0, -1.0):
        path = np.array([(-14, -38, 22, 10), (-46, -43, 26, 7), (-84, -25, 29, 6.3), (-122, -4, 36, 6.5), (-150, 8, 37, 7.5)])
        clavicle = pipe(canvas, path * (side, 1, 1, 1))
        name = "clavicula_right" if side > 0 else "clavicula_left"
        canvas.paint(name, np.maximum(clavicle, -(acromion - 2.5)), 900.0)
        canvas.paint("", clavicle + 2.0, 230.0)


def _profile(values: Sequence[float], z_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.interp(z_mm, HEIGHTS_MM, values))


def paint_ribs(canvas: Canvas) -> None:
    """Paint the upper ribs of both sides with their cartilage, and the breastbone."""
    bones, cartilage = [], []
    for number, height in enumerate((46, 26, 4, -19, -42, -66, -90, -114), start=1):
        for side in (-1.0, 1.0):
            angle = np.radians(np.linspace(18, 150 if number > 1 else 140, 30))
            z = height - (22 + 7 * min(number, 6)) * (angle - angle[0]) / 2.3
            front, back = _profile(CHEST_FRONT_Y_MM, z) - 4, _profile(CHEST_BACK_Y_MM, z) + 4
            half = np.maximum(_profile(CHEST_HALF_X_MM, z), 24) + 4
            path = np.column_stack([side * half * np.sin(angle), (front + back) / 2 + (back - front) / 2 * np.cos(angle), z])
            head = [[18 * side, float(upper_spine_y_mm(height)) + 9, height]]
            bones.append(np.vstack([head, path]))
            end = [14 * side, float(_profile(CHEST_FRONT_Y_MM, z[-1:])[0]) - 6, z[-1] + 4]
            cartilage.append(np.vstack([path[-1:], [end]]))
    a, b = np.vstack([p[:-1] for p in cartilage]), np.vstack([p[1:] for p in cartilage])
    phi, box = canvas.tubes(a, b, np.full(len(a), 4.2), squash_z=1.5)
    canvas.paint("costal_cartilages", phi, 105.0, box=box)
    a, b = np.vstack([p[:-1] for p in bones]), np.vstack([p[1:] for p in bones])
    phi, box = canvas.tubes(a, b, np.full(len(a), 3.7), squash_z=1.7)
    canvas.paint("ribs", phi, 560.0, box=box)
    canvas.paint("", phi + 1.8, 190.0, box=box)
    at = canvas.at(warped=False)
    breast = np.interp(at[2], HEIGHTS_MM, CHEST_FRONT_Y_MM).astype(np.float32) - np.float32(8)
    half = np.interp(at[2], (-130, -40, -10, 16), (14, 14, 18, 28)).astype(np.float32)
    plate = np.maximum(np.maximum(cylinder(at, 0.0, breast, half, 6.0), at[2] - 18), -130 - at[2]).astype(np.float32)
    canvas.paint("sternum", plate, 380.0)
    canvas.paint("", plate + 2.0, 140.0)


def paint_upper_spine(canvas: Canvas) -> None:
    """Paint vertebral bodies with discs, arches, canal and cord."""
    box = canvas.box((-46, 0, -400), (46, 110, 400))
    at = canvas.at(box, warped=False)
    z = at[2]
    y0 = upper_spine_y_mm(z)
    heights = np.array(VERTEBRAE_MM, dtype=np.float32)
    order = np.sort(np.abs(z - heights), axis=2)
    waist = order[..., :1] / np.maximum((order[..., :1] + order[..., 1:2]) / 2, 1)  # 0 at mid-body, 1 at the disc
    body = cylinder(at, 0.0, y0, 14.5 + 1.8 * waist**2, 12.0 + 1.2 * waist**2)
    disc = (waist - np.float32(0.8)) * 12
    canvas.paint("intervertebral_discs", body + 1, 85.0, box=box)
    bone = np.maximum(body, disc)
    canvas.paint("vertebrae", bone, 340.0, box=box)
    canvas.paint("", bone + 2.0, 190.0 + 15 * canvas.warp[1][box], box=box)
    starts: list[list[float]] = []
    stops: list[list[float]] = []
    radii: list[float] = []
    for height in VERTEBRAE_MM:
        back = float(upper_spine_y_mm(float(height))) + 11
        for side in (-1, 1):
            arch = [[10 * side, back - 2, height + 3], [13 * side, back + 8, height + 1], [0, back + 19, height - 4]]
            starts += [*arch[:-1], arch[1]]
            stops += [*arch[1:], [32 * side, back + 12, height + 2]]
            radii += [4.2, 4.2, 3.4]
        starts.append([0, back + 18, height - 4])
        stops.append([0, min(back + 28, 96), height - 16])
        radii.append(3.2)
    phi, box = canvas.tubes(starts, stops, radii)
    canvas.paint("vertebrae", phi, 480.0, box=box)
    canvas.paint("", phi + 2.2, 230.0, box=box)
    at = canvas.at(box, warped=False)
    y0 = upper_spine_y_mm(at[2])
    canvas.paint("spinal_canal", cylinder(at, 0.0, y0 + 20, 9.5, 7.8), -20.0, box=box)
    canvas.paint("spinal_canal", cylinder(at, 0.0, y0 + 20, 8.2, 6.6), 15.0, box=box)
    canvas.paint("spinal_cord", cylinder(at, 0.0, y0 + 20, 5.0, 4.0), 42.0, box=box)
