"""How much of the tumour's outline is stained, before and after, by one threshold for both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Stain", "lost_stain", "stain_of"]

SMOOTH = 5
"""Side of the square over which opacity is averaged first, in pixels."""


@dataclass(frozen=True, eq=False)
class Stain:
    """Area of each pixel of the tumour over the area of the artery.

    Attributes
    ----------
    relative : ndarray, shape (pixel,)
        Of the pixels of the tumour.
    noise_share : float
        Standard deviation that noise alone gives it.
    """

    relative: NDArray[np.float64]
    noise_share: float


def stain_of(
    series: NDArray[np.float32],
    region: NDArray[np.bool_],
    weights: NDArray[np.float64],
    mask_frames: tuple[int, ...],
    *,
    artery_area_s: float,
) -> Stain:
    """Stain of a tumour.

    Parameters
    ----------
    series : ndarray, shape (time, row, column)
        Subtracted opacity.
    region : ndarray, shape (row, column), bool
        The tumour.
    weights : ndarray, shape (time,)
        Of the frames in an area.
    mask_frames : tuple of int
        Frames that the mask was averaged from.
    artery_area_s : float
        Area of the artery's curve.
    """
    from scipy.ndimage import uniform_filter

    rows, columns = np.nonzero(region)
    box = tuple(slice(max(0, int(i.min()) - SMOOTH), int(i.max()) + SMOOTH + 1) for i in (rows, columns))
    part = uniform_filter(series[(slice(None), *box)].astype(np.float64), size=(0, SMOOTH, SMOOTH))
    values = part[:, region[box]]
    bend = values[:-2] - 2.0 * values[1:-1] + values[2:]
    noise = float(1.4826 * np.median(np.abs(bend - np.median(bend)))) / np.sqrt(6.0)  # second differences of white noise
    spread = noise * np.sqrt(float(weights @ weights) + weights.sum() ** 2 / len(mask_frames))
    return Stain((weights @ values) / artery_area_s, float(spread / artery_area_s))


def lost_stain(before: Stain, after: Stain, *, fraction: float, noise_ratio: float) -> tuple[float | None, float, float, float]:
    """Share of the stained pixels that is lost.

    Parameters
    ----------
    before, after : Stain
        Both series.
    fraction : float
        Of the median stain before, above which a pixel is stained.
    noise_ratio : float
        Standard deviations of noise that it must exceed as well.

    Returns
    -------
    lost : float or None
        Share lost; None if nothing was stained before.
    threshold : float
        In shares of the artery's area.
    stained_before, stained_after : float
        Share of the outline that is stained.
    """
    threshold = max(
        fraction * float(np.median(before.relative)), noise_ratio * before.noise_share, noise_ratio * after.noise_share
    )
    first, last = float(np.mean(before.relative > threshold)), float(np.mean(after.relative > threshold))
    if first == 0.0:
        return None, threshold, first, last
    return 1.0 - last / first, threshold, first, last
