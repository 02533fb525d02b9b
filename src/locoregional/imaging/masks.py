"""Read masks from any file that holds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from locoregional.errors import DicomError, ImagingError, MaskError
from locoregional.imaging.classes import read_class_map
from locoregional.imaging.dicom_file import is_dicom, open_dicom, text
from locoregional.imaging.labelmap import LabelMap, labels_of, read_mask_folder
from locoregional.imaging.place import OCCUPANCY_THRESHOLD, placed
from locoregional.imaging.read import read_image
from locoregional.imaging.volume import Grid, Volume

__all__ = ["binary", "mask_kind", "read_mask", "read_masks"]

SEG_CLASSES = ("1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7")
RTSTRUCT_CLASS = "1.2.840.10008.5.1.4.1.1.481.3"
_IMAGES = (".nii", ".nii.gz", ".nrrd", ".nhdr", ".mha", ".mhd", ".hdr", ".img")


def mask_kind(path: str | Path) -> str:
    """What holds the masks: ``image``, ``seg.nrrd``, ``seg``, ``rtstruct`` or ``folder``.

    Raises
    ------
    ImagingError
        If the path does not exist or holds no masks.
    """
    path = Path(path)
    if not path.exists():
        raise ImagingError("the mask does not exist", where=str(path), remedy="Check the path.")
    if path.is_dir():
        return "folder"
    name = path.name.lower()
    if name.endswith((".nrrd", ".nhdr")):
        with path.open("rb") as file:
            described = b"Segment0_" in file.read(65536)
        return "seg.nrrd" if described else "image"
    if name.endswith(_IMAGES):
        return "image"
    if not is_dicom(path):
        raise ImagingError(
            "neither NIfTI, NRRD nor DICOM",
            where=str(path),
            remedy="Give a .nii.gz, .nrrd, .seg.nrrd, DICOM SEG or RTSTRUCT file.",
        )
    head = open_dicom(path, pixels=False, tags=("SOPClassUID", "Modality"))
    sop = text(head, "SOPClassUID", where=str(path))
    if sop in SEG_CLASSES:
        return "seg"
    if sop == RTSTRUCT_CLASS:
        return "rtstruct"
    raise DicomError(
        f"a DICOM object of modality {text(head, 'Modality', where=str(path)) or 'unknown'} holds no masks",
        where=str(path),
        remedy="Give the DICOM SEG or RTSTRUCT file.",
    )


def binary(volume: Volume, *, where: str = "") -> Volume:
    """Boolean mask of a volume that means one mask: boolean, one label, or occupancy 0..1.

    Raises
    ------
    MaskError
        If it is empty, holds several labels or grey values, or is not finite.
    """
    array = volume.array
    if array.dtype != bool and np.issubdtype(array.dtype, np.floating) and _is_share(array):
        mask = array >= OCCUPANCY_THRESHOLD
        note = f"fractional mask: voxels with a value of at least {OCCUPANCY_THRESHOLD:g} belong to it"
        volume = replace(volume, array=mask, unit="", assumed=(*volume.assumed, note))
    elif array.dtype != bool:
        numbers = labels_of(volume, where=where)
        if len(numbers) > 1:
            raise MaskError(
                f"several labels: {_listed(numbers)}",
                where=where,
                remedy="Choose one by its number, or by its name with a class map.",
            )
        volume = replace(volume, array=array != 0, unit="")
    if not volume.array.any():
        why = next((note for note in volume.assumed if "lies in the image" in note), "the mask is empty")
        raise MaskError(why, where=where, remedy="Check that the segmentation was saved, and belongs to this scan.")
    return volume


def _is_share(array: np.ndarray) -> bool:
    """Whether float values lie within 0..1 with something in between."""
    if not np.isfinite(array).all():
        return False
    return bool(array.min() >= 0.0 and array.max() <= 1.0 and ((array > 0) & (array < 1)).any())


def _listed(things: object) -> str:
    words = [str(x) for x in things]  # type: ignore[attr-defined]
    return ", ".join(words[:40]) + (f" and {len(words) - 40} more" if len(words) > 40 else "")


def read_masks(
    path: str | Path,
    *,
    class_map: str | Path | Mapping[int, str] | None = None,
    onto: Grid | Volume | None = None,
) -> Mapping[str, Volume]:
    """All masks of a file or folder, by name.

    Parameters
    ----------
    path : path
        NIfTI or NRRD mask or label map, ``.seg.nrrd``, DICOM SEG, RTSTRUCT, or a folder with one file per organ.
    class_map : str, path or mapping, optional
        What the numbers of a label map mean; without it they are called ``label_<number>``.
    onto : Grid or Volume, optional
        Image on whose grid the masks shall lie; an RTSTRUCT needs it.

    Returns
    -------
    mapping
        Name to mask: boolean, or float 0..1 from a fractional DICOM SEG. Made when asked for where that saves memory.

    Raises
    ------
    ImagingError
        If the file cannot be read (its kinds DicomError, GeometryError and MaskError say more).
    """
    kind, where = mask_kind(path), str(path)
    if kind == "rtstruct":
        from locoregional.imaging.rtstruct import read_rtstruct

        if onto is None:
            raise MaskError("contours need the image they were drawn on", where=where, remedy="Name the image series as well.")
        return read_rtstruct(path, onto=onto)
    if kind == "seg":
        from locoregional.imaging.seg import read_seg

        return read_seg(path, onto=onto).masks()
    masks: Mapping[str, Volume]
    if kind == "seg.nrrd":
        from locoregional.imaging.seg_nrrd import read_seg_nrrd

        masks = read_seg_nrrd(path)
    elif kind == "folder":
        files = [f for f in sorted(Path(path).iterdir()) if f.is_file() and not f.name.startswith(".")]
        if len(files) == 1 and not files[0].name.lower().endswith(_IMAGES):
            return read_masks(files[0], class_map=class_map, onto=onto)
        masks = read_mask_folder(path)
    else:
        masks = _image_masks(path, class_map)
    return (
        masks
        if onto is None
        else {name: placed(masks[name], onto, where=where, allow_outside=True) for name in masks if masks[name].array.any()}
    )


def _image_masks(path: str | Path, class_map: str | Path | Mapping[int, str] | None) -> Mapping[str, Volume]:
    where = str(path)
    volume = read_image(path)
    if class_map is None and np.issubdtype(volume.array.dtype, np.floating) and _is_share(volume.array):
        return {_stem(path): binary(volume, where=where)}
    numbers = labels_of(volume, where=where)
    if not numbers:
        raise MaskError("the mask is empty", where=where, remedy="Check that the segmentation was saved.")
    if class_map is None:
        return LabelMap(
            volume, {n: f"label_{n}" for n in numbers} if len(numbers) > 1 else {numbers[0]: _stem(path)}, where=where
        )
    labels = LabelMap(volume, read_class_map(class_map), where=where)
    if labels.unknown:
        raise MaskError(f"the class map does not name {_listed(labels.unknown)}", where=where, remedy="Name the right class map.")
    return labels


def _stem(path: str | Path) -> str:
    name = Path(path).name
    return next((name[: -len(end)] for end in (".nii.gz", *_IMAGES) if name.lower().endswith(end)), name)


def read_mask(
    path: str | Path,
    *,
    label: int | str | None = None,
    class_map: str | Path | Mapping[int, str] | None = None,
    onto: Grid | Volume | None = None,
) -> Volume:
    """One boolean mask from any file that holds it.

    Parameters
    ----------
    path : path
        As in :func:`read_masks`.
    label : int or str, optional
        Which one: the number in a label map or DICOM SEG, or the name of a segment, structure or organ. Needed where the file
        holds several.
    class_map : str, path or mapping, optional
        What the numbers of a label map mean, for a label given by name.
    onto : Grid or Volume, optional
        Image on whose grid the mask shall lie; an RTSTRUCT needs it.

    Returns
    -------
    Volume
        Boolean mask, never empty. ``assumed`` says what was decided: a threshold, a resampling, lossy contours.

    Raises
    ------
    MaskError
        If it is empty, holds grey values or NaN, or holds several masks and none was chosen; the message lists them.
    ImagingError
        If the file cannot be read.
    """
    where = str(path)
    kind = mask_kind(path)
    if kind == "image" and (label is None or isinstance(label, int)):
        volume = read_image(path)
        if label is not None:
            numbers = labels_of(volume, where=where)
            if label not in numbers:
                raise MaskError(f"no label {label}", where=where, remedy=f"The file holds: {_listed(numbers) or 'nothing'}.")
            volume = replace(volume, array=volume.array == label, unit="")
        mask = binary(volume, where=where)
        return mask if onto is None else placed(mask, onto, where=where)
    if kind == "seg" and isinstance(label, int):
        from locoregional.imaging.seg import read_seg

        return binary(read_seg(path, onto=onto).mask(label), where=where)
    masks = read_masks(path, class_map=class_map, onto=onto)
    names = list(masks)
    if label is None and len(names) > 1:
        raise MaskError(f"several masks: {_listed(names)}", where=where, remedy="Choose one by its name.")
    name = names[0] if label is None else _chosen(str(label), names, where)
    return binary(masks[name], where=f"{where}: {name}")


def _chosen(label: str, names: list[str], where: str) -> str:
    matches = [n for n in names if n == label] or [n for n in names if n.lower() == label.lower()]
    if len(matches) != 1:
        hint = " A class map gives names to numbers." if names and names[0].startswith("label_") else ""
        raise MaskError(f"no mask called {label!r}", where=where, remedy=f"The file holds: {_listed(names) or 'nothing'}.{hint}")
    return matches[0]
