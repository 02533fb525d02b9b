"""Plan of an embolization: territory, what is injected and how much, endpoint, follow-up, and what stands against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from locoregional.case import Case, Lesion, Plan, Quantity
from locoregional.procedures.tace.beads import beads_for
from locoregional.procedures.tace.drug import DRUGS, anthracycline_sum, dose_quantities, dose_words, doses_of, surface_quantity
from locoregional.procedures.tace.hazards import hazards_of
from locoregional.procedures.tace.oil import emulsion, oil_volume
from locoregional.procedures.tace.prepare import ENDPOINT, follow_up_words, syndrome_words
from locoregional.procedures.tace.settings import CtaceSettings, DebTaceSettings, Dose, TaeSettings
from locoregional.procedures.tace.size import tumour_volume
from locoregional.procedures.tace.territory import territory_of
from locoregional.progress import Progress
from locoregional.selection.consider import consider
from locoregional.selection.profile import Profile
from locoregional.sources import read_facts

if TYPE_CHECKING:
    from locoregional.procedures.tace.procedure import Embolization

__all__ = ["plan_embolization"]

NO_SURFACE = "Doses by body surface cannot be given: add height_cm and weight_kg under [patient] in case.toml."


@dataclass(frozen=True)
class _Injected:
    """What goes into the artery: settings, numbers, reasons and cautions."""

    settings: Any
    doses: tuple[Dose, ...]
    quantities: tuple[Quantity, ...]
    words: tuple[str, ...]
    cautions: tuple[str, ...]
    facts: tuple[str, ...] = ()


def plan_embolization(case: Case, lesion: Lesion, procedure: Embolization, progress: Progress) -> Plan:
    """Plan of an embolization of one lesion.

    Parameters
    ----------
    case, lesion : Case, Lesion
        Whom and what.
    procedure : Embolization
        Which of the three.
    progress : Progress
        Told how far it is.

    Returns
    -------
    Plan
        Without needles. Not feasible where a rule forbids it and no person overruled it.
    """
    progress(0.0, "planning the embolization")
    territory, where = territory_of(case, lesion)
    make = {"bland": _bland, "oil": _oil, "beads": _beads}[procedure.carrier]
    injected = make(case, lesion, territory, procedure.drugs)
    option = consider(procedure.rules, Profile(case, lesion), title=procedure.title, curative=procedure.curative)
    hazards = hazards_of(case, lesion, option, injected.doses, needed=injected.cautions)
    quantities = (*injected.quantities, tumour_volume(case, lesion))  # the weightiest first
    advice = tuple(f"{a.words}{f' ({a.applies})' if a.applies else ''}." for a in option.advice if a.kind == "preparation")
    words = (
        *injected.words,
        *where,
        f"Endpoint: {ENDPOINT}.",
        *follow_up_words(),
        *syndrome_words(drug=bool(injected.doses)),
        *advice,
    )
    progress(1.0, "embolization planned")
    return Plan(
        id=f"plan-{lesion.id}-{procedure.name}-{1 + sum(p.lesion_id == lesion.id for p in case.plans)}",
        lesion_id=lesion.id,
        procedure=procedure.name,
        feasible=not hazards.stops,
        needles=(),
        settings=injected.settings,
        words=words,
        unchecked=("arterial anatomy",),
        quantities=quantities,
        facts=tuple(dict.fromkeys((*(key for q in quantities for key in q.sources), *injected.facts, *hazards.facts))),
        cautions=(*(f"Forbidden: {words}" for words in hazards.stops), *hazards.cautions),
    )


def _schedule() -> dict[str, Any]:
    facts = read_facts(__package__)
    return {
        "endpoint": ENDPOINT,
        "repeat_months": float(facts["follow.repeat"]),
        "image_months": tuple(float(x) for x in facts["follow.images"].value),
    }


def _bland(case: Case, lesion: Lesion, territory: str, drugs: Sequence[str]) -> _Injected:
    del case, lesion, drugs
    small, large = (read_facts(__package__)[f"bland.{name}"] for name in ("small", "large"))
    settings = TaeSettings(territory, float(small), float(large), **_schedule())
    words = (
        f"Microspheres of {float(small):g} to {float(large):g} um without a drug; {small.low:g} to {large.low:g} um are used "
        "too. Sizes are recalled, not verified."
    )
    return _Injected(settings, (), (), (words,), (), (small.key, large.key))


def _oil(case: Case, lesion: Lesion, territory: str, drugs: Sequence[str]) -> _Injected:
    doses = doses_of(case, drugs)
    oil, oil_words = oil_volume(case, lesion)
    water_ml, held, tight = emulsion(oil, doses)
    total, heart = anthracycline_sum(case, doses)
    assert oil.value is not None
    settings = CtaceSettings(territory, doses, oil.value, water_ml, **_schedule())
    facts = read_facts(__package__)
    water = Quantity(
        "aqueous", "drug solution for the emulsion", water_ml, "ml", method=f"oil over {float(facts['oil.ratio']):g}",
        sources=(facts["oil.ratio"].key,),
    )  # fmt: skip
    words = (
        f"Drug: {dose_words(doses)}. No common practice exists in breast cancer: {', '.join(DRUGS)} were used.",
        *oil_words,
        f"Emulsion of {float(facts['oil.ratio']):g} parts of oil to 1 of drug solution, about {float(facts['oil.rate']):g} "
        "ml/min; what is not taken up before near stasis stays in the syringe.",
    )
    cautions = (*((NO_SURFACE,) if case.patient.body_surface_m2 is None else ()), *heart, *tight)
    numbers = (*dose_quantities(case, doses), oil, water, *((total,) if total is not None else ()), *held, surface_quantity(case))
    return _Injected(settings, doses, numbers, words, cautions)


def _beads(case: Case, lesion: Lesion, territory: str, drugs: Sequence[str]) -> _Injected:
    del drugs  # the beads that doses were read for take doxorubicin
    facts, beads = read_facts(__package__), beads_for(case, lesion)
    doses = (beads.dose,)
    total, heart = anthracycline_sum(case, doses)
    small, large, hours = (facts[f"beads.{name}"] for name in ("small", "large", "loading_time"))
    settings = DebTaceSettings(
        territory, doses, beads.vials, beads.beads_ml, beads.loading_mg_ml, float(hours), float(small), float(large),
        beads.contrast_ml, **_schedule(),
    )  # fmt: skip
    words = (
        *beads.words,
        f"Beads of {float(small):g} to {float(large):g} um, as in a series of breast cancer; loaded for {float(hours):g} h or "
        f"more, {beads.loading_mg_ml:g} mg/ml; then {beads.contrast_ml:g} ml of contrast medium or more.",
        "If near stasis is not reached with all of it, plan another session rather than more beads.",
    )
    numbers = (
        *dose_quantities(case, doses),
        *beads.quantities,
        *((total,) if total is not None else ()),
        surface_quantity(case),
    )
    return _Injected(settings, doses, numbers, words, heart, (small.key, large.key, hours.key))
