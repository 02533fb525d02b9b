"""The planes that one DICOM file holds: one for classic CT, MR and PET, many for enhanced and nuclear medicine objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import DicomError, GeometryError
from locoregional.imaging.dicom_classes import class_name, patient_key, require_volume_class
from locoregional.imaging.dicom_file import integer, items, numbers, tag_name, text, value_of

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

__all__ = ["Frame", "checked_axes", "frame", "frames_of", "nuclear_frames"]

MARKS = {
    "AcquisitionNumber": (),
    "TemporalPositionIdentifier": (),
    "EchoTime": (),
    "EchoNumbers": (),
    "TriggerTime": (),
    "ImageType": (),
    "AcquisitionTime": (),
    "FrameAcquisitionNumber": ("FrameContentSequence",),
    "TemporalPositionIndex": ("FrameContentSequence",),
    "StackID": ("FrameContentSequence",),
    "EffectiveEchoTime": ("MREchoSequence",),
    "DiffusionBValue": ("MRDiffusionSequence",),
    "FrameType": ("CTImageFrameTypeSequence", "MRImageFrameTypeSequence", "PETFrameTypeSequence"),
}
"""What tells planes at one place apart, with the functional groups it may stand in."""

UNIT_TOLERANCE = 2e-3
"""Largest error of length and angle of direction cosines written with few digits."""


@dataclass(frozen=True, eq=False)
class Frame:
    """One plane of pixels and where it is.

    Attributes
    ----------
    path : Path
        File.
    number : int
        Index of the frame in the file, from 0.
    position_lps_mm : ndarray, shape (3,) [mm]
        Centre of the first pixel.
    axes : ndarray, shape (2, 3)
        Unit LPS vectors: along a row (growing column), along a column (growing row).
    spacing_mm : ndarray, shape (2,) [mm]
        Between rows, between columns.
    shape : tuple of int
        Rows, columns.
    bits : int
        Bits allocated per pixel.
    slope, intercept : float
        Value = slope x stored + intercept.
    rescale_type : str
        Unit of that value as DICOM names it; empty if it does not say.
    thickness_mm : float
        Distance to the next plane as the header claims it; 0 if it does not.
    marks : mapping
        What tells planes at one place apart.
    modality, frame_of_reference, patient : str
        Of the file; ``patient`` is a hash, not a name.
    """

    path: Path
    number: int
    position_lps_mm: NDArray[np.float64]
    axes: NDArray[np.float64]
    spacing_mm: NDArray[np.float64]
    shape: tuple[int, int]
    bits: int
    slope: float
    intercept: float
    rescale_type: str
    thickness_mm: float
    marks: Mapping[str, str]
    modality: str
    frame_of_reference: str
    patient: str

    @property
    def normal(self) -> NDArray[np.float64]:
        """Unit LPS vector perpendicular to the plane, away from the viewer."""
        return np.cross(*self.axes)

    @property
    def whole(self) -> bool:
        """Whether values are whole numbers that 32 bits hold."""
        small = max(abs(self.slope), abs(self.intercept)) < 2**14
        return self.bits <= 16 and small and self.slope.is_integer() and self.intercept.is_integer()

    @property
    def place(self) -> str:
        """File and frame, for messages."""
        return f"{self.path}" + (f", frame {self.number + 1}" if self.number else "")


def frames_of(dataset: Dataset, path: Path) -> tuple[Frame, ...]:
    """Planes of a CT, MR, PET or NM object.

    Parameters
    ----------
    dataset : pydicom.Dataset
        Header (pixels not needed).
    path : Path
        Its file.

    Raises
    ------
    DicomError
        If it is another kind of object, or a needed element is missing or odd; the message names it.
    """
    where = str(path)
    modality = require_volume_class(dataset, where=where)
    if integer(dataset, "SamplesPerPixel", where=where, default=1) != 1:
        raise DicomError(f"a colour image ({class_name(dataset)}) has no intensities to measure", where=where)
    count = integer(dataset, "NumberOfFrames", where=where, default=1)
    shared = items(dataset, "SharedFunctionalGroupsSequence", where=where)
    single = items(dataset, "PerFrameFunctionalGroupsSequence", where=where)
    if modality == "NM":
        return tuple(nuclear_frames(dataset, path, count))
    if single and len(single) != count:
        raise DicomError(f"{count} frames but positions of {len(single)}", where=where, remedy="Export the series again.")
    if count > 1 and not single:
        raise DicomError(
            f"{tag_name('PerFrameFunctionalGroupsSequence')} is missing: nothing says where each frame is", where=where
        )
    return tuple(
        frame(dataset, path, number, modality, [*single[number : number + 1], *shared, dataset]) for number in range(count)
    )


def frame(dataset: Dataset, path: Path, number: int, modality: str, groups: Sequence[Dataset]) -> Frame:
    """One plane; each element is looked for in the frame's own groups, the shared ones, the root."""
    where = f"{path}" + (f", frame {number + 1}" if number else "")

    def holder(keyword: str, *sequences: str) -> Dataset | None:
        for group in groups:
            for sequence in sequences:
                inner = items(group, sequence, where=where)
                if inner and value_of(inner[0], keyword, where=where) is not None:
                    return inner[0]
        return dataset if value_of(dataset, keyword, where=where) is not None else None

    def needed(keyword: str, count: int, *sequences: str) -> NDArray[np.float64]:
        source = holder(keyword, *sequences)
        found = numbers(source, keyword, count, where=where) if source is not None else None
        if found is None:
            raise DicomError(
                f"{tag_name(keyword)} is missing", where=where, remedy="Export the series again with complete headers."
            )
        return found

    presentation = holder("PixelPresentation", *(f"{kind}FrameTypeSequence" for kind in ("CTImage", "MRImage", "PET")))
    if presentation is not None and text(presentation, "PixelPresentation", where=where) in ("COLOR", "MIXED"):
        raise DicomError(
            "the frames carry a colour map over the grey values (a functional map)", where=where, remedy="Choose a grey series."
        )
    if items(dataset, "ModalityLUTSequence", where=where):
        raise DicomError(f"values are given by a table ({tag_name('ModalityLUTSequence')}), which is not supported", where=where)
    slope, intercept, kind = 1.0, 0.0, ""
    rescale = holder("RescaleSlope", "PixelValueTransformationSequence")
    if rescale is not None or modality in ("CT", "PT"):
        slope = float(needed("RescaleSlope", 1, "PixelValueTransformationSequence")[0])
        intercept = float(needed("RescaleIntercept", 1, "PixelValueTransformationSequence")[0])
        kind = text(rescale, "RescaleType", where=where) if rescale is not None else ""
        if slope == 0:
            raise DicomError(f"{tag_name('RescaleSlope')} is 0: all values would be equal", where=where)
    thickness = 0.0
    for keyword in ("SpacingBetweenSlices", "SliceThickness"):
        source = holder(keyword, "PixelMeasuresSequence")
        found = numbers(source, keyword, 1, where=where) if source is not None else None
        thickness = thickness or (abs(float(found[0])) if found is not None else 0.0)
    spacing = needed("PixelSpacing", 2, "PixelMeasuresSequence")
    if spacing.min() <= 0:
        raise DicomError(f"{tag_name('PixelSpacing')} is not positive: {spacing}", where=where)
    marks = {}
    for keyword, sequences in MARKS.items():
        source = holder(keyword, *sequences)
        if source is not None:
            marks[keyword] = text(source, keyword, where=where)
    return Frame(
        path=path,
        number=number,
        position_lps_mm=needed("ImagePositionPatient", 3, "PlanePositionSequence", "DetectorInformationSequence"),
        axes=checked_axes(
            needed("ImageOrientationPatient", 6, "PlaneOrientationSequence", "DetectorInformationSequence"), where=where
        ),
        spacing_mm=spacing,
        shape=(integer(dataset, "Rows", where=where), integer(dataset, "Columns", where=where)),
        bits=integer(dataset, "BitsAllocated", where=where),
        slope=slope,
        intercept=intercept,
        rescale_type=kind,
        thickness_mm=thickness,
        marks=marks,
        modality=modality,
        frame_of_reference=text(dataset, "FrameOfReferenceUID", where=where),
        patient=patient_key(dataset, where=where),
    )


