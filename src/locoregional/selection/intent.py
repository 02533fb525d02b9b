"""Curative only when the disease is oligometastatic and every site can be treated; else palliative, and why."""

from __future__ import annotations

from locoregional.selection.lesion_scores import oligometastatic_of
from locoregional.selection.profile import Profile
from locoregional.sources import read_facts

__all__ = ["intent_of"]


def intent_of(profile: Profile, *, curative: bool) -> tuple[str, str]:
    """Intent of a procedure for a lesion, with the reason.

    Parameters
    ----------
    profile : Profile
        The lesion of a case.
    curative : bool
        Whether the procedure can be part of a treatment that aims at long remission.

    Returns
    -------
    str, str
        ``curative``, ``palliative`` or ``cannot say``, and why.
    """
    if not curative:
        return "palliative", "The procedure relieves or stabilises; it does not aim at long remission."
    frail = _frail(profile)
    if frail:
        return "palliative", frail
    kept = profile.case_words
    if "intent" not in kept:
        found = oligometastatic_of(profile.case)
        kept["intent"] = {True: "curative", False: "palliative", None: "cannot say"}[found.value]
        told = {
            True: "Oligometastatic, and every site can be treated",
            False: f"Not oligometastatic: not {'; not '.join(found.unmet)}",
            None: f"Curative only if oligometastatic, which is open: {'; '.join(found.missing)}",
        }
        kept["intent_words"] = f"{told[found.value]} ({profile.seen('metastases_total')})."
    return kept["intent"], kept["intent_words"]


def _frail(profile: Profile) -> str:
    """Why no treatment is called curative in this patient; empty if nothing known speaks against it."""
    facts = read_facts("locoregional.selection")
    ecog, months = profile.case.disease.ecog, profile.case.disease.life_expectancy_months
    if ecog is not None and ecog > float(facts["intent.ecog"]):
        return f"No treatment is called curative in this condition (ECOG {ecog})."
    if months is not None and months <= float(facts["intent.life_expectancy"]):
        return f"No treatment is called curative with this life expectancy ({months:g} months)."
    return ""
