"""Ray kernels: march from the target to the skin through labels and interleaved distance maps.

Points are fractional (slice, row, column) indices of the working grid; lengths are millimetres along the ray.
"""

from __future__ import annotations

import numpy as np
from numba import njit, prange

__all__ = ["BODY", "CUT", "FAR", "ORGAN", "OTHER", "SKIN", "TARGET", "capsule_cosines", "clearances", "march"]

BODY, ORGAN, TARGET, OTHER = 1, 2, 4, 8
"""Bits of the label map: body, the target's organ, the target, other structures that may be crossed."""

SKIN, CUT, FAR = 0, 1, 2
"""How a ray ends: at the skin, at the border of the image, or inside the body beyond reach."""

BISECTIONS = 6
"""Halvings of one step at the skin: a 1 mm step ends within 0.02 mm."""


@njit(cache=True)
def _label(labels, s, r, c):  # type: ignore[no-untyped-def]
    i, j, k = int(np.floor(s + 0.5)), int(np.floor(r + 0.5)), int(np.floor(c + 0.5))
    if i < 0 or j < 0 or k < 0 or i >= labels.shape[0] or j >= labels.shape[1] or k >= labels.shape[2]:
        return 0
    return labels[i, j, k]


@njit(cache=True)
def _occupancy(labels, s, r, c, bit):  # type: ignore[no-untyped-def]
    i, j, k = int(np.floor(s)), int(np.floor(r)), int(np.floor(c))
    fs, fr, fc = s - i, r - j, c - k
    total = 0.0
    for a in range(2):
        for b in range(2):
            for d in range(2):
                if _label(labels, float(i + a), float(j + b), float(k + d)) & bit:
                    total += (fs if a else 1.0 - fs) * (fr if b else 1.0 - fr) * (fc if d else 1.0 - fc)
    return total


@njit(parallel=True, cache=True)
def march(labels, start, step_index, step_mm, reach_mm, border):  # type: ignore[no-untyped-def]
    """Follow rays outwards through the label map.

    Parameters
    ----------
    labels : ndarray of uint8, shape (slices, rows, columns)
        Bits of what each voxel is.
    start, step_index : ndarray of float64, shape (n, 3)
        Aim and step of each ray in index units.
    step_mm, reach_mm : float [mm]
        Length of a step; the ray is followed to where it leaves the map.
    border : ndarray of bool, shape (3, 2)
        Which faces of the map are where the image cuts the body.

    Returns
    -------
    lengths : ndarray of float32, shape (n, 6) [mm]
        Aim to skin, gap of air on the way, organ outside the target, outermost organ, outermost target, other structures.
    ends : ndarray of uint8, shape (n,)
        SKIN, CUT or FAR.
    """
    n = start.shape[0]
    lengths = np.zeros((n, 6), np.float32)
    ends = np.zeros(n, np.uint8)
    top = np.array(labels.shape)
    for q in prange(n):
        s, r, c = start[q, 0], start[q, 1], start[q, 2]
        ds, dr, dc = step_index[q, 0], step_index[q, 1], step_index[q, 2]
        skin = organ_end = target_end = 0.0
        inside = organ = other = count = 0
        last = 0
        t = 0.0
        while True:
            if s < -0.5 or r < -0.5 or c < -0.5 or s >= top[0] - 0.5 or r >= top[1] - 0.5 or c >= top[2] - 0.5:
                break
            last = _label(labels, s, r, c)
            count += 1
            if last & BODY:
                inside += 1
                skin = t
                if last & TARGET:
                    target_end = t
                elif last & ORGAN:
                    organ += 1
                elif last & OTHER:
                    other += 1
                if last & ORGAN:
                    organ_end = t
            s, r, c = s + ds, r + dr, c + dc
            t += step_mm
        if last & BODY:
            cut = (
                (s < -0.5 and border[0, 0]) or (s >= top[0] - 0.5 and border[0, 1])
                or (r < -0.5 and border[1, 0]) or (r >= top[1] - 0.5 and border[1, 1])
                or (c < -0.5 and border[2, 0]) or (c >= top[2] - 0.5 and border[2, 1])
            )  # fmt: skip
            ends[q] = CUT if cut and skin <= reach_mm else FAR
        else:
            low, high = skin, skin + step_mm
            for _ in range(BISECTIONS):
                middle = 0.5 * (low + high)
                f = middle / step_mm
                if _occupancy(labels, start[q, 0] + f * ds, start[q, 1] + f * dr, start[q, 2] + f * dc, BODY) >= 0.5:
                    low = middle
                else:
                    high = middle
            gap = (skin / step_mm + 1.0 - inside) * step_mm
            skin = low
            ends[q] = SKIN
            lengths[q, 1] = max(gap, 0.0)
        lengths[q, 0] = skin
        lengths[q, 2] = organ * step_mm
        lengths[q, 3] = organ_end + 0.5 * step_mm
        lengths[q, 4] = target_end + 0.5 * step_mm
        lengths[q, 5] = other * step_mm
    return lengths, ends


