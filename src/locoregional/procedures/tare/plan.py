"""Plan of a radioembolization: the activity that every limit allows, what it brings, and which vial gives it when."""

from __future__ import annotations

from locoregional.case import Case, Lesion, Plan, Quantity
from locoregional.procedures.tare.activity_plan import ActivityPlan, plan_activity, plan_all
from locoregional.procedures.tare.activity_request import ActivityRequest, PerfusedTerritory
from locoregional.procedures.tare.compartments import Compartments, compartments_of, liver_function, volume_ml
from locoregional.procedures.tare.lesion_doses import lesion_doses
from locoregional.procedures.tare.lung_shunt import shunt_spread_of
from locoregional.procedures.tare.plan_numbers import MODEL_WORDS, limit_numbers, model_numbers, plan_numbers, vial_numbers
from locoregional.procedures.tare.settings import Settings
from locoregional.procedures.tare.spread import Spread, exact
from locoregional.procedures.tare.work_up import WorkUp, work_up_of
from locoregional.progress import Progress

__all__ = ["plan_radioembolization"]

WITHOUT_SHUNT = (
    "No activity can be planned without the lung shunt: add [activity.work_up], planar counts ([radioembolization.planar]) or "
    "disease.liver.lung_shunt_percent to case.toml."
)
WHOLE_SHARE, LOBE_SHARE = 0.9, 0.25
"""Perfused share of the liver from which it counts as whole, and as a lobe, where nobody stated the scenario."""


def plan_radioembolization(case: Case, lesion: Lesion, device: str, progress: Progress, *, name: str) -> Plan:
    """Plan for what one catheter session feeds; the lesion has to be in it.

    Parameters
    ----------
    case, lesion
        Patient and target.
    device : str
        ``resin`` or ``glass``.
    progress : Progress
        Told how far it is.
    name : str
        Short name of the procedure.

    Returns
    -------
    Plan
        Not feasible, with the reason, where a limit or a finding forbids it or no activity can be given.

    Raises
    ------
    PlanningError
        If an outline is missing or contradicts another, or nothing is outlined.
    """
    progress(0.0, "reading the compartments")
    parts = compartments_of(case)
    if lesion.id not in parts.tumours:
        fed = ", ".join(parts.territories).replace("_", " ")
        said = f"Lesion {lesion.id} does not lie in what is perfused ({fed}): outline its territory, or move the catheter."
        return _without_activity(case, lesion, device, name, said, parts.words)
    progress(0.3, "reading the work-up")
    measured = work_up_of(case, parts)
    scenario, words = _scenario(case, parts)
    if measured.shunt is None:
        return _without_activity(case, lesion, device, name, WITHOUT_SHUNT, (*words, *parts.words, *measured.words))
    request = _request(case, parts, measured, device, scenario)
    model = "multi" if request.territories else "partition" if measured.ratio else "mird"
    words = (*words, *_several(parts, request))
    progress(0.6, "computing activities")
    plans, left_out = plan_all(request)
    chosen = next((p for p in plans if p.model == model), None) or plan_activity(request, model)
    cautions, feasible = _cautions(case, chosen, measured)
    activity = chosen.activity.value
    settings = Settings(
        device,
        activity,
        scenario,
        model,
        request.constant,
        request.lung_shunt.value,
        case.radioembolization.residual_share,
        infusion=case.radioembolization.infusion,
    )
    progress(0.9, "writing the plan")
    return Plan(
        id=f"plan-{lesion.id}-{name}-{1 + sum(p.lesion_id == lesion.id for p in case.plans)}",
        lesion_id=lesion.id,
        procedure=name,
        feasible=feasible and activity is not None,
        needles=(),
        settings=settings,
        words=(_summary(chosen, parts, device), *words, *parts.words, *measured.words, *_coils(case), *chosen.words,
               *(f"{MODEL_WORDS[m]}: {why}" for m, why in left_out.items() if m != "multi")),
        unchecked=_unchecked(case, measured),
        quantities=(
            *plan_numbers(chosen, parts, measured, lesion), *lesion_doses(parts, measured, request, activity_gbq=activity),
            *model_numbers(plans, chosen), *limit_numbers(chosen),
            *vial_numbers(case, device, activity_gbq=activity),
        ),
        facts=tuple(dict.fromkeys((chosen.response.constant.fact.key, *(x.fact.key for x in chosen.limits)))),
        cautions=cautions,
    )  # fmt: skip


def _without_activity(case: Case, lesion: Lesion, device: str, name: str, said: str, words: tuple[str, ...]) -> Plan:
    """Plan that gives no activity, and says why."""
    given = case.radioembolization
    return Plan(
        id=f"plan-{lesion.id}-{name}-{1 + sum(p.lesion_id == lesion.id for p in case.plans)}",
        lesion_id=lesion.id,
        procedure=name,
        feasible=False,
        needles=(),
        settings=Settings(device, None, given.scenario, "", given.constant, 0.0, given.residual_share, infusion=given.infusion),
        words=(said, *words),
    )


def _scenario(case: Case, parts: Compartments) -> tuple[str, tuple[str, ...]]:
    """How much of the liver is treated: as stated, or from the perfused share."""
    if case.radioembolization.scenario:
        return case.radioembolization.scenario, ()
    share = parts.perfused_share
    taken = "whole liver" if share >= WHOLE_SHARE else "lobar"
    words = f"scenario not stated: {100 * share:.0f} % of the liver is perfused, so the limits of a {taken} treatment were taken"
    if share < LOBE_SHARE:
        words += "; state segmental in case.toml where a segment is given up"
    return taken, (words,)


