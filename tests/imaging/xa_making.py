"""Angiographic DICOM files for tests, written element by element with pydicom (not by the code under test)."""

from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, ExplicitVRLittleEndian, generate_uid

XA, ENHANCED_XA = UID("1.2.840.10008.5.1.4.1.1.12.1"), UID("1.2.840.10008.5.1.4.1.1.12.1.1")
FRAMES = (np.arange(4 * 5 * 6, dtype=np.uint16) * 37 % 4001).reshape(4, 5, 6)


def xa(frames=FRAMES, **changes) -> Dataset:
    """A run of 4 frames, half a second apart; ``None`` removes an element."""
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.SOPClassUID, ds.SOPInstanceUID = XA, generate_uid()
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.SeriesNumber = generate_uid(), generate_uid(), 3
    ds.Modality, ds.PatientID, ds.PatientName = "XA", "p1", "Test^Patient"
    ds.ImageType = ["ORIGINAL", "PRIMARY", "SINGLE PLANE"]
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.NumberOfFrames, ds.Rows, ds.Columns = frames.shape
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = 16, 12, 11
    ds.PixelRepresentation = int(frames.dtype.kind == "i")
    ds.PixelIntensityRelationship = "LIN"
    ds.FrameTime = 500.0
    ds.FrameIncrementPointer = 0x00181063
    ds.PositionerPrimaryAngle, ds.PositionerSecondaryAngle = 30.5, -10.0
    ds.ImagerPixelSpacing, ds.EstimatedRadiographicMagnificationFactor = [0.4, 0.3], 1.25
    ds.WindowCenter, ds.WindowWidth = 2048, 100
    ds.PixelData = frames.tobytes()
    ds["PixelData"].VR = "OW"
    for keyword, value in changes.items():
        if value is None:
            del ds[keyword]
        else:
            setattr(ds, keyword, value)
    return ds


def one(**elements) -> Sequence:
    item = Dataset()
    for keyword, value in elements.items():
        setattr(item, keyword, value)
    return Sequence([item])


def enhanced(
    frames=FRAMES, instants=("20260101120000.25", "20260101120001.00", "20260101120001.50", "20260101120003.00")
) -> Dataset:
    """An enhanced XA run: what the classic one keeps in its root stands in functional groups here."""
    ds = xa(
        frames, FrameTime=None, FrameIncrementPointer=None, PositionerPrimaryAngle=None, PositionerSecondaryAngle=None,
        ImagerPixelSpacing=None, EstimatedRadiographicMagnificationFactor=None, PixelIntensityRelationship=None,
        SOPClassUID=ENHANCED_XA,
    )  # fmt: skip
    ds.SharedFunctionalGroupsSequence = one(
        FramePixelDataPropertiesSequence=one(PixelIntensityRelationship="LOG", PixelIntensityRelationshipSign=-1),
        PixelValueTransformationSequence=one(RescaleSlope=2, RescaleIntercept=5, RescaleType="US"),
        FieldOfViewSequence=one(ObjectPixelSpacingInCenterOfBeam=[0.2, 0.2]),
    )
    ds.PerFrameFunctionalGroupsSequence = Sequence()
    for instant in instants:
        item = Dataset()
        item.FrameContentSequence = one(FrameReferenceDateTime=instant)
        item.PositionerPositionSequence = one(PositionerPrimaryAngle=12.0, PositionerSecondaryAngle=3.0)
        ds.PerFrameFunctionalGroupsSequence.append(item)
    return ds


def saved(ds: Dataset, path: Path) -> Path:
    ds.save_as(path, enforce_file_format=True)
    return path
