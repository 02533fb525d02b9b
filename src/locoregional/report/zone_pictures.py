"""Pictures of an outcome: its margin unrolled, and the heat or cold at risk structures."""

from __future__ import annotations

import numpy as np

from locoregional.case import Case, Outcome, Plan
from locoregional.imaging.surface import mask_surface
from locoregional.physics.medium import body_temperature_c
from locoregional.report.case_layers import needles_of, title_of
from locoregional.report.depth import depth_mm, margin_mm
from locoregional.report.document import Figure
from locoregional.report.energy_words import energy_words
from locoregional.report.received import received_by
from locoregional.sources import read_facts

__all__ = ["margin_figure", "risk_figure"]

CHANGED_K = 1.0
"""Structures that change by less are not drawn."""


def margin_figure(case: Case, outcome: Outcome, plan: Plan | None) -> Figure | None:
    """Thin-spot map of an outcome, None where there is no zone or no tumour to measure.

    Parameters
    ----------
    case : Case
        Patient.
    outcome : Outcome
        With ``zone`` among its maps.
    plan : Plan or None
        Its needles are marked.
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
    margins = margin_mm(zone, points)
    counted = np.ones(len(points), dtype=bool)
    organ = case.structure(case.lesion(outcome.lesion_id).organ.value) if outcome.predicted else None
    if organ is not None:
        inside = depth_mm(organ, points) > float(read_facts("locoregional.measures")["margin.subcapsular"])
        counted = inside if inside.any() else counted
    ways = [-needle.direction for needle in needles_of(plan)]
    data = margin_map(points, margins, area_mm2=area, counted=counted, needle_from_lps=ways or None)
    below = float(class_shares(margins, area_mm2=np.where(counted, area, 0.0))[:2].sum())
    words = (
        "Margin over the tumour surface, unrolled like a globe seen from the front (A front, P back, R, L the patient's sides). "
        "Distances of this map are measured between the outlines as drawn; those of the verdict between fitted surfaces."
    )
    alt = f"Map of the margin on the tumour surface: {100 * below:.0f} % of the counted surface has less than 5 mm."
    return Figure(data, words, alt)


def risk_figure(outcome: Outcome) -> Figure | None:
    """Highest (cold: lowest) temperature of each structure that changed against its alert limit, None where none did."""
    from locoregional.report.pictures.plots import RiskBar, risk_bars

    words = energy_words(outcome.procedure)
    body = body_temperature_c()
    reached = [r for r in received_by(outcome) if abs(r.extreme_c - body) >= CHANGED_K]
    if not reached:
        return None
    bars = [
        RiskBar(
            title_of(r.structure), r.extreme_c, r.extreme.low, r.extreme.high, None if r.limit is None else float(r.limit),
            alert=r.level == "alert",
        )
        for r in sorted(reached, key=lambda r: r.extreme_c if words.cold else -r.extreme_c)
    ]  # fmt: skip
    worst = f"{bars[0].name} with {bars[0].value:.0f} °C".replace("-", "\u2212")
    title = f"{words.effect.capitalize()} at structures at risk"
    data = risk_bars(bars, xlabel=f"{words.extreme} [°C]", title=title, above_is_bad=not words.cold, start=body)
    alt = f"{words.extreme.capitalize()} at {len(bars)} structures; {'coldest' if words.cold else 'hottest'}: {worst}."
    caption = (
        f"{words.extreme.capitalize()} in each structure near the zone, from body temperature; those that change by less than "
        f"{CHANGED_K:g} °C are left out. Upright marks: the temperature limit; a diamond: an alert, by temperature"
        f"{'' if words.cold else ' or dose'}."
    )
    return Figure(data, caption, alt, plot=True, width_share=0.85)
