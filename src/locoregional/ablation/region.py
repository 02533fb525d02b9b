"""What an ablation must reach, as points: the lesion with its margin, or, against pain, the border of tumour and bone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.access.boxes import filled_box
from locoregional.access.coverage import required_points
from locoregional.access.scene import Scene
from locoregional.case import Case, Lesion, Organ
from locoregional.imaging.distance import distance_outside_mm, signed_distance_mm
from locoregional.imaging.volume import Grid
from locoregional.sources import read_facts

__all__ = ["Region", "interface_region", "margin_region", "region_for"]

POINTS = 2000
"""Points in the inside of what must die: fine enough for zones that are many times as wide as their distance."""
INSIDE_MM = 0.5
"""Points of the inside keep this from the surface, which its own points describe without the staircase of voxels."""
CONTACT_MM = 2.0
"""Bone this near to the tumour's surface touches it: the two masks may leave a voxel between them."""


@dataclass(frozen=True, eq=False)
class Region:
    """What must die.

    Attributes
    ----------
    needed : mapping of float [mm] to ndarray, shape (points, 3) [mm]
        Margin, and the points that zones must hold for it, LPS: the surface and the inside, which overlapping zones could miss.
    words : mapping of float to str
        What each set is, for a sentence.
    least_mm : float [mm]
        Which margin is required; the larger is wished for.
    middle_lps_mm : ndarray, shape (3,) [mm]
        Middle of the target.
    radius_mm : float [mm]
        Distance from the middle to the farthest point of the required set.
    palliative : bool
        Whether the border of tumour and bone is the goal.
    """

    needed: Mapping[float, NDArray[np.float64]]
    words: Mapping[float, str]
    least_mm: float
    middle_lps_mm: NDArray[np.float64]
    radius_mm: float
    palliative: bool = False

    @property
    def required(self) -> NDArray[np.float64]:
        """Points of the required margin, shape (points, 3) [mm]."""
        return self.needed[self.least_mm]


def region_for(case: Case, lesion: Lesion, scene: Scene, *, procedure: str) -> tuple[Region, str]:
    """What must die for this lesion, and why, in words; no words where nothing has to be said.

    Parameters
    ----------
    case, lesion
        Whose standing option says what the goal is.
    scene : Scene
        Masks.
    procedure : str
        Whose option counts.
    """
    options = [o for o in case.options if (o.lesion_id, o.procedure) == (lesion.id, procedure)]
    if lesion.organ is not Organ.BONE or lesion.hurts is not True or not options or options[-1].intent != "palliative":
        return margin_region(scene), ""
    border = interface_region(scene)
    if border is None:
        why = "no bone beside it is known" if "bone" not in scene.structures else "no bone touches it"
        return margin_region(scene), f"The goal is relief of pain, but the border of tumour and bone was not found ({why}): " + (
            "the whole lesion with its margin is planned instead."
        )
    return border, (
        "The goal is relief of pain: the plan aims at the border of tumour and bone, where the periosteum is innervated, not at "
        f"the whole lesion ({options[-1].intent_words.rstrip('.')}; Filippiadis 2022)."
    )


def margin_region(scene: Scene) -> Region:
    """The lesion with the required and the wished margin, each ending at the organ's capsule."""
    facts = read_facts("locoregional.ablation")
    least, goal = float(facts["margin.least"]), float(facts["margin.goal"])
    organ = scene.structures.get(scene.organ)
    needed = {m: _filled(scene, organ, m) for m in (least, goal)}
    words = {m: f"the lesion with {m:g} mm" for m in needed}
    return _region(scene, needed, words, least)


