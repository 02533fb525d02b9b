"""Which planes of a series belong together."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import DicomError, GeometryError
from locoregional.imaging.dicom_frames import Frame

__all__ = ["chosen_frames", "grouped_by_place", "is_scout", "orientation_name", "split_stacks", "stack_words"]

SAME_PLACE_MM = 0.01
"""Planes nearer than this are at one place (positions are written to 0.01 mm or better)."""

PARALLEL = 1e-3
"""Largest difference of direction cosines within one stack (0.06 degrees)."""


def orientation_name(normal: NDArray[np.float64]) -> str:
    """``axial``, ``coronal``, ``sagittal``, or the nearest of them with the angle."""
    axis = int(np.argmax(np.abs(normal)))
    angle = float(np.degrees(np.arccos(min(1.0, abs(normal[axis])))))
    name = ("sagittal", "coronal", "axial")[axis]
    return name if angle < 0.5 else f"{name} turned by {angle:.0f} degrees"


def split_stacks(frames: Sequence[Frame]) -> list[list[Frame]]:
    """Frames that share orientation, matrix and pixel size; the largest group first."""
    stacks: list[list[Frame]] = []
    for frame in frames:
        for stack in stacks:
            first = stack[0]
            alike = frame.shape == first.shape and np.allclose(frame.spacing_mm, first.spacing_mm, rtol=1e-4)
            if alike and np.abs(frame.axes - first.axes).max() < PARALLEL:
                stack.append(frame)
                break
        else:
            stacks.append([frame])
    return sorted(stacks, key=len, reverse=True)


def chosen_frames(frames: Sequence[Frame], *, where: str, stack: int | None = None, keep: str = "") -> list[Frame]:
    """Frames of one stack, after keeping those with a mark.

    Parameters
    ----------
    frames : sequence of Frame
        All frames of a series.
    where : str
        Series, for messages.
    stack : int, optional
        Number of the stack, from 1, as the message lists them.
    keep : str
        ``Keyword=value``: keep the frames with that mark (``AcquisitionNumber=2``).

    Raises
    ------
    DicomError
        If nothing is left.
    GeometryError
        If orientations or matrices are mixed and no stack is chosen.
    """
    if keep:
        keyword, _, value = keep.partition("=")
        left = [frame for frame in frames if frame.marks.get(keyword.strip(), "") == value.strip()]
        if not left:
            found = sorted({frame.marks.get(keyword.strip(), "(missing)") for frame in frames})
            raise DicomError(f"no slice has {keep}", where=where, remedy=f"Choose among {', '.join(found)}.")
        frames = left
    stacks = split_stacks(frames)
    if stack is None and len(stacks) == 1:
        if all(is_scout(frame) for frame in frames):
            raise DicomError("a localizer (scout), not a volume", where=where, remedy="Choose another series, or pass stack=1.")
        return stacks[0]
    if stack is None or not 1 <= stack <= len(stacks):
        listed = "; ".join(f"stack {number}: {stack_words(frames)}" for number, frames in enumerate(stacks, 1))
        raise GeometryError(
            f"the series mixes {len(stacks)} stacks of different orientation or matrix: {listed}",
            where=where,
            remedy="Choose one (stack=1 is the largest).",
        )
    return stacks[stack - 1]


def is_scout(frame: Frame) -> bool:
    """Whether a plane is a localizer, whose values and thickness mean nothing."""
    return "LOCALIZER" in frame.marks.get("ImageType", "") + frame.marks.get("FrameType", "")


def stack_words(frames: Sequence[Frame]) -> str:
    """``51 slices 512 x 512, axial``."""
    first = frames[0]
    scout = ", localizer" if is_scout(first) else ""
    return f"{len(frames)} slices {first.shape[0]} x {first.shape[1]}, {orientation_name(first.normal)}{scout}"


def grouped_by_place(frames: Sequence[Frame]) -> list[list[Frame]]:
    """Frames in order along the normal, those at one place together."""
    normal = frames[0].normal
    order = sorted(frames, key=lambda frame: float(frame.position_lps_mm @ normal))
    groups = [[order[0]]]
    for before, frame in pairwise(order):
        if (frame.position_lps_mm - before.position_lps_mm) @ normal < SAME_PLACE_MM:
            groups[-1].append(frame)
        else:
            groups.append([frame])
    return groups
