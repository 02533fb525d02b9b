"""From what the detector gave to opacity, which adds up over the contrast medium in the beam."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import DicomError
from locoregional.imaging.angiography import Angiogram

__all__ = ["Opacity", "opacity_of"]

SMALLEST = 0.5
"""Value below which a linear pixel has no logarithm to speak of: half a step of the detector."""


@dataclass(frozen=True, eq=False)
class Opacity:
    """Opacity over time, before any mask is subtracted.

    Attributes
    ----------
    series : ndarray, shape (time, row, column), float32
        Minus the logarithm of the intensity; of ``LOG`` values the scale is that of the detector, the same for a whole run.
    clipped : ndarray, shape (row, column), bool
        Pixels at an end of the detector's range in some frame: what they show is cut off.
    words : tuple of str
        What was assumed.
    """

    series: NDArray[np.float32]
    clipped: NDArray[np.bool_]
    words: tuple[str, ...] = ()


def opacity_of(angiogram: Angiogram) -> Opacity:
    """Opacity of each pixel and frame.

    Raises
    ------
    DicomError
        If values fall with the beam and the range of the detector is not known.
    """
    from locoregional.measures.devascularisation.frame_kernels import logarithm

    frames, how = angiogram.frames, angiogram.acquisition
    low, high = how.limits or (-np.inf, np.inf)
    words: tuple[str, ...] = ()
    if how.relationship == "LOG":
        clipped = np.asarray(((frames <= low) | (frames >= high)).any(axis=0))
        return Opacity(-frames if how.rises_with_beam else frames.copy(), clipped)
    if not how.rises_with_beam:
        if not np.isfinite(high):
            raise DicomError("values fall with the beam, and the range of the detector is not known", remedy="Use the original.")
        frames = (high - frames).astype(np.float32)
        low, high = 0.0, high - low
        words = (f"values fall with the beam; intensity was taken as {high:g} minus the value",)
    out, clipped = np.empty(frames.shape, np.float32), np.zeros(frames.shape[1:], bool)
    lost = logarithm(
        np.ascontiguousarray(frames, dtype=np.float32), np.float32(SMALLEST), np.float32(low), np.float32(high), out, clipped
    )
    if lost:
        words += (f"{lost} pixels were at an end of the detector's range in some frame",)
    return Opacity(out, clipped, words)
