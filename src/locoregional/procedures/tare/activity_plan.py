"""Activity and doses by one model or by all side by side, against the limits of the product."""

from __future__ import annotations

from dataclasses import dataclass

from locoregional.case import Quantity
from locoregional.errors import PlanningError
from locoregional.procedures.tare.activity_request import MODELS, ActivityRequest, assumed_interval, model_of
from locoregional.procedures.tare.body_surface import body_surface_activity, empiric_activity, shunt_reduction
from locoregional.procedures.tare.delivery import Response, respond
from locoregional.procedures.tare.doses import doses
from locoregional.procedures.tare.largest_activity import Largest, largest_activity
from locoregional.procedures.tare.limits import Limit, limits_for
from locoregional.procedures.tare.microspheres import product, sphere_count
from locoregional.procedures.tare.spread import LEVEL, Spread
from locoregional.sources import read_facts

__all__ = ["ActivityPlan", "plan_activity", "plan_all"]

_FORMULAS = ("bsa", "empiric")
_LIVER = ("normal", "whole_normal")
_ROUND = 1e-9


@dataclass(frozen=True, eq=False)
class ActivityPlan:
    """Answer of one model.

    Attributes
    ----------
    model : str
        Name of the model.
    request : ActivityRequest
        The question.
    response : Response
        Doses per gigabecquerel.
    limits : tuple of Limit
        Limits and goals of the product.
    largest : Largest
        What the limits allow.
    activity : Quantity
        Stated activity in the vial at infusion [GBq]; without a value where there is none, and the method says why.
    doses : tuple of Quantity
        Doses of that activity; empty where there is none.
    spheres : Quantity or None
        Number of spheres, if infused at calibration.
    exceeded : tuple of Limit
        Limits that this activity exceeds.
    words : tuple of str
        What was assumed, and what stands against it.
    """

    model: str
    request: ActivityRequest
    response: Response
    limits: tuple[Limit, ...]
    largest: Largest
    activity: Quantity
    doses: tuple[Quantity, ...]
    spheres: Quantity | None
    exceeded: tuple[Limit, ...]
    words: tuple[str, ...]


def plan_activity(request: ActivityRequest, model: str) -> ActivityPlan:
    """Activity by a model, and its doses.

    Parameters
    ----------
    request : ActivityRequest
        The question. A given activity is judged; otherwise a formula gives it, or the wanted dose, or the limits.
    model : str
        One of ``MODELS``.

    Raises
    ------
    PlanningError
        If a number is missing or impossible, or the model is not for this product.
    """
    response = respond(
        model_of(request, model),
        constant=request.constant,
        activity_calibration_factor=request.calibration,
        members=request.members,
        seed=request.seed,
    )
    limits = limits_for(request.device, request.function, request.scenario)
    largest = largest_activity(response, limits, earlier_lung_dose_gy=request.earlier_lung_dose_gy)
    activity = _activity(request, model, response, largest)
    gbq = activity.value
    exceeded = tuple(
        b.limit
        for b in largest.bounds
        if gbq is not None and b.limit.kind == "limit" and b.limit.decides and gbq > b.activity_gbq * (1.0 + _ROUND)
    )
    words = [
        *((largest.stop,) if largest.stop else ()),
        *(f"exceeds {x.value:g} {x.fact.unit}: {x.words}" for x in exceeded),
        *largest.words,
        *response.words,
    ]
    if model in _FORMULAS:
        words.append(f"the formula gives an activity and no dose; doses by the {response.model.name} model")
    if request.device == "resin" and request.activity_calibration_factor is None:
        more = float(read_facts(__package__, "planning_facts.toml")["calibration.resin"])
        words.append(f"stated activity taken as true; one laboratory measured resin {more:g} % above its statement (selwyn2008)")
    return ActivityPlan(
        model,
        request,
        response,
        limits,
        largest,
        activity,
        () if gbq is None else doses(response, activity_gbq=gbq),
        None if gbq is None else sphere_count(product(request.device), calibrated_gbq=gbq),
        exceeded,
        tuple(dict.fromkeys(words)),
    )


def plan_all(request: ActivityRequest) -> tuple[tuple[ActivityPlan, ...], dict[str, str]]:
    """Every model that the numbers allow, and why the others were left out.

    Parameters
    ----------
    request : ActivityRequest
        The question.

    Returns
    -------
    plans : tuple of ActivityPlan
        In the order of ``MODELS``.
    left_out : dict of str to str
        Reasons by model.
    """
    plans, left_out = [], {}
    for name in MODELS:
        try:
            plans.append(plan_activity(request, name))
        except PlanningError as error:
            left_out[name] = str(error)
    return tuple(plans), left_out


