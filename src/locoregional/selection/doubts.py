"""Values that may be wrong although they are possible: questions to the person who entered them, never silent corrections."""

from __future__ import annotations

from locoregional.case import Case, Organ
from locoregional.selection.lesion_data import CENTIMETRES_MM

__all__ = ["doubts"]


def doubts(case: Case) -> tuple[str, ...]:
    """Questions about a case, in words."""
    return tuple(question for part in (_sizes, _receptors, _spread, _pain) for question in part(case))


def _sizes(case: Case) -> list[str]:
    small = [x for x in case.lesions if x.origin == "stated" and x.diameter_mm < CENTIMETRES_MM]
    return [
        f"Lesion {x.id}: diameter {x.diameter_mm:g} mm. Is that centimetres ({10 * x.diameter_mm:g} mm)? "
        + (
            "It was approved and is used."
            if x.approved
            else "Until it is approved (approved = true) the size counts as not known."
        )
        for x in small
    ]


def _receptors(case: Case) -> list[str]:
    d = case.disease
    made = []
    if d.pr and d.er is False:
        made.append("ER negative and PR positive: rare, and often an error of the assay. Please confirm.")
    if d.ki67_percent is not None and d.ki67_percent < 1:
        made.append(f"Ki-67 {d.ki67_percent:g} %. Is that a fraction ({100 * d.ki67_percent:g} %)?")
    return made


def _spread(case: Case) -> list[str]:
    staged = case.disease.extrahepatic
    listed = {x.organ.value for x in case.lesions if x.organ is not Organ.LIVER}
    if staged is None or listed <= set(staged):
        return []
    names = ", ".join(sorted(listed - set(staged))).replace("_", " ")
    return [f"Staging names no metastasis in {names}, but a lesion there is listed. It was counted."]


def _pain(case: Case) -> list[str]:
    return [
        f"Lesion {x.id}: mechanical pain is stated for the spine, but pain is 0. Which is right?"
        for x in case.lesions
        if x.spine.pain == "mechanical" and x.hurts is False
    ]