def interface_region(scene: Scene) -> Region | None:
    """The border of tumour and bone with a few millimetres on both sides; None where no bone touches the tumour."""
    bone = scene.structures.get("bone")
    if bone is None:
        return None
    depth = float(read_facts("locoregional.ablation", "plan_facts.toml")["interface.depth"])
    spacing = scene.grid.spacing_mm
    box = filled_box(scene.target, margin=np.ceil((depth + 2 * CONTACT_MM + 4.0) / spacing).astype(int))
    target, around = scene.target[box], bone[box] & ~scene.target[box]
    if not around.any():
        return None
    from_surface = signed_distance_mm(target, spacing_mm=spacing)
    reach = max(CONTACT_MM, 1.01 * float(spacing.max()))
    rim = around & (from_surface <= reach)
    if not rim.any():
        return None
    shell = (np.abs(from_surface) <= depth) & (distance_outside_mm(rim, spacing_mm=spacing) <= depth + reach) & (target | around)
    low = np.array([b.start for b in box])
    points = scene.grid.to_lps(np.argwhere(shell) + low)
    points = _thinned(points, pitch_mm=_pitch(float(np.prod(spacing)) * len(points)))
    return _region(scene, {0.0: points}, {0.0: "the border of tumour and bone"}, 0.0, palliative=True)


def _region(scene: Scene, needed: dict, words: dict, least: float, *, palliative: bool = False) -> Region:
    middle = scene.target_centre_lps_mm
    radius = float(np.linalg.norm(needed[least] - middle, axis=1).max())
    return Region(needed, words, least, middle, radius, palliative)


def _pitch(volume_mm3: float) -> float:
    """Distance of points so that about ``POINTS`` fill a volume."""
    return max(1.5, (volume_mm3 / POINTS) ** (1 / 3))


def _thinned(points: NDArray, *, pitch_mm: float, from_lps_mm: NDArray | None = None) -> NDArray[np.float64]:
    """One point for each cube of this side: the first, or the farthest from a place."""
    order = np.arange(len(points)) if from_lps_mm is None else np.argsort(-np.linalg.norm(points - from_lps_mm, axis=1))
    _, first = np.unique(np.floor(points[order] / pitch_mm).astype(np.int64), axis=0, return_index=True)
    return np.asarray(points[order[np.sort(first)]])


def _filled(scene: Scene, organ: NDArray[np.bool_] | None, margin_mm: float) -> NDArray[np.float64]:
    """Surface of the target grown by a margin, and points inside it."""
    surface = required_points(scene.target, grid=scene.grid, organ=organ, margin_mm=margin_mm)
    pad = np.ceil((margin_mm + 2.0) / scene.grid.spacing_mm).astype(int) + 1
    box = filled_box(scene.target, margin=pad)
    bare = signed_distance_mm(scene.target[box], spacing_mm=scene.grid.spacing_mm)
    field = bare - np.float32(margin_mm)
    if organ is not None and not (organ[box] | scene.target[box]).all():
        field = np.maximum(field, signed_distance_mm(organ[box] | scene.target[box], spacing_mm=scene.grid.spacing_mm))
    field = np.minimum(field, bare)
    low = np.array([b.start for b in box])
    pitch = _pitch(float((field <= 0).sum()) * scene.grid.voxel_ml * 1e3)
    inside = _lattice(scene.grid, field, low, pitch)
    return np.vstack([_thinned(surface, pitch_mm=pitch, from_lps_mm=scene.target_centre_lps_mm), inside])


def _lattice(grid: Grid, field: NDArray[np.float32], low: NDArray[np.int64], pitch_mm: float) -> NDArray[np.float64]:
    """Points of a cubic lattice a little inside the zero surface of a distance; the surface itself has its own points."""
    from scipy.ndimage import map_coordinates

    corners = grid.to_lps(np.argwhere(field <= 0) + low)
    axes = [np.arange(a, b + pitch_mm, pitch_mm) for a, b in zip(corners.min(axis=0), corners.max(axis=0), strict=True)]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    depth = map_coordinates(field, (grid.to_index(points) - low).T, order=1, mode="constant", cval=1e3)
    return np.asarray(points[depth <= -INSIDE_MM])
