"""The picture of patient 3 during the freeze, as Figure 3 of the review shows it: ice ball and cryoprobes on CT."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.imaging.volume import Volume
from locoregional.report.pictures.anatomy import WINDOWS, draw_panel
from locoregional.report.pictures.canvas import jpeg_bytes, new_canvas
from locoregional.report.planes import Plane, needle_plane, standard_planes

__all__ = ["freeze_picture", "probe_plane"]

SIDE_MM = 170.0
PARALLEL = 0.05
"""Sine below which two directions do not span a plane."""


def probe_plane(probes: Sequence[tuple[ArrayLike, ArrayLike]], *, side_mm: float = SIDE_MM) -> Plane:
    """Plane that holds the first two probes (the first, where there is one, or they lie in line), least tilted from the body's.

    Parameters
    ----------
    probes : sequence of pair of array_like, shape (3,) [mm]
        Tip and skin entry, LPS.
    side_mm : float [mm]
        Side of the picture.
    """
    tips, entries = (np.array([np.asarray(p[i], dtype=float) for p in probes]) for i in (0, 1))
    middle = tips[:2].mean(axis=0)
    if len(probes) > 1:
        along = entries[0] - tips[0]
        normal = np.cross(along / np.linalg.norm(along), _unit(tips[1] - tips[0]))
        if np.linalg.norm(normal) > PARALLEL:
            return _facing(_unit(normal), middle, side_mm)
    return needle_plane(entries[0], tips[0], width_mm=side_mm, height_mm=side_mm, centre_lps_mm=middle)


def freeze_picture(ct: Volume, probes: Sequence[tuple[ArrayLike, ArrayLike]], centre_lps_mm: ArrayLike) -> bytes:
    """Coronal plane through the mass, and the plane of the probes, side by side.

    Parameters
    ----------
    ct : Volume
        CT during the freeze [HU].
    probes : sequence of pair of array_like, shape (3,) [mm]
        Tip and skin entry, LPS.
    centre_lps_mm : array_like, shape (3,) [mm]
        Middle of the mass.

    Returns
    -------
    bytes
        JPEG.
    """
    coronal = standard_planes(centre_lps_mm, width_mm=SIDE_MM, height_mm=SIDE_MM, depth_mm=SIDE_MM)[1]
    figure = new_canvas(width_mm=200, height_mm=100, background="#0b0f13")
    for i, (name, plane) in enumerate((("Coronal", coronal), ("Probes", probe_plane(probes)))):
        axes = figure.add_axes((0.004 + 0.5 * i, 0.008, 0.492, 0.984))
        draw_panel(axes, plane, ct, WINDOWS["soft tissue"], title=f"{'ab'[i]}  {name}", pixel_mm=SIDE_MM / 420)
    return jpeg_bytes(figure)


def _unit(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9))


def _facing(normal: NDArray[np.float64], centre: NDArray[np.float64], side_mm: float) -> Plane:
    """Plane with the back of the patient down where it can be, else the feet; the patient's left on the right."""
    x, y, z = np.eye(3)
    down = max((y, -z), key=lambda axis: float(np.linalg.norm(axis - (axis @ normal) * normal)))
    down = _unit(down - (down @ normal) * normal)
    right = np.cross(down, normal)
    right = right if right @ x >= 0 else -right
    return Plane("Plane of the probes", centre, right, down, side_mm, side_mm)
