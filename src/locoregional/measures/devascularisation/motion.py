"""How far the anatomy moved from frame to frame: phase correlation, then a robust fit to a fraction of a pixel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Motion", "find_motion"]

TILES = 4
"""The picture is cut into so many tiles each way, whose own shifts say how well one shift serves them all."""
ROUNDS = 12
SETTLED_PX = 0.002
TUKEY = 4.685
"""Residuals beyond so many standard deviations count nothing: contrast medium does not move with the bone."""
SMALL = 256
"""Below this number of rows or columns pixels are not binned."""
STRUCTURE_SHARE = 0.3
"""Structure that a tile needs, as a share of the median tile's."""
FARTHEST_SHARE = 0.15
"""Largest shift that is looked for, as a share of the picture."""


@dataclass(frozen=True, eq=False)
class Motion:
    """Shift of each frame against the reference.

    Attributes
    ----------
    shifts_px : ndarray, shape (time, 2)
        Rows and columns by which the anatomy of a frame lies further down and right than in the reference.
    residual_px : float
        Root mean square of what tiles moved beside that shift: rotation, breathing, or the error of the shift; NaN where there
        is too little to hold on to.
    found : bool
        False where the picture has too little structure: then nothing is shifted.
    """

    shifts_px: NDArray[np.float64]
    residual_px: float
    found: bool


def find_motion(series: NDArray[np.float32], reference: NDArray[np.float32], left_out: NDArray[np.bool_]) -> Motion:
    """Shift of each frame.

    Parameters
    ----------
    series : ndarray, shape (time, row, column), float32
        Opacity.
    reference : ndarray, shape (row, column), float32
        Opacity of the picture that the others are laid on.
    left_out : ndarray, shape (row, column), bool
        Pixels that show contrast medium, or are cut off.
    """
    from scipy.ndimage import binary_dilation, gaussian_filter

    from locoregional.measures.devascularisation.frame_kernels import binned, refine_shifts

    size = 2 if min(series.shape[1:]) >= SMALL else 1
    small = binned(series, size)
    still = binned(np.ascontiguousarray(reference[None]), size)[0]
    skipped = binned(np.ascontiguousarray(left_out[None].astype(np.float32)), size)[0] > 0
    used = ~binary_dilation(skipped, iterations=2)
    smooth = gaussian_filter(still, 0.7)
    small = np.stack([gaussian_filter(frame, 0.7) for frame in small])
    down, right = np.gradient(smooth)
    noise = _spread(small[-1] - small[0]) / np.sqrt(2.0)
    strength = np.sqrt(np.mean(down[used] ** 2 + right[used] ** 2)) if used.any() else 0.0
    if not strength > 0.25 * noise or used.sum() < 200:
        return Motion(np.zeros((len(series), 2)), float("nan"), False)
    window = np.outer(np.hanning(smooth.shape[0]), np.hanning(smooth.shape[1])).astype(np.float32)
    spectrum = _spectrum(smooth, window)
    shifts = np.stack([_whole_pixels(frame, spectrum, window, smooth, used) for frame in small])
    sums = np.zeros((len(small), TILES, TILES, 7))
    refine_shifts(small, smooth, down, right, used, shifts, sums, TUKEY, ROUNDS, SETTLED_PX)
    if not np.isfinite(shifts).all():
        return Motion(np.zeros((len(series), 2)), float("nan"), False)
    return Motion(shifts * size, _unevenness(sums) * size, True)


def _unevenness(sums: NDArray[np.float64]) -> float:
    """Root mean square of what the tiles would still move by themselves; tiles with little structure do not count."""
    yy, yx, xx, yr, xr = (sums[..., i] for i in range(5))
    determinant = yy * xx - yx**2
    good = determinant > np.maximum(STRUCTURE_SHARE * np.median(determinant), 1e-4 * (0.5 * (yy + xx)) ** 2)
    if not good.any():
        return float("nan")
    down = (xx * yr - yx * xr)[good] / determinant[good]
    right = (yy * xr - yx * yr)[good] / determinant[good]
    return float(np.sqrt(np.mean(0.5 * (down**2 + right**2))))


def _spread(values: NDArray) -> float:
    """Standard deviation that outliers do not move."""
    flat = values.ravel()[:: max(1, values.size // 20000)]
    return float(1.4826 * np.median(np.abs(flat - np.median(flat))))


def _spectrum(image: NDArray[np.float32], window: NDArray[np.float32]) -> NDArray:
    from scipy.fft import rfft2

    return rfft2((image - image.mean()) * window)


def _whole_pixels(
    frame: NDArray[np.float32], spectrum: NDArray, window: NDArray[np.float32], reference: NDArray, used: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Shift to whole pixels by phase correlation; none where that does not make the frames more alike."""
    from scipy.fft import irfft2

    cross = _spectrum(frame, window) * np.conj(spectrum)
    peaks = irfft2(cross / np.maximum(np.abs(cross), 1e-12), s=frame.shape)
    reach = [max(2, int(FARTHEST_SHARE * n)) for n in frame.shape]
    near = np.zeros(frame.shape, bool)
    for rows in (slice(0, reach[0] + 1), slice(-reach[0], None)):
        for columns in (slice(0, reach[1] + 1), slice(-reach[1], None)):
            near[rows, columns] = True
    place = np.unravel_index(int(np.argmax(np.where(near, peaks, -np.inf))), frame.shape)
    shift = np.array([p - n if p > n // 2 else p for p, n in zip(place, frame.shape, strict=True)], dtype=np.float64)
    if not shift.any():
        return shift
    moved = np.roll(frame, (-int(shift[0]), -int(shift[1])), axis=(0, 1))
    return shift if _spread((moved - reference)[used]) < _spread((frame - reference)[used]) else np.zeros(2)
