"""What stands against using a plan as it is: structures harmed, a chance below the target, too little that dies."""

from __future__ import annotations

from locoregional.ablation.search import Problem, Tried

__all__ = ["cautions_of", "told_of"]


def cautions_of(problem: Problem, tried: Tried, *, wanted_share: float) -> tuple[str, ...]:
    """Cautions of an arrangement, worst first.

    Parameters
    ----------
    problem : Problem
        The search.
    tried : Tried
        What it found, with its run in the patient's tissue.
    wanted_share : float
        Chance that is wanted, 0..1.

    Returns
    -------
    tuple of str
        Sentences; empty where nothing stands against it.
    """
    region, run = problem.region, tried.run
    goal, chance = region.words[region.least_mm], tried.plan.chances[0].probability
    kept_off = {d.structure for d in problem.dissections}
    said = [f"Harmful: {a.words}. {_remedy(a.structure, dissected=a.structure in kept_off)}" for a in run.harms]
    if chance < wanted_share:
        said.append(
            f"The chance to cover {goal} is {100 * chance:.0f} %, below the target of {100 * wanted_share:.0f} %: check every "
            "applicator's place before treating, and the margin after."
        )
    if not tried.enough(region):
        said.append(
            f"In the patient's own tissue {100 * run.reached[region.least_mm]:.0f} % of {goal} dies: the simulation with its "
            "band and the check afterwards decide."
        )
    return tuple(said)


def told_of(tried: Tried) -> tuple[str, ...]:
    """Structures beyond a limit that nobody verified: it decides nothing, but an operator must know.

    Parameters
    ----------
    tried : Tried
        An arrangement with its run in the patient's tissue.
    """
    return tuple(
        f"Beyond a limit that nobody verified: {a.words}." for a in tried.run.alerts if a.level == "alert" and not a.forbids
    )


def _remedy(structure: str, *, dissected: bool) -> str:
    """What would keep a structure from harm."""
    if dissected:
        return "The injected layer is not enough: make it thicker, treat less, or treat otherwise."
    return f"Not safe as it stands: inject a layer before it (--dissect {structure}=carbon_dioxide:10), treat less, or otherwise."
