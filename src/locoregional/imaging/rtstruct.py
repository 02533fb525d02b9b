"""RTSTRUCT contours to masks on the grid of an image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import DicomError, GeometryError
from locoregional.imaging.contours import contours_to_occupancy
from locoregional.imaging.dicom_file import integer, items, open_dicom, text, value_of
from locoregional.imaging.place import OCCUPANCY_THRESHOLD, frame_of, grid_of
from locoregional.imaging.volume import Grid, Volume

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

__all__ = ["LOSSY", "Roi", "Structures", "read_rois", "read_rtstruct"]

RTSTRUCT_CLASS = "1.2.840.10008.5.1.4.1.1.481.3"
CLOSED = ("CLOSED_PLANAR", "CLOSEDPLANAR_XOR")

LOSSY = "contours are lossy: voxels at least half inside them were filled"
"""What every mask made from contours states."""


@dataclass(frozen=True, eq=False)
class Roi:
    """One structure of an RTSTRUCT.

    Attributes
    ----------
    number : int
        ROI number.
    name, interpreted : str
        Name, and interpreted type (``GTV``, ``ORGAN``, ``EXTERNAL`` ...; empty if not stated).
    frame_of_reference : str
        UID of the patient space, empty if not stated.
    contours : tuple of ndarray, shape (points, 3) [mm]
        Closed planar contours in LPS.
    other : tuple of (str, ndarray)
        Points and open contours: geometric type and LPS points. They enclose nothing.
    """

    number: int
    name: str
    interpreted: str = ""
    frame_of_reference: str = ""
    contours: tuple[NDArray[np.float64], ...] = field(default=(), repr=False)
    other: tuple[tuple[str, NDArray[np.float64]], ...] = field(default=(), repr=False)


class Structures(Mapping[str, Volume]):
    """Boolean masks by ROI name, filled when asked for; ROIs without closed contours are only in ``rois``.

    Parameters
    ----------
    rois : sequence of Roi
        Structures of the file.
    onto : Grid or Volume
        Image on whose voxels to fill.
    where : str
        File, for messages.
    """

    def __init__(self, rois: Sequence[Roi], onto: Grid | Volume, *, where: str = "") -> None:
        self.rois = tuple(rois)
        self._grid, self._space, self._where = grid_of(onto), frame_of(onto), where
        names = [r.name for r in rois]
        self._closed = {r.name if names.count(r.name) == 1 else f"{r.name} ({r.number})": r for r in rois if r.contours}

    def __iter__(self) -> Iterator[str]:
        """Names of the ROIs that enclose something."""
        return iter(self._closed)

    def __len__(self) -> int:
        """Count the ROIs that enclose something."""
        return len(self._closed)

    def __getitem__(self, name: str) -> Volume:
        """Boolean mask; all False, and saying so, where nothing of the ROI lies in the image."""
        occupancy = self.occupancy(name)
        # a rounding error must not decide about voxels that are exactly half inside
        return occupancy.on(occupancy.array >= OCCUPANCY_THRESHOLD - 1e-6).assuming(LOSSY, *occupancy.assumed)

    def occupancy(self, name: str) -> Volume:
        """Share of each voxel inside the ROI, float32 0..1."""
        roi = self._closed[name]
        array, notes = contours_to_occupancy(roi.contours, self._grid, where=f"{self._where} {roi.name}")
        if not array.any():
            notes = (*notes, f"nothing of {roi.name} lies in the image")
        if roi.other:
            notes = (*notes, f"{len(roi.other)} points or open contours of {roi.name} enclose nothing and were left out")
        space = roi.frame_of_reference or self._space
        return Volume(array, self._grid.affine, modality="RTSTRUCT", frame_of_reference=space, assumed=notes)


def _points(contour: Dataset, where: str) -> NDArray[np.float64]:
    # decimal strings are parsed straight from the bytes: a full plan holds millions, and one object for each takes minutes
    raw = getattr(contour.get_item("ContourData"), "value", None)
    words = raw.split(b"\\") if isinstance(raw, bytes) else value_of(contour, "ContourData", where=where) or []
    try:
        points = np.array(words, dtype=float)
    except (TypeError, ValueError):
        points = np.full(1, np.nan)
    if points.size == 0 or points.size % 3 or not np.isfinite(points).all():
        raise DicomError(
            "contour points that are not triples of numbers", where=f"{where} ContourData", remedy="Export the contours again."
        )
    return points.reshape(-1, 3)


def read_rois(path: str | Path) -> tuple[Roi, ...]:
    """Structures of an RTSTRUCT file, without filling anything.

    Raises
    ------
    DicomError
        If the file is no RTSTRUCT, or is damaged.
    """
    where = str(path)
    dataset = open_dicom(path)
    if text(dataset, "SOPClassUID", where=where) != RTSTRUCT_CLASS:
        kind = text(dataset, "Modality", where=where) or "unknown"
        raise DicomError(f"modality {kind} holds no contours", where=where, remedy="Give an RTSTRUCT file.")
    described = {integer(r, "ROINumber", where=where): r for r in items(dataset, "StructureSetROISequence", where=where)}
    types = {
        integer(o, "ReferencedROINumber", where=where, default=-1): text(o, "RTROIInterpretedType", where=where)
        for o in items(dataset, "RTROIObservationsSequence", where=where)
    }
    drawn: dict[int, list[Dataset]] = {}
    for entry in items(dataset, "ROIContourSequence", where=where):
        drawn.setdefault(integer(entry, "ReferencedROINumber", where=where), []).extend(
            items(entry, "ContourSequence", where=where)
        )
    stray = sorted(set(drawn) - set(described))
    if stray or not described:
        raise DicomError(
            f"contours of undescribed structures {stray}" if stray else "no structures", where=where, remedy="Export it again."
        )
    spaces = {
        text(f, "FrameOfReferenceUID", where=where) for f in items(dataset, "ReferencedFrameOfReferenceSequence", where=where)
    }
    rois = []
    for number, entry in described.items():
        name = text(entry, "ROIName", where=where) or f"ROI {number}"
        closed, other = [], []
        for contour in drawn.get(number, []):
            points = _points(contour, f"{where} {name}")
            kind = text(contour, "ContourGeometricType", where=where)
            if kind in CLOSED and len(points) >= 3:
                closed.append(points)
            else:
                other.append((kind, points))
        space = text(entry, "ReferencedFrameOfReferenceUID", where=where) or (next(iter(spaces)) if len(spaces) == 1 else "")
        rois.append(Roi(number, name, types.get(number, ""), space, tuple(closed), tuple(other)))
    return tuple(rois)


def read_rtstruct(path: str | Path, *, onto: Grid | Volume) -> Structures:
    """Masks of an RTSTRUCT on the grid of an image.

    Parameters
    ----------
    path : path
        DICOM RTSTRUCT file.
    onto : Grid or Volume
        Image on whose voxels to fill. An image (not a bare grid) brings its frame of reference, which must match.

    Returns
    -------
    Structures
        Boolean masks by name; ``rois`` lists all structures, points and open contours too.

    Raises
    ------
    DicomError
        If the file is no RTSTRUCT or is damaged, or the structures name no frame of reference although the image has one.
    GeometryError
        If the structures lie in another frame of reference.
    """
    rois, where, space = read_rois(path), str(path), frame_of(onto)
    for roi in rois if space else ():
        if not roi.frame_of_reference:
            raise DicomError(
                f"structure {roi.name!r} names no frame of reference",
                where=where,
                remedy="Export the contours again, or convert them to a SEG.",
            )
        if roi.frame_of_reference != space:
            raise GeometryError(
                f"structure {roi.name!r} and the image are in different frames of reference",
                where=f"{where} {roi.frame_of_reference} / {space}",
                remedy="Register the images first, or give the contours drawn on this series.",
            )
    return Structures(rois, onto, where=where)