@njit(parallel=True, fastmath=True, cache=True)
def clearances(maps, start, step_index, step_mm, begin_mm, stop_mm):  # type: ignore[no-untyped-def]
    """Smallest value of each interleaved map along each ray, in units of the maps.

    Parameters
    ----------
    maps : ndarray of uint8, shape (slices, rows, columns, maps)
        Quantised distances, rounded down.
    start, step_index : ndarray of float64, shape (n, 3)
        Aim and step of each ray in index units.
    step_mm : float [mm]
        Length of a step.
    begin_mm, stop_mm : ndarray of float64, shape (n,) [mm]
        Part of the ray that is sampled; both ends included. Points outside the map are skipped.

    Returns
    -------
    ndarray of float32, shape (n, maps)
        Trilinear minimum; 255 where nothing was sampled.
    """
    n, m = start.shape[0], maps.shape[3]
    result = np.full((n, m), np.float32(255.0), np.float32)
    for q in prange(n):
        steps = int(np.ceil((stop_mm[q] - begin_mm[q]) / step_mm))
        for p in range(steps + 1):
            f = min(begin_mm[q] + p * step_mm, stop_mm[q]) / step_mm
            s, r, c = start[q, 0] + f * step_index[q, 0], start[q, 1] + f * step_index[q, 1], start[q, 2] + f * step_index[q, 2]
            i, j, k = int(np.floor(s)), int(np.floor(r)), int(np.floor(c))
            if i < -1 or j < -1 or k < -1 or i >= maps.shape[0] or j >= maps.shape[1] or k >= maps.shape[2]:
                continue
            fs, fr, fc = np.float32(s - i), np.float32(r - j), np.float32(c - k)
            i0, i1 = max(i, 0), min(i + 1, maps.shape[0] - 1)
            j0, j1 = max(j, 0), min(j + 1, maps.shape[1] - 1)
            k0, k1 = max(k, 0), min(k + 1, maps.shape[2] - 1)
            one = np.float32(1.0)
            w0, w1 = (one - fs) * (one - fr), (one - fs) * fr
            w2, w3 = fs * (one - fr), fs * fr
            gc = one - fc
            for z in range(m):
                value = (
                    w0 * (gc * np.float32(maps[i0, j0, k0, z]) + fc * np.float32(maps[i0, j0, k1, z]))
                    + w1 * (gc * np.float32(maps[i0, j1, k0, z]) + fc * np.float32(maps[i0, j1, k1, z]))
                    + w2 * (gc * np.float32(maps[i1, j0, k0, z]) + fc * np.float32(maps[i1, j0, k1, z]))
                    + w3 * (gc * np.float32(maps[i1, j1, k0, z]) + fc * np.float32(maps[i1, j1, k1, z]))
                )
                if value < result[q, z]:
                    result[q, z] = value
    return result


@njit(parallel=True, cache=True)
def capsule_cosines(labels, spacing_mm, points, directions_index, radius_mm, bit):  # type: ignore[no-untyped-def]
    """Cosine between each ray and the normal of a structure's surface where it leaves it.

    Parameters
    ----------
    labels : ndarray of uint8, shape (slices, rows, columns)
        Bits of what each voxel is.
    spacing_mm : ndarray of float64, shape (3,) [mm]
        Voxel sides.
    points, directions_index : ndarray of float64, shape (n, 3)
        Where the surface is crossed (index units), and unit directions along the array axes.
    radius_mm : float [mm]
        Radius of the ball whose filled part gives the normal (its barycentre lies inwards).
    bit : int
        Bit of the structure.

    Returns
    -------
    ndarray of float32, shape (n,)
        1 is square to the surface, 0 along it or where there is no surface.
    """
    n = points.shape[0]
    cosines = np.zeros(n, np.float32)
    hs, hr, hc = int(radius_mm / spacing_mm[0]), int(radius_mm / spacing_mm[1]), int(radius_mm / spacing_mm[2])
    hs, hr, hc = max(hs, 1), max(hr, 1), max(hc, 1)
    for q in prange(n):
        i, j, k = int(np.floor(points[q, 0] + 0.5)), int(np.floor(points[q, 1] + 0.5)), int(np.floor(points[q, 2] + 0.5))
        ms = mr = mc = 0.0
        for a in range(max(i - hs, 0), min(i + hs + 1, labels.shape[0])):
            for b in range(max(j - hr, 0), min(j + hr + 1, labels.shape[1])):
                for d in range(max(k - hc, 0), min(k + hc + 1, labels.shape[2])):
                    if labels[a, b, d] & bit:
                        xs, xr, xc = (a - i) * spacing_mm[0], (b - j) * spacing_mm[1], (d - k) * spacing_mm[2]
                        if xs * xs + xr * xr + xc * xc <= radius_mm * radius_mm:
                            ms, mr, mc = ms + xs, mr + xr, mc + xc
        size = np.sqrt(ms * ms + mr * mr + mc * mc)
        if size > 0.0:
            along = ms * directions_index[q, 0] + mr * directions_index[q, 1] + mc * directions_index[q, 2]
            cosines[q] = abs(along) / size
    return cosines
