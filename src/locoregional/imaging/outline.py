"""Outlines of a plane of voxels: closed rings, holes joined to their outline by a keyhole."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["outlines"]

Ring = NDArray[np.float64]


def outlines(plane: NDArray) -> list[Ring]:
    """Rings around what is at least half occupied.

    Parameters
    ----------
    plane : ndarray, shape (rows, columns)
        Boolean, or occupancy 0..1.

    Returns
    -------
    list of ndarray, shape (points, 2)
        Corners as (row, column) indices, not repeated at the end. A hole is part of the ring around it: a bridge of no width
        leads to it and back, as DICOM asks of closed planar contours.
    """
    from skimage.measure import find_contours

    rings = [_without_straight(r[:-1] - 1.0) for r in find_contours(np.pad(plane.astype(np.float32), 1), 0.5)]
    rings = [r for r in rings if len(r) >= 3]
    # rings around the filled side turn one way, rings around holes the other
    area = [_area(r) for r in rings]
    outer = [r for r, a in zip(rings, area, strict=True) if a > 0]
    size = [a for a in area if a > 0]
    holes: dict[int, list[Ring]] = {}
    for ring, a in zip(rings, area, strict=True):
        if a < 0:
            around = [k for k, o in enumerate(outer) if size[k] > -a and _inside(ring[0], o)]
            holes.setdefault(min(around, key=lambda k: size[k]), []).append(ring)
    return [_keyholed(ring, holes.get(k, ())) for k, ring in enumerate(outer)]


def _area(ring: Ring) -> float:
    """Signed area; find_contours turns around filled sides so that theirs comes out positive, that of holes negative."""
    row, column = ring[:, 0], ring[:, 1]
    return 0.5 * float(np.sum(column * np.roll(row, -1) - row * np.roll(column, -1)))


def _inside(point: NDArray[np.float64], ring: Ring) -> bool:
    after = np.roll(ring, -1, axis=0)
    spans = (ring[:, 0] > point[0]) != (after[:, 0] > point[0])
    a, b = ring[spans], after[spans]
    crossing = a[:, 1] + (point[0] - a[:, 0]) / (b[:, 0] - a[:, 0]) * (b[:, 1] - a[:, 1])
    return bool(np.count_nonzero(crossing > point[1]) % 2)


def _without_straight(ring: Ring) -> Ring:
    """Ring without corners that lie on the straight line between their neighbours."""
    before, after = ring - np.roll(ring, 1, axis=0), np.roll(ring, -1, axis=0) - ring
    turn = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    return ring[np.abs(turn) > 1e-9]


def _keyholed(ring: Ring, holes: Sequence[Ring]) -> Ring:
    for hole in holes:
        gaps = np.linalg.norm(ring[:, None] - hole[None], axis=-1)
        i, j = np.unravel_index(int(gaps.argmin()), gaps.shape)
        turned = np.roll(hole, -int(j), axis=0)
        ring = np.concatenate([ring[: i + 1], turned, turned[:1], ring[i:]])
    return ring
