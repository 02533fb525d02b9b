"""What rules read from a case: bounds where it is known in part, questions where a value may be wrong."""

from dataclasses import replace

import pytest

from locoregional.case import Case, Disease, Labs, Lesion, Organ, Patient
from locoregional.figure_patients import figure_patient
from locoregional.selection.datum import Between
from locoregional.selection.doubts import assumptions, doubts
from locoregional.selection.profile import Profile


def told(lesion: Lesion, name: str, **disease):
    case = Case(Patient("p"), Disease(**disease), (lesion,))
    return Profile(case, lesion).value(name)


@pytest.mark.parametrize(
    ("site", "near", "value"),
    [
        ("T10", {}, None),
        ("T10", {"spinal_cord": 45.0}, Between(0.0, 45.0)),
        ("T10", {"nerve": 12.0}, Between(0.0, 12.0)),
        ("T10", {"nerve": 12.0, "spinal_cord": 6.0}, 6.0),
        ("femur", {"nerve": 12.0}, 12.0),
    ],
)
def test_the_nearest_nerve_is_known_only_with_every_candidate(site, near, value):
    assert told(Lesion("L1", Organ.BONE, 20.0, site=site, near_mm=near), "nearest_nerve_mm") == value


def test_a_cord_far_away_does_not_clear_the_nerves():
    lesion = Lesion("L1", Organ.BONE, 20.0, site="T10", near_mm={"spinal_cord": 45.0})
    case = Case(Patient("p"), Disease(), (lesion,))
    from locoregional.procedures.considered import considered

    rules = [r for o in considered(case) for r in o.rules if "nerve or cord" in r.words.lower()]
    assert rules
    assert all(r.met is None for r in rules)


def test_tumour_burden_is_this_lesion_only_where_it_is_the_only_one():
    lesion = Lesion("L1", Organ.LUNG, 18.0)
    assert told(lesion, "burden_mm", metastases_total=1) == 18.0
    assert told(lesion, "burden_mm") == Between(18.0)


def test_a_value_is_told_as_it_was_entered():
    lesion = Lesion("L1", Organ.LIVER, 39.96)
    case = Case(Patient("p"), Disease(labs=Labs(inr=1.804)), (lesion,))
    profile = Profile(case, lesion)
    assert profile.seen("diameter_mm").endswith("39.96 mm")
    assert profile.seen("inr").endswith("1.804")


@pytest.mark.parametrize(("labs", "asked"), [(Labs(bilirubin_umol_l=3.0), "Bilirubin 3"), (Labs(bilirubin_umol_l=12.0), "")])
def test_a_value_usual_in_another_unit_is_asked_about(labs, asked):
    found = " ".join(doubts(Case(Patient("p"), Disease(labs=labs), (Lesion("L1", Organ.LIVER, 20.0),))))
    assert asked in found
    assert bool(found) is bool(asked)


def test_a_liver_that_is_not_mentioned_is_an_assumption_that_is_told():
    bone = figure_patient("figure-4")
    staged = replace(bone, disease=replace(bone.disease, extrahepatic=("bone",)))
    assert any("liver is taken to be free" in words for words in assumptions(staged))
    assert not any("liver" in words for words in assumptions(figure_patient("figure-1")))
