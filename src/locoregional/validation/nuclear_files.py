"""PET and NM files with known contents, written element by element, for reading them back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import UID, ExplicitVRLittleEndian

__all__ = ["camera_file", "item", "pet_frames", "pet_slices", "save_files"]

CLASSES = {
    "PET": "1.2.840.10008.5.1.4.1.1.128",
    "enhanced PET": "1.2.840.10008.5.1.4.1.1.130",
    "legacy converted PET": "1.2.840.10008.5.1.4.1.1.128.1",
    "NM": "1.2.840.10008.5.1.4.1.1.20",
}
ROW_MM, COLUMN_MM, SLICE_MM = 4.0, 2.0, 3.0
"""Distances of rows, of columns, and of slices; all different, so that none can stand for another."""


def item(**elements: Any) -> Items:
    """Sequence with one item; ``None`` leaves an element out."""
    inner = Dataset()
    for keyword, value in elements.items():
        if value is not None:
            setattr(inner, keyword, value)
    return Items([inner])


def _set(dataset: Dataset, changes: dict[str, Any]) -> Dataset:
    for keyword, value in changes.items():
        if value is None:
            if keyword in dataset:
                delattr(dataset, keyword)
        else:
            setattr(dataset, keyword, value)
    return dataset


def _image(kind: str, stored: NDArray, number: int) -> Dataset:
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.SOPClassUID, ds.SOPInstanceUID = UID(CLASSES[kind]), f"1.2.3.100.{number + 1}"
    ds.file_meta.MediaStorageSOPClassUID, ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPClassUID, ds.SOPInstanceUID
    ds.Modality = "NM" if kind == "NM" else "PT"
    ds.PatientID, ds.PatientName = "phantom", "Phantom^Nuclear"
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.FrameOfReferenceUID = "1.2.3.4", "1.2.3.5", "1.2.3.6"
    ds.ImageType = ["ORIGINAL", "PRIMARY"]
    ds.Rows, ds.Columns = stored.shape[-2:]
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated = ds.BitsStored = 16
    ds.HighBit, ds.PixelRepresentation = 15, int(stored.dtype.kind == "i")
    ds.PixelData = np.ascontiguousarray(stored).astype(stored.dtype.newbyteorder("<")).tobytes()
    ds["PixelData"].VR = "OW"
    return ds


def pet_slices(
    stored: NDArray,
    *,
    slopes: Sequence[float],
    start: datetime,
    acquired_s: Sequence[float],
    duration_s: float,
    half_life_s: float | None,
    correction: str = "START",
    administered: datetime | None = None,
    step_mm: float = SLICE_MM,
    injected: dict[str, Any] | None = None,
    **changes: Any,
) -> list[Dataset]:
    """Single-frame PET slices.

    Parameters
    ----------
    stored : ndarray of int, shape (slices, rows, columns)
        Pixels as stored; slice k lies at ``k * step_mm``.
    slopes : sequence of float, one per slice
        Rescale slopes.
    start : datetime
        Of the series, on the clock of the scanner.
    acquired_s : sequence of float, one per slice
        Start of each frame, after the series.
    duration_s, half_life_s : float
        Of a frame, and as the header gives it (None leaves it out).
    correction : str
        DecayCorrection.
    administered : datetime, optional
        Written as RadiopharmaceuticalStartDateTime.
    step_mm : float
        Between slices; negative for slices in falling order.
    injected : dict, optional
        Further elements of the radiopharmaceutical.
    **changes
        Further elements of every slice; ``None`` removes one.
    """
    slices = []
    for k in range(len(stored)):
        ds = _image("PET", stored[k], k)
        acquired = start + timedelta(seconds=float(acquired_s[k]))
        ds.SeriesDate, ds.SeriesTime = f"{start:%Y%m%d}", f"{start:%H%M%S.%f}"
        ds.AcquisitionDate, ds.AcquisitionTime = f"{acquired:%Y%m%d}", f"{acquired:%H%M%S.%f}"
        ds.ImagePositionPatient, ds.ImageOrientationPatient = [-10.0, -20.0, k * step_mm], [1, 0, 0, 0, 1, 0]
        ds.PixelSpacing, ds.SliceThickness = [ROW_MM, COLUMN_MM], abs(step_mm)
        ds.RescaleSlope, ds.RescaleIntercept = slopes[k], 0
        ds.Units, ds.DecayCorrection = "BQML", correction
        ds.CorrectedImage = ["ATTN", "SCAT", *(["DECY"] if correction != "NONE" else [])]
        ds.ActualFrameDuration = round(duration_s * 1e3)
        ds.PatientWeight = 70.0
        ds.RadiopharmaceuticalInformationSequence = item(
            **(
                {
                    "RadionuclideHalfLife": half_life_s,
                    "RadiopharmaceuticalStartDateTime": f"{administered:%Y%m%d%H%M%S.%f}" if administered else None,
                    "RadionuclideTotalDose": 3.0e8,
                }
                | (injected or {})
            )
        )
        slices.append(_set(ds, changes))
    return slices


def pet_frames(slices: Sequence[Dataset], *, kind: str = "legacy converted PET") -> Dataset:
    """Multi-frame PET of single-frame slices: slope, place and time of each frame in its own functional groups.

    Parameters
    ----------
    slices : sequence of Dataset
        From :func:`pet_slices`.
    kind : str
        ``legacy converted PET`` (what has no group stays in unassigned attributes) or ``enhanced PET`` (the unit is a real-world
        value mapping, the instant of the correction its own element).
    """
    first = slices[0]
    shape = (len(slices), first.Rows, first.Columns)
    pixels = np.concatenate([np.frombuffer(ds.PixelData, "<u2" if ds.PixelRepresentation == 0 else "<i2") for ds in slices])
    ds = _image(kind, pixels.reshape(shape), 0)
    ds.NumberOfFrames = len(slices)
    ds.PixelRepresentation = first.PixelRepresentation
    ds.SeriesDate, ds.SeriesTime, ds.PatientWeight = first.SeriesDate, first.SeriesTime, first.PatientWeight
    ds.RadiopharmaceuticalInformationSequence = first.RadiopharmaceuticalInformationSequence
    shared = Dataset()
    shared.PlaneOrientationSequence = item(ImageOrientationPatient=list(first.ImageOrientationPatient))
    shared.PixelMeasuresSequence = item(PixelSpacing=list(first.PixelSpacing), SliceThickness=first.SliceThickness)
    if kind == "legacy converted PET":
        shared.UnassignedSharedConvertedAttributesSequence = item(
            Units=first.Units, DecayCorrection=first.DecayCorrection, CorrectedImage=list(first.CorrectedImage)
        )
    else:
        ds.DecayCorrected, ds.AttenuationCorrected, ds.ScatterCorrected = "YES", "YES", "YES"
        ds.DecayCorrectionDateTime = first.SeriesDate + first.SeriesTime
    ds.SharedFunctionalGroupsSequence = Items([shared])
    frames = []
    for one in slices:
        group = Dataset()
        group.PlanePositionSequence = item(ImagePositionPatient=list(one.ImagePositionPatient))
        group.PixelValueTransformationSequence = item(RescaleSlope=one.RescaleSlope, RescaleIntercept=0, RescaleType="US")
        group.FrameContentSequence = item(
            FrameAcquisitionDateTime=one.AcquisitionDate + one.AcquisitionTime,
            FrameAcquisitionDuration=float(one.ActualFrameDuration),
        )
        if kind != "legacy converted PET":
            group.RealWorldValueMappingSequence = item(
                RealWorldValueSlope=float(one.RescaleSlope),
                RealWorldValueIntercept=0.0,
                MeasurementUnitsCodeSequence=item(CodeValue="Bq/ml", CodingSchemeDesignator="UCUM", CodeMeaning="Bq/ml"),
            )
        frames.append(group)
    ds.PerFrameFunctionalGroupsSequence = Items(frames)
    return ds


def camera_file(counts: NDArray, *, kind: Sequence[str], number: int = 0, **changes: Any) -> Dataset:
    """NM image: a tomogram (``RECON TOMO``) or planar views.

    Parameters
    ----------
    counts : ndarray of int, shape (frames, rows, columns)
        Counts.
    kind : sequence of str
        Third value of ImageType and on.
    number : int
        Tells instances apart.
    **changes
        Further elements; ``None`` removes one.
    """
    ds = _image("NM", counts.astype(np.uint16), number)
    ds.ImageType = ["ORIGINAL", "PRIMARY", *kind]
    ds.NumberOfFrames = len(counts)
    ds.PixelSpacing = [ROW_MM, COLUMN_MM]
    ds.SeriesDate = ds.AcquisitionDate = "20260305"
    ds.SeriesTime = ds.AcquisitionTime = "101500"
    ds.ActualFrameDuration = 300000
    ds.RadiopharmaceuticalInformationSequence = item(
        RadionuclideCodeSequence=item(CodeValue="C-163A8", CodingSchemeDesignator="SRT", CodeMeaning="^99m^Technetium")
    )
    return _set(ds, changes)


def save_files(datasets: Sequence[Dataset], folder: Path) -> Path:
    """Write files under names that are in no order."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, ds in enumerate(datasets):
        ds.save_as(folder / f"{(number * 7919) % 1000:03d}-{number}.dcm", enforce_file_format=True)
    return folder
