"""DICOM segmentations: binary, fractional and label map, overlapping segments, sparse frames in any order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import DicomError, GeometryError, MaskError
from locoregional.imaging.dicom_file import integer, items, open_dicom, reason, text
from locoregional.imaging.place import frame_of, grid_of, placed
from locoregional.imaging.seg_frames import frame_groups, stack_of_frames
from locoregional.imaging.volume import Grid, Volume

__all__ = ["Segment", "Segmentation", "read_seg"]

SEG_CLASS = "1.2.840.10008.5.1.4.1.1.66.4"
LABELMAP_CLASS = "1.2.840.10008.5.1.4.1.1.66.7"

BACKGROUND = ("125040", "DCM")
"""Property type under which a label map lists its background as a segment."""

Coded = tuple[str, str, str]


@dataclass(frozen=True)
class Segment:
    """What one segment is.

    Attributes
    ----------
    number : int
        Segment number in the file.
    label : str
        Name that people see.
    category, type : tuple of str
        Code value, scheme and meaning; empty words where missing.
    tracking_uid, tracking_id : str
        Identity of the thing over time, empty if none.
    algorithm : str
        ``MANUAL``, ``SEMIAUTOMATIC`` or ``AUTOMATIC``, with the program's name where stated.
    """

    number: int
    label: str
    category: Coded = ("", "", "")
    type: Coded = ("", "", "")
    tracking_uid: str = ""
    tracking_id: str = ""
    algorithm: str = ""


@dataclass(frozen=True, eq=False)
class Segmentation:
    """Segments of one DICOM object; each mask is made when asked for.

    Attributes
    ----------
    segments : tuple of Segment
        In file order, background left out.
    kind : str
        ``BINARY``, ``FRACTIONAL`` or ``LABELMAP``.
    fraction : str
        ``PROBABILITY`` or ``OCCUPANCY`` where fractional, else empty.
    grid : Grid
        Planes of the file, from the first to the last that is stored.
    frame_of_reference, source_series : str
        UIDs of the patient space and of the series that was segmented; empty if not stated.
    assumed : tuple of str
        What was assumed while reading.
    """

    segments: tuple[Segment, ...]
    kind: str
    fraction: str
    grid: Grid
    frame_of_reference: str
    source_series: str
    assumed: tuple[str, ...]
    onto: Grid | Volume | None = None
    where: str = ""
    _frames: NDArray = field(repr=False, default_factory=lambda: np.zeros((0, 1, 1)))
    _slices: NDArray[np.int_] = field(repr=False, default_factory=lambda: np.zeros(0, dtype=int))
    _owners: NDArray[np.int_] = field(repr=False, default_factory=lambda: np.zeros(0, dtype=int))
    _maximum: int = 1

    def segment(self, key: int | str) -> Segment:
        """Segment by number or label.

        Raises
        ------
        MaskError
            If there is none, or several carry the label; the message lists what there is.
        """
        found = [s for s in self.segments if key in (s.number, s.label)]
        if len(found) != 1:
            listed = ", ".join(f"{s.number} {s.label}" for s in self.segments)
            raise MaskError(
                f"{'no segment' if not found else 'several segments'} {key!r}",
                where=self.where,
                remedy=f"Choose by number: {listed}.",
            )
        return found[0]

    def mask(self, key: int | str) -> Volume:
        """Mask of one segment: boolean, or float32 0..1 where the file is fractional.

        Returns
        -------
        Volume
            On the planes of the file, or on the grid given when reading (empty, and saying so, where nothing of it lies there).
        """
        number = self.segment(key).number
        fractional = self.kind == "FRACTIONAL"
        array = np.zeros(self.grid.shape, np.float32 if fractional else bool)
        for frame in np.flatnonzero(self._owners == number) if self.kind != "LABELMAP" else range(len(self._frames)):
            plane = self._frames[frame]
            target = array[self._slices[frame]]
            if fractional:
                np.maximum(target, plane * np.float32(1 / self._maximum), out=target)
            else:
                target |= (plane == number) if self.kind == "LABELMAP" else (plane != 0)
        mask = Volume(array, self.grid.affine, modality="SEG", frame_of_reference=self.frame_of_reference, assumed=self.assumed)
        return mask if self.onto is None else placed(mask, self.onto, where=self.where, allow_outside=True)

    def masks(self) -> Mapping[str, Volume]:
        """Masks by label, made when asked for; labels that stand twice get their number added."""
        return _Masks(self)


class _Masks(Mapping[str, Volume]):
    def __init__(self, segmentation: Segmentation) -> None:
        labels = [s.label for s in segmentation.segments]
        self._all = segmentation
        self._numbers = {
            s.label if labels.count(s.label) == 1 else f"{s.label} ({s.number})": s.number for s in segmentation.segments
        }

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, label: str) -> Volume:
        return self._all.mask(self._numbers[label])


def _code(item: Any, keyword: str, where: str) -> Coded:
    sequence = items(item, keyword, where=where)
    if not sequence:
        return ("", "", "")
    value = next((v for k in ("CodeValue", "LongCodeValue", "URNCodeValue") if (v := text(sequence[0], k, where=where))), "")
    return (value, text(sequence[0], "CodingSchemeDesignator", where=where), text(sequence[0], "CodeMeaning", where=where))


def _segments(dataset: Any, kind: str, where: str) -> tuple[Segment, ...]:
    found = []
    for item in items(dataset, "SegmentSequence", where=where):
        number = integer(item, "SegmentNumber", where=where)
        type_ = _code(item, "SegmentedPropertyTypeCodeSequence", where)
        if kind == "LABELMAP" and (type_[:2] == BACKGROUND or number == _padding(dataset, where)):
            continue
        words = (text(item, k, where=where) for k in ("SegmentAlgorithmType", "SegmentAlgorithmName"))
        found.append(
            Segment(
                number,
                text(item, "SegmentLabel", where=where) or f"segment {number}",
                _code(item, "SegmentedPropertyCategoryCodeSequence", where),
                type_,
                text(item, "TrackingUID", where=where),
                text(item, "TrackingID", where=where),
                " ".join(w for w in words if w),
            )
        )
    return tuple(found)


def _padding(dataset: Any, where: str) -> int:
    """Value of voxels outside every segment of a label map."""
    return integer(dataset, "PixelPaddingValue", where=where, default=0)


def _pixels(dataset: Any, where: str) -> NDArray:
    try:
        pixels = np.asarray(dataset.pixel_array)
    except Exception as problem:  # decoders raise whatever they like; the user needs the file and the reason
        raise DicomError(
            f"the pixels cannot be decoded: {reason(problem)}", where=where, remedy="Copy or export the file again."
        ) from problem
    pixels = pixels[None] if pixels.ndim == 2 else pixels
    if pixels.ndim != 3:
        raise DicomError(
            f"pixels of shape {pixels.shape}", where=where, remedy="Only segmentations with one sample per pixel are read."
        )
    return pixels


def read_seg(path: str | Path, *, onto: Grid | Volume | None = None) -> Segmentation:
    """Read a DICOM segmentation.

    Parameters
    ----------
    path : path
        DICOM SEG or Label Map SEG file.
    onto : Grid or Volume, optional
        Image on whose grid the masks shall lie. An image also brings its frame of reference, which must match.

    Returns
    -------
    Segmentation
        Masks are boolean, or float 0..1 where the file is fractional.

    Raises
    ------
    DicomError
        If the file is no segmentation, is incomplete, or its frames have no place in the patient (slides, radiographs).
    GeometryError
        If its planes are not parallel and evenly spaced, or it lies in another frame of reference.
    """
    where = str(path)
    dataset = open_dicom(path)
    sop = text(dataset, "SOPClassUID", where=where)
    if sop not in (SEG_CLASS, LABELMAP_CLASS):
        modality = text(dataset, "Modality", where=where) or "unknown"
        raise DicomError(f"modality {modality} is no segmentation", where=where, remedy="Give a DICOM SEG file.")
    kind = "LABELMAP" if sop == LABELMAP_CLASS else text(dataset, "SegmentationType", where=where)
    if kind not in ("BINARY", "FRACTIONAL", "LABELMAP"):
        raise DicomError(f"segmentation type {kind!r}", where=f"{where} SegmentationType", remedy="Export it as BINARY.")
    if text(dataset, "DimensionOrganizationType", where=where).startswith("TILED"):
        raise DicomError(
            "a segmentation of a slide has no place in the patient", where=where, remedy="Give a SEG of CT, MR or PET."
        )
    space, theirs = text(dataset, "FrameOfReferenceUID", where=where), frame_of(onto)
    if space and theirs and space != theirs:
        raise GeometryError(
            "the segmentation and the image are in different frames of reference",
            where=f"{where} {space} / {theirs}",
            remedy="Register the images first, or give the segmentation of this series.",
        )
    pixels = _pixels(dataset, where)
    grid, slices, assumed = stack_of_frames(dataset, pixels.shape, where=where, onto=None if onto is None else grid_of(onto))
    segments, owners = _segments(dataset, kind, where), _owners(dataset, kind, len(pixels), where)
    used = set(np.unique(pixels).tolist()) - {0, _padding(dataset, where)} if kind == "LABELMAP" else set(owners.tolist())
    nameless = sorted(used - {s.number for s in segments})
    if nameless or not segments:
        raise DicomError(f"segments {nameless} are not described", where=f"{where} SegmentSequence", remedy="Export it again.")
    series = items(dataset, "ReferencedSeriesSequence", where=where)
    fraction = text(dataset, "SegmentationFractionalType", where=where) if kind == "FRACTIONAL" else ""
    if kind == "FRACTIONAL":
        assumed = (*assumed, f"fractional segmentation ({fraction.lower() or 'kind not stated'})")
    return Segmentation(
        segments, kind, fraction, grid, space, text(series[0], "SeriesInstanceUID", where=where) if series else "", assumed, onto,
        where, pixels, slices, owners, max(1, integer(dataset, "MaximumFractionalValue", where=where, default=1)),
    )  # fmt: skip


def _owners(dataset: Any, kind: str, frames: int, where: str) -> NDArray[np.int_]:
    """Segment number of each frame; 0 for label maps, whose pixels say it."""
    if kind == "LABELMAP":
        return np.zeros(frames, dtype=int)
    found = frame_groups(dataset, "SegmentIdentificationSequence", frames=frames, where=where)
    if any(item is None for item in found):
        raise DicomError("frames without a segment number", where=where, remedy="Export the segmentation again.")
    return np.array([integer(item, "ReferencedSegmentNumber", where=where) for item in found])
