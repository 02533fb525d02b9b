"""Many organs in one image (a label map), or one file per organ in a folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np

from locoregional.errors import ImagingError, MaskError
from locoregional.imaging.classes import read_class_map, structure_of
from locoregional.imaging.read import read_image
from locoregional.imaging.volume import Volume

__all__ = ["LabelMap", "grouped", "labels_of", "read_labelmap", "read_mask_folder"]

MAX_LABELS = 512
"""An image with more different whole values than this is grey values, not labels (organ atlases have a few hundred)."""

_ENDINGS = (".nii.gz", ".nii", ".nrrd")


def labels_of(volume: Volume, *, where: str = "") -> tuple[int, ...]:
    """Numbers above 0 in a label image, ascending.

    Raises
    ------
    MaskError
        If the values are NaN, negative, not whole or too many to be labels.
    """
    array = volume.array
    if array.dtype == bool:
        return (1,) if array.any() else ()
    if not np.isfinite(array).all():
        raise MaskError(
            "the mask holds NaN or infinite values", where=where, remedy="Export it again from the program that drew it."
        )
    low, high = float(array.min()), float(array.max())
    if low < 0 or high > 2**31:
        raise MaskError(
            f"values reach from {low:g} to {high:g}: these are not labels",
            where=where,
            remedy="Give a mask or a label map, not the image itself.",
        )
    if not np.issubdtype(array.dtype, np.integer):
        if not (array == np.rint(array)).all():
            raise MaskError(
                "the values are not whole numbers", where=where, remedy="Give a label map, or a float mask within 0..1."
            )
        array = array.astype(np.int64)
    found = np.flatnonzero(np.bincount(array.ravel())) if high < 2**16 else np.unique(array)
    found = found[found > 0]
    if len(found) > MAX_LABELS:
        raise MaskError(
            f"{len(found)} different values are not labels",
            where=where,
            remedy="Give a mask or a label map, not the image itself.",
        )
    return tuple(int(n) for n in found)


class LabelMap(Mapping[str, Volume]):
    """Masks by name that share one label image; each mask is made when asked for.

    Parameters
    ----------
    volume : Volume
        Whole numbers, shape (slices, rows, columns); 0 is background.
    classes : mapping
        Number to name.
    where : str
        File, for messages.

    Attributes
    ----------
    unknown : tuple of int
        Numbers in the image that the class map does not name.
    """

    def __init__(self, volume: Volume, classes: Mapping[int, str], *, where: str = "") -> None:
        numbers = labels_of(volume, where=where)
        self.volume = volume
        self.where = where
        self.unknown = tuple(n for n in numbers if n not in classes)
        self._numbers = {classes[n]: n for n in numbers if n in classes}

    def __iter__(self) -> Iterator[str]:
        """Names present, in the order of their numbers."""
        return iter(self._numbers)

    def __len__(self) -> int:
        """Count the names present."""
        return len(self._numbers)

    def __getitem__(self, name: str) -> Volume:
        """Boolean mask of a name that is present."""
        return self.volume.on(self.volume.array == self._numbers[name], unit="")

    def names(self) -> tuple[str, ...]:
        """Names present, in the order of their numbers."""
        return tuple(self._numbers)

    def number(self, name: str) -> int:
        """Number of a name that is present."""
        return self._numbers[name]

    def mask(self, name: str) -> Volume:
        """Boolean mask of one name.

        Raises
        ------
        MaskError
            If the image holds no voxel of that name; the message lists what it holds.
        """
        if name not in self._numbers:
            raise MaskError(
                f"no {name!r} in the label map",
                where=self.where,
                remedy=f"It holds: {', '.join(self._numbers) or 'nothing named'}.",
            )
        return self[name]

    def group(self, names: Iterable[str]) -> Volume:
        """Boolean union of those of the names that are present (all False where none is)."""
        numbers = [self._numbers[n] for n in names if n in self._numbers]
        return self.volume.on(np.isin(self.volume.array, numbers), unit="")

    def structures(self) -> dict[str, Volume]:
        """Masks by the planner's structure names (``bone``, ``vessels`` ...); names outside the grouping table are left out."""
        members: dict[str, list[str]] = {}
        for name in self._numbers:
            structure = structure_of(name)
            if structure is not None:
                members.setdefault(structure, []).append(name)
        return {structure: self.group(names) for structure, names in sorted(members.items())}


