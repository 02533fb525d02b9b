"""Pictures of an outcome: its margin unrolled, and the heat at risk structures."""

from __future__ import annotations

import numpy as np

from locoregional.case import Case, Outcome, Plan
from locoregional.errors import ImagingError
from locoregional.imaging.resample import resampled
from locoregional.measures.margin import ablation_margin
from locoregional.report.case_layers import needles_of, title_of
from locoregional.report.citations import fact_of
from locoregional.report.document import Figure

__all__ = ["margin_figure", "risk_figure"]


def margin_figure(case: Case, outcome: Outcome, plan: Plan | None) -> Figure | None:
    """Thin-spot map of an outcome, None where there is no zone or no tumour to measure."""
    from locoregional.report.pictures.margin_map import class_shares, margin_map

    if outcome.reference_tumour is None or "zone" not in outcome.maps:
        return None
    tumour, zone = case.store.get(outcome.reference_tumour), case.store.get(outcome.maps["zone"])
    organ = case.structure(case.lesion(outcome.lesion_id).organ.value) if outcome.predicted else None
    if organ is not None:
        organ = zone.on(resampled(organ, zone.grid).array > 0.5, unit="")
    try:
        found = ablation_margin(tumour, zone, organ=organ, registration_error_mm=outcome.registration_error_mm)
    except ImagingError:
        return None
    needles = needles_of(plan)
    data = margin_map(
        found.points_lps_mm, found.margins_mm, area_mm2=found.area_mm2, counted=found.counted,
        needle_from_lps=-needles[0].direction if needles else None,
    )  # fmt: skip
    weight = np.where(found.counted, found.area_mm2, 0.0)
    below = float(class_shares(found.margins_mm, area_mm2=weight)[:2].sum()) if weight.sum() > 0 else 0.0
    words = (
        "Margin over the tumour surface, unrolled like a globe seen from the front: A front, P back, R and L the patient's sides."
    )
    thinnest = float(found.margins_mm.min())
    alt = f"Map of the margin on the tumour surface: {100 * below:.0f} % of it has less than 5 mm; thinnest {thinnest:.1f} mm."
    return Figure(data, words, alt)


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
