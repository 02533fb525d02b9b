"""Whom, where and what a written dose grid says it belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from locoregional.errors import GeometryError
from locoregional.imaging.dicom_file import is_dicom, open_dicom
from locoregional.imaging.dicom_source import source_datasets
from locoregional.imaging.volume import Grid, Volume
from locoregional.version import __version__

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

__all__ = ["RTDOSE_CLASS", "dose_header", "lay_frames", "referred_image", "require_frame"]

RTDOSE_CLASS = "1.2.840.10008.5.1.4.1.1.481.2"

STRAIGHT_MM = 0.05
"""Accepted distance of a voxel from where the file will say it is, for axes that rounding left a little sheared."""

PATIENT_AND_STUDY = (
    "PatientID", "PatientName", "PatientBirthDate", "PatientSex", "StudyInstanceUID", "StudyDate", "StudyTime", "StudyID",
    "AccessionNumber", "ReferringPhysicianName",
)  # fmt: skip


def referred_image(source: str | Path | Sequence[Dataset], *, where: str) -> Dataset:
    """Header whose patient, study and frame of reference a dose takes over.

    Parameters
    ----------
    source : path or sequence of pydicom.Dataset
        Folder or datasets of a series, or one file; multi-frame nuclear medicine too, which keeps its place elsewhere.
    where : str
        File that needs it, for messages.

    Raises
    ------
    DicomError
        If there is no image to refer to.
    """
    if isinstance(source, (str, Path)) and Path(source).is_file() and is_dicom(source):
        header = open_dicom(source, pixels=False)
        if header.get("StudyInstanceUID") and header.get("FrameOfReferenceUID"):
            return header
    return source_datasets(source, where=where)[0]


def require_frame(dose: Volume, image: Dataset | None, *, where: str) -> tuple[str, tuple[str, ...]]:
    """Frame of reference of a dose grid, and what had to be assumed about it.

    Raises
    ------
    GeometryError
        If dose and image lie in different frames of reference.
    """
    from pydicom.uid import generate_uid

    space = str((image.get("FrameOfReferenceUID") if image is not None else "") or "")
    if space and dose.frame_of_reference and space != dose.frame_of_reference:
        raise GeometryError(
            "the dose and the image are in different frames of reference",
            where=f"{where}: {dose.frame_of_reference} / {space}",
            remedy="Give the series on which the dose was computed, or register the images first.",
        )
    if dose.frame_of_reference:
        return dose.frame_of_reference, ()
    if space:
        return space, ("the dose grid names no frame of reference; that of the image was written",)
    return str(generate_uid()), ("the dose grid names no frame of reference and no image was given; a new one was written",)


def lay_frames(grid: Grid, *, where: str) -> tuple[Grid, bool]:
    """Grid whose slices follow the normal of their plane (columns x rows), and whether the slices had to be turned round.

    Readers disagree about offsets that fall, so they always rise here.

    Raises
    ------
    GeometryError
        If the axes are not perpendicular (to 0.05 mm at the far corner): a dose grid cannot say so.
    """
    across, down = grid.directions[:, 2], grid.directions[:, 1]
    turned = bool(np.cross(across, down) @ grid.directions[:, 0] < 0.0)
    down = down - (down @ across) * across
    down /= np.linalg.norm(down)
    told = np.eye(4)
    told[:3, :3] = np.column_stack([np.cross(across, down), down, across]) * grid.spacing_mm
    far = np.array(grid.shape) - 1
    told[:3, 3] = grid.to_lps([far[0], 0, 0] if turned else [0, 0, 0])
    laid = Grid(grid.shape, told)
    ends = np.array(np.meshgrid(*[(0, n) for n in far], indexing="ij")).reshape(3, -1).T
    meant = np.column_stack([far[0] - ends[:, 0] if turned else ends[:, 0], ends[:, 1:]])
    if np.abs(laid.to_lps(ends) - grid.to_lps(meant)).max() > STRAIGHT_MM:
        raise GeometryError(
            "the axes of the dose grid are not perpendicular", where=where, remedy="Resample it onto perpendicular axes first."
        )
    return laid, turned


def dose_header(grid: Grid, image: Dataset | None, *, space: str, patient_id: str, patient_name: str) -> Dataset:
    """Dataset without dose: patient, study, equipment, and the place of a grid from :func:`lay_frames`.

    Parameters
    ----------
    grid : Grid
        Where the dose is.
    image : pydicom.Dataset or None
        Header to take patient and study from.
    space : str
        Frame of reference UID.
    patient_id, patient_name : str
        Used where there is no image.
    """
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import UID, ExplicitVRLittleEndian, generate_uid
    from pydicom.valuerep import DS

    now = datetime.now().astimezone()
    out = Dataset()
    out.file_meta = FileMetaDataset()
    out.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    out.SpecificCharacterSet = "ISO_IR 192"
    out.SOPClassUID, out.SOPInstanceUID = UID(RTDOSE_CLASS), generate_uid()
    out.file_meta.MediaStorageSOPClassUID, out.file_meta.MediaStorageSOPInstanceUID = out.SOPClassUID, out.SOPInstanceUID
    for keyword in PATIENT_AND_STUDY:
        setattr(out, keyword, (image.get(keyword) if image is not None else None) or "")
    if image is None:
        out.PatientID, out.PatientName, out.StudyInstanceUID = patient_id, patient_name, generate_uid()
    out.Modality, out.SeriesInstanceUID, out.SeriesNumber, out.InstanceNumber = "RTDOSE", generate_uid(), 902, 1
    out.Manufacturer, out.ManufacturerModelName, out.SoftwareVersions = "Locoregional", "locoregional", __version__
    out.OperatorsName, out.PositionReferenceIndicator, out.FrameOfReferenceUID = "", "", space
    out.InstanceCreationDate = out.ContentDate = now.strftime("%Y%m%d")
    out.InstanceCreationTime = out.ContentTime = now.strftime("%H%M%S")
    directions, sides = grid.directions, grid.spacing_mm
    # a decimal string holds 16 characters: a place is kept to far below a micrometre
    out.ImageOrientationPatient = [_ds(x) for x in (*directions[:, 2], *directions[:, 1])]
    out.ImagePositionPatient = [_ds(x) for x in grid.affine[:3, 3]]
    out.PixelSpacing, out.SliceThickness = [_ds(sides[1]), _ds(sides[2])], _ds(sides[0])
    out.NumberOfFrames, out.Rows, out.Columns = grid.shape
    out.GridFrameOffsetVector = [DS(0)] + [_ds(n * sides[0]) for n in range(1, grid.shape[0])]
    out.FrameIncrementPointer = 0x3004000C  # frames follow the offsets
    out.SamplesPerPixel, out.PhotometricInterpretation = 1, "MONOCHROME2"
    out.BitsAllocated, out.BitsStored, out.HighBit, out.PixelRepresentation = 32, 32, 31, 0
    return out


def _ds(number: float) -> object:
    from pydicom.valuerep import DS

    return DS(float(number) + 0.0, auto_format=True)
