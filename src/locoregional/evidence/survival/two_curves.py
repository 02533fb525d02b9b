"""Two rebuilt curves of one figure compared: hazard ratio and log-rank test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from locoregional.errors import EvidenceError
from locoregional.evidence.survival.chi_square import ChiSquare
from locoregional.evidence.survival.cox import cox
from locoregional.evidence.survival.kaplan_meier import Estimate
from locoregional.evidence.survival.log_rank import log_rank
from locoregional.evidence.survival.proportional import proportional_hazards
from locoregional.evidence.survival.rebuilt import Rebuilt

__all__ = ["Comparison", "compare"]


@dataclass(frozen=True)
class Comparison:
    """The first curve against the second.

    Attributes
    ----------
    hazard_ratio : Estimate or None
        Hazard of the first over that of the second, with ``sigma`` the standard error of its logarithm; None if withheld.
    log_rank : ChiSquare or None
        Test of equal curves.
    proportional : ChiSquare or None
        Test that the hazard ratio does not change with time.
    reason : str
        Why it is withheld; empty otherwise.
    """

    hazard_ratio: Estimate | None
    log_rank: ChiSquare | None
    proportional: ChiSquare | None
    reason: str


def compare(first: Rebuilt, second: Rebuilt, *, level: float = 0.95) -> Comparison:
    """Hazard ratio of two rebuilt curves by Cox regression with Efron's ties.

    Withheld where a curve has neither numbers at risk nor a number of events: it would rest on assumed censoring.

    Parameters
    ----------
    first, second : Rebuilt
        Two arms of one figure.
    level : float
        Confidence level.
    """
    for name, arm in (("first", first), ("second", second)):
        if arm.times is None or arm.given == "patients":
            missing = "the number of patients" if arm.times is None else "numbers at risk, or the number of events"
            return Comparison(None, None, None, f"the {name} curve lacks {missing}, without which a hazard ratio is not reliable")
    assert first.times is not None
    assert second.times is not None
    time = np.r_[first.times.time_months, second.times.time_months]
    event = np.r_[first.times.event, second.times.event]
    x = np.r_[np.ones(first.times.event.size), np.zeros(second.times.event.size)]
    try:
        fit = cox(time, event, x, level=level)
        test = log_rank(time, event, x).test
        change = proportional_hazards(time, event, x).together
    except EvidenceError as error:
        return Comparison(None, None, None, error.what)
    ratio = Estimate(float(fit.hazard_ratio[0]), float(fit.low[0]), float(fit.high[0]), float(fit.se[0]))
    return Comparison(ratio, test, change, "")
