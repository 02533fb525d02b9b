"""Time-density curves of regions: area, peak, rise and mean time, and how the area is divided among parts of a region."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Curve", "Tiles", "curve_of", "smoothed", "tiles_of", "trapezium"]

FEWEST_TILES = 30
"""A region is cut into about so many tiles."""


@dataclass(frozen=True, eq=False)
class Curve:
    """Mean opacity of a region over time.

    Attributes
    ----------
    times_s, opacity : ndarray, shape (time,)
        The curve.
    area_s : float
        Area under it within the window.
    peak_share : float
        Height of the peak, smoothed over three frames (opacity).
    peak_time_s : float
        Time of it.
    rise_per_s : float
        Steepest rise before the peak.
    mean_time_s : float or None
        First moment over the area; None without an area.
    left_share : float
        Height at the end of the window, as a share of the peak.
    """

    times_s: NDArray[np.float64]
    opacity: NDArray[np.float64]
    area_s: float
    peak_share: float
    peak_time_s: float
    rise_per_s: float
    mean_time_s: float | None
    left_share: float


@dataclass(frozen=True, eq=False)
class Tiles:
    """A region in parts.

    Attributes
    ----------
    curves : ndarray, shape (tile, time)
        Sum of the opacity of the pixels of each tile.
    sizes : ndarray, shape (tile,)
        Pixels of each tile.
    """

    curves: NDArray[np.float64]
    sizes: NDArray[np.float64]


def trapezium(times_s: NDArray[np.float64], start: int, stop: int) -> NDArray[np.float64]:
    """Weights of the frames ``start..stop`` (both included) in an area by the trapezium rule; 0 outside.

    Parameters
    ----------
    times_s : ndarray, shape (time,)
        Times of the frames.
    start, stop : int
        First and last frame of the window.
    """
    weights = np.zeros(len(times_s))
    steps = np.diff(times_s[start : stop + 1])
    weights[start:stop] += 0.5 * steps
    weights[start + 1 : stop + 1] += 0.5 * steps
    return weights


def smoothed(curves: NDArray[np.float64]) -> NDArray[np.float64]:
    """Curves averaged over three frames (1, 2, 1) along the last axis; the ends are kept."""
    out = curves.copy()
    out[..., 1:-1] = 0.25 * curves[..., :-2] + 0.5 * curves[..., 1:-1] + 0.25 * curves[..., 2:]
    return out


def curve_of(
    series: NDArray[np.float32], times_s: NDArray[np.float64], region: NDArray[np.bool_], weights: NDArray[np.float64]
) -> Curve:
    """Curve of a region.

    Parameters
    ----------
    series : ndarray, shape (time, row, column)
        Subtracted opacity.
    times_s : ndarray, shape (time,)
        Times of the frames.
    region : ndarray, shape (row, column), bool
        Its pixels.
    weights : ndarray, shape (time,)
        Of the frames in the area.
    """
    mean = series[:, region].mean(axis=1, dtype=np.float64)
    inside = np.flatnonzero(weights)
    level = smoothed(mean)
    top = int(inside[0] + np.argmax(level[inside]))
    slopes = np.diff(level[: top + 1]) / np.diff(times_s[: top + 1])
    area = float(weights @ mean)
    peak = float(level[top])
    end = float(np.mean(mean[inside[-min(3, len(inside)) :]]))
    return Curve(
        times_s=times_s,
        opacity=mean,
        area_s=area,
        peak_share=peak,
        peak_time_s=float(times_s[top]),
        rise_per_s=float(max(slopes.max(), 0.0)) if len(slopes) else 0.0,
        mean_time_s=float((weights * times_s) @ mean / area) if area > 0 else None,
        left_share=max(end, 0.0) / peak if peak > 0 else 0.0,
    )


def tiles_of(series: NDArray[np.float32], region: NDArray[np.bool_]) -> Tiles:
    """Curves of the tiles that a region is cut into, square by square, about thirty of them."""
    side = max(2, round(float(np.sqrt(region.sum() / FEWEST_TILES))))
    rows, columns = np.nonzero(region)
    down, right = rows - rows.min(), columns - columns.min()  # a region that was shifted as a whole keeps its tiles
    labels = (down // side) * (region.shape[1] // side + 1) + right // side
    _, which = np.unique(labels, return_inverse=True)
    count = int(which.max()) + 1
    values = series[:, rows, columns].astype(np.float64)
    curves = np.zeros((count, len(series)))
    np.add.at(curves, which, values.T)
    return Tiles(curves, np.bincount(which, minlength=count).astype(np.float64))
