"""The ablation margin: how far beyond the tumour the ablation reaches, everywhere on its surface, with an interval.

The margin at a point of the tumour's surface is its distance to the ablation's surface, positive where the ablation covers the
point. Both surfaces are reconstructed between voxels (``reconstruction``), so thick slices widen the interval and do not
shift the value, and what the voxels themselves allow is never left. The minimal margin is the smallest over the surface.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import GeometryError
from locoregional.imaging.volume import Volume
from locoregional.measures.margin_masks import Region, common_region
from locoregional.progress import Progress, silent
from locoregional.sources import read_facts

__all__ = ["LEVEL", "Margin", "ablation_margin"]

LEVEL = 0.9
"""Coverage that the intervals aim at."""

_PERCENTILES = (1, 5, 10, 25, 50, 75, 90, 95, 99)
_TOLD_SHARE = 0.01
"""Share of the border where voxels are followed instead of a smooth surface, above which the reader is told."""
_ROUNDING = 0.25
"""Share of the smallest voxel side by which voxels may correct the minimal margin without a word: below it both round alike."""

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
    from concurrent.futures import ThreadPoolExecutor

    from locoregional.measures.margin_spread import contour_error_mm, minimum_and_intervals_mm
    from locoregional.measures.reconstruction import reconstruct
    from locoregional.measures.surface_distance import nearest_signed_mm
    from locoregional.measures.voxel_bounds import margin_bounds_mm

    spacing = region.grid.spacing_mm
    progress(0.1, "reconstructing both surfaces")
    with ThreadPoolExecutor(2) as pool:
        tumour, ablation = pool.map(
            lambda mask: reconstruct(mask, spacing_mm=spacing, seed=seed), (region.tumour, region.ablation)
        )
    inner = tumour.mesh
    progress(0.7, "measuring between the surfaces")
    margins, nearest = nearest_signed_mm(inner.points_mm, ablation.mesh, ablation.holds(inner.points_mm))
    low, high = margin_bounds_mm(inner.points_mm, region.ablation, spacing_mm=spacing)
    margins = np.clip(margins, low, np.maximum(low, high))
    counted, notes = _counted(region, inner.points_mm, reach_mm)
    notes = [*region.notes, *notes]
    for name, found in (("tumour", tumour), ("ablation", ablation)):
        if found.patch is not None and found.patch.share > _TOLD_SHARE:
            notes.append(
                f"{name}: {100 * found.patch.share:.0f} % of its border is too uneven for a smooth surface; there the voxels "
                "themselves are followed, and detail thinner than a slice may be missed"
            )
    progress(0.8, "drawing what the masks leave open")
    errors = (0.0, 0.0) if segmentation_mm is None else (segmentation_mm, segmentation_mm)
    published = contour_error_mm(region, inner, ablation.mesh) if segmentation_mm is None else errors
    minimum, intervals = minimum_and_intervals_mm(
        tumour=tumour,
        ablation=ablation,
        margins_mm=margins,
        nearest=nearest,
        counted=counted,
        registration_mm=registration_mm,
        contours_mm=(errors, published),
        spacing_mm=spacing,
        seed=seed,
    )
    allowed = (float(low[counted].min()), float(high[counted].min()))
    minimum, intervals, checked = _within_voxels(region, minimum, intervals, allowed, everything=bool(counted.all()))
    notes += checked
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


def _within_voxels(
    region: Region,
    minimum: float,
    intervals: list[tuple[float, float]],
    allowed_mm: tuple[float, float],
    *,
    everything: bool,
) -> tuple[float, list[tuple[float, float]], list[str]]:
    """Hold the minimal margin to what the voxel centres allow; where it had left that, widen the intervals and say so."""
    from locoregional.measures.voxel_bounds import minimum_bounds_mm

    spacing = region.grid.spacing_mm
    low, high = allowed_mm
    if everything:
        whole = minimum_bounds_mm(region.tumour, region.ablation, spacing_mm=spacing)
        low, high = max(low, whole[0]), min(high, whole[1])
    held = float(min(max(minimum, low), max(low, high)))
    moved = abs(held - minimum)
    spread = [(min(a, held), max(b, held)) for a, b in intervals]
    if moved <= _ROUNDING * float(spacing.min()):
        return held, spread, []
    spread = [(min(a, low), max(b, high)) for a, b in spread]
    words = (
        f"between the voxels the minimal margin came out as {minimum:.1f} mm, but the voxels allow {low:.1f} to {high:.1f} mm: "
        "it is held to that, and the interval spans it"
    )
    return held, spread, [words]


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
            "the interval takes both masks as drawn; the wider one adds the published error of one contour "
            f"({published[0]:.1f} mm on the tumour, {published[1]:.1f} mm on the ablation)"
        )
    notes.append("thresholds of 5 and 10 mm come from colorectal metastases (borrowed); none was found for breast cancer")
    return notes


def _weighted_percentiles(values: Array, weights: Array, percents: tuple[int, ...]) -> dict[int, float]:
    order = np.argsort(values)
    below = np.cumsum(weights[order]) - 0.5 * weights[order]
    return {p: float(np.interp(p / 100.0 * weights.sum(), below, values[order])) for p in percents}
