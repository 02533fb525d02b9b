"""DICOM files for tests, written element by element with pydicom (not by the code under test)."""

import zlib
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, ExplicitVRLittleEndian

CT = UID("1.2.840.10008.5.1.4.1.1.2")
PIXELS = np.arange(6 * 8, dtype=np.int16).reshape(6, 8)


def ct_slice(z_mm=0.0, pixels=None, **changes) -> Dataset:
    """An axial CT slice of 6 rows and 8 columns, 1.5 mm rows, 0.75 mm columns; ``None`` removes an element."""
    pixels = PIXELS if pixels is None else pixels
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.SOPClassUID, ds.SOPInstanceUID = CT, f"1.2.3.{zlib.crc32(pixels.tobytes() + f'{z_mm} {changes}'.encode())}"
    ds.Modality, ds.PatientID, ds.PatientName = "CT", "p1", "Test^Patient"
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.FrameOfReferenceUID = "1.2.3.4", "1.2.3.5", "1.2.3.6"
    ds.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    ds.ImagePositionPatient, ds.ImageOrientationPatient = [-10, -20, z_mm], [1, 0, 0, 0, 1, 0]
    ds.PixelSpacing, ds.SliceThickness = [1.5, 0.75], 2.5
    ds.Rows, ds.Columns = pixels.shape[-2:]
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated = ds.BitsStored = pixels.dtype.itemsize * 8
    ds.HighBit, ds.PixelRepresentation = ds.BitsStored - 1, int(pixels.dtype.kind == "i")
    ds.RescaleSlope, ds.RescaleIntercept = 1, -1024
    ds.PixelData = pixels.tobytes()
    ds["PixelData"].VR = "OW"
    for keyword, value in changes.items():
        if value is None:
            del ds[keyword]
        else:
            setattr(ds, keyword, value)
    return ds


def multi_frame(pixels, positions, shared=None, frames=None, sop="1.2.840.10008.5.1.4.1.1.2.1", **changes) -> Dataset:
    """An enhanced CT with one position per frame; ``frames`` gives further functional groups of each."""
    ds = ct_slice(
        0, pixels, SOPClassUID=UID(sop), NumberOfFrames=len(pixels), ImagePositionPatient=None, ImageOrientationPatient=None,
        PixelSpacing=None, SliceThickness=None, RescaleSlope=None, RescaleIntercept=None, **changes,
    )  # fmt: skip
    group = Dataset()
    group.PlaneOrientationSequence = one(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])
    group.PixelMeasuresSequence = one(PixelSpacing=[1.5, 0.75], SliceThickness=2.5)
    group.PixelValueTransformationSequence = one(RescaleSlope=1, RescaleIntercept=-1024, RescaleType="HU")
    for name, sequence in (shared or {}).items():
        setattr(group, name, sequence)
    ds.SharedFunctionalGroupsSequence = Sequence([group])
    ds.PerFrameFunctionalGroupsSequence = Sequence()
    for number, position in enumerate(positions):
        item = Dataset()
        item.PlanePositionSequence = one(ImagePositionPatient=list(position))
        for name, sequence in (frames[number] if frames else {}).items():
            setattr(item, name, sequence)
        ds.PerFrameFunctionalGroupsSequence.append(item)
    return ds


def one(**elements) -> Sequence:
    """Sequence with one item."""
    item = Dataset()
    for keyword, value in elements.items():
        setattr(item, keyword, value)
    return Sequence([item])


def save(ds: Dataset, path: Path) -> Path:
    """Write a part-10 file."""
    ds.file_meta.MediaStorageSOPClassUID, ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPClassUID, ds.SOPInstanceUID
    path.parent.mkdir(parents=True, exist_ok=True)
    ds.save_as(path, enforce_file_format=True)
    return path


def save_series(folder: Path, slices) -> Path:
    """Write slices under names that are in no order."""
    for number, ds in enumerate(slices):
        save(ds, folder / f"{(number * 7919) % 1000:03d}-{number}")
    return folder
