"""When each slice was acquired, and what its decay correction did to it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

__all__ = ["ScanTiming", "frame_growth", "mean_delay_s"]


def frame_growth(duration_s: NDArray[np.float64], *, half_life_s: float) -> NDArray[np.float64]:
    """Activity at the start of a frame over its mean during the frame, 1 or more, shape of ``duration_s``.

    ``lambda D / (1 - exp(-lambda D))`` with ``lambda = ln 2 / half_life_s``.
    """
    decays = np.log(2.0) * np.asarray(duration_s, dtype=float) / half_life_s
    lost = -np.expm1(-decays)
    return np.where(decays > 0, decays / np.where(decays > 0, lost, 1.0), 1.0)


def mean_delay_s(duration_s: NDArray[np.float64], *, half_life_s: float) -> NDArray[np.float64]:
    """Time from the start of a frame until the activity is at its mean of the frame, shape of ``duration_s`` [s]."""
    return half_life_s / np.log(2.0) * np.log(frame_growth(duration_s, half_life_s=half_life_s))


@dataclass(frozen=True, eq=False)
class ScanTiming:
    """How the scanner brought its slices to one instant, so that it can be undone.

    Attributes
    ----------
    half_life_s : float
        With which decay was corrected.
    start_s : ndarray, shape (slices,) [s]
        Start of the frame of each slice, after the instant that the slices were corrected to.
    duration_s : ndarray, shape (slices,) [s]
        Duration of the frame; 0 where not known (decay within the frame was then not corrected).
    positron_fraction : float or None
        With which coincidences were turned into activity; None where it is not known or not PET.
    moved_s : float
        From the instant that the slices were corrected to, to the instant that the values hold for.
    """

    half_life_s: float
    start_s: NDArray[np.float64]
    duration_s: NDArray[np.float64]
    positron_fraction: float | None = None
    moved_s: float = 0.0

    def moved(self, elapsed_s: float) -> ScanTiming:
        """The same scan, its values brought to a later instant by decay."""
        return replace(self, moved_s=self.moved_s + elapsed_s)

    def factors(self, *, half_life_s: float) -> NDArray[np.float64]:
        """Mean activity in a frame to activity at the common instant, with a half-life, shape (slices,)."""
        growth = frame_growth(self.duration_s, half_life_s=half_life_s)
        return np.asarray(growth * 2.0 ** (self.start_s / half_life_s))
