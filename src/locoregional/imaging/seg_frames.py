"""Where the frames of a DICOM segmentation lie: a stack of evenly spaced planes, whatever their order and gaps."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import DicomError, GeometryError
from locoregional.imaging.dicom_file import items, numbers
from locoregional.imaging.volume import Grid

__all__ = ["frame_groups", "stack_of_frames"]

PLANE_TOLERANCE_MM = 0.01
"""Planes closer than this are one plane (above the rounding of DICOM decimal strings)."""

SPACING_TOLERANCE = 0.02
"""Largest deviation from even spacing, as a share of it."""


def frame_groups(dataset: Any, keyword: str, *, frames: int, where: str) -> list[Any]:
    """Item of a functional group for each frame: its own, else the shared one; None where there is neither."""
    shared = items(dataset, "SharedFunctionalGroupsSequence", where=where)
    per_frame = items(dataset, "PerFrameFunctionalGroupsSequence", where=where)
    if len(per_frame) != frames:
        raise DicomError(
            f"{len(per_frame)} frame descriptions for {frames} frames",
            where=f"{where} PerFrameFunctionalGroupsSequence",
            remedy="Export the segmentation again; the file is incomplete.",
        )
    common = items(shared[0], keyword, where=where) if shared else ()
    own = [items(groups, keyword, where=where) for groups in per_frame]
    return [(mine or common)[0] if mine or common else None for mine in own]


def _numbers(item: Any, keyword: str, count: int, where: str) -> NDArray[np.float64]:
    found = None if item is None else numbers(item, keyword, count, where=where)
    if found is None:
        raise DicomError(
            "frames without a place in the patient",
            where=f"{where} {keyword}",
            remedy="Only segmentations of CT, MR or PET are read.",
        )
    return found


def _even_spacing(along: NDArray[np.float64], measures: Any, wanted: float | None, where: str) -> tuple[float, str]:
    """Distance between slices that explains all plane positions, and a note if it had to be assumed."""
    stated, thickness = (
        0.0 if found is None else float(found[0])
        for found in (numbers(measures, word, 1, where=where) for word in ("SpacingBetweenSlices", "SliceThickness"))
    )
    if len(along) == 1:
        if stated > 0:
            return stated, ""
        if wanted or thickness > 0:
            return wanted or thickness, f"one slice only: spacing taken as {wanted or thickness:g} mm"
        raise GeometryError("one frame without spacing or thickness", where=where, remedy="Name the image it was drawn on.")
    gap = float(np.diff(along).min())
    # a stated spacing that the frames confirm comes first; then the image's own slices; then what explains the gaps
    sure = [stated] if abs(stated - gap) < SPACING_TOLERANCE * gap else []
    for spacing in [*sure, wanted or 0.0, stated, gap, thickness]:
        if spacing > 0:
            steps = (along - along[0]) / spacing
            if np.abs(steps - np.rint(steps)).max() < SPACING_TOLERANCE and (np.diff(np.rint(steps)) > 0).all():
                return spacing, ""
    raise GeometryError(
        "the planes of the segmentation are not evenly spaced",
        where=f"{where} gaps of {gap:g} to {np.diff(along).max():g} mm",
        remedy="Export it on an evenly spaced series.",
    )


def stack_of_frames(
    dataset: Any, shape: tuple[int, int, int], *, where: str, onto: Grid | None = None
) -> tuple[Grid, NDArray[np.int_], tuple[str, ...]]:
    """Grid of a multi-frame segmentation, and the slice of each frame.

    Parameters
    ----------
    dataset : pydicom.Dataset
        DICOM object with functional groups.
    shape : tuple of int
        Frames, rows and columns.
    where : str
        File, for messages.
    onto : Grid, optional
        Grid of the image; its slice spacing settles what sparse frames leave open.

    Returns
    -------
    grid : Grid
        From the first to the last plane, slices along the normal of the planes.
    slices : ndarray, shape (frames,)
        Slice index of each frame.
    assumed : tuple of str
        What had to be assumed.

    Raises
    ------
    DicomError
        If frames have no place in the patient.
    GeometryError
        If planes are not parallel or not evenly spaced.
    """
    measures = frame_groups(dataset, "PixelMeasuresSequence", frames=shape[0], where=where)
    turns = frame_groups(dataset, "PlaneOrientationSequence", frames=shape[0], where=where)
    places = frame_groups(dataset, "PlanePositionSequence", frames=shape[0], where=where)
    spacing = np.array([_numbers(m, "PixelSpacing", 2, where) for m in measures])
    orientation = np.array([_numbers(t, "ImageOrientationPatient", 6, where) for t in turns])
    position = np.array([_numbers(p, "ImagePositionPatient", 3, where) for p in places])
    if np.abs(orientation - orientation[0]).max() > 1e-4 or np.abs(spacing - spacing[0]).max() > 1e-4:
        raise GeometryError(
            "frames differ in orientation or pixel spacing", where=where, remedy="Export one segmentation per orientation."
        )
    across, down = orientation[0, :3], orientation[0, 3:]
    if abs(np.linalg.norm(across) - 1) > 1e-3 or abs(np.linalg.norm(down) - 1) > 1e-3 or abs(across @ down) > 1e-3:
        raise GeometryError(
            "row and column direction are not perpendicular", where=where, remedy="Export the segmentation again."
        )
    normal = np.cross(across, down)
    along = position @ normal
    order = np.sort(along)
    planes = order[np.concatenate([[True], np.diff(order) > PLANE_TOLERANCE_MM])]
    wanted = None
    if onto is not None and abs(onto.directions[:, 0] @ normal) > 1 - 1e-4:
        wanted = float(onto.spacing_mm[0])
    step, note = _even_spacing(planes, measures[0], wanted, where)
    slices = np.rint((along - planes[0]) / step).astype(int)
    # planes of a tilted gantry drift sideways: the slice axis then follows the drift
    first = position[slices == 0][0]
    offset = position - first
    steps = slices.astype(float)
    slide = (steps @ offset) / (steps @ steps) if steps.any() else normal * step
    if np.abs(offset - steps[:, None] * slide).max() > max(SPACING_TOLERANCE * step, PLANE_TOLERANCE_MM):
        raise GeometryError(
            "the planes of the segmentation shift sideways", where=where, remedy="Export it on the series it was drawn on."
        )
    affine = np.eye(4)
    affine[:3] = np.column_stack([slide, down * spacing[0, 0], across * spacing[0, 1], first])
    return Grid((int(slices.max()) + 1, *shape[1:]), affine), slices, (note,) if note else ()
