"""What runs through the digital shoulder and lies in it: vessels, nerves, the joint and the mass."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.imaging.phantom.canvas import Box, Canvas
from locoregional.imaging.phantom.shapes import Coordinates, ellipsoid
from locoregional.imaging.phantom.shoulder_bones import HEAD, glenoid_phi, head_phi
from locoregional.imaging.phantom.shoulder_wall import Look, boxed_pipe

__all__ = ["lobulated", "paint_joint", "paint_mass", "paint_nerves", "paint_vessels"]

NERVE_HU, JOINT_HU = 36.0, 28.0
ARTERY = (
    (-26, 22, 22, 5), (-44, 4, 34, 4.6), (-72, -4, 26, 4.4), (-104, 2, 2, 4.0), (-126, 14, -30, 3.6), (-144, 22, -66, 3.0),
    (-158, 22, -140, 2.6),
)  # fmt: skip
VEIN = (
    (-22, -24, 16, 7), (-48, -14, 26, 6.4), (-74, -14, 18, 6.0), (-106, -8, -8, 5.4), (-129, 5, -40, 4.4), (-148, 15, -74, 3.2),
    (-162, 14, -140, 2.6),
)  # fmt: skip
CIRCUMFLEX = ((-126, 14, -32, 2.0), (-142, 44, -36, 1.8), (-166, 54, -38, 1.7), (-188, 44, -38, 1.5))
PLEXUS = (
    (
        (-20, 58, 74, 2.2), (-42, 26, 46, 2.6), (-74, 8, 32, 2.8), (-104, 12, 8, 2.8), (-122, 18, -20, 2.4), (-140, 28, -62, 2.0),
        (-156, 30, -140, 1.8),
    ),
    ((-108, 8, -2, 2.2), (-124, 13, -24, 2.2), (-142, 9, -44, 2.0), (-163, 12, -82, 1.8), (-178, 8, -140, 1.6)),
    (
        (-20, 60, 40, 2.0), (-44, 20, 38, 2.4), (-76, 2, 18, 2.6), (-108, 6, -8, 2.6), (-132, 12, -46, 2.0), (-150, 20, -90, 1.8),
        (-160, 19, -140, 1.8),
    ),
)  # fmt: skip
"""Two cords of the plexus and, between them, the musculocutaneous nerve, which comes nearest to the mass."""
AXILLARY_NERVE = (
    (-114, 20, -6, 2.0), (-132, 42, -28, 2.0), (-150, 56, -34, 2.0), (-172, 56, -36, 1.9), (-190, 42, -37, 1.8),
    (-197, 24, -37, 1.6),
)  # fmt: skip


VESSELS = {
    "superior_vena_cava": ((-24, -8, 10, 8), (-30, 2, -30, 9), (-32, 8, -140, 10)),
    "aorta": ((-8, -2, -140, 14), (-4, -8, -60, 14), (10, 10, -34, 13), (22, 40, -62, 12), (20, 42, -140, 11)),
    "common_carotid_artery_right": ((-12, 0, -24, 6), (-24, 20, 22, 4), (-30, 14, 104, 3.4)),
    "common_carotid_artery_left": ((10, 4, -24, 4), (24, 16, 30, 3.6), (30, 14, 104, 3.4)),
    "brachiocephalic_vein_right": ((-40, 8, 104, 5.5), (-34, 6, 50, 5.5), (-24, -14, 12, 6)),
    "axillary_artery_right": ARTERY,
    "axillary_vein_right": VEIN,
    "circumflex_humeral_artery_right": CIRCUMFLEX,
}  # fmt: skip
"""Tubes (x, y, z, radius) [mm]."""


def paint_vessels(canvas: Canvas, look: Look) -> None:
    """Paint the great vessels of the upper chest and those of the arm."""
    for name, path in VESSELS.items():
        phi, box = boxed_pipe(canvas, path)
        canvas.paint(name, phi, look.artery_hu if "artery" in name or name == "aorta" else look.vein_hu, box=box)


def paint_nerves(canvas: Canvas) -> None:
    """Paint cords of the brachial plexus with the musculocutaneous nerve, and the axillary nerve, each in a little fat."""
    soft = canvas.mask("muscle", "deltoid", "subcutaneous_fat", "mediastinum")
    for name, paths in (("brachial_plexus_right", PLEXUS), ("axillary_nerve_right", (AXILLARY_NERVE,))):
        for path in paths:
            phi, box = boxed_pipe(canvas, path)
            free = np.where(soft[box], phi, np.float32(9)).astype(np.float32)
            canvas.paint("", free - np.float32(1.2), -80.0, box=box)
            canvas.paint(name, free, NERVE_HU, box=box)


def paint_joint(canvas: Canvas) -> None:
    """Paint cartilage and capsule of the shoulder joint: what lies between head and socket, and a sleeve to the neck."""
    at = canvas.at(warped=False)
    sleeve = np.maximum(head_phi(at) - 3.0, ellipsoid(at, (-152, 36, -2), (22, 25, 28)))
    between = np.maximum(ellipsoid(at, HEAD[0], np.full(3, HEAD[1] + 3.4)), glenoid_phi(at) - 6)
    phi = np.minimum(sleeve, between).astype(np.float32)
    bone = canvas.mask("humerus_right", "scapula_right", "clavicula_right")
    canvas.paint("shoulder_joint_right", np.where(bone, np.maximum(phi, np.float32(1)), phi), JOINT_HU)


def lobulated(at: Coordinates, centre: ArrayLike, *, radius_mm: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Signed distance of a lobulated mass [mm]: an ellipsoid with broad bosses and shallow clefts."""
    middle = np.asarray(centre, dtype=float)
    phi = ellipsoid(at, middle, radius_mm * np.array([0.75, 0.71, 0.80]))
    d = [at[i] - np.float32(middle[i]) for i in range(3)]
    r = np.sqrt(d[0] ** 2 + d[1] ** 2 + d[2] ** 2) + np.float32(1e-3)
    for size in (0.22, 0.20, 0.18, 0.16, 0.14, 0.14, -0.10, -0.10):
        way = rng.normal(size=3)
        way /= np.linalg.norm(way)
        cosine = sum(d[i] * np.float32(way[i]) for i in range(3)) / r
        phi = phi - np.float32(size * radius_mm) * np.exp((cosine - 1) * 9).astype(np.float32)
    return np.asarray(phi, dtype=np.float32)


def paint_mass(
    canvas: Canvas,
    phi: NDArray[np.float32],
    body: NDArray[np.float32],
    texture: NDArray[np.float32],
    look: Look,
    *,
    box: Box,
    radius_mm: float,
) -> None:
    """Paint the mass, an enhancing rim and a patchy necrotic core, under the muscle that it has stretched."""
    bone = canvas.mask("humerus_right", "scapula_right", "shoulder_joint_right", "axillary_vein_right", "brachial_plexus_right")[
        box
    ]
    stretched = np.where(bone, np.float32(9), np.maximum(phi - np.float32(4.5), body[box] + np.float32(7)))
    canvas.paint("deltoid", stretched, look.muscle_hu, box=box)
    depth = np.clip(-phi / np.float32(radius_mm), 0, 1)
    core = np.clip((depth - np.float32(0.34) + np.float32(0.07) * texture[box]) * 5, 0, 1)
    canvas.paint(
        "lesion", phi, look.mass_rim_hu + (look.mass_core_hu - look.mass_rim_hu) * core + 4 * texture[box], box=box, soft_mm=2.0
    )
