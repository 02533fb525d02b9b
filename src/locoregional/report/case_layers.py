"""A case as things to draw: outlines, needles and surfaces."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.case import Case, Lesion, Outcome, Plan
from locoregional.imaging.surface import isosurface, mask_surface
from locoregional.imaging.volume import Volume
from locoregional.report.applicators import applicator_names
from locoregional.report.energy_words import energy_words
from locoregional.report.fields import crop_around
from locoregional.report.marks import Layer, NeedleLine, Point, Surface
from locoregional.report.scene import needle_surfaces, thinned

__all__ = ["CONTOURS", "contours_of", "layers_of", "needles_of", "points_of", "surfaces_of", "title_of"]

REACH_MM = 120.0
"""How far around target and needle a scene reaches."""

COARSE_MM = 2.4
"""Voxel side wanted for surfaces of organs; lesion and zone keep the image's own."""

LOOK = {
    "body": 0.10,
    "liver": 0.20,
    "lung": 0.12,
    "bone": 1.0,
    "spleen": 0.35,
    "kidney": 0.45,
    "liver_vessels": 0.75,
    "vessels": 0.6,
}
"""Opacity by structure; others 0.45."""

CONTOURS = {
    "ice": ("Ice as CT shows it", "#e8f8ff", True),
    "minus20": ("Ever at \u221220 °C or colder", "#8fc4ff", False),
    "minus40": ("Ever at \u221240 °C or colder", "#4d7dff", False),
}
"""Further outlines of a zone by the name of their map: words, colour, and whether they are drawn at first."""

CONTOUR_CELL_MM = 1.4
"""Detail kept of their surfaces."""

ONE_PLACE_MM = 4.0
"""Skin entries nearer than this share a label."""

QUIET_OUTLINES = ("body", "bone", "lung", "airway")
"""Not outlined on slices: the CT shows them by itself."""


def title_of(structure: str) -> str:
    """Name of a structure as a reader sees it."""
    return {"body": "Skin", "liver_vessels": "Liver vessels", "lung": "Lungs", "bone": "Bones"}.get(
        structure, structure.replace("_", " ").capitalize()
    )


def needles_of(plan: Plan | None) -> tuple[NeedleLine, ...]:
    """Planned needles as lines."""
    if plan is None:
        return ()
    return tuple(
        NeedleLine(np.array(n.entry_lps_mm), np.array(n.tip_lps_mm), name=name)
        for name, n in zip(applicator_names(plan), plan.needles, strict=True)
    )


def points_of(plan: Plan | None) -> tuple[Point, ...]:
    """Skin entry and tip of a single needle, labelled; of several the entries, named like the applicators."""
    needles = needles_of(plan)
    if len(needles) == 1:
        return (Point("Skin entry", needles[0].entry_lps_mm), Point("Tip", needles[0].tip_lps_mm))
    groups: list[list[NeedleLine]] = []
    for needle in needles:
        near = (g for g in groups if float(np.linalg.norm(g[0].entry_lps_mm - needle.entry_lps_mm)) < ONE_PLACE_MM)
        group = next(near, None)
        if group is None:
            groups.append([needle])
        else:
            group.append(needle)
    return tuple(Point(", ".join(n.name for n in g), g[0].entry_lps_mm) for g in groups)


def contours_of(case: Case, outcome: Outcome | None) -> tuple[Layer, ...]:
    """Further outlines that a predicted zone comes with, the outermost first: the ice, and how cold it got."""
    if outcome is None or not outcome.predicted:
        return ()
    found = []
    for name, ref in outcome.maps.items():
        if ref.dtype != "bool" or name == "zone":
            continue
        words, colour, shown = CONTOURS.get(name, (title_of(name), "#c7d0d8", True))
        volume = case.store.get(ref)
        if volume.array.any():
            found.append(Layer(words, volume, role="contour", colour=colour, shown=shown))
    return tuple(sorted(found, key=lambda layer: -int(layer.volume.array.sum())))


def layers_of(case: Case, lesion: Lesion, outcome: Outcome | None) -> tuple[Layer, ...]:
    """Outlines on the planning image: organ, risk structures, predicted zone with what is around it, the lesion last, on top."""
    layers = []
    for name in case.structures:
        volume = case.structure(name)
        if volume is not None and name not in QUIET_OUTLINES:
            role = "organ" if name == lesion.organ.value else "risk"
            layers.append(Layer(title_of(name), _as_mask(volume), role=role))
    layers += contours_of(case, outcome)
    if outcome is not None and "probability" in outcome.maps:
        words = energy_words(outcome.procedure).zone
        layers.append(Layer(words, case.store.get(outcome.maps["probability"]), role="zone"))
    if lesion.mask is not None:
        layers.append(Layer(f"Lesion {lesion.id}", _as_mask(case.tumour(lesion)), role="lesion"))
    return tuple(layers)