def _several(parts: Compartments, request: ActivityRequest) -> tuple[str, ...]:
    """What to know of a plan with several catheter positions."""
    if len(parts.territories) < 2:
        return ()
    if not request.territories:
        return ("one of the positions feeds no tumour, or there is no map: all of them were planned as one perfused volume",)
    return (
        "the activity is shared out between the positions as the work-up was; limits are judged on the mean over all of them, so "
        "one territory may receive more",
    )


def _request(case: Case, parts: Compartments, measured: WorkUp, device: str, scenario: str) -> ActivityRequest:
    assert measured.shunt is not None
    given = case.radioembolization
    territories = {}
    if len(parts.territories) > 1 and set(measured.ratios) == set(parts.territories):
        total = sum(measured.shares.values())
        for name, mask in parts.territories.items():
            held = parts.tumour.on(parts.tumour.array & mask.array)
            territories[name.removeprefix("perfused_").replace("_", " ")] = PerfusedTerritory(
                exact(measured.shares[name] / total),
                exact(volume_ml(held)),
                exact(volume_ml(parts.normal.on(parts.normal.array & mask.array))),
                _spread(measured.ratios[name]),
            )
    return ActivityRequest(
        device=device,
        scenario=scenario,
        tumour_ml=exact(volume_ml(parts.tumour)),
        normal_ml=exact(volume_ml(parts.normal)),
        lung_shunt=shunt_spread_of(measured.shunt),
        residual_fraction=exact(given.residual_share),
        tn_concentration_ratio=None if measured.ratio is None else _spread(measured.ratio),
        territories=territories,
        whole_normal_ml=exact(volume_ml(parts.whole_normal)),
        liver_ml=exact(volume_ml(parts.liver)),
        liver_tumour_ml=exact(volume_ml(parts.all_tumour)),
        lung_g=None if measured.lungs is None else measured.lungs.spread,
        height_cm=case.patient.height_cm,
        weight_kg=case.patient.weight_kg,
        function=liver_function(case, parts),
        earlier_lung_dose_gy=given.earlier_lung_dose_gy,
        constant=given.constant,
    )


def _spread(quantity: Quantity) -> Spread:
    assert quantity.value is not None
    return Spread(
        quantity.value,
        quantity.value if quantity.low is None else quantity.low,
        quantity.value if quantity.high is None else quantity.high,
        quantity.method,
    )


def _summary(chosen: ActivityPlan, parts: Compartments, device: str) -> str:
    activity = chosen.activity
    where = " and ".join(name.replace("_", " ") for name in parts.territories)
    if activity.value is None:
        return f"No activity of {device} microspheres can be given into {where}: {activity.method}."
    dose = {q.name: q for q in chosen.doses}
    tumour = dose.get("tumour_dose")
    normal = dose.get("normal_dose")
    reached = "" if tumour is None else f" Tumour {_dose(tumour)}"
    reached += "" if normal is None else f"{',' if reached else ''} normal perfused liver {_dose(normal)}"
    binding = chosen.largest.binding
    bound = f" What binds: {binding.words}, {binding.value:g} {binding.fact.unit}." if binding is not None else ""
    return f"{activity.value:.2f} GBq of {device} microspheres into {where}.{reached}{'.' if reached else ''}{bound}"


def _dose(q: Quantity) -> str:
    return f"{q.value:.0f} Gy (90 %: {q.low:.0f} to {q.high:.0f})"


def _cautions(case: Case, chosen: ActivityPlan, measured: WorkUp) -> tuple[tuple[str, ...], bool]:
    """What stands against the plan, worst first, and whether nothing of it forbids it."""
    said, feasible = [], True
    if case.radioembolization.open_arteries:
        said.append(
            f"Open towards the gut: {', '.join(case.radioembolization.open_arteries)}. Close them, or move the catheter beyond "
            "their origins, and repeat the work-up."
        )
        feasible = False
    if chosen.largest.stop:
        said.append(f"{chosen.largest.stop[:1].upper()}{chosen.largest.stop[1:]}.")
        feasible = False
    if chosen.largest.reached is False:
        said.append(f"The goal is not reached within the limits: {chosen.largest.words[-1]}.")
    said += [f"Exceeds {x.value:g} {x.fact.unit}: {x.words}." for x in chosen.exceeded]
    feasible = feasible and not chosen.exceeded
    cautious, value = chosen.largest.cautious_gbq, chosen.activity.value
    if cautious is not None and value is not None and cautious < 0.95 * value:
        said.append(
            f"Inputs are uncertain: at {value:.2f} GBq about half of their draws exceed the binding limit; "
            f"95 % of them respect every limit at {cautious:.2f} GBq."
        )
    said += [
        f"{q.name.removeprefix('uptake_').replace('_', ' ').capitalize()} shows {q.value:.1f} times the counts of normal liver: "
        "look for an artery that feeds it."
        for q in measured.uptake
        if q.value is not None and q.value > 1.0
    ]
    if case.disease.liver.gut_arteries_safe is False:
        said.insert(0, "The case says that arteries to the gut are not safe.")
        feasible = False
    return tuple(said), feasible


def _coils(case: Case) -> tuple[str, ...]:
    coiled = case.radioembolization.coiled
    return (f"Closed before the work-up: {', '.join(coiled)}.",) if coiled else ()


def _unchecked(case: Case, measured: WorkUp) -> tuple[str, ...]:
    missing = []
    if case.disease.liver.gut_arteries_safe is None and not case.radioembolization.coiled:
        missing.append("arteries to stomach, duodenum and gallbladder")
    if measured.activity is not None:
        missing += [f"uptake in {n}" for n in ("stomach", "duodenum", "gallbladder") if case.structure(n) is None]
    return tuple(missing)
