"""Numbers of a plan of radioembolization, in the order in which a reader wants them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from locoregional.case import Case, Lesion, Quantity
from locoregional.errors import PlanningError
from locoregional.procedures.tare.activity_plan import ActivityPlan
from locoregional.procedures.tare.compartments import Compartments, volume_ml
from locoregional.procedures.tare.limits import Limit
from locoregional.procedures.tare.microspheres import product
from locoregional.procedures.tare.schedule import vial_at
from locoregional.procedures.tare.work_up import WorkUp

__all__ = ["MODEL_WORDS", "limit_numbers", "model_numbers", "plan_numbers", "vial_numbers"]


MODEL_WORDS = {
    "mird": "single compartment (MIRD)", "bsa": "body surface (BSA)", "empiric": "empiric table", "partition": "partition model",
    "modified-partition": "modified partition model", "multi": "several catheter positions",
}  # fmt: skip
"""Models of activity as a reader knows them."""


def plan_numbers(chosen: ActivityPlan, parts: Compartments, measured: WorkUp, lesion: Lesion) -> tuple[Quantity, ...]:
    """Activity and doses first, then what they rest on."""
    rank = ("tumour_dose", "normal_dose", "lung_dose", "lung_1000_g_dose")
    doses = sorted(chosen.doses, key=lambda q: rank.index(q.name) if q.name in rank else len(rank))
    first = (chosen.activity, *doses[: len(rank)])
    chance = chosen.largest.chance
    goal = (
        () if chance is None else
        (Quantity("goal_chance", "draws of the inputs in which the goal is reached", 100 * chance, "%", method=chosen.model),)
    )  # fmt: skip
    volumes = [
        Quantity("lesion_ml", f"perfused volume of {lesion.id}", volume_ml(parts.tumours[lesion.id]), "ml", method="outline"),
        Quantity("tumour_ml", "all perfused tumour", volume_ml(parts.tumour), "ml", method="outlines"),
        Quantity("normal_ml", "perfused liver without tumour", volume_ml(parts.normal), "ml", method="outlines"),
        Quantity("liver_ml", "liver with tumour", volume_ml(parts.liver), "ml", method="outlines"),
    ]
    lungs = () if measured.lungs is None else (measured.lungs.measured, measured.lungs.everything, measured.lungs.assumed)
    ratio = () if measured.ratio is None else (measured.ratio,)
    spheres = () if chosen.spheres is None else (chosen.spheres,)
    return (*first, *ratio, *measured.shunts, *goal, *spheres, *doses[len(rank) :], *volumes, *lungs, *measured.uptake)


def model_numbers(plans: tuple[ActivityPlan, ...], chosen: ActivityPlan) -> tuple[Quantity, ...]:
    """Activity of each model side by side."""
    made = []
    for plan in plans:
        mark = " (chosen)" if plan.model == chosen.model else ""
        words = f"{MODEL_WORDS[plan.model]}{mark}"
        made.append(replace(plan.activity, name=f"model_{plan.model.replace('-', '_')}", words=words))
    return tuple(made)


def limit_numbers(chosen: ActivityPlan) -> tuple[Quantity, ...]:
    """What the plan brings of each limit and goal, with the limit in words."""
    dose = {q.name.removesuffix("_dose"): q for q in chosen.doses} | {q.name: q for q in chosen.doses}
    made = []
    for number, limit in enumerate(chosen.limits):
        reached = dose.get("lung" if limit.target == "lung_cumulative" else limit.target)
        if reached is None:
            continue
        words = f"{_plain(limit)}, {'at most' if limit.kind == 'limit' else 'at least'} {limit.value:g} {limit.fact.unit}"
        made.append(replace(reached, name=f"limit_{number}_{limit.target}", words=words, sources=(limit.fact.key,)))
    return tuple(made)


def _plain(limit: Limit) -> str:
    return limit.words if limit.decides else f"{limit.words} (shown, decides nothing; {limit.fact.status})"


def vial_numbers(case: Case, device: str, *, activity_gbq: float | None) -> tuple[Quantity, ...]:
    """What each vial that can be had gives at the infusion."""
    infusion = case.radioembolization.infusion
    if activity_gbq is None or infusion is None:
        return ()
    made = []
    for number, vial in enumerate(case.radioembolization.vials, start=1):
        what = f"vial of {vial.activity_gbq:g} GBq calibrated {_clock(vial.calibrated)}, used {_clock(infusion)}"
        try:
            option = vial_at(
                product(device), vial_gbq=vial.activity_gbq, calibrated=vial.calibrated, infusion=infusion,
                wanted_gbq=activity_gbq,
            )  # fmt: skip
        except PlanningError as error:
            made.append(Quantity(f"vial_{number}", what, None, "GBq", method=str(error)))
            continue
        drawn = f"{100 * option.drawn_share:.0f} % drawn" if option.drawn_share < 0.995 else "the whole vial"
        method = "; ".join(
            (drawn, f"{option.left_gbq:.2f} GBq left then", f"{100 * option.off_share:+.0f} % of wanted", *option.words)
        )
        made.append(Quantity(f"vial_{number}", what, option.given_gbq, "GBq", method=method))
    return tuple(made)


def _clock(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M %z}"
