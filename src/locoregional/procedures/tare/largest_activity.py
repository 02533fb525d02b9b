"""The largest activity that respects every limit, which limit binds, and whether the goal is within reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from locoregional.errors import PlanningError
from locoregional.procedures.tare.delivery import Response
from locoregional.procedures.tare.limits import Limit
from locoregional.sources import read_facts

__all__ = ["Bound", "Largest", "largest_activity"]

_ENDS = (5.0, 95.0)


@dataclass(frozen=True)
class Bound:
    """Activity at which a limit or a goal is met exactly.

    Attributes
    ----------
    limit : Limit
        Limit or goal.
    activity_gbq : float
        Activity in the vial at infusion; infinite where no activity meets it.
    """

    limit: Limit
    activity_gbq: float


@dataclass(frozen=True)
class Largest:
    """Answer.

    Attributes
    ----------
    activity_gbq : float or None
        Largest activity that respects every limit that decides; None where there is none, or where nothing limits it.
    binding : Limit or None
        Limit that stops there.
    cautious_gbq, bold_gbq : float or None
        Ends of its 90 % interval over the inputs; at the lower one 95 % of the draws respect every limit.
    least_gbq : float or None
        Activity that reaches every goal that decides; None where a goal cannot be judged by the model.
    reached : bool or None
        Whether the goals are reached at the largest activity; None where they cannot be judged.
    chance : float or None
        Share of the draws in which the goals are reached at the largest activity.
    bounds : tuple of Bound
        Every limit and goal that can be judged.
    words : tuple of str
        Reasons, and what could not be judged.
    stop : str
        Why nothing may be given at all; empty where nothing forbids it.
    """

    activity_gbq: float | None
    binding: Limit | None
    cautious_gbq: float | None
    bold_gbq: float | None
    least_gbq: float | None
    reached: bool | None
    chance: float | None
    bounds: tuple[Bound, ...] = ()
    words: tuple[str, ...] = field(default=())
    stop: str = ""


def largest_activity(response: Response, limits: Sequence[Limit], *, earlier_lung_dose_gy: float = 0.0) -> Largest:
    """Largest activity within limits; exact, since doses are linear in the activity.

    Parameters
    ----------
    response : Response
        Doses per gigabecquerel.
    limits : sequence of Limit
        Limits and goals of one product.
    earlier_lung_dose_gy : float
        Lung dose of earlier treatments.

    Raises
    ------
    PlanningError
        If limits of glass and of resin are mixed, or the earlier dose is negative.
    """
    if len({limit.device for limit in limits}) > 1:
        raise PlanningError("limits of glass and of resin together", where="limits", remedy="Take those of the product in use.")
    if not earlier_lung_dose_gy >= 0.0:
        raise PlanningError(f"{earlier_lung_dose_gy:g} Gy", where="earlier_lung_dose_gy", remedy="Give the dose, 0 for none.")
    bounds, draws, words = [], {}, []
    for limit in limits:
        pair = _rates(response, limit.target)
        if pair is None:
            if limit.decides:
                words.append(f"not judged by this model: {limit.words}")
            continue
        rate, many = pair
        left = limit.value - (earlier_lung_dose_gy if limit.target == "lung_cumulative" else 0.0)
        bounds.append(Bound(limit, _activity(left, rate)))
        if limit.decides:
            with np.errstate(divide="ignore", over="ignore"):
                draws[limit] = np.where(many > 0.0, max(left, 0.0) / many, np.inf)
    stop = _stop(response)
    ceilings = [b for b in bounds if b.limit.kind == "limit" and b.limit.decides]
    floors = [b for b in bounds if b.limit.kind == "goal" and b.limit.decides]
    unjudged = [x for x in limits if x.kind == "goal" and x.decides and all(b.limit is not x for b in bounds)]
    least = max((b.activity_gbq for b in floors), default=None) if not unjudged else None
    least = None if least == np.inf else least
    if stop:
        return Largest(None, None, None, None, least, None, None, tuple(bounds), tuple(words), stop)
    binding = min(ceilings, key=lambda b: b.activity_gbq, default=None)
    if binding is None or binding.activity_gbq == np.inf:
        words.append("no limit bounds the activity: the goal decides, and the reserve of the liver must be judged otherwise")
        return Largest(None, None, None, None, least, None, None, tuple(bounds), tuple(words))
    top = np.min([draws[b.limit] for b in ceilings], axis=0)
    cautious, bold = (float(x) for x in np.percentile(top, _ENDS))
    if binding.activity_gbq <= 0.0:
        words.append(f"no activity at all: {binding.limit.words} is used up")
        return Largest(None, binding.limit, None, None, least, False, None, tuple(bounds), tuple(words))
    chance = None
    reached = None if least is None else least <= binding.activity_gbq
    if reached is not None:
        needed = np.max([draws[b.limit] for b in floors], axis=0)
        chance = float(np.mean(needed <= binding.activity_gbq))
    if reached is False:
        words.append(
            f"no activity satisfies goal and limits: {least:.3g} GBq reach the goal, {binding.activity_gbq:.3g} GBq are allowed"
        )
    return Largest(binding.activity_gbq, binding.limit, cautious, bold, least, reached, chance, tuple(bounds), tuple(words))


def _stop(response: Response) -> str:
    """Why the lung shunt forbids the treatment; empty if it does not."""
    stop = read_facts(__package__, "limit_facts.toml")["shunt.stop"]
    left = 1.0 - _residual(response)
    percent = 100.0 * response.lung_share / (response.calibration.value * left)
    if percent <= float(stop) * (1.0 + 1e-9):
        return ""
    return f"STOP: {percent:.3g} % of the activity shunts to the lungs; above {float(stop):g} % none is given ({stop.where})"


def _residual(response: Response) -> float:
    return response.model.inputs["residual_fraction"].value


def _rates(response: Response, target: str) -> tuple[float, np.ndarray] | None:
    """Dose, or lung activity, per GBq: nominal and drawn."""
    if target == "lung_activity":
        return response.lung_share, response.lung_share_draws
    name = "lung" if target == "lung_cumulative" else target
    if name not in response.gy_per_gbq:
        return None
    return response.gy_per_gbq[name], response.draws[name]


def _activity(left: float, rate: float) -> float:
    """Activity that gives what is left."""
    return max(left, 0.0) / rate if rate > 0.0 else float("inf")
