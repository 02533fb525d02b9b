"""Subtracted frames: anatomy laid on the mask frames to a fraction of a pixel, then taken away."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import MaskError
from locoregional.imaging.angiography import Angiogram
from locoregional.measures.devascularisation.motion import Motion, find_motion
from locoregional.measures.devascularisation.opacity import opacity_of

__all__ = ["Subtracted", "subtract"]

ARRIVED_SHARE = 0.08
"""Share of its peak at which the artery's curve has left the base line."""
BEFORE_ARRIVAL = 1
"""Frames between the last mask frame and that one."""


@dataclass(frozen=True, eq=False)
class Subtracted:
    """Opacity that the contrast medium adds.

    Attributes
    ----------
    series : ndarray, shape (time, row, column), float32
        Added opacity, on the anatomy of ``still``.
    times_s : ndarray, shape (time,)
        Time of each frame.
    still : ndarray, shape (row, column), float32
        Opacity without contrast medium.
    mask_frames : tuple of int
        Frames that were averaged for it.
    arrival : int
        Frame in which the contrast medium reaches the artery.
    motion : Motion
        How the frames were moved.
    clipped : ndarray, shape (row, column), bool
        Pixels at an end of the detector's range.
    words : tuple of str
        What was assumed.
    doubts : tuple of str
        What speaks against the subtraction.
    """

    series: NDArray[np.float32]
    times_s: NDArray[np.float64]
    still: NDArray[np.float32]
    mask_frames: tuple[int, ...]
    arrival: int
    motion: Motion
    clipped: NDArray[np.bool_]
    words: tuple[str, ...]
    doubts: tuple[str, ...]


def subtract(
    angiogram: Angiogram,
    *,
    tumour: NDArray[np.bool_],
    artery: NDArray[np.bool_],
    background: NDArray[np.bool_] | None = None,
    still: bool = False,
) -> Subtracted:
    """Subtract the frames before the contrast medium from the whole run.

    Parameters
    ----------
    angiogram : Angiogram
        The run.
    tumour, artery : ndarray, shape (row, column), bool
        Regions that show contrast medium; movement is looked for outside them.
    background : ndarray, shape (row, column), bool, optional
        Region without opacified vessels whose mean is held at zero: removes changes of the beam.
    still : bool
        Take the anatomy for standing: nothing is moved.

    Raises
    ------
    MaskError
        If a region does not have the size of a frame.
    """
    from locoregional.measures.devascularisation.frame_kernels import shift_frames, subtract_mask

    for name, region in (("tumour", tumour), ("artery", artery), ("background", background)):
        if region is not None and region.shape != angiogram.frames.shape[1:]:
            raise MaskError(
                f"the region of the {name} has the shape {region.shape}, the frames {angiogram.frames.shape[1:]}",
                where="angiogram",
                remedy="Draw it on a frame of this series.",
            )
    made = opacity_of(angiogram)
    named = angiogram.acquisition.mask_frames
    first = made.series[:, artery].mean(axis=1, dtype=np.float64)
    arrival = _arrival(first)
    chosen = named or tuple(range(max(1, arrival - BEFORE_ARRIVAL)))
    words = [*angiogram.acquisition.words, *made.words]
    reference = made.series[chosen[0]]
    motion = Motion(np.zeros((len(made.series), 2)), float("nan"), False)
    if not still:
        motion = find_motion(made.series, reference, tumour | artery | made.clipped)
        if not motion.found:
            words.append("too little structure to follow movement: the frames were subtracted as they are")
    series = made.series
    if motion.found:
        series = np.empty_like(made.series)
        shift_frames(made.series, motion.shifts_px, series)
        arrival = _arrival(series[:, artery].mean(axis=1, dtype=np.float64))
        chosen = named or tuple(range(max(1, arrival - BEFORE_ARRIVAL)))
    quiet = series[list(chosen)].mean(axis=0)
    subtract_mask(series, np.asarray(chosen))
    if background is not None:
        series -= series[:, background].mean(axis=1, dtype=np.float64).astype(np.float32)[:, None, None]
        words.append("the mean of the background region was held at zero")
    doubts = []
    if max(chosen) >= arrival:
        doubts.append(
            f"mask frame {max(chosen) + 1} already shows contrast medium, which reaches the artery in frame {arrival + 1}"
        )
    elif not named and arrival <= 1:
        doubts.append("contrast medium may be in the first frame already: there is no frame before it to prove otherwise")
    how = "as the file names them" if named else "found before the artery fills"
    words.append(f"mask: mean of {len(chosen)} frames, {how}")
    return Subtracted(
        series, angiogram.times_s, quiet, chosen, arrival, motion, made.clipped, tuple(words), tuple(doubts)
    )  # fmt: skip


def _arrival(curve: NDArray[np.float64]) -> int:
    """First frame in which the artery has left its base line: the start of the last climb to the peak."""
    smooth = np.convolve(np.pad(curve, 1, mode="edge"), (0.25, 0.5, 0.25), mode="valid")
    top = int(np.argmax(smooth))
    base = float(np.median(smooth[: max(1, top // 2)]))
    level = base + ARRIVED_SHARE * (float(smooth[top]) - base)
    below = np.flatnonzero(smooth[: top + 1] <= level)
    return int(below[-1]) + 1 if len(below) else 0
