"""Did the irradiated lesion respond: by the images of follow-up, with the dose that it received beside the answer."""

from __future__ import annotations

from locoregional.case import Case, Outcome, Quantity, Verdict
from locoregional.measures.response.document import change_quantities
from locoregional.measures.response.followed import examinations, leading, readings, response_sentence, response_words
from locoregional.progress import Progress

__all__ = ["verify_response"]


def verify_response(case: Case, outcome: Outcome, progress: Progress) -> Verdict:
    """Verdict on a lesion that was outlined on follow-up.

    Parameters
    ----------
    case : Case
        With images of both examinations, and the delivered dose where it was measured.
    outcome : Outcome
        Observed, with the lesion on follow-up.
    progress : Progress
        Told how far it is.

    Returns
    -------
    Verdict
        ``success`` is True where response is beyond measurement error, False where there is none, None in between. The dose
        decides nothing here: one lesion shows no relation of dose and response.
    """
    before, after = examinations(case, outcome)
    progress(0.1, "measuring the response")
    found = readings(case, outcome, before, after, hidden=False)
    first, success, conflict = leading(found)
    dose, words = _dose(case, outcome)
    said = (
        response_sentence(first, success),
        *conflict,
        words,
        *(f"{r.answer}." for r in found if r is not first),
        *response_words(found),
    )
    quantities = [*([dose] if dose is not None else []), *(q for r in found for q in change_quantities(r))]
    facts = tuple(dict.fromkeys(key for r in found for key in r.facts))
    progress(1.0, "response measured")
    return Verdict(outcome.id, outcome.lesion_id, outcome.procedure, success, said, tuple(quantities), facts=facts)


def _dose(case: Case, outcome: Outcome) -> tuple[Quantity | None, str]:
    """Mean dose that the lesion received, or what was predicted, and the sentence that sets it beside the response."""
    name = f"mean_dose_{outcome.lesion_id}"
    known = [
        (other.predicted, q)
        for other in case.outcomes
        if other.procedure == outcome.procedure
        for q in other.quantities
        if q.name == name and q.value is not None
    ]
    if not known:
        return None, f"No dose of {outcome.lesion_id} is in the case, so none can be set beside the response."
    predicted, dose = min(known, key=lambda pair: pair[0])
    span = "" if dose.low is None or dose.high is None else f" (90 %: {dose.low:.0f} to {dose.high:.0f})"
    kind = "predicted, not measured," if predicted else "delivered"
    return dose, f"Mean dose {kind} {dose.value:.0f} Gy{span}. One lesion shows no relation of dose and response."
