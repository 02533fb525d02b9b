"""Values that may be wrong although they are possible: questions to the person who entered them, never silent corrections."""

from __future__ import annotations

from locoregional.case import Case, Organ
from locoregional.selection.lesion_data import taken_for_centimetres
from locoregional.selection.profile import Profile
from locoregional.sources import read_facts

__all__ = ["assumptions", "doubts"]


def doubts(case: Case) -> tuple[str, ...]:
    """Questions about a case, in words."""
    return tuple(question for part in (_sizes, _receptors, _units, _spread, _pain, _bones) for question in part(case))


def assumptions(case: Case) -> tuple[str, ...]:
    """What selection takes for known although the case does not say it."""
    made = []
    if case.disease.fitness.pregnant is None and case.lesions and Profile(case, case.lesions[0]).value("pregnant") is False:
        made.append("Pregnancy was not stated; for this sex or age it is taken for a no (the limit of age is unverified).")
    if case.disease.extrahepatic is not None and all(x.organ is not Organ.LIVER for x in case.lesions):
        made.append("No lesion of the liver is listed; since staging is stated, the liver is taken to be free of metastases.")
    return tuple(made)


def _sizes(case: Case) -> list[str]:
    small = [x for x in case.lesions if taken_for_centimetres(x)]
    limit_mm = float(read_facts(__package__)["plausible.diameter_small"])
    return [
        f"Lesion {x.id}: diameter {x.diameter_mm:g} mm. Is that centimetres ({10 * x.diameter_mm:g} mm)? "
        + (
            "It was approved and is used."
            if x.approved
            else "Until it is approved (approved = true) the size counts as not known."
        )
        for x in small
    ] + [
        f"Lesion {x.id}: diameter {x.diameter_mm:g} mm is small. It is used as it stands; is it not centimetres?"
        for x in case.lesions
        if x.origin == "stated" and not x.approved and x not in small and x.diameter_mm < limit_mm
    ]


def _receptors(case: Case) -> list[str]:
    d = case.disease
    made = []
    if d.pr and d.er is False:
        made.append("ER negative and PR positive: rare, and often an error of the assay. Please confirm.")
    if d.ki67_percent is not None and d.ki67_percent < 1:
        made.append(f"Ki-67 {d.ki67_percent:g} %. Is that a fraction ({100 * d.ki67_percent:g} %)?")
    return made


def _units(case: Case) -> list[str]:
    """Laboratory values that are possible in the unit asked for, and usual in another."""
    labs, limits = case.disease.labs, read_facts(__package__)
    values = {"bilirubin": labs.bilirubin_umol_l, "creatinine": labs.creatinine_umol_l}
    return [
        f"{name.capitalize()} {value:g} umol/l is unusually low and is used as it stands. Is it not {value:g} mg/dl?"
        for name, value in values.items()
        if value is not None and value < float(limits[f"plausible.{name}"])
    ]


def _spread(case: Case) -> list[str]:
    staged = case.disease.extrahepatic
    listed = {x.organ.value for x in case.lesions if x.organ is not Organ.LIVER}
    if staged is None or listed <= set(staged):
        return []
    names = ", ".join(sorted(listed - set(staged))).replace("_", " ")
    return [f"Staging names no metastasis in {names}, but a lesion there is listed. It was counted."]


def _pain(case: Case) -> list[str]:
    painless = [x for x in case.lesions if x.hurts is False]
    return [
        f"Lesion {x.id}: {'mechanical pain' if x.spine.pain == 'mechanical' else 'pain on loading'} is stated, but the lesion is "
        "said not to hurt. Which is right?"
        for x in painless
        if x.spine.pain == "mechanical" or x.bone.pain_on_loading
    ]


def _bones(case: Case) -> list[str]:
    unnamed = [x for x in case.lesions if x.organ is Organ.BONE and x.bone_kind is None]
    return [
        f"Lesion {x.id}: {f'the site {x.site!r} names no single bone that is known' if x.site else 'no bone is named'}. Name a "
        "vertebra (T10), sacrum, pelvis, a long bone or another bone: whether cement or screws are possible depends on it."
        for x in unnamed
    ]
