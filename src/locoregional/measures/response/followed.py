"""Response of one treated lesion by every criterion that its images allow, the fittest one first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from locoregional.case import Case, Outcome
from locoregional.errors import CaseError
from locoregional.measures.examination import Examination, examination
from locoregional.measures.response.category import Category, Reading
from locoregional.measures.response.choi import choi
from locoregional.measures.response.diameters import axial_diameters
from locoregional.measures.response.enhancement import enhancement_readings
from locoregional.measures.response.enhancing import density
from locoregional.measures.response.metabolism import metabolic_reading
from locoregional.measures.response.size import recist
from locoregional.measures.response.target import Target

__all__ = ["examinations", "leading", "readings", "response_sentence", "response_words"]


def examinations(case: Case, outcome: Outcome) -> tuple[Examination | None, Examination]:
    """Examinations before treatment (None where the lesion was not outlined there) and on follow-up.

    Raises
    ------
    CaseError
        If the outcome holds no lesion on follow-up.
    """
    if "lesion" not in outcome.maps:
        raise CaseError(
            "the outcome holds no lesion on the follow-up image",
            where=outcome.id,
            remedy="Outline the lesion there and name the mask as tumour in [[observed]].",
        )
    lesion = case.lesion(outcome.lesion_id)
    after = examination(case, case.store.get(outcome.maps["lesion"]), image=outcome.image, liver=None)
    if lesion.mask is None:
        return None, after
    return examination(case, case.tumour(lesion), image="planning", liver=case.structure("liver")), after


def readings(
    case: Case, outcome: Outcome, before: Examination | None, after: Examination, *, hidden: bool
) -> tuple[Reading, ...]:
    """Criteria, the fittest first: PET, then enhancement where the tumour enhanced, then density, then size.

    Parameters
    ----------
    case, outcome
        Patient, and the follow-up of one lesion.
    before, after : Examination
        As `examinations` gives them.
    hidden : bool
        Whether iodised oil hides enhancement and density on CT.
    """
    return tuple(_readings(case, outcome, before, after, hidden=hidden))


def _readings(case: Case, outcome: Outcome, before: Examination | None, after: Examination, *, hidden: bool) -> Iterator[Reading]:
    lesion = case.lesion(outcome.lesion_id)
    fresh = _new_lesions(outcome)
    hypervascular = lesion.hypervascular if lesion.hypervascular is not None else case.disease.liver.hypervascular
    first_mm = lesion.diameter_mm if before is None else axial_diameters(before.lesion).long_mm
    targets = (Target(lesion.id, first_mm, axial_diameters(after.lesion).long_mm),)
    later: list[Reading] = []
    if before is not None and "pet" in before.phases and "pet" in after.phases:
        yield metabolic_reading(case, before, after, new_lesions=fresh)
    if before is not None and "arterial" in before.phases and "arterial" in after.phases and not hidden:
        found = enhancement_readings(before, after, name=lesion.id, new_lesions=fresh, hypervascular=hypervascular)
        if hypervascular:
            yield from found
        else:
            later += found
    if before is not None and "portal" in before.phases and "portal" in after.phases:
        yield choi(
            targets,
            baseline_hu=density(before.phases["portal"], before.on("portal")).mean_hu,
            follow_up_hu=density(after.phases["portal"], after.on("portal")).mean_hu,
            new_lesions=fresh,
            oil=hidden,
        )
    yield recist(targets, new_lesions=fresh)
    yield from later


def leading(found: Sequence[Reading]) -> tuple[Reading, bool | None, tuple[str, ...]]:
    """Reading that decides, the answer, and a contradiction in words.

    The fittest criterion leads. Progression that another one is sure of is never passed over: it decides where the fittest is
    not sure, and leaves the answer open where the two contradict each other.
    """
    first = found[0]
    grown = next((r for r in found if r.certain and r.category is Category.PD), None)
    if grown is None or grown is first:
        return first, _success(first), ()
    if not first.certain:
        return grown, False, ()
    words = f"{first.criterion} and {grown.criterion} contradict each other: look whether it swelled, bled or grew."
    return first, None if _success(first) else False, (words,)


def _success(reading: Reading) -> bool | None:
    if not reading.certain:
        return None
    return reading.category in (Category.CR, Category.PR)


def response_sentence(reading: Reading, success: bool | None) -> str:
    """Answer in one sentence."""
    answer = {True: "responded", False: "did not respond", None: "whether it responded cannot be said"}[success]
    return f"Observed: {answer}. {reading.answer}."


def response_words(found: Sequence[Reading]) -> tuple[str, ...]:
    """Reasons, open points and doubts of all readings, each once."""
    return tuple(dict.fromkeys(f"{x}." for r in found for x in (*(r.reasons if r.possible else ()), *r.open_points, *r.doubts)))


def _new_lesions(outcome: Outcome) -> int | None:
    found = next((q for q in outcome.quantities if q.name == "new_lesions"), None)
    return None if found is None or found.value is None else int(found.value)
