"""From planes in any order to one regular stack, or a clear word on why they are none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import GeometryError
from locoregional.imaging.dicom_frames import Frame
from locoregional.imaging.dicom_stacks import grouped_by_place

__all__ = ["FillGaps", "Stack", "regular_stack", "spot", "uneven"]

FillGaps = Literal["refuse", "interpolate"]
"""What to do where slices are missing or unevenly spaced: refuse, or interpolate between the neighbours and say so."""

JITTER_MM, JITTER_SHARE = 0.06, 0.01
"""Accepted deviation of a slice from even spacing: rounding of positions to 0.1 mm, or this share of the spacing."""


@dataclass(frozen=True, eq=False)
class Stack:
    """Planes in order, and the regular grid they fill.

    Attributes
    ----------
    planes : tuple of tuple of Frame
        Planes at each place (more than one are duplicates), along the normal.
    affine : ndarray, shape (4, 4) [mm]
        (slice, row, column) to LPS.
    slots : ndarray, shape (planes,)
        Slice index of each plane on the grid; whole numbers unless the planes are unevenly spaced.
    count : int
        Slices of the grid.
    assumed : tuple of str
        What was assumed.
    """

    planes: tuple[tuple[Frame, ...], ...]
    affine: NDArray[np.float64]
    slots: NDArray[np.float64]
    count: int
    assumed: tuple[str, ...]


def regular_stack(frames: Sequence[Frame], *, where: str, fill_gaps: FillGaps = "refuse") -> Stack:
    """Regular grid of the planes of one stack.

    Parameters
    ----------
    frames : sequence of Frame
        From :func:`chosen_frames`.
    where : str
        Series, for messages.
    fill_gaps : {"refuse", "interpolate"}
        What to do where slices are missing or unevenly spaced.

    Raises
    ------
    GeometryError
        If planes are shifted against each other, missing, or unevenly spaced; the message says where.
    """
    groups = grouped_by_place(frames)
    first, last = groups[0][0], groups[-1][0]
    normal = first.normal
    places = np.array([group[0].position_lps_mm for group in groups])
    for group in groups:
        apart = np.ptp([frame.position_lps_mm for frame in group], axis=0).max()
        if apart > JITTER_MM:
            raise GeometryError(
                f"two slices lie in one plane, {apart:.1f} mm apart: {group[0].place}, {group[1].place}",
                where=where,
                remedy="Choose one stack with keep='StackID=...'.",
            )
    depth = (places - places[0]) @ normal
    assumed: tuple[str, ...] = ()
    if len(groups) == 1:
        if first.thickness_mm <= 0:
            raise GeometryError(
                "one slice, and neither SpacingBetweenSlices nor SliceThickness says how thick it is", where=where
            )
        step, slots, count = normal * first.thickness_mm, np.zeros(1), 1
        assumed += (f"there is one slice; its thickness {first.thickness_mm:g} mm was taken from the header",)
    else:
        base = float(np.diff(depth).min())
        course = (last.position_lps_mm - first.position_lps_mm) / depth[-1]
        astray = np.linalg.norm(places - places[0] - depth[:, None] * course, axis=1)
        if astray.max() > JITTER_MM:
            worst = int(np.argmax(astray))
            raise GeometryError(
                f"a slice is shifted sideways by {astray[worst]:.2f} mm against its neighbours: {groups[worst][0].place}",
                where=where,
                remedy="The planes are no straight stack; reconstruct the series again.",
            )
        even = np.linspace(0.0, depth[-1], len(groups))
        tolerance = max(JITTER_MM, JITTER_SHARE * base)
        if np.abs(depth - even).max() <= tolerance:
            step, slots, count = course * depth[-1] / (len(groups) - 1), np.arange(len(groups), dtype=float), len(groups)
        else:
            slots, step, words = uneven(depth, course, tolerance, groups, where=where, fill_gaps=fill_gaps)
            count, assumed = int(np.floor(slots[-1] + 1e-6)) + 1, (*assumed, words)
        tilt = float(np.degrees(np.arccos(min(1.0, abs(float(step @ normal)) / float(np.linalg.norm(step))))))
        if tilt > 0.05:
            assumed += (f"the gantry was tilted by {tilt:.1f} degrees: the exact sheared grid is kept",)
    affine = np.eye(4)
    affine[:3, 0], affine[:3, 1], affine[:3, 2] = step, first.axes[1] * first.spacing_mm[0], first.axes[0] * first.spacing_mm[1]
    affine[:3, 3] = first.position_lps_mm
    return Stack(tuple(tuple(group) for group in groups), affine, slots, count, assumed)


def uneven(
    depth: NDArray[np.float64],
    course: NDArray[np.float64],
    tolerance: float,
    groups: Sequence[Sequence[Frame]],
    *,
    where: str,
    fill_gaps: FillGaps,
) -> tuple[NDArray[np.float64], NDArray[np.float64], str]:
    """Slots, step and words for planes with gaps between them; GeometryError if gaps are refused."""
    steps = np.diff(depth)
    close = steps < 1.5 * steps.min()
    base = float(steps[close].mean())
    missing = np.round(steps / base).astype(int) - 1
    regular = bool((np.abs(steps - (missing + 1) * base) <= np.maximum(tolerance, 2 * JITTER_SHARE * (missing + 1) * base)).all())
    if regular:
        gaps = [
            f"{missing[k]} between {spot(groups[k][0])} and {spot(groups[k + 1][0])}" for k in np.flatnonzero(missing).tolist()
        ]
        words = f"{missing.sum()} slices are missing from the series ({'; '.join(gaps[:5])}{' ...' if len(gaps) > 5 else ''})"
        slots = np.concatenate([[0.0], np.cumsum(missing + 1.0)])
        step = course * depth[-1] / slots[-1]
    else:
        base = float(np.median(steps))
        widest = spot(groups[int(np.argmax(steps))][0])
        words = f"the slices are unevenly spaced ({steps.min():.2f} to {steps.max():.2f} mm; widest after {widest})"
        slots, step = depth / base, course * base
    if fill_gaps == "refuse":
        raise GeometryError(
            words, where=where, remedy="Export the series again, or pass fill_gaps='interpolate' and accept invented slices."
        )
    return slots, step, f"{words}: interpolated from the neighbours"


def spot(frame: Frame) -> str:
    """Place of a plane along the patient axis nearest its normal: ``z -296.4 mm``."""
    axis = int(np.argmax(np.abs(frame.normal)))
    return f"{'xyz'[axis]} {frame.position_lps_mm[axis]:.2f} mm"
