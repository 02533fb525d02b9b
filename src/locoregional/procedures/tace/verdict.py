"""Did the embolized tumour respond: every criterion that the images allow, the fittest one first."""

from __future__ import annotations

from collections.abc import Iterator

from locoregional.case import Case, Outcome, Quantity, Verdict
from locoregional.errors import MaskError
from locoregional.measures.examination import Examination
from locoregional.measures.response.document import change_quantities
from locoregional.measures.response.enhancing import density
from locoregional.measures.response.followed import examinations, leading, readings, response_sentence, response_words
from locoregional.measures.response.fraction import enhancement_fraction
from locoregional.procedures.tace.uptake_of_oil import oil_uptake
from locoregional.progress import Progress
from locoregional.sources import read_facts

__all__ = ["verify_embolization"]

HIDDEN = "The oil hides enhancement and density on CT: MRI or PET can show what is left."


def verify_embolization(case: Case, outcome: Outcome, progress: Progress) -> Verdict:
    """Verdict on an embolization: response as the follow-up images show it.

    Parameters
    ----------
    case : Case
        The case, with images of both examinations.
    outcome : Outcome
        Observed; of a prediction nothing can be judged.
    progress : Progress
        Told how far it is.

    Returns
    -------
    Verdict
        ``success`` is True where response is beyond measurement error, False where there is none, None in between.

    Raises
    ------
    CaseError
        If the outcome holds no lesion on follow-up.
    """
    if outcome.predicted:
        words = "Nothing to judge yet: no effect of the embolization was predicted; follow-up images decide."
        return Verdict(outcome.id, outcome.lesion_id, outcome.procedure, None, (words,))
    before, after = examinations(case, outcome)
    progress(0.1, "measuring the response")
    oil, oil_words = _oil(outcome, after)
    hidden = oil is not None and oil.value is not None and oil.value > float(read_facts(__package__)["oil.hides"])
    found = readings(case, outcome, before, after, hidden=hidden)
    first, success, conflict = leading(found)
    quantities = [q for r in found for q in change_quantities(r)]
    quantities += [*([oil] if oil is not None else []), *_fractions(before, after, hidden=hidden)]
    said = (
        response_sentence(first, success),
        *conflict,
        *(f"{r.answer}." for r in found if r is not first),
        *oil_words,
        *((HIDDEN,) if hidden else ()),
        *response_words(found),
    )
    progress(1.0, "response measured")
    return Verdict(
        outcome.id, outcome.lesion_id, outcome.procedure, success, said, tuple(quantities),
        facts=tuple(dict.fromkeys((*(k for r in found for k in r.facts), *(oil.sources if oil is not None else ())))),
    )  # fmt: skip


def _oil(outcome: Outcome, after: Examination) -> tuple[Quantity | None, tuple[str, ...]]:
    """Oil in the tumour, where oil was given and a CT shows it."""
    phase = next((p for p in ("native", "portal") if p in after.phases), None)
    if outcome.procedure != "ctace":
        return None, ()
    if phase is None:
        return None, ("Uptake of iodised oil cannot be given: no CT of the follow-up is in the case.",)
    found, words = oil_uptake(after.phases[phase], after.on(phase), native=phase == "native")
    return found, (words,)


def _fractions(before: Examination | None, after: Examination, *, hidden: bool) -> Iterator[Quantity]:
    """Arterial enhancement fraction of each examination that has all three phases."""
    for part, later in ((before, False), (after, True)):
        if part is None or (later and hidden) or not {"native", "arterial", "portal"} <= set(part.phases):
            continue
        try:
            native, arterial, portal = (density(part.phases[p], part.on(p)).mean_hu for p in ("native", "arterial", "portal"))
        except MaskError:
            continue  # the lesion lies outside one of the phases
        yield enhancement_fraction(native_hu=native, arterial_hu=arterial, portal_hu=portal, after=later)
