"""The series that a written segmentation refers to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from locoregional.errors import DicomError
from locoregional.imaging.dicom_file import is_dicom, open_dicom

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

__all__ = ["source_datasets"]

IMAGE_CLASSES = {
    "CT": "1.2.840.10008.5.1.4.1.1.2",
    "MR": "1.2.840.10008.5.1.4.1.1.4",
    "PT": "1.2.840.10008.5.1.4.1.1.128",
    "NM": "1.2.840.10008.5.1.4.1.1.20",
}
"""Storage class by modality, for anonymised files that lost it."""


def source_datasets(source: str | Path | Sequence[Dataset], *, where: str = "") -> list[Dataset]:
    """Headers of one image series, sorted along its slices and complete enough to be referred to.

    Blank identifiers, as some anonymisers leave them, are filled: those of the image from the file's own header, those of study
    and series by new ones derived from the images (the same files always give the same).

    Parameters
    ----------
    source : path or sequence of pydicom.Dataset
        Folder of one DICOM series, or its datasets. Datasets given are not changed.
    where : str
        File that needs them, for messages.

    Raises
    ------
    DicomError
        If there is no image with a place in the patient, or there are images of several series.
    """
    if isinstance(source, (str, Path)):
        where, folder = str(source), Path(source)
        files = sorted(f for f in folder.rglob("*") if f.is_file()) if folder.is_dir() else [folder]
        found = [open_dicom(f, pixels=False) for f in files if is_dicom(f)]
    else:
        found = [_copy(d) for d in source]
    found = [d for d in found if d.get("ImagePositionPatient") and d.get("ImageOrientationPatient")]
    if not found:
        raise DicomError("no image slices to refer to", where=where, remedy="Give the series that the mask was drawn on.")
    series = {str(d.get("SeriesInstanceUID") or "") for d in found}
    if len(series) > 1:
        raise DicomError(f"images of {len(series)} series", where=where, remedy="Give the folder or datasets of one series.")
    across, down = np.asarray(found[0].ImageOrientationPatient, dtype=float).reshape(2, 3)
    found.sort(key=lambda d: float(np.cross(across, down) @ np.asarray(d.ImagePositionPatient, dtype=float)))
    _fill(found, where)
    return found


def _copy(dataset: Dataset) -> Dataset:
    from copy import copy

    twin = copy(dataset)
    if "PixelData" in twin:
        del twin.PixelData
    return twin


def _fill(found: Sequence[Dataset], where: str) -> None:
    from pydicom.uid import generate_uid

    for dataset in found:
        meta = getattr(dataset, "file_meta", {})
        image_class = (
            dataset.get("SOPClassUID") or meta.get("MediaStorageSOPClassUID") or IMAGE_CLASSES.get(str(dataset.get("Modality")))
        )
        instance = dataset.get("SOPInstanceUID") or meta.get("MediaStorageSOPInstanceUID")
        if not image_class or not instance:
            raise DicomError("an image without identifiers cannot be referred to", where=where, remedy="Export the series again.")
        dataset.SOPClassUID, dataset.SOPInstanceUID = image_class, instance
    root = str(found[0].SOPInstanceUID)
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID"):
        uid = found[0].get(keyword) or generate_uid(entropy_srcs=[root, keyword])
        for dataset in found:
            setattr(dataset, keyword, dataset.get(keyword) or uid)
    for keyword in (
        "PatientID",
        "PatientName",
        "PatientBirthDate",
        "PatientSex",
        "StudyDate",
        "StudyTime",
        "StudyID",
        "AccessionNumber",
    ):
        for dataset in found:
            if keyword not in dataset:
                setattr(dataset, keyword, "")
