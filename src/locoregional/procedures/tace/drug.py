"""Which drug, how much of it, and what it adds to the anthracyclines of a lifetime."""

from __future__ import annotations

from collections.abc import Sequence

from locoregional.case import Case, Quantity
from locoregional.errors import PlanningError
from locoregional.procedures.tace.settings import LEVEL, Dose
from locoregional.sources import read_facts

__all__ = ["ANTHRACYCLINES", "DRUGS", "anthracycline_sum", "dose_quantities", "dose_words", "doses_of", "surface_quantity"]

DRUGS = ("gemcitabine", "mitomycin", "doxorubicin")
"""Drugs that were used in chemoembolization of breast cancer (Filippiadis 2022)."""
ANTHRACYCLINES = ("doxorubicin",)
NO_SURFACE = "(add height_cm and weight_kg under [patient] in case.toml)"


def surface_quantity(case: Case) -> Quantity:
    """Body surface after Du Bois; without a value where height or weight is missing."""
    surface = case.patient.body_surface_m2
    method = "Du Bois: 0.007184 height^0.725 weight^0.425; too small in severe obesity"
    if surface is None:
        return Quantity("body_surface", f"body surface {NO_SURFACE}", None, "m2", method=method)
    return Quantity("body_surface", "body surface", surface, "m2", method=method, sources=("case:body_surface.factor",))


def doses_of(case: Case, drugs: Sequence[str]) -> tuple[Dose, ...]:
    """Doses by body surface, for one session.

    Raises
    ------
    PlanningError
        If a drug is not one of those that were used.
    """
    facts, surface = read_facts(__package__), case.patient.body_surface_m2
    made = []
    for drug in drugs:
        if drug not in DRUGS:
            raise PlanningError(f"no dose of {drug!r} is known here", where="drugs", remedy=f"Use {', '.join(DRUGS)}.")
        per = float(facts[f"{drug}.dose"])
        made.append(Dose(drug, per, None if surface is None else per * surface))
    return tuple(made)


def dose_quantities(case: Case, doses: Sequence[Dose]) -> tuple[Quantity, ...]:
    """Doses as numbers with their range; without a value where body surface is not known."""
    facts, surface = read_facts(__package__), case.patient.body_surface_m2
    made = []
    for dose in doses:
        fact = facts["beads.dose" if dose.per_surface_mg_m2 is None else f"{dose.drug}.dose"]
        if dose.dose_mg is None:
            made.append(Quantity(f"dose_{dose.drug}", f"dose of {dose.drug} {NO_SURFACE}", None, "mg", sources=(fact.key,)))
            continue
        times = dose.dose_mg / float(fact) if surface is None or dose.per_surface_mg_m2 is None else surface
        low, high = (None if x is None else times * x for x in (fact.low, fact.high))
        method = f"{dose.per_surface_mg_m2:g} mg/m2" if dose.per_surface_mg_m2 is not None else "flat dose by vials"
        if low is not None:
            method += "; the interval is the range of the source"
        words = f"{dose.drug}, at most, for one session"
        made.append(Quantity(f"dose_{dose.drug}", words, dose.dose_mg, "mg", low, high, method=method, sources=(fact.key,)))
    return tuple(made)


def dose_words(doses: Sequence[Dose]) -> str:
    """One sentence: which drug, how much, and how sure that is."""
    facts, parts = read_facts(__package__), []
    for dose in doses:
        fact = facts["beads.dose" if dose.per_surface_mg_m2 is None else f"{dose.drug}.dose"]
        sure = {
            "verified": "read in breast cancer" if fact.source == "gemcitabine_tace2004" else "read",
            "borrowed": "read for hepatocellular carcinoma",
            "unverified": "recalled, not verified: confirm it",
        }[fact.status]
        per = f"{dose.per_surface_mg_m2:g} mg/m2, " if dose.per_surface_mg_m2 is not None else ""
        amount = "in mg not known without body surface" if dose.dose_mg is None else f"at most {dose.dose_mg:.0f} mg"
        parts.append(f"{dose.drug} {per}{amount} ({sure})")
    return "; ".join(parts)


def anthracycline_sum(case: Case, doses: Sequence[Dose]) -> tuple[Quantity | None, tuple[str, ...]]:
    """Anthracycline of a lifetime after this session, as if all of the local dose reached the heart, and what to heed.

    Parameters
    ----------
    case : Case
        Whose earlier dose stands in ``disease.fitness.anthracycline_mg_m2``.
    doses : sequence of Dose
        Of this session.

    Returns
    -------
    Quantity or None, tuple of str
        None where no anthracycline is given; the words are cautions.
    """
    given = [d for d in doses if d.drug in ANTHRACYCLINES]
    if not given:
        return None, ()
    facts, surface = read_facts(__package__), case.patient.body_surface_m2
    lifetime, warned = facts["doxorubicin.lifetime"], facts["doxorubicin.warned"]
    keys = (lifetime.key, warned.key)
    limit = f"{lifetime.low:g} to {lifetime.high:g} mg/m2 (recalled, not verified)"
    prior, local_mg = case.disease.fitness.anthracycline_mg_m2, given[0].dose_mg
    name, words = "anthracycline_sum", "anthracycline of a lifetime, this session included"
    if prior is not None and prior >= float(lifetime):
        said = f"Anthracycline so far is {prior:g} mg/m2, which is at {limit} already: no further dose. Take another drug."
        return Quantity(name, words, prior, "mg/m2", prior, None, LEVEL, "earlier dose alone", keys), (said,)
    if prior is None or surface is None or local_mg is None:
        missing = []
        if prior is None:
            missing.append("the earlier dose (anthracycline_mg_m2 under [disease.fitness], 0 if none)")
        if surface is None:
            missing.append("body surface (height_cm and weight_kg under [patient])")
        told = f"Anthracyclines add up, and the sum cannot be given: add {' and '.join(missing)}; the limit is {limit}."
        lines = _named(case) if prior is None else ""
        return Quantity(name, words, None, "mg/m2", sources=keys), (told + lines,)
    local = local_mg / surface
    total = prior + local
    method = f"{prior:g} mg/m2 so far and {local:.0f} mg/m2 now, from none to all of which reaches the heart; limit {limit}"
    quantity = Quantity(name, f"{words}, at most", total, "mg/m2", prior, total, LEVEL, method, keys)
    if total > float(lifetime):
        room_mg = max(0.0, float(lifetime) - prior) * surface
        stay = f"up to {room_mg:.0f} mg would stay below" if room_mg > 0 else "no further dose stays below"
        said = (
            f"Anthracycline would add up to {total:.0f} mg/m2, beyond {float(lifetime):g} mg/m2 (the limit is {limit}); {stay}. "
            "Ask cardiology, or take another drug."
        )
        return quantity, (said,)
    if total >= float(warned):
        said = (
            f"Anthracycline would add up to {total:.0f} mg/m2: from {float(warned):g} mg/m2 on cardiomyopathy is reported "
            "in 1 to 20 %. Check the ejection fraction first."
        )
        return quantity, (said,)
    return quantity, ()


def _named(case: Case) -> str:
    """Earlier treatments that hold an anthracycline by their name."""
    words = ("doxorubicin", "adriamycin", "epirubicin", "anthracycline")
    found = [x.agent for x in case.disease.prior_lines if any(w in x.agent.lower() for w in words)]
    return f" Earlier treatment names {', '.join(found)}." if found else ""
