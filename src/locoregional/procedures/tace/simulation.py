"""What can be said of an embolization before it is done: amounts against the tumour. Its effect is not predicted."""

from __future__ import annotations

from locoregional.case import Case, Outcome, Plan, Quantity
from locoregional.errors import NotModelled
from locoregional.procedures.tace.settings import LEVEL, CtaceSettings, DebTaceSettings, Dose, TaeSettings
from locoregional.procedures.tace.size import tumour_volume
from locoregional.progress import Progress
from locoregional.sources import read_facts

__all__ = ["simulate_embolization"]

NO_TREE = "needs an arterial tree with its distal resistance, and the case has none"


def simulate_embolization(case: Case, plan: Plan, progress: Progress) -> tuple[Case, Outcome]:
    """Amounts of a planned embolization against the volume of its tumour.

    Parameters
    ----------
    case : Case
        The case.
    plan : Plan
        Plan of a bland or chemoembolization.
    progress : Progress
        Told how far it is.

    Returns
    -------
    Case, Outcome
        An outcome without maps: where the embolic goes, what dies and how long a patient lives are not predicted.

    Raises
    ------
    NotModelled
        If the plan is of another procedure.
    """
    settings = plan.settings
    if not isinstance(settings, TaeSettings | CtaceSettings | DebTaceSettings):
        raise NotModelled(
            f"a plan with {type(settings).__name__} is no embolization",
            where=f"plan {plan.id}",
            remedy="Simulate it with its own procedure.",
        )
    progress(0.0, "amounts against the tumour")
    lesion = case.lesion(plan.lesion_id)
    volume = tumour_volume(case, lesion)
    quantities = [volume, *_against(volume, settings)]
    quantities.append(Quantity("embolic_load", f"embolic against distal resistance ({NO_TREE})", None, "1"))
    words = (
        "No effect is predicted: where the embolic goes " + NO_TREE + "; and no relation between amount and death of breast "
        "metastases was found that holds for one patient. Follow-up images decide.",
    )
    progress(1.0, "amounts known")
    return case, Outcome(
        id=plan.id.replace("plan", "predicted", 1),
        plan_id=plan.id,
        lesion_id=plan.lesion_id,
        procedure=plan.procedure,
        predicted=True,
        maps={},
        quantities=tuple(quantities),
        words=words,
        facts=tuple(dict.fromkeys(key for q in quantities for key in q.sources)),
        reference_tumour=lesion.mask,
    )


def _against(volume: Quantity, settings: TaeSettings | CtaceSettings | DebTaceSettings) -> list[Quantity]:
    """Drug and oil for each millilitre of tumour, as upper bounds."""
    if isinstance(settings, TaeSettings):
        return []
    made = [_drug(volume, dose, most_mg=_held_mg(settings, dose)) for dose in settings.doses]
    if isinstance(settings, CtaceSettings):
        made.append(
            _ratio(volume, "oil_against_tumour", "iodised oil against tumour volume, at most", settings.oil_ml, "%", 100.0)
        )
    return made


def _held_mg(settings: CtaceSettings | DebTaceSettings, dose: Dose) -> float:
    """Most of a drug that the carrier can hold: what dissolves in as much water as still makes water in oil."""
    if isinstance(settings, DebTaceSettings):
        return settings.beads_ml * settings.loading_mg_ml
    facts = read_facts(__package__)
    ratio = facts["oil.ratio"].low
    assert ratio is not None
    return settings.oil_ml / ratio * float(facts[f"{dose.drug}.dissolves"])


def _drug(volume: Quantity, dose: Dose, *, most_mg: float) -> Quantity:
    name, words = (
        f"{dose.drug}_in_tumour",
        f"{dose.drug} for each ml of tumour, if all that the carrier holds stayed there: an upper bound",
    )
    if dose.dose_mg is None:
        return Quantity(name, f"{words} (no dose without body surface)", None, "mg/ml")
    return _ratio(volume, name, words, min(dose.dose_mg, most_mg), "mg/ml", 1.0)


def _ratio(volume: Quantity, name: str, words: str, amount: float, unit: str, factor: float) -> Quantity:
    assert volume.value is not None
    value = factor * amount / volume.value
    return Quantity(
        name, words, value, unit, 0.0, value, LEVEL, f"upper bound: amount over {volume.value:.1f} ml of tumour", volume.sources
    )
