"""How much every voxel looks like the middle of a bright tube, over several widths."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numba import njit, prange
from numpy.typing import ArrayLike, NDArray

from locoregional.progress import Progress, silent

__all__ = ["tubularity"]


@njit(parallel=True, fastmath=True, cache=True)
def _raise(best: NDArray, smooth: NDArray, h0: float, h1: float, h2: float, factor: float) -> None:
    """Raise ``best`` to the scaled second eigenvalue of the Hessian, where two eigenvalues are negative."""
    n0, n1, n2 = smooth.shape
    for i in prange(1, n0 - 1):
        for j in range(1, n1 - 1):
            for k in range(1, n2 - 1):
                c = 2.0 * smooth[i, j, k]
                a = (smooth[i + 1, j, k] + smooth[i - 1, j, k] - c) / (h0 * h0)
                b = (smooth[i, j + 1, k] + smooth[i, j - 1, k] - c) / (h1 * h1)
                d = (smooth[i, j, k + 1] + smooth[i, j, k - 1] - c) / (h2 * h2)
                trace = a + b + d
                # Where the curve upwards outweighs the strongest curve downwards there is no bright tube; elsewhere the middle
                # eigenvalue is at most the trace in size, which spares most voxels the roots below.
                if -trace * factor <= best[i, j, k]:
                    continue
                e = smooth[i + 1, j + 1, k] - smooth[i + 1, j - 1, k] - smooth[i - 1, j + 1, k] + smooth[i - 1, j - 1, k]
                f = smooth[i + 1, j, k + 1] - smooth[i + 1, j, k - 1] - smooth[i - 1, j, k + 1] + smooth[i - 1, j, k - 1]
                g = smooth[i, j + 1, k + 1] - smooth[i, j + 1, k - 1] - smooth[i, j - 1, k + 1] + smooth[i, j - 1, k - 1]
                e, f, g = e / (4 * h0 * h1), f / (4 * h0 * h2), g / (4 * h1 * h2)
                q = trace / 3
                p2 = (a - q) ** 2 + (b - q) ** 2 + (d - q) ** 2 + 2 * (e * e + f * f + g * g)
                p = math.sqrt(p2 / 6)
                if p < 1e-12:
                    middle = q
                else:
                    x, y, z = (a - q) / p, (b - q) / p, (d - q) / p
                    u, v, w = e / p, f / p, g / p
                    r = 0.5 * (x * (y * z - w * w) - u * (u * z - w * v) + v * (u * w - y * v))
                    phi = math.acos(min(1.0, max(-1.0, r))) / 3
                    high = q + 2 * p * math.cos(phi)
                    low = q + 2 * p * math.cos(phi + 2 * math.pi / 3)
                    middle = 3 * q - high - low
                value = -middle * factor
                if value > best[i, j, k]:
                    best[i, j, k] = value


def tubularity(
    image: NDArray, *, spacing_mm: ArrayLike, widths_mm: Sequence[float], progress: Progress = silent
) -> NDArray[np.float32]:
    """Contrast of the bright tube that passes through each voxel.

    Parameters
    ----------
    image : ndarray, shape (slices, rows, columns)
        Grey values.
    spacing_mm : array_like, shape (3,) [mm]
        Voxel sides; the axes must be perpendicular.
    widths_mm : sequence of float [mm]
        Standard deviations of the smoothing; a tube answers most at about 0.7 of its radius or at the finest.
    progress : Progress
        Told how far it is.

    Returns
    -------
    ndarray of float32, shape of the image
        In the unit of the image: for a tube with a Gaussian profile as wide as one of the widths, its contrast; less for
        thinner tubes; zero where no two directions curve down.

    Notes
    -----
    The second of the three eigenvalues of the Hessian, scaled by four times the squared width, the largest over the widths
    (after ``sato1998`` of references.bib; here without its cut for tubes that fade along their course).
    """
    from scipy.ndimage import gaussian_filter

    spacing = np.asarray(spacing_mm, dtype=float)
    best = np.zeros(image.shape, dtype=np.float32)
    smooth, done_mm = np.asarray(image, dtype=np.float32), 0.0
    for number, width_mm in enumerate(sorted(widths_mm)):
        progress(number / len(widths_mm), f"tubes about {2 * width_mm / 0.7:.1f} mm wide")
        # Gaussians add up in their squares: each width starts from the one before.
        smooth = gaussian_filter(smooth, math.sqrt(width_mm**2 - done_mm**2) / spacing, truncate=3.5)
        done_mm = width_mm
        _raise(best, smooth, float(spacing[0]), float(spacing[1]), float(spacing[2]), 4.0 * width_mm**2)
    return best
