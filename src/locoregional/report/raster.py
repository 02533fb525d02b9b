"""Triangles to pixels: the Numba kernels of the software renderer."""

from __future__ import annotations

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

__all__ = ["blend_layers", "draw_triangles"]

BANDS = 16
"""Bands of rows drawn side by side: each goes through all triangles and draws its own rows only."""


@njit(parallel=True, cache=True)
def draw_triangles(
    corners: NDArray[np.float32],
    normals: NDArray[np.float32],
    colours: NDArray[np.float32],
    faces: NDArray[np.int32],
    depth: NDArray[np.float32],
    shade: NDArray[np.float32],
    opacity: float,
) -> None:
    """Draw a mesh into a depth and colour buffer, keeping what is nearest.

    Parameters
    ----------
    corners : ndarray, shape (n, 3)
        Pixel column, pixel row, depth (larger is farther), already projected.
    normals : ndarray, shape (n, 3)
        Unit normals in eye space (x right, y down, z away).
    colours : ndarray, shape (n, 3)
        Red, green, blue 0..1.
    faces : ndarray, shape (m, 3)
        Corner indices.
    depth : ndarray, shape (rows, columns)
        Depth buffer, changed in place; infinite where empty.
    shade : ndarray, shape (rows, columns, 4)
        Red, green, blue, opacity 0..1, changed in place.
    opacity : float
        Of the mesh; below 1 it grows toward the silhouette.
    """
    rows, columns = depth.shape
    for band in prange(BANDS):
        first, last = band * rows // BANDS, (band + 1) * rows // BANDS - 1
        for f in range(faces.shape[0]):
            a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
            x0, y0, x1, y1, x2, y2 = corners[a, 0], corners[a, 1], corners[b, 0], corners[b, 1], corners[c, 0], corners[c, 1]
            area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
            if abs(area) < 1e-9:
                continue
            left, right = max(0, int(np.floor(min(x0, x1, x2)))), min(columns - 1, int(np.ceil(max(x0, x1, x2))))
            top, bottom = max(first, int(np.floor(min(y0, y1, y2)))), min(last, int(np.ceil(max(y0, y1, y2))))
            if top > bottom:
                continue
            step0, step1 = (y1 - y2) / area, (y2 - y0) / area  # weights are linear along a row
            z0, z1, z2 = corners[a, 2], corners[b, 2], corners[c, 2]
            px = left + 0.5
            for i in range(top, bottom + 1):
                py = i + 0.5
                start0 = ((x1 - px) * (y2 - py) - (x2 - px) * (y1 - py)) / area
                start1 = ((x2 - px) * (y0 - py) - (x0 - px) * (y2 - py)) / area
                for j in range(left, right + 1):
                    w0, w1 = start0 + (j - left) * step0, start1 + (j - left) * step1
                    w2 = 1.0 - w0 - w1
                    if w0 < 0.0 or w1 < 0.0 or w2 < 0.0:
                        continue
                    z = w0 * z0 + w1 * z1 + w2 * z2
                    if z >= depth[i, j]:
                        continue
                    nx = w0 * normals[a, 0] + w1 * normals[b, 0] + w2 * normals[c, 0]
                    ny = w0 * normals[a, 1] + w1 * normals[b, 1] + w2 * normals[c, 1]
                    nz = w0 * normals[a, 2] + w1 * normals[b, 2] + w2 * normals[c, 2]
                    size = np.sqrt(nx * nx + ny * ny + nz * nz) + 1e-12
                    nx, ny, nz = nx / size, ny / size, nz / size
                    if nz > 0.0:
                        nx, ny, nz = -nx, -ny, -nz
                    key = max(0.0, -0.45 * nx - 0.62 * ny - 0.64 * nz)
                    glint = max(0.0, -0.25 * nx - 0.34 * ny - 0.91 * nz)
                    glint *= glint * glint * glint * glint  # to the 5th, then three squarings: to the 40th
                    glint *= glint
                    glint *= glint
                    glint *= glint
                    light = 0.34 + 0.62 * key + 0.10 * (1.0 + nz)
                    depth[i, j] = z
                    for k in range(3):
                        base = w0 * colours[a, k] + w1 * colours[b, k] + w2 * colours[c, k]
                        shade[i, j, k] = min(1.0, base * light + 0.18 * glint)
                    shade[i, j, 3] = 1.0 if opacity >= 1.0 else opacity + (min(0.95, 5.0 * opacity) - opacity) * (1.0 + nz) ** 2.5


@njit(parallel=True, cache=True)
def blend_layers(depths: NDArray[np.float32], shades: NDArray[np.float32]) -> NDArray[np.float32]:
    """Blend see-through layers pixel by pixel, nearest over farther.

    Parameters
    ----------
    depths : ndarray, shape (layers, rows, columns)
        Depth of each layer; infinite where it is not.
    shades : ndarray, shape (layers, rows, columns, 4)
        Colour and opacity of each layer.

    Returns
    -------
    ndarray, shape (rows, columns, 4)
        Colour multiplied by opacity, and opacity.
    """
    layers, rows, columns = depths.shape
    out = np.zeros((rows, columns, 4), dtype=np.float32)
    for i in prange(rows):
        for j in range(columns):
            left, reached = 1.0, -np.inf
            for _ in range(layers):
                nearest, which = np.inf, -1
                for n in range(layers):
                    if reached < depths[n, i, j] < nearest:
                        nearest, which = depths[n, i, j], n
                if which < 0:
                    break
                reached = nearest
                alpha = shades[which, i, j, 3]
                for k in range(3):
                    out[i, j, k] += left * alpha * shades[which, i, j, k]
                left *= 1.0 - alpha
                if left < 0.01:
                    break
            out[i, j, 3] = 1.0 - left
    return out
