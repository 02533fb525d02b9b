"""Maps of a subtracted run: what each pixel's curve looks like."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Maps", "maps_of"]


@dataclass(frozen=True, eq=False)
class Maps:
    """Maps of shape (row, column), float32.

    Attributes
    ----------
    area_s : ndarray
        Area under the curve of each pixel within the window.
    peak_share : ndarray
        Peak opacity, smoothed over three frames.
    peak_time_s : ndarray
        Its time, by a parabola through the highest frame and its neighbours.
    rise_per_s : ndarray
        Steepest rise before it.
    mean_time_s : ndarray
        First moment over the area; NaN where there is no area. Less the artery's it is the transit time, if the curves are whole.
    """

    area_s: NDArray[np.float32]
    peak_share: NDArray[np.float32]
    peak_time_s: NDArray[np.float32]
    rise_per_s: NDArray[np.float32]
    mean_time_s: NDArray[np.float32]


def maps_of(series: NDArray[np.float32], times_s: NDArray[np.float64], weights: NDArray[np.float64]) -> Maps:
    """Maps of a run.

    Parameters
    ----------
    series : ndarray, shape (time, row, column), float32
        Subtracted opacity.
    times_s : ndarray, shape (time,)
        Times of the frames.
    weights : ndarray, shape (time,)
        Of the frames in the area (see ``curves.trapezium``).
    """
    from locoregional.measures.devascularisation.frame_kernels import maps_over_time

    out = np.empty((5, *series.shape[1:]), np.float32)
    maps_over_time(np.ascontiguousarray(series, dtype=np.float32), times_s, weights, out)
    return Maps(*out)
