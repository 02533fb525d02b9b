"""Write an angiographic series as DICOM XA, for synthetic data and for round trips."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from locoregional.errors import DicomError
from locoregional.imaging.angiography import ANGIOGRAPHY_CLASSES, Angiogram
from locoregional.imaging.atomic import atomic_path

__all__ = ["write_angiogram"]

DEEPEST = 2**16 - 1
"""Highest value that 16 bits hold."""


def write_angiogram(angiogram: Angiogram, path: str | Path, *, patient_id: str, overwrite: bool = False) -> None:
    """Write frames, times, mask frames and projection; values must be whole numbers of 16 bits.

    Parameters
    ----------
    angiogram : Angiogram
        The series.
    path : str or Path
        File to write.
    patient_id : str
        Whose it is.
    overwrite : bool
        Whether an existing file may be replaced.

    Raises
    ------
    DicomError
        If the values are no whole numbers from 0 to 65535: rounding them here would hide it.
    """
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.sequence import Sequence
    from pydicom.uid import UID, ExplicitVRLittleEndian, generate_uid

    frames, how = angiogram.frames, angiogram.acquisition
    if not (np.equal(np.round(frames), frames).all() and frames.min() >= 0 and frames.max() <= DEEPEST):
        raise DicomError("the values are no whole numbers from 0 to 65535", where=str(path), remedy="Scale and round them first.")
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.SOPClassUID, ds.SOPInstanceUID = UID(ANGIOGRAPHY_CLASSES[0]), generate_uid()
    ds.file_meta.MediaStorageSOPClassUID, ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPClassUID, ds.SOPInstanceUID
    ds.StudyInstanceUID, ds.SeriesInstanceUID = generate_uid(), generate_uid()
    ds.Modality, ds.PatientID, ds.PatientName = "XA", patient_id, ""
    ds.ImageType = ["ORIGINAL", "PRIMARY", "SINGLE PLANE"]
    ds.SamplesPerPixel = 1
    ds.PhotometricInterpretation = "MONOCHROME1" if how.shown_inverted else "MONOCHROME2"
    ds.NumberOfFrames, ds.Rows, ds.Columns = frames.shape
    ds.BitsAllocated = ds.BitsStored = 16
    ds.HighBit, ds.PixelRepresentation = 15, 0
    ds.PixelIntensityRelationship = how.relationship
    ds.PixelIntensityRelationshipSign = 1 if how.rises_with_beam else -1
    ds.FrameTimeVector = [0.0, *(round(1000.0 * float(step), 6) for step in np.diff(how.times_s))]
    ds.FrameIncrementPointer = 0x00181065
    if how.mask_frames:
        mask = Dataset()
        mask.MaskOperation = "AVG_SUB"
        mask.MaskFrameNumbers = [number + 1 for number in how.mask_frames]
        ds.MaskSubtractionSequence = Sequence([mask])
        ds.RecommendedViewingMode = "SUB"
    if how.spacing_mm is not None:
        scale = how.magnification or 1.0
        ds.ImagerPixelSpacing = [how.spacing_mm[0] * scale, how.spacing_mm[1] * scale]
    for keyword, value in (
        ("EstimatedRadiographicMagnificationFactor", how.magnification),
        ("PositionerPrimaryAngle", how.primary_deg),
        ("PositionerSecondaryAngle", how.secondary_deg),
        ("ContrastBolusVolume", how.contrast_ml),
        ("ContrastFlowRate", how.contrast_ml_s),
    ):
        if value is not None:
            setattr(ds, keyword, value)
    ds.PositionerMotion = "STATIC"
    ds.PixelData = np.ascontiguousarray(frames.astype("<u2")).tobytes()
    ds["PixelData"].VR = "OW"
    with atomic_path(path, overwrite=overwrite) as part:
        ds.save_as(part, enforce_file_format=True)
