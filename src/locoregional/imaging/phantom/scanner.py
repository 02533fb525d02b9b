"""What a CT scanner adds: the table, the point spread and noise with the texture of a soft-tissue kernel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from locoregional.imaging.phantom.canvas import Canvas
from locoregional.imaging.volume import Grid

__all__ = ["blurred", "noise_hu", "paint_table"]

POINT_SPREAD_MM = 0.65
"""Standard deviation of the in-plane point spread: a resolution of about 7 line pairs per cm, usual for an abdominal kernel."""


def paint_table(canvas: Canvas) -> None:
    """Paint a curved couch (hard shell, foam core) with a mattress that touches the back."""
    x, y, _ = canvas.at(warped=False)
    top = 104 - x * x / 2400.0
    empty = canvas.label == 0
    deck = np.maximum(np.abs(y - (top + 22)) - 13, np.abs(x) - 200)
    pad = np.maximum(np.abs(y - (top + 3.5)) - 5.5, np.abs(x) - 190)
    for phi, hu in ((pad, -905.0), (deck, 10.0), (deck + 2.6, -940.0)):
        layer = np.broadcast_to(np.where(empty, phi, np.float32(9)), canvas.hu.shape)
        canvas.paint("", layer.astype(np.float32), hu)


def blurred(hu: NDArray[np.float32], grid: Grid) -> NDArray[np.float32]:
    """Image after the in-plane point spread."""
    from scipy.ndimage import gaussian_filter

    return np.asarray(gaussian_filter(hu, (0, *(POINT_SPREAD_MM / grid.spacing_mm[1:]))), dtype=np.float32)


def noise_hu(rng: np.random.Generator, body: NDArray[np.bool_], grid: Grid, *, sd_hu: float) -> NDArray[np.float32]:
    """Noise [HU] of filtered back-projection: little power at low and at high frequency, strongest in the middle of the body.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    body : ndarray of bool, shape of the grid
        Inside of the patient.
    grid : Grid
        Where.
    sd_hu : float [HU]
        Standard deviation in the middle of the body.
    """
    from scipy.ndimage import gaussian_filter

    white = rng.standard_normal(grid.shape, dtype=np.float32)
    fine = np.maximum(0.55 / grid.spacing_mm[1:], 0.42)
    narrow = gaussian_filter(white, (0, *fine), mode="wrap", truncate=3)
    wide = gaussian_filter(narrow, (0, *(2.4 / grid.spacing_mm[1:])), mode="wrap", truncate=3)
    band = narrow - np.float32(0.85) * wide
    depth = gaussian_filter(body[:, ::4, ::4].astype(np.float32), (0, 12 / grid.spacing_mm[1], 12 / grid.spacing_mm[2]))
    depth = depth.repeat(4, 1).repeat(4, 2)[:, : grid.shape[1], : grid.shape[2]]
    middle = max(float(depth.max()), 1e-6)
    return np.asarray(band * (np.float32(sd_hu / float(band.std())) * (0.35 + 0.65 * depth / middle)), dtype=np.float32)
