"""Write a volume as a DICOM CT series."""

from __future__ import annotations

import datetime
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import GeometryError, ImagingError, UnitsError
from locoregional.imaging.volume import Volume
from locoregional.progress import Progress, silent
from locoregional.version import __version__

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

__all__ = ["common_header", "file_name", "write_ct_series", "write_slice"]


def write_ct_series(
    volume: Volume,
    folder: str | Path,
    *,
    patient_id: str,
    patient_name: str = "",
    series_description: str = "",
    date: datetime.date | None = None,
    progress: Progress = silent,
) -> tuple[Path, ...]:
    """Write a CT as one DICOM file per slice; whole HU above -1500 come back exactly.

    Slices come back in the order of the normal of their plane (columns x rows), whichever way they are stored here.
    Identifiers are derived from the patient and the pixels, so the same call writes the same files.

    Parameters
    ----------
    volume : Volume
        CT in HU. Values are rounded to whole HU. Any orientation, also with a sheared slice axis.
    folder : str or Path
        New or empty folder.
    patient_id, patient_name, series_description : str
        Texts of the header.
    date : datetime.date, optional
        Of study and series; left empty if not given.
    progress : Progress
        Told the share of slices written.

    Returns
    -------
    tuple of Path
        Files, in the order of the slices.

    Raises
    ------
    UnitsError
        If the values are not HU.
    GeometryError
        If rows and columns are not perpendicular (DICOM cannot say so).
    ImagingError
        If values do not fit 16 bits, or the folder holds files.
    """
    folder = Path(folder)
    if volume.unit != "HU":
        raise UnitsError(
            f"a CT is written in HU, but the values are in {volume.unit or 'no unit'}", remedy="Set the unit if they are HU."
        )
    directions = volume.grid.directions
    if abs(directions[:, 1] @ directions[:, 2]) > 1e-4:
        raise GeometryError("rows and columns are not perpendicular", remedy="Resample onto perpendicular axes first.")
    low, high = float(volume.array.min()), float(volume.array.max())
    if not (low >= -32768 and high <= 32767):
        raise ImagingError(f"values {low:g} to {high:g} do not fit 16 bits", where=str(folder))
    if folder.exists() and any(folder.iterdir()):
        raise ImagingError("the folder holds files already", where=str(folder), remedy="Choose a new folder.")
    pixels = np.rint(volume.array).astype("<i2")
    common = common_header(
        volume, pixels, patient_id=patient_id, patient_name=patient_name, description=series_description, date=date
    )
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=".part-", dir=folder.parent))
    try:
        for number, plane in enumerate(pixels):
            progress(number / len(pixels), f"Writing slice {number + 1} of {len(pixels)}")
            write_slice(common, volume, plane, number, temporary / file_name(number))
        temporary.chmod(0o755)
        os.replace(temporary, folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return tuple(folder / file_name(number) for number in range(len(pixels)))


def file_name(number: int) -> str:
    """File of a slice."""
    return f"slice-{number + 1:04d}.dcm"


def common_header(
    volume: Volume, pixels: NDArray[np.int16], *, patient_id: str, patient_name: str, description: str, date: datetime.date | None
) -> Dataset:
    """Elements that all slices share."""
    import hashlib

    from pydicom.dataset import Dataset
    from pydicom.uid import CTImageStorage, generate_uid
    from pydicom.valuerep import DS

    content = hashlib.sha256(pixels.tobytes() + volume.affine.tobytes()).hexdigest()
    day = date.strftime("%Y%m%d") if date else ""
    header = Dataset()
    header.SpecificCharacterSet = "ISO_IR 192"
    header.ImageType = ["DERIVED", "SECONDARY", "AXIAL"]
    header.SOPClassUID = CTImageStorage
    header.StudyDate, header.SeriesDate, header.StudyTime, header.AccessionNumber = day, day, "", ""
    header.Modality, header.Manufacturer, header.SoftwareVersions = "CT", "Locoregional", __version__
    header.ReferringPhysicianName, header.SeriesDescription = "", description
    header.PatientName, header.PatientID, header.PatientBirthDate, header.PatientSex = patient_name, patient_id, "", ""
    header.KVP, header.PatientPosition = None, "HFS"
    header.StudyInstanceUID = generate_uid(entropy_srcs=["study", patient_id, day, content])
    header.SeriesInstanceUID = generate_uid(entropy_srcs=["series", patient_id, description, day, content])
    header.FrameOfReferenceUID = volume.frame_of_reference or generate_uid(entropy_srcs=["frame", patient_id, content])
    header.StudyID, header.SeriesNumber, header.AcquisitionNumber, header.PositionReferenceIndicator = "1", 1, 1, ""
    side = volume.spacing_mm
    directions = volume.grid.directions
    header.ImageOrientationPatient = [DS(float(c), auto_format=True) for c in (*directions[:, 2], *directions[:, 1])]
    header.PixelSpacing = [DS(float(side[1]), auto_format=True), DS(float(side[2]), auto_format=True)]
    header.SliceThickness = DS(float(side[0]), auto_format=True)
    header.SamplesPerPixel, header.PhotometricInterpretation = 1, "MONOCHROME2"
    header.Rows, header.Columns = volume.shape[1:]
    header.BitsAllocated, header.BitsStored, header.HighBit, header.PixelRepresentation = 16, 16, 15, 1
    header.RescaleIntercept, header.RescaleSlope, header.RescaleType = "0", "1", "HU"
    return header


def write_slice(common: Dataset, volume: Volume, plane: NDArray[np.int16], number: int, path: Path) -> None:
    """Write one file."""
    import copy

    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, generate_uid
    from pydicom.valuerep import DS

    dataset = copy.copy(common)
    dataset.SOPInstanceUID = generate_uid(entropy_srcs=[common.SeriesInstanceUID, str(number)])
    dataset.InstanceNumber = number + 1
    dataset.ImagePositionPatient = [DS(float(c), auto_format=True) for c in volume.grid.to_lps([number, 0, 0])]
    dataset.PatientOrientation = ""
    dataset.PixelData = plane.tobytes()
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = dataset.SOPClassUID, dataset.SOPInstanceUID
    dataset.file_meta = meta
    dataset.save_as(path, enforce_file_format=True)
