"""How much of each pixel lies inside polygons."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["polygon_occupancy"]

SCANLINES = 32
"""Lines per pixel row. Along a line the covered length is exact; across lines it is the midpoint rule."""


def polygon_occupancy(polygons: Sequence[NDArray[np.float64]], shape: tuple[int, int]) -> NDArray[np.float32]:
    """Share of each pixel inside polygons, by the even-odd rule.

    Holes may be polygons of their own or be joined to the outline by a keyhole: a bridge that is walked twice cancels.

    Parameters
    ----------
    polygons : sequence of ndarray, shape (points, 2)
        Corners as (row, column) indices; pixel centres are whole numbers. Closed by themselves.
    shape : tuple of int
        Rows and columns.

    Returns
    -------
    ndarray, shape (rows, columns)
        0 outside to 1 inside. What lies beyond the image is cut.
    """
    rows, columns = shape
    starts = np.concatenate(list(polygons))
    ends = np.concatenate([np.roll(p, -1, axis=0) for p in polygons])
    # scanline k runs at row (k + 0.5) / SCANLINES - 0.5; an edge meets the half-open range of lines between its ends
    up = starts[:, 0] <= ends[:, 0]
    top, bottom = np.where(up[:, None], starts, ends), np.where(up[:, None], ends, starts)
    first = np.ceil((top[:, 0] + 0.5) * SCANLINES - 0.5).astype(int)
    last = np.ceil((bottom[:, 0] + 0.5) * SCANLINES - 0.5).astype(int)
    first, last = np.clip(first, 0, rows * SCANLINES), np.clip(last, 0, rows * SCANLINES)
    counts = last - first
    edge = np.repeat(np.arange(len(counts)), counts)
    line = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + first[edge]
    rise = bottom[edge, 0] - top[edge, 0]
    share = ((line + 0.5) / SCANLINES - 0.5 - top[edge, 0]) / rise
    crossing = top[edge, 1] + share * (bottom[edge, 1] - top[edge, 1])
    order = np.lexsort((crossing, line))
    line, crossing = line[order], np.clip(crossing[order], -0.5, columns - 0.5)
    # crossings of one line alternate between entering and leaving; every line has an even number of them
    rank = np.arange(len(line)) - np.searchsorted(line, line)
    sign = np.where(rank % 2 == 0, 1.0, -1.0)
    pixel = np.floor(crossing + 0.5).astype(int)
    part = pixel + 0.5 - crossing
    width = columns + 2
    place = (line // SCANLINES) * width + pixel
    change = np.bincount(place, sign * part, rows * width) + np.bincount(place + 1, sign * (1 - part), rows * width)
    covered = np.cumsum(change.reshape(rows, width), axis=1)[:, :columns] / SCANLINES
    return np.clip(covered, 0.0, 1.0).astype(np.float32)
