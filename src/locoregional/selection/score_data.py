"""Data that clinical scores give: computed from what the case says, None while their items leave them open."""

from __future__ import annotations

from locoregional.case import Case, Lesion
from locoregional.scores.additive import Score
from locoregional.selection import lesion_scores as scores
from locoregional.selection.datum import Between, Datum

__all__ = ["SCORE_DATA"]


def _points(score: Score) -> float | Between | None:
    """Points of a score; bounds where items are open, None where all of them are."""
    if score.points is not None:
        return float(score.points)
    return None if len(score.missing) == len(score.items) else Between(float(score.points_low), float(score.points_high))


def _sins(_case: Case, lesion: Lesion) -> float | Between | None:
    return _points(scores.sins_of(lesion)) if lesion.bone_kind == "vertebra" else None


def _sins_class(_case: Case, lesion: Lesion) -> str | None:
    band = scores.sins_of(lesion).band if lesion.bone_kind == "vertebra" else None
    return None if band is None else band.replace("_", " ")


def _mirels(_case: Case, lesion: Lesion) -> float | Between | None:
    return _points(scores.mirels_of(lesion)) if lesion.bone_kind == "long_bone" else None


def _grade(grade: int | None) -> float | None:
    return None if grade is None else float(grade)


def _subtype(case: Case, _lesion: Lesion) -> str | None:
    found = scores.subtype_of(case).subtype
    return None if found is None else scores.subtype_words(found)


def _triple_negative(case: Case, _lesion: Lesion) -> bool | None:
    possible = {name == "triple_negative" for name in scores.subtype_of(case).possible}
    return possible.pop() if len(possible) == 1 else None


SCORE_DATA: tuple[Datum, ...] = (
    Datum(
        "oligometastatic",
        "oligometastatic disease",
        lambda case, _: scores.oligometastatic_of(case).value,
        yes="oligometastatic",
        no="not oligometastatic",
    ),
    Datum(
        "oligoprogressive",
        "oligoprogressive disease",
        lambda case, _: scores.oligoprogressive_of(case).value,
        yes="oligoprogressive",
        no="not oligoprogressive",
    ),
    Datum("subtype", "subtype by receptors", _subtype),
    Datum("triple_negative", "triple negative", _triple_negative, yes="triple negative", no="not triple negative"),
    Datum("child_pugh", "Child-Pugh class", lambda case, _: scores.child_pugh_of(case).band),
    Datum("child_pugh_points", "Child-Pugh points:", lambda case, _: _points(scores.child_pugh_of(case))),
    Datum("albi_grade", "ALBI grade", lambda case, _: _grade(scores.albi_of(case).grade)),
    Datum("sins", "SINS", _sins, "points", of_lesion=True),
    Datum("sins_class", "spinal stability (SINS)", _sins_class, of_lesion=True),
    Datum("mirels", "Mirels score", _mirels, "points", of_lesion=True),
    Datum(
        "fracture_risk_high",
        "risk of fracture",
        lambda _, lesion: scores.fracture_risk_high(lesion),
        yes="fractured, or high risk of fracture",
        no="risk of fracture not high",
        of_lesion=True,
    ),
)
"""Every datum that a score gives."""
