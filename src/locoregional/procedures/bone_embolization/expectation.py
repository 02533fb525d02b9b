"""What can be said of an embolization of bone before it is done: what series reached. Its effect here is not predicted."""

from __future__ import annotations

from locoregional.case import Case, Outcome, Plan, Quantity
from locoregional.errors import NotModelled
from locoregional.procedures.bone_embolization.settings import Settings
from locoregional.progress import Progress
from locoregional.sources import read_facts

__all__ = ["expected_outcome"]

REASON = "needs the feeding arteries and how the tumour is perfused, which no image before the angiogram shows"


def expected_outcome(case: Case, plan: Plan, progress: Progress) -> tuple[Case, Outcome]:
    """Outcome without maps: shares that series reached, and that this lesion's loss cannot be given.

    Parameters
    ----------
    case : Case
        The case.
    plan : Plan
        Of an embolization of bone.
    progress : Progress
        Told how far it is.

    Raises
    ------
    NotModelled
        If the plan is of another procedure.
    """
    settings = plan.settings
    if not isinstance(settings, Settings):
        raise NotModelled(
            f"a plan with {type(settings).__name__} is no embolization of bone",
            where=f"plan {plan.id}",
            remedy="Simulate it with its own procedure.",
        )
    facts = read_facts(__package__)
    low, high = facts["reached.low"], facts["reached.high"]
    goal = read_facts("locoregional.measures.devascularisation")["success.lost"]
    quantities = [Quantity("devascularisation", f"loss of perfused vessels ({REASON})", None, "%", sources=(goal.key,))]
    if settings.aim == "against pain":
        fact = facts["relief"]
        words = "share of patients with less pain, mixed primaries"
        quantities.append(
            Quantity("relief", words, float(fact), "%", fact.low, fact.high, 0.95, "15 reports pooled", sources=(fact.key,))
        )
    worst = facts["complications"]
    series = (
        f"Series of long bones reached more than {settings.goal_percent:g} % obliteration, read by eye, in {float(low):g} to "
        f"{float(high):g} % of cases, with complications in up to {float(worst):g} % (geraets2020)."
    )
    progress(1.0, "what series reached")
    return case, Outcome(
        id=plan.id.replace("plan", "expected", 1),
        plan_id=plan.id,
        lesion_id=plan.lesion_id,
        procedure=plan.procedure,
        predicted=True,
        maps={},
        quantities=tuple(quantities),
        words=(f"No effect on this lesion is predicted: it {REASON}. Angiograms before and after decide.", series),
        facts=(*dict.fromkeys(key for q in quantities for key in q.sources), low.key, high.key, worst.key),
    )
