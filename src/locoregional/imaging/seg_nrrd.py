"""Segmentations of 3D Slicer (``.seg.nrrd``), overlapping segments in layers included.

The format is that of its developer guide (``slicer_segmentation_format`` in references.bib).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import ImagingError, MaskError
from locoregional.imaging.nrrd import read_nrrd_raw, text_of, write_nrrd_raw
from locoregional.imaging.nrrd_header import nrrd_affine, spatial_axes
from locoregional.imaging.seg_codes import display_colour, meaning_of
from locoregional.imaging.volume import Volume

__all__ = ["SlicerSegment", "SlicerSegmentation", "read_seg_nrrd", "write_seg_nrrd"]


@dataclass(frozen=True)
class SlicerSegment:
    """One segment of a ``.seg.nrrd`` file.

    Attributes
    ----------
    name, identifier : str
        Name shown to people, and the one that is unique in the file.
    layer, label : int
        Which image of the file, and the number in it.
    tags : str
        Terminology and other tags as written.
    """

    name: str
    identifier: str
    layer: int
    label: int
    tags: str = ""


class SlicerSegmentation(Mapping[str, Volume]):
    """Boolean masks by segment name, made from the shared layers when asked for.

    Parameters
    ----------
    layers : ndarray, shape (layers, slices, rows, columns)
        Label images.
    affine : ndarray, shape (4, 4) [mm]
        (slice, row, column) to LPS.
    segments : tuple of SlicerSegment
        In file order, names unique.
    """

    def __init__(self, layers: NDArray, affine: NDArray[np.float64], segments: tuple[SlicerSegment, ...]) -> None:
        self.segments = segments
        self._volumes = tuple(Volume(layer, affine, modality="SEG") for layer in layers)
        self._by_name = {s.name: s for s in segments}

    def __iter__(self) -> Iterator[str]:
        """Names in file order; a segment without a voxel is listed too."""
        return iter(self._by_name)

    def __len__(self) -> int:
        """Count the segments."""
        return len(self._by_name)

    def __getitem__(self, name: str) -> Volume:
        """Boolean mask of one segment."""
        segment = self._by_name[name]
        layer = self._volumes[segment.layer]
        return layer.on(layer.array == segment.label)


def _segments(header: Mapping[str, Any], where: str) -> tuple[SlicerSegment, ...]:
    found: list[SlicerSegment] = []
    used: set[str] = set()
    number = 0
    while f"Segment{number}_ID" in header or f"Segment{number}_Name" in header:
        start = f"Segment{number}_"
        identifier = header.get(start + "ID", f"Segment_{number}")
        name = header.get(start + "Name", identifier)
        # two segments may carry one name in Slicer; their identifiers differ
        name = f"{name} ({identifier})" if name in used else name
        used.add(name)
        try:
            # files from before Slicer 4.11 hold one layer per segment, and say neither layer nor label
            layer, label = int(header.get(start + "Layer", number)), int(header.get(start + "LabelValue", 1))
        except ValueError as problem:
            raise ImagingError(
                f"layer or label of segment {name!r} is not a number",
                where=where,
                remedy="Save the segmentation again in 3D Slicer.",
            ) from problem
        found.append(SlicerSegment(name, identifier, layer, label, header.get(start + "Tags", "")))
        number += 1
    return tuple(found)


def read_seg_nrrd(path: str | Path) -> SlicerSegmentation:
    """Segments of a ``.seg.nrrd`` file.

    Parameters
    ----------
    path : path
        File written by 3D Slicer (or by :func:`write_seg_nrrd`).

    Returns
    -------
    SlicerSegmentation
        Mask by segment name, on the grid of the file. The file may cover only a part of the image that was segmented.

    Raises
    ------
    ImagingError
        If the file holds no segments, or is a fractional segmentation.
    GeometryError
        If the header does not place the voxels.
    """
    where = str(path)
    header, array = read_nrrd_raw(path)
    segments = _segments(header, where)
    if not segments:
        raise ImagingError("no segments are described in the header", where=where, remedy="Read it as a plain label map instead.")
    kind = header.get("Segmentation_SourceRepresentation", header.get("Segmentation_MasterRepresentation", "Binary labelmap"))
    if kind != "Binary labelmap":
        raise ImagingError(
            f"the segmentation is stored as {kind!r}", where=where, remedy="Convert it to a binary labelmap in 3D Slicer."
        )
    space = spatial_axes(header)
    affine = nrrd_affine(header, where=where)
    # raw arrays are slowest axis first: file axis a is array axis (ndim - 1 - a)
    lists = [array.ndim - 1 - a for a in range(array.ndim) if a not in space]
    if len(space) != 3 or len(lists) > 1:
        raise ImagingError(
            f"{array.ndim} axes, {len(space)} of them in space", where=where, remedy="Save the segmentation again in 3D Slicer."
        )
    layers = np.ascontiguousarray(np.moveaxis(array, lists[0], 0)) if lists else array[None]
    for segment in segments:
        if not 0 <= segment.layer < len(layers):
            raise ImagingError(
                f"segment {segment.name!r} is in layer {segment.layer}, but the file has {len(layers)}",
                where=where,
                remedy="Save the segmentation again in 3D Slicer.",
            )
    return SlicerSegmentation(layers, affine, segments)


def write_seg_nrrd(masks: Mapping[str, Volume], path: str | Path, *, overwrite: bool = False) -> None:
    """Write masks as one ``.seg.nrrd`` that 3D Slicer opens as a segmentation; overlapping masks go to further layers.

    Parameters
    ----------
    masks : mapping
        Name to boolean mask, all on one grid.
    path : path
        File ending in ``.seg.nrrd``.
    overwrite : bool
        Whether an existing file may be replaced.

    Raises
    ------
    MaskError
        If there is no mask, a mask is not boolean, or a mask is empty.
    GeometryError
        If the masks lie on different grids.
    """
    where = str(path)
    if not where.endswith(".seg.nrrd"):
        raise ImagingError("3D Slicer knows a segmentation by its ending", where=where, remedy="End the name in .seg.nrrd.")
    if not masks:
        raise MaskError("there is no mask to write", where=where, remedy="Give at least one.")
    first = next(iter(masks))
    layers: list[NDArray] = []
    fields: dict[str, str] = {}
    dtype = np.uint8 if len(masks) < 256 else np.uint16
    for number, (name, mask) in enumerate(masks.items()):
        masks[first].require_same_grid(mask, names=(first, name))
        if mask.array.dtype != bool or not mask.array.any():
            raise MaskError(
                f"mask {name!r} is {'empty' if mask.array.dtype == bool else 'not boolean'}", where=where, remedy="Leave it out."
            )
        layer = next((k for k, used in enumerate(layers) if not used[mask.array].any()), len(layers))
        if layer == len(layers):
            layers.append(np.zeros(mask.shape, dtype))
        label = int(layers[layer].max()) + 1
        layers[layer][mask.array] = label
        fields |= _segment_fields(number, name, mask.array, layer=layer, label=label)
    fields["Segmentation_ContainedRepresentationNames"] = "Binary labelmap|"
    fields["Segmentation_ConversionParameters"] = ""
    fields["Segmentation_SourceRepresentation"] = "Binary labelmap"
    fields["Segmentation_MasterRepresentation"] = "Binary labelmap"  # the same field, for Slicer before 5.0
    fields["Segmentation_ReferenceImageExtentOffset"] = "0 0 0"
    affine = masks[first].affine
    axes = [text_of(affine[:3, k]) for k in (2, 1, 0)]
    listed = len(layers) > 1
    place = {
        "space": "left-posterior-superior",
        "space directions": " ".join((["none"] if listed else []) + axes),
        "kinds": " ".join((["list"] if listed else []) + ["domain"] * 3),
        "space origin": text_of(affine[:3, 3]),
    }
    array = np.stack(layers, axis=-1) if listed else layers[0]
    write_nrrd_raw(array, path, fields=place, pairs=fields, overwrite=overwrite)


def _segment_fields(number: int, name: str, mask: NDArray, *, layer: int, label: int) -> dict[str, str]:
    start = f"Segment{number}_"
    extent: list[str] = []
    for axis in (2, 1, 0):
        filled = np.flatnonzero(mask.any(axis=tuple(a for a in range(3) if a != axis)))
        extent += [str(filled[0]), str(filled[-1])]
    category, type_ = ("^".join((c.scheme_designator, c.value, c.meaning)) for c in meaning_of(name))
    terms = f"Segmentation category and type - DICOM master list~{category}~{type_}~^^~Anatomic codes - DICOM master list~^^~^^"
    return {
        start + "ID": f"Segment_{number + 1}",
        start + "Name": name,
        start + "NameAutoGenerated": "0",
        start + "Color": " ".join(f"{c:.6g}" for c in display_colour(number)),
        start + "ColorAutoGenerated": "1",
        start + "Extent": " ".join(extent),
        start + "LabelValue": str(label),
        start + "Layer": str(layer),
        start + "Tags": f"TerminologyEntry:{terms}|",
    }
