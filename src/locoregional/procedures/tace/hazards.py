"""What stands against an embolization: hard stops of the rules, and cautions, worst first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from locoregional.case import Case, Lesion, Option
from locoregional.procedures.tace.settings import Dose
from locoregional.selection.profile import data
from locoregional.sources import read_facts

__all__ = ["Hazards", "hazards_of"]


@dataclass(frozen=True)
class Hazards:
    """What stands against an embolization.

    Attributes
    ----------
    stops : tuple of str
        Why it must not be done; empty where a person overruled the rules.
    cautions : tuple of str
        Everything else, worst first.
    facts : tuple of str
        Keys of rules and facts behind them.
    """

    stops: tuple[str, ...]
    cautions: tuple[str, ...]
    facts: tuple[str, ...]


def hazards_of(case: Case, lesion: Lesion, option: Option, doses: Sequence[Dose], *, needed: Sequence[str]) -> Hazards:
    """Hard stops and cautions of an embolization.

    Parameters
    ----------
    case, lesion : Case, Lesion
        Whom and what.
    option : Option
        Rules of the procedure, read for this lesion.
    doses : sequence of Dose
        Drugs.
    needed : sequence of str
        Cautions that come from doses and volumes.
    """
    rules = option.rules
    met = [r for r in rules if r.effect == "excluding" and r.met]
    stops = [f"{r.words} ({r.seen})." for r in met if r.status != "unverified"]
    doubted = [
        f"{r.words} ({r.seen}): a limit that nobody verified, so a person decides." for r in met if r.status == "unverified"
    ]
    cautions: list[str] = []
    if stops and _overruled(case, lesion, option.procedure):
        cautions += [f"Overruled by a person, and still true: {words}" for words in stops]
        stops = []
    unmet = [r for r in rules if r.effect == "required" and r.met is False]
    cautions += [f"Not what it is meant for: {r.words.lower()} is required, and the case says {r.seen}." for r in unmet]
    cautions += doubted
    open_ = [r for r in rules if r.effect in ("excluding", "required") and r.met is None]
    asked = list(dict.fromkeys(data()[name].words.rstrip(":") for r in open_ for name in r.missing))
    if asked:
        cautions.append(f"Not known, and it could forbid the treatment: {', '.join(asked)}.")
    cautions += [*needed, *_liver(case, doses)]
    cautions += [f"{r.words} ({r.seen})." for r in rules if r.effect == "caution" and r.met]
    cautions += _vascularity(case, lesion)
    used = (*met, *unmet, *(r for r in rules if r.effect == "caution" and r.met))
    return Hazards(tuple(stops), tuple(dict.fromkeys(cautions)), tuple(dict.fromkeys(r.fact for r in used)))


def _overruled(case: Case, lesion: Lesion, procedure: str) -> bool:
    """Whether a person stands for it in spite of the rules."""
    mine = [o for o in case.overrules if (o.lesion_id, o.procedure) == (lesion.id, procedure)]
    return bool(mine) and mine[-1].answer in ("indicated", "possible")


def _liver(case: Case, doses: Sequence[Dose]) -> list[str]:
    """Bilirubin and doxorubicin."""
    limit, bilirubin = read_facts(__package__)["doxorubicin.bilirubin"], case.disease.labs.bilirubin_umol_l
    if bilirubin is None or bilirubin <= float(limit) or not any(d.drug == "doxorubicin" for d in doses):
        return []
    return [
        f"Bilirubin {bilirubin:g} umol/l: above {float(limit):g} umol/l labels halve intravenous doxorubicin (recalled, not "
        "verified); the dose here is not reduced."
    ]


def _vascularity(case: Case, lesion: Lesion) -> list[str]:
    known = lesion.hypervascular if lesion.hypervascular is not None else case.disease.liver.hypervascular
    if known:
        return []  # a rule speaks of it
    if known is False:
        return [
            "Hypovascular: little of what is injected reaches the tumour, and enhancement cannot show a response afterwards; "
            "plan RECIST, PERCIST or Choi for follow-up."
        ]
    return ["Whether the tumour is hypervascular was not stated: look at the arterial phase before deciding."]
