"""Was the dose that response needs reached, and did the liver stay below its limit: predicted, and delivered."""

from __future__ import annotations

from locoregional.case import Case, Outcome, Quantity, Verdict
from locoregional.errors import CaseError, GeometryError
from locoregional.measures.dose.agreement import compare_doses
from locoregional.measures.dose.gamma import gamma_index
from locoregional.procedures.tare.compartments import compartments_of, liver_function
from locoregional.procedures.tare.limits import Limit, limits_for
from locoregional.procedures.tare.predicted import structures_of
from locoregional.procedures.tare.settings import Settings
from locoregional.progress import Progress

__all__ = ["verify_dose"]

GAMMA_PERCENT, GAMMA_MM = 10.0, 10.0
"""Criteria of the comparison with the prediction: this project's choice, about the resolution of the work-up."""
LIVER = {"normal": "normal_perfused_liver", "whole_normal": "whole_normal_liver"}
"""Structures by the target of a limit."""


def verify_dose(case: Case, outcome: Outcome, progress: Progress) -> Verdict:
    """Verdict on a dose: mean tumour dose against the goal, normal liver against its limit, each with its interval.

    Parameters
    ----------
    case, outcome
        Patient, and what was predicted or delivered.
    progress : Progress
        Told how far it is.

    Returns
    -------
    Verdict
        ``success`` is None when an interval holds its threshold.

    Raises
    ------
    CaseError
        If the plan behind it is lost.
    """
    plan = next((p for p in case.plans if p.id == outcome.plan_id), None)
    if plan is None or not isinstance(plan.settings, Settings):
        raise CaseError("the plan of this dose is not in the chart", where=outcome.id, remedy="Plan and simulate again.")
    progress(0.1, "judging the dose")
    known = {q.name: q for q in outcome.quantities}
    tumour = known[f"mean_dose_{outcome.lesion_id}"]
    limits = limits_for(plan.settings.device, liver_function(case, compartments_of(case)), plan.settings.scenario)
    goal = next(x for x in limits if x.kind == "goal" and x.decides)
    answers = [_above(tumour, goal.value)]
    kind = "Predicted" if outcome.predicted else "Delivered"
    words = [f"{kind} mean dose to {outcome.lesion_id} {_span(tumour)}: {goal.value:g} Gy {_said(answers[0], 'reached')}."]
    quantities = [tumour]
    for limit in limits:
        liver = _liver(limit, known)
        if liver is None:
            continue
        stays = _above(liver, limit.value)
        answers.append(None if stays is None else not stays)
        quantities.append(liver)
        words.append(f"Normal liver {_span(liver)}: limit of {limit.value:g} Gy {_said(answers[-1], 'kept')} ({limit.words}).")
    if not outcome.predicted:
        words += _against_prediction(case, outcome)
    words.append(
        "The goal comes from 64 women with metastases of breast cancer and bremsstrahlung SPECT/CT; one for both products."
    )
    success = False if False in answers else None if None in answers else True
    keys = tuple(x.fact.key for x in limits if x is goal or _liver(x, known) is not None)
    progress(1.0, "judged")
    return Verdict(outcome.id, outcome.lesion_id, outcome.procedure, success, tuple(words), tuple(quantities), keys)


def _liver(limit: Limit, known: dict[str, Quantity]) -> Quantity | None:
    """Dose that a deciding limit of the liver speaks of."""
    if limit.kind != "limit" or not limit.decides or limit.target not in LIVER:
        return None
    name = f"mean_dose_{LIVER[limit.target]}"
    return known.get(name) or (known.get("mean_dose_normal_perfused_liver") if limit.target == "whole_normal" else None)


def _above(q: Quantity, threshold: float) -> bool | None:
    """Whether a dose lies above a threshold; None where its interval holds it."""
    if q.value is None:
        return None
    low, high = (q.value if x is None else x for x in (q.low, q.high))
    return True if low >= threshold else False if high < threshold else None


def _span(q: Quantity) -> str:
    return "cannot be given" if q.value is None else f"{q.value:.0f} Gy (90 %: {q.low:.0f} to {q.high:.0f})"


def _said(answer: bool | None, word: str) -> str:
    return {True: word, False: f"not {word}", None: "too close to call"}[answer]


def _against_prediction(case: Case, outcome: Outcome) -> list[str]:
    """Delivered against predicted, structure by structure and voxel by voxel."""
    before = [o for o in case.outcomes if o.predicted and o.plan_id == outcome.plan_id and "dose" in o.maps]
    if not before:
        return []
    masks = structures_of(compartments_of(case))
    found = compare_doses(case.store.get(before[-1].maps["dose"]), case.store.get(outcome.maps["dose"]), masks)
    pairs = ", ".join(f"{n.replace('_', ' ')} {a:.0f} against {b:.0f} Gy" for n, (a, b) in found.means_gy.items())
    words = [f"Predicted against delivered (means): {pairs}."]
    if found.voxels:
        each = ", ".join(f"{n.replace('_', ' ')} {c:.2f}" for n, (c, _) in found.voxels.items())
        words.append(f"Concordance by voxel (Lin): {each}.")
    try:
        delivered, predicted = (case.store.get(o.maps["dose"]) for o in (outcome, before[-1]))
        gamma = gamma_index(delivered, predicted, dose_percent=GAMMA_PERCENT, distance_mm=GAMMA_MM)
        words.append(f"Gamma of prediction against delivery: {100 * gamma.pass_share:.0f} % of the voxels pass ({gamma.words}).")
    except GeometryError as error:
        words.append(f"No gamma: {error}")
    if found.compartments is not None:
        low, high = found.compartments.lower.value, found.compartments.upper.value
        words.append(
            f"Delivered less predicted, over structures: {found.compartments.bias.value:+.0f} Gy, {low:.0f} to {high:.0f}."
        )
    return words