def surfaces_of(case: Case, lesion: Lesion, plan: Plan | None, outcome: Outcome | None) -> tuple[Surface, ...]:
    """Scene of one lesion: what lies around it, the lesion, the zone with its band, the needles."""
    needles = needles_of(plan)
    points = np.array([lesion.located(), *[p for n in needles for p in (n.entry_lps_mm, n.tip_lps_mm)]])
    made = []
    for name in case.structures:
        volume = case.structure(name)
        surface = None if volume is None else _organ_surface(name, volume, points)
        if surface is not None:
            made.append(surface)
    if outcome is not None and "probability" in outcome.maps:
        name = "Lethal zone" if energy_words(outcome.procedure).cold else "Zone"
        made += _zone_surfaces(case.store.get(outcome.maps["probability"]), name)
    made += [_contour_surface(layer) for layer in contours_of(case, outcome)]
    if lesion.mask is not None:
        mesh = mask_surface(_around(case.tumour(lesion), np.array([lesion.located()]), reach_mm=REACH_MM))
        made.append(Surface(f"Lesion {lesion.id}", mesh.vertices, mesh.faces))
    return (*made, *(s for n in needles for s in needle_surfaces(n)))


def _as_mask(volume: Volume) -> Volume:
    return volume if volume.array.dtype == bool else volume.on(volume.array >= 0.5)


def _around(volume: Volume, points_lps_mm: ArrayLike, *, reach_mm: float) -> Volume:
    part = crop_around(volume, points_lps_mm, reach_mm=reach_mm)
    return volume if part is None else part


def _zone_surfaces(chance: Volume, name: str) -> list[Surface]:
    bands = (
        (0.05, f"{name}: outer edge of the band (5 %)", "#e69f00", 0.10, True),
        (0.5, f"{name}: 50 % chance", "#ff7a33", 0.30, True),
        (0.95, f"{name}: inner edge of the band (95 %)", "#c2410c", 0.25, False),
    )
    made = []
    for level, words, colour, opacity, shown in bands:
        if float(chance.array.max()) > level >= float(chance.array.min()):
            mesh = isosurface(chance, level=level)
            made.append(Surface(words, mesh.vertices, mesh.faces, colour, opacity, shown=shown))
    return made


def _contour_surface(layer: Layer) -> Surface:
    mesh = mask_surface(layer.volume)
    surface = Surface(layer.name, mesh.vertices, mesh.faces, layer.colour, 0.16, shown=layer.shown)
    return thinned(surface, cell_mm=CONTOUR_CELL_MM)


def _organ_surface(name: str, volume: Volume, points: NDArray[np.float64]) -> Surface | None:
    """Surface of the part of an organ near the needle, on voxels of about ``COARSE_MM``."""
    from scipy.ndimage import gaussian_filter

    part = crop_around(volume, points, reach_mm=REACH_MM)
    if part is None or not part.array.any():
        return None
    small = _coarser(part)
    soft = gaussian_filter(small.array, 0.6)
    if not float(soft.max()) > 0.5:
        return None
    mesh = isosurface(replace(small, array=soft), level=0.5)
    surface = Surface(title_of(name), mesh.vertices, mesh.faces, opacity=LOOK.get(name, 0.45))
    return thinned(surface, cell_mm=3.0 if name == "body" else 2.2)


def _coarser(volume: Volume) -> Volume:
    """Volume of block means: as many voxels together along each axis as stay below ``COARSE_MM``."""
    blocks = np.maximum(1, np.floor(COARSE_MM / volume.spacing_mm + 0.05)).astype(int)
    blocks = np.minimum(blocks, volume.shape)
    shape = np.array(volume.shape) // blocks
    cut = volume.array[tuple(slice(0, int(n * b)) for n, b in zip(shape, blocks, strict=True))]
    split = cut.reshape(shape[0], blocks[0], shape[1], blocks[1], shape[2], blocks[2])
    affine = volume.affine.copy()
    affine[:3, 3] = volume.grid.to_lps((blocks - 1) / 2)
    affine[:3, :3] *= blocks
    return replace(volume, array=split.mean(axis=(1, 3, 5), dtype=np.float32), affine=affine)