def checked_axes(cosines: NDArray[np.float64], *, where: str) -> NDArray[np.float64]:
    """Row and column direction, shape (2, 3), made exactly unit and perpendicular after a check that they nearly are."""
    along_row, along_column = cosines[:3], cosines[3:]
    lengths = np.linalg.norm([along_row, along_column], axis=1)
    skew = abs(float(along_row @ along_column))
    if np.abs(lengths - 1).max() > UNIT_TOLERANCE or skew > UNIT_TOLERANCE:
        raise GeometryError(
            f"{tag_name('ImageOrientationPatient')} is not two perpendicular unit vectors: {cosines}",
            where=where,
            remedy="Export it again.",
        )
    along_row = along_row / lengths[0]
    along_column = along_column - (along_column @ along_row) * along_row
    return np.array([along_row, along_column / np.linalg.norm(along_column)])


def nuclear_frames(dataset: Dataset, path: Path, count: int) -> Iterator[Frame]:
    """Planes of a reconstructed nuclear medicine tomogram (one position, slices stacked by the signed spacing)."""
    where = str(path)
    kind = text(dataset, "ImageType", where=where)
    if "RECON TOMO" not in kind:
        raise DicomError(
            f"a nuclear medicine image of type {kind!r} is not a reconstructed tomogram",
            where=where,
            remedy="Choose the SPECT volume.",
        )
    step = numbers(dataset, "SpacingBetweenSlices", 1, where=where)
    if step is None and count > 1:
        raise DicomError(f"{tag_name('SpacingBetweenSlices')} is missing", where=where)
    order = numbers(dataset, "SliceVector", count, where=where)
    first = frame(dataset, path, 0, "NM", [dataset])
    for number in range(count):
        place = number if order is None else order[number] - 1
        shift = first.normal * (float(step[0]) if step is not None else 0.0) * place
        yield replace(first, number=number, position_lps_mm=first.position_lps_mm + shift)
