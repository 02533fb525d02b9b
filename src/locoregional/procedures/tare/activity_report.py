"""Plans of activity as lines of text and as a JSON document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from locoregional.case import Quantity
from locoregional.procedures.tare.activity_plan import ActivityPlan
from locoregional.procedures.tare.limits import Limit
from locoregional.procedures.tare.schedule import VialOption
from locoregional.sources import Sourced, bibliography
from locoregional.version import __version__

__all__ = ["SCHEMA", "activity_document", "comparison_lines", "plan_lines", "vial_lines"]

SCHEMA = "locoregional.activity/1"
"""Name and version of the document; the number changes when a field changes its meaning."""
RESEARCH_ONLY = "Research software: not a medical device, not for clinical decisions."
_COLUMNS = ("tumour_dose", "normal_dose", "whole_normal_dose", "perfused_dose", "lung_dose", "lung_1000_g_dose")
_HEADS = ("tumour", "normal", "whole normal", "perfused", "lungs", "lungs 1 kg")


def plan_lines(plan: ActivityPlan) -> list[str]:
    """Answer of one model, one line each."""
    request, answer = plan.request, plan.activity
    constant = plan.response.constant
    lines = [
        f"{request.device} microspheres, {request.scenario}, model {plan.model}; {constant.name} constant "
        f"{float(constant):g} Gy kg/GBq ({constant.energy_mev:g} MeV, {constant.half_life_h:g} h)",
    ]
    if plan.largest.stop:
        lines += ["", plan.largest.stop]
    elif answer.value is None:
        lines += ["", f"NO ACTIVITY: {answer.method}"]
    if answer.value is not None:
        lines += ["", _quantity(answer), f"  {answer.method}"]
        lines += [f"  EXCEEDS {x.value:g} {x.fact.unit}: {x.words}" for x in plan.exceeded]
    if plan.doses:
        lines.append("")
        lines += [_quantity(dose) for dose in plan.doses]
    if plan.spheres is not None:
        lines.append(f"{_quantity(plan.spheres)}; if infused at calibration, {plan.spheres.method}")
    lines += ["", *_limit_lines(plan)]
    methods = dict.fromkeys(dose.method for dose in plan.doses)
    lines += [f"method: {words}" for words in methods]
    keys = dict.fromkeys(key for quantity in (answer, *plan.doses) for key in quantity.sources)
    lines += [f"source: {key}: {bibliography()[key]}" for key in keys if key in bibliography()]
    lines += [f"note: {words}" for words in plan.words if words != plan.largest.stop]
    return [*lines, RESEARCH_ONLY]


def _limit_lines(plan: ActivityPlan) -> list[str]:
    """What the limits allow, the binding one first, and the goal."""
    largest = plan.largest
    lines = []
    if largest.activity_gbq is not None and largest.binding is not None:
        lines.append(
            f"largest activity within limits: {largest.activity_gbq:.3g} GBq; binding: {largest.binding.words} "
            f"({largest.binding.value:g} {largest.binding.fact.unit}); "
            f"95 % of the draws respect all limits at {largest.cautious_gbq:.3g} GBq"
        )
    for bound in sorted(largest.bounds, key=lambda b: (not b.limit.decides, b.activity_gbq)):
        limit = bound.limit
        sign = "at most" if limit.kind == "limit" else "at least"
        met = f"met at {bound.activity_gbq:.3g} GBq" if bound.activity_gbq < float("inf") else "never met"
        role = limit.kind if limit.decides else f"{limit.kind}, shown only"
        lines.append(
            f"  {role}: {limit.words}, {sign} {limit.value:g} {limit.fact.unit}, {met} [{limit.fact.source}, {limit.fact.status}]"
        )
    if largest.reached is not None and largest.least_gbq is not None:
        chance = "" if largest.chance is None else f", in {100.0 * largest.chance:.0f} % of the draws"
        told = "reached" if largest.reached else "NOT reached"
        lines.append(f"goal {told} at the largest activity{chance}; it needs {largest.least_gbq:.3g} GBq")
    else:
        needs = "cannot be judged by this model" if largest.least_gbq is None else f"needs {largest.least_gbq:.3g} GBq"
        lines.append(f"goal {needs}")
    return lines


def comparison_lines(plans: Sequence[ActivityPlan], left_out: Mapping[str, str]) -> list[str]:
    """Models side by side: activity in GBq, mean doses in Gy, what binds; then what was left out."""
    lines = [f"{'model':20}{'GBq':>7}" + "".join(f"{head:>14}" for head in _HEADS) + "  binding limit"]
    for plan in plans:
        by_name = {dose.name: dose for dose in plan.doses}
        told = [_short(by_name.get(name)) for name in _COLUMNS]
        bound = plan.largest.binding
        gbq = "none" if plan.activity.value is None else f"{plan.activity.value:.2f}"
        lines.append(f"{plan.model:20}{gbq:>7}" + "".join(f"{x:>14}" for x in told) + f"  {bound.words if bound else '-'}")
    lines.append("mean doses in Gy with 90 % intervals; bsa and empiric give an activity only, judged by another model")
    lines += list(dict.fromkeys(f"STOP: {plan.largest.stop}" for plan in plans if plan.largest.stop))
    lines += [f"{plan.model}: exceeds {x.value:g} {x.fact.unit}: {x.words}" for plan in plans for x in plan.exceeded]
    lines += [f"left out: {name}: {why}" for name, why in left_out.items()]
    return lines


def vial_lines(options: Sequence[VialOption], *, most: int = 20) -> list[str]:
    """Vials, days and hours, one line each."""
    lines = []
    for option in options[:most]:
        drawn = f", draw {100.0 * option.drawn_share:.0f} %" if option.drawn_share < 1.0 else ""
        count = option.spheres.value or 0.0
        off = f" ({100.0 * option.off_share:+.1f} %)" if abs(option.off_share) > 5e-4 else ""
        lines.append(
            f"vial of {option.vial_gbq:g} GBq calibrated {option.calibrated:%Y-%m-%d %H:%M %z}, infused "
            f"{option.infusion:%a %Y-%m-%d %H:%M %z}: {option.left_gbq:.3f} GBq left{drawn}, "
            f"{option.given_gbq:.3f} GBq given{off}, "
            f"{count / 1e6:.2f} million spheres of {option.sphere_bq:.0f} Bq" + "".join(f"; {words}" for words in option.words)
        )
    if len(options) > most:
        lines.append(f"{len(options) - most} more")
    return lines or ["no vial gives this activity in that window"]


def activity_document(
    plans: Sequence[ActivityPlan], *, left_out: Mapping[str, str], options: Sequence[VialOption] = ()
) -> dict[str, Any]:
    """Everything as plain JSON: activities in GBq, doses in Gy, masses in g, shares 0..1; intervals hold 90 % of the draws."""
    return {
        "schema": SCHEMA,
        "version": __version__,
        "research_only": RESEARCH_ONLY,
        "plans": [_plan(plan) for plan in plans],
        "left_out": dict(left_out),
        "vials": [
            {**asdict(option), "calibrated": option.calibrated.isoformat(), "infusion": option.infusion.isoformat()}
            for option in options
        ],
    }


def _plan(plan: ActivityPlan) -> dict[str, Any]:
    constant, largest = plan.response.constant, plan.largest
    return {
        "model": plan.model,
        "delivery": plan.response.model.name,
        "device": plan.request.device,
        "scenario": plan.request.scenario,
        "constant": {
            "name": constant.name,
            "gy_kg_gbq": float(constant),
            "energy_mev": constant.energy_mev,
            "half_life_h": constant.half_life_h,
            "source": constant.fact.source,
        },
        "activity_calibration_factor": asdict(plan.response.calibration),
        "inputs": {name: asdict(number) for name, number in plan.response.model.inputs.items()},
        "members": plan.request.members,
        "seed": plan.request.seed,
        "activity": asdict(plan.activity),
        "doses": [asdict(dose) for dose in plan.doses],
        "gy_per_gbq": plan.response.gy_per_gbq,
        "spheres": None if plan.spheres is None else asdict(plan.spheres),
        "largest": {
            "activity_gbq": largest.activity_gbq,
            "interval_gbq": [largest.cautious_gbq, largest.bold_gbq],
            "binding": None if largest.binding is None else _limit(largest.binding),
            "least_for_goal_gbq": largest.least_gbq,
            "goal_reached": largest.reached,
            "goal_chance": largest.chance,
        },
        "limits": [
            {**_limit(b.limit), "met_at_gbq": b.activity_gbq if b.activity_gbq < float("inf") else None} for b in largest.bounds
        ],
        "exceeded": [_limit(x) for x in plan.exceeded],
        "words": list(plan.words),
    }


def _limit(limit: Limit) -> dict[str, Any]:
    return {**asdict(limit), "fact": _fact(limit.fact)}


def _fact(fact: Sourced) -> dict[str, Any]:
    return {**asdict(fact), "value": list(fact.value) if isinstance(fact.value, tuple) else fact.value}


def _quantity(q: Quantity) -> str:
    if q.value is None:
        return f"{q.words}: cannot be given"
    band = "" if q.low is None or q.high is None else f" ({100 * q.level:.0f} %: {q.low:.3g} to {q.high:.3g})"
    return f"{q.words}: {q.value:.3g} {q.unit}{band}"


def _short(dose: Quantity | None) -> str:
    if dose is None or dose.value is None or dose.low is None or dose.high is None:
        return "-"
    return f"{dose.value:.0f} ({dose.low:.0f}-{dose.high:.0f})"
