"""Write masks as RTSTRUCT contours on the slices of a series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from locoregional.errors import GeometryError, MaskError
from locoregional.imaging.atomic import atomic_path
from locoregional.imaging.classes import structure_of
from locoregional.imaging.dicom_source import source_datasets
from locoregional.imaging.outline import outlines
from locoregional.imaging.place import placed
from locoregional.imaging.seg_codes import display_colour
from locoregional.imaging.volume import Grid, Volume
from locoregional.version import __version__

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

__all__ = ["grid_of_series", "write_rtstruct"]

RTSTRUCT_CLASS = "1.2.840.10008.5.1.4.1.1.481.3"
STUDY_CLASS = "1.2.840.10008.3.1.2.3.1"


def grid_of_series(datasets: Sequence[Dataset]) -> Grid:
    """Grid of sorted single-slice datasets.

    Raises
    ------
    GeometryError
        If the slices are not evenly spaced.
    """
    first, last = datasets[0], datasets[-1]
    across, down = np.asarray(first.ImageOrientationPatient, dtype=float).reshape(2, 3)
    places = np.array([np.asarray(d.ImagePositionPatient, dtype=float) for d in datasets])
    if len(datasets) == 1:
        step = np.cross(across, down) * float(first.get("SpacingBetweenSlices") or first.get("SliceThickness") or 1.0)
    else:
        step = (places[-1] - places[0]) / (len(datasets) - 1)
    off = places - places[0] - np.arange(len(datasets))[:, None] * step
    if np.abs(off).max() > 0.05 * np.linalg.norm(step):
        raise GeometryError(
            "the slices of the series are not evenly spaced", where=str(last.SeriesInstanceUID), remedy="Write a SEG instead."
        )
    between_rows, between_columns = (float(x) for x in first.PixelSpacing)
    affine = np.eye(4)
    affine[:3] = np.column_stack([step, down * between_rows, across * between_columns, places[0]])
    return Grid((len(datasets), int(first.Rows), int(first.Columns)), affine)


def write_rtstruct(
    masks: Mapping[str, Volume],
    path: str | Path,
    *,
    source: str | Path | Sequence[Dataset],
    label: str = "Locoregional",
    overwrite: bool = False,
) -> tuple[str, ...]:
    """Write masks as closed planar contours.

    Parameters
    ----------
    masks : mapping
        Name to mask: boolean, or occupancy 0..1 (gives smoother contours). Masks on other grids are resampled onto the series.
    path : path
        File to write.
    source : path or sequence of pydicom.Dataset
        Folder (or datasets) of the series on whose slices to draw.
    label : str
        Structure set label, at most 16 characters.
    overwrite : bool
        Whether an existing file may be replaced.

    Returns
    -------
    tuple of str
        What was lost or assumed: contours never give back exactly the voxels they were drawn around.

    Raises
    ------
    MaskError
        If there is no mask, or one is empty on the slices of the series.
    GeometryError
        If a mask lies in another frame of reference.
    """
    where = str(path)
    if not masks:
        raise MaskError("there is no mask to write", where=where, remedy="Give at least one.")
    datasets = source_datasets(source, where=where)
    grid = grid_of_series(datasets)
    space = str(datasets[0].FrameOfReferenceUID)
    image = Volume(np.broadcast_to(np.zeros((), np.uint8), grid.shape), grid.affine, frame_of_reference=space)
    notes = ["contours are lossy: drawn around voxels at least half occupied"]
    drawn: dict[str, list[tuple[int, np.ndarray]]] = {}
    for name, mask in masks.items():
        if not mask.array.any():
            raise MaskError(f"mask {name!r} is empty", where=where, remedy="Leave it out.")
        there = placed(mask, image, where=where)
        notes += [f"{name}: {note}" for note in there.assumed if note not in mask.assumed]
        filled = np.flatnonzero((there.array >= 0.5).any(axis=(1, 2)))
        drawn[name] = [(int(k), ring) for k in filled for ring in outlines(there.array[k])]
        if not drawn[name]:
            raise MaskError(f"mask {name!r} half-fills no voxel of the series", where=where, remedy="Write a SEG instead.")
    dataset = _structure_set(drawn, datasets, grid, space, label[:16])
    with atomic_path(path, overwrite=overwrite) as temporary:
        dataset.save_as(temporary, enforce_file_format=True)
    return tuple(notes)


def _structure_set(
    drawn: Mapping[str, Sequence[tuple[int, np.ndarray]]], datasets: Sequence[Dataset], grid: Grid, space: str, label: str
) -> Dataset:
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import UID, ExplicitVRLittleEndian, generate_uid

    first, now = datasets[0], datetime.now().astimezone()
    out = Dataset()
    out.file_meta = FileMetaDataset()
    out.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    out.SOPClassUID, out.SOPInstanceUID = UID(RTSTRUCT_CLASS), generate_uid()
    out.file_meta.MediaStorageSOPClassUID = out.SOPClassUID
    out.file_meta.MediaStorageSOPInstanceUID = out.SOPInstanceUID
    for keyword in (
        "PatientID",
        "PatientName",
        "PatientBirthDate",
        "PatientSex",
        "StudyInstanceUID",
        "StudyDate",
        "StudyTime",
        "StudyID",
    ):
        setattr(out, keyword, first.get(keyword))
    out.AccessionNumber, out.ReferringPhysicianName = (
        first.get("AccessionNumber") or "",
        first.get("ReferringPhysicianName") or "",
    )
    out.SpecificCharacterSet = "ISO_IR 192"
    out.Modality, out.SeriesInstanceUID, out.SeriesNumber = "RTSTRUCT", generate_uid(), 901
    out.Manufacturer, out.ManufacturerModelName, out.SoftwareVersions = "Locoregional", "locoregional", __version__
    out.StructureSetLabel, out.OperatorsName = label, ""
    out.StructureSetDate = out.InstanceCreationDate = now.strftime("%Y%m%d")
    out.StructureSetTime = out.InstanceCreationTime = now.strftime("%H%M%S")
    out.ApprovalStatus = "UNAPPROVED"
    out.FrameOfReferenceUID, out.PositionReferenceIndicator = space, ""
    images = [_item(ReferencedSOPClassUID=d.SOPClassUID, ReferencedSOPInstanceUID=d.SOPInstanceUID) for d in datasets]
    series = _item(SeriesInstanceUID=first.SeriesInstanceUID, ContourImageSequence=images)
    study = _item(
        ReferencedSOPClassUID=STUDY_CLASS, ReferencedSOPInstanceUID=first.StudyInstanceUID, RTReferencedSeriesSequence=[series]
    )
    out.ReferencedFrameOfReferenceSequence = [_item(FrameOfReferenceUID=space, RTReferencedStudySequence=[study])]
    described, contours, observed = [], [], []
    for number, (name, rings) in enumerate(drawn.items(), start=1):
        described.append(
            _item(ROINumber=number, ReferencedFrameOfReferenceUID=space, ROIName=name[:64], ROIGenerationAlgorithm="AUTOMATIC")
        )
        colour = [round(255 * c) for c in display_colour(number)]
        shapes = [_contour(k, ring, grid, images[k]) for k, ring in rings]
        contours.append(_item(ReferencedROINumber=number, ROIDisplayColor=colour, ContourSequence=shapes))
        kind = "ORGAN" if structure_of(name) else "GTV" if name.lower().startswith(("lesion", "tumour", "tumor")) else "CONTROL"
        observed.append(_item(ObservationNumber=number, ReferencedROINumber=number, RTROIInterpretedType=kind, ROIInterpreter=""))
    out.StructureSetROISequence, out.ROIContourSequence, out.RTROIObservationsSequence = described, contours, observed
    return out


def _item(**values: object) -> Dataset:
    from pydicom.dataset import Dataset

    item = Dataset()
    for keyword, value in values.items():
        setattr(item, keyword, value)
    return item


def _contour(index: int, ring: np.ndarray, grid: Grid, image: Dataset) -> Dataset:
    points = grid.to_lps(np.column_stack([np.full(len(ring), index), ring]))
    # decimal strings hold 16 characters; a micrometre is far below any contour
    data = [f"{x:.3f}" for x in points.ravel()]
    return _item(
        ContourImageSequence=[image], ContourGeometricType="CLOSED_PLANAR", NumberOfContourPoints=len(points), ContourData=data
    )
