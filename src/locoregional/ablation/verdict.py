"""Did, or will, the ablation reach its margin: the same question for a prediction and for follow-up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from locoregional.case import Case, Outcome, Quantity, Verdict
from locoregional.errors import CaseError
from locoregional.imaging.resample import resampled
from locoregional.imaging.volume import Volume
from locoregional.measures.margin import Margin, ablation_margin
from locoregional.progress import Progress
from locoregional.sources import read_facts

__all__ = ["verify_ablation"]


def verify_ablation(case: Case, outcome: Outcome, progress: Progress) -> Verdict:
    """Verdict on an outcome: minimal ablative margin with its interval against the 5 mm that local control needs.

    Parameters
    ----------
    case : Case
        Patient.
    outcome : Outcome
        Predicted or observed.
    progress : Progress
        Told how far it is.

    Returns
    -------
    Verdict
        ``success`` is None when the interval holds the threshold.
    """
    progress(0.0, "measuring the margin")
    if outcome.reference_tumour is None:
        raise CaseError("the outcome has no tumour to measure against", where=outcome.id, remedy="Simulate again.")
    tumour, zone = case.store.get(outcome.reference_tumour), case.store.get(outcome.maps["zone"])
    tumour = replace(tumour, frame_of_reference=zone.frame_of_reference)
    organ = _organ(case, outcome, zone)
    margin = ablation_margin(tumour, zone, organ=organ, registration_error_mm=outcome.registration_error_mm)
    low, high = margin.interval_with_contour_error_mm
    method = "signed distance from tumour surface to zone surface; interval from voxel size, segmentation and registration error"
    if outcome.predicted and "probability" in outcome.maps:
        inner, outer = _band_margins(case, outcome, tumour, organ)
        low, high = min(low, inner), max(high, outer)
        method += ", widened by the 5 to 95 % band of the model runs (needle exactly as planned)"
    least = read_facts("locoregional.ablation")["margin.least"]
    success = True if low >= float(least) else (False if high < float(least) else None)
    answer = {True: "reached", False: "not reached", None: "too close to call"}[success]
    kind = "Predicted" if outcome.predicted else "Observed"
    words = (
        f"{kind} minimal margin {margin.minimal_margin_mm:.1f} mm (90 %: {low:.1f} to {high:.1f}): {float(least):g} mm {answer}.",
        *_goal(case, outcome),
        *(n for n in margin.notes if not (outcome.predicted and "registration" in n)),  # a prediction has nothing to register
    )
    shares = [
        Quantity(f"share_below_{k}mm", f"tumour surface with less than {k} mm margin", 100 * v, "%", method=method)
        for k, v in margin.share_below_mm.items()
    ]
    quantities = (
        Quantity(
            "minimal_margin",
            "minimal ablative margin",
            margin.minimal_margin_mm,
            "mm",
            low,
            high,
            method=method,
            sources=(least.key,),
        ),
        Quantity("median_margin", "median margin", margin.median_margin_mm, "mm", method=method),
        *shares,
        Quantity("residual_volume", "tumour outside the zone", margin.residual_ml, "ml", method=method),
    )
    progress(1.0, "margin measured")
    return Verdict(outcome.id, outcome.lesion_id, outcome.procedure, success, words, quantities, facts=(least.key,))


def _goal(case: Case, outcome: Outcome) -> tuple[str, ...]:
    """What a margin is worth where the goal is another."""
    options = [o for o in case.options if (o.lesion_id, o.procedure) == (outcome.lesion_id, outcome.procedure)]
    if not options or options[-1].intent != "palliative":
        return ()
    return ("The intent is palliative: a margin tells how much of the lesion survives, not whether the pain will go.",)


def _organ(case: Case, outcome: Outcome, zone: Volume) -> Volume | None:
    """Organ on the grid of the zone, for the subcapsular rule; only where both are in one space."""
    organ = case.structure(case.lesion(outcome.lesion_id).organ.value)
    if organ is None or outcome.image != "planning":
        return None
    carried = resampled(organ, zone.grid)
    return zone.on(carried.array > 0.5, unit="")


def _band_margins(case: Case, outcome: Outcome, tumour: Volume, organ: Volume | None) -> tuple[float, float]:
    """Minimal margins of the zone that nearly all runs share and of the one that few exceed."""
    chance = case.store.get(outcome.maps["probability"])
    found = []
    for level in (0.95, 0.05):
        mask = chance.array >= level
        if not mask.any():
            found.append(-float(np.inf))
            continue
        margin: Margin = ablation_margin(tumour, chance.on(mask, unit=""), organ=organ)
        found.append(margin.minimal_margin_mm)
    inner, outer = found
    largest = float(np.max(np.array(tumour.shape) * tumour.spacing_mm))
    return max(inner, -largest), outer
