"""Diameters that stay within a figure: viable tumour around necrosis is measured where it is, not across the hole."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from locoregional.measures.response.plane import LEVEL, Plane

__all__ = ["longest_inside", "widest_inside"]

MOST_CORNERS = 160
"""Corners of the outlines that are tried as ends; more are thinned evenly."""
BATCH = 512
"""Pairs of ends tried at once, the longest first."""
STEP_PX = 0.25
"""Distance of samples along a diameter, in pixels."""
GAP_PX = 1.0
"""Length outside that a diameter may pass over, in pixels: a border drawn voxel by voxel is never smooth."""


def _occupancy(plane: Plane, pixels: NDArray[np.float64]) -> NDArray[np.float32]:
    from scipy.ndimage import map_coordinates

    flat = pixels.reshape(-1, 2).T
    return np.asarray(map_coordinates(plane.inside, flat, order=1, mode="constant")).reshape(pixels.shape[:-1])


def longest_inside(plane: Plane, *, longer_than_mm: float = 0.0) -> tuple[float, NDArray[np.float64]]:
    """Longest straight line within a slice, and its ends.

    Parameters
    ----------
    plane : Plane
        The slice.
    longer_than_mm : float
        Lines up to this length are not looked for [mm].

    Returns
    -------
    float, ndarray of shape (2, 2)
        Length [mm] and ends [pixels]; 0 and nothing where no line is that long.
    """
    corners = np.concatenate(plane.borders)
    corners = corners[:: max(1, -(-len(corners) // MOST_CORNERS))]
    a, b = np.triu_indices(len(corners), k=1)
    lengths = np.linalg.norm(plane.to_mm(corners[a] - corners[b]), axis=1)
    order = np.argsort(-lengths)
    order = order[lengths[order] > longer_than_mm]
    if len(order) == 0:
        return 0.0, np.zeros((0, 2))
    spans = np.linalg.norm(corners[a] - corners[b], axis=1)
    count = int(np.ceil(spans.max() / STEP_PX)) + 1
    shares = ((np.arange(count) + 0.5) / count)[None, :, None]
    for start in range(0, len(order), BATCH):
        batch = order[start : start + BATCH]
        first, second = corners[a[batch]], corners[b[batch]]
        along = first[:, None, :] + shares * (second - first)[:, None, :]
        outside = (_occupancy(plane, along) < LEVEL - 1e-6).mean(axis=1) * spans[batch]
        fits = np.flatnonzero(outside <= GAP_PX)
        if len(fits):
            best = batch[fits[0]]
            return float(lengths[best]), np.array([corners[a[best]], corners[b[best]]])
    return 0.0, np.zeros((0, 2))


def widest_inside(plane: Plane, ends: NDArray[np.float64]) -> float:
    """Longest straight line within a slice across another one [mm].

    Parameters
    ----------
    plane : Plane
        The slice.
    ends : ndarray, shape (2, 2)
        Ends of the other line [pixels].
    """
    first, second = plane.to_mm(ends)
    along = (second - first) / np.linalg.norm(second - first)
    across = np.array([-along[1], along[0]])
    borders = plane.to_mm(np.concatenate(plane.borders))
    step = STEP_PX * plane.pixel_mm
    t = np.arange(float((borders @ along).min()), float((borders @ along).max()) + step, step)
    w = np.arange(float((borders @ across).min()) - step, float((borders @ across).max()) + 2 * step, step)
    grid = t[:, None, None] * along + w[None, :, None] * across
    pixels = grid @ np.linalg.inv(plane.basis).T
    inside = _occupancy(plane, pixels) >= LEVEL - 1e-6
    return step * max((_longest_run(line, int(GAP_PX / STEP_PX)) for line in inside), default=0)


def _longest_run(line: NDArray[np.bool_], gap: int) -> int:
    """Samples of the longest run of True, where gaps up to a number of samples are passed over."""
    places = np.flatnonzero(line)
    if len(places) == 0:
        return 0
    breaks = np.flatnonzero(np.diff(places) > gap + 1)
    starts = places[np.concatenate([[0], breaks + 1])]
    stops = places[np.concatenate([breaks, [len(places) - 1]])]
    return int((stops - starts).max()) + 1