def grouped(masks: Mapping[str, Volume]) -> dict[str, Volume]:
    """Masks by the planner's structure names, united; names outside the grouping table are left out.

    Parameters
    ----------
    masks : mapping
        Name to boolean mask, all on one grid.

    Raises
    ------
    GeometryError
        If masks of one structure lie on different grids.
    """
    if isinstance(masks, LabelMap):
        return masks.structures()
    found: dict[str, Volume] = {}
    for name in masks:
        structure = structure_of(name)
        if structure is None:
            continue
        mask = masks[name]
        if structure in found:
            found[structure].require_same_grid(mask, names=(structure, name))
            mask = found[structure].on(found[structure].array | mask.array)
        found[structure] = mask
    return dict(sorted(found.items()))


def read_labelmap(
    path: str | Path, *, class_map: str | Path | Mapping[int, str] = "totalsegmentator_total", allow_unknown: bool = False
) -> LabelMap:
    """Label map from a NIfTI or NRRD file.

    Parameters
    ----------
    path : path
        Image of whole numbers.
    class_map : str, path or mapping
        What the numbers mean: a name of ``classes.NAMED_MAPS``, a file, or number to name.
    allow_unknown : bool
        Whether numbers that the class map does not name are let through as ``label_<number>``.

    Returns
    -------
    LabelMap
        Masks by name.

    Raises
    ------
    MaskError
        If the image is empty, not a label image, or holds numbers without a name.
    """
    volume = read_image(path)
    classes = read_class_map(class_map)
    labelmap = LabelMap(volume, classes, where=str(path))
    if labelmap.unknown and not allow_unknown:
        raise MaskError(
            f"the class map does not name the numbers {', '.join(map(str, labelmap.unknown))}",
            where=str(path),
            remedy="Name the right class map, or allow unknown labels.",
        )
    if labelmap.unknown:
        extra = {n: f"label_{n}" for n in labelmap.unknown}
        noted = volume.assuming(f"labels without a name in the class map: {', '.join(map(str, labelmap.unknown))}")
        labelmap = LabelMap(noted, {**classes, **extra}, where=str(path))
    if not labelmap:
        raise MaskError("the label map is empty", where=str(path), remedy="Check that the segmentation was saved.")
    return labelmap


def read_mask_folder(folder: str | Path) -> dict[str, Volume]:
    """Masks of a folder with one NIfTI or NRRD file per organ (``liver.nii.gz``, ``rib_left_1.nii.gz`` ...), by file name.

    Files without any voxel (TotalSegmentator writes them for organs outside the image) are left out.

    Raises
    ------
    MaskError
        If a file is not a mask, or nothing is left.
    ImagingError
        If the folder does not exist or holds no mask file.
    """
    folder = Path(folder)
    files = sorted(f for f in folder.iterdir() if f.name.lower().endswith(_ENDINGS)) if folder.is_dir() else []
    if not files:
        raise ImagingError(
            "no mask files (.nii, .nii.gz, .nrrd) here", where=str(folder), remedy="Give the folder with one file per organ."
        )
    masks: dict[str, Volume] = {}
    for file in files:
        volume = read_image(file)
        numbers = labels_of(volume, where=str(file))
        if len(numbers) > 1:
            raise MaskError(
                f"several labels {numbers} in one organ's file", where=str(file), remedy="Read it as a label map instead."
            )
        if numbers:
            name = next(file.name[: -len(e)] for e in _ENDINGS if file.name.lower().endswith(e))
            masks[name] = volume.on(volume.array != 0, unit="")
    if not masks:
        raise MaskError("every mask in the folder is empty", where=str(folder), remedy="Check the segmentation.")
    first, *others = masks
    for other in others:
        masks[first].require_same_grid(masks[other], names=(first, other))
    return masks
