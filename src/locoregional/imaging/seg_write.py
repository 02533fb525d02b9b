"""Write masks as a DICOM segmentation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from locoregional.errors import GeometryError, MaskError
from locoregional.imaging.atomic import atomic_path
from locoregional.imaging.dicom_source import source_datasets
from locoregional.imaging.seg_codes import display_colour, meaning_of
from locoregional.imaging.volume import Volume
from locoregional.version import __version__

__all__ = ["write_seg"]

MANUFACTURER = "Locoregional"


def write_seg(
    masks: Mapping[str, Volume],
    path: str | Path,
    *,
    source: str | Path | Sequence[Any],
    description: str = "Segmentation",
    tracking_uids: Mapping[str, str] | None = None,
    algorithm: str | None = "locoregional",
    overwrite: bool = False,
) -> None:
    """Write masks as one DICOM SEG (BINARY, so that every viewer reads it); masks may overlap.

    Parameters
    ----------
    masks : mapping
        Name to boolean mask, all on one grid of perpendicular axes. The grid may differ from that of the series; the patient
        space may not. The name becomes the segment label and decides its code (``meaning_of``).
    path : path
        File to write.
    source : path or sequence of pydicom.Dataset
        Folder (or datasets) of the series to which the masks belong: a SEG must refer to images. For an image that never was
        DICOM, write it as a series first.
    description : str
        Series description.
    tracking_uids : mapping, optional
        Name to the UID of the lesion, the same at every date.
    algorithm : str or None
        Name of the program that drew the masks; None for drawn by hand.
    overwrite : bool
        Whether an existing file may be replaced.

    Raises
    ------
    MaskError
        If there is no mask, or one is not boolean or is empty.
    GeometryError
        If grids differ, axes are not perpendicular, or the frame of reference is not that of the series.
    DicomError
        If there is no series to refer to.
    """
    where = str(path)
    if not masks:
        raise MaskError("there is no mask to write", where=where, remedy="Give at least one.")
    datasets = source_datasets(source, where=where)
    space = str(datasets[0].get("FrameOfReferenceUID") or "")
    first = next(iter(masks))
    for name, mask in masks.items():
        masks[first].require_same_grid(mask, names=(first, name))
        if mask.array.dtype != bool or not mask.array.any():
            raise MaskError(
                f"mask {name!r} is {'empty' if mask.array.dtype == bool else 'not boolean'}", where=where, remedy="Leave it out."
            )
        if mask.frame_of_reference and mask.frame_of_reference != space:
            raise GeometryError(
                f"mask {name!r} and the series are in different frames of reference",
                where=f"{mask.frame_of_reference} / {space}",
                remedy="Give the series on which the mask was drawn.",
            )
    if not masks[first].grid.is_orthogonal:
        raise GeometryError("the axes of the masks are not perpendicular", where=where, remedy="Resample them first.")
    segmentation = _segmentation(masks, datasets, space, description=description, uids=tracking_uids or {}, algorithm=algorithm)
    with atomic_path(path, overwrite=overwrite) as temporary:
        segmentation.save_as(temporary)


def _segmentation(
    masks: Mapping[str, Volume],
    datasets: Sequence[Any],
    space: str,
    *,
    description: str,
    uids: Mapping[str, str],
    algorithm: str | None,
) -> Any:
    import highdicom as hd
    from pydicom.sr.codedict import codes
    from pydicom.uid import ExplicitVRLittleEndian, generate_uid

    kind = hd.seg.SegmentAlgorithmTypeValues.MANUAL if algorithm is None else hd.seg.SegmentAlgorithmTypeValues.AUTOMATIC
    family = codes.DCM.ArtificialIntelligence if "total" in (algorithm or "").lower() else codes.DCM.ImageProcessing
    program = (
        None if algorithm is None else hd.AlgorithmIdentificationSequence(name=algorithm, version=__version__, family=family)
    )
    described = []
    for number, name in enumerate(masks, start=1):
        category, type_ = meaning_of(name)
        described.append(
            hd.seg.SegmentDescription(
                segment_number=number,
                segment_label=name[:64],
                segmented_property_category=category,
                segmented_property_type=type_,
                algorithm_type=kind,
                algorithm_identification=program,
                tracking_uid=uids.get(name) or generate_uid(),
                tracking_id=name[:64],
                display_color=hd.color.CIELabColor.from_rgb(*(round(255 * c) for c in display_colour(number))),
            )
        )
    grid = next(iter(masks.values())).grid
    # slices that hold no voxel of any mask are not stored anyway: cut them before the library copies the array
    filled = np.flatnonzero(np.any([m.array.any(axis=(1, 2)) for m in masks.values()], axis=0))
    low, high = int(filled[0]), int(filled[-1]) + 1
    grid = grid.cropped((low, 0, 0), (high, *grid.shape[1:]))
    stacked = np.stack([m.array[low:high] for m in masks.values()], axis=-1).astype(np.uint8)
    volume = hd.Volume(
        stacked,
        affine=grid.affine,
        coordinate_system=hd.CoordinateSystemNames.PATIENT,
        frame_of_reference_uid=space,
        channels={"SegmentNumber": list(range(1, len(masks) + 1))},
    )
    return hd.seg.Segmentation(
        source_images=list(datasets),
        pixel_array=volume,
        segmentation_type=hd.seg.SegmentationTypeValues.BINARY,
        segment_descriptions=described,
        series_instance_uid=generate_uid(),
        series_number=900,
        sop_instance_uid=generate_uid(),
        instance_number=1,
        manufacturer=MANUFACTURER,
        manufacturer_model_name="locoregional",
        software_versions=__version__,
        device_serial_number="0",
        transfer_syntax_uid=ExplicitVRLittleEndian,
        omit_empty_frames=True,
        series_description=description[:64],
    )