def _activity(request: ActivityRequest, model: str, response: Response, largest: Largest) -> Quantity:
    """Activity that is given, wanted or allowed."""
    formula = _formula(request, model) if model in _FORMULAS else None
    if request.activity_gbq is not None:
        method = "given; stated activity in the vial at infusion"
        return Quantity("activity", "activity in the vial at infusion", request.activity_gbq, "GBq", method=method)
    if largest.stop:
        return Quantity("activity", "activity in the vial at infusion", None, "GBq", method=largest.stop)
    if formula is not None:
        return formula
    if request.goal_gy is not None:
        return _for_goal(request, response)
    if not any(b.limit.decides and b.limit.target in _LIVER for b in largest.bounds if b.limit.kind == "limit"):
        lungs = "" if largest.activity_gbq is None else f"; the lungs allow {largest.activity_gbq:.3g} GBq"
        why = f"no limit holds for a liver that is given up ({request.scenario}): set a goal{lungs}"
        return Quantity("activity", "activity in the vial at infusion", None, "GBq", method=why)
    if largest.activity_gbq is None:
        why = largest.words[0] if largest.words else "none"
        return Quantity("activity", "activity in the vial at infusion", None, "GBq", method=why)
    bound = largest.binding
    method = f"largest within limits; binding: {bound.words} at {bound.value:g} {bound.fact.unit}" if bound else ""
    keys = (bound.fact.key, bound.fact.source) if bound else ()
    return Quantity(
        "activity",
        "activity in the vial at infusion",
        largest.activity_gbq,
        "GBq",
        largest.cautious_gbq,
        largest.bold_gbq,
        LEVEL,
        method,
        keys,
    )


def _for_goal(request: ActivityRequest, response: Response) -> Quantity:
    rate, wanted = response.gy_per_gbq.get(request.goal_target), request.goal_gy
    if rate is None or request.goal_target not in ("tumour", "perfused"):
        raise PlanningError(
            f"the {response.model.name} model gives no dose to {request.goal_target!r}",
            where="goal_target",
            remedy="Set a goal for tumour (partition models) or perfused.",
        )
    if wanted is None or not 0.0 < wanted < float("inf"):
        raise PlanningError(f"a goal of {wanted} Gy", where="goal_gy", remedy="Give a positive dose in Gy.")
    return Quantity(
        "activity",
        "activity in the vial at infusion",
        wanted / rate,
        "GBq",
        method=f"gives {wanted:g} Gy to the {request.goal_target} (mean)",
    )


def _formula(request: ActivityRequest, model: str) -> Quantity:
    """Activity by body surface or by the empiric table."""
    if request.device != "resin":
        raise PlanningError(f"the {model} activity is for resin microspheres only", where="device", remedy="Use another model.")
    tumour = assumed_interval(request.tumour_ml, "tumour_mass")
    perfused = _sum(tumour, assumed_interval(request.normal_ml, "normal_mass"))
    part = request.scenario != "whole liver"
    if model == "empiric":
        if part:
            raise PlanningError("the empiric table is for a whole liver", where="scenario", remedy="Use another model.")
        return empiric_activity(tumour_ml=tumour, liver_ml=perfused)
    if request.height_cm is None or request.weight_kg is None:
        raise PlanningError("no height or weight", where="height_cm", remedy="Give both.")
    if part and (request.liver_ml is None or request.liver_tumour_ml is None):
        raise PlanningError(
            "a part of a liver of unknown size", where="liver_ml", remedy="Give the whole liver and all its tumour too."
        )
    less = shunt_reduction(request.lung_shunt) if request.old_reduction else 0.0
    return body_surface_activity(
        height_cm=request.height_cm,
        weight_kg=request.weight_kg,
        tumour_ml=(request.liver_tumour_ml if part else None) or tumour,
        liver_ml=(request.liver_ml if part else None) or perfused,
        lobe_tumour_ml=tumour if part else None,
        lobe_ml=perfused if part else None,
        reduction_share=less,
    )


def _sum(a: Spread, b: Spread) -> Spread:
    return Spread(a.value + b.value, a.low + b.low, a.high + b.high)
