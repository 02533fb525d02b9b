"""Read and write dose grids (DICOM RT Dose)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import DicomError, GeometryError, UnitsError
from locoregional.imaging.atomic import atomic_path
from locoregional.imaging.dicom_file import integer, numbers, open_dicom, reason, text
from locoregional.imaging.rtdose_header import RTDOSE_CLASS, dose_header, lay_frames, referred_image, require_frame
from locoregional.imaging.volume import Volume

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

__all__ = ["read_rtdose", "write_rtdose"]

LARGEST = 2**32 - 1
"""Stored value of the largest dose."""
SHORT_TEXT = 64
"""Characters of a dose comment; the whole text goes into the image comments."""
UNEVEN_MM = 0.01


def write_rtdose(
    dose: Volume,
    path: str | Path,
    *,
    source: str | Path | Sequence[Dataset] | None = None,
    dose_type: Literal["PHYSICAL", "EFFECTIVE"] = "PHYSICAL",
    summation: str = "PLAN",
    comment: str = "",
    patient_id: str = "",
    patient_name: str = "",
    study_uid: str = "",
    series_uid: str = "",
    overwrite: bool = False,
) -> tuple[str, ...]:
    """Write a dose on a grid of any orientation with perpendicular axes, in 32 bits.

    Parameters
    ----------
    dose : Volume
        In Gy.
    path : path
        File to write.
    source : path or sequence of pydicom.Dataset, optional
        Series (or file) on which the dose was computed: patient, study and frame of reference are its own.
    dose_type : {"PHYSICAL", "EFFECTIVE"}
        ``EFFECTIVE`` for a biologically effective dose; its parameters must then be said in the comment.
    summation : str
        DoseSummationType. No plan of microspheres exists in DICOM, so none is referred to.
    comment : str
        How the dose was computed: dose constant, method, density.
    patient_id, patient_name : str
        Where no source is given.
    study_uid, series_uid : str
        To place the dose in a study or series; else those of the source, and a new series.
    overwrite : bool
        Whether an existing file may be replaced.

    Returns
    -------
    tuple of str
        What was assumed or lost. The stored dose is off by half a step at most, which is the largest dose over 8.6e9.

    Raises
    ------
    UnitsError
        If the values are not Gy, not finite or negative, or an effective dose comes without a comment.
    GeometryError
        If the axes are not perpendicular, or dose and source are in different frames of reference.
    ImagingError
        If there is no image to refer to at the source, or the file exists and may not be replaced.
    """
    where = str(path)
    largest = _largest(dose, where)
    if dose_type == "EFFECTIVE" and not comment:
        raise UnitsError(
            "an effective dose without its parameters cannot be compared", where=where, remedy="Say them in the comment."
        )
    grid, turned = lay_frames(dose.grid, where=where)
    image = None if source is None else referred_image(source, where=where)
    space, notes = require_frame(dose, image, where=where)
    out = dose_header(grid, image, space=space, patient_id=patient_id, patient_name=patient_name)
    out.StudyInstanceUID, out.SeriesInstanceUID = study_uid or out.StudyInstanceUID, series_uid or out.SeriesInstanceUID
    out.DoseUnits, out.DoseType, out.DoseSummationType = "GY", dose_type, summation
    if comment:
        out.DoseComment, out.ImageComments = comment[:SHORT_TEXT], comment
        out.SeriesDescription = comment[:SHORT_TEXT]
    scaling, pixels = _stored(dose.array, largest)
    out.DoseGridScaling = scaling
    out.PixelData = (pixels[::-1] if turned else pixels).tobytes()
    out["PixelData"].VR = "OW"
    if turned:
        notes += ("the slices are stored in the opposite order, along the normal of their plane",)
    with atomic_path(path, overwrite=overwrite) as temporary:
        out.save_as(temporary, enforce_file_format=True)
    return notes


def read_rtdose(path: str | Path) -> Volume:
    """Dose grid of a DICOM file.

    Parameters
    ----------
    path : path
        RT Dose, any orientation, 16 or 32 bits.

    Returns
    -------
    Volume
        In Gy, float64. Slices in the order of the file. ``assumed`` tells of a dose that is not physical.

    Raises
    ------
    DicomError
        If the file is no dose grid, or lacks what places or scales it.
    UnitsError
        If the dose is relative.
    GeometryError
        If the planes are not evenly spaced.
    """
    where = str(path)
    dataset = open_dicom(path)
    if text(dataset, "SOPClassUID", where=where) != RTDOSE_CLASS:
        raise DicomError("the file is not an RT Dose", where=where, remedy="Give a DICOM file of modality RTDOSE.")
    unit = text(dataset, "DoseUnits", where=where)
    if unit != "GY":
        raise UnitsError(f"the dose is in {unit or 'no unit'}, not in Gy", where=where, remedy="Export the absolute dose.")
    scaling = numbers(dataset, "DoseGridScaling", 1, where=where)
    if scaling is None or scaling[0] <= 0.0:
        raise DicomError("DoseGridScaling is missing or not positive", where=where, remedy="Export the dose again.")
    frames = integer(dataset, "NumberOfFrames", where=where, default=1)
    try:
        pixels = dataset.pixel_array
    except Exception as error:  # decoders raise whatever they meet
        raise DicomError(f"the dose cannot be decoded: {reason(error)}", where=where, remedy="Export it again.") from error
    array = pixels.reshape(frames, *pixels.shape[-2:]).astype(np.float64) * float(scaling[0])
    kind, said = text(dataset, "DoseType", where=where), text(dataset, "DoseComment", where=where)
    assumed = () if kind == "PHYSICAL" else (f"the dose is {kind or 'of no stated type'}{f' ({said})' if said else ''}",)
    affine = _affine(dataset, frames, where)
    return Volume(array, affine, "Gy", "RTDOSE", text(dataset, "FrameOfReferenceUID", where=where), assumed)


def _largest(dose: Volume, where: str) -> float:
    if dose.unit != "Gy":
        raise UnitsError(f"the values are in {dose.unit or 'no unit'}", where=where, remedy="Only a dose in Gy can be written.")
    low, high = float(dose.array.min()), float(dose.array.max())
    if not (low >= 0.0 and np.isfinite(high)):  # also false for NaN
        raise UnitsError(
            f"a dose of {low:g} to {high:g} Gy cannot be stored", where=where, remedy="Set noise below zero to zero first."
        )
    return high


def _stored(array: NDArray, largest: float) -> tuple[object, NDArray[np.uint32]]:
    """Scaling as it will be read back (decimal strings are short), and the dose in steps of it, rounded."""
    from pydicom.valuerep import DS

    scaling = DS(largest / LARGEST if largest > 0.0 else 1.0, auto_format=True)
    step = float(str(scaling))
    pixels = np.empty(array.shape, "<u4")
    for plane, values in zip(pixels, array, strict=True):
        plane[:] = np.minimum(np.rint(values.astype(np.float64) / step), LARGEST)
    return scaling, pixels


def _affine(dataset: Dataset, frames: int, where: str) -> NDArray[np.float64]:
    place = numbers(dataset, "ImagePositionPatient", 3, where=where)
    along = numbers(dataset, "ImageOrientationPatient", 6, where=where)
    between = numbers(dataset, "PixelSpacing", 2, where=where)
    if place is None or along is None or between is None:
        raise DicomError("the dose grid has no place in the patient", where=where, remedy="Export it with its geometry.")
    across, down = along.reshape(2, 3)
    affine = np.eye(4)
    affine[:3, 0] = np.cross(across, down) * _step_mm(dataset, frames, float(place[2]), where)
    affine[:3, 1], affine[:3, 2], affine[:3, 3] = down * between[0], across * between[1], place
    return affine


def _step_mm(dataset: Dataset, frames: int, z_mm: float, where: str) -> float:
    """Distance of a frame to the next along the normal; negative where they run against it."""
    offsets = numbers(dataset, "GridFrameOffsetVector", frames, where=where)
    if frames == 1:
        thickness = numbers(dataset, "SliceThickness", 1, where=where)
        if thickness is None or thickness[0] <= 0.0:
            raise GeometryError("one plane of dose, and nothing says how thick it is", where=where, remedy="Export a whole grid.")
        return float(thickness[0])
    if offsets is None:
        raise GeometryError("GridFrameOffsetVector is missing", where=where, remedy="Export the dose with its geometry.")
    step = float(offsets[-1] - offsets[0]) / (frames - 1)
    if np.abs(offsets - offsets[0] - step * np.arange(frames)).max() > UNEVEN_MM or step == 0.0:
        raise GeometryError("the planes of the dose are not evenly spaced", where=where, remedy="Export it on a regular grid.")
    if offsets[0] == 0.0:
        return step
    # the older way: the offsets are places along the patient's axis, which only axial planes have
    across, down = np.asarray(dataset.ImageOrientationPatient, dtype=float).reshape(2, 3)
    normal = np.cross(across, down)
    if abs(offsets[0] - z_mm) > UNEVEN_MM or abs(abs(normal[2]) - 1.0) > 1e-4:
        raise GeometryError(
            f"the first offset is {offsets[0]:g} mm: neither zero nor the place of the first plane",
            where=where,
            remedy="Export the dose again.",
        )
    return step * float(np.sign(normal[2]))
