"""Which tissue is where around a lesion: structures first, then Hounsfield units, on a regular grid for the heat solver."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from locoregional.ablation.dissection import Dissection, dissected_layer, dissection_words
from locoregional.ablation.vessels import split_vessels, with_vessels
from locoregional.case import Case, Lesion
from locoregional.errors import PlanningError
from locoregional.imaging.resample import resampled
from locoregional.imaging.volume import Grid, Volume
from locoregional.physics.hounsfield import cement_voxels, with_hounsfield
from locoregional.physics.properties import Properties, properties_of
from locoregional.physics.tissue import tissue
from locoregional.sources import Sourced, read_facts

__all__ = ["CLASSES", "TissueMap", "through_vessels", "tissue_map"]

CLASSES = (
    "air", "muscle", "fat", "lung", "bone_cancellous", "bowel", "kidney", "adrenal", "gallbladder", "liver", "spinal_cord",
    "nerve", "tumour", "blood", "cement", "dextrose", "saline", "carbon_dioxide",
)  # fmt: skip
"""Tissues by label; ``bone_cancellous`` stands for all bone, graded by its CT number."""
VESSEL_RADIUS_MM = 5.0
"""Vessels up to this radius are bridged inside a zone."""
RIM_MM = 6.0
"""How far from an outline of the lung thin voxels still belong to it: a slice of 5 mm and a little."""
NOISE_MM = 1.5
"""Width over which CT numbers of soft tissue are averaged before fat and muscle are told apart."""
FAT_BELOW_HU, GAS_BELOW_HU = -30.0, -400.0
"""Soft tissue below the first is called fat (its properties are graded), what is thinner than the second is lung or gas."""
STRUCTURES = {
    "lung": ("lung",), "air": ("airways", "airway", "bowel_gas"), "bone_cancellous": ("bone",),
    "bowel": ("bowel", "colon", "small_bowel", "duodenum", "stomach"), "kidney": ("kidney",), "adrenal": ("adrenal",),
    "gallbladder": ("gallbladder",), "liver": ("liver",), "spinal_cord": ("spinal_cord",), "nerve": ("nerve",),
    "blood": ("vessels", "liver_vessels", "heart"), "cement": ("cement",),
}  # fmt: skip
"""Tissue to the masks that it fills, in the order in which they are laid down: a later one wins."""


@dataclass(frozen=True, eq=False)
class TissueMap:
    """Tissues on the grid of a simulation.

    Attributes
    ----------
    grid : Grid
        Isotropic grid in patient space.
    labels : ndarray of uint8, shape of the grid
        Index into ``CLASSES``.
    properties : Properties
        Of the tissue, vessels as sinks.
    structures : dict of str to ndarray of bool
        Structures of the case on this grid.
    tumour : Volume
        The lesion as occupancy 0..1 on this grid.
    facts : tuple of Sourced
        Everything the medium rests on.
    words : tuple of str
        What was assumed.
    """

    grid: Grid
    labels: NDArray[np.uint8]
    properties: Properties
    structures: dict[str, NDArray[np.bool_]]
    tumour: Volume
    facts: tuple[Sourced, ...]
    words: tuple[str, ...]


def tissue_map(case: Case, lesion: Lesion, grid: Grid, *, dissections: Iterable[Dissection] = ()) -> TissueMap:
    """Tissues with their properties around a lesion.

    Parameters
    ----------
    case : Case
        With image and structures.
    lesion : Lesion
        The target.
    grid : Grid
        Isotropic grid of the simulation.
    dissections : iterable of Dissection
        What is injected before the ablation.

    Returns
    -------
    TissueMap

    Raises
    ------
    PlanningError
        If a dissection protects a structure that has no mask, or that lies elsewhere.
    """
    image = case.image()
    seen = resampled(image.on(np.ones(image.shape, np.uint8)), grid).array > 0.5
    ct = _filled(resampled(image, grid, outside=-1000.0).array, hidden=~seen)
    masks = {name: _on(case, name, grid) for name in case.structures}
    tumour = resampled(case.tumour(lesion), grid)
    inside = _filled(masks.get("body", ct > GAS_BELOW_HU), hidden=~seen)
    labels, words = _labelled(ct, masks, inside, tumour.array > 0.5, lesion.organ.value, float(grid.spacing_mm[0]))
    if not seen.all():
        labels = _filled(labels, hidden=~seen)
        words.append("the image ends within the simulated volume: tissue beyond its edge is taken to go on as it is there")
    for dissection in dissections:
        layer = _injected(dissection, masks, inside, tumour.array > 0.5, lesion.organ.value, float(grid.spacing_mm[0]))
        labels[layer] = CLASSES.index(dissection.fluid)
        masks[dissection.structure] = masks[dissection.structure] & ~layer
        words += dissection_words(dissection, layer=layer, spacing_mm=float(grid.spacing_mm[0]))
    blood, narrow = split_vessels(labels == CLASSES.index("blood"), grid)
    if narrow.any():
        labels[narrow] = _filled(labels, hidden=narrow | blood)[narrow]
    soft = (labels == CLASSES.index("muscle")) | (labels == CLASSES.index("fat"))
    tissues = {int(i): tissue(CLASSES[i]) for i in np.unique(labels)}
    properties = with_hounsfield(
        properties_of(labels, tissues=tissues),
        np.where(soft, _without_noise(ct, soft, float(grid.spacing_mm[0])), ct),
        lung=labels == CLASSES.index("lung"),
        bone=labels == CLASSES.index("bone_cancellous"),
        soft=soft,
        beside_lung=lesion.organ.value != "lung",
    )
    medium, sinks = with_vessels(properties.medium, blood, grid)
    properties = replace(properties, medium=medium)
    return TissueMap(grid, labels, properties, masks, tumour, (*properties.facts, *sinks), tuple(words))


def _labelled(
    ct: NDArray,
    masks: dict[str, NDArray[np.bool_]],
    inside: NDArray[np.bool_],
    tumour: NDArray[np.bool_],
    organ: str,
    spacing_mm: float,
) -> tuple[NDArray[np.uint8], list[str]]:
    """Label per voxel, and what was assumed."""
    labels = np.zeros(ct.shape, np.uint8)
    words = ["soft tissue without a structure of its own is fat or muscle by its CT number; spleen and pancreas count as muscle"]

    def paint(name: str, where: NDArray[np.bool_]) -> None:
        labels[where] = CLASSES.index(name)

    paint("muscle", inside)
    paint("fat", inside & (ct < FAT_BELOW_HU))
    thin = inside & (ct < GAS_BELOW_HU)
    paint("air", thin)
    if "lung" in masks:  # the rim that an outline of the lung leaves is no shell of gas
        paint("lung", thin & _near(masks["lung"], spacing_mm=spacing_mm))
    if organ == "lung" and "lung" not in masks:
        paint("lung", thin)
        words.append("no outline of the lung is known: what is thinner than -400 HU within the body is lung")
    for name, parts in STRUCTURES.items():
        for part in parts:
            if part in masks:
                paint(name, masks[part] & inside)
    if "bone" in masks and "cement" not in masks:
        dense = cement_voxels(ct, masks["bone"], spacing_mm=spacing_mm)
        paint("cement", dense)
        if dense.any():
            words.append("very dense material within bone is taken for bone cement; metal looks the same and conducts far better")
    if organ == "bone":  # a lytic lesion is soft; what has stayed or become mineral conducts and stores like bone
        mineral = float(read_facts("locoregional.physics", "hounsfield_facts.toml")["bone.cancellous"])
        paint("bone_cancellous", tumour & (ct >= mineral) & (labels != CLASSES.index("cement")))
        paint("tumour", tumour & (ct < mineral))
    else:
        paint("tumour", tumour)
    if not {"vessels", "liver_vessels"} & set(masks):
        words.append("no vessels are known: their cooling is missing and the zone near them is overestimated")
    return labels, words


def _injected(
    dissection: Dissection,
    masks: dict[str, NDArray[np.bool_]],
    inside: NDArray[np.bool_],
    tumour: NDArray[np.bool_],
    organ: str,
    spacing_mm: float,
) -> NDArray[np.bool_]:
    """Voxels of an injected layer."""
    if dissection.structure not in masks:
        raise PlanningError(
            f"there is no outline of {dissection.structure.replace('_', ' ')} to protect",
            where="dissection",
            remedy=f"Outlined are: {', '.join(sorted(masks))}.",
        )
    fixed = ~inside | masks.get("bone", np.zeros_like(inside)) if organ != "bone" else ~inside
    target = masks.get(organ, np.zeros_like(tumour)) | tumour
    return dissected_layer(
        dissection, target=target, structure=masks[dissection.structure] & ~target, fixed=fixed, spacing_mm=spacing_mm
    )


def _filled(array: NDArray, *, hidden: NDArray[np.bool_]) -> NDArray:
    """Array with the hidden voxels filled by the nearest that are not; unchanged where none or all are hidden."""
    from scipy.ndimage import distance_transform_edt

    if not hidden.any() or hidden.all():
        return array
    nearest = distance_transform_edt(hidden, return_distances=False, return_indices=True)
    return np.asarray(array[tuple(nearest)])


def _near(mask: NDArray[np.bool_], *, spacing_mm: float) -> NDArray[np.bool_]:
    """Within the rim of a mask."""
    from scipy.ndimage import distance_transform_edt

    if not mask.any():
        return mask
    return np.asarray(distance_transform_edt(~mask, sampling=spacing_mm) <= RIM_MM)


def _without_noise(ct: NDArray, where: NDArray[np.bool_], spacing_mm: float) -> NDArray:
    """CT numbers averaged within a mask only, since noise of one voxel would read as fat in muscle."""
    from scipy.ndimage import gaussian_filter

    sigma = NOISE_MM / spacing_mm
    weight = gaussian_filter(where.astype(np.float32), sigma)
    return np.asarray(gaussian_filter(np.where(where, ct, 0.0).astype(np.float32), sigma) / np.maximum(weight, 1e-6))


def through_vessels(values: NDArray, tissues: TissueMap) -> NDArray:
    """Map of dead tissue (bool) or its chance (0..1) carried through the vessels that run within it.

    Blood does not die, but a vessel inside a zone is no gap in its margin: its voxels take what lies on both sides of them,
    never more. Tissue that a vessel has cooled stays as it is.
    """
    from scipy.ndimage import grey_closing

    blood = tissues.labels == CLASSES.index("blood")
    size = 2 * round(VESSEL_RADIUS_MM / float(tissues.grid.spacing_mm[0])) + 1
    closed = grey_closing(values.astype(np.float32), size=(size, size, size))
    return np.where(blood, np.maximum(closed, values), values).astype(values.dtype)


def _on(case: Case, name: str, grid: Grid) -> NDArray[np.bool_]:
    volume = case.structure(name)
    assert volume is not None  # the name comes from the case
    corners = np.array(np.meshgrid(*[(0, n - 1) for n in grid.shape], indexing="ij")).reshape(3, -1).T
    near = volume.grid.to_index(grid.to_lps(corners))
    first = np.clip(np.floor(near.min(axis=0)).astype(int) - 1, 0, np.array(volume.shape) - 1)
    last = np.clip(np.ceil(near.max(axis=0)).astype(int) + 2, first + 1, volume.shape)
    part = volume.cropped(first, last)
    if not part.array.any():  # most organs are far from the lesion
        return np.zeros(grid.shape, bool)
    return resampled(part, grid).array > 0.5
