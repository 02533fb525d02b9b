"""Pictures of an outcome: its margin unrolled, and the heat at risk structures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from locoregional.case import Case, Outcome, Plan
from locoregional.imaging.distance import signed_distance_mm
from locoregional.imaging.surface import mask_surface
from locoregional.imaging.volume import Volume
from locoregional.report.case_layers import needles_of, title_of
from locoregional.report.citations import fact_of
from locoregional.report.document import Figure
from locoregional.report.fields import crop_around
from locoregional.sources import read_facts

__all__ = ["log_figure", "margin_figure", "risk_figure"]

SURFACE_SAMPLES = 120_000
"""Points on the zone's surface: about a quarter of a millimetre apart for a zone of 50 mm."""

REACH_MM = 40.0
"""How far from the tumour distances are measured: beyond it every margin is ample."""


def margin_figure(case: Case, outcome: Outcome, plan: Plan | None) -> Figure | None:
    """Thin-spot map of an outcome, None where there is no zone or no tumour to measure.

    Parameters
    ----------
    case : Case
        Patient.
    outcome : Outcome
        With ``zone`` among its maps.
    plan : Plan or None
        Its needle is marked.
    minimal_mm : float, optional
        Minimal margin of the verdict: written beside the thinnest spot, for the map's distances are those of a field on voxels.
    """
    from locoregional.report.pictures.margin_map import class_shares, margin_map

    if outcome.reference_tumour is None or "zone" not in outcome.maps:
        return None
    tumour, zone = case.store.get(outcome.reference_tumour), case.store.get(outcome.maps["zone"])
    if not (tumour.array > 0).any() or not (zone.array > 0.5).any():
        return None
    mesh = mask_surface(tumour)
    points, area = np.asarray(mesh.vertices), np.zeros(len(mesh.vertices))
    np.add.at(area, mesh.faces.ravel(), np.repeat(mesh.area_faces / 3.0, 3))
    margins = np.copysign(_nearest_mm(zone, points), _depth_mm(zone, points))
    counted = np.ones(len(points), dtype=bool)
    organ = case.structure(case.lesion(outcome.lesion_id).organ.value) if outcome.predicted else None
    if organ is not None:
        inside = _depth_mm(organ, points) > float(read_facts("locoregional.measures")["margin.subcapsular"])
        counted = inside if inside.any() else counted
    needles = needles_of(plan)
    way = -needles[0].direction if needles else None
    data = margin_map(points, margins, area_mm2=area, counted=counted, needle_from_lps=way)
    below = float(class_shares(margins, area_mm2=np.where(counted, area, 0.0))[:2].sum())
    words = (
        "Margin over the tumour surface, unrolled like a globe seen from the front (A front, P back, R, L the patient's sides). "
        "Distances of this map are measured between the outlines as drawn; those of the verdict between fitted surfaces."
    )
    alt = f"Map of the margin on the tumour surface: {100 * below:.0f} % of the counted surface has less than 5 mm."
    return Figure(data, words, alt)


def log_figure(outcome: Outcome, plan: Plan | None) -> Figure | None:
    """Temperature and power over time, None where the outcome holds no such traces."""
    from locoregional.report.pictures.time_course import generator_log

    wanted = [outcome.traces.get(name, ()) for name in ("time_s", "hottest_c", "absorbed_w")]
    power = getattr(plan.settings, "power_w", None) if plan is not None else None
    if power is None or len(wanted[0]) < 2 or not all(wanted):
        return None
    data = generator_log(time_s=wanted[0], hottest_c=wanted[1], absorbed_w=wanted[2], set_w=power)
    words = "Nominal run: the hottest point anywhere (at the antenna), and how much of the set power heats tissue."
    alt = f"Hottest point {max(wanted[1]):.0f} °C; {wanted[2][-1]:.0f} of {power:g} W heat tissue at the end."
    return Figure(data, words, alt, plot=True, width_share=0.85)


def _nearest_mm(mask: Volume, points_lps_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance of LPS points to the smooth surface of a mask [mm], which is sampled more finely than any voxel."""
    from scipy.spatial import cKDTree
    from trimesh.sample import sample_surface

    places, _ = sample_surface(mask_surface(mask), SURFACE_SAMPLES, seed=0)
    return np.asarray(cKDTree(np.asarray(places)).query(points_lps_mm)[0], dtype=float)


def _depth_mm(mask: Volume, points_lps_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    """How deep LPS points lie below the surface of a mask [mm], negative outside."""
    from scipy.ndimage import map_coordinates

    part = crop_around(mask, points_lps_mm, reach_mm=REACH_MM) or mask
    array = part.array if part.array.dtype == bool else part.array >= 0.5
    signed = np.clip(signed_distance_mm(array, spacing_mm=part.spacing_mm), -REACH_MM, REACH_MM)
    return -np.asarray(map_coordinates(signed, part.grid.to_index(points_lps_mm).T, order=1, mode="nearest"), dtype=float)


def risk_figure(outcome: Outcome) -> Figure | None:
    """Highest temperature at each risk structure against the alert limit, None where none was near."""
    from locoregional.report.pictures.plots import RiskBar, risk_bars

    heated = [q for q in outcome.quantities if q.name.startswith("peak_") and q.unit == "C" and q.value is not None]
    if not heated:
        return None
    bars = []
    for q in sorted(heated, key=lambda q: -(q.value or 0.0)):
        limit = next((f for f in map(fact_of, q.sources) if f is not None and f.unit == "C"), None)
        threshold = None if limit is None else float(limit)
        bars.append(RiskBar(title_of(q.name.removeprefix("peak_")), q.value or 0.0, q.low, q.high, threshold))
    worst = bars[0]
    alt = f"Highest temperature at {len(bars)} structures; hottest: {worst.name} with {worst.value:.0f} °C."
    data = risk_bars(bars, xlabel="highest temperature [°C]", title="Heat at structures at risk")
    words = "Highest temperature in each structure near the zone. Upright marks: the alert limit; a diamond lies beyond it."
    return Figure(data, words, alt, plot=True, width_share=0.85)
