"""When each frame of an angiographic series was taken."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import DicomError
from locoregional.imaging.dicom_file import items, numbers, shown, tag_name, text, value_of

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

__all__ = ["frame_times"]

MS_PER_S = 1000.0


def frame_times(dataset: Dataset, frames: int, *, where: str) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Times [s] from the first frame, and what was assumed.

    Parameters
    ----------
    dataset : pydicom.Dataset
        Header.
    frames : int
        How many there are.
    where : str
        For messages.

    Raises
    ------
    DicomError
        If nothing in the file says when the frames were taken, or it says so for another number of frames, or time runs back.
    """
    for way in (_instants, _vector, _step, _rate):
        found = way(dataset, frames, where)
        if found is not None:
            times, words = found
            if not np.isfinite(times).all() or (np.diff(times) <= 0).any():
                raise DicomError("the times of the frames do not rise", where=where, remedy="Export the series again.")
            return np.asarray(times - times[0], dtype=np.float64), words
    raise DicomError(
        "nothing in the file says when its frames were taken",
        where=f"{where}: {tag_name('FrameTimeVector')}, {tag_name('FrameTime')}, {tag_name('CineRate')}",
        remedy="Export the original run; a rate for display does not say it.",
    )


def _vector(dataset: Dataset, frames: int, where: str) -> tuple[NDArray[np.float64], tuple[str, ...]] | None:
    value = value_of(dataset, "FrameTimeVector", where=where)
    if value is None or _points_to(dataset, "FrameTime", where):
        return None
    try:
        steps = np.atleast_1d(np.asarray(value, dtype=np.float64))
    except (TypeError, ValueError) as error:
        raise DicomError(f"{tag_name('FrameTimeVector')} is {shown(value)}", where=where) from error
    if len(steps) != frames:
        raise DicomError(
            f"{frames} frames, but {tag_name('FrameTimeVector')} has {len(steps)} steps", where=where,
            remedy="Export the series again.",
        )  # fmt: skip
    return np.asarray(np.cumsum(np.concatenate([[0.0], steps[1:]])) / MS_PER_S, dtype=np.float64), ()


def _step(dataset: Dataset, frames: int, where: str) -> tuple[NDArray[np.float64], tuple[str, ...]] | None:
    step = numbers(dataset, "FrameTime", 1, where=where)
    if step is None or step[0] <= 0:
        return None
    return np.asarray(np.arange(frames) * float(step[0]) / MS_PER_S), ()


def _rate(dataset: Dataset, frames: int, where: str) -> tuple[NDArray[np.float64], tuple[str, ...]] | None:
    rate = numbers(dataset, "CineRate", 1, where=where)
    if rate is None or rate[0] <= 0:
        return None
    return np.arange(frames) / float(rate[0]), (f"the frames are taken to be even, at the cine rate of {float(rate[0]):g} 1/s",)


def _points_to(dataset: Dataset, keyword: str, where: str) -> bool:
    """Whether the file says that this element tells the frames apart."""
    from pydicom.datadict import tag_for_keyword

    value = value_of(dataset, "FrameIncrementPointer", where=where)
    tags = [] if value is None else list(value) if hasattr(value, "__iter__") else [value]
    return tag_for_keyword(keyword) in [int(t) for t in tags]


def _instants(dataset: Dataset, frames: int, where: str) -> tuple[NDArray[np.float64], tuple[str, ...]] | None:
    """Of an enhanced object: each frame carries its own date and time."""
    groups = items(dataset, "PerFrameFunctionalGroupsSequence", where=where)
    if not groups:
        return None
    if len(groups) != frames:
        raise DicomError(f"{frames} frames but functional groups of {len(groups)}", where=where, remedy="Export it again.")
    for keyword in ("FrameReferenceDateTime", "FrameAcquisitionDateTime"):
        told = [
            text(content[0], keyword, where=where) if (content := items(group, "FrameContentSequence", where=where)) else ""
            for group in groups
        ]
        if all(told):
            times = np.array([_instant(t, where) for t in told])
            return times - times[0], ()
    return None


def _instant(words: str, where: str) -> float:
    """Seconds of a DICOM date and time, without its time zone (one series has one)."""
    digits = words.split("+")[0].split("-")[0].strip()
    whole, _, fraction = digits.partition(".")
    try:
        start = datetime.strptime(whole.ljust(14, "0"), "%Y%m%d%H%M%S")
        return (start - datetime(1970, 1, 1)).total_seconds() + (float(f"0.{fraction}") if fraction else 0.0)
    except ValueError as error:
        raise DicomError(f"the time of a frame is {words!r}", where=where, remedy="Export the series again.") from error
