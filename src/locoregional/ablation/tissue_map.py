"""Which tissue is where around a lesion: structures first, then Hounsfield units, on a regular grid for the heat solver."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from locoregional.access.field import vessels_over
from locoregional.case import Case, Lesion
from locoregional.imaging.resample import resampled
from locoregional.imaging.volume import Grid, Volume
from locoregional.physics.medium import Medium
from locoregional.physics.properties import Properties, properties_of
from locoregional.physics.tissue import tissue
from locoregional.sources import Sourced, read_facts
from locoregional.units import mm_to_m

__all__ = ["TissueMap", "through_vessels", "tissue_map"]

CLASSES = (
    "air",
    "muscle",
    "fat",
    "lung",
    "bone_cancellous",
    "bone_cortical",
    "bowel",
    "kidney",
    "gallbladder",
    "liver",
    "tumour",
    "blood",
)
"""Tissues by label; a later one wins where two structures claim a voxel."""
VESSEL_RADIUS_MM = 5.0
"""Vessels up to this radius are bridged inside a zone."""
FAT_BELOW_HU, CORTEX_ABOVE_HU = -30.0, 700.0
"""Soft tissue below the first is fat, bone above the second is cortex; both lie in wide gaps of the histogram."""
STRUCTURES = {
    "lung": ("lung",), "bowel": ("bowel", "colon", "small_bowel", "duodenum", "stomach"), "kidney": ("kidney",),
    "gallbladder": ("gallbladder",), "liver": ("liver",), "blood": ("vessels", "liver_vessels", "heart"),
}  # fmt: skip


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


def tissue_map(case: Case, lesion: Lesion, grid: Grid) -> TissueMap:
    """Tissues and thermal properties around a lesion.

    Parameters
    ----------
    case : Case
        With image and structures.
    lesion : Lesion
        The target.
    grid : Grid
        Isotropic grid of the simulation.

    Returns
    -------
    TissueMap
    """
    ct = resampled(case.image(), grid, outside=-1000.0).array
    masks = {name: _on(case, name, grid) for name in case.structures}
    tumour = resampled(case.tumour(lesion), grid)
    inside = masks.get("body", ct > -400.0)
    labels = np.zeros(grid.shape, np.uint8)

    def paint(name: str, where: NDArray[np.bool_]) -> None:
        labels[where] = CLASSES.index(name)

    paint("muscle", inside)
    paint("fat", inside & (ct < FAT_BELOW_HU))
    for name, parts in STRUCTURES.items():
        for part in parts:
            if part in masks:
                paint(name, masks[part] & inside)
    if "bone" in masks:
        paint("bone_cancellous", masks["bone"])
        paint("bone_cortical", masks["bone"] & (ct > CORTEX_ABOVE_HU))
    paint("tumour", tumour.array > 0.5)
    words = ["soft tissue without a structure of its own is muscle, or fat below -30 HU; spleen and pancreas count as muscle"]
    if not {"vessels", "liver_vessels"} & set(masks):
        words.append("no vessels are known: their cooling is missing and the zone near them is overestimated")
    blood, narrow = _vessels(labels == CLASSES.index("blood"), grid)
    labels[narrow] = CLASSES.index("liver" if lesion.organ.value == "liver" else "muscle")
    used = {CLASSES[i]: tissue(CLASSES[i]) for i in np.unique(labels)}
    properties = properties_of(labels, tissues={CLASSES.index(name): t for name, t in used.items()})
    medium, sink_facts = _with_vessels(properties.medium, blood, grid)
    properties = replace(properties, medium=medium)
    facts = tuple({f.key: f for t in used.values() for f in t.facts}.values()) + sink_facts
    return TissueMap(grid, labels, properties, masks, tumour, facts, tuple(words))


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


def _vessels(blood: NDArray[np.bool_], grid: Grid) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Vessels wide enough to act as a heat sink of their own, and narrower ones, which are part of the perfused tissue."""
    if not blood.any():
        return blood, blood
    least = float(read_facts("locoregional.ablation")["vessel.sink_calibre"])
    wide = vessels_over(blood, calibre_mm=least, spacing_mm=grid.spacing_mm)
    return wide, blood & ~wide


def _with_vessels(medium: Medium, blood: NDArray[np.bool_], grid: Grid) -> tuple[Medium, tuple[Sourced, ...]]:
    """Vessels as sinks: the widest keep blood temperature; others take heat through their wall, h A / V with A / V = 4 / D."""
    if not blood.any():
        return medium, ()
    facts = read_facts("locoregional.ablation")
    least, held, wall = facts["vessel.sink_calibre"], facts["vessel.held_calibre"], facts["vessel.wall_coefficient"]
    wide = vessels_over(blood, calibre_mm=float(held), spacing_mm=grid.spacing_mm)
    diameter_m = mm_to_m((float(least) + float(held)) / 2)
    sink = np.where(blood & ~wide, np.float32(4.0 * float(wall) / diameter_m), np.float32(0.0))
    perfusion = np.where(blood, np.float32(0.0), medium.full("perfusion_heat_w_m3k"))
    return replace(medium, held=wide, sink_w_m3k=sink, perfusion_heat_w_m3k=perfusion), (least, held, wall)
