"""Pain response of a treated bone metastasis by international consensus: complete, partial, progression, indeterminate."""

from __future__ import annotations

from dataclasses import dataclass

from locoregional.scores.finding import refuse_outside, worst_status
from locoregional.scores.three_valued import all_of, any_of, compared, negated
from locoregional.sources import read_facts

__all__ = ["RESPONSES", "PainResponse", "pain_response"]

RESPONSES = {"CR": "complete response", "PR": "partial response", "PP": "pain progression", "IR": "indeterminate response"}
"""Categories in the order in which they are tried."""


@dataclass(frozen=True)
class PainResponse:
    """Category of pain response.

    Attributes
    ----------
    response : str or None
        ``CR``, ``PR``, ``PP`` or ``IR``; None while more than one is possible.
    possible : tuple of str
        Categories that the data allow.
    responder : bool or None
        Whether it is complete or partial; None while that is open.
    missing : tuple of str
        Data that are missing.
    status, source, where : str
        Weakest fact used, key of the paper, and where its numbers stand.
    caveats : tuple of str
        What the reader must know.
    """

    response: str | None
    possible: tuple[str, ...]
    responder: bool | None
    missing: tuple[str, ...]
    status: str
    source: str
    where: str
    caveats: tuple[str, ...]
    name: str = "pain_response"

    @property
    def summary(self) -> str:
        """Category as one sentence."""
        return f"Pain: {' or '.join(RESPONSES[r] for r in self.possible)}"


def pain_response(
    *,
    pain_before: int | None = None,
    pain_after: int | None = None,
    omed_before_mg_d: float | None = None,
    omed_after_mg_d: float | None = None,
) -> PainResponse:
    """Response from worst pain and analgesics before and after.

    Complete: no pain without more analgesics. Partial: 2 points less without more analgesics, or a quarter less analgesics
    without more pain. Progression: 2 points more without less analgesics, or a quarter more analgesics with the same pain or one
    point more. Indeterminate: anything else.

    Parameters
    ----------
    pain_before, pain_after : int or None
        Worst pain at the treated site, 0..10.
    omed_before_mg_d, omed_after_mg_d : float or None
        Daily oral morphine equivalent dose [mg per day]; 0 for none.

    Raises
    ------
    CaseError
        If a value is outside its scale.

    References
    ----------
    chow2012; complete and partial response read in nakamura2016, the other two recalled.
    """
    for name, pain in (("pain_before", pain_before), ("pain_after", pain_after)):
        refuse_outside(name, pain, low=0, high=10)
    for name, dose in (("omed_before_mg_d", omed_before_mg_d), ("omed_after_mg_d", omed_after_mg_d)):
        refuse_outside(name, dose, low=0, high=10000)
    facts = read_facts("locoregional.scores").section("pain")
    given = {
        "pain before": pain_before,
        "pain after": pain_after,
        "analgesics before": omed_before_mg_d,
        "analgesics after": omed_after_mg_d,
    }
    change = None if pain_before is None or pain_after is None else float(pain_after - pain_before)
    more = None if omed_before_mg_d is None or omed_after_mg_d is None else omed_after_mg_d > omed_before_mg_d
    less = None if omed_before_mg_d is None or omed_after_mg_d is None else omed_after_mg_d < omed_before_mg_d
    quarter_less = _changed(omed_before_mg_d, omed_after_mg_d, -float(facts["analgesic_drop"]) / 100)
    quarter_more = _changed(omed_before_mg_d, omed_after_mg_d, float(facts["analgesic_rise"]) / 100)
    drop, rise = float(facts["drop"]), float(facts["rise"])
    complete = all_of((compared(pain_after, lambda x: x == 0), compared(pain_before, lambda x: x > 0), negated(more)))
    eased = all_of((compared(change, lambda x: x <= -drop), negated(more)))
    partial = any_of((eased, all_of((quarter_less, compared(change, lambda x: x <= 0)))))
    worse = all_of((compared(change, lambda x: x >= rise), negated(less)))
    progression = any_of((worse, all_of((quarter_more, compared(change, lambda x: 0 <= x < rise)))))
    tried = {"CR": complete, "PR": partial, "PP": progression, "IR": True}
    possible: list[str] = []
    for name, truth in tried.items():
        if truth is not False:
            possible.append(name)
        if truth is True:
            break
    kinds = {name in ("CR", "PR") for name in possible}
    used = ("drop", "analgesic_drop") if set(possible) <= {"CR", "PR"} else tuple(facts)
    return PainResponse(
        response=possible[0] if len(possible) == 1 else None,
        possible=tuple(possible),
        responder=kinds.pop() if len(kinds) == 1 else None,
        missing=tuple(name for name, value in given.items() if value is None),
        status=worst_status(facts[name].status for name in used),
        source="chow2012",
        where="; ".join(dict.fromkeys(f"{facts[name].source}: {facts[name].where}" for name in used)),
        caveats=("Keep the raw pain and dose: other definitions give other rates from the same data.",),
    )


def _changed(before: float | None, after: float | None, share: float) -> bool | None:
    """Whether a dose fell (negative share) or rose by at least a share of what it was; from nothing, any dose is a rise."""
    if before is None or after is None:
        return None
    if before == 0:
        return share > 0 and after > 0
    return after <= before * (1 + share) if share < 0 else after >= before * (1 + share)
