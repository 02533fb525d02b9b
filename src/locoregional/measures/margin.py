"""The ablation margin: how far beyond the tumour the ablation reaches, everywhere on its surface, with an interval.

The margin at a point of the tumour's surface is its distance to the ablation's surface, positive where the ablation covers the
point. Both surfaces are reconstructed between voxels (``implicit_fit``), so thick slices widen the interval and do not shift
the value. The minimal margin is the smallest over the surface.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import GeometryError
from locoregional.imaging.volume import Volume
from locoregional.measures.margin_masks import Region, common_region
from locoregional.measures.margin_spread import contour_error_mm, minimum_and_intervals_mm
from locoregional.progress import Progress, silent
from locoregional.sources import read_facts

__all__ = ["LEVEL", "Margin", "ablation_margin"]

LEVEL = 0.9
"""Coverage that the intervals aim at."""

_PERCENTILES = (1, 5, 10, 25, 50, 75, 90, 95, 99)
_NOT_SMOOTH = 0.02
"""Share of border voxels on the wrong side of the fit above which the reader is told."""

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Margin:
    """Where and how far an ablation covers a tumour.

    Attributes
    ----------
    minimal_margin_mm : float [mm]
        Smallest signed distance from the counted tumour surface to the ablation surface, positive when covered.
    interval_mm : tuple of float [mm]
        90 % interval of the minimal margin from voxel size, registration error and the segmentation error that was given.
    interval_with_contour_error_mm : tuple of float [mm]
        The same with the published error of a single expert contour added on both masks.
    median_margin_mm : float [mm]
        Half of the counted surface has less.
    percentiles_mm : dict of int to float [mm]
        Percentiles over the counted surface, by area.
    share_below_mm : dict of str to float
        Share (0..1) of the counted surface with less than so many millimetres; keys are the thresholds.
    thinnest_point_lps_mm : tuple of float [mm]
        Where on the tumour surface the margin is minimal.
    tumour_ml, ablation_ml, residual_ml : float [ml]
        Volumes; residual is tumour outside the ablation.
    subcapsular_share : float
        Share of the tumour surface left out because it is near the capsule of the organ, or outside the organ.
    points_lps_mm : ndarray, shape (n, 3) [mm]
        Vertices of the tumour surface.
    triangles : ndarray of int, shape (m, 3)
        Their triangles.
    margins_mm, area_mm2 : ndarray, shape (n,)
        Margin at, and surface around, each vertex.
    counted : ndarray of bool, shape (n,)
        False where the subcapsular rule leaves a vertex out.
    notes : tuple of str
        Assumptions and warnings.
    """

    minimal_margin_mm: float
    interval_mm: tuple[float, float]
    interval_with_contour_error_mm: tuple[float, float]
    median_margin_mm: float
    percentiles_mm: dict[int, float]
    share_below_mm: dict[str, float]
    thinnest_point_lps_mm: tuple[float, float, float]
    tumour_ml: float
    ablation_ml: float
    residual_ml: float
    subcapsular_share: float
    points_lps_mm: Array
    triangles: NDArray[np.int64]
    margins_mm: Array
    area_mm2: Array
    counted: NDArray[np.bool_]
    notes: tuple[str, ...]


def ablation_margin(
    tumour: Volume,
    ablation: Volume,
    *,
    organ: Volume | None = None,
    registration_error_mm: float = 0.0,
    segmentation_error_mm: float | None = None,
    subcapsular_mm: float | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> Margin:
    """Measure the margin between a tumour and its ablation.

    Parameters
    ----------
    tumour, ablation : Volume
        Registered masks (bool, 0/1, or occupancy 0..1) on one lattice of voxels; extents may differ, axes perpendicular.
    organ : Volume, optional
        Organ mask: tumour surface within ``subcapsular_mm`` of its capsule is left out of the margin and reported.
    registration_error_mm : float [mm]
        Mean length of the displacement left between tumour and ablation image (target registration error).
    segmentation_error_mm : float [mm], optional
        Standard deviation of each drawn surface along its normal. None takes the masks as drawn in ``interval_mm``; the other
        interval then adds the published error of a single contour.
    subcapsular_mm : float [mm], optional
        Reach of the subcapsular rule; the sourced fact (5 mm) if None.
    seed : int
        Seed of the intervals.
    progress : Progress
        Told how far it is.

    Returns
    -------
    Margin
        Numbers, intervals and the tumour surface with its margins.

    Raises
    ------
    GeometryError
        If the masks do not share their lattice or frame of reference, or the grid is sheared.
    MaskError
        If a mask is empty, inverted or no mask.
    """
    for name, given in (
        ("registration_error_mm", registration_error_mm),
        ("segmentation_error_mm", segmentation_error_mm or 0.0),
    ):
        if not 0.0 <= given < np.inf:
            raise GeometryError(f"{name} is {given}", remedy="Give millimetres, zero or more.")
    facts = read_facts(__package__)
    reach = float(facts["margin.subcapsular"]) if subcapsular_mm is None else subcapsular_mm
    if not 0.0 <= reach < np.inf:
        raise GeometryError(f"subcapsular_mm is {reach}", remedy="Give millimetres, zero or more.")
    progress(0.0, "cropping the masks")
    region = common_region(tumour, ablation, organ=organ, reach_mm=reach)
    return _measured(region, registration_error_mm, segmentation_error_mm, reach, seed, progress)


def _measured(
    region: Region, registration_mm: float, segmentation_mm: float | None, reach_mm: float, seed: int, progress: Progress
) -> Margin:
    from locoregional.measures.implicit_fit import fit_surface
    from locoregional.measures.surface_distance import nearest_signed_mm
    from locoregional.measures.surface_mesh import mesh_surface

    spacing = region.grid.spacing_mm
    progress(0.1, "reconstructing the tumour surface")
    tumour = fit_surface(region.tumour, spacing_mm=spacing, seed=seed)
    inner = mesh_surface(tumour, region.tumour, spacing_mm=spacing)
    progress(0.4, "reconstructing the ablation surface")
    ablation = fit_surface(region.ablation, spacing_mm=spacing, seed=seed)
    outer = mesh_surface(ablation, region.ablation, spacing_mm=spacing)
    progress(0.7, "measuring between the surfaces")
    margins, nearest = nearest_signed_mm(inner.points_mm, outer)
    counted, notes = _counted(region, inner.points_mm, reach_mm)
    notes = [*region.notes, *notes]
    for name, surface in (("tumour", tumour), ("ablation", ablation)):
        if surface.misplaced_share > _NOT_SMOOTH:
            notes.append(
                f"{name}: {100 * surface.misplaced_share:.0f} % of its border voxels do not fit a smooth surface; "
                "fine detail of the mask is smoothed away"
            )
    progress(0.8, "drawing what the masks leave open")
    errors = (0.0, 0.0) if segmentation_mm is None else (segmentation_mm, segmentation_mm)
    published = contour_error_mm(region, inner, outer) if segmentation_mm is None else errors
    minimum, intervals = minimum_and_intervals_mm(
        surfaces=(tumour, ablation),
        meshes=(inner, outer),
        margins_mm=margins,
        nearest=nearest,
        counted=counted,
        registration_mm=registration_mm,
        contours_mm=(errors, published),
        spacing_mm=spacing,
        seed=seed,
    )
    notes += _error_notes(registration_mm, segmentation_mm, published)
    area = np.where(counted, inner.area_mm2, 0.0)
    weakest = int(np.argmin(np.where(counted, margins, np.inf)))
    points = region.grid.to_lps(inner.points_mm / spacing)
    percentiles = _weighted_percentiles(margins, area, _PERCENTILES)
    facts = read_facts(__package__)
    thresholds = (0.0, float(facts["margin.wanted"]), float(facts["margin.safe"]))
    voxel_ml = region.grid.voxel_ml
    progress(1.0, "")
    return Margin(
        minimal_margin_mm=minimum,
        interval_mm=intervals[0],
        interval_with_contour_error_mm=intervals[1],
        median_margin_mm=percentiles[50],
        percentiles_mm=percentiles,
        share_below_mm={f"{t:g}": float(area[margins < t].sum() / area.sum()) for t in thresholds},
        thinnest_point_lps_mm=tuple(float(v) for v in points[weakest]),  # type: ignore[arg-type]
        tumour_ml=float(region.tumour.sum(dtype=np.float64) * voxel_ml),
        ablation_ml=float(region.ablation.sum(dtype=np.float64) * voxel_ml),
        residual_ml=float((region.tumour * (1.0 - region.ablation)).sum(dtype=np.float64) * voxel_ml),
        subcapsular_share=float(1.0 - area.sum() / inner.area_mm2.sum()),
        points_lps_mm=points,
        triangles=inner.triangles,
        margins_mm=margins,
        area_mm2=inner.area_mm2,
        counted=counted,
        notes=tuple(notes),
    )


def _counted(region: Region, points_mm: Array, reach_mm: float) -> tuple[NDArray[np.bool_], list[str]]:
    """Which vertices the subcapsular rule leaves in, and what it did in words."""
    everything = np.ones(len(points_mm), dtype=bool)
    if region.organ is None:
        return everything, ["no organ mask: the whole tumour surface counts, near the capsule too"]
    from scipy.ndimage import map_coordinates

    from locoregional.imaging.distance import signed_distance_mm

    spacing = region.grid.spacing_mm
    signed = signed_distance_mm(region.organ, spacing_mm=spacing)
    if not np.isfinite(signed).all():  # the capsule is nowhere near, or the organ is
        inside = bool((region.organ >= 0.5).all())
        signed = np.full(signed.shape, -np.inf if inside else np.inf, dtype=np.float32)
        depth = np.full(len(points_mm), np.inf if inside else -np.inf)
    else:
        depth = -map_coordinates(signed, (points_mm / spacing).T, order=1, mode="nearest")
    counted = depth > reach_mm
    if not counted.any():
        where = "outside the organ" if (depth < 0).all() else f"within {reach_mm:g} mm of the capsule"
        return everything, [f"the whole tumour surface lies {where}: the subcapsular rule is not applied, all of it counts"]
    if counted.all():
        return counted, []
    return counted, [f"tumour surface within {reach_mm:g} mm of the organ's capsule (or outside it) is left out of the margin"]


def _error_notes(registration_mm: float, segmentation_mm: float | None, published: tuple[float, float]) -> list[str]:
    notes = []
    if registration_mm == 0.0:
        typical = read_facts(__package__)["registration.error"]
        notes.append(f"registration is taken as perfect; published systems report {typical.value:g} mm on average")
    if segmentation_mm is None:
        notes.append(
            "interval_mm takes both masks as drawn; interval_with_contour_error_mm adds the published error of one contour "
            f"({published[0]:.1f} mm on the tumour, {published[1]:.1f} mm on the ablation)"
        )
    notes.append("thresholds of 5 and 10 mm come from colorectal metastases (borrowed); none was found for breast cancer")
    return notes


def _weighted_percentiles(values: Array, weights: Array, percents: tuple[int, ...]) -> dict[int, float]:
    order = np.argsort(values)
    below = np.cumsum(weights[order]) - 0.5 * weights[order]
    return {p: float(np.interp(p / 100.0 * weights.sum(), below, values[order])) for p in percents}
