"""The inside of the chest and abdominal wall, from the inner faces of the ribs."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["outside_ribs"]

ANGLES = 120
"""Directions round the middle of the body in which the ribs' inner face is sought (3 degrees each)."""

SPREAD_ANGLE_DEG, SPREAD_MM = 7.0, 14.0
"""How far a rib speaks for its surroundings: about half the gap between two ribs."""


def outside_ribs(
    body: NDArray[np.bool_], bone: NDArray[np.bool_], *, spacing_mm: ArrayLike, inset_mm: float
) -> NDArray[np.bool_]:
    """Voxels farther out than the inner faces of ribs and sternum, interpolated between them.

    Parameters
    ----------
    body, bone : ndarray of bool, shape (slices, rows, columns)
        Canonical masks.
    spacing_mm : array_like, shape (3,) [mm]
        Voxel sides.
    inset_mm : float [mm]
        How far inside the ribs the wall's inner face lies.
    """
    from scipy.ndimage import gaussian_filter

    spacing = np.asarray(spacing_mm, dtype=float)
    nz = body.shape[0]
    rows, columns = np.nonzero(body.any(axis=0))
    cy, cx = (rows.min() + rows.max()) / 2, (columns.min() + columns.max()) / 2
    y = (np.arange(body.shape[1]) - cy)[:, None] * spacing[1]
    x = (np.arange(body.shape[2]) - cx)[None, :] * spacing[2]
    radius = np.hypot(y, x)
    bin_of = np.floor((np.arctan2(y, x) + np.pi) / (2 * np.pi) * ANGLES).astype(int) % ANGLES
    skin = np.zeros((nz, ANGLES))
    inner = np.full((nz, ANGLES), np.inf)
    for k in range(nz):
        np.maximum.at(skin[k], bin_of[body[k]], radius[body[k]])
        far = bone[k] & (radius > 0.55 * skin[k][bin_of]) & (radius > 45.0)
        np.minimum.at(inner[k], bin_of[far], radius[far])
    known = np.isfinite(inner)
    sigma = (SPREAD_MM / spacing[0], SPREAD_ANGLE_DEG / (360 / ANGLES))
    trust = gaussian_filter(known.astype(float), sigma, mode=("nearest", "wrap"))
    face = gaussian_filter(np.where(known, inner, 0.0), sigma, mode=("nearest", "wrap")) / np.maximum(trust, 1e-9)
    face = np.where(trust > 0.02, face - inset_mm, skin)
    return np.stack([radius > face[k][bin_of] for k in range(nz)])
