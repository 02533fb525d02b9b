"""Longest diameter in the axial plane and the longest one across it, from a mask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.imaging.volume import Volume
from locoregional.measures.response.inside import longest_inside, widest_inside
from locoregional.measures.response.plane import Plane, planes_of, tilt_deg

__all__ = ["Diameters", "axial_diameters", "viable_diameters"]

TILTED_DEG = 15.0
"""Slices that lean more than this against the axial plane are told about."""


@dataclass(frozen=True)
class Diameters:
    """Size of a lesion as RECIST and WHO measure it.

    Attributes
    ----------
    long_mm : float
        Longest diameter of any axial slice; 0 for an empty mask.
    short_mm : float
        Longest diameter across it, in the same slice.
    pixel_mm : float
        Side of a pixel: each end of a diameter is known to about half of it.
    ends_lps_mm : tuple of points
        Where the longest diameter starts and ends, LPS [mm]; empty for an empty mask.
    words : tuple of str
        What a reader must know.
    """

    long_mm: float
    short_mm: float
    pixel_mm: float
    ends_lps_mm: tuple[tuple[float, float, float], ...] = ()
    words: tuple[str, ...] = ()


def axial_diameters(mask: Volume) -> Diameters:
    """Longest diameter and the one across it, over each whole slice: gaps between parts of one lesion are spanned.

    Parameters
    ----------
    mask : Volume
        Boolean, or occupancy 0..1.
    """
    from scipy.spatial import ConvexHull
    from scipy.spatial.distance import pdist, squareform

    best: tuple[float, Plane | None, NDArray, NDArray] = (0.0, None, np.zeros((0, 2)), np.zeros((0, 2)))
    for plane in planes_of(mask):
        pixels = np.concatenate(plane.borders)
        points = plane.to_mm(pixels)
        if float(np.hypot(*np.ptp(points, axis=0))) <= best[0]:
            continue
        corners = ConvexHull(points).vertices  # the farthest two points of a plane figure are corners of its hull
        apart = squareform(pdist(points[corners]))
        a, b = np.unravel_index(int(apart.argmax()), apart.shape)
        if float(apart[a, b]) > best[0]:
            best = (float(apart[a, b]), plane, points[corners], pixels[corners[[a, b]]])
    length, where, hull, ends = best
    if where is None:
        return Diameters(0.0, 0.0, _pixel(mask))
    axis = np.diff(where.to_mm(ends), axis=0)[0]
    return Diameters(length, _widest(hull, axis / length), where.pixel_mm, _points(where, ends), _words(mask))


def viable_diameters(mask: Volume) -> Diameters:
    """Longest diameter that stays within the mask, as mRECIST asks for: necrosis between viable parts is not spanned.

    Parameters
    ----------
    mask : Volume
        Viable part: boolean, or occupancy 0..1. A gap of one pixel is passed over.
    """
    best: tuple[float, Plane | None, NDArray] = (0.0, None, np.zeros((0, 2)))
    for plane in planes_of(mask):
        length, ends = longest_inside(plane, longer_than_mm=best[0])
        if length > best[0]:
            best = (length, plane, ends)
    length, where, ends = best
    if where is None:
        return Diameters(0.0, 0.0, _pixel(mask))
    short = min(length, widest_inside(where, ends))
    return Diameters(length, short, where.pixel_mm, _points(where, ends), _words(mask))


def _widest(hull: NDArray[np.float64], along: NDArray[np.float64]) -> float:
    """Longest chord of a convex polygon across a direction; it ends at a corner, so corners suffice."""
    across = np.array([-along[1], along[0]])
    t, w = hull @ along, hull @ across
    t_next, w_next = np.roll(t, -1), np.roll(w, -1)
    widest = 0.0
    for place in t:
        with np.errstate(divide="ignore", invalid="ignore"):
            share = (place - t) / (t_next - t)
        hit = (share >= 0) & (share <= 1)
        cuts = np.concatenate([(w + share * (w_next - w))[hit], w[t == place]])
        widest = max(widest, float(np.ptp(cuts)))
    return widest


def _pixel(mask: Volume) -> float:
    return float(np.sqrt(np.prod(np.sort(mask.spacing_mm)[:2])))


def _points(plane: Plane, ends: NDArray[np.float64]) -> tuple[tuple[float, float, float], ...]:
    return tuple((float(x), float(y), float(z)) for x, y, z in plane.to_lps(ends))


def _words(mask: Volume) -> tuple[str, ...]:
    return tuple(_tilted(mask))


def _tilted(mask: Volume) -> Iterator[str]:
    angle = tilt_deg(mask)
    if angle > TILTED_DEG:
        yield f"the slices lean by {angle:.0f} degrees against the axial plane; the diameters lie in the slices"
