"""Did the embolized tumour respond: every criterion that the images allow, the fittest one first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from locoregional.case import Case, Lesion, Outcome, Quantity, Verdict
from locoregional.errors import CaseError, MaskError
from locoregional.measures.examination import Examination, examination
from locoregional.measures.response.category import Category, Reading
from locoregional.measures.response.choi import choi
from locoregional.measures.response.diameters import axial_diameters
from locoregional.measures.response.document import change_quantities
from locoregional.measures.response.enhancing import density
from locoregional.measures.response.fraction import enhancement_fraction
from locoregional.measures.response.size import recist
from locoregional.measures.response.target import Target
from locoregional.procedures.tace.enhancement import enhancement_readings
from locoregional.procedures.tace.metabolism import metabolic_reading
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
    if "lesion" not in outcome.maps:
        raise CaseError(
            "the outcome holds no lesion on the follow-up image",
            where=outcome.id,
            remedy="Outline the lesion there and name the mask as tumour in [[observed]].",
        )
    lesion = case.lesion(outcome.lesion_id)
    after = examination(case, case.store.get(outcome.maps["lesion"]), image=outcome.image, liver=None)
    before = (
        None if lesion.mask is None else examination(case, case.tumour(lesion), image="planning", liver=case.structure("liver"))
    )
    progress(0.1, "measuring the response")
    oil, oil_words = _oil(outcome, after)
    hidden = oil is not None and oil.value is not None and oil.value > float(read_facts(__package__)["oil.hides"])
    readings = list(_readings(case, lesion, outcome, before, after, hidden=hidden))
    first, success, conflict = _leading(readings)
    quantities = [q for r in readings for q in change_quantities(r)]
    quantities += [*([oil] if oil is not None else []), *_fractions(before, after, hidden=hidden)]
    said = (
        _sentence(first, success),
        *conflict,
        *(f"{r.answer}." for r in readings if r is not first),
        *oil_words,
        *((HIDDEN,) if hidden else ()),
        *dict.fromkeys(f"{x}." for r in readings for x in (*(r.reasons if r.possible else ()), *r.open_points, *r.doubts)),
    )
    progress(1.0, "response measured")
    return Verdict(
        outcome.id, outcome.lesion_id, outcome.procedure, success, said, tuple(quantities),
        facts=tuple(dict.fromkeys((*(k for r in readings for k in r.facts), *(oil.sources if oil is not None else ())))),
    )  # fmt: skip


def _leading(readings: Sequence[Reading]) -> tuple[Reading, bool | None, tuple[str, ...]]:
    """Reading that decides, the answer, and a contradiction in words.

    The fittest criterion leads. Progression that another one is sure of is never passed over: it decides where the fittest is
    not sure, and leaves the answer open where the two contradict each other.
    """
    first = readings[0]
    grown = next((r for r in readings if r.certain and r.category is Category.PD), None)
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


def _sentence(reading: Reading, success: bool | None) -> str:
    answer = {True: "responded", False: "did not respond", None: "whether it responded cannot be said"}[success]
    return f"Observed: {answer}. {reading.answer}."


def _new_lesions(outcome: Outcome) -> int | None:
    found = next((q for q in outcome.quantities if q.name == "new_lesions"), None)
    return None if found is None or found.value is None else int(found.value)


def _readings(
    case: Case, lesion: Lesion, outcome: Outcome, before: Examination | None, after: Examination, *, hidden: bool
) -> Iterator[Reading]:
    """Criteria, the fittest first: PET, then enhancement where the tumour enhanced, then density, then size."""
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
